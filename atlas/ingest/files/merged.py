"""Merged cells: what stands once on paper and applies to several rows."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from atlas.ingest.reading import Finding

_MONEY = r"(?:millions?|milliards?|m|k)?\s*(?:usd|us ?\$|\$|eur|euros?|€|f ?cfa|xof|dollars?)?"
_FIGURE = re.compile(rf"[\d\s.,'%-]+{_MONEY}", re.IGNORECASE)


def one_of_each(cells: Iterable[tuple[Hashable, object]]) -> list[object]:
    """Values of a row where a cell merged across columns speaks once, at its first column.

    Examples
    --------
    >>> one_of_each([("a", "Localisation"), ("a", "Localisation"), ("b", "Coût")])
    ['Localisation', None, 'Coût']
    """
    seen: set[Hashable] = set()
    values: list[object] = []
    for identity, value in cells:
        values.append(None if identity in seen else value)
        seen.add(identity)
    return values


def fill_down(
    sheet: str, rows: Sequence[Sequence[object]], merged: Sequence[tuple[int, int, int]]
) -> tuple[list[list[object]], tuple[Finding, ...]]:
    """Rows where a text merged over several rows stands in each of them.

    Parameters
    ----------
    sheet
        Name, for the findings.
    rows
        Values; all but the first row of a merged cell are blank.
    merged
        Column, first and last row (indices) of each cell merged downwards.

    Returns
    -------
    tuple
        The rows, and the finding ``cells_merged`` where words were repeated. A figure is not:
        an amount over three rows is theirs together, it stays at the first and is said
        (``figure_merged``).
    """
    filled = [list(row) for row in rows]
    words = 0
    findings: list[Finding] = []
    for column, first, last in merged:
        if first >= len(filled) or column >= len(filled[first]):
            continue
        value = filled[first][column]
        if value is None:
            continue
        if is_figure(value):
            params: dict[str, object] = {
                "raw": f"{value:.15g}" if isinstance(value, float) else str(value),
                "n": last - first + 1,
            }
            findings.append(Finding("figure_merged", f"{sheet}!{first + 1}", params=params))
            continue
        words += 1
        for row in filled[first + 1 : last + 1]:
            if column < len(row) and row[column] is None:
                row[column] = value
    if words:
        findings.insert(0, Finding("cells_merged", sheet, params={"sheet": sheet, "n": words}))
    return filled, tuple(findings)


def is_figure(value: object) -> bool:
    """Whether a cell holds a quantity, which repeating would multiply.

    Examples
    --------
    >>> is_figure(12.5), is_figure("45 000 USD"), is_figure("Mopti"), is_figure("2 forages")
    (True, True, False, False)
    """
    if isinstance(value, (bool, date)):  # a day that holds for several rows is one for each
        return False
    if isinstance(value, (int, float)):
        return True
    text = str(value).strip()
    return any(char.isdigit() for char in text) and _FIGURE.fullmatch(text) is not None
