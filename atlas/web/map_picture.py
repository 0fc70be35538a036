"""The map of the page as a picture for paper and slides, drawn without a browser."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from math import cos, radians
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from atlas.export.map_drawing import (
    DARK,
    KM_A_DEGREE,
    LAND,
    DrawnUnit,
    Sheet,
    View,
    base_geometry,
    draw_limit,
    drawn_units,
    name_units,
    scale_bar,
    stroke_style,
    svg_document,
)
from atlas.export.proof import code_picture
from atlas.export.typesetting import Format, typeset_document
from atlas.geo.frames import LEVELS
from atlas.i18n import _, current_language
from atlas.web import fact_shapes, map_view
from atlas.web.map_view import CLASS_OUTLINES, PATTERN_FILLS, LegendEntry, MapPainting
from atlas.web.page_state import PageScene

PICTURE_KINDS: dict[Format, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
TEMPLATE = Path(__file__).with_name("map.typ")
PAGE = Path(__file__).with_name("page.html")
WIDTH, HEIGHT = 196.0, 160.0
"""Of the map itself, in millimetres, which are the units of the drawing."""
_SWATCH = 7.0, 4.0
_MM_A_PIXEL = 0.26
_FILLED, _FILLED_BY_ZONES = 0.94, 0.8
_LEAST_KM = 60.0
_UNPAINTED = "#ffffff"
_OUTLINE = "#4a4a4a"


def map_picture(scene: PageScene, kind: Format) -> bytes:
    """The map that a page shows, with title, legend, scale, sources, date and disclaimer.

    Parameters
    ----------
    kind
        One of `PICTURE_KINDS`; ``png`` has 300 dots an inch.
    """
    data = scene.data
    assert data is not None
    code = scene.file_code(f"/map.{kind}")
    told = {
        **map_words(scene),
        "code": _("Code : {code}", code=code),
        "picture": code_picture(code),
        "day": data.as_of.isoformat() if data.as_of else "",
    }
    return typeset_document(TEMPLATE, told, kind)


def map_words(scene: PageScene) -> dict[str, Any]:
    """The map with all that is said of it: title, filters, legend, method, sources, disclaimer."""
    painted = map_view.map_painting(scene)
    legend = legend_pictures(scene, painted)
    return {
        "lang": current_language(),
        "title": map_view.map_title(scene, painted),
        "author": _("Atlas du Mali : qui fait quoi, où"),
        "notes": map_notes(scene),
        "map": map_svg(scene, painted),
        "label": _(painted.indicator.label),
        "legend": legend,
        "method": [line for line in map_view.legend_notes(scene, painted) if line.strip()],
        "sources": map_view.source_lines(scene, with_tiles=False),
    }


def legend_pictures(scene: PageScene, painted: MapPainting) -> list[dict[str, str]]:
    """The lines of the legend, each with its ``text`` and how it is drawn (``svg``)."""
    return [
        {"text": one.text, "svg": _swatch(one)} for one in map_view.legend_entries(scene, painted)
    ]


def map_notes(scene: PageScene) -> list[str]:
    """Of what time the map is, and its filters."""
    return [map_view.situation_note(scene), *map_view.filters_line(scene)]


def map_svg(
    scene: PageScene, painted: MapPainting, ground: View | None = None, *, named: bool = True
) -> str:
    """The map alone, as on the page: colours, signs, circles, facts, names and a scale.

    Parameters
    ----------
    ground
        What it shows; ``None``: what the page does.
    """
    data, level = scene.data, scene.view.level
    assert data is not None
    frame = scene.view.frame or data.default_frame
    units = drawn_units(frame, level)
    props = map_view.painting_props(painted, scene)
    sheet = Sheet(ground or _view_of(units, props))
    scale, taken = scale_bar(sheet.view)
    sheet.taken.append(taken)
    sheet.parts += [_patterns(), f'<rect width="100%" height="100%" fill="{LAND}"/>']
    seen = sheet.view.frame
    sheet.line(base_geometry("outline").intersection(seen), f'fill="{_UNPAINTED}"')
    _paint_units(sheet, units, props)
    sheet.line(base_geometry("rivers").intersection(seen), _line("#82b5e9", 0.4))
    if level != LEVELS[0]:
        for one in drawn_units(frame, LEVELS[0]).values():
            if one.geometry.geom_type != "Point":
                draw_limit(sheet, one, "#595959", 0.45)
    sheet.line(base_geometry("outline").boundary.intersection(seen), _line(_OUTLINE, 0.6))
    _paint_circles(sheet, units, props)
    _draw_facts(sheet, scene)
    names = _named_units(units, props) if named else []
    name_units(sheet, names, f'fill="{DARK}"', always=len(names) <= map_view.MOST_LABELS)
    return svg_document(sheet.view, [*sheet.parts, scale])


def map_ground(scene: PageScene, painted: MapPainting) -> View:
    """The ground that the map of a page shows."""
    assert scene.data is not None
    units = drawn_units(scene.view.frame or scene.data.default_frame, scene.view.level)
    return _view_of(units, map_view.painting_props(painted, scene))


def _view_of(units: dict[str, DrawnUnit], props: dict[str, Any]) -> View:
    """The country, or the units that the page shows alone."""
    shown = [one for id_, one in units.items() if id_ in props["units"]] if props["focus"] else []
    ground = [one.geometry for one in shown] or [base_geometry("outline")]
    west, south, east, north = shapely.total_bounds(ground)
    lat = (south + north) / 2
    wide = (east - west) * KM_A_DEGREE * cos(radians(lat))
    high = (north - south) * KM_A_DEGREE * WIDTH / HEIGHT
    km = max(wide, high) / (_FILLED_BY_ZONES if shown else _FILLED)
    return View((west + east) / 2, lat, max(km, _LEAST_KM), WIDTH, HEIGHT)


def _fill_of(entry: list[Any] | None, props: dict[str, Any]) -> str:
    if entry is None:
        return _UNPAINTED
    fill = entry[0]
    return str(props["palette"][fill] if isinstance(fill, int) else PATTERN_FILLS[fill])


def _stroke_of(entry: list[Any] | None, props: dict[str, Any]) -> tuple[str, float]:
    """Colour and width of the line around a unit, as the page has them."""
    mark = entry[3] if entry and len(entry) > 3 else None
    if mark:
        colour, width = CLASS_OUTLINES[mark]
        return colour, width * _MM_A_PIXEL
    ringed = entry is not None and props["ringed"]
    return ("#4a4a4a", 0.5) if ringed else ("#8c8c8c", 0.25)


def _paint_units(sheet: Sheet, units: dict[str, DrawnUnit], props: dict[str, Any]) -> None:
    """The units, those with an outline of their own last: a neighbour's line does not hide it."""
    seen = sheet.view.frame
    drawn = [
        (_stroke_of(props["units"].get(id_), props), id_, one)
        for id_, one in units.items()
        if one.geometry.geom_type != "Point"
    ]
    for (colour, width), id_, one in sorted(drawn, key=lambda told: told[0][1]):
        fill = _fill_of(props["units"].get(id_), props)
        style = f'fill="{fill}" stroke="{colour}" {stroke_style(one.basis, width)}'
        sheet.line(one.geometry.intersection(seen), style)


