"""Publication of a draft as one snapshot, with the proposals that the person accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from atlas.author import current_author
from atlas.corrections import CorrectionLookup, WordingCorrection, correction_of_answer
from atlas.errors import ChangedError, StoreError, UsageError
from atlas.i18n import N_, _
from atlas.model import Tables
from atlas.review import ApplicationResult, affected_documents, apply_decisions, review_queue
from atlas.senders import SENDERS_FILE, SenderForm, saved_senders_rewrite
from atlas.store import REPLACING, DecisionChange, PublicationExtras, Snapshot, Store
from atlas.store.decisions import WordingDecisions
from atlas.web.imports.drafts import LEFT_OPEN, DraftFile, FileAnswers, ImportDraft

MOST_PROPOSALS = 400
"""Wordings of one kind that are kept for the page, the most frequent first."""
ProposalEntry = dict[str, Any]


def corrections_of_answers(
    file_answers: FileAnswers, document: str, decided: CorrectionLookup
) -> list[WordingCorrection]:
    """What the person accepted, as decisions: a place in this document, other words anywhere.

    Raises
    ------
    UnknownUnitError, UsageError
        An answer makes no sense.
    """
    return [
        correction_of_answer(kind, wording, value, document, decided.entered_organisations)
        for kind, answers in file_answers.decided.items()
        for wording, value in answers.items()
        if value != LEFT_OPEN
    ]


def corrections_in_force(root: Path, document: str, answers: FileAnswers) -> CorrectionLookup:
    """Decisions that the reading of a document applies: those taken, then the person's own."""
    decided = WordingDecisions(root).in_force()
    return CorrectionLookup.from_entries(
        [*decided.entries, *corrections_of_answers(answers, document, decided)]
    )


def proposed_questions(
    root: Path, tables: Tables, answers: FileAnswers, before: Sequence[ProposalEntry] = ()
) -> list[ProposalEntry]:
    """Questions by kind, the most frequent first; those answered here stay in the list.

    Parameters
    ----------
    before
        What was proposed at the last reading: an answered wording is no question any more,
        but must be seen to be taken back.

    Returns
    -------
    list of dict
        ``kind, wording, count, locators, choices`` (value, label, likeness 0 to 1).
    """
    found = _undecided_entries(root, tables)
    keys = {(one["kind"], one["wording"]) for one in found}
    settled = [
        one
        for one in before
        if (one["kind"], one["wording"]) not in keys
        and one["wording"] in answers.decided.get(one["kind"], {})
    ]
    return sorted([*found, *settled], key=lambda one: (one["kind"], -one["count"]))


def _undecided_entries(root: Path, tables: Tables) -> list[ProposalEntry]:
    return [
        {
            "kind": str(entry.kind),
            "wording": entry.wording,
            "count": entry.count,
            "locators": entry.locators[:3],
            "choices": [[c.id, c.label, c.score] for c in entry.candidates],
        }
        for entry in review_queue(tables, WordingDecisions(root).in_force())[:MOST_PROPOSALS]
        if entry.decision is None
    ]


def is_sure(entry: Mapping[str, Any], least: float) -> bool:
    """Whether one choice stands above a likeness, and above all others."""
    scores = [score for _value, _label, score in entry["choices"]]
    return bool(scores) and scores[0] >= least and (len(scores) == 1 or scores[1] < scores[0])


def unanswered_entries(
    entries: Sequence[ProposalEntry], answers: FileAnswers
) -> list[ProposalEntry]:
    """Those that nobody answered, not even by leaving them."""
    return [one for one in entries if one["wording"] not in answers.decided.get(one["kind"], {})]


UNDONE_NOTE = N_("publication annulée")
"""Note of a snapshot that came back."""
ACCEPTED_NOTE = N_("accepté à l'import")
"""Note of a decision that was taken in the page."""


def publish_draft(store: Store, draft: ImportDraft) -> Snapshot:
    """Publish the files of a draft that are kept and could be read; the draft is then gone.

    Raises
    ------
    UsageError
        Nothing to publish, or a file is still being read.
    ChangedError
        Decisions were taken since a file was read that may change it: it is read again.
    StoreError
        The store cannot be written; what was published stands.
    """
    with (
        draft.exclusive_lock(),
        store.exclusive_writing(),
    ):  # asked twice at once, it is published once
        return _published_snapshot(store, draft)


def _published_snapshot(store: Store, draft: ImportDraft) -> Snapshot:
    items = chosen_files(draft)
    _require_current_decisions(store, items)
    for item in items:
        store.keep_raw(item.content, item.reading_state.sha256)
    answers_by_document = [(item.reading_state.sha256[:12], item.file_answers) for item in items]
    senders = [sender for item in items if (sender := _sender_of_file(item))]
    extras = PublicationExtras(
        readings={item.reading_state.sha256: _reading_note(item) for item in items},
        change=_accepted_proposals(store, items),
        files={SENDERS_FILE: saved_senders_rewrite(store.root, senders)} if senders else {},
        folders=[str(draft.folder.relative_to(store.root))],
    )
    snapshot = store.add_documents(
        [item.tables for item in items],
        note=_("importé dans la page"),
        replacing=[document for document, said in answers_by_document if said.replacing],
        extras=extras,
    )
    draft.discard_draft()
    return snapshot


