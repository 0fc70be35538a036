"""Shapes of facts as the map draws them: simplified until they are light."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from atlas.geo.shapes import collection

MOST_BYTES = 300_000
_STEPS = (0.0005, 0.002, 0.01, 0.03, 0.1)
"""Degrees of simplification (Douglas and Peucker 1973), tried in turn."""
_DIGITS = 4


def drawing(facts: Sequence[tuple[Mapping[str, Any], str]], most: int = MOST_BYTES) -> bytes:
    """A GeoJSON FeatureCollection of shapes, of so many bytes at most.

    Parameters
    ----------
    facts
        ``(properties, WKT in degrees)``, the most important first: where even the roughest
        outline is too heavy, the last are left out and ``left_out`` says how many.
    """
    import numpy as np
    import shapely

    if not facts:
        return collection([])
    shapes = shapely.from_wkt(np.array([text for _about, text in facts], dtype=object))
    made: list[bytes] = []
    for step in _STEPS:
        simple = shapely.simplify(shapes, step)
        made = [_feature(about, s) for (about, _t), s in zip(facts, simple, strict=True)]
        if sum(map(len, made)) + len(made) < most - 100:
            return _joined(made, 0)
    kept, size = 0, 100
    while kept < len(made) and size + len(made[kept]) + 1 < most:
        size += len(made[kept]) + 1
        kept += 1
    return _joined(made[:kept], len(made) - kept)


def _joined(made: list[bytes], left_out: int) -> bytes:
    head = b'{"type":"FeatureCollection","left_out":%d,"features":[' % left_out
    return head + b",".join(made) + b"]}"


def _feature(about: Mapping[str, Any], shape: Any) -> bytes:
    import shapely

    rounded = shapely.transform(shape, lambda xy: xy.round(_DIGITS))
    feature = {
        "type": "Feature",
        "properties": dict(about),
        "geometry": json.loads(shapely.to_geojson(rounded)),
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()
