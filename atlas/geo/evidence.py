"""One row against one frame: votes for the région, then down to cercle and commune.

`atlas.geo.resolve` is the door; this is how it weighs. Thresholds stand in `nearest`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from atlas.geo.codes import Found, read_code
from atlas.geo.combined import united
from atlas.geo.frames import FRAMES, LEVELS, frames
from atlas.geo.names import key, names, unnumbered
from atlas.geo.nearest import SAME, nearest, nearest_beside, scope_of, worth_naming
from atlas.geo.ranking import likest
from atlas.geo.sounds import NO_NUMBER
from atlas.model import NATIONAL
from atlas.remembering import remembered

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


class Candidate(NamedTuple):
    """A unit a name might mean."""

    unit_id: str
    name: str
    level: str
    score: float


@dataclass(frozen=True)
class Resolution:
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
    candidates: tuple[Candidate, ...] = ()
    findings: tuple[Found, ...] = ()
    within: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Row:
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
        return str(getattr(self, level)).strip()

    def bare(self) -> Row:
        """Without its locality, which says nothing beside the name of a commune."""
        return replace(self, locality="") if self.locality and self.name("commune") else self


@dataclass
class State:
    """What is known so far about a row."""

    frame: str
    unit: str | None = None
    how: str = "exact"
    score: float = 1.0
    missing: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)

    def accept(self, unit_id: str, how: str, score: float) -> None:
        """Go down to a unit; the answer is as sure as its least sure step."""
        self.unit = unit_id
        self.how = max(self.how, how, key=HOWS.index)
        self.score = min(self.score, score)


@remembered(16_384)
def read_in(row: Row, frame: str) -> Resolution:
    """What a row means if its frame is this one."""
    state = State(frame)
    whole = united(row.region, frame) if row.region else None
    if whole and not (row.cercle or row.commune):
        return Resolution(whole, "region", "alias", 1.0)
    if key(row.region) in _NATIONAL and not (row.cercle or row.commune):
        return Resolution(NATIONAL, None, "exact", 1.0)
    codes = {}
    for level in LEVELS:
        reading = read_code(getattr(row, f"{level}_code"), level, frame)
        state.findings += reading.findings
        if reading.unit_id:
            codes[level] = reading.unit_id
    if not _agree_on_region(row, codes, state, blind=whole is not None):
        return answer_of(state)
    for level in ("cercle", "commune"):
        _step_down(level, row, codes.get(level), state)
    _use_locality(row, state)
    return answer_of(state)


def _agree_on_region(row: Row, codes: dict[str, str], state: State, *, blind: bool) -> bool:
    """Let codes and names vote for the région; ``False`` when they leave it open."""
    votes: list[tuple[str, str]] = []
    for unit_id in codes.values():
        found = frames().convert(unit_id, state.frame, "region")
        if not found.startswith("_"):
            votes.append((found, frames().unit(unit_id).pcode or unit_id))
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
        readings = "; ".join(f"{raw} → {frames().label(voted)}" for voted, raw in votes)
        state.findings.append(("place_contradiction", {"readings": readings}))
    if len(leaders) > 1:
        heirs = [u for one in leaders for u in _once_in(one, row.name("cercle"))]
        known = [_candidate(u, ONCE) for u in heirs]
        state.candidates = [*known, *(_candidate(u, 0.5) for u in sorted(leaders))]
        state.missing, state.unit = True, None
        return False
    state.unit = leaders[0]
    if state.missing:
        _supported_region(row.region, leaders[0], state)
    if codes.get("region") and not row.name("region") and len(tally) == 1:
        _place_by_code_alone({"region": codes["region"]}, state)
    return True


def _supported_region(text: str, voted: str, state: State) -> None:
    """A région not recognised alone, but likest to the one that all other names speak of."""
    regions = scope_of("region", None, state.frame)
    (best, unit_id), *_rest = likest(text, regions, state.frame)
    if unit_id == voted and best >= SUPPORTED:
        state.missing, state.candidates = False, []
        state.findings = [found for found in state.findings if found[0] != "place_unknown"]
        state.accept(voted, "fuzzy", best)


def _place_by_code_alone(codes: dict[str, str], state: State) -> None:
    """A code of a larger, older territory places there (ML06 when Taoudénit is apart)."""
    for level in reversed(LEVELS):
        if level in codes and state.unit is None:
            state.accept(codes[level], "exact", 1.0)


def _region_of_name(level: str, text: str, state: State) -> str | None:
    """The one région that all units of this name lie in."""
    index = names(state.frame)
    how, found = index.find(level, text)
    if not found and level == "region":
        regions_all = scope_of("region", None, state.frame)
        found, score = nearest(text, regions_all, "cercle", state.frame)
        how = "fuzzy"
        if not found:
            report_unknown(text, likest(text, regions_all, state.frame), state)
            return None
        state.accept(found[0], "fuzzy", score)
    regions = {frames().ancestor(u, "region") for u in found}
    if len(regions) != 1:
        return None
    if level == "region" and how == "alias":
        state.how = "alias"
    return regions.pop()


def _step_down(level: str, row: Row, code: str | None, state: State) -> None:
    """From the agreed unit to the finer one that a name or code of ``level`` gives."""
    text = row.name(level)
    scope = scope_of(level, state.unit, state.frame)
    by_code = code if code in scope or (code and _inside_older(code, state)) else None
    found: list[str] = []
    how, score = "exact", 1.0
    outvoted = bool(text) and _outvoted(level, text, state)
    if text and not (outvoted and level == "cercle"):
        found, how, score = _by_name(level, text, scope, state)
    elif not by_code:
        return
    if state.missing:
        state.candidates = [*(_candidate(u, score) for u in found), *state.candidates]
    elif len(found) == 1:
        state.accept(found[0], how, score)
    elif by_code:
        state.accept(by_code, "exact", 1.0)
    elif outvoted:
        _leave_open(level, text, scope, state)
    elif len(found) > 1:
        _report_ambiguous(text, found, score, scope, state)
    elif not (_report_elsewhere(level, row, state) or _report_once_here(level, text, state)):
        report_unknown(text, likest(text, scope, state.frame), state)
    if text and code and state.unit != code:
        _report_code(code, row, level, text, state)


def _outvoted(level: str, text: str, state: State) -> bool:
    """Whether a name speaks for a région that the row as a whole does not lie in."""
    _how, found = names(state.frame).find(level, text)
    regions = {frames().ancestor(u, "region") for u in found}
    agreed = frames().ancestor(state.unit, "region") if state.unit else None
    return len(regions) == 1 and agreed is not None and regions != {agreed}


def _report_ambiguous(
    text: str, found: list[str], score: float, scope: Sequence[str], state: State
) -> None:
    state.missing = True
    near = worth_naming(likest(text, scope, state.frame)) if score < 1 else []
    others = [_candidate(u, likeness) for likeness, u in near if u not in found]
    state.candidates = [*(_candidate(u, score) for u in found), *others]
    many = ", ".join(_path(u) for u in found[:8])
    state.findings.append(("place_ambiguous", {"raw": text, "candidates": many}))


def _report_code(code: str, row: Row, level: str, text: str, state: State) -> None:
    """A code of one unit beside the name of another."""
    known = names(frames().unit(code).frame).keys[code]
    if key(text) in known:
        return
    kept = frames().label(state.unit) if state.unit else "—"
    params: dict[str, object] = {
        "code": str(getattr(row, f"{level}_code")).strip(),
        "code_name": frames().label(code),
        "name": text,
        "kept": kept,
    }
    state.findings.append(("place_code_name", params))


def _inside_older(code: str, state: State) -> bool:
    """Whether a unit of another frame lies in what is agreed so far."""
    if state.unit is None:
        return True
    unit = frames().unit(state.unit)
    if frames().unit(code).frame == state.frame or unit.frame != state.frame:
        return False
    return frames().convert(code, state.frame, unit.level) == state.unit


def _by_name(
    level: str, text: str, scope: Sequence[str], state: State
) -> tuple[list[str], str, float]:
    index = names(state.frame)
    how, everywhere = index.find(level, text)
    inside = set(scope)
    found = [u for u in everywhere if u in inside]
    if found and how:
        return _surest(found, state), how, 1.0
    stem = unnumbered(text)
    numbered = [u for u in scope if stem and index.keys[u][0] == stem]
    if numbered:
        return numbered, "alias", NO_NUMBER
    found, score = nearest(text, scope, _crowd(level, state), state.frame)
    if score < SAME and _exists_beside(everywhere, state):
        return [], "exact", 0.0  # a near name here would be a guess
    return found, "fuzzy", score


def _crowd(level: str, state: State) -> str:
    """Whose communes are about as many as the units looked among."""
    if level == "cercle":
        return "cercle" if state.unit else "region"
    return frames().unit(state.unit).level if state.unit else "frame"


def _exists_beside(everywhere: Sequence[str], state: State) -> bool:
    """Whether a unit elsewhere has this very name, and the row does not rule it out."""
    region = frames().ancestor(state.unit, "region") if state.unit else None
    if region is None:
        return False
    inside = frames().inside(region)
    regions = {frames().ancestor(u, "region") for u in everywhere}
    return len(regions) == 1 or any(u in inside for u in everywhere)


def _leave_open(level: str, text: str, scope: Sequence[str], state: State) -> None:
    """A commune of another région: the reading beside the near names of this one."""
    index = names(state.frame)
    near = worth_naming(likest(text, scope, state.frame))
    found = [(1.0, u) for u in index.find(level, text)[1]]
    state.candidates = [_candidate(u, score) for score, u in (*found, *near)]
    state.missing = True


def _surest(found: list[str], state: State) -> list[str]:
    """Units known to lie in what is agreed, before those that only may (cercle not known)."""
    inside = frames().inside(state.unit) if state.unit else frozenset()
    return [u for u in found if u in inside] or found


def report_unknown(text: str, ranked: Sequence[tuple[float, str]], state: State) -> None:
    """Say that a name is not known, and which of ranked units it is near to."""
    state.candidates = [_candidate(u, score) for score, u in worth_naming(ranked)]
    near = ", ".join(c.name for c in state.candidates) or "—"
    state.findings.append(("place_unknown", {"raw": text, "near": near}))
    state.missing = True


def _report_elsewhere(level: str, row: Row, state: State) -> bool:
    """A name that exists, but in another cercle of the région: both readings.

    The cercle stands when its name and its code say the same; otherwise it is one word
    against another and only the région is sure.
    """
    if state.unit is None or level != "commune":
        return False
    text, cercle = row.name(level), state.unit
    region = frames().ancestor(cercle, "region")
    inside = frames().inside(region) if region else frozenset()
    found = [u for u in names(state.frame).find(level, text)[1] if u in inside]
    if not found:
        return False
    readings = f"{_path(cercle)}; {text} → {', '.join(_path(u) for u in found[:4])}"
    state.findings.append(("place_contradiction", {"readings": readings}))
    if not (row.name("cercle") and row.cercle_code.strip()):
        near = nearest_beside(text, cercle, state.frame)
        state.candidates = [_candidate(u, 0.5) for u in (cercle, *found, *near)]
        state.unit, state.missing = region, True
    return True


def _report_once_here(level: str, text: str, state: State) -> bool:
    """A cercle, or a région, that the région held before it was divided: both readings."""
    if state.unit is None or level != "cercle":
        return False
    region = state.unit
    once = _once_in(region, text)
    if not once:
        return False
    readings = f"{_path(region)}; {text} → {', '.join(_path(u) for u in once[:4])}"
    state.findings.append(("place_contradiction", {"readings": readings}))
    state.candidates = [*(_candidate(u, ONCE) for u in once), _candidate(region, 0.5)]
    state.unit, state.missing = None, True
    return True


def _once_in(region: str, text: str) -> list[str]:
    """Cercles and régions of this name that a région held before it was divided."""
    own = frames().unit(region).frame
    for frame in (own, *(one for one in FRAMES if one > own)):
        for level in ("cercle", "region"):
            held = _divided_from(region, frame)
            found = [
                u
                for u in (names(frame).find(level, text)[1] if text else ())
                if frames().ancestor(u, "region") in held
            ]
            if found:
                return found
    return []


@remembered(256)
def _divided_from(region: str, frame: str) -> frozenset[str]:
    """Régions of a découpage most of which the région of this one's name held in an older one."""
    own = frames().unit(region)
    before = FRAMES[: FRAMES.index(own.frame)]
    older = [u for one in before for u in names(one).find("region", own.name)[1]]
    held = frozenset[str]().union(*(frames().communes(u) for u in older))
    return frozenset(
        one
        for one in frames().at(frame, "region")["unit_id"]
        if frames().convert(one, own.frame, "region") != region
        and 2 * len(held & (mine := frames().communes(one))) > len(mine)
    )


