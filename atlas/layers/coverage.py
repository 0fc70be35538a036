"""Where a need is covered, partly covered or missed, and what silence means where none is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from atlas.filters import Filters
from atlas.i18n import N_
from atlas.layers import gaps, needs, priorities
from atlas.layers.access import current_severity
from atlas.layers.counting import STOPPED
from atlas.layers.grid import WIDTH, Numbers, sector_codes
from atlas.layers.layer import Layer
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACCESS, NEEDS, moved_to, own_day, response_day
from atlas.layers.reporting import own_report_day
from atlas.layers.response import NEVER, all_in_one, response, standing
from atlas.layers.scales import normalised
from atlas.layers.scope import Scope
from atlas.layers.silence import near, reported_on
from atlas.model import Level
from atlas.vocab import entries

OPTIONS = gaps.OPTIONS

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


def coverage(scope: Scope) -> pl.DataFrame:
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
      period due, or declared that there is nothing (`atlas.layers.silence.reported_on`), and
      nobody is said to be present;
    - ``no_report``: nobody should, or one of them did not. No data is not zero.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; every setting of `atlas.layers.gaps.OPTIONS`.

    Returns
    -------
    polars.DataFrame
        One row per unit × sector, one of no sector (null: all together) where a fact is
        stated so, then the reserved rows that hold activities or needs: ``unit_id, unit_name,
        sector, state, need_unknown`` (null beside ``not_comparable``)``, need, response``
        (activities that count as an answer)``, access`` (worst current severity, as its scale
        has it)``, score`` (0 to 1)``, class, rank`` (dense, 1 the worst, among the cells that
        are `ALIKE`)``, parts`` (how many of need, response, access are known) and the parts
        themselves: of the need (`atlas.layers.needs`), of the response
        (`atlas.layers.response`), ``unmet`` (need × what nothing answers), ``access_mean,
        access_score, population, budget_per_head, priorities, reported`` (all who should
        report on the cell did)``, wider`` (activities that count are placed on a larger unit that
        holds it)``, reporters`` (who should)``, reporters_heard`` (who sent a report)``,
        reporters_told`` (whose report speaks of the cell)``, need_expired`` (until when a need
        held that is past).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("coverage", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08", table["sector"] == "health")["state"][0]
    'active'
    """
    cells = asked_cells(scope)
    joined = cells.hstack(response(scope, _since(scope, cells))[cells["cell"]])
    for beside in (near(scope), priorities.of_cells(scope)):
        joined = _beside(joined, beside)
    joined = joined.with_columns(pl.col("priorities").fill_null(0), *_flags())
    told = pl.sum_horizontal("reported", *(f"activities_{name}" for name in STOPPED)) > 0
    shown = joined.filter(~pl.col("is_reserved") | told | pl.col("need").is_not_null())
    return _named(scope, _judged(shown, scope))


def _flags() -> list[pl.Expr]:
    """What is near each cell; done work answers its need from the day that it holds."""
    since = pl.col("need_since").cast(pl.Int32)
    counting = [
        (pl.col(flag) | (pl.col(f"{flag}_until") >= since).fill_null(False)).alias(flag)
        for flag in ("unsure", "wider")
    ]
    return [flag.fill_null(False) for flag in (pl.col("blurred"), *counting)]


def _since(scope: Scope, cells: pl.DataFrame) -> Numbers:
    """Of each cell, the day from which done work answers its need, by the cell's number."""
    since = np.full(scope.targets.units.height * WIDTH, NEVER, dtype=np.int64)
    days = cells["need_since"].cast(pl.Int32).fill_null(NEVER)
    since[cells["cell"].to_numpy()] = days.to_numpy()
    return since


