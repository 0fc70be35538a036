"""What was said once of a sender's columns, and is not asked again.

A sender is known by the form it fills in: its headings. Next month's list carries most of
the same, so what a person said of them holds for it too. Kept as data beside the snapshots.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlas.i18n import _
from atlas.ingest.folding import fold
from atlas.ingest.found import unread_tables
from atlas.ingest.reading import Document
from atlas.store import Store
from atlas.store.beside import Rewrite
from atlas.store.commits import finish_pending
from atlas.store.disk import replace_bytes

if TYPE_CHECKING:
    from atlas.ingest.pipeline import Batch

FILE = "senders.json"
SAME_FORM = 0.6
"""Share of headings in common, of all those of both, from which two tables are one form."""


@dataclass(frozen=True)
class Sender:
    """A form and what was said of it.

    Attributes
    ----------
    name
        File it was last seen in, for a person to know it by.
    headings
        Folded, sorted.
    columns
        Heading as written → field.
    source
        Source or kind of context (``context:needs``) it was published as.
    """

    name: str
    headings: tuple[str, ...]
    columns: Mapping[str, str]
    source: str = "auto"

    def after(self, earlier: Iterable[Sender]) -> Sender:
        """The same, with what was said before of the columns that it says nothing of.

        Two people may explain columns of one form at once, each without the other's words.
        """
        every = (*earlier, self)
        columns = {heading: field for one in every for heading, field in one.columns.items()}
        sources = ["auto", *(one.source for one in every if one.source != "auto")]
        return replace(self, columns=columns, source=sources[-1])

    def likeness(self, headings: frozenset[str]) -> float:
        """Headings in common among all those of both, 0 to 1."""
        own = frozenset(self.headings)
        return len(own & headings) / max(len(own | headings), 1)


def recall(root: Path, headings: Iterable[str]) -> Sender | None:
    """The sender whose form these headings are, if anything was said of it.

    The columns are those that these headings have.
    """
    asked = frozenset(map(fold, headings))
    best = max(known(root), key=lambda one: one.likeness(asked), default=None)
    if best is None or best.likeness(asked) < SAME_FORM:
        return None
    columns = {h: field for h, field in best.columns.items() if fold(h) in asked}
    return replace(best, columns=columns)


def sender_of(root: Path, document: Document) -> Sender | None:
    """Whoever sent a form like one of this document's tables before."""
    for table in unread_tables(document) if (root / FILE).is_file() else ():
        sender = recall(root, [column.heading for column in table.columns])
        if sender:
            return sender
    return None


def columns_for(root: Path, document: Document) -> Mapping[str, str] | None:
    """What was said before of the columns of a document; ``None`` when nothing was."""
    sender = sender_of(root, document)
    return sender.columns or None if sender else None


def read_as_before(root: Path, path: Path, **said: Any) -> Batch:
    """`atlas.ingest.pipeline.ingest_file`, with what was said before of the file's columns.

    A column map given now counts alone. Raises as that does.
    """
    from atlas.ingest.pipeline import ingest_file

    return ingest_file(path, columns_said=partial(columns_for, root), **said)


def sender_said(document: Document, columns: Mapping[str, str]) -> Sender:
    """Whoever sent a document, and what was said of its columns (``--map``)."""
    headings = [c.heading for table in unread_tables(document) for c in table.columns]
    return Sender(document.file, tuple(headings), columns)


def remembering(root: Path, senders: Sequence[Sender]) -> Rewrite:
    """The file with what is said of senders, over what was said of the same forms."""
    return _rewriting(root, [(frozenset(map(fold, one.headings)), one) for one in senders])


def forget(root: Path, headings: Iterable[str]) -> None:
    """Forget what was said of the sender whose form these headings are, if anything was."""
    if (root / FILE).is_file():
        Store(root).rewrite(FILE, _rewriting(root, [(frozenset(map(fold, headings)), None)]))


def _rewriting(root: Path, said: Sequence[tuple[frozenset[str], Sender | None]]) -> Rewrite:
    """The file with others in place of the senders of forms; a damaged one stays beside."""

    def content(held: bytes | None) -> bytes:
        senders = _parsed(held)
        if senders is None and held is not None:
            replace_bytes(_beside(root), held)
        kept = senders or []
        for form, one in said:
            alike = [other for other in kept if other.likeness(form) >= SAME_FORM]
            kept = [other for other in kept if other not in alike]
            kept += [replace(one, headings=tuple(sorted(form))).after(alike)] if one else []
        return json.dumps([asdict(one) for one in kept], ensure_ascii=False, indent=1).encode()

    return content


def known(root: Path) -> list[Sender]:
    """Every sender something was said of; none while the file is absent or damaged."""
    finish_pending(root)
    return _read(root) or []


def trouble(root: Path) -> str:
    """One sentence when what was said before cannot be read, and what becomes of it; else ""."""
    if _read(root) is not None:
        return ""
    return _(
        "{file} illisible : les colonnes déjà expliquées sont à redire. À la prochaine réponse, il "
        "sera gardé à côté sous le nom {beside} ; remettez-le en place une fois réparé.",
        file=root / FILE,
        beside=_beside(root).name,
    )


def _read(root: Path) -> list[Sender] | None:
    """What the file says; ``None`` when it is there and cannot be read."""
    try:
        return _parsed((root / FILE).read_bytes())
    except FileNotFoundError:
        return []
    except OSError:
        return None


def _parsed(held: bytes | None) -> list[Sender] | None:
    """What the content of the file says; ``None`` when it cannot be read."""
    if held is None:
        return []
    try:
        entries = json.loads(held)
        return [
            Sender(e["name"], tuple(e["headings"]), dict(e["columns"]), e["source"])
            for e in entries
        ]
    except (ValueError, KeyError, TypeError):
        return None


def _beside(root: Path) -> Path:
    """Where a damaged file is kept: the first name that is free."""
    names = (root / f"{FILE}.illisible-{number}" for number in count(1))
    return next(name for name in names if not name.exists())
