"""The search box finds places of any découpage and spelling, organisations, activities, figures."""

from __future__ import annotations

from typing import Any

import pytest

from atlas.i18n import language_context
from atlas.model import Viewer
from atlas.web.page_state import PageScene, PageView
from atlas.web.search import search_results
from tests.layers.made import activity, dataset_of

BANKASS, GAO = "ml-2016/ML0502", "ml-2016/ML07"
ENTRIES = (
    activity("Réhabilitation d'un forage à Bankass", BANKASS, lead_org="acf", sector="wash"),
    activity("Forage sans lieu", "_unplaced", lead_org="acf"),
    activity(None, GAO, kind="presence", implementers=["pam"]),
)


def scene_of(query: str = "", viewer: Viewer = Viewer.EDITOR) -> PageScene:
    return PageScene(dataset_of(*ENTRIES), PageView.from_query(f"frame=ml-2016&{query}"), viewer)


def found(words: str, scene: PageScene | None = None) -> dict[str, list[tuple[str, Any]]]:
    """What is found, by kind: its text and what its click changes."""
    groups = search_results(scene or scene_of(), words)
    return {g["head"]: [(item["text"], item["go"]) for item in g["items"]] for g in groups}


@pytest.mark.parametrize("words", ["bankass", "BANKASS", " Bankas", "Bankàss"])
def test_a_place_is_found_however_it_is_spelled(words):
    text, go = found(words)["Lieux"][0]
    assert (text, go["zone"], go["level"]) == ("Bankass", BANKASS, "cercle")


def test_a_place_of_another_decoupage_opens_in_its_own():
    text, go = found("Tabankort")["Lieux"][0]
    assert (text, go["frame"], go["level"]) == ("Tabankort", "ml-2023", "cercle")


def test_a_name_that_no_place_has_offers_the_nearest():
    assert "Bandiagara" in [text for text, _go in found("Bndiagara")["Lieux"]]


def test_the_public_is_offered_no_commune():
    levels = {
        go["level"] for _text, go in found("bankass", scene_of(viewer=Viewer.PUBLIC))["Lieux"]
    }
    assert levels == {"cercle"}
    assert "commune" in {go["level"] for _text, go in found("bankass")["Lieux"]}


def test_an_organisation_is_held_to_in_the_first_question():
    ((_text, go),) = found("acf")["Organisations"]
    assert (go["organisation"], go["tab"], go["indicator"]) == (["acf"], "", "")


def test_an_activity_opens_its_zone_and_one_without_a_place_the_list():
    opens = dict(found("forage")["Activités"])
    assert opens["Réhabilitation d'un forage à Bankass"]["zone"] == "ml-2016/ML05"
    assert opens["Forage sans lieu"]["tab"] == "activities"


def test_all_the_words_must_be_there_whatever_their_order():
    assert len(found("bankass forage")["Activités"]) == 1
    assert "Activités" not in found("bankass école")


def test_a_figure_opens_its_question():
    opens = dict(found("lacunes")["Chiffres"])["Lacunes et couverture"]
    assert (opens["tab"], opens["indicator"]) == ("gaps", "coverage")


def test_a_figure_that_is_not_offered_is_not_found():
    assert "Chiffres" in found("contraintes d'accès")
    assert "Chiffres" not in found("contraintes d'accès", scene_of(viewer=Viewer.PUBLIC))


def test_one_letter_finds_nothing():
    assert found("b") == {}


def test_the_answers_speak_the_language_of_the_page():
    with language_context("en"):
        assert found("gaps")["Figures"][0][0] == "Gaps and coverage"
