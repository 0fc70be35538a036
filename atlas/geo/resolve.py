"""From the names and codes of a row to the unit they mean.

The rule where they disagree: each valid code and each name that leaves no choice is a vote
for its région; the majority places, a tie leaves the row unplaced; inside the agreed région
a valid name beats a code. Every disagreement is a finding with both readings. A finer name
that is not recognised is never replaced by a coarser unit in silence: ``unit_id`` is then
``None`` and ``within`` says how far the evidence goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl

from atlas.geo.batch import common_answers, lists, nearly_known
from atlas.geo.codes import CODES_UNKNOWN_IN, LONGEST, frame_of
from atlas.geo.coordinates import prepare as locate_all
from atlas.geo.evidence import Candidate, Resolution, Row, read_in
from atlas.geo.frames import FRAMES, LEVELS, check_frame, frames
from atlas.geo.gazetteer import stamp
from atlas.geo.judging import Verdict, fitting, frames_to_ask, judge, spread
from atlas.geo.localities import with_locality
from atlas.geo.malformed import is_malformed, only_within, without_malformed
from atlas.geo.positions import with_coordinates
from atlas.geo.together import prepare_in
from atlas.remembering import remembered

__all__ = [
    "Candidate",
    "Resolution",
    "Row",
    "frame_of_table",
    "prepare",
    "resolve",
    "resolve_frame",
]
MISFITS = frozenset({"frame_inferred", "place_contradiction"})
"""Findings of a row that is no unit of the découpage it was read in."""


def resolve(
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
) -> Resolution:
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
    >>> resolve(region="MOPTI", cercle="BANDIAGARA", commune="Dourou", frame="ml-2016").unit_id
    'ml-2016/ML050108'
    """
    cells = (region, cercle, commune, locality, region_code, cercle_code, commune_code)
    row = Row(*cells)
    answer = _located(row, frame, stamp()) if locality.strip() else _resolve(row, frame)
    if lon is not None and lat is not None:
        answer = with_coordinates(answer, lon, lat, frame)
    return answer


def prepare(rows: Iterable[Row], frame: str) -> None:
    """Look at once at the names of many rows that no list has; `resolve` knows them then.

    Parameters
    ----------
    rows
        A thousand or so: what is kept of them is bounded.
    frame
        Frame of the document; rows that it has no answer to are prepared in the others too.
    """
    some = list(dict.fromkeys(row.bare() for row in rows))
    prepare_in(some, frame)
    open_rows = [row for row in some if _has_names(row) and not _settled(read_in(row, frame))]
    for other in FRAMES:
        if other != frame and open_rows:
            prepare_in(open_rows, other)


@remembered(1024)
def _located(row: Row, frame: str, _gazetteer: str) -> Resolution:
    """The answer with what the locality adds, for one state of the gazetteer."""
    alone = row if is_malformed(row.name("locality")) else row.bare()
    return with_locality(_resolve(alone, frame), row, frame)


@remembered(8192)
def _resolve(row: Row, frame: str) -> Resolution:
    check_frame(frame)
    kept, findings, finest = without_malformed(row)
    if findings:
        return only_within(_resolve(kept, frame), findings, finest=finest)
    answer = read_in(row, frame)
    if _settled(answer):
        return answer
    for other in _others(answer, row, frame):
        read = read_in(row, other)
        if _settled(read) and _fits_there(read, answer, row, frame):
            params: dict[str, object] = {"frame": other, "reason": _words_of(row)}
            return replace(read, findings=(*read.findings, ("frame_inferred", params)))
    return _asking_for_version(answer, row, frame)


def _asking_for_version(answer: Resolution, row: Row, frame: str) -> Resolution:
    """Codes alone, in a frame whose own are not at hand: their version must be told."""
    codes = [c.strip() for level in LEVELS if (c := getattr(row, f"{level}_code")).strip()]
    refused = any(code == "place_code_malformed" for code, _params in answer.findings)
    if frame not in CODES_UNKNOWN_IN or not codes or refused or _has_names(row):
        return answer
    asked = ("place_code_version", {"code": codes[-1][:LONGEST]})
    return replace(answer, findings=(*answer.findings, asked))


def _others(here: Resolution, row: Row, frame: str) -> Iterator[str]:
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
        if not knows or foreign or lists(row.name("commune"), other):
            yield other


def _knows_parents(row: Row, frame: str) -> bool:
    """Whether région and cercle beside a commune make sense together in a frame."""
    parents = replace(row, commune="", locality="", commune_code="")
    return bool(row.name("commune")) and _has_names(parents) and _settled(read_in(parents, frame))


