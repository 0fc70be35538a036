"""The areas in which what is reserved is told to the public.

The découpages cut across each other: what is told in a cercle of 2016 and in one of 2023 lies
in what the two have in common, at times one commune. So the public is told it in one découpage
only, the oldest, whose communes the others are made of, whatever découpage a document uses: its
units lie in each other, and two tellings of one place never cross.

An area is told only if the places that are told as it, in whatever découpage a document names
them, lie in several communes, or several cercles of every découpage (`FEWEST`). Else the areas
inside it are told as it too, or it is told as the next larger one, and nowhere at last. The rule
depends on the units alone, never on activities: who knows it learns no more than the area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from atlas.geo.frames import FRAMES, Frames
from atlas.model import RESERVED, UNPLACED, Level

FEWEST = {Level.REGION: 2, Level.CERCLE: 3}
"""Units of the next finer level that an area told at a level must leave open."""

FINER = {Level.REGION: Level.CERCLE, Level.CERCLE: Level.COMMUNE}


@lru_cache(maxsize=4)
def told_areas(frames: Frames, finest: Level) -> Mapping[str, str]:
    """Unit of any découpage → the area in which it is told; ``_unplaced``: in none.

    Parameters
    ----------
    finest
        The finest level that may be told: région or cercle.

    Examples
    --------
    Kita is a région of 2023, and one cercle of 2012; Bamako is one cercle whatever the year.

    >>> from atlas.geo.frames import shipped_frames
    >>> areas = told_areas(shipped_frames(), Level.REGION)
    >>> areas["ml-2023/kita"], areas["ml-2012/ML0901"]
    ('ml-2012/ML01', '_unplaced')
    """
    larger = {unit: _larger_areas(frames, unit, finest) for unit in frames.units["unit_id"]}
    withdrawn: set[str] = set()
    while True:
        told = defaultdict(set)
        for unit, chain in larger.items():
            told[next(one for one in chain if one not in withdrawn)].add(unit)
        narrow = [one for one, units in told.items() if _is_narrow(frames, one, units, finest)]
        if not narrow:
            return {unit: area for area, units in told.items() for unit in units}
        for area in narrow:
            inside = {one for chain in larger.values() for one in _before(chain, area)} - withdrawn
            if area == UNPLACED:  # told nowhere with it: the smallest
                inside = {min(inside, key=lambda one: (len(frames.possible_communes(one)), one))}
            withdrawn |= inside or {area}


def told_area(frames: Frames, unit: str, finest: Level) -> str:
    """The area in which one unit is told (see `told_areas`)."""
    return told_areas(frames, finest)[unit]


def _larger_areas(frames: Frames, unit: str, finest: Level) -> list[str]:
    """Units of the oldest découpage that surely hold a unit, the smallest first; nowhere."""
    levels = [Level.CERCLE, Level.REGION] if finest is Level.CERCLE else [Level.REGION]
    found = [frames.converted_unit(unit, FRAMES[0], level) for level in levels]
    return [one for one in found if one not in RESERVED] + [UNPLACED]


def _before(chain: list[str], area: str) -> list[str]:
    return chain[: chain.index(area)] if area in chain else []


def _is_narrow(frames: Frames, area: str, units: set[str], finest: Level) -> bool:
    """Whether what is told as an area may lie in few finer units, if it is less than the area."""
    whole = frozenset[str]() if area == UNPLACED else frames.possible_communes(area)
    less = [one for one in units if area == UNPLACED or not frames.possible_communes(one) >= whole]
    named_in = [[one for one in less if one.startswith(f"{frame}/")] for frame in FRAMES]
    fewest = (fewest_units_open(frames, told, FINER[finest]) for told in named_in if told)
    return min(fewest, default=FEWEST[finest]) < FEWEST[finest] or (
        area != UNPLACED and fewest_units_open(frames, [area], FINER[finest]) < FEWEST[finest]
    )


def fewest_units_open(frames: Frames, units: Iterable[str], level: Level) -> int:
    """In how many units of a level what lies in one of some units may lie, at the fewest.

    Of the découpages that which has the fewest; a commune without a known cercle is in none.
    """
    codes = frozenset[str]().union(*(frames.possible_communes(unit) for unit in units))
    return min(len(frames.units_of_communes(codes, frame, level)) for frame in FRAMES)
