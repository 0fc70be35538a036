"""What donors gave to each fund, beside what the fund's activities were allotted.

The two are never added or set off: contributions are those that documents tell of, and so are
the activities.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_
from atlas.layers.budget import major_units
from atlas.layers.layer import Layer
from atlas.layers.scope import Scope
from atlas.model import CANCELLED, STOPPED, SUSPENDED
from atlas.vocab import match_organisation

KIND = "contribution"
SEPARATOR = " ; "

COLUMNS = {
    "fund": pl.String,
    "contributions": pl.Int64,
    "contributed_usd": pl.Float64,
    "contributions_without_usd": pl.Int64,
    "contributors": pl.String,
    "first_contribution": pl.Date,
    "last_contribution": pl.Date,
    "activities": pl.Int64,
    "without_amount": pl.Int64,
    "allocated_usd": pl.Float64,
    **dict.fromkeys(STOPPED, pl.Int64),
    **{f"{name}_usd": pl.Float64 for name in STOPPED},
}


def funds_by_source(scope: Scope) -> pl.DataFrame:
    """Set contributions to funds beside what these allotted to the activities of the question.

    Parameters
    ----------
    scope
        The question, applied to a snapshot. Its filters hold for the activities; contributions
        are for no place, and count from their date on.

    Returns
    -------
    polars.DataFrame
        One row per fund that any contribution is told of: ``fund, contributions,
        contributed_usd`` (null where no amount is known in dollars)``,
        contributions_without_usd, contributors`` (those that are known organisations, joined by
        " ; ")``, first_contribution, last_contribution, activities, without_amount,
        allocated_usd, cancelled, suspended, cancelled_usd, suspended_usd``: activities of that
        fund, and budget; what is cancelled or suspended is in the last four alone.
    """
    given = _contribution_rows(scope)
    if given.is_empty():
        return pl.DataFrame(schema=COLUMNS)
    usd = pl.col("usd_minor")
    told = given.group_by("fund").agg(
        pl.len().alias("contributions"),
        pl.when(usd.count() > 0).then(major_units(usd.sum(), "USD")).alias("contributed_usd"),
        usd.null_count().alias("contributions_without_usd"),
        pl.col("who").explode().drop_nulls().unique().sort().str.join(SEPARATOR).alias(
            "contributors"
        ),
        pl.col("as_of").min().alias("first_contribution"),
        pl.col("as_of").max().alias("last_contribution"),
    )  # fmt: skip
    for part in (_allotted_sums(scope), *_stopped_sums(scope)):
        told = told.join(part, on="fund", how="left")
    counts = ("activities", "without_amount", CANCELLED, SUSPENDED)
    return (
        told.with_columns(pl.col(counts).fill_null(0))
        .with_columns(
            pl.when(pl.col(count) == 0).then(0.0).otherwise(pl.col(money)).alias(money)
            for count, money in (
                ("activities", "allocated_usd"),
                *((name, f"{name}_usd") for name in STOPPED),
            )
        )
        .select(*COLUMNS)
        .cast(COLUMNS)  # type: ignore[arg-type]
        .sort("fund")
    )


def _contribution_rows(scope: Scope) -> pl.DataFrame:
    """``fund, usd_minor, as_of, who``: each contribution once, however many documents tell it.

    How many contributors a fund has, published without their names, is no contribution.
    """
    today = pl.lit(scope.reference, dtype=pl.Date)
    facts = scope.context_facts.filter(
        pl.col("kind") == KIND,
        (pl.col("as_of") <= today).fill_null(True),
        pl.col("scale").is_not_null() | pl.col("value").is_null(),
    )
    donor = pl.coalesce("organisation", pl.col("text").str.replace(r" \(.*$", "")).alias("donor")
    once = facts.with_columns(donor).unique(
        ["indicator", "donor", "as_of", "value", "scale"], keep="first", maintain_order=True
    )
    who = [_known_donors(words) for words in once["donor"]]
    return once.select(
        pl.col("indicator").alias("fund"),
        "usd_minor",
        "as_of",
        pl.Series("who", who, dtype=pl.List(pl.String)),
    )


def _known_donors(words: str | None) -> list[str]:
    """Organisations of the vocabulary among the names of a contribution; free text is none."""
    found = (match_organisation(name).id for name in (words or "").split(SEPARATOR))
    return [name for name in found if name]


def _allotted_sums(scope: Scope) -> pl.DataFrame:
    """``fund, activities, without_amount, allocated_usd`` of what counts."""
    source = scope.prepared.activities["source"]
    shares = scope.budget_shares
    shares = shares.with_columns(source.gather(shares["a"]).alias("fund"))
    usd = pl.col("usd_minor")
    money = shares.group_by("fund").agg(
        pl.when(usd.count() > 0).then(major_units(usd.sum(), "USD")).alias("allocated_usd"),
        pl.col("a").n_unique().alias("priced"),
    )
    return (
        scope.counted_activities.group_by(pl.col("source").alias("fund"))
        .agg(pl.len().alias("activities"))
        .join(money, on="fund", how="left")
        .select(
            "fund",
            "activities",
            (pl.col("activities") - pl.col("priced").fill_null(0)).alias("without_amount"),
            "allocated_usd",
        )
    )


def _stopped_sums(scope: Scope) -> list[pl.DataFrame]:
    """The same of what is cancelled, and of what is suspended, each under its own name."""
    aside = scope.set_aside
    parts = []
    for name in STOPPED:
        own = replace(aside, activities=aside.counted_activities.filter(pl.col("status") == name))
        told = _allotted_sums(own)
        parts.append(
            told.select(
                "fund",
                pl.col("activities").alias(name),
                pl.col("allocated_usd").alias(f"{name}_usd"),
            )
        )
    return parts


LAYER = Layer(
    "funds", N_("Contributions aux fonds, et ce qu'ils ont alloué"), funds_by_source,
    tab="budget", file="fonds", label=N_("Contributions aux fonds"),
)  # fmt: skip
