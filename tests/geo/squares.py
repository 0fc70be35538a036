"""Synthetic boundaries: the four communes of Ménaka as squares of one degree."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry import box

from atlas.geo.install import install

MENAKA = ("ML070401", "ML070402", "ML070403", "ML070404")


def install_squares(root: Path) -> None:
    """Install them, from 2 to 6° E and from 16 to 17° N."""
    shapes = [box(2 + n, 16, 3 + n, 17) for n in range(4)]
    names = {"admin3Pcode": MENAKA, "admin3Name_fr": MENAKA, "admin2Pcode": ["ML0704"] * 4}
    gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326").to_file(root / "adm3.geojson")
    install(root / "adm3.geojson")
