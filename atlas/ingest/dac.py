"""Sectors by the purpose codes of the OECD's Development Assistance Committee (DAC).

And the global clusters by their number in OCHA's financial tracking, the tenth vocabulary of
sectors of IATI.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

_CODE = re.compile(r"(\d{3}|\d{5})\b")
_CLUSTERS = (
    *("CCCM", "Early Recovery", "Education", "Emergency Shelter and NFI"),
    *("Emergency Telecommunications", "Food Security", "Health", "Logistics", "Nutrition"),
    *("Protection", "Water, Sanitation and Hygiene"),
)


@cache
def _prefixes() -> dict[str, str]:
    """Prefix of a code → sector; the longest prefix counts. Our reading of the DAC's list."""
    with Path(__file__).with_name("dac.csv").open(encoding="utf-8") as file:
        return {row["prefix"]: row["sector"] for row in csv.DictReader(file)}


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
    known = (_prefixes().get(code[:length]) for length in range(len(code), 1, -1))
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
