"""What a fiche says of one zone, as plain data: answers in words, laid out by `fiche.typ`.

No figure is made here: each is a cell of an answer, as the page shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from atlas import formats, summaries
from atlas.dataset import EVERYTHING, Answer, Dataset, ZonePanel
from atlas.export.locator_map import locator_map
from atlas.export.notice import BOUNDARIES, filters_in_words, settings_in_words
from atlas.export.proof import code_picture, file_code, question_query
from atlas.filters import Filters
from atlas.geo.frames import AdminUnit
from atlas.i18n import N_, _, current_language, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.perimeter import component_name
from atlas.layers.prepare import LEVELS
from atlas.model import Kind, Level, Viewer
from atlas.sensitivity import finest_level
from atlas.sentences import boundary_text, change_sentences, known_units_text
from atlas.vocab.programmes import known_programme

MOST_SECTORS, MOST_UNITS, MOST_ITEMS = 14, 20, 12
"""Rows that a page may hold at most; the layout shows fewer where they do not fit."""
MOST_FILES = 2
_NAMES, _TITLE, _PHRASE, _LISTED = 54, 96, 60, 130
"""Letters that names of organisations, a title, a short line or a list of zones may take."""
_SETTINGS_TOLD = ("coverage", "people", "access", "programme", "duplicates", "change")
_IN_DOLLARS = ("budget",)
"""Layers that the page's settings leave as they are, as in the panel of a zone."""

_SILENT = ("no_report", "no_data", "not_comparable")
"""States in which no activity told does not mean none."""

Block = dict[str, Any]


@dataclass(frozen=True)
class FicheQuestion:
    """What every page of a document is asked under.

    Attributes
    ----------
    options
        Settings of layers that differ from their default, by layer and name.
    """

    dataset: Dataset
    filters: Filters = EVERYTHING
    viewer: Viewer = Viewer.EDITOR
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def page_code(self, unit_id: str) -> str:
        """The code of the page of a zone (`atlas.export.proof`)."""
        query = question_query(self.filters, self.options)
        return file_code(self.dataset.snapshot.hash, f"/fiche/{unit_id}.pdf", query, self.viewer)


def fiche_units(
    dataset: Dataset, units: Sequence[str], under: str | None = None, level: str | None = None
) -> list[str]:
    """The zones of a document, each once: those named, then one and those inside it.

    Parameters
    ----------
    under
        A zone that has its own page, before those of the zones inside it.
    level
        Level of these (default: the next finer); without ``under``, of all of the découpage.

    Raises
    ------
    UnknownUnitError, UsageError
        No such unit or level.
    """
    found = [dataset.frames.unit_by_id(one).unit_id for one in units]
    if under is not None:
        top = dataset.frames.unit_by_id(under)
        finer = level or next(iter(LEVELS[LEVELS.index(Level(top.level)) + 1 :]), top.level)
        rows = dataset.frames.units_at_level(top.frame, finer)["unit_id"]
        inside = dataset.frames.units_inside(under)
        found += [under, *(one for one in rows if one in inside)]
    elif level is not None and not units:
        found += dataset.frames.units_at_level(dataset.default_frame, level)["unit_id"].to_list()
    return list(dict.fromkeys(found))


def fiche_content(question: FicheQuestion, unit_id: str) -> Block:
    """All that the page of a zone says, as JSON types only.

    Raises
    ------
    ForbiddenError
        The viewer may not see this level.
    """
    zone = _Zone(question, question.dataset.frames.unit_by_id(unit_id))
    drawn = locator_map(unit_id, with_smaller=zone.may_see_smaller)
    return {
        "lang": current_language(),
        "head": _head(zone),
        "map": {"svg": drawn.svg, "note": drawn.note},
        "figures": _figures(zone),
        "state": _state_line(zone, zone.state),
        "sectors": _sectors(zone),
        "left": [one for one in (_smaller_zones(zone),) if one],
        "right": [_budget(zone), _access(zone), _programme(zone), _duplicates(zone)],
        "either": [one for one in (
            _activities(zone), _changes(zone), _published(zone), _priorities(zone), _reports(zone),
        ) if one],
        "foot": _foot(zone),
    }  # fmt: skip


