"""Months: their names in French and English, and counting with them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from atlas.ingest.folding import fold

_SPELLINGS = (
    "janvier janv jan january",
    "février fevrier févr fevr fév fev february feb",
    "mars mar march",
    "avril avr april apr",
    "mai may",
    "juin june jun",
    "juillet juil july jul",
    "août aout aoû august aug",
    "septembre sept sep september",
    "octobre oct october",
    "novembre nov november",
    "décembre decembre déc dec december",
)
MONTHS = {name: n for n, names in enumerate(_SPELLINGS, start=1) for name in names.split()}
"""Number of each name, in full or short, with and without accents."""
FOLDED = {fold(name): number for name, number in MONTHS.items()}
"""The same for texts that were folded."""
FRENCH = tuple(names.split()[0] for names in _SPELLINGS)
"""The French names in full."""


def month_number(text: str) -> int | None:
    """Number of a month named in French or English, in full or short.

    Examples
    --------
    >>> month_number("Août"), month_number("June"), month_number("QIP")
    (8, 6, None)
    """
    return FOLDED.get(fold(text))


def month_end(year: int, month: int) -> date:
    """Last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def last_day_of(start: date, months: int, days: int = 0) -> date:
    """Last day of so many months and days that begin on ``start``.

    Examples
    --------
    >>> last_day_of(date(2017, 6, 14), 4), last_day_of(date(2017, 1, 1), 1, 10)
    (datetime.date(2017, 10, 13), datetime.date(2017, 2, 10))
    """
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    day = min(start.day, monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=days - 1)
