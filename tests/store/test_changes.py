"""What differs between two states, activity by activity."""

from __future__ import annotations

from datetime import date

from atlas.model import Tables
from atlas.store.merge import compare_tables
from tests.layers.made import activity, tables_of


def test_what_came_and_what_went_is_listed_by_title() -> None:
    before = tables_of(activity("Puits", key="p"), activity("Abri", key="a"))
    after = tables_of(activity("Marché", key="m"), activity("École", key="e"))
    diff = compare_tables(before, after)
    assert diff.removed["title"].to_list() == ["Abri", "Puits"]
    assert diff.added["title"].to_list() == ["Marché", "École"]
    assert not diff.is_empty


def test_each_field_that_differs_is_told_as_it_was_and_as_it_is() -> None:
    money = {"currency": "USD", "usd_minor": 100, "period_start": date(2017, 1, 1)}
    before = tables_of(activity(key="a", status="ongoing", amounts=[{**money, "minor": 100}]))
    after = tables_of(activity("Forage", "ml-2016/ML08", key="a", status="completed", amounts=[]))
    assert compare_tables(before, after).changed.rows() == [
        ("a", "Forage", "budget", "100 USD 2017-01-01/", None),
        ("a", "Forage", "places", "_unplaced ×1", "ml-2016/ML08 ×1"),
        ("a", "Forage", "status", "ongoing", "completed"),
    ]


def test_a_state_that_tells_the_same_is_no_change() -> None:
    assert compare_tables(tables_of(activity()), tables_of(activity())).is_empty
    assert compare_tables(Tables.empty(), Tables.empty()).is_empty
