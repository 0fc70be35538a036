"""Which unit each feature of an official boundary file is.

Files of 2019 and 2021 are matched by p-code; v03, whose codes are not in the tables, by
name inside the parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from atlas.geo.boundaries import Layer
from atlas.geo.frames import FRAME_OF, LEVELS, frames
from atlas.geo.resolve import resolve

"""The frame that a version of the COD draws."""


@dataclass(frozen=True)
class Matched:
    """What a file was recognised as; each layer's table has got a ``unit_id``."""

    version: str
    missing: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]


def match_layers(layers: Mapping[str, Layer]) -> Matched:
    """Give every feature its unit id (null when it is no unit), and say what is missing."""
    version = version_of(layers)
    frame = FRAME_OF[version]
    unknown: list[str] = []
    missing: dict[str, tuple[str, ...]] = {}
    for level, layer in layers.items():
        ids = _by_name(layer) if version == "cod-v03" else _by_code(layer, version)
        layer.table["unit_id"] = ids
        labels = layer.table.get(f"name{layer.number}", layer.table[f"code{layer.number}"])
        unknown += [str(n) for n, i in zip(labels, ids, strict=True) if i is None]
        lacking = set(_expected(version, frame, level)) - {i for i in ids if i}
        if lacking:
            missing[level] = tuple(sorted(frames().label(u) for u in lacking))
    return Matched(version, missing, tuple(unknown))


def version_of(layers: Mapping[str, Layer]) -> str:
    """The COD version that the layers are of, from what they hold."""
    for layer in layers.values():
        if layer.version.lower().startswith(("v03", "v3", "3")):
            return "cod-v03"
        regions = set(layer.table["code1"].dropna()) if "code1" in layer.table else set()
        if len(regions) >= 15:
            return "cod-v03"
        if "ML10" in regions or any(str(c).startswith("ML10") for c in regions):
            return "cod-2021"
    return "cod-2019"


def _by_code(layer: Layer, version: str) -> list[str | None]:
    """Unit of each feature by its code, preferring the frame the version draws."""
    rows = frames().codes.filter(
        pl.col("scheme").is_in([version, "cod-2019"]), pl.col("same_territory")
    )
    known: dict[str, str] = {}
    for scheme, frame in (("cod-2019", "ml-2012"), ("cod-2019", "ml-2016"), (version, "ml-2012"),
                          (version, FRAME_OF[version])):  # fmt: skip
        chosen = rows.filter(
            pl.col("scheme") == scheme, pl.col("unit_id").str.starts_with(frame + "/")
        )
        known |= dict(chosen.select("code", "unit_id").iter_rows())
    return [known.get(str(code)) for code in layer.table[f"code{layer.number}"]]


def _by_name(layer: Layer) -> list[str | None]:
    """Unit of 2023 of each feature by its name inside its parents."""
    found: list[str | None] = []
    for row in layer.table.to_dict("records"):
        cells = {lv: _text(row.get(f"name{n}")) for n, lv in enumerate(LEVELS, start=1)}
        answer = resolve(
            region=cells["region"],
            cercle=cells["cercle"],
            commune=cells["commune"],
            frame="ml-2023",
        )
        fits = answer.unit_id is not None and answer.level == layer.level
        found.append(answer.unit_id if fits and str(answer.unit_id).startswith("ml-2023") else None)
    return _once(found)


def _once(ids: list[str | None]) -> list[str | None]:
    """Two features that claim one unit are both unknown."""
    return [i if i is None or ids.count(i) == 1 else None for i in ids]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _expected(version: str, frame: str, level: str) -> list[str]:
    """Units that a complete file of this version draws."""
    table = frames().at(frame, level)
    if version == "cod-v03":
        return list(table["unit_id"])
    codes = frames().codes.filter(
        pl.col("scheme").is_in([version, "cod-2019"]), pl.col("same_territory")
    )
    return list(table.filter(pl.col("unit_id").is_in(codes["unit_id"].implode()))["unit_id"])
