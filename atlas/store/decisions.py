"""What people decided about places and words: a history to which rows are only ever added.

A decision is never changed or removed. It may be undone, which is written beside it; it is
superseded while a newer one about the same wording and scope stands. Who decided stays in
this database: snapshots and exports only know that a person did.

SQLite beside the snapshots, or any database by URL (``ATLAS_DECISIONS_URL``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from atlas.corrections import Correction, Corrections, Organisation, Scope, Subject, known_entry
from atlas.errors import StoreError
from atlas.i18n import _
from atlas.store.histories import History, said_by, utc

_TABLE = sa.Table(
    "place_decisions",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("unit_id", sa.String(120), nullable=False),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("within_id", sa.String(120), nullable=False, default=""),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Column("subject", sa.String(20), nullable=False, server_default=str(Subject.PLACE)),
    sa.Column("entry", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""One history for all subjects. ``unit_id`` is what the wording means: a unit, or an id of the
subject's vocabulary; ``entry`` holds, as JSON, an organisation that no vocabulary has."""
_SINCE = (_TABLE.c.subject, _TABLE.c.entry)
"""Columns that databases made before other subjects than places could be decided lack."""


@dataclass(frozen=True)
class Decision:
    """One line of the history.

    Attributes
    ----------
    id
        Its number, in the order of deciding.
    correction
        What it says.
    who, note
        In the words of whoever decided.
    at, undone_at
        UTC; ``undone_at`` is ``None`` while it stands.
    superseded_by
        Number of the newer decision that stands in its place, or ``None``.
    """

    id: int
    correction: Correction
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether imports apply it."""
        return self.undone_at is None and self.superseded_by is None


class Decisions(History[Decision]):
    """The decisions of a store about places and words.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DECISIONS_URL``).
    """

    table = _TABLE
    command = "atlas corrections"
    since = _SINCE

    def add(self, correction: Correction, *, who: str, note: str = "") -> Decision:
        """Write a decision down.

        Parameters
        ----------
        correction
            What is decided; checked first (see `Correction.checked`).
        who
            The name of the person who decides, as a free word.

        Raises
        ------
        UnknownUnitError, UsageError
            It makes no sense, or nobody takes it.
        StoreError
            The database cannot be written.
        """
        return self.add_all([correction], who=who, note=note)[0]

    def add_all(
        self, corrections: Iterable[Correction], *, who: str, note: str = ""
    ) -> list[Decision]:
        """Write several decisions down together, all or none; see `add`."""
        said = said_by(who, note)
        numbers = self._insert([_row(correction.checked()) | said for correction in corrections])
        return [one for one in reversed(self.history()) if one.id in numbers]

    def history(self) -> list[Decision]:
        """Every decision ever taken, newest first."""
        newest: dict[object, int] = {}
        found = []
        for row in self._rows():
            correction = _correction(row)
            above = None
            if row.undone_at is None:
                above = newest.setdefault(correction.slot, row.id)
            found.append(
                Decision(
                    row.id,
                    correction,
                    row.who,
                    row.note,
                    utc(row.decided_at),
                    row.undone_by,
                    utc(row.undone_at) if row.undone_at else None,
                    None if above in (None, row.id) else above,
                )
            )
        return found

    def in_force(self) -> Corrections:
        """What imports apply now.

        Raises
        ------
        StoreError
            A decision names a unit or an id that this version does not know: nothing is
            applied in part.
        """
        standing = [one.correction for one in self.history() if one.in_force]
        for one in standing:
            asked = [] if one.organisation else [one.means]
            asked += [one.within] if one.scope is Scope.UNDER else []
            unknown = [entry for entry in asked if not known_entry(one.subject, entry)]
            if unknown:
                raise StoreError(
                    _("Décision {id} inapplicable", id=one.decision),
                    _("« {entry} » n'est pas au répertoire", entry=unknown[0]),
                    _("Annulez-la : atlas corrections undo {id}.", id=one.decision),
                )
        return Corrections.of(standing)


def _row(one: Correction) -> dict[str, object]:
    entry = json.dumps(one.organisation.as_dict(), ensure_ascii=False) if one.organisation else ""
    return {
        "subject": str(one.subject),
        "wording": one.wording.strip(),
        "unit_id": one.means,
        "entry": entry,
        "scope": str(one.scope),
        "within_id": one.within,
    }


def _correction(row: sa.Row[tuple[object, ...]]) -> Correction:
    said = row._mapping
    entry = said.get("entry")
    return Correction(
        row.wording,
        row.unit_id,
        Scope(row.scope),
        row.within_id,
        row.id,
        Subject(said.get("subject", Subject.PLACE)),
        Organisation.of(json.loads(str(entry))) if entry else None,
    )
