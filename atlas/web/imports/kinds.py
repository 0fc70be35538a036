"""What a wording of each kind may mean, by value and name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from atlas.corrections import Correction, Organisation
from atlas.errors import UsageError
from atlas.geo.frames import frames
from atlas.i18n import _, language
from atlas.labels import label
from atlas.model import Level
from atlas.review.places import place_label
from atlas.vocab import by_id

Choice = tuple[str, str]
KINDS = ("place", "sector", "organisation", "status")
"""Kinds of proposals, in the order they are shown."""
_LISTED = {"sector": "sectors", "organisation": "organisations", "status": "statuses"}


def choices_of(
    kind: str, frame: str, entered: Mapping[str, Organisation] = MappingProxyType({})
) -> list[Choice]:
    """``(value, name)`` of all that a wording may mean; units of the découpage for a place.

    ``entered`` are the organisations that people added to those of the vocabulary.

    Raises
    ------
    UsageError
        No such kind or découpage.
    """
    if kind not in KINDS:
        raise UsageError(_("Sorte de proposition « {kind} » inconnue", kind=kind))
    added = sorted(entered.items()) if kind == "organisation" else ()
    own = [
        (code, f"{code} ({one.name})" if one.acronym and one.name else code) for code, one in added
    ]
    return [*_choices(kind, frame, language()), *own]


@lru_cache(maxsize=16)
def _choices(kind: str, frame: str, _lang: str) -> tuple[Choice, ...]:
    if kind == "place":
        if not frame:
            return ()
        units = [u for level in Level for u in frames().at(frame, level)["unit_id"]]
        return tuple((unit, place_label(unit)) for unit in units)
    return tuple((code, label(_LISTED[kind], code)) for code in by_id(_LISTED[kind]))


def value_label(kind: str, value: str) -> str:
    """What a person calls a value; a new organisation is shown as it was entered."""
    if kind == "place":
        return place_label(value)
    if value.startswith("{"):
        return Organisation.of(json.loads(value)).id
    return label(_LISTED[kind], value)


def correction_kind(one: Correction) -> Choice:
    """Kind and value of a decision."""
    return str(one.subject), one.means
