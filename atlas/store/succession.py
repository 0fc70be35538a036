"""Which document comes after which, and what the newer one no longer tells.

All of it is read off the documents' own rows, never off the day they came in: the same
documents give the same answers in any order. A person's word (``atlas ingest --replace``)
is kept with the document it was said of: ``replaces`` names the documents it stands in for,
``withdrawn`` the activities that go with them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from atlas.model import AGAIN, Kind, Reader, Tables

LISTS = frozenset(
    {Reader.QIP, Reader.TRUST_FUND, Reader.PBF, Reader.PNUD, Reader.NGO, Reader.STATE_PLAN}
)
"""Readers of documents that mean to be whole: what such a list leaves out is gone from it.
A bulletin tells what is new, a study what was seen; their silence says nothing."""

Rank = tuple[date, int, tuple[tuple[str, int], ...], str]
Sender = tuple[str, str, str]
Row = Mapping[str, Any]


def key_of(activity_id: str) -> str:
    """What identifies an activity, without its number among the rows of one key.

    Examples
    --------
    >>> key_of("9f86d081884c7d65~2"), key_of("9f86d081884c7d65")
    ('9f86d081884c7d65', '9f86d081884c7d65')
    """
    return activity_id.partition(AGAIN)[0]


def ranks(documents: pl.DataFrame) -> dict[str, Rank]:
    """Documents from the oldest to the newest: what each is to be sorted by.

    Their date decides; among those of one date a person's word, then the number or name of
    the file ("liste v2" after "liste v1"), then the content.
    """
    rows = {row["document"]: row for row in documents.iter_rows(named=True)}
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0  # a circle of words ends here
            same = (o for o in _told(rows[name]["replaces"]) if o in rows)
            earlier = [o for o in same if rows[o]["as_of"] == rows[name]["as_of"]]
            depths[name] = 1 + max((depth(o) for o in earlier), default=-1)
        return depths[name]

    return {
        name: (row["as_of"] or date.min, depth(name), _natural(row["file"] or ""), name)
        for name, row in rows.items()
    }


def _natural(file: str) -> tuple[tuple[str, int], ...]:
    """A file's name with its numbers as numbers: 10 comes after 9."""
    return tuple(
        (words.casefold(), int(digits or -1))
        for words, digits in re.findall(r"(\D*)(\d*)", bare(file))
        if words or digits
    )


def bare(file: str) -> str:
    """A file's name without the folder it lay in."""
    return PurePosixPath(file.replace("\\", "/")).name


def _told(many: list[str] | None) -> list[str]:
    return many or []


@dataclass(frozen=True)
class Absence:
    """An activity that the newest list of its sender no longer tells."""

    activity_id: str
    document: str
    locator: str | None
    title: str
    newer: str


class Succession:
    """The lists among the documents of some tables, by sender and period.

    Parameters
    ----------
    tables
        Each activity told once or several times; rows of every document.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.ranks = ranks(tables.documents)
        self._lists: dict[str, Row] = {
            row["document"]: row
            for row in tables.documents.iter_rows(named=True)
            if row["reader"] in LISTS
        }

    @cached_property
    def _keys(self) -> dict[str, frozenset[str]]:
        """Keys of the activities that each list's rows tell."""
        rows = self._tables.rows.filter(
            pl.col("activity_id").is_not_null() & pl.col("document").is_in(list(self._lists))
        )
        grouped = rows.group_by("document").agg(pl.col("activity_id").unique())
        found = {name: frozenset(map(key_of, ids)) for name, ids in grouped.iter_rows()}
        return {name: found.get(name, frozenset()) for name in self._lists}

    @cached_property
    def _shared(self) -> dict[str, Counter[str]]:
        """How many keys each list has in common with each other one."""
        holders: dict[str, list[str]] = defaultdict(list)
        for name, keys in self._keys.items():
            for key in keys:
                holders[key].append(name)
        shared: dict[str, Counter[str]] = defaultdict(Counter)
        for names in holders.values():
            for name in names if len(names) > 1 else ():
                shared[name].update(names)
        return shared

    @cached_property
    def _activities(self) -> dict[str, list[Row]]:
        """Activities by key; published aggregates are not items of a list."""
        found: dict[str, list[Row]] = defaultdict(list)
        wanted = ("activity_id", "document", "locator", "title", "kind", "source")
        items = self._tables.activities.filter(pl.col("kind") != Kind.AGGREGATE)
        said = items.select(*wanted, "lead_org", "implementers", "start", "end", "as_of")
        for row in said.iter_rows(named=True):
            found[key_of(row["activity_id"])].append(row)
        return found

    @cached_property
    def _senders(self) -> dict[str, frozenset[Sender]]:
        return {
            name: frozenset(
                self._sender(name, row) for key in keys for row in self._activities.get(key, ())
            )
            for name, keys in self._keys.items()
        }

    def _sender(self, document: str, activity: Row) -> Sender:
        """Who sends an activity: its fund, and for NGOs, who share one, the organisation."""
        owner = ""
        if self._lists[document]["reader"] == Reader.NGO:
            owner = activity["lead_org"] or next(iter(_told(activity["implementers"])), "")
        return activity["kind"], activity["source"], owner

    def related(self, document: str) -> list[str]:
        """Older lists of the same sender and period: they and this one tell of the same.

        One activity in common shows it, or the same name of file from the same sender.
        """
        rank = self.ranks[document]
        return [n for n in self._lists if self.ranks[n] < rank and self._kin(n, document)]

    def tied(self, document: str) -> list[str]:
        """Lists of the same sender and date that nothing but a name or content puts later."""
        rank = self.ranks[document]
        return [
            name
            for name in self._lists
            if self.ranks[name][0] == rank[0]
            and self.ranks[name] > rank
            and self._kin(document, name)
        ]

    def _kin(self, older: str, newer: str) -> bool:
        one, other = self._lists.get(older), self._lists.get(newer)
        if one is None or other is None or one["reader"] != other["reader"]:
            return False
        same = self._shared[newer][older] > 0 or self._same_file(newer, older)
        return same and not _before(one["period_end"], other["period_start"])

    def _same_file(self, one: str, other: str) -> bool:
        names = {bare(self._lists[name]["file"] or "") for name in (one, other)}
        return len(names) == 1 and bool(self._senders[one] & self._senders[other])

    def absences(self) -> list[Absence]:
        """Activities that no document newer than their teller's tells, but should."""
        newest: dict[str, Absence] = {}
        for name in sorted(self._lists, key=lambda name: self.ranks[name]):
            for older in self.related(name):
                for one in self._left_out(older, name):
                    newest[one.activity_id] = one
        return list(newest.values())

    def _left_out(self, older: str, newer: str) -> list[Absence]:
        keys = self._keys[older]
        whole = 2 * self._shared[newer][older] >= len(keys)
        since = self._lists[newer]["period_start"]
        return [
            Absence(row["activity_id"], older, row["locator"], row["title"], newer)
            for key in sorted(keys - self._keys[newer])
            for row in self._activities.get(key, ())
            if row["document"] == older
            and self._in_scope(self._sender(older, row), newer, whole)
            and not _before(row["end"], since)
        ]

    def _in_scope(self, sender: Sender, newer: str, whole: bool) -> bool:
        """Whether the newer list speaks for a sender.

        A matrix of many organisations speaks for one that left it, provided it takes up
        half of the older matrix; the list of one organisation never speaks for others.
        """
        senders = self._senders[newer]
        return sender in senders or (whole and sender[:2] in {one[:2] for one in senders})


def _before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other
