"""What the sources that read running text share: lines, figures, days, proper names."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.parsing.dates import FRENCH, MONTHS
from atlas.ingest.reading import Document

MONTH = "(?:" + "|".join(FRENCH) + ")"
NUMBER_WORDS = {
    "un": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "neuf": 9,
    "dix": 10,
    "onze": 11,
    "douze": 12,
}
NAME = r"[A-ZÀ-Ý][\w’'-]*[\wÀ-ÿ](?:[ -][A-ZÀ-Ý][\w’'-]*\w)*"
"""A proper name: words that begin with a capital (``Bamako-Coura``, ``Nioro``)."""
FIGURE = r"\d{1,3}(?:[  .]\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
"""A figure as French documents write it: ``1 699 285,76``, ``45.317,39``, ``8,4``."""

_DAY = re.compile(rf"\b(\d{{1,2}})(?:er)? ({MONTH}) (\d{{4}})\b", re.IGNORECASE)


@dataclass(frozen=True)
class TextLine:
    """A line of a text that is not blank, its number counted from 1."""

    number: int
    text: str

    @property
    def locator(self) -> str:
        """``L45``."""
        return f"L{self.number}"


def lines_of(document: Document) -> list[TextLine]:
    """The lines of a text that are not blank, trailing space cut, tabs kept."""
    text = document.text or ""
    numbered = enumerate(text.split("\n"), start=1)
    return [TextLine(n, line.rstrip("\r ")) for n, line in numbered if line.strip()]


def heading_at(lines: Sequence[TextLine], is_heading: Callable[[str, str], bool]) -> int | None:
    """Index of the first line that, with the one below it, is the heading of a table."""
    pairs = enumerate(pairwise(line.text for line in lines))
    return next((index for index, (line, below) in pairs if is_heading(line, below)), None)


def not_this_kind_error(document: Document, why: str) -> UnusableFileError:
    """The error of a text that a source was told to read and that is not one of its own."""
    return UnusableFileError(
        _("{file} inutilisable", file=document.file),
        why,
        _("Laissez --source auto, ou choisissez une autre source."),
    )


def squeeze_spaces(text: str) -> str:
    """One space where there were several.

    Examples
    --------
    >>> squeeze_spaces("  deux \\n mots ")
    'deux mots'
    """
    return " ".join(text.split())


def figure_of_cell(raw: str) -> Decimal | None:
    """The number a cell holds and nothing else, or ``None``.

    Examples
    --------
    >>> figure_of_cell("1 699 285,76"), figure_of_cell("45.317,39"), figure_of_cell("PM")
    (Decimal('1699285.76'), Decimal('45317.39'), None)
    """
    text = raw.strip()
    if not re.fullmatch(FIGURE, text):
        return None
    return Decimal(re.sub(r"[  .]", "", text).replace(",", "."))


def formatted_figure(value: Decimal | int) -> str:
    """A figure as a person reads it, thousands apart: for the params of findings.

    Examples
    --------
    >>> formatted_figure(Decimal("1699285.76")), formatted_figure(Decimal("4728228"))
    ('1 699 285,76', '4 728 228')
    """
    whole = Decimal(value)
    text = f"{whole:,.0f}" if whole == whole.to_integral_value() else f"{whole:,.2f}"
    return text.replace(",", " ").replace(".", ",")


def days_in(text: str) -> Iterator[tuple[str, date | None]]:
    """Every ``30 juin 2017`` of a text: as written, and the day (``None``: no such day)."""
    for match in _DAY.finditer(text):
        day, month, year = match.groups()
        try:
            yield match.group(), date(int(year), MONTHS[month.lower()], int(day))
        except ValueError:
            yield match.group(), None


def last_such_day(day: int, month: int, until: date) -> date | None:
    """The last day of that number and month that is not after ``until``.

    Examples
    --------
    >>> last_such_day(14, 6, date(2017, 6, 30)), last_such_day(14, 7, date(2017, 6, 30))
    (datetime.date(2017, 6, 14), datetime.date(2016, 7, 14))
    """
    for year in (until.year, until.year - 1):
        if 1 <= day <= monthrange(year, month)[1] and date(year, month, day) <= until:
            return date(year, month, day)
    return None


def names_in_list(text: str) -> list[str]:
    """Proper names of ``A, B et C``; empty when a part is anything else.

    Examples
    --------
    >>> names_in_list("Gao, Kidal et Nioro du Sahel"), names_in_list("Gao, 6 salles")
    (['Gao', 'Kidal', 'Nioro du Sahel'], [])
    """
    parts = [part.strip() for part in re.split(r",| et ", text) if part.strip()]
    named = [re.fullmatch(rf"{NAME}(?: d[ue] [\w-]+)?", part) is not None for part in parts]
    return parts if parts and all(named) else []
