"""Reading a workbook: calamine alone, openpyxl + pandas, ours to the rows, ours to a snapshot.

Every line is a whole process, interpreter and imports included; the store is a new one each
time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter

from benchmarks import projects, timing
from benchmarks.misspell import NAMES

CALAMINE = (
    "import sys, python_calamine as c;"
    "w = c.CalamineWorkbook.from_path(sys.argv[1]);"
    "print(len(w.get_sheet_by_name(w.sheet_names[0]).to_python()))"
)
PANDAS = "import sys, pandas; print(len(pandas.read_excel(sys.argv[1], engine='openpyxl')))"
READ = (
    "import sys, atlas.ingest.files.readers as r;"
    "print(sum(len(s.rows) for s in r.read_document(sys.argv[1]).sheets))"
)
ROWS = 22_805
MOST_SECONDS, MOST_TIMES_READ, MOST_MB = 1.5, 2, 500
"""What an import may cost: the national matrix, the rows of a long list (of those of calamine),
memory."""


def measure(shared: Path, peer: Path | None, rows: int) -> Iterator[timing.Row]:
    """The Mali 5W workbook of March 2022 where it is at hand, and a long synthetic list."""
    with tempfile.TemporaryDirectory() as folder:
        real = shared / "data" / "whowhatwhere_5w_mli_mar2022.xlsx"
        book = real if real.is_file() else synthetic(Path(folder) / "synthetic_5w_mar2022.xlsx")
        named = "5W March 2022" if book is real else "synthetic 5W"
        words = ("--source", "ngo", "--as-of", "2022-03-31")
        matrix = f"{named}, {ROWS:,} rows"
        yield from _compare(matrix, book, words, peer, runs=11, most_seconds=MOST_SECONDS)
        long = projects.write(Path(folder) / "synthetic_projects.xlsx", rows)
        listed = f"synthetic projects, {rows:,} rows"
        yield from _compare(listed, long, (), peer, runs=2, most_to_read=MOST_TIMES_READ)


def _compare(
    label: str,
    book: Path,
    words: Sequence[str],
    peer: Path | None,
    runs: int,
    most_to_read: int = 0,
    most_seconds: float = 0,
) -> Iterator[timing.Row]:
    with tempfile.TemporaryDirectory() as store:
        own = [*words, "--json", "--store", f"{store}/{{run}}"]
        raw, read, ours = timing.costs(
            [
                ["-c", CALAMINE, str(book)],
                ["-c", READ, str(book)],
                ["-m", "atlas", "ingest", str(book), *own],
            ],
            runs,
        )
    yield label, "calamine, read only", str(raw), _memory(raw)
    python = _with_openpyxl(peer)
    if python:
        slow = timing.cost(["-c", PANDAS, str(book)], 1, python=python)
        yield label, "openpyxl + pandas, read only", str(slow), _beside(slow, raw)
    yield label, "atlas, to rows", str(read), _beside(read, raw, most_to_read)
    limit = f"at most {most_seconds} s; " if most_seconds else ""
    yield label, "atlas, to a published snapshot", str(ours), limit + _beside(ours, raw)


def _beside(cost: timing.Cost, raw: timing.Cost, most: int = 0) -> str:
    limit = f" (at most {most})" if most else ""
    times = f"{cost.wall / raw.wall:.1f} × calamine{limit}, {cost.cpu / raw.cpu:.1f} × its CPU"
    return f"{times}; {_memory(cost)}"


def _memory(cost: timing.Cost) -> str:
    return f"{cost.peak:.0f} MB of at most {MOST_MB}"


def _with_openpyxl(peer: Path | None) -> Path | None:
    """A Python that has openpyxl and pandas: the peers', else this one."""
    for python in filter(None, (peer, Path(sys.executable))):
        known = [str(python), "-c", "import openpyxl, pandas"]
        if python.is_file() and subprocess.run(known, capture_output=True).returncode == 0:
            return python
    return None


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
