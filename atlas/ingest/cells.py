"""Cells of a row → values, with what was unreadable said at its row and column."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from atlas.i18n import N_, decimal
from atlas.ingest.money import to_usd
from atlas.ingest.parsing.amounts import clean, is_absent, parse_amount, parse_amounts, parse_number
from atlas.ingest.parsing.dates import ParsedDate, Period, parse_date, parse_period
from atlas.ingest.parsing.values import located
from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.ingest.reading import Finding, Money, MoneyCell
from atlas.ingest.spans import lasting, ticked, year_of_row
from atlas.ingest.tables.columns import Column
from atlas.ingest.tables.rows import Row
from atlas.ingest.tables.units import money_unit

MONEY_FIELDS = ("budget", "committed", "spent")

Findings = tuple[Finding, ...]


def moneys(
    row: Row,
    default: str | None,
    start: date | None,
    end: date | None,
    own: OwnRates = NO_RATES,
) -> tuple[tuple[Money, ...], Findings]:
    """Amounts of a row: one for each of its kinds of money that a column states.

    The currency is the cell's own, else the heading's, else that of a "currency" column, else
    the one that the cell's format shows, else ``default`` with the finding
    ``currency_inferred``. An amount of no known currency is not kept (``currency_unknown``), nor
    is a negative one (``amount_negative``). Of two columns of one kind the first counts; a
    second in US dollars is the same amount, another in the same currency is left out and
    said with its amount (``amount_second``).
    """
    found: list[Money] = []
    findings: list[Finding] = []
    for kind in MONEY_FIELDS:
        stated: list[tuple[Column, Money]] = []
        for column, raw in row.filled(kind):
            amount, said = _money(row, column, raw, default)
            findings += _two_currencies(raw, said, end or start, own)
            if amount:
                stated.append((column, Money(*amount, kind, start, end)))
        if stated:
            money, others = _one_of(stated, row, end or start, own)
            found.append(money)
            findings += others
    return tuple(found), tuple(findings)


def _one_of(
    stated: list[tuple[Column, Money]], row: Row, on: date | None, own: OwnRates
) -> tuple[Money, Findings]:
    """The one amount that the columns of one kind state, and what is to be said of the others."""
    (first, money), *others = stated
    findings: list[Finding] = []
    for column, other in others:
        gap = _gap(money, other, on, own)
        if said := _of_second(money, other, gap):
            code, params = said
            params |= {"column": column.label, "first": first.label}
            findings.append(Finding(code, row.locator, column.heading, params))
        if other.currency == "USD" != money.currency:
            money = money._replace(stated_usd=other.value)
    return money, tuple(findings)


def _of_second(
    money: Money, other: Money, gap: Decimal | None
) -> tuple[str, dict[str, object]] | None:
    """Code and params of what is said of a second amount, ``gap`` from the first one.

    It is another amount, or the same in a currency that no rate compares or that differs.
    """
    left_out = {"unread": f"{other.value:f}", "currency": other.currency}
    read = f"{money.value:f} {money.currency}"
    both = f"{read} / {other.value:f} {other.currency}"
    if other.currency == money.currency:
        return ("amount_second", {**left_out}) if other.value != money.value else None
    if gap is None:
        if other.currency != "USD" or not other.value:
            return "amount_second", {**left_out}
        rate = f"{decimal(money.value / other.value)} {money.currency}"
        return "amounts_not_compared", {"raw": both, "rate": rate}
    if gap > TOLERANCE:
        return "amounts_disagree", {"raw": both, "read": read, "gap": f"{100 * gap:.0f}"}
    return None


def _money(
    row: Row, column: Column, raw: object, default: str | None
) -> tuple[tuple[Decimal, str] | None, Findings]:
    heading = column.heading
    unit = money_unit(column.unit)
    named = "" if is_absent(row.text("currency")) else clean(row.text("currency"))
    stated = unit.currency or _currency_named(named)
    read = parse_amount(raw, stated, row.decimal_sign)
    findings = list(located(read.findings, row.locator, heading))
    if read.value is None:
        return None, tuple(findings)
    if read.value < 0:
        params: dict[str, object] = {"raw": clean(raw), "unread": f"{read.value:f}"}
        params["currency"] = read.currency or default
        return None, (*findings, Finding("amount_negative", row.locator, heading, params))
    currency = read.currency or (None if named or unit.several else default)
    if currency is None:
        params = {"raw": f"{clean(raw)} {named}".strip(), "unread": f"{read.value:f}"}
        findings.append(Finding("currency_unknown", row.locator, heading, params))
        return None, tuple(findings)
    if read.currency is None:
        params = {"currency": currency, "reason": N_("monnaie du fonds")}
        findings.append(Finding("currency_inferred", "", heading, params))
    if isinstance(raw, MoneyCell):
        code = "currency_of_format" if currency == raw.currency else "currency_format_differs"
        params = {"column": heading, "currency": currency, "shown": raw.currency}
        findings += [Finding(code, "", heading, params)] if stated != raw.currency else []
    own = not isinstance(raw, MoneyCell) and parse_amount(raw).currency is not None
    if unit.guessed and not own:
        params = {"currency": currency, "reason": f"« {unit.guessed} »"}
        findings.append(Finding("currency_inferred", "", heading, params))
    value = read.value * (Decimal(1) if own else unit.factor)
    if value != read.value and abs(value) >= DOUBTFUL:
        params = {"raw": clean(raw), "unit": column.unit, "read": f"{value:f}"}
        findings.append(Finding("amount_scale", row.locator, heading, params))
    return (value, currency), tuple(findings)


DOUBTFUL = Decimal(10) ** 11
"""An amount in thousands or millions that comes to this was most likely written in full."""
TOLERANCE = Decimal("0.10")
"""How far one amount in two currencies may be from the rate: partners use that of the month."""


def _two_currencies(raw: object, said: Findings, on: date | None, own: OwnRates) -> Findings:
    """Findings of an amount, where it stands in two currencies held against the day's rate."""
    doubtful = [one for one in said if one.code == "amount_ambiguous"]
    both = parse_amounts(raw) if doubtful and on else ()
    if len(both) != 2 or on is None:
        return said
    if not all(one.value and one.currency for one in both):
        return said
    first, second = (Money(one.value or Decimal(0), one.currency or "") for one in both)
    gap = _gap(first, second, on, own)
    if gap is None:
        return said
    code = "amount_two_currencies" if gap <= TOLERANCE else "amounts_disagree"
    params = {**doubtful[0].params, "gap": f"{100 * gap:.0f}"}
    held = replace(doubtful[0], code=code, params=params)
    return tuple(held if one is doubtful[0] else one for one in said)


