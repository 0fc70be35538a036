"""Coverage cells (unit × sector): need, response and access set against each other, and gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from atlas.filters import Filters
from atlas.i18n import N_
from atlas.layers import gaps, needs
from atlas.layers.access import current_severity
from atlas.layers.grid import WIDTH, Numbers, sector_codes
from atlas.layers.headcount import RULES, counted_people
from atlas.layers.layer import Layer
from atlas.layers.prepare import Prepared, rows_touched
from atlas.layers.reference import ACCESS, NEEDS, moved_to, own_day, response_day
from atlas.layers.reporting import latest_reports, own_report_day, reporters_named, told_sectors
from atlas.layers.response import (
    NEVER,
    activities_under_way,
    priorities_meta,
    priorities_of_cells,
    response_of_cells,
    without_sector,
)
from atlas.layers.scales import normalised_levels
from atlas.layers.scope import Scope
from atlas.model import STOPPED, Level
from atlas.vocab import vocabulary_table

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


def nearby_cells(scope: Scope) -> pl.DataFrame:
    """Cells near activities that are placed less finely.

    Parameters
    ----------
    scope
        The question; options as for `atlas.layers.response.activities_under_way`.

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
        pl.col("target").is_in([rows.coarser_row, rows.not_convertible])
    )
    if loose.is_empty():
        return pl.DataFrame(schema=_NEAR)
    other = pl.col("target") == rows.not_convertible
    loose = loose.join(
        scope.prepared.sectors_of_activities, on="a", how="left", maintain_order="left"
    )
    stands = activities_under_way(scope)
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
    ground = scope.prepared.computed_once(_touched_ground, scope.frame, scope.level)
    return (
        pl.concat([about.drop_nulls("sector"), every])
        .join(ground, on="u")
        .group_by("target", "sector")
        .agg(pl.col(_FLAGS).any(), pl.col(_UNTIL).max())
    )


