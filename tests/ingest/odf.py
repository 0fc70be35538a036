"""OpenDocument workbooks made for tests, from the XML of their rows."""

from __future__ import annotations

import zipfile
from pathlib import Path

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def row(*texts: str) -> str:
    """A row of text, and the thousand empty columns that LibreOffice adds."""
    rest = '<table:table-cell table:number-columns-repeated="1020"/>'
    cells = "".join(text if text.startswith("<") else cell(text) for text in texts)
    return f"<table:table-row>{cells}{rest}</table:table-row>"


def ods(path: Path, tables: dict[str, str], more: str = "", prolog: str = "") -> Path:
    """An ODS of tables (name → rows' XML); ``more`` follows them."""
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    body = "".join(
        f'<table:table table:name="{name}">{rows}{empty}</table:table>'
        for name, rows in tables.items()
    )
    spreadsheet = (
        f"<office:body><office:spreadsheet>{body}{more}</office:spreadsheet></office:body>"
    )
    content = f'<?xml version="1.0"?>{prolog}<office:document-content {NAMESPACES}>{spreadsheet}</office:document-content>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path
