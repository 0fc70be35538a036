"""Meetings, and who does what until when after them.

Kept as decisions are (`atlas.store.decisions`). A meeting opens on a published state and ends when
it is closed; an action point is one history of rows, of which the newest that stands tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from atlas.errors import ChangedError, UsageError
from atlas.formats import day_text, short_day_text
from atlas.i18n import _
from atlas.labels import label
from atlas.store import Store
from atlas.store.database import ACTION_POINTS, MEETINGS
from atlas.store.decisions import DecisionHistory, HistoryLine, author_columns
from atlas.store.disk import DecisionChange, DecisionRow

LONGEST = timedelta(days=1)
"""A meeting that nobody closed is over then: what is decided later is not of it."""


class MeetingAct(StrEnum):
    """What a person does with a meeting."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True)
class MeetingSubject:
    """What a meeting is about: filters of the page, as a query, and how places are told.

    Meetings of the same filters follow on each other.
    """

    filters: str = ""
    frame: str = ""
    level: str = "region"


@dataclass(frozen=True, kw_only=True)
class MeetingDecision(HistoryLine):
    """One line of the history of meetings.

    Attributes
    ----------
    meeting
        Number of the opening that this closes; 0 of an opening.
    snapshot, since
        The state that it opens on, and the one that its agenda is compared with ("": none).
    subject
        What it is about.
    """

    act: MeetingAct
    meeting: int = 0
    day: date | None = None
    snapshot: str = ""
    since: str = ""
    subject: MeetingSubject

    @property
    def decision_slot(self) -> tuple[MeetingAct, int]:
        """The act and the meeting."""
        return self.act, self.meeting or self.id

    @property
    def decided_text(self) -> str:
        """What was done with which meeting."""
        return f"{label('meeting_act', self.act)} {self.meeting or self.day}"


@dataclass(frozen=True)
class Meeting:
    """A meeting as it is now."""

    opened: MeetingDecision
    closed: MeetingDecision | None

    @property
    def number(self) -> int:
        """By which it is named."""
        return self.opened.id

    @property
    def day(self) -> date:
        """On which it is held."""
        assert self.opened.day is not None
        return self.opened.day

    @property
    def subject(self) -> MeetingSubject:
        """What it is about."""
        return self.opened.subject

    @property
    def title(self) -> str:
        """Its number and day in words."""
        return _("Réunion {n} du {day}", n=self.number, day=day_text(self.day))

    @property
    def ended_at(self) -> datetime:
        """Until when what its chair decides is of it."""
        latest = self.opened.at + LONGEST
        return min(self.closed.at, latest) if self.closed else latest

    def is_open(self, now: datetime) -> bool:
        """Whether something may still be decided in it."""
        return now < self.ended_at

    def has_decided(self, one: HistoryLine) -> bool:
        """Whether a decision was taken in it, by whoever opened it, and stands.

        What others decide meanwhile, elsewhere, is theirs.
        """
        in_time = self.opened.at <= one.at <= self.ended_at
        return in_time and one.who == self.opened.who and one.undone_at is None


