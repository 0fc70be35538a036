"""From the names, codes and coordinates of rows to the units they mean.

One row, a whole table at once, and the frame that a table is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import polars as pl

from atlas.geo.coordinates import prefetch_points
from atlas.geo.frames import FRAMES, LEVELS, check_frame, shipped_frames
from atlas.geo.names import (
    CODES_UNKNOWN_IN,
    LONGEST_CODE,
    NO_NUMBER,
    NameIndex,
    commune_words,
    frame_of_codes,
    key_without_number,
    name_index,
)
from atlas.geo.place_evidence import (
    HOWS,
    PlaceCandidate,
    PlaceResolution,
    PlaceRow,
    RowEvidence,
    is_malformed,
    read_in_frame,
    report_unknown,
    resolution_of,
    with_coordinates,
    with_locality,
    with_malformed_findings,
    without_malformed,
)
from atlas.geo.ranking import (
    NEAR,
    accepted_units,
    prefetch_rankings,
    rankings_of_queries,
    units_in_scope,
)

__all__ = [
    "PlaceCandidate",
    "PlaceResolution",
    "PlaceRow",
    "frame_of_table",
    "prefetch_places",
    "resolve_place",
    "resolve_rows",
]


T = TypeVar("T")
ENOUGH = 3000
"""Distinct places that tell the découpage of a document, evenly spread over a longer one."""


class FrameVerdict(NamedTuple):
    """The découpage of a table and what speaks for it.

    Attributes
    ----------
    frame
        The découpage.
    usual
        The one to be expected: in force at the date, or that of the whole document.
    fits
        How many rows are units of each découpage; one alone where all rows are of it.
    deciding
        Positions of the places that are units of it and not of the one expected (of the
        next best, where it is the one expected).
    """

    frame: str
    usual: str
    fits: Mapping[str, int]
    deciding: tuple[int, ...] = ()

    def frame_counts_text(self) -> str:
        """Rows of each découpage, the most first: "ml-2016 14, ml-2023 10"."""
        ranked = sorted(self.fits.items(), key=lambda one: -one[1])
        return ", ".join(f"{frame} {rows}" for frame, rows in ranked)


def candidate_frames(usual: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The découpages, in the order in which they are preferred where rows do not decide.

    First the one that all codes of the table speak of, where the own codes of the one in
    force are not at hand; then the one expected; then the others, the newest first.

    Examples
    --------
    >>> candidate_frames("ml-2016", [])
    ('ml-2016', 'ml-2023', 'ml-2012')
    >>> candidate_frames("ml-2023", ["ML0704"])
    ('ml-2012', 'ml-2023', 'ml-2016')
    """
    by_codes = frame_of_codes(code for code in codes if code) if usual in CODES_UNKNOWN_IN else None
    return tuple(dict.fromkeys((by_codes or usual, usual, *reversed(FRAMES))))


def fits_by_frame(
    places: Sequence[T],
    asked: Sequence[str],
    usual: str,
    are_units: Callable[[Sequence[T], str], list[bool]],
) -> dict[str, list[bool]]:
    """Whether each place is a unit of each découpage; of the usual one alone where it is the best.

    That is so where no place that is none of its units is a unit of another découpage.

    Parameters
    ----------
    places
        Distinct places of one or more tables.
    asked, usual
        See `candidate_frames`.
    are_units
        Whether each place is a unit of a découpage.
    """
    found = {usual: are_units(places, usual)}
    others = [frame for frame in asked if frame != usual]
    misfits = [place for place, fits in zip(places, found[usual], strict=True) if not fits]
    if asked[0] == usual and not any(any(are_units(misfits, frame)) for frame in others):
        return found
    return found | {frame: are_units(places, frame) for frame in others}


def frame_verdict(
    found: Mapping[str, Sequence[bool]], rows: Sequence[int], asked: Sequence[str], usual: str
) -> FrameVerdict:
    """The découpage of most rows; among equals the first that is asked.

    Parameters
    ----------
    found
        What `fits_by_frame` tells of the places of the table.
    rows
        How many rows name each place.

    Examples
    --------
    >>> found = {"ml-2023": [True, False], "ml-2016": [True, True], "ml-2012": [True, False]}
    >>> frame_verdict(found, [3, 1], ("ml-2023", "ml-2016", "ml-2012"), "ml-2023")[:3]
    ('ml-2016', 'ml-2023', {'ml-2023': 3, 'ml-2016': 4, 'ml-2012': 3})
    """
    fits = {
        frame: sum(n for is_unit, n in zip(units, rows, strict=True) if is_unit)
        for frame, units in found.items()
    }
    ranked = sorted((frame for frame in asked if frame in fits), key=lambda one: -fits[one])
    best = ranked[0]
    rival = usual if best != usual else (*ranked[1:], usual)[0]
    beside = zip(found[best], found[rival], strict=True)
    deciding = tuple(i for i, (here, there) in enumerate(beside) if here and not there)
    return FrameVerdict(best, usual, fits, deciding)


