"""Tables of context: needs, population, access, security, priorities, perimeters, scopes…

They are no activities: dated facts about places, which the layers set beside the response.
A fact without a place that is known is rejected, for it would speak of nowhere, or of
everywhere, unless the source draws where it holds; a table without a date is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from atlas.corrections import NO_CORRECTIONS, Corrections
from atlas.errors import UnusableFileError, UsageError
from atlas.geo.frames import check_frame, frames
from atlas.i18n import _, speaking
from atlas.ingest.cells import days
from atlas.ingest.context_checks import is_total_row, said_twice, totals_of, with_phases
from atlas.ingest.context_columns import (
    PROJECTED,
    columns_of,
    in_unit_above,
    kinds,
    needed_by,
    regrouped,
    settings_of,
)
from atlas.ingest.context_facts import Facts
from atlas.ingest.context_money import contributions_of, fund_named, money_totals
from atlas.ingest.files.readers import read_document
from atlas.ingest.found import tables_found
from atlas.ingest.normalising import normalise
from atlas.ingest.parsing.dating import date_of_document
from atlas.ingest.pipeline import Batch
from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.ingest.reading import ContextFact, ControlTotal, Document, Finding, ReadAs, Reading
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import borders_of, no_table, set_aside_country
from atlas.ingest.tables.rows import Row, Table, tables_of
from atlas.model import Outcome, Reader
from atlas.vocab import by_id, label


def read_context(
    kind: str,
    path: Path | str,
    *,
    as_of: date | None = None,
    frame: str | None = None,
    column_map: Mapping[str, str] | None = None,
    corrections: Corrections | None = None,
    rates: OwnRates = NO_RATES,
) -> Batch:
    """Read a table of context.

    Parameters
    ----------
    kind
        A table of `atlas.ingest.context_columns.kinds`: ``needs``, ``cadre-harmonise``,
        ``alerts``, ``prioritisation``, ``population``, ``access``, ``services``,
        ``security``, ``priorities``, ``programme``, ``reporting`` or ``contributions``.
    path
        A workbook, CSV, GeoJSON or GeoPackage with a column for the place, or shapes.
    as_of
        Date of the facts; ``None``: what the table says.
    frame
        Découpage of its places; ``None``: the one in force at that date.
    column_map
        What the person says of columns: heading → field.
    corrections, rates
        Decisions of people about places, see `atlas.corrections`; their own rates.

    Returns
    -------
    Batch
        Rows of ``context`` for each row that says something of a known place: one a figure.

    Raises
    ------
    UsageError
        No such kind or découpage.
    UnusableFileError
        The file cannot be read, has no place column, or no date.
    """
    if kind not in kinds():
        known = _("Choisissez parmi : {kinds}.", kinds=", ".join(kinds()))
        raise UsageError(_("Table de contexte « {kind} » inconnue", kind=kind), "", known)
    if frame is not None:
        check_frame(frame)
    document = _drawn(read_document(path), kind)
    decided = (corrections or NO_CORRECTIONS).for_document(document.document)
    said = ReadAs(document.file, "auto", as_of, frame, column_map, kind, rates.rows())
    found = tuple(tables_found(document, said))
    with speaking("fr"):
        reading = _read(document, said, decided)
    tables = normalise(reading, document, decided, rates)
    return Batch(tables, document, reading, Path(path), said, found)


def _drawn(document: Document, kind: str) -> Document:
    """The document, without the word that its lines and areas are aside where they are kept."""
    if not settings_of(kind).get("geometry"):
        return document
    kept = tuple(one for one in document.findings if one.code != "geometry_aside")
    return replace(document, findings=kept)


def _read(document: Document, said: ReadAs, decided: Corrections) -> Reading:
    kind = said.context
    extra = columns_of(kind, document)
    tables, skipped = tables_of(document, needed_by(kind), extra, said.column_map)
    if not tables:
        raise no_table(document)
    tables = [in_unit_above(regrouped(table, kind)) for table in tables]
    day, findings = _date(tables, document, said.as_of)
    chosen = said.frame or frames().frame_on(day)
    ledger = Ledger(findings=[*skipped, *findings])
    facts: list[ContextFact] = []
    totals: list[ControlTotal] = []
    for table in tables:
        ledger.findings += table.layout.findings
        titles = f"{table.sheet.name} {table.above()}"
        both = any(field.endswith(PROJECTED) for field in table.layout.fields)
        stored = by_id("context_tables")[kind]["kind"]
        reader = Facts(kind, stored, chosen, decided, ledger, titles, both)
        own, printed = _table(reader, table)
        facts += own
        totals += printed
    ledger.findings += said_twice(facts)
    return Reading(
        reader=Reader.CONTEXT,
        title=label("context_tables", kind),
        as_of=day,
        frame=chosen,
        outcomes=tuple(ledger.outcomes),
        findings=tuple(ledger.findings),
        control_totals=tuple(totals),
        context=tuple(facts),
    )


def _table(reader: Facts, table: Table) -> tuple[list[ContextFact], list[ControlTotal]]:
    """Facts and printed totals of one table; its rows are told to the ledger."""
    facts: list[ContextFact] = []
    totals: list[ControlTotal] = []
    since = 0
    # The country of a contribution is its donor's.
    borders = None if reader.kind == "contributions" else borders_of(table, reader.ledger)
    for row in table.rows():
        if is_total_row(row):
            reader.ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
            of = money_totals if reader.kind == "contributions" else totals_of
            totals += of(row, reader.kind, facts, since)
            since = len(facts)
            continue
        if borders and (country := borders.country_of(row)):
            set_aside_country(row, country, reader.ledger)
            continue
        stated = _facts(reader, row, table)
        if stated:
            reader.ledger.outcomes.append((row.locator, Outcome.CONTEXT))
            facts += stated
    return facts, totals


def _facts(reader: Facts, row: Row, table: Table) -> list[ContextFact]:
    if reader.kind == "contributions":
        named = fund_named(row, (reader.titles, table.document.file))
        return contributions_of(row, named, reader.ledger)
    stated = reader.of(row)
    if reader.kind != "cadre-harmonise" or not stated:
        return stated
    stated, said = with_phases(stated)
    reader.ledger.findings += said
    return stated


def _date(
    tables: list[Table], document: Document, as_of: date | None
) -> tuple[date, tuple[Finding, ...]]:
    reported = [day for table in tables for row in table.rows() for day in days(row, "reported")]
    above = [table.above() for table in tables]
    dated = date_of_document(as_of, above, reported, document.file, ())
    if dated.day is None:
        raise _undated(tables, document)
    return dated.day, (dated.finding,) if dated.finding else ()


def _undated(tables: list[Table], document: Document) -> UnusableFileError:
    """The error of a table without a date: one that has no row yet needs rows, not a date."""
    what = _("{file} inutilisable", file=document.file)
    if not any(True for table in tables for _row in table.rows()):
        why = _("des en-têtes, mais aucune ligne remplie")
        return UnusableFileError(what, why, _("Remplissez au moins une ligne, puis redonnez-le."))
    return UnusableFileError(
        what,
        _("table de contexte sans date"),
        _(
            "Remplissez sa colonne « Situation au », ou datez-la avec --as-of, "
            "par exemple --as-of 2024-06-30."
        ),
    )
