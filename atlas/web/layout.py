"""The page: one screen, map first."""

from __future__ import annotations

from typing import Any

import dash_leaflet as dl
from dash import dcc, html

from atlas.i18n import _
from atlas.model import Viewer
from atlas.web import bar, behind, chips, figures, grid, legend, notices, paint, plots, routes
from atlas.web.attributes import attrs
from atlas.web.desk import Scene
from atlas.web.ids import Id
from atlas.web.imports import door

MIDDLE = [17.6, -4.0]


def shell(viewer: Viewer) -> html.Div:
    """What is there before anything is asked: the URL, and room for the page."""
    return html.Div(
        [
            dcc.Location(id=Id.URL, refresh=False),
            dcc.Store(id=Id.PAGE_KEY),
            dcc.Store(id=Id.PUBLISHED),
            html.Div(id=Id.MESSAGE, className="message", role="alert"),
            html.Div(html.Div("Atlas Mali", className="loading"), id=Id.PAGE),
            door.dialog() if viewer is Viewer.EDITOR else None,
        ]
    )


def page(scene: Scene) -> list[Any]:
    """Everything the URL asks for, in its language; the map is painted at once."""
    if scene.data is None or scene.data.empty:
        return [notices.header(scene), notices.nothing_yet(scene.viewer)]
    fields = bar.fields_of(scene)
    return [
        html.A(_("Aller à la carte"), href=f"#{Id.MAP}", className="skip"),
        notices.header(scene),
        notices.problem(scene),
        notices.notice(scene),
        bar.bar(fields, plans=scene.view.plans),
        html.Main([_map_column(scene), _side_column(scene)], className="columns"),
        dcc.Store(id=Id.SPEC, data=_spec(fields)),
        dcc.Store(id=Id.QUESTION, data="?" + scene.view.to_query()),
        dcc.Store(id=Id.SIDE_ASKED),
        *notices.dialogs(scene),
    ]


def _spec(fields: list[bar.Field]) -> dict[str, Any]:
    """What ``assets/page.js`` must know: controls, figures that open, scripts that wait."""
    return {
        "controls": [f.spec for f in fields],
        "figures": list(behind.FIGURES),
        "grid": grid.SCRIPT,
        "chart": plots.SCRIPT,
    }


def _map_column(scene: Scene) -> html.Section:
    painted = paint.painting(scene)
    return html.Section(
        [
            html.Div(legend.head(scene, painted), id=Id.MAP_HEAD, className="map-head"),
            html.Div(
                [
                    _map(scene, painted),
                    html.Div(
                        legend.legend(scene, painted),
                        id=Id.LEGEND,
                        className="legend",
                        role="group",
                        **attrs(aria_label=_("Légende")),
                    ),
                    dcc.Store(id=Id.PAINT, data=map_props(scene, painted)),
                ],
                className="map-box",
                **attrs(data_level=scene.view.level),
            ),
            html.Div(legend.sources(scene), id=Id.SOURCES, className="sources"),
        ],
        className="map-column",
        **attrs(aria_label=_("Carte")),
    )


def map_props(scene: Scene, painted: paint.Painting) -> dict[str, Any]:
    """Geometry and painting together: they change in one step."""
    assert scene.data is not None
    frame = scene.view.frame or scene.data.default_frame
    return {
        "url": routes.geometry_url(frame, scene.view.level),
        "facts": routes.facts_url(scene),
        "paint": paint.as_props(painted, scene),
    }


def _map(scene: Scene, painted: paint.Painting) -> dl.Map:
    props = map_props(scene, painted)
    return dl.Map(
        [
            *_base("outline", "base-outline"),
            dl.GeoJSON(
                id=Id.UNITS,
                url=props["url"],
                hideout=props["paint"],
                style={"variable": "atlas.map.style"},
                pointToLayer={"variable": "atlas.map.pointToLayer"},
                onEachFeature={"variable": "atlas.map.onEachFeature"},
            ),
            _facts(props["facts"]),
            *_base("rivers", "base-rivers"),
            *_base("towns", "base-towns"),
            dl.ScaleControl(imperial=False, position="bottomleft"),
            dl.ZoomControl(position="topright"),
            *_tiles(),
        ],
        id=Id.MAP,
        center=MIDDLE,
        zoom=5,  # framed whole by assets/map.js as soon as it is drawn
        zoomSnap=0.05,
        zoomDelta=0.5,
        minZoom=4,
        zoomControl=False,
        attributionControl=False,
        scrollWheelZoom=False,
        className="map",
    )


def _facts(url: str) -> dl.Pane:
    """Outlines of dated facts; only their lines are felt, so that units below can be chosen."""
    layer = dl.GeoJSON(
        id=Id.SHAPES,
        url=url,
        style={"variable": "atlas.map.fact"},
        pointToLayer={"variable": "atlas.map.factPoint"},
        onEachFeature={"variable": "atlas.map.tellFact"},
    )
    return dl.Pane(layer, name="facts", style={"zIndex": 440})


def _base(name: str, pane: str) -> list[Any]:
    """A layer that is looked at, never asked: under or over the units."""
    style = {"variable": f"atlas.map.{name}"}
    options = {"pointToLayer": {"variable": "atlas.map.townPoint"}} if name == "towns" else {}
    layer = dl.GeoJSON(url=routes.base_url(name), interactive=False, style=style, **options)
    order = {"base-outline": 350, "base-rivers": 450, "base-towns": 460}[pane]
    return [dl.Pane(layer, name=pane, style={"zIndex": order, "pointerEvents": "none"})]


def _tiles() -> list[Any]:
    """A tile layer only where somebody asked for one: nothing leaves the machine by itself."""
    url = routes.tile_url()
    # The page tells no other site where it is; those who give tiles ask for its name.
    return [dl.TileLayer(url=url, opacity=0.5, referrerPolicy="strict-origin")] if url else []


def _side_column(scene: Scene) -> html.Section:
    return html.Section(
        [
            html.Div(figures.figures(scene), id=Id.FIGURES, className="figures"),
            html.Div(chips.chips(scene), id=Id.CHIPS, className="chips"),
            html.Div(_waiting(), id=Id.SIDE, className="side"),
            html.Div(id=Id.PANEL, className="panel-slot"),
        ],
        className="side-column",
        **attrs(aria_label=_("Chiffres et tableaux")),
    )


def _waiting() -> html.P:
    return html.P(_("La carte d'abord ; graphiques et tableaux suivent."), className="waiting")