def _paint_circles(sheet: Sheet, units: dict[str, DrawnUnit], props: dict[str, Any]) -> None:
    """Units without limits: the large first, so that the small stand on them."""
    low = map_view.CIRCLE_RADII[props["level"]][0]
    points = [(id_, one) for id_, one in units.items() if one.geometry.geom_type == "Point"]

    def radius(id_: str) -> float:
        entry = props["units"].get(id_)
        return float(entry[2] if entry and len(entry) > 2 and entry[2] else low) * _MM_A_PIXEL

    for id_, one in sorted(points, key=lambda told: -radius(told[0])):
        entry = props["units"].get(id_)
        if one.geometry.within(sheet.view.frame):
            colour, _width = _stroke_of(entry, props)
            sheet.circle(one.geometry, _fill_of(entry, props), colour, radius(id_))


def _named_units(units: dict[str, DrawnUnit], props: dict[str, Any]) -> list[DrawnUnit]:
    """The units that carry their name: all where they are few, else as on the page."""
    entries = {id_: props["units"][id_] for id_ in units if id_ in props["units"]}
    every = props["labels"] == "all" or len(entries) <= map_view.MOST_LABELS
    some = props["labels"] == "known"
    return [
        units[id_]
        for id_, entry in entries.items()
        if every or (some and isinstance(entry[0], int))
    ]


