"""A place as written becomes the units it names; what it does not name is said."""

from __future__ import annotations

import pytest

from atlas.ingest.placing import is_national, place, raw_of
from atlas.ingest.reading import PlaceText


def placed(**written: object) -> tuple[list[str], list[str]]:
    found = place(PlaceText(**written), "ml-2016")
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
    ],
)
def test_a_place_becomes_its_units(written: dict, units: list[str], codes: list[str]) -> None:
    assert placed(**written) == (units, codes)


def test_a_finer_name_that_is_unknown_is_placed_in_what_holds_it_and_said() -> None:
    units, codes = placed(region="Mopti", cercle="Bandiagara", commune="Zzzzz")
    assert units == ["ml-2016/ML0501"]
    assert codes == ["place_unknown", "place_coarser"]


@pytest.mark.parametrize(
    "words", ["National", "Niveau national", "Tout le Mali", "toutes les régions"]
)
def test_words_for_the_whole_country(words: str) -> None:
    assert is_national(words)


@pytest.mark.parametrize("words", ["Mali-Sud", "Garde nationale de Gao", ""])
def test_words_that_only_look_like_it(words: str) -> None:
    assert not is_national(words)


def test_what_was_written_is_kept() -> None:
    assert (
        raw_of(PlaceText(region="Mopti", cercle=" Koro", text="village"))
        == "Mopti > Koro | village"
    )
    assert raw_of(PlaceText(region_code="ML05")) == "ML05"
