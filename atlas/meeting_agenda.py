"""The agenda of a meeting, made by the figures: what is new since the last one, few and ranked.

Each point is rows of an answer that the page shows too. What cannot be said is a note, never a
zero: without a table of needs there is no gap, without an earlier state nothing is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

import polars as pl

from atlas import formats
from atlas.dataset import EVERYTHING, Answer, Dataset
from atlas.errors import StoreError, UsageError
from atlas.filters import Filters
from atlas.formats import day_text, reporter_name
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.change import SEPARATOR, Change
from atlas.layers.ending import ENDING, NOBODY
from atlas.layers.gaps import GAP, PARTIAL
from atlas.model import RESERVED, Viewer
from atlas.sentences import cell_name, need_text
from atlas.store import Store
from atlas.store.meetings import ActionPoint, Meeting, Meetings, MeetingSubject

PAIR_SIGN = " / "
"""Between the titles of two activities: the fonts of paper have it."""
MOST_ITEMS = 5
"""Of one kind: more are not read from six metres, nor discussed."""


class AgendaKind(StrEnum):
    """What a point of the agenda is about, in the order in which they come."""

    ACTION = "action"
    GAP = "gap"
    DUPLICATE = "duplicate"
    SILENT = "silent"
    LAST_ACTOR = "last_actor"
    ENDING = "ending"
    PRIORITY = "priority"


@dataclass(frozen=True)
class AgendaItem:
    """One thing to speak of.

    Attributes
    ----------
    title, figures
        What it is, and what is known of it, in words.
    is_new
        Whether it was not so in the state compared with; ``None``: there is none, or it is told
        of no state.
    units, activities
        What is behind it.
    go
        What of the page's address shows it, beside the question of the agenda.
    point
        Of an action point, its number.
    """

    title: str
    figures: str
    is_new: bool | None = None
    units: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    go: tuple[tuple[str, str], ...] = ()
    point: int = 0


@dataclass(frozen=True)
class AgendaTopic:
    """All there is of one kind.

    Attributes
    ----------
    items
        The first of them, the gravest first; all action points.
    total
        How many there are.
    notes
        What cannot be said, and why.
    """

    kind: AgendaKind
    items: tuple[AgendaItem, ...] = ()
    total: int = 0
    notes: tuple[str, ...] = ()

    @property
    def more(self) -> int:
        """How many are not among the items."""
        return self.total - len(self.items)

    @property
    def title(self) -> str:
        """Its name, as a heading."""
        return capitalised(label("agenda", self.kind))

    @property
    def more_text(self) -> str:
        """How many more there are, in words; "" where all are told."""
        return ngettext("et {n} autre", "et {n} autres", self.more) if self.more else ""


@dataclass(frozen=True)
class AgendaQuestion:
    """What an agenda is asked of.

    Attributes
    ----------
    since
        Hash of the state compared with; "": the one published before.
    viewer
        Who is in the room: what they may not see is not told.
    today
        The day on which action points are overdue; all else is judged on the days of the state.
    """

    dataset: Dataset
    today: date
    filters: Filters = EVERYTHING
    frame: str | None = None
    level: str = "region"
    since: str = ""
    viewer: Viewer = Viewer.PARTNER

    def answer(self, layer: str, **options: str) -> Answer:
        """The answer of a layer to this question."""
        return self._of(self.dataset, layer, options)

    def answer_before(self, layer: str, **options: str) -> pl.DataFrame | None:
        """The same of the state compared with; ``None`` where there is none."""
        return None if self.before is None else self._of(self.before, layer, options).table

    @cached_property
    def before(self) -> Dataset | None:
        """The state compared with."""
        return self.dataset.earlier_dataset(self.since)

    def _of(self, dataset: Dataset, layer: str, options: dict[str, str]) -> Answer:
        frame = self.frame or self.dataset.default_frame
        return dataset.ask(layer, self.filters, frame, self.level, self.viewer, options)

    @property
    def subject(self) -> MeetingSubject:
        """What is written down of it with a meeting."""
        return MeetingSubject(self.filters.to_query(), self.frame or "", self.level)

    def page_query(self, go: Iterable[tuple[str, str]] = ()) -> str:
        """The query of the page that shows this question, and an item of it."""
        frame = [("frame", self.frame)] if self.frame else []
        level = [("level", self.level)] if self.level != "region" else []
        pairs = urlencode([*frame, *level, *go])
        return "&".join(filter(None, (self.filters.to_query(), pairs)))


def question_of_meeting(
    dataset: Dataset, meeting: Meeting, viewer: Viewer = Viewer.PARTNER
) -> AgendaQuestion:
    """The question that a meeting was opened with.

    Parameters
    ----------
    dataset
        Of the state that it was opened on.
    """
    subject = meeting.subject
    return AgendaQuestion(
        dataset,
        meeting.day,
        Filters.from_query(subject.filters),
        subject.frame or None,
        subject.level,
        meeting.opened.since,
        viewer,
    )


def since_last_meeting(question: AgendaQuestion, meetings: Meetings) -> AgendaQuestion:
    """The question compared with the state of the last meeting about the same, where there is
    one that can still be read; else with the state published before."""
    last = meetings.last_meeting(question.subject.filters)
    if last is None:
        return question
    asked = replace(question, since=last.opened.snapshot)
    try:
        return asked if asked.before is not None else question
    except (StoreError, UsageError):  # that state is damaged, or was forgotten
        return question


def dataset_of_meeting(store: Store, meeting: Meeting) -> Dataset:
    """Dataset of the state that a meeting was opened on."""
    snapshot = store.get(meeting.opened.snapshot)
    return Dataset(snapshot, earlier=partial(store.comparison_snapshot, shown=snapshot.hash))


def open_meeting(store: Store, question: AgendaQuestion, *, who: str) -> Meeting:
    """Open a meeting with its question, on the state that this is asked of.

    Raises
    ------
    UsageError
        As `atlas.store.meetings.Meetings.open_meeting`.
    """
    since = question.before.snapshot.hash if question.before else ""
    state = question.dataset.snapshot.hash
    return Meetings(store.root).open_meeting(
        question.today, state, since, question.subject, who=who
    )


@dataclass(frozen=True)
class Agenda:
    """What there is to speak of."""

    question: AgendaQuestion
    topics: tuple[AgendaTopic, ...]

    @property
    def with_something(self) -> list[AgendaTopic]:
        """The topics with an item, or with a reason why nothing can be said."""
        return [one for one in self.topics if one.items or one.notes]

    @property
    def compared_text(self) -> str:
        """Which state it is of, and which one it is compared with."""
        asked = self.question
        state = asked.dataset.snapshot.hash[:12]
        now = _("État {hash}, documents jusqu'au {day}",
                hash=state, day=day_text(asked.dataset.as_of))  # fmt: skip
        if asked.before is None:
            return _("{state} ; aucun état d'avant : rien ne peut être dit nouveau.", state=now)
        return _(
            "{state} ; comparé à l'état {hash}, documents jusqu'au {day}.",
            state=now,
            hash=asked.before.snapshot.hash[:12],
            day=day_text(asked.before.as_of),
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON types."""
        asked = self.question
        return {
            "snapshot": asked.dataset.snapshot.hash,
            "since": asked.before.snapshot.hash if asked.before else None,
            "as_of": asked.dataset.as_of,
            "query": asked.page_query(),
            "topics": [
                {
                    "kind": str(topic.kind),
                    "title": topic.title,
                    "total": topic.total,
                    "notes": list(topic.notes),
                    "items": [
                        {
                            "title": item.title,
                            "figures": item.figures,
                            "new": item.is_new,
                            "units": list(item.units),
                            "activities": list(item.activities),
                            "point": item.point or None,
                            "query": asked.page_query(item.go),
                        }
                        for item in topic.items
                    ],
                }
                for topic in self.topics
            ],
        }


