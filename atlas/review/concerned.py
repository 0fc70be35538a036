"""Which documents decisions may concern: rather one too many than one too few."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from atlas.corrections import Correction, Scope, Subject, wording_key
from atlas.corrections.wording import term_key
from atlas.model import Reader, Tables
from atlas.vocab import match_organisation, match_sector, match_status

_TERM_CODES = ("unknown", "reviewed")


def affected(tables: Tables, corrections: Iterable[Correction]) -> dict[str, str]:
    """Documents that decisions may concern, ``{id: file}``: rather one too many.

    A document is one when a word of a decided name stands in a wording of its places, or a
    decided term in one of its own. The wordings behind figures and context are not kept, so
    documents with those always are; nor are those of donors and statuses, so a document is
    one too when it has the donor or status that the term was before anybody decided.
    """
    decided = list(corrections)
    read = tables.documents.filter(pl.col("reader") != Reader.ENTRY)
    files = dict(read.select("document", pl.col("file").fill_null("")).iter_rows())
    places = _words_of_places(tables)
    unworded = _unworded(tables)
    terms = _Terms(tables) if any(one.subject is not Subject.PLACE for one in decided) else None
    found = {
        document
        for document in files
        for one in decided
        if one.scope is not Scope.DOCUMENT or one.within == document
        if document in unworded
        or (terms is not None and one.subject is not Subject.PLACE and terms.hold(document, one))
        or (one.subject is Subject.PLACE and not places[document].isdisjoint(one.parts[-1].split()))
    }
    return {document: files[document] or document for document in sorted(found)}


def _unworded(tables: Tables) -> set[str]:
    """Documents with figures or facts, whose wordings are not kept."""
    return {
        document
        for frame in (tables.control_totals, tables.context)
        for document in frame.filter(pl.col("unit_id").is_not_null())["document"].unique()
    }


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


class _Terms:
    """Wordings and ids of the sectors, organisations and statuses of each document."""

    def __init__(self, tables: Tables) -> None:
        self._written: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        activities = tables.activities
        raw = {
            Subject.SECTOR: activities.select("document", wording="sector_raw"),
            Subject.ORGANISATION: pl.concat(
                activities.select("document", wording=column).explode("wording")
                for column in ("organisations_raw", "donors")
            ),
            Subject.STATUS: activities.select("document", wording="status"),
        }
        for subject, frame in raw.items():
            for document, wording in frame.drop_nulls().unique().iter_rows():
                self._written[document, subject].add(f" {term_key(wording)} ")
                self._ids[document, subject].add(wording)
        self._add_findings(tables.findings)

    def _add_findings(self, findings: pl.DataFrame) -> None:
        codes = [f"{s}_{told}" for s in Subject if s.vocabulary for told in _TERM_CODES]
        told = findings.filter(pl.col("code").is_in(codes))
        for document, code, params in told.select("document", "code", "params").iter_rows():
            wording = str(json.loads(params).get("raw") or "")
            self._written[document, code.split("_")[0]].add(f" {term_key(wording)} ")

    def hold(self, document: str, one: Correction) -> bool:
        """Whether a decision may concern the document."""
        spelt = [one.wording]
        if one.organisation is not None:
            spelt += [one.organisation.acronym, one.organisation.name]
        names = [f" {key} " for key in map(term_key, spelt) if key]
        written = self._written[document, one.subject]
        match = _MATCHES[one.subject](one.wording).id
        return match in self._ids[document, one.subject] or any(
            name in text for text in written for name in names
        )


_MATCHES = {
    Subject.SECTOR: match_sector,
    Subject.ORGANISATION: match_organisation,
    Subject.STATUS: match_status,
}
"""What a wording was before anybody decided."""
