"""Ordinary lists: a row a project, the columns a person would expect.

One reader for every fund; what differs between funds is in their ``.toml``. A row that
cannot be read is rejected with its sheet, row, column and reason; the others go in. What became
of each row is kept in a `RowLedger`. A row by which somebody says that there is nothing to
report is evidence, and no activity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path

from atlas.errors import UnusableFileError
from atlas.geo.frames import frame_named
from atlas.i18n import _
from atlas.ingest.cells import (
    MONEY_FIELDS,
    amounts_of_row,
    assumed_target_finding,
    beneficiaries_of_row,
    coordinates_of_row,
    dates_of_row,
    days_of_field,
    status_and_progress,
    unused_duration,
)
from atlas.ingest.money import NO_RATES, UserRates
from atlas.ingest.parsing.amounts import is_absent
from atlas.ingest.parsing.dates import DocumentDate, date_of_document, year_named
from atlas.ingest.parsing.folding import fold_text, folds_to
from atlas.ingest.parsing.headcounts import group_columns
from atlas.ingest.parsing.values import parse_list
from atlas.ingest.reading import (
    ContextFact,
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
    stated_texts,
)
from atlas.ingest.sources import Options, SourceSpec, read_spec, source_folders
from atlas.ingest.sources.repeated_rows import (
    PrintedTotal,
    count_repeats_once,
    merge_group_rows,
    merge_indicator_rows,
)
from atlas.ingest.tables.lone_rows import LoneRows, lone_words
from atlas.ingest.tables.row_countries import RowCountries, is_shared, names_other_country
from atlas.ingest.tables.table_columns import is_tags
from atlas.ingest.tables.table_rows import (
    DataTable,
    TableRow,
    as_text,
    headed_tables,
    tables_of_document,
)
from atlas.model import Outcome, Source
from atlas.vocab import match_sector, match_status, split_organisations
from atlas.vocab.keywords import is_distribution


@dataclass
class RowLedger:
    """What has become of the rows so far."""

    records: list[Record] = dataclass_field(default_factory=list)
    outcomes: list[tuple[str, Outcome]] = dataclass_field(default_factory=list)
    findings: list[Finding] = dataclass_field(default_factory=list)
    printed: list[PrintedTotal] = dataclass_field(default_factory=list)
    reported: list[date] = dataclass_field(default_factory=list)
    facts: list[ContextFact] = dataclass_field(default_factory=list)
    frames: set[str] = dataclass_field(default_factory=set)
    """Découpages that rows say they are written in."""
    since: int = 0
    """Index of the first record after the last printed sub-total of the table."""
    rates: UserRates = NO_RATES
    """The person's own, for an amount that stands in two currencies."""
    _told: set[tuple[str, str, str]] = dataclass_field(default_factory=set)

    def to_reading(
        self,
        spec: SourceSpec,
        dated: DocumentDate,
        options: Options,
        last_findings: Iterable[Finding] = (),
    ) -> Reading:
        """What the document says, dated; ``last_findings`` are findings that come last."""
        of_the_date = (dated.finding,) if dated.finding else ()
        return Reading(
            reader=spec.reader,
            title=spec.title,
            as_of=dated.day,
            frame=options.frame or (next(iter(self.frames)) if len(self.frames) == 1 else ""),
            records=tuple(self.records),
            outcomes=tuple(self.outcomes),
            findings=(*self.findings, *of_the_date, *last_findings),
            context=tuple(self.facts),
            origin=spec.origin,
        )

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Tell findings of a row; one that is of no row, of a column say, is told once."""
        for one in findings:
            known = one.code, one.field, str(one.params)
            if one.locator or known not in self._told:
                self.findings.append(one)
            if not one.locator:
                self._told.add(known)

    def exclude_row(self, row: TableRow, code: str, field: str = "", **params: object) -> None:
        """Count a row as no activity, and say why."""
        self.outcomes.append((row.locator, Outcome.IGNORED))
        self.findings.append(Finding(code, row.locator, field, params))

    def reject_row(
        self, row: TableRow, column: str, reason: str, money: Sequence[Money] = ()
    ) -> None:
        """Count a row as rejected and say where and why, and what money it states."""
        params: dict[str, object] = {
            "reason": f"{reason}, colonne « {column} »",
            "sheet": row.sheet,
            "row": row.number,
            "column": column,
        }
        if money:
            params |= {"unread": f"{money[0].value:f}", "currency": money[0].currency}
        self.outcomes.append((row.locator, Outcome.REJECTED))
        self.findings.append(Finding("row_rejected", row.locator, column, params))

    def reject_lacking(
        self, row: TableRow, field: str, reason: str, money: Sequence[Money] = ()
    ) -> None:
        """Count a row as rejected for want of a field."""
        column = row.column(field)
        self.reject_row(row, column.heading if column else "", reason, money)

    def settle_lone_rows(self, banners: LoneRows, field: str, reason: str) -> None:
        """Count the lone rows of a table: set aside, or rejected for want of a field."""
        for one in banners.seen:
            if one.is_incomplete:
                self.reject_lacking(one.row, field, reason)
            else:
                self.outcomes.append((one.row.locator, Outcome.IGNORED))
                self.findings.append(one.usage_finding)
        self.findings += [one.usage_finding for one in banners.titles.values() if one.used]


NOTHING = "nothing_to_report"
"""Kind of the facts in the table of context."""

_WHEN = (
    r"(?: (?:realisees?|menees?|mises? en oeuvre|prevues?|en cours"
    r"|a (?:signaler|declarer|rapporter)|ce|cette|le|la|du|de|au|en|pour|pendant|sur|cours"
    r"|mois|trimestre|semestre|annee|semaine"
    r"|periode|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre"
    r"|decembre|to|report|this|month|period|\d+))*"
)
_SAID = re.compile(
    r"(?:neant|nil|none|ras|r a s|aucune?|nothing|no activit(?:y|ies)|sans activites?"
    r"|rien|(?:pas d|aucune) ?activites?)" + _WHEN
)
_IN_LIST, _IN_MATRIX = ("description", "result", "status", "remarks"), ("sector", "commodity")


def says_nothing(text: str) -> bool:
    """Whether words say that nothing was done, and no more.

    Examples
    --------
    >>> says_nothing("Néant"), says_nothing("R.A.S."), says_nothing("Pas d'activité en juin 2024")
    (True, True, True)
    >>> says_nothing("Aucune activité agricole : semences"), says_nothing("")
    (False, False)
    """
    words = " ".join(fold_text(text).replace(".", " ").replace("'", " ").split())
    return _SAID.fullmatch(words) is not None


def nothing_said(row: TableRow) -> str:
    """The words of a row that say that nothing was done; ``""`` where it tells an activity.

    They stand where the activity would; in its remarks "RAS" is no more than no remark. A
    matrix without titles says it in its column of sectors or of goods.
    """
    if title := row.text("title"):
        return title if says_nothing(title) else ""
    fields = _IN_LIST if "title" in row.columns else _IN_MATRIX
    cells = [text for field in fields for text in row.texts(field)]
    return next(filter(says_nothing, cells), "")


def declare_nothing(record: Record, words: str, ledger: RowLedger) -> bool:
    """Keep a row as the word of whoever it names; false where it tells money or people too.

    Parameters
    ----------
    record
        What the row states beside: who, where, which sectors, which period.
    words
        Of `nothing_said`.
    """
    if any(money.value for money in record.amounts) or record.target or record.reached:
        return False
    funds = [] if record.source == Source.NGO else [""]  # a fund is a reporter by its own name
    names = [name for name in dict.fromkeys((record.lead, *record.implementers)) if name]
    said: dict[str, object] = {"raw": words, "who": ", ".join(names) or record.source}
    if not names and not funds:
        ledger.outcomes.append((record.locator, Outcome.IGNORED))
        ledger.findings.append(Finding("nothing_by_nobody", record.locator, "lead", said))
        return True
    sectors = _known_sectors(record.sector_raw)
    ledger.facts += [
        ContextFact(
            kind=NOTHING,
            indicator=NOTHING,
            place=place,
            sector=sector,
            text=words,
            source=record.source,
            as_of=record.as_of,
            start=record.start,
            expires=record.end,
            organisation=name,
            locator=record.locator,
        )
        for name in [*names, *funds]
        for place in record.places or (None,)
        for sector in sectors or [""]
    ]
    ledger.outcomes.append((record.locator, Outcome.CONTEXT))
    ledger.findings.append(Finding("nothing_declared", record.locator, "", said))
    return True


def _known_sectors(raw: str) -> list[str]:
    """The sectors that a cell names, each where all are known; none where it says "néant"."""
    parts = parse_list(raw)
    whole = all(match_sector(part).id for part in parts)
    return [one for one in (parts if whole else [raw]) if one and not says_nothing(one)]


TITLED = frozenset({"title"})
TITLES = 5
"""Lines beside the table of a text that are no more than its title and notes."""
NAMED, IN_VALUES = 0.85, 0.8
"""How sure a list is of its fund when its names, or its "fund" column, say it."""
UNSIGNED = 0.5
"""How sure a list is a plain one when it says what is done where, and not by whom."""
_SITUATED = frozenset(
    {"region", "cercle", "commune", "region_code", "cercle_code", "commune_code", "place"}
)
"""Columns that make a table with titles a list of what is done where, whoever does it."""
_TOTAL = re.compile(r"(?:grand |sous[- ]?|sub[- ]?)?total(?:\b|s\b)")
_TOTAL_CELL = re.compile(
    r"(?:s\.? ?/? ?t\.?|(?:montants?|couts?|budgets?|cumul|somme|ensemble)"
    r"(?: (?:total|totaux|cumules?|global|globaux|general|generaux))*|cumules?|recapitulatif"
    r"|recapitulation|reports?|a reporter|"
    r"reporte|recap|totaux|tot\.?(?: gen\.?)?|sum|overall)"
    r"(?: general| de la page| page)?(?: \d+)?\s*[:.=]*"
)
"""A whole cell that is a total where its row names neither organisation nor place."""
_PARTIAL = re.compile(r"sous|sub|s\.? ?/? ?t\b")


WHO = ("lead", "implementers", "donor")
_GROUP = re.compile(r"\b(?:consortium|coalition|groupement|alliance)\b", re.IGNORECASE)
"""A cell that gives a group's own name beside its members: it is kept in the remarks."""
_LEADS = r"\s*\((?:lead|leader|chef de file)\b"


