"""The panel of a zone: its figures, what is published without detail, its activities."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.answers import Panel as Inside
from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.model import Kind, Level
from atlas.web import say, silence, why
from atlas.web.attributes import attrs
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import known_of
from atlas.web.tables import empty, filled, joined
from atlas.web.unit_values import unit_states
from atlas.web.words import counted_name, stopped_words

MOST_ITEMS = 40
FINER = {Level.REGION: Level.CERCLE, Level.CERCLE: Level.COMMUNE, Level.COMMUNE: Level.COMMUNE}


def panel(scene: Scene) -> list[Any]:
    """The open zone, or nothing."""
    zone, data = scene.view.zone, scene.data
    if not zone or data is None or (zone not in data.frames):
        return []
    return [
        html.Aside(
            [_head(scene, zone), html.Div(_body(scene, zone), className="panel-body")],
            className="panel",
            id="zone-panel",
            **attrs(aria_label=data.frames.label(zone)),
        )
    ]


def _head(scene: Scene, zone: str) -> html.Div:
    frames = scene.data.frames  # type: ignore[union-attr]
    unit = frames.unit(zone)
    parent = frames.label(unit.parent) if unit.parent else ""
    code = _(" · p-code {code}", code=unit.pcode) if unit.pcode else ""
    level = capitalised(label("level", unit.level))
    place = f"{level}, {parent}" if parent else level
    where = f"{place} · {label('frame', unit.frame)}{code}"
    return html.Div(
        [
            html.Div([html.H2(unit.name), html.P(where)]),
            html.Button(
                _("Fermer"),
                className="close",
                title=_("Fermer (Échap)"),
                **attrs(data_go=json.dumps({"zone": ""})),
            ),
        ],
        className="panel-head",
    )


def _body(scene: Scene, zone: str) -> list[Any]:
    assert scene.data is not None
    inside = summaries.zone(scene.data, zone, scene.view.filters, scene.viewer)
    return [
        _figures(scene, zone, inside),
        _actions(scene, zone),
        *_published(zone, inside.published),
        *_items(inside.activities.filter(pl.col("kind") != Kind.PRESENCE), scene.view.plans),
        *_present(zone, inside.activities.filter(pl.col("kind") == Kind.PRESENCE)),
    ]


def _figures(scene: Scene, zone: str, inside: Inside) -> html.Div:
    presence, budget = inside.presence, inside.budget
    state = label("state", unit_states(scene).get(zone, "no_report"))
    notes = silence.unit_notes(scene).get(zone, "")
    money, inherited = budget.get("budget_usd"), budget.get("inherited_usd")
    shown = [
        (
            "activities",
            say.number(presence.get("activities")),
            counted_name(scene.view.filters.kind, 2),
            "",
        ),
        ("organisations", say.number(presence.get("organisations")), _("organisations"), ""),
        ("placed_usd", say.short_usd(money), _("budget placé"), say.usd(money)),
        ("unpriced", say.number(budget.get("without_amount")), _("sans montant publié"), ""),
    ]
    return html.Div(
        [
            *(
                html.Button(
                    [html.Span(value, className="value"), html.Span(label, className="label")],
                    className="figure",
                    title=exact or None,
                    **why.opened(name, zone),
                )
                for name, value, label, exact in shown
            ),
            html.P(_("État : {state}.", state=state), className="state"),
            _stopped(zone, budget),
            *(html.P(line, className="state") for line in known_units(scene, zone)),
            *(html.P(line, className="state") for line in notes.split("\n") if line),
            html.P(
                filled(
                    _(
                        "Dont {amount} sans lieu propre, répartis sur le périmètre de leur "
                        "document.",
                        amount="|",
                    ),
                    why.number(say.usd(inherited), "placed_inherited_usd", zone),
                ),
                className="state stale",
            )
            if inherited
            else None,
        ],
        className="panel-figures",
    )


def _stopped(zone: str, row: dict[str, Any]) -> html.P | None:
    """What is cancelled and what is suspended: in none of the figures above."""
    told = []
    for status, words in stopped_words(row["cancelled"], row["suspended"]).items():
        money = row[f"{status}_usd"]
        amount = f" ({say.usd(money)})" if money else ""
        told.append([*filled(words, why.number(say.number(row[status]), status, zone)), amount])
    if not told:
        return None
    return html.P(
        filled(_("Hors de tous ces chiffres : {told}.", told="|"), html.Span(joined(told))),
        className="state stale",
    )


def known_units(scene: Scene, zone: str) -> list[str]:
    """Of how many of its smaller units the need of a zone is known, sector by sector."""
    rows = ask(scene, "coverage").table.filter(unit_id=zone).drop_nulls("need_units")
    return [known_of(row) for row in rows.to_dicts()]


def _actions(scene: Scene, zone: str) -> html.Div:
    frames = scene.data.frames  # type: ignore[union-attr]
    unit = frames.unit(zone)
    finer = FINER[Level(unit.level)]
    mine = scene.view.but(
        filters=scene.view.filters.but(unit=(zone,)), frame=unit.frame, level=str(finer), zone=None
    )
    only = {
        "unit": [zone],
        "level": "" if finer is Level.REGION else str(finer),
        "zone": "",
        "frame": unit.frame,
    }
    return html.Div(
        [
            html.Button(_("N'afficher que cette zone"), **attrs(data_go=json.dumps(only))),
            html.Button(
                _("Copier le lien « ma zone »"),
                title=_("Un signet qui ouvre toujours cette zone"),
                **attrs(data_copy="?" + mine.to_query(), data_done=_("Lien copié")),
            ),
        ],
        className="panel-actions",
    )


def _published(zone: str, table: pl.DataFrame) -> list[Any]:
    """Counts and sums published without their items: beside the items, never added to them."""
    rows = table.to_dicts()
    if not rows:
        return []
    return [
        html.H3(_("Publié, non détaillé")),
        html.Div(
            [
                html.Ul([html.Li(_published_line(zone, row)) for row in rows]),
                html.P(
                    _("À côté des activités ci-dessous, jamais ajouté à elles."), className="stale"
                ),
            ],
            className="published",
        ),
    ]


def _published_line(zone: str, row: dict[str, Any]) -> list[Any]:
    """What was published, each figure with the place it was read in."""
    counted, money, one = row["items"], row["budget_usd"], (zone, row["activity_id"])
    figures = []
    if counted is not None:
        words = ngettext("{shown} projet", "{shown} projets", counted, shown=say.number(counted))
        figures.append([why.number(words, "published", *one)])
    if money is not None:
        figures.append([why.number(say.usd(money), "published_usd", *one)])
    parts = [_("{name} : ", name=label("sources", row["source"])), *joined(figures)]
    if not row["exact"]:
        parts.append(_(" pour {unit}, dont ce n'est qu'une partie", unit=row["published_for"]))
    parts.append(_(" (situation au {day})", day=say.day(row["as_of"])))
    return parts


def _items(inside: pl.DataFrame, plans: bool) -> list[Any]:
    title = html.H3(_("Activités et plans") if plans else _("Activités signalées"))
    if not inside.height:
        return [
            title,
            empty(_("Aucune activité signalée ici : cela ne veut pas dire qu'il n'y en a pas.")),
        ]
    items = [html.Li(_item(row)) for row in inside.head(MOST_ITEMS).to_dicts()]
    parts: list[Any] = [title, html.Ul(items, className="items")]
    if inside.height > MOST_ITEMS:
        rest = say.number(inside.height - MOST_ITEMS)
        parts.append(empty(_("{n} autres dans l'onglet Activités.", n=rest)))
    return parts


def _present(zone: str, presences: pl.DataFrame) -> list[Any]:
    """Organisations said to be there, and no more."""
    told = presences["organisations"].drop_nulls().str.split(" ; ").explode()
    names = sorted(set(told), key=str.casefold)
    if not names:
        return []
    days = [say.day(day) for day in sorted(set(presences["as_of"].drop_nulls()))]
    return [
        html.H3(
            filled(
                _("Présences signalées ({n})", n="|"),
                why.number(say.number(len(names)), "presences", zone),
            )
        ),
        html.P(", ".join(names)),
        html.P(
            _("Présence au {days}, sans activité ni montant connus.", days=", ".join(days)),
            className="stale",
        ),
    ]


def _item(row: dict[str, Any]) -> list[Any]:
    period = say.years((row["start"], row["end"])) if row["start"] or row["end"] else ""
    money = say.usd(row["budget_usd"]) if row["budget_usd"] is not None else _("montant inconnu")
    parts = [
        label("kinds", row["kind"]) if row["kind"] == Kind.PLAN else "",
        row["source_label"],
        row["sector_label"],
        row["status_label"],
        row["organisations"],
        period,
        money,
        row["place"],
        _("compté avec « {title} »", title=row["counted_with_title"])
        if row["counted_with"]
        else "",
    ]
    return [html.Div(row["title"]), html.Div(" · ".join(p for p in parts if p), className="meta")]
