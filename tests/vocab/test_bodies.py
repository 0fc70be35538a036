"""An organisation with its acronym or its country beside it."""

from __future__ import annotations

import pytest

from atlas.vocab import match_organisation, nearest_in_vocabulary


@pytest.mark.parametrize(
    ("raw", "entry"),
    [
        ("Programme Alimentaire Mondial (PAM)", "pam"),
        ("Programme alimentaire mondial (WFP)", "pam"),
        ("Norwegian Refugee Council - NRC", "nrc"),
        ("DRC Danish Refugee Council", "drc"),
        ("Conseil norvégien pour les réfugiés (CNR)", "nrc"),
        ("P.A.M.", "pam"),
        ("YAGTU", "ya-g-tu"),
        ("UNICEF Mali", "unicef"),
        ("CARE International au Mali", "care-international"),
        ("Caritas Mali", "caritas-mali"),
        ("AMPPF", "amppf"),
    ],
)
def test_one_organisation_spelt_twice_or_with_its_country_is_that_one(raw: str, entry: str) -> None:
    assert match_organisation(raw).id == entry


@pytest.mark.parametrize(
    "raw",
    [
        "PAM (PNUD)",
        "DRC (Direction régionale de la culture)",
        "MSF (Suisse)",
        "Oxfam GB",
        "Croix-Rouge Burkina",
        "AMSS Mali Nord",
    ],
)
def test_where_the_two_may_be_others_nothing_is_decided(raw: str) -> None:
    assert match_organisation(raw).id is None


def test_what_is_near_comes_with_its_likeness_and_a_common_word_brings_nothing_near() -> None:
    (first, *_others) = nearest_in_vocabulary("organisations", "Conseil norvegien des refugies")
    assert (first.id, first.score) == ("nrc", 0.8923)
    assert nearest_in_vocabulary("organisations", "ONG Bidule") == ()
    assert nearest_in_vocabulary("organisations", "Oxfam GB")[0].id == "oxfam"