def _touched_ground(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """``u, target``: the rows that each place touches which falls in none of them."""
    rows = prepared.targets_of(frame, level)
    loose = rows.row_of.is_in([rows.coarser_row, rows.not_convertible]).arg_true()
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
    rows = bare.context_facts.with_row_index("fact").filter(
        pl.col("kind") == "reporting",
        (pl.col("expires") >= today).fill_null(True),
        (pl.col("as_of") <= today).fill_null(True),
        (pl.col("start") <= today).fill_null(True),
    )
    named = bare.prepared.computed_once(reporters_named)
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
    names = [*vocabulary_table("sectors")["id"], None]
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


OPTIONS = (*gaps.SCORE_OPTIONS, *RULES)

ACTIVE, REPORTED_NONE, NO_REPORT, NOT_COMPARABLE = (
    "active",
    "reported_none",
    "no_report",
    "not_comparable",
)
OF_NEED = (gaps.COVERED, gaps.PARTIAL, gaps.GAP)
SCORE_DIGITS = 9
_CELL = ["target", "sector"]
ALIKE = ["sector", "need_indicator", "need_scale"]
"""What two needs share that may be set against each other."""


class Days(NamedTuple):
    """The day on which each part of the coverage is judged."""

    needs: date | None
    response: date | None
    access: date | None
    reporting: date | None


def coverage_cells(scope: Scope) -> pl.DataFrame:
    """State, score and class of every cell unit × sector.

    Where a need is known (`atlas.layers.needs`, or priorities chosen locally) the state is
    ``covered``, ``partial`` or ``gap`` (`atlas.layers.gaps`). Without one no cell is a gap; in
    the order in which they are decided:

    - ``active``: activities are reported here;
    - ``not_comparable``: activities of this sector are placed on a unit of another
      découpage that shares ground with this one and converts to none. So is a cell with a
      need that would be a gap but for those that count as an answer;
    - ``reported_none``: all who should report on this cell (context ``reporting``: its unit,
      or a larger one, and this sector or all of them) did so for this sector and their latest
      period due, or declared that there is nothing (`atlas.layers.coverage.reported_on`), and
      nobody is said to be present;
    - ``no_report``: nobody should, or one of them did not. No data is not zero.

    Its settings are `atlas.layers.gaps.SCORE_OPTIONS`.

    Returns
    -------
    polars.DataFrame
        One row per unit × sector, of the zones asked for, one of no sector (null: all together)
        where a fact is stated so, then the reserved rows that hold any: ``unit_id, unit_name,
        sector, state, need_unknown`` (null beside ``not_comparable``)``, need, response``
        (activities that count as an answer)``, access`` (worst current severity, as its scale has
        it)``, score`` (0 to 1)``, class, rank`` (dense, 1 the worst, among the cells that are
        `ALIKE`)``, parts`` (how many of need, response, access are known) and the parts themselves:
        `atlas.layers.needs`, `atlas.layers.response`, ``unmet`` (need × what nothing answers),
        ``access_mean, access_score, population, budget_per_head, priorities, reported`` (all who
        should did)``, wider`` (activities that count lie on a larger unit)``, reporters`` (who
        should)``, reporters_heard`` (who sent a report)``, reporters_told`` (whose report speaks of
        the cell)``, need_expired`` (until when a need held that is past).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("coverage", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08", table["sector"] == "health")["state"][0]
    'active'
    """
    cells = asked_cells(scope)
    joined = cells.hstack(response_of_cells(scope, _answered_since(scope, cells))[cells["cell"]])
    joined = _with_columns(_with_columns(joined, nearby_cells(scope)), priorities_of_cells(scope))
    joined = joined.with_columns(pl.col("priorities").fill_null(0), *_nearby_flags())
    told = pl.sum_horizontal("reported", *(f"activities_{name}" for name in STOPPED)) > 0
    shown = joined.filter(~pl.col("is_reserved") | told | pl.col("need").is_not_null())
    return _with_unit_names(scope, _with_judgement(shown, scope))


def _nearby_flags() -> list[pl.Expr]:
    """What is near each cell; done work answers its need from the day that it holds."""
    since = pl.col("need_since").cast(pl.Int32)
    counting = [
        (pl.col(flag) | (pl.col(f"{flag}_until") >= since).fill_null(False)).alias(flag)
        for flag in ("unsure", "wider")
    ]
    return [flag.fill_null(False) for flag in (pl.col("blurred"), *counting)]


def _answered_since(scope: Scope, cells: pl.DataFrame) -> Numbers:
    """Of each cell, the day from which done work answers its need, by the cell's number."""
    since = np.full(scope.targets.units.height * WIDTH, NEVER, dtype=np.int64)
    days = cells["need_since"].cast(pl.Int32).fill_null(NEVER)
    since[cells["cell"].to_numpy()] = days.to_numpy()
    return since


def _with_columns(cells: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The cells with the columns of a table beside them, null where it has no such cell."""
    if table.is_empty():
        more = {c: t for c, t in table.schema.items() if c not in _CELL}
        return cells.with_columns(pl.lit(None, t).alias(c) for c, t in more.items())
    return cells.join(table, on=_CELL, how="left", nulls_equal=True, maintain_order="left")


def _with_judgement(cells: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The cells with what is made of them: scores, state, class and rank."""
    said = scope.options
    number = {o.name: float(said[o.name]) for o in OPTIONS if o.form == "number"}
    real = ~pl.col("is_reserved")
    scored = cells.with_columns(
        *gaps.response_score(said["measure"], number["enough"]),
        pl.when(real).then(pl.col("need_score")).alias("need_score"),
        pl.col("access_worst" if said["access"] == "worst" else "access_average").alias(
            "access_score"
        ),
    ).with_columns(
        pl.when(real & (pl.col("priorities") > 0) & pl.col("need").is_null())
        .then(pl.col("answered"))
        .otherwise(pl.col("response_score"))
        .alias("response_score"),
    )
    state = _coverage_state(gaps.need_state(number["partial-from"], number["covered-from"]))
    judged = scored.with_columns(state.alias("state")).with_columns(
        pl.when(pl.col("state").is_in(OF_NEED)).then(pl.col(c)).alias(c)
        for c in ("response_score", "measure")
    )
    weights = {part: number[f"{part}-weight"] for part in gaps.PARTS}
    return judged.with_columns(
        *gaps.gap_score(weights),
        gaps.priority_class(
            *(number[n] for n in ("high-need", "moderate-need", "severe-access", "weak-response"))
        ),
        (pl.col("budget_usd") / pl.when(pl.col("population") > 0).then("population")).alias(
            "budget_per_head"
        ),
    ).with_columns(rank_in_sector(), unmet_need())


def rank_in_sector() -> pl.Expr:
    """The place of each score among those of its sector whose need is told alike, 1 the worst.

    People of two sectors, or people and levels, are never in one ranking. What only the noise
    of digits tells apart is equal.
    """
    worst_first = pl.col("score").round(SCORE_DIGITS).rank("dense", descending=True)
    return worst_first.over(ALIKE).cast(pl.Int64).alias("rank")


def unmet_need() -> pl.Expr:
    """The part of the need that nothing answers, from 0 to 1; null where either is unknown."""
    return (pl.col("need_score") * (1 - pl.col("response_score"))).alias("unmet")


def _coverage_state(of_need: pl.Expr) -> pl.Expr:
    need_known = pl.col("need").is_not_null() | (pl.col("priorities") > 0)
    told = pl.col("reported") > 0
    return (
        pl.when(pl.col("is_reserved"))
        .then(pl.when(told).then(pl.lit(ACTIVE)).otherwise(pl.lit(NOT_COMPARABLE)))
        .when(need_known & pl.col("unsure") & (of_need == gaps.GAP))
        .then(pl.lit(NOT_COMPARABLE))
        .when(need_known)
        .then(of_need)
        .when(told)
        .then(pl.lit(ACTIVE))
        .when(pl.col("blurred"))
        .then(pl.lit(NOT_COMPARABLE))
        .when(pl.col("reports") & (pl.col("presence") == 0))
        .then(pl.lit(REPORTED_NONE))
        .otherwise(pl.lit(NO_REPORT))
    )


def _with_unit_names(scope: Scope, cells: pl.DataFrame) -> pl.DataFrame:
    """The columns of the answer, with the names of the units in the language in force."""
    known = pl.col("need").is_not_null() | (pl.col("priorities") > 0)
    by_list = pl.col("need").is_null() & (pl.col("priorities") > 0)
    return cells.with_columns(scope.unit_rows["unit_name"].gather(cells["target"])).select(
        *("unit_id", "unit_name", "sector", "state"),
        pl.when(pl.col("state") != NOT_COMPARABLE).then(~known).alias("need_unknown"),
        *("need", "response", "access", "score", "class", "rank", "parts"),
        pl.when(by_list)
        .then(pl.lit("local-priority"))
        .otherwise(pl.col("need_indicator"))
        .alias("need_indicator"),
        *("need_as_of", "need_since", "need_places", "need_units_known", "need_units"),
        *("need_units_level", "need_scale", "need_score", "measure", "response_score", "unmet"),
        *("access_mean", "access_score", "people", "targeted", "reached", "population"),
        *("budget_usd", "budget_per_head", "activities_current", "activities_past"),
        *("response_ended", "ended_days", "activities_cancelled", "activities_suspended"),
        "activities_inherited",
        *("presence", "priorities"),
        pl.col("reports").alias("reported"),
        "wider",
        *("reporters", "reporters_heard", "reporters_told", "need_expired"),
    )


def asked_cells(scope: Scope) -> pl.DataFrame:
    """The cells of the question, with all that no filter changes beside them.

    Of a unit outside the zones asked for nothing is said: its activities were not looked at.
    """
    said = scope.options
    cells = scope.prepared.computed_once(
        _stated_cells,
        scope.frame,
        scope.level,
        days_of(scope),
        said["need"],
        said["need-scale"],
        int(float(said["need-age"])),
        int(float(said["need-zones"])),
        without_sector(scope),
        scope.prepared.overlay(scope.frame).key,  # drawn severities are laid over the units
    )
    if scope.filters.unit:
        cells = cells.filter(pl.col("is_reserved") | scope.is_asked())
    if scope.filters.sector:
        return cells.filter(pl.col("sector").is_in(list(scope.filters.sector)))
    return cells


def _stated_cells(
    prepared: Prepared,
    frame: str,
    level: Level,
    days: Days,
    speaks: str,
    scale: str,
    age: int,
    fewest: int,
    whole: bool,
    _drawn: object,
) -> pl.DataFrame:
    """Every cell, with its need, severity of access, people, and whether anyone reports on it.

    ``whole``: those of no sector in particular too, though no need is stated so.
    """
    need = needs.need_of_cells(prepared, frame, level, days.needs, speaks, scale, age, fewest)
    past = needs.expired_cells(prepared, frame, level, days.needs, age)
    people = needs.population_by_unit(prepared, frame, level).select("target", "population")
    reports = reported_on(_scope_without_activities(prepared, frame, level, days.reporting))
    whole = whole or need["sector"].null_count() > 0
    asked = [None] * whole + list(vocabulary_table("sectors")["id"])
    sectors = pl.DataFrame({"sector": asked}, schema={"sector": pl.String})
    units = prepared.targets_of(frame, level).units.select("unit_id", "is_reserved")
    code = pl.col("sector").replace_strict(sector_codes(), default=0, return_dtype=pl.UInt32)
    return (
        units.with_row_index("target")
        .join(sectors, how="cross", maintain_order="left_right")
        .join(need, on=_CELL, how="left", nulls_equal=True, maintain_order="left")
        .join(past, on=_CELL, how="left", nulls_equal=True, maintain_order="left")
        .join(
            severity_parts(_scope_without_activities(prepared, frame, level, days.access)),
            on="target", how="left", maintain_order="left",
        )
        .join(people, on="target", how="left", maintain_order="left")
        .join(reports, on=_CELL, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("reports").fill_null(False),
            pl.col("reporters", "reporters_heard", "reporters_told").fill_null(0),
            pl.when(pl.col("need").is_null()).then("need_expired"),
            cell=pl.col("target") * WIDTH + code,
        )
    )  # fmt: skip


def days_of(scope: Scope) -> Days:
    """The day of each part of the coverage (`atlas.layers.reference`): none moves another.

    Access is never judged before the needs it is set beside: a constraint that was over by
    then hinders no answer to them.
    """
    moved = moved_to(scope.filters.at, scope.options)
    if moved:
        return Days(moved, moved, moved, moved)
    return scope.prepared.computed_once(_own_days, int(float(scope.options["need-age"])))


def _own_days(prepared: Prepared, age: int) -> Days:
    """The days where nobody moves them."""
    need = own_day(prepared, NEEDS)
    known = [day for day in (need, own_day(prepared, ACCESS)) if day]
    response = response_day(prepared, needs.holding_until(prepared.tables.context, need, age))
    return Days(need, response, max(known, default=None), own_report_day(prepared))


def coverage_meta(scope: Scope) -> dict[str, object]:
    """The days that an answer was judged on, and how many needs are past on theirs, or to come."""
    days, age = days_of(scope), int(float(scope.options["need-age"]))
    stated = needs.of_sectors(scope.context_facts, scope.filters.sector)
    coming, of_priorities = (
        needs.coming_needs(stated, days.needs, age),
        priorities_meta(scope),
    )
    return {
        "reference": days.needs,
        "response_day": days.response,
        "access_day": days.access,
        "reporting_day": days.reporting,
        "expired": needs.expired_needs(stated, days.needs, age).height,
        "coming": coming.height,
        "coming_day": coming["since"].min(),
        "priorities_day": of_priorities["reference"],
        "priorities_expired": of_priorities["expired"],
    }


def _scope_without_activities(
    prepared: Prepared, frame: str, level: Level, day: date | None
) -> Scope:
    """The question without any activity: what is stated of places on a day."""
    return Scope(
        prepared=prepared,
        targets=prepared.targets_of(frame, level),
        frame=frame,
        level=level,
        filters=Filters(at=day),
        reference=day,
        activities=prepared.activities.clear(),
    )


def severity_parts(bare: Scope) -> pl.DataFrame:
    """Worst and mean severity of access of each unit, as stated and as a part of its scale.

    Returns
    -------
    polars.DataFrame
        ``target, access, access_mean, access_worst, access_average``: the last two from 0 to
        1, 1 the worst; null where the scale is unknown, or all that is known is out of date.
    """
    told = current_severity(bare).with_columns(pl.lit(None, pl.Float64).alias("last"))

    def part(column: str) -> pl.Series:
        return normalised_levels(
            told.select(pl.col(column).alias("value"), "scale", "direction", "last")
        )

    parts = told.with_columns(
        part("severity_max").alias("access_worst"), part("severity_mean").alias("access_average")
    )
    worst_scale = pl.col("access_average").arg_max()
    return parts.group_by("target", maintain_order=True).agg(
        pl.col("severity_max").first().alias("access"),
        pl.col("severity_mean").get(worst_scale.fill_null(0)).alias("access_mean"),
        pl.col("access_worst").max(),
        pl.col("access_average").max(),
    )


def coverage_cell(scope: Scope, unit_id: str | None, sector: str | None) -> Scope:
    """The scope narrowed to a cell, under the settings of the layer."""
    here = scope.narrowed_scope(unit_id, sector, items=True)
    if scope.options["perimeter"] == "with":
        return here
    own = here.item_placements.filter(~pl.col("inherited"))["a"].unique().implode()
    return replace(here, activities=here.activities.filter(pl.col("a").is_in(own)))


def told_of(scope: Scope, sector: str = "") -> pl.DataFrame:
    """What each activity of a cell is there.

    Returns
    -------
    polars.DataFrame
        ``activity_id, counts`` (for the need of the cell)``, past, people_stated`` (reached, else
        targeted)``, people`` (what of these is in the figure of the cell: 0 where they may be
        those of another; null where the activity lies in several units or sectors, or does not
        count).
    """
    a, stands = scope.activities["a"], activities_under_way(scope)
    since = pl.lit(_need_since(scope, sector or None))
    counts = (pl.col("counts") | (pl.col("lasting") >= since)).fill_null(False)
    stands = stands.with_columns(counts.alias("counts"))
    own = pl.col("sector").eq_missing(pl.lit(sector)) if sector else pl.lit(value=True)
    kept = np.zeros(stands.height, dtype=np.bool_)
    kept[scope.activities.filter(stands["counts"].gather(a), own)["a"].to_numpy()] = True
    stated = scope.prepared.activities.select(pl.coalesce("reached", "target")).to_series()
    people = counted_people(scope, stated, kept, in_sector=bool(sector))
    return scope.activities.select("activity_id").with_columns(
        stands.select("counts", "past")[a],
        people_stated=stated.gather(a),
        people=people.gather(a),
    )


def _need_since(scope: Scope, sector: str | None) -> int | None:
    """Day (from 1970) from which done work answers the need of the cell; null: no need."""
    if scope.rows is None:
        return None
    cells = asked_cells(scope).filter(
        pl.col("target") == scope.rows[0], pl.col("sector").eq_missing(pl.lit(sector))
    )
    days = cells["need_since"].cast(pl.Int32)
    return days[0] if days.len() else None


LAYER = Layer(
    "coverage", N_("Couverture par unité et secteur"), coverage_cells, OPTIONS, cell=coverage_cell,
    with_columns=told_of, about=coverage_meta, subject=NEEDS,
    judged_on=lambda scope: days_of(scope).response,
    without_access={"access-weight": "0"},
    tab="gaps", file="lacunes", label=N_("Lacunes par zone et secteur"),
)  # fmt: skip
