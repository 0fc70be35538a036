"""What the published tables become when documents are added to them.

The result depends on which documents are there and on what people said of them
(`atlas.store.succession`), never on the order in which they came.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from atlas.errors import StoreError
from atlas.findings import severity_of
from atlas.i18n import _
from atlas.model import Tables, frame_of
from atlas.store.canonical import canonical, logical_hash
from atlas.store.succession import Absence, Rank, Succession, bare, key_of, ranks

DERIVED = (
    "activities_superseded",
    "activities_same_date",
    "activities_orphaned",
    "activities_withdrawn",
    "activity_absent",
)
"""Codes of findings that come of several documents together."""


def merge(
    current: Tables | None, batches: Iterable[Tables], replacing: Collection[str] = ()
) -> Tables:
    """The current tables, with the new documents in place of the sample and of themselves.

    Parameters
    ----------
    current
        What is published; ``None`` for an empty store.
    batches
        One or more documents each. A document that is there already is replaced: it is
        known by its content, so this is a new reading of the same file.
    replacing
        Documents among the new ones that a person said replace the earlier lists of their
        sender: what these lists alone tell goes. The word is kept with the document.

    Returns
    -------
    Tables
        An activity that several documents report (same key) is told once, with all its
        rows, as the newest of them tells it. One that the newest list of its sender leaves
        out stays, and a finding marks it, unless a person said that it goes.

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
    parts = [kept.without(fresh), *new]
    whole = _with_words(Tables.concat(parts), kept.documents, replacing)
    told = Tables.concat(_told_once(parts, ranks(whole.documents)))
    return _with_derived(_withdrawing(_with(told, documents=whole.documents), replacing))


def _with(tables: Tables, **frames: pl.DataFrame) -> Tables:
    return Tables(**{**dict(tables.items()), **frames})


Words = dict[str, dict[str, list[str]]]
"""``replaces`` and ``withdrawn`` of each document."""


def _words(*documents: pl.DataFrame) -> Words:
    return {
        row["document"]: {name: row[name] or [] for name in ("replaces", "withdrawn")}
        for frame in documents
        for row in frame.iter_rows(named=True)
    }


def _saying(tables: Tables, said: Words) -> Tables:
    names = tables.documents["document"].to_list()
    documents = tables.documents.with_columns(
        pl.Series(column, [said[name][column] or None for name in names], dtype=pl.List(pl.String))
        for column in ("replaces", "withdrawn")
    )
    return _with(tables, documents=documents)


def _with_words(whole: Tables, before: pl.DataFrame, replacing: Collection[str]) -> Tables:
    """The tables with what people said of documents: what was said before, and now."""
    said = _words(whole.documents, before)  # a new reading keeps what was said of the file
    whole = _saying(whole, said)
    succession = Succession(whole)
    for document in sorted(set(replacing) & set(succession.ranks)):
        ties = [name for name in succession.tied(document) if name not in replacing]
        older = {*said[document]["replaces"], *succession.related(document), *ties}
        said[document]["replaces"] = sorted(older)
        for name in ties:  # the latest word counts
            said[name]["replaces"] = [n for n in said[name]["replaces"] if n != document]
    return _saying(whole, said)


def _withdrawing(tables: Tables, replacing: Collection[str]) -> Tables:
    """Without what a person's word took out, now or earlier; the rows of documents stay."""
    succession = Succession(tables)
    said = _words(tables.documents)
    for one in succession.absences() if replacing else ():
        words = said[one.newer]
        if one.newer in replacing and one.document in words["replaces"]:
            words["withdrawn"] = sorted({*words["withdrawn"], key_of(one.activity_id)})
    until: dict[str, Rank] = {}
    for name in sorted(said, key=succession.ranks.__getitem__):
        until.update(dict.fromkeys(said[name]["withdrawn"], succession.ranks[name]))
    if not until:
        return tables
    gone = [
        activity_id
        for activity_id, teller in _tellers(tables)
        if succession.ranks[teller] < until.get(key_of(activity_id), succession.ranks[teller])
    ]
    return _dropping(_saying(tables, said), gone)


