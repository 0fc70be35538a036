"""What the locality of a row adds to what its names and codes say.

A locality of the installed gazetteer places in its commune, with its own point, when it is
the only one of its name inside what the row says; it never moves a row out of it. One that
is not in the list leaves the row at its commune, cercle or région, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from atlas.geo import gazetteer
from atlas.geo.codes import Found
from atlas.geo.evidence import Candidate, Resolution, Row
from atlas.geo.frames import LEVELS, frames
from atlas.geo.gazetteer import Locality
from atlas.geo.malformed import is_malformed
from atlas.geo.names import names

_RANK = ("exact", "alias", "fuzzy")
_MOST_ELSEWHERE = 3
"""A name with more homonyms elsewhere than this contradicts nothing."""
_ABSENT = {"region": "place_at_region", "cercle": "place_coarser", "commune": "locality_not_listed"}
_UNSETTLED = frozenset({"place_unknown", "place_contradiction", "place_ambiguous"})


def with_locality(answer: Resolution, row: Row, frame: str) -> Resolution:
    """An answer made finer by the locality of its row.

    Parameters
    ----------
    answer
        What names and codes come to.
    row
        As written.
    frame
        Frame of the document.

    Returns
    -------
    Resolution
        ``lon, lat`` are those of the locality when it is known and single. The answer as it
        came when no gazetteer is installed.
    """
    name = row.locality.strip()
    within = answer.unit_id or answer.within
    whole_country = within is not None and within not in frames()
    if whole_country or is_malformed(name) or gazetteer.gazetteer() is None:
        return answer
    if within is None:
        return _alone(answer, row, name, frame)
    own = frames().unit(within).frame
    if answer.level == "commune" and not (row.commune.strip() or row.commune_code.strip()):
        return _namesake(answer, name, own)
    found = gazetteer.lookup(name, own, within)
    if answer.unit_id is None:
        return _settle(answer, found)
    if not found:
        return _absent(answer, name, own)
    return _placed(answer, _with_namesakes(found, name, own, within), name)


def _alone(answer: Resolution, row: Row, name: str, frame: str) -> Resolution:
    """A locality that nothing else places: itself where the country has one of the name."""
    found = _with_namesakes(gazetteer.lookup(name, frame), name, frame, None)
    stated = any(str(getattr(row, f)).strip() for lv in LEVELS for f in (lv, f"{lv}_code"))
    if stated or not found:
        near = found or gazetteer.nearest(name, frame)
        return replace(answer, candidates=answer.candidates or _candidates(near))
    return _placed(answer, found, name)


def _namesake(answer: Resolution, name: str, frame: str) -> Resolution:
    """A locality that bears the name of a commune: its village, or one of another commune."""
    parent = frames().unit(answer.unit_id).parent if answer.unit_id else None
    found = gazetteer.lookup(name, frame, parent) if parent else []
    if parent is None or not found or found[0].how == "fuzzy":
        return answer
    above = replace(answer, unit_id=parent, level=frames().unit(parent).level)
    return _placed(above, _with_namesakes(found, name, frame, parent), name)


def _with_namesakes(
    found: list[Locality], name: str, frame: str, within: str | None
) -> list[Locality]:
    """Add the communes of this name: a locality may as well be the commune's own."""
    if not found or found[0].how == "fuzzy":
        return found
    _how, communes = names(frame).find("commune", name)
    inside = frames().inside(within) if within else None
    known = {locality.unit_id for locality in found}
    return found + [
        Locality(frames().label(unit_id), unit_id, None, None, "")
        for unit_id in communes
        if unit_id not in known and (inside is None or unit_id in inside)
    ]


def _placed(answer: Resolution, found: list[Locality], name: str) -> Resolution:
    units = {locality.unit_id for locality in found}
    if len(units) > 1:
        many = ", ".join(path(u) for u in sorted(units)[:8])
        said: Found = ("place_ambiguous", {"raw": name, "candidates": many})
        within = answer.unit_id or answer.within
        return Resolution(
            candidates=_candidates(found), findings=(*answer.findings, said), within=within
        )
    return _at(answer, found)


