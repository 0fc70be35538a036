"""Who delivers where: zones that hang on one organisation, and how concentrated each is."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.model import RESERVED
from atlas.web import downloads, figure_activities
from atlas.web.delivery_section import (
    distributions_section,
    localisation_section,
    support_section,
)
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, plain_table, table_note

CONCENTRATION_LIMIT = 0.5
"""Index from which one organisation, or two, carry a zone (two equal ones give 0.5)."""

MOST_ROWS, MOST_NAMES = 200, 20


def actors_content(scene: PageScene) -> list[Any]:
    """Zones with a single actor, then every zone and sector with its actors."""
    table = layer_answer(scene, "presence").table.filter(
        ~pl.col("unit_id").is_in(RESERVED), pl.col("organisations") > 0
    )
    if not table.height:
        return [
            empty_note(_("Aucune organisation ici. Enlevez un filtre, ou élargissez la période."))
        ]
    return [
        html.Div(
            [html.P(line) for line in actor_sentences(table, scene.view.level)],
            className="read-out",
        ),
        table_note(
            _(
                "Réaliser, c'est exécuter une activité de la période : les partenaires "
                "d'exécution, à défaut l'organisation responsable. Concentration : 1 quand une "
                "seule organisation fait tout."
            ),
            downloads.download_links("acteurs"),
        ),
        _zones_table(table),
        *_single_actor_sectors(scene),
        *localisation_section(scene),
        *distributions_section(scene),
        *support_section(scene, table),
    ]


def actor_sentences(table: pl.DataFrame, level: str) -> list[str]:
    """What a chairperson says of it: who is alone, and where nobody delivers."""
    alone = table.filter(pl.col("single_actor").is_not_null()).sort("unit_name")
    none = table.filter(pl.col("delivering") == 0).height
    lines = []
    if alone.height:
        names = [
            f"{unit} ({_organisation_name(org)})"
            for unit, org in _single_actor_pairs(alone.head(MOST_NAMES))
        ]
        if alone.height > MOST_NAMES:
            names.append(_("et {n} autres", n=formats.number_text(alone.height - MOST_NAMES)))
        lines.append(
            _(
                "{levels} à un seul acteur : {names}.",
                levels=capitalised(label("level", level, full=True)),
                names=", ".join(names),
            )
        )
    else:
        lines.append(_("Aucune zone ne dépend d'un seul acteur."))
    if none:
        lines.append(
            ngettext(
                "Dans {n} zone des organisations sont présentes sans activité faite ni en cours.",
                "Dans {n} zones des organisations sont présentes sans activité faite ni en cours.",
                none,
            )
        )
    return lines


def _single_actor_pairs(alone: pl.DataFrame) -> list[tuple[str, str]]:
    return [(unit, org) for unit, org in alone.select("unit_name", "single_actor").iter_rows()]


def _organisation_name(organisation: str | None) -> str:
    return label("organisations", organisation) if organisation else ""


def _zones_table(table: pl.DataFrame) -> html.Div:
    rows = table.sort("concentration", "unit_name", descending=[True, False], nulls_last=True)
    heads = [_("Zone"), _("Présentes"), _("Réalisent"), _("Seul acteur"), _("Concentration")]
    marked = [(r or 0) > CONCENTRATION_LIMIT for r in rows["concentration"]]
    cells = [_zone_row(row) for row in rows.to_dicts()]
    return plain_table(
        heads, cells, numeric=(1, 2, 4), marked=marked, caption=_("Acteurs par zone")
    )


def _zone_row(row: dict[str, Any]) -> list[Any]:
    return [
        row["unit_name"],
        figure_activities.linked_figure(
            formats.number_text(row["organisations"]), "organisations", row["unit_id"]
        ),
        figure_activities.linked_figure(
            formats.number_text(row["delivering"]), "delivering", row["unit_id"]
        ),
        figure_activities.linked_figure(
            _organisation_name(row["single_actor"]), "delivering", row["unit_id"]
        ),
        formats.number_text(row["concentration"], 2),
    ]


def _single_actor_sectors(scene: PageScene) -> list[Any]:
    """The same by sector, where one organisation delivers alone."""
    alone = layer_answer(scene, "actors").table.filter(
        pl.col("single_actor").is_not_null(), ~pl.col("unit_id").is_in(RESERVED)
    )
    if not alone.height:
        return []
    rows = [
        [
            row["unit_name"],
            label("sectors", row["sector"]),
            figure_activities.linked_figure(
                _organisation_name(row["single_actor"]), "delivering", row["unit_id"], row["sector"]
            ),
        ]
        for row in alone.sort("unit_name", "sector").head(MOST_ROWS).to_dicts()
    ]
    shown = formats.number_text(alone.height)
    words = ngettext(
        "{shown} secteur de zone tient à un seul acteur",
        "{shown} secteurs de zones tiennent à un seul acteur",
        alone.height,
        shown=shown,
    )
    return [
        html.H3(words),
        plain_table([_("Zone"), _("Secteur"), _("Seul acteur")], rows, caption=words),
    ]
