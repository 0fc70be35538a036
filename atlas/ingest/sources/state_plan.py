"""Action plans of the State: a budget table over several years, inside a long text.

An activity of the plan is intended by a policy, no more: its kind is *plan*. Columns drift: an
output's cell may be absent, a column too many, a cell blank or cut over two lines. A line is
read where its form leaves one reading, which its own total then confirms or contradicts; it is
never corrected. Whatever the table and the text contradict is a finding with both figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from atlas.formats import month_end
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _
from atlas.ingest.parsing.dates import MONTHS
from atlas.ingest.reading import ControlTotal, Document, Finding, Money, PlaceText, Reading, Record
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources._prose import (
    FIGURE,
    MONTH,
    NAME,
    TextLine,
    figure_of_cell,
    formatted_figure,
    heading_at,
    lines_of,
    names_in_list,
    not_this_kind_error,
    squeeze_spaces,
)
from atlas.model import Kind, Outcome, Reader, Source

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

    line: TextLine
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
    more: list[TextLine] = field(default_factory=list)
    """Lines that only carry its title on."""

    @property
    def for_memory(self) -> bool:
        """Whether a cell says "PM": named, without a figure."""
        return any(_MEMORY.fullmatch(cell) for cell in self.raw)

    @property
    def known_figures(self) -> list[Decimal]:
        """Its figures that are known."""
        return [value for value in self.years if value is not None]


@dataclass(frozen=True)
class PrintedSubtotal:
    """A printed total, and the activities it closes."""

    line: TextLine
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
            return sum((value for one in self.closes for value in one.known_figures), Decimal(0))
        values = (one.years[year] for one in self.closes)
        return sum((value for value in values if value is not None), Decimal(0))


@dataclass
class PlanTable:
    """The table, line by line."""

    count: int = 0
    """How many years it has."""
    above: list[TextLine] = field(default_factory=list)
    below: list[TextLine] = field(default_factory=list)
    headings: list[TextLine] = field(default_factory=list)
    activities: list[PlanLine] = field(default_factory=list)
    subtotals: list[PrintedSubtotal] = field(default_factory=list)


def plan_header_index(lines: Sequence[TextLine]) -> int | None:
    """Index of the table's heading, if the text has such a table."""

    def names_years(line: str, below: str) -> bool:
        years = [cell for cell in below.split("\t") if _YEAR.fullmatch(squeeze_spaces(cell))]
        return len(years) > 1 and _HEADER.search(line) is not None

    return heading_at(lines, names_years)


def read_table(lines: Sequence[TextLine]) -> PlanTable:
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
    start = plan_header_index(lines)
    table = PlanTable()
    if start is None:
        return table
    years = [squeeze_spaces(cell) for cell in lines[start + 1].text.split("\t")]
    table.count = sum(1 for cell in years if _YEAR.fullmatch(cell))
    table.above = list(lines[:start])
    table.headings = list(lines[start : start + 2])
    body = lines[start + 2 :]
    last = next(
        (i for i, line in enumerate(body) if _GRAND.match(squeeze_spaces(line.text))), len(body) - 1
    )
    table.below = list(body[last + 1 :])
    reader = _PlanTableReader(table)
    for line in body[: last + 1]:
        reader.take_line(line)
    return table


