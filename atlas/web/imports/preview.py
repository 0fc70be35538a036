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

from atlas.corrections import Corrections
from atlas.errors import AtlasError, UnusableFileError
from atlas.findings import SEVERITIES
from atlas.i18n import _
from atlas.ingest.controls import totals_of
from atlas.ingest.files.readers import read_document
from atlas.ingest.found import FoundTable, fields_for, tables_found, unread_tables
from atlas.ingest.pipeline import Batch
from atlas.ingest.progress import Phase, tell
from atlas.ingest.reading import Document, ReadAs
from atlas.ingest.report import report_of
from atlas.ledger import CHANGE_LISTS, with_changes
from atlas.model import Reader, Tables
from atlas.review import read_again
from atlas.senders import Sender, sender_of, trouble
from atlas.store import Raw, Store
from atlas.store.decisions import Decisions
from atlas.web.imports.cells import cells_of
from atlas.web.imports.drafts import Item
from atlas.web.imports.proposals import in_force, proposed
from atlas.web.imports.told import State, Told

EXAMPLES = 25
"""Findings of one kind that are listed; the count says how many there are."""
SHOWN_ROWS = 8
MOST_CHANGES = 40


def read_item(root: Path, item: Item, told: Told) -> State:
    """Read a file as the person says; its preview and tables are written beside it.

    Returns
    -------
    State
        ``read``, or ``failed`` with the one sentence that says why.
    """
    data = item.content.read_bytes()
    tell(Phase.OPENING)
    try:
        document = _document(told, data)
    except AtlasError as error:
        item.keep(None, None)
        return State("failed", told.version, _said(error))
    sender = None if told.forgetting else sender_of(root, document)
    said = replace(told.read_as(sender), rates=Store(root).rates())
    hashed = sha256(data).hexdigest()
    decided = [one.id for one in Decisions(root).history() if one.in_force]
    remembered = _remembered(sender)
    try:
        batch = _read(data, said, in_force(root, hashed[:12], told))
    except AtlasError as error:
        found = tables_found(document, said) or unread_tables(document)
        item.keep_cells(cells_of(document, Tables.empty().rows))
        item.keep(_columns(found, said, "") | remembered if found else None, None)
        return State("failed", told.version, _said(error, open_to_answers=bool(found)))
    before = (item.preview or {}).get("proposals", ())
    questions = {"proposals": proposed(root, batch.tables, told, before)}
    shown = _shown(root, batch, said, told) | _changes(root, batch, item, told) | questions
    item.keep_cells(cells_of(batch.document, batch.tables.rows))
    item.keep(shown | remembered, batch.tables)
    read_as = batch.read_as.as_dict()
    return State("read", told.version, sha256=hashed, read_as=read_as, decided=decided)


def _remembered(sender: Sender | None) -> dict[str, Any]:
    """What was said before of this form, and in which file."""
    return {
        "remembered": dict(sender.columns) if sender else {},
        "sender": sender.name if sender else "",
    }


def _document(told: Told, data: bytes) -> Document:
    with TemporaryDirectory() as folder:
        path = Path(folder) / told.file
        path.write_bytes(data)
        return read_document(path)


def _said(error: AtlasError, *, open_to_answers: bool = False) -> str:
    """The sentence of an error, without the folder of this reading and the words to type."""
    remedy = error.remedy
    if "--" in remedy:
        remedy = (
            _("Dites ci-dessous ce que c'est : source, date, colonnes.") if open_to_answers else ""
        )
    what = re.sub(r"\S*[/\\](?=\S)", "", error.what)
    return AtlasError(what, error.why, remedy).sentence()


def _read(data: bytes, said: ReadAs, decided: Corrections) -> Batch:
    """The pipeline's reading.

    A list that no source recognises by its headings alone is an ordinary one once a person
    has said what its columns are.
    """
    try:
        return read_again(Raw(data, said.as_dict()), decided)
    except UnusableFileError:
        if said.context or said.source != "auto" or not said.column_map:
            raise
        plain = replace(said, source=str(Reader.NGO))
        return read_again(Raw(data, plain.as_dict()), decided)


