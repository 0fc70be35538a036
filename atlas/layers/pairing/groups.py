"""Which tellings are one activity: groups of pairs, with a guard against chains.

A alike to B and B alike to C do not make A and C one thing. Pairs are taken best first; one
that would bring together two activities that contradict each other is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from atlas.layers.pairing.entries import Entries

APART = timedelta(days=45)
"""Two periods this far apart are not one activity's, however each is told."""


class Member(NamedTuple):
    """What may contradict: who tells it in which list, its period, its own part of a work."""

    sheet: int
    start: date | None
    end: date | None
    part: int | None


def grouped(told: Entries, pairs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The pairs with their group, those that contradict better ones left out.

    Parameters
    ----------
    told
        What is compared.
    pairs
        ``i, j, kind, score``, best first.
    ids
        Activity id of each row of ``told``.

    Returns
    -------
    polars.DataFrame
        The pairs kept, with ``group_id``: the lowest id of the activities that are one; null
        for an overlap.
    """
    double = pairs["kind"] == "double_reporting"
    links = list(pairs.filter(double).select("i", "j").iter_rows())
    members = _members(told, links)
    groups = Groups(members, _twins(members, links))
    kept = [groups.join(i, j) for i, j in links]
    lowest = {root: min(ids[i] for i in some) for root, some in groups.inside.items()}
    doubles = pl.DataFrame(
        {
            "kept": kept,
            "group_id": [lowest[groups.root(i)] for i, _j in links],
        },
        schema={"kept": pl.Boolean, "group_id": pl.String},
    ).hstack(pairs.filter(double).select("i", "j"))
    return (
        pairs.join(doubles, on=["i", "j"], how="left", maintain_order="left")
        .filter(pl.col("kept").fill_null(True))
        .drop("kept")
    )


class Groups:
    """Union of pairs, one at a time, that refuses what contradicts."""

    def __init__(self, members: Mapping[int, Member], twins: Mapping[int, frozenset[int]]) -> None:
        self.members = members
        self.twins = twins
        self.above: dict[int, int] = {}
        self.inside: dict[int, list[int]] = {i: [i] for i in members}

    def root(self, i: int) -> int:
        """The row that stands for the group of this one."""
        while (up := self.above.get(i, i)) != i:
            self.above[i] = self.above.get(up, up)
            i = up
        return i

    def join(self, i: int, j: int) -> bool:
        """Bring two groups together; False when two of their members contradict."""
        one, other = self.root(i), self.root(j)
        if one == other:
            return True
        if any(self.contradict(x, y) for x in self.inside[one] for y in self.inside[other]):
            return False
        if len(self.inside[one]) < len(self.inside[other]):
            one, other = other, one
        self.above[other] = one
        self.inside[one] += self.inside.pop(other)
        return True

    def contradict(self, x: int, y: int) -> bool:
        """Two lines of one body in one list, two periods far apart, or two parts of one work."""
        one, other = self.members[x], self.members[y]
        if one.sheet == other.sheet and y not in self.twins.get(x, frozenset()):
            return True
        if one.part and other.part and one.part != other.part:
            return True
        return _apart(one, other) or _apart(other, one)


def _apart(one: Member, other: Member) -> bool:
    return one.end is not None and other.start is not None and one.end + APART < other.start


def _members(told: Entries, links: list[tuple[int, int]]) -> dict[int, Member]:
    rows = pl.Series(sorted({i for link in links for i in link}), dtype=pl.UInt32)
    columns = [told.rows[name].gather(rows) for name in ("sheet", "start", "end")]
    parts = told.titles["part"].gather(told.rows["title"].gather(rows))
    return {i: Member(*facts) for i, *facts in zip(rows, *columns, parts, strict=True)}


def _twins(
    members: Mapping[int, Member], links: list[tuple[int, int]]
) -> dict[int, frozenset[int]]:
    """Lines of one list that fit one and the same activity equally well, or each other."""
    beside: dict[tuple[int, int], set[int]] = defaultdict(set)
    for i, j in links:
        beside[i, members[j].sheet].add(j)
        beside[j, members[i].sheet].add(i)
    twins: dict[int, set[int]] = defaultdict(set)
    for (i, sheet), some in beside.items():
        every = some | {i} if members[i].sheet == sheet else some
        if len(every) > 1:
            for x in every:
                twins[x] |= every
    return {x: frozenset(some) for x, some in twins.items()}
