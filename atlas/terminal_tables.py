"""Tables and figures on a terminal, through rich."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from atlas.i18n import decimal

if TYPE_CHECKING:
    from rich.table import Table


def table_of(title: str, columns: Sequence[str], right: Collection[int] = (1,)) -> Table:
    """An empty table; the columns numbered ``right`` hold figures."""
    from rich.table import Table

    table = Table(title=title or None, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left")
    return table


def show(table: Table) -> None:
    """Print a table; names of files are no markup."""
    from rich.console import Console

    Console(markup=False, emoji=False).print(table)


def number(value: float | None) -> str:
    """A figure for reading, a dash for what is unknown.

    Examples
    --------
    >>> number(1234.5), number(None)
    ('1\\u202f234,5', '—')
    """
    return "—" if value is None else decimal(value)
