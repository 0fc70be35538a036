"""What a pull brings: a file, with a name that says where and when, and its bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from math import isfinite
from typing import NamedTuple

import xlsxwriter

from atlas.i18n import _
from atlas.ingest.files.pulled_workbook import PULL_SHEET, PulledForm
from atlas.transfers import DownloadError

_LONGEST_CELL = 32_767
"""Letters that a cell of a workbook holds."""
_LONGEST_NAME = 60
_SHEET_NAME = 31
_UNDATED = datetime(2000, 1, 1)
"""Stands in the file for when it was made: the same answers give the same bytes."""

Cell = str | int | float | None


class PulledFile(NamedTuple):
    """A file as `atlas.ingest.pipeline.ingest_file` reads them."""

    name: str
    content: bytes


@dataclass
class PulledTable:
    """A table of answers.

    Attributes
    ----------
    name
        Of its sheet.
    rows
        Heading → value each; headings come in the order in which they are first met.
    headings
        Those that stand even where no row has a value.
    """

    name: str
    rows: list[dict[str, Cell]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


def form_file(
    name: str, tables: Sequence[PulledTable], form: PulledForm, earlier: PulledForm | None
) -> PulledFile:
    """The file of a form, which says what differs from the pull before, if there was one."""
    changes = form.changes_since(earlier) if earlier else ()
    return PulledFile(name, workbook_bytes(tables, replace(form, changes=changes)))


def pulled_name(kind: str, of: str, extension: str) -> str:
    """Name of a pulled file: the kind, the moment of the pull (UTC), whence.

    The moment comes first, so that nothing in an identifier is taken for the date, and the
    later of two pulls has the later name.
    """
    return f"{kind}-{moment_of_pull():%Y-%m-%d-%H%M%S}-{of}.{extension}"


def moment_of_pull() -> datetime:
    """Now (UTC)."""
    return datetime.now(UTC)


def name_part(*words: str) -> str:
    """Words as a part of a file name.

    Examples
    --------
    >>> name_part("kobo.example.org:8000", "../aX9")
    'kobo.example.org-8000-aX9'
    """
    plain = (re.sub(r"[^A-Za-z0-9.]+", "-", word).strip("-.")[:_LONGEST_NAME] for word in words)
    return "-".join(filter(None, plain))


def workbook_bytes(tables: Sequence[PulledTable], form: PulledForm) -> bytes:
    """A workbook of tables, with what is said of the pull on a sheet of its own.

    Raises
    ------
    DownloadError
        An answer is too long for a cell: nothing is cut.
    """
    buffer = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **plain})
    book.set_properties({"created": _UNDATED})
    for table in tables:
        sheet = book.add_worksheet(table.name)
        headings = list(dict.fromkeys([*table.headings, *(h for row in table.rows for h in row)]))
        lines: list[list[Cell]] = [
            [*headings],
            *([_cell(row.get(name)) for name in headings] for row in table.rows),
        ]
        for number, line in enumerate(lines):
            _check_lengths(line, headings, number)
            sheet.write_row(number, 0, line)
    sheet = book.add_worksheet(PULL_SHEET)
    for number, row in enumerate(form.rows()):
        sheet.write_row(number, 0, [cell[:_LONGEST_CELL] for cell in row])
    book.close()
    return buffer.getvalue()


def _cell(value: Cell) -> Cell:
    """A value as a cell holds it: what is no finite number is a word."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _check_lengths(line: Sequence[Cell], headings: Sequence[str], number: int) -> None:
    for heading, cell in zip(headings, line, strict=True):
        if isinstance(cell, str) and len(cell) > _LONGEST_CELL:
            raise DownloadError(
                _("« {heading} », entrée {n}", heading=heading[:80], n=number),
                _("réponse de plus de {n} signes", n=_LONGEST_CELL),
                _("Raccourcissez-la sur le serveur. Rien n'a été publié."),
            )


def sheet_name(name: str, taken: Sequence[str]) -> str:
    """A name that a sheet may have, and no other has.

    Examples
    --------
    >>> sheet_name("Sites [1/2]", ["Sites  1 2"])
    'Sites  1 2 ~2'
    """
    plain = re.sub(r"[\[\]:*?/\\]", " ", name).strip(" '")[:_SHEET_NAME] or "1"
    used = {one.casefold() for one in (*taken, PULL_SHEET)}
    found, number = plain, 1
    while found.casefold() in used:
        number += 1
        found = f"{plain[: _SHEET_NAME - 6]} ~{number}"
    return found


def distinct_heading(heading: str, key: str, taken: set[str]) -> str:
    """A heading that no other column has: its key beside it where another is called the same."""
    found = heading if heading not in taken else f"{heading} ({key})"
    while found in taken:
        found += "'"
    taken.add(found)
    return found