def evenly_spread_sample(items: Sequence[T], most: int = ENOUGH) -> Sequence[T]:
    """At most so many of the items, evenly spread.

    Examples
    --------
    >>> evenly_spread_sample([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    return items[:: max(1, -(-len(items) // most))]


_NAMES = ("region", "cercle", "commune")
_INPUT = (*_NAMES, "locality", "region_code", "cercle_code", "commune_code")


class NameStep(NamedTuple):
    """What a name of a commune means in a cercle; without a unit, what it is near to."""

    unit: str | None
    how: str = "exact"
    score: float = 1.0
    ranked: Sequence[tuple[float, str]] = ()


def common_resolutions(cells: pl.DataFrame, frame: str) -> dict[int, PlaceResolution]:
    """Answers to those of many rows that are the common case, by their position.

    Parameters
    ----------
    cells
        Distinct rows, text without nulls; columns of `atlas.geo.place_evidence.PlaceRow`, some of
        them.
    frame
        Frame of the document.
    """
    groups = _rows_by_parents(cells)
    found: dict[int, PlaceResolution] = {}
    for (region, cercle), (places, communes) in groups.items():
        above = _parent_resolution(region, cercle, frame)
        if above is None:
            continue
        steps = _certain_steps(communes, above, frame)
        for place, text in zip(places, communes, strict=True):
            step = steps.get(text)
            if step is not None:
                found[place] = _step_resolution(step, text, above, frame)
    return found


def _rows_by_parents(
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


def _parent_resolution(region: str, cercle: str, frame: str) -> PlaceResolution | None:
    """What two names mean beyond doubt, or no unit for no names; ``None`` in other cases."""
    if not region.strip() and not cercle.strip():
        return PlaceResolution()
    if is_malformed(region) or is_malformed(cercle):
        return None
    above = read_in_frame(PlaceRow(region=region, cercle=cercle), frame)
    if above.unit_id is None or above.unit_id not in shipped_frames() or above.findings:
        return None
    return above if shipped_frames().unit_by_id(above.unit_id).frame == frame else None


def _certain_steps(texts: Iterable[str], above: PlaceResolution, frame: str) -> dict[str, NameStep]:
    """What each name means below a unit; names that take weighing are left out."""
    scope = units_in_scope("commune", above.unit_id, frame)
    holder = above.level or "frame"
    index = name_index(frame)
    steps: dict[str, NameStep] = {}
    unlisted: list[str] = []
    for text in dict.fromkeys(texts):
        how, everywhere = index.find_units("commune", text)
        inside = [unit_id for unit_id in everywhere if unit_id in scope]
        same = [] if everywhere else _units_of_stem(text, scope, index)
        if is_malformed(text) or len(inside) > 1 or len(same) > 1:
            continue
        if how and inside:
            steps[text] = NameStep(inside[0], how)
        elif same:
            steps[text] = NameStep(same[0], "alias", NO_NUMBER)
        elif not everywhere:
            unlisted.append(text)
    return steps | _near_steps(unlisted, scope, holder, frame)


def _units_of_stem(text: str, scope: Sequence[str], index: NameIndex) -> list[str]:
    stem = key_without_number(text)
    return [unit_id for unit_id in scope if index.keys[unit_id][0] == stem] if stem else []


def _near_steps(
    texts: Sequence[str], scope: Sequence[str], holder: str, frame: str
) -> dict[str, NameStep]:
    steps: dict[str, NameStep] = {}
    for text, ranked in zip(
        texts, rankings_of_queries(list(map(commune_words, texts)), scope, frame), strict=True
    ):
        units, score = accepted_units(text, ranked, holder, frame)
        if units:
            steps[text] = NameStep(units[0], "fuzzy", score)
        elif frame == FRAMES[-1] and score < NEAR:
            continue  # an older frame may know it
        elif not any(has_commune_named(text, other) for other in FRAMES if other != frame):
            steps[text] = NameStep(None, ranked=ranked)
    return steps


def nearly_known(candidates: Sequence[PlaceCandidate]) -> bool:
    """Whether a name not accepted is all the same near to a unit."""
    return any(candidate.score >= NEAR for candidate in candidates)


def has_commune_named(text: str, frame: str) -> bool:
    """Whether a frame has a commune of this very name, but for a number."""
    index = name_index(frame)
    stem = key_without_number(text)
    return bool(index.find_units("commune", text)[1]) or bool(
        stem and index.find_units("commune", stem)[1]
    )


def _step_resolution(
    step: NameStep, text: str, above: PlaceResolution, frame: str
) -> PlaceResolution:
    if step.unit is not None:
        how = max(above.how or "exact", step.how, key=HOWS.index)
        score = min(above.score, step.score) if above.unit_id else step.score
        return PlaceResolution(step.unit, "commune", how, round(score, 3))
    state = RowEvidence(frame, above.unit_id)
    report_unknown(text, step.ranked, state)
    return resolution_of(state)


FEW = 20
"""So many names are ranked as they are read: loading the arrays' library takes longer."""