class _PlanTableReader:
    """Where the reading of a table stands: the output open, what no total has closed yet."""

    def __init__(self, table: PlanTable) -> None:
        self.table = table
        self.output = ""
        self.open: dict[str, list[PlanLine]] = {
            level: [] for level in ("extrant", "effet", "RS", "total")
        }

    def take_line(self, line: TextLine) -> None:
        cells = [squeeze_spaces(_MARKUP.sub(" ", cell)) for cell in line.text.split("\t")]
        filled = [cell for cell in cells if cell]
        if not filled or _SUBTOTAL.match(filled[0]) or _GRAND.match(filled[0]):
            self._take_subtotal(line, cells, filled)
        elif len([cell for cell in filled if cell != "-"]) == 1:
            self._take_lone_text(line, filled[0])
        else:
            self._take_activity(line, cells)

    def _take_lone_text(self, line: TextLine, text: str) -> None:
        """A heading, or the rest of an activity's title."""
        if _OUTPUT.match(text):
            self.output = text
        elif not _UPPER.match(text) and self.table.activities:
            last = self.table.activities[-1]
            last.title = f"{last.title} {text}"
            last.more.append(line)
            return
        self.table.headings.append(line)

    def _take_activity(self, line: TextLine, cells: list[str]) -> None:
        texts, numbers = self._texts_and_numbers(cells)
        if _OUTPUT.match(cells[0]):
            self.output = cells[0]
        elif cells[0] and texts[0] != cells[0]:
            self.output = f"{self.output} {cells[0]}"
        years, total, recovered, aligned = _years_and_total(numbers, self.table.count)
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

    def _texts_and_numbers(self, cells: list[str]) -> tuple[list[str], list[str]]:
        """Text cells and figure cells: with the column of outputs, or without it."""
        without = cells[_TEXTS:]
        shifted = bool(cells[0]) and not _OUTPUT.match(cells[0]) and all(map(_is_number, without))
        first = 0 if shifted else 1
        texts = [*cells[first : first + _TEXTS], "", "", ""][:_TEXTS]
        return texts, cells[first + _TEXTS :]

    def _take_subtotal(self, line: TextLine, cells: list[str], filled: list[str]) -> None:
        name = filled[0] if filled else ""
        level = _level_of_total(name)
        width = self.table.count + 1
        numbers = cells[-width:]
        values = [figure_of_cell(cell) for cell in numbers]
        closes = tuple(self.open[level])
        self.table.subtotals.append(
            PrintedSubtotal(
                line,
                _label_of_total(name),
                level,
                tuple(values[:-1]),
                values[-1],
                numbers[-1],
                closes,
            )
        )
        for inner in self.open:
            self.open[inner] = []
            if inner == level:
                break


def _level_of_total(name: str) -> str:
    if _GRAND.match(name):
        return "total"
    if re.search(r"\bRS\b|\bRS\d", name):
        return "RS"
    return "effet" if re.search(r"effet", name, re.IGNORECASE) else "extrant"


def _label_of_total(name: str) -> str:
    """``Extrant 2.1.1``, ``Effet 4.3``, ``RS 1``: one spelling for the same kind of total."""
    level = _level_of_total(name)
    if level == "total":
        return "Total général du tableau"
    number = re.search(r"\d[\d. ]*", name)
    digits = number.group().strip().rstrip(".") if number else ""
    return f"{level[:1].upper()}{level[1:]} {digits}".strip()


def _is_number(cell: str) -> bool:
    return (
        not cell
        or figure_of_cell(cell) is not None
        or any(pattern.fullmatch(cell) for pattern in (_HIDDEN, _MEMORY))
    )


def _years_and_total(
    cells: Sequence[str], count: int
) -> tuple[Figures, Decimal | None, bool, bool]:
    """Years, total, whether a column too many was set aside, whether the columns align."""
    values = [figure_of_cell(cell) for cell in cells]
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


_WHOLE = re.compile(
    rf"\b(?:estimé|évalué|s[’']élève|coût)\b.*?({FIGURE})\s+(?:francs? CFA|F ?CFA)", re.I
)
_YEAR_TOTAL = re.compile(rf"-?\s*(20\d\d)\s*:\s*({FIGURE})")
_RESULT = re.compile(rf"-?\s*(RS\s?\d)\s*:\s*({FIGURE})")
_REACH = 40
"""How many lines after the stated whole its parts may stand."""
_SCALES = (1, 1_000, 1_000_000)


@dataclass(frozen=True)
class TextTotals:
    """What the text states, in francs; the same cost cut three ways."""

    locator: str = ""
    whole: Decimal | None = None
    years: tuple[tuple[int, Decimal], ...] = ()
    results: tuple[tuple[str, Decimal], ...] = ()

    def whole_totals(self) -> Iterator[tuple[str, Decimal]]:
        """The whole as stated, and as its own parts add up."""
        if self.whole is not None:
            yield "Texte : coût global", self.whole
        if self.years:
            yield "Texte : somme des années", sum((v for _y, v in self.years), Decimal(0))
        if self.results:
            yield "Texte : somme des résultats", sum((v for _r, v in self.results), Decimal(0))


def text_totals(below: Sequence[TextLine]) -> TextTotals:
    """Totals in the lines under the table.

    Parameters
    ----------
    below
        Lines after the table.
    """
    plain = [(line, line.text.replace("*", "")) for line in below if "\t" not in line.text]
    for index, (line, text) in enumerate(plain):
        found = _WHOLE.search(text)
        whole = figure_of_cell(found.group(1)) if found else None
        if whole is None:
            continue
        after = [following for _line, following in plain[index + 1 : index + _REACH]]
        years = [
            (int(m.group(1)), figure_of_cell(m.group(2)))
            for m in map(_YEAR_TOTAL.match, after)
            if m
        ]
        results = [(m.group(1), figure_of_cell(m.group(2))) for m in map(_RESULT.match, after) if m]
        return TextTotals(
            line.locator,
            whole,
            tuple((year, value) for year, value in years if value is not None),
            tuple((name, value) for name, value in results if value is not None),
        )
    return TextTotals()


