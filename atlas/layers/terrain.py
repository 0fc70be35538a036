"""The ground of each unit cut along what is said of it, so that parts can be weighed.

A unit is the sum of its *cells*: the communes whose polygons are installed, else those of
2012 with their published areas. Where only old régions are drawn and a polygon lies over one,
that région is a cell. Parts never overlap, so nothing is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from atlas.layers.prepare import Prepared
from atlas.model import Level

if TYPE_CHECKING:
    from atlas.geo.frames import Frames

_REFERENCE = "ml-2012"
"""The frame whose communes every other frame is made of."""

Cods = frozenset[str]


class Part(NamedTuple):
    """Ground of one unit under the same facts: square kilometres, persons, communes, the facts.

    Areas and persons are ``None`` where they are not known.
    """

    area: float | None
    people: float | None
    places: float
    facts: frozenset[int]


@dataclass(frozen=True)
class Terrain:
    """Parts of each unit, by the number of its row.

    Attributes
    ----------
    parts
        What each unit consists of, without overlaps.
    loose
        Facts said of an unknown part of the unit: a cercle whose communes nobody published,
        or a place inside a région of which nothing smaller is drawn.
    people
        Population of the units as a whole, where it is known.
    """

    parts: Mapping[int, list[Part]]
    loose: Mapping[int, frozenset[int]]
    people: Mapping[int, float]


def terrain_of(prepared: Prepared, frame: str, level: Level, named: Mapping[int, str]) -> Terrain:
    """Cut the units of a frame and level along the facts.

    Parameters
    ----------
    named
        Fact → the unit it is said of; the others have a shape (`Prepared.overlay`).
    """
    cells = _terrain_cells(prepared, frame)
    home = dict(
        prepared.located_ids(pl.Series(list(cells), dtype=pl.String), frame, level).iter_rows()
    )
    held = set(home.values())
    rows = dict(
        prepared.located_ids(pl.Series(sorted(set(named.values())), dtype=pl.String), frame, level)
        .iter_rows()
    )  # fmt: skip
    units = prepared.targets_of(frame, level).units["unit_id"]
    on_cell, whole, loose = _spread_facts(prepared.frames, cells, rows, units, named)
    known = population_of_territories(prepared)
    nothing: frozenset[int] = frozenset()
    grouped: dict[int, dict[frozenset[int], list[tuple[str, float, float | None]]]]
    grouped = defaultdict(lambda: defaultdict(list))
    cut = _cut_pieces(prepared, frame, named)
    for cell, area in cells.items():
        row = home[cell]
        over = frozenset(on_cell[cell] | whole[row])
        pieces = cut.get(cell, [])
        rest = 1.0 - sum(share for share, _facts in pieces)
        for share, facts in [*pieces, *([(rest, nothing)] if rest > 1e-9 else [])]:
            grouped[row][over | facts].append((cell, share, area))
    for row in held | whole.keys():
        if row not in held or not _is_known(prepared.frames, units[row]):
            grouped[row][frozenset(whole[row])].append(("", 1.0, None))  # what no cell tells of
    parts = {
        row: [_terrain_part(prepared.frames, facts, bits, known) for facts, bits in groups.items()]
        for row, groups in grouped.items()
    }
    people = {
        row: known[cods]
        for row in parts
        if (cods := _cod_codes(prepared.frames, units[row])) in known
    }
    return Terrain(parts, {row: frozenset(facts) for row, facts in loose.items()}, people)


def _is_known(frames: Frames, unit_id: str) -> bool:
    """Whether it is sure of which communes a unit consists."""
    return unit_id in frames and frames.exact_communes(unit_id) is not None


def _terrain_cells(prepared: Prepared, frame: str) -> dict[str, float | None]:
    """Cell → its area: disjoint, and together the country."""
    laid, frames = prepared.overlay(frame), prepared.frames
    drawn = dict(laid.cells.iter_rows())
    if drawn and all(frames.unit_by_id(u).level == Level.COMMUNE for u in drawn if u in frames):
        return drawn
    communes = frames.units_at_level(_REFERENCE, Level.COMMUNE).select("unit_id", "area_km2")
    cells: dict[str, float | None] = dict(communes.iter_rows())
    for region in laid.pieces["unit_id"].unique():
        for commune in frames.units_inside(region):
            cells.pop(commune, None)
        cells[region] = drawn[region]
    return cells


def _cut_pieces(
    prepared: Prepared, frame: str, named: Mapping[int, str]
) -> dict[str, list[tuple[float, frozenset[int]]]]:
    """Cell → the pieces that polygons cut out of it."""
    cut: dict[str, list[tuple[float, frozenset[int]]]] = defaultdict(list)
    for cell, share, facts in prepared.overlay(frame).pieces.iter_rows():
        cut[cell].append((share, frozenset(facts) - named.keys()))
    return cut


def _spread_facts(
    frames: Frames,
    cells: Mapping[str, float | None],
    rows: Mapping[str, int],
    units: pl.Series,
    named: Mapping[int, str],
) -> tuple[defaultdict[str, set[int]], defaultdict[int, set[int]], defaultdict[int, set[int]]]:
    """Facts of named units: by cell, by row they are said of as a whole, by row somewhere in."""
    on_cell: defaultdict[str, set[int]] = defaultdict(set)
    whole: defaultdict[int, set[int]] = defaultdict(set)
    loose: defaultdict[int, set[int]] = defaultdict(set)
    by_unit: dict[str, set[int]] = defaultdict(set)
    for fact, unit in named.items():
        by_unit[unit].add(fact)
    held = _cells_held(frames, {unit for unit in by_unit if unit in frames}, cells)
    for unit, facts in by_unit.items():
        row, inside = rows[unit], held.get(unit, [])
        if _same_territory(frames, unit, units[row]):
            whole[row] |= facts
        elif inside and frames.exact_communes(unit) is not None:
            for cell in inside:
                on_cell[cell] |= facts
        else:
            loose[row] |= facts
    return on_cell, whole, loose


def _same_territory(frames: Frames, unit: str, other: str) -> bool:
    if unit == other or unit not in frames or other not in frames:
        return unit == other
    made = frames.exact_communes(unit)
    return made is not None and made == frames.exact_communes(other)


def _cells_held(frames: Frames, units: Iterable[str], cells: Iterable[str]) -> dict[str, list[str]]:
    """Unit of any frame → the cells that lie wholly in it."""
    held: dict[str, list[str]] = defaultdict(list)
    asked = set(units)
    for frame, level in {(frames.unit_by_id(u).frame, frames.unit_by_id(u).level) for u in asked}:
        homes = dict(frames.conversion_targets(frame, level).iter_rows())
        for cell in cells:
            if (home := homes.get(cell)) in asked:
                held[home].append(cell)
    return held


def _terrain_part(
    frames: Frames,
    facts: frozenset[int],
    bits: list[tuple[str, float, float | None]],
    known: Mapping[Cods, float],
) -> Part:
    areas = [None if area is None else area * share for _cell, share, area in bits]
    people = [_people_of_cell(frames, cell, share, known) for cell, share, _area in bits]
    total = _known_sum(people)
    if total is None and all(cell and share > 1 - 1e-9 for cell, share, _area in bits):
        total = known.get(frozenset[str]().union(*(_cod_codes(frames, c) for c, _s, _a in bits)))
    return Part(_known_sum(areas), total, sum(share for _cell, share, _area in bits), facts)


def _people_of_cell(
    frames: Frames, cell: str, share: float, known: Mapping[Cods, float]
) -> float | None:
    count = known.get(_cod_codes(frames, cell)) if cell else None
    return None if count is None else count * share


def _known_sum(values: list[float | None]) -> float | None:
    """The sum; unknown where any of them is."""
    found = [value for value in values if value is not None]
    return sum(found) if len(found) == len(values) else None


def _cod_codes(frames: Frames, unit: str) -> Cods:
    return (frames.exact_communes(unit) if unit in frames else None) or frozenset()


def population_of_territories(prepared: Prepared) -> dict[Cods, float]:
    """Newest population of each territory, by the communes of 2019 that make it up.

    Tables of population that were loaded go before the census of the package.
    """
    frames = prepared.frames
    shipped = [
        (unit, float(count))
        for frame in frames.info
        for unit, count in frames.latest_population(frame)
        .select("unit_id", "population")
        .iter_rows()
    ]
    own = (
        prepared.tables.context.filter(
            (pl.col("kind") == "population") & pl.col("sector").is_null(),
            pl.col("unit_id").is_not_null() & pl.col("value").is_not_null(),
        )
        .sort("as_of", "document", nulls_last=False)
        .unique("unit_id", keep="last", maintain_order=True)
        .select("unit_id", "value")
        .rows()
    )
    made = ((_cod_codes(frames, unit), count) for unit, count in [*shipped, *own] if unit in frames)
    return {cods: count for cods, count in made if cods}
