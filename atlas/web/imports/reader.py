"""Reads the files of a draft in a process of its own, so that the page never waits.

``python -m atlas.web.imports.reader FOLDER`` reads what waits, then stays a while for what
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
from atlas.i18n import _, speaking
from atlas.ingest.progress import Phase, watched
from atlas.store.beside import ELSEWHERE
from atlas.web.imports.drafts import Draft, GoneError, Item
from atlas.web.imports.told import State, Told

LONGEST_S = 300.0
"""A file that takes longer is given up, and the process with it."""
LINGER_S = 20.0
START_S = 30.0
"""How long a process that was started may take until it holds the lock."""
GRACE_S = 2.0
"""How long a reading that nobody wants any more has to notice it, before its process ends."""
_PAUSE_S = 0.1
_TOLD_S = 0.25
"""Time between two words of how far a reading is."""

Read = Callable[[Path, Item, Told], State]


def attend(draft: Draft) -> None:
    """See to it that somebody reads what waits; called at every look at the draft.

    A file whose reader has died is told as failed, so that it is not tried for ever.
    """
    if not any(state.pending for _item, state in draft.states()):
        return
    if _is_starting(draft):
        return
    try:
        with draft.reading.acquire(timeout=0):  # while it is held, nobody reads
            if not _is_starting(draft):
                draft.starting.unlink(missing_ok=True)
            for item, state in draft.states():
                if state.name == "reading":
                    _interrupt(item, state)
    except Timeout:
        return
    if any(state.name == "waiting" for _item, state in draft.states()) and _claim(draft):
        Thread(target=_run, args=(draft.folder,), daemon=True).start()


def _is_starting(draft: Draft) -> bool:
    """Whether a process was started that does not read yet."""
    try:
        return time.time() - draft.starting.stat().st_mtime < START_S
    except FileNotFoundError:
        return False


def _interrupt(item: Item, state: State) -> None:
    with suppress(GoneError, FileNotFoundError), speaking(item.told.lang):
        item.say(replace(state, name="failed", error=_interrupted(item)))


def _claim(draft: Draft) -> bool:
    """Be the one that starts the process, among all threads and workers."""
    try:
        draft.starting.touch(exist_ok=False)
    except (FileExistsError, FileNotFoundError):  # started by another, or given up meanwhile
        return False
    return True


def _run(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "atlas.web.imports.reader", str(folder)], check=False)


def _interrupted(item: Item) -> str:
    return _(
        "{file} inutilisable : la lecture s'est interrompue. "
        "Enregistrez les données seules dans un nouveau classeur.",
        file=item.told.file,
    )


def _say_unkept(item: Item, error: OSError) -> None:
    """Say why what was read could not be written."""
    told = item.told
    with speaking(told.lang):
        what = _("{file} : lecture non enregistrée", file=told.file)
        words = AtlasError(what, *why_refused(error, _(ELSEWHERE))).sentence()
        item.say(State("failed", told.version, error=words))


def main(folder: str) -> None:
    """Read what waits in a draft; leave once nothing has come for a while."""
    draft = Draft(Path(folder))
    from atlas.web.imports.preview import read_item  # all that is heavy, before the lock

    with draft.reading.acquire(timeout=START_S):
        draft.starting.unlink(missing_ok=True)
        last = time.monotonic()
        while draft.folder.is_dir():
            waiting = [item for item, state in draft.states() if state.name == "waiting"]
            for item in waiting:
                _read(read_item, draft, item)
                last = time.monotonic()
            if not waiting and time.monotonic() - last >= LINGER_S:
                break
            if not waiting:
                time.sleep(_PAUSE_S)


class _Outdated(Exception):  # noqa: N818 - no error: the person wants something else
    """What is being read is not what the person asks for any more."""


class _Teller:
    """Writes down how far a reading is; ends it once the person says something else."""

    def __init__(self, item: Item, version: int) -> None:
        self._item, self._version = item, version
        self._last = 0.0

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        if time.monotonic() - self._last < _TOLD_S and done:
            return
        self._last = time.monotonic()
        if self._item.told.version != self._version:
            raise _Outdated
        self._item.say(State("reading", self._version, phase=phase, done=done, total=total))


def _leave_once_outdated(item: Item, version: int, ended: Event) -> None:
    """End the process where the person says something else and the reading does not hear it.

    The libraries that open a workbook listen to nobody. What waits is read by the next process,
    which the next look at the draft starts.
    """
    while not ended.wait(_TOLD_S):
        try:
            if item.told.version == version:
                continue
        except GoneError:
            pass
        if not ended.wait(GRACE_S):
            os._exit(1)
        return


def _read(read: Read, draft: Draft, item: Item) -> None:
    limit = Timer(LONGEST_S, os._exit, (1,))
    limit.daemon = True
    limit.start()
    ended = Event()
    try:
        told = item.told
        Thread(target=_leave_once_outdated, args=(item, told.version, ended), daemon=True).start()
        item.say(State("reading", told.version))
        with speaking(told.lang), watched(_Teller(item, told.version)):
            item.say(read(draft.root, item, told))
    except (FileNotFoundError, GoneError, _Outdated):
        pass  # the person gave the file up meanwhile, or said something else of it
    except OSError as error:
        with suppress(OSError):
            _say_unkept(item, error)
    finally:
        ended.set()
        limit.cancel()


if __name__ == "__main__":
    main(sys.argv[1])
