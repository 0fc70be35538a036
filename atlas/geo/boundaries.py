"""Official boundary files: read in any format, matched to units, simplified for drawing.

Loads GeoPandas: imported where boundaries are installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pyogrio
import shapely
from pyproj import Transformer

from atlas.errors import GeodataError
from atlas.geo import estimated
from atlas.geo.frames import FRAME_OF, FRAMES, LEVELS, shipped_frames
from atlas.geo.resolve import resolve_place
from atlas.geo.shapes import EQUAL_AREA, LIMIT, LONLAT, UNASSIGNED, GeoFeature, non_unit_feature
from atlas.i18n import _

_CODE = re.compile(r"adm(?:in)?_?([123])_?p?code?", re.IGNORECASE)  # Shapefiles keep "Pcod"
_NAME = re.compile(r"adm(?:in)?_?([123])_?(name_?fr|fr|name1?|name_?en|en)", re.IGNORECASE)
_PREFERRED = ("name_fr", "namefr", "fr", "name", "name1", "name_en", "nameen", "en")
_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
_DATES = ("valid_on", "validon", "date")
_TO_DEGREES = Transformer.from_crs(EQUAL_AREA, LONLAT, always_xy=True)
MAX_UNZIPPED = 4 * 2**30
"""Bytes a zip may unfold to: full national boundaries take a hundredth of this."""


@dataclass
class BoundaryLayer:
    """One level of a boundary file.

    Attributes
    ----------
    table
        GeoDataFrame in longitude and latitude with ``code1..3`` and ``name1..3`` as far as
        the file has them.
    repaired
        Names of features whose geometry was invalid and has been mended.
    """

    level: str
    table: Any
    source: str
    version: str = ""
    date: str = ""
    repaired: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def level_number(self) -> int:
        """1 for régions, 2 for cercles, 3 for communes."""
        return LEVELS.index(self.level) + 1


def read_layers(path: Path, work: Path) -> dict[str, BoundaryLayer]:
    """Administrative layers of a file, folder or zip.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile, a folder of them or a zip of them.
    work
        Empty folder to unzip into.

    Returns
    -------
    dict
        Level → layer; where two files hold a level, the one with more units.

    Raises
    ------
    GeodataError
        Nothing readable, no administrative columns, or a geometry without known place.
    """
    if not path.exists():
        raise GeodataError(
            _("{file} : introuvable", file=path.name), "", _("Vérifiez le chemin indiqué.")
        )
    found: dict[str, BoundaryLayer] = {}
    seen: list[str] = []
    for file in _boundary_files(path, work):
        for table in _feature_tables(file):
            layer = _layer_of_table(table, file.name)
            if layer is None:
                seen += [str(c) for c in table.columns if c != "geometry"][:6]
            elif layer.level not in found or len(layer.table) > len(found[layer.level].table):
                found[layer.level] = layer
    if not found:
        raise GeodataError(
            _("{file} : aucune limite administrative", file=path.name),
            _("colonnes lues : {columns}", columns=", ".join(dict.fromkeys(seen)) or "—"),
            _("Il faut des colonnes comme admin1Pcode, ADM1_PCODE ou adm1_pcode."),
        )
    return found


def _boundary_files(path: Path, work: Path) -> Iterator[Path]:
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and inner.suffix.lower() in (*_SUFFIXES, ".zip"):
                yield from _boundary_files(inner, work)
    elif path.suffix.lower() == ".zip":
        yield from _boundary_files(_unzipped_folder(path, work), work)
    else:
        yield path


def _unzipped_folder(path: Path, work: Path) -> Path:
    folder = work / f"{len(list(work.iterdir()))}-{path.stem}"
    try:
        with ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNZIPPED:
                raise GeodataError(_("{file} : archive démesurée", file=path.name))
            archive.extractall(folder)
    except BadZipFile as error:
        raise _unreadable_error(path, error) from error
    return folder


def _unreadable_error(path: Path, error: Exception) -> GeodataError:
    return GeodataError(
        _("{file} : illisible", file=path.name),
        str(error).splitlines()[0] if str(error) else type(error).__name__,
        _("Il faut un GeoJSON, un GeoPackage, un Shapefile, ou un zip de ceux-ci."),
    )


def _feature_tables(file: Path) -> Iterator[Any]:
    try:
        names = [name for name, _kind in pyogrio.list_layers(file)]
        for name in names:
            table = gpd.read_file(file, layer=name)
            if "geometry" in table.columns and len(table):
                yield table
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _unreadable_error(file, error) from error


def _layer_of_table(table: Any, file: str) -> BoundaryLayer | None:
    columns = _code_and_name_columns([str(c) for c in table.columns])
    numbers = [n for kind, n in columns if kind == "code"]
    if not numbers:
        return None
    level = LEVELS[max(numbers) - 1]
    renamed = {column: f"{kind}{n}" for (kind, n), column in columns.items()}
    version, date = _only_value(table, ("version", "cod_version")), _boundary_date(table)
    kept = table[[*renamed, "geometry"]].rename(columns=renamed)
    kept = _in_degrees(kept, file)
    areas = kept.geometry.geom_type.isin(("Polygon", "MultiPolygon"))  # no lines, no points
    kept = kept[areas & ~kept.geometry.is_empty].reset_index(drop=True)
    if kept.empty:
        return None
    mended, names = _repaired_geometry(kept, max(numbers))
    return BoundaryLayer(level, mended, file, version, date, names)


def _code_and_name_columns(names: list[str]) -> dict[tuple[str, int], str]:
    """``(code or name, level number)`` → the column that holds it, best first."""
    found: dict[tuple[str, int], str] = {}
    rank: dict[int, int] = {}
    for name in names:
        if match := _CODE.fullmatch(name):
            found.setdefault(("code", int(match[1])), name)
        elif match := _NAME.fullmatch(name):
            number, kind = int(match[1]), _PREFERRED.index(match[2].lower())
            if kind < rank.get(number, len(_PREFERRED)):
                found["name", number], rank[number] = name, kind
    return found


def _only_value(table: Any, columns: tuple[str, ...]) -> str:
    by_lower = {str(c).lower(): c for c in table.columns}
    for column in columns:
        if column in by_lower:
            values = table[by_lower[column]].dropna().astype(str).unique()
            if len(values) == 1:
                return str(values[0])
    return ""


def _boundary_date(table: Any) -> str:
    """ISO day of the boundaries; files of 2019 give milliseconds since 1970."""
    said = _only_value(table, _DATES)
    if not said:
        return ""
    number = said.removesuffix(".0")
    parsed = (
        pd.to_datetime(int(number), unit="ms", errors="coerce")
        if number.isdigit() and len(number) > 8
        else pd.to_datetime(said, errors="coerce")
    )
    return "" if pd.isna(parsed) else str(parsed.date())


def _in_degrees(table: Any, file: str) -> Any:
    west, south, east, north = table.total_bounds
    if table.crs is None:
        if west < -180 or east > 180 or south < -90 or north > 90:
            raise GeodataError(
                _("{file} : système de coordonnées inconnu", file=file),
                _("aucun CRS indiqué et des valeurs hors des degrés"),
                _("Joignez le fichier .prj ou enregistrez en EPSG:4326."),
            )
        table = table.set_crs(LONLAT)
    return table.to_crs(LONLAT)


def _repaired_geometry(table: Any, number: int) -> tuple[Any, tuple[str, ...]]:
    """Mend invalid geometry, keeping its polygons; name what was mended."""
    broken = ~table.geometry.is_valid
    if broken.any():
        mended = shapely.make_valid(table.geometry[broken].values)
        polygons = [_polygon_parts(geometry) for geometry in mended]
        table.loc[broken, "geometry"] = polygons
    label = f"name{number}" if f"name{number}" in table.columns else f"code{number}"
    return table, tuple(str(n) for n in table.loc[broken, label])


def _polygon_parts(geometry: Any) -> Any:
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else geometry


"""The frame that a version of the COD draws."""


@dataclass(frozen=True)
class MatchedLayers:
    """What a file was recognised as; each layer's table has got a ``unit_id``."""

    version: str
    missing: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]


