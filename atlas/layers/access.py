"""How hard it is to reach each unit, as far as dated facts say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import polars as pl

from atlas.filters import Filters
from atlas.geo.laid import NO_GO
from atlas.i18n import N_, _, language
from atlas.layers import no_go, services
from atlas.layers.constraints import OPTIONS as DATED
from atlas.layers.constraints import placed_facts, type_name, wording
from atlas.layers.layer import FINEST_OF_ACCESS, Layer
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.reference import ACCESS
from atlas.layers.scales import HIGHER, LOWER, ends, normalised
from atlas.layers.scope import Scope
from atlas.layers.scope import scope as scope_of
from atlas.layers.terrain import Part, Terrain, terrain
from atlas.model import Level, Viewer
from atlas.vocab import by_id

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
    *DATED,
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
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("access", frame="ml-2016", options={"day": "2024-01-01"}).table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "stale").row(0)
    ('Kidal', True)
    """
    units = _once(scope, _units_of).join(_in_no_go(scope), on="target", how="full", coalesce=True)
    count = pl.col(no_go.COUNTS)
    known = no_go.zones(scope).height > 0
    return (
        scope.on_units(units)
        .with_columns(count.fill_null(0) if known else count)
        .select(
            *("unit_id", "unit_name", "severity_max", "severity_mean", "severity_mean_population"),
            *("covered_share", "scale", "direction", "other_scales", "constraint_types"),
            *("constraints", "services", "security_zone", "no_go", *no_go.COUNTS),
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
    """Severity of each unit by the facts in force, for other layers.

    Returns
    -------
    polars.DataFrame
        ``target, severity_max, severity_mean, severity_mean_population, covered_share,
        scale, direction``: one row per unit and scale, that in which it speaks first; units
        of no current severity are absent.
    """
    return _once(scope, _current)


def _current(scope: Scope) -> pl.DataFrame:
    return _by_scale(scope, placed_facts(scope).filter(~pl.col("stale")))


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
    """``target`` and `no_go.COUNTS`: activities of the question in a zone in force."""
    sure = (pl.col("no_go") != "partly").any()
    told = scope.told(no_go.flags(scope)).group_by("target", "a").agg(sure.alias("sure"))
    counted = (pl.col("sure"), ~pl.col("sure"))
    return told.group_by("target").agg(
        some.sum().cast(pl.Int64).alias(name)
        for some, name in zip(counted, no_go.COUNTS, strict=True)
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


def _severity(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
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
    parts = normalised(said.with_columns(pl.lit(None, pl.Float64).alias("last")))
    worst = _worst(said.with_columns(parts.alias("part")))
    table = worst.join(_means(scope, said), on=["target", "scale"], how="left")
    chosen = {"area": "area", "population": "people", "unit": "places"}
    return table.with_columns(
        pl.col(chosen[scope.options.get("weighting", "area")]).alias("severity_mean"),
        pl.col("people").alias("severity_mean_population"),
        pl.col("covered").alias("covered_share"),
    ).select(*_SCALES)


def _worst(said: pl.DataFrame) -> pl.DataFrame:
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


def _means(scope: Scope, said: pl.DataFrame) -> pl.DataFrame:
    """``target, scale, area, people, places, covered``: means over the ground of each unit."""
    whole = said.filter((pl.col("how") == "unit") & _has_ground())
    ground = terrain(
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
        means.append((target, scale, *_of_ground(ground, target, values, Ends.of(scale, worse))))
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
    def of(cls, scale: str, direction: str | None) -> Ends:
        """Those of a scale, the direction as a fact says it."""
        known = ends(scale)
        mildest = {HIGHER: known[0], LOWER: known[1]}.get(direction or "") if known else None
        return cls(direction, mildest)

    def worst(self, values: list[float]) -> float | None:
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
    levels = [scale.worst([values[f] for f in part.facts if f in values]) for part in parts]
    covered = [part for part in parts if part.facts & values.keys()]
    if not covered:  # of roads and points alone, or of a part that nobody knows
        return None, None, None, None if loose else 0.0
    share = 1.0 if len(covered) == len(parts) else _covered(parts, covered)
    return (
        _weighted([part.area for part in parts], levels),
        _by_people(ground, target, list(zip(parts, levels, strict=True)), values, scale),
        _weighted([part.places for part in parts], levels),
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
    return _weighted([people for people, _l in covered], [level for _p, level in covered])


def _weighted(weights: list[float | None], said: list[float | None]) -> float | None:
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


def _covered(parts: list[Part], covered: list[Part]) -> float | None:
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


LAYER = Layer(
    "access", N_("Accès"), access, OPTIONS, cell=no_go.cell, subject=ACCESS,
    finest=FINEST_OF_ACCESS, offered_to=Viewer.PARTNER, tab="access", file="acces",
)  # fmt: skip
FACTS = Layer(
    "access_facts", N_("Faits d'accès et de sécurité"), access_facts, DATED, subject=ACCESS,
    finest=FINEST_OF_ACCESS, visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER,
    follows="access", tab="access", file="faits-acces",
)  # fmt: skip
