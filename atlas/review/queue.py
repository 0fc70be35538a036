"""What is left for people to decide, whatever it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from atlas.corrections import Corrections, Subject, wording_key
from atlas.model import Tables
from atlas.review.entries import Open
from atlas.review.places import open_places
from atlas.review.terms import open_terms


def queue(tables: Tables, corrections: Corrections) -> list[Open]:
    """What is left for people to decide, the most frequent first.

    Parameters
    ----------
    tables
        A snapshot's tables, or those of one document before it is published.
    corrections
        Decisions in force: one that came after the reading is named beside what it answers.

    Returns
    -------
    list of Open
        One entry per kind, document and wording.
    """
    entries = [*open_places(tables, corrections), *open_terms(tables, corrections)]
    return sorted(entries, key=lambda one: (-one.count, one.file, one.kind, one.wording))


def by_wording(entries: Iterable[Open]) -> list[dict[str, Any]]:
    """The queue with each wording once, whatever documents it stands in; plain values.

    Returns
    -------
    list of dict
        ``kind, wording, rows, documents`` (``document, file, rows, locators, codes`` of each),
        ``within, candidates`` (``id, label, score``) and ``decision``; the most rows first.
        A place is one of its découpage and parent.
    """
    alike: dict[tuple[object, ...], list[Open]] = defaultdict(list)
    for one in entries:
        place = (one.frame, one.within) if one.kind is Subject.PLACE else ()
        alike[one.kind, wording_key(one.wording), place, one.decision].append(one)
    merged = [_merged(many) for many in alike.values()]
    return sorted(merged, key=lambda one: (-one["rows"], one["kind"], one["wording"]))


def _merged(many: list[Open]) -> dict[str, Any]:
    first = many[0]
    return {
        "kind": str(first.kind),
        "wording": first.wording,
        "rows": sum(one.count for one in many),
        "documents": [
            {
                "document": one.document,
                "file": one.file,
                "rows": one.count,
                "locators": list(one.locators),
                "codes": list(one.codes),
            }
            for one in many
        ],
        "within": first.within,
        "candidates": [asdict(one) for one in first.candidates],
        "decision": first.decision,
    }
