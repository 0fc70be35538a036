"""The rows of a file: as they stand in it, and as they were understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from atlas.geo.frames import frames
from atlas.i18n import _
from atlas.ingest.money import major
from atlas.ingest.parsing.privacy import without_contacts
from atlas.labels import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.cells import Window, columns_meant, row_of, sheet_of, window
from atlas.web.imports.drafts import Item
from atlas.web.imports.findings import sentence
from atlas.web.imports.parts import Look, button, folded
from atlas.web.imports.saying import looks
from atlas.web.tables import plain

_PERSONAL = "personal_data_dropped"
_HIDDEN = "•••"
"""Stands for personal data, which are not kept."""


def understood(shown: Mapping[str, Any]) -> list[Any]:
    """The first activities or facts as they were read."""
    if not shown["rows"]:
        return []
    more = max(shown["activities"], shown["facts"]) > len(shown["rows"])
    title = _("Premières lignes comprises") if more else _("Lignes comprises")
    is_facts = "indicator" in shown["rows"][0]
    table = _facts(shown["rows"]) if is_facts else _activities(shown["rows"])
    return [folded(title, [table], is_open=True)]


def as_they_stand(item: Item, shown: Mapping[str, Any], look: Look) -> list[Any]:
    """The rows around the one that was asked for, with what was said of them."""
    wanted = str(look.get("row") or "")
    title = _("Le fichier tel qu'il est")
    if "row" not in look:
        seen = button(_("Montrer les lignes"), looks(row=""), "plain-button")
        return [html.Div(folded(title, [seen]), className="import-rows")]
    found = window(item, wanted) or window(item, "")
    if found is None:
        return []
    said = item.findings.filter(locator=wanted).to_dicts() if wanted else []
    parts: list[Any] = [_window(found, shown, wanted, said)]
    parts += [html.P(sentence(one["code"], one["params"])) for one in said[:6]]
    if wanted:
        text = " ".join(part for part in (sheet_of(wanted), row_of(wanted)) if part)
        title += " · " + _("ligne {row}", row=text)
    steps = [
        button(_("Lignes précédentes"), looks(row=found.before), "plain-button")
        if found.before
        else None,
        button(_("Lignes suivantes"), looks(row=found.after), "plain-button")
        if found.after
        else None,
    ]
    parts.append(html.Div(steps, className="import-pages"))
    return [html.Div(folded(title, parts, is_open=True), className="import-rows")]


def _window(
    found: Window, shown: Mapping[str, Any], wanted: str, said: Sequence[Mapping[str, Any]]
) -> html.Div:
    table = _table_at(shown["tables"], found)
    meant = frozenset[str]()
    if table:
        meant = frozenset().union(*(columns_meant(one["field"] or "", table) for one in said))
    width = max(len(row["cells"]) for row in found.rows)
    named = {c["index"]: c["heading"] for c in table["columns"]} if table else {}
    heads = [named.get(i, "") for i in range(width)]
    personal = {c["index"] for c in table["columns"] if c["why"] == _PERSONAL} if table else set()
    body = []
    for row in found.rows:
        here = row["locator"] == wanted
        number = html.Th(row_of(row["locator"]), scope="row")
        fate = html.Td(label("outcome", row["outcome"]) if row["outcome"] else "", className="fate")
        cells = [
            html.Td(
                _HIDDEN if i in personal else _cell(row["cells"], i),
                className="meant" if here and heads[i] in meant else None,
            )
            for i in range(width)
        ]
        marks = attrs(data_here="") if here else {}
        body.append(html.Tr([number, fate, *cells], className="here" if here else None, **marks))
    names = [_("Ligne"), _("Devenir"), *heads]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    return html.Div(
        html.Table([head, html.Tbody(body)], className="plain cells"),
        className="scroll",
        tabIndex=0,
        role="region",
        **attrs(aria_label=_("Lignes du fichier")),
    )


def _cell(cells: Sequence[str], index: int) -> str:
    return without_contacts(cells[index]) if index < len(cells) else ""


def _table_at(tables: Sequence[Mapping[str, Any]], found: Window) -> Mapping[str, Any] | None:
    """The table that these rows are of; a text may hold several."""
    row = int(row_of(found.rows[-1]["locator"]))
    above = [t for t in tables if t["sheet"] == found.sheet and t["header"] <= row]
    return max(above, key=lambda table: table["header"], default=None)


def _activities(rows: Sequence[Mapping[str, Any]]) -> html.Div:
    heads = [_("Ligne"), _("Activité"), _("Lieu"), _("Secteur"), _("Organisations"), _("Période")]
    body = [
        [
            row["locator"],
            row["title"],
            ", ".join(frames().label(unit) for unit in row["unit_id"] or ()),
            label("sectors", row["sector"]) if row["sector"] else say.UNKNOWN,
            ", ".join(row["organisations_raw"] or ()),
            _when(row),
            label("statuses", row["status"]),
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
