"""Régions that an activity of a plan names as its own, by the form of the sentence."""

from __future__ import annotations

import re

from atlas.ingest.reading import PlaceText
from atlas.ingest.sources._prose import NAME, names_in_list, squeeze

_WORD = r"[A-ZÀ-Ý][\w’'-]+(?: d[ue] [\w-]+)?"
_LIST = rf"{_WORD}(?:(?:, | et ){_WORD})*"
_LISTED = re.compile(r"\brégions?\b[^()]{0,30}\(([^()]+)\)", re.IGNORECASE)
_OF = re.compile(rf"\brégions? de ({_LIST})")
_OFFICES = re.compile(r"\b[Rr]égionales?\b.{0,30}?\bde ((?:[A-ZÀ-Ý]{4,}, )+[A-ZÀ-Ý]{4,})")
_DISTRICT = re.compile(rf"\bdistrict de ({NAME})")
_EVERYWHERE = re.compile(
    r"\b(?:dans|toutes) les (?:autres )?régions\b(?! de [A-Z]| \()", re.IGNORECASE
)
_MENTION = re.compile(rf"\b(?:commune|cercle|ville)s?(?: \w+)? de ({NAME})")


def places_in(title: str) -> tuple[PlaceText, ...]:
    """Régions a line is for; empty where it is for the country.

    A list after "régions", offices opened in named régions, a district. "Dans les
    régions" without a name is the country.

    Examples
    --------
    >>> [p.region for p in places_in("visites dans les régions de Gao, Kidal et Mopti")]
    ['Gao', 'Kidal', 'Mopti']
    >>> places_in("contrôles à Bamako et dans les régions")
    ()
    """
    text = squeeze(title)
    for pattern in (_LISTED, _OF, _OFFICES):
        found = pattern.search(text)
        names = names_in_list(found.group(1)) if found else []
        if names:
            return tuple(PlaceText(region=name) for name in names)
    district = _DISTRICT.search(text)
    if district and not _EVERYWHERE.search(text):
        return (PlaceText(region=district.group(1)),)
    return ()


def mentioned(title: str) -> list[str]:
    """Places a line names without being theirs: a pilot's commune, where the line is not.

    Examples
    --------
    >>> mentioned("suites d'un essai mené dans la commune de Sikasso")
    ['Sikasso']
    """
    return [] if places_in(title) else _MENTION.findall(squeeze(title))
