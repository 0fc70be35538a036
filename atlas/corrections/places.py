"""Which decision about a place counts: the narrowest that holds, if the row can bear it.

The narrower scope wins; within a scope the smaller parent, then the longer wording. A bare
name never moves a place out of what the rest of its row says: such a decision is set aside,
and both readings are told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from atlas.corrections.decided import Correction, Scope
from atlas.corrections.units import compatible, lies_in
from atlas.corrections.wording import Parts
from atlas.geo.frames import LEVELS, frames
from atlas.model import RESERVED

_NARROWEST = (Scope.DOCUMENT, Scope.UNDER, Scope.EVERYWHERE)


class Verdict(NamedTuple):
    """What a correction does to a place: it applies, or the row contradicts it."""

    correction: Correction
    applies: bool


def verdict(
    named: Iterable[Correction], parts: Parts, said: Collection[str], *, binding: bool
) -> Verdict | None:
    """What the decisions about a name do to a place; see `Corrections.decide`."""
    around = [unit_id for unit_id in said if unit_id not in RESERVED]
    fit = [one for one in named if _in_order(one.parts, parts) and _holds(one, around)]
    for one in sorted(fit, key=_precedence):
        whole = len(parts) > 1 and one.parts == parts
        if whole or not (binding and around) or any(compatible(one.means, u) for u in around):
            return Verdict(one, applies=True)
    return Verdict(min(fit, key=_precedence), applies=False) if fit else None


def _in_order(some: Parts, every: Parts) -> bool:
    """Whether names are among others, in the same order, and end with the same."""
    rest = iter(every[:-1])
    return some[-1] == every[-1] and all(name in rest for name in some[:-1])


def _holds(one: Correction, around: Collection[str]) -> bool:
    if one.scope is not Scope.UNDER:
        return True
    return bool(around) and all(lies_in(unit_id, one.within) for unit_id in around)


def _precedence(one: Correction) -> tuple[int, int, int, Parts, str]:
    depth = LEVELS.index(frames().unit(one.within).level) if one.scope is Scope.UNDER else 0
    return _NARROWEST.index(one.scope), -depth, -len(one.parts), one.parts, one.within
