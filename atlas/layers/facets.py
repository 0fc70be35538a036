"""Which values a filter can take, and how many entries each would keep."""

from __future__ import annotations

import polars as pl

from atlas.layers.counting import BY_ANY, STOPPED, shared
from atlas.layers.prepare import Prepared
from atlas.vocab import label

FACETS = {
    "source": "sources",
    "donor": "organisations",
    "organisation": "organisations",
    "sector": "sectors",
    "status": "statuses",
    "year": None,
}
"""Filter → the vocabulary that names its values."""

Facet = list[tuple[str, str, int]]


def facet(prepared: Prepared, activities: pl.DataFrame, name: str) -> Facet:
    """Values of one filter among these activities: ``(value, label, count)``.

    Parameters
    ----------
    activities
        What the other filters keep.

    Returns
    -------
    list of tuple
        Years in order; the others by count, the largest first, then by label. What is
        cancelled or suspended is counted under its status alone: a value that nothing else
        has stands with 0.
    """
    counts = _counted(prepared, activities, name)
    vocab = FACETS[name]
    rows = [
        (str(value), label(vocab, value) if vocab else str(value), count)
        for value, count in counts.drop_nulls().iter_rows()
    ]
    if name == "year":
        return sorted(rows)
    return sorted(rows, key=lambda row: (-row[2], row[1]))


def _counted(prepared: Prepared, activities: pl.DataFrame, name: str) -> pl.DataFrame:
    """``value, count`` of the values that any of these activities has."""
    every = _long(prepared, activities, name).group_by("value").len("count")
    if name == "status":
        return every
    counting = activities.filter(~pl.col("status").is_in(STOPPED).fill_null(False))
    if counting.height == activities.height:
        return every
    counts = _long(prepared, counting, name).group_by("value").len("count")
    told = every.select("value").join(counts, on="value", how="left", nulls_equal=True)
    return told.with_columns(pl.col("count").fill_null(0))


def _long(prepared: Prepared, activities: pl.DataFrame, name: str) -> pl.DataFrame:
    """``value``: one row per activity and value it has."""
    chosen = activities.select("a")
    if name == "donor":
        return chosen.join(prepared.donors, on="a").select(pl.col("donor").alias("value"))
    if name == "organisation":
        return (
            chosen.join(prepared.actors, on="a")
            .join(prepared.organisations, on="org")
            .select(pl.col("organisation").alias("value"))
        )
    if name == "year":
        first, last = pl.col("from_day").dt.year(), pl.col("to_day").dt.year()
        return (
            activities.drop_nulls(["from_day", "to_day"])
            .select(pl.int_ranges(first, last + 1).alias("value"))
            .explode("value")
        )
    parts = [activities.select("a", pl.col(name).alias("value"))]
    if name in BY_ANY and not prepared.follower.is_empty():
        lent = prepared.follower.select(pl.col("leader").alias("a"), pl.col(name).alias("value"))
        parts.append(lent.join(chosen, on="a", how="semi"))
    if name == "sector" and not prepared.named_sectors.is_empty():
        named = shared(prepared.named_sectors, prepared.follower).rename({"sector": "value"})
        parts.append(named.join(chosen, on="a", how="semi"))
    return pl.concat(parts).unique() if len(parts) > 1 else parts[0]
