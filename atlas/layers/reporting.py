"""Who was to report, for which period, and whether a document of theirs has come."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

import polars as pl

from atlas.i18n import N_
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACTIVITIES, DAY, list_days, moved_to, own_day
from atlas.layers.scope import Scope
from atlas.model import FREQUENCIES, NATIONAL, Viewer
from atlas.vocab import entry_spelt_as

MONTHS = {"monthly": 1, "quarterly": 3, "semestrial": 6, "yearly": 12}
_A_DAY = timedelta(days=1)


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


def period_of_reports(spans: Sequence[Period], days: Sequence[date]) -> dict[int, list[date]]:
    """Which period each report is of: a report is of one period only.

    A report dated in the first half of a period is of the one before, while that one has
    none; any other is of its own period, beside those that it has already.

    Parameters
    ----------
    spans
        Periods that follow each other.
    days
        Dates of the reports, ascending.

    Returns
    -------
    dict
        Index of the period → dates of its reports, the first one first.
    """
    found: dict[int, list[date]] = {}
    firsts = [span.first for span in spans]
    for day in days:
        newest = bisect_right(firsts, day) - 1
        older = newest - 1
        if older >= 0 and older not in found and day <= spans[older].taken_until:
            found[older] = [day]
        elif newest >= 0 and day <= spans[newest].taken_until:
            found.setdefault(newest, []).append(day)
    return found


def declared_periods(
    spans: Sequence[Period], declared: Sequence[tuple[date, date, date]]
) -> list[tuple[int, date]]:
    """Periods that lie within what somebody declared, each with the day on which it did.

    Parameters
    ----------
    declared
        First and last day declared, and the day of the declaration.
    """
    return [
        (i, day)
        for first, last, day in declared
        for i, span in enumerate(spans)
        if first <= span.first and span.last <= last
    ]


def ended_periods(fact: dict[str, Any], reference: date | None) -> Iterator[Period]:
    """The periods of a fact that have ended on the day of reference, oldest first.

    Without a frequency there is one, from its first day to its last, or to its due date.
    """
    first = fact["start"] or fact["as_of"]
    if first is None or reference is None:
        return
    stop = min(fact["expires"] or reference, reference)
    if fact["frequency"] not in FREQUENCIES:
        last = fact["expires"] or fact["due"] or reference
        yield Period(first, last, max(last, reference), fact["due"] or _due_day(last, fact))
        return
    for begin, after, then in _calendar_starts(first, stop, fact["frequency"]):
        last = after - _A_DAY
        if last <= stop:
            yield Period(max(begin, first), last, then - _A_DAY, _due_day(last, fact))


def _due_day(last: date, fact: dict[str, Any]) -> date | None:
    days = fact["due_days"]
    return None if days is None else last + timedelta(days=days)


def _calendar_starts(first: date, stop: date, frequency: str) -> Iterator[tuple[date, date, date]]:
    """First days of the weeks, months… that touch the span, with the two that follow each."""
    starts = [_first_day(first, frequency)]
    while starts[-1] <= stop:
        starts.append(_next_start(starts[-1], frequency))
    starts.append(_next_start(starts[-1], frequency))
    for (begin, after), (_after, then) in pairwise(pairwise(starts)):
        yield begin, after, then


def _first_day(day: date, frequency: str) -> date:
    if frequency == "weekly":
        return day - timedelta(days=day.weekday())
    months = MONTHS[frequency]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next_start(first: date, frequency: str) -> date:
    if frequency == "weekly":
        return first + timedelta(days=7)
    month = first.month - 1 + MONTHS[frequency]
    return date(first.year + month // 12, month % 12 + 1, 1)


OPTIONS = (
    Option("periods", "1", N_("Périodes"), form="number", lowest=1, highest=60),
    DAY,
)

_EXPECTED: dict[str, Any] = {
    "fact": pl.UInt32,
    "unit_id": pl.String,
    "reporter": pl.String,
    "sector": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "due": pl.Date,
    "reported_on": pl.Date,
    "days": pl.List(pl.Date),
}
NOTHING = "nothing_to_report"
"""Kind of context by which a reporter says that it did nothing."""
_NOTHING = {
    "reporter": pl.String,
    "sector": pl.String,
    "unit_id": pl.String,
    "day": pl.Date,
    "first": pl.Date,
    "last": pl.Date,
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
    "place_id": pl.String,
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


def reporting_rows(scope: Scope) -> pl.DataFrame:
    """Set what was to be reported beside what was.

    A report is a document in which the reporter does anything (`period_of_reports` says of which
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
        One row per reporter × unit × sector × period: ``unit_id, unit_name, place_id``
        (where the report is to be of)``, reporter, sector`` (null: all sectors)``,
        period_start, period_end, due, state`` (`Reported`)``, reported_on, days_late`` (null
        without a due date)``, activities`` (what that report tells of this unit and sector:
        zero is a report of none, null no report)``, fact`` (row of the context); the latest
        first, missing and late ones before the others.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> Dataset.from_tables(sample_tables()).ask("reporting").table.height
    0
    """
    told = reports_asked(scope, due_reports(scope))
    recent = told.filter(pl.col("back") < int(float(scope.options["periods"])))
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    there = _told_there(scope, recent).group_by("fact", "first").agg(
        pl.col("a").n_unique().alias("activities")
    )  # fmt: skip
    counted = pl.when(pl.col("reported_on").is_not_null()).then(pl.col("activities").fill_null(0))
    return _worst_first(
        recent.join(there, on=["fact", "first"], how="left")
        .rename({"unit_id": "place_id"})
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


def due_reports(scope: Scope) -> pl.DataFrame:
    """Every period of every fact of the scope of reporting that has ended, with its report.

    Returns
    -------
    polars.DataFrame
        ``fact`` (row of the context)``, unit_id, reporter, sector, first, last, due,
        back`` (0 for the latest period of its fact that is due or reported, and for those
        still expected)``, reported_on`` (by the first of ``days``, dates of its documents)``,
        state, days_late``.
    """
    return scope.prepared.computed_once(_reports_received, report_day(scope))


def report_day(scope: Scope) -> date | None:
    """The day on which reports are judged under a question."""
    return moved_to(scope.filters.at, scope.options) or own_report_day(scope.prepared)


def own_report_day(prepared: Prepared) -> date | None:
    """Day of the newest document of reporting: who is to report, or a report of one of them.

    A list of somebody else makes nobody late, unless all are said to report.
    """
    return prepared.computed_once(_own_report_day) or own_day(prepared, ACTIVITIES)


def _own_report_day(prepared: Prepared) -> date | None:
    facts = prepared.tables.context.filter(pl.col("kind").is_in(["reporting", NOTHING]))
    documents = prepared.tables.documents.join(facts, on="document", how="semi")
    named = prepared.computed_once(reporters_named)
    days = [documents["as_of"].max(), facts["as_of"].max() if documents.is_empty() else None]
    if named:
        who = pl.col("reporter").is_in(list(named.values()))
        days.append(prepared.computed_once(report_days).filter(who)["day"].max())
    if len(named) < facts.filter(pl.col("kind") == "reporting").height:
        days.append(list_days(prepared).max())
    return max((day for day in days if isinstance(day, date)), default=None)


def latest_reports(scope: Scope) -> pl.DataFrame:
    """What `due_reports` has of the latest period due of each fact; none of one not due yet."""
    due = due_reports(scope).filter(pl.col("state") != Reported.EXPECTED)
    return due.filter(pl.col("back") == pl.col("back").min().over("fact"))


def told_sectors(scope: Scope, asked: pl.DataFrame) -> pl.DataFrame:
    """Of which sectors some reports speak.

    Parameters
    ----------
    asked
        Rows of `due_reports`.

    Returns
    -------
    polars.DataFrame
        ``fact, sector, target``: the report of this fact tells activities of the sector
        (null: of all of them, where it was to speak of all and tells any of its place), or
        that there is nothing, for this row of the answer (null: wherever it was to report).
    """
    who = scope.prepared.computed_once(_who_tells)
    said = _on_its_days(asked).join(who, on=["reporter", "day"]).drop_nulls("told_sector")
    by_sector = said.select("fact", pl.col("told_sector").alias("sector")).unique()
    whole = asked.filter(pl.col("sector").is_null())
    there = _told_there(scope, whole).select("fact", pl.lit(None, pl.String).alias("sector"))
    anywhere = pl.concat([by_sector, there.unique()])
    return pl.concat(
        [anywhere.with_columns(target=pl.lit(None, pl.UInt32)), _declared_nothing(scope, asked)]
    )


def _on_its_days(asked: pl.DataFrame) -> pl.DataFrame:
    """The reports, one row for each day on which a document of theirs is dated."""
    return asked.with_columns(pl.col("days").alias("day")).explode("day").drop_nulls("day")


def _declared_nothing(scope: Scope, asked: pl.DataFrame) -> pl.DataFrame:
    """``fact, sector, target`` of what was declared to be nothing in some reports."""
    declared = scope.prepared.computed_once(nothing_declared)
    pairs = asked.select("fact", "reporter", "days", begins="first", ends="last").join(
        declared, on="reporter"
    )
    of_period = pl.col("first").is_not_null()
    held = (pl.col("first") <= pl.col("begins")) & (pl.col("last") >= pl.col("ends"))
    on_a_day = pl.col("days").list.contains(pl.col("day"))
    found = pairs.filter(pl.when(of_period).then(held).otherwise(on_a_day))
    units = found["unit_id"].unique()
    inside: list[tuple[str | None, int | None]]
    inside = [(unit, row) for unit in units.drop_nulls() for row in scope.rows_inside(unit)]
    inside += [(None, None)] if units.null_count() else []
    rows = pl.DataFrame(inside, schema={"unit_id": pl.String, "target": pl.UInt32}, orient="row")
    placed = found.join(rows, on="unit_id", nulls_equal=True)
    return placed.select("fact", "sector", "target")


def nothing_declared(prepared: Prepared) -> pl.DataFrame:
    """Who said that there is nothing to report, of what, where and of which period.

    Returns
    -------
    polars.DataFrame
        ``reporter, sector`` (null: all)``, unit_id`` (null: everywhere)``, day, first, last``
        (both null: the period of its day).
    """
    facts = prepared.tables.context.filter(pl.col("kind") == NOTHING)
    rows = [
        (
            reporter,
            fact["sector"] or None,
            None if fact["unit_id"] in (None, NATIONAL) else fact["unit_id"],
            fact["as_of"],
            *(
                (fact["start"], fact["expires"])
                if fact["start"] and fact["expires"]
                else 2 * (None,)
            ),
        )
        for fact in facts.iter_rows(named=True)
        if (reporter := reporter_of(fact))
    ]
    return pl.DataFrame(rows, schema=_NOTHING, orient="row")


def reporters_named(prepared: Prepared) -> dict[int, str]:
    """The reporter of each fact of the scope of reporting that names one."""
    facts = prepared.tables.context.with_row_index("fact").filter(pl.col("kind") == "reporting")
    named = {fact["fact"]: reporter_of(fact) for fact in facts.iter_rows(named=True)}
    return {fact: reporter for fact, reporter in named.items() if reporter}


def _reports_received(prepared: Prepared, reference: date | None) -> pl.DataFrame:
    expected = _expected_periods(prepared, reference)
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
    judged = expected.with_columns(state.alias("state"))
    return judged.with_columns(_known_lateness(late), _periods_back())


def _periods_back() -> pl.Expr:
    """How many periods of the same fact came after: those that are not due yet do not count.

    What is still to come must not push what is owed out of the latest period.
    """
    pending = (pl.col("state") == Reported.EXPECTED) & pl.col("due").is_not_null()
    counts = (~pending).cast(pl.Int64)
    return (counts.cum_sum(reverse=True).over("fact") - counts).alias("back")


def report_days(prepared: Prepared) -> pl.DataFrame:
    """``reporter, day``: dates of the documents in which each organisation, or fund, is told."""
    nothing = prepared.computed_once(nothing_declared).filter(pl.col("first").is_null())
    told = prepared.computed_once(_who_tells).select("reporter", "day")
    return pl.concat([told, nothing.select("reporter", "day").drop_nulls()]).unique()


def _who_tells(prepared: Prepared) -> pl.DataFrame:
    """``a, reporter, day, told_sector``: whom each activity is a report of, and when.

    An activity that a newer list tells again was also reported on the day of the older one.
    """
    names = prepared.organisations.select("org", pl.col("organisation").alias("reporter"))
    acting = prepared.before_counting_once.actors.join(names, on="org").select("a", "reporter")
    about = prepared.activities.select("a", "activity_id", "document", "source", "sector", "as_of")
    funds = about.select("a", pl.col("source").alias("reporter")).drop_nulls()
    days = pl.concat(
        [about.select("a", pl.col("as_of").alias("day")), _earlier_days(prepared, about)]
    )
    return (
        pl.concat([acting, funds])
        .unique()
        .join(days.drop_nulls().unique(), on="a")
        .join(prepared.sectors_of_activities.rename({"sector": "told_sector"}), on="a", how="left")
    )


def _earlier_days(prepared: Prepared, about: pl.DataFrame) -> pl.DataFrame:
    """``a, day``: the dates of the other documents in which an activity has a row."""
    tables = prepared.tables
    dated = tables.documents.select("document", pl.col("as_of").alias("day")).drop_nulls()
    told = tables.rows.select("document", "activity_id").drop_nulls().unique()
    return (
        told.join(about.select("a", "activity_id", own="document"), on="activity_id")
        .filter(pl.col("document") != pl.col("own"))
        .join(dated, on="document")
        .select("a", "day")
    )


def _known_lateness(late: pl.Expr) -> pl.Expr:
    """Days late of what was reported or is owed; what is not due yet has none."""
    due = pl.col("state") != Reported.EXPECTED
    return pl.when(due).then(late).alias("days_late")


def _expected_periods(prepared: Prepared, reference: date | None) -> pl.DataFrame:
    """The periods that were to be reported, one row each, with the day of their report."""
    reporters, rows = prepared.computed_once(reporters_named), []
    facts = prepared.tables.context.with_row_index("fact")
    if not reporters:
        return pl.DataFrame(schema=_EXPECTED)
    said = prepared.computed_once(report_days).group_by("reporter").agg(pl.col("day").sort())
    days, nothing = dict(said.iter_rows()), _nothing_by_reporter(prepared)
    for fact in facts.filter(pl.col("fact").is_in(list(reporters))).iter_rows(named=True):
        reporter, spans = reporters[fact["fact"]], list(ended_periods(fact, reference))
        found = period_of_reports(spans, days.get(reporter, []))
        for i, day in declared_periods(spans, nothing.get(reporter, [])):
            found[i] = sorted({*found.get(i, []), day})
        key = (fact["fact"], fact["unit_id"] or NATIONAL, reporter, fact["sector"] or None)
        rows += [
            (*key, span.first, span.last, span.due, min(found[i]) if i in found else None,
             found.get(i, []))
            for i, span in enumerate(spans)
        ]  # fmt: skip
    return pl.DataFrame(rows, schema=_EXPECTED, orient="row")


def _nothing_by_reporter(prepared: Prepared) -> dict[str, list[tuple[date, date, date]]]:
    """Who declared nothing for a period of its own: first day, last day, and when it said so."""
    dated = prepared.computed_once(nothing_declared).drop_nulls(["first", "last", "day"])
    found: dict[str, list[tuple[date, date, date]]] = {}
    for reporter, *said in dated.select("reporter", "first", "last", "day").iter_rows():
        found.setdefault(reporter, []).append((said[0], said[1], said[2]))
    return found


def reporter_of(fact: Mapping[str, Any]) -> str | None:
    """Whom a fact of the scope names: an organisation, or a fund by any of its names.

    Where no organisation is named a fund may be, as the source; other words there say where
    the table comes from, and name nobody.

    Examples
    --------
    >>> reporter_of({"organisation": "QIP", "source": ""})
    'qip'
    >>> reporter_of({"organisation": None, "source": "cluster Santé"}) is None
    True
    """
    named = fact["organisation"] or ""
    return entry_spelt_as("sources", named or fact["source"] or "") or named or None


def report_cell(scope: Scope, _unit: str | None, report: str | None) -> Scope:
    """The scope of what one report tells: ``<fact>.<period_start>``, filters left aside."""
    fact, _dot, first = (report or "").partition(".")
    asked = due_reports(scope).filter(
        pl.col("fact").cast(pl.String) == fact, pl.col("first").cast(pl.String) == first
    )
    told = _told_there(scope, asked)["a"].unique().implode()
    every = scope.prepared.before_counting_once
    activities = every.activities.filter(pl.col("a").is_in(told))
    return replace(scope, prepared=every, activities=activities, kept_units=None, rows=None)


def reports_asked(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """The rows inside the units and sectors asked for, with their ``target``."""
    rows = told.join(scope.rows_of(told["unit_id"]), on="unit_id", maintain_order="left")
    asked = list(scope.filters.sector)
    if asked:
        rows = rows.filter(pl.col("sector").is_null() | pl.col("sector").is_in(asked))
    if scope.filters.organisation:
        rows = rows.filter(pl.col("reporter").is_in(list(scope.filters.organisation)))
    if scope.filters.unit:
        rows = rows.filter(scope.is_asked() | pl.col("unit_id").is_in(list(scope.filters.unit)))
    return rows


def _told_there(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """``fact, first, a``: what each report tells of its unit and sector."""
    told = _on_its_days(rows).join(scope.prepared.computed_once(_who_tells), on=["reporter", "day"])
    same = pl.col("sector").is_null() | (pl.col("sector") == pl.col("told_sector"))
    ground = scope.places_inside(told["unit_id"])
    return (
        told.filter(same.fill_null(False))
        .join(scope.prepared.places.select("a", "u"), on="a")
        .join(ground, on=["unit_id", "u"], how="semi")
        .select("fact", "first", "a")
        .unique(maintain_order=True)
    )


LAYER = Layer(
    "reporting", N_("Qui a rendu compte"), reporting_rows, OPTIONS, cell=report_cell,
    newest=own_report_day, lists_visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER,
    tab="reporting", file="rapports", value_name=lambda _value, _said: "",
)  # fmt: skip
