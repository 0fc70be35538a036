"""The import page: where files are dropped, what came of each, what may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from atlas.errors import AtlasError
from atlas.i18n import N_, _, ngettext
from atlas.store import Store
from atlas.web.attributes import attrs
from atlas.web.imports.cards import card, share
from atlas.web.imports.drafts import MAX_BYTES, MAX_FILES, Draft, Item
from atlas.web.imports.history import begun, history, last
from atlas.web.imports.models import models
from atlas.web.imports.parts import Look
from atlas.web.imports.proposals import open_ones
from atlas.web.imports.saying import wholly
from atlas.web.missing import MISSING

FORMATS = "XLSX, XLSM, XLSB, XLS, ODS, CSV, TSV, TXT, DOCX, PDF, XML (IATI), GeoJSON, GeoPackage"
Asked = Mapping[str, Any]


def body(store: Store, asked: Asked) -> list[Any]:
    """The page as it stands.

    Parameters
    ----------
    asked
        ``draft``, ``topic``, ``look`` (what is shown of each file, by its number), and what
        the last action came to: ``error``, ``done``.
    """
    items: Sequence[Item] = ()
    draft = str(asked.get("draft") or "")
    topic = str(asked.get("topic") or "")
    error = str(asked.get("error") or "")
    if draft:
        try:
            items = Draft.of(store.root, draft).items()
        except AtlasError as gone:
            error = error or gone.sentence()
    looks: Mapping[str, Look] = asked.get("look") or {}
    cards = [card(item, draft, looks.get(item.number, {})) for item in items]
    return [
        _head(),
        _offline(),
        html.Div(error, role="alert", className="import-error") if error else None,
        _done(str(asked.get("done") or "")),
        *_topic(topic),
        _drop(empty=not items),
        _progress(items),
        html.Div(cards or _nothing_yet(store, draft, topic), className="import-files"),
        _foot(items, store),
    ]


def _nothing_yet(store: Store, draft: str, topic: str) -> list[Any]:
    """What will happen, what was left unfinished, what may be filled in, what was published."""
    return [begun(store, draft), _explained(), models(topic), *history(store)]


def _head() -> html.Div:
    close = html.Button(_("Fermer"), className="plain-button", **attrs(data_do="close"))
    return html.Div(
        [html.H2(_("Importer des documents"), id="import-title"), close], className="import-title"
    )


def _topic(topic: str) -> list[Any]:
    """Why something is asked for, and the formats understood."""
    missing = [m for m in MISSING if m.key == topic]
    return [
        html.P([_(m.why), " ", html.Strong(_("Formats : ")), _(m.formats)], className="import-why")
        for m in missing
    ]


def _offline() -> html.Div:
    """Shown by the script while the server does not answer."""
    text = _("Connexion interrompue : la page réessaie toute seule, rien n'est perdu.")
    return html.Div(text, id="import-offline", role="alert", hidden=True, className="import-error")


def _drop(*, empty: bool) -> html.Div:
    limits = _(
        "{formats}. {n} fichiers au plus, {size} Mo chacun. Rien n'est publié avant votre accord.",
        formats=FORMATS,
        n=MAX_FILES,
        size=MAX_BYTES // 2**20,
    )
    choose = html.Button(_("Choisir des fichiers"), className="primary", **attrs(data_do="choose"))
    words = html.P([_("Déposez vos fichiers ici, ou "), choose])
    paste = html.Textarea(
        placeholder=_("… ou collez ici un tableau copié d'un classeur"),
        rows=1,
        className="import-paste",
        **attrs(aria_label=_("Coller un tableau")),
    )
    parts = [words, paste, html.P(limits, className="import-limits")]
    return html.Div(parts, id="import-drop", className="empty" if empty else "")


def _explained() -> html.Ol:
    """What will happen, before there is anything to show."""
    steps = (
        _("Chaque fichier est lu ici, sur cette machine ; rien n'en sort."),
        _("Vous voyez le tableau trouvé, ses colonnes, le sort de chaque ligne et les constats."),
        _("Vous corrigez ce qui doit l'être : source, date, colonnes, lieux."),
        _("Vous publiez tout ensemble. Une publication s'annule d'un clic."),
    )
    return html.Ol([html.Li(step) for step in steps], className="import-steps")


def _progress(items: Sequence[Item]) -> html.Div:
    """How far it is; the script moves the bar while files are sent and read."""
    states = [item.state for item in items]
    done = sum(state.name in ("read", "failed") for state in states)
    bar = html.Progress(
        value=f"{sum(map(share, states)):.2f}",
        max=str(max(len(items), 1)),
        id="import-bar",
        **attrs(aria_label=_("Lecture des fichiers")),
    )
    text = _("{n} sur {total} lus", n=done, total=len(items))
    state = " busy" if any(state.pending for state in states) else " idle"
    return html.Div(
        [bar, html.Span(text, id="import-told", role="status")],
        className="import-progress" + state,
        **attrs(
            data_sending=_("Envoi de {file}"),
            data_again=_("Connexion interrompue, nouvel essai : {file}"),
        ),
    )


def _foot(items: Sequence[Item], store: Store) -> html.Div:
    kept = [item for item in items if item.told.kept]
    ready = [item for item in kept if item.state.name == "read"]
    waits = any(item.state.pending for item in kept)
    left = sum(_open(item) for item in ready)
    now = store.current()
    sample = now is not None and now.tables.is_sample
    if not items:
        return html.Div(last(store.history()), className="import-foot")
    n = len(ready)
    text = ngettext("Publier {n} fichier", "Publier {n} fichiers", n)
    if waits:
        text = _("Lecture en cours…")
    seen = {item.number: item.told.answers for item in items}
    publish, discard = (wholly(action, seen) for action in ("publish", "discard"))
    return html.Div(
        [
            html.Button(text, className="primary", disabled=waits or not ready, **attrs(**publish)),
            html.Button(_("Abandonner"), className="plain-button", **attrs(**discard)),
            html.Span(_remaining(left)),
            html.Span(_("L'exemple laissera la place à ces données.")) if sample else None,
        ],
        className="import-foot",
    )


def _open(item: Item) -> int:
    shown = item.preview or {}
    return len(open_ones(shown.get("proposals") or [], item.told))


def _remaining(left: int) -> str:
    """What publishing now would leave undecided."""
    if not left:
        return _("Publiés ensemble, en un seul état ; annulable ensuite.")
    return ngettext(
        "Reste {n} proposition à décider : elle restera à vérifier.",
        "Restent {n} propositions à décider : elles resteront à vérifier.",
        left,
    )


_DONE = {
    "published": N_("Publié. La page montre les nouvelles données."),
    "undone": N_("Publication annulée : l'état précédent est rétabli."),
    "restored": N_("État rétabli. La page montre ses données."),
    "taken_back": N_("Décision reprise : les documents concernés ont été relus."),
}


def _done(what: str) -> html.Div | None:
    """What the last action came to."""
    if what not in _DONE:
        return None
    return html.Div(_(_DONE[what]), role="status", className="import-done")
