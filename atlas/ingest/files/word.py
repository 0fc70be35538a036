"""Word documents → text and tables, through python-docx.

The text holds everything in the order of the document, a table row as a line with tabs, so
that a bulletin or a work plan written in Word takes the same way as its plain text. The
tables stand beside it, each under its own name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from atlas.ingest.files.admission import entities_error, too_large_error
from atlas.ingest.files.document_tables import fill_down, one_of_each, paper_content, row_as_line
from atlas.ingest.reading import FileContent, Finding, Sheet

if TYPE_CHECKING:
    from docx.table import _Cell

MAX_XML = 48 * 2**20
"""Most bytes of XML: its tree takes about ten times that."""


def read(path: Path | str, data: bytes) -> FileContent:
    """Paragraphs and tables of a DOCX.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Returns
    -------
    FileContent
        Text of paragraphs and rows; sheets "Tableau 1"…; merged cells as `fill_down` says.

    Raises
    ------
    UnusableFileError
        A part declares entities or is too large, or the document says nothing.
    """
    check_parts(path, data)

    document = docx.Document(BytesIO(data))
    lines: list[str] = []
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            lines += block.text.split("\n")
        elif isinstance(block, Table):
            name = f"Tableau {len(sheets) + 1}"
            rows, said = fill_down(name, *_rows_of_table(block))
            lines += [row_as_line(row) for row in rows]
            sheets.append(Sheet(name, rows))
            findings += said
    return paper_content(path, lines, sheets, findings)


def _rows_of_table(table: Table) -> tuple[list[list[object]], list[tuple[int, int, int]]]:
    """Cells of a table, and where they were merged downwards: (column, first, last row)."""
    grid = [list(row.cells) for row in table.rows]
    once = {id(cell._tc): cell for row in grid for cell in row}  # merged cells stand in many
    texts = {one: _cell_text(cell) for one, cell in once.items()}
    rows = [one_of_each([(id(cell._tc), texts[id(cell._tc)]) for cell in row]) for row in grid]
    spans: dict[tuple[int, int], tuple[int, int]] = {}  # column and cell → first, last row
    for index, row in enumerate(grid):
        ids = [id(cell._tc) for cell in row]
        for column, one in enumerate(ids):
            if one in ids[:column]:
                continue
            first, _last = spans.get((column, one), (index, index))
            spans[column, one] = (first, index)
            if first < index:
                rows[index][column] = None
    merged = [(column, a, b) for (column, _one), (a, b) in spans.items() if b > a]
    return rows, merged


def _cell_text(cell: _Cell) -> str | None:
    """Words of a cell; the rows of a table within it are lines, for they are part of it."""
    within = (row_as_line(row) for table in cell.tables for row in _rows_of_table(table)[0])
    return "\n".join(filter(None, (cell.text.strip(), *within))) or None


def check_parts(path: Path | str, data: bytes) -> None:
    """Raise when the XML parts declare entities, or are more than their tree could hold."""
    read = 0
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for part in _xml_parts(archive):
            with archive.open(part) as file:
                content = file.read()
            read += len(content)
            if read > MAX_XML:
                raise too_large_error(path, MAX_XML)
            if b"<!DOCTYPE" in content:
                raise entities_error(path)


def _xml_parts(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    return (part for part in archive.infolist() if part.filename.endswith((".xml", ".rels")))
