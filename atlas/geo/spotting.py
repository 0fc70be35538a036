"""Spotting names in a text: where a known name stands, and the level word before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from atlas.geo.frames import FRAMES, LEVELS
from atlas.geo.names import key, names, plain, words
from atlas.geo.nearest import MARGIN
from atlas.geo.ranking import likest

_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MOST_WORDS = 6
_LEVEL_WORDS = frozenset(
    {"region", "regions", "cercle", "cercles", "commune", "communes", "district"}
)
_LEVEL_BEFORE = re.compile(
    r"\b(?P<word>regions?|cercles?|communes?|mairies?|villes?|district|gouvernorat|c\.?\s?[ru]\.?)"
    r"(?:\s+(?:rurales?|urbaines?|nouvelles?|suivante?s?|ciblee?s?|concernee?s?|notamment))*"
    r"[\s:(«\"-]*(?:(?:de|du|des|d['’]|of|la|les?|l['’])\s*)*$"
)
_COUNTED_BEFORE = re.compile(
    r"(?P<count>\d+|plusieurs|quelques|certaine?s|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|"
    r"onze|douze|quinze|vingt|trente|toute?s les|l['’]ensemble des)"
    r"(?:\s+(?:nouvelles?|autres?))?\s+$"
)
"""A count before a level word: "12 communes de Gao" lie in Gao, of which none is named."""
_LEVEL_AFTER = re.compile(r"\s+\(?(?P<word>region|cercle|commune|district|ville)\b")
_LEVEL_OF = {"r": "region", "d": "region", "g": "region"}
_TOWN_BEFORE = re.compile(r"(?:^|[\s(])(?:a|vers|depuis|in)\s+$")
_LINKED_BEFORE = re.compile(
    r"(?:^|[\s(,;:/-])(?:a|de|du|d['’]|dans|en|sur|pour|vers|et|of|in)\s*$|[,;:(/]\s*$"
)
_LINKED_AFTER = re.compile(r"\s*(?:[,;/)–-]|et\b|and\b|$)")
_SELDOM_PLACES = frozenset({"sahel", "gourma", "haoussa", "delta", "nord", "sud"})
"""Communes whose name mostly means something else: only with a level word beside."""
_SHORTEST_BARE = 4
"""Keys shorter than this (Sy, Bla) are only names where a word or list around says so."""
NEIGHBOUR = 0.86
"""Least likeness of a word in prose to a unit beside the one named before it: prose has
words that are no place at all, a column has not."""

Options = dict[str, list[str]]


@dataclass
class Spot:
    """A known name in a text.

    Attributes
    ----------
    options
        Level → units of that name; of the frame, else of the nearest other frame.
    said
        Level that a word beside the name says, and whether that word is a plural.
    town
        "à X": the words speak of the town.
    counted
        The level of the units that are counted and not named: "12 communes de X".
    excluded
        The words take it out of the area: "sauf X".
    points
        Unit → the point of the locality of that name in it.
    """

    raw: str
    start: int
    end: int
    options: Options
    how: str = "exact"
    score: float = 1.0
    said: str | None = None
    plural: bool = False
    town: bool = False
    counted: str = ""
    excluded: bool = False
    units: tuple[str, ...] = ()
    others: list[str] = field(default_factory=list)
    points: dict[str, tuple[float, float]] = field(default_factory=dict)


@cache
def _first_words() -> frozenset[str]:
    """First words of every name and alias of every frame, as keys."""
    from atlas.geo.frames import frames

    found = set()
    for name, aliases in frames().units.select("name", "aliases").iter_rows():
        for spelling in (name, *aliases):
            found.add(words(spelling)[0])
    return frozenset(found)


def options_of(text: str, frame: str) -> tuple[str, Options]:
    """``(how, level → units)`` of a name in a frame, else in the nearest other frame."""
    for where in dict.fromkeys((frame, *reversed(FRAMES))):
        if where != frame and len(key(text)) <= _SHORTEST_BARE:
            continue
        found: Options = {}
        hows = set()
        for level in LEVELS:
            how, units = names(where).find(level, text)
            if units and how:
                found[level] = units
                hows.add(how)
        if found:
            return ("exact" if "exact" in hows else "alias"), found
    return "", {}


def option_at(text: str, level: str, frame: str) -> tuple[str, list[str]]:
    """``(how, units)`` of a name at one level, in the frame or the nearest other one."""
    for where in dict.fromkeys((frame, *reversed(FRAMES))):
        how, units = names(where).find(level, text)
        if units and how:
            return how, units
    return "", []


def spot_names(text: str, frame: str) -> list[Spot]:
    """Every known name in a text, longest first at each place, in order."""
    tokens = list(_TOKEN.finditer(text))
    proper = any(c.isupper() for c in text)
    found: list[Spot] = []
    at = 0
    while at < len(tokens):
        last = found[-1] if found else None
        named = not proper or _may_be_name(text, tokens[at], last)
        spot = _spot_at(text, tokens, at, frame) if named else None
        if spot is None:
            at += 1
            continue
        found += [spot, *_numbered_after(text, spot, frame)]
        while at < len(tokens) and tokens[at].start() < found[-1].end:
            at += 1
    return found


_NUMBERED = re.compile(r"(?P<word>commune)\s+(?:\d{1,2}|[ivx]{1,4})$", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r"\s*(?:[,/&+-]|et|and|ou)\s*(\d{1,2}|[IVXivx]{1,4})(?![\w%])")


def _numbered_after(text: str, spot: Spot, frame: str) -> list[Spot]:
    """The further communes of a list of numbers: "Commune 3 et 4"."""
    named = _NUMBERED.fullmatch(spot.raw)
    found: list[Spot] = []
    end = spot.end
    while named and (number := _NEXT_NUMBER.match(text, end)):
        how, options = options_of(f"{named['word']} {number[1]}", frame)
        if not options:
            break
        end = number.end()
        found.append(Spot(number[1], number.start(1), end, options, how))
    return found


def _spot_at(text: str, tokens: list[re.Match[str]], at: int, frame: str) -> Spot | None:
    token = tokens[at]
    start = token.start() + _elision(token[0])
    first = words(text[start : token.end()])
    if not first or (first[0] not in _first_words() and key(token[0]) not in _first_words()):
        return None
    for last in range(min(at + _MOST_WORDS, len(tokens)) - 1, at - 1, -1):
        end = tokens[last].end()
        raw = text[start:end]
        if "\n\n" in raw or re.search(r"[()]|[,;:/.!?]\s", raw):
            continue
        how, options = options_of(raw, frame)
        if options and not _level_word_only(raw):
            spot = Spot(raw, start, end, options, how)
            _look_around(text, spot)
            if _is_name(text, spot):
                return spot
    return None


_LEVEL_NAMED = re.compile(
    r"\b(?:communes?|cercles?|regions?)\s*:?\s*(?:de\s+|du\s+|d['’])?$", re.IGNORECASE
)
_NEXT_ITEM = re.compile(r"\)?\s*(?:[,;/–-]|et|and)\s*(?:(?:à|le|la|de|du)\s+)?")
_ITEM_ENDS = re.compile(r"\s*(?:$|[,;/)]|(?:et|and)\s)")


def _may_be_name(text: str, token: re.Match[str], last: Spot | None) -> bool:
    """Whether a word has a capital, or is an item of a list of names without one."""
    start = token.start() + _elision(token[0])
    if text[start].isupper():
        return True
    follows = last is not None and _NEXT_ITEM.fullmatch(text[last.end : start])
    named = follows or _LEVEL_NAMED.search(plain(text[max(0, start - 30) : start]))
    return bool(named and _ITEM_ENDS.match(text, token.end()))


def _elision(token: str) -> int:
    """How much of a token is an elided article: "d'Ansongo", "l'Adrar"."""
    return 2 if len(token) > 2 and token[0] in "dlDL" and token[1] in "'’" else 0


def _level_word_only(raw: str) -> bool:
    """Whether what was read begins with a level word ("Commune de X"): X is spotted alone."""
    first = plain(raw).split()[0]
    return first in _LEVEL_WORDS and not words(raw)[-1].isdigit()


def _is_name(text: str, spot: Spot) -> bool:
    """Whether the words around allow this to be a place."""
    name = key(spot.raw)
    if name in _SELDOM_PLACES:
        return spot.said is not None
    if _is_acronym(text, spot):
        return False
    if len(name) >= _SHORTEST_BARE or "region" in spot.options or text.strip() == spot.raw:
        return True
    before = plain(text[max(0, spot.start - 12) : spot.start])
    beside = _LINKED_BEFORE.search(before) or _LINKED_AFTER.match(text, spot.end)
    return spot.said is not None or beside is not None


def _is_acronym(text: str, spot: Spot) -> bool:
    """Short capitals in a text of small letters: "SAN" is food security there, not a town."""
    if spot.said or not spot.raw.isupper() or len(spot.raw) > _SHORTEST_BARE:
        return False
    around = [c for c in text[max(0, spot.start - 30) : spot.end + 30] if c.isalpha()]
    return sum(c.islower() for c in around) > len(around) / 2


def _look_around(text: str, spot: Spot) -> None:
    before = plain(text[max(0, spot.start - 60) : spot.start])
    match = _LEVEL_BEFORE.search(before)
    if match:
        spot.said, spot.plural = _level(match["word"]), match["word"].endswith("s")
        if spot.plural and _COUNTED_BEFORE.search(before[: match.start("word")]):
            spot.counted = spot.said
        return
    match = _LEVEL_AFTER.match(plain(text[spot.end : spot.end + 14]))
    if match:
        spot.said = _level(match["word"])
    spot.town = bool(_TOWN_BEFORE.search(before))


def _level(word: str) -> str:
    if word.startswith("ce"):
        return "cercle"
    return _LEVEL_OF.get(word[0], "commune")


def nearest_in(text: str, frame: str, scope: list[str]) -> tuple[float, str] | None:
    """The unit of a scope that a misspelt name means, if one is clearly nearest."""
    ranked = likest(text, scope, frame)
    if not ranked or len(key(text)) <= _SHORTEST_BARE:
        return None
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    best = ranked[0]
    return best if best[0] >= NEIGHBOUR and best[0] - second >= MARGIN else None
