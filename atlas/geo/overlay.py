"""The ground that drawn facts cover: polygons, roads and points laid over the units.

Loads shapely and pyproj: imported where a snapshot has drawn facts."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import shapely
from pyproj import Geod, Transformer

from atlas.geo.coordinates import drawn_communes, locate_points
from atlas.geo.gazetteer import installation_stamp
from atlas.geo.shapes import (
    EQUAL_AREA,
    HITS_SCHEMA,
    LONLAT,
    NO_OVERLAY,
    OUTSIDE,
    PIECES_SCHEMA,
    WEIGHTS_SCHEMA,
    FactOverlay,
    base_geojson,
)

DENSE = 0.1
"""Degrees between the vertices of an edge that is projected: its middle is off by 1 m."""
NOTHING = 1e-12
"""Share of a shape below which what is cut off it is rounding, not ground."""
_TO_PLANE = Transformer.from_crs(LONLAT, EQUAL_AREA, always_xy=True)
_WGS84 = Geod(ellps="WGS84")
OFFICIAL, INDICATIVE, NEAREST = "official", "indicative", "nearest"


class _DrawnCells(NamedTuple):
    """The units drawn: their polygons in the equal-area plane, together the ``country``."""

    ids: list[str]
    shapes: Any
    areas: Any
    tree: Any
    country: Any
    how: str


def overlay_facts(
    facts: pl.DataFrame, frame: str, points: pl.DataFrame | None = None
) -> FactOverlay:
    """Lay facts over the finest units that are drawn for a frame.

    Parameters
    ----------
    facts
        ``fact`` (number) and ``geometry`` (WKT in degrees); rows without one are left out.
    frame
        Boundaries that draw this frame are taken before those of another.
    points
        ``point`` (number), ``lon, lat``: which of them lie in which polygon.

    Returns
    -------
    FactOverlay
        The same for the same facts and boundaries (see `atlas.geo.overlay` for keeping it).
    """
    drawn = facts.filter(pl.col("geometry").is_not_null() & (pl.col("geometry") != ""))
    if not drawn.height:
        return NO_OVERLAY
    return _compute_overlay(drawn, points, frame, installation_stamp("."))


def _compute_overlay(
    facts: pl.DataFrame, points: pl.DataFrame | None, frame: str, installation: str
) -> FactOverlay:
    numbers: list[int] = facts["fact"].to_list()
    degrees = shapely.from_wkt(facts["geometry"].to_numpy())
    cells = _drawn_cells(frame, installation)
    plane = _projected_shapes(degrees)
    kinds = shapely.get_dimensions(plane)
    rows: list[tuple[Any, ...]] = []
    areas = [
        _polygonal_part(shape) if kind == 2 else None
        for shape, kind in zip(plane, kinds, strict=True)
    ]
    rows += _area_rows(numbers, areas, cells)
    rows += _length_rows(numbers, plane, kinds, cells)
    rows += _point_rows(numbers, degrees, kinds, frame)
    weights = pl.DataFrame(rows, schema=WEIGHTS_SCHEMA, orient="row").sort("fact", "unit_id")
    return FactOverlay(
        weights,
        pl.DataFrame(
            _piece_rows(numbers, areas, cells, weights), schema=PIECES_SCHEMA, orient="row"
        ),
        pl.DataFrame({"unit_id": cells.ids, "area_km2": cells.areas / 1e6}),
        pl.DataFrame(
            _points_in_polygons(numbers, degrees, kinds, points), schema=HITS_SCHEMA, orient="row"
        ),
        f"{installation}/{frame}",
    )


@lru_cache(maxsize=4)
def _drawn_cells(frame: str, _installation: str) -> _DrawnCells:
    official = drawn_communes(frame)
    if official:
        ids, shapes, how = official[0], official[1], OFFICIAL
    else:
        found = json.loads(base_geojson("regions"))["features"]
        ids, how = [f["properties"]["id"] for f in found], INDICATIVE
        shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in found])
    plane = _projected_shapes(np.asarray(shapes))
    shapely.prepare(plane)
    country = shapely.union_all(plane)
    shapely.prepare(country)
    return _DrawnCells(list(ids), plane, shapely.area(plane), shapely.STRtree(plane), country, how)


def _projected_shapes(degrees: Any) -> Any:
    """Shapes in the equal-area plane, their edges straight in degrees."""

    def move(xy: Any) -> Any:
        return np.column_stack(_TO_PLANE.transform(xy[:, 0], xy[:, 1]))

    plane = shapely.transform(shapely.segmentize(degrees, DENSE), move)
    broken = ~shapely.is_valid(plane)
    plane[broken] = shapely.make_valid(plane[broken])
    return plane


def _polygonal_part(shape: Any) -> Any:
    """The polygons of a shape, without the lines and points that came of mending it."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _area_rows(numbers: list[int], areas: list[Any], cells: _DrawnCells) -> list[tuple[Any, ...]]:
    """Rows of polygons: their part in each cell, and what lies in none."""
    which = [i for i, shape in enumerate(areas) if shape is not None and shape.area]
    shapes = np.array([areas[i] for i in which], dtype=object)
    shapely.prepare(shapes)
    mine, at = cells.tree.query(shapes, predicate="intersects")
    under = shapely.area(shapely.intersection(cells.shapes[at], shapes[mine]))
    whole = shapely.area(shapes)
    rows: list[tuple[Any, ...]] = [
        (numbers[which[m]], cells.ids[i], area / whole[m], area / cells.areas[i], None, cells.how)
        for m, i, area in zip(mine.tolist(), at.tolist(), under.tolist(), strict=True)
        if area > NOTHING * whole[m]
    ]
    for m in np.flatnonzero(~shapely.covers(cells.country, shapes)).tolist():
        beyond = shapely.difference(shapes[m], cells.country).area
        if beyond > NOTHING * whole[m]:
            rows.append((numbers[which[m]], OUTSIDE, beyond / whole[m], None, None, cells.how))
    return rows


