"""Codes of any version are read in the frame of their document; one slip is mended and said."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.names import frame_of_codes, read_code
from atlas.geo.resolve import resolve_place, resolve_rows


@pytest.mark.parametrize(
    ("written", "level", "unit_id", "finding"),
    [
        ("ML05", "region", "ml-2016/ML05", None),
        ("MLI05", "region", "ml-2016/ML05", None),
        (" ML05", "region", "ml-2016/ML05", "place_code_padded"),
        ("ML05 01", "cercle", "ml-2016/ML0501", "place_code_padded"),
        ("ml050108", "commune", "ml-2016/ML050108", None),
        ("ML5", "region", "ml-2016/ML05", "place_code_mended"),
        ("ML501", "cercle", "ml-2016/ML0501", "place_code_mended"),
        ("MLO4", "region", "ml-2016/ML04", "place_code_mended"),
        ("ML050", "cercle", None, "place_code_malformed"),
        ("ML05018", "commune", None, "place_code_malformed"),
        ("ML0501", "region", None, "place_code_malformed"),
        ("5", "region", None, "place_code_malformed"),
        ("ML" + "0" * 10_000, "region", None, "place_code_malformed"),
    ],
)
def test_a_code_is_read_mended_or_refused(
    written: str, level: str, unit_id: str | None, finding: str | None
) -> None:
    reading = read_code(written, level, "ml-2016")
    assert reading.unit_id == unit_id
    assert [code for code, _ in reading.findings] == ([finding] if finding else [])


@pytest.mark.parametrize(
    ("codes", "frame"),
    [
        (["ML0701", "ML1003"], "ml-2016"),
        (["ML0704"], "ml-2012"),
        (["ML0501", "ML050108"], None),
        (["ML19"], "ml-2023"),
        (["ML0704", "ML1003"], None),
        ([], None),
        (["Mopti"], None),
    ],
)
def test_the_codes_around_tell_the_frame(codes: list[str], frame: str | None) -> None:
    assert frame_of_codes(codes) == frame


def test_a_table_of_older_codes_in_a_recent_document_is_read_in_their_frame() -> None:
    table = pl.DataFrame({"cercle_code": ["ML0701", "ML1003"]})
    assert resolve_rows(table, "ml-2023")["unit_id"].to_list() == [
        "ml-2016/ML0701",
        "ml-2016/ML1003",
    ]


def test_codes_alone_whose_version_nothing_tells_are_asked_for() -> None:
    answer = resolve_place(cercle_code="ML0102", frame="ml-2023")
    assert answer.unit_id is None
    assert answer.findings == (("place_code_version", {"code": "ML0102"}),)


def test_a_mended_code_that_contradicts_the_name_gives_both_readings() -> None:
    answer = resolve_place(region="Mopti", cercle="Koro", cercle_code="ML501", frame="ml-2016")
    assert answer.unit_id == "ml-2016/ML0505"
    assert dict(answer.findings)["place_code_name"] == {
        "code": "ML501",
        "code_name": "Bandiagara",
        "name": "Koro",
        "kept": "Koro",
    }


@given(
    code=st.sampled_from(
        shipped_frames()
        .codes.filter(pl.col("scheme") == "cod-2019")["code"]
        .unique()
        .sort()
        .to_list()
    ),
    at=st.integers(2, 7),
)
def test_a_code_without_one_digit_is_never_read_as_a_code_that_has_not_all_the_others(
    code: str, at: int
) -> None:
    short = code[: min(at, len(code) - 1)] + code[min(at, len(code) - 1) + 1 :]
    level = {4: "region", 6: "cercle", 8: "commune"}[len(code)]
    reading = read_code(short, level, "ml-2012")
    if reading.unit_id is not None:
        read = str(reading.findings[0][1]["read"])
        assert any(read[:i] + read[i + 1 :] == short for i in range(2, len(read)))


@given(
    st.text(max_size=20), st.sampled_from(["region", "cercle", "commune"]), st.sampled_from(FRAMES)
)
def test_any_code_is_read_without_error(raw: str, level: str, frame: str) -> None:
    reading = read_code(raw, level, frame)
    assert reading.unit_id is None or reading.unit_id in shipped_frames()