def agenda_of(question: AgendaQuestion, points: Sequence[ActionPoint] = ()) -> Agenda:
    """The agenda of a state.

    Parameters
    ----------
    points
        Action points, done or not; those that are not done come first.
    """
    figures = (_gaps, _duplicates, _silent, _last_actors, _ending, _priorities)
    topics = (_action_points(question, points), *(make(question) for make in figures))
    return Agenda(question, topics)


def _topic(
    kind: AgendaKind,
    rows: pl.DataFrame,
    item: Callable[[dict[str, Any]], AgendaItem],
    *notes: str,
) -> AgendaTopic:
    """The first rows as items, and how many there are."""
    items = tuple(item(row) for row in rows.head(MOST_ITEMS).to_dicts())
    return AgendaTopic(kind, items, rows.height, tuple(filter(None, notes)))


def _action_points(question: AgendaQuestion, points: Sequence[ActionPoint]) -> AgendaTopic:
    """Those not done, what is owed the longest first."""
    waiting = sorted((one for one in points if not one.last.done), key=lambda one: one.last.due)
    items = tuple(
        AgendaItem(one.last.what, point_text(one, question.today), point=one.number)
        for one in waiting
    )
    return AgendaTopic(AgendaKind.ACTION, items, len(items))


def point_text(one: ActionPoint, today: date) -> str:
    """Who does it, until when, and how late it is."""
    text = _("{who}, pour le {day}", who=one.last.owner, day=day_text(one.last.due))
    if one.last.done:
        return text + _(", fait")
    if late := one.days_late(today):
        text += ngettext(", {n} jour de retard", ", {n} jours de retard", late)
    return text


_CELL = ["unit_id", "sector"]


