"""How much the shared texts of a workbook weigh once every cell has its own.

An XLSX keeps each text once and cells point to it; calamine gives every cell a copy. A text of
30 MB that 50 000 cells point to is 1.5 TB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from operator import sub

MOST = 64 * 2**20
"""Most bytes of long texts with their copies: about what a CSV may weigh. On their way to tables
they take ten times that."""
_ORDINARY = 250
"""Bytes of a text that weigh nothing: cells are counted, and long texts are weighed."""
MOST_TEXTS = 4_000_000
"""Most texts, long or short: a list of 200 000 rows with twenty of its own in each."""

_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
_POINTER = re.compile(rb"\bt\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d+)")


class SharedTexts:
    """The texts and the cells that may point to one, as far as the pieces were seen."""

    def __init__(self) -> None:
        self.longest = 0
        self.texts = 0
        self.cells = 0
        self._part = ""

    def add(self, piece: bytes, part: str, *, is_sheet: bool) -> None:
        """Look at a piece of a sheet, or of another part; a text may begin in the one before."""
        if is_sheet:
            self.cells += piece.count(b"/v>")
            self.cells += piece.count(b":v>") if b":" in piece else 0  # one byte is found fast
            return
        starts = _starts(piece)
        self.texts += len(starts)
        if self._part == part:
            self.longest = max(self.longest, starts[0] if starts else len(piece))
        if starts:
            self._part = part
            self.longest = max(self.longest, *map(sub, [*starts[1:], len(piece)], starts))

    def may_weigh_too_much(self) -> bool:
        """Whether the longest text in every cell would; few honest workbooks come near."""
        return self.cells * self.longest > MOST


def weight(texts: Iterable[bytes], sheets: Iterable[bytes]) -> int:
    """Bytes of long texts, each as often as cells point to it.

    Examples
    --------
    >>> weight([b"<si><t>" + b"x" * 993 + b"<si><t>Gao"], [b'<c r="A1" t="s"><v>0</v></c>'])
    750
    """
    lengths = [max(one - _ORDINARY, 0) for piece in texts for one in _lengths(piece)]
    known = len(lengths)
    return sum(
        lengths[index]
        for piece in sheets
        for index in map(int, _POINTER.findall(piece))
        if index < known
    )


def _starts(piece: bytes) -> list[int]:
    return [found.start() for found in _TEXT.finditer(piece)]


def _lengths(piece: bytes) -> list[int]:
    """Bytes from each text to the next, at most what the text itself takes."""
    starts = _starts(piece)
    return [after - start for start, after in pairwise([*starts, len(piece)])]
