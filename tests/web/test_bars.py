"""Bars: what Plotly is given to draw, and the table that says the same."""

from typing import Any

import plotly.graph_objects
import pytest

from atlas.web.charts import ChartBar, bar_chart, bar_figure

GAO = ChartBar(
    "Gao", 12, "12", "12 activités", ("activities", "ml-2016/ML07"), {"zone": "ml-2016/ML07"}
)
MOPTI = ChartBar("Mopti", 3, "3", "3 activités", ("activities", "ml-2016/ML05"))
RATIO = ChartBar("Kidal", 1.5, "1,5", "1,5 USD par habitant", url_changes={"zone": "ml-2016/ML08"})


def found(part: Any, kind: str) -> list[Any]:
    """Components of a kind, in the order of the page."""
    if isinstance(part, list | tuple):
        return [one for child in part for one in found(child, kind)]
    own = [part] if type(part).__name__ == kind else []
    return own + found(getattr(part, "children", []), kind)


def test_plotly_takes_the_figure_as_it_is() -> None:
    """Its own schema refuses an attribute that it does not know."""
    drawn = plotly.graph_objects.Figure(bar_figure([GAO, MOPTI]))
    assert drawn.data[0].x == (3, 12)
    assert drawn.layout.yaxis.ticktext == ("Mopti", "Gao")
    with pytest.raises(ValueError, match="barres"):
        plotly.graph_objects.Figure({"data": [{"type": "bar", "barres": 1}]})


def test_the_first_is_on_top_and_says_its_exact_figure() -> None:
    trace = bar_figure([GAO, MOPTI])["data"][0]
    assert trace["hovertext"][-1] == "Gao : 12 activités"


def test_a_bar_opens_its_list_and_one_without_a_list_its_zone() -> None:
    opens = bar_figure([GAO, RATIO])["data"][0]["customdata"]
    assert opens == ['{"zone": "ml-2016/ML08"}', '{"why": "activities|ml-2016/ML07"}']


def test_a_bar_opens_what_its_figure_in_the_table_opens() -> None:
    chart = bar_chart("units", [GAO, MOPTI], "Activités signalées", ("Zone", "Activités"))
    (graph,) = found(chart, "Graph")
    buttons = [b for b in found(chart, "Button") if b.className == "why-number"]
    of_table = [b.to_plotly_json()["props"]["data-go"] for b in buttons]
    assert of_table == graph.figure["data"][0]["customdata"][::-1]


def test_bars_of_nothing_but_nought_have_an_axis_all_the_same() -> None:
    """A severity of 0 in every zone."""
    assert bar_figure([ChartBar("Gao", 0, "0", "gravité 0")])["layout"]["xaxis"]["range"] == [
        0,
        1.22,
    ]


def test_a_name_is_words_and_never_markup() -> None:
    """Plotly reads a few tags in texts; names are imported."""
    trace, layout = (
        bar_figure([ChartBar("<b>L'Aïr</b> & Co", 1, "1", "1")])[k] for k in ("data", "layout")
    )
    assert layout["yaxis"]["ticktext"] == ["&lt;b&gt;L'Aïr&lt;/b&gt; &amp; Co"]
    assert "<" not in trace[0]["hovertext"][0]


def test_the_chart_is_one_image_with_a_name_and_nothing_in_it_is_read_aloud() -> None:
    chart = bar_chart("units", [GAO], "Activités signalées", ("Zone", "Activités"))
    drawn = chart.children[0].to_plotly_json()["props"]
    assert (drawn["role"], drawn["children"].to_plotly_json()["props"]["aria-hidden"]) == (
        "img",
        "true",
    )
    assert drawn["aria-label"] == (
        "Graphique en barres : Activités signalées. Ses chiffres sont dans le tableau qui suit."
    )
