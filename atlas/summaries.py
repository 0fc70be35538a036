"""What the page says at a glance: the headline figures, and all that is known of one zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from atlas.dataset import EVERYTHING, Dataset, HeadlineFigures, ZonePanel
from atlas.filters import Filters
from atlas.layers import LAYERS, budget
from atlas.layers.coverage import ACTIVE, NO_REPORT, NOT_COMPARABLE, REPORTED_NONE
from atlas.layers.gaps import COVERED, GAP, PARTIAL
from atlas.layers.options import all_settings
from atlas.layers.published import published_beside_items
from atlas.layers.scope import Scope
from atlas.model import (
    COARSER,
    NOT_CONVERTIBLE,
    RESERVED,
    STOPPED,
    UNPLACED,
    Kind,
    Level,
    Viewer,
)
from atlas.sensitivity import without_withheld

OUTSIDE_UNITS = {NOT_CONVERTIBLE: "not_convertible", COARSER: "coarser", UNPLACED: "unplaced"}
"""Reserved rows whose activities may be in any unit: silence there is not known."""

NO_DATA, STOPPED_ONLY = "no_data", "stopped"
AGAINST_A_NEED = (GAP, PARTIAL, COVERED)
STATE_ORDER = (*AGAINST_A_NEED, ACTIVE, REPORTED_NONE, NOT_COMPARABLE, NO_REPORT)


def headline_figures(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> HeadlineFigures:
    """The headline figures of a question."""
    asked = dataset.filtered_scope(filters, frame, level, viewer)
    budget = dataset.ask("budget", filters, frame, level, viewer).table
    presence = dataset.ask("presence", filters, frame, level, viewer).table
    reserved = pl.col("unit_id").is_in(RESERVED)
    units = presence.filter(~reserved)
    pairs = dataset.ask("duplicates", filters, frame, level, viewer).table["kind"]
    there = asked.present_activities.select("a").join(asked.placement_rows, on="a", how="semi")
    acting = there.join(asked.prepared.actors, on="a")
    priced = asked.budget_shares["a"].n_unique()
    is_known = asked.budget_shares["usd_minor"].count() > 0 or not asked.counted_activities.height
    return HeadlineFigures(
        activities=asked.counted_activities.height,
        organisations=acting["org"].n_unique(),
        budget_placed_usd=_known_sum(budget.filter(~reserved)["budget_usd"]) if is_known else None,
        budget_unplaced_usd=_known_sum(budget.filter(reserved)["budget_usd"]) if is_known else None,
        without_amount=asked.counted_activities.height - priced,
        units=units.height,
        units_without=units.filter(pl.col("activities") == 0).height,
        duplicates=int((pairs == "double_reporting").sum()),
        overlaps=int((pairs == "overlap").sum()),
        cancelled=asked.stopped_by("cancelled"),
        suspended=asked.stopped_by("suspended"),
        **_outside_units_counts(asked),
    )


def _outside_units_counts(asked: Scope) -> dict[str, int]:
    """How many activities stand in no unit of the answer, each once, by why they do not."""
    rows = {row: asked.targets.units["unit_id"].index_of(row) for row in OUTSIDE_UNITS}
    placed = asked.item_placements.select("a", "target").unique()
    loose = placed.filter(pl.col("target").is_in(list(rows.values())))
    counts = {
        name: int((loose["target"] == rows[row]).sum()) for row, name in OUTSIDE_UNITS.items()
    }
    return {"unsaid": loose["a"].n_unique(), **counts}


def zone_panel(
    dataset: Dataset,
    unit: str,
    filters: Filters = EVERYTHING,
    viewer: Viewer = Viewer.EDITOR,
) -> ZonePanel:
    """Everything the page says of one unit, in the unit's own frame and level."""
    own = dataset.frames.unit_by_id(unit)
    here = filters.with_changes(unit=(unit,))
    where = (own.frame, own.level)
    presence = dataset.ask("presence", filters.with_changes(unit=()), *where, viewer).table
    budget = dataset.ask("budget", filters.with_changes(unit=()), *where, viewer).table
    row = pl.col("unit_id") == unit
    return ZonePanel(
        unit_id=unit,
        name=own.name,
        presence=presence.filter(row).to_dicts()[0],
        budget=budget.filter(row).to_dicts()[0],
        activities=dataset.activity_grid(here, *where, viewer).table,
        published=dataset.published_figures(unit, *where, filters, viewer),
        facets=dataset.facet_counts(here, viewer),
    )


