"""The import page is drawn anew whenever its script asks for it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from atlas.i18n import speaking
from atlas.model import Viewer
from atlas.web.desk import Desk
from atlas.web.ids import Id
from atlas.web.imports import views


def register(app: Dash, desk: Desk) -> None:
    """Connect the import page, where there is one."""
    if desk.viewer is not Viewer.EDITOR:
        return

    @app.callback(
        Output(Id.IMPORT_BODY, "children"),
        Input(Id.IMPORT_ASKED, "data"),
        prevent_initial_call=True,
    )
    def show(asked: dict[str, Any]) -> Any:
        with speaking(str(asked.get("lang", "fr"))):
            return views.body(desk.store, asked)
