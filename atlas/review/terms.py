"""Sectors, organisations and statuses that no vocabulary has, with what comes near."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import polars as pl

from atlas.corrections import Corrections, Subject
from atlas.corrections.wording import term_key
from atlas.model import Tables
from atlas.review.entries import Candidate, Open
from atlas.vocab import NEAR_RATIO, infer_sector, label, likeness, nearest

OPEN_CODES = {
    "sector_unknown": Subject.SECTOR,
    "organisation_unknown": Subject.ORGANISATION,
    "status_unknown": Subject.STATUS,
}
"""Findings about a wording that a decision may answer."""
CANDIDATES = 5
"""How many entries of a vocabulary are proposed."""

SPOKEN = 0.8
"""Score of a sector that the words only speak of, where they speak of no other."""


def open_terms(tables: Tables, corrections: Corrections) -> list[Open]:
    """One entry per document, subject and wording; see `atlas.review.queue`."""
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    found: dict[tuple[str, Subject, str], list[dict[str, Any]]] = defaultdict(list)
    told = tables.findings.filter(pl.col("code").is_in(list(OPEN_CODES)))
    for row in told.sort("document", "code", "params").iter_rows(named=True):
        said = json.loads(row["params"]) | {"locator": row["locator"], "code": row["code"]}
        subject = OPEN_CODES[row["code"]]
        found[row["document"], subject, term_key(said["raw"])].append(said)
    decided = {document: corrections.for_document(document) for document in documents}
    return [
        _open(documents[document], subject, told, decided[document])
        for (document, subject, _key), told in found.items()
    ]


def _open(
    document: dict[str, Any],
    subject: Subject,
    told: Sequence[dict[str, Any]],
    corrections: Corrections,
) -> Open:
    wording = str(told[0]["raw"])
    locators = dict.fromkeys(one for said in told for one in said.get("at") or [said["locator"]])
    decision = corrections.term(subject, wording)
    return Open(
        kind=subject,
        document=document["document"],
        file=document["file"] or document["document"],
        frame=document["frame"],
        codes=tuple(sorted({said["code"] for said in told})),
        wording=wording,
        count=sum(int(said.get("rows", 1)) for said in told),
        locators=tuple(locators),
        within=None,
        candidates=candidates(subject, wording, corrections),
        decision=decision.decision if decision else None,
    )


def candidates(subject: Subject, wording: str, corrections: Corrections) -> tuple[Candidate, ...]:
    """Entries that a wording may mean, likeliest first, those that people entered among them.

    A sector is also looked for in the words, as in those of an activity that names none.
    """
    best = {one.id: one.score for one in nearest(subject.vocabulary, wording, CANDIDATES)}
    if subject is Subject.SECTOR:
        spoken = infer_sector(wording)
        if spoken.id:
            best[spoken.id] = max(best.get(spoken.id, 0.0), SPOKEN * spoken.score)
    if subject is Subject.ORGANISATION:
        best |= _entered(wording, corrections)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Candidate(entry, label(subject.vocabulary, entry), score)
        for entry, score in ranked[:CANDIDATES]
    )


def _entered(wording: str, corrections: Corrections) -> dict[str, float]:
    """Likeness of a wording to the organisations that people entered."""
    found: dict[str, float] = {}
    for entry, one in corrections.organisations.items():
        score = max(likeness(wording, spelling) for spelling in (one.acronym, one.name))
        if score >= NEAR_RATIO / 100:
            found[entry] = score
    return found
