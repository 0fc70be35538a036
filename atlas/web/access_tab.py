"""Access and security: how hard each zone is to reach, by dated facts, greyed once past."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import Answer
from atlas.geo.shapes import DRAWN_KINDS
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.layers.access import COUNTS
from atlas.web import downloads, fact_shapes, figure_activities, layer_settings
from atlas.web.indicators import shown_units
from atlas.web.layer_settings import setting_controls
from atlas.web.page_state import PageScene
from atlas.web.page_tables import empty_note, plain_table, table_note

MOST_FACT_ROWS = 200
"""Facts listed in the page; the file holds them all."""
WHOLE_SHARE = 0.9995
"""Part of a unit under facts from which on it is shown as 100 %."""
MOST_PLACES = 12
"""Units named beside a fact."""


def access_content(scene: PageScene) -> list[Any]:
    """Severity and zones of each unit, services out of reach, no-go zones, and the facts."""
    answer = fact_shapes.answer_with_stale(scene, "access")
    units = answer.table.filter(pl.col("as_of").is_not_null() | _has_access_fact())
    units, facts = (
        _rows_in_zones(scene, units),
        _rows_in_zones(scene, fact_shapes.answer_with_stale(scene).table),
    )
    if not facts.height:
        return [empty_note(_no_facts_text(scene))]
    return [
        table_note(_judgement_day_note(scene, answer, facts), downloads.download_links("acces")),
        html.Div([setting_controls(scene, "access"), *_day_buttons(scene, answer)]),
        *_missing_boundary_notes(facts),
        *_zone_rows(units, scene.view.layer_options("access").get("weighting", "")),
        *_services_table(scene),
        *_no_go_table(units),
        *_fact_tables(facts),
        table_note(
            _("Tous ces faits, avec leurs dates et leur source :"),
            downloads.download_links("faits-acces"),
        ),
    ]


def _has_access_fact() -> pl.Expr:
    words = ("constraints", "security_zone", "services")
    return pl.any_horizontal(pl.col(*words).is_not_null())


def _no_facts_text(scene: PageScene) -> str:
    at = scene.view.filters.at
    held = scene.tables.context.filter(pl.col("kind").is_in(DRAWN_KINDS))["as_of"]
    if at and held.len():
        first = held.min()
        return _(
            "Aucun fait d'accès connu au {day} ; le plus ancien est du {first}. Changez la date, "
            "ou effacez-la.",
            day=formats.day_text(at),
            first=formats.day_text(first if isinstance(first, date) else None),
        )
    return _(
        "Aucun fait d'accès à ce jour. Chargez-en, depuis « Importer » ou par "
        "atlas context add access FICHIER (GeoJSON, GeoPackage ou CSV, modèle "
        "modele-acces.csv) ; services : modele-services.csv ; zones de sécurité et zones "
        "interdites : modele-securite.csv."
    )


def _judgement_day_note(scene: PageScene, answer: Answer, facts: pl.DataFrame) -> str:
    """The day that facts are judged on, and how many of them are past on it, or since."""
    day, later = answer.meta["reference"], layer_settings.later_document_day(scene, answer)
    assert day is None or isinstance(day, date)
    past = facts.filter(pl.col("stale"))["fact"].n_unique()
    words = _(
        "Faits datés, jugés au {day} ; en gris ceux dont la date est passée : "
        "ils ne disent rien d'aujourd'hui.",
        day=layer_settings.reference_day_text(scene, answer),
    )
    if not past:
        return words
    return f"{words} " + ngettext(
        "{shown} fait périmé au {day}.",
        "{shown} faits périmés au {day}.",
        past,
        shown=formats.number_text(past),
        day=formats.day_text(later or day),
    )


def _day_buttons(scene: PageScene, answer: Answer) -> list[Any]:
    """Other days to judge the facts on: back, their own, the newest document's, today."""
    buttons, later = (
        layer_settings.reset_day_buttons(scene, answer),
        layer_settings.later_document_day(scene, answer),
    )
    day, today = answer.meta["reference"], date.today()
    if later and isinstance(day, date):
        buttons += [layer_settings.day_button(answer, one) for one in (day, later)]
    if day != today:
        buttons.append(layer_settings.day_button(answer, today, _("Juger à la date d'aujourd'hui")))
    return buttons


