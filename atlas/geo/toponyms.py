"""Known place names in a text, with what each may mean.

Units by their exact names, localities of the installed gazetteer, and misspelt names next to
known ones."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from atlas.geo import gazetteer
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.geo.gazetteer import LocalityMatch
from atlas.geo.names import lowercase_without_accents, name_index, name_words, place_name_key
from atlas.geo.ranking import MARGIN, nearest_units

TextSpan = tuple[int, int]
"""Start and end of some words in a text."""


class SpanSet:
    """Spans in order; those of one text do not overlap one another.

    Examples
    --------
    >>> taken = SpanSet([(0, 4), (10, 14)])
    >>> taken.overlaps_range(12, 20), taken.span_before(9), taken.span_after(9)
    (True, (0, 4), (10, 14))
    """

    def __init__(self, spans: Iterable[TextSpan] = ()) -> None:
        self._spans = sorted(spans)

    def add_span(self, span: TextSpan) -> None:
        """Take in one more."""
        insort(self._spans, span)

    def overlaps_range(self, start: int, end: int) -> bool:
        """Whether one of them shares a character with this stretch."""
        at = bisect_left(self._spans, (end, end))
        return at > 0 and self._spans[at - 1][1] > start

    def span_before(self, start: int) -> TextSpan | None:
        """The last one that begins before a place in the text."""
        at = bisect_left(self._spans, (start, start))
        return self._spans[at - 1] if at else None

    def span_after(self, end: int) -> TextSpan | None:
        """The first one that begins at a place in the text or later."""
        at = bisect_left(self._spans, (end, end))
        return self._spans[at] if at < len(self._spans) else None


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

ReadingsByLevel = dict[str, list[str]]


@dataclass
class NameSpan:
    """A known name in a text.

    Attributes
    ----------
    options
        Level → units of that name; of the frame, else of the nearest other frame.
    stated_level
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
    options: ReadingsByLevel
    how: str = "exact"
    score: float = 1.0
    stated_level: str | None = None
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
    found = set()
    for name, aliases in shipped_frames().units.select("name", "aliases").iter_rows():
        for spelling in (name, *aliases):
            found.add(name_words(spelling)[0])
    return frozenset(found)


def readings_of_name(text: str, frame: str) -> tuple[str, ReadingsByLevel]:
    """``(how, level → units)`` of a name in a frame, else in the nearest other frame."""
    for where in dict.fromkeys((frame, *reversed(FRAMES))):
        if where != frame and len(place_name_key(text)) <= _SHORTEST_BARE:
            continue
        found: ReadingsByLevel = {}
        hows = set()
        for level in LEVELS:
            how, units = name_index(where).find_units(level, text)
            if units and how:
                found[level] = units
                hows.add(how)
        if found:
            return ("exact" if "exact" in hows else "alias"), found
    return "", {}


def readings_at_level(text: str, level: str, frame: str) -> tuple[str, list[str]]:
    """``(how, units)`` of a name at one level, in the frame or the nearest other one."""
    for where in dict.fromkeys((frame, *reversed(FRAMES))):
        how, units = name_index(where).find_units(level, text)
        if units and how:
            return how, units
    return "", []


def find_name_spans(text: str, frame: str) -> list[NameSpan]:
    """Every known name in a text, longest first at each place, in order."""
    tokens = list(_TOKEN.finditer(text))
    proper = any(c.isupper() for c in text)
    found: list[NameSpan] = []
    at = 0
    while at < len(tokens):
        last = found[-1] if found else None
        named = not proper or _may_be_name(text, tokens[at], last)
        spot = _name_span_at(text, tokens, at, frame) if named else None
        if spot is None:
            at += 1
            continue
        found += [spot, *_numbered_after(text, spot, frame)]
        while at < len(tokens) and tokens[at].start() < found[-1].end:
            at += 1
    return found


_NUMBERED = re.compile(r"(?P<word>commune)\s+(?:\d{1,2}|[ivx]{1,4})$", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r"\s*(?:[,/&+-]|et|and|ou)\s*(\d{1,2}|[IVXivx]{1,4})(?![\w%])")


