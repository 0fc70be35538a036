"""What a person should know of a file: by severity and kind, each beside its row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import html

from atlas.findings import SEVERITIES, render
from atlas.i18n import _, ngettext
from atlas.ingest.remedies import remedy
from atlas.labels import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.cells import row_of, sheet_of
from atlas.web.imports.drafts import Item
from atlas.web.imports.parts import Look, button, file_link, folded, pressed
from atlas.web.imports.saying import looks
from atlas.web.imports.words import field_label
from atlas.web.tables import plain

PAGE = 25
"""Findings of one kind shown at a time."""
_TYPED = re.compile(
    r"\s*\(--[\w-]+\)"
    r"|\s*[,;:]?\s+(?:précisez-la |give it )?(?:avec|with|using|by) --[\w-]+"
)
_NAMES_FIELD = frozenset({"column_assumed", "column_by_content", "column_proposed"})
"""Codes that say a column is read as a field: in the page by its name, as its list has it."""
_COUNTS = {
    "error": lambda n: ngettext("{n} erreur", "{n} erreurs", n),
    "warning": lambda n: ngettext("{n} à vérifier", "{n} à vérifier", n),
    "info": lambda n: ngettext("{n} information", "{n} informations", n),
}


def findings(item: Item, draft: str, shown: Mapping[str, Any], look: Look) -> list[Any]:
    """The findings of a file, filtered as the person asked; nothing when there are none."""
    groups: Sequence[Mapping[str, Any]] = shown["findings"]
    if not groups:
        return []
    counts = {s: sum(g["n"] for g in groups if g["severity"] == s) for s in SEVERITIES}
    kinds = {s: sum(g["severity"] == s for g in groups) for s in SEVERITIES}
    told = " · ".join(
        _COUNTS[s](n) + (f" ({say.number(counts[s])} ×)" if counts[s] > n else "")
        for s, n in kinds.items()
        if n
    )
    severity = str(look.get("severity") or "")
    kept = [g for g in groups if severity in ("", g["severity"])]
    link = file_link(draft, item.number, "constats", _("Télécharger les constats"))
    body: list[Any] = [_filters(groups, counts, severity, str(look.get("code") or ""), link)]
    if code := look.get("code"):
        body += _pages(item, [g for g in groups if g["code"] == code], look)
    else:
        body += [_group(group) for group in kept]
    urgent = bool(counts["error"]) or bool(look.get("severity") or look.get("code"))
    return [folded(_("Constats") + " · " + told, body, is_open=urgent)]


def _filters(
    groups: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    severity: str,
    code: str,
    link: html.A,
) -> html.Div:
    every = sum(counts.values())
    buttons = [pressed(_("Tous · {n}", n=say.number(every)), looks(severity="", code=""),
                       on=not severity and not code)]  # fmt: skip
    buttons += [
        pressed(
            f"{label('severity', s)} · {say.number(n)}",
            looks(severity=s, code="", page=0),
            on=severity == s,
        )
        for s, n in counts.items()
        if n
    ]
    options = [html.Option(_("Toutes les sortes de constat"), value="", selected=not code)]
    options += [
        html.Option(
            f"{say.number(g['n'])} × {_kind(g)}", value=g["code"], selected=g["code"] == code
        )
        for g in groups
        if severity in ("", g["severity"])
    ]
    kinds = html.Select(options, **attrs(data_look_key="code", aria_label=_("Sorte de constat")))
    return html.Div([*buttons, kinds, link], className="import-filters")


def _kind(group: Mapping[str, Any]) -> str:
    """A kind of finding in the words of its first one, cut short for a list."""
    text = sentence(group["code"], group["some"][0]["params"])
    return text if len(text) <= 70 else f"{text[:69]}…"


def _tag(severity: str) -> html.Span:
    return html.Span(label("severity", severity), className=f"tag tag-{severity}")


def _group(group: Mapping[str, Any]) -> html.Details:
    """Findings of one kind: the first, and the way to all of them."""
    rows = [_row(group["code"], one) for one in group["some"][:5]]
    left = group["n"] - len(rows)
    more = _("Voir les {n}", n=say.number(group["n"]))
    parts: list[Any] = [_todo(group["code"]), plain(_heads(), rows)]
    if left > 0:
        parts.append(button(more, looks(code=group["code"], page=0), "plain-button"))
    first = sentence(group["code"], group["some"][0]["params"])
    count = html.Strong(say.number(group["n"]), className="import-count")
    return html.Details(
        [html.Summary([_tag(group["severity"]), count, html.Span(first)]), *parts],
        className="finding",
    )


def _todo(code: str) -> html.P | None:
    told = remedy(code)
    return html.P([html.Strong(_("À faire : ")), told], className="import-todo") if told else None


def _heads() -> list[str]:
    return [_("Ligne"), _("Colonne"), _("Constat")]


def _row(code: str, one: Mapping[str, Any]) -> list[Any]:
    return [
        where(one["locator"] or ""),
        field_label(one["field"] or ""),
        sentence(code, one["params"]),
    ]


def where(locator: str) -> Any:
    """A row by its sheet and number; a click shows it as it stands."""
    if not row_of(locator).isdigit():
        return locator
    text = " ".join(part for part in (sheet_of(locator), row_of(locator)) if part)
    named = _("Voir la ligne {row} telle qu'elle est", row=text)
    return button(text, looks(row=locator), "link-button", named)


def _pages(item: Item, groups: Sequence[Mapping[str, Any]], look: Look) -> list[Any]:
    """All findings of one kind, a page at a time."""
    if not groups:
        return [html.P(_("Plus aucun constat de cette sorte."))]
    (group,) = groups
    every = item.findings.filter(code=group["code"])
    last = max(0, (every.height - 1) // PAGE)
    page = min(max(0, int(look.get("page") or 0)), last)
    told = every.slice(page * PAGE, PAGE).iter_rows(named=True)
    span = _("{first} à {last} sur {n}", first=say.number(page * PAGE + 1),
             last=say.number(min(every.height, (page + 1) * PAGE)),
             n=say.number(every.height))  # fmt: skip
    steps: list[Any] = [html.Span(span)]
    if page:
        steps.append(button(_("Précédents"), looks(page=page - 1), "plain-button"))
    if page < last:
        steps.append(button(_("Suivants"), looks(page=page + 1), "plain-button"))
    table = plain(_heads(), [_row(group["code"], one) for one in told])
    return [_todo(group["code"]), table, html.Div(steps, className="import-pages")]


def sentence(code: str, params: str) -> str:
    """Sentence of a finding, without the option that the command line would take."""
    values = json.loads(params)
    if code in _NAMES_FIELD:
        values["field"] = field_label(values["field"])
    return _TYPED.sub("", render(code, values))


def listed(file: str, table: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
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
            _("Feuille"): sheet_of(one["locator"] or ""),
            _("Ligne"): row_of(one["locator"] or ""),
            _("Colonne"): headings.get(one["field"] or "", field_label(one["field"] or "")),
            _("Constat"): sentence(one["code"], one["params"]),
            _("À faire"): remedy(one["code"]),
            _("Code"): one["code"],
        }
        for one in sorted(table.to_dicts(), key=lambda one: rank[one["severity"]])
    ]
    return pl.DataFrame(rows)
