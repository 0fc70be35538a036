"""Folders that are complete or absent: built aside, named by content, pointed at in one step.

Whoever reads follows the pointer ``current``; the generation before it is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from atlas.paths import data_root

T = TypeVar("T")
TABLES = ("units.csv", "codes.csv", "crosswalk.csv", "cercles_2023.csv")
"""Tables of ``geodata/`` that decide what is drawn from installed boundaries."""


def current(root: Path) -> Path | None:
    """The generation of boundaries in force, if there is one and it is whole."""
    pointer = root / "current"
    if not pointer.is_file():
        return None
    folder = root / pointer.read_text(encoding="utf-8").strip()
    return folder if (folder / "meta.json").is_file() else None


@cache
def tables_stamp() -> str:
    """Names the content of `TABLES`."""
    root = data_root() / "geodata"
    return blake2b(b"".join((root / t).read_bytes() for t in TABLES), digest_size=6).hexdigest()


def outdated(root: Path) -> bool:
    """Whether boundaries in force were drawn with other tables than those of this program."""
    folder = current(root)
    if folder is None:
        return False
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except ValueError:  # damaged: drawing again from it would not help
        return False
    return bool(meta.get("tables") != tables_stamp())


def lay_down(
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
        if folder.exists():
            shutil.rmtree(build)
        else:
            build.chmod(0o755)
            build.rename(folder)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    _swap(root, folder.name, keep)
    return folder, made


def _swap(root: Path, name: str, keep: Collection[str]) -> None:
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
