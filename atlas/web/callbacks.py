"""What happens when the URL changes: each callback asks one view function, no more."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from atlas.web import chips, figures, layout, legend, paint, panel, plots, settings, side, why
from atlas.web.desk import Desk
from atlas.web.ids import Control, Id

SEARCH = Input(Id.URL, "search")
QUESTION = Input(Id.QUESTION, "data")
"""The same, inside the page: what is laid out with the page is asked for with it."""


def register(app: Dash, desk: Desk) -> None:
    """Connect the page."""
    register_page(app, desk)
    register_controls(app)
    register_map(app, desk)
    register_figures(app, desk)
    register_side(app, desk)
    register_panel(app, desk)


def register_page(app: Dash, desk: Desk) -> None:
    """The page is laid out anew only for another language or newly published data."""

    @app.callback(
        Output(Id.PAGE, "children"),
        Output(Id.PAGE_KEY, "data"),
        SEARCH,
        Input(Id.PUBLISHED, "data"),
        State(Id.PAGE_KEY, "data"),
    )
    def lay_out(search: str | None, _published: str | None, laid: str | None) -> Any:
        with desk.at(search) as scene:
            key = f"{scene.view.lang} {scene.data.snapshot.hash if scene.data else ''}"
            key += str(scene.problem or "")
            return (no_update, no_update) if key == laid else (layout.page(scene), key)


def register_controls(app: Dash) -> None:
    """The controls of the bar and the URL say the same, whichever changed."""
    controls = [(c.dom_id, c.prop) for c in Control]
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "sync"),
        Output(Id.URL, "search"),
        SEARCH,
        *(Input(*control, allow_optional=True) for control in controls),
        State(Id.SPEC, "data", allow_optional=True),
    )


def register_map(app: Dash, desk: Desk) -> None:
    """Colours, title, legend and sources of the map."""

    @app.callback(
        Output(Id.PAINT, "data"),
        Output(Id.MAP_HEAD, "children"),
        Output(Id.LEGEND, "children"),
        Output(Id.SOURCES, "children"),
        QUESTION,
        prevent_initial_call=True,
    )
    def draw(search: str | None) -> Any:
        with desk.at(search) as scene:
            painted = paint.painting(scene)
            words = [view(scene, painted) for view in (legend.head, legend.legend)]
            return layout.map_props(scene, painted), *words, legend.sources(scene)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "paint"),
        Output(Id.UNITS, "url"),
        Output(Id.UNITS, "hideout"),
        Output(Id.SHAPES, "url"),
        Input(Id.PAINT, "data"),
    )


def register_figures(app: Dash, desk: Desk) -> None:
    """The five figures, and the choices in force."""

    @app.callback(
        Output(Id.FIGURES, "children"),
        Output(Id.CHIPS, "children"),
        QUESTION,
        prevent_initial_call=True,
    )
    def count(search: str | None) -> Any:
        with desk.at(search) as scene:
            return figures.figures(scene), chips.chips(scene)


def register_side(app: Dash, desk: Desk) -> None:
    """Charts and tables, asked for once the map is drawn and their scripts are there."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "side"),
        Output(Id.SIDE_ASKED, "data"),
        QUESTION,
        State(Id.SPEC, "data"),
        State(Id.SIDE_ASKED, "data"),
    )

    @app.callback(
        Output(Id.SIDE, "children"), Input(Id.SIDE_ASKED, "data"), prevent_initial_call=True
    )
    def show(search: str | None) -> Any:
        with desk.at(search) as scene:
            return side.side(scene)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "set"),
        Input({"type": settings.KIND, "key": ALL}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "openPoint"),
        Input({"type": plots.KIND, "key": ALL}, "clickData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("atlas", "openRow"),
        Input(Id.ZONES_GRID, "cellClicked"),
        State(Id.SPEC, "data"),
        prevent_initial_call=True,
    )


def register_panel(app: Dash, desk: Desk) -> None:
    """What the URL opens over the side column: the list behind a figure, or a zone."""

    @app.callback(Output(Id.PANEL, "children"), QUESTION)
    def open_(search: str | None) -> Any:
        with desk.at(search) as scene:
            return why.panel(scene) if scene.view.why else panel.panel(scene)
