"""Coverage in tables: the ranking of the gaps, their matrix, local priorities, missing reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.dataset import Answer
from atlas.formats import stopped_text, stopped_with_slots
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.coverage import ALIKE
from atlas.layers.gaps import CLASSES, COVERED, GAP, PARTIAL
from atlas.model import RESERVED
from atlas.sentences import known_units_text, need_text
from atlas.vocab import vocabulary_table
from atlas.web import downloads, figure_activities
from atlas.web.layer_settings import reset_day_buttons
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import (
    empty_note,
    filled_pieces,
    joined_pieces,
    more_rows_note,
    plain_table,
    table_note,
)

MOST_SILENT = 3
"""Sectors named in what a zone says when pointed at."""


def unit_silence_notes(scene: PageScene) -> dict[str, str]:
    """What is to be known of the silence of each unit: reports that lack, needs that are past."""
    lacking = (pl.col("reporters_told") < pl.col("reporters")) & (pl.col("state") == "no_report")
    telling = lacking | pl.col("need_expired").is_not_null() | pl.col("wider")
    cells = layer_answer(scene, "coverage").table.filter(
        telling, ~pl.col("unit_id").is_in(RESERVED)
    )
    return {
        str(unit): "\n".join(_silence_lines(rows.to_dicts()))
        for (unit,), rows in cells.group_by("unit_id", maintain_order=True)
    }


def _silence_lines(rows: list[dict[str, Any]]) -> list[str]:
    silent = [row for row in rows if row["reporters"] and row["state"] == "no_report"]
    lines = [
        _("{sector} : {reports}", sector=label("sector", row["sector"]), reports=reports_text(row))
        for row in silent[:MOST_SILENT]
    ]
    if (left := len(silent) - MOST_SILENT) > 0:
        lines.append(ngettext("et {n} autre secteur", "et {n} autres secteurs", left))
    if any(row["wider"] for row in rows):
        lines.append(_("activités signalées plus largement : toute la région, ou plus"))
    if past := sum(row["need_expired"] is not None for row in rows):
        lines.append(ngettext("{n} besoin expiré", "{n} besoins expirés", past))
    return lines


def reports_text(row: Mapping[str, Any]) -> str:
    """How many of those who should report on a cell did, and whose report speaks of it."""
    heard, told, every = (row[name] for name in ("reporters_heard", "reporters_told", "reporters"))
    words = ngettext(
        "{shown} sur {every} a envoyé un rapport",
        "{shown} sur {every} ont envoyé un rapport",
        heard,
        shown=formats.number_text(heard),
        every=formats.number_text(every),
    )
    if told == heard:
        return words
    return _("{words}, dont {n} sur ce secteur", words=words, n=formats.number_text(told))


STATE_SIGNS = {
    "gap": "✕",
    "partial": "◐",
    "covered": "●",
    "active": "•",
    "reported_none": "0",
    "not_comparable": "≠",
    "no_report": "",
    "access_priority": "▲",
    "nexus_priority": "■",
}
"""A sign for each state and class: nothing is told by colour alone."""

MOST_MATRIX_UNITS = 60
"""Rows of the matrix; those with the worst gaps where there are more units."""

_UNCOUNTED_STATES = ("no_report", "not_comparable")


def state_matrix(cells: pl.DataFrame) -> list[Any]:
    """The heat table of the units and sectors of which anything is known.

    Parameters
    ----------
    cells
        The layer ``coverage`` without its reserved rows.
    """
    known = pl.col("need").is_not_null() | pl.col("need_expired").is_not_null()
    known_cells = cells.filter(~pl.col("state").is_in(_UNCOUNTED_STATES) | known)
    if not known_cells.height:
        return []
    present = set(known_cells["sector"].to_list())
    sectors = [s for s in (None, *vocabulary_table("sectors")["id"]) if s in present]
    units = _matrix_units(known_cells)
    states = {(r["unit_id"], r["sector"]): r for r in cells.to_dicts() if r["sector"] in present}
    shown = {unit for unit, _name in units}
    rows = [
        html.Tr(
            [html.Th(name, scope="row"), *(_matrix_cell(states.get((unit, s)), s) for s in sectors)]
        )
        for unit, name in units
    ]
    head = [html.Td(), *(html.Th(html.Span(_sector_heading(s)), scope="col") for s in sectors)]
    words = _("Zones et secteurs dont quelque chose est connu")
    left = known_cells["unit_id"].n_unique() - len(units)
    more = [html.P(ngettext("{n} autre zone au tableau.", "{n} autres zones au tableau.", left),
                   className="method")] if left else []  # fmt: skip
    return [
        html.H3(_("Zones par secteur")),
        html.Div(
            html.Table(
                [html.Caption(words, className="sr-only"), html.Thead(html.Tr(head)),
                 html.Tbody(rows)],
                className="matrix",
            ),
            className="scroll",
            tabIndex=0,
        ),
        *more,
        _matrix_legend({r["state"] for (unit, _s), r in states.items() if unit in shown}),
    ]  # fmt: skip


def _matrix_units(cells: pl.DataFrame) -> list[tuple[str, str]]:
    """The units to show, by name; where there are too many, those with the most gaps."""
    worst = (
        cells.group_by("unit_id", "unit_name")
        .agg((pl.col("state") == "gap").sum().alias("gaps"))
        .sort("gaps", "unit_name", descending=[True, False])
    )
    shown = worst.head(MOST_MATRIX_UNITS).sort("unit_name").select("unit_id", "unit_name")
    return [(unit, name) for unit, name in shown.iter_rows()]


def _sector_heading(sector: str | None) -> str:
    return capitalised(label("sector", sector))


def _matrix_cell(row: dict[str, Any] | None, sector: str | None) -> html.Td:
    if row is None:
        return html.Td()
    words = [f"{row['unit_name']}, {_sector_heading(sector)} : {label('state', row['state'])}"]
    if row["need"] is not None:
        words.append(_("besoin {n}", n=formats.number_text(row["need"])))
    if row["need_expired"] is not None:
        words.append(_("besoin expiré le {day}", day=formats.day_text(row["need_expired"])))
    if row["state"] == "no_report" and row["reporters"]:
        words.append(reports_text(row))
    words.append(ngettext("{n} activité y répond", "{n} activités y répondent", row["response"]))
    if n := row["response_ended"]:
        words.append(ngettext("dont {n} terminée", "dont {n} terminées", n))
    if row["ended_days"] is not None:
        days = row["ended_days"]
        words.append(ngettext("terminé depuis {n} jour", "terminé depuis {n} jours", days))
    if stopped := stopped_text(row["activities_cancelled"], row["activities_suspended"]):
        words.append(stopped)
    description = " ; ".join(words)
    sign = html.Button(
        STATE_SIGNS[row["state"]],
        title=description,
        className=f"gap-{row['state']} sign-{row['state']}"
        + (" stale" if row["need_expired"] is not None else ""),
        **html_attributes(aria_label=description),
        **figure_activities.opening_attributes("response", row["unit_id"], sector or ""),
    )
    return html.Td(sign)


def _matrix_legend(states: set[str]) -> html.Ul:
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(
                        STATE_SIGNS[s],
                        className=f"key gap-{s} sign-{s}",
                        **html_attributes(aria_hidden="true"),
                    ),
                    html.Span(label("state", s)),
                ]
            )
            for s in STATE_SIGNS
            if s in states
        ],
        className="matrix-legend",
    )


MOST_RANKED = 25


def ranked_cells(known: pl.DataFrame, scene: PageScene) -> list[Any]:
    """The cells by score, the worst first, of the class that the URL asks for."""
    parts = {
        "": known,
        GAP: known.filter(pl.col("state") == GAP),
        **{kind: known.filter(pl.col("class") == kind) for kind in CLASSES},
    }
    chosen = scene.view.only if scene.view.only in parts else ""
    chips = [
        html.Button(
            f"{_class_filter_label(which)} ({formats.number_text(cells.height)})",
            className="chip",
            **html_attributes(aria_pressed=str(which == chosen).lower()),
            **url_change(only=which),
        )
        for which, cells in parts.items()
    ]
    table = sorted_by_rank(parts[chosen])
    shown = html.Div(chips, className="chips-row", role="group")
    if not table.height:
        return [shown, empty_note(_("Aucune zone de cette classe."))]
    return [
        shown,
        *(part for cells in comparable_rankings(table) for part in _ranking_table(cells)),
    ]


def _class_filter_label(which: str) -> str:
    """What the table is narrowed to, by the URL's ``only``."""
    words = label("state" if which == GAP else "class", which)
    return capitalised(words) if which else _("Tous les besoins")


