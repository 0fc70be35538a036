"""A small map for paper: a zone among its neighbours, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, radians
from typing import Any

from shapely.geometry import box

from atlas.export.map_drawing import (
    BLUE,
    DARK,
    GREY,
    KM_A_DEGREE,
    LAND,
    TINT,
    Box,
    DrawnUnit,
    Sheet,
    View,
    base_geometry,
    draw_limit,
    drawn_units,
    name_units,
    ring_path,
    rings_of,
    scale_bar,
    stroke_style,
    svg_document,
)
from atlas.geo.frames import LEVELS, shipped_frames
from atlas.i18n import _
from atlas.labels import label

WIDTH, HEIGHT = 94.0, 56.0
"""Millimetres."""
_FILLED = 0.62
"""Part of the map that the zone takes."""
_LEAST_KM = 30.0
_NEIGHBOURS = 8
"""How many are shown around a zone that is a point."""
_INSET = (19.0, 18.0)


@dataclass(frozen=True)
class LocatorMap:
    """The drawing, and what must be said under it."""

    svg: str
    note: str


def locator_map(unit_id: str, *, with_smaller: bool = True) -> LocatorMap:
    """Draw a unit among its neighbours of the same level.

    Parameters
    ----------
    with_smaller
        Whether the units inside it may be told.
    """
    unit = shipped_frames().unit_by_id(unit_id)
    found = drawn_units(unit.frame, unit.level)
    shown, drawn_level = unit_id, unit.level
    while shown not in found:  # without a place: what it lies in
        above = shipped_frames().unit_by_id(shown)
        if not above.parent:
            return LocatorMap("", _("Position inconnue : cette zone n'est pas dessinée."))
        shown, drawn_level = above.parent, LEVELS[LEVELS.index(above.level) - 1]
        found = drawn_units(unit.frame, drawn_level)
    geometry = found[shown].geometry
    sheet = Sheet(_view_on(geometry, [one.geometry for one in found.values()]))
    corner = _inset_corner(sheet.view, geometry)
    scale, ground = scale_bar(sheet.view)
    sheet.taken += [ground, corner]
    _draw_ground(sheet)
    _draw_neighbours(sheet, found, shown, drawn_level)
    drawn_whole = shown == unit_id and geometry.geom_type != "Point"
    smaller = _smaller_units(unit_id) if with_smaller and drawn_whole else {}
    _draw_zone(sheet, found[shown], smaller, certain=shown == unit_id)
    if not _name_smaller(sheet, smaller):
        name_units(sheet, [found[shown]], f'font-weight="700" fill="{DARK}"', always=True)
    name_units(sheet, (one for id_, one in found.items() if id_ != shown), 'fill="#595959"')
    sheet.parts += [scale, _inset(sheet.view, corner)]
    note = "" if shown == unit_id else _unplaced_note(shown)
    return LocatorMap(svg_document(sheet.view, sheet.parts), note)


def _unplaced_note(shown: str) -> str:
    unit = shipped_frames().unit_by_id(shown)
    level = label("level", unit.level)
    return _("Position inconnue : {level} de {name} en tirets.", level=level, name=unit.name)


def _smaller_units(unit_id: str) -> dict[str, DrawnUnit]:
    unit = shipped_frames().unit_by_id(unit_id)
    at = LEVELS.index(unit.level) + 1
    if at == len(LEVELS):
        return {}
    every = drawn_units(unit.frame, LEVELS[at])
    return {one: every[one] for one in shipped_frames().children(unit_id) if one in every}


def _view_on(geometry: Any, every: Sequence[Any]) -> View:
    """The part of the country to show: the zone and as much again around it.

    Around a point, as far as its nearest neighbours.
    """
    west, south, east, north = geometry.bounds
    lat = (south + north) / 2
    if geometry.geom_type == "Point":
        far = sorted(geometry.distance(one) for one in every)[: _NEIGHBOURS + 1][-1]
        km = 2 * far * KM_A_DEGREE
    else:
        wide = (east - west) * KM_A_DEGREE * cos(radians(lat))
        high = (north - south) * KM_A_DEGREE * WIDTH / HEIGHT
        km = max(wide, high) / _FILLED
    return View((west + east) / 2, lat, max(km, _LEAST_KM), WIDTH, HEIGHT)


def _draw_ground(sheet: Sheet) -> None:
    sheet.parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{LAND}"/>')
    sheet.line(base_geometry("outline").intersection(sheet.view.frame), 'fill="#ffffff"')


def _draw_neighbours(sheet: Sheet, found: dict[str, DrawnUnit], shown: str, level: str) -> None:
    for id_, one in found.items():
        if one.geometry.geom_type != "Point":
            draw_limit(sheet, one, GREY, 0.22)
        elif id_ != shown and one.geometry.within(sheet.view.frame):
            sheet.circle(one.geometry, "#ffffff", GREY)
    unit = shipped_frames().unit_by_id(shown)
    if level != LEVELS[0]:
        for one in drawn_units(unit.frame, LEVELS[0]).values():
            if one.geometry.geom_type != "Point":
                draw_limit(sheet, one, "#595959", 0.45)
    outline = base_geometry("outline").boundary.intersection(sheet.view.frame)
    sheet.line(outline, 'fill="none" stroke="#4a4a4a" stroke-width="0.6"')


def _draw_zone(
    sheet: Sheet, zone: DrawnUnit, smaller: dict[str, DrawnUnit], *, certain: bool
) -> None:
    if zone.geometry.geom_type == "Point":
        sheet.circle(zone.geometry, BLUE, DARK, 2.0)
        return
    if certain:
        sheet.line(zone.geometry, f'fill="{TINT}"')
    rivers = base_geometry("rivers").intersection(sheet.view.frame)
    sheet.line(rivers, 'fill="none" stroke="#82b5e9" stroke-width="0.5"')
    for one in smaller.values():
        if one.geometry.geom_type == "Point":
            sheet.circle(one.geometry, "#ffffff", BLUE)
        else:
            sheet.line(one.geometry, f'fill="none" stroke="{BLUE}" {stroke_style(one.basis, 0.22)}')
    dashes = "" if certain else 'stroke-dasharray="2 1.4"'
    sheet.line(zone.geometry, f'fill="none" stroke="{DARK}" stroke-width="0.8" {dashes}')


def _name_smaller(sheet: Sheet, smaller: dict[str, DrawnUnit]) -> bool:
    """Name the units inside; whether any has room."""
    return name_units(sheet, smaller.values(), f'fill="{DARK}"') > 0


def _inset_corner(view: View, zone: Any) -> Box:
    """The corner where a little map of the country hides least of the zone."""
    wide, high = _INSET
    corners = [
        (x, y, x + wide, y + high)
        for y, x in product((1.0, HEIGHT - high - 1), (WIDTH - wide - 1, 1.0))
        if (x, y) != (1.0, HEIGHT - high - 1)  # of the scale bar
    ]

    def hidden(corner: Box) -> float:
        left, top, right, bottom = corner
        across, down = view.scales
        ground = box(
            view.lon + (left - WIDTH / 2) / across,
            view.lat + (HEIGHT / 2 - bottom) / down,
            view.lon + (right - WIDTH / 2) / across,
            view.lat + (HEIGHT / 2 - top) / down,
        )
        return float(zone.intersection(ground).area)

    return min(corners, key=hidden)


def _inset(view: View, corner: Box) -> str:
    """The country, and where the map lies in it."""
    left, top, right, bottom = corner
    country = base_geometry("outline")
    west, south, east, north = country.bounds
    size = min((right - left - 2) / (east - west), (bottom - top - 2) / (north - south))

    def point(lon: float, lat: float) -> tuple[float, float]:
        return left + 1 + (lon - west) * size, bottom - 1 - (lat - south) * size

    path = " ".join(ring_path(ring, point, closed) for ring, closed in rings_of(country))
    x0, y1, x1, y0 = *point(*view.frame.bounds[:2]), *point(*view.frame.bounds[2:])
    x0, y0, x1, y1 = max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)
    wide, high = max(x1 - x0, 1.2), max(y1 - y0, 1.2)
    return (
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" '
        f'fill="#ffffff" stroke="{GREY}" stroke-width="0.2"/>'
        f'<path d="{path}" fill="#dededb" stroke="{GREY}" stroke-width="0.2"/>'
        f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        f'fill="none" stroke="{DARK}" stroke-width="0.6"/>'
    )
