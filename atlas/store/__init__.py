"""The published snapshots: immutable files, and one pointer that says which is current."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from hashlib import sha256 as sha256_of
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

import polars as pl
from filelock import Timeout

from atlas.author import current_author
from atlas.errors import StoreError, UnusableFileError, UsageError, system_errors_as, why_refused
from atlas.i18n import _
from atlas.model import Tables, check
from atlas.store.commits import (
    PublicationEvent,
    finish_pending,
    mark_unpublished,
    note_pending,
    read_events,
    settle_pending,
    was_decided,
    write_events,
    write_lock,
)
from atlas.store.disk import (
    ELSEWHERE,
    NO_EXTRAS,
    PENDING,
    POINTER,
    RAW,
    SNAPSHOTS,
    UNPUBLISHED,
    DecisionChange,
    FileRewrite,
    PublicationExtras,
    Snapshot,
    logical_hash,
    ordered_tables,
    read_manifest,
    read_snapshot,
    remove_file,
    replace_bytes,
    write_snapshot,
)
from atlas.store.merge import (
    DocumentUpdate,
    SnapshotDiff,
    compare_tables,
    merge_documents,
    plan_updates,
)

__all__ = [
    "NO_EXTRAS",
    "REPLACING",
    "DecisionChange",
    "DocumentUpdate",
    "PublicationEvent",
    "PublicationExtras",
    "RawFile",
    "Snapshot",
    "SnapshotDiff",
    "Store",
]

RATES = "rates.json"
REPLACING = "replacing"
"""Said of a reading: that its document replaces the earlier lists of its sender."""
READ_AS = ".json"
"""Ending of the file that says how a raw input was read: ``<sha256>.<digest>.json``, which
never changes; older stores have one ``<sha256>.json``."""


class RawFile(NamedTuple):
    """An input file as it came, and what the person said when it was read."""

    content: bytes
    read_as: Mapping[str, Any]


class Store:
    """A folder of snapshots.

    ``snapshots/<hash>/`` holds one each, ``current`` the pointer with its history, ``raw/``
    the input files by sha256 with how they were read. Readers need no lock: they follow the
    pointer, which is swapped in one step, to files that never change. Writers take turns.
    What goes with a publication (`PublicationExtras`) is in force with it or not at all.

    Parameters
    ----------
    root
        The folder; made on the first write.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._snapshots = self.root / SNAPSHOTS
        self._pointer = self.root / POINTER
        self._loading = Lock()
        self._loaded: tuple[tuple[int, ...], Snapshot] | None = None

    def current_snapshot(self) -> Snapshot | None:
        """The published snapshot, or ``None`` while the store is empty.

        Costs one ``stat`` as long as the pointer has not moved.

        Raises
        ------
        StoreError
            The snapshot or the pointer is damaged or gone, or may not be read.
        """
        with self._loading, self._system_errors():
            try:
                seen = os.stat(self._pointer)
            except FileNotFoundError:
                self._read_history()  # raises where there was one
                return None
            key = (seen.st_mtime_ns, seen.st_ino, seen.st_size)
            if self._loaded is None or self._loaded[0] != key:
                event = self._read_history()[-1]
                held = self._load_snapshot(event.hash)
                readings = {**held.readings, **event.readings}
                self._loaded = (key, replace(held, readings=readings))
            return self._loaded[1]

    def publish_tables(
        self, tables: Tables, note: str = "", *, extras: PublicationExtras = NO_EXTRAS
    ) -> Snapshot:
        """Make these tables the current snapshot, whatever was published before.

        The same content published twice is one snapshot and one entry of the history.

        Raises
        ------
        InvariantError
            The tables break the contract; nothing was published.
        StoreError
            The folder cannot be written, or another import keeps it busy.
        """
        with self._writer_lock():
            return self._publish_frames(self._with_decisions(tables, extras.change), note, extras)

    def add_documents(
        self,
        batches: Iterable[Tables],
        note: str = "",
        *,
        replacing: Collection[str] = (),
        without: Collection[str] = (),
        extras: PublicationExtras = NO_EXTRAS,
    ) -> Snapshot:
        """Publish the current tables with these documents added, as one snapshot.

        Documents among `without` are taken out first: a person now says something else.
        See `atlas.store.merge.merge_documents` for what gives way to what, and for `replacing`. Of
        batches that an iterator hands over, each table is let go on the way. Raises as
        `publish_tables` does.
        """
        with self._writer_lock():
            now = self.current_snapshot()
            kept = now.tables.without(without) if now else None
            judged = self._with_decisions(merge_documents(kept, batches, replacing), extras.change)
            return self._publish_frames(judged, note, extras)

    def publish_decisions(
        self, note: str = "", *, change: DecisionChange | None = None
    ) -> Snapshot | None:
        """Publish the current tables with the decisions about pairs that are in force now.

        Parameters
        ----------
        change
            Decisions to write down with that.

        Notes
        -----
        Nothing is read again; ``None`` for an empty store. Raises as `publish_tables` does.
        """
        with self._writer_lock():
            now = self.current_snapshot()
            if now is None:
                return None
            beside = PublicationExtras(change=change or DecisionChange())
            return self._publish_frames(
                self._with_decisions(now.tables, beside.change), note, beside
            )

    def rebuild_snapshot(
        self,
        batches: Iterable[Tables],
        note: str,
        *,
        replacing: Collection[str],
        extras: PublicationExtras,
    ) -> Snapshot:
        """Publish these documents alone, whatever state the published ones are in."""
        with self._writer_lock(repairing=True):
            events = self._readable_events(self._recoverable_history())
            self._keep_damaged_pointer()
            judged = self._with_decisions(
                merge_documents(None, batches, replacing), DecisionChange()
            )
            return self._publish_frames(judged, note, extras, events)

    @contextmanager
    def exclusive_writing(self) -> Iterator[None]:
        """Nobody else publishes inside this block: what is checked there holds when it is said."""
        with self._writer_lock():
            yield

    def planned_updates(
        self,
        batches: Iterable[Tables],
        *,
        replacing: Collection[str] = (),
    ) -> dict[str, DocumentUpdate]:
        """What `add_documents` would do, by document; publishes nothing."""
        now = self.current_snapshot()
        tables = now.tables if now else None
        return plan_updates(tables, batches, replacing)

    def publication_history(self) -> list[PublicationEvent]:
        """What was current and since when, newest first; the first one is current."""
        with self._system_errors():
            return self._read_history()[::-1]

    def get(self, hash_prefix: str) -> Snapshot:
        """A snapshot of the history by its hash or the beginning of it (4 digits or more).

        Raises
        ------
        StoreError
            No snapshot, or several, begin so; or it is damaged.
        """
        with self._system_errors():
            return self._load_snapshot(self._find_hash(hash_prefix))

    def comparison_snapshot(self, word: str = "", shown: str = "") -> Snapshot | None:
        """A snapshot to compare a state with.

        Parameters
        ----------
        word
            The beginning of its hash; empty: the one that was current before the state that is
            shown, or ``None`` where there was none.
        shown
            Hash of that state; empty: the current one.
        """
        if word:
            return self.get(word)
        with self._system_errors():
            hashes = [event.hash for event in self._read_history()]
            shown = shown or hashes[-1]
            since = len(hashes) - 1 - hashes[::-1].index(shown)  # the last time that it was current
            others = [one for one in hashes[:since] if one != shown]
            return self._load_snapshot(others[-1]) if others else None

    def restore_snapshot(self, hash_prefix: str = "", note: str = "") -> Snapshot:
        """Make an older snapshot the current one again.

        Where the pointer is gone or damaged, the history is first put together again from the
        snapshots themselves; the damaged pointer is kept beside.

        Parameters
        ----------
        hash_prefix
            The beginning of its hash; empty: the one that was current before, or the newest
            that can be read where the current one cannot.

        Raises
        ------
        UsageError
            There is no other state.
        StoreError
            As `get` and `publish_tables` do.
        """
        with self._writer_lock(repairing=True):
            events: Sequence[PublicationEvent] = self._recoverable_history()
            if hash_prefix:
                wanted = _hash_with_prefix(hash_prefix, events)
            else:
                events, wanted = self._other_state(events)
            snapshot = self._load_snapshot(wanted)
            last = next(event for event in reversed(events) if event.hash == wanted)
            self._keep_damaged_pointer()
            self._point_to(events, snapshot, note or _("restauré"), readings=last.readings)
            return snapshot

    def _other_state(
        self, events: Sequence[PublicationEvent]
    ) -> tuple[Sequence[PublicationEvent], str]:
        """The state before the current one, or the newest that can be read, and the history.

        Where the current one cannot be read, states that cannot leave the history.
        """
        if self._is_readable() and (not events or self._is_sound(events[-1].hash)):
            if len(events) < 2:
                raise UsageError(_("Il n'y a pas d'état précédent."))
            return events, events[-2].hash
        sound = self._readable_events(events)
        if not sound:
            raise StoreError(
                _("Aucun état lisible dans {folder}", folder=self.root),
                "",
                _("« atlas snapshots rebuild » relit les fichiers gardés dans « raw »."),
            )
        return sound, sound[-1].hash

    def _readable_events(self, events: Sequence[PublicationEvent]) -> list[PublicationEvent]:
        """Events of states that can be read."""
        sound = {one for one in {event.hash for event in events} if self._is_sound(one)}
        return [event for event in events if event.hash in sound]

    def _is_sound(self, content_hash: str) -> bool:
        try:
            read_snapshot(self._snapshots, content_hash)
        except StoreError:
            return False
        return True

    def _recoverable_history(self) -> list[PublicationEvent]:
        """The history; that of the snapshots that can be read where the pointer cannot."""
        with suppress(StoreError):
            events = self._read_history()
            if not events or self._readable_events(events):
                return events
        names = [path.name for path in self._snapshots.glob("[0-9a-f]*")]
        found = [read_snapshot(self._snapshots, name) for name in names if self._is_sound(name)]
        return [_event_of(one, one.note, one.time) for one in sorted(found, key=lambda s: s.time)]

    def _keep_damaged_pointer(self) -> None:
        """Keep a pointer that cannot be read beside, and what it would have decided about."""
        if self._is_readable():
            return
        if self._pointer.is_dir():
            self._pointer.rename(self._free_name(POINTER))
        elif self._pointer.exists():
            replace_bytes(self._free_name(POINTER), self._pointer.read_bytes())
        if (self.root / PENDING).exists():
            (self.root / PENDING).rename(self._free_name(PENDING))

    def _free_name(self, name: str) -> Path:
        """The first name that is free for a file that is kept though it cannot be used."""
        names = (self.root / f"{name}.illisible-{n}" for n in count(1))
        return next(path for path in names if not path.exists())

    def forget_state(self, hash_prefix: str) -> str:
        """Take a state that cannot be read any more out of the history; its hash.

        Raises
        ------
        UsageError
            It is the current one, or can be read.
        StoreError
            As `get` and `publish_tables` do.
        """
        with self._writer_lock():
            wanted, events = self._find_hash(hash_prefix), self._read_history()
            if events[-1].hash == wanted or self._is_sound(wanted):
                raise UsageError(
                    _("Instantané {hash} gardé", hash=wanted[:12]),
                    _("c'est l'état publié, ou il est lisible"),
                    _("Seul un état d'avant, illisible, se retire de l'historique."),
                )
            write_events(self.root, [e for e in events if e.hash != wanted])
            return wanted

    def snapshot_diff(self, before: str, after: str) -> SnapshotDiff:
        """What changed between two snapshots, named by hash or its beginning."""
        return compare_tables(self.get(before).tables, self.get(after).tables)

    def keep_raw(self, content: bytes | Path, sha256: str) -> Path:
        """Keep an input file as it came, under its sha256.

        How it was read is said where it is published: `PublicationExtras.readings`.

        Raises
        ------
        UnusableFileError
            The content is not, or no longer, that of the sha256.
        StoreError
            The folder cannot be written.
        """
        kept = self.root / RAW / sha256
        named = content.name if isinstance(content, Path) else sha256[:12]
        try:
            data = content.read_bytes() if isinstance(content, Path) else content
        except FileNotFoundError:
            data = b""  # taken away since it was read
        except OSError as error:
            raise UnusableFileError(
                _("{file} inutilisable", file=named), *why_refused(error, _("un autre fichier"))
            ) from error
        if sha256_of(data).hexdigest() != sha256:
            raise UnusableFileError(
                _("{file} inutilisable", file=named),
                _("il a changé pendant la lecture"),
                _("Relancez l'import quand le fichier n'est plus modifié."),
            )
        with self._system_errors():
            if not kept.exists() or sha256_of(kept.read_bytes()).hexdigest() != sha256:
                mark_unpublished(self.root)
                kept.parent.mkdir(parents=True, exist_ok=True)
                replace_bytes(kept, data)
        return kept

    def raw_document(self, document: str) -> RawFile | None:
        """The kept file of a published document, and how it was read when it was published.

        ``None`` when it is gone, damaged, or nobody knows how it was read.
        """
        now = self.current_snapshot()
        reading = now.readings.get(document) if now else None
        return self.raw_of_reading(reading) if reading else self._raw_of_older(document)

    def raw_of_reading(self, reading: str) -> RawFile | None:
        """As `raw_document`, by the name in ``raw/`` of how it was read, without its ending."""
        folder = self.root / RAW
        with suppress(OSError, ValueError):
            said = (folder / f"{reading}{READ_AS}").read_bytes()
            content = (folder / reading.partition(".")[0]).read_bytes()
            sha256, _dot, digest = reading.partition(".")
            if sha256_of(content).hexdigest() == sha256 and digest in ("", _short_digest(said)):
                return RawFile(content, json.loads(said))
        return None

    def _raw_of_older(self, document: str) -> RawFile | None:
        """As `raw_document`, where the publication did not say how it was read."""
        kept = (self.root / RAW).glob(f"{document}*{READ_AS}") if document else ()
        names = [path.name.removesuffix(READ_AS) for path in kept]
        return next((self.raw_of_reading(name) for name in sorted(names) if "." not in name), None)

    def kept_readings(self) -> dict[str, str]:
        """By document, how each kept file was read: as last published, else as last said."""
        files = [(path.stat().st_mtime_ns, path) for path in (self.root / RAW).glob(f"*{READ_AS}")]
        named = [path.name.removesuffix(READ_AS) for _written, path in sorted(files)]
        found = {name[:12]: name for name in named}
        with suppress(StoreError):
            if said := self._readings_of(self._read_history()):
                older = {name[:12]: name for name in named if "." not in name}
                return {**older, **said}
        return found

    def _readings_of(self, events: Sequence[PublicationEvent]) -> dict[str, str]:
        """How the documents of the last state of a history were read, as far as it says so."""
        if not events:
            return {}
        with suppress(StoreError, OSError, ValueError, KeyError, TypeError, AttributeError):
            said = read_manifest(self._snapshots, events[-1].hash).get("readings", {})
            return {**said, **events[-1].readings}
        return dict(events[-1].readings)

    def kept_rates(self) -> list[dict[str, str]]:
        """The person's own table of rates, empty when there is none.

        Raises
        ------
        StoreError
            The table is damaged.
        """
        finish_pending(self.root)
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

    def rewrite_file(self, name: str, content: FileRewrite) -> None:
        """Rewrite a file of the store, apart from any publication."""
        with self._writer_lock():
            path = self.root / name
            replace_bytes(path, content(path.read_bytes() if path.exists() else None))

    def _load_snapshot(self, content_hash: str) -> Snapshot:
        if self._loaded and self._loaded[1].hash == content_hash:
            return self._loaded[1]
        return read_snapshot(self._snapshots, content_hash)

    def _publish_frames(
        self,
        frames: dict[str, pl.DataFrame],
        note: str,
        extras: PublicationExtras,
        events: Sequence[PublicationEvent] | None = None,
    ) -> Snapshot:
        """Publish tables, and what goes with them; they are used up: see `ordered_tables`.

        Parameters
        ----------
        events
            The history where the pointer does not say it.
        """
        told = set(frames["documents"]["document"].to_list())
        before = self._read_history() if events is None else events
        readings = self._readings_of(before)
        ordered = ordered_tables(frames)
        check(ordered)
        kept = {document: name for document, name in readings.items() if document in told}
        said = kept | self._write_readings(extras.readings)
        publication = uuid4().hex if extras.change or extras.files or extras.folders else ""
        if publication:
            note_pending(self.root, publication, extras)
        content_hash = logical_hash(ordered)
        snapshot = write_snapshot(self._snapshots, content_hash, ordered, note, said)
        apart = {d: name for d, name in said.items() if snapshot.readings.get(d) != name}
        self._point_to(before, snapshot, note, publication, apart)
        settle_pending(self.root)
        return replace(snapshot, readings=said)

    def _write_readings(self, readings: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
        """Lay down how kept files were read, by sha256; by document, the names of that."""
        names = {}
        for sha256, read_as in readings.items():
            said = json.dumps(read_as, ensure_ascii=False, sort_keys=True).encode()
            name = f"{sha256}.{_short_digest(said)}"
            replace_bytes(self.root / RAW / f"{name}{READ_AS}", said)
            names[sha256[:12]] = name
        return names

    def _with_decisions(self, tables: Tables, change: DecisionChange) -> dict[str, pl.DataFrame]:
        """The tables by name, with the decisions about pairs of their activities."""
        if not change and not was_decided(self.root):  # no database is loaded
            return dict(tables.items())
        from atlas.store.decisions import with_decisions  # loads SQLAlchemy

        return dict(with_decisions(tables, self.root, change).items())

    def _point_to(
        self,
        events: Sequence[PublicationEvent],
        snapshot: Snapshot,
        note: str,
        publication: str = "",
        readings: Mapping[str, str] | None = None,
    ) -> None:
        """Move the pointer, history included, in one step; nothing moves if it is there."""
        apart = dict(readings or {})
        if events and events[-1].hash == snapshot.hash:
            last = events[-1]
            anew = publication or apart != last.readings
            if anew or not self._is_readable() or self._read_history() != events:
                again = last._replace(publication=publication, readings=apart)
                write_events(self.root, [*events[:-1], again])
            return
        event = _event_of(snapshot, note, datetime.now(UTC))
        event = event._replace(who=current_author(), publication=publication, readings=apart)
        write_events(self.root, [*events, event])

    def _read_history(self) -> list[PublicationEvent]:
        return read_events(self.root)

    def _find_hash(self, prefix: str) -> str:
        return _hash_with_prefix(prefix, self._read_history())

    @contextmanager
    def _writer_lock(self, *, repairing: bool = False) -> Iterator[None]:
        """One writer at a time, across threads and processes; a crash frees the lock.

        What a publication that was killed left to do is done first.
        """
        with self._system_errors():
            mark_unpublished(self.root)
            try:
                with write_lock(self.root):  # who holds it publishes inside `exclusive_writing`
                    if self._pointer.exists():
                        remove_file(self.root / UNPUBLISHED)
                    if not repairing:
                        self._read_history()  # raises where the history is gone
                    if not repairing or self._is_readable():
                        settle_pending(self.root)
                    yield
            except Timeout as error:
                raise StoreError(
                    _("Dossier des données {folder}", folder=self.root),
                    _("un autre import y écrit depuis plus d'une minute"),
                    _("Attendez sa fin, puis relancez."),
                ) from error

    def _is_readable(self) -> bool:
        try:
            self._read_history()
        except StoreError:
            return False
        return True

    @contextmanager
    def _system_errors(self) -> Iterator[None]:
        """What the system refuses, said as an error a person can act on."""
        folder = _("Dossier des données {folder}", folder=self.root)
        with system_errors_as(folder, _(ELSEWHERE), StoreError):
            yield


def _hash_with_prefix(prefix: str, events: Sequence[PublicationEvent]) -> str:
    """Hash of the one state of a history that begins so."""
    hashes = sorted({event.hash for event in events})
    found = [h for h in hashes if len(prefix) >= 4 and h.startswith(prefix.lower())]
    if len(found) == 1:
        return found[0]
    known = ", ".join(h[:12] for h in hashes) or _("aucun")
    raise UsageError(
        _("Instantané « {prefix} »", prefix=prefix),
        _("plusieurs commencent ainsi") if found else _("inconnu de l'historique"),
        _("Connus : {hashes}.", hashes=known),
    )


def _event_of(snapshot: Snapshot, note: str, time: datetime) -> PublicationEvent:
    files = tuple(sorted(d["file"] or d["document"] for d in snapshot.document_rows))
    return PublicationEvent(snapshot.hash, time, note, snapshot.tables.activities.height, files)


def _short_digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
