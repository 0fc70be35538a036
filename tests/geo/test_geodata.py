"""The committed tables are what their README and their rules say."""

from __future__ import annotations

import re
import subprocess
import sys

import polars as pl
import pytest

from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.paths import data_root

README = (data_root() / "geodata" / "README.md").read_text(encoding="utf-8")


def _figure(row: str) -> list[int]:
    """Figures of the README's table row that begins with these words."""
    line = next(line for line in README.splitlines() if line.startswith(f"| {row} |"))
    cells = [cell.strip().replace(" ", "") for cell in line.split("|")[2:-1]]
    return [int(cell) for cell in cells if re.fullmatch(r"\d+", cell)]


@pytest.mark.parametrize("table", ["units", "codes", "crosswalk", "cercles_2023", "population"])
def test_the_readme_counts_the_rows_of_each_table(table: str) -> None:
    rows = pl.read_csv(data_root() / "geodata" / f"{table}.csv", infer_schema=False).height
    assert _figure(f"`{table}.csv`") == [rows]


@pytest.mark.parametrize("frame", FRAMES)
def test_the_readme_counts_the_units_of_each_frame(frame: str) -> None:
    assert _figure(f"`{frame}`") == [
        shipped_frames().units_at_level(frame, level).height for level in LEVELS
    ]


def test_the_readme_explains_every_certainty_with_its_count() -> None:
    for certainty, units in shipped_frames().units["certainty"].value_counts().iter_rows():
        assert _figure(f"`{certainty}`") == [units]


def test_points_are_rounded_and_inside_the_box_of_mali() -> None:
    placed = shipped_frames().units.drop_nulls("lon")
    assert (placed["lon"] == placed["lon"].round(2)).all()
    assert placed["lon"].is_between(-12.3, 4.3).all()
    assert placed["lat"].is_between(10.1, 25.1).all()


def test_every_code_and_crosswalk_row_names_a_unit() -> None:
    known = set(shipped_frames().units["unit_id"])
    assert set(shipped_frames().codes["unit_id"]) <= known
    for column in ("ml_2012", "ml_2016", "ml_2023"):
        assert shipped_frames().crosswalk[column].is_unique().all()
        assert set(shipped_frames().crosswalk[column]) <= known


def test_areas_of_the_2012_communes_add_up_to_their_regions() -> None:
    for region in shipped_frames().units_at_level("ml-2012", "region").iter_rows(named=True):
        communes = shipped_frames().units.filter(
            pl.col("unit_id").is_in(list(shipped_frames().units_inside(region["unit_id"]))),
            pl.col("level") == "commune",
        )
        assert communes["area_km2"].sum() == pytest.approx(region["area_km2"], rel=0.001, abs=3)


def test_reading_places_needs_no_geometry_library() -> None:
    code = (
        "import sys; import atlas.geo.resolve, atlas.geo.text, atlas.geo.shapes;"
        "atlas.geo.resolve.resolve_place(region='Gao', frame='ml-2016');"
        "print(sorted({'pandas', 'geopandas', 'shapely'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
