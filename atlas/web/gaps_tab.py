"""The tab of coverage gaps: sentences, need against response, ranking, matrix, settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import Answer
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS, needs
from atlas.layers.gaps import (
    ACCESS_PRIORITY,
    CLASSES,
    GAP,
    NEXUS_PRIORITY,
    PARTIAL,
    SCORE_OPTIONS,
    reclassified_cells,
)
from atlas.layers.options import all_settings
from atlas.model import RESERVED
from atlas.sentences import cell_name, is_in_people, need_sources_text, need_text
from atlas.vocab import vocabulary_table
from atlas.web import charts, downloads, figure_activities, gap_tables, layer_settings
from atlas.web.gap_tables import comparable_rankings, ranking_name
from atlas.web.layer_settings import setting_controls
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, table_note, unbroken
from atlas.web.palette import BOUNDARY_GREY, SECONDARY_GREY, TEXT_GREY, WARM_RAMP, WHITE

MOST_BUBBLE_NAMES = 12
"""Bubbles with a name beside them; the pointer tells that of any."""

NAME_DISTANCE = 0.07, 0.25
"""Of need and of response: the least between two names that are read."""

FEWEST_BUBBLES = 3
"""Zones under which the table alone says all."""

PLOT_HEIGHT, LARGEST_BUBBLE, CROWDED_BUBBLE, SMALLEST_BUBBLE, PLAIN_BUBBLE = 300, 40, 26, 7, 13
"""Pixels: of the chart, of the widest bubble (of many zones), of the narrowest, and of one not
told in people."""

MANY_BUBBLES = 20
"""Zones from which bubbles are drawn smaller."""

AXIS_RANGE = (-0.13, 1.28)
"""Of the axis of responses: room for half a bubble below, for slanted names above."""

NO_PRIORITY, UNKNOWN_ACCESS = "no_priority", "no_access"
BUBBLE_SIGNS = {
    ACCESS_PRIORITY: ("triangle-up", WARM_RAMP[5], "▲"),
    NEXUS_PRIORITY: ("square", WARM_RAMP[2], "■"),
    NO_PRIORITY: ("circle", BOUNDARY_GREY, "●"),
    UNKNOWN_ACCESS: ("circle-open", SECONDARY_GREY, "○"),
}
"""Shape and colour of each class, and its sign in the legend."""


def need_response_plot(known: pl.DataFrame, scene: PageScene, reference: object) -> list[Any]:
    """Need × response of the zones of one sector; of several, the choice between them.

    Parameters
    ----------
    known
        Cells of the layer ``coverage`` whose need is known, reserved rows left out.
    reference
        The day that the age of a need is counted to.
    """
    cells = known.drop_nulls(["need_score", "response_score"])
    present = set(cells["sector"].to_list())
    sectors = [s for s in vocabulary_table("sectors")["id"] if s in present]
    if len(sectors) > 1:
        return [_sector_choice(cells, sectors)]
    sector = sectors[0] if sectors else None
    shown = _with_drawn_class(cells.filter(pl.col("sector").eq_missing(sector)))
    if shown.height < FEWEST_BUBBLES:
        return []
    drawn = charts.plotly_chart(
        "gaps",
        bubble_figure(shown, _class_limits(scene)),
        PLOT_HEIGHT,
        _plot_description(shown, sector),
    )
    caption = f"{_plot_caption(shown, sector)} {need_sources_text(shown, reference)}"
    head = html.H3(_("Besoin et réponse"))
    return [head, table_note(caption), drawn, _plot_legend(shown)]


def _class_limits(scene: PageScene) -> dict[str, float]:
    """Where the classes begin, by the settings in force."""
    options = all_settings(SCORE_OPTIONS, scene.view.layer_options("coverage"))
    return {name: float(options[name]) for name in ("moderate-need", "high-need", "weak-response")}


def _sector_choice(cells: pl.DataFrame, sectors: list[str]) -> html.Div:
    """Zones of several sectors would lie on each other: which one is to be shown."""
    words = _("Besoin et réponse en un coup d'œil, choisissez un secteur :")
    chips = [
        html.Button(
            f"{label('sectors', s)} ({formats.number_text(cells.filter(sector=s).height)})",
            className="chip",
            **url_change(sector=s),
        )
        for s in sectors
    ]
    return html.Div([html.Span(words), *chips], className="chips-row", role="group")


def _with_drawn_class(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with the class that they are drawn as, the smallest last: it lies on top."""
    rest = (
        pl.when(pl.col("access_score").is_null())
        .then(pl.lit(UNKNOWN_ACCESS))
        .otherwise(pl.lit(NO_PRIORITY))
    )
    drawn = pl.coalesce("class", rest).alias("drawn")
    return cells.with_columns(drawn).sort("need", "unit_name", descending=[True, False])


