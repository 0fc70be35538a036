"""How much the evidence of a pair weighs, and what it then is.

The weights are set by hand on the documents of the project; no pair is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DOUBLE_FROM = 0.60
"""A pair of this score or more is shown as a possible double report."""

ALIKE_FROM = 55.0
"""Titles this alike (0 to 100) may tell of the same thing being done."""

ENOUGH_WORDS = 3
"""Words in common from which a like title counts in full: "Forage" twice says little."""

AMOUNT_EQUAL, AMOUNT_NEAR = 0.01, 0.10
"""Relative difference of two amounts that are the same, or about the same."""


ROUND = 100_000
"""US cents: two sums in whole thousands of dollars are often equal by chance."""


@dataclass(frozen=True)
class Weights:
    """What each piece of evidence adds to the score of a double report."""

    title: float = 0.35
    figure: float = 0.20
    same_place: float = 0.20  # a cercle or a commune that both name
    like_place: float = 0.10  # one lies in the other, or both name the same région
    amount_equal: float = 0.25
    amount_near: float = 0.10  # or equal, both in round thousands
    amount_differs: float = -0.30
    organisation: float = 0.15
    other_organisations: float = -0.15
    dates_overlap: float = 0.10
    dates_apart: float = -0.50
    sector: float = 0.05
    other_sector: float = -0.10


WEIGHTS = Weights()


def judged(evidence: pl.DataFrame) -> pl.DataFrame:
    """The pairs worth a look, with ``score`` and ``kind``, best first."""
    scored = evidence.with_columns(_score().alias("score")).with_columns(_kind().alias("kind"))
    return scored.filter(pl.col("kind").is_not_null()).sort(
        ["score", "a", "b"], descending=[True, False, False]
    )


def _score() -> pl.Expr:
    w = WEIGHTS
    gap, place, dates = pl.col("amount_gap"), pl.col("place"), pl.col("dates")
    telling = (pl.col("shared_words") / ENOUGH_WORDS).clip(0, 1)
    title = ((pl.col("alike") - 50) / 50).clip(0, 1) * telling * w.title
    parts = [
        title,
        pl.when(pl.col("same_figure").is_not_null()).then(w.figure).otherwise(0.0),
        pl.when((place == "same") & pl.col("narrow"))
        .then(w.same_place)
        .when(place.is_in(["same", "nested"]))
        .then(w.like_place)
        .otherwise(0.0),
        pl.when(_equal_sums())
        .then(w.amount_equal)
        .when(gap <= AMOUNT_NEAR)
        .then(w.amount_near)
        .when(gap.is_not_null())
        .then(w.amount_differs)
        .otherwise(0.0),
        pl.when(pl.col("shares_organisation"))
        .then(w.organisation)
        .when(pl.col("others"))
        .then(w.other_organisations)
        .otherwise(0.0),
        pl.when(dates == "overlap")
        .then(w.dates_overlap)
        .when(dates == "apart")
        .then(w.dates_apart)
        .otherwise(0.0),
        pl.when(pl.col("same_sector"))
        .then(w.sector)
        .when(pl.col("same_sector").is_not_null())
        .then(w.other_sector)
        .otherwise(0.0),
    ]
    return pl.sum_horizontal(parts).clip(0, 1).round(3)


def _equal_sums() -> pl.Expr:
    """Both amounts are known and the same, and not by the chance of round figures."""
    equal = (pl.col("amount_gap") <= AMOUNT_EQUAL).fill_null(False)
    return equal & ~pl.col("round_sums").fill_null(False)


def _kind() -> pl.Expr:
    """Double report: enough evidence, the titles alike or the money equal, no other ground.

    Overlap: others, known to act, doing alike work in the same sector, on the same ground
    below the région, at dates that are known to meet.
    """
    alike = pl.col("alike") >= ALIKE_FROM
    elsewhere = (pl.col("place") == "different").fill_null(False)
    double = (pl.col("score") >= DOUBLE_FROM) & (alike | _equal_sums()) & ~elsewhere
    near = pl.col("place").is_in(["same", "nested"]) & pl.col("narrow")
    overlap = (
        pl.col("others") & pl.col("same_sector") & near & alike & (pl.col("dates") == "overlap")
    )
    return (
        pl.when(double.fill_null(False) & ~pl.col("others").fill_null(False))
        .then(pl.lit("double_reporting"))
        .when(overlap.fill_null(False))
        .then(pl.lit("overlap"))
        .when(double.fill_null(False))
        .then(pl.lit("double_reporting"))
    )
