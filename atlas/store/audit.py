"""What was done with a store, by whom: accounts, restricted readings, exports, decisions, states.

Decisions and publications keep their own author and day; the table here holds what nothing else
does: who signed in, saw or exported what the public may not, and what was done to accounts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.store.accounts import AUDIT_LINES, Accounts
from atlas.store.commits import read_events
from atlas.store.database import as_utc
from atlas.store.decisions import (
    DecisionHistory,
    NexusTags,
    NothingDeclarations,
    PairDecisions,
    WordingDecisions,
)
from atlas.store.meetings import ActionPoints, Meetings
from atlas.store.rounds import ReportRounds

RETENTION = "ATLAS_AUDIT_DAYS"
"""Variable that says how many days readings and exports are kept."""
RETENTION_DAYS = 400
MOST_LETTERS = 2000
"""Kept of a subject: the longest address that browsers open."""


class Act(StrEnum):
    """What was done."""

    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    SIGNED_OUT = "signed_out"
    SAW = "saw"
    EXPORTED = "exported"
    INVITED = "invited"
    RESET = "reset"
    PASSWORD_CHOSEN = "password_chosen"
    ROLE_CHANGED = "role_changed"
    CLOSED = "closed"
    DECIDED = "decided"
    UNDONE = "undone"
    PUBLISHED = "published"


READINGS = (Act.SAW, Act.EXPORTED, Act.SIGNED_IN, Act.SIGNED_OUT, Act.REFUSED)
"""What is forgotten after a while: it tells of persons, and explains no figure."""


@dataclass(frozen=True)
class AuditLine:
    """One thing that was done.

    Attributes
    ----------
    who
        Account, or the person at the machine that it came from.
    subject
        What it was done to: a question of the page, a file, an account, a decision.
    before, after
        What stood before and since, where that can be said in a word: a role, the hash of a
        published state.
    decision
        Table and number of the decision, where it may still be undone.
    """

    at: datetime
    who: str
    act: Act
    subject: str
    before: str = ""
    after: str = ""
    decision: tuple[str, int] | None = None


class AuditTrail:
    """What was done with a store.

    Parameters
    ----------
    root
        Folder of the store.
    """

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)
        self._accounts = Accounts(root)

    def record(self, act: Act, who: str, subject: str, before: str = "", after: str = "") -> None:
        """Note what nothing else keeps.

        Raises
        ------
        StoreError
            It cannot be noted: what was asked for must not be answered then.
        """
        now = datetime.now(UTC)
        row = {"at": now, "who": who, "act": str(act), "before": before}
        row |= {"subject": subject[:MOST_LETTERS], "after": after}
        with self._accounts.writing() as link:
            if act is Act.SIGNED_IN:
                link.execute(sa.delete(AUDIT_LINES).where(_is_forgotten(now)))
            link.execute(sa.insert(AUDIT_LINES).values(row))

    def lines(
        self, *, who: str = "", acts: Iterable[Act] = (), since: datetime | None = None
    ) -> list[AuditLine]:
        """What was done, newest first.

        Parameters
        ----------
        who, acts, since
            Only of this person, of these kinds, since this moment.

        Raises
        ------
        StoreError
            A database or the history of the store cannot be read.
        """
        found = [*self._noted_lines(), *_decision_lines(self._root), *_published_lines(self._root)]
        newest_first = sorted(found, key=lambda one: one.at, reverse=True)
        return narrowed_lines(newest_first, who=who, acts=acts, since=since)

    def _noted_lines(self) -> list[AuditLine]:
        if not self._accounts.are_configured():
            return []
        with self._accounts.reading() as link:
            rows = link.execute(sa.select(AUDIT_LINES)).mappings().all()
        return [_noted_line(row) for row in rows]


def narrowed_lines(
    lines: Iterable[AuditLine],
    *,
    who: str = "",
    acts: Iterable[Act] = (),
    since: datetime | None = None,
) -> list[AuditLine]:
    """Those lines of this person, of these kinds, since this moment."""
    wanted = frozenset(acts) or frozenset(Act)
    return [
        one
        for one in lines
        if one.act in wanted and who in ("", one.who) and (since is None or one.at >= since)
    ]


def retention_days() -> int:
    """How long readings and exports are kept (``ATLAS_AUDIT_DAYS``).

    Raises
    ------
    UsageError
        The variable is no number of days.
    """
    said = os.environ.get(RETENTION, "").strip()
    if not said:
        return RETENTION_DAYS
    if not said.isdecimal() or int(said) < 1:
        raise UsageError(
            _("{name} « {said} » illisible", name=RETENTION, said=said),
            "",
            _("Écrivez un nombre de jours."),
        )
    return int(said)


def _is_forgotten(now: datetime) -> sa.ColumnElement[bool]:
    old = AUDIT_LINES.c.at < now - timedelta(days=retention_days())
    return old & AUDIT_LINES.c.act.in_([str(one) for one in READINGS])


def _noted_line(row: Any) -> AuditLine:
    told = {name: row[name] for name in ("who", "subject", "before", "after")}
    return AuditLine(at=as_utc(row["at"]), act=Act(row["act"]), **told)


HISTORIES: dict[str, type[DecisionHistory[Any]]] = {
    "words": WordingDecisions,
    "pairs": PairDecisions,
    "nexus": NexusTags,
    "nothing": NothingDeclarations,
    "rounds": ReportRounds,
    "meetings": Meetings,
    "points": ActionPoints,
}
"""The tables of decisions, by the word that an audit line names them with."""


def _decision_lines(root: Path) -> list[AuditLine]:
    """Two lines for a decision that was undone: who took it, who took it back."""
    found = []
    for table, history in HISTORIES.items():
        for one in history(root).all_decisions():
            subject = f"{table} {one.id}: {one.decided_text}"
            stands = one.undone_at is None
            found.append(
                AuditLine(
                    one.at, one.who, Act.DECIDED, subject, after=one.note,
                    decision=(table, one.id) if stands else None,
                )
            )  # fmt: skip
            if one.undone_at is not None:
                found.append(AuditLine(one.undone_at, one.undone_by or "", Act.UNDONE, subject))
    return found


def _published_lines(root: Path) -> list[AuditLine]:
    """The states that were published, each with the documents that came and went."""
    found, before, there = [], "", frozenset[str]()
    for event in read_events(root):
        now = frozenset(event.documents)
        changes = [f"+ {one}" for one in sorted(now - there)]
        changes += [f"− {one}" for one in sorted(there - now)]
        subject = " ; ".join(filter(None, (event.note, ", ".join(changes))))
        line = AuditLine(
            event.time, event.who, Act.PUBLISHED, subject, before[:12], event.hash[:12]
        )
        found.append(line)
        before, there = event.hash, now
    return found
