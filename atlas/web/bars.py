"""Figures as bars that Plotly draws, and under them the same in figures, for keys and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from dash import html

from atlas.i18n import _
from atlas.web import plots, why
from atlas.web.attributes import go
from atlas.web.palette import BRAND, TEXT, WHITE
from atlas.web.tables import plain

BAR_PX = 23
ROOM = 1.22
"""Length of the axis over that of the longest bar: its figure stands beside it."""


@dataclass(frozen=True)
class Bar:
    """One bar: its figure, in short and exactly, and what opens it.

    Attributes
    ----------
    why
        Figure, row and value (`atlas.web.why.opened`); empty: it has no activities behind it.
    goes
        What its name changes in the URL; empty: nothing.
    """

    name: str
    value: float
    short: str
    exact: str
    why: tuple[str, ...] = ()
    goes: dict[str, str] = field(default_factory=dict)

    @property
    def opens(self) -> dict[str, Any]:
        """What a click on it does: its list, else where its name leads."""
        return why.opened(*self.why) if self.why else go(**self.goes)


def bars(key: str, shown: Sequence[Bar], what: str, heads: tuple[str, str]) -> html.Div:
    """A chart of bars, the first on top, and a table of the same to unfold.

    Parameters
    ----------
    key
        Of the chart, one of a kind on a page.
    what
        What the chart shows, for those who do not see it.
    heads
        Of the names and of the figures.
    """
    told = _("Graphique en barres : {what}. Ses chiffres sont dans le tableau qui suit.", what=what)
    drawn = plots.drawn(key, figure(shown), len(shown) * BAR_PX + 8, told)
    table = plain(heads, [_row(bar) for bar in shown], numeric=(1,), caption=what)
    unfolded = html.Details([html.Summary(_("En chiffres")), table], className="in-figures")
    return html.Div([drawn, unfolded], className=f"chart {key}")


def _row(bar: Bar) -> list[Any]:
    name = html.Button(bar.name, className="name", **go(**bar.goes)) if bar.goes else bar.name
    number = why.number(bar.short, *bar.why) if bar.why else bar.short
    return [name, html.Span(number, title=bar.exact)]


def figure(shown: Sequence[Bar]) -> dict[str, Any]:
    """Plotly figure of horizontal bars, as plain data; names are words, never markup.

    The whole line of a bar answers to the pointer, so that a short one can be hit too.
    """
    upwards = shown[::-1]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(upwards))),
        "x": [bar.value for bar in upwards],
        "text": [bar.short for bar in upwards],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [bar.opens["data-go"] for bar in upwards],
        "hovertext": [
            escape(_("{name} : {value}", name=bar.name, value=bar.exact), quote=False)
            for bar in upwards
        ],
        "hoverinfo": "text",
        "marker": {"color": BRAND},
        "textfont": {"color": TEXT, "size": 12},
    }
    return {"data": [trace], "layout": _layout(upwards)}


def _layout(upwards: Sequence[Bar]) -> dict[str, Any]:
    return {
        **plots.LAYOUT,
        "margin": {"l": 8, "r": 8, "t": 2, "b": 4},
        "bargap": 0.28,
        "hovermode": "y",
        "xaxis": {
            "visible": False,
            "range": [0, (max(bar.value for bar in upwards) or 1) * ROOM],  # of all noughts too
            "fixedrange": True,
        },
        "yaxis": {
            "tickvals": list(range(len(upwards))),
            "ticktext": [escape(bar.name, quote=False) for bar in upwards],
            "range": [-0.5, len(upwards) - 0.5],
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "ticklen": 4,
            "tickcolor": WHITE,
        },
    }
