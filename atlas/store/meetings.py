"""Meetings and what was agreed there: who does what until when.

Kept as decisions are (`atlas.store.decisions`): each act has its author and moment, and the way
back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from atlas.errors import ChangedError, UsageError
from atlas.formats import day_text
from atlas.i18n import _
from atlas.labels import label
from atlas.store import Store
from atlas.store.database import MEETINGS
from atlas.store.decisions import DecisionHistory, HistoryLine, author_columns
from atlas.store.disk import DecisionChange, DecisionRow

LONGEST_TEXT = 400


class MeetingAct(StrEnum):
    """What a person does in a meeting."""

    OPEN = "open"
    CLOSE = "close"
    POINT = "point"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class MeetingDecision(HistoryLine):
    """One line of the history.

    Attributes
    ----------
    meeting
        Number of the line that opened the meeting it belongs to; 0: it opens one, or is of none.
    point
        Number of the action point that is done.
    text, owner, due
        Of an action point: what, who, until when.
    snapshot
        Hash of the state that was published then.
    """

    act: MeetingAct
    meeting: int
    point: int
    text: str
    owner: str
    due: date | None
    snapshot: str

    @property
    def decision_slot(self) -> tuple[MeetingAct, int]:
        """The act, and what it ends; an opening or a point stands for itself."""
        ended = {MeetingAct.CLOSE: self.meeting, MeetingAct.DONE: self.point}
        return self.act, ended.get(self.act, self.id)

    @property
    def decided_text(self) -> str:
        """What was done, or agreed with whom until when."""
        due = f"→ {self.due}" if self.due else ""
        number = f"{self.point or ''}"
        said = (label("meeting_act", self.act), number, self.text, self.owner, due)
        return " ".join(filter(None, said))


@dataclass(frozen=True)
class ActionPoint:
    """What somebody does until a day.

    Attributes
    ----------
    id
        Its number, by which it is called done.
    meeting
        Number of the meeting in which it was agreed; 0: outside one.
    done_at
        When it was called done; ``None``: it is open.
    """

    id: int
    text: str
    owner: str
    due: date
    meeting: int
    made_at: datetime
    done_at: datetime | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether it is open after its day."""
        return self.done_at is None and self.due < today


@dataclass(frozen=True)
class Meeting:
    """A meeting as it is now.

    Attributes
    ----------
    number
        Of the act that opened it.
    snapshot, closing_snapshot
        Hash of the state it opened on, and of that which was published when it was closed.
    closed_at
        ``None``: it is going on.
    """

    number: int
    snapshot: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    closing_snapshot: str = ""


