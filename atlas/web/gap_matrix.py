"""Units by sectors, each cell its state: colour and sign, for a wall screen too."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.vocab import entries
from atlas.web import say, why
from atlas.web.attributes import attrs
from atlas.web.silence import reports_said
from atlas.web.words import stopped_said

SIGNS = {
    "gap": "✕",
    "partial": "◐",
    "covered": "●",
    "active": "•",
    "reported_none": "0",
    "not_comparable": "≠",
    "no_report": "",
    "access_priority": "▲",
    "nexus_priority": "■",
}
"""A sign for each state and class: nothing is told by colour alone."""

MOST_UNITS = 60
"""Rows of the matrix; those with the worst gaps where there are more units."""

_UNTOLD = ("no_report", "not_comparable")


def matrix(cells: pl.DataFrame) -> list[Any]:
    """The heat table of the units and sectors of which anything is known.

    Parameters
    ----------
    cells
        The layer ``coverage`` without its reserved rows.
    """
    known = pl.col("need").is_not_null() | pl.col("need_expired").is_not_null()
    told = cells.filter(~pl.col("state").is_in(_UNTOLD) | known)
    if not told.height:
        return []
    present = set(told["sector"].to_list())
    sectors = [s for s in (None, *entries("sectors")["id"]) if s in present]
    units = _units(told)
    states = {(r["unit_id"], r["sector"]): r for r in cells.to_dicts() if r["sector"] in present}
    shown = {unit for unit, _name in units}
    rows = [
        html.Tr([html.Th(name, scope="row"), *(_cell(states.get((unit, s)), s) for s in sectors)])
        for unit, name in units
    ]
    head = [html.Th(), *(html.Th(html.Span(_sector(s)), scope="col") for s in sectors)]
    words = _("Zones et secteurs dont quelque chose est connu")
    left = told["unit_id"].n_unique() - len(units)
    more = [html.P(ngettext("{n} autre zone au tableau.", "{n} autres zones au tableau.", left),
                   className="method")] if left else []  # fmt: skip
    return [
        html.H3(_("Zones par secteur")),
        html.Div(
            html.Table(
                [html.Caption(words, className="sr-only"), html.Thead(html.Tr(head)),
                 html.Tbody(rows)],
                className="matrix",
            ),
            className="scroll",
            tabIndex=0,
        ),
        *more,
        _legend({r["state"] for (unit, _s), r in states.items() if unit in shown}),
    ]  # fmt: skip


def _units(told: pl.DataFrame) -> list[tuple[str, str]]:
    """The units to show, by name; where there are too many, those with the most gaps."""
    worst = (
        told.group_by("unit_id", "unit_name")
        .agg((pl.col("state") == "gap").sum().alias("gaps"))
        .sort("gaps", "unit_name", descending=[True, False])
    )
    shown = worst.head(MOST_UNITS).sort("unit_name").select("unit_id", "unit_name")
    return [(unit, name) for unit, name in shown.iter_rows()]


def _sector(sector: str | None) -> str:
    return capitalised(label("sector", sector))


def _cell(row: dict[str, Any] | None, sector: str | None) -> html.Td:
    if row is None:
        return html.Td()
    words = [f"{row['unit_name']}, {_sector(sector)} : {label('state', row['state'])}"]
    if row["need"] is not None:
        words.append(_("besoin {n}", n=say.number(row["need"])))
    if row["need_expired"] is not None:
        words.append(_("besoin expiré le {day}", day=say.day(row["need_expired"])))
    if row["state"] == "no_report" and row["reporters"]:
        words.append(reports_said(row))
    words.append(ngettext("{n} activité y répond", "{n} activités y répondent", row["response"]))
    if n := row["response_ended"]:
        words.append(ngettext("dont {n} terminée", "dont {n} terminées", n))
    if row["ended_days"] is not None:
        days = row["ended_days"]
        words.append(ngettext("terminé depuis {n} jour", "terminé depuis {n} jours", days))
    if told := stopped_said(row["activities_cancelled"], row["activities_suspended"]):
        words.append(told)
    said = " ; ".join(words)
    sign = html.Button(
        SIGNS[row["state"]],
        title=said,
        className=f"gap-{row['state']} sign-{row['state']}"
        + (" stale" if row["need_expired"] is not None else ""),
        **attrs(aria_label=said),
        **why.opened("response", row["unit_id"], sector or ""),
    )
    return html.Td(sign)


def _legend(states: set[str]) -> html.Ul:
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(
                        SIGNS[s], className=f"key gap-{s} sign-{s}", **attrs(aria_hidden="true")
                    ),
                    html.Span(label("state", s)),
                ]
            )
            for s in SIGNS
            if s in states
        ],
        className="matrix-legend",
    )
