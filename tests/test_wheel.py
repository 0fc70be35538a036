"""The wheel works from any folder and lays nothing at the top of site-packages."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from atlas.ingest.templates import all_templates
from atlas.paths import data_root

ROOT = Path(__file__).parents[1]
PRINT_FONTS = ROOT / "assets" / "fonts" / "print"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(ROOT)]
    subprocess.run([sys.executable, *words, "-w", str(folder)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_source_tree_finds_its_own_geodata() -> None:
    assert data_root() == ROOT


def test_everything_in_the_wheel_is_under_atlas(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"atlas"}


def test_the_wheel_carries_the_templates(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"atlas/_data/docs/templates/{one.file}" for one in all_templates()} <= names


def test_the_wheel_carries_what_a_fiche_is_laid_out_with(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    fonts = {f"atlas/_data/assets/fonts/print/{one.name}" for one in PRINT_FONTS.glob("*.ttf")}
    assert {"atlas/export/fiche.typ", *fonts} <= names
    assert len(fonts) == 4


def test_the_unpacked_wheel_finds_its_data_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r});"
        "from atlas.geo.frames import shipped_frames; import atlas;"
        "print(atlas.__file__); print(shipped_frames().units_at_level('ml-2023', 'region').height)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert out[0].startswith(str(site))
    assert out[1] == "20"
