"""What an organisation's spelling stands for, also with its acronym or its country beside it."""

from __future__ import annotations

import re

from atlas.remembering import remembered
from atlas.vocab.match import Match, known_as, vocabulary
from atlas.vocab.tables import by_id
from atlas.vocab.text import normalise

_BESIDE = re.compile(r"^\s*(.+?)\s*(?:\(([^()]+)\)|\s[-–—:]\s+([^()]+?))\s*$")
"""``Name (ACRONYM)``, ``ACRONYM - Name``."""
_COUNTRY = re.compile(
    r"^\s*(.+?)\s*[,/(–—-]?\s*\b(?:(?:au|du|in)\s+)?Mali\s*\)?\s*$", re.IGNORECASE
)
_OFFICES = frozenset({"un", "international-ngo"})
"""Types whose country office is the organisation itself; a national member of a federation
(`Caritas Mali`) is one of its own, and stands in the list."""
_LINKS = frozenset(("au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "pour", "sur"))
"""Words that acronyms leave out, as they do letters that stand alone (``l'enfant``)."""


def match_organisation(raw: str | None) -> Match:
    """Organisation or donor (``organisations.csv``).

    A full name with its acronym beside it, or either with ``Mali`` after it, is the
    organisation; where the two name different ones nothing is decided.

    Examples
    --------
    >>> match_organisation("UNDP").id, match_organisation("World Food Programme").id
    ('pnud', 'pam')
    >>> match_organisation("Programme alimentaire mondial (WFP)").id
    'pam'
    """
    return _match(raw or "")


@remembered(65536)
def _match(raw: str) -> Match:
    found = vocabulary("organisations").match(raw)
    if found.id is not None:
        return found
    entry = _twice(raw) or _office(raw)
    return Match(entry, "alias", 1.0) if entry else found


def _twice(raw: str) -> str | None:
    """Entry that a name and the acronym beside it both mean."""
    parts = _BESIDE.match(raw)
    words = raw.split()
    if parts is not None:
        return _both(parts[1], parts[2] or parts[3])
    if len(words) < 3:
        return None
    return _both(words[0], " ".join(words[1:])) or _both(" ".join(words[:-1]), words[-1])


def _both(one: str, other: str) -> str | None:
    first, second = known_as("organisations", one), known_as("organisations", other)
    if first and second:
        return first if first == second else None
    if first and _initials(other, one):
        return first
    return second if second and _initials(one, other) else None


def _initials(acronym: str, name: str) -> bool:
    """Whether letters are the initials of a full name, in their order.

    The name must be the known side: the letters of many names spell a known acronym.
    """
    letters = normalise(acronym).replace(" ", "")
    words = normalise(name).split()
    own = [word[0] for word in words if len(word) > 1 and word not in _LINKS]
    every = iter(word[0] for word in words)
    spelt = letters == "".join(own) or all(letter in every for letter in letters)
    return acronym.isupper() and len(own) > 1 and len(letters) > 1 and spelt


def _office(raw: str) -> str | None:
    """Entry whose office in Mali a spelling names."""
    found = _COUNTRY.match(raw)
    entry = known_as("organisations", found[1]) if found else None
    return entry if entry and by_id("organisations")[entry]["type"] in _OFFICES else None
