"""A programme as a matrix: its perimeter by its components, what lacks, and what it costs."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas.errors import AtlasError
from atlas.i18n import _
from atlas.labels import capitalised, label
from atlas.layers.perimeter import Programme, component_name
from atlas.layers.programme import NONE, State
from atlas.layers.programme_rows import OUTSIDE, UNKNOWN
from atlas.model import Level, Viewer
from atlas.vocab.programmes import known as known_of
from atlas.web import downloads, say, why
from atlas.web.attributes import attrs, go
from atlas.web.desk import Scene, ask
from atlas.web.programme import editor, plan, words
from atlas.web.tables import empty, filled, note

ROWS = {"inside": "", "outside": OUTSIDE, "unknown": UNKNOWN}
"""Rows of sums, and what opens the activities each is made of."""


def programme(scene: Scene) -> list[Any]:
    """Which programme, its matrix or what is missing for one, and the editor."""
    try:
        shown = plan.shown(scene)
        answer, totals = ask(scene, "programme"), ask(scene, "programme_totals").table
    except AtlasError as error:
        return [_choice(scene, ""), empty(error.sentence())]
    body = (
        _defined(scene, shown, answer.table, totals, answer.meta)
        if shown.units
        else _undefined(scene, shown, totals)
    )
    made = [*body, editor.editor(scene)] if scene.viewer is Viewer.EDITOR else body
    return [_choice(scene, shown.id), *made]


def _choice(scene: Scene, chosen: str) -> html.Div:
    return html.Div(
        [
            html.Button(
                name,
                className="chosen" if one == chosen else None,
                **attrs(aria_pressed=str(one == chosen).lower()),
                **go(**{"programme.programme": "" if one == "psirc" else one, **plan.CLEARED}),
            )
            for one, name in plan.names(scene).items()
        ],
        className="settings programmes",
        role="group",
        **attrs(aria_label=_("Programme")),
    )


def _undefined(scene: Scene, shown: Programme, totals: pl.DataFrame) -> list[Any]:
    """What is known, what to do, and what is reported of each component meanwhile."""
    assert scene.data is not None
    known = [html.P(html.Strong(words.undefined(shown) + "."))]
    if shown.source:
        known.append(html.P(_("Source : {source}.", source=shown.source)))
    if shown.id == "psirc":
        known.append(
            html.P(
                _(
                    "Ces cercles sont dans les régions de Mopti et de Ségou de l'époque, "
                    "partagées depuis entre Mopti, Bandiagara, Douentza, Ségou et San."
                )
            )
        )
    todo = (
        _(
            "Choisissez-les ci-dessous et publiez, ou importez le tableau « Périmètre d'un "
            "programme ». D'ici là, aucune zone n'est dite en lacune."
        )
        if scene.viewer is Viewer.EDITOR
        else _(
            "Le bureau du gouverneur peut les choisir ici, depuis sa machine. D'ici là, aucune "
            "zone n'est dite en lacune."
        )
    )
    return [
        html.Div([*known, html.P(todo)], className="read-out undefined"),
        *_of_its_time(scene, shown),
        html.H3(_("Signalé dans tout le pays, par composante")),
        _matrix(shown, pl.DataFrame(), totals, {"unknown": _("Tout le pays")}),
    ]


def _of_its_time(scene: Scene, shown: Programme) -> list[Any]:
    """A way to the units that the programme counts, in the découpage of its time."""
    public = known_of(shown.id)
    frames = {region.split("/")[0] for region in public.regions}
    if not public.level or len(frames) != 1:
        return []
    frame = frames.pop()
    if (scene.view.level, scene.view.frame) == (public.level, frame):
        return []
    text = _(
        "Montrer par {level}, {frame}",
        level=label("level", public.level),
        frame=label("frame", frame),
    )
    return [
        html.Div(html.Button(text, **go(level=public.level, frame=frame)), className="settings")
    ]


def _defined(
    scene: Scene,
    shown: Programme,
    table: pl.DataFrame,
    totals: pl.DataFrame,
    meta: dict[str, object],
) -> list[Any]:
    sums = words.sums(totals)
    lacking = words.lacking(table, whole=not meta.get("not_convertible"))
    sentences = [*map(words.spelt, sums), *lacking]
    heads = {zone: capitalised(label("zone", zone)) for zone in ROWS}
    return [
        *_by_own_level(scene, shown, lost=bool(meta.get("not_convertible"))),
        *_lost(scene, meta),
        note(_origin(shown), downloads.links("programme")),
        _matrix(shown, table.filter(pl.col("inside").fill_null(value=False)), totals, heads),
        _legend(table),
        html.Div([html.P(one) for one in [*map(_told, sums), *lacking]], className="read-out"),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **attrs(data_copy_text="\n".join(sentences), data_done=_("Texte copié")),
        ),
    ]


def _told(line: words.Sum) -> list[Any]:
    """A sentence whose figures open what they are made of."""
    text, figures = line
    return filled(text, *(why.number(shown, name, ROWS[zone]) for shown, name, zone in figures))


def _by_own_level(scene: Scene, shown: Programme, *, lost: bool) -> list[Any]:
    """A way to the perimeter's own level and découpage, where the page shows another."""
    assert scene.data is not None
    own = {(unit.level, unit.frame) for unit in map(scene.data.frames.unit, shown.units)}
    level, frame = next(iter(own))
    if len(own) != 1 or (scene.view.level == level and not lost):
        return []
    goes = {"level": "" if level == Level.REGION else level}
    goes |= {"frame": frame} if lost else {}
    text = (
        _("Montrer par {level}, {frame}", level=label("level", level), frame=label("frame", frame))
        if lost
        else _("Montrer par {level}", level=label("level", level))
    )
    return [html.Div(html.Button(text, **go(**goes)), className="settings")]


