"""What the package of a workbook holds beside the values of its cells, and how large it is.

calamine lays a sheet out as a full rectangle: two cells in opposite corners would take the
memory of all that lie between. The rectangle of every sheet is therefore measured first, in
the bytes that are really there rather than in what the package says of itself. An XLSX keeps
each text once and cells point to it, while calamine gives every cell a copy: the sum of these
copies is bounded too. Pivot tables, merged and hidden cells and formats of currencies, which
calamine leaves out, are read here, for XLSX and ODS; a binary workbook (XLSB) with cells that
calamine would pass over is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from operator import sub
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from atlas.i18n import N_, _
from atlas.ingest.files.admission import (
    MAX_UNPACKED,
    copy_again_remedy,
    entities_error,
    too_large_error,
    unusable_error,
)
from atlas.ingest.files.plain_text import MAX_COLUMNS, MAX_ROWS, check_rows, too_many_cells_error
from atlas.ingest.parsing.amounts import parse_amount
from atlas.ingest.reading import Finding

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


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


class CellTexts:
    """The texts that cells hold or may point to, as far as the pieces were seen."""

    def __init__(self) -> None:
        self.longest = 0
        self.texts = 0
        self.own = 0
        self.cells = 0
        self._part = ""
        self._marked = False

    def add_piece(self, piece: bytes, part: str, *, is_sheet: bool) -> None:
        """Look at a piece of a sheet, or of another part; a text may begin in the one before."""
        if is_sheet:
            self.cells += len(piece) // _SHORTEST
            self._marked = self._marked or any(mark in piece for mark in _MARKS)
            if self._marked:  # in this piece, or before it: a mark may stand at the end of one
                self.own += sum(map(_weight_of, _OWN.findall(b">" + piece)))
            return
        starts, width = _text_starts(piece), _bytes_per_letter(piece)
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


def weight_of_texts(texts: Iterable[bytes], sheets: Iterable[bytes]) -> int:
    """Bytes of long texts, each as often as cells point to it.

    Examples
    --------
    >>> texts = [b"<si><t>" + b"x" * 993 + b"<si><t>Gao"]
    >>> weight_of_texts(texts, [b'<c r="A1" t="s"><v>0</v></c>'])
    750
    """
    weights = [_weight_of(text) for piece in texts for text in _texts_in(piece)]
    heavy = {index: one for index, one in enumerate(weights) if one}
    if not heavy:
        return 0
    pointed = (index for piece in sheets for index in map(int, _text_pointers(piece)))
    return sum(heavy.get(index, 0) for index in pointed)


def _text_pointers(piece: bytes) -> list[bytes]:
    """Numbers of the texts that the cells of a piece point to."""
    usual = _USUAL_POINTER.findall(piece)
    any_at_all = piece.count(b'"s"') + piece.count(b"'s'")
    return usual if len(usual) == any_at_all else _POINTER.findall(piece)


def _text_starts(piece: bytes) -> list[int]:
    return [found.start() for found in _TEXT.finditer(piece)]


def _texts_in(piece: bytes) -> Iterator[bytes]:
    """Each text with the tags up to the next."""
    starts = _text_starts(piece)
    return (piece[start:after] for start, after in pairwise([*starts, len(piece)]))


def _weight_of(text: bytes) -> int:
    return max(_bytes_per_letter(text) * len(text) - _ORDINARY, 0)


def _bytes_per_letter(text: bytes) -> int:
    """Bytes of each letter of a text in memory: that of its widest (its UTF-8 says which)."""
    if text.isascii():
        return 1
    return 4 if _ASTRAL.search(text) else 2 if _BEYOND_LATIN.search(text) else 1


_SHEETS = re.compile(r"xl/worksheets/[^/]+\.bin", re.IGNORECASE)
_SHORT = range(12, 19)
"""Cells without their column, after the one before them ([MS-XLSB] 2.4, BrtShort…): some
programs write them to save space, and calamine passes over them."""
LOOKED_AT = 2**16
"""Bytes of a sheet within which such a cell would stand."""


def has_short_cells(data: bytes) -> bool:
    """Whether a sheet holds cells that would be passed over.

    Parameters
    ----------
    data
        Whole file, a ZIP archive; a damaged one is left for whoever reads it to say.
    """
    try:
        return _has_short_cells(data)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError):
        return False


def _has_short_cells(data: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if _SHEETS.fullmatch(name):
                with archive.open(name) as part:
                    if any(kind in _SHORT for kind in _record_kinds(part.read(LOOKED_AT))):
                        return True
    return False


def _record_kinds(records: bytes) -> Iterator[int]:
    """Kinds of the records, which stand one after the other: kind, length, content."""
    place = 0
    while place < len(records):
        kind, place = _packed_number(records, place)
        length, place = _packed_number(records, place)
        yield kind
        place += length


def _packed_number(data: bytes, place: int) -> tuple[int, int]:
    """A number in groups of seven bits, the low ones first, and where it ends."""
    number = shift = 0
    while place < len(data):
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return number, place


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


class WorkbookPackage(NamedTuple):
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


def examine_package(path: Path | str, data: bytes) -> WorkbookPackage:
    """Pivot tables and ignored parts of an XLSX or XLSM that is safe to read.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file, already known to be a ZIP archive with a workbook.

    Returns
    -------
    WorkbookPackage
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
            pivots = dict(_pivot_areas(archive, sheets))
            names = [name.casefold() for name in archive.namelist()]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _damaged_workbook(path) from error
    except Exception as error:
        if type(error).__module__.startswith(("zlib", "lzma", "xml", "defusedxml")):
            raise _damaged_workbook(path) from error
        raise
    ignored = [_MACROS] if any(name.endswith("vbaproject.bin") for name in names) else []
    ignored += [_LINKS] if any("/externallinks/externallink" in name for name in names) else []
    findings = [Finding("part_ignored", params={"part": part}) for part in ignored]
    return WorkbookPackage(pivots, (*findings, *in_error), looks=looks)