def _gap(first: Money, second: Money, on: date | None, own: OwnRates) -> Decimal | None:
    """How far two statements of one amount are apart at the day's rate, as a share."""
    dollars = [on and to_usd(one.value, one.currency, on, own) for one in (first, second)]
    cents = [Decimal(one.usd_minor) for one in dollars if one]
    if len(cents) < 2 or not max(cents):
        return None
    return abs(cents[0] - cents[1]) / max(cents)


def _currency_named(named: str) -> str | None:
    """Currency of a "currency" column: one that is known, or any code of three letters."""
    if not named:
        return None
    code = named.upper() if re.fullmatch(r"[A-Za-z]{3}", named) else None
    return money_unit(named).currency or code


def dates(row: Row, year: str = "") -> tuple[date | None, date | None, Findings]:
    """Start and end of a row: from their own columns, else its period, crosses, year or duration.

    ``year`` is that of the document, for quarters ticked in a row that names none.
    """
    findings: list[Finding] = []
    period = _period(row, "period")
    findings += located(period.findings, row.locator, _heading(row, "period"))
    first = _date(row, "start")
    if first.findings and not row.value("period"):  # "mars-juin 2018" under "Début"
        whole = _period(row, "start")
        if whole.start and not whole.findings:
            first, period = ParsedDate(whole.start), whole
    findings += located(first.findings, row.locator, _heading(row, "start"))
    last = _date(row, "end")
    findings += located(last.findings, row.locator, _heading(row, "end"))
    start, end = first.value or period.start, last.last or period.end
    if start is None and end is None:
        start, end, said = ticked(row, year)
        findings += said
    if start is None and end is None and not findings:
        start, end, said = year_of_row(row)
        findings += said
    end, said = lasting(row, start, end)
    findings += said
    if start and end and end < start:
        params: dict[str, object] = {"start": start.isoformat(), "end": end.isoformat()}
        findings.append(Finding("end_before_start", row.locator, _heading(row, "end"), params))
    return start, end, tuple(findings)


def _date(row: Row, field: str) -> ParsedDate:
    first = field in row.month_first
    return parse_date(row.value(field), _heading(row, field), month_first=first)


def _period(row: Row, field: str) -> Period:
    first = field in row.month_first
    return parse_period(row.value(field), _heading(row, field), month_first=first)


def days(row: Row, field: str) -> list[date]:
    """Dates that the cells of a field state; none that is unreadable."""
    read = _date(row, field)
    return [read.last] if read.last else []


def number(row: Row, field: str) -> tuple[float | None, Findings]:
    """Number of a cell."""
    read = parse_number(row.value(field), _heading(row, field))
    return read.value, located(read.findings, row.locator, _heading(row, field))


def coordinates(row: Row) -> tuple[float | None, float | None, Findings]:
    """Longitude and latitude in degrees; both or none.

    Two columns, or one that holds "latitude longitude" as phones write it, with or without
    altitude and precision after them.
    """
    if row.value("lon") is None and row.value("lat") is None and row.text("coordinates"):
        return _pair(row)
    read = []
    findings: list[Finding] = []
    for field in ("lon", "lat"):
        text = row.text(field).replace(",", ".").replace("°", "").strip()
        try:
            read.append(float(text) if text else None)
        except ValueError:
            read.append(None)
            params: dict[str, object] = {"field": _heading(row, field), "raw": text}
            findings.append(Finding("value_unreadable", row.locator, field, params))
    lon, lat = read
    return (lon, lat, ()) if lon is not None and lat is not None else (None, None, tuple(findings))


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PAIR = re.compile(r"[\[(]?\s*-?\d+(?:\.\d+)?[\s,;]+-?\d+(?:\.\d+)?(?:[\s,;]+-?[\d.]+)*\s*[\])]?")


def _pair(row: Row) -> tuple[float | None, float | None, Findings]:
    text = row.text("coordinates").replace("°", "")
    if _PAIR.fullmatch(text):
        lat, lon = (float(part) for part in _NUMBER.findall(text)[:2])
        return lon, lat, ()
    params: dict[str, object] = {"field": _heading(row, "coordinates"), "raw": text}
    return None, None, (Finding("value_unreadable", row.locator, "coordinates", params),)


def _heading(row: Row, field: str) -> str:
    column = row.column(field)
    return column.heading if column else field
