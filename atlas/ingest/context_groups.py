"""Groups of people in tables of context: a total and what is of it are told once.

A table states people by group, in rows or columns: displaced, returned, hosts; women, men,
girls, boys; all together. A group is never added to the total it is of. The total counts, and
its text tells the groups; where no total stands the groups of one breakdown add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from atlas.geo.frames import LEVELS, frames
from atlas.ingest.folding import fold
from atlas.ingest.parsing.groups import Group, group_of, without_part_words
from atlas.ingest.parsing.people import in_words
from atlas.ingest.placing import raw_of
from atlas.ingest.reading import ContextFact, ControlTotal, Finding, PlaceText
from atlas.model import NATIONAL
from atlas.vocab import by_id, label

ROUNDING = 0.005
"""Sums that differ by less are rounding: figures are published to the nearest ten."""


class Settled(NamedTuple):
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


def settled(facts: Sequence[ContextFact]) -> Settled:
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
        and its groups, or two breakdowns of the same people, do not agree.
    """
    alike: Mapping[tuple[object, ...], list[int]] = defaultdict(list)
    for index, fact in enumerate(facts):
        if fact.value is not None and not fact.geometry and counts_people(fact.indicator):
            alike[_key(fact)].append(index)
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
    return [told.get(i, f) for i, f in enumerate(facts) if i not in dropped], findings


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
    return kept, told or _in_words(named), findings


def without_subtotals(facts: Sequence[ContextFact]) -> Settled:
    """The facts without rows of a larger place that add up those of the places inside it.

    A row that names a région and no cercle, among rows of its cercles, is their sub-total where
    a figure of it is their sum; where none is, both stay and that is said.
    """
    alike: Mapping[tuple[object, ...], list[ContextFact]] = defaultdict(list)
    for fact in facts:
        if fact.value is not None and fact.unit_id and counts_people(fact.indicator):
            named = tuple(fold(group_of(words).words) for words in fact.groups)
            alike[(*_key(fact)[2:], *filter(None, named))].append(fact)
    sums: dict[str, list[tuple[ContextFact, float]]] = defaultdict(list)
    for same in alike.values():
        below = _below(same)
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
            totals += [_subtotal(one, summed) for one, summed in figures]
        else:
            findings += [_differs(one, summed) for one, summed in figures]
    kept = [fact for fact in facts if fact.locator not in left_out]
    return Settled(kept, totals, findings, frozenset(left_out))


def _below(same: Iterable[ContextFact]) -> dict[str, list[ContextFact]]:
    """Facts of one figure by the smallest listed place that theirs lies in."""
    by_unit: Mapping[str, list[ContextFact]] = defaultdict(list)
    for fact in same:
        by_unit[str(fact.unit_id)].append(fact)
    found: dict[str, list[ContextFact]] = defaultdict(list)
    for unit_id, facts in by_unit.items():
        above = frames().unit(unit_id).parent if unit_id in frames() else None
        while above and above not in by_unit:
            above = frames().unit(above).parent
        if above or (NATIONAL in by_unit and unit_id in frames()):
            found[above or NATIONAL] += facts
    return found


def _is_whole(fact: ContextFact) -> bool:
    """Whether the place of a fact is written without a finer name than that of its unit."""
    unit_id = str(fact.unit_id)
    if fact.place is None or unit_id not in frames():
        return unit_id == NATIONAL
    finer = LEVELS[LEVELS.index(frames().unit(unit_id).level) + 1 :]
    names = [getattr(fact.place, name) for name in (*finer, "locality")]
    return not any(name.strip() for name in names) and fact.place.lon is None


def _subtotal(fact: ContextFact, summed: float) -> ControlTotal:
    name = f"{name_of(fact)} ({fact.locator})"
    return ControlTotal(name, Decimal(str(fact.value)), Decimal(str(summed)), fact.place)


def _differs(fact: ContextFact, summed: float) -> Finding:
    params: dict[str, object] = {
        "name": name_of(fact),
        "readings": f"{fact.value:.15g} pour {raw_of(fact.place or PlaceText())}, "
        f"{summed:.15g} par addition de ce qui s'y trouve",
    }
    return Finding("figures_disagree", fact.locator, "value", params)


def counts_people(indicator: str) -> bool:
    """Whether figures of an indicator are people or things that are counted."""
    return by_id("indicators").get(indicator, {}).get("unit") in ("people", "count")


