"""Where each sector is reported, and what silence means there."""

from __future__ import annotations

import polars as pl

from atlas.layers.access import worst_severity
from atlas.layers.overlap import rows_touched
from atlas.layers.reporting import silent_facts
from atlas.layers.scope import Scope
from atlas.vocab import by_id, entries

ACTIVE, REPORTED_NONE, NO_REPORT, NOT_COMPARABLE = (
    "active",
    "reported_none",
    "no_report",
    "not_comparable",
)


def coverage(scope: Scope) -> pl.DataFrame:
    """State of every cell unit × sector.

    Without a table of needs no cell is a gap. In the order in which they are decided:

    - ``active``: activities are reported here;
    - ``not_comparable``: activities of this sector are placed on a unit of another
      découpage that shares ground with this one and converts to none;
    - ``reported_none``: a source that covers this cell (context ``reporting``: its unit,
      or a larger one, and this sector or all of them) is in force on the reference date,
      has reported (`atlas.layers.reporting`) and says nothing of it;
    - ``no_report``: no source covers it. No data is not zero.

    Parameters
    ----------
    scope
        The question, applied to a snapshot.

    Returns
    -------
    polars.DataFrame
        One row per unit × sector, then the reserved rows that hold activities:
        ``unit_id, unit_name, sector, state, need_unknown`` (null beside
        ``not_comparable``)``, need`` (newest table of needs)``, response`` (activities)``,
        access`` (worst current severity)``, score, class`` (null without needs).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("coverage", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08", table["sector"] == "health")["state"][0]
    'active'
    """
    cells = _cells(scope)
    response = _response(scope)
    joined = (
        cells.join(response, on=["target", "sector"], how="left", maintain_order="left")
        .join(_blurred(scope), on=["target", "sector"], how="left", maintain_order="left")
        .join(_reporting(scope), on=["target", "sector"], how="left", maintain_order="left")
        .join(_needs(scope), on=["target", "sector"], how="left", maintain_order="left")
        .join(worst_severity(scope), on="target", how="left", maintain_order="left")
        .with_columns(pl.col("response").fill_null(0))
    )
    return (
        joined.filter(~pl.col("is_reserved") | (pl.col("response") > 0))
        .with_columns(_state().alias("state"))
        .select(
            *("unit_id", "unit_name", "sector", "state"),
            pl.when(pl.col("state") != NOT_COMPARABLE)
            .then(pl.col("need").is_null())
            .alias("need_unknown"),
            *("need", "response", "access"),
            pl.lit(None, pl.Float64).alias("score"),
            pl.lit(None, pl.String).alias("class"),
        )
    )


def _state() -> pl.Expr:
    return (
        pl.when(pl.col("response") > 0)
        .then(pl.lit(ACTIVE))
        .when(pl.col("blurred").fill_null(False))
        .then(pl.lit(NOT_COMPARABLE))
        .when(pl.col("reporting").fill_null(False))
        .then(pl.lit(REPORTED_NONE))
        .otherwise(pl.lit(NO_REPORT))
    )


def _cells(scope: Scope) -> pl.DataFrame:
    asked = scope.filters.sector or tuple(entries("sectors")["id"])
    sectors = pl.DataFrame({"sector": asked}, schema={"sector": pl.String})
    units = scope.units.select("unit_id", "unit_name", "is_reserved").with_row_index("target")
    return units.join(sectors, how="cross", maintain_order="left_right")


def _response(scope: Scope) -> pl.DataFrame:
    """``target, sector, response``: distinct activities of each cell."""
    sectors = scope.items.select("a", "sector").drop_nulls("sector")
    return (
        scope.item_placements.select("a", "target")
        .unique()
        .join(sectors, on="a")
        .group_by("target", "sector")
        .agg(pl.len().cast(pl.Int64).alias("response"))
    )


def _blurred(scope: Scope) -> pl.DataFrame:
    """``target, sector, blurred``: cells that share ground with what does not convert."""
    loose = scope.item_placements.filter(pl.col("target") == scope.targets.not_convertible)
    touched = {
        u: sorted(rows_touched(scope.prepared, scope.targets, u)) for u in loose["u"].unique()
    }
    ground = pl.DataFrame(
        [(u, row) for u, rows in touched.items() for row in rows],
        schema={"u": pl.UInt32, "target": pl.UInt32},
        orient="row",
    )
    return (
        loose.select("a", "u")
        .join(scope.items.select("a", "sector").drop_nulls("sector"), on="a")
        .join(ground, on="u")
        .select("target", "sector", pl.lit(True).alias("blurred"))
        .unique()
    )


def _reporting(scope: Scope) -> pl.DataFrame:
    """``target, sector, reporting``: cells covered by a source in force that did report."""
    day = pl.lit(scope.reference, dtype=pl.Date)
    rows = scope.context.with_row_index("fact").filter(
        pl.col("kind") == "reporting",
        ~pl.col("fact").is_in(silent_facts(scope).implode()),
        (pl.col("expires").is_null() | (pl.col("expires") >= day)).fill_null(True),
        (pl.col("as_of").is_null() | (pl.col("as_of") <= day)).fill_null(True),
    )
    covered = [
        (row, sector)
        for unit_id, sector in rows.select("unit_id", "sector").unique().iter_rows()
        for row in _rows_inside(scope, unit_id)
    ]
    schema = {"target": pl.UInt32, "sector": pl.String}
    told = pl.DataFrame(covered, schema=schema, orient="row")
    every = pl.DataFrame({"sector": entries("sectors")["id"]})
    unsaid = pl.col("sector").is_null() | (pl.col("sector") == "")
    all_sectors = told.filter(unsaid).select("target").join(every, how="cross")
    return (
        pl.concat([told.filter(~unsaid), all_sectors])
        .unique()
        .with_columns(pl.lit(True).alias("reporting"))
    )


def _rows_inside(scope: Scope, unit_id: str | None) -> list[int]:
    """Rows that lie wholly inside a unit of any frame (all of them for the whole country)."""
    if unit_id is None or unit_id.startswith("_"):
        return list(range(scope.targets.first_reserved))
    if unit_id not in scope.prepared.frames:
        return []
    own = scope.prepared.frames.unit(unit_id)
    homes = dict(scope.prepared.frames.targets(own.frame, own.level).iter_rows())
    shown = scope.units["unit_id"].head(scope.targets.first_reserved)
    return [row for row, unit in enumerate(shown) if homes.get(unit) == unit_id]


def _needs(scope: Scope) -> pl.DataFrame:
    """``target, sector, need``: the newest need stated for each cell.

    People in need go before phases 3 to 5 of the cadre harmonisé (``need_rank`` of the
    indicators); figures of different indicators are never added together.
    """
    ranks = {name: int(row["need_rank"] or 0) for name, row in by_id("indicators").items()}
    rows = scope.context.filter(
        pl.col("kind") == "needs",
        pl.col("unit_id").is_not_null(),
        pl.col("sector").is_not_null(),
        pl.col("value").is_not_null(),
    ).with_columns(rank=pl.col("indicator").replace_strict(ranks, default=1))
    best = pl.col("rank") == pl.col("rank").min().over("target", "sector")
    newest = pl.col("as_of") == pl.col("as_of").max().over("target", "sector")
    return (
        rows.filter(pl.col("rank") > 0)
        .join(scope.rows_of(rows["unit_id"]), on="unit_id")
        .filter(best)
        .filter(newest.fill_null(True))
        .group_by("target", "sector")
        .agg(pl.col("value").sum().alias("need"))
    )
