"""Workbooks as people keep them: titles, notes, merged cells, pivots, empty columns."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from atlas.errors import UnusableFileError
from atlas.ingest.files.packages import examine_package
from atlas.ingest.files.readers import read_document
from atlas.ingest.pipeline import ingest_file
from tests.ingest.odf import cell, ods, row

LIST = [["Titre", "Région", "Budget USD"], ["Forage", "Gao", 100], ["École", "Kidal", 50]]


def book(path: Path, rows: list[list[object]], name: str = "QIP") -> xlsxwriter.Workbook:
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet(name)
    for number, values in enumerate(rows):
        sheet.write_row(number, 0, values)
    return made


def add_part(path: Path, parts: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def rewrite(path: Path, target: Path, parts: dict[str, str]) -> None:
    """A copy of an archive with other contents in some parts."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name) or old.read(name))


def titles(path: Path) -> list[str]:
    return ingest_file(path).tables.activities["title"].to_list()


def said(path: Path, code: str) -> list[dict[str, object]]:
    return [dict(f.params) for f in read_document(path).findings if f.code == code]


def test_titles_and_notes_above_the_table_are_no_rows(tmp_path: Path) -> None:
    notes: list[list[object]] = [["Projets à impact rapide"], ["Situation au 30 juin 2017"], []]
    book(tmp_path / "qip.xlsx", [*notes, ["NB : montants en dollars"], *LIST]).close()
    report = ingest_file(tmp_path / "qip.xlsx").report()
    assert (report["rows_read"], report["activities"], report["as_of"]) == (2, 2, "2017-06-30")


def test_headings_over_two_rows_with_merged_cells_are_one_heading(tmp_path: Path) -> None:
    made = book(
        tmp_path / "qip.xlsx", [[], ["", "Région", "Cercle", ""], ["Forage", "Gao", "Ansongo", 10]]
    )
    sheet = made.get_worksheet_by_name("QIP")
    sheet.merge_range(0, 0, 1, 0, "Titre")
    sheet.merge_range(0, 1, 0, 2, "Localisation")
    sheet.merge_range(0, 3, 1, 3, "Budget USD")
    made.close()
    tables = ingest_file(tmp_path / "qip.xlsx").tables
    assert tables.activities["title"].to_list() == ["Forage"]
    assert tables.placements["raw"].str.contains("Ansongo").all()
    assert tables.amounts["minor"].to_list() == [1000]


def test_a_region_merged_over_its_projects_places_each_and_a_merged_budget_counts_once(
    tmp_path: Path,
) -> None:
    rows: list[list[object]] = [
        ["Région", "Titre", "Budget USD"],
        ["", "Forage", ""],
        ["", "École", ""],
    ]
    made = book(tmp_path / "qip.xlsx", rows)
    made.get_worksheet_by_name("QIP").merge_range(1, 0, 2, 0, "Kidal")
    made.get_worksheet_by_name("QIP").merge_range(1, 2, 2, 2, 900)
    made.close()
    tables = ingest_file(tmp_path / "qip.xlsx").tables
    assert tables.placements["unit_id"].to_list() == ["ml-2023/kidal"] * 2
    assert tables.amounts["minor"].to_list() == [90000]
    assert said(tmp_path / "qip.xlsx", "figure_merged") == [{"raw": "900", "n": 2}]
    assert said(tmp_path / "qip.xlsx", "cells_merged") == [{"sheet": "QIP", "n": 1}]


def test_serial_numbers_and_real_dates_are_the_same_days(tmp_path: Path) -> None:
    made = book(
        tmp_path / "qip.xlsx", [["Titre", "Région", "Début", "Fin"], ["Forage", "Gao", 42767]]
    )
    day = made.add_format({"num_format": "dd/mm/yyyy"})
    made.get_worksheet_by_name("QIP").write_datetime(1, 3, date(2017, 3, 31), day)
    made.close()
    activity = ingest_file(tmp_path / "qip.xlsx").tables.activities.row(0, named=True)
    assert (activity["start"], activity["end"]) == (date(2017, 2, 1), date(2017, 3, 31))


