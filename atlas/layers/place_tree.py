"""The places of activities as a tree by the ground they cover, whichever découpage names them.

A node is a place: a unit, or all units of an activity of several. It lies in the smallest unit
that certainly holds it, and under the country where none does. Units of two découpages may
overlap without one holding the other (a cercle of 2016 and one of 2023 whose communes are not all
known): such neighbours are one cluster, of which only those of one layer surely share nobody.
A place of several units holds no other: it overlaps the units beside it, and is of their component.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from atlas.geo.frames import Frames
from atlas.layers.grid import Numbers
from atlas.layers.money_splits import population_of_units
from atlas.layers.prepare import LEVELS, Prepared, coarsened_unit
from atlas.model import RESERVED, Level

COUNTRY = 0
"""Node of the whole country, which holds every other."""


class _Ground(NamedTuple):
    """Communes (COD 2019 codes) that a place surely covers, and those that it may cover.

    ``level`` is its index in `LEVELS`; a place of several units is finer than all.
    """

    sure: frozenset[str]
    possible: frozenset[str]
    level: int

    def is_inside(self, other: _Ground) -> bool:
        """Whether it surely lies in another; of two on the same ground the finer in the coarser."""
        same = self.possible == other.sure
        return self.possible <= other.sure and (not same or self.level > other.level)


@dataclass(frozen=True)
class PlaceTree:
    """The places of a snapshot, as finely as each activity may be told.

    Attributes
    ----------
    units
        Units that each node is made of; of the country and of each reserved row its own id.
    parent
        Node that holds each, of the country itself; shape (nodes,).
    by_depth
        Nodes at each depth, the country first; reserved rows are at none.
    layer, cluster, component
        Layer of each node (nodes of one layer of a cluster share no ground), cluster of each
        layer, and component of each cluster; a place of several units is alone in its cluster.
        Shapes (nodes,), (layers,) and (clusters,).
    population
        People of each node that is one unit, infinite where unknown.
    is_commune, is_joint
        Whether each node is one commune, and whether it is of several units.
    of_activity
        Node of each activity of the snapshot; the country of one without a figure of people.
    """

    units: Sequence[tuple[str, ...]]
    parent: Numbers
    by_depth: tuple[Numbers, ...]
    layer: Numbers
    cluster: Numbers
    component: Numbers
    population: Numbers
    is_commune: Numbers
    is_joint: Numbers
    of_activity: Numbers

    @property
    def reserved(self) -> slice:
        """The nodes of the reserved rows, which come after the country."""
        return slice(1, 1 + len(RESERVED))


def place_tree(prepared: Prepared) -> PlaceTree:
    """The tree of the places of a snapshot."""
    told = _told_units(prepared)
    sets = told.group_by("a").agg(pl.col("unit_id").unique().sort()).sort("a")
    distinct = sets["unit_id"].unique(maintain_order=True)
    number = _Numbering(prepared.frames)
    of_set = [number.node_of(tuple(units)) for units in distinct]
    nodes = pl.DataFrame({"unit_id": distinct, "node": of_set})
    found = sets.join(nodes, on="unit_id", maintain_order="left")
    of_activity = np.zeros(prepared.activities.height, dtype=np.int64)
    of_activity[found["a"].to_numpy()] = found["node"].to_numpy()
    is_joint = np.array([len(units) > 1 for units in number.units])
    parent = _parents(number.grounds, is_joint)
    layer, cluster, component = _neighbours(number, parent, is_joint)
    return PlaceTree(
        units=number.units,
        parent=parent,
        by_depth=_nodes_by_depth(parent),
        layer=layer,
        cluster=cluster,
        component=component,
        population=_populations(prepared, number.units),
        is_commune=np.array([number.is_commune(units) for units in number.units]),
        is_joint=is_joint,
        of_activity=of_activity,
    )


def _populations(prepared: Prepared, places: Sequence[tuple[str, ...]]) -> Numbers:
    """`PlaceTree.population`."""
    stated = (
        prepared.computed_once(population_of_units).select("unit_id", "population").drop_nulls()
    )
    known = dict(stated.iter_rows())
    return np.array(
        [float(known.get(one[0], np.inf)) if len(one) == 1 else np.inf for one in places]
    )


def _told_units(prepared: Prepared) -> pl.DataFrame:
    """``a, unit_id``: places of activities with a figure, larger units if none finer is told."""
    figure = pl.any_horizontal(pl.col("reached", "target").is_not_null())
    of_figures = prepared.activities.filter(figure).select("a")
    placed = prepared.places.join(of_figures, on="a", how="semi", maintain_order="left")
    places = placed.select("a", "u", finest=prepared.finest_levels(placed))
    kinds = places.select("u", "finest").unique()
    units = [
        _unit_at(prepared.frames, prepared.units[u], LEVELS[finest])
        for u, finest in kinds.iter_rows()
    ]
    named = kinds.with_columns(pl.Series("unit_id", units, dtype=pl.String))
    return places.join(named, on=["u", "finest"], maintain_order="left").select("a", "unit_id")


def _unit_at(frames: Frames, unit_id: str, finest: Level) -> str:
    """The unit, or the one above it that is of a level."""
    if unit_id not in frames or LEVELS.index(Level(frames.unit_by_id(unit_id).level)) <= (
        LEVELS.index(finest)
    ):
        return unit_id
    return coarsened_unit(frames, unit_id, finest)


class _Numbering:
    """Numbers of places; those on the same ground have one."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self.units: list[tuple[str, ...]] = [("",), *((row,) for row in RESERVED)]
        self.grounds: list[_Ground | None] = [None] * len(self.units)
        self._known: dict[object, int] = {units: n for n, units in enumerate(self.units)}

    def node_of(self, units: tuple[str, ...]) -> int:
        """The node of some units; of several that have no ground in common the country."""
        real = tuple(unit for unit in units if unit in self._frames)
        if units in self._known:
            return self._known[units]
        if len(real) < len(units):  # part of it is nowhere in particular
            return COUNTRY
        ground = _ground_of(self._frames, units)
        known = bool(ground.sure) and ground.sure == ground.possible
        same: object = (ground.sure, ground.level) if known else units
        if same not in self._known:
            self._known[same] = len(self.units)
            self.units.append(units)
            self.grounds.append(ground)
        self._known[units] = self._known[same]
        return self._known[units]

    def layer_name(self, node: int) -> object:
        """What the nodes of one layer have in common: a découpage; several units are alone."""
        units = self.units[node]
        return node if len(units) > 1 else self._frames.unit_by_id(units[0]).frame

    def is_commune(self, units: tuple[str, ...]) -> bool:
        """Whether a node is one commune."""
        alone = len(units) == 1 and units[0] in self._frames
        return alone and self._frames.unit_by_id(units[0]).level == Level.COMMUNE


