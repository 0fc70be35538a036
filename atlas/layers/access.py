"""Access: severity of constraints, services out of reach, security and no-go zones of each unit.

Current facts stand before outdated ones of the same kind; a unit is ``stale`` when the
constraints shown of it are out of date (where none is known, its services, else its
zones); a zone out of date says so in its words. Severities of different scales are never
mixed: the unit speaks in the scale of its newest fact, the others are named, and the
worst is the highest or the lowest as that scale's direction says (ACAPS: 0 none to 5
extreme; X, no information, is no severity). A fact stated after the day asked for
(``filters.at``) is not known yet, one that starts later does not hold yet.

The mean is over the ground that facts cover (areal weighting; Goodchild and Lam 1980):
each part counts with its area, or with the people in it where the population of every
commune is known, the mean of its facts where several overlap. What no fact covers is
unknown: it is in no mean, and ``covered_share`` says how much is covered. Roads and
points have no ground: they count in the worst only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl

from atlas.filters import Filters
from atlas.geo.shapes import DRAWN_KINDS, NO_GO, OUTSIDE
from atlas.i18n import N_, _, current_language, ngettext
from atlas.layers.layer import FINEST_OF_ACCESS, Layer
from atlas.layers.options import Option
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.reference import ACCESS, DAY, day_of
from atlas.layers.scales import HIGHER, LOWER, normalised_levels, scale_ends
from atlas.layers.scope import Scope, scope_of
from atlas.layers.terrain import Part, Terrain, terrain_of
from atlas.model import UNPLACED, Level, Viewer
from atlas.vocab import entries_by_id, entry_label

FRESH_DAYS = 365
"""A fact without an expiry date is out of date this many days after it was stated."""
FACT_OPTIONS = (
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
    facts = scope.context_facts.with_row_index("fact").filter(
        pl.col("kind").is_in(DRAWN_KINDS),
        pl.col("start").is_null() | (pl.col("start") <= day).fill_null(True),
    )
    if scope.filters.at:
        facts = facts.filter(pl.col("as_of").is_null() | (pl.col("as_of") <= scope.filters.at))
    fresh = int(float(scope.options.get("stale-days", FRESH_DAYS)))
    return facts.with_columns(_is_stale(judged, fresh), _is_service().alias("service"))


def _is_stale(reference: date | None, fresh: int) -> pl.Expr:
    day = pl.lit(reference, dtype=pl.Date)
    until = pl.coalesce("expires", pl.col("as_of") + pl.duration(days=fresh))
    # a fact without any date cannot be called current
    return (until.is_null() | (until < day).fill_null(False)).alias("stale")


def _is_service() -> pl.Expr:
    """Whether a fact counts services: schools closed, health centres without supervision."""
    counted = [
        name for name, about in entries_by_id("indicators").items() if about["unit"] == "count"
    ]
    return pl.col("indicator").is_in(counted).fill_null(False)


def fact_extents(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Which units each fact is said of.

    Returns
    -------
    polars.DataFrame
        ``fact, target, area_share`` (of the unit, under a polygon)``, length_km`` (of a
        road)``, how``: ``unit`` where the fact names its unit, else as
        `atlas.geo.shapes.FactOverlay`. A fact that lies nowhere stands on ``_unplaced``.
    """
    drawn = _drawn_extents(scope, facts)
    rest = facts.join(drawn.select("fact").unique(), on="fact", how="anti")
    named = rest.filter(pl.col("unit_id").is_not_null())
    placed = named.select("fact", "unit_id").join(scope.rows_of(named["unit_id"]), on="unit_id")
    lost_row = _row_number(scope, UNPLACED)
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
    """The facts that hold, once for each unit they are said of (see `fact_extents`)."""
    facts = known_facts(scope)
    return facts.join(fact_extents(scope, facts), on="fact", maintain_order="left")


def _row_number(scope: Scope, unit_id: str) -> int:
    row = scope.targets.units["unit_id"].index_of(unit_id)
    assert row is not None
    return row