def _ranking_table(table: pl.DataFrame) -> list[Any]:
    """The cells of one sector whose needs are told alike: one ranking, and no other in it."""
    heads = [_("Rang"), _("Zone et secteur"), _("État"), _("Besoin"), _("Réponse"), _("Accès"),
             _("Score")]  # fmt: skip
    rows = [_ranking_row(row) for row in table.head(MOST_RANKED).to_dicts()]
    title = ranking_name(table.row(0, named=True))
    body = html.Div(plain_table(heads, rows, (0,), caption=title), className="gap-table")
    return [html.H3(title), body, *more_rows_note(table.height - MOST_RANKED)]


def sorted_by_rank(cells: pl.DataFrame) -> pl.DataFrame:
    """The worst first; of equal scores, the greater need."""
    keys = ["rank", "need", "unit_name", "sector"]
    return cells.sort(keys, descending=[False, True, False, False], nulls_last=True)


def comparable_rankings(cells: pl.DataFrame) -> list[pl.DataFrame]:
    """The cells parted into rankings: those of a sector whose need is told in one way."""
    parts = sorted_by_rank(cells).partition_by(ALIKE, maintain_order=True)
    return sorted(parts, key=lambda part: ranking_name(part.row(0, named=True)))


def ranking_name(row: dict[str, Any]) -> str:
    """What the needs of one ranking are of: ``EHA, personnes dans le besoin``."""
    sector = capitalised(label("sector", row["sector"]))
    what = label("indicators", row["need_indicator"]) if row["need_indicator"] else ""
    return ", ".join(part for part in (sector, what[:1].lower() + what[1:]) if part)


