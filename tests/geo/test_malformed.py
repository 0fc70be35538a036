"""Cells that are no names: no crash, no match, a finding, in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES
from atlas.geo.place_evidence import displayable_cell, is_malformed
from atlas.geo.resolve import resolve_place
from atlas.geo.text import find_places

_NASTY = [
    "Mopti \U0001f600",
    "\u202eitpoM",
    "Mopti\u200f",
    "Mop\x00ti",
    '=HYPERLINK("http://x";"Mopti")',
    "@Mopti",
    "+Mopti",
    "Mopti" * 2_000,
    "\U0001f1f2\U0001f1f1",
]


@pytest.mark.parametrize("cell", _NASTY)
@pytest.mark.parametrize("level", ["region", "cercle", "commune"])
def test_a_malformed_name_matches_nothing_and_is_said(cell: str, level: str) -> None:
    answer = resolve_place(frame="ml-2012", **{level: cell})  # type: ignore[arg-type]
    assert answer.unit_id is None
    assert [code for code, _ in answer.findings] == ["place_malformed"]
    assert len(str(answer.findings[0][1]["raw"])) <= 40


def test_a_malformed_commune_leaves_what_its_parents_say() -> None:
    answer = resolve_place(
        region="Mopti", cercle="Bandiagara", commune="Dou\x00rou", frame="ml-2012"
    )
    assert (answer.unit_id, answer.within) == (None, "ml-2012/ML0501")


def test_a_malformed_parent_is_said_and_the_rest_places() -> None:
    answer = resolve_place(region="=A1", cercle="Bandiagara", commune="Dourou", frame="ml-2012")
    assert answer.unit_id == "ml-2012/ML050108"
    assert [code for code, _ in answer.findings] == ["place_malformed"]


@pytest.mark.parametrize(
    "name", ["N'Gabacoro Droit", "Commune n° 1", "Gao\u00a0", "Sirifila–Boundy"]
)
def test_what_people_write_is_not_malformed(name: str) -> None:
    assert not is_malformed(name)


def test_what_is_shown_hides_nothing() -> None:
    assert displayable_cell("a\u202eb\x00c") == "a�b�c"


_CELL = st.text(
    st.characters(codec="utf-16", exclude_categories=()), max_size=60
) | st.sampled_from(_NASTY)


@settings(max_examples=80)
@given(_CELL, _CELL, _CELL, _CELL, st.sampled_from(FRAMES))
def test_any_cell_gets_an_answer_and_a_malformed_one_a_finding(
    region: str, cercle: str, commune: str, code: str, frame: str
) -> None:
    answer = resolve_place(
        region=region, cercle=cercle, commune=commune, cercle_code=code, frame=frame
    )
    said = {code for code, _ in answer.findings}
    if commune.strip() and is_malformed(commune.strip()):
        assert answer.unit_id is None
        assert "place_malformed" in said


@pytest.mark.parametrize("text", ["Mopti, " * 2_000, "x" * 10_000, "(" * 10_000, "de " * 3_000])
def test_a_cell_of_ten_thousand_characters_is_no_code_and_no_commune(text: str) -> None:
    find_places(text, "ml-2016")
    assert resolve_place(commune=text, cercle_code=text, frame="ml-2016").unit_id is None
