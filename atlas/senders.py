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
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.reading import Document
from atlas.ingest.table_detection import unread_tables
from atlas.store import Store
from atlas.store.commits import finish_pending
from atlas.store.disk import FileRewrite, replace_bytes

if TYPE_CHECKING:
    from atlas.ingest.pipeline import IngestBatch

SENDERS_FILE = "senders.json"
SAME_FORM = 0.6
"""Share of headings in common, of all those of both, from which two tables are one form."""


@dataclass(frozen=True)
class SenderForm:
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

    def with_earlier_columns(self, earlier: Iterable[SenderForm]) -> SenderForm:
        """The same, with what was said before of the columns that it says nothing of.

        Two people may explain columns of one form at once, each without the other's words.
        """
        every = (*earlier, self)
        columns = {heading: field for one in every for heading, field in one.columns.items()}
        sources = ["auto", *(one.source for one in every if one.source != "auto")]
        return replace(self, columns=columns, source=sources[-1])

    def heading_similarity(self, headings: frozenset[str]) -> float:
        """Headings in common among all those of both, 0 to 1."""
        own = frozenset(self.headings)
        return len(own & headings) / max(len(own | headings), 1)


def sender_of_headings(root: Path, headings: Iterable[str]) -> SenderForm | None:
    """The sender whose form these headings are, if anything was said of it.

    The columns are those that these headings have.
    """
    asked = frozenset(map(fold_text, headings))
    best = max(known_senders(root), key=lambda one: one.heading_similarity(asked), default=None)
    if best is None or best.heading_similarity(asked) < SAME_FORM:
        return None
    columns = {h: field for h, field in best.columns.items() if fold_text(h) in asked}
    return replace(best, columns=columns)


def sender_of_document(root: Path, document: Document) -> SenderForm | None:
    """Whoever sent a form like one of this document's tables before."""
    for table in unread_tables(document) if (root / SENDERS_FILE).is_file() else ():
        sender = sender_of_headings(root, [column.heading for column in table.columns])
        if sender:
            return sender
    return None


def saved_columns(root: Path, document: Document) -> Mapping[str, str] | None:
    """What was said before of the columns of a document; ``None`` when nothing was."""
    sender = sender_of_document(root, document)
    return sender.columns or None if sender else None


def read_as_before(root: Path, path: Path, **said: Any) -> IngestBatch:
    """`atlas.ingest.pipeline.ingest_file`, with what was said before of the file's columns.

    A column map given now counts alone. Raises as that does.
    """
    return ingest_file(path, columns_said=partial(saved_columns, root), **said)


def sender_with_columns(document: Document, columns: Mapping[str, str]) -> SenderForm:
    """Whoever sent a document, and what was said of its columns (``--map``)."""
    headings = [c.heading for table in unread_tables(document) for c in table.columns]
    return SenderForm(document.file, tuple(headings), columns)


def saved_senders_rewrite(root: Path, senders: Sequence[SenderForm]) -> FileRewrite:
    """The file with what is said of senders, over what was said of the same forms."""
    return _forms_rewrite(root, [(frozenset(map(fold_text, one.headings)), one) for one in senders])


def forget_columns(root: Path, headings: Iterable[str]) -> None:
    """Forget what was said of the sender whose form these headings are, if anything was."""
    if (root / SENDERS_FILE).is_file():
        Store(root).rewrite_file(
            SENDERS_FILE, _forms_rewrite(root, [(frozenset(map(fold_text, headings)), None)])
        )


def _forms_rewrite(
    root: Path, said: Sequence[tuple[frozenset[str], SenderForm | None]]
) -> FileRewrite:
    """The file with others in place of the senders of forms; a damaged one stays beside."""

    def content(held: bytes | None) -> bytes:
        senders = _parsed_senders(held)
        if senders is None and held is not None:
            replace_bytes(_damaged_copy_path(root), held)
        kept = senders or []
        for form, one in said:
            alike = [other for other in kept if other.heading_similarity(form) >= SAME_FORM]
            kept = [other for other in kept if other not in alike]
            kept += (
                [replace(one, headings=tuple(sorted(form))).with_earlier_columns(alike)]
                if one
                else []
            )
        return json.dumps([asdict(one) for one in kept], ensure_ascii=False, indent=1).encode()

    return content


def known_senders(root: Path) -> list[SenderForm]:
    """Every sender something was said of; none while the file is absent or damaged."""
    finish_pending(root)
    return _read_senders(root) or []


def saved_columns_trouble(root: Path) -> str:
    """One sentence when what was said before cannot be read, and what becomes of it; else ""."""
    if _read_senders(root) is not None:
        return ""
    return _(
        "{file} illisible : les colonnes déjà expliquées sont à redire. À la prochaine réponse, il "
        "sera gardé à côté sous le nom {beside} ; remettez-le en place une fois réparé.",
        file=root / SENDERS_FILE,
        beside=_damaged_copy_path(root).name,
    )


def _read_senders(root: Path) -> list[SenderForm] | None:
    """What the file says; ``None`` when it is there and cannot be read."""
    try:
        return _parsed_senders((root / SENDERS_FILE).read_bytes())
    except FileNotFoundError:
        return []
    except OSError:
        return None


def _parsed_senders(held: bytes | None) -> list[SenderForm] | None:
    """What the content of the file says; ``None`` when it cannot be read."""
    if held is None:
        return []
    try:
        entries = json.loads(held)
        return [
            SenderForm(e["name"], tuple(e["headings"]), dict(e["columns"]), e["source"])
            for e in entries
        ]
    except (ValueError, KeyError, TypeError):
        return None


def _damaged_copy_path(root: Path) -> Path:
    """Where a damaged file is kept: the first name that is free."""
    names = (root / f"{SENDERS_FILE}.illisible-{number}" for number in count(1))
    return next(name for name in names if not name.exists())
