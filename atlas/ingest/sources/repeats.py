"""Totals of a project repeated on each of its rows: recognised, and counted once.

Partners keep a row per place or month and write the project's whole budget on each. Added
up, it would count as often as there are rows. The rule is narrow: one project code (of one
organisation, in the lists of NGOs), the same currency, amount (within `ONE_VALUE`) and period
(within `ONE_PERIOD`) on every row that states one. Then the amount is one, the value that most
rows state, shared out equally among the rows; rows that differ are named. The list's own
printed total has the last word: where it adds the rows up as they stand, so do we.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from atlas.ingest.folding import fold
from atlas.ingest.money import major, minor
from atlas.ingest.reading import ControlTotal, Finding, Money, Record
from atlas.model import Source
from atlas.shares import split

SHOWN_AMOUNTS = 5
ONE_VALUE = Decimal("0.001")
"""How far amounts may differ and be one: a dollar in a thousand, slips of the keyboard."""
ONE_PERIOD = timedelta(days=7)
"""How far the ends of their periods may differ."""

Cell = tuple[int, int]
"""An amount: number of the record, number among its amounts."""


class Printed(NamedTuple):
    """A total that a list prints under the records ``first`` to ``last`` (not included)."""

    name: str
    money: Money
    first: int
    last: int


def settle(
    records: Sequence[Record], printed: Iterable[Printed]
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
    groups, findings = _repeated(records)
    totals = list(printed)
    findings += _look_alike(records)
    for cells in groups:
        kept = any(_adds_up_as_it_stands(total, records, cells) for total in totals)
        findings.append(_said(records, cells, kept=kept))
    once = list(records)
    for cells in groups:
        if not any(_adds_up_as_it_stands(total, records, cells) for total in totals):
            _share(once, cells, _most_frequent(records, cells))
    return once, [_control(total, once) for total in totals], findings


def value_of(money: Money) -> Decimal:
    """What an amount comes to: of a repeated one, this row's share."""
    index, count = money.part
    if count == 1:
        return money.value
    return major(split(minor(money.value, money.currency), [1] * count)[index], money.currency)


def _projects(records: Sequence[Record]) -> Mapping[tuple[str, ...], list[int]]:
    """Records of each project that has a code, by their number."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        if record.key:
            owner = _owner(record) if record.source == Source.NGO else ""
            found[str(record.source), fold(record.key), owner].append(number)
    return found


def _owner(record: Record) -> str:
    names = [name for name in (record.lead, *record.implementers) if name]
    return fold(names[0]) if names else ""


def _repeated(records: Sequence[Record]) -> tuple[list[list[Cell]], list[Finding]]:
    """Amounts that are one over their rows, and what is said of those that differ."""
    groups: list[list[Cell]] = []
    findings: list[Finding] = []
    for numbers in _projects(records).values():
        for cells in _alike(records, numbers):
            values = {_money(records, cell).value for cell in cells}
            if len({number for number, _index in cells}) < 2 or values == {Decimal(0)}:
                continue
            usual = _most_frequent(records, cells)
            if all(abs(value - usual) <= ONE_VALUE * usual for value in values):
                groups.append(cells)
            if len(values) > 1:
                findings.append(_disagreement(records, cells, usual))
    return groups, findings


def _alike(records: Sequence[Record], numbers: Iterable[int]) -> Iterator[list[Cell]]:
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
    return Counter(_money(records, cell).value for cell in cells).most_common(1)[0][0]


def _money(records: Sequence[Record], cell: Cell) -> Money:
    return records[cell[0]].amounts[cell[1]]


def _disagreement(records: Sequence[Record], cells: Sequence[Cell], usual: Decimal) -> Finding:
    values = sorted({_money(records, cell).value for cell in cells})
    shown = " · ".join(f"{value:f}" for value in values[:SHOWN_AMOUNTS])
    params: dict[str, object] = {
        "code": records[cells[0][0]].key,
        "n": len(cells),
        "amounts": shown + (" …" if len(values) > SHOWN_AMOUNTS else ""),
        "currency": _money(records, cells[0]).currency,
    }
    code = "project_amounts_disagree"
    if all(abs(value - usual) <= ONE_VALUE * usual for value in values):
        code = "amount_repeated_differs"
        other = [cell for cell in cells if _money(records, cell).value != usual]
        params |= {"read": f"{usual:f}", "rows": ", ".join(records[n].locator for n, _i in other)}
    first = records[cells[0][0]].locator
    return Finding(code, first, _money(records, cells[0]).kind, params)


def _look_alike(records: Sequence[Record]) -> list[Finding]:
    """Rows without a code that repeat title, organisation, amount and period: only said."""
    found: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    for number, record in enumerate(records):
        for index, money in enumerate(record.amounts if not record.key else ()):
            said = record.source, fold(record.title), _owner(record), money
            if money.value and record.title:
                found[said].append((number, index))
    return [
        _said(records, cells, code="amount_repeated_unsure")
        for cells in found.values()
        if len(cells) > 1
    ]


def _said(
    records: Sequence[Record], cells: Sequence[Cell], *, kept: bool = False, code: str = ""
) -> Finding:
    record, money = records[cells[0][0]], _money(records, cells[0])
    params: dict[str, object] = {
        "code": record.key,
        "title": record.title,
        "n": len(cells),
        "amount": f"{_most_frequent(records, cells):f}",
        "currency": money.currency,
    }
    code = code or ("amount_repeated_kept" if kept else "amount_repeated")
    return Finding(code, record.locator, money.kind, params)


def _adds_up_as_it_stands(total: Printed, records: Sequence[Record], cells: Sequence[Cell]) -> bool:
    """Whether a printed total is the sum of the rows as they stand, these among them."""
    under = range(total.first, total.last)
    like = _money(records, cells[0])
    same = (like.kind, like.currency) == (total.money.kind, total.money.currency)
    inside = [cell for cell in cells if cell[0] in under]
    return same and len(inside) > 1 and _read(total, records) == total.money.value


def _share(records: list[Record], cells: Sequence[Cell], value: Decimal) -> None:
    for part, (number, index) in enumerate(cells):
        amounts = list(records[number].amounts)
        amounts[index] = amounts[index]._replace(value=value, part=(part, len(cells)))
        records[number] = records[number]._replace(amounts=tuple(amounts))


def _control(total: Printed, records: Sequence[Record]) -> ControlTotal:
    money = total.money
    return ControlTotal(total.name, money.value, _read(total, records), currency=money.currency)


def _read(total: Printed, records: Sequence[Record]) -> Decimal:
    """Amounts under a printed total that are of its sort and currency."""
    like = total.money.kind, total.money.currency
    alike = (
        value_of(money)
        for record in records[total.first : total.last]
        for money in record.amounts
        if (money.kind, money.currency) == like
    )
    return sum(alike, Decimal(0))
