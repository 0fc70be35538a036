"""What publishing a file would add, change and leave out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import html

from atlas.geo.frames import frames
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.model import AMOUNT_KINDS
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.drafts import Item
from atlas.web.imports.parts import figure, file_link, folded
from atlas.web.imports.saying import says
from atlas.web.imports.words import field_label
from atlas.web.tables import plain

_AMOUNT = re.compile(r"(-?[\d.]+) ([A-Z]{3})(?: \(([\d-]+|…)/([\d-]+|…)\))?")
"""An amount as `atlas.ledger` tells it."""
_FIELDS = {
    "places": N_("Lieux"),
    "lead_org": N_("Chef de file"),
    "organisations_raw": N_("Organisations, telles qu'écrites"),
    "sector_raw": N_("Secteur, tel qu'écrit"),
    "items": N_("Nombre d'éléments"),
}


def changes(item: Item, draft: str, shown: Mapping[str, Any]) -> list[Any]:
    """Added, changed and gone activities; nothing goes without a word."""
    counts = shown["changes"]
    if not any(counts.values()):
        return [folded(_("Ce que publier changera · rien, déjà publié ainsi"), [])]
    told = _("nouvelles : {added} · changées : {changed} · absentes : {gone}", **counts)
    parts: list[Any] = [html.P(note) for note in shown["notes"]]
    parts.append(file_link(draft, item.number, "changements", _("Télécharger les changements")))
    if shown["changed_fields"]:
        parts += _changed(shown, len(item.changes.get("changed_fields", ())))
    if shown["gone_activities"]:
        parts += _gone(shown)
    if shown["added_activities"]:
        parts.append(_added(shown["added_activities"], counts["added"]))
    is_open = bool(counts["changed"] or counts["gone"])
    return [folded(_("Ce que publier changera") + " · " + told, parts, is_open=is_open)]


def _changed(shown: Mapping[str, Any], n: int) -> list[Any]:
    heads = [_("Activité"), _("Champ"), _("Publié"), _("Dans ce fichier")]
    body = [
        [
            one["title"],
            changed_label(one["field"]),
            html.Del(value(one["field"], one["before"])),
            html.Ins(value(one["field"], one["after"])),
        ]
        for one in shown["changed_fields"]
    ]
    title = ngettext("{n} champ changé", "{n} champs changés", n, count=n)
    return [html.H4(title), plain(heads, body), _rest(n, len(body))]


def _gone(shown: Mapping[str, Any]) -> list[Any]:
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
        **attrs(aria_checked=str(not staying).lower(), **says(replacing=bool(staying))),
    )
    return [
        html.H4(ngettext("{n} activité absente", "{n} activités absentes", n)),
        html.P(words if staying else taken),
        switch,
        html.Ul(listed, className="items"),
        _rest(n, len(listed)),
    ]


def _added(added: Sequence[Mapping[str, Any]], n: int) -> html.Details:
    """New activities, folded: at a first import it is all of them."""
    title = ngettext("{n} activité nouvelle", "{n} activités nouvelles", n)
    listed = html.Ul([html.Li(one["title"]) for one in added], className="items")
    return html.Details([html.Summary(title), listed, _rest(n, len(added))])


def _rest(n: int, listed: int) -> html.P | None:
    left = n - listed
    if left <= 0:
        return None
    return html.P(_("… et {n} de plus, dans le fichier CSV.", n=say.number(left)))


def changed_label(field: str) -> str:
    """A field of an activity that changed."""
    return _(_FIELDS[field]) if field in _FIELDS else field_label(field)


def value(field: str, text: str | None) -> str:
    """A value before or after, its codes said in words."""
    if not text:
        return say.UNKNOWN
    if field == "status":
        return label("statuses", text)
    if field == "sector":
        return label("sectors", text)
    if field in AMOUNT_KINDS:
        return _AMOUNT.sub(_amount, text)
    if field == "places":
        return " · ".join(_place(part) for part in text.split(" · "))
    return text


def _amount(found: re.Match[str]) -> str:
    """An amount and its period as a reader of the language writes them."""
    number, currency, since, until = found.groups()
    figured = figure(float(number), currency)
    if since is None:
        return figured
    days = (say.short_day(day) if day != "…" else "…" for day in (since, until))
    return f"{figured} ({' → '.join(days)})"


def _place(part: str) -> str:
    unit, _times, weight = part.partition(" ×")
    name = frames().label(unit) if unit in frames() else unit
    return name if weight in ("", "1") else f"{name} ×{weight}"


def listed(every: Mapping[str, Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
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
            _("Publié"): value(one["field"], one["before"]) if "field" in one else "",
            _("Dans ce fichier"): value(one["field"], one["after"]) if "field" in one else "",
            _("Identifiant"): one["activity_id"],
        }
        for key, sort in sorts
        for one in every.get(key, ())
    ]
    return pl.DataFrame(rows)
