"""How much money stands where, to the cent."""

from __future__ import annotations

import polars as pl

from atlas.i18n import N_
from atlas.layers.options import Option
from atlas.layers.scope import Scope
from atlas.shares import exponent

OPTIONS = (
    Option(
        "kind",
        "budget",
        N_("Montant"),
        choices={
            "budget": N_("Budget"),
            "committed": N_("Engagé"),
            "spent": N_("Dépensé"),
        },
    ),
)


def budget(scope: Scope) -> pl.DataFrame:
    """Add up the shares of the amounts placed in each unit.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; ``options["kind"]`` is ``budget`` (default),
        ``committed`` or ``spent``.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, budget_usd``,
        ``inherited_usd`` (the part placed on the perimeter of its document for want of a
        place of its own), ``activities``, ``without_amount`` (activities there whose
        amount nobody gave), then for every currency of the snapshot ``amount_<currency>``
        and, where an amount has no rate, ``no_rate_<currency>``. Money is in major units,
        computed from whole cents; ``budget_usd`` is null where there are activities and
        none has an amount in USD: unknown is not zero.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("budget", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "budget_usd").row(0)
    ('Kidal', 254169.0)
    """
    kind = scope.options["kind"]
    shares = scope.shares.filter(pl.col("kind") == kind)
    known = shares.group_by("target").agg(pl.col("a").n_unique().alias("known"))
    counted = (
        scope.item_placements.group_by("target")
        .agg(pl.col("a").n_unique().cast(pl.Int64).alias("activities"))
        .join(known, on="target", how="left")
        .with_columns((pl.col("activities") - pl.col("known").fill_null(0)).alias("without_amount"))
    )
    currencies = _currencies(scope, kind)
    summed = shares.group_by("target").agg(_sums(currencies))
    money = summed.columns[4:]  # after target and the columns named below
    table = scope.on_units(counted.join(summed, on="target", how="full", coalesce=True))
    return table.select(
        "unit_id",
        "unit_name",
        *(_or_unknown(name) for name in ("budget_usd", "inherited_usd")),
        pl.col("activities", "without_amount").fill_null(0),
        *(pl.col(name).fill_null(0.0) for name in money),
    )


def major(minor: pl.Expr, currency: str) -> pl.Expr:
    """Major units of a whole number of minor ones: the float nearest to the exact figure."""
    digits = exponent(currency)
    # polars divides by a constant as a product with its inverse, an ulp off; rounding mends it
    return (minor.cast(pl.Float64) / 10.0**digits).round(digits)


def _currencies(scope: Scope, kind: str) -> dict[str, bool]:
    """Currencies of the whole snapshot, and whether any amount of each has no rate.

    Those of the snapshot rather than of the answer, so that a filter changes figures and
    never columns.
    """
    every = (
        scope.prepared.shares.filter(pl.col("kind") == kind)
        .group_by("currency")
        .agg(pl.col("usd_minor").is_null().any().alias("rateless"))
        .sort("currency")
    )
    return dict(every.iter_rows())


def _sums(currencies: dict[str, bool]) -> list[pl.Expr]:
    usd, inherited = pl.col("usd_minor"), pl.col("inherited")
    sums = [
        usd.count().alias("with_usd"),
        major(usd.sum(), "USD").alias("budget_usd"),
        major(usd.filter(inherited).sum(), "USD").alias("inherited_usd"),
    ]
    for currency, rateless in currencies.items():
        own = pl.col("minor").filter(pl.col("currency") == currency)
        sums.append(major(own.sum(), currency).alias(f"amount_{currency}"))
        if rateless:
            none = pl.col("minor").filter((pl.col("currency") == currency) & usd.is_null())
            sums.append(major(none.sum(), currency).alias(f"no_rate_{currency}"))
    return sums


def _or_unknown(name: str) -> pl.Expr:
    """Zero where nothing is reported; null where something is, with no amount in USD."""
    something, in_usd = pl.col("activities") > 0, pl.col("with_usd") > 0
    return (
        pl.when(in_usd.fill_null(False))
        .then(pl.col(name))
        .when(something.fill_null(False))
        .then(None)
        .otherwise(0.0)
        .alias(name)
    )
