"""How much is needed where: the dated tables of needs, told in the units that are shown."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from atlas.geo.frames import Frames
from atlas.layers.money_splits import population_of_units
from atlas.layers.prepare import Prepared
from atlas.layers.scales import normalised_levels
from atlas.model import Level
from atlas.vocab import entries_by_id, vocabulary_table
from atlas.vocab.indicators import SUM, adding_rule

PEOPLE = "people"
"""Unit of the indicators that count people (`atlas/vocab/indicators.csv`)."""

LAST = 99
"""Rank of the population where it stands for a need: after every table of needs."""

_FIGURE = ("unit_id", "sector", "figure")

COLUMNS = {
    "target": pl.UInt32,
    "sector": pl.String,
    "need": pl.Float64,
    "need_indicator": pl.String,
    "need_as_of": pl.Date,
    "need_since": pl.Date,
    "need_places": pl.Int64,
    "need_units_known": pl.Int64,
    "need_units": pl.Int64,
    "need_units_level": pl.String,
    "need_scale": pl.String,
    "need_score": pl.Float64,
    "counted": pl.Boolean,
}


def need_of_cells(
    prepared: Prepared,
    frame: str,
    level: Level,
    day: date | None,
    speaks: str,
    scale: str,
    age: int,
    fewest: int,
    context: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The need of each cell on a day, as one table alone states it.

    Of one place the newest statement counts, one table only, before the sum of its parts. People
    are added over places, of levels the worst is taken. A larger place is never split.

    Parameters
    ----------
    speaks
        Which tables go first: ``people`` (people in need, then phases 3 to 5, then levels),
        ``severity`` (levels first), ``population`` (as ``people``, then the population).
    scale
        What a count of people is measured by: ``rank`` (the part of the units with a need
        in this sector whose need is no greater), ``largest`` (part of the largest need of
        the sector), ``population`` (part of the people who live there).
    age
        Days after its date that a statement without an expiry holds; 0: for ever.
    fewest
        Units of a sector whose need must be known before its rank among them, or its part of
        the largest, says anything.
    context
        Facts in place of those of the snapshot.

    Returns
    -------
    polars.DataFrame
        `COLUMNS`, one row per ``target`` × ``sector`` (null: of no sector in particular)
        with a need: its figure (people, or a level of ``need_indicator``), the oldest date
        and the number of places behind it, the day since which all of it holds; where it is
        made of smaller places, of how many units of their level in how many it is known (null:
        of several découpages); the scale of a level; ``need_score`` from 0 to 1 (null: unknown
        scale, or too little to compare with); and whether it counts people.
    """
    told = in_force(prepared.tables.context if context is None else context, day, age)
    gathered = _gathered_needs(prepared.frames, told, frame, level, prepared, fewest)
    if speaks == "population":
        gathered = pl.concat([gathered, _as_need(prepared, frame, level)], how="diagonal")
    best = _first_indicator(gathered, speaks)
    scored = best.with_columns(_need_score(best, scale, prepared, frame, level, fewest))
    return scored.select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]


def of_sectors(context: pl.DataFrame, sectors: tuple[str, ...]) -> pl.DataFrame:
    """The facts of these sectors; all where none is asked for."""
    return context.filter(pl.col("sector").is_in(list(sectors))) if sectors else context


def in_force(context: pl.DataFrame, day: date | None, age: int) -> pl.DataFrame:
    """Statements of need that hold on a day, with the ``rank`` of their indicator.

    They hold from their ``start``, else from their date; a projection, which speaks of a time
    to come on purpose, from its date.
    """
    today = pl.lit(day, dtype=pl.Date)
    return _need_statements(context, age).filter(
        (pl.col("until") >= today).fill_null(True), (pl.col("since") <= today).fill_null(True)
    )