@dataclass(frozen=True)
class ListSource:
    """A fund whose documents are ordinary lists: its ``.toml`` says all there is to know."""

    SPEC: SourceSpec

    def read(self, document: Document, options: Options) -> Reading:
        """An ordinary list, see `read_list`."""
        return read_list(self.SPEC, document, options)

    def sniff(self, document: Document) -> float:
        """How surely the document is a list of this fund."""
        return sniff_list(self.SPEC, document)


def read_list(spec: SourceSpec, document: Document, options: Options) -> Reading:
    """Read an ordinary list of projects.

    Parameters
    ----------
    spec
        The fund: its default currency, headings and names.
    document
        A workbook, a CSV, or a text with one table.
    options
        Date, découpage and column map the person gives.

    Returns
    -------
    Reading
        One record a row that has a title.

    Raises
    ------
    UnusableFileError
        No sheet has a heading row with a title column.
    """
    tables, skipped = tables_of_document(document, TITLED, extra_columns(spec), options.column_map)
    if not tables:
        raise no_table(document)
    ledger = RowLedger(findings=list(skipped), rates=options.rates)
    for table in tables:
        ledger.findings += table.findings
        read_table(table, spec, ledger)
    dated = date_of_list(tables, ledger, document, options)
    joined, printed, of_rows = merge_indicator_rows(ledger.records, ledger.printed)
    once, printed, of_groups = merge_group_rows(joined, printed)
    records, totals, said = count_repeats_once(once, printed)
    return ledger.to_reading(spec, dated, options, [*of_rows, *of_groups, *said])._replace(
        records=tuple(records),
        control_totals=tuple(totals),
        period_start=min((r.start for r in ledger.records if r.start), default=None),
        period_end=max((r.end for r in ledger.records if r.end), default=None),
    )