@dataclass(frozen=True)
class _Zone:
    """One zone and the answers about it, at its own level and découpage."""

    question: FicheQuestion
    unit: AdminUnit

    def answer(self, layer: str, level: str = "", **settings: str) -> Answer:
        asked, of = self.question, LAYERS[layer]
        mine = {} if layer in _IN_DOLLARS else asked.options.get(layer, {})
        said = {**mine, **of.asked_with, **settings}
        everywhere = asked.filters.with_changes(unit=())
        where = (self.unit.frame, level or self.unit.level)
        return asked.dataset.ask(layer, everywhere, *where, asked.viewer, said)

    def rows(self, layer: str, **settings: str) -> list[dict[str, Any]]:
        table = self.answer(layer, **settings).table
        return table.filter(pl.col("unit_id") == self.unit.unit_id).to_dicts()

    def may_ask(self, layer: str) -> bool:
        """Whether this viewer gets anything of a layer here."""
        viewer = self.question.viewer
        fine = LEVELS.index(Level(self.unit.level)) <= LEVELS.index(finest_level(viewer, layer))
        return fine and viewer.reaches(LAYERS[layer].visible_to)

    @property
    def smaller_level(self) -> str:
        """The next finer level; none below communes."""
        return next(iter(LEVELS[LEVELS.index(Level(self.unit.level)) + 1 :]), "")

    @property
    def may_see_smaller(self) -> bool:
        finest = LEVELS.index(finest_level(self.question.viewer))
        return LEVELS.index(Level(self.unit.level)) < finest

    @cached_property
    def panel(self) -> ZonePanel:
        asked = self.question
        return summaries.zone_panel(asked.dataset, self.unit.unit_id, asked.filters, asked.viewer)

    @cached_property
    def people(self) -> dict[str | None, dict[str, Any]]:
        return {row["sector"]: row for row in self.rows("people")}

    @cached_property
    def state(self) -> str:
        return self.states(self.unit.level).get(self.unit.unit_id, "no_report")

    def states(self, level: str) -> dict[str, str]:
        coverage, presence = self.answer("coverage", level), self.answer("presence", level)
        return summaries.states_of_units(coverage.table, presence.table)

    @property
    def presence(self) -> dict[str, Any]:
        return self.panel.presence

    def items(self, *, presences: bool = False) -> pl.DataFrame:
        """Activities, or presences, of the zone, as the grid has them."""
        of_kind = pl.col("kind") == Kind.PRESENCE
        return self.panel.activities.filter(of_kind if presences else ~of_kind)


# the head


def _head(zone: _Zone) -> Block:
    unit, asked = zone.unit, zone.question
    above = asked.dataset.frames.unit_label(unit.parent) if unit.parent else ""
    code = _("p-code {code}", code=unit.pcode) if unit.pcode else ""
    level = capitalised(label("level", unit.level))
    parts = [", ".join(filter(None, [level, above])), label("frame", unit.frame), code]
    plain = asked.filters.with_changes(unit=()) == EVERYTHING
    is_sample = asked.dataset.tables.is_sample
    warnings = [
        _("Exemple, pas la situation actuelle.") if is_sample else "",
        "" if plain else _("Filtres : {told}.", told=filters_in_words(asked.filters)),
        _settings_text(zone),
    ]  # fmt: skip
    return {
        "product": _("Atlas du Mali : qui fait quoi, où"),
        "name": unit.name,
        "place": " · ".join(filter(None, parts)),
        "situation": _("Situation au {day}", day=formats.day_text(asked.dataset.as_of)),
        "view": _("Vue : {view}", view=label("viewer", asked.viewer.value)),
        "warnings": [one for one in warnings if one],
    }


def _settings_text(zone: _Zone) -> str:
    """The settings of the page that differ from their default."""
    said = [
        settings_in_words(zone.answer(name))
        for name in _SETTINGS_TOLD
        if zone.question.options.get(name)
    ]
    return _("Réglages : {told}.", told=" · ".join(filter(None, said))) if any(said) else ""


def _figures(zone: _Zone) -> list[Block]:
    """The six figures that a reader looks for first."""
    who, people = zone.presence, zone.people[None]
    n, orgs, delivering = (who[one] for one in ("activities", "organisations", "delivering"))
    counted = formats.counted_name(zone.question.filters.kind, n)
    stopped = formats.stopped_text(who["cancelled"], who["suspended"])
    doing = (
        ngettext("dont {n} réalise", "dont {n} réalisent", delivering)
        if delivering
        else _("dont aucune ne réalise")
    )
    return [
        figure_block(count_text(n, zone.state), counted, stopped),
        figure_block(count_text(orgs, zone.state), ngettext("organisation", "organisations", orgs),
                doing if orgs else ""),
        _money_figure(zone.panel.budget),
        figure_block(known_text(people["in_need"]), _("dans le besoin"), _need_note(people)),
        _people_figure(people, "targeted", _("personnes visées")),
        _people_figure(people, "reached", _("personnes atteintes")),
    ]  # fmt: skip


