"""Rows of the tables of a document, cell by field.

A sheet that holds several tables, one below the other, is parted into them, the rows keeping
their numbers. The unit of amounts is the one of the heading, else the one above the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from atlas.i18n import N_
from atlas.ingest.files.document_tables import row_as_line
from atlas.ingest.files.plain_text import why_misshapen, widths_of
from atlas.ingest.files.readers import locator_start
from atlas.ingest.parsing.amounts import currencies_in, decimal_sign_of, parse_amount
from atlas.ingest.parsing.dates import DateOrder, order_of
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import MEASURES
from atlas.ingest.parsing.values import yes_or_no
from atlas.ingest.progress import ReadingPhase, counted_rows
from atlas.ingest.reading import Document, Finding, Sheet
from atlas.ingest.tables import kobo
from atlas.ingest.tables.heading_meanings import COUNTED, are_words, times_of
from atlas.ingest.tables.table_columns import (
    ALTERNATIVE,
    HEADER_DEPTH,
    TableColumn,
    TableLayout,
    find_layout,
    holds_headings,
    is_tags,
)
from atlas.model import HELP_SHEET

_ABOVE = re.compile(
    r"\b(?:en|unites? ?:|monnaie ?:|devise ?:)\s+"
    r"((?:(?:milliers?|millions?|milliards?) (?:de |d')?)?"
    r"(?:usd|us\$|eur|euros?|f ?cfa|xof|dollars?(?: us)?|francs? ?cfa))(?![a-z])"
)


_PEOPLE_ABOVE = re.compile(
    r"\ben (milliers|millions) (?:de |d')?(?:personnes?|habitants?|individus?|beneficiaires?)\b"
)
_OF_PEOPLE = COUNTED | frozenset(MEASURES)
_NEAR = 10
"""Lines above a table in which its unit is looked for: the prose of a report has others."""


class MoneyUnit(NamedTuple):
    """What a heading's brackets say of money: a currency, and thousands or millions.

    Attributes
    ----------
    guessed
        The sign that the currency was inferred from, "$"; "" where it is named.
    several
        The heading names several currencies: which one an amount is in, its cell must say.
    """

    currency: str | None
    factor: Decimal
    guessed: str = ""
    several: bool = False


@lru_cache(maxsize=1024)
def money_unit(words: str) -> MoneyUnit:
    """Currency and factor of a heading's unit.

    Examples
    --------
    >>> money_unit("milliers de FCFA"), money_unit("personnes").currency
    (MoneyUnit(currency='XOF', factor=Decimal('1000'), guessed='', several=False), None)
    >>> money_unit("FCFA/USD/€").several
    True
    """
    if len(currencies_in(words)) > 1:
        return MoneyUnit(None, Decimal(1), several=True)
    read = parse_amount(f"1 {words}")
    guesses = [one for one in read.findings if one.code == "currency_inferred"]
    if read.value is None or len(guesses) < len(read.findings):
        return MoneyUnit(None, Decimal(1))
    return MoneyUnit(read.currency, read.value, words if guesses else "")


def unit_above(text: str) -> str:
    """The one unit of money that the lines above a table state; ``""`` when none, or several.

    Examples
    --------
    >>> unit_above("Suivi 2024 (montants en milliers de FCFA)"), unit_above("en euros, en USD")
    ('milliers de fcfa', '')
    """
    return _only_match(_ABOVE, text)


def people_above(text: str) -> str:
    """The one multiple of people that the lines above a table state; ``""`` when none.

    Examples
    --------
    >>> people_above("HNRP 2024 (en milliers de personnes)"), people_above("PIN 2024")
    ('milliers', '')
    """
    return _only_match(_PEOPLE_ABOVE, text)


def _only_match(pattern: re.Pattern[str], text: str) -> str:
    near = " \n".join(text.strip().split("\n")[-_NEAR:])
    found = set(pattern.findall(fold_text(near)))
    return found.pop() if len(found) == 1 else ""


def with_unit_above(layout: TableLayout, text: str) -> TableLayout:
    """The layout, its columns of money or people in the unit stated above where they have none.

    A heading's own currency or multiple stands, and so does a column of currencies; a heading
    that names the same currency and no multiple is in that unit too. What is taken is said.
    """
    money = "" if "currency" in layout.column_fields else unit_above(text)
    people = people_above(text)
    taken: dict[TableColumn, str] = {}
    for column in layout.columns if money or people else ():
        if money and _takes_unit(column, money):
            taken[column] = money
        elif people and column.field in _OF_PEOPLE and times_of(column.unit) == 1:
            taken[column] = people
    columns = (replace(one, unit=taken.get(one, one.unit)) for one in layout.columns)
    said = (unit_above_finding(one.heading, unit) for one, unit in taken.items())
    return replace(layout, columns=tuple(columns), findings=(*layout.findings, *said))


def unit_above_finding(heading: str, unit: str) -> Finding:
    """The finding that a column's unit was taken from above the table."""
    return Finding("unit_above", field=heading, params={"column": heading, "unit": unit})


