"""The rounds of reporting on the page: opened, closed and reopened by the editor."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
from dash import html
from flask import Blueprint, Response, jsonify

from atlas import formats
from atlas.author import current_author
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.reminders import owed_reports, reminder_of
from atlas.formats import month_end, reporter_name
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.model import Viewer
from atlas.round_reports import (
    RoundStanding,
    close_round,
    reopen_round,
    report_counts,
    round_reports,
)
from atlas.store.rounds import ReportRound, ReportRounds
from atlas.web.guard import localised_view, request_object, require_zones
from atlas.web.layer_settings import choice_field, text_field
from atlas.web.page_elements import TabName, html_attributes, url_change
from atlas.web.page_state import DatasetProvider, PageScene
from atlas.web.page_tables import more_rows_note, plain_table
from atlas.web.programme_publication import parsed_day

MOST_ROUNDS = 6
MOST_REMINDERS, MOST_REPORTS = 30, 60
OPENING_FORM, REOPENING_FORM = "round-opening", "round-reopening"
_USUAL_DELAY = timedelta(days=10)


def round_section(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    """The rounds, what may be done with each, and the form that opens one.

    Parameters
    ----------
    table
        Of the layer ``reporting``: its latest period is the one that is proposed.
    """
    if scene.viewer is not Viewer.EDITOR or scene.view.state:
        return []
    rounds = scene.rounds()
    title = _("Tours de rapportage")
    heads = [_("Tour"), _("État"), ""]
    shown = [_round_row(scene, one) for one in rounds[:MOST_ROUNDS]]
    parts: list[Any] = [plain_table(heads, shown, caption=title)] if shown else []
    return [
        html.H3(title),
        *parts,
        *more_rows_note(len(rounds) - MOST_ROUNDS),
        *map(_reports_listed, scene.newest_round()),
        *(_reminders(scene, one) for one in rounds[:MOST_ROUNDS] if _is_awaited(one)),
        *_reopening_form(rounds, table),
        _opening_form(rounds, table),
    ]


def _round_row(scene: PageScene, one: ReportRound) -> list[Any]:
    expected, received = _reports_counted(scene, one)
    came = ngettext(
        "{n} rapport reçu sur {every}", "{n} rapports reçus sur {every}", received, every=expected
    )
    due = html.Div(_("échéance le {day}", day=formats.short_day_text(one.due)), className="stale")
    state = [html.Div(line) for line in (*_state_words(one), came)]
    return [[html.Div(one.title), due], state, _round_actions(one)]


def _reports_listed(standing: RoundStanding) -> html.Details:
    """Whose reports came, are late or owed; of a closed round, what came or went since."""
    lines = [
        f"{reporter_name(row['reporter'])}, {row['unit_name']}, {label('sector', row['sector'])} : "
        + label("state", row["state"])
        for row in standing.reports.head(MOST_REPORTS).to_dicts()
    ]
    for told, words in (
        (standing.came_later, N_("après la clôture : {what}")),
        (standing.withdrawn, N_("n'est plus publié : {what}")),
    ):
        lines += [
            _(words, what=f"{reporter_name(row['reporter'])}, {row['unit_name']}")
            for row in told.head(MOST_REPORTS).to_dicts()
        ]
    if not standing.is_readable:
        lines.insert(0, _("L'état de la clôture est illisible ; ce qui suit est d'aujourd'hui."))
    return html.Details(
        [
            html.Summary(_("{period} : ses rapports", period=standing.round.title)),
            html.Ul([html.Li(line) for line in lines]),
        ],
        className="gap-settings",
    )


def _reports_counted(scene: PageScene, one: ReportRound) -> tuple[int, int]:
    """Expected and received: of a closed round, as they were when it was closed."""
    if one.closed:
        return one.closed.expected, one.closed.received
    assert scene.data is not None
    return report_counts(round_reports(scene.data, one, date.today()))


def _state_words(one: ReportRound) -> list[str]:
    if one.closed is None:
        return [_("ouvert, échéance passée") if one.due < date.today() else _("ouvert")]
    return [
        _("clos le {day}", day=formats.short_day_text(one.closed.at.date())),
        *(
            _(
                "rouvert pour {who} jusqu'au {day}",
                who=reporter_name(who),
                day=formats.day_text(day),
            )
            for who, day in one.reopened.items()
        ),
    ]


def _round_actions(one: ReportRound) -> list[Any]:
    if one.closed is None:
        return [
            _round_button(_("Clore"), "close", period=one.key),
            _round_button(_("Annuler"), "undo", decision=one.opened.id),
        ]
    state = one.closed.snapshot
    judged = min(one.closed.at.date(), one.due)
    seen = {"state": state, "reporting.day": judged.isoformat()}
    since = {"tab": TabName.CHANGE, "state": "", "indicator": "", "change.since": state}
    links = [
        html.Button(_("Voir tel que clos"), className="chip", **url_change(**seen)),
        html.Button(_("Ce qui a changé depuis"), className="chip", **url_change(**since)),
    ]
    if one.reopened:
        links.append(_round_button(_("Clore de nouveau"), "close", period=one.key))
    return [*links, _round_button(_("Annuler la clôture"), "undo", decision=one.closed.id)]


def _is_awaited(one: ReportRound) -> bool:
    """Whether somebody may still report on it."""
    return one.closed is None or bool(one.reopened)


def _reminders(scene: PageScene, one: ReportRound) -> html.Details | None:
    """The words for each partner who owes a report, to be copied into a message."""
    assert scene.data is not None
    today = date.today()
    owed = owed_reports(scene.data, one, today)["reporter"].unique(maintain_order=True).to_list()
    if not owed:
        return None
    told = [reminder_of(scene.data, one, who, today, with_form=False) for who in owed]
    rows = [
        [
            reporter_name(reminder.reporter),
            html.Pre(reminder.text.strip(), className="message-text"),
            html.Button(
                _("Copier le texte"),
                className="copy-text",
                **html_attributes(
                    data_copy_text=f"{reminder.subject}\n\n{reminder.text}",
                    data_done=_("Texte copié"),
                ),
            ),
        ]
        for reminder in told[:MOST_REMINDERS]
        if reminder
    ]
    n = len(owed)
    title = ngettext(
        "{period} : {n} rappel à envoyer", "{period} : {n} rappels à envoyer", n, period=one.title
    )
    method = _(
        "Par courriel, avec le formulaire de chacun et aux seules adresses approuvées : "
        "atlas rounds remind."
    )
    return html.Details(
        [
            html.Summary(title),
            html.P(method, className="method"),
            plain_table([_("Qui"), _("Texte"), ""], rows, caption=title),
            *more_rows_note(n - MOST_REMINDERS),
        ],
        className="gap-settings",
    )


def _round_button(words: str, act: str, **said: str | int) -> html.Button:
    asked = html_attributes(data_post=f"/reporting/rounds/{act}", data_said=json.dumps(said))
    return html.Button(words, className="chip", **asked)


def _reopening_form(rounds: list[ReportRound], table: pl.DataFrame) -> list[html.Details]:
    closed = [(one.title, one.key) for one in rounds if one.closed]
    people = sorted({(reporter_name(one), one) for one in table["reporter"].unique()})
    if not closed or not people:
        return []
    fields = [
        choice_field(_("Tour"), "period", closed),
        choice_field(_("Qui"), "reporter", people),
        text_field(REOPENING_FORM, _("Jusqu'au"), "until", "", _("JJ/MM/AAAA")),
        _form_button(_("Rouvrir"), "reopen", REOPENING_FORM),
    ]
    return [_folded_form(_("Rouvrir un tour clos pour un partenaire"), REOPENING_FORM, fields)]


def _opening_form(rounds: list[ReportRound], table: pl.DataFrame) -> html.Details:
    """The form, with the latest period of the reports, or the month after the latest round."""
    ended = table.select("period_start", "period_end").unique().sort("period_end")
    first, last = ended.row(-1)
    if rounds and rounds[0].last >= last:
        first = rounds[0].last + timedelta(days=1)
        last = month_end(first.year, first.month)
    due = last + _USUAL_DELAY
    fields = [
        *(
            text_field(OPENING_FORM, words, name, formats.short_day_text(day), _("JJ/MM/AAAA"))
            for words, name, day in (
                (_("Du"), "first", first),
                (_("Au"), "last", last),
                (_("Échéance"), "due", due),
            )
        ),
        _form_button(_("Ouvrir"), "open", OPENING_FORM),
    ]
    method = _(
        "Les rapports attendus sont ceux du tableau « qui rend compte ». Un tour clos garde ses "
        "chiffres : ce qui arrive après est dit à part."
    )
    return _folded_form(_("Ouvrir un tour"), OPENING_FORM, fields, method)


def _form_button(words: str, act: str, form: str) -> html.Button:
    asked = html_attributes(data_post=f"/reporting/rounds/{act}", data_form=form)
    return html.Button(words, className="primary", **asked)


def _folded_form(title: str, form: str, fields: list[Any], method: str = "") -> html.Details:
    note = [html.P(method, className="method")] if method else []
    box = html.Div(fields, id=form, className="settings", role="group")
    return html.Details([html.Summary(title), *note, box], className="gap-settings")


def add_round_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    """What the editor does with rounds, under ``/reporting/rounds``."""

    def answered(act: Callable[[dict[str, str], ReportRounds, Dataset], object]) -> Response:
        require_zones(provider, (), _("Demande refusée"))
        said = {key: str(value or "").strip() for key, value in request_object().items()}
        data = provider.published_dataset()
        act(said, ReportRounds(provider.store.root), data)
        return jsonify(published=data.snapshot.hash)

    @routes.post("/rounds/open")
    @localised_view
    def open_one() -> Response:
        return answered(lambda said, rounds, _data: rounds.open_round(
            *(parsed_day(said.get(name, "")) for name in ("first", "last", "due")),
            who=current_author()))  # fmt: skip

    @routes.post("/rounds/close")
    @localised_view
    def close_one() -> Response:
        return answered(lambda said, _rounds, data: close_round(
            provider.store, data, _period_of_key(said.get("period", "")),
            who=current_author(), today=date.today()))  # fmt: skip

    @routes.post("/rounds/reopen")
    @localised_view
    def reopen_one() -> Response:
        return answered(lambda said, _rounds, data: reopen_round(
            provider.store, data, _period_of_key(said.get("period", "")),
            said.get("reporter", ""), parsed_day(said.get("until", "")),
            who=current_author()))  # fmt: skip

    @routes.post("/rounds/undo")
    @localised_view
    def undo_one() -> Response:
        return answered(lambda said, rounds, _data: rounds.undo_decision(
            _decision_number(said.get("decision", "")), who=current_author()))  # fmt: skip


def _period_of_key(key: str) -> tuple[date, date]:
    """The period of `ReportRound.key`."""
    first, _slash, last = key.partition("/")
    return parsed_day(first), parsed_day(last)


def _decision_number(words: str) -> int:
    if not words.isdecimal():
        raise UsageError(_("Décision {id} inconnue", id=words or "?"))
    return int(words)
