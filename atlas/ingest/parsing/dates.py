"""Dates, periods and durations as people write them: French first, English understood.

Order of figures is day, month, year, unless the column they stand in shows another one
(`order_of`). A date that is impossible so, and possible as month, day, year, is read so, with a
finding; one that no calendar has is no date, with a finding. The date of a document is the one
that the document states (`date_of_document`), never the clock's.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from atlas.formats import month_end
from atlas.i18n import N_
from atlas.ingest.parsing.amounts import Findings, clean_text, is_absent
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import Finding

_SPELLINGS = (
    "janvier janv jan january",
    "février fevrier févr fevr fév fev february feb",
    "mars mar march",
    "avril avr april apr",
    "mai may",
    "juin june jun",
    "juillet juil july jul",
    "août aout aoû august aug",
    "septembre sept sep september",
    "octobre oct october",
    "novembre nov november",
    "décembre decembre déc dec december",
)
MONTHS = {name: n for n, names in enumerate(_SPELLINGS, start=1) for name in names.split()}
"""Number of each name, in full or short, with and without accents."""
FOLDED = {fold_text(name): number for name, number in MONTHS.items()}
"""The same for texts that were folded."""
FRENCH = tuple(names.split()[0] for names in _SPELLINGS)
"""The French names in full."""


def month_number(text: str) -> int | None:
    """Number of a month named in French or English, in full or short.

    Examples
    --------
    >>> month_number("Août"), month_number("June"), month_number("QIP")
    (8, 6, None)
    """
    return FOLDED.get(fold_text(text))


def last_day_of(start: date, months: int, days: int = 0) -> date:
    """Last day of so many months and days that begin on ``start``.

    Examples
    --------
    >>> last_day_of(date(2017, 6, 14), 4), last_day_of(date(2017, 1, 1), 1, 10)
    (datetime.date(2017, 10, 13), datetime.date(2017, 2, 10))
    """
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    day = min(start.day, monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=days - 1)


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


class ParsedPeriod(NamedTuple):
    """A period as stated, both days included; an end nobody stated is ``None``."""

    start: date | None
    end: date | None
    findings: Findings = ()


class DateOrder(NamedTuple):
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


def order_of(cells: Iterable[object]) -> DateOrder:
    """Order of day and month that the cells of a column show together.

    Examples
    --------
    >>> order_of(["03/04/2023", "12/31/2023"]).is_month_first
    True
    >>> order_of(["31/12/2023", "12/31/2023"])
    DateOrder(day_first='31/12/2023', month_first='12/31/2023')
    """
    day_first = month_first = ""
    for text in (cell.strip() for cell in cells if isinstance(cell, str)):
        for found in _IN_TEXT.finditer(text) if len(text) <= _LONGEST else ():
            left, right = int(found[1]), int(found[2])
            day_first = day_first or (found[0] if left > 12 >= right else "")
            month_first = month_first or (found[0] if right > 12 >= left else "")
    return DateOrder(day_first, month_first)


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
        return _day_of_serial(raw, field)
    text = clean_text(raw).casefold().rstrip(".;,")
    if not text or is_absent(text):
        return ParsedDate(None)
    if len(text) > _LONGEST:
        return ParsedDate(None, findings=(_unreadable_date(field, raw),))
    if text.isdecimal() and len(text) == 5:
        return _day_of_serial(int(text), field)
    try:
        found = (_month_first_day(text) if month_first else None) or _parsed_day(text)
        found = found or _month_or_longer(text) or _vague_period(text)
    except ValueError:
        return ParsedDate(
            None, findings=(Finding("date_impossible", params={"raw": clean_text(raw)}),)
        )
    if found is None:
        lacks = _NAMED_DAY.fullmatch(text)
        said = _no_year_finding(clean_text(raw)) if lacks else _unreadable_date(field, raw)
        return ParsedDate(None, findings=(said,))
    return found


def parse_period(raw: object, field: str = "Période", *, month_first: bool = False) -> ParsedPeriod:
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
    text = clean_text(raw).casefold().rstrip(".;,") if isinstance(raw, str) else ""
    whole = parse_date(raw, field, month_first=month_first)
    if whole.value is not None or not text or is_absent(text) or len(text) > _LONGEST:
        return ParsedPeriod(whole.value, whole.last, whole.findings)
    bare = _LEAD.sub("", text)
    for separator in (_BETWEEN, _TIGHT):
        for cut in separator.finditer(bare):
            sides = bare[: cut.start()].strip(), bare[cut.end() :].strip()
            found = _period_between(*sides, clean_text(raw), month_first=month_first)
            if found is not None:
                return found
    if half := _OPEN.fullmatch(text):
        alone = parse_date(half["first"] or half["last"], field, month_first=month_first)
        if half["since"]:
            return ParsedPeriod(alone.value, None, alone.findings)
        return ParsedPeriod(None, alone.last, alone.findings)
    alone = parse_date(bare, field, month_first=month_first)
    if alone.value is not None:
        return ParsedPeriod(alone.value, alone.last, alone.findings)
    known = [f for f in (*whole.findings, *alone.findings) if f.code in _NO_DATE]
    return ParsedPeriod(None, None, tuple(known[:1]) or (_unreadable_date(field, raw),))


_NO_DATE = ("date_impossible", "date_without_year")


def _period_between(left: str, right: str, raw: str, *, month_first: bool) -> ParsedPeriod | None:
    """Period between two sides; ``None`` when they are not two dates."""
    last = parse_date(right, month_first=month_first)
    impossible = [f for f in last.findings if f.code == "date_impossible"]
    if any(f.code == "date_without_year" for f in last.findings):
        return ParsedPeriod(None, None, (Finding("date_without_year", params={"raw": raw}),))
    dayed = last.precision == "day" and _DAY_MONTH.fullmatch(left)
    first = ParsedDate(None) if dayed else parse_date(left, month_first=month_first)
    if re.fullmatch(r"\d{1,2}(?:er)?", left) and last.precision not in ("day", None):
        return None  # "31 au décembre 2018": a day is missing
    if last.last is None and not (impossible and first.value):
        return None
    borrowed = first.value is None and last.value is not None
    if borrowed and last.value is not None:
        first = _completed_start(left, last.value, month_first=month_first)
    impossible += [f for f in first.findings if f.code == "date_impossible"]
    if first.value is None and not impossible:
        return None
    if impossible:
        note = Finding("date_impossible", params={"raw": raw})
        return ParsedPeriod(first.value, last.last, (note,))
    if first.value and last.last and first.value > last.last:
        ends = {"start": first.value.isoformat(), "end": last.last.isoformat()}
        return ParsedPeriod(None, None, (Finding("end_before_start", params=ends),))
    return ParsedPeriod(first.value, last.last, (*first.findings, *last.findings))


def _completed_start(left: str, end: date, *, month_first: bool) -> ParsedDate:
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


def _month_first_day(text: str) -> ParsedDate | None:
    """Month, day, year in figures; ``None`` where that cannot be."""
    found = _FIGURES.fullmatch(text)
    if found is None or int(found[1]) > 12:
        return None
    return _date_of(_full_year(found[3]), int(found[1]), int(found[2]))


def _parsed_day(text: str) -> ParsedDate | None:
    """A text that states a day; ``ValueError`` when the calendar has no such day."""
    if (found := _ISO.fullmatch(text)) and found[3]:
        return _date_of(int(found[1]), int(found[2]), int(found[3]))
    if found := _FIGURES.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), _full_year(found[3])
        if month > 12 >= day:
            read = _date_of(year, day, month)
            params = {"raw": text, "read": read.value.isoformat() if read.value else ""}
            return ParsedDate(
                read.value, read.last, "day", (Finding("date_order_inferred", params=params),)
            )
        return _date_of(year, month, day)
    if found := _NAMED.fullmatch(text) or _ENGLISH.fullmatch(text):
        return _date_of(_full_year(found["year"]), MONTHS[found["month"]], int(found["day"]))
    return None


def _month_or_longer(text: str) -> ParsedDate | None:
    if found := _ISO.fullmatch(text):
        return _span_of_months(int(found[1]), int(found[2]), 1, "month")
    if found := _MONTH_YEAR.fullmatch(text):
        month = MONTHS[found["month"]] if found["month"] else int(found["figure"])
        if found["figure"] and int(found["year"]) <= 12:  # as likely a day and a month
            return ParsedDate(None, findings=(_no_year_finding(text),))
        return _span_of_months(_full_year(found["year"]), month, 1, "month")
    if found := _PART.fullmatch(text):
        return _quarter_or_semester(found)
    if found := _YEAR.fullmatch(text):
        return _span_of_months(int(found[1]), 1, 12, "year")
    return None


def _vague_period(text: str) -> ParsedDate | None:
    """The month or longer of which a text names a part ("fin juin 2024"): read whole, and said."""
    named = _VAGUE.fullmatch(text)
    whole = _month_or_longer(named["whole"]) if named else None
    if whole is None or whole.value is None or whole.last is None:
        return None
    params = {"raw": text, "start": whole.value.isoformat(), "end": whole.last.isoformat()}
    return whole._replace(findings=(Finding("date_approximate", params=params),))


def _quarter_or_semester(found: re.Match[str]) -> ParsedDate:
    unit = found["letter"] or found["letter3"] or found["unit"]
    figure = found["nb"] or found["nb3"] or found["n"]
    number = int(figure) if figure else _ORDINALS[found["word"]]
    length = _PARTS[unit]
    if number * length > 12:
        raise ValueError(found[0])
    year = int(found["y1"] or found["y2"] or found["y3"])
    precision = "quarter" if length == 3 else "semester"
    return _span_of_months(year, (number - 1) * length + 1, length, precision)


def _date_of(year: int, month: int, day: int) -> ParsedDate:
    value = date(_plausible_year(year), month, day)
    return ParsedDate(value, value, "day")


def _span_of_months(year: int, month: int, length: int, precision: str) -> ParsedDate:
    start = date(_plausible_year(year), month, 1)
    last = month + length - 1
    return ParsedDate(start, month_end(year, last), precision)


def _full_year(figures: str) -> int:
    """Year of four figures, or of two: 70 to 99 are of the last century."""
    year = int(figures)
    if len(figures) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def _plausible_year(year: int) -> int:
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise ValueError(year)
    return year


def _day_of_serial(number: float, field: str) -> ParsedDate:
    """Day of an Excel serial number (system of 1900), or a year that is alone in its cell."""
    if number == number and _EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1]:
        day = _EXCEL_EPOCH + timedelta(days=int(number))
        return ParsedDate(day, day, "day")
    if number == number and _YEARS[0] <= number <= _YEARS[1] and number == int(number):
        return _span_of_months(int(number), 1, 12, "year")
    return ParsedDate(None, findings=(_unreadable_date(field, f"{number:.6g}"),))


def _no_year_finding(text: str) -> Finding:
    return Finding("date_without_year", params={"raw": text})


def _unreadable_date(field: str, raw: object) -> Finding:
    return Finding("value_unreadable", params={"field": field, "raw": clean_text(raw)})


_ANY_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_LONG = re.compile(r"^(?:trim(?:estre)?|quarter)\.?\s*([1-4])\b", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?P<n>\d{1,4}|une?|one|deux|two|trois|three)\s*"
    r"(?P<unit>jours?|days?|j|semaines?|weeks?|mois|months?|ans?|annees?|years?)(?![a-z])"
)
_NUMBERS = {"un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3}
_MONTHS = {"m": 1, "a": 12, "y": 12}
_DAYS = {"j": 1, "d": 1, "s": 7, "w": 7}
_LONGEST_DURATION = 600
"""Months beyond which no project lasts: fifty years."""


class ParsedDuration(NamedTuple):
    """A stretch of time as stated: months and days."""

    months: int
    days: int

    def last_day(self, start: date) -> date:
        """Last day of what begins on ``start``."""
        return last_day_of(start, self.months, self.days)


def duration_of(text: str, heading: str = "") -> ParsedDuration | None:
    """A duration as written; a bare number is in the unit that its heading names.

    Examples
    --------
    >>> duration_of("1 an et 6 mois") == duration_of("18", "Durée (mois)")
    True
    >>> duration_of("6 mois")
    ParsedDuration(months=6, days=0)
    >>> duration_of("18", "Durée") is duration_of("longue") is None
    True
    """
    words = fold_text(text)
    if re.fullmatch(r"\d{1,4}", words):
        units = re.findall(
            r"jours|days|semaines|weeks|mois|months|\bans\b|annees|years", fold_text(heading)
        )
        words = f"{words} {units[0]}" if len(units) == 1 else words
    parts = [*_LENGTH.finditer(words)]
    if not parts or re.sub(r"\bet\b|\band\b|[\s,]", "", _LENGTH.sub("", words)):
        return None
    months = days = 0
    for part in parts:
        count = _NUMBERS.get(part["n"]) or int(part["n"])
        unit = part["unit"]
        of_months = unit[0] in _MONTHS
        months += count * _MONTHS[unit[0]] if of_months else 0
        days += 0 if of_months else count * _DAYS[unit[0]]
    return ParsedDuration(months, days) if 0 < months + days / 30 <= _LONGEST_DURATION else None


def part_of_year(heading: str) -> str | None:
    """A heading that is a quarter or a month, with its year or without; else ``None``.

    Examples
    --------
    >>> part_of_year("T1"), part_of_year("Trimestre 2 2024"), part_of_year("Gao")
    ('T1', 'Trimestre 2 2024', None)
    """
    words = " ".join(heading.split())
    return words if period_of_words(words, "2000").start else None


def period_of_words(words: str, year: str) -> ParsedPeriod:
    """Period of a quarter or a month, of the year it names itself, else of ``year``.

    Examples
    --------
    >>> period_of_words("Trimestre 2", "2024").start, period_of_words("12", "2024").start
    (datetime.date(2024, 4, 1), None)
    """
    words = _LONG.sub(r"T\1", words)
    if not re.search(r"[^\W\d]", words):
        return ParsedPeriod(None, None)
    period = parse_period(words if _ANY_YEAR.search(words) else f"{words} {year}")
    shorter = period.start and period.end and (period.end - period.start).days < 100
    return period if shorter and not period.findings else ParsedPeriod(None, None)


def year_named(*texts: str) -> str:
    """The one year of the first text that names any; "" when it names several, or none does.

    Examples
    --------
    >>> year_named("Plan de travail", "pta_2024.xlsx"), year_named("2023-2024", "pta_2024.xlsx")
    ('2024', '')
    """
    for text in texts:
        years = set(_ANY_YEAR.findall(text))
        if years:
            return years.pop() if len(years) == 1 else ""
    return ""


_MONTH_OF_HEADING = re.compile(
    rf"[\s(,:/–-]*\b({'|'.join(sorted(FOLDED, key=len, reverse=True))})\b\.?"
    r"(?:[\s/-]*((?:20)?\d\d)\b)?\)?"
)


def month_in_heading(heading: str) -> tuple[str, str]:
    """The one month that a heading names, with its year where it says one, and the other words.

    Examples
    --------
    >>> month_in_heading("Personnes atteintes (mars 2024)"), month_in_heading("Femmes")
    (('mars 2024', 'personnes atteintes'), ('', 'femmes'))
    """
    folded = fold_text(heading)
    found = list(_MONTH_OF_HEADING.finditer(folded))
    if len(found) != 1:
        return "", folded
    rest = _MONTH_OF_HEADING.sub(" ", folded).strip(" :-–/")
    return " ".join(filter(None, found[0].groups())), " ".join(rest.split())


_NAME = "|".join(sorted(FOLDED, key=len, reverse=True))
_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?[ _-]*({_NAME})[ _.-]*((?:19|20)\d\d)(?!\d)")
_MONTH_IN_TEXT = re.compile(rf"(?<![a-z])({_NAME})[ _.-]*((?:19|20)\d\d)(?!\d)")
_ISO_IN_TEXT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)(?!\d)")
_SITUATION = re.compile(
    r"(?:situation(?! (?:courante|projetee|actuelle))|arrete|etat|donnees|mis[e]? a jour|as of"
    r"|updated?)\b[^\n]{0,30}"
)
_NEAR = 10
"""Lines above a table that may be its title."""
_ANY_DAY = re.compile(
    rf"(?<!\d)\d{{1,2}}(?:er)?[ ]*(?:{_NAME})[ .]*(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d(?!\d)"
)
_PERIOD = re.compile(
    rf"(?:{_NAME}|\d)\W*(?:\b(?:a|au|et|to)\b|[-–/])\W*(?:\d{{1,2}}(?:er)? +)?(?:{_NAME})(?![a-z])"
    r"|\b(?:depuis|a partir|a compter|des|avant|from|since|before)\b"
)


class DocumentDate(NamedTuple):
    """A date and how it is known: ``said`` (the document says it) or inferred, with why."""

    day: date | None
    finding: Finding | None = None


def date_in(text: str) -> date | None:
    """A full date or a month with its year named in a text; the month's last day.

    Examples
    --------
    >>> date_in("5w_mli_mar2022.xlsx"), date_in("QIP 2013-2017"), date_in("au 30 juin 2017")
    (datetime.date(2022, 3, 31), None, datetime.date(2017, 6, 30))
    """
    words = fold_text(text)
    try:
        if found := _DAY.search(words):
            return date(int(found[3]), FOLDED[found[2]], int(found[1]))
        if found := _SLASHED.search(words):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _MONTH_IN_TEXT.search(words):
            return month_end(int(found[2]), FOLDED[found[1]])
        if found := _ISO_IN_TEXT.search(words):
            year, month = int(found[1]), int(found[2])
            return date(year, month, int(found[3])) if found[3] else month_end(year, month)
    except ValueError:  # "31/02/2017" is no date at all
        return None
    return None


def date_of_document(
    chosen: date | None,
    above: Iterable[str],
    reported: Iterable[date],
    file: str,
    told: Iterable[date],
) -> DocumentDate:
    """Date of a list: what the person says, then what the document says, best first.

    Parameters
    ----------
    chosen
        ``--as-of``.
    above
        Text above the headings ("Situation au 30 juin 2017").
    reported
        Dates of a "reported on" column; the newest counts.
    file
        Name of the file.
    told
        Dates at which something had happened (starts, ends of finished projects); the
        newest is the last resort, said to be inferred.
    """
    if chosen:
        return DocumentDate(chosen)
    above = tuple(above)
    for text in above:
        for found in _SITUATION.finditer(fold_lines(text)):
            if day := date_in(found[0]):
                return DocumentDate(day)
    if newest := max(reported, default=None):
        return DocumentDate(newest)
    titled = {day for text in above for day in (_day_of_title(text),) if day}
    if len(titled) == 1:
        (day,) = titled
        return DocumentDate(day, Finding("as_of_from_title", params={"date": day.isoformat()}))
    if day := date_in(file.rsplit(".", 1)[0]):
        return DocumentDate(day, Finding("as_of_from_name", params={"date": day.isoformat()}))
    if newest := max(told, default=None):
        reason = N_("dernier début ou achèvement de la liste")
        params: dict[str, object] = {"date": newest.isoformat(), "reason": reason}
        return DocumentDate(newest, Finding("as_of_inferred", params=params))
    return DocumentDate(None, Finding("as_of_unknown"))


def _day_of_title(text: str) -> date | None:
    """The one day or month that the lines above a table name; none where they tell a period.

    Examples
    --------
    >>> _day_of_title("TRUST FUND - projets au 30 septembre 2018")
    datetime.date(2018, 9, 30)
    >>> _day_of_title("Plan de janvier à décembre 2024"), _day_of_title("Projets 2024")
    (None, None)
    """
    words = "\n".join(fold_lines(text).strip().split("\n")[-_NEAR:])
    if _PERIOD.search(words):
        return None
    written = _ANY_DAY.findall(words) or [found[0] for found in _MONTH_IN_TEXT.finditer(words)]
    days = {date_in(one) for one in written}
    return days.pop() if len(days) == 1 else None


def fold_lines(text: str) -> str:
    """`fold_text` line by line."""
    return "\n".join(fold_text(line) for line in text.split("\n"))
