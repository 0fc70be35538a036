"""What Word and PDF documents have in common: text with tables in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from atlas.encodings import mend_text
from atlas.i18n import _
from atlas.ingest.files.admission import unusable
from atlas.ingest.reading import Content, Finding, Sheet


def paper(
    path: Path | str, lines: Sequence[str], sheets: Sequence[Sheet], findings: Sequence[Finding]
) -> Content:
    """Content of a document of lines and tables; mojibake in its text mended and said.

    Raises
    ------
    UnusableFileError
        It holds no text at all.
    """
    text, mended = mend_text("\n".join(lines))
    if not text.strip():
        remedy = _("Vérifiez que c'est le bon fichier.")
        raise unusable(path, _("document sans texte"), remedy)
    said = [Finding("mojibake_mended", params={"n": mended})] if mended else []
    kept = tuple(sheet for sheet in sheets if any(any(row) for row in sheet.rows))
    return Content(text, kept, (*findings, *said))


def as_line(row: Sequence[object]) -> str:
    """A table row as a line of the text: tabs between cells, no line break inside one."""
    return "\t".join("" if cell is None else " ".join(str(cell).split()) for cell in row)
