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

from atlas.corrections import Correction, Corrections, Scope
from atlas.errors import AtlasError, UnusableFileError
from atlas.findings import SEVERITIES
from atlas.geo.frames import frames
from atlas.i18n import _
from atlas.ingest.found import FoundTable, fields_for, tables_found, unread_tables
from atlas.ingest.pipeline import Batch
from atlas.ingest.readers import read_document
from atlas.ingest.reading import Document, ReadAs
from atlas.ingest.report import report_of
from atlas.ledger import with_changes
from atlas.model import Reader, Tables
from atlas.review import queue, read_again
from atlas.senders import sender_of
from atlas.store import Raw, Store
from atlas.store.decisions import Decisions
from atlas.web.imports.drafts import Item, State, Told, changed_at_of

EXAMPLES = 25
"""Findings of one kind that are listed; the count says how many there are."""
SHOWN_ROWS = 8
MOST_CHANGES = 40
MOST_PLACES = 30
"""Places proposed for decision, the most frequent first."""


def read_item(root: Path, item: Item, told: Told) -> State:
    """Read a file as the person says; its preview and tables are written beside it.

    Returns
    -------
    State
        ``read``, or ``failed`` with the one sentence that says why.
    """
    data = item.content.read_bytes()
    try:
        document = _document(told, data)
    except AtlasError as error:
        item.keep(None, None)
        return State("failed", told.version, _said(error))
    sender = sender_of(root, document)
    remembered = dict(sender.columns) if sender else {}
    said = replace(told.read_as(sender), rates=Store(root).rates())
    hashed = sha256(data).hexdigest()
    try:
        batch = _read(data, said, _decided(root, hashed[:12], told))
    except AtlasError as error:
        found = tables_found(document, said) or unread_tables(document)
        shown = _columns(found, said, "") | {"remembered": remembered}
        item.keep(shown if found else None, None)
        return State("failed", told.version, _said(error, open_to_answers=bool(found)))
    shown = _shown(root, batch, said) | _changes(root, batch, told)
    item.keep(shown | {"remembered": remembered}, batch.tables)
    return State("read", told.version, "", hashed, batch.read_as.as_dict())


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


def _decided(root: Path, document: str, told: Told) -> Corrections:
    own = [Correction(*pair, Scope.DOCUMENT, document) for pair in told.places.items()]
    return Corrections.of([*Decisions(root).in_force().entries, *own])


def _shown(root: Path, batch: Batch, said: ReadAs) -> dict[str, Any]:
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
        "findings": _findings(tables.findings),
        "totals": tables.control_totals.to_dicts(),
        "rows": _rows(tables),
        "facts": tables.context.height,
        "places": _places(root, tables),
    }


def _changes(root: Path, batch: Batch, told: Told) -> dict[str, Any]:
    """What publishing this file alone would add, change and leave out."""
    document = batch.document.document
    replacing = [document] if told.replacing else []
    modified = changed_at_of([(document, told)])
    updates = Store(root).plan([batch.tables], replacing=replacing, modified=modified)
    (entry,) = with_changes([{"error": None, "findings": {}}], [document], updates)
    lists = {key: entry[key][:MOST_CHANGES] for key in ("changed_fields", "gone_activities")}
    staying = sum(one["kept"] for one in entry["gone_activities"])
    return {"changes": entry["changes"], "notes": entry["notes"], "staying": staying, **lists}


def _is_list(told: Mapping[str, Any], found: list[FoundTable]) -> bool:
    """Whether a text is the table it holds, rather than prose with a table in it."""
    return bool(found) and 2 * sum(table.rows for table in found) >= int(told["rows_read"])


def _columns(found: list[FoundTable], said: ReadAs, reader: str) -> dict[str, Any]:
    return {"tables": [asdict(table) for table in found], "fields": fields_for(said, reader)}


def _findings(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Findings by severity and kind, the most serious and most frequent first."""
    groups = table.group_by("severity", "code").agg(
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


def _places(root: Path, tables: Tables) -> list[dict[str, Any]]:
    """Places a person may settle now: the wording, how often, and the likeliest unit."""
    proposed = []
    for entry in queue(tables, Decisions(root).in_force())[:MOST_PLACES]:
        if entry.candidates and entry.decision is None:
            proposed.append(
                {
                    "wording": entry.wording,
                    "count": entry.count,
                    "locators": entry.locators[:3],
                    "units": [[c.unit_id, _where(c.unit_id)] for c in entry.candidates],
                }
            )
    return proposed


def _where(unit_id: str) -> str:
    """``Dourou (commune, Mopti)``."""
    unit = frames().unit(unit_id)
    region = frames().ancestor(unit_id, "region")
    if region is None or region == unit_id:
        return unit.name
    return f"{unit.name} ({unit.level}, {frames().label(region)})"
