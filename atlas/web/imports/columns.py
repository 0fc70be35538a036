"""The columns of a table: heading, examples, and what each is read as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.parts import button
from atlas.web.imports.saying import posts, says
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
        told.append(_as_last_time(shown))
    if len(near) > 1:
        words = _("Accepter les {n} propositions", n=len(near))
        told.append(button(words, says(columns=near), "plain-button"))
    body_rows = [
        [
            column["heading"],
            " · ".join(column["samples"]),
            _choice(column, shown["fields"]),
            _certainty(column, shown["remembered"]),
        ]
        for column in table["columns"]
    ]
    heads = [_("En-tête"), _("Exemples"), _("Lu comme"), _("D'après")]
    marked = [column["why"] == "column_unknown" for column in table["columns"]]
    return html.Div([*told, plain(heads, body_rows, marked=marked)], className="import-columns")


def _as_last_time(shown: Mapping[str, Any]) -> html.P:
    """What was said of this form before holds, until it is forgotten."""
    text = _("Lu comme la fois dernière, dans « {file} ».", file=shown["sender"])
    here = button(_("Ne pas en tenir compte ici"), says(forgetting=True), "link-button")
    ever = button(_("Oublier pour de bon"), posts("forget"), "link-button")
    return html.P([text, " ", here, " ", ever], className="import-known")


def _certainty(column: Mapping[str, Any], remembered: Mapping[str, str]) -> str:
    """How it is known what a column means."""
    if column["heading"] in remembered:
        return _("la fois dernière")
    if column["near"] and column["how"] != "content":
        return _("ressemblance {n} %", n=say.number(100 * column["likeness"]))
    return label("column_read", column["how"]) if column["how"] else ""


def _span(table: Mapping[str, Any]) -> dict[str, str]:
    return {"header": say.number(table["header"]), "first": say.number(table["first"])}


def _choice(column: Mapping[str, Any], fields: list[str]) -> html.Div:
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
        **attrs(
            data_column=column["heading"],
            aria_label=_("Lire « {column} » comme", column=column["heading"]),
        ),
    )
    return html.Div([select, _proposal(column)])


def _proposal(column: Mapping[str, Any]) -> html.Button | None:
    if not column["near"]:
        return None
    words = says(columns={column["heading"]: column["near"]})
    near = field_label(column["near"])
    accept = _("Lire « {column} » comme {field}", column=column["heading"], field=near)
    return button(_("{field} ?", field=near), words, "chip", accept)
