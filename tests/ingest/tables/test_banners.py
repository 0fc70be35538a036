"""A lone row speaks for the rows below it, as far as it may, and says for how many."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.tables.lone_rows import meaning_of_words

HEADINGS = "Titre;Région;Cercle;Secteur;ONG;Montant USD"


def read(tmp_path: Path, *lines: str, headings: str = HEADINGS) -> IngestBatch:
    path = tmp_path / "liste-ong.csv"
    path.write_text("\n".join((headings, *lines)), "utf-8")
    return ingest_file(path)


def units(batch: IngestBatch) -> list[str]:
    return batch.tables.placements["unit_id"].to_list()


def said(batch: IngestBatch, code: str) -> list[tuple[str, dict[str, object]]]:
    rows = batch.tables.findings.filter(pl.col("code") == code).select("locator", "params").rows()
    return [(locator, json.loads(params)) for locator, params in rows]


def test_a_region_alone_in_a_row_places_the_rows_below_it(tmp_path: Path) -> None:
    batch = read(
        tmp_path, "Région de Gao;;;;;", "Vaccination;;Ansongo;;MSF;10", "Clinique;;;;MSF;20"
    )
    assert units(batch) == ["ml-2023/cercle-ansongo", "ml-2023/gao"]
    assert said(batch, "row_heads_others") == [("L2", {"raw": "Région de Gao", "n": 2})]
    assert batch.report()["outcomes"] == {"activity": 2, "ignored": 1}


def test_a_region_above_the_headings_places_the_rows_that_state_none_even_after_a_total(
    tmp_path: Path,
) -> None:
    batch = read(
        tmp_path,
        "Clinique;;;;MSF;20",
        "Total;;;;;20",
        "Soins;Mopti;;;MSF;1",
        "Puits;;;;ACF;2",
        headings=f"Région : Gao;;;;;\n{HEADINGS}",
    )
    assert units(batch) == ["ml-2023/gao", "ml-2023/mopti", "ml-2023/gao"]
    assert said(batch, "row_heads_others") == [("L1", {"raw": "Région : Gao", "n": 2})]
    assert batch.report()["rows_read"] == 4


def test_a_sector_alone_in_a_row_is_that_of_the_rows_that_state_none(tmp_path: Path) -> None:
    batch = read(tmp_path, "SANTÉ;;;;;", "Soins;Gao;;;MSF;1", "Forage;Gao;;EHA;ACF;2")
    assert batch.tables.activities["sector"].to_list() == ["health", "wash"]
    assert said(batch, "row_heads_others")[0][1]["n"] == 1


def test_a_cercle_stands_inside_its_region_and_ends_with_the_next_one(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        *("Région de Gao;;;;;", "Cercle de Bourem;;;;;", "A1;;;;ACF;1"),
        *("Région de Mopti;;;;;", "A2;;;;ACF;1"),
    )
    assert units(batch) == ["ml-2023/cercle-bourem", "ml-2023/mopti"]


def test_a_row_with_a_region_of_its_own_keeps_it(tmp_path: Path) -> None:
    batch = read(tmp_path, "Région de Gao;;;;;", "A1;Mopti;;;ACF;1")
    assert units(batch) == ["ml-2023/mopti"]
    assert said(batch, "row_aside") == [("L2", {"raw": "Région de Gao"})]


@pytest.mark.parametrize("end", ["Sous-total;;;;;1", "Région du Sahel;;;;;", "Divers;;;;;"])
def test_nothing_is_placed_after_a_total_or_a_title_that_nobody_understands(
    tmp_path: Path, end: str
) -> None:
    batch = read(tmp_path, "Région de Gao;;;;;", "A1;;;;ACF;1", end, "A2;;;;ACF;5")
    by_title = batch.tables.activities.join(batch.tables.placements, on="activity_id")
    placed = dict(by_title.select("title", "unit_id").rows())
    assert (placed["A1"], placed["A2"]) == ("ml-2023/gao", "_unplaced")


def test_a_title_without_anything_else_is_counted_and_pointed_out(tmp_path: Path) -> None:
    batch = read(tmp_path, "Divers;;;;;", "Forage;Gao;;EHA;ACF;2")
    assert said(batch, "row_title_only") == [("L2", {"raw": "Divers"})]


def test_a_region_alone_in_its_own_column_above_nothing_is_a_row_without_a_title(
    tmp_path: Path,
) -> None:
    batch = read(tmp_path, "Forage;Gao;;EHA;ACF;2", ";Mopti;;;;")
    assert batch.report()["outcomes"] == {"activity": 1, "rejected": 1}


def test_the_same_presence_under_two_regions_is_two(tmp_path: Path) -> None:
    headings = "Organisation;Région;Cercle;Secteur"
    lines = ("Région de Gao;;;", "ACF;;;EHA", "Région de Mopti;;;", "ACF;;;EHA")
    batch = read(tmp_path, *lines, headings=headings)
    assert units(batch) == ["ml-2023/gao", "ml-2023/mopti"]


def test_an_unknown_region_states_nothing() -> None:
    assert meaning_of_words("Région du Sahel") is None
    assert meaning_of_words("District de Bamako") == ("region", "Bamako")
