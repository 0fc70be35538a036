"""Text files: bytes → text → rows of delimited text, and the tables of a plain text.

What was inferred, lost or mended becomes a finding. Copying from web pages, PDF and chat leaves
zero-width spaces, soft hyphens and marks of writing direction inside words, broken exports leave
control characters. They make two spellings of one name, and on a screen they hide, reorder or,
in a terminal, command: they are removed from every format.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO
from itertools import islice
from pathlib import Path

from atlas.encodings import mend_lines, read_text
from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.files.admission import unusable_error
from atlas.ingest.reading import FileContent, Finding, Sheet

_GAPS = "\x0b\x0c\x1c-\x1f\x85\u2028\u2029"
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_UNSEEN = f"{_CONTROLS}\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_ANY = re.compile(f"[{_GAPS}{_UNSEEN}\ud800-\udfff]")
_GAP = re.compile(f"[{_GAPS}]")
_HALF = re.compile("[\ud800-\udfff]")


def has_unseen(text: str) -> bool:
    """Whether a text holds such characters."""
    return not text.isprintable() and _ANY.search(text) is not None


def without_unseen(text: str) -> str:
    """The text without control and invisible characters; halves of characters are ``\\ufffd``.

    Examples
    --------
    >>> without_unseen("Sé\\u200bgou\\x1b"), without_unseen("Gao\\x0bKidal")
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
    cleaned = [without_unseen(line) for line in lines]
    return "\n".join(cleaned), sum(a != b for a, b in zip(lines, cleaned, strict=True))


def visible_content(content: FileContent) -> FileContent:
    """What a reader made of a file, without them; finding ``invisible_removed`` a sheet.

    Parameters
    ----------
    content
        Text and sheets.

    Returns
    -------
    FileContent
        The same, cleaned; tables of a text are counted with its lines.
    """
    text, lines = visible_text(content.text) if content.text is not None else (None, 0)
    sheets = [_visible_sheet(sheet) for sheet in content.sheets]
    said = [_removed_finding(sheet.name, n) for sheet, n in sheets if n and not lines]
    said += [_removed_finding("", lines)] if lines else []
    return FileContent(text, tuple(sheet for sheet, _n in sheets), (*content.findings, *said))


def _removed_finding(where: str, n: int) -> Finding:
    return Finding("invisible_removed", where, params={"n": n})


