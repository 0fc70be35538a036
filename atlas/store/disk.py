"""A store on disk: names of files, snapshots written whole, their canonical order and hash."""

from __future__ import annotations

import json
import os
import shutil
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import polars as pl

from atlas.errors import StoreError, why_refused
from atlas.fields import CODES, TABLES
from atlas.i18n import N_, _
from atlas.model import SCHEMAS, Tables

POINTER, PENDING, LOCK = "current", "pending.json", ".lock"
UNPUBLISHED = "unpublished"
"""Stands in a new store until its first publication: without it, a store that holds snapshots
or files and no pointer has lost the pointer."""
RAW, SNAPSHOTS = "raw", "snapshots"
RESTORING = ".restoring"
"""Ends the name of the folder in which a backup is unpacked, beside the store."""
DECIDED = "decided.json"
"""How far the numbers of decisions have come, by table: what a database must hold at least."""
ACCOUNTS_NOTE = "accounts.json"
"""File of the store that says that it has accounts, though their database be gone."""
ELSEWHERE = N_("--store DOSSIER ou ATLAS_STORE")

DecisionRow = Mapping[str, Any]
FileRewrite = Callable[[bytes | None], bytes]
"""From what a file holds (``None``: it is not there) to what it is to hold."""


@dataclass(frozen=True)
class DecisionChange:
    """Decisions to be written down together, as rows by table.

    Attributes
    ----------
    added
        Rows without their number.
    undone
        ``id, undone_by, undone_at`` of rows that are taken back.
    """

    added: Mapping[str, Sequence[DecisionRow]] = field(default_factory=dict)
    undone: Mapping[str, Sequence[DecisionRow]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.added.values()) or any(self.undone.values())


@dataclass(frozen=True)
class PublicationExtras:
    """What is published with tables, or not at all.

    Attributes
    ----------
    readings
        By sha256 of a kept input file: what a person said when it was read.
    change
        Decisions.
    files
        Files of the store to rewrite, by name.
    folders
        Folders of the store that are no longer needed once all is published.
    """

    readings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    change: DecisionChange = field(default_factory=DecisionChange)
    files: Mapping[str, FileRewrite] = field(default_factory=dict)
    folders: Sequence[str] = ()


NO_EXTRAS = PublicationExtras()


FORMAT = "atlas-snapshot-1"
"""Part of every hash: tables laid out in another way are other tables."""


_SINCE = frozenset(
    {"organisations", "verdicts", "relations", "figures", "sectors", "earlier_reports"}
)
"""Tables that came after the format: empty, they change no hash."""
_COLUMNS_SINCE = frozenset({("context", "group")})
"""Columns that came after it: where they hold nothing, they change no hash."""


class _ByteHasher(Protocol):
    def update(self, data: bytes, /) -> None: ...


def canonical_tables(tables: Tables) -> Tables:
    """The same rows in the one order that depends on nothing but themselves.

    File names are cut to their last part: where a file lay on someone's disk is nobody's
    business, and the same file read from two folders is the same document.
    """
    return ordered_tables(dict(tables.items()))


def ordered_tables(frames: dict[str, pl.DataFrame]) -> Tables:
    """As `canonical_tables`; the frames are taken out of the dictionary, which is used up.

    A table that nobody else holds is let go as soon as its rows are in order: no two of a
    long list stand in memory twice at the same time.
    """
    bare = pl.col("file").str.replace(r"^.*[/\\]", "")
    frames["documents"] = frames["documents"].with_columns(bare)
    return Tables(
        **{name: _ordered_rows(frames.pop(name).select(list(SCHEMAS[name]))) for name in SCHEMAS}
    )


