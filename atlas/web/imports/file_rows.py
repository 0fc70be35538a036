"""The rows of a file as they stand, so that a finding can be held against its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from atlas.ingest.files.readers import row_locator
from atlas.ingest.reading import Document, sheet_of_locator
from atlas.ingest.tables.table_rows import as_text
from atlas.web.imports.drafts import DraftFile

LONGEST_CELL = 400
"""Letters shown of a cell."""
WINDOW_ROWS = 9
"""Rows shown at a time."""
_PLACE_FIELDS = (
    *("region", "region_code", "cercle", "cercle_code", "commune", "commune_code"),
    *("locality", "place", "lat", "lon", "country"),
)
_FIELD_GROUPS: Mapping[str, tuple[str, ...]] = {
    "place": _PLACE_FIELDS,
    "organisation": ("lead", "implementers", "donor"),
    "amount": ("budget", "committed", "spent", "amount", "value"),
    "date": ("start", "end", "period"),
}
"""Columns that a finding about one of these may speak of."""


@dataclass(frozen=True)
class RowWindow:
    """A few rows of one sheet.

    Attributes
    ----------
    sheet
        Its name, "" for a file that is one table.
    rows
        ``locator, cells, outcome`` each, in the order of the file.
    before, after
        Locators that show the rows around, or "".
    """

    sheet: str
    rows: tuple[Mapping[str, Any], ...]
    before: str
    after: str


def rows_of_document(document: Document, outcomes: pl.DataFrame) -> pl.DataFrame:
    """``locator, cells, outcome`` of every row that is not empty.

    Parameters
    ----------
    outcomes
        The table ``rows`` of the document.
    """
    located_rows = dict(_located_rows(document))
    frame = pl.DataFrame(
        {"locator": list(located_rows), "cells": list(located_rows.values())},
        schema={"locator": pl.String, "cells": pl.List(pl.String)},
    )
    fate = outcomes.select("locator", "outcome").unique("locator", keep="first")
    return frame.join(fate, on="locator", how="left", maintain_order="left")


def _located_rows(document: Document) -> Iterator[tuple[str, list[str]]]:
    if document.text is not None:
        for number, line in enumerate(document.text.split("\n"), start=1):
            if line.strip():
                yield f"L{number}", [cell[:LONGEST_CELL] for cell in line.split("\t")]
    if document.is_plain_text:
        return
    for sheet in document.sheets:
        for index, row in enumerate(sheet.rows):
            written = [as_text(cell)[:LONGEST_CELL] for cell in row]
            while written and not written[-1]:
                written.pop()
            if written:
                yield row_locator(document, sheet, index), written


def window_around(item: DraftFile, wanted: str) -> RowWindow | None:
    """The rows around one; the first ones for "", ``None`` when the file has no such row."""
    cells = item.saved_rows.with_row_index("n")
    found = cells.filter(pl.col("locator") == wanted)["n"] if wanted else cells["n"]
    if not found.len():
        return None
    sheet = sheet_of_locator(wanted or cells["locator"][0])
    sheet_rows = cells.filter(_sheet_column() == sheet).drop("n").with_row_index("n")
    at = sheet_rows.filter(pl.col("locator") == wanted)["n"][0] if wanted else 0
    first = max(0, min(at - WINDOW_ROWS // 2, sheet_rows.height - WINDOW_ROWS))
    last = min(first + WINDOW_ROWS, sheet_rows.height)
    names = sheet_rows["locator"]
    return RowWindow(
        sheet,
        tuple(sheet_rows.slice(first, WINDOW_ROWS).drop("n").to_dicts()),
        names[max(0, first - WINDOW_ROWS + WINDOW_ROWS // 2)] if first else "",
        names[min(sheet_rows.height - 1, last + WINDOW_ROWS // 2)]
        if last < sheet_rows.height
        else "",
    )


def row_of_locator(where: str) -> str:
    """Row of a locator, as a person counts it.

    Examples
    --------
    >>> row_of_locator("ML_5W!12"), row_of_locator("L12"), row_of_locator("")
    ('12', '12', '')
    """
    return where.rpartition("!")[2].removeprefix("L")


def _sheet_column() -> pl.Expr:
    return (
        pl.when(pl.col("locator").str.contains("!", literal=True))
        .then(pl.col("locator").str.replace(r"![^!]*$", ""))
        .otherwise(pl.lit(""))
    )


def headings_of_field(field: str, table: Mapping[str, Any]) -> frozenset[str]:
    """Headings of a table that a finding about this field speaks of."""
    fields = {field, *_FIELD_GROUPS.get(field, ())}
    return frozenset(
        column["heading"]
        for column in table["columns"]
        if column["field"] in fields or column["heading"] == field
    )
