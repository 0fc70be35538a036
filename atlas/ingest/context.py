"""Tables of context: needs, population, access, security, priorities, perimeters, scopes.

They are no activities: dated facts about places, which the layers set beside the response.
A fact without a place that is known is rejected, for it would speak of nowhere, or of
everywhere; a table without a date is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from atlas.corrections import NO_CORRECTIONS, Corrections
from atlas.errors import UnusableFileError, UsageError
from atlas.geo.frames import check_frame, frames
from atlas.i18n import _
from atlas.ingest.cells import days, number
from atlas.ingest.columns import fold
from atlas.ingest.dating import date_of_document
from atlas.ingest.pipeline import Batch, normalise
from atlas.ingest.placing import place
from atlas.ingest.readers import read_document
from atlas.ingest.reading import ContextFact, Document, Finding, ReadAs, Reading
from atlas.ingest.rows import Row, Table, tables_of
from atlas.ingest.sources.lists import Ledger, no_table, places_of
from atlas.model import UNPLACED, Outcome, Reader

_PLACES = frozenset({"region", "cercle", "commune", "place", "region_code", "cercle_code"})


def read_context(
    kind: str,
    path: Path | str,
    *,
    as_of: date | None = None,
    frame: str | None = None,
    column_map: Mapping[str, str] | None = None,
    corrections: Corrections | None = None,
) -> Batch:
    """Read a table of context.

    Parameters
    ----------
    kind
        ``needs``, ``population``, ``access``, ``security``, ``priorities``, ``programme``
        or ``reporting``.
    path
        A workbook or CSV with a column for the place.
    as_of
        Date of the facts; ``None``: what the table says.
    frame
        Découpage of its places; ``None``: the one in force at that date.
    column_map
        What the person says of columns: heading → field.
    corrections
        Decisions of people about places, see `atlas.corrections`.

    Returns
    -------
    Batch
        One row of ``context`` for each row that says something of a known place.

    Raises
    ------
    UsageError
        No such kind or découpage.
    UnusableFileError
        The file cannot be read, has no place column, or no date.
    """
    kinds = _config()["kinds"]
    if kind not in kinds:
        known = _("Choisissez parmi : {kinds}.", kinds=", ".join(kinds))
        raise UsageError(_("Table de contexte « {kind} » inconnue", kind=kind), "", known)
    if frame is not None:
        check_frame(frame)
    document = read_document(path)
    decided = (corrections or NO_CORRECTIONS).for_document(document.document)
    read_as = ReadAs(document.file, as_of=as_of, frame=frame, column_map=column_map, context=kind)
    reading = _read(document, read_as, decided)
    return Batch(normalise(reading, document, decided), document, reading, Path(path), read_as)


@cache
def _config() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("context.toml").read_text("utf-8"))


def _read(document: Document, said: ReadAs, decided: Corrections) -> Reading:
    kind = said.context
    extra = {**_config()["columns"], **_config()["kinds"][kind]["columns"]}
    tables, skipped = tables_of(document, _PLACES, extra, said.column_map)
    if not tables:
        raise no_table(document)
    day, findings = _date(tables, document, said.as_of)
    chosen = said.frame or frames().frame_on(day)
    ledger = Ledger(findings=[*skipped, *findings])
    facts: list[ContextFact] = []
    for table in tables:
        ledger.findings += table.layout.findings
        for row in table.rows():
            fact = _fact(kind, row, chosen, ledger, decided)
            if fact is not None:
                ledger.outcomes.append((row.locator, Outcome.CONTEXT))
                facts.append(fact)
    return Reading(
        reader=Reader.CONTEXT,
        title=_config()["kinds"][kind]["indicator"],
        as_of=day,
        frame=chosen,
        outcomes=tuple(ledger.outcomes),
        findings=tuple(ledger.findings),
        context=tuple(facts),
    )


def _date(
    tables: list[Table], document: Document, as_of: date | None
) -> tuple[date, tuple[Finding, ...]]:
    reported = [day for table in tables for row in table.rows() for day in days(row, "reported")]
    above = [table.above() for table in tables]
    dated = date_of_document(as_of, above, reported, document.file, ())
    if dated.day is None:
        raise UnusableFileError(
            _("{file} inutilisable", file=document.file),
            _("table de contexte sans date"),
            _("Datez-la avec --as-of, par exemple --as-of 2024-06-30."),
        )
    return dated.day, (dated.finding,) if dated.finding else ()


def _fact(
    kind: str, row: Row, frame: str, ledger: Ledger, decided: Corrections
) -> ContextFact | None:
    """The fact of a row; ``None`` when the row is rejected."""
    settings = _config()["kinds"][kind]
    unknown = fold(row.text("value")) in settings.get("no_information", ())
    value, findings = (None, ()) if unknown else number(row, "value")
    text = row.text("text") or ("pas d'information" if unknown else "")
    places = places_of(row, None, None)
    where = place(places[0], frame, decided) if places else None
    units = {placed.unit_id for placed in where.placed} if where else {UNPLACED}
    ledger.findings += findings
    if where:
        said = where.findings
        ledger.findings += [Finding(code, row.locator, "place", dict(p)) for code, p in said]
    if UNPLACED in units or len(units) > 1:
        reason = "lieu inconnu" if UNPLACED in units else "plusieurs lieux pour un seul fait"
        ledger.reject(row, "lieu", reason)
        return None
    if value is None and not text and not settings.get("place_is_enough"):
        ledger.reject(row, "valeur", "ni valeur ni texte")
        return None
    return ContextFact(
        kind=kind,
        indicator=row.text("indicator") or settings["indicator"],
        place=places[0],
        sector=row.text("sector"),
        value=value,
        text=text,
        scale=row.text("scale"),
        direction=_direction(row, ledger),
        source=row.text("source"),
        as_of=next(iter(days(row, "reported")), None),
        expires=next(iter(days(row, "expires")), None),
    )


def _direction(row: Row, ledger: Ledger) -> str:
    """Which end of the scale is worse; words that do not say so are a finding."""
    written = row.text("direction")
    known: str = _config()["directions"].get(fold(written), "")
    if written and not known:
        params: dict[str, object] = {"field": "sens de l'échelle", "raw": written}
        ledger.findings.append(Finding("value_unreadable", row.locator, "direction", params))
    return known
