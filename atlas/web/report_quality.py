"""The quality of reports on the page: of each partner, and of each document of one of them."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import EVERYTHING
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.quality import PARTS, quality_cell
from atlas.web import downloads
from atlas.web.figure_activities import linked_figure
from atlas.web.page_elements import url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import more_rows_note, plain_table, table_note

MOST_REPORTERS = 200
FEW_ACTIVITIES = 5
"""Below this a score is shown after the others: one row more would make another of it."""


def quality_section(scene: PageScene) -> list[Any]:
    """Each partner with its score, the rows it is of, and its parts; the lowest score first."""
    every = layer_answer(scene, "quality").table.filter(pl.col("document").is_null())
    if every.is_empty():
        return []
    few = pl.col("activities") < FEW_ACTIVITIES
    rows = every.sort(few, "score", "reporter", nulls_last=True)
    cells = [
        [[_reporter_cell(row), *_score_lines(row)], _part_lines(row)]
        for row in rows.head(MOST_REPORTERS).to_dicts()
    ]
    title = _("Qualité des rapports, par partenaire")
    words = _(
        "Le score est la moyenne des parties que l'on peut juger, sur les activités que le "
        "partenaire rapporte aujourd'hui. Ce qu'on ne peut juger est inconnu, jamais zéro. "
        "Moins de {n} activités : une ligne suffit à le changer.",
        n=FEW_ACTIVITIES,
    )
    heads = [_("Qui, et son score"), _("Détail")]
    return [
        html.H3(title),
        table_note(words, downloads.download_links("qualite-rapports")),
        plain_table(heads, cells, caption=title),
        *more_rows_note(rows.height - MOST_REPORTERS),
        table_note(
            _("Chaque ligne à revoir, avec son document."),
            downloads.download_links("qualite-lignes"),
        ),
    ]


def quality_over_time(scene: PageScene, organisation: str) -> list[Any]:
    """The parts of each document of an organisation, the newest first; nothing without any."""
    assert scene.data is not None
    asked = EVERYTHING.with_changes(organisation=(organisation,))
    options = scene.view.layer_options("quality")
    table = scene.data.ask("quality", asked, viewer=scene.viewer, options=options).table
    rows = table.drop_nulls("document").to_dicts()
    if not rows:
        return []
    cells = [[[*_document_lines(row), *_score_lines(row)], _part_lines(row)] for row in rows]
    title = _("Qualité de ses rapports")
    heads = [_("Document, et son score"), _("Détail")]
    return [html.H3(title), plain_table(heads, cells, caption=title)]


def _reporter_cell(row: dict[str, Any]) -> Any:
    if row["reporter"] is None:
        return _("organisation inconnue")
    name = formats.reporter_name(row["reporter"])
    return html.Button(name, className="why-number", **url_change(org=row["reporter"], why=""))


def _document_lines(row: dict[str, Any]) -> list[Any]:
    day = _("au {day}", day=formats.short_day_text(row["as_of"]))
    return [html.Div(row["file"]), html.Div(day, className="stale")]


def _score_lines(row: dict[str, Any]) -> list[Any]:
    """The score, never without the rows and the parts that it is of."""
    n = row["activities"]
    shown = formats.number_text(n)
    activities = ngettext("{shown} activité", "{shown} activités", n, shown=shown)
    parts = ngettext(
        "{n} partie sur {every}", "{n} parties sur {every}", row["parts"], every=len(PARTS)
    )
    return [
        html.Div(html.Strong(_share_text(row["score"]))),
        html.Div(activities),
        html.Div(parts, className="stale"),
    ]


def _part_lines(row: dict[str, Any]) -> html.Ul:
    """Each part that some rows lack; then those that all rows have, and those nobody can judge."""
    lacking = [part for part in PARTS if row[f"lacking_{part}"]]
    whole = [part for part in PARTS if row[part] is not None and part not in lacking]
    unknown = [part for part in PARTS if row[part] is None]
    lines = [html.Li(_part_text(row, part)) for part in lacking]
    if whole:
        lines.append(html.Li(_("Rien à revoir : {names}", names=_part_names(whole))))
    if unknown:
        words = _("Non jugé : {names}", names=_part_names(unknown))
        lines.append(html.Li(words, className="stale"))
    return html.Ul(lines, className="parts")


def _part_names(parts: list[str]) -> str:
    return ", ".join(label("part", part) for part in parts)


def _part_text(row: dict[str, Any], part: str) -> list[Any]:
    """``Avec montant : 75 %, 1 sur 4 à revoir``: the rows to look at open their list."""
    told = f"{capitalised(label('part', part))}\u00a0: {_share_text(row[part])}"
    lacking = formats.number_text(row[f"lacking_{part}"])
    of = _("sur {n} à revoir", n=formats.number_text(row[f"judged_{part}"]))
    if part == "on_time":  # its rows are reports: the table of reports has them
        return [f"{told}, {lacking} {of}"]
    cell = quality_cell(part, row["document"], row["reporter"])
    return [f"{told}, ", linked_figure(lacking, "quality", "", cell), f" {of}"]


def _share_text(share: float | None) -> str:
    return formats.share_text(share, share, share)
