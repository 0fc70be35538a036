"""What every layer needs and no filter changes, computed once per snapshot.

Ids become integer codes, money is split among the places of its activity, and lists
(organisations, spellings, donors) become long tables. A filter is then a mask over these.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from atlas.corrections.relations import NO_CHAINS, ActivityChains, chains_of, counted_amounts
from atlas.geo.gazetteer import installation_stamp
from atlas.geo.shapes import DRAWN_KINDS, NO_GO, NO_OVERLAY, FactOverlay
from atlas.layers import counting
from atlas.model import (
    COARSER,
    NATIONAL,
    NOT_CONVERTIBLE,
    RESERVED,
    UNPLACED,
    Level,
    Rule,
    Tables,
)
from atlas.shares import split_amounts
from atlas.vocab import organisation_type, vocabulary_table

if TYPE_CHECKING:
    from atlas.geo.frames import Frames


LEVELS = tuple(Level)

Made = TypeVar("Made")

KEPT = 128
"""How many results of `Prepared.computed_once` are kept: days and settings have no end."""

DollarsPerEuro = Callable[[date], "tuple[Decimal, date] | None"]
"""Dollars of a euro on a day, and the day that rate was published; ``None``: no rate."""

AreaOf = Callable[["Frames", str, Level], str]

UNKNOWN_TYPE = "unknown"
"""Type of an organisation that neither the vocabulary nor a document gives one."""

_INHERITED = pl.col("rule") == Rule.INHERITED


@dataclass(frozen=True)
class Targets:
    """The rows of a (frame, level) and where every place of the snapshot falls among them.

    Attributes
    ----------
    units
        ``unit_id, unit_name, parent, is_reserved``: the units by name, then the reserved rows.
    row_of
        For each unit code of the snapshot, the number of its row in ``units``.
    homes
        For every unit of every frame that lies in one of ``units``, the number of its row.
    """

    units: pl.DataFrame
    row_of: pl.Series
    level: Level
    homes: Mapping[str, int]

    @property
    def coarser_row(self) -> int:
        """Row number of ``_coarser``."""
        return self.units.height - len(RESERVED) + RESERVED.index(COARSER)

    @property
    def not_convertible(self) -> int:
        """Row number of ``_not_convertible``."""
        return self.first_reserved + RESERVED.index(NOT_CONVERTIBLE)

    @property
    def first_reserved(self) -> int:
        """Row number of the first reserved row."""
        return self.units.height - len(RESERVED)


@dataclass(frozen=True)
class Prepared:
    """A snapshot with integer codes: ``a`` is a row of ``activities``, ``u`` one of ``units``.

    Attributes
    ----------
    activities
        The table of activities with ``a``, ``from_day`` and ``to_day`` (see `period_bounds`),
        ``undated`` and ``finest`` (index in `LEVELS` of the finest level that may be told).
    places
        ``a, u, inherited``: one row per placement.
    shares
        ``a, u, kind, currency, minor, usd_minor, inherited``: every amount split once among
        the places of its activity; the shares of an amount add up to it exactly. ``amount``
        is its row in the table of amounts, ``weight`` that of the place, ``told`` whether the
        document itself gives the share.
    finest_fact
        Finest level that the wording of a fact of access may name.
    overlay
        Frame → the drawn facts of access and security laid over its units, and the points
        of ``places`` in them (by row).
    actors, donors, spellings
        ``a, org`` / ``a, donor`` / ``a, spelling``: one row each, without repetition.
    dollars_per_euro
        The euro's rate of a day, and the day it was published.
    follower
        Activities that another one counts for (`atlas.layers.counting.follower_records`). They are
        among ``activities``, ``places`` and ``shares``, and in no `Scope`; ``actors``,
        ``donors`` and ``spellings`` give theirs to the activity that counts too, where the two
        ``lends`` what they say to each other.
    chains
        Money told at several levels: in ``shares`` and ``tables.amounts`` it is nought at the
        levels where it does not count.
    """

    tables: Tables
    frames: Frames
    finest_fact: Level
    activities: pl.DataFrame
    units: pl.Series
    places: pl.DataFrame
    shares: pl.DataFrame
    actors: pl.DataFrame
    organisations: pl.DataFrame
    donors: pl.DataFrame
    spellings: pl.DataFrame
    overlay: Callable[[str], FactOverlay]
    dollars_per_euro: DollarsPerEuro
    follower: pl.DataFrame
    chains: ActivityChains
    _each: Prepared | None = None
    _entire: Prepared | None = None
    _targets: dict[tuple[str, Level], Targets] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def before_counting_once(self) -> Prepared:
        """The same before anything is counted once: each record as its own document tells it."""
        return self._each or self

    @property
    def with_nothing_withheld(self) -> Prepared:
        """The same with nothing withheld: to compare words with, never to tell any of them."""
        return self._entire or self

    @property
    def told_down_to(self) -> int:
        """Index in `LEVELS` of the finest level at which every activity may be told."""
        coarsest = self.activities["finest"].min()
        return coarsest if isinstance(coarsest, int) else len(LEVELS) - 1

    @cached_property
    def sectors_of_activities(self) -> pl.DataFrame:
        """``a, sector``: the sector of each activity that has one, and each that it names."""
        own = self.activities.select("a", "sector").drop_nulls()
        if self.tables.sectors.is_empty():
            return own
        return pl.concat([own, self.named_sectors]).unique().sort("a", "sector")

    @cached_property
    def named_sectors(self) -> pl.DataFrame:
        """``a, sector``: each sector that an activity of several names."""
        ids = self.activities.select("activity_id", "a")
        return self.tables.sectors.join(ids, on="activity_id").select("a", "sector")

    def finest_levels(self, rows: pl.DataFrame) -> pl.Series:
        """Index in `LEVELS` of the finest level at which the activity of each row is told."""
        return self.activities["finest"].gather(rows["a"])

    def targets_of(self, frame: str, level: Level) -> Targets:
        """Rows of (frame, level), computed at the first question about it."""
        key = (frame, level)
        if key not in self._targets:
            self._targets[key] = _target_rows(self.frames, frame, level, self.units)
        return self._targets[key]

    def computed_once(self, make: Callable[..., Made], *of: Hashable) -> Made:
        """What ``make`` finds in the snapshot, and of these, at the first question about it."""
        key = (make, *of)
        if key not in self._made:
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(tuple(self._made))), None)
            self._made[key] = make(self, *of)
        found: Made = self._made[key]
        return found

    def located_ids(self, unit_ids: pl.Series, frame: str, level: Level) -> pl.DataFrame:
        """``unit_id, target`` of any distinct ids among the rows of (frame, level)."""
        rows = self.targets_of(frame, level).units
        return _located_rows(self.frames, frame, level, unit_ids.unique(), rows)


def prepared_snapshot(
    tables: Tables,
    frames: Frames,
    finest: pl.Series | None = None,
    finest_fact: Level = Level.COMMUNE,
    overlay: Callable[[str], FactOverlay] | None = None,
    dollars_per_euro: DollarsPerEuro | None = None,
) -> Prepared:
    """Code and split the tables of a snapshot.

    Parameters
    ----------
    tables
        Tables that pass `atlas.model.check`.
    frames
        The units and conversions of every découpage.
    finest
        For each activity, index in `LEVELS` of the finest level that may be told
        (default: all).
    finest_fact, overlay, dollars_per_euro
        See `Prepared`.
    """
    activities = _coded_activities(tables.activities, finest)
    ids = activities.select("activity_id", "a")
    units = tables.placements["unit_id"].append(pl.Series([UNPLACED])).unique().sort()
    codes = pl.DataFrame({"unit_id": units}).with_row_index("u")
    places = (
        tables.placements.join(ids, on="activity_id", maintain_order="left")
        .join(codes, on="unit_id", maintain_order="left")
        .select("a", "u", _INHERITED.alias("inherited"))
    )
    actors, organisations = _actors_and_organisations(activities, tables.organisations)
    each = Prepared(
        tables=replace(tables, verdicts=tables.verdicts.clear()),
        frames=frames,
        finest_fact=finest_fact,
        activities=activities,
        units=units,
        places=places,
        shares=_share_rows(tables, ids, codes),
        actors=actors,
        organisations=organisations,
        donors=_rows_by_value(activities, "donors", "donor"),
        spellings=_spelling_rows(activities),
        overlay=overlay or (lambda _frame: NO_OVERLAY),
        dollars_per_euro=dollars_per_euro or _no_rate,
        follower=counting.follower_records({}, {}, activities),
        chains=NO_CHAINS,
    )
    return counted_once(each, tables.verdicts)


def as_told(
    entire: Prepared,
    tables: Tables,
    finest: pl.Series,
    finest_fact: Level,
    area_of: AreaOf | None = None,
) -> Prepared:
    """The same of tables that withhold words and days: rows, places and money stay.

    Parameters
    ----------
    entire
        Of the tables as they are.
    tables
        The same rows as someone may read them.
    finest, finest_fact
        See `prepared_snapshot`.
    area_of
        The unit in which a place is told of an activity that may be told at a level
        (default: `coarsened_unit`).
    """
    activities = _coded_activities(tables.activities, finest)
    actors, organisations = _actors_and_organisations(activities, tables.organisations)
    before = entire.before_counting_once
    units, (places, shares) = _coarsened_places(before, finest, area_of or coarsened_unit)
    each = replace(
        before,
        tables=replace(tables, verdicts=tables.verdicts.clear()),
        finest_fact=finest_fact,
        activities=activities,
        units=units,
        places=places,
        shares=shares,
        actors=actors,
        organisations=organisations,
        donors=_rows_by_value(activities, "donors", "donor"),
        _entire=before,
        _targets={},
        _made={},
    )
    return counted_once(each, tables.verdicts)


def coarsened_unit(frames: Frames, unit_id: str, level: Level) -> str:
    """The unit itself, or that of a level which stands for a finer one that may not be told.

    Régions of two découpages lie in each other: the smallest that surely holds it. Cercles do
    not, and two of them may have one commune in common: that of its own découpage.
    """
    if LEVELS.index(Level(frames.unit_by_id(unit_id).level)) <= LEVELS.index(level):
        return unit_id
    if level is not Level.REGION:
        return frames.ancestor_at_level(unit_id, level) or NATIONAL
    found = {frames.converted_unit(unit_id, frame, level) for frame in frames.info}
    known = sorted(found - set(RESERVED), key=lambda one: (len(frames.certain_communes(one)), one))
    return known[0] if known else NATIONAL


def _coarsened_places(
    entire: Prepared, finest: pl.Series, area_of: AreaOf
) -> tuple[pl.Series, list[pl.DataFrame]]:
    """Unit codes, and ``places`` and ``shares`` at the finest units that may be told.

    A place is first coarsened in its own découpage and only then converted: what is told in two
    découpages never lies in what they have in common alone.
    """
    frames, units = entire.frames, entire.units
    codes = {unit: code for code, unit in enumerate(units)}
    moved: list[tuple[int, int, int]] = []
    for limit, level in enumerate(LEVELS[:-1]):
        for code, unit in enumerate(units):
            if unit in frames and (larger := area_of(frames, unit, level)) != unit:
                moved.append((code, limit, codes.setdefault(larger, len(codes))))
    larger_units = pl.DataFrame(moved, schema=["u", "finest", "larger"], orient="row").cast(
        {"u": pl.UInt32, "finest": finest.dtype, "larger": pl.UInt32}
    )
    told = []
    for rows in (entire.places, entire.shares):
        marked = rows.with_columns(finest.gather(rows["a"]).alias("finest"))
        joined = marked.join(larger_units, on=["u", "finest"], how="left", maintain_order="left")
        told.append(joined.with_columns(pl.coalesce("larger", "u").alias("u")).select(rows.columns))
    return pl.Series(units.name, list(codes), dtype=pl.String), told


def _coded_activities(activities: pl.DataFrame, finest: pl.Series | None) -> pl.DataFrame:
    """The activities with what `Prepared.activities` adds."""
    if finest is None:
        finest = pl.repeat(len(LEVELS) - 1, activities.height, dtype=pl.UInt8, eager=True)
    return activities.with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("a"), *period_bounds(), finest.alias("finest")
    )


def _actors_and_organisations(
    activities: pl.DataFrame, entered: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``actors`` and ``organisations`` of `Prepared`."""
    actors = _actor_rows(activities)
    organisations = _organisation_rows(actors, activities, entered)
    coded = actors.join(organisations.select("organisation", "org"), on="organisation")
    return coded.select("a", "org").sort("a", "org"), organisations


