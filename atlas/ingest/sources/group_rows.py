"""Rows of one activity, one for each group of people: one activity, each person counted once.

Lists give an activity a row for all and one each for women and men, or for displaced and
hosts. Rows that differ in their group and figures alone are one activity; whom they count is
settled as in tables of context (`atlas.ingest.context_groups`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from atlas.ingest.context_groups import figures_of_groups
from atlas.ingest.folding import fold
from atlas.ingest.parsing.groups import group_of
from atlas.ingest.parsing.people import MEASURES
from atlas.ingest.reading import ContextFact, Finding, Money, Record
from atlas.ingest.sources.repeats import Printed

_MEASURES = {"target": "people_target", "reached": "people_reached"}
_SHOWN = 6
"""Groups that a finding names."""


def merge_group_rows(
    records: Sequence[Record], printed: Sequence[Printed]
) -> tuple[list[Record], list[Printed], list[Finding]]:
    """Records of which those that are groups of one activity are one.

    Parameters
    ----------
    records
        Of one document, a row each.
    printed
        Its printed totals, which count records by number.

    Returns
    -------
    tuple
        Records in their order, the other rows of an activity in ``folded``; the printed totals
        of as many rows as before; findings: ``rows_of_groups`` for each activity, and where
        its figures or amounts disagree. The group of a record that stays alone is remarked.
    """
    if not any(record.groups for record in records):
        return list(records), list(printed), []
    alike: Mapping[Record, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        alike[_without_figures(record)].append(number)
    merged: dict[int, Record] = {}
    findings: list[Finding] = []
    gone: set[int] = set()
    for numbers in alike.values():
        same = [records[number] for number in numbers]
        if _are_groups(same):
            merged[numbers[0]], said = _merged(same)
            findings += said
            gone.update(numbers[1:])
    kept = [
        merged.get(number) or _with_group_remarked(record)
        for number, record in enumerate(records)
        if number not in gone
    ]
    before = list(accumulate((n not in gone for n in range(len(records))), initial=0))
    moved = [one._replace(first=before[one.first], last=before[one.last]) for one in printed]
    return kept, moved, findings


def _without_figures(record: Record) -> Record:
    """What rows of one activity share."""
    return record._replace(
        locator="", groups=(), target=None, reached=None, amounts=(), remarks="", folded=()
    )


def _are_groups(records: Sequence[Record]) -> bool:
    """Whether some records are different groups of people, each of them known for one."""
    named = {tuple(map(fold, record.groups)) for record in records}
    if len(records) < 2 or len(named) < len(records):
        return False
    groups = [group_of(words) for record in records for words in record.groups]
    known = all(group.breakdown or not group.words for group in groups)
    return known and any(group.breakdown for group in groups)


def _is_everyone(record: Record) -> bool:
    return not any(group_of(words).words for words in record.groups)


def _merged(records: Sequence[Record]) -> tuple[Record, list[Finding]]:
    """One record of those of all groups, and what is to be said of it."""
    first = next(filter(_is_everyone, records), records[0])
    others = [record for record in records if record is not first]
    names = [" ".join(record.groups) or "total" for record in records]
    params: dict[str, object] = {
        "title": first.title,
        "n": len(records),
        "groups": ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else ""),
    }
    findings = [Finding("rows_of_groups", first.locator, "group", params)]
    remarks = [record.remarks for record in (first, *others)]
    figures = []
    for field, measure in _MEASURES.items():
        figure, words, said = _figure(records, field, MEASURES[measure])
        figures.append(figure)
        findings += said
        remarks += [f"{MEASURES[measure]} : {words}"] if words else []
    target, reached = figures
    amounts, said = _amounts(records, first)
    return (
        first._replace(
            target=target,
            reached=reached,
            amounts=amounts,
            groups=(),
            remarks=" ; ".join(filter(None, dict.fromkeys(remarks))),
            folded=tuple(where for one in others for where in (one.locator, *one.folded)),
        ),
        [*findings, *said],
    )


def _figure(
    records: Sequence[Record], field: str, name: str
) -> tuple[float | None, str, list[Finding]]:
    """Target or reached of an activity, its groups in words, and findings.

    It is the stated total, else the sum of one breakdown; unknown where a group of it is.
    """
    stated = [record for record in records if getattr(record, field) is not None]
    if not stated:
        return None, "", []
    facts = [
        ContextFact(
            "", name, value=getattr(one, field), locator=one.locator, groups=one.groups or ("",)
        )
        for one in stated
    ]
    kept, words, findings = figures_of_groups(facts)
    lacks = any(record not in stated for record in records if not _is_everyone(record))
    is_total = len(kept) == 1 and not any(group_of(word).words for word in kept[0].groups)
    if lacks and not is_total:
        return None, words, findings
    return sum(fact.value or 0 for fact in kept), words, findings


def _amounts(records: Sequence[Record], first: Record) -> tuple[tuple[Money, ...], list[Finding]]:
    """Amounts of an activity: the one for everyone, the one that all rows repeat, else the sum."""
    alike: Mapping[Money, list[tuple[Record, Money]]] = defaultdict(list)
    for record in records:
        for money in record.amounts:
            alike[money._replace(value=Decimal(0), stated_usd=None)].append((record, money))
    amounts: list[Money] = []
    findings: list[Finding] = []
    for rows in alike.values():
        whole = [money for record, money in rows if record is first and _is_everyone(record)]
        parts = [money for record, money in rows if not (whole and record is first)]
        repeated = len({money.value for _record, money in rows}) == 1 and len(rows) > 1
        if whole and parts and not repeated and sum(m.value for m in parts) != whole[0].value:
            findings.append(_disagreement(first, whole[0], parts))
        if repeated:
            findings.append(_repetition(first, rows[0][1], len(rows)))
        amounts.append(whole[0] if whole else parts[0] if repeated else _sum(parts))
    return tuple(amounts), findings


def _sum(parts: Sequence[Money]) -> Money:
    dollars = [money.stated_usd for money in parts if money.stated_usd is not None]
    usd = sum(dollars, Decimal(0)) if len(dollars) == len(parts) else None
    return parts[0]._replace(value=sum((m.value for m in parts), Decimal(0)), stated_usd=usd)


def _repetition(record: Record, money: Money, n: int) -> Finding:
    params: dict[str, object] = {
        "title": record.title,
        "n": n,
        "amount": f"{money.value:f}",
        "currency": money.currency,
    }
    return Finding("amount_of_groups", record.locator, money.kind, params)


def _disagreement(record: Record, whole: Money, parts: Sequence[Money]) -> Finding:
    summed = sum((money.value for money in parts), Decimal(0))
    params: dict[str, object] = {
        "name": record.title,
        "readings": f"{whole.value:f} {whole.currency} au total, {summed:f} par addition",
    }
    return Finding("figures_disagree", record.locator, whole.kind, params)


def _with_group_remarked(record: Record) -> Record:
    """A record that is alone: the group it names is kept in its remarks."""
    words = ", ".join(filter(None, record.groups))
    if not words:
        return record._replace(groups=())
    remarks = " ; ".join(filter(None, (record.remarks, f"Groupe : {words}")))
    return record._replace(groups=(), remarks=remarks)