def prefetch_in_frame(rows: Sequence[PlaceRow], frame: str) -> None:
    """Rank what the names of rows are near to in a frame, one level after the other.

    Where a name lies is read from the names and codes above it. That is where `read_in_frame` looks
    in all but odd rows, and those are ranked one by one.
    """
    for level in LEVELS:
        unknown: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        for above, texts in _names_below(rows, level).items():
            scope = units_in_scope(level, _parent_unit(above, level, frame), frame)
            for text in texts:
                if not any(unit in scope for unit in name_index(frame).find_units(level, text)[1]):
                    unknown[scope][text] = None
        if sum(map(len, unknown.values())) > FEW:
            for scope, texts in unknown.items():
                prefetch_rankings(texts, scope, frame)


def _names_below(rows: Sequence[PlaceRow], level: str) -> dict[PlaceRow, dict[str, None]]:
    """The names of a level, by what stands above it: the rows without finer cells."""
    coarser = LEVELS[: LEVELS.index(level)]
    kept = {name for one in coarser for name in (one, f"{one}_code")}
    blank = dict.fromkeys((name for name in _INPUT if name not in kept), "")
    found: dict[PlaceRow, dict[str, None]] = defaultdict(dict)
    for row in rows:
        text = row.name(level)
        if text and not is_malformed(text):
            found[row._replace(**blank)][text] = None
    return found


def _parent_unit(above: PlaceRow, level: str, frame: str) -> str | None:
    """The unit that the names and codes above a level come to."""
    if level == LEVELS[0]:
        return None
    found = read_in_frame(above, frame)
    return found.unit_id or found.within


MISFITS = frozenset({"frame_inferred", "place_contradiction"})
"""Findings of a row that is no unit of the découpage it was read in."""


def resolve_place(
    *,
    region: str = "",
    cercle: str = "",
    commune: str = "",
    locality: str = "",
    region_code: str = "",
    cercle_code: str = "",
    commune_code: str = "",
    lon: float | None = None,
    lat: float | None = None,
    frame: str,
) -> PlaceResolution:
    """The unit that names, codes and coordinates of one row mean.

    Parameters
    ----------
    region, cercle, commune, locality
        Names as written; "" where there is none.
    region_code, cercle_code, commune_code
        Codes as written.
    lon, lat
        Degrees. They confirm what names and codes say, contradict it (a finding), go on to
        the commune where names stop above it, and place alone where they say nothing.
    frame
        Frame of the document. Names that only make sense together in another frame are
        read there, with the finding ``frame_inferred``.

    Examples
    --------
    >>> names = {"region": "MOPTI", "cercle": "BANDIAGARA", "commune": "Dourou"}
    >>> resolve_place(**names, frame="ml-2016").unit_id
    'ml-2016/ML050108'
    """
    cells = (region, cercle, commune, locality, region_code, cercle_code, commune_code)
    row = PlaceRow(*cells)
    answer = _resolve_with_locality(row, frame) if locality.strip() else _resolve_names(row, frame)
    if lon is not None and lat is not None:
        answer = with_coordinates(answer, lon, lat, frame)
    return answer


def prefetch_places(rows: Iterable[PlaceRow], frame: str) -> None:
    """Look at once at the names of many rows that no list has; `resolve_place` knows them then.

    Parameters
    ----------
    rows
        A thousand or so: what is kept of them is bounded.
    frame
        Frame of the document; rows that it has no answer to are prepared in the others too.
    """
    some = list(dict.fromkeys(row.without_locality() for row in rows))
    prefetch_in_frame(some, frame)
    open_rows = [
        row for row in some if _has_names(row) and not _is_settled(read_in_frame(row, frame))
    ]
    for other in FRAMES:
        if other != frame and open_rows:
            prefetch_in_frame(open_rows, other)