def _takes_unit(column: TableColumn, words: str) -> bool:
    if column.field not in ALTERNATIVE:
        return False
    own, stated = money_unit(column.unit), money_unit(words)
    if own.factor != 1:
        return False
    return own.currency is None or (own.currency == stated.currency and stated.factor != 1)


def sheets_of(document: Document, extra: Mapping[str, str]) -> list[Sheet]:
    """The tables of a document, each as a sheet; repeated groups of a form beside their form.

    Parameters
    ----------
    extra
        Headings a source adds to the known ones.
    """
    return [
        part
        for sheet in kobo.joined_sheets(document.sheets)
        for part in parted_tables(sheet, extra)
    ]


def parted_tables(sheet: Sheet, extra: Mapping[str, str]) -> list[Sheet]:
    """The tables of a sheet.

    A table begins at headings that follow a blank line or a title, and differ from those
    before them: printed again on the next page, the same headings go on with the same table.
    It also begins at HXL tags that differ from those before them, and the headings above these.
    """
    starts = sorted({*_table_starts(sheet, extra), *_tag_starts(sheet.rows)})
    if len(starts) < 2:
        return [sheet]
    cuts = [0, *starts[1:], len(sheet.rows)]
    return [
        Sheet(sheet.name, sheet.rows[start:end], sheet.first_row + start)
        for start, end in pairwise(cuts)
    ]


def _table_starts(sheet: Sheet, extra: Mapping[str, str]) -> list[int]:
    """First row, title included, of each table."""
    starts: list[int] = []
    known: set[tuple[str, ...]] = set()
    for above, index in sheet.table_openings:
        if _begins_table(sheet.rows, index, extra):
            headings = tuple(fold_text(cell) for cell in sheet.rows[index] if cell is not None)
            if headings not in known:
                known.add(headings)
                starts.append(above)
    return starts


def _tag_starts(rows: Sequence[Sequence[object]]) -> list[int]:
    """First row of each table whose tags are others than those before it; none of the first."""
    top = next((index for index, row in enumerate(rows[:HEADER_DEPTH]) if is_tags(row)), None)
    if top is None:
        return []
    starts: list[int] = []
    before = list(rows[top])
    for index, row in enumerate(rows[top + 1 :], top + 1):
        if row and isinstance(row[0], str) and row[0][:1].isalnum():
            continue  # most rows: no tag begins so
        if is_tags(row) and not is_tags(rows[index - 1]) and list(row) != before:
            starts.append(index - 1 if _is_headed(rows, index) else index)
            before = list(rows[index])
    return [0, *starts] if starts else []


def _is_headed(rows: Sequence[Sequence[object]], tagged: int) -> bool:
    """Whether the row above tags is their headings: as many cells, all of them words."""
    above = [cell for cell in rows[tagged - 1] if cell is not None]
    return are_words(above) and len(above) >= sum(c is not None for c in rows[tagged]) // 2


def _begins_table(rows: Sequence[Sequence[object]], index: int, extra: Mapping[str, str]) -> bool:
    row = rows[index]
    return isinstance(next(filter(None, row)), str) and (
        holds_headings(row, extra) and not is_tags(row)
    )


DATED = ("start", "end", "period", "reported")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


class TableRow(NamedTuple):
    """One row of data: what each field's cells hold."""

    locator: str
    sheet: str
    number: int
    values: Sequence[object]
    columns: Mapping[str, tuple[TableColumn, ...]]
    month_first: frozenset[str] = frozenset()
    """Fields whose dates are month, day, year."""
    decimal_sign: str = ""
    """The decimal sign that the amounts of the table show; ``""`` where they leave it open."""
    headings: Sequence[tuple[int, str]] = ()
    """Index and folded heading of every column that is read."""

    def value(self, field: str) -> object:
        """First cell of the field that holds something."""
        for column in self.columns.get(field, ()):
            value = self.values[column.index] if column.index < len(self.values) else None
            if value is not None and value != "":
                return value
        return None

    def filled_cells(self, field: str) -> Iterator[tuple[TableColumn, object]]:
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
        return [text for _column, text in self._written_cells(field, " ")]

    def items(self, field: str) -> list[str]:
        """Every filled cell of the field, its lines parted by ``;``: a line is an item."""
        return [text for _column, text in self._written_cells(field, " ; ")]

    def headed_values(self, field: str) -> list[tuple[str, object]]:
        """Heading and value of every filled cell of the field."""
        return [
            (column.heading, self.values[column.index])
            for column, _text in self._written_cells(field, " ")
        ]

    def _written_cells(self, field: str, between: str) -> list[tuple[TableColumn, str]]:
        """Columns of the field that hold something, and their cells, the lines put together."""
        found: list[tuple[TableColumn, str]] = []
        for column in self.columns.get(field, ()):
            value = self.values[column.index] if column.index < len(self.values) else None
            if column.says:
                value = column.says if yes_or_no(value) else None
            if isinstance(value, str) and "\n" in value:
                text = between.join(_lines_of_cell(value))
            else:
                text = as_text(value)
            if text:
                found.append((column, text))
        return found

    def column(self, field: str) -> TableColumn | None:
        """The column that `value` took the field from, else the first of it."""
        columns = self.columns.get(field, ())
        if len(columns) < 2:
            return columns[0] if columns else None
        return next((column for column, _value in self.filled_cells(field)), columns[0])