def _gaps(question: AgendaQuestion) -> AgendaTopic:
    """Cells that are a gap and were none, the worst of each sector first."""
    cells = question.answer("coverage").table.filter(~pl.col("unit_id").is_in(RESERVED))
    before = question.answer_before("coverage")
    gaps = _with_state_before(cells, before).filter(pl.col("state") == GAP)
    lasting = gaps.filter((pl.col("state_before") == GAP).fill_null(value=False)).height
    fresh = gaps.filter(pl.col("state_before").ne_missing(GAP))
    # Needs of different sectors are no ranking: the first of each sector, then the second.
    ranked = fresh.sort(
        ["rank", "sector", "unmet", "unit_name"],
        descending=[False, False, True, False],
        nulls_last=True,
    )
    first_told = fresh.filter(pl.col("need_known_before").not_().fill_null(value=False)).height

    def item(row: dict[str, Any]) -> AgendaItem:
        n = row["response"] or 0
        need = _("besoin : {need}", need=need_text(row))
        told = [need, ngettext("{n} activité y répond", "{n} activités y répondent", n)]
        if row["class"]:
            told.append(label("class", row["class"]))
        if row["need_known_before"] is False:
            told.append(_("avant : besoin inconnu"))
        elif row["state_before"]:
            told.append(_("avant : {state}", state=label("state", row["state_before"])))
        go = ("tab", "gaps"), ("zone", row["unit_id"])
        is_new = None if before is None else True
        return AgendaItem(cell_name(row), _joined(told), is_new, (row["unit_id"],), (), go)

    known = (cells["need"].is_not_null() | (cells["priorities"] > 0)).any()
    unknown = _("Aucun besoin n'est connu : on ne peut pas dire où sont les lacunes.")
    still = ngettext("{n} lacune dure depuis.", "{n} lacunes durent depuis.", lasting)
    since_known = ngettext(
        "{n} n'était pas dite avant : son besoin n'était pas connu.",
        "{n} n'étaient pas dites avant : leurs besoins n'étaient pas connus.",
        first_told,
    )
    order = _(
        "Les secteurs ne se comparent pas entre eux : la première de chacun, puis la suivante."
    )
    return _topic(
        AgendaKind.GAP,
        ranked,
        item,
        "" if known else unknown,
        since_known if first_told else "",
        order if fresh["sector"].n_unique() > 1 else "",
        still if lasting else "",
    )


