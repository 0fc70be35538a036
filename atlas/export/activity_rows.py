"""The activities for exchange with others: one row per activity and place.

Each place is told as finely as it is known, as the level asked for allows, and as whoever
asks may know: an activity placed on a région stays on its région in a table of communes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from atlas.dataset import EVERYTHING, Answer, Dataset
from atlas.export.column_labels import LIST_SEPARATOR
from atlas.fields import EXPORTED, TABLES
from atlas.filters import Filters
from atlas.ingest.money import BETWEEN, AmountShare, shares_as_text
from atlas.ingest.parsing.headcounts import BETWEEN as GROUPS_BETWEEN
from atlas.ingest.parsing.headcounts import figures_as_text
from atlas.ingest.reading import ActivityFigure, GroupCodes
from atlas.layers.budget import major_units
from atlas.layers.people import FIGURES_COUNTED, people_to_add_up
from atlas.model import GROUP_PARTS, RESERVED, Level, Rule, Sensitivity, Viewer
from atlas.sensitivity import without_withheld

if TYPE_CHECKING:
    from atlas.geo.frames import Frames
    from atlas.layers.scope import Scope

_LEVELS = tuple(Level)

_OF_TABLE = tuple(
    one.name for one in TABLES["activities"] if one.name in EXPORTED and one.name != "sensitivity"
)
_PEOPLE = ("target", "reached")
ONCE = "_once"
"""Ending of the columns of people that are filled on one row of each activity only."""


def exchange_answer(
    dataset: Dataset,
    filters: Filters = EVERYTHING,
    frame: str | None = None,
    level: str = Level.COMMUNE.value,
    viewer: Viewer = Viewer.EDITOR,
) -> Answer:
    """One row per activity and place, to be written.

    Parameters
    ----------
    level
        The finest level at which places are told.

    Returns
    -------
    Answer
        The fields of the activity (``target, reached`` on each of its rows, ``target_once,
        reached_once`` on the first alone: these add up; ``targeted_counted, reached_counted``
        too, to everyone once in a sector), its ``sensitivity`` as it holds today, then ``unit_id,
        unit_name, region, region_code, cercle, cercle_code, commune, commune_code, places`` (rows
        of the activity)``, place_rule, weight, raw`` (the words of the document)``, budget_usd``
        (the share of this place: they add up to the activity's), ``amount_<currency>`` as
        reported, ``amounts`` (the shares of every amount, as `atlas.ingest.money` reads them
        again), ``lon, lat, position`` (``reported`` to editors only), and where it was read.

    Raises
    ------
    UsageError, ForbiddenError
        As `atlas.dataset.Dataset.ask`.
    """
    placed = _finest_places(asked := dataset.filtered_scope(filters, frame, level, viewer))
    units = unit_table(asked.prepared.frames, placed["unit_id"].unique())
    rows = (
        _merged_places(placed)
        .join(_budget_shares(asked, placed), on=["a", "unit_id"], how="left", maintain_order="left")
        .join(_amount_texts(asked, placed), on=["a", "unit_id"], how="left", maintain_order="left")
        .join(units, on="unit_id", how="left")
        .join(_words(asked), on="a", how="left")
        .join(_reserved_marks(asked, dataset.reserved_activities), on="a", how="left")
        .with_columns(*_position_columns())
        .join(people_to_add_up(asked), on="a", how="left")
        .sort("activity_id", "unit_id")
        .with_columns(*_people_once())
    )
    table = rows.select(pl.col(f"^{n[:-1]}.*$" if n.endswith("*") else n) for n in EXPORTED)
    table = without_withheld(table, "activities", asked.level, viewer)
    about = dataset.ask("presence", filters, frame, Level.REGION, viewer)
    meta = {**about.meta, "viewer": viewer.value, "relations": asked.prepared.tables.relations}
    return Answer(table, "activities", about.frame, level, filters, meta)


def _words(asked: Scope) -> pl.DataFrame:
    """``a`` and what is told of each activity, each sector of those that name several too."""
    named = asked.prepared.named_sectors.group_by("a")
    sectors = named.agg(pl.col("sector").sort().alias("sectors"))
    told = asked.activities.join(sectors, on="a", how="left", maintain_order="left")
    told = told.join(_group_texts(asked), on="activity_id", how="left", maintain_order="left")
    return told.select("a", "sectors", "groups", *_OF_TABLE)


def _group_texts(asked: Scope) -> pl.DataFrame:
    """``activity_id, groups``: its people by group and quantities, for `figures_of_text`."""
    rows = asked.prepared.tables.figures.sort("activity_id", maintain_order=True)
    texts = [figures_as_text([_group_figure(row)]) for row in rows.iter_rows(named=True)]
    return (
        rows.select("activity_id", groups=pl.Series(texts, dtype=pl.String))
        .group_by("activity_id", maintain_order=True)
        .agg(pl.col("groups").str.join(GROUPS_BETWEEN))
    )


def _group_figure(row: Mapping[str, Any]) -> ActivityFigure:
    codes = GroupCodes(**{part: row[part] for part in GROUP_PARTS}, is_part=bool(row["is_part"]))
    days = row["period_start"], row["period_end"]
    return ActivityFigure(
        *(row["measure"], row["words"] or "", row["value"], *days, codes),
        *(row["indicator"], row["is_cumulative"]),
    )


def _finest_places(asked: Scope) -> pl.DataFrame:
    """Each place as the finest unit that may be told (``unit_id``), with what is known of it."""
    limit = _LEVELS.index(asked.level)
    finest = asked.prepared.activities.select("a", depth=pl.col("finest").clip(0, limit))
    known = asked.prepared.tables.placements.select("weight", "rule", "raw", "lon", "lat")
    places = pl.concat([asked.prepared.places.select("a", "u"), known], how="horizontal")
    rows = asked.told_all(places).join(finest, on="a", how="left", maintain_order="left")
    pairs = rows.select("u", "depth").unique()
    told = [_finest_unit(asked, u, depth) for u, depth in pairs.iter_rows()]
    units = pairs.with_columns(pl.Series("unit_id", told, dtype=pl.String))
    return rows.join(units, on=["u", "depth"], how="left", maintain_order="left").drop("depth")


def _finest_unit(asked: Scope, u: int, depth: int) -> str:
    for level in reversed(_LEVELS[: depth + 1]):
        targets = asked.prepared.targets_of(asked.frame, level)
        unit_id = str(targets.units["unit_id"][targets.row_of[u]])
        if unit_id not in RESERVED:
            return unit_id
    return unit_id  # not even a région: the reserved row it stands in


def _merged_places(placed: pl.DataFrame) -> pl.DataFrame:
    """One row per activity and unit: places that may not be told apart are one.

    Their rule is what they have in common, their coordinates those of one place alone. Their
    weight is withheld where it would tell how many they are.
    """
    rule, one = pl.col("rule"), pl.len() == 1
    reported = pl.lit(Rule.REPORTED.value)
    return (
        placed.group_by("a", "unit_id", maintain_order=True)
        .agg(
            pl.when(rule.n_unique() == 1)
            .then(rule.first())
            .otherwise(reported)
            .alias("place_rule"),
            pl.when(pl.col("weight").null_count() == 0).then(pl.col("weight").sum()),
            pl.col("raw").drop_nulls().unique(maintain_order=True).str.join(LIST_SEPARATOR),
            *(pl.when(one).then(pl.col(c).first()).alias(c) for c in ("lon", "lat")),
        )
        .with_columns(
            pl.len().over("a").cast(pl.Int64).alias("places"),
            pl.when(pl.col("raw") != "").then("raw").alias("raw"),
        )
    )


def _people_once() -> list[pl.Expr]:
    """People on the first row of each activity alone, so that the columns add up."""
    first = pl.int_range(pl.len()).over("activity_id") == 0
    stated = [pl.when(first).then(name).alias(f"{name}{ONCE}") for name in _PEOPLE]
    return [*stated, *(pl.when(first).then(name).alias(name) for name in FIGURES_COUNTED)]


def _reserved_marks(asked: Scope, reserved: pl.DataFrame) -> pl.DataFrame:
    """``a, sensitivity``: what of each activity is reserved today, by its words too."""
    ids = asked.activities.select("a", "activity_id", marked="sensitivity")
    held = (
        pl.when("handed_out")
        .then(pl.lit(Sensitivity.COMING.value))
        .when("held")
        .then(pl.lit(Sensitivity.PROTECTION.value))
        .otherwise(pl.col("marked").fill_null(Sensitivity.OPEN.value))
    )
    return ids.join(reserved, on="activity_id", how="left").select("a", held.alias("sensitivity"))


def _budget_shares(asked: Scope, placed: pl.DataFrame) -> pl.DataFrame:
    """Budget of each activity in each unit: in USD, and in each currency it was reported in."""
    every = pl.concat(
        [asked.budget_shares, asked.set_aside.budget_shares]
    )  # its status tells what counts
    shares = every.join(placed.select("a", "u", "unit_id").unique(), on=["a", "u"], how="left")
    usd = pl.col("usd_minor")
    own = [
        pl.when((pl.col("currency") == currency).any())
        .then(major_units(pl.col("minor").filter(pl.col("currency") == currency).sum(), currency))
        .alias(f"amount_{currency}")
        for currency in sorted(shares["currency"].unique().to_list())
    ]
    in_usd = pl.when(usd.count() > 0).then(major_units(usd.sum(), "USD")).alias("budget_usd")
    return shares.group_by("a", "unit_id").agg(in_usd, *own)


def _amount_texts(asked: Scope, placed: pl.DataFrame) -> pl.DataFrame:
    """``a, unit_id, amounts``: the share of each amount, with its period and rate, as text."""
    of_amounts = asked.prepared.tables.amounts.with_row_index("amount").select(
        *("amount", "kind", "currency", "period_start", "period_end"),
        *("rate", "rate_date", "rate_source"),
    )
    every = asked.prepared.shares.select("a", "u", "amount", "minor", "usd_minor")
    shares = pl.concat([asked.counted_rows(every), asked.set_aside.counted_rows(every)])
    usd = pl.col("usd_minor")
    rows = (
        shares.join(placed.select("a", "u", "unit_id").unique(), on=["a", "u"], how="left")
        .group_by("a", "unit_id", "amount")
        .agg(pl.col("minor").sum(), pl.when(usd.count() > 0).then(usd.sum()).alias("usd_minor"))
        .join(of_amounts, on="amount", how="left")
        .sort("a", "unit_id", "amount")
    )
    told = rows.select(name for name in AmountShare._fields if name != "settled")
    texts = [shares_as_text([AmountShare(*one)]) for one in told.iter_rows()]
    return (
        rows.with_columns(pl.Series("amounts", texts, dtype=pl.String))
        .group_by("a", "unit_id", maintain_order=True)
        .agg(pl.col("amounts").str.join(BETWEEN))
    )


def _position_columns() -> list[pl.Expr]:
    known = pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    point = pl.col("unit_lon").is_not_null()
    return [
        *(pl.when(known).then(c).otherwise(f"unit_{c}").alias(c) for c in ("lon", "lat")),
        pl.when(known).then(pl.lit("reported")).when(point).then(pl.lit("unit")).alias("position"),
    ]


def unit_table(frames: Frames, unit_ids: Iterable[str]) -> pl.DataFrame:
    """Names, points and codes of units and reserved rows, with those they lie in."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"unit_id": pl.String}
    schema |= {"unit_name": pl.String, "unit_lon": pl.Float64, "unit_lat": pl.Float64}
    schema |= {f"{level}{end}": pl.String for level in _LEVELS for end in ("", "_code")}
    rows = [_unit_description(frames, u) for u in unit_ids]
    return pl.DataFrame(rows, schema=schema)


def _unit_description(frames: Frames, unit_id: str) -> dict[str, object]:
    described: dict[str, object] = {"unit_id": unit_id, "unit_name": frames.unit_label(unit_id)}
    if unit_id in RESERVED:
        return described
    unit = frames.unit_by_id(unit_id)
    described |= {"unit_lon": unit.lon, "unit_lat": unit.lat}
    for level in _LEVELS:
        above = frames.ancestor_at_level(unit_id, level)
        if above:
            holder = frames.unit_by_id(above)
            described |= {level.value: holder.name, f"{level}_code": holder.pcode}
    return described
