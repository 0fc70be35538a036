"""The rows of a file as they stand, so that a finding can be held against its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from atlas.ingest.files.readers import locator
from atlas.ingest.reading import Document
from atlas.ingest.tables.rows import as_text
from atlas.web.imports.drafts import Item

LONGEST = 400
"""Letters shown of a cell."""
WINDOW = 9
"""Rows shown at a time."""
_PLACE = (
    *("region", "region_code", "cercle", "cercle_code", "commune", "commune_code"),
    *("locality", "place", "lat", "lon", "country"),
)
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "place": _PLACE,
    "organisation": ("lead", "implementers", "donor"),
    "amount": ("budget", "committed", "spent", "amount", "value"),
    "date": ("start", "end", "period"),
}
"""Columns that a finding about one of these may speak of."""


@dataclass(frozen=True)
class Window:
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


def cells_of(document: Document, outcomes: pl.DataFrame) -> pl.DataFrame:
    """``locator, cells, outcome`` of every row that is not empty.

    Parameters
    ----------
    outcomes
        The table ``rows`` of the document.
    """
    told = dict(_told(document))
    frame = pl.DataFrame(
        {"locator": list(told), "cells": list(told.values())},
        schema={"locator": pl.String, "cells": pl.List(pl.String)},
    )
    fate = outcomes.select("locator", "outcome").unique("locator", keep="first")
    return frame.join(fate, on="locator", how="left", maintain_order="left")


def _told(document: Document) -> Iterator[tuple[str, list[str]]]:
    if document.text is not None:
        for number, line in enumerate(document.text.split("\n"), start=1):
            if line.strip():
                yield f"L{number}", [cell[:LONGEST] for cell in line.split("\t")]
    if document.is_plain_text:
        return
    for sheet in document.sheets:
        for index, row in enumerate(sheet.rows):
            written = [as_text(cell)[:LONGEST] for cell in row]
            while written and not written[-1]:
                written.pop()
            if written:
                yield locator(document, sheet, index), written


def window(item: Item, wanted: str) -> Window | None:
    """The rows around one; the first ones for "", ``None`` when the file has no such row."""
    cells = item.cells.with_row_index("n")
    found = cells.filter(pl.col("locator") == wanted)["n"] if wanted else cells["n"]
    if not found.len():
        return None
    sheet = sheet_of(wanted or cells["locator"][0])
    own = cells.filter(_sheet() == sheet).drop("n").with_row_index("n")
    at = own.filter(pl.col("locator") == wanted)["n"][0] if wanted else 0
    first = max(0, min(at - WINDOW // 2, own.height - WINDOW))
    last = min(first + WINDOW, own.height)
    names = own["locator"]
    return Window(
        sheet,
        tuple(own.slice(first, WINDOW).drop("n").to_dicts()),
        names[max(0, first - WINDOW + WINDOW // 2)] if first else "",
        names[min(own.height - 1, last + WINDOW // 2)] if last < own.height else "",
    )


def sheet_of(where: str) -> str:
    """Sheet of a locator.

    Examples
    --------
    >>> sheet_of("ML_5W!12"), sheet_of("L12")
    ('ML_5W', '')
    """
    return where.rpartition("!")[0]


def row_of(where: str) -> str:
    """Row of a locator, as a person counts it.

    Examples
    --------
    >>> row_of("ML_5W!12"), row_of("L12"), row_of("")
    ('12', '12', '')
    """
    return where.rpartition("!")[2].removeprefix("L")


def _sheet() -> pl.Expr:
    return (
        pl.when(pl.col("locator").str.contains("!", literal=True))
        .then(pl.col("locator").str.replace(r"![^!]*$", ""))
        .otherwise(pl.lit(""))
    )


def columns_meant(field: str, table: Mapping[str, Any]) -> frozenset[str]:
    """Headings of a table that a finding about this field speaks of."""
    fields = {field, *_GROUPS.get(field, ())}
    return frozenset(
        column["heading"]
        for column in table["columns"]
        if column["field"] in fields or column["heading"] == field
    )
