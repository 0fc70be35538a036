"""What the cells of one row say of its place, in one frame.

Names and codes vote for the région, then for cercle and commune. Malformed cells are reported
and never matched. The locality and the coordinates of the row confirm, refine or contradict the
answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from atlas.caches import text_cache
from atlas.geo import gazetteer
from atlas.geo.coordinates import (
    NEAREST,
    POLYGON,
    TOLERANCE_KM,
    PointLocation,
    distance_to_unit,
    locate_point,
    unit_may_contain,
)
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.geo.gazetteer import LocalityMatch, unit_in_frame
from atlas.geo.names import (
    NO_NUMBER,
    PlaceFinding,
    key_without_number,
    name_index,
    place_name_key,
    predecessor_of_label,
    read_code,
)
from atlas.geo.ranking import (
    SAME,
    candidates_to_show,
    clearly_nearest,
    misspelt_in_cercle,
    nearest_units,
    units_in_scope,
)
from atlas.model import NATIONAL

_NATIONAL = {
    "mali", "national", "nationale", "nationaux", "niveaunational", "toutlepays", "pays",
    "ensembledupays", "touteslesregions", "toutlemali", "territoirenational",
    "ensembleduterritoire", "ensembleduterritoirenational", "couverturenationale", "nationwide",
}  # fmt: skip
SUPPORTED = 0.5
"""Least likeness of a région to the one that all other names of the row speak of."""
ONCE = 0.9
"""Likeness of a name that a région held before it was divided to what the row means."""
HOWS = ("exact", "alias", "fuzzy")
"""How a name was known, surest first."""


class PlaceCandidate(NamedTuple):
    """A unit a name might mean."""

    unit_id: str
    name: str
    level: str
    score: float


@dataclass(frozen=True)
class PlaceResolution:
    """What the evidence of a row comes to.

    Attributes
    ----------
    unit_id
        The unit, possibly of another frame (see the findings); ``_national``; or ``None``.
    how
        ``exact`` (names or codes), ``alias``, ``fuzzy``, ``coordinates``.
    score
        Likeness of the least sure name, 0 to 1.
    candidates
        Likely units when there is no answer.
    findings
        ``(code, params)`` pairs of `atlas.findings.CODES`.
    within
        The smallest unit that is sure, when a finer name was given but not recognised.
    lon, lat
        A point of its own, in degrees: the row's coordinates, else its locality's.
    """

    unit_id: str | None = None
    level: str | None = None
    how: str | None = None
    score: float = 0.0
    candidates: tuple[PlaceCandidate, ...] = ()
    findings: tuple[PlaceFinding, ...] = ()
    within: str | None = None
    lon: float | None = None
    lat: float | None = None


class PlaceRow(NamedTuple):
    """The cells of one row, stripped of nothing."""

    region: str = ""
    cercle: str = ""
    commune: str = ""
    locality: str = ""
    region_code: str = ""
    cercle_code: str = ""
    commune_code: str = ""

    def name(self, level: str) -> str:
        """The name given for a level, or ""."""
        text: str = getattr(self, level)
        return text.strip()

    def without_locality(self) -> PlaceRow:
        """Without its locality, which says nothing beside the name of a commune."""
        return self._replace(locality="") if self.locality and self.name("commune") else self


@dataclass
class RowEvidence:
    """What is known so far about a row."""

    frame: str
    unit: str | None = None
    how: str = "exact"
    score: float = 1.0
    missing: bool = False
    candidates: list[PlaceCandidate] = field(default_factory=list)
    findings: list[PlaceFinding] = field(default_factory=list)

    def accept_unit(self, unit_id: str, how: str, score: float) -> None:
        """Go down to a unit; the answer is as sure as its least sure step."""
        self.unit = unit_id
        self.how = max(self.how, how, key=HOWS.index)
        self.score = min(self.score, score)


@text_cache(16_384)
def read_in_frame(row: PlaceRow, frame: str) -> PlaceResolution:
    """What a row means if its frame is this one."""
    state = RowEvidence(frame)
    whole = predecessor_of_label(row.region, frame) if row.region else None
    if whole and not (row.cercle or row.commune):
        return PlaceResolution(whole, "region", "alias", 1.0)
    if place_name_key(row.region) in _NATIONAL and not (row.cercle or row.commune):
        return PlaceResolution(NATIONAL, None, "exact", 1.0)
    codes = {}
    for level in LEVELS:
        reading = read_code(getattr(row, f"{level}_code"), level, frame)
        state.findings += reading.findings
        if reading.unit_id:
            codes[level] = reading.unit_id
    if not _agree_on_region(row, codes, state, blind=whole is not None):
        return resolution_of(state)
    for level in ("cercle", "commune"):
        _step_down(level, row, codes.get(level), state)
    _use_locality(row, state)
    return resolution_of(state)


def _agree_on_region(
    row: PlaceRow, codes: dict[str, str], state: RowEvidence, *, blind: bool
) -> bool:
    """Let codes and names vote for the région; ``False`` when they leave it open."""
    votes: list[tuple[str, str]] = []
    for unit_id in codes.values():
        found = shipped_frames().converted_unit(unit_id, state.frame, "region")
        if not found.startswith("_"):
            votes.append((found, shipped_frames().unit_by_id(unit_id).pcode or unit_id))
    for level in LEVELS:
        if row.name(level) and not (blind and level == "region"):
            found_region = _region_of_name(level, row.name(level), state)
            if found_region:
                votes.append((found_region, row.name(level)))
    tally: dict[str, int] = {}
    for voted, _raw in votes:
        tally[voted] = tally.get(voted, 0) + 1
    if not tally:
        _place_by_code_alone(codes, state)
        return state.unit is None
    best = max(tally.values())
    leaders = [unit_id for unit_id, n in tally.items() if n == best]
    if len(tally) > 1:
        readings = "; ".join(
            f"{raw} → {shipped_frames().unit_label(voted)}" for voted, raw in votes
        )
        state.findings.append(("place_contradiction", {"readings": readings}))
    if len(leaders) > 1:
        heirs = [u for one in leaders for u in _once_in(one, row.name("cercle"))]
        known = [_named_candidate(u, ONCE) for u in heirs]
        state.candidates = [*known, *(_named_candidate(u, 0.5) for u in sorted(leaders))]
        state.missing, state.unit = True, None
        return False
    state.unit = leaders[0]
    if state.missing:
        _supported_region(row.region, leaders[0], state)
    if codes.get("region") and not row.name("region") and len(tally) == 1:
        _place_by_code_alone({"region": codes["region"]}, state)
    return True


def _supported_region(text: str, voted: str, state: RowEvidence) -> None:
    """A région not recognised alone, but likest to the one that all other names speak of."""
    regions = units_in_scope("region", None, state.frame)
    (best, unit_id), *_rest = nearest_units(text, regions, state.frame)
    if unit_id == voted and best >= SUPPORTED:
        state.missing, state.candidates = False, []
        state.findings = [found for found in state.findings if found[0] != "place_unknown"]
        state.accept_unit(voted, "fuzzy", best)


def _place_by_code_alone(codes: dict[str, str], state: RowEvidence) -> None:
    """A code of a larger, older territory places there (ML06 when Taoudénit is apart)."""
    for level in reversed(LEVELS):
        if level in codes and state.unit is None:
            state.accept_unit(codes[level], "exact", 1.0)


def _region_of_name(level: str, text: str, state: RowEvidence) -> str | None:
    """The one région that all units of this name lie in."""
    index = name_index(state.frame)
    how, found = index.find_units(level, text)
    if not found and level == "region":
        regions_all = units_in_scope("region", None, state.frame)
        found, score = clearly_nearest(text, regions_all, "cercle", state.frame)
        how = "fuzzy"
        if not found:
            report_unknown(text, nearest_units(text, regions_all, state.frame), state)
            return None
        state.accept_unit(found[0], "fuzzy", score)
    regions = {shipped_frames().ancestor_at_level(u, "region") for u in found}
    if len(regions) != 1:
        return None
    if level == "region" and how == "alias":
        state.how = "alias"
    return regions.pop()


def _step_down(level: str, row: PlaceRow, code: str | None, state: RowEvidence) -> None:
    """From the agreed unit to the finer one that a name or code of ``level`` gives."""
    text = row.name(level)
    scope = units_in_scope(level, state.unit, state.frame)
    by_code = code if code in scope or (code and _inside_older(code, state)) else None
    found: list[str] = []
    how, score = "exact", 1.0
    outvoted = bool(text) and _is_outvoted(level, text, state)
    if text and not (outvoted and level == "cercle"):
        found, how, score = _units_by_name(level, text, scope, state)
    elif not by_code:
        return
    if state.missing:
        state.candidates = [*(_named_candidate(u, score) for u in found), *state.candidates]
    elif len(found) == 1:
        state.accept_unit(found[0], how, score)
    elif by_code:
        state.accept_unit(by_code, "exact", 1.0)
    elif outvoted:
        _leave_open(level, text, scope, state)
    elif len(found) > 1:
        _report_ambiguous(text, found, score, scope, state)
    elif not (_report_elsewhere(level, row, state) or _report_once_here(level, text, state)):
        report_unknown(text, nearest_units(text, scope, state.frame), state)
    if text and code and state.unit != code:
        _report_code(code, row, level, text, state)


def _is_outvoted(level: str, text: str, state: RowEvidence) -> bool:
    """Whether a name speaks for a région that the row as a whole does not lie in."""
    _how, found = name_index(state.frame).find_units(level, text)
    regions = {shipped_frames().ancestor_at_level(u, "region") for u in found}
    agreed = shipped_frames().ancestor_at_level(state.unit, "region") if state.unit else None
    return len(regions) == 1 and agreed is not None and regions != {agreed}


def _report_ambiguous(
    text: str, found: list[str], score: float, scope: Sequence[str], state: RowEvidence
) -> None:
    state.missing = True
    near = candidates_to_show(nearest_units(text, scope, state.frame)) if score < 1 else []
    others = [_named_candidate(u, likeness) for likeness, u in near if u not in found]
    state.candidates = [*(_named_candidate(u, score) for u in found), *others]
    many = ", ".join(place_path(u) for u in found[:8])
    state.findings.append(("place_ambiguous", {"raw": text, "candidates": many}))


def _report_code(code: str, row: PlaceRow, level: str, text: str, state: RowEvidence) -> None:
    """A code of one unit beside the name of another."""
    known = name_index(shipped_frames().unit_by_id(code).frame).keys[code]
    if place_name_key(text) in known:
        return
    kept = shipped_frames().unit_label(state.unit) if state.unit else "—"
    params: dict[str, object] = {
        "code": str(getattr(row, f"{level}_code")).strip(),
        "code_name": shipped_frames().unit_label(code),
        "name": text,
        "kept": kept,
    }
    state.findings.append(("place_code_name", params))


def _inside_older(code: str, state: RowEvidence) -> bool:
    """Whether a unit of another frame lies in what is agreed so far."""
    if state.unit is None:
        return True
    unit = shipped_frames().unit_by_id(state.unit)
    if shipped_frames().unit_by_id(code).frame == state.frame or unit.frame != state.frame:
        return False
    return shipped_frames().converted_unit(code, state.frame, unit.level) == state.unit


def _units_by_name(
    level: str, text: str, scope: Sequence[str], state: RowEvidence
) -> tuple[list[str], str, float]:
    index = name_index(state.frame)
    how, everywhere = index.find_units(level, text)
    inside = set(scope)
    found = [u for u in everywhere if u in inside]
    if found and how:
        return _certain_units(found, state), how, 1.0
    stem = key_without_number(text)
    numbered = [u for u in scope if stem and index.keys[u][0] == stem]
    if numbered:
        return numbered, "alias", NO_NUMBER
    found, score = clearly_nearest(text, scope, _acceptance_level(level, state), state.frame)
    if score < SAME and _exists_elsewhere(everywhere, state):
        return [], "exact", 0.0  # a near name here would be a guess
    return found, "fuzzy", score


def _acceptance_level(level: str, state: RowEvidence) -> str:
    """Whose communes are about as many as the units looked among."""
    if level == "cercle":
        return "cercle" if state.unit else "region"
    return shipped_frames().unit_by_id(state.unit).level if state.unit else "frame"


def _exists_elsewhere(everywhere: Sequence[str], state: RowEvidence) -> bool:
    """Whether a unit elsewhere has this very name, and the row does not rule it out."""
    region = shipped_frames().ancestor_at_level(state.unit, "region") if state.unit else None
    if region is None:
        return False
    inside = shipped_frames().units_inside(region)
    regions = {shipped_frames().ancestor_at_level(u, "region") for u in everywhere}
    return len(regions) == 1 or any(u in inside for u in everywhere)


def _leave_open(level: str, text: str, scope: Sequence[str], state: RowEvidence) -> None:
    """A commune of another région: the reading beside the near names of this one."""
    index = name_index(state.frame)
    near = candidates_to_show(nearest_units(text, scope, state.frame))
    found = [(1.0, u) for u in index.find_units(level, text)[1]]
    state.candidates = [_named_candidate(u, score) for score, u in (*found, *near)]
    state.missing = True


def _certain_units(found: list[str], state: RowEvidence) -> list[str]:
    """Units known to lie in what is agreed, before those that only may (cercle not known)."""
    inside = shipped_frames().units_inside(state.unit) if state.unit else frozenset()
    return [u for u in found if u in inside] or found


def report_unknown(text: str, ranked: Sequence[tuple[float, str]], state: RowEvidence) -> None:
    """Say that a name is not known, and which of ranked units it is near to."""
    state.candidates = [_named_candidate(u, score) for score, u in candidates_to_show(ranked)]
    near = ", ".join(c.name for c in state.candidates) or "—"
    state.findings.append(("place_unknown", {"raw": text, "near": near}))
    state.missing = True


def _report_elsewhere(level: str, row: PlaceRow, state: RowEvidence) -> bool:
    """A name that exists, but in another cercle of the région: both readings.

    The cercle stands when its name and its code say the same; otherwise it is one word
    against another and only the région is sure.
    """
    if state.unit is None or level != "commune":
        return False
    text, cercle = row.name(level), state.unit
    region = shipped_frames().ancestor_at_level(cercle, "region")
    inside = shipped_frames().units_inside(region) if region else frozenset()
    found = [u for u in name_index(state.frame).find_units(level, text)[1] if u in inside]
    if not found:
        return False
    readings = f"{place_path(cercle)}; {text} → {', '.join(place_path(u) for u in found[:4])}"
    state.findings.append(("place_contradiction", {"readings": readings}))
    if not (row.name("cercle") and row.cercle_code.strip()):
        near = misspelt_in_cercle(text, cercle, state.frame)
        state.candidates = [_named_candidate(u, 0.5) for u in (cercle, *found, *near)]
        state.unit, state.missing = region, True
    return True


def _report_once_here(level: str, text: str, state: RowEvidence) -> bool:
    """A cercle, or a région, that the région held before it was divided: both readings."""
    if state.unit is None or level != "cercle":
        return False
    region = state.unit
    once = _once_in(region, text)
    if not once:
        return False
    readings = f"{place_path(region)}; {text} → {', '.join(place_path(u) for u in once[:4])}"
    state.findings.append(("place_contradiction", {"readings": readings}))
    state.candidates = [*(_named_candidate(u, ONCE) for u in once), _named_candidate(region, 0.5)]
    state.unit, state.missing = None, True
    return True


def _once_in(region: str, text: str) -> list[str]:
    """Cercles and régions of this name that a région held before it was divided."""
    own = shipped_frames().unit_by_id(region).frame
    for frame in (own, *(one for one in FRAMES if one > own)):
        for level in ("cercle", "region"):
            held = _divided_from(region, frame)
            found = [
                u
                for u in (name_index(frame).find_units(level, text)[1] if text else ())
                if shipped_frames().ancestor_at_level(u, "region") in held
            ]
            if found:
                return found
    return []


@text_cache(256)
def _divided_from(region: str, frame: str) -> frozenset[str]:
    """Régions of a découpage most of which the région of this one's name held in an older one."""
    own = shipped_frames().unit_by_id(region)
    before = FRAMES[: FRAMES.index(own.frame)]
    older = [u for one in before for u in name_index(one).find_units("region", own.name)[1]]
    held = frozenset[str]().union(*(shipped_frames().certain_communes(u) for u in older))
    return frozenset(
        one
        for one in shipped_frames().units_at_level(frame, "region")["unit_id"]
        if shipped_frames().converted_unit(one, own.frame, "region") != region
        and 2 * len(held & (mine := shipped_frames().certain_communes(one))) > len(mine)
    )


