"""Tables of context: needs, population, access, security, priorities, perimeters, scopes…

They are no activities: dated facts about places, which the layers set beside the response.
A fact without a place that is known is rejected, for it would speak of nowhere, or of
everywhere, unless the source draws where it holds; a table without a date is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from atlas.corrections import NO_CORRECTIONS, Corrections
from atlas.errors import UnusableFileError, UsageError
from atlas.geo.frames import check_frame, frames
from atlas.i18n import _, speaking
from atlas.ingest.cells import coordinates, days
from atlas.ingest.context_checks import (
    is_total_row,
    said_twice,
    totals_of,
    with_phases,
    with_phases_of_rows,
)
from atlas.ingest.context_columns import (
    PROJECTED,
    columns_of,
    in_unit_above,
    kinds,
    needed_by,
    not_read,
    regrouped,
    settings_of,
)
from atlas.ingest.context_facts import NO_FACT, Facts
from atlas.ingest.context_groups import settled
from atlas.ingest.context_money import contributions_of, fund_named, money_totals
from atlas.ingest.files.admission import unusable
from atlas.ingest.files.readers import read_document
from atlas.ingest.found import tables_found
from atlas.ingest.framing import Judged, Misfits, Places, judged_by_places
from atlas.ingest.normalising import normalise
from atlas.ingest.parsing.dating import date_of_document
from atlas.ingest.pipeline import Batch, are_facilities
from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.ingest.reading import ContextFact, ControlTotal, Document, Finding, ReadAs, Reading
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import borders_of, no_table, places_of, set_aside_country
from atlas.ingest.tables.abroad import Borders
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
        The file cannot be read, has no place column, no date, or states no fact of this kind.
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
    _check_states_facts(document, said, reading, decided)
    _check_is_of_kind(document, said, reading, decided)
    tables = normalise(reading, document, decided, rates)
    return Batch(tables, document, reading, Path(path), said, found)


def _check_states_facts(
    document: Document, said: ReadAs, reading: Reading, decided: Corrections
) -> None:
    """Refuse a table none of whose rows has a figure or words of its kind: it is of another.

    Raises
    ------
    UnusableFileError
        Every row was rejected for want of them.
    """
    rejected = [one for one in reading.findings if one.code == "row_rejected"]
    reasons = [str(one.params.get("reason", "")) for one in rejected]
    if reading.context or not rejected or not all(r.startswith(NO_FACT) for r in reasons):
        return
    why = _(
        "aucune de ses {n} lignes n'est une ligne de cette table ({where} : {reason})",
        n=len(reading.outcomes),
        where=rejected[0].locator,
        reason=reasons[0],
    )
    remedy = _("Vérifiez que c'est la bonne table : {kinds}.", kinds=", ".join(kinds()))
    raise unusable(document.file, why, _instead(_fitting(document, said, decided)) or remedy)


def _instead(fitting: Sequence[str]) -> str:
    """The kinds that a table may be given as; "" for none."""
    return _("Donnez-le comme {kinds}.", kinds=", ".join(fitting)) if fitting else ""


def _check_is_of_kind(
    document: Document, said: ReadAs, reading: Reading, decided: Corrections
) -> None:
    """Refuse a table that tells nothing of its kind, and is one of another or a register.

    Raises
    ------
    UnusableFileError
        So it is; the kinds that it would be read as are named.
    """
    if not reading.context or _tells(said.context, reading):
        return
    columns = (column for sheet in document.sheets for column in zip_longest(*sheet.rows))
    register = any(are_facilities(column) for column in columns)
    fitting = [] if register else _fitting(document, said, decided)
    if not (register or fitting):
        return
    table = label("context_tables", said.context)
    why = _("rien n'y est dit de « {table} »", table=table)
    remedy = _instead(fitting)
    if register:
        why = _("un registre de structures ; « {table} » n'en est pas un", table=table)
        remedy = _("Comptez-les par lieu et par service, et donnez-les comme services.")
    raise unusable(document.file, why, remedy)


def _tells(kind: str, reading: Reading) -> bool:
    """Whether any fact says what a table of a kind is there for (``tells`` in `context.toml`)."""
    settings = settings_of(kind)
    usual = settings.get("untold", settings["indicator"])

    def says(fact: ContextFact, name: str) -> bool:
        return fact.indicator != usual if name == "indicator" else bool(getattr(fact, name))

    names = settings.get("tells", ())
    return not names or any(says(fact, name) for fact in reading.context for name in names)


def _fitting(document: Document, said: ReadAs, decided: Corrections) -> list[str]:
    """The other kinds that a document reads as, but for those that any list of places does."""
    others = (one for one in kinds() if one != said.context)
    return [
        one
        for one in others
        if not settings_of(one).get("place_is_enough") and _fits(one, document, said, decided)
    ]


def _fits(kind: str, document: Document, said: ReadAs, decided: Corrections) -> bool:
    try:
        reading = _read(document, replace(said, context=kind), decided)
    except UnusableFileError:
        return False
    return bool(reading.context) and _tells(kind, reading)


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
    ledger = Ledger(findings=[*skipped, *findings])
    stated = [_Stated.of(table, kind, ledger) for table in tables]
    judged = _judged(stated, said.frame, day)
    ledger.findings += judged.findings
    facts: list[ContextFact] = []
    totals: list[ControlTotal] = []
    misfits = Misfits()
    for one in stated:
        reader = _reader(one.table, kind, judged.of(one.name), decided, ledger)
        own, printed = _facts_of(reader, one)
        for fact in own:
            misfits.add_fact(reader.frame, fact)
        facts += own
        totals += printed
    ledger.findings += [*misfits.findings(), *said_twice(facts)]
    return Reading(
        reader=Reader.CONTEXT,
        title=label("context_tables", kind),
        as_of=day,
        frame=judged.frame,
        outcomes=tuple(ledger.outcomes),
        findings=tuple(ledger.findings),
        control_totals=tuple(totals),
        context=tuple(facts),
    )


class _Stated(NamedTuple):
    """A table and what says which of its rows lie in another country."""

    table: Table
    borders: Borders | None

    @property
    def name(self) -> str:
        """Where its headings stand: a sheet may hold several tables."""
        return self.table.locator(self.table.sheet.first_row + self.table.layout.header)

    @classmethod
    def of(cls, table: Table, kind: str, ledger: Ledger) -> _Stated:
        """The table; what is wrong with its columns is told to the ledger."""
        ledger.findings += [*table.layout.findings, *not_read(table)]
        # The country of a contribution is its donor's.
        return cls(table, None if kind == "contributions" else borders_of(table, ledger))

    def stating(self) -> Iterator[Row]:
        """Rows that state facts of Mali: no totals, none that is misshapen."""
        for row in self.table.rows():
            if not (is_total_row(row) or self.table.why_misshapen(row) or self.country_of(row)):
                yield row

    def country_of(self, row: Row) -> str:
        """The country that the row lies in; "" for Mali."""
        return self.borders.country_of(row) if self.borders else ""


def _judged(stated: Iterable[_Stated], said: str | None, day: date) -> Judged:
    """The découpage said, else the one that the places of the tables tell."""
    if said:
        return Judged(said)
    places = Places()
    for one in stated:
        for row in one.stating():
            lon, lat, _said = coordinates(row)
            for text in places_of(row, lon, lat):
                places.add(one.name, text, row.locator)
    return judged_by_places(places, frames().frame_on(day))


def _reader(table: Table, kind: str, frame: str, decided: Corrections, ledger: Ledger) -> Facts:
    titles = f"{table.sheet.name} {table.above()}"
    both = any(field.endswith(PROJECTED) for field in table.layout.fields)
    stored = by_id("context_tables")[kind]["kind"]
    return Facts(kind, stored, frame, decided, ledger, titles, both)


def _facts_of(reader: Facts, stated: _Stated) -> tuple[list[ContextFact], list[ControlTotal]]:
    """Facts and printed totals of one table; its rows are told to the ledger."""
    ledger = reader.ledger
    facts: list[ContextFact] = []
    printed: list[tuple[Row, set[str]]] = []  # totals, and the rows since the one before
    since: set[str] = set()
    for row in stated.table.rows():
        if is_total_row(row):
            ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
            printed.append((row, since))
            since = set()
        elif country := stated.country_of(row):
            set_aside_country(row, country, ledger)
        elif misshapen := stated.table.why_misshapen(row):
            ledger.reject(row, *misshapen)
        elif found := _facts(reader, row, stated.table):
            ledger.outcomes.append((row.locator, Outcome.CONTEXT))
            facts += found
            since.add(row.locator)
    facts, of_phases, said = with_phases_of_rows(facts)
    # "Total" is no phase of an area, and is read as the people of all of them
    unread = ("value_unreadable", "figures_disagree")
    ledger.findings[:] = [
        *(f for f in ledger.findings if f.locator not in of_phases or f.code not in unread),
        *said,
    ]
    once = settled(facts)
    ledger.findings += once.findings
    if once.subtotals:
        ledger.outcomes[:] = [
            (where, Outcome.AGGREGATE if where in once.subtotals else outcome)
            for where, outcome in ledger.outcomes
        ]
    return once.facts, [*once.totals, *_printed(reader.kind, printed, once.facts)]


def _printed(
    kind: str, printed: Iterable[tuple[Row, set[str]]], facts: Sequence[ContextFact]
) -> list[ControlTotal]:
    """Control totals of the rows that print one, each over the facts above it."""
    of = money_totals if kind == "contributions" else totals_of
    found: list[ControlTotal] = []
    before: set[str] = set()
    for row, since in printed:
        above = [fact for fact in facts if fact.locator in before]
        part = [fact for fact in facts if fact.locator in since]
        found += of(row, kind, [*above, *part], len(above))
        before |= since
    return found


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
    rows = (row for table in tables for row in table.rows() if not table.why_misshapen(row))
    reported = [day for row in rows for day in days(row, "reported")]
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
