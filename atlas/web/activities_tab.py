"""The grid of activities, and what editors say that they are for."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from dash import html
from flask import Flask, Response, jsonify

from atlas import formats
from atlas.author import current_author
from atlas.errors import ChangedError, UsageError
from atlas.i18n import N_, _, ngettext
from atlas.labels import label, words_of
from atlas.model import Viewer
from atlas.review.statements import tag_nexus
from atlas.vocab import vocabulary_table
from atlas.web import downloads
from atlas.web.guard import (
    guarded_blueprint,
    localised_view,
    request_object,
    require_activity_zones,
)
from atlas.web.page_elements import ElementId, html_attributes
from atlas.web.page_state import DatasetProvider, PageScene
from atlas.web.page_tables import empty_note, grid_number_column, sortable_grid, table_note

PAGE_SIZE = 25
MOST_ROWS = 20_000
"""Rows sent to the browser at most; the file holds them all."""

SHOWN_COLUMNS = (
    "activity_id",
    "kind",
    "title",
    "place",
    "source_label",
    "sector_label",
    "status_label",
    "nexus",
    "organisations",
    "donors",
    "start",
    "end",
    "budget_usd",
    "no_go",
    "file",
    "counted_with_title",
)


def activities_content(scene: PageScene) -> list[Any]:
    """Every activity and presence of the question, sortable, in pages."""
    table = listed_activities(scene)
    if not table.height:
        return [
            empty_note(
                _("Aucune activité ne passe ces filtres. Enlevez-en un, ou élargissez la période.")
            )
        ]
    n = table.height
    text = ngettext("{shown} ligne", "{shown} lignes", n, shown=formats.number_text(n))
    if n > MOST_ROWS:
        text += _(
            " ; les {most} premières ici, toutes dans le fichier",
            most=formats.number_text(MOST_ROWS),
        )
    rows = (
        table.head(MOST_ROWS)
        .select(SHOWN_COLUMNS)
        .with_columns(
            pl.col("start", "end").cast(pl.String),
            pl.col("kind").replace_strict({k: label("kinds", k) for k in table["kind"].unique()}),
            pl.col("no_go").replace(words_of("no_go")),
            pl.col("nexus").replace_strict(_nexus_words(), default=None),
        )
    )
    return [
        table_note(text + ".", downloads.download_links("activites")),
        *_nexus_buttons(scene, table),
        sortable_grid(
            ElementId.ACTIVITIES_GRID, _grid_columns(rows), rows.to_dicts(), page_size=PAGE_SIZE
        ),
    ]


def _nexus_words() -> dict[str, str]:
    return {one: label("nexus", one) for one in vocabulary_table("nexus")["id"]}


def _nexus_buttons(scene: PageScene, table: pl.DataFrame) -> list[html.Div]:
    """For editors: say what the activities of the list are for, all of them at once."""
    if scene.viewer is not Viewer.EDITOR:
        return []
    seen = _tagged_ids(table).len()
    words = ngettext(
        "{shown} activité listée est :", "Les {shown} activités listées sont :", seen,
        shown=formats.number_text(seen),
    )  # fmt: skip
    choices = {**_nexus_words(), "": _("sans étiquette")}
    buttons = [
        html.Button(
            name,
            className="chip",
            **html_attributes(
                data_post="/nexus/tag", data_said=json.dumps({"nexus": nexus, "seen": seen})
            ),
        )
        for nexus, name in choices.items()
    ]
    group = html_attributes(aria_label=_("Nexus"))
    return [html.Div([html.Span(words), *buttons], className="chips-row", role="group", **group)]


def _tagged_ids(table: pl.DataFrame) -> pl.Series:
    """The activities of a list that are tagged: those that another record counts for are not."""
    return table.filter(pl.col("counted_with").is_null())["activity_id"].unique(maintain_order=True)


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the route by which editors tag the activities of a list."""
    only = N_("seule la personne devant cette machine peut étiqueter des activités")
    routes = guarded_blueprint("nexus", provider, N_("Étiquette refusée"), only, zonal=True)

    @routes.post("/tag")
    @localised_view
    def tag() -> Response:
        answers = request_object()
        with provider.scene_of_query(str(answers.get("question", ""))) as scene:
            if scene.data is None:
                raise UsageError(_("Rien n'est publié"))
            ids = _tagged_ids(listed_activities(scene))
            if ids.len() != answers.get("seen"):
                raise ChangedError(
                    _("Étiquette non enregistrée"),
                    _("la liste a changé depuis que vous l'avez vue"),
                    _("Rechargez la page, puis étiquetez de nouveau."),
                )
            require_activity_zones(provider, ids, _("Étiquette refusée"))
            nexus, who = str(answers.get("nexus", "")), current_author()
            snapshot = tag_nexus(provider.store, ids, nexus, who=who)
        return jsonify(published=snapshot.hash)

    server.register_blueprint(routes)


def listed_activities(scene: PageScene) -> pl.DataFrame:
    """The activities of the question (see `atlas.layers.listing`)."""
    assert scene.data is not None
    view = scene.view
    answer = scene.data.activity_grid(view.filters, view.frame, view.level, scene.viewer)
    return answer.table


def _grid_columns(rows: pl.DataFrame) -> list[dict[str, Any]]:
    def text(field: str, name: str, width: int) -> dict[str, Any]:
        return {"field": field, "headerName": name, "width": width, "tooltipField": field}

    flagged = rows["no_go"].null_count() < rows.height
    return [
        text("title", _("Activité"), 240) | {"pinned": "left"},
        text("place", _("Lieu"), 150),
        text("source_label", _("Source"), 120),
        text("sector_label", _("Secteur"), 140),
        text("status_label", _("Statut"), 100),
        *([text("nexus", _("Nexus"), 110)] if rows["nexus"].null_count() < rows.height else []),
        text("organisations", _("Organisations"), 150),
        text("donors", _("Bailleurs"), 120),
        text("start", _("Début"), 98),
        text("end", _("Fin"), 98),
        grid_number_column("budget_usd", _("Budget (USD)")),
        text("kind", _("Nature"), 100),
        *([text("no_go", _("Zone interdite"), 150)] if flagged else []),
        text("file", _("Document"), 170),
        text("counted_with_title", _("Compté avec"), 170),
    ]
