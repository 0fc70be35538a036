"""The five figures above the chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.i18n import _, ngettext
from atlas.layers.duplicates import counts_in_words
from atlas.layers.scope import LOOSE, PLACED
from atlas.web import say, why
from atlas.web.attributes import go
from atlas.web.desk import Scene, ask
from atlas.web.ids import Tab
from atlas.web.paint import shown_units
from atlas.web.tables import filled
from atlas.web.words import level_names, stopped_said


@dataclass(frozen=True)
class Figure:
    """One figure: what is read from afar, what it counts, and the exact words on hover.

    Attributes
    ----------
    second
        What is said below it, its own figure for a ``|``: ``beside``, and what opens that.
    tab, why
        What it opens: the table that shows it, else the activities behind it.
    """

    key: str
    value: str
    label: str
    exact: str = ""
    second: str = ""
    beside: tuple[str, ...] = ()
    tab: str = ""
    why: tuple[str, ...] = ()


def figures(scene: Scene) -> list[html.Div]:
    """Activities, organisations, budget, zones without a report, pairs to look at."""
    return [_drawn(f) for f in all_figures(scene)]


def all_figures(scene: Scene) -> list[Figure]:
    """The figures of the page's question."""
    data, view = scene.data, scene.view
    assert data is not None
    counted = summaries.figures(data, view.filters, view.frame, view.level, scene.viewer)
    n, orgs = counted.activities, counted.organisations
    pairs = counted.duplicates + counted.overlaps
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
            second=_without(counted.cancelled, counted.suspended),
            beside=(say.number(counted.without_amount), "unpriced"),
            why=("activities",),
        ),
        Figure(
            "organisations",
            say.number(orgs),
            ngettext("organisation", "organisations", orgs),
            why=("organisations",),
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
            ngettext("paire à examiner", "paires à examiner", pairs),
            second=counts_in_words(counted.duplicates, counted.overlaps) if pairs else "",
            tab=Tab.DUPLICATES,
        ),
    ]


def _without(cancelled: int, suspended: int) -> str:
    """What is said below the activities: those without an amount, those that do not count."""
    words, told = _("{n} sans montant", n="|"), stopped_said(cancelled, suspended)
    return _("{words} ; hors compte : {told}", words=words, told=told) if told else words


def _budget(placed: float | None, loose: float | None) -> Figure:
    return Figure(
        "budget",
        say.short_usd(placed),
        _("budget placé"),
        exact=_(
            "placé : {placed} ; non placé : {loose}", placed=say.usd(placed), loose=say.usd(loose)
        ),
        second=_("+ {amount} non placé", amount="|"),
        beside=(say.short_usd(loose), "placed_usd", LOOSE),
        why=("placed_usd", PLACED),
    )


def _drawn(f: Figure) -> html.Div:
    """A figure opens the table that shows it, else the activities behind it."""
    words = [html.Span(f.value, className="value"), html.Span(f.label, className="label")]
    opens = go(tab=f.tab) if f.tab else why.opened(*f.why)
    second: Any = f.second
    if f.beside:
        second = filled(f.second, why.number(*f.beside))
    return html.Div(
        [
            html.Button(words, title=f.exact or None, **opens),
            html.Span(second, className="second") if second else None,
        ],
        className=f"figure figure-{f.key}",
    )
