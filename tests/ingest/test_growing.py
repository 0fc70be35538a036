"""A table made row by row is the table made at once."""

from __future__ import annotations

from atlas.ingest.normalising import AppendBuffer, OutcomeBuffer
from atlas.model import empty, frame_of


def test_rows_added_one_by_one_are_the_table_of_them_all() -> None:
    rows = [{"activity_id": f"a{n}", "kind": "budget", "minor": n} for n in range(9000)]
    growing = AppendBuffer("amounts")
    for row in rows:
        growing.add_rows([row])
    assert growing.frame().equals(frame_of("amounts", rows))


def test_no_rows_are_an_empty_table() -> None:
    assert AppendBuffer("amounts").frame().equals(empty("amounts"))


def test_an_outcome_says_where_what_and_which_activity() -> None:
    outcomes = OutcomeBuffer("d")
    outcomes.add_rows(["L2"], "activity", "a")
    outcomes.add_rows(["L3", "L4"], "folded", "a")
    outcomes.add_rows(["L5"], "rejected")
    assert len(outcomes) == 4
    assert outcomes.frame().rows() == [
        ("d", "L2", "activity", "a"),
        ("d", "L3", "folded", "a"),
        ("d", "L4", "folded", "a"),
        ("d", "L5", "rejected", None),
    ]


def test_outcomes_of_a_long_list_are_all_there_in_their_order() -> None:
    outcomes = OutcomeBuffer("d")
    for number in range(9000):
        outcomes.add_rows([f"L{number}"], "rejected")
    assert len(outcomes) == outcomes.frame().height == 9000
    assert outcomes.frame()["locator"].to_list() == [f"L{number}" for number in range(9000)]


def test_a_document_without_rows_has_an_empty_table_of_them() -> None:
    assert OutcomeBuffer("d").frame().equals(empty("rows"))
