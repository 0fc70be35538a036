"""A région named as it was before it was divided is asked about, with what it then held."""

from __future__ import annotations

import pytest

from atlas.geo.resolve import PlaceResolution, resolve_place


def read(region: str, cercle: str, frame: str) -> PlaceResolution:
    """What a row of two cells means in a découpage."""
    return resolve_place(region=region, cercle=cercle, frame=frame)


@pytest.mark.parametrize(
    ("region", "cercle", "frame", "proposed"),
    [
        ("Tombouctou", "Taoudenit", "ml-2023", "ml-2023/cercle-taoudenni"),
        ("Tombouctou", "Taoudenit", "ml-2016", "ml-2016/taoudenit"),
        ("Tombouctou", "Achouratt", "ml-2016", "ml-2016/cercle-achouratt"),
        ("Tombouctou", "Araouane", "ml-2023", "ml-2023/cercle-araouane"),
        ("Tombouctou", "Araouane", "ml-2016", "ml-2023/cercle-araouane"),
        ("Tombouctou", "Boudje-Bery", "ml-2023", "ml-2023/cercle-boudje-beha"),
        ("Tombouctou", "Foum-Alba", "ml-2023", "ml-2023/cercle-foum-elba"),
        ("Gao", "Anderamboukane", "ml-2023", "ml-2023/cercle-anderamboukane"),
        ("Sikasso", "Garalo", "ml-2023", "ml-2023/cercle-garalo"),
    ],
)
def test_a_cercle_under_the_region_that_once_held_it_is_proposed_first(
    region: str, cercle: str, frame: str, proposed: str
) -> None:
    found = read(region, cercle, frame)
    assert (found.unit_id, found.within) == (None, None)
    assert found.candidates[0].unit_id == proposed
    assert [code for code, _params in found.findings] == ["place_contradiction"]


def test_of_a_cercle_that_the_region_never_held_its_own_region_alone_is_proposed() -> None:
    found = read("Sikasso", "Djenné", "ml-2023")
    assert [one.unit_id for one in found.candidates] == ["ml-2023/mopti", "ml-2023/sikasso"]


def test_in_the_decoupage_before_the_division_the_region_holds_what_it_held() -> None:
    assert read("Tombouctou", "Achouratt", "ml-2012").within == "ml-2012/ML06"


def test_a_name_that_no_part_of_the_divided_region_is_like_stays_in_the_region() -> None:
    assert read("Tombouctou", "Bidule", "ml-2023").within == "ml-2023/tombouctou"


@pytest.mark.parametrize(
    ("written", "unit"), [("Kays", "ml-2023/kayes"), ("Koulicoro", "ml-2023/koulikoro")]
)
def test_a_region_that_is_misspelt_by_a_letter_is_placed_and_said_to_be_alike(
    written: str, unit: str
) -> None:
    found = read(written, "", "ml-2023")
    assert (found.unit_id, found.how) == (unit, "fuzzy")
