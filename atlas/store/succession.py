"""Which document comes after which, and what the newer one no longer tells.

All of it is read off the documents' own rows, never off the day they came in: the same
documents give the same answers in any order. A person's word (``atlas ingest --replace``)
is kept with the document it was said of: ``replaces`` names the documents it stands in for,
``withdrawn`` the activities that go with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from atlas.model import AGAIN, Kind, Reader, Tables

NO_LISTS = frozenset(
    {Reader.BULLETIN, Reader.STUDY, Reader.CONTEXT, Reader.SAMPLE, Reader.EXCHANGE}
)
"""Readers of documents that do not mean to be whole. A bulletin tells what is new, a study what
was seen, an export answers a question: their silence says nothing. What any other list leaves
out is gone from it."""

Rank = tuple[date, int, tuple[tuple[str, int], ...], str]
Row = Mapping[str, Any]

KEY = pl.col("activity_id").str.splitn(AGAIN, 2).struct.field("field_0")
"""What identifies an activity, without its number among the rows of one key."""
_SENDER = ("kind", "source", "owner")


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
    """A file's name with its numbers as numbers: 10 comes after 9, "liste v2" after "liste"."""
    return tuple(
        (words.casefold(), int(digits or -1))
        for words, digits in re.findall(r"(\D*)(\d*)", PurePosixPath(bare(file)).stem)
        if words or digits
    )


def bare(file: str) -> str:
    """A file's name without the folder it lay in."""
    return PurePosixPath(file.replace("\\", "/")).name


def _told(many: list[str] | None) -> list[str]:
    return many or []


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
            if row["reader"] not in NO_LISTS
        }

    @cached_property
    def _keys(self) -> pl.DataFrame:
        """``document, key``: what each list's rows tell."""
        told = pl.col("activity_id").is_not_null() & pl.col("document").is_in(list(self._lists))
        return self._tables.rows.filter(told).select("document", key=KEY).unique()

    @cached_property
    def _shared(self) -> dict[tuple[str, str], int]:
        """How many keys two lists have in common; those that a list has, with itself."""
        pairs = self._keys.join(self._keys, on="key").group_by("document", "document_right").len()
        return {(one, other): n for one, other, n in pairs.iter_rows()}

    @cached_property
    def _items(self) -> pl.DataFrame:
        """Activities with key and sender; published aggregates are not items of a list.

        The sender is the fund; for NGOs and IATI files, who share one, the organisation.
        """
        readers = self._tables.documents.select("document", "reader")
        organisation = pl.coalesce("lead_org", pl.col("implementers").list.first())
        return (
            self._tables.activities.filter(pl.col("kind") != Kind.AGGREGATE)
            .join(readers, on="document", how="left")
            .select(
                *("activity_id", "document", "locator", "title", "kind", "source", "end"),
                key=KEY,
                owner=pl.when(pl.col("reader").is_in([Reader.NGO, Reader.IATI]))
                .then(organisation.fill_null(""))
                .otherwise(pl.lit("")),
            )
        )

    @cached_property
    def _senders(self) -> pl.DataFrame:
        """``document, kind, source, owner``: whose activities each list tells."""
        return self._keys.join(self._items.select("key", *_SENDER), on="key").drop("key").unique()

    def _senders_of(self, document: str) -> pl.DataFrame:
        return self._senders.filter(pl.col("document") == document).select(_SENDER)

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
        same = (newer, older) in self._shared or self._same_file(newer, older)
        return same and not _before(one["period_end"], other["period_start"])

    def _same_file(self, one: str, other: str) -> bool:
        names = {bare(self._lists[name]["file"] or "") for name in (one, other)}
        if len(names) > 1:
            return False
        return self._senders_of(one).join(self._senders_of(other), on=_SENDER).height > 0

    def absences(self) -> pl.DataFrame:
        """Activities that a newer list of their sender should tell, and does not.

        Returns
        -------
        polars.DataFrame
            ``activity_id, document, locator, title, newer``: ``newer`` is the newest of
            those lists.
        """
        found = [_NO_ABSENCE]
        for name in sorted(self._lists, key=lambda name: self.ranks[name]):
            found += [self._left_out(older, name) for older in self.related(name)]
        return pl.concat(found).unique("activity_id", keep="last", maintain_order=True)

    def _left_out(self, older: str, newer: str) -> pl.DataFrame:
        """What the older of two lists alone tells, as far as the newer speaks for it.

        A matrix of many organisations speaks for one that left it, provided it takes up
        half of the older matrix; the list of one organisation never speaks for others.
        """
        shared, whole = (self._shared.get((older, other), 0) for other in (newer, older))
        scope = _SENDER[:2] if 2 * shared >= whole else _SENDER
        told = self._keys.filter(pl.col("document") == newer)
        left = (
            self._items.filter(pl.col("document") == older)
            .join(told, on="key", how="anti")
            .join(self._senders_of(newer), on=scope, how="semi")
        )
        if since := self._lists[newer]["period_start"]:
            left = left.filter(pl.col("end").is_null() | (pl.col("end") >= since))
        return left.select("activity_id", "document", "locator", "title", newer=pl.lit(newer))


_NO_ABSENCE = pl.DataFrame(
    schema=dict.fromkeys(("activity_id", "document", "locator", "title", "newer"), pl.String)
)


def _before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other
