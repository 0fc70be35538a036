"""The side column: its tabs, and whatever the chosen one shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dash import html

from atlas.i18n import N_, _
from atlas.model import Viewer
from atlas.web import access, activities, charts, duplicates, quality, zones
from atlas.web.attributes import attrs
from atlas.web.desk import Scene
from atlas.web.ids import Tab

TABS: dict[Tab, tuple[str, Callable[[Scene], list[Any]]]] = {
    Tab.RANKING: (N_("Classement"), charts.ranking),
    Tab.ZONES: (N_("Zones"), zones.zones),
    Tab.ACTIVITIES: (N_("Activités"), activities.activities),
    Tab.DUPLICATES: (N_("Doublons"), duplicates.duplicates),
    Tab.ACCESS: (N_("Accès"), access.access),
    Tab.QUALITY: (N_("Qualité"), quality.quality),
}


def side(scene: Scene) -> list[Any]:
    """Tab strip and the body of the tab that the URL asks for."""
    open_tabs = [tab for tab in TABS if tab not in _hidden(scene)]
    chosen = Tab(scene.view.tab)
    if chosen not in open_tabs:
        chosen = Tab.RANKING
    return [
        html.Div(
            [
                html.Div([_tab(tab, tab is chosen) for tab in open_tabs], role="tablist"),
                _widen(),
            ],
            className="tabs",
        ),
        html.Div(
            TABS[chosen][1](scene),
            className=f"tab-body tab-{chosen}",
            role="tabpanel",
            id="tab-body",
            tabIndex=0,
            **attrs(aria_labelledby=f"tab-{chosen}"),
        ),
    ]


def _hidden(scene: Scene) -> set[Tab]:
    return {Tab.ACCESS} if scene.viewer is Viewer.PUBLIC else set()


def _tab(tab: Tab, chosen: bool) -> html.Button:
    goes = {"tab": "" if tab is Tab.RANKING else str(tab)}
    return html.Button(
        _(TABS[tab][0]),
        id=f"tab-{tab}",
        role="tab",
        **attrs(
            aria_selected=str(chosen).lower(), aria_controls="tab-body", data_go=json.dumps(goes)
        ),
    )


def _widen() -> html.Button:
    return html.Button(
        _("Élargir"),
        className="widen",
        title=_("Élargir ou réduire cette colonne"),
        **attrs(data_widen="1", aria_pressed="false"),
    )
