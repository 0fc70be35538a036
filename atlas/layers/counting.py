"""What is counted once: activities that people said are one, behind the record that leads.

A group counts with the amounts, places, dates, sector and status of its leader. Whoever any of
its records names still acts and gives, as part of the leader; a filter on source, sector, kind,
donor or organisation finds the group by what any of them says.
"""

from __future__ import annotations

import polars as pl

from atlas.corrections.pairs import leaders, verdicts_of
from atlas.model import Kind

ITEM_KINDS = (Kind.ACTIVITY.value, Kind.PLAN.value)
"""Kinds that are counted as activities; a plan only when asked for."""

CANCELLED, SUSPENDED = "cancelled", "suspended"
STOPPED = (CANCELLED, SUSPENDED)
"""Statuses of what is told and counts in no figure but their own: given up, or held up."""

BY_ANY = ("kind", "source", "sector")
"""Columns by which a filter finds a group through any of its records."""


def followers(verdicts: pl.DataFrame, activities: pl.DataFrame) -> pl.DataFrame:
    """The records that another one counts for.

    Parameters
    ----------
    verdicts
        The table of that name; words about presences and published sums say nothing.
    activities
        With ``a`` and ``activity_id``, and the columns of `BY_ANY`.

    Returns
    -------
    polars.DataFrame
        ``a, leader`` (both rows of ``activities``) and the columns of `BY_ANY`, by ``a``.
    """
    items = activities.filter(pl.col("kind").is_in(ITEM_KINDS))["activity_id"].implode()
    between = verdicts.filter(pl.col("activity_a").is_in(items), pl.col("activity_b").is_in(items))
    behind = leaders(verdicts_of(between))
    named = pl.DataFrame(
        {"activity_id": list(behind), "lead_id": list(behind.values())},
        schema={"activity_id": pl.String, "lead_id": pl.String},
    )
    rows = activities.select("activity_id", "a", *BY_ANY)
    lead = rows.select(pl.col("activity_id").alias("lead_id"), pl.col("a").alias("leader"))
    return (
        rows.join(named, on="activity_id")
        .join(lead, on="lead_id")
        .select("a", "leader", *BY_ANY)
        .sort("a")
    )


def shared(long: pl.DataFrame, follower: pl.DataFrame) -> pl.DataFrame:
    """A long table by ``a`` in which leaders also have the rows of those they count for."""
    if follower.is_empty():
        return long
    lent = long.join(follower.select("a", "leader"), on="a")
    own = pl.col("leader").alias("a")
    return (
        pl.concat([long, lent.with_columns(own).select(long.columns)]).unique().sort(long.columns)
    )


def has_any(column: str, values: tuple[str, ...], follower: pl.DataFrame) -> pl.Expr:
    """Whether an activity, or one it counts for, has one of these values."""
    own = pl.col(column).is_in(list(values))
    if follower.is_empty():
        return own
    lent = follower.filter(pl.col(column).is_in(list(values)))["leader"]
    return own | pl.col("a").is_in(lent.unique().implode())
