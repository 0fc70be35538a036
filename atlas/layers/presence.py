"""Who is where: activities and organisations per unit."""

from __future__ import annotations

import polars as pl

from atlas.layers.actors import measured
from atlas.layers.prepare import UNKNOWN_TYPE
from atlas.layers.scope import Scope
from atlas.vocab import entries

TYPE_PREFIX = "organisations_"


def presence(scope: Scope) -> pl.DataFrame:
    """Count activities and organisations in each unit.

    Parameters
    ----------
    scope
        The question, applied to a snapshot.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, activities``
        (presences are not activities), ``organisations`` (distinct, recognised or as
        spelt, lead or implementer), ``organisations_reported`` (distinct spellings after
        case and space folding), ``organisations_<type>`` for every type of the vocabulary
        and ``unknown``, and of those who deliver (`atlas.layers.actors`) ``delivering,
        single_actor, concentration``.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("presence", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "activities").row(0)
    ('Kidal', 2)
    """
    types = [*entries("org_types")["id"], UNKNOWN_TYPE]
    measures = ["activities", "organisations", "organisations_reported"]
    measures += [TYPE_PREFIX + t for t in types]
    counted = scope.item_placements.group_by("target").agg(
        pl.col("a").n_unique().cast(pl.Int64).alias("activities")
    )
    places = scope.placements.select("a", "target")
    reported = (
        places.join(scope.prepared.spellings, on="a")
        .group_by("target")
        .agg(pl.col("spelling").n_unique().cast(pl.Int64).alias("organisations_reported"))
    )
    joined = counted.join(_by_type(scope, types), on="target", how="full", coalesce=True).join(
        reported, on="target", how="full", coalesce=True
    )
    told = joined.select("target", *measures).join(
        measured(scope, "target").drop("organisations"), on="target", how="left"
    )
    return scope.on_units(told).with_columns(pl.col(*measures, "delivering").fill_null(0))


def _by_type(scope: Scope, types: list[str]) -> pl.DataFrame:
    """``target, organisations, organisations_<type>``: each organisation has one type."""
    acting = scope.placements.select("a", "target").join(scope.prepared.actors, on="a")
    kind_of = scope.prepared.organisations["type"]
    distinct = (
        acting.with_columns(kind_of.gather(acting["org"]))
        .group_by("target", "type")
        .agg(pl.col("org").n_unique().cast(pl.Int64).alias("n"))
    )
    of_type = (pl.col("n").filter(pl.col("type") == t).sum().alias(TYPE_PREFIX + t) for t in types)
    return distinct.group_by("target").agg(pl.col("n").sum().alias("organisations"), *of_type)