def states_of_units(coverage: pl.DataFrame, presence: pl.DataFrame) -> dict[str, str]:
    """State of each unit over its sectors: the first of `STATE_ORDER` that any of them is in.

    Activities without a known sector make a unit active too; where organisations are said to
    be present and no more, activities are unknown (``no_data``), not absent. Where all that is
    told was cancelled or suspended, it is ``stopped``. What is known against a need goes before
    all of these.

    Parameters
    ----------
    coverage, presence
        The layers of these names.
    """
    rank = {state: i for i, state in enumerate(STATE_ORDER)}
    found: dict[str, str] = {}
    for unit, state in coverage.select("unit_id", "state").iter_rows():
        if state and rank.get(state, 99) < rank.get(found.get(unit, ""), 99):
            found[unit] = state
    stopped = pl.sum_horizontal(STOPPED).alias("stopped")
    who = presence.select("unit_id", "activities", stopped, "organisations")
    for unit, activities, given_up, organisations in who.iter_rows():
        if found.get(unit) in AGAINST_A_NEED:
            continue
        if activities:
            found[unit] = ACTIVE
        elif given_up:
            found[unit] = STOPPED_ONLY
        elif organisations:
            found[unit] = NO_DATA
    return found


def need_by_access(coverage: pl.DataFrame, severe: float) -> list[dict[str, Any]]:
    """People in need of each sector by how hard access is, over the units of an answer.

    Parameters
    ----------
    coverage
        Answer of the layer ``coverage``; a need in levels, and reserved rows, count nowhere.
    severe
        Least part of the scale of access, from 0 to 1, that is hard.

    Returns
    -------
    list of dict
        ``sector`` (null: all of them together)``, hard, easier, unknown``: people, null where no
        unit with a known need is of that kind; the largest first.
    """
    people = coverage.filter(
        ~pl.col("unit_id").is_in(RESERVED), pl.col("need_scale").is_null(), pl.col("need") > 0
    )
    access, need = pl.col("access_score"), pl.col("need")
    kinds = {"hard": access >= severe, "easier": access < severe, "unknown": access.is_null()}
    sums = people.group_by("sector", maintain_order=True).agg(
        need.sum().alias("all"),
        *(
            pl.when(kind.any()).then(need.filter(kind).sum()).alias(name)
            for name, kind in kinds.items()
        ),
    )
    return sums.sort("all", "sector", descending=[True, False]).drop("all").to_dicts()


def organisations_by_sector(
    dataset: Dataset,
    unit: str,
    filters: Filters = EVERYTHING,
    viewer: Viewer = Viewer.EDITOR,
) -> dict[str, list[str]]:
    """Who is in each sector of a unit, as the layer ``actors`` counts them; most told first."""
    own = dataset.frames.unit_by_id(unit)
    asked = dataset.filtered_scope(filters.with_changes(unit=()), own.frame, own.level, viewer)
    row = asked.targets.units["unit_id"].index_of(unit)
    here = asked.acting_rows.filter(pl.col("target") == row)
    prepared = asked.prepared
    told = (
        here.select("a", "org")
        .unique()
        .join(prepared.sectors_of_activities, on="a")
        .join(prepared.organisations.select("org", "organisation"), on="org")
    )
    counted = told.group_by("sector", "organisation").len("n")
    ordered = counted.sort("sector", "n", "organisation", descending=[False, True, False])
    return {
        str(sector): rows["organisation"].to_list()
        for (sector,), rows in ordered.drop_nulls("sector").group_by("sector", maintain_order=True)
    }


def activities_by_sector(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> list[tuple[str | None, int]]:
    """Activities of each sector, whatever sector is asked for; the most first, unknown last.

    One that names several sectors counts in each of them, and under its own.
    """
    asked = dataset.filtered_scope(filters.with_changes(sector=()), frame, level, viewer)
    sectors = asked.counted_activities.select("a").join(
        asked.prepared.sectors_of_activities, on="a", how="left"
    )
    counted = sectors.group_by("sector").len("n")
    unknown = pl.col("sector").is_null()
    return counted.sort(unknown, "n", "sector", descending=[False, True, False]).rows()


def budget_rates(
    dataset: Dataset,
    settings: Mapping[str, str],
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """The rates of exchange behind the layer ``budget`` (`atlas.layers.budget.rates_used`)."""
    asked = dataset.filtered_scope(filters, frame, level, viewer)
    table = budget.rates_used(
        replace(asked, options=all_settings(LAYERS["budget"].options, settings))
    )
    return without_withheld(table, "rates", asked.level, viewer)


def published_and_detailed(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """Published counts beside the items: `atlas.layers.published.published_beside_items`."""
    asked = dataset.filtered_scope(filters, frame, level, viewer)
    return without_withheld(published_beside_items(asked), "published", asked.level, viewer)


def activities_by_id(
    dataset: Dataset,
    activity_ids: Iterable[str],
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """Some activities by their ids, as the grid has them: each as its own document tells it."""
    asked = dataset.filtered_scope(
        Filters(kind=tuple(kind.value for kind in Kind)), frame, level, viewer
    )
    each = asked.prepared.before_counting_once
    chosen = each.activities.filter(pl.col("activity_id").is_in(list(activity_ids)))
    return dataset.listed_activities(replace(asked, prepared=each, activities=chosen), viewer).table


def _known_sum(money: pl.Series) -> float | None:
    """Sum to the cent; null when nothing is known at all."""
    return round(float(money.sum()), 2) if money.count() else None
