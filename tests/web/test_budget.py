"""The tab of budgets: what must always be said, its tables, and what its figures open."""

from __future__ import annotations

import re
from typing import Any

import pytest

from atlas.web import budget_tab, figure_activities, page_routes
from atlas.web.page_state import layer_answer
from tests.web.test_views import text as words_of


def shown(parts: list[Any]) -> str:
    """All words, single spaces between them, none before a full stop."""
    return re.sub(" +", " ", words_of(parts)).replace(" .", ".")


def test_the_whole_what_has_no_zone_and_what_has_no_rate_are_always_said(scene) -> None:
    """Money outside the zones is said before the table."""
    text = shown(budget_tab.budget_content(scene("?frame=ml-2016&tab=budget")))
    assert "En tout : 627\u202f500,50\xa0USD ; dans une zone : 552\u202f500,50\xa0USD." in text
    assert "dans aucun de ces totaux : suspendu 60\u202f000\xa0USD." in text
    assert "Hors des zones : Non placé : 75\u202f000\xa0USD." in text
    assert "Aucun montant sans taux de change." in text
    assert "1 activité n'a pas de montant connu." in text


def test_where_nobody_was_counted_the_page_says_so(scene) -> None:
    """A unit without a population has no figure per head."""
    text = shown(budget_tab.budget_content(scene("?frame=ml-2016&tab=budget")))
    assert "Mopti" in text
    assert "population non disponible" in text


def test_what_cannot_be_converted_is_said_in_its_own_currency(scene) -> None:
    """The example's dollars have no day, so no euros."""
    text = shown(budget_tab.budget_content(scene("?frame=ml-2016&tab=budget&budget.currency=EUR")))
    assert "Sans taux de change, non compris dans ces totaux : 627\u202f500,50\xa0USD." in text


def test_years_have_bars_and_a_row_a_zone(scene) -> None:
    """Each amount is parted among its years."""
    text = shown(
        budget_tab.budget_content(scene("?frame=ml-2016&tab=budget&budget.by=year&source=qip"))
    )
    assert "Montant (USD) 2015 38\u202f500 2016 45\u202f000" in text
    assert "Gao 2015 38\u202f500,00" in text


def test_a_donor_opens_what_it_gives_where_by_sector(scene) -> None:
    """Its name asks for its activities alone, by sector."""
    drawn = str(budget_tab.budget_content(scene("?frame=ml-2016&tab=budget&budget.by=donor")))
    assert '{"donor": "bailleur-a", "budget.by": "sector"}' in drawn
    text = shown(
        budget_tab.budget_content(
            scene("?frame=ml-2016&tab=budget&budget.by=sector&donor=bailleur-a")
        )
    )
    assert "Activités que bailleur-a finance, seul ou avec d'autres" in text


def test_without_amounts_the_tab_says_what_to_do(scene) -> None:
    """No table of zeros."""
    text = shown(budget_tab.budget_content(scene("?tab=budget&budget.kind=spent")))
    assert "Aucun montant de cette sorte ici." in text


@pytest.mark.parametrize(
    ("more", "value", "money"),
    [
        ("", "", 165_000.0),
        ("&budget.by=year", "|2016", 45_000.0),
        ("&budget.rule=population", "", 165_000.0),
    ],
)
def test_a_figure_opens_the_activities_that_sum_to_it(scene, more, value, money) -> None:
    """Under the settings in force."""
    asked = f"?frame=ml-2016&tab=budget{more}&why=money|ml-2016/ML10{value}"
    assert figure_activities.activities_behind(scene(asked)).table["share"].sum() == money


def test_the_file_has_the_rows_of_the_page(scene) -> None:
    """By the dimension that the page shows."""
    content, name = page_routes.file_content(
        scene("?frame=ml-2016&budget.by=sector"), "budget", "csv"
    )
    assert name.startswith("atlas-mali-budget-ml-2016-region")
    assert "ml-2016/ML10,Ménaka,wash," in content.decode()


def test_the_map_keeps_one_figure_a_unit_whatever_the_tab_shows(scene) -> None:
    """The dimension is the tab's alone."""
    assert "dimension" not in layer_answer(scene("?budget.by=sector"), "budget").table.columns