def match_layers(layers: Mapping[str, BoundaryLayer]) -> MatchedLayers:
    """Give every feature its unit id (null when it is no unit), and say what is missing."""
    version = cod_version_of(layers)
    frame = FRAME_OF[version]
    unknown: list[str] = []
    missing: dict[str, tuple[str, ...]] = {}
    for level, layer in layers.items():
        ids = _units_by_name(layer) if version == "cod-v03" else _units_by_code(layer, version)
        layer.table["unit_id"] = ids
        labels = layer.table.get(
            f"name{layer.level_number}", layer.table[f"code{layer.level_number}"]
        )
        unknown += [str(n) for n, i in zip(labels, ids, strict=True) if i is None]
        lacking = set(_expected_units(version, frame, level)) - {i for i in ids if i}
        if lacking:
            missing[level] = tuple(sorted(shipped_frames().unit_label(u) for u in lacking))
    return MatchedLayers(version, missing, tuple(unknown))


def cod_version_of(layers: Mapping[str, BoundaryLayer]) -> str:
    """The COD version that the layers are of, from what they hold."""
    for layer in layers.values():
        if layer.version.lower().startswith(("v03", "v3", "3")):
            return "cod-v03"
        regions = set(layer.table["code1"].dropna()) if "code1" in layer.table else set()
        if len(regions) >= 15:
            return "cod-v03"
        if "ML10" in regions or any(str(c).startswith("ML10") for c in regions):
            return "cod-2021"
    return "cod-2019"


