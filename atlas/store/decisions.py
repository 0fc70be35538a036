"""What people decided about places and words: a history to which rows are only ever added.

A decision is never changed or removed. It may be undone, which is written beside it; it is
superseded while a newer one about the same wording and scope stands. Who decided stays in
this database: snapshots and exports only know that a person did.

SQLite beside the snapshots, or any database by URL (``ATLAS_DECISIONS_URL``).
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from atlas.corrections import Correction, Corrections, Organisation, Scope, Subject, known_entry
from atlas.errors import StoreError
from atlas.i18n import _
from atlas.store.beside import Change, Row
from atlas.store.database import PLACES, SINCE
from atlas.store.histories import History, HistoryLine, said_by


@dataclass(frozen=True, kw_only=True)
class Decision(HistoryLine):
    """One line of the history; imports apply it while in force."""

    correction: Correction

    @property
    def slot(self) -> Hashable:
        """The subject, wording and scope."""
        return self.correction.slot


class Decisions(History[Decision]):
    """The decisions of a store about places and words.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DECISIONS_URL``).
    """

    table = PLACES
    command = "atlas corrections"
    since = SINCE

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
        return self.write(self.deciding(corrections, who=who, note=note))

    def deciding(self, corrections: Iterable[Correction], *, who: str, note: str = "") -> Change:
        """What taking decisions writes down; raises as `add` does."""
        said = said_by(who, note)
        return Change({PLACES.name: [_row(one.checked()) | said for one in corrections]})

    def _line(self, row: Row, trail: Mapping[str, Any]) -> Decision:
        return Decision(correction=_correction(row), **trail)

    def in_force(self, change: Change | None = None) -> Corrections:
        """What imports apply now; with a change, once it is written down.

        Raises
        ------
        StoreError
            A decision names a unit or an id that this version does not know: nothing is
            applied in part.
        """
        standing = [one.correction for one in self.history(change) if one.in_force]
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


def _correction(row: Row) -> Correction:
    entry = row.get("entry")
    return Correction(
        row["wording"],
        row["unit_id"],
        Scope(row["scope"]),
        row["within_id"],
        row["id"],
        Subject(row.get("subject", Subject.PLACE)),
        Organisation.of(json.loads(str(entry))) if entry else None,
    )
