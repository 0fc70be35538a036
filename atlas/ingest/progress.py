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


class Phase(StrEnum):
    """What is being done, in this order."""

    OPENING = "opening"
    COLUMNS = "columns"
    ROWS = "rows"
    CHECKING = "checking"
    COMPARING = "comparing"


Watch = Callable[[Phase, int, int], None]
"""Takes the phase, how many rows of it are done, and how many there are (0 if unknown)."""

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Tell ``watch`` how far the readings inside are."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def tell(phase: Phase, done: int = 0, total: int = 0) -> None:
    """Say what is being done."""
    watch = _watch.get()
    if watch is not None:
        watch(phase, done, total)


def counted(items: Sequence[T], phase: Phase = Phase.ROWS) -> Iterator[T]:
    """The items, telling how many rows are behind."""
    for done, item in enumerate(items):
        if done % _STEP == 0:
            tell(phase, done, len(items))
        yield item


@contextmanager
def at_most(seconds: float, over: Callable[[], Exception]) -> Iterator[None]:
    """Raise what ``over`` makes when the readings inside take longer, whoever watches them."""
    end = time.monotonic() + seconds
    outer = _watch.get()

    def watch(phase: Phase, done: int, total: int) -> None:
        if time.monotonic() > end:
            raise over()
        if outer is not None:
            outer(phase, done, total)

    with watched(watch):
        yield


_BEGUN = {
    "": 0.0,
    Phase.OPENING: 0.05,
    Phase.COLUMNS: 0.3,
    Phase.ROWS: 0.45,
    Phase.CHECKING: 0.85,
    Phase.COMPARING: 0.9,
}
"""How much of a reading is behind when each phase begins, as measured on large lists."""


def behind(phase: str, done: int = 0, total: int = 0) -> float:
    """How much of a reading is behind, 0 to 1.

    Examples
    --------
    >>> behind("opening"), round(behind("rows", 50, 100), 2)
    (0.05, 0.65)
    """
    begun = _BEGUN.get(phase, 0.0)
    if phase == Phase.ROWS and total:
        return begun + (_BEGUN[Phase.CHECKING] - begun) * done / total
    return begun


def said(phase: str, done: str = "", total: str = "") -> str:
    """What is being done, with the rows behind where they are counted.

    Parameters
    ----------
    done, total
        Figures as the reader of the language writes them.
    """
    text = label("phase", phase)
    if phase == Phase.ROWS and total:
        return text + "\u00a0: " + _("{done} sur {total}", done=done, total=total)
    return f"{text}…"