def _missing_boundary_notes(facts: pl.DataFrame) -> list[html.Div]:
    """What shapes cannot tell without the official boundaries, and how to install them."""
    if not facts["how"].eq("indicative").any():
        return []
    return [
        table_note(
            _(
                "Limites officielles non installées : les contours sont rapportés aux anciennes "
                "régions seulement, et rien n'en est dit à un niveau plus fin. Installez-les par "
                "atlas geodata download."
            )
        )
    ]


def _zone_rows(units: pl.DataFrame, weighting: str) -> list[Any]:
    """One row per unit: severity in its scale, how much of it is said, constraints, zones."""
    heads = [_("Zone"), _("Contraintes"), _("Zone de sécurité"), _("Au")]
    rows = [_zone_row(row) for row in units.to_dicts()]
    if units["severity_max"].null_count() < units.height:
        heads.insert(1, _("Gravité"))
        for cells, row in zip(rows, units.to_dicts(), strict=True):
            cells.insert(1, _greyed_if_stale(_severity_cell(row, weighting), row))
    return [html.H3(_("Zones")), plain_table(heads, rows)] if rows else []


def _zone_row(row: dict[str, Any]) -> list[Any]:
    lines = [html.Div(line) for line in (row["constraints"] or formats.UNKNOWN).split(" ; ")]
    zone: list[Any] = [html.Div(line) for line in (row["security_zone"] or "").split(" ; ") if line]
    if row["no_go"]:
        zone.append(html.Span(_("zone interdite"), className="tag"))
    name, constraints, day = (
        _greyed_if_stale(c, row) for c in (row["unit_name"], lines, _dated_cell(row))
    )
    return [name, constraints, html.Span(zone or formats.UNKNOWN), day]


def _greyed_if_stale(cell: Any, row: dict[str, Any]) -> html.Span:
    return html.Span(cell, className="stale" if row["stale"] else None)


def _dated_cell(row: dict[str, Any]) -> list[Any]:
    tag = [html.Span(_("périmé"), className="tag tag-stale")] if row["stale"] else []
    return [formats.short_day_text(row["as_of"]), *tag]


def _severity_cell(row: dict[str, Any], weighting: str) -> list[Any]:
    """``4 (ACAPS)``, then the mean, over which part of the unit, and scales left aside."""
    if row["scale"] is None:
        return [formats.UNKNOWN]
    worst = row["severity_max"]
    lines = [_("sens de l'échelle inconnu") if worst is None else formats.number_text(worst, 1)]
    lines[0] += f" ({row['scale']})"
    if row["severity_mean"] is not None:
        whole = row["covered_share"] is not None and row["covered_share"] >= WHOLE_SHARE
        words = _("moyenne {n}") if whole else _("moyenne au moins {n}")
        lines.append(words.format(n=formats.number_text(row["severity_mean"], 2)))
    elif weighting == "population" and row["covered_share"]:
        lines.append(_("population non disponible"))
    if row["covered_share"] is None:
        lines.append(_("part couverte inconnue"))
    elif not row["covered_share"]:
        lines.append(_("routes ou points seulement"))
    elif row["covered_share"] < WHOLE_SHARE:
        lines.append(
            _(
                "faits connus sur {n} % de la zone",
                n=formats.number_text(100 * row["covered_share"], 1),
            )
        )
    if row["other_scales"]:
        lines.append(_("autre échelle, non mêlée : {names}", names=row["other_scales"]))
    return [html.Div(line, className="meta" if n else None) for n, line in enumerate(lines)]


def _services_table(scene: PageScene) -> list[Any]:
    """What is counted of each service in each unit, of how many."""
    heads = [_("Zone"), _("Service"), _("Nombre"), _("Sur"), _("Au")]
    table = _rows_in_zones(scene, fact_shapes.answer_with_stale(scene, "services").table)
    if not table.height:
        return []
    rows = [[_greyed_if_stale(cell, row) for cell in _service_row(row)] for row in table.to_dicts()]
    return [html.H3(_("Services hors de portée")), plain_table(heads, rows, numeric=[2, 3])]


