"""The Dash application: the store and the viewer go in, a server comes out."""

from __future__ import annotations

from pathlib import Path

from dash import Dash
from dash.backends import get_backend

from atlas.model import Viewer
from atlas.paths import data_root
from atlas.store import Store
from atlas.web import callbacks, deciding, declaring, errors, guard, layout, routes
from atlas.web.desk import Desk
from atlas.web.imports import routes as imports
from atlas.web.programme import routes as programme

TEMPLATE = Path(__file__).parent / "web" / "page.html"


class Backend(get_backend("flask")):  # type: ignore[misc]
    """Flask, as Dash sets it up, but for the page that Dash gives for any address."""

    def setup_catchall(self, dash_app: Dash) -> None:
        """The page has one address; another is not found."""


def create_app(store: Store, *, viewer: Viewer = Viewer.EDITOR) -> Dash:
    """Assemble the page over a store.

    Parameters
    ----------
    store
        Where snapshots are published; asked for the current one at every request.
    viewer
        Who sits before the page: decides what leaves the server. Whoever comes through a proxy
        is another (`atlas.web.asking`).
    """
    app = Dash(
        "atlas",
        backend=Backend,
        title="Atlas Mali",
        update_title="",
        assets_folder=str(data_root() / "assets"),
        assets_ignore=r"(plotly|import\.).*",
        index_string=TEMPLATE.read_text(encoding="utf-8"),
        compress=True,
        serve_locally=True,
        suppress_callback_exceptions=True,  # the page is laid out once its language is known
        on_error=errors.show,
    )
    desk = Desk(store, viewer)
    app.layout = lambda: layout.shell(desk.viewer)
    guard.stand_before(app, desk, routes.tile_origin)
    callbacks.register(app, desk)
    routes.register(app.server, desk)
    imports.register(app.server, desk)
    deciding.register(app.server, desk)
    programme.register(app.server, desk)
    declaring.register(app.server, desk)
    return app
