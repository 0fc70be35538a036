"""A table gets the answers that its rows get one by one, only faster."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.resolve import common_resolutions, resolve_place, resolve_rows
from benchmarks.misspell import communes, misspelt
from tests.conftest import needs_shared

_ROWS = communes().select("region", "cercle", "commune").to_dicts()
_NOISE = st.sampled_from(["", "=1+1", "Benkadi", "Siby", "KAPALA ll", "Nulle Part", "\x00", " "])


@st.composite
def _written(draw: st.DrawFn) -> dict[str, str]:
    """A commune with its parents, each as it is, misspelt, blank or something else."""
    row = dict(draw(st.sampled_from(_ROWS)))
    for column in row:
        match draw(st.sampled_from(["as it is", "as it is", "slip", "upper", "blank", "noise"])):
            case "slip" if len(row[column]) > 3:
                at = draw(st.integers(1, len(row[column]) - 1))
                row[column] = row[column][:at] + row[column][at + 1 :]
            case "upper":
                row[column] = f" {row[column].upper()} "
            case "blank":
                row[column] = ""
            case "noise":
                row[column] = draw(_NOISE)
    return row


@settings(max_examples=150)
@given(st.lists(_written(), min_size=1, max_size=12), st.sampled_from(FRAMES))
def test_a_table_has_the_answers_of_its_rows(rows: list[dict[str, str]], frame: str) -> None:
    table = resolve_rows(pl.DataFrame(rows), frame)
    alone = [resolve_place(frame=frame, **row) for row in rows]  # type: ignore[arg-type]
    assert table["unit_id"].to_list() == [a.unit_id for a in alone]
    assert table["how"].to_list() == [a.how for a in alone]
    assert table["score"].to_list() == [a.score if a.unit_id else None for a in alone]
    named = ["; ".join(f"{c.name} [{c.unit_id}]" for c in a.candidates) for a in alone]
    assert table["candidates"].to_list() == named


def test_a_row_with_names_of_all_levels_is_the_common_case() -> None:
    """Dinangourou is known in Koro; Zzq is not, and stays within it."""
    cercle = {"region": "Mopti", "cercle": "Koro"}
    rows = [{**cercle, "commune": "Dinangourou"}, {**cercle, "commune": "Zzq"}]
    found = common_resolutions(pl.DataFrame(rows), "ml-2012")
    assert [(at, one.unit_id, one.within) for at, one in found.items()] == [
        (0, "ml-2012/ML050505", None),
        (1, None, "ml-2012/ML0505"),
    ]


@settings(max_examples=30)
@given(st.lists(_written(), min_size=1, max_size=8, unique_by=lambda r: tuple(r.values())))
def test_the_common_case_is_answered_in_full_with_its_findings(rows: list[dict[str, str]]) -> None:
    for at, answer in common_resolutions(pl.DataFrame(rows), "ml-2012").items():
        assert answer == resolve_place(frame="ml-2012", **rows[at])  # type: ignore[arg-type]


def test_of_ten_thousand_misspelt_rows_most_are_right_and_few_wrong() -> None:
    table = misspelt(10_000, 4_000, seed=7)
    found = resolve_rows(table.select("region", "cercle", "commune"), "ml-2012")["unit_id"]
    right = (found == table["truth"]).sum()
    wrong = (found.is_not_null() & (found != table["truth"])).sum()
    assert right > 9_400
    assert wrong < 50


@needs_shared
def test_without_parents_no_homonym_is_accepted_and_the_right_one_is_a_candidate(
    shared: object,
) -> None:
    table = pl.read_csv(f"{shared}/data/place_truth.csv")
    truth = ("ml-2012/" + table["truth_pcode"]).to_list()
    found = resolve_rows(table.select("commune"), "ml-2012")
    answers = list(zip(found["unit_id"], found["candidates"], truth, strict=True))
    assert sum(unit == meant for unit, _near, meant in answers) == 597
    assert [unit for unit, _near, meant in answers if unit not in (None, meant)] == []
    doubtful = [near.count("[") and meant in near for unit, near, meant in answers if unit is None]
    assert (len(doubtful), all(doubtful)) == (33, True)


def test_homonyms_are_left_open_whatever_the_number_says() -> None:
    answer = resolve_place(commune="BENKADI ll", frame="ml-2012")
    homonyms = {
        c.unit_id
        for c in answer.candidates
        if shipped_frames().unit_label(c.unit_id) != "Benkadi Founia"
    }
    assert answer.unit_id is None
    assert homonyms >= {"ml-2012/ML020302", "ml-2012/ML030501"}