def bubble_figure(shown: pl.DataFrame, limits: dict[str, float]) -> dict[str, Any]:
    """Plotly figure of the bubbles, as plain data; their area is the people in need."""
    sized = _bubble_sizes(shown)
    traces = [
        _class_trace(shown.filter(drawn=which), which, sized)
        for which in reversed(BUBBLE_SIGNS)  # what has a class lies on what has none
        if which in set(shown["drawn"])
    ]
    return {"data": traces, "layout": _plot_layout(shown, limits)}


def _largest_need(shown: pl.DataFrame) -> float | None:
    """The greatest need, where all of them are told in people; null: their sizes say nothing."""
    if not all(is_in_people(name) for name in shown["need_indicator"]):
        return None
    most = shown["need"].max()
    return float(most) if isinstance(most, int | float) and most > 0 else None


def _bubble_sizes(shown: pl.DataFrame) -> dict[str, Any]:
    """What makes the area of a bubble that of its need, beside the needs themselves."""
    widest = _largest_need(shown)
    if not widest:
        return {}
    largest = CROWDED_BUBBLE if shown.height > MANY_BUBBLES else LARGEST_BUBBLE
    return {"sizemode": "area", "sizeref": 2 * widest / largest**2, "sizemin": SMALLEST_BUBBLE / 2}


def _class_trace(cells: pl.DataFrame, which: str, sized: dict[str, Any]) -> dict[str, Any]:
    symbol, colour, _sign = BUBBLE_SIGNS[which]
    needs = cells["need"].clip(1).to_list()  # a need of nobody is drawn, too
    rows = cells.to_dicts()
    return {
        "type": "scatter",
        "mode": "markers",
        "x": cells["need_score"].to_list(),
        "y": cells["response_score"].to_list(),
        "customdata": [_bubble_target(row)["data-go"] for row in rows],
        "hovertext": [
            "<br>".join(escape(w, quote=False) for w in _hover_lines(row)) for row in rows
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            **sized,
            "size": needs if sized else PLAIN_BUBBLE,
            "symbol": symbol,
            "color": colour,
            "opacity": 0.85,
            "line": {"color": colour if which == UNKNOWN_ACCESS else WHITE, "width": 1.2},
        },
    }


def _bubble_target(row: dict[str, Any]) -> dict[str, Any]:
    """The activities that answer the need; the zone, where none does."""
    if not row["response"]:
        return url_change(zone=row["unit_id"])
    return figure_activities.opening_attributes("response", row["unit_id"], row["sector"] or "")


def _hover_lines(row: dict[str, Any]) -> list[str]:
    """What the pointer is told of a bubble, line by line."""
    lines = [
        row["unit_name"],
        need_text(row),
        ngettext("{n} activité y répond", "{n} activités y répondent", row["response"]),
    ]
    if row["access"] is not None:
        lines.append(_("accès {n}", n=formats.number_text(row["access"])))
    if row["class"]:
        lines.append(label("class", row["class"]))
    return lines


def _plot_layout(shown: pl.DataFrame, limits: dict[str, float]) -> dict[str, Any]:
    moderate, high, weak = (limits[k] for k in ("moderate-need", "high-need", "weak-response"))
    bands = [(0.0, min(moderate, high), _("faible")), (moderate, high, _("modéré")),
             (high, 1.0, _("élevé"))]  # fmt: skip
    wide = [(low, top, words) for low, top, words in bands if top > low]
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticklen": 0}
    return {
        **charts.CHART_LAYOUT,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "hovermode": "closest",
        "xaxis": {
            **axis,
            "range": [-0.04, 1.08],
            "tickvals": [(low + top) / 2 for low, top, _w in wide],
            "ticktext": [words for _low, _top, words in wide],
            "title": {"text": _("Besoin →"), "standoff": 6, "font": {"size": 12}},
            "automargin": True,
        },
        "yaxis": {
            **axis,
            "range": list(AXIS_RANGE),
            "tickvals": [0, weak, 1],
            "ticktext": [f"{formats.number_text(100 * part)} %" for part in (0, weak, 1)],
            "title": {"text": _("Réponse →"), "standoff": 6, "font": {"size": 12}},
            "automargin": True,
        },
        "shapes": [
            *(
                _limit_line(x0=limit, x1=limit, y0=AXIS_RANGE[0], y1=AXIS_RANGE[1])
                for limit in {moderate, high}
            ),
            _limit_line(x0=-0.04, x1=1.08, y0=weak, y1=weak),
        ],
        "annotations": _bubble_names(shown),
    }