def sniff_list(spec: SourceSpec, document: Document) -> float:
    """How surely a document is an ordinary list of this fund.

    The fund is named by the file, a sheet, the lines above the headings or a "fund"
    column; a list that names none is of a fund whose ``.toml`` has ``plain``.
    """
    tables, _skipped = headed_tables(document, TITLED, extra_columns(spec), None)
    tables = [table for table in tables if _is_list(table)]
    if not tables:
        return 0.0
    named = [document.file, *(t.sheet.name for t in tables), *(t.text_above() for t in tables)]
    if any(names_fund(spec.names, text) for text in named):
        return NAMED
    telling = [table for table in tables if "fund" in table.layout.column_fields]
    funds = {row.text("fund") for table in telling for row in table.rows()} - {""}
    if any(names_fund(spec.names, text) for text in funds):
        return IN_VALUES
    if any(fund_of(text) for text in (*named, *funds)):
        return 0.0
    plain = float(spec.data.get("plain", 0.0))
    if any(table.layout.column_fields & {"lead", "implementers"} for table in tables):
        return plain
    situated = any(table.layout.column_fields & _SITUATED for table in tables)
    return min(plain, UNSIGNED) if situated else 0.0


def _is_list(table: DataTable) -> bool:
    """Whether the table is what its document is about, not an aside of a text."""
    if table.document.text is None:
        return True
    lines = sum(1 for line in table.document.text.split("\n") if line.strip())
    rows = len(table.sheet.rows)
    if table.document.is_plain_text and rows > 2 and lines - rows <= TITLES:
        return True
    share = 0.3 if table.document.is_paper else 0.8  # papers have letterheads and signatures
    return len(table.sheet.rows) > share * lines


