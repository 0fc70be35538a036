"""The activities for exchange with others: one row per activity and place.

Each place is told as finely as it is known, as the level asked for allows, and as whoever
asks may know: an activity placed on a région stays on its région in a table of communes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from atlas.dataset import EVERYTHING, Answer, Dataset
from atlas.filters import Filters
from atlas.layers.parts import major
from atlas.model import RESERVED, Level, Rule, Viewer
from atlas.sensitivity import withheld

if TYPE_CHECKING:
    from atlas.geo.frames import Frames
    from atlas.layers.scope import Scope

_LEVELS = tuple(Level)

_TOLD = (
    *("activity_id", "kind", "source", "title", "sector", "status", "donors", "lead_org"),
    *("implementers", "org_type", "start", "end", "target", "reached", "modality"),
)
_READ_FROM = ("document", "locator", "as_of")


def exchange(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.COMMUNE.value,
    viewer: Viewer = Viewer.EDITOR,
) -> Answer:
    """One row per activity and place, for `atlas.export.write_answer`.

    Parameters
    ----------
    dataset
        The snapshot to export.
    level
        The finest level at which places are told.

    Returns
    -------
    Answer
        The fields of the activity, then ``unit_id, unit_name, region, region_code, cercle,
        cercle_code, commune, commune_code, places`` (how many rows the activity has),
        ``place_rule, budget_usd`` (the share of this place; its sum over the rows of an
        activity is the activity's), ``amount_<currency>`` as reported, ``lon, lat, position``
        (``reported`` to editors only, else the point of the ``unit``) and where it was read.

    Raises
    ------
    UsageError, ForbiddenError
        As `atlas.dataset.Dataset.ask`.
    """
    asked = dataset.scope(filters, frame, level, viewer)
    placed = _placed(asked)
    rows = (
        _merged(asked, placed)
        .join(_shares(asked, placed), on=["a", "unit_id"], how="left", maintain_order="left")
        .join(_coordinates(asked, placed, viewer), on=["a", "unit_id"], how="left")
        .join(_units(asked.prepared.frames, placed), on="unit_id", how="left")
        .join(asked.activities.select("a", *_TOLD, *_READ_FROM), on="a", how="left")
        .with_columns(*_position())
    )
    money = [c for c in rows.columns if c.startswith(("budget_", "amount_"))]
    table = rows.sort("activity_id", "unit_id").select(
        *_TOLD,
        *("unit_id", "unit_name", "region", "region_code", "cercle", "cercle_code"),
        *("commune", "commune_code", "places", "place_rule", *money, "lon", "lat", "position"),
        *_READ_FROM,
    )
    table = withheld(table, "activities", asked.level, viewer)
    about = dataset.ask("presence", filters, frame, Level.REGION, viewer)
    meta = {**about.meta, "viewer": viewer.value}
    return Answer(table, "activities", about.frame, level, filters, meta)


def _placed(asked: Scope) -> pl.DataFrame:
    """``a, u, inherited, unit_id``: each place as the finest unit that may be told."""
    limit = _LEVELS.index(asked.level)
    finest = asked.prepared.activities.select("a", depth=pl.col("finest").clip(0, limit))
    rows = asked.placements.select("a", "u", "inherited").join(finest, on="a", how="left")
    pairs = rows.select("u", "depth").unique()
    told = [_unit(asked, u, depth) for u, depth in pairs.iter_rows()]
    known = pairs.with_columns(pl.Series("unit_id", told, dtype=pl.String))
    return rows.join(known, on=["u", "depth"], how="left").drop("depth")


def _unit(asked: Scope, u: int, depth: int) -> str:
    for level in reversed(_LEVELS[: depth + 1]):
        targets = asked.prepared.targets(asked.frame, level)
        unit_id = str(targets.units["unit_id"][targets.row_of[u]])
        if unit_id not in RESERVED:
            return unit_id
    return unit_id  # not even a région: the reserved row it stands in


def _merged(asked: Scope, placed: pl.DataFrame) -> pl.DataFrame:
    """One row per activity and unit: places that may not be told apart are one."""
    inherited = pl.col("inherited").all()
    return (
        placed.group_by("a", "unit_id")
        .agg(
            pl.when(inherited)
            .then(pl.lit(Rule.INHERITED.value))
            .otherwise(pl.lit(Rule.REPORTED.value))
            .alias("place_rule")
        )
        .with_columns(pl.len().over("a").cast(pl.Int64).alias("places"))
    )


def _shares(asked: Scope, placed: pl.DataFrame) -> pl.DataFrame:
    """Budget of each activity in each unit: in USD, and in each currency it was reported in."""
    every = pl.concat([asked.budgets, asked.set_aside.budgets])  # its status tells what counts
    shares = every.join(placed.select("a", "u", "unit_id").unique(), on=["a", "u"], how="left")
    usd = pl.col("usd_minor")
    own = [
        pl.when((pl.col("currency") == currency).any())
        .then(major(pl.col("minor").filter(pl.col("currency") == currency).sum(), currency))
        .alias(f"amount_{currency}")
        for currency in sorted(shares["currency"].unique().to_list())
    ]
    in_usd = pl.when(usd.count() > 0).then(major(usd.sum(), "USD")).alias("budget_usd")
    return shares.group_by("a", "unit_id").agg(in_usd, *own)


def _coordinates(asked: Scope, placed: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """Coordinates as reported, where a row is one place and an editor asks."""
    prepared = asked.prepared
    if viewer is not Viewer.EDITOR:
        return (
            placed.select("a", "unit_id")
            .head(0)
            .with_columns(lon=pl.lit(None, pl.Float64), lat=pl.lit(None, pl.Float64))
        )
    codes = pl.DataFrame({"origin": prepared.units}).with_row_index("u")
    reported = (
        prepared.tables.placements.select("activity_id", "lon", "lat", origin="unit_id")
        .join(codes, on="origin", how="left")
        .join(prepared.activities.select("activity_id", "a"), on="activity_id", how="left")
    )
    one = pl.len() == 1
    return (
        placed.select("a", "u", "unit_id")
        .unique()
        .join(reported.select("a", "u", "lon", "lat"), on=["a", "u"], how="left")
        .group_by("a", "unit_id")
        .agg(pl.when(one).then(pl.col(c).first()).alias(c) for c in ("lon", "lat"))
    )


def _position() -> list[pl.Expr]:
    known = pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    point = pl.col("unit_lon").is_not_null()
    return [
        *(pl.when(known).then(c).otherwise(f"unit_{c}").alias(c) for c in ("lon", "lat")),
        pl.when(known).then(pl.lit("reported")).when(point).then(pl.lit("unit")).alias("position"),
    ]


def _units(frames: Frames, placed: pl.DataFrame) -> pl.DataFrame:
    """Names and codes of the units of an answer, with those they lie in."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"unit_id": pl.String}
    schema |= {"unit_name": pl.String, "unit_lon": pl.Float64, "unit_lat": pl.Float64}
    schema |= {f"{level}{end}": pl.String for level in _LEVELS for end in ("", "_code")}
    rows = [_described(frames, u) for u in placed["unit_id"].unique().to_list()]
    return pl.DataFrame(rows, schema=schema)


def _described(frames: Frames, unit_id: str) -> dict[str, object]:
    described: dict[str, object] = {"unit_id": unit_id, "unit_name": frames.label(unit_id)}
    if unit_id in RESERVED:
        return described
    unit = frames.unit(unit_id)
    described |= {"unit_lon": unit.lon, "unit_lat": unit.lat}
    for level in _LEVELS:
        above = frames.ancestor(unit_id, level)
        if above:
            holder = frames.unit(above)
            described |= {level.value: holder.name, f"{level}_code": holder.pcode}
    return described
