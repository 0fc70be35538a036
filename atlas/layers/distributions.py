"""Where the State and others distribute food in the same place and month.

No mechanism keeps distributions of the State (CSA) and of NGOs apart; whether they reach the same
people nobody says, only that they may. What somebody may not read (a distribution to come, its
days and commune) is not looked at for him: it stands in no month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from atlas.formats import month_end, period_text
from atlas.i18n import N_
from atlas.layers.layer import Layer
from atlas.layers.localisation import STATE, routes_of_activities
from atlas.layers.prepare import Prepared
from atlas.layers.presence import delivering_names
from atlas.layers.response import all_in_one
from atlas.layers.scope import Scope
from atlas.model import Source
from atlas.vocab.keywords import is_distribution

FOOD = "food-security"
OTHERS = "others"
"""Beside the State: whoever else is named, of known kind or not."""

_WORDS = ("title", "description", "result", "modality")
_PEOPLE = ("people_low", "people_high")
COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "month": pl.Date,
    "certain": pl.Boolean,
    **{
        f"{side}_{name}": kind
        for side in (STATE, OTHERS)
        for name, kind in (
            ("organisations", pl.String),
            ("activities", pl.Int64),
            *((name, pl.Float64) for name in _PEOPLE),
        )
    },
}


def distributions_beside(scope: Scope) -> pl.DataFrame:
    """Units and months in which the State and others distribute food.

    Parameters
    ----------
    scope
        The question; its level is what counts as one place. Distributions are activities of food
        security, of the fund of the CSA or whose words speak of handing something out.

    Returns
    -------
    polars.DataFrame
        One row per unit and month with both: ``unit_id, unit_name, month`` (its first day)``,
        certain`` (both have one of that month alone, and placed there by its document)``, and
        of ``state`` (under the lead of the State, whoever hands out) and ``others``:
        ``<side>_organisations`` (by name)``, <side>_activities, <side>_people_low`` (the largest
        figure of one of that unit and month alone)``, <side>_people_high`` (the sum of all
        figures, those of several units or months among them; both null where no figure is
        known)``.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> Dataset.from_tables(sample_tables()).ask("distributions").table.height
    0
    """
    rows = _monthly_rows(scope)
    keys = ["target", "month"]
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    sides = [_side_measures(rows.filter(side=side), side) for side in (STATE, OTHERS)]
    return (
        sides[0]
        .join(sides[1], on=keys)
        .join(units, on="target")
        .with_columns(certain=pl.col(f"{STATE}_certain") & pl.col(f"{OTHERS}_certain"))
        .sort("month", "target", descending=[True, False])
        .select(*COLUMNS)
        .cast(COLUMNS)  # type: ignore[arg-type]
    )


def _side_measures(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    people = pl.col("people")
    names = pl.col("delivering").str.split(" ; ").explode().drop_nulls().unique().sort()
    return rows.group_by("target", "month").agg(
        names.str.join(" ; ").alias(f"{side}_organisations"),
        pl.len().alias(f"{side}_activities"),
        people.filter("here_alone").max().alias(f"{side}_people_low"),
        pl.when(people.count() > 0).then(people.sum()).alias(f"{side}_people_high"),
        (pl.col("in_month") & ~pl.col("inherited")).any().alias(f"{side}_certain"),
    )


def _monthly_rows(scope: Scope) -> pl.DataFrame:
    """Each distribution in each unit and month: who, for how many, and how surely."""
    prepared = scope.prepared
    told = prepared.computed_once(_food_distributions)
    places = (
        scope.item_placements.filter(pl.col("target") < scope.targets.first_reserved)
        .group_by("a", "target").agg(pl.col("inherited").all())
    )  # fmt: skip
    names = delivering_names(replace(scope, activities=scope.counted_activities))
    facts = scope.counted_activities.select(
        "a", "activity_id", people=pl.coalesce("reached", "target")
    ).join(names, on="activity_id")
    one_unit = prepared.computed_once(all_in_one, scope.frame, scope.level)["alone"]
    rows = told.explode("months").drop_nulls("months").join(places, on="a").join(facts, on="a")
    return rows.with_columns(
        month="months", here_alone=pl.col("in_month") & one_unit.gather(rows["a"])
    )


def _food_distributions(prepared: Prepared) -> pl.DataFrame:
    """``a, side, months, in_month`` of all distributions of food of a snapshot.

    ``months`` are those that the days told lie in; null without any. ``in_month``: they are one.
    """
    food = prepared.sectors_of_activities.filter(sector=FOOD)["a"].unique()
    routes = prepared.computed_once(routes_of_activities)["route"]
    by_csa = pl.col("source") == Source.CSA.value
    chosen = prepared.activities[food].with_columns(routes.gather(food))
    handed = [is_distribution(*words) for words in chosen.select(_WORDS).iter_rows()]
    first, last = pl.coalesce("start", "end"), pl.coalesce("end", "start")
    side = pl.when(by_csa | (pl.col("route") == STATE)).then(pl.lit(STATE))
    months = pl.date_ranges(first.dt.month_start(), last.dt.month_start(), "1mo")
    return (
        chosen.filter(pl.Series(handed, dtype=pl.Boolean) | by_csa)
        .select("a", side.otherwise(pl.lit(OTHERS)).alias("side"), months.alias("months"))
        .with_columns(in_month=pl.col("months").list.len() == 1)
    )


def distributions_meta(scope: Scope) -> Mapping[str, object]:
    """``distributions`` of food under the question, and how many of them are in no row.

    ``undated``: without any day, ``unplaced``: in no unit of this level, ``unnamed``: by nobody.
    """
    told = scope.prepared.computed_once(_food_distributions)
    told = told.join(scope.counted_activities.select("a", "activity_id"), on="a")
    in_unit = scope.item_placements.filter(pl.col("target") < scope.targets.first_reserved)
    names = delivering_names(replace(scope, activities=scope.counted_activities))
    return {
        "distributions": told.height,
        "undated": told["months"].null_count(),
        "unplaced": told.join(in_unit, on="a", how="anti").height,
        "unnamed": told.join(names, on="activity_id", how="anti").height,
    }


def distributions_cell(scope: Scope, unit_id: str | None, month: str | None) -> Scope:
    """The scope narrowed to the distributions of a unit and month."""
    here = scope.narrowed_scope(unit_id, items=True)
    rows = _monthly_rows(here)
    if month is not None:
        rows = rows.filter(pl.col("month") == date.fromisoformat(month))
    inside = rows["a"].unique().implode()
    return replace(here, activities=here.activities.filter(pl.col("a").is_in(inside)))


def listed_sides(scope: Scope, _month: str = "") -> pl.DataFrame:
    """``activity_id, distributor`` of the activities of a cell."""
    told = scope.prepared.computed_once(_food_distributions).select("a", distributor="side")
    return scope.activities.select("a", "activity_id").join(told, on="a").drop("a")


def _month_name(month: str, _said: Mapping[str, str]) -> str:
    first = date.fromisoformat(month)
    return period_text(first, month_end(first.year, first.month))


LAYER = Layer(
    "distributions", N_("Distributions de l'État et d'autres, même lieu et même mois"),
    distributions_beside, cell=distributions_cell, with_columns=listed_sides,
    about=distributions_meta, tab="actors", file="distributions",
    label=N_("Distributions de l'État et d'autres"), value_name=_month_name,
)  # fmt: skip