def counted_once(each: Prepared, verdicts: pl.DataFrame) -> Prepared:
    """The same after these decisions about pairs, and what documents say is a part of what.

    People of a record that another counts for act as part of that one.

    Parameters
    ----------
    each
        A snapshot in which every record counts (`Prepared.before_counting_once`); what was found
        in it stays.
    verdicts
        The table of that name.
    """
    if verdicts.is_empty() and each.tables.relations.is_empty():
        return each
    tables = replace(each.tables, verdicts=verdicts)
    same = counting.same_things(tables)
    chains = chains_of(tables, same)
    if verdicts.is_empty() and not chains.parts:
        return each
    follower = counting.follower_records(same, chains.listed_with, each.activities)
    return replace(
        each,
        tables=replace(tables, amounts=counted_amounts(tables.amounts, chains)),
        shares=_counted_shares(each, chains),
        actors=counting.with_leader_rows(each.actors, follower),
        donors=counting.with_leader_rows(each.donors, follower),
        spellings=counting.with_leader_rows(each.spellings, follower),
        follower=follower,
        chains=chains,
        _each=each,
        _made={},
    )


def _counted_shares(each: Prepared, chains: ActivityChains) -> pl.DataFrame:
    """The shares, nought where the money of a whole counts with its parts."""
    if not chains.elsewhere:
        return each.shares
    ids = each.activities.select("activity_id", "a")
    moved = chains.moved_amounts.join(ids, on="activity_id").select(
        "a", "kind", _moved=pl.lit(value=True)
    )
    nought = [
        pl.when("_moved").then(pl.lit(0)).otherwise(name).alias(name)
        for name in ("minor", "usd_minor")
    ]
    marked = each.shares.join(moved, on=["a", "kind"], how="left", maintain_order="left")
    return marked.with_columns(nought).drop("_moved")


