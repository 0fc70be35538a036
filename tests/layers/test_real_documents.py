"""The layers over the real documents, where they are at hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from atlas import summaries
from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.model import RESERVED, Level, Tables
from tests.conftest import SHARED, needs_shared
from tests.strategies import SyntheticSnapshot

pytestmark = needs_shared

ALL_KINDS = Filters(kind=("activity", "plan", "presence"))
QUESTIONS = [(frame, level) for frame in FRAMES for level in Level]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    from atlas.ingest.pipeline import ingest_file

    files = [
        *sorted((SHARED / "seeds").glob("*.txt")),
        SHARED / "data" / "whowhatwhere_5w_mli_mar2022.xlsx",
        SHARED / "data" / "rowca-3w-hxl.csv",
    ]
    tables = Tables.concat(ingest_file(path).tables for path in files)
    return Dataset(SyntheticSnapshot(tables, hash="real"))


def cents(values: pl.Series) -> int:
    return sum(round(value * 100) for value in values.drop_nulls())


@pytest.mark.parametrize(("frame", "level"), QUESTIONS)
@pytest.mark.parametrize("filters", [Filters(), ALL_KINDS], ids=["default", "with plans"])
def test_units_and_reserved_rows_add_up_to_the_activities_to_the_cent(
    dataset, frame, level, filters
):
    items = dataset.tables.activities.filter(
        pl.col("kind").is_in(["activity", "plan"]), pl.col("kind").is_in(list(filters.kind))
    )
    amounts = dataset.tables.amounts.filter(
        pl.col("activity_id").is_in(items["activity_id"].implode()), pl.col("kind") == "budget"
    )
    table = dataset.ask("budget", filters, frame, level).table
    assert cents(table["budget_usd"]) == amounts["usd_minor"].sum() > 0
    francs = amounts.filter(pl.col("currency") == "XOF")["minor"].sum()
    assert round(table["amount_XOF"].sum()) == francs


@pytest.mark.parametrize("frame", FRAMES)
def test_a_region_is_the_sum_of_its_cercles_and_what_was_placed_on_itself(dataset, frame):
    region_of = shipped_frames().conversion_targets(frame, "region").rename({"target": "region"})
    regions = dataset.ask("budget", frame=frame, level="region").table
    cercles = dataset.ask("budget", frame=frame, level="cercle").table
    below = (
        cercles.join(region_of, on="unit_id")
        .group_by("region")
        .agg(pl.col("budget_usd").sum().alias("below"))
    )
    scope = dataset.filtered_scope(frame=frame, level="cercle")
    own = scope.share_rows.filter(
        pl.col("target") == scope.targets.coarser_row, pl.col("kind") == "budget"
    )
    at_region = (
        own.with_columns(scope.prepared.units.gather(own["u"]).alias("unit_id"))
        .join(region_of, on="unit_id")
        .group_by("region")
        .agg((pl.col("usd_minor").sum() / 100).alias("own"))
    )
    joined = (
        regions.filter(~pl.col("unit_id").is_in(RESERVED))
        .join(below, left_on="unit_id", right_on="region", how="left")
        .join(at_region, left_on="unit_id", right_on="region", how="left")
    )
    assert joined["below"].sum() > 0
    assert joined["own"].sum() > 0
    for unit_id, budget, cercle_sum, region_sum in joined.select(
        "unit_id", "budget_usd", "below", "own"
    ).iter_rows():
        assert round(budget or 0, 2) == round((cercle_sum or 0) + (region_sum or 0), 2), unit_id


def test_the_one_project_the_bulletin_tells_under_two_funds_is_the_only_pair(dataset):
    (pair,) = dataset.ask("duplicates", ALL_KINDS, "ml-2016", "commune").table.to_dicts()
    assert {pair["source_a"], pair["source_b"]} == {"qip", "trust-fund"}
    assert (pair["kind"], pair["unit_name"]) == ("double_reporting", "Ber")
    assert "même chiffre (110)" in pair["reasons"]


def test_the_5w_file_feeds_organisations_and_no_activity(dataset):
    ngo = Filters(kind=("presence",))
    table = dataset.ask("presence", ngo, "ml-2012").table
    assert table["activities"].sum() == 0
    assert table["organisations"].sum() > 100
    assert dataset.ask("coverage", ngo, "ml-2012").table["response"].sum() == 0


def test_the_qips_of_2017_are_published_beside_and_never_counted(dataset):
    table = dataset.ask("published", frame="ml-2016").table
    counted = dict(table.select("unit_id", "items_qip").iter_rows())
    assert counted["ml-2016/ML08"] == 47
    assert table["items_qip"].sum() == 324
    assert summaries.headline_figures(dataset, frame="ml-2016").activities < 324


def test_the_first_view_is_not_empty_and_says_its_years(dataset):
    first, last = dataset.reported_period()
    assert (first.year, last) == (2014, date(2024, 12, 31))


def test_the_decoupage_that_keeps_all_placed_is_shown_and_the_one_in_force_says_what_it_loses(
    dataset,
):
    assert (dataset.frame_in_force, dataset.default_frame) == ("ml-2023", "ml-2012")
    lost = {
        frame: summaries.headline_figures(dataset, frame=frame).not_convertible for frame in FRAMES
    }
    assert lost == {"ml-2012": 0, "ml-2016": 46, "ml-2023": 96}
    assert dataset.frame_gain() == 96 + 79  # and the presences of the 5W
