"""Distributions of the State (CSA): one record a distribution, its quantities in words.

A row says where, when, for how many and how much. What it says of tonnes is told in the
description and held against the printed totals: it is no money and no activity of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal

from atlas.ingest.cells import amounts_of_row, coordinates_of_row, dates_of_row, days_of_field
from atlas.ingest.context.figure_totals import is_total_row, is_whole_table_total
from atlas.ingest.parsing.amounts import clean_text, parse_number
from atlas.ingest.parsing.dates import parse_period
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.values import with_locator
from atlas.ingest.reading import ControlTotal, Document, Finding, Reading, Record, stated_texts
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources.lists import (
    NAMED,
    RowLedger,
    date_of_list,
    declare_nothing,
    exclude_row_abroad,
    is_done,
    is_heading,
    names_fund,
    no_table,
    nothing_said,
    places_of,
    row_countries_of,
)
from atlas.ingest.tables.table_columns import HEADER_DEPTH
from atlas.ingest.tables.table_rows import DataTable, TableRow, tables_of_document
from atlas.model import Kind, Outcome
from atlas.vocab import match_status, split_organisations

SPEC = load_spec(__name__)
BY_COLUMNS = 0.7
"""How sure a table without a title is of the CSA when it has places, tonnes and people."""
_PLACES = frozenset({"region", "cercle", "commune", "locality", "place"})
_TONNES = ("tonnes_done", "tonnes", "tonnes_planned")
_HOUSEHOLDS = ("households_reached", "households", "households_target")
_PEOPLE = ("persons", "target", "reached")
_OF = "tonnes of "  # and a commodity: the field of its own column
_QUANTITY = re.compile(
    r"(.*?\d)\s*(kg|kilos?|kilogrammes?|t|tonnes?|q|quintaux)?\.?", re.IGNORECASE
)
_VOLUME = re.compile(r"^(?:l|litres?|hl|hectolitres?|bidons?|cartons?|sacs?|unites?)$")
"""What a heading counts otherwise than by weight: said, and no tonnes."""
_A_TONNE = {"k": Decimal(1000), "q": Decimal(10)}
_NAMES = {"tonnes": "Tonnes", "households": "Ménages", "people": "Personnes"}


@dataclass
class _RowSums:
    """What the rows of a table count, for the totals printed under them."""

    rows: list[dict[str, Decimal]] = dataclass_field(default_factory=list)
    since: int = 0


def read(document: Document, options: Options) -> Reading:
    """One record a row; a printed total is a control total of the rows above it.

    Raises
    ------
    UnusableFileError
        No sheet has headings with a place.
    """
    tables, skipped = tables_of_document(
        document, _PLACES, _known_columns(document), options.column_map
    )
    if not tables:
        raise no_table(document)
    ledger = RowLedger(findings=list(skipped))
    totals: list[ControlTotal] = []
    for table in tables:
        ledger.findings += table.layout.findings
        totals += _read_table(table, ledger)
    # what is to come says nothing of the day on which it was written
    told = RowLedger(records=[r for r in ledger.records if is_done(r)], reported=ledger.reported)
    reading = ledger.to_reading(SPEC, date_of_list(tables, told, document, options), options)
    return _with_totals(reading, totals)


def sniff(document: Document) -> float:
    """How surely the document lists distributions of the State."""
    if document.is_plain_text:
        return 0.0
    tables, _skipped = tables_of_document(document, _PLACES, _known_columns(document), None)
    counting = [table for table in tables if _counts_people_or_goods(table)]
    named = [document.file, *(f"{t.sheet.name}\n{t.text_above()}" for t in counting)]
    if counting and any(names_fund(SPEC.names, text) for text in named):
        return NAMED
    fields = [table.layout.column_fields for table in counting]
    plain = any("title" not in own and _has_quantities(own) and own & {*_PEOPLE} for own in fields)
    return BY_COLUMNS if plain else 0.0


def _counts_people_or_goods(table: DataTable) -> bool:
    return _has_quantities(table.layout.column_fields) or bool(
        table.layout.column_fields & {*_HOUSEHOLDS, "persons"}
    )


def _has_quantities(fields: frozenset[str]) -> bool:
    return bool(fields & {*_TONNES}) or any(field.startswith(_OF) for field in fields)


def _known_columns(document: Document) -> Mapping[str, str]:
    """Known headings, and those of this document that name a commodity: "Mil (t)", "Riz"."""
    columns: dict[str, str] = dict(SPEC.data["columns"])
    words = SPEC.data["commodities"]["words"]
    for sheet in document.sheets:
        for row in sheet.rows[:HEADER_DEPTH]:
            for cell in row:
                bare = fold_text(re.sub(r"\(.*?\)|\ben (?:kg|tonnes?|t)\b", " ", str(cell or "")))
                if isinstance(cell, str) and bare in words:
                    columns[cell] = _OF + bare
    return columns


def _read_table(table: DataTable, ledger: RowLedger) -> list[ControlTotal]:
    sums, totals, borders = _RowSums(), [], row_countries_of(table, ledger)
    for row in table.rows():
        if is_heading(row):
            ledger.outcomes.append((row.locator, Outcome.IGNORED))
            ledger.findings.append(Finding("heading_repeated", row.locator))
        elif is_total_row(row):
            ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
            totals += _totals_of_row(row, sums)
        elif misshapen := table.why_misshapen(row):
            ledger.reject_row(row, *misshapen)
        elif country := borders.country_of(row):
            exclude_row_abroad(row, country, ledger)
        elif not (places_of(row, None, None) or _quantities_of_row(row, None)):
            ledger.reject_row(row, "lieu", "ni lieu ni quantité")
        elif _says_nothing(row, ledger):
            pass  # the word of who it names, and no distribution
        else:
            ledger.records.append(_record_of_row(row, ledger))
            sums.rows.append(_quantities_of_row(row, None))
    return totals


def _says_nothing(row: TableRow, ledger: RowLedger) -> bool:
    """Whether the row was kept as the word that nothing was handed out."""
    nothing = nothing_said(row)
    if not nothing or any(_quantities_of_row(row, None).values()):
        return False
    return declare_nothing(_record_of_row(row, ledger), nothing, ledger)


def _record_of_row(row: TableRow, ledger: RowLedger) -> Record:
    start, end, said = _days_of_row(row)
    quantities = _quantities_of_row(row, ledger)
    amounts, of_money = amounts_of_row(row, SPEC.data["currency"], start, end)
    lon, lat, of_place = coordinates_of_row(row)
    for found in (said, of_money, of_place):
        ledger.add_findings(found)
    ledger.reported += days_of_field(row, "reported")
    modality = _modality_of_row(row, handed=bool(quantities.get("tonnes")), paid=bool(amounts))
    handed = {"modality": modality}
    target, reached = _people_of_row(row)
    return Record(
        locator=row.locator,
        kind=Kind.ACTIVITY,
        source=SPEC.source or "",
        title=f"Distribution de {modality}" if modality else "Distribution",
        key=row.text("code") or _distribution_key(row, start, modality),
        description=_goods_in_words(row, quantities),
        result=row.text("result"),
        sector_raw=" ; ".join(row.texts("sector")) or SPEC.data["sector"],
        donors=tuple(n for cell in row.texts("donor") for n in split_organisations(cell)),
        lead=row.text("lead") or SPEC.data["lead"],
        implementers=tuple(
            n for cell in row.texts("implementers") for n in split_organisations(cell)
        ),
        status_raw=row.text("status"),
        start=start,
        end=end,
        target=target,
        reached=reached,
        stated=stated_texts(lambda name: row.text(name) or handed.get(name, "")),
        remarks=" ".join(row.texts("remarks")),
        places=places_of(row, lon, lat),
        amounts=amounts,
    )


def _days_of_row(row: TableRow) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day: their own columns, a date or period, else a month with its year."""
    start, end, said = dates_of_row(row)
    if start or end or row.value("month") is None:
        return start, end, said
    words, year = row.text("month"), row.text("year")
    period = parse_period(words if re.search(r"\d{4}", words) else f"{words} {year}".strip())
    return period.start, period.end, (*said, *with_locator(period.findings, row.locator, "mois"))