def _limit_line(**ends: float) -> dict[str, Any]:
    """Where a class begins, by the settings in force."""
    return {
        "type": "line",
        "layer": "below",
        "line": {"color": BOUNDARY_GREY, "width": 1, "dash": "dot"},
        **ends,
    }


def _bubble_names(shown: pl.DataFrame) -> list[dict[str, Any]]:
    """Names aslant beside bubbles: of those with a class, then of the worst, as there is room."""
    named: list[dict[str, Any]] = []
    classed = pl.col("class").is_null()
    for row in gap_tables.sorted_by_rank(shown).sort(classed, maintain_order=True).to_dicts():
        if len(named) < MOST_BUBBLE_NAMES and all(_are_apart(row, other) for other in named):
            named.append(row)
    return [_name_annotation(row) for row in named]


def _are_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = zip(("need_score", "response_score"), NAME_DISTANCE, strict=True)
    return any(abs(one[part] - other[part]) >= least for part, least in pairs)


def _name_annotation(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "x": row["need_score"],
        "y": row["response_score"],
        "text": escape(row["unit_name"], quote=False),
        "showarrow": False,
        "textangle": -40,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 8,
        "font": {"size": 11, "color": TEXT_GREY},
    }


def _plot_caption(shown: pl.DataFrame, sector: str | None) -> str:
    words = _(
        "{sector} : {zones} au besoin connu ; un clic ouvre ce qui y répond, sinon la zone. "
        "Pointillés : seuils des classes (Réglages).",
        sector=capitalised(label("sector", sector)),
        zones=ngettext("{n} zone", "{n} zones", shown.height),
    )
    return words + " " + _("Surface : personnes dans le besoin.") if _largest_need(shown) else words


def _plot_description(shown: pl.DataFrame, sector: str | None) -> str:
    return _(
        "Nuage de points : besoin et réponse de {zones}, {sector}. Le tableau par rang qui suit "
        "dit les mêmes chiffres.",
        zones=ngettext("{n} zone", "{n} zones", shown.height),
        sector=label("sector", sector),
    )


def _plot_legend(shown: pl.DataFrame) -> html.Ul:
    counted = dict(shown.group_by("drawn").len().iter_rows())
    parts = []
    for which, (_shape, colour, sign) in BUBBLE_SIGNS.items():
        if which in counted:
            words = label("class", which)
            mark = html.Span(sign, style={"color": colour}, **html_attributes(aria_hidden="true"))
            parts.append(html.Li([mark, f" {words} ({formats.number_text(counted[which])})"]))
    return html.Ul(parts, className="plot-legend")


MOST_ZONE_NAMES, MOST_MOVED_CELLS = 5, 12
TEMPLATE_FOLDER = "docs/templates"

SETTING_GROUPS = (
    (
        N_("Besoin"),
        ("need", "need-scale", "need-zones", "day", "need-age", "high-need", "moderate-need"),
    ),
    (
        N_("Réponse"),
        ("activities", "ended-days", "undated-days", "perimeter", "measure", "enough",
         "periods", "same-place",
         "partial-from", "covered-from", "weak-response"),
    ),
    (N_("Accès"), ("access", "severe-access")),
    (N_("Poids dans le score"), ("need-weight", "response-weight", "access-weight")),
)  # fmt: skip
"""The settings of the layer, as they are laid out."""


