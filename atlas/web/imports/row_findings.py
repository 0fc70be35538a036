"""Findings of a file by severity and kind, beside the rows that they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import html

from atlas import formats
from atlas.findings import SEVERITIES, finding_sentence, remedy_of
from atlas.geo.frames import shipped_frames
from atlas.i18n import _, ngettext
from atlas.ingest.money import to_major
from atlas.ingest.parsing.privacy import without_contacts
from atlas.ingest.reading import sheet_of_locator
from atlas.labels import label
from atlas.web.imports.components import (
    LookSettings,
    action_button,
    filter_button,
    folded_section,
    look_attributes,
    table_link,
)
from atlas.web.imports.drafts import DraftFile
from atlas.web.imports.file_answers import field_label
from atlas.web.imports.file_rows import (
    RowWindow,
    headings_of_field,
    row_of_locator,
    window_around,
)
from atlas.web.page_elements import html_attributes
from atlas.web.page_tables import plain_table

FINDINGS_PER_PAGE = 25
"""Findings of one kind shown at a time."""
_COMMAND_OPTION = re.compile(
    r"\s*\(--[\w-]+\)"
    r"|\s*[,;:]?\s+(?:précisez-la |give it )?(?:avec|with|using|by) --[\w-]+"
)
_CODES_NAMING_FIELD = frozenset({"column_assumed", "column_by_content", "column_proposed"})
"""Codes that say a column is read as a field: in the page by its name, as its list has it."""
_COUNT_TEXTS = {
    "error": lambda n: ngettext("{n} erreur", "{n} erreurs", n),
    "warning": lambda n: ngettext("{n} à vérifier", "{n} à vérifier", n),
    "info": lambda n: ngettext("{n} information", "{n} informations", n),
}


def findings_section(
    item: DraftFile, draft: str, shown: Mapping[str, Any], look: LookSettings
) -> list[Any]:
    """The findings of a file, filtered as the person asked; nothing when there are none."""
    groups: Sequence[Mapping[str, Any]] = shown["findings"]
    if not groups:
        return []
    counts = {s: sum(g["n"] for g in groups if g["severity"] == s) for s in SEVERITIES}
    kinds = {s: sum(g["severity"] == s for g in groups) for s in SEVERITIES}
    counts_text = " · ".join(
        _COUNT_TEXTS[s](n) + (f" ({formats.number_text(counts[s])} ×)" if counts[s] > n else "")
        for s, n in kinds.items()
        if n
    )
    severity = str(look.get("severity") or "")
    kept = [g for g in groups if severity in ("", g["severity"])]
    link = table_link(draft, item.number, "constats", _("Télécharger les constats"))
    body: list[Any] = [
        _finding_filters(groups, counts, severity, str(look.get("code") or ""), link)
    ]
    if code := look.get("code"):
        body += _finding_pages(item, [g for g in groups if g["code"] == code], look)
    else:
        body += [_finding_group(group) for group in kept]
    urgent = bool(counts["error"]) or bool(look.get("severity") or look.get("code"))
    return [folded_section(_("Constats") + " · " + counts_text, body, is_open=urgent)]


def _finding_filters(
    groups: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    severity: str,
    code: str,
    link: html.A,
) -> html.Div:
    every = sum(counts.values())
    buttons = [filter_button(_("Tous · {n}", n=formats.number_text(every)),
    look_attributes(severity="", code=""),
                       on=not severity and not code)]  # fmt: skip
    buttons += [
        filter_button(
            f"{label('severity', s)} · {formats.number_text(n)}",
            look_attributes(severity=s, code="", page=0),
            on=severity == s,
        )
        for s, n in counts.items()
        if n
    ]
    options = [html.Option(_("Toutes les sortes de constat"), value="", selected=not code)]
    options += [
        html.Option(
            f"{formats.number_text(g['n'])} × {_kind_text(g)}",
            value=g["code"],
            selected=g["code"] == code,
        )
        for g in groups
        if severity in ("", g["severity"])
    ]
    kinds = html.Select(
        options, **html_attributes(data_look_key="code", aria_label=_("Sorte de constat"))
    )
    return html.Div([*buttons, kinds, link], className="import-filters")


def _kind_text(group: Mapping[str, Any]) -> str:
    """A kind of finding in the words of its first one, cut short for a list."""
    text = sentence_without_option(group["code"], group["some"][0]["params"])
    return text if len(text) <= 70 else f"{text[:69]}…"


def _severity_tag(severity: str) -> html.Span:
    return html.Span(label("severity", severity), className=f"tag tag-{severity}")


def _finding_group(group: Mapping[str, Any]) -> html.Details:
    """Findings of one kind: the first, and the way to all of them."""
    rows = [_finding_row(group["code"], one) for one in group["some"][:5]]
    left = group["n"] - len(rows)
    more = _("Voir les {n}", n=formats.number_text(group["n"]))
    parts: list[Any] = [_remedy_line(group["code"]), plain_table(_finding_headings(), rows)]
    if left > 0:
        parts.append(
            action_button(more, look_attributes(code=group["code"], page=0), "plain-button")
        )
    first = sentence_without_option(group["code"], group["some"][0]["params"])
    count = html.Strong(formats.number_text(group["n"]), className="import-count")
    return html.Details(
        [html.Summary([_severity_tag(group["severity"]), count, html.Span(first)]), *parts],
        className="finding",
    )


def _remedy_line(code: str) -> html.P | None:
    remedy_text = remedy_of(code)
    return (
        html.P([html.Strong(_("À faire : ")), remedy_text], className="import-todo")
        if remedy_text
        else None
    )


def _finding_headings() -> list[str]:
    return [_("Ligne"), _("Colonne"), _("Constat")]


def _finding_row(code: str, one: Mapping[str, Any]) -> list[Any]:
    return [
        row_link(one["locator"] or ""),
        field_label(one["field"] or ""),
        sentence_without_option(code, one["params"]),
    ]


def row_link(locator: str) -> Any:
    """A row by its sheet and number; a click shows it as it stands."""
    if not row_of_locator(locator).isdigit():
        return locator
    text = " ".join(part for part in (sheet_of_locator(locator), row_of_locator(locator)) if part)
    named = _("Voir la ligne {row} telle qu'elle est", row=text)
    return action_button(text, look_attributes(row=locator), "link-button", named)


def _finding_pages(
    item: DraftFile, groups: Sequence[Mapping[str, Any]], look: LookSettings
) -> list[Any]:
    """All findings of one kind, a page at a time."""
    if not groups:
        return [html.P(_("Plus aucun constat de cette sorte."))]
    (group,) = groups
    every = item.findings.filter(code=group["code"])
    last = max(0, (every.height - 1) // FINDINGS_PER_PAGE)
    page = min(max(0, int(look.get("page") or 0)), last)
    page_rows = every.slice(page * FINDINGS_PER_PAGE, FINDINGS_PER_PAGE).iter_rows(named=True)
    span = _("{first} à {last} sur {n}", first=formats.number_text(page * FINDINGS_PER_PAGE + 1),
             last=formats.number_text(min(every.height, (page + 1) * FINDINGS_PER_PAGE)),
             n=formats.number_text(every.height))  # fmt: skip
    steps: list[Any] = [html.Span(span)]
    if page:
        steps.append(action_button(_("Précédents"), look_attributes(page=page - 1), "plain-button"))
    if page < last:
        steps.append(action_button(_("Suivants"), look_attributes(page=page + 1), "plain-button"))
    table = plain_table(
        _finding_headings(), [_finding_row(group["code"], one) for one in page_rows]
    )
    return [_remedy_line(group["code"]), table, html.Div(steps, className="import-pages")]


def sentence_without_option(code: str, params: str) -> str:
    """Sentence of a finding, without the option that the command line would take."""
    values = json.loads(params)
    if code in _CODES_NAMING_FIELD:
        values["field"] = field_label(values["field"])
    return _COMMAND_OPTION.sub("", finding_sentence(code, values))


def findings_table(file: str, table: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """Findings of a file as a table to send back to whoever filled it in.

    Parameters
    ----------
    table
        As the tables have them.
    headings
        Field → headings of the columns that say it.
    """
    rank = {severity: n for n, severity in enumerate(SEVERITIES)}
    rows = [
        {
            _("Gravité"): label("severity", one["severity"]),
            _("Fichier"): file,
            _("Feuille"): sheet_of_locator(one["locator"] or ""),
            _("Ligne"): row_of_locator(one["locator"] or ""),
            _("Colonne"): headings.get(one["field"] or "", field_label(one["field"] or "")),
            _("Constat"): sentence_without_option(one["code"], one["params"]),
            _("À faire"): remedy_of(one["code"]),
            _("Code"): one["code"],
        }
        for one in sorted(table.to_dicts(), key=lambda one: rank[one["severity"]])
    ]
    return pl.DataFrame(rows)


_PERSONAL_DATA_CODE = "personal_data_dropped"
_HIDDEN_TEXT = "•••"
"""Stands for personal data, which are not kept."""


def understood_rows(shown: Mapping[str, Any]) -> list[Any]:
    """The first activities or facts as they were read."""
    if not shown["rows"]:
        return []
    more = max(shown["activities"], shown["facts"]) > len(shown["rows"])
    title = _("Premières lignes comprises") if more else _("Lignes comprises")
    is_facts = "indicator" in shown["rows"][0]
    table = _facts_table(shown["rows"]) if is_facts else _activities_table(shown["rows"])
    return [folded_section(title, [table], is_open=True)]


def original_rows(item: DraftFile, shown: Mapping[str, Any], look: LookSettings) -> list[Any]:
    """The rows around the one that was asked for, with what was said of them."""
    wanted = str(look.get("row") or "")
    title = _("Le fichier tel qu'il est")
    if "row" not in look:
        seen = action_button(_("Montrer les lignes"), look_attributes(row=""), "plain-button")
        return [html.Div(folded_section(title, [seen]), className="import-rows")]
    found = window_around(item, wanted) or window_around(item, "")
    if found is None:
        return []
    row_findings = item.findings.filter(locator=wanted).to_dicts() if wanted else []
    parts: list[Any] = [_window_table(found, shown, wanted, row_findings)]
    parts += [
        html.P(sentence_without_option(one["code"], one["params"])) for one in row_findings[:6]
    ]
    if wanted:
        text = " ".join(part for part in (sheet_of_locator(wanted), row_of_locator(wanted)) if part)
        title += " · " + _("ligne {row}", row=text)
    steps = [
        action_button(_("Lignes précédentes"), look_attributes(row=found.before), "plain-button")
        if found.before
        else None,
        action_button(_("Lignes suivantes"), look_attributes(row=found.after), "plain-button")
        if found.after
        else None,
    ]
    parts.append(html.Div(steps, className="import-pages"))
    return [html.Div(folded_section(title, parts, is_open=True), className="import-rows")]


def _window_table(
    found: RowWindow,
    shown: Mapping[str, Any],
    wanted: str,
    row_findings: Sequence[Mapping[str, Any]],
) -> html.Div:
    table = _table_of_window(shown["tables"], found)
    meant = frozenset[str]()
    if table:
        meant = frozenset().union(
            *(headings_of_field(one["field"] or "", table) for one in row_findings)
        )
    width = max(len(row["cells"]) for row in found.rows)
    named = {c["index"]: c["heading"] for c in table["columns"]} if table else {}
    heads = [named.get(i, "") for i in range(width)]
    personal = (
        {c["index"] for c in table["columns"] if c["why"] == _PERSONAL_DATA_CODE}
        if table
        else set()
    )
    body = []
    for row in found.rows:
        here = row["locator"] == wanted
        number = html.Th(row_of_locator(row["locator"]), scope="row")
        fate = html.Td(label("outcome", row["outcome"]) if row["outcome"] else "", className="fate")
        cells = [
            html.Td(
                _HIDDEN_TEXT if i in personal else _cell_text(row["cells"], i),
                className="meant" if here and heads[i] in meant else None,
            )
            for i in range(width)
        ]
        marks = html_attributes(data_here="") if here else {}
        body.append(html.Tr([number, fate, *cells], className="here" if here else None, **marks))
    names = [_("Ligne"), _("Devenir"), *heads]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    return html.Div(
        html.Table([head, html.Tbody(body)], className="plain cells"),
        className="scroll",
        tabIndex=0,
        role="region",
        **html_attributes(aria_label=_("Lignes du fichier")),
    )


def _cell_text(cells: Sequence[str], index: int) -> str:
    return without_contacts(cells[index]) if index < len(cells) else ""


def _table_of_window(
    tables: Sequence[Mapping[str, Any]], found: RowWindow
) -> Mapping[str, Any] | None:
    """The table that these rows are of; a text may hold several."""
    row = int(row_of_locator(found.rows[-1]["locator"]))
    above = [t for t in tables if t["sheet"] == found.sheet and t["header"] <= row]
    return max(above, key=lambda table: table["header"], default=None)


def _activities_table(rows: Sequence[Mapping[str, Any]]) -> html.Div:
    heads = [_("Ligne"), _("Activité"), _("Lieu"), _("Secteur"), _("Organisations"), _("Période")]
    body = [
        [
            row["locator"],
            row["title"],
            ", ".join(shipped_frames().unit_label(unit) for unit in row["unit_id"] or ()),
            label("sectors", row["sector"]) if row["sector"] else formats.UNKNOWN,
            ", ".join(row["organisations_raw"] or ()),
            _period_cell(row),
            label("statuses", row["status"]),
            _amount_text(row),
        ]
        for row in rows
    ]
    return plain_table([*heads, _("Statut"), _("Montant")], body, numeric=(7,))


def _period_cell(row: Mapping[str, Any]) -> html.Span:
    """Start and end, neither of them broken over two lines."""
    days = [html.Span(formats.short_day_text(day)) for day in (row["start"], row["end"])]
    return html.Span([days[0], " → ", days[1]], className="import-when")


def _amount_text(row: Mapping[str, Any]) -> str:
    if row["minor"] is None:
        return formats.UNKNOWN
    amount = float(to_major(row["minor"], row["currency"]))
    return (
        f"{formats.number_text(amount, 0 if amount == round(amount) else 2)}\u00a0{row['currency']}"
    )


def _facts_table(rows: Sequence[Mapping[str, Any]]) -> html.Div:
    heads = [_("Lieu"), _("Indicateur"), _("Secteur"), _("Valeur"), _("Texte"), _("Situation au")]
    body = [
        [
            shipped_frames().unit_label(row["unit_id"]) if row["unit_id"] else formats.UNKNOWN,
            row["indicator"],
            label("sectors", row["sector"]) if row["sector"] else "",
            formats.number_text(row["value"]),
            row["text"] or "",
            formats.short_day_text(row["as_of"]),
        ]
        for row in rows
    ]
    return plain_table(heads, body, numeric=(3,))
