"""What an XLSX package says before its cells are read: how large, which pivots, what else.

calamine lays a sheet out as a full rectangle: two cells in opposite corners would take the
memory of all that lie between. The rectangle of every sheet is therefore measured first, in
the bytes that are really there rather than in what the package says of itself.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from atlas.i18n import N_, _
from atlas.ingest.files.admission import MAX_UNPACKED, again, entities, too_large_unpacked, unusable
from atlas.ingest.files.delimited import MAX_COLUMNS, MAX_ROWS, check_rows, too_many_cells
from atlas.ingest.files.weights import MOST, MOST_TEXTS, Texts, weight
from atlas.ingest.parsing.amounts import parse_amount
from atlas.ingest.reading import Finding

MAX_AREA = 10_000_000
"""Most cells of a sheet's rectangle, empty ones included: 320 MB in calamine."""
SMALL = 4 * 2**20
"""Largest relationship or workbook part that is looked into."""
NAMED = 8
"""Cells, rows or columns that a finding names."""

_PIECE = 2**20
_ROW_END = b"</row>"
_FEW = 99_999
"""Rows that a sheet is taken to have as long as none has a number of six digits."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""

_WIDE = re.compile(rb'<c r="([A-Za-z]{2,})\d+"[^>]*(?<!/)>(?!</c>)')
_DEEP = re.compile(rb'<c r="[A-Za-z]*(\d{5,})"[^>]*(?<!/)>(?!</c>)')
_DEEPEST = re.compile(rb'<c r="[A-Za-z]*(\d{6,})"[^>]*(?<!/)>')
_SAID = re.compile(
    rb'<c r="[A-Za-z]*(\d{6,})"[^>]*(?<!/)>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:<v>[^<]|<is>)'
)
_UNCOMMON = re.compile(rb'<c(?! r="[A-Za-z]\d{1,5}")[\s/>]')
"""Any cell but those of columns A to Z and rows up to 99 999 as common programs write them."""
_ERROR = re.compile(rb'<c r="([A-Z]+\d+)"[^>]* t="e"')
_UNKNOWN_ERROR = re.compile(
    rb'(<c [^>]*t="e"[^>]*>(?:<f[^<]*</f>|<f[^>]*/>)?<v>)'
    rb"(?!#(?:REF!|N/A|DIV/0!|NAME\?|VALUE!|NULL!|NUM!)<)[^<]*<"
)
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
_UNUSUAL = re.compile(rb'<c(?! r="[A-Za-z])[\s/>]')
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_REFERENCE = re.compile(rb"(?<![\w:])r\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_LOCATION = re.compile(rb"<(?:\w+:)?location\b[^>]*?\bref=\"([A-Z]+\d+(?::[A-Z]+\d+)?)\"")
_WORKBOOK, _STYLES, _TEXTS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
_STYLED = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\ss="(\d+)")[^>]*\sr="([A-Z]+)(\d+)"')
_HIDDEN = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*\bhidden=[^>]*)>")
_ATTRIBUTE = re.compile(rb"(\w+)=\"([^\"]*)\"")
_LITERAL = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)|(?<!_)([€$£¥])')
"""What a number format shows as it stands: a currency with its locale, words, a sign."""
_MACROS, _LINKS = N_("macros"), N_("liens vers d'autres classeurs")


class SheetLook(NamedTuple):
    """What a person sees of a sheet and calamine does not say; rows and columns from 0.

    Attributes
    ----------
    hidden_rows, hidden_columns
        Those that are hidden, by hand or by a filter.
    currencies
        Rows of the cells whose number format shows a currency, by column and ISO code.
    """

    hidden_rows: array[int]
    hidden_columns: list[int]
    currencies: dict[tuple[int, str], array[int]]

    @classmethod
    def empty(cls) -> SheetLook:
        """A look that nothing was added to."""
        return cls(array("I"), [], {})

    def add_currency(self, row: int, column: int, code: str) -> None:
        """Note a cell whose format shows a currency."""
        self.currencies.setdefault((column, code), array("I")).append(row)


class Package(NamedTuple):
    """What matters of a package beside its cells.

    Attributes
    ----------
    pivots
        Areas of pivot tables by sheet.
    findings
        ``part_ignored`` for macros and links.
    merged
        Column, first and last row of cells merged downwards, by sheet; ``None`` where
        calamine says it.
    looks
        Hidden rows and columns and shown currencies, by sheet.
    """

    pivots: dict[str, tuple[Area, ...]]
    findings: tuple[Finding, ...] = ()
    merged: dict[str, list[tuple[int, int, int]]] | None = None
    looks: dict[str, SheetLook] = {}


def examine(path: Path | str, data: bytes) -> Package:
    """Pivot tables and ignored parts of an XLSX or XLSM that is safe to read.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file, already known to be a ZIP archive with a workbook.

    Returns
    -------
    Package
        Areas of pivot tables by sheet; findings ``part_ignored`` for macros and links.

    Raises
    ------
    UnusableFileError
        A sheet's rectangle, or the parts once unpacked, are too large; a part declares
        entities, or is damaged.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            sheets = _sheet_names(archive)
            looks, in_error = _check_parts(path, archive, sheets)
            pivots = dict(_pivots(archive, sheets))
            names = [name.casefold() for name in archive.namelist()]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _damaged(path) from error
    except Exception as error:
        if type(error).__module__.startswith(("zlib", "lzma", "xml", "defusedxml")):
            raise _damaged(path) from error
        raise
    ignored = [_MACROS] if any(name.endswith("vbaproject.bin") for name in names) else []
    ignored += [_LINKS] if any("/externallinks/externallink" in name for name in names) else []
    findings = [Finding("part_ignored", params={"part": part}) for part in ignored]
    return Package(pivots, (*findings, *in_error), looks=looks)