def _use_locality(row: Row, state: State) -> None:
    """A locality that bears the name of a commune of the agreed cercle is in that commune."""
    if state.missing or row.name("commune") or not row.name("locality") or state.unit is None:
        return
    if state.unit in frames() and frames().unit(state.unit).level == "cercle":
        inside = set(scope_of("commune", state.unit, state.frame))
        how, found = names(state.frame).find("commune", row.name("locality"))
        found = [u for u in found if u in inside]
        if how and len(found) == 1:
            state.accept(found[0], how, 1.0)


def answer_of(state: State) -> Resolution:
    """The answer that the evidence gathered so far amounts to."""
    findings = tuple(state.findings)
    candidates = tuple(state.candidates)
    if state.unit is None or state.missing:
        return Resolution(candidates=candidates, findings=findings, within=state.unit, score=0.0)
    level = frames().unit(state.unit).level
    return Resolution(state.unit, level, state.how, round(state.score, 3), (), findings)


def _candidate(unit_id: str, score: float) -> Candidate:
    unit = frames().unit(unit_id)
    return Candidate(unit_id, unit.name, unit.level, round(score, 3))


def _path(unit_id: str) -> str:
    """Name with the names above it: "Dourou (Bandiagara, Mopti)"."""
    unit = frames().unit(unit_id)
    above = []
    parent = unit.parent
    while parent:
        above.append(frames().label(parent))
        parent = frames().unit(parent).parent
    return f"{unit.name} ({', '.join(above)})" if above else unit.name