def figure_block(value: str, words: str, note: str = "") -> Block:
    """A figure, what it counts, and what must be known of it."""
    return {"value": value, "label": words, "note": note}


def _people_figure(people: Mapping[str, Any], name: str, words: str) -> Block:
    best, bounds = best_and_bounds(people, name)
    return figure_block(best, words, bounds)


def known_text(value: float | None) -> str:
    """A figure, or that it is unknown."""
    return _("inconnu") if value is None else formats.number_text(value)


def count_text(n: int | None, state: str) -> str:
    """A count; where nobody told anything, none is told rather than zero."""
    if n is None:
        return _("inconnu")
    return _("aucune") if n == 0 and state in _SILENT else formats.number_text(n)


def best_and_bounds(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    """A head count as a figure, and its bounds where they differ."""
    low, best, high = (row[f"{name}{end}"] for end in ("_low", "", "_high"))
    if high is None:
        return _("inconnu"), ""
    if best is None:
        return formats.range_text(low, best, high), ""
    if low == high:
        return formats.number_text(best), ""
    ends = {"low": formats.number_text(low), "high": formats.number_text(high)}
    return formats.number_text(best), _("{low} à {high}", **ends)


def _need_note(row: Mapping[str, Any]) -> str:
    if row["in_need"] is None:
        return _("tous secteurs ensemble")
    if row["need_units"] is not None:
        return known_units_text(row)
    return _("au {day}", day=formats.short_day_text(row["need_as_of"]))


def _money_figure(budget: Mapping[str, Any]) -> Block:
    money, unpriced = budget["budget_usd"], budget["without_amount"]
    note = _("dont {n} sans montant", n=formats.number_text(unpriced)) if unpriced else ""
    if money is None:
        value = _("inconnu")
    elif not money:
        value = _("aucun")
    else:
        value = formats.short_money_text(money)
    return {"value": value, "label": _("budget placé"), "note": note}


def _without_amount_text(n: int) -> str:
    return ngettext("{n} activité sans montant", "{n} activités sans montant", n)


def _state_line(zone: _Zone, state: str) -> Block:
    words = _("État : {state}.", state=label("state", state))
    return {"sign": state, "word": label("state", state), "text": words}


# by sector


def _sectors(zone: _Zone) -> Block:
    """Who does what, need, response and gaps, sector by sector: the worst gaps first."""
    coverage = zone.answer("coverage")
    cells = {row["sector"]: row for row in zone.rows("coverage")}
    here = zone.question.filters.with_changes(unit=(zone.unit.unit_id,))
    where = (zone.unit.frame, zone.unit.level, zone.question.viewer)
    counts = dict(summaries.activities_by_sector(zone.question.dataset, here, *where))
    who = summaries.organisations_by_sector(
        zone.question.dataset, zone.unit.unit_id, zone.question.filters, zone.question.viewer
    )
    told = [one for one in cells if _is_told(cells[one], counts.get(one, 0), who.get(one, []))]
    told += [one for one in (*counts, *who) if one and one not in cells]
    ordered = sorted(
        dict.fromkeys(told), key=lambda one: _sector_order(cells.get(one), counts.get(one, 0), one)
    )
    rows = [
        _sector_row(zone, one, cells.get(one), counts.get(one, 0), who.get(one, []))
        for one in ordered
    ]
    if counts.get(None) and None not in cells:
        rows.append(_sector_row(zone, "", None, counts[None], []))
    return {
        "title": _("Qui fait quoi, par secteur"),
        "note": _("Besoins jugés au {day}", day=_day(coverage.meta["reference"])),
        "heads": [
            _("Secteur"), _("État"), _("Activ."), _("Organisations"), _("Besoin"), _("Visées"),
            _("Atteintes"),
        ],
        "rows": rows[:MOST_SECTORS],
        "more": more_texts(len(rows), MOST_SECTORS, _more_sectors),
        "lines": _sector_notes(zone, cells, told),
    }  # fmt: skip


def _is_told(cell: Mapping[str, Any], activities: int, who: Sequence[str]) -> bool:
    """Whether anything is known of a sector here."""
    stated = cell["need"] is not None or cell["need_expired"] is not None
    return bool(stated or activities or who or cell["state"] == "reported_none")


def _sector_order(
    cell: Mapping[str, Any] | None, activities: int, sector: str | None
) -> tuple[Any, ...]:
    rank = cell["rank"] if cell and cell["rank"] is not None else float("inf")
    known = cell is not None and cell["need"] is not None
    return (not known, rank, -activities, sector or "")


def _sector_row(
    zone: _Zone, sector: str | None, cell: Mapping[str, Any] | None, n: int, who: Sequence[str]
) -> Block:
    state = cell["state"] if cell else "active"
    people = zone.people.get(sector, {}) if sector != "" else {}
    name = label("by_sector", "_unknown") if sector == "" else label("sector", sector)
    told = capitalised(label("state", state))
    if cell and cell["need_expired"] is not None:
        day = formats.short_day_text(cell["need_expired"])
        told = _("{state} ; besoin expiré le {day}", state=told, day=day)
    return {
        "name": capitalised(name),
        "sign": state,
        "state": told,
        "activities": count_text(n, state) if n or state not in _SILENT else "–",
        "organisations": names_text([label("organisations", code) for code in who], _NAMES),
        "count": formats.number_text(len(who)) if who else "",
        "need": _need_text(cell, people),
        "targeted": best_and_bounds(people, "targeted") if people else (_("inconnu"), ""),
        "reached": best_and_bounds(people, "reached") if people else (_("inconnu"), ""),
    }


def _need_text(cell: Mapping[str, Any] | None, people: Mapping[str, Any]) -> str:
    """People in need; a need stated otherwise in its own measure."""
    if people.get("in_need") is not None:
        return formats.number_text(people["in_need"])
    if cell is None or cell["need"] is None:
        return _("inconnu")
    return f"{formats.number_text(cell['need'])} ({label('indicators', cell['need_indicator'])})"


def names_text(names: Sequence[str], most: int) -> str:
    """Names as far as they fit, and how many more there are."""
    shown: list[str] = []
    while len(shown) < len(names):
        if shown and len(", ".join([*shown, names[len(shown)]])) > most:
            break
        shown.append(shortened_text(names[len(shown)], most))
    left = len(names) - len(shown)
    text = ", ".join(shown)
    return f"{text} " + ngettext("et {n} autre", "et {n} autres", left) if left else text


def _sector_notes(
    zone: _Zone, cells: Mapping[str | None, Mapping[str, Any]], told: Sequence[str | None]
) -> list[str]:
    """What is not known at all: silent sectors, and needs that nobody loaded."""
    if not told:
        return [_("Rien de signalé, dans aucun secteur : ce silence n'est pas une absence.")]
    silent = [one for one in cells if one not in told]
    lines = []
    if not zone.answer("coverage").table["need"].count():
        lines.append(_("Aucun besoin n'est chargé : aucune lacune ne peut être dite."))
    if silent:
        n = len(silent)
        lines.append(
            ngettext(
                "Rien de signalé pour {n} autre secteur : ce silence n'est pas une absence.",
                "Rien de signalé pour {n} autres secteurs : ce silence n'est pas une absence.",
                n,
            )
        )
    return lines


# smaller zones, activities


def _smaller_zones(zone: _Zone) -> Block | None:
    """The zones inside, those with most gaps first."""
    level = zone.smaller_level
    if not level:
        return None
    words = capitalised(label("level", level, full=True))
    if not zone.may_see_smaller:
        told = _("Le détail par {level} n'est pas ouvert à cette vue.", level=label("level", level))
        return {"title": words, "lines": [told]}
    inside = zone.question.dataset.frames.children(zone.unit.unit_id)
    if not inside:
        return {"title": words, "lines": [_("Aucune n'est connue dans ce découpage.")]}
    own = pl.col("unit_id").is_in(list(inside))
    people = _whole_people(zone, level)
    gaps = _gaps_by_unit(zone.answer("coverage", level).table.filter(own))
    states = zone.states(level)
    who = zone.answer("presence", level).table.filter(own).to_dicts()
    who.sort(
        key=lambda row: (
            -(gaps.get(row["unit_id"]) or 0), -row["activities"], -row["organisations"],
            row["unit_name"],
        )
    )  # fmt: skip
    rows = [_smaller_row(row, states.get(row["unit_id"], "no_report"), people, gaps) for row in who]
    silent = [row["name"] for row in rows if row["silent"]]
    rows = [row for row in rows if not row["silent"]]
    note = _(
        "Une activité de plusieurs lieux compte dans chacun d'eux ; de l'ensemble seulement, "
        "dans aucun."
    )
    return {
        "title": f"{words} ({formats.number_text(len(who))})",
        "heads": [
            capitalised(label("level", level)), _("Activ."), _("Org."), _("Atteintes"),
            _("Lacunes"),
        ],
        "table": rows[:MOST_UNITS],
        "more": more_texts(len(rows), MOST_UNITS, more_rows_text),
        "legend": _legend(row["sign"] for row in rows[:MOST_UNITS]),
        "notes": [note] if rows else [],
        "silence": _silent_names(silent),
    }  # fmt: skip


def _whole_people(zone: _Zone, level: str) -> dict[str, dict[str, Any]]:
    table = zone.answer("people", level).table.filter(pl.col("sector").is_null())
    return {row["unit_id"]: row for row in table.to_dicts()}


def _gaps_by_unit(coverage: pl.DataFrame) -> dict[str, int | None]:
    """How many sectors of each unit are gaps; none where no need is known."""
    told: dict[str, list[str]] = {}
    for unit, state, need in coverage.select("unit_id", "state", "need").iter_rows():
        if need is not None:
            told.setdefault(unit, []).append(state)
    return {unit: states.count("gap") for unit, states in told.items()}


def _smaller_row(
    row: Mapping[str, Any],
    state: str,
    people: Mapping[str, Mapping[str, Any]],
    gaps: Mapping[str, int | None],
) -> Block:
    n, orgs = row["activities"], row["organisations"]
    reached = people.get(row["unit_id"], {})
    found = gaps.get(row["unit_id"])
    nothing = not (n or orgs or reached.get("reached_high") or found)
    return {
        "sign": state,
        "name": row["unit_name"],
        "silent": nothing and state in ("no_report", "not_comparable"),
        "activities": formats.number_text(n) if n or state not in _SILENT else formats.UNKNOWN,
        "organisations": formats.number_text(orgs) if orgs or state not in _SILENT else "–",
        "reached": best_and_bounds(reached, "reached") if reached else (_("inconnu"), ""),
        "gaps": known_text(found),
    }


def _silent_names(names: Sequence[str]) -> str:
    """The zones of which nothing is told, in one line rather than a row each."""
    if not names:
        return ""
    listed = names_text(sorted(names), _LISTED)
    return _("Rien de signalé, ce qui n'est pas une absence : {names}.", names=listed)


def _legend(signs: Iterable[str]) -> list[Block]:
    return [{"sign": one, "text": label("state", one)} for one in dict.fromkeys(signs)]


def _activities(zone: _Zone) -> Block:
    """The activities by name; the organisations said to be there, and no more."""
    items = zone.items()
    title = capitalised(formats.counted_name(zone.question.filters.kind, 2))
    if not items.height:
        told = _("Aucune activité signalée ici : cela ne veut pas dire qu'il n'y en a pas.")
        return {"title": title, "lines": [told], "after": _presence_lines(zone)}
    rows = [activity_line(row) for row in items.head(MOST_ITEMS).to_dicts()]
    return {
        "title": f"{title} ({formats.number_text(items.height)})",
        "items": rows,
        "long": True,
        "least": 0 if zone.smaller_level else 3,
        "more": more_texts(items.height, MOST_ITEMS, more_rows_text),
        "after": _presence_lines(zone),
    }


def activity_line(row: Mapping[str, Any]) -> Block:
    """Title of an activity, and below it who, status, years and amount."""
    span = formats.years_text((row["start"], row["end"])) if row["start"] or row["end"] else ""
    money = (
        _("montant inconnu")
        if row["budget_usd"] is None
        else formats.short_money_text(row["budget_usd"])
    )
    parts = [shortened_text(row["organisations"] or "", 40), row["status_label"], span, money]
    return {
        "text": shortened_text(row["title"] or "–", _TITLE),
        "meta": " · ".join(filter(None, parts)),
    }


def _presence_lines(zone: _Zone) -> list[str]:
    days = sorted(set(zone.items(presences=True)["as_of"].drop_nulls()))
    if not days:
        return []
    listed = ", ".join(formats.day_text(day) for day in days)
    words = _("Présence au {days}, sans activité ni montant connus.", days=listed)
    return [words]


# what else is known


def _budget(zone: _Zone) -> Block:
    """What is placed here, on which terms, and who gives it."""
    budget = zone.panel.budget
    money, lines = budget["budget_usd"], []
    if money is None:
        lines.append(_("Montant inconnu : aucune activité d'ici n'en publie."))
    elif money:
        lines.append(_("Placé ici : {money}.", money=formats.usd_text(money)))
    else:
        lines.append(_("Aucun montant placé ici."))
    if budget["inherited_usd"]:
        lines.append(
            _(
                "Dont {amount} sans lieu propre, répartis sur le périmètre de leur document.",
                amount=formats.usd_text(budget["inherited_usd"]),
            )
        )
    if n := budget["without_amount"]:
        lines.append(f"{_without_amount_text(n)}.")
    if stopped := formats.stopped_text(budget["cancelled"], budget["suspended"]):
        lines.append(_("Hors de tous ces chiffres : {told}.", told=stopped))
    donors = sorted(
        (row for row in zone.rows("budget", by="donor") if row["budget"]),
        key=lambda row: -row["budget"],
    )
    return {
        "title": _("Budget"),
        "note": _rate_note(budget),
        "lines": lines,
        "pairs": [
            [shortened_text(row["dimension_label"], 38), formats.short_money_text(row["budget"])]
            for row in donors[:MOST_ITEMS]
        ],
        "more": more_texts(len(donors), MOST_ITEMS, more_rows_text),
    }


def _rate_note(budget: Mapping[str, Any]) -> str:
    first, last = budget.get("rate_from"), budget.get("rate_to")
    if not isinstance(first, date):
        return ""
    days = formats.short_day_text(first)
    if last != first:
        days = f"{days} – {formats.short_day_text(last)}"
    return _("taux de change du {days}", days=days)


def _access(zone: _Zone) -> Block:
    """How hard the zone is to reach, by dated facts; greyed words once they are past."""
    title = _("Accès et sécurité")
    if not zone.may_ask("access"):
        return {"title": title, "lines": [_("Non ouvert à cette vue.")]}
    answer = zone.answer("access")
    (row,) = zone.rows("access")
    note = _("jugé au {day}", day=_day(answer.meta["reference"]))
    words = ("constraints", "security_zone", "services", "no_go")
    if not any(row[one] for one in words) and row["scale"] is None:
        loaded = answer.table["as_of"].count() > 0
        told = (
            _("Aucun fait d'accès connu ici : cela ne veut pas dire que l'accès est libre.")
            if loaded
            else _("Aucun fait d'accès n'est chargé.")
        )
        return {"title": title, "note": note if loaded else "", "lines": [told]}
    past = _(" (périmé)") if row["stale"] else ""
    day = _("Faits au {day}{past}.", day=formats.short_day_text(row["as_of"]), past=past)
    facts = sorted(zone.rows("access_facts"), key=_fact_order)
    items = [_fact_line(one) for one in facts]
    return {
        "title": title,
        "note": note,
        "lines": [*_severity_lines(row), *_no_go_lines(row), day],
        "items": items[:MOST_ITEMS],
        "more": more_texts(len(items), MOST_ITEMS, more_rows_text),
    }


def _fact_order(row: Mapping[str, Any]) -> tuple[bool, bool, float]:
    """Facts in force first, the gravest of them first."""
    value = row["value"]
    worse = row["direction"] == "lower_is_worse"
    return bool(row["stale"]), value is None, 0.0 if value is None else value * (1 if worse else -1)


def _fact_line(row: Mapping[str, Any]) -> Block:
    """A fact with its severity, source and date."""
    grave = ""
    if row["value"] is not None and row["scale"]:
        grave = f"{formats.number_text(row['value'], 1)} ({row['scale']})"
    told = [
        grave,
        shortened_text(row["source"] or row["file"] or "", 36),
        formats.short_day_text(row["as_of"]),
        _("périmé") if row["stale"] else "",
    ]
    text = row["wording"] or row["type_label"] or formats.UNKNOWN
    return {"text": shortened_text(text, _TITLE), "meta": " · ".join(filter(None, told))}


def _severity_lines(row: Mapping[str, Any]) -> list[str]:
    if row["scale"] is None:
        return []
    worst = row["severity_max"]
    told = _("sens de l'échelle inconnu") if worst is None else formats.number_text(worst, 1)
    return [_("Gravité : {told} ({scale}).", told=told, scale=row["scale"])]


def _no_go_lines(row: Mapping[str, Any]) -> list[str]:
    if not row["no_go"]:
        return []
    n = row["activities_in_no_go"] or 0
    return [
        ngettext(
            "Zone interdite en vigueur : {n} activité y est placée.",
            "Zone interdite en vigueur : {n} activités y sont placées.",
            n,
        )
    ]


def _programme(zone: _Zone) -> Block:
    """The components of the programme here, or why nothing can be said."""
    answer = zone.answer("programme")
    programme = str(answer.meta["programme"] or "")
    title, name = _("Programme et composantes"), f"{label('programmes', programme)}."
    note = _("jugé au {day}", day=_day(answer.meta["reference"]))
    if not answer.meta["perimeter_defined"]:
        n = known_programme(programme).expected
        told = (
            _("Périmètre à définir")
            if n is None
            else ngettext(
                "Périmètre à définir ({n} cercle non nommé)",
                "Périmètre à définir ({n} cercles non nommés)",
                n,
            )
        )
        return {"title": title, "lines": [name, f"{told}."]}
    cells = [row for row in zone.rows("programme") if row["component"] and row["state"]]
    if not cells:
        told = _("{place} est hors du périmètre.", place=zone.unit.name)
        return {"title": title, "note": note, "lines": [name, told]}
    return {
        "title": title,
        "note": note,
        "lines": [name],
        "least": 4,
        "signs": [
            {
                "sign": row["state"],
                "text": component_name(row["component"]),
                "meta": label("state", row["state"], full=True),
            }
            for row in cells[:MOST_ITEMS]
        ],
        "more": more_texts(len(cells), MOST_ITEMS, more_rows_text),
    }


def _duplicates(zone: _Zone) -> Block:
    """Pairs that nobody decided yet: what may be counted twice in the figures above."""
    pairs = zone.rows("duplicates")
    kinds = Counter(row["kind"] for row in pairs)
    counted = ", ".join(
        _("{name} : {value}", name=label("kind", one), value=kinds[one]) for one in sorted(kinds)
    )
    lines = [f"{capitalised(counted)}."] if counted else []
    if not pairs:
        lines = [_("Aucun doublon à trancher ici.")]
    return {
        "title": _("Doublons à trancher"),
        "lines": lines,
        "items": [
            {
                "text": _(
                    "« {a} » et « {b} »",
                    a=shortened_text(row["title_a"] or "–", 52),
                    b=shortened_text(row["title_b"] or "–", 52),
                )
            }
            for row in pairs[:MOST_ITEMS]
        ],
        "more": more_texts(len(pairs), MOST_ITEMS, more_rows_text),
    }


def _changes(zone: _Zone) -> Block:
    """What differs from the state published before."""
    title, answer = _("Depuis le dernier état"), zone.answer("change")
    if answer.meta["since"] is None:
        told = _("Rien avec quoi comparer : c'est le premier état publié.")
        return {"title": title, "lines": [told]}
    here = answer.table.filter(pl.col("unit_id") == zone.unit.unit_id)
    of_activities = pl.col("activity_id").is_not_null()  # all in this zone: it is not named again
    unnamed = pl.when(~of_activities).then("unit_name").alias("unit_name")
    sentences = change_sentences(replace(answer, table=here.with_columns(unnamed)), zone.unit.level)
    named = here.filter(of_activities).to_dicts()
    return {
        "title": title,
        "lines": sentences,
        "items": [
            {
                "text": shortened_text(row["title"] or "–", _TITLE),
                "meta": capitalised(label("change", row["change"])),
            }
            for row in named[:MOST_ITEMS]
        ],
        "more": more_texts(len(named), MOST_ITEMS, more_rows_text),
    }


def _priorities(zone: _Zone) -> Block | None:
    """Priorities chosen locally, and whether anything answers them."""
    answer, rows = zone.answer("priorities"), zone.rows("priorities")
    if not rows:
        return None
    return {
        "title": _("Priorités locales"),
        "note": _("jugé au {day}", day=_day(answer.meta["reference"])),
        "signs": [
            {
                "sign": row["state"] or "no_report",
                "text": shortened_text(row["text"] or label("sector", row["sector"]), _PHRASE),
                "meta": _priority_note(row),
            }
            for row in rows[:MOST_ITEMS]
        ],
        "more": more_texts(len(rows), MOST_ITEMS, more_rows_text),
    }


def _priority_note(row: Mapping[str, Any]) -> str:
    """Where a priority stands; of those published as a number alone, how many there are."""
    if row["state"]:
        return label("state", row["state"])
    if n := row["listed"]:
        return ngettext("{n} publiée sans liste", "{n} publiées sans liste", n)
    return ""


def _reports(zone: _Zone) -> Block | None:
    """How many of the reports due for the zone came."""
    answer, rows = zone.answer("reporting"), zone.rows("reporting")
    if not rows:
        return None
    states = Counter(row["state"] for row in rows)
    counted = ", ".join(
        _("{name} : {value}", name=label("state", one), value=n) for one, n in states.items()
    )
    return {
        "title": _("Rapports attendus"),
        "note": _("jugé au {day}", day=_day(answer.meta["reference"])),
        "lines": [f"{capitalised(counted)}."],
    }


def _published(zone: _Zone) -> Block | None:
    """Counts and sums published without their items: beside the figures, never in them."""
    rows = zone.panel.published.to_dicts()
    if not rows:
        return None
    return {
        "title": _("Publié, non détaillé"),
        "note": _("jamais ajouté aux chiffres"),
        "items": [{"text": _published_text(row)} for row in rows[:MOST_ITEMS]],
        "more": more_texts(len(rows), MOST_ITEMS, more_rows_text),
    }


def _published_text(row: Mapping[str, Any]) -> str:
    figures = []
    if (n := row["items"]) is not None:
        shown = formats.number_text(n)
        figures.append(ngettext("{shown} projet", "{shown} projets", n, shown=shown))
    if row["budget_usd"] is not None:
        figures.append(formats.usd_text(row["budget_usd"]))
    text = _("{name} : ", name=label("sources", row["source"])) + ", ".join(figures)
    if not row["exact"]:
        text += _(" pour {unit}, dont ce n'est qu'une partie", unit=row["published_for"])
    return text + _(" (situation au {day})", day=formats.day_text(row["as_of"]))


# the foot


_CONTEXT = {
    "needs": N_("Besoins"),
    "population": N_("Population"),
    "access": N_("Accès"),
    "security": N_("Sécurité"),
    "services": N_("Services"),
    "priorities": N_("Priorités locales"),
    "programme": N_("Programme"),
    "reporting": N_("Rapports attendus"),
}


def _foot(zone: _Zone) -> Block:
    snapshot = zone.question.dataset.snapshot.hash[:12]
    code = zone.question.page_code(zone.unit.unit_id)
    return {
        "title": _("Sources et dates"),
        "sources": [
            files_text(_("Activités"), _activity_files(zone), MOST_FILES),
            *_context_files(zone),
            boundary_text(zone.unit.frame, zone.unit.level),
        ],
        "boundaries": _(BOUNDARIES),
        "unknown": _("« inconnu » n'est jamais zéro ; « – » : rien de signalé."),
        "state": _("État publié {hash}", hash=snapshot),
        "code": _("Code : {code}", code=code),
        "picture": code_picture(code),
    }


def _activity_files(zone: _Zone) -> list[tuple[str, date | None]]:
    told = zone.panel.activities.select("file", "as_of").drop_nulls("file")
    newest = told.group_by("file", maintain_order=True).agg(pl.col("as_of").max())
    return newest.sort("as_of", "file", descending=[True, False], nulls_last=True).rows()


def _context_files(zone: _Zone) -> list[str]:
    """The documents behind needs, access and the rest, each with its date."""
    data, viewer = zone.question.dataset, zone.question.viewer
    facts = data.tables_for_viewer(viewer).context.select("kind", "document").unique()
    documents = data.documents_read(viewer).select("document", "file", "as_of")
    told = facts.join(documents, on="document").sort(
        "as_of", "file", descending=[True, False], nulls_last=True
    )
    lines = []
    for kind in _CONTEXT:
        if kind in ("access", "security", "services") and not zone.may_ask("access"):
            continue
        files = told.filter(pl.col("kind") == kind).drop_nulls("file").select("file", "as_of")
        if files.height:
            lines.append(files_text(_(_CONTEXT[kind]), files.rows()))
    return lines


def files_text(what: str, files: Sequence[tuple[str, date | None]], most: int = 1) -> str:
    """The files that something is from, each with its day."""
    if not files:
        return _("{what} : aucune source.", what=what)
    listed = [
        f"{shortened_text(name, 40)} ({formats.short_day_text(day)})" for name, day in files[:most]
    ]
    text = " ; ".join(listed)
    if left := len(files) - most if len(files) > MOST_FILES else 0:
        text += " " + ngettext("et {n} autre", "et {n} autres", left)
    return _("{what} : {files}.", what=what, files=text)


# words


def _day(day: object) -> str:
    return formats.day_text(day) if isinstance(day, date) else formats.UNKNOWN


def shortened_text(text: str, most: int) -> str:
    """A text cut at a word, where it is longer than a line may hold."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return cut.rsplit(" ", 1)[0].rstrip(" ,;:") + "…" if " " in cut else cut + "…"


def _all_rows(n: int) -> str:
    return ngettext("{n} à voir dans le fichier.", "{n} à voir dans le fichier.", n)


def more_rows_text(n: int) -> str:
    """How many further rows there are."""
    return ngettext("et {n} autre, dans le fichier.", "et {n} autres, dans le fichier.", n)


def _more_sectors(n: int) -> str:
    return ngettext(
        "et {n} autre secteur, dans le fichier.", "et {n} autres secteurs, dans le fichier.", n
    )


def more_texts(total: int, most: int, words: Callable[[int], str]) -> list[str]:
    """What stands under a list by how many of its rows are shown: the layout decides on that."""
    if not total:
        return []
    shown = range(1, min(total, most) + 1)
    return [_all_rows(total), *(words(total - n) if n < total else "" for n in shown)]