def _resolve_with_locality(row: PlaceRow, frame: str) -> PlaceResolution:
    """The answer with what the locality adds."""
    alone = row if is_malformed(row.name("locality")) else row.without_locality()
    return with_locality(_resolve_names(alone, frame), row, frame)


def _resolve_names(row: PlaceRow, frame: str) -> PlaceResolution:
    check_frame(frame)
    kept, findings, finest = without_malformed(row)
    if findings:
        return with_malformed_findings(_resolve_names(kept, frame), findings, finest=finest)
    answer = read_in_frame(row, frame)
    if _is_settled(answer):
        return answer
    for other in _other_frames(answer, row, frame):
        read = read_in_frame(row, other)
        if _is_settled(read) and _fits_there(read, answer, row, frame):
            params: dict[str, object] = {"frame": other, "reason": _names_text(row)}
            return replace(read, findings=(*read.findings, ("frame_inferred", params)))
    return _asking_for_version(answer, row, frame)


def _asking_for_version(answer: PlaceResolution, row: PlaceRow, frame: str) -> PlaceResolution:
    """Codes alone, in a frame whose own are not at hand: their version must be told."""
    codes = [c.strip() for level in LEVELS if (c := getattr(row, f"{level}_code")).strip()]
    refused = any(code == "place_code_malformed" for code, _params in answer.findings)
    if frame not in CODES_UNKNOWN_IN or not codes or refused or _has_names(row):
        return answer
    asked = ("place_code_version", {"code": codes[-1][:LONGEST_CODE]})
    return replace(answer, findings=(*answer.findings, asked))


def _other_frames(here: PlaceResolution, row: PlaceRow, frame: str) -> Iterator[str]:
    """Frames that may be meant where the document's own has no answer.

    None for a name that this frame has several of. Where this frame knows the parents, only
    those that list the very name, since a near one is rather a slip; the cercles of 2023 are
    cut out of older ones, so there a name near to none of theirs may be a slip of an older
    list as well.
    """
    said = {code for code, _params in here.findings}
    if not _has_names(row) or ("place_ambiguous" in said and "place_unknown" not in said):
        return
    knows = _knows_parents(row, frame)
    foreign = frame == FRAMES[-1] and not nearly_known(here.candidates)
    for other in ("ml-2016", "ml-2012", "ml-2023"):
        if other == frame or (other in CODES_UNKNOWN_IN and _has_codes(row)):
            continue
        if not knows or foreign or has_commune_named(row.name("commune"), other):
            yield other


def _knows_parents(row: PlaceRow, frame: str) -> bool:
    """Whether région and cercle beside a commune make sense together in a frame."""
    parents = row._replace(commune="", locality="", commune_code="")
    return (
        bool(row.name("commune"))
        and _has_names(parents)
        and _is_settled(read_in_frame(parents, frame))
    )


def _fits_there(read: PlaceResolution, here: PlaceResolution, row: PlaceRow, frame: str) -> bool:
    """Whether a reading in another frame is better than none in the document's own.

    A commune that this frame knows in another cercle must be known there in this very one.
    """
    contradicted = any(code == "place_contradiction" for code, _params in here.findings)
    if contradicted and read.level == "commune" and _knows_parents(row, frame):
        return (
            read.how != "fuzzy"
            and shipped_frames().ancestor_at_level(str(read.unit_id), "cercle") is not None
        )
    return read.how != "fuzzy" or _has_parents(row)


def _is_settled(answer: PlaceResolution) -> bool:
    codes = {code for code, _params in answer.findings}
    return answer.unit_id is not None and "place_contradiction" not in codes


def _has_codes(row: PlaceRow) -> bool:
    return any(getattr(row, f"{level}_code").strip() for level in LEVELS)


def _has_names(row: PlaceRow) -> bool:
    return bool(row.region.strip() or row.cercle.strip() or row.commune.strip())


def _has_parents(row: PlaceRow) -> bool:
    return bool(row.region.strip() and row.cercle.strip())


def _names_text(row: PlaceRow) -> str:
    return ", ".join(n for n in (row.name(lv) for lv in LEVELS) if n)


_POINT = ("lon", "lat")
_OUTPUT = {
    "unit_id": pl.String,
    "pcode": pl.String,
    "level": pl.String,
    "how": pl.String,
    "score": pl.Float64,
    "candidates": pl.String,
}


