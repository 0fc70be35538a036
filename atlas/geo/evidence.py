"""One row against one frame: votes for the région, then down to cercle and commune.

`atlas.geo.resolve` is the door; this is how it weighs. Thresholds stand in `nearest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from atlas.geo.codes import Found, read_code
from atlas.geo.combined import united
from atlas.geo.frames import LEVELS, frames
from atlas.geo.likeness import NO_NUMBER
from atlas.geo.names import key, names, unnumbered
from atlas.geo.nearest import SAME, nearest, scope_of, worth_naming
from atlas.model import NATIONAL

_NATIONAL = {
    "mali", "national", "nationale", "nationaux", "niveaunational", "toutlepays", "pays",
    "ensembledupays", "touteslesregions", "toutlemali", "territoirenational",
    "ensembleduterritoire", "ensembleduterritoirenational", "couverturenationale", "nationwide",
}  # fmt: skip
_BOX = (-12.3, 10.1, 4.3, 25.1)
"""Mali in degrees: west, south, east, north."""
_RANK = ("exact", "alias", "fuzzy")


@dataclass(frozen=True)
class Candidate:
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
    """

    unit_id: str | None = None
    level: str | None = None
    how: str | None = None
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    findings: tuple[Found, ...] = ()
    within: str | None = None


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
    lon: float | None = None
    lat: float | None = None

    def name(self, level: str) -> str:
        """The name given for a level, or ""."""
        return str(getattr(self, level)).strip()


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
        self.how = max(self.how, how, key=_RANK.index)
        self.score = min(self.score, score)


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
        return _answer(state)
    for level in ("cercle", "commune"):
        _step_down(level, row, codes.get(level), state)
    _use_locality(row, state)
    _use_coordinates(row, state)
    return _answer(state)


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
        state.candidates = [_candidate(u, 0.5) for u in sorted(leaders)]
        state.missing, state.unit = True, None
        return False
    state.unit = leaders[0]
    if codes.get("region") and not row.name("region") and len(tally) == 1:
        _place_by_code_alone({"region": codes["region"]}, state)
    return True


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
        found, score = nearest(text, regions_all, "region", state.frame)
        how = "fuzzy"
        if not found:
            _report_unknown(level, text, regions_all, state)
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
    if text and not _outvoted(level, text, state):
        found, how, score = _by_name(level, text, scope, state)
    elif not by_code:
        return
    if state.missing:
        return
    if len(found) == 1:
        state.accept(found[0], how, score)
    elif by_code:
        state.accept(by_code, "exact", 1.0)
    elif len(found) > 1:
        _report_ambiguous(text, found, score, state)
    elif not _report_elsewhere(level, row, state):
        _report_unknown(level, text, scope, state)
    if text and code and state.unit != code:
        _report_code(code, row, level, text, state)


def _outvoted(level: str, text: str, state: State) -> bool:
    """Whether a name speaks for a région that the row as a whole does not lie in."""
    _how, found = names(state.frame).find(level, text)
    regions = {frames().ancestor(u, "region") for u in found}
    agreed = frames().ancestor(state.unit, "region") if state.unit else None
    return len(regions) == 1 and agreed is not None and regions != {agreed}


def _report_ambiguous(text: str, found: list[str], score: float, state: State) -> None:
    state.missing = True
    state.candidates = [_candidate(u, score) for u in found]
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
    if len(numbered) == 1 and state.unit:
        return numbered, "alias", NO_NUMBER
    holder = frames().unit(state.unit).level if state.unit else "frame"
    found, score = nearest(text, scope, holder, state.frame)
    if everywhere and score < SAME and _exists_beside(everywhere, state):
        return [], "exact", 0.0  # a near name here would be a guess
    return found, "fuzzy", score


def _exists_beside(everywhere: Iterable[str], state: State) -> bool:
    """Whether the region that is agreed has a unit of this very name."""
    region = frames().ancestor(state.unit, "region") if state.unit else None
    return region is not None and any(u in frames().inside(region) for u in everywhere)


def _surest(found: list[str], state: State) -> list[str]:
    """Units known to lie in what is agreed, before those that only may (cercle not known)."""
    inside = frames().inside(state.unit) if state.unit else frozenset()
    return [u for u in found if u in inside] or found


def _report_unknown(level: str, text: str, among: Iterable[str], state: State) -> None:
    ranked = worth_naming(names(state.frame).likest(text, among))
    state.candidates = [_candidate(u, score) for score, u in ranked]
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
        state.candidates = [_candidate(u, 0.5) for u in (cercle, *found)]
        state.unit, state.missing = region, True
    return True


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


def _use_coordinates(row: Row, state: State) -> None:
    """Place by point in polygon where nothing else says where."""
    if row.lon is None or row.lat is None:
        return
    west, south, east, north = _BOX
    if not (west <= row.lon <= east and south <= row.lat <= north):
        state.findings.append(("coordinates_outside", {"raw": f"{row.lat}, {row.lon}"}))
    elif state.unit is None and not state.missing:
        from atlas.geo.shapes import locate

        commune = locate(row.lon, row.lat, state.frame)
        if commune:
            state.unit, state.how = commune, "coordinates"


def _answer(state: State) -> Resolution:
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
