"""Localities of the installed gazetteer named in prose and lists.

Villages bear names of everything (Algérie, Sy, Diallo), so a word of a text is only taken
for one where the text says so: after "village de" or "à", beside the unit that holds it
("Goundaka, cercle de Bandiagara"), or where the whole text is a list of names. A name that
a région, cercle or commune bears is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from atlas.geo import gazetteer
from atlas.geo.frames import frames
from atlas.geo.gazetteer import Locality
from atlas.geo.names import key, plain
from atlas.geo.spotting import Spot

BY_CONTEXT = 0.8
"""Score of a locality that only "à" or a neighbour points out."""
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MOST_WORDS = 5
_SHORTEST = 4
_BETWEEN = re.compile(r"[\s'’/-]*")
_SAID = re.compile(
    r"\b(?:villages?|localites?|hameaux?|hameau|sites?|campements?|quartiers?|fractions?)"
    r"(?:\s+(?:suivants?|suivantes?|cibles?))*[\s:(«\"-]*(?:(?:de|du|des|d['’]|la|les?|l['’])\s*)*$"
)
_LISTED = re.compile(r"(?:,|;|/|\bet\b|\n)\s*(?:(?:de|du|a|d['’])\s*)?$")
_LEVEL = re.compile(
    r"\b(?:regions?|cercles?|communes?|mairies?|district|gouvernorat)"
    r"(?:\s+(?:rurales?|urbaines?))?[\s:(«\"-]*(?:(?:de|du|des|d['’]|la|les?|l['’])\s*)*$"
)
_IN_TOWN = re.compile(r"(?:^|[\s(])a\s+$")
_BESIDE = re.compile(
    r"[\s,;:(>/–-]*(?:(?:dans|en|le|la|les|de|du|des|d|l|commune|cercle|region|rurale|urbaine)\b"
    r"['’]?[\s,;:(>/–-]*)*"
)
_LONGEST_LIST = 400


def add_localities(text: str, spots: list[Spot], frame: str) -> list[Spot]:
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
    list of Spot
        In order; ``points`` of an added one hold the point of the locality in each unit. The
        same list when no gazetteer is installed.
    """
    if not gazetteer.stamp():
        return spots
    for spot in spots:
        _read_as_village(text, spot, [s for s in spots if s is not spot], frame)
    found: list[Spot] = []
    is_list = _is_list(text)
    for start, end, localities in _named(text, spots, frame):
        new = _spot(text, (start, end), localities, [*spots, *found], is_list)
        if new is not None:
            found.append(new)
    return sorted([*spots, *found], key=lambda s: s.start) if found else spots


def _read_as_village(text: str, spot: Spot, others: Sequence[Spot], frame: str) -> None:
    """The name of a unit where the words mean a village: "village de X", "cercle de Y : X".

    In the second case Y holds a village X and no unit of that name.
    """
    if spot.said is not None:
        return
    localities = gazetteer.lookup(spot.raw, frame)
    if not localities:
        return
    if not _SAID.search(plain(text[max(0, spot.start - 60) : spot.start])):
        parents = [s for s in others if s.said in ("region", "cercle") and not s.plural]
        localities = _inside_neighbour(text, (spot.start, spot.end), localities, parents)
        own = [u for units in spot.options.values() for u in units if u in frames()]
        if not localities or any(_beside_holds(text, spot, parents, u) for u in own):
            return
    spot.options = {"commune": sorted({x.unit_id for x in localities})}
    spot.said, spot.how, spot.points = "village", localities[0].how, _points(localities)


def _beside_holds(text: str, spot: Spot, parents: Sequence[Spot], unit_id: str) -> bool:
    """Whether a unit of the name lies in the larger one that is named beside."""
    same = [Locality(spot.raw, unit_id, None, None, "")]
    return bool(_inside_neighbour(text, (spot.start, spot.end), same, parents))


def _named(
    text: str, spots: Sequence[Spot], frame: str
) -> Iterator[tuple[int, int, list[Locality]]]:
    """Words that are the name of a locality and of no unit, longest first at each place."""
    tokens = list(_TOKEN.finditer(text))
    proper = any(c.isupper() for c in text)
    at = 0
    while at < len(tokens):
        step = 1
        start = _start(tokens[at])
        if not (proper and not text[start].isupper()) and not _taken(spots, start):
            for last in range(min(at + _MOST_WORDS, len(tokens)) - 1, at - 1, -1):
                end = tokens[last].end()
                if not _one_name(text, tokens[at : last + 1]) or _taken(spots, end - 1):
                    continue
                localities = gazetteer.lookup(text[start:end], frame)
                if localities:
                    yield start, end, localities
                    step = last - at + 1
                    break
        at += step


