"""The grid of activities."""

from __future__ import annotations

from typing import Any

import polars as pl

from atlas import formats
from atlas.i18n import _, ngettext
from atlas.labels import label, words_of
from atlas.web import downloads
from atlas.web.page_elements import ElementId
from atlas.web.page_state import PageScene
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
        )
    )
    return [
        table_note(text + ".", downloads.download_links("activites")),
        sortable_grid(
            ElementId.ACTIVITIES_GRID, _grid_columns(rows), rows.to_dicts(), page_size=PAGE_SIZE
        ),
    ]


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
