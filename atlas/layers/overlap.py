"""Which rows of a table a place shares ground with, where it lies in none of them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.layers.prepare import Targets

if TYPE_CHECKING:
    from atlas.geo.frames import Frames


def rows_touched(frames: Frames, targets: Targets, place: str) -> frozenset[int]:
    """Rows that the communes of a place fall in; empty where they are not known.

    Parameters
    ----------
    place
        A unit of any découpage, or what stands for none.
    """
    if place not in frames:
        return frozenset()
    found = {targets.homes.get(inner) for inner in frames.inside(place)}
    return frozenset(row for row in found if row is not None)
