"""What tables of workbooks, Word and PDF have in common: merged cells, rows as lines of text."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from pathlib import Path

from atlas.encodings import mend_lines
from atlas.i18n import _
from atlas.ingest.files.admission import unusable_error
from atlas.ingest.reading import FileContent, Finding, Sheet

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


def paper_content(
    path: Path | str, lines: Sequence[str], sheets: Sequence[Sheet], findings: Sequence[Finding]
) -> FileContent:
    """Content of a document of lines and tables; mojibake in its text mended and said.

    Raises
    ------
    UnusableFileError
        It holds no text at all.
    """
    text, mended = mend_lines("\n".join(lines))
    if not text.strip():
        remedy = _("Vérifiez que c'est le bon fichier.")
        raise unusable_error(path, _("document sans texte"), remedy)
    said = [Finding("mojibake_mended", params={"n": mended})] if mended else []
    kept = tuple(sheet for sheet in sheets if any(any(row) for row in sheet.rows))
    return FileContent(text, kept, (*findings, *said))


def row_as_line(row: Sequence[object]) -> str:
    """A table row as a line of the text: tabs between cells, no line break inside one."""
    return "\t".join("" if cell is None else " ".join(str(cell).split()) for cell in row)
