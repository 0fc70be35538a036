"""What the headings and cells of a table of context mean, those of wide tables included.

A wide table has one column a figure: "EHA", "PIN Santé", "Phase 3 à 5", "Écoles fermées".
Its field is the figure itself: an indicator of the vocabulary, with its sector after a
slash where it has one (``people-in-need/wash``). Cells are places on a scale, counts out of a
whole, periods or delays.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.ingest.parsing.amounts import parse_number
from atlas.ingest.parsing.dates import parse_period
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import MEASURES, group_columns, group_in
from atlas.ingest.parsing.values import with_locator, yes_or_no
from atlas.ingest.reading import Document, Finding
from atlas.ingest.tables.heading_meanings import IGNORED, times_of, unit_of
from atlas.ingest.tables.table_columns import HEADER_DEPTH, TableColumn, TableLayout
from atlas.ingest.tables.table_rows import (
    DataTable,
    TableRow,
    as_text,
    people_above,
    unit_above_finding,
)
from atlas.vocab import entries_by_id, match_access_constraint, match_indicator, match_sector

PLACES = frozenset(
    {"region", "cercle", "commune", "locality", "place"}
    | {"region_code", "cercle_code", "commune_code"}
)
DRAWN = frozenset({"geometry", "lat", "lon", "coordinates"})
PROJECTED = "-projected"
_OF_ACTIVITIES = frozenset({*MEASURES, "target", "reached", "beneficiaries"})
_LONGEST = 90  # characters: a longer cell is prose, no heading
_NEED = re.compile(
    r"\b(?:pin|(?:personnes|pers\.?|people|population)(?: (?:dans le|en|in))? (?:besoin|need)s?"
    r"|in ?need|besoins?|needs?|nombre de|total)\b|#inneed"
)
_SEVERITY = re.compile(r"\b(?:severite|severity|gravite|phase)\b|#severity")
_NOT_NEED = re.compile(
    r"%|\b(?:cible\w*|target\w*|atteint\w*|reached|pourcentage|pct|couverture|gap)\b|#targeted"
)
_SITUATION = re.compile(r"\b(?:courante?|actuelle?|current|projet[e]+e?s?|projected)\b")
_FILLING = re.compile(r"\b(?:cluster|secteur|sector|20\d\d|de|du|des|d'|en|par|v\d)\b|[#+:()\-–/]")


class FigureMeaning(NamedTuple):
    """What a column of a wide table counts: an indicator, of a sector or group where it has one."""

    indicator: str
    sector: str = ""
    group: str = ""


CONTEXT_CONFIG: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("context.toml").read_text("utf-8")
)
"""``context.toml``."""


def table_kinds() -> tuple[str, ...]:
    """The kinds that `atlas.ingest.context_tables.read_context` reads, in order."""
    return tuple(CONTEXT_CONFIG["kinds"])


def settings_of(kind: str) -> Mapping[str, Any]:
    """What ``context.toml`` says of a table."""
    settings: Mapping[str, Any] = CONTEXT_CONFIG["kinds"][kind]
    return settings


def needed_fields(kind: str) -> frozenset[str]:
    """Fields of which a table of this kind must have one: the first thing it is known by."""
    settings = settings_of(kind)
    if "needed" in settings:
        return frozenset(settings["needed"])
    return PLACES | DRAWN if settings.get("geometry") else PLACES


def figure_of(field: str) -> FigureMeaning | None:
    """The figure that a field stands for; ``None`` for an ordinary field.

    Examples
    --------
    >>> figure_of("people-in-need/wash")[:2], figure_of("population@femmes")[::2]
    (('people-in-need', 'wash'), ('population', 'femmes'))
    >>> figure_of("region") is None
    True
    """
    figure, _at, group = field.partition("@")
    indicator, _slash, sector = figure.partition("/")
    known = indicator in entries_by_id("indicators") or indicator in entries_by_id(
        "access_constraints"
    )
    return FigureMeaning(indicator, sector, group) if known else None


def known_columns(kind: str) -> Mapping[str, str]:
    """Headings that a table of context adds to the known ones, whatever the document."""
    settings = settings_of(kind)
    of_groups = group_columns() if "groups" in settings else {}
    return {**CONTEXT_CONFIG["columns"], **of_groups, **settings["columns"]}


def columns_of_document(kind: str, document: Document) -> Mapping[str, str]:
    """`known_columns`, and the headings of this document that name a figure."""
    known = dict(known_columns(kind))
    folded = {fold_text(heading) for heading in known}
    for sheet in document.sheets:
        for row in sheet.rows[:HEADER_DEPTH]:
            for cell in row:
                if not isinstance(cell, str) or len(cell) > _LONGEST or fold_text(cell) in folded:
                    continue
                if field := field_named(kind, cell):
                    known[cell] = field
    known = _without_lone_groups(kind, known, document)
    return known | dict.fromkeys(_parts_of_another(known), IGNORED)


def _without_lone_groups(kind: str, known: Mapping[str, str], document: Document) -> dict[str, str]:
    """Headings without those that name a group and no figure, where no column is their total.

    "PDI" beside "PIN" are the displaced among those in need; alone they are the displaced.
    """
    alone = f"{settings_of(kind).get('groups')}@"
    lone = {
        h
        for h, field in known.items()
        if field.startswith(alone) and not _NEED.search(fold_text(h))
    }
    if not lone or kind == "population":
        return dict(known)
    totals = {fold_text(h) for h, field in known.items() if field in ("value", alone.rstrip("@"))}
    cells = (cell for sheet in document.sheets for row in sheet.rows[:HEADER_DEPTH] for cell in row)
    if any(isinstance(cell, str) and fold_text(cell) in totals for cell in cells):
        return dict(known)
    return {heading: field for heading, field in known.items() if heading not in lone}


def _parts_of_another(known: Mapping[str, str]) -> list[str]:
    """Headings of a part of a sector ("VBG") where another names it whole ("Protection")."""
    whole = {
        field
        for heading, field in known.items()
        if "/" in field and any(match_sector(p).how == "exact" for p in _heading_wordings(heading))
    }
    return [
        heading
        for heading, field in known.items()
        if field in whole
        and not any(match_sector(p).how == "exact" for p in _heading_wordings(heading))
        and any(match_sector(p).how == "alias" for p in _heading_wordings(heading))
    ]


def _heading_wordings(heading: str) -> tuple[str, ...]:
    words = fold_text(heading)
    bare = " ".join(_NEED.sub(" ", _SEVERITY.sub(" ", words)).split())
    return words, bare, _remaining_words(bare)


@lru_cache(maxsize=16384)
def field_named(kind: str, heading: str) -> str:
    """Field of a heading that names a figure of this kind of table; "" when it names none.

    Examples
    --------
    >>> field_named("needs", "PIN EHA"), field_named("needs", "Sévérité Santé")
    ('people-in-need/wash', 'severity/health')
    >>> field_named("cadre-harmonise", "Ph 3 à 5 (projetée)"), field_named("needs", "Cercle")
    ('ch-phase3to5-projected', '')
    """
    settings, words = settings_of(kind), fold_text(heading)
    if not re.search("[a-z]", words):
        return ""
    for rule in settings.get("headings", ()):
        if found := re.search(rule["pattern"], words):
            return _projected_field(found.expand(rule["field"]), words)
    if "wide" in settings and (field := _field_of_sector(settings["wide"], words)):
        return field
    if "groups" in settings:
        return _field_of_group(settings, words)
    if settings.get("wide_types"):
        return match_access_constraint(heading).id or ""
    if kind == "services":
        named = match_indicator(heading).id
        return named if named and entries_by_id("indicators")[named]["unit"] == "count" else ""
    return ""


def _projected_field(field: str, words: str) -> str:
    is_later = re.search(CONTEXT_CONFIG["words"]["projected"], words) is not None
    return (
        field + PROJECTED
        if is_later and field + PROJECTED in entries_by_id("indicators")
        else field
    )


def _field_of_sector(usual: str, words: str) -> str:
    """Field of a heading such as "EHA", "PIN Santé", "#inneed+wash", "Sévérité Nutrition"."""
    measure = "severity" if _SEVERITY.search(words) else usual
    said = bool(_NEED.search(words) or _SEVERITY.search(words))
    if _NOT_NEED.search(words):
        rest = _remaining_words(_NOT_NEED.sub(" ", words))
        return IGNORED if said or not rest or match_sector(rest).id else ""
    parts = _heading_wordings(words)
    if said and not parts[-1]:
        return measure
    for part in parts:
        if part and (sector := match_sector(part).id):
            return f"{measure}/{sector}"
    return ""


def _field_of_group(settings: Mapping[str, Any], words: str) -> str:
    """Field of a heading that names a group: "PIN PDI", "EHA femmes", "Hommes"; else ""."""
    group, rest = group_in(words)
    if not group or _NOT_NEED.search(words):
        return ""
    bare = _remaining_words(rest)
    if settings["groups"] == "population":
        return f"population@{group}" if bare in ("", "population") else ""
    measure: str = settings["groups"]
    sector = match_sector(bare).id if bare else ""
    if sector:
        return f"{measure}/{sector}@{group}"
    return "" if bare else f"{measure}@{group}"


def _remaining_words(words: str) -> str:
    return " ".join(_FILLING.sub(" ", _NEED.sub(" ", words)).split())


def with_group_headings(table: DataTable, kind: str) -> DataTable:
    """The table with figures under a common heading told apart: "Cible" over "EHA | Santé".

    Where headings stand over two rows, the upper one says what the sectors below it count.
    """
    layout = table.layout
    grouping = "wide" in settings_of(kind) or "headings" in settings_of(kind)
    if not grouping or layout.tagged or layout.first < 2:
        return table
    upper, lower = table.sheet.rows[layout.first - 2 : layout.first]
    filled = [index for index, cell in enumerate(upper) if as_text(cell)]
    if filled == [0] or not any(_says_measure(cell) for cell in upper):
        return table  # a title, or nothing, above the headings
    own = {column.index: column for column in layout.columns if not figure_of(column.field)}
    alone = {one.index: one.field for one in layout.columns if one.index not in own}
    columns, findings, told = dict(own), list(layout.findings), set()
    for index, name, heading in _grouped_headings(upper, lower):
        field = field_named(kind, heading) if index not in own else ""
        if index in alone and not field:  # a title above says no more than the heading
            field = _projected_field(alone[index], fold_text(heading))
        if not field:
            continue
        findings = [one for one in findings if one.field != name]
        if field == IGNORED or field in told:
            findings.append(Finding("column_ignored", field=heading, params={"column": heading}))
        else:
            told.add(field)
            columns[index] = TableColumn(index, heading, field)
    ordered = tuple(columns[index] for index in sorted(columns))
    kept = TableLayout(layout.header, layout.first, ordered, layout.tagged, tuple(findings))
    return replace(table, layout=kept)


def unread_people_findings(table: DataTable) -> list[Finding]:
    """What is said of columns of people that no table of context reads: "Hommes", "Cible"."""
    return [
        Finding("column_ignored", field=column.heading, params={"column": column.heading})
        for column in table.layout.columns
        if column.field in _OF_ACTIVITIES
    ]


def with_people_unit_above(table: DataTable) -> DataTable:
    """The table, its figures in thousands where the lines above it say so of people."""
    unit = people_above(table.text_above())
    layout = table.layout
    told = [
        column
        for column in layout.columns
        if unit
        and (figure_of(column.field) or column.field == "value")
        and times_of(unit_of(column.heading)[1]) == 1
    ]
    if not told:
        return table
    columns = tuple(
        replace(one, heading=f"{unit_of(one.heading)[0].strip()} ({unit})") if one in told else one
        for one in layout.columns
    )
    said = (unit_above_finding(column.heading, unit) for column in told)
    found = replace(layout, columns=columns, findings=(*layout.findings, *said))
    return replace(table, layout=found)


def _says_measure(cell: object) -> bool:
    """Whether a cell above the headings says what those below it count."""
    words = fold_text(cell) if isinstance(cell, str) and len(cell) <= _LONGEST else ""
    measures = (_NEED, _SEVERITY, _NOT_NEED, _SITUATION)
    return any(measure.search(words) for measure in measures)


def _grouped_headings(
    upper: Sequence[object], lower: Sequence[object]
) -> list[tuple[int, str, str]]:
    """``index, heading, heading led by that of its group`` of each column with a lower heading."""
    found, group = [], ""
    for index, cell in enumerate(lower):
        group = as_text(upper[index] if index < len(upper) else None) or group
        name = as_text(cell)
        if name:
            found.append((index, name, f"{group} {name}".strip()))
    return found


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
_SITUATION_WORDS = re.compile(
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


class CellFigure(NamedTuple):
    """What a cell states: a number, of how many, or words; with what was unreadable."""

    value: float | None = None
    total: float | None = None
    text: str = ""
    findings: tuple[Finding, ...] = ()
    heading: str = ""


def says_unknown(raw: object) -> bool:
    """Whether the source says that it does not know: no place on a scale, and no zero."""
    return fold_text(raw) in CONTEXT_CONFIG["words"]["no_information"]


def count_of_cell(raw: object, heading: str, locator: str) -> CellFigure:
    """People or services of a cell; ``85/93`` and ``85 sur 93`` are a part of a whole."""
    times = times_of(unit_of(heading)[1])
    cut = _OF.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if cut:
        part, whole = parse_number(cut[1], heading), parse_number(cut[2], heading)
        if part.value is not None and whole.value is not None and 0 <= part.value <= whole.value:
            return CellFigure(times * part.value, times * whole.value)
    number = parse_number(raw, heading)
    if number.value is not None and number.value < 0:
        params: dict[str, object] = {"field": heading, "raw": str(raw)}
        return CellFigure(findings=(Finding("value_unreadable", locator, heading, params),))
    value = None if number.value is None else times * number.value
    return CellFigure(value, findings=with_locator(number.findings, locator, heading))


def level_on_scale(raw: object, scale: str, heading: str, locator: str) -> CellFigure:
    """A place on a scale: ``3``, ``Phase 3``, ``P1``, ``III``, or a word of the scale.

    Words that are not of the scale stay words, with the finding ``value_unreadable``.
    """
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return CellFigure(float(raw))
    words = fold_text(raw)
    levels = CONTEXT_CONFIG["levels"].get(fold_text(scale).replace(" ", "-"), {})
    if words in levels:
        return CellFigure(float(levels[words]), text=str(raw).strip())
    if found := _PLACED.fullmatch(words):
        said = found[1].replace(",", ".")
        return CellFigure(float(_ROMAN.get(said, 0) or said))
    leading = next((value for word, value in levels.items() if words.startswith(f"{word} ")), None)
    if leading is not None:
        return CellFigure(float(leading), text=str(raw).strip())
    params: dict[str, object] = {"field": heading, "raw": str(raw)}
    return CellFigure(
        text=str(raw).strip(), findings=(Finding("value_unreadable", locator, heading, params),)
    )


def is_rank(raw: object) -> bool:
    """Whether a priority is told by rank, the first being the most urgent: ``Priorité 1``.

    Examples
    --------
    >>> is_rank("Priorité 1"), is_rank("2e"), is_rank("élevée")
    (True, True, False)
    """
    return isinstance(raw, str) and _RANKED.fullmatch(fold_text(raw)) is not None


def says_forbidden(raw: object) -> bool | None:
    """Whether an area is forbidden: yes, no, or the word; ``None`` for anything else."""
    said = yes_or_no(raw)
    if said is None and fold_text(raw) in CONTEXT_CONFIG["words"]["forbidden"]:
        return True
    return False if said is None and fold_text(raw) in CONTEXT_CONFIG["words"]["allowed"] else said


def period_of_row(
    row: TableRow, titles: str
) -> tuple[date | None, date | None, tuple[Finding, ...]]:
    """First and last day a row speaks of, from its period: "Projetée (juin-août 2024)".

    Where the row has none, months with their year in the title of its table.
    """
    raw = row.value("period")
    if raw is None and row.text("months"):
        raw = f"{row.text('months')} {row.text('year')}".strip()
    if raw is None:
        raw = row.value("situation")
    if raw is None and (found := _MONTHS.search(fold_text(titles))):
        raw = found[0]
    bare = _SITUATION_WORDS.sub(" ", raw).strip(" :,-–") if isinstance(raw, str) else raw
    if bare in (None, "") or (isinstance(bare, str) and not re.search(r"\d", bare)):
        return None, None, ()
    read = parse_period(bare, "période")
    return read.start, read.end, with_locator(read.findings, row.locator, "période")


def months_in(heading: str) -> tuple[date | None, date | None]:
    """First and last day of the months that a heading names, "Projetée juin-août 2024 Phase 3"."""
    found = _MONTHS.search(fold_text(heading))
    read = parse_period(found[0]) if found else None
    return (read.start, read.end) if read else (None, None)


def is_projected(words: str) -> bool:
    """Whether words tell a situation that was projected, not observed.

    Examples
    --------
    >>> is_projected("Projetée (juin-août 2024)"), is_projected("Projet pilote")
    (True, False)
    """
    return re.search(CONTEXT_CONFIG["words"]["projected"], fold_text(words)) is not None


def days_after_period(raw: object) -> int | None:
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
        if fold_text(cell) in CONTEXT_CONFIG["words"]["all_sectors"]:
            return ("",)
        whole = [cell] if match_sector(cell).id else _HARD.split(cell)
        for part in whole:
            parts = [part] if match_sector(part).id else _SOFT.split(part)
            found |= dict.fromkeys(one.strip() for one in parts if one.strip())
    return tuple(found) or ("",)
