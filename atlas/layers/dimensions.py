"""What money is told by, beside the unit: its sector, who gives it, who answers for it."""

from __future__ import annotations

import polars as pl

from atlas.layers.prepare import Prepared

UNKNOWN, JOINT, UNDATED, OUTSIDE = "_unknown", "_joint", "_undated", "_outside"
OPEN = "_open"
"""Rows of their own: nobody said; several at once, never divided among them; without a
period; outside the period asked for; with a period of which one end is unknown."""


def dimension(prepared: Prepared, by: str) -> pl.DataFrame:
    """``dimension``: what each activity is told under, in the order of the activities.

    Parameters
    ----------
    by
        ``sector``; ``donor`` (several of one activity are one row together: who gives how
        much of it nobody said); ``org``, the lead, else its only implementer.
    """
    activities = prepared.activities
    if by == "sector":
        told = pl.col("sector").fill_null(UNKNOWN)
    elif by == "donor":
        told = _one(_distinct("donors"))
    else:
        lead = pl.when(pl.col("lead_org") != "").then(pl.col("lead_org"))
        told = pl.coalesce(lead, _one(_distinct("implementers")))
    return activities.select(told.cast(pl.Categorical).alias("dimension"))


def _distinct(column: str) -> pl.Expr:
    return pl.col(column).fill_null([]).list.drop_nulls().list.unique()


def _one(names: pl.Expr) -> pl.Expr:
    return (
        pl.when(names.list.len() > 1)
        .then(pl.lit(JOINT))
        .otherwise(names.list.first().fill_null(UNKNOWN))
    )
