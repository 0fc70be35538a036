"""What an XLSX package says before its cells are read: how large, which pivots, what else.

calamine lays a sheet out as a full rectangle: two cells in opposite corners would take the
memory of all that lie between. The rectangle of every sheet is therefore measured first, in
the bytes that are really there rather than in what the package says of itself.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from atlas.i18n import N_
from atlas.ingest.admission import MAX_UNPACKED, again, entities, too_large_unpacked, unusable
from atlas.ingest.delimited import too_many_cells
from atlas.ingest.invisible import MARKS
from atlas.ingest.reading import Finding

MAX_AREA = 10_000_000
"""Most cells of a sheet's rectangle, empty ones included: 320 MB in calamine."""
SMALL = 4 * 2**20
"""Largest relationship or workbook part that is looked into."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""

_WIDE = re.compile(rb'<c r="([A-Za-z]{2,})\d+"[^>]*(?<!/)>')
_DEEP = re.compile(rb'<c r="[A-Za-z]*(\d{5,})"[^>]*(?<!/)>')
_DEEPEST = re.compile(rb'<c r="[A-Za-z]*(\d{6,})"[^>]*(?<!/)>')
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
_UNUSUAL = re.compile(rb'<c(?! r="[A-Za-z])[\s/>]')
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_REFERENCE = re.compile(rb"(?<![\w:])r\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_LOCATION = re.compile(rb"<(?:\w+:)?location\b[^>]*?\bref=\"([A-Z]+\d+(?::[A-Z]+\d+)?)\"")
_MOJIBAKE = ("Ã".encode(), "Â".encode(), "Å".encode(), "â€".encode(), b"&#")
"""Without these, or a character written by its number, no text is mojibake."""
_STRANGE = (*_MOJIBAKE, *MARKS)
_MACROS, _LINKS = N_("macros"), N_("liens vers d'autres classeurs")


@dataclass(frozen=True)
class Package:
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
    mojibake
        Whether some text may be mojibake or invisible: to be looked for cell by cell.
    """

    pivots: dict[str, tuple[Area, ...]]
    findings: tuple[Finding, ...] = ()
    merged: dict[str, list[tuple[int, int, int]]] | None = None
    mojibake: bool = True


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
            related = _related(archive, "xl/workbook.xml")
            mojibake = _check_parts(path, archive, sorted(set(related.values())))
            pivots = dict(_pivots(archive, related))
            names = [name.casefold() for name in archive.namelist()]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _damaged(path) from error
    except Exception as error:
        if type(error).__module__.startswith(("zlib", "lzma", "xml", "defusedxml")):
            raise _damaged(path) from error
        raise
    ignored = [_MACROS] if any(name.endswith("vbaproject.bin") for name in names) else []
    ignored += [_LINKS] if any("/externallinks/externallink" in name for name in names) else []
    findings = tuple(Finding("part_ignored", params={"part": part}) for part in ignored)
    return Package(pivots, findings, mojibake=mojibake)


def _damaged(path: Path | str) -> Exception:
    from atlas.i18n import _

    return unusable(path, _("classeur tronqué ou endommagé"), again())


def _check_parts(path: Path | str, archive: zipfile.ZipFile, parts: list[str]) -> bool:
    """Unpack what calamine will unpack, whatever size the directory claims, and measure it.

    Returns whether some text may be mojibake.
    """
    present = set(archive.namelist())
    unpacked = 0
    mojibake = False
    for name in parts:
        if name not in present:
            continue
        info = archive.getinfo(name)
        info.file_size = MAX_UNPACKED + 1  # read to the true end, not to the declared one
        with archive.open(info) as part:
            content = part.read(MAX_UNPACKED + 1 - unpacked)
        unpacked += len(content)
        if unpacked > MAX_UNPACKED:
            raise too_large_unpacked(path, unpacked)
        if b"<!DOCTYPE" in content:
            raise entities(path)
        if b"\x00" in content:  # UTF-16, which would hide from what follows
            raise _damaged(path)
        if b"sheetData" in content:
            rows, columns = extent(content)
            if rows * columns > MAX_AREA:
                raise too_many_cells(path, rows * columns, Path(name).stem)
        mojibake = mojibake or any(mark in content for mark in _STRANGE)
    return mojibake


def extent(sheet: bytes) -> tuple[int, int]:
    """Rows and columns, from A1, that the filled cells of a sheet's XML reach at most.

    Examples
    --------
    >>> extent(b'<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    (1048576, 16384)
    >>> extent(b'<sheetData><row r="2"><c r="A2"><v>1</v></c><c r="AMJ2" s="1"/></row></sheetData>')
    (99999, 26)
    """
    prefixed = (b":c" in sheet or b":row" in sheet) and _PREFIXED.search(sheet)
    if prefixed or _UNUSUAL.search(sheet):
        return _careful_extent(sheet)
    columns = max(map(_column, set(_WIDE.findall(sheet))), default=26)
    rows = max(map(int, _DEEPEST.findall(sheet)), default=99_999)
    if rows * columns > MAX_AREA:
        rows = max(map(int, _DEEP.findall(sheet)), default=9999)
    return rows, columns


def _careful_extent(sheet: bytes) -> tuple[int, int]:
    """The same for XML that no common program writes: token by token, empty cells too."""
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
    archive: zipfile.ZipFile, related: dict[str, str]
) -> Iterator[tuple[str, tuple[Area, ...]]]:
    """Sheets that hold pivot tables, with the areas these fill."""
    if not any("pivotTables/" in name for name in archive.namelist()):
        return
    for element in _elements(archive, "xl/workbook.xml"):
        part = related.get(element.get("id", ""))
        if part is None or "name" not in element:
            continue
        areas = [
            area
            for target in _related(archive, part).values()
            if "pivotTable" in target and (area := _location(archive, target))
        ]
        if areas:
            yield element["name"], tuple(areas)


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
