"""The contract of the tables, and that breaking it is noticed."""

from datetime import date

import polars as pl
import pytest

from atlas.errors import InvariantError
from atlas.model import SCHEMAS, Tables, check, frame_of

DOCUMENT = {
    "document": "d1", "file": "list.csv", "reader": "qip", "as_of": date(2017, 6, 30),
    "frame": "ml-2016", "rows_read": 2, "is_sample": False,
}  # fmt: skip
ACTIVITY = {
    "activity_id": "a1", "kind": "activity", "source": "qip", "document": "d1", "locator": "2",
    "as_of": date(2017, 6, 30), "title": "Teinture", "status": "ongoing",
}  # fmt: skip
PLACEMENT = {"activity_id": "a1", "unit_id": "ml-2016/ML07", "weight": 1, "rule": "reported"}
ROWS = [
    {"document": "d1", "locator": "2", "outcome": "activity", "activity_id": "a1"},
    {"document": "d1", "locator": "3", "outcome": "rejected"},
]


def tables(**changes: pl.DataFrame) -> Tables:
    parts = {
        "documents": frame_of("documents", [DOCUMENT]),
        "activities": frame_of("activities", [ACTIVITY]),
        "placements": frame_of("placements", [PLACEMENT]),
        "rows": frame_of("rows", ROWS),
    }
    blank = dict(Tables.empty().items())
    return Tables(**{**blank, **parts, **changes})


def test_a_small_sound_set_of_tables_passes() -> None:
    check(tables())


@pytest.mark.parametrize(
    ("table", "records", "complaint"),
    [
        ("rows", ROWS[:1], "rows read"),
        ("placements", [], "without a placement"),
        ("placements", [{**PLACEMENT, "weight": 0}], "positive"),
        ("placements", [PLACEMENT, {**PLACEMENT, "activity_id": "a9"}], "do not exist"),
        ("activities", [ACTIVITY, ACTIVITY], "not unique"),
        ("activities", [{**ACTIVITY, "kind": "rumour"}], "rumour"),
        ("findings", [{"document": "d1", "code": "no_such_code"}], "no_such_code"),
    ],
)
def test_a_broken_table_is_refused_and_named(
    table: str, records: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(InvariantError, match=complaint):
        check(tables(**{table: frame_of(table, records)}))


def test_a_column_that_the_contract_does_not_know_is_an_error() -> None:
    with pytest.raises(InvariantError, match="colour"):
        frame_of("activities", [{**ACTIVITY, "colour": "blue"}])


def test_taking_a_document_away_takes_everything_it_brought() -> None:
    left = tables().without(["d1"])
    assert [frame.height for _name, frame in left.items()] == [0] * len(SCHEMAS)
