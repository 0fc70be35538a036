"""The choices in force, each with a cross that takes it away."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from atlas.i18n import _
from atlas.web.attributes import attrs
from atlas.web.desk import Scene


def chips(scene: Scene) -> list[Any]:
    """The zone that figures are held to, and a way back to everything."""
    view, data = scene.view, scene.data
    assert data is not None
    shown: list[Any] = [
        html.Button(
            [_("Zone : {name}", name=data.frames.label(unit)), html.Span("×", className="cross")],
            className="chip",
            title=_("Revenir à tout le pays"),
            **attrs(data_go=json.dumps({"unit": [u for u in view.filters.unit if u != unit]})),
        )
        for unit in view.filters.unit
    ]
    if view.filters.to_query():
        keys = ("source", "sector", "donor", "organisation", "status", "unit", "year", "at")
        gone = dict.fromkeys((*keys, "since", "until", "kind", "plans"), "")
        shown.append(
            html.Button(
                _("Enlever tous les filtres"),
                className="chip reset",
                **attrs(data_go=json.dumps(gone)),
            )
        )
    return shown
