"""What answers a need: work under way or done in each cell; and local priorities with theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers import gaps
from atlas.layers.budget import major_units
from atlas.layers.gaps import COVERED, GAP, PARTIAL
from atlas.layers.grid import WIDTH, Numbers, cell_sums, cells_of, distinct_pairs, in_each_sector
from atlas.layers.headcount import head_count
from atlas.layers.layer import Layer
from atlas.layers.needs import of_sectors
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACTIVITIES, PRIORITIES, day_of
from atlas.layers.scope import Scope
from atlas.model import STOPPED, Level, Viewer
from atlas.vocab.codelists import vocabulary_rows

NOT_DONE = ("planned", *STOPPED)
"""Statuses of activities that answer no need: not begun, given up, or held up."""

UNDATED_DAYS = 365
"""For how long an activity without an end lasts after its document, where nobody says else."""

NEVER = int(np.iinfo(np.int32).max)
"""Day from which done work answers a cell without a need: none does."""

MEASURES = {
    "reported": pl.Int64,
    "response": pl.Int64,
    "activities_current": pl.Int64,
    "activities_past": pl.Int64,
    "activities_inherited": pl.Int64,
    "activities_cancelled": pl.Int64,
    "activities_suspended": pl.Int64,
    "response_ended": pl.Int64,
    "ended_days": pl.Int64,
    "uncounted": pl.Int64,
    "people": pl.Float64,
    "targeted": pl.Float64,
    "reached": pl.Float64,
    "budget_usd": pl.Float64,
    "presence": pl.Int64,
}
"""Columns of `response_of_cells`."""


def response_of_cells(scope: Scope, since: Numbers) -> pl.DataFrame:
    """The response in each cell.

    An activity of several cells counts once in each; its people are nobody's to split and
    count only where all of it lies in one unit, everyone once (`atlas.layers.headcount`). Of one
    that names several sectors, people and money are in the cell of its own sector alone.

    Parameters
    ----------
    scope
        The question; options ``activities``, ``undated-days``, ``ended-days`` and ``perimeter``.
    since
        Of each cell, the day (counted from 1970) from which done work answers its need, `NEVER`
        where it has none; shape (units × `WIDTH`,).

    Returns
    -------
    polars.DataFrame
        `MEASURES`, one row a cell by its number (`atlas.layers.grid`): ``reported``
        (activities, whatever their time)``, response`` (those that count as an answer)``,
        response_ended`` (of these, over)``, ended_days`` (since the last day of what was done
        here, where nothing is under way; null where that day is not known)``,
        activities_inherited`` (of these, placed on the perimeter of their document)``,
        uncounted`` (of these, without a figure of people)``, people`` (reached, else
        targeted)``, budget_usd`` (null where no amount is known)``, presence``
        (organisations)``, activities_cancelled, activities_suspended`` (in no other measure).
    """
    units = scope.targets.units.height
    stands = activities_under_way(scope)
    measures = {
        **_done_measures(scope, stands, since),
        **_stopped_counts(scope, units),
        "budget_usd": _placed_budget(scope, stands, since),
        "presence": _present_organisations(scope, units),
    }
    return pl.DataFrame(measures).select(
        pl.col("budget_usd").pipe(major_units, "USD")
        if name == "budget_usd"
        else pl.col(name).cast(kind)
        for name, kind in MEASURES.items()
    )


def activities_under_way(scope: Scope) -> pl.DataFrame:
    """What is under way on the reference date, and what is over.

    An activity is *current* when it has begun, is neither planned, cancelled, completed nor
    suspended, and its last day has not passed: its end; without one, ``undated-days`` after
    the document that tells of it. Nothing of a fund that is closed
    (`atlas/vocab/sources.csv`: ``ended``) is current after its last day. It is *past* when it
    was done and is no longer current.

    Parameters
    ----------
    scope
        The question; options ``activities``, ``undated-days`` and ``ended-days``.

    Returns
    -------
    polars.DataFrame
        ``current, past, counts`` (as an answer to any need)``, ended`` (day, from 1970, until
        which what is past was surely done)``, lasting`` (the same where it answers the needs
        stated until that day) of every activity of the snapshot, by its number; the last two
        are -`NEVER` where there is no such day.
    """
    said = scope.options
    of = scope.reference, undated_days(scope), said["activities"], int(float(said["ended-days"]))
    return scope.prepared.computed_once(_standing_of, *of)


def _standing_of(
    prepared: Prepared, on: date | None, undated: int, which: str, ended: int
) -> pl.DataFrame:
    stands = prepared.computed_once(standing_on, on, undated)
    fresh = pl.col("ended") >= pl.lit(on, dtype=pl.Date).cast(pl.Int32) - ended
    lasting = pl.when(fresh & pl.lit(which == "need")).then("ended").otherwise(-NEVER)
    counts = prepared.activities.select(has_begun()).to_series()
    counts = counts if which == "period" else stands["current"]
    return stands.with_columns(counts.alias("counts"), lasting.alias("lasting"))


def has_begun() -> pl.Expr:
    """Whether an activity began by its status: neither planned nor stopped."""
    return ~pl.col("status").is_in(NOT_DONE).fill_null(False)


def standing_on(prepared: Prepared, on: date | None, undated: int) -> pl.DataFrame:
    """``current, past, ended`` of `activities_under_way` on a day.

    Parameters
    ----------
    undated
        How many days an activity without an end lasts after its document.
    """
    today = pl.lit(on, dtype=pl.Date)
    begun = has_begun() & (pl.col("from_day") <= today).fill_null(False)
    at_work = begun & (pl.col("status") != "completed").fill_null(True) & ~is_over(on, undated)
    last = pl.min_horizontal(pl.coalesce("end", "start"), _fund_end(), today)
    last = pl.when(pl.col("start").is_not_null() | pl.col("end").is_not_null()).then(last)
    return prepared.activities.select(
        at_work.alias("current"),
        (begun & ~at_work).alias("past"),
        pl.when(begun & ~at_work)
        .then(last.cast(pl.Int32))
        .fill_null(-NEVER)
        .cast(pl.Int64)
        .alias("ended"),
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
    return (pl.min_horizontal(last, _fund_end()) < pl.lit(on, dtype=pl.Date)).fill_null(True)


def known_end() -> pl.Expr:
    """Last day of an activity that somebody said: its end, or that of its fund; else null."""
    return pl.min_horizontal("end", _fund_end())


def _fund_end() -> pl.Expr:
    """Last day of the fund of an activity; null where it is open."""
    closed = {
        row["id"]: date.fromisoformat(row["ended"])
        for row in vocabulary_rows("sources")
        if row.get("ended")
    }
    return pl.col("source").replace_strict(closed, default=None, return_dtype=pl.Date)


def _activity_places(scope: Scope) -> pl.DataFrame:
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
    rows_of = prepared.targets_of(frame, level).row_of.gather(prepared.places["u"])
    spread = (
        prepared.places.select("a", rows_of.alias("row")).group_by("a")
        .agg((pl.col("row").min() == pl.col("row").max()).alias("alone"))
    )  # fmt: skip
    every = prepared.activities.select("a").join(spread, on="a", how="left", maintain_order="left")
    return every.select(pl.col("alone").fill_null(False))


@dataclass(frozen=True)
class _Answers:
    """Which rows (an activity in a unit) answer the need of their cell, and of their unit.

    Attributes
    ----------
    cells, targets, again
        Cell and unit of each row, and whether it is one told in another cell of the unit too,
        shape (n,).
    own, whole
        Whether it counts for the need of its sector, and for one of no sector in particular.
    """

    cells: Numbers
    targets: Numbers
    again: Numbers
    own: Numbers
    whole: Numbers
    units: int

    @classmethod
    def answers_of(
        cls, scope: Scope, stands: pl.DataFrame, since: Numbers, rows: pl.DataFrame
    ) -> _Answers:
        """Those of rows of `in_each_sector`."""
        cells, targets, again = (rows[name].to_numpy() for name in ("cell", "target", "again"))
        counts = stands["counts"].gather(rows["a"]).to_numpy()
        lasting = stands["lasting"].gather(rows["a"]).to_numpy()
        own = counts | (lasting >= since[cells])
        whole = counts | (lasting >= since[::WIDTH][targets])
        return cls(cells, targets, again, own, whole, scope.targets.units.height)

    def answer_sums(self, kept: Numbers, of: Numbers | None = None) -> Numbers:
        """How many of the rows kept answer in each cell, or what they add up to."""
        own = self.own & kept
        more = None if of is None else of[own]
        sums = cell_sums(self.cells[own], self.units, more)
        all_ = self.whole & kept & ~self.again
        more = None if of is None else of[all_]
        sums[::WIDTH] = np.bincount(self.targets[all_], more, minlength=self.units)
        return sums

    def known_sums(self, kept: Numbers, values: pl.Series) -> pl.Series:
        """What the values add up to that are kept and known; null where none is."""
        known = kept & values.is_not_null().to_numpy()
        numbers = values.fill_null(0).to_numpy()
        return pl.Series(self.answer_sums(known, numbers)).set(
            pl.Series(self.answer_sums(known) == 0), None
        )


def _done_measures(
    scope: Scope, stands: pl.DataFrame, since: Numbers
) -> dict[str, Numbers | pl.Series]:
    """`MEASURES` of each cell but its money and organisations; people null where unknown."""
    prepared = scope.prepared
    placed = in_each_sector(prepared, _activity_places(scope))
    a, units = placed["a"], scope.targets.units.height
    answers = _Answers.answers_of(scope, stands, since, placed)
    current, past = (stands[name].gather(a).to_numpy() for name in ("current", "past"))
    alone = (
        prepared.computed_once(all_in_one, scope.frame, scope.level)["alone"].gather(a).to_numpy()
    )
    alone = alone & ~answers.again
    people = prepared.activities.select(pl.coalesce("reached", "target").gather(a)).to_series()
    every, inherited = np.ones(a.len(), dtype=np.bool_), placed["inherited"].to_numpy()
    kept = {
        "response": every,
        "response_ended": past,
        "activities_inherited": inherited,
        "uncounted": ~(alone & people.is_not_null().to_numpy()),
    }
    now = cell_sums(answers.cells[current], units, again=answers.again[current])
    ended = stands["ended"].gather(a).to_numpy()
    return {
        "reported": cell_sums(answers.cells, units, again=answers.again),
        "activities_current": now,
        "activities_past": cell_sums(answers.cells[past], units, again=answers.again[past]),
        "ended_days": _ended_days(scope, answers.cells, ended, now),
        **{name: answers.answer_sums(rows) for name, rows in kept.items()},
        **_people_counted(scope, answers, a.to_numpy()),
    }


def _people_counted(scope: Scope, answers: _Answers, a: Numbers) -> dict[str, pl.Series]:
    """People of each cell, everyone counted once (`atlas.layers.headcount`)."""
    activities = scope.prepared.activities
    of_sector, of_all = (np.zeros(activities.height, dtype=np.bool_) for _mask in range(2))
    of_sector[a[answers.own & ~answers.again]] = True
    of_all[a[answers.whole & ~answers.again]] = True
    values = {
        "people": activities.select(pl.coalesce("reached", "target")).to_series(),
        "targeted": activities["target"],
        "reached": activities["reached"],
    }
    counts = {n: head_count(scope, of, of_sector, of_all) for n, of in values.items()}
    return {name: pl.Series(count.best).fill_nan(None) for name, count in counts.items()}


def _ended_days(scope: Scope, cells: Numbers, ended: Numbers, now: Numbers) -> pl.Series:
    """Days since the last day of what was done in each cell, where nothing is under way."""
    known = ended > -NEVER
    last = np.full(now.size, -1, dtype=np.int64)
    np.maximum.at(last, cells[known], ended[known])
    last[::WIDTH] = last.reshape(-1, WIDTH).max(axis=1)
    today = 0 if scope.reference is None else (scope.reference - date(1970, 1, 1)).days
    return pl.Series(today - last).set(pl.Series((last < 0) | (now > 0)), None)


def _stopped_counts(scope: Scope, units: int) -> dict[str, Numbers]:
    """Activities of each cell that were cancelled, and that are suspended."""
    placed = in_each_sector(scope.prepared, _activity_places(scope.set_aside))
    status = scope.prepared.activities["status"].gather(placed["a"])
    parts = {name: placed.filter(status == name) for name in STOPPED}
    return {
        f"activities_{name}": cell_sums(
            part["cell"].to_numpy(), units, again=part["again"].to_numpy()
        )
        for name, part in parts.items()
    }


def _placed_budget(scope: Scope, stands: pl.DataFrame, since: Numbers) -> pl.Series:
    """Budget placed in each cell by the activities that count, in cents."""
    shares = scope.budget_shares
    kept = np.ones(shares.height, dtype=np.bool_)
    if scope.options["perimeter"] == "without":
        kept = ~shares["inherited"].to_numpy()
    own = shares.with_columns(cells_of(scope.prepared, shares), again=pl.lit(value=False))
    return _Answers.answers_of(scope, stands, since, own).known_sums(kept, shares["usd_minor"])


def _present_organisations(scope: Scope, units: int) -> Numbers:
    """Organisations that any list says are in each cell."""
    rows = in_each_sector(scope.prepared, scope.acting_rows)
    many = scope.prepared.organisations.height + 1
    cells, orgs = distinct_pairs(rows["cell"], rows["org"], many)
    found = cell_sums(cells, units)
    here, _orgs = distinct_pairs(pl.Series(cells) // WIDTH, pl.Series(orgs), many)
    found[::WIDTH] = np.bincount(here, minlength=units)  # once in a unit, in however many sectors
    return found


OPTIONS = tuple(option for option in gaps.SCORE_OPTIONS if option.name in ("day", "undated-days"))

COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "place_id": pl.String,
    "sector": pl.String,
    "text": pl.String,
    "listed": pl.Int64,
    "state": pl.String,
    "activities": pl.Int64,
    "done": pl.Int64,
    "as_of": pl.Date,
    "source": pl.String,
    "fact": pl.UInt32,
}


def local_priorities(scope: Scope) -> pl.DataFrame:
    """The local priorities, each with the activities of its place and sector since its date.

    ``gap``: none, under way or over, since the priority was stated; ``partial``: some; ``covered``:
    one in its sector is completed, or its end has passed. A priority that names no sector is
    at most ``partial``: an activity of the same place may be about something else. A number
    of priorities published without their list ("37 projets") is a figure: it has no state.

    Returns
    -------
    polars.DataFrame
        One row per priority in force: ``unit_id, unit_name`` (row of the question it falls
        in)``, place_id`` (where it was chosen)``, sector, text, listed`` (how many are
        published without a list, else null)``, state, activities, done, as_of, source, fact``
        (row of the context).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> dataset.ask("priorities", frame="ml-2016").table.select("unit_name", "state").row(0)
    ('Mopti', None)
    """
    told = _priorities_in_force(scope)
    found = (
        _activities_since(scope, told)
        .group_by("fact")
        .agg(
            pl.len().cast(pl.Int64).alias("activities"),
            pl.col("over").sum().cast(pl.Int64).alias("done"),
        )
    )
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    place = told.rename({"unit_id": "place_id"})
    joined = (
        place.join(units, on="target", maintain_order="left")
        .join(found, on="fact", how="left", maintain_order="left")
        .with_columns(pl.col("activities", "done").fill_null(0))
    )
    state = (
        pl.when(pl.col("listed").is_not_null())
        .then(None)
        .when(pl.col("activities") == 0)
        .then(pl.lit(GAP))
        .when((pl.col("done") > 0) & pl.col("sector").is_not_null())
        .then(pl.lit(COVERED))
        .otherwise(pl.lit(PARTIAL))
    )
    return joined.with_columns(state.alias("state")).select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]


def priorities_of_cells(scope: Scope) -> pl.DataFrame:
    """``target, sector, priorities, answered``: how many priorities each cell has.

    ``answered`` is the part of them that is: one where covered, a half where partial.
    """
    if not (scope.context_facts["kind"] == "priorities").any():
        schema = {"target": pl.UInt32, "sector": pl.String}
        return pl.DataFrame(schema=schema | {"priorities": pl.Int64, "answered": pl.Float64})
    rows = scope.unit_rows.select("unit_id").with_row_index("target")
    worth = {COVERED: 1.0, PARTIAL: 0.5, GAP: 0.0}
    return (
        local_priorities(scope)
        .drop_nulls("state")
        .join(rows, on="unit_id")
        .group_by("target", "sector")
        .agg(
            pl.len().cast(pl.Int64).alias("priorities"),
            pl.col("state").replace_strict(worth, return_dtype=pl.Float64).mean().alias("answered"),
        )
    )


def without_sector(scope: Scope) -> bool:
    """Whether any priority in force is of no sector in particular."""
    told = _priorities_in_force(scope)
    return told.filter(pl.col("sector").is_null(), pl.col("listed").is_null()).height > 0


def priorities_meta(scope: Scope) -> dict[str, object]:
    """How many priorities are past on the day that they are judged on."""
    day = pl.lit(day_of(scope, PRIORITIES), dtype=pl.Date)
    past = _stated_priorities(scope).filter((pl.col("expires") < day).fill_null(False))
    return {"reference": day_of(scope, PRIORITIES), "expired": past.height}


def _stated_priorities(scope: Scope) -> pl.DataFrame:
    """All priorities of known places and the sectors asked for, with the number of their row."""
    told = scope.context_facts.with_row_index("fact").filter(
        pl.col("kind") == "priorities", pl.col("unit_id").is_not_null()
    )
    return of_sectors(told, scope.filters.sector)


def _priorities_in_force(scope: Scope) -> pl.DataFrame:
    """The facts in force, with ``fact``, ``target`` and ``listed``."""
    day = pl.lit(day_of(scope, PRIORITIES), dtype=pl.Date)
    told = _stated_priorities(scope).filter(
        (pl.col("expires") >= day).fill_null(True), (pl.col("as_of") <= day).fill_null(True)
    )
    located = scope.rows_of(told["unit_id"])
    return told.join(located, on="unit_id", maintain_order="left").select(
        "fact",
        "unit_id",
        "target",
        pl.when(pl.col("sector") != "").then("sector").alias("sector"),
        "text",
        pl.col("value").cast(pl.Int64).alias("listed"),
        "as_of",
        "source",
    )


def _activities_since(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """``fact, a, over``: the activities inside each place since its date."""
    ground = scope.places_inside(told["unit_id"])
    ended = is_over(day_of(scope, ACTIVITIES), undated_days(scope))
    work = scope.counted_activities.filter(has_begun()).select(
        "a",
        "to_day",
        ((pl.col("status") == "completed") | ended).fill_null(False).alias("over"),
    )
    places = scope.item_placements.select("a", "u").join(ground, on="u").drop("u").unique()
    pairs = (
        told.select("fact", "unit_id", "sector", "as_of")
        .join(places, on="unit_id")
        .join(work, on="a")
    )
    same = pairs.join(scope.prepared.sectors_of_activities, on=["a", "sector"], how="semi")
    since = (pl.col("to_day") >= pl.col("as_of")).fill_null(True)
    return pl.concat([pairs.filter(pl.col("sector").is_null()), same]).filter(since)


def priority_cell(scope: Scope, _unit: str | None, fact: str | None) -> Scope:
    """The scope narrowed to the activities of one priority: its ``fact``."""
    found = _activities_since(scope, _priorities_in_force(scope))
    asked = pl.lit(fact, pl.String)  # none: the activities of no priority
    inside = found.filter(pl.col("fact").cast(pl.String) == asked)["a"].unique().implode()
    return replace(scope, activities=scope.counted_activities.filter(pl.col("a").is_in(inside)))


LOCAL_PRIORITIES = Layer(
    "priorities", N_("Priorités locales"), local_priorities, OPTIONS, cell=priority_cell,
    about=priorities_meta, subject=PRIORITIES, lists_visible_to=Viewer.PARTNER, follows="coverage",
    tab="gaps", file="priorites", value_name=lambda _value, _said: "",
)  # fmt: skip
