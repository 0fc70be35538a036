"""Who is where: activities and organisations of each unit, and of each of its sectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers.counting import with_leader_rows
from atlas.layers.grid import (
    WIDTH,
    Numbers,
    distinct_pairs,
    in_each_sector,
    paired_number,
    sector_codes,
)
from atlas.layers.layer import Layer
from atlas.layers.prepare import UNKNOWN_TYPE, Prepared
from atlas.layers.scope import Scope
from atlas.model import CANCELLED, STOPPED, SUSPENDED
from atlas.vocab import entry_label, vocabulary_table

_DELIVERED = pl.col("status").ne_missing("planned")
"""Of what counts (`Scope.counted_activities`), which is neither cancelled nor suspended."""

MEASURES = {
    "organisations": pl.Int64,
    "delivering": pl.Int64,
    "single_actor": pl.String,
    "concentration": pl.Float64,
    CANCELLED: pl.Int64,
    SUSPENDED: pl.Int64,
}


def actors_by_sector(scope: Scope) -> pl.DataFrame:
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
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> sorted(dataset.ask("actors").table.columns)[:3]
    ['cancelled', 'concentration', 'delivering']
    """
    sectors = pl.Series("sector", [None, *sector_codes()], dtype=pl.String)
    cells = actor_measures(scope, by_sector=True).with_row_index("cell")
    any_ = pl.sum_horizontal("organisations", *STOPPED) > 0
    told = cells.filter(any_, pl.col("cell") % WIDTH > 0)
    told = told.with_columns(sectors.gather(told["cell"] % WIDTH), target=pl.col("cell") // WIDTH)
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    return (
        told.join(units, on="target")
        .sort("target", "sector")
        .select("unit_id", "unit_name", "sector", *MEASURES)
    )


def actor_measures(scope: Scope, *, by_sector: bool = False) -> pl.DataFrame:
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
    acting, done = placed(scope.acting_rows), placed(_deliveries(scope))
    present, _orgs = distinct_pairs(acting["cell"], acting["org"], many)
    each = paired_number(
        paired_number(done["cell"], done["org"], many), done["a"], prepared.activities.height
    )
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
            **_stopped_counts(placed(scope.set_aside.item_placements), prepared, size),
        },
        schema_overrides=MEASURES,
    )


def _stopped_counts(rows: pl.DataFrame, prepared: Prepared, size: int) -> dict[str, Numbers]:
    """Activities of each cell that were cancelled, and that are suspended."""
    many, status = prepared.activities.height, prepared.activities["status"].gather(rows["a"])
    own = {name: rows.filter(status == name) for name in STOPPED}
    cells = {name: distinct_pairs(part["cell"], part["a"], many)[0] for name, part in own.items()}
    return {name: np.bincount(found, minlength=size) for name, found in cells.items()}


def _deliveries(scope: Scope) -> pl.DataFrame:
    """``a, u, org, target``: who carries out what, where, in the period."""
    rows = scope.counted_rows(scope.prepared.computed_once(_doers_placed))
    return rows.filter(
        scope.prepared.computed_once(_being_delivered)["delivered"].gather(rows["a"])
    )


def _being_delivered(prepared: Prepared) -> pl.DataFrame:
    return prepared.activities.select(delivered=_DELIVERED)


def _doers_placed(prepared: Prepared) -> pl.DataFrame:
    return prepared.places.select("a", "u").join(
        prepared.computed_once(doers_of_activities), on="a"
    )


def doers_of_activities(prepared: Prepared) -> pl.DataFrame:
    """``a, org``: who carries each activity out: its implementers, else its lead."""
    own = prepared.activities
    partners = own.select("a", pl.col("implementers").alias("organisation"))
    doing = with_leader_rows(
        partners.explode("organisation").drop_nulls().unique(), prepared.follower
    )
    leads = own.select("a", pl.col("lead_org").alias("organisation")).drop_nulls()
    alone = with_leader_rows(leads, prepared.follower).join(doing, on="a", how="anti")
    names = prepared.organisations.select("org", "organisation")
    return pl.concat([doing, alone]).join(names, on="organisation").select("a", "org")


