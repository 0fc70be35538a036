"""The page: one screen, map first, and the callbacks that follow its URL."""

from __future__ import annotations

from typing import Any

import dash_leaflet as dl
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from atlas.i18n import _
from atlas.model import Viewer
from atlas.web import (
    charts,
    explanations,
    figure_activities,
    filter_bar,
    key_figures,
    layer_settings,
    map_view,
    meeting_page,
    page_notices,
    page_routes,
    page_tables,
    side_column,
)
from atlas.web.imports import dialog
from atlas.web.markup import with_markup
from atlas.web.organisation_panel import donor_panel, organisation_panel
from atlas.web.page_elements import ElementId, FilterControl, html_attributes
from atlas.web.page_state import DatasetProvider, PageScene
from atlas.web.questions import QUESTIONS, question_asked
from atlas.web.tiles import tile_url

MAP_CENTRE = [17.6, -4.0]


def page_shell(viewer: Viewer) -> html.Div:
    """What is there before anything is asked: the URL, and room for the page."""
    return html.Div(
        [
            dcc.Location(id=ElementId.URL, refresh=False),
            dcc.Store(id=ElementId.PAGE_KEY),
            dcc.Store(id=ElementId.PUBLISHED),
            html.Div(id=ElementId.MESSAGE, className="message", role="alert"),
            html.Div(html.Div("Atlas Mali", className="loading"), id=ElementId.PAGE),
            *(
                [dialog.import_dialog(), meeting_page.meeting_dialog()]
                if viewer is Viewer.EDITOR
                else []
            ),
        ]
    )


def page_content(scene: PageScene) -> list[Any]:
    """Everything the URL asks for, in its language; the map is painted at once."""
    if scene.data is None or scene.data.is_empty:
        return [page_notices.page_header(scene), page_notices.empty_store_page(scene.viewer)]
    fields = filter_bar.filter_fields(scene)
    return [
        html.A(_("Aller à la carte"), href=f"#{ElementId.MAP}", className="skip"),
        page_notices.page_header(scene),
        page_notices.offline_notice(),
        page_notices.url_problem_notice(scene),
        page_notices.state_notice(scene),
        page_notices.data_notice(scene),
        html.Nav(
            side_column.question_buttons(scene),
            id=ElementId.QUESTIONS,
            className="questions",
            **html_attributes(aria_label=_("Questions")),
        ),
        filter_bar.filter_controls(
            fields,
            question_asked(scene.view.tab, scene.view.indicator),
            plans=scene.view.counts_plans,
        ),
        html.Main([_map_column(scene), _side_column(scene)], className="columns"),
        dcc.Store(id=ElementId.SPEC, data=_script_spec(fields)),
        dcc.Store(id=ElementId.QUESTION, data="?" + scene.view.to_query()),
        dcc.Store(id=ElementId.MAP_ASKED),
        dcc.Store(id=ElementId.SIDE_ASKED),
        *page_notices.missing_data_dialogs(scene),
        explanations.first_visit(),
    ]


def _script_spec(fields: list[filter_bar.FilterField]) -> dict[str, Any]:
    """What ``assets/page.js`` must know: controls, questions, figures that open, scripts that
    wait."""
    return {
        "controls": [f.script_spec for f in fields],
        "questions": [
            {
                "tabs": question.tabs,
                "indicators": question.indicators,
                "filters": [f.control for f in fields if question.has_in_sight(f.control)],
            }
            for question in QUESTIONS
        ],
        "figures": list(figure_activities.FIGURE_KINDS),
        "grid": page_tables.GRID_SCRIPT,
        "chart": charts.PLOTLY_SCRIPT,
    }


def _map_column(scene: PageScene) -> html.Section:
    painted = map_view.map_painting(scene)
    return html.Section(
        [
            html.Div(_map_head(scene, painted), id=ElementId.MAP_HEAD, className="map-head"),
            html.Div(
                [
                    _map_component(scene, painted),
                    html.Div(
                        map_view.map_legend(scene, painted),
                        id=ElementId.LEGEND,
                        className="legend",
                        role="group",
                        **html_attributes(aria_label=_("Légende")),
                    ),
                    dcc.Store(id=ElementId.PAINT, data=map_properties(scene, painted)),
                ],
                className="map-box",
                **html_attributes(data_level=scene.view.level),
            ),
            html.Div(map_view.map_sources(scene), id=ElementId.SOURCES, className="sources"),
        ],
        className="map-column",
        **html_attributes(aria_label=_("Carte")),
    )