def gaps_content(scene: PageScene) -> list[Any]:
    """What to read out, the cells by rank, the matrix, the local priorities, the settings."""
    answer = layer_answer(scene, "coverage")
    day = answer.meta["reference"]
    assert day is None or isinstance(day, date)
    cells = answer.table.filter(~pl.col("unit_id").is_in(RESERVED))
    wanted = layer_answer(scene, "priorities")
    known = cells.filter(~pl.col("need_unknown"))
    if not known.height:
        return [
            *_no_gap_notes(scene, answer.table),
            *_judgement_days(scene, answer),
            *gap_tables.expired_needs_table(cells, day),
            *gap_tables.local_priorities(scene, wanted),
            *gap_tables.state_matrix(cells),
            _settings_form(scene),
        ]
    return [
        *_summary_paragraphs(known, scene),
        table_note(need_sources_text(known, day), downloads.download_links("lacunes")),
        *_judgement_days(scene, answer),
        *_unmatched_needs(answer.table),
        _settings_form(scene),
        *_settings_effect(scene, answer.table),
        *need_response_plot(known, scene, day),
        *gap_tables.ranked_cells(known, scene),
        *gap_tables.expired_needs_table(cells, day),
        *gap_tables.state_matrix(cells),
        *gap_tables.local_priorities(scene, wanted),
    ]


def _judgement_days(scene: PageScene, answer: Answer) -> list[Any]:
    """The days that needs and answers are judged on, how many needs are past, the way back."""
    assert scene.data is not None
    context = needs.of_sectors(scene.tables.context, scene.view.filters.sector)
    if not (context["kind"] == "needs").any():
        return []
    age = int(
        float(
            all_settings(LAYERS["coverage"].options, scene.view.layer_options("coverage"))[
                "need-age"
            ]
        )
    )
    day, response = answer.meta["reference"], answer.meta["response_day"]
    assert isinstance(day, date)
    lines = [
        _(
            "Besoins jugés au {day} ; activités en cours au {response}.",
            day=layer_settings.reference_day_text(scene, answer),
            response=formats.day_text(response if isinstance(response, date) else None),
        )
    ]
    chips, past = (
        layer_settings.reset_day_buttons(scene, answer),
        needs.expired_needs(context, day, age),
    )
    if past.height:
        lines.append(_expired_text(past.height, day))
        if not chips and isinstance(last := past["until"].max(), date):
            chips.append(layer_settings.day_button(answer, last))
    if (future := answer.meta["coming"]) and isinstance(first := answer.meta["coming_day"], date):
        lines.append(_coming_text(int(str(future)), first))
        chips.append(layer_settings.day_button(answer, first))
    later = layer_settings.later_document_day(scene, answer)
    coming = needs.expired_needs(context, later, age).height - past.height if later else 0
    if later and coming:
        lines.append(
            _(
                "Au {day}, date du document le plus récent, {n} ne valent plus.",
                day=formats.day_text(later),
                n=formats.number_text(coming),
            )
        )
        chips.append(layer_settings.day_button(answer, later))
    return [table_note(" ".join(lines)), html.Div(chips, className="chips-row")]


def _expired_text(n: int, day: date) -> str:
    return ngettext(
        "{shown} besoin expiré au {day}.",
        "{shown} besoins expirés au {day}.",
        n,
        shown=formats.number_text(n),
        day=formats.day_text(day),
    )


def _coming_text(n: int, first: date) -> str:
    return ngettext(
        "{shown} besoin ne vaut qu'à partir du {day} : déplacez la date pour le voir.",
        "{shown} besoins ne valent pas encore, le premier à partir du {day} : déplacez la date "
        "pour les voir.",
        n,
        shown=formats.number_text(n),
        day=formats.day_text(first),
    )


def _unmatched_needs(table: pl.DataFrame) -> list[Any]:
    """Needs that no zone of the answer can be held against, sector by sector."""
    rows = table.filter(pl.col("unit_id").is_in(RESERVED), pl.col("need").is_not_null())
    if not rows.height:
        return []
    largest = rows.sort("need", descending=True).to_dicts()
    need_texts = [f"{label('sector', row['sector'])} {need_text(row)}" for row in largest]
    return [
        table_note(
            _(
                "Non comparés ici, car donnés pour des zones plus grandes ou d'un autre "
                "découpage : {told}. Choisissez un niveau plus large ou le découpage de la table.",
                told=" ; ".join(need_texts),
            )
        )
    ]


# nothing to compare with


