"""What each unit of the map says: its class or its sign, its words, the size of its circle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import polars as pl

from atlas.filters import DEFAULT_KINDS
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.layers.counting import STOPPED
from atlas.layers.programme import State
from atlas.model import RESERVED, Level
from atlas.web import drawn, say, silence
from atlas.web.classes import Classes, classify
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import known_of
from atlas.web.indicators import INDICATORS, Indicator
from atlas.web.palette import BLUES, NO_DATA, NO_REPORT, NOT_COMPARABLE, STALE, WARMS, ramp
from atlas.web.programme import worst
from atlas.web.words import counted_name

REPORTED_NONE, OUT_OF_DATE, STOPPED_ONLY = "reported_none", "stale", "stopped"
SIGNS = {
    NO_REPORT: "url(#no-report)",
    NO_DATA: "url(#no-data)",
    NOT_COMPARABLE: "url(#not-comparable)",
    REPORTED_NONE: "#f2f2f2",
    STOPPED_ONLY: "#d9d2c5",
    OUT_OF_DATE: STALE,
    State.UNDEFINED.value: "url(#no-data)",
}
STATE_FILLS = {
    "covered": "#1f69b3",
    "active": "#82b5e9",
    "partial": "#f29e8a",
    "gap": "#b23a26",
    "past": "#f7c9a3",
    "planned": "#fde6cf",
    "unclear": "#f2d27a",
}
MARKS = {"access_priority": ("#1a1a1a", 2.6), "nexus_priority": ("#5b3fa0", 2.0)}
"""Colour and width of the outline of each class of priority: the fill is what nothing answers."""
MOST_LABELS, MOST_NOTES = 16, 3
RADII = {"region": (8, 23), "cercle": (5, 17), "commune": (3, 10)}


@dataclass(frozen=True)
class UnitValue:
    """A unit of the map: its figure (``None`` unknown), the state it is in, its class (`MARKS`)."""

    unit_id: str
    name: str
    value: float | None
    state: str
    note: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Painting:
    """The map of one question.

    Attributes
    ----------
    classes
        Classes of the figures; empty for an indicator of states.
    palette
        Colour of each class, or of each state.
    states
        States that appear, in the order of the legend.
    """

    indicator: Indicator
    values: tuple[UnitValue, ...]
    classes: Classes
    palette: tuple[str, ...]
    states: tuple[str, ...]


def painting(scene: Scene) -> Painting:
    """Ask for the indicator of the page and give every unit its class or its sign."""
    indicator = INDICATORS[scene.view.indicator]
    values = tuple(unit_values(scene, indicator))
    if indicator.measure == "state":
        present = [s for s in STATE_FILLS if any(v.state == s for v in values)]
        palette = tuple(STATE_FILLS[s] for s in present)
        classes = Classes((), (), "states")
    else:
        severity = indicator.measure == "severity"
        warm = severity or indicator.measure == "unmet"
        classes = classify([v.value for v in values], zero=warm)
        colours = WARMS if warm else BLUES
        palette = tuple(ramp(colours, len(classes))) if len(classes) else ()
        if severity and map_scale(scene)[1] == "lower_is_worse":
            palette = palette[::-1]  # the dark is always the worst
        present = []
    signs = [s for s in SIGNS if any(_sign(v, indicator) == s for v in values)]
    return Painting(indicator, values, classes, palette, (*present, *signs))


def as_props(painted: Painting, scene: Scene) -> dict[str, Any]:
    """The painting as ``assets/map.js`` reads it."""
    largest = max((v.value or 0 for v in painted.values), default=0) or 1
    low, high = RADII[scene.view.level]
    units: dict[str, list[Any]] = {}
    for v in painted.values:
        told = words(v, painted.indicator, scene.view.filters.kind)
        entry: list[Any] = [_fill(v, painted), told]
        if v.value and painted.indicator.measure != "state":
            entry.append(round(low + (high - low) * sqrt(v.value / largest), 1))
        if v.mark:
            entry += [0] * (3 - len(entry)) + [v.mark]
        units[v.unit_id] = entry
    return {
        "palette": list(painted.palette),
        "signs": SIGNS,
        "units": units,
        "level": scene.view.level,
        "labels": _labels(painted, scene.view.level),
        "selected": scene.view.zone,
        "focus": ",".join(scene.view.filters.unit) or _perimeter(painted),
        "marks": MARKS,
        "ringed": painted.indicator.layer == "programme",
        "bases": {
            "estimated": _("limites estimées"),
            "unassigned": _("limites des cercles de 2023 inconnues"),
        },
    }


def _perimeter(painted: Painting) -> str:
    """Units of a perimeter, which the map then frames."""
    held = painted.indicator.layer == "programme"
    return ",".join(value.unit_id for value in painted.values) if held else ""


def _labels(painted: Painting, level: str) -> str:
    """Which units carry their name: all régions, else those with a figure if they are few."""
    if level == Level.REGION:
        return "all"
    known = sum(has_figure(v, painted.indicator) for v in painted.values)
    return "known" if known <= MOST_LABELS else "none"


def words(v: UnitValue, indicator: Indicator, kinds: Collection[str] = DEFAULT_KINDS) -> str:
    """What a unit says when pointed at, exact; ``kinds`` are those of the entries counted."""
    if v.value is None or _sign(v, indicator) or indicator.measure == "state":
        text = state_words(_sign(v, indicator) or v.state, indicator)
        return "\n".join(part for part in (text[:1].upper() + text[1:], v.note) if part)
    if indicator.measure == "usd":
        return say.usd(v.value)
    if indicator.measure == "severity":
        return _("gravité {n}", n=say.number(v.value))
    if indicator.measure == "unmet":
        told = _("besoin sans réponse : {n} %", n=say.number(v.value))
        return "\n".join(part for part in (told, v.note) if part)
    n = int(v.value)
    if indicator.column == "activities":
        return f"{say.number(n)} {counted_name(kinds, n)}"
    if indicator.column in ("organisations", "delivering"):
        return ngettext("{shown} organisation", "{shown} organisations", n, shown=say.number(n))
    if indicator.layer == "published":
        return ngettext("{shown} projet publié", "{shown} projets publiés", n, shown=say.number(n))
    return ngettext("{shown} activité", "{shown} activités", n, shown=say.number(n))


def state_words(state: str, indicator: Indicator) -> str:
    """A state, said for what the map shows: what exactly is unknown."""
    if state == NO_DATA and indicator.column == "per_head_usd":
        return _("population non disponible, ou montant inconnu")
    if state == NO_DATA and indicator.measure == "usd":
        return _("montant inconnu")
    if state == NO_DATA and indicator.measure == "severity":
        return _("contraintes signalées, gravité inconnue")
    if state == NO_DATA and indicator.measure == "unmet":
        return _("besoin inconnu, ou seul connu de son secteur")
    if state == OUT_OF_DATE:
        return _("faits d'accès périmés, voir l'onglet Accès")
    if state == NO_DATA:
        return _("présence signalée, activités inconnues")
    return label("state", state)


def _fill(v: UnitValue, painted: Painting) -> int | str:
    sign = _sign(v, painted.indicator)
    if sign:
        return sign
    if painted.indicator.measure == "state":
        return [s for s in painted.states if s in STATE_FILLS].index(v.state)
    return painted.classes.of(v.value or 0)


def has_figure(v: UnitValue, indicator: Indicator) -> bool:
    """Whether a unit has a figure to draw: a count of none has not, a severity of none has."""
    return v.value is not None if indicator.measure in ("severity", "unmet") else bool(v.value)


def _sign(v: UnitValue, indicator: Indicator) -> str | None:
    """Sign of a unit that has no figure to colour."""
    if indicator.measure == "state":
        return v.state if v.state in SIGNS else None
    if has_figure(v, indicator):
        return None
    return v.state if v.state in SIGNS else NO_DATA


def shown_units(scene: Scene) -> frozenset[str] | None:
    """Units of the map inside the zones asked for; ``None`` where the whole country is."""
    assert scene.data is not None
    view, frames = scene.view, scene.data.frames
    if not view.filters.unit:
        return None
    inside: set[str] = set()
    for zone in view.filters.unit:
        if zone in frames:
            own = frames.unit(zone)
            targets = frames.targets(own.frame, own.level)
            inside |= set(targets.filter(pl.col("target") == zone)["unit_id"])
    return frozenset(inside)


def unit_values(scene: Scene, indicator: Indicator) -> list[UnitValue]:
    """One value per unit asked for, reserved rows left to the tables."""
    inside = shown_units(scene)
    values = _all_values(scene, indicator)
    return values if inside is None else [v for v in values if v.unit_id in inside]


def _all_values(scene: Scene, indicator: Indicator) -> list[UnitValue]:
    if indicator.layer == "published":
        return published_values(scene)
    if indicator.measure == "severity":
        return access_values(scene)
    if indicator.measure == "unmet":
        return unmet_values(scene)
    if indicator.layer == "programme":
        return programme_values(scene)
    states, notes = unit_states(scene), silence.unit_notes(scene)
    if indicator.measure == "state":
        names = {u: n for u, (n, _v) in _column(scene, "presence", "activities").items()}
        more = state_notes(scene, states)
        notes = {
            unit: "\n".join(note for note in (more.get(unit, ""), notes.get(unit, "")) if note)
            for unit in names
        }
        return [
            UnitValue(u, n, None, states.get(u, NO_REPORT), notes.get(u, ""))
            for u, n in names.items()
        ]
    rows = _column(scene, indicator.layer, indicator.column)
    return [
        UnitValue(u, name, value, states.get(u, NO_REPORT), notes.get(u, ""))
        for u, (name, value) in rows.items()
    ]


def programme_values(scene: Scene) -> list[UnitValue]:
    """The least advanced component of each unit of a perimeter; where it may be, if undefined."""
    assert scene.data is not None
    answer, data = ask(scene, "programme"), scene.data
    told = (
        worst.worst(answer.table)
        if answer.meta["perimeter_defined"]
        else worst.expected(
            data.frames, answer.frame, Level(answer.level), str(answer.meta["programme"])
        )
    )
    return [UnitValue(unit, name, None, state, note) for unit, name, state, note in told]


def unmet_values(scene: Scene) -> list[UnitValue]:
    """How much of its need nothing answers in each unit, in the sector where that is most.

    The largest gap is the darkest whatever its class, which is the outline: the gravest over
    the sectors of the unit.
    """
    rows = ask(scene, "coverage").table.filter(~pl.col("unit_id").is_in(RESERVED))
    values = []
    for cells in rows.partition_by("unit_id", maintain_order=True):
        most = cells.sort("unmet", descending=True, nulls_last=True, maintain_order=True)
        first = most.row(0, named=True)
        mark = next((kind for kind in MARKS if (cells["class"] == kind).any()), "")
        unmet = None if first["unmet"] is None else round(100 * first["unmet"], 1)
        told = [_sector_of(first)] if unmet is not None else []
        if first["need_units"] is not None:
            told.append(known_of(first))
        if mark:
            told.append(label("state", mark))
        unit, name = first["unit_id"], first["unit_name"]
        values.append(UnitValue(unit, name, unmet, NO_DATA, "\n".join(told), mark))
    return values


def _sector_of(row: dict[str, Any]) -> str:
    return label("sectors", row["sector"]) if row["sector"] else _("tous secteurs")


def state_notes(scene: Scene, states: Mapping[str, str]) -> dict[str, str]:
    """Of how many of its smaller units the need behind the state of each unit is known."""
    cells = ask(scene, "coverage").table.drop_nulls("need_units")
    notes: dict[str, list[str]] = {}
    for row in cells.to_dicts():
        if states.get(row["unit_id"]) == row["state"]:
            notes.setdefault(row["unit_id"], []).append(known_of(row))
    return {unit: "\n".join(told[:MOST_NOTES]) for unit, told in notes.items()}


def access_values(scene: Scene) -> list[UnitValue]:
    """Worst current severity; grey where all that is known is out of date.

    One map has one scale (`map_scale`): what is said in another is named, never coloured.
    """
    rows = drawn.answer(scene, "access").table.filter(~pl.col("unit_id").is_in(RESERVED)).to_dicts()
    scale, _direction = map_scale(scene)
    values = []
    for row in rows:
        known = row["stale"] is not None
        state = OUT_OF_DATE if row["stale"] else NO_DATA if known else NO_REPORT
        severity = None if row["stale"] or row["scale"] != scale else row["severity_max"]
        note = _("au {day}", day=say.day(row["as_of"])) if known else ""
        if row["scale"] not in (None, scale):
            note = _("autre échelle : {name} ; {note}", name=row["scale"], note=note)
        values.append(UnitValue(row["unit_id"], row["unit_name"], severity, state, note))
    return values


def map_scale(scene: Scene) -> tuple[str | None, str | None]:
    """Scale of severity that most units of the map speak in, and its direction."""
    said = drawn.answer(scene, "access").table.filter(
        ~pl.col("unit_id").is_in(RESERVED) & pl.col("severity_max").is_not_null()
    )
    current = said.filter(~pl.col("stale").fill_null(True))
    counted = current.group_by("scale", "direction").agg(pl.len(), pl.col("as_of").max())
    first = counted.sort(["len", "as_of", "scale"], descending=[True, True, False], nulls_last=True)
    for scale, direction in first.select("scale", "direction").head(1).iter_rows():
        return scale, direction
    return None, None


def _column(scene: Scene, layer: str, column: str) -> Mapping[str, tuple[str, float | None]]:
    answer = ask(scene, layer)
    rows = answer.table.select("unit_id", "unit_name", column).rows()
    return {unit: (name, value) for unit, name, value in rows if unit not in RESERVED}


AGAINST_A_NEED = ("gap", "partial", "covered")
STATE_ORDER = (*AGAINST_A_NEED, "active", REPORTED_NONE, NOT_COMPARABLE, NO_REPORT)


def unit_states(scene: Scene) -> dict[str, str]:
    """State of each unit over its sectors: the first of `STATE_ORDER` that any of them is in.

    Activities without a known sector make a unit active too; where organisations are said to
    be present and no more, activities are unknown (``no_data``), not absent. Where all that is
    told was cancelled or suspended, it is ``stopped``. What is known against a need goes before
    all of these.
    """
    rank = {state: i for i, state in enumerate(STATE_ORDER)}
    found: dict[str, str] = {}
    for unit, state in ask(scene, "coverage").table.select("unit_id", "state").iter_rows():
        if state and rank.get(state, 99) < rank.get(found.get(unit, ""), 99):
            found[unit] = state
    stopped = pl.sum_horizontal(STOPPED).alias("stopped")
    who = ask(scene, "presence").table.select("unit_id", "activities", stopped, "organisations")
    for unit, activities, given_up, organisations in who.iter_rows():
        if found.get(unit) in AGAINST_A_NEED:
            continue
        if activities:
            found[unit] = "active"
        elif given_up:
            found[unit] = STOPPED_ONLY
        elif organisations:
            found[unit] = NO_DATA
    return found


def published_values(scene: Scene) -> list[UnitValue]:
    """Published counts; where they were published for a larger, older unit, whose they are."""
    assert scene.data is not None
    view = scene.view
    told = scene.data.published(None, view.frame, view.level, view.filters, scene.viewer)
    shared = told.filter(~pl.col("exact")).group_by("unit_id", "published_for").agg(pl.sum("items"))
    notes = {
        unit: _(
            "{n} publiés pour {older}, dont ce n'est qu'une partie", n=say.number(n), older=older
        )
        for unit, older, n in shared.iter_rows()
    }
    return [
        UnitValue(u, name, value, NOT_COMPARABLE if u in notes else NO_REPORT, notes.get(u, ""))
        for u, (name, value) in _column(scene, "published", "items").items()
    ]
