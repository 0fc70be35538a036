"""Publish a draft as one snapshot, and take the last publication back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from getpass import getuser

from atlas.corrections import Correction, Corrections
from atlas.errors import ChangedError, StoreError, UsageError
from atlas.i18n import N_, _
from atlas.review import Applied, affected, apply_decisions
from atlas.senders import FILE, Sender, remembering
from atlas.store import REPLACING, Beside, Change, Snapshot, Store
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
        store.keep_raw(item.content, item.state.sha256)
    told = [(item.state.sha256[:12], item.told) for item in items]
    senders = [sender for item in items if (sender := _sender(item))]
    beside = Beside(
        readings={item.state.sha256: _reading(item) for item in items},
        change=_decided(store, items),
        files={FILE: remembering(store.root, senders)} if senders else {},
        folders=[str(draft.folder.relative_to(store.root))],
    )
    snapshot = store.add(
        [item.tables for item in items],
        note=_("importé dans la page"),
        replacing=[document for document, said in told if said.replacing],
        beside=beside,
    )
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
    return apply_decisions(store, decisions, decisions.undoing(decision, who=who()))


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


def _decided(store: Store, items: Sequence[Item]) -> Change:
    """Proposals that were accepted, which become decisions with the publication."""
    decisions = Decisions(store.root)
    before = decisions.in_force().entries
    fresh: list[Correction] = []
    for item in items:
        taken = Corrections.of([*before, *fresh])  # a file may name what another's answer enters
        answers = answers_of(item.told, item.state.sha256[:12], taken)
        fresh = [one for one in fresh if one not in answers]  # the last word on it counts
        fresh += [one for one in answers if one not in before]
    return decisions.deciding(fresh, who=who(), note=_(ACCEPTED)) if fresh else Change()


def who() -> str:
    """The person at this machine, as the system names them."""
    try:
        return getuser()
    except (KeyError, OSError):  # a container without accounts
        return "atlas"


def _reading(item: Item) -> Mapping[str, object]:
    """What was said of a file when it was read, and of its standing among others."""
    return {**item.state.read_as, **({REPLACING: True} if item.told.replacing else {})}


def _sender(item: Item) -> Sender | None:
    """What was said of the columns, which holds for the next file of the same form."""
    told, preview = item.told, item.preview
    if preview is None or not (told.columns or told.source != "auto"):
        return None
    headings = tuple(c["heading"] for table in preview["tables"] for c in table["columns"])
    columns = {**preview["remembered"], **told.columns}
    return Sender(told.file, headings, columns, told.source)
