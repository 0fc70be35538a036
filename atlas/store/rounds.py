"""Rounds of reporting: a period, the day on which reports are due, and the state it closed with.

Kept as decisions are (`atlas.store.decisions`): who opened, closed or reopened a round and when,
each with the way back. What a round says of its reports is worked out from what is published
(`atlas.review.round_reports`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from atlas.errors import UsageError
from atlas.formats import day_text, period_text
from atlas.i18n import _
from atlas.labels import label
from atlas.store import Store
from atlas.store.database import ROUNDS
from atlas.store.decisions import DecisionHistory, HistoryLine, author_columns
from atlas.store.disk import DecisionChange, DecisionRow


class RoundAct(StrEnum):
    """What a person does with a round."""

    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, kw_only=True)
class RoundDecision(HistoryLine):
    """One line of the history.

    Attributes
    ----------
    first, last
        The period of the round, both days included.
    day
        On which reports are due: those of all where it is opened, those of ``reporter`` where
        it is reopened for one.
    snapshot, expected, received
        Hash of the state that it is closed with, and how many reports were expected and had
        come then.
    """

    act: RoundAct
    first: date
    last: date
    day: date | None = None
    reporter: str = ""
    snapshot: str = ""
    expected: int = 0
    received: int = 0

    @property
    def decision_slot(self) -> tuple[RoundAct, date, date, str]:
        """The act, the period and the partner."""
        return self.act, self.first, self.last, self.reporter

    @property
    def decided_text(self) -> str:
        """What was done to which period, for whom, until when."""
        until = f"→ {self.day}" if self.day else ""
        period = f"{self.first} – {self.last}"
        said = (label("round_act", self.act), period, self.reporter, until)
        return " ".join(filter(None, said))


@dataclass(frozen=True)
class ReportRound:
    """A round as it is now.

    Attributes
    ----------
    due
        Day on which reports are due.
    closed
        Its last closing; ``None``: it is open.
    extended
        Partner → the day until which it was given time, by any reopening.
    reopened
        Those of them for whom the round is open still: since the last closing.
    """

    first: date
    last: date
    due: date
    opened: RoundDecision
    closed: RoundDecision | None
    extended: Mapping[str, date]
    reopened: Mapping[str, date]

    @property
    def title(self) -> str:
        """Its period in words."""
        return period_text(self.first, self.last)

    @property
    def key(self) -> str:
        """Its period as it is typed: "2024-01-01/2024-01-31"."""
        return f"{self.first}/{self.last}"

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed, UTC."""
        return self.closed.at if self.closed else None

    def due_day(self, reporter: str) -> date:
        """Until when a partner may report."""
        return max(self.due, self.extended.get(reporter, self.due))


