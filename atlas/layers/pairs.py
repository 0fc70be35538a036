"""Pairs of activities that may be one, or that do the same thing side by side.

Candidates come from blocking joins (a word or figure of the title in the same région, or in
the same cercle or commune; a rare word anywhere; a like amount in the same région); each is
scored by a sum of evidence that a person can read back, after Fellegi and Sunter's idea of
agreement weights (`atlas.layers.evidence`).
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz

from atlas.geo.frames import FRAMES
from atlas.layers.evidence import ROUND, judged
from atlas.layers.prepare import ITEM_KINDS, LEVELS, Prepared
from atlas.layers.texts import SMALLEST_FIGURE, content_words, figures
from atlas.model import RESERVED, Level

LARGEST_BLOCK = 60
"""A word, figure or amount that more activities share says nothing of any two of them."""

STEP = 0.05
"""Natural logarithm of the ratio between the bounds of a step of amounts."""

RARE_WORD = 12
"""A word in so few titles says something even where the place of one is unknown."""


def pairs(prepared: Prepared) -> pl.DataFrame:
    """All pairs worth a look, whatever the question: filters only choose among them.

    Returns
    -------
    polars.DataFrame
        ``a, b`` (rows of ``prepared.activities``)``, u`` (code of the finest place they
        share, null when unknown)``, kind`` (``double_reporting`` or ``overlap``)``,
        score`` (0 to 1) and the evidence: ``place, narrow, shared_words, alike,
        same_figure, amount_gap, round_sums, one_amount, shares_organisation, others, dates,
        same_sector, same_document, same_source``; best first.
    """
    entries = _entries(prepared)
    grounds = _grounds(prepared, entries)
    candidates = _candidates(prepared, entries, grounds)
    evident = _evidence(prepared, entries, grounds, candidates)
    return judged(evident)


def _entries(prepared: Prepared) -> pl.DataFrame:
    """What is compared of each activity, one row each."""
    money = (
        prepared.shares.filter(pl.col("kind") == "budget")
        .group_by("a")
        .agg(
            pl.when(pl.col("usd_minor").null_count() == 0)
            .then(pl.col("usd_minor").sum())
            .alias("usd"),
            pl.lit(True).alias("has_amount"),
        )
    )
    chosen = prepared.activities.filter(pl.col("kind").is_in(ITEM_KINDS))
    words, told = [], []
    for title, count in chosen.select("title", "target").iter_rows():
        words.append(content_words(title or ""))
        counts = (
            {int(count)} if count and count == int(count) and count >= SMALLEST_FIGURE else set()
        )
        told.append(sorted(figures(title or "") | counts))
    return (
        chosen.select("a", "document", "source", "sector", "result", "start", "end")
        .with_columns(
            pl.Series("words", words, pl.List(pl.String)),
            pl.Series("figures", told, pl.List(pl.Int64)),
        )
        .with_columns(pl.col("words").list.join(" ").alias("folded"))
        .join(money, on="a", how="left", maintain_order="left")
        .with_columns(pl.col("has_amount").fill_null(False))
    )


def _grounds(prepared: Prepared, entries: pl.DataFrame) -> pl.DataFrame:
    """``a, u, unit_id, holder, inherited``: every unit, of any frame, that holds each place."""
    frames = prepared.frames
    asked = [(frame, level) for frame in FRAMES for level in LEVELS]
    held = [
        (u, unit_id, holder)
        for u, unit_id in enumerate(prepared.units)
        if unit_id in frames
        for holder in {unit_id, *(frames.convert(unit_id, *question) for question in asked)}
        if holder not in RESERVED
    ]
    schema = {"u": pl.UInt32, "unit_id": pl.String, "holder": pl.String}
    holders = pl.DataFrame(held, schema=schema, orient="row")
    places = prepared.places.join(entries.select("a"), on="a", how="semi")
    return places.join(holders, on="u").select("a", "u", "unit_id", "holder", "inherited")


def _candidates(prepared: Prepared, entries: pl.DataFrame, grounds: pl.DataFrame) -> pl.DataFrame:
    """``a, b``: pairs that share a block, the lines of one list among themselves left out."""
    regions = _regions(prepared, grounds)
    words = entries.select("a", pl.col("words").alias("key")).explode("key").unique()
    numbers = (
        entries.select("a", pl.col("figures").alias("key")).explode("key").cast({"key": pl.String})
    )
    tokens = pl.concat([words, numbers]).drop_nulls()
    rare = tokens.filter(pl.len().over("key") <= RARE_WORD)
    cents = pl.col("usd").cast(pl.Float64)
    step = (cents.log() / STEP).floor()
    amounts = entries.filter(pl.col("usd") > 0).select("a", step.alias("step"))
    steps = pl.concat([amounts, amounts.with_columns(pl.col("step") + 1)])
    near = steps.select("a", pl.format("usd{}", "step").alias("key"))
    said = pl.concat([tokens, near])
    local = said.join(regions, on="a").select("a", pl.concat_str("key", "region", separator="@"))
    near_by = tokens.join(_narrow(prepared, grounds), on="a").select(
        "a", pl.concat_str("key", "region", separator="@")
    )
    blocks = pl.concat([local, near_by, rare]).unique()
    blocks = blocks.filter((pl.len().over("key") > 1) & (pl.len().over("key") <= LARGEST_BLOCK))
    found = (
        blocks.join(blocks, on="key", suffix="_other")
        .filter(pl.col("a") < pl.col("a_other"))
        .select("a", pl.col("a_other").alias("b"))
        .unique()
    )
    return _without_siblings(entries, found)


def _regions(prepared: Prepared, grounds: pl.DataFrame) -> pl.DataFrame:
    """``a, region``: the largest unit around each place, the same for all who lie in it."""
    oldest = prepared.frames.at(FRAMES[0], Level.REGION)["unit_id"]
    inside = grounds.filter(pl.col("holder").is_in(oldest.implode()))
    return inside.select("a", pl.col("holder").alias("region")).unique()


def _narrow(prepared: Prepared, grounds: pl.DataFrame) -> pl.DataFrame:
    """``a, region``: the cercles and communes that an activity names as its own."""
    fine = prepared.frames.units.filter(pl.col("level") != Level.REGION)["unit_id"]
    named = grounds.filter(~pl.col("inherited"), pl.col("holder").is_in(fine.implode()))
    return named.select("a", pl.col("holder").alias("region")).unique()


def _without_siblings(entries: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Lines of one list are distinct things, unless they are the same word for word."""
    side = entries.select("a", "document", "source", "result", "folded", "figures", "usd")
    other = side.rename({c: f"{c}_b" for c in side.columns if c != "a"}).rename({"a": "b"})
    joined = found.join(side, on="a").join(other, on="b")
    one_list = (pl.col("document") == pl.col("document_b")) & (
        pl.col("source") == pl.col("source_b")
    )
    same = (
        (pl.col("folded") == pl.col("folded_b"))
        & (pl.col("figures") == pl.col("figures_b"))
        & (pl.col("usd") == pl.col("usd_b"))
        & (pl.col("usd") > 0)
        & pl.col("result").eq_missing(pl.col("result_b"))
    )
    return joined.filter(~one_list | same.fill_null(False)).select("a", "b")


