"""Who delivers, below the table of actors: national and local organisations, and through whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.localisation import ALL, INTERNATIONAL, LOCAL, LOCAL_THROUGH, ROUTES
from atlas.layers.scope import UNKNOWN
from atlas.model import RESERVED
from atlas.web import downloads, figure_activities
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import plain_table, table_note, unbroken


def localisation_section(scene: PageScene) -> list[Any]:
    """Activities, money and people of each route in all, then activities by zone."""
    answer = layer_answer(scene, "localisation")
    told = answer.meta["localisation"]
    rows = {row["route"]: row for row in told} if isinstance(told, list) else {}
    if not rows or not rows[ALL]["activities"]:
        return []
    return [
        html.H3(_("Acteurs nationaux et locaux")),
        html.Div(
            [html.P(unbroken(line)) for line in localisation_sentences(rows)],
            className="read-out",
        ),
        table_note(
            _(
                "Qui répond de l'activité : son responsable, sinon ses partenaires d'exécution. "
                "« Par une organisation internationale » : elle en répond, la finance ou dirige "
                "le programme. La part est des budgets connus en USD ; les personnes d'une ligne "
                "peuvent être aussi celles d'une autre."
            ),
            downloads.download_links("localisation"),
        ),
        _routes_table(rows),
        _zones_table(answer.table),
    ]


Row = Mapping[str, Any]


def localisation_sentences(rows: Mapping[str, Row]) -> list[str]:
    """What a chairperson reads out, and what hides behind it."""
    every, alone = rows[ALL], rows[INTERNATIONAL]["no_partner"]
    lines = [
        _(
            "Sur {every} activités, des organisations nationales ou locales en réalisent {n} "
            "elles-mêmes ({share}) et {m} par une organisation internationale ({through}).",
            every=formats.number_text(every["activities"]),
            n=formats.number_text(rows[LOCAL]["activities"]),
            share=_share_text(rows[LOCAL], "activities"),
            m=formats.number_text(rows[LOCAL_THROUGH]["activities"]),
            through=_share_text(rows[LOCAL_THROUGH], "activities"),
        )
    ]
    if unknown := rows[UNKNOWN]["activities"]:
        lines.append(
            ngettext(
                "De {shown} activité on ne sait pas qui la réalise : d'où le moins et le plus.",
                "De {shown} activités on ne sait pas qui les réalise : d'où le moins et le plus.",
                unknown,
                shown=formats.number_text(unknown),
            )
        )
    if alone:
        lines.append(
            ngettext(
                "{shown} activité internationale ne nomme que son responsable : un partenaire "
                "national qu'elle tairait n'est pas compté.",
                "{shown} activités internationales ne nomment que leur responsable : un "
                "partenaire national qu'elles tairaient n'est pas compté.",
                alone,
                shown=formats.number_text(alone),
            )
        )
    return lines


def _share_text(row: Row, name: str) -> str:
    """A share in percent, or the least and the most of it."""
    low, high = (row[f"{name}_share_{end}"] for end in ("low", "high"))
    if low is None:
        return formats.UNKNOWN
    least, most = (formats.number_text(100 * share) for share in (low, high))
    words = least if least == most else _("{low} à {high}", low=least, high=most)
    return f"{words}\N{NO-BREAK SPACE}%"


def _routes_table(rows: Mapping[str, Row]) -> html.Div:
    heads = [_("Qui réalise"), _("Activités"), _("Budget (USD)"), _("Personnes atteintes")]
    cells = [_route_row(rows[route]) for route in ROUTES]
    words = _("Qui réalise, et par qui passe l'aide")
    return plain_table(heads, cells, numeric=(1, 2, 3), caption=words)


def _route_row(row: Row) -> list[Any]:
    n, money = row["activities"], row["budget_usd"]
    reached = formats.range_text(row["reached_low"], row["reached"], row["reached_high"])
    unpriced = ngettext(
        "{shown} sans budget connu",
        "{shown} sans budget connu",
        row["without_usd"],
        shown=formats.number_text(row["without_usd"]),
    )
    counted = ngettext(
        "selon {shown} activité",
        "selon {shown} activités",
        row["figures"],
        shown=formats.number_text(row["figures"]),
    )
    parts = [
        ("route", formats.number_text(n), "activities", ""),
        ("route_usd", formats.number_text(money), "budget", unpriced if row["without_usd"] else ""),
    ]
    return [
        capitalised(label("route", row["route"])),
        *(
            _figure_with_share(
                figure_activities.linked_figure(words, figure, "", row["route"]), row, name, note
            )
            for figure, words, name, note in parts
        ),
        _figure_with_share(reached, row, "reached", counted if row["figures"] else ""),
    ]


def _figure_with_share(figure: Any, row: Row, name: str, note: str) -> html.Div:
    share = _share_text(row, name) if row["activities"] else ""
    notes = [words for words in (share, note) if words not in ("", formats.UNKNOWN)]
    return html.Div([figure, *(html.Div(words, className="meta") for words in notes)])


def _zones_table(table: pl.DataFrame) -> html.Div:
    """How many activities each zone has of each route."""
    here = table.filter(pl.col("sector").is_null(), ~pl.col("unit_id").is_in(RESERVED))
    cells: dict[str, list[Any]] = {}
    for row in here.filter(pl.col("route") != ALL).to_dicts():
        count = formats.number_text(row["activities"])
        cells.setdefault(row["unit_id"], [row["unit_name"]]).append(
            figure_activities.linked_figure(count, "route", row["unit_id"], row["route"])
        )
    heads = [
        _("Activités par zone"),
        _("Nationales"),
        _("par une intern."),
        _("État"),
        _("par une intern."),
        _("Internationales"),
        _("Inconnu"),
    ]
    return plain_table(heads, cells.values(), numeric=range(1, 7), caption=_("Localisation"))
