"""All of one organisation in one place: what it does, for how many, what is doubtful or owed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.dataset import EVERYTHING, Dataset
from atlas.export.receipt import (
    correction_where,
    due_report_lines,
    first_corrections,
    known_budget,
    regions_reached,
)
from atlas.export.report_form import documents_with_form
from atlas.filters import Filters
from atlas.i18n import N_, _, current_language, ngettext
from atlas.labels import capitalised, label
from atlas.layers.quality import LAYER as QUALITY
from atlas.model import Kind, Level, Viewer
from atlas.vocab import organisation_type
from atlas.web import downloads
from atlas.web.page_elements import TabName, html_attributes, url_change
from atlas.web.page_state import PageScene
from atlas.web.page_tables import more_rows_note, plain_table
from atlas.web.report_quality import quality_over_time

MOST_DOCUMENTS = 20


def organisation_panel(scene: PageScene) -> list[Any]:
    """The organisation that the URL names, or nothing where nothing published names it."""
    organisation, data = scene.view.org, scene.data
    if not organisation or data is None or not _is_named(data, organisation, scene.viewer):
        return []
    body = _panel_body(scene, data, organisation)
    return [_profile_panel("organisation-panel", "org", organisation, body)]


def donor_panel(scene: PageScene) -> list[Any]:
    """The donor that the URL names: what it pays for, or nothing where it pays for nothing."""
    donor, data = scene.view.funder, scene.data
    if not donor or data is None:
        return []
    asked, viewer = EVERYTHING.with_changes(donor=(donor,)), scene.viewer
    found = data.filtered_scope(asked, viewer=viewer).counted_activities
    if found.is_empty():
        return []
    body = [
        *_activity_figures(data, "donor", donor, viewer),
        *_joint_note(found),
        *_carried_out_by(data, asked, viewer),
        _downloads("donor", donor),
        html.P(html.A(_("Fiche du bailleur (PDF)"), href="/sheet.pdf?" + _sheet_query(donor))),
    ]
    return [_profile_panel("donor-panel", "funder", donor, body)]


def _sheet_query(donor: str) -> str:
    said = {"donor": donor, "indicator": "budget", "lang": current_language()}
    return urlencode(said)


def _profile_panel(ident: str, key: str, organisation: str, body: list[Any]) -> html.Aside:
    """The panel of an organisation, which the ``key`` of the URL opens."""
    name = label("organisations", organisation)
    kind = organisation_type(organisation)
    note = [capitalised(label("org_types", kind))] if kind else []
    words = _("Tout ce qui est publié, sans les filtres de la page.")
    close = html.Button(
        _("Fermer"),
        className="close",
        title=_("Fermer (Échap)"),
        **html_attributes(data_go=json.dumps({key: ""})),
    )
    head = html.Div([html.H2(name), html.P(" · ".join([*note, words]))])
    return html.Aside(
        [
            html.Div([head, close], className="panel-head"),
            html.Div(body, className="panel-body"),
        ],
        className="panel",
        id=ident,
        **html_attributes(aria_label=name),
    )


def _joint_note(found: pl.DataFrame) -> list[html.P]:
    """That what others pay with it is whole here: a joint budget is not shared out."""
    n = found.filter(pl.col("donors").list.n_unique() > 1).height
    words = ngettext(
        "{n} activité a aussi d'autres bailleurs : son montant est entier ici.",
        "{n} activités ont aussi d'autres bailleurs : leur montant est entier ici.",
        n,
    )
    return [html.P(words, className="stale")] if n else []


def _carried_out_by(data: Dataset, asked: Filters, viewer: Viewer) -> list[Any]:
    """The money of a donor by who carries it out, and by région; an unknown amount is said."""
    by = data.ask("budget", asked, viewer=viewer, options={"by": "org"}).table
    place = data.ask("budget", asked, viewer=viewer).table
    parts: list[Any] = []
    for table, key, title, head in (
        (by, "dimension_label", _("Qui agit avec son argent"), _("Organisation")),
        (place, "unit_name", _("Où va son argent"), _("Zone")),
    ):
        known = pl.col("budget_usd")
        sums = (
            table.filter(pl.col("activities") > 0)
            .group_by(key, maintain_order=True)
            .agg(pl.when(known.count() > 0).then(known.sum()), pl.col("without_amount").max())
            .sort("budget_usd", key, descending=[True, False], nulls_last=True)
        )
        cells = [[name, _known_budget_text(usd, without)] for name, usd, without in sums.rows()]
        heads = [head, _("Budget connu")]
        parts += [html.H3(title), plain_table(heads, cells, (1,), caption=title)]
    return parts


def _known_budget_text(usd: float | None, without: int) -> str:
    """A sum, with whether a part of it is not known."""
    if usd is None:
        return _("inconnu")
    return (
        _("{money}, en partie", money=formats.usd_text(usd)) if without else formats.usd_text(usd)
    )


def _is_named(data: Dataset, organisation: str, viewer: Viewer) -> bool:
    facets = data.facet_counts(viewer=viewer)
    return any(
        value == organisation
        for name in ("organisation", "donor")
        for value, *_rest in facets[name]
    )


def _panel_body(scene: PageScene, data: Dataset, organisation: str) -> list[Any]:
    parts = [
        *_activity_figures(data, "organisation", organisation, scene.viewer),
        *_funded(data, organisation, scene.viewer),
        _downloads("organisation", organisation),
    ]
    if scene.viewer.reaches(QUALITY.offered_to):
        parts += quality_over_time(scene, organisation)
    if scene.viewer is Viewer.EDITOR or organisation == scene.own_organisation:
        parts += _reports_owed(data, organisation)
    if scene.viewer is Viewer.EDITOR:  # what follows names documents and cells
        parts += [
            *_doubts(data, organisation),
            *_pairs_waiting(data, organisation),
            *_documents(data, organisation),
        ]
    return parts


def _activity_figures(data: Dataset, key: str, organisation: str, viewer: Viewer) -> list[Any]:
    """What it carries out or pays for: each figure opens the page with these activities alone.

    Parameters
    ----------
    key
        The filter that finds them: ``organisation`` or ``donor``.
    """
    asked = EVERYTHING.with_changes(**{key: (organisation,)})
    found = data.filtered_scope(asked, viewer=viewer).counted_activities
    if found.is_empty():
        return []
    people, people_words = _people_texts(data.ask("people", asked, viewer=viewer).meta["reached"])
    regions = regions_reached(data, asked, viewer)
    figures = [
        (TabName.ACTIVITIES, formats.number_text(found.height), _("activités et présences")),
        (
            TabName.RANKING,
            formats.number_text(regions),
            formats.level_name(Level.REGION, regions),
        ),
        (TabName.BUDGET, _budget_text(data, asked, viewer), _unstated_text(data, asked, viewer)),
        (TabName.PEOPLE, people, people_words),
    ]
    buttons = [
        html.Button(
            [html.Span(value, className="value"), html.Span(words, className="label")],
            className="figure",
            **url_change(
                org="", funder="", zone="", indicator="", tab=tab, **{key: [organisation]}
            ),
        )
        for tab, value, words in figures
    ]
    return [
        html.H3(_("Ce qu'elle finance") if key == "donor" else _("Ce qu'elle fait")),
        html.Div(buttons, className="panel-figures"),
        html.P(_sectors_text(data, asked, viewer), className="state"),
        html.P(_statuses_text(found), className="state"),
    ]


def _people_texts(people: object) -> tuple[str, str]:
    """The people that are reached, and what they are called, with the least and the most."""
    if not isinstance(people, tuple):
        return _("inconnu"), _("personnes atteintes")
    low, best, high = map(formats.number_text, people)
    if low == high:
        return best, _("personnes atteintes")
    return best, _("personnes atteintes, de {low} à {high}", low=low, high=high)


def _budget_text(data: Dataset, asked: Filters, viewer: Viewer) -> str:
    usd = known_budget(data, asked, viewer)
    return _("inconnu") if usd is None else formats.short_money_text(usd)


def _unstated_text(data: Dataset, asked: Filters, viewer: Viewer) -> str:
    """What the budget is called, with how many of its activities state none."""
    scope = data.filtered_scope(asked, viewer=viewer)
    n = scope.counted_activities.height - scope.budget_shares["a"].n_unique()
    return _("budget, {n} sans montant", n=formats.number_text(n)) if n else _("budget")


def _sectors_text(data: Dataset, asked: Filters, viewer: Viewer) -> str:
    counted = summaries.activities_by_sector(data, asked, viewer=viewer)
    names = [f"{label('by_sector', sector or '_unknown')} ({n})" for sector, n in counted]
    return _("Secteurs : {names}.", names=", ".join(names))


def _statuses_text(found: pl.DataFrame) -> str:
    items = found.filter(pl.col("kind") != Kind.PRESENCE)
    counted = items["status"].value_counts(sort=True).to_dicts()
    names = [f"{label('statuses', row['status'])} ({row['count']})" for row in counted]
    return _("Statuts : {names}.", names=", ".join(names)) if names else ""


def _funded(data: Dataset, organisation: str, viewer: Viewer) -> list[Any]:
    """What it pays for, where it is a donor."""
    asked = EVERYTHING.with_changes(donor=(organisation,))
    n = data.filtered_scope(asked, viewer=viewer).counted_activities.height
    if not n:
        return []
    words = ngettext(
        "Finance {n} activité, pour {money}.",
        "Finance {n} activités, pour {money}.",
        n,
        money=_budget_text(data, asked, viewer),
    )
    change = url_change(donor=[organisation], org="", zone="", indicator="", tab=TabName.BUDGET)
    button = html.Button(_("Les voir"), className="chip", **change)
    profile = url_change(funder=organisation, org="", zone="")
    more = html.Button(_("Son profil de bailleur"), className="chip", **profile)
    return [html.H3(_("Ce qu'elle finance")), html.P([words, " ", button, " ", more])]


def _downloads(key: str, organisation: str) -> html.P:
    address = "/download/{name}.xlsx?" + urlencode({key: organisation})
    files = (
        ("activites-lieux", N_("Activités et lieux (XLSX)")),
        ("doublons", N_("Doublons (XLSX)")),
    )
    links = [html.A(_(words), href=address.format(name=name)) for name, words in files]
    return html.P([part for link in links for part in (link, " ")], className="files")


def _reports_owed(data: Dataset, organisation: str) -> list[Any]:
    lines = due_report_lines(data, organisation, date.today())
    if not lines:
        return []
    return [html.H3(_("Rapports attendus")), html.Ul([html.Li(line) for line in lines])]


def _rows_of(data: Dataset, organisation: str) -> pl.DataFrame:
    """``document, locator`` of the rows that tell an activity which it leads."""
    own = data.tables.activities.filter(pl.col("lead_org") == organisation).select("activity_id")
    rows = data.tables.rows.join(own, on="activity_id", how="semi")
    return rows.select("document", "locator", "activity_id")


def _doubts(data: Dataset, organisation: str) -> list[Any]:
    """What to look at first in its rows, each with where it stands."""
    rows = _rows_of(data, organisation).select("document", "locator").unique()
    found = data.findings_with_files(Viewer.EDITOR)
    own = found.join(rows, on=["document", "locator"], how="semi")
    where = pl.concat_str("file", "locator", separator=" ")
    corrections, left = first_corrections(own.with_columns(locator=where))
    if not corrections:
        return []
    items = [
        html.Li([html.Strong(correction_where(one)), f" {one.sentence} ", html.Em(one.remedy)])
        for one in corrections
    ]
    more = ngettext("Et {n} autre sorte de constat.", "Et {n} autres sortes de constats.", left)
    note = [html.P(more, className="stale")] if left else []
    return [html.H3(_("À corriger dans ses lignes")), html.Ul(items), *note]


def _pairs_waiting(data: Dataset, organisation: str) -> list[Any]:
    asked = EVERYTHING.with_changes(organisation=(organisation,))
    n = data.ask("duplicates", asked).table.filter(pl.col("verdict").is_null()).height
    if not n:
        return []
    words = ngettext("{n} paire à examiner", "{n} paires à examiner", n)
    change = url_change(organisation=[organisation], org="", indicator="", tab=TabName.DUPLICATES)
    return [html.H3(_("Doublons")), html.Button(words, className="chip", **change)]


def _documents(data: Dataset, organisation: str) -> list[Any]:
    """The documents that tell of it, the newest first, and what goes back to their sender."""
    counts = _rows_of(data, organisation).group_by("document").agg(
        pl.col("activity_id").n_unique().alias("n")
    )  # fmt: skip
    told = data.tables.documents.join(counts, on="document").sort(
        "as_of", "file", descending=[True, False], nulls_last=True
    )
    if told.is_empty():
        return []
    forms = documents_with_form(data.tables)
    query = "?" + urlencode({"organisation": organisation})
    cells = [
        [
            row["file"],
            formats.short_day_text(row["as_of"]),
            formats.number_text(row["n"]),
            downloads.sender_links(row["document"], forms, query),
        ]
        for row in told.head(MOST_DOCUMENTS).to_dicts()
    ]
    title = _("Ses documents")
    heads = [_("Document"), _("Situation au"), _("Ses activités"), _("Pour l'expéditeur")]
    table = plain_table(heads, cells, (2,), caption=title)
    return [html.H3(title), table, *more_rows_note(told.height - MOST_DOCUMENTS)]
