"""Answers as files: one list of formats for the command line and the page.

What comes here was withheld from whoever may not see it by `atlas.dataset`; a table that
was put together since passes the same declarations (`atlas.fields`) once more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from atlas.errors import UsageError, system_errors_as
from atlas.i18n import _
from atlas.model import Level, Viewer
from atlas.sensitivity import without_withheld
from atlas.store.disk import replace_bytes

if TYPE_CHECKING:
    from atlas.dataset import Answer

__all__ = [
    "FORMATS",
    "ExportFormat",
    "check_writable",
    "encoded_answer",
    "write_answer",
    "write_file",
]


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file.

    Attributes
    ----------
    writer
        ``module:function`` of what makes it, loaded when it is first asked for.
    text
        Whether it may be shown on a terminal.
    """

    extension: str
    mime: str
    writer: str
    text: bool = False

    def encode(self, answer: Answer) -> bytes:
        """The answer as the bytes of a file."""
        module, _colon, name = self.writer.partition(":")
        make: Callable[[Answer], bytes] = getattr(import_module(module), name)
        return make(answer)


FORMATS: dict[str, ExportFormat] = {
    "csv": ExportFormat(
        ".csv", "text/csv; charset=utf-8", "atlas.export.spreadsheets:to_csv", text=True
    ),
    "csv-fr": ExportFormat(
        ".csv", "text/csv; charset=utf-8", "atlas.export.spreadsheets:to_french_csv", text=True
    ),
    "json": ExportFormat(
        ".json", "application/json", "atlas.export.spreadsheets:to_json", text=True
    ),
    "hxl": ExportFormat(
        ".hxl.csv", "text/csv; charset=utf-8", "atlas.export.spreadsheets:to_hxl", text=True
    ),
    "xlsx": ExportFormat(
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "atlas.export.spreadsheets:to_xlsx",
    ),
    "geojson": ExportFormat(
        ".geojson", "application/geo+json", "atlas.export.map_files:to_geojson", text=True
    ),
    "gpkg": ExportFormat(
        ".gpkg", "application/geopackage+sqlite3", "atlas.export.map_files:to_gpkg"
    ),
    "geoparquet": ExportFormat(
        ".parquet", "application/vnd.apache.parquet", "atlas.export.map_files:to_geoparquet"
    ),
    "iati": ExportFormat(".xml", "application/xml", "atlas.export.iati:to_iati", text=True),
}


def encoded_answer(answer: Answer, fmt: str) -> bytes:
    """The answer as the bytes of a file of a format, as far as its viewer may read it.

    Raises
    ------
    UsageError
        No such format; the known ones are named.
    """
    if fmt not in FORMATS:
        raise UsageError(
            _("Format « {format} » inconnu", format=fmt),
            "",
            _("Formats : {formats}.", formats=", ".join(FORMATS)),
        )
    viewer = Viewer(str(answer.meta.get("viewer", Viewer.PUBLIC)))
    told = without_withheld(answer.table, answer.layer, Level(answer.level), viewer)
    return FORMATS[fmt].encode(replace(answer, table=told))


def write_answer(answer: Answer, fmt: str, out: Path | BinaryIO | None = None) -> None:
    """Write an answer to a file, an open buffer, or (``None``) the standard output.

    Raises
    ------
    UsageError
        Unknown format, a file that cannot be written, or binary bytes for a terminal.
    """
    if out is None:
        if fmt in FORMATS and not FORMATS[fmt].text and sys.stdout.isatty():
            raise UsageError(
                _("Format « {format} »", format=fmt),
                _("il ne s'affiche pas sur un terminal"),
                _("Nommez un fichier avec --out."),
            )
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded_answer(answer, fmt))
        sys.stdout.buffer.flush()
        return
    if not isinstance(out, Path):
        out.write(encoded_answer(answer, fmt))
        return
    what = _("Fichier {file} non écrit", file=out.name)
    with system_errors_as(what, "TMPDIR", UsageError):  # some writers go by way of a file
        content = encoded_answer(answer, fmt)
    write_file(out, content)


def write_file(out: Path, content: bytes) -> None:
    """Write a file that a person named; where it cannot be, one that was there stays as it was.

    Raises
    ------
    UsageError
        The system refuses: why, and what to do.
    """
    with system_errors_as(
        _("Fichier {file} non écrit", file=out.name), "--out FICHIER", UsageError
    ):
        if out.exists() and not out.is_file():  # a pipe, a terminal
            out.write_bytes(content)
        else:
            replace_bytes(out.resolve(), content)


def check_writable(out: Path) -> None:
    """Say at once, before minutes of work, that a file cannot be written where it is named.

    Raises
    ------
    UsageError
        The system refuses: why, and what to do.
    """
    with (
        system_errors_as(_("Fichier {file} non écrit", file=out.name), "--out FICHIER", UsageError),
        TemporaryFile(dir=out.resolve().parent),
    ):
        pass
