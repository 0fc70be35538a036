"""Which documents decisions concern, read again from the kept files and published once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from atlas.corrections import (
    CorrectionLookup,
    DecisionScope,
    DecisionSubject,
    WordingCorrection,
    wording_key,
)
from atlas.corrections.wordings import term_key
from atlas.errors import AtlasError, StoreError
from atlas.i18n import N_, _
from atlas.ingest.context_tables import read_context
from atlas.ingest.control_totals import totals_from_rows
from atlas.ingest.money import UserRates
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import ReadAs
from atlas.ingest.sample import sample_tables
from atlas.model import Reader, Tables
from atlas.store import REPLACING, DecisionChange, PublicationExtras, RawFile, Snapshot, Store
from atlas.store.commits import was_decided
from atlas.store.decisions import WordingDecision, WordingDecisions
from atlas.vocab import match_organisation, match_sector, match_status

APPLIED = N_("décisions appliquées")
"""Why a snapshot was published."""
_TERM_CODES = ("unknown", "reviewed")


def affected_documents(tables: Tables, corrections: Iterable[WordingCorrection]) -> dict[str, str]:
    """Documents that decisions may concern, ``{id: file}``: rather one too many.

    A document is one when a word of a decided name stands in a wording of its places, or a
    decided term in one of its own. The wordings behind figures and context are not kept, so
    documents with those always are; nor are those of donors and statuses, so a document is
    one too when it has the donor or status that the term was before anybody decided.
    """
    decided = list(corrections)
    read = tables.documents.filter(pl.col("reader") != Reader.ENTRY)
    files = dict(read.select("document", pl.col("file").fill_null("")).iter_rows())
    places = _words_of_places(tables)
    unworded = _documents_without_wordings(tables)
    terms = (
        _DocumentTerms(tables)
        if any(one.subject is not DecisionSubject.PLACE for one in decided)
        else None
    )
    found = {
        document
        for document in files
        for one in decided
        if one.scope is not DecisionScope.DOCUMENT or one.within == document
        if document in unworded
        or (
            terms is not None
            and one.subject is not DecisionSubject.PLACE
            and terms.may_concern(document, one)
        )
        or (
            one.subject is DecisionSubject.PLACE
            and not places[document].isdisjoint(one.wording_parts[-1].split())
        )
    }
    return {document: files[document] or document for document in sorted(found)}


def _documents_without_wordings(tables: Tables) -> set[str]:
    """Documents with figures or facts, whose wordings are not kept."""
    return {
        document
        for frame in (tables.control_totals, tables.context)
        for document in frame.filter(pl.col("unit_id").is_not_null())["document"].unique()
    }


def _words_of_places(tables: Tables) -> dict[str, set[str]]:
    """Folded words of each document's places, placed or not."""
    placed = (
        tables.placements.filter(pl.col("raw").is_not_null())
        .join(tables.activities.select("activity_id", "document"), on="activity_id")
        .select("document", "raw")
        .unique()
    )
    found: dict[str, set[str]] = defaultdict(set)
    for document, raw in placed.iter_rows():
        found[document].update(*(part.split() for part in wording_key(raw)))
    told = tables.findings.filter(pl.col("code").str.starts_with("place_"))
    for document, params in told.select("document", "params").unique().iter_rows():
        raw = str(json.loads(params).get("raw") or "")
        found[document].update(*(part.split() for part in wording_key(raw)))
    return found


class _DocumentTerms:
    """Wordings and ids of the sectors, organisations and statuses of each document."""

    def __init__(self, tables: Tables) -> None:
        self._written: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        activities = tables.activities
        raw = {
            DecisionSubject.SECTOR: activities.select("document", wording="sector_raw"),
            DecisionSubject.ORGANISATION: pl.concat(
                activities.select("document", wording=column).explode("wording")
                for column in ("organisations_raw", "donors")
            ),
            DecisionSubject.STATUS: activities.select("document", wording="status"),
        }
        for subject, frame in raw.items():
            for document, wording in frame.drop_nulls().unique().iter_rows():
                self._written[document, subject].add(f" {term_key(wording)} ")
                self._ids[document, subject].add(wording)
        self._add_findings(tables.findings)

    def _add_findings(self, findings: pl.DataFrame) -> None:
        codes = [
            f"{s}_{told}" for s in DecisionSubject if s.vocabulary_name for told in _TERM_CODES
        ]
        told = findings.filter(pl.col("code").is_in(codes))
        for document, code, params in told.select("document", "code", "params").iter_rows():
            wording = str(json.loads(params).get("raw") or "")
            self._written[document, code.split("_")[0]].add(f" {term_key(wording)} ")

    def may_concern(self, document: str, one: WordingCorrection) -> bool:
        """Whether a decision may concern the document."""
        spelt = [one.wording]
        if one.organisation is not None:
            spelt += [one.organisation.acronym, one.organisation.name]
        names = [f" {key} " for key in map(term_key, spelt) if key]
        written = self._written[document, one.subject]
        match = _MATCHES[one.subject](one.wording).id
        return match in self._ids[document, one.subject] or any(
            name in text for text in written for name in names
        )


