"""GeoJSON and GeoPackage → lists: a row a feature, its properties and the place of its point.

GeoJSON is read as the JSON it is; GeoPackage through pyogrio's raw reader (GDAL), without
GeoPandas. Lines and areas stay in the list without coordinates, which is said: a list needs
one place a row, and the middle of an area is nobody's report. Their shape stands beside them
as text, for the tables of context that draw where a fact holds.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
import shapely.geometry
from pyproj import Transformer
from pyproj.exceptions import ProjError

from atlas.errors import UnusableFileError
from atlas.i18n import N_, _
from atlas.ingest.files.admission import unusable_error
from atlas.ingest.files.plain_text import decode_text
from atlas.ingest.reading import FileContent, Finding, Sheet

LON, LAT = "longitude", "latitude"
SHAPE = "wkt"
"""Heading of the column of shapes; it is there where a feature is no point."""
WGS84 = "EPSG:4326"
_DEGREES = ("CRS84", "4326")
_DEPTH = 8
"""Groups within groups that are taken apart."""
_OF_QGIS = frozenset({"layer_styles", "qgis_projects"})
"""Tables that QGIS keeps its own things in."""
_POINT, _FLAGS = 1, 0xE0000000

Point = tuple[float, float] | None


MAX_POINTS = 20_000
"""Most vertices of one shape: a cercle of the official boundaries has fewer."""
DIGITS = 6
"""Decimals kept of a degree: 0.1 m."""
_LONGEST_TEXT = 60 * MAX_POINTS

EMPTY = N_("vide")
UNREADABLE = N_("illisible")
TOO_LARGE = N_("plus de 20 000 points : simplifiez-la")
OFF_GLOBE = N_("hors du globe : exportez-la en degrés, WGS 84")

Project = Callable[[float, float], tuple[float, float]] | None


class ShapeText(NamedTuple):
    """A shape as text, or why there is none (`EMPTY`, `UNREADABLE`, `TOO_LARGE`, `OFF_GLOBE`);
    ``mended`` when it crossed itself and was made valid.
    """

    wkt: str
    why: str = ""
    mended: bool = False


class MapFeature(NamedTuple):
    """Properties of a feature, and its point or, where it is none, its shape."""

    cells: Mapping[str, object]
    point: Point
    shape: ShapeText | None = None


def read(path: Path | str, data: bytes) -> FileContent:
    """Features as a list.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole GeoJSON or GeoPackage.

    Returns
    -------
    FileContent
        One sheet a layer: headings, then a row a feature; ``longitude`` and ``latitude`` in
        degrees (WGS 84), and ``wkt`` where a feature is a line or an area. Findings
        ``geometry_aside`` for features that are no point, ``geometry_unreadable`` for shapes
        that are too large or no shape.

    Raises
    ------
    UnusableFileError
        No feature collection, no layer, or a reference system that is not known.
    """
    if data.startswith(b"SQLite format 3\x00"):
        return _read_geopackage(path, data)
    text, findings = decode_text(data)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_collection(path) from error
    if isinstance(found, list):
        return FileContent(None, (_plain_table(path, found),), findings)
    features = _features_of(found)
    if not isinstance(features, list):
        raise _no_collection(path)
    system = _reference_system(found)
    project = _projection_to_degrees(path, system)
    rows = [feature for one in features if (feature := _feature_of(one, project))]
    rows += _placeless_rows(found)
    sheet, said = _sheet_of_features("", rows)
    return FileContent(None, (sheet,), (*findings, *said))


def _plain_table(path: Path | str, rows: list[Any]) -> Sheet:
    """The table that a list of JSON objects is: a row each, no geometry."""
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise _no_collection(path)
    cells = [dict(_flat_cells(row)) for row in rows]
    columns = list(dict.fromkeys(chain.from_iterable(cells)))
    return Sheet("", [columns, *([row.get(column) for column in columns] for row in cells)])


def _placeless_rows(found: Mapping[str, Any]) -> list[MapFeature]:
    """Rows that an export of the atlas keeps beside its features: they are on no map."""
    about = found.get("atlas")
    rows = about.get("reserved") if isinstance(about, dict) else None
    listed = rows if isinstance(rows, list) else []
    return [
        MapFeature(dict(_flat_cells(row)), None, None) for row in listed if isinstance(row, dict)
    ]


def _no_collection(path: Path | str) -> UnusableFileError:
    why = _("ce n'est pas une collection d'objets GeoJSON")
    return unusable_error(path, why, _("Exportez la couche en GeoJSON ou GeoPackage."))


def _features_of(found: object) -> object:
    """Features of a collection, or of one feature that stands alone."""
    if not isinstance(found, dict):
        return None
    return [found] if found.get("type") == "Feature" else found.get("features")


def _reference_system(found: Mapping[str, Any]) -> str:
    """Reference system: WGS 84 since 2016, else what the old "crs" member names."""
    crs = found.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name or WGS84)


def _feature_of(one: object, project: Any) -> MapFeature | None:
    if not isinstance(one, dict):
        return None
    properties = one.get("properties")
    cells = dict(_flat_cells(properties)) if isinstance(properties, dict) else {}
    geometry = one.get("geometry")
    if not isinstance(geometry, dict):
        return MapFeature(cells, None)
    point = _point_of(geometry, project)
    return MapFeature(cells, point, None if point else read_geojson(geometry, project))


def _point_of(geometry: Mapping[str, Any], project: Any) -> Point:
    """The point of a geometry; ``None`` when it is no single point."""
    at = geometry.get("coordinates")
    if geometry.get("type") == "MultiPoint" and isinstance(at, list) and len(at) == 1:
        at = at[0]
    elif geometry.get("type") != "Point":
        return None
    if not isinstance(at, list) or len(at) < 2 or not all(map(_is_number, at[:2])):
        return None
    return _point_in_degrees(float(at[0]), float(at[1]), project)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def _point_in_degrees(x: float, y: float, project: Any) -> Point:
    lon, lat = project(x, y) if project else (x, y)
    return (float(lon), float(lat)) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _projection_to_degrees(path: Path | str, system: str) -> Any:
    """What turns coordinates into degrees; ``None`` when they are degrees already."""
    if any(mark in system for mark in _DEGREES):
        return None
    try:
        return Transformer.from_crs(system, WGS84, always_xy=True).transform
    except ProjError as error:
        why = _("système de coordonnées inconnu : {name}", name=system[:80])
        raise unusable_error(path, why, _("Exportez la couche en WGS 84 (EPSG:4326).")) from error


def _flat_cells(properties: Mapping[str, Any], group: str = "") -> Iterator[tuple[str, object]]:
    """Properties as cells; those of a group of a form are named as its tables name them."""
    for name, value in properties.items():
        if isinstance(value, dict) and value and group.count("/") < _DEPTH:
            yield from _flat_cells(value, f"{group}{name}/")
        else:
            yield f"{group}{name}", _cell_of(value)


def _cell_of(value: object) -> object:
    """A property as a cell: text, number, date, or nothing; lists joined by ``;``."""
    if value is None or isinstance(value, (bool, date)):
        return value
    if isinstance(value, (int, float)):
        return value if value == value else None
    if isinstance(value, list):
        return " ; ".join(str(one) for one in value) or None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.strip() or None


def _sheet_of_features(name: str, features: Sequence[MapFeature]) -> tuple[Sheet, list[Finding]]:
    columns = list(dict.fromkeys(key for feature in features for key in feature.cells))
    # The geometry is what is drawn; columns that repeat it would stand first and win.
    kept = (
        [c for c in columns if c.casefold() not in (LON, LAT)] if _has_points(features) else columns
    )
    drawn = any(feature.shape and feature.shape.wkt for feature in features)
    rows: list[list[object]] = [[*kept, LON, LAT, *([SHAPE] if drawn else [])]]
    for cells, point, shape in features:
        shown = [shape.wkt if shape and shape.wkt else None] if drawn else []
        rows.append([*(cells.get(column) for column in kept), *(point or (None, None)), *shown])
    without = sum(feature.point is None for feature in features)
    said = [Finding("geometry_aside", name, params={"n": without})] if without else []
    return Sheet(name, rows), [*said, *_shape_findings(name, features)]


def _shape_findings(name: str, features: Sequence[MapFeature]) -> Iterable[Finding]:
    """Shapes that are not kept, each at its row and with the reason, and those made valid."""
    for number, (_cells, _point, shape) in enumerate(features, start=2):
        place = f"{name}!{number}" if name else f"L{number}"
        if shape and shape.mended:
            yield Finding("geometry_mended", place, "geometry")
        elif shape and shape.why not in ("", EMPTY):
            params: dict[str, object] = {"reason": shape.why, "raw": "…"}
            yield Finding("geometry_unreadable", place, "geometry", params)


def _has_points(features: Iterable[MapFeature]) -> bool:
    return any(feature.point for feature in features)


def _read_geopackage(path: Path | str, data: bytes) -> FileContent:
    import pyogrio.raw  # GDAL, which GeoJSON does without

    layers = [str(name) for name, _kind in pyogrio.list_layers(data) if name not in _OF_QGIS]
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for name in layers:
        about, _ids, geometry, columns = pyogrio.raw.read(data, layer=name, datetime_as_string=True)
        project = _projection_to_degrees(path, about["crs"] or WGS84)
        names = [str(field) for field in about["fields"]]
        values = [column.tolist() for column in columns]
        shapes = geometry if geometry is not None else [None] * (len(values[0]) if values else 0)
        features: list[MapFeature] = []
        for index, shape in enumerate(shapes):
            cells = {n: _typed_cell(column[index]) for n, column in zip(names, values, strict=True)}
            point = _point_of_binary(shape, project)
            drawn = None if point or shape is None else read_wkb(shape, project)
            features.append(MapFeature(cells, point, drawn))
        sheet, said = _sheet_of_features(name, features)
        sheets.append(sheet)
        findings += said
    if not sheets:
        raise unusable_error(
            path, _("GeoPackage sans couche"), _("Vérifiez que c'est le bon fichier.")
        )
    return FileContent(None, tuple(sheets), tuple(findings))


def _typed_cell(value: object) -> object:
    """A field as a cell: GDAL writes dates as text, sometimes with a time."""
    if isinstance(value, str) and len(value) >= 10 and value[4] == value[7] == "-":
        try:
            return datetime.fromisoformat(value).date()
        except ValueError:
            return _cell_of(value)
    return _cell_of(value)


def _point_of_binary(shape: bytes | None, project: Any) -> Point:
    """The point of well-known binary (OGC 06-103r4, 8.2); ``None`` for any other shape."""
    if shape is None or len(shape) < 21:
        return None
    order = "<" if shape[0] else ">"
    (kind,) = struct.unpack_from(f"{order}I", shape, 1)
    if (kind & ~_FLAGS) % 1000 != _POINT:
        return None
    start = 9 if kind & 0x20000000 else 5  # an extended header names its system
    x, y = struct.unpack_from(f"{order}dd", shape, start)
    return _point_in_degrees(x, y, project) if _is_number(x) and _is_number(y) else None


def read_wkt(text: str) -> ShapeText:
    """The shape of well-known text.

    Examples
    --------
    >>> read_wkt("POINT (-4.20 14.50)").wkt, read_wkt("POINT (400 14)").why
    ('POINT (-4.2 14.5)', 'hors du globe : exportez-la en degrés, WGS 84')
    """
    if len(text) > _LONGEST_TEXT:
        return ShapeText("", TOO_LARGE)
    bare = text.partition(";")[2] if text.upper().startswith("SRID=4326;") else text
    try:
        return _checked_shape(shapely.from_wkt(bare.strip()))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return ShapeText("", UNREADABLE)


def read_geojson(geometry: Mapping[str, Any], project: Project = None) -> ShapeText:
    """The shape of a GeoJSON geometry; ``project`` turns its coordinates into degrees."""

    try:
        return _checked_shape(shapely.geometry.shape(dict(geometry)), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return ShapeText("", UNREADABLE)


def read_wkb(data: bytes, project: Project = None) -> ShapeText:
    """The shape of well-known binary, as `read_geojson`."""
    try:
        return _checked_shape(shapely.from_wkb(data), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return ShapeText("", UNREADABLE)


def _checked_shape(shape: Any, project: Project = None) -> ShapeText:
    if shape is None or shape.is_empty:
        return ShapeText("", EMPTY)
    if shapely.get_num_coordinates(shape) > MAX_POINTS:
        return ShapeText("", TOO_LARGE)
    flat = shapely.force_2d(shape)
    if project is not None:
        flat = shapely.transform(flat, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1])))
    west, south, east, north = flat.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return ShapeText("", OFF_GLOBE)
    sound = flat if flat.is_valid else shapely.make_valid(flat)
    text = shapely.to_wkt(sound, rounding_precision=DIGITS, trim=True)
    return ShapeText(text, mended=sound is not flat)
