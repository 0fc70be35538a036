"""What was read of a file: rows, what they change, findings, totals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html

from atlas.findings import render
from atlas.geo.frames import frames
from atlas.i18n import _, ngettext
from atlas.ingest.money import major
from atlas.vocab import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.saying import says
from atlas.web.imports.words import field_label
from atlas.web.tables import plain
from atlas.web.words import severity_name, status_name

_TOLD_ELSEWHERE = frozenset({"column_unknown", "column_ignored", "personal_data_dropped"})
"""Findings that the table of columns shows."""
_TYPED = re.compile(r"\s+(?:avec|with|using|by) --[\w-]+")


def results(shown: Mapping[str, Any]) -> list[Any]:
    """Rows as understood, findings, totals."""
    is_context = bool(shown["facts"]) and not shown["activities"]
    parts = [] if is_context else [_changes(shown)]
    groups = [group for group in shown["findings"] if group["code"] not in _TOLD_ELSEWHERE]
    if groups:
        serious = any(group["severity"] == "error" for group in groups)
        told = [_finding(group) for group in groups]
        parts.append(folded(_findings_title(groups), told, is_open=serious))
    if shown["rows"]:
        more = max(shown["activities"], shown["facts"]) > len(shown["rows"])
        title = _("Premières lignes comprises") if more else _("Lignes comprises")
        is_facts = "indicator" in shown["rows"][0]
        table = _facts(shown["rows"]) if is_facts else _rows(shown["rows"])
        parts.append(folded(title, [table], is_open=True))
    if shown["totals"]:
        off = sum(_differs(total) for total in shown["totals"])
        title = _("Totaux publiés et lus")
        if off:
            title += " · " + ngettext("{n} écart", "{n} écarts", off)
        parts.append(folded(title, [_totals(shown["totals"])], is_open=off > 0))
    return parts


def _changes(shown: Mapping[str, Any]) -> html.Details:
    """What publishing it would add, change and leave out; nothing goes without a word."""
    counts = shown["changes"]
    if not any(counts.values()):
        return folded(_("Rien de nouveau : déjà publié ainsi"), [])
    title = _("Activités nouvelles : {added} · changées : {changed} · absentes : {gone}", **counts)
    parts: list[Any] = [html.P(note) for note in shown["notes"]]
    if shown["changed_fields"]:
        heads = [_("Activité"), _("Champ"), _("Publié"), _("Dans ce fichier")]
        keys = ("title", "field", "before", "after")
        body = [[one[key] or say.UNKNOWN for key in keys] for one in shown["changed_fields"]]
        parts.append(plain(heads, body))
    if shown["gone_activities"]:
        parts += _gone(shown)
    return folded(title, parts, is_open=bool(counts["changed"] or counts["gone"]))


def _gone(shown: Mapping[str, Any]) -> list[Any]:
    """Activities of earlier lists that this one leaves out; they stay unless one says so."""
    staying = shown["staying"]
    words = ngettext(
        "{n} activité absente de ce fichier reste publiée, marquée absente.",
        "{n} activités absentes de ce fichier restent publiées, marquées absentes.",
        staying,
    )
    gone = [html.Li(one["title"]) for one in shown["gone_activities"]]
    switch = html.Button(
        _("Retirer les activités absentes"),
        role="switch",
        className="switch",
        **attrs(aria_checked=str(not staying).lower(), **says(replacing=bool(staying))),
    )
    return [html.P(words) if staying else None, html.Ul(gone, className="items"), switch]


def folded(title: str, content: Iterable[Any], *, is_open: bool = False) -> html.Details:
    """A part of a file, behind its title."""
    return html.Details([html.Summary(title), *content], open=is_open, className="import-part")


def _rows(rows: Sequence[Mapping[str, Any]]) -> html.Div:
    heads = [_("Ligne"), _("Activité"), _("Lieu"), _("Secteur"), _("Organisations"), _("Période")]
    body = [
        [
            row["locator"],
            row["title"],
            ", ".join(frames().label(unit) for unit in row["unit_id"] or ()),
            label("sectors", row["sector"]) if row["sector"] else say.UNKNOWN,
            ", ".join(row["organisations_raw"] or ()),
            _when(row),
            status_name(row["status"]),
            _money(row),
        ]
        for row in rows
    ]
    return plain([*heads, _("Statut"), _("Montant")], body, numeric=(7,))


def _when(row: Mapping[str, Any]) -> html.Span:
    """Start and end, neither of them broken over two lines."""
    days = [html.Span(say.short_day(day)) for day in (row["start"], row["end"])]
    return html.Span([days[0], " → ", days[1]], className="import-when")


def _money(row: Mapping[str, Any]) -> str:
    if row["minor"] is None:
        return say.UNKNOWN
    amount = float(major(row["minor"], row["currency"]))
    return f"{say.number(amount, 0 if amount == round(amount) else 2)}\u00a0{row['currency']}"


def _facts(rows: Sequence[Mapping[str, Any]]) -> html.Div:
    heads = [_("Lieu"), _("Indicateur"), _("Secteur"), _("Valeur"), _("Texte"), _("Situation au")]
    body = [
        [
            frames().label(row["unit_id"]) if row["unit_id"] else say.UNKNOWN,
            row["indicator"],
            label("sectors", row["sector"]) if row["sector"] else "",
            say.number(row["value"]),
            row["text"] or "",
            say.short_day(row["as_of"]),
        ]
        for row in rows
    ]
    return plain(heads, body, numeric=(3,))


def _findings_title(groups: Sequence[Mapping[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for group in groups:
        counts[group["severity"]] = counts.get(group["severity"], 0) + group["n"]
    told = ", ".join(f"{severity_name(s)} {say.number(n)}" for s, n in counts.items())
    return f"{_('Constats')} · {told}"


def _finding(group: Mapping[str, Any]) -> html.Details:
    """Findings of one kind: where each stands, and its sentence."""
    rows = [
        [
            one["locator"] or "",
            field_label(one["field"] or ""),
            sentence(group["code"], one["params"]),
        ]
        for one in group["some"]
    ]
    tag = html.Span(severity_name(group["severity"]), className=f"tag tag-{group['severity']}")
    left = group["n"] - len(rows)
    more = [html.P(_("… et {n} autres.", n=say.number(left)))] if left else []
    table = plain([_("Ligne"), _("Colonne"), _("Constat")], rows)
    return html.Details(
        [html.Summary([tag, f" {say.number(group['n'])} · {rows[0][2]}"]), table, *more],
        className="finding",
    )


def sentence(code: str, params: str) -> str:
    """Sentence of a finding, without the option that the command line would take."""
    return _TYPED.sub("", render(code, params))


def _differs(total: Mapping[str, Any]) -> bool:
    published, read = total["published"], total["read"]
    return published is not None and read is not None and abs(published - read) >= 0.005


def _totals(totals: Sequence[Mapping[str, Any]]) -> html.Div:
    body = [
        [
            " ".join(part for part in (total["name"], total["period"]) if part),
            frames().label(total["unit_id"]) if total["unit_id"] else "",
            _figure(total["published"], total["currency"]),
            _figure(total["read"], total["currency"]),
        ]
        for total in totals
    ]
    heads = [_("Total"), _("Zone"), _("Publié"), _("Lu")]
    return plain(heads, body, numeric=(2, 3), marked=[_differs(total) for total in totals])


def _figure(value: float | None, currency: str | None) -> str:
    text = say.number(value, 0 if value is None or value == round(value) else 2)
    return f"{text}\u00a0{currency}" if currency and value is not None else text
