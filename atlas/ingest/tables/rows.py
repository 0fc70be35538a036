"""Rows of the tables of a document, cell by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from atlas.i18n import N_
from atlas.ingest.files.delimited import why_misshapen, widths_of
from atlas.ingest.files.papers import as_line
from atlas.ingest.files.readers import locator_start
from atlas.ingest.parsing.amounts import decimal_sign_of
from atlas.ingest.parsing.dates import Order, order_of
from atlas.ingest.parsing.values import yes_or_no
from atlas.ingest.progress import Phase, counted
from atlas.ingest.reading import Document, Finding, Sheet
from atlas.ingest.tables.columns import ALTERNATIVE, Column, Layout, find_layout
from atlas.ingest.tables.parting import sheets_of
from atlas.ingest.tables.units import with_unit_above

DATED = ("start", "end", "period", "reported")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


class Row(NamedTuple):
    """One row of data: what each field's cells hold."""

    locator: str
    sheet: str
    number: int
    values: Sequence[object]
    columns: Mapping[str, tuple[Column, ...]]
    month_first: frozenset[str] = frozenset()
    """Fields whose dates are month, day, year."""
    decimal_sign: str = ""
    """The decimal sign that the amounts of the table show; ``""`` where they leave it open."""

    def value(self, field: str) -> object:
        """First cell of the field that holds something."""
        return next((value for _column, value in self.filled(field)), None)

    def filled(self, field: str) -> Iterator[tuple[Column, object]]:
        """Columns of the field that hold something in this row, and their cells."""
        for column in self.columns.get(field, ()):
            value = self.values[column.index] if column.index < len(self.values) else None
            if value is not None and value != "":
                yield column, value

    def text(self, field: str) -> str:
        """The first filled cell as text, spaces tidied; ``""`` when there is none."""
        return as_text(self.value(field))

    def texts(self, field: str) -> list[str]:
        """Every filled cell of the field as text."""
        return [" ".join(lines) for _column, lines in self._written(field)]

    def items(self, field: str) -> list[str]:
        """Every filled cell of the field, its lines parted by ``;``: a line is an item."""
        return [" ; ".join(lines) for _column, lines in self._written(field)]

    def headed(self, field: str) -> list[tuple[str, object]]:
        """Heading and value of every filled cell of the field."""
        return [(column.heading, self.values[column.index]) for column, _ in self._written(field)]

    def _written(self, field: str) -> Iterator[tuple[Column, list[str]]]:
        for column in self.columns.get(field, ()):
            value = self.values[column.index] if column.index < len(self.values) else None
            if column.says:
                value = column.says if yes_or_no(value) else None
            if lines := _lines(value):
                yield column, lines

    def column(self, field: str) -> Column | None:
        """The column that `value` took the field from, else the first of it."""
        columns = self.columns.get(field, ())
        return next((column for column, _value in self.filled(field)), next(iter(columns), None))


