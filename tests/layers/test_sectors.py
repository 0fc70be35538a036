"""An activity that names several sectors counts in each, and its money once."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.filters import Filters
from tests.layers.made import activity, dataset_of, fact

GAO = "ml-2016/ML07"
NAMED = ("education", "health", "wash")


def kits(**more: Any) -> dict[str, Any]:
    """Kits for three sectors in Gao, for 3,000 people and 900 US dollars."""
    told = {"sector": "multi-sector", "sectors": NAMED, "usd": 90000, "reached": 3000.0}
    return activity("Kits", GAO, **{**told, "lead_org": "CARE"} | more)


def well() -> dict[str, Any]:
    """A well of one sector, for 500 people and 100 US dollars."""
    return activity("Puits", GAO, sector="wash", usd=10000, reached=500.0, lead_org="IRC")


def cells(dataset: Any, *columns: str, **more: Any) -> dict[str | None, tuple]:
    """Columns of the coverage of Gao, by sector."""
    table = dataset.ask("coverage", Filters(**more), "ml-2016", "region").table
    rows = table.filter(unit_id=GAO).select("sector", *columns).rows()
    return {sector: tuple(told) for sector, *told in rows}


def test_each_sector_named_has_the_activity_and_only_its_own_row_has_the_people_and_the_money():
    found = cells(dataset_of(kits(), well()), "activities_current", "people", "budget_usd")
    assert found["wash"] == (2, 500.0, 100.0)
    assert found["health"] == found["education"] == (1, None, None)
    assert found["multi-sector"] == (1, 3000.0, 900.0)
    assert found["nutrition"] == (0, None, None)


def test_all_sectors_together_count_it_once():
    need = fact("needs", GAO, indicator="people-in-need", value=7000.0, as_of=date(2017, 6, 1))
    found = cells(dataset_of(kits(), well(), context=(need,)), "response", "people", "budget_usd")
    assert found[None] == (2, 3000.0, 1000.0)  # people of two sectors may be the same


@pytest.mark.parametrize(("sector", "state"), [("wash", "active"), ("protection", "no_report")])
def test_a_sector_that_it_names_is_active_and_another_is_not(sector: str, state: str) -> None:
    assert cells(dataset_of(kits()), "state")[sector] == (state,)


@pytest.mark.parametrize("sector", [*NAMED, "multi-sector"])
def test_a_filter_on_any_of_its_sectors_finds_it_with_all_its_money(sector: str) -> None:
    dataset = dataset_of(kits())
    table = dataset.ask("budget", Filters(sector=(sector,)), "ml-2016", "region").table
    assert table["budget_usd"].sum() == 900.0
    assert dataset.ask("presence", Filters(sector=("shelter-nfi",))).table["activities"].sum() == 0


def test_the_budgets_of_the_sectors_add_up_to_the_whole() -> None:
    table = dataset_of(kits(), well()).ask("budget", options={"by": "sector"}).table
    found = table.group_by("dimension").agg(pl.col("budget_usd").sum()).sort("dimension")
    assert found.rows() == [("multi-sector", 900.0), ("wash", 100.0)]


def test_its_organisation_is_an_actor_of_each_sector() -> None:
    table = dataset_of(kits(), well()).ask("actors", frame="ml-2016").table
    found = dict(table.filter(unit_id=GAO).select("sector", "organisations").rows())
    assert found == {"education": 1, "health": 1, "multi-sector": 1, "wash": 2}


def test_an_activity_that_was_given_up_is_told_as_such_in_each_sector() -> None:
    found = cells(dataset_of(kits(status="cancelled")), "activities_cancelled", "state")
    assert found["wash"] == found["multi-sector"] == (1, "no_report")


def test_it_answers_a_priority_of_a_sector_that_it_names() -> None:
    wells = fact("priorities", GAO, sector="wash", text="forages", as_of=date(2017, 1, 1))
    table = dataset_of(kits(), context=(wells,)).ask("priorities", frame="ml-2016").table
    assert table["state"].to_list() == ["partial"]


def test_the_list_behind_a_cell_names_the_sectors_and_gives_its_people_to_its_own_alone() -> None:
    dataset = dataset_of(kits(start=date(2017, 1, 1)), well())

    def listed(sector: str) -> list[tuple]:
        table = dataset.activities_behind(GAO, sector, layer="coverage", frame="ml-2016").table
        return table.select("sector_label", "people").rows()

    assert listed("health") == [("Multisectoriel : EHA ; Santé ; Éducation", None)]
    assert listed("multi-sector") == [("Multisectoriel : EHA ; Santé ; Éducation", 3000.0)]


def test_the_values_of_a_filter_count_it_in_each_of_its_sectors() -> None:
    values = {one: n for one, _label, n in dataset_of(kits(), well()).facet_counts()["sector"]}
    assert values == {"education": 1, "health": 1, "multi-sector": 1, "wash": 2}


@settings(max_examples=8)
@given(st.lists(st.sets(st.sampled_from(NAMED)), min_size=1, max_size=6))
def test_money_and_activities_are_conserved_however_many_sectors_are_named(
    named: list[set[str]],
) -> None:
    entries = [
        kits(sectors=tuple(sorted(one)), key=f"k{n}")
        if len(one) > 1
        else activity("Puits", GAO, sector=next(iter(one), None), usd=10000, key=f"k{n}")
        for n, one in enumerate(named)
    ]
    dataset = dataset_of(*entries)
    whole = dataset.ask("budget", frame="ml-2016").table["budget_usd"].sum()
    by_sector = dataset.ask("budget", frame="ml-2016", options={"by": "sector"}).table
    assert by_sector["budget_usd"].sum() == whole == sum(one["usd"] for one in entries) / 100
    found = cells(dataset, "activities_current")
    for sector in NAMED:
        assert found[sector] == (sum(sector in one for one in named),)
