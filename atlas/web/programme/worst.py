"""What the map says of each unit of a perimeter: how its least advanced component stands."""

from __future__ import annotations

import polars as pl

from atlas.geo.frames import Frames
from atlas.i18n import _
from atlas.layers.perimeter import component_name
from atlas.layers.programme import State
from atlas.model import Level
from atlas.vocab.programmes import known

WORST = (State.GAP, State.UNCLEAR, State.PLANNED, State.PAST, State.COVERED)


def worst(table: pl.DataFrame) -> list[tuple[str, str, str, str]]:
    """``unit_id, unit_name, state, note`` of each unit inside; those that say nothing are left out.

    Parameters
    ----------
    table
        Of the layer ``programme``.
    """
    found = []
    inside = table.filter(pl.col("inside").fill_null(value=False))
    for (unit, name), rows in inside.group_by("unit_id", "unit_name", maintain_order=True):
        present = set(rows["state"].drop_nulls())
        state = next((one for one in WORST if one in present), None)
        if state is not None and not str(unit).startswith("_"):
            own = ", ".join(component_name(c) for c in rows.filter(state=state)["component"])
            found.append((str(unit), str(name), state.value, own))
    return found


def expected(
    frames: Frames, frame: str, level: Level, programme: str
) -> list[tuple[str, str, str, str]]:
    """Units that share ground with the régions where an undefined perimeter is said to be."""
    ground = frozenset[str]().union(*(frames.communes(one) for one in known(programme).regions))
    units = frames.at(frame, level).select("unit_id", "name")
    return [
        (unit, name, State.UNDEFINED.value, _("en partie, peut-être"))
        for unit, name in units.iter_rows()
        if frames.communes(unit) & ground
    ]
