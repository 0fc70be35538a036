"""Answers on the map: GeoJSON, GeoPackage and GeoParquet, longitude and latitude (WGS 84).

A table with ``lon`` and ``lat`` becomes points; any other takes the shape of its units, as
the map shows them. Rows that are no place (the whole country, place unknown…) are never
dropped: GeoJSON carries them beside the features, under ``atlas.reserved``; the other two
as rows without geometry.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from atlas.errors import UsageError
from atlas.export.columns import LIST_SEPARATOR
from atlas.export.notice import record
from atlas.export.tables import rows
from atlas.i18n import _
from atlas.model import RESERVED

if TYPE_CHECKING:
    from atlas.dataset import Answer

Geometry = dict[str, Any]
"""A GeoJSON geometry."""


def to_geojson(answer: Answer) -> bytes:
    """A FeatureCollection (RFC 7946) with the notice of the answer as a foreign member.

    A unit whose place on the map is not known is a feature with a null geometry.
    """
    features, reserved = [], []
    for geometry, properties in zip(geometries(answer), rows(answer.table), strict=True):
        if properties.get("unit_id") in RESERVED:
            reserved.append(properties)
        else:
            features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    collection = {
        "type": "FeatureCollection",
        "atlas": {**record(answer), "reserved": reserved},
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def to_gpkg(answer: Answer) -> bytes:
    """A GeoPackage of one layer; its metadata is the notice."""
    import geopandas
    from shapely.geometry import shape

    table = _flat(answer.table)
    shapes = [shape(g) if g else None for g in geometries(answer)]
    frame = geopandas.GeoDataFrame(
        {name: table[name].to_list() for name in table.columns}, geometry=shapes, crs="EPSG:4326"
    )
    for name, dtype in table.schema.items():
        if dtype == pl.Int64:
            frame[name] = frame[name].astype("Int64")  # whole numbers stay so beside unknowns
    notice = json.dumps(record(answer), ensure_ascii=False)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "atlas.gpkg"
        frame.to_file(path, driver="GPKG", layer=answer.layer, dataset_metadata={"atlas": notice})
        return path.read_bytes()


def to_geoparquet(answer: Answer) -> bytes:
    """GeoParquet 1.1: geometry as WKB in OGC:CRS84, the notice as file metadata."""
    from io import BytesIO

    from shapely import to_wkb
    from shapely.geometry import shape

    found = geometries(answer)
    wkb = [to_wkb(shape(g)) if g else None for g in found]
    table = answer.table.with_columns(pl.Series("geometry", wkb, dtype=pl.Binary))
    kinds = sorted({g["type"] for g in found if g})
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
            "atlas": json.dumps(record(answer), ensure_ascii=False),
        },
    )
    return buffer.getvalue()


def geometries(answer: Answer) -> Sequence[Geometry | None]:
    """Geometry of each row of an answer, ``None`` where it has none.

    Raises
    ------
    UsageError
        The table says nothing of places.
    """
    table = answer.table
    if {"lon", "lat"} <= set(table.columns):
        return [_point(lon, lat) for lon, lat in table.select("lon", "lat").iter_rows()]
    if "unit_id" not in table.columns:
        raise UsageError(
            _("« {layer} » ne se met pas sur une carte", layer=answer.layer),
            _("ses lignes n'ont pas de lieu"),
            _("Choisissez csv, json ou xlsx."),
        )
    shapes = _shapes(answer.frame, answer.level)
    return [shapes.get(unit_id) for unit_id in table["unit_id"]]


def _point(lon: float | None, lat: float | None) -> Geometry | None:
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}


def _shapes(frame: str, level: str) -> dict[str, Geometry]:
    """Shapes of the units, as the map shows them: polygons where known, points elsewhere."""
    from atlas.geo.shapes import display_geojson

    features = json.loads(display_geojson(frame, level))["features"]
    return {f["properties"]["id"]: f["geometry"] for f in features}


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Lists as texts, for formats that have none."""
    lists = [n for n, t in table.schema.items() if isinstance(t, pl.List)]
    return table.with_columns(
        pl.col(lists).cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    )