def _require_current_decisions(store: Store, items: Sequence[DraftFile]) -> None:
    """Have files read again that decisions of others may change, taken since they were read.

    Raises
    ------
    ChangedError
        There are some; nothing is published.
    """
    history = WordingDecisions(store.root).all_decisions()
    in_force_ids = {one.id for one in history if one.in_force}
    late = []
    for item in items:
        read = item.reading_state.decided
        changed = in_force_ids.symmetric_difference(in_force_ids if read is None else read)
        corrections = [one.correction for one in history if one.id in changed]
        if corrections and affected_documents(item.tables, corrections):
            item.request_reading()
            late.append(item.file_answers.file)
    if late:
        raise ChangedError(
            _("Publication retenue"),
            _("des décisions prises entre-temps concernent {files}", files=", ".join(late)),
            _("La lecture reprend avec elles ; relisez, puis publiez."),
        )


def chosen_files(draft: ImportDraft) -> Sequence[DraftFile]:
    """Files that a publication takes.

    Raises
    ------
    UsageError
        None, or one of them is still being read.
    """
    kept = [item for item in draft.draft_files() if item.file_answers.kept]
    if any(item.reading_state.is_pending for item in kept):
        raise UsageError(_("Lecture en cours"), "", _("Publiez quand tous les fichiers sont lus."))
    usable = [item for item in kept if item.reading_state.name == "read"]
    if not usable:
        raise UsageError(_("Rien à publier"), "", _("Gardez au moins un fichier qui a pu être lu."))
    return usable


def undo_publication(store: Store, published: str) -> Snapshot:
    """Bring back what was published before this snapshot.

    Raises
    ------
    ChangedError
        It is not the current one any more.
    StoreError
        There was none before it, or the store cannot be written.
    """
    with store.exclusive_writing():
        events = store.publication_history()
        if not events or events[0].hash != published:
            raise _published_since_error(_("Annulation refusée"))
        if len(events) < 2:
            raise StoreError(_("Annulation impossible"), _("il n'y a pas d'état précédent"))
        return store.restore_snapshot(events[1].hash, note=UNDONE_NOTE)


def _published_since_error(what: str) -> ChangedError:
    return ChangedError(
        what, _("un autre état a été publié depuis"), _("Rechargez la page, puis choisissez.")
    )


def undo_decision(store: Store, decision: int) -> ApplicationResult:
    """Undo a decision, and read again what it had settled.

    Raises
    ------
    UsageError
        There is no such decision, or it is undone already.
    StoreError
        The store or the decisions cannot be written.
    """
    decisions = WordingDecisions(store.root)
    return apply_decisions(store, decisions, decisions.undo_change(decision, who=current_author()))


def restore_snapshot(store: Store, wanted: str, seen: str = "") -> Snapshot:
    """Make an older snapshot of the history the current one again.

    Parameters
    ----------
    seen
        The published one that the page showed; empty: it does not say.

    Raises
    ------
    ChangedError
        Another was published since.
    StoreError
        There is no such snapshot, or the store cannot be written.
    """
    with store.exclusive_writing():
        if seen and [event.hash for event in store.publication_history()[:1]] != [seen]:
            raise _published_since_error(_("Retour refusé"))
        return store.restore_snapshot(wanted, note=_("restauré dans la page"))


def _accepted_proposals(store: Store, items: Sequence[DraftFile]) -> DecisionChange:
    """Proposals that were accepted, which become decisions with the publication."""
    decisions = WordingDecisions(store.root)
    before = decisions.in_force().entries
    fresh: list[WordingCorrection] = []
    for item in items:
        taken = CorrectionLookup.from_entries(
            [*before, *fresh]
        )  # a file may name what another's answer enters
        answers = corrections_of_answers(item.file_answers, item.reading_state.sha256[:12], taken)
        fresh = [one for one in fresh if one not in answers]  # the last word on it counts
        fresh += [one for one in answers if one not in before]
    return (
        decisions.decision_change(fresh, who=current_author(), note=_(ACCEPTED_NOTE))
        if fresh
        else DecisionChange()
    )


def _reading_note(item: DraftFile) -> Mapping[str, object]:
    """What was said of a file when it was read, and of its standing among others."""
    return {
        **item.reading_state.read_as,
        **({REPLACING: True} if item.file_answers.replacing else {}),
    }


def _sender_of_file(item: DraftFile) -> SenderForm | None:
    """What was said of the columns, which holds for the next file of the same form."""
    answers, preview = item.file_answers, item.saved_preview
    if preview is None or not (answers.columns or answers.source != "auto"):
        return None
    headings = tuple(c["heading"] for table in preview["tables"] for c in table["columns"])
    columns = {**preview["remembered"], **answers.columns}
    return SenderForm(answers.file, headings, columns, answers.source)
