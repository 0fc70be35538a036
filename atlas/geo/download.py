"""Official boundaries from HDX: fetched, checked, installed; nothing lost when it fails.

All files lie beside the installed generations: ``hdx.part`` and its note (what has come so
far), ``hdx.json`` (which release is installed), ``hdx.tried`` (when the background last
tried) and ``hdx.log`` (what came of it).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from atlas.errors import GeodataError, why_refused
from atlas.geo.fetch import DownloadError, Patience, Watcher, discard, fetch_file
from atlas.geo.generations import damaged_file
from atlas.geo.hdx import Resource, current_resource, verify
from atlas.geo.install import InstallReport, Progress, install, redraw
from atlas.geo.offline import OFFLINE, is_offline
from atlas.geo.shapes import installed
from atlas.i18n import _
from atlas.paths import GEODATA, boundaries_root


@dataclass(frozen=True)
class Downloaded:
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

    resource: Resource
    report: InstallReport | None = None
    checked: bool = False

    def lines(self) -> list[str]:
        """The outcome in sentences, in the language in force."""
        named = {"file": self.resource.file_name, "day": self.resource.day}
        if self.report is None:
            return [_("Limites à jour : {file} du {day} est déjà installé.", **named)]
        held = _("taille et somme de contrôle vérifiées") if self.checked else _("taille vérifiée")
        if self.resource.size is None and not self.checked:
            held = _("HDX ne publie ni taille ni somme de contrôle")
        return [_("{file} du {day} : {held}.", held=held, **named), *self.report.lines()]


def download(
    patience: Patience | None = None,
    watch: Watcher | None = None,
    progress: Progress | None = None,
) -> Downloaded:
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
        raise _kept(DownloadError(_("Téléchargement interdit"), OFFLINE + "=1", ""))
    root = boundaries_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / "hdx.lock", timeout=0):
            return _download(root, patience or Patience(), watch, progress)
    except Timeout as error:
        raise GeodataError(_("Un téléchargement est déjà en cours"), "", "") from error
    except OSError as error:
        what = _("{path} : écriture impossible", path=root)
        raise _kept(DownloadError(what, *why_refused(error, GEODATA))) from error
    except GeodataError as error:
        raise _kept(error) from error


def _download(
    root: Path, patience: Patience, watch: Watcher | None, progress: Progress | None
) -> Downloaded:
    resource = current_resource(patience)
    if _is_installed(resource):
        redraw(progress)
        return Downloaded(resource)
    part = root / "hdx.part"
    fetch_file(resource.url, part, patience, watch)
    try:
        checked = verify(resource, part)
    except DownloadError:
        discard(part)  # going on from these bytes would never come right
        raise
    report = _install(part, root / f"hdx-{_with_suffix(part, resource)}", progress)
    _record(root, resource, report)
    return Downloaded(resource, report, checked)


def _install(part: Path, named: Path, progress: Progress | None) -> InstallReport:
    """Install what came; keep it for next time only where it may still do then."""
    for left in part.parent.glob("hdx-*"):  # by a try that was killed
        left.unlink()
    part.rename(named)
    try:
        report = install(named, progress)
    except GeodataError:  # not boundaries, or damaged: asking again is the only way
        named.unlink()
        discard(part)
        raise
    except BaseException:  # stopped by a person
        named.rename(part)
        raise
    named.unlink()
    discard(part)
    return report


def _with_suffix(file: Path, resource: Resource) -> str:
    """A file name that says what the bytes are: the reader goes by it."""
    with file.open("rb") as opened:
        magic = opened.read(6)
    suffixes = {b"PK": ".zip", b"SQ": ".gpkg", b"{": ".geojson"}
    kind = next((s for start, s in suffixes.items() if magic.lstrip().startswith(start)), "")
    name = resource.file_name
    return name if name.lower().endswith(kind or Path(name).suffix) else name + kind


def _is_installed(resource: Resource) -> bool:
    """Whether this release is the one laid down last, and is still there."""
    folder = installed()
    known = receipt()
    if folder is None or damaged_file(folder) or known.get("release") != resource.identity():
        return False
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return known.get("version") in meta["versions"]


def receipt() -> dict[str, Any]:
    """What is noted of the release installed from HDX; empty when there is none."""
    try:
        noted = json.loads((boundaries_root() / "hdx.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _record(root: Path, resource: Resource, report: InstallReport) -> None:
    noted = {
        "release": resource.identity(),
        "file": resource.file_name,
        "url": resource.url,
        "version": report.version,
        "date": report.date,
        "installed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    fresh = root / "hdx.json.new"
    fresh.write_text(json.dumps(noted, indent=1), encoding="utf-8")
    os.replace(fresh, root / "hdx.json")


def _kept(error: GeodataError) -> GeodataError:
    """The same failure, saying that nothing is lost and what else can be done."""
    kept = _("Ce qui est installé reste en place ; réessayez, ou « atlas geodata install ».")
    return type(error)(error.what, error.why, f"{error.remedy} {kept}".strip())
