"""Geometry for drawing: official boundaries when installed, else what may honestly be drawn.

A polygon is given only where the territory is that of the frame shown. ``basis`` of each
feature says what it is: ``official`` (as published), ``derived`` (dissolved from official
communes), ``listed`` (from the communes that public lists give it), ``estimated`` (some of
them are an estimate, see `atlas.geo.estimated`), ``indicative`` (Natural Earth), ``point``.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from atlas.errors import UsageError
from atlas.geo.frames import FRAMES, LEVELS, check_frame, frames
from atlas.geo.generations import current
from atlas.i18n import _
from atlas.paths import boundaries_root, data_root

BASES = ("official", "derived", "listed", "estimated", "indicative", "point")
BESIDE = ("unassigned", "limit")
"""Bases of what is drawn and is no unit: ground of no known unit, an estimated line."""
BASE_LAYERS = ("outline", "rivers", "towns")
Feature = dict[str, Any]


def installed() -> Path | None:
    """Folder of the boundaries in force, if official ones are installed."""
    return current(boundaries_root())


def display_geojson(frame: str, level: str) -> bytes:
    """Simplified shapes of every unit of a frame and level, in longitude and latitude.

    Returns
    -------
    bytes
        A GeoJSON FeatureCollection; properties ``id, name, level, basis``. Units without a
        known place are absent; what is no unit has a basis of `BESIDE`.
    """
    check_frame(frame, level)
    folder = installed()
    return _display(frame, level, str(folder) if folder else "")


@lru_cache(maxsize=32)
def _display(frame: str, level: str, folder: str) -> bytes:
    if folder:
        return (Path(folder) / "display" / f"{frame}-{level}.geojson").read_bytes()
    shapes = {u: (g, "indicative") for u, g in indicative(frame, level).items()}
    return collection(features(frame, level, shapes))


def features(frame: str, level: str, shapes: dict[str, tuple[Any, str]]) -> list[Feature]:
    """A feature for each unit: its shape, else its point.

    Parameters
    ----------
    frame, level
        Which units.
    shapes
        Unit id → (GeoJSON geometry, basis).
    """
    made = []
    for row in frames().at(frame, level).iter_rows(named=True):
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


def beside(basis: str, level: str, geometry: Any, unit_id: str = "") -> Feature:
    """A feature of the map of a level that is none of its units.

    Parameters
    ----------
    basis
        One of `BESIDE`.
    unit_id
        The unit above, for ground that no unit of the level is known of.
    """
    named = {"id": unit_id, "name": frames().unit(unit_id).name} if unit_id else {}
    properties = {**named, "level": level, "basis": basis}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def unit_features(frame: str, level: str) -> list[Feature]:
    """Features of `display_geojson` that are units."""
    made: list[Feature] = json.loads(display_geojson(frame, level))["features"]
    return [f for f in made if f["properties"]["basis"] in BASES]


def collection(made: list[Feature]) -> bytes:
    """Bytes of a FeatureCollection."""
    data = {"type": "FeatureCollection", "features": made}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def indicative(frame: str, level: str) -> dict[str, Any]:
    """Natural Earth shapes of the units whose territory is that of an old région."""
    old = {frames().made_of(unit_id): geometry for unit_id, geometry in _regions().items()}
    found = {}
    for unit_id in frames().at(frame, level)["unit_id"]:
        communes = frames().made_of(unit_id)
        if communes is not None and communes in old:
            found[unit_id] = old[communes]
    return found


@lru_cache(maxsize=1)
def _regions() -> dict[str, Any]:
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


def status() -> dict[str, Any]:
    """What is drawn from what.

    Returns
    -------
    dict
        ``installed`` (bool), ``source``, ``date`` (ISO, the newest), ``versions``, ``dates``
        (of each version), ``generation`` (id of the installation, for cache names), and
        ``drawn``: for each ``frame/level`` how many units have which basis, ``none`` being
        those without a place.
    """
    folder = installed()
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
        "drawn": {f"{f}/{lv}": drawn(f, lv) for f in FRAMES for lv in LEVELS},
    }


def drawn_by() -> dict[str, dict[str, list[str]]]:
    """Units that each installed version draws: version → ``frame/level`` → unit ids."""
    folder = installed()
    return _drawn_by(str(folder)) if folder else {}


@lru_cache(maxsize=4)
def _drawn_by(folder: str) -> dict[str, dict[str, list[str]]]:
    file = Path(folder) / "versions.json"
    if not file.is_file():  # installed by an older program
        return {}
    found: dict[str, dict[str, list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def drawn(frame: str, level: str) -> dict[str, int]:
    """How many units of a frame and level have which basis."""
    folder = installed()
    return dict(_drawn(frame, level, str(folder) if folder else ""))


@lru_cache(maxsize=32)
def _drawn(frame: str, level: str, _folder: str) -> tuple[tuple[str, int], ...]:
    counted = Counter(f["properties"]["basis"] for f in unit_features(frame, level))
    counted["none"] = frames().at(frame, level).height - counted.total()
    return tuple((basis, counted[basis]) for basis in (*BASES, "none") if counted[basis])
