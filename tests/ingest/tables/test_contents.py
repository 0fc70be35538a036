"""A column whose heading says nothing: used when its content is sure, proposed when it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import ReadAs
from atlas.ingest.table_detection import detected_tables
from atlas.ingest.tables.table_columns import guess_of_cells


def read(tmp_path: Path, *lines: str, **said: object) -> IngestBatch:
    path = tmp_path / "liste-ong.csv"
    path.write_text("\n".join(lines), "utf-8")
    return ingest_file(path, **said)


def columns(batch: IngestBatch, code: str) -> list[tuple[str, str]]:
    return [
        (str(f.params["column"]), str(f.params.get("field", "")))
        for f in batch.reading.findings
        if f.code == code
    ]


@pytest.mark.parametrize(
    ("cells", "field", "sure"),
    [
        (("ML070101", "ML070102", "ML050201"), "commune_code", True),
        (("MLI05", "MLI07", "ML06"), "region_code", True),
        (("USD", "FCFA", "EUR"), "currency", True),
        (("15/01/2024", "2024-02-01", "1er mars 2024"), "start", False),
        (("15 000 USD", "25 k€", "1,2 Md FCFA"), "budget", False),
        (("75 %", "80 %", "100%"), "progress", False),
        ((16.27, 15.31, 14.07), "lat", False),
        ((-3.51, -3.92, -4.01), "lon", False),
        (("14.5, -3.9", "16.27, -0.04", "15.1, -1.2"), "coordinates", False),
        (("oui", "non", "x"), "yes", False),
        (("Gao", "Mopti", "Ségou"), "region", False),
        (("En cours", "Achevé", "Planifié"), "status", False),
        (("+223 76 00 00 01", "", "x@y.org"), "personal", True),
    ],
)
def test_a_content_says_what_a_column_may_be(cells: tuple, field: str, sure: bool) -> None:
    found = guess_of_cells(cells)
    assert found is not None
    assert (found.field, found.sure) == (field, sure)


@pytest.mark.parametrize("cells", [("a", "b", "c"), ("ML070101",), (1.0, 2.0, 3.0), ()])
def test_too_few_or_too_different_cells_say_nothing(cells: tuple) -> None:
    assert guess_of_cells(cells) is None


def test_codes_of_one_level_are_used_and_said(tmp_path: Path) -> None:
    batch = read(
        tmp_path, "Titre;ONG;Endroit", "A;NRC;ML070104", "B;NRC;ML070105", "C;NRC;ML070106"
    )
    assert columns(batch, "column_by_content") == [("Endroit", "commune_code")]
    assert batch.tables.placements["unit_id"].to_list() == [
        "ml-2016/ML070104",
        "ml-2016/ML070105",
        "ml-2016/ML070106",
    ]


def test_dates_are_proposed_as_start_and_end_and_never_used_unasked(tmp_path: Path) -> None:
    lines = (
        "Titre;ONG;Région;Moment;Jusque",
        "A;NRC;Gao;15/01/2024;30/06/2024",
        "B;NRC;Gao;16/01/2024;30/06/2024",
        "C;NRC;Gao;17/01/2024;30/06/2024",
    )
    batch = read(tmp_path, *lines)
    assert columns(batch, "column_proposed") == [("Moment", "start"), ("Jusque", "end")]
    assert batch.tables.activities["start"].to_list() == [None] * 3
    said = read(tmp_path, *lines, column_map={"Moment": "start", "Jusque": "end"})
    assert said.tables.activities["end"].dt.to_string().to_list() == ["2024-06-30"] * 3
    assert columns(said, "column_proposed") == []


def test_a_proposal_is_offered_in_the_preview_with_its_share(tmp_path: Path) -> None:
    batch = read(
        tmp_path, "Titre;ONG;Moment", "A;NRC;15/01/2024", "B;NRC;16/01/2024", "C;NRC;17/01/2024"
    )
    (table,) = detected_tables(batch.document, ReadAs("liste.csv", "ngo"))
    found = {c.heading: (c.field, c.why, c.near, c.likeness) for c in table.columns}
    assert found["Moment"] == ("", "column_unknown", "start", 1.0)


def test_crosses_under_the_names_of_sectors_say_the_sectors(tmp_path: Path) -> None:
    batch = read(
        tmp_path, "ONG;Région;Santé;EHA;Validé", "NRC;Gao;x;;oui", "DRC;Mopti;;✓;non", "IRC;Gao;;;o"
    )
    assert batch.tables.activities["sector"].to_list() == ["health", "wash", None]
    assert columns(batch, "column_unknown") == [("Validé", "")]


def test_crosses_under_the_names_of_regions_say_the_places(tmp_path: Path) -> None:
    batch = read(tmp_path, "Titre;ONG;Gao;Mopti", "Forage;NRC;x;x", "Pont;DRC;;1")
    assert sorted(batch.tables.placements["unit_id"].to_list()) == [
        "ml-2023/gao",
        "ml-2023/mopti",
        "ml-2023/mopti",
    ]


def test_a_column_without_a_heading_is_never_lost_in_silence(tmp_path: Path) -> None:
    batch = read(tmp_path, "Titre;;Région", "Forage;bleu;Gao", "Pont;;Mopti")
    said = [f for f in batch.reading.findings if f.code == "column_unnamed"]
    assert [dict(f.params) for f in said] == [{"column": "B", "n": 1}]
