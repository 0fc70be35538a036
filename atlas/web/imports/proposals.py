"""What a reading could not settle, as questions a person may answer before publishing.

Each wording is asked once, with what it most likely means. An answer holds for its document;
it becomes a decision when the document is published, and may be taken back before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from atlas.corrections import Correction, Corrections, answered
from atlas.model import Tables
from atlas.review import queue
from atlas.store.decisions import Decisions
from atlas.web.imports.told import LEFT, Told

MOST = 400
"""Wordings of one kind that are kept for the page, the most frequent first."""
Entry = dict[str, Any]


def answers_of(told: Told, document: str, decided: Corrections) -> list[Correction]:
    """What the person accepted, as decisions: a place in this document, other words anywhere.

    Raises
    ------
    UnknownUnitError, UsageError
        An answer makes no sense.
    """
    return [
        answered(kind, wording, value, document, decided.organisations)
        for kind, answers in told.decided.items()
        for wording, value in answers.items()
        if value != LEFT
    ]


def in_force(root: Path, document: str, told: Told) -> Corrections:
    """Decisions that the reading of a document applies: those taken, then the person's own."""
    decided = Decisions(root).in_force()
    return Corrections.of([*decided.entries, *answers_of(told, document, decided)])


def proposed(root: Path, tables: Tables, told: Told, before: Sequence[Entry] = ()) -> list[Entry]:
    """Questions by kind, the most frequent first; those answered here stay in the list.

    Parameters
    ----------
    before
        What was proposed at the last reading: an answered wording is no question any more,
        but must be seen to be taken back.

    Returns
    -------
    list of dict
        ``kind, wording, count, locators, choices`` (value, label, likeness 0 to 1).
    """
    found = _asked(root, tables)
    keys = {(one["kind"], one["wording"]) for one in found}
    settled = [
        one
        for one in before
        if (one["kind"], one["wording"]) not in keys
        and one["wording"] in told.decided.get(one["kind"], {})
    ]
    return sorted([*found, *settled], key=lambda one: (one["kind"], -one["count"]))


def _asked(root: Path, tables: Tables) -> list[Entry]:
    return [
        {
            "kind": str(entry.kind),
            "wording": entry.wording,
            "count": entry.count,
            "locators": entry.locators[:3],
            "choices": [[c.id, c.label, c.score] for c in entry.candidates],
        }
        for entry in queue(tables, Decisions(root).in_force())[:MOST]
        if entry.decision is None
    ]


def sure(entry: Mapping[str, Any], least: float) -> bool:
    """Whether one choice stands above a likeness, and above all others."""
    scores = [score for _value, _label, score in entry["choices"]]
    return bool(scores) and scores[0] >= least and (len(scores) == 1 or scores[1] < scores[0])


def open_ones(entries: Sequence[Entry], told: Told) -> list[Entry]:
    """Those that nobody answered, not even by leaving them."""
    return [one for one in entries if one["wording"] not in told.decided.get(one["kind"], {})]
