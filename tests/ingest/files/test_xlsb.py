"""Binary workbooks: XLSB, and the XLS of before 2007."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlwt

from atlas.errors import UnusableFileError
from atlas.ingest.pipeline import ingest_file
from tests.ingest.xlsb import record, xlsb

LIST = [
    ["Intitulé du projet", "ONG", "Région", "Cercle", "Budget (USD)", "Date de début"],
    ["Forage à Tessit", "Oxfam", "Gao", "Ansongo", 1500.5, "15/01/2024"],
    ["École", "NRC", "Mopti", "Koro", "2 000,75", "01/02/2024"],
]


def test_a_binary_workbook_is_read_and_its_hidden_sheet_said(tmp_path: Path) -> None:
    path = tmp_path / "liste.xlsb"
    path.write_bytes(xlsb({"Liste": LIST, "Cachée": [["a", "b"]]}, hidden=["Cachée"]))
    batch = ingest_file(path)
    assert batch.report()["outcomes"] == {"activity": 2}
    assert batch.tables.activities["title"].to_list() == ["Forage à Tessit", "École"]
    assert batch.tables.activities["start"].to_list() == [date(2024, 1, 15), date(2024, 2, 1)]
    assert batch.tables.amounts["minor"].to_list() == [150050, 200075]
    assert batch.report()["findings"]["sheet_skipped"] == 1


def test_a_workbook_of_before_2007_keeps_its_dates_and_numbers(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Liste")
    as_day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for column, heading in enumerate(LIST[0]):
        sheet.write(0, column, heading)
    for column, cell in enumerate(LIST[1][:5]):
        sheet.write(1, column, cell)
    sheet.write(1, 5, date(2024, 1, 15), as_day)
    path = tmp_path / "liste.xls"
    book.save(str(path))
    batch = ingest_file(path)
    assert batch.tables.activities["start"].to_list() == [date(2024, 1, 15)]
    assert batch.tables.amounts["minor"].to_list() == [150050]


def test_a_binary_workbook_whose_cells_would_be_passed_over_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "liste.xlsb"
    short_real = record(16, b"\x00" * 12)
    path.write_bytes(xlsb({"Liste": LIST}, after_data=short_real))
    with pytest.raises(UnusableFileError, match="abrégées"):
        ingest_file(path)
