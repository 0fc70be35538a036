"""Display shapes of units from full boundaries: simplified as a coverage, so that
neighbours still share their line, and dissolved where a frame needs what a file lacks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from atlas.geo import estimated
from atlas.geo.boundaries import LONLAT
from atlas.geo.frames import FRAME_OF, FRAMES, LEVELS, frames
from atlas.geo.shapes import Feature, beside

TOLERANCE = 500.0
"""Metres of `shapely.coverage_simplify`: no commune of COD 2019 changes its area by more
than 5.4 %, no cercle or région by more than 0.12 % (at 700 m a commune loses 16 %)."""
EQUAL_AREA = "+proj=laea +lat_0=17.5 +lon_0=-4 +datum=WGS84 +units=m"
DIGITS = 4
"""Decimals of a degree kept: 11 m."""
VERSIONS = ("cod-v03", "cod-2021", "cod-2019")
"""Newest first. Of the files that draw a unit, one that publishes it goes before one that only
has its ground, then one of its découpage or an older before one of a newer, then the newer: no
new boundaries move a découpage that was there before them."""

Errors = dict[str, float]
Shapes = dict[str, tuple[Any, str]]


@dataclass
class Drawn:
    """What the full layers of a folder draw.

    Attributes
    ----------
    shapes
        Unit id → (GeoJSON geometry, basis).
    versions
        Unit id → the version that draws it.
    errors
        Version → level → largest relative change of area.
    beside
        Frame and level → features that are no unit: ground that no unit is known of,
        limits that are estimated.
    """

    shapes: Shapes = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, Errors] = field(default_factory=dict)
    beside: dict[tuple[str, str], list[Feature]] = field(default_factory=dict)


def unit_shapes(full: Path) -> Drawn:
    """Shapes of every unit that the full layers of a folder can draw.

    Parameters
    ----------
    full
        Folder of ``<version>-<level>.gpkg``.
    """
    made = Drawn()
    pieces: dict[str, dict[str, Any]] = {}
    drawn: dict[str, Shapes] = {}
    for version in VERSIONS:
        if layers := _layers(full, version):
            official, made.errors[version] = _official(layers)
            pieces[version] = _communes(official)
            drawn[version] = _own_and_made_up(version, official, pieces[version])
    made.versions = _best_versions(drawn)
    found = {unit_id: drawn[version][unit_id] for unit_id, version in made.versions.items()}
    if pieces and not _officially_drawn(found):
        version = max(pieces, key=lambda name: len(pieces[name]))
        _estimate(pieces[version], found, made.beside)
        made.versions |= dict.fromkeys(found.keys() - made.versions.keys(), version)
    made.shapes = {u: (_geojson(g), basis) for u, (g, basis) in found.items()}
    return made


def _own_and_made_up(
    version: str, official: Mapping[str, Any], pieces: Mapping[str, Any]
) -> Shapes:
    """Shapes of the units of a version, of others of the same ground, of those it makes up."""
    found: Shapes = {}
    for unit_id, geometry in official.items():
        for same in _twins().get(unit_id, (unit_id,)):
            basis = "official" if _draws(version, same) else "derived"
            found.setdefault(same, (geometry, basis))
    for unit_id, geometry in _dissolved(pieces, found).items():
        found[unit_id] = (geometry, "derived")
    return found


def _best_versions(drawn: Mapping[str, Shapes]) -> dict[str, str]:
    """The version that draws each unit (see `VERSIONS`)."""
    best: dict[str, str] = {}
    for unit_id in {unit_id: None for shapes in drawn.values() for unit_id in shapes}:
        frame = frames().unit(unit_id).frame
        best[unit_id] = min(
            (version for version in drawn if unit_id in drawn[version]),
            key=lambda name: (
                drawn[name][unit_id][1] != "official",
                FRAME_OF[name] > frame,
                VERSIONS.index(name),
            ),
        )
    return best


def _officially_drawn(found: Shapes) -> bool:
    """Whether a file draws cercles of the frame that is estimated otherwise."""
    cercles = frames().at(estimated.FRAME, "cercle")["unit_id"]
    return any(found[unit_id][1] == "official" for unit_id in cercles if unit_id in found)


def _estimate(
    pieces: Mapping[str, Any], found: Shapes, features: dict[tuple[str, str], list[Feature]]
) -> None:
    """Add the cercles of 2023 that lists and neighbours draw, and what is to be said of them."""
    import shapely

    made = estimated.gathered(pieces)
    for unit_id, drawn in made.cercles.items():
        found.setdefault(unit_id, drawn)
    shown = [
        beside("unassigned", "cercle", _geojson(shape), unit_id)
        for unit_id, shape in made.grounds.items()
    ]
    if made.limits:
        lines = shapely.MultiLineString(made.limits)
        shown.append(beside("limit", "cercle", _geojson(lines)))
    features[estimated.FRAME, "cercle"] = shown


def _layers(full: Path, version: str) -> dict[str, Any]:
    import geopandas as gpd

    paths = {level: full / f"{version}-{level}.gpkg" for level in LEVELS}
    return {lv: gpd.read_file(p).to_crs(EQUAL_AREA) for lv, p in paths.items() if p.is_file()}


def _draws(version: str, unit_id: str) -> bool:
    """Whether a version publishes this very unit, rather than another of the same ground."""
    if version == "cod-v03" or unit_id.startswith("ml-2023/"):
        return version == "cod-v03" and unit_id.startswith("ml-2023/")
    return unit_id in _published(version)


@cache
def _published(version: str) -> frozenset[str]:
    """Units that a code of the version names, territory and all."""
    codes = frames().codes.filter(pl.col("scheme") == version, pl.col("same_territory"))
    return frozenset(codes["unit_id"])


def _official(layers: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """Simplified shape of each feature that is a unit, and the change of area by level."""
    finest = max(layers, key=LEVELS.index)
    pieces = layers[finest]
    simple = _simplified(pieces)
    shapes: dict[str, Any] = {}
    errors: Errors = {}
    for level, table in layers.items():
        own = LEVELS.index(level) + 1
        if level == finest:
            drawn = dict(enumerate(simple))
        elif f"code{own}" in pieces.columns:
            drawn = _by_parent(table, pieces, simple, own)
        else:
            drawn = dict(enumerate(_simplified(table)))
        worst = 0.0
        for row, (unit_id, exact) in enumerate(zip(table["unit_id"], table.geometry, strict=True)):
            if row in drawn and isinstance(unit_id, str):  # a null reads back as NaN
                shapes[unit_id] = drawn[row]
                worst = max(worst, abs(drawn[row].area / exact.area - 1))
        errors[level] = worst
    return shapes, errors


def _by_parent(table: Any, pieces: Any, simple: Any, number: int) -> dict[int, Any]:
    """Union of the simplified pieces of each coarser feature: lines agree across levels."""
    import shapely

    groups = pieces.groupby(f"code{number}").indices
    return {
        row: shapely.coverage_union_all(simple[groups[code]])
        for row, code in enumerate(table[f"code{number}"])
        if code in groups
    }


def _simplified(table: Any) -> Any:
    import shapely

    geometry = table.geometry.values
    if not shapely.coverage_is_valid(geometry):
        geometry = shapely.coverage_clean(geometry)
    return shapely.coverage_simplify(geometry, TOLERANCE)


@cache
def _twins() -> dict[str, tuple[str, ...]]:
    """Unit → every unit that a published code makes the same, itself first."""
    codes = frames().codes.filter(pl.col("same_territory"), pl.col("scheme") != "iso-3166-2")
    pairs = codes.join(codes, on=["scheme", "code"], maintain_order="left_right")
    found: dict[str, dict[str, None]] = {}
    for unit_id, twin in pairs.select("unit_id", "unit_id_right").iter_rows():
        found.setdefault(unit_id, {unit_id: None})[twin] = None
    return {unit_id: tuple(twins) for unit_id, twins in found.items()}


def _communes(official: Mapping[str, Any]) -> dict[str, Any]:
    """Communes of a file by their code of 2019."""
    by_cod: dict[str, Any] = {}
    for unit_id, geometry in official.items():
        cods = frames().communes(unit_id)
        if frames().unit(unit_id).level == "commune" and len(cods) == 1:
            by_cod[next(iter(cods))] = geometry
    return by_cod


def _dissolved(by_cod: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Units that a file lacks and its communes make up entirely."""
    import shapely

    made: dict[str, Any] = {}
    for frame in FRAMES:
        for level in ("region", "cercle"):
            for unit_id in frames().at(frame, level)["unit_id"]:
                parts = frames().made_of(unit_id)
                if unit_id not in found and parts and parts <= by_cod.keys():
                    made[unit_id] = shapely.coverage_union_all([by_cod[c] for c in sorted(parts)])
    return made


def _geojson(geometry: Any) -> Any:
    """GeoJSON geometry in longitude and latitude; equal vertices stay equal."""
    import numpy as np
    import shapely

    def move(xy: Any) -> Any:
        lonlat = _to_degrees().transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack(lonlat), DIGITS)

    return json.loads(shapely.to_geojson(shapely.transform(geometry, move)))


@cache
def _to_degrees() -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(EQUAL_AREA, LONLAT, always_xy=True)
