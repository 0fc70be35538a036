"""Places that no répertoire settles, with the units that they may mean."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from atlas.corrections import Corrections, Subject, wording_key
from atlas.geo.frames import frames
from atlas.geo.resolve import Resolution, resolve
from atlas.model import Tables
from atlas.review.entries import Candidate, Open

OPEN_CODES = (
    "place_unknown",
    "place_ambiguous",
    "place_coarser",
    "place_at_region",
    "place_contradiction",
    "place_decision_aside",
)
"""Findings about a place that a decision may answer."""
CANDIDATES = 5
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


def open_places(tables: Tables, corrections: Corrections) -> list[Open]:
    """One entry per document and wording; see `atlas.review.queue`."""
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    return [
        _open(documents[document], wording, told, corrections)
        for (document, wording), told in _wordings(tables).items()
    ]


def _wordings(tables: Tables) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """``(document, wording)`` → ``(locator, code)``, a bare name told with its fuller wording."""
    at: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    open_findings = tables.findings.filter(pl.col("code").is_in(OPEN_CODES))
    placed = _placed_wordings(tables, open_findings)
    for row in open_findings.iter_rows(named=True):
        where = (row["document"], row["locator"] or "")
        said = json.loads(row["params"])
        wording = str(said.get("raw") or placed.get(where) or said.get("readings") or "")
        at[where][wording].append(row["code"])
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for (document, locator), told in at.items():
        for wording, codes in told.items():
            fuller = _fuller(wording, told)
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


def _fuller(wording: str, others: Iterable[str]) -> str:
    """The longest of the wordings of one row that end with this one's name."""
    own = wording_key(wording)
    same = [o for o in others if own and wording_key(o)[-len(own) :] == own]
    return max(same, key=lambda o: (len(wording_key(o)), o), default=wording)


def _open(
    document: dict[str, Any],
    wording: str,
    told: Sequence[tuple[str, str]],
    corrections: Corrections,
) -> Open:
    frame = document["frame"]
    names = [name.strip() for name in re.split(r"[>|]", wording) if name.strip()]
    around = _units(names[:-1], frame)
    within = around[0] if around else None
    locators = tuple(dict.fromkeys(locator for locator, _code in told))
    verdict = corrections.for_document(document["document"]).decide(
        wording_key(wording), (within,) if within else ()
    )
    return Open(
        kind=Subject.PLACE,
        document=document["document"],
        file=document["file"] or document["document"],
        frame=frame,
        codes=tuple(sorted({code for _locator, code in told})),
        wording=wording,
        count=len(locators),
        locators=locators,
        within=within,
        candidates=_candidates(names, around, frame),
        decision=verdict.correction.decision if verdict and verdict.applies else None,
    )


def _read(names: Sequence[str], frame: str) -> Iterator[Resolution]:
    """The readings of names from the larger to the finer."""
    if 0 < len(names) <= len(_LAST_NAME):
        for way in _LAST_NAME[len(names) - 1]:
            named: dict[str, Any] = {level: names[i] for level, i in way.items()}
            yield resolve(**named, frame=frame)


def _units(names: Sequence[str], frame: str) -> list[str]:
    """Units that names mean, in the order of the readings."""
    return [answer.unit_id for answer in _read(names, frame) if answer.unit_id]


def _candidates(names: Sequence[str], around: Sequence[str], frame: str) -> tuple[Candidate, ...]:
    best: dict[str, float] = {}
    for answer in _read(names, frame):
        settled = {answer.unit_id: answer.score} if answer.unit_id else {}
        for unit_id, score in (
            *settled.items(),
            *((c.unit_id, c.score) for c in answer.candidates),
        ):
            if unit_id not in around:
                best[unit_id] = max(best.get(unit_id, 0.0), score)
    ranked = sorted(best.items(), key=lambda one: (-one[1], one[0]))[:CANDIDATES]
    return tuple(Candidate(unit_id, place_label(unit_id), score) for unit_id, score in ranked)


def place_label(unit_id: str) -> str:
    """``Dourou (commune, Mopti)``; a reserved row by its name."""
    if unit_id not in frames():
        return frames().label(unit_id)
    unit = frames().unit(unit_id)
    region = frames().ancestor(unit_id, "region")
    if region is None or region == unit_id:
        return unit.name
    return f"{unit.name} ({unit.level}, {frames().label(region)})"
