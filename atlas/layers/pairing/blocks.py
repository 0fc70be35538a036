"""Which pairs are worth scoring: those that share ground and something rare upon it.

A block is a *mark* of an activity (a word, a facility, a figure, an organisation, a step of
amounts) at a unit. Two activities can be one only where one's ground lies in the other's, so the
blocks of a unit pair those placed *at* the unit with all that lie within it; at the top of the
ladder stand those whose place is unknown. A block too large to tell anything is split by a
second mark.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from atlas.layers.pairing.entries import NOWHERE, WIDEST, Entries, facility_marks

LARGE_BLOCK, LARGEST_BLOCK = 16 * 16, 60 * 60
"""Pairs of a block. A large one says little of any two in it: it is split by a second mark,
and looked at whole only while there are `FEW` pairs in all; the largest never."""

FEW = 500_000

WORDS = 6
"""Rarest words of a title that are looked up; the commoner ones tell less and cost more."""

STEP = 0.02
"""Natural logarithm of the ratio between the bounds of a step of amounts."""

CHUNK = 1_000_000
"""Pairs that are scored at a time, to bound the memory."""

SECOND = 4
"""Marks of an activity that are tried two by two where each alone is too common."""


@dataclass(frozen=True)
class Chunk:
    """Some blocks: who is placed at their units, and who lies within them (``key, i``)."""

    owners: pl.DataFrame
    inner: pl.DataFrame

    def chunk_pairs(self) -> pl.DataFrame:
        """``i, j`` with ``i < j``, each pair once."""
        owners = self.owners
        both = owners.join(owners.rename({"i": "j"}), on="key").filter(pl.col("i") < pl.col("j"))
        mixed = owners.join(self.inner.rename({"i": "j"}), on="key").select(
            i=pl.min_horizontal("i", "j"), j=pl.max_horizontal("i", "j")
        )
        code = pl.col("i").cast(pl.UInt64) * 2**32 + pl.col("j")
        distinct = pl.concat([both.select("i", "j"), mixed]).select(code.unique().alias("pair"))
        return distinct.select(
            (pl.col("pair") // 2**32).cast(pl.UInt32).alias("i"),
            (pl.col("pair") % 2**32).cast(pl.UInt32).alias("j"),
        )


def block_chunks(entries: Entries) -> list[Chunk]:
    """All blocks worth a look, by chunks of `CHUNK` pairs.

    A pair may come again in another chunk, under another unit.
    """
    own, within = _block_rows(entries)
    sizes = (
        own.group_by("key")
        .agg(pl.len().alias("owners"), pl.col("unit").first())
        .join(within.group_by("key").len("inner"), on="key", how="left")
        .with_columns(_block_pairs().alias("pairs"))
        .filter(pl.col("pairs") > 1, pl.col("pairs") <= LARGEST_BLOCK)
        .sort("pairs", "key")
        .filter((pl.col("pairs") <= LARGE_BLOCK) | (pl.col("pairs").cum_sum() <= FEW))
        .sort("unit", "key")
        .select("key", (pl.col("pairs").cum_sum() // CHUNK).alias("chunk"))
    )
    owners, inner = (
        frame.join(sizes, on="key")
        .select("key", "i", "chunk")
        .partition_by("chunk", as_dict=True, include_key=False)
        for frame in (own, within)
    )
    none = pl.DataFrame(schema=within.schema)
    return [Chunk(some, inner.get(number, none)) for number, some in owners.items()]


def _block_pairs() -> pl.Expr:
    """Pairs of a block of ``owners`` and ``inner``: each owner with all that lie there."""
    return pl.col("owners") * (pl.col("owners") + pl.col("inner").fill_null(0))


def _block_rows(entries: Entries) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``key, unit, i`` of those placed at the unit, then of those that lie within it."""
    marks = _activity_marks(entries)
    stands = _units_around(entries)
    own, within = [], []
    for tier in (2, 1, 0, WIDEST):
        level = stands.filter(tier=tier)
        owners = _block_keys(marks, level.filter("own"))
        others = level.filter(
            ~pl.col("own"), pl.col("holder").is_in(owners["unit"].unique().implode())
        )
        inside = _block_keys(marks, others).join(owners.select("key"), on="key", how="semi")
        own_finer, within_finer = _split_blocks(owners, inside)
        own += [owners, own_finer]
        within += [inside, within_finer]
    return (
        pl.concat(own).select("key", "unit", "i"),
        pl.concat(within).select("key", "i"),
    )


