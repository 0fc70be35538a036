"""Cells that name several organisations, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from atlas.vocab.match import match_organisation, vocabulary
from atlas.vocab.tables import by_id
from atlas.vocab.text import normalise

_PARTS = 6
"""A known name holds fewer separators than this."""
_HARD = re.compile(r"\s*[;\n\r•]+\s*(?![^(]*\))")
_SLASH = re.compile(r"\s*/\s*(?![^(]*\))")
_COMMA = re.compile(r"\s*,\s*(?![^(]*\))(?!(?:de|du|des|et|le|la|les)\b|d['’]|l['’])")
_BLANK = re.compile(r"\s+")
_WEAK = re.compile(r"\s+(?:-|–|—|et|and|&|\+)\s+(?![^(]*\))")


@lru_cache(maxsize=65536)
def _split(cell: str) -> tuple[str, ...]:
    found = _cut(cell, _HARD, _always)
    for separator, may_cut in _SEPARATORS:
        found = [name for piece in found for name in _cut(piece, separator, may_cut)]
    return tuple(dict.fromkeys(name.strip(" \t.-–") or name for name in found))


def split_organisations(cell: str | None) -> list[str]:
    """Names in a cell, as spelt, each once, in their order.

    Line breaks, ``;`` and ``,`` always part names. ``/`` does when at least one side is a
    known organisation, ``-``, ``et`` and ``&`` when all sides are, a blank when it stands
    between known acronyms (a line break that a conversion swallowed): so a name that contains
    them is not cut, and a known name is never cut at all.

    Examples
    --------
    >>> split_organisations("PNUD/ADR")
    ['PNUD', 'ADR']
    >>> split_organisations("AMCP-SP/ ALIMA, AMPRODE/Sahel")
    ['AMCP-SP/ ALIMA', 'AMPRODE/Sahel']
    """
    return list(_split(cell or ""))


def organisation_type(organisation: str) -> str | None:
    """Type (``org_types.csv``) of an organisation id; ``None`` when not known."""
    row = by_id("organisations").get(organisation)
    return (row["type"] or None) if row else None


def _cut(cell: str, separator: re.Pattern[str], may_cut: Callable[[list[str]], bool]) -> list[str]:
    """Parts of a cell at a separator, joined again where together they are a known name."""
    cell = cell.strip()
    if not cell:
        return []
    spans = [m.span() for m in separator.finditer(cell)]
    if not spans or _known(cell):
        return [cell]
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(cell)]
    names: list[str] = []
    first = 0
    while first < len(starts):
        joined = reversed(range(first, min(first + _PARTS, len(ends))))
        last = next((n for n in joined if _known(cell[starts[first] : ends[n]])), first)
        names.append(cell[starts[first] : ends[last]])
        first = last + 1
    names = [name for name in names if name]
    return names if may_cut(names) else [cell]


def _known(name: str) -> bool:
    return normalise(name) in _spellings()


@lru_cache(maxsize=1)
def _spellings() -> frozenset[str]:
    return frozenset(vocabulary("organisations").spellings)


def _always(_names: list[str]) -> bool:
    return True


def _one_known(names: list[str]) -> bool:
    return any(_known(name) for name in names)


def _all_known(names: list[str]) -> bool:
    return all(match_organisation(name).id for name in names)


def _all_acronyms(names: list[str]) -> bool:
    return all(name.isupper() and _known(name) for name in names)


_SEPARATORS = (
    (_COMMA, _always),
    (_SLASH, _one_known),
    (_WEAK, _all_known),
    (_BLANK, _all_acronyms),
)
"""What parts names, strongest first, and when it may."""