def scale_of(table: PlanTable, text: TextTotals) -> int:
    """How many francs a unit of the table is: what brings its total nearest the text's.

    Nearest means within a factor of two; a table without a total in the text, or far from
    it, is taken in francs.
    """
    printed = table.subtotals[-1].total if table.subtotals else None
    if text.whole is None or not printed:
        return 1
    ratio = text.whole / printed
    return next((s for s in _SCALES if Decimal(s) / 2 <= ratio <= Decimal(s) * 2), 1)


_WORD = r"[A-ZÀ-Ý][\w’'-]+(?: d[ue] [\w-]+)?"
_LIST = rf"{_WORD}(?:(?:, | et ){_WORD})*"
_LISTED = re.compile(r"\brégions?\b[^()]{0,30}\(([^()]+)\)", re.IGNORECASE)
_OF = re.compile(rf"\brégions? de ({_LIST})")
_OFFICES = re.compile(r"\b[Rr]égionales?\b.{0,30}?\bde ((?:[A-ZÀ-Ý]{4,}, )+[A-ZÀ-Ý]{4,})")
_DISTRICT = re.compile(rf"\bdistrict de ({NAME})")
_EVERYWHERE = re.compile(
    r"\b(?:dans|toutes) les (?:autres )?régions\b(?! de [A-Z]| \()", re.IGNORECASE
)
_MENTION = re.compile(rf"\b(?:commune|cercle|ville)s?(?: \w+)? de ({NAME})")


def places_in(title: str) -> tuple[PlaceText, ...]:
    """Régions a line is for; empty where it is for the country.

    A list after "régions", offices opened in named régions, a district. "Dans les
    régions" without a name is the country.

    Examples
    --------
    >>> [p.region for p in places_in("visites dans les régions de Gao, Kidal et Mopti")]
    ['Gao', 'Kidal', 'Mopti']
    >>> places_in("contrôles à Bamako et dans les régions")
    ()
    """
    text = squeeze_spaces(title)
    for pattern in (_LISTED, _OF, _OFFICES):
        found = pattern.search(text)
        names = names_in_list(found.group(1)) if found else []
        if names:
            return tuple(PlaceText(region=name) for name in names)
    district = _DISTRICT.search(text)
    if district and not _EVERYWHERE.search(text):
        return (PlaceText(region=district.group(1)),)
    return ()


def mentioned_places(title: str) -> list[str]:
    """Places a line names without being theirs: a pilot's commune, where the line is not.

    Examples
    --------
    >>> mentioned_places("suites d'un essai mené dans la commune de Sikasso")
    ['Sikasso']
    """
    return [] if places_in(title) else _MENTION.findall(squeeze_spaces(title))


_UNITS = {1: "", 1_000: " milliers", 1_000_000: " millions"}


def line_findings(one: PlanLine, first_year: int) -> Iterator[Finding]:
    """Columns that drifted, sums that fail, totals and thousands out of place.

    Parameters
    ----------
    one
        A line of the table.
    first_year
        Calendar year of its first column.
    """
    where, title = one.line.locator, one.title
    cells = " | ".join(one.raw)
    if one.recovered:
        seen = {"raw": cells, "read": " | ".join(_figure_or_dash(value) for value in one.years)}
        yield Finding("column_drift", where, "amount", seen)
    if not one.aligned:
        yield Finding("value_unreadable", where, "amount", {"field": "Montants", "raw": cells})
    if one.for_memory:
        yield Finding("amount_for_memory", where, "amount", {"title": title})
    if not one.known_figures:
        yield Finding("amount_missing", where, "amount", {"title": title})
    total = sum(one.known_figures, Decimal(0))
    if one.known_figures and one.total is not None and total != one.total:
        figures = {"published": formatted_figure(one.total), "read": formatted_figure(total)}
        yield Finding("total_mismatch", where, "amount", {"name": f"Ligne « {title} »", **figures})
    yield from _out_of_place(one, first_year)


def _out_of_place(one: PlanLine, first_year: int) -> Iterator[Finding]:
    where = one.line.locator
    slipped = slipped_total(one.years)
    if slipped is not None:
        seen = {"year": first_year + slipped, "value": _figure_or_dash(one.years[slipped])}
        yield Finding("total_in_year", where, "amount", seen)
    jump = scale_jump(one.years)
    if jump is not None:
        before, after = jump
        seen = {
            "before": _figure_or_dash(one.years[before]),
            "after": _figure_or_dash(one.years[after]),
            "year": first_year + after,
        }
        yield Finding("scale_jump", where, "amount", seen)