def _block_keys(marks: pl.DataFrame, stands: pl.DataFrame) -> pl.DataFrame:
    """``key, unit, i, mark``: the blocks that each activity at these units belongs to."""
    return stands.join(marks, on="i").select(
        (pl.col("holder").cast(pl.UInt64) * 2**32 + pl.col("mark")).alias("key"),
        pl.col("holder").alias("unit"),
        "i",
        "mark",
    )


def _split_blocks(owners: pl.DataFrame, inside: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The blocks that are too large, by two marks at once."""
    sizes = (
        owners.group_by("key")
        .len("owners")
        .join(inside.group_by("key").len("inner"), on="key", how="left")
    )
    full = sizes.filter(_block_pairs() > LARGE_BLOCK).with_columns(
        (pl.col("owners") + pl.col("inner").fill_null(0)).alias("size")
    )
    return _twofold_marks(owners, full), _twofold_marks(inside, full)


def _twofold_marks(blocks: pl.DataFrame, full: pl.DataFrame) -> pl.DataFrame:
    """Every two marks of one activity at one unit that are both too common alone."""
    common = blocks.join(full.select("key", "size"), on="key")
    few = lowest_rows(common, ["size", "mark"], ["i", "unit"], SECOND)
    two = few.join(few.select("i", "unit", "mark"), on=["i", "unit"], suffix="_two").filter(
        pl.col("mark") < pl.col("mark_two")
    )
    return two.select(
        pl.struct("unit", "mark", "mark_two").hash(1).alias("key"), "unit", "i", "mark"
    )


def lowest_rows(rows: pl.DataFrame, by: list[str], of: list[str], most: int) -> pl.DataFrame:
    """The lowest few of each group by some columns; a group of fewer is whole."""
    many = pl.len().over(of) > most
    ranked = rows.filter(many).sort(*of, *by)
    first = ranked.filter(pl.int_range(pl.len()).over(of) < most)
    return pl.concat([rows.filter(~many), first])


def _units_around(entries: Entries) -> pl.DataFrame:
    """``i, holder, tier, own``: the units around each activity; all lie in the country."""
    held = entries.grounds.holders.group_by("ground", "holder", "tier").agg(pl.col("own").any())
    placed = entries.rows.select("i", "ground").join(held, on="ground").drop("ground")
    country = entries.grounds.holders.select(pl.col("holder").max()).item()
    everywhere = entries.rows.select(
        "i",
        pl.lit((country or 0) + 1, dtype=pl.UInt32).alias("holder"),
        pl.lit(WIDEST, dtype=pl.Int8).alias("tier"),
        (pl.col("ground") == NOWHERE).alias("own"),
    )
    return pl.concat([placed.select(everywhere.columns), everywhere])


def _activity_marks(entries: Entries) -> pl.DataFrame:
    """``i, mark``: words, facilities, figures, organisations, steps of amounts, each a number."""
    shared = entries.words.filter(pl.col("times") > 1)
    rare = lowest_rows(shared, ["times", "word"], ["title"], WORDS)
    words = entries.rows.select("i", "title").join(rare.select("title", "word"), on="title")
    kinds = [
        words.select("i", value="word"),
        entries.rows.select("i", "title")
        .join(facility_marks(entries.named), on="title")
        .drop("title"),
        entries.figures.select("i", value=pl.col("figure").rank("dense")),
        entries.chain.select("i", value="who").unique(),
        _amount_steps(entries, "usd"),
        _amount_steps(entries, "money"),
    ]
    told, above = [], 0
    for kind in kinds:  # a number for each mark: those of a kind follow the last of the one before
        told.append(kind.select("i", (pl.col("value").cast(pl.UInt32) + above).alias("mark")))
        above += (kind.select(pl.col("value").max()).item() or 0) + 1
    return pl.concat(told)


def _amount_steps(entries: Entries, column: str) -> pl.DataFrame:
    """``i, value``: the step an amount is on and the next, which a like amount shares."""
    known = entries.rows.filter(pl.col(column) > 0)
    if column == "money":  # as stated, whatever the rates: dollars are looked up already
        known = known.filter(pl.col("money") != pl.col("usd"))
    step = (pl.col(column).cast(pl.Float64).log() / STEP).floor().cast(pl.Int64)
    on = known.select("i", step.alias("value"))
    return pl.concat([on, on.with_columns(pl.col("value") + 1)])
