"""The one shape of everything that is left for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass

from atlas.corrections import Subject


@dataclass(frozen=True)
class Candidate:
    """What a wording may mean: an id, its name for people, and how alike they are (0 to 1)."""

    id: str
    label: str
    score: float


@dataclass(frozen=True)
class Open:
    """An entry of the review queue: one wording of one document.

    Attributes
    ----------
    kind
        What it is about; what `atlas.corrections.Correction.subject` takes.
    codes
        Kinds of its findings.
    wording
        As written; what ``atlas corrections add`` takes.
    count, locators
        How many rows of the document it stands in, and which; of words the first few.
    within
        Unit that the larger names of a place mean (the largest, where they leave a choice),
        or ``None``.
    candidates
        What it may mean, likeliest first.
    decision
        Number of the decision that answers it at the next reading, or ``None``.
    """

    kind: Subject
    document: str
    file: str
    frame: str
    codes: tuple[str, ...]
    wording: str
    count: int
    locators: tuple[str, ...]
    within: str | None
    candidates: tuple[Candidate, ...]
    decision: int | None