def _use_locality(row: PlaceRow, state: RowEvidence) -> None:
    """A locality that bears the name of a commune of the agreed cercle is in that commune."""
    if state.missing or row.name("commune") or not row.name("locality") or state.unit is None:
        return
    if state.unit in shipped_frames() and shipped_frames().unit_by_id(state.unit).level == "cercle":
        inside = set(units_in_scope("commune", state.unit, state.frame))
        how, found = name_index(state.frame).find_units("commune", row.name("locality"))
        found = [u for u in found if u in inside]
        if how and len(found) == 1:
            state.accept_unit(found[0], how, 1.0)


def resolution_of(state: RowEvidence) -> PlaceResolution:
    """The answer that the evidence gathered so far amounts to."""
    findings = tuple(state.findings)
    candidates = tuple(state.candidates)
    if state.unit is None or state.missing:
        return PlaceResolution(
            candidates=candidates, findings=findings, within=state.unit, score=0.0
        )
    level = shipped_frames().unit_by_id(state.unit).level
    return PlaceResolution(state.unit, level, state.how, round(state.score, 3), (), findings)


def _named_candidate(unit_id: str, score: float) -> PlaceCandidate:
    unit = shipped_frames().unit_by_id(unit_id)
    return PlaceCandidate(unit_id, unit.name, unit.level, round(score, 3))


