"""Who said that a reporter has nothing to report: a history to which rows are only ever added.

It lies in the database of the other decisions (`atlas.store.decisions`). The snapshot holds what
was declared, as a document of its own, without who declared it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from atlas.store.histories import History, HistoryLine, said_by, trail

_TABLE = sa.Table(
    "nothing_declarations",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document", sa.String(40), nullable=False),
    sa.Column("reporter", sa.Text, nullable=False),
    sa.Column("sector", sa.String(80), nullable=False, default=""),
    sa.Column("unit_id", sa.String(80), nullable=False, default=""),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("said_on", sa.Date, nullable=False),
    *trail(),
    sqlite_autoincrement=True,  # a number is never given twice
)


@dataclass(frozen=True)
class Nothing:
    """That a reporter has nothing to report.

    Attributes
    ----------
    sector, unit_id
        Of what and where; ``""``: of all sectors, of every place.
    first, last
        The period, both days included.
    said_on
        The day on which it was said.
    """

    reporter: str
    first: date
    last: date
    said_on: date
    sector: str = ""
    unit_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Declaration(HistoryLine):
    """One line of the history, with the document that holds it while it is published."""

    said: Nothing
    document: str

    @property
    def slot(self) -> str:
        """The document: the same words on the same day are the same declaration."""
        return self.document


class Declarations(History[Declaration]):
    """The declarations of nothing to report of a store."""

    table = _TABLE
    command = "atlas layer reporting"

    def add(self, said: Nothing, document: str, *, who: str, note: str = "") -> Declaration:
        """Write a declaration down.

        Raises
        ------
        UsageError
            Nobody makes it.
        StoreError
            The database cannot be written.
        """
        row = {name: getattr(said, name) for name in _NAMES} | {"document": document}
        (number,) = self._insert([row | said_by(who, note)])
        return self.get(number)

    def _line(self, row: sa.Row[tuple[object, ...]], trail: Mapping[str, Any]) -> Declaration:
        said = Nothing(**{name: row._mapping[name] for name in _NAMES})
        return Declaration(said=said, document=row.document, **trail)


_NAMES = ("reporter", "sector", "unit_id", "first", "last", "said_on")
