"""How hard it is to reach each unit, as far as dated facts say."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from atlas.layers.prepare import LEVELS
from atlas.layers.scope import Scope
from atlas.vocab import label

FRESH = timedelta(days=365)
"""A fact without an expiry date is out of date a year after it was stated."""

KINDS = ("access", "security")


def access(scope: Scope) -> pl.DataFrame:
    """Worst and mean severity, constraints and security zone of each unit.

    Current facts stand before outdated ones of the same kind; a unit is ``stale`` when
    anything shown of it is out of date. Severities of different scales are never mixed: the
    unit speaks in the scale of its newest fact, and the worst is the highest or the lowest
    as that scale's direction says (ACAPS: 0 none to 5 extreme). A fact stated after the day
    asked for (``filters.at``) is not known yet.

    Parameters
    ----------
    scope
        The question, applied to a snapshot.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, severity_max,
        severity_mean, scale, constraints, security_zone, as_of, stale``; null is unknown.
        A constraint said of a smaller place is led by its name.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("access", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "stale").row(0)
    ('Kidal', True)
    """
    facts = _fresh_first(_facts(scope))
    severity = _severity(facts.filter(pl.col("kind") == "access"))
    words = facts.group_by("target").agg(
        _words("access").alias("constraints"),
        _words("security").alias("security_zone"),
        pl.col("as_of").max(),
        pl.col("stale").any(),
    )
    joined = words.join(severity, on="target", how="left")
    measures = ("severity_max", "severity_mean", "scale", "constraints", "security_zone")
    return scope.on_units(joined.select("target", *measures, "as_of", "stale"))


def worst_severity(scope: Scope) -> pl.DataFrame:
    """``target, access``: worst current severity of each unit known, for other layers."""
    facts = _facts(scope).filter(pl.col("kind") == "access", ~pl.col("stale"))
    if not facts.height:
        return pl.DataFrame(schema={"target": pl.UInt32, "access": pl.Float64})
    return _severity(facts).select("target", pl.col("severity_max").alias("access"))


def _facts(scope: Scope) -> pl.DataFrame:
    """Facts of access and security with their ``target`` and whether they are ``stale``."""
    known = scope.context.filter(pl.col("kind").is_in(KINDS), pl.col("unit_id").is_not_null())
    if scope.filters.at:
        known = known.filter(pl.col("as_of").is_null() | (pl.col("as_of") <= scope.filters.at))
    placed = known.join(scope.rows_of(known["unit_id"]), on="unit_id", maintain_order="left")
    return placed.with_columns(_stale(scope.reference), _wording(scope, placed))


def _wording(scope: Scope, facts: pl.DataFrame) -> pl.Series:
    """What each fact says, led by the place it was said of where that is a smaller one."""
    said = [_said(*fact) for fact in facts.select("text", "indicator", "value", "total").rows()]
    names = {u: _told_of(scope, u) for u in facts["unit_id"].unique()}
    shown = scope.units["unit_name"].gather(facts["target"])
    words = [
        text if not text or names[unit] in ("", row) else f"{names[unit]} : {text}"
        for unit, row, text in zip(facts["unit_id"], shown, said, strict=True)
    ]
    return pl.Series("wording", words, dtype=pl.String)


def _said(text: str | None, indicator: str | None, value: float | None, total: float | None) -> str:
    """Words of a fact: its own, else what it measures; "85 / 93" where it counts of a whole."""
    name = label("indicators", indicator or "")
    if name == indicator:
        name = label("access_constraints", indicator)
    if value is None or total is None:
        return text or name
    counted = f"{name} : {value:.0f} / {total:.0f}"
    return f"{counted} ({text})" if text else counted


def _told_of(scope: Scope, unit_id: str) -> str:
    """Name of the place of a fact, as finely as may be told; empty where it has none."""
    frames, finest = scope.prepared.frames, LEVELS.index(scope.prepared.finest_fact)
    if unit_id not in frames:
        return ""
    for level in reversed(LEVELS[: finest + 1]):
        told = frames.ancestor(unit_id, level)
        if told:
            return frames.label(told)
    return ""


def _stale(reference: date | None) -> pl.Expr:
    day = pl.lit(reference, dtype=pl.Date)
    until = pl.coalesce("expires", pl.col("as_of") + FRESH)
    # a fact without any date cannot be called current
    return (until.is_null() | (until < day).fill_null(False)).alias("stale")


def _fresh_first(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts of each unit without the outdated ones where a current one is known."""
    return facts.filter(pl.col("stale") == pl.col("stale").min().over("target", "kind"))


def _severity(facts: pl.DataFrame) -> pl.DataFrame:
    """``target, severity_max, severity_mean, scale`` of the scale of the newest fact."""
    scaled = facts.filter(pl.col("value").is_not_null(), pl.col("scale").is_not_null())
    spoken = scaled.sort(
        ["as_of", "scale"], descending=[True, False], nulls_last=True
    ).with_columns(pl.col("scale").first().over("target").alias("_spoken"))
    value, direction = pl.col("value"), pl.col("direction").first()
    worst = (
        pl.when(direction == "higher_is_worse")
        .then(value.max())
        .when(direction == "lower_is_worse")
        .then(value.min())
    )
    return (
        spoken.filter(pl.col("scale") == pl.col("_spoken"))
        .group_by("target")
        .agg(
            worst.alias("severity_max"),
            value.mean().alias("severity_mean"),
            pl.col("scale").first(),
        )
    )


def _words(kind: str) -> pl.Expr:
    """What the facts of a kind say, each once; null when they say nothing."""
    said = pl.col("wording").filter(pl.col("kind") == kind).drop_nulls()
    return pl.when(said.count() > 0).then(said.unique(maintain_order=True).str.join(" ; "))
