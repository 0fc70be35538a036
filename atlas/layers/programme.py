"""Coverage of a programme: its components in each unit, inside its perimeter and outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from atlas.i18n import N_, _
from atlas.labels import label
from atlas.layers.grid import Numbers, distinct_pairs
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.perimeter import (
    WHOLE,
    Programme,
    component_name,
    defined_programme,
    is_part,
    perimeter_grounds,
    rows_of,
    units_named,
)
from atlas.layers.prepare import LEVELS, Prepared, rows_touched
from atlas.layers.reference import PROGRAMME
from atlas.layers.response import UNDATED_DAYS, standing_on
from atlas.layers.scope import Mask, Scope, held_places, target_at
from atlas.model import RESERVED, STOPPED, Level

if TYPE_CHECKING:
    from atlas.geo.frames import Frames


PERIMETER, OUTSIDE, UNDEFINED = "_perimeter", "_outside", "_undefined"
OWN_ROWS = (PERIMETER, OUTSIDE, UNDEFINED)
"""Rows beside the units, after them and before those of every layer."""
UNKNOWN = "_unknown"
"""No row of the answer: all that is neither inside nor outside, for the figure of the sum."""
PHASES = ("current", "past", "planned")
"""Where an activity that counts stands on the day of reference."""
ZONES = ("inside", "outside", "unknown")


Said = tuple[date | None, tuple[tuple[str, str], ...]]
"""The day of reference and the settings: what a programme is known by."""


def said_of(scope: Scope) -> Said:
    """By what the programme that a question is about is known."""
    return scope.reference, tuple(sorted(scope.options.items()))


def plan_of(scope: Scope) -> Programme:
    """The programme that a question is about, as known on its day."""
    return scope.prepared.computed_once(programme_on, *said_of(scope))


def programme_on(
    prepared: Prepared, day: date | None, said: tuple[tuple[str, str], ...]
) -> Programme:
    """The programme of these settings, as known on a day."""
    return defined_programme(prepared.tables.context, day, dict(said))


def row_names(scope: Scope) -> list[str]:
    """Ids of every row there may be, by its code."""
    return scope.prepared.computed_once(names_of_rows, scope.frame, scope.level)


def names_of_rows(prepared: Prepared, frame: str, level: Level) -> list[str]:
    """Ids of every row that a programme may have in (frame, level), by its code."""
    return [*prepared.targets_of(frame, level).units["unit_id"], *OWN_ROWS]


def row_codes(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.Series:
    """Row of the answer that each place (``a, u``) falls in."""
    rows = scope.prepared.computed_once(row_of_ground, plan.units, scope.frame, scope.level)["row"]
    return rows.gather(grounds_of(scope.prepared, places))


def grounds_of(prepared: Prepared, places: pl.DataFrame) -> pl.Series:
    """Number of the ground of each place: its unit, as finely as its activity may be told."""
    return places["u"] * len(LEVELS) + prepared.finest_levels(places)


def every_ground(prepared: Prepared) -> tuple[pl.Series, pl.Series]:
    """Unit code and finest level of every ground, in the order of their numbers."""
    units = np.repeat(np.arange(prepared.units.len(), dtype=np.uint32), len(LEVELS))
    finest = np.tile(np.arange(len(LEVELS), dtype=np.uint8), prepared.units.len())
    return pl.Series("u", units), pl.Series("finest", finest)


def row_of_ground(
    prepared: Prepared, perimeter: tuple[str, ...], frame: str, level: Level
) -> pl.DataFrame:
    """``row`` of the answer that every ground falls in, in the order of their numbers."""
    targets = prepared.targets_of(frame, level)
    first, coarser = targets.first_reserved, targets.coarser_row
    own = {name: targets.units.height + n for n, name in enumerate(OWN_ROWS)}
    code = pl.col("target")
    units, finest = every_ground(prepared)
    table = target_at(targets, units, finest).to_frame()
    if not perimeter:
        told = pl.when((code < first) | (code == coarser)).then(own[UNDEFINED]).otherwise(code)
        return table.select(told.cast(pl.UInt32).alias("row"))
    ground = prepared.computed_once(perimeter_grounds, perimeter)
    masks = [held_places(ground[name], units, finest).alias(name) for name in ground.columns]
    inside = pl.when(code < first).then(code).otherwise(own[PERIMETER])
    unsure = pl.when(code < first).then(coarser).otherwise(code)
    told = pl.when("inside").then(inside).when("outside").then(own[OUTSIDE]).otherwise(unsure)
    return table.with_columns(masks).select(told.cast(pl.UInt32).alias("row"))


def coded_rows(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.DataFrame:
    """Places or shares (``a, u``, …) with their ``row`` and ``component``."""
    return places.with_columns(
        row_codes(scope, plan, places).alias("row"),
        component_codes(scope, plan).gather(places["a"]).alias("component"),
    )


def zoned_rows(scope: Scope, coded: pl.DataFrame) -> pl.DataFrame:
    """The same with the number of its zone (of `ZONES`) for ``row``."""
    first, own = scope.targets.first_reserved, scope.targets.units.height
    row = pl.col("row")
    zone = pl.when((row < first) | (row == own)).then(0).when(row == own + 1).then(1).otherwise(2)
    return coded.with_columns(zone.cast(pl.UInt32).alias("row"))


def component_codes(scope: Scope, plan: Programme) -> pl.Series:
    """Number of the component of each activity of the snapshot; null: of none."""
    pairs = tuple(sorted((s, c) for s, c in plan.sectors.items() if c))
    return scope.prepared.computed_once(_component_of, plan.components, pairs, plan.results)[
        "component"
    ]


def _component_of(
    prepared: Prepared,
    components: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    results: frozenset[str],
) -> pl.DataFrame:
    number = {name: n for n, name in enumerate(components)}
    if components == (WHOLE,):
        every = pl.zeros(prepared.activities.height, dtype=pl.UInt8, eager=True)
        return every.alias("component").to_frame()
    by_sector = {sector: number[component] for sector, component in pairs}
    by_result = {result: number[result] for result in results}
    named = pl.col("result").str.replace_all(r"\s+", " ").str.strip_chars()
    entire = prepared.with_nothing_withheld.activities  # whoever asks, the same figures
    return entire.select(
        pl.coalesce(
            _coded_by(named, by_result),
            _coded_by(pl.col("sector"), by_sector),
        ).alias("component")
    )


def _coded_by(column: pl.Expr, codes: dict[str, int]) -> pl.Expr:
    if not codes:
        return pl.lit(None, pl.UInt8)
    return column.replace_strict(codes, default=None, return_dtype=pl.UInt8)


def phase_of_activities(prepared: Prepared, day: date | None) -> pl.DataFrame:
    """Number (of `PHASES`) of where each activity stands on a day: its words before its dates.

    Under way is what `atlas.layers.response` holds to be, without an end for as long as that
    layer does where nothing else is asked.
    """
    stands = prepared.computed_once(standing_on, day, UNDATED_DAYS)
    status, on = pl.col("status"), pl.lit(day, dtype=pl.Date)
    over = (status == "completed") | ((status != "planned") & (pl.col("from_day") <= on))
    return prepared.activities.select(
        pl.when(stands["current"])
        .then(PHASES.index("current"))
        .when(over)
        .then(PHASES.index("past"))
        .otherwise(PHASES.index("planned"))
        .cast(pl.UInt8)
        .alias("phase")
    )


_POSSIBLE = {"row": pl.UInt32, "component": pl.UInt8, "possible": pl.UInt32}


def with_cells(scope: Scope, figures: pl.DataFrame) -> pl.DataFrame:
    """Figures (``row, component``, …) with a row for every cell of the perimeter, filled or not.

    Returns
    -------
    polars.DataFrame
        With ``meant`` (null: not a cell of the perimeter)`` and part`` beside them.
    """
    prepared, first = scope.prepared, scope.targets.first_reserved
    cells, whole = prepared.computed_once(_meant_cells, said_of(scope), scope.frame, scope.level)
    return cells.join(
        figures, on=["row", "component"], how="full", nulls_equal=True, coalesce=True
    ).with_columns(part=(pl.col("row") < first) & ~pl.col("row").is_in(whole))


def _meant_cells(
    prepared: Prepared, said: Said, frame: str, level: Level
) -> tuple[pl.DataFrame, list[int]]:
    """``row, component, meant`` of every cell; and the rows that lie in the perimeter whole."""
    plan = programme_on(prepared, *said)
    number = {name: n for n, name in enumerate(prepared.computed_once(names_of_rows, frame, level))}
    rows, _lost = rows_of(prepared, plan.units, frame, level)
    every = range(len(plan.components))
    cells = [
        (number[row], c, _is_meant(plan, held, c)) for row, held in rows.items() for c in every
    ]
    if not plan.units:
        cells = [(number[UNDEFINED], c, True) for c in every]
    schema = {"row": pl.UInt32, "component": pl.UInt8, "meant": pl.Boolean}
    whole = [number[row] for row, held in rows.items() if not is_part(prepared.frames, row, held)]
    return pl.DataFrame(cells, schema=schema, orient="row"), whole


def _is_meant(plan: Programme, held: Iterable[str], component: int) -> bool:
    """Whether a component is meant for any of these units of the perimeter."""
    return any(plan.components[component] in plan.wanted_components(one) for one in held)


def possible_activities(scope: Scope, plan: Programme, places: pl.DataFrame) -> pl.DataFrame:
    """``row, component, possible``: activities on larger ground that holds some of each row.

    Parameters
    ----------
    places
        ``a, u, row, component`` of what counts as an activity.
    """
    prepared = scope.prepared
    touched = prepared.computed_once(_touched_rows, plan.units, scope.frame, scope.level)
    row = pl.col("row").is_in([scope.targets.coarser_row, scope.targets.not_convertible])
    loose = places.filter(row, pl.col("component").is_not_null())
    if touched.is_empty() or loose.is_empty():
        return pl.DataFrame(schema=_POSSIBLE)
    return (
        loose.select("a", "component", grounds_of(prepared, loose).alias("ground"))
        .join(touched, on="ground")
        .group_by("row", "component")
        .agg(pl.col("a").n_unique().alias("possible"))
    )


def _touched_rows(
    prepared: Prepared, perimeter: tuple[str, ...], frame: str, level: Level
) -> pl.DataFrame:
    """``ground, row``: the rows of the perimeter that larger ground may hold some of."""
    frames, targets = prepared.frames, prepared.targets_of(frame, level)
    names = {name: n for n, name in enumerate(prepared.computed_once(names_of_rows, frame, level))}
    rows, _lost = rows_of(prepared, perimeter, frame, level)
    wanted = frozenset(names[row] for row in rows)
    falls = prepared.computed_once(row_of_ground, perimeter, frame, level)["row"]
    larger = falls.is_in([targets.coarser_row, targets.not_convertible]).arg_true()
    units, finest = every_ground(prepared)
    told = {n: _told_at(frames, prepared.units[units[n]], finest[n]) for n in larger}
    touched = {place: rows_touched(frames, targets, place) for place in set(told.values())}
    pairs = [(n, row) for n, place in told.items() for row in wanted & touched[place]]
    schema = {"ground": pl.UInt32, "row": pl.UInt32}
    return pl.DataFrame(pairs, schema=schema, orient="row")


def _told_at(frames: Frames, unit_id: str, finest: int) -> str:
    """The unit that a place is told as, where it may not be told more finely."""
    return (
        frames.ancestor_at_level(unit_id, LEVELS[finest]) or unit_id
        if unit_id in frames
        else unit_id
    )


MONEY = ("budget_usd", "inherited_usd")
APART = tuple(f"{name}_usd" for name in STOPPED)
"""Money of what is cancelled, and of what is suspended: in none of `MONEY`."""


def with_stopped(
    scope: Scope, components: int, coded: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Figures of every cell, with what is cancelled and what is suspended beside them.

    Parameters
    ----------
    coded
        Gives places and shares their ``row`` and ``component``.

    Returns
    -------
    polars.DataFrame
        As `measured_cells`, with ``cancelled, suspended, cancelled_usd, suspended_usd``; also the
        cells in which nothing else is.
    """
    table = measured_cells(
        scope, components, coded(scope.item_placements), coded(scope.budget_shares)
    )
    aside, width = scope.set_aside, components + 1
    if aside.counted_activities.is_empty():
        nothing = [*(pl.lit(0).alias(name) for name in STOPPED), *map(_zero_if_null, APART)]
        return table.with_columns(nothing)
    places, shares = coded(aside.item_placements), coded(aside.budget_shares)
    size = (scope.targets.units.height + len(OWN_ROWS)) * width
    figures = {"any": np.zeros(size, dtype=np.int64)}
    for name, money in zip(STOPPED, APART, strict=True):
        there, priced = (_of_status(scope, rows, name) for rows in (places, shares))
        many = scope.prepared.activities.height
        found, _a = distinct_pairs(_cell_numbers(there, width), there["a"], many)
        figures[name] = np.bincount(found, minlength=size)
        figures[money] = _known_dollars(_cell_numbers(priced, width), priced["usd_minor"], size)
        figures["any"] += figures[name]
    own = _figure_table(figures, figures["any"], components).drop("any")
    return table.join(own, on=["row", "component"], how="full", nulls_equal=True, coalesce=True)


