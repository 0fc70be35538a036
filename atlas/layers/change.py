"""What changed between two published states, or between two days of one of them.

An activity keeps its identity while its amount, dates, status or place change
(docs/architecture.md, "Identity"), so that two states are compared activity by activity, by
`activity_id`, and a change is told once, whatever the document that tells it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import polars as pl

from atlas.i18n import N_
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.scope import Scope
from atlas.model import CANCELLED, OVER, STOPPED
from atlas.shares import minor_unit_digits

OPTIONS = (
    Option("since", "", N_("Depuis l'état"), form="text"),
    Option("from", "", N_("Du"), form="day"),
    Option("to", "", N_("Au"), form="day"),
)


class Change(StrEnum):
    """Kinds of change, in the order in which they are told."""

    NEW = "new"
    STARTED = "started"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    RESUMED = "resumed"
    ENDED = "ended"
    EXTENDED = "extended"
    SHORTENED = "shortened"
    MOVED = "moved"
    AMOUNT = "amount"
    PEOPLE = "people"
    GONE = "gone"
    FIRST_ACTOR = "first_actor"
    LAST_ACTOR = "last_actor"


COLUMNS = {
    "change": pl.String,
    "unit_id": pl.String,
    "unit_name": pl.String,
    "activity_id": pl.String,
    "title": pl.String,
    "source": pl.String,
    "kind": pl.String,
    "field": pl.String,
    "before": pl.String,
    "after": pl.String,
    "difference_usd": pl.Float64,
}

SEPARATOR = " ; "
PEOPLE = ("reached", "target")
"""Figures of people of an activity."""

_PLANNED = "planned"
_NOT_BEGUN = (_PLANNED, CANCELLED)
"""Statuses of what never began, so that it neither starts nor ends on a day of its own."""
_NAMED_NOW = [
    pl.col(f"{name}_after").alias(name)
    for name in ("unit_id", "unit_name", "title", "source", "kind")
]
"""An activity that both states tell goes by what the later one says."""


def changes_between_states(scope: Scope) -> pl.DataFrame:
    """List what changed since ``scope.before``, one row per change.

    - ``new``, ``gone``: told by one of the two states only. Gone is not ended: nobody said so.
      What is new and cancelled or suspended says so.
    - ``started``: planned before, and no longer. ``suspended``, ``cancelled``: it was not
      before. ``resumed``: it was suspended or cancelled, and is under way or planned again.
    - ``ended``: completed, or its end has passed on the day of reference. What is still planned
      or was cancelled has not ended: nobody said that it began.
    - ``extended``, ``shortened``: another end, where both are known.
    - ``moved``: other units of the level asked for; a place told more finely is no move.
    - ``amount``: another sum of its budget, committed or spent money in one currency.
    - ``people``: another number of people reached or targeted.
    - ``first_actor``, ``last_actor``: a unit that gained its first organisation, or lost its
      last. An organisation is there until something it does there is known to have ended, or
      is told no more.

    Between two days of one state (options ``from`` and ``to``) only ``new`` (started),
    ``ended`` and the actors can differ: what was planned is not kept beside what was done, and
    what is planned still has neither started nor ended.

    An activity is compared when it passes the filters in either state. Without
    ``scope.before`` there is nothing to compare with, and no row.

    Returns
    -------
    polars.DataFrame
        ``change, unit_id, unit_name`` (several joined by " ; ")``, activity_id, title,
        source, kind, field, before, after, difference_usd`` (null where either is unknown);
        in the order of `Change`, then by unit and title.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> days = {"from": "2017-01-01", "to": "2017-06-30"}
    >>> table = dataset.ask("change", frame="ml-2016", options=days).table
    >>> sorted(set(table["change"]) - {"new", "ended", "first_actor", "last_actor"})
    []
    """
    if scope.before is None:
        return pl.DataFrame(schema=COLUMNS)
    one_state = scope.before.prepared is scope.prepared
    of_activities = _between_days if one_state else _activity_changes
    parts = [of_activities(scope, scope.before), _actor_changes(scope, scope.before)]
    order = pl.col("change").replace_strict({c: i for i, c in enumerate(Change)})
    told = pl.concat([_all_columns(part) for part in parts])
    return told.sort(order, "unit_name", "title", "activity_id", "field", nulls_last=True)


def _all_columns(part: pl.DataFrame) -> pl.DataFrame:
    """The columns of the layer, null where the part does not speak of them."""
    return part.select(
        (pl.col(name) if name in part.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in COLUMNS.items()
    )


def _activity_changes(after: Scope, before: Scope) -> pl.DataFrame:
    """Changes of activities between two states."""
    asked = pl.concat([after.activities["activity_id"], before.activities["activity_id"]]).unique()
    new, old = _compared_facts(after, asked), _compared_facts(before, asked)
    both = old.join(new, on="activity_id", suffix="_after")
    named = both.select("activity_id", *_NAMED_NOW)
    longer = pl.col("end_after") > pl.col("end")
    begun = ~pl.col("status_after").is_in(_NOT_BEGUN).fill_null(False)
    was_over = pl.col("ended") & (pl.col("status") != CANCELLED).fill_null(True)
    over = both.filter(pl.col("ended_after") & ~was_over & begun)
    same_status = pl.col("status_after").eq_missing(pl.col("status"))
    of_status = both.filter(~same_status)
    goes_on = pl.col("status_after").is_in(["ongoing", _PLANNED])
    started = (pl.col("status") == _PLANNED) & (pl.col("status_after") == "ongoing")
    fresh = new.join(old, on="activity_id", how="anti")
    found = [
        _with_kind(_saying_stopped(fresh), Change.NEW),
        _changed_values(of_status.filter(started), Change.STARTED, "status"),
        *(
            _changed_values(of_status.filter(pl.col("status_after") == kind), kind, "status")
            for kind in (Change.SUSPENDED, Change.CANCELLED)
        ),
        _changed_values(
            of_status.filter(pl.col("status").is_in(STOPPED), goes_on), Change.RESUMED, "status"
        ),
        _with_kind(old.join(new, on="activity_id", how="anti"), Change.GONE),
        _changed_values(over.filter(~same_status), Change.ENDED, "status"),
        _changed_values(over.filter(same_status), Change.ENDED, "end"),
        _changed_values(both.filter(longer), Change.EXTENDED, "end"),
        _changed_values(both.filter(pl.col("end_after") < pl.col("end")), Change.SHORTENED, "end"),
        _changed_values(
            both.filter(pl.col("rows_after") != pl.col("rows")), Change.MOVED, "unit_name"
        ),
        _amount_changes(before, after, named),
        *(
            _changed_values(
                both.filter(~pl.col(f"{name}_after").eq_missing(pl.col(name))), Change.PEOPLE, name
            )
            for name in PEOPLE
        ),
    ]
    return pl.concat([_all_columns(part) for part in found])


def _between_days(after: Scope, before: Scope) -> pl.DataFrame:
    """What started and what ended between two days of one state."""
    facts = _compared_facts(after, after.activities["activity_id"])
    first, last = (pl.lit(s.reference, dtype=pl.Date) for s in (before, after))
    begun = facts.filter(~pl.col("status").is_in(_NOT_BEGUN).fill_null(False))
    started = begun.filter((pl.col("start") > first) & (pl.col("start") <= last))
    ended = begun.filter((pl.col("end") >= first) & (pl.col("end") < last))
    parts = [_with_kind(started, Change.NEW), _with_kind(ended, Change.ENDED)]
    return pl.concat([_all_columns(part) for part in parts])


def _saying_stopped(facts: pl.DataFrame) -> pl.DataFrame:
    """The same, with the status of what is cancelled or suspended beside it."""
    status = pl.col("status")
    stopped = pl.when(status.is_in(STOPPED))
    return facts.with_columns(
        stopped.then(pl.lit("status")).alias("field"), stopped.then(status).alias("after")
    )


def _with_kind(facts: pl.DataFrame, kind: str) -> pl.DataFrame:
    return facts.with_columns(pl.lit(kind).alias("change"))


def _changed_values(both: pl.DataFrame, kind: str, field: str) -> pl.DataFrame:
    """Activities of which one thing differs, with what it was and what it is."""
    return both.select(
        pl.lit(kind).alias("change"),
        "activity_id",
        *_NAMED_NOW,
        pl.lit("places" if field == "unit_name" else field).alias("field"),
        pl.col(field).cast(pl.String).alias("before"),
        pl.col(f"{field}_after").cast(pl.String).alias("after"),
    )


def _compared_facts(scope: Scope, asked: pl.Series) -> pl.DataFrame:
    """What is compared of each activity: its dates, status and rows of the level asked for."""
    chosen = scope.prepared.activities.filter(pl.col("activity_id").is_in(asked.implode()))
    places = scope.prepared.places.join(chosen.select("a"), on="a", how="semi")
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    rows = (
        places.with_columns(scope.target_of(places))
        .select("a", "target")
        .unique()
        .join(units, on="target")
        .sort("a", "target")
        .group_by("a", maintain_order=True)
        .agg(
            pl.col("target").alias("rows"),
            pl.col("unit_id").str.join(SEPARATOR),
            pl.col("unit_name").str.join(SEPARATOR),
        )
    )
    return (
        chosen.with_columns(_has_ended(scope).alias("ended"))
        .join(rows, on="a", how="left", maintain_order="left")
        .select(
            pl.coalesce("title", pl.col("implementers").list.join(", ")).alias("title"),
            *("activity_id", "source", "kind", "status", "start", "end", "ended", *PEOPLE),
            *("rows", "unit_id", "unit_name"),
        )
    )


def _has_ended(scope: Scope) -> pl.Expr:
    """Whether an activity is known to have ended on the day of reference."""
    passed = pl.col("end") < pl.lit(scope.reference, dtype=pl.Date)
    return (pl.col("status").is_in(OVER) | passed).fill_null(False)


def _amount_changes(before: Scope, after: Scope, named: pl.DataFrame) -> pl.DataFrame:
    """Sums of money that differ, by kind and currency."""
    keys = ["activity_id", "field", "currency"]
    both = (
        _money_by_activity(before)
        .join(_money_by_activity(after), on=keys, how="full", coalesce=True, suffix="_after")
        .join(named, on="activity_id")
        .filter(~pl.col("minor").eq_missing(pl.col("minor_after")))
    )
    return both.with_columns(
        pl.lit(Change.AMOUNT).alias("change"),
        _money_text("minor", "before"),
        _money_text("minor_after", "after"),
        ((pl.col("usd_after") - pl.col("usd")) / 100).round(2).alias("difference_usd"),
    )


def _money_by_activity(scope: Scope) -> pl.DataFrame:
    """``activity_id, field, currency, minor, usd``; ``usd`` null where a part has no rate."""
    usd = pl.when(pl.col("usd_minor").null_count() == 0).then(pl.col("usd_minor").sum())
    return scope.prepared.tables.amounts.group_by(
        "activity_id", pl.col("kind").alias("field"), "currency"
    ).agg(pl.col("minor").sum(), usd.alias("usd"))


def _money_text(column: str, name: str) -> pl.Expr:
    """``46610.16 USD``: exact, null where unknown."""
    pair = pl.struct(pl.col(column).alias("minor"), "currency")
    return pair.map_elements(_amount_text, return_dtype=pl.String).alias(name)


def _amount_text(money: dict[str, Any]) -> str | None:
    minor, currency = money["minor"], money["currency"]
    if minor is None:
        return None
    return f"{Decimal(minor).scaleb(-minor_unit_digits(currency))} {currency}"


def _actor_changes(after: Scope, before: Scope) -> pl.DataFrame:
    """Units without an organisation in one of the two, and with some in the other."""
    names = [_present_organisations(scope) for scope in (before, after)]
    both = names[0].join(names[1], on="target", how="full", coalesce=True, suffix="_after")
    units = after.unit_rows.select("unit_id", "unit_name", "is_reserved").with_row_index("target")
    gained, lost = pl.col("names").is_null(), pl.col("names_after").is_null()
    return (
        both.filter(gained | lost)
        .join(units.filter(~pl.col("is_reserved")), on="target")
        .select(
            pl.when(gained)
            .then(pl.lit(Change.FIRST_ACTOR))
            .otherwise(pl.lit(Change.LAST_ACTOR))
            .alias("change"),
            *("unit_id", "unit_name", pl.lit("organisations").alias("field")),
            *(pl.col("names").alias("before"), pl.col("names_after").alias("after")),
        )
    )


def _present_organisations(scope: Scope) -> pl.DataFrame:
    """``target, names``: organisations with something there that has begun and not ended."""
    day = pl.lit(scope.reference, dtype=pl.Date)
    begun = (pl.col("start").is_null() | (pl.col("start") <= day)).fill_null(True)
    going = scope.activities.filter(begun & ~_has_ended(scope)).select("a")
    organisations = scope.prepared.organisations.select("org", "organisation")
    return (
        scope.placement_rows.join(going, on="a", how="semi")
        .select("a", "target")
        .join(scope.prepared.actors, on="a")
        .join(organisations, on="org")
        .select("target", "organisation")
        .unique()
        .sort("target", "organisation")
        .group_by("target")
        .agg(pl.col("organisation").str.join(SEPARATOR).alias("names"))
    )


LAYER = Layer(
    "change",
    N_("Changements"),
    changes_between_states,
    OPTIONS,
    comparable=True,
    tab="change",
    file="changements",
)
