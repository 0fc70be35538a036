"""Exports of the atlas, read again: what they say is taken as it was settled, to the cent.

An export has a row for each place of an activity (`atlas.export.activity_rows`). Its units, ids,
shares and dollars are those of the store it came from: nothing is resolved, matched or
converted anew, and what was withheld stays withheld.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from atlas.encodings import without_guard
from atlas.errors import UnusableFileError
from atlas.fields import ANSWERS, EXPORTED, labelled
from atlas.fields import TABLES as DECLARED
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import _, language_context
from atlas.ingest.files.admission import POINTS, TABLES, unusable_error
from atlas.ingest.files.readers import locator_start
from atlas.ingest.money import AmountShare, shares_of_text, to_major, to_minor
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import figures_of_text
from atlas.ingest.reading import (
    ActivityFigure,
    Document,
    Finding,
    Money,
    PlaceText,
    PricedAmount,
    Reading,
    Record,
    SettledActivity,
    stated_texts,
)
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.tables.table_columns import is_tags
from atlas.ingest.tables.table_rows import as_text, is_blank
from atlas.model import NAME, RESERVED, SEVERAL, UNPLACED, Kind, Outcome, Rule, Sensitivity
from atlas.shares import MAX_WEIGHTS, split_by_weights
from atlas.vocab import match_sector
from atlas.vocab.codelists import entries_by_id

SPEC = load_spec(__name__)

_NEEDED = frozenset({"activity_id", "unit_id"})
_OF_THE_GRID = frozenset({"activity_id", "place_rule"})
"""Columns that the list of activities of the page has too: one row an activity, without units."""
_TOP = 5
"""Rows among which the headings stand."""
_NAMED = tuple(name for name in EXPORTED if not name.endswith("*"))
_AMOUNT = next(one for one in ANSWERS["exchange activities"] if one.name == "amount_*")
_SHOWN = {name: one for name in _NAMED if (one := labelled("exchange", name))}
_OF_ACTIVITY = (
    "sectors",
    *(
        one.name
        for one in DECLARED["activities"]
        if one.name in _SHOWN and one.name not in ("activity_id", "document", "locator")
    ),
)
"""Columns in which every row of an activity says the same."""
_DAYS = tuple(name for name, one in _SHOWN.items() if one.type.form == "date")
_COUNTED = frozenset(n for n, one in _SHOWN.items() if one.type.form == "count") - {"places"}
_FIGURES = _COUNTED | {n for n, one in _SHOWN.items() if one.type.form in ("money", "degrees")}
"""Columns of days, of whole figures and of all figures that are read; those of amounts have a
currency in their name."""
_GROUPED = re.compile(r"-?\d{1,3}[.,]\d{3}")
"""How a spreadsheet may have written a whole figure with its thousands apart."""
_CODED: Mapping[str, Callable[[], Collection[str]]] = {
    "sensitivity": lambda: set(Sensitivity),
    "org_type": lambda: entries_by_id("org_types"),
}
"""Columns whose cells are codes, and which there are."""
_LIST = re.compile(r"\s*;\s*")
_OTHER_NAMES = {"longitude": "lon", "latitude": "lat"}
"""What a reader of points calls the columns of a geometry."""
_ENGLISH = "identifier"
"""Stands in the headings of an English export, whose catalog is loaded for these alone."""


class _ExportRow(NamedTuple):
    """One row of an export: cells by the column they were exported from."""

    locator: str
    cells: Mapping[str, object]

    def text(self, name: str) -> str:
        cell = self.cells.get(name)
        return cell.strip() if isinstance(cell, str) else as_text(cell)

    def items(self, name: str) -> tuple[str, ...]:
        return tuple(one for one in _LIST.split(self.text(name)) if one)

    def number(self, name: str) -> Decimal | None:
        """A figure; ``None`` for an empty cell and for one that holds none, or two for one."""
        text = "".join(self.text(name).split())
        if name in _COUNTED and _GROUPED.fullmatch(text):
            return None
        try:
            found = Decimal(text.replace(",", "."))
        except InvalidOperation:
            return None
        return found if found.is_finite() else None

    def real(self, name: str) -> float | None:
        found = self.number(name)
        return None if found is None else float(found)

    def day(self, name: str) -> date | None:
        cell = self.cells.get(name)
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(self.text(name)[:10], form).date()
            except ValueError:
                continue
        return None

    def code(self, name: str, vocabulary: str) -> str:
        """Id of a word of a vocabulary, in either language; the word itself of any other."""
        text = self.text(name)
        return (
            text
            if text in entries_by_id(vocabulary)
            else _ids_by_word(vocabulary).get(fold_text(text), text)
        )

    def word(self, name: str) -> str:
        """Code of a word that no vocabulary lists."""
        text = self.text(name)
        return _codes_by_word(name).get(fold_text(text), text)

    def coded(self, name: str) -> str:
        """Code of a cell of `_CODED`; ``""`` where it is none."""
        code = self.word(name) if name == "sensitivity" else self.code(name, "org_types")
        return code if code in _CODED[name]() else ""


def read(document: Document, options: Options) -> Reading:
    """Every activity of an export, with all its rows.

    Raises
    ------
    UnusableFileError
        It is no export, or the list of the page, which does not say the share of each place.
    """
    rows, heads = [], list[frozenset[str]]()
    for table in _export_tables(document):
        heads.append(frozenset(table.names))
        if heads[-1] >= _NEEDED:
            rows += list(_rows_of_table(table))
    if not any(names >= _NEEDED for names in heads):
        raise _no_export(document, is_grid=any(names >= _OF_THE_GRID for names in heads))
    groups: dict[str, list[_ExportRow]] = {}
    told = _RowOutcomes([], [])
    for row in rows:
        if why := _why_rejected(row):
            told.reject_row(row, *why)
        else:
            told.findings.extend(_unreadable_findings(row))
            groups.setdefault(row.text("activity_id"), []).append(row)
    records = tuple(_record_of_rows(group, told.findings) for group in groups.values())
    days = [record.as_of for record in records if record.as_of]
    return Reading(
        reader=SPEC.reader,
        title=SPEC.title,
        as_of=options.as_of or max(days, default=None),
        frame=options.frame or _frame_of_rows(rows),
        records=records,
        outcomes=tuple(told.outcomes),
        findings=tuple(told.findings),
        origin=SPEC.origin,
        period_start=min((r.start for r in records if r.start), default=None),
        period_end=max((r.end for r in records if r.end), default=None),
    )


def sniff(document: Document) -> float:
    """1 for an export, known by its columns; 0 for any other document."""
    heads = (set(table.names) for table in _export_tables(document))
    return float(any(names >= _NEEDED or names >= _OF_THE_GRID for names in heads))


def _no_export(document: Document, *, is_grid: bool) -> UnusableFileError:
    if is_grid:
        why = _("la liste des activités de la page ne dit pas la part de chaque lieu")
        remedy = _(
            "Téléchargez « Activités et lieux », ou lancez « atlas export » : ils se relisent."
        )
        return unusable_error(document.file, why, remedy)
    why = _("ce n'est pas un export de l'atlas : ses colonnes n'y sont pas")
    return unusable_error(document.file, why, _("Laissez l'atlas reconnaître la source."))


# columns


class _ExportTable(NamedTuple):
    """Rows below the headings of an export.

    ``start`` and ``first`` make their locators; ``guarded`` is the delimiter for which their
    texts have quotes before formulas, ``""`` for none.
    """

    names: Mapping[str, int]
    rows: Sequence[Sequence[object]]
    start: str
    first: int
    guarded: str


@cache
def _columns_by_heading(language: str) -> Mapping[str, str]:
    """Heading (French or of this language), tag or name of a column, folded → the column."""
    found = dict(_OTHER_NAMES)
    alone = {name: one for name in _NAMED if (one := labelled("activities", name))}
    for shown in (_SHOWN, alone):  # an export of before people were said to repeat
        for name, one in shown.items():
            for text in (name, one.label, _label_in(language, one.label), one.hxl):
                found.setdefault(fold_text(text), name)
    return found


def _label_in(language: str, label: str) -> str:
    with language_context(language):
        return _(label)


def _column_of_heading(cell: object, language: str) -> str | None:
    """The column that a heading or a tag stands for."""
    text = as_text(cell)
    if known := _columns_by_heading(language).get(fold_text(text)):
        return known
    for form in ("amount_{what}", _AMOUNT.label, _label_in(language, _AMOUNT.label), _AMOUNT.hxl):
        before, after = form.split("{what}")
        inside = re.fullmatch(f"{re.escape(before)}([A-Za-z]{{3}}){re.escape(after)}", text)
        if inside:
            return f"amount_{inside[1].upper()}"
    return None


def _export_tables(document: Document) -> Iterator[_ExportTable]:
    """Tables that have the columns of an export."""
    for sheet in document.sheets:
        for index, row in enumerate(sheet.rows[:_TOP]):
            named: dict[str, int] = {}
            language = "en" if any(_ENGLISH in as_text(cell).casefold() for cell in row) else "fr"
            for i, cell in enumerate(row):
                if name := _column_of_heading(cell, language):
                    named.setdefault(name, i)
            if not (named.keys() >= _NEEDED or named.keys() >= _OF_THE_GRID):
                continue
            tagged = [is_tags(one) for one in sheet.rows[index : index + 2]]
            below = index + 1 + any(tagged[1:])
            in_words = not any(tagged) and not any(as_text(cell) == "activity_id" for cell in row)
            start, guarded = (
                locator_start(document, sheet),
                _guard_delimiter(document.format, in_words),
            )
            yield _ExportTable(named, sheet.rows[below:], start, sheet.first_row + below, guarded)
            break


def _guard_delimiter(extension: str, in_words: bool) -> str:
    """Delimiter of the CSV in which the texts of a table were guarded; ``""`` for no CSV.

    Names of columns or tags that stand in a workbook come from a CSV that was saved as one.
    """
    if extension in POINTS or (in_words and extension not in TABLES):
        return ""
    return ";" if in_words else ","


def _rows_of_table(table: _ExportTable) -> Iterator[_ExportRow]:
    for number, cells in enumerate(table.rows, start=table.first):
        if is_blank(cells):
            continue
        told = {name: cells[i] for name, i in table.names.items() if i < len(cells)}
        if table.guarded:
            told = {
                name: without_guard(cell, table.guarded) if isinstance(cell, str) else cell
                for name, cell in told.items()
            }
        yield _ExportRow(f"{table.start}{number}", told)


@cache
def _ids_by_word(vocabulary: str) -> Mapping[str, str]:
    """Words of a vocabulary in either language, folded → ids."""
    rows = entries_by_id(vocabulary).values()
    return {fold_text(row[language]): row["id"] for language in ("en", "fr") for row in rows}


@cache
def _codes_by_word(name: str) -> Mapping[str, str]:
    listed = SPEC.data["words"][name].items()
    return {fold_text(word): code for code, words in listed for word in words}


# records


class _RowOutcomes(NamedTuple):
    """What became of rows that are of no record, and what is said of the rows."""

    outcomes: list[tuple[str, Outcome]]
    findings: list[Finding]

    def reject_row(self, row: _ExportRow, column: str, reason: str) -> None:
        """Count a row as rejected, with the money it states."""
        params: dict[str, object] = {"reason": f"{reason}, colonne « {column} »", "column": column}
        if usd := row.number("budget_usd"):
            params |= {"unread": f"{usd:f}", "currency": "USD"}
        self.outcomes.append((row.locator, Outcome.REJECTED))
        self.findings.append(Finding("row_rejected", row.locator, column, params))


def _why_rejected(row: _ExportRow) -> tuple[str, str] | None:
    """Column of a row for which it is no part of an activity, and why."""
    if not row.text("activity_id"):
        return "activity_id", "identifiant absent"
    if row.code("kind", "kinds") not in set(Kind):
        return "kind", "nature inconnue"
    if not re.fullmatch(NAME, row.code("source", "sources")):
        return "source", "source inconnue"
    return None


def _unreadable_findings(row: _ExportRow) -> Iterator[Finding]:
    """Cells that hold no day, figure or code where one belongs, as after a change by hand."""
    days = (name for name in _DAYS if row.text(name) and row.day(name) is None)
    figures = (name for name in row.cells if name in _FIGURES or name.startswith("amount_"))
    lost = (name for name in figures if row.text(name) and row.number(name) is None)
    codes = (name for name in _CODED if row.text(name) and not row.coded(name))
    for name in (*days, *lost, *codes):
        params = {"raw": row.text(name), "field": name}
        yield Finding("value_unreadable", row.locator, name, params)


def _frame_of_rows(rows: Sequence[_ExportRow]) -> str:
    """The découpage of the units of an export; ``""`` where it names none."""
    named = {row.text("unit_id").partition("/")[0] for row in rows} & set(FRAMES)
    return max(named, key=FRAMES.index, default="")


def _record_of_rows(rows: Sequence[_ExportRow], findings: list[Finding]) -> Record:
    """One activity of all its rows."""
    one = rows[0]
    findings += _difference_findings(rows)
    sector = one.code("sector", "sectors") or None
    if sector and sector not in entries_by_id("sectors"):
        sector = match_sector(sector).id
        if sector is None:
            raw = {"raw": one.text("sector"), "field": "sector"}
            findings.append(Finding("value_unreadable", one.locator, "sector", raw))
    status = one.code("status", "statuses")
    marks = [row.coded("sensitivity") for row in rows]
    weighed = _rows_with_weights(rows, findings)
    return Record(
        locator=one.locator,
        kind=Kind(one.code("kind", "kinds")),
        source=one.code("source", "sources"),
        title=one.text("title"),
        description=one.text("description"),
        result=one.text("result"),
        sector_raw=one.text("sector_raw"),
        donors=one.items("donors"),
        lead=one.text("lead_org"),
        implementers=one.items("implementers"),
        status_raw="" if status == "unknown" else status,
        start=one.day("start"),
        end=one.day("end"),
        target=one.real("target" if "target" in one.cells else "target_once"),
        reached=one.real("reached" if "reached" in one.cells else "reached_once"),
        stated=stated_texts(one.text),
        figures=_figures_of_row(one, findings),
        remarks=one.text("remarks"),
        places=tuple(_place_of_row(row, weight, findings) for row, weight in weighed),
        amounts=_amounts_of_rows(weighed, findings),
        folded=tuple(row.locator for row in rows[1:]),
        as_of=one.day("as_of"),
        settled=SettledActivity(
            one.text("activity_id"),
            sector,
            one.coded("org_type") or None,
            next((mark for mark in marks if mark not in ("", Sensitivity.OPEN)), marks[0]),
            one.items("organisations_raw"),
            _sectors_of_row(one, findings) if sector == SEVERAL else (),
        ),
    )


def _sectors_of_row(row: _ExportRow, findings: list[Finding]) -> tuple[str, ...]:
    """Each sector that an activity of several names; a word that is none is said."""
    named = {_ids_by_word("sectors").get(fold_text(word), word) for word in row.items("sectors")}
    for word in sorted(named - entries_by_id("sectors").keys()):
        params = {"raw": word, "field": "sectors"}
        findings.append(Finding("value_unreadable", row.locator, "sectors", params))
    return tuple(sorted(named & entries_by_id("sectors").keys()))


def _figures_of_row(row: _ExportRow, findings: list[Finding]) -> tuple[ActivityFigure, ...]:
    """People by group; a cell that was changed by hand and cannot be read is said."""
    text = row.text("groups")
    figures = figures_of_text(text) if text else ()
    if figures is None:
        params = {"raw": text, "field": "groups"}
        findings.append(Finding("value_unreadable", row.locator, "groups", params))
    return figures or ()


def _difference_findings(rows: Sequence[_ExportRow]) -> Iterator[Finding]:
    """What rows of one activity say differently: the first counts, of marks the closed one."""
    for name in _OF_ACTIVITY:
        said = {row.text(name) for row in rows}
        if len(said) > 1:
            params = {"field": name, "raw": ", ".join(sorted(said))}
            yield Finding("export_rows_differ", rows[0].locator, name, params)


def _place_of_row(row: _ExportRow, weight: int, findings: list[Finding]) -> PlaceText:
    """The unit of a row; one that no découpage has is unplaced, and said."""
    unit = row.text("unit_id") or UNPLACED
    raw = row.text("raw")
    if unit not in RESERVED and unit not in shipped_frames():
        params = {"raw": unit, "near": "—"}
        findings.append(Finding("place_unknown", row.locator, "place", params))
        unit, raw = UNPLACED, raw or unit
    rule = row.word("place_rule")
    reported = row.word("position") == "reported"
    return PlaceText(
        text=raw,
        lon=row.real("lon") if reported else None,
        lat=row.real("lat") if reported else None,
        weight=weight,
        unit_id=unit,
        rule=rule if rule in set(Rule) else "",
    )


def _rows_with_weights(
    rows: Sequence[_ExportRow], findings: list[Finding]
) -> list[tuple[_ExportRow, int]]:
    """Rows with the weight of their place; all alike, and that said, where one has none."""
    found = [row.number("weight") for row in rows]
    weights = [int(one) for one in found if one is not None and one >= 1 and not one % 1]
    if len(weights) < len(rows) or sum(weights) > MAX_WEIGHTS:
        if any(row.text("weight") for row in rows):
            raw = ", ".join(row.text("weight") or "—" for row in rows)
            findings.append(
                Finding("export_weights_unread", rows[0].locator, "weight", {"raw": raw})
            )
        weights = [1] * len(rows)
    return list(zip(rows, weights, strict=True))


# money


def _amounts_of_rows(
    weighed: Sequence[tuple[_ExportRow, int]], findings: list[Finding]
) -> tuple[Money, ...]:
    """Amounts of an activity: whole where the weights of its places give the same shares, else
    each share at its place.
    """
    told = [_shares_of_row(row, findings) for row, _weight in weighed]
    weights = [weight for _row, weight in weighed]
    alike = {tuple(share.amount for share in shares) for shares in told}
    if len(alike) == 1:
        wholes = [_whole_amount(shares, weights) for shares in zip(*told, strict=True)]
        if None not in wholes:
            return tuple(one for one in wholes if one)
    units = [_place_of_row(row, 1, []).unit_id for row, _weight in weighed]
    return tuple(
        amount_of_share(share, unit)
        for unit, shares in zip(units, told, strict=True)
        for share in shares
    )


def _whole_amount(shares: Sequence[AmountShare], weights: Sequence[int]) -> Money | None:
    """The amount of which these are the shares by weight; ``None`` where they are not."""
    parts = [[share.minor for share in shares]]
    if shares[0].usd_minor is not None:
        parts.append([share.usd_minor or 0 for share in shares])
    if any(split_by_weights(sum(part), weights) != part for part in parts):
        return None
    usd = sum(parts[1]) if len(parts) > 1 else None
    return amount_of_share(shares[0]._replace(minor=sum(parts[0]), usd_minor=usd))


def amount_of_share(share: AmountShare, unit: str = "") -> Money:
    """A settled amount, of one place where that is named: its dollars are not converted again."""
    usd = None if share.usd_minor is None else to_major(share.usd_minor, "USD")
    return Money(
        to_major(share.minor, share.currency),
        share.currency,
        share.kind,
        share.period_start,
        share.period_end,
        unit_id=unit,
        priced=PricedAmount(usd, share.rate, share.rate_date, share.rate_source or "")
        if share.settled
        else None,
    )


def _shares_of_row(row: _ExportRow, findings: list[Finding]) -> tuple[AmountShare, ...]:
    """Shares of a row as it details them, unless its columns of money say otherwise."""
    text, stated = row.text("amounts"), _stated_budgets(row)
    detailed = shares_of_text(text) if text else ()
    if "amounts" in row.cells and detailed is not None and _sums_of_shares(detailed, row) == stated:
        return detailed
    if "amounts" in row.cells or any(stated.values()):
        params = {"raw": text or "—"}
        findings.append(Finding("export_amounts_edited", row.locator, "amounts", params))
    own = {name: value for name, value in stated.items() if name != "budget_usd" and value}
    usd = stated.get("budget_usd")
    if not own:
        own = {"amount_USD": usd} if usd else {}
    alone = to_minor(usd, "USD") if usd is not None and len(own) == 1 else None
    found = []
    for name, value in own.items():
        currency = name.removeprefix("amount_")
        cents = to_minor(value, currency)
        dollars = cents if currency == "USD" else alone
        known = dollars is not None
        found.append(AmountShare("budget", cents, currency, usd_minor=dollars, settled=known))
    return tuple(found)


def _stated_budgets(row: _ExportRow) -> dict[str, Decimal | None]:
    """What the columns of budgets of a row say, by column."""
    names = (n for n in row.cells if n == "budget_usd" or n.startswith("amount_"))
    return {name: row.number(name) for name in sorted(names)}


def _sums_of_shares(shares: Sequence[AmountShare], row: _ExportRow) -> dict[str, Decimal | None]:
    """What these columns say where they tell the same as the shares."""
    found: dict[str, Decimal | None] = {}
    budgets = [share for share in shares if share.kind == "budget"]
    for name in _stated_budgets(row):
        currency = "USD" if name == "budget_usd" else name.removeprefix("amount_")
        of_column = [
            share.usd_minor if name == "budget_usd" else share.minor
            for share in budgets
            if name == "budget_usd" or share.currency == currency
        ]
        known = [cents for cents in of_column if cents is not None]
        found[name] = to_major(sum(known), currency) if known else None
    return found
