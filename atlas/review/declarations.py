"""Say that a reporter has nothing to report, or take that back: published at once."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from hashlib import sha256

from atlas.errors import UsageError
from atlas.geo.frames import frames
from atlas.i18n import N_, _
from atlas.model import Outcome, Reader, Tables
from atlas.store import Snapshot, Store
from atlas.store.beside import Beside
from atlas.store.declarations import Declarations, Nothing
from atlas.vocab import by_id

DECLARED, TAKEN_BACK = N_("déclaration de rien à signaler"), N_("déclaration annulée")
"""Why a snapshot was published, without who declared."""
ENTERED = "déclaration saisie dans la page"
KIND = "nothing_to_report"
_WORDS = "rien à signaler"


def declare_nothing(store: Store, said: Nothing, *, who: str, today: date) -> Snapshot:
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
    _check(said, today)
    with store.alone():
        now = store.current()
        if now is None:
            told = _("Importez d'abord une liste d'activités.")
            raise UsageError(_("Rien n'est publié"), "", told)
        entry = entry_of(said, is_sample=now.tables.is_sample)
        document = str(entry.documents["document"][0])
        change = Declarations(store.root).declaring(said, document, who=who)
        return store.add([entry], _(DECLARED), beside=Beside(change=change))


def take_back(store: Store, document: str, *, who: str) -> Snapshot:
    """Take a declaration out of what is published, and mark it as undone.

    Raises
    ------
    UsageError
        It is not published, or nobody takes it back.
    StoreError
        The decisions or the store cannot be written.
    """
    with store.alone():
        now = store.current()
        rows = now.tables.documents.filter(document=document, origin=ENTERED) if now else None
        if rows is None or rows.is_empty():
            told = _("Rechargez la page, puis choisissez.")
            raise UsageError(_("Déclaration introuvable"), "", told)
        change = Declarations(store.root).undoing_all(document, who=who)
        return store.add([], _(TAKEN_BACK), without=[document], beside=Beside(change=change))


def entry_of(said: Nothing, *, is_sample: bool = False) -> Tables:
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
                "origin": ENTERED,
                "is_sample": is_sample,
            }
        ],
        rows=[{"document": document, "locator": "1", "outcome": str(Outcome.CONTEXT)}],
        context=[
            {
                "document": document,
                "kind": KIND,
                "indicator": KIND,
                "organisation": said.reporter,
                "sector": said.sector or None,
                "unit_id": said.unit_id or None,
                "text": _WORDS,
                "source": ENTERED,
                "as_of": said.said_on,
                "start": said.first,
                "expires": said.last,
            }
        ],
    )


def _check(said: Nothing, today: date) -> None:
    """Refuse what makes no sense, before anything is written."""
    if not said.reporter:
        raise UsageError(_("Qui n'a rien à signaler ?"), "", _("Choisissez une organisation."))
    if said.sector and said.sector not in by_id("sectors"):
        raise UsageError(_("Secteur « {name} » inconnu", name=said.sector))
    if said.unit_id and said.unit_id not in frames():
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
