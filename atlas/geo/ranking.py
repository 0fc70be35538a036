"""The units that a name is nearest to, and which of them it may be accepted as."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from atlas.caches import on_cache_clear, text_cache
from atlas.geo.frames import LEVELS, shipped_frames
from atlas.geo.names import (
    SOUNDS_SAME,
    cached_name_words,
    commune_words,
    name_index,
    name_words,
    place_name_key,
    stem_and_number,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atlas.geo.similarity import NameComparator


RankedUnits = list[tuple[float, str]]
"""``(likeness, unit id)``, likest first."""
_RankingRow = tuple["NDArray[Any]", "NDArray[Any]", int]
"""Places in the scope and likeness, as arrays of many rankings, and which of their rows."""

MOST_RANKED = 8
"""Units that a ranking names: no answer ever needs more."""
_AT_ONCE = 1000
"""Texts compared in one go: the arrays stay small where the scope is the country."""
_KEPT = 50_000
"""Rankings kept, about a kilobyte each."""

_cached_rankings: dict[tuple[tuple[str, ...], tuple[str, ...]], _RankingRow] = {}
on_cache_clear(_cached_rankings.clear)


def nearest_units(text: str, among: Iterable[str], frame: str) -> RankedUnits:
    """The units among some of a frame that a text is likest to.

    Parameters
    ----------
    text
        A name as written.
    among
        Units of the frame; a tuple is taken to be ordered by id.
    frame
        The frame.

    Returns
    -------
    list of (float, str)
        Likeness, 0 to 1, and unit id; likest first, at most `MOST_RANKED`.
    """
    scope = among if isinstance(among, tuple) else tuple(sorted(among))
    words = _query_words(text, scope)
    row = _cached_rankings.get((scope, words))
    if row is None:
        (row,) = _ranking_rows([words], scope, frame)
        _store_rankings([words], [row], scope)
    return _ranked_units(row, scope)


def prefetch_rankings(texts: Iterable[str], among: tuple[str, ...], frame: str) -> None:
    """Compare many texts with some units at once, so that `nearest_units` knows them."""
    asked = dict.fromkeys(_query_words(text, among) for text in texts)
    new = [words for words in asked if (among, words) not in _cached_rankings]
    _store_rankings(new, list(_ranking_rows(new, among, frame)), among)


def _query_words(text: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name that are compared: a town is no région, but a commune."""
    communes = bool(among) and shipped_frames().unit_by_id(among[0]).level == "commune"
    return commune_words(text) if communes else cached_name_words(text)


def _store_rankings(
    queries: Sequence[tuple[str, ...]], rows: Sequence[_RankingRow], among: tuple[str, ...]
) -> None:
    if len(_cached_rankings) + len(queries) > _KEPT:
        _cached_rankings.clear()
    _cached_rankings.update(((among, words), row) for words, row in zip(queries, rows, strict=True))


def rankings_of_queries(
    queries: Sequence[Sequence[str]], among: Sequence[str], frame: str
) -> Iterable[RankedUnits]:
    """For each query (the words of a name, as keys) the units it is likest to.

    Parameters
    ----------
    queries
        See `atlas.geo.names.commune_words`.
    among
        Units of the frame, ordered by id.
    frame
        The frame.

    Returns
    -------
    iterable of list of (float, str)
        One of `nearest_units` for each.
    """
    units = tuple(among)
    return (_ranked_units(row, units) for row in _ranking_rows(queries, units, frame))


def _ranking_rows(
    queries: Sequence[Sequence[str]], among: tuple[str, ...], frame: str
) -> Iterator[_RankingRow]:
    """The rankings of queries, each a row of the arrays of its thousand."""
    scope = _name_comparator(among, frame)
    for start in range(0, len(queries), _AT_ONCE):
        first, best = scope.likest_units(queries[start : start + _AT_ONCE], MOST_RANKED)
        yield from ((first, best, at) for at in range(len(first)))


@text_cache(8192)
def _name_comparator(among: tuple[str, ...], frame: str) -> NameComparator:
    """Some units, ready to be compared with texts."""
    from atlas.geo.similarity import NameComparator  # loads numpy: 0.15 s of a list without typos

    known = name_index(frame).keys
    own = {unit: name_words(shipped_frames().unit_by_id(unit).name) for unit in among}
    return NameComparator({unit: known[unit] for unit in among}, own)


def _ranked_units(row: _RankingRow, among: tuple[str, ...]) -> RankedUnits:
    first, best, at = row
    units = (among[place] for place in first[at].tolist())
    return list(zip(best[at].tolist(), units, strict=True))


