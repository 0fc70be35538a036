"""What changed between two snapshots, activity by activity."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from atlas.corrections.chains import chains_of
from atlas.corrections.pairs import leaders, verdicts_of
from atlas.model import SCHEMAS, Tables

_PROVENANCE = ("activity_id", "document", "locator", "as_of", "sensitivity")
"""Where an activity was read, and what follows of it: no change of the activity."""

_FIELDS = tuple(name for name in SCHEMAS["activities"] if name not in _PROVENANCE)


class Diff(NamedTuple):
    """Activities that differ between two snapshots.

    Attributes
    ----------
    added, removed
        ``activity_id, title, source``, ordered by title.
    changed
        ``activity_id, title, field, before, after``: one row per field that differs, as
        text; ``field`` is a column of ``activities``, ``budget``, ``committed``, ``spent``
        (minor units and currency), ``places``, or ``counted_with`` (the record that counts for
        it after a decision about a pair, or a part of it). Null is unknown, or none.
    """

    added: pl.DataFrame
    removed: pl.DataFrame
    changed: pl.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether both snapshots tell the same activities."""
        return not (self.added.height or self.removed.height or self.changed.height)

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """The three tables as lists of rows, for JSON."""
        return {
            "added": self.added.to_dicts(),
            "removed": self.removed.to_dicts(),
            "changed": self.changed.to_dicts(),
        }


UNCHANGED = pl.DataFrame(
    schema=dict.fromkeys(("activity_id", "title", "field", "before", "after"), pl.String)
)
"""`Diff.changed` of tables that tell the same."""


def compare(before: Tables, after: Tables) -> Diff:
    """The way from ``before`` to ``after``."""
    old, new = before.activities, after.activities
    return Diff(
        added=_listed(new.join(old, on="activity_id", how="anti")),
        removed=_listed(old.join(new, on="activity_id", how="anti")),
        changed=_changed(before, after),
    )


def _listed(activities: pl.DataFrame) -> pl.DataFrame:
    return activities.select("activity_id", "title", "source").sort("title", "activity_id")


def _changed(before: Tables, after: Tables) -> pl.DataFrame:
    both = _facts(before).join(
        _facts(after), on=["activity_id", "field"], how="full", coalesce=True, suffix="_after"
    )
    common = before.activities.select("activity_id").join(
        after.activities.select("activity_id", "title"), on="activity_id"
    )
    return (
        both.rename({"value": "before", "value_after": "after"})
        .filter(~pl.col("before").eq_missing(pl.col("after")))
        .join(common, on="activity_id")
        .select("activity_id", "title", "field", "before", "after")
        .sort("title", "activity_id", "field")
    )


def _facts(tables: Tables) -> pl.DataFrame:
    """``activity_id, field, value``: all that is said of the activities, as text."""
    lists = [n for n in _FIELDS if isinstance(tables.activities.schema[n], pl.List)]
    fields = tables.activities.with_columns(pl.col(lists).list.join(" · ")).with_columns(
        pl.col(_FIELDS).cast(pl.String)
    )
    told = fields.unpivot(_FIELDS, index="activity_id", variable_name="field", value_name="value")
    since, until = (pl.col(c).cast(pl.String).fill_null("") for c in ("period_start", "period_end"))
    money = _joined(
        tables.amounts,
        field=pl.col("kind"),
        value=pl.format("{} {} {}/{}", pl.col("minor"), pl.col("currency"), since, until),
    )
    place = pl.format("{} ×{}", pl.col("unit_id"), pl.col("weight"))
    places = _joined(tables.placements, field=pl.lit("places"), value=place)
    return pl.concat([told, money, places, _counted_with(tables)])


def _counted_with(tables: Tables) -> pl.DataFrame:
    """The record that counts for each that is counted with another."""
    same = leaders(verdicts_of(tables.verdicts))
    behind = {**chains_of(tables, same).behind, **same}
    rows = [(activity, "counted_with", lead) for activity, lead in behind.items()]
    schema = dict.fromkeys(("activity_id", "field", "value"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _joined(frame: pl.DataFrame, *, field: pl.Expr, value: pl.Expr) -> pl.DataFrame:
    return (
        frame.select("activity_id", field=field, value=value)
        .group_by("activity_id", "field")
        .agg(pl.col("value").sort().str.join(" · "))
        .select("activity_id", "field", "value")
    )
