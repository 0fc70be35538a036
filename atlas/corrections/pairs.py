"""What people decided about pairs of activities, and what is counted once because of it.

Two tellings of one activity count once, as the record that was chosen tells it. A alike to B
and B alike to C makes one group of the three, unless somebody said that two of them are not the
same: then the word that holds fewest together gives way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from atlas.errors import UsageError
from atlas.i18n import _


class Answer(StrEnum):
    """What two activities are to each other."""

    SAME = "same"
    DIFFERENT = "different"
    OVERLAP_ACCEPTED = "overlap_accepted"


@dataclass(frozen=True)
class PairVerdict:
    """One word about two activities.

    Attributes
    ----------
    activity_a, activity_b
        Their ids, the lower first.
    lead
        Of two that are the same, the one whose amounts, places and dates count; else "".
    decision
        Its number in the history; no part of what it says.
    """

    activity_a: str
    activity_b: str
    verdict: Answer
    lead: str = ""
    decision: int = field(default=0, compare=False)

    @classmethod
    def of(cls, one: str, other: str, verdict: str, lead: str = "") -> PairVerdict:
        """A word about two activities in any order, checked.

        Raises
        ------
        UsageError
            One activity alone, an answer that does not exist, or no lead where one is needed.

        Examples
        --------
        >>> PairVerdict.of("b2", "a1", "same", lead="b2").activity_a
        'a1'
        """
        if verdict not in list(Answer):
            raise UsageError(
                _("Réponse « {verdict} » inconnue", verdict=verdict),
                "",
                _("Choisissez parmi : {kinds}.", kinds=", ".join(Answer)),
            )
        if not one or not other or one == other:
            raise UsageError(_("Il faut deux activités différentes"))
        if verdict != Answer.SAME:
            lead = ""
        elif lead not in (one, other):
            raise UsageError(
                _("Deux fois la même activité : laquelle compte ?"),
                "",
                _("Dites laquelle des deux mène : {one} ou {other}.", one=one, other=other),
            )
        return cls(min(one, other), max(one, other), Answer(verdict), lead)

    @property
    def pair(self) -> tuple[str, str]:
        """The two ids: a newer word about them stands in the place of an older one."""
        return self.activity_a, self.activity_b


def verdicts_of(table: pl.DataFrame) -> list[PairVerdict]:
    """The rows of a table ``verdicts`` as words about pairs."""
    columns = table.select("activity_a", "activity_b", "verdict", "lead")
    return [PairVerdict(a, b, Answer(said), lead or "") for a, b, said, lead in columns.iter_rows()]


def leaders(verdicts: Iterable[PairVerdict]) -> dict[str, str]:
    """Which record each of those that are counted once stands behind.

    Groups are the connected components of the words "same", joined one by one: first those
    whose two activities have most tellings in common that are said to be the same as both, then
    by id. A word that would bring together two activities that somebody told apart joins nothing.

    A group is led by the record that was least often passed over, of those the most often
    chosen, of those the lowest id: of A before B and B before C it is A.

    Parameters
    ----------
    verdicts
        One word a pair, in any order: the answer depends on nothing else.

    Returns
    -------
    dict
        Id of each follower → id of the record that counts for it. Leaders are no key.

    Examples
    --------
    >>> leaders([PairVerdict.of("a", "b", "same", "b"), PairVerdict.of("b", "c", "same", "b")])
    {'a': 'b', 'c': 'b'}
    """
    told = sorted(verdicts, key=lambda one: one.pair)
    same = [one for one in told if one.verdict is Answer.SAME]
    groups = _joined(same, [one.pair for one in told if one.verdict is not Answer.SAME])
    found: dict[str, str] = {}
    for group in groups:
        lead = _lead(group, same)
        found |= {member: lead for member in group if member != lead}
    return dict(sorted(found.items()))


def _joined(same: list[PairVerdict], apart: list[tuple[str, str]]) -> list[set[str]]:
    """Components of "same", without the words that would join what is told apart."""
    beside: dict[str, set[str]] = defaultdict(set)
    for one in same:
        beside[one.activity_a].add(one.activity_b)
        beside[one.activity_b].add(one.activity_a)
    told_apart: dict[str, set[str]] = defaultdict(set)
    for one_id, other in apart:
        told_apart[one_id].add(other)
        told_apart[other].add(one_id)

    def strength(one: PairVerdict) -> tuple[int, tuple[str, str]]:
        return -len(beside[one.activity_a] & beside[one.activity_b]), one.pair

    group_of = {member: {member} for member in beside}
    for one in sorted(same, key=strength):
        here, there = (group_of[member] for member in one.pair)
        if here is there or any(told_apart[member] & there for member in here):
            continue
        here |= there
        group_of |= dict.fromkeys(there, here)
    return list({id(group): group for group in group_of.values() if len(group) > 1}.values())


def _lead(group: set[str], same: list[PairVerdict]) -> str:
    inside = [one for one in same if group.issuperset(one.pair)]
    chosen = [one.lead for one in inside]
    passed = [member for one in inside for member in one.pair if member != one.lead]
    return min(group, key=lambda member: (passed.count(member), -chosen.count(member), member))


def without_effect(verdicts: Iterable[PairVerdict], behind: Mapping[str, str]) -> list[PairVerdict]:
    """The words "same" that join nothing, because two activities they hold were told apart.

    Parameters
    ----------
    behind
        What `leaders` says of all words.
    """
    return [
        one
        for one in verdicts
        if one.verdict is Answer.SAME
        and behind.get(one.activity_a, one.activity_a) != behind.get(one.activity_b, one.activity_b)
    ]
