"""How alike two titles are: by what they name, and by their letters."""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz, process

from atlas.layers.entries import Entries

WORKERS = 2
SPELT_ALIKE = 80.0
"""Letters this alike (0 to 100) are a title misspelt; below, the words decide."""


def likeness(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """The pairs with ``alike``, ``telling`` and ``other_part``.

    Returns
    -------
    polars.DataFrame
        ``alike`` (0 to 100): the weight of the words in common, against the shorter title and
        against both, half each; or the likeness of the letters, if that is higher.
        ``telling``: the weight of what is alike (1: one rare word).
        ``other_part``: both say which phase or lot they are, and it is not the same.
    """
    distinct = facts.select(
        pl.min_horizontal("title", "title_b").alias("one"),
        pl.max_horizontal("title", "title_b").alias("two"),
    )
    scored = _scored(told, distinct.unique(maintain_order=True))
    return (
        facts.with_columns(distinct["one"], distinct["two"])
        .join(scored, on=["one", "two"], how="left", maintain_order="left")
        .drop("one", "two")
    )


def _scored(told: Entries, titles: pl.DataFrame) -> pl.DataFrame:
    words = told.words.select("title", "word", "weight")
    shared = (
        titles.join(words, left_on="one", right_on="title")
        .join(words.select("title", "word"), left_on=["two", "word"], right_on=["title", "word"])
        .group_by("one", "two")
        .agg(pl.col("weight").sum().alias("shared"))
    )
    text, weight, part = (told.titles[c] for c in ("text", "weight", "part"))
    one, two = titles["one"], titles["two"]
    letters = process.cpdist(
        text.gather(one).to_list(),
        text.gather(two).to_list(),
        scorer=fuzz.token_sort_ratio,
        score_cutoff=SPELT_ALIKE,
        workers=WORKERS,
    )
    told_of = titles.with_columns(
        weight.gather(one).alias("w1"),
        weight.gather(two).alias("w2"),
        (part.gather(one) != part.gather(two)).fill_null(False).alias("other_part"),
        (part.gather(one).is_null() != part.gather(two).is_null()).alias("one_part"),
        pl.Series("letters", letters, dtype=pl.Float64),
    ).join(shared, on=["one", "two"], how="left", maintain_order="left")
    common, least = pl.col("shared").fill_null(0.0), pl.min_horizontal("w1", "w2")
    both = pl.col("w1") + pl.col("w2")
    by_words = pl.when(least > 0).then(50 * common / least + 100 * common / both).otherwise(0.0)
    spelt = pl.max_horizontal(common, least * pl.col("letters") / 100)
    return told_of.select(
        "one",
        "two",
        pl.max_horizontal(by_words, "letters").clip(0, 100).alias("alike"),
        pl.when(pl.col("letters") > 0).then(spelt).otherwise(common).alias("telling"),
        "other_part",
        "one_part",
    )
