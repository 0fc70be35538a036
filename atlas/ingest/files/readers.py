"""Files → `Document`: the only place of the ingest path that opens one.

`prefetched_reader` reads a workbook while the rest of the programme loads: calamine releases the
interpreter while it unpacks one.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from hashlib import sha256
from pathlib import Path

from atlas.errors import UnusableFileError, one_line
from atlas.i18n import _
from atlas.ingest.files.admission import (
    TEXTS,
    WORKBOOKS,
    admitted_bytes,
    check_there,
    unusable_error,
)
from atlas.ingest.files.confined import READERS, read_confined
from atlas.ingest.files.plain_text import check_cells, decode_text, delimited_rows, tab_tables
from atlas.ingest.files.pulled_workbook import without_pull_sheet
from atlas.ingest.files.workbooks import read_workbook
from atlas.ingest.reading import Document, FileContent, Sheet


def read_document(path: Path | str) -> Document:
    """Read a file of any kind that partners send.

    Parameters
    ----------
    path
        A workbook (XLSX, XLSM, XLSB, XLS, ODS), a table (CSV, TSV), a text (TXT), a paper
        (DOCX, PDF), IATI activities (XML) or points (GeoJSON, GPKG).

    Returns
    -------
    Document
        Identified by the sha256 of its bytes; what was left out is said by findings.

    Raises
    ------
    UnusableFileError
        Absent, a directory, empty, too large, truncated, protected, of another kind than
        its extension says, or of a kind that is not read. One line, with the remedy.
    """
    path = Path(path)
    extension = path.suffix.lower().lstrip(".")
    data = admitted_bytes(path)
    digest = sha256(data).hexdigest()
    text, sheets, findings = _content_of(path, data, extension)
    return Document(
        document=digest[:12],
        file=one_line(path.name),
        sha256=digest,
        format=extension,
        text=text,
        sheets=sheets,
        findings=findings,
    )


def row_locator(document: Document, sheet: Sheet, index: int) -> str:
    """Where row ``index`` of a sheet stands, as a person finds it: ``ML_5W!12``, ``L12``."""
    return f"{locator_start(document, sheet)}{sheet.first_row + index}"


def locator_start(document: Document, sheet: Sheet) -> str:
    """What stands before the number of the row in the locators of a sheet."""
    return "L" if document.is_plain_text or not sheet.name else f"{sheet.name}!"


def _content_of(path: Path, data: bytes, extension: str) -> FileContent:
    if extension in READERS:
        return read_confined(path, data, extension)
    if extension in WORKBOOKS:
        return without_pull_sheet(read_workbook(path, data))
    text, findings = decode_text(data)
    if extension in TEXTS:
        check_cells(path, text, "\t")
        return FileContent(text, tuple(tab_tables(text)), findings)
    check_cells(path, text, "\t" if extension == "tsv" else ";,\t|")
    rows, said = delimited_rows(text, "\t" if extension == "tsv" else "")
    return FileContent(None, (Sheet("", rows),), (*findings, *said))


def read_column_map(path: Path) -> dict[str, str]:
    """Heading → field, from a TOML, JSON or two-column CSV file.

    Raises
    ------
    UnusableFileError
        Absent, or not such a mapping.
    """
    check_there(path)
    text, _findings = decode_text(path.read_bytes())
    try:
        found: object = _parsed_map(text, path.suffix.lower())
    except (ValueError, RecursionError) as error:
        raise _not_a_map(path) from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise _not_a_map(path)
    return {str(heading): str(field) for heading, field in found.items()}


def _parsed_map(text: str, extension: str) -> object:
    if extension == ".json":
        return json.loads(text)
    if extension == ".toml":
        found: dict[str, object] = tomllib.loads(text)
        return found.get("columns", found)
    rows, _findings = delimited_rows(text)
    return {str(row[0]): row[1] for row in rows if len(row) > 1 and row[0]}


def _not_a_map(path: Path) -> UnusableFileError:
    why = _("ce n'est pas une table « en-tête → champ »")
    return unusable_error(path, why, _('Une ligne par colonne, par exemple "Intitulé" = "title".'))


def prefetched_reader(files: Sequence[Path]) -> Callable[[Path], Document]:
    """`read_document`, which for the first of some files has begun when this returns.

    Parameters
    ----------
    files
        In the order in which they will be asked for. One file only is read ahead, so that
        two are never held at once, and only a workbook: the other readers have nothing that
        runs beside.

    Returns
    -------
    callable
        Path → document; raises what `read_document` raises, when asked for that file.
    """
    first = next(iter(files), None)
    if first is None or first.suffix.lower().lstrip(".") not in WORKBOOKS:
        return read_document
    pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
    begun = [pool.submit(copy_context().run, read_document, first)]
    pool.shutdown(wait=False)

    def read(path: Path) -> Document:
        return begun.pop().result() if begun and path == first else read_document(path)

    return read
