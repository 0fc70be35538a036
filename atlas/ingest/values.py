"""Cells → values: one door to the readers of numbers, amounts, dates, periods and lists.

Each answers with a small frozen object: the value, ``None`` when unknown, and the findings
(`atlas.ingest.reading.Finding` without locator: whoever knows the row adds it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from atlas.ingest.amounts import (
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
from atlas.ingest.dates import ParsedDate, Period, parse_date, parse_period
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
    "located",
    "parse_amount",
    "parse_amounts",
    "parse_date",
    "parse_list",
    "parse_number",
    "parse_period",
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


def located(findings: Iterable[Finding], locator: str, field: str = "") -> tuple[Finding, ...]:
    """The same findings with the place they are about."""
    return tuple(replace(f, locator=locator, field=field or f.field) for f in findings)
