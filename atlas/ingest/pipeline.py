"""From a file to tables: the one way that every source goes through.

A reader opens the file, a source says what is written (`Reading`), and
`atlas.ingest.normalising` makes tables of it, held against the contract before anyone sees
them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from atlas.corrections import NO_CORRECTIONS, CorrectionLookup
from atlas.geo.frames import check_frame
from atlas.i18n import N_, _
from atlas.ingest.control_totals import PublishedTotal, totals_as_rows, with_published_totals
from atlas.ingest.files.admission import unusable_error
from atlas.ingest.files.packages import first_names
from atlas.ingest.files.readers import read_column_map, read_document
from atlas.ingest.files.workbooks import release_memory
from atlas.ingest.money import NO_RATES, UserRates
from atlas.ingest.normalising import rare_garbage_collection, tables_of_records
from atlas.ingest.progress import ReadingPhase, report_progress
from atlas.ingest.reading import Document, Finding, ReadAs, Reading
from atlas.ingest.report import report_of
from atlas.ingest.sources import Options
from atlas.ingest.sources.registry import CERTAIN, check_source, recognised_source, source_named
from atlas.ingest.table_detection import detected_tables
from atlas.ingest.tables.row_countries import is_division_abroad
from atlas.model import UNPLACED, Kind, Reader, Tables

if TYPE_CHECKING:
    from atlas.ingest.table_detection import DetectedTable


@dataclass(frozen=True)
class IngestBatch:
    """One file, read and made into tables.

    Attributes
    ----------
    tables
        What a snapshot takes.
    document, reading
        What the reader and the source said, without the records; without the sheets, too,
        where the caller had no use for them.
    path
        Where the file lies, for keeping its bytes.
    read_as
        What it was read with, for reading it again.
    detected_tables
        The tables found in it, where the caller shows them and has no use for the sheets.
    """

    tables: Tables
    document: Document
    reading: Reading
    path: Path
    read_as: ReadAs
    detected_tables: tuple[DetectedTable, ...] = ()

    def report(self) -> dict[str, Any]:
        """The file's entry in ``atlas ingest --json``, see `atlas.ingest.report`."""
        return report_of(self.tables)

    def with_sheets(self) -> Document:
        """The document with its sheets, read again from the file where they were let go."""
        return self.document if self.document.sheets else read_document(self.path)


def _no_columns(_document: Document) -> None:
    return None


def ingest_file(
    path: Path | str,
    *,
    source: str = "auto",
    as_of: date | None = None,
    frame: str | None = None,
    column_map: Mapping[str, str] | Path | None = None,
    corrections: CorrectionLookup | None = None,
    rates: UserRates = NO_RATES,
    controls: Sequence[PublishedTotal] = (),
    keep_sheets: bool = True,
    show_columns: bool = False,
    read: Callable[[Path], Document] = read_document,
    columns_said: Callable[[Document], Mapping[str, str] | None] = _no_columns,
) -> IngestBatch:
    """Read one file into tables; publishes nothing.

    Parameters
    ----------
    source, as_of, frame, column_map
        What the person says of it (`atlas.ingest.sources.Options`); the map may be a file.
    corrections, rates, controls
        Decisions about places, a person's own rates, published totals to hold it against.
    keep_sheets, show_columns
        Whether the batch holds the file's cells, and says what its columns were read as.
    read, columns_said
        Where reading may have begun, and what was said before of a document's columns.

    Raises
    ------
    UnusableFileError, UsageError
        No source recognises it or it cannot be read; no such source, découpage or field.
    """
    options = _checked_options(source, as_of, frame, column_map, rates)
    report_progress(ReadingPhase.OPENING)
    document = read(Path(path))
    report_progress(ReadingPhase.COLUMNS)
    options = options if options.column_map else replace(options, column_map=columns_said(document))
    reading = _read_with_source(document, source, options)
    said = source, as_of, frame, options.column_map, "", rates.rows(), totals_as_rows(controls)
    read_as = ReadAs(document.file, *said)
    found = _tables_detected(document, read_as, str(reading.reader)) if show_columns else ()
    document = document if keep_sheets else replace(document, sheets=())
    records, reading = deque(reading.records), reading._replace(records=())
    tables = tables_of_records(reading, records, document, corrections or NO_CORRECTIONS, rates)
    if source == "auto" and reading.reader != Reader.EXCHANGE:
        _check_is_a_list_of_mali(document, tables)
    release_memory()
    whole = with_published_totals(tables, controls)
    return IngestBatch(whole, document, reading, Path(path), read_as, found)