def test_a_thousand_formatted_empty_columns_weigh_nothing(tmp_path: Path) -> None:
    made = book(tmp_path / "qip.xlsx", LIST)
    sheet, grey = made.get_worksheet_by_name("QIP"), made.add_format({"bg_color": "#EEEEEE"})
    for number in range(3):
        for column in range(3, 1024):
            sheet.write_blank(number, column, None, grey)
    made.close()
    assert [len(r) for r in read_document(tmp_path / "qip.xlsx").sheets[0].rows] == [3, 3, 3]


PIVOT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


def with_pivot(path: Path, sheet: str, area: str) -> None:
    relation = f'<Relationship Id="rId1" Type="{PIVOT}" Target="../pivotTables/pivotTable1.xml"/>'
    add_part(
        path,
        {
            f"xl/worksheets/_rels/{sheet}.xml.rels": f'<Relationships xmlns="{RELATIONSHIPS}">{relation}</Relationships>',
            "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition><location ref="{area}"/></pivotTableDefinition>',
        },
    )


def test_a_sheet_that_is_a_pivot_is_left_out_and_said(tmp_path: Path) -> None:
    made = book(tmp_path / "qip.xlsx", LIST)
    pivot = made.add_worksheet("Synthèse")
    for number, values in enumerate([["Titre", "Région"], ["Forage", "Gao"]]):
        pivot.write_row(number, 0, values)
    made.close()
    with_pivot(tmp_path / "qip.xlsx", "sheet2", "A1:B2")
    assert titles(tmp_path / "qip.xlsx") == ["Forage", "École"]
    reason = "tableau croisé dynamique, tiré d'autres feuilles"
    assert said(tmp_path / "qip.xlsx", "sheet_skipped") == [{"sheet": "Synthèse", "reason": reason}]


def test_a_list_beside_a_pivot_is_still_read(tmp_path: Path) -> None:
    rows: list[list[object]] = [[*values, None, "Total", 150] for values in LIST]
    book(tmp_path / "qip.xlsx", rows).close()
    with_pivot(tmp_path / "qip.xlsx", "sheet1", "E1:F3")
    assert titles(tmp_path / "qip.xlsx") == ["Forage", "École"]
    assert read_document(tmp_path / "qip.xlsx").sheets[0].rows[1] == [
        "Forage",
        "Gao",
        100.0,
        None,
        None,
        None,
    ]


def test_a_sheet_that_is_a_chart_is_left_out_and_said(tmp_path: Path) -> None:
    made = book(tmp_path / "qip.xlsx", LIST)
    chart = made.add_chart({"type": "bar"})
    chart.add_series({"values": "=QIP!$C$2:$C$3"})
    made.add_chartsheet("Courbe").set_chart(chart)
    made.close()
    assert [s["sheet"] for s in said(tmp_path / "qip.xlsx", "sheet_skipped")] == ["Courbe"]


def test_macros_and_links_are_neither_run_nor_followed_and_said(tmp_path: Path) -> None:
    book(tmp_path / "qip.xlsx", LIST).close()
    path = (tmp_path / "qip.xlsx").rename(tmp_path / "qip.xlsm")
    add_part(path, {"xl/vbaProject.bin": "x", "xl/externalLinks/externalLink1.xml": "<x/>"})
    assert titles(path) == ["Forage", "École"]
    assert said(path, "part_ignored") == [
        {"part": "macros"},
        {"part": "liens vers d'autres classeurs"},
    ]


@pytest.mark.parametrize("formula", ["=cmd|'/C calc'!A0", "+1+1", "@SUM(A1)", "=HYPERLINK(A1)"])
def test_what_looks_like_a_formula_stays_text(formula: str, tmp_path: Path) -> None:
    made = book(tmp_path / "qip.xlsx", [["Titre", "Région"]])
    made.get_worksheet_by_name("QIP").write_string(1, 0, formula)
    made.get_worksheet_by_name("QIP").write_string(1, 1, "Gao")
    made.close()
    assert titles(tmp_path / "qip.xlsx") == [formula]
    (tmp_path / "qip.csv").write_text(f'Titre;Région\n"{formula}";Gao\n', "utf-8")
    assert titles(tmp_path / "qip.csv") == [formula]


