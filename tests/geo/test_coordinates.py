"""Longitude and latitude place a row, confirm it or contradict it; they move nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from atlas.geo.coordinates import distance_to_unit, locate_point, locate_points
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.install import InstallReport, install_boundaries
from atlas.geo.resolve import PlaceResolution, resolve_place, resolve_rows
from atlas.ingest.placing import units_of_place
from atlas.ingest.reading import PlaceText
from tests.conftest import needs_shared

BANDIAGARA = (-3.61, 14.35)
MENAKA = ("ML070401", "ML070402", "ML070403", "ML070404")


def _codes(answer: PlaceResolution) -> list[str]:
    return [code for code, _params in answer.findings]


@pytest.fixture
def squares(tmp_path: Path) -> None:
    """The four communes of Ménaka as squares of one degree, 2 to 6° E, 16 to 17° N."""
    shapes = [box(2 + n, 16, 3 + n, 17) for n in range(4)]
    table = gpd.GeoDataFrame(
        {"admin3Pcode": MENAKA, "admin3Name_fr": MENAKA, "admin2Pcode": ["ML0704"] * 4},
        geometry=shapes,
        crs="EPSG:4326",
    )
    table.to_file(tmp_path / "adm3.geojson")
    install_boundaries(tmp_path / "adm3.geojson")


def test_without_boundaries_the_nearest_commune_places_and_says_so() -> None:
    lon, lat = BANDIAGARA
    answer = resolve_place(lon=lon, lat=lat, frame="ml-2016")
    assert (answer.unit_id, answer.how) == ("ml-2016/ML050101", "coordinates")
    assert answer.score < 0.8
    ((code, params),) = answer.findings
    assert (code, params["km"]) == ("coordinates_nearest", 1.1)


def test_without_boundaries_a_name_is_not_made_finer_by_the_nearest_commune() -> None:
    answer = resolve_place(region="Mopti", lon=-3.61, lat=14.35, frame="ml-2016")
    assert (answer.unit_id, answer.findings, answer.lon) == ("ml-2016/ML05", (), -3.61)


def test_with_boundaries_a_point_lies_in_the_polygon_that_holds_it(squares: None) -> None:
    answer = resolve_place(lon=2.9, lat=16.1, frame="ml-2012")
    assert (answer.unit_id, answer.score, answer.findings) == ("ml-2012/ML070401", 1.0, ())
    assert (answer.lon, answer.lat) == (2.9, 16.1)


def test_with_boundaries_the_commune_refines_a_coarser_name_and_says_so(squares: None) -> None:
    answer = resolve_place(region="Gao", lon=2.9, lat=16.1, frame="ml-2012")
    assert (answer.unit_id, answer.how) == ("ml-2012/ML070401", "coordinates")
    assert _codes(answer) == ["coordinates_refine"]


def test_an_unknown_commune_is_found_by_its_coordinates_and_stays_a_finding(squares: None) -> None:
    answer = resolve_place(
        region="Gao", cercle="Ménaka", commune="Nulle Part", lon=3.5, lat=16.5, frame="ml-2012"
    )
    assert (answer.unit_id, answer.how) == ("ml-2012/ML070402", "coordinates")
    assert _codes(answer) == ["place_unknown", "coordinates_refine"]


def test_a_point_on_a_boundary_is_in_the_commune_whose_id_comes_first(squares: None) -> None:
    points = [(3.0, 16.5), (4.0, 16.5), (5.0, 16.0)]
    found = [hit.commune for hit in locate_points(points, "ml-2012")]
    assert found == ["ml-2012/ML070401", "ml-2012/ML070402", "ml-2012/ML070403"]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"region": "Mopti"}, "ml-2016/ML05"),
        ({"region": "Mopti", "cercle": "Bankass"}, "ml-2016/ML0502"),
        ({"region": "Mopti", "cercle": "Bandiagara", "commune": "Dourou"}, "ml-2016/ML050108"),
    ],
)
def test_coordinates_elsewhere_are_a_finding_with_both_readings_and_the_names_stand(
    squares: None, cells: dict[str, str], kept: str
) -> None:
    answer = resolve_place(lon=2.5, lat=16.5, frame="ml-2016", **cells)  # type: ignore[arg-type]
    assert (answer.unit_id, answer.how, answer.lon) == (kept, "exact", None)
    ((code, params),) = answer.findings
    assert code == "coordinates_elsewhere"
    assert str(params["found"]).startswith("Andéramboukane")
    assert shipped_frames().unit_label(kept) in str(params["unit"])


def test_coordinates_in_the_next_cercle_without_boundaries_are_no_contradiction() -> None:
    near = resolve_place(region="Mopti", cercle="Bankass", lon=-3.6, lat=14.2, frame="ml-2016")
    far = resolve_place(region="Mopti", cercle="Bankass", lon=0.0, lat=16.3, frame="ml-2016")
    assert (_codes(near), _codes(far)) == ([], ["coordinates_elsewhere"])
    assert float(str(far.findings[0][1]["km"])) > 250


@pytest.mark.parametrize(
    ("lon", "lat", "code", "km"),
    [
        (0.0, 0.0, "coordinates_zero", None),
        (14.35, -3.61, "coordinates_swapped", 2423),
        (2.35, 48.86, "coordinates_outside", 2726),
        (-4.0, 12.0, "coordinates_outside", 56),
        (500_000.0, 1_500_000.0, "coordinates_outside", None),
        (float("nan"), 14.0, "coordinates_outside", None),
    ],
)
def test_coordinates_that_are_no_place_here_are_said_with_the_distance_and_place_nothing(
    lon: float, lat: float, code: str, km: float | None
) -> None:
    alone = resolve_place(lon=lon, lat=lat, frame="ml-2016")
    beside = resolve_place(region="Gao", lon=lon, lat=lat, frame="ml-2016")
    assert (alone.unit_id, _codes(alone)) == (None, [code])
    assert (beside.unit_id, _codes(beside), beside.lon) == ("ml-2016/ML07", [code], None)
    said = alone.findings[0][1]["km"]
    assert said == "—" if km is None else float(str(said)) == pytest.approx(km, abs=1)


def test_swapped_coordinates_offer_the_commune_they_would_mean() -> None:
    answer = resolve_place(lon=14.35, lat=-3.61, frame="ml-2016")
    assert [c.unit_id for c in answer.candidates] == ["ml-2016/ML050101"]


def test_coordinates_in_none_of_the_homonyms_leave_them_open(squares: None) -> None:
    answer = resolve_place(commune="Benkadi", lon=3.0, lat=16.4, frame="ml-2012")
    assert answer.unit_id is None
    assert answer.candidates[-1].unit_id == "ml-2012/ML070401"


def test_a_placement_has_a_point_only_where_it_agrees_with_its_unit() -> None:
    agreed = units_of_place(PlaceText(region="Mopti", lon=-3.61, lat=14.35), "ml-2016").placed[0]
    refused = units_of_place(PlaceText(region="Mopti", lon=0.0, lat=0.0), "ml-2016").placed[0]
    assert (agreed.lon, agreed.lat, refused.lon, refused.lat) == (-3.61, 14.35, None, None)


def test_free_words_stand_against_coordinates(squares: None) -> None:
    found = units_of_place(PlaceText(text="Mopti", lon=2.5, lat=16.5), "ml-2016")
    assert [one.unit_id for one in found.placed] == ["ml-2016/ML05"]
    assert "coordinates_elsewhere" in [code for code, _params in found.findings]


def test_what_was_located_before_boundaries_are_installed_is_located_again(
    request: pytest.FixtureRequest,
) -> None:
    text = PlaceText(region="Gao", lon=2.9, lat=16.1)
    before = units_of_place(text, "ml-2012").placed[0].unit_id
    request.getfixturevalue("squares")
    assert (before, units_of_place(text, "ml-2012").placed[0].unit_id) == (
        "ml-2012/ML07",
        "ml-2012/ML070401",
    )


def test_a_place_of_coordinates_alone_is_written_as_them() -> None:
    (placed,) = units_of_place(PlaceText(lon=14.35, lat=-3.61), "ml-2016").placed
    assert (placed.unit_id, placed.raw) == ("_unplaced", "-3.61, 14.35")


@settings(max_examples=60)
@given(st.floats(), st.floats(), st.sampled_from(FRAMES))
def test_any_two_numbers_are_read_without_error_and_swapping_is_seen(
    lon: float, lat: float, frame: str
) -> None:
    hit = locate_point(lon, lat, frame)
    assert hit.state in {"inside", "outside", "zero", "swapped"}
    assert (hit.commune is None) == (hit.state in {"outside", "zero"})
    if hit.state == "inside":
        assert locate_point(lat, lon, frame).state in {"swapped", "inside"}


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(-13, 5), st.floats(9, 26)), max_size=20))
def test_many_points_at_once_are_what_each_is_alone(points: list[tuple[float, float]]) -> None:
    together = locate_points(points, "ml-2016")
    assert together == [locate_point(lon, lat, "ml-2016") for lon, lat in points]


def test_a_table_may_carry_coordinates_beside_its_names(squares: None) -> None:
    table = pl.DataFrame(
        {
            "region": ["Gao", "", "", "Mopti"],
            "commune": ["", "", "Dourou", ""],
            "lon": [2.9, 3.5, None, 2.5],
            "lat": ["16,1", "16.5", "", "16.5"],
        }
    )
    answer = resolve_rows(table, "ml-2012")
    assert answer["unit_id"].to_list() == [
        "ml-2012/ML070401",
        "ml-2012/ML070402",
        "ml-2012/ML050108",
        "ml-2012/ML05",
    ]
    assert answer["how"].to_list() == ["coordinates", "coordinates", "exact", "exact"]


def test_neither_names_nor_nearest_communes_load_geopandas() -> None:
    code = (
        "import sys; from atlas.ingest.placing import units_of_place;"
        "from atlas.ingest.reading import PlaceText;"
        "units_of_place(PlaceText(region='Gao'), 'ml-2016');"
        "assert not {'shapely', 'geopandas', 'pandas'} & set(sys.modules);"
        "units_of_place(PlaceText(region='Gao', lon=0.0, lat=16.3), 'ml-2016');"
        "assert not {'geopandas', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_shared
def test_each_reference_point_lies_in_its_own_commune_but_for_its_rounding(
    real: InstallReport,
) -> None:
    communes = shipped_frames().units_at_level("ml-2012", "commune").drop_nulls("lon")
    points = list(communes.select("lon", "lat").iter_rows())
    hits = locate_points(points, "ml-2012")
    own = sum(hit.commune == u for hit, u in zip(hits, communes["unit_id"], strict=True))
    assert (communes.height, own) == (701, 701)


@needs_shared
def test_most_of_a_grid_over_the_south_lies_in_a_commune(real: InstallReport) -> None:
    points = [(-9 + (i % 100) * 0.06, 13 + i // 100 * 0.03) for i in range(10_000)]
    hits = locate_points(points, "ml-2016")
    assert sum(hit.state == "inside" for hit in hits) > 8_500


@needs_shared
def test_the_distance_to_a_stated_cercle_is_that_to_its_border(real: InstallReport) -> None:
    assert distance_to_unit("ml-2016/ML0502", *BANDIAGARA) == pytest.approx(18.3, abs=0.1)
    assert distance_to_unit("ml-2023/bandiagara", *BANDIAGARA) == 0
    answer = resolve_place(region="Mopti", cercle="Bankass", lon=-3.61, lat=14.35, frame="ml-2016")
    assert (answer.unit_id, answer.findings[0][1]["km"]) == ("ml-2016/ML0502", 18.3)


@needs_shared
def test_the_commune_of_a_point_breaks_the_tie_of_homonyms(real: InstallReport) -> None:
    benkadi = shipped_frames().unit_by_id("ml-2012/ML020302")
    answer = resolve_place(commune="Benkadi", lon=benkadi.lon, lat=benkadi.lat, frame="ml-2012")
    assert (answer.unit_id, answer.how) == ("ml-2012/ML020302", "coordinates")
