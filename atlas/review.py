"""The places a person should decide about, and what their decisions change."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from atlas.corrections import Correction, Corrections, Scope, wording_key
from atlas.errors import AtlasError, StoreError
from atlas.geo.frames import frames
from atlas.geo.resolve import Candidate, Resolution, resolve
from atlas.i18n import _
from atlas.ingest.controls import of_rows
from atlas.ingest.pipeline import Batch, ingest_file
from atlas.ingest.rates import OwnRates
from atlas.ingest.reading import ReadAs
from atlas.model import Tables
from atlas.store import Raw, Snapshot, Store
from atlas.store.decisions import Decision, Decisions

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


@dataclass(frozen=True)
class Open:
    """An entry of the review queue: one wording of one document.

    Attributes
    ----------
    codes
        Kinds of its findings.
    wording
        As written; what ``atlas corrections add --place`` takes.
    count, locators
        How often it stands in the document, and where.
    within
        Unit that its larger names mean (the largest, where they leave a choice), or ``None``.
    candidates
        Units it may mean, likeliest first.
    decision
        Number of the decision that answers it at the next reading, or ``None``.
    """

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


def queue(tables: Tables, corrections: Corrections) -> list[Open]:
    """What is left for people to decide, the most frequent first.

    Parameters
    ----------
    tables
        A snapshot's tables.
    corrections
        Decisions in force: one that came after the reading is named beside what it answers.

    Returns
    -------
    list of Open
        One entry per document and wording.
    """
    documents = {row["document"]: row for row in tables.documents.iter_rows(named=True)}
    entries = [
        _open(documents[document], wording, told, corrections)
        for (document, wording), told in _wordings(tables).items()
    ]
    return sorted(entries, key=lambda one: (-one.count, one.file, one.wording))


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
    best: dict[str, Candidate] = {}
    for answer in _read(names, frame):
        settled: list[Candidate] = []
        if answer.unit_id and answer.level:
            label = frames().label(answer.unit_id)
            settled = [Candidate(answer.unit_id, label, answer.level, answer.score)]
        for one in (*settled, *answer.candidates):
            if one.unit_id not in around and one.score > getattr(
                best.get(one.unit_id), "score", -1
            ):
                best[one.unit_id] = one
    ranked = sorted(best.values(), key=lambda one: (-one.score, one.unit_id))
    return tuple(ranked[:CANDIDATES])


@dataclass(frozen=True)
class Applied:
    """What an application of the decisions came to.

    Attributes
    ----------
    snapshot
        The current one; the same as before when nothing changed.
    read
        Files read again.
    missing
        ``(file, reason)`` of those that could not be: they stand as they were.
    """

    snapshot: Snapshot
    changed: bool
    read: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def apply_decisions(store: Store, decisions: Decisions) -> Applied:
    """Read again, from the kept files, the documents that decisions may concern; publish once.

    Decisions that were undone count too: what they had placed goes back.

    Raises
    ------
    StoreError
        Nothing is published, or the store cannot be written.
    """
    before = store.current()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    corrections = decisions.in_force()
    applied = _apply_once(store, before, decisions.history(), corrections)
    if decisions.in_force().entries == corrections.entries:
        return applied
    # Somebody decided meanwhile: whoever publishes last publishes every decision.
    again = apply_decisions(store, decisions)
    return replace(again, changed=again.snapshot.hash != before.hash)


def _apply_once(
    store: Store, before: Snapshot, history: Sequence[Decision], corrections: Corrections
) -> Applied:
    concerned = affected(before.tables, [one.correction for one in history])
    if before.tables.is_sample:
        from atlas.ingest.sample import sample_tables

        read = [sample_tables(corrections)] if concerned else []
        return _published(store, before, read, list(concerned.values()), [])
    read, files = [], []
    missing: list[tuple[str, str]] = []
    for document, file in concerned.items():
        raw = store.raw(document)
        if raw is None:
            missing.append((file, _("fichier d'origine non conservé : réimportez-le")))
            continue
        try:
            read.append(read_again(raw, corrections).tables)
            files.append(file)
        except AtlasError as error:
            missing.append((file, error.sentence()))
    return _published(store, before, read, files, missing)


def _published(
    store: Store,
    before: Snapshot,
    read: Sequence[Tables],
    files: Sequence[str],
    missing: Sequence[tuple[str, str]],
) -> Applied:
    snapshot = store.add(read, _("décisions appliquées")) if read else before
    return Applied(snapshot, snapshot.hash != before.hash, tuple(files), tuple(missing))


def read_again(raw: Raw, corrections: Corrections) -> Batch:
    """A kept file, read as it was the first time, with the decisions given."""
    said = ReadAs.from_dict(raw.read_as)
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(said.file).name
        path.write_bytes(raw.content)
        if said.context:
            from atlas.ingest.context import read_context

            return read_context(
                said.context,
                path,
                as_of=said.as_of,
                frame=said.frame,
                column_map=said.column_map,
                corrections=corrections,
            )
        return ingest_file(
            path,
            source=said.source,
            as_of=said.as_of,
            frame=said.frame,
            column_map=said.column_map,
            corrections=corrections,
            rates=OwnRates.of(said.rates),
            controls=of_rows(said.controls),
        )


def affected(tables: Tables, corrections: Iterable[Correction]) -> dict[str, str]:
    """Documents that decisions may concern, ``{id: file}``: rather one too many.

    A document is one when a word of a decided name stands in a wording of its places. The
    wordings behind figures and context are not kept, so documents with those always are.
    """
    decided = list(corrections)
    files = dict(tables.documents.select("document", pl.col("file").fill_null("")).iter_rows())
    written = _words_of_places(tables)
    unworded = {
        document
        for frame in (tables.control_totals, tables.context)
        for document in frame.filter(pl.col("unit_id").is_not_null())["document"].unique()
    }
    found = {
        document
        for document in files
        for one in decided
        if one.scope is not Scope.DOCUMENT or one.within == document
        if document in unworded or not written[document].isdisjoint(one.parts[-1].split())
    }
    return {document: files[document] or document for document in sorted(found)}


def _words_of_places(tables: Tables) -> dict[str, set[str]]:
    """Folded words of each document's places, placed or not."""
    placed = (
        tables.placements.filter(pl.col("raw").is_not_null())
        .join(tables.activities.select("activity_id", "document"), on="activity_id")
        .select("document", "raw")
        .unique()
    )
    found: dict[str, set[str]] = defaultdict(set)
    for document, raw in placed.iter_rows():
        found[document].update(*(part.split() for part in wording_key(raw)))
    told = tables.findings.filter(pl.col("code").str.starts_with("place_"))
    for document, params in told.select("document", "params").unique().iter_rows():
        raw = str(json.loads(params).get("raw") or "")
        found[document].update(*(part.split() for part in wording_key(raw)))
    return found