def test_mojibake_in_a_workbook_is_mended_and_said(tmp_path: Path) -> None:
    book(
        tmp_path / "qip.xlsx", [["Titre", "RÃ©gion"], ["Forage", "SÃ©gou"], ["Pont", "Gao"]]
    ).close()
    assert read_document(tmp_path / "qip.xlsx").sheets[0].rows[:2] == [
        ["Titre", "Région"],
        ["Forage", "Ségou"],
    ]
    assert said(tmp_path / "qip.xlsx", "mojibake_mended") == [{"n": 2}]


def test_an_old_mac_csv_with_bare_returns_is_read(tmp_path: Path) -> None:
    (tmp_path / "qip.csv").write_bytes(
        "Intitulé;Région\rPuits à Ségou;Ségou\rÉcole;Gao".encode("mac_roman")
    )
    tables = ingest_file(tmp_path / "qip.csv").tables
    assert tables.activities["title"].to_list() == ["Puits à Ségou", "École"]
    assert tables.activities["locator"].to_list() == ["L2", "L3"]
    told = tables.findings.filter(pl.col("code") == "encoding_inferred")["params"].to_list()
    assert told == ['{"encoding": "MacRoman"}']


def test_an_opendocument_list_is_read_without_its_thousand_empty_columns(tmp_path: Path) -> None:
    rows = row("Titre", "Région", "Budget USD") + row("Forage", "Gao", "1 000,50")
    path = ods(tmp_path / "qip.ods", {"QIP": rows})
    assert read_document(path).sheets[0].rows == [
        ["Titre", "Région", "Budget USD"],
        ["Forage", "Gao", "1 000,50"],
    ]
    assert ingest_file(path).tables.amounts["minor"].to_list() == [100050]


def test_merged_cells_and_pivots_of_an_opendocument_are_known(tmp_path: Path) -> None:
    merged = cell("Gao", 'table:number-rows-spanned="2"')
    rows = (
        row("Région", "Titre") + row(merged, "Forage") + row("<table:covered-table-cell/>", "École")
    )
    pilot = '<table:data-pilot-tables><table:data-pilot-table table:target-range-address="Synthèse.A1:Synthèse.B1"/></table:data-pilot-tables>'
    path = ods(tmp_path / "qip.ods", {"QIP": rows, "Synthèse": row("Titre", "Région")}, pilot)
    document = read_document(path)
    assert [(s.name, s.rows) for s in document.sheets] == [
        ("QIP", [["Région", "Titre"], ["Gao", "Forage"], ["Gao", "École"]])
    ]
    assert [f.code for f in document.findings] == ["cells_merged", "sheet_skipped"]


def _with_a_cell_at(path: Path, row: int, *, hidden: bool = False) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Liste").write_row(0, 0, ["Titre", "Cercle"])
        far = book.add_worksheet("Loin")
        far.write(row - 1, 0, "Forage")
        if hidden:
            far.hide()
    return path


def test_a_list_beyond_the_cap_is_refused_by_its_last_row_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="liste de 200001 lignes, au-delà de 200000"):
        examine_package("l.xlsx", _with_a_cell_at(tmp_path / "l.xlsx", 200_001).read_bytes())
    examine_package("l.xlsx", _with_a_cell_at(tmp_path / "l.xlsx", 200_000).read_bytes())


def test_a_hidden_sheet_of_any_length_refuses_nothing(tmp_path: Path) -> None:
    hidden = _with_a_cell_at(tmp_path / "l.xlsx", 300_000, hidden=True)
    (sheet,) = read_document(hidden).sheets
    assert (sheet.name, sheet.rows) == ("Liste", [["Titre", "Cercle"]])


def test_a_table_that_begins_at_c3_keeps_its_place(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "l.xlsx") as book:
        sheet = book.add_worksheet("A")
        sheet.write_row(2, 2, ["Titre", "Coût"])
        sheet.write_row(3, 2, ["Forage", 12.5])
    (read,) = read_document(tmp_path / "l.xlsx").sheets
    assert [list(row) for row in read.rows] == [
        [None, None, None, None],
        [None, None, None, None],
        [None, None, "Titre", "Coût"],
        [None, None, "Forage", 12.5],
    ]


