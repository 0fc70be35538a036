"""Stretches of a text that are spoken for, found again without looking at each."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

Span = tuple[int, int]
"""Start and end of some words in a text."""


class Spans:
    """Spans in order; those of one text do not overlap one another.

    Examples
    --------
    >>> taken = Spans([(0, 4), (10, 14)])
    >>> taken.overlaps(12, 20), taken.before(9), taken.after(9)
    (True, (0, 4), (10, 14))
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = sorted(spans)

    def add(self, span: Span) -> None:
        """Take in one more."""
        insort(self._spans, span)

    def overlaps(self, start: int, end: int) -> bool:
        """Whether one of them shares a character with this stretch."""
        at = bisect_left(self._spans, (end, end))
        return at > 0 and self._spans[at - 1][1] > start

    def before(self, start: int) -> Span | None:
        """The last one that begins before a place in the text."""
        at = bisect_left(self._spans, (start, start))
        return self._spans[at - 1] if at else None

    def after(self, end: int) -> Span | None:
        """The first one that begins at a place in the text or later."""
        at = bisect_left(self._spans, (end, end))
        return self._spans[at] if at < len(self._spans) else None