def _at(answer: Resolution, found: list[Locality]) -> Resolution:
    """The answer at the one unit of some localities, with their point if they share one."""
    first, unit = found[0], frames().unit(found[0].unit_id)
    before = answer.unit_id and frames().unit(answer.unit_id)
    if before and LEVELS.index(unit.level) < LEVELS.index(before.level):
        unit = before  # the list knows less than the row
    points = {(locality.lon, locality.lat) for locality in found if locality.lon is not None}
    lon, lat = points.pop() if len(points) == 1 else (None, None)
    how = max(answer.how or "exact", first.how, key=_RANK.index)
    score = min(answer.score if before else 1.0, first.score)
    return replace(answer, unit_id=unit.unit_id, level=unit.level, how=how, score=score,
                   candidates=(), within=None, lon=lon, lat=lat)  # fmt: skip


def _settle(answer: Resolution, found: list[Locality]) -> Resolution:
    """Choose among homonym communes the one that has the locality; else only offer it."""
    if not found or found[0].how == "fuzzy":
        return answer
    homonyms = {c.unit_id for c in answer.candidates}
    ambiguous = {code for code, _params in answer.findings} & _UNSETTLED == {"place_ambiguous"}
    inside = [locality for locality in found if locality.unit_id in homonyms]
    if ambiguous and len({locality.unit_id for locality in inside}) == 1:
        kept = tuple(f for f in answer.findings if f[0] != "place_ambiguous")
        return _at(replace(answer, findings=kept), inside)
    more = [c for c in _candidates(found) if c.unit_id not in homonyms]
    return replace(answer, candidates=(*answer.candidates, *more))


def _absent(answer: Resolution, name: str, frame: str) -> Resolution:
    """A locality that is not where the row says: elsewhere, or in no list."""
    if answer.unit_id is None or answer.level is None:
        return answer
    if names(frame).find(answer.level, name)[0]:
        return answer  # the unit's own name
    elsewhere = [
        locality
        for locality in gazetteer.lookup(name, frame)
        if locality.unit_id not in _above(answer.unit_id)
    ]
    units = sorted({locality.unit_id for locality in elsewhere})
    if elsewhere and len(units) <= _MOST_ELSEWHERE:
        readings = f"{path(answer.unit_id)}; {name} → {', '.join(path(u) for u in units)}"
        return _said(answer, "place_contradiction", {"readings": readings})
    unit = frames().label(answer.unit_id)
    return _said(answer, _ABSENT[answer.level], {"raw": name, "unit": unit})


def _above(unit_id: str) -> set[str]:
    """Units that hold this one."""
    levels = (frames().ancestor(unit_id, level) for level in LEVELS)
    return {unit for unit in levels if unit is not None}


def _said(answer: Resolution, code: str, params: Mapping[str, object]) -> Resolution:
    return replace(answer, findings=(*answer.findings, (code, dict(params))))


def _candidates(found: Iterable[Locality]) -> tuple[Candidate, ...]:
    best: dict[str, float] = {}
    for locality in found:
        best[locality.unit_id] = max(locality.score, best.get(locality.unit_id, 0.0))
    return tuple(
        Candidate(u, frames().label(u), frames().unit(u).level, score) for u, score in best.items()
    )


def path(unit_id: str) -> str:
    """Name with the names above it: "Dourou (Bandiagara, Mopti)"."""
    chain = [frames().label(u) for u in _chain(unit_id)]
    return f"{chain[0]} ({', '.join(chain[1:])})" if len(chain) > 1 else chain[0]


def _chain(unit_id: str) -> Iterable[str]:
    here: str | None = unit_id
    while here is not None:
        yield here
        here = frames().unit(here).parent
