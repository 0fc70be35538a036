"""What changed between two states, told activity by activity."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.layers.change import COLUMNS, Change
from tests.layers.made import activity, tables_of
from tests.strategies import SyntheticSnapshot

GAO, KIDAL, MOPTI = "ml-2016/ML07", "ml-2016/ML08", "ml-2016/ML05"
MARCH, JUNE = date(2024, 3, 31), date(2024, 6, 30)


def changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]], filters: Filters | None = None
) -> list[dict[str, Any]]:
    """The changes from one list to the next, in the régions of 2016."""
    old = SyntheticSnapshot(tables_of(*before, as_of=MARCH), hash="old")
    new = SyntheticSnapshot(tables_of(*after, as_of=JUNE), hash="new")
    dataset = Dataset(new, earlier=lambda _word: old)
    return dataset.ask("change", filters or Filters(), "ml-2016").table.to_dicts()


def told(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of each change, those about actors left out."""
    return [tuple(r[c] for c in columns) for r in rows if not r["change"].endswith("_actor")]


def test_the_same_list_twice_changes_nothing():
    well = activity("Forage", GAO, key="a", usd=100, lead_org="unicef")
    assert changes([well], [well]) == []


def test_a_new_and_a_missing_activity_are_told_with_their_place():
    rows = changes([activity("Forage", GAO, key="a")], [activity("École", KIDAL, key="b")])
    assert told(rows, "change", "title", "unit_name") == [
        ("new", "École", "Kidal"),
        ("gone", "Forage", "Gao"),
    ]


def test_another_amount_says_both_and_the_difference():
    rows = changes(
        [activity(unit=GAO, key="a", usd=4_661_016)], [activity(unit=GAO, key="a", usd=5_000_000)]
    )
    assert told(rows, "change", "field", "before", "after", "difference_usd") == [
        ("amount", "budget", "46610.16 USD", "50000.00 USD", 3389.84)
    ]


def test_an_amount_that_was_unknown_has_no_difference():
    rows = changes([activity(unit=GAO, key="a")], [activity(unit=GAO, key="a", usd=100)])
    assert told(rows, "change", "before", "after", "difference_usd") == [
        ("amount", None, "1.00 USD", None)
    ]


def test_a_later_end_is_extended_and_an_earlier_one_shortened():
    rows = changes(
        [activity(unit=GAO, key="a", end=date(2024, 9, 1)), activity(unit=GAO, key="b", end=JUNE)],
        [
            activity(unit=GAO, key="a", end=date(2024, 7, 1)),
            activity(unit=GAO, key="b", end=date(2025, 1, 1)),
        ],
    )
    assert told(rows, "change", "activity_id", "before", "after") == [
        ("extended", "b", "2024-06-30", "2025-01-01"),
        ("shortened", "a", "2024-09-01", "2024-07-01"),
    ]


@pytest.mark.parametrize("now", [{"status": "completed"}, {"end": date(2024, 5, 1)}])
def test_ended_is_a_status_or_an_end_that_has_passed(now: dict[str, Any]):
    then = {"end": date(2024, 5, 1)} if "end" in now else {}
    rows = changes([activity(unit=GAO, key="a", **then)], [activity(unit=GAO, key="a", **now)])
    assert told(rows, "change") == [("ended",)]


def test_an_end_that_passed_is_told_by_its_day_and_what_is_still_planned_has_not_ended():
    may = {"unit": GAO, "end": date(2024, 5, 1)}
    told_twice = [activity(key="a", **may), activity(key="b", status="planned", **may)]
    rows = changes(told_twice, told_twice)
    assert told(rows, "change", "activity_id", "field", "after") == [
        ("ended", "a", "end", "2024-05-01")
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("suspended", "ongoing", "resumed"),
        ("cancelled", "ongoing", "resumed"),
        ("cancelled", "planned", "resumed"),
        ("ongoing", "suspended", "suspended"),
        ("planned", "cancelled", "cancelled"),
        ("suspended", "cancelled", "cancelled"),
        ("suspended", "completed", "ended"),
        ("cancelled", "completed", "ended"),
        ("planned", "ongoing", "started"),
    ],
)
def test_every_change_of_status_is_told_once(before: str, after: str, kind: str):
    rows = changes(
        [activity(unit=GAO, key="a", status=before)], [activity(unit=GAO, key="a", status=after)]
    )
    assert told(rows, "change", "field", "before", "after") == [(kind, "status", before, after)]


