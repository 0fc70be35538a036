"""Misspelt names in prose: only where a known name beside says what they may be.

A word that is nearly a commune is taken for it in a list with others of the same cercle or
région ("Dandoli, Doucombo"), or where the text says in what it lies ("cercle de Koro
(communes de Dioungani …)").
"""

from __future__ import annotations

import re
from collections import deque

from atlas.geo.frames import LEVELS, frames
from atlas.geo.spans import Spans
from atlas.geo.spotting import Spot, nearest_in

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


def add_misspelt_inside(text: str, spots: list[Spot], frame: str) -> list[Spot]:
    """Add a name that is nearly one of a unit named right before a parenthesis or colon."""
    found = list(spots)
    taken = Spans((s.start, s.end) for s in spots)
    for spot in spots:
        match = _INSIDE.match(text, spot.end)
        if match is None or taken.overlaps(match.start("name"), match.end("name")):
            continue
        for scope in _within(spot, match["level"]):
            new = _spot(match["name"], match.start("name"), scope, None, frame)
            if new:
                found.append(new)
                taken.add((new.start, new.end))
                break
    return sorted(found, key=lambda s: s.start)


def _within(spot: Spot, level: str | None) -> list[list[str]]:
    """Units right below each reading of a spot, of the level that a word says."""
    scopes = []
    for units in spot.options.values():
        if len(units) == 1 and units[0] in frames():
            inside = [frames().unit(u) for u in frames().inside(units[0]) - {units[0]}]
            wanted = [lv for lv in LEVELS if level is None or level.startswith(lv)]
            scopes += [sorted(u.unit_id for u in inside if u.level == lv) for lv in wanted]
    return [scope for scope in scopes if scope]


def add_misspelt_beside(
    text: str, spots: list[Spot], frame: str, every: list[tuple[int, int]]
) -> list[Spot]:
    """Add names next to known ones in a list that are nearly of the same parent or level.

    Not those of ``every`` name that was recognised and only says where another lies.
    """
    found = list(spots)
    queue = deque(spots)
    taken = Spans({*every, *((s.start, s.end) for s in spots)})
    while queue:
        spot = queue.popleft()
        for name, start in (_name_after(text, spot), _name_before(text, spot)):
            if not name or taken.overlaps(start, start + len(name)):
                continue
            new = _near(name, start, spot, frame)
            if new:
                found.append(new)
                queue.append(new)
                taken.add((new.start, new.end))
    return sorted(found, key=lambda s: s.start)


def _name_after(text: str, spot: Spot) -> tuple[str, int]:
    match = _AFTER.match(_blank_note(text, spot.end), spot.end)
    return (match["name"], match.start("name")) if match else ("", 0)


def _name_before(text: str, spot: Spot) -> tuple[str, int]:
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


def _near(name: str, start: int, neighbour: Spot, frame: str) -> Spot | None:
    for scope in _beside(neighbour):
        new = _spot(name, start, scope, neighbour.said, frame)
        if new:
            return new
    return None


def _spot(name: str, start: int, scope: list[str], said: str | None, frame: str) -> Spot | None:
    """The longest beginning of a name that is nearly one of a scope, as a spot."""
    if not name[0].isupper():
        return None
    parts = name.split()
    for n in range(len(parts), 0, -1):
        raw = " ".join(parts[:n])
        near = nearest_in(raw, frames().unit(scope[0]).frame if scope else frame, scope)
        if near and name.startswith(raw):
            score, unit_id = near
            options = {frames().unit(unit_id).level: [unit_id]}
            return Spot(raw, start, start + len(raw), options, "fuzzy", round(score, 3), said)
    return None


def _beside(spot: Spot) -> list[list[str]]:
    """Where a misspelt neighbour may be: the same level, in the same cercle or région."""
    scopes = []
    for level, units in spot.options.items():
        if len(units) != 1 or units[0] not in frames():
            continue
        unit = frames().unit(units[0])
        if level == "region" and spot.said == "region":
            scopes.append(list(frames().at(unit.frame, "region")["unit_id"]))
        for above in ("cercle", "region"):
            parent = frames().ancestor(unit.unit_id, above) if level != above else None
            if parent and level != "region":
                inside = frames().inside(parent)
                scopes.append(sorted(u for u in inside if frames().unit(u).level == level))
    return scopes
