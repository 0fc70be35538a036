"""The map of the page as a style for QGIS: the same classes, signs, colours and words."""

from __future__ import annotations

from dataclasses import replace

from atlas.dataset import Answer, Dataset
from atlas.export.qgis_style import SOLID, StyleRule, quoted
from atlas.model import Viewer
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.map_view import PATTERN_FILLS, MapPainting, map_painting, unit_classes
from atlas.web.page_state import PageScene, PageView
from atlas.web.palette import BOUNDARY_GREY, WARM_RAMP

_BRUSHES = {
    "url(#no-report)": (BOUNDARY_GREY, "dense6"),
    "url(#no-data)": (BOUNDARY_GREY, "b_diag"),
    "url(#not-comparable)": (BOUNDARY_GREY, "diagonal_x"),
    "url(#unanswered)": (WARM_RAMP[4], "dense7"),
}
"""The patterns of the page as QGIS has them: dots, hatch, cross-hatch, crosses."""


def styled_answer(scene: PageScene, answer: Answer) -> Answer:
    """The answer of the layer that a map shows, with how the map draws it."""
    return replace(answer, meta={**answer.meta, "style": style_rules(map_painting(scene))})


def styled_layer(data: Dataset, answer: Answer, viewer: Viewer) -> Answer:
    """The answer of a layer as its map in the page draws it; as it is where it has none."""
    named = (name for name, one in MAP_INDICATORS.items() if one.layer == answer.layer)
    indicator = next(named, None)
    if indicator is None:
        return answer
    said = answer.meta.get("options")
    options = said.items() if isinstance(said, dict) else ()
    told = tuple((f"{answer.layer}.{name}", str(value)) for name, value in options)
    view = PageView(answer.filters, answer.frame, answer.level, indicator, options=told)
    return styled_answer(PageScene(data, view, viewer), answer)


def style_rules(painted: MapPainting) -> list[StyleRule]:
    """A rule for each class and state that the map shows, in the order of its legend.

    A class of a column is told by its limits, so that the style holds for other rows too;
    what a unit has no figure for, by the units.
    """
    rules = []
    for found in unit_classes(painted):
        fill = PATTERN_FILLS.get(found.state, found.entry.colour)
        colour, brush = _BRUSHES.get(fill, (fill, SOLID))
        units = ", ".join(quoted(unit) for unit in found.units)
        where = f'"unit_id" IN ({units})' if units else "FALSE"
        if found.limits and painted.indicator.values is None:
            low, high = found.limits
            column = f'"{painted.indicator.column}"'
            where = f"{column} >= {low!r} AND {column} <= {high!r}"
        rules.append(StyleRule(found.entry.text, where, colour, brush))
    return rules