def test_parts_that_hold_no_cells_are_not_inspected_as_text(tmp_path: Path) -> None:
    book(tmp_path / "qip.xlsx", LIST).close()
    with zipfile.ZipFile(tmp_path / "qip.xlsx") as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    query = '<Relationship Id="rIdQ" Type="http://x/customXml" Target="../customXml/item1.xml"/>'
    parts = {"xl/_rels/workbook.xml.rels": relations.replace("</Rel", query + "</Rel")}
    rewrite(tmp_path / "qip.xlsx", tmp_path / "query.xlsx", parts)
    with zipfile.ZipFile(tmp_path / "query.xlsx", "a") as archive:
        archive.writestr("customXml/item1.xml", "<DataMashup/>".encode("utf-16"))
    assert titles(tmp_path / "query.xlsx") == ["Forage", "École"]


def test_hidden_and_filtered_rows_and_hidden_columns_are_read_and_said(tmp_path: Path) -> None:
    made = book(tmp_path / "qip.xlsx", LIST)
    sheet = made.get_worksheet_by_name("QIP")
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_row(50, None, None, {"hidden": True})  # holds nothing
    sheet.set_column("C:D", None, None, {"hidden": True})
    made.close()
    assert titles(tmp_path / "qip.xlsx") == ["Forage", "École"]
    named = [said(tmp_path / "qip.xlsx", code) for code in ("rows_hidden", "columns_hidden")]
    assert [[one["named"] for one in many] for many in named] == [["3"], ["C"]]


@pytest.mark.parametrize(
    ("shown", "heading", "read", "code"),
    [
        ('# ##0 "F CFA"', "Budget", ("XOF", 600_000), "currency_of_format"),
        ("[$€-40C]#,##0.00", "Budget", ("EUR", 60_000_000), "currency_of_format"),
        ("#,##0.00", "Budget", ("USD", 60_000_000), "currency_inferred"),
        ('# ##0 "F CFA"', "Budget (EUR)", ("EUR", 60_000_000), "currency_format_differs"),
    ],
)
def test_an_amount_is_in_the_currency_that_its_cell_shows_unless_the_heading_has_one(
    tmp_path: Path, shown: str, heading: str, read: tuple[str, int], code: str
) -> None:
    made = book(tmp_path / "qip.xlsx", [["Titre", "Région", heading], ["Forage", "Gao"]])
    money = made.add_format({"num_format": shown})
    made.get_worksheet_by_name("QIP").write_number(1, 2, 600_000, money)
    made.close()
    ingested = ingest_file(tmp_path / "qip.xlsx")
    assert ingested.tables.amounts.select("currency", "minor").rows() == [read]
    assert code in ingested.tables.findings["code"].to_list()


def test_an_ods_tells_hidden_rows_and_the_currency_of_a_cell(tmp_path: Path) -> None:
    money = '<table:table-cell office:value-type="currency" office:currency="XOF" office:value="6000000"><text:p>6 000 000 F</text:p></table:table-cell>'
    hidden = row("École", "Mopti", money).replace(
        "<table:table-row", '<table:table-row table:visibility="filter"'
    )
    ods(
        tmp_path / "qip.ods",
        {"QIP": row("Titre", "Région", "Budget") + row("Forage", "Gao", money) + hidden},
    )
    tables = ingest_file(tmp_path / "qip.ods").tables
    assert tables.amounts["currency"].to_list() == ["XOF", "XOF"]
    assert [one["named"] for one in said(tmp_path / "qip.ods", "rows_hidden")] == ["3"]


def test_formats_too_large_to_be_read_are_said_for_the_currency_they_may_show(
    tmp_path: Path,
) -> None:
    path = tmp_path / "qip.xlsx"
    book(path, [["Titre", "Région", "Budget"], ["Forage", "Gao", 10]]).close()
    with zipfile.ZipFile(path) as sound:
        styles = sound.read("xl/styles.xml").decode()
    padded = styles.replace("</styleSheet>", " " * (4 * 2**20) + "</styleSheet>")
    rewrite(path, tmp_path / "large.xlsx", {"xl/styles.xml": padded})
    assert said(path, "formats_unread") == []
    assert said(tmp_path / "large.xlsx", "formats_unread") == [{"n": 4}]