def _start(token: re.Match[str]) -> int:
    """Where a name begins after an elided article."""
    elided = len(token[0]) > 2 and token[0][0] in "dlDL" and token[0][1] in "'’"
    return token.start() + (2 if elided else 0)


def _one_name(text: str, tokens: Sequence[re.Match[str]]) -> bool:
    return all(_BETWEEN.fullmatch(text[a.end() : b.start()]) for a, b in pairwise(tokens))


def _taken(spots: Sequence[Spot], at: int) -> bool:
    return any(spot.start <= at < spot.end for spot in spots)


def _spot(
    text: str,
    span: tuple[int, int],
    localities: list[Locality],
    others: Sequence[Spot],
    is_list: bool,
) -> Spot | None:
    """The name as a spot, if the text allows it to be one."""
    start, end = span
    before = plain(text[max(0, start - 60) : start])
    if _LEVEL.search(before):
        return None  # the words say a unit of which none bears this name
    beside = _inside_neighbour(text, span, localities, others)
    said = _SAID.search(before) is not None or _follows_said(text, span, others)
    item = is_list and any(text[a:b].strip(" .()") == text[start:end] for a, b in _items(text))
    if not beside and not said and not item and not _in_town(before, localities):
        return None
    if len(key(text[start:end])) < _SHORTEST and not (said or item):
        return None
    kept = beside or localities
    sure = said or item or (beside and len({x.unit_id for x in beside}) == 1)
    spot = Spot(text[start:end], start, end, {"commune": sorted({x.unit_id for x in kept})},
                kept[0].how, 1.0 if sure else BY_CONTEXT, said="village")  # fmt: skip
    spot.points = _points(kept)
    return spot


def _in_town(before: str, localities: list[Locality]) -> bool:
    """ "à X" where the country has one X."""
    return bool(_IN_TOWN.search(before)) and len({x.unit_id for x in localities}) == 1


def _follows_said(text: str, span: tuple[int, int], others: Sequence[Spot]) -> bool:
    """Whether a list of villages goes on here: "villages de A, B et C"."""
    start, _end = span
    if not _LISTED.search(plain(text[max(0, start - 12) : start])):
        return False
    near = [s for s in others if s.said == "village" and s.end <= start]
    return bool(near) and len(_LISTED.sub("", plain(text[near[-1].end : start])).strip()) == 0


def _inside_neighbour(
    text: str, span: tuple[int, int], localities: list[Locality], others: Sequence[Spot]
) -> list[Locality]:
    """Localities inside the unit that the text names right beside."""
    start, end = span
    for spot in others:
        gap = text[end : spot.start] if spot.start >= end else text[spot.end : start]
        if spot.said == "village" or len(gap) > 40 or not _BESIDE.fullmatch(plain(gap)):
            continue
        units = [u for us in spot.options.values() for u in us if u in frames()]
        inside = [x for x in localities if any(_holds(u, x.unit_id) for u in units)]
        if inside:
            return inside
    return []


def _holds(holder: str, unit_id: str) -> bool:
    own = gazetteer.in_frame(unit_id, frames().unit(holder).frame)
    return gazetteer.lies_in(own, holder)


def _points(localities: Sequence[Locality]) -> dict[str, tuple[float, float]]:
    """The point of the locality in each unit that has one of the name only."""
    found: dict[str, set[tuple[float, float]]] = {}
    for x in localities:
        if x.lon is not None and x.lat is not None:
            found.setdefault(x.unit_id, set()).add((x.lon, x.lat))
    return {unit: points.pop() for unit, points in found.items() if len(points) == 1}


def _is_list(text: str) -> bool:
    """Whether a text is nothing but names: short items, each beginning with a capital."""
    if len(text) > _LONGEST_LIST:
        return False
    items = [text[a:b].strip(" .()") for a, b in _items(text)]
    small = text == text.lower()
    return bool(items) and all(
        item and (small or item[0].isupper()) and len(item.split()) <= _MOST_WORDS
        for item in items
        if item
    )


def _items(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in re.finditer(r"[,;/|+&\n>]|\s(?:et|and|ou|puis)\s|$", text):
        yield at, match.start()
        at = match.end()