def _map_head(scene: PageScene, painted: map_view.MapPainting) -> list[Any]:
    return [*map_view.map_heading(scene, painted), explanations.indicator_help(scene)]


def map_properties(scene: PageScene, painted: map_view.MapPainting) -> dict[str, Any]:
    """Geometry and painting together: they change in one step."""
    assert scene.data is not None
    frame = scene.view.frame or scene.data.default_frame
    return {
        "url": page_routes.geometry_url(frame, scene.view.level),
        "facts": page_routes.fact_shapes_url(scene),
        "paint": map_view.painting_props(painted, scene),
    }


def _map_component(scene: PageScene, painted: map_view.MapPainting) -> dl.Map:
    props = map_properties(scene, painted)
    return dl.Map(
        [
            *_base_layer("outline", "base-outline"),
            dl.GeoJSON(
                id=ElementId.UNITS,
                url=props["url"],
                hideout=props["paint"],
                style={"variable": "atlas.map.style"},
                pointToLayer={"variable": "atlas.map.pointToLayer"},
                onEachFeature={"variable": "atlas.map.onEachFeature"},
            ),
            _fact_outlines(props["facts"]),
            *_base_layer("rivers", "base-rivers"),
            *_base_layer("towns", "base-towns"),
            dl.ScaleControl(imperial=False, position="bottomleft"),
            dl.ZoomControl(position="topright"),
            *_tile_layers(),
        ],
        id=ElementId.MAP,
        center=MAP_CENTRE,
        zoom=5,  # framed whole by assets/map.js as soon as it is drawn
        zoomSnap=0.05,
        zoomDelta=0.5,
        minZoom=4,
        zoomControl=False,
        attributionControl=False,
        scrollWheelZoom=False,
        className="map",
    )


def _fact_outlines(url: str) -> dl.Pane:
    """Outlines of dated facts; only their lines are felt, so that units below can be chosen."""
    layer = dl.GeoJSON(
        id=ElementId.SHAPES,
        url=url,
        style={"variable": "atlas.map.fact"},
        pointToLayer={"variable": "atlas.map.factPoint"},
        onEachFeature={"variable": "atlas.map.tellFact"},
    )
    return dl.Pane(layer, name="facts", style={"zIndex": 440})


def _base_layer(name: str, pane: str) -> list[Any]:
    """A layer that is looked at, never asked: under or over the units."""
    style = {"variable": f"atlas.map.{name}"}
    options = {"pointToLayer": {"variable": "atlas.map.townPoint"}} if name == "towns" else {}
    layer = dl.GeoJSON(
        url=page_routes.base_layer_url(name), interactive=False, style=style, **options
    )
    order = {"base-outline": 350, "base-rivers": 450, "base-towns": 460}[pane]
    return [dl.Pane(layer, name=pane, style={"zIndex": order, "pointerEvents": "none"})]


def _tile_layers() -> list[Any]:
    """A tile layer only where somebody asked for one: nothing leaves the machine by itself."""
    url = tile_url()
    # The page tells no other site where it is; those who give tiles ask for its name.
    return [dl.TileLayer(url=url, opacity=0.5, referrerPolicy="strict-origin")] if url else []


def _side_column(scene: PageScene) -> html.Section:
    return html.Section(
        [
            html.Div(key_figures.figure_cards(scene), id=ElementId.FIGURES, className="figures"),
            html.Div(filter_bar.choices_in_force(scene), id=ElementId.CHIPS, className="chips"),
            html.Div(_waiting_note(), id=ElementId.SIDE, className="side"),
            html.Div(id=ElementId.PANEL, className="panel-slot"),
        ],
        className="side-column",
        **html_attributes(aria_label=_("Chiffres et tableaux")),
    )


def _waiting_note() -> html.P:
    return html.P(_("La carte d'abord ; graphiques et tableaux suivent."), className="waiting")


SEARCH_INPUT = Input(ElementId.URL, "search")
QUESTION_INPUT = Input(ElementId.QUESTION, "data")
"""The same, inside the page: what is laid out with the page is asked for with it."""


def register_callbacks(app: Dash, provider: DatasetProvider) -> None:
    """Connect the page."""
    register_page(app, provider)
    register_controls(app)
    register_map(app, provider)
    register_figures(app, provider)
    register_side(app, provider)
    register_panel(app, provider)


