"""How hard it is to reach each unit, as far as dated facts say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from atlas.filters import Filters
from atlas.geo.laid import NO_GO
from atlas.i18n import N_, _, language
from atlas.layers import no_go, services
from atlas.layers.constraints import (
    FRESH_DAYS,
    placed_facts,
    type_name,
    wording,
)
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.layers.scope import scope as scope_of
from atlas.layers.terrain import Part, Terrain, terrain
from atlas.model import Level
from atlas.vocab import by_id

OPTIONS = (
    Option(
        "weighting",
        "area",
        N_("Moyenne pondérée par"),
        choices={
            "area": N_("superficie"),
            "population": N_("population"),
            "unit": N_("rien : chaque fait compte autant"),
        },
    ),
    Option(
        "stale-days",
        str(FRESH_DAYS),
        N_("Périmé après (jours)"),
        form="number",
        lowest=1,
        highest=3650,
    ),
    Option("day", "", N_("Jugés au"), form="day"),
)

_UNITS: dict[str, pl.DataType | type[pl.DataType]] = {
    "target": pl.UInt32,
    "severity_max": pl.Float64,
    "severity_mean": pl.Float64,
    "severity_mean_population": pl.Float64,
    "covered_share": pl.Float64,
    "scale": pl.String,
    "direction": pl.String,
    "other_scales": pl.String,
}


def access(scope: Scope) -> pl.DataFrame:
    """Worst and mean severity, constraints, services, security and no-go zones of each unit.

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

    Parameters
    ----------
    scope
        The question, applied to a snapshot; ``options["weighting"]`` is ``area``,
        ``population`` or ``unit`` (plain mean), ``options["stale-days"]`` how long a fact
        without expiry stays current, ``options["day"]`` the day facts are judged on.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, severity_max,
        severity_mean, severity_mean_population, covered_share, scale, direction,
        other_scales, constraint_types, constraints, services, security_zone, no_go,
        activities_in_no_go`` (distinct activities of the question surely inside; null where
        no zone is in force anywhere)``, as_of, stale``; null is unknown. A constraint said
        of a smaller place is led by its name.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("access", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "stale").row(0)
    ('Kidal', True)
    """
    units = _once(scope, _units_of).join(_in_no_go(scope), on="target", how="full", coalesce=True)
    count = pl.col("activities_in_no_go")
    known = no_go.zones(scope).height > 0
    return (
        scope.on_units(units)
        .with_columns(count.fill_null(0) if known else count)
        .select(
            *("unit_id", "unit_name", "severity_max", "severity_mean", "severity_mean_population"),
            *("covered_share", "scale", "direction", "other_scales", "constraint_types"),
            *("constraints", "services", "security_zone", "no_go", "activities_in_no_go"),
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
    return _once(scope, _facts_of).select(
        *("unit_id", "unit_name", "kind", pl.col("indicator").alias("type"), "type_label"),
        *("wording", "value", "total", "scale", "direction", "source", "file"),
        *("as_of", "start", "expires", "stale", "area_share", "length_km", "how", "fact"),
    )


def current_severity(scope: Scope) -> pl.DataFrame:
    """Severity of each unit by the facts in force, for other layers: one row per ``target``.

    Returns
    -------
    polars.DataFrame
        ``target, severity_max, severity_mean, severity_mean_population, covered_share,
        scale, direction, other_scales``; units of no current severity are absent.
    """
    return _once(scope, _current)


def _current(scope: Scope) -> pl.DataFrame:
    return _severity(scope, placed_facts(scope).filter(~pl.col("stale")))


def _once(scope: Scope, make: Callable[[Scope], pl.DataFrame]) -> pl.DataFrame:
    """What no filter but the day changes: computed at the first question about it."""
    day = (scope.filters.at, scope.reference)
    options = tuple(sorted(scope.options.items()))
    drawn = scope.prepared.overlay(scope.frame).key
    asked = (make, scope.frame, scope.level, *day, options, language(), drawn)
    return scope.prepared.once(_made, *asked)


def _made(
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
    names = scope.units.select("unit_id", "unit_name").with_row_index("target")
    types = [type_name(indicator) for indicator in placed["indicator"]]
    return (
        placed.with_columns(wording(scope, placed), pl.Series("type_label", types, dtype=pl.String))
        .drop("unit_id")
        .join(names, on="target", maintain_order="left")
        .join(files, on="document", how="left", maintain_order="left")
        .sort(["stale", "as_of", "fact"], descending=[False, True, False], nulls_last=True)
    )


def _units_of(scope: Scope) -> pl.DataFrame:
    """All measures of each unit that has a fact, by ``target``."""
    placed = placed_facts(scope)
    facts = placed.with_columns(wording(scope, placed))
    shown = _fresh_first(facts)
    counted = services.counted(scope, facts)
    said = _marked(shown.filter(~pl.col("service") | pl.col("value").is_null()))
    words = said.group_by("target").agg(
        _types().alias("constraint_types"),
        _words("access").alias("constraints"),
        _words("security", pl.col("indicator").ne_missing(NO_GO)).alias("security_zone"),
    )
    return (
        words.join(_spoken_of(said, counted), on="target", how="full", coalesce=True)
        .join(services.in_words(counted), on="target", how="left")
        .join(_severity(scope, shown), on="target", how="left")
        .join(_no_go_units(shown), on="target", how="left")
        .sort("target")
    )


def _marked(facts: pl.DataFrame) -> pl.DataFrame:
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
    """``target, activities_in_no_go``: activities of the question surely in a zone in force."""
    sure = no_go.flags(scope).filter(pl.col("no_go") != "partly")
    return (
        scope.told(sure)
        .group_by("target")
        .agg(pl.col("a").n_unique().cast(pl.Int64).alias("activities_in_no_go"))
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


def _spoken(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts of the scale of the newest fact of each unit; ``other_scales`` names the rest."""
    newest_first = facts.sort(
        ["as_of", "scale"], descending=[True, False], nulls_last=True, maintain_order=True
    )
    spoken = pl.col("scale").first().over("target")
    others = pl.col("scale").filter(pl.col("scale") != pl.col("_spoken")).unique().sort()
    named = newest_first.with_columns(spoken.alias("_spoken")).with_columns(
        others.str.join(" ; ").over("target").alias("other_scales")
    )
    return named.filter(pl.col("scale") == pl.col("_spoken"))


