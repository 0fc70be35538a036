"""What silence means: who reports on each cell, and what stands near it without saying where."""

from __future__ import annotations

import polars as pl

from atlas.layers.overlap import rows_touched
from atlas.layers.prepare import Prepared
from atlas.layers.reporting import latest_reports, reporters_named, told_sectors
from atlas.layers.response import standing
from atlas.layers.scope import Scope
from atlas.model import Level
from atlas.vocab import entries

_FLAGS = ("blurred", "unsure", "wider")
_REPORTS = {
    "target": pl.UInt32,
    "sector": pl.String,
    **dict.fromkeys(("reporters", "reporters_heard", "reporters_told"), pl.Int64),
    "reports": pl.Boolean,
}
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
    loose = loose.join(scope.prepared.sectors, on="a", how="left", maintain_order="left")
    stands = standing(scope)
    of = (part.gather(loose["a"]) for part in (stands["counts"], stands["lasting"]))
    about = (
        loose.select("u", "target", "sector", *of)
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
    """Who is to report on each cell, who sent a report, and whose report speaks of it.

    A report speaks of a sector when it tells an activity of that sector, of whatever place,
    or says that there is nothing to report. One that is to be of all sectors speaks of all as
    soon as it tells anything of its place. A scope of reporting without a sector is of all of
    them; one that names no reporter is somebody's word that all is reported there.

    Returns
    -------
    polars.DataFrame
        ``target, sector, reports`` (all who should did speak of it)``, reporters`` (how many
        should)``, reporters_heard`` (of whom there is a report of the latest period due)``,
        reporters_told`` (whose report speaks of it)``.
    """
    scopes = _scopes_in_force(bare)
    if scopes.is_empty():
        return pl.DataFrame(schema=_REPORTS)
    cells = _cells_of(bare, scopes)
    latest = latest_reports(bare).filter(pl.col("reported_on").is_not_null())
    told = told_sectors(bare, latest).with_columns(told=True)
    any_place, one_place = told.filter(pl.col("target").is_null()), told.drop_nulls("target")
    told_by = [
        any_place.filter(pl.col("sector").is_not_null()).select("fact", "sector", "told"),
        any_place.filter(pl.col("sector").is_null()).select("fact", "told"),
        one_place.filter(pl.col("sector").is_not_null()).select("fact", "target", "sector", "told"),
        one_place.filter(pl.col("sector").is_null()).select("fact", "target", "told"),
    ]
    for number, part in enumerate(told_by):
        keys = [name for name in part.columns if name != "told"]
        named = part.unique().rename({"told": f"told_{number}"})
        cells = cells.join(named, on=keys, how="left", maintain_order="left")
    spoken = pl.any_horizontal(pl.col(f"told_{n}").fill_null(False) for n in range(len(told_by)))
    heard = pl.col("fact").is_in(latest["fact"].implode())
    who = pl.col("reporter")
    return (
        cells.group_by("target", "sector")
        .agg(
            who.drop_nulls().n_unique().cast(pl.Int64).alias("reporters"),
            who.filter(heard).drop_nulls().n_unique().cast(pl.Int64).alias("reporters_heard"),
            who.filter(heard & spoken)
            .drop_nulls()
            .n_unique()
            .cast(pl.Int64)
            .alias("reporters_told"),
        )
        .with_columns(reports=pl.col("reporters_told") == pl.col("reporters"))
    )


def _scopes_in_force(bare: Scope) -> pl.DataFrame:
    """``fact, unit_id, sector, reporter`` of the scopes of reporting in force on the day."""
    today = pl.lit(bare.reference, dtype=pl.Date)
    rows = bare.context.with_row_index("fact").filter(
        pl.col("kind") == "reporting",
        (pl.col("expires") >= today).fill_null(True),
        (pl.col("as_of") <= today).fill_null(True),
        (pl.col("start") <= today).fill_null(True),
    )
    named = bare.prepared.once(reporters_named)
    who = [named.get(fact) for fact in rows["fact"]]
    return rows.select(
        "fact",
        "unit_id",
        pl.when(pl.col("sector") != "").then("sector").alias("sector"),
        pl.Series("reporter", who, dtype=pl.String),
    )


def _cells_of(bare: Scope, scopes: pl.DataFrame) -> pl.DataFrame:
    """The scopes, one row for each cell of theirs: those without a sector have every one."""
    units = scopes["unit_id"].unique()
    inside = [(unit, row) for unit in units for row in bare.rows_inside(unit)]
    rows = pl.DataFrame(inside, schema={"unit_id": pl.String, "target": pl.UInt32}, orient="row")
    names = [*entries("sectors")["id"], None]
    every = pl.DataFrame({"cell_sector": names}, schema={"cell_sector": pl.String})
    of_all = scopes.filter(pl.col("sector").is_null()).join(every, how="cross")
    of_one = scopes.filter(pl.col("sector").is_not_null()).with_columns(
        pl.col("sector").alias("cell_sector")
    )
    return (
        pl.concat([of_one, of_all.select(of_one.columns)])
        .join(rows, on="unit_id", nulls_equal=True)
        .select("fact", "reporter", "target", pl.col("cell_sector").alias("sector"))
    )
