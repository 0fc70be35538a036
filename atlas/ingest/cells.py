"""Cells of a row → values, with what was unreadable as findings at its row and column.

Work plans tick the quarters or months of a year; lists give a start and "6 mois". Both are
used, with a finding; crosses without a year, and a duration without a start, date nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from atlas.fields import BENEFICIARIES
from atlas.i18n import N_, decimal_text
from atlas.ingest.money import NO_RATES, UserRates, to_usd
from atlas.ingest.parsing.amounts import (
    clean_text,
    is_absent,
    parse_amount,
    parse_amounts,
)
from atlas.ingest.parsing.dates import (
    FRENCH,
    ParsedDate,
    ParsedDuration,
    ParsedPeriod,
    duration_of,
    month_in_heading,
    parse_date,
    parse_period,
    period_of_words,
)
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import (
    MEASURES,
    group_codes,
    parse_people,
    parts_disagreement,
    parts_in_words,
    sum_of_both_sexes,
)
from atlas.ingest.parsing.values import is_share, parse_percent, with_locator
from atlas.ingest.quantities import (
    QUANTITY,
    CountedThing,
    counted_in_column,
    quantities_of_row,
    thing_counted,
)
from atlas.ingest.reading import ActivityFigure, Finding, Money, MoneyCell
from atlas.ingest.tables.heading_meanings import times_of
from atlas.ingest.tables.table_columns import TableColumn
from atlas.ingest.tables.table_rows import TableRow, as_text, money_unit
from atlas.model import AMOUNT_KINDS
from atlas.vocab.keywords import NEW_PEOPLE

_BARE = frozenset("1234")
"""Quarters as they stand in a column "Trimestre"."""
_MONTH_HEADINGS = frozenset({"mois", "month"})
_APART = timedelta(days=45)
"""How far an end may lie from start and duration before the two are said to disagree."""


def ticked_period(row: TableRow, year: str) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day of the quarters or months that a row ticks.

    Parameters
    ----------
    year
        That of the document, for a row that names none.
    """
    cells = zip(row.headed_values("quarter"), row.texts("quarter"), strict=True)
    marks = [_mark_in_words(heading, value, text) for (heading, value), text in cells]
    if not marks:
        return None, None, ()
    raw = ", ".join(marks)
    periods = [period_of_words(mark, row.text("year") or year) for mark in marks]
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods if period.end]
    if len(starts) < len(marks) or len(ends) < len(marks):
        return None, None, (Finding("quarters_without_year", row.locator, "quarter", {"raw": raw}),)
    start, end = min(starts), max(ends)
    params: dict[str, object] = {
        "raw": raw,
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    return start, end, (Finding("period_from_quarters", row.locator, "quarter", params),)


def _mark_in_words(heading: str, value: object, text: str) -> str:
    """A quarter or month as it is written out: "T2", "mars", "mars 2024"."""
    if isinstance(value, date):
        return f"{FRENCH[value.month - 1]} {value.year}"
    if fold_text(heading) in _MONTH_HEADINGS:
        return FRENCH[int(text) - 1] if text.isdigit() and 1 <= int(text) <= 12 else text
    return f"T{text}" if text in _BARE else text


def year_of_row(row: TableRow) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day of the year that a row names, where it names no month beside it."""
    written = row.text("year")
    if not written or is_absent(written) or row.text("month"):
        return None, None, ()
    read = parse_period(row.value("year"), "year")
    if read.start is None or read.end is None:
        return None, None, with_locator(read.findings, row.locator, "year")
    said = Finding("period_from_year", row.locator, "year", {"year": written})
    return read.start, read.end, (said,)


def end_by_duration(
    row: TableRow, start: date | None, end: date | None
) -> tuple[date | None, tuple[Finding, ...]]:
    """End of a row that states a start and a duration, or both ends that disagree with it."""
    lasts = _stated_duration(row)
    if start is None or lasts is None:
        return end, ()
    last = lasts.last_day(start)
    params: dict[str, object] = {
        "raw": row.text("duration"),
        "start": start.isoformat(),
        "end": (end or last).isoformat(),
    }
    if end is None:
        return last, (Finding("end_from_duration", row.locator, "duration", params),)
    if end >= start and abs(end - last) > _APART:
        return end, (Finding("duration_disagrees", row.locator, "duration", params),)
    return end, ()


def unused_duration(row: TableRow, start: date | None) -> str:
    """Words of a duration that dates nothing, for the remarks; "" when it was used or is none."""
    text = row.text("duration")
    column = row.column("duration")
    if not text or column is None or is_absent(text) or (start and _stated_duration(row)):
        return ""
    return f"{column.heading} : {text}"


def _stated_duration(row: TableRow) -> ParsedDuration | None:
    column = row.column("duration")
    return duration_of(row.text("duration"), column.heading) if column else None


Parts = list[tuple[str, float]]

_FIGURES = {"target": "people_target", "reached": "people_reached"}
_COUNTS = (*_FIGURES.items(), ("beneficiaries", "people"))
_FIELDS = frozenset({*_FIGURES, "beneficiaries", QUANTITY, *MEASURES})


class RowBeneficiaries(NamedTuple):
    """What a row says of the people it is for.

    Attributes
    ----------
    target, reached
        ``None`` when not stated, which is never zero.
    words
        The breakdown by sex, age and household, as stated; "" when there is none.
    figures
        The people of it by group, and quantities.
    """

    target: float | None
    reached: float | None
    words: str
    findings: tuple[Finding, ...]
    figures: tuple[ActivityFigure, ...] = ()


NO_BENEFICIARIES = RowBeneficiaries(None, None, "", ())
_MEASURE_OF = {field: figure for figure, field in _FIGURES.items()} | {"people": "unsaid"}


def beneficiaries_of_row(
    row: TableRow, start: date | None = None, end: date | None = None, year: str = ""
) -> RowBeneficiaries:
    """Figures of a row and their parts.

    A column that says *bénéficiaires* and no more states the target, when no other does. Of
    columns that count a month each the largest is the figure, where no other column states it
    and the partner does not flag the people as new each time.

    Parameters
    ----------
    start, end, year
        Days of the row and year of the document, for months without a year.
    """
    if not row.columns.keys() & _FIELDS:
        return NO_BENEFICIARIES
    quantities = quantities_of_row(row)
    findings = list(quantities.findings)
    stated: dict[str, float | None] = {}
    parts: dict[str, Parts] = {field: [] for field in MEASURES}
    thing = thing_counted(row)
    for figure, measure in _COUNTS:
        stated[figure], parts[measure] = _people_of_field(row, figure, thing, findings)
    for measure in MEASURES:
        for heading, value in row.headed_values(measure) if measure in row.columns else ():
            number, of_cell = _people_of_column(row, heading, value, findings)
            parts[measure] += [(_bare_heading(heading), number)] if number is not None else []
            parts[measure] += of_cell if number is None else []
    if any(parts.values()):
        _attach_parts(row, parts)
    for figure, measure in _COUNTS:
        if not parts[measure]:  # nearly every row
            continue
        column = row.column(figure)
        name = column.heading if column else MEASURES[measure]
        told, said = _checked_against_parts(stated[figure], parts[measure], name)
        stated[figure] = told if figure in _FIGURES else stated[figure]
        if stated[figure] is None:
            stated[figure], said = _figure_of_months(row, parts[measure], name)
        findings += with_locator(said, row.locator, name)
    by_part = _figures_of_parts(parts, _days_of_months(parts, start, end, row.text("year") or year))
    target, figures = _target_of_row(row, stated, parts), tuple(by_part.values())
    if target is not None and target == stated["beneficiaries"] and stated["reached"] is None:
        figures = tuple(
            one._replace(measure="target") if one.measure == "unsaid" else one for one in figures
        )
    words = _beneficiaries_in_words(parts, by_part)
    figures += quantities.figures
    return RowBeneficiaries(target, stated["reached"], words, tuple(findings), figures)


def _target_of_row(
    row: TableRow, stated: Mapping[str, float | None], parts: dict[str, Parts]
) -> float | None:
    """The target: of a column of its own, whose row then names the other number a total."""
    if "target" not in row.columns:
        return stated["beneficiaries"] if stated["target"] is None else stated["target"]
    if stated["beneficiaries"] is not None:
        parts["people"].insert(0, ("total", stated["beneficiaries"]))
    return stated["target"]


_PartsTold = dict[tuple[str, str, float], ActivityFigure]
"""Figure of a part, by its measure, words and value."""


def _figures_of_parts(
    parts: Mapping[str, Parts], days: Mapping[str, tuple[date, date]]
) -> _PartsTold:
    """The parts that are groups of people or months, each once; households are none."""
    found: _PartsTold = {}
    for measure, told in parts.items():
        for words, value in told:
            month, rest = month_in_heading(words)
            group = rest if month else words
            period = days.get(words, (None, None))
            if not any(group_codes(group)[:-1]):
                group = ""
            if group or words in days:
                figure = ActivityFigure(_MEASURE_OF[measure], group, value, *period)
                found[measure, words, value] = figure
    return found


def _days_of_months(
    parts: Mapping[str, Parts], start: date | None, end: date | None, year: str
) -> dict[str, tuple[date, date]]:
    """Heading → first and last day of its month, where its year is known.

    That is the one it names, else the only one of the row in which the month lies, else that of
    the document.
    """
    found = {}
    for words in {words for told in parts.values() for words, _value in told}:
        month, _rest = month_in_heading(words)
        if not month:
            continue
        years = range(start.year, end.year + 1) if start and end else ()
        periods = [period_of_words(month, str(one)) for one in years or (year,)]
        fits = {
            (one.start, one.end)
            for one in periods
            if one.start and one.end and (not start or one.end >= start)
            if not end or one.start <= end
        }
        if len(fits) == 1:
            found[words] = fits.pop()
    return found


def _figure_of_months(
    row: TableRow, parts: Parts, name: str
) -> tuple[float | None, tuple[Finding, ...]]:
    """The figure of columns that count everyone of a month: the largest, or all that are new."""
    months = [
        value
        for words, value in parts
        if month_in_heading(words)[0] and not any(group_codes(month_in_heading(words)[1])[:-1])
    ]
    if not months:
        return None, ()
    is_new = re.search(NEW_PEOPLE, fold_text(row.text("people_flag"))) is not None
    read = sum(months) if is_new else max(months)
    params: dict[str, object] = {"field": name, "n": len(months), "read": f"{read:.0f}"}
    return read, (Finding("people_new_by_month" if is_new else "people_by_month", params=params),)


def _people_of_field(
    row: TableRow, field: str, thing: CountedThing, findings: list[Finding]
) -> tuple[float | None, Parts]:
    """Figure of a row's cell, and the parts that the cell itself tells; none of a quantity."""
    column = row.column(field)
    if column is None or counted_in_column(column, thing).indicator != BENEFICIARIES:
        return None, []
    read = parse_people(row.value(field), column.heading)
    findings += with_locator(read.findings, row.locator, column.heading)
    times = times_of(column.unit) if column.unit else 1  # "Bénéficiaires (milliers)"
    total = None if read.total is None else read.total * times
    return total, [(words, number * times) for words, number in read.parts] if read.parts else []


def _people_of_column(
    row: TableRow, heading: str, value: object, findings: list[Finding]
) -> tuple[float | None, Parts]:
    """Number of a column that is itself a part; households are one, and no people."""
    read = parse_people(value, heading)
    findings += with_locator(
        (one for one in read.findings if one.code != "value_not_people"), row.locator, heading
    )
    return read.total, list(read.parts)


def _attach_parts(row: TableRow, parts: dict[str, Parts]) -> None:
    """Parts of no particular figure belong to the only one that the row's list states."""
    stated = [field for field, of in _FIGURES.items() if {field, of} & row.columns.keys()]
    if len(stated) == 1 and "beneficiaries" not in row.columns:
        measure = _FIGURES[stated[0]]
        parts[measure] += parts["people"]
        parts["people"] = []


def _checked_against_parts(
    total: float | None, parts: Sequence[tuple[str, float]], name: str
) -> tuple[float | None, tuple[Finding, ...]]:
    """A figure, from both sexes where it is not stated itself; and where they disagree."""
    folded = [(fold_text(words), number) for words, number in parts]
    if total is not None:
        return total, parts_disagreement(total, folded, name)
    summed = sum_of_both_sexes(folded)
    if summed is None:
        return None, ()
    params: dict[str, object] = {
        "field": name,
        "raw": parts_in_words(parts),
        "read": f"{summed:.0f}",
    }
    return summed, (Finding("people_added_up", params=params),)


def _beneficiaries_in_words(parts: Mapping[str, Parts], told: _PartsTold) -> str:
    """The parts that are no figures, as written: households, a group without a code."""
    stated = {
        measure: others
        for measure, found in parts.items()
        if (others := [one for one in found if (measure, *one) not in told])
    }
    said = [f"{MEASURES[m]} : {parts_in_words(dict.fromkeys(stated[m]))}" for m in stated]
    return " ; ".join(said)


def assumed_target_finding(columns: Iterable[TableColumn]) -> Finding | None:
    """What is said of a column that names beneficiaries, neither foreseen nor reached."""
    fields = {column.field: column.heading for column in columns}
    if "beneficiaries" not in fields or "target" in fields:
        return None
    params: dict[str, object] = {"column": fields["beneficiaries"], "field": "target"}
    return Finding("column_assumed", field=fields["beneficiaries"], params=params)


def status_and_progress(row: TableRow) -> tuple[str, str, tuple[Finding, ...]]:
    """Status of a row, how far the work is in words ("Taux d'exécution : 75 %"), and findings.

    A status that is a percentage says how far, and no status: one is not made of the other.
    """
    told = []
    findings: list[Finding] = []
    status = row.text("status")
    rates = row.headed_values("progress")
    column = row.column("status")
    if column and is_share(row.value("status")):
        status, rates = "", [(column.heading, row.value("status")), *rates]
    for heading, value in rates:
        read = parse_percent(value, heading)
        findings += with_locator(read.findings, row.locator, heading)
        shown = f"{read.value:.4g} %" if read.value is not None else as_text(value)
        told.append(f"{_bare_heading(heading)} : {shown}")
    return status, " ; ".join(told), tuple(findings)


def _bare_heading(heading: str) -> str:
    """A heading as the label of a figure: without its group in a form, and without "(%)"."""
    return re.sub(r"\s*\(%\)", "", heading.rpartition("/")[2]).strip()


MONEY_FIELDS = AMOUNT_KINDS
"""Fields of the columns of money."""

Findings = tuple[Finding, ...]


def amounts_of_row(
    row: TableRow,
    default: str | None,
    start: date | None,
    end: date | None,
    user_rates: UserRates = NO_RATES,
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
        stated: list[tuple[TableColumn, Money]] = []
        for column, raw in row.filled_cells(kind):
            amount, said = _amount_of_cell(row, column, raw, default)
            if said:
                findings += _two_currency_findings(raw, said, end or start, user_rates)
            if amount:
                stated.append((column, Money(*amount, kind, start, end)))
        if len(stated) == 1:
            found.append(stated[0][1])
        elif stated:
            money, others = _amount_of_columns(stated, row, end or start, user_rates)
            found.append(money)
            findings += others
    return tuple(found), tuple(findings)


def _amount_of_columns(
    stated: list[tuple[TableColumn, Money]], row: TableRow, on: date | None, user_rates: UserRates
) -> tuple[Money, Findings]:
    """The one amount that the columns of one kind state, and what is to be said of the others."""
    (first, money), *others = stated
    findings: list[Finding] = []
    for column, other in others:
        gap = _relative_difference(money, other, on, user_rates)
        if said := _second_amount_finding(money, other, gap):
            code, params = said
            params |= {"column": column.label, "first": first.label}
            findings.append(Finding(code, row.locator, column.heading, params))
        if other.currency == "USD" != money.currency:
            money = money._replace(stated_usd=other.value)
    return money, tuple(findings)


def _second_amount_finding(
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
        rate = f"{decimal_text(money.value / other.value)} {money.currency}"
        return "amounts_not_compared", {"raw": both, "rate": rate}
    if gap > TOLERANCE:
        return "amounts_disagree", {"raw": both, "read": read, "gap": f"{100 * gap:.0f}"}
    return None


def _amount_of_cell(
    row: TableRow, column: TableColumn, raw: object, default: str | None
) -> tuple[tuple[Decimal, str] | None, Findings]:
    heading = column.heading
    unit = money_unit(column.unit)
    named = clean_text(row.text("currency")) if "currency" in row.columns else ""
    named = "" if is_absent(named) else named
    stated = unit.currency or _currency_named(named)
    read = parse_amount(raw, stated, row.decimal_sign)
    findings = list(with_locator(read.findings, row.locator, heading))
    if read.value is None:
        return None, tuple(findings)
    if read.value < 0:
        params: dict[str, object] = {"raw": clean_text(raw), "unread": f"{read.value:f}"}
        params["currency"] = read.currency or default
        return None, (*findings, Finding("amount_negative", row.locator, heading, params))
    currency = read.currency or (None if named or unit.several else default)
    if currency is None:
        params = {"raw": f"{clean_text(raw)} {named}".strip(), "unread": f"{read.value:f}"}
        findings.append(Finding("currency_unknown", row.locator, heading, params))
        return None, tuple(findings)
    if read.currency is None:
        params = {"currency": currency, "reason": N_("monnaie du fonds")}
        findings.append(Finding("currency_inferred", "", heading, params))
    if isinstance(raw, MoneyCell):
        code = "currency_of_format" if currency == raw.currency else "currency_format_differs"
        params = {"column": heading, "currency": currency, "shown": raw.currency}
        findings += [Finding(code, "", heading, params)] if stated != raw.currency else []
    own = isinstance(raw, str) and parse_amount(raw).currency is not None
    if unit.guessed and not own:
        params = {"currency": currency, "reason": f"« {unit.guessed} »"}
        findings.append(Finding("currency_inferred", "", heading, params))
    value = read.value * (Decimal(1) if own else unit.factor)
    if value != read.value and abs(value) >= DOUBTFUL:
        params = {"raw": clean_text(raw), "unit": column.unit, "read": f"{value:f}"}
        findings.append(Finding("amount_scale", row.locator, heading, params))
    return (value, currency), tuple(findings)


DOUBTFUL = Decimal(10) ** 11
"""An amount in thousands or millions that comes to this was most likely written in full."""
TOLERANCE = Decimal("0.10")
"""How far one amount in two currencies may be from the rate: partners use that of the month."""


def _two_currency_findings(
    raw: object, findings: Findings, on: date | None, user_rates: UserRates
) -> Findings:
    """Findings of an amount, where it stands in two currencies held against the day's rate."""
    doubtful = [one for one in findings if one.code == "amount_ambiguous"]
    both = parse_amounts(raw) if doubtful and on else ()
    if len(both) != 2 or on is None:
        return findings
    if not all(one.value and one.currency for one in both):
        return findings
    first, second = (Money(one.value or Decimal(0), one.currency or "") for one in both)
    gap = _relative_difference(first, second, on, user_rates)
    if gap is None:
        return findings
    code = "amount_two_currencies" if gap <= TOLERANCE else "amounts_disagree"
    params = {**doubtful[0].params, "gap": f"{100 * gap:.0f}"}
    held = replace(doubtful[0], code=code, params=params)
    return tuple(held if one is doubtful[0] else one for one in findings)


def _relative_difference(
    first: Money, second: Money, on: date | None, user_rates: UserRates
) -> Decimal | None:
    """How far two statements of one amount are apart at the day's rate, as a share."""
    dollars = [on and to_usd(one.value, one.currency, on, user_rates) for one in (first, second)]
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


def dates_of_row(row: TableRow, year: str = "") -> tuple[date | None, date | None, Findings]:
    """Start and end of a row: from their own columns, else its period, crosses, year or duration.

    ``year`` is that of the document, for quarters ticked in a row that names none.
    """
    findings: list[Finding] = []
    period = _period_of_field(row, "period")
    findings += _located(period.findings, row, "period")
    first = _date_of_field(row, "start")
    if first.findings and not row.value("period"):  # "mars-juin 2018" under "Début"
        whole = _period_of_field(row, "start")
        if whole.start and not whole.findings:
            first, period = ParsedDate(whole.start), whole
    findings += _located(first.findings, row, "start")
    last = _date_of_field(row, "end")
    findings += _located(last.findings, row, "end")
    start, end = first.value or period.start, last.last or period.end
    if start is None and end is None:
        start, end, said = ticked_period(row, year)
        findings += said
    if start is None and end is None and not findings:
        start, end, said = year_of_row(row)
        findings += said
    end, said = end_by_duration(row, start, end)
    findings += said
    if start and end and end < start:
        params: dict[str, object] = {"start": start.isoformat(), "end": end.isoformat()}
        findings.append(
            Finding("end_before_start", row.locator, _heading_of_field(row, "end"), params)
        )
    return start, end, tuple(findings)


def _located(findings: Findings, row: TableRow, field: str) -> Findings:
    """Findings of a field of a row, with their place."""
    if not findings:
        return ()
    return with_locator(findings, row.locator, _heading_of_field(row, field))


_NO_DATE, _NO_PERIOD = ParsedDate(None), ParsedPeriod(None, None)


def _date_of_field(row: TableRow, field: str) -> ParsedDate:
    if field not in row.columns:
        return _NO_DATE
    first = field in row.month_first
    return parse_date(row.value(field), _heading_of_field(row, field), month_first=first)


def _period_of_field(row: TableRow, field: str) -> ParsedPeriod:
    if field not in row.columns:
        return _NO_PERIOD
    first = field in row.month_first
    return parse_period(row.value(field), _heading_of_field(row, field), month_first=first)


def days_of_field(row: TableRow, field: str) -> list[date]:
    """Dates that the cells of a field state; none that is unreadable."""
    read = _date_of_field(row, field)
    return [read.last] if read.last else []


def coordinates_of_row(row: TableRow) -> tuple[float | None, float | None, Findings]:
    """Longitude and latitude in degrees; both or none.

    Two columns, or one that holds "latitude longitude" as phones write it, with or without
    altitude and precision after them.
    """
    if not row.columns.keys() & _COORDINATES:
        return None, None, ()
    if row.value("lon") is None and row.value("lat") is None and row.text("coordinates"):
        return _coordinates_of_one_cell(row)
    read = []
    findings: list[Finding] = []
    for field in ("lon", "lat"):
        text = row.text(field).replace(",", ".").replace("°", "").strip()
        try:
            read.append(float(text) if text else None)
        except ValueError:
            read.append(None)
            params: dict[str, object] = {"field": _heading_of_field(row, field), "raw": text}
            findings.append(Finding("value_unreadable", row.locator, field, params))
    lon, lat = read
    return (lon, lat, ()) if lon is not None and lat is not None else (None, None, tuple(findings))


_COORDINATES = frozenset({"lon", "lat", "coordinates"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PAIR = re.compile(r"[\[(]?\s*-?\d+(?:\.\d+)?[\s,;]+-?\d+(?:\.\d+)?(?:[\s,;]+-?[\d.]+)*\s*[\])]?")


def _coordinates_of_one_cell(row: TableRow) -> tuple[float | None, float | None, Findings]:
    text = row.text("coordinates").replace("°", "")
    if _PAIR.fullmatch(text):
        lat, lon = (float(part) for part in _NUMBER.findall(text)[:2])
        return lon, lat, ()
    params: dict[str, object] = {"field": _heading_of_field(row, "coordinates"), "raw": text}
    return None, None, (Finding("value_unreadable", row.locator, "coordinates", params),)


def _heading_of_field(row: TableRow, field: str) -> str:
    column = row.column(field)
    return column.heading if column else field