def _with_state_before(cells: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """The cells with the state that they had, and whether their need was known; null where there
    is no state before."""
    told = cells.clear() if before is None else before
    was = told.select(*_CELL, state_before="state", need_known_before=~pl.col("need_unknown"))
    return cells.join(was, on=_CELL, how="left", nulls_equal=True, maintain_order="left")


def _duplicates(question: AgendaQuestion) -> AgendaTopic:
    """Pairs that nobody decided about, the new ones first, then the likeliest."""
    pairs = question.answer("duplicates").table
    before = question.answer_before("duplicates", show="all")
    old = pl.Series([], dtype=pl.String) if before is None else before["pair_id"]
    fresh = ~pl.col("pair_id").is_in(old.implode())
    ranked = pairs.with_columns(fresh=fresh).sort(
        ["fresh", "score", "pair_id"], descending=[True, True, False], nulls_last=True
    )
    n = int(ranked["fresh"].sum())

    def item(row: dict[str, Any]) -> AgendaItem:
        titles = (row[f"title_{side}"] or formats.UNKNOWN for side in ("a", "b"))
        told = [label("kind", row["kind"]), row["unit_name"], row["reasons"]]
        both = row["activity_a"], row["activity_b"]
        is_new = None if before is None else row["fresh"]
        go = (("tab", "duplicates"),)
        return AgendaItem(
            PAIR_SIGN.join(titles), _joined(told), is_new, (row["unit_id"],), both, go
        )

    told = ngettext("{n} est nouveau.", "{n} sont nouveaux.", n)
    return _topic(
        AgendaKind.DUPLICATE, ranked, item, told if before is not None and pairs.height else ""
    )


def _silent(question: AgendaQuestion) -> AgendaTopic:
    """Partners who owe a report, what is owed the longest first."""
    reports = question.answer("reporting").table
    late = (
        reports.filter(pl.col("state") == "missing")
        .group_by("reporter")
        .agg(pl.col("days_late").max(), pl.col("place_id").unique(), pl.col("period_end").min())
        .sort(["days_late", "reporter"], descending=[True, False], nulls_last=True)
    )

    def item(row: dict[str, Any]) -> AgendaItem:
        zones, days = tuple(sorted(filter(None, row["place_id"]))), row["days_late"]
        told = [
            ngettext("{n} zone", "{n} zones", len(row["place_id"])),
            _("période close le {day}", day=day_text(row["period_end"])),
        ]
        if days:
            told.append(ngettext("{n} jour de retard", "{n} jours de retard", days))
        go = (("tab", "reporting"),)
        return AgendaItem(reporter_name(row["reporter"]), _joined(told), None, zones, (), go)

    unknown = _("On ne sait pas qui doit rendre compte : le silence ne dit rien.")
    return _topic(AgendaKind.SILENT, late, item, "" if reports.height else unknown)


def _no_state_before(question: AgendaQuestion) -> str:
    return "" if question.before else _("Aucun état d'avant avec quoi comparer.")


def _last_actors(question: AgendaQuestion) -> AgendaTopic:
    """Zones that lost their last organisation."""
    since = {"since": question.since} if question.since else {}
    table = question.answer("change", **since).table
    lost = table.filter(pl.col("change") == Change.LAST_ACTOR)

    def item(row: dict[str, Any]) -> AgendaItem:
        names = [label("organisations", one) for one in (row["before"] or "").split(SEPARATOR)]
        told = _("il y avait {names}", names=", ".join(names))
        go = (("tab", "change"), *((f"change.{k}", v[:12]) for k, v in since.items()))
        return AgendaItem(
            row["unit_name"], f"{capitalised(told)}.", True, (row["unit_id"],), (), go
        )

    return _topic(AgendaKind.LAST_ACTOR, lost, item, _no_state_before(question))


def _ending(question: AgendaQuestion) -> AgendaTopic:
    """Activities that end within three months where the need lasts or is not known."""
    answer = question.answer("ending")
    rows = answer.table.filter(
        pl.col("ends") == ENDING,
        pl.col("remains").is_not_null(),
        (pl.col("need") != 0).fill_null(True),
    )
    alone, known = pl.col("remains") == NOBODY, pl.col("need").is_not_null()
    ranked = rows.with_columns(alone=alone, known=known).sort(
        ["alone", "known", "end", "activity_id", "unit_name"],
        descending=[True, True, False, False, False],
    )
    every = ranked.group_by("activity_id").agg(pl.col("unit_id").alias("units"))
    first = ranked.unique("activity_id", keep="first", maintain_order=True).join(
        every, on="activity_id", maintain_order="left"
    )

    def item(row: dict[str, Any]) -> AgendaItem:
        need = _("besoin : {need}", need=need_text(row)) if row["known"] else _("besoin inconnu")
        told = [
            _("fin le {day}", day=day_text(row["end"])),
            f"{row['unit_name']} ({label('by_sector', row['sector'] or '_unknown')})",
            _("ensuite : {who}", who=label("remains", row["remains"])),
            need,
        ]
        units = tuple(dict.fromkeys(row["units"]))
        if more := len(units) - 1:
            told.append(ngettext("et {n} autre zone", "et {n} autres zones", more))
        title = row["title"] or row["delivering"] or formats.UNKNOWN
        go = (("tab", "change"),)
        return AgendaItem(title, _joined(told), None, units, (row["activity_id"],), go)

    n = int(str(answer.meta["no_end"]))
    unknown = ngettext(
        "{n} activité en cours n'a pas de fin connue.",
        "{n} activités en cours n'ont pas de fin connue.",
        n,
    )
    return _topic(AgendaKind.ENDING, first, item, unknown if n else "")


def _priorities(question: AgendaQuestion) -> AgendaTopic:
    """Priorities chosen since, those that nothing answers first."""
    now, before = question.answer("priorities").table, question.answer_before("priorities")
    key = ["place_id", "sector", "text"]
    listed = now.filter(pl.col("listed").is_null())
    known = listed.clear() if before is None else before
    fresh = listed.join(known, on=key, how="anti", nulls_equal=True)
    order = pl.col("state").replace_strict({GAP: 0, PARTIAL: 1}, default=2)
    ranked = fresh.sort(order, "unit_name", "text", nulls_last=True)

    def item(row: dict[str, Any]) -> AgendaItem:
        place = row["place_id"]
        frames = question.dataset.frames
        where = frames.unit_label(place) if place in frames else row["unit_name"]
        what = label("sectors", row["sector"]) if row["sector"] else _("sans secteur")
        n = row["activities"]
        told = [row["text"] or "", label("state", row["state"]),
                ngettext("{n} activité depuis", "{n} activités depuis", n),
                _("posée le {day}", day=day_text(row["as_of"]))]  # fmt: skip
        is_new = None if before is None else True
        go = (("tab", "gaps"), ("zone", row["unit_id"]))
        return AgendaItem(f"{where}, {what}", _joined(told), is_new, (place,), (), go)

    unknown = _("Aucune priorité locale n'est connue.")
    return _topic(AgendaKind.PRIORITY, ranked, item, "" if now.height else unknown)


def _joined(parts: Iterable[str | None]) -> str:
    """What is known of an item, as one line."""
    return capitalised(" · ".join(filter(None, parts)))
