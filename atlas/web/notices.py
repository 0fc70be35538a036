"""Header, what the page is not, what is missing and how to add it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from dash import html

from atlas.errors import ForbiddenError
from atlas.i18n import LANGUAGES, _, language
from atlas.layers.constraints import FRESH_DAYS
from atlas.model import Viewer
from atlas.web import downloads, say
from atlas.web.attributes import attrs
from atlas.web.desk import Scene
from atlas.web.ids import Id
from atlas.web.imports import door
from atlas.web.missing import MISSING, Missing

ADDRESS_OF_PAGE = "/"


def header(scene: Scene) -> html.Header:
    """Title, downloads and languages."""
    return html.Header(
        [
            html.H1(["Atlas Mali", html.Span(_("qui fait quoi, où"), className="tagline")]),
            html.Div(
                [
                    door.opener(_("Importer")) if scene.viewer is Viewer.EDITOR else None,
                    _fresh(),
                    downloads.menu(scene) if scene.data is not None else None,
                    html.Div([_language(code) for code in LANGUAGES], className="languages"),
                ],
                className="tools",
            ),
        ],
        className="header",
        **attrs(data_snapshot=scene.data.snapshot.hash if scene.data else ""),
    )


def _fresh() -> html.Button:
    """Shown by the page's script when somebody has published meanwhile."""
    return html.Button(
        _("Nouvel état publié : l'afficher"), id=Id.FRESH, className="fresh", hidden=True
    )


def _language(code: str) -> html.Button:
    names = {"fr": "Français", "en": "English"}
    return html.Button(
        code.upper(),
        lang=code,
        title=names[code],
        **attrs(
            data_go=json.dumps({"lang": "" if code == "fr" else code}),
            aria_pressed=str(code == language()).lower(),
            aria_label=names[code],
        ),
    )


def problem(scene: Scene) -> html.Div | None:
    """What of the URL could not be read or is not open, and what is shown instead."""
    if scene.problem is None:
        return None
    refused = isinstance(scene.problem, ForbiddenError)
    shown = (
        _("La page est montrée au niveau permis.")
        if refused
        else _("La page est montrée sans ce filtre.")
    )
    return html.Div(f"{scene.problem.sentence()} {shown}", className="problem", role="alert")


def notice(scene: Scene) -> html.Div:
    """What these data are, and what is not among them."""
    assert scene.data is not None
    words = (
        _("Exemple {period}, pas la situation actuelle.", period=_told(scene))
        if scene.tables.is_sample
        else _("Données de {period}, pas la situation actuelle.", period=say.years(scene.data.span))
    )
    missing = [m for m in MISSING if m.key in absent(scene)]
    listed: list[Any] = [html.Span(_("Non chargés :"), className="lead")] if missing else []
    for m in missing:
        listed.append(
            html.Span(
                [
                    _(m.label),
                    _add(m, scene.viewer),
                ],
                className="missing",
            )
        )
    return html.Div([html.Strong(words), *listed], className="notice", role="status")


def _add(missing: Missing, viewer: Viewer) -> html.Button:
    """The way to bring it: the import page for who may publish, else what to type."""
    name = _("Ajouter : {what}", what=_(missing.label))
    if viewer is Viewer.EDITOR:
        return door.opener(_("ajouter"), missing.key, name)
    told = {"data_dialog": f"add-{missing.key}", "aria_label": name}
    return html.Button(_("ajouter"), **attrs(**told))


def _told(scene: Scene) -> str:
    """Years that the documents themselves speak of, counts without items included."""
    data = scene.data
    assert data is not None
    starts = [
        d["period_start"] for d in data.documents(scene.viewer).to_dicts() if d["period_start"]
    ]
    first = min(starts) if starts else (data.span or (None, None))[0]
    return say.years((first, data.as_of))


def absent(scene: Scene) -> set[str]:
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


def dialogs(scene: Scene) -> list[html.Dialog]:
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
        for m in MISSING
    ]


def nothing_yet(viewer: Viewer) -> html.Div:
    """The page of an empty store: what to type."""
    return html.Div(
        [
            html.H2(_("Aucune donnée pour l'instant")),
            html.P(_("Pour voir l'exemple (documents publics de 2017 à 2024) :")),
            html.Pre(html.Code("atlas sample")),
            door.opener(_("Importer des documents")) if viewer is Viewer.EDITOR else None,
            html.P(_("Pour lire vos documents :")),
            html.Pre(html.Code("atlas ingest FICHIER…")),
            html.P(_("Formats : XLSX, XLS, ODS, CSV, TSV et texte.")),
            html.A(_("Recharger la page"), href=ADDRESS_OF_PAGE, className="primary"),
        ],
        id=Id.MAP,
        className="empty-page",
    )