class Meetings(DecisionHistory[MeetingDecision]):
    """The meetings and action points of a store."""

    table = MEETINGS
    command = "atlas meeting"

    def meetings(self) -> list[Meeting]:
        """The meetings, the latest first."""
        acts = [one for one in self.all_decisions() if one.in_force]
        closed = {one.meeting: one for one in acts if one.act is MeetingAct.CLOSE}
        found = []
        for one in (act for act in acts if act.act is MeetingAct.OPEN):
            end = closed.get(one.id)
            found.append(
                Meeting(
                    one.id,
                    one.snapshot,
                    one.who,
                    one.at,
                    end.at if end else None,
                    end.snapshot if end else "",
                )
            )
        return found

    def current_meeting(self) -> Meeting | None:
        """The meeting that is going on, if one is."""
        return next((one for one in self.meetings() if one.closed_at is None), None)

    def action_points(self) -> list[ActionPoint]:
        """Every action point that was not taken back, the earliest due first."""
        acts = [one for one in self.all_decisions() if one.in_force]
        done = {one.point: one.at for one in acts if one.act is MeetingAct.DONE}
        found = [
            ActionPoint(one.id, one.text, one.owner, one.due, one.meeting, one.at, done.get(one.id))
            for one in acts
            if one.act is MeetingAct.POINT and one.due
        ]
        return sorted(found, key=lambda one: (one.due, one.id))

    def open_meeting(self, snapshot: str, *, who: str) -> Meeting:
        """Open a meeting on the state that is published.

        Raises
        ------
        ChangedError
            One is going on.
        """
        with Store(self._root).exclusive_writing():
            going_on = self.current_meeting()
            if going_on:
                raise ChangedError(
                    _("Réunion déjà ouverte"),
                    _("par {who}", who=going_on.opened_by),
                    _("Continuez-la, ou fermez-la d'abord."),
                )
            self._add_act(MeetingAct.OPEN, who, snapshot=snapshot)
            return self.meetings()[0]

    def close_meeting(self, snapshot: str, *, who: str) -> Meeting:
        """Close the meeting that is going on.

        Raises
        ------
        ChangedError
            None is.
        """
        with Store(self._root).exclusive_writing():
            going_on = self.current_meeting()
            if going_on is None:
                raise ChangedError(_("Aucune réunion ouverte"))
            self._add_act(MeetingAct.CLOSE, who, meeting=going_on.number, snapshot=snapshot)
            return next(one for one in self.meetings() if one.number == going_on.number)

    def add_point(
        self, text: str, owner: str, due: date, *, who: str, snapshot: str = ""
    ) -> ActionPoint:
        """Note who does what until when, in the meeting that is going on or outside one.

        Raises
        ------
        UsageError
            What or who is missing, or too long.
        """
        text, owner = " ".join(text.split()), " ".join(owner.split())
        if not text or not owner or len(text) + len(owner) > LONGEST_TEXT:
            raise UsageError(
                _("Point d'action refusé"),
                "",
                _("Dites en quelques mots quoi, et qui le fait."),
            )
        with Store(self._root).exclusive_writing():
            going_on = self.current_meeting()
            self._add_act(
                MeetingAct.POINT,
                who,
                meeting=going_on.number if going_on else 0,
                text=text,
                owner=owner,
                due=due.isoformat(),
                snapshot=snapshot,
            )
            return max(self.action_points(), key=lambda one: one.id)

    def end_point(self, point: int, *, who: str) -> ActionPoint:
        """Call an action point done.

        Raises
        ------
        UsageError
            There is no such point.
        ChangedError
            It is done already.
        """
        with Store(self._root).exclusive_writing():
            asked = next((one for one in self.action_points() if one.id == point), None)
            if asked is None:
                raise UsageError(_("Point d'action {id} inconnu", id=point))
            if asked.done_at:
                day = day_text(asked.done_at.date())
                raise ChangedError(_("Point d'action {id} déjà fait, le {day}", id=point, day=day))
            going_on = self.current_meeting()
            self._add_act(
                MeetingAct.DONE, who, meeting=going_on.number if going_on else 0, point=point
            )
            return next(one for one in self.action_points() if one.id == point)

    def acts_of(self, meeting: int) -> list[MeetingDecision]:
        """What was done in a meeting and not taken back, the newest first, its opening last."""
        return [
            one
            for one in self.all_decisions()
            if one.undone_at is None and meeting in (one.meeting, one.id)
            if one.meeting == meeting or one.act is MeetingAct.OPEN
        ]

    def _add_act(self, act: MeetingAct, who: str, **said: object) -> None:
        rest = {"meeting": 0, "point": 0, "text": "", "owner": "", "due": "", "snapshot": ""}
        row = {"act": str(act), **rest, **said, **author_columns(who, "")}
        self.write(DecisionChange({MEETINGS.name: [row]}))

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> MeetingDecision:
        return MeetingDecision(
            act=MeetingAct(row["act"]),
            meeting=row["meeting"],
            point=row["point"],
            text=row["text"],
            owner=row["owner"],
            due=date.fromisoformat(row["due"]) if row["due"] else None,
            snapshot=row["snapshot"],
            **trail,
        )
