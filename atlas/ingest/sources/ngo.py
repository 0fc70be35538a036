"""NGO lists and the 3W/4W/5W matrices: who does what, where.

Three shapes arrive under that name: a matrix that only says who is where (*presence*),
reports by indicator and month, and ordinary lists of projects.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from atlas.ingest.cells import MONEY_FIELDS
from atlas.ingest.parsing.amounts import parse_amount
from atlas.ingest.parsing.dating import Dated, date_of_document
from atlas.ingest.reading import Document, Finding, Reading, Record
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import (
    NAMED,
    borders_of,
    extra_columns,
    is_heading,
    names_fund,
    names_in,
    no_table,
    places_of,
    read_list,
    set_aside_country,
    sniff_list,
)
from atlas.ingest.sources.ngo_reports import read_reports
from atlas.ingest.sources.nothing import declare, nothing_said
from atlas.ingest.tables.banners import Banners
from atlas.ingest.tables.columns import Column
from atlas.ingest.tables.rows import Row, Table, cells_at, is_blank, tables_of
from atlas.ingest.tables.units import money_unit
from atlas.model import Kind, Source

SPEC = load_spec(__name__)

_WHO = frozenset({"lead", "implementers"})
_WHERE = frozenset({"region", "cercle", "commune", "locality", "place"})
_KEPT = _WHO | _WHERE | {"region_code", "cercle_code", "commune_code", "country"}
_KEPT |= {"sector", "donor", "org_type", "status"}
_WHO_FIELDS = ("implementers", "lead")


def read(document: Document, options: Options) -> Reading:
    """Read a matrix of presence, monthly reports, or an ordinary list.

    Raises
    ------
    UnusableFileError
        No sheet has a recognised heading row.
    """
    tables, skipped = tables_of(document, _WHO | {"title"}, extra_columns(SPEC), options.column_map)
    if any("title" in table.layout.fields for table in tables):
        if any("indicator" in table.layout.fields for table in tables):
            return read_reports(SPEC, document, tables, skipped, options)
        return read_list(SPEC, document, options)
    tables = [table for table in tables if _is_presence(table)]
    if not tables:
        raise no_table(document)
    return _read_presence(document, tables, skipped, options)


def sniff(document: Document) -> float:
    """How surely the document says who is where, or is a list of no other fund."""
    tables, _skipped = tables_of(document, _WHO, extra_columns(SPEC), None)
    presence = [table for table in tables if not document.is_plain_text and _is_presence(table)]
    if not presence:
        return sniff_list(SPEC, document)
    tagged = any(table.layout.tagged for table in presence)
    return NAMED if tagged or names_fund(SPEC.names, document.file) else 0.6


def _is_presence(table: Table) -> bool:
    fields = table.layout.fields
    return "title" not in fields and bool(fields & _WHO) and bool(fields & _WHERE)


def _read_presence(
    document: Document, tables: list[Table], skipped: tuple[Finding, ...], options: Options
) -> Reading:
    """One record a distinct row; a row said again folds into the first that says it."""
    ledger = Ledger(findings=list(skipped))
    for table in tables:
        ledger.findings += [*table.findings, *_unused(table)]
        _read_rows(table, ledger)
    dated = _date(tables, document, options)
    return ledger.reading(SPEC, dated, options)


def _unused(table: Table) -> list[Finding]:
    """Columns that are understood and of which a presence keeps nothing: each is said."""
    columns = (column for column in table.layout.columns if column.field not in _KEPT)
    return [_money_unread(table, column) or _ignored(column) for column in columns]


def _ignored(column: Column) -> Finding:
    return Finding("column_ignored", field=column.heading, params={"column": column.heading})


def _money_unread(table: Table, column: Column) -> Finding | None:
    """The question about a column of money that a presence cannot hold, with its sum."""
    if column.field not in MONEY_FIELDS:
        return None
    rows = table.sheet.rows[table.layout.first :]
    cells = (row[column.index] for row in rows if column.index < len(row))
    read = (parse_amount(cell, money_unit(column.unit).currency) for cell in cells)
    values = [one.value * money_unit(column.unit).factor for one in read if one.value]
    params: dict[str, object] = {
        "column": column.heading,
        "n": len(values),
        "unread": f"{sum(values, Decimal(0)):f}",
        "currency": money_unit(column.unit).currency or "",
    }
    return Finding("column_money_unread", field=column.heading, params=params) if values else None


def _read_rows(table: Table, ledger: Ledger) -> None:
    """Records of the rows; of one that was said before, nothing but where it stands is read."""
    again: dict[tuple[object, ...], list[str]] = {}
    folded: dict[int, list[str]] = {}
    borders, columns = borders_of(table, ledger), table.by_field()
    banners = Banners.under(table.titles())
    all_read = cells_at([column.index for column in table.layout.columns])
    standing = banners.standing
    for number, cells in table.numbered():
        said = all_read(cells)
        known = again.get((standing, said))
        if known is not None:
            known.append(table.locator(number))
            continue
        if is_blank(cells):
            continue
        row = table.row(number, cells, columns)
        if is_heading(row):
            ledger.set_aside(row, "heading_repeated")
        elif banners.takes(row):
            pass  # what becomes of it is known when the rows below are read
        elif misshapen := table.why_misshapen(row):
            ledger.reject(row, *misshapen)
        elif country := borders.country_of(row):
            set_aside_country(row, country, ledger)
        elif not any(row.text(field) for field in _WHO_FIELDS):
            ledger.reject(row, _heading(row), "organisation absente")
        else:
            record = banners.over(_record(row))
            if (nothing := nothing_said(row)) and declare(record, nothing, ledger):
                continue
            again[standing, said] = folded[len(ledger.records)] = []
            ledger.records.append(record)
        standing = banners.standing
    ledger.settle(banners, "implementers", "organisation absente")
    for index, locators in folded.items():
        if locators:
            ledger.records[index] = ledger.records[index]._replace(folded=tuple(locators))


def _heading(row: Row) -> str:
    column = row.column("implementers") or row.column("lead")
    return column.heading if column else ""


def _record(row: Row) -> Record:
    names = tuple(name for field in _WHO_FIELDS for name in row.texts(field))
    return Record(
        locator=row.locator,
        kind=Kind.PRESENCE,
        source=Source.NGO,
        title=f"Présence : {', '.join(names)}",
        sector_raw=" ; ".join(row.items("sector")),
        donors=names_in(row, "donor"),
        implementers=names,
        org_type=row.text("org_type"),
        status_raw=row.text("status"),
        places=places_of(row, None, None),
    )


def _date(tables: list[Table], document: Document, options: Options) -> Dated:
    nothing: list[date] = []
    above = [table.above() for table in tables]
    return date_of_document(options.as_of, above, nothing, document.file, nothing)
