"""Installing official boundaries and lists of localities, from a file or from HDX."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from filelock import FileLock, Timeout

from atlas.encodings import mend_lines, read_text
from atlas.errors import AtlasError, GeodataError, system_cause, system_errors_as, why_refused
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.geo.gazetteer import (
    GAZETTEER_SCHEMA,
    LOCALITIES_FOLDER,
    gazetteer_folder,
    locality_spellings,
)
from atlas.geo.generations import damaged_file, install_generation, is_outdated, tables_stamp
from atlas.geo.hdx import (
    HdxResource,
    TransferWatcher,
    current_resource,
    discard_partial,
    fetch_file,
    has_verified_checksum,
)
from atlas.geo.names import lowercase_without_accents
from atlas.geo.resolve import resolve_place
from atlas.geo.shapes import (
    boundaries_folder,
    boundary_status,
    count_by_basis,
    displayed_unit_features,
    feature_collection,
    features_of_units,
    units_by_version,
)
from atlas.i18n import _
from atlas.model import Level
from atlas.paths import GEODATA, boundaries_root
from atlas.transfers import DownloadError, FetchTimeouts, is_offline, offline_error

if TYPE_CHECKING:
    from atlas.geo.boundaries import AreaErrors, BoundaryLayer, MatchedLayers

Progress = Callable[[str], None]
_PATIENCE_S = 120
"""Seconds to wait for another installation, such as the one in the background."""


@dataclass(frozen=True)
class InstallReport:
    """What an installation found and made.

    Attributes
    ----------
    version
        ``cod-2019``, ``cod-2021`` or ``cod-v03``.
    counts
        Level → units read.
    repaired
        Features whose geometry was mended.
    missing
        Units of the frame that the file lacks, by level.
    unknown
        Features that are no unit of the frame.
    errors
        Level → largest relative change of area by simplification.
    drawn
        ``frame/level`` → basis → units.
    bytes
        ``frame/level`` → size of the display layer.
    redrawn
        ``frame/level`` → units that this version draws, and that were drawn otherwise before.
    """

    version: str
    date: str
    counts: dict[str, int]
    repaired: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    errors: AreaErrors
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    redrawn: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def report_lines(self) -> list[str]:
        """The report in sentences, in the language in force."""
        counts = ", ".join(f"{n} {level}" for level, n in self.counts.items())
        lines = [_("Limites {version} du {date} : {counts}.", version=self.version,
                   date=self.date or "—", counts=counts)]  # fmt: skip
        if self.repaired:
            names = ", ".join(self.repaired)
            lines.append(_("Géométries réparées : {names}.", names=names))
        for level, labels in self.missing.items():
            names = ", ".join(labels[:20])
            lines.append(_("Absents du fichier ({level}, {n}) : {names}.", level=level,
                           n=len(labels), names=names))  # fmt: skip
        if self.unknown:
            names = ", ".join(self.unknown[:20])
            lines.append(
                _("Inconnus du répertoire ({n}) : {names}.", n=len(self.unknown), names=names)
            )
        for level, error in self.errors.items():
            lines.append(_("Simplification ({level}) : {percent} % d'écart de surface au plus.",
                           level=level, percent=f"{100 * error:.2f}"))  # fmt: skip
        for name, counted in self.drawn.items():
            said = ", ".join(f"{n} {basis}" for basis, n in counted.items())
            lines.append(f"{name} : {said} ({self.bytes[name] / 1000:.0f} kB)")
        return [*lines, *(self._redrawn_line(name, units) for name, units in self.redrawn.items())]

    def _redrawn_line(self, name: str, units: tuple[str, ...]) -> str:
        everyone: list[str] = shipped_frames().units_at_level(*name.split("/"))["unit_id"].to_list()
        others = [u for u in everyone if u not in units]
        names = ", ".join(
            shipped_frames().unit_label(u) for u in (units if len(units) < len(others) else others)
        )
        if len(units) >= len(others):
            names = _("tous sauf {names}", names=names) if others else _("tous")
        return _("Redessinés, {name} ({n} sur {total}) : {names}.", name=name, n=len(units),
                 total=len(everyone), names=names)  # fmt: skip


def install_boundaries(path: Path, progress: Progress | None = None) -> InstallReport:
    """Install official boundaries for drawing and for point-in-polygon.

    Parameters
    ----------
    path
        COD-AB of 2019, 2021 or v03: GeoJSON, Shapefile, GeoPackage, a folder or zip of them.
    progress
        Told what is being done.

    Raises
    ------
    GeodataError
        The file cannot be read or holds no administrative boundaries; what was installed
        before stays in force.
    """
    root = boundaries_root()
    with _install_lock(root):
        return _install_locked(path, root, progress or (lambda _text: None))


@contextmanager
def _install_lock(root: Path) -> Iterator[None]:
    """Hold off other installations; what the system refuses is said as such."""
    with system_errors_as(unwritable_subject(root), GEODATA, GeodataError):
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "install.lock", timeout=_PATIENCE_S)
        try:
            lock.acquire()
        except Timeout as error:
            raise GeodataError(
                _("Une autre installation de limites est en cours"), "", _("Réessayez ensuite.")
            ) from error
        try:
            yield
        finally:
            lock.release()


def unwritable_subject(root: Path) -> str:
    """What to say cannot be written, when boundaries or localities cannot."""
    return _("Données géographiques non installées dans {folder}", folder=root)


def _install_locked(path: Path, root: Path, say: Progress) -> InstallReport:
    from atlas.geo.boundaries import match_layers, read_layers  # GeoPandas: 1 s of every other verb

    with tempfile.TemporaryDirectory(dir=root, prefix=".unzip-") as work:
        say(_("Lecture"))
        layers = read_layers(Path(path), Path(work))
        say(_("Rapprochement avec le répertoire"))
        matched = match_layers(layers)
    before = _current_drawing()
    folder, errors = install_generation(
        root,
        lambda build: _build_generation(build, layers, matched, say),
        _boundaries_hash,
        keep=(LOCALITIES_FOLDER,),
    )
    report = _install_report(layers, matched, errors, folder)
    return replace(report, redrawn=_redrawn_units(before, matched.version)) if before else report


def _current_drawing() -> dict[str, dict[str, object]]:
    """``frame/level`` → unit → geometry as drawn now; empty where nothing whole is installed."""
    folder = boundaries_folder()
    if folder is None or damaged_file(folder):
        return {}
    try:
        return {
            f"{frame}/{level}": {
                f["id"]: f["geometry"] for f in displayed_unit_features(frame, level)
            }
            for frame in FRAMES
            for level in LEVELS
        }
    except (OSError, ValueError):
        return {}


def _redrawn_units(
    before: dict[str, dict[str, object]], version: str
) -> dict[str, tuple[str, ...]]:
    """Units that a version draws otherwise than they were drawn, in the order of the frame."""
    now = _current_drawing()
    changed = {
        name: tuple(u for u in units if before[name].get(u) != now[name][u])
        for name, units in units_by_version().get(version, {}).items()
    }
    return {name: units for name, units in changed.items() if units}


def _build_generation(
    build: Path, layers: dict[str, BoundaryLayer], matched: MatchedLayers, say: Progress
) -> AreaErrors:
    """Write a whole generation: full layers, what is drawn of them, meta."""
    full = build / "full"
    full.mkdir()
    before = boundaries_folder()
    if before and not damaged_file(before):  # boundaries of other versions stay
        for kept in sorted((before / "full").iterdir()):
            if not kept.name.startswith(matched.version + "-"):
                shutil.copy2(kept, full / kept.name)
    say(_("Géométries complètes"))
    for level, layer in layers.items():
        layer.table.to_file(full / f"{matched.version}-{level}.gpkg", driver="GPKG")
        if level == Level.COMMUNE:
            _search_table(layer).write_parquet(full / f"{matched.version}-{level}.parquet")
    dates = _version_dates() | {matched.version: max((x.date for x in layers.values()), default="")}
    return _write_drawing(build, dates, say).get(matched.version, {})


def _version_dates() -> dict[str, str]:
    """Version installed → its date; empty where that cannot be read."""
    folder = boundaries_folder()
    if folder is None or damaged_file(folder):
        return {}
    try:
        known = boundary_status()
    except (OSError, ValueError):
        return {}
    return {v: known["dates"].get(v, known["date"]) for v in known["versions"]}


def _write_drawing(build: Path, dates: dict[str, str], say: Progress) -> dict[str, AreaErrors]:
    """Write what a generation draws of its full layers, and what it says of itself."""
    from atlas.geo.boundaries import unit_shapes  # GeoPandas, as above

    say(_("Simplification"))
    full, display = build / "full", build / "display"
    made = unit_shapes(full)
    display.mkdir()
    by_version: dict[str, dict[str, list[str]]] = {}
    for frame in FRAMES:
        for level in LEVELS:
            shown = features_of_units(frame, level, made.shapes)
            for unit_id in (f["id"] for f in shown if f["id"] in made.versions):
                places = by_version.setdefault(made.versions[unit_id], {})
                places.setdefault(f"{frame}/{level}", []).append(unit_id)
            data = feature_collection(shown + made.extra_features.get((frame, level), []))
            (display / f"{frame}-{level}.geojson").write_bytes(data)
    (build / "versions.json").write_text(json.dumps(by_version), encoding="utf-8")
    versions = sorted({p.name.rsplit("-", 1)[0] for p in full.glob("*.gpkg")})
    source = "OCHA COD-AB Mali, " + ", ".join(versions)
    meta = {
        "source": source,
        "date": max(dates.values(), default=""),
        "versions": versions,
        "dates": dates,
        "tables": tables_stamp(),
    }
    (build / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    return made.errors


def redraw_outdated(progress: Progress | None = None) -> bool:
    """Draw what is installed again where an older program drew it (see `is_outdated`).

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    GeodataError
        What is installed cannot be read; it stays in force.
    """
    root = boundaries_root()
    if not is_outdated(root):
        return False
    with _install_lock(root):
        before = boundaries_folder()
        if before is None or damaged_file(before) or not is_outdated(root):
            return False
        dates = _version_dates()

        def build(folder: Path) -> None:
            shutil.copytree(before / "full", folder / "full")
            _write_drawing(folder, dates, progress or (lambda _text: None))

        try:
            install_generation(root, build, _boundaries_hash, keep=(LOCALITIES_FOLDER,))
        except (OSError, RuntimeError, ValueError) as error:
            if system_cause(error) not in (None, errno.ENOENT):
                raise  # the disk, and not what is installed
            raise GeodataError(
                _("Les limites installées ne se redessinent pas"),
                str(error),
                _("Réinstallez-les : « atlas geodata install »."),
            ) from error
    return True


def _search_table(layer: BoundaryLayer) -> pl.DataFrame:
    """Units and shapes as coordinates search them: read without GeoPandas."""
    units = [u if isinstance(u, str) else None for u in layer.table["unit_id"]]
    shapes = list(layer.table.geometry.to_wkb())
    schema: dict[str, type[pl.DataType]] = {"unit_id": pl.String, "wkb": pl.Binary}
    return pl.DataFrame({"unit_id": units, "wkb": shapes}, schema=schema)


def _boundaries_hash(build: Path) -> str:
    """Name of a generation: a hash of what it holds in full, by name, and of what it draws."""
    digest = blake2b(digest_size=6)
    for file in sorted((build / "full").iterdir()):
        digest.update(file.name.encode())
    for file in sorted((build / "display").iterdir()):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    for name in ("meta.json", "versions.json"):
        digest.update((build / name).read_bytes())
    return digest.hexdigest()


def _install_report(
    layers: dict[str, BoundaryLayer], matched: MatchedLayers, errors: AreaErrors, folder: Path
) -> InstallReport:
    names = [(f, lv) for f in FRAMES for lv in LEVELS]
    sizes = {
        f"{f}/{lv}": (folder / "display" / f"{f}-{lv}.geojson").stat().st_size for f, lv in names
    }
    return InstallReport(
        version=matched.version,
        date=max((layer.date for layer in layers.values()), default=""),
        counts={level: len(layer.table) for level, layer in layers.items()},
        repaired=tuple(n for layer in layers.values() for n in layer.repaired),
        missing=matched.missing,
        unknown=matched.unknown,
        errors=errors,
        drawn={f"{f}/{lv}": count_by_basis(f, lv) for f, lv in names},
        bytes=sizes,
    )


SUFFIXES = (".csv", ".tsv", ".txt")
SHOWN = 100
_HEADINGS = {
    "name": ("village", "localite", "locality", "nomvillage", "nomlocalite", "site", "hameau",
             "settlement", "featurename", "namefr", "name", "nom", "toponyme", "asciiname"),
    "aliases": ("alias", "aliases", "autresnoms", "alternatenames", "variantes", "altname"),
    "commune": ("commune", "communes", "adm3", "admin3", "admin3name", "adm3fr", "adm3name",
                "admin3namefr", "nomcommune"),
    "cercle": ("cercle", "cercles", "adm2", "admin2", "admin2name", "adm2fr", "adm2name",
               "admin2namefr", "nomcercle"),
    "region": ("region", "regions", "adm1", "admin1", "admin1name", "adm1fr", "adm1name",
               "admin1namefr", "nomregion"),
    "commune_code": ("communecode", "admin3pcode", "adm3pcode", "codecommune", "pcode"),
    "lat": ("lat", "latitude", "y", "ycoord", "gpslat"),
    "lon": ("lon", "long", "lng", "longitude", "x", "xcoord", "gpslon"),
    "date": ("date", "datemaj", "asof", "updated", "validon"),
}  # fmt: skip
_BOX = (-12.3, 10.1, 4.3, 25.1)
_SPLIT = re.compile(r"\s*[|;,]\s*")

Parents = tuple[str, str, str, str]
"""Région, cercle, commune and code of the commune as a line gives them."""


@dataclass(frozen=True)
class LocalitiesReport:
    """What a list held and what became of it.

    Attributes
    ----------
    installed, with_point
        Localities kept, and how many have a point in the country.
    malformed
        ``(line number, the line)`` of what could not be read.
    bad_points
        ``(line number, what stands there)`` of points left out: not numbers, 0/0, outside.
    matched
        Distinct communes recognised.
    unmatched
        ``(commune as written with its parents, localities)``: placed above, or nowhere.
    homonyms
        Names that more than one commune bears.
    """

    source: str
    date: str
    installed: int
    with_point: int
    malformed: tuple[tuple[int, str], ...]
    bad_points: tuple[tuple[int, str], ...]
    matched: int
    unmatched: tuple[tuple[str, int], ...]
    without_commune: int
    unplaced: int
    homonyms: int

    def report_lines(self) -> list[str]:
        """The report in sentences, in the language in force."""
        lines = [
            _("Localités {source} ({date}) : {n} installées, {points} avec un point.",
              source=self.source, date=self.date, n=self.installed, points=self.with_point),
            _("Communes reconnues : {n} ; non reconnues : {missing}.",
              n=self.matched, missing=len(self.unmatched)),
        ]  # fmt: skip
        for name, count in self.unmatched[:SHOWN]:
            lines.append(_("Commune non reconnue : {name}, {n} localités.", name=name, n=count))
        if self.without_commune:
            lines.append(_("Sans commune : {n} localités, dont {unplaced} sans aucun lieu.",
                           n=self.without_commune, unplaced=self.unplaced))  # fmt: skip
        lines.append(_("Noms portés dans plusieurs communes : {n}.", n=self.homonyms))
        for number, text in self.malformed[:SHOWN]:
            lines.append(_("Ligne {number} mal formée, non installée : {text}",
                           number=number, text=text))  # fmt: skip
        for number, text in self.bad_points[:SHOWN]:
            lines.append(_("Ligne {number} : coordonnées écartées, {text}",
                           number=number, text=text))  # fmt: skip
        return lines


def is_locality_list(path: Path) -> bool:
    """Whether a path is a list of localities rather than boundaries (by its suffix)."""
    return path.is_file() and path.suffix.lower() in SUFFIXES


def install_localities(path: Path, progress: Progress | None = None) -> LocalitiesReport:
    """Install a list of localities beside those of other sources.

    Parameters
    ----------
    path
        CSV in any encoding that `atlas.encodings` reads, separated by comma, semicolon or tab.
        Its name without suffix names the source; a list of the same name is replaced.
    progress
        Told what is being done.

    Raises
    ------
    GeodataError
        No column of localities, or no line: what was installed before stays in force.
    """
    say = progress or (lambda _text: None)
    say(_("Lecture"))
    lines, malformed = _read_lines(Path(path))
    say(_("Rapprochement avec le répertoire"))
    units = _units_of_parents({line.parents for line in lines})
    date = max((line.date for line in lines), default="") or _file_date(Path(path))
    source = Path(path).stem
    table, bad_points = _locality_table(lines, units, source)
    say(_("Installation"))
    _write_localities(table, source, date)
    return _localities_report(table, lines, units, source, date, malformed, bad_points)


@dataclass(frozen=True)
class _ListLine:
    number: int
    name: str
    aliases: tuple[str, ...]
    parents: Parents
    lon: str
    lat: str
    date: str


def _read_lines(path: Path) -> tuple[list[_ListLine], list[tuple[int, str]]]:
    """Lines of a list, and those that have not as many cells as the heading."""
    text = _decoded_text(path)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    heading = next(reader, [])
    columns = _field_positions(heading)
    if "name" not in columns:
        raise GeodataError(
            _("{file} : aucune colonne de localités", file=path.name),
            _("colonnes lues : {columns}", columns=", ".join(heading)[:200] or "—"),
            _("Il faut une colonne VILLAGE, localité ou name, et si possible commune, lat, lon."),
        )
    lines: list[_ListLine] = []
    malformed: list[tuple[int, str]] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        line = _parsed_line(reader.line_num, cells, columns)
        if len(cells) != len(heading) or not line.name:
            malformed.append((reader.line_num, ",".join(cells)[:120]))
        else:
            lines.append(line)
    if not lines:
        raise GeodataError(_("{file} : aucune localité", file=path.name))
    return lines, malformed


def _decoded_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GeodataError(
            _("{file} : illisible", file=path.name), *why_refused(error, _("un autre fichier"))
        ) from error
    text, _encoding = read_text(data)
    return mend_lines(text)[0].replace("\x00", "")


def _field_positions(heading: Sequence[str]) -> dict[str, int]:
    """Field → position, the most telling heading first."""
    folded = [re.sub(r"[^a-z0-9]", "", lowercase_without_accents(name)) for name in heading]
    found: dict[str, int] = {}
    for wanted, names in _HEADINGS.items():
        for name in names:
            if name in folded and wanted not in found:
                found[wanted] = folded.index(name)
    return found


def _parsed_line(number: int, cells: Sequence[str], columns: dict[str, int]) -> _ListLine:
    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return cells[at].strip() if at < len(cells) else ""

    aliases = tuple(a for a in _SPLIT.split(cell("aliases")) if a)
    parents = (cell("region"), cell("cercle"), cell("commune"), cell("commune_code"))
    return _ListLine(number, cell("name"), aliases, parents, cell("lon"), cell("lat"), cell("date"))


def _units_of_parents(parents: set[Parents]) -> dict[Parents, tuple[str | None, bool]]:
    """Unit of each commune, and whether it is the commune itself, in the frame of the list.

    That is the one that knows most of them by its own communes, the oldest if several do.
    """
    read = {frame: {p: _unit_of_parents(p, frame) for p in parents} for frame in FRAMES}
    best = max(FRAMES, key=lambda frame: _commune_count(read[frame], frame))
    return read[best]


def _unit_of_parents(parents: Parents, frame: str) -> tuple[str | None, bool]:
    region, cercle, commune, code = parents
    if not any(parents):
        return None, False
    found = resolve_place(
        region=region, cercle=cercle, commune=commune, commune_code=code, frame=frame
    )
    sure = found.unit_id or found.within
    if sure is None or sure.startswith("_"):
        return None, False
    return sure, found.unit_id is not None and found.level == "commune"


def _commune_count(units: dict[Parents, tuple[str | None, bool]], frame: str) -> int:
    return sum(is_commune and str(u).startswith(f"{frame}/") for u, is_commune in units.values())


def _locality_table(
    lines: Sequence[_ListLine], units: dict[Parents, tuple[str | None, bool]], source: str
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    rows, bad = [], []
    for line in lines:
        lon, lat = _point_in_country(line)
        if lon is None and (line.lon or line.lat):
            bad.append((line.number, f"{line.lat}, {line.lon}"))
        region, cercle, commune, _code = line.parents
        aliases = locality_spellings(line.name, line.aliases)
        rows.append((line.name, aliases, units[line.parents][0], lon, lat, region, cercle,
                     commune, source, line.number))  # fmt: skip
    return pl.DataFrame(rows, schema=GAZETTEER_SCHEMA, orient="row"), bad


def _point_in_country(line: _ListLine) -> tuple[float | None, float | None]:
    """Longitude and latitude when both are numbers inside the country's box."""
    try:
        lon, lat = (float(text.replace(",", ".")) for text in (line.lon, line.lat))
    except ValueError:
        return None, None
    west, south, east, north = _BOX
    inside = west <= lon <= east and south <= lat <= north
    return (lon, lat) if inside else (None, None)


