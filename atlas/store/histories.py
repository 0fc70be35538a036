"""A history of decisions: which stand, which were undone, which a newer one stands in for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.store.beside import Change, Row
from atlas.store.commits import finish_pending
from atlas.store.database import DecisionTable, with_moments


@dataclass(frozen=True, kw_only=True)
class HistoryLine(ABC):
    """A decision as its history has it.

    Attributes
    ----------
    id
        Its number, in the order of deciding.
    who, note
        In the words of whoever decided.
    at, undone_at
        UTC; ``undone_at`` is ``None`` while it stands.
    superseded_by
        Number of the newer decision that stands in its place, or ``None``.
    """

    id: int
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether it applies now."""
        return self.undone_at is None and self.superseded_by is None

    @property
    @abstractmethod
    def slot(self) -> Hashable:
        """What it is about: the newest decision of each slot that is not undone is in force."""


Told = TypeVar("Told", bound=HistoryLine)


class History(DecisionTable, ABC, Generic[Told]):
    """One table of decisions.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DECISIONS_URL``).
    """

    command: ClassVar[str]
    """The command whose ``list --all`` shows the numbers."""

    @abstractmethod
    def _line(self, row: Row, trail: Mapping[str, Any]) -> Told:
        """The decision of a row; ``trail`` holds the fields that all histories share."""

    def history(self, change: Change | None = None) -> list[Told]:
        """Every decision ever taken, newest first.

        Parameters
        ----------
        change
            Decisions that are not written down yet: the history as it will be with them.
        """
        newest: dict[Hashable, int] = {}
        found = []
        for row in self._with(self._rows(), change or Change()):
            one = self._line(row, _trail_of(row))
            if one.undone_at is None:
                above = newest.setdefault(one.slot, one.id)
                one = one if above == one.id else replace(one, superseded_by=above)
            found.append(one)
        return found

    def _with(self, rows: list[Row], change: Change) -> list[Row]:
        """The rows as they will be once a change is written down."""
        undone = {row["id"]: row for row in change.undone.get(self.table.name, ())}
        stand = [{**row, **undone.get(row["id"], {})} for row in rows]
        last = max((row["id"] for row in rows), default=0)
        fresh = {"undone_by": None, "undone_at": None}
        added = [
            {**fresh, **row, "id": last + number}
            for number, row in enumerate(change.added.get(self.table.name, ()), 1)
        ]
        return [*reversed(added), *stand]

    def get(self, decision: int) -> Told:
        """A decision by its number; `UsageError` when there is none."""
        for one in self.history():
            if one.id == decision:
                return one
        raise UsageError(
            _("Décision {id} inconnue", id=decision),
            "",
            _("Voyez leurs numéros avec « {command} list --all ».", command=self.command),
        )

    def undoing(self, decision: int, *, who: str) -> Change:
        """What taking a decision back writes down; what it had superseded stands again then.

        Raises
        ------
        UsageError
            There is no such decision, it is undone already, or nobody takes it back.
        """
        if self.get(decision).undone_at is not None:
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        row = {"id": decision, "undone_by": _named(who), "undone_at": datetime.now(UTC)}
        return Change(undone={self.table.name: [row]})

    def undo(self, decision: int, *, who: str) -> Told:
        """Take a decision back; what it had superseded stands again.

        Raises
        ------
        UsageError
            There is no such decision, or it is undone already.
        StoreError
            The database cannot be written.
        """
        if not self.write_once(self.undoing(decision, who=who)):
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        return self.get(decision)

    def _rows(self) -> list[Row]:
        """Rows, newest first, once what a killed publication left to write is written."""
        finish_pending(self._root)
        return self._rows_now()

    def recorded(self, change: Change) -> list[Told]:
        """The decisions of a change that is written down, in the order of deciding."""
        rows = change.added.get(self.table.name, ())
        undone = {row["id"] for row in change.undone.get(self.table.name, ())}
        added = {row["id"] for row in self._rows() if any(_is_told(row, one) for one in rows)}
        return [one for one in reversed(self.history()) if one.id in undone | added]

    def write(self, change: Change) -> list[Told]:
        """Write a change down, all or nothing, apart from any publication."""
        finish_pending(self._root)
        self.write_once(change)
        return self.recorded(change)


def _is_told(row: Row, said: Row) -> bool:
    """Whether a row of the database is the one that was to be written down."""
    told = with_moments(said)
    moment = _utc(row["decided_at"]) == told["decided_at"]
    return moment and all(row.get(n) == v for n, v in told.items() if n != "decided_at")


def said_by(who: str, note: str) -> dict[str, object]:
    """Who decides now, and why, as columns.

    Raises
    ------
    UsageError
        Nobody takes the decision.
    """
    return {"who": _named(who), "note": note.strip(), "decided_at": datetime.now(UTC)}


def _trail_of(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "who": row["who"],
        "note": row["note"],
        "at": _utc(row["decided_at"]),
        "undone_by": row["undone_by"],
        "undone_at": _utc(row["undone_at"]) if row["undone_at"] else None,
    }


def _utc(moment: datetime) -> datetime:
    """A time as the database gives it: SQLite forgets the zone, and all that is written is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _named(who: str) -> str:
    if not who.strip():
        raise UsageError(
            _("Décision sans auteur"),
            "",
            _("Dites qui décide : --who NOM."),
        )
    return who.strip()
