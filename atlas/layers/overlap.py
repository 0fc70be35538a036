"""Which rows of a table a place shares ground with, where it lies in none of them alone."""

from __future__ import annotations

from atlas.layers.prepare import Prepared, Targets


def rows_touched(prepared: Prepared, targets: Targets, u: int) -> frozenset[int]:
    """Rows that the communes of a place fall in; empty where they are not known.

    Parameters
    ----------
    u
        Code of the unit among ``prepared.units``.
    """
    unit_id = prepared.units[u]
    if unit_id not in prepared.frames:
        return frozenset()
    homes = targets.homes
    found = {homes.get(inner) for inner in prepared.frames.inside(unit_id)}
    return frozenset(row for row in found if row is not None)