def resolve_rows(table: pl.DataFrame, frame: str) -> pl.DataFrame:
    """Resolve every row of a table; each distinct row is looked at once.

    Parameters
    ----------
    table
        Any of the columns ``region, cercle, commune, locality, region_code, cercle_code,
        commune_code, lon, lat`` (degrees, as numbers or text).
    frame
        Frame of the document. Codes that can only be of an older one are read there, with
        the names beside them.

    Returns
    -------
    polars.DataFrame
        ``unit_id`` (null unless accepted)``, pcode`` (of this very territory: for a commune
        of 2023 that of COD 2019)``, level, how, score, candidates`` (``name [unit_id]``,
        separated by ``;``), one row per row of the table, in its order.
    """
    cells = _place_columns(table)
    given = cells.columns
    distinct = cells.unique(maintain_order=True)
    frame = _frame_of_cells(distinct, frame)
    rows = [_with_degrees(row) for row in distinct.to_dicts()]
    prefetch_points(((row.get("lon"), row.get("lat")) for row in rows), frame)
    ready = common_resolutions(distinct, frame)
    answers = [ready.get(i) or resolve_place(**row, frame=frame) for i, row in enumerate(rows)]
    columns: dict[str, list[Any]] = {
        "unit_id": [a.unit_id for a in answers],
        "pcode": [_pcode_of_unit(a.unit_id) for a in answers],
        "level": [a.level for a in answers],
        "how": [a.how for a in answers],
        "score": [a.score if a.unit_id else None for a in answers],
        "candidates": [_candidates_text(a.candidates) if a.candidates else "" for a in answers],
    }
    found = distinct.with_columns(pl.Series(n, v, dtype=_OUTPUT[n]) for n, v in columns.items())
    joined = cells.join(found, on=given, how="left", maintain_order="left")
    return joined.select(list(_OUTPUT))


def _place_columns(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of a table that say a place, as text."""
    given = [c for c in (*_INPUT, *_POINT) if c in table.columns]
    return table.select(pl.col(given).cast(pl.String).fill_null(""))


def frame_of_table(table: pl.DataFrame, usual: str) -> FrameVerdict:
    """The frame in which the rows of a table are units; ``usual`` where they do not decide.

    Parameters
    ----------
    table
        As `resolve_rows` takes it.
    usual
        The frame in force at the date of the table.
    """
    counted = _place_columns(table).group_by(pl.all(), maintain_order=True).len()
    some = [_with_degrees(row) for row in evenly_spread_sample(counted.to_dicts())]
    rows = [int(row.pop("len")) for row in some]
    codes = [row[c] for row in some for c in row if c.endswith("_code")]
    asked = candidate_frames(usual, codes)

    return frame_verdict(fits_by_frame(some, asked, usual, _are_units), rows, asked, usual)


def _are_units(rows: Sequence[dict[str, Any]], frame: str) -> list[bool]:
    """Whether each row is a unit of a frame as it is written."""
    prefetch_points(((row.get("lon"), row.get("lat")) for row in rows), frame)
    answers = [resolve_place(**row, frame=frame) for row in rows]
    said = [{code for code, _params in answer.findings} for answer in answers]
    return [a.unit_id is not None and not s & MISFITS for a, s in zip(answers, said, strict=True)]


def _with_degrees(row: dict[str, Any]) -> dict[str, Any]:
    """A row of text with its coordinates as numbers; none where they are not."""
    for name in _POINT:
        if name in row:
            try:
                row[name] = float(row[name].replace(",", "."))
            except ValueError:
                row[name] = None
    return row


def _frame_of_cells(cells: pl.DataFrame, frame: str) -> str:
    """The frame of the document, or the older one that all codes of the table speak of."""
    check_frame(frame)
    columns = [c for c in cells.columns if c.endswith("_code")]
    if frame not in CODES_UNKNOWN_IN or not columns:
        return frame
    written = (code for column in columns for code in cells[column].unique() if code)
    return frame_of_codes(written) or frame


def _candidates_text(candidates: Iterable[PlaceCandidate]) -> str:
    return "; ".join(f"{c.name} [{c.unit_id}]" for c in candidates)


def _pcode_of_unit(unit_id: str | None) -> str | None:
    if unit_id is None or unit_id not in shipped_frames():
        return None
    unit = shipped_frames().unit_by_id(unit_id)
    if unit.pcode or unit.level != "commune":
        return unit.pcode
    return next(iter(shipped_frames().certain_communes(unit_id)), None)