def _ground_of(frames: Frames, units: Sequence[str]) -> _Ground:
    """The communes of some units; of one of which none is known, those of what holds it."""
    sure, possible = set[str](), set[str]()
    for unit in units:
        sure |= frames.certain_communes(unit)
        here: str | None = unit
        while here and not frames.possible_communes(here):
            here = frames.unit_by_id(here).parent
        possible |= frames.possible_communes(here) if here else set()
    levels = [LEVELS.index(Level(frames.unit_by_id(unit).level)) for unit in units]
    level = levels[0] if len(levels) == 1 else len(LEVELS)
    return _Ground(frozenset(sure), frozenset(possible), level)


def _parents(grounds: Sequence[_Ground | None], is_joint: Numbers) -> Numbers:
    """The smallest unit that holds each."""
    holding = defaultdict[str, list[int]](list)
    sizes = {
        n: (len(ground.sure), -ground.level)
        for n, ground in enumerate(grounds)
        if ground and not is_joint[n]
    }
    for node in sorted(sizes, key=lambda n: (sizes[n], n)):
        ground = grounds[node]
        for commune in ground.sure if ground else ():
            holding[commune].append(node)
    parent = np.full(len(grounds), COUNTRY)
    for node, ground in enumerate(grounds):
        if ground is None or not ground.possible:
            continue
        for holder in holding[min(ground.possible)]:  # the smaller first
            above = grounds[holder]
            if above and ground.is_inside(above):
                parent[node] = holder
                break
    return parent


