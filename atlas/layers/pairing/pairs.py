"""Pairs of activities that may be one, or do the same thing side by side; and why, in words.

Candidates come from blocks (`atlas.layers.pairing.blocks`), each is scored by a sum of evidence
that a person can read back, after Fellegi and Sunter's idea of agreement weights
(`atlas.layers.pairing.evidence`): first by what costs little, then by the words of the titles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from atlas.i18n import _, current_language
from atlas.layers.pairing.blocks import Chunk, block_chunks
from atlas.layers.pairing.entries import Entries, pairing_entries
from atlas.layers.pairing.evidence import (
    AMOUNT_NEAR,
    WORKERS,
    first_true,
    hopeful_pairs,
    judged_pairs,
    kept_pairs,
    periods_disjoint,
    title_likeness,
)
from atlas.layers.pairing.groups import grouped_pairs
from atlas.layers.prepare import Prepared
from atlas.vocab import entry_label

SLOT = "{}"
"""Where `polars.format` puts a value in a phrase."""


def reasons_in_words(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """What speaks for each pair, and what is missing, in the language in force.

    Parameters
    ----------
    pairs
        As `atlas.layers.pairing.pairs.candidate_pairs` gives them, with ``source_a`` and
        ``source_b``.

    Returns
    -------
    polars.Series
        A sentence for each pair: its phrases, joined by semicolons.
    """
    told = pairs.with_columns(_shared_bodies(prepared, pairs), *_fund_names(pairs))
    phrases = [
        _senders_phrase(),
        _place_phrase(),
        _dates_phrase(),
        _amount_phrase(),
        pl.col("bodies"),
        *_other_phrases(),
    ]
    joined = pl.concat_list(phrases)
    return told.select(joined.list.drop_nulls().list.join(" ; ").alias("reasons"))["reasons"]


def _fund_names(pairs: pl.DataFrame) -> list[pl.Series]:
    named = {source: entry_label("sources", source) for source in pairs["source_a"].unique()}
    named |= {source: entry_label("sources", source) for source in pairs["source_b"].unique()}
    return [
        pairs[side].replace_strict(named, return_dtype=pl.String).alias(f"fund_{side[-1]}")
        for side in ("source_a", "source_b")
    ]


def _senders_phrase() -> pl.Expr:
    two_sources = _("selon deux sources ({a}, {b})", a=SLOT, b=SLOT)
    return first_true(
        (
            (~pl.col("same_source"), pl.format(two_sources, "fund_a", "fund_b")),
            (~pl.col("same_document"), pl.lit(_("dans deux documents"))),
            (pl.col("same_document"), pl.lit(_("dans une même liste"))),
        )
    )


def _place_phrase() -> pl.Expr:
    place, tier = pl.col("place"), pl.col("tier")
    covered = ~pl.col("narrow") & (tier > 0)
    return first_true(
        (
            (place.is_null(), pl.lit(_("lieu inconnu de l'une au moins"))),
            (covered, pl.lit(_("lieu donné par le périmètre d'un document"))),
            ((place == "same") & (tier == 2), pl.lit(_("même commune"))),
            ((place == "same") & (tier == 1), pl.lit(_("même cercle"))),
            (place == "same", pl.lit(_("même région"))),
            (tier == 1, pl.lit(_("l'une dans une commune du cercle de l'autre"))),
            (tier == 0, pl.lit(_("l'une dans un lieu de la région de l'autre"))),
            (place == "nested", pl.lit(_("le lieu de l'une compris dans celui de l'autre"))),
        )
    )


def _dates_phrase() -> pl.Expr:
    days = pl.max_horizontal(
        (pl.col("start") - pl.col("start_b")).dt.total_days().abs(),
        (pl.col("end") - pl.col("end_b")).dt.total_days().abs(),
    )
    dates = pl.col("dates")
    return first_true(
        (
            (dates == "equal", pl.lit(_("mêmes dates"))),
            (dates == "close", pl.format(_("dates à {n} jours près", n=SLOT), days)),
            (dates == "within", pl.lit(_("la période de l'une comprise dans celle de l'autre"))),
            (dates == "overlap", pl.lit(_("périodes qui se recoupent"))),
            (dates == "apart", pl.lit(_("périodes séparées"))),
        )
    )


def _amount_phrase() -> pl.Expr:
    gap = pl.col("amount_gap")
    tenths = (gap * 1000).round().cast(pl.Int64)
    decimal = "{}.{}" if current_language() == "en" else "{},{}"
    near = pl.format(_("montant égal à {share} % près", share=decimal), tenths // 10, tenths % 10)
    other_money = (pl.col("currency") != pl.col("currency_b")).fill_null(False)
    return first_true(
        (
            ((gap == 0) & ~other_money, pl.lit(_("montants égaux"))),
            (gap <= AMOUNT_NEAR, near),
            (gap.is_not_null(), pl.lit(_("montants différents"))),
            (pl.col("one_amount"), pl.lit(_("montant connu d'une seule"))),
        )
    )


def _other_phrases() -> list[pl.Expr]:
    """Figures, titles, sectors and parts of a work."""
    figure, alike = pl.col("same_figure"), pl.col("alike").round().cast(pl.Int64)
    return [
        pl.when(figure.is_not_null()).then(
            pl.format(_("même chiffre ({figure})", figure=SLOT), figure)
        ),
        pl.format(_("titres proches à {share} %", share=SLOT), alike),
        first_true(
            (
                (pl.col("same_sector"), pl.lit(_("même secteur"))),
                (~pl.col("same_sector"), pl.lit(_("secteurs différents"))),
            )
        ),
        pl.when("other_part").then(pl.lit(_("deux phases ou lots différents"))),
    ]


def _link_phrases() -> Mapping[tuple[str, str], str]:
    """The phrase for a body that is this on one side and that on the other; the telling first."""
    return {
        ("donor", "doer"): _("bailleur de l'une = exécutant de l'autre ({name})", name=SLOT),
        ("donor", "lead"): _("bailleur de l'une = chef de file de l'autre ({name})", name=SLOT),
        ("doer", "lead"): _("chef de file de l'une = exécutant de l'autre ({name})", name=SLOT),
        ("lead", "lead"): _("même chef de file ({name})", name=SLOT),
        ("doer", "doer"): _("même exécutant ({name})", name=SLOT),
        ("donor", "donor"): _("même bailleur ({name})", name=SLOT),
    }


def _shared_bodies(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """Who stands on both sides, and as what; that those who act are different."""
    numbered = pairs.select("a", "b").with_row_index("pair")
    roles = _roles_of_bodies(prepared, pl.concat([pairs["a"], pairs["b"]]).unique())
    met = (
        numbered.join(roles, on="a")
        .join(roles.rename({"a": "b", "role": "role_b"}), on=["b", "who"])
        .with_columns(
            pl.min_horizontal("role", "role_b").alias("one"),
            pl.max_horizontal("role", "role_b").alias("two"),
        )
    )
    phrases = [
        (sorted(roles_of), order, text)
        for order, (roles_of, text) in enumerate(_link_phrases().items())
    ]
    told = pl.DataFrame(
        [(one, two, order, text) for (one, two), order, text in phrases],
        schema=["one", "two", "order", "phrase"],
        orient="row",
    )
    names = pl.DataFrame({"who": met["who"].unique()})
    named = names.with_columns(
        pl.Series("name", [entry_label("organisations", w) for w in names["who"]], dtype=pl.String)
    )
    best = (
        met.join(told, on=["one", "two"])
        .sort("pair", "order", "who")
        .unique("pair", keep="first", maintain_order=True)
        .join(named, on="who")
        .select("pair", pl.col("phrase").str.replace(SLOT, pl.col("name"), literal=True))
    )
    differ = pl.when("others").then(pl.lit(_("organisations différentes")))
    return (
        numbered.with_columns(pairs["others"])
        .join(best, on="pair", how="left", maintain_order="left")
        .select(pl.coalesce(differ, "phrase").alias("bodies"))["bodies"]
    )


def _roles_of_bodies(prepared: Prepared, chosen: pl.Series) -> pl.DataFrame:
    """``a, who, role`` (``donor``, ``lead``, ``doer``) of the activities chosen."""
    rows = prepared.activities.filter(pl.col("a").is_in(chosen.implode()))
    told = [rows.select("a", who="lead_org", role=pl.lit("lead"))]
    for column, role in (("implementers", "doer"), ("donors", "donor")):
        named = rows.select("a", who=column).explode("who", empty_as_null=True)
        told.append(named.with_columns(role=pl.lit(role)))
    return pl.concat(told).drop_nulls().unique()


CLOSE = 45
"""Days by which a beginning and an end may both differ and still be the same, told late."""


COLUMNS = (
    "a", "b", "group_id", "u", "kind", "score", "place", "tier", "narrow", "start", "start_b",
    "end", "end_b", "dates", "amount_gap", "currency", "currency_b", "one_amount", "link",
    "others", "same_figure", "alike", "telling", "other_part", "same_sector", "same_document",
    "same_source",
)  # fmt: skip


def candidate_pairs(prepared: Prepared) -> pl.DataFrame:
    """All pairs worth a look, whatever the question: filters only choose among them.

    Returns
    -------
    polars.DataFrame
        ``a, b`` (rows of ``prepared.activities``)``, group_id`` (see
        `atlas.layers.pairing.groups`)``, u`` (code of the finest place they share, null when
        unknown)``, kind`` (``double_reporting`` or ``overlap``)``, score`` (0 to 1) and the
        evidence; best first.
    """
    told = pairing_entries(prepared)
    none = pl.DataFrame(schema={"i": pl.UInt32, "j": pl.UInt32})

    def look(chunk: Chunk) -> pl.DataFrame:
        return judged_pairs(evidence_of_pairs(told, chunk.chunk_pairs()))

    with ThreadPoolExecutor(WORKERS) as pool:  # polars leaves the interpreter free
        found = [judged_pairs(evidence_of_pairs(told, none)), *pool.map(look, block_chunks(told))]
    every = pl.concat(found).unique(["i", "j"])
    rows = told.rows["a"]
    numbered = every.with_columns(
        rows.gather(every[e]).alias(n) for e, n in (("i", "a"), ("j", "b"))
    )
    ids = prepared.activities["activity_id"].gather(rows)
    return grouped_pairs(told, _best_first(kept_pairs(numbered), ids), ids).select(COLUMNS)


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


def evidence_of_pairs(told: Entries, chunk: pl.DataFrame, everything: bool = False) -> pl.DataFrame:
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
    sift = (lambda pairs: pairs) if everything else hopeful_pairs
    facts = _with_places(told, _pair_facts(told, chunk))
    facts = _with_descriptions(told, sift(_perhaps_linked(facts))).filter(_not_siblings())
    facts = sift(_with_links(told, facts).filter(_not_a_series()))
    facts = _with_counts(told, facts)
    return sift(title_likeness(told, facts))


LOOKED_AT = ("sheet", "sector", "start", "end", "usd", "money", "currency", "has_amount",
             "ground", "acts", "gives")  # fmt: skip
"""What every candidate is looked at for; the rest, for those that are left."""


LINE = ("result", "start", "end")
"""What two lines that are the same word for word may both leave out."""


def _both_sides(told: Entries, pairs: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    rows = told.rows
    return pairs.with_columns(
        *(rows[c].gather(pairs["i"]).alias(c) for c in columns),
        *(rows[c].gather(pairs["j"]).alias(f"{c}_b") for c in columns),
    )


def _with_descriptions(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With what only the hopeful are asked."""
    return _both_sides(told, facts, ("document", "source", "title", "result")).with_columns(
        (pl.col("document") == pl.col("document_b")).alias("same_document"),
        (pl.col("source") == pl.col("source_b")).alias("same_source"),
    )


