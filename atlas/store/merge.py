"""What the published tables become when documents are added to them.

The result depends on which documents are there, never on the order in which they came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import polars as pl

from atlas.errors import StoreError
from atlas.findings import severity_of
from atlas.i18n import _
from atlas.model import Tables, frame_of
from atlas.store.canonical import canonical, logical_hash

_DERIVED = ("activities_superseded", "activities_orphaned")


def merge(current: Tables | None, batches: Iterable[Tables]) -> Tables:
    """The current tables, with the new documents in place of the sample and of themselves.

    Parameters
    ----------
    current
        What is published; ``None`` for an empty store.
    batches
        One or more documents each. A document that is there already is replaced: it is
        known by its content, so this is a new reading of the same file.

    Returns
    -------
    Tables
        An activity that several documents report (same ``activity_id``) is told once, as
        the newest of them tells it; the older documents get a finding that says how many.

    Raises
    ------
    StoreError
        The sample would be mixed with real data.
    """
    new = _once_each(batches)
    if not new:
        return current or Tables.empty()
    kept = current or Tables.empty()
    fresh = [document for batch in new for document in batch.documents["document"]]
    if any(batch.is_sample for batch in new):
        if not all(batch.is_sample for batch in new) or _real(kept):
            raise StoreError(
                _("Exemple non ajouté"),
                _("l'exemple ne se mêle jamais à des données réelles"),
                _("Pour le revoir, choisissez un dossier vide avec --store."),
            )
    else:
        fresh += kept.documents.filter(pl.col("is_sample"))["document"].to_list()
    return _with_derived(Tables.concat(_told_once([kept.without(fresh), *new])))


def _real(tables: Tables) -> bool:
    return not tables.documents["is_sample"].fill_null(False).all()


def _once_each(batches: Iterable[Tables]) -> list[Tables]:
    """Batches without copies of a document: of two, the one that sorts first is kept.

    One file given twice under two names is one document, whichever name came first.
    """
    many = [batch for batch in batches if batch.documents.height]
    documents = pl.concat([Tables.empty().documents, *(b.documents for b in many)])["document"]
    if not documents.is_duplicated().any():
        return many
    seen: set[str] = set()
    kept = []
    for batch in sorted(many, key=_rank):
        own = batch.documents["document"].to_list()
        kept.append(batch.without([d for d in own if d in seen]))
        seen.update(own)
    return [batch for batch in kept if batch.documents.height]


def _rank(batch: Tables) -> tuple[list[str], str]:
    return sorted(batch.documents["file"].fill_null("").to_list()), logical_hash(canonical(batch))


def _told_once(parts: list[Tables]) -> list[Tables]:
    """Each activity in one part only: as the newest document tells it, ties by document id.

    Done part by part, because amounts and placements know their activity, not their document.
    """
    told = pl.concat(
        part.activities.select("activity_id", "as_of", "document", part=pl.lit(number))
        for number, part in enumerate(parts)
    ).sort("as_of", "document", nulls_last=False)
    last = told.unique("activity_id", keep="last", maintain_order=True)
    if last.height == told.height:
        return parts
    lost = told.join(last, on=["activity_id", "part"], how="anti")
    return [
        _dropping(part, lost.filter(pl.col("part") == number)["activity_id"])
        for number, part in enumerate(parts)
    ]


def _dropping(part: Tables, activity_ids: pl.Series) -> Tables:
    gone = activity_ids.implode()
    frames = dict(part.items())
    for name in ("activities", "amounts", "placements"):
        frames[name] = frames[name].filter(~pl.col("activity_id").is_in(gone))
    return Tables(**frames)


def _with_derived(tables: Tables) -> Tables:
    """Say, for each document, which of its rows another one now tells, or nobody does.

    Worked out anew from the tables each time, so that it depends on nothing else.
    """
    told = tables.activities.select("activity_id", teller="document")
    rows = (
        tables.rows.filter(pl.col("activity_id").is_not_null())
        .select("document", "activity_id")
        .unique()
        .join(told, on="activity_id", how="left")
        .filter(pl.col("teller").is_null() | (pl.col("teller") != pl.col("document")))
        .with_columns(
            code=pl.when(pl.col("teller").is_null())
            .then(pl.lit("activities_orphaned"))
            .otherwise(pl.lit("activities_superseded"))
        )
        .group_by("document", "code")
        .len("n")
    )
    derived = frame_of(
        "findings",
        (
            {
                "document": row["document"],
                "locator": "",
                "field": "",
                "code": row["code"],
                "severity": severity_of(row["code"]),
                "params": json.dumps({"n": row["n"]}),
            }
            for row in rows.to_dicts()
        ),
    )
    own = tables.findings.filter(~pl.col("code").is_in(list(_DERIVED)))
    return Tables(**{**dict(tables.items()), "findings": pl.concat([own, derived])})
