"""The tab of reporting: who was to report and did not; declarations of nothing to report."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
from dash import html
from flask import Flask, Response, jsonify

from atlas import formats, summaries
from atlas.author import current_author
from atlas.dataset import Answer
from atlas.errors import UsageError
from atlas.formats import reporter_name
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.reporting import reporter_of
from atlas.model import Viewer
from atlas.review.statements import (
    DECLARATION_KIND,
    DECLARATION_ORIGIN,
    declare_nothing,
    withdraw_declaration,
)
from atlas.store.decisions import NothingDeclarations, NothingToReport
from atlas.vocab import vocabulary_table
from atlas.web import downloads, figure_activities, layer_settings
from atlas.web.gap_tables import place_name
from atlas.web.guard import guarded_blueprint, localised_view, request_object, require_zones
from atlas.web.layer_settings import choice_field, setting_controls, text_field
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import DatasetProvider, PageScene, layer_answer
from atlas.web.page_tables import empty_note, more_rows_note, plain_table, table_note
from atlas.web.programme_publication import parsed_day
from atlas.web.report_quality import quality_section
from atlas.web.round_section import add_round_routes, round_section

FORM_ID = "nothing-to-report"
DAY_FIELDS, TEXT_FIELDS = ("first", "last", "said_on"), ("reporter", "sector", "unit_id")
"""Fields of the form."""


def declaration_section(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    """The form of a declaration, and those already made, each with the way back.

    Parameters
    ----------
    table
        Of the layer ``reporting``: who should report where, and the latest period.
    """
    if scene.viewer is not Viewer.EDITOR or not table.height:
        return []
    return [_declaration_form(scene, table), *_declarations_made(scene)]


def _declaration_form(scene: PageScene, table: pl.DataFrame) -> html.Details:
    assert scene.data is not None
    frames = scene.data.frames
    people = sorted({(reporter_name(one), one) for one in table["reporter"].unique()})
    places = {one for one in table["place_id"].unique() if one in frames}
    zones = sorted((frames.unit_label(one), one) for one in places)
    sectors = [(label("sectors", one), one) for one in vocabulary_table("sectors")["id"]]
    latest = table.sort("period_end").tail(1).to_dicts()[0]
    fields = [
        choice_field(_("Qui"), "reporter", people),
        choice_field(_("Secteur"), "sector", [(label("sector", ""), ""), *sectors]),
        choice_field(_("Zone"), "unit_id", [(_("partout"), ""), *zones]),
        text_field(FORM_ID, _("Du"), "first", formats.short_day_text(latest["period_start"])),
        text_field(FORM_ID, _("Au"), "last", formats.short_day_text(latest["period_end"])),
        *(
            [text_field(FORM_ID, _("Dit par"), "who", "", _("votre nom"))]
            if not (scene.visitor and scene.visitor.account)
            else []
        ),
        text_field(FORM_ID, _("Le"), "said_on", "", _("JJ/MM/AAAA")),
        html.Button(
            _("Enregistrer"),
            className="primary",
            **html_attributes(data_post="/reporting/nothing", data_form=FORM_ID),
        ),
    ]
    words = _(
        "Quelqu'un vous dit n'avoir rien à signaler : notez-le. La déclaration est gardée comme "
        "preuve ; une zone n'est dite sans activité que si tous ceux qui y rendent compte "
        "l'ont fait."
    )
    return html.Details(
        [
            html.Summary(_("Noter que quelqu'un n'a rien à signaler")),
            html.P(words, className="method"),
            html.Div(fields, id=FORM_ID, className="settings", role="group"),
        ],
        className="gap-settings",
    )


def _declarations_made(scene: PageScene) -> list[Any]:
    """Who declared nothing, of what, where and when; those of the page may be taken back."""
    assert scene.data is not None
    facts = scene.tables.context.filter(pl.col("kind") == DECLARATION_KIND).sort(
        "as_of", descending=True
    )
    if not facts.height:
        return []
    frames, files = scene.data.frames, dict(
        scene.tables.documents.select("document", "file").iter_rows()
    )  # fmt: skip
    said_by = scene.declared()
    rows = [
        [
            reporter_name(reporter_of(fact) or ""),
            label("sector", fact["sector"]),
            frames.unit_label(fact["unit_id"]) if fact["unit_id"] else _("partout"),
            f"{formats.short_day_text(fact['start'])} – {formats.short_day_text(fact['expires'])}"
            if fact["start"] and fact["expires"]
            else formats.UNKNOWN,
            formats.short_day_text(fact["as_of"]),
            said_by.get(fact["document"]) or files.get(fact["document"]),
            _undo_button(fact["document"]) if fact["source"] == DECLARATION_ORIGIN else "",
        ]
        for fact in facts.to_dicts()
    ]
    title = _("Déclarations de rien à signaler")
    heads = [_("Qui"), _("Secteur"), _("Zone"), _("Période"), _("Le"), _("Dit par"), ""]
    return [html.H3(title), plain_table(heads, rows, caption=title)]


def _undo_button(document: str) -> html.Button:
    asked = html_attributes(
        data_post="/reporting/undo", data_said=json.dumps({"document": document})
    )
    return html.Button(_("Annuler"), className="chip", **asked)


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut noter ce qui touche aux rapports")
    routes = guarded_blueprint("reporting", provider, N_("Demande refusée"), only, zonal=True)

    @routes.post("/nothing")
    @localised_view
    def declare() -> Response:
        answers = {key: str(value or "").strip() for key, value in request_object().items()}
        who = provider.visitor.name or answers.get("who", "")
        if not who:
            raise UsageError(_("Déclaration sans auteur"), "", _("Écrivez votre nom."))
        first, last, said_on = (parsed_day(answers.get(name, "")) for name in DAY_FIELDS)
        reporter, sector, unit = (answers.get(name, "") for name in TEXT_FIELDS)
        require_zones(provider, [unit], _("Demande refusée"))
        nothing = NothingToReport(reporter, first, last, said_on, sector, unit)
        snapshot = declare_nothing(provider.store, nothing, who=who, today=date.today())
        return jsonify(published=snapshot.hash)

    @routes.post("/undo")
    @localised_view
    def undo() -> Response:
        document = str(request_object().get("document", ""))
        declared = NothingDeclarations(provider.store.root).all_decisions()
        units = [one.said.unit_id for one in declared if one.document == document]
        require_zones(provider, units, _("Demande refusée"))
        snapshot = withdraw_declaration(provider.store, document, who=current_author())
        return jsonify(published=snapshot.hash)

    add_round_routes(routes, provider)
    server.register_blueprint(routes)


MOST_ROWS = 400


def reporting_content(scene: PageScene) -> list[Any]:
    """Late reporters, the table of expected reports, and what is published without detail."""
    answer = layer_answer(scene, "reporting")
    if not answer.table.height:
        parts: list[Any] = [
            empty_note(
                _(
                    "Personne n'est dit devoir rendre compte ici : sans cela, un silence ne veut "
                    "rien dire. Ajoutez le tableau « qui rend compte, où, jusqu'à quand » : "
                    "Importer, ou atlas context add reporting FICHIER."
                )
            ),
            *quality_section(scene),
        ]
    else:
        parts = [
            *_summary_paragraphs(answer.table),
            table_note(
                _(
                    "Échéances jugées au {day}.",
                    day=layer_settings.reference_day_text(scene, answer),
                )
            ),
            html.Div(_day_buttons(scene, answer), className="chips-row"),
            setting_controls(scene, "reporting"),
            *_received_reports_table(scene, answer.table),
            *_reports_table(scene, answer.table),
            *quality_section(scene),
            *round_section(scene, answer.table),
            *declaration_section(scene, answer.table),
        ]
    return [*parts, *_published_counts(scene)]


def _day_buttons(scene: PageScene, answer: Answer) -> list[Any]:
    """Back to the newest report, or on to the newest document of all."""
    later = layer_settings.later_document_day(scene, answer)
    later_buttons = [layer_settings.day_button(answer, later)] if later else []
    return [*layer_settings.reset_day_buttons(scene, answer), *later_buttons]


def _received_reports_table(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    """How many of those who should report on a zone and sector did, for their latest period."""
    latest = table.filter(pl.col("period_end") == pl.col("period_end").max().over("fact"))
    heard = pl.col("state").is_in(["on_time", "late"])
    counts = latest.group_by("place_id", "unit_name", "sector", maintain_order=True).agg(
        pl.col("reporter").filter(heard).n_unique().alias("heard"),
        pl.col("reporter").n_unique().alias("every"),
    )
    rows = [
        [
            place_name(scene, row) or formats.UNKNOWN,
            label("sector", row["sector"]),
            _(
                "{n} sur {every}",
                n=formats.number_text(row["heard"]),
                every=formats.number_text(row["every"]),
            ),
        ]
        for row in counts.sort("unit_name", "sector", nulls_last=True).head(MOST_ROWS).to_dicts()
    ]
    title = _("Rapports reçus, par zone et secteur")
    return [
        html.H3(title),
        plain_table([_("Zone"), _("Secteur"), _("Rendus")], rows, caption=title),
    ]


def late_sentences(table: pl.DataFrame) -> list[str]:
    """The sentences that name who has not reported, one a period, the longest first.

    Parameters
    ----------
    table
        Of the layer ``reporting``.
    """
    lines = []
    owed = table.filter(pl.col("state") == "missing")
    for (end,), rows in owed.group_by("period_end", maintain_order=True):
        people = (
            rows.group_by("reporter")
            .agg(pl.col("days_late").max(), pl.col("place_id").n_unique().alias("units"))
            .sort("days_late", "reporter", descending=[True, False], nulls_last=True)
        )
        names = [_late_reporter_text(*row) for row in people.iter_rows()]
        day = formats.day_text(end) if isinstance(end, date) else formats.UNKNOWN
        lines.append(
            _(
                "N'ont pas rendu compte de la période close le {day} : {names}.",
                day=day,
                names=", ".join(names),
            )
        )
    return lines


def _late_reporter_text(reporter: str, days: int | None, units: int) -> str:
    name = reporter_name(reporter)
    where = ngettext("{n} zone", "{n} zones", units)
    if days is None:
        return _("{name} ({where})", name=name, where=where)
    since = ngettext("{n} jour de retard", "{n} jours de retard", days)
    return _("{name} ({since}, {where})", name=name, since=since, where=where)


def _summary_paragraphs(table: pl.DataFrame) -> list[Any]:
    lines = late_sentences(table)
    if not lines:
        lines = [_("Pour ces périodes, tous ceux dont l'échéance est passée ont rendu compte.")]
    return [
        html.Div([html.P(line) for line in lines], className="read-out"),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **html_attributes(data_copy_text="\n".join(lines), data_done=_("Texte copié")),
        ),
    ]


def _reports_table(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    heads = [
        _("Qui"),
        _("Zone"),
        _("Secteur"),
        _("Jusqu'au"),
        _("État"),
        _("Retard"),
        _("Activités"),
    ]
    n = table.height
    words = ngettext(
        "{shown} rapport attendu", "{shown} rapports attendus", n, shown=formats.number_text(n)
    )
    parts: list[Any] = [
        table_note(f"{words}.", downloads.download_links("rapports")),
        plain_table(
            heads,
            [_report_row(scene, r) for r in table.head(MOST_ROWS).to_dicts()],
            (5, 6),
            caption=words,
        ),
    ]
    return parts + more_rows_note(n - MOST_ROWS)


def _report_row(scene: PageScene, row: dict[str, Any]) -> list[Any]:
    sector = label("sector", row["sector"])
    report = f"{row['fact']}.{row['period_start']}"
    late_by = row["days_late"] if row["state"] in ("late", "missing") else None
    name = reporter_name(row["reporter"])
    return [
        html.Button(name, className="why-number", **url_change(org=row["reporter"], why="")),
        place_name(scene, row) or formats.UNKNOWN,
        sector,
        formats.short_day_text(row["period_end"]),
        capitalised(label("state", row["state"])),
        ngettext("{n} jour", "{n} jours", late_by) if late_by else "",
        figure_activities.linked_figure(
            formats.number_text(row["activities"]), "report", "", report
        ),
    ]


def _published_counts(scene: PageScene) -> list[Any]:
    """What is published as a count, beside what is told one by one."""
    assert scene.data is not None
    view = scene.view
    counts = summaries.published_and_detailed(
        scene.data, view.filters, view.frame, view.level, scene.viewer
    )
    if not counts.height:
        return []
    rows = [
        [
            r["unit_name"],
            label("sources", r["source"]),
            figure_activities.linked_figure(
                formats.number_text(r["published"]), "published", r["unit_id"], r["source"]
            ),
            figure_activities.linked_figure(
                formats.number_text(r["read"]), "source", r["unit_id"], r["source"]
            ),
        ]
        for r in counts.sort("unit_name", "source").to_dicts()
    ]
    heads = [_("Zone"), _("Source"), _("Publiés"), _("Dont détaillés ici")]
    return [
        html.H3(_("Publié, non détaillé")),
        table_note(
            _("Des projets comptés par leur source, dont le détail n'est pas dans l'atlas.")
        ),
        plain_table(heads, rows, numeric=(2, 3)),
    ]
