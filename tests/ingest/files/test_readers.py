"""Files that can be read are read as they are; the others are refused in one sentence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from atlas.errors import UnusableFileError, UsageError
from atlas.ingest.files.plain_text import decode_text
from atlas.ingest.files.readers import read_column_map, read_document
from atlas.ingest.pipeline import ingest_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(path: Path, sheets: dict[str, list[list[object]]], hidden: set[str] = frozenset()):
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name in hidden:
            sheet.hide()
    book.close()
    return path


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def bomb(path: Path) -> None:
    """A workbook of 300 kB that says it unpacks to 300 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300 * 2**20))


BAD = {
    "tronque.xlsx": (lambda p: p.write_bytes(b"PK\x03\x04" + b"x" * 5000), "tronqué"),
    "vide.xlsx": (lambda p: p.write_bytes(b""), "vide"),
    "vide.csv": (lambda p: p.write_bytes(b" \n"), "vide"),
    "scan.pdf": (lambda p: p.write_bytes(b"%PDF-1.4 /Subtype/Image"), "endommagé"),
    "zeros.csv": (lambda p: sparse(p, 200 * 10**6), "octets nuls"),
    "zeros.xlsx": (lambda p: sparse(p, 200 * 10**6), "octets nuls"),
    "texte.xlsx": (lambda p: p.write_text("titre;region\nForage;Gao\n"), "texte"),
    "dossier": (lambda p: p.mkdir(), "dossier"),
    "absent.csv": (lambda p: None, "introuvable"),
    "bombe.xlsx": (bomb, "décompressé"),
    "protege.xlsx": (
        lambda p: p.write_bytes(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")),
        "mot de passe",
    ),
    "ancien.xlsx": (lambda p: p.write_bytes(OLE + bytes(600)), "Excel 97-2003"),
    "binaire.csv": (lambda p: p.write_bytes(bytes(range(256)) * 9), "pas du texte"),
    "binaire.xlsx": (lambda p: p.write_bytes(bytes(range(256)) * 9), "données binaires"),
    "lettre.docx": (lambda p: p.write_bytes(b"abc"), ".docx"),
    "image.csv": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 99), "image"),
    "inconnu.csv": (lambda p: p.write_text("a;b\n1;2\n"), "--source"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_unusable_file_is_one_sentence_with_its_name_the_reason_and_a_remedy(
    name: str, tmp_path: Path
) -> None:
    make, reason = BAD[name]
    make(tmp_path / name)
    with pytest.raises(UnusableFileError) as caught:
        ingest_file(tmp_path / name)
    sentence = caught.value.error_sentence()
    assert name in sentence
    assert reason in sentence
    assert caught.value.remedy
    assert "\n" not in sentence
    assert caught.value.exit_code == 1


def test_a_truncated_copy_of_a_real_workbook_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", {"Projets": [["Titre", "Région"]] * 500}).read_bytes()
    cut = tmp_path / "b.xlsx"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusableFileError, match="tronqué ou endommagé"):
        read_document(cut)


def test_a_workbook_renamed_csv_is_contradicted_by_its_bytes(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", {"Projets": [["Titre"]]})
    with pytest.raises(UnusableFileError, match=r"\.csv est contredite"):
        read_document(book.rename(tmp_path / "a.csv"))


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Liste": [["Titre"]], "Listes": [["x"]]}, {"Listes"})
    document = read_document(path)
    assert [sheet.name for sheet in document.sheets] == ["Liste"]
    assert [(f.code, f.params["sheet"]) for f in document.findings] == [("sheet_skipped", "Listes")]


def test_a_hidden_sheet_is_read_when_nothing_else_holds_data(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Vide": [], "Données": [["Titre"]]}, {"Données"})
    assert [sheet.name for sheet in read_document(path).sheets] == ["Données"]


def test_a_workbook_without_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="sans données"):
        read_document(workbook(tmp_path / "a.xlsx", {"Vide": []}))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["UTF-16"]),
        ("latin-1", ["Windows-1252 (Latin-1)"]),
        ("cp1252", ["Windows-1252 (Latin-1)"]),
        ("mac_roman", ["MacRoman"]),
        ("cp850", ["DOS (cp850)"]),
    ],
)
def test_french_is_read_in_every_encoding_and_all_but_utf8_is_said(
    encoding: str, said: list[str]
) -> None:
    text = "Région;Montant\nSégou;à vérifier, été ; réhabilitation d'un forage à Ténenkou\n"
    read, findings = decode_text(text.encode(encoding))
    assert read == text
    assert [f.params["encoding"] for f in findings if f.code == "encoding_inferred"] == said


def test_a_foreign_byte_in_utf8_does_not_turn_the_rest_into_mojibake() -> None:
    read, _findings = decode_text("Région de Ségou, Ménaka, ".encode() + b"Taoud\xe9nit")
    assert read == "Région de Ségou, Ménaka, Taoudénit"


