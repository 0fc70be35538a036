"""What the page says at a glance: the headline figures, and all that is known of one zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from atlas.answers import Figures, Panel
from atlas.dataset import EVERYTHING, Dataset
from atlas.filters import Filters
from atlas.layers import LAYERS, parts
from atlas.layers.options import settings as checked
from atlas.layers.published import detailed as of_scope
from atlas.layers.scope import Scope
from atlas.model import COARSER, NOT_CONVERTIBLE, RESERVED, UNPLACED, Kind, Level, Viewer
from atlas.sensitivity import withheld

UNSAID = {NOT_CONVERTIBLE: "not_convertible", COARSER: "coarser", UNPLACED: "unplaced"}
"""Reserved rows whose activities may be in any unit: silence there is not known."""


def figures(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> Figures:
    """The headline figures of a question."""
    asked = dataset.scope(filters, frame, level, viewer)
    budget = dataset.ask("budget", filters, frame, level, viewer).table
    presence = dataset.ask("presence", filters, frame, level, viewer).table
    reserved = pl.col("unit_id").is_in(RESERVED)
    units = presence.filter(~reserved)
    pairs = dataset.ask("duplicates", filters, frame, level, viewer).table["kind"]
    there = asked.present.select("a").join(asked.placements, on="a", how="semi")
    acting = there.join(asked.prepared.actors, on="a")
    priced = asked.budgets["a"].n_unique()
    return Figures(
        activities=asked.items.height,
        organisations=acting["org"].n_unique(),
        budget_placed_usd=_known_sum(budget.filter(~reserved)["budget_usd"]),
        budget_unplaced_usd=_known_sum(budget.filter(reserved)["budget_usd"]),
        without_amount=asked.items.height - priced,
        units=units.height,
        units_without=units.filter(pl.col("activities") == 0).height,
        duplicates=int((pairs == "double_reporting").sum()),
        overlaps=int((pairs == "overlap").sum()),
        cancelled=asked.stopped_by("cancelled"),
        suspended=asked.stopped_by("suspended"),
        **_unsaid(asked),
    )


def _unsaid(asked: Scope) -> dict[str, int]:
    """How many activities stand in no unit of the answer, each once, by why they do not."""
    rows = {row: asked.targets.units["unit_id"].index_of(row) for row in UNSAID}
    placed = asked.item_placements.select("a", "target").unique()
    loose = placed.filter(pl.col("target").is_in(list(rows.values())))
    counts = {name: int((loose["target"] == rows[row]).sum()) for row, name in UNSAID.items()}
    return {"unsaid": loose["a"].n_unique(), **counts}


def zone(
    dataset: Dataset,
    unit: str,
    filters: Filters = EVERYTHING,
    viewer: Viewer = Viewer.EDITOR,
) -> Panel:
    """Everything the page says of one unit, in the unit's own frame and level."""
    own = dataset.frames.unit(unit)
    here = filters.but(unit=(unit,))
    where = (own.frame, own.level)
    presence = dataset.ask("presence", filters.but(unit=()), *where, viewer).table
    budget = dataset.ask("budget", filters.but(unit=()), *where, viewer).table
    row = pl.col("unit_id") == unit
    return Panel(
        unit_id=unit,
        name=own.name,
        presence=presence.filter(row).to_dicts()[0],
        budget=budget.filter(row).to_dicts()[0],
        activities=dataset.activities(here, *where, viewer).table,
        published=dataset.published(unit, *where, filters, viewer),
        facets=dataset.facets(here, viewer),
    )


def by_sector(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> list[tuple[str | None, int]]:
    """Activities of each sector, whatever sector is asked for; the most first, unknown last.

    One that names several sectors counts in each of them, and under its own.
    """
    asked = dataset.scope(filters.but(sector=()), frame, level, viewer)
    sectors = asked.items.select("a").join(asked.prepared.sectors, on="a", how="left")
    counted = sectors.group_by("sector").len("n")
    unknown = pl.col("sector").is_null()
    return counted.sort(unknown, "n", "sector", descending=[False, True, False]).rows()


def rates(
    dataset: Dataset,
    settings: Mapping[str, str],
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """The rates of exchange behind the layer ``budget`` (`atlas.layers.parts.rates`)."""
    asked = dataset.scope(filters, frame, level, viewer)
    table = parts.rates(replace(asked, options=checked(LAYERS["budget"].options, settings)))
    return withheld(table, "rates", asked.level, viewer)


def detailed(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """Published counts beside what is told one by one (`atlas.layers.published.detailed`)."""
    asked = dataset.scope(filters, frame, level, viewer)
    return withheld(of_scope(asked), "published", asked.level, viewer)


def told(
    dataset: Dataset,
    activity_ids: Iterable[str],
    frame: str | None = None,
    level: str = Level.REGION.value,
    viewer: Viewer = Viewer.EDITOR,
) -> pl.DataFrame:
    """Some activities by their ids, as the grid has them: each as its own document tells it."""
    asked = dataset.scope(Filters(kind=tuple(kind.value for kind in Kind)), frame, level, viewer)
    each = asked.prepared.each
    chosen = each.activities.filter(pl.col("activity_id").is_in(list(activity_ids)))
    return dataset.listed(replace(asked, prepared=each, activities=chosen), viewer).table


def _known_sum(money: pl.Series) -> float | None:
    """Sum to the cent; null when nothing is known at all."""
    return round(float(money.sum()), 2) if money.count() else None
