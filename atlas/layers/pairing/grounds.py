"""The ground an activity stands on, and how the grounds of two relate, across découpages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from atlas.geo.frames import FRAMES, Frames
from atlas.layers.prepare import LEVELS, Prepared
from atlas.model import RESERVED

NOWHERE = 0
"""Ground of an activity whose place is unknown, or is the whole country."""

WIDEST = -1
"""Tier of the whole country, above the régions: what holds an activity of no known place."""


@dataclass(frozen=True)
class Grounds:
    """Every distinct ground, and the units that hold it.

    Attributes
    ----------
    of
        ``a, ground``: a ground is a set of places, the same number for the same set.
    holders
        ``ground, u, holder, tier, own, inherited``: each unit of any frame that holds a place
        of the ground. Units of two frames on the same territory are one ``holder``; ``tier``
        is its level (0 région, 1 cercle, 2 commune); ``own``: it is the place itself.
    """

    of: pl.DataFrame
    holders: pl.DataFrame

    def relation(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """How two grounds relate.

        Parameters
        ----------
        pairs
            ``ga, gb``: distinct pairs of grounds.

        Returns
        -------
        polars.DataFrame
            ``ga, gb, place`` (``same``, ``nested``, ``different``; null when one is not
            known)``, u`` (code of the finest place they share)``, tier`` (level of the ground
            they share)``, narrow`` (it is a cercle or a commune that both state themselves).
        """
        inside = self.holders.select("ground", "u", "holder", "tier", "inherited")
        own = self.holders.filter("own").select("ground", "holder", "inherited").unique()
        known = self.holders["ground"].unique().implode()
        found = pairs
        for one, other, side in (("ga", "gb", "_a"), ("gb", "ga", "_b")):
            held = pairs.join(inside.rename({"ground": one}), on=one).join(
                own.rename({"ground": other}), on=[other, "holder"], suffix="_other"
            )
            stated = ~(pl.col("inherited") | pl.col("inherited_other"))
            found = found.join(
                held.group_by("ga", "gb").agg(
                    pl.col("u").min().alias("u" + side),
                    pl.col("tier").max().alias("tier" + side),
                    (stated & (pl.col("tier") > 0)).any().alias("narrow" + side),
                ),
                on=["ga", "gb"],
                how="left",
            )
        both = pl.col("u_a").is_not_null() & pl.col("u_b").is_not_null()
        one_only = pl.col("u_a").is_not_null() | pl.col("u_b").is_not_null()
        placed = pl.col("ga").is_in(known) & pl.col("gb").is_in(known)
        return found.select(
            "ga",
            "gb",
            pl.when(both)
            .then(pl.lit("same"))
            .when(one_only)
            .then(pl.lit("nested"))
            .when(placed)
            .then(pl.lit("different"))
            .alias("place"),
            pl.coalesce("u_a", "u_b").alias("u"),
            pl.max_horizontal("tier_a", "tier_b").alias("tier"),
            (pl.col("narrow_a").fill_null(False) | pl.col("narrow_b").fill_null(False)).alias(
                "narrow"
            ),
        )


def grounds(prepared: Prepared, entries: pl.DataFrame) -> Grounds:
    """The grounds of the activities in ``entries`` (by ``a``)."""
    frames = prepared.frames
    known = {u: unit for u, unit in enumerate(prepared.units) if unit in frames}
    units = _holders(frames, known)
    placed = prepared.places.join(entries.select("a"), on="a", how="semi").filter(
        pl.col("u").is_in(list(known))
    )
    spots = placed.select("a", "u", "inherited").unique()
    spot = pl.col("u").cast(pl.UInt64) * 2 + pl.col("inherited")
    sets = spots.group_by("a").agg(spot.hash(1).sum().alias("set"))  # whatever their order
    numbered = (
        sets.group_by("set").agg(pl.col("a").min()).sort("a").with_row_index("g", NOWHERE + 1)
    )
    of = sets.join(numbered, on="set").select("a", pl.col("g").alias("ground"))
    told = numbered.select("a", pl.col("g").alias("ground")).join(spots, on="a").drop("a")
    return Grounds(of, told.join(units, on="u"))


def _holders(frames: Frames, known: Mapping[int, str]) -> pl.DataFrame:
    """``u, holder, tier, own``: what holds each unit, one number a territory."""
    around, territory = _around(frames)
    numbers: dict[str, int] = {}
    rows = []
    for u, unit in known.items():
        own = territory(unit)
        for holder in {territory(other) for other in around(unit)}:
            tier = LEVELS.index(frames.unit(holder).level)
            rows.append((u, numbers.setdefault(holder, len(numbers)), tier, holder == own))
    schema = {"u": pl.UInt32, "holder": pl.UInt32, "tier": pl.Int8, "own": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(4)
def _around(frames: Frames) -> tuple[Callable[[str], frozenset[str]], Callable[[str], str]]:
    """What holds a unit in any frame, and the one name of its territory; each found once."""
    questions = [(frame, level) for frame in FRAMES for level in LEVELS]

    @cache
    def around(unit: str) -> frozenset[str]:
        found = {unit, *(frames.convert(unit, *question) for question in questions)}
        return frozenset(found.difference(RESERVED))

    @cache
    def territory(unit: str) -> str:
        return min(other for other in around(unit) if unit in around(other))

    return around, territory