class Meetings(DecisionHistory[MeetingDecision]):
    """The meetings of a store."""

    table = MEETINGS
    command = "atlas meeting"

    def meetings(self) -> list[Meeting]:
        """Those that were opened, the newest first."""
        acts = [one for one in self.all_decisions() if one.in_force]
        closings = {one.meeting: one for one in acts if one.act is MeetingAct.CLOSE}
        opened = [one for one in acts if one.act is MeetingAct.OPEN]
        return [Meeting(one, closings.get(one.id)) for one in opened]

    def meeting_of(self, number: int) -> Meeting:
        """A meeting by its number.

        Raises
        ------
        UsageError
            There is none.
        """
        found = [one for one in self.meetings() if one.number == number]
        if not found:
            raise UsageError(
                _("Pas de réunion {n}", n=number), "", _("Voyez-les : atlas meeting list.")
            )
        return found[0]

    def current_meeting(self, who: str) -> Meeting | None:
        """The one that somebody holds now."""
        now = datetime.now(UTC)
        own = (one for one in self.meetings() if one.opened.who == who)
        return next((one for one in own if one.is_open(now)), None)

    def last_meeting(self, filters: str) -> Meeting | None:
        """The newest meeting about the same that is over."""
        now = datetime.now(UTC)
        same = (one for one in self.meetings() if one.subject.filters == filters)
        return next((one for one in same if not one.is_open(now)), None)

    def open_meeting(
        self, day: date, snapshot: str, since: str, subject: MeetingSubject, *, who: str
    ) -> Meeting:
        """Open a meeting on a state.

        Raises
        ------
        UsageError
            Whoever opens it holds one already, or nobody opens it.
        """
        with Store(self._root).exclusive_writing():
            held = self.current_meeting(who.strip())
            if held:
                raise UsageError(
                    _("Une réunion est déjà ouverte : {meeting}", meeting=held.title),
                    "",
                    _("Fermez-la d'abord : atlas meeting close."),
                )
            said = {"day": day.isoformat(), "snapshot": snapshot, "since": since}
            made = self._add_act(MeetingAct.OPEN, who, {**said, **asdict(subject)})
            return self.meeting_of(made.id)

    def close_meeting(self, number: int, *, who: str) -> Meeting:
        """Close a meeting.

        Raises
        ------
        UsageError
            There is no such meeting, it is closed, or nobody closes it.
        """
        with Store(self._root).exclusive_writing():
            one = self.meeting_of(number)
            if one.closed:
                raise UsageError(_("Déjà close : {meeting}", meeting=one.title))
            self._add_act(MeetingAct.CLOSE, who, {"meeting": number})
            return self.meeting_of(number)

    def _add_act(self, act: MeetingAct, who: str, said: Mapping[str, object]) -> MeetingDecision:
        rest = {"meeting": 0, "day": "", "snapshot": "", "since": "", **asdict(MeetingSubject())}
        row = {"act": str(act), **rest, **said, **author_columns(who, "")}
        return self.write(DecisionChange({MEETINGS.name: [row]}))[0]

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> MeetingDecision:
        said = {name: row[name] for name in ("meeting", "snapshot", "since")}
        subject = MeetingSubject(row["filters"], row["frame"], row["level"])
        day = date.fromisoformat(row["day"]) if row["day"] else None
        act = MeetingAct(row["act"])
        return MeetingDecision(act=act, day=day, subject=subject, **said, **trail)


@dataclass(frozen=True, kw_only=True)
class PointDecision(HistoryLine):
    """One line of the history of action points: a point as it stands from then on.

    Attributes
    ----------
    point
        Number of the point; 0 in its first line, whose number it is.
    meeting
        In which this was said; 0 outside any.
    owner
        Who is to do it.
    snapshot
        The state that was shown then.
    """

    what: str
    owner: str
    due: date
    done: bool = False
    point: int = 0
    meeting: int = 0
    snapshot: str = ""

    @property
    def decision_slot(self) -> int:
        """The point."""
        return self.point or self.id

    @property
    def decided_text(self) -> str:
        """What, who, until when, and whether it is done."""
        done = _("fait") if self.done else f"→ {short_day_text(self.due)}"
        return f"{self.what} ; {self.owner} {done}"


@dataclass(frozen=True)
class ActionPoint:
    """An action point as it is now.

    Attributes
    ----------
    first, last
        The line that made it, and the one that tells it now.
    """

    first: PointDecision
    last: PointDecision

    @property
    def number(self) -> int:
        """By which it is named."""
        return self.first.id

    def days_late(self, day: date) -> int:
        """For how many days it is owed; 0 where it is not, or is done."""
        return 0 if self.last.done else max(0, (day - self.last.due).days)


