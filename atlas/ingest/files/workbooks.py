"""Workbooks → sheets, through python-calamine."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import python_calamine as calamine
from python_calamine import SheetTypeEnum

from atlas.encodings import is_mojibake, mend_mojibake
from atlas.errors import AtlasError, UnusableFileError
from atlas.i18n import N_, _
from atlas.ingest.files.admission import copy_again_remedy, protected_error, unusable_error
from atlas.ingest.files.document_tables import fill_down
from atlas.ingest.files.packages import (
    MAX_AREA,
    Area,
    SheetLook,
    WorkbookPackage,
    examine_content,
    examine_package,
    first_names,
    has_short_cells,
    part_names,
    with_known_errors,
)
from atlas.ingest.files.plain_text import (
    check_rows,
    has_unseen,
    too_many_cells_error,
    without_unseen,
)
from atlas.ingest.reading import FileContent, Finding, MoneyCell, Sheet, column_letters

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata


def release_memory() -> None:
    """Give what the C library keeps free back to the system.

    A workbook's reader leaves twice the size of its cells there, and neither Python nor the
    tables' library takes its memory from it. Where the C library is another (musl, macOS,
    Windows), nothing is done.
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return


HIDDEN = N_("feuille masquée")
EMPTY = N_("feuille vide")
PIVOT = N_("tableau croisé dynamique, tiré d'autres feuilles")
NO_CELLS = N_("graphique ou macro, sans cellules")

Rows = list[list[object]]


def read_workbook(path: Path, data: bytes) -> FileContent:
    """Sheets of an XLSX or XLSM, once its size is known to be bearable: see `read`."""
    package = examine_package(path, data)
    try:
        return _read_sheets(path, data, package)
    except UnusableFileError as error:
        if "error value" not in str(error.__cause__):
            raise
    return _read_sheets(path, with_known_errors(data), package)


def read(path: Path | str, data: bytes) -> FileContent:
    """Sheets of a workbook that a person sees, and what was left out.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Bytes of an XLSB, XLS or ODS.

    Returns
    -------
    FileContent
        Sheets with values from row 1 (empty cells ``None``). Hidden sheets are read only
        when nothing else holds data; pivot tables, macros and links never.

    Raises
    ------
    UnusableFileError
        The workbook is damaged, protected or without any data.
    """
    parts = part_names(data)
    if "xl/workbook.bin" in parts and has_short_cells(data):
        why = _("classeur binaire aux cellules abrégées, qui seraient perdues")
        raise unusable_error(path, why, _("Enregistrez-le en .xlsx, puis relancez."))
    package = WorkbookPackage({})
    if "content.xml" in parts:
        package = examine_content(path, data)
    return _read_sheets(path, data, package)


def _read_sheets(path: Path | str, data: bytes, package: WorkbookPackage) -> FileContent:

    findings: list[Finding] = list(package.findings)
    visible = calamine.SheetVisibleEnum.Visible
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        shown = {meta.name: meta.visible == visible for meta in _with_cells(workbook)}
        names = [name for name, seen in shown.items() if seen]
        sheets = _visible_sheets(path, workbook, names, package, findings)
        hidden = [name for name, seen in shown.items() if not seen]
        if not any(sheet.rows for sheet in sheets):
            sheets += _visible_sheets(path, workbook, hidden, package, findings)
            hidden = []
    except BaseException as error:  # on damage calamine also panics, outside `Exception`
        _raise_unreadable(path, error)
    if not any(sheet.rows for sheet in sheets):
        raise unusable_error(
            path, _("classeur sans données"), _("Vérifiez que c'est le bon fichier.")
        )
    told = {finding.params.get("sheet") for finding in findings}
    skipped = [(m.name, NO_CELLS) for m in workbook.sheets_metadata if m.name not in shown]
    skipped += [(s.name, EMPTY) for s in sheets if not s.rows and s.name not in told]
    skipped += [(name, HIDDEN) for name in hidden]
    findings += [_skipped_finding(name, reason) for name, reason in skipped]
    del workbook
    release_memory()
    return FileContent(None, tuple(sheet for sheet in sheets if sheet.rows), tuple(findings))


def _with_cells(workbook: CalamineWorkbook) -> list[SheetMetadata]:

    return [meta for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]


def _raise_unreadable(path: Path | str, error: BaseException) -> NoReturn:
    """Raise what is not the workbook's fault; say what is."""
    if isinstance(error, (AtlasError, MemoryError, KeyboardInterrupt, SystemExit)):
        raise error
    if "password" in str(error).casefold():
        raise protected_error(path) from error
    raise unusable_error(path, _("classeur tronqué ou endommagé"), copy_again_remedy()) from error


