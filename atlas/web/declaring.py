"""Record in the page that a reporter has nothing to report, and take that back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
from dash import dcc, html
from flask import Flask, Response, jsonify

from atlas.errors import UsageError
from atlas.i18n import N_, _
from atlas.labels import label
from atlas.layers.reporting import reporter_of
from atlas.model import Viewer
from atlas.review.declarations import ENTERED, KIND, declare_nothing, take_back
from atlas.store.declarations import Nothing
from atlas.vocab import entries
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.desk import Desk, Scene
from atlas.web.guard import guarded, said, spoken
from atlas.web.imports.publishing import who
from atlas.web.programme.entry import day_of
from atlas.web.tables import plain
from atlas.web.words import reporter_name

FORM = "nothing-to-report"
DAYS, WORDS = ("first", "last", "said_on"), ("reporter", "sector", "unit_id")
"""Fields of the form."""


def declaring(scene: Scene, table: pl.DataFrame) -> list[Any]:
    """The form of a declaration, and those already made, each with the way back.

    Parameters
    ----------
    table
        Of the layer ``reporting``: who should report where, and the latest period.
    """
    if scene.viewer is not Viewer.EDITOR or not table.height:
        return []
    return [_form(scene, table), *_made(scene)]


def _form(scene: Scene, table: pl.DataFrame) -> html.Details:
    assert scene.data is not None
    frames = scene.data.frames
    people = sorted({(reporter_name(one), one) for one in table["reporter"].unique()})
    places = {one for one in table["place_id"].unique() if one in frames}
    zones = sorted((frames.label(one), one) for one in places)
    sectors = [(label("sectors", one), one) for one in entries("sectors")["id"]]
    latest = table.sort("period_end").tail(1).to_dicts()[0]
    fields = [
        _chosen(_("Qui"), "reporter", people),
        _chosen(_("Secteur"), "sector", [(label("sector", ""), ""), *sectors]),
        _chosen(_("Zone"), "unit_id", [(_("partout"), ""), *zones]),
        _typed(_("Du"), "first", say.short_day(latest["period_start"])),
        _typed(_("Au"), "last", say.short_day(latest["period_end"])),
        _typed(_("Dit par"), "who", "", _("votre nom")),
        _typed(_("Le"), "said_on", "", _("JJ/MM/AAAA")),
        html.Button(
            _("Enregistrer"),
            className="primary",
            **attrs(data_post="/reporting/nothing", data_form=FORM),
        ),
    ]
    words = _(
        "Quelqu'un vous dit n'avoir rien à signaler : notez-le. La déclaration est gardée comme "
        "preuve ; une zone n'est dite sans activité que si tous ceux qui y rendent compte "
        "l'ont fait."
    )
    return html.Details(
        [
            html.Summary(_("Noter que quelqu'un n'a rien à signaler")),
            html.P(words, className="method"),
            html.Div(fields, id=FORM, className="settings", role="group"),
        ],
        className="gap-settings",
    )


def _chosen(words: str, name: str, choices: list[tuple[str, str]]) -> html.Label:
    options = [html.Option(text, value=value) for text, value in choices]
    return html.Label([html.Span(words), html.Select(options, name=name)], className="setting")


def _typed(words: str, name: str, value: str, placeholder: str = "") -> html.Label:
    box = dcc.Input(
        id=f"{FORM}-{name}",
        name=name,
        type="text",
        value=value,
        placeholder=placeholder,
        className="setting-typed",
        autoComplete="off",
    )
    return html.Label([html.Span(words), box], className="setting")


def _made(scene: Scene) -> list[Any]:
    """Who declared nothing, of what, where and when; those of the page may be taken back."""
    assert scene.data is not None
    facts = scene.tables.context.filter(pl.col("kind") == KIND).sort("as_of", descending=True)
    if not facts.height:
        return []
    frames, files = scene.data.frames, dict(
        scene.tables.documents.select("document", "file").iter_rows()
    )  # fmt: skip
    said_by = scene.declared()
    rows = [
        [
            reporter_name(reporter_of(fact) or ""),
            label("sector", fact["sector"]),
            frames.label(fact["unit_id"]) if fact["unit_id"] else _("partout"),
            f"{say.short_day(fact['start'])} – {say.short_day(fact['expires'])}"
            if fact["start"] and fact["expires"]
            else say.UNKNOWN,
            say.short_day(fact["as_of"]),
            said_by.get(fact["document"]) or files.get(fact["document"]),
            _undo(fact["document"]) if fact["source"] == ENTERED else "",
        ]
        for fact in facts.to_dicts()
    ]
    title = _("Déclarations de rien à signaler")
    heads = [_("Qui"), _("Secteur"), _("Zone"), _("Période"), _("Le"), _("Dit par"), ""]
    return [html.H3(title), plain(heads, rows, caption=title)]


def _undo(document: str) -> html.Button:
    asked = attrs(data_post="/reporting/undo", data_said=json.dumps({"document": document}))
    return html.Button(_("Annuler"), className="chip", **asked)


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut noter une déclaration")
    routes = guarded("reporting", desk, N_("Déclaration refusée"), only)

    @routes.post("/nothing")
    @spoken
    def declare() -> Response:
        told = {key: str(value or "").strip() for key, value in said().items()}
        if not told.get("who"):
            raise UsageError(_("Déclaration sans auteur"), "", _("Écrivez votre nom."))
        first, last, said_on = (day_of(told.get(name, "")) for name in DAYS)
        reporter, sector, unit = (told.get(name, "") for name in WORDS)
        nothing = Nothing(reporter, first, last, said_on, sector, unit)
        snapshot = declare_nothing(desk.store, nothing, who=told["who"], today=date.today())
        return jsonify(published=snapshot.hash)

    @routes.post("/undo")
    @spoken
    def undo() -> Response:
        snapshot = take_back(desk.store, str(said().get("document", "")), who=who())
        return jsonify(published=snapshot.hash)

    server.register_blueprint(routes)
