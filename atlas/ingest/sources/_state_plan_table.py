"""The form of a state plan's budget table: outputs, activities, years, totals.

Columns drift: an output's cell may be absent, a column too many, a cell blank or cut over
two lines. A line is read where its form leaves one reading, which its own total then
confirms or contradicts; it is never corrected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from atlas.ingest.sources._prose import Line, figure, heading_at, squeeze

_TEXTS = 3
"""Text cells of a line beside its output: activity, who is responsible, who takes part."""
_JUMP = 500
"""How many times larger a year is than the one beside it when it is in another unit."""

_HEADER = re.compile(r"extrants?\b.*\bactivit[ée]s\b", re.IGNORECASE)
_YEAR = re.compile(r"an\s?\d+", re.IGNORECASE)
_OUTPUT = re.compile(r"extra[ni]t\s+\d", re.IGNORECASE)
_UPPER = re.compile(r"(?:RS\s?\d|effet\s+\d)", re.IGNORECASE)
_SUBTOTAL = re.compile(r"sous[- ]?total\b", re.IGNORECASE)
_GRAND = re.compile(r"total g[ée]n[ée]ral", re.IGNORECASE)
_MARKUP = re.compile(r"</?\w+[^>]*>|\*\*|\^\{[^}]*\}")
_HIDDEN = re.compile(r"#[#\s]*")
_MEMORY = re.compile(r"PM", re.IGNORECASE)

Figures = tuple[Decimal | None, ...]


@dataclass
class PlanLine:
    """An activity of the plan, in the units of the table."""

    line: Line
    title: str
    output: str
    responsible: str
    actors: str
    years: Figures
    """One per year; ``None``: blank, "PM" or unreadable."""
    total: Decimal | None
    raw: tuple[str, ...]
    """Its cells of figures, as written."""
    recovered: bool = False
    """Whether a column too many was set aside, the total confirming the rest."""
    aligned: bool = True
    """Whether its figures stand in as many columns as the table has."""
    more: list[Line] = field(default_factory=list)
    """Lines that only carry its title on."""

    @property
    def for_memory(self) -> bool:
        """Whether a cell says "PM": named, without a figure."""
        return any(_MEMORY.fullmatch(cell) for cell in self.raw)

    @property
    def known(self) -> list[Decimal]:
        """Its figures that are known."""
        return [value for value in self.years if value is not None]


@dataclass(frozen=True)
class Subtotal:
    """A printed total, and the activities it closes."""

    line: Line
    name: str
    level: str
    """``extrant``, ``effet``, ``RS`` or ``total``."""
    years: Figures
    total: Decimal | None
    raw_total: str
    closes: tuple[PlanLine, ...]

    def read(self, year: int | None = None) -> Decimal:
        """Sum of the activities it closes, for one year (index) or all."""
        if year is None:
            return sum((value for one in self.closes for value in one.known), Decimal(0))
        values = (one.years[year] for one in self.closes)
        return sum((value for value in values if value is not None), Decimal(0))


@dataclass
class PlanTable:
    """The table, line by line."""

    count: int = 0
    """How many years it has."""
    above: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)
    headings: list[Line] = field(default_factory=list)
    activities: list[PlanLine] = field(default_factory=list)
    subtotals: list[Subtotal] = field(default_factory=list)


def header_at(lines: Sequence[Line]) -> int | None:
    """Index of the table's heading, if the text has such a table."""

    def names_years(line: str, below: str) -> bool:
        years = [cell for cell in below.split("\t") if _YEAR.fullmatch(squeeze(cell))]
        return len(years) > 1 and _HEADER.search(line) is not None

    return heading_at(lines, names_years)


def read_table(lines: Sequence[Line]) -> PlanTable:
    """Read the table from its heading to its general total.

    Parameters
    ----------
    lines
        The lines of the document that are not blank.

    Returns
    -------
    PlanTable
        Empty when there is no such table.
    """
    start = header_at(lines)
    table = PlanTable()
    if start is None:
        return table
    years = [squeeze(cell) for cell in lines[start + 1].text.split("\t")]
    table.count = sum(1 for cell in years if _YEAR.fullmatch(cell))
    table.above = list(lines[:start])
    table.headings = list(lines[start : start + 2])
    body = lines[start + 2 :]
    last = next(
        (i for i, line in enumerate(body) if _GRAND.match(squeeze(line.text))), len(body) - 1
    )
    table.below = list(body[last + 1 :])
    reader = _Reader(table)
    for line in body[: last + 1]:
        reader.take(line)
    return table


