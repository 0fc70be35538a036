"""What the tab of a programme says: states with their signs, and the sentences read out."""

from __future__ import annotations

from typing import Any

import polars as pl

from atlas.i18n import N_, _, ngettext
from atlas.layers.counting import STOPPED
from atlas.layers.perimeter import Programme, component_name
from atlas.layers.programme import ALL, State
from atlas.web import say
from atlas.web.tables import filled
from atlas.web.words import stopped_said

SIGNS: dict[State, tuple[str, str]] = {
    State.COVERED: ("●", N_("couvert : activité en cours")),
    State.PAST: ("◐", N_("non couvert : activités terminées seulement")),
    State.PLANNED: ("○", N_("non couvert : activités prévues seulement")),
    State.GAP: ("✕", N_("lacune : aucune activité signalée")),
    State.UNCLEAR: ("?", N_("à vérifier : activités placées plus largement")),
    State.UNMAPPED: ("–", N_("aucun secteur n'est rattaché à cette composante")),
    State.NOT_MEANT: ("·", N_("composante non prévue ici")),
}
"""Sign and words of each state, in the order of the legend."""
COUNTED = {
    State.COVERED: N_("avec activité en cours"),
    State.PAST: N_("avec activités terminées seulement"),
    State.PLANNED: N_("avec activités prévues seulement"),
    State.GAP: N_("en lacune"),
    State.UNCLEAR: N_("à vérifier"),
    State.UNMAPPED: N_("sans secteur rattaché"),
    State.NOT_MEANT: N_("non prévu ici"),
}
"""The same, after a count of cells."""


UNCOVERED = {
    State.PAST: N_("Non couvert, activités terminées seulement : {where}."),
    State.PLANNED: N_("Non couvert, activités prévues seulement : {where}."),
}
"""What was done or is announced covers nothing on the day of reference."""


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
    return [_sum(rows[zone], zone, words) for zone, words in _ZONES.items() if zone in rows]


def _sum(row: dict[str, Any], zone: str, words: str) -> Sum:
    n, inherited = row["activities"], row["inherited"]
    counted = ngettext("{shown} activité", "{shown} activités", n, shown=say.number(n))
    figures = [(counted, "programme", zone), (say.usd(row["budget_usd"]), "programme_usd", zone)]
    line = _(words, counted="|", money="|")[:-1] + _on_perimeter(inherited)
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


_ZONES = {
    "inside": N_("Dans le périmètre : {counted}, {money}."),
    "outside": N_("Hors du périmètre : {counted}, {money}."),
    "unknown": N_("Sans lieu qui permette de le dire : {counted}, {money}."),
}


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
    none = _("Aucune lacune.") if whole and covered else ""
    told = [
        _cells(table),
        _("Lacunes (aucune activité signalée) : {where}.", where=where)
        if (where := _where(table, State.GAP))
        else none,
        *(
            _(words, where=where)
            for state, words in UNCOVERED.items()
            if (where := _where(table, state))
        ),
        _("À vérifier (activités placées plus largement) : {where}.", where=where)
        if (where := _where(table, State.UNCLEAR))
        else "",
    ]
    unmapped = table.filter(state=State.UNMAPPED)["component"].unique(maintain_order=True)
    if unmapped.len():
        names = ", ".join(component_name(one) for one in unmapped)
        told.append(_("Aucun secteur n'est rattaché à : {names}.", names=names))
    return [line for line in told if line]


def _cells(table: pl.DataFrame) -> str:
    """``Cases zone × composante : 3 en cours, 1 prévue seulement, 2 en lacune.``"""
    counts = {state: table.filter(state=state).height for state in SIGNS}
    parts = [f"{n} {_(COUNTED[state])}" for state, n in counts.items() if n]
    return _("Cases zone par composante : {counts}.", counts=", ".join(parts)) if parts else ""


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
