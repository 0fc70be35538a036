"""Synthetic boundaries, made of squares."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry import Polygon, box

from atlas.geo.frames import shipped_frames
from atlas.geo.install import InstallReport, install_boundaries

MENAKA = ("ML070401", "ML070402", "ML070403", "ML070404")


def install_squares(root: Path) -> None:
    """Install the four communes of Ménaka, from 2 to 6° E and from 16 to 17° N."""
    shapes = [box(2 + n, 16, 3 + n, 17) for n in range(4)]
    names = {"admin3Pcode": MENAKA, "admin3Name_fr": MENAKA, "admin2Pcode": ["ML0704"] * 4}
    gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326").to_file(root / "adm3.geojson")
    install_boundaries(root / "adm3.geojson")


def grid_of_communes() -> gpd.GeoDataFrame:
    """Synthetic: the 701 communes of COD 2019 as cells of a grid, those of a cercle side by side."""
    codes = sorted(shipped_frames().units_at_level("ml-2012", "commune")["pcode"])
    cells = [_cell(n) for n in range(len(codes))]
    names = {"admin3Pcode": codes, "admin3Name_fr": codes, "admin2Pcode": [c[:6] for c in codes]}
    return gpd.GeoDataFrame(names, geometry=cells, crs="EPSG:4326")


def v03(lacking: str = "") -> dict[str, gpd.GeoDataFrame]:
    """Synthetic: v03 of the official boundaries, every région and cercle of 2023 a cell.

    Parameters
    ----------
    lacking
        A cercle whose name is none of the frame's.
    """
    layers = {}
    for number, level in ((1, "region"), (2, "cercle")):
        rows = shipped_frames().units_at_level("ml-2023", level).to_dicts()
        table = {"version": ["v03"] * len(rows), "valid_on": ["2025-09-04"] * len(rows)}
        if number == 1:
            table["adm1_name1"] = [r["name"] for r in rows]
        else:
            table["adm1_name1"] = [shipped_frames().unit_label(r["parent"]) for r in rows]
            table["adm2_name1"] = ["?" if r["unit_id"] == lacking else r["name"] for r in rows]
        table[f"adm{number}_pcode"] = [f"ML{n:02d}" for n in range(len(rows))]
        cells = [_cell(n) for n in range(len(rows))]
        layers[level] = gpd.GeoDataFrame(table, geometry=cells, crs="EPSG:4326")
    return layers


def install_layers(root: Path, *layers: gpd.GeoDataFrame) -> InstallReport:
    """Write layers into a folder and install it."""
    root.mkdir(exist_ok=True)
    for n, layer in enumerate(layers):
        layer.to_file(root / f"layer{n}.geojson")
    return install_boundaries(root)


def _cell(n: int) -> Polygon:
    west, south = -11 + n % 27 * 0.5, 11 + n // 27 * 0.5
    return box(west, south, west + 0.5, south + 0.5)