LONGEST_NAME = 200
"""Characters of the longest cell that may be a name; the longest name of a commune has 33."""
_SHOWN = 40
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, NUL first
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # writing direction, nothing seen
    "\u2600-\u27bf\ue000-\uf8ff\U0001f000-\U0010ffff]"  # pictures, private characters
    r"|^\s*[=@+]"  # formulas
)


def is_malformed(text: str) -> bool:
    """Whether a cell is too long, a formula, or has characters that no name has.

    Examples
    --------
    >>> is_malformed("=1+1"), is_malformed("Mop\\x00ti"), is_malformed("N'Gabacoro Droit")
    (True, True, False)
    """
    return len(text) > LONGEST_NAME or _FORBIDDEN.search(text) is not None


def without_malformed(row: PlaceRow) -> tuple[PlaceRow, list[PlaceFinding], bool]:
    """A row without its malformed names.

    Returns
    -------
    tuple
        The row; a finding ``place_malformed`` for each name taken out; whether the finest
        name of the row was one of them, so that what is left can only say where it lies.
    """
    given = [name for name in (*LEVELS, "locality") if row.name(name)]
    bad = [name for name in given if is_malformed(row.name(name))]
    findings: list[PlaceFinding] = [
        ("place_malformed", {"raw": displayable_cell(row.name(name))}) for name in bad
    ]
    kept = row._replace(**dict.fromkeys(bad, "")) if bad else row
    return kept, findings, bool(bad) and bad[-1] == given[-1]


