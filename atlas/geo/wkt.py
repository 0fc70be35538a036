"""Shapes as text: well-known text (WKT, OGC 06-103r4) in degrees, checked and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from atlas.i18n import N_

MAX_POINTS = 20_000
"""Most vertices of one shape: a cercle of the official boundaries has fewer."""
DIGITS = 6
"""Decimals kept of a degree: 0.1 m."""
_LONGEST_TEXT = 60 * MAX_POINTS

EMPTY = N_("vide")
UNREADABLE = N_("illisible")
TOO_LARGE = N_("plus de 20 000 points : simplifiez-la")
OUTSIDE = N_("hors du globe : exportez-la en degrés, WGS 84")

Project = Callable[[float, float], tuple[float, float]] | None


class Shape(NamedTuple):
    """A shape as text, or why there is none (`EMPTY`, `UNREADABLE`, `TOO_LARGE`, `OUTSIDE`);
    ``mended`` when it crossed itself and was made valid.
    """

    wkt: str
    why: str = ""
    mended: bool = False


def read_wkt(text: str) -> Shape:
    """The shape of well-known text.

    Examples
    --------
    >>> read_wkt("POINT (-4.20 14.50)").wkt, read_wkt("POINT (400 14)").why
    ('POINT (-4.2 14.5)', 'hors du globe : exportez-la en degrés, WGS 84')
    """
    import shapely

    if len(text) > _LONGEST_TEXT:
        return Shape("", TOO_LARGE)
    bare = text.partition(";")[2] if text.upper().startswith("SRID=4326;") else text
    try:
        return _checked(shapely.from_wkt(bare.strip()))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return Shape("", UNREADABLE)


def read_geojson(geometry: Mapping[str, Any], project: Project = None) -> Shape:
    """The shape of a GeoJSON geometry; ``project`` turns its coordinates into degrees."""
    import shapely
    import shapely.geometry

    try:
        return _checked(shapely.geometry.shape(dict(geometry)), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return Shape("", UNREADABLE)


def read_wkb(data: bytes, project: Project = None) -> Shape:
    """The shape of well-known binary, as `read_geojson`."""
    import shapely

    try:
        return _checked(shapely.from_wkb(data), project)
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return Shape("", UNREADABLE)


def _checked(shape: Any, project: Project = None) -> Shape:
    import numpy as np
    import shapely

    if shape is None or shape.is_empty:
        return Shape("", EMPTY)
    if shapely.get_num_coordinates(shape) > MAX_POINTS:
        return Shape("", TOO_LARGE)
    flat = shapely.force_2d(shape)
    if project is not None:
        flat = shapely.transform(flat, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1])))
    west, south, east, north = flat.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return Shape("", OUTSIDE)
    sound = flat if flat.is_valid else shapely.make_valid(flat)
    text = shapely.to_wkt(sound, rounding_precision=DIGITS, trim=True)
    return Shape(text, mended=sound is not flat)