def _zero_if_null(name: str) -> pl.Expr:
    return pl.lit(0.0).alias(name)


def _of_status(scope: Scope, rows: pl.DataFrame, status: str) -> pl.DataFrame:
    return rows.filter(scope.prepared.activities["status"].gather(rows["a"]) == status)


def measured_cells(
    scope: Scope, components: int, places: pl.DataFrame, shares: pl.DataFrame
) -> pl.DataFrame:
    """Figures of every cell that holds anything.

    Parameters
    ----------
    components
        How many the programme has.
    places, shares
        What is counted, each with its ``row`` and ``component`` (null: of none).

    Returns
    -------
    polars.DataFrame
        ``row, component, activities, current, past, planned, inherited,
        organisations, without_amount, budget_usd, inherited_usd``; each activity once a cell,
        money null where nobody priced anything.
    """
    prepared, width = scope.prepared, components + 1
    own, priced = _cell_numbers(places, width), _cell_numbers(shares, width)
    many, size = prepared.activities.height, (scope.targets.units.height + len(OWN_ROWS)) * width
    cell, a = distinct_pairs(own, places["a"], many)
    surely, _a = distinct_pairs(*_masked_pairs(~places["inherited"], own, places["a"]), many)
    known, _a = distinct_pairs(priced, shares["a"], many)
    activities = np.bincount(cell, minlength=size)
    usd, inherited = shares["usd_minor"], shares["inherited"]
    known_usd = _known_dollars(priced, usd, size)
    figures = {
        "activities": activities,
        **_phase_counts(scope, cell, a, size),
        "inherited": activities - np.bincount(surely, minlength=size),
        "organisations": _acting_counts(prepared, cell, a, size),
        "without_amount": activities - np.bincount(known, minlength=size),
        "budget_usd": known_usd,
        "inherited_usd": np.where(
            np.isnan(known_usd), np.nan, _dollar_sums(*_masked_pairs(inherited, priced, usd), size)
        ),
    }
    return _figure_table(figures, activities, components)


