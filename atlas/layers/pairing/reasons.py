"""What speaks for a pair, in words: one short phrase for each thing compared."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from atlas.i18n import _, language
from atlas.layers.pairing.evidence import AMOUNT_NEAR, first
from atlas.layers.prepare import Prepared
from atlas.vocab import label

SLOT = "{}"
"""Where `polars.format` puts a value in a phrase."""


def reasons(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """What speaks for each pair, and what is missing, in the language in force.

    Parameters
    ----------
    pairs
        As `atlas.layers.pairing.pairs.pairs` gives them, with ``source_a`` and ``source_b``.

    Returns
    -------
    polars.Series
        A sentence for each pair: its phrases, joined by semicolons.
    """
    told = pairs.with_columns(_bodies(prepared, pairs), *_funds(pairs))
    phrases = [_senders(), _place(), _dates(), _amount(), pl.col("bodies"), *_others()]
    joined = pl.concat_list(phrases)
    return told.select(joined.list.drop_nulls().list.join(" ; ").alias("reasons"))["reasons"]


def _funds(pairs: pl.DataFrame) -> list[pl.Series]:
    named = {source: label("sources", source) for source in pairs["source_a"].unique()}
    named |= {source: label("sources", source) for source in pairs["source_b"].unique()}
    return [
        pairs[side].replace_strict(named, return_dtype=pl.String).alias(f"fund_{side[-1]}")
        for side in ("source_a", "source_b")
    ]


def _senders() -> pl.Expr:
    two_sources = _("selon deux sources ({a}, {b})", a=SLOT, b=SLOT)
    return first(
        (
            (~pl.col("same_source"), pl.format(two_sources, "fund_a", "fund_b")),
            (~pl.col("same_document"), pl.lit(_("dans deux documents"))),
            (pl.col("same_document"), pl.lit(_("dans une même liste"))),
        )
    )


def _place() -> pl.Expr:
    place, tier = pl.col("place"), pl.col("tier")
    covered = ~pl.col("narrow") & (tier > 0)
    return first(
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


def _dates() -> pl.Expr:
    days = pl.max_horizontal(
        (pl.col("start") - pl.col("start_b")).dt.total_days().abs(),
        (pl.col("end") - pl.col("end_b")).dt.total_days().abs(),
    )
    dates = pl.col("dates")
    return first(
        (
            (dates == "equal", pl.lit(_("mêmes dates"))),
            (dates == "close", pl.format(_("dates à {n} jours près", n=SLOT), days)),
            (dates == "within", pl.lit(_("la période de l'une comprise dans celle de l'autre"))),
            (dates == "overlap", pl.lit(_("périodes qui se recoupent"))),
            (dates == "apart", pl.lit(_("périodes séparées"))),
        )
    )


def _amount() -> pl.Expr:
    gap = pl.col("amount_gap")
    tenths = (gap * 1000).round().cast(pl.Int64)
    decimal = "{}.{}" if language() == "en" else "{},{}"
    near = pl.format(_("montant égal à {share} % près", share=decimal), tenths // 10, tenths % 10)
    other_money = (pl.col("currency") != pl.col("currency_b")).fill_null(False)
    return first(
        (
            ((gap == 0) & ~other_money, pl.lit(_("montants égaux"))),
            (gap <= AMOUNT_NEAR, near),
            (gap.is_not_null(), pl.lit(_("montants différents"))),
            (pl.col("one_amount"), pl.lit(_("montant connu d'une seule"))),
        )
    )


def _others() -> list[pl.Expr]:
    """Figures, titles, sectors and parts of a work."""
    figure, alike = pl.col("same_figure"), pl.col("alike").round().cast(pl.Int64)
    return [
        pl.when(figure.is_not_null()).then(
            pl.format(_("même chiffre ({figure})", figure=SLOT), figure)
        ),
        pl.format(_("titres proches à {share} %", share=SLOT), alike),
        first(
            (
                (pl.col("same_sector"), pl.lit(_("même secteur"))),
                (~pl.col("same_sector"), pl.lit(_("secteurs différents"))),
            )
        ),
        pl.when("other_part").then(pl.lit(_("deux phases ou lots différents"))),
    ]


def _links() -> Mapping[tuple[str, str], str]:
    """The phrase for a body that is this on one side and that on the other; the telling first."""
    return {
        ("donor", "doer"): _("bailleur de l'une = exécutant de l'autre ({name})", name=SLOT),
        ("donor", "lead"): _("bailleur de l'une = chef de file de l'autre ({name})", name=SLOT),
        ("doer", "lead"): _("chef de file de l'une = exécutant de l'autre ({name})", name=SLOT),
        ("lead", "lead"): _("même chef de file ({name})", name=SLOT),
        ("doer", "doer"): _("même exécutant ({name})", name=SLOT),
        ("donor", "donor"): _("même bailleur ({name})", name=SLOT),
    }


def _bodies(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """Who stands on both sides, and as what; that those who act are different."""
    numbered = pairs.select("a", "b").with_row_index("pair")
    roles = _roles(prepared, pl.concat([pairs["a"], pairs["b"]]).unique())
    met = (
        numbered.join(roles, on="a")
        .join(roles.rename({"a": "b", "role": "role_b"}), on=["b", "who"])
        .with_columns(
            pl.min_horizontal("role", "role_b").alias("one"),
            pl.max_horizontal("role", "role_b").alias("two"),
        )
    )
    phrases = [
        (sorted(roles_of), order, text) for order, (roles_of, text) in enumerate(_links().items())
    ]
    told = pl.DataFrame(
        [(one, two, order, text) for (one, two), order, text in phrases],
        schema=["one", "two", "order", "phrase"],
        orient="row",
    )
    names = pl.DataFrame({"who": met["who"].unique()})
    named = names.with_columns(
        pl.Series("name", [label("organisations", w) for w in names["who"]], dtype=pl.String)
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


def _roles(prepared: Prepared, chosen: pl.Series) -> pl.DataFrame:
    """``a, who, role`` (``donor``, ``lead``, ``doer``) of the activities chosen."""
    rows = prepared.activities.filter(pl.col("a").is_in(chosen.implode()))
    told = [rows.select("a", who="lead_org", role=pl.lit("lead"))]
    for column, role in (("implementers", "doer"), ("donors", "donor")):
        named = rows.select("a", who=column).explode("who", empty_as_null=True)
        told.append(named.with_columns(role=pl.lit(role)))
    return pl.concat(told).drop_nulls().unique()
