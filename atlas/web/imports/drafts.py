"""Files on their way in: a folder each, so that every worker of the server sees the same.

``<store>/drafts/<draft>/<file>/`` holds the bytes as they came (``content``), what the person
says of them (``told.json``), how far the reading is (``state.json``), what is shown of it
(``preview.json``) and the tables a publication takes. Nothing here is published.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import polars as pl
from filelock import FileLock, Timeout

from atlas.errors import ChangedError, UsageError
from atlas.i18n import _
from atlas.model import Tables, frame_of
from atlas.store.disk import read_snapshot, replace_bytes, write_snapshot
from atlas.web.imports.told import FORMAT, State, Told

FOLDER = "drafts"
MAX_FILES = 40
MAX_BYTES = 150 * 2**20
"""Largest file taken in; the readers have the same limit."""
KEPT_S = 7 * 24 * 3600
"""A draft that nobody touched for so long is thrown away."""

_CHUNK = 2**20
_PATIENCE_S = 60.0
"""How long one window waits for another that changes or publishes the same draft."""
_NAME = re.compile(r"[<>:\"/\\|?*]+")
_TABLES = "tables"
FINDINGS, CELLS = "findings.parquet", "cells.parquet"
_GONE = ".gone-"


class GoneError(UsageError):
    """A draft or a file that was published, taken out or given up meanwhile."""


class Item:
    """One file of a draft."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = folder.name
        self.content = folder / "content"

    @property
    def told(self) -> Told:
        """What the person says of it.

        Raises
        ------
        GoneError
            It was taken out, or its draft is published or given up.
        """
        try:
            return Told.of(json.loads((self.folder / "told.json").read_bytes()))
        except FileNotFoundError as error:
            raise _unknown_file() from error

    @property
    def state(self) -> State:
        """How far it is; what was said since the last reading makes it wait again."""
        told = self.told
        if told.stopped:
            return State("stopped", told.version)
        try:
            state = State.of(json.loads((self.folder / "state.json").read_bytes()))
        except FileNotFoundError:
            return State()
        return state if state.version == told.version else State()

    @property
    def preview(self) -> dict[str, Any] | None:
        """What is shown of it, as `atlas.web.imports.preview` wrote it.

        The last one that was read: while the file is read again it still says what was there.
        """
        shown = self._json("preview.json")
        return shown if shown and shown.get("format") == FORMAT else None

    @property
    def changes(self) -> dict[str, Any]:
        """All that publishing it alone would add, change and leave out."""
        return self._json("changes.json") or {}

    @property
    def findings(self) -> pl.DataFrame:
        """All that there is to know of it, a row each as the tables have it."""
        path = self.folder / FINDINGS
        return pl.read_parquet(path) if path.is_file() else frame_of("findings", [])

    @property
    def cells(self) -> pl.DataFrame:
        """Its rows as they stand: ``locator``, ``cells``; empty before they were read."""
        path = self.folder / CELLS
        if path.is_file():
            return pl.read_parquet(path)
        text = pl.String
        return pl.DataFrame(schema={"locator": text, "cells": pl.List(text), "outcome": text})

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            shown: dict[str, Any] = json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        return shown

    @property
    def tables(self) -> Tables:
        """What a publication takes."""
        return read_snapshot(self.folder, _TABLES).tables

    def tell(self, changes: Callable[[Told], Mapping[str, Any]]) -> Told:
        """Change what is said of it; anything but ``kept`` has it read again.

        Parameters
        ----------
        changes
            From what is said of it now; no other answer is heard meanwhile.

        Raises
        ------
        GoneError
            It was taken out, or its draft is published or given up.
        ChangedError
            As `Draft.alone`, and as ``changes`` does.
        """
        with Draft(self.folder.parent).alone():
            now = self.told
            told = replace(now, **changes(now))
            if _to_read(told) != _to_read(now):
                told = replace(told, version=now.version + 1)
            _write(self.folder / "told.json", asdict(told))
            self.folder.parent.touch()
        return told

    def read_again(self) -> None:
        """Have it read again, with what is said of it. Raises as `tell`."""
        with Draft(self.folder.parent).alone():
            now = self.told
            _write(self.folder / "told.json", asdict(replace(now, version=now.version + 1)))

    def say(self, state: State) -> None:
        """Write how far it is."""
        _write(self.folder / "state.json", asdict(state))

    def keep(self, preview: Mapping[str, Any] | None, tables: Tables | None) -> None:
        """Write what was read; ``None`` takes an older reading away."""
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)  # given up meanwhile: nothing may come back
        shutil.rmtree(self.folder / _TABLES, ignore_errors=True)
        if tables is None:
            (self.folder / FINDINGS).unlink(missing_ok=True)
        else:
            write_snapshot(self.folder, _TABLES, tables, "")
            tables.findings.write_parquet(self.folder / FINDINGS)
        if preview is None:
            (self.folder / "preview.json").unlink(missing_ok=True)
        else:
            _write(self.folder / "preview.json", {**preview, "format": FORMAT})

    def keep_changes(self, changes: Mapping[str, Any]) -> None:
        """Write what publishing it would add, change and leave out."""
        _write(self.folder / "changes.json", changes)

    def keep_cells(self, cells: pl.DataFrame) -> None:
        """Write its rows as they stand."""
        cells.write_parquet(self.folder / CELLS)


