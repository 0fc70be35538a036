"""The figures above the tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.dataset import HeadlineFigures
from atlas.formats import counted_name, stopped_text
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.layers.duplicates import counts_in_words
from atlas.layers.scope import LOOSE, PLACED
from atlas.web import figure_activities
from atlas.web.indicators import shown_units
from atlas.web.layer_settings import figure_words
from atlas.web.page_elements import TabName
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import filled_pieces, unbroken
from atlas.web.people_tab import figures_basis_text
from atlas.web.questions import question_change


@dataclass(frozen=True)
class KeyFigure:
    """One figure: what is read from afar, what it counts, and the exact words on hover.

    Attributes
    ----------
    second
        What is said below it, its own figure for a ``|``: ``beside``, and what opens that.
    first
        What must be known before the figure is read, above it and as large as its label.
    tab, list_key
        What it opens: the table that shows it, else the activities behind it.
    """

    key: str
    value: str
    label: str
    exact: str = ""
    second: str = ""
    second_link: tuple[str, ...] = ()
    tab: TabName | None = None
    list_key: tuple[str, ...] = ()
    first: str = ""


def figure_cards(scene: PageScene) -> list[html.Div]:
    """Activities, organisations, people, budget, zones without a report, pairs to look at."""
    return [_figure_card(f) for f in page_figures(scene)]


def page_figures(scene: PageScene) -> list[KeyFigure]:
    """The figures of the page's question."""
    data, view = scene.data, scene.view
    assert data is not None
    counted = summaries.headline_figures(data, view.filters, view.frame, view.level, scene.viewer)
    n, orgs = counted.activities, counted.organisations
    pairs = counted.duplicates + counted.overlaps
    inside = shown_units(scene)
    units, silent = counted.units, counted.units_without
    if inside is not None:
        rows = layer_answer(scene, "presence").table.filter(pl.col("unit_id").is_in(list(inside)))
        units, silent = rows.height, rows.filter(pl.col("activities") == 0).height
    return [
        KeyFigure(
            "activities",
            formats.number_text(n),
            counted_name(view.filters.kind, n),
            second=_uncounted_text(counted.cancelled, counted.suspended),
            second_link=(formats.number_text(counted.without_amount), "unpriced"),
            list_key=("activities",),
        ),
        KeyFigure(
            "organisations",
            formats.number_text(orgs),
            ngettext("organisation", "organisations", orgs),
            list_key=("organisations",),
        ),
        *_people_figure(scene),
        _budget_figure(counted.budget_placed_usd, counted.budget_unplaced_usd),
        _silent_zones_figure(scene, counted, silent, units),
        KeyFigure(
            "duplicates",
            formats.number_text(pairs),
            ngettext("paire à examiner", "paires à examiner", pairs),
            second=counts_in_words(counted.duplicates, counted.overlaps) if pairs else "",
            tab=TabName.DUPLICATES,
        ),
    ]


def _people_figure(scene: PageScene) -> list[KeyFigure]:
    """People reached, everyone once; nothing where no activity gives a figure."""
    answer = layer_answer(scene, "people")
    told = answer.meta["reached"]
    if not isinstance(told, tuple):
        return []
    low, best, high = told
    bounds, basis = formats.bounds_text(low, high), figures_basis_text(answer, "reached")
    return [
        KeyFigure(
            "people",
            formats.number_text(best),
            figure_words(
                scene, "people", ngettext("personne atteinte", "personnes atteintes", int(best))
            ),
            exact=_("chacune comptée une fois : onglet Personnes"),
            second=unbroken(
                basis if low == high else _("{first} ; {then}", first=bounds, then=basis)
            ),
            tab=TabName.PEOPLE,
        )
    ]


def _uncounted_text(cancelled: int, suspended: int) -> str:
    """What is said below the activities: those without an amount, those that do not count."""
    words, stopped = _("{n} sans montant", n="|"), stopped_text(cancelled, suspended)
    if not stopped:
        return words
    return unbroken(_("{words} ; hors compte : {told}", words=words, told=stopped))


def _silent_zones_figure(
    scene: PageScene, counted: HeadlineFigures, unreported: int, units: int
) -> KeyFigure:
    """Zones without a reported activity: at most so many, where some cannot be placed in any."""
    view, data = scene.view, scene.data
    assert data is not None
    levels = formats.level_name(view.level, unreported)
    if view.counts_plans:
        counted_as = _("{levels} sans activité ni plan signalés", levels=levels)
    else:
        counted_as = _("{levels} sans activité signalée", levels=levels)
    exact = _(
        "Le {frame} ne dit pas dans laquelle de ces zones se trouvent {n} entrées : "
        "chacune peut être dans une zone qui paraît vide.",
        frame=label("frame", view.frame or data.default_frame),
        n=formats.number_text(counted.unsaid),
    )
    return KeyFigure(
        "silent",
        formats.number_text(unreported),
        counted_as,
        exact=exact if counted.unsaid else "",
        second=_("sur {n}", n=formats.number_text(units)),
        tab=TabName.ZONES,
        first=_unplaced_entries_text(counted) if counted.unsaid and unreported else "",
    )


def _unplaced_entries_text(counted: HeadlineFigures) -> str:
    """How many entries this découpage cannot place at this level, and why."""
    lost, wide, nowhere = counted.not_convertible, counted.coarser, counted.unplaced
    parts = [
        *([ngettext("{n} non convertible", "{n} non convertibles", lost)] if lost else []),
        *([ngettext("{n} placée plus largement", "{n} placées plus largement", wide)] * bool(wide)),
        *([ngettext("{n} sans lieu connu", "{n} sans lieu connu", nowhere)] if nowhere else []),
    ]
    return _("{parts} : au plus", parts=", ".join(parts))


def _budget_figure(placed: float | None, loose: float | None) -> KeyFigure:
    if placed is None and loose is None:
        return KeyFigure("budget", _("inconnu"), _("budget placé"), tab=TabName.BUDGET)
    return KeyFigure(
        "budget",
        formats.short_money_text(placed),
        _("budget placé"),
        exact=_(
            "dans ces zones : {placed} ; plus largement ou sans lieu connu : {loose}",
            placed=formats.usd_text(placed),
            loose=formats.usd_text(loose),
        ),
        second=_("+ {amount} hors de ces zones", amount="|"),
        second_link=(formats.short_money_text(loose), "placed_usd", LOOSE),
        list_key=("placed_usd", PLACED),
    )


def _figure_card(f: KeyFigure) -> html.Div:
    """A figure opens the table that shows it, else the activities behind it."""
    words = [html.Span(f.value, className="value"), html.Span(f.label, className="label")]
    if f.first:
        words.insert(0, html.Span(f.first, className="first"))
    opens = question_change(f.tab) if f.tab else figure_activities.opening_attributes(*f.list_key)
    second: Any = f.second
    if f.second_link:
        second = filled_pieces(f.second, figure_activities.linked_figure(*f.second_link))
    return html.Div(
        [
            html.Button(words, title=f.exact or None, **opens),
            html.Span(second, className="second") if second else None,
        ],
        className=f"figure figure-{f.key}",
    )
