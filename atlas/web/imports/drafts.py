"""Files to be imported: what the person answered of each, how far its reading is, a folder each."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import polars as pl
from filelock import FileLock, Timeout

from atlas.errors import ChangedError, UsageError
from atlas.i18n import _
from atlas.ingest.files.admission import MAX_BYTES as MAX_BYTES
from atlas.ingest.reading import ReadAs
from atlas.model import Tables, frame_of
from atlas.senders import SenderForm
from atlas.store.disk import read_snapshot, replace_bytes, write_snapshot

CONTEXT_PREFIX = "context:"
"""Before the kind of a table of context, where a source stands otherwise."""
STATE_FORMAT = 2
"""Of what a reading leaves behind: a draft that an older version read is read again."""
LEFT_OPEN = ""
"""Answer to a proposal that is left as it is."""


@dataclass(frozen=True)
class FileAnswers:
    """What the person says of a file; ``version`` grows with each change.

    Attributes
    ----------
    source
        ``auto``, a source, or ``context:`` and a kind.
    columns
        Heading → field, as far as the person said; the sender's is under them.
    decided
        Kind of proposal → wording → what it was decided to mean, `LEFT_OPEN` for what stays open.
    controls
        Published totals to hold the file against (`atlas.ingest.control_totals`), row by row.
    kept
        Whether the file is to be published.
    stopped
        Whether the reading was called off.
    forgetting
        Whether what was said before of its sender is left aside.
    replacing
        Whether what only earlier lists of its sender tell is to go.
    once
        Mark of the sending: the same one that comes twice is one file.
    by
        Mark of the window that sent it.
    answers
        How many answers were heard of it.
    heard
        What was last answered about: number of the answer, mark of the window.
    """

    file: str
    source: str = "auto"
    as_of: str = ""
    frame: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    decided: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    controls: Sequence[Mapping[str, str]] = ()
    kept: bool = True
    stopped: bool = False
    forgetting: bool = False
    replacing: bool = False
    once: str = ""
    by: str = ""
    answers: int = 0
    heard: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    lang: str = "fr"
    version: int = 1

    @classmethod
    def from_written(cls, written: Mapping[str, Any]) -> FileAnswers:
        """What was written, by this version or another: what it does not know is left aside."""
        known = {one.name for one in fields(cls)}
        return cls(**{key: value for key, value in written.items() if key in known})

    def is_changed_since(self, seen: int | None, by: str) -> bool:
        """Whether another window answered after the answers that this one had seen."""
        if seen is None:  # sent by the window, that has not shown it yet
            return self.by != by
        return any(number > seen and window != by for number, window in self.heard.values())

    def pipeline_settings(self, sender: SenderForm | None = None) -> ReadAs:
        """The same in the words of the pipeline; what was said of the sender goes first."""
        source = sender.source if sender and self.source == "auto" else self.source
        context = source.removeprefix(CONTEXT_PREFIX) if source.startswith(CONTEXT_PREFIX) else ""
        columns = {**(sender.columns if sender else {}), **self.columns}
        return ReadAs(
            file=self.file,
            source="auto" if context else source,
            as_of=date.fromisoformat(self.as_of) if self.as_of else None,
            frame=self.frame or None,
            column_map={heading: name for heading, name in columns.items() if name} or None,
            context=context,
            controls=tuple(self.controls),
        )


@dataclass(frozen=True)
class ReadingState:
    """How far the reading of a version is.

    Attributes
    ----------
    name
        ``waiting``, ``reading``, ``stopped``, ``read`` or ``failed``.
    phase, done, total
        Of a reading under way (`atlas.ingest.progress`).
    sha256, read_as
        Those of the tables, for keeping the file as it was read.
    decided
        Numbers of the decisions in force when it was read; ``None``: not known.
    """

    name: str = "waiting"
    version: int = 0
    error: str = ""
    sha256: str = ""
    read_as: Mapping[str, Any] = field(default_factory=dict)
    phase: str = ""
    done: int = 0
    total: int = 0
    decided: Sequence[int] | None = None
    format: int = STATE_FORMAT

    @classmethod
    def from_written(cls, written: Mapping[str, Any]) -> ReadingState:
        """What was written; of another version, that it waits to be read."""
        return cls(**written) if written.get("format") == STATE_FORMAT else cls()

    @property
    def is_pending(self) -> bool:
        """Whether a reading is still to come to its end."""
        return self.name in ("waiting", "reading")


DRAFT_FOLDER = "drafts"
MAX_FILES = 40
KEPT_S = 7 * 24 * 3600
"""A draft that nobody touched for so long is thrown away."""

_CHUNK_BYTES = 2**20
_LOCK_TIMEOUT_S = 60.0
"""How long one window waits for another that changes or publishes the same draft."""
_FORBIDDEN_IN_NAME = re.compile(r"[<>:\"/\\|?*]+")
_TABLES_FOLDER = "tables"
FINDINGS_FILE, CELLS_FILE = "findings.parquet", "cells.parquet"
_GONE_PREFIX = ".gone-"


class DraftGoneError(UsageError):
    """A draft or a file that was published, taken out or given up meanwhile."""


class DraftFile:
    """One file of a draft."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = folder.name
        self.content = folder / "content"

    @property
    def file_answers(self) -> FileAnswers:
        """What the person says of it.

        Raises
        ------
        GoneError
            It was taken out, or its draft is published or given up.
        """
        try:
            return FileAnswers.from_written(json.loads((self.folder / "told.json").read_bytes()))
        except FileNotFoundError as error:
            raise _unknown_file_error() from error

    @property
    def reading_state(self) -> ReadingState:
        """How far it is; what was said since the last reading makes it wait again."""
        answers = self.file_answers
        if answers.stopped:
            return ReadingState("stopped", answers.version)
        try:
            state = ReadingState.from_written(json.loads((self.folder / "state.json").read_bytes()))
        except FileNotFoundError:
            return ReadingState()
        return state if state.version == answers.version else ReadingState()

    @property
    def saved_preview(self) -> dict[str, Any] | None:
        """What is shown of it, as `atlas.web.imports.preview` wrote it.

        The last one that was read: while the file is read again it still says what was there.
        """
        shown = self._json_content("preview.json")
        return shown if shown and shown.get("format") == STATE_FORMAT else None

    @property
    def publication_changes(self) -> dict[str, Any]:
        """All that publishing it alone would add, change and leave out."""
        return self._json_content("changes.json") or {}

    @property
    def findings(self) -> pl.DataFrame:
        """All that there is to know of it, a row each as the tables have it."""
        path = self.folder / FINDINGS_FILE
        return pl.read_parquet(path) if path.is_file() else frame_of("findings", [])

    @property
    def saved_rows(self) -> pl.DataFrame:
        """Its rows as they stand: ``locator``, ``cells``; empty before they were read."""
        path = self.folder / CELLS_FILE
        if path.is_file():
            return pl.read_parquet(path)
        text = pl.String
        return pl.DataFrame(schema={"locator": text, "cells": pl.List(text), "outcome": text})

    def _json_content(self, name: str) -> dict[str, Any] | None:
        try:
            shown: dict[str, Any] = json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        return shown

    @property
    def tables(self) -> Tables:
        """What a publication takes."""
        return read_snapshot(self.folder, _TABLES_FOLDER).tables

    def change_answers(self, changes: Callable[[FileAnswers], Mapping[str, Any]]) -> FileAnswers:
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
            As `ImportDraft.exclusive_lock`, and as ``changes`` does.
        """
        with ImportDraft(self.folder.parent).exclusive_lock():
            now = self.file_answers
            answers = replace(now, **changes(now))
            if _reading_answers(answers) != _reading_answers(now):
                answers = replace(answers, version=now.version + 1)
            _write_json(self.folder / "told.json", asdict(answers))
            self.folder.parent.touch()
        return answers

    def request_reading(self) -> None:
        """Have it read again, with what is said of it. Raises as `change_answers`."""
        with ImportDraft(self.folder.parent).exclusive_lock():
            now = self.file_answers
            _write_json(self.folder / "told.json", asdict(replace(now, version=now.version + 1)))

    def save_state(self, state: ReadingState) -> None:
        """Write how far it is."""
        _write_json(self.folder / "state.json", asdict(state))

    def save_reading(self, preview: Mapping[str, Any] | None, tables: Tables | None) -> None:
        """Write what was read; ``None`` takes an older reading away."""
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)  # given up meanwhile: nothing may come back
        shutil.rmtree(self.folder / _TABLES_FOLDER, ignore_errors=True)
        if tables is None:
            (self.folder / FINDINGS_FILE).unlink(missing_ok=True)
        else:
            write_snapshot(self.folder, _TABLES_FOLDER, tables, "")
            tables.findings.write_parquet(self.folder / FINDINGS_FILE)
        if preview is None:
            (self.folder / "preview.json").unlink(missing_ok=True)
        else:
            _write_json(self.folder / "preview.json", {**preview, "format": STATE_FORMAT})

    def save_changes(self, changes: Mapping[str, Any]) -> None:
        """Write what publishing it would add, change and leave out."""
        _write_json(self.folder / "changes.json", changes)

    def save_rows(self, cells: pl.DataFrame) -> None:
        """Write its rows as they stand."""
        cells.write_parquet(self.folder / CELLS_FILE)


class ImportDraft:
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
    def create_draft(cls, root: Path) -> ImportDraft:
        """An empty draft of a store; drafts that nobody came back to are swept."""
        drafts = root / DRAFT_FOLDER
        for old in drafts.glob("*"):
            with suppress(FileNotFoundError):  # another window sweeps, too
                if time.time() - old.stat().st_mtime > KEPT_S:
                    _delete_folder(old)
        folder = drafts / uuid4().hex
        folder.mkdir(parents=True)
        return cls(folder)

    @classmethod
    def find_draft(cls, root: Path, name: str) -> ImportDraft:
        """The draft of that name.

        Raises
        ------
        GoneError
            There is none: published, given up, or too old.
        """
        folder = root / DRAFT_FOLDER / name
        if not re.fullmatch("[0-9a-f]{32}", name) or not folder.is_dir():
            raise _unknown_draft_error()
        return cls(folder)

    @classmethod
    def all_drafts(cls, root: Path) -> list[ImportDraft]:
        """Drafts that hold a file, the last one touched first."""
        folders = [f for f in (root / DRAFT_FOLDER).glob("[0-9a-f]*") if f.is_dir()]
        found = [cls(f) for f in folders if re.fullmatch("[0-9a-f]{32}", f.name)]
        return sorted((d for d in found if d.draft_files()), key=lambda d: -d.last_touched)

    @property
    def last_touched(self) -> float:
        """When something was last said of it, seconds since 1970."""
        try:
            return self.folder.stat().st_mtime
        except FileNotFoundError:  # given up meanwhile
            return 0.0

    @contextmanager
    def exclusive_lock(self) -> Iterator[None]:
        """Nobody else changes, publishes or gives up the draft inside this block.

        Raises
        ------
        GoneError
            It was published or given up meanwhile.
        ChangedError
            Another window has been busy with it for too long.
        """
        try:
            held = self.publishing.acquire(timeout=_LOCK_TIMEOUT_S)
        except Timeout as error:
            raise ChangedError(
                _("Import occupé"), _("une autre fenêtre le publie"), _("Réessayez ensuite.")
            ) from error
        with held:
            if not self.folder.is_dir():
                raise _unknown_draft_error()
            yield

    def draft_files(self) -> list[DraftFile]:
        """Its files, in the order they came."""
        return [DraftFile(told.parent) for told in sorted(self.folder.glob("*/told.json"))]

    def files_with_state(self) -> list[tuple[DraftFile, ReadingState]]:
        """Its files, each with how far it is; without those taken out meanwhile."""
        found = []
        for item in self.draft_files():
            with suppress(DraftGoneError):
                found.append((item, item.reading_state))
        return found

    def draft_file(self, number: str) -> DraftFile:
        """One of its files, by its number.

        Raises
        ------
        GoneError
            There is none.
        """
        found = [item for item in self.draft_files() if item.number == number]
        if not found:
            raise _unknown_file_error()
        return found[0]

    def add_file(self, answers: FileAnswers, stream: BinaryIO) -> DraftFile:
        """Take a file in.

        Raises
        ------
        UsageError
            Too many files, or too large a one; nothing of it is kept.
        GoneError
            The draft was published or given up while the file was on its way.
        """
        with self.exclusive_lock():
            if before := self._file_of_upload(answers.once):
                return before
            folder = self._new_file_folder()
        try:
            _save_upload(stream, folder / "content", answers.file)
            with self.exclusive_lock():
                if before := self._file_of_upload(answers.once):  # the same, sent again meanwhile
                    shutil.rmtree(folder, ignore_errors=True)
                    return before
                _write_json(folder / "told.json", asdict(answers))
        except FileNotFoundError as error:  # its folder went with the draft
            raise _unknown_draft_error() from error
        except BaseException:  # the connection broke off, too: half a file is none
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return DraftFile(folder)

    def _file_of_upload(self, once: str) -> DraftFile | None:
        """The file of a sending: the answer to its first one was lost on its way."""
        return next(
            (item for item in self.draft_files() if once and item.file_answers.once == once), None
        )

    def _new_file_folder(self) -> Path:
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
    def answers_seen(self) -> dict[str, int]:
        """How many answers were heard of each file: what a page that shows it has seen."""
        return {item.number: item.file_answers.answers for item in self.draft_files()}

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
        items = self.draft_files()
        changed = [
            item for item in items if item.file_answers.is_changed_since(seen.get(item.number), by)
        ]
        if changed or not {item.number for item in items} >= set(seen):
            raise ChangedError(
                _("Import modifié entre-temps"),
                _("une autre fenêtre y a répondu ou en a changé les fichiers"),
                _("Relisez-le, puis recommencez."),
            )

    def remove_file(self, item: DraftFile) -> None:
        """Give up one file."""
        shutil.rmtree(item.folder, ignore_errors=True)

    def discard_draft(self) -> None:
        """Give up all of it; nothing is published by that.

        It is out of sight at once, even while a reader still writes to it.
        """
        gone = self.folder.with_name(f"{_GONE_PREFIX}{self.name}")
        try:
            self.folder.rename(gone)
        except OSError:  # a system that does not move what is open: it is emptied in place
            gone = self.folder
        _delete_folder(gone)
        _delete_folder(Path(self.reading.lock_file))
        _delete_folder(Path(self.publishing.lock_file))


def _reading_answers(answers: FileAnswers) -> FileAnswers:
    """What the reading of a file depends on."""
    return replace(answers, kept=True, answers=0, heard={})


def _unknown_draft_error() -> DraftGoneError:
    return DraftGoneError(
        _("Import inconnu"),
        _("il a été publié, abandonné, ou date de plus de sept jours"),
        _("Déposez de nouveau vos fichiers."),
    )


def _unknown_file_error() -> DraftGoneError:
    return DraftGoneError(_("Fichier inconnu"), "", _("Déposez-le de nouveau."))


def clean_file_name(name: str) -> str:
    """A file's name without folders, what nobody sees and what systems forbid.

    Examples
    --------
    >>> clean_file_name("../../etc/Liste: juin?.csv"), clean_file_name("..")
    ('Liste juin .csv', 'document')
    """
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(char if char.isprintable() else " " for char in last)
    words = " ".join(_FORBIDDEN_IN_NAME.sub(" ", seen).split()).lstrip(".")
    stem, dot, extension = words.rpartition(".")
    kept = f"{stem[:120]}{dot}{extension[:12]}" if dot else words[:120]
    return kept or "document"


def _save_upload(stream: BinaryIO, path: Path, name: str) -> None:
    size = 0
    with path.open("wb") as file:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise too_large_error(name)
            file.write(chunk)


def _delete_folder(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # another process holds it open: the next sweep takes it
            path.unlink()


def too_large_error(name: str) -> UsageError:
    """The error of a file beyond `MAX_BYTES`."""
    return UsageError(
        _("{file} refusé", file=name),
        _("plus de {limit} Mo", limit=MAX_BYTES // 2**20),
        _("Découpez-le en plusieurs fichiers."),
    )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    replace_bytes(path, json.dumps(content, ensure_ascii=False).encode())
