"""What a publication killed at a durable step leaves on the disk, and what the next command finds.

A step is what a disk keeps: a file opened for writing, renamed or removed, a folder made, a
file waited for (``fsync``), a commit of the database.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from atlas.senders import known_senders
from atlas.store import Store
from atlas.store.decisions import PairDecisions, WordingDecisions

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")
_counting: list[Steps] = []


class Steps:
    """The durable steps below a folder; something is done before each."""

    def __init__(self, root: Path, before: Callable[[], None]) -> None:
        self.root, self.before = str(root), before

    def step(self, path: object = None) -> None:
        named = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else self.root
        if not named.startswith(self.root) or named.endswith("lock"):
            return
        self.before()


def _audited(event: str, args: tuple[Any, ...]) -> None:
    for steps in _counting:
        if event in _CHANGES or (
            event == "open" and isinstance(args[2], int) and args[2] & _WRITES
        ):
            steps.step(args[0] if not isinstance(args[0], int) else None)


def _synced(sync: Callable[[int], None]) -> Callable[[int], None]:
    def waits(handle: int) -> None:
        for steps in _counting:
            steps.step()
        sync(handle)

    return waits


sys.addaudithook(_audited)
os.fsync = _synced(os.fsync)
sa.event.listen(sa.Engine, "commit", lambda _link: [steps.step() for steps in _counting])


@contextmanager
def before_each_step(root: Path, before: Callable[[], None]) -> Iterator[None]:
    """Do something before each durable step below a folder."""
    steps = Steps(root, before)
    _counting.append(steps)
    try:
        yield
    finally:
        _counting.remove(steps)


def all_that_lies_in(folder: Path) -> dict[Path, bytes]:
    """Each file below a folder and what it holds; each folder, as if it were an empty file."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def state_of(root: Path) -> dict[str, Any]:
    """All that a store says now, as the next command finds it, without the clock."""
    store = Store(root)
    now = store.current_snapshot()
    names = now.tables.documents["document"].to_list() if now else []
    raws = {name: store.raw_document(name) for name in names}
    return {
        "hash": now.hash if now else None,
        "history": [event.hash for event in store.publication_history()],
        "read_as": {name: dict(raw.read_as) if raw else None for name, raw in raws.items()},
        "decisions": [
            (one.correction, one.in_force) for one in WordingDecisions(root).all_decisions()
        ],
        "pairs": [(one.said, one.in_force) for one in PairDecisions(root).all_decisions()],
        "verdicts": now.tables.verdicts.rows() if now else [],
        "senders": known_senders(root),
        "rates": store.kept_rates(),
        "drafts": sorted(path.name for path in (root / "drafts").glob("[0-9a-f]*")),
    }
