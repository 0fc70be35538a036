"""Exports of forms: the questions are read, the tool's own columns are not, persons are dropped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import Sheet
from atlas.ingest.tables.table_columns import find_layout

HEADINGS = (
    "start;end;username;phonenumber;Identification/Titre du projet;Identification/Partenaire;"
    "Localisation/Région;Localisation/Couleur du toit;Localisation/_gps_latitude;"
    "Localisation/_gps_longitude;Localisation/_gps_altitude;Secteur;Secteur/EHA;Secteur/Santé;"
    "_id;_uuid;_submission_time;__version__;_index"
)
ROW = (
    "2024-05-01T08:00:00.000+00:00;2024-05-01T08:30:00.000+00:00;awa;+22370000000;Forage;ADR;"
    "Gao;rouge;16.27;-0.05;250;EHA;1;0;7;5f;2024-06-30T10:00:00;v1;1"
)


@pytest.fixture
def batch(tmp_path: Path) -> IngestBatch:
    (tmp_path / "kobo.csv").write_text(f"{HEADINGS}\n{ROW}\n", "utf-8")
    return ingest_file(tmp_path / "kobo.csv")


def said(batch: IngestBatch, code: str) -> set[str]:
    found = batch.tables.findings.filter(pl.col("code") == code)["params"].str.json_decode(
        pl.Struct({"column": pl.String})
    )
    return {one["column"] for one in found.to_list()}


def test_questions_are_read_whatever_their_group(batch: IngestBatch) -> None:
    activity = batch.tables.activities.row(0, named=True)
    assert (activity["title"], activity["sector"]) == ("Forage", "wash")
    assert batch.tables.placements.select("lon", "lat").row(0) == (-0.05, 16.27)


def test_the_interview_is_not_the_project(batch: IngestBatch) -> None:
    activity = batch.tables.activities.row(0, named=True)
    assert (activity["start"], activity["end"]) == (None, None)
    assert batch.reading.as_of == date(2024, 6, 30)


def test_columns_of_the_tool_are_said_and_persons_dropped(batch: IngestBatch) -> None:
    assert said(batch, "personal_data_dropped") == {"username", "phonenumber"}
    assert said(batch, "column_ignored") >= {
        "start",
        "end",
        "_uuid",
        "Secteur/EHA",
        "Secteur/Santé",
    }
    assert said(batch, "column_unknown") == {"Localisation/Couleur du toit"}
    told = " ".join(str(value) for row in batch.tables.activities.rows() for value in row)
    assert "awa" not in told
    assert "7000" not in told


@pytest.mark.parametrize("cell", ["16.27 -0.05 250 4.9", "[16.27, -0.05]", "16.27, -0.05"])
def test_a_point_in_one_column_is_latitude_then_longitude(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        f'Titre;Région;Partenaire;_geolocation;_id;_uuid\nForage;Gao;ADR;"{cell}";1;5f\n', "utf-8"
    )
    assert ingest_file(path).tables.placements.select("lon", "lat").row(0) == (-0.05, 16.27)


def test_a_point_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Titre;Région;Partenaire;GPS\nForage;Gao;ADR;près du puits\n", "utf-8")
    tables = ingest_file(path).tables
    assert tables.placements["lon"].to_list() == [None]
    assert (tables.findings["code"] == "value_unreadable").sum() == 1


def test_a_person_s_map_wins_over_what_the_tool_means() -> None:
    sheet = Sheet("", [["Titre", "Région", "start", "_id", "_uuid"], ["Forage", "Gao", "x", 1, 2]])
    layout = find_layout(sheet, None, {"start": "start"})
    assert layout is not None
    assert [column.field for column in layout.columns] == ["title", "region", "start"]


def test_several_choices_of_a_question_are_a_list_though_the_tool_writes_blanks_between(
    tmp_path: Path,
) -> None:
    headings = "Titre;Région;Secteur;Secteur/EHA;Secteur/Sécurité alimentaire;_id;_uuid"
    (tmp_path / "kobo.csv").write_text(
        f"{headings}\nPuits;Gao;EHA Sécurité alimentaire;1;1;1;a\n", "utf-8"
    )
    batch = ingest_file(tmp_path / "kobo.csv")
    assert batch.tables.activities["sector_raw"].to_list() == ["EHA ; Sécurité alimentaire"]
    assert batch.tables.findings.filter(code="sector_unknown").is_empty()


def test_choices_written_one_after_the_other_are_several_sectors(tmp_path: Path) -> None:
    text = "Titre;Région;Secteurs;GPS;_id;_uuid;_submission_time\nKits;Gao;eha sante education;16.27 -0.05 276 5;7;5f;2024-06-30\n"
    (tmp_path / "kobo.csv").write_text(text, "utf-8")
    tables = ingest_file(tmp_path / "kobo.csv").tables
    assert tables.activities["sector"].to_list() == ["multi-sector"]
    assert tables.sectors["sector"].to_list() == ["education", "health", "wash"]
    (said,) = tables.findings.filter(code="sectors_named")["params"]
    assert '"names": "Éducation, Santé, EHA"' in said
    assert tables.placements.select("lon", "lat").rows() == [(-0.05, 16.27)]
