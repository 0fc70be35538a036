"""The five figures above the chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.answers import Figures
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.layers.duplicates import counts_in_words
from atlas.layers.scope import LOOSE, PLACED
from atlas.web import say, why
from atlas.web.attributes import go
from atlas.web.desk import Scene, ask
from atlas.web.ids import Tab
from atlas.web.tables import filled
from atlas.web.unit_values import shown_units
from atlas.web.words import counted_name, stopped_said


@dataclass(frozen=True)
class Figure:
    """One figure: what is read from afar, what it counts, and the exact words on hover.

    Attributes
    ----------
    second
        What is said below it, its own figure for a ``|``: ``beside``, and what opens that.
    first
        What must be known before the figure is read, above it and as large as its label.
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
    first: str = ""


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
            counted_name(view.filters.kind, n),
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
        _silent(scene, counted, silent, units),
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


def _silent(scene: Scene, counted: Figures, silent: int, units: int) -> Figure:
    """Zones without a reported activity: at most so many, where some cannot be placed in any."""
    view, data = scene.view, scene.data
    assert data is not None
    levels = label("level", view.level, full=True)
    if view.plans:
        counted_as = _("{levels} sans activité ni plan signalés", levels=levels)
    else:
        counted_as = _("{levels} sans activité signalée", levels=levels)
    exact = _(
        "Le {frame} ne dit pas dans laquelle de ces zones se trouvent {n} entrées : "
        "chacune peut être dans une zone qui paraît vide.",
        frame=label("frame", view.frame or data.default_frame),
        n=say.number(counted.unsaid),
    )
    return Figure(
        "silent",
        say.number(silent),
        counted_as,
        exact=exact if counted.unsaid else "",
        second=_("sur {n}", n=say.number(units)),
        tab=Tab.ZONES,
        first=_unsaid(scene, counted) if counted.unsaid and silent else "",
    )


def _unsaid(scene: Scene, counted: Figures) -> str:
    """How many entries this découpage cannot place at this level, and why."""
    lost, wide, nowhere = counted.not_convertible, counted.coarser, counted.unplaced
    parts = [
        *([ngettext("{n} non convertible", "{n} non convertibles", lost)] if lost else []),
        *([ngettext("{n} placée plus largement", "{n} placées plus largement", wide)] * bool(wide)),
        *([ngettext("{n} sans lieu connu", "{n} sans lieu connu", nowhere)] if nowhere else []),
    ]
    return _("{parts} : au plus", parts=", ".join(parts))


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
    if f.first:
        words.insert(0, html.Span(f.first, className="first"))
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