ACCEPT = {"cercle": 0.85, "region": 0.94, "frame": 0.94}
"""Least `match_certainty` accepted when looking inside a cercle, a région, the whole frame.

The lowest of the table at which at most 3 in 100 names of villages pass for a commune that
they are not in."""
MARGIN = 0.08
"""A fuzzy match must be this much likelier than the next."""
LEAD, WIDE = 0.75, 0.3
"""What a lead over the next unit counts beside the likeness, and the lead that is enough."""
LEAST = {"cercle": 0.7, "region": 0.82, "frame": 0.82}
"""Below this likeness no lead makes a name another's: beyond a cercle, one slip in five letters
("Ngozi" of another country is 0.819 of Gossi)."""
NEAR = 0.74
"""From here on a name that is not accepted is near to a unit."""
SAME = SOUNDS_SAME - 0.001
"""From here on two names differ in transcription only."""
_FEWEST, _AWAY, _WORTH = 3, 0.15, 0.5
"""Candidates an answer names: these few, more when within this of the best and this alike."""


@text_cache(8192)
def units_in_scope(level: str, unit_id: str | None, frame: str) -> tuple[str, ...]:
    """Units of a level that are left when everything lies in a unit, ordered by id.

    Communes whose cercle is not known may be in any cercle of their région.
    """
    if unit_id is None or unit_id not in shipped_frames():
        return tuple(sorted(shipped_frames().units_at_level(frame, level)["unit_id"]))
    inside = {
        u
        for u in shipped_frames().units_inside(unit_id)
        if shipped_frames().unit_by_id(u).level == level
    }
    region = shipped_frames().unit_by_id(unit_id).parent
    if level == "commune" and region:
        inside |= {
            u
            for u in shipped_frames().children(region)
            if shipped_frames().unit_by_id(u).level == "commune"
        }
    return tuple(sorted(inside))


def clearly_nearest(
    text: str, among: Sequence[str], holder: str, frame: str
) -> tuple[list[str], float]:
    """The one unit among some that is near enough and clearly nearest.

    Parameters
    ----------
    text
        A name as written.
    among
        Units of the frame, ordered by id.
    holder
        What they all lie in: ``cercle``, ``region`` or ``frame``.

    Returns
    -------
    tuple
        The unit, or nothing; and the likeness of the best.
    """
    if names_several(text, frame):  # "Gao, Tombouctou" is no slip of either
        return [], 0.0
    return accepted_units(text, nearest_units(text, tuple(among), frame), holder, frame)


_LISTED = re.compile(r"\s*(?:[,;/|&+\n]|\s(?:et|and)\s)\s*")


def names_several(text: str, frame: str) -> bool:
    """Whether a text lists names that are all known by themselves.

    Examples
    --------
    >>> names_several("Gao, Tombouctou", "ml-2023"), names_several("Gao, Tombouktu", "ml-2023")
    (True, False)
    """
    parts = [part for part in _LISTED.split(text) if part]
    find = name_index(frame).find_units
    return len(parts) > 1 and all(any(find(level, p)[0] for level in LEVELS) for p in parts)


def accepted_units(
    text: str, ranked: Sequence[tuple[float, str]], holder: str, frame: str
) -> tuple[list[str], float]:
    """The first of ranked units if it may be accepted (see `clearly_nearest`)."""
    if not ranked:
        return [], 0.0
    best, unit_id = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if best - second < MARGIN or match_certainty(best, second, holder) < ACCEPT[holder]:
        return [], best
    if best < SAME:
        if holder == "frame" and _numbered_otherwise(text, unit_id, frame):
            return [], best
        if _differs_by_number_only(
            unit_id, [unit for _score, unit in ranked[1:MOST_RANKED]], frame
        ):
            return [], best
    return [unit_id], best


def match_certainty(best: float, second: float, holder: str) -> float:
    """How sure the likest unit is: its likeness, and how far the next is behind.

    A low likeness with a wide lead is as sure as a high one with a narrow lead: there the
    name is unlike all others of the cercle, here it is nearly a second one as well.
    """
    return best + LEAD * min(best - second, WIDE) if best >= LEAST[holder] else 0.0


def _differs_by_number_only(unit_id: str, others: Sequence[str], frame: str) -> bool:
    """Whether only its number tells a unit from another: a slip may have touched it."""
    known = name_index(frame).keys
    stem, number = stem_and_number(known[unit_id][0])
    return bool(number) and any(stem_and_number(known[u][0])[0] == stem for u in others)


def _numbered_otherwise(text: str, unit_id: str, frame: str) -> bool:
    """Whether a text counts homonyms ("Benkady II") where the unit's name does not."""
    number = stem_and_number(place_name_key(text))[1]
    return bool(number) and all(
        stem_and_number(known)[1] != number for known in name_index(frame).keys[unit_id]
    )


def candidates_to_show(ranked: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The candidates to show a person: the first three, and all that are as likely."""
    if not ranked:
        return []
    least = max(ranked[0][0] - _AWAY, _WORTH)
    many = sum(score >= least for score, _unit in ranked[:MOST_RANKED])
    return list(ranked[: max(_FEWEST, many)])


def misspelt_in_cercle(text: str, cercle: str, frame: str) -> list[str]:
    """Communes of a cercle that a name that exists elsewhere may be a misspelling of."""
    ranked = nearest_units(text, units_in_scope("commune", cercle, frame), frame)
    return [unit for score, unit in candidates_to_show(ranked) if score >= NEAR - MARGIN]
