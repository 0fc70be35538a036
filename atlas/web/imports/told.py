"""What a person says of a file on its way in, and how far its reading is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from atlas.ingest.reading import ReadAs
from atlas.senders import Sender

CONTEXT = "context:"
"""Before the kind of a table of context, where a source stands otherwise."""
FORMAT = 2
"""Of what a reading leaves behind: a draft that an older version read is read again."""
LEFT = ""
"""Answer to a proposal that is left as it is."""


@dataclass(frozen=True)
class Told:
    """What the person says of a file; ``version`` grows with each change.

    Attributes
    ----------
    source
        ``auto``, a source, or ``context:`` and a kind.
    columns
        Heading → field, as far as the person said; the sender's is under them.
    decided
        Kind of proposal → wording → what it was decided to mean, `LEFT` for what stays open.
    controls
        Published totals to hold the file against (`atlas.ingest.controls`), row by row.
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
    def of(cls, written: Mapping[str, Any]) -> Told:
        """What was written, by this version or another: what it does not know is left aside."""
        known = {one.name for one in fields(cls)}
        return cls(**{key: value for key, value in written.items() if key in known})

    def changed_since(self, seen: int | None, by: str) -> bool:
        """Whether another window answered after the answers that this one had seen."""
        if seen is None:  # sent by the window, that has not shown it yet
            return self.by != by
        return any(number > seen and window != by for number, window in self.heard.values())

    def read_as(self, sender: Sender | None = None) -> ReadAs:
        """The same in the words of the pipeline; what was said of the sender goes first."""
        source = sender.source if sender and self.source == "auto" else self.source
        context = source.removeprefix(CONTEXT) if source.startswith(CONTEXT) else ""
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
class State:
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
    format: int = FORMAT

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> State:
        """What was written; of another version, that it waits to be read."""
        return cls(**written) if written.get("format") == FORMAT else cls()

    @property
    def pending(self) -> bool:
        """Whether a reading is still to come to its end."""
        return self.name in ("waiting", "reading")