def _draw_facts(sheet: Sheet, scene: PageScene) -> None:
    """Shapes of dated facts, hatched by their type; nothing where the page shows none."""
    if not fact_shapes.has_fact_shapes(scene):
        return
    for feature in json.loads(fact_shapes.shapes_geojson(scene))["features"]:
        about = feature["properties"]
        ink, angle = about["ink"], about["angle"]
        name = f"fact-{ink[1:]}-{angle}"
        sheet.parts.append(f"<defs>{_hatch(name, ink, angle)}</defs>")
        geometry = shape(feature["geometry"]).intersection(sheet.view.frame)
        fill = "none" if geometry.geom_type.endswith("LineString") else f"url(#{name})"
        dashes = 'stroke-dasharray="1.2 1"' if about["stale"] else ""
        sheet.line(geometry, f'fill="{fill}" stroke="{ink}" stroke-width="0.5" {dashes}')


def _hatch(name: str, ink: str, angle: int) -> str:
    turn = f'patternTransform="scale({_MM_A_PIXEL}) rotate({angle})"'
    return (
        f'<pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse" {turn}>'
        f'<rect width="1.3" height="7" fill="{ink}"/></pattern>'
    )


@lru_cache(maxsize=1)
def _patterns() -> str:
    """The patterns of the page, in millimetres."""
    found = re.search(r"<defs>.*?</defs>", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    scaled = f'patternTransform="scale({_MM_A_PIXEL})'
    turned = found[0].replace('patternTransform="', scaled + " ")
    return re.sub(
        r'patternUnits="userSpaceOnUse">', f'patternUnits="userSpaceOnUse" {scaled}">', turned
    )


def _line(colour: str, width: float) -> str:
    return f'fill="none" stroke="{colour}" stroke-width="{width}"'


def _swatch(one: LegendEntry) -> str:
    """How a line of the legend is drawn, in millimetres."""
    wide, high = _SWATCH
    fill, edge, around = one.colour or _UNPAINTED, "#8c8c8c", 0.25
    name = one.sign.removeprefix("sign-")
    extra = ""
    if one.hatch:
        ink, angle = one.hatch
        extra, fill, edge = _hatch("hatch", ink, angle), "url(#hatch)", ink
    elif name in PATTERN_FILLS:
        fill = PATTERN_FILLS[name]
    elif one.sign.startswith("mark-"):
        edge, width = CLASS_OUTLINES[one.sign.removeprefix("mark-")]
        around = width * _MM_A_PIXEL
    box_ = (
        f'<rect x="0.5" y="0.5" width="{wide - 1}" height="{high - 1}" fill="{fill}" '
        f'stroke="{edge}" stroke-width="{around}"/>'
    )
    if name == "estimated":
        dashed = f'{_line("#595959", 0.5)} stroke-dasharray="1.2 0.8"'
        box_ = f'<path d="M0.5 {high / 2}h{wide - 1}" {dashed}/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}mm" '
        f'height="{high}mm">{_patterns()}<defs>{extra}</defs>{box_}</svg>'
    )