_MATCHES = {
    DecisionSubject.SECTOR: match_sector,
    DecisionSubject.ORGANISATION: match_organisation,
    DecisionSubject.STATUS: match_status,
}
"""What a wording was before anybody decided."""


@dataclass(frozen=True)
class ApplicationResult:
    """What an application of the decisions came to.

    Attributes
    ----------
    snapshot
        The current one; the same as before when nothing changed.
    read
        Files read again.
    missing
        ``(file, reason)`` of those that could not be: they stand as they were.
    """

    snapshot: Snapshot
    changed: bool
    read: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def apply_decisions(
    store: Store, decisions: WordingDecisions, change: DecisionChange | None = None
) -> ApplicationResult:
    """Read again, from the kept files, the documents that decisions may concern; publish once.

    Decisions that were undone count too: what they had placed goes back.

    Parameters
    ----------
    change
        Decisions to write down with that, or not at all.

    Raises
    ------
    StoreError
        Nothing is published, or the store cannot be written.
    """
    before = store.current_snapshot()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    corrections = decisions.in_force(change)
    applied = _apply_once(store, before, decisions.all_decisions(change), corrections, change)
    if change and not applied.read:
        store.publish_decisions(_(APPLIED), change=change)
    if decisions.in_force().entries == corrections.entries:
        return applied
    # Somebody decided meanwhile: whoever publishes last publishes every decision.
    again = apply_decisions(store, decisions)
    return replace(again, changed=again.snapshot.hash != before.hash)


def rebuild_from_raw(store: Store) -> ApplicationResult:
    """Publish again what the kept files say, where no published state can be read any more.

    What was only ever said in the page (of a programme) is in no file.

    Raises
    ------
    StoreError
        No file was kept, or the store cannot be written.
    """
    corrections = (
        WordingDecisions(store.root).in_force()
        if was_decided(store.root)
        else CorrectionLookup.from_entries([])
    )
    batches: list[IngestBatch] = []
    missing: list[tuple[str, str]] = []
    readings: dict[str, Mapping[str, Any]] = {}
    for document, reading in sorted(store.kept_readings().items()):
        raw = store.raw_of_reading(reading)
        if raw is None:
            missing.append((document, _("fichier d'origine perdu : réimportez-le")))
            continue
        try:
            batches.append(read_again(raw, corrections))
        except AtlasError as error:
            missing.append((document, error.error_sentence()))
        else:
            readings[reading.partition(".")[0]] = raw.read_as
    if not batches:
        raise StoreError(
            _("Aucun fichier gardé dans {folder}", folder=store.root),
            "",
            _("Renommez ce dossier, puis réimportez vos documents."),
        )
    snapshot = store.rebuild_snapshot(
        (one.tables for one in batches),
        _("reconstruit"),
        replacing=[sha256[:12] for sha256, said in readings.items() if said.get(REPLACING)],
        extras=PublicationExtras(readings),
    )
    return ApplicationResult(
        snapshot, True, tuple(one.document.file for one in batches), tuple(missing)
    )


def _apply_once(
    store: Store,
    before: Snapshot,
    history: Sequence[WordingDecision],
    corrections: CorrectionLookup,
    change: DecisionChange | None,
) -> ApplicationResult:
    concerned = affected_documents(before.tables, [one.correction for one in history])
    if before.tables.is_sample:
        read = [sample_tables(corrections)] if concerned else []
        return _publish_reread(store, before, read, list(concerned.values()), [], change)
    read, files = [], []
    missing: list[tuple[str, str]] = []
    for document, file in concerned.items():
        raw = store.raw_document(document)
        if raw is None:
            missing.append((file, _("fichier d'origine non conservé : réimportez-le")))
            continue
        try:
            read.append(read_again(raw, corrections).tables)
            files.append(file)
        except AtlasError as error:
            missing.append((file, error.error_sentence()))
    return _publish_reread(store, before, read, files, missing, change)


def _publish_reread(
    store: Store,
    before: Snapshot,
    read: Sequence[Tables],
    files: Sequence[str],
    missing: Sequence[tuple[str, str]],
    change: DecisionChange | None,
) -> ApplicationResult:
    snapshot = before
    if read:
        beside = PublicationExtras(change=change or DecisionChange())
        snapshot = store.add_documents(read, _(APPLIED), extras=beside)
    return ApplicationResult(snapshot, snapshot.hash != before.hash, tuple(files), tuple(missing))


def read_again(raw: RawFile, corrections: CorrectionLookup) -> IngestBatch:
    """A kept file, read as it was the first time, with the decisions given."""
    said = ReadAs.from_dict(raw.read_as)
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(said.file).name
        path.write_bytes(raw.content)
        if said.context:
            return read_context(
                said.context,
                path,
                as_of=said.as_of,
                frame=said.frame,
                column_map=said.column_map,
                corrections=corrections,
                rates=UserRates.from_rows(said.rates),
            )
        return ingest_file(
            path,
            source=said.source,
            as_of=said.as_of,
            frame=said.frame,
            column_map=said.column_map,
            corrections=corrections,
            rates=UserRates.from_rows(said.rates),
            controls=totals_from_rows(said.controls),
        )
