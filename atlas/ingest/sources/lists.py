"""Ordinary lists: a row a project, the columns a person would expect.

One reader for every fund; what differs between funds is in their ``.toml``. A row that
cannot be read is rejected with its sheet, row, column and reason; the others go in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.cells import MONEY_FIELDS, coordinates, dates, days, moneys
from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import is_absent
from atlas.ingest.parsing.dating import Dated, date_of_document
from atlas.ingest.parsing.durations import year_named
from atlas.ingest.parsing.groups import group_columns
from atlas.ingest.reading import (
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
    stated_texts,
)
from atlas.ingest.sources import Options, SourceSpec, folders, read_spec
from atlas.ingest.sources.group_rows import merge_group_rows
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.nothing import declare, nothing_said
from atlas.ingest.sources.repeats import Printed, settle
from atlas.ingest.spans import duration_kept
from atlas.ingest.tables.abroad import Borders, is_shared, names_abroad
from atlas.ingest.tables.banners import Banners, lone_words
from atlas.ingest.tables.beneficiaries import assumed, beneficiaries, progress
from atlas.ingest.tables.columns import is_tags
from atlas.ingest.tables.rows import Row, Table, as_text, tables_of
from atlas.model import Outcome, Source
from atlas.vocab import match_status, split_organisations
from atlas.vocab.distributions import is_distribution

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
    tables, skipped = tables_of(document, TITLED, extra_columns(spec), options.column_map)
    if not tables:
        raise no_table(document)
    ledger = Ledger(findings=list(skipped), rates=options.rates)
    for table in tables:
        ledger.findings += table.findings
        read_table(table, spec, ledger)
    dated = date_of(tables, ledger, document, options)
    once, printed, of_groups = merge_group_rows(ledger.records, ledger.printed)
    records, totals, said = settle(once, printed)
    return ledger.reading(spec, dated, options, [*of_groups, *said])._replace(
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
    tables, _skipped = tables_of(document, TITLED, extra_columns(spec), None)
    tables = [table for table in tables if _is_list(table)]
    if not tables:
        return 0.0
    named = [document.file, *(t.sheet.name for t in tables), *(t.above() for t in tables)]
    if any(names_fund(spec.names, text) for text in named):
        return NAMED
    funds = {row.text("fund") for table in tables for row in table.rows()} - {""}
    if any(names_fund(spec.names, text) for text in funds):
        return IN_VALUES
    if any(fund_of(text) for text in (*named, *funds)):
        return 0.0
    plain = float(spec.data.get("plain", 0.0))
    if any(table.layout.fields & {"lead", "implementers"} for table in tables):
        return plain
    situated = any(table.layout.fields & _SITUATED for table in tables)
    return min(plain, UNSIGNED) if situated else 0.0


def _is_list(table: Table) -> bool:
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
def _funds(places: tuple[Path, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    specs = [read_spec(path) for folder in places for path in sorted(folder.glob("*.toml"))]
    return tuple((spec.source, spec.names) for spec in specs if spec.source)


def names_fund(names: Iterable[str], text: str) -> bool:
    """Whether one of the names stands in the text, as words."""
    words = fold(text)
    return any(re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", words) for name in names)


@lru_cache(maxsize=4096)
def fund_of(text: str) -> str | None:
    """The fund that a text names; ``None`` when it names none or several."""
    found = {source for source, names in _funds(folders()) if names_fund(names, text)}
    return found.pop() if len(found) == 1 else None


def date_of(tables: Iterable[Table], ledger: Ledger, document: Document, options: Options) -> Dated:
    """Date of the situation that a list tells.

    The days of a distribution that is not said to be over are no date of the list: everyone
    reads that one, and those days are reserved.
    """
    begun = [r.start for r in ledger.records if r.start and (_is_done(r) or not _hands_out(r))]
    done = [record.end for record in ledger.records if record.end and _is_done(record)]
    above = [table.above() for table in tables]
    return date_of_document(options.as_of, above, ledger.reported, document.file, begun + done)


def _hands_out(record: Record) -> bool:
    return is_distribution(*record.words())


def _is_done(record: Record) -> bool:
    return match_status(record.status_raw).id == "completed"


def read_table(table: Table, spec: SourceSpec, ledger: Ledger) -> None:
    """Read every row of a table into the ledger."""
    first = ledger.since = len(ledger.records)
    borders = borders_of(table, ledger)
    if said := assumed(table.layout.columns):
        ledger.findings.append(said)
    banners = Banners.under(table.titles())
    year = year_named(table.above(), table.sheet.name, table.document.file)
    for row in table.rows():
        country = borders.country_of(row)
        if is_heading(row):
            ledger.set_aside(row, "heading_repeated")
        elif banners.takes(row):
            continue  # what becomes of it is known when the rows below are read
        elif is_total(row) or _adds_up(row, spec, ledger, first):
            banners.end()
            _total(row, spec, ledger, first)
        elif own := _rows_summed(row, spec, ledger, first):
            _total_of_rows(row, own, ledger)
        elif misshapen := table.why_misshapen(row):
            ledger.reject(row, *misshapen, _stated(row, spec))
        elif country:
            set_aside_country(row, country, ledger)
        elif not (nothing := nothing_said(row)) and not row.text("title"):
            ledger.reject_lacking(row, "title", "titre absent", _stated(row, spec))
        else:
            record = banners.over(record_of(row, spec, ledger, year))
            if nothing and declare(record, nothing, ledger):
                continue
            if len(row.columns) > 2 and (words := lone_words(row)):
                ledger.findings.append(Finding("row_title_only", row.locator, "", {"raw": words}))
            ledger.records.append(record)
    ledger.settle(banners, "title", "titre absent")


def _stated(row: Row, spec: SourceSpec) -> tuple[Money, ...]:
    """The money that a row which becomes no activity states."""
    return moneys(row, spec.data.get("currency"), None, None)[0]


def borders_of(table: Table, ledger: Ledger) -> Borders:
    """Which rows of a table lie in another country; said once where all of them do."""
    borders = Borders(table)
    ledger.findings += [borders.finding] if borders.finding else []
    return borders


def set_aside_country(row: Row, country: str, ledger: Ledger) -> None:
    """Count a row outside Mali as set aside, its country named."""
    ledger.set_aside(row, "outside_mali", "country", country=country)


def is_heading(row: Row) -> bool:
    """Whether the row repeats the headings or tags, as the pages of a printed table do."""
    if is_tags(row.values):
        return True
    columns = [column for many in row.columns.values() for column in many]
    needed = max(2, len(columns) // 2)
    within = (column for column in columns if column.index < len(row.values))
    cells = ((row.values[column.index], column.heading) for column in within)
    texts = [(cell, heading) for cell, heading in cells if isinstance(cell, str)]
    unlike = len(texts) - needed  # so many may differ; a row of data differs at once
    for cell, heading in texts:
        if unlike < 0:
            return False
        unlike -= fold(cell) != fold(heading)
    return unlike >= 0


def is_total(row: Row) -> bool:
    """Whether the words of the row say that it prints a total of those above it.

    A name that begins like one ("Total Energies") is one of a project where somebody does it.
    """
    texts = [fold(cell) for cell in row.values if isinstance(cell, str) and cell.strip()]
    if texts and _TOTAL.match(texts[0]) and not any(row.text(field) for field in WHO):
        return not row.text("code")[:1].isdigit()
    return any(_TOTAL_CELL.fullmatch(text) for text in texts) and _names_nobody(row)


def _names_nobody(row: Row) -> bool:
    """Whether a row names neither an organisation nor a place."""
    return not any(row.text(field) for field in (*WHO, *_SITUATED, "locality"))


def _adds_up(row: Row, spec: SourceSpec, ledger: Ledger, first: int) -> bool:
    """Whether a row of nobody and nowhere states the sum of the amounts above it, whatever it says.

    That of the rows since the last total, or of all rows of the table; of two at least.
    """
    texts = [fold(cell) for cell in row.values if isinstance(cell, str) and cell.strip()]
    worded = any(_TOTAL_CELL.fullmatch(text) for text in texts)  # "S/T" beside its région
    nobody = not any(row.text(field) for field in WHO) if worded else _names_nobody(row)
    if not nobody or len(ledger.records) - first < 2:
        return False
    stated = moneys(row, spec.data.get("currency"), None, None)[0]
    return bool(stated) and any(
        len(above) > 1 and all(money.value == _sum_of(above, money) for money in stated)
        for above in (ledger.records[ledger.since :], ledger.records[first:])
    )


def _rows_summed(row: Row, spec: SourceSpec, ledger: Ledger, first: int) -> list[Record]:
    """The rows of one doer and place that a row of theirs, called total, adds up in each figure."""
    likely = (cell for cell in row.values if isinstance(cell, str) and "total" in cell.lower())
    if len(ledger.records) - first < 2 or not any(_TOTAL.match(fold(cell)) for cell in likely):
        return []
    lead, implementers = organisations(row)
    whose = lead, implementers, places_of(row, None, None)
    people = beneficiaries(row)
    figures = people.target, people.reached
    amounts = moneys(row, spec.data.get("currency"), None, None)[0]
    if not (amounts or any(figures)):
        return []
    for above in (ledger.records[ledger.since :], ledger.records[first:]):
        own = [r for r in above if (r.lead, r.implementers, r.places) == whose]
        sums = sum(r.target or 0 for r in own), sum(r.reached or 0 for r in own)
        agree = all(told in (None, summed) for told, summed in zip(figures, sums, strict=True))
        if len(own) > 1 and agree and all(m.value == _sum_of(own, m) for m in amounts):
            return own
    return []


def _total_of_rows(row: Row, own: Sequence[Record], ledger: Ledger) -> None:
    """A row called total becomes no activity, and the rows that it adds up are named."""
    ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
    params: dict[str, object] = {
        "name": own[0].title,
        "total": next(as_text(c) for c in row.values if _TOTAL.match(fold(as_text(c)))),
        "rows": ", ".join(record.locator for record in own),
    }
    ledger.findings.append(Finding("total_by_values", row.locator, "", params))


def _sum_of(records: Iterable[Record], like: Money) -> Decimal:
    amounts = (money for record in records for money in record.amounts)
    alike = (m.value for m in amounts if (m.kind, m.currency) == (like.kind, like.currency))
    return sum(alike, Decimal(0))


def _total(row: Row, spec: SourceSpec, ledger: Ledger, first: int) -> None:
    """A printed total becomes a control total over the rows of its table so far."""
    ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
    published, _findings = moneys(row, spec.data.get("currency"), None, None)
    texts = [str(cell) for cell in row.values if isinstance(cell, str) and cell.strip()]
    label = texts[0] if texts else _("total sans libellé")
    partial = _PARTIAL.match(fold(label)) is not None
    since, until = ledger.since if partial else first, len(ledger.records)
    name, several = " ".join(label.split()), len(published) > 1
    for money in published:  # two figures of one line are two totals, each by its heading
        column = row.column(money.kind) if several else None
        which = f"{name}, {column.heading}" if column else name
        ledger.printed.append(Printed(f"{which} ({row.locator})", money, since, until))
    ledger.since = until


def record_of(row: Row, spec: SourceSpec, ledger: Ledger, year: str = "") -> Record:
    """The record a row states; what is unreadable in it becomes findings."""
    title = row.text("title")
    start, end, date_findings = dates(row, year)
    amounts, money_findings = moneys(row, spec.data.get("currency"), start, end, ledger.rates)
    if amounts and (country := _shared_with(row)):
        shared: dict[str, object] = {"country": country, "n": len(amounts)}
        shared |= {"unread": f"{amounts[0].value:f}", "currency": amounts[0].currency}
        money_findings = (*money_findings, Finding("amounts_shared", row.locator, "budget", shared))
        amounts = ()
    people = beneficiaries(row)
    status, done, done_findings = progress(row)
    lon, lat, place_findings = coordinates(row)
    lead, implementers = organisations(row)
    ledger.reported += days(row, "reported")
    for found in (date_findings, money_findings, people.findings, done_findings, place_findings):
        ledger.say(found)
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
        donors=names_in(row, "donor"),
        lead=lead,
        implementers=implementers,
        org_type=row.text("org_type"),
        status_raw=status,
        start=start,
        end=end,
        target=people.target,
        reached=people.reached,
        stated=stated_texts(row.text),
        remarks=" ; ".join(filter(None, _remarks(row, people.words, done, start))),
        places=places_of(row, lon, lat),
        amounts=amounts,
        groups=tuple(row.texts("group")),
    )


def _shared_with(row: Row) -> str:
    """The cell by which a row shares its money with other countries; "" where none does.

    One that names no place of Mali keeps its amount, which is then not placed.
    """
    if is_shared(row.text("country")):
        return row.text("country")
    written = (row.text(field) for field in ("region", "place"))
    return next((cell for cell in written if names_abroad(cell) and not is_shared(cell)), "")


def _remarks(row: Row, people: str, done: str, start: date | None) -> tuple[str, ...]:
    """What the row remarks, and what stands in its cells that no field takes."""
    named = (cell for field in WHO for cell in row.items(field) if _GROUP.search(cell))
    groups = [cell for cell in named if len(split_organisations(cell)) > 1]
    lasting = duration_kept(row, start)
    return (" ".join(row.texts("remarks")), people, done, lasting, *dict.fromkeys(groups))


def organisations(row: Row) -> tuple[str, tuple[str, ...]]:
    """Who leads and who implements; of several that stand as leading, the one said to."""
    leading, others = names_in(row, "lead"), names_in(row, "implementers")
    if len(leading) > 1:
        cells = " ; ".join(row.items("lead"))
        first = [name for name in leading if re.search(re.escape(name) + _LEADS, cells, re.I)]
        lead = first[0] if len(first) == 1 else ""
        several = dict.fromkeys([*leading, *others])
        return lead, tuple(name for name in several if name != lead)
    return "".join(leading), others


def names_in(row: Row, field: str) -> tuple[str, ...]:
    """Organisations that the cells of a field name; none where they say that there is none."""
    names = (name for cell in row.items(field) for name in split_organisations(cell))
    return tuple(name for name in names if not is_absent(name))


def places_of(row: Row, lon: float | None, lat: float | None) -> tuple[PlaceText, ...]:
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
    return () if found == PlaceText() else (found,)