def _ranking_row(row: dict[str, Any]) -> list[Any]:
    sector = label("sector", row["sector"])
    score = formats.UNKNOWN if row["score"] is None else formats.number_text(row["score"], 2)
    return [
        formats.number_text(row["rank"]),
        html.Div([html.Strong(row["unit_name"]), html.Div(sector, className="meta")]),
        html.Div(
            [_state_tag(row["state"], label("state", row["state"])), *_class_tags(row["class"])]
        ),
        _part_bar(need_text(row), row["need_score"], _need_places_text(row)),
        _part_bar(_response_cell(row), row["response_score"], _response_doubts(row), "response"),
        _part_bar(formats.number_text(row["access"]), row["access_score"]),
        _part_bar(score, row["score"], kind="score"),
    ]


def _state_tag(code: str, words: str) -> html.Span:
    return html.Span(
        [html.Span(STATE_SIGNS.get(code, ""), **html_attributes(aria_hidden="true")), words],
        className=f"tag gap-{code}",
    )


def _class_tags(kind: str | None) -> list[html.Span]:
    return [_state_tag(kind, label("class", kind))] if kind else []


def _part_bar(words: Any, share: float | None, doubts: Any = "", kind: str = "") -> html.Div:
    """A figure over a bar from 0 to 1; hatched where its part of the score is unknown."""
    width = "" if share is None else f"{100 * share:.0f}%"
    bar = html.Span(className="fill", style={"width": width}) if width else None
    known = "bar01" if width else "bar01 unknown"
    score_text = _("inconnu") if share is None else formats.number_text(share, 2)
    meta = [html.Div(doubts, className="meta")] if doubts else []
    return html.Div(
        [
            html.Div(words),
            html.Span(bar, className=f"{known} {kind}".strip(), title=score_text),
            *meta,
        ]
    )


def _need_places_text(row: dict[str, Any]) -> str:
    if row["need_units"] is not None:
        return known_units_text(row)
    if (row["need_places"] or 0) < 2:
        return ""
    return _("somme de {n} lieux", n=formats.number_text(row["need_places"]))


def known_units_sentence(row: dict[str, Any]) -> str:
    """Of how many of its smaller units the need of a cell is known, in a sentence."""
    sector = capitalised(label("sector", row["sector"]))
    return _("{sector} : {known}.", sector=sector, known=known_units_text(row))


def _response_cell(row: dict[str, Any]) -> Any:
    words = ngettext("{n} activité", "{n} activités", row["response"])
    cell = row["unit_id"], row["sector"] or ""
    counted = (
        figure_activities.linked_figure(words, "response", *cell) if row["response"] else words
    )
    if row["people"] is None:
        return counted
    people_text = _("{n} personnes", n=formats.number_text(row["people"]))
    return html.Span(
        [figure_activities.linked_figure(people_text, "people", *cell), " · ", counted]
    )


def _response_doubts(row: dict[str, Any]) -> list[Any]:
    """What must be known of an answer: what is past, placed widely, or not reported on."""
    doubts: list[Any] = []
    cell = row["unit_id"], row["sector"] or ""
    if n := row["response_ended"]:
        doubts.append(ngettext("dont {n} terminée", "dont {n} terminées", n))
    if row["ended_days"] is not None:
        days = row["ended_days"]
        doubts.append(ngettext("terminé depuis {n} jour", "terminé depuis {n} jours", days))
    stopped = stopped_with_slots(row["activities_cancelled"], row["activities_suspended"])
    for status, words in stopped.items():
        figure = figure_activities.linked_figure(
            formats.number_text(row[f"activities_{status}"]), status, *cell
        )
        doubts.append(html.Span(filled_pieces(words, figure)))
    if n := row["activities_past"]:
        words = ngettext("{n} passée", "{n} passées", n)
        doubts.append(figure_activities.linked_figure(words, "response_past", *cell))
    if n := row["activities_inherited"]:
        words = ngettext("{n} au périmètre", "{n} au périmètre", n)
        doubts.append(figure_activities.linked_figure(words, "response_inherited", *cell))
    if row["wider"]:
        doubts.append(_("d'autres placées plus largement"))
    if not row["response"] and (n := row["presence"]):
        words = ngettext("{n} organisation signalée", "{n} organisations signalées", n)
        doubts.append(figure_activities.linked_figure(words, "organisations", *cell))
    if not row["response"] and not row["reported"]:
        doubts.append(reports_text(row) if row["reporters"] else _("aucun rapport reçu ici"))
    if row["budget_per_head"] is not None:
        doubts.append(
            _("{money} par habitant", money=formats.short_money_text(row["budget_per_head"]))
        )
    return joined_pieces([one] for one in doubts)


