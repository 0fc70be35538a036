"""How far the reading of a file is, told to whoever watches: a page, a terminal.

A reading that nobody watches costs one look at a variable. Whoever watches may raise, which
ends the reading: nothing of it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TypeVar

from atlas.i18n import _
from atlas.labels import label

T = TypeVar("T")
_STEP = 200
"""Rows between two words: a reading of 100 000 rows tells 500 times."""


class ReadingPhase(StrEnum):
    """What is being done, in this order."""

    OPENING = "opening"
    COLUMNS = "columns"
    ROWS = "rows"
    CHECKING = "checking"
    COMPARING = "comparing"


Watch = Callable[[ReadingPhase, int, int], None]
"""Takes the phase, how many rows of it are done, and how many there are (0 if unknown)."""

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watch_progress(watch: Watch) -> Iterator[None]:
    """Tell ``watch`` how far the readings inside are."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def report_progress(phase: ReadingPhase, done: int = 0, total: int = 0) -> None:
    """Say what is being done."""
    watch = _watch.get()
    if watch is not None:
        watch(phase, done, total)


def counted_rows(items: Sequence[T], phase: ReadingPhase = ReadingPhase.ROWS) -> Iterator[T]:
    """The items, telling how many rows are behind."""
    for done, item in enumerate(items):
        if done % _STEP == 0:
            report_progress(phase, done, len(items))
        yield item


@contextmanager
def time_limit(seconds: float, error_of: Callable[[], Exception]) -> Iterator[None]:
    """Raise what ``error_of`` makes when the readings inside take longer, whoever watches them."""
    end = time.monotonic() + seconds
    outer = _watch.get()

    def watch(phase: ReadingPhase, done: int, total: int) -> None:
        if time.monotonic() > end:
            raise error_of()
        if outer is not None:
            outer(phase, done, total)

    with watch_progress(watch):
        yield


_BEGUN = {
    "": 0.0,
    ReadingPhase.OPENING: 0.05,
    ReadingPhase.COLUMNS: 0.3,
    ReadingPhase.ROWS: 0.45,
    ReadingPhase.CHECKING: 0.85,
    ReadingPhase.COMPARING: 0.9,
}
"""How much of a reading is behind when each phase begins, as measured on large lists."""


def share_done(phase: str, done: int = 0, total: int = 0) -> float:
    """How much of a reading is behind, 0 to 1.

    Examples
    --------
    >>> share_done("opening"), round(share_done("rows", 50, 100), 2)
    (0.05, 0.65)
    """
    begun = _BEGUN.get(phase, 0.0)
    if phase == ReadingPhase.ROWS and total:
        return begun + (_BEGUN[ReadingPhase.CHECKING] - begun) * done / total
    return begun


def phase_in_words(phase: str, done: str = "", total: str = "") -> str:
    """What is being done, with the rows behind where they are counted.

    Parameters
    ----------
    done, total
        Figures as the reader of the language writes them.
    """
    text = label("phase", phase)
    if phase == ReadingPhase.ROWS and total:
        return text + "\u00a0: " + _("{done} sur {total}", done=done, total=total)
    return f"{text}…"
