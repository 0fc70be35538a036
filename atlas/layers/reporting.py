"""Who was to report, who did, and how late: what tells "nothing" from "not reported".

The scope of reporting is data (context ``reporting``): an organisation or a fund, a place,
sectors, how often, until when, and how many days after the end of a period its report is due.
Who did report is read from the documents themselves: an organisation has reported on a day
when a document of that date tells anything of it. The day on which a file reached somebody's
computer is no fact of the document and does not count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

import polars as pl

from atlas.i18n import N_
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.model import FREQUENCIES, NATIONAL

OPTIONS = (Option("periods", "1", N_("Périodes"), form="number", lowest=1, highest=60),)

MONTHS = {"monthly": 1, "quarterly": 3, "semestrial": 6, "yearly": 12}
_A_DAY = timedelta(days=1)
_EXPECTED = {
    "fact": pl.UInt32,
    "unit_id": pl.String,
    "reporter": pl.String,
    "sector": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "due": pl.Date,
    "back": pl.Int64,
    "reported_on": pl.Date,
}


class Reported(StrEnum):
    """What became of an expected report."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    EXPECTED = "expected"


COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "reporter": pl.String,
    "sector": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "due": pl.Date,
    "state": pl.String,
    "reported_on": pl.Date,
    "days_late": pl.Int64,
    "activities": pl.Int64,
    "fact": pl.UInt32,
}


@dataclass(frozen=True)
class Period:
    """A span that one report is to tell of.

    Attributes
    ----------
    until
        Last day of the period that follows.
    """

    first: date
    last: date
    until: date
    due: date | None

    @property
    def taken_until(self) -> date:
        """Last day whose report may be of this period: the middle of the one that follows."""
        return self.last + (self.until - self.last) / 2


def reporting(scope: Scope) -> pl.DataFrame:
    """Set what was to be reported beside what was.

    A report is a document in which the reporter does anything (`assigned` says of which
    period). It is ``late`` by the days from its due date to the document's; it is ``missing``
    once the due date has passed on the day of reference, ``expected`` before. Without a due
    date nothing is late.

    Parameters
    ----------
    scope
        The question; ``options["periods"]`` is how many periods that have ended are told,
        the latest ones.

    Returns
    -------
    polars.DataFrame
        One row per reporter × unit × sector × period: ``unit_id, unit_name, reporter,
        sector`` (null: all sectors)``, period_start, period_end, due, state`` (`Reported`)``,
        reported_on, days_late`` (null without a due date)``, activities`` (what that report
        tells of this unit and sector: zero is a report of none, null no report)``, fact`` (row
        of the context); the latest first, missing and late ones before the others.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> Dataset.of(sample_tables()).ask("reporting").table.height
    0
    """
    told = _in_question(scope, reports(scope))
    recent = told.filter(pl.col("back") < int(float(scope.options["periods"])))
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
    there = _told_there(scope, recent).group_by("fact", "first").agg(
        pl.col("a").n_unique().alias("activities")
    )  # fmt: skip
    counted = pl.when(pl.col("reported_on").is_not_null()).then(pl.col("activities").fill_null(0))
    return _worst_first(
        recent.join(there, on=["fact", "first"], how="left")
        .drop("unit_id")
        .join(units, on="target", maintain_order="left")
        .rename({"first": "period_start", "last": "period_end"})
        .with_columns(counted.alias("activities"))
    )