def _drawn_extents(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
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


# what a fact says


def fact_wordings(scope: Scope, facts: pl.DataFrame) -> pl.Series:
    """What each fact says, led by the place it was said of where that is a smaller one."""
    said = [
        _fact_text(*fact) for fact in facts.select("text", "indicator", "value", "total").rows()
    ]
    names = {u: _told_of(scope, u) for u in facts["unit_id"].unique()}
    shown = scope.unit_rows["unit_name"].gather(facts["target"])
    words = [
        text if not text or names[unit] in ("", row) else f"{names[unit]} : {text}"
        for unit, row, text in zip(facts["unit_id"], shown, said, strict=True)
    ]
    return pl.Series("wording", words, dtype=pl.String)


def type_name(indicator: str | None) -> str:
    """What a constraint or a service is called; what no vocabulary knows keeps its words."""
    name = entry_label("indicators", indicator or "")
    return entry_label("access_constraints", indicator) if indicator and name == indicator else name


def _fact_text(
    text: str | None, indicator: str | None, value: float | None, total: float | None
) -> str:
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
        told = frames.ancestor_at_level(unit_id, level)
        if told:
            return frames.unit_label(told)
    return ""


STATES = ("inside", "partly", "cercle")
"""What is said of an activity, the surest first."""
COUNTS = ("activities_in_no_go", "activities_partly_in_no_go")
"""Columns that count activities: surely in a zone, and in a place of which a part is one."""
WHOLE = 0.99
"""Part of a unit under polygons from which on all of it counts as forbidden."""
_FLAGS = {"a": pl.UInt32, "u": pl.UInt32, "no_go": pl.String}


def zones_in_force(scope: Scope) -> pl.DataFrame:
    """The no-go zones in force: neither out of date nor lifted."""
    facts = known_facts(scope)
    return facts.filter((pl.col("indicator") == NO_GO) & (pl.col("value") == 1) & ~pl.col("stale"))


def no_go_flags(scope: Scope) -> pl.DataFrame:
    """``a, u, no_go``: every place of the snapshot that a zone in force touches."""
    found = zones_in_force(scope)
    if not found.height:
        return pl.DataFrame(schema=_FLAGS)
    frame = scope.frame
    ids = tuple(found["fact"].to_list())
    return scope.prepared.computed_once(_flag_rows, frame, ids, scope.prepared.overlay(frame).key)


def of_activities(scope: Scope) -> pl.DataFrame:
    """``a, no_go``: the surest that can be said of each activity of the scope."""
    order = {word: rank for rank, word in enumerate(STATES)}
    rank = pl.col("no_go").replace_strict(order, return_dtype=pl.UInt8)
    told = scope.told_all(no_go_flags(scope))
    return told.sort(rank, "a").unique("a", keep="first", maintain_order=True).select("a", "no_go")


def no_go_cell(scope: Scope, unit_id: str | None, _sector: str | None) -> Scope:
    """The scope narrowed to what `COUNTS` of a unit count, surely inside or partly."""
    here = scope.narrowed_scope(unit_id, items=True)
    flagged = of_activities(here)["a"].implode()
    return replace(here, activities=here.activities.filter(pl.col("a").is_in(flagged)))


def _flag_rows(prepared: Prepared, frame: str, ids: tuple[int, ...], _key: str) -> pl.DataFrame:
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
        near = _inside(prepared, _cercle_of_units(prepared, [*named, *touched]))
        return _flagged_places(prepared, dict.fromkeys(near, "cercle"))
    by_unit = dict.fromkeys(_units_around(prepared, named), "partly")
    by_unit |= dict.fromkeys(_inside(prepared, named), "inside")
    by_ground = dict.fromkeys(
        [*_units_around(prepared, touched), *_inside(prepared, touched)], "partly"
    )
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
        _texts_by_place(prepared, places.filter(~has_point), by_any),
        _texts_by_place(prepared, at_point.filter(~pl.col("point").is_in(hits.implode())), by_unit),
        at_point.filter(pl.col("point").is_in(hits.implode())).with_columns(
            pl.lit("inside").alias("no_go")
        ),
    ]
    return pl.concat([part.select(*_FLAGS) for part in parts]).unique().sort("a", "u", "no_go")


