"""Snapshots as files: written whole or not at all, held against their manifest when read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from atlas.errors import StoreError, why_refused
from atlas.fields import CODES, TABLES
from atlas.i18n import _
from atlas.model import SCHEMAS, Tables
from atlas.store.canonical import FORMAT

MANIFEST = "manifest.json"
UNFINISHED = ".tmp-"

_ROWS_AT_ONCE = 32_768
"""Rows of a Parquet row group: what stands in memory twice while it is written."""


@dataclass(frozen=True)
class Snapshot:
    """Published tables. They never change; a newer snapshot stands beside them.

    Attributes
    ----------
    hash
        Hash of the content (`atlas.store.canonical.logical_hash`).
    time
        When it was first published, UTC; no part of the hash.
    note
        Why, in the words of whoever published it.
    readings
        By document: the file in ``raw/`` that says how it was read, without its ending.
    """

    hash: str
    tables: Tables
    time: datetime
    note: str = ""
    readings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def documents(self) -> list[dict[str, Any]]:
        """The documents the tables were read from, as dictionaries."""
        return self.tables.documents.to_dicts()


def write_snapshot(
    folder: Path,
    content_hash: str,
    tables: Tables,
    note: str,
    readings: Mapping[str, str] | None = None,
) -> Snapshot:
    """Lay a snapshot down as ``folder/<hash>``; nobody sees it before it is complete.

    A sound snapshot of that hash that is already there is kept as it is, with the readings it
    has; a damaged one is replaced.
    """
    final = folder / content_hash
    try:
        return read_snapshot(folder, content_hash)
    except StoreError:
        pass  # absent, or damaged: written anew below
    sweep(folder)
    draft = folder / f"{UNFINISHED}{uuid4().hex}"
    draft.mkdir(parents=True)
    now = datetime.now(UTC)
    written = {name: _write_table(draft, name, frame) for name, frame in tables.items()}
    manifest = {
        "format": FORMAT,
        "hash": content_hash,
        "time": now.isoformat(),
        "note": note,
        "tables": written,
        "readings": dict(readings or {}),
    }
    write_bytes(draft / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    _sync_folder(draft)
    if final.exists():
        final.rename(folder / f"{UNFINISHED}{uuid4().hex}")
    draft.rename(final)
    _sync_folder(folder)
    return Snapshot(content_hash, tables, now, note, dict(readings or {}))


def read_snapshot(folder: Path, content_hash: str) -> Snapshot:
    """Read ``folder/<hash>``.

    Raises
    ------
    StoreError
        The snapshot is absent, or its files are not those that were written.
    """
    path = folder / content_hash
    with _damage_named(content_hash):
        manifest = read_manifest(folder, content_hash)
        written = manifest["tables"]
        known = [name for name in SCHEMAS if name in written]  # an older one may lack some
        frames = {name: _read_table(path, name, written[name]) for name in known}
        time = datetime.fromisoformat(manifest["time"])
        return Snapshot(
            content_hash,
            Tables(**frames),
            time,
            str(manifest.get("note", "")),
            dict(manifest.get("readings", {})),
        )


def read_manifest(folder: Path, content_hash: str) -> dict[str, Any]:
    """What ``folder/<hash>`` says that it holds.

    Raises
    ------
    StoreError
        It is of a format that this version does not know.
    """
    manifest: dict[str, Any] = json.loads((folder / content_hash / MANIFEST).read_bytes())
    if manifest["format"] != FORMAT:
        raise StoreError(
            _("Instantané {hash}", hash=content_hash[:12]),
            _("format inconnu de cette version : {format}", format=str(manifest["format"])[:40]),
            _("Mettez l'atlas à jour, ou restaurez un état d'avant : atlas snapshots restore."),
        )
    return manifest


def sweep(folder: Path) -> None:
    """Throw away what interrupted imports left. Only whoever holds the lock may call it."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def replace_bytes(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: a reader sees the old or the new, never half."""
    draft = path.with_name(f"{UNFINISHED}{uuid4().hex}")
    try:
        write_bytes(draft, content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Take a file away for good, if it is there: a power cut does not bring it back."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system lets folders be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_table(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    from io import BytesIO

    encoded = frame.with_columns(
        pl.col(one.name).cast(pl.List(pl.Categorical) if one.type is CODES else pl.Categorical)
        for one in TABLES[name]
        if one.type.coded
    )
    buffer = BytesIO()
    encoded.write_parquet(buffer, compression="zstd", statistics=True, row_group_size=_ROWS_AT_ONCE)
    content = buffer.getbuffer()
    write_bytes(folder / f"{name}.parquet", content)
    return {"rows": frame.height, "blake2b": _fingerprint(content)}


def _read_table(folder: Path, name: str, promised: dict[str, Any]) -> pl.DataFrame:
    from io import BytesIO

    content = (folder / f"{name}.parquet").read_bytes()
    if _fingerprint(content) != promised["blake2b"]:
        raise ValueError(f"{name}.parquet")
    frame = pl.read_parquet(BytesIO(content))
    since = [pl.lit(None).alias(column) for column in SCHEMAS[name] if column not in frame.columns]
    return frame.with_columns(since).select(list(SCHEMAS[name])).cast(dict(SCHEMAS[name]))  # type: ignore[arg-type]


def _fingerprint(content: bytes | memoryview) -> str:
    return blake2b(content, digest_size=16).hexdigest()


@contextmanager
def _damage_named(content_hash: str) -> Iterator[None]:
    """Whatever is wrong with the files of a snapshot, say it as one kind of error."""
    what = _("Instantané {hash}", hash=content_hash[:12])
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise _damaged(what, Path(error.filename or "").name) from error
    except OSError as error:
        why, remedy = why_refused(error, _("--store DOSSIER ou ATLAS_STORE"))
        file = Path(error.filename or "").name
        raise StoreError(what, f"{file}, {why}" if file else why, remedy) from error
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise _damaged(what, next(iter(str(error).splitlines()), "")) from error


def _damaged(what: str, detail: str) -> StoreError:
    return StoreError(
        what,
        _("absent ou endommagé ({detail})", detail=detail),
        _(
            "« atlas snapshots restore » remet le dernier état lisible ; s'il n'y en a pas, "
            "« atlas snapshots rebuild » relit les fichiers gardés."
        ),
    )
