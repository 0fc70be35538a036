"""Quantities of activities: what adds up by the rule of its indicator, and what does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from atlas.dataset import Dataset
from atlas.model import Tables
from tests import strategies
from tests.layers.made import activity, dataset_of

GAO, MOPTI = "ml-2016/ML07", "ml-2016/ML05"


def stated(value: float, indicator: str = "kits", **more: Any) -> dict[str, Any]:
    """A quantity that an activity states."""
    told = {"indicator": indicator, "measure": "reached", "is_part": False, "value": value}
    return {**told, "words": indicator, **more}


def reached(*activities: dict[str, Any], **options: str) -> dict[tuple[str, str], Any]:
    """What the activities reach of each quantity, by unit and indicator."""
    data = dataset_of(*activities)
    table = data.ask("quantities", frame="ml-2016", options=options).table
    keys = table.select("unit_id", "indicator").rows()
    return dict(zip(keys, table["quantity_reached"], strict=True))


def of_months(indicator: str, *values: float, **more: Any) -> dict[str, Any]:
    """An activity in Gao with a figure of each month."""
    months = [
        stated(value, indicator, period_end=date(2026, month, 28), **more)
        for month, value in enumerate(values, 1)
    ]
    return activity(unit=GAO, figures=months)


def test_kits_of_two_months_and_two_activities_add_up() -> None:
    told = reached(of_months("kits", 100, 40), activity(unit=GAO, figures=[stated(10)]))
    assert told == {(GAO, "kits"): 150}


def test_a_borehole_told_again_in_the_next_month_is_the_same() -> None:
    told = reached(of_months("water-points", 3, 5), of_months("water-points", 2))
    assert told == {(GAO, "water-points"): 7}


def test_a_figure_since_the_start_of_the_work_is_not_added_to_another_of_it() -> None:
    assert reached(of_months("kits", 100, 140, is_cumulative=True)) == {(GAO, "kits"): 140}


def test_what_no_rule_adds_up_has_a_number_only_where_one_figure_states_it() -> None:
    one = reached(activity(unit=GAO, figures=[stated(4, "other-quantity")]))
    two = reached(*(activity(unit=GAO, figures=[stated(4, "other-quantity")]) for _n in range(2)))
    assert (one, two) == ({(GAO, "other-quantity"): 4}, {(GAO, "other-quantity"): None})


@pytest.mark.parametrize(
    ("rule", "expected"), [("sum", 8), ("maximum", 5), ("latest", 3), ("none", None)]
)
def test_the_rule_over_periods_is_a_setting(rule: str, expected: float | None) -> None:
    told = reached(of_months("kits", 5, 3), **{"over-periods": rule})
    assert told == {(GAO, "kits"): expected}


def test_the_rule_over_places_is_a_setting() -> None:
    of_two = [activity(unit=GAO, figures=[stated(value)]) for value in (5, 3)]
    assert reached(*of_two, **{"over-places": "maximum"}) == {(GAO, "kits"): 5}


def test_a_figure_of_two_regions_is_in_neither_and_in_the_whole() -> None:
    data = dataset_of(activity(unit=(GAO, MOPTI), figures=[stated(100)]))
    answer = data.ask("quantities", frame="ml-2016")
    rows = answer.table.select("unit_id", "quantity_reached", "activities", "shared").rows()
    assert sorted(rows) == [(MOPTI, None, 1, 1), (GAO, None, 1, 1)]
    assert answer.meta["totals"]["kits"]["quantity_reached"] == 100


def test_people_are_no_quantity() -> None:
    assert reached(activity(unit=GAO, reached=500, figures=[stated(30, "beneficiaries")])) == {}


def test_a_cancelled_activity_gives_nothing() -> None:
    assert reached(activity(unit=GAO, status="cancelled", figures=[stated(30)])) == {}


def test_the_list_behind_a_quantity_states_it_of_each_activity() -> None:
    data = dataset_of(
        activity(unit=GAO, figures=[stated(30)]),
        activity(unit=GAO, figures=[stated(4, "latrines")]),
    )
    table = data.activities_behind(GAO, "kits", layer="quantities", frame="ml-2016").table
    assert table["quantity_reached"].to_list() == [30]


@given(strategies.tables())
def test_zones_and_figures_of_several_zones_make_the_whole(made: Tables) -> None:
    """Where every figure adds up, each region's and what lies in several is all there is."""
    everything = {"over-places": "sum", "over-periods": "sum"}
    data = Dataset.from_tables(made)
    answer = data.ask("quantities", frame="ml-2023", options=everything)
    for indicator, total in answer.meta["totals"].items():
        own = answer.table.filter(indicator=indicator)
        if not own["shared"].sum():
            assert own["quantity_reached"].sum() == pytest.approx(total["quantity_reached"] or 0)
        assert own["activities"].max() <= total["activities"]
    assert set(answer.table["indicator"]) == set(answer.meta["totals"])
