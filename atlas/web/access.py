"""Access facts, dated, and greyed where their date has passed."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas.i18n import _
from atlas.web import downloads, say
from atlas.web.desk import Scene
from atlas.web.paint import ask
from atlas.web.tables import empty, note, plain


def access(scene: Scene) -> list[Any]:
    """One row per unit with a fact: severity, constraints, security zone, date."""
    table = ask(scene, "access").table
    said = table.filter(
        pl.col("severity_max").is_not_null()
        | (pl.col("constraints").cast(pl.String).str.len_chars() > 0).fill_null(False)
        | pl.col("security_zone").is_not_null()
    )
    if not said.height:
        return [
            empty(
                _(
                    "Aucun fait d'accès à ce niveau. Choisissez un autre niveau, ou ajoutez un "
                    "fichier : atlas context add access FICHIER."
                )
            )
        ]
    heads = [_("Zone"), _("Gravité"), _("Contraintes"), _("Zone de sécurité"), _("Au")]
    rows = [_row(row) for row in said.to_dicts()]
    if said["severity_max"].null_count() == said.height:  # nobody gave one: no empty column
        del heads[1]
        rows = [[row[0], *row[2:]] for row in rows]
    return [
        note(
            _(
                "Faits datés ; en gris ceux dont la date est passée : "
                "ils ne disent rien d'aujourd'hui."
            ),
            downloads.links("acces"),
        ),
        plain(heads, rows),
    ]


def _row(row: dict[str, Any]) -> list[Any]:
    stale = bool(row.get("stale"))
    css = "stale" if stale else None
    dated: list[Any] = [say.day(row["as_of"])]
    if stale:
        dated.append(html.Span(_("périmé"), className="tag tag-stale"))
    severity = (
        say.number(row["severity_max"], 1) if row["severity_max"] is not None else say.UNKNOWN
    )
    scale = f" ({row['scale']})" if row.get("scale") and row["severity_max"] is not None else ""
    constraints = row["constraints"]
    lines = [html.Div(line) for line in (constraints or say.UNKNOWN).split(" ; ")]
    cells = [row["unit_name"], severity + scale, lines, row["security_zone"] or say.UNKNOWN, dated]
    return [html.Span(cell, className=css) for cell in cells]
