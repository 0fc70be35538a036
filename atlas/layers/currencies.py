"""Amounts in the currency asked for, at the rate of the amount's own day.

A franc of the CFA is 655.957 to the euro, exactly (Council decision 98/683/EC); an amount in
euros is what it is. Every other amount goes through its dollars, converted once when it was
read, and the euro's reference rate (European Central Bank) of the day of that conversion.
Rounded once per amount, half to even, before it is split.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from atlas.layers.prepare import Prepared

PER_EURO = (655_957, 100_000)
"""Whole francs per cent of a euro, as a fraction."""

_FRANCS = ("XOF", "XAF")


def equivalents(prepared: Prepared, currency: str) -> pl.DataFrame:
    """Every amount of the snapshot in one currency.

    Parameters
    ----------
    currency
        ``USD``, ``EUR`` or ``XOF``.

    Returns
    -------
    polars.DataFrame
        In the order of the table ``amounts``: ``value`` in minor units, null where no rate is
        known, ``rate_day`` (day of the rate; null where none was needed) and ``dollars``
        (dollars per euro, where the amount went through its dollars).
    """
    amounts = prepared.tables.amounts
    own = pl.col("currency") == currency
    if currency == "USD":
        return amounts.select(
            pl.col("usd_minor").alias("value"),
            pl.when(~own & pl.col("usd_minor").is_not_null())
            .then(pl.col("rate_date"))
            .alias("rate_day"),
            pl.lit(None, pl.Float64).alias("dollars"),
        )
    rated = amounts.join(_rates(prepared, amounts), on="rate_date", how="left").with_columns(
        pl.col("minor", "usd_minor").cast(pl.Int128)
    )
    through = ~pl.col("currency").is_in(["EUR", *_FRANCS]) & pl.col("usd_minor").is_not_null()
    return rated.select(
        _in_euros() if currency == "EUR" else _in_francs(),
        pl.when(through).then(pl.col("published")).alias("rate_day"),
        pl.when(through).then(pl.col("cents") / pl.col("euros")).alias("dollars"),
    )


def _rates(prepared: Prepared, amounts: pl.DataFrame) -> pl.DataFrame:
    """``rate_date, cents, euros, published``: dollars per euro of each day as a fraction."""
    days: Iterable[date] = amounts["rate_date"].drop_nulls().unique().sort()
    rows = []
    for day in days:
        if found := prepared.dollars_per_euro(day):
            cents, euros = found[0].as_integer_ratio()
            rows.append((day, cents, euros, found[1]))
    schema = {
        "rate_date": pl.Date,
        "cents": pl.Int128,
        "euros": pl.Int128,
        "published": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _in_euros() -> pl.Expr:
    francs, cents = PER_EURO
    return (
        pl.when(pl.col("currency") == "EUR")
        .then(pl.col("minor"))
        .when(pl.col("currency").is_in(list(_FRANCS)))
        .then(_rounded(pl.col("minor") * cents, pl.lit(francs, pl.Int128)))
        .otherwise(_rounded(pl.col("usd_minor") * pl.col("euros"), pl.col("cents")))
        .cast(pl.Int64)
        .alias("value")
    )


def _in_francs() -> pl.Expr:
    francs, cents = PER_EURO
    dollars = pl.col("usd_minor") * pl.col("euros") * francs
    return (
        pl.when(pl.col("currency").is_in(list(_FRANCS)))
        .then(pl.col("minor"))
        .when(pl.col("currency") == "EUR")
        .then(_rounded(pl.col("minor") * francs, pl.lit(cents, pl.Int128)))
        .otherwise(_rounded(dollars, pl.col("cents") * cents))
        .cast(pl.Int64)
        .alias("value")
    )


def _rounded(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    """Whole number nearest to a fraction, the even one of two."""
    floor, rest = over // under, over % under
    odd = floor % 2 == 1
    up = (2 * rest > under) | ((2 * rest == under) & odd)
    return floor + up.cast(pl.Int128)
