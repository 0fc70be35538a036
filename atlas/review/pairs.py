"""Decide about two activities, or take a decision back: what is published follows at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from atlas.corrections.pairs import PairVerdict, leaders, verdicts_of, without_effect
from atlas.errors import ChangedError, StoreError, UsageError
from atlas.i18n import N_, _
from atlas.layers.counting import ITEM_KINDS
from atlas.model import Tables
from atlas.store import Change, Snapshot, Store
from atlas.store.pair_decisions import PairDecision, PairDecisions

DECIDED, TAKEN_BACK = N_("décision sur une paire"), N_("décision sur une paire annulée")
"""Why a snapshot was published, without who decided."""


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
    activities, usd
        What it adds to the totals, or takes from them when negative: activities, and dollars of
        their budgets (null when none of those concerned has one known in dollars).
    """

    decision: PairDecision
    snapshot: Snapshot
    asleep: bool
    without_effect: bool
    activities: int
    usd: float | None


def decide(
    store: Store, said: PairVerdict, *, who: str, note: str = "", seen: int | None = None
) -> Decided:
    """Write down what two published activities are to each other, and publish.

    Parameters
    ----------
    seen
        Number of the decision about them that the person saw, 0 for none; ``None``: whatever
        stands gives way.

    Raises
    ------
    UsageError
        One of them is not published, or no activity proper; or nobody decides.
    ChangedError
        Somebody else decided about them since the person saw them.
    StoreError
        The decisions or the store cannot be written.
    """
    with store.alone():
        before = _current(store)
        kinds = dict(before.tables.activities.select("activity_id", "kind").iter_rows())
        for activity in said.pair:
            if kinds.get(activity) not in ITEM_KINDS:
                raise UsageError(
                    _("« {id} » n'est pas une activité publiée", id=activity),
                    "",
                    _("Les présences et les sommes publiées ne forment pas de paires."),
                )
        if seen is not None:
            _require_seen(store, said, seen)
        change = PairDecisions(store.root).deciding(said, who=who, note=note)
        return _published(store, before, change)


def _require_seen(store: Store, said: PairVerdict, seen: int) -> None:
    """Refuse a decision that would take the place of one that the person has not seen."""
    history = PairDecisions(store.root).history()
    stands = [one for one in history if one.in_force and one.slot == said.pair and one.id != seen]
    if stands:
        raise ChangedError(
            _("Décision non enregistrée"),
            _(
                "{who} a décidé de cette paire entre-temps (décision {id})",
                who=stands[0].who,
                id=stands[0].id,
            ),
            _("Affichez les nouvelles données ; annulez d'abord cette décision pour en changer."),
        )


def undo(store: Store, decision: int, *, who: str) -> Decided:
    """Take a decision back, and publish: the figures are those of before, to the same hash.

    Raises
    ------
    UsageError
        There is no such decision, or it is undone already.
    StoreError
        The decisions or the store cannot be written.
    """
    with store.alone():
        before = _current(store)
        return _published(store, before, PairDecisions(store.root).undoing(decision, who=who))


def idle(snapshot: Snapshot | None, history: Iterable[PairDecision]) -> dict[int, str]:
    """Decisions in force that change nothing now, and why.

    Returns
    -------
    dict
        Number of the decision → ``asleep`` (one of its activities is not published) or
        ``without_effect`` (two activities that it would join were told apart).
    """
    told = verdicts_of(snapshot.tables.verdicts) if snapshot else []
    idle_words = without_effect(told, leaders(told))
    found = {}
    for one in history:
        if one.in_force and one.said not in told:
            found[one.id] = "asleep"
        elif one.in_force and one.said in idle_words:
            found[one.id] = "without_effect"
    return found


def _current(store: Store) -> Snapshot:
    before = store.current()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    return before


def _published(store: Store, before: Snapshot, change: Change) -> Decided:
    """Publish what a decision changes, and the decision with it."""
    snapshot = store.judge(TAKEN_BACK if change.undone else DECIDED, change=change) or before
    (decision,) = PairDecisions(store.root).recorded(change)
    behind = leaders(verdicts_of(snapshot.tables.verdicts))
    apart = set(leaders(verdicts_of(before.tables.verdicts)))
    why_idle = idle(snapshot, [decision]).get(decision.id)
    return Decided(
        decision,
        snapshot,
        why_idle == "asleep",
        why_idle == "without_effect",
        len(apart) - len(behind),
        _dollars(snapshot.tables, apart - set(behind), set(behind) - apart),
    )


def _dollars(tables: Tables, back: set[str], gone: set[str]) -> float | None:
    """Budgets in dollars of the activities that count again, less those that do no more."""
    priced = tables.amounts.filter(pl.col("kind") == "budget", pl.col("usd_minor").is_not_null())
    own = pl.col("activity_id")
    added, taken = (priced.filter(own.is_in(list(some)))["usd_minor"] for some in (back, gone))
    if not added.len() + taken.len():
        return None
    return (int(added.sum()) - int(taken.sum())) / 100
