"""What is done in each cell: activities under way and over, the people they reach, their money."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from atlas.layers.parts import major
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.model import Level
from atlas.vocab.tables import rows

NOT_DONE = ("planned", "cancelled")
"""Statuses of activities that answer no need: not begun, or given up."""

OVER = ("completed", "suspended")
"""Statuses of activities that are no longer at work, whatever their dates."""

MEASURES = {
    "reported": pl.Int64,
    "response": pl.Int64,
    "activities_current": pl.Int64,
    "activities_past": pl.Int64,
    "activities_inherited": pl.Int64,
    "uncounted": pl.Int64,
    "people": pl.Float64,
    "targeted": pl.Float64,
    "reached": pl.Float64,
    "budget_usd": pl.Float64,
    "presence": pl.Int64,
}
"""Columns of `response` after those that say which cell."""


def response(scope: Scope, told: pl.DataFrame, *by: str) -> pl.DataFrame:
    """The response in each cell.

    An activity of several cells counts once in each; its people are nobody's to split and
    count only where all of it lies in one unit.

    Parameters
    ----------
    scope
        The question; option ``perimeter``.
    told
        Its activities (see `activities`).
    by
        ``target`` and, for cells of one sector, ``sector``.

    Returns
    -------
    polars.DataFrame
        ``by`` and `MEASURES`, one row a cell in which anything is told: ``reported``
        (activities, whatever their time)``, response`` (those that count as an answer)``,
        activities_inherited`` (of these, placed on the perimeter of their document)``,
        uncounted`` (of these, without a figure of people)``, people`` (reached, else
        targeted)``, budget_usd`` (null where no amount is known)``, presence`` (organisations).
    """
    cells, keys = _placed(scope, told), list(by)
    return (
        cells.group_by(keys)
        .agg(*_counts(), *_people())
        .join(_money(scope, cells.filter("counts"), keys), on=keys, how="left")
        .join(_present(scope, keys), on=keys, how="full", coalesce=True)
        .with_columns(pl.col(*(m for m, t in MEASURES.items() if t == pl.Int64)).fill_null(0))
        .select(*by, *MEASURES)
    )


def activities(scope: Scope) -> pl.DataFrame:
    """What of the question is under way on the reference date, and what is over.

    An activity is *current* when it has begun, is neither planned, cancelled, completed nor
    suspended, and its last day has not passed: its end; without one, ``undated-days`` after
    the document that tells of it. Nothing of a fund that is closed
    (`atlas/vocab/sources.csv`: ``ended``) is current after its last day. It is *past* when it
    was done and is no longer current.

    Parameters
    ----------
    scope
        The question; options ``activities`` and ``undated-days``.

    Returns
    -------
    polars.DataFrame
        ``a, sector, current, past, counts`` (as an answer to a need)``, people`` (reached,
        else targeted)``, targeted, reached``.
    """
    day = pl.lit(scope.reference, dtype=pl.Date)
    done = ~pl.col("status").is_in(NOT_DONE).fill_null(False)
    begun = done & (pl.col("from_day") <= day).fill_null(False)
    at_work = begun & ~pl.col("status").is_in(OVER).fill_null(False) & ~is_over(scope)
    told = scope.items.with_columns(at_work.alias("current"), begun.alias("begun"))
    every = scope.options["activities"] == "period"
    return told.select(
        "a",
        "sector",
        "current",
        (pl.col("begun") & ~pl.col("current")).alias("past"),
        (done if every else pl.col("current")).alias("counts"),
        pl.coalesce("reached", "target").alias("people"),
        pl.col("target").alias("targeted"),
        "reached",
    )


def is_over(scope: Scope) -> pl.Expr:
    """Whether the last day of an activity has passed on the reference date."""
    day = pl.lit(scope.reference, dtype=pl.Date)
    grace = timedelta(days=int(float(scope.options["undated-days"])))
    last = pl.coalesce("end", pl.max_horizontal("as_of", "start") + grace)
    closed = {
        row["id"]: date.fromisoformat(row["ended"]) for row in rows("sources") if row.get("ended")
    }
    shut = pl.col("source").replace_strict(closed, default=None, return_dtype=pl.Date)
    return (pl.min_horizontal(last, shut) < day).fill_null(True)


def _placed(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """One row per activity and unit, with ``alone``: all of the activity lies in it."""
    places = scope.item_placements
    if scope.options["perimeter"] == "without":
        places = places.filter(~pl.col("inherited"))
    one = places.select("a", "target", "inherited")
    if one.select("a", "target").is_duplicated().any():
        one = one.group_by("a", "target").agg(pl.col("inherited").all())
    alone = scope.prepared.once(_alone, scope.frame, scope.level)["alone"]
    return one.with_columns(alone.gather(one["a"])).join(told, on="a")


def _alone(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """For each activity, whether all its places fall in one row of (frame, level)."""
    rows_of = prepared.targets(frame, level).row_of.gather(prepared.places["u"])
    spread = (
        prepared.places.select("a", rows_of.alias("row")).group_by("a")
        .agg((pl.col("row").min() == pl.col("row").max()).alias("alone"))
    )  # fmt: skip
    every = prepared.activities.select("a").join(spread, on="a", how="left", maintain_order="left")
    return every.select(pl.col("alone").fill_null(False))


def _counts() -> list[pl.Expr]:
    counts = pl.col("counts")
    unknown = ~(pl.col("alone") & pl.col("people").is_not_null())
    return [
        pl.len().cast(pl.Int64).alias("reported"),
        counts.sum().cast(pl.Int64).alias("response"),
        pl.col("current").sum().cast(pl.Int64).alias("activities_current"),
        pl.col("past").sum().cast(pl.Int64).alias("activities_past"),
        (counts & pl.col("inherited")).sum().cast(pl.Int64).alias("activities_inherited"),
        (counts & unknown).sum().cast(pl.Int64).alias("uncounted"),
    ]


def _people() -> list[pl.Expr]:
    """Sums of what is known of the activities that count; null where nothing is."""
    sums = []
    for name in ("people", "targeted", "reached"):
        here = pl.col(name).filter(pl.col("alone") & pl.col("counts"))
        sums.append(pl.when(here.count() > 0).then(here.sum()).alias(name))
    return sums


def _money(scope: Scope, counted: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Budget placed in each cell by the activities that count, in whole cents."""
    shares = scope.told(scope.prepared.once(_budgets))
    placed = shares.join(counted.select("a", "target", "sector"), on=["a", "target"])
    usd = pl.col("usd_minor")
    return placed.group_by(by).agg(
        pl.when(usd.count() > 0).then(major(usd.sum(), "USD")).alias("budget_usd")
    )


def _budgets(prepared: Prepared) -> pl.DataFrame:
    """``a, u, usd_minor`` of every budget."""
    kept = pl.col("kind") == "budget", pl.col("usd_minor").is_not_null()
    return prepared.shares.filter(*kept).select("a", "u", "usd_minor")


def _present(scope: Scope, by: list[str]) -> pl.DataFrame:
    """Organisations that any list says are there."""
    sectors = scope.activities.select("a", "sector")
    only_items = scope.items.height == scope.activities.height
    told = scope.item_placements if only_items else scope.placements
    places = told.select("a", "target").join(sectors, on="a")
    return (
        places.join(scope.prepared.actors, on="a")
        .group_by(by)
        .agg(pl.col("org").n_unique().cast(pl.Int64).alias("presence"))
    )
