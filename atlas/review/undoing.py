"""Take back any decision, whatever its table, and publish what stands without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atlas.errors import UsageError
from atlas.i18n import N_, _, ngettext
from atlas.review.republication import apply_decisions
from atlas.review.statements import NEXUS_TAGGED, undo_pair_decision, withdraw_declaration
from atlas.store import DecisionChange, Store
from atlas.store.decisions import (
    DecisionHistory,
    HistoryLine,
    NexusTags,
    NothingDeclarations,
    PairDecisions,
    WordingDecisions,
)
from atlas.store.meetings import ActionPoints, Meeting, MeetingAct, Meetings
from atlas.store.rounds import ReportRounds

_APART: dict[str, type[DecisionHistory[Any]]] = {
    "rounds": ReportRounds,
    "meetings": Meetings,
    "points": ActionPoints,
}
"""Tables whose decisions are in no published state."""
OF_MEETINGS: tuple[type[DecisionHistory[Any]], ...] = (WordingDecisions, PairDecisions)
"""Tables whose decisions a meeting takes."""
MEETING_UNDONE = N_("réunion annulée")
"""Why a snapshot was published."""


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
    elif table == "nexus":
        change = NexusTags(store.root).undo_change(number, who=who)
        store.publish_decisions(_(NEXUS_TAGGED), change=change)
    elif table == "words":
        words = WordingDecisions(store.root)
        apply_decisions(store, words, words.undo_change(number, who=who))
    elif table == "nothing":
        document = NothingDeclarations(store.root).get(number).document
        withdraw_declaration(store, document, who=who)
    elif table == "meetings" and Meetings(store.root).get(number).act is MeetingAct.OPEN:
        undo_meeting(store, number, who=who)  # all that was decided in it goes with it
    elif table in _APART:
        _APART[table](store.root).undo_decision(number, who=who)
    else:
        raise UsageError(_("Décision {id} inconnue", id=f"{table} {number}"))


def decisions_of_meeting(store: Store, one: Meeting) -> list[HistoryLine]:
    """What was decided of words and pairs in a meeting and stands, in the order of deciding.

    A newer decision about the same stands in the place of an older one.
    """
    found = [
        decision
        for history in OF_MEETINGS
        for decision in history(store.root).all_decisions()
        if one.has_decided(decision) and decision.in_force
    ]
    return sorted(found, key=lambda decision: decision.at)


@dataclass(frozen=True)
class UndoneMeeting:
    """What was taken back with a meeting: how many decisions, and lines about action points."""

    meeting: Meeting
    decisions: int
    points: int

    @property
    def sentence(self) -> str:
        """The same in words."""
        decisions = ngettext("{n} décision", "{n} décisions", self.decisions)
        points = ngettext("{n} point d'action", "{n} points d'action", self.points)
        return _(
            "Annulée, avec {decisions} et {points} : {meeting}.",
            decisions=decisions,
            points=points,
            meeting=self.meeting.title,
        )


def undo_meeting(store: Store, number: int, *, who: str) -> UndoneMeeting:
    """Take back all of a meeting as one: what was decided, its action points, and itself.

    Raises
    ------
    UsageError
        There is no such meeting, or nobody takes it back.
    StoreError
        The decisions or the store cannot be written: nothing is taken back then.
    """
    with store.exclusive_writing():
        one = Meetings(store.root).meeting_of(number)
        undone = {
            history.table.name: [
                row
                for line in reversed(lines)
                for row in history.undo_change(line.id, who=who).undone[history.table.name]
            ]
            for history, lines in _lines_of_meeting(store, one)
            if lines
        }
        change = DecisionChange(undone=undone)
        if WordingDecisions.table.name in undone:
            apply_decisions(store, WordingDecisions(store.root), change)
        else:
            store.publish_decisions(_(MEETING_UNDONE), change=change)
        counted = {table: len(rows) for table, rows in undone.items()}
        decisions = sum(counted.get(history.table.name, 0) for history in OF_MEETINGS)
        return UndoneMeeting(one, decisions, counted.get(ActionPoints.table.name, 0))


def _lines_of_meeting(
    store: Store, one: Meeting
) -> list[tuple[DecisionHistory[Any], list[HistoryLine]]]:
    """All that a meeting wrote down and that stands, by table."""
    decided = [history(store.root) for history in OF_MEETINGS]
    points, meetings = ActionPoints(store.root), Meetings(store.root)
    said = [line for line in points.all_decisions() if line.meeting == one.number]
    acts = [line for line in (one.closed, one.opened) if line]
    return [
        *((history, list(filter(one.has_decided, history.all_decisions()))) for history in decided),
        (points, [line for line in said if line.undone_at is None]),
        (meetings, acts),
    ]
