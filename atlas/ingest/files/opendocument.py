"""What calamine leaves out of an ODS: merged and hidden cells, pivots, currencies."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.ingest.files.admission import entities
from atlas.ingest.files.delimited import MAX_COLUMNS, MAX_ROWS, too_many_cells
from atlas.ingest.files.packages import MAX_AREA, Area, Package, SheetLook, area_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def examine_content(path: Path | str, data: bytes) -> Package:
    """Merged cells, pivot tables and looks of an ODS whose sheets are of a bearable size.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Raises
    ------
    UnusableFileError
        The content declares entities, or a sheet is too large with its repeated cells.
    """
    from defusedxml.common import DefusedXmlException

    try:
        return _examined(path, data)
    except DefusedXmlException as error:
        raise entities(path) from error


def _examined(path: Path | str, data: bytes) -> Package:
    from defusedxml.ElementTree import iterparse

    merged: dict[str, list[tuple[int, int, int]]] = {}
    pivots: dict[str, tuple[Area, ...]] = {}
    looks: dict[str, SheetLook] = {}
    name, row, column, width = "", 0, 0, 0
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("content.xml") as content:
        for event, element in iterparse(content, events=("start", "end")):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    name, row, column, width = element.get(f"{_TABLE}name", ""), 0, 0, 0
                    looks[name] = SheetLook.empty()
                continue
            if element.tag == f"{_TABLE}table-column":
                repeated = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
                if _is_hidden(element):
                    last = min(column + repeated, MAX_COLUMNS)
                    looks[name].hidden_columns.extend(range(column, last))
                column += repeated
            elif element.tag == f"{_TABLE}table-row":
                if areas := _merged(element, row):
                    merged.setdefault(name, []).extend(areas)
                _add_look(looks[name], element, row)
                row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                reach = _reach(element)
                width = max(width, reach)
                if reach and row * width > MAX_AREA:
                    raise too_many_cells(path, row * width, name)
                element.clear()
            elif element.tag == f"{_TABLE}data-pilot-table":
                _pivot(element.get(f"{_TABLE}target-range-address", ""), pivots)
    return Package(pivots, merged=merged, looks=looks)


def _is_hidden(element: Element) -> bool:
    return element.get(f"{_TABLE}visibility", "visible") != "visible"


def _add_look(look: SheetLook, row: Element, number: int) -> None:
    """Note whether a row with cells is hidden, and which of its numbers show a currency."""
    if not _reach(row):
        return
    repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
    numbers = range(number, number + min(repeated, MAX_ROWS))
    if _is_hidden(row):
        look.hidden_rows.extend(numbers)
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        many = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if code := cell.get(f"{_OFFICE}currency"):
            for at in range(column, column + min(many, MAX_COLUMNS)):
                for one in numbers:
                    look.add_currency(one, at, code)
        column += many


def _reach(row: Element) -> int:
    """Columns up to the last filled cell of a row; the empty ones after it do not count."""
    column = reach = 0
    for cell in row:
        if cell.tag in _CELLS:
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            reach = column if len(cell) else reach
    return reach


def _merged(row: Element, number: int) -> list[tuple[int, int, int]]:
    column = 0
    found = []
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        spanned = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
        if spanned > 1:
            found.append((column, number, number + spanned - 1))
        column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    return found


def _pivot(target: str, pivots: dict[str, tuple[Area, ...]]) -> None:
    """Add the area of a pivot, written ``'Sheet 1'.A3:'Sheet 1'.C20``."""
    name, _dot, _cells = target.partition(".")
    name = name.strip("'$").replace("''", "'")
    area = area_of(target.replace(name, ""))
    if area:
        pivots[name] = (*pivots.get(name, ()), area)
