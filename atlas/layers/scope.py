"""A question applied to a snapshot: what a layer function gets and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.i18n import _, current_language
from atlas.layers import counting
from atlas.layers.counting import ITEM_KINDS, has_any
from atlas.layers.prepare import LEVELS, Made, Prepared, Targets, touches_span
from atlas.model import CANCELLED, NATIONAL, RESERVED, STOPPED, Kind, Level

UNKNOWN, JOINT, UNDATED, OUTSIDE = "_unknown", "_joint", "_undated", "_outside"
OPEN = "_open"
"""Rows of their own: nobody said; several at once, never divided among them; without a
period; outside the period asked for; with a period of which one end is unknown."""


def dimension_of_activities(prepared: Prepared, by: str) -> pl.DataFrame:
    """``dimension``: what each activity is told under, in the order of the activities.

    Parameters
    ----------
    by
        ``sector``; ``donor`` (several of one activity are one row together: who gives how
        much of it nobody said); ``org``, the lead, else its only implementer.
    """
    activities = prepared.activities
    if by == "sector":
        told = pl.col("sector").fill_null(UNKNOWN)
    elif by == "donor":
        told = _one_or_joint(_distinct_names("donors"))
    else:
        lead = pl.when(pl.col("lead_org") != "").then(pl.col("lead_org"))
        told = pl.coalesce(lead, _one_or_joint(_distinct_names("implementers")))
    return activities.select(told.cast(pl.Categorical).alias("dimension"))


def _distinct_names(column: str) -> pl.Expr:
    return pl.col(column).fill_null([]).list.drop_nulls().list.unique()


def _one_or_joint(names: pl.Expr) -> pl.Expr:
    return (
        pl.when(names.list.len() > 1)
        .then(pl.lit(JOINT))
        .otherwise(names.list.first().fill_null(UNKNOWN))
    )


SHARES = ("a", "u", "kind", "currency", "minor", "usd_minor", "inherited")
"""Columns of the shares of money that most layers want."""


Mask = npt.NDArray[np.bool_]

PLACED, LOOSE = "_placed", "_loose"
"""All units of an answer, and all its reserved rows."""


@dataclass(frozen=True)
class Scope:
    """The filtered activities, their places and money, told in the units of (frame, level).

    ``target`` in every frame below is a row number of ``units``; ``a`` identifies the
    activity. Aggregates are never among them: only `published` tells of those; nor are records
    that another one counts for (`Prepared.follower`). What is cancelled or suspended is among
    ``activities``, to be listed, and counts in nothing: not in ``items``, their places or their
    money. `set_aside` is the same question of these alone.

    Attributes
    ----------
    activities
        Activities that pass the filters, of the kinds asked for.
    reference
        The day as of which things are judged current or out of date.
    undated_left_out
        How many passed every filter but, having no date of their own, stand on the day of
        their document, outside the period asked for.
    rows
        Where only what falls in some rows of ``units`` is asked for: the first of them, and
        the one after the last.
    before
        The same question of an earlier state or day, where the layer compares.
    stopped
        Whether what is cancelled or suspended is asked for, in place of what counts.
    """

    prepared: Prepared
    targets: Targets
    frame: str
    level: Level
    filters: Filters
    reference: date | None
    activities: pl.DataFrame
    undated_left_out: int = 0
    kept_units: pl.Series | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[int, int] | None = None
    before: Scope | None = None
    stopped: bool = False

    def computed_once(self, make: Callable[..., Made], *of: Hashable) -> Made:
        """What ``make`` finds for the question, and of these: its table and what is said of it."""
        key = (make, *of)
        if key not in self._made:
            self._made[key] = make(self, *of)
        found: Made = self._made[key]
        return found

    @cached_property
    def _made(self) -> dict[tuple[object, ...], Any]:
        return {}

    @property
    def unit_rows(self) -> pl.DataFrame:
        """``unit_id, unit_name, parent, is_reserved`` in the order they are shown."""
        return self.prepared.computed_once(_named_units, self.frame, self.level, current_language())

    @property
    def context_facts(self) -> pl.DataFrame:
        """The dated facts about places (needs, access, reporting scope…), all of them."""
        return self.prepared.tables.context

    @cached_property
    def _chosen_mask(self) -> Mask:
        return self._activity_mask(self.activities)

    @cached_property
    def _places_inside(self) -> Mask:
        return (
            self._chosen_mask
            if self.present_activities is self.activities
            else self._activity_mask(self.present_activities)
        )

    @cached_property
    def _item_mask(self) -> Mask:
        return (
            self._chosen_mask
            if self.counted_activities is self.activities
            else self._activity_mask(self.counted_activities)
        )

    def _activity_mask(self, activities: pl.DataFrame) -> Mask:
        """Which of all activities these are."""
        mask = np.zeros(self.prepared.activities.height, dtype=np.bool_)
        mask[activities["a"].to_numpy()] = True
        return mask

    def _rows_inside_units(self, frame: pl.DataFrame, chosen: Mask) -> pl.DataFrame:
        """Rows of chosen activities inside the units asked for, with their ``target``."""
        if not chosen.any():
            frame = frame.clear()
        mask = chosen[frame["a"].to_numpy()]
        rows = frame if mask.all() else frame[np.flatnonzero(mask)]
        if self.kept_units is not None:
            rows = rows.filter(
                held_places(self.kept_units, rows["u"], self.prepared.finest_levels(rows))
            )
        told = rows.with_columns(self.target_of(rows))
        if self.rows is None:
            return told
        first, after = self.rows
        return told.filter(pl.col("target").is_between(first, after, closed="left"))

    def told_all(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows (``a, u``, …) of activities and presences here, with their ``target``."""
        return self._rows_inside_units(rows, self._chosen_mask)

    def told_present(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows (``a, u``, …) of what puts its organisations here, with their ``target``."""
        return self._rows_inside_units(rows, self._places_inside)

    @cached_property
    def placement_rows(self) -> pl.DataFrame:
        """``a, u, inherited, target``: places of activities and presences."""
        return self._rows_inside_units(self.prepared.places, self._chosen_mask)

    @cached_property
    def item_placements(self) -> pl.DataFrame:
        """``a, u, inherited, target``: places of what counts as an activity."""
        return self._rows_inside_units(self.prepared.places, self._item_mask)

    @property
    def acting_rows(self) -> pl.DataFrame:
        """``a, u, org, target``: every organisation at every place of what it does."""
        return self.told_present(self.prepared.computed_once(_actors_placed))

    @property
    def share_rows(self) -> pl.DataFrame:
        """``a, u, kind, currency, minor, usd_minor, inherited, target`` of activities."""
        return self.counted_rows(self.prepared.shares.select(SHARES))

    @property
    def budget_shares(self) -> pl.DataFrame:
        """The shares of budgets alone."""
        return self.counted_rows(self.prepared.computed_once(_budget_rows))

    @property
    def document_rows(self) -> pl.DataFrame:
        """The documents that tell of the activities, in the order of their table."""
        rows = self.prepared.computed_once(_document_rows)["row"].gather(self.activities["a"])
        return self.prepared.tables.documents[rows.unique().sort()]

    def counted_rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows (``a, u``, …) of what counts as an activity here, with their ``target``."""
        return self._rows_inside_units(frame, self._item_mask)

    @cached_property
    def counted_activities(self) -> pl.DataFrame:
        """Activities that count: no presences or aggregates, nothing cancelled or suspended."""
        return self._chosen_rows("stopped" if self.stopped else "counts")

    @cached_property
    def present_activities(self) -> pl.DataFrame:
        """Activities and presences that put their organisations in a place: nothing cancelled."""
        return self._chosen_rows("present")

    @cached_property
    def set_aside(self) -> Scope:
        """The same question of the activities that are cancelled or suspended, and no others."""
        return replace(self, stopped=True)

    def _chosen_rows(self, column: str) -> pl.DataFrame:
        chosen = self.prepared.computed_once(_counting_flags)[column].gather(self.activities["a"])
        if chosen.all():
            return self.activities
        return self.activities.filter(chosen) if chosen.any() else self.activities.clear()

    def stopped_by(self, status: str) -> int:
        """How many activities have one of the statuses of `STOPPED`, each once."""
        return int((self.set_aside.counted_activities["status"] == status).sum())

    def narrowed_scope(
        self, unit_id: str | None = None, sector: str | None = None, *, items: bool = False
    ) -> Scope:
        """What stands behind one cell of an answer: its activities, places and shares alone.

        Parameters
        ----------
        unit_id
            A unit of the answer or a reserved row; `PLACED`: all units, `LOOSE`: all reserved
            rows; ``None``: all of them.
        sector
            One sector, or `UNKNOWN`; ``None``: all, and those without one.
        items
            Whether presences are left out; without them is what counts, else what puts
            anyone there.

        Raises
        ------
        UsageError
            The answer has no such row.
        """
        chosen = self.counted_activities if items else self.present_activities
        if sector is not None:
            chosen = chosen.filter(_of_sector(self.prepared, sector))
        if unit_id is None:
            return replace(self, activities=chosen)
        here = replace(self, activities=chosen, rows=self._row_positions(unit_id))
        inside = here.placement_rows["a"].unique().implode()
        return replace(here, activities=chosen.filter(pl.col("a").is_in(inside)))

    def _row_positions(self, unit_id: str) -> tuple[int, int]:
        first_reserved = self.targets.first_reserved
        if unit_id in (PLACED, LOOSE):
            every = (0, first_reserved), (first_reserved, self.targets.units.height)
            return every[unit_id == LOOSE]
        row = self.targets.units["unit_id"].index_of(unit_id)
        if row is None:
            raise UsageError(_("Aucune ligne « {unit} » dans cette réponse", unit=unit_id))
        return row, row + 1

    def target_of(self, places: pl.DataFrame) -> pl.Series:
        """``target`` of rows that have ``a`` and ``u``."""
        if self.prepared.told_down_to >= LEVELS.index(self.level):
            return self.targets.row_of.gather(places["u"]).alias("target")
        return target_at(self.targets, places["u"], self.prepared.finest_levels(places))

    def rows_of(self, unit_ids: pl.Series) -> pl.DataFrame:
        """``unit_id, target`` of ids that may be of no activity (facts of the context)."""
        return self.prepared.located_ids(unit_ids, self.frame, self.level)

    def rows_inside(self, unit_id: str | None) -> list[int]:
        """Rows of units that lie wholly inside a unit of any frame, or the whole country."""
        first = self.targets.first_reserved
        if unit_id is None or unit_id == NATIONAL:
            return list(range(first))
        inside = self.prepared.frames.wholly_in(unit_id)
        shown = self.targets.units["unit_id"].head(first)
        return [row for row, unit in enumerate(shown) if unit in inside]

    def places_inside(self, unit_ids: pl.Series) -> pl.DataFrame:
        """``unit_id, u``: the places of the snapshot inside each of these units of any frame.

        Everywhere is inside the whole country; nothing is inside a unit that no frame has.
        """
        frames, units = self.prepared.frames, self.prepared.units
        found: list[tuple[str, int]] = []
        for unit_id in unit_ids.drop_nulls().unique(maintain_order=True):
            if unit_id == NATIONAL:
                found += [(unit_id, u) for u in range(units.len())]
            else:
                inside = units.is_in(list(frames.wholly_in(unit_id)))
                found += [(unit_id, u) for u in inside.arg_true()]
        return pl.DataFrame(found, schema={"unit_id": pl.String, "u": pl.UInt32}, orient="row")

    def is_asked(self) -> pl.Expr:
        """Whether ``unit_id`` lies wholly in the zones asked for; where none are, every one does.

        Of another unit only a part of the activities was looked at: what is set against all of
        it (a need, a component) says nothing.
        """
        if not self.filters.unit:
            return pl.lit(value=True)
        return pl.col("unit_id").is_in(list(self.prepared.frames.wholly_in(*self.filters.unit)))

    def on_units(self, measures: pl.DataFrame) -> pl.DataFrame:
        """All units and reserved rows with these measures beside them.

        Parameters
        ----------
        measures
            One row per ``target``.
        """
        return (
            self.unit_rows.select("unit_id", "unit_name")
            .with_row_index("target")
            .join(measures, on="target", how="left", maintain_order="left")
            .drop("target")
        )


def _named_units(prepared: Prepared, frame: str, level: Level, _language: str) -> pl.DataFrame:
    """The rows of (frame, level), the reserved ones named in the language in force."""
    names = {unit_id: prepared.frames.unit_label(unit_id) for unit_id in RESERVED}
    return prepared.targets_of(frame, level).units.with_columns(
        pl.col("unit_id").replace_strict(names, default=pl.col("unit_name")).alias("unit_name")
    )


def _counting_flags(prepared: Prepared) -> pl.DataFrame:
    """``counts, stopped, present``: what each activity of the snapshot is one of."""
    item, status = pl.col("kind").is_in(ITEM_KINDS), pl.col("status")
    stopped = status.is_in(STOPPED).fill_null(False)
    return prepared.activities.select(
        counts=item & ~stopped, stopped=item & stopped, present=status.ne_missing(CANCELLED)
    )


def _document_rows(prepared: Prepared) -> pl.DataFrame:
    """``row``, in the table of documents, of the one that tells of each activity."""
    documents = prepared.tables.documents.select("document").with_row_index("row")
    activities = prepared.activities.select("document")
    return activities.join(documents, on="document", how="left", maintain_order="left")


def _of_sector(prepared: Prepared, sector: str) -> pl.Expr:
    """Whether an activity is of a sector, or names it; of none, where that is asked."""
    if sector == UNKNOWN:
        return pl.col("sector").is_null()
    named = prepared.sectors_of_activities.filter(pl.col("sector") == sector)["a"]
    return pl.col("a").is_in(named.implode())


def scope_of(
    prepared: Prepared,
    filters: Filters,
    frame: str,
    level: Level,
    *,
    reference: date | None = None,
    options: Mapping[str, str] | None = None,
) -> Scope:
    """Apply a question to a snapshot.

    Parameters
    ----------
    reference
        The day on which things are judged (`atlas.layers.reference`).
    """
    targets = prepared.targets_of(frame, level)
    kept = kept_units(prepared, targets, filters.unit) if filters.unit else None
    wanted = [pl.col("kind") != Kind.AGGREGATE, *filter_conditions(prepared, filters)]
    if prepared.follower.height:
        wanted.append(~pl.col("a").is_in(prepared.follower["a"].implode()))
    if kept is not None:
        places = prepared.places
        inside = places.filter(held_places(kept, places["u"], prepared.finest_levels(places)))
        wanted.append(pl.col("a").is_in(inside["a"].unique().implode()))
    # numbers first, rows by number: a filter over every column costs ten times as much
    numbers = prepared.computed_once(_searched_words).filter(*wanted)["a"]
    activities, left_out = _in_time(prepared.activities[numbers], filters)
    return Scope(
        prepared=prepared,
        targets=targets,
        frame=frame,
        level=level,
        filters=filters,
        reference=reference,
        activities=activities,
        undated_left_out=left_out,
        kept_units=kept,
        options=dict(options or {}),
    )


def _actors_placed(prepared: Prepared) -> pl.DataFrame:
    """``a, u, org``: every organisation at every place of what it does."""
    return prepared.places.select("a", "u").join(prepared.actors, on="a")


def _budget_rows(prepared: Prepared) -> pl.DataFrame:
    return prepared.shares.select(SHARES).filter(pl.col("kind") == "budget")


def _searched_words(prepared: Prepared) -> pl.DataFrame:
    """``a`` and what filters look for in words, each word held as a number."""
    words = pl.col("kind", "source", "sector", "status", "nexus").cast(pl.Categorical)
    return prepared.activities.select("a", words)


def filter_conditions(prepared: Prepared, filters: Filters) -> list[pl.Expr]:
    """What an activity must be, place and time aside; nothing for what is not asked."""
    by_any = {"kind": filters.kind, "source": filters.source}
    wanted = [
        has_any(column, values, prepared.follower) for column, values in by_any.items() if values
    ]
    if filters.sector:
        of = has_any("sector", filters.sector, prepared.follower)
        named = pl.col("sector").is_in(list(filters.sector))
        among = counting.with_leader_rows(prepared.named_sectors.filter(named), prepared.follower)
        wanted.append(of | pl.col("a").is_in(among["a"].unique().implode()))
    if filters.status:
        wanted.append(pl.col("status").is_in(list(filters.status)))
    if filters.nexus:
        wanted.append(pl.col("nexus").is_in(list(filters.nexus)))
    if filters.donor:
        given = prepared.donors.filter(pl.col("donor").is_in(list(filters.donor)))
        wanted.append(pl.col("a").is_in(given["a"].unique().implode()))
    if filters.organisation:
        asked = prepared.organisations.filter(
            pl.col("organisation").is_in(list(filters.organisation))
        )
        acting = prepared.actors.filter(pl.col("org").is_in(asked["org"].implode()))
        wanted.append(pl.col("a").is_in(acting["a"].unique().implode()))
    return wanted


def _in_time(activities: pl.DataFrame, filters: Filters) -> tuple[pl.DataFrame, int]:
    wanted = []
    if filters.year:
        wanted.append(
            reduce(or_, [touches_span(date(y, 1, 1), date(y, 12, 31)) for y in filters.year])
        )
    if filters.at:
        wanted.append(touches_span(filters.at, filters.at))
    if filters.since or filters.until:
        wanted.append(touches_span(filters.since or date.min, filters.until or date.max))
    if not wanted:
        return activities, 0
    kept = activities.filter(*wanted)
    undated = int(activities["undated"].sum()) - int(kept["undated"].sum())
    return kept, undated


def kept_units(prepared: Prepared, targets: Targets, units: tuple[str, ...]) -> pl.Series:
    """For each unit code, the finest level (index + 1) at which it is inside what is asked.

    0 where it is not inside at all: a place whose activity may only be told at a coarser
    level than that of the unit asked for is not inside either.
    """
    inside = pl.zeros(prepared.units.len(), dtype=pl.UInt8, eager=True)
    for unit_id in units:
        if unit_id in RESERVED:
            row, asked, depth = targets.first_reserved + RESERVED.index(unit_id), targets, 1
        else:
            unit = prepared.frames.unit_by_id(unit_id)
            asked = prepared.targets_of(unit.frame, Level(unit.level))
            row = asked.units["unit_id"].index_of(unit_id) or 0
            depth = LEVELS.index(Level(unit.level)) + 1
        here = (asked.row_of == row).cast(pl.UInt8) * depth
        inside = pl.select(
            pl.when((inside == 0) | ((here > 0) & (here < inside))).then(here).otherwise(inside)
        ).to_series()
    return inside


def held_places(kept: pl.Series, units: pl.Series, finest: pl.Series) -> pl.Series:
    """Which places lie inside the units kept, as finely as each may be told.

    Parameters
    ----------
    kept
        Of `kept_units`.
    units, finest
        Unit code of each place, and index in `LEVELS` of the finest level for it.
    """
    needed = kept.gather(units)
    return (needed > 0) & (needed <= finest + 1)


def target_at(targets: Targets, units: pl.Series, finest: pl.Series) -> pl.Series:
    """Row of ``targets`` that each place falls in, as finely as each may be told."""
    found = targets.row_of.gather(units)
    hidden = (finest < LEVELS.index(targets.level)) & (found < targets.first_reserved)
    return (
        pl.select(
            pl.when(hidden).then(pl.lit(targets.coarser_row, dtype=pl.UInt32)).otherwise(found)
        )
        .to_series()
        .alias("target")
    )
