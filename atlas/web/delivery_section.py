"""Who delivers, below the table of actors.

National and local organisations and through whom they deliver; food distributions of the State and
of others in one place and month; organisations said to support a zone without being there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.errors import ForbiddenError
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.localisation import (
    ALL,
    INTERNATIONAL,
    LOCAL,
    LOCAL_THROUGH,
    ROUTES,
    STATE,
    STATE_THROUGH,
)
from atlas.layers.scope import UNKNOWN
from atlas.model import RESERVED, Level
from atlas.sensitivity import check_level_allowed, finest_level
from atlas.web import downloads, fact_shapes, figure_activities
from atlas.web.indicators import shown_units
from atlas.web.page_elements import url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, more_rows_note, plain_table, table_note, unbroken

MOST_ROWS = 100
"""Rows of a table; the file holds them all."""


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
        most = (rows[LOCAL_THROUGH]["activities"] + unknown + alone) / every["activities"]
        lines.append(
            ngettext(
                "{shown} activité internationale ne nomme que son responsable : si un partenaire "
                "national la réalisait sans être nommé, « par une organisation internationale » "
                "irait jusqu'à {most} %.",
                "{shown} activités internationales ne nomment que leur responsable : si des "
                "partenaires nationaux les réalisaient sans être nommés, « par une organisation "
                "internationale » irait jusqu'à {most} %.",
                alone,
                shown=formats.number_text(alone),
                most=formats.number_text(100 * most),
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


_ROUTE_HEADS = {
    LOCAL: N_("Nationales"),
    LOCAL_THROUGH: N_("Nationales, via d'autres"),
    STATE: N_("État"),
    STATE_THROUGH: N_("État, via d'autres"),
    INTERNATIONAL: N_("Internationales"),
    UNKNOWN: N_("Inconnu"),
}


def _zones_table(table: pl.DataFrame) -> html.Div:
    """How many activities each zone has of each route that any zone has."""
    here = table.filter(
        pl.col("sector").is_null(), ~pl.col("unit_id").is_in(RESERVED), pl.col("route") != ALL
    )
    taken = set(here.filter(pl.col("activities") > 0)["route"])
    heads = {route: words for route, words in _ROUTE_HEADS.items() if route in taken}
    cells: dict[str, list[Any]] = {}
    for row in here.filter(pl.col("route").is_in(list(heads))).to_dicts():
        count = formats.number_text(row["activities"])
        cells.setdefault(row["unit_id"], [row["unit_name"]]).append(
            figure_activities.linked_figure(count, "route", row["unit_id"], row["route"])
        )
    return plain_table(
        [_("Activités par zone"), *map(_, heads.values())],
        cells.values(),
        numeric=range(1, 1 + len(heads)),
        caption=_("Localisation"),
    )


def distributions_section(scene: PageScene) -> list[Any]:
    """Places and months in which the State and others distribute food, where there are any."""
    answer = layer_answer(scene, "distributions")
    counts = {name: int(str(answer.meta[name])) for name in _LEFT_OUT}
    if not counts["distributions"]:
        return []
    title = html.H3(_("Distributions de l'État et d'autres, même lieu et même mois"))
    finest = finest_level(scene.viewer, "distributions")
    if scene.view.level != finest:
        words = _("Voir par {level}", level=label("level", finest))
        return [title, html.Button(words, className="chip", **url_change(level=str(finest)))]
    rows = answer.table.head(MOST_ROWS).to_dicts()
    note = " ".join([_distributions_note(counts), _LEVEL_NOTES[finest]()])
    heads = [_("Lieu et mois"), _("L'État"), _("D'autres")]
    words = _("Distributions de l'État et d'autres")
    return [
        title,
        table_note(unbroken(note), downloads.download_links("distributions")),
        plain_table(heads, map(_distribution_row, rows), caption=words)
        if rows
        else empty_note(
            _("Aucun lieu ni mois où l'État et d'autres distribuent, parmi celles qui y figurent.")
        ),
        *more_rows_note(answer.table.height - MOST_ROWS),
    ]


_LEFT_OUT = ("distributions", "undated", "unplaced", "unnamed")
_LEVEL_NOTES = {
    Level.COMMUNE: lambda: _("Une même commune n'est pas un même village."),
    Level.CERCLE: lambda: _("Un même cercle n'est pas une même commune."),
}


def _distributions_note(counts: Mapping[str, int]) -> str:
    return _(
        "De {distributions} distributions de vivres (aide alimentaire, coupons ou argent du "
        "secteur sécurité alimentaire), {undated} sans date, {unplaced} sans lieu à ce niveau et "
        "{unnamed} sans organisation ne peuvent figurer ici. Deux lignes peuvent aussi dire une "
        "même distribution ; rien ne dit que les personnes sont les mêmes.",
        **{name: formats.number_text(counts[name]) for name in _LEFT_OUT},
    )


def _distribution_row(row: dict[str, Any]) -> list[Any]:
    month = str(row["month"])
    when = [LAYERS["distributions"].value_name(month, {})]
    if not row["certain"]:
        when.append(_("possible : date ou lieu trop larges"))
    place = [html.Strong(row["unit_name"]), *(html.Div(one, className="meta") for one in when)]
    return [
        html.Div(place),
        *(_distributor(row, side, row["unit_id"], month) for side in ("state", "others")),
    ]


def _distributor(row: Mapping[str, Any], side: str, unit: str, month: str) -> html.Div:
    """Who, how many distributions and for how many people."""
    n, low, high = (row[f"{side}_{name}"] for name in ("activities", "people_low", "people_high"))
    shown = formats.number_text(n)
    words = ngettext("{shown} distribution", "{shown} distributions", n, shown=shown)
    figure = figure_activities.linked_figure(words, f"distributions_{side}", unit, month)
    if high is None:
        people = _("personnes non dites")
    else:
        people = _("{n} personnes", n=formats.range_text(low, low, high))
    parts = [row[f"{side}_organisations"], people]
    return html.Div([figure, *(html.Div(part, className="meta") for part in parts)])


SUPPORT = "ngos-present"
"""Indicator of how many organisations are present, of those that support a zone."""


def support_section(scene: PageScene, presence: pl.DataFrame) -> list[Any]:
    """Zones that more organisations support than are present there, as documents count them.

    Parameters
    ----------
    presence
        The answer of the layer of that name.
    """
    layer = LAYERS["services"]
    try:
        check_level_allowed(scene.viewer, Level(scene.view.level), layer.name)
    except ForbiddenError:
        return []
    table = fact_shapes.answer_with_stale(scene, layer.name).table.filter(indicator=SUPPORT)
    if (inside := shown_units(scene)) is not None:
        table = table.filter(pl.col("unit_id").is_in(list(inside)))
    placed = table.drop_nulls("total").filter(~pl.col("unit_id").is_in(RESERVED))
    known = placed.join(presence, on="unit_id", how="left")
    if not known.height:
        return []
    heads = [
        _("Zone"), _("Appuient la zone"), _("Y sont présentes"), _("Sans présence"),
        _("Nommées par les listes"), _("Au"),
    ]  # fmt: skip
    rows = [
        [html.Span(cell, className="stale" if row["stale"] else None) for cell in _support_row(row)]
        for row in known.to_dicts()
    ]
    words = _("Appuyer sans être présent")
    note = _(
        "Un document en donne le nombre, sans les noms : on ne sait pas lesquelles. Les listes "
        "comptent autrement : qui y fait ou dit faire quelque chose, où que soit son bureau."
    )
    return [html.H3(words), table_note(note), plain_table(heads, rows, (1, 2, 3, 4), caption=words)]


def _support_row(row: Mapping[str, Any]) -> list[Any]:
    part = ""
    if n := row["places"]:
        part = ngettext(
            " (dit d'un lieu de la zone)",
            " (somme de {n} lieux : une organisation peut y compter plusieurs fois)",
            n,
        )
    listed = figure_activities.linked_figure(
        formats.number_text(row["organisations"]), "organisations", row["unit_id"]
    )
    counts = (row["total"], row["value"], row["total"] - row["value"])
    return [
        f"{row['unit_name']}{part}",
        *(formats.number_text(count) for count in counts),
        listed,
        formats.short_day_text(row["as_of"]),
    ]
