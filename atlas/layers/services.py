"""Services out of reach: schools closed, health centres without supervision, of how many."""

from __future__ import annotations

import polars as pl

from atlas.i18n import N_, _, ngettext
from atlas.layers.constraints import OPTIONS, placed_facts, type_name
from atlas.layers.layer import FINEST_OF_ACCESS, Layer
from atlas.layers.reference import ACCESS
from atlas.layers.scope import Scope
from atlas.model import Viewer

_SERVICES = {
    "target": pl.UInt32,
    "indicator": pl.String,
    "value": pl.Float64,
    "total": pl.Float64,
    "places": pl.UInt32,
    "as_of": pl.Date,
    "stale": pl.Boolean,
}


def services(scope: Scope) -> pl.DataFrame:
    """Services out of reach of each unit, each an indicator of its own.

    Returns
    -------
    polars.DataFrame
        One row per unit and service that is counted there: ``unit_id, unit_name, indicator,
        indicator_label, value, total`` (of how many; null: not said)``, places, as_of,
        stale``; see `counted`.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> table = Dataset.of(sample_tables()).ask("services", frame="ml-2016", level="cercle").table
    >>> schools = table.filter(table["indicator"] == "schools-closed")
    >>> schools.select("unit_name", "value", "total", "stale").row(0)
    ('Ténenkou', 85.0, 93.0, False)
    """
    table = counted(scope, placed_facts(scope))
    names = scope.units.select("unit_id", "unit_name").with_row_index("target")
    labels = [type_name(indicator) for indicator in table["indicator"]]
    return (
        table.with_columns(pl.Series("indicator_label", labels, dtype=pl.String))
        .join(names, on="target", maintain_order="left")
        .select(
            *("unit_id", "unit_name", "indicator", "indicator_label"),
            *("value", "total", "places", "as_of", "stale"),
        )
    )


def counted(scope: Scope, facts: pl.DataFrame) -> pl.DataFrame:
    """What is counted of each service in each unit.

    The newest count of a place stands for it, a current one before one out of date. A count
    of the unit itself is its figure; else the counts of the places in it are added up, and
    ``places`` says of how many. A total is known only where every count has one.

    Parameters
    ----------
    facts
        Facts of services with their ``target``.

    Returns
    -------
    polars.DataFrame
        ``target, indicator, value, total, places`` (0: said of the unit)``, as_of, stale``.
    """
    counts = facts.filter(pl.col("service") & pl.col("value").is_not_null())
    if not counts.height:
        return pl.DataFrame(schema=_SERVICES)
    place = pl.coalesce("unit_id", "geometry")
    newest = (
        counts.with_columns(place.alias("place"))
        .sort(["stale", "as_of", "fact"], descending=[False, True, False], nulls_last=True)
        .unique(["target", "indicator", "place"], keep="first", maintain_order=True)
    )
    outer = [_outermost(scope, rows) for _key, rows in newest.group_by("target", "indicator")]
    return (
        pl.concat(outer)
        .group_by("target", "indicator")
        .agg(
            pl.col("value").sum(),
            pl.when(pl.col("total").null_count() == 0).then(pl.col("total").sum()),
            pl.len().cast(pl.UInt32).alias("places"),
            pl.col("own").all().alias("_own"),
            pl.col("as_of").max(),
            pl.col("stale").any(),
        )
        .with_columns(pl.when("_own").then(0).otherwise("places").cast(pl.UInt32).alias("places"))
        .select(*_SERVICES)
        .sort("target", "indicator")
    )


def _outermost(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """Counts that no other covers: that of a cercle already holds those of its communes."""
    frames = scope.prepared.frames
    units = set(rows["unit_id"].drop_nulls())
    shown = scope.targets.units["unit_id"]

    def covered(unit: str | None) -> bool:
        if unit is None or unit not in frames:
            return False
        own = frames.unit(unit)
        return any(
            frames.convert(unit, frames.unit(other).frame, frames.unit(other).level) == other
            and frames.convert(other, own.frame, own.level) != unit
            for other in units - {unit}
            if other in frames
        )

    kept = rows.filter([not covered(unit) for unit in rows["unit_id"]])
    own = pl.Series([unit == shown[row] for unit, row in kept.select("unit_id", "target").rows()])
    return kept.with_columns(own.cast(pl.Boolean).alias("own"))


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """``target, services``: "Écoles fermées : 85 / 93" for each, by name of the service."""
    said = [_said(row) for row in table.to_dicts()]
    return (
        table.with_columns(pl.Series("said", said, dtype=pl.String))
        .group_by("target", maintain_order=True)
        .agg(pl.col("said").str.join(" ; ").alias("services"))
    )


def _said(row: dict[str, object]) -> str:
    name, value, total = type_name(str(row["indicator"])), row["value"], row["total"]
    text = f"{name} : {value:.0f}" + ("" if total is None else f" / {total:.0f}")
    if row["places"]:
        n = int(str(row["places"]))
        text = ngettext("{text} (un lieu)", "{text} (somme de {n} lieux)", n, text=text)
    return _("{text} (périmé)", text=text) if row["stale"] else text


LAYER = Layer(
    "services", N_("Services hors de portée"), services, OPTIONS, subject=ACCESS,
    finest=FINEST_OF_ACCESS, visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER,
    follows="access", tab="access",
)  # fmt: skip
