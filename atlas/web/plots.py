"""What every chart shares: Plotly's script, the looks, and one image with a name for its reader."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from atlas.web.attributes import attrs
from atlas.web.palette import SECONDARY, TEXT, WHITE

SCRIPT = "/assets/vendor/plotly-basic.min.js"
"""The part of Plotly that draws these, a fourth of its weight; assets/page.js fetches it late."""

KIND = "chart"
"""Type of the ids of charts: what a click on any of them opens is one callback."""

FONT = {"family": "Atlas, sans-serif", "size": 12, "color": TEXT}

LAYOUT: dict[str, Any] = {
    "font": FONT,
    "paper_bgcolor": WHITE,
    "plot_bgcolor": WHITE,
    "dragmode": False,
    "showlegend": False,
    "hoverlabel": {"bgcolor": WHITE, "bordercolor": SECONDARY, "font": FONT},
}
"""Of every chart: nothing in it moves but what the pointer asks."""


def drawn(key: str, figure: dict[str, Any], height: int, told: str) -> html.Div:
    """A chart that Plotly draws; for a screen reader one image.

    Parameters
    ----------
    key
        Of the chart, one of a kind on a page.
    figure
        Plotly figure as plain data; ``customdata`` of a point is what it changes in the URL.
    height
        In pixels.
    told
        What the image shows, and where the same stands in words.
    """
    graph = dcc.Graph(
        id={"type": KIND, "key": key},
        figure=figure,
        config={"displayModeBar": False, "responsive": True},
        style={"height": f"{height}px"},
    )
    return html.Div(
        html.Div(graph, **attrs(aria_hidden="true")),
        id=f"{KIND}-{key}",
        className="drawn",
        role="img",
        tabIndex=-1,  # has the focus again when what it opened is closed
        **attrs(aria_label=told),
    )
