"""Folders that are complete or absent: built aside, named by content, pointed at in one step.

Whoever reads follows the pointer ``current``; the generation before it is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from atlas.i18n import _
from atlas.paths import data_root

T = TypeVar("T")
FILES = "files.json"
"""Hash of each file of a generation, by its name in it."""
_PIECE = 2**20
TABLES = ("units.csv", "codes.csv", "crosswalk.csv", "cercles_2023.csv")
"""Tables of ``geodata/`` that decide what is drawn from installed boundaries."""


def current_generation(root: Path) -> Path | None:
    """The generation of boundaries in force, if there is one and it is whole."""
    pointer = root / "current"
    if not pointer.is_file():
        return None
    folder = root / pointer.read_text(encoding="utf-8").strip()
    return folder if (folder / "meta.json").is_file() else None


def tables_stamp() -> str:
    """Names the content of `TABLES`."""
    root = data_root() / "geodata"
    return blake2b(b"".join((root / t).read_bytes() for t in TABLES), digest_size=6).hexdigest()


def is_outdated(root: Path) -> bool:
    """Whether boundaries in force were drawn with other tables than those of this program."""
    folder = current_generation(root)
    if folder is None:
        return False
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except ValueError:  # damaged: drawing again from it would not help
        return False
    return bool(meta.get("tables") != tables_stamp())


def install_generation(
    root: Path,
    fill: Callable[[Path], T],
    name_of: Callable[[Path], str],
    keep: Collection[str] = (),
) -> tuple[Path, T]:
    """Build a generation and make it the current one.

    Parameters
    ----------
    root
        Folder of the generations and of the pointer.
    fill
        Writes everything into the empty folder it is given.
    name_of
        Name of what was written, from its content: the same content is the same generation.
    keep
        Folders of ``root`` that are no generations.

    Returns
    -------
    tuple
        The folder of the generation, and what ``fill`` returned. Where ``fill`` fails,
        nothing has changed.
    """
    build = Path(tempfile.mkdtemp(dir=root, prefix=".build-"))
    try:
        made = fill(build)
        folder = root / name_of(build)
        _write_file_hashes(build)
        if (folder / FILES).exists() and not damaged_file(folder):
            shutil.rmtree(build)
        else:
            if folder.exists():
                folder.rename(build.with_name(f"{build.name}.gone"))
            build.chmod(0o755)
            build.rename(folder)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    _swap_pointer(root, folder.name, keep)
    return folder, made


def damaged_file(folder: Path, needed: Collection[str] = ()) -> str:
    """Name of a file of a generation that is not as it was laid down; "" when all are.

    Parameters
    ----------
    needed
        Files that one from before its files were noted must have; none of it may be cut.
    """
    try:
        noted = json.loads((folder / FILES).read_bytes())
        wrong = [name for name, mark in noted.items() if _file_hash(folder / name) != mark]
    except FileNotFoundError:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        wrong = [name for name in needed if not (folder / name).is_file()]
        wrong += [path.relative_to(folder).as_posix() for path in files if _is_truncated(path)]
    except (ValueError, AttributeError):
        return FILES
    return next(iter(wrong), "")


def installation_trouble(
    root: Path, keep: Collection[str] = (), needed: Collection[str] = ()
) -> str:
    """Why what is installed below a folder cannot be used; "" when it can, or nothing is.

    Parameters
    ----------
    root, keep
        As `install_generation` takes them.
    needed
        As `damaged_file` takes it.
    """
    folders = [p.name for p in root.glob("[!.]*") if p.is_dir() and p.name not in keep]
    try:
        named = (root / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return _("le fichier « current » a disparu") if folders else ""
    except (OSError, ValueError):
        return _("le fichier « current » est illisible")
    if named not in folders:
        return _("le fichier « current » ne désigne aucune version installée")
    file = damaged_file(root / named, needed)
    return _("{file} est endommagé ou a disparu", file=file) if file else ""


def _write_file_hashes(build: Path) -> None:
    """Note what the files of a generation hold, for whoever checks it later."""
    files = sorted(path for path in build.rglob("*") if path.is_file())
    noted = {path.relative_to(build).as_posix(): _file_hash(path) for path in files}
    (build / FILES).write_text(json.dumps(noted, indent=1), encoding="utf-8")


def _file_hash(path: Path) -> str:
    """A hash of a file; "" where there is none to read."""
    digest = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _is_truncated(path: Path) -> bool:
    """Whether a file does not end as its kind does."""
    content = path.read_bytes()
    match path.suffix:
        case ".json" | ".geojson":
            try:
                json.loads(content)
            except ValueError:
                return True
        case ".parquet":
            return len(content) < 12 or content[-4:] != b"PAR1"
        case ".gpkg":
            page, pages = (int.from_bytes(content[a:b], "big") for a, b in ((16, 18), (28, 32)))
            return len(content) < 100 or len(content) != pages * (65536 if page == 1 else page)
    return False


def _swap_pointer(root: Path, name: str, keep: Collection[str]) -> None:
    """Point ``current`` at a generation; keep the one before, drop older ones."""
    pointer = root / "current"
    before = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
    if before == name:
        return
    fresh = root / "current.new"
    fresh.write_text(name, encoding="utf-8")
    os.replace(fresh, pointer)
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in (name, before, *keep):
            shutil.rmtree(folder, ignore_errors=True)
