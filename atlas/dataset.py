"""The one door: every figure on a page, in a file or on a terminal comes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import polars as pl

from atlas.answers import Answer, SnapshotLike, Unpublished
from atlas.corrections.chains import published_totals
from atlas.filters import Filters
from atlas.geo.laid import Laid
from atlas.i18n import language
from atlas.ingest.money import dollars_per_euro
from atlas.layers import LAYERS
from atlas.layers.counting import STOPPED
from atlas.layers.facets import FACETS, Facet, facet
from atlas.layers.layer import Layer
from atlas.layers.listing import listing
from atlas.layers.options import changed, settings
from atlas.layers.prepare import Prepared, as_told, counted_once, prepare
from atlas.layers.presence import LAYER as PRESENCE
from atlas.layers.published import published_detail
from atlas.layers.scope import Scope, scope
from atlas.model import NOT_CONVERTIBLE, RESERVED, Kind, Level, Tables, Viewer
from atlas.questions import Question, check_filters, check_place, layer_named
from atlas.sensitivity import (
    allow,
    allow_cell,
    allowed_settings,
    finest_level,
    reservations,
    told_places,
    told_tables,
    withheld,
)

if TYPE_CHECKING:
    from atlas.geo.frames import Frames

__all__ = ["EVERYTHING", "Answer", "Dataset", "SnapshotLike"]

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
            from atlas.geo.frames import frames as all_frames

            frames = all_frames()
        self.snapshot = snapshot
        self.frames = frames
        self.tables = snapshot.tables
        self._earlier = earlier or (lambda _word: None)
        self._later = later
        self._compared_with: dict[str, Dataset | None] = {}
        self._laid = Laid(self.tables.context, self.tables.placements)
        self._preparing = Lock()
        self._prepared: dict[tuple[Viewer, str], Prepared] = {}
        self._compute = lru_cache(CACHED_ANSWERS)(self._computed)

    @classmethod
    def of(cls, tables: Tables, name: str = "unpublished") -> Dataset:
        """Dataset of tables that no store holds, such as the sample's.

        Examples
        --------
        >>> from atlas.ingest.sample import sample_tables
        >>> Dataset.of(sample_tables()).default_frame
        'ml-2023'
        """
        return cls(Unpublished(name, tables))

    # what the snapshot is

    @property
    def empty(self) -> bool:
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
        from atlas.geo.frames import FRAMES

        return self.frames.frame_on(self.as_of) if self.as_of else FRAMES[-1]

    @cached_property
    def default_frame(self) -> str:
        """The découpage that keeps most placed; of equal ones that in force, then the newest."""
        from atlas.geo.frames import FRAMES

        usual = self.frame_in_force
        if not self.lost_in(usual):
            return usual
        return min(reversed(FRAMES), key=lambda frame: (self.lost_in(frame), frame != usual))

    @cached_property
    def frame_gain(self) -> int:
        """How many more the default découpage places than the one in force."""
        shown, usual = self.default_frame, self.frame_in_force
        return 0 if shown == usual else self.lost_in(usual) - self.lost_in(shown)

    def lost_in(self, frame: str) -> int:
        """How many activities and presences a découpage cannot place, even by région.

        In a snapshot without any, how many facts of the context.
        """
        reported = self.tables.activities.filter(
            pl.col("kind").is_in([Kind.ACTIVITY.value, Kind.PRESENCE.value])
        )
        rows = self.tables.placements.join(reported.select("activity_id"), on="activity_id")
        if rows.is_empty():
            facts = self.tables.context.with_row_index("activity_id").drop_nulls("unit_id")
            rows = facts.select("activity_id", "unit_id")
        units = rows.select("unit_id").unique()
        told = self.frames.converted(units, frame, Level.REGION.value)
        lost = told.filter(pl.col("target") == NOT_CONVERTIBLE)["unit_id"]
        return rows.filter(pl.col("unit_id").is_in(lost.implode()))["activity_id"].n_unique()

    @property
    def span(self) -> tuple[date, date] | None:
        """Earliest start and latest end of what is reported (plans only for want of else)."""
        entries = self.prepared().activities
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
            Settings of the layer (`Layer.options`); the others have their default.

        Raises
        ------
        UsageError
            Unknown layer, frame, level, unit, filter value or setting; the valid ones are
            named.
        ForbiddenError
            The viewer may not see this level of detail.
        """
        asked = layer_named(layer)
        said = settings(asked.options, options or {})
        where, fineness = self._valid(filters, frame, level)
        self._allow(viewer, fineness, filters, layer)
        self._allow_named(viewer, asked, said)
        said = allowed_settings(said, layer, fineness, viewer)
        question = Question(
            layer=layer,
            filters=filters,
            frame=where,
            level=fineness,
            viewer=viewer,
            options=tuple(sorted(said.items())),
            language=language(),
            boundaries=self._laid.edition,
        )
        table, meta = self._compute(question)
        table = withheld(table, layer, fineness, viewer)
        own = {
            "viewer": viewer.value,
            "options": changed(asked.options, said),
            "frame_gain": self.frame_gain if frame is None else 0,
        }
        return Answer(table, layer, where, fineness.value, filters, {**meta, **own})

    def scope(
        self,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
    ) -> Scope:
        """The question applied to the snapshot, with what the viewer may not see withheld."""
        where, fineness = self._valid(filters, frame, level)
        self._allow(viewer, fineness, filters)
        return PRESENCE.judged(scope(self.prepared(viewer), filters, where, fineness))

    def activities(
        self,
        filters: Filters = EVERYTHING,
        frame: str | None = None,
        level: str = Level.REGION.value,
        viewer: Viewer = Viewer.EDITOR,
    ) -> Answer:
        """The grid of activities and presences (see `atlas.layers.listing.listing`).

        Places are told as finely as the viewer may know; see `atlas.fields` for the columns.
        """
        return self.listed(self.scope(filters, frame, level, viewer), viewer)

    def behind(
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
        """The activities that a figure stands for (see `Scope.narrowed`), as the grid has them.

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
        allow_cell(viewer, layer)
        asked = self.scope(filters, frame, level, viewer)
        said = settings(of.options, options or {})
        self._allow_named(viewer, of, said)
        told = of.judged(replace(asked, options=said, stopped=stopped))
        here = of.cell(told, unit, sector) if of.cell else told.narrowed(unit, sector, items=items)
        answer = self.listed(replace(here, options={}, reference=asked.reference), viewer)
        table = answer.table
        if of.beside is not None:
            more = of.beside(here, sector or "")
            table = table.join(more, on="activity_id", how="left", maintain_order="left")
        return replace(answer, table=withheld(table, "activities", here.level, viewer))

    def facets(
        self, filters: Filters = EVERYTHING, viewer: Viewer = Viewer.EDITOR
    ) -> dict[str, Facet]:
        """Values of each filter with how many entries they keep, the other filters applied.

        Returns
        -------
        dict
            ``source, donor, organisation, sector, status, year`` → ``(value, label, count)``.
        """
        nothing: dict[str, object] = {"year": (), "at": None, "since": None, "until": None}
        found = {}
        for name in FACETS:
            others = filters.but(**(nothing if name == "year" else {name: ()}))
            asked = self.scope(others, viewer=viewer)
            found[name] = facet(asked.prepared, asked.activities, name)
        return found

    def published(
        self,
        unit: str | None = None,
        frame: str | None = None,
        level: str = Level.REGION.value,
        filters: Filters = EVERYTHING,
        viewer: Viewer = Viewer.EDITOR,
    ) -> pl.DataFrame:
        """Figures published without their items, for a unit or for all (see `published_detail`)."""
        if unit is not None and unit not in RESERVED:
            own = self.frames.unit(unit)
            frame, level = own.frame, own.level
        asked = self.scope(filters.but(unit=()), frame, level, viewer)
        table = withheld(published_detail(asked), "published", asked.level, viewer)
        return table if unit is None else table.filter(pl.col("unit_id") == unit)

    # the tables of quality, as the viewer may read them

    def told(self, viewer: Viewer) -> Tables:
        """The tables of the snapshot as a viewer may read them."""
        if viewer is Viewer.EDITOR:
            return self.tables
        told = self.prepared(viewer)
        return replace(told.each.tables, verdicts=told.tables.verdicts)

    def documents(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """The documents read, newest first."""
        table = self.told(viewer).documents.sort("as_of", "document", descending=[True, False])
        return withheld(table, "documents", Level.REGION, viewer)

    def reserved(self) -> pl.DataFrame:
        """What is reserved of each activity (`atlas.sensitivity.reservations`)."""
        return self._reserved

    def control_totals(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """Published totals beside what was read, with ``file`` and ``difference``."""
        table = self._with_files(published_totals(self.told(viewer)), viewer)
        units = told_places(table["unit_id"], self.frames, finest_level(viewer))
        told = table.with_columns(
            pl.Series("unit_id", units, dtype=pl.String),
            (pl.col("published") - pl.col("read")).alias("difference"),
        )
        return withheld(told, "control_totals", Level.REGION, viewer)

    def findings(self, viewer: Viewer = Viewer.EDITOR) -> pl.DataFrame:
        """The findings with ``file``, as the viewer may read them."""
        table = self._with_files(self.told(viewer).findings, viewer)
        return withheld(table, "findings", Level.REGION, viewer).with_columns(
            pl.col("params").fill_null("{}")
        )

    def _with_files(self, table: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
        files = self.told(viewer).documents.select("document", "file")
        return table.join(files, on="document", how="left", maintain_order="left")

    # machinery

    def listed(self, asked: Scope, viewer: Viewer) -> Answer:
        """The activities of a scope, as the viewer may read them."""
        told = listing(asked, finest_level(viewer))
        table = withheld(told, "activities", asked.level, viewer)
        meta = {**self._meta(asked), "viewer": viewer.value}
        return Answer(table, "activities", asked.frame, asked.level.value, asked.filters, meta)

    def forget(self) -> None:
        """Empty the cache of answers (benchmarks)."""
        self._compute.cache_clear()

    def prepared(self, viewer: Viewer = Viewer.EDITOR) -> Prepared:
        """The coded tables: everything, or what a viewer may know."""
        with self._preparing:
            return self._prepared_for(viewer)

    def _prepared_for(self, viewer: Viewer) -> Prepared:
        whole = viewer is Viewer.EDITOR
        key = viewer, "" if whole else language()  # what stands for words is translated
        if key not in self._prepared:
            if whole:
                made = prepare(
                    self.tables, self.frames, overlay=self._laid, dollars_per_euro=dollars_per_euro
                )
            else:
                told = told_tables(self.tables, self._reserved, self.frames, viewer)
                fact = finest_level(Viewer.PARTNER, "access")
                entire = self._prepared_for(Viewer.EDITOR)
                made = as_told(entire, told, self._reserved["finest"], fact)
            self._prepared[key] = made
        return self._prepared[key]

    @cached_property
    def _reserved(self) -> pl.DataFrame:
        """What is reserved of each activity (`atlas.sensitivity.reservations`)."""
        later = self._later._reserved if self._later else None
        return reservations(self.tables, self.as_of, later)

    def judged(self, snapshot: SnapshotLike) -> Dataset:
        """Dataset of a snapshot that differs by its verdicts alone: what stands is kept."""
        made = Dataset(snapshot, self.frames, self._earlier)
        with self._preparing:
            made._prepared = {
                key: counted_once(one.each, snapshot.tables.verdicts)
                for key, one in self._prepared.items()
                if key[0] is Viewer.EDITOR  # what is reserved depends on what was decided
            }
        return made

    def _computed(self, question: Question) -> tuple[pl.DataFrame, dict[str, object]]:
        layer, asked = LAYERS[question.layer], self._scope_of(question)
        meta: dict[str, object] = {"own_day": layer.own_day(asked.prepared)}
        if layer.comparable:
            asked, since = self._compared(asked, question)
            meta |= since
        if layer.about is not None:
            meta |= layer.about(asked)
        return layer.compute(asked), {**self._meta(asked), **meta}

    def _scope_of(self, question: Question) -> Scope:
        asked = scope(
            self.prepared(question.viewer),
            question.filters,
            question.frame,
            question.level,
            options=dict(question.options),
        )
        return LAYERS[question.layer].judged(asked)

    def _compared(self, asked: Scope, question: Question) -> tuple[Scope, dict[str, object]]:
        """The scope with what it is compared with, and what that is: a state, or a day."""
        first, last = asked.options["from"], asked.options["to"]
        if last:
            asked = replace(asked, reference=date.fromisoformat(last))
        if first:
            before = replace(asked, reference=date.fromisoformat(first))
            return replace(asked, before=before), {"since": "", "since_as_of": before.reference}
        dataset = self._before(asked.options["since"])
        if dataset is None:
            return asked, {"since": None, "since_as_of": None}
        before = dataset._scope_of(question)
        since: dict[str, object] = {"since": dataset.snapshot.hash, "since_as_of": dataset.as_of}
        return replace(asked, before=before), since

    def _before(self, word: str) -> Dataset | None:
        """Dataset of an earlier snapshot; none where that is the sample of a fresh store."""
        if word not in self._compared_with:
            found = self._earlier(word)
            usable = found is not None and found.tables.is_sample == self.tables.is_sample
            made = Dataset(found, self.frames, later=self) if found and usable else None
            self._compared_with = {word: made}
        return self._compared_with[word]

    def _meta(self, asked: Scope) -> dict[str, object]:
        behind = asked.documents
        return {
            "snapshot": self.snapshot.hash,
            "as_of": self.as_of,
            "reference": asked.reference,
            "origins": behind["origin"].drop_nulls().unique(maintain_order=True).to_list(),
            "files": behind["file"].to_list(),
            "is_sample": self.tables.is_sample,
            "undated_left_out": asked.undated_left_out,
            "without_sector": int(asked.items["sector"].null_count()),
            **{status: asked.stopped_by(status) for status in STOPPED},
        }

    def _valid(self, filters: Filters, frame: str | None, level: str) -> tuple[str, Level]:
        where = frame or self.default_frame
        fineness = check_place(where, level)
        check_filters(filters, self.frames)
        return where, fineness

    def _allow_named(self, viewer: Viewer, layer: Layer, options: Mapping[str, str]) -> None:
        units = layer.units_named(self.tables.context, options) if layer.units_named else ()
        for unit_id in units:
            allow(viewer, Level(self.frames.unit(unit_id).level))

    def _allow(
        self, viewer: Viewer, level: Level, filters: Filters, layer: str = "presence"
    ) -> None:
        allow(viewer, level, layer)
        for unit_id in filters.unit:
            if unit_id not in RESERVED:
                allow(viewer, Level(self.frames.unit(unit_id).level), layer)
