"""Which découpage a table speaks of: the one in which its rows are units, one answer for all.

Old and new units share their names: "Bankass" is a cercle of 2012 and a smaller one of 2023.
Read row by row, a table of old cercles would be half old and half new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from atlas.geo.codes import CODES_UNKNOWN_IN, frame_of
from atlas.geo.frames import FRAMES

T = TypeVar("T")
ENOUGH = 3000
"""Distinct places that tell the découpage of a document, evenly spread over a longer one."""


class Verdict(NamedTuple):
    """The découpage of a table and what speaks for it.

    Attributes
    ----------
    frame
        The découpage.
    usual
        The one to be expected: in force at the date, or that of the whole document.
    fits
        How many rows are units of each découpage; one alone where all rows are of it.
    deciding
        Positions of the places that are units of it and not of the one expected (of the
        next best, where it is the one expected).
    """

    frame: str
    usual: str
    fits: Mapping[str, int]
    deciding: tuple[int, ...] = ()

    def told(self) -> str:
        """Rows of each découpage, the most first: "ml-2016 14, ml-2023 10"."""
        ranked = sorted(self.fits.items(), key=lambda one: -one[1])
        return ", ".join(f"{frame} {rows}" for frame, rows in ranked)


def frames_to_ask(usual: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The découpages, in the order in which they are preferred where rows do not decide.

    First the one that all codes of the table speak of, where the own codes of the one in
    force are not at hand; then the one expected; then the others, the newest first.

    Examples
    --------
    >>> frames_to_ask("ml-2016", [])
    ('ml-2016', 'ml-2023', 'ml-2012')
    >>> frames_to_ask("ml-2023", ["ML0704"])
    ('ml-2012', 'ml-2023', 'ml-2016')
    """
    by_codes = frame_of(code for code in codes if code) if usual in CODES_UNKNOWN_IN else None
    return tuple(dict.fromkeys((by_codes or usual, usual, *reversed(FRAMES))))


def fitting(
    places: Sequence[T],
    asked: Sequence[str],
    usual: str,
    are_units: Callable[[Sequence[T], str], list[bool]],
) -> dict[str, list[bool]]:
    """Whether each place is a unit of each découpage; of the usual one alone where all are.

    Parameters
    ----------
    places
        Distinct places of one or more tables.
    asked, usual
        See `frames_to_ask`.
    are_units
        Whether each place is a unit of a découpage.
    """
    found = {usual: are_units(places, usual)}
    if asked[0] == usual and all(found[usual]):
        return found
    return found | {frame: are_units(places, frame) for frame in asked if frame != usual}


def judge(
    found: Mapping[str, Sequence[bool]], rows: Sequence[int], asked: Sequence[str], usual: str
) -> Verdict:
    """The découpage of most rows; among equals the first that is asked.

    Parameters
    ----------
    found
        What `fitting` tells of the places of the table.
    rows
        How many rows name each place.

    Examples
    --------
    >>> found = {"ml-2023": [True, False], "ml-2016": [True, True], "ml-2012": [True, False]}
    >>> judge(found, [3, 1], ("ml-2023", "ml-2016", "ml-2012"), "ml-2023")[:3]
    ('ml-2016', 'ml-2023', {'ml-2023': 3, 'ml-2016': 4, 'ml-2012': 3})
    """
    fits = {
        frame: sum(n for is_unit, n in zip(units, rows, strict=True) if is_unit)
        for frame, units in found.items()
    }
    ranked = sorted((frame for frame in asked if frame in fits), key=lambda one: -fits[one])
    best = ranked[0]
    rival = usual if best != usual else (*ranked[1:], usual)[0]
    beside = zip(found[best], found[rival], strict=True)
    deciding = tuple(i for i, (here, there) in enumerate(beside) if here and not there)
    return Verdict(best, usual, fits, deciding)


def spread(items: Sequence[T], most: int = ENOUGH) -> Sequence[T]:
    """At most so many of the items, evenly spread.

    Examples
    --------
    >>> spread([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    return items[:: max(1, -(-len(items) // most))]
