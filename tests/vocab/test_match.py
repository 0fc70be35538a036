"""Spellings find their entry, and only theirs."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.i18n import language_context
from atlas.model import STATUSES
from atlas.vocab import (
    VocabularyMatch,
    entry_label,
    entry_spelt_as,
    iati_code,
    match_access_constraint,
    match_org_type,
    match_organisation,
    match_sector,
    match_status,
    nearest_in_vocabulary,
    organisation_type,
    vocabulary_table,
)
from atlas.vocab.codelists import VOCABULARIES, entries_by_id, vocabulary_rows
from atlas.vocab.indicators import activity_indicators
from atlas.vocab.matching import VocabularyIndex, vocabulary_index
from tests.conftest import needs_shared


@pytest.mark.parametrize(
    ("raw", "sector"),
    [
        ("Santé", "health"),
        ("EHA", "wash"),
        ("WASH", "wash"),
        ("Water Sanitation & Hygiene", "wash"),
        ("Food Security", "food-security"),
        ("SAMV", "food-security"),
        ("Agriculture", "food-security"),
        ("Abris/BNA", "shelter-nfi"),
        ("AME", "shelter-nfi"),
        ("VBG", "protection"),
        ("Protection de l'enfance", "protection"),
        ("Lutte antimines", "protection"),
        ("LTB", "protection"),
        ("CCCM", "cccm"),
        ("Télécoms d'urgence", "emergency-telecoms"),
        ("DDR", "ddr-ssr"),
        ("Cantonnement", "ddr-ssr"),
        ("Etat de droit et justice", "governance"),
        ("Retour de l’autorité de l’Etat", "governance"),
        ("Gestion de Conflit", "social-cohesion"),
        ("Electricité", "public-infrastructure"),
        ("Artisanat", "local-economy"),
        ("Sports", "culture-sport"),
        ("Environnement / Réduction des Risques", "environment"),
        ("Réintégration des Déplacés", "early-recovery"),
    ],
)
def test_every_wording_of_a_source_is_one_sector(raw: str, sector: str) -> None:
    assert match_sector(raw).id == sector


def test_a_misspelt_sector_is_said_to_be_one() -> None:
    found = match_sector("Infrastuctures publiques")
    assert (found.id, found.how) == ("public-infrastructure", "fuzzy")
    assert found.score < 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("En cours", "ongoing"),
        ("TERMINE", "completed"),
        ("Achevé", "completed"),
        ("Prévu", "planned"),
        ("Suspendue", "suspended"),
        ("annulée", "cancelled"),
        ("2", "ongoing"),
        ("4", "completed"),
    ],
)
def test_status_words_and_iati_codes_are_read(raw: str, status: str) -> None:
    assert match_status(raw).id == status


def test_the_statuses_are_those_of_the_model() -> None:
    assert set(vocabulary_table("statuses")["id"]) == set(STATUSES)


def test_iati_codes_are_those_of_the_standard() -> None:
    assert [iati_code(s) for s in STATUSES] == ["1", "2", "4", "6", "5", None]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("ONG Internationale", "international-ngo"),
        ("ONG Nationale", "national-ngo"),
        ("Agence UN", "un"),
        ("Mouv. Croix-rouge", "red-cross"),
        ("OCS", "civil-society"),
        ("ONG", None),
    ],
)
def test_organisation_types_are_read_and_a_bare_ong_is_none_of_them(
    raw: str, kind: str | None
) -> None:
    assert match_org_type(raw).id == kind


def test_the_nine_access_constraints_are_listed() -> None:
    assert vocabulary_table("access_constraints").height == 9
    assert match_access_constraint("Restrictions de mouvement").id == "movement-restrictions"


@pytest.mark.parametrize(
    ("raw", "organisation", "how"),
    [
        ("PNUD", "pnud", "exact"),
        ("UNDP", "pnud", "exact"),
        ("World Food Programme", "pam", "exact"),
        ("educo", "educo", "exact"),
        ("Help", "help", "exact"),
        ("AMCP-SP/ ALIMA", "amcp-sp-alima", "exact"),
        ("HCR", "unhcr", "alias"),
        ("Agronomes et Vétérinaires Sans Frontières", "avsf", "exact"),
        ("Ambassade du Danemark", "denmark", "alias"),
        ("Norwegian Refugee Councill", "nrc", "fuzzy"),
    ],
)
def test_an_organisation_is_known_by_any_of_its_names(
    raw: str, organisation: str, how: str
) -> None:
    found = match_organisation(raw)
    assert (found.id, found.how) == (organisation, how)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AMSODE", "AMSOP"),
        ("NRC", "DRC"),
        ("MSF-E", "MSF-F"),
        ("Caritas Suisse", "Caritas Allemagne"),
        ("KENAYA NIETA", "KENAYA SINSI WALE"),
        ("IR", "IRW"),
        ("ADR", "Agence de développement régional de Mopti"),
        ("USAID PMI", "USAID PSM"),
        ("DNDS", "DNPSES"),
        ("ACF", "ACF-E"),
    ],
)
def test_organisations_that_look_alike_stay_apart(one: str, other: str) -> None:
    found = match_organisation(one).id, match_organisation(other).id
    assert None not in found
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "raw",
    [
        "AMSODA",
        "IMADEM",
        "Direction régionale du Développement social",
        "Conseil suédois pour les réfugiés",
        "Caritas",
        "Croix-Rouge",
        "Ministère de la Santé",
        "",
    ],
)
def test_a_name_close_to_a_known_one_is_not_taken_for_it(raw: str) -> None:
    found = match_organisation(raw)
    assert found.id != "amsode"
    assert found.how in (None, "exact")


def test_what_is_not_known_names_what_is_near() -> None:
    found = match_organisation("Direction régionale du Développement social")
    assert found.id is None
    assert "dnds" in found.near


def test_the_type_of_an_organisation_is_known_or_said_to_be_unknown() -> None:
    assert organisation_type("unicef") == "un"
    assert organisation_type("denmark") == "donor"
    assert organisation_type("adr") is None
    assert organisation_type("Une association") is None


def test_a_label_speaks_the_language_in_force() -> None:
    assert entry_label("sectors", "health") == "Santé"
    assert entry_label("organisations", "pnud") == "PNUD"
    with language_context("en"):
        assert entry_label("sectors", "health") == "Health"
        assert entry_label("organisations", "pnud") == "UNDP"


def test_a_label_that_is_not_listed_is_the_id_itself() -> None:
    assert entry_label("organisations", "Femmes de Djidara") == "Femmes de Djidara"


def test_an_unknown_vocabulary_is_an_error() -> None:
    with pytest.raises(KeyError):
        vocabulary_table("colours")


def test_a_spelling_that_would_name_two_entries_is_refused() -> None:
    twins = [
        {"id": "a", "fr": "Eau", "aliases": ""},
        {"id": "b", "fr": "EAU", "aliases": ""},
    ]
    with pytest.raises(ValueError, match="names both a and b"):
        VocabularyIndex(twins, ("fr",))


@pytest.mark.parametrize("name", [v for v in VOCABULARIES if v != "kinds"])
def test_every_id_and_label_matches_its_own_entry(name: str) -> None:
    listed = vocabulary_table(name)
    if name == "indicators":  # what figures of activities count is known by other words
        listed = listed.filter(~pl.col("id").is_in(activity_indicators()))
    for entry, fr, en in listed.rows():
        assert vocabulary_index(name).match(entry) == VocabularyMatch(entry, "exact", 1.0)
        assert vocabulary_index(name).match(fr).id == entry
        assert vocabulary_index(name).match(en).id == entry


def test_every_organisation_has_a_listed_type_or_none() -> None:
    types = {*entries_by_id("org_types"), ""}
    assert [row["id"] for row in vocabulary_rows("organisations") if row["type"] not in types] == []


def test_no_alias_repeats_a_name_of_another_organisation() -> None:
    names = {row["id"]: row for row in vocabulary_rows("organisations")}
    wrong = [
        (alias, entry)
        for entry, row in names.items()
        for alias in row["aliases"].split("|")
        if alias and match_organisation(alias).id != entry
    ]
    assert wrong == []


@given(st.text(max_size=60))
def test_any_text_is_matched_or_not_and_never_an_error(raw: str) -> None:
    for found in (match_organisation(raw), match_sector(raw), match_status(raw)):
        assert (found.id is None) == (found.how is None)
        assert 0 <= found.score <= 1


@given(st.sampled_from(vocabulary_table("organisations")["id"].to_list()), st.sampled_from("bqwxz"))
def test_a_strange_letter_never_turns_one_acronym_into_another(entry: str, letter: str) -> None:
    acronym = entries_by_id("organisations")[entry]["acronym"]
    found = match_organisation(acronym + letter).id if 0 < len(acronym) < 9 else None
    assert found in (None, entry, entry_spelt_as("organisations", acronym + letter))  # IR, IRW


def test_twenty_thousand_names_take_a_fifth_of_a_second() -> None:
    names = [row["acronym"] or row["name_fr"] for row in vocabulary_rows("organisations")]
    many = (names * (20_000 // len(names) + 1))[:20_000]
    start = time.process_time()
    found = [match_organisation(name).id for name in many]
    assert time.process_time() - start < 0.2
    assert None not in found


@needs_shared
def test_every_organisation_of_the_real_5w_file_is_known(shared: Path) -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(shared / "data/whowhatwhere_5w_mli_mar2022.xlsx"))
    names = {str(row[0]) for row in book.get_sheet_by_name("ML_5W").to_python()[2:]}
    found = {name: match_organisation(name) for name in names}
    assert {name for name, match in found.items() if match.how != "exact"} == set()
    assert len(names) == 161
    assert len({match.id for match in found.values()}) == 155


@pytest.mark.parametrize(
    ("raw", "near"),
    [
        ("SOS Sahel France", "sos-sahel"),
        ("Save the Children Denmark", "sci"),
        ("Royaume-Uni (FCDO)", "fcdo"),
        ("Ambassade de la France au Mali", "france"),
        ("Frnace", "france"),
    ],
)
def test_a_country_is_near_where_no_other_name_stands_beside_it(raw: str, near: str) -> None:
    named = [one.id for one in nearest_in_vocabulary("organisations", raw)]
    assert named[0] == near
    assert near == "france" or not {"france", "denmark", "united-kingdom"} & set(named)
