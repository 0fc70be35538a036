"""The amounts of one place in an export of the atlas: one line of text, written and read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from atlas.ingest.money import major, minor

BETWEEN = " | "
_DAY = r"\d{4}-\d\d-\d\d"
_AMOUNT = re.compile(
    rf"(budget|committed|spent) (-?\d+(?:\.\d+)?) ([A-Z]{{3}})(?: ({_DAY})?/({_DAY})?)?"
    rf"(?: = (-?\d+(?:\.\d+)?) USD)?(?: @ (\S+))?(?: on ({_DAY}))?(?: by (.+))?"
)


class Share(NamedTuple):
    """What of an amount is for one place; ``minor`` and ``usd_minor`` in minor units.

    ``settled``: where its dollars are unknown, no rate was found; else nobody looked for one.
    """

    kind: str
    minor: int
    currency: str
    period_start: date | None = None
    period_end: date | None = None
    usd_minor: int | None = None
    rate: float | None = None
    rate_date: date | None = None
    rate_source: str | None = None
    settled: bool = True

    @property
    def amount(self) -> tuple[object, ...]:
        """What the shares of one amount have in common."""
        has_dollars = self.usd_minor is not None
        return (*self[:1], *self[2:5], has_dollars, *self[6:])


def shares_as_text(shares: Iterable[Share]) -> str:
    """Shares as `shares_of_text` reads them.

    Examples
    --------
    >>> shares_as_text([Share("budget", 655957, "XOF", usd_minor=108123, rate=606.68)])
    'budget 655957 XOF = 1081.23 USD @ 606.68'
    """
    return BETWEEN.join(map(_as_text, shares))


def _as_text(one: Share) -> str:
    parts = [f"{one.kind} {major(one.minor, one.currency):f} {one.currency}"]
    if one.period_start or one.period_end:
        parts.append(f"{one.period_start or ''}/{one.period_end or ''}")
    if one.usd_minor is not None:
        parts.append(f"= {major(one.usd_minor, 'USD'):f} USD")
    if one.rate is not None:
        parts.append(f"@ {one.rate!r}")
    if one.rate_date:
        parts.append(f"on {one.rate_date}")
    if one.rate_source:
        parts.append("by " + " ".join(one.rate_source.replace("|", "/").split()))
    return " ".join(parts)


def shares_of_text(text: str) -> tuple[Share, ...] | None:
    """Shares that an export wrote; ``None`` where one of them cannot be read.

    Examples
    --------
    >>> shares_of_text("budget 12.50 EUR 2024-01-01/") == (
    ...     Share("budget", 1250, "EUR", date(2024, 1, 1)),
    ... )
    True
    >>> shares_of_text("12 francs") is None
    True
    """
    found = tuple(_shares(text))
    return None if None in found else tuple(one for one in found if one)


def _shares(text: str) -> Iterator[Share | None]:
    for part in text.split(BETWEEN.strip()) if text.strip() else ():
        found = _AMOUNT.fullmatch(part.strip())
        yield _share(*found.groups()) if found else None


def _share(
    kind: str,
    value: str,
    currency: str,
    start: str | None,
    end: str | None,
    usd: str | None,
    rate: str | None,
    rate_date: str | None,
    rate_source: str | None,
) -> Share | None:
    try:
        return Share(
            kind,
            minor(Decimal(value), currency),
            currency,
            _day(start),
            _day(end),
            minor(Decimal(usd), "USD") if usd else None,
            float(rate) if rate else None,
            _day(rate_date),
            rate_source,
        )
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
