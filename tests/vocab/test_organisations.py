"""Cells with several organisations are parted, and names are never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.vocab import match_organisation, split_organisations
from atlas.vocab.codelists import vocabulary_rows
from atlas.vocab.matching import is_state


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("PNUD/ADR", ["PNUD", "ADR"]),
        ("OIM, UNHCR", ["OIM", "UNHCR"]),
        ("ONU Femmes, UNFPA, MINUSMA", ["ONU Femmes", "UNFPA", "MINUSMA"]),
        ("PNUD; FAO ;PAM", ["PNUD", "FAO", "PAM"]),
        ("PAM\nFAO", ["PAM", "FAO"]),
        ("UNICEF - PAM", ["UNICEF", "PAM"]),
        ("Danemark et Italie", ["Danemark", "Italie"]),
        ("Suisse, Turquie et UN DOCO", ["Suisse", "Turquie", "UN DOCO"]),
        ("MSDS/ CANAM /INPS/ CMSS", ["MSDS", "CANAM", "INPS", "CMSS"]),
        ("MEF BM/UNI CEF", ["MEF", "BM", "UNI CEF"]),
        ("PNUD, PNUD", ["PNUD"]),
        ("", []),
        (None, []),
    ],
)
def test_a_cell_is_parted_at_its_separators(cell: str | None, names: list[str]) -> None:
    assert split_organisations(cell) == names


@pytest.mark.parametrize(
    "cell",
    [
        "AMCP-SP/ ALIMA",
        "AMPRODE/Sahel",
        "ADEEF - TAFFE FANGA",
        "DanChurchAid (Act Alliance)",
        "Agronomes et vétérinaires sans frontières",
        "Ministère de la Promotion de la Femme, de l'Enfant et de la Famille",
        "Association des femmes et jeunes de Djidara",
        "Groupement Alpha/Oméga",
        "MINUSMA (Section DDR, Kidal)",
    ],
)
def test_a_name_that_contains_a_separator_is_one_name(cell: str) -> None:
    assert split_organisations(cell) == [cell]


def test_a_known_name_inside_a_list_is_not_cut() -> None:
    assert split_organisations("PAM/AMPRODE/Sahel/FAO") == ["PAM", "AMPRODE/Sahel", "FAO"]


@pytest.mark.parametrize("column", ["acronym", "name_fr", "name_en"])
def test_no_name_of_the_vocabulary_is_ever_cut(column: str) -> None:
    names = [row[column] for row in vocabulary_rows("organisations") if row[column]]
    assert [name for name in names if len(split_organisations(name)) != 1] == []


@given(st.text(alphabet="PNUDFAO,;/ -et()\n", max_size=40))
def test_parting_again_changes_nothing_at_line_breaks_and_semicolons(cell: str) -> None:
    for name in split_organisations(cell):
        assert name == name.strip()
        assert name
        assert ";" not in name or "(" in cell or ")" in cell


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Consortium Faso (NRC, DRC, ONG Une)", ["NRC", "DRC", "ONG Une"]),
        ("Consortium X (A, B, C)", ["A", "B", "C"]),
        ("Consortium NRC-DRC", ["NRC", "DRC"]),
        ("Coalition Y (NRC, ONG B)", ["NRC", "ONG B"]),
        ("NRC (DRC, IRC)", ["NRC", "DRC", "IRC"]),
        ("NRC (lead), DRC, IRC", ["NRC", "DRC", "IRC"]),
        ("Lead: NRC; Partners: DRC, IRC", ["NRC", "DRC", "IRC"]),
        ("NRC, DRC, IRC (Consortium LCPM)", ["NRC", "DRC", "IRC"]),
        ("NRC en consortium avec DRC et IRC", ["NRC", "DRC", "IRC"]),
    ],
)
def test_a_consortium_is_its_members(cell: str, names: list[str]) -> None:
    assert split_organisations(cell) == names


@pytest.mark.parametrize(
    "cell",
    [
        "Coalition des femmes (Gao, Kidal)",
        "Consortium pour la paix (CRS)",
        "Groupement des artisans et éleveurs",
        "Save the Children (Gao, Mopti)",
        "Action contre la Faim (ACF)",
        "ACF - Espagne",
        "Programme VIH/SIDA",
    ],
)
def test_what_only_looks_like_a_consortium_is_one_name(cell: str) -> None:
    assert split_organisations(cell) == [cell]


def test_spellings_that_a_person_made_known_part_a_cell_too() -> None:
    assert split_organisations("ONG A / ONG B") == ["ONG A / ONG B"]
    assert split_organisations("ONG A / ONG B", {"ONG A"}.__contains__) == ["ONG A", "ONG B"]


@pytest.mark.parametrize(
    "cell",
    [
        "WATERAID UK",
        "ACF-USA",
        "ACF/France",
        "Oxfam - Belgique",
        "WaterAid, UK",
        "SOS SAHEL FRANCE",
        "Save the Children Denmark",
        "Croix-Rouge française",
        "Royaume-Uni (FCDO)",
        "Royaume-Uni / FCDO",
        "Oxfam (France, Belgique)",
        "Consortium Oxfam (France, Belgique)",
        "Consortium ACF - France",
        "ACF/Sénégal",
        "Plan International, Mali",
        "Ministère de la santé, Mali",
    ],
)
def test_a_country_in_the_name_of_an_organisation_is_no_second_name(cell: str) -> None:
    assert split_organisations(cell) == [cell]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("France, Allemagne", ["France", "Allemagne"]),
        ("France/Suisse", ["France", "Suisse"]),
        ("UNICEF/Danemark", ["UNICEF", "Danemark"]),
        ("USAID, Canada", ["USAID", "Canada"]),
        ("OXFAM; FRANCE", ["OXFAM", "FRANCE"]),
        ("USAID/ECHO/Danemark", ["USAID", "ECHO", "Danemark"]),
        ("Consortium (ACF France, IRC UK)", ["ACF France", "IRC UK"]),
    ],
)
def test_countries_that_a_list_names_are_names(cell: str, names: list[str]) -> None:
    assert split_organisations(cell) == names


NGOS = [r["acronym"] for r in vocabulary_rows("organisations") if r["type"] == "international-ngo"]
STATES = [r["name_fr"] for r in vocabulary_rows("organisations") if is_state(r)]


@given(
    st.sampled_from([name for name in NGOS if name]),
    st.sampled_from(STATES),
    st.sampled_from(["{} {}", "{}-{}", "{}/{}", "{} - {}", "{}, {}", "{} ({})", "{}"]),
)
def test_an_ngo_with_a_country_beside_it_is_never_the_country(
    body: str, state: str, written: str
) -> None:
    for cell in (written.format(body, state), written.format(body.upper(), state.upper())):
        named = {match_organisation(name).id for name in split_organisations(cell)}
        assert named.isdisjoint(match_organisation(one).id for one in STATES)