class Draft:
    """Files dropped together, to be published together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.root = folder.parent.parent
        self.reading = FileLock(folder.with_name(f".{folder.name}.lock"))
        # One object for each draft and process: a thread that holds it may ask for it again.
        self.publishing = FileLock(folder.with_name(f".{folder.name}.publish"), is_singleton=True)
        self.starting = folder / ".starting"

    @classmethod
    def new(cls, root: Path) -> Draft:
        """An empty draft of a store; drafts that nobody came back to are swept."""
        drafts = root / FOLDER
        for old in drafts.glob("*"):
            with suppress(FileNotFoundError):  # another window sweeps, too
                if time.time() - old.stat().st_mtime > KEPT_S:
                    _throw_away(old)
        folder = drafts / uuid4().hex
        folder.mkdir(parents=True)
        return cls(folder)

    @classmethod
    def of(cls, root: Path, name: str) -> Draft:
        """The draft of that name.

        Raises
        ------
        GoneError
            There is none: published, given up, or too old.
        """
        folder = root / FOLDER / name
        if not re.fullmatch("[0-9a-f]{32}", name) or not folder.is_dir():
            raise _unknown_draft()
        return cls(folder)

    @classmethod
    def every(cls, root: Path) -> list[Draft]:
        """Drafts that hold a file, the last one touched first."""
        folders = [f for f in (root / FOLDER).glob("[0-9a-f]*") if f.is_dir()]
        found = [cls(f) for f in folders if re.fullmatch("[0-9a-f]{32}", f.name)]
        return sorted((d for d in found if d.items()), key=lambda d: -d.touched)

    @property
    def touched(self) -> float:
        """When something was last said of it, seconds since 1970."""
        try:
            return self.folder.stat().st_mtime
        except FileNotFoundError:  # given up meanwhile
            return 0.0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes, publishes or gives up the draft inside this block.

        Raises
        ------
        GoneError
            It was published or given up meanwhile.
        ChangedError
            Another window has been busy with it for too long.
        """
        try:
            held = self.publishing.acquire(timeout=_PATIENCE_S)
        except Timeout as error:
            raise ChangedError(
                _("Import occupé"), _("une autre fenêtre le publie"), _("Réessayez ensuite.")
            ) from error
        with held:
            if not self.folder.is_dir():
                raise _unknown_draft()
            yield

    def items(self) -> list[Item]:
        """Its files, in the order they came."""
        return [Item(told.parent) for told in sorted(self.folder.glob("*/told.json"))]

    def states(self) -> list[tuple[Item, State]]:
        """Its files, each with how far it is; without those taken out meanwhile."""
        found = []
        for item in self.items():
            with suppress(GoneError):
                found.append((item, item.state))
        return found

    def item(self, number: str) -> Item:
        """One of its files, by its number.

        Raises
        ------
        GoneError
            There is none.
        """
        found = [item for item in self.items() if item.number == number]
        if not found:
            raise _unknown_file()
        return found[0]

    def add(self, told: Told, stream: BinaryIO) -> Item:
        """Take a file in.

        Raises
        ------
        UsageError
            Too many files, or too large a one; nothing of it is kept.
        GoneError
            The draft was published or given up while the file was on its way.
        """
        with self.alone():
            if before := self._sent(told.once):
                return before
            folder = self._next()
        try:
            _take(stream, folder / "content", told.file)
            with self.alone():
                if before := self._sent(told.once):  # the same, sent again meanwhile
                    shutil.rmtree(folder, ignore_errors=True)
                    return before
                _write(folder / "told.json", asdict(told))
        except FileNotFoundError as error:  # its folder went with the draft
            raise _unknown_draft() from error
        except BaseException:  # the connection broke off, too: half a file is none
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Item(folder)

    def _sent(self, once: str) -> Item | None:
        """The file of a sending: the answer to its first one was lost on its way."""
        return next((item for item in self.items() if once and item.told.once == once), None)

    def _next(self) -> Path:
        """A new folder of a file."""
        taken = [int(folder.name) for folder in self.folder.glob("[0-9]*")]
        if len(taken) >= MAX_FILES:
            raise UsageError(
                _("Plus de {most} fichiers", most=MAX_FILES), "", _("Importez-les en deux fois.")
            )
        folder = self.folder / f"{max(taken, default=0) + 1:03d}"
        folder.mkdir()
        return folder

    @property
    def seen(self) -> dict[str, int]:
        """How many answers were heard of each file: what a page that shows it has seen."""
        return {item.number: item.told.answers for item in self.items()}

    def require_seen(self, seen: object, by: str) -> None:
        """Refuse what a window asks of the whole draft, of which it shows an older state.

        Parameters
        ----------
        seen
            As `seen` said it when the page was drawn; anything else: the window does not say.

        Raises
        ------
        ChangedError
            Another window answered, sent or took out a file since.
        """
        if not isinstance(seen, dict):
            return
        items = self.items()
        changed = [item for item in items if item.told.changed_since(seen.get(item.number), by)]
        if changed or not {item.number for item in items} >= set(seen):
            raise ChangedError(
                _("Import modifié entre-temps"),
                _("une autre fenêtre y a répondu ou en a changé les fichiers"),
                _("Relisez-le, puis recommencez."),
            )

    def remove(self, item: Item) -> None:
        """Give up one file."""
        shutil.rmtree(item.folder, ignore_errors=True)

    def discard(self) -> None:
        """Give up all of it; nothing is published by that.

        It is out of sight at once, even while a reader still writes to it.
        """
        gone = self.folder.with_name(f"{_GONE}{self.name}")
        try:
            self.folder.rename(gone)
        except OSError:  # a system that does not move what is open: it is emptied in place
            gone = self.folder
        _throw_away(gone)
        _throw_away(Path(self.reading.lock_file))
        _throw_away(Path(self.publishing.lock_file))


