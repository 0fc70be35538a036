"""Annual work plans of the PNUD, as text; ordinary lists are read as every list.

One numbered activity is one record; each of its budget lines that carries an amount is
money of it. Nothing printed as a total, and nothing unfunded, is ever an amount. A row of input
is a line of the table: a budget line (it names a responsible party), a printed total, or a
heading. A line that only carries on a cell cut by a page break is part of the row above it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from atlas.formats import month_end
from atlas.i18n import _
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
    FIGURE,
    NAME,
    TextLine,
    days_in,
    figure_of_cell,
    formatted_figure,
    heading_at,
    lines_of,
    names_in_list,
    not_this_kind_error,
    squeeze_spaces,
)
from atlas.ingest.sources.lists import read_list, sniff_list
from atlas.model import Kind, Outcome, Reader, Source

QUARTERS = 4

_HEADER = re.compile(r"planned activities|activités (?:planifiées|prévues)", re.IGNORECASE)
_BUDGET = re.compile(r"budget", re.IGNORECASE)
_QUARTER = re.compile(r"[QT][1-4]")
_TOTAL = re.compile(
    r"(?:sub|sous|grand)?[ -]?total\b|(?:un)?funded\b|(?:non )?financé\b",
    re.IGNORECASE,
)
_RESULT = re.compile(r"(?:résultat|output|produit)\s*\d+", re.IGNORECASE)
_ACTIVITY = re.compile(r"(\d+\.\d+)\.?\s+(.+)")
_PARTY = re.compile(r"(?!X$)[A-Z][A-Z&.-]+(?:\s*/\s*[A-Z][A-Z&.-]+)*")
_MERGED = re.compile(rf"(.*?)(?<!\d)({FIGURE})")
_ACCOUNT = re.compile(r"\b(\d{5})\b")


@dataclass(frozen=True)
class BudgetLine:
    """One budget line: who is responsible, under which heading, how much, when."""

    line: TextLine
    party: str
    heading: str
    amount: Decimal | None
    quarters: frozenset[int] | None
    """Quarters marked, 1 to 4; empty: none marked; ``None``: the marks do not align."""
    text: str = ""
    shape: tuple[int, int] = (0, 0)
    """Columns of its activity and of its responsible party: lines alike drift alike."""
    marks: tuple[int, ...] = ()
    """Columns of its marks."""
    by_shape: bool = False
    """Whether its quarters follow from complete lines of the same shape."""

    @property
    def account_number(self) -> str:
        """Number of the account in the heading, or ``""``."""
        found = _ACCOUNT.search(self.heading)
        return found.group(1) if found else ""


@dataclass
class PlannedActivity:
    """A numbered activity and its budget lines."""

    line: TextLine
    number: str
    text: str
    result: str
    lines: list[BudgetLine] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Sum of the amounts that are known."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))


@dataclass(frozen=True)
class PlanTotal:
    """A printed total; ``result`` is the result it closes, ``""`` for those of the whole."""

    line: TextLine
    name: str
    amount: Decimal | None
    result: str = ""


@dataclass
class WorkPlan:
    """The table: activities in order, totals in order, heading lines."""

    activities: list[PlannedActivity] = field(default_factory=list)
    totals: list[PlanTotal] = field(default_factory=list)
    headings: list[TextLine] = field(default_factory=list)
    stray: list[TextLine] = field(default_factory=list)
    """Budget lines that stand under no numbered activity."""

    @property
    def lines(self) -> list[BudgetLine]:
        """Every budget line that belongs to an activity."""
        return [line for activity in self.activities for line in activity.lines]


def work_plan_header_index(lines: Sequence[TextLine]) -> int | None:
    """Index of the table's first heading line, if the text has such a table."""

    def names_quarters(line: str, below: str) -> bool:
        named = _HEADER.search(line) and _BUDGET.search(line)
        return bool(named) and len(_QUARTER.findall(line + below)) >= QUARTERS

    return heading_at(lines, names_quarters)


def read_plan(lines: Sequence[TextLine]) -> WorkPlan:
    """Read the table, from its heading to its last printed total.

    Parameters
    ----------
    lines
        The lines of the document that are not blank.

    Returns
    -------
    WorkPlan
        Empty when there is no such table.
    """
    start = work_plan_header_index(lines)
    plan = WorkPlan()
    if start is None:
        return plan
    plan.headings = list(lines[start : start + 2])
    body = lines[start + 2 :]
    last = max((i for i, line in enumerate(body) if _is_total(line)), default=len(body) - 1)
    activity_column = _column_index(lines[start], _HEADER)
    result = ""
    for line in body[: last + 1]:
        if _is_total(line):
            plan.totals.append(_total_of_line(line, result))
        else:
            result = _take_line(plan, line, result, activity_column)
    _read_by_shape(plan)
    return plan