def _skipped_finding(sheet: str, reason: str) -> Finding:
    return Finding("sheet_skipped", sheet, params={"sheet": sheet, "reason": reason})


def _visible_sheets(
    path: Path | str,
    workbook: CalamineWorkbook,
    names: Iterable[str],
    package: WorkbookPackage,
    findings: list[Finding],
) -> list[Sheet]:
    sheets = []
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        rows, changed = _sheet_values(sheet)
        findings += [Finding(code, name, params={"n": n}) for code, n in changed.items() if n]
        merged = _merged_cells(path, sheet, package)
        if merged:
            rows, said = fill_down(name, rows, merged)
            findings += said
        areas = package.pivots.get(name, ())
        if areas and rows:
            rows = _without_areas(rows, areas)
            findings.append(_skipped_finding(name, PIVOT))
        if look := package.looks.get(name):
            _show_currencies(rows, look)
            findings += _hidden_data(name, rows, look)
        sheets.append(Sheet(name, rows))
        check_rows(path, sum(len(sheet.rows) for sheet in sheets))
    return sheets


def _merged_cells(
    path: Path | str, sheet: CalamineSheet, package: WorkbookPackage
) -> list[tuple[int, int, int]]:
    """Cells merged over several rows: column, first and last row."""
    if package.merged is not None:
        found = package.merged.get(sheet.name, [])
    else:
        areas = sheet.merged_cell_ranges or []
        found = [(left, top, bottom) for (top, left), (bottom, _right) in areas if bottom > top]
    covered = sum(bottom - top for _left, top, bottom in found)
    if covered > MAX_AREA:
        raise too_many_cells_error(path, covered, sheet.name)
    return found


def _without_areas(rows: Rows, areas: Sequence[Area]) -> Rows:
    """Rows with the cells of some areas blanked; none when nothing else is left."""
    kept = [list(row) for row in rows]
    for top, left, bottom, right in areas:
        for row in kept[top : bottom + 1]:
            row[left : right + 1] = [None] * len(row[left : right + 1])
    return kept if any(cell is not None for row in kept for cell in row) else []


def _show_currencies(rows: Rows, look: SheetLook) -> None:
    """Give the numbers whose format shows a currency that currency."""
    for (column, code), numbers in look.currencies.items():
        for row in (rows[number] for number in numbers if number < len(rows)):
            cell = row[column] if column < len(row) else None
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                row[column] = MoneyCell(cell, code)


def _hidden_data(name: str, rows: Rows, look: SheetLook) -> list[Finding]:
    """What is to be said of hidden rows and columns that hold data; they are read."""
    held = [
        r + 1 for r in look.hidden_rows if r < len(rows) and any(c is not None for c in rows[r])
    ]
    filled = {i for row in rows for i in look.hidden_columns if i < len(row) and row[i] is not None}
    named = {
        "rows_hidden": [str(row) for row in held],
        "columns_hidden": [column_letters(column) for column in sorted(filled)],
    }
    return [
        Finding(code, name, params={"sheet": name, "n": len(names), "named": first_names(names)})
        for code, names in named.items()
        if names
    ]


def _sheet_values(sheet: CalamineSheet) -> tuple[Rows, dict[str, int]]:
    """Rows from A1, ``None`` for blank cells, mojibake mended, blank rows at the end cut.

    With them in how many rows something was mended, by the code of the finding.

    A text that stands in many cells is one object: a long list repeats most of its words.
    """
    texts: dict[str, str | None] = {"": None}
    once = texts.setdefault
    left: list[object] = [None] * (sheet.start[1] if sheet.start else 0)
    cells: Rows = [
        [*left, *[once(cell, cell) if isinstance(cell, str) else cell for cell in row]]
        for row in sheet.iter_rows()
    ]
    strange = {
        text: mend_mojibake(text) for text in texts if not text.isascii() and is_mojibake(text)
    }
    unseen = {t: without_unseen(t) or None for t in (*texts, *strange.values()) if has_unseen(t)}
    changed = {
        "mojibake_mended": _replace_texts(cells, strange) if strange else 0,
        "invisible_removed": _replace_texts(cells, unseen) if unseen else 0,
    }
    while cells and not any(cell is not None for cell in cells[-1]):
        cells.pop()
    return cells, changed


def _replace_texts(rows: Rows, by: Mapping[str, str | None]) -> int:
    """Put other texts in place of some; how many rows had one."""
    changed = 0
    for row in rows:
        found = {i: by[cell] for i, cell in enumerate(row) if isinstance(cell, str) and cell in by}
        for index, text in found.items():
            row[index] = text
        changed += bool(found)
    return changed
