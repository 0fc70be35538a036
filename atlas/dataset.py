"""Questions put to a snapshot: every figure of the page, an export or a command is an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from atlas.corrections.relations import published_totals
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.told_areas import told_area
from atlas.i18n import _, current_language
from atlas.ingest.money import dollars_per_euro
from atlas.layers import LAYERS
from atlas.layers.layer import Layer
from atlas.layers.listing import FACETS, Facet, activity_list, filter_values
from atlas.layers.options import all_settings, changed_settings
from atlas.layers.prepare import (
    Prepared,
    SnapshotOverlays,
    as_told,
    counted_once,
    prepared_snapshot,
)
from atlas.layers.presence import LAYER as PRESENCE
from atlas.layers.published import published_detail
from atlas.layers.scope import Scope, scope_of
from atlas.model import NOT_CONVERTIBLE, RESERVED, STATUSES, STOPPED, Kind, Level, Tables, Viewer
from atlas.sensitivity import (
    activity_reservations,
    allowed_settings,
    check_cell_allowed,
    check_level_allowed,
    finest_level,
    places_for_viewer,
    tables_for_public,
    tables_for_viewer,
    without_withheld,
)
from atlas.vocab import vocabulary_table

if TYPE_CHECKING:
    from atlas.geo.frames import Frames


__all__ = ["EVERYTHING", "Answer", "Dataset", "SnapshotLike"]


@dataclass(frozen=True)
class Question:
    """All that an answer depends on beside the snapshot: the key of the cache."""

    layer: str
    filters: Filters
    frame: str
    level: Level
    viewer: Viewer
    options: tuple[tuple[str, str], ...]
    language: str
    boundaries: str  # those in force, where drawn facts are laid over them


def layer_named(name: str) -> Layer:
    """The layer of that name; `UsageError` names those there are."""
    if name not in LAYERS:
        raise _unknown_value_error(_("Couche « {name} » inconnue", name=name), LAYERS)
    return LAYERS[name]


def check_place(frame: str, level: str) -> Level:
    """The level asked for, in a découpage that is known.

    Raises
    ------
    UsageError
        Unknown découpage or level; the valid ones are named.
    """
    if frame not in FRAMES:
        raise _unknown_value_error(_("Découpage « {name} » inconnu", name=frame), FRAMES)
    if level not in list(Level):
        raise _unknown_value_error(_("Niveau « {name} » inconnu", name=level), Level)
    return Level(level)


def check_filters(filters: Filters, frames: Frames) -> None:
    """Let filters pass whose values are of the vocabularies and units known.

    Raises
    ------
    UsageError, UnknownUnitError
        A value that would filter everything out without a word.
    """
    for value in filters.source:
        known = vocabulary_table("sources")["id"].to_list()
        if value not in known:
            raise _unknown_value_error(_("Source « {name} » inconnue", name=value), known)
    for value in filters.status:
        if value not in STATUSES:
            raise _unknown_value_error(_("Statut « {name} » inconnu", name=value), STATUSES)
    sectors = vocabulary_table("sectors")["id"].to_list() if filters.sector else []
    for value in filters.sector:
        if value not in sectors:
            raise _unknown_value_error(_("Secteur « {name} » inconnu", name=value), sectors)
    for unit_id in filters.unit:
        if unit_id not in RESERVED:
            frames.unit_by_id(unit_id)


def _unknown_value_error(what: str, valid: Iterable[object]) -> UsageError:
    return UsageError(what, "", _("Valeurs possibles : {names}.", names=", ".join(map(str, valid))))


class SnapshotLike(Protocol):
    """What a Dataset needs of a snapshot."""

    @property
    def hash(self) -> str:
        """Hash of the content."""

    @property
    def tables(self) -> Tables:
        """The tables, already checked."""


@dataclass(frozen=True)
class UnpublishedSnapshot:
    """Tables that no store holds, under a name that is no hash."""

    hash: str
    tables: Tables


@dataclass(frozen=True)
class Answer:
    """A table, and everything needed to say what it is.

    Attributes
    ----------
    table
        The rows; see the layer for its columns.
    meta
        ``snapshot``, ``as_of`` (newest document), ``reference`` (day things are judged at)``,
        own_day`` (where nobody moves it: the newest document of the layer's kind),
        ``viewer``, ``origins`` (publishers and licences of the documents behind it),
        ``files``, ``is_sample``, ``reserved`` (whether something is told less finely),
        ``undated_left_out``, ``without_sector``, ``options``
        (settings of the layer that differ from the default)``, frame_gain`` (how many more
        the découpage places than the one in force, where nobody chose it).
    """

    table: pl.DataFrame
    layer: str
    frame: str
    level: str
    filters: Filters
    meta: dict[str, object]

    @property
    def document_origins(self) -> list[str]:
        """Publishers of the documents behind it."""
        told = self.meta.get("origins")
        return [str(origin) for origin in told] if isinstance(told, list) else []


@dataclass(frozen=True)
class HeadlineFigures:
    """The headline figures; money is null when no amount is known.

    Attributes
    ----------
    without_amount
        Activities whose budget nobody gave.
    units, units_without
        Units of the frame and level, and those without a reported activity.
    unsaid, not_convertible, coarser, unplaced
        Activities of which this découpage cannot say, at this level, in which unit they are;
        and of these: of another découpage, placed above the level, of unknown place.
    duplicates, overlaps
        Pairs to review: possible double reports, and others doing the same thing.
    cancelled, suspended
        Activities that are told and are in none of the other figures.
    """

    activities: int
    organisations: int
    budget_placed_usd: float | None
    budget_unplaced_usd: float | None
    without_amount: int
    units: int
    units_without: int
    duplicates: int
    overlaps: int
    cancelled: int
    suspended: int
    unsaid: int = 0
    not_convertible: int = 0
    coarser: int = 0
    unplaced: int = 0


@dataclass(frozen=True)
class ZonePanel:
    """What the page says of one unit."""

    unit_id: str
    name: str
    presence: dict[str, Any]
    budget: dict[str, Any]
    activities: pl.DataFrame
    published: pl.DataFrame
    facets: dict[str, Facet]


EVERYTHING = Filters()
CACHED_ANSWERS = 64


class Dataset:
    """A snapshot that answers questions. It never changes.

    Parameters
    ----------
    snapshot
        A published snapshot (or anything with its ``hash`` and ``tables``).
    frames
        The units and conversions; those of the package unless a test says otherwise.
    earlier
        Finds an earlier snapshot by the beginning of its hash, the one published before
        this one by an empty word; ``None`` where there is none.
    later
        The dataset that this one is compared with: what it reserves is reserved here too.
    """

    def __init__(
        self,
        snapshot: SnapshotLike,
        frames: Frames | None = None,
        earlier: Callable[[str], SnapshotLike | None] | None = None,
        later: Dataset | None = None,
    ) -> None:
        if frames is None:
            frames = shipped_frames()
        self.snapshot = snapshot
        self.frames = frames
        self.tables = snapshot.tables
        self._earlier = earlier or (lambda _word: None)
        self._later = later
        self._frame_gains: dict[Viewer, int] = {}
        self._compared_with: dict[str, Dataset | None] = {}
        self._laid = SnapshotOverlays(self.tables.context, self.tables.placements)
        self._preparing = Lock()
        self._prepared: dict[tuple[Viewer, str], Prepared] = {}
        self._compute = lru_cache(CACHED_ANSWERS)(self._computed_layer)

    @classmethod
    def from_tables(cls, tables: Tables, name: str = "unpublished") -> Dataset:
        """Dataset of tables that no store holds, such as the sample's.

        Examples
        --------
        >>> from atlas.ingest.sample import sample_tables
        >>> Dataset.from_tables(sample_tables()).default_frame
        'ml-2023'
        """
        return cls(UnpublishedSnapshot(name, tables))

    # what the snapshot is

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever read."""
        return self.tables.documents.height == 0

    @property
    def as_of(self) -> date | None:
        """Date of the newest document."""
        newest = self.tables.documents["as_of"].max()
        return newest if isinstance(newest, date) else None

    @property
    def frame_in_force(self) -> str:
        """Découpage in force at the date of the newest document."""
        return self.frames.frame_on(self.as_of) if self.as_of else FRAMES[-1]

    @cached_property
    def default_frame(self) -> str:
        """The découpage that keeps most placed; of equal ones that in force, then the newest.

        What is reserved has no part in it, whoever asks: where it lies must not show in this.
        """
        usual = self.frame_in_force
        lost = {frame: self.not_convertible_count(frame, Viewer.PUBLIC) for frame in FRAMES}
        if not lost[usual]:
            return usual
        return min(reversed(FRAMES), key=lambda frame: (lost[frame], frame != usual))

    def frame_gain(self, viewer: Viewer = Viewer.EDITOR) -> int:
        """How many more the default découpage places than the one in force."""
        if viewer not in self._frame_gains:
            usual, shown = (
                self.not_convertible_count(frame, viewer)
                for frame in (self.frame_in_force, self.default_frame)
            )
            self._frame_gains[viewer] = usual - shown
        return self._frame_gains[viewer]

    def not_convertible_count(self, frame: str, viewer: Viewer = Viewer.EDITOR) -> int:
        """How many activities and presences a découpage cannot place, even by région.

        The public is told of what is open alone. In a snapshot without any, how many facts of the
        context.
        """
        reported = self.tables.activities.filter(
            pl.col("kind").is_in([Kind.ACTIVITY.value, Kind.PRESENCE.value])
        )
        if viewer is Viewer.PUBLIC:
            marks = self.reserved_activities.filter(~pl.col("held"))
            reported = reported.join(marks, on="activity_id", how="semi")
        rows = self.tables.placements.join(reported.select("activity_id"), on="activity_id")
        if rows.is_empty():
            facts = self.tables.context.with_row_index("activity_id").drop_nulls("unit_id")
            rows = facts.select("activity_id", "unit_id")
        units = rows.select("unit_id").unique()
        told = self.frames.converted_placements(units, frame, Level.REGION.value)
        lost = told.filter(pl.col("target") == NOT_CONVERTIBLE)["unit_id"]
        return rows.filter(pl.col("unit_id").is_in(lost.implode()))["activity_id"].n_unique()

    def reported_period(self, viewer: Viewer = Viewer.EDITOR) -> tuple[date, date] | None:
        """Earliest start and latest end of what is reported (plans only for want of else)."""
        entries = self.prepared_tables(viewer).activities
        reported = entries.filter(pl.col("kind").is_in([Kind.ACTIVITY, Kind.PRESENCE]))
        dated = reported if reported.height else entries
        first, last = dated["from_day"].min(), dated["to_day"].max()
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None

    # questions

    def ask(
        self,
        layer: str,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
        options: Mapping[str, str] | None = None,
    ) -> Answer:
        """Compute a layer for whoever asks.

        Parameters
        ----------
        layer
            A key of `atlas.layers.LAYERS`.
        frame
            Découpage (default: `default_frame`).
        options
            Settings of the layer (`Layer.options`).

        Raises
        ------
        UsageError
            Unknown layer, frame, level, unit, filter value or setting: the valid ones are named.
        ForbiddenError
            The viewer may not see this level of detail.
        """
        asked = layer_named(layer)
        said = all_settings(asked.options, options or {})
        where, fineness = self._checked_place(filters, frame, level)
        self._check_allowed(viewer, fineness, filters, layer)
        self._check_named_allowed(viewer, asked, said)
        said = allowed_settings(said, layer, fineness, viewer)
        question = Question(
            layer=layer,
            filters=filters,
            frame=where,
            level=fineness,
            viewer=viewer,
            options=tuple(sorted(said.items())),
            language=current_language(),
            boundaries=self._laid.boundaries_edition,
        )
        table, meta = self._compute(question)
        table = without_withheld(table, layer, fineness, viewer)
        meta |= {"viewer": viewer.value, "options": changed_settings(asked.options, said)}
        meta["frame_gain"] = self.frame_gain(viewer) if frame is None else 0
        return Answer(table, layer, where, fineness.value, filters, meta)

    def filtered_scope(
        self,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
    ) -> Scope:
        """The question applied to the snapshot, with what the viewer may not see withheld."""
        where, fineness = self._checked_place(filters, frame, level)
        self._check_allowed(viewer, fineness, filters)
        return PRESENCE.judged_scope(
            scope_of(self.prepared_tables(viewer), filters, where, fineness)
        )

    def activity_grid(
        self,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
    ) -> Answer:
        """The grid of activities and presences (see `atlas.layers.listing.activity_list`).

        Places are told as finely as the viewer may know; see `atlas.fields` for the columns.
        """
        return self.listed_activities(self.filtered_scope(filters, frame, level, viewer), viewer)

    def activities_behind(
        self,
        unit: str | None = None,
        sector: str | None = None,
        *,
        items: bool = False,
        stopped: bool = False,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
        layer: str = "presence",
        options: Mapping[str, str] | None = None,
    ) -> Answer:
        """The activities that a figure stands for (see `Scope.narrowed_scope`), as the grid has
        them.

        ``share_usd`` is what each adds to the unit, so that it sums to the budget. Of another
        layer it is a cell of that layer, under its settings, with what stands beside each;
        ``sector`` is a value of whatever that layer is told by.
        ``stopped``: of what is cancelled or suspended instead, which is in no other figure.

        Raises
        ------
        UsageError
            The answer has no such row.
        """
        of = layer_named(layer)
        check_cell_allowed(viewer, layer)
        asked = self.filtered_scope(filters, frame, level, viewer)
        said = all_settings(of.options, options or {})
        self._check_named_allowed(viewer, of, said)
        told = of.judged_scope(replace(asked, options=said, stopped=stopped))
        here = (
            of.cell(told, unit, sector)
            if of.cell
            else told.narrowed_scope(unit, sector, items=items)
        )
        answer = self.listed_activities(
            replace(here, options={}, reference=asked.reference), viewer
        )
        table = answer.table
        if of.with_columns is not None:
            more = of.with_columns(here, sector or "")
            table = table.join(more, on="activity_id", how="left", maintain_order="left")
        return replace(answer, table=without_withheld(table, "activities", here.level, viewer))

    def facet_counts(
        self, filters: Filters = EVERYTHING, viewer: Viewer = Viewer.EDITOR
    ) -> dict[str, Facet]:
        """Values of each filter with how many entries they keep, the other filters applied.

        Returns
        -------
        dict
            Filter (`atlas.layers.listing.FACETS`) → ``(value, label, count)``.
        """
        nothing: dict[str, object] = {"year": (), "at": None, "since": None, "until": None}
        found = {}
        for name in FACETS:
            others = filters.with_changes(**(nothing if name == "year" else {name: ()}))
            asked = self.filtered_scope(others, viewer=viewer)
            found[name] = filter_values(asked.prepared, asked.activities, name)
        return found

    def published_figures(
        self,
        unit: str | None = None,
        frame: str | None = None,
        level: str = Level.REGION.value,
        filters: Filters = EVERYTHING,
        viewer: Viewer = Viewer.EDITOR,
    ) -> pl.DataFrame:
        """Figures published without their items, for a unit or for all (see `published_detail`)."""
        if unit is not None and unit not in RESERVED:
            own = self.frames.unit_by_id(unit)
            frame, level = own.frame, own.level
        asked = self.filtered_scope(filters.with_changes(unit=()), frame, level, viewer)
        table = without_withheld(published_detail(asked), "published", asked.level, viewer)
        return table if unit is None else table.filter(pl.col("unit_id") == unit)

    # the tables of quality, as the viewer may read them

    def tables_for_viewer(self, viewer: Viewer) -> Tables:
        """The tables of the snapshot as a viewer may read them."""
        if viewer is Viewer.EDITOR:
            return self.tables
        told = self.prepared_tables(viewer)
        return replace(told.before_counting_once.tables, verdicts=told.tables.verdicts)

    def documents_read(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """The documents read, newest first."""
        table = self.tables_for_viewer(viewer).documents.sort(
            "as_of", "document", descending=[True, False]
        )
        return without_withheld(table, "documents", Level.REGION, viewer)

    def control_totals(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """Published totals beside what was read, with ``file`` and ``difference``."""
        table = self._with_files(published_totals(self.tables_for_viewer(viewer)), viewer)
        units = places_for_viewer(table["unit_id"], self.frames, finest_level(viewer))
        told = table.with_columns(
            pl.Series("unit_id", units, dtype=pl.String),
            (pl.col("published") - pl.col("read")).alias("difference"),
        )
        return without_withheld(told, "control_totals", Level.REGION, viewer)

    def findings_with_files(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """The findings with ``file``, as the viewer may read them."""
        table = self._with_files(self.tables_for_viewer(viewer).findings, viewer)
        return without_withheld(table, "findings", Level.REGION, viewer).with_columns(
            pl.col("params").fill_null("{}")
        )

    def _with_files(self, table: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
        files = self.tables_for_viewer(viewer).documents.select("document", "file")
        return table.join(files, on="document", how="left", maintain_order="left")

    # machinery

    def listed_activities(self, asked: Scope, viewer: Viewer) -> Answer:
        """The activities of a scope, as the viewer may read them."""
        told = activity_list(asked, finest_level(viewer))
        table = without_withheld(told, "activities", asked.level, viewer)
        meta = {**self._answer_meta(asked), "viewer": viewer.value}
        return Answer(table, "activities", asked.frame, asked.level.value, asked.filters, meta)

    def clear_cache(self) -> None:
        """Empty the cache of answers (benchmarks)."""
        self._compute.cache_clear()

    def prepared_tables(self, viewer: Viewer = Viewer.EDITOR) -> Prepared:
        """The coded tables: everything, or what a viewer may know."""
        with self._preparing:
            return self._prepared_for(viewer)

    def _prepared_for(self, viewer: Viewer) -> Prepared:
        whole = viewer is Viewer.EDITOR
        key = viewer, "" if whole else current_language()  # what stands for words is translated
        if key not in self._prepared:
            if whole:
                made = prepared_snapshot(
                    self.tables, self.frames, overlay=self._laid, dollars_per_euro=dollars_per_euro
                )
            else:
                made = self._prepared_as_told(viewer)
            self._prepared[key] = made
        return self._prepared[key]

    def _prepared_as_told(self, viewer: Viewer) -> Prepared:
        marks = self.reserved_activities
        entire, tables, area_of = self._prepared_for(Viewer.EDITOR), self.tables, None
        if viewer is Viewer.PUBLIC:
            tables, area_of = tables_for_public(tables, marks, self.frames), told_area
            entire = as_told(entire, tables, marks["finest"], Level.COMMUNE, area_of)
        told = tables_for_viewer(tables, marks, self.frames, viewer)
        fact = finest_level(Viewer.PARTNER, "access")
        return as_told(entire, told, marks["finest"], fact, area_of)

    @cached_property
    def reserved_activities(self) -> pl.DataFrame:
        """What is reserved of each activity (`atlas.sensitivity.activity_reservations`).

        A document dated in days to come opens nothing that lies ahead of today.
        """
        later = self._later.reserved_activities if self._later else None
        newest = min(self.as_of, date.today()) if self.as_of else None
        return activity_reservations(self.tables, newest, later)

    def with_new_verdicts(self, snapshot: SnapshotLike) -> Dataset:
        """Dataset of a snapshot that differs by its verdicts alone: what stands is kept."""
        made = Dataset(snapshot, self.frames, self._earlier)
        with self._preparing:
            made._prepared = {
                key: counted_once(one.before_counting_once, snapshot.tables.verdicts)
                for key, one in self._prepared.items()
                if key[0] is Viewer.EDITOR  # what is reserved depends on what was decided
            }
        return made

    def _computed_layer(self, question: Question) -> tuple[pl.DataFrame, dict[str, object]]:
        layer, asked = LAYERS[question.layer], self._scope_of(question)
        meta: dict[str, object] = {"own_day": layer.own_day(asked.prepared)}
        if layer.comparable:
            asked, since = self._comparison_scope(asked, question)
            meta |= since
        if layer.about is not None:
            meta |= layer.about(asked)
        return layer.compute(asked), {**self._answer_meta(asked), **meta}

    def _scope_of(self, question: Question) -> Scope:
        asked = scope_of(
            self.prepared_tables(question.viewer),
            question.filters,
            question.frame,
            question.level,
            options=dict(question.options),
        )
        return LAYERS[question.layer].judged_scope(asked)

    def _comparison_scope(
        self, asked: Scope, question: Question
    ) -> tuple[Scope, dict[str, object]]:
        """The scope with what it is compared with, and what that is: a state, or a day."""
        first, last = asked.options["from"], asked.options["to"]
        if last:
            asked = replace(asked, reference=date.fromisoformat(last))
        if first:
            before = replace(asked, reference=date.fromisoformat(first))
            return replace(asked, before=before), {"since": "", "since_as_of": before.reference}
        dataset = self.earlier_dataset(asked.options["since"])
        if dataset is None:
            return asked, {"since": None, "since_as_of": None}
        before = dataset._scope_of(question)
        since: dict[str, object] = {"since": dataset.snapshot.hash, "since_as_of": dataset.as_of}
        return replace(asked, before=before), since

    def earlier_dataset(self, word: str = "") -> Dataset | None:
        """Dataset of an earlier snapshot; none where that is the sample of a fresh store.

        Parameters
        ----------
        word
            The beginning of its hash; "": the one that was current before.
        """
        if word not in self._compared_with:
            found = self._earlier(word)
            usable = found is not None and found.tables.is_sample == self.tables.is_sample
            made = Dataset(found, self.frames, later=self) if found and usable else None
            self._compared_with = {word: made}
        return self._compared_with[word]

    def _answer_meta(self, asked: Scope) -> dict[str, object]:
        behind = asked.document_rows
        return {
            "snapshot": self.snapshot.hash,
            "as_of": self.as_of,
            "reference": asked.reference,
            "origins": behind["origin"].drop_nulls().unique(maintain_order=True).to_list(),
            "files": behind["file"].to_list(),
            "is_sample": self.tables.is_sample,
            "reserved": asked.prepared.told_down_to < len(Level) - 1,
            "undated_left_out": asked.undated_left_out,
            "without_sector": int(asked.counted_activities["sector"].null_count()),
            **{status: asked.stopped_by(status) for status in STOPPED},
        }

    def _checked_place(self, filters: Filters, frame: str | None, level: str) -> tuple[str, Level]:
        where = frame or self.default_frame
        fineness = check_place(where, level)
        check_filters(filters, self.frames)
        return where, fineness

    def _check_named_allowed(
        self, viewer: Viewer, layer: Layer, options: Mapping[str, str]
    ) -> None:
        units = layer.units_named(self.tables.context, options) if layer.units_named else ()
        for unit_id in units:
            check_level_allowed(viewer, Level(self.frames.unit_by_id(unit_id).level))

    def _check_allowed(
        self, viewer: Viewer, level: Level, filters: Filters, layer: str = "presence"
    ) -> None:
        check_level_allowed(viewer, level, layer)
        for unit_id in filters.unit:
            if unit_id not in RESERVED:
                check_level_allowed(viewer, Level(self.frames.unit_by_id(unit_id).level), layer)
