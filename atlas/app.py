"""The Dash application: the store and the viewer go in, a server comes out."""

from __future__ import annotations

from pathlib import Path

from dash import Dash
from dash.backends import get_backend

from atlas.model import Viewer
from atlas.paths import data_root
from atlas.store import Store
from atlas.web import (
    activities_tab,
    duplicates_tab,
    guard,
    map_pages,
    meeting_page,
    monitoring,
    page_layout,
    page_notices,
    page_routes,
    programme_publication,
    reporting_tab,
    tiles,
)
from atlas.web.accounts import account_routes
from atlas.web.api import api_routes
from atlas.web.imports import import_page
from atlas.web.page_state import DatasetProvider

TEMPLATE = Path(__file__).parent / "web" / "page.html"


class PageBackend(get_backend("flask")):  # type: ignore[misc]
    """Flask, as Dash sets it up, but for the page that Dash gives for any address."""

    def setup_catchall(self, dash_app: Dash) -> None:
        """The page has one address; another is not found."""


def create_app(
    store: Store, *, viewer: Viewer = Viewer.EDITOR, states_open_to: Viewer = Viewer.EDITOR
) -> Dash:
    """Assemble the page over a store.

    Parameters
    ----------
    store
        Where snapshots are published; asked for the current one at every request.
    viewer
        Who sits before the page: decides what leaves the server. Whoever comes through a proxy
        is another (`atlas.web.page_state`).
    states_open_to
        The first viewer who may ask for a state of before.
    """
    app = Dash(
        "atlas",
        backend=PageBackend,
        title="Atlas Mali",
        update_title="",
        assets_folder=str(data_root() / "assets"),
        assets_ignore=r"(plotly|import\.|account\.|meeting\.|compare\.|months\.|worker\.).*",
        index_string=TEMPLATE.read_text(encoding="utf-8"),
        compress=True,
        serve_locally=True,
        suppress_callback_exceptions=True,  # the page is laid out once its language is known
        on_error=page_notices.show_error,
    )
    desk = DatasetProvider(store, viewer, states_open_to)
    app.layout = lambda: page_layout.page_shell(desk.request_viewer)
    monitoring.register_routes(app.server, desk)
    guard.guard_routes(app, desk, tiles.tile_origin)
    page_layout.register_callbacks(app, desk)
    page_routes.register_routes(app.server, desk)
    import_page.register_routes(app.server, desk)
    duplicates_tab.register_routes(app.server, desk)
    activities_tab.register_routes(app.server, desk)
    programme_publication.register_routes(app.server, desk)
    reporting_tab.register_routes(app.server, desk)
    meeting_page.register_routes(app.server, desk)
    map_pages.register_routes(app.server, desk)
    account_routes.register_routes(app.server, desk)
    api_routes.register_routes(app.server, desk)
    return app
