"""Money told at several levels counts once, in whatever files it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atlas.corrections.chains import chains_of
from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables, check, frame_of
from atlas.store import Store
from atlas.store.merge import merge
from tests.layers.made import activity, row, tables_of
from tests.strategies import SyntheticSnapshot

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
Link = tuple[str, str, str]


def chained(tables: Tables, *links: Link) -> Tables:
    """With an identifier for each activity (its id in capitals), and what some name."""
    own = [(one, "self", one.upper()) for one in tables.activities["activity_id"]]
    schema = tables.relations.schema
    relations = pl.DataFrame([*own, *links], schema=schema, orient="row")
    whole = replace(tables, relations=relations)
    check(whole)
    return whole


def dataset_of(tables: Tables, *links: Link) -> Dataset:
    return Dataset(SyntheticSnapshot(chained(tables, *links)))


def counted(dataset: Dataset, **options: str) -> float:
    table = dataset.ask("budget", frame="ml-2016", options=options).table
    return round(float(table["budget_usd"].sum()), 2)


def programme(**whole: Any) -> Tables:
    return tables_of(
        activity("Programme", KIDAL, key="p", usd=100_000, **whole),
        activity("Projet un", GAO, key="a", usd=60_000),
        activity("Projet deux", GAO, key="b", usd=30_000),
    )


PARTS = (("a", "whole", "p"), ("p", "part", "B"))


def test_a_whole_counts_through_its_parts_where_they_are() -> None:
    """1 000 of a programme, 600 and 300 of its projects: 900 in Gao, nothing in Kidal, two
    activities."""
    table = dataset_of(programme(), *PARTS).ask("budget", frame="ml-2016").table
    assert (row(table, GAO)["budget_usd"], row(table, KIDAL)["budget_usd"]) == (900.0, 0.0)
    assert (row(table, GAO)["activities"], row(table, KIDAL)["activities"]) == (2, 0)


def test_without_a_word_of_it_each_counts_by_itself() -> None:
    assert counted(dataset_of(programme())) == 1_900.0


def test_without_its_parts_the_whole_counts() -> None:
    alone = programme().without(())
    kept = replace(alone, activities=alone.activities.filter(activity_id="p"))
    ids = kept["activity_id"] if isinstance(kept, pl.DataFrame) else ["p"]
    tables = Tables.of(
        documents=alone.documents.with_columns(rows_read=1).to_dicts(),
        activities=kept.activities.to_dicts(),
        amounts=alone.amounts.filter(pl.col("activity_id").is_in(ids)).to_dicts(),
        placements=alone.placements.filter(pl.col("activity_id").is_in(ids)).to_dicts(),
        rows=alone.rows.filter(activity_id="p").to_dicts(),
    )
    assert counted(dataset_of(tables, ("p", "part", "A"))) == 1_000.0


def test_the_list_shows_the_whole_below_a_part_with_what_its_document_tells() -> None:
    table = dataset_of(programme(), *PARTS).activities(frame="ml-2016").table
    told = table.filter(activity_id="p").select(
        "budget_usd", "share_usd", "counted_with", "counted_with_title"
    )
    assert told.rows() == [(1_000.0, None, "a", "Projet un")]


def test_a_whole_keeps_the_kinds_of_money_that_no_part_states() -> None:
    """It commits 1 000 and spends 700; a project spends 500: 1 000 committed, 500 spent, and
    no share of the one in the other."""
    money = [{"kind": "committed", "usd": 100_000}, {"kind": "spent", "usd": 70_000}]
    tables = tables_of(
        activity("Programme", GAO, key="p", money=money),
        activity("Projet", GAO, key="a", money=[{"kind": "spent", "usd": 50_000}]),
    )
    dataset = dataset_of(tables, ("a", "whole", "P"))
    gao = row(dataset.ask("budget", frame="ml-2016").table, GAO)
    assert (gao["committed"], gao["spent"], gao["execution"]) == (1_000.0, 500.0, None)
    assert dataset.scope().items["activity_id"].to_list() == ["p", "a"]
