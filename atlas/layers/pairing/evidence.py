"""How much the evidence of a pair weighs, likeness of titles among it, and what it then is.

A pair's weight of evidence is a sum, one term for each thing compared, in the manner of
Fellegi and Sunter (1969): the logarithm of how much likelier that finding is between two
records of one activity than between two activities. The terms were fitted on the tuning half
of the kinds of change of `benchmarks.retold` and rounded; no pair and no name stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from rapidfuzz import fuzz, process

from atlas.layers.pairing.entries import Entries, own_names

DOUBLE_FROM = 0.5
"""A pair of this score or more is shown as a possible double report."""

OVERLAP_ALIKE = 40.0
"""Titles this alike (0 to 100) may tell of the same thing being done."""

ENOUGH, PLENTY = 1.0, 4.0
"""Weight of words in common from which a like title counts in full ("Forage" twice says
little), and from which it counts most: a long title is not written twice by chance."""
MOST = 1.5

AMOUNT_EQUAL, AMOUNT_NEAR = 0.01, 0.10
"""Relative difference of two amounts that are the same, or about the same."""

CONVERTED = 0.03
"""Difference of two amounts that are the same in two currencies: rates of two days differ."""

ROUND_FIGURES = 2
"""Two sums of no more figures than this, then noughts, are often equal by chance."""

EXACT_FIGURES = 4
"""Two equal sums of more figures than this hardly ever are."""

BEST = 0.25
"""Weight by which a line of a list may fall short of the best line for it, and be kept."""

BETTER = 0.5
"""Weight by which a pair may fall short of the best of either of the two, and be kept."""

BIAS = -5.0
TITLE = {"unlike": -5.0, "some": -3.0, "near": 0.5, "like": 2.0, "same": 3.0}
TITLE_FROM = {"some": 35.0, "near": 55.0, "like": 75.0, "same": 90.0}
AMOUNT = {"exact": 4.0, "equal": 2.5, "round": 1.0, "near": 0.5, "differs": -5.0, "one": -0.5}
PLACE = {"commune": 2.0, "cercle": 2.0, "region": 1.5, "within": 1.0, "covered": 0.5}
LINK = {"doer": 2.0, "chain": 1.5, "others": -3.0}
DATES = {"equal": 1.5, "close": 1.5, "within": 0.5, "overlap": -1.0, "apart": -5.0}
SECTOR = {"same": 1.0, "other": -0.5}
FIGURE = {"same": 1.5, "differ": -1.0}
PART = {"other": -5.0, "one": -1.5}


Case = tuple[pl.Expr, str]


def comparison_cases() -> dict[str, tuple[Case, ...]]:
    """For each thing compared, its cases in turn: the first that is true is what a pair is."""
    gap, place, tier = pl.col("amount_gap"), pl.col("place"), pl.col("tier")
    alike, link = pl.col("alike"), pl.col("link")
    one_currency = pl.col("currency") == pl.col("currency_b")
    bands = [(alike >= least, band) for band, least in reversed(TITLE_FROM.items())]
    return {
        "amount": (
            (
                (gap == 0) & one_currency & ~_is_round("money", EXACT_FIGURES),
                "exact",
            ),
            (_amounts_equal(), "equal"),
            (gap <= _amount_tolerance(), "round"),
            (gap <= AMOUNT_NEAR, "near"),
            (gap.is_not_null(), "differs"),
            (pl.col("one_amount"), "one"),
        ),
        "place": (
            (place.is_not_null() & ~pl.col("narrow") & (tier > 0), "covered"),
            ((place == "same") & (tier == 2), "commune"),
            ((place == "same") & (tier == 1), "cercle"),
            (place == "same", "region"),
            (place == "nested", "within"),
        ),
        "dates": tuple((pl.col("dates") == case, case) for case in DATES),
        "sector": ((pl.col("same_sector"), "same"), (~pl.col("same_sector"), "other")),
        "link": (
            *((link == case, case) for case in ("doer", "chain")),
            (pl.col("others"), "others"),
        ),
        "figure": (
            (pl.col("same_figure").is_not_null(), "same"),
            (pl.col("figures_differ"), "differ"),
        ),
        "part": ((pl.col("other_part"), "other"), (pl.col("one_part"), "one")),
        "title": (*bands, (alike.is_not_null(), "unlike")),
    }


POINTS = {
    "amount": AMOUNT,
    "place": PLACE,
    "dates": DATES,
    "sector": SECTOR,
    "link": LINK,
    "figure": FIGURE,
    "part": PART,
    "title": TITLE,
}
COSTLY = ("link", "figure", "part", "title")
"""What a second look finds out: until then, the best of it is assumed."""


def telling_share() -> pl.Expr:
    """How much of a like title counts: 1 when it says enough, `MOST` when it says plenty."""
    more = ((pl.col("telling") - ENOUGH) / (PLENTY - ENOUGH)).clip(0, 1)
    return (pl.col("telling") / ENOUGH).clip(0, 1) + more * (MOST - 1)


def hopeful_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that may still be a double report or an overlap, what is not known yet at best."""
    told = [name for name in POINTS if name not in COSTLY or _column_telling(name) in pairs.columns]
    best = sum(_best_points(name) for name in POINTS if name not in told)
    points = points_of(told) + BIAS + best
    overlap = pl.col("others") & pl.col("same_sector") & pl.col("narrow") & _periods_meet()
    if "alike" in pairs.columns:
        overlap &= pl.col("alike") >= OVERLAP_ALIKE
    return pairs.filter((points >= 0) | overlap.fill_null(False))


