"""What each document of an import adds, changes and leaves out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl

from atlas.model import Kind, Tables
from atlas.store.changes import UNCHANGED, compare
from atlas.store.merge import DERIVED, merge
from atlas.store.succession import Succession, ranks


class Update(NamedTuple):
    """What one document does to what was published.

    Attributes
    ----------
    added
        ``activity_id, title``: told for the first time.
    changed
        ``activity_id, title, field, before, after``: a row per field that differs, as text.
    gone
        ``activity_id, title, kept``: left out by this newer list; ``kept`` is true for
        those that stay published until a person says otherwise.
    findings
        ``code, params`` of what other documents, and its own earlier name, mean for this one.
    """

    added: pl.DataFrame
    changed: pl.DataFrame
    gone: pl.DataFrame
    findings: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Number of activities added, changed and gone."""
        return {
            "added": self.added.height,
            "changed": self.changed["activity_id"].n_unique(),
            "gone": self.gone.height,
        }


def plan(
    current: Tables | None,
    batches: Iterable[Tables],
    replacing: Collection[str] = (),
) -> dict[str, Update]:
    """What adding documents would do, document by document, oldest first.

    Parameters
    ----------
    current, batches, replacing
        As `atlas.store.merge.merge` takes them; one document a batch.

    Returns
    -------
    dict
        By document; one that came twice is there once.
    """
    updates: dict[str, Update] = {}
    before = current if current is not None and not current.is_sample else None
    for batch in _oldest_first(batches):
        (document,) = batch.documents["document"].to_list()
        if document in updates:
            continue
        after = merge(before, [batch], replacing)
        updates[document] = _update(before or Tables.empty(), after, document)
        before = after
    return updates


def _oldest_first(batches: Iterable[Tables]) -> Sequence[Tables]:
    many = [batch for batch in batches if batch.documents.height]
    if not many:
        return many
    order = ranks(pl.concat([batch.documents for batch in many]))
    return sorted(many, key=lambda batch: order[batch.documents["document"][0]])


def _update(before: Tables, after: Tables, document: str) -> Update:
    items = pl.col("kind") != Kind.AGGREGATE  # published figures stand among the totals
    own = items & (pl.col("document") == document)
    told = after.activities.lazy().filter(own).select("activity_id", "title").collect()
    fresh = told.join(before.activities, on="activity_id", how="anti")
    ids = told.join(before.activities, on="activity_id", how="semi")["activity_id"]
    absent = Succession(after).absences().filter(pl.col("newer") == document)
    lost = before.activities.filter(items).join(after.activities, on="activity_id", how="anti")
    gone = pl.concat(
        [
            lost.select("activity_id", "title", kept=pl.lit(value=False)),
            absent.select("activity_id", "title", kept=pl.lit(value=True)),
        ]
    )
    return Update(
        added=fresh.select("activity_id", "title").sort("title", "activity_id"),
        changed=compare(_only(before, ids), _only(after, ids)).changed if ids.len() else UNCHANGED,
        gone=gone.sort("title", "activity_id"),
        findings=pl.concat([_renamed(before, after, document), _of_several(after, document)]),
    )


def _of_several(tables: Tables, document: str) -> pl.DataFrame:
    mine = (pl.col("document") == document) & pl.col("code").is_in(list(DERIVED))
    return tables.findings.filter(mine).select("code", "params").sort("code", "params")


def _renamed(before: Tables, after: Tables, document: str) -> pl.DataFrame:
    """What is said of the same content under another name, or of another day."""
    mine = pl.col("document") == document
    both = (before.documents, after.documents)
    told = [documents.filter(mine).select("file", "as_of").rows() for documents in both]
    rows = []
    if told[0] and told[1] and told[0][0][0] != told[1][0][0]:
        (file, day), (_new, now) = told[0][0], told[1][0]
        code = "document_again" if day == now else "document_redated"
        params = {"file": file, "before": _day(day), "now": _day(now)}
        rows = [(code, json.dumps(params, ensure_ascii=False, sort_keys=True))]
    return pl.DataFrame(rows, after.findings.select("code", "params").schema, orient="row")


def _day(day: date | None) -> str:
    return day.isoformat() if day else "?"


def _only(tables: Tables, activity_ids: pl.Series) -> Tables:
    """The tables with these activities alone, as they count each by itself."""
    kept = activity_ids.implode()
    frames = {
        name: getattr(tables, name).filter(pl.col("activity_id").is_in(kept))
        for name in ("activities", "amounts", "placements", "sectors")
    }
    alone = {name: getattr(tables, name).clear() for name in ("verdicts", "relations")}
    return replace(tables, **frames, **alone)