def _damaged(path: Path | str) -> Exception:
    return unusable(path, _("classeur tronqué ou endommagé"), again())


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the sheets of an XLSX by their part."""
    related = _related(archive, _WORKBOOK)
    elements = _elements(archive, _WORKBOOK)
    return {related[e["id"]]: e["name"] for e in elements if e.get("id") in related and "name" in e}


def _opened_parts(archive: zipfile.ZipFile, sheets: Iterable[str]) -> list[str]:
    """Parts that calamine reads, whatever the case of their names.

    The others (macros, data models, queries that a program keeps) are never opened, so
    neither their size nor their encoding matters.
    """
    opened = {part.casefold() for part in (*sheets, _WORKBOOK, _STYLES, _TEXTS)}
    return sorted(name for name in archive.namelist() if name.casefold() in opened)


def _check_parts(
    path: Path | str, archive: zipfile.ZipFile, sheets: dict[str, str]
) -> tuple[dict[str, SheetLook], list[Finding]]:
    """Unpack what calamine will unpack, whatever size the directory claims, and measure it.

    Returns how each sheet looks, and what is to be said of cells in error.
    """
    left = MAX_UNPACKED
    in_error: dict[str, list[bytes]] = {}
    looks: dict[str, SheetLook] = {}
    texts = Texts()
    opened = _opened_parts(archive, sheets)
    styles = _money_styles(archive)
    for name in opened:
        info = copy(archive.getinfo(name))
        info.file_size = MAX_UNPACKED + 1  # read to the true end, not to the declared one
        found = _Extent()
        look = SheetLook.empty()
        for piece in _pieces(path, archive, info, left):
            left -= len(piece)
            if b"<!DOCTYPE" in piece:
                raise entities(path)
            if b"\x00" in piece:  # UTF-16, which would hide from what follows
                raise _damaged(path)
            found.add(piece)
            texts.add(piece, name, is_sheet=found.is_sheet)
            if texts.texts > MOST_TEXTS:
                raise too_many_cells(path, texts.texts)
            if b't="e"' in piece:
                in_error.setdefault(name, []).extend(_ERROR.findall(piece))
            if found.is_sheet:
                _add_currencies(look, piece, styles)
                _add_hidden(look, piece)
        found.settle(partial(_pieces, path, archive, info, MAX_UNPACKED))
        if found.area > MAX_AREA:
            raise too_many_cells(path, found.area, Path(name).stem)
        if found.last > MAX_ROWS and name not in _hidden(archive):
            check_rows(path, found.last)
        looks[sheets.get(name, "")] = look
    if texts.may_weigh_too_much():
        _check_texts(path, archive, opened, texts.own)
    return looks, [*_in_error(sheets, in_error), *_formats_unread(archive)]


def _check_texts(path: Path | str, archive: zipfile.ZipFile, parts: list[str], own: int) -> None:
    """Raise when the texts of cells would fill the memory, one copy a cell."""
    sheets = [name for name in parts if name.startswith("xl/worksheets/")]
    shared = (archive.read(name) for name in parts if name not in sheets)
    rows = (p for n in sheets for p in _pieces(path, archive, archive.getinfo(n), MAX_UNPACKED))
    if own + weight(shared, rows) > MOST:
        why = _("les longs textes de ses cellules font plus de {n} Mo", n=MOST // 2**20)
        raise unusable(path, why, _("Enregistrez les données seules dans un nouveau classeur."))


def _in_error(sheets: dict[str, str], cells: dict[str, list[bytes]]) -> list[Finding]:
    """Cells that hold an error instead of a value (``#REF!``, ``#N/A``), by sheet."""
    found = []
    for part, references in cells.items():
        params = {"n": len(references), "cells": first_names([c.decode() for c in references])}
        found.append(Finding("cells_in_error", sheets.get(part, ""), params=params))
    return found


def _styles_of(archive: zipfile.ZipFile) -> str | None:
    return next((name for name in archive.namelist() if name.casefold() == _STYLES), None)


def _formats_unread(archive: zipfile.ZipFile) -> list[Finding]:
    """What is said of a workbook whose formats are too large to be looked into."""
    part = _styles_of(archive)
    too_large = part is not None and archive.getinfo(part).file_size > SMALL
    return [Finding("formats_unread", params={"n": SMALL // 2**20})] if too_large else []


def _money_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """ISO code of the currency that a cell's style shows, by the number of the style."""
    part = _styles_of(archive)
    if part is None or archive.getinfo(part).file_size > SMALL:
        return {}
    from defusedxml.ElementTree import fromstring

    codes: dict[str, str] = {}
    styles: dict[bytes, str] = {}
    for parent in fromstring(archive.read(part)):
        if parent.tag.endswith("}numFmts"):
            shown = {e.get("numFmtId"): currency_shown(e.get("formatCode", "")) for e in parent}
            codes = {number: code for number, code in shown.items() if number and code}
        elif parent.tag.endswith("}cellXfs"):
            numbers = [element.get("numFmtId", "") for element in parent]
            styles = {str(i).encode(): codes[n] for i, n in enumerate(numbers) if n in codes}
    return styles


def currency_shown(number_format: str) -> str | None:
    """ISO code of the currency that a number format shows beside the figure.

    Formats that every language of Excel shows in its own currency name none.

    Examples
    --------
    >>> currency_shown('#,##0 "F CFA"'), currency_shown("[$€-40C]#,##0"), currency_shown("0.00")
    ('XOF', 'EUR', None)
    """
    words = _LITERAL.findall(number_format.partition(";")[0])
    shown = "".join(word for found in words for word in found).strip()
    return parse_amount(f"1 {shown}").currency if shown else None


def _add_currencies(look: SheetLook, piece: bytes, styles: dict[bytes, str]) -> None:
    """Note the cells of a piece whose style shows a currency."""
    for style, letters, row in _STYLED.findall(piece) if styles else ():
        if style in styles:
            look.add_currency(int(row) - 1, _column(letters) - 1, styles[style])


def _add_hidden(look: SheetLook, piece: bytes) -> None:
    """Note the hidden rows and columns of a piece."""
    if b"hidden" not in piece:
        return
    for kind, attributes in _HIDDEN.findall(piece):
        said = dict(_ATTRIBUTE.findall(attributes))
        if said.get(b"hidden") not in (b"1", b"true"):
            continue
        if kind == b"row" and b"r" in said:
            look.hidden_rows.append(int(said[b"r"]) - 1)
        elif kind == b"col":
            first, last = int(said.get(b"min", 1)), min(int(said.get(b"max", 1)), MAX_COLUMNS)
            look.hidden_columns.extend(range(first - 1, last))


def first_names(names: Sequence[str]) -> str:
    """The first `NAMED` of some names, for a sentence; the rest as an ellipsis."""
    return ", ".join(names[:NAMED]) + "…" * (len(names) > NAMED)


def with_known_errors(data: bytes) -> bytes:
    """A workbook whose newer errors (``#SPILL!``, ``#GETTING_DATA``) are written ``#VALUE!``.

    calamine gives a whole workbook up at an error that it does not know.
    """
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if b"sheetData" in content:
                content = _UNKNOWN_ERROR.sub(rb"\1#VALUE!<", content)
            new.writestr(info.filename, content)
    return out.getvalue()


def _hidden(archive: zipfile.ZipFile) -> set[str]:
    """Parts of the sheets that a person does not see: they are not read."""
    related = _related(archive, _WORKBOOK)
    sheets = _elements(archive, _WORKBOOK)
    return {related.get(e.get("id", ""), "") for e in sheets if "idden" in e.get("state", "")}


def _pieces(
    path: Path | str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int
) -> Iterator[bytes]:
    """A part of an archive, unpacked bit by bit and cut behind rows, or else behind tags."""
    rest: list[bytes] = []
    with archive.open(info) as part:
        while chunk := part.read(_PIECE):
            most -= len(chunk)
            if most < 0:
                raise too_large_unpacked(path)
            row = chunk.rfind(_ROW_END)
            end = row + len(_ROW_END) if row >= 0 else chunk.rfind(b">") + 1
            if end:
                yield b"".join((*rest, chunk[:end]))
                rest.clear()
            rest.append(chunk[end:])
    yield b"".join(rest)


@dataclass
class _Extent:
    """How far the filled cells of a part reach, from A1, as far as its pieces were seen.

    ``rows`` and ``columns`` are an upper bound; ``last`` is the last row beyond the 99 999th
    that holds a value (0 without one).
    """

    rows: int = _FEW
    columns: int = 26
    last: int = 0
    is_sheet: bool = False
    unusual: bool = False

    @property
    def area(self) -> int:
        return self.rows * self.columns if self.is_sheet else 0

    def add(self, piece: bytes) -> None:
        """Look at a piece that is cut behind a tag."""
        self.is_sheet = self.is_sheet or b"sheetData" in piece
        if not self.is_sheet or self.unusual:
            return
        prefixed = b":" in piece and (b":c" in piece or b":row" in piece)
        prefixed = prefixed and bool(_PREFIXED.search(piece))
        if not prefixed and not _UNCOMMON.search(piece):
            return
        self.unusual = bool(prefixed or _UNUSUAL.search(piece))
        self.columns = max(self.columns, *map(_column, set(_WIDE.findall(piece))), 0)
        self.rows = max(self.rows, _deepest(_DEEPEST, piece))
        self.last = max(self.last, _deepest(_SAID, piece))

    def settle(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Look at all the pieces again where the first look cannot tell."""
        if self.unusual:
            self.rows, self.columns = _careful_extent(b"".join(pieces()))
            self.last = 0
        elif self.area > MAX_AREA and self.rows == _FEW:
            self.rows = max(_deepest(_DEEP, piece) for piece in pieces())


def _deepest(cells: re.Pattern[bytes], piece: bytes) -> int:
    """The largest row number among some cells; below all that the pattern looks for: 9999."""
    return max(map(int, set(cells.findall(piece))), default=9999)


def _careful_extent(sheet: bytes) -> tuple[int, int]:
    """Rows and columns of XML that no common program writes: token by token, empty cells too."""
    row = column = rows = columns = 0
    for match in _TOKEN.finditer(sheet):
        found = _REFERENCE.search(match[2])
        if match[1] == b"row":
            row, column = int(found[2]) if found else row + 1, 0
            continue
        column += 1
        if found:
            column, row = _column(found[1]), int(found[2])
        rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _column(letters: bytes) -> int:
    """Number, from 1, of a column's letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Targets of a part's relationships by their id, as paths in the archive."""
    folder, name = posixpath.split(part)
    found = {}
    for element in _elements(archive, f"{folder}/_rels/{name}.rels"):
        if element.get("TargetMode") == "External":
            continue
        target = element.get("Target", "")
        whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        found[element.get("Id", "")] = posixpath.normpath(whole)
    return found


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[dict[str, str]]:
    """Attributes, without namespaces, of every element of a small part; none when absent."""
    if part not in archive.namelist() or archive.getinfo(part).file_size > SMALL:
        return
    from defusedxml.ElementTree import fromstring

    for element in fromstring(archive.read(part)).iter():
        yield {key.rsplit("}", 1)[-1]: value for key, value in element.attrib.items()}


def _pivots(
    archive: zipfile.ZipFile, sheets: dict[str, str]
) -> Iterator[tuple[str, tuple[Area, ...]]]:
    """Sheets that hold pivot tables, with the areas these fill."""
    if not any("pivotTables/" in name for name in archive.namelist()):
        return
    for part, name in sheets.items():
        areas = [
            area
            for target in _related(archive, part).values()
            if "pivotTable" in target and (area := _location(archive, target))
        ]
        if areas:
            yield name, tuple(areas)


def _location(archive: zipfile.ZipFile, part: str) -> Area | None:
    if part not in archive.namelist():
        return None
    with archive.open(part) as file:
        found = _LOCATION.search(file.read(2**16))
    return area_of(found[1].decode()) if found else None


def area_of(reference: str) -> Area | None:
    """Area of a reference.

    Examples
    --------
    >>> area_of("A3:C20"), area_of("B2")
    ((2, 0, 19, 2), (1, 1, 1, 1))
    """
    corners = re.findall(r"\$?([A-Z]+)\$?(\d+)", reference)
    if not corners:
        return None
    (left, top), (right, bottom) = corners[0], corners[-1]
    return int(top) - 1, _column(left.encode()) - 1, int(bottom) - 1, _column(right.encode()) - 1


def names_in(data: bytes) -> list[str]:
    """Names of the parts of an archive; none for bytes that are no archive."""
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.namelist()
