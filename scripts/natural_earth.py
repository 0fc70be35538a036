"""The embedded shapes: Natural Earth régions, outline, rivers and towns of Mali."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely import set_precision, to_geojson, unary_union
from shapely.geometry import shape

GRID = 0.001  # degrees, about 100 m: finer than the drawing at 1:10 million is sure of
CODES = {
    "Kayes": "ML01", "Koulikoro": "ML02", "Sikasso": "ML03", "Ségou": "ML04", "Mopti": "ML05",
    "Timbuktu": "ML06", "Gao": "ML07", "Kidal": "ML08", "Bamako": "ML09",
}  # fmt: skip
RIVERS = {"Komo?": "Comoé", "Bago?": "Bagoé", "Baoul?": "Baoulé", "S?n?gal": "Sénégal"}
TOWNS = {
    "Menaka": "Ménaka", "Timbuktu": "Tombouctou", "Bafoulabe": "Bafoulabé", "Segou": "Ségou",
    "Yelimane": "Yélimané", "Djenne": "Djenné", "Taoudenni": "Taoudénit",
}  # fmt: skip


def _read(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def _feature(geometry: Any, **properties: object) -> dict[str, Any]:
    snapped = json.loads(to_geojson(set_precision(geometry, GRID)))
    return {"type": "Feature", "properties": properties, "geometry": _rounded(snapped)}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 3) if isinstance(value, float) else value


def _write(path: Path, features: list[dict[str, Any]]) -> None:
    data = {"type": "FeatureCollection", "features": features}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def build(source: Path, out: Path) -> None:
    """Write régions, outline, rivers and towns, names mended, 0.001° grid."""
    out.mkdir(parents=True, exist_ok=True)
    regions = {
        f["properties"]["name"]: shape(f["geometry"]) for f in _read(source / "admin1.geojson")
    }
    _write(
        out / "regions.geojson",
        [_feature(g, id=f"ml-2012/{CODES[n]}") for n, g in sorted(regions.items())],
    )
    _write(out / "outline.geojson", [_feature(unary_union(list(regions.values())), name="Mali")])
    rivers = [
        _feature(
            shape(f["geometry"]), name=RIVERS.get(f["properties"]["name"], f["properties"]["name"])
        )
        for f in _read(source / "rivers.geojson")
    ]
    _write(out / "rivers.geojson", rivers)
    towns = []
    for f in _read(source / "places.geojson"):
        p = f["properties"]
        name = TOWNS.get(p["name"], p["name"])
        towns.append(_feature(shape(f["geometry"]), name=name, rank=p["scalerank"]))
    _write(
        out / "towns.geojson",
        sorted(towns, key=lambda t: (t["properties"]["rank"], t["properties"]["name"])),
    )
