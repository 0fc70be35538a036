"""Quantities of activities by zone: kits, litres, boreholes …, each by the rule of its indicator.

How figures of one indicator make one over periods, and over activities and places, is data
(`atlas.vocab.indicators`): kits of two months add up, a borehole told again in the next month
does not. A figure that counts since the start of the work is never added to another of it. What
no rule adds up has a number only where one figure alone states it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from atlas.fields import BENEFICIARIES
from atlas.i18n import N_
from atlas.labels import label
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.scope import Scope
from atlas.model import FIGURE_MEASURES
from atlas.vocab.indicators import (
    LATEST,
    MAXIMUM,
    RULES,
    SUM,
    activity_indicators,
    adding_rule,
)

OF_INDICATOR = "indicator"
"""The setting that leaves each indicator its own rule."""
_CHOICES = {OF_INDICATOR: N_("selon la quantité"), **RULES}
OPTIONS = (
    Option("over-periods", OF_INDICATOR, N_("D'un mois à l'autre compte"), choices=_CHOICES),
    Option("over-places", OF_INDICATOR, N_("Entre activités et lieux compte"), choices=_CHOICES),
)

COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "indicator": pl.String,
    **{f"quantity_{measure}": pl.Float64 for measure in FIGURE_MEASURES},
    "activities": pl.Int64,
    "shared": pl.Int64,
    "over_periods": pl.String,
    "over_places": pl.String,
}


def quantities_of_units(scope: Scope) -> pl.DataFrame:
    """Each quantity of each unit.

    Returns
    -------
    polars.DataFrame
        One row per unit (or reserved row) and indicator that any activity there states:
        ``unit_id, unit_name, indicator, quantity_target, quantity_reached, quantity_unsaid``
        (null where nobody states it, or where no rule adds it up)``, activities`` (that state
        it)``, shared`` (those of them that lie in several rows: nobody said which part is where,
        and their figures are in none of these)``, over_periods, over_places`` (the rules).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> Dataset.from_tables(sample_tables()).ask("quantities").table.columns[2:5]
    ['indicator', 'quantity_target', 'quantity_reached']
    """
    figures = _figures_of_activities(scope)
    places = scope.item_placements.select("a", "target").unique()
    whole = places.group_by("a").agg(several=pl.len() > 1)
    told = figures.join(places, on="a").join(whole, on="a")
    counts = told.group_by("target", "indicator").agg(
        activities=pl.col("a").n_unique(), shared=pl.col("a").filter("several").n_unique()
    )
    values = _joined_figures(
        told.filter(~pl.col("several")), ("target", "indicator", "measure"), "over_places"
    )
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    order = {name: n for n, name in enumerate(activity_indicators())}
    return (
        counts.join(_one_column_a_measure(values, "target"), on=["target", "indicator"], how="left")
        .join(_rules_in_force(scope), on="indicator", maintain_order="left")
        .join(units, on="target")
        .sort("target", pl.col("indicator").replace_strict(order))
        .select(*COLUMNS)
        .cast(COLUMNS)  # type: ignore[arg-type]
    )


def quantities_meta(scope: Scope) -> Mapping[str, object]:
    """``totals``: of each indicator its figures in all rows together, each activity once."""
    figures = _figures_of_activities(scope)
    counts = figures.group_by("indicator").agg(activities=pl.col("a").n_unique())
    values = _joined_figures(figures, ("indicator", "measure"), "over_places")
    told = (
        counts.join(_one_column_a_measure(values), on="indicator", how="left")
        .join(_rules_in_force(scope), on="indicator")
    )  # fmt: skip
    rows = {row.pop("indicator"): row for row in told.to_dicts()}
    return {"totals": {name: rows[name] for name in activity_indicators() if name in rows}}


def _rules_in_force(scope: Scope) -> pl.DataFrame:
    """``indicator, over_periods, over_places``: the rules, those of the settings first."""
    asked = {
        name: scope.options[name.replace("_", "-")] for name in ("over_periods", "over_places")
    }
    names = [name for name in activity_indicators() if name != BENEFICIARIES]
    rules = {
        rule: [getattr(adding_rule(name), rule) if said == OF_INDICATOR else said for name in names]
        for rule, said in asked.items()
    }
    return pl.DataFrame({"indicator": names, **rules})


def _figures_of_activities(scope: Scope) -> pl.DataFrame:
    """``a, indicator, measure, value, day, over_places``: one figure an activity and measure."""
    ids = scope.counted_activities.select("a", "activity_id", "as_of")
    text = pl.col("indicator", "measure", "words").cast(pl.String)
    cumulative = pl.col("is_cumulative").fill_null(value=False)
    added = pl.when(cumulative & (pl.col("over_periods") == SUM)).then(pl.lit(MAXIMUM))
    rows = (
        scope.prepared.tables.figures.filter(pl.col("indicator") != BENEFICIARIES)
        .join(ids, on="activity_id", maintain_order="left")
        .with_columns(text, day=pl.coalesce("period_end", "as_of"))
        .join(_rules_in_force(scope), on="indicator", maintain_order="left")
        .with_columns(over_periods=added.otherwise("over_periods"))
    )
    of_thing = _joined_figures(rows, ("a", "indicator", "measure", "words"), "over_periods")
    return _joined_figures(of_thing, ("a", "indicator", "measure"), "over_places")


def _joined_figures(rows: pl.DataFrame, by: Sequence[str], rule: str) -> pl.DataFrame:
    """One figure of the rows of each group, by the rule in a column of theirs; null for none."""
    value = pl.col("value")
    latest = value.sort_by("day", maintain_order=True).last()
    joined = (
        pl.when((pl.len() == 1) | (pl.col(rule).first() == LATEST)).then(latest)
        .when(pl.col(rule).first() == SUM).then(value.sum())
        .when(pl.col(rule).first() == MAXIMUM).then(value.max())
    )  # fmt: skip
    unknown = value.null_count() > 0  # a part that no rule adds up leaves the whole unknown
    return rows.group_by(by, maintain_order=True).agg(
        pl.when(~unknown).then(joined).alias("value"),
        pl.col("day").max(),
        pl.col("over_places").first(),
    )


def _one_column_a_measure(values: pl.DataFrame, *of: str) -> pl.DataFrame:
    """``indicator`` (and ``of``) with a column of the figures of each measure."""
    return values.group_by(*of, "indicator").agg(
        pl.col("value").filter(measure=measure).first().alias(f"quantity_{measure}")
        for measure in FIGURE_MEASURES
    )


def quantities_cell(scope: Scope, unit_id: str | None, indicator: str | None) -> Scope:
    """The scope narrowed to the activities of a unit that state a quantity."""
    here = scope.narrowed_scope(unit_id, items=True)
    figures = _figures_of_activities(here)
    stated = figures if indicator is None else figures.filter(indicator=indicator)
    chosen = pl.col("a").is_in(stated["a"].implode())
    return replace(here, activities=here.activities.filter(chosen))


def quantities_listed(scope: Scope, indicator: str = "") -> pl.DataFrame:
    """``activity_id`` and the figures of a quantity that each activity of a cell states."""
    stated = _figures_of_activities(scope).filter(indicator=indicator)
    told = stated.group_by("a").agg(
        pl.col("value").filter(measure=measure).first().alias(f"quantity_{measure}")
        for measure in FIGURE_MEASURES
    )
    ids = scope.activities.select("a", "activity_id")
    return ids.join(told, on="a").drop("a")


LAYER = Layer(
    "quantities", N_("Quantités : kits, eau, ouvrages"), quantities_of_units, OPTIONS,
    cell=quantities_cell, with_columns=quantities_listed, about=quantities_meta, tab="people",
    file="quantites", label=N_("Quantités"),
    value_name=lambda value, _said: label("indicators", value),
)  # fmt: skip
