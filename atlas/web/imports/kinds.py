"""What a wording of each kind may mean, by value and name."""

from __future__ import annotations

from functools import lru_cache

from atlas.corrections import Correction
from atlas.geo.frames import frames
from atlas.i18n import language
from atlas.model import STATUSES, Level
from atlas.vocab import by_id, label
from atlas.review.places import place_label
from atlas.web.words import status_name

Choice = tuple[str, str]


def choices_of(kind: str, frame: str) -> list[Choice]:
    """``(value, name)`` of all that a wording may mean; units of the découpage for a place."""
    return list(_choices(kind, frame, language()))


@lru_cache(maxsize=16)
def _choices(kind: str, frame: str, _lang: str) -> tuple[Choice, ...]:
    if kind == "place":
        if not frame:
            return ()
        units = [u for level in Level for u in frames().at(frame, level)["unit_id"]]
        return tuple((unit, place_label(unit)) for unit in units)
    if kind == "status":
        return tuple((code, status_name(code)) for code in STATUSES)
    vocabulary = {"sector": "sectors", "organisation": "organisations"}[kind]
    return tuple((code, label(vocabulary, code)) for code in by_id(vocabulary))


def value_label(kind: str, value: str) -> str:
    """What a person calls a value."""
    if kind == "place":
        return place_label(value)
    if kind == "status":
        return status_name(value)
    return label({"sector": "sectors", "organisation": "organisations"}[kind], value)


def correction_kind(one: Correction) -> Choice:
    """Kind and value of a decision."""
    return str(one.subject), one.means
