"""What is left for people to decide: places and terms that no list has, with candidates."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from atlas.corrections import CorrectionLookup, DecisionSubject, wording_key
from atlas.corrections.wordings import term_key
from atlas.geo.frames import shipped_frames
from atlas.geo.resolve import PlaceResolution, resolve_place
from atlas.model import Tables
from atlas.vocab import (
    NEAR_RATIO,
    entry_label,
    infer_sector,
    nearest_in_vocabulary,
    spelling_similarity,
)


@dataclass(frozen=True)
class WordingCandidate:
    """What a wording may mean: an id, its name for people, and how alike they are (0 to 1)."""

    id: str
    label: str
    score: float


@dataclass(frozen=True)
class OpenWording:
    """An entry of the review queue: one wording of one document.

    Attributes
    ----------
    kind
        What it is about; what `atlas.corrections.WordingCorrection.subject` takes.
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

    kind: DecisionSubject
    document: str
    file: str
    frame: str
    codes: tuple[str, ...]
    wording: str
    count: int
    locators: tuple[str, ...]
    within: str | None
    candidates: tuple[WordingCandidate, ...]
    decision: int | None


OPEN_PLACE_CODES = (
    "place_unknown",
    "place_ambiguous",
    "place_coarser",
    "place_at_region",
    "place_contradiction",
    "place_decision_aside",
)
"""Findings about a place that a decision may answer."""
MOST_PLACES_SHOWN = 5
"""How many units an entry of the queue proposes."""

_LAST_NAME = (
    ({"region": 0}, {"cercle": 0}, {"commune": 0}, {"locality": 0}),
    (
        {"region": 0, "cercle": 1},
        {"region": 0, "commune": 1},
        {"cercle": 0, "commune": 1},
        {"region": 0, "locality": 1},
        {"cercle": 0, "locality": 1},
    ),
    ({"region": 0, "cercle": 1, "commune": 2}, {"region": 0, "cercle": 1, "locality": 2}),
    ({"region": 0, "cercle": 1, "commune": 2, "locality": 3},),
)
"""How names from the larger to the finer may be read, by how many they are."""


def open_places(tables: Tables, corrections: CorrectionLookup) -> list[OpenWording]:
    """One entry per document and wording; see `atlas.review.queue`."""
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    return [
        _open_place(documents[document], wording, told, corrections)
        for (document, wording), told in _open_wordings(tables).items()
    ]


def _open_wordings(tables: Tables) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """``(document, wording)`` → ``(locator, code)``, a bare name told with its fuller wording."""
    at: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    open_findings = tables.findings.filter(pl.col("code").is_in(OPEN_PLACE_CODES))
    placed = _placed_wordings(tables, open_findings)
    for row in open_findings.iter_rows(named=True):
        where = (row["document"], row["locator"] or "")
        said = json.loads(row["params"])
        wording = str(said.get("raw") or placed.get(where) or said.get("readings") or "")
        at[where][wording].append(row["code"])
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for (document, locator), told in at.items():
        for wording, codes in told.items():
            fuller = _fuller_wording(wording, told)
            found[document, fuller] += [(locator, code) for code in codes]
    return found


def _placed_wordings(tables: Tables, findings: pl.DataFrame) -> dict[tuple[str, str], str]:
    """``(document, locator)`` → the wording of its one place, for findings that lack it."""
    asked = findings.filter(pl.col("code") == "place_contradiction").select("document", "locator")
    found = (
        tables.rows.join(asked.unique(), on=["document", "locator"])
        .join(tables.placements.select("activity_id", "raw").drop_nulls(), on="activity_id")
        .unique(["document", "locator", "raw"])
    )
    one = found.filter(pl.len().over("document", "locator") == 1)
    return {(d, w): raw for d, w, raw in one.select("document", "locator", "raw").iter_rows()}


def _fuller_wording(wording: str, others: Iterable[str]) -> str:
    """The longest of the wordings of one row that end with this one's name."""
    own = wording_key(wording)
    same = [o for o in others if own and wording_key(o)[-len(own) :] == own]
    return max(same, key=lambda o: (len(wording_key(o)), o), default=wording)


