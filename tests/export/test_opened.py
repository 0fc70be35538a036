"""Every file that leaves the atlas, opened by the format's own tool."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from hxl.scripts import hxlvalidate_main

from atlas.dataset import Answer, Dataset
from atlas.export import encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.fiche import FicheQuestion
from atlas.export.fiche_pdf import fiche_pdf
from atlas.layers import LAYERS
from tests.web.example import MENAKA, tables


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.from_tables(tables())


@pytest.fixture(scope="module")
def answers(data: Dataset) -> dict[str, Answer]:
    """Each layer, the list of activities and their export."""
    told = {name: data.ask(name, frame="ml-2016") for name in LAYERS}
    return told | {"list": data.activity_grid(), "activities": exchange_answer(data)}


def test_hxlvalidate_passes_every_export_without_a_warning(
    answers: dict[str, Answer], tmp_path: Path
) -> None:
    """By the core schema of the tool: an info about a far value is no fault of the file."""
    for name, made in answers.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(encoded_answer(made, "hxl"))
        out = io.StringIO()
        code = hxlvalidate_main(["--error-level", "warning", str(path)], stdout=out)
        told = out.getvalue().splitlines()[1:]
        assert (code, told) == (0, ["0 error(s), 0 warnings", "Validation succeeded."]), name


def test_openpyxl_reads_types_frozen_panes_french_headings_and_the_notice(
    answers: dict[str, Answer],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(encoded_answer(answers["activities"], "xlsx")))
    assert book.sheetnames == ["Données", "À lire"]
    sheet = book["Données"]
    head = [cell.value for cell in sheet[1]]
    row = {str(name): cell for name, cell in zip(head, sheet[2], strict=True)}
    assert sheet.freeze_panes == "C2"
    assert row["Activité"].value == "Forage de Ménaka"
    assert (row["Budget (USD)"].value, row["Budget (USD)"].number_format) == (45000, "#,##0.00")
    assert (row["Début"].value, row["Début"].number_format) == (datetime(2016, 3, 1), "dd/mm/yyyy")
    told = {cells[0].value: cells[1].value for cells in book["À lire"].iter_rows()}
    assert told["Filtres"] == "aucun (activités et présences, toutes périodes)"
    assert told["Document le plus récent"] == "15/01/2024"
    assert told["Sources et licences"] == "Projet d'essai 2017 · Projet d'essai 2024"


def test_qpdf_finds_nothing_wrong_in_a_fiche(data: Dataset) -> None:
    with pikepdf.open(io.BytesIO(fiche_pdf(FicheQuestion(data), [MENAKA]))) as file:
        assert file.check_pdf_syntax() == []
        assert len(file.pages) == 1
