"""A place as written becomes the units it names; what it does not name is said."""

from __future__ import annotations

import pytest

from atlas.ingest.placing import is_national, raw_of, units_of_place
from atlas.ingest.reading import PlaceText


def placed(**written: object) -> tuple[list[str], list[str]]:
    found = units_of_place(PlaceText(**written), "ml-2016")
    return [one.unit_id for one in found.placed], [code for code, _params in found.findings]


@pytest.mark.parametrize(
    ("written", "units", "codes"),
    [
        ({"region": "Gao / Ménaka"}, ["ml-2012/ML07"], []),
        ({"region": "Gao, Kidal"}, ["ml-2016/ML07", "ml-2016/ML08"], []),
        ({"region": "Mopti", "cercle": "Koro, Bankass"}, ["ml-2016/ML0505", "ml-2016/ML0502"], []),
        ({"text": "Djidara, Gao"}, ["ml-2016/ML07"], ["place_unknown"]),
        (
            {"text": "communes de Dourou, Xyzab et Dandoli"},
            ["ml-2016/ML050108", "ml-2016/ML050104"],
            ["place_unknown"],
        ),
        (
            {"region": "Mopti", "cercle": "=1+1"},
            ["ml-2016/ML05"],
            ["place_malformed", "place_coarser"],
        ),
        ({"text": "Dourou ; Xyzab"}, ["ml-2016/ML050108", "_unplaced"], ["place_unknown"]),
        ({"region": "Mopti", "text": "Dourou"}, ["ml-2016/ML050108"], []),
        ({"region": "Mopti", "text": "Gao"}, ["ml-2016/ML05"], ["place_contradiction"]),
        ({"cercle": "Koro", "text": "région de Mopti"}, ["ml-2016/ML0505"], []),
        ({"region": "Mali"}, ["_national"], []),
        ({"text": "Ensemble du territoire national"}, ["_national"], []),
        ({"text": "quelque part"}, ["_unplaced"], ["place_unknown"]),
        ({"text": "Kidal, gao et menaka"}, ["ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML10"], []),
        ({"text": "Bamako (Commune 3 et 4)"}, ["ml-2016/ML090103", "ml-2016/ML090104"], []),
        ({"text": "Commune I, District de Bamako"}, ["ml-2016/ML090101"], []),
        (
            {"text": "Région: Kidal; Cercles: Kidal et Tessalit"},
            ["ml-2016/ML0802", "ml-2016/ML0803"],
            [],
        ),
        (
            {"text": "Gao, Kidal et Tessalit"},
            ["ml-2016/ML07", "ml-2016/ML08", "ml-2016/ML0803"],
            [],
        ),
        (
            {"text": "Mopti - Kidal -Gao - Ménaka"},
            ["ml-2016/ML05", "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML10"],
            [],
        ),
        ({"text": "Région de Sikasso (Cercle de Ségou)"}, ["_unplaced"], ["place_contradiction"]),
        ({"text": "12 communes de Gao"}, ["ml-2016/ML07"], []),
        ({"text": "2 communes de Konna et Fatoma"}, ["ml-2016/ML050605", "ml-2016/ML050604"], []),
        ({"text": "Koro/Koporo Pen"}, ["ml-2016/ML050510"], []),
        ({"text": "Gao / Kidal"}, ["ml-2016/ML07", "ml-2016/ML08"], []),
        ({"region": "Gao, Tombouctou"}, ["ml-2016/ML07", "ml-2016/tombouctou"], []),
        ({"locality": "Bandiagara"}, ["ml-2016/ML0501"], []),
        ({"text": "Gao ville"}, ["ml-2016/ML070303"], []),
        (
            {"text": "Kidal, sauf Kidal et Tessalit"},
            ["ml-2016/ML0801", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Région de Kidal (hors Tessalit)"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Kidal, Tessalit non compris"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Kidal à l'exclusion de Tessalit"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Kidal mais pas Tessalit"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Kidal, Tessalit excepté"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        (
            {"text": "Kidal (Tessalit non couvert)"},
            ["ml-2016/ML0801", "ml-2016/ML0802", "ml-2016/ML0804"],
            ["place_exclusion"],
        ),
        ({"text": "Ségou (y compris Niono)"}, ["ml-2016/ML04"], []),
        ({"text": "Ségou (Niono compris)"}, ["ml-2016/ML04"], []),
        ({"text": "Ségou, notamment Niono et Macina"}, ["ml-2016/ML04"], []),
        ({"text": "Gao (près de Kidal)"}, ["ml-2016/ML07"], []),
        ({"text": "Gao, Mali"}, ["ml-2016/ML07"], []),
        ({"text": "Mali (Gao)"}, ["ml-2016/ML07"], []),
        ({"text": "Région du Mali"}, ["_national"], []),
        ({"text": "Gao > Ansongo > Bourra"}, ["ml-2016/ML070103"], []),
        ({"text": "Hors Bamako"}, ["_unplaced"], ["place_exclusion_open"]),
        ({"region": "Mali, Niger, Burkina Faso"}, ["_unplaced"], ["place_shared"]),
    ],
)
def test_a_place_becomes_its_units(written: dict, units: list[str], codes: list[str]) -> None:
    assert placed(**written) == (units, codes)


def test_a_finer_name_that_is_unknown_is_placed_in_what_holds_it_and_said() -> None:
    units, codes = placed(region="Mopti", cercle="Bandiagara", commune="Zzzzz")
    assert units == ["ml-2016/ML0501"]
    assert codes == ["place_unknown", "place_coarser"]


@pytest.mark.parametrize(
    "words",
    [
        "National",
        "Niveau national",
        "Tout le Mali",
        "toutes les régions",
        "République du Mali",
        "Toute l'étendue du territoire national",
        "19 régions plus le District de Bamako",
        "Toutes les régions du Mali et le district de Bamako",
    ],
)
def test_words_for_the_whole_country(words: str) -> None:
    assert is_national(words)


def test_all_but_a_region_is_every_other_one_in_equal_shares() -> None:
    units, codes = placed(text="Toutes les régions sauf Kidal")
    assert (len(units), "ml-2016/ML08" in units, codes) == (10, False, ["place_exclusion"])


def test_a_parent_of_before_a_reform_only_says_where_a_name_lies() -> None:
    found = units_of_place(PlaceText(text="Nara (région de Koulikoro)"), "ml-2023")
    assert [one.unit_id for one in found.placed] == ["ml-2023/nara"]


@pytest.mark.parametrize("words", ["3 régions", "Mali-Sud", "Garde nationale de Gao", ""])
def test_words_that_only_look_like_it(words: str) -> None:
    assert not is_national(words)


def test_what_was_written_is_kept() -> None:
    assert (
        raw_of(PlaceText(region="Mopti", cercle=" Koro", text="village"))
        == "Mopti > Koro | village"
    )
    assert raw_of(PlaceText(region_code="ML05")) == "ML05"


@pytest.mark.parametrize(
    ("words", "units"),
    [
        ("Bourra (Ansongo)", ["ml-2023/bourra-ansongo"]),
        ("Douentza (Mopti)", ["ml-2023/douentza"]),
        ("Mopti (Koro et Bankass)", ["ml-2023/cercle-koro", "ml-2023/cercle-bankass"]),
    ],
)
def test_a_parent_in_brackets_of_before_the_reform_takes_no_share(
    words: str, units: list[str]
) -> None:
    found = units_of_place(PlaceText(text=words), "ml-2023")
    assert [one.unit_id for one in found.placed] == units
