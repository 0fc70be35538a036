"""People in need, targeted and reached in each unit and sector, everyone counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers import needs
from atlas.layers.gaps import SCORE_OPTIONS
from atlas.layers.grid import Numbers, cell_sums, in_each_sector, sector_codes
from atlas.layers.group_figures import (
    GROUP_OPTION,
    figures_of_group,
    group_words,
    needs_of_group,
)
from atlas.layers.headcount import RULES, HeadCount, counted_people, head_count
from atlas.layers.layer import Layer
from atlas.layers.options import all_settings
from atlas.layers.place_tree import country_nodes, place_tree
from atlas.layers.prepare import Prepared
from atlas.layers.reference import NEEDS
from atlas.layers.scope import Scope
from atlas.model import Level

OPTIONS = (GROUP_OPTION, *RULES, *(one for one in SCORE_OPTIONS if one.name in ("day", "need-age")))

FIGURES = ("targeted", "reached")
FIGURES_COUNTED = tuple(f"{name}_counted" for name in FIGURES)
"""Columns of what each activity adds to them."""

_COLUMN_OF = {"targeted": "target", "reached": "reached"}


def people_of_cells(scope: Scope) -> pl.DataFrame:
    """In need, targeted and reached of every unit and sector.

    Parameters
    ----------
    scope
        The question; planned activities are targeted too, what is cancelled or suspended is not.

    Returns
    -------
    polars.DataFrame
        One row per unit of the zones asked for and one per sector of it of which anything is known
        (null: all sectors), then the reserved rows: ``unit_id, unit_name, sector, in_need`` (as
        stated for that sector, or for all of them)``, need_as_of, need_units_known, need_units,
        need_units_level`` (`atlas.layers.needs`)``, severity, severity_scale, severity_as_of``
        (JIAF level of the needs of everyone)``, targeted_low, targeted, targeted_high,
        reached_low, reached, reached_high`` (`atlas.layers.headcount`)``, coverage_low, coverage,
        coverage_high`` (reached of those in need; null where the need of some smaller units is not
        known)``, population, activities, figures`` (of these, with a figure of people reached in
        this unit alone)``, shared`` (with one of other units too)``, over_population`` (figures
        come to more than the population).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("people", frame="ml-2016").table
    >>> table.filter(table["unit_name"] == "Tombouctou", table["sector"].is_null())["targeted"][0]
    110.0
    """
    found = {name: scope.computed_once(_count_of, of) for name, of in _COLUMN_OF.items()}
    columns: dict[str, Numbers] = {}
    for name, count in found.items():
        columns |= {f"{name}_low": count.low, name: count.best, f"{name}_high": count.high}
    reached = found["reached"]
    rows = in_each_sector(scope.prepared, scope.item_placements.select("a", "target").unique())
    cells = pl.DataFrame(
        {
            **{name: pl.Series(values).fill_nan(None) for name, values in columns.items()},
            "activities": cell_sums(
                rows["cell"].to_numpy(), scope.targets.units.height, again=rows["again"].to_numpy()
            ),
            "figures": reached.figures.astype(np.int64),
            "shared": reached.shared.astype(np.int64),
            "over_population": reached.over_population | found["targeted"].over_population,
        }
    )
    return _with_needs(scope, cells)


def _count_of(scope: Scope, column: str) -> HeadCount:
    kept = np.zeros(scope.prepared.activities.height, dtype=np.bool_)
    kept[scope.counted_activities["a"].to_numpy()] = True
    return head_count(scope, _stated_figures(scope, column), kept, kept)


def _stated_figures(scope: Scope, column: str) -> pl.Series:
    """``target`` or ``reached`` of each activity, of the group that is asked for."""
    return scope.prepared.computed_once(figures_of_group, column, scope.options["group"])


def _with_needs(scope: Scope, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the answer, with who is in need there."""
    sectors = pl.DataFrame({"sector": [None, *sector_codes()]}, schema={"sector": pl.String})
    units = scope.unit_rows.select("unit_id", "unit_name", "is_reserved").with_row_index("target")
    every = units.join(sectors, how="cross", maintain_order="left_right").hstack(cells)
    inhabitants = needs.population_by_unit(scope.prepared, scope.frame, scope.level)
    cell = ["target", "sector"]
    joined = every.join(
        _people_in_need(scope), on=cell, how="left", nulls_equal=True, maintain_order="left",
    ).join(
        _severity_of_needs(scope), on=cell, how="left", nulls_equal=True, maintain_order="left",
    ).join(
        inhabitants.select("target", "population"), on="target", how="left", maintain_order="left"
    )  # fmt: skip
    stated = pl.col("in_need", "severity").is_not_null()
    told = pl.any_horizontal(stated, pl.col("activities") > 0)
    asked = scope.filters.sector
    of_asked = pl.col("sector").is_null() | pl.col("sector").is_in(list(asked)) if asked else True
    whole_need = (pl.col("need_units_known") >= pl.col("need_units")).fill_null(value=True)
    in_need = pl.when(whole_need & (pl.col("in_need") > 0)).then("in_need")
    shares = [
        (pl.col(f"reached{end}") / in_need).alias(f"coverage{end}") for end in ("_low", "", "_high")
    ]
    told &= pl.col("is_reserved") | scope.is_asked() | (pl.col("activities") > 0)
    whole = pl.col("sector").is_null() & ~pl.col("is_reserved") & scope.is_asked()
    return joined.filter((told | whole) & of_asked).with_columns(shares).select(*COLUMNS)


