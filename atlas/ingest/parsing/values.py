"""Cells → values: lists, percentages, yes or no, codes of sectors; and the other parsers of cells.

Each answers with a small frozen object: the value, ``None`` when unknown, and the findings
(`atlas.ingest.reading.Finding` without locator: whoever knows the row adds it). Codes of
sectors are the purpose codes of the OECD's Development Assistance Committee (DAC), and the
global clusters by their number in OCHA's financial tracking.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from atlas.ingest.parsing.amounts import (
    FoundAmount,
    ParsedAmount,
    ParsedNumber,
    clean_text,
    find_amounts,
    is_absent,
    parse_amount,
    parse_amounts,
    parse_number,
)
from atlas.ingest.parsing.dates import ParsedDate, ParsedPeriod, parse_date, parse_period
from atlas.ingest.reading import Finding

__all__ = [
    "FoundAmount",
    "ParsedAmount",
    "ParsedDate",
    "ParsedNumber",
    "ParsedPeriod",
    "clean_text",
    "find_amounts",
    "is_absent",
    "is_share",
    "parse_amount",
    "parse_amounts",
    "parse_date",
    "parse_list",
    "parse_number",
    "parse_percent",
    "parse_period",
    "with_locator",
    "yes_or_no",
]


_CODE = re.compile(r"(\d{3}|\d{5})\b")
_CLUSTERS = (
    *("CCCM", "Early Recovery", "Education", "Emergency Shelter and NFI"),
    *("Emergency Telecommunications", "Food Security", "Health", "Logistics", "Nutrition"),
    *("Protection", "Water, Sanitation and Hygiene"),
)


def _listed_prefixes() -> dict[str, str]:
    """Prefix of a code → sector; the longest prefix counts. Our reading of the DAC's list."""
    with Path(__file__).with_name("dac.csv").open(encoding="utf-8") as file:
        return {row["prefix"]: row["sector"] for row in csv.DictReader(file)}


_SECTOR_PREFIXES = _listed_prefixes()


def sector_of_code(text: str) -> str | None:
    """Sector of a text that begins with a DAC code of three or five digits.

    Examples
    --------
    >>> sector_of_code("12240 Nutrition de base"), sector_of_code("110"), sector_of_code("12 puits")
    ('nutrition', 'education', None)
    """
    found = _CODE.match(text.strip())
    if not found:
        return None
    code = found[1]
    known = (_SECTOR_PREFIXES.get(code[:length]) for length in range(len(code), 1, -1))
    return next((sector for sector in known if sector), None)


def cluster_name(code: str) -> str:
    """Name of a global cluster by its number; "" for one that is not known.

    Examples
    --------
    >>> cluster_name("11"), cluster_name("99")
    ('Water, Sanitation and Hygiene', '')
    """
    number = int(code) if code.isdecimal() else 0
    return _CLUSTERS[number - 1] if 0 < number <= len(_CLUSTERS) else ""


def cluster_names() -> tuple[str, ...]:
    """Names of the global clusters, in the order of their numbers, from 1 on."""
    return _CLUSTERS


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
    items = (_BULLET.sub("", clean_text(part)) for part in parts)
    return tuple(dict.fromkeys(item for item in items if item and not is_absent(item)))


_PERCENT = re.compile(r"(?:[^\d%]*[^\d%.,-])?(\d{1,3}(?:[.,]\d+)?)\s?%[^\d%]*")


def parse_percent(raw: object, field: str = "") -> ParsedNumber:
    """Percentage of a cell, 0 to 100 and a little over; a share up to 1 is a hundredth.

    A cell that spreadsheets show as "75 %" holds 0.75. Cells without a figure say nothing.

    Examples
    --------
    >>> parse_percent("75% réalisé").value, parse_percent(0.75).value, parse_percent("82,5").value
    (75.0, 75.0, 82.5)
    """
    found = _PERCENT.fullmatch(clean_text(raw)) if isinstance(raw, str) else None
    if found:
        return ParsedNumber(float(found[1].replace(",", ".")))
    if isinstance(raw, str) and not re.search(r"\d", raw):
        return ParsedNumber(None)
    read = parse_number(raw, field)
    if read.value is None or not 0 <= read.value <= 200:
        params = {"field": field, "raw": clean_text(raw)}
        return ParsedNumber(None, read.findings or (Finding("value_unreadable", params=params),))
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
    text = clean_text(raw)
    if "%" in text:
        return _PERCENT.fullmatch(text) is not None
    return text.startswith("0") and re.fullmatch(r"0[.,]\d+", text) is not None


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
    word = clean_text(raw).casefold().rstrip(".")
    return True if word in _YES else False if word in _NO else None


def with_locator(findings: Iterable[Finding], locator: str, field: str = "") -> tuple[Finding, ...]:
    """The same findings with the place they are about."""
    if not findings:  # nearly every cell
        return ()
    return tuple(replace(f, locator=locator, field=field or f.field) for f in findings)
