"""Dollars of the day: the right rate, the right day, or none at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.money import DollarConversion, to_major, to_minor, to_usd

BULLETIN = date(2017, 6, 30)


def test_a_dollar_is_a_dollar() -> None:
    assert to_usd(Decimal("45317.39"), "USD", BULLETIN) == DollarConversion(4531739, 1.0, BULLETIN)


def test_a_dollar_needs_no_rate() -> None:
    """There was no euro, and no published rate, in 1960."""
    day = date(1960, 9, 22)
    assert to_usd(Decimal(1), "USD", day) == DollarConversion(100, 1.0, day)


def test_an_euro_of_30_june_2017_is_worth_1_1412_dollars() -> None:
    found = to_usd(Decimal(1000), "EUR", BULLETIN)
    assert found is not None
    assert (found.usd_minor, found.rate_date) == (114120, BULLETIN)


def test_the_cfa_franc_goes_by_its_parity_with_the_euro() -> None:
    found = to_usd(Decimal(655957), "XOF", BULLETIN)
    assert found is not None
    assert found.usd_minor == 114120
    assert found.rate == pytest.approx(574.80, abs=0.005)


def test_a_sunday_takes_the_rate_of_friday() -> None:
    found = to_usd(Decimal(1), "EUR", date(2017, 7, 2))
    assert found is not None
    assert found.rate_date == BULLETIN


def test_a_krone_goes_through_the_euro() -> None:
    found = to_usd(Decimal(743660), "DKK", BULLETIN)  # 7.4366 kroner per euro that day
    assert found is not None
    assert found.usd_minor == 11412000


@pytest.mark.parametrize(
    ("currency", "on"),
    [
        ("EUR", date(1998, 12, 31)),
        ("EUR", date(2100, 1, 1)),
        ("XOF", date(2100, 1, 1)),
        ("XOF", date(1, 1, 1)),
        ("HRK", date(2023, 6, 30)),
        ("ISK", date(2012, 6, 29)),
        ("ZZZ", BULLETIN),
        ("MRU", BULLETIN),
    ],
    ids=lambda v: str(v),
)
def test_without_a_published_rate_the_dollar_value_is_unknown(currency: str, on: date) -> None:
    assert to_usd(Decimal(1), currency, on) is None


def test_half_a_cent_goes_to_the_even_cent() -> None:
    assert to_minor(Decimal("0.125"), "USD") == 12
    assert to_minor(Decimal("0.135"), "USD") == 14


def test_the_cfa_franc_has_no_cents() -> None:
    assert to_minor(Decimal(1905702838000), "XOF") == 1905702838000


@given(st.integers(-(10**18), 10**18), st.sampled_from(["USD", "XOF", "EUR"]))
def test_minor_undoes_major(units: int, currency: str) -> None:
    assert to_minor(to_major(units, currency), currency) == units


@given(st.decimals(0, 10**12, places=2), st.decimals(0, 10**12, places=2))
def test_more_francs_are_never_fewer_dollars(one: Decimal, other: Decimal) -> None:
    small, large = sorted((one, other))
    less, more = to_usd(small, "XOF", BULLETIN), to_usd(large, "XOF", BULLETIN)
    assert less is not None
    assert more is not None
    assert less.usd_minor <= more.usd_minor
