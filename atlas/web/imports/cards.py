"""One file of an import, before it is published: what it is, what was read, what was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from atlas.geo.frames import FRAMES
from atlas.i18n import _, ngettext
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.columns import columns
from atlas.web.imports.drafts import CONTEXT, Item, State, Told
from atlas.web.imports.results import folded, results
from atlas.web.imports.saying import posts, says
from atlas.web.imports.words import source_label, sources
from atlas.web.words import frame_name, outcome_name


def card(item: Item) -> html.Section:
    """All there is to see of a file, and what may be said of it."""
    told, state, shown = item.told, item.state, item.preview
    body: list[Any]
    if state.name == "failed":
        body = [html.P(state.error, className="unusable"), *_answers(told, shown), *_open(shown)]
    elif state.name != "read" or shown is None:
        body = [html.P(_("Lecture…"), className="waiting")]
    else:
        body = [*_answers(told, shown), *_places(told, shown), *_open(shown), *results(shown)]
    name = _("Fichier {file}", file=told.file)
    return html.Section(
        [_head(item, told, state, shown), *body],
        className=f"import-file import-{state.name}" + ("" if told.kept else " import-left"),
        **attrs(aria_label=name, data_file=item.number),
    )


def _head(item: Item, told: Told, state: State, shown: Mapping[str, Any] | None) -> html.Div:
    keep = html.Button(
        _("Publier ce fichier"),
        role="switch",
        className="switch",
        **attrs(aria_checked=str(told.kept).lower(), **says(kept=not told.kept)),
    )
    remove = html.Button(
        _("Retirer"),
        className="plain-button",
        **attrs(aria_label=_("Retirer {file}", file=told.file), **posts("remove")),
    )
    told_of = html.Div([html.H3(told.file), html.P(_summary(state, shown))])
    ready = state.name == "read"
    return html.Div(
        [told_of, html.Div([keep if ready else None, remove], className="import-tools")],
        className="import-head",
    )


def _summary(state: State, shown: Mapping[str, Any] | None) -> str:
    """Source, rows and their fate in one line."""
    if state.name != "read" or shown is None:
        return _("inutilisable en l'état") if state.name == "failed" else _("en attente")
    rows = shown["rows_read"]
    parts = [
        source_label(shown["source"]),
        ngettext("{count} ligne lue", "{count} lignes lues", rows, count=say.number(rows)),
        *(f"{outcome_name(o)}\u00a0: {say.number(n)}" for o, n in shown["outcomes"].items()),
    ]
    return " · ".join(parts)


def _answers(told: Told, shown: Mapping[str, Any] | None) -> list[Any]:
    """Source, date and découpage: what was recognised, open to correction."""
    if shown is None:
        return []
    read = shown.get("source")
    auto = _("reconnue : {source}", source=source_label(read)) if read else _("à reconnaître")
    lists = [code for code in sources() if not code.startswith(CONTEXT)]
    tables = [code for code in sources() if code.startswith(CONTEXT)]
    named = {"auto": auto}
    options = [
        html.Optgroup([_option(c, told.source, named) for c in group], label=name)
        for name, group in ((_("Activités"), lists), (_("Tables de contexte"), tables))
    ]
    frame = shown.get("frame")
    by_date = _("selon la date : {frame}", frame=frame_name(frame)) if frame else _("selon la date")
    decoupages = [html.Option(by_date, value="", selected=not told.frame)]
    decoupages += [html.Option(frame_name(f), value=f, selected=f == told.frame) for f in FRAMES]
    known = told.as_of or shown.get("as_of")
    day = say.short_day(known) if known else ""
    return [
        html.Div(
            [
                _field(_("Source"), "source", html.Select(options)),
                _field(
                    _("Situation au"),
                    "as_of",
                    dcc.Input(type="text", value=day, placeholder=_("JJ/MM/AAAA"), maxLength=10),
                ),
                _field(_("Découpage"), "frame", html.Select(decoupages)),
                *_controls(told),
            ],
            className="import-answers",
        )
    ]


def _controls(told: Told) -> list[Any]:
    """Published totals that the person gives beside the file."""
    typed = dcc.Input(type="text", value="", placeholder=_("Projets = 324"), maxLength=120)
    field = _field(_("Total publié à comparer"), "control", typed)
    if not told.controls:
        return [field]
    names = ", ".join(total["name"] for total in told.controls)
    gone = html.Button(
        _("Enlever : {names}", names=names), className="chip", **attrs(**says(controls=[]))
    )
    return [field, gone]


def _option(code: str, chosen: str, named: Mapping[str, str]) -> html.Option:
    text = named.get(code) or source_label(code)
    return html.Option(text, value=code, selected=code == chosen)


def _field(name: str, key: str, control: Any) -> html.Label:
    return html.Label([html.Span(name), control], **attrs(data_told=key))


def _places(told: Told, shown: Mapping[str, Any]) -> list[Any]:
    """Places to settle: the likeliest unit of each, to accept one by one or all."""
    proposed = shown["places"]
    if not proposed:
        return []
    n = len(proposed)
    every = {place["wording"]: place["units"][0][0] for place in proposed}
    title = ngettext("{n} lieu à décider", "{n} lieux à décider", n)
    rows = [_proposal(place) for place in proposed]
    accept = html.Button(
        _("Accepter toutes les propositions"),
        className="plain-button",
        **attrs(**says(places=every)),
    )
    return [folded(title, [html.Ul(rows, className="import-places"), accept])]


def _proposal(place: Mapping[str, Any]) -> html.Li:
    units = [
        html.Button(
            name,
            className="chip",
            **attrs(
                aria_label=_("Placer « {raw} » à {unit}", raw=place["wording"], unit=name),
                **says(places={place["wording"]: unit_id}),
            ),
        )
        for unit_id, name in place["units"]
    ]
    where = ", ".join(place["locators"])
    return html.Li([html.Span(f"« {place['wording']} »"), html.Small(where), *units])


def _open(shown: Mapping[str, Any] | None) -> list[Any]:
    """The tables found, their columns; open where a column waits for an answer."""
    if not shown or not shown["tables"]:
        return []
    told = [columns(table, shown) for table in shown["tables"]]
    unknown = sum(
        c["why"] == "column_unknown" for table in shown["tables"] for c in table["columns"]
    )
    title = _("Colonnes")
    if unknown:
        title += " · " + ngettext("{n} inconnue", "{n} inconnues", unknown)
    return [folded(title, told, is_open=unknown > 0)]