def _figure_or_dash(value: Decimal | None) -> str:
    return "—" if value is None else formatted_figure(value)


def total_findings(total: PrintedSubtotal, first_year: int, scale: int) -> Iterator[Finding]:
    """A printed total against its lines, year by year, and against its own years.

    Parameters
    ----------
    total
        A total of the table.
    first_year
        Calendar year of the first column.
    scale
        Francs in a unit of the table, named after the figures.
    """
    where, unit = total.line.locator, _UNITS.get(scale, "")

    def mismatch(name: str, published: Decimal | None, read: Decimal) -> Finding:
        figures = {
            "published": f"{_figure_or_dash(published)}{unit}",
            "read": f"{formatted_figure(read)}{unit}",
        }
        return Finding("total_mismatch", where, "amount", {"name": name, **figures})

    if total.total is None:
        seen = {"field": total.name, "raw": total.raw_total}
        yield Finding("value_unreadable", where, "amount", seen)
    if not total.closes:
        seen = {"name": total.name, "published": f"{_figure_or_dash(total.total)}{unit}"}
        yield Finding("published_not_itemised", where, "amount", seen)
        return
    if total.total is not None and total.total != total.read():
        yield mismatch(total.name, total.total, total.read())
    for index, published in enumerate(total.years):
        read = total.read(index)
        if (published or Decimal(0)) != read:
            yield mismatch(f"{total.name}, {first_year + index}", published, read)
    own = sum((value for value in total.years if value is not None), Decimal(0))
    if total.total is not None and own != total.total:
        yield mismatch(f"{total.name}, somme de ses années", total.total, own)


SPEC = load_spec(__name__)

_SPAN = re.compile(r"\b(20\d\d)\s?[-–]\s?(20\d\d)\b")
_MONTH = re.compile(rf"\W*({MONTH})\s+(\d{{4}})\W*", re.IGNORECASE)
_NAMED = re.compile(r"\bplan d[’']\s?actions?\b", re.IGNORECASE)


@dataclass(frozen=True)
class _StatePlan:
    """The table with what the text around it says of it."""

    table: PlanTable
    text: TextTotals
    first_year: int
    scale: int
    """How many francs a unit of the table is."""

    @property
    def last_year(self) -> int:
        return self.first_year + self.table.count - 1

    def in_francs(self, value: Decimal | None) -> Decimal | None:
        """A figure of the table in francs."""
        return None if value is None else value * self.scale


def sniff(document: Document) -> float:
    """How surely this is a plan: a text whose table has outputs, activities and years."""
    if document.text is None:
        return 0.0
    return 0.95 if plan_header_index(lines_of(document)) is not None else 0.0


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
        raise not_this_kind_error(document, _("aucun tableau d'activités par année"))
    plan = _plan_of_document(document, table)
    as_of = options.as_of or _as_of(table.above, plan)
    totals = tuple(_control_totals(plan))
    return Reading(
        reader=Reader.STATE_PLAN,
        title=_title_of_plan(plan),
        as_of=as_of,
        frame=options.frame or _frame_on(as_of),
        records=tuple(_record_of_line(plan, one) for one in table.activities),
        outcomes=tuple(_line_outcomes(table)),
        findings=tuple(_plan_findings(plan)),
        control_totals=totals,
        period_start=date(plan.first_year, 1, 1),
        period_end=date(plan.last_year, 12, 31),
        origin=SPEC.origin,
    )


def _plan_of_document(document: Document, table: PlanTable) -> _StatePlan:
    """The years are those named last before the table; its unit follows from the text."""
    spans = [match for line in table.above for match in _SPAN.finditer(line.text)]
    fitting = [m for m in spans if int(m.group(2)) - int(m.group(1)) == table.count - 1]
    if not fitting:
        raise not_this_kind_error(document, _("les années du plan ne sont pas dites"))
    text = text_totals(table.below)
    return _StatePlan(table, text, int(fitting[-1].group(1)), scale_of(table, text))


def _title_of_plan(plan: _StatePlan) -> str:
    return f"{SPEC.title} {plan.first_year}-{plan.last_year}"


def _as_of(above: Sequence[TextLine], plan: _StatePlan) -> date:
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
    return shipped_frames().frame_on(day)


