"""The form of an annual work plan: one table whose columns drift from line to line.

A row of input is a line of the table: a budget line (it names a responsible party), a
printed total, or a heading. A line that only carries on a cell cut by a page break is part
of the row above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from atlas.ingest.sources._prose import FIGURE, Line, figure, heading_at, squeeze

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

    line: Line
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
    def account(self) -> str:
        """Number of the account in the heading, or ``""``."""
        found = _ACCOUNT.search(self.heading)
        return found.group(1) if found else ""


@dataclass
class Planned:
    """A numbered activity and its budget lines."""

    line: Line
    number: str
    text: str
    result: str
    lines: list[BudgetLine] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Sum of the amounts that are known."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))


@dataclass(frozen=True)
class Total:
    """A printed total; ``result`` is the result it closes, ``""`` for those of the whole."""

    line: Line
    name: str
    amount: Decimal | None
    result: str = ""


@dataclass
class WorkPlan:
    """The table: activities in order, totals in order, heading lines."""

    activities: list[Planned] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    headings: list[Line] = field(default_factory=list)
    stray: list[Line] = field(default_factory=list)
    """Budget lines that stand under no numbered activity."""

    @property
    def lines(self) -> list[BudgetLine]:
        """Every budget line that belongs to an activity."""
        return [line for activity in self.activities for line in activity.lines]


def header_at(lines: Sequence[Line]) -> int | None:
    """Index of the table's first heading line, if the text has such a table."""

    def names_quarters(line: str, below: str) -> bool:
        named = _HEADER.search(line) and _BUDGET.search(line)
        return bool(named) and len(_QUARTER.findall(line + below)) >= QUARTERS

    return heading_at(lines, names_quarters)


def read_plan(lines: Sequence[Line]) -> WorkPlan:
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
    start = header_at(lines)
    plan = WorkPlan()
    if start is None:
        return plan
    plan.headings = list(lines[start : start + 2])
    body = lines[start + 2 :]
    last = max((i for i, line in enumerate(body) if _is_total(line)), default=len(body) - 1)
    activity_column = _column(lines[start], _HEADER)
    result = ""
    for line in body[: last + 1]:
        if _is_total(line):
            plan.totals.append(_total(line, result))
        else:
            result = _take(plan, line, result, activity_column)
    _read_by_shape(plan)
    return plan


def _column(line: Line, pattern: re.Pattern[str]) -> int:
    return next(i for i, cell in enumerate(line.text.split("\t")) if pattern.search(cell))


def _cells(line: Line) -> list[str]:
    return [squeeze(cell) for cell in line.text.split("\t")]


def _is_total(line: Line) -> bool:
    first = next((cell for cell in _cells(line) if cell), "")
    return _TOTAL.match(first) is not None


def _total(line: Line, result: str) -> Total:
    named, *rest = [cell for cell in _cells(line) if cell]
    amount = next((figure(cell) for cell in reversed(rest) if figure(cell) is not None), None)
    closes = result if re.match(r"(?:sub|sous)", named, re.IGNORECASE) else ""
    return Total(line, named, amount, closes)


def _take(plan: WorkPlan, line: Line, result: str, activity_column: int) -> str:
    """Put one line where it belongs; returns the result now open."""
    cells = _cells(line)
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
            plan.activities.append(Planned(line, activity.group(1), activity.group(2), result))
            last_text, numbered = column, True
        elif column == 0 and party is not None:
            result = _carried_on(plan, result, text)
        else:
            own_words = text
    if party is None:
        _join(plan, own_words)
        return result
    if own_words and not numbered and plan.activities:
        _join(plan, own_words)
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


def _join(plan: WorkPlan, text: str) -> None:
    if text and plan.activities:
        activity = plan.activities[-1]
        activity.text = f"{activity.text} {text}"


def _budget_line(
    line: Line, cells: Sequence[str], party: int, last_text: int, own_words: str
) -> BudgetLine:
    heading, amount = _heading_and_amount([cell for cell in cells[party + 1 :] if cell])
    quarters = _quarters(cells[last_text + 1 : party])
    marks = tuple(i for i in range(last_text + 1, party) if cells[i].upper() == "X")
    shape = (last_text, party)
    return BudgetLine(line, cells[party], heading, amount, quarters, own_words, shape, marks)


def _heading_and_amount(cells: Sequence[str]) -> tuple[str, Decimal | None]:
    """Heading and amount, which share a cell where the columns were merged."""
    if len(cells) > 1 and figure(cells[-1]) is not None:
        return " ".join(cells[:-1]), figure(cells[-1])
    whole = " ".join(cells)
    merged = _MERGED.fullmatch(whole)
    # Five digits at the end are the number of the account, not money.
    if merged and not re.fullmatch(r"\d{5}", merged.group(2)):
        return merged.group(1).strip(" -"), figure(merged.group(2))
    return whole, None


def _quarters(between: Sequence[str]) -> frozenset[int] | None:
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
            _shaped(line, starts[line.shape])
            if line.quarters is None and line.shape in starts
            else line
            for line in activity.lines
        ]


def _shaped(line: BudgetLine, start: int) -> BudgetLine:
    quarters = frozenset(mark - start + 1 for mark in line.marks)
    return replace(line, quarters=quarters, by_shape=True)
