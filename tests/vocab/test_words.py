"""Sectors inferred from an activity's words, and left unknown when the words do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.vocab import infer_sector
from atlas.vocab.codelists import entries_by_id, normalised_text, vocabulary_rows


@pytest.mark.parametrize(
    ("words", "sector"),
    [
        ("Réaliser 6 forages", "wash"),
        ("Réhabiliter et équiper 2 CSCOMs à Dourou et Doucombo", "health"),
        ("Réhabiliter les écoles publiques de Bandiagara", "education"),
        ("Installer l'éclairage public solaire", "public-infrastructure"),
        ("Mise en place de 5 cellules de veilles", "security-justice"),
        ("Construction de 80 abris et dotation en kits solaires", "shelter-nfi"),
        ("Équipement de 10 coopératives AGR", "local-economy"),
        ("Formation aux métiers pour 200 jeunes", "local-economy"),
        ("Semaine régionale de réconciliation", "social-cohesion"),
        ("5 dialogues inter-générationnels", "social-cohesion"),
        ("Réunions de coordination", "coordination"),
        ("Réhabilitation de la digue de protection de Tessalit", "environment"),
        ("Appui au processus de cantonnement", "ddr-ssr"),
        ("Éducation pour la consolidation de la paix", "education"),
        ("Femmes victimes de violences sexuelles, accès à la justice", "protection"),
        ("School canteens", "food-security"),
        ("Appui à la résilience des éleveurs", "food-security"),
        ("Kits pour les élèves", "education"),
    ],
)
def test_an_activity_speaks_for_its_sector(words: str, sector: str) -> None:
    found = infer_sector(words)
    assert (found.id, found.how) == (sector, "keyword")


@pytest.mark.parametrize(
    "words",
    [
        "Consultances techniques",
        "Équipements et maintenance",
        "Politique nationale de protection sociale",
        "Caisse malienne de sécurité sociale",
        "Extension de l'assurance maladie obligatoire",
        "Étude actuarielle",
        "",
    ],
)
def test_words_that_say_no_sector_leave_it_unknown(words: str) -> None:
    assert infer_sector(words).id is None


def test_two_sectors_in_balance_are_no_answer_but_both_are_named() -> None:
    found = infer_sector("Latrines et nutrition")
    assert found.id is None
    assert set(found.near) == {"wash", "nutrition"}


def test_a_sponsor_does_not_decide_the_sector() -> None:
    sponsored = "Fabrique de savon, sponsor : Division des droits de l'homme et de la protection"
    assert infer_sector(sponsored).id == "local-economy"


def test_every_rule_is_written_in_folded_words_and_names_a_sector() -> None:
    for row in vocabulary_rows("sector_words"):
        assert row["words"].replace("*", "") == normalised_text(row["words"].replace("*", ""))
        assert row["sector"] in {*entries_by_id("sectors"), ""}
        assert int(row["weight"]) > 0 or not row["sector"]


def test_no_rule_is_written_twice() -> None:
    words = [row["words"] for row in vocabulary_rows("sector_words")]
    assert len(words) == len(set(words))


@given(st.text(max_size=80))
def test_any_text_has_a_sector_or_none_and_never_an_error(text: str) -> None:
    found = infer_sector(text)
    assert found.id is None or found.id in entries_by_id("sectors")
    assert 0 <= found.score <= 1


@pytest.mark.parametrize(
    "words",
    [
        "Réunion avec Santé Sud",
        "Visite d'Agronomes et vétérinaires sans frontières",
        "Atelier de World Food Programme",
    ],
)
def test_the_name_of_an_organisation_says_no_sector(words: str) -> None:
    assert infer_sector(words).id is None


def test_the_name_of_a_public_service_says_its_sector() -> None:
    assert infer_sector("Appui au Centre national des cantines scolaires").id == "food-security"
