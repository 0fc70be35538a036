"""What silence means: who reports on each cell, and what stands near it without saying where."""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.layers.overlap import rows_touched
from atlas.layers.prepare import Prepared
from atlas.layers.reporting import silent_facts
from atlas.layers.response import standing
from atlas.layers.scope import Scope
from atlas.model import Level
from atlas.vocab import entries

_FLAGS = ("blurred", "unsure", "wider")
_UNTIL = ("unsure_until", "wider_until")
_NEAR = {
    "target": pl.UInt32,
    "sector": pl.String,
    **dict.fromkeys(_FLAGS, pl.Boolean),
    **dict.fromkeys(_UNTIL, pl.Int64),
}


def near(scope: Scope) -> pl.DataFrame:
    """Cells near activities that are placed less finely.

    Parameters
    ----------
    scope
        The question; options as for `atlas.layers.response.standing`.

    Returns
    -------
    polars.DataFrame
        ``target, sector`` (null: all of them)``, blurred`` (activities on a unit of another
        découpage that shares ground with the cell and converts to none)``, unsure`` (some of
        these count as an answer)``, wider`` (some that count are on a larger unit that holds
        it)``, unsure_until, wider_until``: the last day of such work that is over, and answers
        the needs stated until then.
    """
    rows = scope.targets
    loose = scope.item_placements.filter(
        pl.col("target").is_in([rows.coarser, rows.not_convertible])
    )
    if loose.is_empty():
        return pl.DataFrame(schema=_NEAR)
    other = pl.col("target") == rows.not_convertible
    stands, sector = standing(scope), scope.prepared.activities["sector"]
    of = (part.gather(loose["a"]) for part in (stands["counts"], stands["lasting"], sector))
    about = (
        loose.select("u", "target", *of)
        .select(
            *("u", "sector"),
            other.alias("blurred"),
            (other & pl.col("counts")).alias("unsure"),
            (~other & pl.col("counts")).alias("wider"),
            pl.when(other).then("lasting").alias("unsure_until"),
            pl.when(~other).then("lasting").alias("wider_until"),
        )
        .unique()
    )
    every = about.with_columns(pl.lit(None, pl.String).alias("sector"))
    ground = scope.prepared.once(_ground, scope.frame, scope.level)
    return (
        pl.concat([about.drop_nulls("sector"), every])
        .join(ground, on="u")
        .group_by("target", "sector")
        .agg(pl.col(_FLAGS).any(), pl.col(_UNTIL).max())
    )


def _ground(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """``u, target``: the rows that each place touches which falls in none of them."""
    rows = prepared.targets(frame, level)
    loose = rows.row_of.is_in([rows.coarser, rows.not_convertible]).arg_true()
    touched = {u: rows_touched(prepared.frames, rows, prepared.units[u]) for u in loose}
    pairs = [(u, row) for u, found in touched.items() for row in sorted(found)]
    return pl.DataFrame(pairs, schema={"u": pl.UInt32, "target": pl.UInt32}, orient="row")


def reported_on(bare: Scope) -> pl.DataFrame:
    """``target, sector``: cells covered by a source in force that did report.

    A scope of reporting without a sector is of all of them.
    """
    day: date | None = bare.reference
    today = pl.lit(day, dtype=pl.Date)
    rows = bare.context.with_row_index("fact").filter(
        pl.col("kind") == "reporting",
        ~pl.col("fact").is_in(silent_facts(bare).implode()),
        (pl.col("expires") >= today).fill_null(True),
        (pl.col("as_of") <= today).fill_null(True),
        (pl.col("start") <= today).fill_null(True),
    )
    covered = [
        (row, sector or None)
        for unit_id, sector in rows.select("unit_id", "sector").unique().iter_rows()
        for row in _rows_inside(bare, unit_id)
    ]
    schema = {"target": pl.UInt32, "sector": pl.String}
    told = pl.DataFrame(covered, schema=schema, orient="row")
    every = pl.DataFrame({"sector": entries("sectors")["id"]}, schema={"sector": pl.String})
    all_sectors = told.filter(pl.col("sector").is_null()).select("target").join(every, how="cross")
    return pl.concat([told, all_sectors]).unique()


def _rows_inside(scope: Scope, unit_id: str | None) -> list[int]:
    """Rows that lie wholly inside a unit of any frame (all of them for the whole country)."""
    if unit_id is None or unit_id.startswith("_"):
        return list(range(scope.targets.first_reserved))
    if unit_id not in scope.prepared.frames:
        return []
    own = scope.prepared.frames.unit(unit_id)
    homes = dict(scope.prepared.frames.targets(own.frame, own.level).iter_rows())
    shown = scope.targets.units["unit_id"].head(scope.targets.first_reserved)
    return [row for row, unit in enumerate(shown) if homes.get(unit) == unit_id]
