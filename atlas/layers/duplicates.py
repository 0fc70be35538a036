"""Pairs a person should look at: one thing told twice, or two doing the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from atlas.i18n import _
from atlas.layers.evidence import AMOUNT_EQUAL, AMOUNT_NEAR
from atlas.layers.pairs import pairs
from atlas.layers.scope import Scope
from atlas.model import UNPLACED, digest
from atlas.vocab import label

COLUMNS = {
    "pair_id": pl.String,
    "kind": pl.String,
    "score": pl.Float64,
    "activity_a": pl.String,
    "title_a": pl.String,
    "source_a": pl.String,
    "activity_b": pl.String,
    "title_b": pl.String,
    "source_b": pl.String,
    "unit_id": pl.String,
    "unit_name": pl.String,
    "reasons": pl.String,
}


def duplicates(scope: Scope) -> pl.DataFrame:
    """Pairs of which at least one activity passes the filters.

    Nothing is merged and nothing is taken out of a sum: a pair is a question put to a
    person. How pairs are found and scored is in `atlas.layers.pairs`.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; a plan is compared only when plans are asked
        for.

    Returns
    -------
    polars.DataFrame
        ``pair_id, kind`` (``double_reporting`` or ``overlap``)``, score, activity_a,
        title_a, source_a, activity_b, title_b, source_b, unit_id, unit_name`` (the place
        they share, in the units asked for)``, reasons`` (a sentence); best first.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> dataset.ask("duplicates").table.select("kind", "source_a", "source_b").row(0)
    ('double_reporting', 'qip', 'trust-fund')
    """
    found = scope.prepared.once(pairs)
    kinds = scope.prepared.activities.filter(pl.col("kind").is_in(list(scope.filters.kind)))
    asked, passing = kinds["a"].implode(), scope.items["a"].implode()
    chosen = found.filter(
        pl.col("a").is_in(asked) & pl.col("b").is_in(asked),
        pl.col("a").is_in(passing) | pl.col("b").is_in(passing),
    )
    side = scope.prepared.activities.select("a", "activity_id", "title", "source")
    told = (
        chosen.join(_sides(side, "a"), on="a", maintain_order="left")
        .join(_sides(side, "b"), on="b", maintain_order="left")
        .with_row_index("pair")
    )
    ids = [digest(*sorted(pair)) for pair in told.select("activity_a", "activity_b").iter_rows()]
    reasons = [" ; ".join(reasons_of(row)) for row in told.to_dicts()]
    return (
        told.with_columns(
            pl.Series("pair_id", ids, dtype=pl.String),
            pl.Series("reasons", reasons, dtype=pl.String),
        )
        .join(_where(scope, told), on="pair", maintain_order="left")
        .select([pl.col(name).cast(dtype) for name, dtype in COLUMNS.items()])
    )


def _sides(side: pl.DataFrame, which: str) -> pl.DataFrame:
    names = {"activity_id": "activity", "title": "title", "source": "source"}
    return side.rename({c: f"{name}_{which}" for c, name in names.items()} | {"a": which})


def _where(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """``pair, unit_id, unit_name`` of the shared place among the rows of the scope."""
    known = told.filter(pl.col("u").is_not_null()).select("pair", "a", "u")
    rows = known.with_columns(scope.target_of(known))
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
    named = rows.join(units, on="target").select("pair", "unit_id", "unit_name")
    unknown = scope.prepared.frames.label(UNPLACED)
    return (
        told.select("pair")
        .join(named, on="pair", how="left", maintain_order="left")
        .with_columns(pl.col("unit_id").fill_null(UNPLACED), pl.col("unit_name").fill_null(unknown))
    )


def reasons_of(pair: Mapping[str, Any]) -> Iterator[str]:
    """What speaks for the pair, and what is missing, in the language in force."""
    if pair["source_a"] != pair["source_b"]:
        yield _(
            "sous deux fonds ({a}, {b})",
            a=label("sources", pair["source_a"]),
            b=label("sources", pair["source_b"]),
        )
    elif not pair["same_document"]:
        yield _("dans deux documents")
    yield from _place_reason(pair)
    if pair["same_figure"] is not None:
        yield _("même chiffre ({figure})", figure=pair["same_figure"])
    yield _("titres proches à {share} %", share=round(pair["alike"]))
    yield from _amount_reason(pair)
    if pair["shares_organisation"]:
        yield _("une organisation en commun")
    if pair["others"]:
        yield _("organisations différentes")
    if pair["dates"] == "overlap":
        yield _("périodes qui se recoupent")
    if pair["same_sector"]:
        yield _("même secteur")


def _place_reason(pair: Mapping[str, Any]) -> Iterator[str]:
    if pair["place"] == "same":
        yield _("même lieu")
    elif pair["place"] == "nested":
        yield _("un lieu compris dans l'autre")
    else:
        yield _("lieu inconnu de l'une au moins")


def _amount_reason(pair: Mapping[str, Any]) -> Iterator[str]:
    gap = pair["amount_gap"]
    if gap is None:
        if pair["one_amount"]:
            yield _("montant connu d'une seule")
    elif gap == 0:
        yield _("montants égaux")
    elif gap <= AMOUNT_EQUAL:
        yield _("montants égaux à {share} % près", share=f"{gap * 100:.1f}".replace(".", ","))
    elif gap <= AMOUNT_NEAR:
        yield _("montants proches à {share} % près", share=round(gap * 100))
    else:
        yield _("montants différents")