class ActionPoints(DecisionHistory[PointDecision]):
    """The action points of a store."""

    table = ACTION_POINTS
    command = "atlas meeting points"

    def points(self, at: datetime | None = None) -> list[ActionPoint]:
        """Those that stand, what is due first first.

        Parameters
        ----------
        at
            As they were told then; what was taken back since is left out.
        """
        stand = [one for one in self.all_decisions() if one.undone_at is None]
        told = [one for one in stand if at is None or one.at <= at]
        newest = {one.decision_slot: one for one in reversed(told)}
        firsts = (one for one in told if not one.point)
        found = [ActionPoint(one, newest[one.id]) for one in firsts]
        return sorted(found, key=lambda one: (one.last.due, one.number))

    def point_of(self, number: int) -> ActionPoint:
        """A point by its number.

        Raises
        ------
        UsageError
            There is none.
        """
        found = [one for one in self.points() if one.number == number]
        if not found:
            raise UsageError(
                _("Pas de point d'action {n}", n=number), "", _("Voyez-les : atlas meeting points.")
            )
        return found[0]

    def add_point(
        self, what: str, owner: str, due: date, *, who: str, meeting: int = 0, snapshot: str = ""
    ) -> ActionPoint:
        """Write a new point down.

        Raises
        ------
        UsageError
            It does not say what and who, or nobody writes it down.
        """
        row = {"point": 0, "meeting": meeting, "snapshot": snapshot, "done": 0}
        made = self._add_line({**row, **_point_words(what, owner, due)}, who)
        return self.point_of(made.id)

    def change_point(
        self,
        number: int,
        seen: int | None,
        *,
        who: str,
        meeting: int = 0,
        what: str | None = None,
        owner: str | None = None,
        due: date | None = None,
        done: bool | None = None,
    ) -> ActionPoint:
        """Say that a point is done, or not yet, or is another; what is ``None`` stays.

        Parameters
        ----------
        seen
            Number of the line that the person saw; ``None``: whatever stands.

        Raises
        ------
        ChangedError
            Somebody else changed it since.
        UsageError
            There is no such point, it says nothing any more, or nobody says so.
        """
        with Store(self._root).exclusive_writing():
            now = self._seen_point(number, seen).last
            words = _point_words(what or now.what, owner or now.owner, due or now.due)
            is_done = now.done if done is None else done
            row = {"point": number, "meeting": meeting, "snapshot": now.snapshot, **words}
            self._add_line({**row, "done": int(is_done)}, who)
            return self.point_of(number)

    def undo_point(self, number: int, seen: int | None, *, who: str) -> PointDecision:
        """Take back what was said of a point last; of a new point, the point.

        Raises
        ------
        ChangedError
            Somebody else changed it since ``seen``.
        UsageError
            There is no such point, or nobody takes it back.
        """
        with Store(self._root).exclusive_writing():
            return self.undo_decision(self._seen_point(number, seen).last.id, who=who)

    def _seen_point(self, number: int, seen: int | None) -> ActionPoint:
        found = self.point_of(number)
        if seen is not None and found.last.id != seen:
            raise ChangedError(
                _("Point d'action {n} non changé", n=number),
                _(
                    "{who} l'a changé entre-temps : {said}",
                    who=found.last.who,
                    said=found.last.decided_text,
                ),
                _("Relisez-le, puis recommencez."),
            )
        return found

    def _add_line(self, row: Mapping[str, object], who: str) -> PointDecision:
        change = DecisionChange({ACTION_POINTS.name: [{**row, **author_columns(who, "")}]})
        return self.write(change)[0]

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> PointDecision:
        said = {name: row[name] for name in ("point", "meeting", "what", "owner", "snapshot")}
        due, done = date.fromisoformat(row["due"]), bool(row["done"])
        return PointDecision(due=due, done=done, **said, **trail)


def _point_words(what: str, owner: str, due: date) -> dict[str, object]:
    """What a point says, as columns.

    Raises
    ------
    UsageError
        It does not say what is to be done, or by whom.
    """
    said = {"what": " ".join(what.split()), "owner": " ".join(owner.split())}
    if not all(said.values()):
        raise UsageError(
            _("Point d'action incomplet"), "", _("Dites ce qui est à faire, qui le fait et quand.")
        )
    return {**said, "due": due.isoformat()}
