"""Answers as tables: CSV, JSON, HXL and XLSX."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import polars as pl
import xlsxwriter

from atlas.encodings import formula_patterns
from atlas.export.column_labels import LIST_SEPARATOR, Column, column_displays, readable_table
from atlas.export.notice import answer_title, notice_lines
from atlas.i18n import _, language_context
from atlas.model import RESERVED

if TYPE_CHECKING:
    from atlas.dataset import Answer


_EXACT = 1e15
"""Whole numbers below it are written without decimals."""
BYTE_ORDER_MARK = "\ufeff"
"""What tells a spreadsheet that a CSV is in UTF-8."""


def to_csv(answer: Answer) -> bytes:
    """The rows as CSV: names of columns as in the table, ISO dates, empty for unknown."""
    table = answer.table
    return _csv_bytes([table.columns], table)


def to_french_csv(answer: Answer) -> bytes:
    """CSV as a French spreadsheet writes it: ``;`` between cells, ``,`` before decimals.

    Headings and words are French whatever the language of whoever asks; a byte order mark says
    that it is UTF-8.
    """
    with language_context("fr"):
        table = readable_table(answer.table, answer.layer)
        headings = [c.heading for c in column_displays(table, answer.layer, answer.level).values()]
        return BYTE_ORDER_MARK.encode() + _csv_bytes([headings], table, ";", _french_cell)


def to_hxl(answer: Answer) -> bytes:
    """CSV with French headings, then the HXL row, then the rows in words.

    Columns without an HXL tag keep an empty one, as the standard allows.
    """
    table = readable_table(answer.table, answer.layer)
    shown = column_displays(table, answer.layer, answer.level)
    headings = [c.heading for c in shown.values()]
    tags = [c.hxl for c in shown.values()]
    return _csv_bytes([headings, tags], table)


def to_json(answer: Answer) -> bytes:
    """A list of the rows: numbers stay numbers, null is unknown, dates are ISO texts."""
    return json.dumps(json_rows(answer.table), ensure_ascii=False, indent=1).encode() + b"\n"


def json_rows(table: pl.DataFrame) -> list[dict[str, object]]:
    """Rows of a table in JSON types."""
    temporal = [n for n, t in table.schema.items() if t.is_temporal()]
    floats = [n for n, t in table.schema.items() if t.is_float()]
    plain = table.with_columns(pl.col(temporal).cast(pl.String), pl.col(floats).fill_nan(None))
    return plain.to_dicts()


def formula_guarded_table(table: pl.DataFrame, delimiter: str = ",") -> pl.DataFrame:
    """A table no text of which a spreadsheet takes for a formula: a quote stands before it.

    Not every spreadsheet splits a line at the delimiter of the file: whatever else it may split
    at begins a cell too. Lists become texts; figures stay figures.

    Parameters
    ----------
    delimiter
        Of the file: a text that holds it is quoted, so that it begins no cell.

    Examples
    --------
    >>> texts = pl.DataFrame({"title": ["=1+1", "Puits ;=1+1", "Gao, - Ansongo"]})
    >>> formula_guarded_table(texts)["title"].to_list()
    ["'=1+1", "Puits ;'=1+1", 'Gao, - Ansongo']
    """
    begins = [f"({before})({formula})" for before, formula in formula_patterns(delimiter)]
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    joined = pl.col(lists).cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    texts_only = pl.col([*lists, *texts])
    safe = reduce(lambda cell, at: cell.str.replace_all(at, "$1'$2"), begins, texts_only)
    return table.with_columns(joined).with_columns(safe)


def _csv_bytes(
    heads: Iterable[Sequence[str]],
    table: pl.DataFrame,
    delimiter: str = ",",
    cell: Callable[[object], object] | None = None,
) -> bytes:
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows(heads)
    written = cell or _csv_cell
    safe = formula_guarded_table(table, delimiter)
    writer.writerows([written(value) for value in row] for row in safe.iter_rows())
    return file.getvalue().encode()


def _csv_cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if value != value else repr(value)
    return value.isoformat() if isinstance(value, date) else value


def _french_cell(value: object) -> object:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _EXACT
        return int(value) if whole else str(_csv_cell(value)).replace(".", ",")
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


_FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "number": "0.##",
    "degrees": "0.00000",
    "date": "dd/mm/yyyy",
    "text": "@",
    "flag": "General",
}
"""Number formats; a spreadsheet shows them with the separators of its own language."""

_MAX_WIDTH, _SAMPLE_ROWS, CELL_LIMIT = 60, 200, 32_767


TEXTS_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
"""Settings of a workbook in which texts are always texts."""


def to_xlsx(answer: Answer) -> bytes:
    """The workbook. Texts are always texts: nothing in it is a formula or a link."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, TEXTS_ONLY)
    book.set_properties({"title": answer_title(answer), "created": _creation_date(answer)})
    _write_data(book, answer)
    _write_notice(book, answer)
    book.close()
    return buffer.getvalue()


def _creation_date(answer: Answer) -> datetime:
    """The date of the newest document, not the clock: same question, same file."""
    day = answer.meta.get("as_of")
    return datetime(day.year, day.month, day.day) if isinstance(day, date) else datetime(2000, 1, 1)


def _write_data(book: Any, answer: Answer) -> None:
    sheet = book.add_worksheet(_("Données"))
    table = readable_table(answer.table, answer.layer)
    shown = column_displays(table, answer.layer, answer.level)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    beside = _reserved_rows(answer.table)
    for number, (name, column) in enumerate(shown.items()):
        plain = book.add_format({"num_format": _FORMATS[column.form]})
        aside = book.add_format({"num_format": _FORMATS[column.form], "italic": True})
        sheet.write_string(0, number, column.heading, head)
        sheet.set_column(number, number, _column_width(table[name], column))
        for row, value in enumerate(table[name].to_list(), start=1):
            _write_cell(sheet, row, number, value, aside if row - 1 in beside else plain)
    sheet.freeze_panes(1, 2 if table.width > 2 else 0)
    if table.height:
        sheet.autofilter(0, 0, table.height, table.width - 1)


def _write_cell(sheet: Any, row: int, column: int, value: object, form: Any) -> None:
    if value is None or value != value:
        return  # unknown: an empty cell, never a zero
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, form)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, form)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_string(row, column, str(value)[:CELL_LIMIT], form)


def _reserved_rows(table: pl.DataFrame) -> frozenset[int]:
    """Positions of the rows that are no units: they are set in italics."""
    if "unit_id" not in table.columns:
        return frozenset()
    return frozenset(table["unit_id"].is_in(list(RESERVED)).arg_true().to_list())


def _column_width(series: pl.Series, column: Column) -> int:
    if column.form != "text":
        return max(12, min(len(column.heading), 18))
    longest = series.head(_SAMPLE_ROWS).cast(pl.String).str.len_chars().max()
    return min(_MAX_WIDTH, max(12, int(longest) if isinstance(longest, int) else 0))


def _write_notice(book: Any, answer: Answer) -> None:
    sheet = book.add_worksheet(_("À lire"))
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    for row, (heading, text) in enumerate(notice_lines(answer)):
        sheet.write_string(row, 0, heading, bold)
        sheet.write_string(row, 1, text[:CELL_LIMIT], wrapped)
