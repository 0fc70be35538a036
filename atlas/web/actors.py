"""Who delivers where: zones that hang on one organisation, and how concentrated each is."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.model import RESERVED
from atlas.web import downloads, say, why
from atlas.web.desk import Scene, ask
from atlas.web.tables import empty, note, plain

CONCENTRATED = 0.5
"""Index from which one organisation, or two, carry a zone (two equal ones give 0.5)."""

MOST_ROWS, MOST_NAMES = 200, 20


def actors(scene: Scene) -> list[Any]:
    """Zones with a single actor, then every zone and sector with its actors."""
    table = ask(scene, "presence").table.filter(
        ~pl.col("unit_id").is_in(RESERVED), pl.col("organisations") > 0
    )
    if not table.height:
        return [empty(_("Aucune organisation ici. Enlevez un filtre, ou élargissez la période."))]
    return [
        html.Div(
            [html.P(line) for line in sentences(table, scene.view.level)], className="read-out"
        ),
        note(
            _(
                "Réaliser, c'est exécuter une activité de la période : les partenaires "
                "d'exécution, à défaut l'organisation responsable. Concentration : 1 quand une "
                "seule organisation fait tout."
            ),
            downloads.links("acteurs"),
        ),
        _zones(table),
        *_sectors(scene),
    ]


def sentences(table: pl.DataFrame, level: str) -> list[str]:
    """What a chairperson says of it: who is alone, and where nobody delivers."""
    alone = table.filter(pl.col("single_actor").is_not_null()).sort("unit_name")
    none = table.filter(pl.col("delivering") == 0).height
    lines = []
    if alone.height:
        names = [f"{unit} ({_named(org)})" for unit, org in _pairs(alone.head(MOST_NAMES))]
        if alone.height > MOST_NAMES:
            names.append(_("et {n} autres", n=say.number(alone.height - MOST_NAMES)))
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


def _pairs(alone: pl.DataFrame) -> list[tuple[str, str]]:
    return [(unit, org) for unit, org in alone.select("unit_name", "single_actor").iter_rows()]


def _named(organisation: str | None) -> str:
    return label("organisations", organisation) if organisation else ""


def _zones(table: pl.DataFrame) -> html.Div:
    rows = table.sort("concentration", "unit_name", descending=[True, False], nulls_last=True)
    heads = [_("Zone"), _("Présentes"), _("Réalisent"), _("Seul acteur"), _("Concentration")]
    marked = [(r or 0) > CONCENTRATED for r in rows["concentration"]]
    cells = [_zone(row) for row in rows.to_dicts()]
    return plain(heads, cells, numeric=(1, 2, 4), marked=marked, caption=_("Acteurs par zone"))


def _zone(row: dict[str, Any]) -> list[Any]:
    return [
        row["unit_name"],
        why.number(say.number(row["organisations"]), "organisations", row["unit_id"]),
        why.number(say.number(row["delivering"]), "delivering", row["unit_id"]),
        why.number(_named(row["single_actor"]), "delivering", row["unit_id"]),
        say.number(row["concentration"], 2),
    ]


def _sectors(scene: Scene) -> list[Any]:
    """The same by sector, where one organisation delivers alone."""
    alone = ask(scene, "actors").table.filter(
        pl.col("single_actor").is_not_null(), ~pl.col("unit_id").is_in(RESERVED)
    )
    if not alone.height:
        return []
    rows = [
        [
            row["unit_name"],
            label("sectors", row["sector"]),
            why.number(_named(row["single_actor"]), "delivering", row["unit_id"], row["sector"]),
        ]
        for row in alone.sort("unit_name", "sector").head(MOST_ROWS).to_dicts()
    ]
    shown = say.number(alone.height)
    words = ngettext(
        "{shown} secteur de zone tient à un seul acteur",
        "{shown} secteurs de zones tiennent à un seul acteur",
        alone.height,
        shown=shown,
    )
    return [html.H3(words), plain([_("Zone"), _("Secteur"), _("Seul acteur")], rows, caption=words)]
