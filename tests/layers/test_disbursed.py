"""What was spent of each donor's budget, where both are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import given, settings

from atlas.dataset import Dataset
from tests import strategies
from tests.layers.made import activity, dataset_of, tables_of
from tests.layers.test_conservation import cents
from tests.strategies import SyntheticSnapshot

GAO = "ml-2016/ML07"


def money(budget: int | None = None, spent: int | None = None) -> list[dict[str, Any]]:
    """Amounts in dollars; of what is not said there is none."""
    said = {"budget": budget, "spent": spent}
    return [
        {"kind": kind, "minor": usd * 100, "currency": "USD", "usd_minor": usd * 100}
        for kind, usd in said.items()
        if usd is not None
    ]


def donors(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """The rows by their donor."""
    return {row["donor"]: row for row in dataset.ask("disbursed", frame="ml-2016").table.to_dicts()}


def test_the_part_spent_is_of_the_activities_that_tell_both() -> None:
    """Of ECHO's 1 000 dollars 300 are spent of the 400 of the one activity that tells both."""
    told = donors(
        dataset_of(
            activity(unit=GAO, donors=["echo"], amounts=money(400, 300)),
            activity(unit=GAO, donors=["echo"], amounts=money(600)),
            activity(unit=GAO, donors=["echo"], amounts=money(None, 50)),
        )
    )["echo"]
    assert (told["activities"], told["both"], told["spent_share"]) == (3, 1, 0.75)
    assert (told["budget_usd"], told["without_usd"]) == (1000, 1)
    assert (told["spent_usd"], told["without_spent"]) == (350, 1)
    assert (told["both_budget_usd"], told["both_spent_usd"]) == (400, 300)


def test_spending_that_nobody_tells_is_unknown_and_not_nought() -> None:
    """And spending told as nought is nought."""
    told = donors(
        dataset_of(
            activity(unit=GAO, donors=["echo"], amounts=money(400)),
            activity(unit=GAO, donors=["usaid"], amounts=money(400, 0)),
        )
    )
    columns = ("spent_usd", "without_spent", "both", "spent_share")
    assert [told["echo"][name] for name in columns] == [None, 1, 0, None]
    assert [told["usaid"][name] for name in columns] == [0, 0, 1, 0]


def test_several_donors_of_one_activity_are_a_row_and_an_unknown_one_is_last() -> None:
    """Who of them gave how much nobody said."""
    told = donors(
        dataset_of(
            activity(unit=GAO, amounts=money(900)),
            activity(unit=GAO, donors=["echo", "usaid"], amounts=money(100)),
            activity(unit=GAO, donors=["echo"], amounts=money(10)),
        )
    )
    assert [(name, row["budget_usd"]) for name, row in told.items()] == [
        ("echo", 10),
        ("_unknown", 900),
        ("_joint", 100),
    ]


def test_money_that_counts_with_the_parts_of_a_programme_makes_no_part_spent() -> None:
    """ECHO's programme of 900 counts with the project of 500; what ECHO says was spent is not of it."""
    tables = tables_of(
        activity("Programme", GAO, key="whole", donors=["echo"], amounts=money(900, 450)),
        activity("Projet", GAO, key="part", donors=["unhcr"], amounts=money(500)),
    )
    said = [("whole", "self", "W"), ("part", "self", "P"), ("part", "whole", "W")]
    relations = pl.DataFrame(said, schema=["activity_id", "relation", "identifier"], orient="row")
    told = donors(Dataset(SyntheticSnapshot(replace(tables, relations=relations))))
    columns = ("budget_usd", "spent_usd", "both", "spent_share")
    assert [told["echo"][name] for name in columns] == [0, 450, 0, None]
    assert [told["unhcr"][name] for name in columns] == [500, None, 0, None]


@given(strategies.tables(), strategies.questions())
@settings(max_examples=30)
def test_the_donors_add_up_to_all_budgets_and_spending(tables, question):
    frame, level = question
    dataset = Dataset(SyntheticSnapshot(tables))
    table = dataset.ask("disbursed", frame=frame, level=level).table
    for kind, column in (("budget", "budget_usd"), ("spent", "spent_usd")):
        budget = dataset.ask("budget", frame=frame, level=level, options={"kind": kind}).table
        assert cents(table[column]) == cents(budget["budget_usd"])
    counted = dataset.filtered_scope(frame=frame, level=level).counted_activities
    assert table["activities"].sum() == counted.height
