"""What is done in each cell: activities under way and over, the people they reach, their money."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from atlas.layers.grid import WIDTH, Numbers, added, cells_of, distinct
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
"""Columns of `response`."""


def response(scope: Scope) -> pl.DataFrame:
    """The response in each cell.

    An activity of several cells counts once in each; its people are nobody's to split and
    count only where all of it lies in one unit.

    Parameters
    ----------
    scope
        The question; options ``activities``, ``undated-days`` and ``perimeter``.

    Returns
    -------
    polars.DataFrame
        `MEASURES`, one row a cell by its number (`atlas.layers.grid`): ``reported``
        (activities, whatever their time)``, response`` (those that count as an answer)``,
        activities_inherited`` (of these, placed on the perimeter of their document)``,
        uncounted`` (of these, without a figure of people)``, people`` (reached, else
        targeted)``, budget_usd`` (null where no amount is known)``, presence``
        (organisations).
    """
    units = scope.targets.units.height
    stands = standing(scope)
    measures = {
        **_done(scope, stands, units),
        "budget_usd": _money(scope, stands, units),
        "presence": _present(scope, units),
    }
    return pl.DataFrame(measures).select(
        pl.col("budget_usd").pipe(major, "USD") if name == "budget_usd" else pl.col(name).cast(kind)
        for name, kind in MEASURES.items()
    )


def standing(scope: Scope) -> pl.DataFrame:
    """What is under way on the reference date, and what is over.

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
        ``current, past, counts`` (as an answer to a need) of every activity of the snapshot,
        by its number.
    """
    every = scope.options["activities"] == "period"
    return scope.prepared.once(_standing, scope.reference, undated_days(scope), every)


def _standing(prepared: Prepared, on: date | None, days: int, every: bool) -> pl.DataFrame:
    done = ~pl.col("status").is_in(NOT_DONE).fill_null(False)
    begun = done & (pl.col("from_day") <= pl.lit(on, dtype=pl.Date)).fill_null(False)
    at_work = begun & ~pl.col("status").is_in(OVER).fill_null(False) & ~is_over(on, days)
    return prepared.activities.select(
        at_work.alias("current"),
        (begun & ~at_work).alias("past"),
        (done if every else at_work).alias("counts"),
    )


def undated_days(scope: Scope) -> int:
    """For how long an activity without an end is held to last after its document."""
    return int(float(scope.options["undated-days"]))


def is_over(on: date | None, days: int) -> pl.Expr:
    """Whether the last day of an activity has passed on a date.

    Parameters
    ----------
    days
        How long one without an end lasts after its document (`undated_days`).
    """
    last = pl.coalesce("end", pl.max_horizontal("as_of", "start") + timedelta(days=days))
    closed = {
        row["id"]: date.fromisoformat(row["ended"]) for row in rows("sources") if row.get("ended")
    }
    shut = pl.col("source").replace_strict(closed, default=None, return_dtype=pl.Date)
    return (pl.min_horizontal(last, shut) < pl.lit(on, dtype=pl.Date)).fill_null(True)


def _placed(scope: Scope) -> pl.DataFrame:
    """``a, target, inherited``: one row per activity and unit."""
    prepared, places = scope.prepared, scope.item_placements
    if scope.options["perimeter"] == "without":
        places = places.filter(~pl.col("inherited"))
    one = places.select("a", "target", "inherited")
    if prepared.places.height > prepared.activities.height:  # several places in one unit, perhaps
        one = one.group_by("a", "target").agg(pl.col("inherited").all())
    return one


def all_in_one(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """For each activity, whether all its places fall in one row of (frame, level)."""
    rows_of = prepared.targets(frame, level).row_of.gather(prepared.places["u"])
    spread = (
        prepared.places.select("a", rows_of.alias("row")).group_by("a")
        .agg((pl.col("row").min() == pl.col("row").max()).alias("alone"))
    )  # fmt: skip
    every = prepared.activities.select("a").join(spread, on="a", how="left", maintain_order="left")
    return every.select(pl.col("alone").fill_null(False))


def _done(scope: Scope, stands: pl.DataFrame, units: int) -> dict[str, Numbers | pl.Series]:
    """`MEASURES` of each cell but its money and organisations; people null where unknown."""
    prepared, placed = scope.prepared, _placed(scope)
    a, cells = placed["a"], cells_of(prepared, placed).to_numpy()
    current, past, counts = (stands[name].gather(a).to_numpy() for name in stands.columns)
    alone = prepared.once(all_in_one, scope.frame, scope.level)["alone"].gather(a).to_numpy()
    reached, targeted = (prepared.activities[name].gather(a) for name in ("reached", "target"))
    people = reached.zip_with(reached.is_not_null(), targeted)
    flags = {
        "response": counts,
        "activities_current": current,
        "activities_past": past,
        "activities_inherited": counts & placed["inherited"].to_numpy(),
        "uncounted": counts & ~(alone & people.is_not_null().to_numpy()),
    }
    told = {"people": people, "targeted": targeted, "reached": reached}
    here = counts & alone
    return {
        "reported": added(cells, units),
        **{name: added(cells[flag], units) for name, flag in flags.items()},
        **{name: _known(cells, units, values, here) for name, values in told.items()},
    }


def _known(cells: Numbers, units: int, values: pl.Series, kept: Numbers) -> pl.Series:
    """Sum in each cell of the values that are kept and known; null where none is."""
    known = kept & values.is_not_null().to_numpy()
    sums = pl.Series(added(cells[known], units, values.to_numpy()[known]))
    return sums.set(pl.Series(added(cells[known], units) == 0), None)


def _money(scope: Scope, stands: pl.DataFrame, units: int) -> pl.Series:
    """Budget placed in each cell by the activities that count, in cents."""
    shares = scope.budgets
    counts = stands["counts"].gather(shares["a"])
    if scope.options["perimeter"] == "without":
        counts &= ~shares["inherited"]
    cells = cells_of(scope.prepared, shares).to_numpy()
    return _known(cells, units, shares["usd_minor"], counts.to_numpy())


def _present(scope: Scope, units: int) -> Numbers:
    """Organisations that any list says are in each cell."""
    rows, many = scope.acting, scope.prepared.organisations.height + 1
    cells, orgs = distinct(cells_of(scope.prepared, rows), rows["org"], many)
    found = added(cells, units)
    here, _orgs = distinct(pl.Series(cells) // WIDTH, pl.Series(orgs), many)
    found[::WIDTH] = np.bincount(here, minlength=units)  # once in a unit, in however many sectors
    return found
