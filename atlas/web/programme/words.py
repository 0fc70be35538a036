"""What the tab of a programme says: states with their signs, and the sentences read out."""

from __future__ import annotations

from typing import Any

import polars as pl

from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.counting import STOPPED
from atlas.layers.perimeter import Programme, component_name
from atlas.layers.programme import ALL, State
from atlas.layers.programme_rows import ZONES
from atlas.web import say
from atlas.web.tables import filled
from atlas.web.words import stopped_said

SIGNS: dict[State, str] = {
    State.COVERED: "●",
    State.PAST: "◐",
    State.PLANNED: "○",
    State.GAP: "✕",
    State.UNCLEAR: "?",
    State.UNMAPPED: "–",
    State.NOT_MEANT: "·",
}
"""Sign of each state, in the order of the legend."""
LACKING = (State.GAP, State.PAST, State.PLANNED, State.UNCLEAR)
"""States whose cells are named: what is over or announced covers nothing on the day."""


def state_words(state: str) -> str:
    """A state of a cell, which no need is set against."""
    return label("state", state, full=True)


def undefined(plan: Programme) -> str:
    """The state of a programme whose units nobody has named."""
    if plan.expected is None:
        return _("Périmètre à définir")
    n = plan.expected
    return ngettext(
        "Périmètre à définir ({n} cercle non nommé)",
        "Périmètre à définir ({n} cercles non nommés)",
        n,
    )


Sum = tuple[str, list[tuple[str, str, str]]]
"""A sentence with a ``|`` for each figure; the figures: words, name and zone of each."""


def sums(totals: pl.DataFrame) -> list[Sum]:
    """What is inside, outside, and what cannot be said, in one sentence each."""
    rows = {row["zone"]: row for row in totals.filter(component=ALL).to_dicts()}
    return [_sum(rows[zone], zone) for zone in ZONES if zone in rows]


def _sum(row: dict[str, Any], zone: str) -> Sum:
    n, inherited = row["activities"], row["inherited"]
    counted = ngettext("{shown} activité", "{shown} activités", n, shown=say.number(n))
    figures = [(counted, "programme", zone), (say.usd(row["budget_usd"]), "programme_usd", zone)]
    name = capitalised(label("zone", zone))
    line = _("{name} : {counted}, {money}", name=name, counted="|", money="|")
    line += _on_perimeter(inherited)
    if inherited:
        figures.append((say.number(inherited), "programme_inherited", zone))
    return f"{line}{apart(row)}.", figures


def apart(row: dict[str, Any]) -> str:
    """What is cancelled or suspended, which is in neither figure."""
    told = stopped_said(row["cancelled"], row["suspended"])
    money = sum(row[f"{status}_usd"] or 0 for status in STOPPED)
    if money:
        told += f", {say.usd(money)}"
    return _(" ; hors compte : {told}", told=told) if told else ""


def spelt(line: Sum) -> str:
    """A sentence in words alone."""
    words, figures = line
    return "".join(filled(words, *(shown for shown, _name, _zone in figures)))


def _on_perimeter(n: int) -> str:
    if not n:
        return ""
    return ngettext(
        ", dont {shown} placée sur tout le périmètre de son document",
        ", dont {shown} placées sur tout le périmètre de leur document",
        n,
        shown="|",
    )


def lacking(table: pl.DataFrame, *, whole: bool = True) -> list[str]:
    """How many cells stand how; which lack; what is to be checked or has no sector.

    Parameters
    ----------
    whole
        Whether every unit of the perimeter has its row: without that, no gap is no news. Nor is
        it where anything meant has no activity under way.
    """
    meant = table.drop_nulls("state").filter(pl.col("state") != State.NOT_MEANT)
    covered = meant.height > 0 and (meant["state"] == State.COVERED).all()
    told = [_cells(table), _("Aucune lacune.") if whole and covered else ""]
    told += [
        *(
            _("{what} : {where}.", what=capitalised(state_words(state)), where=where)
            for state in LACKING
            if (where := _where(table, state))
        ),
    ]
    unmapped = table.filter(state=State.UNMAPPED)["component"].unique(maintain_order=True)
    if unmapped.len():
        names = ", ".join(component_name(one) for one in unmapped)
        told.append(_("Aucun secteur n'est rattaché à : {names}.", names=names))
    return [line for line in told if line]


def _cells(table: pl.DataFrame) -> str:
    """``Cases zone par composante : couvert, activité en cours 3 ; sans secteur rattaché 1.``"""
    counts = {state: table.filter(state=state).height for state in SIGNS}
    parts = [f"{state_words(state)} {n}" for state, n in counts.items() if n]
    return _("Cases zone par composante : {counts}.", counts=" ; ".join(parts)) if parts else ""


def _where(table: pl.DataFrame, state: State) -> str:
    own = table.filter(state=state)
    return " ; ".join(
        f"{name} ({', '.join(component_name(c) for c in rows['component'])})"
        for (name,), rows in own.group_by("unit_name", maintain_order=True)
    )


def short(component: str | None) -> str:
    """Name of a component as the head of a narrow column."""
    if component is None:
        return _("Sans composante")
    name = component_name(component)
    lead, colon, rest = name.partition(":")
    name = rest.strip() if colon and len(lead) < 14 and rest.strip() else name
    return name if len(name) <= 34 else f"{name[:33].rsplit(' ', 1)[0]}…"
