"""What each unit of the map says: its class or its sign, its words, the size of its circle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import sqrt
from typing import Any

from atlas.filters import DEFAULT_KINDS
from atlas.i18n import _
from atlas.labels import capitalised, label
from atlas.layers.programme import State
from atlas.model import Level
from atlas.web.classes import Classes, classify
from atlas.web.desk import Scene
from atlas.web.indicators import Indicator, shown_indicator
from atlas.web.palette import NO_DATA, NO_REPORT, NOT_COMPARABLE, STALE, ramp
from atlas.web.unit_values import (
    OUT_OF_DATE,
    REPORTED_NONE,
    STOPPED_ONLY,
    UnitValue,
    column_values,
    shown_units,
)

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
MOST_LABELS = 16
RADII = {"region": (8, 23), "cercle": (5, 17), "commune": (3, 10)}


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
    indicator = shown_indicator(scene)
    values = tuple(unit_values(scene, indicator))
    present: list[str] = []
    if indicator.words is None:
        present = [s for s in STATE_FILLS if any(v.state == s for v in values)]
        palette = tuple(STATE_FILLS[s] for s in present)
        classes = Classes((), (), "states")
    else:
        classes = classify([v.value for v in values], zero=indicator.zero)
        palette = tuple(ramp(indicator.colours, len(classes))) if len(classes) else ()
        if indicator.scale and indicator.scale(scene)[1] == "lower_is_worse":
            palette = palette[::-1]  # the dark is always the worst
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
        if v.value:
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
        "ringed": painted.indicator.of_perimeter,
        "bases": {
            "estimated": _("limites estimées"),
            "unassigned": _("limites des cercles de 2023 inconnues"),
        },
    }


def _perimeter(painted: Painting) -> str:
    """Units of a perimeter, which the map then frames."""
    units = painted.values if painted.indicator.of_perimeter else ()
    return ",".join(value.unit_id for value in units)


def _labels(painted: Painting, level: str) -> str:
    """Which units carry their name: all régions, else those with a figure if they are few."""
    if level == Level.REGION:
        return "all"
    known = sum(has_figure(v, painted.indicator) for v in painted.values)
    return "known" if known <= MOST_LABELS else "none"


def words(v: UnitValue, indicator: Indicator, kinds: Collection[str] = DEFAULT_KINDS) -> str:
    """What a unit says when pointed at, exact; ``kinds`` are those of the entries counted."""
    if indicator.words is None or v.value is None or _sign(v, indicator):
        text = capitalised(state_words(_sign(v, indicator) or v.state, indicator))
    else:
        text = indicator.words(v.value, kinds)
    return "\n".join(part for part in (text, v.note) if part)


def state_words(state: str, indicator: Indicator) -> str:
    """A state, said for what the map shows: what exactly is unknown."""
    own = indicator.unknown if state == NO_DATA else ""
    return _(own) if own else label("state", state)


def _fill(v: UnitValue, painted: Painting) -> int | str:
    sign = _sign(v, painted.indicator)
    if sign:
        return sign
    if painted.indicator.words is None:
        return [s for s in painted.states if s in STATE_FILLS].index(v.state)
    return painted.classes.of(v.value or 0)


def has_figure(v: UnitValue, indicator: Indicator) -> bool:
    """Whether a unit has a figure to draw: a count of none has not, a severity of none has."""
    return v.value is not None if indicator.zero else bool(v.value)


def _sign(v: UnitValue, indicator: Indicator) -> str | None:
    """Sign of a unit that has no figure to colour."""
    if indicator.words is None:
        return v.state if v.state in SIGNS else None
    if has_figure(v, indicator):
        return None
    return v.state if v.state in SIGNS else NO_DATA


def unit_values(scene: Scene, indicator: Indicator) -> list[UnitValue]:
    """One value per unit asked for, reserved rows left to the tables."""
    inside = shown_units(scene)
    if indicator.values is None:
        values = column_values(scene, indicator.layer, indicator.column)
    else:
        values = indicator.values(scene)
    return values if inside is None else [v for v in values if v.unit_id in inside]
