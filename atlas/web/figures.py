"""The five figures above the chart."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from dash import html

from atlas import summaries
from atlas.i18n import _, ngettext
from atlas.web import say, why
from atlas.web.attributes import go
from atlas.web.desk import Scene, ask
from atlas.web.ids import Tab
from atlas.web.paint import shown_units
from atlas.web.words import level_names


@dataclass(frozen=True)
class Figure:
    """One figure: what is read from afar, what it counts, and the exact words on hover."""

    key: str
    value: str
    label: str
    exact: str = ""
    second: str = ""
    tab: str = ""
    why: str = ""


def figures(scene: Scene) -> list[html.Div | html.Button]:
    """Activities, organisations, budget, zones without a report, duplicates to review."""
    return [_drawn(f) for f in all_figures(scene)]


def all_figures(scene: Scene) -> list[Figure]:
    """The figures of the page's question."""
    data, view = scene.data, scene.view
    assert data is not None
    counted = summaries.figures(data, view.filters, view.frame, view.level, scene.viewer)
    n, orgs, pairs = counted.activities, counted.organisations, counted.duplicates
    inside = shown_units(scene)
    units, silent = counted.units, counted.units_without
    if inside is not None:
        rows = ask(scene, "presence").table.filter(pl.col("unit_id").is_in(list(inside)))
        units, silent = rows.height, rows.filter(pl.col("activities") == 0).height
    return [
        Figure(
            "activities",
            say.number(n),
            ngettext("activité", "activités", n),
            second=_("{n} sans montant", n=say.number(counted.without_amount)),
            tab=Tab.ACTIVITIES,
        ),
        Figure(
            "organisations",
            say.number(orgs),
            ngettext("organisation", "organisations", orgs),
            why="organisations",
        ),
        _budget(counted.budget_placed_usd, counted.budget_unplaced_usd),
        Figure(
            "silent",
            say.number(silent),
            _("{levels} sans activité signalée", levels=level_names(view.level)),
            second=_("sur {n}", n=say.number(units)),
            tab=Tab.ZONES,
        ),
        Figure(
            "duplicates",
            say.number(pairs),
            ngettext("doublon à examiner", "doublons à examiner", pairs),
            tab=Tab.DUPLICATES,
        ),
    ]


def _budget(placed: float | None, loose: float | None) -> Figure:
    return Figure(
        "budget",
        say.short_usd(placed),
        _("budget placé"),
        exact=_(
            "placé : {placed} ; non placé : {loose}", placed=say.usd(placed), loose=say.usd(loose)
        ),
        second=_("+ {amount} non placé", amount=say.short_usd(loose)),
        why="budget_usd",
    )


def _drawn(f: Figure) -> html.Div | html.Button:
    """A figure opens the table that shows it, else the activities behind it."""
    words = [
        html.Span(f.value, className="value"),
        html.Span(f.label, className="label"),
        html.Span(f.second, className="second") if f.second else None,
    ]
    css, title = f"figure figure-{f.key}", f.exact or None
    opens = go(tab=f.tab) if f.tab else why.opened(f.why) if f.why else {}
    if opens:
        return html.Button(words, className=css, title=title, **opens)
    return html.Div(words, className=css, title=title)
