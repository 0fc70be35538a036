"""Map formats: every row is there, on the map or beside it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from atlas.errors import UsageError
from atlas.export import encoded_answer, map_files
from tests.export.answers import HOSTILE, answer

SQUARE = {"type": "Polygon", "coordinates": [[[0, 19], [1, 19], [1, 20], [0, 20], [0, 19]]]}
POINT = {"type": "Point", "coordinates": [-4.2, 14.5]}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kidal has a shape, Mopti only a point."""
    known = {
        "ml-2016/ML08": map_files.RowShape(SQUARE, "indicative"),
        "ml-2016/ML05": map_files.RowShape(POINT, "point"),
    }
    monkeypatch.setattr(map_files, "unit_shapes", lambda frame, level: known)


def collection(content: bytes) -> dict[str, Any]:
    return json.loads(content)


@pytest.mark.usefixtures("drawn")
def test_geojson_has_a_feature_for_each_unit_and_the_reserved_rows_beside() -> None:
    found = collection(encoded_answer(answer(), "geojson"))
    assert found["type"] == "FeatureCollection"
    assert [(f["type"], f["geometry"]) for f in found["features"]] == [
        ("Feature", SQUARE),
        ("Feature", POINT),
    ]
    assert found["features"][0]["properties"] == {
        "unit_id": "ml-2016/ML08",
        "unit_name": "Kidal",
        "budget_usd": 46610.16,
        "activities": 3,
        "amount_XOF": 0.0,
        "basis": "indicative",
    }
    assert [(r["unit_id"], r["budget_usd"]) for r in found["atlas"]["reserved"]] == [
        ("_national", 12106353.01),
        ("_unplaced", 0.1),
    ]


@pytest.mark.usefixtures("drawn")
def test_geojson_says_what_it_is() -> None:
    about = collection(encoded_answer(answer(), "geojson"))["atlas"]
    assert about["title"] == "Budget par unité"
    assert (about["frame"], about["level"], about["as_of"]) == ("ml-2016", "region", "2017-06-30")
    assert (about["sources"], about["snapshot"]) == (["MINUSMA"], "0123456789abcdef")
    assert about["filters"] == "aucun (activités et présences, toutes périodes)"
    assert "Nations Unies" in about["boundaries"]
    assert about["shapes"] == {"source": "Natural Earth", "date": ""}
    assert about["basis"]["indicative"] == "limite indicative"


def test_a_unit_that_is_nowhere_drawn_is_a_feature_without_geometry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(map_files, "unit_shapes", lambda frame, level: {})
    found = collection(encoded_answer(answer(), "geojson"))
    assert [f["geometry"] for f in found["features"]] == [None, None]


def test_rows_with_coordinates_are_points() -> None:
    table = pl.DataFrame({"title": ["a", "b"], "lon": [-3.0, None], "lat": [16.77, None]})
    found = collection(encoded_answer(answer(table), "geojson"))
    assert [f["geometry"] for f in found["features"]] == [
        {"type": "Point", "coordinates": [-3.0, 16.77]},
        None,
    ]


def test_a_table_without_places_is_refused_for_the_map() -> None:
    with pytest.raises(UsageError, match="n'ont pas de lieu"):
        encoded_answer(answer(pl.DataFrame({"title": ["a"]})), "geojson")


@pytest.mark.usefixtures("drawn")
def test_a_geopackage_holds_every_row_and_its_notice(tmp_path: Path) -> None:
    import geopandas
    import pyogrio

    path = tmp_path / "budget.gpkg"
    path.write_bytes(encoded_answer(answer(), "gpkg"))
    assert [name for name, _kind in pyogrio.list_layers(path)] == ["budget", "budget_points"]
    areas, points = (geopandas.read_file(path, layer=name) for name in ("budget", "budget_points"))
    assert areas.crs.to_epsg() == points.crs.to_epsg() == 4326
    assert points["unit_id"].to_list() == ["ml-2016/ML05"]
    assert areas["unit_id"].to_list() == ["ml-2016/ML08", "_national", "_unplaced"]
    assert areas["budget_usd"].to_list() == [46610.16, 12106353.01, 0.1]
    assert (areas["activities"].to_list(), points["activities"].to_list()) == ([3, 2, 0], [1])
    kinds = [g.geom_type if g else None for one in (areas, points) for g in one.geometry]
    assert kinds == ["Polygon", None, None, "Point"]
    info = pyogrio.read_info(path, layer="budget")
    assert info["layer_name"] == "budget"
    assert json.loads(info["dataset_metadata"]["atlas"])["as_of"] == "2017-06-30"


@pytest.mark.usefixtures("drawn")
def test_a_geopackage_takes_lists_dates_and_unknowns(tmp_path: Path) -> None:
    import geopandas

    path = tmp_path / "titres.gpkg"
    path.write_bytes(encoded_answer(answer(HOSTILE), "gpkg"))
    back = geopandas.read_file(path)
    assert back["title"].to_list() == HOSTILE["title"].to_list()
    assert back["donors"].fillna("").to_list()[:3] == ["canada; denmark", "", ""]
    assert str(back["start"][0])[:10] == "2017-01-31"


@pytest.mark.usefixtures("drawn")
def test_geoparquet_follows_the_specification_and_keeps_types() -> None:
    from shapely import from_wkb

    content = encoded_answer(answer(), "geoparquet")
    back = pl.read_parquet(io.BytesIO(content))
    about = json.loads(pl.read_parquet_metadata(io.BytesIO(content))["geo"])
    assert about == {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point", "Polygon"]}},
    }
    assert back.drop("geometry", "basis").equals(answer().table)
    assert back["basis"].to_list() == ["indicative", "point", None, None]
    assert from_wkb(back["geometry"][1]).wkt == "POINT (-4.2 14.5)"
    assert back["geometry"].is_null().to_list() == [False, False, True, True]


def test_the_units_of_a_real_level_are_all_on_the_map() -> None:
    found = collection(encoded_answer(answer(), "geojson"))
    kinds = {f["properties"]["unit_name"]: f["geometry"]["type"] for f in found["features"]}
    assert set(kinds) == {"Kidal", "Mopti"}
    assert set(kinds.values()) <= {"Point", "Polygon", "MultiPolygon"}