def _file_date(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def _write_localities(table: pl.DataFrame, source: str, date: str) -> None:
    """A new generation: the other sources and this one; then the pointer is swapped."""
    root = boundaries_root() / LOCALITIES_FOLDER
    with system_errors_as(
        _("Données géographiques non installées dans {folder}", folder=root), GEODATA, GeodataError
    ):
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / "install.lock"):
            _write_locked(root, table, source, date)


def _write_locked(root: Path, table: pl.DataFrame, source: str, date: str) -> None:
    before = gazetteer_folder()
    sources = {}
    if before and not damaged_file(before):
        kept = pl.read_parquet(before / "localities.parquet").filter(pl.col("source") != source)
        table = pl.concat([kept, table]).sort("source", "line")
        known = json.loads((before / "sources.json").read_text(encoding="utf-8"))
        sources = {entry["source"]: entry for entry in known}
    sources[source] = {"source": source, "date": date, **_source_counts(table, source)}
    listed = [sources[name] for name in sorted(sources)]

    def fill(build: Path) -> None:
        table.write_parquet(build / "localities.parquet")
        text = json.dumps(listed, ensure_ascii=False, indent=1)
        (build / "sources.json").write_text(text, encoding="utf-8")

    install_generation(root, fill, _localities_hash)


def _source_counts(table: pl.DataFrame, source: str) -> dict[str, int]:
    own = table.filter(pl.col("source") == source)
    return {
        "localities": own.height,
        "with_point": own.height - own["lon"].null_count(),
        "placed": own.height - own["unit_id"].null_count(),
    }


