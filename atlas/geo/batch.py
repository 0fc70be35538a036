"""Tables of places: the common case, for a whole table at once.

A row whose région and cercle agree and whose commune is no name of somewhere else needs no
weighing of evidence: its commune is looked for among those of the cercle. Here that is done
cercle by cercle for all the spellings of a table. Every other row is left to
`atlas.geo.resolve`; the answers are the same (held by a property test).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atlas.geo.evidence import Resolution, Row, State, answer_of, read_in, report_unknown
from atlas.geo.frames import FRAMES, frames
from atlas.geo.likeness import NO_NUMBER
from atlas.geo.malformed import is_malformed
from atlas.geo.names import Names, names, unnumbered
from atlas.geo.nearest import chosen, rank_many, scope_of

Cercle = tuple[str, str]
"""Région and cercle as written."""


@dataclass(frozen=True)
class Step:
    """What a name of a commune means in a cercle; without a unit, what it is near to."""

    unit: str | None
    how: str = "exact"
    score: float = 1.0
    ranked: tuple[tuple[float, str], ...] = ()


def common_answers(rows: Sequence[Row], frame: str) -> dict[int, Resolution]:
    """Answers to those of many rows that are the common case, by their position.

    Parameters
    ----------
    rows
        Distinct rows.
    frame
        Frame of the document.
    """
    above: dict[Cercle, Resolution | None] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if not _only_names(row):
            continue
        written = (row.region, row.cercle)
        if written not in above:
            above[written] = _cercle_of(*written, frame)
        cercle = above[written]
        if cercle is not None and cercle.unit_id is not None:
            groups[cercle.unit_id].append(i)
    found: dict[int, Resolution] = {}
    for unit_id, places in groups.items():
        steps = _steps([rows[i].name("commune") for i in places], unit_id, frame)
        for i in places:
            cercle = above[rows[i].region, rows[i].cercle]
            step = steps.get(rows[i].name("commune"))
            if cercle is not None and step is not None:
                found[i] = _taken(step, rows[i].name("commune"), cercle, frame)
    return found


def _only_names(row: Row) -> bool:
    others = (row.locality, row.region_code, row.cercle_code, row.commune_code)
    return bool(row.name("commune")) and not any(others)


def _cercle_of(region: str, cercle: str, frame: str) -> Resolution | None:
    """The cercle that two names mean beyond doubt; ``None`` where it takes weighing."""
    if is_malformed(region) or is_malformed(cercle):
        return None
    above = read_in(Row(region=region, cercle=cercle), frame)
    if above.level != "cercle" or above.unit_id is None or above.findings:
        return None
    return above if frames().unit(above.unit_id).frame == frame else None


def _steps(texts: Iterable[str], cercle: str, frame: str) -> dict[str, Step]:
    """What each name means in a cercle; names that take weighing are left out."""
    scope = scope_of("commune", cercle, frame)
    index = names(frame)
    steps: dict[str, Step] = {}
    unlisted: list[str] = []
    for text in dict.fromkeys(texts):
        if is_malformed(text):
            continue
        how, everywhere = index.find("commune", text)
        inside = [unit_id for unit_id in everywhere if unit_id in scope]
        if how and len(inside) == 1:
            steps[text] = Step(inside[0], how)
        elif not everywhere:
            unlisted.append(text)
    for text in list(unlisted):
        same = _of_stem(text, scope, index)
        if same:
            unlisted.remove(text)
        if len(same) == 1:
            steps[text] = Step(same[0], "alias", NO_NUMBER)
    return steps | _near_steps(unlisted, scope, frame)


def _of_stem(text: str, scope: Sequence[str], index: Names) -> list[str]:
    stem = unnumbered(text)
    return [unit_id for unit_id in scope if index.keys[unit_id][0] == stem] if stem else []


def _near_steps(texts: Sequence[str], scope: Sequence[str], frame: str) -> dict[str, Step]:
    steps: dict[str, Step] = {}
    for text, ranked in zip(texts, rank_many(texts, scope, frame), strict=True):
        units, score = chosen(text, ranked, "cercle", frame)
        if units:
            steps[text] = Step(units[0], "fuzzy", score)
        elif not any(lists(text, other) for other in FRAMES if other != frame):
            steps[text] = Step(None, ranked=tuple(ranked))
    return steps


def lists(text: str, frame: str) -> bool:
    """Whether a frame has a commune of this very name, but for a number."""
    index = names(frame)
    stem = unnumbered(text)
    return bool(index.find("commune", text)[1]) or bool(stem and index.find("commune", stem)[1])


def _taken(step: Step, text: str, cercle: Resolution, frame: str) -> Resolution:
    state = State(frame, cercle.unit_id, cercle.how or "exact", cercle.score)
    if step.unit is None:
        report_unknown(text, step.ranked, state)
    else:
        state.accept(step.unit, step.how, step.score)
    return answer_of(state)
