"""The day on which statements of each kind are judged: that of the newest document of the kind.

Needs, access, reports and programmes each have a day of their own, so that a population table
or a plan that comes in later never makes a need or a constraint expire. A person moves it: by
the setting ``day`` of a layer, or by ``at`` for all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from atlas.i18n import N_
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.model import Kind

DAY = Option("day", "", N_("Jugés au"), form="day")
"""The setting by which a person moves the day of one layer."""

ACTIVITIES, NEEDS, PRIORITIES, ACCESS = "activities", "needs", "priorities", "access"
PROGRAMME = "programme"

CONTEXT_KINDS: Mapping[str, tuple[str, ...]] = {
    ACTIVITIES: (),
    NEEDS: ("needs",),
    PRIORITIES: ("priorities",),
    ACCESS: ("access", "security"),
    PROGRAMME: ("programme", "components"),
}
"""Kinds of context whose documents give each subject its day."""
TOLD_BY_LISTS = (ACTIVITIES, PROGRAMME)
"""Subjects of which lists of activities speak too: a programme is made of them."""


def moved_to(at: date | None, options: Mapping[str, str]) -> date | None:
    """The day that a person asks for: of this layer, else of the whole question."""
    said = options.get(DAY.name, "")
    return date.fromisoformat(said) if said else at


def day_of(scope: Scope, subject: str) -> date | None:
    """The day on which statements of a subject are judged under a question."""
    return moved_to(scope.filters.at, scope.options) or own_day(scope.prepared, subject)


def own_day(prepared: Prepared, subject: str) -> date | None:
    """Day of the newest document of a subject; of the newest list, of any, where none is.

    Of needs that begin after their document it is the day on which the first of them begins,
    once any document is as late as that.
    """
    days = prepared.computed_once(_own_days)
    return days.get(subject) or days.get(ACTIVITIES) or days.get("")


def _own_days(prepared: Prepared) -> dict[str, date]:
    """``subject`` → its day, of those that any document speaks of; ``""``: of any document."""
    documents = prepared.tables.documents.select("document", pl.col("as_of").alias("dated"))
    facts = (
        prepared.tables.context.select("document", "kind", "indicator", "as_of", "start")
        .join(documents, on="document", how="left")
        .with_columns(pl.coalesce("dated", "as_of").alias("dated"))
    )
    lists = list_days(prepared)
    latest = documents["dated"].max()
    found = {"": latest if isinstance(latest, date) else None}
    for subject, kinds in CONTEXT_KINDS.items():
        days = [facts.filter(pl.col("kind").is_in(kinds))["dated"].max()]
        days += [lists.max()] if subject in TOLD_BY_LISTS else []
        found[subject] = max((day for day in days if isinstance(day, date)), default=None)
    begins, newest = _first_held(facts.filter(pl.col("kind") == "needs")), found[""]
    if begins and newest and begins <= newest:
        found[NEEDS] = begins
    return {subject: day for subject, day in found.items() if isinstance(day, date)}


def _first_held(needs: pl.DataFrame) -> date | None:
    """The day of the newest table of needs, or the one on which the first of them begins."""
    newest = needs.filter(pl.col("dated") == pl.col("dated").max())
    projected = pl.col("indicator").str.ends_with("-projected").fill_null(False)
    begins = pl.when(projected).then("dated").otherwise(pl.max_horizontal("dated", "start"))
    day = newest.select(begins.min()).to_series().max()
    return day if isinstance(day, date) else None


def list_days(prepared: Prepared) -> pl.Series:
    """Dates of the documents that tell activities, ascending; of plans where there is no other."""
    kinds = prepared.activities.select("activity_id", "kind")
    told = prepared.tables.rows.select("document", "activity_id").join(kinds, on="activity_id")
    told = pl.concat([told, prepared.activities.select("document", "activity_id", "kind")])
    reported = told.filter(pl.col("kind") != Kind.PLAN)
    documents = (reported if reported.height else told)["document"].unique()
    dated = prepared.tables.documents.filter(pl.col("document").is_in(documents.implode()))
    return dated["as_of"].drop_nulls().unique().sort()


def response_day(prepared: Prepared, last: date | None) -> date | None:
    """The day on which activities are set against the needs that hold on their own day.

    The newest list that comes before any of these needs expires: what is under way a year
    later answers other needs, and a list of that year must not open gaps in this one.

    Parameters
    ----------
    last
        Last day on which all these needs hold; ``None``: for ever, or there are none.
    """
    if NEEDS not in prepared.computed_once(_own_days):
        return own_day(prepared, ACTIVITIES)
    day, lists = own_day(prepared, NEEDS), list_days(prepared)
    within = lists if last is None else lists.filter(lists <= last)
    newest = within.max()
    return max(newest, day) if isinstance(newest, date) and day else day
