"""Take back any decision, or all of a meeting, and publish what stands without it."""

from __future__ import annotations

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.review.republication import apply_decisions
from atlas.review.statements import undo_pair_decision, withdraw_declaration
from atlas.store import Store
from atlas.store.audit import Act, AuditLine, AuditTrail
from atlas.store.decisions import NothingDeclarations, WordingDecisions
from atlas.store.meetings import Meeting, Meetings
from atlas.store.rounds import ReportRounds


def undo_meeting(store: Store, number: int, *, who: str) -> int:
    """Take back all that was done in a meeting as one: its points, and every decision since its
    opening and until its end.

    Returns
    -------
    int
        How many acts were taken back.

    Raises
    ------
    UsageError
        There is no such meeting.
    StoreError
        The decisions or the store cannot be written.
    """
    meetings = Meetings(store.root)
    asked = next((one for one in meetings.meetings() if one.number == number), None)
    if asked is None:
        raise UsageError(_("Réunion {id} inconnue", id=number))
    with store.exclusive_writing():
        taken = decisions_of_meeting(store, asked)
        for line in taken:
            assert line.decision is not None
            undo_decision(store, *line.decision, who=who)
        acts = meetings.acts_of(number)
        for act in acts:
            meetings.undo_decision(act.id, who=who)
    return len(taken) + len(acts)


def decisions_of_meeting(store: Store, meeting: Meeting) -> list[AuditLine]:
    """What was decided between the opening and the end of a meeting and stands, newest first."""
    return [
        one
        for one in AuditTrail(store.root).lines(acts=[Act.DECIDED], since=meeting.opened_at)
        if one.decision and one.decision[0] != "meetings"
        if meeting.closed_at is None or one.at <= meeting.closed_at
    ]


def undo_decision(store: Store, table: str, number: int, *, who: str) -> None:
    """Take a decision back.

    Parameters
    ----------
    table
        A word of `atlas.store.audit.HISTORIES`.

    Raises
    ------
    UsageError
        There is no such decision, it is undone already, or nobody takes it back.
    StoreError
        The decisions or the store cannot be written.
    """
    if table == "pairs":
        undo_pair_decision(store, number, who=who)
    elif table == "words":
        words = WordingDecisions(store.root)
        apply_decisions(store, words, words.undo_change(number, who=who))
    elif table == "nothing":
        document = NothingDeclarations(store.root).get(number).document
        withdraw_declaration(store, document, who=who)
    elif table == "rounds":
        ReportRounds(store.root).undo_decision(number, who=who)
    elif table == "meetings":
        Meetings(store.root).undo_decision(number, who=who)
    else:
        raise UsageError(_("Décision {id} inconnue", id=f"{table} {number}"))
