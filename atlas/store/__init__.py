"""The published snapshots: immutable files, and one pointer that says which is current."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from getpass import getuser
from hashlib import sha256 as sha256_of
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import polars as pl
from filelock import FileLock, Timeout

from atlas.errors import StoreError, UnusableFileError
from atlas.i18n import _
from atlas.model import Tables, check, empty
from atlas.paths import decisions_file
from atlas.store.canonical import in_order, logical_hash
from atlas.store.changes import Diff, compare
from atlas.store.disk import Snapshot, read_snapshot, replace_bytes, write_snapshot
from atlas.store.merge import merge
from atlas.store.updates import Update, plan

__all__ = ["Diff", "Event", "Raw", "Snapshot", "Store", "Update"]

RATES = "rates.json"
READ_AS = ".json"
"""Ending of the file that says how the raw input beside it was read."""

_PATIENCE_S = 60.0
"""How long a writer waits for another: a large import takes about that long."""


class Event(NamedTuple):
    """A time at which a snapshot became the current one; ``documents`` are file names.

    ``who`` is the account of the machine that it came from, "" where it was not kept.
    """

    hash: str
    time: datetime
    note: str
    activities: int
    documents: tuple[str, ...]
    who: str = ""


class Raw(NamedTuple):
    """An input file as it came, and what the person said when it was read."""

    content: bytes
    read_as: Mapping[str, Any]


class Store:
    """A folder of snapshots.

    ``snapshots/<hash>/`` holds one each, ``current`` the pointer with its history, ``raw/``
    the input files by sha256 with how they were read. Readers need no lock: they follow the
    pointer, which is swapped in one step, to files that never change. Writers take turns.

    Parameters
    ----------
    root
        The folder; made on the first write.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._snapshots = self.root / "snapshots"
        self._pointer = self.root / "current"
        self._loading = Lock()
        self._loaded: tuple[tuple[int, ...], Snapshot] | None = None

    def current(self) -> Snapshot | None:
        """The published snapshot, or ``None`` while the store is empty.

        Costs one ``stat`` as long as the pointer has not moved.

        Raises
        ------
        StoreError
            The snapshot is damaged or may not be read.
        """
        with self._loading, self._io():
            try:
                seen = os.stat(self._pointer)
            except FileNotFoundError:
                return None
            key = (seen.st_mtime_ns, seen.st_ino, seen.st_size)
            if self._loaded is None or self._loaded[0] != key:
                self._loaded = (key, self._load(self._events()[-1].hash))
            return self._loaded[1]

    def publish(self, tables: Tables, note: str = "") -> Snapshot:
        """Make these tables the current snapshot, whatever was published before.

        The same content published twice is one snapshot and one entry of the history.

        Raises
        ------
        InvariantError
            The tables break the contract; nothing was published.
        StoreError
            The folder cannot be written, or another import keeps it busy.
        """
        with self._writing():
            return self._publish(self._judged(tables), note)

    def add(
        self,
        batches: Iterable[Tables],
        note: str = "",
        *,
        replacing: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Snapshot:
        """Publish the current tables with these documents added, as one snapshot.

        Documents among `without` are taken out first: a person now says something else.
        See `atlas.store.merge.merge` for what gives way to what, and for `replacing`. Of
        batches that an iterator hands over, each table is let go on the way. Raises as
        `publish` does.
        """
        with self._writing():
            now = self.current()
            kept = now.tables.without(without) if now else None
            return self._publish(self._judged(merge(kept, batches, replacing)), note)

    def judge(self, note: str = "") -> Snapshot | None:
        """Publish the current tables with the decisions about pairs that are in force now.

        Nothing is read again; ``None`` for an empty store. Raises as `publish` does.
        """
        with self._writing():
            now = self.current()
            return self._publish(self._judged(now.tables), note) if now else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else publishes inside this block: what is checked there holds when it is said."""
        with self._writing():
            yield

    def plan(
        self,
        batches: Iterable[Tables],
        *,
        replacing: Collection[str] = (),
    ) -> dict[str, Update]:
        """What `add` would do, by document; publishes nothing."""
        now = self.current()
        tables = now.tables if now else None
        return plan(tables, batches, replacing)

    def history(self) -> list[Event]:
        """What was current and since when, newest first; the first one is current."""
        with self._io():
            return self._events()[::-1]

    def get(self, hash_prefix: str) -> Snapshot:
        """A snapshot of the history by its hash or the beginning of it (4 digits or more).

        Raises
        ------
        StoreError
            No snapshot, or several, begin so; or it is damaged.
        """
        with self._io():
            return self._load(self._find(hash_prefix))

    def before(self, word: str = "") -> Snapshot | None:
        """A snapshot to compare the current one with.

        Parameters
        ----------
        word
            The beginning of its hash; empty: the one that was current before this one, or
            ``None`` where there was none.
        """
        if word:
            return self.get(word)
        with self._io():
            events = self._events()
            others = [e.hash for e in events if e.hash != events[-1].hash]
            return self._load(others[-1]) if others else None

    def restore(self, hash_prefix: str, note: str = "") -> Snapshot:
        """Make an older snapshot the current one again. Raises as `get` and `publish` do."""
        with self._writing():
            snapshot = self._load(self._find(hash_prefix))
            self._point_to(snapshot, note or _("restauré"))
            return snapshot

    def diff(self, before: str, after: str) -> Diff:
        """What changed between two snapshots, named by hash or its beginning."""
        return compare(self.get(before).tables, self.get(after).tables)

    def keep_raw(
        self, content: bytes | Path, sha256: str, read_as: Mapping[str, object] | None = None
    ) -> Path:
        """Keep an input file as it came, under its sha256, and beside it how it was read.

        Raises
        ------
        UnusableFileError
            The content is not, or no longer, that of the sha256.
        StoreError
            The folder cannot be written.
        """
        kept = self.root / "raw" / sha256
        named = content.name if isinstance(content, Path) else sha256[:12]
        try:
            data = content.read_bytes() if isinstance(content, Path) else content
        except OSError:
            data = b""  # taken away since it was read
        if sha256_of(data).hexdigest() != sha256:
            raise UnusableFileError(
                _("{file} inutilisable", file=named),
                _("il a changé pendant la lecture"),
                _("Relancez l'import quand le fichier n'est plus modifié."),
            )
        with self._io():
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                replace_bytes(kept, data)
            if read_as is not None:
                said = json.dumps(read_as, ensure_ascii=False, sort_keys=True)
                replace_bytes(kept.with_suffix(READ_AS), said.encode())
        return kept

    def raw(self, document: str) -> Raw | None:
        """The kept file of a document; ``None`` when it is gone, damaged, or nobody knows how
        it was read.
        """
        kept = sorted((self.root / "raw").glob(f"{document}*{READ_AS}")) if document else []
        try:
            content = kept[0].with_suffix("").read_bytes()
            if sha256_of(content).hexdigest() == kept[0].stem:
                return Raw(content, json.loads(kept[0].read_bytes()))
        except (IndexError, OSError, ValueError):
            pass
        return None

    def keep_rates(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Keep a person's own table of rates for the imports that follow; empty: none."""
        with self._writing():
            said = json.dumps(list(rows), ensure_ascii=False, indent=1)
            replace_bytes(self.root / RATES, said.encode())

    def rates(self) -> list[dict[str, str]]:
        """The person's own table of rates, empty when there is none.

        Raises
        ------
        StoreError
            The table is damaged.
        """
        try:
            rows: list[dict[str, str]] = json.loads((self.root / RATES).read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise StoreError(
                _("Table de taux {file}", file=RATES),
                _("illisible ou endommagée"),
                _("Redonnez-la avec --rates."),
            ) from error
        return rows

    def _load(self, content_hash: str) -> Snapshot:
        if self._loaded and self._loaded[1].hash == content_hash:
            return self._loaded[1]
        return read_snapshot(self._snapshots, content_hash)

    def _publish(self, frames: dict[str, pl.DataFrame], note: str) -> Snapshot:
        """Publish tables, which are used up: see `atlas.store.canonical.in_order`."""
        ordered = in_order(frames)
        check(ordered)
        snapshot = write_snapshot(self._snapshots, logical_hash(ordered), ordered, note)
        self._point_to(snapshot, note)
        return snapshot

    def _judged(self, tables: Tables) -> dict[str, pl.DataFrame]:
        """The tables by name, with the decisions about pairs of their activities."""
        file = decisions_file(self.root)
        if file is not None and not file.exists():  # none was ever taken: no database is loaded
            return dict(replace(tables, verdicts=empty("verdicts")).items())
        from atlas.store.pair_decisions import with_verdicts

        return dict(with_verdicts(tables, self.root).items())

    def _point_to(self, snapshot: Snapshot, note: str) -> None:
        """Move the pointer, history included, in one step; nothing moves if it is there."""
        events = self._events()
        if events and events[-1].hash == snapshot.hash:
            return
        tables = snapshot.tables
        event = Event(
            snapshot.hash,
            datetime.now(UTC),
            note,
            tables.activities.height,
            tuple(sorted(d["file"] or d["document"] for d in snapshot.documents)),
            _account(),
        )
        lines = [e._asdict() | {"time": e.time.isoformat()} for e in [*events, event]]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        replace_bytes(self._pointer, text.encode())

    def _events(self) -> list[Event]:
        try:
            lines = self._pointer.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        try:
            records = [json.loads(line) for line in lines]
            return [
                Event(
                    r["hash"],
                    datetime.fromisoformat(r["time"]),
                    r["note"],
                    r["activities"],
                    tuple(r["documents"]),
                    str(r.get("who", "")),
                )
                for r in records
            ]
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                _("Dossier des données {folder}", folder=self.root),
                _("le fichier « current » est endommagé"),
                _("Supprimez ce fichier puis réimportez vos documents : ils sont dans « raw »."),
            ) from error

    def _find(self, prefix: str) -> str:
        hashes = sorted({event.hash for event in self._events()})
        found = [h for h in hashes if len(prefix) >= 4 and h.startswith(prefix.lower())]
        if len(found) == 1:
            return found[0]
        known = ", ".join(h[:12] for h in hashes) or _("aucun")
        raise StoreError(
            _("Instantané « {prefix} »", prefix=prefix),
            _("plusieurs commencent ainsi") if found else _("inconnu de l'historique"),
            _("Connus : {hashes}.", hashes=known),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, across threads and processes; a crash frees the lock."""
        with self._io():
            self.root.mkdir(parents=True, exist_ok=True)
            try:
                # One object a process: who holds it publishes inside `alone`.
                with FileLock(self.root / ".lock", timeout=_PATIENCE_S, is_singleton=True):
                    yield
            except Timeout as error:
                raise StoreError(
                    _("Dossier des données {folder}", folder=self.root),
                    _("un autre import y écrit depuis plus d'une minute"),
                    _("Attendez sa fin, puis relancez."),
                ) from error

    @contextmanager
    def _io(self) -> Iterator[None]:
        """What the system refuses, said as an error a person can act on."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                _("Dossier des données {folder}", folder=self.root), *_why(error)
            ) from error


def _why(error: OSError) -> tuple[str, str]:
    """What the system refuses, and what to do about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("le disque est plein"), _("Libérez de la place, puis relancez : rien n'est perdu.")
    if error.errno == errno.EFBIG:
        why = _("le système n'y permet pas de fichiers aussi gros")
        return why, _("Choisissez un autre disque : --store DOSSIER ou ATLAS_STORE.")
    refused = isinstance(error, PermissionError)
    why = _("accès refusé") if refused else str(error.strerror or error)
    return why, _("Choisissez un dossier où vous pouvez écrire : --store DOSSIER ou ATLAS_STORE.")


def _account() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container without accounts
        return ""