def _open_place(
    document: dict[str, Any],
    wording: str,
    told: Sequence[tuple[str, str]],
    corrections: CorrectionLookup,
) -> OpenWording:
    frame = document["frame"]
    names = [name.strip() for name in re.split(r"[>|]", wording) if name.strip()]
    around = _units_of_names(names[:-1], frame)
    within = around[0] if around else None
    locators = tuple(dict.fromkeys(locator for locator, _code in told))
    verdict = corrections.for_document(document["document"]).place_decision(
        wording_key(wording), (within,) if within else ()
    )
    return OpenWording(
        kind=DecisionSubject.PLACE,
        document=document["document"],
        file=document["file"] or document["document"],
        frame=frame,
        codes=tuple(sorted({code for _locator, code in told})),
        wording=wording,
        count=len(locators),
        locators=locators,
        within=within,
        candidates=_place_candidates(names, around, frame),
        decision=verdict.correction.decision if verdict and verdict.applies else None,
    )


def _name_readings(names: Sequence[str], frame: str) -> Iterator[PlaceResolution]:
    """The readings of names from the larger to the finer."""
    if 0 < len(names) <= len(_LAST_NAME):
        for way in _LAST_NAME[len(names) - 1]:
            named: dict[str, Any] = {level: names[i] for level, i in way.items()}
            yield resolve_place(**named, frame=frame)


def _units_of_names(names: Sequence[str], frame: str) -> list[str]:
    """Units that names mean, in the order of the readings."""
    return [answer.unit_id for answer in _name_readings(names, frame) if answer.unit_id]


def _place_candidates(
    names: Sequence[str], around: Sequence[str], frame: str
) -> tuple[WordingCandidate, ...]:
    best: dict[str, float] = {}
    for answer in _name_readings(names, frame):
        settled = {answer.unit_id: answer.score} if answer.unit_id else {}
        for unit_id, score in (
            *settled.items(),
            *((c.unit_id, c.score) for c in answer.candidates),
        ):
            if unit_id not in around:
                best[unit_id] = max(best.get(unit_id, 0.0), score)
    ranked = sorted(best.items(), key=lambda one: (-one[1], one[0]))[:MOST_PLACES_SHOWN]
    return tuple(
        WordingCandidate(unit_id, place_label(unit_id), score) for unit_id, score in ranked
    )


def place_label(unit_id: str) -> str:
    """``Dourou (commune, Mopti)``; a reserved row by its name."""
    if unit_id not in shipped_frames():
        return shipped_frames().unit_label(unit_id)
    unit = shipped_frames().unit_by_id(unit_id)
    region = shipped_frames().ancestor_at_level(unit_id, "region")
    if region is None or region == unit_id:
        return unit.name
    return f"{unit.name} ({unit.level}, {shipped_frames().unit_label(region)})"


OPEN_TERM_CODES = {
    "sector_unknown": DecisionSubject.SECTOR,
    "organisation_unknown": DecisionSubject.ORGANISATION,
    "status_unknown": DecisionSubject.STATUS,
}
"""Findings about a wording that a decision may answer."""
MOST_TERMS_SHOWN = 5
"""How many entries of a vocabulary are proposed."""

KEYWORD_SECTOR_SCORE = 0.8
"""Score of a sector that the words only speak of, where they speak of no other."""


def open_terms(tables: Tables, corrections: CorrectionLookup) -> list[OpenWording]:
    """One entry per document, subject and wording; see `atlas.review.queue`."""
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    found: dict[tuple[str, DecisionSubject, str], list[dict[str, Any]]] = defaultdict(list)
    told = tables.findings.filter(pl.col("code").is_in(list(OPEN_TERM_CODES)))
    for row in told.sort("document", "code", "params").iter_rows(named=True):
        said = json.loads(row["params"]) | {"locator": row["locator"], "code": row["code"]}
        subject = OPEN_TERM_CODES[row["code"]]
        found[row["document"], subject, term_key(said["raw"])].append(said)
    decided = {document: corrections.for_document(document) for document in documents}
    return [
        _open_term(documents[document], subject, told, decided[document])
        for (document, subject, _key), told in found.items()
    ]


