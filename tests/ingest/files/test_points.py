"""Layers of points go in as lists, each row with its longitude and latitude."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import polars as pl
import pyogrio.raw
import pytest
import shapely

from atlas.errors import UnusableFileError
from atlas.ingest.files.readers import read_document
from atlas.ingest.pipeline import ingest_file

GAO = (-0.05, 16.27)


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(*at: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": list(at)}


def layer(path: Path, *features: object, **more: object) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8"
    )
    return path


def package(path: Path, geometry: list[object], crs: str, **columns: list[object]) -> Path:
    pyogrio.raw.write(
        str(path),
        geometry=numpy.array([shapely.to_wkb(one) for one in geometry], dtype=object),
        field_data=[numpy.array(values, dtype=object) for values in columns.values()],
        fields=list(columns),
        geometry_type="Unknown",
        crs=crs,
        driver="GPKG",
        layer="qip",
    )
    return path


def test_a_layer_of_points_is_a_list_with_coordinates(tmp_path: Path) -> None:
    rows = (
        feature(point(*GAO), Titre="Forage", Partenaire="ADR", Bailleurs=["Suède", "Italie"]),
        feature(point(*GAO, 250), Titre="École", Partenaire="AMSS"),
    )
    tables = ingest_file(layer(tmp_path / "qip.geojson", *rows)).tables
    assert tables.activities["title"].to_list() == ["Forage", "École"]
    assert tables.activities["donors"].to_list() == [["sweden", "italy"], []]
    assert tables.placements.select("lon", "lat").rows() == [GAO, GAO]
    assert tables.placements["how"].to_list() == ["coordinates"] * 2


def test_an_area_stays_in_the_list_without_coordinates_and_is_said(tmp_path: Path) -> None:
    area = {"type": "Polygon", "coordinates": [[[0, 16], [1, 16], [1, 17], [0, 16]]]}
    path = layer(tmp_path / "qip.json", feature(area, Titre="Périmètre", Région="Gao"))
    tables = ingest_file(path).tables
    assert tables.placements["unit_id"].to_list() == ["ml-2023/gao"]
    said = tables.findings.filter(pl.col("code") == "geometry_aside")
    assert said["params"].to_list() == ['{"n": 1}']


def test_metres_of_an_old_crs_member_become_degrees(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32630"}}
    path = layer(
        tmp_path / "qip.geojson", feature(point(815_000, 1_801_000), Titre="A", Site="B"), crs=crs
    )
    _titles, *row = read_document(path).sheets[0].rows
    assert [round(float(str(value)), 1) for value in row[0][-2:]] == [-0.1, 16.3]


def test_the_drawn_point_wins_over_columns_of_the_same_name(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.geojson", feature(point(*GAO), Titre="A", Longitude=9, Latitude=9))
    assert [list(r) for r in read_document(path).sheets[0].rows] == [
        ["Titre", "longitude", "latitude"],
        ["A", *GAO],
    ]


@pytest.mark.parametrize("text", ["[1]", "{}", '{"features": 3}', "{", "[" * 100_000])
def test_json_that_is_no_layer_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(text, "utf-8")
    with pytest.raises(UnusableFileError, match="collection d'objets GeoJSON"):
        read_document(tmp_path / "a.geojson")


def test_an_unknown_reference_system_is_refused(tmp_path: Path) -> None:
    crs = {"properties": {"name": "EPSG:999999"}}
    path = layer(tmp_path / "a.geojson", feature(point(1, 1), Titre="A"), crs=crs)
    with pytest.raises(UnusableFileError, match="système de coordonnées inconnu"):
        read_document(path)


def test_a_geopackage_is_a_list_with_coordinates(tmp_path: Path) -> None:
    shapes = [shapely.Point(*GAO), shapely.LineString([(0, 16), (1, 16)])]
    path = package(
        tmp_path / "qip.gpkg", shapes, "EPSG:4326", Titre=["Forage", "Route"], Région=["Gao", "Gao"]
    )
    document = read_document(path)
    assert [(s.name, s.rows) for s in document.sheets] == [
        (
            "qip",
            [
                ["Titre", "Région", "longitude", "latitude", "wkt"],
                ["Forage", "Gao", *GAO, None],
                ["Route", "Gao", None, None, "LINESTRING (0 16, 1 16)"],
            ],
        )
    ]
    assert [f.code for f in document.findings] == ["geometry_aside"]
    assert ingest_file(path).tables.activities["locator"].to_list() == ["qip!2", "qip!3"]


def test_a_geopackage_in_metres_becomes_degrees(tmp_path: Path) -> None:
    path = package(
        tmp_path / "a.gpkg", [shapely.Point(815_000, 1_801_000)], "EPSG:32630", Titre=["A"]
    )
    row = read_document(path).sheets[0].rows[1]
    assert [round(float(str(value)), 1) for value in row[1:]] == [-0.1, 16.3]


def test_a_database_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\x00" + bytes(4096))
    with pytest.raises(UnusableFileError, match="endommagé"):
        read_document(tmp_path / "a.gpkg")


def test_a_layer_that_qgis_wrote_keeps_its_columns_and_its_dates(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    multi = {"type": "MultiPoint", "coordinates": [list(GAO)]}
    rows = feature(multi, fid=1, Intitulé="Forage", Partenaire="ADR", Début="2024/01/15", Fin=None)
    batch = ingest_file(layer(tmp_path / "ong.geojson", rows, name="projets", crs=crs))
    activity = batch.tables.activities.row(0, named=True)
    assert (activity["title"], str(activity["start"])) == ("Forage", "2024-01-15")
    assert batch.tables.placements.select("lon", "lat").rows() == [GAO]


def test_groups_of_a_form_become_columns_and_a_feature_alone_is_a_layer(tmp_path: Path) -> None:
    form = {
        "Projet": {"Titre du projet": "Forage", "Lieu": {"Région": "Gao"}},
        "Partenaire": "ADR",
        "_uuid": "u-1",
        "_submission_time": "2024-03-01T10:00:00",
    }
    (tmp_path / "ong.geojson").write_text(
        json.dumps({"type": "Feature", "geometry": None, "properties": form}), "utf-8"
    )
    batch = ingest_file(tmp_path / "ong.geojson")
    assert batch.tables.activities["title"].to_list() == ["Forage"]
    assert batch.tables.placements["unit_id"].to_list() == ["ml-2023/gao"]
    assert str(batch.reading.as_of) == "2024-03-01"


def test_what_qgis_keeps_in_a_geopackage_for_itself_is_no_list(tmp_path: Path) -> None:
    path = package(tmp_path / "qip.gpkg", [shapely.Point(*GAO)], "EPSG:4326", Titre=["Forage"])
    pyogrio.raw.write(
        str(path),
        geometry=None,
        field_data=[numpy.array(["style"], dtype=object), numpy.array(["<qgis/>"], dtype=object)],
        fields=["styleName", "styleQML"],
        geometry_type=None,
        driver="GPKG",
        layer="layer_styles",
        append=True,
    )
    assert [sheet.name for sheet in read_document(path).sheets] == ["qip"]