def displayable_cell(text: str) -> str:
    """A cell as it can be shown: short, and nothing in it that hides or turns the rest."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return _FORBIDDEN.sub("�", short)


def with_malformed_findings(
    answer: PlaceResolution, findings: list[PlaceFinding], *, finest: bool
) -> PlaceResolution:
    """An answer with the findings of `without_malformed`."""
    said = (*findings, *answer.findings)
    if not finest or answer.unit_id is None:
        return replace(answer, findings=said)
    within = None if answer.unit_id.startswith("_") else answer.unit_id
    return PlaceResolution(findings=said, within=within, candidates=answer.candidates)


_MOST_ELSEWHERE = 3
"""A name with more homonyms elsewhere than this contradicts nothing."""
_ABSENT = {"region": "place_at_region", "cercle": "place_coarser", "commune": "locality_not_listed"}
_UNSETTLED = frozenset({"place_unknown", "place_contradiction", "place_ambiguous"})


def with_locality(answer: PlaceResolution, row: PlaceRow, frame: str) -> PlaceResolution:
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
    PlaceResolution
        ``lon, lat`` are those of the locality when it is known and single. The answer as it
        came when no gazetteer is installed.
    """
    name = row.locality.strip()
    within = answer.unit_id or answer.within
    whole_country = within is not None and within not in shipped_frames()
    if whole_country or is_malformed(name) or gazetteer.installed_gazetteer() is None:
        return answer
    if within is None:
        return _resolve_locality_alone(answer, row, name, frame)
    own = shipped_frames().unit_by_id(within).frame
    if answer.level == "commune" and not (row.commune.strip() or row.commune_code.strip()):
        return _resolve_namesake(answer, name, own)
    found = gazetteer.localities_named(name, own, within)
    if answer.unit_id is None:
        return _settle_homonyms(answer, found)
    if not found:
        return _report_absent_locality(answer, name, own)
    return _placed_by_locality(answer, _with_namesakes(found, name, own, within), name)