class _Reader:
    """Where the reading of a table stands: the output open, what no total has closed yet."""

    def __init__(self, table: PlanTable) -> None:
        self.table = table
        self.output = ""
        self.open: dict[str, list[PlanLine]] = {
            level: [] for level in ("extrant", "effet", "RS", "total")
        }

    def take(self, line: Line) -> None:
        cells = [squeeze(_MARKUP.sub(" ", cell)) for cell in line.text.split("\t")]
        filled = [cell for cell in cells if cell]
        if not filled or _SUBTOTAL.match(filled[0]) or _GRAND.match(filled[0]):
            self._subtotal(line, cells, filled)
        elif len([cell for cell in filled if cell != "-"]) == 1:
            self._text_alone(line, filled[0])
        else:
            self._activity(line, cells)

    def _text_alone(self, line: Line, text: str) -> None:
        """A heading, or the rest of an activity's title."""
        if _OUTPUT.match(text):
            self.output = text
        elif not _UPPER.match(text) and self.table.activities:
            last = self.table.activities[-1]
            last.title = f"{last.title} {text}"
            last.more.append(line)
            return
        self.table.headings.append(line)

    def _activity(self, line: Line, cells: list[str]) -> None:
        texts, numbers = self._layout(cells)
        if _OUTPUT.match(cells[0]):
            self.output = cells[0]
        elif cells[0] and texts[0] != cells[0]:
            self.output = f"{self.output} {cells[0]}"
        years, total, recovered, aligned = _figures(numbers, self.table.count)
        one = PlanLine(
            line,
            texts[0],
            self.output,
            texts[1],
            texts[2],
            years,
            total,
            tuple(numbers),
            recovered,
            aligned,
        )
        self.table.activities.append(one)
        for lines in self.open.values():
            lines.append(one)

    def _layout(self, cells: list[str]) -> tuple[list[str], list[str]]:
        """Text cells and figure cells: with the column of outputs, or without it."""
        without = cells[_TEXTS:]
        shifted = bool(cells[0]) and not _OUTPUT.match(cells[0]) and all(map(_is_number, without))
        first = 0 if shifted else 1
        texts = [*cells[first : first + _TEXTS], "", "", ""][:_TEXTS]
        return texts, cells[first + _TEXTS :]

    def _subtotal(self, line: Line, cells: list[str], filled: list[str]) -> None:
        name = filled[0] if filled else ""
        level = _level(name)
        width = self.table.count + 1
        numbers = cells[-width:]
        values = [figure(cell) for cell in numbers]
        closes = tuple(self.open[level])
        self.table.subtotals.append(
            Subtotal(line, _label(name), level, tuple(values[:-1]), values[-1], numbers[-1], closes)
        )
        for inner in self.open:
            self.open[inner] = []
            if inner == level:
                break


def _level(name: str) -> str:
    if _GRAND.match(name):
        return "total"
    if re.search(r"\bRS\b|\bRS\d", name):
        return "RS"
    return "effet" if re.search(r"effet", name, re.IGNORECASE) else "extrant"


def _label(name: str) -> str:
    """``Extrant 2.1.1``, ``Effet 4.3``, ``RS 1``: one spelling for the same kind of total."""
    level = _level(name)
    if level == "total":
        return "Total général du tableau"
    number = re.search(r"\d[\d. ]*", name)
    digits = number.group().strip().rstrip(".") if number else ""
    return f"{level[:1].upper()}{level[1:]} {digits}".strip()


def _is_number(cell: str) -> bool:
    return (
        not cell
        or figure(cell) is not None
        or any(pattern.fullmatch(cell) for pattern in (_HIDDEN, _MEMORY))
    )


def _figures(cells: Sequence[str], count: int) -> tuple[Figures, Decimal | None, bool, bool]:
    """Years, total, whether a column too many was set aside, whether the columns align."""
    values = [figure(cell) for cell in cells]
    if len(values) == count + 1:
        return tuple(values[:count]), values[count], False, True
    total = values[-1] if values else None
    if len(values) == count + 2 and total is not None:
        kept = _without_one(values[:-1], total)
        if kept is not None:
            return kept, total, True, True
    return (None,) * count, total, False, False


def _without_one(values: Sequence[Decimal | None], total: Decimal) -> Figures | None:
    """The figures without the one too many, when only one way adds up to the total."""
    rests = {(*values[:i], *values[i + 1 :]) for i in range(len(values))}
    ways = {rest for rest in rests if sum((v for v in rest if v is not None), Decimal(0)) == total}
    return ways.pop() if len(ways) == 1 else None


def slipped_total(years: Figures) -> int | None:
    """Index of a year that repeats the sum of two or more years before it, nothing after.

    Examples
    --------
    >>> slipped_total(tuple(map(Decimal, (250, 250, 250, 750, 0))))
    3
    """
    values = [value or Decimal(0) for value in years]
    last = max((i for i, value in enumerate(values) if value), default=0)
    before = [value for value in values[:last] if value]
    return (
        last if len(before) > 1 and last < len(values) - 1 and sum(before) == values[last] else None
    )


def scale_jump(years: Figures) -> tuple[int, int] | None:
    """Two years in a row, one about a thousand times the other.

    Examples
    --------
    >>> scale_jump(tuple(map(Decimal, (16_000, 17_000, 18_000_000, 19_000_000, 20_000_000))))
    (1, 2)
    """
    for i in range(len(years) - 1):
        a, b = years[i], years[i + 1]
        if a and b and (a >= _JUMP * b or b >= _JUMP * a):
            return i, i + 1
    return None
