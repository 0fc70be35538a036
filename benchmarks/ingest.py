"""A whole ``atlas ingest`` beside a process that only reads the sheet with calamine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from benchmarks import timing
from benchmarks.misspell import NAMES

RAW_READ = (
    "import sys, python_calamine as c;"
    "w = c.CalamineWorkbook.from_path(sys.argv[1]);"
    "print(len(w.get_sheet_by_name(w.sheet_names[0]).to_python()))"
)
ROWS = 22_805


def measure(shared: Path) -> Iterator[timing.Row]:
    """The Mali 5W workbook of March 2022 where it is at hand, else a synthetic one of its shape."""
    with tempfile.TemporaryDirectory() as folder:
        real = shared / "data" / "whowhatwhere_5w_mli_mar2022.xlsx"
        book = real if real.is_file() else synthetic(Path(folder) / "synthetic_5w_mar2022.xlsx")
        label = f"ingest {'5W March 2022' if book is real else 'synthetic 5W'}, whole process"
        raw = timing.process(["-c", RAW_READ, str(book)])
        words = [
            "-m",
            "atlas",
            "ingest",
            str(book),
            "--source",
            "ngo",
            "--as-of",
            "2022-03-31",
            "--json",
        ]
        ours = timing.process(words, env={"ATLAS_HOME": folder})
        yield label, "calamine, read only", f"{raw:.2f} s", f"{ROWS:,} rows"
        yield (
            label,
            "atlas, to a published snapshot",
            f"{ours:.2f} s",
            f"{ours / raw:.1f} × the raw read",
        )


def synthetic(path: Path) -> Path:
    """A workbook of the 5W's shape with invented organisations over real cercles."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("ML_5W")
        sheet.write_row(
            0, 0, ["Organisation Accronyme", "admin1Pcod", "Region", "admin2Pcod", "Cercle"]
        )
        sheet.write_row(1, 0, ["#org+name", "#adm1+code", "#adm1+name", "#adm2+code", "#adm2+name"])
        for row in range(ROWS):
            code, region, cercle = NAMES[row % len(NAMES)]
            sheet.write_row(row + 2, 0, [f"ONG {row % 156}", code[:4], region, code, cercle])
    return path
