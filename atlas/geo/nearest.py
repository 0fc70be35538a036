"""The unit that a misspelt name means, among those the evidence leaves possible.

Thresholds stand here. ``python -m benchmarks.thresholds`` prints the table they were read
from, and how they fare on the half of the names that they were not chosen on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from atlas.geo.frames import LEVELS, frames
from atlas.geo.names import key, names
from atlas.geo.ranking import MOST, likest
from atlas.geo.sounds import SOUNDS_SAME, stem_and_number
from atlas.remembering import remembered

ACCEPT = {"cercle": 0.85, "region": 0.94, "frame": 0.94}
"""Least `certainty` accepted when looking inside a cercle, a région, the whole frame.

The lowest of the table at which at most 3 in 100 names of villages pass for a commune that
they are not in."""
MARGIN = 0.08
"""A fuzzy match must be this much likelier than the next."""
LEAD, WIDE = 0.75, 0.3
"""What a lead over the next unit counts beside the likeness, and the lead that is enough."""
LEAST = {"cercle": 0.7, "region": 0.82, "frame": 0.82}
"""Below this likeness no lead makes a name another's: beyond a cercle, one slip in five letters
("Ngozi" of another country is 0.819 of Gossi)."""
NEAR = 0.74
"""From here on a name that is not accepted is near to a unit."""
SAME = SOUNDS_SAME - 0.001
"""From here on two names differ in transcription only."""
_FEWEST, _AWAY, _WORTH = 3, 0.15, 0.5
"""Candidates an answer names: these few, more when within this of the best and this alike."""


@remembered(8192)
def scope_of(level: str, unit_id: str | None, frame: str) -> tuple[str, ...]:
    """Units of a level that are left when everything lies in a unit, ordered by id.

    Communes whose cercle is not known may be in any cercle of their région.
    """
    if unit_id is None or unit_id not in frames():
        return tuple(sorted(frames().at(frame, level)["unit_id"]))
    inside = {u for u in frames().inside(unit_id) if frames().unit(u).level == level}
    region = frames().unit(unit_id).parent
    if level == "commune" and region:
        inside |= {u for u in frames().children(region) if frames().unit(u).level == "commune"}
    return tuple(sorted(inside))


def nearest(text: str, among: Sequence[str], holder: str, frame: str) -> tuple[list[str], float]:
    """The one unit among some that is near enough and clearly nearest.

    Parameters
    ----------
    text
        A name as written.
    among
        Units of the frame, ordered by id.
    holder
        What they all lie in: ``cercle``, ``region`` or ``frame``.

    Returns
    -------
    tuple
        The unit, or nothing; and the likeness of the best.
    """
    if names_several(text, frame):  # "Gao, Tombouctou" is no slip of either
        return [], 0.0
    return chosen(text, likest(text, tuple(among), frame), holder, frame)


_LISTED = re.compile(r"\s*(?:[,;/|&+\n]|\s(?:et|and)\s)\s*")


def names_several(text: str, frame: str) -> bool:
    """Whether a text lists names that are all known by themselves.

    Examples
    --------
    >>> names_several("Gao, Tombouctou", "ml-2023"), names_several("Gao, Tombouktu", "ml-2023")
    (True, False)
    """
    parts = [part for part in _LISTED.split(text) if part]
    find = names(frame).find
    return len(parts) > 1 and all(any(find(level, p)[0] for level in LEVELS) for p in parts)


def chosen(
    text: str, ranked: Sequence[tuple[float, str]], holder: str, frame: str
) -> tuple[list[str], float]:
    """The first of ranked units if it may be accepted (see `nearest`)."""
    if not ranked:
        return [], 0.0
    best, unit_id = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if best - second < MARGIN or certainty(best, second, holder) < ACCEPT[holder]:
        return [], best
    if best < SAME:
        if holder == "frame" and _numbered_otherwise(text, unit_id, frame):
            return [], best
        if _told_by_number(unit_id, [unit for _score, unit in ranked[1:MOST]], frame):
            return [], best
    return [unit_id], best


def certainty(best: float, second: float, holder: str) -> float:
    """How sure the likest unit is: its likeness, and how far the next is behind.

    A low likeness with a wide lead is as sure as a high one with a narrow lead: there the
    name is unlike all others of the cercle, here it is nearly a second one as well.
    """
    return best + LEAD * min(best - second, WIDE) if best >= LEAST[holder] else 0.0


def _told_by_number(unit_id: str, others: Sequence[str], frame: str) -> bool:
    """Whether only its number tells a unit from another: a slip may have touched it."""
    known = names(frame).keys
    stem, number = stem_and_number(known[unit_id][0])
    return bool(number) and any(stem_and_number(known[u][0])[0] == stem for u in others)


def _numbered_otherwise(text: str, unit_id: str, frame: str) -> bool:
    """Whether a text counts homonyms ("Benkady II") where the unit's name does not."""
    number = stem_and_number(key(text))[1]
    return bool(number) and all(
        stem_and_number(known)[1] != number for known in names(frame).keys[unit_id]
    )


def worth_naming(ranked: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The candidates to show a person: the first three, and all that are as likely."""
    if not ranked:
        return []
    least = max(ranked[0][0] - _AWAY, _WORTH)
    many = sum(score >= least for score, _unit in ranked[:MOST])
    return list(ranked[: max(_FEWEST, many)])


def nearest_beside(text: str, cercle: str, frame: str) -> list[str]:
    """Communes of a cercle that a name that exists elsewhere may be a misspelling of."""
    ranked = likest(text, scope_of("commune", cercle, frame), frame)
    return [unit for score, unit in worth_naming(ranked) if score >= NEAR - MARGIN]
