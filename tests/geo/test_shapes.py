"""Without official boundaries the map shows only what may honestly be drawn."""

from __future__ import annotations

import json

import pytest

from atlas.errors import UsageError
from atlas.geo import shapes
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames


def _features(frame: str, level: str) -> list[dict[str, object]]:
    features: list[dict[str, object]] = json.loads(shapes.display_geojson(frame, level))["features"]
    return features


@pytest.mark.parametrize(
    ("frame", "polygons"),
    [
        ("ml-2012", [f"ml-2012/ML0{n}" for n in range(1, 10)]),
        ("ml-2016", [f"ml-2016/ML0{n}" for n in (1, 2, 3, 4, 5, 8, 9)]),
        ("ml-2023", ["ml-2023/kidal"]),
    ],
)
def test_an_indicative_polygon_only_where_the_territory_is_the_old_region(
    frame: str, polygons: list[str]
) -> None:
    drawn = [f["id"] for f in _features(frame, "region") if f["properties"]["basis"] != "point"]  # type: ignore[index]
    assert sorted(drawn) == sorted(polygons)  # type: ignore[type-var]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("level", LEVELS)
def test_every_unit_with_a_known_place_is_drawn_once(frame: str, level: str) -> None:
    placed = shipped_frames().units_at_level(frame, level).drop_nulls("lon")["unit_id"].to_list()
    assert sorted(str(f["id"]) for f in _features(frame, level)) == sorted(placed)


def test_a_feature_says_what_it_is() -> None:
    (kidal,) = [f for f in _features("ml-2023", "region") if f["id"] == "ml-2023/kidal"]
    assert kidal["properties"] == {
        "id": "ml-2023/kidal",
        "name": "Kidal",
        "level": "region",
        "basis": "indicative",
    }


def test_status_says_that_official_boundaries_are_not_installed() -> None:
    status = shapes.boundary_status()
    assert (status["installed"], status["source"]) == (False, "Natural Earth")
    assert status["drawn"]["ml-2023/cercle"] == {"point": 142, "none": 18}  # type: ignore[index]


def test_rivers_carry_their_mended_names() -> None:
    names = {f["properties"]["name"] for f in json.loads(shapes.base_geojson("rivers"))["features"]}
    assert names == {"Niger", "Sénégal", "Bafing", "Bakoy", "Bani", "Bagoé", "Baoulé", "Comoé"}


@pytest.mark.parametrize("name", shapes.BASE_LAYERS)
def test_base_layers_are_geojson(name: str) -> None:
    assert json.loads(shapes.base_geojson(name))["type"] == "FeatureCollection"


def test_another_base_layer_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="outline"):
        shapes.base_geojson("roads")
