"""Who was to report, who did, and how late."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.layers.reporting import COLUMNS, ended_periods
from atlas.model import FREQUENCIES
from atlas.store.merge import merge_documents
from tests.layers.made import activity, dataset_of, fact, tables_of
from tests.strategies import SyntheticSnapshot

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
APRIL, MAY, JUNE = date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30)


def scope(unit: str = GAO, **more: Any) -> dict[str, Any]:
    """UNICEF reports each month, ten days after its end."""
    said = {"organisation": "unicef", "frequency": "monthly", "due_days": 10}
    return fact("reporting", unit, as_of=date(2024, 1, 1), **said | more)


def told(*entries: dict[str, Any], facts: tuple[dict[str, Any], ...], **options: str) -> list[Any]:
    """State, days late, activities of each expected report on 15 June 2024."""
    dataset = dataset_of(*entries, context=facts, as_of=date(2024, 6, 15))
    filters = Filters(at=date(2024, 6, 15))
    table = dataset.ask("reporting", filters, "ml-2016", options=options).table
    return table.select("period_end", "state", "days_late", "activities").rows()


def well(day: date, unit: str = GAO, **more: Any) -> dict[str, Any]:
    return activity("Forage", unit, lead_org="unicef", as_of=day, start=None, **more)


def test_a_report_dated_in_its_period_is_on_time():
    assert told(well(date(2024, 5, 20)), facts=(scope(),)) == [(MAY, "on_time", 0, 1)]


def test_a_report_dated_after_its_due_day_is_late_by_those_days():
    assert told(well(date(2024, 6, 13)), facts=(scope(),)) == [(MAY, "late", 3, 1)]


def test_without_a_report_it_is_missing_once_due_and_its_activities_unknown():
    assert told(well(date(2024, 3, 20)), facts=(scope(),)) == [(MAY, "missing", 5, None)]


def test_before_it_is_due_it_is_expected():
    first = scope(due_days=20, start=date(2024, 5, 1))
    assert told(facts=(first,)) == [(MAY, "expected", None, None)]


def test_a_report_still_expected_does_not_hide_the_one_that_is_owed():
    assert told(facts=(scope(due_days=20),)) == [
        (MAY, "expected", None, None),
        (APRIL, "missing", 26, None),
    ]


def test_without_a_due_date_nothing_is_late():
    assert told(facts=(scope(due_days=None),)) == [(MAY, "expected", None, None)]


def test_a_report_that_tells_nothing_of_the_unit_is_a_report_of_none():
    assert told(well(date(2024, 5, 20), KIDAL), facts=(scope(GAO),)) == [(MAY, "on_time", 0, 0)]


def test_a_report_counts_what_it_tells_of_its_sector():
    entries = (well(MAY, sector="health"), well(MAY, sector="wash"), well(MAY, sector="wash"))
    facts = (scope(sector="wash"),)
    assert told(*entries, facts=facts) == [(MAY, "on_time", 0, 2)]


def test_more_periods_are_told_latest_first():
    rows = told(well(APRIL), facts=(scope(),), periods="3")
    assert [(end, state) for end, state, *_ in rows] == [
        (MAY, "missing"),
        (APRIL, "on_time"),
        (date(2024, 3, 31), "missing"),
    ]


def test_a_report_is_of_one_period_only_the_one_before_when_dated_in_the_first_half():
    first_half = told(well(date(2024, 5, 12)), facts=(scope(),), periods="2")
    assert [(end, state) for end, state, *_ in first_half] == [(MAY, "missing"), (APRIL, "late")]
    both = told(well(APRIL), well(date(2024, 5, 12)), facts=(scope(),), periods="2")
    assert [(end, state) for end, state, *_ in both] == [(MAY, "on_time"), (APRIL, "on_time")]


def test_a_scope_that_ended_expects_nothing_after():
    ended = scope(expires=APRIL)
    assert told(facts=(ended,)) == [(APRIL, "missing", 36, None)]


def test_the_rows_of_a_filter_are_those_inside_it():
    dataset = dataset_of(context=(scope(GAO), scope(KIDAL)), as_of=date(2024, 6, 15))
    table = dataset.ask("reporting", Filters(unit=(KIDAL,)), "ml-2016").table
    assert table["unit_name"].to_list() == ["Kidal"]
    assert table.schema == pl.Schema(COLUMNS)


def test_a_fund_is_a_reporter_too():
    facts = (scope(organisation=None, source="qip"),)
    assert told(activity(unit=GAO, as_of=MAY), facts=facts) == [(MAY, "on_time", 0, 1)]


def test_a_fund_may_be_named_as_an_organisation_is():
    facts = (scope(organisation="QIP"),)
    assert told(activity(unit=GAO, as_of=MAY), facts=facts) == [(MAY, "on_time", 0, 1)]


def test_what_a_newer_list_tells_again_was_reported_by_the_older_one_too():
    lists = [
        tables_of(well(day, key="a", document=name), context=facts, as_of=day)
        for name, day, facts in (("april", APRIL, (scope(),)), ("may", MAY, ()))
    ]
    dataset = Dataset(SyntheticSnapshot(merge_documents(None, lists)))
    assert dataset.tables.activities["document"].to_list() == ["may"]
    when = Filters(at=date(2024, 6, 15))
    table = dataset.ask("reporting", when, "ml-2016", options={"periods": "2"}).table
    assert table.select("period_end", "state", "reported_on").rows() == [
        (MAY, "on_time", MAY),
        (APRIL, "on_time", APRIL),
    ]


def test_the_words_on_where_a_scope_comes_from_name_no_reporter():
    assert told(facts=(scope(organisation=None, source="cluster Santé"),)) == []


def test_a_scope_whose_first_period_has_not_ended_says_nothing_of_silence():
    later = scope(sector="health", start=date(2024, 6, 20))
    dataset = dataset_of(context=(later,), as_of=date(2024, 6, 25))
    table = dataset.ask("coverage", Filters(at=date(2024, 6, 25)), "ml-2016").table
    cell = (table["unit_id"] == GAO) & (table["sector"] == "health")
    assert table.filter(cell)["state"].to_list() == ["no_report"]


def test_silence_after_a_missing_report_is_no_report_and_after_one_it_is_none():
    def state(*entries: dict[str, Any]) -> str:
        dataset = dataset_of(*entries, context=(scope(sector="health"),), as_of=JUNE)
        table = dataset.ask("coverage", Filters(at=JUNE), "ml-2016").table
        cell = (table["unit_id"] == GAO) & (table["sector"] == "health")
        return str(table.filter(cell)["state"][0])

    assert state() == "no_report"
    assert state(well(date(2024, 5, 20), KIDAL, sector="health")) == "reported_none"


@given(
    st.sampled_from(FREQUENCIES),
    st.dates(date(2015, 1, 1), date(2024, 12, 31)),
    st.integers(0, 1500),
)
def test_periods_follow_each_other_without_gap_and_have_ended(frequency, first, days):
    reference = date.fromordinal(first.toordinal() + days)
    said = {"start": first, "as_of": None, "expires": None, "frequency": frequency}
    found = list(ended_periods(said | {"due_days": 5, "due": None}, reference))
    assert all(p.first <= p.last <= reference < date.max for p in found)
    for one, two in pairwise(found):
        assert (two.first - one.last).days == 1
        assert one.until == two.last
    assert all((p.due - p.last).days == 5 for p in found)