def _numbered_after(text: str, spot: NameSpan, frame: str) -> list[NameSpan]:
    """The further communes of a list of numbers: "Commune 3 et 4"."""
    named = _NUMBERED.fullmatch(spot.raw)
    found: list[NameSpan] = []
    end = spot.end
    while named and (number := _NEXT_NUMBER.match(text, end)):
        how, options = readings_of_name(f"{named['word']} {number[1]}", frame)
        if not options:
            break
        end = number.end()
        found.append(NameSpan(number[1], number.start(1), end, options, how))
    return found


def _name_span_at(text: str, tokens: list[re.Match[str]], at: int, frame: str) -> NameSpan | None:
    token = tokens[at]
    start = token.start() + _elision_length(token[0])
    first = name_words(text[start : token.end()])
    if not first or (
        first[0] not in _first_words() and place_name_key(token[0]) not in _first_words()
    ):
        return None
    for last in range(min(at + _MOST_WORDS, len(tokens)) - 1, at - 1, -1):
        end = tokens[last].end()
        raw = text[start:end]
        if "\n\n" in raw or re.search(r"[()]|[,;:/.!?]\s", raw):
            continue
        how, options = readings_of_name(raw, frame)
        if options and not _level_word_only(raw):
            spot = NameSpan(raw, start, end, options, how)
            _read_level_words(text, spot)
            if _is_name(text, spot):
                return spot
    return None


_LEVEL_NAMED = re.compile(
    r"\b(?:communes?|cercles?|regions?)\s*:?\s*(?:de\s+|du\s+|d['’])?$", re.IGNORECASE
)
_NEXT_ITEM = re.compile(r"\)?\s*(?:[,;/–-]|et|and)\s*(?:(?:à|le|la|de|du)\s+)?")
_ITEM_ENDS = re.compile(r"\s*(?:$|[,;/)]|(?:et|and)\s)")


def _may_be_name(text: str, token: re.Match[str], last: NameSpan | None) -> bool:
    """Whether a word has a capital, or is an item of a list of names without one."""
    start = token.start() + _elision_length(token[0])
    if text[start].isupper():
        return True
    follows = last is not None and _NEXT_ITEM.fullmatch(text[last.end : start])
    named = follows or _LEVEL_NAMED.search(
        lowercase_without_accents(text[max(0, start - 30) : start])
    )
    return bool(named and _ITEM_ENDS.match(text, token.end()))


def _elision_length(token: str) -> int:
    """How much of a token is an elided article: "d'Ansongo", "l'Adrar"."""
    return 2 if len(token) > 2 and token[0] in "dlDL" and token[1] in "'’" else 0


def _level_word_only(raw: str) -> bool:
    """Whether what was read begins with a level word ("Commune de X"): X is spotted alone."""
    first = lowercase_without_accents(raw).split()[0]
    return first in _LEVEL_WORDS and not name_words(raw)[-1].isdigit()


def _is_name(text: str, spot: NameSpan) -> bool:
    """Whether the words around allow this to be a place."""
    name = place_name_key(spot.raw)
    if name in _SELDOM_PLACES:
        return spot.stated_level is not None
    if _is_acronym(text, spot):
        return False
    if len(name) >= _SHORTEST_BARE or "region" in spot.options or text.strip() == spot.raw:
        return True
    before = lowercase_without_accents(text[max(0, spot.start - 12) : spot.start])
    beside = _LINKED_BEFORE.search(before) or _LINKED_AFTER.match(text, spot.end)
    return spot.stated_level is not None or beside is not None


def _is_acronym(text: str, spot: NameSpan) -> bool:
    """Short capitals in a text of small letters: "SAN" is food security there, not a town."""
    if spot.stated_level or not spot.raw.isupper() or len(spot.raw) > _SHORTEST_BARE:
        return False
    around = [c for c in text[max(0, spot.start - 30) : spot.end + 30] if c.isalpha()]
    return sum(c.islower() for c in around) > len(around) / 2