def expired_needs(context: pl.DataFrame, day: date | None, age: int) -> pl.DataFrame:
    """Statements of need that hold no more on a day, and that no other one replaces.

    As `in_force`: the last one of each place, sector and indicator, where none is in force.
    """
    past = pl.col("until") < pl.lit(day, dtype=pl.Date)
    last = pl.col("until") == pl.col("until").max().over(_FIGURE)
    return _needs_without_another(context, day, age, past).filter(last)


def coming_needs(context: pl.DataFrame, day: date | None, age: int) -> pl.DataFrame:
    """Statements of need that hold only after a day: the first of each, where none is in force."""
    later = pl.col("since") > pl.lit(day, dtype=pl.Date)
    first = pl.col("since") == pl.col("since").min().over(_FIGURE)
    return _needs_without_another(context, day, age, later).filter(first)


def _needs_without_another(
    context: pl.DataFrame, day: date | None, age: int, kept: pl.Expr
) -> pl.DataFrame:
    """The statements kept whose place, sector and indicator have none in force on the day."""
    stated = _need_statements(context, age).filter(kept)
    alive = in_force(context, day, age).select(_FIGURE)
    return stated.join(alive, on=list(_FIGURE), how="anti", nulls_equal=True, maintain_order="left")


def expired_cells(
    prepared: Prepared, frame: str, level: Level, day: date | None, age: int
) -> pl.DataFrame:
    """``target, sector, need_expired``: until when a need of each cell held, where it is past."""
    past = expired_needs(prepared.tables.context, day, age)
    rows = prepared.located_ids(past["unit_id"], frame, level)
    return (
        past.join(rows, on="unit_id")
        .group_by("target", "sector")
        .agg(pl.col("until").max().alias("need_expired"))
    )


def holding_until(context: pl.DataFrame, day: date | None, age: int) -> date | None:
    """The last day on which every need that speaks on a day still holds; ``None``: for ever."""
    alive = in_force(context, day, age)
    newest = alive.filter((pl.col("as_of") == pl.col("as_of").max().over(_FIGURE)).fill_null(True))
    last = newest["until"].min()
    return last if isinstance(last, date) else None


def _need_statements(context: pl.DataFrame, age: int) -> pl.DataFrame:
    """All statements of need, with ``rank, since, until`` and ``figure``, what they measure.

    A projection measures what the table of the current situation does.
    """
    ranks = {name: int(row["need_rank"] or 0) for name, row in entries_by_id("indicators").items()}
    rows = context.filter(
        pl.col("kind") == "needs", pl.col("unit_id").is_not_null(), pl.col("value").is_not_null()
    ).with_columns(
        pl.col("indicator").fill_null("people-in-need"),
        _blank_is_null("sector"),
        rank=pl.col("indicator").fill_null("people-in-need").replace_strict(ranks, default=0),
    )
    until = pl.col("expires")
    if age:
        until = pl.coalesce(until, pl.col("as_of") + timedelta(days=age))
    projected = pl.col("indicator").str.ends_with("-projected")
    since = pl.when(projected).then(pl.col("as_of")).otherwise(pl.coalesce("start", "as_of"))
    return rows.filter(pl.col("rank") > 0).with_columns(
        until.alias("until"),
        since.alias("since"),
        figure=pl.col("indicator").str.strip_suffix("-projected"),
    )


def _blank_is_null(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column)).alias(column)