@dataclass(frozen=True)
class Table:
    """A sheet with a layout: its rows of data."""

    document: Document
    sheet: Sheet
    layout: Layout
    month_first: str = ""
    """A date of the list that makes all its dates month, day, year; ``""`` without one."""

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of its columns."""
        repeated = [Finding("cells_repeat", params={"n": self._repeating})] * bool(self._repeating)
        return (*self.layout.findings, *self._dates[1], *repeated)

    @cached_property
    def _repeating(self) -> int:
        """How many rows have a cell that stands for the one above it ("Idem")."""
        rows = self.sheet.rows[self.layout.first :]
        return sum(not _DITTO.isdisjoint(row) for row in rows)

    @cached_property
    def orders(self) -> tuple[tuple[Column, Order], ...]:
        """Its columns of dates, with the order of day and month that each shows by itself."""
        rows = self.sheet.rows[self.layout.first :]
        return tuple(
            (column, order_of(row[column.index] for row in rows if column.index < len(row)))
            for column in self.layout.columns
            if column.field in DATED
        )

    @cached_property
    def _dates(self) -> tuple[frozenset[str], tuple[Finding, ...]]:
        """Fields whose dates are month, day, year, and what is said of them."""
        if self.month_first:  # the whole list, by one date that allows no other order
            named = ", ".join(column.heading for column, _order in self.orders)
            said = Finding("column_month_first", params={"column": named, "raw": self.month_first})
            return frozenset(column.field for column, _order in self.orders), (said,)
        found: set[str] = set()
        findings: list[Finding] = []
        for column, order in self.orders:
            params: dict[str, object] = {"column": column.heading}
            if order.is_month_first:
                found.add(column.field)
                params["raw"] = order.month_first
                findings.append(Finding("column_month_first", field=column.heading, params=params))
            elif order.month_first:
                params |= {"day_first": order.day_first, "month_first": order.month_first}
                findings.append(Finding("column_orders_mixed", field=column.heading, params=params))
        return frozenset(found), tuple(findings)

    @cached_property
    def _decimal_sign(self) -> str:
        indices = [column.index for column in self.layout.columns if column.field in ALTERNATIVE]
        rows = self.sheet.rows[self.layout.first :] if indices else ()
        return decimal_sign_of(row[i] for row in rows for i in indices if i < len(row))

    def rows(self) -> Iterator[Row]:
        """Rows of data that hold anything; blank ones are not counted as read."""
        columns = self.by_field()
        for number, values in self.numbered():
            if not is_blank(values):
                yield self.row(number, values, columns)

    @cached_property
    def _widths(self) -> tuple[int, int]:
        return widths_of(self.sheet.rows[: self.layout.first], self.document.format)

    def why_misshapen(self, row: Row) -> tuple[str, str] | None:
        """Column and reason of a row with a cell too many or too few."""
        found = why_misshapen(row.values, self._widths)
        return (f"n° {found[0]}", found[1]) if found else None

    def titles(self) -> Iterator[Row]:
        """Rows above the headings: they are not counted as read."""
        columns = self.by_field()
        for index, values in enumerate(self.sheet.rows[: self.layout.header]):
            yield self.row(self.sheet.first_row + index, values, columns)

    def numbered(self) -> Iterator[tuple[int, Sequence[object]]]:
        """Number and cells of every row below the headings, blank ones too."""
        above: dict[int, object] = {}
        for index in counted(range(self.layout.first, len(self.sheet.rows)), Phase.COLUMNS):
            row = self.sheet.rows[index]
            if self._repeating:
                row = [above.get(i, c) if is_ditto(c) else c for i, c in enumerate(row)]
                above |= {i: cell for i, cell in enumerate(row) if cell not in (None, "")}
            yield self.sheet.first_row + index, row

    def row(
        self, number: int, values: Sequence[object], columns: Mapping[str, tuple[Column, ...]]
    ) -> Row:
        """One of the rows, its cells by the columns of each field (`by_field`)."""
        order, sign = self._dates[0], self._decimal_sign
        return Row(self.locator(number), self.sheet.name, number, values, columns, order, sign)

    def locator(self, number: int) -> str:
        """Where a row stands, as a person finds it."""
        return f"{self._start}{number}"

    @cached_property
    def _start(self) -> str:
        return locator_start(self.document, self.sheet)

    def by_field(self) -> dict[str, tuple[Column, ...]]:
        """Columns of each field, in their order."""
        found: dict[str, tuple[Column, ...]] = {}
        for column in self.layout.columns:
            found[column.field] = (*found.get(column.field, ()), column)
        return found

    def above(self) -> str:
        """Text of the rows above the headings, and of a paper above the table: "situation au…"."""
        rows = self.sheet.rows[: self.layout.header]
        lines = [" ".join(as_text(c) for c in row if c is not None) for row in rows]
        if self.document.is_plain_text and self.document.text:
            before = self.sheet.first_row + self.layout.header - 1
            return "\n".join(self.document.text.split("\n")[:before])
        if self.document.is_paper and self.document.text:
            heading = as_line(self.sheet.rows[self.layout.header])
            lines.insert(0, self.document.text.partition(heading)[0])
        return "\n".join(lines)


_MARKS = ("idem", "idem.", "id.", "ditto", "-//-", "//", '-"-', '"', "''", "″", "〃", "''")
_DITTO = frozenset(word for mark in _MARKS for word in (mark, mark.capitalize(), mark.upper()))
"""Cells that say that the one above holds here too."""


def is_ditto(cell: object) -> bool:
    """Whether a cell stands for the one above it.

    Examples
    --------
    >>> is_ditto("Idem"), is_ditto("Gao")
    (True, False)
    """
    return isinstance(cell, str) and cell in _DITTO


def is_blank(values: Sequence[object]) -> bool:
    """Whether no cell of a row holds anything."""
    return values.count(None) + values.count("") == len(values)


def cells_at(indices: Sequence[int]) -> Callable[[Sequence[object]], tuple[object, ...]]:
    """What takes the cells at some indices of a row, ``None`` beyond its end.

    Examples
    --------
    >>> cells_at([0, 2])(["a", "b", "c"]), cells_at([0, 2])(["a"]), cells_at([])(["a"])
    (('a', 'c'), ('a', None), ())
    """
    if not indices:
        return lambda values: ()
    width = max(indices) + 1
    whole = itemgetter(*indices)
    is_one = len(indices) == 1

    def taken(values: Sequence[object]) -> tuple[object, ...]:
        missing = width - len(values)
        found = whole([*values, *[None] * missing] if missing > 0 else values)
        return (found,) if is_one else found

    return taken


def as_text(value: object) -> str:
    """A cell as a person reads it, spaces tidied.

    Examples
    --------
    >>> as_text(12.0), as_text("  Mopti \\n"), as_text(None)
    ('12', 'Mopti', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if text.isprintable() and "  " not in text and text == text.strip():
        return text
    tidy = " ".join(_INVISIBLE.sub("", text).split())
    return text if tidy == text else tidy  # the cell's own: a long list holds each text once


def _lines(value: object) -> list[str]:
    """Lines of a cell that hold something; one that ends in the middle of a name goes on."""
    if not isinstance(value, str) or "\n" not in value:
        text = as_text(value)
        return [text] if text else []
    lines: list[str] = []
    for line in filter(None, map(as_text, value.split("\n"))):
        if lines and _GOES_ON.search(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return lines


_GOES_ON = re.compile(r"(?:[-–/,;:&(]|\b(?:de|du|des|la|le|les|et|and|of|d'))$", re.IGNORECASE)


def tables_of(
    document: Document,
    needed: frozenset[str],
    extra: Mapping[str, str],
    column_map: Mapping[str, str] | None,
) -> tuple[list[Table], tuple[Finding, ...]]:
    """Tables whose headings name at least one needed field, and the sheets that do not.

    Parameters
    ----------
    needed
        Fields of which a table must have one.
    extra, column_map
        As `atlas.ingest.tables.columns.find_layout` takes them.
    """
    tables: list[Table] = []
    skipped: list[Finding] = []
    for sheet in sheets_of(document, {**extra, **(column_map or {})}):
        layout = find_layout(sheet, extra, column_map)
        if layout and layout.fields & needed:
            above = Table(document, sheet, layout).above() if not document.is_plain_text else ""
            tables.append(Table(document, sheet, with_unit_above(layout, above)))
        elif not document.is_plain_text:
            reason = N_("aucun en-tête reconnu")
            params: dict[str, object] = {"sheet": sheet.name, "reason": reason}
            skipped.append(Finding("sheet_skipped", sheet.name, params=params))
    if document.is_paper and tables and (lines := _prose(document)):
        skipped.append(Finding("prose_aside", params={"n": lines}))
    return _in_one_order(tables), tuple(skipped)


def _in_one_order(tables: list[Table]) -> list[Table]:
    """The tables of a list, all month, day, year where one date of them can only be that."""
    orders = [order for table in tables for _column, order in table.orders]
    month_first = next((order.month_first for order in orders if order.month_first), "")
    if not month_first or any(order.day_first for order in orders):
        return tables
    return [replace(table, month_first=month_first) for table in tables]


def _prose(document: Document) -> int:
    """How many lines of a paper that say something stand outside its tables."""
    lines = sum(1 for line in (document.text or "").split("\n") if line.strip())
    return max(lines - sum(any(row) for sheet in document.sheets for row in sheet.rows), 0)
