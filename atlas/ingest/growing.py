"""Tables made row by row, kept as columns: a long list never stands in memory as dictionaries."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import polars as pl

from atlas.model import empty, frame_of

_AT_ONCE = 4096
"""Rows that wait as dictionaries, a tenth of them in columns: 2 MB in all."""
_COLLECTED_AFTER = 100_000


@contextmanager
def growing_fast() -> Iterator[None]:
    """Look for garbage seldom: what a reading makes is kept, and looking at it again and again
    took a third of the time of a long list."""
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Growing:
    """One of the tables of `atlas.model`, row after row.

    Parameters
    ----------
    table
        Its name.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._waiting: list[Mapping[str, object]] = []
        self._made: list[pl.DataFrame] = []

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Rows as `atlas.model.frame_of` takes them."""
        self._waiting += rows
        if len(self._waiting) >= _AT_ONCE:
            self._settle()

    def frame(self) -> pl.DataFrame:
        """All rows so far, in their order."""
        self._settle()
        return pl.concat(self._made) if self._made else empty(self._table)

    def _settle(self) -> None:
        if self._waiting:
            self._made.append(frame_of(self._table, self._waiting))
            self._waiting = []


class Outcomes:
    """The table ``rows`` of a document: where each stands, what became of it, its activity.

    Parameters
    ----------
    document
        Its id.
    """

    def __init__(self, document: str) -> None:
        self._document = document
        self._waiting: list[tuple[str, str, str | None]] = []
        self._made: list[pl.DataFrame] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows + len(self._waiting)

    def add(self, locators: Iterable[str], outcome: str, activity_id: str | None = None) -> None:
        """Rows of which the same became.

        A locator was made together with its record: kept here as text, a few of them would
        keep the memory of all the records around them.
        """
        self._waiting += [(locator, outcome, activity_id) for locator in locators]
        if len(self._waiting) >= _AT_ONCE:
            self._settle()

    def frame(self) -> pl.DataFrame:
        """All rows so far, in their order."""
        self._settle()
        return pl.concat(self._made) if self._made else empty("rows")

    def _settle(self) -> None:
        if not self._waiting:
            return
        locators, became, ids = zip(*self._waiting, strict=True)
        columns = {
            "document": [self._document] * len(locators),
            "locator": locators,
            "outcome": became,
            "activity_id": ids,
        }
        self._made.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
        self._rows += len(locators)
        self._waiting = []
