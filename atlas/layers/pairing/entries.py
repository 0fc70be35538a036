"""What is compared of each activity, as numbers: one row each, its words and its people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from atlas.layers.pairing.facilities import facilities
from atlas.layers.pairing.grounds import NOWHERE, Grounds, grounds
from atlas.layers.pairing.lists import Lists
from atlas.layers.pairing.texts import SMALLEST_FIGURE, Spoken, loudness, spoken
from atlas.layers.prepare import ITEM_KINDS, Prepared

BITS = 64
PLACE_NAME = 0.4
"""What a word tells that names a place: who stands on one ground writes its name."""
BACKGROUND = 200
"""Titles never seen, so that in a list of two a shared word is not a common one."""


@dataclass(frozen=True)
class Entries:
    """The activities that are compared, numbered ``i`` in the order of ``rows``.

    Attributes
    ----------
    rows
        ``i, a, document, source, sheet`` (what one body tells in one list)``, title`` (row of
        ``titles``)``, result, sector, start, end, usd, has_amount, ground, acts, gives``: the
        last two are sets of organisations as bits, for a first look.
    titles
        ``title, text`` (folded)``, part, weight``: distinct titles.
    named
        ``kind, own, number, heard``: of each title the facility that it names and no more.
    words
        ``title, word, times, weight``: how often a word is said, and how much it tells.
    figures
        ``i, figure``: counts in the title, and the number of people aimed at.
    chain
        ``i, who, acts``: organisations, each as doer or as giver.
    """

    rows: pl.DataFrame
    titles: pl.DataFrame
    named: pl.DataFrame
    words: pl.DataFrame
    figures: pl.DataFrame
    chain: pl.DataFrame
    grounds: Grounds

    @cached_property
    def vocabulary(self) -> Lists:
        """``word, weight`` of each title."""
        words = self.words.select("title", "word", "weight")
        return Lists.of(words, "title", self.titles.height)

    @cached_property
    def counts(self) -> Lists:
        """``figure`` of each activity."""
        return Lists.of(self.figures, "i", self.rows.height)

    @cached_property
    def bodies(self) -> Lists:
        """``who, acts`` of each activity."""
        return Lists.of(self.chain, "i", self.rows.height)


def entries(prepared: Prepared) -> Entries:
    """Read what is compared out of a snapshot."""
    chosen = (
        prepared.activities.filter(pl.col("kind").is_in(ITEM_KINDS))
        .select(
            *("a", "document", "source", "result", "sector", "start", "end", "target"),
            pl.col("title").fill_null(""),
            teller().alias("teller"),
        )
        .with_row_index("i")
    )
    distinct = chosen.select(pl.col("title").unique(maintain_order=True)).with_row_index("t")
    chosen = (
        chosen.join(distinct, on="title", how="left", maintain_order="left")
        .drop("title")
        .rename({"t": "title"})
        .with_columns(
            pl.struct("document", "source", "teller").rank("dense").alias("sheet"),
            *(_code(c) for c in ("document", "source", "sector", "result")),
        )
        .drop("teller")
    )
    said = spoken(distinct["title"])
    chain = _chain(prepared, chosen)
    ground = grounds(prepared, chosen)
    told = (
        chosen.join(_money(prepared), on="a", how="left", maintain_order="left")
        .join(ground.of, on="a", how="left", maintain_order="left")
        .join(_bits(chain), on="i", how="left", maintain_order="left")
        .with_columns(
            pl.col("has_amount").fill_null(False),
            pl.col("ground").fill_null(NOWHERE),
            pl.col("acts", "gives").fill_null(0),
        )
    )
    words = _words(said, chosen, _place_words(prepared))
    weights = words.group_by("title").agg(pl.col("weight").sum())
    titles = (
        distinct.select(pl.col("t").alias("title"), said.text.alias("text"), said.part)
        .join(weights, on="title", how="left", maintain_order="left")
        .with_columns(pl.col("weight").fill_null(0.0))
    )
    named = facilities(said.text)
    return Entries(told.drop("target"), titles, named, words, _figures(chosen, said), chain, ground)


def teller() -> pl.Expr:
    """Who tells a line of a list: its lead, else those who implement it; null: the list."""
    doers = pl.col("implementers").list.sort().list.join(" ; ").replace("", None)
    return pl.coalesce(pl.col("lead_org").replace("", None), doers)


def _money(prepared: Prepared) -> pl.DataFrame:
    """``a, usd, money, currency, has_amount``: the budget, in cents and as it was stated.

    No sum of dollars that are partly unknown, and no ``money`` in several currencies.
    """
    one = pl.col("currency").n_unique() == 1
    return (
        prepared.shares.filter(pl.col("kind") == "budget")
        .with_columns(_code("currency"))
        .group_by("a")
        .agg(
            pl.when(pl.col("usd_minor").null_count() == 0)
            .then(pl.col("usd_minor").sum())
            .alias("usd"),
            pl.when(one).then(pl.col("minor").sum()).alias("money"),
            pl.when(one).then(pl.col("currency").first()).alias("currency"),
            pl.lit(True).alias("has_amount"),
        )
    )


def _code(column: str) -> pl.Expr:
    """A number for each value, null for null: quicker to compare than words."""
    return pl.col(column).cast(pl.Categorical).to_physical().cast(pl.UInt32)


def _chain(prepared: Prepared, chosen: pl.DataFrame) -> pl.DataFrame:
    names = pl.concat(
        [
            prepared.organisations.select(pl.col("organisation").alias("name")),
            prepared.donors.select(pl.col("donor").unique().alias("name")),
        ]
    ).select(pl.col("name").unique(maintain_order=True))
    known = names.with_row_index("who")
    orgs = prepared.organisations.join(known, left_on="organisation", right_on="name")
    doers = prepared.actors.join(orgs.select("org", "who"), on="org").select("a", "who")
    givers = prepared.donors.join(known, left_on="donor", right_on="name").select("a", "who")
    both = pl.concat(
        [doers.with_columns(acts=pl.lit(True)), givers.with_columns(acts=pl.lit(False))]
    )
    return both.join(chosen.select("i", "a"), on="a").select("i", "who", "acts")


def _bits(chain: pl.DataFrame) -> pl.DataFrame:
    """``i, acts, gives``: one bit an organisation; two may share one, none is lost."""
    bit = pl.lit(1, dtype=pl.UInt64).mul(pl.lit(2, dtype=pl.UInt64).pow(pl.col("who") % BITS))
    bits = chain.with_columns(bit.cast(pl.UInt64).alias("bit"))
    return bits.group_by("i").agg(
        pl.col("bit").filter("acts").bitwise_or().fill_null(0).alias("acts"),
        pl.col("bit").filter(~pl.col("acts")).bitwise_or().fill_null(0).alias("gives"),
    )


def _words(said: Spoken, chosen: pl.DataFrame, places: frozenset[str]) -> pl.DataFrame:
    """How much each word tells: the rarer the more, the vocabulary's light ones less."""
    times = chosen.group_by("title").len("times")
    known = said.words.select(pl.col("word").unique().sort()).with_row_index("code")
    coded = said.words.join(known, on="word").select("title", "code")
    counted = coded.join(times, on="title").group_by("code").agg(pl.col("times").sum())
    rarity = ((chosen.height + BACKGROUND) / (pl.col("times") + 2)).log()
    top = (pl.lit(chosen.height + BACKGROUND) / 3).log()
    loud = loudness()
    told = [loud.get(w, PLACE_NAME if w in places else 1.0) for w in known["word"]]
    weighed = known.with_columns(pl.Series("told", told, dtype=pl.Float64)).join(counted, on="code")
    weight = (pl.col("told") * rarity / top).alias("weight")
    return coded.join(weighed.select("code", "times", weight), on="code").select(
        "title", pl.col("code").alias("word"), "times", "weight"
    )


def _place_words(prepared: Prepared) -> frozenset[str]:
    names = prepared.frames.units.select(pl.col("name").unique())["name"]
    return frozenset(spoken(names).words["word"])


def _figures(chosen: pl.DataFrame, said: Spoken) -> pl.DataFrame:
    in_titles = chosen.select("i", "title").join(said.figures, on="title").select("i", "figure")
    target = pl.col("target")
    aimed = chosen.filter(target == target.round(), target >= SMALLEST_FIGURE)
    counts = aimed.select("i", target.cast(pl.Int64).alias("figure"))
    return pl.concat([in_titles, counts]).unique()
