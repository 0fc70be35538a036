"""The side column: its tabs, and whatever the chosen one shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dash import html

from atlas.i18n import N_, _
from atlas.layers import LAYERS
from atlas.web import (
    access,
    activities,
    actors,
    budget,
    change,
    charts,
    duplicates,
    gaps,
    quality,
    reporting,
    zones,
)
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene
from atlas.web.ids import Tab
from atlas.web.programme import tab as programme

TABS: dict[Tab, tuple[str, Callable[[Scene], list[Any]]]] = {
    Tab.RANKING: (N_("Classement"), charts.ranking),
    Tab.ZONES: (N_("Zones"), zones.zones),
    Tab.ACTIVITIES: (N_("Activités"), activities.activities),
}
"""What is looked at all the time, side by side in the strip."""

ANALYSES: dict[Tab, tuple[str, Callable[[Scene], list[Any]]]] = {
    Tab.GAPS: (N_("Lacunes"), gaps.gaps),
    Tab.ACTORS: (N_("Acteurs"), actors.actors),
    Tab.BUDGET: (N_("Budget"), budget.budget),
    Tab.DUPLICATES: (N_("Doublons"), duplicates.duplicates),
    Tab.CHANGE: (N_("Changements"), change.change),
    Tab.PROGRAMME: (N_("Programme"), programme.programme),
    Tab.REPORTING: (N_("Qui a rendu compte"), reporting.reporting),
    Tab.ACCESS: (N_("Accès"), access.access),
    Tab.QUALITY: (N_("Qualité"), quality.quality),
}
"""What answers one question each, in a menu at the end of the strip."""


def side(scene: Scene) -> list[Any]:
    """Tab strip and the body of the tab that the URL asks for."""
    open_tabs = {t: v for t, v in (TABS | ANALYSES).items() if t not in _hidden(scene)}
    chosen = Tab(scene.view.tab)
    if chosen not in open_tabs:
        chosen = Tab.RANKING
    strip = [_tab(tab, tab is chosen) for tab in TABS]
    return [
        html.Div(
            [
                html.Div(strip, role="tablist"),
                _analyses([tab for tab in ANALYSES if tab in open_tabs], chosen),
                _widen(),
            ],
            className="tabs",
        ),
        html.Div(
            open_tabs[chosen][1](scene),
            className=f"tab-body tab-{chosen}",
            role="tabpanel",
            id="tab-body",
            tabIndex=0,
            **attrs(aria_labelledby=f"tab-{chosen}"),
        ),
    ]


def _hidden(scene: Scene) -> set[Tab]:
    return {
        Tab(layer.tab)
        for layer in LAYERS.values()
        if layer.tab and not scene.viewer.reaches(layer.offered_to)
    }


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


def _analyses(tabs: list[Tab], chosen: Tab) -> html.Details:
    """The menu of analyses; the one that is open is its name."""
    inside = chosen in tabs
    entries = [
        html.Li(
            html.Button(
                _(ANALYSES[tab][0]),
                id=f"tab-{tab}",
                **attrs(aria_current=str(tab is chosen).lower()),
                **go(tab=str(tab)),
            )
        )
        for tab in tabs
    ]
    return html.Details(
        [
            html.Summary(
                _(ANALYSES[chosen][0]) if inside else _("Analyses"),
                className="chosen" if inside else None,
            ),
            html.Div(html.Ul(entries), className="menu-body"),
        ],
        className="menu analyses",
    )


def _widen() -> html.Button:
    return html.Button(
        _("Élargir"),
        className="widen",
        title=_("Élargir ou réduire cette colonne"),
        **attrs(data_widen="1", aria_pressed="false"),
    )
