"""One file of an import before it is published: columns, totals, questions, changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import dcc, html

from atlas import formats
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import N_, _, ngettext
from atlas.ingest.progress import phase_in_words, share_done
from atlas.labels import capitalised, label
from atlas.model import AMOUNT_KINDS, Level
from atlas.vocab import entries_by_id
from atlas.web.imports.components import (
    LookSettings,
    action_attributes,
    action_button,
    answer_attributes,
    folded_section,
    form_field,
    look_attributes,
    table_link,
    text_input,
    total_text,
)
from atlas.web.imports.drafts import CONTEXT_PREFIX, LEFT_OPEN, DraftFile, FileAnswers, ReadingState
from atlas.web.imports.file_answers import (
    WORDING_KINDS,
    field_label,
    source_codes,
    source_label,
    value_label,
)
from atlas.web.imports.publication import is_sure, unanswered_entries
from atlas.web.imports.row_findings import (
    findings_section,
    original_rows,
    row_link,
    understood_rows,
)
from atlas.web.page_elements import html_attributes
from atlas.web.page_tables import plain_table

_AMOUNT_PATTERN = re.compile(r"(-?[\d.]+) ([A-Z]{3})(?: \(([\d-]+|…)/([\d-]+|…)\))?")
"""An amount as `atlas.import_changes` tells it."""
_CHANGED_LABELS = {
    "places": N_("Lieux"),
    "lead_org": N_("Chef de file"),
    "organisations_raw": N_("Organisations, telles qu'écrites"),
    "sector_raw": N_("Secteur, tel qu'écrit"),
    "items": N_("Nombre d'éléments"),
}


def changes_section(item: DraftFile, draft: str, shown: Mapping[str, Any]) -> list[Any]:
    """Added, changed and gone activities; nothing goes without a word."""
    counts = shown["changes"]
    if not any(counts.values()):
        return [folded_section(_("Ce que publier changera · rien, déjà publié ainsi"), [])]
    summary = _("nouvelles : {added} · changées : {changed} · absentes : {gone}", **counts)
    parts: list[Any] = [html.P(note) for note in shown["notes"]]
    parts.append(table_link(draft, item.number, "changements", _("Télécharger les changements")))
    if shown["changed_fields"]:
        parts += _changed_table(shown, len(item.publication_changes.get("changed_fields", ())))
    if shown["gone_activities"]:
        parts += _gone_activities(shown)
    if shown["added_activities"]:
        parts.append(_added_activities(shown["added_activities"], counts["added"]))
    is_open = bool(counts["changed"] or counts["gone"])
    return [folded_section(_("Ce que publier changera") + " · " + summary, parts, is_open=is_open)]


def _changed_table(shown: Mapping[str, Any], n: int) -> list[Any]:
    heads = [_("Activité"), _("Champ"), _("Publié"), _("Dans ce fichier")]
    body = [
        [
            one["title"],
            changed_label(one["field"]),
            html.Del(changed_value_text(one["field"], one["before"])),
            html.Ins(changed_value_text(one["field"], one["after"])),
        ]
        for one in shown["changed_fields"]
    ]
    title = ngettext("{n} champ changé", "{n} champs changés", n, count=n)
    return [html.H4(title), plain_table(heads, body), _more_changes_note(n, len(body))]


def _gone_activities(shown: Mapping[str, Any]) -> list[Any]:
    """Activities of earlier lists that this one leaves out; they stay unless one says so."""
    staying = shown["staying"]
    n = shown["changes"]["gone"]
    listed = [html.Li(one["title"]) for one in shown["gone_activities"]]
    words = ngettext(
        "{n} activité absente de ce fichier reste publiée, marquée absente.",
        "{n} activités absentes de ce fichier restent publiées, marquées absentes.",
        staying,
    )
    taken = ngettext(
        "{n} activité absente de ce fichier sera retirée.",
        "{n} activités absentes de ce fichier seront retirées.",
        n,
    )
    switch = html.Button(
        _("Retirer les activités absentes"),
        role="switch",
        className="switch",
        **html_attributes(
            aria_checked=str(not staying).lower(), **answer_attributes(replacing=bool(staying))
        ),
    )
    return [
        html.H4(ngettext("{n} activité absente", "{n} activités absentes", n)),
        html.P(words if staying else taken),
        switch,
        html.Ul(listed, className="items"),
        _more_changes_note(n, len(listed)),
    ]


def _added_activities(added: Sequence[Mapping[str, Any]], n: int) -> html.Details:
    """New activities, folded: at a first import it is all of them."""
    title = ngettext("{n} activité nouvelle", "{n} activités nouvelles", n)
    listed = html.Ul([html.Li(one["title"]) for one in added], className="items")
    return html.Details([html.Summary(title), listed, _more_changes_note(n, len(added))])


def _more_changes_note(n: int, listed: int) -> html.P | None:
    left = n - listed
    if left <= 0:
        return None
    return html.P(_("… et {n} de plus, dans le fichier CSV.", n=formats.number_text(left)))


def changed_label(field: str) -> str:
    """A field of an activity that changed."""
    return _(_CHANGED_LABELS[field]) if field in _CHANGED_LABELS else field_label(field)


def changed_value_text(field: str, text: str | None) -> str:
    """A value before or after, its codes said in words."""
    if not text:
        return formats.UNKNOWN
    if field == "status":
        return label("statuses", text)
    if field == "sector":
        return label("sectors", text)
    if field in AMOUNT_KINDS:
        return _AMOUNT_PATTERN.sub(_amount_text, text)
    if field == "places":
        return " · ".join(_place_text(part) for part in text.split(" · "))
    return text


def _amount_text(found: re.Match[str]) -> str:
    """An amount and its period as a reader of the language writes them."""
    number, currency, since, until = found.groups()
    figured = total_text(float(number), currency)
    if since is None:
        return figured
    days = (formats.short_day_text(day) if day != "…" else "…" for day in (since, until))
    return f"{figured} ({' → '.join(days)})"


def _place_text(part: str) -> str:
    unit, _times, weight = part.partition(" ×")
    name = shipped_frames().unit_label(unit) if unit in shipped_frames() else unit
    return name if weight in ("", "1") else f"{name} ×{weight}"


def changes_table(every: Mapping[str, Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
    """All changes as one table, to read before publishing or to send back."""
    sorts = (
        ("added_activities", _("nouvelle")),
        ("changed_fields", _("changée")),
        ("gone_activities", _("absente")),
    )
    rows = [
        {
            _("Changement"): sort,
            _("Activité"): one["title"],
            _("Champ"): changed_label(one["field"]) if "field" in one else "",
            _("Publié"): changed_value_text(one["field"], one["before"]) if "field" in one else "",
            _("Dans ce fichier"): changed_value_text(one["field"], one["after"])
            if "field" in one
            else "",
            _("Identifiant"): one["activity_id"],
        }
        for key, sort in sorts
        for one in every.get(key, ())
    ]
    return pl.DataFrame(rows)


def columns_table(table: Mapping[str, Any], shown: Mapping[str, Any]) -> html.Div:
    """Where the table stands, and a row for each of its columns."""
    sheet = _("Feuille « {sheet} »", sheet=table["sheet"]) if table["sheet"] else _("Tableau")
    count = formats.number_text(table["rows"])
    rows = ngettext("{count} ligne", "{count} lignes", table["rows"], count=count)
    where = _(
        "en-têtes ligne {header}, données dès la ligne {first}", **_header_and_first_row(table)
    )
    parts: list[Any] = [html.P(f"{sheet} · {where} · {rows}")]
    near = {c["heading"]: c["near"] for c in table["columns"] if c["near"]}
    if shown["remembered"]:
        parts.append(_saved_columns_note(shown))
    if len(near) > 1:
        words = _("Accepter les {n} propositions", n=len(near))
        parts.append(action_button(words, answer_attributes(columns=near), "plain-button"))
    body_rows = [
        [
            column["heading"],
            " · ".join(column["samples"]),
            _column_choice(column, shown["fields"]),
            _certainty_text(column, shown["remembered"]),
        ]
        for column in table["columns"]
    ]
    heads = [_("En-tête"), _("Exemples"), _("Lu comme"), _("D'après")]
    marked = [column["why"] == "column_unknown" for column in table["columns"]]
    return html.Div(
        [*parts, plain_table(heads, body_rows, marked=marked)], className="import-columns"
    )


def _saved_columns_note(shown: Mapping[str, Any]) -> html.P:
    """What was said of this form before holds, until it is forgotten."""
    text = _("Lu comme la fois dernière, dans « {file} ».", file=shown["sender"])
    here = action_button(
        _("Ne pas en tenir compte ici"), answer_attributes(forgetting=True), "link-button"
    )
    ever = action_button(_("Oublier pour de bon"), action_attributes("forget"), "link-button")
    return html.P([text, " ", here, " ", ever], className="import-known")


def _certainty_text(column: Mapping[str, Any], remembered: Mapping[str, str]) -> str:
    """How it is known what a column means."""
    if column["heading"] in remembered:
        return _("la fois dernière")
    if column["near"] and column["how"] != "content":
        return _("ressemblance {n} %", n=formats.number_text(100 * column["likeness"]))
    return label("column_read", column["how"]) if column["how"] else ""


def _header_and_first_row(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        "header": formats.number_text(table["header"]),
        "first": formats.number_text(table["first"]),
    }


def _column_choice(column: Mapping[str, Any], fields: list[str]) -> html.Div:
    """What the column is read as, to change; and the proposal for one that is unknown."""
    chosen = column["field"]
    first = [html.Option(label("column_unread", column["why"]), value="", selected=True)]
    named = sorted((field_label(field), field) for field in fields)
    options = [
        html.Option(text, value=field, selected=field == chosen)
        for text, field in [*named, *((field_label(f), f) for f in ("ignored", "personal"))]
    ]
    select = html.Select(
        options if chosen else [*first, *options],
        **html_attributes(
            data_column=column["heading"],
            aria_label=_("Lire « {column} » comme", column=column["heading"]),
        ),
    )
    return html.Div([select, _proposal_button(column)])


def _proposal_button(column: Mapping[str, Any]) -> html.Button | None:
    if not column["near"]:
        return None
    words = answer_attributes(columns={column["heading"]: column["near"]})
    near = field_label(column["near"])
    accept = _("Lire « {column} » comme {field}", column=column["heading"], field=near)
    return action_button(_("{field} ?", field=near), words, "chip", accept)


TOTAL_CURRENCIES = ("XOF", "USD", "EUR")


def totals_section(answers: FileAnswers, shown: Mapping[str, Any]) -> list[Any]:
    """The totals of a file, those that a person gave, and the way to give one."""
    every: Sequence[Mapping[str, Any]] = shown["totals"]
    off = sum(bool(total["difference"]) for total in every)
    against = sum(bool(total["others"]) for total in every)
    title = _("Totaux publiés et lus")
    if every:
        title += f" · {len(every)}"
    if off:
        title += " · " + ngettext("{n} écart", "{n} écarts", off)
    if against:
        title += " · " + ngettext("{n} contradictoire", "{n} contradictoires", against)
    table = [_totals_table(shown, answers)] if every else []
    hint = html.P(_("Comparez un total que vous connaissez à ce qui a été lu dans ce fichier."))
    by_hand = bool(answers.controls)
    return [
        folded_section(title, [*table, hint, _total_form(shown)], is_open=by_hand or bool(against))
    ]


def _totals_table(shown: Mapping[str, Any], answers: FileAnswers) -> html.Div:
    """A row a total, those of one source, région and period together."""
    first = len(shown["totals"]) - len(answers.controls)
    numbered = sorted(enumerate(shown["totals"]), key=lambda pair: _total_order(pair[1]))
    heads = [_("Source"), _("Total"), _("Région"), _("Période")]
    heads += [_("Publié"), _("Lu"), _("Écart"), _("Publié aussi"), _("D'où")]
    body = [
        [
            source_label(total["source"]),
            total["name"],
            shipped_frames().unit_label(total["unit_id"]) if total["unit_id"] else _("ensemble"),
            total["period"] or _default_period(shown),
            total_text(total["published"], total["currency"]),
            total_text(total["read"], total["currency"]),
            total_text(total["difference"], total["currency"]),
            " · ".join(total_text(other, total["currency"]) for other in total["others"]),
            _withdraw_button(answers.controls[n - first]) if total["by_hand"] else _("fichier"),
        ]
        for n, total in numbered
    ]
    marked = [bool(total["difference"] or total["others"]) for _n, total in numbered]
    return plain_table(heads, body, numeric=(4, 5, 6, 7), marked=marked)


def _total_order(total: Mapping[str, Any]) -> tuple[str, str, str]:
    region = shipped_frames().unit_label(total["unit_id"]) if total["unit_id"] else ""
    return total["source"], region, total["period"] or ""


def _default_period(shown: Mapping[str, Any]) -> str:
    """The period of a total that names none: the day of its document."""
    return _("au {day}", day=formats.short_day_text(shown["as_of"])) if shown["as_of"] else ""


def _withdraw_button(control: Mapping[str, str]) -> html.Span:
    words = answer_attributes(control_gone=control)
    gone = action_button(_("Enlever"), words, "link-button", _("Enlever ce total saisi à la main"))
    return html.Span([_("à la main"), " ", gone])


def _total_form(shown: Mapping[str, Any]) -> html.Div:
    """A published total: of what, where, when, how much."""
    whole = html.Option(_("ensemble du fichier"), value="", selected=True)
    regions = (
        shipped_frames().units_at_level(shown["frame"], Level.REGION)["unit_id"]
        if shown["frame"]
        else ()
    )
    names = sorted({shipped_frames().unit_label(unit) for unit in regions})
    areas = [whole, *(html.Option(name, value=name) for name in names)]
    counted = html.Option(_("Nombre d'activités"), value="", selected=True)
    budgets = [
        html.Option(_("Budget en {currency}", currency=c), value=c) for c in TOTAL_CURRENCIES
    ]
    fields = [
        form_field(_("Total publié"), "published", text_input("", "324", 16)),
        form_field(_("Ce qu'il compte"), "currency", html.Select([counted, *budgets])),
        form_field(_("Région"), "region", html.Select(areas)),
        form_field(_("Cercle"), "cercle", text_input("", _("facultatif"), 40)),
        form_field(_("Commune"), "commune", text_input("", _("facultatif"), 40)),
        form_field(_("Période"), "period", text_input("", "2024", 24)),
        form_field(_("Nom (facultatif)"), "name", text_input("", _("Projets"), 60)),
    ]
    send = html.Button(
        _("Comparer"), className="plain-button", **html_attributes(data_form="control")
    )
    return html.Div(
        [*fields, send],
        role="group",
        className="import-answers import-control",
        **html_attributes(aria_label=_("Total publié à comparer")),
    )


SURE_SCORE = 0.9
"""Likeness from which a proposal may be accepted together with others, unless one says more."""
LIKELY_SCORE = 0.75
"""Likeness from which the first choice is brought out."""
SCORE_LIMITS = (1.0, 0.95, 0.9, 0.8)
MOST_QUESTIONS = 20
"""Wordings of one kind shown at a time."""


def questions_section(
    answers: FileAnswers, shown: Mapping[str, Any], look: LookSettings
) -> list[Any]:
    """All that waits for an answer, by kind, with the count of what remains."""
    entries: Sequence[Mapping[str, Any]] = shown.get("proposals") or ()
    if not entries:
        return []
    left = len(unanswered_entries(list(map(dict, entries)), answers))
    done = len(entries) - left
    title = _("À décider") + " · " + ngettext("reste {n}", "restent {n}", left)
    if done:
        title += " · " + ngettext("{n} décidé", "{n} décidés", done)
    kinds = [kind for kind in WORDING_KINDS if any(one["kind"] == kind for one in entries)]
    parts = [
        _questions_of_kind(
            kind, [one for one in entries if one["kind"] == kind], answers, shown, look
        )
        for kind in kinds
    ]
    return [folded_section(title, parts, is_open=True)]


def _questions_of_kind(
    kind: str,
    entries: Sequence[Mapping[str, Any]],
    file_answers: FileAnswers,
    shown: Mapping[str, Any],
    look: LookSettings,
) -> html.Div:
    """One kind: its wordings, and one button for all that are sure enough."""
    answers = file_answers.decided.get(kind, {})
    least = float(look.get(f"sure-{kind}") or SURE_SCORE)
    ready = [one for one in entries if one["wording"] not in answers and is_sure(one, least)]
    every = bool(look.get(f"every-{kind}"))
    few = entries if every else entries[:MOST_QUESTIONS]
    listed = kind if kind != "place" else f"place/{shown.get('frame') or ''}"
    remaining = sum(one["wording"] not in answers for one in entries)
    named = capitalised(label("subject", kind, full=True))
    name = html.H4(f"{named} · {ngettext('reste {n}', 'restent {n}', remaining)}")
    rest = len(entries) - len(few)
    more = ngettext("Voir {n} autre", "Voir les {n} autres", rest)
    return html.Div(
        [
            html.Div(
                [name, *(_accept_all_form(kind, ready, least) if remaining else ())],
                className="import-filters",
            ),
            html.Ul(
                [_question_item(one, answers, listed) for one in few], className="import-places"
            ),
            action_button(more, look_attributes(**{f"every-{kind}": True}), "plain-button")
            if rest > 0
            else None,
        ],
        className="import-kind",
    )


def _accept_all_form(kind: str, ready: Sequence[Mapping[str, Any]], least: float) -> list[Any]:
    """Accept at once all whose best choice is sure enough, as the person says it is."""
    limits = html.Select(
        [
            html.Option(_limit_text(limit), value=str(limit), selected=limit == least)
            for limit in SCORE_LIMITS
        ],
        **html_attributes(data_look_key=f"sure-{kind}", aria_label=_("Certitude demandée")),
    )
    decisions = {one["wording"]: one["choices"][0][0] for one in ready}
    n = len(ready)
    words = ngettext("Accepter {n} proposition", "Accepter les {n} propositions", n)
    if not n:
        words = _("Rien d'assez sûr à accepter d'un coup")
    accept = html.Button(
        words,
        disabled=not n,
        className="plain-button",
        **html_attributes(**answer_attributes(decide={kind: decisions})),
    )
    return [accept, limits]


def _limit_text(limit: float) -> str:
    return _("sûres à {n} %", n=formats.number_text(100 * limit))


def _question_item(one: Mapping[str, Any], answers: Mapping[str, str], listed: str) -> html.Li:
    kind, wording = one["kind"], one["wording"]
    rows = ngettext("{n} ligne", "{n} lignes", one["count"])
    at = [piece for row in one["locators"][:3] for piece in (" ", row_link(row))]
    asked = html.Div(
        [html.Strong(_("« {raw} »", raw=wording)), html.Small([rows, " ·" if at else "", *at])],
        className="import-asked",
    )
    if wording in answers:
        return html.Li(
            [asked, *_answered_line(kind, wording, answers[wording])],
            className="answered",
            **html_attributes(data_key=f"answered {kind} {wording}"),
        )
    return html.Li(
        [asked, html.Div(_answer_choices(one, listed), className="import-choices")],
        **html_attributes(data_key=f"{kind} {wording}"),
    )


def _answered_line(kind: str, wording: str, value: str) -> list[Any]:
    answer_text = _("laissé tel quel") if value == LEFT_OPEN else f"→ {value_label(kind, value)}"
    back = action_button(
        _("Reprendre la décision"),
        answer_attributes(decide={kind: {wording: None}}),
        "link-button",
        _("Reprendre la décision sur « {raw} »", raw=wording),
    )
    return [html.Div([html.Span(answer_text), back], className="import-choices")]


def _answer_choices(one: Mapping[str, Any], listed: str) -> list[Any]:
    """The likeliest choice, the others, another one by its name, and none."""
    kind, wording = one["kind"], one["wording"]
    chips = [
        action_button(
            [name, html.Small([" ", _("{n} %", n=formats.number_text(100 * score))])],
            answer_attributes(decide={kind: {wording: value}}),
            "chip best" if n == 0 and is_sure(one, LIKELY_SCORE) else "chip",
            _("Lire « {raw} » comme {name}", raw=wording, name=name),
        )
        for n, (value, name, score) in enumerate(one["choices"])
    ]
    leave = action_button(
        _("Laisser"),
        answer_attributes(decide={kind: {wording: LEFT_OPEN}}),
        "link-button",
        _("Laisser « {raw} » tel quel", raw=wording),
    )
    parts = [*chips, _other_choice(kind, wording, listed), leave]
    return [*parts, _new_organisation_form(wording)] if kind == "organisation" else parts


def _new_organisation_form(wording: str) -> html.Details:
    """An organisation that no list has: its acronym, its name, its type."""
    types = [html.Option(_("type inconnu"), value="", selected=True)]
    types += [
        html.Option(label("org_types", code), value=code) for code in entries_by_id("org_types")
    ]
    send = action_button(_("Ajouter"), {"data_new": wording}, "plain-button")
    fields = [
        form_field(_("Sigle"), "acronym", text_input("", "", 40)),
        form_field(_("Nom complet"), "name", text_input(wording, "", 160)),
        form_field(_("Type"), "type", html.Select(types)),
    ]
    named = html_attributes(aria_label=_("Nouvelle organisation pour « {raw} »", raw=wording))
    group = html.Div([*fields, send], role="group", className="import-answers import-new", **named)
    return html.Details([html.Summary(_("nouvelle…")), group])


def _other_choice(kind: str, wording: str, listed: str) -> html.Label:
    """Another choice, by its name."""
    named = html.Span(_("Autre choix pour « {raw} »", raw=wording), className="sr-only")
    typed = dcc.Input(type="text", placeholder=_("autre…"))
    none = _("Choisissez un nom de la liste.")
    marks = html_attributes(
        data_kind=kind, data_wording=wording, data_none=none, data_choices=listed
    )
    return html.Label([named, typed], className="import-other", **marks)


def file_section(item: DraftFile, draft: str, look: LookSettings) -> html.Section:
    """All there is to see of a file, and what may be said of it.

    While it is read again, what was read before stays in place.
    """
    answers, state, shown = item.file_answers, item.reading_state, item.saved_preview
    body: list[Any] = [_progress_bar(state)] if state.is_pending or state.name == "stopped" else []
    if state.name == "failed":
        body += [html.P(state.error, className="unusable"), *_recognised_form(answers, shown)]
        body += [*_column_tables(shown), *(original_rows(item, shown, look) if shown else ())]
    elif shown is not None and "findings" in shown:
        body += [
            *_recognised_form(answers, shown),
            *_read_sections(item, draft, answers, shown, look),
        ]
    again = state.is_pending and shown is not None
    return html.Section(
        [_card_head(answers, state, shown), *body],
        className=f"import-file import-{state.name}" + ("" if answers.kept else " import-left"),
        **html_attributes(
            aria_label=_("Fichier {file}", file=answers.file),
            aria_busy=str(again).lower(),
            data_file=item.number,
            data_answers=str(answers.answers),
        ),
    )


def _read_sections(
    item: DraftFile, draft: str, answers: FileAnswers, shown: Mapping[str, Any], look: LookSettings
) -> list[Any]:
    """What was read, in the order in which a person goes through it."""
    return [
        *_unassigned_money(shown),
        *questions_section(answers, shown, look),
        *_column_tables(shown),
        *findings_section(item, draft, shown, look),
        *original_rows(item, shown, look),
        *understood_rows(shown),
        *totals_section(answers, shown),
        *(changes_section(item, draft, shown) if shown["activities"] or not shown["facts"] else ()),
    ]


def _unassigned_money(shown: Mapping[str, Any]) -> list[html.P]:
    """The money that no activity has, or that is of other countries too, above all else."""
    lines = []
    if sums := shown.get("unread_money"):
        lines.append(_("Argent du fichier non compté : {sums}", sums=_sums_text(sums)))
    if sums := shown.get("shared_money"):
        lines.append(
            _(
                "Argent de plusieurs pays, part du Mali inconnue, gardé entier : {sums}",
                sums=_sums_text(sums),
            )
        )
    return [html.P(words, className="unusable") for words in lines]


def _sums_text(sums: Mapping[str, float]) -> str:
    return " + ".join(
        formats.money_text(value, code or _("sans devise")) for code, value in sums.items()
    )


def _card_head(
    answers: FileAnswers, state: ReadingState, shown: Mapping[str, Any] | None
) -> html.Div:
    keep = html.Button(
        _("Publier ce fichier"),
        role="switch",
        className="switch",
        **html_attributes(
            aria_checked=str(answers.kept).lower(), **answer_attributes(kept=not answers.kept)
        ),
    )
    remove = action_button(
        _("Retirer"),
        action_attributes("remove"),
        "plain-button",
        _("Retirer {file}", file=answers.file),
    )
    title = html.Div([html.H3(answers.file), html.P(_summary_line(state, shown))])
    return html.Div(
        [
            title,
            html.Div([keep if state.name == "read" else None, remove], className="import-tools"),
        ],
        className="import-head",
    )


def _progress_bar(state: ReadingState) -> html.Div:
    """How far the reading is; the script moves the bar, and the person may call it off."""
    if state.name == "stopped":
        again = action_button(
            _("Reprendre la lecture"), answer_attributes(stopped=False), "plain-button"
        )
        return html.Div([html.Span(_("Lecture arrêtée.")), again], className="import-reading-bar")
    stop = action_button(_("Arrêter la lecture"), answer_attributes(stopped=True), "plain-button")
    bar = html.Progress(
        value=f"{progress_share(state):.2f}",
        max="1",
        **html_attributes(aria_label=_("Avancement de la lecture"), data_bar=""),
    )
    text = html.Span(phase_text(state), **html_attributes(data_phase=""))
    return html.Div([bar, text, stop], className="import-reading-bar")


def progress_share(state: ReadingState) -> float:
    """How much of the reading of a file is behind, 0 to 1."""
    return share_done(state.phase, state.done, state.total) if state.is_pending else 1.0


def phase_text(state: ReadingState) -> str:
    """What is being done, with the rows behind where they are counted."""
    total = formats.number_text(state.total) if state.total else ""
    return phase_in_words(state.phase, formats.number_text(state.done), total)


def _summary_line(state: ReadingState, shown: Mapping[str, Any] | None) -> str:
    """Source, rows and their fate in one line."""
    if state.name == "failed":
        return _("inutilisable en l'état")
    if shown is None or "outcomes" not in shown:
        return _("en attente")
    rows = shown["rows_read"]
    parts = [
        source_label(shown["source"]),
        ngettext("{count} ligne lue", "{count} lignes lues", rows, count=formats.number_text(rows)),
        *(
            f"{label('outcome', o)}\u00a0: {formats.number_text(n)}"
            for o, n in shown["outcomes"].items()
        ),
    ]
    return " · ".join(parts)


def _recognised_form(answers: FileAnswers, shown: Mapping[str, Any] | None) -> list[Any]:
    """Source, date and découpage: what was recognised, open to correction."""
    if shown is None:
        return []
    frame = shown.get("frame")
    judged = _("selon les lieux et la date")
    if frame and not answers.frame:
        judged = _("selon les lieux et la date : {frame}", frame=label("frame", frame, full=True))
    decoupages = [html.Option(judged, value="", selected=not answers.frame)]
    decoupages += [
        html.Option(label("frame", f, full=True), value=f, selected=f == answers.frame)
        for f in FRAMES
    ]
    known = answers.as_of or shown.get("as_of")
    day = formats.short_day_text(known) if known else ""
    date_field = dcc.Input(type="text", value=day, placeholder=_("JJ/MM/AAAA"), maxLength=10)
    return [
        html.Div(
            [
                _answer_field(_("Source"), "source", _source_choice(answers, shown)),
                _answer_field(_("Situation au"), "as_of", date_field),
                _answer_field(_("Découpage"), "frame", html.Select(decoupages)),
            ],
            className="import-answers",
        )
    ]


def _source_choice(answers: FileAnswers, shown: Mapping[str, Any]) -> html.Select:
    read = shown.get("source")
    auto = _("reconnue : {source}", source=source_label(read)) if read else _("à reconnaître")
    lists = [code for code in source_codes() if not code.startswith(CONTEXT_PREFIX)]
    tables = [code for code in source_codes() if code.startswith(CONTEXT_PREFIX)]
    named = {"auto": auto}
    return html.Select(
        [
            html.Optgroup([_source_option(c, answers.source, named) for c in group], label=name)
            for name, group in ((_("Activités"), lists), (_("Tables de contexte"), tables))
        ]
    )


def _source_option(code: str, chosen: str, named: Mapping[str, str]) -> html.Option:
    text = named.get(code) or source_label(code)
    return html.Option(text, value=code, selected=code == chosen)


def _answer_field(name: str, key: str, control: Any) -> html.Label:
    return html.Label([html.Span(name), control], **html_attributes(data_told=key))


def _column_tables(shown: Mapping[str, Any] | None) -> list[Any]:
    """The tables found, their columns; open where a column waits for an answer."""
    if not shown or not shown["tables"]:
        return []
    tables = [columns_table(table, shown) for table in shown["tables"]]
    every = [c for table in shown["tables"] for c in table["columns"]]
    unknown = sum(c["why"] == "column_unknown" for c in every)
    read = sum(bool(c["field"]) for c in every)
    title = _("Colonnes") + " · " + ngettext("{n} lue", "{n} lues", read)
    if unknown:
        title += " · " + ngettext("{n} inconnue", "{n} inconnues", unknown)
    return [folded_section(title, tables, is_open=unknown > 0)]
