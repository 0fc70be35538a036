"""Pairs beside what people decided about them, and the decided ones that are found no more."""

from __future__ import annotations

import polars as pl

from atlas.i18n import N_
from atlas.layers.counting import followers, same_things
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared

OPTIONS = (
    Option(
        "show",
        "open",
        N_("Paires"),
        choices={"open": N_("À examiner"), "decided": N_("Décidées"), "all": N_("Toutes")},
    ),
)
NOT_FOUND = N_("décidé par une personne ; le calcul ne propose plus cette paire")


def settled(prepared: Prepared, pairs: pl.DataFrame, show: str) -> pl.DataFrame:
    """Pairs with what was decided about them, as far as they are asked for.

    Parameters
    ----------
    pairs
        ``a, b`` (rows of ``prepared.activities``)``, group_id`` and more.
    show
        A choice of `OPTIONS`.

    Returns
    -------
    polars.DataFrame
        The pairs with ``verdict`` (``same``, ``different``, ``overlap_accepted``; null while
        nobody decided) and ``lead`` (id of the record that counts for both, else null), which
        is their ``group_id`` too. Two activities of a group that counts once are ``same``
        whether or not anybody spoke of just these two; ``same`` without ``lead`` is a word
        without effect (`atlas.corrections.pairs.leaders`).
    """
    ids = prepared.activities["activity_id"]
    said = prepared.once(_verdicts).select("low", "high", "verdict")
    told = pairs.with_columns(_LOW, _HIGH).join(
        said, on=["low", "high"], how="left", maintain_order="left"
    )
    heads = [_head(prepared, told[side]).alias(f"head_{side}") for side in ("a", "b")]
    joined = pl.col("head_a") == pl.col("head_b")
    lead = told.with_columns(heads).select(pl.when(joined).then("head_a"))["head_a"]
    marked = told.with_columns(ids.gather(lead).alias("lead")).with_columns(
        pl.when(lead.is_not_null()).then(pl.lit("same")).otherwise("verdict").alias("verdict"),
        pl.coalesce("lead", "group_id").alias("group_id"),
    )
    decided = pl.col("verdict").is_not_null()
    open_ = ~decided & ~_told_as_parts(prepared, told)
    asked = {"open": open_, "decided": decided, "all": open_ | decided}
    return marked.filter(asked[show]).drop("low", "high")


def _told_as_parts(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """Whether documents say that one of two is a part of the other: no question is left."""
    chains, ids = prepared.chains, prepared.activities["activity_id"]
    none = pl.repeat(False, pairs.height, dtype=pl.Boolean, eager=True)
    if not chains.parts:
        return none
    heads = [
        ids.gather(pl.select(pl.coalesce(_head(prepared, pairs[side]), pairs[side])).to_series())
        for side in ("a", "b")
    ]
    said = [chains.holds(one, other) for one, other in zip(*heads, strict=True)]
    return pl.Series(said, dtype=pl.Boolean)


_LOW, _HIGH = pl.min_horizontal("a", "b").alias("low"), pl.max_horizontal("a", "b").alias("high")


def not_found(prepared: Prepared, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that somebody decided about and that are not among those found.

    Parameters
    ----------
    pairs
        Pairs found: ``a, b``.

    Returns
    -------
    polars.DataFrame
        ``a, b, kind, u`` (a place of the first).
    """
    found = pairs.select(_LOW, _HIGH)
    first = prepared.places.group_by("a").agg(pl.col("u").min())
    overlap = pl.col("verdict") == "overlap_accepted"
    kind = pl.when(overlap).then(pl.lit("overlap")).otherwise(pl.lit("double_reporting"))
    return (
        prepared.once(_verdicts)
        .join(found, on=["low", "high"], how="anti")
        .join(first, on="a", how="left", maintain_order="left")
        .select("a", "b", kind.alias("kind"), "u")
    )


def _verdicts(prepared: Prepared) -> pl.DataFrame:
    """``a, b, low, high, verdict``: what was decided, by rows of ``prepared.activities``."""
    ids = prepared.activities.select("activity_id", "a")
    return (
        prepared.tables.verdicts.join(
            ids, left_on="activity_a", right_on="activity_id", maintain_order="left"
        )
        .join(
            ids.rename({"a": "b"}),
            left_on="activity_b",
            right_on="activity_id",
            maintain_order="left",
        )
        .select("a", "b", _LOW, _HIGH, "verdict")
    )


def _groups(prepared: Prepared) -> pl.DataFrame:
    """``a, leader`` of the records that people said are one with another."""
    same = same_things(prepared.tables)
    return followers(same, {}, prepared.activities).select("a", "leader")


def _head(prepared: Prepared, activities: pl.Series) -> pl.Series:
    """The record that counts for each of some activities; null for those of no group."""
    groups = prepared.once(_groups)
    leads = groups.select(pl.col("leader").alias("a"), "leader")
    heads = pl.concat([groups, leads]).unique("a")
    return (
        pl.DataFrame({"a": activities})
        .join(heads, on="a", how="left", maintain_order="left")
        .to_series(1)
    )
