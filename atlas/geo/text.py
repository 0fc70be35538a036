"""Places named in prose and lists, and the stretches of a text that no place accounts for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from atlas.caches import text_cache
from atlas.geo.frames import FRAMES, LEVELS, check_frame, shipped_frames
from atlas.geo.gazetteer import installation_stamp
from atlas.geo.names import lowercase_without_accents, name_index, predecessor_of_label
from atlas.geo.place_evidence import PlaceCandidate
from atlas.geo.toponyms import (
    NameSpan,
    SpanSet,
    TextSpan,
    add_localities,
    add_misspelt_inside,
    add_misspelt_neighbours,
    find_name_spans,
    readings_at_level,
)

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


class PlaceMention(NamedTuple):
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
    candidates: tuple[PlaceCandidate, ...] = ()
    lon: float | None = None
    lat: float | None = None
    excluded: bool = False
    level_named: bool = False


@text_cache(8192)
def _find_mentions(
    text: str, frame: str, _gazetteer: str
) -> tuple[tuple[PlaceMention, ...], tuple[TextSpan, ...]]:
    check_frame(frame)
    spots = find_name_spans(text, frame)
    _spread_levels(text, spots)
    _read_counts(text, spots)
    for spot in spots:
        _apply_stated_level(spot, frame)
    _mark_excluded(text, spots)
    named, spots = spots, _without_incidental_names(text, spots)
    asides = [(spot.start, spot.end) for spot in named if spot not in spots]
    for start, end in asides:  # nothing finer is looked for in them
        text = text[:start] + " " * (end - start) + text[end:]
    spots = add_localities(text, spots, frame)
    spots = add_misspelt_inside(text, _unite_pairs(text, spots, frame), frame)
    every = [*asides, *((spot.start, spot.end) for spot in spots)]
    spots = add_misspelt_neighbours(text, _without_qualifiers(text, spots), frame, every)
    for group in _linked_groups(text, spots):
        _choose_units(group, spots)
    kept = {(spot.start, spot.end) for spot in spots}
    return tuple(_mention_of_span(spot) for spot in spots), tuple(s for s in every if s not in kept)


def find_places(text: str, frame: str) -> list[PlaceMention]:
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
    return list(_find_mentions(text, frame, installation_stamp())[0])


def qualifier_spans(text: str, frame: str) -> tuple[TextSpan, ...]:
    """Where a text names larger units that only say where its places lie."""
    return _find_mentions(text, frame, installation_stamp())[1]


def _spread_levels(text: str, spots: Sequence[NameSpan]) -> None:
    """A plural level word speaks for its whole list, past notes in parentheses."""
    for i, first in enumerate(spots):
        last = first
        for spot in spots[i + 1 :] if first.plural else ():
            if _are_linked(text, last, spot) and spot.stated_level is None:
                spot.stated_level, spot.town, last = first.stated_level, False, spot
            elif "(" not in text[last.end : spot.start]:
                break


def _read_counts(text: str, spots: Sequence[NameSpan]) -> None:
    """A count that is not that of the names after it speaks of units in the one named.

    "12 communes de Gao" lie in Gao; "3 communes : Konna, Fatoma et Sio" are these three.
    """
    for i, first in enumerate(spots):
        if not first.counted:
            continue
        last, listed = first, [first]
        for spot in spots[i + 1 :]:
            if not _are_linked(text, last, spot) or spot.stated_level != first.stated_level:
                break
            listed.append(last := spot)
        count = _COUNT.search(lowercase_without_accents(text[: first.start]))
        if count and count[1].isdigit() and int(count[1]) == len(listed):
            continue
        for spot in listed:
            above = {
                level: units
                for level, units in spot.options.items()
                if LEVELS.index(level) < LEVELS.index(first.counted)
            }
            if above:
                spot.stated_level, spot.options, spot.score = None, above, BY_CONTEXT


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
_INCIDENTAL = re.compile(
    r"\b(?:y compris|notamment|surtout|dont|en particulier|particuli[èe]rement|pr[èe]s|proches?|"
    r"[àa] la fronti[èe]re|fronti[èe]re avec|limite avec|en direction|including|near)\b\s*:?\s*"
    r"(?:(?:de|du|des|d['’]|[àa]|la|le|les|l['’]|cercles?|communes?|r[ée]gions?|villes?)\s*)*$",
    re.IGNORECASE,
)
_INCIDENTAL_AFTER = re.compile(r"\s*,?\s*(?:y )?compris(?:es?)?\b", re.IGNORECASE)
"""Words by which a name says where in a place, or near what, and takes no share of it."""


def _mark_excluded(text: str, spots: Sequence[NameSpan]) -> None:
    """Mark the names that the words take out of the area, and those listed with them."""
    last: NameSpan | None = None
    for spot in spots:
        before = text[max(0, spot.start - 60) : spot.start]
        listed = last is not None and _are_linked(text, last, spot)
        spot.excluded = bool(_EXCLUDING.search(before)) or listed
        spot.town = spot.town and not spot.excluded  # "excepté à X" leaves out the zone
        last = spot if spot.excluded else None
    for spot in spots:
        if not spot.excluded and _EXCLUDED_AFTER.match(text, spot.end):
            spot.excluded = True


def _without_incidental_names(text: str, spots: list[NameSpan]) -> list[NameSpan]:
    """Spots without those that only say where in another, or near what: "Ségou (dont Niono)"."""
    kept: list[NameSpan] = []
    aside: NameSpan | None = None
    for spot in spots:
        before = text[max(0, spot.start - 60) : spot.start]
        is_aside = _INCIDENTAL.search(before) is not None or (
            not spot.excluded and _INCIDENTAL_AFTER.match(text, spot.end) is not None
        )
        listed = aside is not None and _are_linked(text, aside, spot)
        if kept and (is_aside or listed):
            aside = spot
            continue
        aside = None
        kept.append(spot)
    return kept


def _are_linked(text: str, a: NameSpan, b: NameSpan) -> bool:
    gap = _NOTE.sub("", text[a.end : b.start])
    return len(gap) < 40 and _LIST_GAP.fullmatch(gap) is not None and bool(gap.strip())


def _apply_stated_level(spot: NameSpan, frame: str) -> None:
    if spot.stated_level is None:
        return
    how, units = readings_at_level(spot.raw, spot.stated_level, frame)
    if units:
        spot.options, spot.how = {spot.stated_level: units}, how


def _unite_pairs(text: str, spots: list[NameSpan], frame: str) -> list[NameSpan]:
    """« Gao / Ménaka » is one place: the unit both came from."""
    joined: list[NameSpan] = []
    for i, spot in enumerate(spots):
        last = joined[-1] if joined else None
        after = spots[i + 1] if i + 1 < len(spots) else None
        before = joined[-2] if len(joined) > 1 else None
        if last and _is_pair(text, before, last, spot, after):
            label = text[last.start : spot.end]
            whole = predecessor_of_label(label, frame)
            if whole:
                both = NameSpan(label, last.start, spot.end, {"region": [whole]}, "alias")
                joined[-1] = both
                continue
        joined.append(spot)
    return _unite_hyphenated(text, joined, frame)


def _is_pair(
    text: str, before: NameSpan | None, a: NameSpan, b: NameSpan, after: NameSpan | None
) -> bool:
    """Whether two names stand together by a dash or slash that parts no other names of a list."""
    if not _UNION_GAP.fullmatch(text[a.end : b.start]):
        return False
    around = [text[before.end : a.start]] if before else []
    around += [text[b.end : after.start]] if after else []
    return not any(_UNION_GAP.fullmatch(gap) for gap in around)


def _unite_hyphenated(text: str, spots: list[NameSpan], frame: str) -> list[NameSpan]:
    """The same written as one word: « Gao-Ménaka »."""
    taken = [(s.start, s.end) for s in spots]
    for match in re.finditer(r"(?<![^\W\d_])[^\W\d_]++[-–/][^\W\d_]+", text):
        inside = any(a < match.end() and match.start() < b for a, b in taken)
        whole = None if inside else predecessor_of_label(match[0], frame)
        if whole:
            spots.append(
                NameSpan(match[0], match.start(), match.end(), {"region": [whole]}, "alias")
            )
    return sorted(spots, key=lambda s: s.start)


def _without_qualifiers(text: str, spots: list[NameSpan]) -> list[NameSpan]:
    """Drop the larger unit that only says where a neighbour lies: "Ber (région de …)"."""
    dropped: dict[int, int] = {}
    for i, (a, b) in enumerate(pairwise(spots)):
        gap = text[a.end : b.start]
        if a.excluded or b.excluded:
            continue
        if _is_path(text, spots, i):
            dropped[i] = i + 1
            continue
        holds = _may_contain(b, a) or (_OF.fullmatch(gap) is not None and _formerly_contained(b, a))
        if holds and _is_qualifier(gap, b):
            dropped[i + 1] = i
        elif (
            _is_specified(gap, a)
            and not _of_one_level(a, b)
            and (_may_contain(a, b) or _formerly_contained(a, b))
        ):
            dropped[i] = i + 1
    for larger, finer in dropped.items():
        _narrow_readings(spots[finer], spots[larger])
    return [s for i, s in enumerate(spots) if i not in dropped]


def _is_path(text: str, spots: Sequence[NameSpan], i: int) -> bool:
    """Whether a slash parts a cercle from a commune in it, and no other names: "Koro/Madougou"."""
    a, b = spots[i], spots[i + 1]
    around = [text[spots[i - 1].end : a.start]] if i else []
    around += [text[b.end : spots[i + 2].start]] if i + 2 < len(spots) else []
    return (
        text[a.end : b.start].strip() in ("/", "\\")
        and not any("/" in gap or "\\" in gap for gap in around)
        and set(b.options) == {"commune"}
        and (_may_contain(a, b) or _formerly_contained(a, b))
    )


def _is_qualifier(gap: str, spot: NameSpan) -> bool:
    """Whether only a link (and the level word) stands between a name and its parent."""
    if spot.plural or _OF.fullmatch(gap):
        return not spot.plural
    words = re.sub(r"(?i)\b(?:régions?|regions?|cercles?|de|du|d['’])", " ", gap)
    return spot.stated_level in ("region", "cercle") and _QUALIFIES.fullmatch(words) is not None


def _is_specified(gap: str, spot: NameSpan) -> bool:
    """Whether what follows a larger unit only says where in it: "Mopti (Konna)"."""
    if gap.strip() in ("(", ":", ">"):
        return True
    return spot.stated_level in ("region", "cercle") and not spot.plural and len(gap) < 25


def _of_one_level(a: NameSpan, b: NameSpan) -> bool:
    """Whether both are said to be of one level: "région de Gao ; région de Ménaka" are two."""
    return a.stated_level is not None and a.stated_level == b.stated_level


def _may_contain(larger: NameSpan, finer: NameSpan) -> bool:
    """Whether the finer name can be read as a unit below the larger one, now or before a reform.

    "Nara (région de Koulikoro)" names the région of today by the one that its cercle lay in.
    """
    if any(_is_below(u, larger) for u in _finest_units(finer)):
        return True
    return larger.stated_level in ("region", "cercle") and _formerly_contained(larger, finer)


def _formerly_contained(larger: NameSpan, finer: NameSpan) -> bool:
    """Whether the finer name was that of a unit below the larger one before a reform."""
    return any(_was_below(finer.raw, u) for units in larger.options.values() for u in units)


def _was_below(raw: str, larger: str) -> bool:
    """Whether a name was that of a unit inside another one, in an earlier frame."""
    if larger not in shipped_frames() or shipped_frames().unit_label(larger) == raw:
        return False
    name, level = (
        shipped_frames().unit_by_id(larger).name,
        shipped_frames().unit_by_id(larger).level,
    )
    for frame in FRAMES[: FRAMES.index(shipped_frames().unit_by_id(larger).frame)]:
        holders = name_index(frame).find_units(level, name)[1]
        finer = [u for below in LEVELS for u in name_index(frame).find_units(below, raw)[1]]
        if any(u != h and u in shipped_frames().units_inside(h) for h in holders for u in finer):
            return True
    return False


def _finest_units(spot: NameSpan) -> list[str]:
    finest = max(spot.options, key=LEVELS.index, default=None)
    return spot.options[finest] if finest else []


def _is_below(unit_id: str, larger: NameSpan) -> bool:
    units = [u for us in larger.options.values() for u in us]
    return any(unit_id != u and unit_id in shipped_frames().units_inside(u) for u in units)


def _narrow_readings(spot: NameSpan, larger: NameSpan) -> None:
    """Keep the readings of a name that lie in the larger unit beside it."""
    kept = {
        level: inside
        for level, units in spot.options.items()
        if (inside := [u for u in units if _is_below(u, larger)])
    }
    if kept:
        spot.options = kept


def _linked_groups(text: str, spots: Sequence[NameSpan]) -> list[list[NameSpan]]:
    groups: list[list[NameSpan]] = []
    for spot in spots:
        last = groups[-1][-1] if groups else None
        if last and last.excluded == spot.excluded and _are_linked(text, last, spot):
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups


def _choose_units(group: Sequence[NameSpan], everything: Sequence[NameSpan]) -> None:
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
        if of_regions and not any(s.stated_level for s in group):
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
        _settle_unit(spot, group, everything)


def _settle_unit(spot: NameSpan, group: Sequence[NameSpan], everything: Sequence[NameSpan]) -> None:
    """The one unit of a name; among homonyms the one inside what the text names beside."""
    units = next(iter(spot.options.values()))
    for around in (group, everything):
        if len(units) == 1:
            break
        regions = {
            shipped_frames().ancestor_at_level(u, level)
            for s in around
            if s is not spot
            for us in s.options.values()
            if len(us) == 1 and us[0] in shipped_frames()
            for u in us
            for level in ("cercle", "region")
        }
        near = [u for u in units if _parent_ids(u) & regions]
        units = near if len(near) == 1 else units
    spot.units = tuple(units) if len(units) == 1 else ()
    if not spot.units:
        spot.others = units


def _parent_ids(unit_id: str) -> set[str | None]:
    return {
        shipped_frames().ancestor_at_level(unit_id, level) for level in ("cercle", "region")
    } - {None}


def _mention_of_span(spot: NameSpan) -> PlaceMention:
    others = tuple(
        PlaceCandidate(
            u, shipped_frames().unit_label(u), shipped_frames().unit_by_id(u).level, spot.score
        )
        for u in spot.others
    )
    point = spot.points.get(spot.units[0]) if spot.units else None
    lon, lat = point or (None, None)
    return PlaceMention(
        *(spot.raw, spot.start, spot.end, spot.units, spot.how, spot.score),
        *(others, lon, lat, spot.excluded, spot.stated_level is not None),
    )


_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_SEPARATOR = re.compile(r"[,;:/|+&()\n•>]|\s[–—-]\s|(?i:\b(?:et|and|ou|puis)\b)")
_GLUE = re.compile(
    r"(?i)(?:(?:de|du|des|à|au|aux|dans|en|la|le|les|sur|et|and|ou|of|in|the|puis|toute?s?|tous"
    r"|régions?|regions?|cercles?|communes?|villages?|localités?|localites?|hameaux?|sites?"
    r"|district|mairies?|ville|arrondissements?|gouvernorat|quartiers?|rurale?s?|urbaine?s?"
    r"|suivante?s?|celle|celui|ceux|nouvelles?|ainsi|que|dont|notamment|no|n°|c\.?[ru]\.?|cr|cu)"
    r"|\d+(?:[.,]\d+)?)"
)
_ELIDED = re.compile(r"(?i)[dl]['’](?=\w)")
_LEVEL_BEFORE = re.compile(
    r"(?i)\b(?:régions?|regions?|cercles?|communes?|villages?|localités?|hameaux?|mairies?)"
    r"(?:\s+(?:rurales?|urbaines?))?[\s:(«\"-]*(?:(?:de|du|des|la|les?)\s+|[dl]['’])*$"
)
_MOST_WORDS = 4
_ACRONYM = 5
_LONGEST_GAP = 80


class UnmatchedStretch(NamedTuple):
    """A stretch of text between separators in which no place was recognised.

    Attributes
    ----------
    raw, start, end
        The words as they stand, and where.
    place_like
        Whether it stands and is written as a place would be: in a list with places, or
        after a level word; a few words, each with a capital.
    """

    raw: str
    start: int
    end: int
    place_like: bool


def unmatched_stretches(text: str, frame: str) -> list[UnmatchedStretch]:
    """Stretches of a text that no place accounts for, in order.

    Parameters
    ----------
    text
        Prose, a list or a cell.
    frame
        Frame of the document.

    Examples
    --------
    >>> found = unmatched_stretches("communes de Dourou et Machinville", "ml-2016")
    >>> [(one.raw, one.place_like) for one in found]
    [('Machinville', True)]
    """
    taken = sorted(
        [(m.start, m.end) for m in find_places(text, frame)] + [*qualifier_spans(text, frame)]
    )
    spans = [
        span for part in _stretches_between(text, taken) if (span := _trimmed_span(text, *part))
    ]
    like: set[TextSpan] = set()
    around = SpanSet(taken)
    for some in (spans, spans[::-1]):  # an unknown name beside an unknown name of a list
        for span in some:
            if span not in like and _is_place_like(text, *span, around):
                like.add(span)
                around.add_span(span)
    return [UnmatchedStretch(text[a:b], a, b, (a, b) in like) for a, b in spans]


def _stretches_between(text: str, taken: list[TextSpan]) -> Iterator[TextSpan]:
    """Stretches between separators and mentions."""
    at = 0
    for start, end in [*taken, (len(text), len(text))]:
        for separator in _SEPARATOR.finditer(text, at, max(at, start)):
            yield at, separator.start()
            at = separator.end()
        yield at, max(at, start)
        at = max(at, end)


def _trimmed_span(text: str, start: int, end: int) -> TextSpan | None:
    """A stretch without linking words and punctuation at its ends; ``None`` if no more."""
    tokens = []
    for token in _TOKEN.finditer(text, start, end):
        elided = _ELIDED.match(token[0])
        tokens.append((token.start() + (elided.end() if elided else 0), token.end()))
    glue = [_GLUE.fullmatch(text[a:b]) is not None for a, b in tokens]
    if all(glue):
        return None
    first, last = glue.index(False), len(glue) - glue[::-1].index(False)
    if first and text[slice(*tokens[first - 1])].isdigit():
        first -= 1  # "2 forages" counts what follows, "12 villages de" counts places
    return tokens[first][0], tokens[last - 1][1]


def _is_place_like(text: str, start: int, end: int, around: SpanSet) -> bool:
    raw = text[start:end]
    named = [word for word in raw.split() if not _GLUE.fullmatch(word)]
    if len(named) > _MOST_WORDS or any(not word[0].isupper() for word in named):
        return False
    if any(c.isdigit() for c in raw) or (len(raw) <= _ACRONYM and _is_acronym(text, start, end)):
        return False
    if _LEVEL_BEFORE.search(text[max(0, start - 60) : start]):
        return True
    before, after = around.span_before(start), around.span_after(end)
    return (before is not None and _is_one_list(text[before[1] : start])) or (
        after is not None and _is_one_list(text[end : after[0]])
    )


def _is_acronym(text: str, start: int, end: int) -> bool:
    """Capitals in a text of small letters."""
    near = text[max(0, start - 100) : end + 100]
    return text[start:end].isupper() and 2 * sum(c.islower() for c in near) > sum(
        c.isalpha() for c in near
    )


def _is_one_list(gap: str) -> bool:
    """Whether between two names there is one separator, and linking words at most."""
    if len(gap) > _LONGEST_GAP:
        return False
    if not _SEPARATOR.search(gap) or "\n" in gap.strip(" "):
        return False
    words = _SEPARATOR.sub(" ", gap).split()
    return len(_SEPARATOR.findall(gap)) <= 2 and all(_GLUE.fullmatch(word) for word in words)
