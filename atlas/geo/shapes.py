"""Geometry for drawing: official boundaries when installed, else what may honestly be drawn.

A polygon is given only where the territory is that of the frame shown. ``basis`` of each
feature says what it is: ``official`` (as published), ``derived`` (dissolved from official
communes), ``indicative`` (Natural Earth), ``point``.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from atlas.errors import UsageError
from atlas.geo.frames import FRAMES, LEVELS, check_frame, frames
from atlas.i18n import _
from atlas.paths import boundaries_root, data_root

BASES = ("official", "derived", "indicative", "point")
BASE_LAYERS = ("outline", "rivers", "towns")
Feature = dict[str, Any]


def installed() -> Path | None:
    """Folder of the boundaries in force, if official ones are installed."""
    pointer = boundaries_root() / "current"
    if not pointer.is_file():
        return None
    folder = boundaries_root() / pointer.read_text(encoding="utf-8").strip()
    return folder if (folder / "meta.json").is_file() else None


def display_geojson(frame: str, level: str) -> bytes:
    """Simplified shapes of every unit of a frame and level, in longitude and latitude.

    Returns
    -------
    bytes
        A GeoJSON FeatureCollection; properties ``id, name, level, basis``. Units without a
        known place are absent.
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


def status() -> dict[str, object]:
    """What is drawn from what.

    Returns
    -------
    dict
        ``installed`` (bool), ``source``, ``date`` (ISO), ``versions``, ``generation`` (id
        of the installation, for cache names), and ``drawn``: for each ``frame/level`` how
        many units have which basis, ``none`` being those without a place.
    """
    folder = installed()
    meta: dict[str, object] = {}
    if folder:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return {
        "installed": folder is not None,
        "source": meta.get("source", "Natural Earth"),
        "date": meta.get("date", ""),
        "versions": meta.get("versions", []),
        "generation": folder.name if folder else "",
        "drawn": {f"{f}/{lv}": drawn(f, lv) for f in FRAMES for lv in LEVELS},
    }


def drawn(frame: str, level: str) -> dict[str, int]:
    """How many units of a frame and level have which basis."""
    folder = installed()
    return dict(_drawn(frame, level, str(folder) if folder else ""))


@lru_cache(maxsize=32)
def _drawn(frame: str, level: str, folder: str) -> tuple[tuple[str, int], ...]:
    data = json.loads(_display(frame, level, folder))
    counted = Counter(f["properties"]["basis"] for f in data["features"])
    counted["none"] = frames().at(frame, level).height - counted.total()
    return tuple((basis, counted[basis]) for basis in (*BASES, "none") if counted[basis])
