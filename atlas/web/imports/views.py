"""The import page: where files are dropped, what came of each, what may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from atlas.errors import AtlasError
from atlas.i18n import _, ngettext
from atlas.store import Event, Store
from atlas.web.attributes import attrs
from atlas.web.imports.cards import card
from atlas.web.imports.drafts import MAX_BYTES, MAX_FILES, Draft, Item
from atlas.web.imports.publishing import UNDONE
from atlas.web.missing import MISSING

FORMATS = "XLSX, XLSM, XLSB, XLS, ODS, CSV, TSV, TXT, DOCX, PDF, XML (IATI), GeoJSON, GeoPackage"
Asked = Mapping[str, Any]


def body(store: Store, asked: Asked) -> list[Any]:
    """The page as it stands.

    Parameters
    ----------
    asked
        ``draft``, ``topic``, and what the last action came to: ``error``, ``published``,
        ``undone``.
    """
    items: Sequence[Item] = ()
    error = str(asked.get("error") or "")
    if asked.get("draft"):
        try:
            items = Draft.of(store.root, str(asked["draft"])).items()
        except AtlasError as gone:
            error = error or gone.sentence()
    return [
        _head(),
        html.Div(error, role="alert", className="import-error") if error else None,
        _done(asked),
        *_topic(str(asked.get("topic") or "")),
        _drop(empty=not items),
        _progress(items),
        None if items else _explained(),
        html.Div([card(item) for item in items], className="import-files"),
        _foot(items, store),
    ]


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
    """How far it is; the script moves the bar while files are sent."""
    done = sum(item.state.name in ("read", "failed") for item in items)
    bar = html.Progress(
        value=str(done),
        max=str(max(len(items), 1)),
        id="import-bar",
        **attrs(aria_label=_("Lecture des fichiers")),
    )
    text = _("{n} sur {total} lus", n=done, total=len(items))
    state = " busy" if done < len(items) else "" if items else " idle"
    return html.Div(
        [bar, html.Span(text, id="import-told")],
        role="status",
        className="import-progress" + state,
        **attrs(data_sending=_("Envoi de {file}")),
    )


def _foot(items: Sequence[Item], store: Store) -> html.Div:
    kept = [item for item in items if item.told.kept]
    ready = [item for item in kept if item.state.name == "read"]
    waits = any(item.state.name in ("waiting", "reading") for item in kept)
    now = store.current()
    sample = now is not None and now.tables.is_sample
    if not items:
        return html.Div(_last(store.history()), className="import-foot")
    n = len(ready)
    text = ngettext("Publier {n} fichier", "Publier {n} fichiers", n)
    return html.Div(
        [
            html.Button(
                text, className="primary", disabled=waits or not ready, **attrs(data_all="publish")
            ),
            html.Button(_("Abandonner"), className="plain-button", **attrs(data_all="discard")),
            html.Span(_("Publiés ensemble, en un seul état ; annulable ensuite.")),
            html.Span(_("L'exemple laissera la place à ces données.")) if sample else None,
        ],
        className="import-foot",
    )


def _done(asked: Asked) -> html.Div | None:
    """What the last action came to, and the way back."""
    if asked.get("undone"):
        text = _("Publication annulée : l'état précédent est rétabli.")
        return html.Div(text, role="status", className="import-done")
    if not asked.get("published"):
        return None
    text = _("Publié. La page montre les nouvelles données.")
    return html.Div(text, role="status", className="import-done")


def _last(events: Sequence[Event]) -> list[Any]:
    """The current snapshot, and the way back to the one before."""
    if not events:
        return []
    now = events[0]
    names = [_("exemple") if name == "sample" else name for name in dict.fromkeys(now.documents)]
    files = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    when = f"{now.time.astimezone():%d/%m/%Y %H:%M}"
    text = _("État publié le {when} : {files}", when=when, files=files)
    return [html.Span(text), *_undo(events)]


def _undo(events: Sequence[Event]) -> list[html.Button]:
    if len(events) < 2 or events[0].note == UNDONE:
        return []
    return [
        html.Button(
            _("Annuler cette publication"),
            className="plain-button",
            **attrs(data_undo=events[0].hash),
        )
    ]
