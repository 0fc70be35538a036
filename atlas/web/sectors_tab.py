"""What the map shows, sector by sector: a table of zones × sectors, and the maps of each."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.vocab import vocabulary_table
from atlas.web import downloads, map_view
from atlas.web.indicators import shown_indicator
from atlas.web.map_series import MapSeries, painted_series, series_in_columns, series_table
from atlas.web.page_elements import url_change
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note, table_note

SECTOR_MAPS_PATH = "/maps/sectors"


def sector_series(scene: PageScene) -> MapSeries:
    """Ask the question of the page for each sector, or for those that it names."""
    filters = scene.view.filters
    sectors = filters.sector or vocabulary_table("sectors")["id"]
    views = {s: scene.view.but(filters=filters.with_changes(sector=(s,))) for s in sectors}
    return painted_series(scene, views)


def sector_table(scene: PageScene) -> pl.DataFrame:
    """One row per unit and sector: the figure of the map, or the state that stands for it."""
    by_sector = shown_indicator(scene).by_sector
    return series_table(sector_series(scene) if by_sector else None, "sector")


def sectors_content(scene: PageScene) -> list[Any]:
    """A row a zone, a column a sector, with the colours of the map and one legend."""
    indicator = shown_indicator(scene)
    if not indicator.by_sector:
        return [not_by_sector_note(scene)]
    series = sector_series(scene)
    if not series.maps:
        return [empty_note(_(indicator.nothing))]
    title = _("{what} par zone et par secteur", what=_(indicator.title))
    return [
        table_note(title + ".", downloads.download_links("secteurs")),
        downloads.question_file(
            SECTOR_MAPS_PATH, _("Une carte par secteur"), _("Les cartes côte à côte, une légende")
        ),
        *_sheet_link(scene),
        series_in_columns(series, [_sector_head(sector) for sector in series.maps], title),
        html.Div(map_view.table_legend(scene, series.together), className="legend-below"),
        *(empty_note(line) for line in sector_notes(scene, series)),
    ]


def _sheet_link(scene: PageScene) -> list[html.A]:
    """The sheet of the one sector that the page is held to."""
    if len(scene.view.filters.sector) != 1:
        return []
    words, hint = _("Fiche du secteur (PDF)"), _("Une page A4 à imprimer")
    return [downloads.question_file("/sheet.pdf", words, hint)]


def not_by_sector_note(scene: PageScene) -> html.P:
    """That what the map shows is of no sector, and what to do."""
    return empty_note(
        _(
            "« {what} » ne se dit pas par secteur : choisissez un autre indicateur.",
            what=_(shown_indicator(scene).label),
        )
    )


def sector_notes(scene: PageScene, series: MapSeries) -> list[str]:
    """What the sectors leave out, and that they do not add up."""
    assert scene.data is not None
    view = scene.view
    lines = [_("Une activité de plusieurs secteurs est dans chacun : ne les additionnez pas.")]
    if series.empty:
        names = ", ".join(label("sectors", sector) for sector in series.empty)
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