def _evidence(
    prepared: Prepared, entries: pl.DataFrame, grounds: pl.DataFrame, candidates: pl.DataFrame
) -> pl.DataFrame:
    side = entries
    other = side.rename({c: f"{c}_b" for c in side.columns if c != "a"}).rename({"a": "b"})
    joined = candidates.join(side, on="a", maintain_order="left").join(
        other, on="b", maintain_order="left"
    )
    alike = [
        (fuzz.token_set_ratio(one, two) + fuzz.token_sort_ratio(one, two)) / 2
        for one, two in joined.select("folded", "folded_b").iter_rows()
    ]
    gap = (pl.col("usd") - pl.col("usd_b")).abs() / pl.max_horizontal("usd", "usd_b")
    sectors = pl.col("sector") == pl.col("sector_b")
    return (
        joined.with_columns(
            pl.Series("alike", alike, dtype=pl.Float64),
            pl.col("words").list.set_intersection("words_b").list.len().alias("shared_words"),
            pl.col("figures").list.set_intersection("figures_b").list.max().alias("same_figure"),
            pl.when((pl.col("usd") > 0) & (pl.col("usd_b") > 0)).then(gap).alias("amount_gap"),
            pl.all_horizontal(pl.col(c) % ROUND == 0 for c in ("usd", "usd_b")).alias("round_sums"),
            (pl.col("has_amount") != pl.col("has_amount_b")).alias("one_amount"),
            _dates().alias("dates"),
            sectors.alias("same_sector"),
            (pl.col("document") == pl.col("document_b")).alias("same_document"),
            (pl.col("source") == pl.col("source_b")).alias("same_source"),
        )
        .join(
            _places(prepared, grounds, candidates), on=["a", "b"], how="left", maintain_order="left"
        )
        .join(
            _organisations(prepared, candidates), on=["a", "b"], how="left", maintain_order="left"
        )
        .select(
            *(
                "a",
                "b",
                "u",
                "place",
                "narrow",
                "shared_words",
                "alike",
                "same_figure",
                "amount_gap",
                "round_sums",
            ),
            *("one_amount", "shares_organisation", "others", "dates", "same_sector"),
            *("same_document", "same_source"),
        )
    )