def _distribution_key(row: TableRow, start: date | None, modality: str) -> str:
    """What makes a distribution the same in the next list: its place, its month, its goods."""
    places = [row.text(name) for name in ("region", "cercle", "commune", "locality", "place")]
    month = f"{start:%Y-%m}" if start else ""
    goods = (modality, row.text("commodity"), row.text("result"))
    return "|".join(fold_text(part) for part in (month, *places, *goods))


def _modality_of_row(row: TableRow, *, handed: bool, paid: bool) -> str:
    """What is handed out, by the words of the row, else by what it counts."""
    words = f"{row.text('modality')} {row.text('commodity')} {row.text('title')}".casefold()
    for name, pattern in SPEC.data["modalities"].items():
        if re.search(pattern, words):
            return str(name)
    return "vivres" if handed else "cash" if paid else ""


def _people_of_row(row: TableRow) -> tuple[float | None, float | None]:
    """People targeted and reached; a bare count is of those reached once it is done."""
    target, reached, count = (
        _count_of_field(row, name) for name in ("target", "reached", "persons")
    )
    if match_status(row.text("status")).id == "completed":
        return target, count if reached is None else reached
    return count if target is None else target, reached


def _count_of_field(row: TableRow, field: str) -> float | None:
    value = parse_number(row.value(field), field).value
    return value if value is None or value >= 0 else None