def _localities_hash(build: Path) -> str:
    digest = blake2b(digest_size=6)
    for file in sorted(build.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _localities_report(
    table: pl.DataFrame,
    lines: Sequence[_ListLine],
    units: dict[Parents, tuple[str | None, bool]],
    source: str,
    date: str,
    malformed: list[tuple[int, str]],
    bad_points: list[tuple[int, str]],
) -> LocalitiesReport:
    of_commune = Counter(line.parents for line in lines if line.parents[2] or line.parents[3])
    unmatched = sorted((_parents_text(p), n) for p, n in of_commune.items() if not units[p][1])
    named = table.filter(pl.col("unit_id").is_not_null())
    homonyms = named.group_by("name").agg(pl.col("unit_id").n_unique()).filter(
        pl.col("unit_id") > 1
    )  # fmt: skip
    return LocalitiesReport(
        source=source,
        date=date,
        installed=table.height,
        with_point=table.height - table["lon"].null_count(),
        malformed=tuple(malformed),
        bad_points=tuple(bad_points),
        matched=sum(units[p][1] for p in of_commune),
        unmatched=tuple(unmatched),
        without_commune=sum(1 for line in lines if line.parents not in of_commune),
        unplaced=table["unit_id"].null_count(),
        homonyms=homonyms.height,
    )


def _parents_text(parents: Parents) -> str:
    return " > ".join(part for part in parents if part)


def source_sentences(entries: Sequence[dict[str, object]]) -> Iterator[str]:
    """The installed sources in sentences, for a status."""
    if not entries:
        yield _("Localités : aucune liste installée.")
    for entry in entries:
        yield _("Localités {source} ({date}) : {n} installées, {points} avec un point.",
                source=entry["source"], date=entry["date"], n=entry["localities"],
                points=entry["with_point"])  # fmt: skip


@dataclass(frozen=True)
class DownloadOutcome:
    """What a download came to.

    Attributes
    ----------
    resource
        The release HDX holds.
    report
        What was installed; ``None`` when that release was installed already.
    checked
        Whether HDX published a checksum and it matched.
    """

    resource: HdxResource
    report: InstallReport | None = None
    checked: bool = False

    def report_lines(self) -> list[str]:
        """The outcome in sentences, in the language in force."""
        named = {"file": self.resource.file_name, "day": self.resource.upload_day}
        if self.report is None:
            return [_("Limites à jour : {file} du {day} est déjà installé.", **named)]
        held = _("taille et somme de contrôle vérifiées") if self.checked else _("taille vérifiée")
        if self.resource.size is None and not self.checked:
            held = _("HDX ne publie ni taille ni somme de contrôle")
        return [_("{file} du {day} : {held}.", held=held, **named), *self.report.report_lines()]


def download_boundaries(
    patience: FetchTimeouts | None = None,
    watch: TransferWatcher | None = None,
    progress: Progress | None = None,
) -> DownloadOutcome:
    """Install the official boundaries HDX holds today, unless they are installed already.

    Parameters
    ----------
    patience
        How long to wait.
    watch
        Told bytes so far and in all while the file comes.
    progress
        Told what is being done while it is installed.

    Raises
    ------
    GeodataError
        Offline, refused, broken off, or not boundaries. What was installed before stays in
        force, and a transfer that was broken off goes on next time.
    """
    if is_offline():
        raise _with_reassurance(offline_error())
    root = boundaries_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / "hdx.lock", timeout=0):
            return _download_current(root, patience or FetchTimeouts(), watch, progress)
    except Timeout as error:
        raise GeodataError(_("Un téléchargement est déjà en cours"), "", "") from error
    except OSError as error:
        what = _("{path} : écriture impossible", path=root)
        raise _with_reassurance(GeodataError(what, *why_refused(error, GEODATA))) from error
    except (GeodataError, DownloadError) as error:
        raise _with_reassurance(error) from error


