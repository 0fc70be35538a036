"""What calamine does not read of a binary workbook (XLSB), so that it is refused, not halved."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

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
                    if any(kind in _SHORT for kind in _kinds(part.read(LOOKED_AT))):
                        return True
    return False


def _kinds(records: bytes) -> Iterator[int]:
    """Kinds of the records, which stand one after the other: kind, length, content."""
    place = 0
    while place < len(records):
        kind, place = _packed(records, place)
        length, place = _packed(records, place)
        yield kind
        place += length


def _packed(data: bytes, place: int) -> tuple[int, int]:
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
