"""Small valid files of every kind, for whoever wants to break them."""

from __future__ import annotations

import json
import struct
import tempfile
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import xlsxwriter

from tests.ingest.odf import cell, ods, row
from tests.ingest.papers import Page, pdf, word

LIST = [
    ("Titre", "Région", "Budget USD", "Début"),
    ("Forage à Gao", "Gao", "45.317,39", "1er mars 2017"),
]
IATI = (
    '<iati-activities version="2.03"><iati-activity default-currency="USD"><iati-identifier>X</iati-identifier>'
    "<title><narrative>Forage</narrative></title><recipient-country code='ML'/><location><point><pos>16 0</pos>"
    "</point></location><budget><value value-date='2024-01-01'>5</value></budget></iati-activity></iati-activities>"
)


@cache
def valid() -> dict[str, bytes]:
    """Extension → bytes of a file that is read."""
    text = "\n".join(";".join(line) for line in LIST)
    feature = {"geometry": {"type": "Point", "coordinates": [0, 16]}, "properties": {"Titre": "A"}}
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "docx": word(Path(folder, "a.docx"), "Situation au 30 juin 2017", LIST),
            "pdf": pdf(Path(folder, "a.pdf"), Page().line("Projets").table(LIST)),
            "ods": ods(Path(folder, "a.ods"), {"QIP": row(*LIST[0]) + row(cell("Forage"), "Gao")}),
        }
        files = {kind: path.read_bytes() for kind, path in made.items()}
    return {
        **files,
        "xlsx": _workbook(),
        "gpkg": _package(),
        "csv": text.encode("cp1252"),
        "tsv": text.replace(";", "\t").encode(),
        "txt": f"Plan\n{text}".replace(";", "\t").encode("mac_roman"),
        "xml": IATI.encode(),
        "geojson": json.dumps({"type": "FeatureCollection", "features": [feature]}).encode(),
    }


def _package() -> bytes:
    """A GeoPackage of one point."""
    import numpy
    import pyogrio.raw

    data = BytesIO()
    pyogrio.raw.write(
        data,
        geometry=numpy.array([struct.pack("<BIdd", 1, 1, 0.0, 16.0)], dtype=object),
        field_data=[numpy.array(["Forage"], dtype=object)],
        fields=["Titre"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver="GPKG",
        layer="qip",
    )
    return data.getvalue()


def _workbook() -> bytes:
    data = BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    sheet = book.add_worksheet("QIP")
    for number, line in enumerate(LIST):
        sheet.write_row(number, 0, line)
    sheet.merge_range(3, 0, 5, 0, "Kidal")
    book.close()
    return data.getvalue()


def inside(archive: bytes, part: int, position: int, new: bytes) -> bytes:
    """An archive with bytes written into one of its parts: what a checksum would hide."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as made:
        names = old.namelist()
        for number, name in enumerate(names):
            content = old.read(name)
            if number == part % len(names) and content:
                at = position % len(content)
                content = content[:at] + new + content[at + len(new) :]
            made.writestr(name, content)
    return out.getvalue()
