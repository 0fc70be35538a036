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
_SHORTEST = len(b'<c t="s"><v>0</v></c>')
"""Bytes of a cell that points to a text, at least."""
_MARKS = (b"inlineStr", b'str"', b"str'")
_BEYOND_LATIN, _ASTRAL = re.compile(rb"[\xc4-\xff]"), re.compile(rb"[\xf0-\xff]")
"""First bytes of letters beyond Latin-1, and of those beyond the first 65 536."""
_USUAL_POINTER = re.compile(rb't="s"><v>(\d+)')
"""As common programs write it, and found five times as fast."""
_POINTER = re.compile(rb"\bt\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d+)")


class Texts:
    """The texts that cells hold or may point to, as far as the pieces were seen."""

    def __init__(self) -> None:
        self.longest = 0
        self.texts = 0
        self.own = 0
        self.cells = 0
        self._part = ""
        self._marked = False

    def add(self, piece: bytes, part: str, *, is_sheet: bool) -> None:
        """Look at a piece of a sheet, or of another part; a text may begin in the one before."""
        if is_sheet:
            self.cells += len(piece) // _SHORTEST
            self._marked = self._marked or any(mark in piece for mark in _MARKS)
            if self._marked:  # in this piece, or before it: a mark may stand at the end of one
                self.own += sum(map(_weight, _OWN.findall(b">" + piece)))
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
        """Whether they would if every cell that there may be pointed to the longest text."""
        return self.own + self.cells * max(self.longest - _ORDINARY, 0) > MOST


def weight(texts: Iterable[bytes], sheets: Iterable[bytes]) -> int:
    """Bytes of long texts, each as often as cells point to it.

    Examples
    --------
    >>> weight([b"<si><t>" + b"x" * 993 + b"<si><t>Gao"], [b'<c r="A1" t="s"><v>0</v></c>'])
    750
    """
    weights = [_weight(text) for piece in texts for text in _texts(piece)]
    heavy = {index: one for index, one in enumerate(weights) if one}
    if not heavy:
        return 0
    pointed = (index for piece in sheets for index in map(int, _pointers(piece)))
    return sum(heavy.get(index, 0) for index in pointed)


def _pointers(piece: bytes) -> list[bytes]:
    """Numbers of the texts that the cells of a piece point to."""
    usual = _USUAL_POINTER.findall(piece)
    any_at_all = piece.count(b'"s"') + piece.count(b"'s'")
    return usual if len(usual) == any_at_all else _POINTER.findall(piece)


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
