"""Decisions of people, looked up before a place is resolved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from atlas.corrections import Corrections, lies_in, wording_key
from atlas.geo.frames import frames
from atlas.geo.positions import with_coordinates
from atlas.geo.resolve import Resolution
from atlas.geo.text import Mention
from atlas.model import How

Said = tuple[str, tuple[tuple[str, object], ...]]
"""A finding's code and its params, hashable."""

_CUTS = (
    re.compile(r"[;\n]"),
    re.compile(r"[;\n,/|]"),
    re.compile(r"[;\n,/|()&+:]|\s(?:et|and|puis|[–—-])\s"),
)
"""Where a list is cut, from the coarser to the finer."""
_SHARE = re.compile(r"[\s:(=]*\d{1,3}\s*%\)?\s*$")
_KIND = re.compile(
    r".*\b(?:villages?|localités?|communes?(?:\s+rurales?)?|sites?|hameaux?|quartiers?)"
    r"\s+(?:de\s+la\s+|de\s+|du\s+|d['’])",
    re.IGNORECASE,
)


def told(raw: str, unit_id: str) -> Said:
    """Finding of a place that a decision put where it is."""
    return "place_reviewed", (("raw", raw), ("unit", _reading(unit_id)))


def set_aside(raw: str, unit_id: str, said: Collection[str]) -> Said:
    """Finding of a decision that the row contradicts, with both readings."""
    unit, row = (", ".join(sorted(map(_reading, units))) for units in ([unit_id], said))
    return "place_decision_aside", (("raw", raw), ("unit", unit), ("said", row))


def pinned(
    unit_id: str, lon: float | None, lat: float | None
) -> tuple[float | None, float | None, tuple[Said, ...]]:
    """Coordinates of a decided place where they agree with it, and what they say against it."""
    if lon is None or lat is None:
        return None, None, ()
    unit = frames().unit(unit_id)
    seen = with_coordinates(Resolution(unit_id, unit.level), lon, lat, unit.frame)
    against = [
        (code, tuple(params.items()))
        for code, params in seen.findings
        if code != "coordinates_refine"  # a person chose the larger unit
    ]
    return seen.lon, seen.lat, tuple(against)


def _reading(unit_id: str) -> str:
    return f"{frames().label(unit_id)} [{unit_id}]"


def with_decided(
    words: str,
    mentions: Sequence[Mention],
    corrections: Corrections,
    said: Collection[str],
) -> tuple[list[Mention], list[Said]]:
    """Mentions of a text, those that a decision speaks of in place of what was recognised.

    Parameters
    ----------
    words
        The text: an item of its list is looked up, or the whole of it.
    mentions
        What was recognised.
    said
        Units that the row's columns name, which bind; without any, the other mentions only
        tell whether an item lies under a parent.

    Returns
    -------
    tuple
        Mentions in their order; decisions set aside.
    """
    if not corrections:
        return list(mentions), []
    decided: list[Mention] = []
    aside: dict[str, Said] = {}
    for start, end in _items(words):
        name = words[start:end]
        around = said or _beside(words, mentions, start, end)
        verdict = corrections.decide(wording_key(name), around, binding=bool(said))
        if verdict is None or any(_overlap(one, start, end) for one in decided):
            continue
        if verdict.applies:
            unit_id = verdict.correction.means
            decided.append(Mention(name, start, end, (unit_id,), str(How.REVIEWED), 1.0))
        else:
            aside.setdefault(name, set_aside(name, verdict.correction.means, around))
    kept = [m for m in mentions if not any(_overlap(m, d.start, d.end) for d in decided)]
    return sorted([*kept, *decided], key=lambda m: m.start), list(aside.values())


def _beside(words: str, mentions: Sequence[Mention], start: int, end: int) -> set[str]:
    """Units named beside an item, in its own part of the list if there are any."""
    others = [m for m in mentions if len(m.unit_ids) == 1 and not _overlap(m, start, end)]
    own = next(((a, b) for a, b in _between(_CUTS[0], words) if a <= start < b), (0, len(words)))
    near = [m for m in others if _overlap(m, *own)]
    return {unit_id for m in near or others for unit_id in m.unit_ids}


def _overlap(mention: Mention, start: int, end: int) -> bool:
    return mention.start < end and start < mention.end


def _items(words: str) -> Iterator[tuple[int, int]]:
    """Spans of the whole, its items, and their parts, each once, the longer first."""
    seen: set[tuple[int, int]] = set()
    whole = [(0, len(words))]
    for spans in (whole, *(list(_between(cut, words)) for cut in _CUTS)):
        for start, end in spans:
            for span in _trimmed(words, start, end):
                if span not in seen and span[0] < span[1]:
                    seen.add(span)
                    yield span


def _between(cut: re.Pattern[str], words: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in cut.finditer(words):
        yield start, found.start()
        start = found.end()
    yield start, len(words)


def _trimmed(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without the share after it; then also without the kind of place before it."""
    item = words[start:end]
    if share := _SHARE.search(item):
        item = item[: share.start()]
    bare = item.strip(" .()\t\r")
    start += len(item) - len(item.lstrip(" .()\t\r"))
    yield start, start + len(bare)
    if kind := _KIND.match(bare):
        yield start + kind.end(), start + len(bare)


def narrowed(words: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions without the unit that only says where the decided places beside it lie.

    « Djidara, Gao » was Gao as long as nobody knew Djidara; it is one place, not two.
    """
    dropped: list[Mention] = []
    for start, end in _between(_CUTS[0], words):
        group = [m for m in mentions if _overlap(m, start, end)]
        decided = [m for m in group if m.how == How.REVIEWED]
        plain = [m for m in group if m.how != How.REVIEWED]
        if decided and len(plain) == 1 and len(plain[0].unit_ids) == 1:
            area = plain[0].unit_ids[0]
            if all(m.unit_ids[0] != area and lies_in(m.unit_ids[0], area) for m in decided):
                dropped += plain
    return [m for m in mentions if m not in dropped]
