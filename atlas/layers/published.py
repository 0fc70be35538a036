"""What is published as a count or a sum without its items: shown beside, never added."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_
from atlas.layers.budget import major_units
from atlas.layers.layer import Layer
from atlas.layers.prepare import rows_touched
from atlas.layers.scope import Scope, filter_conditions
from atlas.model import RESERVED, Kind

DETAIL = {
    "activity_id": pl.String,
    "unit_id": pl.String,
    "unit_name": pl.String,
    "exact": pl.Boolean,
    "published_for": pl.String,
    "source": pl.String,
    "title": pl.String,
    "items": pl.Int64,
    "budget_usd": pl.Float64,
    "document": pl.String,
    "locator": pl.String,
    "as_of": pl.Date,
}


def published_by_unit(scope: Scope) -> pl.DataFrame:
    """Items that documents count for each unit without telling of them one by one.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, items`` (null where
        nothing is published), ``aggregates`` (published figures), ``items_<source>``.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("published", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "items").row(0)
    ('Kidal', 79)
    """
    detail = published_detail(scope).filter(pl.col("exact"))
    sources = sorted(
        scope.prepared.tables.activities.filter(pl.col("kind") == Kind.AGGREGATE)["source"]
        .unique()
        .to_list()
    )
    items = pl.col("items")
    summed = detail.group_by("unit_id").agg(
        pl.when(items.count() > 0).then(items.sum()).alias("items"),
        pl.len().cast(pl.Int64).alias("aggregates"),
        *(
            pl.when(items.filter(pl.col("source") == s).count() > 0)
            .then(items.filter(pl.col("source") == s).sum())
            .alias(f"items_{s}")
            for s in sources
        ),
    )
    return (
        scope.unit_rows.select("unit_id", "unit_name")
        .join(summed, on="unit_id", how="left", maintain_order="left")
        .with_columns(pl.col("aggregates").fill_null(0))
    )


def published_detail(scope: Scope) -> pl.DataFrame:
    """The published figures themselves, one row per figure and row of the table it concerns.

    Returns
    -------
    polars.DataFrame
        ``activity_id, unit_id, unit_name, exact, published_for, source, title, items, budget_usd,
        document, locator, as_of``. ``exact`` is false where the figure was published for
        an older, larger unit (``published_for``) that shares ground with this one: it is
        shown beside, as theirs together, and counted nowhere but in ``_not_convertible``.
    """
    prepared, units = scope.prepared, scope.unit_rows
    chosen = prepared.activities.filter(
        pl.col("kind") == Kind.AGGREGATE,
        *filter_conditions(prepared, scope.filters.with_changes(kind=())),
    )
    placed = prepared.places.join(chosen.select("a"), on="a", how="semi")
    usd = (
        prepared.shares.filter(pl.col("kind") == "budget", pl.col("a").is_in(chosen["a"].implode()))
        .group_by("a")
        .agg(
            pl.when(pl.col("usd_minor").count() > 0)
            .then(major_units(pl.col("usd_minor").sum(), "USD"))
            .alias("budget_usd")
        )
    )
    rows = []
    for a, u in placed.select("a", "u").iter_rows():
        row = scope.targets.row_of[u]
        rows.append((a, u, row, True))
        if row >= scope.targets.first_reserved:
            touched = rows_touched(prepared.frames, scope.targets, prepared.units[u])
            rows += [(a, u, other, False) for other in sorted(touched)]
    schema = {"a": pl.UInt32, "u": pl.UInt32, "row": pl.UInt32, "exact": pl.Boolean}
    told = pl.DataFrame(rows, schema=schema, orient="row")
    names = [_unit_name(scope, u) for u in told["u"]]
    return (
        told.with_columns(pl.Series("published_for", names, dtype=pl.String))
        .join(units.with_row_index("row"), on="row", maintain_order="left")
        .join(chosen, on="a", maintain_order="left")
        .join(usd, on="a", how="left", maintain_order="left")
        .select([pl.col(name).cast(dtype) for name, dtype in DETAIL.items()])
    )


def _unit_name(scope: Scope, u: int) -> str:
    frames, unit_id = scope.prepared.frames, scope.prepared.units[u]
    known = unit_id in frames or unit_id.startswith("_")
    return frames.unit_label(unit_id) if known else unit_id


def published_beside_items(scope: Scope) -> pl.DataFrame:
    """Published counts beside the activities that documents tell one by one.

    Returns
    -------
    polars.DataFrame
        ``unit_id, unit_name, source, published, read``: one row for each unit and source of
        which a count was published for that very unit; ``read`` is zero where nothing is
        told one by one, null in a reserved row, which holds activities of other places too. The
        published count is the newest where several are.
    """
    counted = (
        _newest_counts(published_detail(scope))
        .group_by("unit_id", "unit_name", "source", maintain_order=True)
        .agg(pl.col("items").sum().alias("published"))
    )
    units = scope.unit_rows.select("unit_id").with_row_index("target")
    read = (
        scope.item_placements.select("a", "target")
        .unique()
        .join(scope.counted_activities.select("a", "source"), on="a")
        .group_by("target", "source")
        .len("read")
        .join(units, on="target")
    )
    return counted.join(
        read.select("unit_id", "source", "read"),
        on=["unit_id", "source"],
        how="left",
        maintain_order="left",
    ).with_columns(
        pl.when(~pl.col("unit_id").is_in(RESERVED)).then(pl.col("read").fill_null(0)).cast(pl.Int64)
    )


def _newest_counts(detail: pl.DataFrame) -> pl.DataFrame:
    """The newest count of each unit and source, of that very unit."""
    exact = detail.filter(pl.col("exact"), pl.col("items").is_not_null())
    return exact.filter(pl.col("as_of") == pl.col("as_of").max().over("unit_id", "source"))


def published_cell(scope: Scope, unit_id: str | None, value: str | None) -> Scope:
    """The published figures behind one: they have no activities, only the place they stand at.

    Parameters
    ----------
    unit_id
        A row of the answer; ``None``: all.
    value
        A source: its newest count, as `published_beside_items` sets it beside what is told one by
        one. Else
        the ``activity_id`` of one published figure; ``None``: all that `published_by_unit` adds up.
    """
    detail = published_detail(scope)
    if value in detail["activity_id"]:
        chosen = detail.filter(pl.col("activity_id") == value)
    elif value is not None:
        chosen = _newest_counts(detail).filter(pl.col("source") == value)
    else:
        chosen = detail.filter(pl.col("exact"))
    if unit_id is not None:
        chosen = chosen.filter(pl.col("unit_id") == unit_id)
    ids = chosen["activity_id"].unique().implode()
    activities = scope.prepared.activities.filter(pl.col("activity_id").is_in(ids))
    return replace(scope, activities=activities, kept_units=None, rows=None)


def published_counts(scope: Scope, _value: str = "") -> pl.DataFrame:
    """``activity_id, items, published_usd``: what each published figure says."""
    detail = published_detail(scope).unique("activity_id", maintain_order=True)
    return detail.select("activity_id", "items", pl.col("budget_usd").alias("published_usd"))


LAYER = Layer(
    "published", N_("Publié, non détaillé"), published_by_unit, cell=published_cell,
    with_columns=published_counts, value_name=lambda _value, _said: "",
)  # fmt: skip
