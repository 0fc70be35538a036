"""Cells → values: one door to the readers of numbers, amounts, dates, periods and lists.

Each answers with a small frozen object: the value, ``None`` when unknown, and the findings
(`atlas.ingest.reading.Finding` without locator: whoever knows the row adds it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from atlas.ingest.parsing.amounts import (
    Amount,
    FoundAmount,
    Number,
    clean,
    find_amounts,
    is_absent,
    parse_amount,
    parse_amounts,
    parse_number,
)
from atlas.ingest.parsing.dates import ParsedDate, Period, parse_date, parse_period
from atlas.ingest.reading import Finding

__all__ = [
    "Amount",
    "FoundAmount",
    "Number",
    "ParsedDate",
    "Period",
    "clean",
    "find_amounts",
    "is_absent",
    "is_share",
    "located",
    "parse_amount",
    "parse_amounts",
    "parse_date",
    "parse_list",
    "parse_number",
    "parse_percent",
    "parse_period",
    "yes_or_no",
]

_ITEMS = re.compile(r"(?:[;\n\r•▪●]|(?<!\d),|,(?!\d))(?![^(]*\))")
_BULLET = re.compile(r"^[-–*]\s+")


def parse_list(raw: object) -> tuple[str, ...]:
    """Items of a cell, each once, in their order: parted by ``;``, ``,``, lines or bullets.

    Separators inside brackets belong to the item; a cell that says nothing has no item.

    Examples
    --------
    >>> parse_list("Mopti, Gao ; Kidal (Tessalit, Abeïbara)")
    ('Mopti', 'Gao', 'Kidal (Tessalit, Abeïbara)')
    """
    parts = _ITEMS.split(str(raw) if raw is not None else "")
    items = (_BULLET.sub("", clean(part)) for part in parts)
    return tuple(dict.fromkeys(item for item in items if item and not is_absent(item)))


_PERCENT = re.compile(r"(?:[^\d%]*[^\d%.,-])?(\d{1,3}(?:[.,]\d+)?)\s?%[^\d%]*")


def parse_percent(raw: object, field: str = "") -> Number:
    """Percentage of a cell, 0 to 100 and a little over; a share up to 1 is a hundredth.

    A cell that spreadsheets show as "75 %" holds 0.75. Cells without a figure say nothing.

    Examples
    --------
    >>> parse_percent("75% réalisé").value, parse_percent(0.75).value, parse_percent("82,5").value
    (75.0, 75.0, 82.5)
    """
    found = _PERCENT.fullmatch(clean(raw)) if isinstance(raw, str) else None
    if found:
        return Number(float(found[1].replace(",", ".")))
    if isinstance(raw, str) and not re.search(r"\d", raw):
        return Number(None)
    read = parse_number(raw, field)
    if read.value is None or not 0 <= read.value <= 200:
        params = {"field": field, "raw": clean(raw)}
        return Number(None, read.findings or (Finding("value_unreadable", params=params),))
    return read._replace(value=100 * read.value if read.value <= 1 else read.value)


def is_share(raw: object) -> bool:
    """Whether a cell states a percentage, or a share between 0 and 1.

    Examples
    --------
    >>> is_share("75 %"), is_share("0,75"), is_share(0.5), is_share("2. En cours")
    (True, True, True, False)
    """
    if isinstance(raw, float):
        return 0 <= raw <= 1
    text = clean(raw)
    return _PERCENT.fullmatch(text) is not None or re.fullmatch(r"0[.,]\d+", text) is not None


_YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x", "✓", "✔", "☑", "√"})
_NO = frozenset({"non", "n", "no", "faux", "false", "0", "✗", "✘", "☐"})


def yes_or_no(raw: object) -> bool | None:
    """Whether a cell says yes or no; ``None`` when it is blank or says something else.

    Examples
    --------
    >>> yes_or_no("Oui"), yes_or_no("✓"), yes_or_no(0.0), yes_or_no("en partie")
    (True, True, False, None)
    """
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    word = clean(raw).casefold().rstrip(".")
    return True if word in _YES else False if word in _NO else None


def located(findings: Iterable[Finding], locator: str, field: str = "") -> tuple[Finding, ...]:
    """The same findings with the place they are about."""
    if findings == ():  # nearly every cell
        return ()
    return tuple(replace(f, locator=locator, field=field or f.field) for f in findings)