def _column_index(line: TextLine, pattern: re.Pattern[str]) -> int:
    return next(i for i, cell in enumerate(line.text.split("\t")) if pattern.search(cell))


def _cells_of_line(line: TextLine) -> list[str]:
    return [squeeze_spaces(cell) for cell in line.text.split("\t")]


def _is_total(line: TextLine) -> bool:
    first = next((cell for cell in _cells_of_line(line) if cell), "")
    return _TOTAL.match(first) is not None


def _total_of_line(line: TextLine, result: str) -> PlanTotal:
    named, *rest = [cell for cell in _cells_of_line(line) if cell]
    amount = next(
        (figure_of_cell(cell) for cell in reversed(rest) if figure_of_cell(cell) is not None), None
    )
    closes = result if re.match(r"(?:sub|sous)", named, re.IGNORECASE) else ""
    return PlanTotal(line, named, amount, closes)


def _take_line(plan: WorkPlan, line: TextLine, result: str, activity_column: int) -> str:
    """Put one line where it belongs; returns the result now open."""
    cells = _cells_of_line(line)
    party = _party_at(cells)
    before = cells if party is None else cells[:party]
    texts = [(i, cell) for i, cell in enumerate(before) if cell and cell.upper() != "X"]
    last_text = activity_column
    own_words = ""
    numbered = False
    for column, text in texts:
        activity = _ACTIVITY.match(text)
        if _RESULT.match(text):
            result = text
        elif activity:
            plan.activities.append(
                PlannedActivity(line, activity.group(1), activity.group(2), result)
            )
            last_text, numbered = column, True
        elif column == 0 and party is not None:
            result = _carried_on(plan, result, text)
        else:
            own_words = text
    if party is None:
        _extend_activity(plan, own_words)
        return result
    if own_words and not numbered and plan.activities:
        _extend_activity(plan, own_words)
    budget = _budget_line(line, cells, party, last_text, own_words)
    if plan.activities:
        plan.activities[-1].lines.append(budget)
    else:
        plan.stray.append(line)
    return result


def _party_at(cells: Sequence[str]) -> int | None:
    """Column of the responsible party: the first cell of initials that a heading follows."""
    for index, cell in enumerate(cells):
        if _PARTY.fullmatch(cell) and any(cells[index + 1 :]):
            return index
    return None


def _carried_on(plan: WorkPlan, result: str, text: str) -> str:
    """The title of the result, whose second half stands on the next page."""
    whole = f"{result} {text}"
    plan.activities = [
        replace(a, result=whole) if a.result == result else a for a in plan.activities
    ]
    return whole


def _extend_activity(plan: WorkPlan, text: str) -> None:
    if text and plan.activities:
        activity = plan.activities[-1]
        activity.text = f"{activity.text} {text}"


def _budget_line(
    line: TextLine, cells: Sequence[str], party: int, last_text: int, own_words: str
) -> BudgetLine:
    heading, amount = _heading_and_amount([cell for cell in cells[party + 1 :] if cell])
    quarters = _quarters_marked(cells[last_text + 1 : party])
    marks = tuple(i for i in range(last_text + 1, party) if cells[i].upper() == "X")
    shape = (last_text, party)
    return BudgetLine(line, cells[party], heading, amount, quarters, own_words, shape, marks)


def _heading_and_amount(cells: Sequence[str]) -> tuple[str, Decimal | None]:
    """Heading and amount, which share a cell where the columns were merged."""
    if len(cells) > 1 and figure_of_cell(cells[-1]) is not None:
        return " ".join(cells[:-1]), figure_of_cell(cells[-1])
    whole = " ".join(cells)
    merged = _MERGED.fullmatch(whole)
    # Five digits at the end are the number of the account, not money.
    if merged and not re.fullmatch(r"\d{5}", merged.group(2)):
        return merged.group(1).strip(" -"), figure_of_cell(merged.group(2))
    return whole, None


def _quarters_marked(between: Sequence[str]) -> frozenset[int] | None:
    """Quarters marked in the cells between the activity and the responsible party."""
    marks = [i for i, cell in enumerate(between) if cell.upper() == "X"]
    if not marks:
        return frozenset()
    if len(marks) == QUARTERS:
        return frozenset(range(1, QUARTERS + 1))
    if len(between) == QUARTERS:
        return frozenset(i + 1 for i in marks)
    return None


