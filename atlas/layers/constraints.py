"""The dated facts of access and security: which are known, in force, out of date, and where."""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.geo.laid import KINDS
from atlas.geo.overlay import OUTSIDE
from atlas.i18n import N_
from atlas.layers.options import Option
from atlas.layers.prepare import LEVELS
from atlas.layers.reference import ACCESS, DAY, day_of
from atlas.layers.scope import Scope
from atlas.model import UNPLACED
from atlas.vocab import by_id, label

FRESH_DAYS = 365
"""A fact without an expiry date is out of date this many days after it was stated."""
OPTIONS = (
    Option("stale-days", str(FRESH_DAYS), N_("Périmé après (jours)"), "number", {}, 1, 3650),
    DAY,
)
EDGE = 0.01
"""Part of a unit below which a polygon that mostly lies elsewhere is not said of it: borders
drawn by hand stray into the neighbour."""


def known_facts(scope: Scope) -> pl.DataFrame:
    """Facts of access and security that hold on the day asked for, ``stale`` or not.

    A fact stated after ``filters.at`` is not known yet; one that starts after the day that
    facts are judged on (`atlas.layers.reference`) does not hold yet.
    ``fact`` is the row of the table of context.
    """
    judged = day_of(scope, ACCESS)
    day = pl.lit(judged, dtype=pl.Date)
    facts = scope.context.with_row_index("fact").filter(
        pl.col("kind").is_in(KINDS),
        pl.col("start").is_null() | (pl.col("start") <= day).fill_null(True),
    )
    if scope.filters.at:
        facts = facts.filter(pl.col("as_of").is_null() | (pl.col("as_of") <= scope.filters.at))
    fresh = int(float(scope.options.get("stale-days", FRESH_DAYS)))
    return facts.with_columns(_stale(judged, fresh), _service().alias("service"))


def _stale(reference: date | None, fresh: int) -> pl.Expr:
    day = pl.lit(reference, dtype=pl.Date)
    until = pl.coalesce("expires", pl.col("as_of") + pl.duration(days=fresh))
    # a fact without any date cannot be called current
    return (until.is_null() | (until < day).fill_null(False)).alias("stale")


def _service() -> pl.Expr:
    """Whether a fact counts services: schools closed, health centres without supervision."""
    counted = [name for name, about in by_id("indicators").items() if about["unit"] == "count"]
    return pl.col("indicator").is_in(counted).fill_null(False)


def extents(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Which units each fact is said of.

    Returns
    -------
    polars.DataFrame
        ``fact, target, area_share`` (of the unit, under a polygon)``, length_km`` (of a
        road)``, how``: ``unit`` where the fact names its unit, else as
        `atlas.geo.overlay.Overlay`. A fact that lies nowhere stands on ``_unplaced``.
    """
    drawn = _drawn(scope, facts)
    rest = facts.join(drawn.select("fact").unique(), on="fact", how="anti")
    named = rest.filter(pl.col("unit_id").is_not_null())
    placed = named.select("fact", "unit_id").join(scope.rows_of(named["unit_id"]), on="unit_id")
    lost_row = _row(scope, UNPLACED)
    lost = rest.filter(pl.col("unit_id").is_null()).select(
        "fact", pl.lit(lost_row, dtype=pl.UInt32).alias("target")
    )
    bare = pl.concat([placed.select("fact", "target"), lost]).with_columns(
        pl.lit(None, pl.Float64).alias("area_share"),
        pl.lit(None, pl.Float64).alias("length_km"),
        pl.when(pl.col("target") != lost_row).then(pl.lit("unit")).alias("how"),
    )
    return pl.concat([drawn, bare]).sort("fact", "target")


def placed_facts(scope: Scope) -> pl.DataFrame:
    """The facts that hold, once for each unit they are said of (see `extents`)."""
    facts = known_facts(scope)
    return facts.join(extents(scope, facts), on="fact", maintain_order="left")


def _row(scope: Scope, unit_id: str) -> int:
    row = scope.targets.units["unit_id"].index_of(unit_id)
    assert row is not None
    return row


def _drawn(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Extents of the facts whose shape is drawn; points of a named unit are left to it."""
    laid = scope.prepared.overlay(scope.frame)
    rows = laid.weights.join(facts.select("fact", pl.col("unit_id").alias("own")), on="fact")
    a_point = pl.col("area_weight").is_null() & pl.col("length_km").is_null()
    rows = rows.filter(
        (pl.col("unit_id") != OUTSIDE) & ~(a_point & pl.col("own").is_not_null())
    ).with_columns(a_point.alias("point"))
    cells = laid.cells.join(scope.rows_of(laid.cells["unit_id"]), on="unit_id")
    areas = cells.group_by("target").agg(pl.col("area_km2").sum().alias("whole"))
    return (
        rows.join(scope.rows_of(rows["unit_id"]), on="unit_id")
        .join(laid.cells, on="unit_id", how="left")
        .with_columns((pl.col("area_share") * pl.col("area_km2")).alias("under"))
        .group_by("fact", "target")
        .agg(
            pl.col("under", "area_weight").sum(),
            pl.when(pl.col("length_km").count() > 0).then(pl.col("length_km").sum()),
            pl.col("point").all(),
            pl.col("how").first(),
            pl.col("area_share").count().alias("_areas"),
        )
        .join(areas, on="target", how="left")
        .with_columns(
            pl.when(pl.col("_areas") > 0)
            .then(pl.col("under") / pl.col("whole"))
            .alias("area_share")
        )
        .filter(
            pl.col("area_share").is_null()
            | (pl.col("area_share") >= EDGE)
            | (pl.col("area_weight") >= 0.5)
        )
        .select("fact", "target", "area_share", "length_km", "how")
        .with_columns(pl.col("target").cast(pl.UInt32))
    )


# words


def wording(scope: Scope, facts: pl.DataFrame) -> pl.Series:
    """What each fact says, led by the place it was said of where that is a smaller one."""
    said = [_said(*fact) for fact in facts.select("text", "indicator", "value", "total").rows()]
    names = {u: _told_of(scope, u) for u in facts["unit_id"].unique()}
    shown = scope.units["unit_name"].gather(facts["target"])
    words = [
        text if not text or names[unit] in ("", row) else f"{names[unit]} : {text}"
        for unit, row, text in zip(facts["unit_id"], shown, said, strict=True)
    ]
    return pl.Series("wording", words, dtype=pl.String)


def type_name(indicator: str | None) -> str:
    """What a constraint or a service is called; what no vocabulary knows keeps its words."""
    name = label("indicators", indicator or "")
    return label("access_constraints", indicator) if indicator and name == indicator else name


def _said(text: str | None, indicator: str | None, value: float | None, total: float | None) -> str:
    """Words of a fact: its own, else what it measures; "85 / 93" where it counts of a whole."""
    name = type_name(indicator)
    if value is None or total is None:
        return text or name
    counted = f"{name} : {value:.0f} / {total:.0f}"
    return f"{counted} ({text})" if text else counted


def _told_of(scope: Scope, unit_id: str | None) -> str:
    """Name of the place of a fact, as finely as may be told; empty where it has none."""
    frames, finest = scope.prepared.frames, LEVELS.index(scope.prepared.finest_fact)
    if unit_id is None or unit_id not in frames:
        return ""
    for level in reversed(LEVELS[: finest + 1]):
        told = frames.ancestor(unit_id, level)
        if told:
            return frames.label(told)
    return ""
