"""Totals in tables of context: each person is counted once, sums and printed totals are checked.

A table states people by group, in rows or columns: displaced, returned, hosts; women, men,
girls, boys; all together. A group is never added to the total it is of. The total counts, and
its text names the groups; where there is no total the groups of one breakdown add up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from atlas.geo.frames import LEVELS, shipped_frames
from atlas.ingest.context.figure_columns import (
    CONTEXT_CONFIG,
    PROJECTED,
    FigureMeaning,
    count_of_cell,
    field_named,
    figure_of,
)
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import (
    PeopleGroup,
    group_codes,
    group_of,
    parts_in_words,
    without_part_words,
)
from atlas.ingest.placing import raw_of
from atlas.ingest.reading import ContextFact, ControlTotal, Finding, PlaceText
from atlas.ingest.tables.table_rows import TableRow
from atlas.model import GROUP_NEEDS, NATIONAL, NEEDS
from atlas.vocab import entries_by_id, entry_label

ROUNDING = 0.005
"""Sums that differ by less are rounding: figures are published to the nearest ten."""


class CountableFacts(NamedTuple):
    """The facts of a table that count, and what was found to be a total of others.

    Attributes
    ----------
    subtotals
        Locators of the rows that are sub-totals: they became ``totals``.
    """

    facts: list[ContextFact]
    totals: list[ControlTotal]
    findings: list[Finding]
    subtotals: frozenset[str]


def countable_facts(facts: Sequence[ContextFact]) -> CountableFacts:
    """The facts of a table, each person counted once: see `counted_once`, `without_subtotals`."""
    once, said = counted_once(facts)
    found = without_subtotals(once)
    return found._replace(findings=[*said, *found.findings])


def counted_once(facts: Sequence[ContextFact]) -> tuple[list[ContextFact], list[Finding]]:
    """The facts of a table without the groups whose total stands beside them.

    Returns
    -------
    tuple
        The facts in their order, totals with their groups in words; a finding where a total
        and its groups, or two breakdowns of the same people, do not agree. Needs of a group of
        a total stay as facts of their own kind, which nothing adds up with the others.
    """
    alike: Mapping[tuple[object, ...], list[int]] = defaultdict(list)
    for index, fact in enumerate(facts):
        if fact.value is not None and not fact.geometry and counts_people(fact.indicator):
            alike[_figure_key(fact)].append(index)
    dropped: set[int] = set()
    told: dict[int, ContextFact] = {}
    findings: list[Finding] = []
    for indices in alike.values():
        if len(indices) < 2:
            continue
        kept, said = _of_same_people([facts[index] for index in indices])
        findings += said
        for index, one in zip(indices, kept, strict=True):
            if one is None:
                dropped.add(index)
            else:
                told[index] = one
    once = [told.get(i, f) for i, f in enumerate(facts) if i not in dropped]
    groups = [replace(facts[i], kind=GROUP_NEEDS) for i in sorted(dropped) if _is_need(facts[i])]
    return [*once, *groups], findings


def _is_need(fact: ContextFact) -> bool:
    """Whether a fact is the need of a group that has a code."""
    codes = group_codes(" ".join(fact.groups))
    return fact.kind == NEEDS and any(codes[:-1]) and not codes.is_part


def figures_of_groups(facts: Sequence[ContextFact]) -> tuple[list[ContextFact], str, list[Finding]]:
    """The facts of one figure that add up to it, all groups in words, and findings.

    Examples
    --------
    >>> women, men = (ContextFact("", "PIN", value=v, groups=(g,)) for g, v in (("F", 6), ("H", 4)))
    >>> kept, words, _said = figures_of_groups([women, men])
    >>> len(kept), words
    (2, 'F 6, H 4')
    """
    once, findings = _of_same_people(facts)
    kept = [fact for fact in once if fact is not None]
    told = " ; ".join(filter(None, (fact.text for fact in kept)))
    named = [fact for fact in facts if any(group_of(words).words for words in fact.groups)]
    return kept, told or _facts_in_words(named), findings


def without_subtotals(facts: Sequence[ContextFact]) -> CountableFacts:
    """The facts without rows of a larger place that add up those of the places inside it.

    A row that names a région and no cercle, among rows of its cercles, is their sub-total where
    a figure of it is their sum; where none is, both stay and that is said.
    """
    alike: Mapping[tuple[object, ...], list[ContextFact]] = defaultdict(list)
    for fact in facts:
        if fact.value is not None and fact.unit_id and counts_people(fact.indicator):
            named = tuple(fold_text(group_of(words).words) for words in fact.groups)
            alike[(*_figure_key(fact)[2:], *filter(None, named))].append(fact)
    sums: dict[str, list[tuple[ContextFact, float]]] = defaultdict(list)
    for same in alike.values():
        below = _facts_by_containing_place(same)
        for fact in same if below else ():
            inside = below.get(str(fact.unit_id), [])
            if len(inside) > 1 and _is_whole(fact):
                sums[fact.locator].append((fact, sum(one.value or 0 for one in inside)))
    totals: list[ControlTotal] = []
    findings: list[Finding] = []
    left_out: set[str] = set()
    for where, figures in sums.items():
        agrees = [abs((one.value or 0) - summed) <= 1 for one, summed in figures]
        if any(agrees):
            left_out.add(where)
            totals += [_control_of_subtotal(one, summed) for one, summed in figures]
        else:
            findings += [_subtotal_finding(one, summed) for one, summed in figures]
    kept = [fact for fact in facts if fact.locator not in left_out]
    return CountableFacts(kept, totals, findings, frozenset(left_out))


def _facts_by_containing_place(same: Iterable[ContextFact]) -> dict[str, list[ContextFact]]:
    """Facts of one figure by the smallest listed place that theirs lies in."""
    by_unit: Mapping[str, list[ContextFact]] = defaultdict(list)
    for fact in same:
        by_unit[str(fact.unit_id)].append(fact)
    found: dict[str, list[ContextFact]] = defaultdict(list)
    for unit_id, facts in by_unit.items():
        above = shipped_frames().unit_by_id(unit_id).parent if unit_id in shipped_frames() else None
        while above and above not in by_unit:
            above = shipped_frames().unit_by_id(above).parent
        if above or (NATIONAL in by_unit and unit_id in shipped_frames()):
            found[above or NATIONAL] += facts
    return found


def _is_whole(fact: ContextFact) -> bool:
    """Whether the place of a fact is written without a finer name than that of its unit."""
    unit_id = str(fact.unit_id)
    if fact.place is None or unit_id not in shipped_frames():
        return unit_id == NATIONAL
    finer = LEVELS[LEVELS.index(shipped_frames().unit_by_id(unit_id).level) + 1 :]
    names = [getattr(fact.place, name) for name in (*finer, "locality")]
    return not any(name.strip() for name in names) and fact.place.lon is None


def _control_of_subtotal(fact: ContextFact, summed: float) -> ControlTotal:
    name = f"{figure_name(fact)} ({fact.locator})"
    return ControlTotal(name, Decimal(str(fact.value)), Decimal(str(summed)), fact.place)


def _subtotal_finding(fact: ContextFact, summed: float) -> Finding:
    params: dict[str, object] = {
        "name": figure_name(fact),
        "readings": f"{fact.value:.15g} pour {raw_of(fact.place or PlaceText())}, "
        f"{summed:.15g} par addition de ce qui s'y trouve",
    }
    return Finding("figures_disagree", fact.locator, "value", params)


def counts_people(indicator: str) -> bool:
    """Whether figures of an indicator are people or things that are counted."""
    return entries_by_id("indicators").get(indicator, {}).get("unit") in ("people", "count")


def _figure_key(fact: ContextFact) -> tuple[object, ...]:
    figure = (fact.unit_id, fact.place, fact.indicator, fact.sector, fact.organisation)
    return (*figure, fact.start, fact.expires, fact.as_of, fact.source)


def _of_same_people(
    facts: Sequence[ContextFact],
) -> tuple[list[ContextFact | None], list[Finding]]:
    """Facts of one figure of one place, those that are parts of another left out."""
    width = max(len(fact.groups) for fact in facts)
    groups = [tuple(map(group_of, (*fact.groups, *[""] * (width - len(fact.groups)))))
              for fact in facts]  # fmt: skip
    if not any(group.words for many in groups for group in many):
        return _by_values(facts)
    everyone = _row_of_everyone(facts, groups)
    if everyone is not None:
        groups[everyone] = (PeopleGroup("", ""),) * width
    kinds: dict[tuple[PeopleGroup, ...], list[int]] = defaultdict(list)
    for index, many in enumerate(groups):
        kinds[many].append(index)
    outer = {mine: [other for other in kinds if _is_within(mine, other)] for mine in kinds}
    tops = [index for mine, indices in kinds.items() if not outer[mine] for index in indices]
    tops, findings = _one_breakdown(sorted(tops), facts, groups)
    kept = set(tops)
    found: list[ContextFact | None] = [None] * len(facts)
    for whole, indices in kinds.items():
        inside = [mine for mine in kinds if whole in outer[mine]]
        directly = [mine for mine in inside if not set(outer[mine]) & set(inside)]
        parts = sorted(index for mine in inside for index in kinds[mine])
        direct = sorted(index for mine in directly for index in kinds[mine])
        for index in indices:
            findings += _breakdown_findings(facts[index], direct, facts, groups)
            if index in kept:
                found[index] = _with_parts(facts[index], [facts[at] for at in parts])
    return found, findings


def _is_within(mine: Sequence[PeopleGroup], other: Sequence[PeopleGroup]) -> bool:
    """Whether a group is a part of another: the same in each respect, or of everyone."""
    pairs = list(zip(mine, other, strict=True))
    inside = all(not o.words or fold_text(o.words) == fold_text(m.words) for m, o in pairs)
    return inside and any(m.words and not o.words for m, o in pairs)


def _row_of_everyone(
    facts: Sequence[ContextFact], groups: Sequence[Sequence[PeopleGroup]]
) -> int | None:
    """The row of unknown words that states what the others, two at least, add up to."""
    if any(not any(group.words for group in many) for many in groups) or len(facts) < 3:
        return None
    total = sum(fact.value or 0 for fact in facts)
    unknown = [
        index
        for index, many in enumerate(groups)
        if not any(group.breakdown or group.is_part for group in many)
        and facts[index].value
        and total - 2 * (facts[index].value or 0) == 0
    ]
    return unknown[0] if len(unknown) == 1 else None


def _by_values(facts: Sequence[ContextFact]) -> tuple[list[ContextFact | None], list[Finding]]:
    """Rows that name no group: one that is the sum of the others, two at least, is their total."""
    total = sum(fact.value or 0 for fact in facts)
    sums = [i for i, one in enumerate(facts) if one.value and total == 2 * one.value]
    if len(facts) < 3 or len(sums) != 1 or not all(fact.value for fact in facts):
        return list(facts), []
    rows = ", ".join(fact.locator for i, fact in enumerate(facts) if i != sums[0])
    params: dict[str, object] = {
        "name": figure_name(facts[0]),
        "total": f"{facts[sums[0]].value:.15g}",
        "rows": rows,
    }
    said = Finding("total_by_values", facts[sums[0]].locator, "value", params)
    return [fact if i == sums[0] else None for i, fact in enumerate(facts)], [said]


def _one_breakdown(
    tops: Sequence[int], facts: Sequence[ContextFact], groups: Sequence[Sequence[PeopleGroup]]
) -> tuple[list[int], list[Finding]]:
    """Of several breakdowns of the same people the one that tells most; groups of it add up."""
    whole = [top for top in tops if not any(group.is_part for group in groups[top])] or tops
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for top in whole:
        sums[_breakdown_of(groups[top])] += facts[top].value or 0
    known = [breakdown for breakdown in sums if any(breakdown)]
    best = max(known, key=sums.__getitem__, default=())
    kept = [top for top in whole if _breakdown_of(groups[top]) in (best, ("",) * len(groups[top]))]
    if len(kept) == len(tops):
        return kept, []
    aside = [facts[top] for top in sorted({*tops} - {*kept})]
    params: dict[str, object] = {"name": figure_name(aside[0]), "parts": _facts_in_words(aside)}
    findings = [Finding("groups_aside", aside[0].locator, "value", params)]
    if len(known) > 1 and sums[best] - min(sums[one] for one in known) > _rounding_margin(
        sums[best]
    ):
        readings = " ; ".join(
            _facts_in_words(facts[top] for top in whole if _breakdown_of(groups[top]) == one)
            for one in known
        )
        differ: dict[str, object] = {"name": figure_name(aside[0]), "readings": readings}
        findings.append(Finding("figures_disagree", aside[0].locator, "value", differ))
    return kept, findings


def _breakdown_of(groups: Sequence[PeopleGroup]) -> tuple[str, ...]:
    return tuple(group.breakdown for group in groups)


def _breakdown_findings(
    total: ContextFact,
    inside: Sequence[int],
    facts: Sequence[ContextFact],
    groups: Sequence[Sequence[PeopleGroup]],
) -> list[Finding]:
    """A finding for each breakdown that does not add up to its total."""
    by_breakdown: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index in inside:
        by_breakdown[_breakdown_of(groups[index])].append(index)
    stated = total.value or 0
    findings = []
    for indices in by_breakdown.values():
        summed = sum(facts[index].value or 0 for index in indices)
        may_lack = len(indices) == 1 or all(g.is_part for i in indices for g in groups[i])
        least = 0 if may_lack else stated
        if least - _rounding_margin(stated) <= summed <= stated + _rounding_margin(stated):
            continue
        parts = _facts_in_words(facts[index] for index in indices)
        params: dict[str, object] = {
            "name": figure_name(total),
            "readings": f"{stated:.15g} au total, {summed:.15g} par addition ({parts})",
        }
        findings.append(Finding("figures_disagree", total.locator, "value", params))
    return findings


def _rounding_margin(stated: float) -> float:
    return max(ROUNDING * stated, 1)


def _with_parts(total: ContextFact, parts: Sequence[ContextFact]) -> ContextFact:
    """The total, its groups in its text."""
    if not parts:
        return total
    told = f"dont {_facts_in_words(parts)}"
    return replace(total, text=" ; ".join(filter(None, (total.text, told))))


def _facts_in_words(facts: Iterable[ContextFact]) -> str:
    return parts_in_words((_groups_in_words(fact), fact.value or 0) for fact in facts)


def _groups_in_words(fact: ContextFact) -> str:
    words = [word for word in fact.groups if group_of(word).words] or [fact.text or fact.locator]
    return " ".join(map(without_part_words, words))


def figure_name(fact: ContextFact) -> str:
    """Indicator and sector of a fact, in the language in force."""
    sector = (
        entry_label("sectors", fact.sector)
        if fact.sector in entries_by_id("sectors")
        else fact.sector
    )
    return ", ".join(filter(None, (entry_label("indicators", fact.indicator), sector)))


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
            findings += _sum_disagreement(facts, _WORST + ending, worst, values[_WORST])
        elif None not in worst and (like := known[_PHASES[2]]):
            total = sum(value for value in worst if value is not None)
            found.append(replace(like, indicator=_WORST + ending, value=total))
        every = [values.get(name) for name in _PHASES]
        findings += _sum_disagreement(facts, _AREA + ending, every, values.get(_AREA))
    return found, findings


def with_phases_of_rows(
    facts: Sequence[ContextFact],
) -> tuple[list[ContextFact], frozenset[str], list[Finding]]:
    """The facts of a table of the cadre harmonisé that has a row for each phase of a place.

    Returns
    -------
    tuple
        The facts, the people of each row those of its phase ("3", "Phase 3 à 5", "Total"), a
        phase no fact of its own; the locators of these rows; findings of their sums, as
        `with_phases` has them.
    """
    places: dict[tuple[str, object], list[tuple[ContextFact, ContextFact]]] = defaultdict(list)
    by_row: dict[str, dict[str, ContextFact]] = defaultdict(dict)
    for fact in facts:
        by_row[fact.locator][fact.indicator] = fact
    for named in by_row.values():
        for ending in ("", PROJECTED):
            phase = named.get(_PHASE + ending) or named.get(_PHASE)  # one column for both
            people = named.get(_AREA + ending)
            if phase and people:
                where = people.unit_id, people.place, people.start, people.expires
                places[ending, where].append((phase, people))
    of_phases: list[ContextFact] = []
    used: list[ContextFact] = []
    findings: list[Finding] = []
    for (ending, _where), rows in places.items():
        names = [_people_of(phase, ending) for phase, _people in rows]
        if len(rows) > 1 and all(names) and len({*names}) == len(names):
            named_people = zip(rows, names, strict=True)
            found, said = with_phases([replace(p, indicator=n) for (_, p), n in named_people])
            of_phases += found
            used += [fact for pair in rows for fact in pair]
            findings += said
    replaced = {id(fact) for fact in used}
    others = [fact for fact in facts if id(fact) not in replaced]
    return [*others, *of_phases], frozenset(fact.locator for fact in used), findings


def _people_of(phase: ContextFact, ending: str) -> str:
    """Indicator of the people that are in the phase that a row names; "" where it names none."""
    words = phase.text or f"{phase.value:.15g}"
    if not group_of(words).words:
        return _AREA + ending
    bare = re.sub(r"^(?:phases?|ph)\b\.?", "", fold_text(words))
    field = field_named("cadre-harmonise", f"phase {bare}").removesuffix(PROJECTED)
    return f"{field}{ending}" if field in (*_PHASES, _WORST) else ""


def _sum_disagreement(
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
        "name": entry_label("indicators", indicator),
        "readings": f"{stated:.0f} écrit, {summed:.0f} par addition",
    }
    return [Finding("figures_disagree", facts[0].locator, indicator, params)]


def is_total_row(row: TableRow) -> bool:
    """Whether a row prints a total: its first words, or the name of a place, say so."""
    total = re.compile(CONTEXT_CONFIG["words"]["total"])
    grouped = {column.index for column in row.columns.get("group", ())}
    cells = (cell for at, cell in enumerate(row.values) if at not in grouped)
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    names = (first, *(row.text(field) for field in _NAMES))
    return any(total.match(fold_text(name)) for name in names)


def is_whole_table_total(row: TableRow) -> bool:
    """Whether a total names no place and no part: it is of the whole table."""
    words = CONTEXT_CONFIG["words"]
    names = [fold_text(row.text(field)) for field in _NAMES]
    first = next(
        (fold_text(cell) for cell in row.values if isinstance(cell, str) and cell.strip()), ""
    )
    return all(re.fullmatch(words["grand_total"], name) for name in (first, *filter(None, names)))


def control_totals_of_row(
    row: TableRow, kind: str, above: Sequence[ContextFact], since: int
) -> list[ControlTotal]:
    """Control totals of a row that prints a total of those above it.

    Parameters
    ----------
    above
        Facts of the table so far; ``since`` is the first after the last total. A total that
        follows another at once, or names no part, is of the whole table.
    """
    part = above if is_whole_table_total(row) else above[since:] or above
    usual = str(CONTEXT_CONFIG["kinds"][kind]["indicator"])
    found = []
    tells_both = any(field.endswith(PROJECTED) for field in row.columns)
    of_each = {one.indicator for field in row.columns if (one := figure_of(field)) and one.sector}
    for field, columns in row.columns.items():
        figure = FigureMeaning(usual) if field == "value" else figure_of(field)
        if (
            figure is None
            or figure.group
            or entries_by_id("indicators").get(figure.indicator, {}).get("unit") != "people"
        ):
            continue
        published = count_of_cell(row.value(field), columns[0].heading, row.locator).value
        if published is None:
            continue
        alone = figure.indicator in of_each  # a column of all sectors beside those of each
        read = _sum_of_facts(part, figure, tells_both=tells_both, alone=alone)
        name = (
            f"{entry_label('indicators', figure.indicator)}{_sector_suffix(figure)} ({row.locator})"
        )
        found.append(ControlTotal(name, Decimal(str(published)), read))
    return found


def _sum_of_facts(
    facts: Iterable[ContextFact], figure: FigureMeaning, *, tells_both: bool, alone: bool
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


def _sector_suffix(figure: FigureMeaning) -> str:
    return f", {entry_label('sectors', figure.sector)}" if figure.sector else ""


def repeated_figure_findings(facts: Iterable[ContextFact]) -> list[Finding]:
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
            name = entry_label("sources" if is_gift else "indicators", same[0].indicator)
            params: dict[str, object] = {"name": name, "n": len(same), "rows": rows}
            code = "contribution_repeated" if is_gift else "fact_repeated"
            found.append(Finding(code, same[-1].locator, "value", params))
    return found + _edition_findings(facts)


def _edition_findings(facts: Iterable[ContextFact]) -> list[Finding]:
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
            params={"name": entry_label("indicators", name), "n": len(told), "day": max(told)},
        )
        for name, told in several.items()
        if told
    ]
