"""Files made to exhaust whoever reads them; each is small on disk."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
import zlib
from pathlib import Path

import xlsxwriter

from tests.ingest.odf import cell, ods

MEGA = 2**20


def _book(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("QIP").write_row(0, 0, ["Titre", "Région"])
    book.close()
    return path


def _with_sheet(path: Path, *chunks: bytes, times: int = 1) -> Path:
    """The workbook with other XML for its sheet; the middle chunk stands many times."""
    with zipfile.ZipFile(_book(path)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for number, chunk in enumerate(chunks):
                for _time in range(times if number == 1 else 1):
                    part.write(chunk)
    return path


def _sheet(rows: str, name: str = "worksheet") -> bytes:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return f'<?xml version="1.0"?><{name} {space}><sheetData>{rows}</sheetData></{name}>'.encode()


def corners(path: Path) -> Path:
    """Two cells at the opposite corners of a sheet: 17 000 million between them."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _with_sheet(path, _sheet(rows))


def with_rows(path: Path, rows: str) -> Path:
    """A workbook whose sheet is these rows."""
    return _with_sheet(path, _sheet(rows))


def sly_corners(path: Path) -> Path:
    """The same in XML that no program writes: other quotes, other order, no row numbers."""
    rows = "<row><c\tx='>' r='A1'><v>1</v></c><c s='1' r='XFD1048576'><v>1</v></c></row>"
    return _with_sheet(path, _sheet(rows))


def liar(path: Path) -> Path:
    """A package whose directory says 1 kB of a sheet that unpacks to 300 MB."""
    start, end = _sheet("|").split(b"|")
    _with_sheet(path, start, b"<row/>" * (MEGA // 2), end, times=100)
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    for offset in (
        entry + 24,
        data.find(b"PK\x03\x04", struct.unpack_from("<I", data, entry + 42)[0]) + 22,
    ):
        struct.pack_into("<I", data, offset, 1000)
    path.write_bytes(data)
    return path


def repeated(path: Path) -> Path:
    """One filled cell of an ODS, said to stand a thousand times in a million rows."""
    one = cell("x", 'table:number-columns-repeated="1000"')
    return ods(
        path,
        {"QIP": f'<table:table-row table:number-rows-repeated="1000000">{one}</table:table-row>'},
    )


def entities(path: Path) -> Path:
    """A thousand million laughs in a part of an ODS."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE l [<!ENTITY l0 "ha">{lines}]>'
    return ods(path, {"QIP": f"<table:table-row>{cell('&l9;')}</table:table-row>"}, prolog=prolog)


def deep_word(path: Path) -> Path:
    """A Word text of 150 MB of empty paragraphs."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "<w:p/>" * (25 * MEGA)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>"
        )
    return path


def swollen_pdf(path: Path) -> Path:
    """A PDF whose one page unpacks to 800 MB."""
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(MEGA)) for _n in range(800)) + packer.flush()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    stream = (
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        + packed
        + b"\nendstream"
    )
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        stream,
    ]
    out = b"%PDF-1.4\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % item for item in enumerate(bodies, 1)
    )
    path.write_bytes(out + b"trailer\n<< /Root 1 0 R >>\n%%EOF")
    return path


def many_objects(path: Path) -> Path:
    """A GeoJSON of twelve million empty lists."""
    path.write_text('{"features": [' + "[]," * (12 * MEGA) + "[]]}")
    return path


def many_cells(path: Path) -> Path:
    """A CSV of forty million cells."""
    path.write_bytes(b"Titre;R\n" + b"a;" * (20 * MEGA))
    return path


def endless(path: Path) -> Path:
    """A GeoPackage whose table is a question without an end."""
    import numpy
    import pyogrio.raw

    point = struct.pack("<BIdd", 1, 1, 0.0, 16.0)
    pyogrio.raw.write(
        str(path),
        geometry=numpy.array([point], dtype=object),
        field_data=[numpy.array(["A"], dtype=object)],
        fields=["Titre"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver="GPKG",
        layer="qip",
    )
    with sqlite3.connect(path) as base:
        base.execute(
            "CREATE VIEW sans_fin AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT max(x) AS Titre FROM n"
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('sans_fin', 'attributes', 'sans_fin')"
        )
    base.close()
    return path


def nested(path: Path) -> Path:
    """JSON within JSON, a hundred thousand times."""
    path.write_text("[" * 100_000)
    return path
