"""Geometry of units for drawing, and what is said of facts laid over them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from atlas.errors import UsageError
from atlas.geo.frames import FRAMES, LEVELS, check_frame, shipped_frames
from atlas.geo.generations import current_generation
from atlas.i18n import _
from atlas.paths import boundaries_root, data_root

BASES = ("official", "derived", "listed", "estimated", "indicative", "point")
UNASSIGNED, LIMIT = NON_UNIT_BASES = ("unassigned", "limit")
"""Bases of what is drawn and is no unit: ground of no known unit, an estimated line."""
BASE_LAYERS = ("outline", "rivers", "towns")
GeoFeature = dict[str, Any]

LONLAT = "EPSG:4326"
EQUAL_AREA = "+proj=laea +lat_0=17.5 +lon_0=-4 +datum=WGS84 +units=m"
DRAWN_KINDS = ("access", "security")
NO_GO = "no-go"
OUTSIDE = "_outside"
"""What stands for the ground of a fact that lies in no unit drawn."""

_Schema = dict[str, pl.DataType | type[pl.DataType]]
WEIGHTS_SCHEMA: _Schema = {
    "fact": pl.UInt32,
    "unit_id": pl.String,
    "area_weight": pl.Float64,
    "area_share": pl.Float64,
    "length_km": pl.Float64,
    "how": pl.String,
}
PIECES_SCHEMA: _Schema = {"unit_id": pl.String, "share": pl.Float64, "facts": pl.List(pl.UInt32)}
HITS_SCHEMA: _Schema = {"fact": pl.UInt32, "point": pl.UInt32}


@dataclass(frozen=True)
class FactOverlay:
    """Facts laid over the *cells*: the finest units that are drawn.

    Attributes
    ----------
    weights
        ``fact, unit_id, area_weight, area_share, length_km, how``: one row per fact and cell
        it touches, and one for `OUTSIDE`. ``area_weight`` is the part of a polygon's area in
        the cell, and sums to 1 over the rows of a fact; ``area_share`` the part of the cell
        under it. Both are null of roads and points. ``how``: ``official`` or ``indicative``
        boundaries, ``nearest`` commune (of a point, without boundaries).
    pieces
        ``unit_id, share, facts``: each cell cut along the polygons over it, without what no
        polygon covers; two pieces of a cell never overlap.
    cells
        ``unit_id, area_km2`` of every cell drawn.
    hits
        ``fact, point``: which of the points asked about lie in which polygon.
    key
        Names what this was computed from, for whoever keeps what follows from it.
    """

    weights: pl.DataFrame
    pieces: pl.DataFrame
    cells: pl.DataFrame
    hits: pl.DataFrame
    key: str = ""


NO_OVERLAY = FactOverlay(
    pl.DataFrame(schema=WEIGHTS_SCHEMA),
    pl.DataFrame(schema=PIECES_SCHEMA),
    pl.DataFrame(schema={"unit_id": pl.String, "area_km2": pl.Float64}),
    pl.DataFrame(schema=HITS_SCHEMA),
)
"""Of facts without any shape."""


def boundaries_folder() -> Path | None:
    """Folder of the boundaries in force, if official ones are installed."""
    return current_generation(boundaries_root())


def display_geojson(frame: str, level: str) -> bytes:
    """Simplified shapes of every unit of a frame and level, in longitude and latitude.

    Returns
    -------
    bytes
        A GeoJSON FeatureCollection; properties ``id, name, level, basis``. Units without a
        known place are absent; what is no unit has a basis of `NON_UNIT_BASES`.
    """
    check_frame(frame, level)
    folder = boundaries_folder()
    if folder:
        return (folder / "display" / f"{frame}-{level}.geojson").read_bytes()
    shapes = {u: (g, "indicative") for u, g in indicative_shapes(frame, level).items()}
    return feature_collection(features_of_units(frame, level, shapes))


def features_of_units(
    frame: str, level: str, shapes: dict[str, tuple[Any, str]]
) -> list[GeoFeature]:
    """A feature for each unit: its shape, else its point.

    Parameters
    ----------
    frame, level
        Which units.
    shapes
        Unit id → (GeoJSON geometry, basis).
    """
    made = []
    for row in shipped_frames().units_at_level(frame, level).iter_rows(named=True):
        geometry, basis = shapes.get(row["unit_id"], (None, "point"))
        if geometry is None and row["lon"] is not None:
            geometry = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        if geometry is not None:
            properties = {"id": row["unit_id"], "name": row["name"], "level": level, "basis": basis}
            made.append(
                {
                    "type": "Feature",
                    "id": row["unit_id"],
                    "properties": properties,
                    "geometry": geometry,
                }
            )
    return made


def non_unit_feature(basis: str, level: str, geometry: Any, unit_id: str = "") -> GeoFeature:
    """A feature of the map of a level that is none of its units.

    Parameters
    ----------
    basis
        One of `NON_UNIT_BASES`.
    unit_id
        The unit above, for ground that no unit of the level is known of.
    """
    named = {"id": unit_id, "name": shipped_frames().unit_by_id(unit_id).name} if unit_id else {}
    properties = {**named, "level": level, "basis": basis}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def displayed_unit_features(frame: str, level: str) -> list[GeoFeature]:
    """Features of `display_geojson` that are units."""
    made: list[GeoFeature] = json.loads(display_geojson(frame, level))["features"]
    return [f for f in made if f["properties"]["basis"] in BASES]


def feature_collection(made: list[GeoFeature]) -> bytes:
    """Bytes of a FeatureCollection."""
    data = {"type": "FeatureCollection", "features": made}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def indicative_shapes(frame: str, level: str) -> dict[str, Any]:
    """Natural Earth shapes of the units whose territory is that of an old région."""
    old = {
        shipped_frames().exact_communes(unit_id): geometry
        for unit_id, geometry in _old_region_shapes().items()
    }
    found = {}
    for unit_id in shipped_frames().units_at_level(frame, level)["unit_id"]:
        communes = shipped_frames().exact_communes(unit_id)
        if communes is not None and communes in old:
            found[unit_id] = old[communes]
    return found


def _old_region_shapes() -> dict[str, Any]:
    data = json.loads(base_geojson("regions"))
    return {f["properties"]["id"]: f["geometry"] for f in data["features"]}


def base_geojson(name: str) -> bytes:
    """Natural Earth layer under the units: ``outline``, ``rivers`` or ``towns``.

    Raises
    ------
    UsageError
        Another name.
    """
    path = data_root() / "geodata" / "natural_earth" / f"{name}.geojson"
    if name not in (*BASE_LAYERS, "regions"):
        raise UsageError(_("Fond « {name} » inconnu", name=name), "", ", ".join(BASE_LAYERS) + ".")
    return path.read_bytes()


def boundary_status() -> dict[str, Any]:
    """What is drawn from what.

    Returns
    -------
    dict
        ``installed`` (bool), ``source``, ``date`` (ISO, the newest), ``versions``, ``dates``
        (of each version), ``generation`` (id of the installation, for cache names), and
        ``drawn``: for each ``frame/level`` how many units have which basis, ``none`` being
        those without a place.
    """
    folder = boundaries_folder()
    meta: dict[str, Any] = {}
    if folder:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return {
        "installed": folder is not None,
        "source": meta.get("source", "Natural Earth"),
        "date": meta.get("date", ""),
        "versions": meta.get("versions", []),
        "dates": meta.get("dates", {}),
        "generation": folder.name if folder else "",
        "drawn": {f"{f}/{lv}": count_by_basis(f, lv) for f in FRAMES for lv in LEVELS},
    }


def units_by_version() -> dict[str, dict[str, list[str]]]:
    """Units that each installed version draws: version → ``frame/level`` → unit ids."""
    folder = boundaries_folder()
    return _units_by_version(str(folder)) if folder else {}


@lru_cache(maxsize=4)
def _units_by_version(folder: str) -> dict[str, dict[str, list[str]]]:
    file = Path(folder) / "versions.json"
    if not file.is_file():  # installed by an older program
        return {}
    found: dict[str, dict[str, list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def count_by_basis(frame: str, level: str) -> dict[str, int]:
    """How many units of a frame and level have which basis."""
    folder = boundaries_folder()
    return dict(_count_by_basis(frame, level, str(folder) if folder else ""))


@lru_cache(maxsize=32)
def _count_by_basis(frame: str, level: str, _folder: str) -> tuple[tuple[str, int], ...]:
    counted = Counter(f["properties"]["basis"] for f in displayed_unit_features(frame, level))
    counted["none"] = shipped_frames().units_at_level(frame, level).height - counted.total()
    return tuple((basis, counted[basis]) for basis in (*BASES, "none") if counted[basis])
