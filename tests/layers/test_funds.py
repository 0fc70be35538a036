"""What donors gave to a fund, beside what it allotted; and money of which an end is unknown."""

from __future__ import annotations

from datetime import date

import pytest

from tests.layers.made import activity, dataset_of, fact

KIDAL = "ml-2016/ML08"
JUNE = date(2017, 6, 9)
DANISH = fact(
    "contribution", indicator="trust-fund", organisation="unicef", value=8.4, scale="USD",
    usd_minor=840, as_of=JUNE,
)  # fmt: skip
FRENCH = fact(
    "contribution", indicator="trust-fund", text="un bailleur (note)", scale="XOF", value=10.0,
    as_of=date(2017, 6, 1),
)  # fmt: skip
COUNTED = fact("contribution", indicator="trust-fund : contributeurs", value=13.0, as_of=JUNE)


def test_contributions_stand_beside_what_the_fund_allotted_each_told_once():
    of_fund = {"unit": KIDAL, "source": "trust-fund"}
    dataset = dataset_of(
        activity(usd=500, **of_fund),
        activity(**of_fund),
        activity(usd=70, status="cancelled", **of_fund),
        activity(unit=KIDAL, usd=99_900),
        context=(DANISH, DANISH, FRENCH, COUNTED),
    )
    (found,) = dataset.ask("funds").table.to_dicts()
    assert (found["fund"], found["contributions"], found["contributors"]) == (
        "trust-fund", 2, "unicef",
    )  # fmt: skip
    assert (found["contributed_usd"], found["contributions_without_usd"]) == (8.4, 1)
    assert (found["activities"], found["without_amount"], found["allocated_usd"]) == (2, 1, 5.0)
    assert (found["cancelled"], found["cancelled_usd"], found["suspended_usd"]) == (1, 0.7, 0.0)


def test_a_contribution_of_a_later_day_is_not_known_yet():
    later = {**DANISH, "as_of": date(2018, 1, 1)}
    assert dataset_of(context=(later,)).ask("funds").table.height == 0


def test_no_contribution_is_no_row():
    dataset = dataset_of(activity(unit=KIDAL, source="trust-fund", usd=500))
    assert dataset.ask("funds").table.height == 0


@pytest.mark.parametrize("known", [{"start": date(2016, 3, 1)}, {"end": date(2018, 3, 1)}])
def test_money_of_which_an_end_is_unknown_is_put_in_no_year(known: dict):
    dataset = dataset_of(
        activity(unit=KIDAL, usd=900, **known),
        activity(unit=KIDAL, usd=100, start=date(2017, 1, 1), end=date(2017, 12, 31)),
        activity(unit=KIDAL, usd=7),
    )
    years = dataset.ask("budget", frame="ml-2016", options={"by": "year"}).table
    told = dict(years.select("dimension", "budget_usd").iter_rows())
    assert told == {"2017": 1.0, "_open": 9.0, "_undated": 0.07}
    label = years.filter(years["dimension"] == "_open")["dimension_label"][0]
    assert label == "Début ou fin inconnus"


def test_sliced_by_days_it_stands_in_a_column_of_its_own():
    dataset = dataset_of(activity(unit=KIDAL, usd=900, start=date(2016, 3, 1)))
    table = dataset.ask("budget", frame="ml-2016", options={"slice": "overlap"}).table
    here = table.filter(table["unit_id"] == KIDAL).to_dicts()[0]
    assert (here["budget"], here["open_period"], here["no_period"]) == (None, 9.0, 0.0)


def test_an_amount_with_one_end_takes_the_other_from_its_activity():
    half = {
        "kind": "budget", "minor": 200, "currency": "USD", "usd_minor": 200,
        "period_start": date(2016, 1, 1),
    }  # fmt: skip
    whole = activity(unit=KIDAL, amounts=[half], start=date(2015, 1, 1), end=date(2017, 12, 31))
    years = dataset_of(whole).ask("budget", frame="ml-2016", options={"by": "year"}).table
    assert dict(years.select("dimension", "budget_usd").iter_rows()) == {"2016": 1.0, "2017": 1.0}
