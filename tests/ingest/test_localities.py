"""A list of localities in force is part of the input: same list, same snapshot."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from atlas.geo.install import install_localities
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.store import Store

LIST = "village,commune,cercle,lat,lon\nGoundaka,Pignari Bana,Bandiagara,14.488,-3.9472\n"
ROWS = """projet,région,cercle,localité,secteur
Puits,Mopti,Bandiagara,Goundaka,EHA
École,Kidal,,Etambar,Éducation
"""


def _ingested(tmp_path: Path) -> IngestBatch:
    path = tmp_path / "liste_2017-06-30.csv"
    path.write_text(ROWS, encoding="utf-8")
    return ingest_file(path, source="ngo")


def _install(tmp_path: Path) -> None:
    path = tmp_path / "villages.csv"
    path.write_text(LIST, encoding="utf-8")
    install_localities(path)


def test_the_same_file_with_the_same_list_is_the_same_snapshot(tmp_path: Path) -> None:
    without = Store(tmp_path / "a").publish_tables(_ingested(tmp_path).tables).hash
    _install(tmp_path)
    hashes = {Store(tmp_path / n).publish_tables(_ingested(tmp_path).tables).hash for n in "bc"}
    assert len(hashes) == 1
    assert without not in hashes


def test_a_listed_locality_places_and_one_that_is_not_stays_at_its_region(tmp_path: Path) -> None:
    _install(tmp_path)
    tables = _ingested(tmp_path).tables
    placed = tables.placements.select("unit_id", "lon").sort("unit_id").rows()
    assert placed == [("ml-2016/ML050116", -3.9472), ("ml-2016/ML08", None)]
    codes = tables.findings.filter(pl.col("field") == "place")["code"].to_list()
    assert codes == ["place_at_region"]
