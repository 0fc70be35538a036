"""Units × sectors as one row of numbers, so that what falls in a cell is added up by its number.

The cells of a unit stand side by side: first all of it together, then one for each sector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from atlas.layers.prepare import Prepared
from atlas.vocab import vocabulary_table

Numbers = npt.NDArray[Any]

WIDTH = 1 + vocabulary_table("sectors").height
"""Cells of a unit."""


def sector_codes() -> dict[str, int]:
    """Place of each sector among the cells of a unit, from 1."""
    return {sector: n for n, sector in enumerate(vocabulary_table("sectors")["id"], 1)}


def cells_of(prepared: Prepared, rows: pl.DataFrame) -> pl.Series:
    """The cell of each row (``a, target``); of an activity without a sector, that of its unit."""
    codes = prepared.computed_once(_dictionary_codes)["code"]
    return (rows["target"] * WIDTH + codes.gather(rows["a"])).alias("cell")


def in_each_sector(prepared: Prepared, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (``a, target``, …) with their ``cell``, again for each sector that one names.

    ``again`` is true of the latter: what a row adds up to (money, people) is of its own cell, and
    all of a unit counts it once.
    """
    own = rows.with_columns(cells_of(prepared, rows), again=pl.lit(value=False))
    if prepared.named_sectors.is_empty():
        return own
    code = pl.col("sector").replace_strict(sector_codes(), return_dtype=pl.UInt32)
    named = rows.join(prepared.named_sectors, on="a").with_columns(
        cell=pl.col("target") * WIDTH + code, again=pl.lit(value=True)
    )
    return pl.concat([own, named.select(own.columns)])


def _dictionary_codes(prepared: Prepared) -> pl.DataFrame:
    sector = pl.col("sector").replace_strict(sector_codes(), default=0, return_dtype=pl.UInt32)
    return prepared.activities.select(sector.fill_null(0).alias("code"))


def cell_sums(
    cells: Numbers, units: int, of: Numbers | None = None, again: Numbers | None = None
) -> Numbers:
    """How many rows fall in each cell, or what they add up to; all of a unit in its first.

    Parameters
    ----------
    cells
        Cell of each row, shape (n,).
    units
        How many there are.
    of
        What each row adds (default: one), shape (n,).
    again
        Whether each row is one told in another cell of its unit too (`in_each_sector`), which
        all of the unit has already, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (units × `WIDTH`,): whole numbers, or floats where ``of`` is given.

    Examples
    --------
    >>> sums = cell_sums(np.array([1, 1, 2, WIDTH]), 2)
    >>> sums[:3].tolist(), sums[WIDTH:WIDTH + 2].tolist()
    ([3, 2, 1], [1, 0])
    """
    sums = np.bincount(cells, of, minlength=units * WIDTH).reshape(units, WIDTH)
    sums[:, 0] = sums.sum(axis=1)
    if again is not None and again.any():
        more = None if of is None else of[again]
        sums[:, 0] -= np.bincount(cells[again] // WIDTH, more, minlength=units).astype(sums.dtype)
    return sums.ravel()


def distinct_pairs(cells: pl.Series, others: pl.Series, many: int) -> tuple[Numbers, Numbers]:
    """Every pair of a cell and another number (below ``many``), once."""
    pairs = paired_number(cells, others, many).unique()
    return (pairs // many).to_numpy(), (pairs % many).to_numpy()


def paired_number(first: pl.Series, second: pl.Series, many: int) -> pl.Series:
    """One number for two (the second below ``many``): found once in a fifth of the time."""
    return first.cast(pl.Int64) * many + second
