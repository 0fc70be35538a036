"""Tables of places: the common case, for a whole table at once.

A row whose région and cercle agree, or that has neither, and whose commune is no name of
somewhere else needs no weighing of evidence: its commune is looked for among those of the
cercle, région or country. Here that is done for all the spellings of a table at once. Every
other row is left to
`atlas.geo.resolve`; the answers are the same (held by a property test).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from atlas.geo.evidence import (
    HOWS,
    Candidate,
    Resolution,
    Row,
    State,
    answer_of,
    read_in,
    report_unknown,
)
from atlas.geo.frames import FRAMES, frames
from atlas.geo.malformed import is_malformed
from atlas.geo.names import Names, commune_words, names, unnumbered
from atlas.geo.nearest import NEAR, chosen, scope_of
from atlas.geo.ranking import rank_many
from atlas.geo.sounds import NO_NUMBER

_NAMES = ("region", "cercle", "commune")


class Step(NamedTuple):
    """What a name of a commune means in a cercle; without a unit, what it is near to."""

    unit: str | None
    how: str = "exact"
    score: float = 1.0
    ranked: Sequence[tuple[float, str]] = ()


def common_answers(cells: pl.DataFrame, frame: str) -> dict[int, Resolution]:
    """Answers to those of many rows that are the common case, by their position.

    Parameters
    ----------
    cells
        Distinct rows, text without nulls; columns of `atlas.geo.evidence.Row`, some of them.
    frame
        Frame of the document.
    """
    groups = _by_parents_as_written(cells)
    found: dict[int, Resolution] = {}
    for (region, cercle), (places, communes) in groups.items():
        above = _above(region, cercle, frame)
        if above is None:
            continue
        steps = _steps(communes, above, frame)
        for place, text in zip(places, communes, strict=True):
            step = steps.get(text)
            if step is not None:
                found[place] = _taken(step, text, above, frame)
    return found


def _by_parents_as_written(
    cells: pl.DataFrame,
) -> dict[tuple[str, str], tuple[list[int], list[str]]]:
    """Positions and communes of rows with nothing but names, by région and cercle."""
    if "commune" not in cells.columns:
        return {}
    others = [pl.col(c) == "" for c in cells.columns if c not in _NAMES]
    names_only = cells.with_row_index("place").filter(pl.col("commune") != "", *others)
    blank = [pl.lit("").alias(c) for c in _NAMES if c not in cells.columns]
    columns = names_only.with_columns(pl.col("commune").str.strip_chars(), *blank)
    groups: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
    for place, region, cercle, commune in columns.select("place", *_NAMES).iter_rows():
        places, communes = groups.setdefault((region, cercle), ([], []))
        if commune:
            places.append(place)
            communes.append(commune)
    return groups


def _above(region: str, cercle: str, frame: str) -> Resolution | None:
    """What two names mean beyond doubt, or no unit for no names; ``None`` in other cases."""
    if not region.strip() and not cercle.strip():
        return Resolution()
    if is_malformed(region) or is_malformed(cercle):
        return None
    above = read_in(Row(region=region, cercle=cercle), frame)
    if above.unit_id is None or above.unit_id not in frames() or above.findings:
        return None
    return above if frames().unit(above.unit_id).frame == frame else None


def _steps(texts: Iterable[str], above: Resolution, frame: str) -> dict[str, Step]:
    """What each name means below a unit; names that take weighing are left out."""
    scope = scope_of("commune", above.unit_id, frame)
    holder = above.level or "frame"
    index = names(frame)
    steps: dict[str, Step] = {}
    unlisted: list[str] = []
    for text in dict.fromkeys(texts):
        how, everywhere = index.find("commune", text)
        inside = [unit_id for unit_id in everywhere if unit_id in scope]
        same = [] if everywhere else _of_stem(text, scope, index)
        if is_malformed(text) or len(inside) > 1 or len(same) > 1:
            continue
        if how and inside:
            steps[text] = Step(inside[0], how)
        elif same:
            steps[text] = Step(same[0], "alias", NO_NUMBER)
        elif not everywhere:
            unlisted.append(text)
    return steps | _near_steps(unlisted, scope, holder, frame)


def _of_stem(text: str, scope: Sequence[str], index: Names) -> list[str]:
    stem = unnumbered(text)
    return [unit_id for unit_id in scope if index.keys[unit_id][0] == stem] if stem else []


def _near_steps(
    texts: Sequence[str], scope: Sequence[str], holder: str, frame: str
) -> dict[str, Step]:
    steps: dict[str, Step] = {}
    for text, ranked in zip(
        texts, rank_many(list(map(commune_words, texts)), scope, frame), strict=True
    ):
        units, score = chosen(text, ranked, holder, frame)
        if units:
            steps[text] = Step(units[0], "fuzzy", score)
        elif frame == FRAMES[-1] and score < NEAR:
            continue  # an older frame may know it
        elif not any(lists(text, other) for other in FRAMES if other != frame):
            steps[text] = Step(None, ranked=ranked)
    return steps


def nearly_known(candidates: Sequence[Candidate]) -> bool:
    """Whether a name not accepted is all the same near to a unit."""
    return any(candidate.score >= NEAR for candidate in candidates)


def lists(text: str, frame: str) -> bool:
    """Whether a frame has a commune of this very name, but for a number."""
    index = names(frame)
    stem = unnumbered(text)
    return bool(index.find("commune", text)[1]) or bool(stem and index.find("commune", stem)[1])


def _taken(step: Step, text: str, above: Resolution, frame: str) -> Resolution:
    if step.unit is not None:
        how = max(above.how or "exact", step.how, key=HOWS.index)
        score = min(above.score, step.score) if above.unit_id else step.score
        return Resolution(step.unit, "commune", how, round(score, 3))
    state = State(frame, above.unit_id)
    report_unknown(text, step.ranked, state)
    return answer_of(state)
