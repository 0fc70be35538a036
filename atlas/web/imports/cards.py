"""One file of an import, before it is published: what it is, what was read, what was not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html

from atlas.findings import render
from atlas.geo.frames import FRAMES, frames
from atlas.i18n import _, ngettext
from atlas.vocab import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.columns import columns
from atlas.web.imports.drafts import CONTEXT, Item, State, Told
from atlas.web.imports.words import source_label, sources
from atlas.web.tables import plain
from atlas.web.words import frame_name, outcome_name, severity_name, status_name

_TOLD_ELSEWHERE = frozenset({"column_unknown", "column_ignored", "personal_data_dropped"})
"""Findings that the table of columns shows."""
_TYPED = re.compile(r"\s+(?:avec|with|using|by) --[\w-]+")
_WIDE = 5


def card(item: Item) -> html.Section:
    """All there is to see of a file, and what may be said of it."""
    told, state, shown = item.told, item.state, item.preview
    body: list[Any]
    if state.name == "failed":
        body = [html.P(state.error, className="unusable"), *_answers(told, shown), *_open(shown)]
    elif state.name != "read" or shown is None:
        body = [html.P(_("Lecture…"), className="waiting")]
    else:
        body = [*_answers(told, shown), *_places(told, shown), *_open(shown), *_results(shown)]
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


def says(**told: Any) -> dict[str, str]:
    """A click on this tells the server these words about the file."""
    return {"data_post": "", "data_body": json.dumps(told, ensure_ascii=False)}


def posts(action: str) -> dict[str, str]:
    """A click on this asks the server to do something with the file."""
    return {"data_post": action}


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
    day = told.as_of or shown.get("as_of") or ""
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
            ],
            className="import-answers",
        )
    ]


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
    return [_folded(title, [html.Ul(rows, className="import-places"), accept])]


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
    return [_folded(title, told, is_open=unknown > 0)]


def _results(shown: Mapping[str, Any]) -> list[Any]:
    """Rows as understood, findings, totals."""
    parts = []
    if shown["rows"]:
        more = max(shown["activities"], shown["facts"]) > len(shown["rows"])
        title = _("Premières lignes comprises") if more else _("Lignes comprises")
        is_facts = "indicator" in shown["rows"][0]
        parts.append(_folded(title, [_facts(shown["rows"]) if is_facts else _rows(shown["rows"])]))
    groups = [group for group in shown["findings"] if group["code"] not in _TOLD_ELSEWHERE]
    if groups:
        parts.append(_folded(_findings_title(groups), [_finding(group) for group in groups]))
    if shown["totals"]:
        off = sum(_differs(total) for total in shown["totals"])
        title = _("Totaux publiés et lus")
        if off:
            title += " · " + ngettext("{n} écart", "{n} écarts", off)
        parts.append(_folded(title, [_totals(shown["totals"])], is_open=off > 0))
    return parts


def _folded(title: str, content: Iterable[Any], *, is_open: bool = False) -> html.Details:
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
            " → ".join(day for day in (row["start"], row["end"]) if day) or say.UNKNOWN,
            status_name(row["status"]),
            _money(row),
        ]
        for row in rows
    ]
    return plain([*heads, _("Statut"), _("Montant")], body, numeric=(7,))


def _money(row: Mapping[str, Any]) -> str:
    if row["minor"] is None:
        return say.UNKNOWN
    from atlas.ingest.money import major

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
            row["as_of"] or say.UNKNOWN,
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
        [one["locator"] or "", one["field"] or "", sentence(group["code"], one["params"])]
        for one in group["some"]
    ]
    tag = html.Span(severity_name(group["severity"]), className=f"tag tag-{group['severity']}")
    left = group["n"] - len(rows)
    more = [html.P(_("… et {n} autres.", n=say.number(left)))] if left else []
    table = plain([_("Ligne"), _("Cellule"), _("Constat")], rows)
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
