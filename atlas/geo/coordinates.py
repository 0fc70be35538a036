"""Longitude and latitude → commune: by polygon where boundaries are installed, else nearest.

With official communes installed a point lies in the commune whose full geometry holds it; a
point on a boundary, or where two overlap, in the one whose id comes first. Without, it is
given to the nearest reference point of a commune, with the distance, which is an indication
and no more. A point outside the country, at 0/0 or with its two figures exchanged is no
evidence.

Layers of communes load shapely, and are imported only when coordinates occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from atlas.geo.frames import FRAME_OF, LEVELS, shipped_frames
from atlas.geo.gazetteer import installation_stamp, may_lie_within, unit_in_frame
from atlas.geo.shapes import boundaries_folder

if TYPE_CHECKING:
    from atlas.geo.commune_layers import CommunePolygons, ReferencePoints

    _CommuneLayer = CommunePolygons | ReferencePoints

BORDER_KM = {"polygon": 5.0, "nearest": 15.0}
"""How far outside the country a point may be and still be read as inside.

5 km of official boundaries; 15 km of the Natural Earth outline, from which 12 of 12 055
villages of a public list of 2012 lie outside, by 11.9 km at most."""
TOLERANCE_KM = 2.0
"""Points this near a unit are not said to lie elsewhere: 0.01° is 1.1 km."""
ZERO = 0.005
"""Degrees from 0/0 that are still "no coordinates"."""
_MOST = 300_000

POLYGON, NEAREST = "polygon", "nearest"


class PointLocation(NamedTuple):
    """What a point comes to.

    Attributes
    ----------
    state
        ``inside``, ``outside`` (the country), ``zero`` or ``swapped``.
    commune
        The commune, in the frame of the boundaries that say so; for ``swapped`` that of
        the exchanged figures; ``None`` outside.
    basis
        ``polygon`` or ``nearest``.
    km
        Inside: 0 in a polygon, else the distance to the reference point or to the polygon
        across the border. Outside: to the country; ``None`` when it cannot be said.
    """

    state: str
    commune: str | None = None
    basis: str = NEAREST
    km: float | None = None


def locate_points(points: Sequence[tuple[float, float]], frame: str) -> list[PointLocation]:
    """What each point comes to.

    Parameters
    ----------
    points
        ``(longitude, latitude)`` in degrees, any number of them.
    frame
        Boundaries that draw this frame are asked first, then the other versions installed.

    Returns
    -------
    list of PointLocation
        One per point, in their order.
    """
    known = _known_locations(_installation_folder(), frame)
    missing = [p for p in dict.fromkeys(points) if p not in known]
    if len(known) + len(missing) > _MOST:
        known.clear()
        missing = list(dict.fromkeys(points))
    known.update(zip(missing, _look_up_points(missing, frame), strict=True))
    return [known[p] for p in points]


def locate_point(lon: float, lat: float, frame: str) -> PointLocation:
    """What one point comes to, see `locate_points`."""
    known = _known_locations(_installation_folder(), frame).get((lon, lat))
    return known or locate_points([(lon, lat)], frame)[0]


def prefetch_points(points: Iterable[tuple[float | None, float | None]], frame: str) -> None:
    """Locate many points at once, so that asking for each is a look-up."""
    wanted = [(lon, lat) for lon, lat in points if lon is not None and lat is not None]
    if wanted:
        locate_points(wanted[:_MOST], frame)


def _look_up_points(points: Sequence[tuple[float, float]], frame: str) -> list[PointLocation]:
    trivial = [_trivial_location(*point) for point in points]
    asked = [p for p, hit in zip(points, trivial, strict=True) if hit is None]
    answers = dict(zip(asked, _locations_in_country(asked, frame), strict=True))
    out = [p for p, hit in answers.items() if hit.state == "outside" and abs(p[0]) <= 90]
    exchanged = _locations_in_country([(lat, lon) for lon, lat in out], frame)
    for point, hit in zip(out, exchanged, strict=True):
        if hit.state == "inside":
            answers[point] = PointLocation("swapped", hit.commune, hit.basis, answers[point].km)
    return [hit or answers[p] for p, hit in zip(points, trivial, strict=True)]


def _trivial_location(lon: float, lat: float) -> PointLocation | None:
    """Points that need no map: 0/0, and figures that are no degrees."""
    if not (isfinite(lon) and isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
        return PointLocation("outside")
    return PointLocation("zero") if abs(lon) < ZERO and abs(lat) < ZERO else None


def _locations_in_country(points: Sequence[tuple[float, float]], frame: str) -> list[PointLocation]:
    """Commune of each point that lies in the country."""
    if not points:
        return []
    layers = _polygon_layers(_installation_folder(), frame)
    found: list[PointLocation | None] = [None] * len(points)
    for layer in layers:
        left = [i for i, hit in enumerate(found) if hit is None]
        which = layer.commune_positions([points[i] for i in left]) if left else []
        for i, w in zip(left, which, strict=True):
            found[i] = PointLocation("inside", layer.ids[w], POLYGON, 0.0) if w >= 0 else None
    left = [i for i, hit in enumerate(found) if hit is None]
    whole = next((layer for layer in layers if layer.is_whole), None) or _reference_points()
    nearest = _nearest_locations(whole, [points[i] for i in left]) if left else []
    for i, hit in zip(left, nearest, strict=True):
        found[i] = hit
    return [hit or PointLocation("outside") for hit in found]


def _nearest_locations(
    layer: _CommuneLayer, points: Sequence[tuple[float, float]]
) -> list[PointLocation]:
    """Points that no polygon holds: in the nearest commune, or out of the country."""
    basis = POLYGON if layer.has_polygons else NEAREST
    return [
        PointLocation("outside", None, basis, round(float(outside), 1))
        if outside > BORDER_KM[basis]
        else PointLocation("inside", layer.ids[position], NEAREST, round(float(km), 1))
        for position, km, outside in zip(*layer.nearest_communes(points), strict=True)
    ]


def drawn_communes(frame: str) -> tuple[list[str], Any] | None:
    """Ids and full polygons (degrees) of the installed communes that draw a frame best.

    Communes of one version only, so that none covers another; ``None`` without boundaries.
    """
    layers = _polygon_layers(_installation_folder(), frame)
    best = next((layer for layer in layers if layer.is_whole), layers[0] if layers else None)
    return (best.ids, best.shapes) if best else None


def distance_to_unit(unit_id: str, lon: float, lat: float) -> float | None:
    """Distance of a point to a unit, km; 0 inside.

    Without boundaries a commune is taken for a disc one and a half times its size, so that
    only what is surely elsewhere is far. ``None``: no commune of the unit is known.
    """
    return _cached_distance(_installation_folder(), unit_id, lon, lat)


@lru_cache(maxsize=65_536)
def _cached_distance(installation: str, unit_id: str, lon: float, lat: float) -> float | None:
    layer, among = _communes_of(installation, unit_id)
    return round(layer.distance((lon, lat), among), 1) if among else None


@lru_cache(maxsize=4096)
def _communes_of(installation: str, unit_id: str) -> tuple[_CommuneLayer, tuple[int, ...]]:
    """Positions of the communes that lie, or may lie, in a unit."""
    unit = shipped_frames().unit_by_id(unit_id)
    layers: tuple[_CommuneLayer, ...] = (
        *_polygon_layers(installation, unit.frame),
        _reference_points(),
    )
    for layer in layers:
        inside = [i for i, u in enumerate(layer.ids) if unit_may_contain(unit_id, u)]
        if inside:
            return layer, tuple(inside)
    return layers[0], ()


def unit_may_contain(unit_id: str, commune: str) -> bool:
    """Whether a commune of any frame lies, or may lie, in a unit."""
    found = unit_in_frame(commune, shipped_frames().unit_by_id(unit_id).frame)
    if shipped_frames().unit_by_id(found).frame != shipped_frames().unit_by_id(unit_id).frame:
        return False
    coarser = LEVELS.index(shipped_frames().unit_by_id(found).level) < LEVELS.index(
        shipped_frames().unit_by_id(unit_id).level
    )
    return may_lie_within(unit_id, found) if coarser else may_lie_within(found, unit_id)


def _installation_folder() -> str:
    return _folder_in_force(installation_stamp("."))


@lru_cache(maxsize=8)
def _folder_in_force(_stamp: str) -> str:
    """Folder of the boundaries in force; asked again when the pointer changes."""
    folder = boundaries_folder()
    return str(folder) if folder else ""


@lru_cache(maxsize=8)
def _known_locations(_installation: str, _frame: str) -> dict[tuple[float, float], PointLocation]:
    return {}


@lru_cache(maxsize=8)
def _polygon_layers(installation: str, frame: str) -> tuple[CommunePolygons, ...]:
    """Communes to ask, those that draw the frame first, then newest first."""
    paths = sorted(Path(installation).glob("full/*-commune.gpkg"), reverse=True)
    if not installation:
        return ()
    paths.sort(key=lambda p: FRAME_OF.get(p.stem.removesuffix("-commune")) != frame)
    return tuple(_commune_polygons(str(path)) for path in paths)


@lru_cache(maxsize=1)
def _reference_points() -> ReferencePoints:
    from atlas.geo.commune_layers import ReferencePoints  # loads shapely: 0.2 s of a plain list

    return ReferencePoints()


@lru_cache(maxsize=4)
def _commune_polygons(path: str) -> CommunePolygons:
    from atlas.geo.commune_layers import CommunePolygons  # loads shapely, as above

    return CommunePolygons(Path(path))