def _length_rows(
    numbers: list[int], plane: Any, kinds: Any, cells: _DrawnCells
) -> list[tuple[Any, ...]]:
    """Rows of roads: kilometres in each cell, and in none."""
    rows: list[tuple[Any, ...]] = []
    for number, shape, kind in zip(numbers, plane, kinds.tolist(), strict=True):
        if kind != 1:
            continue
        at = sorted(cells.tree.query(shape, predicate="intersects").tolist())
        for i, part in zip(at, shapely.intersection(cells.shapes[at], shape), strict=True):
            if km := _geodesic_km(part):
                rows.append((number, cells.ids[i], None, None, km, cells.how))
        if km := _geodesic_km(shapely.difference(shape, cells.country)):
            rows.append((number, OUTSIDE, None, None, km, cells.how))
    return rows


def _geodesic_km(shape: Any) -> float:
    """Geodesic length of a shape of the plane, the points of a contact left out."""
    if shape.is_empty or not shape.length:
        return 0.0
    back = shapely.transform(
        shape,
        lambda xy: np.column_stack(_TO_PLANE.transform(xy[:, 0], xy[:, 1], direction="INVERSE")),
    )
    lines = [part for part in shapely.get_parts(back) if part.length]
    return float(sum(_WGS84.geometry_length(line) for line in lines)) / 1000


def _point_rows(numbers: list[int], degrees: Any, kinds: Any, frame: str) -> list[tuple[Any, ...]]:
    """Rows of points: the commune each lies in, or the nearest where none is drawn."""
    which = [i for i, kind in enumerate(kinds.tolist()) if kind == 0]
    each = [(numbers[i], tuple(xy)) for i in which for xy in shapely.get_coordinates(degrees[i])]
    hits = locate_points([(float(x), float(y)) for _n, (x, y) in each], frame)
    found = {
        (number, hit.commune if hit.state == "inside" and hit.commune else OUTSIDE): hit.basis
        for (number, _xy), hit in zip(each, hits, strict=True)
    }
    how = {"polygon": OFFICIAL, "nearest": NEAREST}
    return [(n, unit, None, None, None, how[basis]) for (n, unit), basis in found.items()]


def _piece_rows(
    numbers: list[int], areas: list[Any], cells: _DrawnCells, weights: pl.DataFrame
) -> list[tuple[Any, ...]]:
    """Each cell cut along the polygons over it; facts of one same polygon are cut once."""
    known = {(f, u): s for f, u, s in weights.select("fact", "unit_id", "area_share").iter_rows()}
    same: dict[bytes, list[int]] = defaultdict(list)
    shapes: dict[bytes, Any] = {}
    for number, shape in zip(numbers, areas, strict=True):
        if shape is not None:
            key = shape.wkb
            same[key].append(number)
            shapes[key] = shape
    over: dict[int, list[bytes]] = defaultdict(list)
    at = {unit: i for i, unit in enumerate(cells.ids)}
    first = {held[0]: key for key, held in same.items()}
    for fact, unit in known:
        if fact in first and unit != OUTSIDE and known[fact, unit] is not None:
            over[at[unit]].append(first[fact])
    rows = []
    for i in sorted(over, key=lambda i: cells.ids[i]):
        keys = over[i]
        alone = known[same[keys[0]][0], cells.ids[i]]
        cut = (
            _cut_cell(cells.shapes[i], [shapes[k] for k in keys])
            if len(keys) > 1
            else [((0,), alone)]
        )
        for covering, share in cut:
            facts = sorted(n for position in covering for n in same[keys[position]])
            rows.append((cells.ids[i], share, facts))
    return rows


def _cut_cell(cell: Any, shapes: list[Any]) -> list[tuple[tuple[int, ...], float]]:
    """Parts of a cell under each set of shapes, as shares of it; what none covers left out."""
    least = NOTHING * cell.area
    pieces = np.array([cell], dtype=object)
    covering: list[tuple[int, ...]] = [()]
    for number, shape in enumerate(shapes):
        inside = shapely.intersection(pieces, shape)
        outside = shapely.difference(pieces, shape)
        covering = [(*c, number) for c in covering] + covering
        pieces = np.concatenate([inside, outside])
        kept = shapely.area(pieces) > least
        pieces = pieces[kept]
        covering = [c for c, keep in zip(covering, kept.tolist(), strict=True) if keep]
    shares: dict[tuple[int, ...], float] = defaultdict(float)
    for c, area in zip(covering, shapely.area(pieces).tolist(), strict=True):
        shares[c] += area / cell.area
    return [(c, share) for c, share in sorted(shares.items()) if c]


def _points_in_polygons(
    numbers: list[int], degrees: Any, kinds: Any, points: pl.DataFrame | None
) -> list[tuple[int, int]]:
    """``fact, point`` of points in a polygon, its border included."""
    polygons = np.flatnonzero(kinds == 2)
    if points is None or not points.height or not polygons.size:
        return []
    tree = shapely.STRtree(shapely.points(points.select("lon", "lat").to_numpy()))
    which, at = tree.query(degrees[polygons], predicate="intersects")
    found = zip(polygons[which].tolist(), at.tolist(), strict=True)
    asked = points["point"].to_list()
    return sorted((numbers[f], asked[p]) for f, p in found)
