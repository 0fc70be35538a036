"""Hostile files cost one sentence, and neither the memory nor the time of whoever imports them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.files import admission, confined
from atlas.ingest.files.readers import read_document
from tests.ingest import bombs

GIB = 2**20
"""In kilobytes, as the system counts the memory of a process."""

MEASURE = """
import resource, sys
from atlas.errors import UnusableFileError
from atlas.ingest.files import confined
from atlas.ingest.files.readers import read_document
confined.SECONDS = 1 if "fin" in sys.argv[1] else 60
try:
    read_document(sys.argv[1])
    print("lu")
except UnusableFileError as error:
    print(error.error_sentence())
# The process's own peak: getrusage would tell that of the test that forked it.
status = open("/proc/self/status").read()
own = int(status.partition("VmHWM:")[2].split()[0])
print(own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

WORST: dict[str, tuple[Callable[[Path], Path], str]] = {
    "coins.xlsx": (bombs.corners, "millions de cellules"),
    "sournois.xlsx": (bombs.sly_corners, "millions de cellules"),
    "menteur.xlsx": (bombs.liar, "une fois décompressé"),
    "repete.ods": (bombs.repeated, "millions de cellules"),
    "rires.ods": (bombs.entities, "entités XML"),
    "gonfle.pdf": (bombs.swollen_pdf, "mémoire"),
    "profond.docx": (bombs.deep_word, "une fois décompressé"),
    "listes.geojson": (bombs.many_objects, "mémoire"),
    "imbrique.geojson": (bombs.nested, "GeoJSON"),
    "cellules.csv": (bombs.many_cells, "millions de cellules"),
    "sans-fin.gpkg": (bombs.endless, "trop longue"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured and bounded on Linux")
@pytest.mark.parametrize("name", WORST)
def test_a_hostile_file_is_refused_in_one_sentence_within_1_gib(name: str, tmp_path: Path) -> None:
    make, reason = WORST[name]
    path = make(tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "ATLAS_LANG": "fr"},
        check=True,
    )
    *sentence, used = done.stdout.strip().split("\n")
    assert len(sentence) == 1
    assert reason in sentence[0]
    assert int(used) < GIB


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c s="1" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c\nr="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><x:c r="XFD1048576"><v>1</v></x:c></row>',
        '<row r="1"><c x=">" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="xfd1048576"><v>1</v></c></row>',
    ],
)
def test_the_far_corner_of_a_sheet_is_seen_however_it_is_written(rows: str, tmp_path: Path) -> None:
    """1 048 576 rows of 16 384 columns."""
    with pytest.raises(UnusableFileError, match="« sheet1 » de 17180 millions de cellules"):
        read_document(bombs.with_rows(tmp_path / "a.xlsx", rows))


def test_rows_and_cells_without_numbers_are_counted(tmp_path: Path) -> None:
    """A row of twelve cells, then one more row: a million rows of twelve columns."""
    rows = f'<row r="999999">{"<c><v>1</v></c>" * 12}</row><row><c><v>3</v></c></row>'
    with pytest.raises(UnusableFileError, match="« sheet1 » de 12 millions de cellules"):
        read_document(bombs.with_rows(tmp_path / "a.xlsx", rows))