def _neighbours(
    number: _Numbering, parent: Numbers, is_joint: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """`PlaceTree.layer`, `PlaceTree.cluster` and `PlaceTree.component`."""
    units = np.flatnonzero(~is_joint)
    cluster_of = _overlapping(number.grounds, parent, units)
    component_of = _overlapping(number.grounds, parent, np.arange(parent.size))
    layers = [
        (cluster_of[node], number.layer_name(node) if ground else "")
        for node, ground in enumerate(number.grounds)
    ]
    of_layer = {key: n for n, key in enumerate(dict.fromkeys(layers))}
    of_cluster = {key: n for n, key in enumerate(dict.fromkeys(cluster_of))}
    of_component = {key: n for n, key in enumerate(dict.fromkeys(component_of))}
    return (
        np.array([of_layer[key] for key in layers]),
        np.array([of_cluster[cluster] for cluster, _name in of_layer]),
        np.array([of_component[component_of[cluster]] for cluster in of_cluster]),
    )


def _overlapping(
    grounds: Sequence[_Ground | None], parent: Numbers, nodes: Numbers
) -> Sequence[int]:
    """Of every node one of those that it overlaps in what holds them, or itself.

    Parameters
    ----------
    nodes
        Those that are looked at; each of the others is alone.
    """
    head = list(range(len(grounds)))

    def first_of(node: int) -> int:
        while head[node] != node:
            head[node] = head[head[node]]
            node = head[node]
        return node

    seen: dict[tuple[int, str], int] = {}
    for node in nodes.tolist():
        ground = grounds[node]
        for commune in ground.possible if ground else ():
            other = seen.setdefault((int(parent[node]), commune), node)
            head[first_of(node)] = first_of(other)
    return [first_of(node) for node in range(len(grounds))]


def _nodes_by_depth(parent: Numbers) -> tuple[Numbers, ...]:
    """`PlaceTree.by_depth`."""
    depth = np.zeros(parent.size, dtype=np.int64)
    while True:
        deeper = np.where(np.arange(parent.size) == COUNTRY, 0, depth[parent] + 1)
        if (deeper == depth).all():
            break
        depth = deeper
    depth[1 : 1 + len(RESERVED)] = -1
    return tuple(np.flatnonzero(depth == one) for one in range(depth.max() + 1))


class RowNodes(NamedTuple):
    """Where the nodes stand in the rows of a question.

    Attributes
    ----------
    row
        Row that holds each node wholly: a unit, or a reserved row where it lies in no unit; -1
        where it lies in several units; shape (nodes,).
    is_unit
        Whether that row is a unit, shape (nodes,).
    is_top
        Whether the node is in a unit in which what holds it is not, shape (nodes,).
    """

    row: Numbers
    is_unit: Numbers
    is_top: Numbers


def country_nodes(tree: PlaceTree) -> RowNodes:
    """The places of a snapshot where the whole country is one row, and what lies nowhere."""
    row = np.zeros(len(tree.units), dtype=np.int64)
    row[tree.reserved] = np.arange(1, 1 + len(RESERVED))
    is_top = np.arange(row.size) == COUNTRY
    return RowNodes(row, row == 0, is_top)


def row_nodes(prepared: Prepared, frame: str, level: Level) -> RowNodes:
    """Where the places of a snapshot stand in the rows of (frame, level)."""
    tree = prepared.computed_once(place_tree)
    first = prepared.targets_of(frame, level).first_reserved
    every = pl.Series([u for units in tree.units[1:] for u in units], dtype=pl.String)
    rows: Mapping[str, int] = dict(prepared.located_ids(every, frame, level).iter_rows())
    row = np.full(len(tree.units), -1)
    for node, units in enumerate(tree.units):
        here = {rows[unit] for unit in units if unit}
        if len(here) == 1 or (here and min(here) >= first):
            row[node] = min(here)
    row[COUNTRY] = -1
    is_unit = (row >= 0) & (row < first)
    return RowNodes(row, is_unit, is_unit & (row != row[tree.parent]))
