"""Words for a stretch of time that are no dates: "6 mois", "T1", the year of a title."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from atlas.ingest.folding import fold
from atlas.ingest.parsing.dates import Period, parse_period
from atlas.ingest.parsing.months import last_day_of

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_LONG = re.compile(r"^(?:trim(?:estre)?|quarter)\.?\s*([1-4])\b", re.IGNORECASE)
_PART = re.compile(
    r"(?P<n>\d{1,4}|une?|one|deux|two|trois|three)\s*"
    r"(?P<unit>jours?|days?|j|semaines?|weeks?|mois|months?|ans?|annees?|years?)(?![a-z])"
)
_UNITS = re.compile(r"\b(?:jours|days|semaines|weeks|mois|months|ans|annees|years)\b")
_NUMBERS = {"un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3}
_MONTHS = {"m": 1, "a": 12, "y": 12}
_DAYS = {"j": 1, "d": 1, "s": 7, "w": 7}
_LONGEST = 600
"""Months beyond which no project lasts: fifty years."""


class Duration(NamedTuple):
    """A stretch of time as stated: months and days."""

    months: int
    days: int

    def last_day(self, start: date) -> date:
        """Last day of what begins on ``start``."""
        return last_day_of(start, self.months, self.days)


@lru_cache(maxsize=2048)
def duration_of(text: str, heading: str = "") -> Duration | None:
    """A duration as written; a bare number is in the unit that its heading names.

    Examples
    --------
    >>> duration_of("6 mois"), duration_of("1 an et 6 mois"), duration_of("18", "Durée (mois)")
    (Duration(months=6, days=0), Duration(months=18, days=0), Duration(months=18, days=0))
    >>> duration_of("18", "Durée") is duration_of("longue") is None
    True
    """
    words = fold(text)
    if re.fullmatch(r"\d{1,4}", words):
        units = re.findall(
            r"jours|days|semaines|weeks|mois|months|\bans\b|annees|years", fold(heading)
        )
        words = f"{words} {units[0]}" if len(units) == 1 else words
    parts = [*_PART.finditer(words)]
    if not parts or re.sub(r"\bet\b|\band\b|[\s,]", "", _PART.sub("", words)):
        return None
    months = days = 0
    for part in parts:
        count = _NUMBERS.get(part["n"]) or int(part["n"])
        unit = part["unit"]
        of_months = unit[0] in _MONTHS
        months += count * _MONTHS[unit[0]] if of_months else 0
        days += 0 if of_months else count * _DAYS[unit[0]]
    return Duration(months, days) if 0 < months + days / 30 <= _LONGEST else None


def part_of_year(heading: str) -> str | None:
    """A heading that is a quarter or a month, with its year or without; else ``None``.

    Examples
    --------
    >>> part_of_year("T1"), part_of_year("Trimestre 2 2024"), part_of_year("Gao")
    ('T1', 'Trimestre 2 2024', None)
    """
    words = " ".join(heading.split())
    return words if period_of(words, "2000").start else None


@lru_cache(maxsize=1024)
def period_of(words: str, year: str) -> Period:
    """Period of a quarter or a month, of the year it names itself, else of ``year``.

    Examples
    --------
    >>> period_of("Trimestre 2", "2024").start, period_of("12", "2024").start
    (datetime.date(2024, 4, 1), None)
    """
    words = _LONG.sub(r"T\1", words)
    if not re.search(r"[^\W\d]", words):
        return Period(None, None)
    period = parse_period(words if _YEAR.search(words) else f"{words} {year}")
    shorter = period.start and period.end and (period.end - period.start).days < 100
    return period if shorter and not period.findings else Period(None, None)


def year_named(*texts: str) -> str:
    """The one year of the first text that names any; "" when it names several, or none does.

    Examples
    --------
    >>> year_named("Plan de travail", "pta_2024.xlsx"), year_named("2023-2024", "pta_2024.xlsx")
    ('2024', '')
    """
    for text in texts:
        years = set(_YEAR.findall(text))
        if years:
            return years.pop() if len(years) == 1 else ""
    return ""
