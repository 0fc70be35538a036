"""The sample says what the four documents say, and that it is one."""

from datetime import date

import polars as pl
import pytest

from atlas.ingest.sample import sample_tables
from atlas.ingest.sources import Options, bulletin, pnud
from atlas.model import Kind, Tables, check
from tests.conftest import needs_shared
from tests.ingest.sources.documents import seed


@pytest.fixture(scope="module")
def sample() -> Tables:
    return sample_tables()


def test_its_tables_hold_and_every_document_is_an_example(sample):
    check(sample)
    assert sample.documents["is_sample"].to_list() == [True] * 4
    assert sample.is_sample


def test_it_is_the_same_at_every_call(sample):
    again = sample_tables()
    assert all(frame.equals(getattr(again, name)) for name, frame in sample.items())


def test_its_period_begins_in_2013_and_its_newest_document_is_of_2024(sample):
    assert sample.documents["period_start"].min() == date(2013, 1, 1)
    assert sample.documents["period_end"].max() == date(2025, 12, 31)
    assert sample.documents["as_of"].max() == date(2024, 1, 1)


def test_it_has_every_activity_of_the_plan_and_the_bulletin(sample):
    counts = sample.activities.group_by("kind", "source").len().rows()
    assert {(k, s): n for k, s, n in counts if k == Kind.ACTIVITY} == {
        ("activity", "pnud"): 36,
        ("activity", "qip"): 4,
        ("activity", "trust-fund"): 2,
        ("activity", "pbf"): 5,
    }


def test_its_money_is_that_of_the_documents(sample):
    spent = (
        sample.activities.filter(pl.col("kind") == "activity")
        .join(sample.amounts, on="activity_id")
        .group_by("source")
        .agg(pl.col("usd_minor").sum())
        .rows()
    )
    assert dict(spent) == {
        "pnud": 468_522_900,
        "qip": 4_531_739 + 4_661_016 + 8_500_000,
        "trust-fund": 16_916_900,
    }


def test_an_unknown_amount_stays_unknown(sample):
    week = sample.activities.filter(pl.col("title") == "Semaine régionale de la réconciliation")
    assert week.height == 1
    assert week.join(sample.amounts, on="activity_id").height == 0


def test_kidal_shows_47_published_projects(sample):
    kidal = sample.placements.filter(pl.col("unit_id") == "ml-2016/ML08")
    counted = sample.activities.filter(pl.col("kind") == "aggregate").join(kidal, on="activity_id")
    assert sorted(counted.select("source", "items").rows()) == [("qip", 47), ("trust-fund", 32)]


def test_its_access_facts_are_out_of_date_on_its_newest_day(sample):
    access = sample.context.filter(pl.col("kind") == "access")
    assert access.height == 14
    assert (access["expires"] < date(2024, 1, 1)).all()
    assert access["unit_id"].null_count() == 0


def test_its_security_profiles_are_words_on_regions_only(sample):
    security = sample.context.filter(pl.col("kind") == "security")
    assert security["value"].null_count() == security.height
    assert security["text"].str.contains("indicatif").all()
    assert set(security["unit_id"].drop_nulls()) == {
        "ml-2016/ML04",
        "ml-2016/ML05",
        "ml-2016/ML07",
        "ml-2016/ML08",
        "ml-2016/ML10",
        "ml-2016/taoudenit",
        "ml-2016/tombouctou",
    }


def test_it_says_that_the_state_plan_is_an_excerpt(sample):
    excerpt = sample.findings.filter(pl.col("code") == "sample_excerpt")
    assert excerpt["document"].to_list() == ["sample-2020"]


def test_contradictory_totals_are_shown(sample):
    totals = sample.control_totals.filter(pl.col("name").str.starts_with("Texte : somme"))
    assert totals["published"].to_list() == [2_075_591_838_000, 2_075_931_838_000]


@needs_shared
@pytest.mark.parametrize(
    ("number", "module", "document"),
    [("002", pnud, "sample-2024"), ("004", bulletin, "sample-2017")],
)
def test_it_agrees_with_the_real_document(sample, number, module, document):
    reading = module.read(seed(number), Options())
    own = sample.activities.filter(pl.col("document") == document)
    money = own.join(sample.amounts, on="activity_id")
    assert own.height == len(reading.records)
    real = sorted(float(m.value) for r in reading.records for m in r.amounts)
    assert sorted(v / 100 for v in money["minor"].to_list()) == pytest.approx(real)
    dates = sorted(str((r.start, r.end)) for r in reading.records)
    assert sorted(str(pair) for pair in own.select("start", "end").rows()) == dates
    totals = sample.control_totals.filter(pl.col("document") == document)
    printed = [float(t.published) for t in reading.control_totals]
    assert totals["published"].to_list() == printed
