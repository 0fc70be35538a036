"""A style for QGIS (QML): which rows are drawn how, and what the legend says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

WHITE, EDGE = "#ffffff", "#8c8c8c"
SOLID = "solid"
_GEOMETRY_TYPES = {"point": "0", "polygon": "2"}
_SYMBOLS = {"point": ("marker", "SimpleMarker"), "polygon": ("fill", "SimpleFill")}


class StyleRule(NamedTuple):
    """One line of the legend.

    Attributes
    ----------
    text
        What it says.
    where
        Which rows are drawn so, as an expression of QGIS.
    colour
        Of the area, or of the pattern on white.
    pattern
        Name of a brush of Qt: ``solid``, ``b_diag``, ``dense6``.
    """

    text: str
    where: str
    colour: str
    pattern: str = SOLID


def style_qml(rules: Sequence[StyleRule], geometry: str) -> str:
    """The rules as a QML file, for a layer of ``point`` or ``polygon``.

    The properties of symbols are written as QGIS 3 read them in every version.
    """
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": "Symbology"})
    words = {"type": "RuleRenderer", "symbollevels": "0", "forceraster": "0", "enableorderby": "0"}
    renderer = ET.SubElement(root, "renderer-v2", words)
    listed = ET.SubElement(renderer, "rules", {"key": "root"})
    symbols = ET.SubElement(renderer, "symbols")
    for number, rule in enumerate(rules):
        told = {"key": f"r{number}", "symbol": str(number), "label": rule.text}
        ET.SubElement(listed, "rule", {**told, "filter": rule.where})
        _add_symbol(symbols, str(number), rule, geometry)
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY_TYPES[geometry]
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _add_symbol(symbols: ET.Element, name: str, rule: StyleRule, geometry: str) -> None:
    kind, layer_class = _SYMBOLS[geometry]
    symbol = ET.SubElement(symbols, "symbol", {"name": name, "type": kind, "alpha": "1"})
    outline = {"outline_color": _rgb(EDGE), "outline_width": "0.2"}
    if geometry == "point":
        colour = rule.colour if rule.pattern == SOLID else WHITE
        point = {"name": "circle", "color": _rgb(colour), "size": "3.4"}
        _add_layer(symbol, layer_class, point | outline)
        return
    if rule.pattern != SOLID:
        _add_layer(symbol, layer_class, {"color": _rgb(WHITE), "style": SOLID} | outline)
    _add_layer(symbol, layer_class, {"color": _rgb(rule.colour), "style": rule.pattern} | outline)


def _add_layer(symbol: ET.Element, kind: str, properties: dict[str, str]) -> None:
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "pass": "0"})
    for key, value in properties.items():
        ET.SubElement(layer, "prop", {"k": key, "v": value})


def _rgb(colour: str) -> str:
    """A colour as QGIS writes it.

    Examples
    --------
    >>> _rgb("#1f69b3")
    '31,105,179,255'
    """
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def quoted(text: str) -> str:
    """A text in an expression of QGIS.

    Examples
    --------
    >>> quoted("l'unité")
    "'l''unité'"
    """
    return "'" + text.replace("'", "''") + "'"