def test_empty_cells_far_to_the_right_are_no_reason_to_refuse(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="AMJ2" s="1"/></row>'
    (sheet,) = read_document(bombs.with_rows(tmp_path / "a.xlsx", rows)).sheets
    assert [list(row) for row in sheet.rows][-1][0] == 1


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "qip.csv"
    path.write_text("Titre;Région\nForage;Gao\n", "utf-8")
    check = admission._check_head

    def growing(*given: object) -> None:
        path.write_text("Titre;Région\nForage;Gao\nÉcole;Kidal\n", "utf-8")
        check(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(admission, "_check_head", growing)
    with pytest.raises(UnusableFileError, match="changé pendant la lecture"):
        read_document(path)


@pytest.mark.parametrize(("rows", "refused"), [(200_000, False), (200_001, True)])
def test_a_list_that_memory_could_not_carry_is_refused_by_its_rows(
    rows: int, refused: bool, tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("a;b\n" * rows)
    if not refused:
        assert len(read_document(path).sheets[0].rows) == rows
        return
    with pytest.raises(UnusableFileError, match="liste de 200001 lignes"):
        read_document(path)


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    import zipfile

    path = bombs.corners(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/Workbook.xml", "<workbook/>")
    with pytest.raises(UnusableFileError, match="même nom"):
        read_document(path)


def test_a_protected_opendocument_is_refused_with_the_reason(tmp_path: Path) -> None:
    import zipfile

    path = bombs.repeated(tmp_path / "a.ods")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "x")
        archive.writestr("content.xml", "\x01")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(UnusableFileError, match="mot de passe"):
        read_document(path)


def test_a_reader_that_dies_is_one_refused_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(confined.READERS, "absent", "atlas.ingest.files.points")
    with pytest.raises(UnusableFileError, match="endommagé"):  # the child knows no such reader
        confined.read_confined(tmp_path / "a.absent", b"", "absent")


def test_the_sentence_of_a_confined_reader_is_in_the_person_s_language(tmp_path: Path) -> None:
    from atlas.i18n import language_context

    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04")
    bombs.nested(tmp_path / "a.geojson")
    with language_context("fr"), pytest.raises(UnusableFileError, match="inutilisable"):
        read_document(tmp_path / "a.geojson")


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from atlas.cli.ingest_output import read_files
    from atlas.ingest.pipeline import ingest_file

    path = tmp_path / "qip.csv"
    path.write_text("Titre;Région;Budget USD\nForage;Gao;1000\n", "utf-8")
    monkeypatch.setattr(confined, "LONGEST_S", -1)
    entries, batches = read_files([path], ingest_file, quiet=True)
    assert not batches
    assert "qip.csv inutilisable : lecture trop longue" in entries[0]["error"]
    assert capsys.readouterr().err.count("\n") == 1


def test_dos_text_is_not_taken_for_that_of_a_mac() -> None:
    from atlas.ingest.files.plain_text import decode_text

    text = "Intitulé;Région;Début\nÉcole;Ségou;2018\n"
    assert decode_text(text.encode("cp850"))[0] == text
    assert decode_text(text.encode("mac_roman"))[0] == text
    assert decode_text(text.encode("cp1252"))[0] == text


@pytest.mark.parametrize("second", ["cp1252", "mac_roman"])
def test_files_of_two_encodings_put_end_to_end_are_read_line_by_line(second: str) -> None:
    from atlas.ingest.files.plain_text import decode_text

    first, then = "Intitulé;Région\nÉcole;Ségou\n", "Réhabilitation;Ménaka\nDépôt;Kéniéba\n"
    text, findings = decode_text(first.encode() + then.encode(second))
    assert text == first + then
    (said,) = findings
    assert said.code == "encoding_inferred"
    assert str(said.params["encoding"]).startswith("UTF-8, 2 ligne(s) ")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_read_where_it_is_evident(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes("Intitulé;Région;Partenaire\nForage;Gao;PNUD\n".encode(encoding))
    document = read_document(path)
    assert document.sheets[0].rows[0] == ("Intitulé", "Région", "Partenaire")
    assert [one.params for one in document.findings] == [{"encoding": "UTF-16"}]


def test_a_line_of_a_hundred_thousand_columns_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("Titre;Région\n" + ";".join("x" * 100_000))
    with pytest.raises(UnusableFileError, match="100000 colonnes à la ligne 2"):
        read_document(path)


def _with_error(path: Path, error: str) -> Path:
    """A workbook whose cell A3 holds an error."""
    cell = f'<row r="3"><c r="A3" t="e"><v>{error}</v></c><c r="B3"><v>7</v></c></row>'
    return bombs.with_rows(path, cell)


@pytest.mark.parametrize("error", ["#REF!", "#SPILL!", "#GETTING_DATA", "#ERROR!"])
def test_an_error_of_excel_costs_its_cell_and_is_said_not_the_workbook(
    error: str, tmp_path: Path
) -> None:
    document = read_document(_with_error(tmp_path / "a.xlsx", error))
    assert list(document.sheets[0].rows[2]) == [None, 7]
    (said,) = document.findings
    assert (said.code, said.locator) == ("cells_in_error", "QIP")
    assert said.params == {"n": 1, "cells": "A3"}


def test_a_workbook_in_a_protected_archive_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = bombs.corners(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(UnusableFileError, match="mot de passe"):
        read_document(path)


def test_activities_of_an_xml_are_counted_like_the_rows_of_a_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from atlas.ingest.files import plain_text
    from tests.ingest.seeds import valid

    monkeypatch.setattr(plain_text, "MAX_ROWS", 1)
    with pytest.raises(UnusableFileError, match="au-delà de 1"):
        confined.read_here("a.xml", valid()["xml"], "xml")


@pytest.mark.parametrize("name", ["[red]x[]{n}.csv", "a\x1b[31m\nb.csv"])
def test_the_name_of_a_file_is_neither_markup_nor_a_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from atlas.cli.ingest_output import read_files, show_ingest
    from atlas.ingest.pipeline import ingest_file

    path = tmp_path / name
    path.write_text("Titre;Région;Budget USD;Partenaire\nForage;Gao;1000;PNUD\n", "utf-8")
    entries, batches = read_files([path], ingest_file, quiet=False)
    show_ingest(entries, batches, None, dry_run=True)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert name.partition("\x1b")[0][:6] in shown


def test_two_stray_quotes_swallow_no_row_between_them() -> None:
    from atlas.ingest.files.plain_text import delimited_rows

    head, rows = "Titre;Région;Budget\n", [f"Forage {n};Gao;{n}\n" for n in range(6)]
    rows[1], rows[4] = f'"{rows[1]}', 'École "Espoir";Gao;4\n'
    read, findings = delimited_rows(head + "".join(rows))
    assert [row[2] for row in read] == ["Budget", "0", "1", "2", "3", "4", "5"]
    assert [one.code for one in findings] == ["quotes_ignored"]


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    from atlas.ingest.files.plain_text import delimited_rows

    read, findings = delimited_rows('Titre;Région;Budget\n"Forage\nGao ; Ansongo";Gao;5\n')
    assert read[1] == ("Forage\nGao ; Ansongo", "Gao", "5")
    assert findings == ()


def test_a_line_longer_than_any_list_has_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "ligne.csv"
    path.write_text("Titre;Région\n" + "a" * 3_000_000)
    with pytest.raises(UnusableFileError, match="ligne 2 de 3 millions de caractères"):
        read_document(path)


def test_headings_without_a_row_are_no_list(tmp_path: Path) -> None:
    from atlas.ingest.pipeline import ingest_file

    path = tmp_path / "qip.csv"
    path.write_text("Titre;Région;Budget USD;Partenaire\n", "utf-8")
    with pytest.raises(UnusableFileError, match="aucune ligne de données"):
        ingest_file(path)


def test_a_long_text_that_every_cell_points_to_is_refused_before_it_is_copied(
    tmp_path: Path,
) -> None:
    import zipfile

    pointers = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 999))
    path = bombs.with_rows(tmp_path / "a.xlsx", pointers)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"x" * 2_000_000 + b"</t></si></sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(UnusableFileError, match="longs textes"):
        read_document(path)


@pytest.mark.parametrize(
    ("letters", "allowed"),
    [("x" * 1000, True), ("x" * 999 + "😀", False)],  # of one byte each in memory, and of four
)
def test_texts_that_cells_hold_themselves_are_weighed_as_memory_will_hold_them(
    tmp_path: Path, letters: str, allowed: bool
) -> None:
    cell = f'<c r="A{{n}}" t="inlineStr"><is><t>{letters}</t></is></c>'
    rows = "".join(f'<row r="{n}">{cell.format(n=n)}</row>' for n in range(1, 18_001))
    path = bombs.with_rows(tmp_path / "a.xlsx", rows)
    if allowed:
        assert len(read_document(path).sheets[0].rows) == 18_000
    else:
        with pytest.raises(UnusableFileError, match="longs textes"):
            read_document(path)


@pytest.fixture
def powerless() -> Iterator[None]:
    """Rights as an ordinary account has them, for tests that run as the administrator."""
    if not hasattr(os, "seteuid"):
        pytest.skip("no accounts to be changed there")
    account = os.geteuid()
    if account == 0:
        os.seteuid(65_534)
    yield
    os.seteuid(account)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_file_that_may_not_be_read_is_refused_with_the_reason(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    path = open_folder / "liste.csv"
    path.write_text("Titre;Région\nForage;Gao\n", "utf-8")
    assert read_document(path).file == "liste.csv"
    path.chmod(0)
    request.getfixturevalue("powerless")
    with pytest.raises(UnusableFileError, match=r"lecture refusée.*droits du fichier"):
        read_document(path)


def test_a_store_that_may_not_be_written_is_said_with_another_folder_to_choose(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    from atlas.errors import StoreError
    from atlas.store import Store
    from tests.store.build import document

    store = Store(open_folder / "fonds")
    before = store.publish_tables(document("d1", {"a": 1})).hash
    store.root.chmod(0o555)
    request.getfixturevalue("powerless")
    with pytest.raises(StoreError, match=r"accès refusé.*--store"):
        store.publish_tables(document("d1", {"a": 2}))
    assert Store(store.root).current_snapshot().hash == before
