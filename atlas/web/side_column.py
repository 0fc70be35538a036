"""The side column: its tabs, and the panel of a zone that opens over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.dataset import ZonePanel
from atlas.errors import ForbiddenError
from atlas.formats import counted_name, stopped_with_slots
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.model import Kind, Level
from atlas.sensitivity import check_level_allowed, inner_level
from atlas.web import (
    access_tab,
    activities_tab,
    actors_tab,
    budget_tab,
    change_tab,
    downloads,
    duplicates_tab,
    figure_activities,
    gap_tables,
    gaps_tab,
    people_tab,
    programme_tab,
    quality_tab,
    ranking_tab,
    reporting_tab,
    sectors_tab,
    zones_tab,
)
from atlas.web.gap_tables import known_units_sentence
from atlas.web.indicators import unit_states
from atlas.web.map_view import zone_change
from atlas.web.page_elements import TabName, html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, filled_pieces, joined_pieces
from atlas.web.questions import (
    QUESTIONS,
    Question,
    question_asked,
    question_change,
    tab_in_url,
)

TABS: dict[TabName, tuple[str, Callable[[PageScene], list[Any]]]] = {
    TabName.RANKING: (N_("Classement"), ranking_tab.ranking_content),
    TabName.ZONES: (N_("Zones"), zones_tab.zones_content),
    TabName.ACTIVITIES: (N_("Activités"), activities_tab.activities_content),
    TabName.ACTORS: (N_("Acteurs"), actors_tab.actors_content),
    TabName.GAPS: (N_("Lacunes"), gaps_tab.gaps_content),
    TabName.PEOPLE: (N_("Personnes"), people_tab.people_content),
    TabName.BUDGET: (N_("Budget"), budget_tab.budget_content),
    TabName.ACCESS: (N_("Accès"), access_tab.access_content),
    TabName.PROGRAMME: (N_("Programme"), programme_tab.programme_content),
    TabName.DUPLICATES: (N_("Doublons"), duplicates_tab.duplicates_content),
    TabName.REPORTING: (N_("Rapports"), reporting_tab.reporting_content),
    TabName.CHANGE: (N_("Changements"), change_tab.change_content),
    TabName.SECTORS: (N_("Par secteur"), sectors_tab.sectors_content),
    TabName.QUALITY: (N_("Qualité"), quality_tab.quality_content),
}
"""What answers the questions (`atlas.web.questions`) beside the map."""


def question_buttons(scene: PageScene) -> list[html.Button]:
    """The questions open to whoever asks; assets/page.js moves the mark of the one asked."""
    asked, hidden = _question_shown(scene), _hidden_tabs(scene)
    return [
        html.Button(
            _(question.words),
            **html_attributes(
                data_tab=question.tabs[0], aria_current="page" if question is asked else "false"
            ),
            **question_change(question.tabs[0]),
        )
        for question in QUESTIONS
        if question.tabs[0] not in hidden
    ]


def side_content(scene: PageScene) -> list[Any]:
    """The tabs of the question, and the body of the one that the URL asks for."""
    question = _question_shown(scene)
    chosen = TabName(scene.view.tab) if scene.view.tab in question.tabs else question.tabs[0]
    strip = [_tab_button(scene, tab, chosen) for tab in question.tabs]
    is_closed = question is not question_asked(scene.view.tab, scene.view.indicator)
    note = [empty_note(_("Cette question n'est pas ouverte au public."))] if is_closed else []
    return [
        html.Div([html.Div(strip, role="tablist"), _widen_button()], className="tabs"),
        html.Div(
            [*note, *TABS[chosen][1](scene)],
            className=f"tab-body tab-{chosen}",
            role="tabpanel",
            id="tab-body",
            tabIndex=0,
            **html_attributes(aria_labelledby=f"tab-{chosen}"),
        ),
    ]


def _question_shown(scene: PageScene) -> Question:
    """The question asked, else the first: for one that is not open to whoever asks."""
    asked = question_asked(scene.view.tab, scene.view.indicator)
    return QUESTIONS[0] if asked.tabs[0] in _hidden_tabs(scene) else asked


def _hidden_tabs(scene: PageScene) -> set[TabName]:
    return {
        TabName(layer.tab)
        for layer in LAYERS.values()
        if layer.tab and not scene.viewer.reaches(layer.offered_to)
    }


def _tab_button(scene: PageScene, tab: TabName, chosen: TabName) -> html.Button:
    """A tab of the question; assets/page.js keeps what the map shows of it."""
    return html.Button(
        _(TABS[tab][0]),
        id=f"tab-{tab}",
        role="tab",
        **html_attributes(aria_selected=str(tab is chosen).lower(), aria_controls="tab-body"),
        **url_change(tab=tab_in_url(tab), only=""),
    )


def _widen_button() -> html.Button:
    return html.Button(
        _("Élargir"),
        className="widen",
        title=_("Élargir ou réduire cette colonne"),
        **html_attributes(data_widen="1", aria_pressed="false"),
    )


MOST_PANEL_ITEMS = 40


def zone_panel(scene: PageScene) -> list[Any]:
    """The open zone, or nothing."""
    zone, data = scene.view.zone, scene.data
    if not zone or data is None or (zone not in data.frames):
        return []
    return [
        html.Aside(
            [_panel_head(scene, zone), html.Div(_panel_body(scene, zone), className="panel-body")],
            className="panel",
            id="zone-panel",
            **html_attributes(aria_label=data.frames.unit_label(zone)),
        )
    ]


def _panel_head(scene: PageScene, zone: str) -> html.Div:
    frames = scene.data.frames  # type: ignore[union-attr]
    unit = frames.unit_by_id(zone)
    parent = frames.unit_label(unit.parent) if unit.parent else ""
    code = _(" · p-code {code}", code=unit.pcode) if unit.pcode else ""
    level = capitalised(label("level", unit.level))
    place = f"{level}, {parent}" if parent else level
    where = f"{place} · {label('frame', unit.frame)}{code}"
    return html.Div(
        [
            html.Div([html.H2(unit.name), html.P(where)]),
            downloads.question_file(
                f"/fiche/{zone}.pdf", _("Fiche (PDF)"), _("Une page A4 à imprimer")
            ),
            downloads.question_file(
                f"/dossier/{zone}.html",
                _("Hors ligne"),
                _("Un fichier avec carte, filtres et tableaux, qui s'ouvre sans réseau"),
            ),
            html.Button(
                _("Fermer"),
                className="close",
                title=_("Fermer (Échap)"),
                **html_attributes(data_go=json.dumps({"zone": ""})),
            ),
        ],
        className="panel-head",
    )


def _panel_body(scene: PageScene, zone: str) -> list[Any]:
    assert scene.data is not None
    inside = summaries.zone_panel(scene.data, zone, scene.view.filters, scene.viewer)
    return [
        _panel_figures(scene, zone, inside),
        _zone_actions(scene, zone),
        *_published_counts(zone, inside.published),
        *_activity_items(
            inside.activities.filter(pl.col("kind") != Kind.PRESENCE), scene.view.counts_plans
        ),
        *_present_organisations(zone, inside.activities.filter(pl.col("kind") == Kind.PRESENCE)),
    ]


def _figure_button(name: str, words: str, value: Any, zone: str) -> html.Button:
    """A figure of a zone that opens the activities behind it; money short, exact on hover."""
    is_money = name == "placed_usd"
    shown = formats.short_money_text(value) if is_money else formats.number_text(value)
    return html.Button(
        [html.Span(shown, className="value"), html.Span(words, className="label")],
        className="figure",
        title=(formats.usd_text(value) or None) if is_money else None,
        **figure_activities.opening_attributes(name, zone),
    )


def _own_scene(scene: PageScene, zone: str) -> PageScene:
    """The scene at the level and découpage of a zone: what the page shows may be finer."""
    unit = scene.data.frames.unit_by_id(zone)  # type: ignore[union-attr]
    try:
        check_level_allowed(scene.viewer, Level(unit.level), "coverage")
    except ForbiddenError:
        return scene
    return replace(scene, view=scene.view.but(frame=unit.frame, level=unit.level))


def _panel_figures(page: PageScene, zone: str, inside: ZonePanel) -> html.Div:
    scene = _own_scene(page, zone)
    presence, budget = inside.presence, inside.budget
    state = label("state", unit_states(scene).get(zone, "no_report"))
    notes = gap_tables.unit_silence_notes(scene).get(zone, "")
    money, inherited = budget.get("budget_usd"), budget.get("inherited_usd")
    shown = [
        ("activities", counted_name(scene.view.filters.kind, 2), presence.get("activities")),
        ("organisations", _("organisations"), presence.get("organisations")),
        ("placed_usd", _("budget placé"), money),
        ("unpriced", _("sans montant publié"), budget.get("without_amount")),
    ]
    perimeter = _(
        "Dont {amount} sans lieu propre, répartis sur le périmètre de leur document.", amount="|"
    )
    return html.Div(
        [
            *(_figure_button(name, words, value, zone) for name, words, value in shown),
            html.P(_("État : {state}.", state=state), className="state"),
            *_people_notes(scene, zone),
            _stopped_note(zone, budget),
            *(html.P(line, className="state") for line in known_need_sentences(scene, zone)),
            *(html.P(line, className="state") for line in notes.split("\n") if line),
            html.P(
                filled_pieces(
                    perimeter,
                    figure_activities.linked_figure(
                        formats.usd_text(inherited), "placed_inherited_usd", zone
                    ),
                ),
                className="state stale",
            )
            if inherited
            else None,
        ],
        className="panel-figures",
    )


def _people_notes(scene: PageScene, zone: str) -> list[html.P]:
    """People reached and targeted in a zone, everyone once, with bounds; each opens its list."""
    together = pl.col("sector").is_null()
    rows = layer_answer(scene, "people").table.filter(together, unit_id=zone).to_dicts()
    notes = []
    for name, words in (("reached", N_("Personnes atteintes : |.")),
                        ("targeted", N_("Personnes visées : |."))):  # fmt: skip
        for row in rows:
            ends = (row[f"{name}{end}"] for end in ("_low", "", "_high"))
            text = formats.range_text(*ends)
            if text != formats.UNKNOWN:
                figure = figure_activities.linked_figure(text, f"people_{name}", zone)
                notes.append(html.P(filled_pieces(_(words), figure), className="state"))
    return notes


def _stopped_note(zone: str, row: dict[str, Any]) -> html.P | None:
    """What is cancelled and what is suspended: in none of the figures above."""
    stopped_parts = []
    for status, words in stopped_with_slots(row["cancelled"], row["suspended"]).items():
        money = row[f"{status}_usd"]
        amount = f" ({formats.usd_text(money)})" if money else ""
        stopped_parts.append(
            [
                *filled_pieces(
                    words,
                    figure_activities.linked_figure(formats.number_text(row[status]), status, zone),
                ),
                amount,
            ]
        )
    if not stopped_parts:
        return None
    return html.P(
        filled_pieces(
            _("Hors de tous ces chiffres : {told}.", told="|"),
            html.Span(joined_pieces(stopped_parts)),
        ),
        className="state stale",
    )


def known_need_sentences(scene: PageScene, zone: str) -> list[str]:
    """Of how many of its smaller units the need of a zone is known, sector by sector."""
    rows = layer_answer(scene, "coverage").table.filter(unit_id=zone).drop_nulls("need_units")
    return [known_units_sentence(row) for row in rows.to_dicts()]


def _zone_actions(scene: PageScene, zone: str) -> html.Div:
    unit = scene.data.frames.unit_by_id(zone)  # type: ignore[union-attr]
    finer = inner_level(unit.level, scene.viewer)
    mine = scene.view.but(
        filters=scene.view.filters.with_changes(unit=(zone,)),
        frame=unit.frame,
        level=str(finer),
        zone=None,
    )
    inside = _("Voir ses {levels}", levels=formats.level_name(finer, 2))
    words = inside if finer != unit.level else _("N'afficher que cette zone")
    return html.Div(
        [
            html.Button(words, title=_("Elle seule ; sur la carte, double clic"),
                        **zone_change(scene, unit)),
            html.Button(
                _("Enlever des zones choisies")
                if zone in scene.view.filters.unit
                else _("Ajouter aux zones choisies"),
                title=_("Plusieurs zones ensemble ; sur la carte, Ctrl et clic"),
                **html_attributes(data_zone=zone),
            ),
            html.Button(
                _("Copier le lien « ma zone »"),
                title=_("Un signet qui ouvre toujours cette zone"),
                **html_attributes(data_copy="?" + mine.to_query(), data_done=_("Lien copié")),
            ),
            html.Button(
                _("Ma page d'accueil"),
                title=_("Ouvrir toujours l'atlas sur cette zone, dans ce navigateur"),
                className="home",
                **html_attributes(data_home="?" + mine.to_query()),
            ),
        ],
        className="panel-actions",
    )  # fmt: skip


def _published_counts(zone: str, table: pl.DataFrame) -> list[Any]:
    """Counts and sums published without their items: beside the items, never added to them."""
    rows = table.to_dicts()
    if not rows:
        return []
    return [
        html.H3(_("Publié, non détaillé")),
        html.Div(
            [
                html.Ul([html.Li(_published_item(zone, row)) for row in rows]),
                html.P(
                    _("À côté des activités ci-dessous, jamais ajouté à elles."), className="stale"
                ),
            ],
            className="published",
        ),
    ]


def _published_item(zone: str, row: dict[str, Any]) -> list[Any]:
    """What was published, each figure with the place it was read in."""
    counted, money, one = row["items"], row["budget_usd"], (zone, row["activity_id"])
    figures = []
    if counted is not None:
        words = ngettext(
            "{shown} projet", "{shown} projets", counted, shown=formats.number_text(counted)
        )
        figures.append([figure_activities.linked_figure(words, "published", *one)])
    if money is not None:
        figures.append(
            [figure_activities.linked_figure(formats.usd_text(money), "published_usd", *one)]
        )
    parts = [_("{name} : ", name=label("sources", row["source"])), *joined_pieces(figures)]
    if not row["exact"]:
        parts.append(_(" pour {unit}, dont ce n'est qu'une partie", unit=row["published_for"]))
    parts.append(_(" (situation au {day})", day=formats.day_text(row["as_of"])))
    return parts


def _activity_items(inside: pl.DataFrame, plans: bool) -> list[Any]:
    title = html.H3(_("Activités et plans") if plans else _("Activités signalées"))
    if not inside.height:
        return [
            title,
            empty_note(
                _("Aucune activité signalée ici : cela ne veut pas dire qu'il n'y en a pas.")
            ),
        ]
    items = [html.Li(_activity_item(row)) for row in inside.head(MOST_PANEL_ITEMS).to_dicts()]
    parts: list[Any] = [title, html.Ul(items, className="items")]
    if inside.height > MOST_PANEL_ITEMS:
        rest = formats.number_text(inside.height - MOST_PANEL_ITEMS)
        parts.append(empty_note(_("{n} autres dans l'onglet Activités.", n=rest)))
    return parts


def _present_organisations(zone: str, presences: pl.DataFrame) -> list[Any]:
    """Organisations said to be there, and no more."""
    organisations = presences["organisations"].drop_nulls().str.split(" ; ").explode()
    names = sorted(set(organisations), key=str.casefold)
    if not names:
        return []
    days = [formats.day_text(day) for day in sorted(set(presences["as_of"].drop_nulls()))]
    return [
        html.H3(
            filled_pieces(
                _("Présences signalées ({n})", n="|"),
                figure_activities.linked_figure(formats.number_text(len(names)), "presences", zone),
            )
        ),
        html.P(", ".join(names)),
        html.P(
            _("Présence au {days}, sans activité ni montant connus.", days=", ".join(days)),
            className="stale",
        ),
    ]


def _activity_item(row: dict[str, Any]) -> list[Any]:
    period = formats.years_text((row["start"], row["end"])) if row["start"] or row["end"] else ""
    money = (
        formats.usd_text(row["budget_usd"])
        if row["budget_usd"] is not None
        else _("montant inconnu")
    )
    parts = [
        label("kinds", row["kind"]) if row["kind"] == Kind.PLAN else "",
        row["source_label"],
        row["sector_label"],
        row["status_label"],
        row["organisations"],
        period,
        money,
        row["place"],
        _("compté avec « {title} »", title=row["counted_with_title"])
        if row["counted_with"]
        else "",
    ]
    return [html.Div(row["title"]), html.Div(" · ".join(p for p in parts if p), className="meta")]