def _damaged_workbook(path: Path | str) -> Exception:
    return unusable_error(path, _("classeur tronqué ou endommagé"), copy_again_remedy())


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the sheets of an XLSX by their part."""
    related = _relationship_targets(archive, _WORKBOOK)
    elements = _element_attributes(archive, _WORKBOOK)
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
    texts = CellTexts()
    opened = _opened_parts(archive, sheets)
    styles = _money_styles(archive)
    for name in opened:
        info = copy(archive.getinfo(name))
        info.file_size = MAX_UNPACKED + 1  # read to the true end, not to the declared one
        found = _SheetExtent()
        look = SheetLook.empty()
        for piece in _unpacked_pieces(path, archive, info, left):
            left -= len(piece)
            if b"<!DOCTYPE" in piece:
                raise entities_error(path)
            if b"\x00" in piece:  # UTF-16, which would hide from what follows
                raise _damaged_workbook(path)
            found.add_piece(piece)
            texts.add_piece(piece, name, is_sheet=found.is_sheet)
            if texts.texts > MOST_TEXTS:
                raise too_many_cells_error(path, texts.texts)
            if b't="e"' in piece:
                in_error.setdefault(name, []).extend(_ERROR.findall(piece))
            if found.is_sheet:
                _add_currencies(look, piece, styles)
                _add_hidden(look, piece)
        found.look_again(partial(_unpacked_pieces, path, archive, info, MAX_UNPACKED))
        if found.area > MAX_AREA:
            raise too_many_cells_error(path, found.area, Path(name).stem)
        if found.last > MAX_ROWS and name not in _hidden_sheets(archive):
            check_rows(path, found.last)
        looks[sheets.get(name, "")] = look
    if texts.may_weigh_too_much():
        _check_texts(path, archive, opened, texts.own)
    return looks, [*_error_cell_findings(sheets, in_error), *_formats_unread(archive)]


def _check_texts(
    path: Path | str, archive: zipfile.ZipFile, parts: list[str], text_bytes: int
) -> None:
    """Raise when the texts of cells would fill the memory, one copy a cell."""
    sheets = [name for name in parts if name.startswith("xl/worksheets/")]
    shared = (archive.read(name) for name in parts if name not in sheets)
    rows = (
        p for n in sheets for p in _unpacked_pieces(path, archive, archive.getinfo(n), MAX_UNPACKED)
    )
    if text_bytes + weight_of_texts(shared, rows) > MOST:
        why = _("les longs textes de ses cellules font plus de {n} Mo", n=MOST // 2**20)
        raise unusable_error(
            path, why, _("Enregistrez les données seules dans un nouveau classeur.")
        )


def _error_cell_findings(sheets: dict[str, str], cells: dict[str, list[bytes]]) -> list[Finding]:
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
            look.add_currency(int(row) - 1, _column_number(letters) - 1, styles[style])


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


def _hidden_sheets(archive: zipfile.ZipFile) -> set[str]:
    """Parts of the sheets that a person does not see: they are not read."""
    related = _relationship_targets(archive, _WORKBOOK)
    sheets = _element_attributes(archive, _WORKBOOK)
    return {related.get(e.get("id", ""), "") for e in sheets if "idden" in e.get("state", "")}


def _unpacked_pieces(
    path: Path | str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int
) -> Iterator[bytes]:
    """A part of an archive, unpacked bit by bit and cut behind rows, or else behind tags."""
    rest: list[bytes] = []
    with archive.open(info) as part:
        while chunk := part.read(_PIECE):
            most -= len(chunk)
            if most < 0:
                raise too_large_error(path)
            row = chunk.rfind(_ROW_END)
            end = row + len(_ROW_END) if row >= 0 else chunk.rfind(b">") + 1
            if end:
                yield b"".join((*rest, chunk[:end]))
                rest.clear()
            rest.append(chunk[end:])
    yield b"".join(rest)


@dataclass
class _SheetExtent:
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

    def add_piece(self, piece: bytes) -> None:
        """Look at a piece that is cut behind a tag."""
        self.is_sheet = self.is_sheet or b"sheetData" in piece
        if not self.is_sheet or self.unusual:
            return
        prefixed = b":" in piece and (b":c" in piece or b":row" in piece)
        prefixed = prefixed and bool(_PREFIXED.search(piece))
        if not prefixed and not _UNCOMMON.search(piece):
            return
        self.unusual = bool(prefixed or _UNUSUAL.search(piece))
        self.columns = max(self.columns, *map(_column_number, set(_WIDE.findall(piece))), 0)
        self.rows = max(self.rows, _largest_row(_DEEPEST, piece))
        self.last = max(self.last, _largest_row(_SAID, piece))

    def look_again(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Look at all the pieces again where the first look cannot tell."""
        if self.unusual:
            self.rows, self.columns = _careful_extent(b"".join(pieces()))
            self.last = 0
        elif self.area > MAX_AREA and self.rows == _FEW:
            self.rows = max(_largest_row(_DEEP, piece) for piece in pieces())


