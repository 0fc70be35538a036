"""NGO lists and the 3W/4W/5W matrices: who does what, where.

Three shapes arrive under that name: a matrix that only says who is where (*presence*),
reports by indicator and month (ROWCA), and ordinary lists of projects. A row of such reports is
an indicator of an activity of a project in a région in a month, by one organisation. The
activity is project × activity × région; its rows fold into it. Indicators have units of their
own: of those that count people a number is made, of months the largest; the others are quantities.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from atlas.fields import BENEFICIARIES
from atlas.formats import month_end
from atlas.i18n import N_
from atlas.ingest.cells import MONEY_FIELDS
from atlas.ingest.parsing.amounts import parse_amount, parse_number
from atlas.ingest.parsing.dates import DocumentDate, date_of_document, month_number
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import group_in, sum_of_both_sexes
from atlas.ingest.reading import ActivityFigure, Document, Finding, Reading, Record
from atlas.ingest.sources import Options, SourceSpec, load_spec
from atlas.ingest.sources.lists import (
    NAMED,
    RowLedger,
    declare_nothing,
    exclude_row_abroad,
    extra_columns,
    is_heading,
    names_fund,
    names_in_cells,
    no_table,
    nothing_said,
    places_of,
    read_list,
    row_countries_of,
    sniff_list,
)
from atlas.ingest.tables.lone_rows import LoneRows
from atlas.ingest.tables.table_columns import TableColumn
from atlas.ingest.tables.table_rows import (
    DataTable,
    TableRow,
    cells_at,
    headed_tables,
    is_blank,
    money_unit,
    tables_of_document,
)
from atlas.model import Kind, Source
from atlas.vocab.indicators import OTHER, counted_indicator

_IDENTITY = ("project", "activity_code", "title", "region", "cercle")


def read_reports(
    spec: SourceSpec,
    document: Document,
    tables: list[DataTable],
    skipped: tuple[Finding, ...],
    options: Options,
) -> Reading:
    """Fold the rows of each project × activity × place into one record.

    Parameters
    ----------
    spec
        ``[reports]`` says how a project code names its year and which indicators count
        people.
    tables
        Those with columns of an indicator and of whether it accumulates.

    Returns
    -------
    Reading
        Rows outside Mali set aside, each with its country.
    """
    ledger = RowLedger(findings=list(skipped))
    groups: dict[tuple[str, ...], list[TableRow]] = defaultdict(list)
    for table in tables:
        ledger.findings += table.findings
        borders = row_countries_of(table, ledger)
        for row in table.rows():
            if misshapen := table.why_misshapen(row):
                ledger.reject_row(row, *misshapen)
            elif country := borders.country_of(row):
                exclude_row_abroad(row, country, ledger)
            elif (nothing := nothing_said(row)) and declare_nothing(
                _record_of_reports([row], spec, ledger), nothing, ledger
            ):
                pass  # the word of who it names, and no activity
            elif not row.text("title"):
                ledger.reject_row(row, "Activity", "activité absente")
            else:
                groups[tuple(fold_text(row.text(field)) for field in _IDENTITY)].append(row)
    for rows in groups.values():
        ledger.records.append(_record_of_reports(rows, spec, ledger))
    dated = _date_of_reports(groups.values(), spec, document, options)
    return ledger.to_reading(spec, dated, options)


def _record_of_reports(rows: list[TableRow], spec: SourceSpec, ledger: RowLedger) -> Record:
    first = rows[0]
    reports = spec.data["reports"]
    target, reached = _target_and_reached(rows, reports["people"], ledger)
    months = sorted(
        {day for row in rows if (day := _month_of_row(row, reports["year_in_project"]))}
    )
    # A joint project is reported by each of its organisations: none of them leads.
    said = (name for row in rows for field in ("lead", "implementers") for name in row.texts(field))
    names = tuple(dict.fromkeys(said))
    return Record(
        locator=first.locator,
        kind=spec.kind,
        source=spec.source or Source.NGO,
        title=first.text("title"),
        key="/".join(first.text(field) for field in ("project", "activity_code", "region")),
        description=f"Projet {first.text('project')}" if first.text("project") else "",
        sector_raw=first.text("sector"),
        lead=names[0] if len(names) == 1 else "",
        implementers=names if len(names) > 1 else (),
        target=target,
        reached=reached,
        figures=tuple(_quantities_of_reports(rows, reports)),
        remarks=" ; ".join(_indicator_in_words(row) for row in rows),
        places=places_of(first, None, None),
        folded=tuple(row.locator for row in rows[1:]),
        as_of=months[-1] if months else None,
    )


def _indicator_in_words(row: TableRow) -> str:
    """An indicator as reported: its words, month, target and value."""
    words = f"{row.text('indicator')} ({row.text('month')})" if row.text("month") else ""
    target = f", cible annuelle {row.text('target')}" if row.text("target") else ""
    return f"{words or row.text('indicator')} : {row.text('reached') or '—'}{target}"


def _quantities_of_reports(
    rows: list[TableRow], reports: Mapping[str, Any]
) -> Iterator[ActivityFigure]:
    """What the indicators that count no people reach in each month, and their annual targets."""
    targets: set[str] = set()
    for row in rows:
        words = row.text("indicator")
        if re.match(reports["people"], words.casefold()):
            continue
        named = counted_indicator(words)
        indicator = OTHER if named in (None, BENEFICIARIES) else named
        day = _month_of_row(row, reports["year_in_project"])
        cumulative = {"yes": True, "no": False}.get(fold_text(row.text("accumulative")))
        target, reached = (parse_number(row.value(field)).value for field in ("target", "reached"))
        if target is not None and words not in targets:
            targets.add(words)
            yield ActivityFigure("target", words, target, indicator=indicator)
        if reached is not None:
            start = day.replace(day=1) if day else None
            yield ActivityFigure("reached", words, reached, start, day, None, indicator, cumulative)


def _target_and_reached(
    rows: list[TableRow], people: str, ledger: RowLedger
) -> tuple[float | None, float | None]:
    """Target and reached of an activity, of the rows that count people.

    The months of one organisation are of the same people, whether its figures are cumulative or
    not: the largest counts. Both sexes of one indicator add up. Other indicators, and other
    organisations of a joint project, may be of the same people or not: unknown.
    """
    by_indicator: dict[str, list[TableRow]] = defaultdict(list)
    for row in rows:
        if re.match(people, row.text("indicator").casefold()):
            by_indicator[fold_text(row.text("indicator"))].append(row)
    if not by_indicator:
        return None, None
    if reason := _why_not_summed(by_indicator):
        params: dict[str, object] = {"title": rows[0].text("title"), "reason": reason}
        ledger.findings.append(Finding("figures_not_summed", rows[0].locator, "reached", params))
        return None, None
    groups = list(by_indicator.values())
    return _sum_of_largest_months("target", groups), _sum_of_largest_months("reached", groups)


def _why_not_summed(by_indicator: Mapping[str, list[TableRow]]) -> str:
    """Why the figures of some indicators are no number of people; "" where they are."""
    told = {
        tuple(row.texts("lead") + row.texts("implementers"))
        for rows in by_indicator.values()
        for row in rows
    }
    if len(told) > 1:
        return N_("plusieurs organisations d'un projet commun le rapportent")
    named = [group_in(indicator) for indicator in by_indicator]
    both_sexes = sum_of_both_sexes([(group, 0) for group, _rest in named]) is not None
    alike = both_sexes and len({rest for _group, rest in named}) == 1
    return "" if len(named) == 1 or alike else N_("plusieurs indicateurs")


def _sum_of_largest_months(field: str, groups: Iterable[list[TableRow]]) -> float | None:
    """The largest month of each group, added up; unknown where that of any is."""
    figures = []
    for rows in groups:
        months = [parse_number(row.value(field)).value for row in rows]
        known = [value for value in months if value is not None]
        if not known:
            return None
        figures.append(max(known))
    return sum(figures)


def _month_of_row(row: TableRow, year_in_project: str) -> date | None:
    """Last day of the month a row reports, in the year that its project code names."""
    month = month_number(row.text("month"))
    year = re.search(year_in_project, row.text("project"))
    return month_end(2000 + int(year[1]), month) if month and year else None


def _date_of_reports(
    groups: Iterable[list[TableRow]], spec: SourceSpec, document: Document, options: Options
) -> DocumentDate:
    nothing: list[date] = []
    dated = date_of_document(options.as_of, (), nothing, document.file, nothing)
    if dated.day:
        return dated
    pattern = spec.data["reports"]["year_in_project"]
    months = (_month_of_row(row, pattern) for rows in groups for row in rows)
    newest = max((day for day in months if day), default=None)
    if newest is None:
        return dated
    reason = N_("dernier mois rapporté, année dans le code des projets")
    params: dict[str, object] = {"date": newest.isoformat(), "reason": reason}
    return DocumentDate(newest, Finding("as_of_inferred", params=params))


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
    tables, skipped = tables_of_document(
        document, _WHO | {"title"}, extra_columns(SPEC), options.column_map
    )
    if any("title" in table.layout.column_fields for table in tables):
        if any({"indicator", "accumulative"} <= t.layout.column_fields for t in tables):
            return read_reports(SPEC, document, tables, skipped, options)
        return read_list(SPEC, document, options)
    tables = [table for table in tables if _is_presence(table)]
    if not tables:
        raise no_table(document)
    return _read_presence(document, tables, skipped, options)


def sniff(document: Document) -> float:
    """How surely the document says who is where, or is a list of no other fund."""
    tables, _skipped = headed_tables(document, _WHO, extra_columns(SPEC), None)
    presence = [table for table in tables if not document.is_plain_text and _is_presence(table)]
    if not presence:
        return sniff_list(SPEC, document)
    tagged = any(table.layout.tagged for table in presence)
    return NAMED if tagged or names_fund(SPEC.names, document.file) else 0.6


def _is_presence(table: DataTable) -> bool:
    fields = table.layout.column_fields
    return "title" not in fields and bool(fields & _WHO) and bool(fields & _WHERE)


def _read_presence(
    document: Document, tables: list[DataTable], skipped: tuple[Finding, ...], options: Options
) -> Reading:
    """One record a distinct row; a row said again folds into the first that says it."""
    ledger = RowLedger(findings=list(skipped))
    for table in tables:
        ledger.findings += [*table.findings, *_unused_findings(table)]
        _read_rows(table, ledger)
    dated = _date_of_matrix(tables, document, options)
    return ledger.to_reading(SPEC, dated, options)


def _unused_findings(table: DataTable) -> list[Finding]:
    """Columns that are understood and of which a presence keeps nothing: each is said."""
    columns = (column for column in table.layout.columns if column.field not in _KEPT)
    return [_money_unread(table, column) or _ignored_finding(column) for column in columns]


def _ignored_finding(column: TableColumn) -> Finding:
    return Finding("column_ignored", field=column.heading, params={"column": column.heading})


def _money_unread(table: DataTable, column: TableColumn) -> Finding | None:
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


def _read_rows(table: DataTable, ledger: RowLedger) -> None:
    """Records of the rows; of one that was said before, nothing but where it stands is read."""
    again: dict[tuple[object, ...], list[str]] = {}
    folded: dict[int, list[str]] = {}
    borders, row_of = row_countries_of(table, ledger), table.row_maker()
    banners = LoneRows.under_titles(table.title_rows())
    all_read = cells_at([column.index for column in table.layout.columns])
    standing = banners.section_key
    for number, cells in table.numbered_rows():
        said = all_read(cells)
        known = again.get((standing, said))
        if known is not None:
            known.append(table.locator(number))
            continue
        if is_blank(cells):
            continue
        row = row_of(number, cells)
        if is_heading(row):
            ledger.exclude_row(row, "heading_repeated")
        elif banners.takes_row(row):
            pass  # what becomes of it is known when the rows below are read
        elif misshapen := table.why_misshapen(row):
            ledger.reject_row(row, *misshapen)
        elif country := borders.country_of(row):
            exclude_row_abroad(row, country, ledger)
        elif not any(row.text(field) for field in _WHO_FIELDS):
            ledger.reject_row(row, _organisation_heading(row), "organisation absente")
        else:
            record = banners.fill_blanks(_presence_of_row(row))
            if (nothing := nothing_said(row)) and declare_nothing(record, nothing, ledger):
                continue
            again[standing, said] = folded[len(ledger.records)] = []
            ledger.records.append(record)
        standing = banners.section_key
    ledger.settle_lone_rows(banners, "implementers", "organisation absente")
    for index, locators in folded.items():
        if locators:
            ledger.records[index] = ledger.records[index]._replace(folded=tuple(locators))


def _organisation_heading(row: TableRow) -> str:
    column = row.column("implementers") or row.column("lead")
    return column.heading if column else ""


def _presence_of_row(row: TableRow) -> Record:
    names = tuple(name for field in _WHO_FIELDS for name in row.texts(field))
    return Record(
        locator=row.locator,
        kind=Kind.PRESENCE,
        source=Source.NGO,
        title=f"Présence : {', '.join(names)}",
        sector_raw=" ; ".join(row.items("sector")),
        donors=names_in_cells(row.items("donor")),
        implementers=names,
        org_type=row.text("org_type"),
        status_raw=row.text("status"),
        places=places_of(row, None, None),
    )


def _date_of_matrix(tables: list[DataTable], document: Document, options: Options) -> DocumentDate:
    nothing: list[date] = []
    above = [table.text_above() for table in tables]
    return date_of_document(options.as_of, above, nothing, document.file, nothing)