def _ordered_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows ordered by all columns; by the first alone where that tells every row apart."""
    first = frame.columns[0]
    keys = [first] if frame[first].n_unique() == frame.height else frame.columns
    return frame.sort(keys, nulls_last=False, maintain_order=False)


def logical_hash(tables: Tables) -> str:
    """Hash of tables that are in canonical order, as 32 hexadecimal digits.

    Examples
    --------
    >>> logical_hash(Tables.empty()) == logical_hash(canonical_tables(Tables.empty()))
    True
    """
    hasher = blake2b(FORMAT.encode(), digest_size=16)
    for name, frame in tables.items():
        if name in _SINCE and frame.is_empty():
            continue
        hasher.update(f"\x00{name}\x00{frame.height}".encode())
        for series in frame if frame.height else ():
            if (name, series.name) in _COLUMNS_SINCE and not series.count():
                continue
            hasher.update(f"\x00{series.name}\x00".encode())
            _feed_column(hasher, series)
    return hasher.hexdigest()


def _feed_column(hasher: _ByteHasher, series: pl.Series) -> None:
    """Give a column to the hasher: where it is null, then its values, without ambiguity."""
    unknown = series.null_count()
    if unknown == series.len():  # their values, or lengths, are zeros of 8 bytes
        hasher.update(b"\x01" * unknown)
        hasher.update(bytes(8 * unknown))
        return
    hasher.update(bytes(series.is_null().to_list() if unknown else series.len()))
    if isinstance(series.dtype, pl.List):
        lengths = series.list.len().fill_null(0)
        hasher.update(_packed_numbers("q", lengths.to_list()))
        _feed_column(hasher, series.filter(lengths > 0).explode())
    elif series.dtype == pl.String:
        # lengths beside the text: "a","bc" and "ab","c" must not read the same
        hasher.update(_packed_numbers("q", series.str.len_bytes().fill_null(0).to_list()))
        text = series.str.join("").item() if series.len() else ""
        hasher.update(text.encode())
    elif series.dtype == pl.Float64:
        # + 0.0: -0.0 and 0.0 are one figure
        hasher.update(_packed_numbers("d", [value + 0.0 for value in series.fill_null(0.0)]))
    else:
        hasher.update(
            _packed_numbers("q", series.to_physical().cast(pl.Int64).fill_null(0).to_list())
        )


def _packed_numbers(kind: str, values: Iterable[float]) -> bytes:
    """Numbers as 8 bytes each, the lowest first; without numpy, which is slow to load."""
    packed = array(kind, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


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
        Hash of the content (`atlas.store.disk.logical_hash`).
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

    @property
    def document_rows(self) -> list[dict[str, Any]]:
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
    remove_unfinished(folder)
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
    with _damage_as_store_error(content_hash):
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


def remove_unfinished(folder: Path) -> None:
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

    encoded = frame.with_columns(
        pl.col(one.name).cast(pl.List(pl.Categorical) if one.type is CODES else pl.Categorical)
        for one in TABLES[name]
        if one.type.coded
    )
    buffer = BytesIO()
    encoded.write_parquet(buffer, compression="zstd", statistics=True, row_group_size=_ROWS_AT_ONCE)
    content = buffer.getbuffer()
    write_bytes(folder / f"{name}.parquet", content)
    return {"rows": frame.height, "blake2b": _content_digest(content)}


def _read_table(folder: Path, name: str, promised: dict[str, Any]) -> pl.DataFrame:

    content = (folder / f"{name}.parquet").read_bytes()
    if _content_digest(content) != promised["blake2b"]:
        raise ValueError(f"{name}.parquet")
    frame = pl.read_parquet(BytesIO(content))
    since = [pl.lit(None).alias(column) for column in SCHEMAS[name] if column not in frame.columns]
    return frame.with_columns(since).select(list(SCHEMAS[name])).cast(dict(SCHEMAS[name]))  # type: ignore[arg-type]


def _content_digest(content: bytes | memoryview) -> str:
    return blake2b(content, digest_size=16).hexdigest()


@contextmanager
def _damage_as_store_error(content_hash: str) -> Iterator[None]:
    """Whatever is wrong with the files of a snapshot, say it as one kind of error."""
    what = _("Instantané {hash}", hash=content_hash[:12])
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise _damaged_error(what, Path(error.filename or "").name) from error
    except OSError as error:
        why, remedy = why_refused(error, _("--store DOSSIER ou ATLAS_STORE"))
        file = Path(error.filename or "").name
        raise StoreError(what, f"{file}, {why}" if file else why, remedy) from error
    except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise _damaged_error(what, next(iter(str(error).splitlines()), "")) from error


def _damaged_error(what: str, detail: str) -> StoreError:
    return StoreError(
        what,
        _("absent ou endommagé ({detail})", detail=detail),
        _(
            "« atlas snapshots restore » remet le dernier état lisible ; s'il n'y en a pas, "
            "« atlas snapshots rebuild » relit les fichiers gardés."
        ),
    )
