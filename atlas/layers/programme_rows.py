"""Where each activity of a programme falls: its row, its component, how far it is."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from atlas.layers.perimeter import WHOLE, Programme, define, grounds
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.response import UNDATED_DAYS, standing_on
from atlas.layers.scope import Scope, held, target_at
from atlas.model import Level

PERIMETER, OUTSIDE, UNDEFINED = "_perimeter", "_outside", "_undefined"
OWN_ROWS = (PERIMETER, OUTSIDE, UNDEFINED)
"""Rows beside the units, after them and before those of every layer."""
UNKNOWN = "_unknown"
"""No row of the answer: all that is neither inside nor outside, for the figure of the sum."""
PHASES = ("current", "past", "planned")
"""Where an activity that counts stands on the day of reference."""
ZONES = ("inside", "outside", "unknown")


Said = tuple[date | None, tuple[tuple[str, str], ...]]
"""The day of reference and the settings: what a programme is known by."""


def said_of(scope: Scope) -> Said:
    """By what the programme that a question is about is known."""
    return scope.reference, tuple(sorted(scope.options.items()))


def plan_of(scope: Scope) -> Programme:
    """The programme that a question is about, as known on its day."""
    return scope.prepared.once(defined, *said_of(scope))


def defined(prepared: Prepared, day: date | None, said: tuple[tuple[str, str], ...]) -> Programme:
    """The programme of these settings, as known on a day."""
    return define(prepared.tables.context, day, dict(said))


def row_names(scope: Scope) -> list[str]:
    """Ids of every row there may be, by its code."""
    return scope.prepared.once(names_of_rows, scope.frame, scope.level)


def names_of_rows(prepared: Prepared, frame: str, level: Level) -> list[str]:
    """Ids of every row that a programme may have in (frame, level), by its code."""
    return [*prepared.targets(frame, level).units["unit_id"], *OWN_ROWS]


def row_codes(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.Series:
    """Row of the answer that each place (``a, u``) falls in."""
    rows = scope.prepared.once(row_of_ground, plan.units, scope.frame, scope.level)["row"]
    return rows.gather(grounds_of(scope.prepared, places))


def grounds_of(prepared: Prepared, places: pl.DataFrame) -> pl.Series:
    """Number of the ground of each place: its unit, as finely as its activity may be told."""
    return places["u"] * len(LEVELS) + prepared.finest(places)


def every_ground(prepared: Prepared) -> tuple[pl.Series, pl.Series]:
    """Unit code and finest level of every ground, in the order of their numbers."""
    units = np.repeat(np.arange(prepared.units.len(), dtype=np.uint32), len(LEVELS))
    finest = np.tile(np.arange(len(LEVELS), dtype=np.uint8), prepared.units.len())
    return pl.Series("u", units), pl.Series("finest", finest)


def row_of_ground(
    prepared: Prepared, perimeter: tuple[str, ...], frame: str, level: Level
) -> pl.DataFrame:
    """``row`` of the answer that every ground falls in, in the order of their numbers."""
    targets = prepared.targets(frame, level)
    first, coarser = targets.first_reserved, targets.coarser
    own = {name: targets.units.height + n for n, name in enumerate(OWN_ROWS)}
    code = pl.col("target")
    units, finest = every_ground(prepared)
    table = target_at(targets, units, finest).to_frame()
    if not perimeter:
        told = pl.when((code < first) | (code == coarser)).then(own[UNDEFINED]).otherwise(code)
        return table.select(told.cast(pl.UInt32).alias("row"))
    ground = prepared.once(grounds, perimeter)
    masks = [held(ground[name], units, finest).alias(name) for name in ground.columns]
    inside = pl.when(code < first).then(code).otherwise(own[PERIMETER])
    unsure = pl.when(code < first).then(coarser).otherwise(code)
    told = pl.when("inside").then(inside).when("outside").then(own[OUTSIDE]).otherwise(unsure)
    return table.with_columns(masks).select(told.cast(pl.UInt32).alias("row"))


def coded(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.DataFrame:
    """Places or shares (``a, u``, …) with their ``row`` and ``component``."""
    return places.with_columns(
        row_codes(scope, plan, places).alias("row"),
        component_codes(scope, plan).gather(places["a"]).alias("component"),
    )


def zoned(scope: Scope, coded: pl.DataFrame) -> pl.DataFrame:
    """The same with the number of its zone (of `ZONES`) for ``row``."""
    first, own = scope.targets.first_reserved, scope.targets.units.height
    row = pl.col("row")
    zone = pl.when((row < first) | (row == own)).then(0).when(row == own + 1).then(1).otherwise(2)
    return coded.with_columns(zone.cast(pl.UInt32).alias("row"))


def component_codes(scope: Scope, plan: Programme) -> pl.Series:
    """Number of the component of each activity of the snapshot; null: of none."""
    pairs = tuple(sorted((s, c) for s, c in plan.sectors.items() if c))
    return scope.prepared.once(_component_of, plan.components, pairs, plan.results)["component"]


def _component_of(
    prepared: Prepared,
    components: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    results: frozenset[str],
) -> pl.DataFrame:
    number = {name: n for n, name in enumerate(components)}
    if components == (WHOLE,):
        every = pl.zeros(prepared.activities.height, dtype=pl.UInt8, eager=True)
        return every.alias("component").to_frame()
    by_sector = {sector: number[component] for sector, component in pairs}
    by_result = {result: number[result] for result in results}
    named = pl.col("result").str.replace_all(r"\s+", " ").str.strip_chars()
    entire = prepared.entire.activities  # whoever asks, the same figures
    return entire.select(
        pl.coalesce(
            _coded_by(named, by_result),
            _coded_by(pl.col("sector"), by_sector),
        ).alias("component")
    )


def _coded_by(column: pl.Expr, codes: dict[str, int]) -> pl.Expr:
    if not codes:
        return pl.lit(None, pl.UInt8)
    return column.replace_strict(codes, default=None, return_dtype=pl.UInt8)


def phases(prepared: Prepared, day: date | None) -> pl.DataFrame:
    """Number (of `PHASES`) of where each activity stands on a day: its words before its dates.

    Under way is what `atlas.layers.response` holds to be, without an end for as long as that
    layer does where nothing else is asked.
    """
    stands = prepared.once(standing_on, day, UNDATED_DAYS)
    status, on = pl.col("status"), pl.lit(day, dtype=pl.Date)
    over = (status == "completed") | ((status != "planned") & (pl.col("from_day") <= on))
    return prepared.activities.select(
        pl.when(stands["current"])
        .then(PHASES.index("current"))
        .when(over)
        .then(PHASES.index("past"))
        .otherwise(PHASES.index("planned"))
        .cast(pl.UInt8)
        .alias("phase")
    )