def _read_by_shape(plan: WorkPlan) -> None:
    """Quarters of lines that drifted as complete lines did, whose four marks show where.

    A shape is trusted only when every mark of every line of that shape stands in the four
    columns its complete lines show; otherwise the marks stay unread.
    """
    starts = {}
    for shape in {line.shape for line in plan.lines}:
        alike = [line.marks for line in plan.lines if line.shape == shape and line.marks]
        first = {marks[0] for marks in alike if len(marks) == QUARTERS}
        if len(first) == 1:
            start = first.pop()
            columns = range(start, start + QUARTERS)
            if all(mark in columns for marks in alike for mark in marks):
                starts[shape] = start
    for activity in plan.activities:
        activity.lines = [
            _with_quarters(line, starts[line.shape])
            if line.quarters is None and line.shape in starts
            else line
            for line in activity.lines
        ]


def _with_quarters(line: BudgetLine, start: int) -> BudgetLine:
    quarters = frozenset(mark - start + 1 for mark in line.marks)
    return replace(line, quarters=quarters, by_shape=True)


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
class _PlanProject:
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
    if document.text is not None and work_plan_header_index(lines_of(document)) is not None:
        return 0.95
    return 0.0 if document.is_plain_text else sniff_list(SPEC, document)


def read(document: Document, options: Options) -> Reading:
    """Activities, budget lines and printed totals of a work plan.

    The plan is dated by the first day of its period: it says what is intended on that
    day, and nothing of what happened later.

    Returns
    -------
    Reading
        One record per numbered activity; the printed totals as control totals.

    Raises
    ------
    UnusableFileError
        The text has no such table, or says nowhere which year it plans.
    """
    listed = document.is_paper and work_plan_header_index(lines_of(document)) is None
    if document.text is None or listed:
        return read_list(SPEC, document, options)
    plan = read_plan(lines_of(document))
    if not plan.activities:
        raise not_this_kind_error(
            document, _("aucun tableau d'activités numérotées avec trimestres")
        )
    project = _project_of_plan(document, plan)
    management = _management_results(plan)
    records = tuple(
        _record_of_activity(a, project, a.result in management) for a in plan.activities
    )
    totals = tuple(_control_totals(plan))
    return Reading(
        reader=Reader.PNUD,
        title=project.title or SPEC.title,
        as_of=options.as_of or project.start,
        frame=options.frame or "",
        records=records,
        outcomes=tuple(_line_outcomes(plan)),
        findings=tuple(_plan_findings(plan, records, totals)),
        control_totals=totals,
        context=tuple(_programme_facts(plan, project, management)),
        period_start=project.start,
        period_end=project.end,
        origin=SPEC.origin,
    )


def _project_of_plan(document: Document, plan: WorkPlan) -> _PlanProject:
    text = document.text or ""
    number, title, region = (p.search(text) for p in (_PROJECT_ID, _TITLE, _REGION))
    start, end = _period_of_plan(document)
    return _PlanProject(
        id=number.group(1) if number else "",
        title=title.group(1).strip() if title else "",
        start=start,
        end=end,
        region=region.group(1) if region else "",
        communes=_communes_of_plan(text, plan),
        places_are_communes=_OWN_COMMUNES.search(text) is not None,
    )


def _period_of_plan(document: Document) -> tuple[date, date]:
    """First and last day of the plan: its duration, else the year of its title."""
    text = document.text or ""
    for line in text.split("\n"):
        if _PERIOD.match(line.strip()):
            days = [day for _raw, day in days_in(line) if day is not None]
            if len(days) > 1:
                return days[0], days[1]
    found = _YEAR.search(text)
    if found is None:
        raise not_this_kind_error(document, _("l'année du plan n'est pas dite"))
    year = int(next(y for y in found.groups() if y))
    return date(year, 1, 1), date(year, 12, 31)


def _communes_of_plan(text: str, plan: WorkPlan) -> tuple[str, ...]:
    """The communes of intervention: the list that most activities give of them."""
    if not _OWN_COMMUNES.search(text):
        return ()
    lists = Counter(
        tuple(names) for a in plan.activities if len(names := _listed_names(a.text)) > 1
    ).most_common(1)
    return lists[0][0] if lists else ()


def _listed_names(text: str) -> list[str]:
    """Names that an activity lists between parentheses, acronyms aside."""
    for inner in _PARENTHESES.findall(text):
        names = names_in_list(inner)
        if names and not all(name.isupper() for name in names):
            return names if len(names) > 1 else []
    return []


