"""What is done in each cell: activities under way and over, the people they reach, their money."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from atlas.layers.parts import major
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.model import Level
from atlas.vocab import entries
from atlas.vocab.tables import rows

NOT_DONE = ("planned", "cancelled")
"""Statuses of activities that answer no need: not begun, or given up."""

_SECTORS = 1 + entries("sectors").height
"""How many sectors a unit has, counting none."""

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


def response(scope: Scope, told: pl.DataFrame, together: bool = False) -> pl.DataFrame:
    """The response in each cell.

    An activity of several cells counts once in each; its people are nobody's to split and
    count only where all of it lies in one unit.

    Parameters
    ----------
    scope
        The question; option ``perimeter``.
    told
        Its activities (see `activities`).
    together
        Whether each unit has a row of all its sectors too (``sector`` null).

    Returns
    -------
    polars.DataFrame
        ``target, sector`` and `MEASURES`, one row a cell in which anything is told:
        ``reported`` (activities, whatever their time)``, response`` (those that count as an
        answer)``, activities_inherited`` (of these, placed on the perimeter of their
        document)``, uncounted`` (of these, without a figure of people)``, people`` (reached,
        else targeted)``, budget_usd`` (null where no amount is known)``, presence``
        (organisations).
    """
    flags = _by_number(scope.prepared, told)
    done = _measured(_placed(scope, flags))
    joined = done.join(_money(scope, flags), on="cell", how="left")
    acting = _acting(scope)
    cells = joined.join(_present(acting, "cell"), on="cell", how="full", coalesce=True)
    rows = _decoded(scope.prepared, cells).drop_nulls("sector")
    if together:
        every = _decoded(scope.prepared, joined).group_by("target").agg(*_sums())
        who = _present(acting, "target")
        whole = every.join(who, on="target", how="full", coalesce=True)
        rows = pl.concat(
            [rows, whole.with_columns(pl.lit(None, pl.String).alias("sector"))], how="diagonal"
        )
    counted = [name for name, dtype in MEASURES.items() if dtype == pl.Int64]
    return rows.with_columns(pl.col(counted).fill_null(0)).select("target", "sector", *MEASURES)


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
        ``a, sector, current, past, counts`` (as an answer to a need).
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


def _by_number(prepared: Prepared, told: pl.DataFrame) -> pl.DataFrame:
    """``current, past, counts`` of every activity of the snapshot, by its row number."""
    names = ("current", "past", "counts")
    if told.height == prepared.activities.height:
        return told.select(names)
    none = pl.zeros(prepared.activities.height, dtype=pl.Boolean, eager=True)
    return pl.DataFrame(
        {name: none.clone().scatter(told["a"].filter(told[name]), True) for name in names}
    )


def _sector_codes(prepared: Prepared) -> pl.DataFrame:
    """``code``: sector of every activity as a number, 0 for none."""
    codes = {sector: n for n, sector in enumerate(entries("sectors")["id"], 1)}
    sector = pl.col("sector").replace_strict(codes, default=0, return_dtype=pl.UInt32)
    return prepared.activities.select(sector.fill_null(0).alias("code"))


def _cell(prepared: Prepared, rows: pl.DataFrame) -> pl.Series:
    """One number for the unit and the sector of each row (``a, target``)."""
    codes = prepared.once(_sector_codes)["code"]
    return (rows["target"] * _SECTORS + codes.gather(rows["a"])).alias("cell")


def _decoded(prepared: Prepared, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with ``target`` and ``sector`` for their number."""
    sectors = pl.Series("sector", [None, *entries("sectors")["id"]], dtype=pl.String)
    return cells.with_columns(
        (pl.col("cell") // _SECTORS).alias("target"),
        sectors.gather(cells["cell"] % _SECTORS),
    ).drop("cell")


def _placed(scope: Scope, flags: pl.DataFrame) -> pl.DataFrame:
    """One row per activity and unit, with ``alone``: all of the activity lies in it."""
    prepared, places = scope.prepared, scope.item_placements
    if scope.options["perimeter"] == "without":
        places = places.filter(~pl.col("inherited"))
    one = places.select("a", "target", "inherited")
    if prepared.places.height > prepared.activities.height:  # several places in one unit, perhaps
        one = one.group_by("a", "target").agg(pl.col("inherited").all())
    a = one["a"]
    alone = prepared.once(_alone, scope.frame, scope.level)["alone"]
    reached, target = (prepared.activities[c].gather(a) for c in ("reached", "target"))
    return one.with_columns(
        _cell(prepared, one),
        alone.gather(a),
        *(flags[name].gather(a) for name in flags.columns),
        reached,
        target.alias("targeted"),
    ).with_columns(pl.coalesce("reached", "targeted").alias("people"))


def _alone(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """For each activity, whether all its places fall in one row of (frame, level)."""
    rows_of = prepared.targets(frame, level).row_of.gather(prepared.places["u"])
    spread = (
        prepared.places.select("a", rows_of.alias("row")).group_by("a")
        .agg((pl.col("row").min() == pl.col("row").max()).alias("alone"))
    )  # fmt: skip
    every = prepared.activities.select("a").join(spread, on="a", how="left", maintain_order="left")
    return every.select(pl.col("alone").fill_null(False))


def _measured(cells: pl.DataFrame) -> pl.DataFrame:
    """`MEASURES` of each cell but its money and organisations; people null where unknown."""
    counts, people = pl.col("counts"), ("people", "targeted", "reached")
    here = pl.col("alone") & counts
    told = cells.select(
        "cell",
        counts.alias("response"),
        pl.col("current").alias("activities_current"),
        pl.col("past").alias("activities_past"),
        (counts & pl.col("inherited")).alias("activities_inherited"),
        (counts & ~(pl.col("alone") & pl.col("people").is_not_null())).alias("uncounted"),
        *(pl.when(here).then(pl.col(name)).alias(name) for name in people),
    )
    flags = [name for name, dtype in told.schema.items() if dtype == pl.Boolean]
    # plain sums and counts only: anything else is worked out group by group
    summed = told.group_by("cell").agg(
        pl.len().alias("reported"),
        pl.col(*flags, *people).sum(),
        *(pl.col(name).count().alias(f"_{name}") for name in people),
    )
    known = (pl.when(pl.col(f"_{name}") > 0).then(pl.col(name)).alias(name) for name in people)
    return summed.with_columns(pl.col("reported", *flags).cast(pl.Int64), *known)


def _sums() -> list[pl.Expr]:
    """Measures of a unit from those of its sectors: an activity is in one of them."""
    added = [name for name in MEASURES if name != "presence"]
    return [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in added
    ]


def _money(scope: Scope, flags: pl.DataFrame) -> pl.DataFrame:
    """Budget placed in each cell by the activities that count, in whole cents."""
    shares = scope.told(scope.prepared.once(_budgets))
    counts = flags["counts"].gather(shares["a"])
    if scope.options["perimeter"] == "without":
        counts &= ~shares["inherited"]
    placed = shares.filter(counts)
    told = placed.select(_cell(scope.prepared, placed), "usd_minor")
    return told.group_by("cell").agg(major(pl.col("usd_minor").sum(), "USD").alias("budget_usd"))


def _budgets(prepared: Prepared) -> pl.DataFrame:
    """``a, u, usd_minor, inherited`` of every budget."""
    kept = pl.col("kind") == "budget", pl.col("usd_minor").is_not_null()
    return prepared.shares.filter(*kept).select("a", "u", "usd_minor", "inherited")


def _acting(scope: Scope) -> pl.DataFrame:
    """``cell, target, org``: every organisation told of in each cell, once."""
    rows = scope.told_all(scope.prepared.once(_actors_placed))
    many = scope.prepared.organisations.height + 1
    pair = _cell(scope.prepared, rows).cast(pl.UInt64) * many + rows["org"]
    told = pair.unique().alias("pair").to_frame()  # one number: a fifth of the time of two
    return told.select(
        (pl.col("pair") // many).cast(pl.UInt32).alias("cell"),
        (pl.col("pair") // many // _SECTORS).cast(pl.UInt32).alias("target"),
        (pl.col("pair") % many).alias("org"),
    )


def _actors_placed(prepared: Prepared) -> pl.DataFrame:
    """``a, u, org``: every organisation at every place of what it does."""
    return prepared.places.select("a", "u").join(prepared.actors, on="a")


def _present(acting: pl.DataFrame, by: str) -> pl.DataFrame:
    """Organisations that any list says are there."""
    told = acting if by == "cell" else acting.select(by, "org").unique()
    return told.group_by(by).agg(pl.len().cast(pl.Int64).alias("presence"))
