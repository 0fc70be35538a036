"""What the coordinates of a row add to what its names and codes say.

Names that are known stand; coordinates that lie elsewhere are reported with the distance
and both readings, and move nothing. Where names stop above the commune, official boundaries
place in the commune that holds the point; where they say nothing, so does the nearest
commune, which is then said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from atlas.geo.codes import Found
from atlas.geo.coordinates import NEAREST, POLYGON, TOLERANCE_KM, Hit, away_from, holds, locate
from atlas.geo.evidence import Candidate, Resolution
from atlas.geo.frames import LEVELS, frames
from atlas.geo.gazetteer import in_frame
from atlas.geo.localities import path

SCORE = {POLYGON: 1.0, NEAREST: 0.7}
"""How sure a placement by coordinates is: the nearest reference point is an indication."""
_OPEN = frozenset({"place_ambiguous", "place_contradiction"})
_CODES = {"zero": "coordinates_zero", "swapped": "coordinates_swapped"}


def with_coordinates(answer: Resolution, lon: float, lat: float, frame: str) -> Resolution:
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
    Resolution
        ``lon, lat`` are kept only where they agree with the unit; a locality's own point
        stands where they do not.
    """
    hit = locate(lon, lat, frame)
    raw = _written(lon, lat)
    if hit.state != "inside" or hit.commune is None:
        return _no_evidence(answer, hit, raw, frame)
    stated = answer.unit_id or answer.within
    if stated is None:
        return _alone(answer, hit, (lon, lat), raw, frame)
    if stated not in frames():  # the whole country
        return replace(answer, lon=lon, lat=lat)
    if not _agrees(hit, stated, lon, lat):
        return _said(answer, *_far(hit, stated, (lon, lat), raw))
    return _finer(answer, hit, stated, (lon, lat), raw)


def against(unit_id: str, lon: float, lat: float) -> Found | None:
    """The finding that coordinates lie outside a unit of words beside them, if they do."""
    if unit_id not in frames():
        return None
    hit = locate(lon, lat, frames().unit(unit_id).frame)
    if hit.state != "inside" or _agrees(hit, unit_id, lon, lat):
        return None
    return _far(hit, unit_id, (lon, lat), _written(lon, lat))


def _written(lon: float, lat: float) -> str:
    return f"{lat:.7g}, {lon:.7g}"


def _no_evidence(answer: Resolution, hit: Hit, raw: str, frame: str) -> Resolution:
    """Coordinates of no place in the country: said, and no more."""
    km = "—" if hit.km is None else hit.km
    params: dict[str, object] = {"raw": raw, "km": km}
    if hit.commune is not None:
        unit_id = in_frame(hit.commune, frame)
        params["unit"] = path(unit_id)
        if answer.unit_id is None and not answer.candidates:
            answer = replace(answer, candidates=(_candidate(unit_id, SCORE[hit.basis]),))
    return _said(answer, _CODES.get(hit.state, "coordinates_outside"), params)


def _alone(
    answer: Resolution, hit: Hit, point: tuple[float, float], raw: str, frame: str
) -> Resolution:
    """Coordinates where no name is known: they place, among candidates if there are some."""
    unit_id = in_frame(hit.commune or "", frame)
    tie = "place_contradiction" in {code for code, _params in answer.findings}
    if tie or (_is_open(answer) and not _one_holds(answer, unit_id)):
        # a tie between names and codes is for a person to settle
        return replace(answer, candidates=(*answer.candidates, _candidate(unit_id, 0.5)))
    return _placed(answer, unit_id, hit, point, raw)


def _agrees(hit: Hit, stated: str, lon: float, lat: float) -> bool:
    """Whether the point lies in a unit, or so near that it may."""
    if hit.commune and holds(stated, hit.commune):
        return True
    km = away_from(stated, lon, lat)
    return km is None or km <= (TOLERANCE_KM if hit.basis == POLYGON else 10.0)


def _far(hit: Hit, stated: str, point: tuple[float, float], raw: str) -> Found:
    """Both readings and the distance between them; the names stand."""
    found = in_frame(hit.commune or "", frames().unit(stated).frame)
    km = away_from(stated, *point)
    return "coordinates_elsewhere", {
        "raw": raw,
        "found": path(found),
        "unit": path(stated),
        "km": "—" if km is None else km,
    }


def _finer(
    answer: Resolution, hit: Hit, stated: str, point: tuple[float, float], raw: str
) -> Resolution:
    """The commune that holds the point, where names stop above it."""
    lon, lat = point
    unit_id = in_frame(hit.commune or "", frames().unit(stated).frame)
    below = _depth(unit_id) > _depth(stated) and holds(stated, hit.commune or "")
    open_ = answer.unit_id is None and _is_open(answer) and not _one_holds(answer, unit_id)
    if not below or hit.basis != POLYGON or open_:
        return replace(answer, lon=lon, lat=lat)
    said = _said(answer, "coordinates_refine", {"raw": raw, "unit": path(stated),
                                                "found": frames().label(unit_id)})  # fmt: skip
    return _placed(said, unit_id, hit, point, raw)


def _placed(
    answer: Resolution, unit_id: str, hit: Hit, point: tuple[float, float], raw: str
) -> Resolution:
    if hit.basis == NEAREST:
        params = {"raw": raw, "unit": path(unit_id), "km": hit.km}
        answer = _said(answer, "coordinates_nearest", params)
    level, score = frames().unit(unit_id).level, SCORE[hit.basis]
    return replace(answer, unit_id=unit_id, level=level, how="coordinates", score=score,
                   candidates=(), within=None, lon=point[0], lat=point[1])  # fmt: skip


def _is_open(answer: Resolution) -> bool:
    """Whether names leave a choice between units."""
    said = {code for code, _params in answer.findings}
    return bool(answer.candidates) and bool(said & _OPEN)


def _one_holds(answer: Resolution, unit_id: str) -> bool:
    inside = [c for c in answer.candidates if unit_id in frames().inside(c.unit_id)]
    return len(inside) == 1


def _depth(unit_id: str) -> int:
    return LEVELS.index(frames().unit(unit_id).level)


def _said(answer: Resolution, code: str, params: Mapping[str, object]) -> Resolution:
    return replace(answer, findings=(*answer.findings, (code, dict(params))))


def _candidate(unit_id: str, score: float) -> Candidate:
    return Candidate(unit_id, frames().label(unit_id), frames().unit(unit_id).level, score)
