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