def period_bounds() -> list[pl.Expr]:
    """First and last day an activity stands for, and whether neither was given.

    A missing start is the end, or the day of the document if that is earlier; a missing
    end is the start, or the day of the document if that is later; without both, the
    activity stands on the day of its document and nowhere else.
    """
    start, end, as_of = pl.col("start"), pl.col("end"), pl.col("as_of")
    first = pl.coalesce(start, pl.min_horizontal(end, as_of))
    last = pl.coalesce(end, pl.max_horizontal(start, as_of))
    return [
        pl.min_horizontal(first, last).alias("from_day"),
        pl.max_horizontal(first, last).alias("to_day"),
        (start.is_null() & end.is_null()).alias("undated"),
    ]


def touches_span(first: date, last: date) -> pl.Expr:
    """Whether the period of an activity touches this span."""
    return (pl.col("from_day") <= last) & (pl.col("to_day") >= first)


def _no_rate(_day: date) -> None:
    """Nobody said what the euro was worth."""


def _share_rows(tables: Tables, ids: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    return (
        split_amounts(tables.amounts, tables.placements)
        .join(ids, on="activity_id", maintain_order="left")
        .join(codes, on="unit_id", maintain_order="left")
        .select(
            *("a", "u", "kind", "currency", "minor", "usd_minor"),
            _INHERITED.fill_null(False).alias("inherited"),
            *("amount", "weight"),
            pl.col("rule").eq_missing(Rule.REPORTED.value).alias("told"),
        )
    )


def _rows_by_value(activities: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return (
        activities.select("a", pl.col(column).alias(name))
        .explode(name)
        .drop_nulls()
        .unique()
        .sort("a", name)
    )


def _actor_rows(activities: pl.DataFrame) -> pl.DataFrame:
    """Who acts: the lead and the implementers, one row each (``a, organisation``)."""
    lead = activities.select("a", pl.col("lead_org").alias("organisation")).drop_nulls()
    doers = _rows_by_value(activities, "implementers", "organisation")
    return pl.concat([lead, doers]).filter(pl.col("organisation") != "").unique()


def _organisation_rows(
    actors: pl.DataFrame, activities: pl.DataFrame, entered: pl.DataFrame
) -> pl.DataFrame:
    """``org, organisation, type``: that of the vocabulary or of whoever entered it, else the one
    most often reported."""
    first = pl.coalesce("lead_org", pl.col("implementers").list.first())
    leads = activities.select(first.alias("organisation"), "org_type").drop_nulls()
    reported = (
        leads.group_by("organisation", "org_type")
        .len()
        .sort(["len", "org_type"], descending=[True, False])
        .unique("organisation", keep="first", maintain_order=True)
    )
    names = actors.select(pl.col("organisation").unique().sort()).with_row_index("org")
    own = dict(
        entered.select("organisation", "type").drop_nulls().unique().sort("type").iter_rows()
    )
    known = [organisation_type(name) or own.get(name) for name in names["organisation"]]
    types = vocabulary_table("org_types")["id"]
    return (
        names.with_columns(pl.Series("known", known, dtype=pl.String))
        .join(reported, on="organisation", how="left", maintain_order="left")
        .select(
            "org",
            "organisation",
            pl.coalesce("known", "org_type").alias("type"),
        )
        .with_columns(
            pl.when(pl.col("type").is_in(types.implode()))
            .then(pl.col("type"))
            .otherwise(pl.lit(UNKNOWN_TYPE))
        )
    )


def _spelling_rows(activities: pl.DataFrame) -> pl.DataFrame:
    """``a, spelling``: spellings as reported, told apart after case and space folding."""
    folded = pl.col("spelling").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    return (
        _rows_by_value(activities, "organisations_raw", "spelling")
        .with_columns(folded)
        .filter(pl.col("spelling") != "")
        .unique()
        .with_columns(pl.col("spelling").rank("dense").cast(pl.UInt32))
        .sort("a", "spelling")
    )


def _target_rows(frames: Frames, frame: str, level: Level, units: pl.Series) -> Targets:
    own = frames.units_at_level(frame, level).select(
        "unit_id", pl.col("name").alias("unit_name"), "parent", pl.lit(False).alias("is_reserved")
    )
    reserved = pl.DataFrame(
        {
            "unit_id": RESERVED,
            "unit_name": RESERVED,  # named in the language of whoever asks: `Scope.units`
            "parent": [None] * len(RESERVED),
            "is_reserved": [True] * len(RESERVED),
        },
        schema=own.schema,
    )
    rows = pl.concat([own, reserved])
    found = _located_rows(frames, frame, level, units, rows)
    numbered = rows.select(pl.col("unit_id").alias("target")).with_row_index("row")
    homes = frames.conversion_targets(frame, level).join(numbered.head(own.height), on="target")
    return Targets(
        units=rows,
        row_of=found["target"],
        level=level,
        homes=dict(homes.select("unit_id", "row").iter_rows()),
    )


def _located_rows(
    frames: Frames, frame: str, level: Level, unit_ids: pl.Series, rows: pl.DataFrame
) -> pl.DataFrame:
    """``unit_id, target``: number of the row each id falls in, in the order given."""
    placed = pl.DataFrame({"unit_id": unit_ids}, schema={"unit_id": pl.String})
    numbered = rows.select(pl.col("unit_id").alias("target")).with_row_index("row")
    return (
        frames.converted_placements(placed, frame, level)
        .join(numbered, on="target", how="left", maintain_order="left")
        .select("unit_id", pl.col("row").cast(pl.UInt32).alias("target"))
    )


def rows_touched(frames: Frames, targets: Targets, place: str) -> frozenset[int]:
    """Rows that the communes of a place fall in; empty where they are not known.

    Parameters
    ----------
    place
        A unit of any découpage, or what stands for none.
    """
    if place not in frames:
        return frozenset()
    found = {targets.homes.get(inner) for inner in frames.units_inside(place)}
    return frozenset(row for row in found if row is not None)


class SnapshotOverlays:
    """Overlays of one snapshot by frame, made anew when boundaries are installed.

    Parameters
    ----------
    context
        The table of context: facts are known by their row.
    placements
        The table of placements: points are known by their row.
    """

    def __init__(self, context: pl.DataFrame, placements: pl.DataFrame) -> None:
        rows = context.lazy().with_row_index("fact").filter(pl.col("kind").is_in(DRAWN_KINDS))
        drawn = pl.col("geometry").is_not_null() & (pl.col("geometry") != "")
        found = rows.filter(drawn).select("fact", "indicator", "geometry").collect()
        self._facts = found.select("fact", "geometry")
        self._forbids = (found["indicator"] == NO_GO).any()
        self._placements = placements
        self._made: dict[str, tuple[str, FactOverlay]] = {}

    def __call__(self, frame: str) -> FactOverlay:
        """The facts laid over the units of a frame."""
        if not self._facts.height:
            return NO_OVERLAY
        installation = installation_stamp(".")
        held, found = self._made.get(frame, ("", NO_OVERLAY))
        if found is NO_OVERLAY or held != installation:
            from atlas.geo.overlay import overlay_facts  # loads shapely; few snapshots draw facts

            found = overlay_facts(self._facts, frame, self._points_for_no_go())
            self._made[frame] = (installation, found)
        return found

    @property
    def boundaries_edition(self) -> str:
        """What the overlays depend on beside the facts; empty where nothing is drawn."""
        return installation_stamp(".") if self._facts.height else ""

    def _points_for_no_go(self) -> pl.DataFrame | None:
        """Places with coordinates, where a zone that forbids is drawn."""
        if not self._forbids:
            return None
        rows = self._placements.lazy().with_row_index("point").select("point", "lon", "lat")
        return rows.drop_nulls().collect()