def _visible_sheet(sheet: Sheet) -> tuple[Sheet, int]:
    """A sheet without them, and how many of its rows had some."""
    texts = {cell for row in sheet.rows for cell in row if isinstance(cell, str)}
    strange = {text: without_unseen(text) or None for text in texts if has_unseen(text)}
    name = without_unseen(sheet.name)
    if not strange:
        return (sheet if name == sheet.name else replace(sheet, name=name)), 0
    had = 0
    rows: list[list[object]] = []
    for row in sheet.rows:
        cells = [strange.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
        had += any(a is not b for a, b in zip(cells, row, strict=True))
        rows.append(cells)
    return replace(sheet, name=name, rows=rows), had


_LOST = "\ufffd"
"""What stands where bytes are no character; a document may also write it itself."""


def decode_text(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """Text of the bytes, with what had to be inferred or mended.

    Parameters
    ----------
    data
        Whole content of a text file.

    Returns
    -------
    tuple of str and findings
        Line ends are ``\\n``. Findings ``encoding_inferred`` (not UTF-8),
        ``characters_lost`` (bytes that are none in any encoding), ``invisible_removed``
        and ``mojibake_mended``.

    Examples
    --------
    >>> decode_text("Région;Montant".encode("cp1252"))[0]
    'Région;Montant'
    """
    findings: list[Finding] = []
    text, inferred = read_text(data)
    if inferred:
        findings.append(Finding("encoding_inferred", params={"encoding": inferred}))
    if lost := text.count(_LOST) - data.count(_LOST.encode()):
        findings.append(Finding("characters_lost", params={"n": lost}))
    text, mended = mend_lines(text)
    if mended:
        findings.append(Finding("mojibake_mended", params={"n": mended}))
    text, n = visible_text(text)  # after the mending, which needs the control characters
    if n:
        findings.append(Finding("invisible_removed", params={"n": n}))
    return text, tuple(findings)


DELIMITED = ("csv", "tsv")
"""Formats whose rows have as many cells as there are headings."""
MAX_CELLS = 5_000_000
"""Most cells of a delimited text: a list of 100 000 rows and 50 columns."""
MAX_ROWS = 200_000
"""Most rows of a list: nine times the national matrix, and what 1 GiB holds on the whole way."""
MAX_LINE = 2_000_000
"""Most characters of a line: sixty cells as long as Excel lets them be."""
MAX_COLUMNS = 16_384
"""Most columns of a list: those of an Excel sheet."""
csv.field_size_limit(2**24)

Rows = tuple[tuple[object, ...], ...]


def tab_tables(text: str) -> Iterator[Sheet]:
    """Runs of two or more lines with tabs: the tables of a text."""
    run: list[list[object]] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if "\t" in line:
            run.append([cell if cell.strip() else None for cell in line.split("\t")])
            continue
        if len(run) > 1:
            first = number - len(run)
            yield Sheet(f"L{first}", tuple(run), first)
        run = []


def check_rows(path: Path | str, rows: int) -> None:
    """Raise when a list is longer than `MAX_ROWS`."""
    if rows > MAX_ROWS:
        why = _("liste de {n} lignes, au-delà de {limit}", n=rows, limit=MAX_ROWS)
        raise unusable_error(path, why, _("Découpez-le en plusieurs fichiers."))


def check_cells(path: Path, text: str, delimiters: str) -> None:
    """Raise when the text would be cut into more than `MAX_CELLS` cells, `MAX_ROWS` rows or
    `MAX_COLUMNS` columns, or has a line longer than `MAX_LINE`.
    """
    check_rows(path, text.count("\n"))
    cells = max(text.count(delimiter) for delimiter in delimiters) + text.count("\n")
    if cells > MAX_CELLS:
        raise too_many_cells_error(path, cells)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE:
            why = _("ligne {row} de {n} millions de caractères", row=number, n=len(line) // 10**6)
            raise unusable_error(path, why, _("Vérifiez le séparateur et les fins de ligne."))
        if len(line) > MAX_COLUMNS and (width := max(map(line.count, delimiters))) >= MAX_COLUMNS:
            why = _("{n} colonnes à la ligne {row}, au-delà de {limit}",
                    n=width + 1, row=number, limit=MAX_COLUMNS)  # fmt: skip
            raise unusable_error(path, why, _("Vérifiez le séparateur et les fins de ligne."))


def too_many_cells_error(path: Path | str, cells: int, sheet: str = "") -> UnusableFileError:
    """The error of a table whose cells would fill the memory."""
    millions = cells / 1e6
    why = _("tableau de {n:.0f} millions de cellules", n=millions)
    if sheet:
        why = _("feuille « {sheet} » de {n:.0f} millions de cellules", sheet=sheet, n=millions)
    remedy = _("Effacez les cellules éloignées des données, ou découpez la liste.")
    return unusable_error(path, why, remedy)


def delimited_rows(text: str, delimiter: str = "") -> tuple[Rows, tuple[Finding, ...]]:
    """Rows of a delimited text.

    A quote that is never closed is read as it stands, and lines that are quoted as a whole
    are unquoted; both are said.
    """
    findings: tuple[Finding, ...] = ()
    if unquoted := _without_line_quotes(text, delimiter):
        findings = (Finding("lines_quoted", params={"n": unquoted.count("\n") + 1}),)
        text = unquoted
    delimiter = delimiter or _likely_delimiter(text)
    try:
        read = _parsed_rows(text, delimiter)
        broken = len(read) < text.count("\n") and _swallows_rows(text, read, delimiter)
    except csv.Error:
        broken = True
    if broken:
        read = [_cells_of_line(line, delimiter) for line in text.split("\n")]
        findings = (*findings, Finding("quotes_ignored"))
    rows = [tuple(cell if cell.strip() else None for cell in row) for row in read]
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows), findings


def widths_of(headings: Sequence[Sequence[object]], file_format: str) -> tuple[int, int]:
    """How many cells a row under some headings has at least, and at most.

    At least as many as there are headings in a delimited text; other tables leave out blanks.

    Examples
    --------
    >>> widths_of([("Région", "Cercle", None)], "csv"), widths_of([("Région",)], "xlsx")
    ((2, 3), (0, 1))
    """
    named = max((at + 1 for row in headings for at, cell in enumerate(row) if cell), default=0)
    least = named if file_format in DELIMITED else 0
    return least, max((len(row) for row in headings), default=0)


def why_misshapen(cells: Sequence[object], widths: tuple[int, int]) -> tuple[int, str] | None:
    """Number and reason of the first cell of a row that lacks or is one too many.

    The other cells may stand under other headings than their own.

    Examples
    --------
    >>> why_misshapen(["Gao", "Gao", "12"], (2, 2)), why_misshapen(["Gao"], (2, 2))
    ((3, '3 cellules pour 2 colonnes'), (2, '1 cellules pour 2 colonnes'))
    >>> why_misshapen(["Gao", None, None], (2, 2)) is None
    True
    """
    least, most = widths
    if len(cells) < least:
        return len(cells) + 1, f"{len(cells)} cellules pour {least} colonnes"
    if any(cell not in (None, "") for cell in cells[most:]):
        return most + 1, f"{len(cells)} cellules pour {most} colonnes"
    return None


def _without_line_quotes(text: str, delimiter: str) -> str:
    """A text whose every line is one quoted cell, without these quotes; ``""`` for others.

    Programs write it when a line that already is CSV is exported as a single cell.
    """
    if not text.startswith('"'):
        return ""
    lines = [line.strip() for line in text.rstrip().split("\n")]
    told = [line for line in lines if line]
    if len(told) < 2 or not all(line.startswith('"') and line.endswith('"') for line in told):
        return ""
    try:
        inner = {line: next(csv.reader([line], delimiter="\x1f", strict=True))[0] for line in told}
    except csv.Error:
        return ""
    if not all(any(sign in cell for sign in delimiter or ";,\t|") for cell in inner.values()):
        return ""
    return "\n".join(inner.get(line, "") for line in lines)  # a blank line keeps its number


def _swallows_rows(text: str, rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether a cell holds what looks like whole rows: a stray quote opened it.

    A text that is well formed throughout, every row as wide as the first, has no stray quote.
    """
    if _is_well_formed(text, rows, delimiter):
        return False
    width = Counter(map(len, rows)).most_common(1)[0][0]
    most = max(width, len(rows[0])) - 1
    return most > 1 and any(
        line.count(delimiter) >= most
        for row in rows
        for cell in row
        if "\n" in cell
        for line in cell.split("\n")
    )


def _is_well_formed(text: str, rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    try:
        list(csv.reader(StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len({len(row) for row in rows if row}) == 1


def _cells_of_line(line: str, delimiter: str) -> list[str]:
    """Cells of a line by itself; its quotes count when they are paired."""
    if line.count('"') % 2:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter), [])


def _parsed_rows(text: str, delimiter: str) -> list[list[str]]:
    """Rows by the csv module, first by the letter, then with quotes inside cells allowed."""
    try:
        return list(csv.reader(StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "end of data" in str(error) or "field limit" in str(error):
            raise
        return list(csv.reader(StringIO(text), delimiter=delimiter))


def _likely_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into most columns, most evenly."""

    def evenness(delimiter: str) -> tuple[int, int]:
        rows: Sequence[list[str]] = list(
            islice(csv.reader(StringIO(text[:200_000]), delimiter=delimiter), 50)
        )
        widths = Counter(len(row) for row in rows if any(row))
        width, count = max(widths.items(), key=lambda item: item[1] * (item[0] - 1), default=(1, 0))
        return count * (width - 1), width

    return max((";", ",", "\t", "|"), key=evenness)
