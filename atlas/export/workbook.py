"""An answer as a workbook: the figures on one sheet, what they mean on the next."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from atlas.export.columns import Column, columns, for_people
from atlas.export.notice import notice, title
from atlas.i18n import _
from atlas.model import RESERVED

if TYPE_CHECKING:
    from atlas.dataset import Answer

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

_MAX_WIDTH, _SAMPLE_ROWS, _CELL_LIMIT = 60, 200, 32_767


def to_xlsx(answer: Answer) -> bytes:
    """The workbook. Texts are always texts: nothing in it is a formula or a link."""
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties({"title": title(answer), "created": _made(answer)})
    _write_data(book, answer)
    _write_notice(book, answer)
    book.close()
    return buffer.getvalue()


def _made(answer: Answer) -> datetime:
    """The date of the newest document, not the clock: same question, same file."""
    day = answer.meta.get("as_of")
    return datetime(day.year, day.month, day.day) if isinstance(day, date) else datetime(2000, 1, 1)


def _write_data(book: Any, answer: Answer) -> None:
    sheet = book.add_worksheet(_("Données"))
    table = for_people(answer.table, answer.layer)
    shown = columns(table, answer.layer, answer.level)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    beside = _reserved_rows(answer.table)
    for number, (name, column) in enumerate(shown.items()):
        plain = book.add_format({"num_format": _FORMATS[column.form]})
        aside = book.add_format({"num_format": _FORMATS[column.form], "italic": True})
        sheet.write_string(0, number, column.heading, head)
        sheet.set_column(number, number, _width(table[name], column))
        for row, value in enumerate(table[name].to_list(), start=1):
            _write(sheet, row, number, value, aside if row - 1 in beside else plain)
    sheet.freeze_panes(1, 2 if table.width > 2 else 0)
    if table.height:
        sheet.autofilter(0, 0, table.height, table.width - 1)


def _write(sheet: Any, row: int, column: int, value: object, form: Any) -> None:
    if value is None or value != value:
        return  # unknown: an empty cell, never a zero
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, form)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, form)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_string(row, column, str(value)[:_CELL_LIMIT], form)


def _reserved_rows(table: pl.DataFrame) -> frozenset[int]:
    """Positions of the rows that are no units: they are set in italics."""
    if "unit_id" not in table.columns:
        return frozenset()
    return frozenset(table["unit_id"].is_in(list(RESERVED)).arg_true().to_list())


def _width(series: pl.Series, column: Column) -> int:
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
    for row, (heading, text) in enumerate(notice(answer)):
        sheet.write_string(row, 0, heading, bold)
        sheet.write_string(row, 1, text[:_CELL_LIMIT], wrapped)
