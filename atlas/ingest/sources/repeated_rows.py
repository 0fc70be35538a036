"""Rows of one project: totals repeated on each row count once, rows of groups are one activity.

Partners keep a row per place or month and write the project's whole budget on each. Added
up, it would count as often as there are rows. The rule is narrow: one project code (of one
organisation, in the lists of NGOs), the same currency, amount (within `ONE_VALUE`) and period
(within `ONE_PERIOD`) on every row that states one. Then the amount is one, the value that most
rows state, shared out equally among the rows; rows that differ are named. The list's own
printed total decides: where it adds the rows up as they are written, so do we. Rows that differ
in their group of people and their figures alone are one activity; so are rows of its quantities.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from atlas.fields import BENEFICIARIES
from atlas.ingest.context.figure_totals import figures_of_groups
from atlas.ingest.money import to_major, to_minor
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import MEASURES, group_codes, group_of
from atlas.ingest.reading import ActivityFigure, ContextFact, ControlTotal, Finding, Money, Record
from atlas.model import Source
from atlas.shares import split_by_weights

SHOWN_AMOUNTS = 5
ONE_VALUE = Decimal("0.001")
"""How far amounts may differ and be one: a dollar in a thousand, slips of the keyboard."""
ONE_PERIOD = timedelta(days=7)
"""How far the ends of their periods may differ."""

Cell = tuple[int, int]
"""An amount: number of the record, number among its amounts."""


class PrintedTotal(NamedTuple):
    """A total that a list prints under the records ``first`` to ``last`` (not included)."""

    name: str
    money: Money
    first: int
    last: int


def count_repeats_once(
    records: Sequence[Record], printed: Iterable[PrintedTotal]
) -> tuple[list[Record], list[ControlTotal], list[Finding]]:
    """Records with repeated totals counted once, and the printed totals beside what is read.

    Parameters
    ----------
    records
        Of one document, amounts as its rows state them.
    printed
        Its printed totals.

    Returns
    -------
    tuple
        Records (a repeated amount becomes a part of one, see `Money.part`), control totals,
        findings: ``amount_repeated`` and ``amount_repeated_kept`` per project,
        ``amount_repeated_differs`` for the rows of one that differ a little,
        ``amount_repeated_unsure`` for rows without a code that look alike,
        ``project_amounts_disagree`` where a project's rows state several amounts.
    """
    groups, findings = _repeated_amounts(records)
    totals = list(printed)
    findings += _look_alike(records)
    for cells in groups:
        kept = any(_adds_up_as_it_stands(total, records, cells) for total in totals)
        findings.append(_repeat_finding(records, cells, kept=kept))
    once = list(records)
    for cells in groups:
        if not any(_adds_up_as_it_stands(total, records, cells) for total in totals):
            _share_amount(once, cells, _most_frequent(records, cells))
    return once, [_control_total(total, once) for total in totals], findings


def value_of(money: Money) -> Decimal:
    """What an amount comes to: of a repeated one, this row's share."""
    index, count = money.part
    if count == 1:
        return money.value
    return to_major(
        split_by_weights(to_minor(money.value, money.currency), [1] * count)[index], money.currency
    )


