"""Pages of several maps: one a sector, one a month, or two side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html
from flask import Flask, request

from atlas.i18n import _
from atlas.labels import label
from atlas.web import map_view, month_maps, sectors_tab
from atlas.web.indicators import shown_indicator
from atlas.web.map_comparison import (
    COMPARE_PATH,
    SCRIPT,
    comparison_parts,
    map_legend_section,
    other_query,
)
from atlas.web.map_embed import svg_address
from atlas.web.map_picture import map_ground, map_notes, map_svg
from atlas.web.page_state import DatasetProvider, PageScene, published_data
from atlas.web.page_tables import empty_note
from atlas.web.plain_pages import plain_page, plain_view


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the pages to the server."""

    @server.get(sectors_tab.SECTOR_MAPS_PATH)
    @plain_view("Une carte par secteur")
    def sectors() -> str:
        with provider.scene_of_query(request.query_string.decode(errors="replace")) as scene:
            published_data(scene)
            return sectors_page(scene)

    @server.get(month_maps.MONTH_MAPS_PATH)
    @plain_view("Mois par mois")
    def months() -> str:
        with provider.scene_of_query(request.query_string.decode(errors="replace")) as scene:
            published_data(scene)
            return months_page(scene)

    @server.get(COMPARE_PATH)
    @plain_view("Comparer deux cartes")
    def compare() -> str:
        query = request.query_string.decode(errors="replace")
        with (
            provider.scene_of_query(query) as one,
            provider.scene_of_query(other_query(query)) as other,
        ):
            published_data(one)
            published_data(other)
            parts = [*comparison_parts(one, other), _back_link(one)]
            return plain_page(_("Comparer deux cartes"), parts, script=SCRIPT)


def months_page(scene: PageScene) -> str:
    """The map at the end of each month, with what plays them and the table of the same."""
    title = _("{what}, mois par mois", what=_(shown_indicator(scene).title))
    parts = [*month_maps.month_parts(scene), *_page_foot(scene)]
    return plain_page(title, parts, script=month_maps.SCRIPT)


def sectors_page(scene: PageScene) -> str:
    """The map of each sector in small, with the one legend of all of them."""
    indicator = shown_indicator(scene)
    title = _("{what} par secteur", what=_(indicator.title))
    if not indicator.by_sector:
        return plain_page(title, [sectors_tab.not_by_sector_note(scene), _back_link(scene)])
    told = sectors_tab.sector_series(scene)
    if not told.maps:
        return plain_page(title, [empty_note(_(indicator.nothing)), _back_link(scene)])
    whole = map_ground(scene, told.together)
    ground = replace(whole, width=whole.width / 2, height=whole.height / 2)
    maps = [
        html.Figure(
            [
                html.Figcaption(
                    html.A(label("sectors", sector), href=f"/?{shown.view.to_query()}")
                ),
                html.Img(
                    src=svg_address(map_svg(shown, painted, ground, named=False)),
                    alt=map_view.map_title(shown, painted),
                ),
            ]
        )
        for sector, (shown, painted) in told.maps.items()
    ]
    notes = [*map_notes(scene), *sectors_tab.sector_notes(scene, told)]
    parts = [
        *(html.P(line) for line in notes),
        map_legend_section(scene, told.together),
        html.Div(maps, className="maps"),
        *_page_foot(scene),
    ]
    return plain_page(title, parts)


def _page_foot(scene: PageScene) -> list[Any]:
    """Sources, date and disclaimer, and the way back."""
    lines = map_view.source_lines(scene, with_tiles=False)
    return [*(html.P(line, className="meta") for line in lines), _back_link(scene)]


def _back_link(scene: PageScene) -> html.P:
    return html.P(html.A(_("Retour à la carte"), href=f"/?{scene.view.to_query()}"))
