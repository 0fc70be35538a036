"""The agenda of a meeting, made by the figures: what is overdue, new, silent, or about to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import polars as pl

from atlas.dataset import Dataset
from atlas.errors import AtlasError
from atlas.filters import Filters
from atlas.formats import day_text, reporter_name
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.ending import ENDING, NOBODY
from atlas.layers.reporting import Reported
from atlas.model import Level, Viewer
from atlas.sensitivity import finest_level
from atlas.sentences import need_text
from atlas.store import Store
from atlas.store.meetings import ActionPoint, Meetings

MOST_LINES = 6
"""Lines of an item: what a room reads from six metres."""


@dataclass(frozen=True)
class AgendaLine:
    """One thing to talk about.

    Attributes
    ----------
    text
        A line to read out.
    note
        What else is known of it, in small print.
    pair
        The two activities of a possible double, to decide on the spot.
    point
        Number of an action point, to be called done.
    """

    text: str
    note: str = ""
    pair: tuple[str, str] | None = None
    point: int | None = None


@dataclass(frozen=True)
class AgendaItem:
    """One screen of the meeting.

    Attributes
    ----------
    kind
        A code of the words ``agenda``.
    title
        What it is about, with how many.
    lines
        The first of them.
    more
        How many more there are.
    query
        Address in the page of all of them, without ``?``.
    """

    kind: str
    title: str
    lines: Sequence[AgendaLine]
    more: int
    query: str


@dataclass(frozen=True)
class AgendaQuestion:
    """What an agenda is made of.

    Attributes
    ----------
    now, before
        The published state, and that of the last meeting or of before; ``None``: there is none,
        and nothing is called new.
    filters
        What is asked of the activities.
    points
        Every action point.
    today
        Day on which points are overdue.
    """

    now: Dataset
    before: Dataset | None
    filters: Filters
    viewer: Viewer
    points: Sequence[ActionPoint]
    today: date

    @property
    def level(self) -> Level:
        """The level of gaps: cercles, or what the viewer may see."""
        return min(Level.CERCLE, finest_level(self.viewer), key=list(Level).index)

    def table(self, data: Dataset, layer: str, level: Level = Level.REGION) -> pl.DataFrame:
        """The answer of a layer, in the découpage that is shown."""
        return data.ask(layer, self.filters, self.now.default_frame, level, self.viewer).table

    def query(self, **said: str) -> str:
        """An address of the page, under the same filters."""
        asked = [part for part in (self.filters.to_query(), urlencode(said)) if part]
        return "&".join(asked)


def agenda_question(
    store: Store, data: Dataset, filters: Filters, viewer: Viewer, today: date
) -> AgendaQuestion:
    """What the agenda of a state is made of: news are told against the meeting before.

    Parameters
    ----------
    data
        Of the state; where no meeting closed on another one, news are told against the state
        that was published before.
    """
    meetings = Meetings(store.root)
    going_on = meetings.current_meeting()
    # A decision taken in a meeting publishes a state: what was new when it opened stays new.
    shown = going_on.snapshot if going_on else data.snapshot.hash
    others = (one.closing_snapshot or one.snapshot for one in meetings.meetings() if one.closed_at)
    word = next((one for one in others if one != shown), "")
    try:
        before = store.comparison_snapshot(word, shown)
    except AtlasError:  # it was forgotten
        before = None
    earlier = Dataset(before) if before else None
    return AgendaQuestion(data, earlier, filters, viewer, meetings.action_points(), today)


def meeting_agenda(asked: AgendaQuestion) -> list[AgendaItem]:
    """The items that have something to say, in the order of a meeting.

    What a layer cannot answer, its data not being loaded, makes no item.
    """
    parts: tuple[Callable[[AgendaQuestion], AgendaItem | None], ...] = (
        _points_item,
        _gaps_item,
        _doubles_item,
        _silent_item,
        _last_actors_item,
        _ending_item,
    )
    return [item for item in _answered(parts, asked) if item is not None and item.lines]


def _answered(
    parts: Sequence[Callable[[AgendaQuestion], AgendaItem | None]], asked: AgendaQuestion
) -> Iterator[AgendaItem | None]:
    for part in parts:
        try:
            yield part(asked)
        except AtlasError:  # not open to the viewer
            continue


def _item(
    asked: AgendaQuestion, kind: str, title: str, lines: Sequence[AgendaLine], **query: str
) -> AgendaItem:
    more = max(0, len(lines) - MOST_LINES)
    return AgendaItem(kind, title, lines[:MOST_LINES], more, asked.query(**query))


def _points_item(asked: AgendaQuestion) -> AgendaItem:
    """Action points that are open, those past their day first."""
    still_open = [one for one in asked.points if one.done_at is None]
    overdue = sum(one.is_overdue(asked.today) for one in still_open)
    lines = [
        AgendaLine(
            _("{owner} : {text}", owner=one.owner, text=one.text),
            _("en retard, pour le {day}", day=day_text(one.due))
            if one.is_overdue(asked.today)
            else _("pour le {day}", day=day_text(one.due)),
            point=one.id,
        )
        for one in still_open
    ]
    n = len(still_open)
    title = ngettext("{n} point d'action ouvert", "{n} points d'action ouverts", n)
    if overdue:
        title += ngettext(", dont {n} en retard", ", dont {n} en retard", overdue)
    return _item(asked, "points", title, lines)


def _gaps_item(asked: AgendaQuestion) -> AgendaItem:
    """Gaps that were none before, the highest score first."""
    keys = ["unit_id", "sector"]
    gaps = asked.table(asked.now, "coverage", asked.level).filter(pl.col("state") == "gap")
    if asked.before is not None:
        old = asked.table(asked.before, "coverage", asked.level).filter(pl.col("state") == "gap")
        gaps = gaps.join(old, on=keys, how="anti", nulls_equal=True)
    rows = gaps.sort("score", "unit_name", descending=[True, False], nulls_last=True).to_dicts()
    lines = [
        AgendaLine(
            _("{unit}, {sector} : {need}", unit=row["unit_name"],
              sector=label("sector", row["sector"]), need=need_text(row)),
            _("besoin au {day}", day=day_text(row["need_as_of"])) if row["need_as_of"] else "",
        )
        for row in rows
    ]  # fmt: skip
    n = len(rows)
    title = (
        ngettext("{n} nouvelle lacune", "{n} nouvelles lacunes", n)
        if asked.before is not None
        else ngettext("{n} lacune", "{n} lacunes", n)
    )
    frame = asked.now.default_frame
    return _item(asked, "gaps", title, lines, tab="gaps", level=asked.level, frame=frame)


def _doubles_item(asked: AgendaQuestion) -> AgendaItem:
    """Pairs that nobody has decided on, those that are new first."""
    found = asked.table(asked.now, "duplicates").filter(pl.col("verdict").is_null())
    known: set[str] = set()
    if asked.before is not None:
        known = set(asked.table(asked.before, "duplicates")["pair_id"])
    rows = sorted(found.to_dicts(), key=lambda row: (row["pair_id"] in known, -row["score"]))
    lines = [
        AgendaLine(
            _("« {one} » et « {other} »", one=row["title_a"] or "–", other=row["title_b"] or "–"),
            " ; ".join(filter(None, (row["unit_name"], row["reasons"]))),
            pair=(row["activity_a"], row["activity_b"]),
        )
        for row in rows
    ]
    n, new = len(rows), sum(row["pair_id"] not in known for row in rows)
    title = ngettext("{n} double à trancher", "{n} doubles à trancher", n)
    if asked.before is not None and new:
        title += ngettext(", dont {n} nouveau", ", dont {n} nouveaux", new)
    return _item(asked, "doubles", title, lines, tab="duplicates")


def _silent_item(asked: AgendaQuestion) -> AgendaItem:
    """Partners whose reports are missing after their day, most missing first."""
    rows = asked.table(asked.now, "reporting").filter(pl.col("state") == Reported.MISSING)
    by_partner = (
        rows.group_by("reporter")
        .agg(pl.len().alias("reports"), pl.col("due").min())
        .sort("reports", "due", "reporter", descending=[True, False, False])
    )
    lines = [
        AgendaLine(
            _("{who} : {reports}", who=reporter_name(row["reporter"]), reports=ngettext(
                "{n} rapport manque", "{n} rapports manquent", row["reports"])),
            _("le premier était attendu le {day}", day=day_text(row["due"])) if row["due"] else "",
        )
        for row in by_partner.to_dicts()
    ]  # fmt: skip
    n = len(lines)
    title = ngettext("{n} partenaire silencieux", "{n} partenaires silencieux", n)
    return _item(asked, "silent", title, lines, tab="reporting")


def _ending_rows(asked: AgendaQuestion, *, last: bool) -> list[dict[str, Any]]:
    table = asked.table(asked.now, "ending").filter(pl.col("ends") == ENDING)
    of_last = pl.col("remains") == NOBODY
    return table.filter(of_last if last else ~of_last).sort("end", "unit_name", "title").to_dicts()


def _ending_lines(rows: Sequence[dict[str, Any]]) -> list[AgendaLine]:
    return [
        AgendaLine(
            _("{unit}, {sector} : {title}", unit=row["unit_name"],
              sector=label("sector", row["sector"]), title=row["title"] or "–"),
            " ; ".join(filter(None, (
                _("finit le {day}", day=day_text(row["end"])),
                _("besoin : {need}", need=need_text({**row, "priorities": 0}))
                if row["need"] is not None else "",
            ))),
        )
        for row in rows
    ]  # fmt: skip


def _last_actors_item(asked: AgendaQuestion) -> AgendaItem:
    """Activities after whose end nobody is left in their sector and zone."""
    rows = _ending_rows(asked, last=True)
    title = ngettext("Dernier acteur : {n} départ", "Dernier acteur : {n} départs", len(rows))
    return _item(asked, "last_actors", title, _ending_lines(rows), tab="change")


def _ending_item(asked: AgendaQuestion) -> AgendaItem:
    """Other activities that end within three months where the need lasts."""
    rows = [row for row in _ending_rows(asked, last=False) if row["need"] is not None]
    n = len(rows)
    title = ngettext(
        "{n} activité finit dans les 3 mois, le besoin demeure",
        "{n} activités finissent dans les 3 mois, le besoin demeure",
        n,
    )
    return _item(asked, "ending", title, _ending_lines(rows), tab="change")


def agenda_lines(items: Sequence[AgendaItem]) -> list[str]:
    """The agenda as text, an item with its lines below."""
    found = []
    for number, item in enumerate(items, 1):
        found.append(f"{number}. {capitalised(item.title)}")
        for line in item.lines:
            note = f" ({line.note})" if line.note else ""
            point = f"[{line.point}] " if line.point else ""
            found.append(f"   - {point}{line.text}{note}")
        if item.more:
            found.append("   … " + more_text(item))
    return found


def more_text(item: AgendaItem) -> str:
    """How many lines of an item are not shown; "" where all are."""
    return ngettext("et {n} autre", "et {n} autres", item.more) if item.more else ""
