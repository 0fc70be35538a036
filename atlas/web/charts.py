"""Charts that Plotly draws: what they share, and figures as bars with the same in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from dash import dcc, html

from atlas.i18n import _
from atlas.web import figure_activities
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_tables import plain_table
from atlas.web.palette import BRAND_BLUE, SECONDARY_GREY, TEXT_GREY, WHITE

BAR_PX = 23
LABEL_ROOM = 1.22
"""Length of the axis over that of the longest bar: its figure stands beside it."""


@dataclass(frozen=True)
class ChartBar:
    """One bar: its figure, in short and exactly, and what opens it.

    Attributes
    ----------
    list_key
        Figure, row and value (`atlas.web.figure_activities.opening_attributes`); empty: it has no
        activities behind it.
    url_changes
        What its name changes in the URL; empty: nothing.
    """

    name: str
    value: float
    short: str
    exact: str
    list_key: tuple[str, ...] = ()
    url_changes: dict[str, str] = field(default_factory=dict)

    @property
    def click_attributes(self) -> dict[str, Any]:
        """What a click on it does: its list, else where its name leads."""
        return (
            figure_activities.opening_attributes(*self.list_key)
            if self.list_key
            else url_change(**self.url_changes)
        )


def bar_chart(key: str, shown: Sequence[ChartBar], what: str, heads: tuple[str, str]) -> html.Div:
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
    description = _(
        "Graphique en barres : {what}. Ses chiffres sont dans le tableau qui suit.", what=what
    )
    drawn = plotly_chart(key, bar_figure(shown), len(shown) * BAR_PX + 8, description)
    table = plain_table(heads, [_bar_cells(bar) for bar in shown], numeric=(1,), caption=what)
    unfolded = html.Details([html.Summary(_("En chiffres")), table], className="in-figures")
    return html.Div([drawn, unfolded], className=f"chart {key}")


def _bar_cells(bar: ChartBar) -> list[Any]:
    name = (
        html.Button(bar.name, className="name", **url_change(**bar.url_changes))
        if bar.url_changes
        else bar.name
    )
    number = (
        figure_activities.linked_figure(bar.short, *bar.list_key) if bar.list_key else bar.short
    )
    return [name, html.Span(number, title=bar.exact)]


def bar_figure(shown: Sequence[ChartBar]) -> dict[str, Any]:
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
        "customdata": [bar.click_attributes["data-go"] for bar in upwards],
        "hovertext": [
            escape(_("{name} : {value}", name=bar.name, value=bar.exact), quote=False)
            for bar in upwards
        ],
        "hoverinfo": "text",
        "marker": {"color": BRAND_BLUE},
        "textfont": {"color": TEXT_GREY, "size": 12},
    }
    return {"data": [trace], "layout": _bar_layout(upwards)}


def _bar_layout(upwards: Sequence[ChartBar]) -> dict[str, Any]:
    return {
        **CHART_LAYOUT,
        "margin": {"l": 8, "r": 8, "t": 2, "b": 4},
        "bargap": 0.28,
        "hovermode": "y",
        "xaxis": {
            "visible": False,
            "range": [
                0,
                (max(bar.value for bar in upwards) or 1) * LABEL_ROOM,
            ],  # of all noughts too
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


PLOTLY_SCRIPT = "/assets/vendor/plotly-basic.min.js"
"""The part of Plotly that draws these, a fourth of its weight; assets/page.js fetches it late."""

CHART_KIND = "chart"
"""Type of the ids of charts: what a click on any of them opens is one callback."""

CHART_FONT = {"family": "Atlas, sans-serif", "size": 12, "color": TEXT_GREY}

CHART_LAYOUT: dict[str, Any] = {
    "font": CHART_FONT,
    "paper_bgcolor": WHITE,
    "plot_bgcolor": WHITE,
    "dragmode": False,
    "showlegend": False,
    "hoverlabel": {"bgcolor": WHITE, "bordercolor": SECONDARY_GREY, "font": CHART_FONT},
}
"""Of every chart: nothing in it moves but what the pointer asks."""


def plotly_chart(key: str, figure: dict[str, Any], height: int, description: str) -> html.Div:
    """A chart that Plotly draws; for a screen reader one image.

    Parameters
    ----------
    key
        Of the chart, one of a kind on a page.
    figure
        Plotly figure as plain data; ``customdata`` of a point is what it changes in the URL.
    height
        In pixels.
    description
        What the image shows, and where the same stands in words.
    """
    graph = dcc.Graph(
        id={"type": CHART_KIND, "key": key},
        figure=figure,
        config={"displayModeBar": False, "responsive": True},
        style={"height": f"{height}px"},
    )
    return html.Div(
        html.Div(graph, **html_attributes(aria_hidden="true")),
        id=f"{CHART_KIND}-{key}",
        className="drawn",
        role="img",
        tabIndex=-1,  # has the focus again when what it opened is closed
        **html_attributes(aria_label=description),
    )