def population_by_unit(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """``target, population``: people of each unit where a figure is known."""
    units = prepared.targets_of(frame, level).units.select("unit_id").with_row_index("target")
    return (
        units.join(prepared.computed_once(population_of_units), on="unit_id", maintain_order="left")
        .drop_nulls("population")
        .select("target", pl.col("population").cast(pl.Float64), pl.col("population_year"))
    )


def _as_need(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """The population as the need of every sector and of all together."""
    ids = [*vocabulary_table("sectors")["id"], None]
    sectors = pl.DataFrame({"sector": ids}, schema={"sector": pl.String})
    people = population_by_unit(prepared, frame, level).join(sectors, how="cross")
    return people.select(
        "target",
        "sector",
        pl.lit("population").alias("indicator"),
        pl.lit(LAST, pl.Int64).alias("rank"),
        pl.lit(True).alias("counted"),
        pl.col("population").alias("value"),
        pl.lit(None, pl.Float64).alias("part"),
        pl.lit(1, pl.Int64).alias("places"),
        pl.date("population_year", 12, 31).alias("as_of"),
        pl.date("population_year", 12, 31).alias("since"),
    )


def _gathered_needs(
    frames: Frames, facts: pl.DataFrame, frame: str, level: Level, prepared: Prepared, fewest: int
) -> pl.DataFrame:
    """``target, sector, indicator, rank, value, part, places, as_of, since, counted``, and more."""
    facts = _with_parts(facts, fewest).with_columns(pl.col("part_of_unit").fill_null(False))
    held = _holding_units(frames, facts["unit_id"].unique().to_list())
    same = held.filter("mutual").group_by("unit_id").agg(pl.col("holder").min().alias("place"))
    around = held.filter(~pl.col("mutual")).join(same, left_on="holder", right_on="unit_id")
    key = ["place", "sector", "indicator", "part_of_unit"]
    # the newest statement of each place, whichever frame names it; groups of people add up
    newest = (
        facts.join(same, on="unit_id", maintain_order="left")
        .filter(_newest_value("as_of", key))
        .filter(_newest_value("start", key))
        .group_by(*key, "rank", "counted", maintain_order=True)
        .agg(
            pl.when(_adds_up()).then(pl.col("value").sum())
            .otherwise(_worst_value("value")).alias("value"),
            pl.col("part").max(),
            pl.col("as_of").min(),
            pl.col("since").max(),
            _one_scale(),
            pl.col("unit_id").first(),
        )
    )  # fmt: skip
    located = prepared.located_ids(newest["unit_id"], frame, level)
    told = _outermost_facts(
        newest.join(located, on="unit_id", maintain_order="left"),
        around.select("unit_id", pl.col("place").alias("outer")),
    )
    return (
        told
        .group_by("target", "sector", "indicator", "rank", "counted", maintain_order=True)
        .agg(
            pl.when(_adds_up()).then(pl.col("value").sum())
            .otherwise(_worst_value("value")).alias("value"),
            pl.col("part").max(),
            pl.len().cast(pl.Int64).alias("places"),
            pl.col("as_of").min(),
            pl.col("since").max(),
            _one_scale(),
        )
        .join(
            _known_units(frames, told, prepared.targets_of(frame, level).units, frame, level),
            on=["target", "sector", "indicator"], how="left", nulls_equal=True,
            maintain_order="left",
        )
    )  # fmt: skip


def _adds_up() -> pl.Expr:
    """Whether figures of the group's indicator add up over places; else the worst is taken."""
    others = [name for name in entries_by_id("indicators") if adding_rule(name).over_places != SUM]
    return ~pl.col("indicator").first().is_in(others)


def _one_scale() -> pl.Expr:
    """The scale of levels, where all of them are of one."""
    scale = pl.col("scale")
    return pl.when(scale.n_unique() == 1).then(scale.first()).alias("scale")


def _known_units(
    frames: Frames, told: pl.DataFrame, rows: pl.DataFrame, frame: str, level: Level
) -> pl.DataFrame:
    """Of how many units the need of a cell is known, and of how many the cell is made.

    Counted at the finest level that any of its places is told at: a place of a coarser level
    knows all of its own. A need stated for the unit itself is known whole, and has no row.

    Returns
    -------
    polars.DataFrame
        ``target, sector, indicator, need_units_known, need_units, need_units_level``.
    """
    key = ["target", "sector", "indicator"]
    number = {str(one): n for n, one in enumerate(Level)}
    depth = pl.col("level").replace_strict(number)
    units = frames.units.select("unit_id", own="frame", depth=depth)
    whole_units = told.filter(~pl.col("part_of_unit"))  # of a part nobody knows which units it is
    placed = whole_units.select(*key, "unit_id").join(units, on="unit_id")
    cells = placed.group_by(key).agg(
        pl.col("own").n_unique().alias("frames"),
        pl.col("own").first(),
        pl.col("depth").max().alias("finest"),
    ).filter(pl.col("frames") == 1, pl.col("finest") > number[str(level)])  # fmt: skip
    names = list(Level)
    holding = [
        _units_in(frames, own, str(names[depth]), units).filter(own=own)
        for own, depth in placed.select("own", "depth").unique().sort("own", "depth").iter_rows()
    ]
    inside = pl.concat([_units_in(frames, frame, str(level), units).clear(), *holding])
    known = (
        placed.join(cells.drop("frames", "own"), on=key, nulls_equal=True)
        .join(inside, left_on=["unit_id", "finest"], right_on=["holder", "depth"])
        .group_by(key)
        .agg(pl.col("n").sum().alias("need_units_known"))
    )
    numbered = rows.select(pl.col("unit_id").alias("holder")).with_row_index("target")
    whole = _units_in(frames, frame, str(level), units).join(numbered, on="holder")
    return (
        cells.join(known, on=key, nulls_equal=True)
        .join(whole, left_on=["target", "own", "finest"], right_on=["target", "own", "depth"])
        .select(
            *key,
            pl.col("need_units_known").cast(pl.Int64),
            pl.col("n").cast(pl.Int64).alias("need_units"),
            pl.col("finest")
            .replace_strict(dict(enumerate(map(str, names))), return_dtype=pl.String)
            .alias("need_units_level"),
        )
    )


def _units_in(frames: Frames, frame: str, level: str, units: pl.DataFrame) -> pl.DataFrame:
    """``holder, own, depth, n``: how many units of each découpage and level lie in those of one."""
    return (
        frames.conversion_targets(frame, level)
        .join(units, on="unit_id")
        .group_by(pl.col("target").alias("holder"), "own", "depth")
        .agg(pl.len().alias("n"))
    )


def _worst_value(column: str) -> pl.Expr:
    """The value with the highest part of its scale; the highest value where none is known."""
    part = pl.col("part")
    at_worst = pl.col(column).filter(part == part.max()).first()
    return pl.when(part.count() > 0).then(at_worst).otherwise(pl.col(column).max())


def _newest_value(column: str, key: list[str]) -> pl.Expr:
    newest = pl.col(column).max().over(key)
    return (pl.col(column) == newest).fill_null(False) | newest.is_null()


def _with_parts(facts: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """The facts with ``counted`` (of people) and ``part`` (level as a part of its scale)."""
    listed = entries_by_id("indicators")
    counts = [name for name, row in listed.items() if row["unit"] == PEOPLE]
    scales = {name: row["scale"] for name, row in listed.items() if row["scale"]}
    own = pl.col("indicator").replace_strict(scales, default=None, return_dtype=pl.String)
    counted = pl.col("indicator").is_in(counts) | ~pl.col("indicator").is_in(list(listed))
    told = facts.with_columns(
        counted.alias("counted"),
        pl.coalesce("scale", own).alias("scale"),
        _last_rank(fewest).alias("last"),
    )
    levels = told.select(
        pl.when(~pl.col("counted")).then(pl.col("value")).alias("value"),
        *("scale", "direction", "last"),
    )
    return told.with_columns(normalised_levels(levels).alias("part"))


def _last_rank(fewest: int) -> pl.Expr:
    """The last rank of its table; null where the table ranks too few to say anything."""
    last = pl.col("value").max().over("document", "indicator")
    return pl.when(last >= fewest).then(last)


def _holding_units(frames: Frames, units: list[str]) -> pl.DataFrame:
    """``unit_id, holder, mutual``: which of these units lie in which, across découpages.

    ``mutual``: they are the same ground (each unit and itself, and its equals elsewhere).
    """
    wanted = pl.Series("unit_id", [u for u in units if u in frames], dtype=pl.String)
    kinds = {(frames.unit_by_id(u).frame, frames.unit_by_id(u).level) for u in wanted}
    schema = {"unit_id": pl.String, "holder": pl.String}
    parts = [pl.DataFrame({"unit_id": units, "holder": units}, schema=schema)]
    for frame, level in sorted(kinds):
        inside = frames.conversion_targets(frame, level).filter(
            pl.col("unit_id").is_in(wanted.implode())
        )
        parts.append(inside.rename({"target": "holder"}))
    held = pl.concat(parts).filter(pl.col("holder").is_in(units)).unique(maintain_order=True)
    back = held.select(pl.col("holder").alias("unit_id"), pl.col("unit_id").alias("holder"))
    mutual = held.join(back, on=["unit_id", "holder"], how="semi").with_columns(mutual=True)
    return held.join(mutual, on=["unit_id", "holder"], how="left").with_columns(
        pl.col("mutual").fill_null(False)
    )


def _outermost_facts(facts: pl.DataFrame, around: pl.DataFrame) -> pl.DataFrame:
    """Without the facts of places inside another place of their row that states the same itself.

    A région's statement stands for its cercles where the région is the row, and leaves theirs to
    them where they are. What a place says of an unnamed part of it lies inside it, and states
    nothing of the whole.
    """
    keys = ["unit_id", "target", "sector", "indicator", "part_of_unit"]
    whole = facts.filter(~pl.col("part_of_unit"))
    stated = whole.select(pl.col("place").alias("outer"), "target", "sector", "indicator")
    parts = facts.filter("part_of_unit").select("unit_id", pl.col("place").alias("outer"))
    outside = pl.concat(
        [
            around.with_columns(part_of_unit=pl.lit(False)),
            pl.concat([around, parts]).unique().with_columns(part_of_unit=pl.lit(True)),
        ]
    )
    told_above = (
        facts.select(keys)
        .join(outside, on=["unit_id", "part_of_unit"])
        .join(stated, on=["outer", "target", "sector", "indicator"], how="semi", nulls_equal=True)
    )
    return facts.join(told_above, on=keys, how="anti", nulls_equal=True, maintain_order="left")


def _first_indicator(gathered: pl.DataFrame, speaks: str) -> pl.DataFrame:
    """One indicator a cell: the one that goes first."""
    before = pl.col("rank") - 100 * (~pl.col("counted") & pl.lit(speaks == "severity"))
    order = gathered.with_columns(before.alias("order"))
    return order.filter(
        pl.col("order") == pl.col("order").min().over("target", "sector")
    ).rename({"value": "need", "indicator": "need_indicator", "as_of": "need_as_of",
              "places": "need_places", "since": "need_since", "scale": "need_scale"})  # fmt: skip


def _need_score(
    best: pl.DataFrame, scale: str, prepared: Prepared, frame: str, level: Level, fewest: int
) -> pl.Series:
    """Need of each cell from 0 to 1: its level, or its people by the scale asked for."""
    if scale == "population":
        people = population_by_unit(prepared, frame, level)
        best = best.join(people, on="target", how="left", maintain_order="left")
        measured = (pl.col("need") / pl.col("population")).clip(0, 1)
    else:
        shown = pl.col("target") < prepared.targets_of(frame, level).first_reserved
        need = pl.when(shown).then(pl.col("need"))  # reserved rows are no unit to compare with
        group = ["sector", "need_indicator"]
        if scale == "largest":
            measured = pl.col("need") / need.max().over(group)
        else:
            measured = need.rank("max").over(group) / need.count().over(group)
        measured = pl.when(need.count().over(group) >= fewest).then(measured)
    counted = pl.when(pl.col("need") == 0).then(0.0).otherwise(measured)
    return best.select(
        pl.when("counted").then(counted).otherwise(pl.col("part")).alias("need_score")
    ).to_series()