def _fits_there(read: Resolution, here: Resolution, row: Row, frame: str) -> bool:
    """Whether a reading in another frame is better than none in the document's own.

    A commune that this frame knows in another cercle must be known there in this very one.
    """
    contradicted = any(code == "place_contradiction" for code, _params in here.findings)
    if contradicted and read.level == "commune" and _knows_parents(row, frame):
        return read.how != "fuzzy" and frames().ancestor(str(read.unit_id), "cercle") is not None
    return read.how != "fuzzy" or _has_parents(row)


def _settled(answer: Resolution) -> bool:
    codes = {code for code, _params in answer.findings}
    return answer.unit_id is not None and "place_contradiction" not in codes


def _has_codes(row: Row) -> bool:
    return any(getattr(row, f"{level}_code").strip() for level in LEVELS)


def _has_names(row: Row) -> bool:
    return bool(row.region.strip() or row.cercle.strip() or row.commune.strip())


def _has_parents(row: Row) -> bool:
    return bool(row.region.strip() and row.cercle.strip())


def _words_of(row: Row) -> str:
    return ", ".join(n for n in (row.name(lv) for lv in LEVELS) if n)


_INPUT = ("region", "cercle", "commune", "locality", "region_code", "cercle_code", "commune_code")
_POINT = ("lon", "lat")
_OUTPUT = {
    "unit_id": pl.String,
    "pcode": pl.String,
    "level": pl.String,
    "how": pl.String,
    "score": pl.Float64,
    "candidates": pl.String,
}


def resolve_frame(table: pl.DataFrame, frame: str) -> pl.DataFrame:
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
    cells = _cells(table)
    given = cells.columns
    distinct = cells.unique(maintain_order=True)
    frame = _frame_for(distinct, frame)
    rows = [_with_degrees(row) for row in distinct.to_dicts()]
    locate_all(((row.get("lon"), row.get("lat")) for row in rows), frame)
    ready = common_answers(distinct, frame)
    answers = [ready.get(i) or resolve(**row, frame=frame) for i, row in enumerate(rows)]
    columns: dict[str, list[Any]] = {
        "unit_id": [a.unit_id for a in answers],
        "pcode": [_pcode(a.unit_id) for a in answers],
        "level": [a.level for a in answers],
        "how": [a.how for a in answers],
        "score": [a.score if a.unit_id else None for a in answers],
        "candidates": [_named(a.candidates) if a.candidates else "" for a in answers],
    }
    found = distinct.with_columns(pl.Series(n, v, dtype=_OUTPUT[n]) for n, v in columns.items())
    joined = cells.join(found, on=given, how="left", maintain_order="left")
    return joined.select(list(_OUTPUT))


def _cells(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of a table that say a place, as text."""
    given = [c for c in (*_INPUT, *_POINT) if c in table.columns]
    return table.select(pl.col(given).cast(pl.String).fill_null(""))


def frame_of_table(table: pl.DataFrame, usual: str) -> Verdict:
    """The frame in which the rows of a table are units; ``usual`` where they do not decide.

    Parameters
    ----------
    table
        As `resolve_frame` takes it.
    usual
        The frame in force at the date of the table.
    """
    counted = _cells(table).group_by(pl.all(), maintain_order=True).len()
    some = [_with_degrees(row) for row in spread(counted.to_dicts())]
    rows = [int(row.pop("len")) for row in some]
    codes = [row[c] for row in some for c in row if c.endswith("_code")]
    asked = frames_to_ask(usual, codes)

    return judge(fitting(some, asked, usual, _are_units), rows, asked, usual)


def _are_units(rows: Sequence[dict[str, Any]], frame: str) -> list[bool]:
    """Whether each row is a unit of a frame as it is written."""
    locate_all(((row.get("lon"), row.get("lat")) for row in rows), frame)
    answers = [resolve(**row, frame=frame) for row in rows]
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


def _frame_for(cells: pl.DataFrame, frame: str) -> str:
    """The frame of the document, or the older one that all codes of the table speak of."""
    check_frame(frame)
    columns = [c for c in cells.columns if c.endswith("_code")]
    if frame not in CODES_UNKNOWN_IN or not columns:
        return frame
    written = (code for column in columns for code in cells[column].unique() if code)
    return frame_of(written) or frame


def _named(candidates: Iterable[Candidate]) -> str:
    return "; ".join(f"{c.name} [{c.unit_id}]" for c in candidates)


@lru_cache(maxsize=8192)
def _pcode(unit_id: str | None) -> str | None:
    if unit_id is None or unit_id not in frames():
        return None
    unit = frames().unit(unit_id)
    if unit.pcode or unit.level != "commune":
        return unit.pcode
    return next(iter(frames().communes(unit_id)), None)
