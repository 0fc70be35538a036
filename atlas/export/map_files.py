"""Answers on the map: GeoJSON, GeoPackage and GeoParquet, longitude and latitude (WGS 84).

A table with ``lon`` and ``lat`` becomes points; any other takes the shape of its units, as
the map shows them. Rows that are no place (the whole country, place unknown…) are never
dropped: GeoJSON carries them beside the features, under ``atlas.reserved``; the other two
as rows without geometry.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from atlas.errors import UsageError
from atlas.export.column_labels import LIST_SEPARATOR
from atlas.export.notice import notice_record
from atlas.export.qgis_style import StyleRule, style_qml
from atlas.export.spreadsheets import json_rows
from atlas.geo.shapes import BASES, boundary_status, displayed_unit_features
from atlas.i18n import _
from atlas.labels import label
from atlas.model import RESERVED

if TYPE_CHECKING:
    from atlas.dataset import Answer

Geometry = dict[str, Any]
"""A GeoJSON geometry."""


class RowShape(NamedTuple):
    """Where a row is drawn, and what the drawing rests on.

    ``basis`` is one of `atlas.geo.shapes.BASES` for the shape of a unit; ``None`` for
    coordinates of the row's own, or none at all.
    """

    geometry: Geometry | None
    basis: str | None


NOWHERE = RowShape(None, None)


def to_geojson(answer: Answer) -> bytes:
    """A FeatureCollection (RFC 7946) with the notice of the answer as a foreign member.

    A unit whose place on the map is not known is a feature with a null geometry.
    """
    features, reserved = [], []
    for drawn, properties in zip(row_shapes(answer), json_rows(answer.table), strict=True):
        if properties.get("unit_id") in RESERVED:
            reserved.append(properties)
            continue
        basis = {"basis": drawn.basis} if drawn.basis else {}
        features.append(
            {"type": "Feature", "geometry": drawn.geometry, "properties": properties | basis}
        )
    collection = {
        "type": "FeatureCollection",
        "atlas": {**_geodata_notice(answer), "reserved": reserved},
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def to_gpkg(answer: Answer) -> bytes:
    """A GeoPackage with a style for QGIS; its metadata is the notice.

    Points beside areas have a layer of their own, for QGIS styles a layer of one geometry; rows
    without one stand with the areas.
    """
    import geopandas  # 1 s, which GeoJSON does without

    drawn = row_shapes(answer)
    table = _lists_as_text(_with_basis(answer.table, drawn))
    frame = geopandas.GeoDataFrame(
        {name: table[name].to_list() for name in table.columns},
        geometry=_shapely_shapes(drawn),
        crs="EPSG:4326",
    )
    for name, dtype in table.schema.items():
        if dtype == pl.Int64:
            frame[name] = frame[name].astype("Int64")  # whole numbers stay so beside unknowns
    notice = json.dumps(_geodata_notice(answer), ensure_ascii=False)
    points = frame.geometry.geom_type == "Point"
    apart = bool(points.any() and frame.geometry.geom_type.isin(_AREAS).any())
    with TemporaryDirectory() as folder:
        path = Path(folder) / "atlas.gpkg"
        rows = frame[~points] if apart else frame
        rows.to_file(path, driver="GPKG", layer=answer.layer, dataset_metadata={"atlas": notice})
        shapes = {answer.layer: "point" if points.any() and not apart else "polygon"}
        if apart:
            frame[points].to_file(path, driver="GPKG", layer=f"{answer.layer}{POINTS}")
            shapes[f"{answer.layer}{POINTS}"] = "point"
        _add_styles(path, style_rules_of(answer), shapes)
        return path.read_bytes()


POINTS = "_points"
"""Ending of the name of the layer of points that stands beside one of areas."""
_AREAS = ("Polygon", "MultiPolygon")


def style_rules_of(answer: Answer) -> list[StyleRule]:
    """How the rows are drawn: as the map of the page, activities by where their point is from."""
    said = answer.meta.get("style")
    if isinstance(said, list):
        return said
    if "position" not in answer.table.columns:
        return []
    reported = _("position dite par le document"), "\"position\" = 'reported'", "#144372"
    of_unit = _("point de l'unité"), "\"position\" = 'unit'", "#82b5e9"
    return [StyleRule(*reported), StyleRule(*of_unit)]


def geoparquet_style(answer: Answer) -> str:
    """Style to lie beside a GeoParquet of an answer, which cannot hold one; "" for none."""
    rules, kinds = (
        style_rules_of(answer),
        [d.geometry["type"] for d in row_shapes(answer) if d.geometry],
    )
    if not rules or not kinds:
        return ""
    return style_qml(rules, "polygon" if set(kinds) & set(_AREAS) else "point")


def _add_styles(path: Path, rules: Sequence[StyleRule], shapes: Mapping[str, str]) -> None:
    """Write the table in which QGIS looks for the styles of a GeoPackage."""
    if not rules:
        return
    with closing(sqlite3.connect(path)) as link, link:
        link.execute(_STYLE_TABLE)
        link.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        for layer, geometry in shapes.items():
            told = (layer, "geom", layer, style_qml(rules, geometry))
            link.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, useAsDefault) "
                "VALUES ('', '', ?, ?, ?, ?, 1)",
                told,
            )


_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def to_geoparquet(answer: Answer) -> bytes:
    """GeoParquet 1.1: geometry as WKB in OGC:CRS84, the notice as file metadata."""
    drawn = row_shapes(answer)
    wkb = [one.wkb if one else None for one in _shapely_shapes(drawn)]
    table = _with_basis(answer.table, drawn).with_columns(
        pl.Series("geometry", wkb, dtype=pl.Binary)
    )
    kinds = sorted({d.geometry["type"] for d in drawn if d.geometry})
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": kinds}},
    }
    buffer = BytesIO()
    table.write_parquet(
        buffer,
        metadata={
            "geo": json.dumps(geo),
            "atlas": json.dumps(_geodata_notice(answer), ensure_ascii=False),
        },
    )
    return buffer.getvalue()


def _shapely_shapes(drawn: Sequence[RowShape]) -> list[Any]:
    from shapely.geometry import shape  # 0.2 s, which GeoJSON does without

    return [shape(one.geometry) if one.geometry else None for one in drawn]


def _geodata_notice(answer: Answer) -> dict[str, Any]:
    """The notice, with where the shapes come from and what the bases of shapes mean."""
    said = boundary_status()
    return {
        **notice_record(answer),
        "shapes": {"source": said["source"], "date": said["date"]},
        "basis": {basis: label("boundary", basis, full=True) for basis in BASES},
    }


def row_shapes(answer: Answer) -> Sequence[RowShape]:
    """Where each row of an answer is drawn.

    Raises
    ------
    UsageError
        The table says nothing of places.
    """
    table = answer.table
    if {"lon", "lat"} <= set(table.columns):
        return [_point_shape(lon, lat) for lon, lat in table.select("lon", "lat").iter_rows()]
    if "unit_id" not in table.columns:
        raise UsageError(
            _("« {layer} » ne se met pas sur une carte", layer=answer.layer),
            _("ses lignes n'ont pas de lieu"),
            _("Choisissez csv, json ou xlsx."),
        )
    of_units = unit_shapes(answer.frame, answer.level)
    return [of_units.get(unit_id, NOWHERE) for unit_id in table["unit_id"]]


def unit_shapes(frame: str, level: str) -> dict[str, RowShape]:
    """Shapes of the units, as the map shows them: polygons where known, points elsewhere."""
    return {
        f["properties"]["id"]: RowShape(f["geometry"], f["properties"]["basis"])
        for f in displayed_unit_features(frame, level)
    }


def _point_shape(lon: float | None, lat: float | None) -> RowShape:
    if lon is None or lat is None:
        return NOWHERE
    return RowShape({"type": "Point", "coordinates": [lon, lat]}, None)


def _with_basis(table: pl.DataFrame, drawn: Sequence[RowShape]) -> pl.DataFrame:
    if not any(d.basis for d in drawn):
        return table
    return table.with_columns(pl.Series("basis", [d.basis for d in drawn], dtype=pl.String))


def _lists_as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Lists as texts, for formats that have none."""
    lists = [n for n, t in table.schema.items() if isinstance(t, pl.List)]
    return table.with_columns(
        pl.col(lists).cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    )
