"""Take back any decision, whatever its table, and publish what stands without it."""

from __future__ import annotations

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.review.republication import apply_decisions
from atlas.review.statements import undo_pair_decision, withdraw_declaration
from atlas.store import Store
from atlas.store.decisions import NothingDeclarations, WordingDecisions
from atlas.store.rounds import ReportRounds


def undo_decision(store: Store, table: str, number: int, *, who: str) -> None:
    """Take a decision back.

    Parameters
    ----------
    table
        A word of `atlas.store.audit.HISTORIES`.

    Raises
    ------
    UsageError
        There is no such decision, it is undone already, or nobody takes it back.
    StoreError
        The decisions or the store cannot be written.
    """
    if table == "pairs":
        undo_pair_decision(store, number, who=who)
    elif table == "words":
        words = WordingDecisions(store.root)
        apply_decisions(store, words, words.undo_change(number, who=who))
    elif table == "nothing":
        document = NothingDeclarations(store.root).get(number).document
        withdraw_declaration(store, document, who=who)
    elif table == "rounds":
        ReportRounds(store.root).undo_decision(number, who=who)
    else:
        raise UsageError(_("Décision {id} inconnue", id=f"{table} {number}"))