def _origin(shown: Programme) -> str:
    if shown.as_of is None:
        return _("Périmètre à l'essai.")
    told = _("Périmètre : {source}, {day}.", source=shown.source, day=say.day(shown.as_of))
    if shown.proposed:
        told += " " + _("Secteurs par composante : proposés, à confirmer.")
    return told


def _lost(scene: Scene, meta: dict[str, object]) -> list[Any]:
    """Units of the perimeter that this découpage cannot tell at this level."""
    assert scene.data is not None
    lost = meta.get("not_convertible")
    if not isinstance(lost, list) or not lost:
        return []
    names = ", ".join(scene.data.frames.label(unit) for unit in lost)
    frame = label("frame", scene.view.frame or scene.data.default_frame)
    return [
        note(
            _(
                "Sans ligne propre à ce niveau dans le {frame} : {names}. Leurs activités sont "
                "comptées dans le périmètre, sans lieu plus précis.",
                frame=frame,
                names=names,
            )
        )
    ]


# the matrix


def _matrix(
    shown: Programme, cells: pl.DataFrame, totals: pl.DataFrame, heads: dict[str, str]
) -> html.Div:
    """Units by components, then the sums; a last column for what has no component."""
    columns: list[str | None] = [*shown.components, None]
    if not totals.filter(pl.col("component").is_null()).height:
        columns.pop()
    head = [html.Th(""), *(_head(one) for one in columns)]
    body = [_unit_row(rows, columns) for rows in _units(cells)]
    told = set(totals["zone"])
    body += [_sum_row(totals, zone, heads[zone], columns) for zone in heads if zone in told]
    return html.Div(
        html.Table(
            [html.Thead(html.Tr(head)), html.Tbody(body)], className="plain programme-matrix"
        ),
        className="scroll",
        tabIndex=0,
    )


def _head(component: str | None) -> html.Th:
    title = component_name(component) if component else _("Secteur inconnu ou d'aucune composante")
    return html.Th(words.short(component), scope="col", title=title)


def _units(cells: pl.DataFrame) -> list[pl.DataFrame]:
    return cells.partition_by("unit_id", maintain_order=True) if cells.height else []


def _unit_row(rows: pl.DataFrame, columns: list[str | None]) -> html.Tr:
    first = rows.row(0, named=True)
    name = _("{name} (en partie)", name=first["unit_name"]) if first["part"] else first["unit_name"]
    by_component = {row["component"]: row for row in rows.to_dicts()}
    return html.Tr(
        [html.Th(name, scope="row"), *(_cell(by_component.get(one), name, one) for one in columns)]
    )


def _cell(row: dict[str, Any] | None, name: str, component: str | None) -> html.Td:
    """Sign and count, the money below; both open what they are made of."""
    if row is None:
        return html.Td("")
    state = row["state"]
    sign = words.SIGNS[State(state)] if state else ""
    shown = f"{sign} {say.number(row['activities'])}" if row["activities"] else sign
    told = words.state_words(state) if state else _("activités sans composante")
    title = f"{name}, {words.short(component)} : {told}"
    if row["possible"] and not row["activities"]:
        title += f" ({say.number(row['possible'])})"
    if apart := words.apart(row):
        title += apart
    if not row["activities"]:
        return html.Td(html.Span(shown, title=title), className=f"told told-{state}")
    key = component or NONE
    return html.Td(
        [
            html.Button(shown, title=title, **why.opened("programme", row["unit_id"], key)),
            _money(row, row["unit_id"], key),
        ],
        className=f"told told-{state}" if state else "told",
    )


def _money(row: dict[str, Any], unit: str, key: str) -> html.Div:
    if row["budget_usd"] is None:
        return html.Div(_("montant inconnu"), className="meta")
    text = say.short_usd(row["budget_usd"])
    return html.Div(why.number(text, "programme_usd", unit, key), className="meta")


def _sum_row(totals: pl.DataFrame, zone: str, name: str, columns: list[str | None]) -> html.Tr:
    own = {row["component"]: row for row in totals.filter(zone=zone).to_dicts()}
    return html.Tr(
        [html.Th(name, scope="row"), *(_sum(own.get(one), zone, one) for one in columns)],
        className="sum",
    )


def _sum(row: dict[str, Any] | None, zone: str, component: str | None) -> html.Td:
    if row is None:
        return html.Td("0", className="told")
    count, unit = say.number(row["activities"]), ROWS[zone]
    key = component or NONE
    return html.Td(
        [why.number(count, "programme", unit, key), _money(row, unit, key)], className="told"
    )


def _legend(table: pl.DataFrame) -> html.P:
    present = set(table["state"].drop_nulls())
    parts = [
        html.Span([html.B(sign), f" {words.state_words(state)}"])
        for state, sign in words.SIGNS.items()
        if state in present
    ]
    return html.P(parts, className="programme-legend")