@dataclass(frozen=True)
class DataTable:
    """A sheet with a layout: its rows of data."""

    document: Document
    sheet: Sheet
    layout: TableLayout
    month_first: str = ""
    """A date of the list that makes all its dates month, day, year; ``""`` without one."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of its columns."""
        repeats = self._ditto_count()
        repeated = [Finding("cells_repeat", params={"n": repeats})] if repeats else []
        return (*self.layout.findings, *self._date_fields()[1], *repeated)

    def _ditto_count(self) -> int:
        """How many rows have a cell that stands for the one above it ("Idem")."""
        rows = self.sheet.rows[self.layout.first :]
        return sum(not _DITTO.isdisjoint(row) for row in rows)

    @cached_property
    def date_orders(self) -> tuple[tuple[TableColumn, DateOrder], ...]:
        """Its columns of dates, with the order of day and month that each shows by itself."""
        rows = self.sheet.rows[self.layout.first :]
        return tuple(
            (column, order_of(row[column.index] for row in rows if column.index < len(row)))
            for column in self.layout.columns
            if column.field in DATED
        )

    def _date_fields(self) -> tuple[frozenset[str], tuple[Finding, ...]]:
        """Fields whose dates are month, day, year, and what is said of them."""
        if self.month_first:  # the whole list, by one date that allows no other order
            named = ", ".join(column.heading for column, _order in self.date_orders)
            said = Finding("column_month_first", params={"column": named, "raw": self.month_first})
            return frozenset(column.field for column, _order in self.date_orders), (said,)
        found: set[str] = set()
        findings: list[Finding] = []
        for column, order in self.date_orders:
            params: dict[str, object] = {"column": column.heading}
            if order.is_month_first:
                found.add(column.field)
                params["raw"] = order.month_first
                findings.append(Finding("column_month_first", field=column.heading, params=params))
            elif order.month_first:
                params |= {"day_first": order.day_first, "month_first": order.month_first}
                findings.append(Finding("column_orders_mixed", field=column.heading, params=params))
        return frozenset(found), tuple(findings)

    def _decimal_sign(self) -> str:
        indices = [column.index for column in self.layout.columns if column.field in ALTERNATIVE]
        rows = self.sheet.rows[self.layout.first :] if indices else ()
        return decimal_sign_of(row[i] for row in rows for i in indices if i < len(row))

    def rows(self) -> Iterator[TableRow]:
        """Rows of data that hold anything; blank ones are not counted as read."""
        row = self.row_maker()
        for number, values in self.numbered_rows():
            if not is_blank(values):
                yield row(number, values)

    @cached_property
    def _row_widths(self) -> tuple[int, int]:
        return widths_of(self.sheet.rows[: self.layout.first], self.document.format)

    def why_misshapen(self, row: TableRow) -> tuple[str, str] | None:
        """Column and reason of a row with a cell too many or too few."""
        found = why_misshapen(row.values, self._row_widths)
        return (f"n° {found[0]}", found[1]) if found else None

    def title_rows(self) -> Iterator[TableRow]:
        """Rows above the headings: they are not counted as read."""
        row = self.row_maker()
        for index, values in enumerate(self.sheet.rows[: self.layout.header]):
            yield row(self.sheet.first_row + index, values)

    def numbered_rows(self) -> Iterator[tuple[int, Sequence[object]]]:
        """Number and cells of every row below the headings, blank ones too."""
        above: dict[int, object] = {}
        has_ditto = self._ditto_count() > 0
        for index in counted_rows(
            range(self.layout.first, len(self.sheet.rows)), ReadingPhase.COLUMNS
        ):
            row = self.sheet.rows[index]
            if has_ditto:
                row = [above.get(i, c) if is_ditto(c) else c for i, c in enumerate(row)]
                above |= {i: cell for i, cell in enumerate(row) if cell not in (None, "")}
            yield self.sheet.first_row + index, row

    def row_maker(self) -> Callable[[int, Sequence[object]], TableRow]:
        """What makes a row of its number and cells: all that rows share is looked up once."""
        start, name = locator_start(self.document, self.sheet), self.sheet.name
        columns, sign = self.columns_by_field(), self._decimal_sign()
        order = self._date_fields()[0]
        headings = tuple((one.index, fold_text(one.heading)) for one in self.layout.columns)
        shared = columns, order, sign, headings

        def row(number: int, values: Sequence[object]) -> TableRow:
            return TableRow(f"{start}{number}", name, number, values, *shared)

        return row

    def locator(self, number: int) -> str:
        """Where a row stands, as a person finds it."""
        return f"{locator_start(self.document, self.sheet)}{number}"

    def columns_by_field(self) -> dict[str, tuple[TableColumn, ...]]:
        """Columns of each field, in their order."""
        found: dict[str, tuple[TableColumn, ...]] = {}
        for column in self.layout.columns:
            found[column.field] = (*found.get(column.field, ()), column)
        return found

    def text_above(self) -> str:
        """Text of the rows above the headings, and of a paper above the table: "situation au…"."""
        rows = self.sheet.rows[: self.layout.header]
        lines = [" ".join(as_text(c) for c in row if c is not None) for row in rows]
        if self.document.is_plain_text and self.document.text:
            before = self.sheet.first_row + self.layout.header - 1
            return "\n".join(self.document.text.split("\n")[:before])
        if self.document.is_paper and self.document.text:
            heading = row_as_line(self.sheet.rows[self.layout.header])
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
    if not isinstance(value, str):
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        if isinstance(value, date):
            return value.isoformat()
    text = str(value)
    if text.isprintable() and "  " not in text and text == text.strip():
        return text
    tidy = " ".join(_INVISIBLE.sub("", text).split())
    return text if tidy == text else tidy  # the cell's own: a long list holds each text once


