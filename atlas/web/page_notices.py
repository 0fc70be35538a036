"""Header, notices and errors: what the page is not, what is missing, what went wrong."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlencode

import dash
import polars as pl
from dash import dcc, html

from atlas import formats
from atlas.errors import AtlasError, ForbiddenError
from atlas.i18n import LANGUAGES, _, current_language
from atlas.layers.access import FRESH_DAYS
from atlas.model import Viewer
from atlas.sensitivity import reserved_in_words
from atlas.web import downloads, meeting_page
from atlas.web.explanations import visit_button
from atlas.web.imports import dialog
from atlas.web.imports.dialog import MISSING_DATA, MissingData
from atlas.web.page_elements import ElementId, html_attributes, url_change
from atlas.web.page_state import PageScene
from atlas.web.visitors import Visitor

error_log = logging.getLogger("atlas.web")


def show_error(error: Exception) -> None:
    """Show an error above the page; what the page showed stays.

    An `AtlasError` is already in the reader's words. Anything else is a bug: it goes to the
    log whole, and to the page as an apology with the way out.
    """
    if not isinstance(error, AtlasError):
        error_log.error("unexpected error in a callback", exc_info=error)
    dash.set_props(ElementId.MESSAGE, {"children": error_message(error)})


def error_message(error: Exception) -> list[object]:
    """The words of an error, with a button that leads back to the page without filters."""
    known = isinstance(error, AtlasError)
    text = (
        error.error_sentence()
        if isinstance(error, AtlasError)
        else _("La page n'a pas pu être calculée.")
    )
    way_out = _("Rouvrir la page sans filtre")
    parts: list[object] = [html.Div(text)]
    if not known:
        parts.append(html.Div(_("Le détail est dans le journal du serveur.")))
    return [*parts, html.A(way_out, href="/")]


ADDRESS_OF_PAGE = "/"


def page_header(scene: PageScene) -> html.Header:
    """Title, downloads and languages."""
    return html.Header(
        [
            html.H1(["Atlas Mali", html.Span(_("qui fait quoi, où"), className="tagline")]),
            _search_box() if scene.data is not None and not scene.data.is_empty else None,
            html.Div(
                [
                    *_editor_buttons(scene),
                    _new_data_button(),
                    downloads.download_menu(scene) if scene.data is not None else None,
                    html.Div([_language_button(code) for code in LANGUAGES], className="languages"),
                    _account_link(scene.visitor),
                    visit_button() if scene.data is not None and not scene.data.is_empty else None,
                ],
                className="tools",
            ),
        ],
        className="header",
        **html_attributes(data_snapshot=scene.current_hash),
    )


def _editor_buttons(scene: PageScene) -> list[html.Button]:
    """What only an editor does: import, and hold a meeting about what is published."""
    if scene.viewer is not Viewer.EDITOR:
        return []
    published = scene.data is not None and not scene.data.is_empty
    meeting = [meeting_page.opening_button()] if published else []
    return [dialog.opening_button(_("Importer")), *meeting]


def _account_link(visitor: Visitor | None) -> html.A | None:
    """The way to sign in, or to one's account, where the store has accounts."""
    if visitor is None or not visitor.accounts_configured:
        return None
    words, path = (visitor.name, "") if visitor.account else (_("Se connecter"), "sign-in")
    address = f"/account/{path}?{urlencode({'lang': current_language()})}"
    return html.A(words, href=address, className="account-link")


def _search_box() -> html.Div:
    """One box for places, organisations, activities and figures; assets/page.js asks and shows."""
    words = _("Chercher un lieu, une organisation, une activité, un chiffre")
    box = dcc.Input(id=ElementId.SEARCH, type="search", placeholder=words, autoComplete="off")
    named = html.Label([html.Span(words, className="unseen"), box], htmlFor=ElementId.SEARCH)
    found = html.Div(id=ElementId.FOUND, className="found", **html_attributes(aria_live="polite"))
    return html.Div([named, found], className="search", role="search")


def _new_data_button() -> html.Button:
    """Shown by the page's script when somebody has published meanwhile."""
    return html.Button(
        _("Nouvel état publié : l'afficher"), id=ElementId.FRESH, className="fresh", hidden=True
    )


def _language_button(code: str) -> html.Button:
    names = {"fr": "Français", "en": "English"}
    return html.Button(
        code.upper(),
        lang=code,
        title=names[code],
        **html_attributes(
            data_go=json.dumps({"lang": "" if code == "fr" else code}),
            aria_pressed=str(code == current_language()).lower(),
            aria_label=f"{code.upper()}, {names[code]}",  # what is seen, then what it means
        ),
    )


def url_problem_notice(scene: PageScene) -> html.Div | None:
    """What of the URL could not be read or is not open, and what is shown instead."""
    if scene.problem is None:
        return None
    refused = isinstance(scene.problem, ForbiddenError)
    shown = (
        _("La page est montrée au niveau permis.")
        if refused
        else _("La page est montrée sans ce filtre.")
    )
    return html.Div(f"{scene.problem.error_sentence()} {shown}", className="problem", role="alert")


def offline_notice() -> html.Div:
    """Shown by assets/offline.js while the line is down: of when the page is, at ``|``."""
    seen = _("Hors ligne : page vue le |. Ce qui a été publié depuis n'y est pas.")
    unanswered = _(
        "Hors ligne : cette question n'a pas été posée ici avant la coupure. En gris, la page vue "
        "le |, qui n'y répond pas : revenez en arrière."
    )
    back = _("La ligne est revenue ; cette page date du |.")
    words = html_attributes(data_seen=seen, data_unanswered=unanswered, data_back=back)
    again = html.Button(_("Recharger la page"), **html_attributes(data_reload=""))
    return html.Div(
        [html.Strong(className="offline-words", **words), again],
        id=ElementId.OFFLINE,
        className="offline",
        role="alert",
        hidden=True,
    )


