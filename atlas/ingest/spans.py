"""When the work of a row begins and ends, where its dates do not say: crosses, a duration.

Work plans tick the quarters or months of a year; lists give a start and "6 mois". Both are
used, and said; crosses without a year, and a duration without a start, date nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import is_absent
from atlas.ingest.parsing.dates import parse_period
from atlas.ingest.parsing.durations import Duration, duration_of, period_of
from atlas.ingest.parsing.months import FRENCH
from atlas.ingest.parsing.values import located
from atlas.ingest.reading import Finding
from atlas.ingest.tables.rows import Row

_BARE = frozenset("1234")
"""Quarters as they stand in a column "Trimestre"."""
_MONTH_HEADINGS = frozenset({"mois", "month"})
_APART = timedelta(days=45)
"""How far an end may lie from start and duration before the two are said to disagree."""


def ticked(row: Row, year: str) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day of the quarters or months that a row ticks.

    Parameters
    ----------
    year
        That of the document, for a row that names none.
    """
    cells = zip(row.headed("quarter"), row.texts("quarter"), strict=True)
    marks = [_mark(heading, value, text) for (heading, value), text in cells]
    if not marks:
        return None, None, ()
    raw = ", ".join(marks)
    periods = [period_of(mark, row.text("year") or year) for mark in marks]
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods if period.end]
    if len(starts) < len(marks) or len(ends) < len(marks):
        return None, None, (Finding("quarters_without_year", row.locator, "quarter", {"raw": raw}),)
    start, end = min(starts), max(ends)
    params: dict[str, object] = {
        "raw": raw,
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    return start, end, (Finding("period_from_quarters", row.locator, "quarter", params),)


def _mark(heading: str, value: object, text: str) -> str:
    """A quarter or month as it is written out: "T2", "mars", "mars 2024"."""
    if isinstance(value, date):
        return f"{FRENCH[value.month - 1]} {value.year}"
    if fold(heading) in _MONTH_HEADINGS:
        return FRENCH[int(text) - 1] if text.isdigit() and 1 <= int(text) <= 12 else text
    return f"T{text}" if text in _BARE else text


def year_of_row(row: Row) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day of the year that a row names, where it names no month beside it."""
    written = row.text("year")
    if not written or is_absent(written) or row.text("month"):
        return None, None, ()
    read = parse_period(row.value("year"), "year")
    if read.start is None or read.end is None:
        return None, None, located(read.findings, row.locator, "year")
    said = Finding("period_from_year", row.locator, "year", {"year": written})
    return read.start, read.end, (said,)


def lasting(
    row: Row, start: date | None, end: date | None
) -> tuple[date | None, tuple[Finding, ...]]:
    """End of a row that states a start and a duration, or both ends that disagree with it."""
    lasts = _stated(row)
    if start is None or lasts is None:
        return end, ()
    last = lasts.last_day(start)
    params: dict[str, object] = {
        "raw": row.text("duration"),
        "start": start.isoformat(),
        "end": (end or last).isoformat(),
    }
    if end is None:
        return last, (Finding("end_from_duration", row.locator, "duration", params),)
    if end >= start and abs(end - last) > _APART:
        return end, (Finding("duration_disagrees", row.locator, "duration", params),)
    return end, ()


def duration_kept(row: Row, start: date | None) -> str:
    """Words of a duration that dates nothing, for the remarks; "" when it was used or is none."""
    text = row.text("duration")
    column = row.column("duration")
    if not text or column is None or is_absent(text) or (start and _stated(row)):
        return ""
    return f"{column.heading} : {text}"


def _stated(row: Row) -> Duration | None:
    column = row.column("duration")
    return duration_of(row.text("duration"), column.heading) if column else None
