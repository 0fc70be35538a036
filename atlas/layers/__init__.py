"""The layers: one question a file, pure functions of a `Scope`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from atlas.layers.access import OPTIONS as ACCESS_OPTIONS
from atlas.layers.access import access, access_facts
from atlas.layers.actors import actors
from atlas.layers.budget import OPTIONS as BUDGET_OPTIONS
from atlas.layers.budget import budget
from atlas.layers.change import OPTIONS as CHANGE_OPTIONS
from atlas.layers.change import change
from atlas.layers.coverage import OPTIONS as COVERAGE_OPTIONS
from atlas.layers.coverage import about as about_coverage
from atlas.layers.coverage import coverage, days_of
from atlas.layers.duplicates import duplicates
from atlas.layers.funds import funds
from atlas.layers.options import Option
from atlas.layers.pairing.settled import OPTIONS as DUPLICATES_OPTIONS
from atlas.layers.perimeter import units_named
from atlas.layers.prepare import Prepared
from atlas.layers.presence import presence
from atlas.layers.priorities import OPTIONS as PRIORITIES_OPTIONS
from atlas.layers.priorities import about as about_priorities
from atlas.layers.priorities import priorities
from atlas.layers.programme import OPTIONS as PROGRAMME_OPTIONS
from atlas.layers.programme import about as about_programme
from atlas.layers.programme import programme, programme_totals
from atlas.layers.published import published
from atlas.layers.reference import ACTIVITIES, SUBJECTS, day_of, own_day
from atlas.layers.reporting import OPTIONS as REPORTING_OPTIONS
from atlas.layers.reporting import own_report_day, report_day, reporting
from atlas.layers.scope import Scope
from atlas.layers.services import services

__all__ = [
    "ABOUT",
    "COMPARING",
    "LAYERS",
    "NAMED",
    "OPTIONS",
    "Layer",
    "Option",
    "Scope",
    "judged",
    "unmoved_day",
]

Layer = Callable[[Scope], pl.DataFrame]

LAYERS: Mapping[str, Layer] = {
    "presence": presence,
    "budget": budget,
    "funds": funds,
    "coverage": coverage,
    "priorities": priorities,
    "duplicates": duplicates,
    "access": access,
    "access_facts": access_facts,
    "services": services,
    "published": published,
    "change": change,
    "reporting": reporting,
    "actors": actors,
    "programme": programme,
    "programme_totals": programme_totals,
}
"""Name of each layer → the function that computes it."""

OPTIONS: Mapping[str, Sequence[Option]] = {
    "access": ACCESS_OPTIONS,
    "access_facts": ACCESS_OPTIONS[1:],
    "services": ACCESS_OPTIONS[1:],
    "budget": BUDGET_OPTIONS,
    "change": CHANGE_OPTIONS,
    "duplicates": DUPLICATES_OPTIONS,
    "coverage": COVERAGE_OPTIONS,
    "priorities": PRIORITIES_OPTIONS,
    "programme": PROGRAMME_OPTIONS,
    "programme_totals": PROGRAMME_OPTIONS,
    "reporting": REPORTING_OPTIONS,
}
"""Settings of the layers that have any."""

COMPARING = frozenset({"change"})
"""Layers that set an earlier state or day beside what is asked (`Scope.before`)."""

ABOUT: Mapping[str, Callable[[Scope], Mapping[str, object]]] = {
    "coverage": about_coverage,
    "priorities": about_priorities,
    "programme": about_programme,
    "programme_totals": about_programme,
}
"""What some layers say of their answer beside its rows."""

NAMED: Mapping[str, Callable[[pl.DataFrame, Mapping[str, str]], set[str]]] = {
    "programme": units_named,
    "programme_totals": units_named,
}
"""Units that a layer tells apart whatever the level: who may not see them may not ask."""


def judged(asked: Scope, layer: str = "") -> Scope:
    """The question with the day on which a layer judges; a list, that of its activities."""
    if layer == "coverage":
        return replace(asked, reference=days_of(asked).response)
    if layer == "reporting":
        return replace(asked, reference=report_day(asked))
    return replace(asked, reference=day_of(asked, SUBJECTS.get(layer, ACTIVITIES)))


def unmoved_day(prepared: Prepared, layer: str) -> date | None:
    """The day on which a layer judges while nobody says another."""
    if layer == "reporting":
        return own_report_day(prepared)
    return own_day(prepared, SUBJECTS.get(layer, ACTIVITIES))
