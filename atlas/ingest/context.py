"""Context tables: dated facts about places that are not activities.

Needs, population, access, security, priorities, programme perimeters and reporting scopes
arrive as ordinary lists: a place, an indicator, a value or a text, and where they are from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from atlas.errors import UnusableFileError, UsageError
from atlas.i18n import _
from atlas.ingest.cells import coordinates, days, number
from atlas.ingest.dating import date_of_document
from atlas.ingest.pipeline import Batch, normalise
from atlas.ingest.readers import read_document
from atlas.ingest.reading import ContextFact, Document, Finding, Reading
from atlas.ingest.rows import Row, Table, tables_of
from atlas.ingest.sources.lists import places_of
from atlas.model import CONTEXT_KINDS, Outcome, Reader

HEADINGS: Mapping[str, str] = {
    "indicateur": "indicator",
    "indicator": "indicator",
    "contrainte": "indicator",
    "type de contrainte": "indicator",
    "composante": "indicator",
    "valeur": "value",
    "value": "value",
    "sévérité": "value",
    "severity": "value",
    "phase": "value",
    "personnes dans le besoin": "value",
    "people in need": "value",
    "population": "value",
    "effectif": "value",
    "texte": "text",
    "text": "text",
    "commentaire": "text",
    "profil": "text",
    "échelle": "scale",
    "scale": "scale",
    "sens": "direction",
    "direction": "direction",
    "source": "origin",
    "date": "reported",
    "as_of": "reported",
    "situation au": "reported",
    "expire": "expires",
    "expires": "expires",
    "valable jusqu'au": "expires",
}
"""Headings of context tables → fields, beside the places and sectors of every list."""
FACTS = frozenset({"value", "text"})
DIRECTIONS: Mapping[str, str] = {
    "higher_is_worse": "higher_is_worse",
    "lower_is_worse": "lower_is_worse",
    "croissant": "higher_is_worse",
    "décroissant": "lower_is_worse",
    "": "",
}


def read_context(
    kind: str, path: Path, *, as_of: date | None = None, frame: str | None = None
) -> Batch:
    """Read a context table into tables; publishes nothing.

    Parameters
    ----------
    kind
        One of `atlas.model.CONTEXT_KINDS`.
    path
        A CSV or a workbook; a place and a value or a text are all a row must have.
    as_of
        Date of the facts, where the table does not say it.

    Raises
    ------
    UsageError
        No such kind.
    UnusableFileError
        No table with a value or a text, or no date anywhere: a fact without a date is none.
    """
    if kind not in CONTEXT_KINDS:
        raise UsageError(
            _("Contexte « {kind} » inconnu", kind=kind),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(CONTEXT_KINDS)),
        )
    document = read_document(path)
    reading = _read(kind, document, as_of, frame)
    return Batch(normalise(reading, document), document, reading, path)


def _read(kind: str, document: Document, as_of: date | None, frame: str | None) -> Reading:
    tables, findings = tables_of(document, FACTS, HEADINGS, None)
    if not tables:
        raise UnusableFileError(
            _("{file} : aucune table de contexte", file=document.file),
            _("il faut une colonne « valeur » ou « texte »"),
            _("Colonnes lues : région, cercle, commune, indicateur, valeur, texte, date."),
        )
    said = [*findings, *(finding for table in tables for finding in table.layout.findings)]
    facts: list[ContextFact] = []
    outcomes: list[tuple[str, Outcome]] = []
    day = _date(tables, document, as_of)
    for table in tables:
        for row in table.rows():
            fact, found = _fact(kind, row, day)
            said += found
            outcomes.append((row.locator, Outcome.CONTEXT if fact else Outcome.REJECTED))
            facts += [fact] if fact else []
    return Reading(
        reader=Reader.CONTEXT,
        title=document.file,
        as_of=day,
        frame=frame or "",
        outcomes=tuple(outcomes),
        findings=tuple(said),
        context=tuple(facts),
    )


def _date(tables: list[Table], document: Document, as_of: date | None) -> date:
    reported = [day for table in tables for row in table.rows() for day in days(row, "reported")]
    above = [table.above() for table in tables]
    dated = date_of_document(as_of, above, reported, document.file, ())
    if dated.day is None:
        raise UnusableFileError(
            _("{file} : table sans date", file=document.file),
            _("un fait de contexte vaut à une date"),
            _("Ajoutez une colonne « date » ou --as-of AAAA-MM-JJ."),
        )
    return dated.day


def _fact(kind: str, row: Row, day: date) -> tuple[ContextFact | None, list[Finding]]:
    """The fact a row states, or why it states none."""
    value, findings = number(row, "value")
    lon, lat, found = coordinates(row)
    places = places_of(row, lon, lat)
    text = " ".join(row.texts("text"))
    said = [*findings, *found]
    if not places or (value is None and not text):
        reason = "sans lieu" if not places else "sans valeur ni texte"
        params: dict[str, object] = {"reason": reason, "sheet": row.sheet, "row": row.number}
        return None, [*said, Finding("row_rejected", row.locator, "", params)]
    direction = row.text("direction").casefold()
    if direction not in DIRECTIONS:
        params = {"field": "sens", "raw": direction}
        said.append(Finding("value_unreadable", row.locator, "direction", params))
    reported, expires = days(row, "reported"), days(row, "expires")
    fact = ContextFact(
        kind=kind,
        indicator=row.text("indicator") or kind,
        place=places[0],
        sector=row.text("sector"),
        value=value,
        text=text,
        scale=row.text("scale"),
        direction=DIRECTIONS.get(direction, ""),
        source=row.text("origin"),
        as_of=max(reported, default=day),
        expires=max(expires, default=None),
    )
    return fact, said