def _download_current(
    root: Path, patience: FetchTimeouts, watch: TransferWatcher | None, progress: Progress | None
) -> DownloadOutcome:
    resource = current_resource(patience)
    if _is_installed(resource):
        redraw_outdated(progress)
        return DownloadOutcome(resource)
    part = root / "hdx.part"
    fetch_file(resource.url, part, patience, watch)
    try:
        checked = has_verified_checksum(resource, part)
    except DownloadError:
        discard_partial(part)  # going on from these bytes would never come right
        raise
    report = _install_download(part, root / f"hdx-{_with_suffix(part, resource)}", progress)
    _write_receipt(root, resource, report)
    return DownloadOutcome(resource, report, checked)


def _install_download(part: Path, named: Path, progress: Progress | None) -> InstallReport:
    """Install what came; keep it for next time only where it may still do then."""
    for left in part.parent.glob("hdx-*"):  # by a try that was killed
        left.unlink()
    part.rename(named)
    try:
        report = install_boundaries(named, progress)
    except GeodataError:  # not boundaries, or damaged: asking again is the only way
        named.unlink()
        discard_partial(part)
        raise
    except BaseException:  # stopped by a person
        named.rename(part)
        raise
    named.unlink()
    discard_partial(part)
    return report


def _with_suffix(file: Path, resource: HdxResource) -> str:
    """A file name that says what the bytes are: the reader goes by it."""
    with file.open("rb") as opened:
        magic = opened.read(6)
    suffixes = {b"PK": ".zip", b"SQ": ".gpkg", b"{": ".geojson"}
    kind = next((s for start, s in suffixes.items() if magic.lstrip().startswith(start)), "")
    name = resource.file_name
    return name if name.lower().endswith(kind or Path(name).suffix) else name + kind


def _is_installed(resource: HdxResource) -> bool:
    """Whether this release is the one laid down last, and is still there."""
    folder = boundaries_folder()
    known = download_receipt()
    if (
        folder is None
        or damaged_file(folder)
        or known.get("release") != resource.release_identity()
    ):
        return False
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return known.get("version") in meta["versions"]


def download_receipt() -> dict[str, Any]:
    """What is noted of the release installed from HDX; empty when there is none."""
    try:
        noted = json.loads((boundaries_root() / "hdx.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _write_receipt(root: Path, resource: HdxResource, report: InstallReport) -> None:
    noted = {
        "release": resource.release_identity(),
        "file": resource.file_name,
        "url": resource.url,
        "version": report.version,
        "date": report.date,
        "installed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    fresh = root / "hdx.json.new"
    fresh.write_text(json.dumps(noted, indent=1), encoding="utf-8")
    os.replace(fresh, root / "hdx.json")


def _with_reassurance(error: AtlasError) -> GeodataError:
    """The same failure, saying that nothing is lost and what else can be done."""
    kept = _("Ce qui est installé reste en place ; réessayez, ou « atlas geodata install ».")
    return GeodataError(error.what, error.why, f"{error.remedy} {kept}".strip())