def _named_places(text: str) -> list[str]:
    """Places an activity names: a list between parentheses, or ``à A et B``."""
    listed = _listed_names(text)
    if listed:
        return listed
    bare = " ".join(_PARENTHESES.sub(" ", text).split())
    return [name for group in _AT.findall(bare) for name in re.split(r", | et ", group)]


def _place_named(name: str, project: _PlanProject) -> PlaceText:
    if project.places_are_communes:
        return PlaceText(commune=name, region=project.region)
    return PlaceText(text=name, region=project.region)


def _places_of_activity(
    activity: PlannedActivity, project: _PlanProject
) -> tuple[tuple[PlaceText, ...], bool]:
    """Places of an activity, and whether they are the document's perimeter.

    The perimeter is the communes of intervention: several activities count them (one
    round table a commune, three sessions a commune) and list them. A document that lists
    none has the région it says it works in.
    """
    own = _named_places(activity.text)
    if own:
        return tuple(_place_named(name, project) for name in own), False
    if project.communes:
        return tuple(_place_named(name, project) for name in project.communes), True
    return ((PlaceText(region=project.region),), True) if project.region else ((), False)


def _management_results(plan: WorkPlan) -> set[str]:
    """Results that pay the team and the administration: they lie nowhere on a map."""
    accounts = tuple(SPEC.data["management_accounts"])
    headings = set(SPEC.data["management_headings"])
    return {
        activity.result
        for activity in plan.activities
        for line in activity.lines
        if line.account_number.startswith(accounts) or line.heading in headings
    }


def _record_of_activity(
    activity: PlannedActivity, project: _PlanProject, management: bool
) -> Record:
    title, _sep, details = _BULLETS.sub("\n", activity.text, count=1).partition("\n")
    places, inherited = ((), False) if management else _places_of_activity(activity, project)
    start, end = _dates_of_activity(activity, project)
    parties = list(
        dict.fromkeys(p for line in activity.lines for p in _responsible_parties(line.party))
    )
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


def _responsible_parties(cell: str) -> list[str]:
    """``PNUD/ADR``: the first is responsible, the others implement with it."""
    return [part.strip() for part in cell.split("/") if part.strip()]


def _dates_of_activity(activity: PlannedActivity, project: _PlanProject) -> tuple[date, date]:
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


def _line_outcomes(plan: WorkPlan) -> Iterator[tuple[str, Outcome]]:
    yield from ((line.locator, Outcome.IGNORED) for line in plan.headings)
    yield from ((total.line.locator, Outcome.AGGREGATE) for total in plan.totals)
    yield from ((line.locator, Outcome.REJECTED) for line in plan.stray)


def _programme_facts(
    plan: WorkPlan, project: _PlanProject, management: set[str]
) -> Iterator[ContextFact]:
    """The plan as a programme: its communes are the perimeter, its results the components.

    Results that only pay for management are to be reached nowhere: they are no component.
    """
    if not (project.title and project.communes):
        return
    for name in project.communes:
        here = _place_named(name, project)
        yield ContextFact("programme", project.title, here, start=project.start)
    for result in dict.fromkeys(a.result for a in plan.activities if a.result):
        if result not in management:
            yield ContextFact("components", project.title, text=result, start=project.start)


def _control_totals(plan: WorkPlan) -> Iterator[ControlTotal]:
    currency = SPEC.data["currency"]
    for total in plan.totals:
        read_against = _read_against(total, plan)
        yield ControlTotal(_total_name(total), total.amount, read_against, None, "", currency)


def _total_name(total: PlanTotal) -> str:
    number = re.match(r"\D*\d+", total.result)
    return f"{number.group()} : sous-total" if number else total.name


def _read_against(total: PlanTotal, plan: WorkPlan) -> Decimal | None:
    """What was read of what the total sums; unfunded money has no lines."""
    if re.search(r"unfunded|non financé|total budget", total.name, re.IGNORECASE):
        return None
    lines = [a.amount for a in plan.activities if not total.result or a.result == total.result]
    return sum(lines, Decimal(0))


def _plan_findings(
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


def _about_total(plan: WorkPlan, total: PlanTotal, control: ControlTotal) -> Iterator[Finding]:
    where = total.line.locator
    if control.published is None:
        yield Finding("value_unreadable", where, control.name, {"field": control.name, "raw": ""})
        return
    if control.read is None or control.read == control.published:
        return
    figures = {
        "published": formatted_figure(control.published),
        "read": formatted_figure(control.read),
    }
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
            "implied": formatted_figure(control.published - control.read),
            "currency": control.currency,
            "lines": ", ".join(blank),
        }
        yield Finding("amount_implied", where, "amount", implied)
