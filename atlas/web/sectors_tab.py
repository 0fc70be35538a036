"""What the map shows, sector by sector: a table of zones × sectors, and the maps of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.vocab import vocabulary_table
from atlas.web import downloads, map_view
from atlas.web.indicators import UnitValue, shown_indicator
from atlas.web.map_view import STATE_FILLS, LegendEntry, MapPainting
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note, plain_table, table_note
from atlas.web.palette import NO_DATA, NO_REPORT

SECTOR_MAPS_PATH = "/maps/sectors"


@dataclass(frozen=True)
class SectorPaintings:
    """The map of each sector, all with one legend.

    Attributes
    ----------
    maps
        Scene and painting of each sector of which something is known.
    together
        The painting of all values: classes and states of the one legend.
    empty
        Sectors of which no unit has a figure or a state.
    """

    maps: dict[str, tuple[PageScene, MapPainting]]
    together: MapPainting
    empty: tuple[str, ...]


def sector_paintings(scene: PageScene) -> SectorPaintings:
    """Ask the question of the page for each sector, or for those that it names."""
    filters = scene.view.filters
    scenes, values = {}, {}
    for sector in filters.sector or vocabulary_table("sectors")["id"]:
        view = scene.view.but(filters=filters.with_changes(sector=(sector,)))
        scenes[sector] = replace(scene, view=view)
        values[sector] = map_view.shown_unit_values(scenes[sector], shown_indicator(scene))
    told = [sector for sector in values if _tells_something(scene, values[sector])]
    together = map_view.painting_of_values(scene, [v for s in told for v in values[s]])
    maps = {s: (scenes[s], replace(together, values=tuple(values[s]))) for s in told}
    return SectorPaintings(maps, together, tuple(s for s in values if s not in told))


def _tells_something(scene: PageScene, values: Sequence[UnitValue]) -> bool:
    indicator = shown_indicator(scene)
    return any(
        map_view.has_figure(v, indicator)
        or map_view.told_state(v, indicator) not in (NO_REPORT, NO_DATA)
        for v in values
    )


def sector_table(scene: PageScene) -> pl.DataFrame:
    """One row per unit and sector: the figure of the map, or the state that stands for it."""
    if not shown_indicator(scene).by_sector:
        return _table_of([])
    rows = []
    for sector, (_scene, painted) in sector_paintings(scene).maps.items():
        for v in painted.values:
            of = painted.indicator
            told: tuple[Any, ...] = (v.value, None)
            if not map_view.has_figure(v, of):
                told = None, map_view.state_text(map_view.told_state(v, of), of)
            rows.append((v.unit_id, v.name, sector, _(of.label), *told))
    return _table_of(rows)


def _table_of(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    text = ("unit_id", "unit_name", "sector", "indicator")
    schema = dict.fromkeys(text, pl.String) | {"figure": pl.Float64, "state": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def sectors_content(scene: PageScene) -> list[Any]:
    """A row a zone, a column a sector, with the colours of the map and one legend."""
    indicator = shown_indicator(scene)
    if not indicator.by_sector:
        return [not_by_sector_note(scene)]
    paintings = sector_paintings(scene)
    if not paintings.maps:
        return [empty_note(_(indicator.nothing))]
    swatches = _swatches(paintings.together)
    columns = [painted.values for _scene, painted in paintings.maps.values()]
    rows = [
        [units[0].name, *(_cell(v, paintings.together, swatches) for v in units)]
        for units in zip(*columns, strict=True)
    ]
    heads = [_("Zone"), *(_sector_head(sector) for sector in paintings.maps)]
    title = _("{what} par zone et par secteur", what=_(indicator.title))
    numeric = range(1, len(heads)) if indicator.words else ()
    return [
        table_note(title + ".", downloads.download_links("secteurs")),
        downloads.question_file(
            SECTOR_MAPS_PATH, _("Une carte par secteur"), _("Les cartes côte à côte, une légende")
        ),
        plain_table(heads, rows, tuple(numeric), caption=title),
        html.Div(map_view.table_legend(scene, paintings.together), className="legend-below"),
        *(empty_note(line) for line in sector_notes(scene, paintings)),
    ]


def not_by_sector_note(scene: PageScene) -> html.P:
    """That what the map shows is of no sector, and what to do."""
    return empty_note(
        _(
            "« {what} » ne se dit pas par secteur : choisissez un autre indicateur.",
            what=_(shown_indicator(scene).label),
        )
    )


def sector_notes(scene: PageScene, paintings: SectorPaintings) -> list[str]:
    """What the sectors leave out, and that they do not add up."""
    assert scene.data is not None
    view = scene.view
    lines = [_("Une activité de plusieurs secteurs est dans chacun : ne les additionnez pas.")]
    if paintings.empty:
        names = ", ".join(label("sectors", sector) for sector in paintings.empty)
        lines.append(_("Rien de connu, ce qui n'est pas zéro : {sectors}.", sectors=names))
    counted = summaries.activities_by_sector(
        scene.data, view.filters, view.frame, view.level, scene.viewer
    )
    if unknown := sum(n for sector, n in counted if sector is None):
        shown = formats.number_text(unknown)
        lines.append(
            ngettext(
                "{shown} activité sans secteur connu n'est dans aucun.",
                "{shown} activités sans secteur connu ne sont dans aucun.",
                unknown,
                shown=shown,
            )
        )
    return lines


def _sector_head(sector: str) -> html.Button:
    """The name of a sector; a click shows it alone on the map."""
    return html.Button(
        label("sectors", sector),
        className="sector-head",
        title=_("Montrer ce secteur seul"),
        **url_change(sector=[sector]),
    )


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
