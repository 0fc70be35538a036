"""Word and PDF documents: their tables go in like any list, their prose like any text."""

from __future__ import annotations

from pathlib import Path

import docx
import polars as pl
import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.files.document_tables import fill_down
from atlas.ingest.files.readers import read_document
from atlas.ingest.pipeline import ingest_file
from tests.conftest import SHARED, needs_shared
from tests.ingest.papers import Page, pdf, word

LIST = (
    ("Titre", "Région", "Partenaire", "Coût (USD)"),
    ("Forage à Ménaka", "Ménaka", "ADR", "45.317,39"),
    ("École de Ber", "Tombouctou", "AMSS", "12 000"),
)


def codes(findings: object) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]


def test_a_word_table_is_read_row_by_row_with_its_own_name_as_place(tmp_path: Path) -> None:
    path = word(tmp_path / "liste-qip.docx", "Projets à impact rapide", LIST, "Signé : le chef")
    batch = ingest_file(path)
    assert batch.tables.activities["title"].to_list() == ["Forage à Ménaka", "École de Ber"]
    assert batch.tables.activities["locator"].to_list() == ["Tableau 1!2", "Tableau 1!3"]
    assert batch.tables.amounts["minor"].to_list() == [4531739, 1200000]
    said = batch.tables.findings.filter(pl.col("code") == "prose_aside")
    assert said["params"].to_list() == ['{"n": 2}']


def test_a_table_within_a_cell_is_part_of_that_cell(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for column, text in enumerate(("Projet", "Budget USD")):
        table.cell(0, column).text = text
    table.cell(1, 0).text = "Dialogue"
    within = table.cell(1, 1).add_table(1, 2)
    within.cell(0, 0).text, within.cell(0, 1).text = "2023", "300 000"
    document.save(str(tmp_path / "pbf.docx"))
    (sheet,) = read_document(tmp_path / "pbf.docx").sheets
    assert sheet.rows[1] == ["Dialogue", "2023\t300 000"]


def test_a_word_text_holds_prose_and_rows_in_their_order(tmp_path: Path) -> None:
    document = read_document(word(tmp_path / "a.docx", "Avant", [("Titre", "Coût")], "Après"))
    assert document.text == "Avant\nTitre\tCoût\nAprès"


def test_a_cell_merged_over_rows_speaks_in_each_and_a_figure_once(tmp_path: Path) -> None:
    rows = (
        ("Région", "Titre", "Partenaire", "Budget USD"),
        ("Gao", "Forage", "ADR", "90 000"),
        ("", "École", "AMSS", ""),
        ("", "Pont", "ADR", ""),
    )
    path = word(tmp_path / "qip.docx", rows, merge=[(1, 0, 3, 0), (1, 3, 3, 3)])
    batch = ingest_file(path)
    assert batch.tables.placements["unit_id"].to_list() == ["ml-2023/gao"] * 3
    assert batch.tables.amounts["minor"].to_list() == [9000000]
    said = batch.tables.findings.filter(pl.col("code") == "figure_merged")
    assert said.select("locator", "params").row(0) == ("Tableau 1!2", '{"n": 3, "raw": "90 000"}')


def test_a_heading_merged_over_columns_is_read_with_the_row_below(tmp_path: Path) -> None:
    rows = (
        ("Titre", "Localisation", "", "Partenaire"),
        ("", "Région", "Cercle", ""),
        ("Forage", "Gao", "Ansongo", "ADR"),
    )
    merge = [(0, 1, 0, 2), (0, 0, 1, 0), (0, 3, 1, 3)]
    tables = ingest_file(word(tmp_path / "qip.docx", rows, merge=merge)).tables
    assert tables.activities["title"].to_list() == ["Forage"]
    assert tables.placements["raw"].str.contains("Ansongo").all()


def test_words_merged_downwards_are_repeated_and_a_figure_is_not() -> None:
    rows = [["Gao", 90.0], [None, None]]
    filled, findings = fill_down("Liste", rows, [(0, 0, 1), (1, 0, 1)])
    assert filled == [["Gao", 90.0], ["Gao", None]]
    assert codes(findings) == ["cells_merged", "figure_merged"]


def test_a_pdf_table_is_a_list_like_any_other(tmp_path: Path) -> None:
    rows = [row[:3] for row in LIST]
    path = pdf(tmp_path / "liste-qip.pdf", Page().line("Situation au 30 juin 2017").table(rows))
    batch = ingest_file(path)
    assert batch.tables.activities["title"].to_list() == ["Forage à Ménaka", "École de Ber"]
    assert batch.tables.activities["locator"].to_list()[0] == "Tableau 1 (p. 1)!2"
    assert batch.report()["as_of"] == "2017-06-30"


def test_a_pdf_table_goes_on_over_pages_and_its_repeated_heading_is_no_row(tmp_path: Path) -> None:
    head, first, second = (row[:3] for row in LIST)
    path = pdf(
        tmp_path / "qip.pdf",
        Page().line("Liste").table([head, first]),
        Page().line("Page 2").table([head, second]),
        Page().table([("Pont de Kidal", "Kidal", "ADR")]),
    )
    document = read_document(path)
    assert [(s.name, len(s.rows)) for s in document.sheets] == [("Tableau 1 (p. 1-3)", 5)]
    assert [(f.code, f.locator) for f in document.findings] == [
        ("heading_repeated", "Tableau 1 (p. 1-3)!3")
    ]
    assert ingest_file(path).report()["outcomes"] == {"activity": 3}


def test_a_table_after_prose_on_the_next_page_is_another_table(tmp_path: Path) -> None:
    prose = Page().line("Un").line("Deux").line("Trois")
    path = pdf(
        tmp_path / "a.pdf",
        Page().table([("Titre", "Région"), ("A", "Gao")]),
        prose.table([("x", "y")] * 2),
    )
    assert [len(sheet.rows) for sheet in read_document(path).sheets] == [2, 2]


def test_a_pdf_cell_drawn_over_two_rows_speaks_in_both(tmp_path: Path) -> None:
    rows = [("Région", "Titre"), ("Gao", "Forage"), ("", "École")]
    path = pdf(tmp_path / "a.pdf", Page().table(rows, merged=[(2, 0)]))
    assert read_document(path).sheets[0].rows[2] == ["Gao", "École"]


def test_a_scanned_pdf_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="PDF numérisé : ses pages sont des images"):
        read_document(pdf(tmp_path / "scan.pdf", Page()))


