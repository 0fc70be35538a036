"""What a round of reporting says of its reports: expected, received, owed.

Expected reports come from the scope of reporting (`atlas.layers.reporting`) by themselves; the
round gives the day on which they are due. A closed round is told by the state that it was
closed with; what came later is said apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from atlas.dataset import Dataset
from atlas.errors import StoreError, UsageError
from atlas.formats import reporter_name
from atlas.i18n import _
from atlas.store import Store
from atlas.store.rounds import ReportRound, ReportRounds

HEARD = ("on_time", "late")
_MOST_PERIODS = "60"


def round_reports(dataset: Dataset, one: ReportRound, today: date) -> pl.DataFrame:
    """The reports of a round, judged by its own due day.

    A report is of the round in which its period ends: a quarter of the one of its last month.

    Parameters
    ----------
    dataset
        Of the state that tells them.
    today
        The day on which what is owed is late.

    Returns
    -------
    polars.DataFrame
        One row per report that is expected: ``fact, reporter, place_id, unit_name, sector,
        period_start, period_end, due, state, reported_on, days_late, activities`` as the layer
        ``reporting`` has them, those owed the longest first.
    """
    asked = {"periods": _MOST_PERIODS, "day": (one.last + timedelta(days=1)).isoformat()}
    table = dataset.ask("reporting", options=asked).table
    own = table.filter(pl.col("period_end").is_between(one.first, one.last)).unique(
        ["fact", "period_start"], keep="first", maintain_order=True
    )
    days = [one.due_day(reporter) for reporter in own["reporter"]]
    due = own.with_columns(due=pl.Series(days, dtype=pl.Date))
    came = pl.col("reported_on").is_not_null()
    late = (pl.coalesce("reported_on", pl.lit(today)) - pl.col("due")).dt.total_days().clip(0)
    words = ("late", "on_time", "missing", "expected")
    is_late, in_time, missing, expected = (pl.lit(word) for word in words)
    state = pl.when(came & (late > 0)).then(is_late).when(came).then(in_time)
    judged = state.when(late > 0).then(missing).otherwise(expected)
    rank = pl.col("state").replace_strict({"missing": 0, "late": 1, "expected": 2, "on_time": 3})
    return due.with_columns(state=judged, days_late=late).sort(
        rank, "reporter", "unit_name", maintain_order=True
    )


def report_counts(reports: pl.DataFrame) -> tuple[int, int]:
    """How many reports are expected, and how many of them have come."""
    return reports.height, reports.filter(pl.col("state").is_in(HEARD)).height


@dataclass(frozen=True)
class RoundStanding:
    """A round with its reports.

    Attributes
    ----------
    reports
        As `round_reports` has them: of a closed round, by the state that it was closed with.
    came_later, withdrawn
        Of a closed round, the reports that came since, and those that are published no more.
    changed
        Of a closed round, how many activities differ from that state now.
    is_readable
        Whether the state of a closed round can be read; else the reports are those of now.
    """

    round: ReportRound
    reports: pl.DataFrame
    came_later: pl.DataFrame
    withdrawn: pl.DataFrame
    changed: int = 0
    is_readable: bool = True


def round_standing(store: Store, dataset: Dataset, one: ReportRound, today: date) -> RoundStanding:
    """A round as it is now.

    Parameters
    ----------
    dataset
        Of what is published now.
    """
    now = round_reports(dataset, one, today)
    if one.closed is None:
        return RoundStanding(one, now, now.clear(), now.clear())
    try:
        pinned = Dataset(store.get(one.closed.snapshot))
    except (StoreError, UsageError):  # its counts were written down when it was closed
        return RoundStanding(one, now, now.clear(), now.clear(), is_readable=False)
    then = round_reports(pinned, one, min(today, one.closed.at.date()))
    heard_now, heard_then = (told.filter(pl.col("state").is_in(HEARD)) for told in (now, then))
    keys = ["reporter", "place_id", "sector", "period_start"]
    changes = dataset.ask("change", options={"since": one.closed.snapshot}).table
    return RoundStanding(
        one,
        then,
        heard_now.join(heard_then, on=keys, how="anti", nulls_equal=True),
        heard_then.join(heard_now, on=keys, how="anti", nulls_equal=True),
        changes["activity_id"].drop_nulls().n_unique(),
    )


def close_round(
    store: Store, dataset: Dataset, period: tuple[date, date], *, who: str, today: date
) -> ReportRound:
    """Close a round with what is published now.

    Raises
    ------
    UsageError
        As `atlas.store.rounds.ReportRounds.close_round`.
    """
    rounds = ReportRounds(store.root)
    counts = report_counts(round_reports(dataset, rounds.round_of(period), today))
    return rounds.close_round(period, dataset.snapshot.hash, counts, who=who)


def reopen_round(
    store: Store,
    dataset: Dataset,
    period: tuple[date, date],
    reporter: str,
    until: date,
    *,
    who: str,
) -> ReportRound:
    """Reopen a round for a partner of whom a report of it is expected.

    Raises
    ------
    UsageError
        None is expected of that partner; and as `atlas.store.rounds.ReportRounds.reopen_round`.
    """
    rounds = ReportRounds(store.root)
    expected = round_reports(dataset, one := rounds.round_of(period), until)["reporter"].unique()
    if reporter not in expected:
        names = ", ".join(sorted(map(reporter_name, expected)))
        raise UsageError(
            _("Tour non rouvert : {period}", period=one.title),
            _("aucun rapport n'y est attendu de {who}", who=reporter_name(reporter)),
            _("Attendus : {names}.", names=names),
        )
    return rounds.reopen_round(period, reporter, until, who=who)
