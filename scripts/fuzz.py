"""Fuzz the readers and the values of cells with atheris: anything but an answer is a bug.

Run by ``make fuzz`` for a bounded time; what breaks is left in ``fuzz/`` to be replayed with
``python -m scripts.fuzz fuzz/crash-…``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

from atlas.errors import AtlasError

with atheris.instrument_imports(include=["atlas", "docx", "pdfplumber", "pdfminer"]):
    from atlas.ingest.files import iati_xml, packages, pdf, points, word, workbooks
    from atlas.ingest.files.confined import READERS, read_here
    from atlas.ingest.files.plain_text import decode_text, delimited_rows
    from atlas.ingest.parsing.amounts import parse_amount, parse_number
    from atlas.ingest.parsing.dates import parse_date, parse_period
    from atlas.ingest.pipeline import ingest_file
    from atlas.ingest.reading import Sheet
    from atlas.ingest.tables.table_columns import find_layout

from tests.ingest.seeds import inside, valid

FOLDER = Path("fuzz")
ARCHIVES = ("xlsx", "docx", "ods")
KINDS = ("cell", *sorted(valid()))
INSTRUMENTED = (iati_xml, packages, pdf, points, word, workbooks)


def one_input(data: bytes) -> None:
    """Read the bytes as the kind of file that the first of them says."""
    given = atheris.FuzzedDataProvider(data)
    kind = KINDS[given.ConsumeIntInRange(0, len(KINDS) - 1)]
    try:
        if kind == "cell":
            _cell(given.ConsumeUnicodeNoSurrogates(64))
        elif kind in ARCHIVES and given.ConsumeBool():
            part, position = given.ConsumeIntInRange(0, 40), given.ConsumeIntInRange(0, 2**20)
            _file(kind, inside(valid()[kind], part, position, given.ConsumeBytes(64)))
        else:
            _file(kind, given.ConsumeBytes(2**20))
    except AtlasError:
        return


def _cell(text: str) -> None:
    for parse in (parse_amount, parse_date, parse_number, parse_period):
        parse(text)


def _file(kind: str, data: bytes) -> None:
    if kind in READERS:
        read_here(Path(f"a.{kind}"), data, kind)
    elif kind == "xlsx":
        if data.startswith(b"PK"):
            workbooks.read_workbook(Path("a.xlsx"), data)
    elif data[-1:] < b"\x40":  # one in four goes the whole way
        _whole_way(kind, data)
    else:
        rows, _findings = delimited_rows(decode_text(data)[0])
        find_layout(Sheet("", rows))


def _whole_way(kind: str, data: bytes) -> None:
    """To tables that hold the contract, with every row accounted for."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"qip.{kind}")
        path.write_bytes(data)
        tables = ingest_file(path, source="qip").tables
    assert tables.documents["rows_read"].to_list() == [tables.rows.height]


def main() -> None:
    """Write the valid files as the first inputs, then fuzz with the options given."""
    corpus = FOLDER / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, kind in enumerate(KINDS):
        # atheris takes integers from the end of an input, bytes from its start.
        seed = valid().get(kind, b"45.317,39 USD") + bytes([0, number])
        (corpus / f"{kind}.seed").write_bytes(seed)
    atheris.Setup([*sys.argv, str(corpus), f"-artifact_prefix={FOLDER}/"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
