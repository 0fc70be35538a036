"""The map of the page asked again and again: one of each sector, one of each month, one legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import html

from atlas.i18n import _
from atlas.web import map_view
from atlas.web.indicators import UnitValue, shown_indicator
from atlas.web.map_view import STATE_FILLS, LegendEntry, MapPainting
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import PageScene, PageView
from atlas.web.page_tables import plain_table
from atlas.web.palette import NO_DATA, NO_REPORT


@dataclass(frozen=True)
class MapSeries:
    """Several maps of one indicator, all with one legend.

    Attributes
    ----------
    maps
        Scene and painting of each of which something is known, by its key.
    together
        The painting of all values: classes and states of the one legend.
    empty
        Keys of those in which no unit has a figure or a state.
    """

    maps: dict[str, tuple[PageScene, MapPainting]]
    together: MapPainting
    empty: tuple[str, ...]


def painted_series(scene: PageScene, views: Mapping[str, PageView]) -> MapSeries:
    """The maps of some views of the page, all of the indicator that it shows."""
    scenes = {key: replace(scene, view=view) for key, view in views.items()}
    indicator = shown_indicator(scene)
    values = {key: map_view.shown_unit_values(one, indicator) for key, one in scenes.items()}
    told = [key for key in values if _tells_something(scene, values[key])]
    together = map_view.painting_of_values(scene, [v for key in told for v in values[key]])
    maps = {key: (scenes[key], replace(together, values=tuple(values[key]))) for key in told}
    return MapSeries(maps, together, tuple(key for key in values if key not in told))


def _tells_something(scene: PageScene, values: Sequence[UnitValue]) -> bool:
    indicator = shown_indicator(scene)
    return any(
        map_view.has_figure(v, indicator)
        or map_view.told_state(v, indicator) not in (NO_REPORT, NO_DATA)
        for v in values
    )


def series_table(series: MapSeries | None, column: str) -> pl.DataFrame:
    """One row per unit and map: the figure of the map, or the state that stands for it.

    Parameters
    ----------
    column
        What the keys of the maps are called.
    """
    rows = []
    for key, (_scene, painted) in series.maps.items() if series else ():
        of = painted.indicator
        for v in painted.values:
            told: tuple[Any, ...] = (v.value, None)
            if not map_view.has_figure(v, of):
                told = None, map_view.state_text(map_view.told_state(v, of), of)
            rows.append((v.unit_id, v.name, key, _(of.label), *told))
    text = ("unit_id", "unit_name", column, "indicator")
    schema = dict.fromkeys(text, pl.String) | {"figure": pl.Float64, "state": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def series_in_columns(series: MapSeries, heads: Sequence[Any], caption: str) -> html.Div:
    """A row a zone, a column a map, with the signs of the legend."""
    swatches = _swatches(series.together)
    columns = [painted.values for _scene, painted in series.maps.values()]
    rows = [
        [units[0].name, *(_cell(v, series.together, swatches) for v in units)]
        for units in zip(*columns, strict=True)
    ]
    numeric = range(1, len(heads) + 1) if series.together.indicator.words else ()
    return plain_table([_("Zone"), *heads], rows, tuple(numeric), caption=caption)


def _swatches(together: MapPainting) -> dict[int | str, LegendEntry]:
    """How the legend draws each class and state."""
    entries = [one.entry for one in map_view.unit_classes(together)]
    own = [state for state in together.states if state in STATE_FILLS]
    keys = [
        *range(len(together.classes)),
        *(own.index(s) if s in own else s for s in together.states),
    ]
    return dict(zip(keys, entries, strict=True))


def _cell(v: UnitValue, together: MapPainting, swatches: dict[int | str, LegendEntry]) -> Any:
    """The sign of the map, then the figure; the sign alone where there is none."""
    entry = swatches[map_view.unit_fill(v, together)]
    words = map_view.unit_text(v, together.indicator)
    name = {"role": "img", "title": words} | html_attributes(aria_label=words)
    style = {"background": entry.colour} if entry.colour else None
    swatch = html.Span(className=f"swatch {entry.sign}".rstrip(), style=style, **name)
    if map_view.has_figure(v, together.indicator):
        form = together.indicator.form
        return [swatch, " ", form.short(v.value) + form.sign]
    return swatch
