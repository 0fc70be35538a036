"""The activities behind a cell of the layer ``coverage``, and what each of them is there."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.layers.coverage import asked_cells
from atlas.layers.response import all_in_one, standing
from atlas.layers.scope import Scope


def cell(scope: Scope, unit_id: str | None, sector: str | None) -> Scope:
    """The scope narrowed to a cell, under the settings of the layer."""
    here = scope.narrowed(unit_id, sector, items=True)
    if scope.options["perimeter"] == "with":
        return here
    own = here.item_placements.filter(~pl.col("inherited"))["a"].unique().implode()
    return replace(here, activities=here.activities.filter(pl.col("a").is_in(own)))


def told_of(scope: Scope, sector: str = "") -> pl.DataFrame:
    """What each activity of a cell is there.

    Returns
    -------
    polars.DataFrame
        ``activity_id, counts`` (for the need of the cell)``, past, people`` (reached, else
        targeted; null where the activity lies in several units, or does not count).
    """
    a, stands = scope.activities["a"], standing(scope)
    since = pl.lit(_since(scope, sector or None))
    counts = (pl.col("counts") | (pl.col("lasting") >= since)).fill_null(False)
    alone = scope.prepared.once(all_in_one, scope.frame, scope.level)["alone"].gather(a)
    told = scope.activities.select("activity_id", "reached", "target").with_columns(
        stands.select(counts.alias("counts"), "past")[a]
    )
    here = pl.col("counts") & alone
    return told.select(
        *("activity_id", "counts", "past"),
        pl.when(here).then(pl.coalesce("reached", "target")).alias("people"),
    )


def _since(scope: Scope, sector: str | None) -> int | None:
    """Day (from 1970) from which done work answers the need of the cell; null: no need."""
    if scope.rows is None:
        return None
    cells = asked_cells(scope).filter(
        pl.col("target") == scope.rows[0], pl.col("sector").eq_missing(pl.lit(sector))
    )
    days = cells["need_since"].cast(pl.Int32)
    return days[0] if days.len() else None