def _no_gap_notes(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    """Why no cell is a gap, and what to load."""
    assert scene.data is not None
    elsewhere = table.filter(pl.col("unit_id").is_in(RESERVED), pl.col("need").is_not_null())
    stated = scene.tables.context.filter(pl.col("kind") == "needs").height
    if elsewhere.height:
        words = _(
            "Les besoins chargés sont donnés pour des zones plus grandes, ou d'un autre "
            "découpage : ils ne se répartissent pas d'office. Choisissez un niveau plus large "
            "ou le découpage de la table."
        )
    elif layer_answer(scene, "coverage").meta["coming"]:
        words = _("Les besoins chargés ne valent pas encore au jour où ils sont jugés.")
    elif stated:
        words = _(
            "{n} chiffres de besoin sont chargés, aucun n'est en vigueur à cette date. "
            "Chargez une table plus récente, ou allongez « un besoin sans date de fin vaut » "
            "dans les réglages.",
            n=formats.number_text(stated),
        )
    else:
        words = _(
            "Sans table de besoins, aucune zone n'est une lacune : on sait seulement ce qui est "
            "signalé. Chargez-en une, depuis « Importer » ou par atlas context add : needs "
            "(personnes dans le besoin, modele-besoins.csv), cadre-harmonise, alerts, "
            "prioritisation, population ou priorities (priorités locales). Les modèles sont "
            "dans {folder}.",
            folder=TEMPLATE_FOLDER,
        )
    return [empty_note(words)]


# what to read out


def _summary_paragraphs(known: pl.DataFrame, scene: PageScene) -> list[Any]:
    lines = gap_sentences(known, scene.view.level)
    return [
        html.Div([html.P(unbroken(line)) for line in lines], className="read-out"),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **html_attributes(data_copy_text="\n".join(lines), data_done=_("Texte copié")),
        ),
    ]


def gap_sentences(known: pl.DataFrame, level: str) -> list[str]:
    """What a chairperson reads out: gaps and the worst, what is partly covered, priorities.

    Parameters
    ----------
    known
        Cells of the layer ``coverage`` whose need is known, reserved rows left out.
    """
    missed = known.filter(pl.col("state") == GAP)
    unanswered = missed.filter(pl.col("response") == 0)
    of_needs = ngettext("{n} besoin connu", "{n} besoins connus", known.height)
    lines = [_("Aucune lacune sur {needs}.", needs=of_needs)]
    if missed.height:
        zones = missed["unit_id"].n_unique()
        lines = [
            _(
                "{gaps} sur {needs}, dans {zones} {levels} ; {alone} sans aucune activité en "
                "réponse.",
                gaps=ngettext("{n} lacune", "{n} lacunes", missed.height),
                needs=of_needs,
                zones=formats.number_text(zones),
                levels=formats.level_name(level, zones),
                alone=formats.number_text(unanswered.height),
            )
        ]
        lines += _present_sentences(unanswered.filter(pl.col("presence") > 0))
        lines += [_worst_gaps_text(cells) for cells in comparable_rankings(missed)]
    partly = known.filter(pl.col("state") == PARTIAL)
    if partly.height:  # no gap, but the largest need may be one of them
        lines.append(
            _(
                "{what} : {names}.",
                what=capitalised(label("state", PARTIAL)),
                names=_zones_text(partly, _partly_answered_text),
            )
        )
    for kind in CLASSES:
        of_class = known.filter(pl.col("class") == kind)
        if of_class.height:
            lines.append(
                _(
                    "{what} : {names}.",
                    what=capitalised(label("class", kind)),
                    names=_zones_text(of_class),
                )
            )
    return lines


def _present_sentences(cells: pl.DataFrame) -> list[str]:
    """Where lists of who is where name organisations that told of no activity."""
    if not cells.height:
        return []
    return [
        ngettext(
            "Pour {shown} de ces besoins sans activité, des organisations sont signalées "
            "présentes : présence n'est pas réponse, mais une activité a pu ne pas être rapportée.",
            "Pour {shown} de ces besoins sans activité, des organisations sont signalées "
            "présentes : présence n'est pas réponse, mais des activités ont pu ne pas être "
            "rapportées.",
            cells.height,
            shown=formats.number_text(cells.height),
        )
    ]


def _worst_gaps_text(missed: pl.DataFrame) -> str:
    """The worst gaps of one ranking: sectors, and needs told otherwise, are set against none."""
    names = [
        _("{unit} ({told})", unit=row["unit_name"], told=_missed_need_text(row))
        for row in missed.head(MOST_ZONE_NAMES).to_dicts()
    ]
    what = ranking_name(missed.row(0, named=True))
    if missed["rank"].null_count() == missed.height:
        return _("{what}, sans rang : {names}.", what=what, names=" ; ".join(names))
    return _("{what}, les plus fortes : {names}.", what=what, names=" ; ".join(names))


