"""The spans of time that reports are to tell of, and which report is of which."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from atlas.model import FREQUENCIES

MONTHS = {"monthly": 1, "quarterly": 3, "semestrial": 6, "yearly": 12}
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A span that one report is to tell of.

    Attributes
    ----------
    until
        Last day of the period that follows.
    """

    first: date
    last: date
    until: date
    due: date | None

    @property
    def taken_until(self) -> date:
        """Last day whose report may be of this period: the middle of the one that follows."""
        return self.last + (self.until - self.last) / 2


def assigned(spans: Sequence[Period], days: Sequence[date]) -> dict[int, list[date]]:
    """Which period each report is of: a report is of one period only.

    A report dated in the first half of a period is of the one before, while that one has
    none; any other is of its own period, beside those that it has already.

    Parameters
    ----------
    spans
        Periods that follow each other.
    days
        Dates of the reports, ascending.

    Returns
    -------
    dict
        Index of the period → dates of its reports, the first one first.
    """
    found: dict[int, list[date]] = {}
    firsts = [span.first for span in spans]
    for day in days:
        newest = bisect_right(firsts, day) - 1
        older = newest - 1
        if older >= 0 and older not in found and day <= spans[older].taken_until:
            found[older] = [day]
        elif newest >= 0 and day <= spans[newest].taken_until:
            found.setdefault(newest, []).append(day)
    return found


def declared_periods(
    spans: Sequence[Period], declared: Sequence[tuple[date, date, date]]
) -> list[tuple[int, date]]:
    """Periods that lie within what somebody declared, each with the day on which it did.

    Parameters
    ----------
    declared
        First and last day declared, and the day of the declaration.
    """
    return [
        (i, day)
        for first, last, day in declared
        for i, span in enumerate(spans)
        if first <= span.first and span.last <= last
    ]


def periods(fact: dict[str, Any], reference: date | None) -> Iterator[Period]:
    """The periods of a fact that have ended on the day of reference, oldest first.

    Without a frequency there is one, from its first day to its last, or to its due date.
    """
    first = fact["start"] or fact["as_of"]
    if first is None or reference is None:
        return
    stop = min(fact["expires"] or reference, reference)
    if fact["frequency"] not in FREQUENCIES:
        last = fact["expires"] or fact["due"] or reference
        yield Period(first, last, max(last, reference), fact["due"] or _due(last, fact))
        return
    for begin, after, then in _calendar(first, stop, fact["frequency"]):
        last = after - _A_DAY
        if last <= stop:
            yield Period(max(begin, first), last, then - _A_DAY, _due(last, fact))


def _due(last: date, fact: dict[str, Any]) -> date | None:
    days = fact["due_days"]
    return None if days is None else last + timedelta(days=days)


def _calendar(first: date, stop: date, frequency: str) -> Iterator[tuple[date, date, date]]:
    """First days of the weeks, months… that touch the span, with the two that follow each."""
    starts = [_first_day(first, frequency)]
    while starts[-1] <= stop:
        starts.append(_next(starts[-1], frequency))
    starts.append(_next(starts[-1], frequency))
    for (begin, after), (_after, then) in pairwise(pairwise(starts)):
        yield begin, after, then


def _first_day(day: date, frequency: str) -> date:
    if frequency == "weekly":
        return day - timedelta(days=day.weekday())
    months = MONTHS[frequency]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(first: date, frequency: str) -> date:
    if frequency == "weekly":
        return first + timedelta(days=7)
    month = first.month - 1 + MONTHS[frequency]
    return date(first.year + month // 12, month % 12 + 1, 1)
