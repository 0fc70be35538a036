"""Levels of named scales as a part of one, from 0 (best) to 1 (worst)."""

from __future__ import annotations

import polars as pl

from atlas.vocab import entries_by_id, entry_spelt_as

RANK = "rank"
"""Scale of an order: 1 is the most urgent, the last is the last of its own table."""

HIGHER, LOWER = "higher_is_worse", "lower_is_worse"


def scale_ends(scale: str) -> tuple[float, float, str] | None:
    """Lowest and highest level of a scale, and which end is worse; ``None`` if not known."""
    row = entries_by_id("scales").get(entry_spelt_as("scales", scale) or "")
    return (float(row["lowest"]), float(row["highest"]), row["direction"]) if row else None


def normalised_levels(levels: pl.DataFrame) -> pl.Series:
    """Each level as a part of its scale, 1 at the worse end.

    A scale that `atlas/vocab/scales.csv` does not have is unknown, and so is a level outside
    its ends: null, never 0. The direction of the fact goes before that of the scale.

    Parameters
    ----------
    levels
        ``value, scale, direction`` and, for ranks, ``last`` (highest rank of its table).

    Returns
    -------
    polars.Series
        Float from 0 to 1, null where unknown.
    """
    named = {s: scale_ends(s) for s in levels["scale"].drop_nulls().unique()}
    known = {s: e for s, e in named.items() if e}
    rows = [(s, *known[s]) for s in known]
    schema = {"scale": pl.String, "low": pl.Float64, "high": pl.Float64, "worse": pl.String}
    joined = levels.join(
        pl.DataFrame(rows, schema=schema, orient="row"),
        on="scale",
        how="left",
        maintain_order="left",
    )
    ranked = pl.col("scale") == RANK
    low = pl.when(ranked).then(1.0).otherwise(pl.col("low"))
    high = pl.when(ranked).then(pl.col("last")).otherwise(pl.col("high"))
    worse = pl.coalesce("direction", pl.when(ranked).then(pl.lit(LOWER)), "worse")
    value = pl.col("value")
    part = pl.when(high > low).then((value - low) / (high - low)).when(value == low).then(0.0)
    inside = (value >= low) & (value <= high)
    return joined.select(
        pl.when(inside & (worse == HIGHER))
        .then(part)
        .when(inside & (worse == LOWER))
        .then(1 - part)
    ).to_series()
