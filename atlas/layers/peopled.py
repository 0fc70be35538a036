"""How many people live in a unit, and on how much land: what money is divided by.

A figure is that of the unit itself (a table that a person added, else the census that the
package carries, whichever is the later), else that of the same ground under another
découpage, else the sum of its communes where all of them have one of the same year. Nothing
is estimated: elsewhere the population is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from atlas.geo.frames import FRAMES, Frames
from atlas.layers.prepare import Prepared
from atlas.model import Level

THIN = 1 / 3
"""Below this part of the country's density, land says nothing of people: the empty north."""

COLUMNS = {
    "unit_id": pl.String,
    "population": pl.Int64,
    "population_year": pl.Int64,
    "area": pl.Int64,
    "thin": pl.Boolean,
}


@dataclass(frozen=True)
class Counted:
    """People counted in a year."""

    people: int
    year: int


def peopled(prepared: Prepared) -> pl.DataFrame:
    """What is known of every unit of every découpage.

    Returns
    -------
    polars.DataFrame
        ``unit_id, population`` (persons)``, population_year, area`` (km²)``, thin`` (its
        density, or that of the unit around it where its own is unknown, is below `THIN` of
        the country's).
    """
    frames = prepared.frames
    people = known_people(prepared)
    mean = _country(frames, people)
    rows = [
        (
            unit_id,
            people[unit_id].people if unit_id in people else None,
            people[unit_id].year if unit_id in people else None,
            None if area is None else max(round(area), 1),
            _thin(frames, people, unit_id, mean),
        )
        for unit_id, area in frames.units.select("unit_id", "area_km2").iter_rows()
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def known_people(prepared: Prepared) -> dict[str, Counted]:
    """People of each unit that has a figure, its own, of its ground or of its communes."""
    frames = prepared.frames
    own = dict(_census(frames))
    for unit_id, counted in _added(prepared).items():
        if unit_id not in own or own[unit_id].year <= counted.year:
            own[unit_id] = counted
    grounds = _grounds(frames)
    by_ground: dict[frozenset[str], Counted] = {}
    for unit_id in sorted(own, key=lambda u: (own[u].year, u)):
        if (ground := grounds.get(unit_id)) is not None:
            by_ground[ground] = own[unit_id]
    found = dict(own)
    for unit_id, ground in grounds.items():
        if unit_id in own or ground is None:
            continue
        told = by_ground.get(ground) or _summed(ground, by_ground)
        if told is not None:
            found[unit_id] = told
    return found


@lru_cache(maxsize=4)
def _grounds(frames: Frames) -> Mapping[str, frozenset[str] | None]:
    """The communes that each unit is made of, where that is sure."""
    return {unit_id: frames.made_of(unit_id) for unit_id in frames.units["unit_id"]}


@lru_cache(maxsize=4)
def _census(frames: Frames) -> Mapping[str, Counted]:
    return {
        unit_id: Counted(people, year)
        for frame in FRAMES
        for unit_id, people, year in frames.population(frame)
        .select("unit_id", "population", "year")
        .iter_rows()
    }


def _added(prepared: Prepared) -> dict[str, Counted]:
    """Figures of the tables that people added, the latest of each unit."""
    day = pl.coalesce("start", "as_of")
    told = (
        prepared.tables.context.filter(
            pl.col("kind") == "population",
            pl.col("indicator") == "population",
            pl.col("sector").is_null(),
            pl.col("unit_id").is_in(prepared.frames.units["unit_id"].implode()),
            pl.col("value") > 0,
            day.is_not_null(),
        )
        .sort(day, "document", "value")
        .unique("unit_id", keep="last", maintain_order=True)
        .select("unit_id", pl.col("value").round().cast(pl.Int64), day.dt.year())
    )
    return {unit_id: Counted(people, year) for unit_id, people, year in told.iter_rows()}


def _summed(ground: frozenset[str], by_ground: Mapping[frozenset[str], Counted]) -> Counted | None:
    """Sum of the communes of a ground, where each has a figure of one and the same year."""
    known = []
    for commune in ground:
        part = by_ground.get(frozenset({commune}))
        if part is None:
            return None
        known.append(part)
    if len({part.year for part in known}) != 1:
        return None
    return Counted(sum(part.people for part in known), known[0].year)


def _country(frames: Frames, people: Mapping[str, Counted]) -> float:
    """Persons per km² of the country: the découpage whose régions are best known."""
    densities: list[tuple[int, float]] = []
    for frame in FRAMES:
        regions = [
            (people[unit_id].people, area)
            for unit_id, area in frames.at(frame, Level.REGION)
            .select("unit_id", "area_km2")
            .iter_rows()
            if unit_id in people and area
        ]
        if regions:
            persons = sum(n for n, _area in regions)
            densities.append((persons, persons / sum(area for _n, area in regions)))
    return max(densities, default=(0, 0.0))[1]


def _thin(frames: Frames, people: Mapping[str, Counted], unit_id: str, mean: float) -> bool:
    here: str | None = unit_id
    while here is not None:
        unit = frames.unit(here)
        if here in people and unit.area_km2:
            return people[here].people / unit.area_km2 < THIN * mean
        here = unit.parent
    return False
