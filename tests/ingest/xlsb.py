"""A binary workbook (XLSB) of a few cells, written record by record ([MS-XLSB] 2.1.4)."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_RELATED = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
    "</Relationships>"
)
_ONE = (
    '<Relationship Id="rId{n}" Target="{target}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>'
)
_BUNDLE, _BEGIN_BOOK, _END_BOOK, _BEGIN_BUNDLES, _END_BUNDLES = 156, 131, 132, 143, 144
_BEGIN_SHEET, _END_SHEET, _BEGIN_DATA, _END_DATA, _DIMENSION = 129, 130, 145, 146, 148
_ROW, _REAL, _SHARED = 0, 5, 7
_BEGIN_TEXTS, _TEXT, _END_TEXTS = 159, 19, 160

Rows = Sequence[Sequence[object]]


def xlsb(sheets: dict[str, Rows], hidden: Sequence[str] = (), *, after_data: bytes = b"") -> bytes:
    """Bytes of a workbook: texts and numbers, a sheet a name; further records of each sheet."""
    names = list(sheets)
    bundles = b"".join(
        record(
            _BUNDLE,
            struct.pack("<II", int(name in hidden), n) + _wide(f"rId{n}") + _wide(name),
        )
        for n, name in enumerate(names, start=1)
    )
    book = record(_BEGIN_BUNDLES) + bundles + record(_END_BUNDLES)
    parts = [
        _ONE.format(n=n, target=f"worksheets/sheet{n}.bin", kind="worksheet")
        for n in range(1, len(names) + 1)
    ]
    parts.append(_ONE.format(n=len(names) + 1, target="sharedStrings.bin", kind="sharedStrings"))
    texts = [c for rows in sheets.values() for row in rows for c in row if isinstance(c, str)]
    shared = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    to_book = _ONE.format(n=1, target="xl/workbook.bin", kind="officeDocument")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATED.format(to_book))
        archive.writestr("xl/_rels/workbook.bin.rels", _RELATED.format("".join(parts)))
        archive.writestr("xl/workbook.bin", record(_BEGIN_BOOK) + book + record(_END_BOOK))
        archive.writestr("xl/sharedStrings.bin", _texts(list(shared), len(texts)))
        for n, name in enumerate(names, start=1):
            archive.writestr(
                f"xl/worksheets/sheet{n}.bin", _sheet(sheets[name], shared, after_data)
            )
    return buffer.getvalue()


def _texts(unique: Sequence[str], count: int) -> bytes:
    head = record(_BEGIN_TEXTS, struct.pack("<II", count, len(unique)))
    items = b"".join(record(_TEXT, b"\x00" + _wide(text)) for text in unique)
    return head + items + record(_END_TEXTS)


def _sheet(rows: Rows, shared: dict[str, int], after_data: bytes) -> bytes:
    width = max(len(row) for row in rows)
    extent = struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)
    data = b"".join(_row(number, row, shared) for number, row in enumerate(rows))
    return (
        record(_BEGIN_SHEET)
        + record(_DIMENSION, extent)
        + record(_BEGIN_DATA)
        + data
        + after_data
        + record(_END_DATA)
        + record(_END_SHEET)
    )


def _row(number: int, cells: Sequence[object], shared: dict[str, int]) -> bytes:
    head = record(_ROW, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
    filled = [(column, cell) for column, cell in enumerate(cells) if cell is not None]
    return head + b"".join(_cell(column, cell, shared) for column, cell in filled)


def _cell(column: int, value: object, shared: dict[str, int]) -> bytes:
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return record(_SHARED, place + struct.pack("<I", shared[value]))
    return record(_REAL, place + struct.pack("<d", value))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(kind: int, data: bytes = b"") -> bytes:
    return _packed(kind) + _packed(len(data)) + data


def _packed(number: int) -> bytes:
    """A number in groups of seven bits, the low ones first."""
    found = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        found.append(low | (0x80 if number else 0))
        if not number:
            return bytes(found)
