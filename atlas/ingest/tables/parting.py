"""Sheets that hold several tables, one below the other, parted into them.

Partners stack tables on one sheet: a title, headings, rows, a blank line, the next title. Each
becomes a sheet of its own, its rows keeping their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from atlas.ingest.folding import fold
from atlas.ingest.reading import Document, Sheet
from atlas.ingest.tables import kobo
from atlas.ingest.tables.columns import HEADER_DEPTH, is_tags, names_columns
from atlas.ingest.tables.header_rows import are_words


def sheets_of(document: Document, extra: Mapping[str, str]) -> list[Sheet]:
    """The tables of a document, each as a sheet; repeated groups of a form beside their form.

    Parameters
    ----------
    extra
        Headings a source adds to the known ones.
    """
    return [part for sheet in kobo.joined(document.sheets) for part in parted(sheet, extra)]


def parted(sheet: Sheet, extra: Mapping[str, str]) -> list[Sheet]:
    """The tables of a sheet.

    A table begins at headings that follow a blank line or a title, and differ from those
    before them: printed again on the next page, the same headings go on with the same table.
    It also begins at HXL tags that differ from those before them, and the headings above these.
    """
    starts = sorted({*_starts(sheet, extra), *_retagged(sheet.rows)})
    if len(starts) < 2:
        return [sheet]
    cuts = [0, *starts[1:], len(sheet.rows)]
    return [
        Sheet(sheet.name, sheet.rows[start:end], sheet.first_row + start)
        for start, end in pairwise(cuts)
    ]


def _starts(sheet: Sheet, extra: Mapping[str, str]) -> list[int]:
    """First row, title included, of each table."""
    starts: list[int] = []
    known: set[tuple[str, ...]] = set()
    for above, index in sheet.openings:
        if _begins(sheet.rows, index, extra):
            headings = tuple(fold(cell) for cell in sheet.rows[index] if cell is not None)
            if headings not in known:
                known.add(headings)
                starts.append(above)
    return starts


def _retagged(rows: Sequence[Sequence[object]]) -> list[int]:
    """First row of each table whose tags are others than those before it; none of the first."""
    top = next((index for index, row in enumerate(rows[:HEADER_DEPTH]) if is_tags(row)), None)
    if top is None:
        return []
    starts: list[int] = []
    before = list(rows[top])
    for index, row in enumerate(rows[top + 1 :], top + 1):
        if row and isinstance(row[0], str) and row[0][:1].isalnum():
            continue  # most rows: no tag begins so
        if is_tags(row) and not is_tags(rows[index - 1]) and list(row) != before:
            starts.append(index - 1 if _is_headed(rows, index) else index)
            before = list(rows[index])
    return [0, *starts] if starts else []


def _is_headed(rows: Sequence[Sequence[object]], tagged: int) -> bool:
    """Whether the row above tags is their headings: as many cells, all of them words."""
    above = [cell for cell in rows[tagged - 1] if cell is not None]
    return are_words(above) and len(above) >= sum(c is not None for c in rows[tagged]) // 2


def _begins(rows: Sequence[Sequence[object]], index: int, extra: Mapping[str, str]) -> bool:
    row = rows[index]
    return isinstance(next(filter(None, row)), str) and (
        names_columns(row, extra) and not is_tags(row)
    )
