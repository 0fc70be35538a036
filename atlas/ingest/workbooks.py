"""Workbooks → sheets, through python-calamine."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from atlas.errors import UnusableFileError
from atlas.i18n import N_, _
from atlas.ingest.encodings import is_mojibake, mend
from atlas.ingest.reading import Finding, Sheet

HIDDEN = N_("feuille masquée")
EMPTY = N_("feuille vide")

Rows = list[list[object]]


def read_workbook(path: Path, data: bytes) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """Sheets of a workbook that a person sees, and what was left out.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Bytes of an XLSX, XLSM, XLSB, XLS or ODS.

    Returns
    -------
    tuple
        Sheets with values from row 1 (empty cells ``None``); hidden sheets are read only
        when nothing else holds data.

    Raises
    ------
    UnusableFileError
        The workbook is damaged, protected or without any data.
    """
    import python_calamine as calamine

    try:
        workbook = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        sheets: list[tuple[str, bool, Rows]] = []
        visible = calamine.SheetVisibleEnum.Visible
        shown = {meta.name: meta.visible == visible for meta in workbook.sheets_metadata}
        hidden = [name for name, seen in shown.items() if not seen]
        for name in [name for name, seen in shown.items() if seen]:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            sheets.append((name, True, _values(rows)))
        if not any(rows for _name, _seen, rows in sheets):
            for name in hidden:
                rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                sheets.append((name, False, _values(rows)))
            hidden = []
    except BaseException as error:  # on damage calamine also panics, outside `Exception`
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise UnusableFileError(
            _("{file} inutilisable", file=path),
            _("classeur endommagé ou protégé"),
            _("Ouvrez-le, enregistrez-le de nouveau en XLSX sans mot de passe, puis relancez."),
        ) from error
    if not any(rows for _name, _seen, rows in sheets):
        raise UnusableFileError(
            _("{file} inutilisable", file=path),
            _("classeur sans données"),
            _("Vérifiez que c'est le bon fichier."),
        )
    skipped = [(name, EMPTY) for name, _seen, rows in sheets if not rows]
    skipped += [(name, HIDDEN) for name in hidden]
    findings = [
        Finding("sheet_skipped", name, params={"sheet": name, "reason": reason})
        for name, reason in skipped
    ]
    kept = [Sheet(name, rows) for name, _seen, rows in sheets if rows]
    return tuple(kept), tuple(findings)


def _values(rows: Sequence[Sequence[object]]) -> Rows:
    """Rows with ``None`` for blank cells, mojibake mended, blank rows at the end cut."""
    strange = {
        value: mend(value)
        for value in {cell for row in rows for cell in row if isinstance(cell, str)}
        if is_mojibake(value)
    }
    cells: Rows = [[None if cell == "" else cell for cell in row] for row in rows]
    if strange:
        cells = [
            [strange.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
            for row in cells
        ]
    while cells and not any(cell is not None for cell in cells[-1]):
        cells.pop()
    return cells