def _figure_table(figures: dict[str, Numbers], counted: Numbers, components: int) -> pl.DataFrame:
    """``row, component`` and these figures of every cell that counts anything."""
    width, filled = components + 1, np.flatnonzero(counted)
    component = pl.Series("component", filled % width, dtype=pl.UInt8)
    table = pl.DataFrame({name: values[filled] for name, values in figures.items()})
    money = [name for name in figures if name in (*MONEY, *APART)]
    return table.with_columns(pl.col(money).fill_nan(None)).select(
        pl.Series("row", filled // width, dtype=pl.UInt32),
        component.set(component == components, None),
        *figures,
    )


def _cell_numbers(rows: pl.DataFrame, width: int) -> pl.Series:
    """Number of the cell of each row: those of a row of the answer side by side, none last."""
    return rows["row"] * width + rows["component"].fill_null(width - 1)


def _masked_pairs(
    mask: pl.Series, first: pl.Series, second: pl.Series
) -> tuple[pl.Series, pl.Series]:
    return first.filter(mask), second.filter(mask)


def _phase_counts(scope: Scope, cell: Numbers, a: Numbers, size: int) -> dict[str, Numbers]:
    """Activities of each cell by where they stand on the day of reference, shape (size,) each."""
    phase = scope.prepared.computed_once(phase_of_activities, scope.reference)["phase"].to_numpy()[
        a
    ]
    counts = np.bincount(cell * len(PHASES) + phase, minlength=size * len(PHASES))
    return dict(zip(PHASES, counts.reshape(size, len(PHASES)).T, strict=True))


def _acting_counts(prepared: Prepared, cell: Numbers, a: Numbers, size: int) -> Numbers:
    """Organisations that act in each cell, shape (size,)."""
    pairs = pl.DataFrame({"cell": cell, "a": pl.Series(a, dtype=pl.UInt32)})
    acting = pairs.join(prepared.actors, on="a")
    found, _org = distinct_pairs(acting["cell"], acting["org"], prepared.organisations.height + 1)
    return np.bincount(found, minlength=size)


def _known_dollars(cells: pl.Series, minor: pl.Series, size: int) -> Numbers:
    """Dollars of each cell; not a number where no amount in dollars is known."""
    stated = np.bincount(cells.filter(minor.is_not_null()), minlength=size) > 0
    return np.where(stated, _dollar_sums(cells, minor, size), np.nan)


def _dollar_sums(cells: pl.Series, minor: pl.Series, size: int) -> Numbers:
    """Dollars of each cell: whole cents below 2**53 add up exactly, and are divided once."""
    return np.bincount(cells, minor.fill_null(0), minlength=size) / 100


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


def programme_cells(scope: Scope) -> pl.DataFrame:
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
        ``components`` of sectors (`atlas.layers.perimeter.defined_programme`).

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
        cancelled_usd, suspended_usd, state`` (null beside no cell, and outside the zones asked
        for). Σ rows is the budget of
        all that was asked for; what is cancelled or suspended is in the last two.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> dataset.ask("programme", frame="ml-2016").table["state"].drop_nulls().unique().to_list()
    ['perimeter_undefined']
    """
    plan = plan_of(scope)
    coded = partial(coded_rows, scope, plan)
    figures = with_stopped(scope, len(plan.components), coded)
    possible = possible_activities(scope, plan, coded(scope.item_placements))
    table = with_cells(scope, figures).join(possible, on=["row", "component"], how="left")
    return _answer_columns(scope, plan, table)


def programme_totals(scope: Scope) -> pl.DataFrame:
    """Add up a programme inside its perimeter and outside it, each activity once.

    Parameters
    ----------
    scope
        As for `programme_cells`.

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
        return zoned_rows(scope, coded_rows(scope, plan, frame))

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
        .with_columns(_money_expr())
        .select(zone.alias("zone"), "component", *counted, *MONEY, *APART)
    )


