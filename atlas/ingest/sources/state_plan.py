"""Action plans of the State: a budget table over several years, inside a long text.

An activity of the plan is intended by a policy, no more: its kind is *plan*. The table is
read as printed; whatever it and the text contradict is said, with both figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from atlas.i18n import N_, _
from atlas.ingest.parsing.months import MONTHS, month_end
from atlas.ingest.reading import ControlTotal, Document, Finding, Money, Reading, Record
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources._prose import MONTH, Line, lines_of, not_this_kind
from atlas.ingest.sources._state_plan_findings import line_findings, total_findings
from atlas.ingest.sources._state_plan_places import mentioned, places_in
from atlas.ingest.sources._state_plan_table import (
    PlanLine,
    PlanTable,
    Subtotal,
    header_at,
    read_table,
)
from atlas.ingest.sources._state_plan_text import TextTotals, scale_of, text_totals
from atlas.model import Kind, Outcome, Reader, Source

SPEC = load_spec(__name__)

_SPAN = re.compile(r"\b(20\d\d)\s?[-–]\s?(20\d\d)\b")
_MONTH = re.compile(rf"\W*({MONTH})\s+(\d{{4}})\W*", re.IGNORECASE)
_NAMED = re.compile(r"\bplan d[’']\s?actions?\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Plan:
    """The table with what the text around it says of it."""

    table: PlanTable
    text: TextTotals
    first_year: int
    scale: int
    """How many francs a unit of the table is."""

    @property
    def last_year(self) -> int:
        return self.first_year + self.table.count - 1

    def francs(self, value: Decimal | None) -> Decimal | None:
        """A figure of the table in francs."""
        return None if value is None else value * self.scale


def sniff(document: Document) -> float:
    """How surely this is a plan: a text whose table has outputs, activities and years."""
    if document.text is None:
        return 0.0
    return 0.95 if header_at(lines_of(document)) is not None else 0.0


def read(document: Document, options: Options) -> Reading:
    """Activities, totals and contradictions of a plan.

    A row of input is a line of the budget table that is not blank, from its heading to its
    general total; the chapters around it are no input.

    Parameters
    ----------
    document
        The whole text.
    options
        Date and découpage, when the person gives them.

    Returns
    -------
    Reading
        One record per activity, one amount per year that has a figure.

    Raises
    ------
    UnusableFileError
        The text has no such table, or never says which years it is for.
    """
    lines = lines_of(document)
    table = read_table(lines)
    if not table.activities:
        raise not_this_kind(document, _("aucun tableau d'activités par année"))
    plan = _plan(document, table)
    as_of = options.as_of or _as_of(table.above, plan)
    totals = tuple(_control_totals(plan))
    return Reading(
        reader=Reader.STATE_PLAN,
        title=_title(plan),
        as_of=as_of,
        frame=options.frame or _frame_on(as_of),
        records=tuple(_record(plan, one) for one in table.activities),
        outcomes=tuple(_outcomes(table)),
        findings=tuple(_findings(plan)),
        control_totals=totals,
        period_start=date(plan.first_year, 1, 1),
        period_end=date(plan.last_year, 12, 31),
        origin=SPEC.origin,
    )


def _plan(document: Document, table: PlanTable) -> _Plan:
    """The years are those named last before the table; its unit follows from the text."""
    spans = [match for line in table.above for match in _SPAN.finditer(line.text)]
    fitting = [m for m in spans if int(m.group(2)) - int(m.group(1)) == table.count - 1]
    if not fitting:
        raise not_this_kind(document, _("les années du plan ne sont pas dites"))
    text = text_totals(table.below)
    return _Plan(table, text, int(fitting[-1].group(1)), scale_of(table, text))


def _title(plan: _Plan) -> str:
    return f"{SPEC.title} {plan.first_year}-{plan.last_year}"


def _as_of(above: Sequence[Line], plan: _Plan) -> date:
    """Last day of the month on the cover, else the day before the plan begins."""
    for line in above:
        found = _MONTH.fullmatch(line.text)
        if found:
            return month_end(int(found.group(2)), MONTHS[found.group(1).lower()])
    return date(plan.first_year - 1, 12, 31)


def _frame_on(day: date) -> str:
    """The découpage in force; a région that only a later one has is found there by name.

    A plan names today's régions beside those to come: taking all from the later découpage
    would shrink the former, which it calls by the same names.
    """
    from atlas.geo.frames import frames

    return frames().frame_on(day)


def _record(plan: _Plan, one: PlanLine) -> Record:
    places = places_in(one.title)
    responsible, *others = _organisations(one.responsible) or [""]
    spent = [i for i, value in enumerate(one.years) if value]
    first, last = (spent[0], spent[-1]) if spent else (0, plan.table.count - 1)
    return Record(
        locator=one.line.locator,
        kind=Kind.PLAN,
        source=Source.STATE_PLAN,
        title=one.title.rstrip(" ;."),
        result=one.output,
        lead=responsible,
        implementers=tuple(dict.fromkeys([*others, *_organisations(one.actors)])),
        status_raw=SPEC.data["status"],
        start=date(plan.first_year + first, 1, 1),
        end=date(plan.first_year + last, 12, 31),
        places=places,
        national=not places,
        amounts=tuple(_moneys(plan, one)),
        folded=tuple(line.locator for line in one.more),
    )


def _moneys(plan: _Plan, one: PlanLine) -> Iterator[Money]:
    for index, value in enumerate(one.years):
        francs = plan.francs(value)
        if francs is not None:
            year = plan.first_year + index
            start, end = date(year, 1, 1), date(year, 12, 31)
            yield Money(francs, SPEC.data["currency"], "budget", start, end)


def _organisations(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("/") if part.strip()]


def _outcomes(table: PlanTable) -> Iterator[tuple[str, Outcome]]:
    yield from ((line.locator, Outcome.IGNORED) for line in table.headings)
    yield from ((total.line.locator, Outcome.AGGREGATE) for total in table.subtotals)


def _control_totals(plan: _Plan) -> Iterator[ControlTotal]:
    """Every printed total against the lines it closes; then the totals of the text.

    The text states a whole, its years and its results, which add up to other wholes: each
    is set against the same lines.
    """
    currency = SPEC.data["currency"]
    for total in plan.table.subtotals:
        read = plan.francs(total.read()) if total.closes else None
        yield ControlTotal(total.name, plan.francs(total.total), read, None, "", currency)
        if total.level == "total":
            yield from _years_of(plan, total)
    lines = plan.francs(_read(plan))
    for name, published in plan.text.wholes():
        yield ControlTotal(name, published, lines, None, "", currency)
    for year, published in plan.text.years:
        index = year - plan.first_year
        read = plan.francs(_read(plan, index)) if 0 <= index < plan.table.count else None
        yield ControlTotal("Texte : année", published, read, None, str(year), currency)
    for result, published in plan.text.results:
        read = plan.francs(_of_result(plan, result))
        yield ControlTotal(f"Texte : {result}", published, read, None, "", currency)


def _years_of(plan: _Plan, total: Subtotal) -> Iterator[ControlTotal]:
    for index, published in enumerate(total.years):
        year = str(plan.first_year + index)
        name = f"{total.name}, {year}"
        read = plan.francs(total.read(index))
        yield ControlTotal(name, plan.francs(published), read, None, year, SPEC.data["currency"])


def _read(plan: _Plan, index: int | None = None) -> Decimal:
    values = (
        one.known if index is None else [v for v in one.years[index : index + 1] if v is not None]
        for one in plan.table.activities
    )
    return sum((value for group in values for value in group), Decimal(0))


def _of_result(plan: _Plan, result: str) -> Decimal | None:
    number = re.sub(r"\D", "", result)
    closing = [
        total
        for total in plan.table.subtotals
        if total.level == "RS" and re.sub(r"\D", "", total.name) == number
    ]
    return closing[0].read() if closing else None


def _findings(plan: _Plan) -> Iterator[Finding]:
    yield from _about_document(plan)
    for one in plan.table.activities:
        yield from line_findings(one, plan.first_year)
        for name in mentioned(one.title):
            yield Finding("place_mentioned", one.line.locator, "place", {"raw": name})
    for total in plan.table.subtotals:
        yield from total_findings(total, plan.first_year, plan.scale)


def _about_document(plan: _Plan) -> Iterator[Finding]:
    reason = (
        f"le tableau ne dit pas son unité ; lu en francs × {plan.scale}"
        " d'après le coût global que donne le texte"
        if plan.text.whole
        else N_("le tableau ne dit pas son unité")
    )
    seen = {"currency": SPEC.data["currency"], "reason": reason}
    yield Finding("currency_inferred", plan.table.headings[0].locator, "amount", seen)
    own = f"{plan.first_year}-{plan.last_year}"
    for line in plan.table.above:
        other = _SPAN.search(line.text) if _NAMED.search(line.text) else None
        if other and f"{other.group(1)}-{other.group(2)}" != own:
            readings = f"{other.group(1)}-{other.group(2)} (L{line.number}), {own} (tableau)"
            named = {"name": "années du plan", "readings": readings}
            yield Finding("figures_disagree", line.locator, "start", named)
        if other:
            break
    whole = [(total.name, plan.francs(total.total)) for total in plan.table.subtotals[-1:]]
    wholes = [*whole, *plan.text.wholes()]
    values = {value for _name, value in wholes if value is not None}
    if len(values) > 1:
        readings = " ; ".join(f"{name} {value:,.0f}".replace(",", " ") for name, value in wholes)
        named = {"name": "coût total", "readings": readings}
        yield Finding("figures_disagree", plan.text.locator, "amount", named)
