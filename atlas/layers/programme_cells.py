"""The cells that a programme's perimeter has, and what larger ground may hold of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from atlas.layers.overlap import rows_touched
from atlas.layers.perimeter import Programme, is_part, rows_of
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.programme_rows import (
    UNDEFINED,
    Said,
    defined,
    every_ground,
    grounds_of,
    names_of_rows,
    row_of_ground,
    said_of,
)
from atlas.layers.scope import Scope
from atlas.model import Level

if TYPE_CHECKING:
    from atlas.geo.frames import Frames

_POSSIBLE = {"row": pl.UInt32, "component": pl.UInt8, "possible": pl.UInt32}


def with_cells(scope: Scope, figures: pl.DataFrame) -> pl.DataFrame:
    """Figures (``row, component``, …) with a row for every cell of the perimeter, filled or not.

    Returns
    -------
    polars.DataFrame
        With ``meant`` (null: not a cell of the perimeter)`` and part`` beside them.
    """
    prepared, first = scope.prepared, scope.targets.first_reserved
    cells, whole = prepared.once(_cells, said_of(scope), scope.frame, scope.level)
    return cells.join(
        figures, on=["row", "component"], how="full", nulls_equal=True, coalesce=True
    ).with_columns(part=(pl.col("row") < first) & ~pl.col("row").is_in(whole))


def _cells(
    prepared: Prepared, said: Said, frame: str, level: Level
) -> tuple[pl.DataFrame, list[int]]:
    """``row, component, meant`` of every cell; and the rows that lie in the perimeter whole."""
    plan = defined(prepared, *said)
    number = {name: n for n, name in enumerate(prepared.once(names_of_rows, frame, level))}
    rows, _lost = rows_of(prepared, plan.units, frame, level)
    every = range(len(plan.components))
    cells = [(number[row], c, _meant(plan, held, c)) for row, held in rows.items() for c in every]
    if not plan.units:
        cells = [(number[UNDEFINED], c, True) for c in every]
    schema = {"row": pl.UInt32, "component": pl.UInt8, "meant": pl.Boolean}
    whole = [number[row] for row, held in rows.items() if not is_part(prepared.frames, row, held)]
    return pl.DataFrame(cells, schema=schema, orient="row"), whole


def _meant(plan: Programme, held: Iterable[str], component: int) -> bool:
    """Whether a component is meant for any of these units of the perimeter."""
    return any(plan.components[component] in plan.wanted(one) for one in held)


def possible(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.DataFrame:
    """``row, component, possible``: activities on larger ground that holds some of each row.

    Parameters
    ----------
    places
        ``a, u, row, component`` of what counts as an activity.
    """
    prepared = scope.prepared
    touched = prepared.once(_touched, plan.units, scope.frame, scope.level)
    row = pl.col("row").is_in([scope.targets.coarser, scope.targets.not_convertible])
    loose = places.filter(row, pl.col("component").is_not_null())
    if touched.is_empty() or loose.is_empty():
        return pl.DataFrame(schema=_POSSIBLE)
    return (
        loose.select("a", "component", grounds_of(prepared, loose).alias("ground"))
        .join(touched, on="ground")
        .group_by("row", "component")
        .agg(pl.col("a").n_unique().alias("possible"))
    )


def _touched(
    prepared: Prepared, perimeter: tuple[str, ...], frame: str, level: Level
) -> pl.DataFrame:
    """``ground, row``: the rows of the perimeter that larger ground may hold some of."""
    frames, targets = prepared.frames, prepared.targets(frame, level)
    names = {name: n for n, name in enumerate(prepared.once(names_of_rows, frame, level))}
    rows, _lost = rows_of(prepared, perimeter, frame, level)
    wanted = frozenset(names[row] for row in rows)
    falls = prepared.once(row_of_ground, perimeter, frame, level)["row"]
    larger = falls.is_in([targets.coarser, targets.not_convertible]).arg_true()
    units, finest = every_ground(prepared)
    told = {n: _told_at(frames, prepared.units[units[n]], finest[n]) for n in larger}
    touched = {place: rows_touched(frames, targets, place) for place in set(told.values())}
    pairs = [(n, row) for n, place in told.items() for row in wanted & touched[place]]
    schema = {"ground": pl.UInt32, "row": pl.UInt32}
    return pl.DataFrame(pairs, schema=schema, orient="row")


def _told_at(frames: Frames, unit_id: str, finest: int) -> str:
    """The unit that a place is told as, where it may not be told more finely."""
    return frames.ancestor(unit_id, LEVELS[finest]) or unit_id if unit_id in frames else unit_id