def test_people_reached_and_targeted_are_told_when_they_change():
    rows = changes(
        [activity(unit=GAO, key="a", reached=100.0, target=900.0)],
        [activity(unit=GAO, key="a", reached=450.0, target=900.0)],
    )
    assert told(rows, "change", "field", "before", "after") == [
        ("people", "reached", "100.0", "450.0")
    ]
    first = changes([activity(unit=GAO, key="a")], [activity(unit=GAO, key="a", target=90.0)])
    assert told(first, "change", "field", "before", "after") == [("people", "target", None, "90.0")]


def test_what_is_new_and_given_up_says_so():
    rows = changes([], [activity(unit=GAO, key="a", status="cancelled")])
    assert told(rows, "change", "field", "after") == [("new", "status", "cancelled")]


def test_an_end_that_passes_of_what_was_cancelled_ends_nothing():
    may = {"unit": GAO, "end": date(2024, 5, 1), "status": "cancelled"}
    assert changes([activity(key="a", **may)], [activity(key="a", **may)]) == []


def test_a_move_is_to_another_unit_never_to_a_finer_one():
    inside = "ml-2016/ML0701"
    rows = changes(
        [activity(unit=GAO, key="a"), activity(unit=GAO, key="b")],
        [activity(unit=inside, key="a"), activity(unit=KIDAL, key="b")],
    )
    assert told(rows, "change", "activity_id", "before", "after") == [
        ("moved", "b", "Gao", "Kidal")
    ]


def test_a_unit_gains_its_first_and_loses_its_last_organisation():
    rows = changes(
        [activity(unit=GAO, key="a", lead_org="unicef"), activity(unit=KIDAL, key="b")],
        [
            activity(unit=GAO, key="a", lead_org="unicef", status="completed"),
            activity(unit=KIDAL, key="b", lead_org="pam"),
        ],
    )
    actors = [r for r in rows if r["change"].endswith("_actor")]
    assert [(r["change"], r["unit_name"], r["before"], r["after"]) for r in actors] == [
        ("first_actor", "Kidal", None, "pam"),
        ("last_actor", "Gao", "unicef", None),
    ]


def test_an_activity_counts_when_it_passes_the_filters_in_either_state():
    then = [activity(unit=GAO, key="a", sector="health", usd=100)]
    now = [activity(unit=GAO, key="a", sector="education", usd=200)]
    rows = changes(then, now, Filters(sector=("health",)))
    assert told(rows, "change", "difference_usd") == [("amount", 1.0)]


def test_between_two_days_of_one_state_things_start_and_end():
    tables = tables_of(
        activity("Forage", GAO, start=date(2024, 2, 1), end=date(2024, 3, 1), lead_org="unicef"),
        activity("École", GAO, start=date(2023, 1, 1), end=date(2025, 1, 1)),
        activity("Puits", GAO, start=date(2024, 2, 1), end=date(2024, 3, 1), status="planned"),
        as_of=JUNE,
    )
    days = {"from": "2024-01-15", "to": "2024-02-15"}
    answer = Dataset(SyntheticSnapshot(tables)).ask("change", frame="ml-2016", options=days)
    assert [r[0] for r in told(answer.table.to_dicts(), "change")] == ["new"]
    later = {"from": "2024-02-15", "to": "2024-06-01"}
    answer = Dataset(SyntheticSnapshot(tables)).ask("change", frame="ml-2016", options=later)
    rows = answer.table.select("change", "title").rows()
    assert rows == [("ended", "Forage"), ("last_actor", None)]


def test_without_an_earlier_state_there_is_nothing_to_tell():
    dataset = Dataset(SyntheticSnapshot(tables_of(activity(unit=GAO))))
    answer = dataset.ask("change")
    assert answer.table.schema == pl.Schema(COLUMNS)
    assert answer.table.height == 0
    assert answer.meta["since"] is None


def test_an_activity_of_several_places_is_one_change():
    rows = changes([], [activity("Radio", (MOPTI, GAO), key="a")])
    assert told(rows, "change", "unit_name") == [("new", "Gao ; Mopti")]
    assert {r["change"] for r in rows} <= set(Change)
