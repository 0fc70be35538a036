"""What people decided about pairs of activities: a history to which rows are only ever added.

It lies in the database of the other decisions (`atlas.store.decisions`). A snapshot holds the
verdicts in force of the activities it has, without who decided or when: one about an activity
that is gone sleeps in the history and wakes when the activity is told again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from atlas.corrections.pairs import Answer, PairVerdict
from atlas.model import Tables, frame_of
from atlas.store.histories import History, said_by, utc

_TABLE = sa.Table(
    "pair_decisions",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("activity_a", sa.String(120), nullable=False),
    sa.Column("activity_b", sa.String(120), nullable=False),
    sa.Column("verdict", sa.String(20), nullable=False),
    sa.Column("lead", sa.String(120), nullable=False, default=""),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sqlite_autoincrement=True,  # a number is never given twice
)


@dataclass(frozen=True)
class PairDecision:
    """One line of the history; attributes as those of `atlas.store.decisions.Decision`."""

    id: int
    said: PairVerdict
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether snapshots hold it, when they have both activities."""
        return self.undone_at is None and self.superseded_by is None


class PairDecisions(History[PairDecision]):
    """The decisions of a store about pairs of activities."""

    table = _TABLE
    command = "atlas duplicates"

    def add(self, said: PairVerdict, *, who: str, note: str = "") -> PairDecision:
        """Write a decision down; it stands in the place of an older one about the pair.

        Raises
        ------
        UsageError
            Nobody takes it.
        StoreError
            The database cannot be written.
        """
        row = {
            "activity_a": said.activity_a,
            "activity_b": said.activity_b,
            "verdict": str(said.verdict),
            "lead": said.lead,
        }
        (number,) = self._insert([row | said_by(who, note)])
        return self.get(number)

    def history(self) -> list[PairDecision]:
        """Every decision ever taken about a pair, newest first."""
        newest: dict[tuple[str, str], int] = {}
        found = []
        for row in self._rows():
            one = _decision(row)
            if one.undone_at is None:
                above = newest.setdefault(one.said.pair, one.id)
                one = one if above == one.id else replace(one, superseded_by=above)
            found.append(one)
        return found

    def in_force(self) -> list[PairVerdict]:
        """One word a pair, the newest that is not undone."""
        return [one.said for one in self.history() if one.in_force]


def with_verdicts(tables: Tables, root: Path | str) -> Tables:
    """The tables with the decisions in force about pairs of their activities, and no others."""
    known = set(tables.activities["activity_id"])
    rows = [
        {
            "activity_a": one.activity_a,
            "activity_b": one.activity_b,
            "verdict": str(one.verdict),
            "lead": one.lead or None,
        }
        for one in PairDecisions(root).in_force()
        if known.issuperset(one.pair)
    ]
    return replace(tables, verdicts=frame_of("verdicts", rows))


def _decision(row: sa.Row[tuple[object, ...]]) -> PairDecision:
    answer = Answer(row.verdict)
    return PairDecision(
        row.id,
        PairVerdict(row.activity_a, row.activity_b, answer, row.lead, row.id),
        row.who,
        row.note,
        utc(row.decided_at),
        row.undone_by,
        utc(row.undone_at) if row.undone_at else None,
    )