def _record_of_line(plan: _StatePlan, one: PlanLine) -> Record:
    places = places_in(one.title)
    responsible, *others = _organisations_in(one.responsible) or [""]
    spent = [i for i, value in enumerate(one.years) if value]
    first, last = (spent[0], spent[-1]) if spent else (0, plan.table.count - 1)
    return Record(
        locator=one.line.locator,
        kind=Kind.PLAN,
        source=Source.STATE_PLAN,
        title=one.title.rstrip(" ;."),
        result=one.output,
        lead=responsible,
        implementers=tuple(dict.fromkeys([*others, *_organisations_in(one.actors)])),
        status_raw=SPEC.data["status"],
        start=date(plan.first_year + first, 1, 1),
        end=date(plan.first_year + last, 12, 31),
        places=places,
        national=not places,
        amounts=tuple(_amounts_of_line(plan, one)),
        folded=tuple(line.locator for line in one.more),
    )


def _amounts_of_line(plan: _StatePlan, one: PlanLine) -> Iterator[Money]:
    for index, value in enumerate(one.years):
        francs = plan.in_francs(value)
        if francs is not None:
            year = plan.first_year + index
            start, end = date(year, 1, 1), date(year, 12, 31)
            yield Money(francs, SPEC.data["currency"], "budget", start, end)


def _organisations_in(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("/") if part.strip()]


def _line_outcomes(table: PlanTable) -> Iterator[tuple[str, Outcome]]:
    yield from ((line.locator, Outcome.IGNORED) for line in table.headings)
    yield from ((total.line.locator, Outcome.AGGREGATE) for total in table.subtotals)


def _control_totals(plan: _StatePlan) -> Iterator[ControlTotal]:
    """Every printed total against the lines it closes; then the totals of the text.

    The text states a whole, its years and its results, which add up to other wholes: each
    is set against the same lines.
    """
    currency = SPEC.data["currency"]
    for total in plan.table.subtotals:
        read = plan.in_francs(total.read()) if total.closes else None
        yield ControlTotal(total.name, plan.in_francs(total.total), read, None, "", currency)
        if total.level == "total":
            yield from _years_of(plan, total)
    lines = plan.in_francs(_sum_read(plan))
    for name, published in plan.text.whole_totals():
        yield ControlTotal(name, published, lines, None, "", currency)
    for year, published in plan.text.years:
        index = year - plan.first_year
        read = plan.in_francs(_sum_read(plan, index)) if 0 <= index < plan.table.count else None
        yield ControlTotal("Texte : année", published, read, None, str(year), currency)
    for result, published in plan.text.results:
        read = plan.in_francs(_of_result(plan, result))
        yield ControlTotal(f"Texte : {result}", published, read, None, "", currency)


def _years_of(plan: _StatePlan, total: PrintedSubtotal) -> Iterator[ControlTotal]:
    for index, published in enumerate(total.years):
        year = str(plan.first_year + index)
        name = f"{total.name}, {year}"
        read = plan.in_francs(total.read(index))
        yield ControlTotal(name, plan.in_francs(published), read, None, year, SPEC.data["currency"])


def _sum_read(plan: _StatePlan, index: int | None = None) -> Decimal:
    values = (
        one.known_figures
        if index is None
        else [v for v in one.years[index : index + 1] if v is not None]
        for one in plan.table.activities
    )
    return sum((value for group in values for value in group), Decimal(0))


def _of_result(plan: _StatePlan, result: str) -> Decimal | None:
    number = re.sub(r"\D", "", result)
    closing = [
        total
        for total in plan.table.subtotals
        if total.level == "RS" and re.sub(r"\D", "", total.name) == number
    ]
    return closing[0].read() if closing else None


def _plan_findings(plan: _StatePlan) -> Iterator[Finding]:
    yield from _about_document(plan)
    for one in plan.table.activities:
        yield from line_findings(one, plan.first_year)
        for name in mentioned_places(one.title):
            yield Finding("place_mentioned", one.line.locator, "place", {"raw": name})
    for total in plan.table.subtotals:
        yield from total_findings(total, plan.first_year, plan.scale)


def _about_document(plan: _StatePlan) -> Iterator[Finding]:
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
    whole = [(total.name, plan.in_francs(total.total)) for total in plan.table.subtotals[-1:]]
    wholes = [*whole, *plan.text.whole_totals()]
    values = {value for _name, value in wholes if value is not None}
    if len(values) > 1:
        readings = " ; ".join(f"{name} {value:,.0f}".replace(",", " ") for name, value in wholes)
        named = {"name": "coût total", "readings": readings}
        yield Finding("figures_disagree", plan.text.locator, "amount", named)
