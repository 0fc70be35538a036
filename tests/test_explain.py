"""The code of a file: made again to the byte, and what was altered is named."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from pypdfium2 import PdfDocument
from python_calamine import CalamineWorkbook
from zxingcpp import read_barcodes

from atlas.app import create_app
from atlas.cli.parameters import PARTLY
from atlas.errors import UsageError
from atlas.export.proof import file_code, first_difference, parsed_code
from atlas.model import Viewer
from atlas.store import Store
from tests.layers.made import activity, tables_of
from tests.test_cli_duplicates import Run, atlas  # noqa: F401  (a fixture)

FICHE = "/fiche/ml-2016/ML08.pdf?source=qip"


def file_of(store: Store, address: str, viewer: Viewer = Viewer.EDITOR) -> bytes:
    return create_app(store, viewer=viewer).server.test_client().get(address).data


def code_on(content: bytes) -> str:
    """The code at the foot of a page, as somebody copies it."""
    with pdfplumber.open(BytesIO(content)) as read:
        return (read.pages[0].extract_text() or "").rpartition("Code : ")[2]


@pytest.fixture
def store(atlas: Run, tmp_path: Path) -> Store:  # noqa: F811
    """The store of the command."""
    return Store(tmp_path / "store")


def published_again(store: Store) -> None:
    """Another state over the first."""
    store.publish_tables(tables_of(activity("Pistes", key="c", source="qip", unit="ml-2016/ML08")))


@pytest.mark.parametrize("viewer", list(Viewer))
def test_a_file_is_made_again_to_the_byte_after_others_were_published(
    atlas: Run,  # noqa: F811
    store: Store,
    tmp_path: Path,
    viewer: Viewer,
) -> None:
    content = file_of(store, FICHE, viewer)
    (tmp_path / "f.pdf").write_bytes(content)
    published_again(store)
    code, said, _error = atlas("explain", code_on(content), "--file", tmp_path / "f.pdf")
    assert code == 0
    assert "f.pdf est, à l'octet près, ce que dit son code." in said


@pytest.mark.parametrize("address", ["/map.png?frame=ml-2016", "/map.svg?tab=gaps"])
def test_a_map_is_made_again_to_the_byte(
    atlas: Run,  # noqa: F811
    store: Store,
    tmp_path: Path,
    address: str,
) -> None:
    (tmp_path / "m").write_bytes(file_of(store, address))
    path, _mark, query = address.partition("?")
    words = file_code(store.current_snapshot().hash, path, query, Viewer.EDITOR)
    published_again(store)
    assert atlas("explain", words, "--file", tmp_path / "m")[0] == 0


def test_a_workbook_carries_its_code_and_is_made_again(
    atlas: Run,  # noqa: F811
    store: Store,
    tmp_path: Path,
) -> None:
    content = file_of(store, "/download/zones.xlsx?source=qip")
    notes = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(1).to_python()
    words = next(row[1] for row in notes if row[0] == "Code")
    (tmp_path / "z.xlsx").write_bytes(content)
    assert atlas("explain", words, "--file", tmp_path / "z.xlsx")[0] == 0


def test_the_state_the_question_its_figures_and_documents_are_told(
    atlas: Run,  # noqa: F811
    store: Store,
    tmp_path: Path,
) -> None:
    words = code_on(file_of(store, FICHE))
    said = (
        atlas("explain", words, "--rows", tmp_path / "rows.csv")[1]
        .replace("\u202f", " ")
        .replace("\u00a0", " ")
    )
    assert "Question : source : Projets à impact rapide (QIP) · unité : Kidal." in said
    assert "1 activité, 0 organisation." in said
    assert "Budget placé : 46 610,16 USD" in said
    assert "Réinsertion de 110 femmes de Ber" in (tmp_path / "rows.csv").read_text("utf-8")


def test_a_file_of_another_question_is_no_proof(
    atlas: Run,  # noqa: F811
    store: Store,
    tmp_path: Path,
) -> None:
    words = code_on(file_of(store, FICHE))
    (tmp_path / "f.pdf").write_bytes(file_of(store, FICHE.replace("qip", "trust-fund")))
    code, said, _error = atlas("explain", words, "--file", tmp_path / "f.pdf")
    assert code == PARTLY
    assert "page 1 : « " in said


def test_an_altered_cell_is_named() -> None:
    made, given = b"zone,n\nGao,12\n", b"zone,n\nGao,13\n"
    assert first_difference(made, given, "csv") == "ligne 2 : « Gao,13 » au lieu de « Gao,12 »."


def test_an_altered_byte_that_changes_no_word_is_named_by_its_place() -> None:
    assert "diffère à l'octet 3 sur 4" in first_difference(b"abcd", b"abxd", "png")


def test_a_damaged_file_is_said_to_be_damaged(store: Store) -> None:
    assert "abîmé" in first_difference(file_of(store, FICHE), b"nothing", "pdf")


def test_a_code_is_read_through_the_breaks_of_its_line() -> None:
    code = parsed_code("9a8cb772cd51/fiche/ml-2016/\nML05.pdf?\u200bsource=qip&\u200bas=partner")
    assert code == ("9a8cb772cd51", "/fiche/ml-2016/ML05.pdf", "source=qip", Viewer.PARTNER)


@pytest.mark.parametrize("words", ["", "bonjour", "9a8cb772cd51/map.png", "9a8c/map.png?as=nobody"])
def test_what_is_no_code_is_said_to_be_none(words: str) -> None:
    with pytest.raises(UsageError, match="n'est pas un code"):
        parsed_code(words)


def test_a_state_that_is_not_there_is_said(atlas: Run) -> None:  # noqa: F811
    code, _said, error = atlas("explain", "abcdef123456/map.png?as=editor")
    assert code != 0
    assert "abcdef123456" in error


def test_a_geojson_carries_its_code(store: Store) -> None:
    told = json.loads(file_of(store, "/download/carte.geojson?frame=ml-2016"))
    assert "/download/carte.geojson?frame=ml-2016&as=editor" in json.dumps(told)


@pytest.mark.parametrize("path", ["/fiche/ml-2016/ML08.pdf", "/map.pdf"])
def test_the_picture_on_a_page_is_its_code(store: Store, path: str) -> None:
    content = file_of(store, f"{path}?source=qip")
    drawn = PdfDocument(content)[0].render(scale=3).to_numpy()
    (found,) = read_barcodes(drawn)
    assert found.text == file_code(store.current_snapshot().hash, path, "source=qip", Viewer.EDITOR)


def test_a_code_opens_the_page_of_its_question_in_its_state(store: Store) -> None:
    code = file_code(
        store.current_snapshot().hash, "/fiche/ml-2016/ML08.pdf", "source=qip", Viewer.EDITOR
    )
    client = create_app(store, viewer=Viewer.EDITOR).server.test_client()
    asked = {"words": f"Code : {code}", "tab": "gaps"}  # as it is copied from a page
    told = client.get("/search", query_string=asked).get_json()
    (item,) = told["groups"][0]["items"]
    assert item["go"] == {
        "frame": ["ml-2016"], "level": "", "unit": "", "tab": "", "indicator": "", "only": "",
        "why": "", "org": "", "funder": "", "zone": ["ml-2016/ML08"], "state": [code[:12]], "source": ["qip"],
    }  # fmt: skip
