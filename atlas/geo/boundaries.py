"""Reading official boundary files as people get them: any format, any column names.

The COD-AB of 2019, of 2021 and v03 name their columns differently (``admin1Pcode``,
``ADM1_PCODE``, ``adm1_pcode``); what counts is the level number and what the column holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from atlas.errors import GeodataError
from atlas.geo.frames import LEVELS
from atlas.i18n import _

_CODE = re.compile(r"adm(?:in)?_?([123])_?p?code?", re.IGNORECASE)  # Shapefiles keep "Pcod"
_NAME = re.compile(r"adm(?:in)?_?([123])_?(name_?fr|fr|name1?|name_?en|en)", re.IGNORECASE)
_PREFERRED = ("name_fr", "namefr", "fr", "name", "name1", "name_en", "nameen", "en")
_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
_DATES = ("valid_on", "validon", "date")
LONLAT = "EPSG:4326"
MAX_UNZIPPED = 4 * 2**30
"""Bytes a zip may unfold to: full national boundaries take a hundredth of this."""


@dataclass
class Layer:
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
    def number(self) -> int:
        """1 for régions, 2 for cercles, 3 for communes."""
        return LEVELS.index(self.level) + 1


def read_layers(path: Path, work: Path) -> dict[str, Layer]:
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
    found: dict[str, Layer] = {}
    seen: list[str] = []
    for file in _files(path, work):
        for table in _tables(file):
            layer = _layer(table, file.name)
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


def _files(path: Path, work: Path) -> Iterator[Path]:
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and inner.suffix.lower() in (*_SUFFIXES, ".zip"):
                yield from _files(inner, work)
    elif path.suffix.lower() == ".zip":
        yield from _files(_unzipped(path, work), work)
    else:
        yield path


def _unzipped(path: Path, work: Path) -> Path:
    folder = work / f"{len(list(work.iterdir()))}-{path.stem}"
    try:
        with ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNZIPPED:
                raise GeodataError(_("{file} : archive démesurée", file=path.name))
            archive.extractall(folder)
    except BadZipFile as error:
        raise _unreadable(path, error) from error
    return folder


def _unreadable(path: Path, error: Exception) -> GeodataError:
    return GeodataError(
        _("{file} : illisible", file=path.name),
        str(error).splitlines()[0] if str(error) else type(error).__name__,
        _("Il faut un GeoJSON, un GeoPackage, un Shapefile, ou un zip de ceux-ci."),
    )


def _tables(file: Path) -> Iterator[Any]:
    import geopandas as gpd
    import pyogrio

    try:
        names = [name for name, _kind in pyogrio.list_layers(file)]
        for name in names:
            table = gpd.read_file(file, layer=name)
            if "geometry" in table.columns and len(table):
                yield table
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _unreadable(file, error) from error


def _layer(table: Any, file: str) -> Layer | None:
    columns = _columns([str(c) for c in table.columns])
    numbers = [n for kind, n in columns if kind == "code"]
    if not numbers:
        return None
    level = LEVELS[max(numbers) - 1]
    renamed = {column: f"{kind}{n}" for (kind, n), column in columns.items()}
    version, date = _said_once(table, ("version", "cod_version")), _date(table)
    kept = table[[*renamed, "geometry"]].rename(columns=renamed)
    kept = _lonlat(kept, file)
    areas = kept.geometry.geom_type.isin(("Polygon", "MultiPolygon"))  # no lines, no points
    kept = kept[areas & ~kept.geometry.is_empty].reset_index(drop=True)
    if kept.empty:
        return None
    mended, names = _repaired(kept, max(numbers))
    return Layer(level, mended, file, version, date, names)


def _columns(names: list[str]) -> dict[tuple[str, int], str]:
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


def _said_once(table: Any, columns: tuple[str, ...]) -> str:
    by_lower = {str(c).lower(): c for c in table.columns}
    for column in columns:
        if column in by_lower:
            values = table[by_lower[column]].dropna().astype(str).unique()
            if len(values) == 1:
                return str(values[0])
    return ""


def _date(table: Any) -> str:
    """ISO day of the boundaries; files of 2019 give milliseconds since 1970."""
    import pandas as pd

    said = _said_once(table, _DATES)
    if not said:
        return ""
    number = said.removesuffix(".0")
    parsed = (
        pd.to_datetime(int(number), unit="ms", errors="coerce")
        if number.isdigit() and len(number) > 8
        else pd.to_datetime(said, errors="coerce")
    )
    return "" if pd.isna(parsed) else str(parsed.date())


def _lonlat(table: Any, file: str) -> Any:
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


def _repaired(table: Any, number: int) -> tuple[Any, tuple[str, ...]]:
    """Mend invalid geometry, keeping its polygons; name what was mended."""
    import shapely

    broken = ~table.geometry.is_valid
    if broken.any():
        mended = shapely.make_valid(table.geometry[broken].values)
        polygons = [_polygons(geometry) for geometry in mended]
        table.loc[broken, "geometry"] = polygons
    label = f"name{number}" if f"name{number}" in table.columns else f"code{number}"
    return table, tuple(str(n) for n in table.loc[broken, label])


def _polygons(geometry: Any) -> Any:
    import shapely

    parts = [g for g in shapely.get_parts(geometry) if g.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else geometry
