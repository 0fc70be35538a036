"""What calamine does not say of an OpenDocument sheet: merged cells and pivot tables."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.ingest.files.admission import entities
from atlas.ingest.files.delimited import too_many_cells
from atlas.ingest.files.packages import MAX_AREA, Area, area_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


@dataclass
class Shapes:
    """By sheet: cells merged downwards (column, first, last row) and areas of pivots."""

    merged: dict[str, list[tuple[int, int, int]]]
    pivots: dict[str, tuple[Area, ...]]


def shapes_of(path: Path | str, data: bytes) -> Shapes:
    """Merged cells and pivot tables of an ODS whose sheets are of a bearable size.

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
        return _shapes(path, data)
    except DefusedXmlException as error:
        raise entities(path) from error


def _shapes(path: Path | str, data: bytes) -> Shapes:
    from defusedxml.ElementTree import iterparse

    shapes = Shapes({}, {})
    name, row, width = "", 0, 0
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("content.xml") as content:
        for event, element in iterparse(content, events=("start", "end")):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    name, row, width = element.get(f"{_TABLE}name", ""), 0, 0
                continue
            if element.tag == f"{_TABLE}table-row":
                merged = _merged(element, row)
                if merged:
                    shapes.merged.setdefault(name, []).extend(merged)
                row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                reach = _reach(element)
                width = max(width, reach)
                if reach and row * width > MAX_AREA:
                    raise too_many_cells(path, row * width, name)
                element.clear()
            elif element.tag == f"{_TABLE}data-pilot-table":
                _pivot(element.get(f"{_TABLE}target-range-address", ""), shapes)
    return shapes


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


def _pivot(target: str, shapes: Shapes) -> None:
    """Add the area of a pivot, written ``'Sheet 1'.A3:'Sheet 1'.C20``."""
    name, _dot, _cells = target.partition(".")
    name = name.strip("'$").replace("''", "'")
    area = area_of(target.replace(name, ""))
    if area:
        shapes.pivots[name] = (*shapes.pivots.get(name, ()), area)
