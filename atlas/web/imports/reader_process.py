"""Reads the files of a draft in a process of its own, so that the page never waits.

``python -m atlas.web.imports.reader_process FOLDER`` reads what waits, then stays a while for what
the person changes next. A file that takes the process down is told as such, and no other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, Timer

from filelock import Timeout

from atlas.errors import AtlasError, why_refused
from atlas.i18n import _, language_context
from atlas.ingest.progress import ReadingPhase, watch_progress
from atlas.store.disk import ELSEWHERE
from atlas.web.imports.drafts import (
    DraftFile,
    DraftGoneError,
    FileAnswers,
    ImportDraft,
    ReadingState,
)

LONGEST_S = 300.0
"""A file that takes longer is given up, and the process with it."""
LINGER_S = 20.0
START_S = 30.0
"""How long a process that was started may take until it holds the lock."""
GRACE_S = 2.0
"""How long a reading that nobody wants any more has to notice it, before its process ends."""
_POLL_PAUSE_S = 0.1
_PROGRESS_INTERVAL_S = 0.25
"""Time between two words of how far a reading is."""

ReadFunction = Callable[[Path, DraftFile, FileAnswers], ReadingState]


def ensure_reader(draft: ImportDraft) -> None:
    """See to it that somebody reads what waits; called at every look at the draft.

    A file whose reader has died is told as failed, so that it is not tried for ever.
    """
    if not any(state.is_pending for _item, state in draft.files_with_state()):
        return
    if _is_starting(draft):
        return
    try:
        with draft.reading.acquire(timeout=0):  # while it is held, nobody reads
            if not _is_starting(draft):
                draft.starting.unlink(missing_ok=True)
            for item, state in draft.files_with_state():
                if state.name == "reading":
                    _record_interruption(item, state)
    except Timeout:
        return
    if any(state.name == "waiting" for _item, state in draft.files_with_state()) and _claim_start(
        draft
    ):
        Thread(target=_run_process, args=(draft.folder,), daemon=True).start()


def _is_starting(draft: ImportDraft) -> bool:
    """Whether a process was started that does not read yet."""
    try:
        return time.time() - draft.starting.stat().st_mtime < START_S
    except FileNotFoundError:
        return False


def _record_interruption(item: DraftFile, state: ReadingState) -> None:
    with suppress(DraftGoneError, FileNotFoundError), language_context(item.file_answers.lang):
        item.save_state(replace(state, name="failed", error=_interruption_text(item)))


def _claim_start(draft: ImportDraft) -> bool:
    """Be the one that starts the process, among all threads and workers."""
    try:
        draft.starting.touch(exist_ok=False)
    except (FileExistsError, FileNotFoundError):  # started by another, or given up meanwhile
        return False
    return True


def _run_process(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "atlas.web.imports.reader_process", str(folder)], check=False
    )


def _interruption_text(item: DraftFile) -> str:
    return _(
        "{file} inutilisable : la lecture s'est interrompue. "
        "Enregistrez les données seules dans un nouveau classeur.",
        file=item.file_answers.file,
    )


def _record_save_error(item: DraftFile, error: OSError) -> None:
    """Say why what was read could not be written."""
    answers = item.file_answers
    with language_context(answers.lang):
        what = _("{file} : lecture non enregistrée", file=answers.file)
        words = AtlasError(what, *why_refused(error, _(ELSEWHERE))).error_sentence()
        item.save_state(ReadingState("failed", answers.version, error=words))


def read_waiting_files(folder: str) -> None:
    """Read what waits in a draft; leave once nothing has come for a while."""
    draft = ImportDraft(Path(folder))
    from atlas.web.imports.preview import read_draft_file  # all that is heavy, before the lock

    with draft.reading.acquire(timeout=START_S):
        draft.starting.unlink(missing_ok=True)
        last = time.monotonic()
        while draft.folder.is_dir():
            waiting = [item for item, state in draft.files_with_state() if state.name == "waiting"]
            for item in waiting:
                _read_with_limit(read_draft_file, draft, item)
                last = time.monotonic()
            if not waiting and time.monotonic() - last >= LINGER_S:
                break
            if not waiting:
                time.sleep(_POLL_PAUSE_S)


class _OutdatedReading(Exception):  # noqa: N818 - no error: the person wants something else
    """What is being read is not what the person asks for any more."""


class _ProgressWriter:
    """Writes down how far a reading is; ends it once the person says something else."""

    def __init__(self, item: DraftFile, version: int) -> None:
        self._item, self._version = item, version
        self._last = 0.0

    def __call__(self, phase: ReadingPhase, done: int, total: int) -> None:
        if time.monotonic() - self._last < _PROGRESS_INTERVAL_S and done:
            return
        self._last = time.monotonic()
        if self._item.file_answers.version != self._version:
            raise _OutdatedReading
        self._item.save_state(
            ReadingState("reading", self._version, phase=phase, done=done, total=total)
        )


def _exit_when_outdated(item: DraftFile, version: int, ended: Event) -> None:
    """End the process where the person says something else and the reading does not hear it.

    The libraries that open a workbook listen to nobody. What waits is read by the next process,
    which the next look at the draft starts.
    """
    while not ended.wait(_PROGRESS_INTERVAL_S):
        try:
            if item.file_answers.version == version:
                continue
        except DraftGoneError:
            pass
        if not ended.wait(GRACE_S):
            os._exit(1)
        return


def _read_with_limit(read: ReadFunction, draft: ImportDraft, item: DraftFile) -> None:
    limit = Timer(LONGEST_S, os._exit, (1,))
    limit.daemon = True
    limit.start()
    ended = Event()
    try:
        answers = item.file_answers
        Thread(target=_exit_when_outdated, args=(item, answers.version, ended), daemon=True).start()
        item.save_state(ReadingState("reading", answers.version))
        with language_context(answers.lang), watch_progress(_ProgressWriter(item, answers.version)):
            item.save_state(read(draft.root, item, answers))
    except (FileNotFoundError, DraftGoneError, _OutdatedReading):
        pass  # the person gave the file up meanwhile, or said something else of it
    except OSError as error:
        with suppress(OSError):
            _record_save_error(item, error)
    finally:
        ended.set()
        limit.cancel()


if __name__ == "__main__":
    read_waiting_files(sys.argv[1])
