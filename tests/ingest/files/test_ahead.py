"""The first workbook is read while the programme loads."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from atlas.errors import UnusableFileError
from atlas.ingest.files.readers import prefetched_reader, read_document


def book(path: Path, title: str) -> Path:
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Projets").write_row(0, 0, ["Titre", title])
    return path


def test_what_is_read_ahead_is_what_is_read(tmp_path: Path) -> None:
    first, second = book(tmp_path / "a.xlsx", "Forage"), book(tmp_path / "b.xlsx", "École")
    read = prefetched_reader([first, second])
    assert [read(second), read(first), read(first)] == [
        read_document(second),
        read_document(first),
        read_document(first),
    ]


def test_a_damaged_workbook_is_said_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 no more")
    read = prefetched_reader([path])
    with pytest.raises(UnusableFileError, match=r"a\.xlsx"):
        read(path)


def test_no_text_is_read_ahead(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Titre;Région\nForage;Gao\n", "utf-8")
    assert prefetched_reader([path]) is read_document
    assert prefetched_reader([]) is read_document