def test_a_page_without_text_among_others_is_said(tmp_path: Path) -> None:
    document = read_document(pdf(tmp_path / "a.pdf", Page().line("Bonjour"), Page()))
    assert [(f.code, f.params["pages"]) for f in document.findings] == [("pages_without_text", "2")]


def test_a_protected_pdf_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", Page().line("Bonjour"))
    key = f"/Filter /Standard /V 1 /R 2 /O <{'61' * 32}> /U <{'62' * 32}> /P -4"
    trailer = f"/Root 1 0 R /Encrypt << {key} >> /ID [<{'63' * 16}> <{'63' * 16}>]"
    path.write_bytes(path.read_bytes().replace(b"/Root 1 0 R", trailer.encode()))
    with pytest.raises(UnusableFileError, match="mot de passe"):
        read_document(path)


def test_addresses_in_a_word_list_are_dropped(tmp_path: Path) -> None:
    rows = (
        ("Titre", "Région", "Partenaire", "Contact", "Observations"),
        ("Forage", "Gao", "ADR", "Awa", "écrire à a.b@ong.org"),
    )
    tables = ingest_file(word(tmp_path / "qip.docx", rows)).tables
    told = " ".join(str(value) for row in tables.activities.rows() for value in row)
    assert "ong.org" not in told
    assert "Awa" not in told
    assert {"personal_data_dropped", "contact_hidden"} <= set(tables.findings["code"])


@needs_shared
@pytest.mark.parametrize("seed", ["002_42c48ec1cf545cc4", "004_88c0096d0bcc415b"])
def test_a_document_in_word_says_what_its_text_says(seed: str, tmp_path: Path) -> None:
    plain = SHARED / "seeds" / f"{seed}.txt"
    lines = plain.read_text("utf-8").replace("\x0c", "").split("\n")
    told, written = ingest_file(plain), ingest_file(word(tmp_path / f"{seed}.docx", *lines))
    for figure in ("source", "activities", "rows_read", "control_totals"):
        assert written.report()[figure] == told.report()[figure]