def _read_level_words(text: str, spot: NameSpan) -> None:
    before = lowercase_without_accents(text[max(0, spot.start - 60) : spot.start])
    match = _LEVEL_BEFORE.search(before)
    if match:
        spot.stated_level, spot.plural = _level_of_word(match["word"]), match["word"].endswith("s")
        if spot.plural and _COUNTED_BEFORE.search(before[: match.start("word")]):
            spot.counted = spot.stated_level
        return
    match = _LEVEL_AFTER.match(lowercase_without_accents(text[spot.end : spot.end + 14]))
    if match:
        spot.stated_level = _level_of_word(match["word"])
    spot.town = bool(_TOWN_BEFORE.search(before))


def _level_of_word(word: str) -> str:
    if word.startswith("ce"):
        return "cercle"
    return _LEVEL_OF.get(word[0], "commune")


def nearest_in_scope(text: str, frame: str, scope: list[str]) -> tuple[float, str] | None:
    """The unit of a scope that a misspelt name means, if one is clearly nearest."""
    ranked = nearest_units(text, scope, frame)
    if not ranked or len(place_name_key(text)) <= _SHORTEST_BARE:
        return None
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    best = ranked[0]
    return best if best[0] >= NEIGHBOUR and best[0] - second >= MARGIN else None


BY_CONTEXT = 0.8
"""Score of a locality that only "à" or a neighbour points out."""
_MOST_LOCALITY_WORDS = 5
_SHORTEST = 4
_BETWEEN = re.compile(r"[\s'’/-]*")
_VILLAGE_WORDS = re.compile(
    r"\b(?:villages?|localites?|hameaux?|hameau|sites?|campements?|quartiers?|fractions?)"
    r"(?:\s+(?:suivants?|suivantes?|cibles?))*[\s:(«\"-]*(?:(?:de|du|des|d['’]|la|les?|l['’])\s*)*$"
)
_LISTED = re.compile(r"(?:,|;|/|\bet\b|\n)\s*(?:(?:de|du|a|d['’])\s*)?$")
_LEVEL = re.compile(
    r"\b(?:regions?|cercles?|communes?|mairies?|district|gouvernorat)"
    r"(?:\s+(?:rurales?|urbaines?))?[\s:(«\"-]*(?:(?:de|du|des|d['’]|la|les?|l['’])\s*)*$"
)
_IN_TOWN = re.compile(r"(?:^|[\s(])a\s+$")
_BETWEEN_NEIGHBOURS = re.compile(
    r"[\s,;:(>/–-]*(?:(?:dans|en|le|la|les|de|du|des|d|l|commune|cercle|region|rurale|urbaine)\b"
    r"['’]?[\s,;:(>/–-]*)*"
)
_LONGEST_LIST = 400


def add_localities(text: str, spots: list[NameSpan], frame: str) -> list[NameSpan]:
    """The spots of a text with those of the localities that it names.

    Parameters
    ----------
    text
        Prose, a list or a cell.
    spots
        Régions, cercles and communes found in it.
    frame
        Frame of the document.

    Returns
    -------
    list of NameSpan
        In order; ``points`` of an added one hold the point of the locality in each unit. The
        same list when no gazetteer is installed.
    """
    if not gazetteer.installation_stamp():
        return spots
    for spot in spots:
        _read_as_village(text, spot, [s for s in spots if s is not spot], frame)
    found: list[NameSpan] = []
    is_list = _is_name_list(text)
    for start, end, localities in _locality_matches(text, spots, frame):
        new = _locality_span(text, (start, end), localities, [*spots, *found], is_list)
        if new is not None:
            found.append(new)
    return sorted([*spots, *found], key=lambda s: s.start) if found else spots


def _read_as_village(text: str, spot: NameSpan, others: Sequence[NameSpan], frame: str) -> None:
    """The name of a unit where the words mean a village: "village de X", "cercle de Y : X".

    In the second case Y holds a village X and no unit of that name.
    """
    if spot.stated_level is not None:
        return
    localities = gazetteer.localities_named(spot.raw, frame)
    if not localities:
        return
    if not _VILLAGE_WORDS.search(
        lowercase_without_accents(text[max(0, spot.start - 60) : spot.start])
    ):
        parents = [s for s in others if s.stated_level in ("region", "cercle") and not s.plural]
        localities = _inside_neighbour(text, (spot.start, spot.end), localities, parents)
        own = [u for units in spot.options.values() for u in units if u in shipped_frames()]
        if not localities or any(_neighbour_contains(text, spot, parents, u) for u in own):
            return
    spot.options = {"commune": sorted({x.unit_id for x in localities})}
    spot.stated_level, spot.how, spot.points = (
        "village",
        localities[0].how,
        _points_by_unit(localities),
    )


