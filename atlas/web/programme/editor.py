"""Where the office says what a programme is: try it on the page first, then publish it.

What is tried stands in the URL as two settings of the layer, so that map, matrix and files
show its effect before anything is published.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from dash import dcc, html

from atlas.i18n import _
from atlas.labels import label
from atlas.layers.perimeter import Programme, component_name
from atlas.layers.programme import State
from atlas.model import Level
from atlas.vocab import entries
from atlas.vocab.programmes import known
from atlas.web import bar, say, settings
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene
from atlas.web.programme import entry, plan, words

DATE = "programme-as-of"


def editor(scene: Scene) -> html.Details:
    """The perimeter, the component of each sector, the effect, and the way to publish.

    It stays open while there is something to do: to choose, to publish, or to take back.
    """
    shown, drafting, undoing = plan.shown(scene), plan.is_drafting(scene), _undoing(scene)
    return html.Details(
        [
            html.Summary(_("Définir le périmètre et les composantes")),
            *([_effect(scene), _publishing(scene)] if drafting else []),
            html.H3(_("Périmètre")),
            _perimeter(scene, shown),
            html.H3(_("Composante de chaque secteur")),
            _components(scene, shown),
            undoing,
        ],
        className="programme-editor",
        open=drafting or not shown.units or undoing is not None,
        key=f"{shown.id} {drafting}",
    )


def _perimeter(scene: Scene, shown: Programme) -> html.Div:
    """The units, searched by name; communes at the level of communes."""
    fine = scene.view.level == Level.COMMUNE
    hint = (
        _("Cherchez un cercle ou une commune par son nom.")
        if fine
        else _("Cherchez un cercle par son nom ; pour des communes, passez au niveau commune.")
    )
    picker = dcc.Dropdown(
        _units(scene, shown),
        list(shown.units),
        id={"type": settings.KIND, "key": "programme.perimeter"},
        multi=True,
        searchable=True,
        closeOnSelect=True,
        placeholder=_("Ajouter une zone"),
        maxHeight=300,
        labels=bar.labels(),
    )
    return html.Div([note_of(hint), picker], className="perimeter")


def note_of(text: str) -> html.P:
    """A line of help."""
    return html.P(text, className="meta")


def _units(scene: Scene, shown: Programme) -> list[dict[str, str]]:
    """Units to choose from: those of the perimeter, then those where it is said to be, then all."""
    assert scene.data is not None
    frames, frame = scene.data.frames, scene.view.frame or scene.data.default_frame
    levels = [Level.CERCLE, *([Level.COMMUNE] if scene.view.level == Level.COMMUNE else [])]
    ids = [unit for level in levels for unit in frames.at(frame, level)["unit_id"]]
    likely = set(known(shown.id).regions)
    of = {frames.unit(region).frame for region in likely}
    near = {u for u in ids if likely & {frames.convert(u, one, Level.REGION) for one in of}}
    ordered = dict.fromkeys([*shown.units, *(u for u in ids if u in near), *ids])
    return [{"value": unit, "label": _told(scene, unit)} for unit in ordered if unit in frames]


def _told(scene: Scene, unit_id: str) -> str:
    """``Bankass (cercle, Mopti)``: a name alone is often that of several places."""
    assert scene.data is not None
    frames = scene.data.frames
    unit = frames.unit(unit_id)
    above = frames.label(unit.parent) if unit.parent else ""
    where = ", ".join(part for part in (label("level", unit.level), above) if part)
    return f"{unit.name} ({where})"


def _components(scene: Scene, shown: Programme) -> html.Div:
    """A list for each sector; each choice writes the whole draft into the URL."""
    stands = plan.published(scene).sectors
    rows = [_sector(shown, dict(stands), sector) for sector in entries("sectors")["id"]]
    return html.Div(html.Table(html.Tbody(rows), className="plain sectors"), className="scroll")


def _sector(shown: Programme, stands: dict[str, str | None], sector: str) -> html.Tr:
    now = shown.sectors.get(sector)
    choices = [None, *(one for one in shown.components if not one.startswith("_"))]
    drafts = {one: _draft(shown, stands, sector, one) for one in choices}
    options = [
        html.Option(
            component_name(one) if one else _("aucune"),
            value=draft,
            selected="selected" if one == now else None,
        )
        for one, draft in drafts.items()
    ]
    select = html.Select(
        options,
        key=f"{sector}={drafts[now]}",
        **attrs(
            data_setting="programme.components",
            data_default="",
            aria_label=label("sectors", sector),
        ),
    )
    tag = html.Span(_("proposé"), className="tag") if sector in shown.proposed else ""
    return html.Tr([html.Td(label("sectors", sector)), html.Td(select), html.Td(tag)])


def _draft(
    shown: Programme, stands: dict[str, str | None], sector: str, component: str | None
) -> str:
    """The setting that says this of a sector, and of the others what is tried already."""
    wanted = {**shown.sectors, sector: component}
    changed = {s: c for s, c in wanted.items() if stands.get(s) != c}
    return "|".join(f"{s}:{c or ''}" for s, c in sorted(changed.items()))


def _effect(scene: Scene) -> html.Div:
    """What the draft changes, as counts of cells."""
    before, after = (_states(scene, drafted) for drafted in (False, True))
    parts = [
        _(
            "{what} : {before} → {after}",
            what=words.state_words(state),
            before=n,
            after=after[state],
        )
        for state, n in before.items()
        if n != after[state]
    ]
    effect = " ; ".join(parts) or _("aucune case ne change d'état")
    return html.Div(
        [
            html.P(html.Strong(_("À l'essai, non publié : la page en montre déjà l'effet."))),
            html.P(_("Effet : {effect}.", effect=effect)),
        ],
        className="read-out",
    )


def _states(scene: Scene, drafted: bool) -> dict[State, int]:
    assert scene.data is not None
    view = scene.view
    said = view.options_of(plan.LAYER)
    if not drafted:
        said = {name: value for name, value in said.items() if name not in plan.DRAFTS}
    table = scene.data.ask(
        plan.LAYER, view.filters, view.frame, view.level, scene.viewer, said
    ).table
    return {state: table.filter(pl.col("state") == state).height for state in words.SIGNS}


def _publishing(scene: Scene) -> html.Div:
    """The day from which it holds, said by the person; publish, or give it up."""
    assert scene.data is not None
    day = scene.data.as_of
    return html.Div(
        [
            html.Label(
                [
                    html.Span(_("Valable à partir du")),
                    dcc.Input(
                        id=DATE,
                        type="text",
                        value=f"{day:%d/%m/%Y}" if day else "",
                        placeholder=_("JJ/MM/AAAA"),
                        className="setting-typed",
                        autoComplete="off",
                    ),
                ],
                className="setting",
            ),
            html.Button(
                _("Publier"),
                className="primary",
                **attrs(
                    data_post="/programme/publish",
                    data_day=DATE,
                    data_seen=entry.version_of(scene.tables, plan.shown(scene).id),
                    data_then=json.dumps(plan.CLEARED),
                ),
            ),
            html.Button(_("Abandonner l'essai"), **go(**plan.CLEARED)),
        ],
        className="settings",
    )


def _undoing(scene: Scene) -> Any:
    """Take the last publication back, where it was of a programme."""
    events = scene.history()
    if len(events) < 2 or events[0].note not in (_(entry.NOTE), entry.NOTE):
        return None
    text = _("Annuler la dernière publication du programme")
    made = f"{say.day(events[0].time.date())}"
    return html.Div(
        html.Button(
            text,
            title=made,
            **attrs(data_post="/programme/undo", data_published=events[0].hash),
        ),
        className="settings",
    )