def _resolve_locality_alone(
    answer: PlaceResolution, row: PlaceRow, name: str, frame: str
) -> PlaceResolution:
    """A locality that nothing else places: itself where the country has one of the name."""
    found = _with_namesakes(gazetteer.localities_named(name, frame), name, frame, None)
    stated = any(str(getattr(row, f)).strip() for lv in LEVELS for f in (lv, f"{lv}_code"))
    if stated or not found:
        near = found or gazetteer.nearest_localities(name, frame)
        return replace(answer, candidates=answer.candidates or _locality_candidates(near))
    return _placed_by_locality(answer, found, name)


def _resolve_namesake(answer: PlaceResolution, name: str, frame: str) -> PlaceResolution:
    """A locality that bears the name of a commune: its village, or one of another commune."""
    parent = shipped_frames().unit_by_id(answer.unit_id).parent if answer.unit_id else None
    found = gazetteer.localities_named(name, frame, parent) if parent else []
    if parent is None or not found or found[0].how == "fuzzy":
        return answer
    above = replace(answer, unit_id=parent, level=shipped_frames().unit_by_id(parent).level)
    return _placed_by_locality(above, _with_namesakes(found, name, frame, parent), name)


def _with_namesakes(
    found: list[LocalityMatch], name: str, frame: str, within: str | None
) -> list[LocalityMatch]:
    """Add the communes of this name: a locality may as well be the commune's own."""
    if not found or found[0].how == "fuzzy":
        return found
    _how, communes = name_index(frame).find_units("commune", name)
    inside = shipped_frames().units_inside(within) if within else None
    known = {locality.unit_id for locality in found}
    return found + [
        LocalityMatch(shipped_frames().unit_label(unit_id), unit_id, None, None, "")
        for unit_id in communes
        if unit_id not in known and (inside is None or unit_id in inside)
    ]


