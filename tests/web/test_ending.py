"""What ends soon, under "What changed?"."""

from __future__ import annotations

from datetime import date

from atlas.model import Viewer
from atlas.web import change_tab
from atlas.web.page_state import PageScene, PageView
from tests.layers.made import activity, dataset_of, fact
from tests.web.test_views import text

GAO = "ml-2016/ML07"
BEGUN = {"start": date(2017, 1, 1), "sector": "wash", "source": "ngo"}


def test_what_ends_is_told_with_who_is_left_and_the_need_even_in_a_first_state() -> None:
    """ACF is the last in water in Gao, where 900 people are in need; the end of IRC is unknown."""
    need = fact("needs", GAO, indicator="people-in-need", sector="wash", value=900.0)
    dataset = dataset_of(
        activity("Puits", GAO, lead_org="acf", end=date(2017, 8, 31), **BEGUN),
        activity("Soins", GAO, lead_org="irc", **BEGUN | {"sector": "health"}),
        context=(need | {"as_of": date(2017, 6, 1)},),
    )
    query = PageView.from_query("tab=change&frame=ml-2016")
    words = text(change_tab.change_content(PageScene(dataset, query, Viewer.EDITOR)))
    assert "Finit d'ici 3 mois : 1 activité" in words
    assert "Finissent d'ici là : 1 ; plus tard : 0 ; fin non dite" in words
    shown = words[words.index("Gao") : words.index("Comparer")]
    for part in ("Puits", "ACF", "31/08/2017", "personne", "900 personnes", "au 01/06/2017"):
        assert part in shown
    assert "Soins" not in shown
