"""Pairs of activities that may be one, or that do the same thing side by side.

Candidates come from blocks (`atlas.layers.pairing.blocks`), each is scored by a sum of evidence
that a person can read back, after Fellegi and Sunter's idea of agreement weights
(`atlas.layers.pairing.evidence`): first by what costs little, then by the words of the titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from atlas.layers.pairing.blocks import Chunk, chunks
from atlas.layers.pairing.entries import Entries, entries
from atlas.layers.pairing.evidence import disjoint, hopeful, judged, kept
from atlas.layers.pairing.groups import grouped
from atlas.layers.pairing.likeness import WORKERS, likeness
from atlas.layers.prepare import Prepared

CLOSE = 45
"""Days by which a beginning and an end may both differ and still be the same, told late."""


COLUMNS = (
    "a", "b", "group_id", "u", "kind", "score", "place", "tier", "narrow", "start", "start_b",
    "end", "end_b", "dates", "amount_gap", "currency", "currency_b", "one_amount", "link",
    "others", "same_figure", "alike", "telling", "other_part", "same_sector", "same_document",
    "same_source",
)  # fmt: skip


def pairs(prepared: Prepared) -> pl.DataFrame:
    """All pairs worth a look, whatever the question: filters only choose among them.

    Returns
    -------
    polars.DataFrame
        ``a, b`` (rows of ``prepared.activities``)``, group_id`` (see
        `atlas.layers.pairing.groups`)``, u`` (code of the finest place they share, null when
        unknown)``, kind`` (``double_reporting`` or ``overlap``)``, score`` (0 to 1) and the
        evidence; best first.
    """
    told = entries(prepared)
    none = pl.DataFrame(schema={"i": pl.UInt32, "j": pl.UInt32})

    def look(chunk: Chunk) -> pl.DataFrame:
        return judged(evident(told, chunk.pairs()))

    with ThreadPoolExecutor(WORKERS) as pool:  # polars leaves the interpreter free
        found = [judged(evident(told, none)), *pool.map(look, chunks(told))]
    every = pl.concat(found).unique(["i", "j"])
    rows = told.rows["a"]
    numbered = every.with_columns(
        rows.gather(every[e]).alias(n) for e, n in (("i", "a"), ("j", "b"))
    )
    ids = prepared.activities["activity_id"].gather(rows)
    return grouped(told, _best_first(kept(numbered), ids), ids).select(COLUMNS)


def _best_first(pairs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The pairs by score; equal ones by their ids, whatever list they stand in."""
    place = ids.rank("ordinal")
    sides = [place.gather(pairs[side]).alias(side) for side in ("i", "j")]
    order = pl.DataFrame(sides).select(
        low=pl.min_horizontal(pl.all()), high=pl.max_horizontal(pl.all())
    )
    return (
        pairs.hstack(order)
        .sort(["score", "low", "high"], descending=[True, False, False])
        .drop("low", "high")
    )


def evident(told: Entries, chunk: pl.DataFrame, everything: bool = False) -> pl.DataFrame:
    """The evidence of each pair that could still be one or an overlap.

    Parameters
    ----------
    told
        What is compared.
    chunk
        ``i, j``: pairs of rows of ``told``.
    everything
        Keep the hopeless ones too: for whoever weighs the evidence.
    """
    sift = (lambda pairs: pairs) if everything else hopeful
    facts = _placed(told, _facts(told, chunk))
    facts = _described(told, sift(_perhaps_linked(facts))).filter(_not_siblings())
    facts = sift(_linked(told, facts).filter(_not_a_series()))
    facts = _counted(told, facts)
    return sift(likeness(told, facts))


LOOKED_AT = ("sheet", "sector", "start", "end", "usd", "money", "currency", "has_amount",
             "ground", "acts", "gives")  # fmt: skip
"""What every candidate is looked at for; the rest, for those that are left."""


LINE = ("result", "start", "end")
"""What two lines that are the same word for word may both leave out."""