def _units_by_code(layer: BoundaryLayer, version: str) -> list[str | None]:
    """Unit of each feature by its code, preferring the frame the version draws."""
    rows = shipped_frames().codes.filter(
        pl.col("scheme").is_in([version, "cod-2019"]), pl.col("same_territory")
    )
    known: dict[str, str] = {}
    for scheme, frame in (("cod-2019", "ml-2012"), ("cod-2019", "ml-2016"), (version, "ml-2012"),
                          (version, FRAME_OF[version])):  # fmt: skip
        chosen = rows.filter(
            pl.col("scheme") == scheme, pl.col("unit_id").str.starts_with(frame + "/")
        )
        known |= dict(chosen.select("code", "unit_id").iter_rows())
    return [known.get(str(code)) for code in layer.table[f"code{layer.level_number}"]]


def _units_by_name(layer: BoundaryLayer) -> list[str | None]:
    """Unit of 2023 of each feature by its name inside its parents."""
    found: list[str | None] = []
    for row in layer.table.to_dict("records"):
        cells = {lv: _text_or_empty(row.get(f"name{n}")) for n, lv in enumerate(LEVELS, start=1)}
        answer = resolve_place(
            region=cells["region"],
            cercle=cells["cercle"],
            commune=cells["commune"],
            frame="ml-2023",
        )
        fits = answer.unit_id is not None and answer.level == layer.level
        found.append(answer.unit_id if fits and str(answer.unit_id).startswith("ml-2023") else None)
    return _without_double_claims(found)


def _without_double_claims(ids: list[str | None]) -> list[str | None]:
    """Two features that claim one unit are both unknown."""
    return [i if i is None or ids.count(i) == 1 else None for i in ids]


def _text_or_empty(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _expected_units(version: str, frame: str, level: str) -> list[str]:
    """Units that a complete file of this version draws."""
    table = shipped_frames().units_at_level(frame, level)
    if version == "cod-v03":
        return list(table["unit_id"])
    codes = shipped_frames().codes.filter(
        pl.col("scheme").is_in([version, "cod-2019"]), pl.col("same_territory")
    )
    return list(table.filter(pl.col("unit_id").is_in(codes["unit_id"].implode()))["unit_id"])


TOLERANCE = 500.0
"""Metres of `shapely.coverage_simplify`: no commune of COD 2019 changes its area by more
than 5.4 %, no cercle or région by more than 0.12 % (at 700 m a commune loses 16 %)."""
DIGITS = 4
"""Decimals of a degree kept: 11 m."""
VERSIONS = ("cod-v03", "cod-2021", "cod-2019")
"""Newest first. Of the files that draw a unit, one that publishes it goes before one that only
has its ground, then one of its découpage or an older before one of a newer, then the newer: no
new boundaries move a découpage that was there before them."""

AreaErrors = dict[str, float]
UnitShapes = dict[str, tuple[Any, str]]


@dataclass
class DrawnUnits:
    """What the full layers of a folder draw.

    Attributes
    ----------
    shapes
        Unit id → (GeoJSON geometry, basis).
    versions
        Unit id → the version that draws it.
    errors
        Version → level → largest relative change of area.
    extra_features
        Frame and level → features that are no unit: ground that no unit is known of,
        limits that are estimated.
    """

    shapes: UnitShapes = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, AreaErrors] = field(default_factory=dict)
    extra_features: dict[tuple[str, str], list[GeoFeature]] = field(default_factory=dict)


