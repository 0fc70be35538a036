"""Figures of tables of context held against each other: sums, totals, the same said twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from atlas.ingest.context_columns import PROJECTED, Figure, config, field_named, figure_of
from atlas.ingest.context_groups import ROUNDING
from atlas.ingest.context_values import counted
from atlas.ingest.folding import fold
from atlas.ingest.parsing.groups import group_of
from atlas.ingest.reading import ContextFact, ControlTotal, Finding
from atlas.ingest.tables.rows import Row
from atlas.vocab import by_id, label

_PHASES = tuple(f"ch-phase{number}" for number in range(1, 6))
_PHASE, _WORST, _AREA = "ch-phase", "ch-phase3to5", "ch-population"
_NAMES = ("region", "cercle", "commune", "place", "locality")


def with_phases(facts: Sequence[ContextFact]) -> tuple[list[ContextFact], list[Finding]]:
    """The facts of a row of the cadre harmonisé, with phases 3 to 5 where only each is given.

    A sum that does not agree with what the row states is a finding; nothing is corrected.
    """
    found, findings = list(facts), []
    for ending in ("", PROJECTED):
        by_name = {fact.indicator: fact for fact in facts}
        known = {name: by_name.get(name + ending) for name in (*_PHASES, _WORST, _AREA)}
        values = {name: fact.value for name, fact in known.items() if fact is not None}
        worst = [values.get(name) for name in _PHASES[2:]]
        if _WORST in values:
            findings += _disagree(facts, _WORST + ending, worst, values[_WORST])
        elif None not in worst and (like := known[_PHASES[2]]):
            total = sum(value for value in worst if value is not None)
            found.append(replace(like, indicator=_WORST + ending, value=total))
        every = [values.get(name) for name in _PHASES]
        findings += _disagree(facts, _AREA + ending, every, values.get(_AREA))
    return found, findings


def with_phases_of_rows(
    facts: Sequence[ContextFact],
) -> tuple[list[ContextFact], frozenset[str], list[Finding]]:
    """The facts of a table of the cadre harmonisé that has a row for each phase of a place.

    Returns
    -------
    tuple
        The facts, the people of each row those of its phase ("3", "Phase 3 à 5", "Total"); the
        locators of these rows; findings of their sums, as `with_phases` has them.
    """
    places: dict[tuple[str, object], list[tuple[ContextFact, ContextFact]]] = defaultdict(list)
    by_row: dict[str, dict[str, ContextFact]] = defaultdict(dict)
    for fact in facts:
        by_row[fact.locator][fact.indicator] = fact
    for named in by_row.values():
        for ending in ("", PROJECTED):
            phase, people = named.get(_PHASE + ending), named.get(_AREA + ending)
            if phase and people:
                where = people.unit_id, people.place, people.start, people.expires
                places[ending, where].append((phase, people))
    told: list[ContextFact] = []
    findings: list[Finding] = []
    for (ending, _where), rows in places.items():
        names = [_people_of(phase, ending) for phase, _people in rows]
        if len(rows) > 1 and all(names) and len({*names}) == len(names):
            of_phases = [replace(p, indicator=n) for (_, p), n in zip(rows, names, strict=True)]
            found, said = with_phases(of_phases)
            told += found
            findings += said
    of_rows = frozenset(fact.locator for fact in told)
    others = [fact for fact in facts if fact.locator not in of_rows]
    return [*others, *told], of_rows, findings


def _people_of(phase: ContextFact, ending: str) -> str:
    """Indicator of the people that are in the phase that a row names; "" where it names none."""
    words = phase.text or f"{phase.value:.15g}"
    if not group_of(words).words:
        return _AREA + ending
    bare = re.sub(r"^(?:phases?|ph)\b\.?", "", fold(words))
    field = field_named("cadre-harmonise", f"phase {bare}").removesuffix(PROJECTED)
    return f"{field}{ending}" if field in (*_PHASES, _WORST) else ""


def _disagree(
    facts: Sequence[ContextFact],
    indicator: str,
    parts: Sequence[float | None],
    stated: float | None,
) -> list[Finding]:
    if stated is None or any(part is None for part in parts):
        return []
    summed = sum(part for part in parts if part is not None)
    if abs(summed - stated) <= max(ROUNDING * stated, 1):
        return []
    params: dict[str, object] = {
        "name": label("indicators", indicator),
        "readings": f"{stated:.0f} écrit, {summed:.0f} par addition",
    }
    return [Finding("figures_disagree", facts[0].locator, indicator, params)]


def is_total_row(row: Row) -> bool:
    """Whether a row prints a total: its first words, or the name of a place, say so."""
    total = re.compile(config()["words"]["total"])
    grouped = {column.index for column in row.columns.get("group", ())}
    cells = (cell for at, cell in enumerate(row.values) if at not in grouped)
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    names = (first, *(row.text(field) for field in _NAMES))
    return any(total.match(fold(name)) for name in names)


def is_of_all(row: Row) -> bool:
    """Whether a total names no place and no part: it is of the whole table."""
    words = config()["words"]
    names = [fold(row.text(field)) for field in _NAMES]
    first = next((fold(cell) for cell in row.values if isinstance(cell, str) and cell.strip()), "")
    return all(re.fullmatch(words["grand_total"], name) for name in (first, *filter(None, names)))


def totals_of(row: Row, kind: str, above: Sequence[ContextFact], since: int) -> list[ControlTotal]:
    """Control totals of a row that prints a total of those above it.

    Parameters
    ----------
    above
        Facts of the table so far; ``since`` is the first after the last total. A total that
        follows another at once, or names no part, is of the whole table.
    """
    part = above if is_of_all(row) else above[since:] or above
    usual = str(config()["kinds"][kind]["indicator"])
    found = []
    tells_both = any(field.endswith(PROJECTED) for field in row.columns)
    of_each = {one.indicator for field in row.columns if (one := figure_of(field)) and one.sector}
    for field, columns in row.columns.items():
        figure = Figure(usual) if field == "value" else figure_of(field)
        if (
            figure is None
            or figure.group
            or by_id("indicators").get(figure.indicator, {}).get("unit") != "people"
        ):
            continue
        published = counted(row.value(field), columns[0].heading, row.locator).value
        if published is None:
            continue
        alone = figure.indicator in of_each  # a column of all sectors beside those of each
        read = _read(part, figure, tells_both=tells_both, alone=alone)
        name = f"{label('indicators', figure.indicator)}{_of(figure)} ({row.locator})"
        found.append(ControlTotal(name, Decimal(str(published)), read))
    return found


def _read(
    facts: Iterable[ContextFact], figure: Figure, *, tells_both: bool, alone: bool
) -> Decimal:
    """What the facts of a figure add up to; of a table of one situation, whichever it is."""
    projected = () if tells_both else (figure.indicator + PROJECTED,)
    names = (figure.indicator, *projected)
    mine = [
        fact.value
        for fact in facts
        if fact.indicator in names
        and ((fact.sector or "") == figure.sector or not (figure.sector or alone))
        and fact.value is not None
    ]
    return sum((Decimal(str(value)) for value in mine), Decimal(0))


def _of(figure: Figure) -> str:
    return f", {label('sectors', figure.sector)}" if figure.sector else ""


def said_twice(facts: Iterable[ContextFact]) -> list[Finding]:
    """Findings where one table says a figure of one place several times.

    They may be of different groups of people, which add up, or the same row twice, which
    does not: a person decides. Editions of different days are said once for each indicator:
    the newest of a place and period counts.
    """
    facts = list(facts)
    alike: Mapping[tuple[object, ...], list[ContextFact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "contribution":
            what = (fact.indicator, fact.organisation, fact.text, fact.value, fact.scale)
            alike[(*what, fact.as_of)].append(fact)
        elif fact.value is not None and fact.unit_id and not fact.geometry:
            who = (fact.unit_id, fact.indicator, fact.sector, fact.organisation)
            alike[(*who, fact.start, fact.expires, fact.as_of, fact.text)].append(fact)
    found = []
    for same in alike.values():
        if len(same) > 1:
            rows = ", ".join(fact.locator for fact in same)
            is_gift = same[0].kind == "contribution"
            name = label("sources" if is_gift else "indicators", same[0].indicator)
            params: dict[str, object] = {"name": name, "n": len(same), "rows": rows}
            code = "contribution_repeated" if is_gift else "fact_repeated"
            found.append(Finding(code, same[-1].locator, "value", params))
    return found + _editions(facts)


def _editions(facts: Iterable[ContextFact]) -> list[Finding]:
    days: Mapping[tuple[object, ...], set[date]] = defaultdict(set)
    for fact in facts:
        if fact.value is not None and fact.unit_id and fact.as_of:
            where = fact.indicator, fact.unit_id, fact.sector, fact.organisation
            days[(*where, fact.start, fact.expires, fact.text)].add(fact.as_of)
    several: Mapping[str, set[date]] = defaultdict(set)
    for (indicator, *_where), found in days.items():
        several[str(indicator)] |= found if len(found) > 1 else set()
    return [
        Finding(
            "editions",
            field="value",
            params={"name": label("indicators", name), "n": len(told), "day": max(told)},
        )
        for name, told in several.items()
        if told
    ]
