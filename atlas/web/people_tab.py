"""The tab of people: in need, targeted and reached, everyone counted once, with bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import Answer
from atlas.formats import bounds_text, range_text, share_text
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.group_figures import EVERYONE, GROUP_LABELS
from atlas.layers.options import all_settings
from atlas.model import FIGURE_MEASURES, RESERVED, Level
from atlas.sentences import known_units_text
from atlas.summaries import need_by_access
from atlas.web import downloads, figure_activities
from atlas.web.layer_settings import (
    figure_words,
    reference_day_text,
    reset_day_buttons,
    setting_controls,
)
from atlas.web.page_elements import url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import (
    empty_note,
    more_rows_note,
    plain_table,
    table_note,
    unbroken,
)

MOST_ROWS = 50
"""Rows of a table; the file holds them all."""

FIGURE_NAMES = {"targeted": N_("Personnes visées"), "reached": N_("Personnes atteintes")}


def people_content(scene: PageScene) -> list[Any]:
    """What to read out, every zone, then every zone and sector, and how it is counted."""
    answer = layer_answer(scene, "people")
    known = answer.table.filter(
        pl.any_horizontal(pl.col("in_need", "targeted_high", "reached_high").is_not_null())
    )
    if not known.height:
        return [
            empty_note(_no_figure_text(scene)),
            _settings_form(scene),
            *quantities_section(scene),
        ]
    together = known.filter(pl.col("sector").is_null())
    in_sectors = known.filter(pl.col("sector").is_not_null())
    return [
        html.Div(
            [html.P(unbroken(line)) for line in people_sentences(scene, answer)],
            className="read-out",
        ),
        table_note(_method_text(scene, answer), downloads.download_links("personnes")),
        html.Div(reset_day_buttons(scene, answer), className="chips-row"),
        _settings_form(scene),
        html.H3(_("Par zone")),
        *_people_table(together, _("Zone"), lambda row: row["unit_name"]),
        html.H3(_("Par zone et secteur")),
        *_people_table(in_sectors, _("Zone et secteur"), _zone_and_sector),
        html.H3(_("Par groupe")),
        *_group_table(scene),
        *_access_section(scene),
        *quantities_section(scene),
    ]


def _group_table(scene: PageScene) -> list[Any]:
    """Each group that a document tells apart, all zones together; a click holds the page to it."""
    rows = [row for group in GROUP_LABELS if (row := _group_row(scene, group))]
    if len(rows) == 1:
        return [empty_note(_("Aucun document ne distingue de groupes (femmes, PDI, hôtes…)."))]
    heads = [_("Groupe"), _("Dans le besoin"), _("Visées"), _("Atteintes")]
    note = _(
        "Selon les seules activités dont le document dit le groupe, ou dont les groupes font le "
        "tout : rien n'est réparti. Une personne peut être de plusieurs groupes."
    )
    return [
        table_note(note, None),
        plain_table(heads, rows, numeric=(1, 2, 3), caption=_("Par groupe")),
    ]


def _group_row(scene: PageScene, group: str) -> list[Any]:
    """The row of a group; empty where no document tells anything of it."""
    data, view = scene.data, scene.view
    assert data is not None
    asked = view.layer_options("people") | {"group": group}
    answer = data.ask("people", view.filters, view.frame, view.level, scene.viewer, asked)
    sectors = view.filters.sector  # needs of several are in no common number
    of_row = pl.col("sector") == sectors[0] if len(sectors) == 1 else pl.col("sector").is_null()
    in_need = answer.table.filter(of_row)["in_need"].drop_nulls()
    figures = any(answer.meta[f"{name}_figures"] for name in FIGURE_NAMES)
    if not (group == EVERYONE or in_need.len() or figures):
        return []
    change = url_change(**{"people.group": "" if group == EVERYONE else group})
    return [
        html.Button(capitalised(_(GROUP_LABELS[group])), className="why-number", **change),
        formats.number_text(float(in_need.sum()) if in_need.len() else None),
        *(_country_cell(answer, name) for name in ("targeted", "reached")),
    ]


def quantities_section(scene: PageScene) -> list[Any]:
    """Kits, litres, boreholes …: each quantity that any activity states, all zones together."""
    totals = layer_answer(scene, "quantities").meta["totals"]
    assert isinstance(totals, Mapping)
    if not totals:
        return []
    title = _("Quantités")
    heads = [title, _("Prévu"), _("Réalisé"), _("Non dit lequel"), _("Activités")]
    note = _(
        "Ce que des activités disent en kits, litres, ouvrages… : jamais des personnes. Celles "
        "qui n'en disent rien n'y sont pas. Par zone : dans le fichier."
    )
    return [
        html.H3(title),
        table_note(note, downloads.download_links("quantites")),
        plain_table(
            heads,
            [_quantity_row(name, row) for name, row in totals.items()],
            numeric=(1, 2, 3, 4),
            caption=title,
        ),
        _settings_form(scene, "quantities"),
    ]


def _quantity_row(indicator: str, row: Mapping[str, Any]) -> list[Any]:
    """A quantity, its rules below, its figures, and the activities that state it."""
    rules = _(
        "d'un mois à l'autre : {periods} ; entre activités : {places}",
        periods=label("adding_rule", row["over_periods"]),
        places=label("adding_rule", row["over_places"]),
    )
    counted = formats.number_text(row["activities"])
    return [
        _with_notes(label("indicators", indicator), [rules]),
        *(_quantity_text(row[f"quantity_{measure}"]) for measure in FIGURE_MEASURES),
        figure_activities.linked_figure(counted, "quantity", "", indicator),
    ]


def _quantity_text(value: float | None) -> str:
    whole = value is None or value == round(value)
    return formats.number_text(value, 0 if whole else 1)


def _access_section(scene: PageScene) -> list[Any]:
    """People in need where access is hard, where it is not, and where nobody says.

    By cercle where that is known: the worst constraint of a région is not that of all in it.
    """
    options = all_settings(LAYERS["coverage"].options, scene.view.layer_options("coverage"))
    severe = float(options["severe-access"])
    shown = scene.view.level
    for level in dict.fromkeys((Level.CERCLE.value if shown == Level.REGION else shown, shown)):
        at_level = replace(scene, view=replace(scene.view, level=level))
        rows = need_by_access(layer_answer(at_level, "coverage").table, severe)
        if any(row["hard"] or row["easier"] for row in rows):
            return _access_table(rows, level, severe)
    return []


def _access_table(rows: Iterable[Mapping[str, Any]], level: str, severe: float) -> list[Any]:
    title = _("Dans le besoin, selon l'accès")
    heads = [_("Secteur"), _("Accès difficile"), _("Moins difficile"), _("Accès inconnu")]
    cells = [
        [
            capitalised(label("sector", row["sector"])) if row["sector"] else _("Tous ensemble"),
            *(formats.number_text(row[name]) for name in ("hard", "easier", "unknown")),
        ]
        for row in rows
    ]
    note = _(
        "Somme des {levels} dont le besoin est connu, selon leur pire contrainte d'accès "
        "(difficile à partir de {severe} % de son échelle). Un besoin dit pour une zone plus "
        "grande n'y est pas.",
        levels=formats.level_name(level, 2),
        severe=formats.number_text(100 * severe),
    )
    shown = plain_table(heads, cells, numeric=(1, 2, 3), caption=title)
    return [html.H3(title), table_note(note), shown]


def _country_cell(answer: Answer, name: str) -> Any:
    """The figure of all zones together, its bounds, and how many activities tell it."""
    told = answer.meta[name]
    if not isinstance(told, tuple):
        return formats.UNKNOWN
    low, best, high = told
    bounds = [bounds_text(low, high)] if low != high else []
    return _with_notes(range_text(best, best, best), [*bounds, figures_basis_text(answer, name)])


def _no_figure_text(scene: PageScene) -> str:
    if scene.view.layer_options("people"):
        return figure_words(scene, "people", _("Aucun chiffre de personnes avec ces réglages"))
    return _(
        "Aucune activité ne dit combien de personnes elle vise ou touche, et aucun besoin n'est "
        "chargé. Les colonnes « Bénéficiaires cibles » et « Bénéficiaires atteints » d'une liste "
        "sont lues ; les besoins se chargent depuis « Importer »."
    )


def people_sentences(scene: PageScene, answer: Answer) -> list[str]:
    """What a chairperson reads out of the whole country, and how sure it is."""
    lines = [
        _(
            "{what}, {basis} : {range}.",
            what=figure_words(scene, "people", _(FIGURE_NAMES[name])),
            basis=figures_basis_text(answer, name),
            range=range_text(*told, full=True),
        )
        for name in ("reached", "targeted")
        if isinstance(told := answer.meta[name], tuple)
    ]
    if not lines and any(answer.meta[f"{name}_figures"] for name in FIGURE_NAMES):
        return [_("Les chiffres donnés sont d'activités de plusieurs zones : au plus, au tableau.")]
    return lines or [_("Aucune activité ne dit combien de personnes elle vise ou touche.")]


def figures_basis_text(answer: Answer, name: str) -> str:
    """How many of the activities give a figure of the people reached or targeted."""
    every = int(str(answer.meta["activities"]))
    return ngettext(
        "selon {n} activité sur {every}",
        "selon {n} activités sur {every}",
        int(str(answer.meta[f"{name}_figures"])),
        every=formats.number_text(every),
    )


def _method_text(scene: PageScene, answer: Answer) -> str:
    return _(
        "Chacun compté une fois : le plus grand chiffre d'un même lieu, puis la somme des lieux ; "
        "d'un secteur à l'autre, le plus grand. Dessous : le moins et le plus possibles. "
        "Besoins jugés au {day}.",
        day=reference_day_text(scene, answer),
    )


def _settings_form(scene: PageScene, layer: str = "people") -> html.Details:
    changed = len(scene.view.layer_options(layer))
    head = (
        ngettext("{n} réglage changé", "{n} réglages changés", changed)
        if changed
        else _("Réglages")
    )
    names = [option.name for option in LAYERS[layer].options]
    return html.Details(
        [html.Summary(head), setting_controls(scene, layer, names)],
        className="gap-settings",
        open=changed > 0,
    )


def _zone_and_sector(row: Mapping[str, Any]) -> Any:
    sector = capitalised(label("sector", row["sector"]))
    return html.Div([html.Strong(row["unit_name"]), html.Div(sector, className="meta")])


def _people_table(table: pl.DataFrame, head: str, name_of: Any) -> list[Any]:
    """The largest need first, what lies in no zone last."""
    if not table.height:
        return [empty_note(_("Aucun chiffre de personnes ici."))]
    loose = pl.col("unit_id").is_in(RESERVED)
    ordered = table.sort(
        loose, "in_need", "reached", "unit_name", descending=[False, True, True, False],
        nulls_last=True,
    )  # fmt: skip
    heads = [head, _("Dans le besoin"), _("Visées"), _("Atteintes"), _("Part du besoin")]
    rows = [[name_of(row), *_people_cells(row)] for row in ordered.head(MOST_ROWS).to_dicts()]
    shown = plain_table(heads, rows, numeric=(1, 2, 3, 4), caption=head)
    return [shown, *more_rows_note(table.height - MOST_ROWS)]


def _people_cells(row: Mapping[str, Any]) -> Iterable[Any]:
    partly = row["need_units"] is not None and row["in_need"] is not None
    yield _with_notes(
        formats.number_text(row["in_need"]), [known_units_text(row)] if partly else []
    )
    for name in ("targeted", "reached"):
        low, best, high = (row[f"{name}{end}"] for end in ("_low", "", "_high"))
        figure = figure_activities.linked_figure(
            range_text(best, best, high if best is None else best),
            f"people_{name}",
            row["unit_id"],
            row["sector"] or "",
        )
        bounds = [bounds_text(low, high)] if best is not None and low != high else []
        yield _with_notes(figure, bounds + (_doubts(row) if name == "reached" else []))
    yield share_text(row["coverage_low"], row["coverage"], row["coverage_high"])


def _with_notes(figure: Any, notes: list[str]) -> Any:
    """A figure of a table, and under it what must be known of it."""
    return html.Div([figure, *(html.Div(note, className="meta") for note in notes)])


def _doubts(row: Mapping[str, Any]) -> list[str]:
    """What must be known of the people reached in a cell."""
    doubts = []
    if row["shared"]:
        doubts.append(
            ngettext(
                "le plus compte {n} activité de plusieurs zones",
                "le plus compte {n} activités de plusieurs zones",
                row["shared"],
            )
        )
    if row["over_population"]:
        doubts.append(_("chiffres au-delà de la population, qui en tient lieu"))
    return doubts
