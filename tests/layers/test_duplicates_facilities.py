"""Facilities that have only a name and a place: one thing under the spellings of several lists."""

from __future__ import annotations

import pytest

from atlas.filters import Filters
from atlas.layers.pairing.entries import facility_named
from atlas.vocab.codelists import vocabulary_rows
from tests.layers.made import activity, dataset_of

DOUROU, DOUCOMBO = "ml-2016/ML050108", "ml-2016/ML050107"
BANDIAGARA = "ml-2016/ML0501"


def doubles(*told: tuple[str, str]) -> int:
    """Possible doubles among names with their units, each told by a list of its own."""
    entries = [activity(title, unit, document=f"list-{n}") for n, (title, unit) in enumerate(told)]
    found = dataset_of(*entries).ask("duplicates", Filters(), "ml-2016").table
    return found.filter(kind="double_reporting").height


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CSCOM de Goundaka", "Centre de santé communautaire Goundaka"),
        ("C S Com GOUNDAKA", "CSCom de Gundaka"),
        ("CSRéf de Goundaka", "Centre de santé de référence de Goundaka"),
        ("PS de Goundaka", "Poste de santé GOUNDAKA"),
        ("École fondamentale 1er cycle de Goundaka", "EF1 Goundaka"),
        ("EF II Goundaka", "Goundaka 2nd cycle"),
        ("Forage de Goundaka", "Pompe à motricité humaine Goundakka"),
        ("CSCOM de Goundaka 2", "CSCOM Goundaka II"),
    ],
)
def test_one_facility_is_found_under_two_spellings(one: str, other: str) -> None:
    assert doubles((one, DOUROU), (other, DOUROU)) == 1
    assert doubles((one, DOUROU), (other, BANDIAGARA)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CSCOM de Goundaka", "CSRéf de Goundaka"),
        ("CSCOM de Goundaka", "Poste de santé de Goundaka"),
        ("EF1 Goundaka", "EF2 Goundaka"),
        ("École fondamentale 1er cycle de Goundaka", "École fondamentale 2nd cycle de Goundaka"),
        ("CSCOM de Goundaka", "CSCOM de Songo"),
        ("CSCOM de Goundaka 1", "CSCOM de Goundaka 2"),
    ],
)
def test_another_kind_or_another_name_is_another_facility(one: str, other: str) -> None:
    assert doubles((one, DOUROU), (other, DOUROU)) == 0


def test_villages_of_one_name_in_two_communes_have_two_facilities() -> None:
    assert doubles(("CSCOM de Songo", DOUROU), ("CSCOM de Songo", DOUCOMBO)) == 0


def test_a_work_on_a_facility_is_no_name_of_one() -> None:
    for title in (
        "rehabilitation du cscom de goundaka",
        "equipement de deux forages a goundaka",
        "cscom",
        "cscom et csref de goundaka",
        "cscom de goundaka avec tout son personnel et ses locaux neufs",
    ):
        assert facility_named(title) is None


def test_words_of_facilities_are_folded_and_mean_one_kind_each() -> None:
    words = [word for row in vocabulary_rows("facility_kinds") for word in row["words"].split("|")]
    assert len(words) == len(set(words))
    assert [word for word in words if word != word.strip().lower() or not word.isascii()] == []
