"""Shares of a whole that add up to it: largest remainder, exact to the minor unit.

Every figure below a document's own total is one of these shares; a coarser figure is a sum
of them. So money is conserved by construction, never by rounding luck.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from atlas.errors import InvariantError
from atlas.model import UNPLACED

MAX_WEIGHTS = 3_000_000_000
"""Largest Σ weights of one activity: the square of it still fits in 64 bits."""

_NO_CENTS = frozenset({"XOF", "XAF", "JPY", "KRW", "GNF", "ISK"})


def minor_unit_digits(currency: str) -> int:
    """Digits of the minor unit: 2 for cents, 0 where there are none (ISO 4217)."""
    return 0 if currency in _NO_CENTS else 2


def split_by_weights(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights, largest remainder first, ties by position.

    Parameters
    ----------
    total
        What to share out, in minor units; may be negative, of any size.
    weights
        Non-negative integers, at least one of them positive.

    Returns
    -------
    list of int
        As many shares as weights; their sum is ``total``. A weight of zero gets nothing.

    Raises
    ------
    ValueError
        No weight, a negative one, or nothing but zeros.

    Examples
    --------
    >>> split_by_weights(100, [1, 1, 1])
    [34, 33, 33]
    >>> split_by_weights(-5, [1, 3])
    [-1, -4]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        msg = f"weights must be non-negative integers with a positive sum, not {list(weights)}"
        raise ValueError(msg)
    sign, amount = (-1, -total) if total < 0 else (1, total)
    floors = [divmod(amount * weight, whole) for weight in weights]
    left = amount - sum(share for share, _ in floors)
    favoured = sorted(range(len(weights)), key=lambda i: (-floors[i][1], i))[:left]
    shares = [share for share, _ in floors]
    for i in favoured:
        shares[i] += 1
    return [sign * share for share in shares]


def split_amounts(amounts: pl.DataFrame, placements: pl.DataFrame) -> pl.DataFrame:
    """Share every amount out among the placements of its activity.

    Parameters
    ----------
    amounts
        Rows of the table ``amounts``; needs ``activity_id``, ``minor``, ``usd_minor``. One that
        has a ``unit_id`` goes to that place of its activity alone.
    placements
        Rows of the table ``placements``; needs ``activity_id``, ``unit_id``, ``weight``.

    Returns
    -------
    polars.DataFrame
        One row per amount × placement, in the order of both: the columns of ``amounts``
        with ``minor`` and ``usd_minor`` replaced by the shares (an unknown ``usd_minor``
        stays null), the other columns of ``placements``, and ``amount``, the number of the
        row in ``amounts``. Σ shares of an amount is the amount, as in `split_by_weights`. An amount
        whose activity has no placement keeps all of it under ``_unplaced``.

    Raises
    ------
    InvariantError
        A weight is not positive, or the weights of one activity exceed `MAX_WEIGHTS`.
    """
    placed = placements.with_row_index("_order").with_columns(
        pl.col("weight").sum().over("activity_id").alias("_whole")
    )
    _check_weights(placed)
    own = amounts.with_row_index("amount")
    if "unit_id" in own.columns:
        own = own.rename({"unit_id": "_of"})
    joined = own.join(placed, on="activity_id", how="left")
    if "_of" in own.columns:
        joined = _at_their_place(joined) if own["_of"].null_count() < own.height else joined
        joined = joined.drop("_of")
    joined = joined.sort("amount", "_order").with_columns(
        pl.col("unit_id").fill_null(UNPLACED),
        pl.col("weight").fill_null(1),
        pl.col("_whole").fill_null(1),
    )
    shares = [share_expression(column).alias(column) for column in ("minor", "usd_minor")]
    return joined.with_columns(shares).drop("_order", "_whole")


def _at_their_place(joined: pl.DataFrame) -> pl.DataFrame:
    """Amounts × places, those of an amount that is for one place reduced to it."""
    here = pl.col("unit_id").eq_missing(pl.col("_of"))
    kept = pl.col("_of").is_null() | here | ~here.any().over("amount")
    return joined.filter(kept).with_columns(whole_weights())


def whole_weights() -> pl.Expr:
    """Σ weights of each ``amount``, as `share_expression` wants it."""
    return pl.col("weight").sum().over("amount").alias("_whole")


def _check_weights(placed: pl.DataFrame) -> None:
    if placed.filter(pl.col("weight").is_null() | (pl.col("weight") <= 0)).height:
        raise InvariantError("placements.weight", "weights are positive integers")
    if placed.filter(pl.col("_whole") > MAX_WEIGHTS).height:
        raise InvariantError("placements.weight", f"Σ weights of an activity exceeds {MAX_WEIGHTS}")


def share_expression(column: str) -> pl.Expr:
    """Share of ``column`` by largest remainder within each ``amount``, ties by row.

    The whole stands on every row of the amount, beside ``weight`` and ``_whole``
    (`whole_weights`); an unknown whole has unknown shares.

    ``amount * weight`` may overflow 64 bits, so the division is done in two steps:
    amount = q·W + r gives floor(amount·w / W) = q·w + floor(r·w / W), both of them small.
    """
    size, weight, whole = pl.col(column).abs(), pl.col("weight"), pl.col("_whole")
    rest = (size % whole) * weight
    floor = (size // whole) * weight + rest // whole
    left = size - floor.sum().over("amount")
    rank = (rest % whole).rank("ordinal", descending=True).over("amount")
    return pl.col(column).sign() * (floor + (rank.cast(pl.Int64) <= left).cast(pl.Int64))