def no_table(document: Document) -> UnusableFileError:
    """The error of a document without a table that can be read."""
    return UnusableFileError(
        _("{file} inutilisable", file=document.file),
        _("aucun tableau avec une ligne d'en-têtes reconnue (titre, lieu, partenaire…)"),
        _("Partez d'un modèle de docs/templates, ou précisez les colonnes avec --map."),
    )


def extra_columns(spec: SourceSpec) -> Mapping[str, str]:
    """Headings that the source adds to the known ones."""
    columns: Mapping[str, str] = spec.data.get("columns", {})
    return {**group_columns(), **columns}


@cache
def _fund_names(places: tuple[Path, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    specs = [read_spec(path) for folder in places for path in sorted(folder.glob("*.toml"))]
    return tuple((spec.source, spec.names) for spec in specs if spec.source)


def names_fund(names: Iterable[str], text: str) -> bool:
    """Whether one of the names stands in the text, as words."""
    words = fold_text(text)
    return any(re.search(rf"(?<!\w){re.escape(fold_text(name))}(?!\w)", words) for name in names)


def fund_of(text: str) -> str | None:
    """The fund that a text names; ``None`` when it names none or several."""
    if not text:
        return None
    found = {source for source, names in _fund_names(source_folders()) if names_fund(names, text)}
    return found.pop() if len(found) == 1 else None


def date_of_list(
    tables: Iterable[DataTable], ledger: RowLedger, document: Document, options: Options
) -> DocumentDate:
    """Date of the situation that a list tells.

    The days of a distribution that is not said to be over are no date of the list: everyone
    reads that one, and those days are reserved.
    """
    begun = (r.start for r in ledger.records if r.start and (is_done(r) or not _hands_out(r)))
    done = (record.end for record in ledger.records if record.end and is_done(record))
    above = [table.text_above() for table in tables]
    told = chain(begun, done)  # looked at where nothing else dates the list
    return date_of_document(options.as_of, above, ledger.reported, document.file, told)


def _hands_out(record: Record) -> bool:
    return is_distribution(*record.words())


def is_done(record: Record) -> bool:
    """Whether a record says that it is completed."""
    return match_status(record.status_raw).id == "completed"


def read_table(table: DataTable, spec: SourceSpec, ledger: RowLedger) -> None:
    """Read every row of a table into the ledger."""
    first = ledger.since = len(ledger.records)
    borders = row_countries_of(table, ledger)
    if said := assumed_target_finding(table.layout.columns):
        ledger.findings.append(said)
    banners = LoneRows.under_titles(table.title_rows())
    year = year_named(table.text_above(), table.sheet.name, table.document.file)
    for row in table.rows():
        country = borders.country_of(row)
        if is_heading(row):
            ledger.exclude_row(row, "heading_repeated")
        elif banners.takes_row(row):
            continue  # what becomes of it is known when the rows below are read
        elif not _names_doer(row) and (is_total(row) or _adds_up(row, spec, ledger, first)):
            banners.end()
            _add_printed_total(row, spec, ledger, first)
        elif own := _rows_summed(row, spec, ledger, first):
            _total_of_rows(row, own, ledger)
        elif misshapen := table.why_misshapen(row):
            ledger.reject_row(row, *misshapen, _stated_amounts(row, spec))
        elif country:
            exclude_row_abroad(row, country, ledger)
        elif not (nothing := nothing_said(row)) and not row.text("title"):
            ledger.reject_lacking(row, "title", "titre absent", _stated_amounts(row, spec))
        else:
            record = banners.fill_blanks(record_of(row, spec, ledger, year))
            if nothing and declare_nothing(record, nothing, ledger):
                continue
            if len(row.columns) > 2 and (words := lone_words(row)):
                ledger.findings.append(Finding("row_title_only", row.locator, "", {"raw": words}))
            ledger.records.append(record)
    ledger.settle_lone_rows(banners, "title", "titre absent")


def _stated_amounts(row: TableRow, spec: SourceSpec) -> tuple[Money, ...]:
    """The money that a row which becomes no activity states."""
    return amounts_of_row(row, spec.data.get("currency"), None, None)[0]


def row_countries_of(table: DataTable, ledger: RowLedger) -> RowCountries:
    """Which rows of a table lie in another country; said once where all of them do."""
    borders = RowCountries(table)
    ledger.findings += [borders.finding] if borders.finding else []
    return borders


def exclude_row_abroad(row: TableRow, country: str, ledger: RowLedger) -> None:
    """Count a row outside Mali as set aside, its country named."""
    ledger.exclude_row(row, "outside_mali", "country", country=country)


def is_heading(row: TableRow) -> bool:
    """Whether the row repeats the headings or tags, as the pages of a printed table do."""
    if is_tags(row.values):
        return True
    needed = max(2, len(row.headings) // 2)
    unlike = sum([isinstance(cell, str) for cell in row.values]) - needed
    same = 0
    for index, heading in row.headings:
        if unlike < 0:
            return False  # more cells differ than may: a row of data does at once
        cell = row.values[index] if index < len(row.values) else None
        if isinstance(cell, str):
            alike = folds_to(cell, heading)
            same, unlike = same + alike, unlike - (not alike)
    return same >= needed


def is_total(row: TableRow) -> bool:
    """Whether the words of a row say that it prints a total of those above it.

    Asked of rows of nobody: a name that begins like one ("Total Energies") is one of a project
    where somebody does it.
    """
    texts = _folded_cells(row)
    if texts and _TOTAL.match(texts[0]):
        return not row.text("code")[:1].isdigit()
    return _names_nobody(row) and any(_TOTAL_CELL.fullmatch(text) for text in texts)


def _folded_cells(row: TableRow) -> list[str]:
    return [fold_text(cell) for cell in row.values if isinstance(cell, str) and cell.strip()]


def _names_doer(row: TableRow) -> bool:
    return any(row.text(field) for field in WHO)


def _names_nobody(row: TableRow) -> bool:
    """Whether a row names neither an organisation nor a place."""
    return not any(row.text(field) for field in (*WHO, *_SITUATED, "locality"))


def _adds_up(row: TableRow, spec: SourceSpec, ledger: RowLedger, first: int) -> bool:
    """Whether a row of nobody and nowhere states the sum of the amounts above it, whatever it says.

    That of the rows since the last total, or of all rows of the table; of two at least. Asked of
    rows of nobody.
    """
    if len(ledger.records) - first < 2:
        return False
    worded = any(map(_TOTAL_CELL.fullmatch, _folded_cells(row)))  # "S/T" beside its région
    if not worded and not _names_nobody(row):
        return False
    stated = amounts_of_row(row, spec.data.get("currency"), None, None)[0]
    return bool(stated) and any(
        len(above) > 1 and all(money.value == _sum_of(above, money) for money in stated)
        for above in (ledger.records[ledger.since :], ledger.records[first:])
    )


def _rows_summed(row: TableRow, spec: SourceSpec, ledger: RowLedger, first: int) -> list[Record]:
    """The rows of one doer and place that a row of theirs, called total, adds up in each figure."""
    cells = [cell for cell in row.values if isinstance(cell, str)]
    if len(ledger.records) - first < 2 or "total" not in "\n".join(cells).lower():
        return []
    if not any(_TOTAL.match(fold_text(cell)) for cell in cells if "total" in cell.lower()):
        return []
    lead, implementers = lead_and_implementers({field: row.items(field) for field in WHO})
    whose = lead, implementers, places_of(row, None, None)
    people = beneficiaries_of_row(row)
    figures = people.target, people.reached
    amounts = amounts_of_row(row, spec.data.get("currency"), None, None)[0]
    if not (amounts or any(figures)):
        return []
    for above in (ledger.records[ledger.since :], ledger.records[first:]):
        own = [r for r in above if (r.lead, r.implementers, r.places) == whose]
        sums = sum(r.target or 0 for r in own), sum(r.reached or 0 for r in own)
        agree = all(told in (None, summed) for told, summed in zip(figures, sums, strict=True))
        if len(own) > 1 and agree and all(m.value == _sum_of(own, m) for m in amounts):
            return own
    return []


def _total_of_rows(row: TableRow, own: Sequence[Record], ledger: RowLedger) -> None:
    """A row called total becomes no activity, and the rows that it adds up are named."""
    ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
    params: dict[str, object] = {
        "name": own[0].title,
        "total": next(as_text(c) for c in row.values if _TOTAL.match(fold_text(as_text(c)))),
        "rows": ", ".join(record.locator for record in own),
    }
    ledger.findings.append(Finding("total_by_values", row.locator, "", params))


def _sum_of(records: Iterable[Record], like: Money) -> Decimal:
    amounts = (money for record in records for money in record.amounts)
    alike = (m.value for m in amounts if (m.kind, m.currency) == (like.kind, like.currency))
    return sum(alike, Decimal(0))


def _add_printed_total(row: TableRow, spec: SourceSpec, ledger: RowLedger, first: int) -> None:
    """A printed total becomes a control total over the rows of its table so far."""
    ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
    published, _findings = amounts_of_row(row, spec.data.get("currency"), None, None)
    texts = [str(cell) for cell in row.values if isinstance(cell, str) and cell.strip()]
    label = texts[0] if texts else _("total sans libellé")
    partial = _PARTIAL.match(fold_text(label)) is not None
    since, until = ledger.since if partial else first, len(ledger.records)
    name, several = " ".join(label.split()), len(published) > 1
    for money in published:  # two figures of one line are two totals, each by its heading
        column = row.column(money.kind) if several else None
        which = f"{name}, {column.heading}" if column else name
        ledger.printed.append(PrintedTotal(f"{which} ({row.locator})", money, since, until))
    ledger.since = until


def record_of(row: TableRow, spec: SourceSpec, ledger: RowLedger, year: str = "") -> Record:
    """The record a row states; what is unreadable in it becomes findings."""
    title = row.text("title")
    start, end, date_findings = dates_of_row(row, year)
    amounts, money_findings = amounts_of_row(
        row, spec.data.get("currency"), start, end, ledger.rates
    )
    if amounts and (country := _shared_with(row)):
        shared: dict[str, object] = {"country": country, "n": len(amounts)}
        shared |= {"unread": f"{amounts[0].value:f}", "currency": amounts[0].currency}
        money_findings = (*money_findings, Finding("amounts_shared", row.locator, "budget", shared))
        amounts = ()
    people = beneficiaries_of_row(row, start, end, year)
    status, done, done_findings = status_and_progress(row)
    lon, lat, place_findings = coordinates_of_row(row)
    who = {field: row.items(field) for field in WHO}
    lead, implementers = lead_and_implementers(who)
    ledger.reported += days_of_field(row, "reported")
    ledger.frames |= {frame for text in row.texts("frame") if (frame := frame_named(text))}
    remarks = [" ".join(row.texts("remarks")), people.words, done, unused_duration(row, start)]
    remarks += _group_cells(chain.from_iterable(who.values()))
    for found in (date_findings, money_findings, people.findings, done_findings, place_findings):
        ledger.add_findings(found)
    if not (amounts or money_findings or nothing_said(row)) and row.columns.keys() & MONEY_FIELDS:
        ledger.findings.append(Finding("amount_missing", row.locator, "budget", {"title": title}))
    return Record(
        locator=row.locator,
        kind=spec.kind,
        source=fund_of(row.text("fund")) or spec.source or Source.NGO,
        title=title,
        key=row.text("code"),
        description=" ".join(row.texts("description")),
        result=row.text("result"),
        sector_raw=" ; ".join(row.items("sector")),
        donors=names_in_cells(who["donor"]),
        lead=lead,
        implementers=implementers,
        org_type=row.text("org_type"),
        status_raw=status,
        start=start,
        end=end,
        target=people.target,
        reached=people.reached,
        stated=stated_texts(row.text),
        remarks=" ; ".join(filter(None, remarks)),
        places=places_of(row, lon, lat),
        amounts=amounts,
        groups=tuple(row.texts("group")),
        figures=people.figures,
    )


def _shared_with(row: TableRow) -> str:
    """The cell by which a row shares its money with other countries; "" where none does.

    One that names no place of Mali keeps its amount, which is then not placed.
    """
    if (country := row.text("country")) and is_shared(country):
        return country
    written = (row.text(field) for field in ("region", "place"))
    return next((cell for cell in written if names_other_country(cell) and not is_shared(cell)), "")


def _group_cells(cells: Iterable[str]) -> Iterable[str]:
    """Cells that name a group beside its members, each once."""
    several = [cell for cell in cells if len(split_organisations(cell)) > 1]
    return dict.fromkeys(filter(_GROUP.search, several))


def lead_and_implementers(who: Mapping[str, Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """Who leads and who implements; of several that stand as leading, the one said to.

    Parameters
    ----------
    who
        Cells of a row by field, as `TableRow.items` gives them.
    """
    leading, others = names_in_cells(who["lead"]), names_in_cells(who["implementers"])
    if len(leading) > 1:
        cells = " ; ".join(who["lead"])
        first = [name for name in leading if re.search(re.escape(name) + _LEADS, cells, re.I)]
        lead = first[0] if len(first) == 1 else ""
        several = dict.fromkeys([*leading, *others])
        return lead, tuple(name for name in several if name != lead)
    return "".join(leading), others


def names_in_cells(cells: Iterable[str]) -> tuple[str, ...]:
    """Organisations that the cells of a field name; none where they say that there is none."""
    names = [name for cell in cells for name in split_organisations(cell)]
    return tuple([name for name in names if not is_absent(name)])


def places_of(row: TableRow, lon: float | None, lat: float | None) -> tuple[PlaceText, ...]:
    """The place of a row: its columns, and the free wording beside them."""
    found = PlaceText(
        text=" ; ".join(row.items("place")),
        region="".join(row.items("region")[:1]),
        cercle="".join(row.items("cercle")[:1]),
        commune="".join(row.items("commune")[:1]),
        locality=", ".join(row.items("locality")),
        # Codes as they stand: spaces in them are a finding of their own.
        region_code=str(row.value("region_code") or ""),
        cercle_code=str(row.value("cercle_code") or ""),
        commune_code=str(row.value("commune_code") or ""),
        lon=lon,
        lat=lat,
    )
    return () if found == _NOWHERE else (found,)


_NOWHERE = PlaceText()
