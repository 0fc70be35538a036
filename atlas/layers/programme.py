"""What of a programme is done where: its components, unit by unit of its perimeter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import polars as pl

from atlas.i18n import N_, _
from atlas.labels import label
from atlas.layers.counting import STOPPED
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.perimeter import Programme, component_name, rows_of, units_named
from atlas.layers.programme_cells import possible, with_cells
from atlas.layers.programme_figures import APART, MONEY, with_stopped
from atlas.layers.programme_rows import (
    OUTSIDE,
    OWN_ROWS,
    PERIMETER,
    PHASES,
    UNKNOWN,
    ZONES,
    coded,
    component_codes,
    plan_of,
    row_codes,
    row_names,
    zoned,
)
from atlas.layers.reference import PROGRAMME
from atlas.layers.scope import Mask, Scope
from atlas.model import RESERVED

OPTIONS = (
    Option("programme", "psirc", N_("Programme"), "text"),
    Option("perimeter", "", N_("Périmètre à l'essai"), "text"),
    Option("components", "", N_("Composantes à l'essai"), "text"),
)


class State(StrEnum):
    """What is known of a cell unit × component, in the order in which it is decided."""

    COVERED = "covered"
    PAST = "past"
    PLANNED = "planned"
    NOT_MEANT = "not_meant"
    UNMAPPED = "unmapped"
    UNCLEAR = "unclear"
    GAP = "gap"
    UNDEFINED = "perimeter_undefined"


_FIGURES = (
    "activities",
    *PHASES,
    *STOPPED,
    "inherited",
    "organisations",
    "without_amount",
    "possible",
)
ALL, NONE = "_total", "_none"
"""All components together; what has none, where a name is needed for it."""


def programme(scope: Scope) -> pl.DataFrame:
    """Count what is done of each component of a programme, in its perimeter and outside it.

    An activity belongs to the component that it names as the result it works for, else to
    that of its sector, else to none. It is inside where its place surely lies in the
    perimeter, outside where it surely does not; what is placed more coarsely stays in the
    reserved rows. A cell is, in this order:

    - ``covered``: an activity is under way on the day of reference. What follows is no
      coverage: ``past``: there were some, all over; ``planned``: some are announced;
    - ``not_meant``: the perimeter names the components meant for this unit, not this one;
    - ``unmapped``: no sector is said to belong to the component;
    - ``unclear``: nothing is placed here, but activities of this component are placed on
      larger ground that holds some of it (``possible``);
    - ``gap``: none of these. Nothing is a gap while the perimeter is not defined.

    Parameters
    ----------
    scope
        The question; ``options``: ``programme``, and drafts of its ``perimeter`` and of the
        ``components`` of sectors (`atlas.layers.perimeter.define`).

    Returns
    -------
    polars.DataFrame
        One row per unit × component, then ``_perimeter`` (inside, placed above this level),
        ``_outside``, ``_undefined`` (all that has a place, while there is no perimeter) and
        the reserved rows: ``unit_id, unit_name, inside`` (null: cannot be said)``, part``
        (the unit is larger than the perimeter there)``, component`` (null: of none)``,
        activities, current, past, planned, cancelled, suspended`` (these two are in no other
        figure)``, inherited`` (placed on the perimeter of their document for want of a place
        of their own)``, organisations, without_amount, possible, budget_usd, inherited_usd,
        cancelled_usd, suspended_usd, state`` (null beside no cell). Σ rows is the budget of
        all that was asked for; what is cancelled or suspended is in the last two.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> dataset.ask("programme", frame="ml-2016").table["state"].drop_nulls().unique().to_list()
    ['perimeter_undefined']
    """
    plan = plan_of(scope)
    figures = with_stopped(scope, len(plan.components), lambda frame: coded(scope, plan, frame))
    places = coded(scope, plan, scope.item_placements)
    table = with_cells(scope, figures).join(
        possible(scope, plan, places), on=["row", "component"], how="left"
    )
    return _told(scope, plan, table)


def programme_totals(scope: Scope) -> pl.DataFrame:
    """Add up a programme inside its perimeter and outside it, each activity once.

    Parameters
    ----------
    scope
        As for `programme`.

    Returns
    -------
    polars.DataFrame
        One row per zone × component that holds anything: ``zone`` (``inside``, ``outside``,
        ``unknown``: that cannot be said)``, component`` (null: of none)``, activities,
        current, past, planned, cancelled, suspended, inherited, organisations,
        without_amount, budget_usd, inherited_usd, cancelled_usd, suspended_usd``; then the same
        of all components together, ``component`` being ``_total``. An activity that is in both
        zones counts in both, its money once.
    """
    plan = plan_of(scope)
    n = len(plan.components)

    def by_component(frame: pl.DataFrame) -> pl.DataFrame:
        return zoned(scope, coded(scope, plan, frame))

    def together(frame: pl.DataFrame) -> pl.DataFrame:
        return by_component(frame).with_columns(component=pl.lit(None, pl.UInt8))

    named = pl.col("component").replace_strict(
        dict(enumerate(plan.components)), return_dtype=pl.String
    )
    parts = [
        with_stopped(scope, n, by_component).with_columns(named),
        with_stopped(scope, n, together).with_columns(component=pl.lit(ALL)),
    ]
    counted = [pl.col(name).cast(pl.Int64).fill_null(0) for name in _FIGURES[:-1]]
    zone = pl.col("row").replace_strict(dict(enumerate(ZONES)), return_dtype=pl.String)
    order = {name: n for n, name in enumerate((*plan.components, None, ALL))}
    rank = pl.col("component").replace_strict(order, return_dtype=pl.UInt8)
    return (
        pl.concat(parts)
        .sort("row", rank)
        .with_columns(_money())
        .select(zone.alias("zone"), "component", *counted, *MONEY, *APART)
    )


def about(scope: Scope) -> dict[str, object]:
    """What the table is of: the programme and its perimeter, in plain values."""
    plan = plan_of(scope)
    _rows, lost = scope.prepared.once(rows_of, plan.units, scope.frame, scope.level)
    return {
        "programme": plan.id,
        "perimeter": list(plan.units),
        "perimeter_defined": bool(plan.units),
        "expected_units": plan.expected,
        "not_convertible": lost,
        "proposed_sectors": sorted(plan.proposed),
    }


def cell(scope: Scope, unit_id: str | None, component: str | None) -> Scope:
    """The scope narrowed to what one cell counts.

    Parameters
    ----------
    unit_id
        A row of the answer; ``None``: every row that is inside, `UNKNOWN`: every one that is
        neither inside nor outside.
    component
        One of the programme's, `NONE` for what has none; ``None``: all.
    """
    plan = plan_of(scope)
    names = row_names(scope)
    activities = scope.items
    if component is not None:
        code = plan.components.index(component) if component in plan.components else None
        own = component_codes(scope, plan).gather(activities["a"])
        activities = activities.filter(own.is_null() if code is None else own.eq(code))
    same = {f.name: getattr(scope, f.name) for f in fields(Scope)} | {"activities": activities}
    here = _Cell(**same, holds=lambda told: _here(row_codes(scope, plan, told), names, unit_id))
    inside = here.item_placements["a"].unique().implode()
    return replace(here, activities=activities.filter(pl.col("a").is_in(inside)))


@dataclass(frozen=True)
class _Cell(Scope):
    """A scope of the places and shares alone that ``holds`` takes."""

    holds: Callable[[pl.DataFrame], pl.Series] = lambda told: told["a"].is_not_null()

    def _told(self, frame: pl.DataFrame, chosen: Mask) -> pl.DataFrame:
        told = super()._told(frame, chosen)
        return told.filter(self.holds(told))


def _here(codes: pl.Series, names: list[str], unit_id: str | None) -> pl.Series:
    if unit_id == UNKNOWN:
        sure = _here(codes, names, None) | (codes == names.index(OUTSIDE))
        return ~sure
    if unit_id is not None:
        return codes == (names.index(unit_id) if unit_id in names else len(names))
    first = names.index(RESERVED[0])
    return (codes < first) | (codes == names.index(PERIMETER))


def _told(scope: Scope, plan: Programme, table: pl.DataFrame) -> pl.DataFrame:
    """The columns of the answer, units first, components in their order."""
    names = row_names(scope)
    words = [*scope.units["unit_name"], *(label("row", name) for name in OWN_ROWS)]
    first, height = scope.targets.first_reserved, scope.targets.units.height
    own = pl.col("row") >= height
    after = first - 1 + (pl.col("row").cast(pl.Float64) - height + 1) / 10
    order = pl.when(own).then(after).otherwise(pl.col("row"))
    surely = (pl.col("row") < first) | (pl.col("row") == height)
    counted = [pl.col(name).cast(pl.Int64).fill_null(0) for name in _FIGURES]
    return (
        table.with_columns(*counted)
        .with_columns(*_money(), _state(plan, first).alias("state"))
        .sort(order, pl.col("component"), nulls_last=True)
        .select(
            pl.lit(pl.Series(names)).gather("row").alias("unit_id"),
            pl.lit(pl.Series(words)).gather("row").alias("unit_name"),
            pl.when(surely)
            .then(True)
            .when(pl.col("row") == height + 1)
            .then(False)
            .alias("inside"),
            "part",
            pl.col("component").replace_strict(
                dict(enumerate(plan.components)), return_dtype=pl.String
            ),
            *_FIGURES,
            *MONEY,
            *APART,
            "state",
        )
    )


def _money() -> list[pl.Expr]:
    """Money of each cell: zero where nothing is, null where something is and nobody priced it."""
    of = {**dict.fromkeys(MONEY, "activities"), **dict(zip(APART, STOPPED, strict=True))}
    return [
        pl.when(pl.col(count).fill_null(0) > 0).then(pl.col(c)).otherwise(0.0).alias(c)
        for c, count in of.items()
    ]


def _state(plan: Programme, first_reserved: int) -> pl.Expr:
    """State of a cell; of a unit that may lie in the perimeter, what is done inside alone."""
    empty = [n for n, name in enumerate(plan.components) if name in plan.empty]
    found = (
        pl.when(pl.col("current") > 0)
        .then(pl.lit(State.COVERED.value))
        .when(pl.col("past") > 0)
        .then(pl.lit(State.PAST.value))
        .when(pl.col("planned") > 0)
        .then(pl.lit(State.PLANNED.value))
        .when(~pl.col("meant"))
        .then(pl.lit(State.NOT_MEANT.value))
        .when(pl.col("component").is_in(empty))
        .then(pl.lit(State.UNMAPPED.value))
        .when(pl.col("possible") > 0)
        .then(pl.lit(State.UNCLEAR.value))
        .otherwise(pl.lit(State.GAP.value))
    )
    shown = found if plan.units else pl.lit(State.UNDEFINED.value)
    done = pl.sum_horizontal("current", "past", "planned") > 0
    inside = (pl.col("row") < first_reserved) & pl.col("component").is_not_null()
    return pl.when(pl.col("meant").is_not_null() | (inside & done)).then(shown)


LAYER = Layer(
    "programme", N_("Programme : couverture par composante"), programme, OPTIONS, cell=cell,
    about=about, subject=PROGRAMME, units_named=units_named,
    tab="programme", file="programme", label=N_("Programme"), every_row=N_("tout le périmètre"),
    value_name=lambda one, _said: _("sans composante") if one == NONE else component_name(one),
)  # fmt: skip
TOTALS = Layer(
    "programme_totals", N_("Programme : totaux dans le périmètre et au dehors"), programme_totals,
    OPTIONS, about=about, subject=PROGRAMME, units_named=units_named, follows="programme",
    tab="programme",
)  # fmt: skip
