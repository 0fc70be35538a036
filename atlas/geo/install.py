"""Installing official boundaries: check, keep in full, simplify, dissolve what is missing.

Nothing is seen before all of it is there: a generation is built in its own folder and the
pointer ``current`` is swapped at the end; the one before is kept.
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from atlas.errors import GeodataError, said_plainly, system_cause
from atlas.geo.boundaries import Layer, read_layers
from atlas.geo.frames import FRAMES, LEVELS, frames
from atlas.geo.gazetteer import FOLDER as LOCALITIES
from atlas.geo.generations import damaged_file, lay_down, outdated, tables_stamp
from atlas.geo.matching import Matched, match_layers
from atlas.geo.shapes import (
    collection,
    drawn,
    drawn_by,
    features,
    installed,
    status,
    unit_features,
)
from atlas.geo.simplify import Errors, unit_shapes
from atlas.i18n import _
from atlas.model import Level
from atlas.paths import GEODATA, boundaries_root

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
    errors: Errors
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    redrawn: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self) -> list[str]:
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
        return [*lines, *(self._redrawn(name, units) for name, units in self.redrawn.items())]

    def _redrawn(self, name: str, units: tuple[str, ...]) -> str:
        everyone: list[str] = frames().at(*name.split("/"))["unit_id"].to_list()
        others = [u for u in everyone if u not in units]
        names = ", ".join(
            frames().label(u) for u in (units if len(units) < len(others) else others)
        )
        if len(units) >= len(others):
            names = _("tous sauf {names}", names=names) if others else _("tous")
        return _("Redessinés, {name} ({n} sur {total}) : {names}.", name=name, n=len(units),
                 total=len(everyone), names=names)  # fmt: skip


def install(path: Path, progress: Progress | None = None) -> InstallReport:
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
    with _alone(root):
        return _install(path, root, progress or (lambda _text: None))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold off other installations; what the system refuses is said as such."""
    with said_plainly(not_written(root), GEODATA, GeodataError):
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


def not_written(root: Path) -> str:
    """What to say cannot be written, when boundaries or localities cannot."""
    return _("Données géographiques non installées dans {folder}", folder=root)


def _install(path: Path, root: Path, say: Progress) -> InstallReport:
    with tempfile.TemporaryDirectory(dir=root, prefix=".unzip-") as work:
        say(_("Lecture"))
        layers = read_layers(Path(path), Path(work))
        say(_("Rapprochement avec le répertoire"))
        matched = match_layers(layers)
    before = _drawing()
    folder, errors = lay_down(
        root, lambda build: _build(build, layers, matched, say), _generation, keep=(LOCALITIES,)
    )
    report = _report(layers, matched, errors, folder)
    return replace(report, redrawn=_redrawn(before, matched.version)) if before else report


def _drawing() -> dict[str, dict[str, object]]:
    """``frame/level`` → unit → geometry as drawn now; empty where nothing whole is installed."""
    folder = installed()
    if folder is None or damaged_file(folder):
        return {}
    try:
        return {
            f"{frame}/{level}": {f["id"]: f["geometry"] for f in unit_features(frame, level)}
            for frame in FRAMES
            for level in LEVELS
        }
    except (OSError, ValueError):
        return {}


def _redrawn(before: dict[str, dict[str, object]], version: str) -> dict[str, tuple[str, ...]]:
    """Units that a version draws otherwise than they were drawn, in the order of the frame."""
    now = _drawing()
    changed = {
        name: tuple(u for u in units if before[name].get(u) != now[name][u])
        for name, units in drawn_by().get(version, {}).items()
    }
    return {name: units for name, units in changed.items() if units}


def _build(build: Path, layers: dict[str, Layer], matched: Matched, say: Progress) -> Errors:
    """Write a whole generation: full layers, what is drawn of them, meta."""
    full = build / "full"
    full.mkdir()
    before = installed()
    if before and not damaged_file(before):  # boundaries of other versions stay
        for kept in sorted((before / "full").iterdir()):
            if not kept.name.startswith(matched.version + "-"):
                shutil.copy2(kept, full / kept.name)
    say(_("Géométries complètes"))
    for level, layer in layers.items():
        layer.table.to_file(full / f"{matched.version}-{level}.gpkg", driver="GPKG")
        if level == Level.COMMUNE:
            _searchable(layer).write_parquet(full / f"{matched.version}-{level}.parquet")
    dates = _dates() | {matched.version: max((x.date for x in layers.values()), default="")}
    return _draw(build, dates, say).get(matched.version, {})


def _dates() -> dict[str, str]:
    """Version installed → its date; empty where that cannot be read."""
    folder = installed()
    if folder is None or damaged_file(folder):
        return {}
    try:
        known = status()
    except (OSError, ValueError):
        return {}
    return {v: known["dates"].get(v, known["date"]) for v in known["versions"]}


def _draw(build: Path, dates: dict[str, str], say: Progress) -> dict[str, Errors]:
    """Write what a generation draws of its full layers, and what it says of itself."""
    say(_("Simplification"))
    full, display = build / "full", build / "display"
    made = unit_shapes(full)
    display.mkdir()
    by_version: dict[str, dict[str, list[str]]] = {}
    for frame in FRAMES:
        for level in LEVELS:
            shown = features(frame, level, made.shapes)
            for unit_id in (f["id"] for f in shown if f["id"] in made.versions):
                places = by_version.setdefault(made.versions[unit_id], {})
                places.setdefault(f"{frame}/{level}", []).append(unit_id)
            data = collection(shown + made.beside.get((frame, level), []))
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


def redraw(progress: Progress | None = None) -> bool:
    """Draw what is installed again where an older program drew it (see `outdated`).

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
    if not outdated(root):
        return False
    with _alone(root):
        before = installed()
        if before is None or damaged_file(before) or not outdated(root):
            return False
        dates = _dates()

        def build(folder: Path) -> None:
            shutil.copytree(before / "full", folder / "full")
            _draw(folder, dates, progress or (lambda _text: None))

        try:
            lay_down(root, build, _generation, keep=(LOCALITIES,))
        except (OSError, RuntimeError, ValueError) as error:
            if system_cause(error) not in (None, errno.ENOENT):
                raise  # the disk, and not what is installed
            raise GeodataError(
                _("Les limites installées ne se redessinent pas"),
                str(error),
                _("Réinstallez-les : « atlas geodata install »."),
            ) from error
    return True


def _searchable(layer: Layer) -> pl.DataFrame:
    """Units and shapes as coordinates search them: read without GeoPandas."""
    units = [u if isinstance(u, str) else None for u in layer.table["unit_id"]]
    shapes = list(layer.table.geometry.to_wkb())
    schema: dict[str, type[pl.DataType]] = {"unit_id": pl.String, "wkb": pl.Binary}
    return pl.DataFrame({"unit_id": units, "wkb": shapes}, schema=schema)


def _generation(build: Path) -> str:
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


def _report(
    layers: dict[str, Layer], matched: Matched, errors: Errors, folder: Path
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
        drawn={f"{f}/{lv}": drawn(f, lv) for f, lv in names},
        bytes=sizes,
    )
