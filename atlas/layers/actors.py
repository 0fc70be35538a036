"""Who delivers, where, in which sector: single actors and concentration.

An organisation is *present* where any list says so. It *delivers* where it carries out an
activity of the period itself: its implementing partners are there, a lead or funder with
partners is not for that reason; a lead without partners is. What is planned or cancelled is
not delivered.
"""

from __future__ import annotations

import polars as pl

from atlas.layers.counting import shared
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope

NOT_DELIVERED = ("planned", "cancelled")

MEASURES = {
    "organisations": pl.Int64,
    "delivering": pl.Int64,
    "single_actor": pl.String,
    "concentration": pl.Float64,
}


def actors(scope: Scope) -> pl.DataFrame:
    """Organisations of every unit and sector in which any is present.

    Parameters
    ----------
    scope
        The question, applied to a snapshot; its period is the one in which something is
        delivered.

    Returns
    -------
    polars.DataFrame
        One row per unit × sector: ``unit_id, unit_name, sector, organisations`` (present)``,
        delivering, single_actor`` (the organisation that delivers alone, else null)``,
        concentration`` (Herfindahl-Hirschman index of the activities delivered: the sum of
        the squared shares of each organisation, 1 where one delivers all, null where none
        does). Activities without a sector stand in no row of this layer.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> sorted(dataset.ask("actors").table.columns)[:3]
    ['concentration', 'delivering', 'organisations']
    """
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
    return (
        measured(scope, "target", "sector")
        .drop_nulls("sector")
        .join(units, on="target")
        .sort("target", "sector")
        .select("unit_id", "unit_name", "sector", *MEASURES)
    )


def measured(scope: Scope, *by: str) -> pl.DataFrame:
    """The measures of `actors` by some of ``target, sector``, one row where any is present."""
    about = scope.activities.select("a", "sector", "status")
    doing = scope.prepared.once(doers)
    told = scope.placements.select("a", "target").unique().join(about, on="a")
    present = told.join(scope.prepared.actors, on="a").group_by(*by).agg(
        pl.col("org").n_unique().cast(pl.Int64).alias("organisations")
    )  # fmt: skip
    going = told.filter(~pl.col("status").is_in(NOT_DELIVERED).fill_null(False))
    items = going.join(scope.items.select("a"), on="a", how="semi")
    delivered = items.join(doing, on="a").group_by(*by, "org").agg(pl.len().alias("n"))
    share = pl.col("n") / pl.col("n").sum()
    names = scope.prepared.organisations.select("org", "organisation")
    counted = (
        delivered.join(names, on="org")
        .group_by(*by)
        .agg(
            pl.len().cast(pl.Int64).alias("delivering"),
            pl.when(pl.len() == 1).then(pl.col("organisation").first()).alias("single_actor"),
            (share * share).sum().alias("concentration"),
        )
    )
    joined = present.join(counted, on=list(by), how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.col("organisations", "delivering").fill_null(0))


def doers(prepared: Prepared) -> pl.DataFrame:
    """``a, org``: who carries each activity out: its implementers, else its lead."""
    own = prepared.activities
    partners = own.select("a", pl.col("implementers").alias("organisation"))
    doing = shared(partners.explode("organisation").drop_nulls().unique(), prepared.follower)
    leads = own.select("a", pl.col("lead_org").alias("organisation")).drop_nulls()
    alone = shared(leads, prepared.follower).join(doing, on="a", how="anti")
    names = prepared.organisations.select("org", "organisation")
    return pl.concat([doing, alone]).join(names, on="organisation").select("a", "org")
