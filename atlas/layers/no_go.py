"""Activities that lie in a no-go zone in force.

A zone is a unit, or a polygon. ``inside``: the activity's point, or all of its unit, lies in
it; ``partly``: it lies in a part of the unit, and nobody knows in which the activity is.
Whoever may not read access below the cercle (`Prepared.finest_fact`) is told ``cercle``: the
cercle of the activity has a zone, no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from atlas.geo.laid import NO_GO
from atlas.geo.overlay import OUTSIDE
from atlas.layers.constraints import known_facts
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.scope import Scope
from atlas.model import Level

STATES = ("inside", "partly", "cercle")
"""What is said of an activity, the surest first."""
COUNTS = ("activities_in_no_go", "activities_partly_in_no_go")
"""Columns that count activities: surely in a zone, and in a place of which a part is one."""
WHOLE = 0.99
"""Part of a unit under polygons from which on all of it counts as forbidden."""
_FLAGS = {"a": pl.UInt32, "u": pl.UInt32, "no_go": pl.String}


def zones(scope: Scope) -> pl.DataFrame:
    """The no-go zones in force: neither out of date nor lifted."""
    facts = known_facts(scope)
    return facts.filter((pl.col("indicator") == NO_GO) & (pl.col("value") == 1) & ~pl.col("stale"))


def flags(scope: Scope) -> pl.DataFrame:
    """``a, u, no_go``: every place of the snapshot that a zone in force touches."""
    found = zones(scope)
    if not found.height:
        return pl.DataFrame(schema=_FLAGS)
    frame = scope.frame
    ids = tuple(found["fact"].to_list())
    return scope.prepared.once(_flags, frame, ids, scope.prepared.overlay(frame).key)


def of_activities(scope: Scope) -> pl.DataFrame:
    """``a, no_go``: the surest that can be said of each activity of the scope."""
    order = {word: rank for rank, word in enumerate(STATES)}
    rank = pl.col("no_go").replace_strict(order, return_dtype=pl.UInt8)
    told = scope.told_all(flags(scope))
    return told.sort(rank, "a").unique("a", keep="first", maintain_order=True).select("a", "no_go")


def cell(scope: Scope, unit_id: str | None, _sector: str | None) -> Scope:
    """The scope narrowed to what `COUNTS` of a unit count, surely inside or partly."""
    here = scope.narrowed(unit_id, items=True)
    flagged = of_activities(here)["a"].implode()
    return replace(here, activities=here.activities.filter(pl.col("a").is_in(flagged)))


def _flags(prepared: Prepared, frame: str, ids: tuple[int, ...], _key: str) -> pl.DataFrame:
    facts = prepared.tables.context.with_row_index("fact").filter(pl.col("fact").is_in(ids))
    laid = prepared.overlay(frame)
    polygons = laid.weights.filter(
        pl.col("fact").is_in(ids)
        & pl.col("area_share").is_not_null()
        & (pl.col("unit_id") != OUTSIDE)
    )
    drawn = polygons["fact"].unique().to_list()
    named = [
        unit for fact, unit in facts.select("fact", "unit_id").rows() if unit and fact not in drawn
    ]
    under = polygons.group_by("unit_id").agg(pl.col("area_share").max()).rows()
    covered = [unit for unit, share in under if share >= WHOLE]
    touched = [unit for unit, _share in under]
    if prepared.finest_fact != Level.COMMUNE:
        near = _inside(prepared, _cercles(prepared, [*named, *touched]))
        return _flagged(prepared, dict.fromkeys(near, "cercle"))
    by_unit = dict.fromkeys(_around(prepared, named), "partly")
    by_unit |= dict.fromkeys(_inside(prepared, named), "inside")
    by_ground = dict.fromkeys([*_around(prepared, touched), *_inside(prepared, touched)], "partly")
    by_ground |= dict.fromkeys(_inside(prepared, covered), "inside")
    hits = laid.hits.filter(pl.col("fact").is_in(drawn))["point"].unique()
    return _with_points(prepared, by_unit, by_ground | by_unit, hits)


def _with_points(
    prepared: Prepared, by_unit: dict[str, str], by_any: dict[str, str], hits: pl.Series
) -> pl.DataFrame:
    """A place with a point is judged by its point, whatever polygon its unit touches."""
    has_point = prepared.tables.placements["lon"].is_not_null()
    places = prepared.places.select("a", "u").with_row_index("point")
    at_point = places.filter(has_point)
    parts = [
        _told(prepared, places.filter(~has_point), by_any),
        _told(prepared, at_point.filter(~pl.col("point").is_in(hits.implode())), by_unit),
        at_point.filter(pl.col("point").is_in(hits.implode())).with_columns(
            pl.lit("inside").alias("no_go")
        ),
    ]
    return pl.concat([part.select(*_FLAGS) for part in parts]).unique().sort("a", "u", "no_go")


def _flagged(prepared: Prepared, words: dict[str, str]) -> pl.DataFrame:
    """Places by words that stand for cercles: nothing of an activity told by région alone."""
    places = prepared.places
    fine = places.filter(prepared.finest(places) >= LEVELS.index(Level.CERCLE))
    told = _told(prepared, fine, words)
    return told.select(*_FLAGS).unique().sort("a", "u")


def _told(prepared: Prepared, places: pl.DataFrame, words: dict[str, str]) -> pl.DataFrame:
    said = prepared.units.replace_strict(words, default=None, return_dtype=pl.String)
    return places.with_columns(said.gather(places["u"]).alias("no_go")).drop_nulls("no_go")


def _inside(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """Units of every frame that lie wholly in one of these."""
    return set().union(*map(prepared.frames.wholly_in, units))


def _around(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """Units of every frame in which one of these lies."""
    frames = prepared.frames
    known = [unit for unit in set(units) if unit in frames]
    return {
        holder
        for unit in known
        for frame in frames.info
        for level in LEVELS
        if (holder := frames.convert(unit, frame, level)) in frames
    }


def _cercles(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """The cercle of each unit, or the unit itself where it is larger."""
    frames = prepared.frames
    return {frames.ancestor(unit, Level.CERCLE) or unit for unit in units if unit in frames}