def _lines_of_cell(value: str) -> list[str]:
    """Lines of a cell that hold something; one that ends in the middle of a name goes on."""
    lines: list[str] = []
    for line in filter(None, map(as_text, value.split("\n"))):
        if lines and _GOES_ON.search(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return lines


_GOES_ON = re.compile(r"(?:[-–/,;:&(]|\b(?:de|du|des|la|le|les|et|and|of|d'))$", re.IGNORECASE)


def tables_of_document(
    document: Document,
    needed: frozenset[str],
    extra: Mapping[str, str],
    column_map: Mapping[str, str] | None,
) -> tuple[list[DataTable], tuple[Finding, ...]]:
    """As `headed_tables`, the dates of all tables in the order of day and month of the list."""
    tables, skipped = headed_tables(document, needed, extra, column_map)
    return _in_one_order(tables), skipped


def _is_help_sheet(sheet: Sheet) -> bool:
    """Whether it is the guide or the lists of a form of the atlas."""
    return any(HELP_SHEET in row for row in sheet.rows[:2])


def headed_tables(
    document: Document,
    needed: frozenset[str],
    extra: Mapping[str, str],
    column_map: Mapping[str, str] | None,
) -> tuple[list[DataTable], tuple[Finding, ...]]:
    """Tables whose headings name at least one needed field, and the sheets that do not.

    Parameters
    ----------
    needed
        Fields of which a table must have one.
    extra, column_map
        As `atlas.ingest.tables.table_columns.find_layout` takes them.
    """
    tables: list[DataTable] = []
    skipped: list[Finding] = []
    for sheet in sheets_of(document, {**extra, **(column_map or {})}):
        layout = find_layout(sheet, extra, column_map)
        if layout and layout.column_fields & needed:
            above = (
                DataTable(document, sheet, layout).text_above()
                if not document.is_plain_text
                else ""
            )
            tables.append(DataTable(document, sheet, with_unit_above(layout, above)))
        elif not document.is_plain_text and not _is_help_sheet(sheet):
            reason = N_("aucun en-tête reconnu")
            params: dict[str, object] = {"sheet": sheet.name, "reason": reason}
            skipped.append(Finding("sheet_skipped", sheet.name, params=params))
    if document.is_paper and tables and (lines := _lines_outside_tables(document)):
        skipped.append(Finding("prose_aside", params={"n": lines}))
    return tables, tuple(skipped)


def _in_one_order(tables: list[DataTable]) -> list[DataTable]:
    """The tables of a list, all month, day, year where one date of them can only be that."""
    orders = [order for table in tables for _column, order in table.date_orders]
    month_first = next((order.month_first for order in orders if order.month_first), "")
    if not month_first or any(order.day_first for order in orders):
        return tables
    return [replace(table, month_first=month_first) for table in tables]


def _lines_outside_tables(document: Document) -> int:
    """How many lines of a paper that say something stand outside its tables."""
    lines = sum(1 for line in (document.text or "").split("\n") if line.strip())
    return max(lines - sum(any(row) for sheet in document.sheets for row in sheet.rows), 0)