def _placed_by_locality(
    answer: PlaceResolution, found: list[LocalityMatch], name: str
) -> PlaceResolution:
    units = {locality.unit_id for locality in found}
    if len(units) > 1:
        many = ", ".join(place_path(u) for u in sorted(units)[:8])
        said: PlaceFinding = ("place_ambiguous", {"raw": name, "candidates": many})
        within = answer.unit_id or answer.within
        return PlaceResolution(
            candidates=_locality_candidates(found), findings=(*answer.findings, said), within=within
        )
    return _placed_at_unit(answer, found)


def _placed_at_unit(answer: PlaceResolution, found: list[LocalityMatch]) -> PlaceResolution:
    """The answer at the one unit of some localities, with their point if they share one."""
    first, unit = found[0], shipped_frames().unit_by_id(found[0].unit_id)
    before = answer.unit_id and shipped_frames().unit_by_id(answer.unit_id)
    if before and LEVELS.index(unit.level) < LEVELS.index(before.level):
        unit = before  # the list knows less than the row
    points = {(locality.lon, locality.lat) for locality in found if locality.lon is not None}
    lon, lat = points.pop() if len(points) == 1 else (None, None)
    how = max(answer.how or "exact", first.how, key=HOWS.index)
    score = min(answer.score if before else 1.0, first.score)
    return replace(answer, unit_id=unit.unit_id, level=unit.level, how=how, score=score,
                   candidates=(), within=None, lon=lon, lat=lat)  # fmt: skip


def _settle_homonyms(answer: PlaceResolution, found: list[LocalityMatch]) -> PlaceResolution:
    """Choose among homonym communes the one that has the locality; else only offer it."""
    if not found or found[0].how == "fuzzy":
        return answer
    homonyms = {c.unit_id for c in answer.candidates}
    ambiguous = {code for code, _params in answer.findings} & _UNSETTLED == {"place_ambiguous"}
    inside = [locality for locality in found if locality.unit_id in homonyms]
    if ambiguous and len({locality.unit_id for locality in inside}) == 1:
        kept = tuple(f for f in answer.findings if f[0] != "place_ambiguous")
        return _placed_at_unit(replace(answer, findings=kept), inside)
    more = [c for c in _locality_candidates(found) if c.unit_id not in homonyms]
    return replace(answer, candidates=(*answer.candidates, *more))


