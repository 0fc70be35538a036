"""Headings that stand over several rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from atlas.ingest.folding import fold, words_of
from atlas.ingest.parsing.people import SHORT_SEXES

_PARTS = SHORT_SEXES | words_of(
    "total nombre nb prevu prevus prevue prevues realise realises cible cibles atteint atteints "
    "montant valeur usd eur fcfa xof $ € % us$ planned reached target"
)
_UNITS = frozenset({"usd", "eur", "fcfa", "f cfa", "xof", "$", "us$", "€", "%"})


def is_part(cell: object) -> bool:
    """Whether a cell says only which part of the heading above it: "H", "Total", "USD"."""
    return isinstance(cell, str) and (fold(cell) in _PARTS or fold(cell) in _UNITS)


def headings_at(
    rows: Sequence[Sequence[object]],
    best: int,
    are_headings: Callable[[Sequence[object]], bool],
) -> tuple[Sequence[object], tuple[int, int]]:
    """Headings with their first row and the first row of data.

    Merged cells may spread them over rows, "Localisation" over "Région | Cercle", "Atteints"
    over "H | F": the lower row speaks, the upper one where the lower is blank or says the same
    (a cell merged downwards), and both where the lower says only a part.
    """
    start, headings = best, rows[best]
    if best and are_headings(rows[best - 1]):
        start, headings = best - 1, _joined(rows[best - 1], _below(rows, best - 1))
    elif best + 1 < len(rows) and are_headings(rows[best + 1]):
        headings = _joined(headings, _below(rows, best))
        best += 1
    below = _below(rows, best)
    if _are_parts(below, headings):
        headings = _joined(headings, below)
        best += 1
    return headings, (start, best + 1)


def _below(rows: Sequence[Sequence[object]], index: int) -> list[object]:
    """The row below one, blank where a cell of it only goes on: merged cells are filled down."""
    lower = rows[index + 1] if index + 1 < len(rows) else ()
    upper = _padded(rows[index], len(lower))
    return [None if one == above else one for above, one in zip(upper, lower, strict=False)]


def _are_parts(row: Sequence[object], headings: Sequence[object]) -> bool:
    """Whether a row says only parts of the headings above it, and is no line of totals.

    A line of totals says its word under the first heading, or says one word all along.
    """
    first = next((index for index, cell in enumerate(headings) if cell is not None), 0)
    if first < len(row) and row[first] is not None:
        return False
    parts = [fold(cell) if isinstance(cell, str) else "" for cell in row if cell is not None]
    different = len(set(parts)) > 1 or not _UNITS.isdisjoint(parts)
    return len(parts) > 1 and different and all(is_part(cell) for cell in row if cell is not None)


def _joined(upper: Sequence[object], lower: Sequence[object]) -> list[object]:
    width = max(len(upper), len(lower))
    found: list[object] = []
    over: object = None
    for coarse, fine in zip(_padded(upper, width), _padded(lower, width), strict=True):
        over = coarse if coarse is not None else over
        if fine is None or not is_part(fine) or over is None:
            found.append(fine if fine is not None else coarse)
        else:
            found.append(f"{over} ({fine})" if fold(fine) in _UNITS else f"{over} {fine}")
    return found


def _padded(row: Sequence[object], width: int) -> list[object]:
    return [*row, *[None] * (width - len(row))]


def are_words(row: Sequence[object]) -> bool:
    """Whether a row holds three cells or more, all of them words."""
    filled = [cell for cell in row if cell is not None]
    return len(filled) > 2 and all(isinstance(cell, str) for cell in filled)
