"""Geometry of units and facts for drawing, and shapes as well-known text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.errors import UsageError
from atlas.geo.frames import FRAMES, LEVELS, check_frame, shipped_frames
from atlas.geo.generations import current_generation
from atlas.i18n import N_, _
from atlas.paths import boundaries_root, data_root

BASES = ("official", "derived", "listed", "estimated", "indicative", "point")
NON_UNIT_BASES = ("unassigned", "limit")
"""Bases of what is drawn and is no unit: ground of no known unit, an estimated line."""
BASE_LAYERS = ("outline", "rivers", "towns")
GeoFeature = dict[str, Any]


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
    return _display_bytes(frame, level, str(folder) if folder else "")


@lru_cache(maxsize=32)
def _display_bytes(frame: str, level: str, folder: str) -> bytes:
    if folder:
        return (Path(folder) / "display" / f"{frame}-{level}.geojson").read_bytes()
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


@lru_cache(maxsize=1)
def _old_region_shapes() -> dict[str, Any]:
    data = json.loads(base_geojson("regions"))
    return {f["properties"]["id"]: f["geometry"] for f in data["features"]}


@lru_cache(maxsize=8)
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


MOST_BYTES = 300_000
_STEPS = (0.0005, 0.002, 0.01, 0.03, 0.1)
"""Degrees of simplification (Douglas and Peucker 1973), tried in turn."""
_DIGITS = 4


def facts_geojson(facts: Sequence[tuple[Mapping[str, Any], str]], most: int = MOST_BYTES) -> bytes:
    """A GeoJSON FeatureCollection of shapes, of so many bytes at most.

    Parameters
    ----------
    facts
        ``(properties, WKT in degrees)``, the most important first: where even the roughest
        outline is too heavy, the last are left out and ``left_out`` says how many.
    """
    import numpy as np
    import shapely

    if not facts:
        return feature_collection([])
    shapes = shapely.from_wkt(np.array([text for _about, text in facts], dtype=object))
    made: list[bytes] = []
    for step in _STEPS:
        simple = shapely.simplify(shapes, step)
        made = [_feature_bytes(about, s) for (about, _t), s in zip(facts, simple, strict=True)]
        if sum(map(len, made)) + len(made) < most - 100:
            return _collection_bytes(made, 0)
    kept, size = 0, 100
    while kept < len(made) and size + len(made[kept]) + 1 < most:
        size += len(made[kept]) + 1
        kept += 1
    return _collection_bytes(made[:kept], len(made) - kept)


def _collection_bytes(made: list[bytes], left_out: int) -> bytes:
    head = b'{"type":"FeatureCollection","left_out":%d,"features":[' % left_out
    return head + b",".join(made) + b"]}"


def _feature_bytes(about: Mapping[str, Any], shape: Any) -> bytes:
    import shapely

    rounded = shapely.transform(shape, lambda xy: xy.round(_DIGITS))
    feature = {
        "type": "Feature",
        "properties": dict(about),
        "geometry": json.loads(shapely.to_geojson(rounded)),
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()


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


def read_wkt(text: str) -> ShapeText:
    """The shape of well-known text.

    Examples
    --------
    >>> read_wkt("POINT (-4.20 14.50)").wkt, read_wkt("POINT (400 14)").why
    ('POINT (-4.2 14.5)', 'hors du globe : exportez-la en degrés, WGS 84')
    """
    import shapely

    if len(text) > _LONGEST_TEXT:
        return ShapeText("", TOO_LARGE)
    bare = text.partition(";")[2] if text.upper().startswith("SRID=4326;") else text
    try:
        return _checked_shape(shapely.from_wkt(bare.strip()))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return ShapeText("", UNREADABLE)


def read_geojson(geometry: Mapping[str, Any], project: Project = None) -> ShapeText:
    """The shape of a GeoJSON geometry; ``project`` turns its coordinates into degrees."""
    import shapely
    import shapely.geometry

    try:
        return _checked_shape(shapely.geometry.shape(dict(geometry)), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return ShapeText("", UNREADABLE)


def read_wkb(data: bytes, project: Project = None) -> ShapeText:
    """The shape of well-known binary, as `read_geojson`."""
    import shapely

    try:
        return _checked_shape(shapely.from_wkb(data), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return ShapeText("", UNREADABLE)


def _checked_shape(shape: Any, project: Project = None) -> ShapeText:
    import numpy as np
    import shapely

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
