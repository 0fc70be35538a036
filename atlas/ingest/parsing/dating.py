"""The date of the situation a document tells, from the document itself, never the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from atlas.i18n import N_
from atlas.ingest.folding import fold
from atlas.ingest.parsing.months import FOLDED, month_end
from atlas.ingest.reading import Finding

_NAME = "|".join(sorted(FOLDED, key=len, reverse=True))
_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?[ _-]*({_NAME})[ _.-]*((?:19|20)\d\d)(?!\d)")
_MONTH = re.compile(rf"(?<![a-z])({_NAME})[ _.-]*((?:19|20)\d\d)(?!\d)")
_ISO = re.compile(
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


class Dated(NamedTuple):
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
    words = fold(text)
    try:
        if found := _DAY.search(words):
            return date(int(found[3]), FOLDED[found[2]], int(found[1]))
        if found := _SLASHED.search(words):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _MONTH.search(words):
            return month_end(int(found[2]), FOLDED[found[1]])
        if found := _ISO.search(words):
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
) -> Dated:
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
        return Dated(chosen)
    above = tuple(above)
    for text in above:
        for found in _SITUATION.finditer(fold_lines(text)):
            if day := date_in(found[0]):
                return Dated(day)
    if newest := max(reported, default=None):
        return Dated(newest)
    titled = {day for text in above for day in (_day_of_title(text),) if day}
    if len(titled) == 1:
        (day,) = titled
        return Dated(day, Finding("as_of_from_title", params={"date": day.isoformat()}))
    if day := date_in(file.rsplit(".", 1)[0]):
        return Dated(day, Finding("as_of_from_name", params={"date": day.isoformat()}))
    if newest := max(told, default=None):
        reason = N_("dernier début ou achèvement de la liste")
        params: dict[str, object] = {"date": newest.isoformat(), "reason": reason}
        return Dated(newest, Finding("as_of_inferred", params=params))
    return Dated(None, Finding("as_of_unknown"))


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
    written = _ANY_DAY.findall(words) or [found[0] for found in _MONTH.finditer(words)]
    days = {date_in(one) for one in written}
    return days.pop() if len(days) == 1 else None


def fold_lines(text: str) -> str:
    """`fold` line by line."""
    return "\n".join(fold(line) for line in text.split("\n"))
