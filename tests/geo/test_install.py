"""Official boundaries are checked, kept, simplified and completed, or refused whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Polygon, box, shape

from atlas.errors import GeodataError
from atlas.geo import shapes
from atlas.geo.install import InstallReport, install_boundaries
from atlas.geo.resolve import resolve_place
from atlas.geo.shapes import EQUAL_AREA
from tests.conftest import SHARED, needs_shared

MENAKA = {
    "ML070401": "Andéramboukane",
    "ML070402": "Inékar",
    "ML070403": "Ménaka",
    "ML070404": "Tidermène",
}
SQUARES = {code: box(2 + n, 16, 3 + n, 17) for n, code in enumerate(MENAKA)}


def _communes(columns: tuple[str, str, str], **changes: Any) -> gpd.GeoDataFrame:
    """The four communes of Ménaka as squares, under any column names."""
    code3, name3, code2 = columns
    return gpd.GeoDataFrame(
        {code3: list(MENAKA), name3: list(MENAKA.values()), code2: ["ML0704"] * 4},
        geometry=[changes.get(code, square) for code, square in SQUARES.items()],
        crs="EPSG:4326",
    )


COLUMNS = {
    2019: ("admin3Pcode", "admin3Name_fr", "admin2Pcode"),
    2021: ("ADM3_PCODE", "ADM3_FR", "ADM2_PCODE"),
    2025: ("adm3_pcode", "adm3_name1", "adm2_pcode"),
}


def _feature(frame: str, level: str, unit_id: str) -> dict[str, Any]:
    data = json.loads(shapes.display_geojson(frame, level))
    (feature,) = [f for f in data["features"] if f["id"] == unit_id]
    return dict(feature)


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=[str(y) for y in COLUMNS])
def test_column_names_of_every_version_are_understood(
    columns: tuple[str, str, str], tmp_path: Path
) -> None:
    _communes(columns).to_file(tmp_path / "adm3.geojson")
    report = install_boundaries(tmp_path / "adm3.geojson")
    assert (report.version, report.counts) == ("cod-2019", {"commune": 4})
    assert _feature("ml-2012", "commune", "ml-2012/ML070403")["properties"]["basis"] == "official"


def test_what_the_file_lacks_is_dissolved_from_communes_and_labelled(tmp_path: Path) -> None:
    _communes(COLUMNS[2019]).to_file(tmp_path / "adm3.gpkg")
    install_boundaries(tmp_path / "adm3.gpkg")
    menaka = _feature("ml-2016", "region", "ml-2016/ML10")
    assert menaka["properties"]["basis"] == "derived"
    assert shape(menaka["geometry"]).area == pytest.approx(4, rel=0.01)
    assert _feature("ml-2023", "region", "ml-2023/menaka")["properties"]["basis"] == "derived"
    assert _feature("ml-2016", "region", "ml-2016/ML07")["properties"]["basis"] == "point"


def test_units_of_a_file_that_are_absent_or_unknown_are_listed(tmp_path: Path) -> None:
    table = _communes(COLUMNS[2019])
    table.loc[0, "admin3Pcode"] = "ML079999"
    table.to_file(tmp_path / "adm3.geojson")
    report = install_boundaries(tmp_path / "adm3.geojson")
    assert report.unknown == ("Andéramboukane",)
    assert len(report.missing["commune"]) == 701 - 3
    assert any("Andéramboukane" in line for line in report.report_lines())


def test_invalid_geometry_is_repaired_and_said(tmp_path: Path) -> None:
    bowtie = Polygon([(2, 16), (3, 17), (3, 16), (2, 17)])
    _communes(COLUMNS[2019], ML070401=bowtie).to_file(tmp_path / "adm3.geojson")
    report = install_boundaries(tmp_path / "adm3.geojson")
    assert report.repaired == ("Andéramboukane",)
    drawn = _feature("ml-2012", "commune", "ml-2012/ML070401")
    assert shape(drawn["geometry"]).is_valid


def test_metres_are_brought_back_to_degrees(tmp_path: Path) -> None:
    _communes(COLUMNS[2019]).to_crs("EPSG:32631").to_file(tmp_path / "adm3.gpkg")
    install_boundaries(tmp_path / "adm3.gpkg")
    west, south, east, north = shape(
        _feature("ml-2012", "commune", "ml-2012/ML070401")["geometry"]
    ).bounds
    assert (west, south, east, north) == pytest.approx((2, 16, 3, 17), abs=0.01)


def test_a_zip_of_shapefiles_is_read(tmp_path: Path) -> None:
    (tmp_path / "shp").mkdir()
    _communes(COLUMNS[2021]).to_file(tmp_path / "shp" / "mli_admbnda_adm3.shp")
    with ZipFile(tmp_path / "cod.zip", "w") as archive:
        for part in sorted((tmp_path / "shp").iterdir()):
            archive.write(part, f"cod/{part.name}")
    assert install_boundaries(tmp_path / "cod.zip").counts == {"commune": 4}


def test_lines_and_points_beside_the_polygons_are_not_units(tmp_path: Path) -> None:
    table = _communes(COLUMNS[2019])
    table.to_file(tmp_path / "mli_admbnda_adm3.shp")  # its columns are cut to ten letters
    more = table.loc[[0, 1, 2, 3, 0, 1]].reset_index(drop=True)
    more.assign(geometry=more.geometry.representative_point()).to_file(
        tmp_path / "mli_admbndp_adm3.gpkg"
    )
    more.assign(geometry=more.geometry.boundary).to_file(tmp_path / "mli_admbndl_adm3.gpkg")
    report = install_boundaries(tmp_path)
    assert (report.counts, report.unknown) == ({"commune": 4}, ())


def test_v03_is_matched_by_name_never_by_number(tmp_path: Path) -> None:
    regions = gpd.GeoDataFrame(
        {
            "adm1_pcode": ["ML01", "ML02", "ML03"],
            "adm1_name1": ["Bandiagara", "Dioila", "Nulle Part"],
            "version": ["v03"] * 3,
            "valid_on": ["2025-09-04"] * 3,
        },
        geometry=[box(-4, 14, -3, 15), box(-7, 12, -6, 13), box(0, 18, 1, 19)],
        crs="EPSG:4326",
    )
    regions.to_file(tmp_path / "mli_admin1.geojson")
    report = install_boundaries(tmp_path)
    assert (report.version, report.date, report.unknown) == (
        "cod-v03",
        "2025-09-04",
        ("Nulle Part",),
    )
    assert _feature("ml-2023", "region", "ml-2023/bandiagara")["properties"]["basis"] == "official"
    assert _feature("ml-2012", "region", "ml-2012/ML01")["properties"]["basis"] == "point"


def test_a_second_version_adds_to_the_first(tmp_path: Path) -> None:
    _communes(COLUMNS[2019]).to_file(tmp_path / "adm3.geojson")
    install_boundaries(tmp_path / "adm3.geojson")
    table = gpd.GeoDataFrame(
        {"adm1_pcode": ["ML01"], "adm1_name1": ["Bandiagara"], "version": ["v03"]},
        geometry=[box(-4, 14, -3, 15)],
        crs="EPSG:4326",
    )
    table.to_file(tmp_path / "adm1.geojson")
    install_boundaries(tmp_path / "adm1.geojson")
    assert shapes.boundary_status()["versions"] == ["cod-2019", "cod-v03"]
    assert _feature("ml-2012", "commune", "ml-2012/ML070403")["properties"]["basis"] == "official"
    assert _feature("ml-2023", "region", "ml-2023/bandiagara")["properties"]["basis"] == "official"


def _nothing(tmp_path: Path) -> Path:
    return tmp_path / "absent.geojson"


def _text(tmp_path: Path) -> Path:
    path = tmp_path / "text.geojson"
    path.write_text("pas une carte", encoding="utf-8")
    return path


def _no_columns(tmp_path: Path) -> Path:
    gpd.GeoDataFrame({"nom": ["x"]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:4326").to_file(
        tmp_path / "lacs.geojson"
    )
    return tmp_path / "lacs.geojson"


def _no_crs(tmp_path: Path) -> Path:
    table = _communes(COLUMNS[2021]).to_crs("EPSG:32631")
    table.to_file(tmp_path / "adm3.shp")
    (tmp_path / "adm3.prj").unlink()
    return tmp_path / "adm3.shp"


def _broken_zip(tmp_path: Path) -> Path:
    path = tmp_path / "cod.zip"
    path.write_bytes(b"PK\x03\x04 tronque")
    return path


@pytest.mark.parametrize("make", [_nothing, _text, _no_columns, _no_crs, _broken_zip])
def test_a_useless_file_is_refused_in_one_line_and_what_was_installed_stays(
    make: Any, tmp_path: Path
) -> None:
    _communes(COLUMNS[2019]).to_file(tmp_path / "good.gpkg")
    install_boundaries(tmp_path / "good.gpkg")
    before = shapes.boundaries_folder()
    bad = make(tmp_path)
    with pytest.raises(GeodataError) as caught:
        install_boundaries(bad)
    assert bad.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert shapes.boundaries_folder() == before
    assert before is not None
    assert not list(before.parent.glob(".*-*"))


@needs_shared
def test_cod_2019_is_whole(real: InstallReport) -> None:
    assert real.counts == {"region": 9, "cercle": 50, "commune": 701}
    assert (real.date, real.missing, real.unknown, real.repaired) == ("2019-08-02", {}, (), ())


@needs_shared
@pytest.mark.parametrize(
    ("level", "limit"), [("region", 0.005), ("cercle", 0.005), ("commune", 0.06)]
)
def test_what_is_shown_keeps_its_area_and_its_neighbours(
    real: InstallReport, level: str, limit: float
) -> None:
    number = {"region": 1, "cercle": 2, "commune": 3}[level]
    exact = gpd.read_file(SHARED / "geodata" / "cod-ab-mli-2019" / f"adm{number}.geojson")
    exact = exact.set_index(f"admin{number}Pcode").to_crs(EQUAL_AREA).area
    shown = gpd.GeoDataFrame.from_features(
        json.loads(shapes.display_geojson("ml-2012", level))["features"], crs="EPSG:4326"
    )
    codes = shown["id"].str.removeprefix("ml-2012/")
    change = abs(shown.to_crs(EQUAL_AREA).area.values / exact[codes].values - 1)
    assert len(shown) == len(exact)
    assert change.max() < limit
    assert shapely.coverage_is_valid(shown.geometry.values)


@needs_shared
def test_new_regions_are_derived_from_communes(real: InstallReport) -> None:
    assert real.drawn["ml-2016/region"] == {"official": 7, "derived": 4}
    assert real.drawn["ml-2023/region"] == {"derived": 19, "point": 1}


@needs_shared
def test_a_point_lies_in_its_commune_in_any_frame(real: InstallReport) -> None:
    answer = resolve_place(lon=-3.61, lat=14.35, frame="ml-2023")
    assert (answer.unit_id, answer.how) == ("ml-2023/bandiagara-bandiagara", "coordinates")
    assert resolve_place(lon=2.35, lat=48.86, frame="ml-2012").unit_id is None


@needs_shared
def test_installing_twice_is_the_same_generation(
    real: InstallReport, cod_2019: tuple[Path, InstallReport]
) -> None:
    before = shapes.boundaries_folder()
    install_boundaries(SHARED / "geodata" / "cod-ab-mli-2019")
    assert shapes.boundaries_folder() == before