def _open_term(
    document: dict[str, Any],
    subject: DecisionSubject,
    told: Sequence[dict[str, Any]],
    corrections: CorrectionLookup,
) -> OpenWording:
    wording = str(told[0]["raw"])
    locators = dict.fromkeys(one for said in told for one in said.get("at") or [said["locator"]])
    decision = corrections.term_correction(subject, wording)
    return OpenWording(
        kind=subject,
        document=document["document"],
        file=document["file"] or document["document"],
        frame=document["frame"],
        codes=tuple(sorted({said["code"] for said in told})),
        wording=wording,
        count=sum(int(said.get("rows", 1)) for said in told),
        locators=tuple(locators),
        within=None,
        candidates=term_candidates(subject, wording, corrections),
        decision=decision.decision if decision else None,
    )


def term_candidates(
    subject: DecisionSubject, wording: str, corrections: CorrectionLookup
) -> tuple[WordingCandidate, ...]:
    """Entries that a wording may mean, likeliest first, those that people entered among them.

    A sector is also looked for in the words, as in those of an activity that names none.
    """
    best = {
        one.id: one.score
        for one in nearest_in_vocabulary(subject.vocabulary_name, wording, MOST_TERMS_SHOWN)
    }
    if subject is DecisionSubject.SECTOR:
        spoken = infer_sector(wording)
        if spoken.id:
            best[spoken.id] = max(best.get(spoken.id, 0.0), KEYWORD_SECTOR_SCORE * spoken.score)
    if subject is DecisionSubject.ORGANISATION:
        best |= _entered_similarities(wording, corrections)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        WordingCandidate(entry, entry_label(subject.vocabulary_name, entry), score)
        for entry, score in ranked[:MOST_TERMS_SHOWN]
    )


def _entered_similarities(wording: str, corrections: CorrectionLookup) -> dict[str, float]:
    """Likeness of a wording to the organisations that people entered."""
    found: dict[str, float] = {}
    for entry, one in corrections.entered_organisations.items():
        score = max(spelling_similarity(wording, spelling) for spelling in (one.acronym, one.name))
        if score >= NEAR_RATIO / 100:
            found[entry] = score
    return found


def review_queue(tables: Tables, corrections: CorrectionLookup) -> list[OpenWording]:
    """What is left for people to decide, the most frequent first.

    Parameters
    ----------
    tables
        A snapshot's tables, or those of one document before it is published.
    corrections
        Decisions in force: one that came after the reading is named beside what it answers.

    Returns
    -------
    list of OpenWording
        One entry per kind, document and wording.
    """
    entries = [*open_places(tables, corrections), *open_terms(tables, corrections)]
    return sorted(entries, key=lambda one: (-one.count, one.file, one.kind, one.wording))


def queue_by_wording(entries: Iterable[OpenWording]) -> list[dict[str, Any]]:
    """The queue with each wording once, whatever documents it stands in; plain values.

    Returns
    -------
    list of dict
        ``kind, wording, rows, documents`` (``document, file, rows, locators, codes`` of each),
        ``within, candidates`` (``id, label, score``) and ``decision``; the most rows first.
        A place is one of its découpage and parent.
    """
    alike: dict[tuple[object, ...], list[OpenWording]] = defaultdict(list)
    for one in entries:
        place = (one.frame, one.within) if one.kind is DecisionSubject.PLACE else ()
        alike[one.kind, wording_key(one.wording), place, one.decision].append(one)
    merged = [_merged_entry(many) for many in alike.values()]
    return sorted(merged, key=lambda one: (-one["rows"], one["kind"], one["wording"]))


def _merged_entry(many: list[OpenWording]) -> dict[str, Any]:
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
