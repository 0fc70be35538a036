"""Read one file of a draft, and write down what a person must see of it before publishing.

The reading is the pipeline's own, with the decisions in force and the proposals accepted here.
Codes and ids are kept; the page says them in its language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from atlas.corrections import CorrectionLookup
from atlas.errors import AtlasError, UnusableFileError
from atlas.findings import SEVERITIES
from atlas.i18n import _
from atlas.import_changes import CHANGE_LISTS, with_changes
from atlas.ingest.control_totals import control_totals_of
from atlas.ingest.files.readers import read_document
from atlas.ingest.pipeline import IngestBatch
from atlas.ingest.progress import ReadingPhase, report_progress
from atlas.ingest.reading import Document, ReadAs
from atlas.ingest.report import report_of
from atlas.ingest.table_detection import DetectedTable, detected_tables, fields_for, unread_tables
from atlas.model import Reader, Tables
from atlas.review import read_again
from atlas.senders import SenderForm, saved_columns_trouble, sender_of_document
from atlas.store import RawFile, Store
from atlas.store.decisions import WordingDecisions
from atlas.web.imports.drafts import DraftFile, FileAnswers, ReadingState
from atlas.web.imports.file_rows import rows_of_document
from atlas.web.imports.publication import corrections_in_force, proposed_questions

MOST_EXAMPLES = 25
"""Findings of one kind that are listed; the count says how many there are."""
MOST_PREVIEW_ROWS = 8
MOST_CHANGES = 40


def read_draft_file(root: Path, item: DraftFile, answers: FileAnswers) -> ReadingState:
    """Read a file as the person says; its preview and tables are written beside it.

    Returns
    -------
    ReadingState
        ``read``, or ``failed`` with the one sentence that says why.
    """
    data = item.content.read_bytes()
    report_progress(ReadingPhase.OPENING)
    try:
        document = _document_of_bytes(answers, data)
    except AtlasError as error:
        item.save_reading(None, None)
        return ReadingState("failed", answers.version, _error_sentence(error))
    sender = None if answers.forgetting else sender_of_document(root, document)
    settings = replace(answers.pipeline_settings(sender), rates=Store(root).kept_rates())
    hashed = sha256(data).hexdigest()
    decided = [one.id for one in WordingDecisions(root).all_decisions() if one.in_force]
    remembered = _remembered_columns(sender)
    try:
        batch = _read_batch(data, settings, corrections_in_force(root, hashed[:12], answers))
    except AtlasError as error:
        found = detected_tables(document, settings) or unread_tables(document)
        item.save_rows(rows_of_document(document, Tables.empty().rows))
        item.save_reading(
            _columns_content(found, settings, "") | remembered if found else None, None
        )
        return ReadingState(
            "failed", answers.version, _error_sentence(error, open_to_answers=bool(found))
        )
    before = (item.saved_preview or {}).get("proposals", ())
    questions = {"proposals": proposed_questions(root, batch.tables, answers, before)}
    shown = (
        _preview_content(root, batch, settings, answers)
        | _publication_changes(root, batch, item, answers)
        | questions
    )
    item.save_rows(rows_of_document(batch.document, batch.tables.rows))
    item.save_reading(shown | remembered, batch.tables)
    read_as = batch.read_as.as_dict()
    return ReadingState("read", answers.version, sha256=hashed, read_as=read_as, decided=decided)


def _remembered_columns(sender: SenderForm | None) -> dict[str, Any]:
    """What was said before of this form, and in which file."""
    return {
        "remembered": dict(sender.columns) if sender else {},
        "sender": sender.name if sender else "",
    }


def _document_of_bytes(answers: FileAnswers, data: bytes) -> Document:
    with TemporaryDirectory() as folder:
        path = Path(folder) / answers.file
        path.write_bytes(data)
        return read_document(path)


def _error_sentence(error: AtlasError, *, open_to_answers: bool = False) -> str:
    """The sentence of an error, without the folder of this reading and the words to type."""
    remedy = error.remedy
    if "--" in remedy:
        remedy = (
            _("Dites ci-dessous ce que c'est : source, date, colonnes.") if open_to_answers else ""
        )
    what = re.sub(r"\S*[/\\](?=\S)", "", error.what)
    return AtlasError(what, error.why, remedy).error_sentence()


def _read_batch(data: bytes, read_as: ReadAs, decided: CorrectionLookup) -> IngestBatch:
    """The pipeline's reading.

    A list that no source recognises by its headings alone is an ordinary one once a person
    has said what its columns are.
    """
    try:
        return read_again(RawFile(data, read_as.as_dict()), decided)
    except UnusableFileError:
        if read_as.context or read_as.source != "auto" or not read_as.column_map:
            raise
        plain = replace(read_as, source=str(Reader.NGO))
        return read_again(RawFile(data, plain.as_dict()), decided)


def _preview_content(
    root: Path, batch: IngestBatch, read_as: ReadAs, by_person: FileAnswers
) -> dict[str, Any]:
    tables = batch.tables
    report = report_of(tables)
    found = detected_tables(batch.document, read_as, report["source"])
    if batch.document.text is not None and not _is_table_text(report, found):
        found = []
    return {
        **_columns_content(found, read_as, report["source"]),
        **{key: report[key] for key in ("source", "as_of", "frame", "rows_read", "outcomes")},
        "activities": report["activities"],
        "title": tables.documents["title"][0],
        **{key: report[key] for key in ("unread_money", "shared_money")},
        "findings": _finding_groups(tables.findings),
        "totals": control_totals_of(
            tables, _published_controls(root), by_hand=len(by_person.controls)
        ),
        "rows": _preview_rows(tables),
        "facts": tables.context.height,
    }


def _published_controls(root: Path) -> pl.DataFrame | None:
    """Control totals of what is published, if that is no sample."""
    now = Store(root).current_snapshot()
    return None if now is None or now.tables.is_sample else now.tables.control_totals


def _publication_changes(
    root: Path, batch: IngestBatch, item: DraftFile, answers: FileAnswers
) -> dict[str, Any]:
    """What publishing this file alone would add, change and leave out."""
    report_progress(ReadingPhase.COMPARING)
    document = batch.document.document
    replacing = [document] if answers.replacing else []
    updates = Store(root).planned_updates([batch.tables], replacing=replacing)
    (entry,) = with_changes([{"error": None, "findings": {}}], [document], updates)
    every = {key: entry[key] for key in CHANGE_LISTS}
    item.save_changes(every)
    staying = sum(one["kept"] for one in entry["gone_activities"])
    lists = {key: found[:MOST_CHANGES] for key, found in every.items()}
    notes = [*entry["notes"], *filter(None, [saved_columns_trouble(root)])]
    return {"changes": entry["changes"], "notes": notes, "staying": staying, **lists}


def _is_table_text(report: Mapping[str, Any], found: list[DetectedTable]) -> bool:
    """Whether a text is the table it holds, rather than prose with a table in it."""
    return bool(found) and 2 * sum(table.rows for table in found) >= int(report["rows_read"])


def _columns_content(found: list[DetectedTable], read_as: ReadAs, reader: str) -> dict[str, Any]:
    return {"tables": [asdict(table) for table in found], "fields": fields_for(read_as, reader)}


def _finding_groups(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Findings by severity and kind, the most serious and most frequent first."""
    groups = table.group_by("severity", "code", maintain_order=True).agg(
        pl.len().alias("n"),
        pl.struct("locator", "field", "params").head(MOST_EXAMPLES).alias("some"),
    )
    rank = {severity: i for i, severity in enumerate(SEVERITIES)}
    return sorted(groups.to_dicts(), key=lambda g: (rank[g["severity"]], -g["n"], g["code"]))


def _preview_rows(tables: Tables) -> list[dict[str, Any]]:
    """The first activities or facts as they were understood."""
    if not tables.activities.height:
        facts = tables.context.head(MOST_PREVIEW_ROWS).with_columns(pl.col("as_of").cast(pl.String))
        return facts.select("unit_id", "indicator", "sector", "value", "text", "as_of").to_dicts()
    places = tables.placements.group_by("activity_id").agg(pl.col("unit_id"))
    amounts = tables.amounts.filter(kind="budget").group_by("activity_id").agg(
        pl.col("minor").sum(), pl.col("currency").first(), pl.col("usd_minor").sum()
    )  # fmt: skip
    shown = tables.activities.head(MOST_PREVIEW_ROWS).join(places, on="activity_id", how="left")
    shown = shown.join(amounts, on="activity_id", how="left")
    columns = ("locator", "title", "unit_id", "sector", "status", "organisations_raw")
    dates = pl.col("start", "end").cast(pl.String)
    return shown.select(*columns, dates, "minor", "currency").to_dicts()