def test_mojibake_is_mended_and_said() -> None:
    read, findings = decode_text("RÃ©gion;SÃ©gou\nGao;Mopti\n".encode())
    assert read == "Région;Ségou\nGao;Mopti\n"
    assert [(f.code, f.params["n"]) for f in findings] == [("mojibake_mended", 1)]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_cuts_evenly(delimiter: str, tmp_path: Path) -> None:
    rows = [["Titre", "Région", "Coût"], ["Forage, pompe; abreuvoir", "Gao", "1 000,50"]] * 3
    quoted = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    path = tmp_path / "liste.csv"
    path.write_text("\n".join(quoted), "utf-8")
    assert [list(row) for row in read_document(path).sheets[0].rows] == rows


def test_a_cell_may_hold_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text('Titre;Région\n"Forage\net pompe";Gao\n', "utf-8")
    assert read_document(path).sheets[0].rows[1] == ("Forage\net pompe", "Gao")


def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text('Titre;Région\n"Forage;Gao\nÉcole;Kidal\n', "utf-8")
    document = read_document(path)
    assert document.sheets[0].rows[1:] == (('"Forage', "Gao"), ("École", "Kidal"))
    assert [f.code for f in document.findings] == ["quotes_ignored"]


def test_a_well_formed_quoted_cell_over_lines_is_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        'ONG,Lieu,Domaine\nA,Gao,"eau, santé, abris,\nécole, vivres"\nB,Ségou,eau\n', "utf-8"
    )
    document = read_document(path)
    assert [row[2] for row in document.sheets[0].rows] == [
        "Domaine",
        "eau, santé, abris,\nécole, vivres",
        "eau",
    ]
    assert document.findings == ()


def test_lines_quoted_as_a_whole_are_read_without_these_quotes_and_said(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text('"Titre,Budget"\n"Forage,""1,500"""\n"École,2500"\n', "utf-8")
    document = read_document(path)
    assert document.sheets[0].rows == (("Titre", "Budget"), ("Forage", "1,500"), ("École", "2500"))
    assert [(f.code, f.params) for f in document.findings] == [("lines_quoted", {"n": 3})]


def test_a_blank_line_among_quoted_ones_keeps_its_number(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text('"Titre,Budget"\n\n"École,2500"\n', "utf-8")
    (sheet,) = read_document(path).sheets
    assert (sheet.first_row, len(sheet.rows), sheet.rows[-1]) == (1, 3, ("École", "2500"))


def test_a_list_of_one_quoted_column_keeps_its_quotes_meaning(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text('"Titre"\n"Forage"\n"École"\n', "utf-8")
    assert read_document(path).sheets[0].rows == (("Titre",), ("Forage",), ("École",))


def test_the_tables_of_a_text_are_its_runs_of_lines_with_tabs(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text("Plan\n\nTitre\tCoût\nForage\t10\n\nfin\tseule\n", "utf-8")
    document = read_document(path)
    assert document.text == path.read_text("utf-8")
    assert [(s.name, s.first_row, s.rows) for s in document.sheets] == [
        ("L3", 3, (["Titre", "Coût"], ["Forage", "10"]))
    ]


def test_a_document_is_known_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("même texte", "utf-8")
    first, second = (read_document(tmp_path / name) for name in ("a.txt", "b.txt"))
    assert first.document == second.document == first.sha256[:12]
    assert (first.file, second.file) == ("a.txt", "b.txt")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("map.toml", '"Intitulé" = "title"\n'),
        ("map.toml", '[columns]\n"Intitulé" = "title"\n'),
        ("map.json", '{"Intitulé": "title"}'),
        ("map.csv", "Intitulé;title\n"),
    ],
)
def test_a_column_map_is_toml_json_or_csv(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert read_column_map(tmp_path / name) == {"Intitulé": "title"}


def test_a_column_map_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text("[1]", "utf-8")
    with pytest.raises(UnusableFileError, match=r"map\.json"):
        read_column_map(tmp_path / "map.json")


def test_an_unknown_source_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"auto, .*ngo.*trust-fund"):
        ingest_file(tmp_path / "a.csv", source="qips")


def test_a_utf8_mark_before_windows_letters_loses_none_of_them():
    text, findings = decode_text(b"\xef\xbb\xbf" + "Région;Forage à Gao".encode("cp1252"))
    assert text == "Région;Forage à Gao"
    assert [finding.code for finding in findings] == ["encoding_inferred"]


def test_bytes_that_are_no_character_are_counted_and_said():
    text, findings = decode_text("\ufeffRégion".encode("utf-16-le") + b"\x00\xd8")
    assert text == "Région\ufffd"
    assert ("characters_lost", {"n": 1}) in [(f.code, f.params) for f in findings]