def _beside(cells: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The cells with the columns of a table beside them, null where it has no such cell."""
    if table.is_empty():
        more = {c: t for c, t in table.schema.items() if c not in _CELL}
        return cells.with_columns(pl.lit(None, t).alias(c) for c, t in more.items())
    return cells.join(table, on=_CELL, how="left", nulls_equal=True, maintain_order="left")


def _judged(cells: pl.DataFrame, scope: Scope) -> pl.DataFrame:
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
    state = _state(gaps.need_state(number["partial-from"], number["covered-from"]))
    judged = scored.with_columns(state.alias("state")).with_columns(
        pl.when(pl.col("state").is_in(OF_NEED)).then(pl.col(c)).alias(c)
        for c in ("response_score", "measure")
    )
    weights = {part: number[f"{part}-weight"] for part in gaps.PARTS}
    return judged.with_columns(
        *gaps.score(weights),
        gaps.priority_class(
            *(number[n] for n in ("high-need", "moderate-need", "severe-access", "weak-response"))
        ),
        (pl.col("budget_usd") / pl.when(pl.col("population") > 0).then("population")).alias(
            "budget_per_head"
        ),
    ).with_columns(ranked(), unmet())


def ranked() -> pl.Expr:
    """The place of each score among those of its sector whose need is told alike, 1 the worst.

    People of two sectors, or people and levels, are never in one ranking. What only the noise
    of digits tells apart is equal.
    """
    worst_first = pl.col("score").round(SCORE_DIGITS).rank("dense", descending=True)
    return worst_first.over(ALIKE).cast(pl.Int64).alias("rank")


def unmet() -> pl.Expr:
    """The part of the need that nothing answers, from 0 to 1; null where either is unknown."""
    return (pl.col("need_score") * (1 - pl.col("response_score"))).alias("unmet")


def _state(of_need: pl.Expr) -> pl.Expr:
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


def _named(scope: Scope, cells: pl.DataFrame) -> pl.DataFrame:
    """The columns of the answer, with the names of the units in the language in force."""
    known = pl.col("need").is_not_null() | (pl.col("priorities") > 0)
    by_list = pl.col("need").is_null() & (pl.col("priorities") > 0)
    return cells.with_columns(scope.units["unit_name"].gather(cells["target"])).select(
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
    """The cells of the question, with all that no filter changes beside them."""
    said = scope.options
    cells = scope.prepared.once(
        _cells,
        scope.frame,
        scope.level,
        days_of(scope),
        said["need"],
        said["need-scale"],
        int(float(said["need-age"])),
        int(float(said["need-zones"])),
        priorities.without_sector(scope),
        scope.prepared.overlay(scope.frame).key,  # drawn severities are laid over the units
    )
    if scope.filters.sector:
        return cells.filter(pl.col("sector").is_in(list(scope.filters.sector)))
    return cells


def _cells(
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
    need = needs.needs(prepared, frame, level, days.needs, speaks, scale, age, fewest)
    past = needs.expired_cells(prepared, frame, level, days.needs, age)
    people = needs.population(prepared, frame, level).select("target", "population")
    reports = reported_on(_bare(prepared, frame, level, days.reporting))
    whole = whole or need["sector"].null_count() > 0
    asked = [None] * whole + list(entries("sectors")["id"])
    sectors = pl.DataFrame({"sector": asked}, schema={"sector": pl.String})
    units = prepared.targets(frame, level).units.select("unit_id", "is_reserved")
    code = pl.col("sector").replace_strict(sector_codes(), default=0, return_dtype=pl.UInt32)
    return (
        units.with_row_index("target")
        .join(sectors, how="cross", maintain_order="left_right")
        .join(need, on=_CELL, how="left", nulls_equal=True, maintain_order="left")
        .join(past, on=_CELL, how="left", nulls_equal=True, maintain_order="left")
        .join(
            severity(_bare(prepared, frame, level, days.access)),
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
    prepared, age = scope.prepared, int(float(scope.options["need-age"]))
    need = own_day(prepared, NEEDS)
    known = [day for day in (need, own_day(prepared, ACCESS)) if day]
    response = response_day(prepared, needs.holding_until(scope.context, need, age))
    return Days(need, response, max(known, default=None), own_report_day(prepared))


def about(scope: Scope) -> dict[str, object]:
    """The days that an answer was judged on, and how many needs are past on theirs, or to come."""
    days, age = days_of(scope), int(float(scope.options["need-age"]))
    stated = needs.of_sectors(scope.context, scope.filters.sector)
    coming, of_priorities = needs.coming(stated, days.needs, age), priorities.about(scope)
    return {
        "reference": days.needs,
        "response_day": days.response,
        "access_day": days.access,
        "reporting_day": days.reporting,
        "expired": needs.expired(stated, days.needs, age).height,
        "coming": coming.height,
        "coming_day": coming["since"].min(),
        "priorities_day": of_priorities["reference"],
        "priorities_expired": of_priorities["expired"],
    }


def _bare(prepared: Prepared, frame: str, level: Level, day: date | None) -> Scope:
    """The question without any activity: what is stated of places on a day."""
    return Scope(
        prepared=prepared,
        targets=prepared.targets(frame, level),
        frame=frame,
        level=level,
        filters=Filters(at=day),
        reference=day,
        activities=prepared.activities.clear(),
    )


def severity(bare: Scope) -> pl.DataFrame:
    """Worst and mean severity of access of each unit, as stated and as a part of its scale.

    Returns
    -------
    polars.DataFrame
        ``target, access, access_mean, access_worst, access_average``: the last two from 0 to
        1, 1 the worst; null where the scale is unknown, or all that is known is out of date.
    """
    told = current_severity(bare).with_columns(pl.lit(None, pl.Float64).alias("last"))

    def part(column: str) -> pl.Series:
        return normalised(told.select(pl.col(column).alias("value"), "scale", "direction", "last"))

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
        targeted; null where the activity lies in several units or sectors, or does not count).
    """
    a, stands = scope.activities["a"], standing(scope)
    since = pl.lit(_need_since(scope, sector or None))
    counts = (pl.col("counts") | (pl.col("lasting") >= since)).fill_null(False)
    alone = scope.prepared.once(all_in_one, scope.frame, scope.level)["alone"].gather(a)
    told = scope.activities.select("activity_id", "reached", "target").with_columns(
        stands.select(counts.alias("counts"), "past")[a]
    )
    own = scope.activities["sector"].eq_missing(pl.lit(sector)) if sector else True
    here = pl.col("counts") & alone & own
    return told.select(
        *("activity_id", "counts", "past"),
        pl.when(here).then(pl.coalesce("reached", "target")).alias("people"),
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
    "coverage", N_("Couverture par unité et secteur"), coverage, OPTIONS, cell=cell,
    beside=told_of, about=about, subject=NEEDS, judged_on=lambda scope: days_of(scope).response,
    without_access={"access-weight": "0"},
    tab="gaps", file="lacunes", label=N_("Lacunes par zone et secteur"),
)  # fmt: skip
