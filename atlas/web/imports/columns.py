"""The columns of a table: heading, examples, and what each is read as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html

from atlas.i18n import _, ngettext
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.words import field_label
from atlas.web.tables import plain


def columns(table: Mapping[str, Any], shown: Mapping[str, Any]) -> html.Div:
    """Where the table stands, and a row for each of its columns."""
    sheet = _("Feuille « {sheet} »", sheet=table["sheet"]) if table["sheet"] else _("Tableau")
    count = say.number(table["rows"])
    rows = ngettext("{count} ligne", "{count} lignes", table["rows"], count=count)
    where = _("en-têtes ligne {header}, données dès la ligne {first}", **_span(table))
    told: list[Any] = [html.P(f"{sheet} · {where} · {rows}")]
    near = {c["heading"]: c["near"] for c in table["columns"] if c["near"]}
    if shown["remembered"]:
        told.append(html.P(_("Colonnes de cet expéditeur reprises de l'import précédent.")))
    if len(near) > 1:
        body = json.dumps({"columns": near}, ensure_ascii=False)
        words = _("Accepter les {n} propositions", n=len(near))
        told.append(
            html.Button(words, className="plain-button", **attrs(data_post="", data_body=body))
        )
    body_rows = [
        [column["heading"], " · ".join(column["samples"]), _choice(column, shown["fields"])]
        for column in table["columns"]
    ]
    heads = [_("En-tête"), _("Exemples"), _("Lu comme")]
    marked = [column["why"] == "column_unknown" for column in table["columns"]]
    return html.Div([*told, plain(heads, body_rows, marked=marked)], className="import-columns")


def _span(table: Mapping[str, Any]) -> dict[str, str]:
    return {"header": say.number(table["header"]), "first": say.number(table["first"])}


def _choice(column: Mapping[str, Any], fields: list[str]) -> html.Div:
    """What the column is read as, to change; and the proposal for one that is unknown."""
    unread = {
        "column_unknown": _("inconnue : à dire"),
        "column_ignored": _("non utilisée"),
        "personal_data_dropped": _("données personnelles non gardées"),
    }
    chosen = column["field"]
    first = [html.Option(unread.get(column["why"], ""), value="", selected=True)]
    named = sorted((field_label(field), field) for field in fields)
    options = [
        html.Option(text, value=field, selected=field == chosen)
        for text, field in [*named, *((field_label(f), f) for f in ("ignored", "personal"))]
    ]
    select = html.Select(
        options if chosen else [*first, *options],
        **attrs(
            data_column=column["heading"],
            aria_label=_("Lire « {column} » comme", column=column["heading"]),
        ),
    )
    return html.Div([select, _proposal(column)])


def _proposal(column: Mapping[str, Any]) -> html.Button | None:
    if not column["near"]:
        return None
    body = json.dumps({"columns": {column["heading"]: column["near"]}}, ensure_ascii=False)
    near = field_label(column["near"])
    accept = _("Lire « {column} » comme {field}", column=column["heading"], field=near)
    return html.Button(
        _("{field} ?", field=near),
        className="chip",
        **attrs(data_post="", data_body=body, aria_label=accept),
    )
