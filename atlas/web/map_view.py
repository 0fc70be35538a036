"""The map: classes and signs of its units, title, legend and sources."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from math import floor, log10, sqrt
from typing import Any, NamedTuple

import polars as pl
from dash import html

from atlas import formats
from atlas.export.notice import filters_in_words
from atlas.filters import DEFAULT_KINDS, Filters
from atlas.geo import estimated, shapes
from atlas.geo.frames import AdminUnit
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.gaps import GAP
from atlas.layers.programme import State
from atlas.model import Level
from atlas.sensitivity import inner_level
from atlas.sentences import boundary_text, need_sources_text
from atlas.web import downloads, fact_shapes
from atlas.web.indicators import (
    COUNT_FORM,
    MAP_INDICATORS,
    NO_FIGURE,
    OUT_OF_DATE,
    REPORTED_NONE,
    STOPPED_ONLY,
    MapIndicator,
    UnitValue,
    column_values,
    shown_indicator,
    shown_units,
)
from atlas.web.layer_settings import figure_words
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.palette import NO_DATA, NO_REPORT, NOT_COMPARABLE, STALE_GREY, ramp_colours
from atlas.web.questions import question_asked
from atlas.web.tiles import tile_credit

UNANSWERED = "unanswered"
"""Of units without a figure: a need that nothing answers."""

MOST_CLASSES = 5
MOST_COUNTED = 100
"""Up to here a class of counts ends before the next begins: 3 – 7, 8 – 14."""


@dataclass(frozen=True)
class ValueClasses:
    """Classes of positive values.

    Attributes
    ----------
    lower
        Lowest value of each class, ascending.
    upper
        Highest value of each class.
    method
        ``"values"`` (every value its own class) or ``"quantiles"`` (as many units in each
        class as ties allow, limits rounded).
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    method: str

    def class_index(self, value: float) -> int:
        """Index of the class a value falls in."""
        return max(bisect_right(self.lower, value) - 1, 0)

    def __len__(self) -> int:
        return len(self.lower)