def register_page(app: Dash, provider: DatasetProvider) -> None:
    """The page is laid out anew only for another language or newly published data."""

    @app.callback(
        Output(ElementId.PAGE, "children"),
        Output(ElementId.PAGE_KEY, "data"),
        SEARCH_INPUT,
        Input(ElementId.PUBLISHED, "data"),
        State(ElementId.PAGE_KEY, "data"),
    )
    def lay_out(search: str | None, _published: str | None, laid: str | None) -> Any:
        with provider.scene_of_query(search) as scene:
            key = f"{scene.view.lang} {scene.data.snapshot.hash if scene.data else ''}"
            key += f" {scene.view.state or ''}{scene.problem or ''}"
            # An undo overtakes the page of what it undoes, whose key is not laid yet.
            asked = ElementId.PUBLISHED in ctx.triggered_prop_ids.values()
            return (page_content(scene), key) if asked or key != laid else (no_update, no_update)


def register_controls(app: Dash) -> None:
    """The controls of the bar and the URL say the same, whichever changed."""
    controls = [(c.dom_id, c.value_property) for c in FilterControl]
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "sync"),
        Output(ElementId.URL, "search"),
        SEARCH_INPUT,
        *(Input(*control, allow_optional=True) for control in controls),
        State(ElementId.SPEC, "data", allow_optional=True),
    )


def register_map(app: Dash, provider: DatasetProvider) -> None:
    """Colours, title, legend and sources of the map, and the figures: no tab changes them."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "map"),
        Output(ElementId.MAP_ASKED, "data"),
        QUESTION_INPUT,
        State(ElementId.SPEC, "data"),
        State(ElementId.MAP_ASKED, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ElementId.PAINT, "data"),
        Output(ElementId.MAP_HEAD, "children"),
        Output(ElementId.LEGEND, "children"),
        Output(ElementId.SOURCES, "children"),
        Input(ElementId.MAP_ASKED, "data"),
        prevent_initial_call=True,
    )
    def draw(search: str | None) -> Any:
        with provider.scene_of_query(search) as scene:
            painted = map_view.map_painting(scene)
            words = [view(scene, painted) for view in (_map_head, map_view.map_legend)]
            return map_properties(scene, painted), *words, map_view.map_sources(scene)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "paint"),
        Output(ElementId.UNITS, "url"),
        Output(ElementId.UNITS, "hideout"),
        Output(ElementId.SHAPES, "url"),
        Input(ElementId.PAINT, "data"),
    )


def register_figures(app: Dash, provider: DatasetProvider) -> None:
    """The five figures, and the choices in force."""

    @app.callback(
        Output(ElementId.FIGURES, "children"),
        Output(ElementId.CHIPS, "children"),
        Input(ElementId.MAP_ASKED, "data"),
        prevent_initial_call=True,
    )
    def count(search: str | None) -> Any:
        with provider.scene_of_query(search) as scene:
            return key_figures.figure_cards(scene), filter_bar.choices_in_force(scene)


def register_side(app: Dash, provider: DatasetProvider) -> None:
    """Charts and tables, asked for once the map is drawn and their scripts are there."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "side"),
        Output(ElementId.SIDE_ASKED, "data"),
        QUESTION_INPUT,
        State(ElementId.SPEC, "data"),
        State(ElementId.SIDE_ASKED, "data"),
    )

    @app.callback(
        Output(ElementId.SIDE, "children"),
        Input(ElementId.SIDE_ASKED, "data"),
        prevent_initial_call=True,
    )
    def show(search: str | None) -> Any:
        with provider.scene_of_query(search) as scene:
            return with_markup(side_column.side_content(scene))

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "set"),
        Input({"type": layer_settings.SETTING_KIND, "key": ALL}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "openPoint"),
        Input({"type": charts.CHART_KIND, "key": ALL}, "clickData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "openRow"),
        Input(ElementId.ZONES_GRID, "cellClicked"),
        State(ElementId.SPEC, "data"),
        prevent_initial_call=True,
    )


def _open_panel(scene: PageScene) -> list[Any]:
    """The list behind a figure lies over an organisation, and that over a zone."""
    if scene.view.why:
        return figure_activities.figure_panel(scene)
    if scene.view.funder:
        return donor_panel(scene)
    return organisation_panel(scene) if scene.view.org else side_column.zone_panel(scene)


def register_panel(app: Dash, provider: DatasetProvider) -> None:
    """What the URL opens over the side column: the list behind a figure, or a zone."""

    @app.callback(Output(ElementId.PANEL, "children"), QUESTION_INPUT)
    def open_(search: str | None) -> Any:
        with provider.scene_of_query(search) as scene:
            return with_markup(_open_panel(scene))