def _to_read(told: Told) -> Told:
    """What the reading of a file depends on."""
    return replace(told, kept=True, answers=0, heard={})


def _unknown_draft() -> GoneError:
    return GoneError(
        _("Import inconnu"),
        _("il a été publié, abandonné, ou date de plus de sept jours"),
        _("Déposez de nouveau vos fichiers."),
    )


def _unknown_file() -> GoneError:
    return GoneError(_("Fichier inconnu"), "", _("Déposez-le de nouveau."))


def clean_name(name: str) -> str:
    """A file's name without folders, what nobody sees and what systems forbid.

    Examples
    --------
    >>> clean_name("../../etc/Liste: juin?.csv"), clean_name("..")
    ('Liste juin .csv', 'document')
    """
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(char if char.isprintable() else " " for char in last)
    words = " ".join(_NAME.sub(" ", seen).split()).lstrip(".")
    stem, dot, extension = words.rpartition(".")
    kept = f"{stem[:120]}{dot}{extension[:12]}" if dot else words[:120]
    return kept or "document"


def _take(stream: BinaryIO, path: Path, name: str) -> None:
    size = 0
    with path.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise too_large(name)
            file.write(chunk)


def _throw_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # another process holds it open: the next sweep takes it
            path.unlink()


def too_large(name: str) -> UsageError:
    """The error of a file beyond `MAX_BYTES`."""
    return UsageError(
        _("{file} refusé", file=name),
        _("plus de {limit} Mo", limit=MAX_BYTES // 2**20),
        _("Découpez-le en plusieurs fichiers."),
    )


def _write(path: Path, content: Mapping[str, Any]) -> None:
    replace_bytes(path, json.dumps(content, ensure_ascii=False).encode())
