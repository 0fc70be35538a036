"""Word and PDF documents made for tests, from rows that stand in the test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx

Row = Sequence[str]


def word(path: Path, *parts: str | Sequence[Row], merge: Sequence[tuple[int, ...]] = ()) -> Path:
    """A DOCX of paragraphs and tables; ``merge`` joins cells of the last table."""
    document = docx.Document()
    table = None
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(len(part), len(part[0]))
        for number, row in enumerate(part):
            for column, text in enumerate(row):
                table.cell(number, column).text = text
    for top, left, bottom, right in merge:
        assert table is not None
        kept = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = kept
    document.save(str(path))
    return path


class Page:
    """A page under the hand: text and ruled tables, from the top down."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.y = 780

    def line(self, text: str) -> Page:
        self._text(60, self.y, text)
        self.y -= 20
        return self

    def table(self, rows: Sequence[Row], merged: Sequence[tuple[int, int]] = ()) -> Page:
        """Ruled cells 150 points wide; ``merged``: (row, column) cells without an upper edge."""
        width, height = 150, 20
        for number, row in enumerate(rows):
            top = self.y - number * height
            for column, text in enumerate(row):
                left = 60 + column * width
                self._rule(left, top, left, top - height)
                if (number, column) not in merged:
                    self._rule(left, top, left + width, top)
                self._text(left + 4, top - 14, text)
            self._rule(60 + len(row) * width, top, 60 + len(row) * width, top - height)
        bottom = self.y - len(rows) * height
        self._rule(60, bottom, 60 + len(rows[0]) * width, bottom)
        self.y = bottom - 20
        return self

    def _text(self, x: int, y: int, text: str) -> None:
        told = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.drawn.append(f"BT /F1 9 Tf {x} {y} Td ({told}) Tj ET")

    def _rule(self, x0: int, y0: int, x1: int, y1: int) -> None:
        self.drawn.append(f"{x0} {y0} m {x1} {y1} l S")


def pdf(path: Path, *pages: Page) -> Path:
    """A PDF of these pages, in Helvetica; a page without text is what a scanner makes."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, page in enumerate(pages):
        content = "\n".join(page.drawn)
        resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {5 + 2 * index} 0 R >>")
        size = len(content.encode("cp1252"))
        objects.append(f"<< /Length {size} >>\nstream\n{content}\nendstream")
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    )
    path.write_bytes(out)
    return path
