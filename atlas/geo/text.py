"""Places named in prose and lists.

How a bare name that is a région, a cercle and a commune at once is read:

- a level word beside it decides ("région de Mopti", "communes de Mopti et Konna");
- in a list it has the level that the other names of the list share; with names that are
  only communes it is the commune ("Bandiagara, Dandoli, Dourou");
- "à Mopti" speaks of the town: the commune;
- otherwise it is the largest of the three, which holds whichever was meant.

In the last two cases the score says so (`BY_CONTEXT`), and the candidates name the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from atlas.geo.combined import united
from atlas.geo.evidence import Candidate
from atlas.geo.frames import FRAMES, LEVELS, check_frame, frames
from atlas.geo.gazetteer import stamp
from atlas.geo.hamlets import add_localities
from atlas.geo.misspelt import add_misspelt_beside, add_misspelt_inside
from atlas.geo.names import names, plain
from atlas.geo.spans import Span
from atlas.geo.spotting import Spot, option_at, spot_names
from atlas.remembering import remembered

BY_CONTEXT = 0.8
"""Score of a name whose level the context, not a word, decided."""

_LIST_GAP = re.compile(
    r"\s*(?:[,;/&+•]|et|and|ou|puis|-|–|—|\n)?\s*"
    r"(?:(?:et|and|ou|de|du|d['’]|à|la|les?|l['’])\s*)*"
)
_UNION_GAP = re.compile(r"\s*[/–—-]\s*")
_NOTE = re.compile(r"\([^()]*\)")
_QUALIFIES = re.compile(r"\s*[,(]?\s*(?:dans|en)?\s*(?:la|le|les|l['’])?\s*", re.IGNORECASE)
_OF = re.compile(r"\s+(?:de|du|d['’])\s*|\s*\(\s*")


class Mention(NamedTuple):
    """A place named in a text.

    Attributes
    ----------
    raw, start, end
        The words as they stand, and where.
    unit_ids
        The unit; empty when several are as likely (`candidates`).
    how
        ``exact``, ``alias`` or ``fuzzy``.
    score
        1 for a name and level that leave no choice.
    candidates
        The other units the words might mean.
    lon, lat
        Degrees, where the words name a locality that has a point of its own.
    excluded
        The words take it out of the area: "sauf X".
    level_named
        A word beside it says its level: "région de X".
    """

    raw: str
    start: int
    end: int
    unit_ids: tuple[str, ...]
    how: str
    score: float
    candidates: tuple[Candidate, ...] = ()
    lon: float | None = None
    lat: float | None = None
    excluded: bool = False
    level_named: bool = False


@remembered(8192)
def _find(text: str, frame: str, _gazetteer: str) -> tuple[tuple[Mention, ...], tuple[Span, ...]]:
    check_frame(frame)
    spots = spot_names(text, frame)
    _spread_levels(text, spots)
    _read_counts(text, spots)
    for spot in spots:
        _apply_said(spot, frame)
    _mark_excluded(text, spots)
    named, spots = spots, _without_asides(text, spots)
    asides = [(spot.start, spot.end) for spot in named if spot not in spots]
    for start, end in asides:  # nothing finer is looked for in them
        text = text[:start] + " " * (end - start) + text[end:]
    spots = add_localities(text, spots, frame)
    spots = add_misspelt_inside(text, _unite(text, spots, frame), frame)
    every = [*asides, *((spot.start, spot.end) for spot in spots)]
    spots = add_misspelt_beside(text, _without_qualifiers(text, spots), frame, every)
    for group in _groups(text, spots):
        _choose(group, spots)
    kept = {(spot.start, spot.end) for spot in spots}
    return tuple(_mention(spot) for spot in spots), tuple(s for s in every if s not in kept)


def find_places(text: str, frame: str) -> list[Mention]:
    """Places named in a text, in their order.

    Parameters
    ----------
    text
        Prose, a list or a cell.
    frame
        Frame of the document; names that only another frame knows are read there.

    Examples
    --------
    >>> [m.unit_ids[0] for m in find_places("régions de Gao et Ménaka", "ml-2016")]
    ['ml-2016/ML07', 'ml-2016/ML10']
    >>> [m.unit_ids[0] for m in find_places("Gao / Ménaka", "ml-2016")]
    ['ml-2012/ML07']
    """
    return list(_find(text, frame, stamp())[0])


def qualifiers(text: str, frame: str) -> tuple[Span, ...]:
    """Where a text names larger units that only say where its places lie."""
    return _find(text, frame, stamp())[1]


def _spread_levels(text: str, spots: Sequence[Spot]) -> None:
    """A plural level word speaks for its whole list, past notes in parentheses."""
    for i, first in enumerate(spots):
        last = first
        for spot in spots[i + 1 :] if first.plural else ():
            if _linked(text, last, spot) and spot.said is None:
                spot.said, spot.town, last = first.said, False, spot
            elif "(" not in text[last.end : spot.start]:
                break


def _read_counts(text: str, spots: Sequence[Spot]) -> None:
    """A count that is not that of the names after it speaks of units in the one named.

    "12 communes de Gao" lie in Gao; "3 communes : Konna, Fatoma et Sio" are these three.
    """
    for i, first in enumerate(spots):
        if not first.counted:
            continue
        last, listed = first, [first]
        for spot in spots[i + 1 :]:
            if not _linked(text, last, spot) or spot.said != first.said:
                break
            listed.append(last := spot)
        count = _COUNT.search(plain(text[: first.start]))
        if count and count[1].isdigit() and int(count[1]) == len(listed):
            continue
        for spot in listed:
            above = {
                level: units
                for level, units in spot.options.items()
                if LEVELS.index(level) < LEVELS.index(first.counted)
            }
            if above:
                spot.said, spot.options, spot.score = None, above, BY_CONTEXT


_COUNT = re.compile(
    r"(\w+)(?:\s+(?:nouvelles?|autres?))?\s+(?:regions?|cercles?|communes?)\W[^\d]*$"
)
_EXCLUDING = re.compile(
    r"\b(?:sauf|except[ée]e?s?|hormis|hors|sans|moins|[àa] l['’]ex(?:ception|clusion)|en dehors|"
    r"[àa] part|non compris(?:es?)?|except(?: for)?|exclu(?:ant|ding)|(?:mais )?pas|"
    r"abstraction faite|other than|but not)\b\s*:?\s*"
    r"(?:(?:de|du|des|d['’]|[àa]|la|le|les|l['’]|ceux|celles|celui|celle|r[ée]gions?|cercles?|"
    r"communes?|villes?|district)\s*)*$",
    re.IGNORECASE,
)
_EXCLUDED_AFTER = re.compile(
    r"\s*,?\s*\(?(?:non (?:compris(?:es?)?|couverte?s?|concern[ée]e?s?)|exclue?s?|excluded)\b"
    r"|\s+except[ée]e?s?\s*(?:$|[,;.)])",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:y compris|notamment|surtout|dont|en particulier|particuli[èe]rement|pr[èe]s|proches?|"
    r"[àa] la fronti[èe]re|fronti[èe]re avec|limite avec|en direction|including|near)\b\s*:?\s*"
    r"(?:(?:de|du|des|d['’]|[àa]|la|le|les|l['’]|cercles?|communes?|r[ée]gions?|villes?)\s*)*$",
    re.IGNORECASE,
)
_BESIDE_AFTER = re.compile(r"\s*,?\s*(?:y )?compris(?:es?)?\b", re.IGNORECASE)
"""Words by which a name says where in a place, or near what, and takes no share of it."""


def _mark_excluded(text: str, spots: Sequence[Spot]) -> None:
    """Mark the names that the words take out of the area, and those listed with them."""
    last: Spot | None = None
    for spot in spots:
        before = text[max(0, spot.start - 60) : spot.start]
        listed = last is not None and _linked(text, last, spot)
        spot.excluded = bool(_EXCLUDING.search(before)) or listed
        spot.town = spot.town and not spot.excluded  # "excepté à X" leaves out the zone
        last = spot if spot.excluded else None
    for spot in spots:
        if not spot.excluded and _EXCLUDED_AFTER.match(text, spot.end):
            spot.excluded = True


def _without_asides(text: str, spots: list[Spot]) -> list[Spot]:
    """Spots without those that only say where in another, or near what: "Ségou (dont Niono)"."""
    kept: list[Spot] = []
    aside: Spot | None = None
    for spot in spots:
        before = text[max(0, spot.start - 60) : spot.start]
        is_aside = _BESIDE.search(before) is not None or (
            not spot.excluded and _BESIDE_AFTER.match(text, spot.end) is not None
        )
        listed = aside is not None and _linked(text, aside, spot)
        if kept and (is_aside or listed):
            aside = spot
            continue
        aside = None
        kept.append(spot)
    return kept


def _linked(text: str, a: Spot, b: Spot) -> bool:
    gap = _NOTE.sub("", text[a.end : b.start])
    return len(gap) < 40 and _LIST_GAP.fullmatch(gap) is not None and bool(gap.strip())


def _apply_said(spot: Spot, frame: str) -> None:
    if spot.said is None:
        return
    how, units = option_at(spot.raw, spot.said, frame)
    if units:
        spot.options, spot.how = {spot.said: units}, how


def _unite(text: str, spots: list[Spot], frame: str) -> list[Spot]:
    """« Gao / Ménaka » is one place: the unit both came from."""
    joined: list[Spot] = []
    for i, spot in enumerate(spots):
        last = joined[-1] if joined else None
        after = spots[i + 1] if i + 1 < len(spots) else None
        before = joined[-2] if len(joined) > 1 else None
        if last and _is_pair(text, before, last, spot, after):
            label = text[last.start : spot.end]
            whole = united(label, frame)
            if whole:
                both = Spot(label, last.start, spot.end, {"region": [whole]}, "alias")
                joined[-1] = both
                continue
        joined.append(spot)
    return _unite_hyphenated(text, joined, frame)


def _is_pair(text: str, before: Spot | None, a: Spot, b: Spot, after: Spot | None) -> bool:
    """Whether two names stand together by a dash or slash that parts no other names of a list."""
    if not _UNION_GAP.fullmatch(text[a.end : b.start]):
        return False
    around = [text[before.end : a.start]] if before else []
    around += [text[b.end : after.start]] if after else []
    return not any(_UNION_GAP.fullmatch(gap) for gap in around)


def _unite_hyphenated(text: str, spots: list[Spot], frame: str) -> list[Spot]:
    """The same written as one word: « Gao-Ménaka »."""
    taken = [(s.start, s.end) for s in spots]
    for match in re.finditer(r"(?<![^\W\d_])[^\W\d_]++[-–/][^\W\d_]+", text):
        inside = any(a < match.end() and match.start() < b for a, b in taken)
        whole = None if inside else united(match[0], frame)
        if whole:
            spots.append(Spot(match[0], match.start(), match.end(), {"region": [whole]}, "alias"))
    return sorted(spots, key=lambda s: s.start)


def _without_qualifiers(text: str, spots: list[Spot]) -> list[Spot]:
    """Drop the larger unit that only says where a neighbour lies: "Ber (région de …)"."""
    dropped: dict[int, int] = {}
    for i, (a, b) in enumerate(pairwise(spots)):
        gap = text[a.end : b.start]
        if a.excluded or b.excluded:
            continue
        if _is_path(text, spots, i):
            dropped[i] = i + 1
            continue
        holds = _holds(b, a) or (_OF.fullmatch(gap) is not None and _held_before(b, a))
        if holds and _is_qualifier(gap, b):
            dropped[i + 1] = i
        elif (_holds(a, b) or _held_before(a, b)) and _is_specified(gap, a):
            dropped[i] = i + 1
    for larger, finer in dropped.items():
        _narrow(spots[finer], spots[larger])
    return [s for i, s in enumerate(spots) if i not in dropped]


def _is_path(text: str, spots: Sequence[Spot], i: int) -> bool:
    """Whether a slash parts a cercle from a commune in it, and no other names: "Koro/Madougou"."""
    a, b = spots[i], spots[i + 1]
    around = [text[spots[i - 1].end : a.start]] if i else []
    around += [text[b.end : spots[i + 2].start]] if i + 2 < len(spots) else []
    return (
        text[a.end : b.start].strip() in ("/", "\\")
        and not any("/" in gap or "\\" in gap for gap in around)
        and set(b.options) == {"commune"}
        and (_holds(a, b) or _held_before(a, b))
    )


def _is_qualifier(gap: str, spot: Spot) -> bool:
    """Whether only a link (and the level word) stands between a name and its parent."""
    if spot.plural or _OF.fullmatch(gap):
        return not spot.plural
    words = re.sub(r"(?i)\b(?:régions?|regions?|cercles?|de|du|d['’])", " ", gap)
    return spot.said in ("region", "cercle") and _QUALIFIES.fullmatch(words) is not None


def _is_specified(gap: str, spot: Spot) -> bool:
    """Whether what follows a larger unit only says where in it: "Mopti (Konna)"."""
    if gap.strip() in ("(", ":", ">"):
        return True
    return spot.said in ("region", "cercle") and not spot.plural and len(gap) < 25


def _holds(larger: Spot, finer: Spot) -> bool:
    """Whether the finer name can be read as a unit below the larger one, now or before a reform.

    "Nara (région de Koulikoro)" names the région of today by the one that its cercle lay in.
    """
    if any(_below(u, larger) for u in _finest(finer)):
        return True
    return larger.said in ("region", "cercle") and _held_before(larger, finer)


def _held_before(larger: Spot, finer: Spot) -> bool:
    """Whether the finer name was that of a unit below the larger one before a reform."""
    return any(_was_below(finer.raw, u) for units in larger.options.values() for u in units)


def _was_below(raw: str, larger: str) -> bool:
    """Whether a name was that of a unit inside another one, in an earlier frame."""
    if larger not in frames() or frames().label(larger) == raw:
        return False
    name, level = frames().unit(larger).name, frames().unit(larger).level
    for frame in FRAMES[: FRAMES.index(frames().unit(larger).frame)]:
        holders = names(frame).find(level, name)[1]
        finer = [u for below in LEVELS for u in names(frame).find(below, raw)[1]]
        if any(u != h and u in frames().inside(h) for h in holders for u in finer):
            return True
    return False


def _finest(spot: Spot) -> list[str]:
    finest = max(spot.options, key=LEVELS.index, default=None)
    return spot.options[finest] if finest else []


def _below(unit_id: str, larger: Spot) -> bool:
    units = [u for us in larger.options.values() for u in us]
    return any(unit_id != u and unit_id in frames().inside(u) for u in units)


def _narrow(spot: Spot, larger: Spot) -> None:
    """Keep the readings of a name that lie in the larger unit beside it."""
    kept = {
        level: inside
        for level, units in spot.options.items()
        if (inside := [u for u in units if _below(u, larger)])
    }
    if kept:
        spot.options = kept


def _groups(text: str, spots: Sequence[Spot]) -> list[list[Spot]]:
    groups: list[list[Spot]] = []
    for spot in spots:
        last = groups[-1][-1] if groups else None
        if last and last.excluded == spot.excluded and _linked(text, last, spot):
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups


def _choose(group: Sequence[Spot], everything: Sequence[Spot]) -> None:
    """Settle the level of a list, then the unit of each of its names.

    Where most names of a list are régions, those that can be are, and the others their largest.
    """
    regions = sum("region" in s.options for s in group)
    of_regions = 2 * regions > len(group) > 1
    open_spots = [s for s in group if len(s.options) > 1]
    fixed = {next(iter(s.options)) for s in group if len(s.options) == 1}
    shared = [lv for lv in LEVELS if all(lv in s.options for s in group)]
    town = any(s.town for s in group)
    for spot in open_spots:
        levels = [lv for lv in LEVELS if lv in spot.options]
        certain = False
        if of_regions and not any(s.said for s in group):
            level = levels[0]
        elif len(group) > 1 and "commune" in fixed and "commune" in levels:
            level, certain = "commune", True
        elif len(group) > 1 and len(fixed) == 1 and fixed <= set(levels):
            level, certain = next(iter(fixed)), True
        elif town:
            level = levels[-1]
        else:
            level = shared[0] if shared else levels[0]
        spot.others = [u for lv in levels if lv != level for u in spot.options[lv]]
        if not certain:
            spot.score = min(spot.score, BY_CONTEXT)
        spot.options = {level: spot.options[level]}
    for spot in group:
        _settle(spot, group, everything)


def _settle(spot: Spot, group: Sequence[Spot], everything: Sequence[Spot]) -> None:
    """The one unit of a name; among homonyms the one inside what the text names beside."""
    units = next(iter(spot.options.values()))
    for around in (group, everything):
        if len(units) == 1:
            break
        regions = {
            frames().ancestor(u, level)
            for s in around
            if s is not spot
            for us in s.options.values()
            if len(us) == 1 and us[0] in frames()
            for u in us
            for level in ("cercle", "region")
        }
        near = [u for u in units if _above(u) & regions]
        units = near if len(near) == 1 else units
    spot.units = tuple(units) if len(units) == 1 else ()
    if not spot.units:
        spot.others = units


def _above(unit_id: str) -> set[str | None]:
    return {frames().ancestor(unit_id, level) for level in ("cercle", "region")} - {None}


def _mention(spot: Spot) -> Mention:
    others = tuple(
        Candidate(u, frames().label(u), frames().unit(u).level, spot.score) for u in spot.others
    )
    point = spot.points.get(spot.units[0]) if spot.units else None
    lon, lat = point or (None, None)
    return Mention(
        *(spot.raw, spot.start, spot.end, spot.units, spot.how, spot.score),
        *(others, lon, lat, spot.excluded, spot.said is not None),
    )
