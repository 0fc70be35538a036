"""What is counted in each cell of a programme: row of the answer × component."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from atlas.layers.counting import STOPPED
from atlas.layers.grid import Numbers, distinct
from atlas.layers.prepare import Prepared
from atlas.layers.programme_rows import OWN_ROWS, PHASES, phases
from atlas.layers.scope import Scope

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
        As `measured`, with ``cancelled, suspended, cancelled_usd, suspended_usd``; also the
        cells in which nothing else is.
    """
    table = measured(scope, components, coded(scope.item_placements), coded(scope.budgets))
    aside, width = scope.set_aside, components + 1
    if aside.items.is_empty():
        nothing = [*(pl.lit(0).alias(name) for name in STOPPED), *map(_zero, APART)]
        return table.with_columns(nothing)
    places, shares = coded(aside.item_placements), coded(aside.budgets)
    size = (scope.targets.units.height + len(OWN_ROWS)) * width
    figures = {"any": np.zeros(size, dtype=np.int64)}
    for name, money in zip(STOPPED, APART, strict=True):
        there, priced = (_of_status(scope, rows, name) for rows in (places, shares))
        many = scope.prepared.activities.height
        found, _a = distinct(_cells(there, width), there["a"], many)
        figures[name] = np.bincount(found, minlength=size)
        figures[money] = _known_dollars(_cells(priced, width), priced["usd_minor"], size)
        figures["any"] += figures[name]
    own = _table(figures, figures["any"], components).drop("any")
    return table.join(own, on=["row", "component"], how="full", nulls_equal=True, coalesce=True)


def _zero(name: str) -> pl.Expr:
    return pl.lit(0.0).alias(name)


def _of_status(scope: Scope, rows: pl.DataFrame, status: str) -> pl.DataFrame:
    return rows.filter(scope.prepared.activities["status"].gather(rows["a"]) == status)


def measured(
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
    own, priced = _cells(places, width), _cells(shares, width)
    many, size = prepared.activities.height, (scope.targets.units.height + len(OWN_ROWS)) * width
    cell, a = distinct(own, places["a"], many)
    surely, _a = distinct(*_those(~places["inherited"], own, places["a"]), many)
    known, _a = distinct(priced, shares["a"], many)
    activities = np.bincount(cell, minlength=size)
    usd, inherited = shares["usd_minor"], shares["inherited"]
    known_usd = _known_dollars(priced, usd, size)
    figures = {
        "activities": activities,
        **_phases(scope, cell, a, size),
        "inherited": activities - np.bincount(surely, minlength=size),
        "organisations": _acting(prepared, cell, a, size),
        "without_amount": activities - np.bincount(known, minlength=size),
        "budget_usd": known_usd,
        "inherited_usd": np.where(
            np.isnan(known_usd), np.nan, _dollars(*_those(inherited, priced, usd), size)
        ),
    }
    return _table(figures, activities, components)


def _table(figures: dict[str, Numbers], counted: Numbers, components: int) -> pl.DataFrame:
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


def _cells(rows: pl.DataFrame, width: int) -> pl.Series:
    """Number of the cell of each row: those of a row of the answer side by side, none last."""
    return rows["row"] * width + rows["component"].fill_null(width - 1)


def _those(mask: pl.Series, first: pl.Series, second: pl.Series) -> tuple[pl.Series, pl.Series]:
    return first.filter(mask), second.filter(mask)


def _phases(scope: Scope, cell: Numbers, a: Numbers, size: int) -> dict[str, Numbers]:
    """Activities of each cell by where they stand on the day of reference, shape (size,) each."""
    phase = scope.prepared.once(phases, scope.reference)["phase"].to_numpy()[a]
    counts = np.bincount(cell * len(PHASES) + phase, minlength=size * len(PHASES))
    return dict(zip(PHASES, counts.reshape(size, len(PHASES)).T, strict=True))


def _acting(prepared: Prepared, cell: Numbers, a: Numbers, size: int) -> Numbers:
    """Organisations that act in each cell, shape (size,)."""
    pairs = pl.DataFrame({"cell": cell, "a": pl.Series(a, dtype=pl.UInt32)})
    acting = pairs.join(prepared.actors, on="a")
    found, _org = distinct(acting["cell"], acting["org"], prepared.organisations.height + 1)
    return np.bincount(found, minlength=size)


def _known_dollars(cells: pl.Series, minor: pl.Series, size: int) -> Numbers:
    """Dollars of each cell; not a number where no amount in dollars is known."""
    stated = np.bincount(cells.filter(minor.is_not_null()), minlength=size) > 0
    return np.where(stated, _dollars(cells, minor, size), np.nan)


def _dollars(cells: pl.Series, minor: pl.Series, size: int) -> Numbers:
    """Dollars of each cell: whole cents below 2**53 add up exactly, and are divided once."""
    return np.bincount(cells, minor.fill_null(0), minlength=size) / 100
