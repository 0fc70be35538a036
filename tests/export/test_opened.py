"""Every file that leaves the atlas, opened by the format's own tool."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import openpyxl
import pikepdf
import pyogrio
import pytest
from hxl.scripts import hxlvalidate_main
from lxml import etree

from atlas.dataset import Answer, Dataset
from atlas.export import encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.fiche import FicheQuestion
from atlas.export.fiche_pdf import fiche_pdf
from atlas.export.map_files import geoparquet_style
from atlas.layers import LAYERS
from atlas.model import Viewer
from atlas.web.map_style import styled_layer
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


def test_a_geopackage_holds_the_classes_of_the_page_as_a_style_that_qgis_finds(
    data: Dataset, tmp_path: Path
) -> None:
    """GDAL lists its layers; the default style of each is in the table that QGIS looks in."""
    told = styled_layer(data, data.ask("presence", frame="ml-2016"), Viewer.EDITOR)
    path = tmp_path / "presence.gpkg"
    path.write_bytes(encoded_answer(told, "gpkg"))
    assert [str(name) for name, _kind in pyogrio.list_layers(path)] == [
        "presence", "presence_points", "layer_styles"
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as link:
        styles = link.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
    assert [one[:3] for one in styles] == [("presence", "geom", 1), ("presence_points", "geom", 1)]
    areas, points = (etree.fromstring(one[3].encode()) for one in styles)
    assert [areas.findtext("layerGeometryType"), points.findtext("layerGeometryType")] == ["2", "0"]
    rules = [(r.get("label"), r.get("filter")) for r in areas.iter("rule")]
    assert rules[0] == ("2", '"activities" >= 2 AND "activities" <= 2')
    silent = dict(rules)["rapport manquant : on ne sait pas"]
    assert silent is not None
    assert "'ml-2016/ML01'" in silent
    symbols = areas.xpath("//symbol[@name='0']/layer/prop[@k='color']/@v")
    assert symbols == ["65,143,222,255"]  # the blue of the page for one class


def test_a_geoparquet_has_its_style_beside_it(data: Dataset) -> None:
    told = styled_layer(data, data.ask("presence", frame="ml-2016"), Viewer.EDITOR)
    style = etree.fromstring(geoparquet_style(told).encode())
    assert style.findtext("layerGeometryType") == "2"
    points = etree.fromstring(geoparquet_style(exchange_answer(data)).encode())
    assert [rule.get("filter") for rule in points.iter("rule")] == [
        "\"position\" = 'reported'", "\"position\" = 'unit'"
    ]  # fmt: skip
