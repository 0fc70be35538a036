"""Cells of tables of context → places on a scale, counts out of a whole, periods, delays."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from atlas.ingest.context_columns import config
from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import parse_number
from atlas.ingest.parsing.dates import parse_period
from atlas.ingest.parsing.values import located, yes_or_no
from atlas.ingest.reading import Finding
from atlas.ingest.tables.headings import times_of, unit_of
from atlas.ingest.tables.rows import Row
from atlas.vocab import match_sector

UNKNOWN_TEXT = "pas d'information"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_PLACED = re.compile(
    r"(?:phase|ph|priorite|priority|prio|p|niveau|niv|level|classe|rang|rank)?\.? ?"
    r"(?:n ?°? ?)?(\d+(?:[.,]\d+)?|i{1,3}|iv|v)(?:er|e|eme|ere)?(?: ?/ ?\d+)?(?: ?[(:–-].*)?"
)
_RANKED = re.compile(
    r"(?:priorite|priority|prio|p|rang|rank) ?(?:n ?°? ?)?(\d+)|(\d+)(?:er|e|eme|ere)"
)
_OF = re.compile(r"(.+?)\s*(?:/|\bsur\b|\bof\b|\bout of\b)\s*(?:un total de )?(.+)", re.IGNORECASE)
_SITUATION = re.compile(
    r"\b(?:situation|periode|phase|analyse)?\s*(?:courante?|actuelle?|current|projet[eé]+e?s?"
    r"|projection|projected|soudure)\b|[()]",
    re.IGNORECASE,
)
_MONTH = "|".join(
    ("janv", "fevr", "mars", "avril", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec")
)
_MONTHS = re.compile(rf"\b(?:{_MONTH})\w*(?: 20\d\d)? ?(?:-|–|a|au) ?(?:{_MONTH})\w* 20\d\d")
_DAYS = re.compile(r"(?<!\d)(\d{1,3})(?!\d)")
_HARD, _SOFT = re.compile(r"\s*[;|/\n]\s*"), re.compile(r"\s*[,&+]\s*|\s+(?:et|and)\s+")


class Read(NamedTuple):
    """What a cell states: a number, of how many, or words; with what was unreadable."""

    value: float | None = None
    total: float | None = None
    text: str = ""
    findings: tuple[Finding, ...] = ()
    heading: str = ""


def says_unknown(raw: object) -> bool:
    """Whether the source says that it does not know: no place on a scale, and no zero."""
    return fold(raw) in config()["words"]["no_information"]


def counted(raw: object, heading: str, locator: str) -> Read:
    """People or services of a cell; ``85/93`` and ``85 sur 93`` are a part of a whole."""
    times = times_of(unit_of(heading)[1])
    cut = _OF.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if cut:
        part, whole = parse_number(cut[1], heading), parse_number(cut[2], heading)
        if part.value is not None and whole.value is not None and 0 <= part.value <= whole.value:
            return Read(times * part.value, times * whole.value)
    number = parse_number(raw, heading)
    if number.value is not None and number.value < 0:
        params: dict[str, object] = {"field": heading, "raw": str(raw)}
        return Read(findings=(Finding("value_unreadable", locator, heading, params),))
    value = None if number.value is None else times * number.value
    return Read(value, findings=located(number.findings, locator, heading))


def on_scale(raw: object, scale: str, heading: str, locator: str) -> Read:
    """A place on a scale: ``3``, ``Phase 3``, ``P1``, ``III``, or a word of the scale.

    Words that are not of the scale stay words, with the finding ``value_unreadable``.
    """
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return Read(float(raw))
    words = fold(raw)
    levels = config()["levels"].get(fold(scale).replace(" ", "-"), {})
    if words in levels:
        return Read(float(levels[words]), text=str(raw).strip())
    if found := _PLACED.fullmatch(words):
        said = found[1].replace(",", ".")
        return Read(float(_ROMAN.get(said, 0) or said))
    leading = next((value for word, value in levels.items() if words.startswith(f"{word} ")), None)
    if leading is not None:
        return Read(float(leading), text=str(raw).strip())
    params: dict[str, object] = {"field": heading, "raw": str(raw)}
    return Read(
        text=str(raw).strip(), findings=(Finding("value_unreadable", locator, heading, params),)
    )


def is_rank(raw: object) -> bool:
    """Whether a priority is told by rank, the first being the most urgent: ``Priorité 1``.

    Examples
    --------
    >>> is_rank("Priorité 1"), is_rank("2e"), is_rank("élevée")
    (True, True, False)
    """
    return isinstance(raw, str) and _RANKED.fullmatch(fold(raw)) is not None


def answered(raw: object) -> bool | None:
    """Whether an area is forbidden: yes, no, or the word; ``None`` for anything else."""
    said = yes_or_no(raw)
    if said is None and fold(raw) in config()["words"]["forbidden"]:
        return True
    return False if said is None and fold(raw) in config()["words"]["allowed"] else said


def period_of(row: Row, titles: str) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day a row speaks of, from its period: "Projetée (juin-août 2024)".

    Where the row has none, months with their year in the title of its table.
    """
    raw = row.value("period")
    if raw is None and row.text("months"):
        raw = f"{row.text('months')} {row.text('year')}".strip()
    if raw is None:
        raw = row.value("situation")
    if raw is None and (found := _MONTHS.search(fold(titles))):
        raw = found[0]
    bare = _SITUATION.sub(" ", raw).strip(" :,-–") if isinstance(raw, str) else raw
    if bare in (None, "") or (isinstance(bare, str) and not re.search(r"\d", bare)):
        return None, None, ()
    read = parse_period(bare, "période")
    return read.start, read.end, located(read.findings, row.locator, "période")


def months_in(heading: str) -> tuple[date | None, date | None]:
    """First and last day of the months that a heading names, "Projetée juin-août 2024 Phase 3"."""
    found = _MONTHS.search(fold(heading))
    read = parse_period(found[0]) if found else None
    return (read.start, read.end) if read else (None, None)


def is_projected(words: str) -> bool:
    """Whether words tell a situation that was projected, not observed.

    Examples
    --------
    >>> is_projected("Projetée (juin-août 2024)"), is_projected("Projet pilote")
    (True, False)
    """
    return re.search(config()["words"]["projected"], fold(words)) is not None


def days_after(raw: object) -> int | None:
    """Days after the end of a period at which a report is due: ``10``, "le 10 du mois suivant"."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return int(raw) if 0 <= raw <= 366 else None
    found = _DAYS.search(str(raw or ""))
    return int(found[1]) if found and int(found[1]) <= 366 else None


def sectors_in(cells: list[str]) -> tuple[str, ...]:
    """Sectors that the cells of a row name, each as written; one "" for all of them.

    A name that holds a comma stays whole where the vocabulary knows it.
    """
    found: dict[str, None] = {}
    for cell in cells:
        if fold(cell) in config()["words"]["all_sectors"]:
            return ("",)
        whole = [cell] if match_sector(cell).id else _HARD.split(cell)
        for part in whole:
            parts = [part] if match_sector(part).id else _SOFT.split(part)
            found |= dict.fromkeys(one.strip() for one in parts if one.strip())
    return tuple(found) or ("",)
