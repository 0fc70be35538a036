"""What a person states and is published at once.

A decision about a pair of activities, what activities are for, a declaration of nothing to
report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from atlas.corrections.relations import (
    PairVerdict,
    ineffective_verdicts,
    leaders_by_record,
    verdicts_of,
)
from atlas.errors import ChangedError, StoreError, UsageError
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _
from atlas.layers.counting import ITEM_KINDS
from atlas.model import Outcome, Reader, Tables
from atlas.store import DecisionChange, Snapshot, Store
from atlas.store.decisions import (
    NexusTags,
    NothingDeclarations,
    NothingToReport,
    PairDecision,
    PairDecisions,
)
from atlas.store.disk import PublicationExtras
from atlas.vocab import entries_by_id

PAIR_DECIDED, PAIR_DECISION_UNDONE = (
    N_("décision sur une paire"),
    N_("décision sur une paire annulée"),
)
"""Why a snapshot was published, without who decided."""


@dataclass(frozen=True)
class PairDecisionResult:
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


def decide_pair(
    store: Store, verdict: PairVerdict, *, who: str, note: str = "", seen: int | None = None
) -> PairDecisionResult:
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
    with store.exclusive_writing():
        before = _current_snapshot(store)
        kinds = dict(before.tables.activities.select("activity_id", "kind").iter_rows())
        for activity in verdict.activity_pair:
            if kinds.get(activity) not in ITEM_KINDS:
                raise UsageError(
                    _("« {id} » n'est pas une activité publiée", id=activity),
                    "",
                    _("Les présences et les sommes publiées ne forment pas de paires."),
                )
        if seen is not None:
            _require_seen(store, verdict, seen)
        change = PairDecisions(store.root).decision_change(verdict, who=who, note=note)
        return _publish_change(store, before, change)


def _require_seen(store: Store, said: PairVerdict, seen: int) -> None:
    """Refuse a decision that would take the place of one that the person has not seen."""
    history = PairDecisions(store.root).all_decisions()
    stands = [
        one
        for one in history
        if one.in_force and one.decision_slot == said.activity_pair and one.id != seen
    ]
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


def undo_pair_decision(store: Store, decision: int, *, who: str) -> PairDecisionResult:
    """Take a decision back, and publish: the figures are those of before, to the same hash.

    Raises
    ------
    UsageError
        There is no such decision, or it is undone already.
    StoreError
        The decisions or the store cannot be written.
    """
    with store.exclusive_writing():
        before = _current_snapshot(store)
        return _publish_change(
            store, before, PairDecisions(store.root).undo_change(decision, who=who)
        )


def idle_decisions(snapshot: Snapshot | None, history: Iterable[PairDecision]) -> dict[int, str]:
    """Decisions in force that change nothing now, and why.

    Returns
    -------
    dict
        Number of the decision → ``asleep`` (one of its activities is not published) or
        ``without_effect`` (two activities that it would join were told apart).
    """
    told = verdicts_of(snapshot.tables.verdicts) if snapshot else []
    idle_words = ineffective_verdicts(told, leaders_by_record(told))
    found = {}
    for one in history:
        if one.in_force and one.said not in told:
            found[one.id] = "asleep"
        elif one.in_force and one.said in idle_words:
            found[one.id] = "without_effect"
    return found


def _current_snapshot(store: Store) -> Snapshot:
    before = store.current_snapshot()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    return before


def _publish_change(store: Store, before: Snapshot, change: DecisionChange) -> PairDecisionResult:
    """Publish what a decision changes, and the decision with it."""
    snapshot = (
        store.publish_decisions(
            PAIR_DECISION_UNDONE if change.undone else PAIR_DECIDED, change=change
        )
        or before
    )
    (decision,) = PairDecisions(store.root).recorded_decisions(change)
    behind = leaders_by_record(verdicts_of(snapshot.tables.verdicts))
    apart = set(leaders_by_record(verdicts_of(before.tables.verdicts)))
    why_idle = idle_decisions(snapshot, [decision]).get(decision.id)
    return PairDecisionResult(
        decision,
        snapshot,
        why_idle == "asleep",
        why_idle == "without_effect",
        len(apart) - len(behind),
        _budget_difference_usd(snapshot.tables, apart - set(behind), set(behind) - apart),
    )


def _budget_difference_usd(tables: Tables, back: set[str], gone: set[str]) -> float | None:
    """Budgets in dollars of the activities that count again, less those that do no more."""
    priced = tables.amounts.filter(pl.col("kind") == "budget", pl.col("usd_minor").is_not_null())
    own = pl.col("activity_id")
    added, taken = (priced.filter(own.is_in(list(some)))["usd_minor"] for some in (back, gone))
    if not added.len() + taken.len():
        return None
    return (int(added.sum()) - int(taken.sum())) / 100


NEXUS_TAGGED = N_("étiquette du nexus")
"""Why a snapshot was published, without who tagged."""


def tag_nexus(store: Store, activities: Iterable[str], nexus: str, *, who: str) -> Snapshot:
    """Write down what published activities are for, and publish.

    Parameters
    ----------
    nexus
        An id of ``vocab/nexus.csv``; ``""`` takes what they are tagged with off them.

    Raises
    ------
    UsageError
        It is no such id, none of the activities is published, or nobody tags them.
    StoreError
        The decisions or the store cannot be written.
    """
    if nexus and nexus not in entries_by_id("nexus"):
        known = ", ".join(entries_by_id("nexus"))
        raise UsageError(
            _("Étiquette « {name} » inconnue", name=nexus),
            "",
            _("Choisissez : {names}.", names=known),
        )
    with store.exclusive_writing():
        before = _current_snapshot(store)
        stands = dict(before.tables.activities.select("activity_id", "nexus").iter_rows())
        told = [one for one in dict.fromkeys(activities) if one in stands]
        if not told:
            raise UsageError(_("Aucune activité à étiqueter"))
        changed = [one for one in told if (stands[one] or "") != nexus]
        if not changed:
            return before
        change = NexusTags(store.root).tag_change(changed, nexus, who=who)
        return store.publish_decisions(_(NEXUS_TAGGED), change=change) or before


NOTHING_DECLARED, DECLARATION_WITHDRAWN = (
    N_("déclaration de rien à signaler"),
    N_("déclaration annulée"),
)
"""Why a snapshot was published, without who declared."""
DECLARATION_ORIGIN = "déclaration saisie dans la page"
DECLARATION_KIND = "nothing_to_report"
_WORDS = "rien à signaler"


def declare_nothing(store: Store, declared: NothingToReport, *, who: str, today: date) -> Snapshot:
    """Write a declaration down and publish it, as a document of the day on which it was said.

    Parameters
    ----------
    who
        The name of the person who says so; it stays in the database of decisions.
    today
        No declaration is of a day to come.

    Raises
    ------
    UsageError
        Nothing is published yet, nobody says so, or it makes no sense.
    StoreError
        The decisions or the store cannot be written.
    """
    _check_declaration(declared, today)
    with store.exclusive_writing():
        now = store.current_snapshot()
        if now is None:
            told = _("Importez d'abord une liste d'activités.")
            raise UsageError(_("Rien n'est publié"), "", told)
        entry = declaration_tables(declared, is_sample=now.tables.is_sample)
        document = str(entry.documents["document"][0])
        change = NothingDeclarations(store.root).declaration_change(declared, document, who=who)
        return store.add_documents(
            [entry], _(NOTHING_DECLARED), extras=PublicationExtras(change=change)
        )


def withdraw_declaration(store: Store, document: str, *, who: str) -> Snapshot:
    """Take a declaration out of what is published, and mark it as undone.

    Raises
    ------
    UsageError
        It is not published, or nobody takes it back.
    StoreError
        The decisions or the store cannot be written.
    """
    with store.exclusive_writing():
        now = store.current_snapshot()
        rows = (
            now.tables.documents.filter(document=document, origin=DECLARATION_ORIGIN)
            if now
            else None
        )
        if rows is None or rows.is_empty():
            told = _("Rechargez la page, puis choisissez.")
            raise UsageError(_("Déclaration introuvable"), "", told)
        change = NothingDeclarations(store.root).undo_all_change(document, who=who)
        return store.add_documents(
            [],
            _(DECLARATION_WITHDRAWN),
            without=[document],
            extras=PublicationExtras(change=change),
        )


def declaration_tables(said: NothingToReport, *, is_sample: bool = False) -> Tables:
    """Tables of one document with one fact; the same words make the same document.

    Parameters
    ----------
    is_sample
        Whether it goes with the embedded examples.
    """
    content = json.dumps(asdict(said), ensure_ascii=False, sort_keys=True, default=str)
    document = sha256(content.encode()).hexdigest()[:12]
    return Tables.of(
        documents=[
            {
                "document": document,
                "file": "declaration-rien-a-signaler",
                "reader": str(Reader.ENTRY),
                "title": _WORDS,
                "as_of": said.said_on,
                "rows_read": 1,
                "origin": DECLARATION_ORIGIN,
                "is_sample": is_sample,
            }
        ],
        rows=[{"document": document, "locator": "1", "outcome": str(Outcome.CONTEXT)}],
        context=[
            {
                "document": document,
                "kind": DECLARATION_KIND,
                "indicator": DECLARATION_KIND,
                "organisation": said.reporter,
                "sector": said.sector or None,
                "unit_id": said.unit_id or None,
                "text": _WORDS,
                "source": DECLARATION_ORIGIN,
                "as_of": said.said_on,
                "start": said.first,
                "expires": said.last,
            }
        ],
    )


def _check_declaration(said: NothingToReport, today: date) -> None:
    """Refuse what makes no sense, before anything is written."""
    if not said.reporter:
        raise UsageError(_("Qui n'a rien à signaler ?"), "", _("Choisissez une organisation."))
    if said.sector and said.sector not in entries_by_id("sectors"):
        raise UsageError(_("Secteur « {name} » inconnu", name=said.sector))
    if said.unit_id and said.unit_id not in shipped_frames():
        raise UsageError(_("Zone « {name} » inconnue", name=said.unit_id))
    if said.first > said.last:
        raise UsageError(_("La fin de la période précède son début"))
    if said.said_on > today:
        raise UsageError(
            _("Une déclaration ne peut pas être d'un jour à venir"), "", _("Corrigez la date.")
        )
    if said.first > said.said_on:
        raise UsageError(
            _("La période déclarée n'a pas commencé le jour de la déclaration"), "",
            _("Corrigez la date ou la période."),
        )  # fmt: skip
