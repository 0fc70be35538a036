"""A small map for paper: a zone among its neighbours, as SVG."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import product
from math import cos, floor, log10, radians
from typing import Any

import shapely
from shapely.geometry import box, shape

from atlas.formats import number_text
from atlas.geo import shapes
from atlas.geo.frames import LEVELS, shipped_frames
from atlas.i18n import _
from atlas.labels import label

WIDTH, HEIGHT = 94.0, 56.0
"""Millimetres, which are the units of the drawing."""
TEXT_SIZE = 3.0
"""8.5 points: nothing on the page is smaller."""
_LETTER = 0.56 * TEXT_SIZE
_LINE = 1.25 * TEXT_SIZE
_FILLED = 0.62
"""Part of the map that the zone takes."""
_LEAST_KM = 30.0
_NEIGHBOURS = 8
"""How many are shown around a zone that is a point."""
_KM_A_DEGREE = 110.9
_INSET = (19.0, 18.0)
_DARK, _BLUE, _TINT, _GREY, _LAND = "#144372", "#1f69b3", "#d4e5f7", "#8c8c8c", "#f1f1ef"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class LocatorMap:
    """The drawing, and what must be said under it."""

    svg: str
    note: str


@dataclass
class _Sheet:
    """What is drawn so far, and the ground that names already take."""

    view: _View
    parts: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def line(self, geometry: Any, style: str) -> None:
        if path := self.view.path_of(geometry):
            self.parts.append(f'<path d="{path}" {style}/>')

    def circle(self, point: Any, fill: str, stroke: str, radius: float = 1.2) -> None:
        x, y = self.view.point(point.x, point.y)
        self.taken.append((x - radius, y - radius, x + radius, y + radius))
        self.parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" fill="{fill}" stroke="{stroke}" '
            'stroke-width="0.35"/>'
        )

    def name(
        self, text: str, at: tuple[float, float], room: float, style: str, beside: bool
    ) -> bool:
        """Write a name where it fits in its room and meets no other; whether it did."""
        wide = len(text) * _LETTER
        if wide > room:
            return False
        for x, y in _places_near(at, wide, beside):
            told = (x - wide / 2, y - 0.8 * TEXT_SIZE, x + wide / 2, y + 0.3 * TEXT_SIZE)
            inside = told[0] > 0.5 and told[2] < WIDTH - 0.5 and told[1] > 0.5
            if inside and told[3] < HEIGHT - 0.5 and not any(_overlap(told, b) for b in self.taken):
                self.taken.append(told)
                self.parts.append(_text(text, x, y, style))
                return True
        return False


@dataclass(frozen=True)
class _View:
    """Longitude and latitude to millimetres of the map: flat at its middle latitude."""

    lon: float
    lat: float
    km_wide: float

    @property
    def mm_a_km(self) -> float:
        return WIDTH / self.km_wide

    @property
    def scales(self) -> tuple[float, float]:
        high = _KM_A_DEGREE * self.mm_a_km
        return high * cos(radians(self.lat)), high

    @property
    def frame(self) -> Any:
        across, down = self.scales
        half, tall = WIDTH / 2 / across, HEIGHT / 2 / down
        return box(self.lon - half, self.lat - tall, self.lon + half, self.lat + tall)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        across, down = self.scales
        return WIDTH / 2 + (lon - self.lon) * across, HEIGHT / 2 - (lat - self.lat) * down

    def path_of(self, geometry: Any) -> str:
        """Outlines as a path, without the points that nobody could tell apart."""
        return " ".join(ring_path(ring, self.point, closed) for ring, closed in rings_of(geometry))


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
    sheet = _Sheet(_view_on(geometry, [one.geometry for one in found.values()]))
    corner = _inset_corner(sheet.view, geometry)
    scale, ground = _scale_bar(sheet.view)
    sheet.taken += [ground, corner]
    _draw_ground(sheet)
    _draw_neighbours(sheet, found, shown, drawn_level)
    drawn_whole = shown == unit_id and geometry.geom_type != "Point"
    smaller = _smaller_units(unit_id) if with_smaller and drawn_whole else {}
    _draw_zone(sheet, found[shown], smaller, certain=shown == unit_id)
    if not _name_smaller(sheet, smaller):
        _name_units(sheet, [found[shown]], f'font-weight="700" fill="{_DARK}"', always=True)
    _name_units(sheet, (one for id_, one in found.items() if id_ != shown), 'fill="#595959"')
    sheet.parts += [scale, _inset(sheet.view, corner)]
    note = "" if shown == unit_id else _unplaced_note(shown)
    return LocatorMap(_document(sheet.parts), note)


def _unplaced_note(shown: str) -> str:
    unit = shipped_frames().unit_by_id(shown)
    level = label("level", unit.level)
    return _("Position inconnue : {level} de {name} en tirets.", level=level, name=unit.name)


@dataclass(frozen=True)
class DrawnUnit:
    """A unit as the map of the page has it."""

    name: str
    basis: str
    geometry: Any


def drawn_units(frame: str, level: str) -> dict[str, DrawnUnit]:
    """The units of a level as the map of the page draws them."""
    return _features_of(frame, level, str(shapes.boundaries_folder() or ""))


@lru_cache(maxsize=16)
def _features_of(frame: str, level: str, _installed: str) -> dict[str, DrawnUnit]:
    return {
        one["properties"]["id"]: DrawnUnit(
            one["properties"]["name"], one["properties"]["basis"], shape(one["geometry"])
        )
        for one in shapes.displayed_unit_features(frame, level)
    }


@lru_cache(maxsize=4)
def base_geometry(name: str) -> Any:
    """A layer of the ground (`atlas.geo.shapes.BASE_LAYERS`) as one geometry."""
    told = json.loads(shapes.base_geojson(name))["features"]
    return shapely.unary_union([shape(one["geometry"]) for one in told])


def _smaller_units(unit_id: str) -> dict[str, DrawnUnit]:
    unit = shipped_frames().unit_by_id(unit_id)
    at = LEVELS.index(unit.level) + 1
    if at == len(LEVELS):
        return {}
    every = drawn_units(unit.frame, LEVELS[at])
    return {one: every[one] for one in shipped_frames().children(unit_id) if one in every}


def _view_on(geometry: Any, every: Sequence[Any]) -> _View:
    """The part of the country to show: the zone and as much again around it.

    Around a point, as far as its nearest neighbours.
    """
    west, south, east, north = geometry.bounds
    lat = (south + north) / 2
    if geometry.geom_type == "Point":
        far = sorted(geometry.distance(one) for one in every)[: _NEIGHBOURS + 1][-1]
        km = 2 * far * _KM_A_DEGREE
    else:
        wide = (east - west) * _KM_A_DEGREE * cos(radians(lat))
        high = (north - south) * _KM_A_DEGREE * WIDTH / HEIGHT
        km = max(wide, high) / _FILLED
    return _View((west + east) / 2, lat, max(km, _LEAST_KM))


def _draw_ground(sheet: _Sheet) -> None:
    sheet.parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_LAND}"/>')
    sheet.line(base_geometry("outline").intersection(sheet.view.frame), 'fill="#ffffff"')


def _draw_neighbours(sheet: _Sheet, found: dict[str, DrawnUnit], shown: str, level: str) -> None:
    for id_, one in found.items():
        if one.geometry.geom_type != "Point":
            _draw_limit(sheet, one, _GREY, 0.22)
        elif id_ != shown and one.geometry.within(sheet.view.frame):
            sheet.circle(one.geometry, "#ffffff", _GREY)
    unit = shipped_frames().unit_by_id(shown)
    if level != LEVELS[0]:
        for one in drawn_units(unit.frame, LEVELS[0]).values():
            if one.geometry.geom_type != "Point":
                _draw_limit(sheet, one, "#595959", 0.45)
    outline = base_geometry("outline").boundary.intersection(sheet.view.frame)
    sheet.line(outline, 'fill="none" stroke="#4a4a4a" stroke-width="0.6"')


def _draw_limit(sheet: _Sheet, unit: DrawnUnit, colour: str, width: float) -> None:
    """The limit of a unit, without the edge of the map."""
    seen = unit.geometry.boundary.intersection(sheet.view.frame)
    sheet.line(seen, f'fill="none" stroke="{colour}" {_stroke(unit.basis, width)}')


def _draw_zone(
    sheet: _Sheet, zone: DrawnUnit, smaller: dict[str, DrawnUnit], *, certain: bool
) -> None:
    if zone.geometry.geom_type == "Point":
        sheet.circle(zone.geometry, _BLUE, _DARK, 2.0)
        return
    if certain:
        sheet.line(zone.geometry, f'fill="{_TINT}"')
    rivers = base_geometry("rivers").intersection(sheet.view.frame)
    sheet.line(rivers, 'fill="none" stroke="#82b5e9" stroke-width="0.5"')
    for one in smaller.values():
        if one.geometry.geom_type == "Point":
            sheet.circle(one.geometry, "#ffffff", _BLUE)
        else:
            sheet.line(one.geometry, f'fill="none" stroke="{_BLUE}" {_stroke(one.basis, 0.22)}')
    dashes = "" if certain else 'stroke-dasharray="2 1.4"'
    sheet.line(zone.geometry, f'fill="none" stroke="{_DARK}" stroke-width="0.8" {dashes}')


def _name_smaller(sheet: _Sheet, smaller: dict[str, DrawnUnit]) -> bool:
    """Name the units inside; whether any has room."""
    return _name_units(sheet, smaller.values(), f'fill="{_DARK}"') > 0


def _name_units(
    sheet: _Sheet, units: Iterable[DrawnUnit], style: str, *, always: bool = False
) -> int:
    """Name the units that the map shows, the largest first; how many have room."""
    view, frame = sheet.view, sheet.view.frame
    seen = [(one, one.geometry.intersection(frame)) for one in units]
    written = 0
    for one, part in sorted(seen, key=lambda pair: -pair[1].area):
        if part.is_empty:
            continue
        point = part.representative_point()
        x, y = view.point(point.x, point.y)
        is_point = part.geom_type == "Point"
        west, _south, east, _north = part.bounds
        room = WIDTH if always or is_point else 1.15 * (east - west) * view.scales[0]
        written += sheet.name(one.name, (x, y), room, style, is_point)
    return written


def _places_near(
    at: tuple[float, float], wide: float, beside: bool
) -> Iterator[tuple[float, float]]:
    """Where a name may stand: on its ground, or beside its circle."""
    x, y = at
    if beside:
        yield from ((x, y + 4.4), (x, y - 2.2))
        yield from ((x + wide / 2 + 2.4, y + 1), (x - wide / 2 - 2.4, y + 1))
    else:
        yield from ((x, y + 1 + n * _LINE) for n in (0, 1, -1, 2, -2))


def _inset_corner(view: _View, zone: Any) -> Box:
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


def _inset(view: _View, corner: Box) -> str:
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
        f'fill="#ffffff" stroke="{_GREY}" stroke-width="0.2"/>'
        f'<path d="{path}" fill="#dededb" stroke="{_GREY}" stroke-width="0.2"/>'
        f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        f'fill="none" stroke="{_DARK}" stroke-width="0.6"/>'
    )


def _scale_bar(view: _View) -> tuple[str, Box]:
    """A round number of kilometres, at most a quarter of the map, and the ground it takes."""
    most = view.km_wide / 4
    size = 10 ** floor(log10(most))
    km = max(n * size for n in (1, 2, 5) if n * size <= most)
    long = km * view.mm_a_km
    x, y = 3.0, HEIGHT - 3.0
    words = f"{number_text(km)} km"
    back = max(long, len(words) * _LETTER) + 3
    drawn = (
        f'<rect x="1" y="{y - 5.6}" width="{back:.1f}" height="7.4" fill="#ffffff" opacity="0.85"/>'
        f'<path d="M{x} {y - 1}v1h{long:.1f}v-1" fill="none" stroke="#4a4a4a" stroke-width="0.4"/>'
        f'<text x="{x}" y="{y - 2.2}" fill="#4a4a4a">{escape(words)}</text>'
    )
    return drawn, (1.0, y - 5.6, 1 + back, y + 1.8)


def _stroke(basis: str, width: float) -> str:
    dashes = ' stroke-dasharray="1.2 0.8"' if basis == "estimated" else ""
    return f'stroke-width="{width}"{dashes}'


def _text(text: str, x: float, y: float, style: str) -> str:
    """A name over a white halo: drawn in two, as a halo of its own would cover its letters."""
    at = f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="middle" {style}'
    halo = 'stroke="#ffffff" stroke-width="0.7" stroke-linejoin="round"'
    return f"{at} {halo}>{escape(text)}</text>{at}>{escape(text)}</text>"


def rings_of(geometry: Any) -> Iterator[tuple[Sequence[tuple[float, ...]], bool]]:
    """Lines of a geometry, and whether each is closed."""
    if hasattr(geometry, "geoms"):
        for one in geometry.geoms:
            yield from rings_of(one)
    elif geometry.geom_type == "Polygon":
        yield from ((ring.coords, True) for ring in (geometry.exterior, *geometry.interiors))
    elif geometry.geom_type == "LineString":
        yield geometry.coords, False


def ring_path(ring: Sequence[tuple[float, ...]], point: Any, closed: bool) -> str:
    """A line as a path of SVG to a tenth of a unit, each point once; "" for a single point."""
    shown: list[str] = []
    for lon, lat, *_rest in ring:
        x, y = point(lon, lat)
        if not shown or shown[-1] != (text := f"{x:.1f} {y:.1f}"):
            shown.append(f"{x:.1f} {y:.1f}" if not shown else text)
    return "M" + "L".join(shown) + ("Z" if closed else "") if len(shown) > 1 else ""


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _document(parts: Sequence[str]) -> str:
    edge = (
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{_GREY}" stroke-width="0.4"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}mm" height="{HEIGHT}mm" font-family="Noto Sans" '
        f'font-size="{TEXT_SIZE}">{"".join(parts)}{edge}</svg>'
    )