def _neighbour_contains(
    text: str, spot: NameSpan, parents: Sequence[NameSpan], unit_id: str
) -> bool:
    """Whether a unit of the name lies in the larger one that is named beside."""
    same = [LocalityMatch(spot.raw, unit_id, None, None, "")]
    return bool(_inside_neighbour(text, (spot.start, spot.end), same, parents))


def _locality_matches(
    text: str, spots: Sequence[NameSpan], frame: str
) -> Iterator[tuple[int, int, list[LocalityMatch]]]:
    """Words that are the name of a locality and of no unit, longest first at each place."""
    tokens = list(_TOKEN.finditer(text))
    proper = any(c.isupper() for c in text)
    at = 0
    while at < len(tokens):
        step = 1
        start = _name_start(tokens[at])
        if not (proper and not text[start].isupper()) and not _is_taken(spots, start):
            for last in range(min(at + _MOST_LOCALITY_WORDS, len(tokens)) - 1, at - 1, -1):
                end = tokens[last].end()
                if not _is_one_name(text, tokens[at : last + 1]) or _is_taken(spots, end - 1):
                    continue
                localities = gazetteer.localities_named(text[start:end], frame)
                if localities:
                    yield start, end, localities
                    step = last - at + 1
                    break
        at += step


def _name_start(token: re.Match[str]) -> int:
    """Where a name begins after an elided article."""
    elided = len(token[0]) > 2 and token[0][0] in "dlDL" and token[0][1] in "'’"
    return token.start() + (2 if elided else 0)


def _is_one_name(text: str, tokens: Sequence[re.Match[str]]) -> bool:
    return all(_BETWEEN.fullmatch(text[a.end() : b.start()]) for a, b in pairwise(tokens))


def _is_taken(spots: Sequence[NameSpan], at: int) -> bool:
    return any(spot.start <= at < spot.end for spot in spots)


def _locality_span(
    text: str,
    span: tuple[int, int],
    localities: list[LocalityMatch],
    others: Sequence[NameSpan],
    is_list: bool,
) -> NameSpan | None:
    """The name as a spot, if the text allows it to be one."""
    start, end = span
    before = lowercase_without_accents(text[max(0, start - 60) : start])
    if _LEVEL.search(before):
        return None  # the words say a unit of which none bears this name
    beside = _inside_neighbour(text, span, localities, others)
    said = _VILLAGE_WORDS.search(before) is not None or _continues_village_list(text, span, others)
    item = is_list and any(text[a:b].strip(" .()") == text[start:end] for a, b in _list_items(text))
    if not beside and not said and not item and not _in_town(before, localities):
        return None
    if len(place_name_key(text[start:end])) < _SHORTEST and not (said or item):
        return None
    kept = beside or localities
    sure = said or item or (beside and len({x.unit_id for x in beside}) == 1)
    spot = NameSpan(text[start:end], start, end, {"commune": sorted({x.unit_id for x in kept})},
                kept[0].how, 1.0 if sure else BY_CONTEXT, stated_level="village")  # fmt: skip
    spot.points = _points_by_unit(kept)
    return spot


def _in_town(before: str, localities: list[LocalityMatch]) -> bool:
    """ "à X" where the country has one X."""
    return bool(_IN_TOWN.search(before)) and len({x.unit_id for x in localities}) == 1


def _continues_village_list(text: str, span: tuple[int, int], others: Sequence[NameSpan]) -> bool:
    """Whether a list of villages goes on here: "villages de A, B et C"."""
    start, _end = span
    if not _LISTED.search(lowercase_without_accents(text[max(0, start - 12) : start])):
        return False
    near = [s for s in others if s.stated_level == "village" and s.end <= start]
    return (
        bool(near)
        and len(_LISTED.sub("", lowercase_without_accents(text[near[-1].end : start])).strip()) == 0
    )


