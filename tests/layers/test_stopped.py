"""What is cancelled or suspended: told, in columns of its own, and counted in nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from atlas import summaries
from atlas.dataset import Dataset
from atlas.export.activity_rows import exchange_answer
from atlas.export.notice import notice_lines
from atlas.filters import Filters
from tests.layers.made import activity, dataset_of, fact, row
from tests.strategies import SyntheticSnapshot

KITA, KIDAL = "ml-2016/ML0105", "ml-2016/ML08"
WHERE: dict[str, Any] = {"frame": "ml-2016", "level": "cercle"}
YEAR = {"start": date(2017, 1, 1), "end": date(2017, 12, 31)}
CLINIC = activity(
    "Clinique", KITA, sector="health", lead_org="msf", usd=100_000_00, status="cancelled", **YEAR
)
WELL = activity(
    "Puits", KITA, sector="wash", lead_org="oxfam", usd=50_000_00, status="suspended", **YEAR
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return dataset_of(CLINIC, WELL)


def test_neither_is_an_activity_and_nobody_delivers_by_them(dataset: Dataset):
    found = row(dataset.ask("presence", **WHERE).table, KITA)
    assert (found["activities"], found["delivering"], found["single_actor"]) == (0, 0, None)
    assert (found["cancelled"], found["suspended"]) == (1, 1)
    assert found["organisations"] == 1  # whose work is suspended is there; who gave it up is not


def test_each_has_its_own_money_and_none_is_budget(dataset: Dataset):
    found = row(dataset.ask("budget", **WHERE).table, KITA)
    assert (found["budget_usd"], found["budget_low"], found["budget_high"]) == (0.0, 0.0, 0.0)
    assert (found["activities"], found["without_amount"]) == (0, 0)
    assert (found["cancelled_usd"], found["suspended_usd"]) == (100_000.0, 50_000.0)
    assert (found["cancelled_amount_USD"], found["amount_USD"]) == (100_000.0, 0.0)


def test_by_a_dimension_each_stands_under_its_own_value(dataset: Dataset):
    table = dataset.ask("budget", **WHERE, options={"by": "sector"}).table
    told = table.select("dimension", "budget_usd", "cancelled_usd", "suspended_usd").rows()
    assert sorted(told) == [("health", 0.0, 100_000.0, 0.0), ("wash", 0.0, 0.0, 50_000.0)]


def test_an_amount_of_unknown_dollars_is_unknown_and_stands_in_its_currency():
    francs = {"kind": "budget", "minor": 7_000, "currency": "XOF", "usd_minor": None}
    given_up = activity(unit=KIDAL, status="cancelled", amounts=[francs])
    found = row(dataset_of(given_up).ask("budget", frame="ml-2016").table, KIDAL)
    assert (found["cancelled_usd"], found["cancelled_amount_XOF"]) == (None, 7_000.0)
    assert found["no_rate_XOF"] == 0.0


def test_a_cell_of_them_alone_is_not_active_and_says_what_it_has(dataset: Dataset):
    table = dataset.ask("coverage", **WHERE).table.filter(pl.col("unit_id") == KITA)
    told = {
        r["sector"]: (r["state"], r["activities_cancelled"], r["activities_suspended"])
        for r in table.to_dicts()
    }
    assert (told["health"], told["wash"]) == (("no_report", 1, 0), ("no_report", 0, 1))
    actors = dataset.ask("actors", **WHERE).table.select("sector", "delivering", "cancelled").rows()
    assert sorted(actors) == [("health", 0, 1), ("wash", 0, 0)]


def test_a_programme_counts_them_apart_and_their_cells_are_gaps(dataset: Dataset):
    inside = fact("programme", KITA, indicator="PSIRC", as_of=date(2017, 1, 1))
    both = dataset_of(CLINIC, WELL, context=(inside,))
    table = both.ask("programme", **WHERE).table.filter(pl.col("unit_id") == KITA)
    (own,) = table.filter(pl.col("cancelled") > 0).to_dicts()
    assert (own["cancelled"], own["suspended"], own["activities"], own["state"]) == (1, 1, 0, "gap")
    assert (own["budget_usd"], own["cancelled_usd"], own["suspended_usd"]) == (
        0.0, 100_000.0, 50_000.0,
    )  # fmt: skip
    totals = both.ask("programme_totals", **WHERE).table.filter(pl.col("component") == "_total")
    assert totals.select("zone", "activities", "suspended_usd").rows() == [("inside", 0, 50_000.0)]


def test_they_are_listed_with_their_status_and_open_by_themselves(dataset: Dataset):
    listed = dataset.activity_grid(**WHERE).table
    assert sorted(listed.select("status", "budget_usd", "share_usd").rows()) == [
        ("cancelled", 100_000.0, None), ("suspended", 50_000.0, None),
    ]  # fmt: skip
    behind = dataset.activities_behind(KITA, items=True, stopped=True, **WHERE).table
    assert sorted(behind["share_usd"]) == [50_000.0, 100_000.0]
    assert dataset.activities_behind(KITA, items=True, **WHERE).table.height == 0
    assert sorted(exchange_answer(dataset).table["budget_usd"]) == [50_000.0, 100_000.0]


def test_headline_facets_and_files_say_them(dataset: Dataset):
    counted = summaries.headline_figures(dataset, **WHERE)
    assert (counted.activities, counted.cancelled, counted.suspended) == (0, 1, 1)
    assert (counted.budget_placed_usd, counted.organisations) == (0.0, 1)
    facets = dataset.facet_counts()
    assert {(v, n) for v, _name, n in facets["sector"]} == {("health", 0), ("wash", 0)}
    assert {(v, n) for v, _name, n in facets["status"]} == {("cancelled", 1), ("suspended", 1)}
    words = dict(notice_lines(dataset.ask("budget", **WHERE)))["Hors compte"]
    assert words.startswith("1 activité annulée, 1 activité suspendue :")


def test_a_filter_on_their_status_lists_them_and_counts_none(dataset: Dataset):
    asked = Filters(status=("cancelled",))
    found = row(dataset.ask("presence", asked, **WHERE).table, KITA)
    assert (found["activities"], found["cancelled"], found["suspended"]) == (0, 1, 0)


def test_what_is_given_up_overlaps_with_nothing_and_may_be_told_twice():
    same = {"unit": "ml-2016/ML040101", "sector": "wash", "usd": 4_500_000, **YEAR}
    twice = [
        activity("Forage de Bla", key=key, source=source, lead_org="unicef", status=status, **same)
        for key, source, status in (("a", "qip", "cancelled"), ("b", "trust-fund", "ongoing"))
    ]
    table = dataset_of(*twice).ask("duplicates", frame="ml-2016").table
    assert table["kind"].to_list() == ["double_reporting"]


def test_the_case_of_kita_is_answered_rightly(shared: Path):
    from atlas.ingest.pipeline import ingest_file

    tables = ingest_file(shared / "cases" / "annule.csv").tables
    kita = Dataset(SyntheticSnapshot(tables))
    present = row(kita.ask("presence", **WHERE).table, KITA)
    assert (present["activities"], present["delivering"]) == (0, 0)
    money = row(kita.ask("budget", **WHERE).table, KITA)
    assert (money["budget_usd"], money["cancelled_usd"], money["suspended_usd"]) == (
        0.0, 100_000.0, 50_000.0,
    )  # fmt: skip
    states = kita.ask("coverage", **WHERE).table.filter(pl.col("unit_id") == KITA)["state"]
    assert "active" not in set(states)


def test_severe_access_in_one_cercle_without_a_need_is_no_priority(shared: Path):
    from atlas.ingest.context_tables import read_context

    tables = read_context("access", shared / "cases" / "acc-one.csv").tables
    table = Dataset(SyntheticSnapshot(tables)).ask("coverage", **WHERE).table
    assert table["rank"].count() == table["class"].count() == 0
