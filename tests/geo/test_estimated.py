"""Cercles of 2023 drawn from lists and neighbours: never a gap, never a figure."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import polars as pl
import pytest
import shapely
from shapely.geometry import Polygon, box

from atlas.cli.output import show_geodata
from atlas.filters import Filters
from atlas.geo import background, estimated, shapes
from atlas.geo import frames as frames_module
from atlas.geo.estimated import ESTIMATED, LISTED, cercle_memberships, composed_cercles
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.geo.generations import damaged_file, is_outdated
from atlas.geo.install import InstallReport, redraw_outdated
from atlas.geo.shapes import EQUAL_AREA
from atlas.layers import LAYERS
from atlas.paths import boundaries_root, data_root
from tests.conftest import needs_shared
from tests.geo.squares import grid_of_communes, install_layers, v03
from tests.layers.made import activity, dataset_of, fact

DOUENTZA = "ml-2023/douentza"
AREA = "POLYGON((-9 17,-9 21,-3 21,-3 17,-9 17))"
BORE = "ml-2023/cercle-bore"


# the table


def test_each_commune_of_2019_stands_in_the_table_once() -> None:
    assert sorted(cercle_memberships()["cod_2019"]) == sorted(
        shipped_frames().crosswalk["cod_2019"]
    )


def test_no_commune_is_drawn_outside_its_region_or_beside_its_known_cercle() -> None:
    for row in cercle_memberships().drop_nulls("cercle").to_dicts():
        commune = f"ml-2012/{row['cod_2019']}"
        region = shipped_frames().converted_unit(commune, "ml-2023", "region")
        cercle = shipped_frames().converted_unit(commune, "ml-2023", "cercle")
        assert shipped_frames().unit_by_id(row["cercle"]).parent == region
        assert cercle in (row["cercle"], "_coarser")


def test_each_basis_has_as_many_communes_as_the_readme_says() -> None:
    readme = (data_root() / "geodata" / "README.md").read_text(encoding="utf-8")
    for basis, communes in cercle_memberships()["basis"].value_counts().iter_rows():
        assert f"| `{basis}` | {communes} |" in readme
    assert f"read {estimated.AS_OF}" in readme


# what is put together


def _row(*codes: str) -> dict[str, Polygon]:
    """Communes as squares of one unit side by side, from west to east."""
    return {code: box(n, 0, n + 1, 1) for n, code in enumerate(codes)}


def test_a_cercle_is_estimated_where_any_of_its_communes_is_in_no_list() -> None:
    made = composed_cercles(_row("ML070304", "ML070303", "ML070302", "ML070301", "ML070305"))
    assert {unit: basis for unit, (_shape, basis) in made.cercles.items()} == {
        "ml-2023/cercle-gao": LISTED,  # ML070303 and ML070304, of one list
        "ml-2023/cercle-gabero": ESTIMATED,  # ML070301 by its neighbours
        "ml-2023/cercle-ntillit": ESTIMATED,  # ML070305 by its name
    }


def test_a_limit_is_estimated_beside_a_commune_that_is_in_no_list() -> None:
    made = composed_cercles(_row("ML070304", "ML070303", "ML070302", "ML070301", "ML070305"))
    assert [line.bounds for line in made.limits] == [(4, 0, 4, 1)]  # not x = 2: both are listed


def test_the_limit_of_a_region_is_never_estimated() -> None:
    hombori, ntillit = "ML050409", "ML070305"  # both estimated, of Douentza and of Gao
    assert composed_cercles(_row(hombori, ntillit)).limits == []


def test_a_cercle_of_which_a_commune_is_absent_is_not_drawn() -> None:
    assert composed_cercles(_row("ML070303")).cercles == {}


# the whole country, synthetic

CELL = 0.25
"""Square degrees of a commune of the grid."""


@pytest.fixture(scope="module")
def _grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("grid")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_GEODATA", str(root / "geodata"))
        install_layers(root / "communes", grid_of_communes())
    return root


@pytest.fixture
def grid(_grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Boundaries of the synthetic country, installed in a folder of the test's own."""
    shutil.copytree(_grid / "geodata", tmp_path / "geodata")
    monkeypatch.setenv("ATLAS_GEODATA", str(tmp_path / "geodata"))
    return tmp_path


def _features(level: str, frame: str = "ml-2023") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shapes.display_geojson(frame, level))["features"]
    return found


def _polygons(level: str) -> gpd.GeoDataFrame:
    """What covers ground on the map of a level: units, and ground of no known unit."""
    drawn = gpd.GeoDataFrame.from_features(_features(level), crs="EPSG:4326")
    return drawn[drawn.geom_type.isin(("Polygon", "MultiPolygon"))].reset_index(drop=True)


def test_the_ground_of_every_commune_is_drawn_once(grid: Path) -> None:
    cercles = _polygons("cercle")
    communes = Counter(
        row["cercle"]
        or shipped_frames().converted_unit(f"ml-2012/{row['cod_2019']}", "ml-2023", "region")
        for row in cercle_memberships().to_dicts()
    )
    measured = shapely.area(cercles.geometry.values).round(6)
    areas = dict(zip(cercles["id"], measured, strict=True))
    assert areas == {unit: n * CELL for unit, n in communes.items()}
    assert sum(areas.values()) == 701 * CELL


