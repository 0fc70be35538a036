"""What ends soon where a need lasts: activities under way, and who is there after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from atlas.filters import Filters
from atlas.i18n import N_
from atlas.layers.coverage import LAYER as COVERAGE
from atlas.layers.layer import Layer
from atlas.layers.options import Option, all_settings
from atlas.layers.prepare import Prepared
from atlas.layers.presence import delivering_names, doers_of_activities
from atlas.layers.reference import DAY
from atlas.layers.response import known_end, standing_on, undated_days
from atlas.layers.scope import Scope, scope_of

OPTIONS = (
    Option("months", "3", N_("Finit dans (mois)"), "number", lowest=0, highest=60),
    DAY,
    next(option for option in COVERAGE.options if option.name == "undated-days"),
)

ENDING, LATER, NO_END = "ending", "later", "no_end"
"""Of what is under way: ends within the months asked for, later, or on a day nobody gave."""
NOBODY, UNSURE, OTHERS = "nobody", "unsure", "others"
"""Who is at work in a place and sector after that: nobody, perhaps somebody (whose end nobody gave,
or who is placed on a larger unit), or organisations whose work ends later."""

_NEED = {
    "state": pl.String,
    "need": pl.Float64,
    "need_indicator": pl.String,
    "need_as_of": pl.Date,
    "need_expired": pl.Date,
    "wider": pl.Boolean,
}
COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "sector": pl.String,
    "activity_id": pl.String,
    "title": pl.String,
    "source": pl.String,
    "delivering": pl.String,
    "ends": pl.String,
    "end": pl.Date,
    "days_left": pl.Int64,
    "remains": pl.String,
    "organisations_after": pl.Int64,
    "organisations_unsure": pl.Int64,
    **_NEED,
}


def ending_activities(scope: Scope) -> pl.DataFrame:
    """Activities under way that end soon, or on no day that is known, in each unit and sector.

    Parameters
    ----------
    scope
        The question. Who is there after, and the need, are those of all activities of the zones
        asked for, whatever else the filters leave out.

    Returns
    -------
    polars.DataFrame
        One row per activity, unit and sector that it names, what ends first first: ``unit_id,
        unit_name, sector, activity_id, title, source, delivering, ends`` (`ENDING`, or
        `NO_END`)``, end`` (of the activity, or of its fund)``, days_left, remains`` (`NOBODY`,
        `UNSURE`, `OTHERS`; null in a reserved row, which is no place)``, organisations_after`` (at
        work there in that sector beyond these months; those that nobody names are one)``,
        organisations_unsure`` (others, of which nobody said when they end)``, state, need,
        need_indicator, need_as_of, need_expired, wider`` (of the cell: `atlas.layers.coverage`,
        under its usual settings).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> table = Dataset.from_tables(sample_tables()).ask("ending", frame="ml-2016").table
    >>> set(table["ends"]) <= {"ending", "no_end"}
    True
    """
    every, nowhere = _every_activity(scope), pl.col("target") >= scope.targets.first_reserved
    cells = ["target", "sector"]
    counts = ("organisations_after", "organisations_unsure")
    after = pl.col(counts[0]) > 0
    unsure = (pl.col(counts[1]) > 0) | pl.col("wider").fill_null(value=False)
    told = (
        _cells_under_way(scope)
        .filter(pl.col("ends") != LATER)
        .join(_remaining(every), on=cells, how="left", nulls_equal=True)
        .join(_needs(every), on=cells, how="left")
        .with_columns(pl.when(~nowhere).then(pl.col(counts).fill_null(0)))
    )
    others = pl.when(after).then(pl.lit(OTHERS)).when(unsure).then(pl.lit(UNSURE))
    remains = pl.when(~nowhere).then(others.otherwise(pl.lit(NOBODY)))
    return _named_rows(scope, told.with_columns(remains.alias("remains")))


def _named_rows(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """The rows with the names of their unit and activity, what ends first first."""
    day = pl.lit(scope.reference, dtype=pl.Date)
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    facts = scope.prepared.activities.select("a", "activity_id", "title", "source")
    names = delivering_names(replace(scope, activities=scope.prepared.activities))
    return (
        told.with_columns((pl.col("end") - day).dt.total_days().alias("days_left"))
        .join(units, on="target")
        .join(facts, on="a")
        .join(names, on="activity_id", how="left")
        .sort("end", "target", "sector", "a", nulls_last=True)
        .select(*COLUMNS)
        .cast(COLUMNS)  # type: ignore[arg-type]
    )


def ending_meta(scope: Scope) -> Mapping[str, object]:
    """``ending, later, no_end``: how many of the activities under way, each once."""
    told = _under_way(scope)["ends"]
    return {ends: int((told == ends).sum()) for ends in (ENDING, LATER, NO_END)}


def _every_activity(scope: Scope) -> Scope:
    """The same question of all activities of the zones asked for."""
    bare = Filters(unit=scope.filters.unit)
    every = scope_of(scope.prepared, bare, scope.frame, scope.level, options=scope.options)
    return replace(every, reference=scope.reference)


def _under_way(scope: Scope) -> pl.DataFrame:
    """``a, ends, end`` of the activities of the question that are under way."""
    prepared, day = scope.prepared, pl.lit(scope.reference, dtype=pl.Date)
    stands = prepared.computed_once(standing_on, scope.reference, undated_days(scope))
    going = scope.counted_activities.filter(
        stands["current"].gather(scope.counted_activities["a"])
    ).with_columns(known_end().alias("end"))
    within = day.dt.offset_by(f"{int(float(scope.options['months']))}mo")
    ends = (
        pl.when(pl.col("end").is_null()).then(pl.lit(NO_END))
        .when(pl.col("end") <= within).then(pl.lit(ENDING)).otherwise(pl.lit(LATER))
    )  # fmt: skip
    return going.select("a", ends.alias("ends"), "end")


def _cells_under_way(scope: Scope) -> pl.DataFrame:
    """The same in each unit and sector: ``a, ends, end, target, sector``."""
    places = scope.item_placements.select("a", "target").unique()
    sectors = scope.prepared.computed_once(_sectors_named)
    return _under_way(scope).join(places, on="a").join(sectors, on="a", how="left")


def _sectors_named(prepared: Prepared) -> pl.DataFrame:
    """``a, sector``: each sector that an activity names, else its own."""
    named = prepared.named_sectors
    own = prepared.activities.select("a", "sector").join(named, on="a", how="anti")
    return pl.concat([named, own.drop_nulls()])


def _remaining(every: Scope) -> pl.DataFrame:
    """``target, sector, organisations_after, organisations_unsure``."""
    nobody = pl.lit(every.prepared.organisations.height, pl.UInt32)
    doers = every.prepared.computed_once(doers_of_activities)
    rows = _cells_under_way(every).filter(pl.col("ends") != ENDING)
    acting = rows.join(doers, on="a", how="left").with_columns(pl.col("org").fill_null(nobody))
    each = acting.group_by("target", "sector", "org").agg(later=(pl.col("ends") == LATER).any())
    return each.group_by("target", "sector").agg(
        pl.col("later").sum().alias("organisations_after"),
        (~pl.col("later")).sum().alias("organisations_unsure"),
    )


def _needs(every: Scope) -> pl.DataFrame:
    """``target, sector`` and `_NEED`: the need of each cell and what answers it today."""
    asked = replace(every, options=all_settings(COVERAGE.options, {}))
    told = COVERAGE.compute(COVERAGE.judged_scope(asked))
    units = every.unit_rows.select("unit_id").with_row_index("target")
    return told.join(units, on="unit_id").select("target", "sector", *_NEED)


LAYER = Layer(
    "ending", N_("Ce qui finit bientôt, et le besoin qui reste"), ending_activities, OPTIONS,
    about=ending_meta, tab="change", file="fins", label=N_("Ce qui finit bientôt"),
)  # fmt: skip
