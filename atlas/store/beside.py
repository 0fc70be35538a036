"""What goes with a publication, beside its tables: the words for it, and the files' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atlas.i18n import N_

POINTER, PENDING, LOCK = "current", "pending.json", ".lock"
UNPUBLISHED = "unpublished"
"""Stands in a new store until its first publication: without it, a store that holds snapshots
or files and no pointer has lost the pointer."""
RAW, SNAPSHOTS = "raw", "snapshots"
DECIDED = "decided.json"
"""How far the numbers of decisions have come, by table: what a database must hold at least."""
ELSEWHERE = N_("--store DOSSIER ou ATLAS_STORE")

Row = Mapping[str, Any]
Rewrite = Callable[[bytes | None], bytes]
"""From what a file holds (``None``: it is not there) to what it is to hold."""


@dataclass(frozen=True)
class Change:
    """Decisions to be written down together, as rows by table.

    Attributes
    ----------
    added
        Rows without their number.
    undone
        ``id, undone_by, undone_at`` of rows that are taken back.
    """

    added: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    undone: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.added.values()) or any(self.undone.values())


@dataclass(frozen=True)
class Beside:
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
    change: Change = field(default_factory=Change)
    files: Mapping[str, Rewrite] = field(default_factory=dict)
    folders: Sequence[str] = ()


NOTHING_BESIDE = Beside()
