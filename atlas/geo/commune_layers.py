"""The communes that points are looked up in: full polygons, else reference points.

Only `atlas.geo.coordinates` asks here, where coordinates occur: shapely is loaded then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import shapely

from atlas.geo.frames import shipped_frames
from atlas.geo.shapes import base_geojson

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
_WHOLE = 600
"""Communes of boundaries that draw the whole country (701 in 2019)."""

Points = Sequence[tuple[float, float]]
"""Longitude and latitude of each, in degrees."""


class NearestCommunes(NamedTuple):
    """Of each point: the position of its nearest commune, how far, and how far from the country."""

    positions: Any
    km: Any
    outside_km: Any


class ReferencePoints:
    """Without boundaries: the reference points of the communes and an indicative outline."""

    has_polygons = False

    def __init__(self) -> None:
        table = (
            shipped_frames()
            .units_at_level("ml-2012", "commune")
            .drop_nulls(["lon", "lat"])
            .sort("unit_id")
        )
        self.ids: list[str] = table["unit_id"].to_list()
        self.area = table["area_km2"].fill_null(0.0).to_numpy()
        self.xy = np.column_stack([table["lon"].to_numpy(), table["lat"].to_numpy()])
        self._unit = _unit_vectors(self.xy)
        outline = json.loads(base_geojson("outline"))["features"][0]["geometry"]
        self.country = shapely.from_geojson(json.dumps(outline))
        shapely.prepare(self.country)

    def nearest_communes(self, points: Points) -> NearestCommunes:
        """The commune with the nearest reference point."""
        xy = np.asarray(points, dtype=float)
        best = np.empty(len(xy), dtype=np.int64)
        for at in range(0, len(xy), 20_000):  # 20 000 × 701 cosines at a time
            best[at : at + 20_000] = (_unit_vectors(xy[at : at + 20_000]) @ self._unit.T).argmax(1)
        return NearestCommunes(
            best, _great_circle_km(xy, self.xy[best]), self._distance_to_country(xy)
        )

    def _distance_to_country(self, xy: Any) -> Any:
        """Distance of each point to the country, km; 0 inside."""
        points = shapely.points(xy)
        away = np.zeros(len(xy))
        out = ~shapely.intersects(self.country, points)
        away[out] = _line_km(points[out], self.country)
        return away

    def distance(self, point: tuple[float, float], among: tuple[int, ...]) -> float:
        """Distance to the edge of the nearest of some communes taken as discs, km."""
        chosen = np.asarray(among)
        away = _great_circle_km(np.repeat([point], len(chosen), axis=0), self.xy[chosen])
        discs = np.sqrt(self.area[chosen] / np.pi)
        return float(max(0.0, (away - 1.5 * discs).min()))


class CommunePolygons:
    """With boundaries: a search tree over the full communes of one version."""

    has_polygons = True

    def __init__(self, path: Path) -> None:
        named = sorted((u, g) for u, g in _read_geometries(path) if u)
        self.ids: list[str] = [u for u, _g in named]
        self.shapes = shapely.from_wkb(np.array([g for _u, g in named], dtype=object))
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        self._trees: dict[tuple[int, ...], Any] = {}
        self.is_whole = len(self.ids) >= _WHOLE

    def commune_positions(self, points: Points) -> Any:
        """Position of the commune of each point; -1: none."""
        drawn = shapely.points(np.asarray(points, dtype=float))
        at, which = self.tree.query(drawn)  # boxes; then the prepared polygons themselves
        hit = shapely.intersects(self.shapes[which], drawn[at])
        best = np.full(len(drawn), len(self.ids), dtype=np.int64)
        np.minimum.at(best, at[hit], which[hit])
        best[best == len(self.ids)] = -1
        return best

    def nearest_communes(self, points: Points) -> NearestCommunes:
        """The nearest commune of points that none holds."""
        drawn = shapely.points(np.asarray(points, dtype=float))
        which = self.tree.nearest(drawn)
        km = _line_km(drawn, self.shapes[which])
        return NearestCommunes(which, km, km)

    def distance(self, point: tuple[float, float], among: tuple[int, ...]) -> float:
        """Distance to the nearest of some communes, km; 0 inside."""
        if among not in self._trees:
            self._trees[among] = shapely.STRtree(self.shapes[np.asarray(among)])
        tree, here = self._trees[among], shapely.points([point])
        return float(_line_km(here, tree.geometries[tree.nearest(here)])[0])


def _read_geometries(path: Path) -> Iterable[tuple[str | None, bytes]]:
    """Unit and geometry (WKB) of each commune; an older installation has the GeoPackage only."""
    quick = path.with_suffix(".parquet")
    if quick.is_file():
        return pl.read_parquet(quick).select("unit_id", "wkb").iter_rows()
    import pyogrio.raw  # GDAL, only for an installation of an older program

    _meta, _fids, shapes, fields = pyogrio.raw.read(path, columns=["unit_id"])
    return zip(fields[0], shapes, strict=True)


def _unit_vectors(xy: Any) -> Any:
    lon, lat = np.radians(xy[:, 0]), np.radians(xy[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _great_circle_km(a: Any, b: Any) -> Any:
    """Great-circle distances between pairs of points, km (haversine)."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(a).T, np.radians(b).T
    half = np.sin((lat_b - lat_a) / 2) ** 2
    half = half + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def _line_km(points: Any, shapes: Any) -> Any:
    """Distance of each point to its shape, km, along the shortest line in degrees."""
    lines = shapely.get_coordinates(shapely.shortest_line(points, shapes))
    return _great_circle_km(lines[0::2], lines[1::2])
