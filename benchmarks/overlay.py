"""Drawn facts over the official communes, beside the same areas by GeoPandas alone."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import polars as pl

from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.geo.frames import shipped_frames
from atlas.geo.install import install_boundaries
from atlas.geo.overlay import overlay_facts
from atlas.geo.shapes import EQUAL_AREA
from atlas.model import Tables
from benchmarks import timing
from benchmarks.synthetic import SECTORS, SOURCES, tables

POLYGONS = 200


def measure(shared: Path, rows: int) -> Iterator[timing.Row]:
    """200 synthetic circles over the communes of COD 2019: seconds, and the largest difference.

    Then a change of filter of the layer they feed, over so many synthetic activities.
    """
    communes = shared / "geodata" / "cod-ab-mli-2019" / "adm3.geojson"
    if not communes.is_file():
        return
    before = os.environ.get("ATLAS_GEODATA")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATLAS_GEODATA"] = folder
        try:
            install_boundaries(communes)
            yield from _measured(communes)
            yield from _layer(rows)
        finally:
            os.environ.pop("ATLAS_GEODATA")
            if before is not None:
                os.environ["ATLAS_GEODATA"] = before


def _measured(communes: Path) -> Iterator[timing.Row]:
    import geopandas as gpd

    shapes = _circles()
    facts = pl.DataFrame(
        {"fact": list(range(len(shapes))), "geometry": [s.wkt for s in shapes]},
        schema={"fact": pl.UInt32, "geometry": pl.String},
    )
    point = facts.head(1).with_columns(pl.lit("POINT (-4 15)").alias("geometry"))
    overlay_facts(point, "ml-2012")  # the boundaries are read once, as in a server
    start = perf_counter()
    found = overlay_facts(facts, "ml-2012").weights
    took = perf_counter() - start
    what, remark = f"{len(shapes)} polygons over 701 communes", "synthetic circles, COD 2019"
    yield what, "atlas", f"{took:.2f} s", f"{remark}; weights, outside and pieces"
    start = perf_counter()
    ground = gpd.read_file(communes).set_index("admin3Pcode").geometry.segmentize(0.1)
    drawn = gpd.GeoSeries(shapes, crs="EPSG:4326").segmentize(0.1).to_crs(EQUAL_AREA)
    left = gpd.GeoDataFrame({"fact": facts["fact"].to_list()}, geometry=drawn.values, crs=drawn.crs)
    right = ground.to_crs(EQUAL_AREA).rename("geometry").reset_index()
    cut = gpd.overlay(left, gpd.GeoDataFrame(right), keep_geom_type=True)
    took = perf_counter() - start
    yield what, "geopandas.overlay", f"{took:.2f} s", f"{remark}; areas alone, file read"
    whole = drawn.area
    theirs = {
        (fact, f"ml-2012/{code}"): area / whole[fact]
        for fact, code, area in zip(cut["fact"], cut["admin3Pcode"], cut.area, strict=True)
    }
    ours = {(f, u): w for f, u, w in found.select("fact", "unit_id", "area_weight").rows()}
    worst = max(abs(ours[key] / share - 1) for key, share in theirs.items() if share > 1e-9)
    sums = found.group_by("fact").agg(pl.col("area_weight").sum())["area_weight"]
    yield "largest relative difference of an area", "atlas", f"{worst:.1e}", "beside GeoPandas"
    yield "largest |Σ weights − 1|", "atlas", f"{(sums - 1).abs().max():.1e}", remark


def _layer(rows: int) -> Iterator[timing.Row]:
    """Median of random questions to the layer ``access``, caches emptied."""
    made = tables(rows)
    dataset = Dataset.from_tables(Tables(**(dict(made.items()) | {"context": _facts(made)})))
    dice, took = random.Random(1), []
    dataset.ask("access", frame="ml-2016", level="commune")
    for _ask in range(15):
        filters = Filters(sector=(dice.choice(SECTORS),), source=(dice.choice(SOURCES),))
        dataset.clear_cache()
        start = perf_counter()
        dataset.ask("access", filters, frame="ml-2016", level="commune")
        took.append(perf_counter() - start)
    remark = f"{rows:,} synthetic activities, {POLYGONS} shapes, 701 facts, 100 no-go communes"
    yield "filter change, access", "atlas", f"{median(took) * 1000:.0f} ms", remark


def _facts(made: Tables) -> pl.DataFrame:
    """Synthetic: a severity of each shape and each commune, and zones that forbid."""
    stated = {"document": "d", "as_of": made.documents["as_of"].max()}
    scaled = {"kind": "access", "scale": "ACAPS", "direction": "higher_is_worse", **stated}
    units = shipped_frames().units_at_level("ml-2016", "commune")["unit_id"]
    drawn = [
        {**scaled, "value": float(n % 5), "geometry": shape.wkt}
        for n, shape in enumerate(_circles())
    ]
    said = [{**scaled, "value": float(n % 5), "unit_id": unit} for n, unit in enumerate(units)]
    forbidden = {"kind": "security", "indicator": "no-go", "value": 1.0, **stated}
    zones = [{**forbidden, "unit_id": unit} for unit in units[:100]]
    return Tables.of(context=[*drawn, *said, *zones]).context


def _circles() -> list[Any]:
    from shapely.geometry import Point

    return [Point(-11 + 0.7 * (n % 20), 11 + 0.55 * (n // 20)).buffer(0.4) for n in range(POLYGONS)]
