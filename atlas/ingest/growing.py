"""Tables made row by row, kept as columns: a long list never stands in memory as dictionaries."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def rows_of_outcomes(
    document: str, outcomes: Sequence[tuple[str, str, str | None]]
) -> pl.DataFrame:
    """The table ``rows`` of a document: where each stands, what became of it, its activity."""
    locators, became, ids = zip(*outcomes, strict=True) if outcomes else ((), (), ())
    columns = {
        "document": [document] * len(locators),
        "locator": locators,
        "outcome": became,
        "activity_id": ids,
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