def _pair_facts(told: Entries, chunk: pl.DataFrame) -> pl.DataFrame:
    """Both sides of each pair, and what a look at the columns says."""
    sides = _both_sides(told, chunk, LOOKED_AT)
    return sides.with_columns(
        pl.when(pl.col("currency") == pl.col("currency_b"))
        .then(amount_gap("money"))  # at whatever rates the two were converted
        .otherwise(amount_gap("usd"))
        .alias("amount_gap"),
        (pl.col("has_amount") != pl.col("has_amount_b")).alias("one_amount"),
        period_relation().alias("dates"),
        (pl.col("sector") == pl.col("sector_b")).alias("same_sector"),
    )


def amount_gap(name: str) -> pl.Expr:
    """Difference of two amounts as a share of the larger; null unless both are known."""
    one, other = pl.col(name), pl.col(f"{name}_b")
    return pl.when((one > 0) & (other > 0)).then(
        (one - other).abs() / pl.max_horizontal(one, other)
    )


def period_relation() -> pl.Expr:
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
    return ~((pl.col("link") == "doer") & periods_disjoint()).fill_null(value=False)


def _with_places(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``place, u, tier, narrow``; pairs on different ground are left out."""
    grounds = facts.select(pl.col("ground").alias("ga"), pl.col("ground_b").alias("gb")).unique()
    how = told.grounds.ground_relation(grounds)
    joined = facts.join(
        how,
        left_on=["ground", "ground_b"],
        right_on=["ga", "gb"],
        how="left",
        maintain_order="left",
    )
    return joined.filter(pl.col("place").ne_missing("different"))


def _with_links(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``link``: who is on both sides, and as what; ``others``: nobody is.

    ``doer``: one body acts on both sides. ``chain``: who gives on one side acts on the
    other. A giver on both sides is no link: a fund has many projects.
    """
    maybe = facts.filter("met").select("i", "j")
    links = (
        told.acting_bodies.rows_in_common(maybe["i"], maybe["j"], "who")
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


def _with_counts(told: Entries, facts: pl.DataFrame) -> pl.DataFrame:
    """With ``same_figure`` and ``figures_differ``: counts in the titles, people aimed at."""
    counts = told.title_figures
    shared = counts.rows_in_common(facts["i"], facts["j"], "figure")
    largest = shared.group_by("pair").agg(pl.col("figure").max().alias("same_figure"))
    both = (counts.list_sizes(facts["i"]) > 0) & (counts.list_sizes(facts["j"]) > 0)
    return (
        facts.with_row_index("pair")
        .join(largest, on="pair", how="left", maintain_order="left")
        .with_columns((both & pl.col("same_figure").is_null()).alias("figures_differ"))
        .drop("pair")
    )