def _flagged_places(prepared: Prepared, words: dict[str, str]) -> pl.DataFrame:
    """Places by words that stand for cercles: nothing of an activity told by région alone."""
    places = prepared.places
    fine = places.filter(prepared.finest_levels(places) >= LEVELS.index(Level.CERCLE))
    told = _texts_by_place(prepared, fine, words)
    return told.select(*_FLAGS).unique().sort("a", "u")


def _texts_by_place(
    prepared: Prepared, places: pl.DataFrame, words: dict[str, str]
) -> pl.DataFrame:
    said = prepared.units.replace_strict(words, default=None, return_dtype=pl.String)
    return places.with_columns(said.gather(places["u"]).alias("no_go")).drop_nulls("no_go")


def _inside(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """Units of every frame that lie wholly in one of these."""
    return set(prepared.frames.wholly_in(*units))


def _units_around(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """Units of every frame in which one of these lies."""
    frames = prepared.frames
    known = [unit for unit in set(units) if unit in frames]
    return {
        holder
        for unit in known
        for frame in frames.info
        for level in LEVELS
        if (holder := frames.converted_unit(unit, frame, level)) in frames
    }


def _cercle_of_units(prepared: Prepared, units: Iterable[str]) -> set[str]:
    """The cercle of each unit, or the unit itself where it is larger."""
    frames = prepared.frames
    return {
        frames.ancestor_at_level(unit, Level.CERCLE) or unit for unit in units if unit in frames
    }


_SERVICES = {
    "target": pl.UInt32,
    "indicator": pl.String,
    "value": pl.Float64,
    "total": pl.Float64,
    "places": pl.UInt32,
    "as_of": pl.Date,
    "stale": pl.Boolean,
}


def services_by_unit(scope: Scope) -> pl.DataFrame:
    """Services out of reach of each unit, each an indicator of its own.

    Returns
    -------
    polars.DataFrame
        One row per unit and service that is counted there: ``unit_id, unit_name, indicator,
        indicator_label, value, total`` (of how many; null: not said)``, places, as_of,
        stale``; see `service_counts`.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> data = Dataset.from_tables(sample_tables())
    >>> table = data.ask("services", frame="ml-2016", level="cercle").table
    >>> schools = table.filter(table["indicator"] == "schools-closed")
    >>> schools.select("unit_name", "value", "total", "stale").row(0)
    ('Ténenkou', 85.0, 93.0, False)
    """
    table = service_counts(scope, placed_facts(scope))
    names = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    labels = [type_name(indicator) for indicator in table["indicator"]]
    return (
        table.with_columns(pl.Series("indicator_label", labels, dtype=pl.String))
        .join(names, on="target", maintain_order="left")
        .select(
            *("unit_id", "unit_name", "indicator", "indicator_label"),
            *("value", "total", "places", "as_of", "stale"),
        )
    )


def service_counts(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """What is counted of each service in each unit.

    The newest count of a place stands for it, a current one before one out of date. A count
    of the unit itself is its figure; else the counts of the places in it are added up, and
    ``places`` says of how many. A total is known only where every count has one.

    Parameters
    ----------
    facts
        Facts of services with their ``target``.

    Returns
    -------
    polars.DataFrame
        ``target, indicator, value, total, places`` (0: said of the unit)``, as_of, stale``.
    """
    counts = facts.filter(pl.col("service") & pl.col("value").is_not_null())
    if not counts.height:
        return pl.DataFrame(schema=_SERVICES)
    place = pl.coalesce("unit_id", "geometry")
    newest = (
        counts.with_columns(place.alias("place"))
        .sort(["stale", "as_of", "fact"], descending=[False, True, False], nulls_last=True)
        .unique(["target", "indicator", "place"], keep="first", maintain_order=True)
    )
    outer = [
        _outermost_counts(scope, rows) for _key, rows in newest.group_by("target", "indicator")
    ]
    return (
        pl.concat(outer)
        .group_by("target", "indicator")
        .agg(
            pl.col("value").sum(),
            pl.when(pl.col("total").null_count() == 0).then(pl.col("total").sum()),
            pl.len().cast(pl.UInt32).alias("places"),
            pl.col("own").all().alias("_own"),
            pl.col("as_of").max(),
            pl.col("stale").any(),
        )
        .with_columns(pl.when("_own").then(0).otherwise("places").cast(pl.UInt32).alias("places"))
        .select(*_SERVICES)
        .sort("target", "indicator")
    )


def _outermost_counts(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """Counts that no other covers: that of a cercle already holds those of its communes."""
    frames = scope.prepared.frames
    units = set(rows["unit_id"].drop_nulls())
    shown = scope.targets.units["unit_id"]

    def covered(unit: str | None) -> bool:
        if unit is None or unit not in frames:
            return False
        own = frames.unit_by_id(unit)
        return any(
            frames.converted_unit(
                unit, frames.unit_by_id(other).frame, frames.unit_by_id(other).level
            )
            == other
            and frames.converted_unit(other, own.frame, own.level) != unit
            for other in units - {unit}
            if other in frames
        )

    kept = rows.filter([not covered(unit) for unit in rows["unit_id"]])
    own = pl.Series([unit == shown[row] for unit, row in kept.select("unit_id", "target").rows()])
    return kept.with_columns(own.cast(pl.Boolean).alias("own"))


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """``target, services``: "Écoles fermées : 85 / 93" for each, by name of the service."""
    said = [_service_text(row) for row in table.to_dicts()]
    return (
        table.with_columns(pl.Series("said", said, dtype=pl.String))
        .group_by("target", maintain_order=True)
        .agg(pl.col("said").str.join(" ; ").alias("services"))
    )


def _service_text(row: dict[str, object]) -> str:
    name, value, total = type_name(str(row["indicator"])), row["value"], row["total"]
    text = f"{name} : {value:.0f}" + ("" if total is None else f" / {total:.0f}")
    if row["places"]:
        n = int(str(row["places"]))
        text = ngettext("{text} (un lieu)", "{text} (somme de {n} lieux)", n, text=text)
    return _("{text} (périmé)", text=text) if row["stale"] else text


SERVICES = Layer(
    "services", N_("Services hors de portée"), services_by_unit, FACT_OPTIONS, subject=ACCESS,
    finest=FINEST_OF_ACCESS, visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER,
    follows="access", tab="access",
)  # fmt: skip


OPTIONS = (
    Option(
        "weighting",
        "area",
        N_("Moyenne pondérée par"),
        choices={
            "area": N_("superficie"),
            "population": N_("population"),
            "unit": N_("rien : chaque commune compte autant"),
        },
    ),
    *FACT_OPTIONS,
)

_SCALES: dict[str, type[pl.DataType]] = {
    "target": pl.UInt32,
    "severity_max": pl.Float64,
    "severity_mean": pl.Float64,
    "severity_mean_population": pl.Float64,
    "covered_share": pl.Float64,
    "scale": pl.String,
    "direction": pl.String,
}
_UNITS = (*_SCALES, "other_scales")


def access_by_unit(scope: Scope) -> pl.DataFrame:
    """Worst and mean severity, constraints, services, security and no-go zones of each unit.

    How facts and their ground make a severity is said at the head of this module.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; ``options["weighting"]`` is ``area``,
        ``population`` or ``unit`` (each commune counts the same), ``options["stale-days"]``
        how long a fact without expiry stays current, ``options["day"]`` the day facts are
        judged on.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, severity_max,
        severity_mean, severity_mean_population, covered_share, scale, direction,
        other_scales, constraint_types, constraints, services, security_zone, no_go,
        activities_in_no_go`` (distinct activities of the question surely inside; null where
        no zone is in force anywhere)``, activities_partly_in_no_go`` (those of which only a
        part of the place is one)``, as_of, stale``; null is unknown. A constraint said
        of a smaller place is led by its name.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("access", frame="ml-2016", options={"day": "2024-01-01"}).table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "stale").row(0)
    ('Kidal', True)
    """
    units = _computed_once(scope, _units_of).join(
        _in_no_go(scope), on="target", how="full", coalesce=True
    )
    count = pl.col(COUNTS)
    known = zones_in_force(scope).height > 0
    return (
        scope.on_units(units)
        .with_columns(count.fill_null(0) if known else count)
        .select(
            *("unit_id", "unit_name", "severity_max", "severity_mean", "severity_mean_population"),
            *("covered_share", "scale", "direction", "other_scales", "constraint_types"),
            *("constraints", "services", "security_zone", "no_go", *COUNTS),
            *("as_of", "stale"),
        )
    )


def access_facts(scope: Scope) -> pl.DataFrame:
    """Every fact of access and security that holds, beside each unit it is said of.

    Returns
    -------
    polars.DataFrame
        One row per fact and unit: ``unit_id, unit_name, kind, type`` (id)``, type_label,
        wording, value, total, scale, direction, source, file, as_of, start, expires, stale,
        area_share`` (of the unit, under a polygon)``, length_km`` (of a road)``, how,
        fact``; current ones first, newest first.
    """
    return _computed_once(scope, _facts_of).select(
        *("unit_id", "unit_name", "kind", pl.col("indicator").alias("type"), "type_label"),
        *("wording", "value", "total", "scale", "direction", "source", "file"),
        *("as_of", "start", "expires", "stale", "area_share", "length_km", "how", "fact"),
    )


def current_severity(scope: Scope) -> pl.DataFrame:
    """Severity of each unit by the facts in force, for other layers.

    Returns
    -------
    polars.DataFrame
        ``target, severity_max, severity_mean, severity_mean_population, covered_share,
        scale, direction``: one row per unit and scale, that in which it speaks first; units
        of no current severity are absent.
    """
    return _computed_once(scope, _facts_in_force)


def _facts_in_force(scope: Scope) -> pl.DataFrame:
    return _by_scale(scope, placed_facts(scope).filter(~pl.col("stale")))


def _computed_once(scope: Scope, make: Callable[[Scope], pl.DataFrame]) -> pl.DataFrame:
    """What no filter but the day changes: computed at the first question about it."""
    day = (scope.filters.at, scope.reference)
    options = tuple(sorted(scope.options.items()))
    drawn = scope.prepared.overlay(scope.frame).key
    asked = (make, scope.frame, scope.level, *day, options, current_language(), drawn)
    return scope.prepared.computed_once(_without_filters, *asked)


def _without_filters(
    prepared: Prepared,
    make: Callable[[Scope], pl.DataFrame],
    frame: str,
    level: Level,
    at: date | None,
    reference: date | None,
    options: tuple[tuple[str, str], ...],
    *_also: object,
) -> pl.DataFrame:
    asked = scope_of(
        prepared, Filters(at=at), frame, level, reference=reference, options=dict(options)
    )
    return make(asked)


def _facts_of(scope: Scope) -> pl.DataFrame:
    """The facts with their unit, words and file."""
    placed = placed_facts(scope)
    files = scope.prepared.tables.documents.select("document", "file").unique("document")
    names = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    types = [type_name(indicator) for indicator in placed["indicator"]]
    return (
        placed.with_columns(
            fact_wordings(scope, placed), pl.Series("type_label", types, dtype=pl.String)
        )
        .drop("unit_id")
        .join(names, on="target", maintain_order="left")
        .join(files, on="document", how="left", maintain_order="left")
        .sort(["stale", "as_of", "fact"], descending=[False, True, False], nulls_last=True)
    )


def _units_of(scope: Scope) -> pl.DataFrame:
    """All measures of each unit that has a fact, by ``target``."""
    placed = placed_facts(scope)
    facts = placed.with_columns(fact_wordings(scope, placed))
    shown = _fresh_first(facts)
    counted = service_counts(scope, facts)
    said = _with_stale_zones(shown.filter(~pl.col("service") | pl.col("value").is_null()))
    words = said.group_by("target").agg(
        _type_list().alias("constraint_types"),
        _kind_texts("access").alias("constraints"),
        _kind_texts("security", pl.col("indicator").ne_missing(NO_GO)).alias("security_zone"),
    )
    return (
        words.join(_spoken_of(said, counted), on="target", how="full", coalesce=True)
        .join(in_words(counted), on="target", how="left")
        .join(_severity_of_units(scope, shown), on="target", how="left")
        .join(_no_go_units(shown), on="target", how="left")
        .sort("target")
    )


def _with_stale_zones(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts, those of a zone that is out of date said to be so."""
    past = (pl.col("kind") == "security") & pl.col("stale")
    words = pl.format(_("{text} (périmé)", text="{}"), "wording")
    return facts.with_columns(pl.when(past).then(words).otherwise("wording").alias("wording"))


def _spoken_of(said: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """``target, as_of, stale``: the date of a unit's constraints, and whether it is past.

    A zone of security that is out of date greys no severity in force, nor the other way
    round: it speaks for the unit where no constraint and no service does.
    """
    access = pl.col("kind") == "access"
    parts = [
        said.filter(access & ~pl.col("service")),
        said.filter(access & pl.col("service")),
        counted,
        said.filter(~access),
    ]
    told = [
        part.group_by("target").agg(pl.col("as_of").max(), pl.col("stale").any()) for part in parts
    ]
    return pl.concat(told).unique("target", keep="first", maintain_order=True)


def _in_no_go(scope: Scope) -> pl.DataFrame:
    """``target`` and `COUNTS`: activities of the question in a zone in force."""
    sure = (pl.col("no_go") != "partly").any()
    told = scope.counted_rows(no_go_flags(scope)).group_by("target", "a").agg(sure.alias("sure"))
    counted = (pl.col("sure"), ~pl.col("sure"))
    return told.group_by("target").agg(
        some.sum().cast(pl.Int64).alias(name) for some, name in zip(counted, COUNTS, strict=True)
    )


def _no_go_units(facts: pl.DataFrame) -> pl.DataFrame:
    """``target, no_go``: whether a zone in force touches the unit; null: nobody says."""
    said = facts.filter((pl.col("indicator") == NO_GO) & ~pl.col("stale"))
    return said.group_by("target").agg((pl.col("value") == 1).any().alias("no_go"))


def _fresh_first(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts of each unit without the outdated ones where a current one is known."""
    return facts.filter(pl.col("stale") == pl.col("stale").min().over("target", "kind", "service"))


# severity


def _is_severity() -> pl.Expr:
    return (
        (pl.col("kind") == "access")
        & ~pl.col("service")
        & pl.col("value").is_not_null()
        & pl.col("scale").is_not_null()
    )


def _severity_of_units(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Worst and means of each unit, in the scale it speaks."""
    ranked = _by_scale(scope, facts)
    others = pl.col("scale").slice(1).sort().str.join(" ; ").replace("", None)
    first = ranked.group_by("target", maintain_order=True).agg(
        pl.all().exclude("scale", "direction").first(),
        pl.col("scale", "direction").first(),
        others.alias("other_scales"),
    )
    return first.select(*_UNITS)


def _by_scale(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Severity of each unit in each scale that is said of it, the one it speaks in first.

    A unit speaks in the scale of its newest fact, unless it is worse off in another: as
    parts of scales whose ends are known, else nobody can compare.
    """
    said = facts.filter(_is_severity())
    if not said.height:
        return pl.DataFrame(schema=_SCALES)
    parts = normalised_levels(said.with_columns(pl.lit(None, pl.Float64).alias("last")))
    worst = _worst_by_unit(said.with_columns(parts.alias("part")))
    table = worst.join(_means_by_unit(scope, said), on=["target", "scale"], how="left")
    chosen = {"area": "area", "population": "people", "unit": "places"}
    return table.with_columns(
        pl.col(chosen[scope.options.get("weighting", "area")]).alias("severity_mean"),
        pl.col("people").alias("severity_mean_population"),
        pl.col("covered").alias("covered_share"),
    ).select(*_SCALES)


def _worst_by_unit(said: pl.DataFrame) -> pl.DataFrame:
    """``target, scale, severity_max, direction``, the scale that a unit speaks in first."""
    value, direction = pl.col("value"), pl.col("direction").drop_nulls().first()
    worst = (
        pl.when(direction == HIGHER).then(value.max()).when(direction == LOWER).then(value.min())
    )
    every = said.group_by("target", "scale").agg(
        worst.alias("severity_max"),
        direction.alias("direction"),
        pl.col("part").max(),
        pl.col("as_of").max(),
    )
    newest_first = every.sort(
        ["target", "as_of", "scale"], descending=[False, True, False], nulls_last=True
    )
    alone = pl.col("part").is_null().first().over("target")  # nothing compares with the newest
    return (
        newest_first.with_columns(pl.when(~alone).then("part").alias("part"))
        .sort("target", "part", descending=[False, True], nulls_last=True, maintain_order=True)
        .drop("part", "as_of")
    )


def _means_by_unit(scope: Scope, said: pl.DataFrame) -> pl.DataFrame:
    """``target, scale, area, people, places, covered``: means over the ground of each unit."""
    whole = said.filter((pl.col("how") == "unit") & _has_ground())
    ground = terrain_of(
        scope.prepared,
        scope.frame,
        scope.level,
        dict(whole.select("fact", "unit_id").unique().iter_rows()),
    )
    placed = said.filter(pl.col("target") < scope.targets.first_reserved)  # those with ground
    means = []
    for (target, scale), rows in placed.group_by("target", "scale", maintain_order=True):
        values = dict(rows.select("fact", "value").iter_rows())
        directions = rows["direction"].drop_nulls()
        worse = directions[0] if directions.len() else None
        means.append(
            (target, scale, *_of_ground(ground, target, values, Ends.ends_of_scale(scale, worse)))
        )
    weights = dict.fromkeys(("area", "people", "places", "covered"), pl.Float64)
    return pl.DataFrame(
        means, schema={"target": pl.UInt32, "scale": pl.String, **weights}, orient="row"
    )


def _has_ground() -> pl.Expr:
    """Whether a fact of a unit is said of all of it, not of a point or a road in it."""
    shape = pl.col("geometry").fill_null("").str.to_uppercase().str.strip_chars()
    return ~shape.str.contains(r"^(MULTI)?(POINT|LINESTRING)")


class Ends(NamedTuple):
    """Which of two levels of a scale is worse, and its mildest level, ``None`` if not known."""

    worse: str | None
    mildest: float | None

    @classmethod
    def ends_of_scale(cls, scale: str, direction: str | None) -> Ends:
        """Those of a scale, the direction as a fact says it."""
        known = scale_ends(scale)
        mildest = {HIGHER: known[0], LOWER: known[1]}.get(direction or "") if known else None
        return cls(direction, mildest)

    def worst_level(self, values: list[float]) -> float | None:
        """The worst of some levels, and never less than the mildest of the scale."""
        known = values if self.mildest is None else [*values, self.mildest]
        if not known or not self.worse:
            return None
        return {HIGHER: max, LOWER: min}[self.worse](known)


def _of_ground(
    ground: Terrain, target: int, values: dict[int, float], scale: Ends
) -> tuple[float | None, ...]:
    """Means by area, by people and by places, and the share of the unit that facts cover.

    Each part of the ground has the worst that is said of it. Where nothing is said it counts
    as the mildest: a mean is what the severity is at least, and no fact lowers it.
    """
    parts = ground.parts.get(target, [])
    loose = ground.loose.get(target, frozenset()) & values.keys()
    levels = [scale.worst_level([values[f] for f in part.facts if f in values]) for part in parts]
    covered = [part for part in parts if part.facts & values.keys()]
    if not covered:  # of roads and points alone, or of a part that nobody knows
        return None, None, None, None if loose else 0.0
    share = 1.0 if len(covered) == len(parts) else _covered_share(parts, covered)
    return (
        _weighted_mean([part.area for part in parts], levels),
        _by_people(ground, target, list(zip(parts, levels, strict=True)), values, scale),
        _weighted_mean([part.places for part in parts], levels),
        None if loose and share != 1.0 else share,
    )


def _by_people(
    ground: Terrain,
    target: int,
    said: list[tuple[Part, float | None]],
    values: dict[int, float],
    scale: Ends,
) -> float | None:
    """Mean by people: those where something is said, and the rest of all in the unit."""
    covered = [(part.people, level) for part, level in said if part.facts & values.keys()]
    total, told = ground.people.get(target), [people for people, _level in covered]
    if len(covered) < len(said) and total is not None and None not in told:
        rest = total - sum(people for people in told if people is not None)
        covered.append((rest if rest >= 0 else None, scale.mildest))
    elif len(covered) < len(said):
        covered = [(part.people, level) for part, level in said]
    return _weighted_mean([people for people, _l in covered], [level for _p, level in covered])


def _weighted_mean(weights: list[float | None], said: list[float | None]) -> float | None:
    """Weighted mean; where all values are one, it needs no weights."""
    values = [value for value in said if value is not None]
    if len(values) < len(said):
        return None
    if len(set(values)) == 1:
        return values[0]
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(weights) or not sum(known):
        return None
    return sum(w * v for w, v in zip(known, values, strict=True)) / sum(known)


def _covered_share(parts: list[Part], covered: list[Part]) -> float | None:
    areas = [part.area for part in parts if part.area is not None]
    if len(areas) < len(parts) or not sum(areas):
        return None
    return sum(part.area or 0.0 for part in covered) / sum(areas)


# lists of types, in words


def _type_list() -> pl.Expr:
    """Ids of the constraint types of a unit, each once; null where none is known."""
    ids = list(entries_by_id("access_constraints"))
    typed = pl.col("indicator").filter(pl.col("indicator").is_in(ids)).unique().sort()
    return pl.when(pl.col("indicator").is_in(ids).any()).then(typed.implode())


def _kind_texts(kind: str, also: pl.Expr | None = None) -> pl.Expr:
    """What the facts of a kind say, each once; null when they say nothing."""
    mine = pl.col("kind") == kind
    said = pl.col("wording").filter(mine if also is None else mine & also).drop_nulls()
    return pl.when(said.count() > 0).then(said.unique(maintain_order=True).str.join(" ; "))


LAYER = Layer(
    "access", N_("Accès"), access_by_unit, OPTIONS, cell=no_go_cell, subject=ACCESS,
    finest=FINEST_OF_ACCESS, offered_to=Viewer.PARTNER, tab="access", file="acces",
)  # fmt: skip
FACTS = Layer(
    "access_facts", N_("Faits d'accès et de sécurité"), access_facts, FACT_OPTIONS, subject=ACCESS,
    finest=FINEST_OF_ACCESS, visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER,
    follows="access", tab="access", file="faits-acces",
)  # fmt: skip