def _largest_row(cells: re.Pattern[bytes], piece: bytes) -> int:
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
            column, row = _column_number(found[1]), int(found[2])
        rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _column_number(letters: bytes) -> int:
    """Number, from 1, of a column's letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _relationship_targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Targets of a part's relationships by their id, as paths in the archive."""
    folder, name = posixpath.split(part)
    found = {}
    for element in _element_attributes(archive, f"{folder}/_rels/{name}.rels"):
        if element.get("TargetMode") == "External":
            continue
        target = element.get("Target", "")
        whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        found[element.get("Id", "")] = posixpath.normpath(whole)
    return found


def _element_attributes(archive: zipfile.ZipFile, part: str) -> Iterator[dict[str, str]]:
    """Attributes, without namespaces, of every element of a small part; none when absent."""
    if part not in archive.namelist() or archive.getinfo(part).file_size > SMALL:
        return

    for element in fromstring(archive.read(part)).iter():
        yield {key.rsplit("}", 1)[-1]: value for key, value in element.attrib.items()}


def _pivot_areas(
    archive: zipfile.ZipFile, sheets: dict[str, str]
) -> Iterator[tuple[str, tuple[Area, ...]]]:
    """Sheets that hold pivot tables, with the areas these fill."""
    if not any("pivotTables/" in name for name in archive.namelist()):
        return
    for part, name in sheets.items():
        areas = [
            area
            for target in _relationship_targets(archive, part).values()
            if "pivotTable" in target and (area := _pivot_location(archive, target))
        ]
        if areas:
            yield name, tuple(areas)