def _inside_neighbour(
    text: str, span: tuple[int, int], localities: list[LocalityMatch], others: Sequence[NameSpan]
) -> list[LocalityMatch]:
    """Localities inside the unit that the text names right beside."""
    start, end = span
    for spot in others:
        gap = text[end : spot.start] if spot.start >= end else text[spot.end : start]
        if (
            spot.stated_level == "village"
            or len(gap) > 40
            or not _BETWEEN_NEIGHBOURS.fullmatch(lowercase_without_accents(gap))
        ):
            continue
        units = [u for us in spot.options.values() for u in us if u in shipped_frames()]
        inside = [x for x in localities if any(_unit_contains(u, x.unit_id) for u in units)]
        if inside:
            return inside
    return []


def _unit_contains(holder: str, unit_id: str) -> bool:
    own = gazetteer.unit_in_frame(unit_id, shipped_frames().unit_by_id(holder).frame)
    return gazetteer.may_lie_within(own, holder)


def _points_by_unit(localities: Sequence[LocalityMatch]) -> dict[str, tuple[float, float]]:
    """The point of the locality in each unit that has one of the name only."""
    found: dict[str, set[tuple[float, float]]] = {}
    for x in localities:
        if x.lon is not None and x.lat is not None:
            found.setdefault(x.unit_id, set()).add((x.lon, x.lat))
    return {unit: points.pop() for unit, points in found.items() if len(points) == 1}


def _is_name_list(text: str) -> bool:
    """Whether a text is nothing but names: short items, each beginning with a capital."""
    if len(text) > _LONGEST_LIST:
        return False
    items = [text[a:b].strip(" .()") for a, b in _list_items(text)]
    small = text == text.lower()
    return bool(items) and all(
        item and (small or item[0].isupper()) and len(item.split()) <= _MOST_LOCALITY_WORDS
        for item in items
        if item
    )


