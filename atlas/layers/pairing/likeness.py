"""How alike two titles are: by what they name, and by their letters."""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz, process

from atlas.layers.pairing.entries import Entries
from atlas.layers.pairing.evidence import PLENTY
from atlas.layers.pairing.facilities import own_names

WORKERS = 2
SPELT_ALIKE = 80.0
"""Letters this alike (0 to 100) are a title misspelt; below, the words decide."""

SOME_WORDS, ALL_WORDS = 15.0, 95.0
"""The letters are compared only where the words are this alike: neither strange nor the same."""


def likeness(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """The pairs with ``alike``, ``telling``, ``other_part`` and ``one_part``.

    Returns
    -------
    polars.DataFrame
        ``alike`` (0 to 100): the weight of the words in common, against the shorter title and
        against both, half each; or the likeness of the letters, if that is higher.
        Two facilities' names: how alike these are, 0 where kind or number differ.
        ``telling``: the weight of what is alike (1: one rare word).
        ``other_part``: both say which phase or lot they are, and it is not the same;
        ``one_part``: only one does.
    """
    distinct = facts.select(
        pl.min_horizontal("title", "title_b").alias("one"),
        pl.max_horizontal("title", "title_b").alias("two"),
    )
    scored = _named(told, _spelt(told, _worded(told, distinct.unique(maintain_order=True))))
    part = told.titles["part"]
    one, two = part.gather(facts["title"]), part.gather(facts["title_b"])
    return (
        facts.with_columns(
            distinct["one"],
            distinct["two"],
            (one != two).fill_null(False).alias("other_part"),
            (one.is_null() != two.is_null()).alias("one_part"),
        )
        .join(scored, on=["one", "two"], how="left", maintain_order="left")
        .drop("one", "two")
    )


def _worded(told: Entries, titles: pl.DataFrame) -> pl.DataFrame:
    """``one, two, alike, telling, least``: by the words in common."""
    weight = told.titles["weight"]
    shared = (
        told.vocabulary.common(titles["one"], titles["two"], "word")
        .group_by("pair")
        .agg(pl.col("weight").sum().alias("telling"))
    )
    w1, w2 = weight.gather(titles["one"]), weight.gather(titles["two"])
    common, least = pl.col("telling"), pl.col("least")
    return (
        titles.with_columns(w1.alias("w1"), w2.alias("w2"))
        .with_columns(pl.min_horizontal("w1", "w2").alias("least"))
        .with_row_index("pair")
        .join(shared, on="pair", how="left", maintain_order="left")
        .with_columns(common.fill_null(0.0))
        .with_columns(
            pl.when(least > 0)
            .then(50 * common / least + 100 * common / (pl.col("w1") + pl.col("w2")))
            .otherwise(0.0)
            .clip(0, 100)
            .alias("alike")
        )
        .select("one", "two", "alike", "telling", "least")
    )


def _spelt(told: Entries, scored: pl.DataFrame) -> pl.DataFrame:
    """``one, two, alike, telling``: with the likeness of the letters where it may be higher.

    Titles that are misspelt have some of their words right, and are nearly as long.
    """
    text, length = told.titles["text"], told.titles["text"].str.len_bytes().cast(pl.Float64)
    lengths = {side: length.gather(scored[side]) for side in ("one", "two")}
    ratio = pl.DataFrame(lengths).select(
        pl.min_horizontal("one", "two") / pl.max_horizontal("one", "two")
    )
    near = ratio.to_series() >= SPELT_ALIKE / 120
    open_ = scored["alike"].is_between(SOME_WORDS, ALL_WORDS) & near
    doubtful = scored.filter(open_)
    letters = process.cpdist(
        text.gather(doubtful["one"]).to_list(),
        text.gather(doubtful["two"]).to_list(),
        scorer=fuzz.token_sort_ratio,
        score_cutoff=SPELT_ALIKE,
        workers=WORKERS,
    )
    found = doubtful.with_columns(pl.Series("letters", letters, dtype=pl.Float64))
    by_letters = pl.col("least") * pl.col("letters") / 100
    mended = found.select(
        "one",
        "two",
        pl.max_horizontal("alike", "letters"),
        pl.when(pl.col("letters") > 0)
        .then(pl.max_horizontal("telling", by_letters))
        .otherwise("telling"),
    )
    return pl.concat([scored.filter(~open_).select(mended.columns), mended])


def _named(told: Entries, scored: pl.DataFrame) -> pl.DataFrame:
    """``one, two, alike, telling``: of two facilities by their kinds and their own names."""
    facilities = told.named
    if facilities["kind"].null_count() == facilities.height:
        return scored
    sides = (facilities[scored[side]] for side in ("one", "two"))
    names = own_names(*sides)
    return scored.with_columns(
        pl.coalesce(names, "alike").alias("alike"),
        pl.when(names.is_null()).then("telling").otherwise(PLENTY).alias("telling"),
    )