def expired_needs_table(cells: pl.DataFrame, day: date | None) -> list[Any]:
    """The needs that are past on the day of reference: greyed, never dropped."""
    past = cells.drop_nulls("need_expired").sort("unit_name", "sector", nulls_last=True)
    if not past.height:
        return []
    heads = [_("Zone"), _("Secteur"), _("Valable jusqu'au")]
    rows = [
        [
            html.Span(cell, className="stale")
            for cell in (
                row["unit_name"],
                label("sector", row["sector"]),
                formats.short_day_text(row["need_expired"]),
            )
        ]
        for row in past.head(MOST_RANKED).to_dicts()
    ]
    title = _("Besoins expirés au {day}", day=formats.day_text(day))
    return [
        html.H3(title), plain_table(heads, rows, caption=title), *more_rows_note(past.height -
        MOST_RANKED)
    ]  # fmt: skip


# local priorities


def local_priorities(scene: PageScene, answer: Answer) -> list[Any]:
    """The priorities chosen locally, those without an activity first; the past are counted."""
    wanted, past, day = answer.table, int(str(answer.meta["expired"])), answer.meta["reference"]
    expired_text = ngettext(
        "{n} priorité expirée au {day}.",
        "{n} priorités expirées au {day}.",
        past,
        day=formats.day_text(day if isinstance(day, date) else None),
    )
    counted = (
        [html.P(expired_text, className="stale"), *reset_day_buttons(scene, answer)] if past else []
    )
    if not wanted.height:
        return counted
    figures = [
        _counted_priorities_text(scene, row) for row in wanted.drop_nulls("listed").to_dicts()
    ]
    order = pl.col("state").replace_strict({GAP: 0, PARTIAL: 1, COVERED: 2}, default=3)
    listed = wanted.filter(pl.col("listed").is_null()).sort(order, "unit_name", "text")
    parts: list[Any] = [html.H3(_("Priorités locales")), *(html.P(line) for line in figures)]
    parts += counted
    if not listed.height:
        return parts
    missed = listed.filter(pl.col("state") == GAP).height
    words = _(
        "{missed} sur {all} sans activité depuis qu'elles sont posées.",
        missed=formats.number_text(missed),
        all=formats.number_text(listed.height),
    )
    heads = [_("Zone"), _("Priorité"), _("Secteur"), _("État"), _("Activités"), _("Depuis")]
    rows = [_priority_row(scene, row) for row in listed.head(MOST_RANKED).to_dicts()]
    table = plain_table(heads, rows, (4,), caption=_("Priorités locales"))
    return [*parts, table_note(words, downloads.download_links("priorites")), table]


def _counted_priorities_text(scene: PageScene, row: dict[str, Any]) -> str:
    """A number of priorities published without their list, and what they are about."""
    about = f" ({row['text']})" if row["text"] else ""
    document = scene.tables.context["document"][row["fact"]]
    files = scene.tables.documents.filter(document=document)["file"]
    return _(
        "{place} : {n} priorités publiées sans leur liste, au {day}{about}, dans {file}.",
        file=files.first() or row["source"],
        place=place_name(scene, row),
        n=formats.number_text(row["listed"]),
        day=formats.day_text(row["as_of"]),
        about=about,
    )


def place_name(scene: PageScene, row: dict[str, Any]) -> str:
    """The place that a fact is stated of, as finely as this viewer is told."""
    assert scene.data is not None
    own = row["place_id"]
    return scene.data.frames.unit_label(own) if own in scene.data.frames else row["unit_name"]


def _priority_row(scene: PageScene, row: dict[str, Any]) -> list[Any]:
    return [
        place_name(scene, row),
        row["text"] or formats.UNKNOWN,
        label("sectors", row["sector"]) if row["sector"] else _("sans secteur"),
        _state_tag(row["state"], label("state", row["state"])),
        figure_activities.linked_figure(
            formats.number_text(row["activities"]), "priority", "", str(row["fact"])
        ),
        formats.short_day_text(row["as_of"]),
    ]