def unit_shapes(full: Path) -> DrawnUnits:
    """Shapes of every unit that the full layers of a folder can draw.

    Parameters
    ----------
    full
        Folder of ``<version>-<level>.gpkg``.
    """
    made = DrawnUnits()
    pieces: dict[str, dict[str, Any]] = {}
    drawn: dict[str, UnitShapes] = {}
    for version in VERSIONS:
        if layers := _projected_layers(full, version):
            official, made.errors[version] = _official_shapes(layers)
            pieces[version] = _communes_by_code(official)
            drawn[version] = _published_and_composed(version, official, pieces[version])
    made.versions = _best_versions(drawn)
    found = {unit_id: drawn[version][unit_id] for unit_id, version in made.versions.items()}
    if pieces and not _officially_drawn(found):
        version = max(pieces, key=lambda name: len(pieces[name]))
        _add_estimated_cercles(pieces[version], found, made.extra_features)
        made.versions |= dict.fromkeys(found.keys() - made.versions.keys(), version)
    made.shapes = {u: (_geojson_geometry(g), basis) for u, (g, basis) in found.items()}
    return made


def _published_and_composed(
    version: str, official: Mapping[str, Any], pieces: Mapping[str, Any]
) -> UnitShapes:
    """Shapes of the units of a version, of others of the same ground, of those it makes up."""
    found: UnitShapes = {}
    equivalent = _equivalent_units()
    for unit_id, geometry in official.items():
        for same in equivalent.get(unit_id, (unit_id,)):
            basis = "official" if _publishes_unit(version, same) else "derived"
            found.setdefault(same, (geometry, basis))
    for unit_id, geometry in _dissolved_units(pieces, found).items():
        found[unit_id] = (geometry, "derived")
    return found


def _best_versions(drawn: Mapping[str, UnitShapes]) -> dict[str, str]:
    """The version that draws each unit (see `VERSIONS`)."""
    best: dict[str, str] = {}
    for unit_id in {unit_id: None for shapes in drawn.values() for unit_id in shapes}:
        frame = shipped_frames().unit_by_id(unit_id).frame
        best[unit_id] = min(
            (version for version in drawn if unit_id in drawn[version]),
            key=lambda name: (
                drawn[name][unit_id][1] != "official",
                FRAME_OF[name] > frame,
                VERSIONS.index(name),
            ),
        )
    return best


def _officially_drawn(found: UnitShapes) -> bool:
    """Whether a file draws cercles of the frame that is estimated otherwise."""
    cercles = shipped_frames().units_at_level(estimated.FRAME, "cercle")["unit_id"]
    return any(found[unit_id][1] == "official" for unit_id in cercles if unit_id in found)


def _add_estimated_cercles(
    pieces: Mapping[str, Any], found: UnitShapes, features: dict[tuple[str, str], list[GeoFeature]]
) -> None:
    """Add the cercles of 2023 that lists and neighbours draw, and what is to be said of them."""
    made = estimated.composed_cercles(pieces)
    for unit_id, drawn in made.cercles.items():
        found.setdefault(unit_id, drawn)
    shown = [
        non_unit_feature(UNASSIGNED, "cercle", _geojson_geometry(shape), unit_id)
        for unit_id, shape in made.grounds.items()
    ]
    if made.limits:
        lines = shapely.MultiLineString(made.limits)
        shown.append(non_unit_feature(LIMIT, "cercle", _geojson_geometry(lines)))
    features[estimated.FRAME, "cercle"] = shown


def _projected_layers(full: Path, version: str) -> dict[str, Any]:
    paths = {level: full / f"{version}-{level}.gpkg" for level in LEVELS}
    return {lv: gpd.read_file(p).to_crs(EQUAL_AREA) for lv, p in paths.items() if p.is_file()}