COLUMNS = (
    *("unit_id", "unit_name", "sector", "in_need", "need_as_of"),
    *("need_units_known", "need_units", "need_units_level"),
    *("severity", "severity_scale", "severity_as_of"),
    *(f"{name}{end}" for name in (*FIGURES, "coverage") for end in ("_low", "", "_high")),
    *("population", "activities", "figures", "shared", "over_population"),
)


def _people_in_need(scope: Scope) -> pl.DataFrame:
    """``target, sector, in_need`` where a need is stated in people, and what that is made of."""
    age = int(float(scope.options["need-age"]))
    group = scope.options["group"]
    return scope.prepared.computed_once(
        _stated_in_people, scope.frame, scope.level, scope.reference, age, group
    )


def _stated_in_people(
    prepared: Prepared, frame: str, level: Level, day: date | None, age: int, group: str
) -> pl.DataFrame:
    context = needs_of_group(prepared.tables.context, group)
    told = needs.need_of_cells(
        prepared, frame, level, day, "people", "rank", age, fewest=2, context=context
    )
    return told.filter(pl.col("counted")).select(
        *("target", "sector", "need_as_of", "need_units_known", "need_units", "need_units_level"),
        in_need="need",
    )


def _severity_of_needs(scope: Scope) -> pl.DataFrame:
    """``target, sector, severity, severity_scale, severity_as_of`` where a level is stated."""
    age = int(float(scope.options["need-age"]))
    return scope.prepared.computed_once(
        _stated_severity, scope.frame, scope.level, scope.reference, age
    )


def _stated_severity(
    prepared: Prepared, frame: str, level: Level, day: date | None, age: int
) -> pl.DataFrame:
    levels = prepared.tables.context.filter(indicator="severity")
    told = needs.need_of_cells(
        prepared, frame, level, day, "severity", "rank", age, fewest=2, context=levels
    )
    return told.select(
        *("target", "sector"),
        severity="need", severity_scale="need_scale", severity_as_of="need_as_of",
    )  # fmt: skip


def people_meta(scope: Scope) -> Mapping[str, object]:
    """The country as a whole, and how many activities (``activities``) give a figure of each."""
    country = {name: scope.computed_once(_count_of, of).country for name, of in _COLUMN_OF.items()}
    counted = scope.counted_activities["a"]
    figures = {
        f"{name}_figures": _stated_figures(scope, of).gather(counted).count()
        for name, of in _COLUMN_OF.items()
    }
    return country | figures | {"activities": counted.len()}


def counted_in_cell(scope: Scope, sector: str = "") -> pl.DataFrame:
    """What each activity of a cell adds to its best numbers.

    Returns
    -------
    polars.DataFrame
        ``activity_id``, and of ``targeted`` and ``reached`` the figure as stated (``_stated``)
        and what of it counts (``_counted``: `atlas.layers.headcount.counted_people`).
    """
    told = scope.activities.select("a", "activity_id")
    own = pl.lit(value=True) if not sector else pl.col("sector") == sector
    kept = np.zeros(scope.prepared.activities.height, dtype=np.bool_)
    kept[scope.counted_activities.filter(own)["a"].to_numpy()] = True
    columns = []
    for name, column in _COLUMN_OF.items():
        stated = _stated_figures(scope, column)
        counted = counted_people(scope, stated, kept, in_sector=bool(sector))
        columns += [stated.alias(f"{name}_stated"), counted.alias(f"{name}_counted")]
    return told.drop("a").with_columns(one.gather(told["a"]) for one in columns)


def people_to_add_up(scope: Scope) -> pl.DataFrame:
    """What each activity adds to the people of its sector in the whole country.

    Returns
    -------
    polars.DataFrame
        ``a`` and `FIGURES_COUNTED`: the figure, or 0 where its people may be those of another
        activity of the sector; null where it has none. Of one without a sector among all.
    """
    prepared = scope.prepared
    rows = country_nodes(prepared.computed_once(place_tree))
    asked = replace(scope, options=all_settings(RULES, {}))
    kept = np.zeros(prepared.activities.height, dtype=np.bool_)
    kept[scope.counted_activities["a"].to_numpy()] = True
    without = prepared.activities["sector"].is_null()
    columns = []
    for name, column in zip(FIGURES_COUNTED, _COLUMN_OF.values(), strict=True):
        stated = prepared.activities[column]
        of_sector, of_all = (
            counted_people(asked, stated, kept & mask, in_sector=inside, rows=rows)
            for inside, mask in ((True, ~without.to_numpy()), (False, without.to_numpy()))
        )
        columns.append(of_all.zip_with(without, of_sector).alias(name))
    return prepared.activities.select("a", *columns)


def people_cell(scope: Scope, unit_id: str | None, sector: str | None) -> Scope:
    """The scope narrowed to a cell; presences are no part of it."""
    return scope.narrowed_scope(unit_id, sector, items=True)


LAYER = Layer(
    "people", N_("Personnes : besoin, cible, atteintes"), people_of_cells, OPTIONS,
    cell=people_cell, with_columns=counted_in_cell, about=people_meta, subject=NEEDS,
    tab="people", file="personnes", held_to=group_words,
)  # fmt: skip