def test_139_cercles_have_a_territory_and_only_the_others_are_circles(grid: Path) -> None:
    assert shapes.count_by_basis("ml-2023", "cercle") == {
        "derived": 4, "listed": 64, "estimated": 71, "point": 3, "none": 18,
    }  # fmt: skip
    circles = [f["id"] for f in _features("cercle") if f["geometry"]["type"] == "Point"]
    assert sorted(circles) == [
        "ml-2023/cercle-araouane", "ml-2023/cercle-bamako", "ml-2023/cercle-taoudenni",
    ]  # fmt: skip


def test_ground_of_no_known_cercle_bears_the_name_of_its_region(grid: Path) -> None:
    (ground,) = [f for f in _features("cercle") if f["properties"].get("id") == DOUENTZA]
    assert ground["properties"] == {
        "id": DOUENTZA, "name": "Douentza", "level": "cercle", "basis": "unassigned",
    }  # fmt: skip
    assert DOUENTZA not in [f["id"] for f in shapes.displayed_unit_features("ml-2023", "cercle")]


def test_other_maps_have_nothing_estimated(grid: Path) -> None:
    for frame in FRAMES:
        for level in LEVELS:
            if (frame, level) != ("ml-2023", "cercle"):
                bases = {f["properties"]["basis"] for f in _features(level, frame)}
                assert bases <= {"official", "derived", "point"}


# never a figure


def test_conversions_are_the_same_without_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data_root() / "geodata", tmp_path / "geodata")
    (tmp_path / "geodata" / estimated.TABLE).unlink()
    monkeypatch.setattr(frames_module, "data_root", lambda: tmp_path)
    without = shipped_frames.__wrapped__()
    for frame in FRAMES:
        for level in LEVELS:
            assert without.conversion_targets(frame, level).equals(
                shipped_frames().conversion_targets(frame, level)
            )


