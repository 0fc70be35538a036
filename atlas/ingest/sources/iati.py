"""Activities in IATI XML: one record an activity, with its places, budgets and payments.

The rows come from `atlas.ingest.files.iati_xml`. A place, a budget and a counted payment fold into
their activity; what is not counted is set aside and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from atlas.errors import UnusableFileError
from atlas.i18n import N_, _
from atlas.ingest.files.iati_xml import ACTIVITY, BUDGET, LOCATION, SEPARATOR, TABLES, TRANSACTION
from atlas.ingest.files.readers import row_locator
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import Document, Finding, Money, PlaceText, Reading, Record
from atlas.ingest.sources import Options, exchange, iati_exports, load_spec
from atlas.ingest.sources.lists import fund_of
from atlas.ingest.tables.row_countries import country_name
from atlas.ingest.tables.table_columns import names_of
from atlas.model import Outcome, Source
from atlas.vocab import match_organisation

SPEC = load_spec(__name__)
_MALI = frozenset({"ML", "MLI"})
_NOT_COUNTED = {
    "1": N_("fonds reçus"),
    "5": N_("intérêts"),
    "6": N_("remboursement de prêt"),
    "7": N_("remboursement"),
    "8": N_("achat de parts"),
    "9": N_("vente de parts"),
    "10": N_("garantie de crédit"),
    "11": N_("engagement reçu"),
    "12": N_("promesse"),
    "13": N_("promesse reçue"),
}
"""Types of transactions that are neither committed nor spent (IATI 2.x), as a person reads them."""
_REVISED = ("2", "Revised")
_NATIONAL_SCOPE = "4"
_TOO_MUCH = 10**15
_MONEY: Mapping[str, str] = SPEC.data["transactions"]


@dataclass(frozen=True)
class IatiRow:
    """A row of one of the tables: its place in the file, and its cells by column."""

    locator: str
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A cell as text, "" where it is empty."""
        return str(self.cells[column] or "")

    def entries(self, column: str) -> tuple[str, ...]:
        """The entries of a cell."""
        return tuple(filter(None, self.text(column).split(SEPARATOR)))


@dataclass
class _IatiLedger:
    """What became of the rows so far."""

    records: list[Record] = dataclass_field(default_factory=list)
    outcomes: list[tuple[str, Outcome]] = dataclass_field(default_factory=list)
    findings: list[Finding] = dataclass_field(default_factory=list)
    excluded: Counter[str] = dataclass_field(default_factory=Counter)

    def ignore_rows(self, items: list[IatiRow]) -> None:
        """Set rows aside."""
        self.outcomes += [(item.locator, Outcome.IGNORED) for item in items]


def sniff(document: Document) -> float:
    """Whether the document is one that the IATI reader made."""
    return 0.95 if {sheet.name for sheet in document.sheets} >= set(TABLES) else 0.0


def read(document: Document, options: Options) -> Reading:
    """Activities of an IATI file that are in Mali.

    Raises
    ------
    UnusableFileError
        The file holds no activity.
    """
    tables = {sheet.name: _rows_of_table(document, sheet.name) for sheet in document.sheets}
    if sniff(document) == 0.0 or not tables[ACTIVITY]:
        why = _("aucune activité IATI")
        remedy = _("Vérifiez que c'est le bon fichier.")
        raise UnusableFileError(_("{file} inutilisable", file=document.file), why, remedy)
    ledger = _IatiLedger()
    parts = {name: _by_activity(tables[name]) for name in (LOCATION, BUDGET, TRANSACTION)}
    for number, item in enumerate(tables[ACTIVITY], start=1):
        own = {name: found.get(number, []) for name, found in parts.items()}
        _read_activity(item, own, ledger)
    for kind, count in sorted(ledger.excluded.items()):
        ledger.findings.append(Finding("transactions_aside", params={"reason": kind, "n": count}))
    updated = [day for item in tables[ACTIVITY] if (day := _iso_day(item.text("updated")))]
    as_of = options.as_of or max(updated, default=None)
    if as_of is None:
        ledger.findings.append(Finding("as_of_unknown"))
    ours = [record for record in ledger.records if record.settled]
    spec = exchange.SPEC if ours and len(ours) == len(ledger.records) else SPEC
    return Reading(
        reader=spec.reader,
        title=spec.title,
        as_of=as_of,
        frame=options.frame or iati_exports.frame_of_places(ours),
        records=tuple(ledger.records),
        outcomes=tuple(ledger.outcomes),
        findings=tuple(ledger.findings),
        origin=spec.origin,
    )


def _rows_of_table(document: Document, name: str) -> list[IatiRow]:
    sheet = next(sheet for sheet in document.sheets if sheet.name == name)
    columns = [str(cell) for cell in sheet.rows[0]]
    return [
        IatiRow(row_locator(document, sheet, index), dict(zip(columns, row, strict=True)))
        for index, row in enumerate(sheet.rows)
        if index
    ]