def _list_items(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in re.finditer(r"[,;/|+&\n>]|\s(?:et|and|ou|puis)\s|$", text):
        yield at, match.start()
        at = match.end()


_WORD = r"(?!(?:et|and|ou|à|dans|pour)\b)[^\W\d_][\w'’-]*"
_NAME = rf"(?P<name>{_WORD}(?:\s+(?:du\s+|de\s+)?{_WORD}){{0,3}})"
_AFTER = re.compile(rf"\s*(?:,|;|\bet\b|\band\b)\s*(?:à |de |d['’])?{_NAME}")
_BEFORE = re.compile(r"(?P<name>[^,;:()\n]{3,60}?)\s*(?:,|;|\bet\b|\band\b)\s*(?:à |de |d['’])?$")
_LEADING = re.compile(r"(?i).*\b(?:d['’]|(?:de|du|des|à|commune|cercle|communes|cercles)\s+)")
_NOTE = re.compile(r"\s*\([^()]{0,400}\)")
_INSIDE = re.compile(
    r"\s*[(:>]\s*(?:(?i:(?P<level>communes?|cercles?)(?:\s+(?:rurales?|urbaines?))?)"
    rf"\s+(?:de\s+|du\s+|d['’]))?{_NAME}"
)


def add_misspelt_inside(text: str, spots: list[NameSpan], frame: str) -> list[NameSpan]:
    """Add a name that is nearly one of a unit named right before a parenthesis or colon."""
    found = list(spots)
    taken = SpanSet((s.start, s.end) for s in spots)
    for spot in spots:
        match = _INSIDE.match(text, spot.end)
        if match is None or taken.overlaps_range(match.start("name"), match.end("name")):
            continue
        for scope in _units_within(spot, match["level"]):
            new = _misspelt_span(match["name"], match.start("name"), scope, None, frame)
            if new:
                found.append(new)
                taken.add_span((new.start, new.end))
                break
    return sorted(found, key=lambda s: s.start)


def _units_within(spot: NameSpan, level: str | None) -> list[list[str]]:
    """Units right below each reading of a spot, of the level that a word says."""
    scopes = []
    for units in spot.options.values():
        if len(units) == 1 and units[0] in shipped_frames():
            inside = [
                shipped_frames().unit_by_id(u)
                for u in shipped_frames().units_inside(units[0]) - {units[0]}
            ]
            wanted = [lv for lv in LEVELS if level is None or level.startswith(lv)]
            scopes += [sorted(u.unit_id for u in inside if u.level == lv) for lv in wanted]
    return [scope for scope in scopes if scope]


def add_misspelt_neighbours(
    text: str, spots: list[NameSpan], frame: str, every: list[tuple[int, int]]
) -> list[NameSpan]:
    """Add names next to known ones in a list that are nearly of the same parent or level.

    Not those of ``every`` name that was recognised and only says where another lies.
    """
    found = list(spots)
    queue = deque(spots)
    taken = SpanSet({*every, *((s.start, s.end) for s in spots)})
    while queue:
        spot = queue.popleft()
        for name, start in (_name_after(text, spot), _name_before(text, spot)):
            if not name or taken.overlaps_range(start, start + len(name)):
                continue
            new = _misspelt_neighbour(name, start, spot, frame)
            if new:
                found.append(new)
                queue.append(new)
                taken.add_span((new.start, new.end))
    return sorted(found, key=lambda s: s.start)


def _name_after(text: str, spot: NameSpan) -> tuple[str, int]:
    match = _AFTER.match(_blank_note(text, spot.end), spot.end)
    return (match["name"], match.start("name")) if match else ("", 0)


def _name_before(text: str, spot: NameSpan) -> tuple[str, int]:
    """The item before a spot in its list, without the words that lead to it."""
    match = _BEFORE.search(text[max(0, spot.start - 80) : spot.start])
    if match is None:
        return "", 0
    lead = _LEADING.match(match["name"])
    name = match["name"][lead.end() if lead else 0 :].strip()
    return name, text.rindex(name, 0, spot.start) if name else 0


def _blank_note(text: str, at: int) -> str:
    """The text around a place, a parenthesis that begins there blanked, positions unchanged."""
    note = _NOTE.match(text, at)
    return text[:at] + " " * len(note[0]) + text[note.end() :] if note else text


def _misspelt_neighbour(name: str, start: int, neighbour: NameSpan, frame: str) -> NameSpan | None:
    for scope in _neighbour_scopes(neighbour):
        new = _misspelt_span(name, start, scope, neighbour.stated_level, frame)
        if new:
            return new
    return None


def _misspelt_span(
    name: str, start: int, scope: list[str], said: str | None, frame: str
) -> NameSpan | None:
    """The longest beginning of a name that is nearly one of a scope, as a spot."""
    if not name[0].isupper():
        return None
    parts = name.split()
    for n in range(len(parts), 0, -1):
        raw = " ".join(parts[:n])
        near = nearest_in_scope(
            raw, shipped_frames().unit_by_id(scope[0]).frame if scope else frame, scope
        )
        if near and name.startswith(raw):
            score, unit_id = near
            options = {shipped_frames().unit_by_id(unit_id).level: [unit_id]}
            return NameSpan(raw, start, start + len(raw), options, "fuzzy", round(score, 3), said)
    return None


def _neighbour_scopes(spot: NameSpan) -> list[list[str]]:
    """Where a misspelt neighbour may be: the same level, in the same cercle or région."""
    scopes = []
    for level, units in spot.options.items():
        if len(units) != 1 or units[0] not in shipped_frames():
            continue
        unit = shipped_frames().unit_by_id(units[0])
        if level == "region" and spot.stated_level == "region":
            scopes.append(list(shipped_frames().units_at_level(unit.frame, "region")["unit_id"]))
        for above in ("cercle", "region"):
            parent = (
                shipped_frames().ancestor_at_level(unit.unit_id, above) if level != above else None
            )
            if parent and level != "region":
                inside = shipped_frames().units_inside(parent)
                scopes.append(
                    sorted(u for u in inside if shipped_frames().unit_by_id(u).level == level)
                )
    return scopes
