"""Where the cercles of 2023 lie, as far as lists and neighbours tell it: for drawing only.

No official boundary of these cercles is at hand; `geodata/cercles_2023.csv` says in which
of them each commune of COD 2019 is drawn, and how that is known. Nothing that converts or
counts may read it (`atlas.geo.frames` does not).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import shapely

from atlas.geo.frames import shipped_frames
from atlas.paths import data_root

FRAME = "ml-2023"
TABLE = "cercles_2023.csv"
AS_OF = date(2026, 11, 22)
"""Day the lists behind the table were read."""
LIST_BASES = ("two_lists", "one_list", "respelt")
"""Bases of a membership that a public list states; the others are estimates."""
LISTED, ESTIMATED = "listed", "estimated"


@dataclass
class ComposedCercles:
    """Cercles of 2023 put together from communes.

    Attributes
    ----------
    cercles
        Cercle → its shape and its basis: `LISTED` where a list states every commune,
        else `ESTIMATED`.
    grounds
        Région → the communes of it that no cercle is known of.
    limits
        Lines between cercles of one région that rest on an estimate.
    """

    cercles: dict[str, tuple[Any, str]] = field(default_factory=dict)
    grounds: dict[str, Any] = field(default_factory=dict)
    limits: list[Any] = field(default_factory=list)


@cache
def cercle_memberships() -> pl.DataFrame:
    """The table: ``cod_2019, cercle`` (null: not known)``, basis, border_share``."""
    return pl.read_csv(
        data_root() / "geodata" / TABLE,
        schema={
            "cod_2019": pl.String,
            "cercle": pl.String,
            "basis": pl.String,
            "border_share": pl.Float64,
        },
    )


def composed_cercles(pieces: Mapping[str, Any]) -> ComposedCercles:
    """Put the cercles of 2023 together from the shapes of communes.

    Parameters
    ----------
    pieces
        COD 2019 code → shape; neighbours share their vertices. A cercle is drawn where all
        its communes are there.
    """
    told = {row["cod_2019"]: row for row in cercle_memberships().to_dicts()}
    region_of = {
        cod: shipped_frames().converted_unit(f"ml-2012/{cod}", FRAME, "region") for cod in told
    }
    groups: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for cod, row in told.items():
        groups[row["cercle"] is not None, row["cercle"] or region_of[cod]].append(cod)
    made = ComposedCercles()
    home_of: dict[str, str] = {}
    for (known, home), cods in groups.items():
        if not set(cods) <= pieces.keys():
            continue
        shape = shapely.coverage_union_all([pieces[cod] for cod in cods])
        home_of |= dict.fromkeys(cods, home)
        if known:
            listed = all(told[cod]["basis"] in LIST_BASES for cod in cods)
            made.cercles[home] = shape, LISTED if listed else ESTIMATED
        else:
            made.grounds[home] = shape
    stated = {cod for cod in home_of if told[cod]["basis"] in LIST_BASES}
    pairs = _touching_pairs({cod: pieces[cod] for cod in home_of})
    made.limits = _shared_borders(
        [
            (pieces[one], pieces[other])
            for one, other in pairs
            if region_of[one] == region_of[other]
            and home_of[one] != home_of[other]
            and not {one, other} <= stated
        ]
    )
    return made


def _touching_pairs(pieces: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of communes that touch."""
    cods = sorted(pieces)
    shapes = np.array([pieces[cod] for cod in cods], dtype=object)
    found = shapely.STRtree(shapes).query(shapes, predicate="touches")
    return [(cods[i], cods[j]) for i, j in found.T if i < j]


def _shared_borders(pairs: Sequence[tuple[Any, Any]]) -> list[Any]:
    """The borders that these neighbours share, joined."""
    edges = [[shapely.boundary(shape) for shape in pair] for pair in pairs]
    parts = shapely.get_parts([shapely.intersection(one, other) for one, other in edges])
    borders = [part for part in parts if part.geom_type.endswith("LineString")]
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(borders))))