def programme_meta(scope: Scope) -> dict[str, object]:
    """What the table is of: the programme and its perimeter, in plain values."""
    plan = plan_of(scope)
    _rows, lost = scope.prepared.computed_once(rows_of, plan.units, scope.frame, scope.level)
    return {
        "programme": plan.id,
        "perimeter": list(plan.units),
        "perimeter_defined": bool(plan.units),
        "expected_units": plan.expected,
        "not_convertible": lost,
        "proposed_sectors": sorted(plan.proposed),
    }


def programme_cell(scope: Scope, unit_id: str | None, component: str | None) -> Scope:
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
    activities = scope.counted_activities
    if component is not None:
        code = plan.components.index(component) if component in plan.components else None
        own = component_codes(scope, plan).gather(activities["a"])
        activities = activities.filter(own.is_null() if code is None else own.eq(code))
    same = {f.name: getattr(scope, f.name) for f in fields(Scope)} | {"activities": activities}
    here = _Cell(
        **same, holds=lambda told: _codes_here(row_codes(scope, plan, told), names, unit_id)
    )
    inside = here.item_placements["a"].unique().implode()
    return replace(here, activities=activities.filter(pl.col("a").is_in(inside)))


@dataclass(frozen=True)
class _Cell(Scope):
    """A scope of the places and shares alone that ``holds`` takes."""

    holds: Callable[[pl.DataFrame], pl.Series] = lambda told: told["a"].is_not_null()

    def _rows_inside_units(self, frame: pl.DataFrame, chosen: Mask) -> pl.DataFrame:
        told = super()._rows_inside_units(frame, chosen)
        return told.filter(self.holds(told))