def _report_absent_locality(answer: PlaceResolution, name: str, frame: str) -> PlaceResolution:
    """A locality that is not where the row says: elsewhere, or in no list."""
    if answer.unit_id is None or answer.level is None:
        return answer
    if name_index(frame).find_units(answer.level, name)[0]:
        return answer  # the unit's own name
    elsewhere = [
        locality
        for locality in gazetteer.localities_named(name, frame)
        if locality.unit_id not in _containing_units(answer.unit_id)
    ]
    units = sorted({locality.unit_id for locality in elsewhere})
    if elsewhere and len(units) <= _MOST_ELSEWHERE:
        readings = (
            f"{place_path(answer.unit_id)}; {name} → {', '.join(place_path(u) for u in units)}"
        )
        return _with_finding(answer, "place_contradiction", {"readings": readings})
    unit = shipped_frames().unit_label(answer.unit_id)
    return _with_finding(answer, _ABSENT[answer.level], {"raw": name, "unit": unit})


def _containing_units(unit_id: str) -> set[str]:
    """Units that hold this one."""
    levels = (shipped_frames().ancestor_at_level(unit_id, level) for level in LEVELS)
    return {unit for unit in levels if unit is not None}


def _with_finding(
    answer: PlaceResolution, code: str, params: Mapping[str, object]
) -> PlaceResolution:
    return replace(answer, findings=(*answer.findings, (code, dict(params))))


def _locality_candidates(found: Iterable[LocalityMatch]) -> tuple[PlaceCandidate, ...]:
    best: dict[str, float] = {}
    for locality in found:
        best[locality.unit_id] = max(locality.score, best.get(locality.unit_id, 0.0))
    return tuple(
        PlaceCandidate(
            u, shipped_frames().unit_label(u), shipped_frames().unit_by_id(u).level, score
        )
        for u, score in best.items()
    )


def place_path(unit_id: str) -> str:
    """Name with the names above it: "Dourou (Bandiagara, Mopti)"."""
    chain = [shipped_frames().unit_label(u) for u in _unit_and_ancestors(unit_id)]
    return f"{chain[0]} ({', '.join(chain[1:])})" if len(chain) > 1 else chain[0]


def _unit_and_ancestors(unit_id: str) -> Iterable[str]:
    here: str | None = unit_id
    while here is not None:
        yield here
        here = shipped_frames().unit_by_id(here).parent


SCORE = {POLYGON: 1.0, NEAREST: 0.7}
"""How sure a placement by coordinates is: the nearest reference point is an indication."""
_OPEN = frozenset({"place_ambiguous", "place_contradiction"})
_CODES = {"zero": "coordinates_zero", "swapped": "coordinates_swapped"}


def with_coordinates(
    answer: PlaceResolution, lon: float, lat: float, frame: str
) -> PlaceResolution:
    """An answer confirmed, made finer or contradicted by the coordinates of its row.

    Parameters
    ----------
    answer
        What names, codes and the locality come to.
    lon, lat
        Degrees, as written.
    frame
        Frame of the document.

    Returns
    -------
    PlaceResolution
        ``lon, lat`` are kept only where they agree with the unit; a locality's own point
        stands where they do not.
    """
    hit = locate_point(lon, lat, frame)
    raw = _degrees_text(lon, lat)
    if hit.state != "inside" or hit.commune is None:
        return _no_evidence(answer, hit, raw, frame)
    stated = answer.unit_id or answer.within
    if stated is None:
        return _resolve_point_alone(answer, hit, (lon, lat), raw, frame)
    if stated not in shipped_frames():  # the whole country
        return replace(answer, lon=lon, lat=lat)
    if not _point_agrees(hit, stated, lon, lat):
        return _with_finding(answer, *_distance_finding(hit, stated, (lon, lat), raw))
    return _refined_by_point(answer, hit, stated, (lon, lat), raw)


def point_contradiction(unit_id: str, lon: float, lat: float) -> PlaceFinding | None:
    """The finding that coordinates lie outside a unit of words beside them, if they do."""
    if unit_id not in shipped_frames():
        return None
    hit = locate_point(lon, lat, shipped_frames().unit_by_id(unit_id).frame)
    if hit.state != "inside" or _point_agrees(hit, unit_id, lon, lat):
        return None
    return _distance_finding(hit, unit_id, (lon, lat), _degrees_text(lon, lat))


def _degrees_text(lon: float, lat: float) -> str:
    return f"{lat:.7g}, {lon:.7g}"