def _best_points(name: str) -> float:
    return max(0.0, *POINTS[name].values()) * (MOST if name == "title" else 1)


def _column_telling(name: str) -> str:
    return {"link": "others", "figure": "figures_differ", "part": "other_part", "title": "alike"}[
        name
    ]


def points_of(names: Iterable[str]) -> pl.Expr:
    """Sum of the points of the things named."""
    compared = comparison_cases()
    terms = []
    for name in names:
        points = first_true((when, pl.lit(POINTS[name][case])) for when, case in compared[name])
        if name == "title":
            points = pl.when(points > 0).then(points * telling_share()).otherwise(points)
        terms.append(points.fill_null(0.0))
    return pl.sum_horizontal(terms)


def judged_pairs(evidence: pl.DataFrame) -> pl.DataFrame:
    """The pairs worth a look, with ``score`` (0 to 1) and ``kind``."""
    points = points_of(POINTS) + BIAS
    score = 1 / (1 + (-points).exp())
    return (
        evidence.with_columns(score.alias("score"))
        .with_columns(_pair_kind().alias("kind"))
        .filter(pl.col("kind").is_not_null())
    )


def kept_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs without those that a better one explains.

    A list tells a thing once: of its lines only those that fit an activity best are kept, the
    next best is a sibling. Nor is a pair kept of which both have a far better one elsewhere.
    """
    double = pl.col("kind") == "double_reporting"
    one_list = pl.col("sheet") == pl.col("sheet_b")
    told = pairs.with_columns(
        pl.when(double).then((pl.col("score") / (1 - pl.col("score"))).log()).alias("points")
    )
    sides = pl.concat(
        [
            told.select(pl.col("a").alias("one"), pl.col("sheet_b").alias("list"), "points"),
            told.select(pl.col("b").alias("one"), pl.col("sheet").alias("list"), "points"),
        ]
    )
    of_list = sides.group_by("one", "list").agg(pl.col("points").max())
    of_all = sides.group_by("one").agg(pl.col("points").max())
    for one, lines in (("a", "sheet_b"), ("b", "sheet")):
        told = told.join(
            of_list,
            left_on=[one, lines],
            right_on=["one", "list"],
            how="left",
            suffix=f"_list_{one}",
        ).join(of_all, left_on=one, right_on="one", how="left", suffix=f"_all_{one}")
    best = pl.max_horizontal("points_list_a", "points_list_b")
    better = pl.min_horizontal("points_all_a", "points_all_b")
    points = pl.col("points")
    return pairs.join(
        told.filter(
            ~double | one_list | ((best - points <= BEST) & (better - points <= BETTER))
        ).select("i", "j"),
        on=["i", "j"],
        how="semi",
    ).with_columns(pl.col("score").round(3))


def _amounts_equal() -> pl.Expr:
    """Both amounts are known and the same, and not by the chance of round figures."""
    return (pl.col("amount_gap") <= _amount_tolerance()) & ~(
        _is_round("money") & _is_round("money_b")
    )


def _amount_tolerance() -> pl.Expr:
    converted = (pl.col("currency") != pl.col("currency_b")).fill_null(False)
    return pl.when(converted).then(CONVERTED).otherwise(AMOUNT_EQUAL)


def _is_round(name: str, figures: int = ROUND_FIGURES) -> pl.Expr:
    """Whether an amount is no more than so many figures, then noughts."""
    amount = pl.col(name).cast(pl.Float64)
    noughts = 10 ** (amount.log(10) + 1e-9).floor().sub(figures - 1).clip(0)
    return (amount % noughts == 0).fill_null(False)


def periods_disjoint() -> pl.Expr:
    """Whether one period ends before the other begins; null where the dates do not say."""
    return (pl.col("end") < pl.col("start_b")) | (pl.col("end_b") < pl.col("start"))


def _periods_meet() -> pl.Expr:
    met = pl.col("dates").is_in(["equal", "close", "within", "overlap"])
    return met & ~periods_disjoint().fill_null(value=False)


def _pair_kind() -> pl.Expr:
    """Double report: enough evidence, the titles alike or the money equal.

    Overlap: others, known to act, doing alike work in the same sector, on the same ground
    below the région, at dates that are known to meet.
    """
    some = (pl.col("alike") >= TITLE_FROM["some"]) | _amounts_equal().fill_null(False)
    double = (pl.col("score") >= DOUBLE_FROM) & some
    overlap = (
        pl.col("others")
        & pl.col("same_sector")
        & pl.col("narrow")
        & (pl.col("alike") >= OVERLAP_ALIKE)
        & _periods_meet()
    ).fill_null(False)
    return (
        pl.when(double & ~pl.col("others"))
        .then(pl.lit("double_reporting"))
        .when(overlap)
        .then(pl.lit("overlap"))
        .when(double)
        .then(pl.lit("double_reporting"))
    )


def first_true(cases: Iterable[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """The value of the first case that is true, null when none is."""
    told = list(cases)
    chosen = pl.lit(None)
    for condition, value in reversed(told):
        chosen = pl.when(condition).then(value).otherwise(chosen)
    return chosen


WORKERS = 2
SPELT_ALIKE = 80.0
"""Letters this alike (0 to 100) are a title misspelt; below, the words decide."""

SOME_WORDS, ALL_WORDS = 15.0, 95.0
"""The letters are compared only where the words are this alike: neither strange nor the same."""


def title_likeness(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
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
    scored = _likeness_of_facilities(
        told,
        _likeness_of_letters(told, _likeness_of_words(told, distinct.unique(maintain_order=True))),
    )
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


def _likeness_of_words(told: Entries, titles: pl.DataFrame) -> pl.DataFrame:
    """``one, two, alike, telling, least``: by the words in common."""
    weight = told.titles["weight"]
    shared = (
        told.word_weights.rows_in_common(titles["one"], titles["two"], "word")
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


def _likeness_of_letters(told: Entries, scored: pl.DataFrame) -> pl.DataFrame:
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


def _likeness_of_facilities(told: Entries, scored: pl.DataFrame) -> pl.DataFrame:
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