def _worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the layer, the latest period first, in it what is owed the longest."""
    rank = {"missing": 0, "late": 1, "expected": 2, "on_time": 3}
    return rows.sort(
        "period_end",
        pl.col("state").replace_strict(rank, return_dtype=pl.Int8),
        *("days_late", "reporter", "unit_name"),
        descending=[True, False, True, False, False],
        nulls_last=True,
    ).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def reports(scope: Scope) -> pl.DataFrame:
    """Every period of every fact of the scope of reporting that has ended, with its report.

    Returns
    -------
    polars.DataFrame
        ``fact`` (row of the context)``, unit_id, reporter, sector, first, last, due,
        back`` (0 for the latest period of its fact)``, reported_on, state, days_late``.
    """
    return scope.prepared.once(_reports, scope.reference)


def silent_facts(scope: Scope) -> pl.Series:
    """Facts of the scope of reporting whose reporter said nothing for the latest period due.

    A fact that names no reporter is somebody's word that all is reported there: never silent.
    """
    due = reports(scope).filter(pl.col("state") != Reported.EXPECTED)
    latest = due.filter(pl.col("back") == pl.col("back").min().over("fact"))
    unheard = (
        reports(scope).join(due, on="fact", how="anti").filter(pl.col("reported_on").is_null())
    )
    missing = latest.filter(pl.col("state") == Reported.MISSING)
    return pl.concat([missing["fact"], unheard["fact"]]).unique()


def _reports(prepared: Prepared, reference: date | None) -> pl.DataFrame:
    expected = _expected(prepared, reference)
    today = pl.lit(reference, dtype=pl.Date)
    late = (pl.coalesce("reported_on", today) - pl.col("due")).dt.total_days().clip(0)
    state = (
        pl.when(pl.col("reported_on").is_not_null() & (late.fill_null(0) > 0))
        .then(pl.lit(Reported.LATE.value))
        .when(pl.col("reported_on").is_not_null())
        .then(pl.lit(Reported.ON_TIME.value))
        .when(late.fill_null(0) > 0)
        .then(pl.lit(Reported.MISSING.value))
        .otherwise(pl.lit(Reported.EXPECTED.value))
    )
    return expected.with_columns(state.alias("state")).with_columns(_known_lateness(late))


def report_days(prepared: Prepared) -> pl.DataFrame:
    """``reporter, day``: dates of the documents in which each organisation, or fund, is told."""
    dated = prepared.activities.filter(pl.col("as_of").is_not_null())
    names = prepared.organisations.select("org", pl.col("organisation").alias("reporter"))
    acting = prepared.each.actors.join(names, on="org").select("a", "reporter")
    of_people = dated.select("a", "as_of").join(acting, on="a").select("reporter", "as_of")
    of_funds = dated.select(pl.col("source").alias("reporter"), "as_of").drop_nulls()
    return pl.concat([of_people, of_funds]).rename({"as_of": "day"}).unique()


def _known_lateness(late: pl.Expr) -> pl.Expr:
    """Days late of what was reported or is owed; what is not due yet has none."""
    due = pl.col("state") != Reported.EXPECTED
    return pl.when(due).then(late).alias("days_late")


def _expected(prepared: Prepared, reference: date | None) -> pl.DataFrame:
    """The periods that were to be reported, one row each, with the day of their report."""
    facts = prepared.tables.context.with_row_index("fact").filter(pl.col("kind") == "reporting")
    said = prepared.once(report_days).group_by("reporter").agg(pl.col("day").sort())
    days = dict(said.iter_rows())
    rows = []
    for fact in facts.iter_rows(named=True):
        reporter = fact["organisation"] or fact["source"]
        spans = list(periods(fact, reference)) if reporter else []
        found = assigned(spans, days.get(reporter, []))
        key = (fact["fact"], fact["unit_id"] or NATIONAL, reporter, fact["sector"] or None)
        rows += [
            (*key, span.first, span.last, span.due, len(spans) - 1 - i, found.get(i))
            for i, span in enumerate(spans)
        ]
    return pl.DataFrame(rows, schema=_EXPECTED, orient="row")


def assigned(spans: Sequence[Period], days: Sequence[date]) -> dict[int, date]:
    """Which period each report is of: a report is of one period only.

    A report dated in the first half of a period is of the one before, while that one has
    none; any other is of its own period. Of several, the first counts.

    Parameters
    ----------
    spans
        Periods that follow each other.
    days
        Dates of the reports, ascending.

    Returns
    -------
    dict
        Index of the period → date of its report.
    """
    found: dict[int, date] = {}
    firsts = [span.first for span in spans]
    for day in days:
        newest = bisect_right(firsts, day) - 1
        for i in (newest - 1, newest):
            if i >= 0 and i not in found and spans[i].first <= day <= spans[i].taken_until:
                found[i] = day
                break
    return found


def periods(fact: dict[str, Any], reference: date | None) -> Iterator[Period]:
    """The periods of a fact that have ended on the day of reference, oldest first.

    Without a frequency there is one, from its first day to its last, or to its due date.
    """
    first = fact["start"] or fact["as_of"]
    if first is None or reference is None:
        return
    stop = min(fact["expires"] or reference, reference)
    if fact["frequency"] not in FREQUENCIES:
        last = fact["expires"] or fact["due"] or reference
        yield Period(first, last, max(last, reference), fact["due"] or _due(last, fact))
        return
    for begin, after, then in _calendar(first, stop, fact["frequency"]):
        last = after - _A_DAY
        if last <= stop:
            yield Period(max(begin, first), last, then - _A_DAY, _due(last, fact))


def _due(last: date, fact: dict[str, Any]) -> date | None:
    days = fact["due_days"]
    return None if days is None else last + timedelta(days=days)


def _calendar(first: date, stop: date, frequency: str) -> Iterator[tuple[date, date, date]]:
    """First days of the weeks, months… that touch the span, with the two that follow each."""
    starts = [_first_day(first, frequency)]
    while starts[-1] <= stop:
        starts.append(_next(starts[-1], frequency))
    starts.append(_next(starts[-1], frequency))
    for (begin, after), (_after, then) in pairwise(pairwise(starts)):
        yield begin, after, then


def _first_day(day: date, frequency: str) -> date:
    if frequency == "weekly":
        return day - timedelta(days=day.weekday())
    months = MONTHS[frequency]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(first: date, frequency: str) -> date:
    if frequency == "weekly":
        return first + timedelta(days=7)
    month = first.month - 1 + MONTHS[frequency]
    return date(first.year + month // 12, month % 12 + 1, 1)


def cell(scope: Scope, _unit: str | None, report: str | None) -> Scope:
    """The scope of what one report tells: ``<fact>.<period_start>``, filters left aside."""
    fact, _dot, first = (report or "").partition(".")
    asked = reports(scope).filter(
        pl.col("fact").cast(pl.String) == fact, pl.col("first").cast(pl.String) == first
    )
    told = _told_there(scope, asked)["a"].unique().implode()
    every = scope.prepared.each
    activities = every.activities.filter(pl.col("a").is_in(told))
    return replace(scope, prepared=every, activities=activities, kept_units=None, rows=None)


def _in_question(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """The rows inside the units and sectors asked for, with their ``target``."""
    rows = told.join(scope.rows_of(told["unit_id"]), on="unit_id", maintain_order="left")
    asked = list(scope.filters.sector)
    if asked:
        rows = rows.filter(pl.col("sector").is_null() | pl.col("sector").is_in(asked))
    if scope.filters.organisation:
        rows = rows.filter(pl.col("reporter").is_in(list(scope.filters.organisation)))
    if scope.filters.unit:
        rows = rows.filter(pl.col("unit_id").is_in(list(_inside(scope))))
    return rows


def _inside(scope: Scope) -> set[str]:
    """Units of any frame inside those asked for."""
    frames, found = scope.prepared.frames, set(scope.filters.unit)
    for unit_id in scope.filters.unit:
        if unit_id in frames:
            own = frames.unit(unit_id)
            targets = frames.targets(own.frame, own.level)
            found |= set(targets.filter(pl.col("target") == unit_id)["unit_id"])
    return found


def _told_there(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """``fact, first, a``: what each report tells of its unit and sector."""
    told = rows.filter(pl.col("reported_on").is_not_null()).join(
        scope.prepared.once(_who_tells), left_on=["reporter", "reported_on"],
        right_on=["reporter", "day"],
    )  # fmt: skip
    same = pl.col("sector").is_null() | (pl.col("sector") == pl.col("told_sector"))
    ground = _ground(scope.prepared, told["unit_id"].unique())
    return (
        told.filter(same.fill_null(False))
        .join(scope.prepared.places.select("a", "u"), on="a")
        .join(ground, on=["unit_id", "u"], how="semi")
        .select("fact", "first", "a")
    )


def _who_tells(prepared: Prepared) -> pl.DataFrame:
    """``a, reporter, day, told_sector``: whom each activity is a report of, and when."""
    names = prepared.organisations.select("org", pl.col("organisation").alias("reporter"))
    acting = prepared.each.actors.join(names, on="org").select("a", "reporter")
    funds = prepared.activities.select("a", pl.col("source").alias("reporter"))
    about = prepared.activities.select(
        "a", pl.col("as_of").alias("day"), pl.col("sector").alias("told_sector")
    )
    return pl.concat([acting, funds]).join(about, on="a")


def _ground(prepared: Prepared, unit_ids: pl.Series) -> pl.DataFrame:
    """``unit_id, u``: the places of the snapshot that lie inside each of these units."""
    frames, units, found = prepared.frames, prepared.units, []
    for unit_id in unit_ids.drop_nulls():
        if unit_id not in frames:  # the whole country
            found += [(unit_id, u) for u in range(units.len())]
            continue
        own = frames.unit(unit_id)
        homes = frames.targets(own.frame, own.level).filter(pl.col("target") == unit_id)
        inside = units.is_in(homes["unit_id"].implode())
        found += [(unit_id, u) for u in inside.arg_true()]
    return pl.DataFrame(found, schema={"unit_id": pl.String, "u": pl.UInt32}, orient="row")