def _quantities_of_row(row: TableRow, ledger: RowLedger | None) -> dict[str, Decimal]:
    """``tonnes``, ``households`` and ``people`` of a row; what is unreadable is said once."""
    found: dict[str, Decimal] = {}
    parts = [q for _name, q in _tonnes_by_commodity(row) if q is not None]
    tonnes = next((q for name in _TONNES if (q := _tonnes_of_cell(row, name)) is not None), None)
    if tonnes is not None or parts:
        found["tonnes"] = tonnes if tonnes is not None else sum(parts, Decimal(0))
    if tonnes is not None and parts and sum(parts, Decimal(0)) != tonnes and ledger:
        readings = (
            f"{_plain_decimal(tonnes)} écrit, {_plain_decimal(sum(parts, Decimal(0)))} par addition"
        )
        params: dict[str, object] = {"name": "Tonnes", "readings": readings}
        ledger.findings.append(Finding("figures_disagree", row.locator, "tonnes", params))
    for name, fields in (("households", _HOUSEHOLDS), ("people", _PEOPLE)):
        count = next(
            (c for field in fields if (c := _count_of_field(row, field)) is not None), None
        )
        if count is not None:
            found[name] = Decimal(str(count))
    if ledger:
        ledger.findings += _unreadable_findings(row)
    return found


def _unreadable_findings(row: TableRow) -> Iterator[Finding]:
    for field in (*_HOUSEHOLDS, *_PEOPLE):
        yield from with_locator(parse_number(row.value(field), field).findings, row.locator, field)
    for field in (*_TONNES, *(name for name in row.columns if name.startswith(_OF))):
        if (
            row.text(field)
            and _tonnes_of_cell(row, field) is None
            and re.search(r"\d", row.text(field))
        ):
            column = row.column(field)
            heading = column.heading if column else field
            params: dict[str, object] = {"field": heading, "raw": row.text(field)}
            yield Finding("value_unreadable", row.locator, heading, params)


def _tonnes_by_commodity(row: TableRow) -> list[tuple[str, Decimal | None]]:
    fields = [field for field in row.columns if field.startswith(_OF)]
    return [(field.removeprefix(_OF), _tonnes_of_cell(row, field)) for field in fields]


def _tonnes_of_cell(row: TableRow, field: str) -> Decimal | None:
    """Tonnes of a cell: its own unit goes before that of its heading."""
    raw, column = row.value(field), row.column(field)
    if raw is None or column is None:
        return None
    cut = _QUANTITY.fullmatch(clean_text(raw)) if isinstance(raw, str) else None
    number = parse_number(cut[1] if cut else raw, field).value
    if number is None or number < 0:
        return None
    if not (cut and cut[2]) and _VOLUME.search(fold_text(column.unit)):
        return None
    heading = re.search(r"\b(kg|kilos?|quintaux)\b", f"{column.unit} {fold_text(column.heading)}")
    unit = (cut and cut[2]) or (heading[1] if heading else "t")
    return Decimal(str(number)) / _A_TONNE.get(unit[0].casefold(), Decimal(1))


def _goods_in_words(row: TableRow, quantities: Mapping[str, Decimal]) -> str:
    """What was handed out, in words: "mil : 80 t, riz : 42 t ; 746 ménages"."""
    each = [f"{name} : {_plain_decimal(q)} t" for name, q in _tonnes_by_commodity(row) if q]
    goods = ", ".join(each) or row.text("commodity")
    tonnes = quantities.get("tonnes")
    if tonnes is not None and len(each) != 1:
        goods = f"{goods} : {_plain_decimal(tonnes)} t" if goods and not each else goods
        goods = goods if not each else f"{goods} ({_plain_decimal(tonnes)} t)"
        goods = goods or f"{_plain_decimal(tonnes)} t"
    households = quantities.get("households")
    counted = f"{_plain_decimal(households)} ménages" if households is not None else ""
    own = " ".join([row.text("title"), *row.texts("description")]).strip()
    return " ; ".join(part for part in (own, goods, counted) if part)


def _plain_decimal(value: Decimal) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _totals_of_row(row: TableRow, sums: _RowSums) -> list[ControlTotal]:
    part = sums.rows if is_whole_table_total(row) else sums.rows[sums.since :] or sums.rows
    sums.since = len(sums.rows)
    return [
        ControlTotal(
            f"{_NAMES[name]} ({row.locator})",
            published,
            sum((one.get(name, Decimal(0)) for one in part), Decimal(0)),
        )
        for name, published in _quantities_of_row(row, None).items()
    ]


def _with_totals(reading: Reading, totals: list[ControlTotal]) -> Reading:
    starts = [r.start for r in reading.records if r.start]
    ends = [r.end for r in reading.records if r.end]
    return reading._replace(
        control_totals=tuple(totals),
        period_start=min(starts, default=None),
        period_end=max(ends, default=None),
    )
