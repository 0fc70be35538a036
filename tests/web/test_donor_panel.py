"""All that one donor pays for, at an address of its own."""

from __future__ import annotations

from collections.abc import Callable

from atlas.model import Viewer
from atlas.web.organisation_panel import donor_panel
from atlas.web.page_state import PageScene
from tests.export.test_receipt import plain
from tests.web.test_views import text

Scene = Callable[..., PageScene]


def words_of(scene: PageScene) -> str:
    return plain(text(donor_panel(scene)))


def test_a_donor_has_a_page_of_what_it_pays_for_whatever_the_filters(scene: Scene) -> None:
    words = words_of(scene("funder=bailleur-a&sector=education"))
    assert "3 activités et présences" in words
    assert "83,5 k USD budget, 1 sans montant" in words
    assert "Qui agit avec son argent" in words


def test_an_amount_that_nobody_states_is_unknown_and_not_zero(scene: Scene) -> None:
    words = words_of(scene("funder=bailleur-a&frame=ml-2016"))
    assert "onu-a 83 500 USD" in words
    assert "ong-c inconnu" in words


def test_a_donor_of_nothing_has_no_page(scene: Scene) -> None:
    assert donor_panel(scene("funder=personne")) == []


def test_the_public_reads_the_same_sums(scene: Scene) -> None:
    assert "83 500 USD" in words_of(scene("funder=bailleur-a", Viewer.PUBLIC))