def _worst(spoken: pl.DataFrame) -> pl.DataFrame:
    """``target, severity_max, scale, direction, other_scales``, one row each."""
    value, direction = pl.col("value"), pl.col("direction").drop_nulls().first()
    worst = (
        pl.when(direction == "higher_is_worse")
        .then(value.max())
        .when(direction == "lower_is_worse")
        .then(value.min())
    )
    return spoken.group_by("target").agg(
        worst.alias("severity_max"),
        value.mean().alias("_plain"),
        pl.col("scale").first(),
        direction.alias("direction"),
        pl.col("other_scales").first().replace("", None),
    )


def _severity(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """Worst and means of each unit, in the scale it speaks."""
    spoken = _spoken(facts.filter(_is_severity()))
    if not spoken.height:
        return pl.DataFrame(schema=_UNITS)
    whole = spoken.filter((pl.col("how") == "unit") & _has_ground())
    ground = terrain(
        scope.prepared,
        scope.frame,
        scope.level,
        dict(whole.select("fact", "unit_id").unique().iter_rows()),
    )
    places = spoken.filter(pl.col("target") < scope.targets.first_reserved)  # those with ground
    means = [
        (target, *_means(ground, target, dict(rows.select("fact", "value").iter_rows())))
        for (target,), rows in places.group_by("target", maintain_order=True)
    ]
    schema = {"target": pl.UInt32, "area": pl.Float64, "people": pl.Float64, "covered": pl.Float64}
    table = _worst(spoken).join(
        pl.DataFrame(means, schema=schema, orient="row"), on="target", how="left"
    )
    chosen = {"area": "area", "population": "people", "unit": "_plain"}
    return table.with_columns(
        pl.col(chosen[scope.options.get("weighting", "area")]).alias("severity_mean"),
        pl.col("people").alias("severity_mean_population"),
        pl.col("covered").alias("covered_share"),
    ).select(*_UNITS)


def _has_ground() -> pl.Expr:
    """Whether a fact of a unit is said of all of it, not of a point or a road in it."""
    shape = pl.col("geometry").fill_null("").str.to_uppercase().str.strip_chars()
    return ~shape.str.contains(r"^(MULTI)?(POINT|LINESTRING)")


def _means(
    ground: Terrain, target: int, values: dict[int, float]
) -> tuple[float | None, float | None, float | None]:
    """Mean by area, mean by people, and the share of the unit that these facts cover."""
    parts = ground.parts.get(target, [])
    covered = [part for part in parts if part.facts & values.keys()]
    if ground.loose.get(target, frozenset()) & values.keys():
        return None, None, None  # part of the unit, but nobody knows which and how much
    said = [(part, _mean_of(part, values)) for part in covered]
    area = _weighted([(part.area, value) for part, value in said])
    people = _weighted([(part.people, value) for part, value in said], even=False)
    return area, people, _covered(parts, covered)


def _mean_of(part: Part, values: dict[int, float]) -> float:
    told = [values[fact] for fact in part.facts if fact in values]
    return sum(told) / len(told)


def _weighted(said: list[tuple[float | None, float]], even: bool = True) -> float | None:
    """Weighted mean; where all values are one, it needs no weights unless ``even`` is false."""
    if not said:
        return None
    if even and len({value for _weight, value in said}) == 1:
        return said[0][1]
    weights = [weight for weight, _value in said if weight is not None]
    if len(weights) < len(said) or not sum(weights):
        return None
    return sum(w * v for w, (_w, v) in zip(weights, said, strict=True)) / sum(weights)


def _covered(parts: list[Part], covered: list[Part]) -> float | None:
    if len(covered) == len(parts):
        return 1.0 if parts else 0.0
    areas = [part.area for part in parts if part.area is not None]
    if len(areas) < len(parts) or not sum(areas):
        return None
    return sum(part.area or 0.0 for part in covered) / sum(areas)


# words


def _types() -> pl.Expr:
    """Ids of the constraint types of a unit, each once; null where none is known."""
    ids = list(by_id("access_constraints"))
    typed = pl.col("indicator").filter(pl.col("indicator").is_in(ids)).unique().sort()
    return pl.when(pl.col("indicator").is_in(ids).any()).then(typed.implode())


def _words(kind: str, also: pl.Expr | None = None) -> pl.Expr:
    """What the facts of a kind say, each once; null when they say nothing."""
    mine = pl.col("kind") == kind
    said = pl.col("wording").filter(mine if also is None else mine & also).drop_nulls()
    return pl.when(said.count() > 0).then(said.unique(maintain_order=True).str.join(" ; "))
