"""Money by rule, currency, period and dimension: to the cent, whatever is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.ingest.money import dollars_per_euro
from atlas.layers.budget import split_warnings
from atlas.layers.money_splits import time_windows
from atlas.model import Kind, Tables
from tests import strategies
from tests.layers.made import activity, dataset_of, fact, row
from tests.layers.test_conservation import ITEMS, cents, stopped_of
from tests.strategies import SyntheticSnapshot

KIDAL, MOPTI, GAO, BAMAKO = (f"ml-2016/ML0{n}" for n in (8, 5, 7, 9))
MENAKA, TAOUDENIT = "ml-2016/ML10", "ml-2016/taoudenit"
EVERY_KIND = Filters(kind=tuple(str(kind) for kind in Kind))
DAY = date(2016, 3, 15)


def ask(dataset, filters=None, level="region", **options):
    return dataset.ask("budget", filters or Filters(), "ml-2016", level, options=options).table


def equal(*units, **more):
    """An activity at several places whose shares nobody gave."""
    return activity(unit=units, rule="equal", **more)


def usd(minor, **more):
    return {"minor": minor, "currency": "USD", "usd_minor": minor, "rate_date": DAY, **more}


# rules


def test_a_share_that_a_document_gives_stands_under_every_rule():
    dataset = dataset_of(activity(unit=(KIDAL, GAO), usd=10_00))
    for rule in ("reported", "equal", "population", "area"):
        table = ask(dataset, rule=rule)
        assert row(table, KIDAL)["budget_usd"] == row(table, GAO)["budget_usd"] == 5.0


def test_by_population_the_more_people_the_more_money():
    table = ask(dataset_of(equal(KIDAL, GAO, usd=810_709_00)), rule="population")
    assert row(table, KIDAL)["budget_usd"] == 83_192.0  # census of 2022
    assert row(table, GAO)["budget_usd"] == 727_517.0


def test_a_place_without_population_makes_the_shares_equal_and_says_so():
    table = ask(dataset_of(equal(KIDAL, MOPTI, usd=10_00)), rule="population")
    assert row(table, MOPTI)["budget_usd"] == row(table, MOPTI)["fallback"] == 5.0
    assert split_warnings(table, "USD") == [
        "10,00 USD répartis à parts égales : il manque la population ou la superficie d'au moins "
        "un des lieux."
    ]


def test_by_area_the_empty_north_is_never_paid_without_a_warning():
    table = ask(dataset_of(equal(TAOUDENIT, BAMAKO, usd=293_054_00)), rule="area")
    assert row(table, TAOUDENIT)["budget_usd"] == row(table, TAOUDENIT)["thin"] == 292_808.0
    assert row(table, BAMAKO)["thin"] == 0.0
    (said,) = split_warnings(table, "USD")
    assert "Taoudénit" in said
    assert "Bamako" not in said


def test_under_the_documents_own_shares_there_is_nothing_to_warn_of():
    table = ask(dataset_of(equal(TAOUDENIT, BAMAKO, usd=10_00)))
    assert "thin" not in table.columns
    assert split_warnings(table, "USD") == []


def test_a_population_that_a_person_adds_goes_before_an_older_census():
    context = (
        fact("population", KIDAL, indicator="population", value=300.0, as_of=date(2025, 1, 1)),
        fact("population", MOPTI, indicator="population", value=100.0, as_of=date(2025, 1, 1)),
    )
    table = ask(dataset_of(equal(KIDAL, MOPTI, usd=4_00), context=context), rule="population")
    assert (row(table, KIDAL)["budget_usd"], row(table, MOPTI)["budget_usd"]) == (3.0, 1.0)
    assert (row(table, KIDAL)["population"], row(table, KIDAL)["population_year"]) == (300, 2025)


# how sure


def test_a_unit_has_none_or_all_of_what_its_document_leaves_open():
    table = ask(dataset_of(equal(KIDAL, GAO, usd=10_00), activity(unit=KIDAL, usd=3_00)))
    found = row(table, KIDAL)
    assert (found["budget_low"], found["budget"], found["budget_high"]) == (3.0, 8.0, 13.0)


def test_what_is_open_between_communes_of_one_region_is_sure_for_the_region():
    dataset = dataset_of(equal("ml-2016/ML080101", "ml-2016/ML080201", usd=10_00))
    found = row(ask(dataset), KIDAL)
    assert (found["budget_low"], found["budget_high"]) == (10.0, 10.0)
    commune = row(ask(dataset, level="commune"), "ml-2016/ML080101")
    assert (commune["budget_low"], commune["budget"], commune["budget_high"]) == (0.0, 5.0, 10.0)


# per head, execution


def test_money_per_head_stands_where_people_were_counted_and_nowhere_else():
    table = ask(dataset_of(activity(unit=KIDAL, usd=83_192_00), activity(unit=MOPTI, usd=1_00)))
    assert (row(table, KIDAL)["per_head"], row(table, KIDAL)["population_year"]) == (1.0, 2022)
    assert (row(table, MOPTI)["per_head"], row(table, MOPTI)["population"]) == (None, None)


def test_execution_compares_only_activities_that_tell_both():
    both = [usd(8_00, kind="committed"), usd(2_00, kind="spent")]
    dataset = dataset_of(
        activity(unit=KIDAL, amounts=both), activity(unit=KIDAL, amounts=[usd(9_00, kind="spent")])
    )
    found = row(ask(dataset), KIDAL)
    assert (found["committed"], found["spent"], found["execution"]) == (8.0, 11.0, 0.25)


def test_without_commitments_there_is_no_rate_of_execution():
    found = row(ask(dataset_of(activity(unit=KIDAL, amounts=[usd(1, kind="spent")]))), KIDAL)
    assert (found["committed"], found["execution"]) == (None, None)


# currencies


def test_a_dollar_is_worth_the_euros_of_its_own_day():
    dataset = dataset_of(activity(unit=KIDAL, amounts=[usd(100_00)]))
    found = row(ask(dataset, currency="EUR"), KIDAL)
    assert dollars_per_euro(DAY) == (Decimal("1.1109"), DAY)
    assert found["budget"] == 90.02  # 100 / 1.1109
    assert (found["budget_usd"], found["rate_from"], found["rate_to"]) == (100.0, DAY, DAY)
    assert (found["rate_low"], found["rate_high"]) == (1.1109, 1.1109)
    assert row(ask(dataset, currency="XOF"), KIDAL)["budget"] == 59_047.0  # × 655.957, to the franc


def test_francs_and_euros_need_no_rate_between_them():
    amounts = [{"minor": 655_957, "currency": "XOF", "usd_minor": None}]
    found = row(ask(dataset_of(activity(unit=KIDAL, amounts=amounts)), currency="EUR"), KIDAL)
    assert (found["budget"], found["budget_usd"], found["rate_from"]) == (1000.0, None, None)


def test_a_dollar_of_an_unknown_day_has_no_euros():
    dataset = dataset_of(activity(unit=KIDAL, usd=5_00))
    found = row(ask(dataset, currency="EUR"), KIDAL)
    assert (found["budget"], found["no_rate_USD"]) == (None, 5.0)


# dimensions


def test_money_that_several_give_together_is_a_row_of_its_own():
    dataset = dataset_of(
        activity(unit=KIDAL, usd=1_00, donors=["a"]),
        activity(unit=KIDAL, usd=2_00, donors=["a", "b"]),
        activity(unit=KIDAL, usd=4_00),
    )
    table = ask(dataset, by="donor")
    assert table.select("dimension", "budget").rows() == [
        ("a", 1.0),
        ("_unknown", 4.0),
        ("_joint", 2.0),
    ]


def test_the_lead_answers_for_money_and_its_only_implementer_for_want_of_one():
    dataset = dataset_of(
        activity(unit=KIDAL, usd=1_00, lead_org="a", implementers=["b", "c"]),
        activity(unit=KIDAL, usd=2_00, implementers=["b"]),
        activity(unit=KIDAL, usd=4_00, implementers=["b", "c"]),
    )
    table = ask(dataset, by="org")
    assert dict(table.select("dimension", "budget").iter_rows()) == {
        "a": 1.0,
        "b": 2.0,
        "_joint": 4.0,
    }


def test_an_amount_is_parted_among_its_years_by_days():
    period = {"period_start": date(2015, 12, 31), "period_end": date(2016, 1, 2)}
    dataset = dataset_of(
        activity(unit=KIDAL, amounts=[usd(1_00, **period)]), activity(unit=KIDAL, usd=5_00)
    )
    table = ask(dataset, by="year")
    assert table.select("dimension", "dimension_label", "budget").rows() == [
        ("2015", "2015", 0.33),
        ("2016", "2016", 0.67),
        ("_undated", "Sans période", 5.0),
    ]


def test_the_period_asked_for_keeps_its_days_of_an_amount():
    dataset = dataset_of(
        activity(unit=KIDAL, usd=365_00, start=date(2015, 1, 1), end=date(2015, 12, 31)),
        activity(unit=KIDAL, amounts=[usd(7_00)], as_of=date(2015, 1, 31)),
    )
    january = Filters(since=date(2015, 1, 1), until=date(2015, 1, 31))
    found = row(ask(dataset, january, slice="overlap"), KIDAL)
    assert (found["budget"], found["outside"], found["no_period"]) == (31.0, 334.0, 7.0)
    years = ask(dataset, january, slice="overlap", by="year")
    assert dict(years.select("dimension", "budget").iter_rows()) == {
        "2015": 31.0,
        "_outside": 334.0,
        "_undated": 7.0,
    }


def test_years_that_follow_each_other_are_one_period():
    assert time_windows((2015, 2016, 2018), None, None, date(2018, 6, 30)) == (
        (date(2015, 1, 1), date(2016, 12, 31)),
        (date(2018, 1, 1), date(2018, 6, 30)),
    )
    assert time_windows((2015,), date(2016, 1, 1), None, None) == ()
    assert time_windows((), None, None, None) is None


# whatever is asked


@st.composite
def dated(draw: st.DrawFn) -> Tables:
    """Synthetic tables whose amounts have days of rates, periods and sure shares or not."""
    tables = draw(strategies.tables(most=5))
    n = tables.amounts.height
    days = st.none() | st.dates(date(2014, 1, 1), date(2020, 12, 31))
    pairs = [sorted(draw(st.tuples(strategies.days, strategies.days))) for _ in range(n)]
    kept = [draw(st.booleans()) for _ in range(n)]
    amounts = tables.amounts.with_columns(
        pl.Series("rate_date", [draw(days) for _ in range(n)], dtype=pl.Date),
        pl.Series("period_start", [p[0] if k else None for p, k in zip(pairs, kept, strict=True)], dtype=pl.Date),
        pl.Series("period_end", [p[1] if k else None for p, k in zip(pairs, kept, strict=True)], dtype=pl.Date),
    )  # fmt: skip
    return replace(tables, amounts=amounts)


def expected(amount: dict, currency: str) -> int | None:
    """Minor units of an amount in a currency, worked out by hand."""
    parity, own = Decimal("655.957"), Decimal(amount["minor"])
    euros = {"EUR": own / 100, "XOF": own / parity}.get(amount["currency"])
    if currency == "USD":
        return amount["usd_minor"]
    if currency == amount["currency"]:
        return amount["minor"]
    if euros is None:
        rate = dollars_per_euro(amount["rate_date"]) if amount["rate_date"] else None
        if rate is None or amount["usd_minor"] is None:
            return None
        euros = Decimal(amount["usd_minor"]) / 100 / rate[0]
    scaled = euros * 100 if currency == "EUR" else euros * parity
    return int(scaled.quantize(Decimal(1), ROUND_HALF_EVEN))


def total(table: pl.DataFrame, column: str, currency: str) -> int:
    return cents(table[column]) // (100 if currency == "XOF" else 1)


COUNTED = ("budget", "outside", "no_period", "open_period")
CHOICES = list(
    product(
        ("reported", "equal", "population", "area"),
        ("USD", "EUR", "XOF"),
        ("unit", "sector", "donor", "org", "year"),
        ("whole", "overlap"),
    )
)


@given(dated(), strategies.questions(), st.lists(st.sampled_from(CHOICES), min_size=5, max_size=5))
@settings(max_examples=20)
def test_rows_add_up_to_the_amounts_under_every_choice(tables, question, choices):
    dataset = Dataset(SyntheticSnapshot(tables))
    items = tables.activities.filter(pl.col("kind").is_in(ITEMS))["activity_id"].implode()
    amounts = tables.amounts.filter(
        pl.col("activity_id").is_in(items), pl.col("kind") == "budget"
    ).to_dicts()
    for rule, currency, by, cut in choices:
        said = {"rule": rule, "currency": currency, "by": by, "slice": cut}
        asked = EVERY_KIND.with_changes(since=date(2000, 1, 1), until=date(2030, 1, 1))
        table = dataset.ask("budget", asked, *question, options=said).table
        whole = sum(
            total(table, column, currency)
            for column in (*COUNTED, "budget_cancelled", "budget_suspended")
            if column in table.columns
        )
        assert whole == sum(expected(amount, currency) or 0 for amount in amounts)
        unrated = sum(total(table, c, c[-3:]) for c in table.columns if c.startswith("no_rate_"))
        counting = [a for a in amounts if a["activity_id"] not in stopped_of(tables)]
        assert unrated == sum(a["minor"] for a in counting if expected(a, currency) is None)
        if cut == "whole" or by == "year":
            for code in {a["currency"] for a in amounts}:
                own = sum(a["minor"] for a in amounts if a["currency"] == code)
                parts = [c for c in table.columns if c.endswith(f"amount_{code}")]
                assert sum(total(table, column, code) for column in parts) == own


@given(dated(), strategies.filters(), strategies.questions(), st.sampled_from(CHOICES))
@settings(max_examples=25)
def test_every_dimension_of_a_unit_adds_up_to_the_unit(tables, filters, question, choice):
    rule, currency, by, cut = choice
    dataset = Dataset(SyntheticSnapshot(tables))
    said = {"rule": rule, "currency": currency, "slice": cut}
    units = dataset.ask("budget", filters, *question, options=said).table
    parts = dataset.ask("budget", filters, *question, options=said | {"by": by}).table
    columns = [c for c in COUNTED if c in units.columns]
    for unit, *money in units.select("unit_id", *columns).iter_rows():
        mine = parts.filter(pl.col("unit_id") == unit)
        if by != "year":
            for column, told in zip(columns, money, strict=True):
                assert total(mine, column, currency) == round(
                    (told or 0) * (1 if currency == "XOF" else 100)
                )
        else:
            whole = sum(round((m or 0) * (1 if currency == "XOF" else 100)) for m in money)
            assert total(mine, "budget", currency) == whole
    known = units.drop_nulls("budget")
    assert (known["budget_low"] <= known["budget"]).all()
    assert (known["budget_high"] >= known["budget"]).all()


@given(dated(), strategies.filters(), strategies.questions(), st.sampled_from(CHOICES))
@settings(max_examples=15)
def test_the_activities_behind_a_figure_add_up_to_it_under_its_settings(
    tables, filters, question, choice
):
    rule, currency, by, cut = choice
    said = {"rule": rule, "currency": currency, "by": by, "slice": cut}
    dataset = Dataset(SyntheticSnapshot(tables))
    table = dataset.ask("budget", filters, *question, options=said).table
    column = pl.lit("") if by == "unit" else pl.col("dimension")
    rows = table.select("unit_id", column.alias("dimension"), "budget").drop_nulls("budget")
    for unit, value, money in rows.filter(pl.col("budget") != 0).iter_rows():
        behind = dataset.activities_behind(
            unit, value or None, filters=filters, frame=question[0], level=question[1],
            layer="budget", options=said,
        ).table  # fmt: skip
        assert cents(behind["share"]) == round(money * 100)
