"""What is counted once: activities that people said are one, and wholes with their parts.

Of activities that are one the leading record counts; wholes whose money their parts state lend
their parts nothing (`atlas.corrections.relations`).

A group counts with the amounts, places, dates, sector and status of its leader. Whoever any of
its records names still acts and gives, as part of the leader; a filter on source, sector, kind,
donor or organisation finds the group by what any of them says.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from atlas.corrections.relations import leaders_by_record, verdicts_of
from atlas.model import Kind, Tables

ITEM_KINDS = (Kind.ACTIVITY.value, Kind.PLAN.value)
"""Kinds that are counted as activities; a plan only when asked for."""

BY_ANY = ("kind", "source", "sector")
"""Columns by which a filter finds a group through any of its records."""


def follower_records(
    same: Mapping[str, str], parts: Mapping[str, str], activities: pl.DataFrame
) -> pl.DataFrame:
    """The records that another one counts for.

    Parameters
    ----------
    same
        Id of each that is one thing with another → id of that one.
    parts
        Id of each whole that counts with its parts → id of one of them.
    activities
        With ``a`` and ``activity_id``, and the columns of `BY_ANY`.

    Returns
    -------
    polars.DataFrame
        ``a, leader`` (both rows of ``activities``; the leader counts), the columns of `BY_ANY`
        and ``lends``, by ``a``: where the two are one thing, what either says of it is said of
        both; else nothing is, and `BY_ANY` is null.
    """
    leads = {**parts, **{one: parts.get(lead, lead) for one, lead in same.items()}}
    lends = [one in same and same[one] not in parts for one in leads]
    named = pl.DataFrame(
        {"activity_id": list(leads), "lead_id": list(leads.values()), "lends": lends},
        schema={"activity_id": pl.String, "lead_id": pl.String, "lends": pl.Boolean},
    )
    rows = activities.select("activity_id", "a", *BY_ANY)
    lead = rows.select(pl.col("activity_id").alias("lead_id"), pl.col("a").alias("leader"))
    return (
        rows.join(named, on="activity_id")
        .join(lead, on="lead_id")
        .select("a", "leader", *(pl.when("lends").then(c).alias(c) for c in BY_ANY), "lends")
        .sort("a")
    )


def same_things(tables: Tables) -> dict[str, str]:
    """Records that people said are one with another → id of the record that leads.

    Words about presences and published sums say nothing.
    """
    items = tables.activities.filter(pl.col("kind").is_in(ITEM_KINDS))["activity_id"].implode()
    between = tables.verdicts.filter(
        pl.col("activity_a").is_in(items), pl.col("activity_b").is_in(items)
    )
    return leaders_by_record(verdicts_of(between))


def with_leader_rows(long: pl.DataFrame, follower: pl.DataFrame) -> pl.DataFrame:
    """A long table by ``a`` in which leaders also have the rows of those they count for."""
    if follower.is_empty():
        return long
    lent = long.join(follower.filter("lends").select("a", "leader"), on="a")
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
