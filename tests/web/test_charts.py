"""The bars, and what stands beside them so that they add up."""

import re
from typing import Any

import pytest

from atlas.dataset import Dataset
from atlas.ingest.sample import sample_tables
from atlas.model import Viewer
from atlas.web import charts
from atlas.web.desk import Scene
from atlas.web.ids import Id
from atlas.web.state import View
from tests.layers.made import activity, dataset_of
from tests.web.test_views import text


def parts_of(query: str) -> tuple[list[Any], str]:
    scene = Scene(Dataset.of(sample_tables()), View.from_query(query), Viewer.EDITOR)
    parts = charts.ranking(scene)
    graph = next(p for p in parts if getattr(p, "id", "") == Id.SECTORS_CHART)
    return graph.figure["data"][0]["x"], text(parts[-1])


def test_the_sector_bars_and_the_line_below_add_up_to_the_47_activities_of_the_sample() -> None:
    bars, below = parts_of("")
    assert below.startswith("Hors du graphique")
    assert sum(bars) + sum(int(n) for n in re.findall(r"\d+", below)) == 47


@pytest.mark.parametrize("query", ["?sector=health", "?sector=education&lang=en"])
def test_choosing_a_sector_changes_neither_the_bars_nor_what_is_beside_them(query: str) -> None:
    assert parts_of(query) == parts_of("")


def test_the_bars_and_what_stands_beside_them_add_up_to_the_figure() -> None:
    """One activity in two régions, one without a place: two in all, and the page says how."""
    dataset = dataset_of(
        activity("Radio", ("ml-2016/ML07", "ml-2016/ML05")), activity("Étude", usd=120_000)
    )

    def told(indicator: str) -> str:
        view = View.from_query(f"frame=ml-2016&indicator={indicator}")
        return text(charts.ranking(Scene(dataset, view, Viewer.EDITOR)))

    assert (
        "Hors des barres : Non placé 1 ; 2 en tout, celles de plusieurs zones dans chacune."
        in told("activities")
    )
    assert "Hors des barres" not in told("organisations")


def test_bars_that_hold_everything_need_no_word_beside_them() -> None:
    """A single activity in a single région: nothing is outside the bars."""
    dataset = dataset_of(activity("Radio", "ml-2016/ML07"))
    view = View.from_query("frame=ml-2016")
    words = text(charts.ranking(Scene(dataset, view, Viewer.EDITOR)))
    assert "en tout" not in words
    assert "Hors des barres" not in words