def classified_values(
    values: Sequence[float | None], most: int = MOST_CLASSES, *, zero: bool = False
) -> ValueClasses:
    """Classes of the positive values; unknown and zero have signs of their own.

    Quantiles, because counts and budgets are skewed: equal steps would put all units but
    one in the first class. Limits are rounded down, to steps that are said in a word where
    that leaves no class empty, so that a legend can be read aloud.

    Parameters
    ----------
    values
        One per unit; ``None`` is unknown.
    most
        Classes at most.
    zero
        Whether 0 is a value as any other (a severity that somebody stated).

    Examples
    --------
    >>> classified_values([1, 1, 2, 5, None, 0]).lower
    (1, 2, 5)
    >>> classified_values([3, 4, 8, 15, 16, 23, 42, 1234], most=4)
    ValueClasses(lower=(3, 8, 15.0, 40.0), upper=(4, 8, 23, 1234), method='quantiles')
    """
    known = sorted(v for v in values if v is not None and (v > 0 or (zero and v == 0)))
    distinct = sorted(set(known))
    if len(distinct) <= most:
        return ValueClasses(tuple(distinct), tuple(distinct), "values")
    cuts = [known[len(known) * i // most] for i in range(1, most)]
    candidates = ([rounded(v) for v in (known[0], *cuts)] for rounded in (_step_below, _two_digits))
    lower = next(filter(partial(_fills_all, known), candidates), sorted({known[0], *cuts}))
    ends = [bisect_left(known, low) for low in lower[1:]]
    return ValueClasses(tuple(lower), tuple(known[end - 1] for end in (*ends, 0)), "quantiles")


_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def _step_below(value: float) -> float:
    """The largest step that is not above a value: 1, 1.5, 2 … times a power of ten."""
    if value <= 0 or (value < 10 and value == int(value)):
        return value
    size = 10.0 ** floor(log10(value))
    return max(step * size for step in _STEPS if step * size <= value)


def _two_digits(value: float) -> float:
    size = 10 ** (floor(log10(value)) - 1) if value >= 100 else 1
    return float(floor(value / size) * size) if value >= 100 else value


def _fills_all(known: Sequence[float], lower: Sequence[float]) -> bool:
    """Whether each class that begins at one of these limits has a value."""
    begins = [bisect_left(known, low) for low in lower]
    return all(one < other for one, other in pairwise([*begins, len(known)]))


PATTERN_FILLS = {
    NO_REPORT: "url(#no-report)",
    NO_DATA: "url(#no-data)",
    NOT_COMPARABLE: "url(#not-comparable)",
    REPORTED_NONE: "#f2f2f2",
    STOPPED_ONLY: "#d9d2c5",
    UNANSWERED: "url(#unanswered)",
    NO_FIGURE: "#e3e8ee",
    OUT_OF_DATE: STALE_GREY,
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
CLASS_OUTLINES = {"access_priority": ("#1a1a1a", 2.6), "nexus_priority": ("#5b3fa0", 2.0)}
"""Colour and width of the outline of each class of priority: the fill is what nothing answers."""
MOST_LABELS = 16
CIRCLE_RADII = {"region": (8, 23), "cercle": (5, 17), "commune": (3, 10)}


@dataclass(frozen=True)
class MapPainting:
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

    indicator: MapIndicator
    values: tuple[UnitValue, ...]
    classes: ValueClasses
    palette: tuple[str, ...]
    states: tuple[str, ...]


def map_painting(scene: PageScene) -> MapPainting:
    """Ask for the indicator of the page and give every unit its class or its sign."""
    return painting_of_values(scene, shown_unit_values(scene, shown_indicator(scene)))


def painting_of_values(scene: PageScene, given: Sequence[UnitValue]) -> MapPainting:
    """Classes, colours and states of some values of the indicator of a page.

    Values of several maps together make the one legend of all of them.
    """
    indicator, values = shown_indicator(scene), tuple(given)
    present: list[str] = []
    if indicator.words is None:
        present = [s for s in STATE_FILLS if any(v.state == s for v in values)]
        palette = tuple(STATE_FILLS[s] for s in present)
        classes = ValueClasses((), (), "states")
    else:
        classes = classified_values([v.value for v in values], zero=indicator.zero)
        palette = tuple(ramp_colours(indicator.colours, len(classes))) if len(classes) else ()
        if indicator.scale and indicator.scale(scene)[1] == "lower_is_worse":
            palette = palette[::-1]  # the dark is always the worst
    signs = [s for s in PATTERN_FILLS if any(_unit_sign(v, indicator) == s for v in values)]
    return MapPainting(indicator, values, classes, palette, (*present, *signs))


def painting_props(painted: MapPainting, scene: PageScene) -> dict[str, Any]:
    """The painting as ``assets/map.js`` reads it."""
    largest = max(painted.classes.upper, default=0) or 1
    low, high = CIRCLE_RADII[scene.view.level]
    units: dict[str, list[Any]] = {}
    for v in painted.values:
        text = unit_text(v, painted.indicator, scene.view.filters.kind)
        entry: list[Any] = [unit_fill(v, painted), text]
        if v.value:
            entry.append(round(low + (high - low) * sqrt(v.value / largest), 1))
        if v.mark:
            entry += [0] * (3 - len(entry)) + [v.mark]
        units[v.unit_id] = entry
    return {
        "palette": list(painted.palette),
        "signs": PATTERN_FILLS,
        "units": units,
        "level": scene.view.level,
        "labels": _label_rule(painted, scene.view.level),
        "selected": scene.view.zone,
        "inner": ""
        if (finer := inner_level(scene.view.level, scene.viewer)) == Level.REGION
        else str(finer),
        "focus": ",".join(scene.view.filters.unit) or _perimeter_units(painted),
        "marks": CLASS_OUTLINES,
        "ringed": painted.indicator.of_perimeter,
        "zoom": [_("Agrandir"), _("Réduire")],
        "bases": {
            "estimated": _("limites estimées"),
            "unassigned": _("limites des cercles de 2023 inconnues"),
        },
    }


def _perimeter_units(painted: MapPainting) -> str:
    """Units of a perimeter, which the map then frames."""
    units = painted.values if painted.indicator.of_perimeter else ()
    return ",".join(value.unit_id for value in units)


def _label_rule(painted: MapPainting, level: str) -> str:
    """Which units carry their name: all régions, else those with a figure if they are few."""
    if level == Level.REGION:
        return "all"
    known = sum(has_figure(v, painted.indicator) for v in painted.values)
    return "known" if known <= MOST_LABELS else "none"


def unit_text(v: UnitValue, indicator: MapIndicator, kinds: Collection[str] = DEFAULT_KINDS) -> str:
    """What a unit says when pointed at, exact; ``kinds`` are those of the entries counted."""
    sign = _unit_sign(v, indicator)
    if indicator.words is None or v.value is None or sign:
        text = capitalised(state_text(told_state(v, indicator), indicator))
    else:
        text = indicator.words(v.value, kinds)
    return "\n".join(part for part in (text, v.note) if part)


def told_state(v: UnitValue, indicator: MapIndicator) -> str:
    """The state that stands for the figure of a unit without one."""
    sign = _unit_sign(v, indicator)
    return v.state if sign is None or sign == NO_FIGURE else sign


def state_text(state: str, indicator: MapIndicator) -> str:
    """A state, said for what the map shows: what exactly is unknown."""
    own = {NO_DATA: indicator.unknown, NO_FIGURE: indicator.none}
    indicator_text = own.get(state)
    return _(indicator_text) if indicator_text else label("state", state)


def unit_fill(v: UnitValue, painted: MapPainting) -> int | str:
    """Index of the class or state of a unit among the colours, else its sign."""
    sign = _unit_sign(v, painted.indicator)
    if sign:
        return sign
    if painted.indicator.words is None:
        return [s for s in painted.states if s in STATE_FILLS].index(v.state)
    return painted.classes.class_index(v.value or 0)


def has_figure(v: UnitValue, indicator: MapIndicator) -> bool:
    """Whether a unit has a figure to draw: a count of none has not, a severity of none has."""
    return v.value is not None if indicator.zero else bool(v.value)


def _unit_sign(v: UnitValue, indicator: MapIndicator) -> str | None:
    """Sign of a unit that has no figure to colour; no state is taken for another."""
    if indicator.words is None:
        return v.state if v.state in PATTERN_FILLS else None
    if has_figure(v, indicator):
        return None
    if v.state in PATTERN_FILLS:
        return v.state
    if indicator.unknown and v.activities != 0:  # it says what a figure that lacks is
        return NO_DATA
    return UNANSWERED if v.state == GAP else NO_FIGURE


def shown_unit_values(scene: PageScene, indicator: MapIndicator) -> list[UnitValue]:
    """One value per unit asked for, reserved rows left to the tables."""
    inside = shown_units(scene)
    if indicator.values is None:
        values = column_values(scene, indicator.layer, indicator.column)
    else:
        values = indicator.values(scene)
    return values if inside is None else [v for v in values if v.unit_id in inside]


def map_heading(scene: PageScene, painted: MapPainting) -> list[Any]:
    """Title of the map: indicator, place and period; below, what it is and is not."""
    title = map_title(scene, painted)
    return [
        _zone_path(scene),
        html.Div([html.H2(title), _indicator_buttons(scene)], className="map-title"),
        html.P([situation_note(scene), *_links_to_several()], className="situation"),
        *(html.P(line, className="situation paper-only") for line in filters_line(scene)),
    ]


def _links_to_several() -> Iterable[Any]:
    """Ways to the pages of several maps."""
    pages = (
        (
            "compare",
            _("Comparer"),
            _("Deux indicateurs, états ou découpages, côte à côte"),
        ),
        ("months", _("Mois par mois"), _("La carte à la fin de chaque mois, à faire défiler")),
    )
    for name, words, hint in pages:
        yield " "
        yield downloads.question_file(f"/maps/{name}", words, hint)


def filters_line(scene: PageScene) -> list[str]:
    """The filters in words, where there are any: on paper no control says them."""
    asked = scene.view.filters
    return (
        [_("Filtres : {filters}.", filters=filters_in_words(asked))] if asked != Filters() else []
    )


def map_title(scene: PageScene, painted: MapPainting) -> str:
    """What the map shows, where and of what time."""
    data, view = scene.data, scene.view
    assert data is not None
    period = _map_period(scene)
    places = [data.frames.unit_label(u) for u in view.filters.unit] or ["Mali"]
    return _(
        "{what} par {level} – {where}",
        what=_indicator_title(scene, painted),
        level=label("level", view.level),
        where=", ".join(places + [period] * (period != formats.UNKNOWN)),
    )


def _map_period(scene: PageScene) -> str:
    """Of what time the map is."""
    indicator = shown_indicator(scene)
    if indicator.period:
        return indicator.period(scene)
    if indicator.stated_facts:
        return formats.day_text(_map_documents(scene)[1])
    return asked_years_text(scene)


def _zone_path(scene: PageScene) -> html.Nav | None:
    """Where the map is: the country, then what holds the one zone that is shown."""
    held, frames = scene.view.filters.unit, scene.data.frames if scene.data else None
    if frames is None or len(held) != 1 or held[0] not in frames:
        return None
    zones = [frames.unit_by_id(held[0])]
    while zones[0].parent:
        zones.insert(0, frames.unit_by_id(zones[0].parent))
    country = html.Button("Mali", **url_change(unit="", level="", zone=""))
    above = [html.Button(one.name, **zone_change(scene, one)) for one in zones[:-1]]
    here = html.Span(zones[-1].name, **html_attributes(aria_current="location"))
    label_ = html_attributes(aria_label=_("Chemin de la zone"))
    return html.Nav([country, *above, here], className="zone-path", **label_)


def zone_change(scene: PageScene, zone: AdminUnit) -> dict[str, Any]:
    """A click on this shows a zone alone, by the next finer units that the viewer may see."""
    level = inner_level(zone.level, scene.viewer)
    coarsest = "" if level is Level.REGION else str(level)
    return url_change(unit=[zone.unit_id], level=coarsest, frame=zone.frame, zone="")


def _indicator_buttons(scene: PageScene) -> html.Div | None:
    """What else the map may show for the question."""
    view = scene.view
    names = [
        name
        for name in question_asked(view.tab, view.indicator).indicators
        if scene.viewer.reaches(LAYERS[MAP_INDICATORS[name].layer].offered_to)
    ]
    if len(names) < 2:
        return None
    buttons = [
        html.Button(
            _(MAP_INDICATORS[name].label),
            **html_attributes(
                aria_pressed=str(MAP_INDICATORS[name] is shown_indicator(scene)).lower()
            ),
            **url_change(indicator=name),
        )
        for name in names
    ]
    group = html_attributes(aria_label=_("Ce que montre la carte"))
    return html.Div(buttons, className="indicators", role="group", **group)


def _indicator_title(scene: PageScene, painted: MapPainting) -> str:
    """What the map shows; plans, where they are counted, are called plans."""
    plans = painted.indicator.title_with_plans if scene.view.counts_plans else ""
    title = _(plans or painted.indicator.title)
    return figure_words(scene, painted.indicator.layer, title)


def asked_years_text(scene: PageScene) -> str:
    """The period of the page, in years."""
    data, asked = scene.data, scene.view.filters
    assert data is not None
    if asked.year:
        return ", ".join(map(str, asked.year))
    first, last = data.reported_period(scene.viewer) or (None, None)
    return formats.years_text((asked.since or first, asked.until or last))


def situation_note(scene: PageScene) -> str:
    """Of what time the data are, and that they are not the present situation."""
    data, asked = scene.data, scene.view.filters
    assert data is not None
    if shown_indicator(scene).stated_facts:
        day = formats.day_text(_map_documents(scene)[1])
        if day == formats.UNKNOWN:
            return _("Aucun fait n'est chargé.")
        return _("Faits datés, pas la situation actuelle ; les plus récents : {day}.", day=day)
    if asked.at:
        text = _("Activités en cours le {day}.", day=formats.day_text(asked.at))
    else:
        text = _(
            "Données de {period}, pas la situation actuelle ; document le plus récent : {day}.",
            period=asked_years_text(scene),
            day=formats.day_text(data.as_of),
        )
    parts = [text, _("Plans inclus.") if scene.view.counts_plans else "", _frame_reason(scene)]
    return " ".join(part for part in parts if part)


def _frame_reason(scene: PageScene) -> str:
    """Why the découpage is not the one in force, where nobody chose it."""
    data = scene.data
    assert data is not None
    n, shown, usual = data.frame_gain(scene.viewer), data.default_frame, data.frame_in_force
    if scene.view.frame or n <= 0:
        return ""
    return ngettext(
        "Montré dans le {shown} : il place {n} activité ou présence de plus que celui en vigueur, "
        "le {usual}.",
        "Montré dans le {shown} : il place {n} activités et présences de plus que celui en "
        "vigueur, le {usual}.",
        n,
        shown=label("frame", shown),
        usual=label("frame", usual),
    )


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: how it is drawn, and what that says.

    Attributes
    ----------
    colour
        Of the units drawn so; "" where ``sign`` or ``hatch`` says it.
    sign
        Name of the sign in the style sheet: ``sign-no_report``, ``mark-access_priority``.
    hatch
        Ink and angle, of shapes of facts.
    exact
        The same in full, where the text is short.
    """

    text: str
    colour: str = ""
    sign: str = ""
    hatch: tuple[str, int] | None = None
    exact: str | None = None


def legend_entries(scene: PageScene, painted: MapPainting) -> list[LegendEntry]:
    """Classes, states and outlines that appear, shapes of facts, estimated limits."""
    return [
        *(_class_entry(painted, i) for i in range(len(painted.classes))),
        *(_state_entry(state, painted) for state in painted.states),
        *(
            LegendEntry(label("class", kind), sign=f"mark-{kind}")
            for kind in CLASS_OUTLINES
            if any(v.mark == kind for v in painted.values)
        ),
        *(LegendEntry(words, hatch=sign) for sign, words in fact_shapes.shape_legend(scene)),
        *_estimated_limits(scene),
    ]


class UnitClass(NamedTuple):
    """A class or a state of the map, with its line of the legend and its units.

    ``state`` is "" of a class, ``limits`` are ``None`` of a state.
    """

    entry: LegendEntry
    units: tuple[str, ...]
    state: str = ""
    limits: tuple[float, float] | None = None


def unit_classes(painted: MapPainting) -> list[UnitClass]:
    """Classes and states that appear, in the order of the legend, each with its units."""
    units: dict[int | str, list[str]] = {}
    for v in painted.values:
        units.setdefault(unit_fill(v, painted), []).append(v.unit_id)
    limits = enumerate(zip(painted.classes.lower, painted.classes.upper, strict=True))
    classes = [
        UnitClass(_class_entry(painted, i), tuple(units.get(i, ())), limits=both)
        for i, both in limits
    ]
    own = [state for state in painted.states if state in STATE_FILLS]
    return classes + [
        UnitClass(
            _state_entry(state, painted),
            tuple(units.get(own.index(state) if state in own else state, ())),
            state,
        )
        for state in painted.states
    ]


def legend_notes(scene: PageScene, painted: MapPainting) -> list[str]:
    """Of which scale the figures are, how they were put into classes, which needs they are of."""
    *scale, method = table_notes(scene, painted)
    return [*scale, f"{method} {_circles_note(scene, painted)}"]


def table_notes(scene: PageScene, painted: MapPainting) -> list[str]:
    """The same of a table, which has no circles."""
    method = f"{_class_method(painted)} {_needs_note(scene, painted)}"
    return [*_severity_scale(scene, painted), method]


def table_legend(scene: PageScene, painted: MapPainting) -> list[Any]:
    """The legend of a table with the signs of the map."""
    *scale, method = table_notes(scene, painted)
    classes = [_legend_item(found.entry) for found in unit_classes(painted)]
    return [
        html.Strong(_(painted.indicator.label)),
        *(html.P(line, className="method") for line in scale),
        html.Ul(classes),
        html.P(method, className="method"),
    ]


def map_legend(scene: PageScene, painted: MapPainting) -> list[Any]:
    """Class limits, method, and the signs of what is unknown."""
    *scale, method = legend_notes(scene, painted)
    classes, level = unit_classes(painted), Level(scene.view.level)
    coloured = [len(found.units) for found in classes if found.state not in PATTERN_FILLS]
    most = max(coloured, default=0) or 1
    others = legend_entries(scene, painted)[len(classes) :]
    units = html.Span(formats.level_name(level, len(painted.values)), className="count-head")
    return [
        html.Strong([_(painted.indicator.label), units if classes else None]),
        *(html.P(line, className="method") for line in scale),
        html.Ul(
            [
                *(_class_item(scene, found, most) for found in classes),
                *(_legend_item(one) for one in others),
            ]
        ),
        html.P(method, className="method"),
    ]


def _class_item(scene: PageScene, found: UnitClass, most: int) -> html.Li:
    """A class with how many units are in it, and the zone that is open where it is one of them.

    Parameters
    ----------
    most
        Units of the largest class, whose bar is whole; that of a sign for many more is no longer.
    """
    n, item = len(found.units), _legend_item(found.entry)
    share = {"--share": f"{min(100 * n / most, 100):.0f}%"}
    item.children.append(html.Span(formats.number_text(n), className="count", style=share))
    if scene.view.zone in found.units:
        assert scene.data is not None
        name = scene.data.frames.unit_by_id(str(scene.view.zone)).name
        item.children[1] = html.Span([found.entry.text, html.B(name, className="here")])
    return item


def _legend_item(one: LegendEntry) -> html.Li:
    style = {"background": one.colour} if one.colour else {}
    if one.hatch:
        ink, angle = one.hatch
        stripes = (
            f"repeating-linear-gradient({angle + 90}deg, {ink} 0 1.5px, transparent 1.5px 5px)"
        )
        style = {"background": stripes, "borderColor": ink}
    swatch = html.Span(className=f"swatch {one.sign}".rstrip(), style=style or None)
    return html.Li([swatch, html.Span(one.text)], title=one.exact)


def _severity_scale(scene: PageScene, painted: MapPainting) -> list[str]:
    """Which scale the severities are of, and which end of it is bad."""
    scale, direction = painted.indicator.scale(scene) if painted.indicator.scale else ("", "")
    if not scale:
        return []
    scale_text = _(
        "échelle {scale} : {direction}", scale=scale, direction=label("direction", direction)
    )
    return [scale_text if direction else scale]


def _needs_note(scene: PageScene, painted: MapPainting) -> str:
    """Which needs the states and classes of coverage were set against, and how old they are."""
    if "needs" not in painted.indicator.context:
        return ""
    answer = layer_answer(scene, "coverage")
    return need_sources_text(answer.table.filter(~pl.col("need_unknown")), answer.meta["reference"])


def _estimated_limits(scene: PageScene) -> list[LegendEntry]:
    """How many cercles have limits that are estimated, and the communes that none is known of."""
    data, view = scene.data, scene.view
    assert data is not None
    n = shapes.count_by_basis(view.frame or data.default_frame, view.level).get("estimated", 0)
    if not n:
        return []
    estimated_text = ngettext("limites estimées : {n} cercle", "limites estimées : {n} cercles", n)
    unknown = estimated.cercle_memberships()["cercle"].null_count()
    white = ngettext("cercle inconnu : {n} commune", "cercle inconnu : {n} communes", unknown)
    from_what = _(
        "Communes sans cercle de 2023 publié : dessinées avec leurs voisines, leur ancien "
        "cercle ou le cercle de leur nom (listes publiques lues le {day}). Le dessin seul est "
        "estimé, aucun chiffre.",
        day=formats.day_text(estimated.AS_OF),
    )
    return [
        LegendEntry(estimated_text, sign="sign-estimated", exact=from_what),
        LegendEntry(white, sign="sign-unassigned"),
    ]


def _circles_note(scene: PageScene, painted: MapPainting) -> str:
    data, view = scene.data, scene.view
    assert data is not None
    points = shapes.count_by_basis(view.frame or data.default_frame, view.level).get("point")
    return _("Ronds : taille selon la valeur.") if points and len(painted.classes) else ""


def _class_entry(painted: MapPainting, i: int) -> LegendEntry:
    classes, form = painted.classes, painted.indicator.form
    low, high = classes.lower[i], classes.upper[i]
    end = high
    if classes.method == "quantiles" and i + 1 < len(classes):  # to where the next one begins
        end = classes.lower[i + 1] - (form is COUNT_FORM and classes.lower[i + 1] <= MOST_COUNTED)
    text, exact = (
        " – ".join(dict.fromkeys((write(low), write(last)))) + form.sign
        for write, last in ((form.short, end), (form.exact, high))
    )
    return LegendEntry(text, painted.palette[i], exact=exact)


def _state_entry(state: str, painted: MapPainting) -> LegendEntry:
    words = state_text(state, painted.indicator)
    if state in STATE_FILLS:
        return LegendEntry(words, STATE_FILLS[state])
    return LegendEntry(words, sign=f"sign-{state}")


def _class_method(painted: MapPainting) -> str:
    if painted.indicator.method:
        return _(painted.indicator.method)
    if painted.classes.method == "values":
        return _("Une couleur par valeur.") if len(painted.classes) else ""
    n = len(painted.classes)
    return ngettext("{n} classe, quantiles arrondis.", "{n} classes, quantiles arrondis.", n)


def map_sources(scene: PageScene) -> list[Any]:
    """Source and date of every layer, découpage, and the two sentences every map carries."""
    return [html.P(line) for line in source_lines(scene)]


def source_lines(scene: PageScene, *, with_tiles: bool = True) -> list[str]:
    """What `map_sources` says, a sentence or two a line.

    Parameters
    ----------
    with_tiles
        Whether the map is drawn over the tiles of the operator.
    """
    data, view = scene.data, scene.view
    assert data is not None
    frame = view.frame or data.default_frame
    origins, day = _map_documents(scene)
    named = " ; ".join(origins) or _("documents importés")
    credit = tile_credit() if with_tiles else None
    lines = [
        _("Sources : {origins}. Situation au {day}.", origins=named, day=formats.day_text(day))
        if day
        else "",
        boundary_text(frame, view.level),
        _("Fond de carte : {credit}.", credit=credit) if credit else "",
        _(
            "Les frontières, noms et désignations de cette carte n'impliquent ni "
            "reconnaissance ni acceptation officielle par l'Organisation des Nations Unies."
        ),
    ]
    return [line for line in lines if line]


def _map_documents(scene: PageScene) -> tuple[list[str], date | None]:
    """Publishers behind what the map shows, and the day of the newest of their documents."""
    data = scene.data
    assert data is not None
    indicator = shown_indicator(scene)
    if indicator.stated_facts is None:
        facts = scene.tables.context.filter(pl.col("kind").is_in(indicator.context))
        publishers = _document_publishers(scene, facts) if indicator.context else []
        origins = list(
            dict.fromkeys([*layer_answer(scene, "presence").document_origins, *publishers])
        )
        judged = "needs" in indicator.context
        day = layer_answer(scene, "coverage").meta["reference"] if judged else data.as_of
        return origins, day if isinstance(day, date) else data.as_of
    facts = indicator.stated_facts(scene)
    documents = data.documents_read(scene.viewer).filter(
        pl.col("document").is_in(facts["document"].implode())
    )
    newest = max((d["as_of"] for d in documents.to_dicts() if d["as_of"]), default=None)
    return _document_publishers(scene, facts), newest


def _document_publishers(scene: PageScene, facts: pl.DataFrame) -> list[str]:
    """Who published the documents of these facts; the name of the file where nobody says."""
    assert scene.data is not None
    of_facts = pl.col("document").is_in(facts["document"].unique().implode())
    documents = scene.data.documents_read(scene.viewer).filter(of_facts)
    origin = pl.when(pl.col("origin") != "").then("origin")
    names = documents.select(pl.coalesce(origin, "file")).to_series()
    return names.drop_nulls().unique(maintain_order=True).to_list()
