"""What was spent of each donor's budget, and of how much nobody says it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_
from atlas.labels import label
from atlas.layers.budget import major_units
from atlas.layers.layer import Layer
from atlas.layers.scope import Scope, dimension_of_activities

BUDGET, SPENT = "budget", "spent"
COLUMNS = {
    "donor": pl.String,
    "activities": pl.Int64,
    "budget_usd": pl.Float64,
    "without_usd": pl.Int64,
    "spent_usd": pl.Float64,
    "without_spent": pl.Int64,
    "both": pl.Int64,
    "both_budget_usd": pl.Float64,
    "both_spent_usd": pl.Float64,
    "spent_share": pl.Float64,
}


def disbursed_by_donor(scope: Scope) -> pl.DataFrame:
    """Budget and spending of each donor, and the part spent where both are known.

    Returns
    -------
    polars.DataFrame
        One row per donor, and for several together and unknown ones (`atlas.layers.scope`):
        ``donor, activities, budget_usd`` (null where no amount is known in dollars)``,
        without_usd`` (activities whose budget is not wholly known in dollars)``, spent_usd,
        without_spent`` (the same of what was spent)``, both`` (activities of which both are
        wholly known)``, both_budget_usd, both_spent_usd, spent_share`` (their quotient; null
        where that budget is none).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> table = Dataset.from_tables(sample_tables()).ask("disbursed").table
    >>> table["spent_usd"].null_count() == table.height
    True
    """
    told = _money_by_activity(scope)
    both = pl.col("both")
    cents = {kind: pl.col(kind).filter(both).sum() for kind in (BUDGET, SPENT)}
    known = {
        kind: pl.when(pl.col(kind).count() > 0).then(pl.col(kind).sum()) for kind in (BUDGET, SPENT)
    }
    return (
        told.group_by("donor").agg(
            pl.len().alias("activities"),
            *(major_units(known[kind], "USD").alias(f"{kind}_usd") for kind in known),
            (~pl.col(f"{BUDGET}_whole")).sum().alias("without_usd"),
            (~pl.col(f"{SPENT}_whole")).sum().alias("without_spent"),
            both.sum(),
            *(
                pl.when(both.any()).then(major_units(cents[kind], "USD"))
                .alias(f"both_{kind}_usd") for kind in cents
            ),
            pl.when(cents[BUDGET] > 0).then(cents[SPENT] / cents[BUDGET]).alias("spent_share"),
        )
        .sort(pl.col("donor").str.starts_with("_"), "budget_usd", "donor",
              descending=[False, True, False], nulls_last=True)
        .select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]
    )  # fmt: skip


def _money_by_activity(scope: Scope) -> pl.DataFrame:
    """``a, donor, both``, and of each kind its cents here and whether all are known.

    ``both``: its budget and what was spent are known, and none of it counts with its parts.
    """
    prepared, usd = scope.prepared, pl.col("usd_minor")
    ids = prepared.activities.select("a", "activity_id")
    elsewhere = prepared.chains.moved_amounts.join(ids, on="activity_id")["a"].implode()
    sums = scope.share_rows.group_by("a", "kind").agg(
        pl.when(usd.count() > 0).then(usd.sum()).alias("cents"), whole=usd.null_count() == 0
    )
    donors = prepared.computed_once(dimension_of_activities, "donor")["dimension"]
    told = scope.counted_activities.select("a")
    told = told.with_columns(donors.gather(told["a"]).cast(pl.String).alias("donor"))
    for kind in (BUDGET, SPENT):
        own = sums.filter(kind=kind).select(
            "a", pl.col("cents").alias(kind), pl.col("whole").alias(f"{kind}_whole")
        )
        told = told.join(own, on="a", how="left", maintain_order="left")
    wholes = [f"{kind}_whole" for kind in (BUDGET, SPENT)]
    return told.with_columns(pl.col(wholes).fill_null(value=False)).with_columns(
        both=pl.all_horizontal(wholes) & ~pl.col("a").is_in(elsewhere)
    )


def disbursed_cell(scope: Scope, unit_id: str | None, donor: str | None) -> Scope:
    """The scope narrowed to the activities of a donor."""
    here = scope.narrowed_scope(unit_id, items=True)
    if donor is None:
        return here
    donors = scope.prepared.computed_once(dimension_of_activities, "donor")["dimension"]
    own = donors.gather(here.activities["a"]).cast(pl.String) == donor
    return replace(here, activities=here.activities.filter(own))


def listed_spending(scope: Scope, _donor: str = "") -> pl.DataFrame:
    """``activity_id, spent_usd`` of the activities of a cell."""
    told = _money_by_activity(scope).select("a", major_units(pl.col(SPENT), "USD"))
    ids = scope.activities.select("a", "activity_id")
    return ids.join(told, on="a").select("activity_id", spent_usd=SPENT)


LAYER = Layer(
    "disbursed", N_("Dépensé au regard du budget, par bailleur"), disbursed_by_donor,
    cell=disbursed_cell, with_columns=listed_spending, tab="budget", file="depenses",
    label=N_("Dépensé par bailleur"),
    value_name=lambda value, _said: label("by_donor", value),
)  # fmt: skip