def test_answers_are_the_same_whether_or_not_anything_is_estimated(
    grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commune by its neighbours in Boré, a point in it, and an area over both cercles."""
    data = dataset_of(
        activity("Puits", "ml-2012/ML050405", usd=1_000),
        activity("École", "ml-2012/ML050402", usd=10_000),
        context=(
            fact("access", indicator="military-operation", geometry=AREA, value=3.0),
            fact("needs", "ml-2012/ML050405", indicator="in-need", value=500.0),
        ),
    )
    asked = [(layer, "ml-2023", level) for layer in LAYERS for level in ("region", "cercle")]
    assert shapes.count_by_basis("ml-2023", "cercle")["estimated"] == 71
    with_table = [data.ask(layer, Filters(), *place) for layer, *place in asked]
    nothing = cercle_memberships().with_columns(pl.lit(None, pl.String).alias("cercle"))
    monkeypatch.setattr(estimated, "cercle_memberships", lambda: nothing)
    install_layers(grid / "communes", grid_of_communes())
    assert "estimated" not in shapes.count_by_basis("ml-2023", "cercle")
    for before, (layer, *place) in zip(with_table, asked, strict=True):
        assert data.ask(layer, Filters(), *place).table.equals(before.table)
    budget = data.ask("budget", Filters(), "ml-2023", "cercle").table
    usd = dict(budget.select("unit_id", "budget_usd").iter_rows())
    assert (usd[BORE], usd["_coarser"]) == (100, 10)


# official boundaries of 2023, synthetic


def test_v03_replaces_all_that_was_estimated_and_says_what_it_redrew(grid: Path) -> None:
    before = {f: _features("cercle", f) for f in ("ml-2012", "ml-2016")}
    report = install_layers(grid / "v03", *v03().values())
    assert report.unknown == ()
    assert shapes.count_by_basis("ml-2023", "region") == {"official": 20}
    assert {f["properties"]["basis"] for f in _features("cercle")} == {"official"}
    assert len(_features("cercle")) == 160
    assert {f: _features("cercle", f) for f in before} == before
    assert [line for line in report.report_lines() if line.startswith("Redessinés")] == [
        "Redessinés, ml-2023/region (20 sur 20) : tous.",
        "Redessinés, ml-2023/cercle (160 sur 160) : tous.",
    ]
    drawn = {name: len(units) for name, units in shapes.units_by_version()["cod-v03"].items()}
    assert drawn == {"ml-2023/region": 20, "ml-2023/cercle": 160}


def test_a_cercle_that_v03_lacks_is_not_estimated_beside_the_official_ones(grid: Path) -> None:
    report = install_layers(grid / "v03", *v03(lacking=BORE).values())
    assert (report.unknown, report.missing["cercle"]) == (("?",), ("Boré",))
    assert shapes.count_by_basis("ml-2023", "cercle") == {"official": 159, "point": 1}
    (said,) = [
        line for line in report.report_lines() if line.startswith("Redessinés, ml-2023/cercle")
    ]
    assert said == "Redessinés, ml-2023/cercle (159 sur 160) : tous sauf Boré."


def test_official_regions_alone_leave_the_cercles_estimated(grid: Path) -> None:
    install_layers(grid / "v03", v03()["region"])
    assert shapes.count_by_basis("ml-2023", "region") == {"official": 20}
    assert shapes.count_by_basis("ml-2023", "cercle")["estimated"] == 71


def test_communes_of_2023_never_redraw_what_an_older_version_publishes(grid: Path) -> None:
    before = {f: [_features(level, f) for level in LEVELS] for f in ("ml-2012", "ml-2016")}
    communes = v03()["cercle"].iloc[:4].assign(
        adm1_name1="Ménaka",
        adm2_name1=["Ménaka", "Andéramboukane", "Inékar", "Tidermène"],
        adm3_name1=["Ménaka", "Andéramboukane", "Inékar", "Tidermène"],
        adm3_pcode=["1", "2", "3", "4"],
    )  # fmt: skip
    report = install_layers(grid / "v03", *v03().values(), communes)
    assert report.counts == {"region": 20, "cercle": 160, "commune": 4}
    assert report.redrawn["ml-2023/commune"] == tuple(
        f"ml-2023/{name}-menaka" for name in ("anderamboukane", "inekar", "menaka", "tidermene")
    )
    assert {f: [_features(level, f) for level in LEVELS] for f in before} == before


def test_the_same_boundaries_redraw_nothing(grid: Path) -> None:
    assert install_layers(grid / "communes", grid_of_communes()).redrawn == {}


def test_status_names_what_a_version_draws_and_what_it_does_not(
    grid: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install_layers(grid / "v03", *v03(lacking=BORE).values())
    show_geodata()
    said = capsys.readouterr().out.splitlines()
    assert "cod-v03 dessine ml-2023/region : 20 sur 20" in said
    assert "cod-v03 dessine ml-2023/cercle : 159 sur 160 (sans Boré)" in said


# boundaries that an older program installed


def _of_an_older_program() -> Path:
    """What is installed, as if a program without the table had drawn it."""
    installed = shapes.boundaries_folder()
    assert installed is not None
    folder = installed.rename(installed.with_name("older"))
    (boundaries_root() / "current").write_text("older", encoding="utf-8")
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    meta.pop("tables")
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    (folder / "files.json").unlink()  # it kept no list of its files
    return folder


def test_what_an_older_program_drew_is_drawn_again_even_offline(
    grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _of_an_older_program()
    now = shapes.count_by_basis("ml-2023", "cercle")
    started: list[list[str]] = []
    monkeypatch.setattr(background, "_start_detached", lambda words, _log: started.append(words))
    assert is_outdated(boundaries_root())
    assert background.start_in_background() is True
    assert redraw_outdated() is True
    assert shapes.count_by_basis("ml-2023", "cercle") == now
    assert not is_outdated(boundaries_root())
    assert redraw_outdated() is False
    assert len(started) == 1
    assert background.start_in_background() is False


# the real boundaries of 2019


@needs_shared
def test_the_cercles_of_2023_are_a_whole_without_gap_or_overlap(real: InstallReport) -> None:
    cercles = _polygons("cercle")
    assert cercles.geometry.is_valid.all()
    assert shapely.coverage_is_valid(cercles.geometry.values)
    assert real.bytes["ml-2023/cercle"] < 330_000
    communes = _polygons("commune").geometry.representative_point()
    inside, _cercle = cercles.sindex.query(communes, predicate="within")
    assert sorted(inside) == list(range(701)), "each commune lies in one cercle, or in none known"


@needs_shared
def test_areas_of_the_cercles_of_a_region_add_up_to_the_region(real: InstallReport) -> None:
    cercles, regions = _polygons("cercle"), _polygons("region")
    above = [unit if basis == "unassigned" else shipped_frames().unit_by_id(unit).parent
             for unit, basis in zip(cercles["id"], cercles["basis"], strict=True)]  # fmt: skip
    added = cercles.to_crs(EQUAL_AREA).area.groupby(above).sum()
    assert added.drop("ml-2023/bamako").to_dict() == pytest.approx(
        dict(zip(regions["id"], regions.to_crs(EQUAL_AREA).area, strict=True)), rel=1e-4
    )


def test_what_cannot_be_drawn_again_is_said_and_stays(grid: Path) -> None:
    folder = _of_an_older_program()
    for layer in (folder / "full").glob("*.gpkg"):
        layer.write_bytes(b"cut")
    assert redraw_outdated() is False
    assert damaged_file(folder)
    assert shapes.boundaries_folder() == folder
    (folder / "meta.json").write_text("{", encoding="utf-8")
    assert not is_outdated(boundaries_root())


@pytest.mark.parametrize("file", ["meta.json", "display/ml-2023-cercle.geojson"])
def test_boundaries_are_installed_over_damaged_ones(grid: Path, file: str) -> None:
    folder = _of_an_older_program()
    (folder / file).write_bytes(b"{")
    install_layers(grid / "v03", *v03().values())
    assert shapes.count_by_basis("ml-2023", "cercle") == {"official": 160}