def _by_activity(items: list[IatiRow]) -> dict[int, list[IatiRow]]:
    found: dict[int, list[IatiRow]] = {}
    for item in items:
        found.setdefault(int(item.cells["activity"]), []).append(item)
    return found


def _read_activity(
    item: IatiRow, rows_by_table: Mapping[str, list[IatiRow]], ledger: _IatiLedger
) -> None:
    rows = [one for items in rows_by_table.values() for one in items]
    countries = set(item.entries("countries"))
    elsewhere = countries | {
        c for one in rows_by_table[TRANSACTION] for c in one.entries("countries")
    }
    if not elsewhere and item.entries("regions") and not _lies_in_mali(rows_by_table[LOCATION]):
        elsewhere = {f"région IATI {code}" for code in item.entries("regions")}
    if elsewhere and not elsewhere & _MALI:
        ledger.ignore_rows([item, *rows])
        params: dict[str, object] = {"country": ", ".join(sorted(map(country_name, elsewhere)))}
        ledger.findings.append(Finding("outside_mali", item.locator, "country", params))
        return
    if not item.text("title"):
        said: dict[str, object] = {
            "reason": "titre absent",
            "sheet": ACTIVITY,
            "column": "title",
            "row": int(item.locator.rpartition("!")[2]),
        }
        ledger.outcomes.append((item.locator, Outcome.REJECTED))
        ledger.findings.append(Finding("row_rejected", item.locator, "title", said))
        ledger.ignore_rows(rows)
        return
    if not elsewhere and not _lies_in_mali(rows_by_table[LOCATION]):
        ledger.ignore_rows([item, *rows])
        ledger.findings.append(Finding("country_missing", item.locator, "country"))
        return
    amounts, folded = _amounts_of_activity(item, rows_by_table, _is_shared(item, elsewhere), ledger)
    places = tuple(_place_of_element(one, ledger) for one in rows_by_table[LOCATION])
    folded += tuple(one.locator for one in rows_by_table[LOCATION])
    record = _record_of_activity(item, amounts, places, folded, ledger)
    settled = [one.cells["settled"] for one in rows_by_table[LOCATION]]
    ledger.records.append(
        iati_exports.settled_record(record, item.cells["settled"], settled) or record
    )


def _lies_in_mali(locations: list[IatiRow]) -> bool:
    """Whether a place of an activity that names a region of the world only is one of Mali's.

    Its p-codes or the name of a région say so; a point alone does not, near a border.
    """
    return any(
        any(re.fullmatch(r"ML(\d\d){1,3}", code) for code in one.entries("codes"))
        or fold_text(one.text("name")) in names_of("region")
        for one in locations
    )


def _record_of_activity(
    item: IatiRow,
    amounts: tuple[Money, ...],
    places: tuple[PlaceText, ...],
    folded: tuple[str, ...],
    ledger: _IatiLedger,
) -> Record:
    reporting = item.text("reporting")
    days = {name: _known_day(item, name, ledger) for name in _DAYS}
    return Record(
        locator=item.locator,
        kind=SPEC.kind,
        source=_source_of(item),
        title=item.text("title"),
        key=item.text("activity"),
        national=not places and item.text("scope") == _NATIONAL_SCOPE,
        description=" ".join(item.entries("description")),
        sector_raw=" ; ".join(item.entries("sectors")),
        donors=item.entries("funding"),
        lead=next(iter(item.entries("accountable")), reporting),
        implementers=(*item.entries("extending"), *item.entries("implementing")),
        status_raw=item.text("status"),
        start=days["start"] or days["planned_start"],
        end=days["end"] or days["planned_end"],
        places=places,
        amounts=amounts,
        folded=folded,
        as_of=_iso_day(item.text("updated")),
        relations=_relations_of(item),
    )


def _relations_of(item: IatiRow) -> tuple[tuple[str, str], ...]:
    """Its identifier, and those of the activities that it is a part of or that are parts of it."""
    own = item.text("activity")
    return (
        *((("self", own),) if own else ()),
        *(("whole", other) for other in item.entries("wholes")),
        *(("part", other) for other in item.entries("parts")),
    )


_DAYS = ("start", "planned_start", "end", "planned_end")


def _source_of(item: IatiRow) -> str:
    """The fund that the title names, else what the reporting organisation is."""
    fund = fund_of(item.text("title"))
    if fund is not None:
        return fund
    return Source.PNUD if match_organisation(item.text("reporting")).id == "pnud" else Source.NGO