def _sides(told: Entries, pairs: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    rows = told.rows
    return pairs.with_columns(
        *(rows[c].gather(pairs["i"]).alias(c) for c in columns),
        *(rows[c].gather(pairs["j"]).alias(f"{c}_b") for c in columns),
    )


def _described(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With what only the hopeful are asked."""
    return _sides(told, facts, ("document", "source", "title", "result")).with_columns(
        (pl.col("document") == pl.col("document_b")).alias("same_document"),
        (pl.col("source") == pl.col("source_b")).alias("same_source"),
    )


def _facts(told: Entries, chunk: pl.DataFrame) -> pl.DataFrame:
    """Both sides of each pair, and what a look at the columns says."""
    sides = _sides(told, chunk, LOOKED_AT)
    return sides.with_columns(
        pl.when(pl.col("currency") == pl.col("currency_b"))
        .then(gap("money"))  # at whatever rates the two were converted
        .otherwise(gap("usd"))
        .alias("amount_gap"),
        (pl.col("has_amount") != pl.col("has_amount_b")).alias("one_amount"),
        dates().alias("dates"),
        (pl.col("sector") == pl.col("sector_b")).alias("same_sector"),
    )


def gap(name: str) -> pl.Expr:
    """Difference of two amounts as a share of the larger; null unless both are known."""
    one, other = pl.col(name), pl.col(f"{name}_b")
    return pl.when((one > 0) & (other > 0)).then(
        (one - other).abs() / pl.max_horizontal(one, other)
    )


def dates() -> pl.Expr:
    """How two periods meet: ``equal``, ``close``, ``within``, ``overlap`` or ``apart``.

    Null where the dates do not say. ``close``: both ends differ by `CLOSE` days at most;
    ``within``: one lies in the other, as a month does in the year another sender gives.
    """
    start, end, start_b, end_b = (pl.col(c) for c in ("start", "end", "start_b", "end_b"))
    known = pl.all_horizontal(c.is_not_null() for c in (start, end, start_b, end_b))
    days = [(one - other).dt.total_days().abs() for one, other in ((start, start_b), (end, end_b))]
    furthest = pl.max_horizontal(days)  # of the dates that both give
    apart = ((end < start_b) | (end_b < start)).fill_null(False)
    within = ((start <= start_b) & (end_b <= end)) | ((start_b <= start) & (end <= end_b))
    return (
        pl.when(furthest == 0)
        .then(pl.lit("equal"))
        .when(furthest <= CLOSE)
        .then(pl.lit("close"))
        .when(apart)
        .then(pl.lit("apart"))
        .when(known & within)
        .then(pl.lit("within"))
        .when(known)
        .then(pl.lit("overlap"))
    )


def _not_siblings() -> pl.Expr:
    """Lines of one list by one body are distinct things, unless they are the same word for word.

    Where only the dates differ they are a series: the same again, another month.
    """
    same = (
        (pl.col("title") == pl.col("title_b"))
        & (pl.col("usd") == pl.col("usd_b"))
        & (pl.col("usd") > 0)
        & pl.all_horizontal(pl.col(c).eq_missing(pl.col(f"{c}_b")) for c in LINE)
    )
    return (pl.col("sheet") != pl.col("sheet_b")) | same.fill_null(value=False)


def _not_a_series() -> pl.Expr:
    """What one body does in two periods that do not meet is two things: a month and the next."""
    return ~((pl.col("link") == "doer") & disjoint()).fill_null(value=False)


def _placed(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``place, u, tier, narrow``; pairs on different ground are left out."""
    grounds = facts.select(pl.col("ground").alias("ga"), pl.col("ground_b").alias("gb")).unique()
    how = told.grounds.relation(grounds)
    joined = facts.join(
        how,
        left_on=["ground", "ground_b"],
        right_on=["ga", "gb"],
        how="left",
        maintain_order="left",
    )
    return joined.filter(pl.col("place").ne_missing("different"))


def _linked(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``link``: who is on both sides, and as what; ``others``: nobody is.

    ``doer``: one body acts on both sides. ``chain``: who gives on one side acts on the
    other. A giver on both sides is no link: a fund has many projects.
    """
    maybe = facts.filter("met").select("i", "j")
    links = (
        told.bodies.common(maybe["i"], maybe["j"], "who")
        .filter(pl.col("acts") | pl.col("acts_b"))
        .group_by("pair")
        .agg(
            pl.when((pl.col("acts") & pl.col("acts_b")).any())
            .then(pl.lit("doer"))
            .otherwise(pl.lit("chain"))
            .alias("link")
        )
    )
    found = maybe.with_row_index("pair").join(links, on="pair").drop("pair")
    return (
        facts.drop("link", "others")
        .join(found, on=["i", "j"], how="left", maintain_order="left")
        .with_columns((pl.col("both_act") & pl.col("link").is_null()).alias("others"))
    )


def _perhaps_linked(facts: pl.DataFrame) -> pl.DataFrame:
    """With ``link`` and ``others`` as the bits allow: nobody who is on both sides is missed."""
    acts, gives, acts_b, gives_b = (pl.col(c) for c in ("acts", "gives", "acts_b", "gives_b"))
    met = ((acts & acts_b) | (acts & gives_b) | (gives & acts_b)) != 0
    both_act = (acts != 0) & (acts_b != 0)
    return facts.with_columns(
        met.alias("met"),
        both_act.alias("both_act"),
        pl.when(met).then(pl.lit("doer")).alias("link"),
        (both_act & ~met).alias("others"),
    )


def _counted(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``same_figure`` and ``figures_differ``: counts in the titles, people aimed at."""
    counts = told.counts
    shared = counts.common(facts["i"], facts["j"], "figure")
    largest = shared.group_by("pair").agg(pl.col("figure").max().alias("same_figure"))
    both = (counts.size(facts["i"]) > 0) & (counts.size(facts["j"]) > 0)
    return (
        facts.with_row_index("pair")
        .join(largest, on="pair", how="left", maintain_order="left")
        .with_columns((both & pl.col("same_figure").is_null()).alias("figures_differ"))
        .drop("pair")
    )