_KNOWN_WORDS = frozenset({"place_contradiction", "place_ambiguous", "place_exclusion_open"})
"""Findings of places whose words are known, though not where they are."""
_FEW_PLACES = 3
"""Places of a list below which nothing is concluded from none of them being known."""
_TOP = 15
"""Rows among which the headings of a list stand."""
_FACILITY = re.compile(
    r"(?:cscom|cs ?ref|csref|csr[ée]f|cscr|ps|poste|centre|h[ôo]pital|dispensaire|maternit[ée]|"
    r"clinique|cabinet|[ée]cole|lyc[ée]e|coll[èe]ge|m[ée]dersa|forage|puits|aep|pharmacie)\b",
    re.IGNORECASE,
)


def _check_is_a_list_of_mali(document: Document, tables: Tables) -> None:
    """Hold back what was recognised by itself and is likely no list of activities in Mali.

    Raises
    ------
    UnusableFileError
        None of its places is known, or what stands for organisations are facilities.
    """
    written = tables.placements.filter(pl.col("raw") != "")
    unplaced = written.filter(pl.col("unit_id") == UNPLACED)
    unknown = unplaced["raw"].unique(maintain_order=True).to_list()
    remedy = _("Si c'est bien une liste du Mali, dites sa source (--source ngo).")
    heading = _division_abroad(document)
    if heading and 2 * len(unknown) > written["raw"].n_unique():
        why = _(
            "ses lieux sont dits « {heading} », la plupart inconnus au Mali : {places}",
            heading=heading,
            places=first_names(unknown),
        )
        raise unusable_error(document.file, why, remedy)
    if _KNOWN_WORDS & set(tables.findings["code"]):
        return  # some of their words are known
    if len(unknown) >= _FEW_PLACES and unplaced.height == written.height:
        why = _("aucun de ses lieux n'est connu au Mali : {places}", places=first_names(unknown))
        raise unusable_error(document.file, why, remedy)
    names = tables.activities.filter(pl.col("kind") == Kind.PRESENCE)["organisations_raw"]
    spelt = names.explode().drop_nulls().unique(maintain_order=True).to_list()
    if are_facilities(spelt):
        why = _("un registre de structures, pas d'activités : {names}", names=first_names(spelt))
        remedy = _(
            "Comptez-les par lieu et par service pour « atlas context add services » ; si ce sont "
            "des organisations, dites sa source (--source ngo)."
        )
        raise unusable_error(document.file, why, remedy)


def are_facilities(cells: Iterable[object]) -> bool:
    """Whether most of the words of a column are the names of facilities.

    Examples
    --------
    >>> are_facilities(["CSCOM de Ber", "École A"]), are_facilities(["ONG Alpha", None])
    (True, False)
    """
    words = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return sum(bool(_FACILITY.match(word.strip())) for word in words) > len(words) / 2


def _division_abroad(document: Document) -> str:
    """Heading of a column of divisions that Mali has not; "" where there is none."""
    heads = (row for sheet in document.sheets for row in sheet.rows[:_TOP])
    texts = (cell for row in heads for cell in row if isinstance(cell, str))
    return next((text.strip() for text in texts if is_division_abroad(text)), "")


def _checked_options(
    source: str,
    as_of: date | None,
    frame: str | None,
    column_map: Mapping[str, str] | Path | None,
    rates: UserRates,
) -> Options:
    """What the person says of a file, once it is known to make sense."""
    if frame is not None:
        check_frame(frame)
    if isinstance(column_map, Path):
        column_map = read_column_map(column_map)
    check_source(source)
    return Options(as_of, frame, column_map, rates)


def _tables_detected(document: Document, read_as: ReadAs, reader: str) -> tuple[DetectedTable, ...]:
    """The tables of a document that is none of prose."""
    shown = document.text is None and reader != Reader.EXCHANGE  # its columns are no question
    return tuple(detected_tables(document, read_as, reader)) if shown else ()


def _read_with_source(document: Document, source: str, options: Options) -> Reading:
    """What the source named, or the one that recognises the document, says of it."""
    chosen = None if source == "auto" else source_named(source)
    module, sure = (chosen, 1.0) if chosen else recognised_source(document)
    with rare_garbage_collection():
        reading = module.read(document, options)
    if not (reading.records or reading.outcomes or reading.control_totals or reading.context):
        why = _("aucune ligne de données sous les en-têtes")
        raise unusable_error(document.file, why, _("Vérifiez que c'est le bon fichier."))
    if sure < CERTAIN:
        reason = N_("liste de projets qui ne nomme aucun fonds")
        params = {"source": str(reading.reader), "reason": reason}
        said = Finding("source_inferred", params=params)
        reading = reading._replace(findings=(*reading.findings, said))
    return reading