def _shown(root: Path, batch: Batch, said: ReadAs, by_person: Told) -> dict[str, Any]:
    tables = batch.tables
    told = report_of(tables)
    found = tables_found(batch.document, said, told["source"])
    if batch.document.text is not None and not _is_list(told, found):
        found = []
    return {
        **_columns(found, said, told["source"]),
        **{key: told[key] for key in ("source", "as_of", "frame", "rows_read", "outcomes")},
        "activities": told["activities"],
        "title": tables.documents["title"][0],
        **{key: told[key] for key in ("unread_money", "shared_money")},
        "findings": _findings(tables.findings),
        "totals": totals_of(tables, _published(root), by_hand=len(by_person.controls)),
        "rows": _rows(tables),
        "facts": tables.context.height,
    }


def _published(root: Path) -> pl.DataFrame | None:
    """Control totals of what is published, if that is no sample."""
    now = Store(root).current()
    return None if now is None or now.tables.is_sample else now.tables.control_totals


def _changes(root: Path, batch: Batch, item: Item, told: Told) -> dict[str, Any]:
    """What publishing this file alone would add, change and leave out."""
    tell(Phase.COMPARING)
    document = batch.document.document
    replacing = [document] if told.replacing else []
    updates = Store(root).plan([batch.tables], replacing=replacing)
    (entry,) = with_changes([{"error": None, "findings": {}}], [document], updates)
    every = {key: entry[key] for key in CHANGE_LISTS}
    item.keep_changes(every)
    staying = sum(one["kept"] for one in entry["gone_activities"])
    lists = {key: found[:MOST_CHANGES] for key, found in every.items()}
    notes = [*entry["notes"], *filter(None, [trouble(root)])]
    return {"changes": entry["changes"], "notes": notes, "staying": staying, **lists}


def _is_list(told: Mapping[str, Any], found: list[FoundTable]) -> bool:
    """Whether a text is the table it holds, rather than prose with a table in it."""
    return bool(found) and 2 * sum(table.rows for table in found) >= int(told["rows_read"])


def _columns(found: list[FoundTable], said: ReadAs, reader: str) -> dict[str, Any]:
    return {"tables": [asdict(table) for table in found], "fields": fields_for(said, reader)}


def _findings(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Findings by severity and kind, the most serious and most frequent first."""
    groups = table.group_by("severity", "code", maintain_order=True).agg(
        pl.len().alias("n"), pl.struct("locator", "field", "params").head(EXAMPLES).alias("some")
    )
    rank = {severity: i for i, severity in enumerate(SEVERITIES)}
    return sorted(groups.to_dicts(), key=lambda g: (rank[g["severity"]], -g["n"], g["code"]))


def _rows(tables: Tables) -> list[dict[str, Any]]:
    """The first activities or facts as they were understood."""
    if not tables.activities.height:
        facts = tables.context.head(SHOWN_ROWS).with_columns(pl.col("as_of").cast(pl.String))
        return facts.select("unit_id", "indicator", "sector", "value", "text", "as_of").to_dicts()
    places = tables.placements.group_by("activity_id").agg(pl.col("unit_id"))
    amounts = tables.amounts.filter(kind="budget").group_by("activity_id").agg(
        pl.col("minor").sum(), pl.col("currency").first(), pl.col("usd_minor").sum()
    )  # fmt: skip
    shown = tables.activities.head(SHOWN_ROWS).join(places, on="activity_id", how="left")
    shown = shown.join(amounts, on="activity_id", how="left")
    columns = ("locator", "title", "unit_id", "sector", "status", "organisations_raw")
    dates = pl.col("start", "end").cast(pl.String)
    return shown.select(*columns, dates, "minor", "currency").to_dicts()
