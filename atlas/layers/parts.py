"""The shares of money that a question is about, cut and named as it asks."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.layers.currencies import equivalents
from atlas.layers.dimensions import OPEN, OUTSIDE, UNDATED, dimension
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.layers.splits import MEASURES, split, windowed, windows, yearly
from atlas.shares import exponent

APART = ("outside", "no_period", "open_period")
"""Money of the same activities that does not fall on the days asked for."""


def parts(scope: Scope, kind: str) -> pl.DataFrame:
    """Every share of money that the question is about, as it is counted.

    Returns
    -------
    polars.DataFrame
        The columns of `atlas.layers.splits.split` and ``target``; ``dimension`` where one is
        asked for; ``outside, no_period, open_period`` where amounts are sliced by days: what
        stands there of ``value`` is no longer in it.
    """
    by, sliced = scope.options["by"], scope.options["slice"] == "overlap"
    of = kind, scope.options["rule"], scope.options["currency"]
    if by == "year" or sliced:
        rows = scope.told(scope.prepared.once(yearly, *of))
        asked = scope.filters
        spans = windows(asked.year, asked.at, asked.since, asked.until) if sliced else None
        rows = windowed(rows, spans)
        if by == "year":
            return _by_year(rows)
        rows = _set_apart(rows)
    else:
        rows = scope.told(scope.prepared.once(split, *of))
    if by == "unit":
        return rows
    told = scope.prepared.once(dimension, by)["dimension"]
    return rows.with_columns(told.gather(rows["a"]))


def _by_year(rows: pl.DataFrame) -> pl.DataFrame:
    """The year of each row as its dimension; what has none, or lies outside, in its own row."""
    where = pl.col("where")
    year = (
        pl.when(where == "undated")
        .then(pl.lit(UNDATED))
        .when(where == "open")
        .then(pl.lit(OPEN))
        .when(where == "outside")
        .then(pl.lit(OUTSIDE))
        .otherwise(pl.col("year").cast(pl.String))
    )
    nothing = pl.all_horizontal((pl.col(name).fill_null(0) == 0) for name in MEASURES)
    beyond = ~where.is_in(["undated", "open"]) & nothing
    return rows.filter(~beyond).with_columns(year.alias("dimension"))


def _set_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """Money outside the period, and without one, in columns beside ``value``.

    What has no rate stays whole in ``unrated``: it is in none of them.
    """
    where, money = pl.col("where"), pl.col("value")
    return rows.with_columns(
        pl.when(money.is_null()).then(pl.col("minor")).alias("unrated"),
        pl.when(where == "outside").then(money).alias("outside"),
        pl.when(where == "undated").then(money).alias("no_period"),
        pl.when(where == "open").then(money).alias("open_period"),
        *(
            pl.when(where == "inside").then(pl.col(name)).alias(name)
            for name in ("value", "usd_minor", "minor", "pool")
        ),
    )


def currencies(prepared: Prepared, kind: str, asked: str) -> pl.DataFrame:
    """``currency, rateless``: those of amounts of a kind, and whether one has no rate."""
    return (
        prepared.once(split, kind, "reported", asked)
        .group_by("currency")
        .agg(pl.col("value").is_null().any().alias("rateless"))
        .sort("currency")
    )


def telling_both(prepared: Prepared, currency: str) -> pl.DataFrame:
    """``a``: activities of which both what is committed and what is spent are known, and count."""
    committed, spent = (
        prepared.once(split, kind, "reported", currency)
        .filter(pl.col("value").is_not_null())
        .select(pl.col("a").unique())
        for kind in ("committed", "spent")
    )
    elsewhere = prepared.activities.join(prepared.chains.moved, on="activity_id", how="semi")
    return committed.join(spent, on="a", how="semi").join(elsewhere, on="a", how="anti")


def cell(scope: Scope, unit_id: str | None, value: str | None) -> Scope:
    """The scope narrowed to a row of the layer ``budget``, under its settings.

    Parameters
    ----------
    value
        Of the dimension asked for; ``None``: all.
    """
    here = scope.narrowed(unit_id, items=True)
    by = scope.options["by"]
    if value is None or by == "unit":
        return here
    if by == "year":
        of_year = _valued(parts(here, scope.options["kind"]), value)["a"].unique().implode()
        return replace(here, activities=here.activities.filter(pl.col("a").is_in(of_year)))
    told = scope.prepared.once(dimension, by)["dimension"].gather(here.activities["a"])
    return replace(here, activities=here.activities.filter(told.cast(pl.String) == value))


def _valued(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    return rows.filter(pl.col("dimension").cast(pl.String) == value)


def behind(scope: Scope, value: str = "") -> pl.DataFrame:
    """What each activity of a cell adds to its figures of money, under the same settings.

    Parameters
    ----------
    value
        Of the dimension asked for; empty: all.

    Returns
    -------
    polars.DataFrame
        ``activity_id, share, share_inherited, outside, no_period, open_period`` in major units
        of the currency asked for (null where there is none), ``share_currency``, the dollars of a
        euro with their day where the amount was converted through them: ``dollars_per_euro,
        rate_date``; ``priced`` (somebody gave an amount of this kind) and, in each currency
        of which an amount has no rate, what has none: ``no_rate_<currency>``.
    """
    kind, asked = scope.options["kind"], scope.options["currency"]
    rows = parts(scope, kind)
    if value and "dimension" in rows.columns:
        rows = _valued(rows, value)
    sums = [("share", pl.col("value")), ("share_inherited", pl.col("value").filter("inherited"))]
    sums += [(c, pl.col(c)) for c in APART if c in rows.columns]
    told = rows.group_by("a").agg(
        *(
            pl.when(money.count() > 0).then(major(money.sum(), asked)).alias(name)
            for name, money in sums
        ),
        pl.col("dollars").first().alias("dollars_per_euro"),
        pl.col("rate_day").max().alias("rate_date"),
        *_rateless(scope.prepared, rows, kind, asked),
    )
    priced = scope.shares.filter(pl.col("kind") == kind)["a"].unique().implode()
    return (
        scope.activities.select("a", "activity_id")
        .join(told, on="a", how="left", maintain_order="left")
        .with_columns(
            pl.lit(asked).alias("share_currency"), pl.col("a").is_in(priced).alias("priced")
        )
        .drop("a")
    )


def _rateless(prepared: Prepared, rows: pl.DataFrame, kind: str, asked: str) -> list[pl.Expr]:
    """What no rate converts, in its own currency; null where there is nothing of it."""
    sliced = "unrated" in rows.columns
    unrated = pl.col("unrated") if sliced else pl.when(pl.col("value").is_null()).then("minor")
    sums = []
    for currency, rateless in prepared.once(currencies, kind, asked).iter_rows():
        if rateless:
            own = unrated.filter(pl.col("currency") == currency)
            money = pl.when(own.count() > 0).then(major(own.sum(), currency))
            sums.append(money.alias(f"no_rate_{currency}"))
    return sums


def rates(scope: Scope) -> pl.DataFrame:
    """The rates behind the figures: ``currency, rate_day, rate, source, amounts``.

    ``rate`` is in units of the currency per dollar, as it was converted when it was read;
    asked in euros or francs, amounts that go through their dollars have a row ``EUR`` with
    the dollars of a euro.
    """
    asked = scope.options["currency"]
    used = parts(scope, scope.options["kind"]).select("amount").unique()
    amounts = scope.prepared.tables.amounts.with_row_index("amount").select(
        "amount", "currency", "rate", "rate_date", source="rate_source"
    )
    known = used.join(amounts, on="amount").join(
        equivalents(scope.prepared, asked).with_row_index("amount"), on="amount"
    )
    through = known.filter(pl.col("dollars").is_not_null()).select(
        pl.lit("EUR").alias("currency"),
        "rate_day",
        pl.col("dollars").alias("rate"),
        pl.lit("ecb").alias("source"),
    )
    stored = known.filter(
        pl.col("currency") != "USD",
        pl.col("rate").is_not_null(),
        pl.lit(asked == "USD") | pl.col("dollars").is_not_null(),
    ).select("currency", pl.col("rate_date").alias("rate_day"), "rate", "source")
    return (
        pl.concat([stored, through])
        .group_by("currency", "rate_day", "rate", "source")
        .agg(pl.len().cast(pl.Int64).alias("amounts"))
        .sort("currency", "rate_day", "rate", "source")
    )


def major(minor: pl.Expr, currency: str) -> pl.Expr:
    """Major units of a whole number of minor ones: the float nearest to the exact figure."""
    digits = exponent(currency)
    # polars divides by a constant as a product with its inverse, an ulp off; rounding mends it
    return (minor.cast(pl.Float64) / 10.0**digits).round(digits)
