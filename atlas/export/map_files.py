"""Answers on the map: GeoJSON, GeoPackage and GeoParquet, longitude and latitude (WGS 84).

A table with ``lon`` and ``lat`` becomes points; any other takes the shape of its units, as
the map shows them. Rows that are no place (the whole country, place unknown…) are never
dropped: GeoJSON carries them beside the features, under ``atlas.reserved``; the other two
as rows without geometry.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from atlas.errors import UsageError
from atlas.export.column_labels import LIST_SEPARATOR
from atlas.export.notice import notice_record
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
    """A GeoPackage of one layer; its metadata is the notice."""
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
    with TemporaryDirectory() as folder:
        path = Path(folder) / "atlas.gpkg"
        frame.to_file(path, driver="GPKG", layer=answer.layer, dataset_metadata={"atlas": notice})
        return path.read_bytes()


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