def _publishes_unit(version: str, unit_id: str) -> bool:
    """Whether a version publishes this very unit, rather than another of the same ground."""
    if version == "cod-v03" or unit_id.startswith("ml-2023/"):
        return version == "cod-v03" and unit_id.startswith("ml-2023/")
    return unit_id in _published_units(version)


@cache
def _published_units(version: str) -> frozenset[str]:
    """Units that a code of the version names, territory and all."""
    codes = shipped_frames().codes.filter(pl.col("scheme") == version, pl.col("same_territory"))
    return frozenset(codes["unit_id"])


def _official_shapes(layers: Mapping[str, Any]) -> tuple[dict[str, Any], AreaErrors]:
    """Simplified shape of each feature that is a unit, and the change of area by level."""
    finest = max(layers, key=LEVELS.index)
    pieces = layers[finest]
    simple = _simplified_coverage(pieces)
    shapes: dict[str, Any] = {}
    errors: AreaErrors = {}
    for level, table in layers.items():
        own = LEVELS.index(level) + 1
        if level == finest:
            drawn = dict(enumerate(simple))
        elif f"code{own}" in pieces.columns:
            drawn = _shapes_by_parent(table, pieces, simple, own)
        else:
            drawn = dict(enumerate(_simplified_coverage(table)))
        worst = 0.0
        for row, (unit_id, exact) in enumerate(zip(table["unit_id"], table.geometry, strict=True)):
            if row in drawn and isinstance(unit_id, str):  # a null reads back as NaN
                shapes[unit_id] = drawn[row]
                worst = max(worst, abs(drawn[row].area / exact.area - 1))
        errors[level] = worst
    return shapes, errors


def _shapes_by_parent(table: Any, pieces: Any, simple: Any, number: int) -> dict[int, Any]:
    """Union of the simplified pieces of each coarser feature: lines agree across levels."""
    groups = pieces.groupby(f"code{number}").indices
    return {
        row: shapely.coverage_union_all(simple[groups[code]])
        for row, code in enumerate(table[f"code{number}"])
        if code in groups
    }


def _simplified_coverage(table: Any) -> Any:
    geometry = table.geometry.values
    if not shapely.coverage_is_valid(geometry):
        geometry = shapely.coverage_clean(geometry)
    return shapely.coverage_simplify(geometry, TOLERANCE)


def _equivalent_units() -> dict[str, tuple[str, ...]]:
    """Unit → every unit that a published code makes the same, itself first."""
    codes = shipped_frames().codes.filter(
        pl.col("same_territory"), pl.col("scheme") != "iso-3166-2"
    )
    pairs = codes.join(codes, on=["scheme", "code"], maintain_order="left_right")
    found: dict[str, dict[str, None]] = {}
    for unit_id, twin in pairs.select("unit_id", "unit_id_right").iter_rows():
        found.setdefault(unit_id, {unit_id: None})[twin] = None
    return {unit_id: tuple(twins) for unit_id, twins in found.items()}


def _communes_by_code(official: Mapping[str, Any]) -> dict[str, Any]:
    """Communes of a file by their code of 2019."""
    by_cod: dict[str, Any] = {}
    for unit_id, geometry in official.items():
        cods = shipped_frames().certain_communes(unit_id)
        if shipped_frames().unit_by_id(unit_id).level == "commune" and len(cods) == 1:
            by_cod[next(iter(cods))] = geometry
    return by_cod


def _dissolved_units(by_cod: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Units that a file lacks and its communes make up entirely."""
    made: dict[str, Any] = {}
    for frame in FRAMES:
        for level in ("region", "cercle"):
            for unit_id in shipped_frames().units_at_level(frame, level)["unit_id"]:
                parts = shipped_frames().exact_communes(unit_id)
                if unit_id not in found and parts and parts <= by_cod.keys():
                    made[unit_id] = shapely.coverage_union_all([by_cod[c] for c in sorted(parts)])
    return made


def _geojson_geometry(geometry: Any) -> Any:
    """GeoJSON geometry in longitude and latitude; equal vertices stay equal."""

    def move(xy: Any) -> Any:
        lonlat = _TO_DEGREES.transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack(lonlat), DIGITS)

    return json.loads(shapely.to_geojson(shapely.transform(geometry, move)))
