"""How much the texts of a workbook weigh once every cell has its own.

An XLSX keeps each text once and cells point to it; calamine gives every cell a copy. A text of
30 MB that 50 000 cells point to is 1.5 TB. A cell may also hold its text itself; and Python
keeps every letter of a text in as many bytes as the widest needs, four for one emoji.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import sub

MOST = 64 * 2**20
"""Most bytes of long texts with their copies: about what a CSV may weigh. On their way to tables
they take ten times that."""
_ORDINARY = 250
"""Bytes of a text in memory that weigh nothing: cells are counted, and long texts are weighed."""
MOST_TEXTS = 4_000_000
"""Most texts, long or short: a list of 200 000 rows with twenty of its own in each."""

_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
_OWN = re.compile(rb">([^<]{63,})<")
"""A text that a cell holds itself and that may weigh; where there are any, a mark stands."""
_MARKS = (b"inlineStr", b'str"', b"str'")
_WIDEST = 4
"""Bytes of a letter in memory, at most."""
_BEYOND_LATIN, _ASTRAL = re.compile(rb"[\xc4-\xff]"), re.compile(rb"[\xf0-\xff]")
"""First bytes of letters beyond Latin-1, and of those beyond the first 65 536."""
_POINTER = re.compile(rb"\bt\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d+)")


class Texts:
    """The texts and the cells that may point to one, as far as the pieces were seen."""

    def __init__(self) -> None:
        self.longest = 0
        self.texts = 0
        self.cells = 0
        self.seen = 0
        self._part = ""

    def add(self, piece: bytes, part: str, *, is_sheet: bool) -> None:
        """Look at a piece of a sheet, or of another part; a text may begin in the one before."""
        if is_sheet:
            self.cells += piece.count(b"/v>")
            self.cells += piece.count(b":v>") if b":" in piece else 0  # one byte is found fast
            self.seen += len(piece)
            return
        starts, width = _starts(piece), _width(piece)
        self.texts += len(starts)
        if self._part == part:
            self.longest = max(self.longest, width * (starts[0] if starts else len(piece)))
        if starts:
            self._part = part
            longest = max(map(sub, [*starts[1:], len(piece)], starts))
            self.longest = max(self.longest, width * longest)

    def may_weigh_too_much(self) -> bool:
        """Whether the longest text in every cell would, or sheets of nothing but their own."""
        return max(self.cells * self.longest, _WIDEST * self.seen) > MOST


def weight(texts: Iterable[bytes], sheets: Iterable[bytes]) -> int:
    """Bytes of long texts, each as often as cells point to it, and of those cells hold themselves.

    Examples
    --------
    >>> weight([b"<si><t>" + b"x" * 993 + b"<si><t>Gao"], [b'<c r="A1" t="s"><v>0</v></c>'])
    750
    >>> weight([], [b'<c r="A1" t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c>"])
    750
    """
    weights = [_weight(text) for piece in texts for text in _texts(piece)]
    known = len(weights)
    total = 0
    for piece in sheets:
        pointed = map(int, _POINTER.findall(piece))
        total += sum(weights[index] for index in pointed if index < known)
        if any(mark in piece for mark in _MARKS):
            total += sum(map(_weight, _OWN.findall(piece)))
    return total


def _starts(piece: bytes) -> list[int]:
    return [found.start() for found in _TEXT.finditer(piece)]


def _texts(piece: bytes) -> Iterator[bytes]:
    """Each text with the tags up to the next."""
    starts = _starts(piece)
    return (piece[start:after] for start, after in pairwise([*starts, len(piece)]))


def _weight(text: bytes) -> int:
    return max(_width(text) * len(text) - _ORDINARY, 0)


def _width(text: bytes) -> int:
    """Bytes of each letter of a text in memory: that of its widest (its UTF-8 says which)."""
    if text.isascii():
        return 1
    return 4 if _ASTRAL.search(text) else 2 if _BEYOND_LATIN.search(text) else 1
