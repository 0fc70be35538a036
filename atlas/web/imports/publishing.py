"""Publish a draft as one snapshot, and take the last publication back."""

from __future__ import annotations

from collections.abc import Sequence
from getpass import getuser

from atlas.errors import ChangedError, StoreError, UsageError
from atlas.i18n import N_, _
from atlas.review import Applied, affected, apply_decisions
from atlas.senders import Sender, remember
from atlas.store import Snapshot, Store
from atlas.store.decisions import Decisions
from atlas.web.imports.drafts import Draft, Item
from atlas.web.imports.proposals import answers_of

UNDONE = N_("publication annulée")
"""Note of a snapshot that came back."""
ACCEPTED = N_("accepté à l'import")
"""Note of a decision that was taken in the page."""


def publish(store: Store, draft: Draft) -> Snapshot:
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
    with draft.alone(), store.alone():  # asked twice at once, it is published once
        return _published(store, draft)


def _published(store: Store, draft: Draft) -> Snapshot:
    items = chosen(draft)
    _require_decisions(store, items)
    for item in items:
        state = item.state
        store.keep_raw(item.content, state.sha256, state.read_as)
    told = [(item.state.sha256[:12], item.told) for item in items]
    snapshot = store.add(
        [item.tables for item in items],
        note=_("importé dans la page"),
        replacing=[document for document, said in told if said.replacing],
    )
    for item in items:
        _decide(store, item)
        _remember(store, item)
    draft.discard()
    return snapshot


def _require_decisions(store: Store, items: Sequence[Item]) -> None:
    """Have files read again that decisions of others may change, taken since they were read.

    Raises
    ------
    ChangedError
        There are some; nothing is published.
    """
    history = Decisions(store.root).history()
    stand = {one.id for one in history if one.in_force}
    late = []
    for item in items:
        read = item.state.decided
        changed = stand.symmetric_difference(stand if read is None else read)
        said = [one.correction for one in history if one.id in changed]
        if said and affected(item.tables, said):
            item.read_again()
            late.append(item.told.file)
    if late:
        raise ChangedError(
            _("Publication retenue"),
            _("des décisions prises entre-temps concernent {files}", files=", ".join(late)),
            _("La lecture reprend avec elles ; relisez, puis publiez."),
        )


def chosen(draft: Draft) -> Sequence[Item]:
    """Files that a publication takes.

    Raises
    ------
    UsageError
        None, or one of them is still being read.
    """
    kept = [item for item in draft.items() if item.told.kept]
    if any(item.state.pending for item in kept):
        raise UsageError(_("Lecture en cours"), "", _("Publiez quand tous les fichiers sont lus."))
    usable = [item for item in kept if item.state.name == "read"]
    if not usable:
        raise UsageError(_("Rien à publier"), "", _("Gardez au moins un fichier qui a pu être lu."))
    return usable


def undo(store: Store, published: str) -> Snapshot:
    """Bring back what was published before this snapshot.

    Raises
    ------
    ChangedError
        It is not the current one any more.
    StoreError
        There was none before it, or the store cannot be written.
    """
    with store.alone():
        events = store.history()
        if not events or events[0].hash != published:
            raise _published_since(_("Annulation refusée"))
        if len(events) < 2:
            raise StoreError(_("Annulation impossible"), _("il n'y a pas d'état précédent"))
        return store.restore(events[1].hash, note=UNDONE)


def _published_since(what: str) -> ChangedError:
    return ChangedError(
        what, _("un autre état a été publié depuis"), _("Rechargez la page, puis choisissez.")
    )


def take_back(store: Store, decision: int) -> Applied:
    """Undo a decision, and read again what it had settled.

    Raises
    ------
    UsageError
        There is no such decision, or it is undone already.
    StoreError
        The store or the decisions cannot be written.
    """
    decisions = Decisions(store.root)
    decisions.undo(decision, who=who())
    return apply_decisions(store, decisions)


def restore(store: Store, wanted: str, seen: str = "") -> Snapshot:
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
    with store.alone():
        if seen and [event.hash for event in store.history()[:1]] != [seen]:
            raise _published_since(_("Retour refusé"))
        return store.restore(wanted, note=_("restauré dans la page"))


def _decide(store: Store, item: Item) -> None:
    """Proposals that were accepted become decisions about this document."""
    document = item.state.sha256[:12]
    decisions = Decisions(store.root)
    answers = answers_of(item.told, document, decisions.in_force())
    if answers:
        decisions.add_all(answers, who=who(), note=_(ACCEPTED))


def who() -> str:
    """The person at this machine, as the system names them."""
    try:
        return getuser()
    except (KeyError, OSError):  # a container without accounts
        return "atlas"


def _remember(store: Store, item: Item) -> None:
    """What was said of the columns holds for the next file of the same form."""
    told, preview = item.told, item.preview
    if preview is None or not (told.columns or told.source != "auto"):
        return
    headings = tuple(c["heading"] for table in preview["tables"] for c in table["columns"])
    columns = {**preview["remembered"], **told.columns}
    remember(store.root, Sender(told.file, headings, columns, told.source))
