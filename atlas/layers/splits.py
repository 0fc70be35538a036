"""The money of a snapshot by one rule and in one currency: worked out once, then filtered.

Where a document says how an amount divides among places, that stands under every rule. What
it does not say (several places without shares, or the perimeter of the whole document) is
split by the rule asked for: `equal`, `population` or `area`; under `reported`, as it was read.
Whatever the rule, the shares of an amount add up to it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.layers.currencies import equivalents
from atlas.layers.peopled import peopled
from atlas.layers.prepare import Prepared
from atlas.shares import share, whole_weights

MEASURES = ("minor", "usd_minor", "value")
"""Money of a share: as stated, in US cents, and in the currency asked for (minor units)."""

COLUMNS = (
    *("a", "u", "amount", "currency", *MEASURES, "inherited", "ways", "pool"),
    *("resplit", "fallback", "thin", "rate_day", "dollars"),
)


def split(prepared: Prepared, kind: str, rule: str, currency: str) -> pl.DataFrame:
    """Every amount of a kind among the places of its activity.

    Parameters
    ----------
    kind
        ``budget``, ``committed`` or ``spent``.
    rule
        ``reported``, ``equal``, ``population`` or ``area``.
    currency
        Of the column ``value``: ``USD``, ``EUR`` or ``XOF``.

    Returns
    -------
    polars.DataFrame
        One row per amount × placement: ``a, u, amount, currency, minor, usd_minor, value,
        inherited``; ``ways``, among how many places the document leaves it open, and
        ``pool``, what of ``value`` is open in all (null where nothing is);
        ``resplit`` (the rule gave this share), ``fallback`` (in equal parts, for want of a
        figure for each place), ``thin`` (its place is thinly peopled); ``first, last``, the
        days the amount stands for (null: not both known), ``open`` (one of them is);
        ``rate_day, dollars`` of its rate.
    """
    rows = _converted(prepared, kind, currency)
    untold = rows.filter(~pl.col("told"))  # few: most activities have a place of their own
    several = untold.select((pl.len().over("amount") > 1).alias("several")).to_series()
    parts = (
        _alone(rows.filter("told")),
        _alone(untold.filter(~several)),
        _open(prepared, untold.filter(several), rule),
    )
    whole = pl.concat(part.select(COLUMNS) for part in parts)
    return whole.join(_days(prepared), on="amount", how="left", maintain_order="left")


def _converted(prepared: Prepared, kind: str, currency: str) -> pl.DataFrame:
    rows = prepared.shares.filter(pl.col("kind") == kind).drop("kind")
    told = equivalents(prepared, currency).with_row_index("amount")
    rows = rows.join(told, on="amount", how="left", maintain_order="left")
    if currency == "USD":
        return rows.with_columns(pl.col("usd_minor").alias("value"))
    return (
        rows.with_columns(whole_weights())
        .with_columns(share("value").alias("value"))
        .drop("_whole")
    )


def _alone(rows: pl.DataFrame) -> pl.DataFrame:
    no = pl.lit(False)
    return rows.with_columns(
        pl.lit(1, pl.UInt32).alias("ways"),
        pl.lit(None, pl.Int64).alias("pool"),
        *(no.alias(name) for name in ("resplit", "fallback", "thin")),
    )


def _open(prepared: Prepared, rows: pl.DataFrame, rule: str) -> pl.DataFrame:
    """The shares that no document gives, by the rule."""
    pooled = [
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).sum().over("amount")).alias(name)
        for name in MEASURES
    ]
    rows = rows.with_columns(
        pl.len().over("amount").alias("ways"),
        pl.when(pl.col("value").is_not_null())
        .then(pl.col("value").sum().over("amount"))
        .alias("pool"),
    )
    if rule == "reported":
        no = pl.lit(False)
        return rows.with_columns(no.alias(name) for name in ("resplit", "fallback", "thin"))
    weighed = _weighed(prepared, rows, rule).with_columns(pooled).with_columns(whole_weights())
    return weighed.with_columns(share(name).alias(name) for name in MEASURES).drop("_whole")


def _weighed(prepared: Prepared, rows: pl.DataFrame, rule: str) -> pl.DataFrame:
    """``weight`` by the rule; equal parts where a place of the amount has no figure.

    Populations of different years are not set against each other either.
    """
    resplit = pl.lit(True).alias("resplit")
    if rule == "equal":
        one, no = pl.lit(1, pl.Int64), pl.lit(False)
        return rows.with_columns(
            one.alias("weight"), resplit, no.alias("fallback"), no.alias("thin")
        )
    units = pl.DataFrame({"unit_id": prepared.units}).with_row_index("u")
    figures = units.join(prepared.once(peopled), on="unit_id", how="left").select(
        "u", "thin", figure=rule, year="population_year" if rule == "population" else pl.lit(0)
    )
    told = rows.join(figures, on="u", how="left", maintain_order="left")
    known = pl.col("figure").is_not_null().all().over("amount")
    known &= pl.col("year").n_unique().over("amount") == 1
    return (
        told.with_columns(known.alias("known"))
        .with_columns(
            pl.when("known").then(pl.col("figure")).otherwise(1).alias("weight"),
            (~pl.col("known")).alias("fallback"),
            (pl.col("known") & pl.col("thin").fill_null(False) & (rule == "area")).alias("thin"),
            resplit,
        )
        .drop("figure", "year", "known")
    )


def _days(prepared: Prepared) -> pl.DataFrame:
    """``amount, first, last, open``: its own period, what that lacks from its activity.

    Where one end is unknown the amount stands for no days: it is put whole into no year.
    """
    dated = prepared.activities.select("activity_id", "start", "end")
    first, last = pl.coalesce("period_start", "start"), pl.coalesce("period_end", "end")
    both = first.is_not_null() & last.is_not_null()
    return (
        prepared.tables.amounts.with_row_index("amount")
        .join(dated, on="activity_id", how="left", maintain_order="left")
        .select(
            "amount",
            pl.when(both).then(pl.min_horizontal(first, last)).alias("first"),
            pl.when(both).then(pl.max_horizontal(first, last)).alias("last"),
            (first.is_not_null() != last.is_not_null()).alias("open"),
        )
    )


def yearly(prepared: Prepared, kind: str, rule: str, currency: str) -> pl.DataFrame:
    """The rows of `split`, each parted among the calendar years of its days.

    ``year`` is null and nothing is parted where the days of the amount are not known; ``first,
    last`` are the days inside the year. Σ years of a share is the share, to the minor unit.
    """
    rows = prepared.once(split, kind, rule, currency)
    years = pl.int_ranges(pl.col("first").dt.year(), pl.col("last").dt.year() + 1)
    told = rows.with_columns(
        years.alias("year"), start=pl.col("first"), end=pl.col("last")
    ).explode("year", empty_as_null=True, keep_nulls=True)
    first = pl.max_horizontal("start", pl.date(pl.col("year"), 1, 1))
    last = pl.min_horizontal("end", pl.date(pl.col("year"), 12, 31))
    inside = told.with_columns(
        pl.when(pl.col("year").is_not_null()).then(first).alias("first"),
        pl.when(pl.col("year").is_not_null()).then(last).alias("last"),
    )
    span = pl.col("start"), pl.col("end")
    return inside.with_columns(
        pl.when(pl.col("year").is_null())
        .then(pl.col(name))
        .otherwise(between(pl.col(name), *span, pl.col("first"), pl.col("last")))
        .alias(name)
        for name in (*MEASURES, "pool")
    ).drop("start", "end")


def between(money: pl.Expr, start: pl.Expr, end: pl.Expr, first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """What of an amount that stands for some days falls on these of them.

    The part up to a day is rounded, and a slice is the difference of two such parts: however
    the days are cut, the slices add up to the amount.
    """
    days = _number(end) - _number(start) + 1
    until = (_number(last) - _number(start) + 1).clip(0, days)
    before = (_number(first) - _number(start)).clip(0, until)
    return _up_to(money, until, days) - _up_to(money, before, days)


def _number(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Int64)


def _up_to(money: pl.Expr, until: pl.Expr, days: pl.Expr) -> pl.Expr:
    """``money × until / days`` to the nearest whole; two steps, for 64 bits would overflow."""
    whole, rest = money // days, money % days
    return whole * until + (2 * rest * until + days) // (2 * days)


Window = tuple[date, date]


def windows(
    years: tuple[int, ...], at: date | None, since: date | None, until: date | None
) -> tuple[Window, ...] | None:
    """The days a question asks for, as spans in order; ``None``: all days.

    Examples
    --------
    >>> windows((2016, 2017), None, date(2016, 7, 1), None)
    ((datetime.date(2016, 7, 1), datetime.date(2017, 12, 31)),)
    """
    if not (years or at or since or until):
        return None
    low = max(day for day in (since, at, date.min) if day)
    high = min(day for day in (until, at, date.max) if day)
    if not years:
        return ((low, high),) if low <= high else ()
    spans: list[Window] = []
    for year in years:
        first, last = max(date(year, 1, 1), low), min(date(year, 12, 31), high)
        if first > last:
            continue
        if spans and spans[-1][1].toordinal() + 1 == first.toordinal():
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return tuple(spans)


def windowed(rows: pl.DataFrame, spans: tuple[Window, ...] | None) -> pl.DataFrame:
    """The rows of `yearly` cut at the bounds of a period.

    Returns
    -------
    polars.DataFrame
        With ``where``: ``inside`` these days, ``outside`` (the rest of the same rows),
        ``undated`` (no period: neither) or ``open`` (one end of it is unknown). Their money
        adds up to that of the rows.
    """
    dated = rows.filter(pl.col("year").is_not_null())
    loose = rows.filter(pl.col("year").is_null())
    apart = [("undated", loose.filter(~pl.col("open"))), ("open", loose.filter("open"))]
    told = [("inside", dated), *apart]
    if spans is not None:
        within = dated.with_columns(_within(spans, name) for name in (*MEASURES, "pool"))
        rest = dated.with_columns(dated[name] - within[name] for name in (*MEASURES, "pool"))
        told = [("inside", within), ("outside", rest), *apart]
    return pl.concat(part.with_columns(pl.lit(where).alias("where")) for where, part in told)


def _within(spans: tuple[Window, ...], name: str) -> pl.Expr:
    """What of a column of money falls on these days."""
    own = pl.col("first"), pl.col("last")
    cuts = [between(pl.col(name), *own, pl.lit(low), pl.lit(high)) for low, high in spans]
    total = pl.sum_horizontal(cuts) if cuts else pl.lit(0, pl.Int64)
    return pl.when(pl.col(name).is_not_null()).then(total).cast(pl.Int64).alias(name)
