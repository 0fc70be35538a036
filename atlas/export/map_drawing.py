"""What maps on paper share, as SVG: a flat view of the country, lines, circles, names, a scale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from math import cos, floor, log10, radians
from typing import Any

import shapely
from shapely.geometry import box, shape

from atlas.formats import number_text
from atlas.geo import shapes

TEXT_SIZE = 3.0
"""8.5 points: nothing on the page is smaller."""
LETTER = 0.56 * TEXT_SIZE
LINE = 1.25 * TEXT_SIZE
KM_A_DEGREE = 110.9
DARK, BLUE, TINT, GREY, LAND = "#144372", "#1f69b3", "#d4e5f7", "#8c8c8c", "#f1f1ef"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """Longitude and latitude to millimetres of the map: flat at its middle latitude.

    Attributes
    ----------
    width, height
        Of the map, in millimetres, which are the units of the drawing.
    """

    lon: float
    lat: float
    km_wide: float
    width: float
    height: float

    @property
    def mm_a_km(self) -> float:
        """Millimetres of the map for a kilometre."""
        return self.width / self.km_wide

    @property
    def scales(self) -> tuple[float, float]:
        """Millimetres for a degree of longitude and of latitude."""
        high = KM_A_DEGREE * self.mm_a_km
        return high * cos(radians(self.lat)), high

    @property
    def frame(self) -> Any:
        """The ground that the map shows, in degrees."""
        across, down = self.scales
        half, tall = self.width / 2 / across, self.height / 2 / down
        return box(self.lon - half, self.lat - tall, self.lon + half, self.lat + tall)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the map, in millimetres from its upper left corner."""
        across, down = self.scales
        return self.width / 2 + (lon - self.lon) * across, self.height / 2 - (lat - self.lat) * down

    def path_of(self, geometry: Any) -> str:
        """Outlines as a path, without the points that nobody could tell apart."""
        return " ".join(ring_path(ring, self.point, closed) for ring, closed in rings_of(geometry))


@dataclass
class Sheet:
    """What is drawn so far, and the ground that names already take."""

    view: View
    parts: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)
    radii: dict[tuple[float, float], float] = field(default_factory=dict)
    """Of the circles that are drawn, by where they are."""

    def line(self, geometry: Any, style: str) -> None:
        """Draw the outlines of a geometry."""
        if path := self.view.path_of(geometry):
            self.parts.append(f'<path d="{path}" {style}/>')

    def circle(self, point: Any, fill: str, stroke: str, radius: float = 1.2) -> None:
        """Draw a circle around a point."""
        x, y = self.view.point(point.x, point.y)
        self.radii[x, y] = radius
        self.taken.append((x - radius, y - radius, x + radius, y + radius))
        self.parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" fill="{fill}" stroke="{stroke}" '
            'stroke-width="0.35"/>'
        )

    def name(self, text: str, at: tuple[float, float], room: float, style: str) -> bool:
        """Write a name where it fits in its room and meets no other; whether it did."""
        wide = len(text) * LETTER
        if wide > room:
            return False
        for x, y in _places_near(at, wide, self.radii.get(at)):
            told = (x - wide / 2, y - 0.8 * TEXT_SIZE, x + wide / 2, y + 0.3 * TEXT_SIZE)
            inside = told[0] > 0.5 and told[2] < self.view.width - 0.5 and told[1] > 0.5
            if (
                inside
                and told[3] < self.view.height - 0.5
                and not any(_overlap(told, b) for b in self.taken)
            ):
                self.taken.append(told)
                self.parts.append(text_with_halo(text, x, y, style))
                return True
        return False


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


def draw_limit(sheet: Sheet, unit: DrawnUnit, colour: str, width: float) -> None:
    """The limit of a unit, without the edge of the map."""
    seen = unit.geometry.boundary.intersection(sheet.view.frame)
    sheet.line(seen, f'fill="none" stroke="{colour}" {stroke_style(unit.basis, width)}')


def name_units(
    sheet: Sheet, units: Iterable[DrawnUnit], style: str, *, always: bool = False
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
        room = view.width if always or is_point else 1.15 * (east - west) * view.scales[0]
        written += sheet.name(one.name, (x, y), room, style)
    return written


def _places_near(
    at: tuple[float, float], wide: float, radius: float | None
) -> Iterator[tuple[float, float]]:
    """Where a name may stand: on its ground, or beside its circle."""
    x, y = at
    if radius is None:
        yield from ((x, y + 1 + n * LINE) for n in (0, 1, -1, 2, -2))
    else:
        yield from ((x, y + radius + 3.2), (x, y - radius - 1))
        side = wide / 2 + radius + 1.2
        yield from ((x + side, y + 1), (x - side, y + 1))


def scale_bar(view: View) -> tuple[str, Box]:
    """A round number of kilometres, at most a quarter of the map, and the ground it takes."""
    most = view.km_wide / 4
    size = 10 ** floor(log10(most))
    km = max(n * size for n in (1, 2, 5) if n * size <= most)
    long = km * view.mm_a_km
    x, y = 3.0, view.height - 3.0
    words = f"{number_text(km)} km"
    back = max(long, len(words) * LETTER) + 3
    drawn = (
        f'<rect x="1" y="{y - 5.6}" width="{back:.1f}" height="7.4" fill="#ffffff" opacity="0.85"/>'
        f'<path d="M{x} {y - 1}v1h{long:.1f}v-1" fill="none" stroke="#4a4a4a" stroke-width="0.4"/>'
        f'<text x="{x}" y="{y - 2.2}" fill="#4a4a4a">{escape(words)}</text>'
    )
    return drawn, (1.0, y - 5.6, 1 + back, y + 1.8)


def stroke_style(basis: str, width: float) -> str:
    """Width of a limit, dashed where it is estimated."""
    dashes = ' stroke-dasharray="1.2 0.8"' if basis == "estimated" else ""
    return f'stroke-width="{width}"{dashes}'


def text_with_halo(text: str, x: float, y: float, style: str) -> str:
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


def svg_document(view: View, parts: Sequence[str]) -> str:
    """The drawing as a document, with its edge."""
    size = f'width="{view.width}" height="{view.height}"'
    edge = f'<rect {size} fill="none" stroke="{GREY}" stroke-width="0.4"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {view.width} {view.height}" '
        f'width="{view.width}mm" height="{view.height}mm" font-family="Noto Sans" '
        f'font-size="{TEXT_SIZE}">{"".join(parts)}{edge}</svg>'
    )
