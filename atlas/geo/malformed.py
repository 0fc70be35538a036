"""Cells that are no place name whatever their letters: they are said, never matched."""

from __future__ import annotations

import re
from dataclasses import replace

from atlas.geo.codes import Found
from atlas.geo.evidence import Resolution, Row
from atlas.geo.frames import LEVELS

LONGEST = 200
"""Characters of the longest cell that may be a name; the longest name of a commune has 33."""
_SHOWN = 40
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, NUL first
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # writing direction, nothing seen
    "\u2600-\u27bf\ue000-\uf8ff\U0001f000-\U0010ffff]"  # pictures, private characters
    r"|^\s*[=@+]"  # formulas
)


def is_malformed(text: str) -> bool:
    """Whether a cell is too long, a formula, or has characters that no name has.

    Examples
    --------
    >>> is_malformed("=1+1"), is_malformed("Mop\\x00ti"), is_malformed("N'Gabacoro Droit")
    (True, True, False)
    """
    return len(text) > LONGEST or _FORBIDDEN.search(text) is not None


def without_malformed(row: Row) -> tuple[Row, list[Found], bool]:
    """A row without its malformed names.

    Returns
    -------
    tuple
        The row; a finding ``place_malformed`` for each name taken out; whether the finest
        name of the row was one of them, so that what is left can only say where it lies.
    """
    given = [name for name in (*LEVELS, "locality") if row.name(name)]
    bad = [name for name in given if is_malformed(row.name(name))]
    findings: list[Found] = [("place_malformed", {"raw": shown(row.name(name))}) for name in bad]
    return replace(row, **dict.fromkeys(bad, "")), findings, bool(bad) and bad[-1] == given[-1]


def shown(text: str) -> str:
    """A cell as it can be shown: short, and nothing in it that hides or turns the rest."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return _FORBIDDEN.sub("�", short)


def only_within(answer: Resolution, findings: list[Found], *, finest: bool) -> Resolution:
    """An answer with the findings of `without_malformed`."""
    said = (*findings, *answer.findings)
    if not finest or answer.unit_id is None:
        return replace(answer, findings=said)
    within = None if answer.unit_id.startswith("_") else answer.unit_id
    return Resolution(findings=said, within=within, candidates=answer.candidates)
