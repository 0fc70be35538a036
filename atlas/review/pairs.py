"""Decide about two activities, or take a decision back: what is published follows at once."""

from __future__ import annotations

from dataclasses import dataclass

from atlas.corrections.pairs import Answer, PairVerdict, leaders
from atlas.errors import StoreError, UsageError
from atlas.i18n import _
from atlas.layers.counting import verdicts_of
from atlas.layers.prepare import ITEM_KINDS
from atlas.store import Snapshot, Store
from atlas.store.pair_decisions import PairDecision, PairDecisions


@dataclass(frozen=True)
class Decided:
    """What a decision came to.

    Attributes
    ----------
    snapshot
        The one that is published now.
    asleep
        It concerns an activity that is not published: it waits until that is told again.
    without_effect
        It says "same", and two activities that it would join were told apart.
    """

    decision: PairDecision
    snapshot: Snapshot
    asleep: bool = False
    without_effect: bool = False


def decide(store: Store, said: PairVerdict, *, who: str, note: str = "") -> Decided:
    """Write down what two published activities are to each other, and publish.

    Raises
    ------
    UsageError
        One of them is not published, or no activity proper; or nobody decides.
    StoreError
        The decisions or the store cannot be written.
    """
    before = store.current()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    kinds = dict(before.tables.activities.select("activity_id", "kind").iter_rows())
    for activity in said.pair:
        if kinds.get(activity) not in ITEM_KINDS:
            raise UsageError(
                _("« {id} » n'est pas une activité publiée", id=activity),
                "",
                _("Les présences et les sommes publiées ne forment pas de paires."),
            )
    return _published(store, PairDecisions(store.root).add(said, who=who, note=note))


def undo(store: Store, decision: int, *, who: str) -> Decided:
    """Take a decision back, and publish: the figures are those of before, to the same hash.

    Raises
    ------
    UsageError
        There is no such decision, or it is undone already.
    StoreError
        The decisions or the store cannot be written.
    """
    return _published(store, PairDecisions(store.root).undo(decision, who=who))


def _published(store: Store, decision: PairDecision) -> Decided:
    snapshot = store.judge(note_of(decision))
    if snapshot is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    told = verdicts_of(snapshot.tables.verdicts)
    behind = leaders(told)
    heads = {behind.get(activity, activity) for activity in decision.said.pair}
    same = decision.in_force and decision.said.verdict is Answer.SAME
    asleep = decision.in_force and decision.said not in told
    return Decided(decision, snapshot, asleep, same and not asleep and len(heads) > 1)


def note_of(decision: PairDecision) -> str:
    """Why a snapshot was published: the decision, without who took it."""
    if decision.undone_at:
        return _("décision {id} sur une paire annulée", id=decision.id)
    return _("décision {id} sur une paire", id=decision.id)
