"""Characters that nobody sees: taken out of what is read, and said.

Copying from web pages, PDF and chat leaves zero-width spaces, soft hyphens and marks of writing
direction inside words, broken exports leave control characters. They make two spellings of one
name, and on a screen they hide, reorder or, in a terminal, command.
"""

from __future__ import annotations

import re
from dataclasses import replace

from atlas.ingest.reading import Content, Finding, Sheet

_GAPS = "\x0b\x0c\x1c-\x1f\x85\u2028\u2029"
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_UNSEEN = f"{_CONTROLS}\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_ANY = re.compile(f"[{_GAPS}{_UNSEEN}\ud800-\udfff]")
_GAP = re.compile(f"[{_GAPS}]")
_HALF = re.compile("[\ud800-\udfff]")


def has_unseen(text: str) -> bool:
    """Whether a text holds such characters."""
    return not text.isprintable() and _ANY.search(text) is not None


def visible(text: str) -> str:
    """The text without control and invisible characters; halves of characters are ``\\ufffd``.

    Examples
    --------
    >>> visible("Sé\\u200bgou\\x1b"), visible("Gao\\x0bKidal")
    ('Ségou', 'Gao Kidal')
    """
    if not has_unseen(text):
        return text
    return _ANY.sub("", _HALF.sub("\ufffd", _GAP.sub(" ", text)))


def visible_text(text: str) -> tuple[str, int]:
    """A text of many lines without them, and how many of its lines had some."""
    if not _ANY.search(text):
        return text, 0
    lines = text.split("\n")
    cleaned = [visible(line) for line in lines]
    return "\n".join(cleaned), sum(a != b for a, b in zip(lines, cleaned, strict=True))


def visible_content(content: Content) -> Content:
    """What a reader made of a file, without them; finding ``invisible_removed`` a sheet.

    Parameters
    ----------
    content
        Text and sheets.

    Returns
    -------
    Content
        The same, cleaned; tables of a text are counted with its lines.
    """
    text, lines = visible_text(content.text) if content.text is not None else (None, 0)
    sheets = [_visible_sheet(sheet) for sheet in content.sheets]
    said = [_said(sheet.name, n) for sheet, n in sheets if n and not lines]
    said += [_said("", lines)] if lines else []
    return Content(text, tuple(sheet for sheet, _n in sheets), (*content.findings, *said))


def _said(where: str, n: int) -> Finding:
    return Finding("invisible_removed", where, params={"n": n})


def _visible_sheet(sheet: Sheet) -> tuple[Sheet, int]:
    """A sheet without them, and how many of its rows had some."""
    texts = {cell for row in sheet.rows for cell in row if isinstance(cell, str)}
    strange = {text: visible(text) or None for text in texts if has_unseen(text)}
    name = visible(sheet.name)
    if not strange:
        return (sheet if name == sheet.name else replace(sheet, name=name)), 0
    had = 0
    rows: list[list[object]] = []
    for row in sheet.rows:
        cells = [strange.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
        had += any(a is not b for a, b in zip(cells, row, strict=True))
        rows.append(cells)
    return replace(sheet, name=name, rows=rows), had
