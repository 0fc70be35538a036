"""One file of an import, before it is published: what it is, what was read, what was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from atlas.geo.frames import FRAMES
from atlas.i18n import _, ngettext
from atlas.ingest.progress import behind, said
from atlas.labels import label
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.changes import changes
from atlas.web.imports.columns import columns
from atlas.web.imports.drafts import Item
from atlas.web.imports.findings import findings
from atlas.web.imports.parts import Look, button, folded
from atlas.web.imports.questions import questions
from atlas.web.imports.rows import as_they_stand, understood
from atlas.web.imports.saying import posts, says
from atlas.web.imports.told import CONTEXT, State, Told
from atlas.web.imports.totals import totals
from atlas.web.imports.words import source_label, sources


def card(item: Item, draft: str, look: Look) -> html.Section:
    """All there is to see of a file, and what may be said of it.

    While it is read again, what was read before stays in place.
    """
    told, state, shown = item.told, item.state, item.preview
    body: list[Any] = [_reading(state)] if state.pending or state.name == "stopped" else []
    if state.name == "failed":
        body += [html.P(state.error, className="unusable"), *_answers(told, shown)]
        body += [*_columns(shown), *(as_they_stand(item, shown, look) if shown else ())]
    elif shown is not None and "findings" in shown:
        body += [*_answers(told, shown), *_read(item, draft, told, shown, look)]
    again = state.pending and shown is not None
    return html.Section(
        [_head(item, told, state, shown), *body],
        className=f"import-file import-{state.name}" + ("" if told.kept else " import-left"),
        **attrs(
            aria_label=_("Fichier {file}", file=told.file),
            aria_busy=str(again).lower(),
            data_file=item.number,
            data_answers=str(told.answers),
        ),
    )


def _read(item: Item, draft: str, told: Told, shown: Mapping[str, Any], look: Look) -> list[Any]:
    """What was read, in the order in which a person goes through it."""
    return [
        *_money_aside(shown),
        *questions(told, shown, look),
        *_columns(shown),
        *findings(item, draft, shown, look),
        *as_they_stand(item, shown, look),
        *understood(shown),
        *totals(told, shown),
        *(changes(item, draft, shown) if shown["activities"] or not shown["facts"] else ()),
    ]


def _money_aside(shown: Mapping[str, Any]) -> list[html.P]:
    """The money that no activity has, or that is of other countries too, above all else."""
    told = []
    if sums := shown.get("unread_money"):
        told.append(_("Argent du fichier non compté : {sums}", sums=_sums(sums)))
    if sums := shown.get("shared_money"):
        told.append(
            _(
                "Argent de plusieurs pays, part du Mali inconnue, gardé entier : {sums}",
                sums=_sums(sums),
            )
        )
    return [html.P(words, className="unusable") for words in told]


def _sums(sums: Mapping[str, float]) -> str:
    return " + ".join(say.money(value, code or _("sans devise")) for code, value in sums.items())


def _head(item: Item, told: Told, state: State, shown: Mapping[str, Any] | None) -> html.Div:
    keep = html.Button(
        _("Publier ce fichier"),
        role="switch",
        className="switch",
        **attrs(aria_checked=str(told.kept).lower(), **says(kept=not told.kept)),
    )
    remove = button(
        _("Retirer"), posts("remove"), "plain-button", _("Retirer {file}", file=told.file)
    )
    told_of = html.Div([html.H3(told.file), html.P(_summary(state, shown))])
    return html.Div(
        [
            told_of,
            html.Div([keep if state.name == "read" else None, remove], className="import-tools"),
        ],
        className="import-head",
    )


def _reading(state: State) -> html.Div:
    """How far the reading is; the script moves the bar, and the person may call it off."""
    if state.name == "stopped":
        again = button(_("Reprendre la lecture"), says(stopped=False), "plain-button")
        return html.Div([html.Span(_("Lecture arrêtée.")), again], className="import-reading-bar")
    stop = button(_("Arrêter la lecture"), says(stopped=True), "plain-button")
    bar = html.Progress(
        value=f"{share(state):.2f}",
        max="1",
        **attrs(aria_label=_("Avancement de la lecture"), data_bar=""),
    )
    text = html.Span(phase_text(state), **attrs(data_phase=""))
    return html.Div([bar, text, stop], className="import-reading-bar")


def share(state: State) -> float:
    """How much of the reading of a file is behind, 0 to 1."""
    return behind(state.phase, state.done, state.total) if state.pending else 1.0


def phase_text(state: State) -> str:
    """What is being done, with the rows behind where they are counted."""
    total = say.number(state.total) if state.total else ""
    return said(state.phase, say.number(state.done), total)


def _summary(state: State, shown: Mapping[str, Any] | None) -> str:
    """Source, rows and their fate in one line."""
    if state.name == "failed":
        return _("inutilisable en l'état")
    if shown is None or "outcomes" not in shown:
        return _("en attente")
    rows = shown["rows_read"]
    parts = [
        source_label(shown["source"]),
        ngettext("{count} ligne lue", "{count} lignes lues", rows, count=say.number(rows)),
        *(f"{label('outcome', o)}\u00a0: {say.number(n)}" for o, n in shown["outcomes"].items()),
    ]
    return " · ".join(parts)


def _answers(told: Told, shown: Mapping[str, Any] | None) -> list[Any]:
    """Source, date and découpage: what was recognised, open to correction."""
    if shown is None:
        return []
    frame = shown.get("frame")
    judged = _("selon les lieux et la date")
    if frame and not told.frame:
        judged = _("selon les lieux et la date : {frame}", frame=label("frame", frame, full=True))
    decoupages = [html.Option(judged, value="", selected=not told.frame)]
    decoupages += [
        html.Option(label("frame", f, full=True), value=f, selected=f == told.frame) for f in FRAMES
    ]
    known = told.as_of or shown.get("as_of")
    day = say.short_day(known) if known else ""
    date_field = dcc.Input(type="text", value=day, placeholder=_("JJ/MM/AAAA"), maxLength=10)
    return [
        html.Div(
            [
                _field(_("Source"), "source", _sources(told, shown)),
                _field(_("Situation au"), "as_of", date_field),
                _field(_("Découpage"), "frame", html.Select(decoupages)),
            ],
            className="import-answers",
        )
    ]


def _sources(told: Told, shown: Mapping[str, Any]) -> html.Select:
    read = shown.get("source")
    auto = _("reconnue : {source}", source=source_label(read)) if read else _("à reconnaître")
    lists = [code for code in sources() if not code.startswith(CONTEXT)]
    tables = [code for code in sources() if code.startswith(CONTEXT)]
    named = {"auto": auto}
    return html.Select(
        [
            html.Optgroup([_option(c, told.source, named) for c in group], label=name)
            for name, group in ((_("Activités"), lists), (_("Tables de contexte"), tables))
        ]
    )


def _option(code: str, chosen: str, named: Mapping[str, str]) -> html.Option:
    text = named.get(code) or source_label(code)
    return html.Option(text, value=code, selected=code == chosen)


def _field(name: str, key: str, control: Any) -> html.Label:
    return html.Label([html.Span(name), control], **attrs(data_told=key))


def _columns(shown: Mapping[str, Any] | None) -> list[Any]:
    """The tables found, their columns; open where a column waits for an answer."""
    if not shown or not shown["tables"]:
        return []
    told = [columns(table, shown) for table in shown["tables"]]
    every = [c for table in shown["tables"] for c in table["columns"]]
    unknown = sum(c["why"] == "column_unknown" for c in every)
    read = sum(bool(c["field"]) for c in every)
    title = _("Colonnes") + " · " + ngettext("{n} lue", "{n} lues", read)
    if unknown:
        title += " · " + ngettext("{n} inconnue", "{n} inconnues", unknown)
    return [folded(title, told, is_open=unknown > 0)]
