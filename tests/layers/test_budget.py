"""How much money stands where."""

from __future__ import annotations

import pytest

from atlas.errors import UsageError
from atlas.filters import Filters
from tests.layers.made import activity, dataset_of, row

KIDAL, MOPTI, GAO = "ml-2016/ML08", "ml-2016/ML05", "ml-2016/ML07"


def ask(dataset, filters=None, **options):
    return dataset.ask("budget", filters or Filters(), "ml-2016", "region", options=options).table


def test_an_amount_over_three_regions_is_split_to_the_cent():
    table = ask(dataset_of(activity(unit=(KIDAL, MOPTI, GAO), usd=100_00)))
    assert [row(table, u)["budget_usd"] for u in (KIDAL, MOPTI, GAO)] == [33.34, 33.33, 33.33]


def test_an_activity_without_amount_is_unknown_not_zero():
    table = ask(dataset_of(activity(unit=KIDAL)))
    assert row(table, KIDAL)["budget_usd"] is None
    assert row(table, KIDAL)["without_amount"] == 1
    assert row(table, MOPTI)["budget_usd"] == 0.0


def test_where_nobody_gave_an_amount_that_of_each_currency_is_unknown_too():
    table = ask(dataset_of(activity(unit=KIDAL), activity(unit=GAO, usd=100)))
    assert [row(table, unit)["amount_USD"] for unit in (KIDAL, GAO, MOPTI)] == [None, 1.0, 0.0]


def test_an_amount_without_rate_stands_in_its_own_column():
    amounts = [{"minor": 5_000, "currency": "XOF", "usd_minor": None}]
    table = ask(dataset_of(activity(unit=KIDAL, amounts=amounts)))
    assert row(table, KIDAL)["budget_usd"] is None
    assert row(table, KIDAL)["amount_XOF"] == 5_000.0  # whole francs: no cents
    assert row(table, KIDAL)["no_rate_XOF"] == 5_000.0


def test_what_only_the_perimeter_of_a_document_places_is_said_apart():
    table = ask(
        dataset_of(activity(unit=KIDAL, usd=10_00), activity(unit=KIDAL, usd=5_00, inherited=True))
    )
    assert (row(table, KIDAL)["budget_usd"], row(table, KIDAL)["inherited_usd"]) == (15.0, 5.0)


def test_a_unit_filter_keeps_the_share_inside_the_unit():
    table = ask(dataset_of(activity(unit=(KIDAL, MOPTI), usd=10_00)), Filters(unit=(MOPTI,)))
    assert row(table, MOPTI)["budget_usd"] == 5.0
    assert row(table, KIDAL)["budget_usd"] == 0.0


def test_a_unit_filter_of_another_frame_converts():
    dataset = dataset_of(activity(unit=KIDAL, usd=10_00), activity(unit=MOPTI, usd=7_00))
    table = ask(dataset, Filters(unit=("ml-2012/ML08",)))
    assert table["budget_usd"].sum() == 10.0


def test_committed_and_spent_are_asked_for_by_name():
    amounts = [
        {"minor": 900, "currency": "USD", "usd_minor": 900},
        {"minor": 200, "currency": "USD", "usd_minor": 200, "kind": "spent"},
    ]
    dataset = dataset_of(activity(unit=KIDAL, amounts=amounts))
    assert row(ask(dataset), KIDAL)["budget_usd"] == 9.0
    assert row(ask(dataset, kind="spent"), KIDAL)["budget_usd"] == 2.0
    with pytest.raises(UsageError, match="budget, committed, spent"):
        ask(dataset, kind="promised")


def test_a_filter_changes_figures_and_never_columns():
    amounts = [{"minor": 5_000, "currency": "XOF", "usd_minor": None}]
    dataset = dataset_of(activity(unit=KIDAL, amounts=amounts), activity(unit=MOPTI, usd=1))
    assert ask(dataset).columns == ask(dataset, Filters(source=("pbf",))).columns


def test_cents_become_the_very_figure_a_person_would_write():
    sums = [155_891_80, 376_802_731_143, 511_325_16, 1, -45_317_39]
    for cents in sums:
        table = ask(dataset_of(activity(unit=KIDAL, usd=cents)))
        assert str(row(table, KIDAL)["budget_usd"]) == str(cents / 100)


def test_a_reserved_row_can_be_opened_like_a_unit():
    dataset = dataset_of(activity("a", "_unplaced", usd=2_00), activity("b", KIDAL, usd=5_00))
    table = ask(dataset, Filters(unit=("_unplaced",)))
    assert row(table, "_unplaced")["budget_usd"] == table["budget_usd"].sum() == 2.0