def _records_by_project(records: Sequence[Record]) -> Mapping[tuple[str, ...], list[int]]:
    """Records of each project that has a code, by their number."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        if record.key:
            owner = _organisation_key(record) if record.source == Source.NGO else ""
            found[str(record.source), fold_text(record.key), owner].append(number)
    return found


def _organisation_key(record: Record) -> str:
    names = [name for name in (record.lead, *record.implementers) if name]
    return fold_text(names[0]) if names else ""


def _repeated_amounts(records: Sequence[Record]) -> tuple[list[list[Cell]], list[Finding]]:
    """Amounts that are one over their rows, and what is said of those that differ."""
    groups: list[list[Cell]] = []
    findings: list[Finding] = []
    several = (numbers for numbers in _records_by_project(records).values() if len(numbers) > 1)
    for numbers in several:
        for cells in _alike_amounts(records, numbers):
            values = {_amount_at(records, cell).value for cell in cells}
            if len({number for number, _index in cells}) < 2 or values == {Decimal(0)}:
                continue
            usual = _most_frequent(records, cells)
            if all(abs(value - usual) <= ONE_VALUE * usual for value in values):
                groups.append(cells)
            if len(values) > 1:
                findings.append(_disagreement_finding(records, cells, usual))
    return groups, findings


def _alike_amounts(records: Sequence[Record], numbers: Iterable[int]) -> Iterator[list[Cell]]:
    """Amounts of some records that may be one: same sort and currency, periods days apart."""
    found: list[tuple[Money, list[Cell]]] = []
    for number in numbers:
        for index, money in enumerate(records[number].amounts):
            cells = next((cells for one, cells in found if _may_be_one(one, money)), None)
            if cells is None:
                found.append((money, cells := []))
            cells.append((number, index))
    return (cells for _money, cells in found)


def _may_be_one(a: Money, b: Money) -> bool:
    if (a.kind, a.currency) != (b.kind, b.currency):
        return False
    ends = (a.period_start, b.period_start), (a.period_end, b.period_end)
    return all(x == y or (x and y and abs(x - y) <= ONE_PERIOD) for x, y in ends)


def _most_frequent(records: Sequence[Record], cells: Sequence[Cell]) -> Decimal:
    """The value that most rows state; of several, the one that stands first."""
    return Counter(_amount_at(records, cell).value for cell in cells).most_common(1)[0][0]


def _amount_at(records: Sequence[Record], cell: Cell) -> Money:
    return records[cell[0]].amounts[cell[1]]


def _disagreement_finding(
    records: Sequence[Record], cells: Sequence[Cell], usual: Decimal
) -> Finding:
    values = sorted({_amount_at(records, cell).value for cell in cells})
    shown = " · ".join(f"{value:f}" for value in values[:SHOWN_AMOUNTS])
    params: dict[str, object] = {
        "code": records[cells[0][0]].key or records[cells[0][0]].title,
        "n": len(cells),
        "amounts": shown + (" …" if len(values) > SHOWN_AMOUNTS else ""),
        "currency": _amount_at(records, cells[0]).currency,
    }
    code = "project_amounts_disagree"
    if all(abs(value - usual) <= ONE_VALUE * usual for value in values):
        code = "amount_repeated_differs"
        other = [cell for cell in cells if _amount_at(records, cell).value != usual]
        params |= {"read": f"{usual:f}", "rows": ", ".join(records[n].locator for n, _i in other)}
    first = records[cells[0][0]].locator
    return Finding(code, first, _amount_at(records, cells[0]).kind, params)


def _look_alike(records: Sequence[Record]) -> list[Finding]:
    """Rows without a code that repeat title, organisation, amount and period: only said."""
    found: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    for number, record in enumerate(records):
        for index, money in enumerate(record.amounts if not record.key else ()):
            said = record.source, fold_text(record.title), _organisation_key(record), money
            if money.value and record.title:
                found[said].append((number, index))
    return [
        _repeat_finding(records, cells, code="amount_repeated_unsure")
        for cells in found.values()
        if len(cells) > 1
    ]


def _repeat_finding(
    records: Sequence[Record], cells: Sequence[Cell], *, kept: bool = False, code: str = ""
) -> Finding:
    record, money = records[cells[0][0]], _amount_at(records, cells[0])
    params: dict[str, object] = {
        "code": record.key or record.title,
        "title": record.title,
        "n": len(cells),
        "amount": f"{_most_frequent(records, cells):f}",
        "currency": money.currency,
    }
    code = code or ("amount_repeated_kept" if kept else "amount_repeated")
    return Finding(code, record.locator, money.kind, params)


def _adds_up_as_it_stands(
    total: PrintedTotal, records: Sequence[Record], cells: Sequence[Cell]
) -> bool:
    """Whether a printed total is the sum of the rows as they stand, these among them."""
    under = range(total.first, total.last)
    like = _amount_at(records, cells[0])
    same = (like.kind, like.currency) == (total.money.kind, total.money.currency)
    inside = [cell for cell in cells if cell[0] in under]
    return same and len(inside) > 1 and _sum_under_total(total, records) == total.money.value


def _share_amount(records: list[Record], cells: Sequence[Cell], value: Decimal) -> None:
    for part, (number, index) in enumerate(cells):
        amounts = list(records[number].amounts)
        amounts[index] = amounts[index]._replace(value=value, part=(part, len(cells)))
        records[number] = records[number]._replace(amounts=tuple(amounts))


def _control_total(total: PrintedTotal, records: Sequence[Record]) -> ControlTotal:
    money = total.money
    return ControlTotal(
        total.name, money.value, _sum_under_total(total, records), currency=money.currency
    )


def _sum_under_total(total: PrintedTotal, records: Sequence[Record]) -> Decimal:
    """Amounts under a printed total that are of its sort and currency."""
    like = total.money.kind, total.money.currency
    alike = (
        value_of(money)
        for record in records[total.first : total.last]
        for money in record.amounts
        if (money.kind, money.currency) == like
    )
    return sum(alike, Decimal(0))


_COUNTED_FIELDS = {"target": "people_target", "reached": "people_reached"}
_SHOWN_GROUPS = 6
"""Groups that a finding names."""


def merge_group_rows(
    records: Sequence[Record], printed: Sequence[PrintedTotal]
) -> tuple[list[Record], list[PrintedTotal], list[Finding]]:
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
        of as many rows as before; findings: ``rows_of_groups`` for each activity, what its
        figures and amounts leave to say, ``group_rows_apart`` for rows that stay activities
        though some may be a part of another. The group of a record that stays alone is remarked.
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
            merged[numbers[0]], said = _merged_record(records, numbers, printed)
            findings += said
            gone.update(numbers[1:])
        elif len(same) > 1 and _may_count_twice(same):
            findings.append(_groups_finding("group_rows_apart", same))
    kept = [
        merged.get(number) or _with_group_remarked(record)
        for number, record in enumerate(records)
        if number not in gone
    ]
    return kept, _renumbered_totals(printed, gone, len(records)), findings


def _renumbered_totals(
    printed: Sequence[PrintedTotal], gone: Collection[int], many: int
) -> list[PrintedTotal]:
    """The printed totals of as many rows as before, some of which are no records any more."""
    before = list(accumulate((n not in gone for n in range(many)), initial=0))
    return [one._replace(first=before[one.first], last=before[one.last]) for one in printed]


def merge_indicator_rows(
    records: Sequence[Record], printed: Sequence[PrintedTotal]
) -> tuple[list[Record], list[PrintedTotal], list[Finding]]:
    """Records of which those that state other quantities of one activity are one.

    A row that counts people, or states an amount, stays an activity: whether its people or its
    money are those of another row it does not say. So does a row that says a quantity again.

    Returns
    -------
    tuple
        As `merge_group_rows`, with ``rows_of_indicators`` for each activity.
    """
    alike: dict[Record, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        if not record.amounts and any(one.indicator != BENEFICIARIES for one in record.figures):
            alike[_without_figures(record)].append(number)
    if not alike:
        return list(records), list(printed), []
    for number, record in enumerate(records):  # a row of people, which the others join
        if not record.amounts and (bare := _without_figures(record)) in alike:
            alike[bare] = [number, *alike[bare]] if number not in alike[bare] else alike[bare]
    merged: dict[int, Record] = {}
    findings: list[Finding] = []
    gone: set[int] = set()
    for first, *others in alike.values():
        record = records[first]
        for number in others:
            other = records[number]
            if other.target is None and other.reached is None and not _states_again(record, other):
                remarks = dict.fromkeys(filter(None, (record.remarks, other.remarks)))
                record = record._replace(
                    figures=(*record.figures, *other.figures),
                    folded=(*record.folded, other.locator, *other.folded),
                    remarks=" ; ".join(remarks),
                )
                gone.add(number)
        if record is not records[first]:
            merged[first] = record
            findings.append(_indicators_finding(record))
    kept = [merged.get(n, one) for n, one in enumerate(records) if n not in gone]
    return kept, _renumbered_totals(printed, gone, len(records)), findings


def _states_again(record: Record, other: Record) -> bool:
    """Whether two rows state one quantity."""
    stated = {(one.measure, one.indicator, fold_text(one.words)) for one in record.figures}
    return any((f.measure, f.indicator, fold_text(f.words)) in stated for f in other.figures)


def _indicators_finding(record: Record) -> Finding:
    names = dict.fromkeys(one.words for one in record.figures if one.indicator != BENEFICIARIES)
    shown = ", ".join(list(names)[:_SHOWN_GROUPS]) + (" …" if len(names) > _SHOWN_GROUPS else "")
    params: dict[str, object] = {
        "title": record.title,
        "n": 1 + len(record.folded),
        "indicators": shown,
    }
    return Finding("rows_of_indicators", record.locator, "indicator", params)


def _without_figures(record: Record) -> Record:
    """What rows of one activity share."""
    return record._replace(
        locator="",
        groups=(),
        figures=(),
        target=None,
        reached=None,
        amounts=(),
        remarks="",
        folded=(),
    )


def _group_key(record: Record) -> tuple[str, ...]:
    """The groups of a row, compared without accents and case; everyone is ""."""
    return tuple(fold_text(group_of(words).words) for words in record.groups)


def _is_everyone(record: Record) -> bool:
    return not any(_group_key(record))


def _are_groups(records: Sequence[Record]) -> bool:
    """Whether some rows are groups of one activity.

    So they are beside one row that is called their total; without it, where each is a known
    group and no two are the same.
    """
    everyone = [record for record in records if _is_everyone(record)]
    if len(records) < 2 or len(everyone) > 1:
        return False
    if everyone and any(everyone[0].groups):
        return True
    groups = [group_of(words) for record in records for words in record.groups]
    known = all(group.breakdown or not group.words for group in groups)
    return known and any(group.breakdown for group in groups) and not _has_group_twice(records)


def _has_group_twice(records: Sequence[Record]) -> bool:
    return len({_group_key(record) for record in records}) < len(records)


def _may_count_twice(records: Sequence[Record]) -> bool:
    """Whether people of some rows may be those of others: of everyone, or of a group twice."""
    named = any(any(_group_key(record)) for record in records)
    return named and (_has_group_twice(records) or any(map(_is_everyone, records)))


def _groups_finding(code: str, records: Sequence[Record], **params: object) -> Finding:
    """A finding that names an activity, how many rows it has and their groups."""
    names = [" ".join(record.groups) or "total" for record in records]
    shown = ", ".join(names[:_SHOWN_GROUPS]) + (" …" if len(names) > _SHOWN_GROUPS else "")
    first = records[0]
    said: dict[str, object] = {"title": first.title, "n": len(records), "groups": shown, **params}
    return Finding(code, first.locator, "group", said)


def _merged_record(
    records: Sequence[Record], numbers: Sequence[int], printed: Sequence[PrintedTotal]
) -> tuple[Record, list[Finding]]:
    """One record of the rows of all groups, and what is to be said of it."""
    same = [records[number] for number in numbers]
    first = next(filter(_is_everyone, same), same[0])
    others = [record for record in same if record is not first]
    findings = [_groups_finding("rows_of_groups", [first, *others])]
    remarks = [record.remarks for record in (first, *others)]
    figures = []
    for field, measure in _COUNTED_FIELDS.items():
        figure, said = _figure_of_groups(same, field, MEASURES[measure])
        figures.append(figure)
        findings += said
    amounts: list[Money] = []
    for cells in _alike_amounts(records, numbers):
        amount, said = _amount_of_groups(records, cells, printed)
        amounts.append(amount)
        findings += said
    merged = first._replace(
        target=figures[0],
        reached=figures[1],
        amounts=tuple(amounts),
        groups=(),
        figures=_figures_of_rows(same),
        remarks=" ; ".join(filter(None, dict.fromkeys(remarks))),
        folded=tuple(where for one in others for where in (one.locator, *one.folded)),
    )
    return merged, findings


def _figures_of_rows(records: Sequence[Record]) -> tuple[ActivityFigure, ...]:
    """People of each row of a group, in the words of the row and of its columns."""
    found = []
    for record in records:
        named = " ".join(words for words in record.groups if group_of(words).words)
        for field in _COUNTED_FIELDS:
            if named and (value := getattr(record, field)) is not None:
                found.append(ActivityFigure(field, named, value))
        found += (one._replace(words=f"{named} {one.words}".strip()) for one in record.figures)
    return tuple(found)


def _figure_of_groups(
    records: Sequence[Record], field: str, name: str
) -> tuple[float | None, list[Finding]]:
    """Target or reached of an activity, and findings.

    It is the stated total, else the sum of one breakdown; unknown where a group of that
    breakdown has no figure or two rows, and that is said.
    """
    stated = {record: value for record in records if (value := getattr(record, field)) is not None}
    if not stated:
        return None, []
    kept, words, findings = _counted_groups(stated, name)
    counted = [record for record in kept if not _is_everyone(record)]
    breakdowns = {_breakdown_of(record) for record in counted}
    lacking = [
        record
        for record in records
        if record not in stated and _breakdown_of(record) in breakdowns and not _is_part(record)
    ]
    if lacking or _has_group_twice(counted):
        said = {"name": name, "parts": words, "lacking": ", ".join(_words_of(lacking or counted))}
        return None, [*findings, _groups_finding("group_figure_unknown", records, **said)]
    return sum(stated[record] for record in kept), findings


def _counted_groups(
    stated: Mapping[Record, float], name: str
) -> tuple[list[Record], str, list[Finding]]:
    """The rows whose figures add up to that of their activity, all in words, and findings."""
    title = next(iter(stated)).title
    by_locator = {record.locator: record for record in stated}
    facts = [
        ContextFact(
            "", f"{name}, « {title} »", value=value, locator=one.locator, groups=one.groups or ("",)
        )
        for one, value in stated.items()
    ]
    kept, words, findings = figures_of_groups(facts)
    return [by_locator[fact.locator] for fact in kept], words, findings


def _breakdown_of(record: Record) -> tuple[str, ...]:
    return tuple(group_of(words).breakdown for words in record.groups)


def _is_part(record: Record) -> bool:
    return any(group_of(words).is_part for words in record.groups)


def _words_of(records: Iterable[Record]) -> list[str]:
    return [" ".join(record.groups) for record in records]


def _amount_of_groups(
    records: Sequence[Record], cells: Sequence[Cell], printed: Sequence[PrintedTotal]
) -> tuple[Money, list[Finding]]:
    """One amount of the rows of an activity, and what is to be said of it.

    That of everyone; else the one that all rows repeat; else the sum of one breakdown. Where a
    printed total adds the groups up as they are written, so is it here.
    """
    money = _amount_at(records, cells[0])
    if len(cells) == 1:
        return money, []
    values = [_amount_at(records, cell).value for cell in cells]
    rows = [records[number] for number, _index in cells]
    usual = _most_frequent(records, cells)
    repeated = all(abs(value - usual) <= ONE_VALUE * usual for value in values)
    whole = any(map(_is_everyone, rows))
    if not whole and any(_adds_up_as_it_stands(total, records, cells) for total in printed):
        said = [_repeat_finding(records, cells, kept=True)] if repeated else []
        return _sum_of_amounts([_amount_at(records, cell) for cell in cells]), said
    if repeated:
        said = [_groups_finding("amount_of_groups", rows, **_amount_words(usual, money.currency))]
        said += [_disagreement_finding(records, cells, usual)] if len({*values}) > 1 else []
        return money._replace(value=usual), said
    by_row = dict(zip(rows, cells, strict=True))
    kept, _words, said = _counted_groups(
        {row: float(_amount_at(records, cell).value) for row, cell in by_row.items()}, money.kind
    )
    return _sum_of_amounts([_amount_at(records, by_row[row]) for row in kept]), said


def _amount_words(value: Decimal, currency: str) -> dict[str, object]:
    return {"amount": f"{value:f}", "currency": currency}


def _sum_of_amounts(parts: Sequence[Money]) -> Money:
    dollars = [money.stated_usd for money in parts if money.stated_usd is not None]
    usd = sum(dollars, Decimal(0)) if len(dollars) == len(parts) else None
    return parts[0]._replace(value=sum((m.value for m in parts), Decimal(0)), stated_usd=usd)


def _with_group_remarked(record: Record) -> Record:
    """A record that is alone: its people are of the group it names, which else is a remark."""
    words, figures = ", ".join(filter(None, record.groups)), _figures_of_rows([record])
    if not words or any(any(group_codes(one.words)[:-1]) for one in figures):
        return record._replace(groups=(), figures=figures)
    remarks = " ; ".join(filter(None, (record.remarks, f"Groupe : {words}")))
    return record._replace(groups=(), remarks=remarks)
