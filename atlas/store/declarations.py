"""Who said that a reporter has nothing to report: a history to which rows are only ever added.

It lies in the database of the other decisions (`atlas.store.decisions`). The snapshot holds what
was declared, as a document of its own, without who declared it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from atlas.store.beside import Change, Row
from atlas.store.database import NOTHING
from atlas.store.histories import History, HistoryLine, said_by

_WORDS, _DAYS = ("reporter", "sector", "unit_id"), ("first", "last", "said_on")


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

    table = NOTHING
    command = "atlas layer reporting"

    def declaring(self, said: Nothing, document: str, *, who: str, note: str = "") -> Change:
        """What making a declaration writes down; `UsageError` where nobody makes it."""
        words = {name: getattr(said, name) for name in _WORDS}
        days = {name: getattr(said, name).isoformat() for name in _DAYS}
        row = {"document": document, **words, **days, **said_by(who, note)}
        return Change({NOTHING.name: [row]})

    def undoing_all(self, document: str, *, who: str) -> Change:
        """What taking back the declarations of a document writes down."""
        stand = [one for one in self.history() if one.document == document and not one.undone_at]
        undone = [self.undoing(one.id, who=who).undone[NOTHING.name][0] for one in stand]
        return Change(undone={NOTHING.name: undone})

    def _line(self, row: Row, trail: Mapping[str, Any]) -> Declaration:
        first, last, said_on = (date.fromisoformat(row[name]) for name in _DAYS)
        said = Nothing(row["reporter"], first, last, said_on, row["sector"], row["unit_id"])
        return Declaration(said=said, document=row["document"], **trail)
