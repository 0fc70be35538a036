"""Shapes of facts are made light enough for the map, and what is left out is counted."""

from __future__ import annotations

import json

from shapely.geometry import Point

from atlas.web.fact_shapes import MOST_BYTES, facts_geojson

CIRCLES = [({"words": f"zone {n}"}, Point(-4 + n / 50, 15).buffer(0.5, 400).wkt) for n in range(60)]
"""Synthetic: 60 circles of 1 600 vertices each, some 2 MB as they are."""


def test_shapes_are_simplified_until_they_are_light_and_none_is_lost():
    made = facts_geojson(CIRCLES)
    assert len(made) < MOST_BYTES
    assert (len(json.loads(made)["features"]), json.loads(made)["left_out"]) == (60, 0)


def test_where_the_roughest_outline_is_too_heavy_the_last_are_left_out_and_counted():
    made = json.loads(facts_geojson(CIRCLES, most=2_000))
    assert len(made["features"]) + made["left_out"] == 60
    assert made["features"][0]["properties"] == {"words": "zone 0"}