def _place_of_element(item: IatiRow, ledger: _IatiLedger) -> PlaceText:
    """The place of an element: a point stands for itself, unless it is said to be an area's."""
    name, whole = item.text("name"), item.text("whole")
    if whole.startswith("PCL"):
        return PlaceText(text=name or "Mali")
    if name and whole:
        return PlaceText(text=name)
    if not name and not item.text("lat"):
        return _by_code(item.entries("codes"))
    try:
        lon, lat = float(item.text("lon")), float(item.text("lat"))
    except ValueError:
        raw = f"{item.text('lat')} {item.text('lon')}".strip()
        if raw:
            params: dict[str, object] = {"field": "pos", "raw": raw}
            ledger.findings.append(Finding("value_unreadable", item.locator, "pos", params))
        return PlaceText(text=item.text("name"))
    return PlaceText(text=item.text("name"), lon=lon, lat=lat)


def _by_code(codes: tuple[str, ...]) -> PlaceText:
    """The place that p-codes name; other codes stay words, which are said not to be known."""
    known = {len(code): code for code in codes if re.fullmatch(r"ML(\d\d){1,3}", code)}
    if not known:
        return PlaceText(text=" ; ".join(codes))
    region, cercle, commune = (known.get(digits, "") for digits in (4, 6, 8))
    return PlaceText(region_code=region, cercle_code=cercle, commune_code=commune)


def _amounts_of_activity(
    item: IatiRow, rows_by_table: Mapping[str, list[IatiRow]], shared: bool, ledger: _IatiLedger
) -> tuple[tuple[Money, ...], tuple[str, ...]]:
    """Money of an activity, and the rows it stands in."""
    revised = [_period_days(one) for one in rows_by_table[BUDGET] if one.text("type") in _REVISED]
    found: list[Money] = []
    folded: list[str] = []
    for one in rows_by_table[BUDGET]:
        if one.text("type") not in _REVISED and any(
            _periods_overlap(_period_days(one), r) for r in revised
        ):
            ledger.excluded[N_("budget initial, révisé depuis")] += 1
        elif shared:
            ledger.excluded[N_("budget commun à plusieurs pays")] += 1
        else:
            folded.append(one.locator)
            found += _amount_of_row(item, one, "budget", _period_days(one), ledger)
            continue
        ledger.ignore_rows([one])
    for one in rows_by_table[TRANSACTION]:
        kind = _MONEY.get(one.text("type"))
        theirs = set(one.entries("countries"))
        if kind is None or (theirs and not theirs & _MALI) or (shared and not theirs):
            ledger.excluded[_why_excluded(one, kind, theirs)] += 1
            ledger.ignore_rows([one])
            continue
        folded.append(one.locator)
        day = one.text("date")
        found += _amount_of_row(item, one, kind, (day, day), ledger)
    return tuple(found), tuple(folded)


def _why_excluded(one: IatiRow, kind: str | None, theirs: set[str]) -> str:
    if theirs and not theirs & _MALI:
        return N_("autre pays")
    if kind is None:
        return _NOT_COUNTED.get(one.text("type"), N_("type inconnu"))
    return N_("plusieurs pays")


def _is_shared(item: IatiRow, elsewhere: set[str]) -> bool:
    """Whether the money of an activity is for Mali and others: no part of it is derived."""
    if item.text("alone"):
        return False
    return len(elsewhere) > 1 or bool(item.entries("regions"))


def _period_days(item: IatiRow) -> tuple[str, str]:
    return item.text("start")[:10], item.text("end")[:10]


def _periods_overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two periods of ISO dates share a day; unknown ones do when they are the same.

    Examples
    --------
    >>> _periods_overlap(("2017-01-01", "2017-03-31"), ("2017-03-31", "2017-06-30"))
    True
    """
    if all((*one, *other)):
        return one[0] <= other[1] and other[0] <= one[1]
    return one == other


def _amount_of_row(
    activity: IatiRow, item: IatiRow, kind: str, period: tuple[str, str], ledger: _IatiLedger
) -> Iterator[Money]:
    raw = item.text("value")
    currency = item.text("currency") or activity.text("currency")
    try:
        value = Decimal(raw.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= _TOO_MUCH:
        ledger.findings.append(Finding("amount_unreadable", item.locator, kind, {"raw": raw}))
    elif not re.fullmatch("[A-Za-z]{3}", currency):
        ledger.findings.append(Finding("currency_unknown", item.locator, kind, {"raw": raw}))
    else:
        start, end = (_iso_day(text) for text in period)
        stated = Money(value, currency.upper(), kind, start, end)
        yield iati_exports.settled_amount(stated, item.cells["settled"]) or stated


def _known_day(item: IatiRow, column: str, ledger: _IatiLedger) -> date | None:
    raw = item.text(column)
    day = _iso_day(raw)
    if raw and day is None:
        ledger.findings.append(Finding("date_impossible", item.locator, column, {"raw": raw}))
    return day


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
