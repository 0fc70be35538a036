"""Tables as text: CSV and JSON for programs, HXL for exchange.

CSV keeps the column names and ids of the table, in UTF-8 without a byte order mark: others
script against it. Whoever opens a file by hand takes the workbook, which has French
headings, number formats and its notice, or the CSV that a French spreadsheet opens right.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from io import StringIO
from typing import TYPE_CHECKING

import polars as pl

from atlas.export.columns import LIST_SEPARATOR, columns, for_people
from atlas.formulas import beginnings
from atlas.i18n import speaking

if TYPE_CHECKING:
    from atlas.dataset import Answer

_EXACT = 1e15
"""Whole numbers below it are written without decimals."""
BYTE_ORDER_MARK = "\ufeff"
"""What tells a spreadsheet that a CSV is in UTF-8."""


def to_csv(answer: Answer) -> bytes:
    """The rows as CSV: names of columns as in the table, ISO dates, empty for unknown."""
    table = answer.table
    return _csv([table.columns], table)


def to_french_csv(answer: Answer) -> bytes:
    """CSV as a French spreadsheet writes it: ``;`` between cells, ``,`` before decimals.

    Headings and words are French whatever the language of whoever asks; a byte order mark says
    that it is UTF-8.
    """
    with speaking("fr"):
        table = for_people(answer.table, answer.layer)
        headings = [c.heading for c in columns(table, answer.layer, answer.level).values()]
        return BYTE_ORDER_MARK.encode() + _csv([headings], table, ";", _french_cell)


def to_hxl(answer: Answer) -> bytes:
    """CSV with French headings, then the HXL row, then the rows in words.

    Columns without an HXL tag keep an empty one, as the standard allows.
    """
    table = for_people(answer.table, answer.layer)
    shown = columns(table, answer.layer, answer.level)
    headings = [c.heading for c in shown.values()]
    tags = [c.hxl for c in shown.values()]
    return _csv([headings, tags], table)


def to_json(answer: Answer) -> bytes:
    """A list of the rows: numbers stay numbers, null is unknown, dates are ISO texts."""
    return json.dumps(rows(answer.table), ensure_ascii=False, indent=1).encode() + b"\n"


def rows(table: pl.DataFrame) -> list[dict[str, object]]:
    """Rows of a table in JSON types."""
    temporal = [n for n, t in table.schema.items() if t.is_temporal()]
    floats = [n for n, t in table.schema.items() if t.is_float()]
    plain = table.with_columns(pl.col(temporal).cast(pl.String), pl.col(floats).fill_nan(None))
    return plain.to_dicts()


def guarded(table: pl.DataFrame, delimiter: str = ",") -> pl.DataFrame:
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
    >>> guarded(texts)["title"].to_list()
    ["'=1+1", "Puits ;'=1+1", 'Gao, - Ansongo']
    """
    begins = [f"({before})({formula})" for before, formula in beginnings(delimiter)]
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    joined = pl.col(lists).cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    texts_only = pl.col([*lists, *texts])
    safe = reduce(lambda cell, at: cell.str.replace_all(at, "$1'$2"), begins, texts_only)
    return table.with_columns(joined).with_columns(safe)


def _csv(
    heads: Iterable[Sequence[str]],
    table: pl.DataFrame,
    delimiter: str = ",",
    cell: Callable[[object], object] | None = None,
) -> bytes:
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows(heads)
    written = cell or _cell
    safe = guarded(table, delimiter)
    writer.writerows([written(value) for value in row] for row in safe.iter_rows())
    return file.getvalue().encode()


def _cell(value: object) -> object:
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
        return int(value) if whole else str(_cell(value)).replace(".", ",")
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value
