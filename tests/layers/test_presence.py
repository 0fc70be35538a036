"""Who is where."""

from __future__ import annotations

from atlas.filters import Filters
from atlas.model import RESERVED
from tests.layers.made import activity, dataset_of, row

KIDAL, MOPTI = "ml-2016/ML08", "ml-2016/ML05"


def ask(dataset, filters=None, level="region"):
    return dataset.ask("presence", filters or Filters(), "ml-2016", level).table


def test_every_unit_has_a_row_and_the_reserved_rows_come_last_in_their_order():
    table = ask(dataset_of())
    assert table["unit_id"].to_list()[-4:] == list(RESERVED)
    assert table.height == 11 + 4
    assert table["activities"].sum() == 0


def test_a_presence_counts_an_organisation_and_no_activity():
    table = ask(dataset_of(activity(unit=KIDAL, kind="presence", source="ngo", lead_org="unicef")))
    assert row(table, KIDAL)["activities"] == 0
    assert row(table, KIDAL)["organisations"] == 1
    assert row(table, KIDAL)["organisations_un"] == 1


def test_an_organisation_of_two_activities_is_one_organisation():
    dataset = dataset_of(
        activity(unit=KIDAL, lead_org="unicef"),
        activity(unit=KIDAL, lead_org="pnud", implementers=["unicef"]),
    )
    assert row(ask(dataset), KIDAL)["organisations"] == 2


def test_spellings_are_counted_after_case_and_spaces():
    dataset = dataset_of(
        activity(unit=KIDAL, organisations_raw=["UNICEF", " unicef "]),
        activity(unit=KIDAL, organisations_raw=["Unicef", "AFORD", "A  FORD"]),
    )
    assert row(ask(dataset), KIDAL)["organisations_reported"] == 3  # unicef, aford, a ford


def test_an_activity_in_two_regions_is_counted_in_both():
    table = ask(dataset_of(activity(unit=(KIDAL, MOPTI))))
    assert (row(table, KIDAL)["activities"], row(table, MOPTI)["activities"]) == (1, 1)


def test_a_plan_counts_only_when_asked_for():
    dataset = dataset_of(activity(unit=KIDAL, kind="plan", source="state-plan"))
    assert row(ask(dataset), KIDAL)["activities"] == 0
    assert row(ask(dataset, Filters(kind=("plan",))), KIDAL)["activities"] == 1


def test_an_aggregate_is_never_an_activity_even_when_named():
    dataset = dataset_of(activity(unit=KIDAL, kind="aggregate", items=47))
    assert row(ask(dataset, Filters(kind=("aggregate",))), KIDAL)["activities"] == 0


def test_a_region_asked_by_cercle_stands_in_the_coarser_row():
    table = ask(dataset_of(activity(unit=KIDAL)), level="cercle")
    assert row(table, "_coarser")["activities"] == 1


def test_gao_of_before_2016_cannot_be_told_between_gao_and_menaka():
    table = ask(dataset_of(activity(unit="ml-2012/ML07")))
    assert row(table, "_not_convertible")["activities"] == 1
