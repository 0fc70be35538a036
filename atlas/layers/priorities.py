"""Priorities chosen locally: which of them has an activity, and which has none."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_
from atlas.layers import gaps
from atlas.layers.gaps import COVERED, GAP, PARTIAL
from atlas.layers.layer import Layer
from atlas.layers.needs import of_sectors
from atlas.layers.reference import ACTIVITIES, PRIORITIES, day_of
from atlas.layers.response import done, is_over, undated_days
from atlas.layers.scope import Scope
from atlas.model import Viewer

OPTIONS = tuple(option for option in gaps.OPTIONS if option.name in ("day", "undated-days"))

COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "place_id": pl.String,
    "sector": pl.String,
    "text": pl.String,
    "listed": pl.Int64,
    "state": pl.String,
    "activities": pl.Int64,
    "done": pl.Int64,
    "as_of": pl.Date,
    "source": pl.String,
    "fact": pl.UInt32,
}


def priorities(scope: Scope) -> pl.DataFrame:
    """The local priorities, each with the activities of its place and sector since its date.

    ``gap``: none, under way or over, since the priority was stated; ``partial``: some; ``covered``:
    one in its sector is completed, or its end has passed. A priority that names no sector is
    at most ``partial``: an activity of the same place may be about something else. A number
    of priorities published without their list ("37 projets") is a figure: it has no state.

    Returns
    -------
    polars.DataFrame
        One row per priority in force: ``unit_id, unit_name`` (row of the question it falls
        in)``, place_id`` (where it was chosen)``, sector, text, listed`` (how many are
        published without a list, else null)``, state, activities, done, as_of, source, fact``
        (row of the context).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> dataset.ask("priorities", frame="ml-2016").table.select("unit_name", "state").row(0)
    ('Mopti', None)
    """
    told = _chosen(scope)
    found = (
        _activities(scope, told)
        .group_by("fact")
        .agg(
            pl.len().cast(pl.Int64).alias("activities"),
            pl.col("over").sum().cast(pl.Int64).alias("done"),
        )
    )
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
    place = told.rename({"unit_id": "place_id"})
    joined = (
        place.join(units, on="target", maintain_order="left")
        .join(found, on="fact", how="left", maintain_order="left")
        .with_columns(pl.col("activities", "done").fill_null(0))
    )
    state = (
        pl.when(pl.col("listed").is_not_null())
        .then(None)
        .when(pl.col("activities") == 0)
        .then(pl.lit(GAP))
        .when((pl.col("done") > 0) & pl.col("sector").is_not_null())
        .then(pl.lit(COVERED))
        .otherwise(pl.lit(PARTIAL))
    )
    return joined.with_columns(state.alias("state")).select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]


def of_cells(scope: Scope) -> pl.DataFrame:
    """``target, sector, priorities, answered``: how many priorities each cell has.

    ``answered`` is the part of them that is: one where covered, a half where partial.
    """
    if not (scope.context["kind"] == "priorities").any():
        schema = {"target": pl.UInt32, "sector": pl.String}
        return pl.DataFrame(schema=schema | {"priorities": pl.Int64, "answered": pl.Float64})
    rows = scope.units.select("unit_id").with_row_index("target")
    worth = {COVERED: 1.0, PARTIAL: 0.5, GAP: 0.0}
    return (
        priorities(scope)
        .drop_nulls("state")
        .join(rows, on="unit_id")
        .group_by("target", "sector")
        .agg(
            pl.len().cast(pl.Int64).alias("priorities"),
            pl.col("state").replace_strict(worth, return_dtype=pl.Float64).mean().alias("answered"),
        )
    )


def without_sector(scope: Scope) -> bool:
    """Whether any priority in force is of no sector in particular."""
    told = _chosen(scope)
    return told.filter(pl.col("sector").is_null(), pl.col("listed").is_null()).height > 0


def about(scope: Scope) -> dict[str, object]:
    """How many priorities are past on the day that they are judged on."""
    day = pl.lit(day_of(scope, PRIORITIES), dtype=pl.Date)
    past = _stated(scope).filter((pl.col("expires") < day).fill_null(False))
    return {"reference": day_of(scope, PRIORITIES), "expired": past.height}


def _stated(scope: Scope) -> pl.DataFrame:
    """All priorities of known places and the sectors asked for, with the number of their row."""
    told = scope.context.with_row_index("fact").filter(
        pl.col("kind") == "priorities", pl.col("unit_id").is_not_null()
    )
    return of_sectors(told, scope.filters.sector)


def _chosen(scope: Scope) -> pl.DataFrame:
    """The facts in force, with ``fact``, ``target`` and ``listed``."""
    day = pl.lit(day_of(scope, PRIORITIES), dtype=pl.Date)
    told = _stated(scope).filter(
        (pl.col("expires") >= day).fill_null(True), (pl.col("as_of") <= day).fill_null(True)
    )
    located = scope.rows_of(told["unit_id"])
    return told.join(located, on="unit_id", maintain_order="left").select(
        "fact",
        "unit_id",
        "target",
        pl.when(pl.col("sector") != "").then("sector").alias("sector"),
        "text",
        pl.col("value").cast(pl.Int64).alias("listed"),
        "as_of",
        "source",
    )


def _activities(scope: Scope, told: pl.DataFrame) -> pl.DataFrame:
    """``fact, a, over``: the activities inside each place since its date."""
    ground = scope.places_inside(told["unit_id"])
    ended = is_over(day_of(scope, ACTIVITIES), undated_days(scope))
    work = scope.items.filter(done()).select(
        "a",
        "to_day",
        ((pl.col("status") == "completed") | ended).fill_null(False).alias("over"),
    )
    places = scope.item_placements.select("a", "u").join(ground, on="u").drop("u").unique()
    pairs = (
        told.select("fact", "unit_id", "sector", "as_of")
        .join(places, on="unit_id")
        .join(work, on="a")
    )
    same = pairs.join(scope.prepared.sectors, on=["a", "sector"], how="semi")
    since = (pl.col("to_day") >= pl.col("as_of")).fill_null(True)
    return pl.concat([pairs.filter(pl.col("sector").is_null()), same]).filter(since)


def cell(scope: Scope, _unit: str | None, fact: str | None) -> Scope:
    """The scope narrowed to the activities of one priority: its ``fact``."""
    found = _activities(scope, _chosen(scope))
    asked = pl.lit(fact, pl.String)  # none: the activities of no priority
    inside = found.filter(pl.col("fact").cast(pl.String) == asked)["a"].unique().implode()
    return replace(scope, activities=scope.items.filter(pl.col("a").is_in(inside)))


LAYER = Layer(
    "priorities", N_("Priorités locales"), priorities, OPTIONS, cell=cell, about=about,
    subject=PRIORITIES, lists_visible_to=Viewer.PARTNER, follows="coverage",
    tab="gaps", file="priorites", value_name=lambda _value, _said: "",
)  # fmt: skip
