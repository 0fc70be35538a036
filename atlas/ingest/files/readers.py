"""Files → `Document`: the only place of the ingest path that opens one."""

from __future__ import annotations

import json
import tomllib
from hashlib import sha256
from pathlib import Path

from atlas.errors import UnusableFileError, one_line
from atlas.i18n import _
from atlas.ingest.files.admission import TEXTS, WORKBOOKS, admit, check_there, unusable
from atlas.ingest.files.confined import READERS, read_confined
from atlas.ingest.files.delimited import blocks, check_cells, delimited
from atlas.ingest.files.texts import decode
from atlas.ingest.files.workbooks import read_workbook
from atlas.ingest.reading import Content, Document, Sheet


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
    data = admit(path)
    digest = sha256(data).hexdigest()
    text, sheets, findings = _content(path, data, extension)
    return Document(
        document=digest[:12],
        file=one_line(path.name),
        sha256=digest,
        format=extension,
        text=text,
        sheets=sheets,
        findings=findings,
    )


def locator(document: Document, sheet: Sheet, index: int) -> str:
    """Where row ``index`` of a sheet stands, as a person finds it: ``ML_5W!12``, ``L12``."""
    return f"{locator_start(document, sheet)}{sheet.first_row + index}"


def locator_start(document: Document, sheet: Sheet) -> str:
    """What stands before the number of the row in the locators of a sheet."""
    return "L" if document.is_plain_text or not sheet.name else f"{sheet.name}!"


def _content(path: Path, data: bytes, extension: str) -> Content:
    if extension in READERS:
        return read_confined(path, data, extension)
    if extension in WORKBOOKS:
        return read_workbook(path, data)
    text, findings = decode(data)
    if extension in TEXTS:
        check_cells(path, text, "\t")
        return Content(text, tuple(blocks(text)), findings)
    check_cells(path, text, "\t" if extension == "tsv" else ";,\t|")
    rows, said = delimited(text, "\t" if extension == "tsv" else "")
    return Content(None, (Sheet("", rows),), (*findings, *said))


def read_column_map(path: Path) -> dict[str, str]:
    """Heading → field, from a TOML, JSON or two-column CSV file.

    Raises
    ------
    UnusableFileError
        Absent, or not such a mapping.
    """
    check_there(path)
    text, _findings = decode(path.read_bytes())
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
    rows, _findings = delimited(text)
    return {str(row[0]): row[1] for row in rows if len(row) > 1 and row[0]}


def _not_a_map(path: Path) -> UnusableFileError:
    why = _("ce n'est pas une table « en-tête → champ »")
    return unusable(path, why, _('Une ligne par colonne, par exemple "Intitulé" = "title".'))