def _codes_here(codes: pl.Series, names: list[str], unit_id: str | None) -> pl.Series:
    if unit_id == UNKNOWN:
        sure = _codes_here(codes, names, None) | (codes == names.index(OUTSIDE))
        return ~sure
    if unit_id is not None:
        return codes == (names.index(unit_id) if unit_id in names else len(names))
    first = names.index(RESERVED[0])
    return (codes < first) | (codes == names.index(PERIMETER))


def _answer_columns(scope: Scope, plan: Programme, table: pl.DataFrame) -> pl.DataFrame:
    """The columns of the answer, units first, components in their order."""
    names = row_names(scope)
    words = [*scope.unit_rows["unit_name"], *(label("row", name) for name in OWN_ROWS)]
    first, height = scope.targets.first_reserved, scope.targets.units.height
    own = pl.col("row") >= height
    after = first - 1 + (pl.col("row").cast(pl.Float64) - height + 1) / 10
    order = pl.when(own).then(after).otherwise(pl.col("row"))
    surely = (pl.col("row") < first) | (pl.col("row") == height)
    counted = [pl.col(name).cast(pl.Int64).fill_null(0) for name in _FIGURES]
    return (
        table.with_columns(*counted)
        .with_columns(
            *_money_expr(),
            _cell_state(plan, first).alias("state"),
            unit_id=pl.lit(pl.Series(names)).gather("row"),
        )
        .with_columns(pl.when((pl.col("row") >= first) | scope.is_asked()).then("state"))
        .sort(order, pl.col("component"), nulls_last=True)
        .select(
            "unit_id",
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


def _money_expr() -> list[pl.Expr]:
    """Money of each cell: zero where nothing is, null where something is and nobody priced it."""
    of = {**dict.fromkeys(MONEY, "activities"), **dict(zip(APART, STOPPED, strict=True))}
    return [
        pl.when(pl.col(count).fill_null(0) > 0).then(pl.col(c)).otherwise(0.0).alias(c)
        for c, count in of.items()
    ]


def _cell_state(plan: Programme, first_reserved: int) -> pl.Expr:
    """State of a cell; of a unit that may lie in the perimeter, what is done inside alone."""
    empty = [n for n, name in enumerate(plan.components) if name in plan.empty_components]
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
    "programme", N_("Programme : couverture par composante"), programme_cells, OPTIONS,
    cell=programme_cell, about=programme_meta, subject=PROGRAMME, units_named=units_named,
    tab="programme", file="programme", label=N_("Programme"), every_row=N_("tout le périmètre"),
    value_name=lambda one, _said: _("sans composante") if one == NONE else component_name(one),
)  # fmt: skip
TOTALS = Layer(
    "programme_totals", N_("Programme : totaux dans le périmètre et au dehors"), programme_totals,
    OPTIONS, about=programme_meta, subject=PROGRAMME, units_named=units_named, follows="programme",
    tab="programme",
)  # fmt: skip
