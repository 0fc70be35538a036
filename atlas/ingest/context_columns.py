"""What the headings of a table of context mean, those of wide tables included.

A wide table has one column a figure: "EHA", "PIN Santé", "Phase 3 à 5", "Écoles fermées".
Its field is the figure itself: an indicator of the vocabulary, with its sector after a
slash where it has one (``people-in-need/wash``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.ingest.folding import fold
from atlas.ingest.parsing.groups import group_columns, group_in
from atlas.ingest.parsing.people import MEASURES
from atlas.ingest.reading import Document, Finding
from atlas.ingest.tables.columns import HEADER_DEPTH, Column, Layout
from atlas.ingest.tables.headings import IGNORED, times_of, unit_of
from atlas.ingest.tables.rows import Table, as_text
from atlas.ingest.tables.units import people_above, said_above
from atlas.vocab import by_id, match_access_constraint, match_indicator, match_sector

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


class Figure(NamedTuple):
    """What a column of a wide table counts: an indicator, of a sector or group where it has one."""

    indicator: str
    sector: str = ""
    group: str = ""


@cache
def config() -> Mapping[str, Any]:
    """``context.toml``."""
    return tomllib.loads(Path(__file__).with_name("context.toml").read_text("utf-8"))


def kinds() -> tuple[str, ...]:
    """The tables that `atlas.ingest.context.read_context` reads, in the order of the file."""
    return tuple(config()["kinds"])


def settings_of(kind: str) -> Mapping[str, Any]:
    """What ``context.toml`` says of a table."""
    settings: Mapping[str, Any] = config()["kinds"][kind]
    return settings


def needed_by(kind: str) -> frozenset[str]:
    """Fields of which a table of this kind must have one: the first thing it is known by."""
    settings = settings_of(kind)
    if "needed" in settings:
        return frozenset(settings["needed"])
    return PLACES | DRAWN if settings.get("geometry") else PLACES


def figure_of(field: str) -> Figure | None:
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
    known = indicator in by_id("indicators") or indicator in by_id("access_constraints")
    return Figure(indicator, sector, group) if known else None


def known_columns(kind: str) -> Mapping[str, str]:
    """Headings that a table of context adds to the known ones, whatever the document."""
    settings = settings_of(kind)
    of_groups = group_columns() if "groups" in settings else {}
    return {**config()["columns"], **of_groups, **settings["columns"]}


def columns_of(kind: str, document: Document) -> Mapping[str, str]:
    """`known_columns`, and the headings of this document that name a figure."""
    known = dict(known_columns(kind))
    folded = {fold(heading) for heading in known}
    for sheet in document.sheets:
        for row in sheet.rows[:HEADER_DEPTH]:
            for cell in row:
                if not isinstance(cell, str) or len(cell) > _LONGEST or fold(cell) in folded:
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
        h for h, field in known.items() if field.startswith(alone) and not _NEED.search(fold(h))
    }
    if not lone or kind == "population":
        return dict(known)
    totals = {fold(h) for h, field in known.items() if field in ("value", alone.rstrip("@"))}
    cells = (cell for sheet in document.sheets for row in sheet.rows[:HEADER_DEPTH] for cell in row)
    if any(isinstance(cell, str) and fold(cell) in totals for cell in cells):
        return dict(known)
    return {heading: field for heading, field in known.items() if heading not in lone}


def _parts_of_another(known: Mapping[str, str]) -> list[str]:
    """Headings of a part of a sector ("VBG") where another names it whole ("Protection")."""
    whole = {
        field
        for heading, field in known.items()
        if "/" in field and any(match_sector(p).how == "exact" for p in _wordings(heading))
    }
    return [
        heading
        for heading, field in known.items()
        if field in whole
        and not any(match_sector(p).how == "exact" for p in _wordings(heading))
        and any(match_sector(p).how == "alias" for p in _wordings(heading))
    ]


def _wordings(heading: str) -> tuple[str, ...]:
    words = fold(heading)
    bare = " ".join(_NEED.sub(" ", _SEVERITY.sub(" ", words)).split())
    return words, bare, _rest(bare)


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
    settings, words = settings_of(kind), fold(heading)
    if not re.search("[a-z]", words):
        return ""
    for rule in settings.get("headings", ()):
        if found := re.search(rule["pattern"], words):
            return _projected(found.expand(rule["field"]), words)
    if "wide" in settings and (field := _of_sector(settings["wide"], words)):
        return field
    if "groups" in settings:
        return _of_group(settings, words)
    if settings.get("wide_types"):
        return match_access_constraint(heading).id or ""
    if kind == "services":
        named = match_indicator(heading).id
        return named if named and by_id("indicators")[named]["unit"] == "count" else ""
    return ""


def _projected(field: str, words: str) -> str:
    is_later = re.search(config()["words"]["projected"], words) is not None
    return field + PROJECTED if is_later and field + PROJECTED in by_id("indicators") else field


def _of_sector(usual: str, words: str) -> str:
    """Field of a heading such as "EHA", "PIN Santé", "#inneed+wash", "Sévérité Nutrition"."""
    measure = "severity" if _SEVERITY.search(words) else usual
    said = bool(_NEED.search(words) or _SEVERITY.search(words))
    if _NOT_NEED.search(words):
        rest = _rest(_NOT_NEED.sub(" ", words))
        return IGNORED if said or not rest or match_sector(rest).id else ""
    parts = _wordings(words)
    if said and not parts[-1]:
        return measure
    for part in parts:
        if part and (sector := match_sector(part).id):
            return f"{measure}/{sector}"
    return ""


def _of_group(settings: Mapping[str, Any], words: str) -> str:
    """Field of a heading that names a group: "PIN PDI", "EHA femmes", "Hommes"; else ""."""
    group, rest = group_in(words)
    if not group or _NOT_NEED.search(words):
        return ""
    bare = _rest(rest)
    if settings["groups"] == "population":
        return f"population@{group}" if bare in ("", "population") else ""
    measure: str = settings["groups"]
    sector = match_sector(bare).id if bare else ""
    if sector:
        return f"{measure}/{sector}@{group}"
    return "" if bare else f"{measure}@{group}"


def _rest(words: str) -> str:
    return " ".join(_FILLING.sub(" ", _NEED.sub(" ", words)).split())


def regrouped(table: Table, kind: str) -> Table:
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
    for index, name, heading in _grouped(upper, lower):
        field = field_named(kind, heading) if index not in own else ""
        if index in alone and not field:  # a title above says no more than the heading
            field = _projected(alone[index], fold(heading))
        if not field:
            continue
        findings = [one for one in findings if one.field != name]
        if field == IGNORED or field in told:
            findings.append(Finding("column_ignored", field=heading, params={"column": heading}))
        else:
            told.add(field)
            columns[index] = Column(index, heading, field)
    ordered = tuple(columns[index] for index in sorted(columns))
    kept = Layout(layout.header, layout.first, ordered, layout.tagged, tuple(findings))
    return replace(table, layout=kept)


def not_read(table: Table) -> list[Finding]:
    """What is said of columns of people that no table of context reads: "Hommes", "Cible"."""
    return [
        Finding("column_ignored", field=column.heading, params={"column": column.heading})
        for column in table.layout.columns
        if column.field in _OF_ACTIVITIES
    ]


def in_unit_above(table: Table) -> Table:
    """The table, its figures in thousands where the lines above it say so of people."""
    unit = people_above(table.above())
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
    said = (said_above(column.heading, unit) for column in told)
    found = replace(layout, columns=columns, findings=(*layout.findings, *said))
    return replace(table, layout=found)


def _says_measure(cell: object) -> bool:
    """Whether a cell above the headings says what those below it count."""
    words = fold(cell) if isinstance(cell, str) and len(cell) <= _LONGEST else ""
    measures = (_NEED, _SEVERITY, _NOT_NEED, _SITUATION)
    return any(measure.search(words) for measure in measures)


def _grouped(upper: Sequence[object], lower: Sequence[object]) -> list[tuple[int, str, str]]:
    """``index, heading, heading led by that of its group`` of each column with a lower heading."""
    found, group = [], ""
    for index, cell in enumerate(lower):
        group = as_text(upper[index] if index < len(upper) else None) or group
        name = as_text(cell)
        if name:
            found.append((index, name, f"{group} {name}".strip()))
    return found