def _pivot_location(archive: zipfile.ZipFile, part: str) -> Area | None:
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
    return (
        int(top) - 1,
        _column_number(left.encode()) - 1,
        int(bottom) - 1,
        _column_number(right.encode()) - 1,
    )


def part_names(data: bytes) -> list[str]:
    """Names of the parts of an archive; none for bytes that are no archive."""
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.namelist()


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def examine_content(path: Path | str, data: bytes) -> WorkbookPackage:
    """Merged cells, pivot tables and looks of an ODS whose sheets are of a bearable size.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Raises
    ------
    UnusableFileError
        The content declares entities, or a sheet is too large with its repeated cells.
    """
    try:
        return _read_content(path, data)
    except DefusedXmlException as error:
        raise entities_error(path) from error


def _read_content(path: Path | str, data: bytes) -> WorkbookPackage:

    merged: dict[str, list[tuple[int, int, int]]] = {}
    pivots: dict[str, tuple[Area, ...]] = {}
    looks: dict[str, SheetLook] = {}
    name, row, column, width = "", 0, 0, 0
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("content.xml") as content:
        for event, element in iterparse(content, events=("start", "end")):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    name, row, column, width = element.get(f"{_TABLE}name", ""), 0, 0, 0
                    looks[name] = SheetLook.empty()
                continue
            if element.tag == f"{_TABLE}table-column":
                repeated = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
                if _is_hidden(element):
                    last = min(column + repeated, MAX_COLUMNS)
                    looks[name].hidden_columns.extend(range(column, last))
                column += repeated
            elif element.tag == f"{_TABLE}table-row":
                if areas := _merged_in_row(element, row):
                    merged.setdefault(name, []).extend(areas)
                _add_look(looks[name], element, row)
                row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                reach = _filled_width(element)
                width = max(width, reach)
                if reach and row * width > MAX_AREA:
                    raise too_many_cells_error(path, row * width, name)
                element.clear()
            elif element.tag == f"{_TABLE}data-pilot-table":
                _add_pivot(element.get(f"{_TABLE}target-range-address", ""), pivots)
    return WorkbookPackage(pivots, merged=merged, looks=looks)


def _is_hidden(element: Element) -> bool:
    return element.get(f"{_TABLE}visibility", "visible") != "visible"


def _add_look(look: SheetLook, row: Element, number: int) -> None:
    """Note whether a row with cells is hidden, and which of its numbers show a currency."""
    if not _filled_width(row):
        return
    repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
    numbers = range(number, number + min(repeated, MAX_ROWS))
    if _is_hidden(row):
        look.hidden_rows.extend(numbers)
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        many = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if code := cell.get(f"{_OFFICE}currency"):
            for at in range(column, column + min(many, MAX_COLUMNS)):
                for one in numbers:
                    look.add_currency(one, at, code)
        column += many


def _filled_width(row: Element) -> int:
    """Columns up to the last filled cell of a row; the empty ones after it do not count."""
    column = reach = 0
    for cell in row:
        if cell.tag in _CELLS:
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            reach = column if len(cell) else reach
    return reach


def _merged_in_row(row: Element, number: int) -> list[tuple[int, int, int]]:
    column = 0
    found = []
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        spanned = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
        if spanned > 1:
            found.append((column, number, number + spanned - 1))
        column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    return found


def _add_pivot(target: str, pivots: dict[str, tuple[Area, ...]]) -> None:
    """Add the area of a pivot, written ``'Sheet 1'.A3:'Sheet 1'.C20``."""
    name, _dot, _cells = target.partition(".")
    name = name.strip("'$").replace("''", "'")
    area = area_of(target.replace(name, ""))
    if area:
        pivots[name] = (*pivots.get(name, ()), area)
