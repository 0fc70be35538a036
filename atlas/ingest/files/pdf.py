"""PDF → text and tables, through pdfplumber.

As with Word, the text holds everything from top to bottom, a table row as a line with tabs,
and the tables stand beside it. A table that goes on over a page is one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfplumber

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.files.admission import protected_error, unusable_error
from atlas.ingest.files.document_tables import fill_down, paper_content, row_as_line
from atlas.ingest.reading import FileContent, Finding, Sheet

NEAR = 3.0
"""Points (1/72 inch) by which the edges of two parts of one table may differ."""
RUNNING_HEAD = 2
"""Lines that may stand above a table that goes on from the page before."""

Row = list[object]


@dataclass
class _PageTable:
    """A table as far as it has been read."""

    edges: tuple[float, float]
    first_page: int
    last_page: int
    rows: list[Row] = dataclass_field(default_factory=list)
    merged: list[tuple[int, int, int]] = dataclass_field(default_factory=list)
    repeated: list[int] = dataclass_field(default_factory=list)


def read(path: Path | str, data: bytes) -> FileContent:
    """Text and tables of a PDF.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Returns
    -------
    FileContent
        Lines of all pages; sheets "Tableau 1 (p. 2-3)"…. Findings ``pages_without_text``,
        ``heading_repeated`` (a heading printed again on the next page, left out of the table),
        and those of merged cells.

    Raises
    ------
    UnusableFileError
        It is scanned (no page has text), or a password closes it.
    """
    try:
        document = pdfplumber.open(BytesIO(data))
    except Exception as error:
        if "Password" in f"{error!r} {error.__context__!r}":
            raise protected_error(path) from error
        raise
    lines: list[str] = []
    grids: list[_PageTable] = []
    blank: list[int] = []
    with document:
        for number, page in enumerate(document.pages, start=1):
            if page.chars:
                lines += _page_lines(page, number, grids)
            else:
                blank.append(number)
            page.close()
    if not lines:
        raise _scanned_error(path)
    sheets, findings = _sheets_of(grids)
    if blank:
        pages = ", ".join(map(str, blank))
        findings.insert(0, Finding("pages_without_text", params={"pages": pages}))
    return paper_content(path, lines, sheets, findings)


def _scanned_error(path: Path | str) -> UnusableFileError:
    why = _("PDF numérisé : ses pages sont des images, sans texte")
    return unusable_error(path, why, _("Demandez le fichier d'origine (tableur ou Word)."))


def _page_lines(page: Any, number: int, grids: list[_PageTable]) -> Iterator[str]:
    """Lines of a page from top to bottom; its tables join those of the pages before."""
    tables = page.find_tables()
    around = page
    for table in tables:
        around = around.outside_bbox(_box_in_page(table.bbox, page.bbox))
    lines: list[tuple[float, list[str]]] = [
        (line["top"], [line["text"]]) for line in around.extract_text_lines(return_chars=False)
    ]
    head = sum(top < min((t.bbox[1] for t in tables), default=0) for top, _text in lines)
    for index, table in enumerate(tables):
        rows: list[Row] = [[_cell_text(cell) for cell in row] for row in table.extract()]
        lines.append((table.bbox[1], [row_as_line(row) for row in rows]))
        goes_on = index == 0 and head <= RUNNING_HEAD
        _join_tables(
            grids, _PageTable((table.bbox[0], table.bbox[2]), number, number, rows), goes_on
        )
        offset = len(grids[-1].rows) - len(rows)
        grids[-1].merged += [(c, a + offset, b + offset) for c, a, b in _merged_cells(table)]
    for _top, text in sorted(lines, key=lambda line: line[0]):
        yield from text


def _box_in_page(box: Sequence[float], page: Sequence[float]) -> tuple[float, float, float, float]:
    """A table's box cut to its page: drawn edges may lie beyond."""
    x0, top, x1, bottom = box
    left, upper, right, lower = page
    return max(x0, left), max(top, upper), min(x1, right), min(bottom, lower)


def _cell_text(cell: str | None) -> str | None:
    return cell.strip() or None if cell else None


def _join_tables(grids: list[_PageTable], new: _PageTable, goes_on: bool) -> None:
    """Add a table, as a part of the one before when it is one."""
    before = grids[-1] if grids else None
    if before is None or not new.rows or not _same_form(before, new):
        grids.append(new)
        return
    repeats = new.rows[0] == before.rows[0]
    if not (repeats or goes_on):
        grids.append(new)
        return
    if repeats:
        before.repeated.append(len(before.rows))
    before.rows += new.rows
    before.last_page = new.first_page


def _same_form(before: _PageTable, new: _PageTable) -> bool:
    near = all(abs(a - b) <= NEAR for a, b in zip(before.edges, new.edges, strict=True))
    same_width = len(before.rows[0]) == len(new.rows[0]) if before.rows else False
    return before.last_page == new.first_page - 1 and near and same_width


def _merged_cells(table: Any) -> Iterator[tuple[int, int, int]]:
    """Cells of a table drawn over several rows: column, first and last row."""
    rows = table.rows
    for index, row in enumerate(rows):
        for column, box in enumerate(row.cells):
            if box is None:
                continue
            last = index
            while (
                last + 1 < len(rows)
                and rows[last + 1].cells[column] is None
                and rows[last + 1].bbox[1] < box[3] - NEAR
            ):
                last += 1
            if last > index:
                yield column, index, last


def _sheets_of(grids: Sequence[_PageTable]) -> tuple[list[Sheet], list[Finding]]:
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for number, grid in enumerate(grids, start=1):
        pages = f"{grid.first_page}-{grid.last_page}"
        if grid.first_page == grid.last_page:
            pages = str(grid.first_page)
        name = f"Tableau {number} (p. {pages})"
        rows, said = fill_down(name, grid.rows, grid.merged)
        for index in grid.repeated:
            rows[index] = [None] * len(rows[index])
            findings.append(Finding("heading_repeated", f"{name}!{index + 1}"))
        findings += said
        sheets.append(Sheet(name, rows))
    return sheets, findings
