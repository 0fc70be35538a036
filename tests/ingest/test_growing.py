"""A table made row by row is the table made at once."""

from __future__ import annotations

from atlas.ingest.growing import Growing, rows_of_outcomes
from atlas.model import empty, frame_of


def test_rows_added_one_by_one_are_the_table_of_them_all() -> None:
    rows = [{"activity_id": f"a{n}", "kind": "budget", "minor": n} for n in range(9000)]
    growing = Growing("amounts")
    for row in rows:
        growing.add([row])
    assert growing.frame().equals(frame_of("amounts", rows))


def test_no_rows_are_an_empty_table() -> None:
    assert Growing("amounts").frame().equals(empty("amounts"))


def test_an_outcome_says_where_what_and_which_activity() -> None:
    assert rows_of_outcomes("d", [("L2", "activity", "a"), ("L3", "rejected", None)]).rows() == [
        ("d", "L2", "activity", "a"),
        ("d", "L3", "rejected", None),
    ]
