"""Who delivers, where, in which sector: single actors and concentration.

An organisation is *present* where any list says so. It *delivers* where it carries out an
activity of the period itself: its implementing partners are there, a lead or funder with
partners is not for that reason; a lead without partners is. What is planned, cancelled or
suspended is not delivered.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers.counting import CANCELLED, STOPPED, SUSPENDED, shared
from atlas.layers.grid import WIDTH, Numbers, distinct, in_each_sector, paired, sector_codes
from atlas.layers.layer import Layer
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.vocab import label

_DELIVERED = pl.col("status").ne_missing("planned")
"""Of what counts (`Scope.items`), which is neither cancelled nor suspended."""

MEASURES = {
    "organisations": pl.Int64,
    "delivering": pl.Int64,
    "single_actor": pl.String,
    "concentration": pl.Float64,
    CANCELLED: pl.Int64,
    SUSPENDED: pl.Int64,
}


def actors(scope: Scope) -> pl.DataFrame:
    """Organisations of every unit and sector in which any is present, or anything was stopped.

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
        does)``, cancelled, suspended`` (activities that are in no other column). Activities
        without a sector stand in no row of this layer.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> sorted(dataset.ask("actors").table.columns)[:3]
    ['cancelled', 'concentration', 'delivering']
    """
    sectors = pl.Series("sector", [None, *sector_codes()], dtype=pl.String)
    cells = measured(scope, by_sector=True).with_row_index("cell")
    any_ = pl.sum_horizontal("organisations", *STOPPED) > 0
    told = cells.filter(any_, pl.col("cell") % WIDTH > 0)
    told = told.with_columns(sectors.gather(told["cell"] % WIDTH), target=pl.col("cell") // WIDTH)
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
    return (
        told.join(units, on="target")
        .sort("target", "sector")
        .select("unit_id", "unit_name", "sector", *MEASURES)
    )


def measured(scope: Scope, *, by_sector: bool = False) -> pl.DataFrame:
    """`MEASURES` of each unit, or of each of its sectors.

    Returns
    -------
    polars.DataFrame
        One row a unit, or one a cell by its number (`atlas.layers.grid`).
    """
    prepared, units = scope.prepared, scope.targets.units.height
    nobody = prepared.organisations.height
    many, names = nobody + 1, prepared.organisations["organisation"].extend_constant(None, 1)

    def placed(rows: pl.DataFrame) -> pl.DataFrame:
        if by_sector:
            return in_each_sector(prepared, rows)
        return rows.with_columns(pl.col("target").alias("cell"))

    size = units * WIDTH if by_sector else units
    acting, done = placed(scope.acting), placed(_delivered(scope))
    present, _orgs = distinct(acting["cell"], acting["org"], many)
    each = paired(paired(done["cell"], done["org"], many), done["a"], prepared.activities.height)
    shares = (each.unique() // prepared.activities.height).alias("pair").value_counts(name="n")
    cells = (shares["pair"] // many).to_numpy()
    n = shares["n"].to_numpy().astype(np.int64)
    total, squares = (np.bincount(cells, of, minlength=size) for of in (n, n * n))
    delivering = np.bincount(cells, minlength=size)
    alone = np.bincount(cells, (shares["pair"] % many).to_numpy(), minlength=size)
    sole = pl.Series(np.where(delivering == 1, alone, nobody)).cast(pl.UInt32)
    return pl.DataFrame(
        {
            "organisations": np.bincount(present, minlength=size),
            "delivering": delivering,
            "single_actor": names.gather(sole),
            "concentration": (pl.Series(squares) / pl.Series(total) ** 2).fill_nan(None),
            **_stopped(placed(scope.set_aside.item_placements), prepared, size),
        },
        schema_overrides=MEASURES,
    )


def _stopped(rows: pl.DataFrame, prepared: Prepared, size: int) -> dict[str, Numbers]:
    """Activities of each cell that were cancelled, and that are suspended."""
    many, status = prepared.activities.height, prepared.activities["status"].gather(rows["a"])
    own = {name: rows.filter(status == name) for name in STOPPED}
    cells = {name: distinct(part["cell"], part["a"], many)[0] for name, part in own.items()}
    return {name: np.bincount(found, minlength=size) for name, found in cells.items()}


def _delivered(scope: Scope) -> pl.DataFrame:
    """``a, u, org, target``: who carries out what, where, in the period."""
    rows = scope.told(scope.prepared.once(_doers_placed))
    return rows.filter(scope.prepared.once(_being_delivered)["delivered"].gather(rows["a"]))


def _being_delivered(prepared: Prepared) -> pl.DataFrame:
    return prepared.activities.select(delivered=_DELIVERED)


def _doers_placed(prepared: Prepared) -> pl.DataFrame:
    return prepared.places.select("a", "u").join(prepared.once(doers), on="a")


def doers(prepared: Prepared) -> pl.DataFrame:
    """``a, org``: who carries each activity out: its implementers, else its lead."""
    own = prepared.activities
    partners = own.select("a", pl.col("implementers").alias("organisation"))
    doing = shared(partners.explode("organisation").drop_nulls().unique(), prepared.follower)
    leads = own.select("a", pl.col("lead_org").alias("organisation")).drop_nulls()
    alone = shared(leads, prepared.follower).join(doing, on="a", how="anti")
    names = prepared.organisations.select("org", "organisation")
    return pl.concat([doing, alone]).join(names, on="organisation").select("a", "org")


def cell(scope: Scope, unit_id: str | None, sector: str | None) -> Scope:
    """The scope narrowed to what ``delivering`` of a row counts."""
    here = scope.narrowed(unit_id, sector, items=True)
    return replace(here, activities=here.activities.filter(_DELIVERED))


def deliverers(scope: Scope, _sector: str = "") -> pl.DataFrame:
    """``activity_id, delivering``: who carries each activity of a scope out, by name."""
    doing = scope.activities.select("a", "activity_id").join(scope.prepared.once(doers), on="a")
    names = scope.prepared.organisations.select("org", "organisation")
    told = doing.join(names, on="org").unique(["a", "organisation"]).sort("a", "organisation")
    words = [label("organisations", one) for one in told["organisation"]]
    return (
        told.with_columns(pl.Series("delivering", words, dtype=pl.String))
        .group_by("activity_id", maintain_order=True)
        .agg(pl.col("delivering").str.join(" ; "))
    )


LAYER = Layer(
    "actors", N_("Acteurs par unité et secteur"), actors, cell=cell, beside=deliverers,
    tab="actors", file="acteurs", label=N_("Acteurs par zone et secteur"),
)  # fmt: skip
