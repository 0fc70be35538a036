"""What a workbook that was pulled from a server says of its pull, on a sheet of its own.

The form as it was (questions with their headings, choices with their labels), what the server
counted, what was left out, and what changed since the pull before stand in the file itself: it
says the same whenever and wherever it is read, and the next pull compares itself with it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from atlas.ingest.reading import FileContent, Finding, Sheet

PULL_SHEET = "atlas-pull"
"""Name and first cell of the sheet."""
COUNT, PERSONAL, UNREAD = "count", "personal", "unread"
QUESTION, FORMER, CHOICE = "question", "former", "choice"
RENAMED, GONE, ADDED, RELABELLED = "renamed", "gone", "added", "choices"
_KINDS = (COUNT, PERSONAL, UNREAD, QUESTION, FORMER, CHOICE)
_CHANGES = (RENAMED, GONE, ADDED, RELABELLED)
_Key = TypeVar("_Key", bound=Hashable)


class FormChange(NamedTuple):
    """One thing that differs from the form of the pull before; "" for what is not there."""

    kind: str
    before: str
    after: str

    def words(self) -> str:
        """As a person reads it: « Région » → « Région administrative »."""
        return " → ".join(f"« {text} »" for text in (self.before, self.after) if text)


@dataclass(frozen=True)
class PulledForm:
    """A form at the moment of its pull.

    Attributes
    ----------
    counted, read
        Rows that the server counts, and that came.
    personal, unread
        What was left out: of persons, and for another reason.
    headings, former
        Question, as the server knows it → its heading; of those that the form has, and of those
        that it had, where answers are left.
    choices
        Question or list, and code of a choice → its label.
    changes
        What differs from the pull before.
    """

    counted: int
    read: int
    personal: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[tuple[str, str], str] = field(default_factory=dict)
    changes: tuple[FormChange, ...] = ()

    def changes_since(self, earlier: PulledForm) -> tuple[FormChange, ...]:
        """What differs from an earlier form, question by question and choice by choice.

        Examples
        --------
        >>> old = PulledForm(1, 1, headings={"q1": "Région", "q2": "Bailleur"})
        >>> new = PulledForm(1, 1, headings={"q1": "Zone", "q3": "Statut"})
        >>> [change.words() for change in new.changes_since(old)]
        ['« Région » → « Zone »', '« Bailleur »', '« Statut »']
        """
        return (
            *_differences(earlier.headings, self.headings, (RENAMED, GONE, ADDED)),
            *_differences(earlier.choices, self.choices, (RELABELLED,) * 3),
        )

    def rows(self) -> list[tuple[str, ...]]:
        """The rows of its sheet."""
        return [
            (PULL_SHEET, ""),
            (COUNT, str(self.counted), str(self.read)),
            *((PERSONAL, name) for name in self.personal),
            *((UNREAD, name) for name in self.unread),
            *((QUESTION, *pair) for pair in self.headings.items()),
            *((FORMER, *pair) for pair in self.former.items()),
            *((CHOICE, *key, label) for key, label in self.choices.items()),
            *self.changes,
        ]

    def findings(self) -> Iterator[Finding]:
        """What a person should know of the pull."""
        for name in self.personal:
            yield Finding("personal_data_dropped", field=name, params={"column": name})
        for name in self.unread:
            yield Finding("column_ignored", field=name, params={"column": name})
        if self.counted != self.read:
            yield count_finding(self.counted, self.read)
        if self.changes:
            told = {
                kind: ", ".join(change.words() for change in self.changes if change.kind == kind)
                for kind in _CHANGES
            }
            yield Finding(
                "form_changed", params={kind: words or "—" for kind, words in told.items()}
            )


def count_finding(counted: int, read: int) -> Finding:
    """The finding that a server counts other than what came."""
    return Finding("pull_count", params={"counted": counted, "read": read})


def _differences(
    before: Mapping[_Key, str], after: Mapping[_Key, str], kinds: tuple[str, str, str]
) -> Iterator[FormChange]:
    renamed, gone, added = kinds
    for key, text in before.items():
        now = after.get(key)
        if now is None:
            yield FormChange(gone, text, "")
        elif now != text:
            yield FormChange(renamed, text, now)
    for key, text in after.items():
        if key not in before:
            yield FormChange(added, "", text)


def pulled_form_in(sheets: Iterable[Sheet]) -> PulledForm | None:
    """What the sheets of a workbook say of its pull; ``None`` where it was not pulled."""
    rows = next((sheet.rows for sheet in sheets if _is_of_pull(sheet)), None)
    if rows is None:
        return None
    cells = [["" if cell is None else str(cell) for cell in row] + [""] * 4 for row in rows]
    told = {kind: [row[1:4] for row in cells if row[0] == kind] for kind in (*_KINDS, *_CHANGES)}
    counts = [row for row in told[COUNT] if row[0].isdigit() and row[1].isdigit()]
    counted, read = map(int, counts[0][:2]) if counts else (0, 0)
    return PulledForm(
        counted=counted,
        read=read,
        personal=tuple(row[0] for row in told[PERSONAL]),
        unread=tuple(row[0] for row in told[UNREAD]),
        headings={question: heading for question, heading, _no in told[QUESTION]},
        former={question: heading for question, heading, _no in told[FORMER]},
        choices={(of, code): label for of, code, label in told[CHOICE]},
        changes=tuple(
            FormChange(kind, before, after)
            for kind in _CHANGES
            for before, after, _no in told[kind]
        ),
    )


def without_pull_sheet(content: FileContent) -> FileContent:
    """A workbook's tables alone; what its pull has to say stands among the findings."""
    form = pulled_form_in(content.sheets)
    if form is None:
        return content
    sheets = tuple(sheet for sheet in content.sheets if not _is_of_pull(sheet))
    return FileContent(content.text, sheets, (*content.findings, *form.findings()))


def _is_of_pull(sheet: Sheet) -> bool:
    first = next(iter(sheet.rows), ())
    return sheet.name == PULL_SHEET and next(iter(first), None) == PULL_SHEET