def _zones_text(
    cells: pl.DataFrame, words: Callable[[dict[str, Any]], str] = lambda row: _sector_text(row)
) -> str:
    zones = _words_by_zone(cells, words)
    names = [_zone_text(*part) for part in zones[:MOST_ZONE_NAMES]]
    if len(zones) > MOST_ZONE_NAMES:
        names.append(_("et {n} autres zones", n=formats.number_text(len(zones) - MOST_ZONE_NAMES)))
    return " ; ".join(names)


def _words_by_zone(
    cells: pl.DataFrame, words: Callable[[dict[str, Any]], str]
) -> list[tuple[str, list[str]]]:
    """Each unit, by name, with the words of its cells."""
    found: dict[str, tuple[str, list[str]]] = {}
    for row in cells.sort("unit_name", "sector", nulls_last=True).to_dicts():
        found.setdefault(row["unit_id"], (row["unit_name"], []))[1].append(words(row))
    return list(found.values())


def _zone_text(name: str, parts: list[str]) -> str:
    named_parts = [part for part in parts if part]
    return (
        _("{unit} en {sectors}", unit=name, sectors=", ".join(named_parts)) if named_parts else name
    )


def _sector_text(row: dict[str, Any]) -> str:
    return label("sectors", row["sector"]) if row["sector"] else ""


def _partly_answered_text(row: dict[str, Any]) -> str:
    told = _missed_need_text(row)
    sector = _sector_text(row)
    return _("{unit} ({told})", unit=sector, told=told) if sector else told


def _missed_need_text(row: dict[str, Any]) -> str:
    parts = [need_text(row)]
    if row["response"]:
        parts.append(ngettext("{n} activité", "{n} activités", row["response"]))
    return ", ".join(parts)


# settings, and what they change


def _settings_form(scene: PageScene) -> html.Details:
    options = scene.view.layer_options("coverage")
    groups = [
        html.Div([html.H4(_(title)), setting_controls(scene, "coverage", names)])
        for title, names in SETTING_GROUPS
    ]
    method = _(
        "Score = moyenne géométrique pondérée du besoin, de la part sans réponse et de l'accès "
        "(de ½ sans contrainte à 1). Classes : groupe de travail sur l'accès du Burkina Faso ; "
        "il ne publie pas de seuils, ceux-ci sont les nôtres."
    )
    n = len(options)
    head = _("Réglages") if not n else ngettext("{n} réglage changé", "{n} réglages changés", n)
    return html.Details(
        [html.Summary(head), html.Div([*groups, html.P(method, className="method")])],
        className="gap-settings",
        open=n > 0,
    )


def _settings_effect(scene: PageScene, now: pl.DataFrame) -> list[Any]:
    """How many zones the changed settings put in another class, and which."""
    if not scene.view.layer_options("coverage"):
        return []
    assert scene.data is not None
    view = scene.view
    then = scene.data.ask("coverage", view.filters, view.frame, view.level, scene.viewer).table
    moved = reclassified_cells(now, then).filter(~pl.col("unit_id").is_in(RESERVED))
    of_class = moved.filter(pl.col("class").ne_missing(pl.col("class_before")))
    zones = of_class["unit_id"].n_unique()
    line = ngettext("{n} zone change de classe", "{n} zones changent de classe", zones)
    states = moved.filter(pl.col("state") != pl.col("state_before"))["unit_id"].n_unique()
    if states:
        line += ", " + ngettext("{n} change d'état", "{n} changent d'état", states)
    rows = [_moved_cell_text(row) for row in moved.head(MOST_MOVED_CELLS).to_dicts()]
    if moved.height > MOST_MOVED_CELLS:
        rows.append(_("et {n} autres", n=formats.number_text(moved.height - MOST_MOVED_CELLS)))
    return [
        html.Details(
            [
                html.Summary(_("Face aux réglages de départ : {effect}.", effect=line)),
                html.Ul([html.Li(row) for row in rows]),
            ],
            className="gap-effect",
            open=True,
        )
    ]


def _moved_cell_text(row: dict[str, Any]) -> str:
    return _(
        "{cell} : {before} → {after}",
        cell=cell_name(row),
        before=_state_text(row["state_before"], row["class_before"]),
        after=_state_text(row["state"], row["class"]),
    )


def _state_text(state: str, kind: str | None) -> str:
    return f"{label('state', state)}, {label('class', kind)}" if kind else label("state", state)
