"""What a drawn fact covers of each unit, beside the same areas worked out another way."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import segmentize
from shapely.affinity import translate
from shapely.geometry import Point, box
from shapely.ops import unary_union

from atlas.geo.frames import shipped_frames
from atlas.geo.overlay import overlay_facts
from atlas.geo.shapes import NO_OVERLAY
from tests.conftest import SHARED, needs_shared
from tests.geo.squares import install_squares

EQUAL_AREA = "+proj=laea +lat_0=17.5 +lon_0=-4 +datum=WGS84 +units=m"


def _facts(*shapes: str) -> pl.DataFrame:
    numbers = list(range(len(shapes)))
    schema = {"fact": pl.UInt32, "geometry": pl.String}
    return pl.DataFrame({"fact": numbers, "geometry": shapes}, schema=schema)


def _weights(table: pl.DataFrame, column: str = "area_weight") -> dict[str, float]:
    return dict(table.select("unit_id", column).iter_rows())


@pytest.fixture(scope="module")
def squares_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("squares")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_GEODATA", str(root / "geodata"))
        install_squares(root)
    return root / "geodata"


@pytest.fixture
def squares(squares_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_GEODATA", str(squares_root))


def test_a_polygon_over_two_squares_weighs_half_in_each_and_covers_half_of_each(squares: None):
    found = overlay_facts(_facts(box(2.5, 16, 3.5, 17).wkt), "ml-2012")
    one, two = "ml-2012/ML070401", "ml-2012/ML070402"
    assert _weights(found.weights) == pytest.approx({one: 0.5, two: 0.5}, rel=1e-9)
    assert _weights(found.weights, "area_share") == pytest.approx({one: 0.5, two: 0.5}, rel=1e-9)


def test_what_lies_beyond_every_unit_is_said_to_lie_outside(squares: None):
    found = overlay_facts(_facts(box(1, 16, 3, 17).wkt), "ml-2012")
    told = _weights(found.weights)
    assert told == pytest.approx({"ml-2012/ML070401": 0.5, "_outside": 0.5}, rel=1e-9)


def test_overlapping_polygons_are_cut_into_pieces_that_do_not_overlap(squares: None):
    found = overlay_facts(_facts(box(2, 16, 2.6, 17).wkt, box(2.4, 16, 3, 17).wkt), "ml-2012")
    pieces = [(facts, round(share, 5)) for _u, share, facts in found.pieces.rows()]
    assert pieces == [([0], 0.4), ([0, 1], 0.2), ([1], 0.4)]


def test_a_road_has_kilometres_in_each_unit_and_no_area(squares: None):
    found = overlay_facts(_facts("LINESTRING (2.5 16.5, 3.5 16.5)"), "ml-2012").weights
    assert found["area_weight"].to_list() == [None, None]
    assert found["length_km"].to_list() == pytest.approx([53.4, 53.4], rel=1e-3)


def test_a_point_lies_in_the_unit_that_holds_it(squares: None):
    found = overlay_facts(_facts("POINT (3.5 16.5)"), "ml-2012").weights
    assert found.select("unit_id", "how").rows() == [("ml-2012/ML070402", "official")]


def test_points_asked_about_are_found_in_the_polygons_that_hold_them(squares: None):
    points = pl.DataFrame({"point": [7, 8], "lon": [2.2, 2.8], "lat": [16.5, 16.5]})
    found = overlay_facts(_facts("POINT (2.2 16.5)", box(2, 16, 2.5, 17).wkt), "ml-2012", points)
    assert found.hits.rows() == [(1, 7)]


def test_without_boundaries_a_polygon_is_laid_over_the_regions_and_tells_of_no_cercle():
    found = overlay_facts(_facts(box(-5, 14, -4, 15).wkt), "ml-2016")
    assert set(found.weights["how"]) == {"indicative"}
    assert set(
        shipped_frames().converted_placements(found.weights, "ml-2016", "cercle")["target"]
    ) == {"_coarser"}
    assert found.weights["area_weight"].sum() == pytest.approx(1, rel=1e-9)


def test_facts_without_a_shape_are_laid_over_nothing():
    assert overlay_facts(_facts(""), "ml-2016") is NO_OVERLAY


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(*[st.floats(1.5, 5.5)] * 2, *[st.floats(0.05, 2)] * 2), min_size=1, max_size=5
    )
)
def test_weights_of_any_polygon_sum_to_one_and_no_cell_is_covered_more_than_whole(squares, boxes):
    shapes = [box(x, 14 + y / 2, x + w, 14 + y / 2 + h).wkt for x, y, w, h in boxes]
    found = overlay_facts(_facts(*shapes), "ml-2012")
    sums = found.weights.group_by("fact").agg(pl.col("area_weight").sum())["area_weight"]
    assert sums.to_list() == pytest.approx([1.0] * len(boxes), rel=1e-9)
    covered = found.pieces.group_by("unit_id").agg(pl.col("share").sum())["share"]
    assert covered.max() is None or covered.max() <= 1 + 1e-9


@needs_shared
def test_areas_on_the_official_communes_match_geopandas_to_a_billionth(real):
    """A circle over the inner delta, and one half beyond the border (both synthetic)."""
    circles = [Point(-4.6, 14.8).buffer(0.7), Point(-12, 14).buffer(0.9)]
    communes = gpd.read_file(SHARED / "geodata" / "cod-ab-mli-2019" / "adm3.geojson")
    found = overlay_facts(_facts(*(c.wkt for c in circles)), "ml-2012").weights
    dense = communes.set_index("admin3Pcode").geometry.segmentize(0.1)
    ground = dense.to_crs(EQUAL_AREA)
    for number, circle in enumerate(circles):
        drawn = gpd.GeoSeries([segmentize(circle, 0.1)], crs="EPSG:4326").to_crs(EQUAL_AREA)[0]
        shares = ground.intersection(drawn).area / drawn.area
        expected = {f"ml-2012/{code}": share for code, share in shares.items() if share > 1e-12}
        told = _weights(found.filter(pl.col("fact") == number))
        outside = told.pop("_outside", 0.0)
        assert told == pytest.approx(expected, rel=1e-9)
        beyond = drawn.difference(unary_union(ground.values)).area / drawn.area
        assert outside == pytest.approx(beyond, rel=1e-9, abs=1e-12)
        assert sum(told.values()) + outside == pytest.approx(1, rel=1e-9)


@needs_shared
def test_two_hundred_polygons_over_the_communes_keep_the_sum_of_each(real):
    first = Point(-8, 12).buffer(0.3)
    shapes = [translate(first, 0.6 * (n % 20), 0.5 * (n // 20)).wkt for n in range(200)]
    found = overlay_facts(_facts(*shapes), "ml-2016").weights
    sums = found.group_by("fact").agg(pl.col("area_weight").sum())["area_weight"]
    assert sums.len() == 200
    assert sums.to_list() == pytest.approx([1.0] * 200, rel=1e-9)