class ReportRounds(DecisionHistory[RoundDecision]):
    """The rounds of a store."""

    table = ROUNDS
    command = "atlas rounds"

    def rounds(self) -> list[ReportRound]:
        """The rounds that are open or closed, the latest period first."""
        acts = [one for one in self.all_decisions() if one.in_force]
        opened = [one for one in acts if one.act is RoundAct.OPEN]
        found = [_round_of_acts(one, acts) for one in opened]
        return sorted(found, key=lambda one: (one.last, one.first), reverse=True)

    def round_of(self, period: tuple[date, date]) -> ReportRound:
        """The round of a period.

        Raises
        ------
        UsageError
            None is open or closed for it; those there are are named.
        """
        rounds = self.rounds()
        for one in rounds:
            if (one.first, one.last) == period:
                return one
        names = ", ".join(one.title for one in rounds)
        raise UsageError(
            _("Pas de tour : {period}", period=period_text(*period)),
            "",
            _("Tours : {names}.", names=names) if names else _("Ouvrez-le : atlas rounds open."),
        )

    def open_round(self, first: date, last: date, due: date, *, who: str) -> ReportRound:
        """Open a round, or move the due day of one.

        Raises
        ------
        UsageError
            Its days are in no order, it overlaps another, it is closed, or nobody opens it.
        """
        with Store(self._root).exclusive_writing():
            return self._open_round(first, last, due, who)

    def _open_round(self, first: date, last: date, due: date, who: str) -> ReportRound:
        if not first <= last < due:
            raise UsageError(
                _("Tour refusé : {period}", period=period_text(first, last)),
                _("les jours ne se suivent pas : {due} pour échéance", due=day_text(due)),
                _("Le premier jour, le dernier, puis l'échéance."),
            )
        for one in self.rounds():
            if one.closed and (one.first, one.last) == (first, last):
                raise _closed_error(one)
            if (one.first, one.last) != (first, last) and one.first <= last and first <= one.last:
                raise UsageError(
                    _("Tour refusé : {period}", period=period_text(first, last)),
                    _("il chevauche un autre, {other}", other=one.title),
                )
        self._add_act(RoundAct.OPEN, first, last, who, {"day": due.isoformat()})
        return self.round_of((first, last))

    def close_round(
        self, period: tuple[date, date], snapshot: str, reports: tuple[int, int], *, who: str
    ) -> ReportRound:
        """Close a round with the state that is published; closed again after it was reopened.

        Parameters
        ----------
        snapshot
            Hash of that state.
        reports
            How many were expected, and had come.

        Raises
        ------
        UsageError
            There is no such round, it is closed and reopened for nobody, or nobody closes it.
        """
        with Store(self._root).exclusive_writing():
            one = self.round_of(period)
            if one.closed and not one.reopened:
                raise _closed_error(one)
            expected, received = reports
            said = {"snapshot": snapshot, "expected": expected, "received": received}
            self._add_act(RoundAct.CLOSE, *period, who, said)
            return self.round_of(period)

    def reopen_round(
        self, period: tuple[date, date], reporter: str, until: date, *, who: str
    ) -> ReportRound:
        """Reopen a closed round for one partner, until a day.

        Raises
        ------
        UsageError
            There is no such round, it is open, the day lies before it was due, or nobody says so.
        """
        one = self.round_of(period)
        if not one.closed:
            raise UsageError(_("Le tour est encore ouvert : {period}", period=one.title))
        if until <= one.due:
            raise UsageError(
                _("Tour non rouvert : {period}", period=one.title),
                _("{day} n'est pas après l'échéance", day=day_text(until)),
                _("Donnez un jour après le {day}.", day=day_text(one.due)),
            )
        said = {"day": until.isoformat(), "reporter": reporter}
        self._add_act(RoundAct.REOPEN, *period, who, said)
        return self.round_of(period)

    def undo_decision(self, decision: int, *, who: str) -> RoundDecision:
        """Take an act back.

        Raises
        ------
        UsageError
            There is none, it is undone already, or it opened a round that is closed.
        """
        with Store(self._root).exclusive_writing():
            asked = self.get(decision)
            closed = [one for one in self.rounds() if one.opened.id == asked.id and one.closed]
            if closed and closed[0].closed:
                raise UsageError(
                    _("Le tour est clos : {period}", period=closed[0].title),
                    "",
                    _("Annulez d'abord sa clôture, la décision {id}.", id=closed[0].closed.id),
                )
            return super().undo_decision(decision, who=who)

    def _add_act(
        self, act: RoundAct, first: date, last: date, who: str, said: Mapping[str, object]
    ) -> None:
        days = {"first": first.isoformat(), "last": last.isoformat()}
        rest = {"day": "", "reporter": "", "snapshot": "", "expected": 0, "received": 0}
        row = {"act": str(act), **days, **rest, **said, **author_columns(who, "")}
        self.write(DecisionChange({ROUNDS.name: [row]}))

    def _line_from_row(self, row: DecisionRow, trail: Mapping[str, Any]) -> RoundDecision:
        return RoundDecision(
            act=RoundAct(row["act"]),
            first=date.fromisoformat(row["first"]),
            last=date.fromisoformat(row["last"]),
            day=date.fromisoformat(row["day"]) if row["day"] else None,
            reporter=row["reporter"],
            snapshot=row["snapshot"],
            expected=row["expected"],
            received=row["received"],
            **trail,
        )


def _round_of_acts(opened: RoundDecision, acts: list[RoundDecision]) -> ReportRound:
    own = [one for one in acts if (one.first, one.last) == (opened.first, opened.last)]
    closed = next((one for one in own if one.act is RoundAct.CLOSE), None)
    acts = [one for one in own if one.act is RoundAct.REOPEN and one.day]
    extended = {one.reporter: one.day for one in acts if one.day}
    open_again = {one.reporter for one in acts if closed and one.id > closed.id}
    reopened = {who: day for who, day in extended.items() if who in open_again}
    assert opened.day is not None
    return ReportRound(opened.first, opened.last, opened.day, opened, closed, extended, reopened)


def _closed_error(one: ReportRound) -> UsageError:
    return UsageError(
        _("Le tour est clos : {period}", period=one.title),
        "",
        _("Rouvrez-le pour un partenaire : atlas rounds reopen."),
    )