def _service_row(row: dict[str, Any]) -> list[Any]:
    n = row["places"]
    parts = ngettext("dit d'un lieu", "somme de {n} lieux", n) if n else ""
    name = [html.Div(row["indicator_label"]), html.Div(parts, className="meta")]
    count, total = formats.number_text(row["value"]), formats.number_text(row["total"])
    return [row["unit_name"], name if n else row["indicator_label"], count, total, _dated_cell(row)]


def _rows_in_zones(scene: PageScene, table: pl.DataFrame) -> pl.DataFrame:
    """Rows of the zones asked for; all of them where none is."""
    inside = shown_units(scene)
    return table if inside is None else table.filter(pl.col("unit_id").is_in(list(inside)))


def _no_go_table(units: pl.DataFrame) -> list[Any]:
    """Units with a no-go zone in force and the activities in it; each opens its list."""
    figures = dict(zip(COUNTS, ("no_go", "no_go_partly"), strict=True))
    has_count = pl.any_horizontal(pl.col(*COUNTS) > 0)
    zones = units.filter(pl.col("no_go") | has_count)
    if not zones.height:
        return []
    rows = [
        [
            row["unit_name"],
            *(
                figure_activities.linked_figure(
                    formats.number_text(row[column] or 0), figure, row["unit_id"]
                )
                for column, figure in figures.items()
            ),
        ]
        for row in zones.to_dicts()
    ]
    heads = [_("Zone"), _("Activités en zone interdite"), _("Dans une partie du lieu")]
    return [html.H3(_("Zones interdites")), plain_table(heads, rows, numeric=[1, 2])]


def _fact_tables(facts: pl.DataFrame) -> list[Any]:
    """The facts by type, current ones first; each with the units it is said of."""
    shown = facts.filter(
        pl.col("fact").is_in(
            facts["fact"].unique(maintain_order=True).head(MOST_FACT_ROWS).implode()
        )
    )
    heads = [_("Fait"), _("Zone"), _("Gravité"), _("Source"), _("Au"), _("Jusqu'au")]
    parts: list[Any] = [html.H3(_("Faits, par type"))]
    for (_type, name), rows in shown.group_by("type", "type_label", maintain_order=True):
        fact_rows = [
            _fact_row(one.to_dicts()) for _n, one in rows.group_by("fact", maintain_order=True)
        ]
        n = len(fact_rows)
        title = ngettext("{label} : {n} fait", "{label} : {n} faits", n, label=name)
        parts += [html.H4(title), plain_table(heads, fact_rows)]
    if (left := facts["fact"].n_unique() - MOST_FACT_ROWS) > 0:
        rest = ngettext(
            "{shown} autre fait dans le fichier à télécharger.",
            "{shown} autres faits dans le fichier à télécharger.",
            left,
            shown=formats.number_text(left),
        )
        parts.append(empty_note(rest))
    return parts


def _fact_row(rows: list[dict[str, Any]]) -> list[Any]:
    row, left = rows[0], len(rows) - MOST_PLACES
    places = [html.Div(_coverage_text(one)) for one in rows[:MOST_PLACES]]
    if left > 0:
        places.append(html.Div(ngettext("… et {n} autre", "… et {n} autres", left)))
    scaled = (
        f"{formats.number_text(row['value'], 1)} ({row['scale']})"
        if row["scale"]
        else formats.UNKNOWN
    )
    cells = [
        row["wording"] or formats.UNKNOWN,
        places,
        scaled if row["value"] is not None else formats.UNKNOWN,
        row["source"] or row["file"],
        _dated_cell(row),
        formats.short_day_text(row["expires"]),
    ]
    return [_greyed_if_stale(cell, row) for cell in cells]


def _coverage_text(row: dict[str, Any]) -> str:
    """``Ténenkou · 34,7 %``: a unit, and how much of it a shape covers."""
    where = [row["unit_name"]]
    if row["area_share"] is not None:
        where.append(f"{formats.number_text(100 * row['area_share'], 1)} %")
    if row["length_km"] is not None:
        where.append(_("{n} km", n=formats.number_text(row["length_km"], 1)))
    if row["how"] == "indicative":
        where.append(label("how", row["how"]))
    return " · ".join(where)
