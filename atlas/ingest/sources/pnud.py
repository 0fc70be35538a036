"""Annual work plans of the PNUD, as text; ordinary lists go the way of every list.

One numbered activity is one record; each of its budget lines that carries an amount is
money of it. Nothing printed as a total, and nothing unfunded, is ever an amount.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from atlas.i18n import _
from atlas.ingest.parsing.months import month_end
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
)
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources._prose import (
    NAME,
    days_in,
    lines_of,
    names_in_list,
    not_this_kind,
    written,
)
from atlas.ingest.sources._work_plan import Planned, Total, WorkPlan, header_at, read_plan
from atlas.ingest.sources.lists import read_list, sniff_list
from atlas.model import Kind, Outcome, Reader, Source

SPEC = load_spec(__name__)
STATUS = "planifié"

_PROJECT_ID = re.compile(r"(?:project id|numéro du projet)\s*:\s*(\w+)", re.IGNORECASE)
_TITLE = re.compile(r"(?:titre du projet|project title)\s*:\s*(.+)", re.IGNORECASE)
_PERIOD = re.compile(r"^(?:durée|duration|période)\s*:", re.IGNORECASE)
_YEAR = re.compile(r"plan de travail\D*(\d{4})|annual work ?plan\D*(\d{4})", re.IGNORECASE)
_REGION = re.compile(rf"\brégion de ({NAME})")
_OWN_COMMUNES = re.compile(r"communes? d['’]intervention")
_AT = re.compile(rf"\b[àÀ] ({NAME}(?:(?:, | et ){NAME})*)")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_BULLETS = re.compile(r"\s*:\s*-\s+")
_PERSONS = re.compile(r"(\d[\d ]*) (?:bénéficiaires|personnes|jeunes|femmes|ménages|membres)\b")


@dataclass(frozen=True)
class _Project:
    """What the document says of itself before its table."""

    id: str
    title: str
    start: date
    end: date
    region: str
    communes: tuple[str, ...]
    """The communes it works in, when it says that its places are communes."""
    places_are_communes: bool


def sniff(document: Document) -> float:
    """How surely this is a work plan or a list of the PNUD."""
    if document.text is not None and header_at(lines_of(document)) is not None:
        return 0.95
    return 0.0 if document.is_plain_text else sniff_list(SPEC, document)


def read(document: Document, options: Options) -> Reading:
    """Activities, budget lines and printed totals of a work plan.

    The plan is dated by the first day of its period: it says what is intended on that
    day, and nothing of what happened later.

    Parameters
    ----------
    document
        A text with the table, or a workbook or delimited list.
    options
        Date and découpage, when the person gives them.

    Returns
    -------
    Reading
        One record per numbered activity; the printed totals as control totals.

    Raises
    ------
    UnusableFileError
        The text has no such table, or says nowhere which year it plans.
    """
    listed = document.is_paper and header_at(lines_of(document)) is None
    if document.text is None or listed:
        return read_list(SPEC, document, options)
    plan = read_plan(lines_of(document))
    if not plan.activities:
        raise not_this_kind(document, _("aucun tableau d'activités numérotées avec trimestres"))
    project = _project(document, plan)
    management = _management_results(plan)
    records = tuple(_record(a, project, a.result in management) for a in plan.activities)
    totals = tuple(_control_totals(plan))
    return Reading(
        reader=Reader.PNUD,
        title=project.title or SPEC.title,
        as_of=options.as_of or project.start,
        frame=options.frame or "",
        records=records,
        outcomes=tuple(_outcomes(plan)),
        findings=tuple(_findings(plan, records, totals)),
        control_totals=totals,
        context=tuple(_programme(plan, project, management)),
        period_start=project.start,
        period_end=project.end,
        origin=SPEC.origin,
    )


def _project(document: Document, plan: WorkPlan) -> _Project:
    text = document.text or ""
    number, title, region = (p.search(text) for p in (_PROJECT_ID, _TITLE, _REGION))
    start, end = _period(document)
    return _Project(
        id=number.group(1) if number else "",
        title=title.group(1).strip() if title else "",
        start=start,
        end=end,
        region=region.group(1) if region else "",
        communes=_communes(text, plan),
        places_are_communes=_OWN_COMMUNES.search(text) is not None,
    )


def _period(document: Document) -> tuple[date, date]:
    """First and last day of the plan: its duration, else the year of its title."""
    text = document.text or ""
    for line in text.split("\n"):
        if _PERIOD.match(line.strip()):
            days = [day for _raw, day in days_in(line) if day is not None]
            if len(days) > 1:
                return days[0], days[1]
    found = _YEAR.search(text)
    if found is None:
        raise not_this_kind(document, _("l'année du plan n'est pas dite"))
    year = int(next(y for y in found.groups() if y))
    return date(year, 1, 1), date(year, 12, 31)


def _communes(text: str, plan: WorkPlan) -> tuple[str, ...]:
    """The communes of intervention: the list that most activities give of them."""
    if not _OWN_COMMUNES.search(text):
        return ()
    lists = Counter(
        tuple(names) for a in plan.activities if len(names := _listed(a.text)) > 1
    ).most_common(1)
    return lists[0][0] if lists else ()


def _listed(text: str) -> list[str]:
    """Names that an activity lists between parentheses, acronyms aside."""
    for inner in _PARENTHESES.findall(text):
        names = names_in_list(inner)
        if names and not all(name.isupper() for name in names):
            return names if len(names) > 1 else []
    return []


def _named(text: str) -> list[str]:
    """Places an activity names: a list between parentheses, or ``à A et B``."""
    listed = _listed(text)
    if listed:
        return listed
    bare = " ".join(_PARENTHESES.sub(" ", text).split())
    return [name for group in _AT.findall(bare) for name in re.split(r", | et ", group)]


def _place(name: str, project: _Project) -> PlaceText:
    if project.places_are_communes:
        return PlaceText(commune=name, region=project.region)
    return PlaceText(text=name, region=project.region)


def _places(activity: Planned, project: _Project) -> tuple[tuple[PlaceText, ...], bool]:
    """Places of an activity, and whether they are the document's perimeter.

    The perimeter is the communes of intervention: several activities count them (one
    round table a commune, three sessions a commune) and list them. A document that lists
    none has the région it says it works in.
    """
    own = _named(activity.text)
    if own:
        return tuple(_place(name, project) for name in own), False
    if project.communes:
        return tuple(_place(name, project) for name in project.communes), True
    return ((PlaceText(region=project.region),), True) if project.region else ((), False)


def _management_results(plan: WorkPlan) -> set[str]:
    """Results that pay the team and the administration: they lie nowhere on a map."""
    accounts = tuple(SPEC.data["management_accounts"])
    headings = set(SPEC.data["management_headings"])
    return {
        activity.result
        for activity in plan.activities
        for line in activity.lines
        if line.account.startswith(accounts) or line.heading in headings
    }


def _record(activity: Planned, project: _Project, management: bool) -> Record:
    title, _sep, details = _BULLETS.sub("\n", activity.text, count=1).partition("\n")
    places, inherited = ((), False) if management else _places(activity, project)
    start, end = _dates(activity, project)
    parties = list(dict.fromkeys(p for line in activity.lines for p in _parties(line.party)))
    persons = _PERSONS.search(activity.text)
    here = activity.line.locator
    return Record(
        locator=here,
        kind=Kind.ACTIVITY,
        source=Source.PNUD,
        key="/".join(filter(None, (project.id, str(project.start.year), activity.number))),
        title=title,
        description=details,
        result=activity.result,
        lead=parties[0] if parties else "",
        implementers=tuple(parties[1:]),
        status_raw=STATUS,
        start=start,
        end=end,
        target=float(persons.group(1).replace(" ", "")) if persons else None,
        remarks=" ; ".join(dict.fromkeys(line.heading for line in activity.lines)),
        places=places,
        inherited=inherited,
        amounts=tuple(
            Money(line.amount, SPEC.data["currency"], "budget", project.start, project.end)
            for line in activity.lines
            if line.amount is not None
        ),
        folded=tuple(line.line.locator for line in activity.lines if line.line != activity.line),
    )


def _parties(cell: str) -> list[str]:
    """``PNUD/ADR``: the first is responsible, the others implement with it."""
    return [part.strip() for part in cell.split("/") if part.strip()]


def _dates(activity: Planned, project: _Project) -> tuple[date, date]:
    """First day of the first quarter marked, last day of the last.

    Marks that do not align with the quarters, and an absence of marks, leave the period
    of the whole plan.
    """
    marked = [line.quarters for line in activity.lines]
    known = {quarter for quarters in marked if quarters for quarter in quarters}
    if None in marked or not known:
        return project.start, project.end
    year = project.start.year
    return date(year, 3 * min(known) - 2, 1), month_end(year, 3 * max(known))


def _outcomes(plan: WorkPlan) -> Iterator[tuple[str, Outcome]]:
    yield from ((line.locator, Outcome.IGNORED) for line in plan.headings)
    yield from ((total.line.locator, Outcome.AGGREGATE) for total in plan.totals)
    yield from ((line.locator, Outcome.REJECTED) for line in plan.stray)


def _programme(plan: WorkPlan, project: _Project, management: set[str]) -> Iterator[ContextFact]:
    """The plan as a programme: its communes are the perimeter, its results the components.

    Results that only pay for management are to be reached nowhere: they are no component.
    """
    if not (project.title and project.communes):
        return
    for name in project.communes:
        here = _place(name, project)
        yield ContextFact("programme", project.title, here, start=project.start)
    for result in dict.fromkeys(a.result for a in plan.activities if a.result):
        if result not in management:
            yield ContextFact("components", project.title, text=result, start=project.start)


def _control_totals(plan: WorkPlan) -> Iterator[ControlTotal]:
    currency = SPEC.data["currency"]
    for total in plan.totals:
        read_against = _read_against(total, plan)
        yield ControlTotal(_total_name(total), total.amount, read_against, None, "", currency)


def _total_name(total: Total) -> str:
    number = re.match(r"\D*\d+", total.result)
    return f"{number.group()} : sous-total" if number else total.name


def _read_against(total: Total, plan: WorkPlan) -> Decimal | None:
    """What was read of what the total sums; unfunded money has no lines."""
    if re.search(r"unfunded|non financé|total budget", total.name, re.IGNORECASE):
        return None
    lines = [a.amount for a in plan.activities if not total.result or a.result == total.result]
    return sum(lines, Decimal(0))


def _findings(
    plan: WorkPlan, records: Sequence[Record], totals: Sequence[ControlTotal]
) -> Iterator[Finding]:
    currency, reason = SPEC.data["currency"], SPEC.data["currency_reason"]
    yield Finding("currency_inferred", "", "amount", {"currency": currency, "reason": reason})
    for record in records:
        if record.inherited:
            yield Finding("place_inherited", record.locator, "place")
    for activity in plan.activities:
        for line in activity.lines:
            if line.amount is None:
                named = {"title": f"{activity.number} {activity.text}"}
                yield Finding("amount_missing", line.line.locator, "amount", named)
            if line.quarters is None:
                yield Finding("quarters_misaligned", line.line.locator, "start")
            elif line.by_shape:
                yield Finding("quarters_by_shape", line.line.locator, "start")
    for stray in plan.stray:
        reason = "ligne de budget sans activité numérotée"
        yield Finding("row_rejected", stray.locator, "", {"reason": reason})
    for total, control in zip(plan.totals, totals, strict=True):
        yield from _about_total(plan, total, control)


def _about_total(plan: WorkPlan, total: Total, control: ControlTotal) -> Iterator[Finding]:
    where = total.line.locator
    if control.published is None:
        yield Finding("value_unreadable", where, control.name, {"field": control.name, "raw": ""})
        return
    if control.read is None or control.read == control.published:
        return
    figures = {"published": written(control.published), "read": written(control.read)}
    yield Finding("total_mismatch", where, "amount", {"name": control.name, **figures})
    blank = [
        activity.number
        for activity in plan.activities
        for line in activity.lines
        if line.amount is None and total.result == activity.result
    ]
    if blank:
        implied = {
            "name": control.name,
            "implied": written(control.published - control.read),
            "currency": control.currency,
            "lines": ", ".join(blank),
        }
        yield Finding("amount_implied", where, "amount", implied)
