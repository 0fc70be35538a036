"""Which reports are one activity: groups of pairs, and what people decided about them.

A alike to B and B alike to C do not make A and C one thing. Pairs are taken best first; one
that would bring together two activities that contradict each other is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from atlas.i18n import N_
from atlas.layers.counting import follower_records, same_things
from atlas.layers.options import Option
from atlas.layers.pairing.entries import Entries
from atlas.layers.prepare import Prepared

APART = timedelta(days=45)
"""Two periods this far apart are not one activity's, however each is told."""


class Member(NamedTuple):
    """What may contradict: who tells it in which list, its period, its own part of a work."""

    sheet: int
    start: date | None
    end: date | None
    part: int | None


def grouped_pairs(told: Entries, pairs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
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
    members = _group_members(told, links)
    groups = Groups(members, _twin_lines(members, links))
    kept = [groups.join_groups(i, j) for i, j in links]
    lowest = {root: min(ids[i] for i in some) for root, some in groups.inside.items()}
    doubles = pl.DataFrame(
        {
            "kept": kept,
            "group_id": [lowest[groups.group_root(i)] for i, _j in links],
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

    def group_root(self, i: int) -> int:
        """The row that stands for the group of this one."""
        while (up := self.above.get(i, i)) != i:
            self.above[i] = self.above.get(up, up)
            i = up
        return i

    def join_groups(self, i: int, j: int) -> bool:
        """Bring two groups together; False when two of their members contradict."""
        one, other = self.group_root(i), self.group_root(j)
        if one == other:
            return True
        if any(self.do_contradict(x, y) for x in self.inside[one] for y in self.inside[other]):
            return False
        if len(self.inside[one]) < len(self.inside[other]):
            one, other = other, one
        self.above[other] = one
        self.inside[one] += self.inside.pop(other)
        return True

    def do_contradict(self, x: int, y: int) -> bool:
        """Two lines of one body in one list, two periods far apart, or two parts of one work."""
        one, other = self.members[x], self.members[y]
        if one.sheet == other.sheet and y not in self.twins.get(x, frozenset()):
            return True
        if one.part and other.part and one.part != other.part:
            return True
        return _are_apart(one, other) or _are_apart(other, one)


def _are_apart(one: Member, other: Member) -> bool:
    return one.end is not None and other.start is not None and one.end + APART < other.start


def _group_members(told: Entries, links: list[tuple[int, int]]) -> dict[int, Member]:
    rows = pl.Series(sorted({i for link in links for i in link}), dtype=pl.UInt32)
    columns = [told.rows[name].gather(rows) for name in ("sheet", "start", "end")]
    parts = told.titles["part"].gather(told.rows["title"].gather(rows))
    return {i: Member(*facts) for i, *facts in zip(rows, *columns, parts, strict=True)}


def _twin_lines(
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


OPTIONS = (
    Option(
        "show",
        "open",
        N_("Paires"),
        choices={"open": N_("À examiner"), "decided": N_("Décidées"), "all": N_("Toutes")},
    ),
)
NOT_FOUND = N_("décidé par une personne ; le calcul ne propose plus cette paire")


def decided_pairs(prepared: Prepared, pairs: pl.DataFrame, show: str) -> pl.DataFrame:
    """Pairs with what was decided about them, as far as they are asked for.

    Parameters
    ----------
    pairs
        ``a, b`` (rows of ``prepared.activities``)``, group_id`` and more.
    show
        A choice of `OPTIONS`.

    Returns
    -------
    polars.DataFrame
        The pairs with ``verdict`` (``same``, ``different``, ``overlap_accepted``; null while
        nobody decided) and ``lead`` (id of the record that counts for both, else null), which
        is their ``group_id`` too. Two activities of a group that counts once are ``same``
        whether or not anybody spoke of just these two; ``same`` without ``lead`` is a word
        without effect (`atlas.corrections.relations.leaders_by_record`).
    """
    ids = prepared.activities["activity_id"]
    said = prepared.computed_once(_verdict_rows).select("low", "high", "verdict")
    told = pairs.with_columns(_LOW, _HIGH).join(
        said, on=["low", "high"], how="left", maintain_order="left"
    )
    heads = [_leader_of_records(prepared, told[side]).alias(f"head_{side}") for side in ("a", "b")]
    joined = pl.col("head_a") == pl.col("head_b")
    lead = told.with_columns(heads).select(pl.when(joined).then("head_a"))["head_a"]
    marked = told.with_columns(ids.gather(lead).alias("lead")).with_columns(
        pl.when(lead.is_not_null()).then(pl.lit("same")).otherwise("verdict").alias("verdict"),
        pl.coalesce("lead", "group_id").alias("group_id"),
    )
    decided = pl.col("verdict").is_not_null()
    open_ = ~decided & ~_told_as_parts(prepared, told)
    asked = {"open": open_, "decided": decided, "all": open_ | decided}
    return marked.filter(asked[show]).drop("low", "high")


def _told_as_parts(prepared: Prepared, pairs: pl.DataFrame) -> pl.Series:
    """Whether documents say that one of two is a part of the other: no question is left."""
    chains, ids = prepared.chains, prepared.activities["activity_id"]
    none = pl.repeat(False, pairs.height, dtype=pl.Boolean, eager=True)
    if not chains.parts:
        return none
    heads = [
        ids.gather(
            pl.select(
                pl.coalesce(_leader_of_records(prepared, pairs[side]), pairs[side])
            ).to_series()
        )
        for side in ("a", "b")
    ]
    said = [chains.are_chained(one, other) for one, other in zip(*heads, strict=True)]
    return pl.Series(said, dtype=pl.Boolean)


_LOW, _HIGH = pl.min_horizontal("a", "b").alias("low"), pl.max_horizontal("a", "b").alias("high")


def not_found(prepared: Prepared, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that somebody decided about and that are not among those found.

    Parameters
    ----------
    pairs
        Pairs found: ``a, b``.

    Returns
    -------
    polars.DataFrame
        ``a, b, kind, u`` (a place of the first).
    """
    found = pairs.select(_LOW, _HIGH)
    first = prepared.places.group_by("a").agg(pl.col("u").min())
    overlap = pl.col("verdict") == "overlap_accepted"
    kind = pl.when(overlap).then(pl.lit("overlap")).otherwise(pl.lit("double_reporting"))
    return (
        prepared.computed_once(_verdict_rows)
        .join(found, on=["low", "high"], how="anti")
        .join(first, on="a", how="left", maintain_order="left")
        .select("a", "b", kind.alias("kind"), "u")
    )


def _verdict_rows(prepared: Prepared) -> pl.DataFrame:
    """``a, b, low, high, verdict``: what was decided, by rows of ``prepared.activities``."""
    ids = prepared.activities.select("activity_id", "a")
    return (
        prepared.tables.verdicts.join(
            ids, left_on="activity_a", right_on="activity_id", maintain_order="left"
        )
        .join(
            ids.rename({"a": "b"}),
            left_on="activity_b",
            right_on="activity_id",
            maintain_order="left",
        )
        .select("a", "b", _LOW, _HIGH, "verdict")
    )


def _leaders_by_record(prepared: Prepared) -> pl.DataFrame:
    """``a, leader`` of the records that people said are one with another."""
    same = same_things(prepared.tables)
    return follower_records(same, {}, prepared.activities).select("a", "leader")


def _leader_of_records(prepared: Prepared, activities: pl.Series) -> pl.Series:
    """The record that counts for each of some activities; null for those of no group."""
    groups = prepared.computed_once(_leaders_by_record)
    leads = groups.select(pl.col("leader").alias("a"), "leader")
    heads = pl.concat([groups, leads]).unique("a")
    return (
        pl.DataFrame({"a": activities})
        .join(heads, on="a", how="left", maintain_order="left")
        .to_series(1)
    )