def _key(fact: ContextFact) -> tuple[object, ...]:
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
    everyone = _everyone(facts, groups)
    if everyone is not None:
        groups[everyone] = (Group("", ""),) * width
    kinds: dict[tuple[Group, ...], list[int]] = defaultdict(list)
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
            findings += _checked(facts[index], direct, facts, groups)
            if index in kept:
                found[index] = _with_parts(facts[index], [facts[at] for at in parts])
    return found, findings


def _is_within(mine: Sequence[Group], other: Sequence[Group]) -> bool:
    """Whether a group is a part of another: the same in each respect, or of everyone."""
    pairs = list(zip(mine, other, strict=True))
    inside = all(not o.words or fold(o.words) == fold(m.words) for m, o in pairs)
    return inside and any(m.words and not o.words for m, o in pairs)


def _everyone(facts: Sequence[ContextFact], groups: Sequence[Sequence[Group]]) -> int | None:
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
        "name": name_of(facts[0]),
        "total": f"{facts[sums[0]].value:.15g}",
        "rows": rows,
    }
    said = Finding("total_by_values", facts[sums[0]].locator, "value", params)
    return [fact if i == sums[0] else None for i, fact in enumerate(facts)], [said]


def _one_breakdown(
    tops: Sequence[int], facts: Sequence[ContextFact], groups: Sequence[Sequence[Group]]
) -> tuple[list[int], list[Finding]]:
    """Of several breakdowns of the same people the one that tells most; groups of it add up."""
    whole = [top for top in tops if not any(group.is_part for group in groups[top])] or tops
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for top in whole:
        sums[_breakdown(groups[top])] += facts[top].value or 0
    known = [breakdown for breakdown in sums if any(breakdown)]
    best = max(known, key=sums.__getitem__, default=())
    kept = [top for top in whole if _breakdown(groups[top]) in (best, ("",) * len(groups[top]))]
    if len(kept) == len(tops):
        return kept, []
    aside = [facts[top] for top in sorted({*tops} - {*kept})]
    params: dict[str, object] = {"name": name_of(aside[0]), "parts": _in_words(aside)}
    findings = [Finding("groups_aside", aside[0].locator, "value", params)]
    if len(known) > 1 and sums[best] - min(sums[one] for one in known) > _slack(sums[best]):
        readings = " ; ".join(
            _in_words(facts[top] for top in whole if _breakdown(groups[top]) == one)
            for one in known
        )
        differ: dict[str, object] = {"name": name_of(aside[0]), "readings": readings}
        findings.append(Finding("figures_disagree", aside[0].locator, "value", differ))
    return kept, findings


def _breakdown(groups: Sequence[Group]) -> tuple[str, ...]:
    return tuple(group.breakdown for group in groups)


def _checked(
    total: ContextFact,
    inside: Sequence[int],
    facts: Sequence[ContextFact],
    groups: Sequence[Sequence[Group]],
) -> list[Finding]:
    """A finding for each breakdown that does not add up to its total."""
    by_breakdown: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index in inside:
        by_breakdown[_breakdown(groups[index])].append(index)
    stated = total.value or 0
    findings = []
    for indices in by_breakdown.values():
        summed = sum(facts[index].value or 0 for index in indices)
        may_lack = len(indices) == 1 or all(g.is_part for i in indices for g in groups[i])
        least = 0 if may_lack else stated
        if least - _slack(stated) <= summed <= stated + _slack(stated):
            continue
        parts = _in_words(facts[index] for index in indices)
        params: dict[str, object] = {
            "name": name_of(total),
            "readings": f"{stated:.15g} au total, {summed:.15g} par addition ({parts})",
        }
        findings.append(Finding("figures_disagree", total.locator, "value", params))
    return findings


def _slack(stated: float) -> float:
    return max(ROUNDING * stated, 1)


def _with_parts(total: ContextFact, parts: Sequence[ContextFact]) -> ContextFact:
    """The total, its groups in its text."""
    if not parts:
        return total
    told = f"dont {_in_words(parts)}"
    return replace(total, text=" ; ".join(filter(None, (total.text, told))))


def _in_words(facts: Iterable[ContextFact]) -> str:
    return in_words((_words(fact), fact.value or 0) for fact in facts)


def _words(fact: ContextFact) -> str:
    words = [word for word in fact.groups if group_of(word).words] or [fact.text or fact.locator]
    return " ".join(map(without_part_words, words))


def name_of(fact: ContextFact) -> str:
    """Indicator and sector of a fact, in the language in force."""
    sector = label("sectors", fact.sector) if fact.sector in by_id("sectors") else fact.sector
    return ", ".join(filter(None, (label("indicators", fact.indicator), sector)))
