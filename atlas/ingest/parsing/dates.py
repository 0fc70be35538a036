"""Dates and periods as people write them: French first, English understood.

Order of figures is day, month, year, unless the column they stand in shows another one
(`order_of`). A date that is impossible so, and possible as month, day, year, is read so, with a
finding; one that no calendar has is no date, with a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from atlas.ingest.parsing.amounts import Findings, clean, is_absent
from atlas.ingest.parsing.months import MONTHS, month_end
from atlas.ingest.reading import Finding

_EXCEL_EPOCH = date(1899, 12, 30)
_LONGEST = 100  # characters: a longer text is prose, not a date
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
_YEARS = (1960, 2069)
"""Years that a document of this field can speak of: the Republic is of 1960."""
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ORDINALS = {"1er": 1, "1re": 1, "1ère": 1, "premier": 1, "première": 1, "first": 1, "deuxième": 2}
_ORDINALS |= {"second": 2, "2nd": 2, "troisième": 3, "third": 3, "quatrième": 4, "fourth": 4}
_NTH = rf"(?:(?P<n>[1-4])(?:er|re|ère|e|ème|è|nd|st|rd|th)?|(?P<word>{'|'.join(_ORDINALS)}))"
_PARTS = {"t": 3, "q": 3, "tr": 3, "trim": 3, "trimestre": 3, "quarter": 3}
_PARTS |= {"s": 6, "h": 6, "semestre": 6, "sem": 6, "semester": 6}
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s"

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[t ]\d.*)?)?")
_FIGURES = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: \d{1,2}:\d.*)?")
_NAMED = re.compile(
    rf"(?:le\s)?(?:{_WEEKDAY})?(?P<day>\d{{1,2}})\s?(?:er|st|nd|rd|th)?[\s\-/]"
    rf"(?P<month>{_MONTH})\.?[\s\-/,]{{0,2}}(?P<year>\d{{4}}|\d{{2}})"
)
_DAY_MONTH = re.compile(r"\d{1,2}[-/.]\d{1,2}")
"""Figures of a day and a month, or of a month and a year of two figures."""
_IN_TEXT = re.compile(r"(?<![\d/.-])(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?![\d/.-])")
_NAMED_DAY = re.compile(rf"(?:le\s)?(?:{_WEEKDAY})?\d{{1,2}}\s?(?:er)?\s(?:{_MONTH})")
"""A day and the name of a month, without a year."""
_ENGLISH = re.compile(
    rf"(?P<month>{_MONTH})\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})"
)
_MONTH_YEAR = re.compile(
    rf"(?:(?P<month>{_MONTH})\.?[\s\-/]?|(?P<figure>\d{{1,2}})[/\-])"
    r"(?P<year>\d{4}|(?<=[\-/])\d{2})"
)
_YEAR = re.compile(r"(?:(?:année|exercice|an|year|fy)\s)?(\d{4})")
_PART = re.compile(
    r"(?P<letter>[tqsh])\s?(?P<nb>[1-4])[\s\-/]{0,3}(?P<y1>\d{4})"
    rf"|{_NTH}\s?(?P<unit>trimestre|trim|tr|quarter|semestre|sem|semester)\.?\s(?:de\s|of\s)?(?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})[\s\-/]?(?P<letter3>[tqsh])(?P<nb3>[1-4])"
)
_VAGUE = re.compile(
    r"(?:à\s(?:la\s)?|en\s)?(?:début|mi|milieu|courant|fin|early|mid|late|end)[\s\-]{0,3}"
    r"(?:du\smois\s)?(?:de\s|d['’]|of\s)?(?P<whole>.+)"
)
_LEAD = re.compile(
    r"^(?:période|durée|period|duration)?\s?:?\s?(?:du|de|d['’]|entre|from|between)?\s?(?=.*\d)"
)
_OPEN = re.compile(
    r"(?P<since>depuis|à\spartir\sd[eu']|à\scompter\sd[eu']|since)\s?(?:le\s|l['’])?(?P<first>.+)"
    r"|(?:jusqu['’](?:au|à|en)|until)\s?(?P<last>.+)"
)
_BETWEEN = re.compile(
    r"\s(?:au|à|a|jusqu['’]au|jusqu['’]à|et|to|until|and|→|>)\s|\s?[–—→]\s?|\s-\s"
)
_TIGHT = re.compile(r"[-/]")


class ParsedDate(NamedTuple):
    """A date as stated.

    Attributes
    ----------
    value, last
        First and last day of what is stated: equal for a day, the ends of a month or year
        otherwise; ``None`` when there is no date.
    precision
        ``"day"``, ``"month"``, ``"quarter"``, ``"semester"``, ``"year"``, or ``None``.
    """

    value: date | None
    last: date | None = None
    precision: str | None = None
    findings: Findings = ()


class Period(NamedTuple):
    """A period as stated, both days included; an end nobody stated is ``None``."""

    start: date | None
    end: date | None
    findings: Findings = ()


class Order(NamedTuple):
    """Which order of day and month the figures of a column, or of a whole list, show.

    Attributes
    ----------
    day_first, month_first
        A cell that allows that order only, or "".
    """

    day_first: str = ""
    month_first: str = ""

    @property
    def is_month_first(self) -> bool:
        """Whether every cell that is decided is month, day, year."""
        return bool(self.month_first) and not self.day_first


def order_of(cells: Iterable[object]) -> Order:
    """Order of day and month that the cells of a column show together.

    Examples
    --------
    >>> order_of(["03/04/2023", "12/31/2023"]).is_month_first
    True
    >>> order_of(["31/12/2023", "12/31/2023"])
    Order(day_first='31/12/2023', month_first='12/31/2023')
    """
    day_first = month_first = ""
    for text in (cell.strip() for cell in cells if isinstance(cell, str)):
        for found in _IN_TEXT.finditer(text) if len(text) <= _LONGEST else ():
            left, right = int(found[1]), int(found[2])
            day_first = day_first or (found[0] if left > 12 >= right else "")
            month_first = month_first or (found[0] if right > 12 >= left else "")
    return Order(day_first, month_first)


def parse_date(raw: object, field: str = "Date", *, month_first: bool = False) -> ParsedDate:
    """Date of a cell.

    Parameters
    ----------
    raw
        Text, ``date``, ``datetime``, an Excel serial number, a year, or ``None``.
    field
        Name of the column, for the finding.
    month_first
        The column is known to be month, day, year: see `order_of`.

    Examples
    --------
    >>> parse_date("1er janvier 2024").value, parse_date("juin 2017").last
    (datetime.date(2024, 1, 1), datetime.date(2017, 6, 30))
    >>> [f.code for f in parse_date("30 février 2017").findings]
    ['date_impossible']
    """
    if isinstance(raw, date):
        day = raw.date() if isinstance(raw, datetime) else raw
        return ParsedDate(day, day, "day")
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _serial(raw, field)
    text = clean(raw).casefold().rstrip(".;,")
    if not text or is_absent(text):
        return ParsedDate(None)
    if len(text) > _LONGEST:
        return ParsedDate(None, findings=(_unreadable(field, raw),))
    if text.isdecimal() and len(text) == 5:
        return _serial(int(text), field)
    try:
        found = (_day_second(text) if month_first else None) or _day(text)
        found = found or _month_or_longer(text) or _about(text)
    except ValueError:
        return ParsedDate(None, findings=(Finding("date_impossible", params={"raw": clean(raw)}),))
    if found is None:
        lacks = _NAMED_DAY.fullmatch(text)
        said = _without_year(clean(raw)) if lacks else _unreadable(field, raw)
        return ParsedDate(None, findings=(said,))
    return found


def parse_period(raw: object, field: str = "Période", *, month_first: bool = False) -> Period:
    """Period of a cell: a quarter, a span of days, months or years, or one date.

    What the first side leaves out it takes from the second (``mars-juin 2018``), and
    where that would run backwards, from the year before (``novembre à mars 2018``). A span
    of days whose year stands nowhere is unknown, and that is said.

    Examples
    --------
    >>> period = parse_period("T2 2024")
    >>> period.start.isoformat(), period.end.isoformat()
    ('2024-04-01', '2024-06-30')
    >>> period = parse_period("mars-juin 2018")
    >>> period.start.isoformat(), period.end.isoformat()
    ('2018-03-01', '2018-06-30')
    """
    text = clean(raw).casefold().rstrip(".;,") if isinstance(raw, str) else ""
    whole = parse_date(raw, field, month_first=month_first)
    if whole.value is not None or not text or is_absent(text) or len(text) > _LONGEST:
        return Period(whole.value, whole.last, whole.findings)
    bare = _LEAD.sub("", text)
    for separator in (_BETWEEN, _TIGHT):
        for cut in separator.finditer(bare):
            sides = bare[: cut.start()].strip(), bare[cut.end() :].strip()
            found = _span(*sides, clean(raw), month_first=month_first)
            if found is not None:
                return found
    if half := _OPEN.fullmatch(text):
        alone = parse_date(half["first"] or half["last"], field, month_first=month_first)
        if half["since"]:
            return Period(alone.value, None, alone.findings)
        return Period(None, alone.last, alone.findings)
    alone = parse_date(bare, field, month_first=month_first)
    if alone.value is not None:
        return Period(alone.value, alone.last, alone.findings)
    known = [f for f in (*whole.findings, *alone.findings) if f.code in _NO_DATE]
    return Period(None, None, tuple(known[:1]) or (_unreadable(field, raw),))


_NO_DATE = ("date_impossible", "date_without_year")


def _span(left: str, right: str, raw: str, *, month_first: bool) -> Period | None:
    """Period between two sides; ``None`` when they are not two dates."""
    last = parse_date(right, month_first=month_first)
    impossible = [f for f in last.findings if f.code == "date_impossible"]
    if any(f.code == "date_without_year" for f in last.findings):
        return Period(None, None, (Finding("date_without_year", params={"raw": raw}),))
    dayed = last.precision == "day" and _DAY_MONTH.fullmatch(left)
    first = ParsedDate(None) if dayed else parse_date(left, month_first=month_first)
    if re.fullmatch(r"\d{1,2}(?:er)?", left) and last.precision not in ("day", None):
        return None  # "31 au décembre 2018": a day is missing
    if last.last is None and not (impossible and first.value):
        return None
    borrowed = first.value is None and last.value is not None
    if borrowed and last.value is not None:
        first = _borrow(left, last.value, month_first=month_first)
    impossible += [f for f in first.findings if f.code == "date_impossible"]
    if first.value is None and not impossible:
        return None
    if impossible:
        note = Finding("date_impossible", params={"raw": raw})
        return Period(first.value, last.last, (note,))
    if first.value and last.last and first.value > last.last:
        ends = {"start": first.value.isoformat(), "end": last.last.isoformat()}
        return Period(None, None, (Finding("end_before_start", params=ends),))
    return Period(first.value, last.last, (*first.findings, *last.findings))


def _borrow(left: str, end: date, *, month_first: bool) -> ParsedDate:
    """Left side of a span, completed from the right one: its year, or its month and year."""
    if re.fullmatch(r"\d{1,2}(?:er)?", left):
        return parse_date(f"{left.removesuffix('er')}/{end.month}/{end.year}")
    for year in (end.year, end.year - 1):
        for shape in (f"{left} {year}", f"{left}/{year}"):
            found = parse_date(shape, month_first=month_first)
            if found.value is not None and found.value <= end:
                return found
            if any(f.code == "date_impossible" for f in found.findings):
                return found
    return ParsedDate(None)


def _day_second(text: str) -> ParsedDate | None:
    """Month, day, year in figures; ``None`` where that cannot be."""
    found = _FIGURES.fullmatch(text)
    if found is None or int(found[1]) > 12:
        return None
    return _on(_year(found[3]), int(found[1]), int(found[2]))


def _day(text: str) -> ParsedDate | None:
    """A text that states a day; ``ValueError`` when the calendar has no such day."""
    if (found := _ISO.fullmatch(text)) and found[3]:
        return _on(int(found[1]), int(found[2]), int(found[3]))
    if found := _FIGURES.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), _year(found[3])
        if month > 12 >= day:
            read = _on(year, day, month)
            params = {"raw": text, "read": read.value.isoformat() if read.value else ""}
            return ParsedDate(
                read.value, read.last, "day", (Finding("date_order_inferred", params=params),)
            )
        return _on(year, month, day)
    if found := _NAMED.fullmatch(text) or _ENGLISH.fullmatch(text):
        return _on(_year(found["year"]), MONTHS[found["month"]], int(found["day"]))
    return None


def _month_or_longer(text: str) -> ParsedDate | None:
    if found := _ISO.fullmatch(text):
        return _months(int(found[1]), int(found[2]), 1, "month")
    if found := _MONTH_YEAR.fullmatch(text):
        month = MONTHS[found["month"]] if found["month"] else int(found["figure"])
        if found["figure"] and int(found["year"]) <= 12:  # as likely a day and a month
            return ParsedDate(None, findings=(_without_year(text),))
        return _months(_year(found["year"]), month, 1, "month")
    if found := _PART.fullmatch(text):
        return _part(found)
    if found := _YEAR.fullmatch(text):
        return _months(int(found[1]), 1, 12, "year")
    return None


def _about(text: str) -> ParsedDate | None:
    """The month or longer of which a text names a part ("fin juin 2024"): read whole, and said."""
    named = _VAGUE.fullmatch(text)
    whole = _month_or_longer(named["whole"]) if named else None
    if whole is None or whole.value is None or whole.last is None:
        return None
    params = {"raw": text, "start": whole.value.isoformat(), "end": whole.last.isoformat()}
    return whole._replace(findings=(Finding("date_approximate", params=params),))


def _part(found: re.Match[str]) -> ParsedDate:
    unit = found["letter"] or found["letter3"] or found["unit"]
    figure = found["nb"] or found["nb3"] or found["n"]
    number = int(figure) if figure else _ORDINALS[found["word"]]
    length = _PARTS[unit]
    if number * length > 12:
        raise ValueError(found[0])
    year = int(found["y1"] or found["y2"] or found["y3"])
    precision = "quarter" if length == 3 else "semester"
    return _months(year, (number - 1) * length + 1, length, precision)


def _on(year: int, month: int, day: int) -> ParsedDate:
    value = date(_plausible(year), month, day)
    return ParsedDate(value, value, "day")


def _months(year: int, month: int, length: int, precision: str) -> ParsedDate:
    start = date(_plausible(year), month, 1)
    last = month + length - 1
    return ParsedDate(start, month_end(year, last), precision)


def _year(figures: str) -> int:
    """Year of four figures, or of two: 70 to 99 are of the last century."""
    year = int(figures)
    if len(figures) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def _plausible(year: int) -> int:
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise ValueError(year)
    return year


def _serial(number: float, field: str) -> ParsedDate:
    """Day of an Excel serial number (system of 1900), or a year that is alone in its cell."""
    if number == number and _EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1]:
        day = _EXCEL_EPOCH + timedelta(days=int(number))
        return ParsedDate(day, day, "day")
    if number == number and _YEARS[0] <= number <= _YEARS[1] and number == int(number):
        return _months(int(number), 1, 12, "year")
    return ParsedDate(None, findings=(_unreadable(field, f"{number:.6g}"),))


def _without_year(text: str) -> Finding:
    return Finding("date_without_year", params={"raw": text})


def _unreadable(field: str, raw: object) -> Finding:
    return Finding("value_unreadable", params={"field": field, "raw": clean(raw)})
