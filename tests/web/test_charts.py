"""The bars, and what stands beside them so that they add up."""

import re

import pytest

from atlas.dataset import Dataset
from atlas.ingest.sample import sample_tables
from atlas.model import Viewer
from atlas.web import ranking_tab
from atlas.web.page_state import PageScene, PageView
from tests.layers.made import activity, dataset_of
from tests.web.test_views import text


def of_sectors(query: str) -> str:
    scene = PageScene(
        Dataset.from_tables(sample_tables()), PageView.from_query(query), Viewer.EDITOR
    )
    return text(ranking_tab.ranking_content(scene)[-1])


def figures(words: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", words)]


def test_the_sector_bars_add_up_to_the_47_activities_of_the_sample() -> None:
    """Those of no known sector have a bar of their own, the last."""
    words = of_sectors("")
    assert sum(figures(words)) == 47
    assert re.search(r"Secteur inconnu \d+$", words)


@pytest.mark.parametrize("query", ["?sector=health", "?sector=education&lang=en"])
def test_choosing_a_sector_does_not_change_the_bars_of_sectors(query: str) -> None:
    assert figures(of_sectors(query)) == figures(of_sectors(""))


def test_the_bars_and_what_stands_beside_them_add_up_to_the_figure() -> None:
    """One activity in two régions, one without a place: two in all, and the page says how."""
    dataset = dataset_of(
        activity("Radio", ("ml-2016/ML07", "ml-2016/ML05")), activity("Étude", usd=120_000)
    )

    def told(indicator: str) -> str:
        view = PageView.from_query(f"frame=ml-2016&indicator={indicator}")
        words = text(ranking_tab.ranking_content(PageScene(dataset, view, Viewer.EDITOR)))
        return re.sub(" +", " ", words)

    assert (
        "Hors des barres : Non placé 1 ; 2 en tout, celles de plusieurs zones dans chacune ."
        in told("activities")
    )
    assert "Hors des barres" not in told("organisations")


def test_bars_that_hold_everything_need_no_word_beside_them() -> None:
    """A single activity in a single région: nothing is outside the bars."""
    dataset = dataset_of(activity("Radio", "ml-2016/ML07"))
    view = PageView.from_query("frame=ml-2016")
    words = text(ranking_tab.ranking_content(PageScene(dataset, view, Viewer.EDITOR)))
    assert "en tout" not in words
    assert "Hors des barres" not in words