def _tellers(tables: Tables) -> list[tuple[str, str]]:
    return list(tables.activities.select("activity_id", "document").iter_rows())


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


def _told_once(parts: list[Tables], newest: dict[str, Rank]) -> list[Tables]:
    """Each key in one document only, with all its activities: the newest that tells it.

    Done part by part, because amounts and placements know their activity, not their document.
    """
    best: dict[str, str] = {}
    for part in parts:
        for activity_id, document in _tellers(part):
            key = key_of(activity_id)
            if key not in best or newest[best[key]] < newest[document]:
                best[key] = document
    return [
        _dropping(part, [i for i, document in _tellers(part) if best[key_of(i)] != document])
        for part in parts
    ]


def _dropping(part: Tables, activity_ids: Collection[str]) -> Tables:
    if not activity_ids:
        return part
    gone = pl.Series(list(activity_ids), dtype=pl.String).implode()
    kept = {
        name: getattr(part, name).filter(~pl.col("activity_id").is_in(gone))
        for name in ("activities", "amounts", "placements")
    }
    return _with(part, **kept)


def _with_derived(tables: Tables) -> Tables:
    """Say what of a document another one now tells, leaves out or took out, or nobody tells.

    Worked out anew from the tables each time, so that it depends on nothing else.
    """
    absent = [_absent(one, tables) for one in Succession(tables).absences()]
    derived = frame_of("findings", [*_retold(tables), *absent])
    own = tables.findings.filter(~pl.col("code").is_in(list(DERIVED)))
    return _with(tables, findings=pl.concat([own, derived]))


def _absent(one: Absence, tables: Tables) -> dict[str, object]:
    files = dict(tables.documents.select("document", "file").iter_rows())
    params = {"title": one.title, "file": bare(files[one.newer]) or one.newer}
    return _finding(one.document, "activity_absent", params, one.locator)


def _retold(tables: Tables) -> list[dict[str, object]]:
    """One finding per document and fate of those of its activities that it does not tell."""
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    tellers = {key_of(activity_id): document for activity_id, document in _tellers(tables)}
    takers = {key: row for row in documents.values() for key in row["withdrawn"] or ()}
    order = ranks(tables.documents)
    said: dict[tuple[str, str, str], int] = {}
    rows = tables.rows.filter(pl.col("activity_id").is_not_null())
    for document, activity_id in rows.select("document", "activity_id").unique().iter_rows():
        key = key_of(activity_id)
        teller = tellers.get(key)
        if teller == document or document not in documents:
            continue
        if teller is None:
            taker = takers.get(key)
            fate = (
                ("activities_withdrawn", bare(taker["file"]))
                if taker and order[document] < order[taker["document"]]
                else ("activities_orphaned", "")
            )
        elif _same_date(documents[document], documents[teller]):
            fate = "activities_same_date", bare(documents[teller]["file"])
        else:
            fate = "activities_superseded", ""
        said[document, *fate] = said.get((document, *fate), 0) + 1
    return [
        _finding(document, code, {"n": n, **({"file": file} if file else {})})
        for (document, code, file), n in said.items()
    ]


def _same_date(one: dict[str, Any], teller: dict[str, Any]) -> bool:
    """Whether nothing but a file's name or content put one of two documents first."""
    worded = one["document"] in (teller["replaces"] or ())
    return one["as_of"] == teller["as_of"] and not worded


def _finding(
    document: str, code: str, params: Mapping[str, object], locator: str | None = ""
) -> dict[str, object]:
    return {
        "document": document,
        "locator": locator,
        "field": "",
        "code": code,
        "severity": severity_of(code),
        "params": json.dumps(params, ensure_ascii=False, sort_keys=True),
    }
