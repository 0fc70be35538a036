"""What people decided about pairs of activities: a history to which rows are only ever added.

It lies in the database of the other decisions (`atlas.store.decisions`). A snapshot holds the
verdicts in force of the activities it has, without who decided or when: one about an activity
that is gone sleeps in the history and wakes when the activity is told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atlas.corrections.pairs import Answer, PairVerdict
from atlas.model import Tables, frame_of
from atlas.store.beside import Change, Row
from atlas.store.database import PAIRS
from atlas.store.histories import History, HistoryLine, said_by


@dataclass(frozen=True, kw_only=True)
class PairDecision(HistoryLine):
    """One line of the history; snapshots with both its activities hold it while in force."""

    said: PairVerdict

    @property
    def slot(self) -> tuple[str, str]:
        """The pair."""
        return self.said.pair


class PairDecisions(History[PairDecision]):
    """The decisions of a store about pairs of activities."""

    table = PAIRS
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
        return self.write(self.deciding(said, who=who, note=note))[0]

    def deciding(self, said: PairVerdict, *, who: str, note: str = "") -> Change:
        """What taking a decision writes down; raises as `add` does."""
        row = {
            "activity_a": said.activity_a,
            "activity_b": said.activity_b,
            "verdict": str(said.verdict),
            "lead": said.lead,
        }
        return Change({PAIRS.name: [row | said_by(who, note)]})

    def _line(self, row: Row, trail: Mapping[str, Any]) -> PairDecision:
        one, other, answer = row["activity_a"], row["activity_b"], Answer(row["verdict"])
        return PairDecision(said=PairVerdict(one, other, answer, row["lead"], row["id"]), **trail)

    def in_force(self, change: Change | None = None) -> list[PairVerdict]:
        """One word a pair, the newest that is not undone; see `history` for `change`."""
        return [one.said for one in self.history(change) if one.in_force]


def with_verdicts(tables: Tables, root: Path | str, change: Change | None = None) -> Tables:
    """The tables with the decisions in force about pairs of their activities, and no others.

    Parameters
    ----------
    change
        Decisions that are written down with these tables.
    """
    known = set(tables.activities["activity_id"])
    rows = [
        {
            "activity_a": one.activity_a,
            "activity_b": one.activity_b,
            "verdict": str(one.verdict),
            "lead": one.lead or None,
        }
        for one in PairDecisions(root).in_force(change)
        if known.issuperset(one.pair)
    ]
    return replace(tables, verdicts=frame_of("verdicts", rows))
