"""Class limits of a choropleth, computed on the server and written in the legend."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

MOST_CLASSES = 5


@dataclass(frozen=True)
class Classes:
    """Classes of positive values.

    Attributes
    ----------
    lower
        Lowest value of each class, ascending.
    upper
        Highest value of each class.
    method
        ``"values"`` (every value its own class) or ``"quantiles"`` (as many units in each
        class as ties allow, limits rounded).
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    method: str

    def of(self, value: float) -> int:
        """Index of the class a value falls in."""
        return max(bisect_right(self.lower, value) - 1, 0)

    def __len__(self) -> int:
        return len(self.lower)


def classify(
    values: Sequence[float | None], most: int = MOST_CLASSES, *, zero: bool = False
) -> Classes:
    """Classes of the positive values; unknown and zero have signs of their own.

    Quantiles, because counts and budgets are skewed: equal steps would put all units but
    one in the first class. Limits are rounded down to two significant digits when that
    keeps the classes apart, so that a legend can be read aloud.

    Parameters
    ----------
    values
        One per unit; ``None`` is unknown.
    most
        Classes at most.
    zero
        Whether 0 is a value as any other (a severity that somebody stated).

    Examples
    --------
    >>> classify([1, 1, 2, 5, None, 0]).lower
    (1, 2, 5)
    >>> classify([3, 4, 8, 15, 16, 23, 42, 1234], most=4)
    Classes(lower=(3, 8, 16, 42), upper=(4, 15, 23, 1234), method='quantiles')
    """
    known = sorted(v for v in values if v is not None and (v > 0 or (zero and v == 0)))
    distinct = sorted(set(known))
    if len(distinct) <= most:
        return Classes(tuple(distinct), tuple(distinct), "values")
    cuts = [known[len(known) * i // most] for i in range(1, most)]
    rounded = [_two_digits(cut) for cut in cuts]
    lower = _apart([known[0], *rounded]) or _apart([known[0], *cuts])
    upper = []
    for i, low in enumerate(lower):
        inside = [v for v in known if v >= low and (i + 1 == len(lower) or v < lower[i + 1])]
        upper.append(inside[-1] if inside else low)
    return Classes(tuple(lower), tuple(upper), "quantiles")


def _two_digits(value: float) -> float:
    if value < 100:
        return value
    size = 10 ** (floor(log10(value)) - 1)
    return float(floor(value / size) * size)


def _apart(limits: list[float]) -> list[float]:
    return sorted(set(limits))