def actors_cell(scope: Scope, unit_id: str | None, sector: str | None) -> Scope:
    """The scope narrowed to what ``delivering`` of a row counts."""
    here = scope.narrowed_scope(unit_id, sector, items=True)
    return replace(here, activities=here.activities.filter(_DELIVERED))


def delivering_names(scope: Scope, _sector: str = "") -> pl.DataFrame:
    """``activity_id, delivering``: who carries each activity of a scope out, by name."""
    doing = scope.activities.select("a", "activity_id").join(
        scope.prepared.computed_once(doers_of_activities), on="a"
    )
    names = scope.prepared.organisations.select("org", "organisation")
    told = doing.join(names, on="org").unique(["a", "organisation"]).sort("a", "organisation")
    words = [entry_label("organisations", one) for one in told["organisation"]]
    return (
        told.with_columns(pl.Series("delivering", words, dtype=pl.String))
        .group_by("activity_id", maintain_order=True)
        .agg(pl.col("delivering").str.join(" ; "))
    )


ACTORS = Layer(
    "actors", N_("Acteurs par unité et secteur"), actors_by_sector, cell=actors_cell,
    with_columns=delivering_names,
    tab="actors", file="acteurs", label=N_("Acteurs par zone et secteur"),
)  # fmt: skip


TYPE_PREFIX = "organisations_"

_MANY = 1 << 32
"""More than any number of a spelling."""


def presence_by_unit(scope: Scope) -> pl.DataFrame:
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
        and ``unknown``, of those who deliver (`atlas.layers.presence`) ``delivering,
        single_actor, concentration``, and ``cancelled, suspended``: activities that are in no
        other column. Whom only something cancelled names is not present.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("presence", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "activities").row(0)
    ('Kidal', 2)
    """
    types = [*vocabulary_table("org_types")["id"], UNKNOWN_TYPE]
    units, places, spelt = scope.targets.units.height, scope.item_placements, _spelling_rows(scope)
    activities, _a = distinct_pairs(places["target"], places["a"], scope.prepared.activities.height)
    reported, _spelling = distinct_pairs(spelt["target"], spelt["spelling"], _MANY)
    by_type = _by_type(scope, types)
    counted = pl.DataFrame(
        {
            "activities": np.bincount(activities, minlength=units),
            "organisations": by_type.sum(axis=1),
            "organisations_reported": np.bincount(reported, minlength=units),
            **{TYPE_PREFIX + kind: by_type[:, n] for n, kind in enumerate(types)},
        }
    )
    told = actor_measures(scope).drop("organisations")
    return pl.concat(
        [scope.unit_rows.select("unit_id", "unit_name"), counted, told], how="horizontal"
    )


def _by_type(scope: Scope, types: list[str]) -> Numbers:
    """Organisations of each type in each unit, shape (units, types): each has one type."""
    many, units = scope.prepared.organisations.height + 1, scope.targets.units.height
    targets, orgs = distinct_pairs(scope.acting_rows["target"], scope.acting_rows["org"], many)
    number = {kind: n for n, kind in enumerate(types)}
    kinds = scope.prepared.organisations["type"].replace_strict(number).to_numpy()[orgs]
    sums = np.bincount(targets * len(types) + kinds, minlength=units * len(types))
    return sums.reshape(units, len(types))


def _spelling_rows(scope: Scope) -> pl.DataFrame:
    """``a, u, spelling, target``: every spelling at every place of what it does."""
    return scope.told_present(scope.prepared.computed_once(_spellings_placed))


def _spellings_placed(prepared: Prepared) -> pl.DataFrame:
    return prepared.places.select("a", "u").join(prepared.spellings, on="a")


LAYER = Layer("presence", N_("Présence : activités et organisations par unité"), presence_by_unit)
