"""What changed, as a text to read out and as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.i18n import N_, _, current_language, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.change import PEOPLE, SEPARATOR
from atlas.layers.ending import ENDING, NOBODY
from atlas.layers.options import all_settings
from atlas.sentences import change_sentences, need_text
from atlas.store import PublicationEvent
from atlas.web import downloads
from atlas.web.layer_settings import reference_day_text, setting_controls
from atlas.web.page_elements import html_attributes, url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import empty_note, more_rows_note, plain_table, table_note

MOST_ROWS, MOST_STATES = 300, 8
MONTH_LABELS = {3: N_("3 derniers mois"), 6: N_("6 derniers mois"), 12: N_("12 derniers mois")}
_DAYS_A_MONTH = 365.25 / 12


def change_content(scene: PageScene) -> list[Any]:
    """What ends soon, what is compared, the text, the table."""
    answer = layer_answer(scene, "change")
    choice = html.Div([_ending_section(scene), _comparison_menu(scene)])
    if answer.meta["since"] is None:
        return [
            choice,
            empty_note(
                _(
                    "Rien avec quoi comparer : c'est le premier état publié. "
                    "Importez la liste suivante, ou choisissez une période."
                )
            ),
        ]
    sentences = change_sentences(answer, scene.view.level)
    words = [html.P(sentence) for sentence in sentences]
    parts: list[Any] = [
        choice,
        html.Div(words, className="read-out", lang=current_language()),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **html_attributes(data_copy_text="\n".join(sentences), data_done=_("Texte copié")),
        ),
    ]
    return [*parts, *_change_table(scene, answer.table)]


def _ending_section(scene: PageScene) -> html.Details:
    """Activities under way that end within some months, who is there after them, and the need."""
    answer = layer_answer(scene, "ending")
    settings = all_settings(LAYERS["ending"].options, scene.view.layer_options("ending"))
    months, counts = int(float(settings["months"])), answer.meta
    n, later, no_end = (int(str(counts[name])) for name in ("ending", "later", "no_end"))
    head = ngettext(
        "Finit d'ici {months} mois : {shown} activité",
        "Finissent d'ici {months} mois : {shown} activités",
        n,
        months=months,
        shown=formats.number_text(n),
    )
    note = _(
        "En cours au {day}. Finissent d'ici là : {n} ; plus tard : {later} ; fin non dite, ce qui "
        "n'est pas « ne finit pas » : {no_end}, au fichier. « Ensuite » : qui est encore à l'œuvre "
        "dans la zone et le secteur, quels que soient les filtres ; ce qui est prévu n'est pas "
        "compté.",
        day=reference_day_text(scene, answer),
        n=formats.number_text(n),
        later=formats.number_text(later),
        no_end=formats.number_text(no_end),
    )
    rows = answer.table.filter(ends=ENDING)
    heads = [_("Zone et secteur"), _("Activité"), _("Fin"), _("Ensuite"), _("Besoin")]
    shown = rows.head(MOST_ROWS).to_dicts()
    table = plain_table(
        heads,
        [_ending_row(row) for row in shown],
        marked=[row["remains"] == NOBODY for row in shown],
        caption=head,
    )
    return html.Details(
        [
            html.Summary(head),
            setting_controls(scene, "ending", ("months", "day")),
            table_note(note, downloads.download_links("fins")),
            *([table] if shown else []),
            *more_rows_note(rows.height - MOST_ROWS),
        ],
        className="compare",
    )


def _ending_row(row: dict[str, Any]) -> list[Any]:
    sector = label("by_sector", row["sector"] or "_unknown")
    who = row["delivering"] or formats.UNKNOWN
    need = [html.Div(formats.UNKNOWN)]
    if row["need"] is not None:
        dated = _("au {day}", day=formats.short_day_text(row["need_as_of"]))
        state = label("state", row["state"]) if row["state"] else ""
        need = [html.Div(need_text(row)), *(html.Div(w, className="meta") for w in (dated, state))]
    elif row["need_expired"] is not None:
        words = _("expiré le {day}", day=formats.short_day_text(row["need_expired"]))
        need = [html.Div(words, className="stale")]
    return [
        html.Div([html.Strong(row["unit_name"]), html.Div(sector, className="meta")]),
        html.Div([html.Div(row["title"] or who), html.Div(who, className="meta")]),
        formats.short_day_text(row["end"]),
        _remaining_text(row),
        html.Div(need),
    ]


def _remaining_text(row: dict[str, Any]) -> str:
    """Who is at work there after it, in words."""
    if row["remains"] is None:
        return formats.UNKNOWN
    if n := row["organisations_after"]:
        return ngettext(
            "{shown} organisation", "{shown} organisations", n, shown=formats.number_text(n)
        )
    return label("remains", row["remains"])


def _comparison_menu(scene: PageScene) -> html.Details:
    """Which state, or which days, the present one is compared with."""
    data = scene.data
    events = [e for e in scene.history() if data and e.hash != data.snapshot.hash]
    states = list({event.hash: event for event in events}.values())[:MOST_STATES]
    return html.Details(
        [
            html.Summary(_("Comparer avec…")),
            html.Ul([html.Li(_state_button(event)) for event in states]) if states else None,
            html.Div([_months_button(scene, n) for n in MONTH_LABELS], className="settings"),
            setting_controls(scene, "change", ("from", "to")),
        ],
        className="compare",
    )


def _state_button(event: PublicationEvent) -> html.Button:
    state_text = _(
        "{day}, {n} activités",
        day=formats.day_text(event.time.date()),
        n=formats.number_text(event.activities),
    )
    since = {"change.since": event.hash[:12], "change.from": "", "change.to": ""}
    return html.Button(
        f"{state_text} · {event.note}" if event.note else state_text, **url_change(**since)
    )


def _months_button(scene: PageScene, months: int) -> html.Button | None:
    last = scene.data.as_of if scene.data else None
    if last is None:
        return None
    first = last - timedelta(days=round(months * _DAYS_A_MONTH))
    days = {"change.from": first.isoformat(), "change.to": last.isoformat(), "change.since": ""}
    return html.Button(_(MONTH_LABELS[months]), **url_change(**days))


def _change_table(scene: PageScene, table: pl.DataFrame) -> list[Any]:
    if not table.height:
        return []
    heads = [_("Changement"), _("Zone"), _("Activité"), _("Avant"), _("Après")]
    n = table.height
    words = ngettext("{shown} changement", "{shown} changements", n, shown=formats.number_text(n))
    parts: list[Any] = [
        table_note(f"{words}.", downloads.download_links("changements")),
        plain_table(heads, _change_rows(scene, table.head(MOST_ROWS)), caption=words),
    ]
    return parts + more_rows_note(n - MOST_ROWS)


def _change_rows(scene: PageScene, table: pl.DataFrame) -> list[list[Any]]:
    """Each change with the document and row that tell it; what is told no more has none."""
    assert scene.data is not None
    view, ids = scene.view, table["activity_id"].drop_nulls().unique()
    activities = summaries.activities_by_id(scene.data, ids, view.frame, view.level, scene.viewer)
    read = {
        row[0]: row[1:] for row in activities.select("activity_id", "file", "locator").iter_rows()
    }
    return [_change_row(row, read.get(row["activity_id"], ())) for row in table.to_dicts()]


def _change_row(row: dict[str, Any], read: tuple[str | None, ...]) -> list[Any]:
    source = label("sources", row["source"]) if row["source"] else ""
    about = " · ".join(part for part in (source, *read) if part)
    activity = [html.Div(row["title"] or formats.UNKNOWN), html.Div(about, className="meta")]
    cells = [_value_text(row["field"], row[side]) for side in ("before", "after")]
    name = capitalised(label("change", row["change"]))
    return [name, row["unit_name"] or formats.UNKNOWN, activity, *cells]


def _value_text(field: str | None, text: str | None) -> str:
    """What a thing was or is, in words: the layer tells ids, ISO dates and plain amounts."""
    if not text:
        return ""
    if field == "status":
        return label("statuses", text)
    if field in PEOPLE:
        n = formats.number_text(float(text))
        reached = field == "reached"
        return _("{n} personnes atteintes", n=n) if reached else _("{n} personnes visées", n=n)
    if field == "end":
        return formats.short_day_text(text)
    if field == "organisations":
        return SEPARATOR.join(label("organisations", code) for code in text.split(SEPARATOR))
    if field in ("budget", "committed", "spent"):
        figure, currency = text.split(" ")
        return formats.money_text(float(figure), currency)
    return text