def _no_evidence(
    answer: PlaceResolution, hit: PointLocation, raw: str, frame: str
) -> PlaceResolution:
    """Coordinates of no place in the country: said, and no more."""
    km = "—" if hit.km is None else hit.km
    params: dict[str, object] = {"raw": raw, "km": km}
    if hit.commune is not None:
        unit_id = unit_in_frame(hit.commune, frame)
        params["unit"] = place_path(unit_id)
        if answer.unit_id is None and not answer.candidates:
            answer = replace(answer, candidates=(_named_candidate(unit_id, SCORE[hit.basis]),))
    return _with_finding(answer, _CODES.get(hit.state, "coordinates_outside"), params)


def _resolve_point_alone(
    answer: PlaceResolution, hit: PointLocation, point: tuple[float, float], raw: str, frame: str
) -> PlaceResolution:
    """Coordinates where no name is known: they place, among candidates if there are some."""
    unit_id = unit_in_frame(hit.commune or "", frame)
    tie = "place_contradiction" in {code for code, _params in answer.findings}
    if tie or (_is_open(answer) and not _one_candidate_contains(answer, unit_id)):
        # a tie between names and codes is for a person to settle
        return replace(answer, candidates=(*answer.candidates, _named_candidate(unit_id, 0.5)))
    return _placed_at_point(answer, unit_id, hit, point, raw)


def _point_agrees(hit: PointLocation, stated: str, lon: float, lat: float) -> bool:
    """Whether the point lies in a unit, or so near that it may."""
    if hit.commune and unit_may_contain(stated, hit.commune):
        return True
    km = distance_to_unit(stated, lon, lat)
    return km is None or km <= (TOLERANCE_KM if hit.basis == POLYGON else 10.0)


def _distance_finding(
    hit: PointLocation, stated: str, point: tuple[float, float], raw: str
) -> PlaceFinding:
    """Both readings and the distance between them; the names stand."""
    found = unit_in_frame(hit.commune or "", shipped_frames().unit_by_id(stated).frame)
    km = distance_to_unit(stated, *point)
    return "coordinates_elsewhere", {
        "raw": raw,
        "found": place_path(found),
        "unit": place_path(stated),
        "km": "—" if km is None else km,
    }


def _refined_by_point(
    answer: PlaceResolution, hit: PointLocation, stated: str, point: tuple[float, float], raw: str
) -> PlaceResolution:
    """The commune that holds the point, where names stop above it."""
    lon, lat = point
    unit_id = unit_in_frame(hit.commune or "", shipped_frames().unit_by_id(stated).frame)
    below = _level_depth(unit_id) > _level_depth(stated) and unit_may_contain(
        stated, hit.commune or ""
    )
    open_ = (
        answer.unit_id is None and _is_open(answer) and not _one_candidate_contains(answer, unit_id)
    )
    if not below or hit.basis != POLYGON or open_:
        return replace(answer, lon=lon, lat=lat)
    params = {
        "raw": raw,
        "unit": place_path(stated),
        "found": shipped_frames().unit_label(unit_id),
    }
    said = _with_finding(answer, "coordinates_refine", params)
    return _placed_at_point(said, unit_id, hit, point, raw)


def _placed_at_point(
    answer: PlaceResolution, unit_id: str, hit: PointLocation, point: tuple[float, float], raw: str
) -> PlaceResolution:
    if hit.basis == NEAREST:
        params = {"raw": raw, "unit": place_path(unit_id), "km": hit.km}
        answer = _with_finding(answer, "coordinates_nearest", params)
    level, score = shipped_frames().unit_by_id(unit_id).level, SCORE[hit.basis]
    return replace(answer, unit_id=unit_id, level=level, how="coordinates", score=score,
                   candidates=(), within=None, lon=point[0], lat=point[1])  # fmt: skip


def _is_open(answer: PlaceResolution) -> bool:
    """Whether names leave a choice between units."""
    said = {code for code, _params in answer.findings}
    return bool(answer.candidates) and bool(said & _OPEN)


def _one_candidate_contains(answer: PlaceResolution, unit_id: str) -> bool:
    inside = [c for c in answer.candidates if unit_id in shipped_frames().units_inside(c.unit_id)]
    return len(inside) == 1


def _level_depth(unit_id: str) -> int:
    return LEVELS.index(shipped_frames().unit_by_id(unit_id).level)