def _dates() -> pl.Expr:
    """``overlap``, ``apart``, or null where a date is missing on either side."""
    known = pl.all_horizontal(pl.col(c).is_not_null() for c in ("start", "end", "start_b", "end_b"))
    meet = (pl.col("start") <= pl.col("end_b")) & (pl.col("start_b") <= pl.col("end"))
    apart = (pl.col("end") < pl.col("start_b")) | (pl.col("end_b") < pl.col("start"))
    return (
        pl.when(apart.fill_null(False))
        .then(pl.lit("apart"))
        .when(known & meet)
        .then(pl.lit("overlap"))
    )


def _places(prepared: Prepared, grounds: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """``a, b, place, u, narrow``: ``same``, ``nested`` or ``different``; null when unknown.

    ``narrow``: the ground they share is a cercle or a commune, and neither is there only
    because its document covers it.
    """
    levels = prepared.frames.units.select(pl.col("unit_id").alias("holder"), "level")
    own = grounds.select("a", pl.col("unit_id").alias("holder"), "inherited").unique()
    inside = grounds.select("a", "u", "holder", "inherited").join(levels, on="holder", how="left")
    a_in_b = candidates.join(inside, on="a").join(
        own.rename({"a": "b"}), on=["b", "holder"], suffix="_other"
    )
    b_in_a = candidates.join(inside.rename({"a": "b"}), on="b").join(
        own, on=["a", "holder"], suffix="_other"
    )
    stated = ~pl.col("inherited") & ~pl.col("inherited_other")
    narrow = (stated & (pl.col("level") != Level.REGION).fill_null(False)).any()
    u = pl.col("u").min()
    first = a_in_b.group_by("a", "b").agg(u.alias("u_a"), narrow.alias("narrow_a"))
    second = b_in_a.group_by("a", "b").agg(u.alias("u_b"), narrow.alias("narrow_b"))
    placed = grounds.select("a").unique()
    known = candidates.join(placed, on="a", how="semi").join(
        placed.rename({"a": "b"}), on="b", how="semi"
    )
    both = pl.col("u_a").is_not_null() & pl.col("u_b").is_not_null()
    one = pl.col("u_a").is_not_null() | pl.col("u_b").is_not_null()
    return (
        known.join(first, on=["a", "b"], how="left")
        .join(second, on=["a", "b"], how="left")
        .select(
            "a",
            "b",
            pl.when(both)
            .then(pl.lit("same"))
            .when(one)
            .then(pl.lit("nested"))
            .otherwise(pl.lit("different"))
            .alias("place"),
            pl.coalesce("u_a", "u_b").alias("u"),
            pl.any_horizontal(pl.col("narrow_a", "narrow_b").fill_null(False)).alias("narrow"),
        )
    )


def _organisations(prepared: Prepared, candidates: pl.DataFrame) -> pl.DataFrame:
    """``a, b, shares_organisation, others``: the chain of each, funder to implementer.

    ``others``: both name who acts, and nobody is on both sides.
    """
    doers = prepared.actors.join(prepared.organisations, on="org").select(
        "a", pl.col("organisation").alias("who")
    )
    chain = pl.concat(
        [
            doers.with_columns(pl.lit(True).alias("acts")),
            prepared.donors.select("a", pl.col("donor").alias("who"), pl.lit(False).alias("acts")),
        ]
    ).unique()
    # a donor on both sides is no link: a fund has many projects; who acts on one side is
    shared = (
        candidates.join(chain, on="a")
        .join(chain.rename({"a": "b", "acts": "acts_b"}), on=["b", "who"])
        .filter(pl.col("acts") | pl.col("acts_b"))
        .select("a", "b", pl.lit(True).alias("shares_organisation"))
        .unique()
    )
    acting = doers.select("a").unique()
    named = candidates.join(acting, on="a", how="semi").join(
        acting.rename({"a": "b"}), on="b", how="semi"
    )
    return (
        candidates.join(shared, on=["a", "b"], how="left")
        .join(named.with_columns(pl.lit(True).alias("both")), on=["a", "b"], how="left")
        .select(
            "a",
            "b",
            pl.col("shares_organisation").fill_null(False),
            (
                pl.col("both").fill_null(False) & ~pl.col("shares_organisation").fill_null(False)
            ).alias("others"),
        )
    )
