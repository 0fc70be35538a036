"""Who is where: activities and organisations per unit."""

from __future__ import annotations

import polars as pl

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
        case and space folding), and ``organisations_<type>`` for every type of the
        vocabulary and ``unknown``.

    """
    counted = scope.item_placements.group_by("target").agg(
        pl.col("a").n_unique().cast(pl.Int64).alias("activities")
    )
    acting = _distinct(scope, scope.prepared.actors, "org")
    spelt = _distinct(scope, scope.prepared.spellings, "spelling")
    organisations = scope.prepared.organisations
    types = [*entries("org_types")["id"], UNKNOWN_TYPE]
    typed = acting.join(organisations.select("org", "type"), on="org")
    by_type = typed.group_by("target").agg(
        pl.len().cast(pl.Int64).alias("organisations"),
        *((pl.col("type") == t).sum().cast(pl.Int64).alias(TYPE_PREFIX + t) for t in types),
    )
    reported = spelt.group_by("target").agg(pl.len().cast(pl.Int64).alias("organisations_reported"))
    measures = ["activities", "organisations", "organisations_reported"]
    measures += [TYPE_PREFIX + t for t in types]
    joined = counted.join(by_type, on="target", how="full", coalesce=True).join(
        reported, on="target", how="full", coalesce=True
    )
    return scope.on_units(joined.select("target", *measures)).with_columns(
        pl.col(measures).fill_null(0)
    )


def _distinct(scope: Scope, who: pl.DataFrame, column: str) -> pl.DataFrame:
    """Distinct ``target, column`` of the places of the chosen activities."""
    places = scope.placements.select("a", "target").unique()
    return places.join(who, on="a").select("target", column).unique()
