"""Activities of one file that are parts of each other: money told at two levels counts once.

A programme and its projects may both state a budget. What the parts state counts there, where
places are finer; the whole becomes a published aggregate beside them, and its figure a total
that the parts are held against. Kinds of money that no part states stay with the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from atlas.ingest.reading import ControlTotal, Money, Record
from atlas.model import Kind

Related = tuple[str, Sequence[str], Sequence[str]]
"""Key of an activity, keys of what it is a part of, keys of its parts."""


def settled(
    records: Sequence[Record], related: Iterable[Related]
) -> tuple[list[Record], list[ControlTotal]]:
    """Records whose money counts once, and the totals that wholes state over their parts.

    Parameters
    ----------
    records
        Of one document, in its order.
    related
        What each activity says of the others.

    Returns
    -------
    tuple
        As many records: a whole all of whose money its parts state is an aggregate of them.
    """
    by_key = {record.key: record for record in records if record.key}
    parts = _parts(related, by_key)
    found: list[Record] = []
    totals: list[ControlTotal] = []
    for record in records:
        own = [by_key[key] for key in parts.get(record.key, ())]
        if own and by_key[record.key] is record:
            record, said = _whole(record, own)
            totals += said
        found.append(record)
    return found, totals


def _parts(related: Iterable[Related], known: Mapping[str, Record]) -> dict[str, list[str]]:
    """Parts of each whole, both in the file; one that would close a circle is left out."""
    pairs: dict[tuple[str, str], None] = {}
    for key, wholes, parts in related:
        pairs |= dict.fromkeys((whole, key) for whole in wholes)
        pairs |= dict.fromkeys((key, part) for part in parts)
    found: dict[str, list[str]] = defaultdict(list)
    for whole, part in pairs:
        if whole in known and part in known and not _leads(part, whole, found):
            found[whole].append(part)
    return found


def _leads(start: str, end: str, parts: Mapping[str, Sequence[str]]) -> bool:
    """Whether one activity is the other, or holds it among its parts and theirs."""
    return start == end or any(_leads(part, end, parts) for part in parts.get(start, ()))


def _whole(record: Record, parts: Sequence[Record]) -> tuple[Record, list[ControlTotal]]:
    told = {money.kind for part in parts for money in part.amounts}
    twice = [money for money in record.amounts if money.kind in told]
    alone = tuple(money for money in record.amounts if money.kind not in told)
    totals = [
        ControlTotal(
            name=f"{record.key} : {kind}",
            published=published,
            read=_sums(m for part in parts for m in part.amounts).get((kind, currency)),
            currency=currency,
        )
        for (kind, currency), published in _sums(twice).items()
    ]
    if alone:
        return record._replace(amounts=alone), totals
    return record._replace(kind=Kind.AGGREGATE, items=len(parts)), totals


def _sums(amounts: Iterable[Money]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for money in amounts:
        found[money.kind, money.currency] += money.value
    return found
