"""What changed, in the words that a chairperson reads out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from atlas.dataset import Dataset
from atlas.web import change_tab
from atlas.web.page_state import PageScene
from tests.layers.made import activity, tables_of
from tests.strategies import SyntheticSnapshot
from tests.web.test_views import text

GAO, KIDAL, MOPTI = "ml-2016/ML07", "ml-2016/ML08", "ml-2016/ML05"


def test_the_text_counts_names_places_and_adds_up_money() -> None:
    """Every kind of change is one clause, with where; units come by name."""
    then = [
        activity("Forage", GAO, key="a", usd=1_000_000, lead_org="unicef"),
        activity("École", KIDAL, key="b", end=date(2024, 9, 1)),
    ]
    now = [
        activity("Forage", GAO, key="a", usd=1_250_000, lead_org="unicef", status="completed"),
        activity("École", KIDAL, key="b", end=date(2025, 9, 1)),
        activity("Radio", MOPTI, key="c", lead_org="pam"),
        activity("Marché", MOPTI, key="d"),
    ]
    old = SyntheticSnapshot(tables_of(*then, as_of=date(2024, 3, 31)), hash="old")
    new = SyntheticSnapshot(tables_of(*now, as_of=date(2024, 6, 30)), hash="new")
    answer = Dataset(new, earlier=lambda _word: old).ask("change", frame="ml-2016")
    assert change_tab.change_sentences(answer, "region") == [
        "Depuis l'état précédent (documents jusqu'au 31 mars 2024, à présent jusqu'au "
        "30 juin 2024) :",
        "2 activités nouvelles (Mopti 2) ; 1 terminée (Gao 1) ; 1 prolongée (Kidal 1) ; "
        "1 au montant changé (Gao 1).",
        "Budgets changés : 2\u202f500\xa0USD de plus.",
        "Régions sans plus aucun acteur : Gao.",
        "Régions avec un premier acteur : Mopti.",
    ]


def test_a_first_state_says_what_to_do(scene: Callable[..., PageScene]) -> None:
    """With nothing before it, the tab says how to have something to compare."""
    assert "Importez la liste suivante" in text(change_tab.change_content(scene("tab=change")))


def test_two_days_of_one_state_are_compared(scene: Callable[..., PageScene]) -> None:
    """Between two days, what started and ended is told, under those days."""
    days = "tab=change&frame=ml-2016&change.from=2016-01-01&change.to=2016-12-31"
    words = text(change_tab.change_content(scene(days)))
    assert "Du 1er janvier 2016 au 31 décembre 2016" in words
    assert "2 activités nouvelles (Gao 1, Ménaka 1)" in words
    assert "Projets à impact rapide (QIP) · liste-2017.xlsx · L2" in words


def test_a_row_of_the_table_says_statuses_days_money_and_names_in_words() -> None:
    """No id of a vocabulary, ISO date or bare figure is shown to a reader."""
    assert change_tab._value_text("status", "completed") == "Achevé"
    assert change_tab._value_text("end", "2025-08-31") == "31/08/2025"
    assert change_tab._value_text("budget", "350000.00 EUR") == "350\u202f000\xa0EUR"
    assert change_tab._value_text("organisations", "pam ; unicef") == "PAM ; UNICEF"
    assert change_tab._value_text("budget", None) == ""
