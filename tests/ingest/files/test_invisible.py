"""Characters that nobody sees make no second spelling, and steer no terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter

from atlas.errors import AtlasError
from atlas.ingest.files.plain_text import decode_text, without_unseen
from atlas.ingest.files.readers import read_document


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Sé\u200bgou", "Ségou"),
        ("\ufeffTitre", "Titre"),
        ("Tom\xadbouctou", "Tombouctou"),
        ("\u202eGao\u202c", "Gao"),
        ("Forage\x0bpuits", "Forage puits"),
        ("\x1b[31mrouge\x07", "[31mrouge"),
        ("a\ud800b", "a\ufffdb"),
        ("Côte d’Ivoire\u202f: 1\xa0000", "Côte d’Ivoire\u202f: 1\xa0000"),
    ],
)
def test_what_nobody_sees_is_taken_out(written: str, seen: str) -> None:
    assert without_unseen(written) == seen


def test_a_text_says_how_many_lines_had_some() -> None:
    text, findings = decode_text("Titre;Région\nForage;G\u200bao\nÉcole;Kidal\n".encode())
    assert text == "Titre;Région\nForage;Gao\nÉcole;Kidal\n"
    assert [(one.code, one.params) for one in findings] == [("invisible_removed", {"n": 1})]


def test_mojibake_is_mended_before_its_control_characters_are_gone() -> None:
    assert decode_text("SÃ©gou;Ã\x89cole".encode())[0] == "Ségou;École"


def test_a_workbook_is_cleaned_like_a_text(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("QIP").write_row(0, 0, ["Titre", "G\u200bao", 3])
    book.close()
    document = read_document(tmp_path / "a.xlsx")
    assert [list(row) for row in document.sheets[0].rows] == [["Titre", "Gao", 3]]
    assert [one.code for one in document.findings] == ["invisible_removed"]


def test_half_a_character_of_a_geojson_can_be_written_again(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [0, 16]}
    features = [{"geometry": point, "properties": {"Titre": "A\ud800"}}]
    (tmp_path / "a.geojson").write_text(json.dumps({"features": features}))
    row = read_document(tmp_path / "a.geojson").sheets[0].rows[1]
    assert row[0] == "A\ufffd"


def test_a_sentence_is_one_line_that_steers_no_terminal() -> None:
    error = AtlasError("a\x1b[31m\nb.csv", "vide")
    assert error.error_sentence() == "a\ufffd[31m b.csv : vide."