def state_notice(scene: PageScene) -> html.Div | None:
    """Which published state the page shows, where the URL names one, and the way back."""
    if scene.view.state is None or scene.data is None:
        return None
    shown = scene.data.snapshot.hash
    at = [event.time for event in scene.history() if event.hash == shown]
    day = formats.day_text(at[0].date()) if at else shown[:12]
    words = _("État publié le {day}, pas ce qui est publié aujourd'hui.", day=day)
    if shown == scene.current_hash:
        words = _("État publié le {day}, encore celui d'aujourd'hui.", day=day)
    closed = [one.title for one in scene.rounds() if one.closed and one.closed.snapshot == shown]
    if closed:
        words += " " + _("Tour clos : {period}.", period=closed[0])
    back_words = _("Revenir à l'état d'aujourd'hui")
    back = html.Button(back_words, className="chip", **url_change(state=""))
    return html.Div([html.Strong(words), back], className="notice", role="status")


def data_notice(scene: PageScene) -> html.Div:
    """What these data are, and what is not among them."""
    assert scene.data is not None
    words = (
        _("Exemple {period}, pas la situation actuelle.", period=_document_years(scene))
        if scene.tables.is_sample
        else _(
            "Données de {period}, pas la situation actuelle.",
            period=formats.years_text(scene.data.reported_period(scene.viewer)),
        )
    )
    missing = [m for m in MISSING_DATA if m.key in absent_data_keys(scene)]
    listed: list[Any] = [html.Span(_("Non chargés :"), className="lead")] if missing else []
    for m in missing:
        listed.append(
            html.Span(
                [
                    _(m.label),
                    _missing_data_button(m, scene.viewer),
                ],
                className="missing",
            )
        )
    held = scene.viewer is Viewer.PUBLIC and scene.data.reserved_activities["held"].any()
    reserved = [html.Span(reserved_in_words())] if held else []
    return html.Div([html.Strong(words), *listed, *reserved], className="notice", role="status")


def _missing_data_button(missing: MissingData, viewer: Viewer) -> html.Button:
    """The way to bring it: the import page for who may publish, else what to type."""
    name = _("Ajouter : {what}", what=_(missing.label))
    if viewer is Viewer.EDITOR:
        return dialog.opening_button(_("ajouter"), missing.key, name)
    attributes = {"data_dialog": f"add-{missing.key}", "aria_label": name}
    return html.Button(_("ajouter"), **html_attributes(**attributes))


def _document_years(scene: PageScene) -> str:
    """Years that the documents themselves speak of, counts without items included."""
    data = scene.data
    assert data is not None
    starts = [
        d["period_start"] for d in data.documents_read(scene.viewer).to_dicts() if d["period_start"]
    ]
    first = min(starts) if starts else (data.reported_period(scene.viewer) or (None, None))[0]
    return formats.years_text((first, data.as_of))


def absent_data_keys(scene: PageScene) -> set[str]:
    """Keys of what is not loaded: needs, access facts still in date, NGO lists."""
    assert scene.data is not None
    tables, today = scene.tables, scene.data.as_of
    context = tables.context
    gone = set()
    if not (context["kind"] == "needs").any():
        gone.add("needs")
    until = pl.coalesce("expires", pl.col("as_of") + pl.duration(days=FRESH_DAYS))
    fresh = context.filter((pl.col("kind") == "access") & (until >= today))
    if not fresh.height:
        gone.add("access")
    if not (tables.activities["source"] == "ngo").any():
        gone.add("ngo")
    return gone if scene.viewer is Viewer.EDITOR else gone - {"access"}


def missing_data_dialogs(scene: PageScene) -> list[html.Dialog]:
    """How to add what is missing: the line to type, and the formats understood."""
    if scene.viewer is Viewer.EDITOR:
        return []
    return [
        html.Dialog(
            [
                html.H2(_("Ajouter : {what}", what=_(m.label))),
                html.P(_(m.why)),
                html.P(_("Sur la machine qui sert cette page, tapez :")),
                html.Pre(html.Code(m.command)),
                html.P([html.Strong(_("Formats : ")), _(m.formats)]),
                html.P(_("La page montre les nouvelles données dès son prochain chargement.")),
                html.Form(html.Button(_("Fermer"), className="primary"), method="dialog"),
            ],
            id=f"add-{m.key}",
        )
        for m in MISSING_DATA
    ]


def empty_store_page(viewer: Viewer) -> html.Div:
    """The page of an empty store: what to type."""
    return html.Div(
        [
            html.H2(_("Aucune donnée pour l'instant")),
            html.P(_("Pour voir l'exemple (documents publics de 2017 à 2024) :")),
            html.Pre(html.Code("atlas sample")),
            html.P(_("Pour voir tous les onglets remplis d'un mois inventé :")),
            html.Pre(html.Code("atlas sample --month")),
            dialog.opening_button(_("Importer des documents")) if viewer is Viewer.EDITOR else None,
            html.P(_("Pour lire vos documents :")),
            html.Pre(html.Code("atlas ingest FICHIER…")),
            html.P(_("Formats : XLSX, XLS, ODS, CSV, TSV et texte.")),
            html.A(_("Recharger la page"), href=ADDRESS_OF_PAGE, className="primary"),
        ],
        id=ElementId.MAP,
        className="empty-page",
    )
