"""What the page shows and the URL that says the same; who asks, and of which snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import g, has_request_context

from atlas.dataset import Answer, Dataset
from atlas.errors import AtlasError, ForbiddenError, UsageError
from atlas.export.proof import file_code
from atlas.filters import DEFAULT_KINDS, Filters
from atlas.i18n import LANGUAGES, _, language_context
from atlas.layers import LAYERS
from atlas.model import Kind, Level, Tables, Viewer
from atlas.round_reports import RoundStanding, round_standing
from atlas.sensitivity import check_level_allowed, finest_level
from atlas.store import PublicationEvent, Snapshot, Store
from atlas.store.accounts import Accounts
from atlas.store.decisions import NothingDeclarations, PairDecisions
from atlas.store.rounds import ReportRound, ReportRounds
from atlas.web.page_elements import TabName
from atlas.web.questions import usual_indicator
from atlas.web.visitors import Visitor, request_visitor

if TYPE_CHECKING:
    from atlas.store.decisions import PairDecision


WITH_PLANS = (*DEFAULT_KINDS, Kind.PLAN.value)


@dataclass(frozen=True)
class PageView:
    """The state of the page.

    Attributes
    ----------
    filters
        What is asked of the activities.
    frame
        Découpage; ``None`` is the one that keeps most placed (`Dataset.default_frame`).
    level, indicator, tab
        What the map, its colours and the side column show; without an indicator that of the
        question that the tab answers (`atlas.web.questions`).
    zone
        Unit whose panel is open.
    org
        Organisation whose panel is open.
    funder
        Donor whose panel is open.
    why
        Figure whose activities are listed (see `atlas.web.figure_activities`).
    only
        Which rows of an analysis are shown, in its own words (see `atlas.web.gaps_tab`).
    lang
        Language of the page.
    state
        Beginning of the hash of the published state that is shown; ``None``: the current one.
    options
        Settings of layers that differ from their default, by ``<layer>.<name>``.

    Examples
    --------
    >>> PageView.from_query("?sector=sante&tab=zones&lang=en").to_query()
    'sector=sante&tab=zones&lang=en'
    """

    filters: Filters = field(default_factory=Filters)
    frame: str | None = None
    level: str = Level.REGION.value
    indicator: str = usual_indicator(TabName.RANKING)
    tab: str = TabName.RANKING.value
    zone: str | None = None
    org: str | None = None
    funder: str | None = None
    why: str | None = None
    only: str | None = None
    lang: str = "fr"
    state: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_query(cls, query: str | None) -> PageView:
        """View of a URL query (with or without ``?``).

        Words that mean nothing are left out rather than refused: a bookmark outlives a
        version. Filters and settings that cannot be read raise ``UsageError``: they would
        change figures.
        """
        options, problem = _changed_settings(query)
        if problem:
            raise problem
        return cls._from_parts(query, Filters.from_query(query or ""), options)

    @classmethod
    def from_faulty_query(cls, query: str | None) -> tuple[PageView, UsageError | None]:
        """The same without what raises there, and what is wrong with one of them."""
        filters, problem = Filters.readable_part(query or "")
        options, unset = _changed_settings(query)
        return cls._from_parts(query, filters, options), problem or unset

    @classmethod
    def _from_parts(
        cls, query: str | None, filters: Filters, options: tuple[tuple[str, str], ...]
    ) -> PageView:
        values = dict(parse_qsl((query or "").lstrip("?")))
        if "plans" in values:
            filters = filters.with_changes(kind=WITH_PLANS)
        tab = _allowed_or_default(values.get("tab"), [str(x) for x in TabName], TabName.RANKING)
        return cls(
            filters=filters,
            frame=values.get("frame"),
            level=_allowed_or_default(values.get("level"), [str(x) for x in Level], Level.REGION),
            indicator=values.get("indicator") or usual_indicator(tab),
            tab=tab,
            zone=values.get("zone"),
            org=values.get("org"),
            funder=values.get("funder"),
            why=values.get("why"),
            only=values.get("only"),
            lang=_allowed_or_default(values.get("lang"), LANGUAGES, "fr"),
            state=values.get("state"),
            options=options,
        )

    def to_query(self) -> str:
        """The URL query of what differs from the default, without ``?``."""
        plans = self.filters.kind == WITH_PLANS
        filters = self.filters.with_changes(kind=DEFAULT_KINDS) if plans else self.filters
        default = PageView(indicator=usual_indicator(self.tab))
        pairs = [("plans", "1")] if plans else []
        for f in fields(self):
            value = getattr(self, f.name)
            if (
                f.name not in ("filters", "options")
                and value is not None
                and value != getattr(default, f.name)
            ):
                pairs.append((f.name, value))
        pairs += self.options
        return "&".join(part for part in (filters.to_query(), urlencode(pairs)) if part)

    def layer_options(self, layer: str) -> dict[str, str]:
        """What is said to a layer beside the filters, or to the layer that it follows."""
        of, values = LAYERS[layer], dict(self.options)
        keys = {option.name: f"{of.follows or layer}.{option.name}" for option in of.options}
        return {name: values[key] for name, key in keys.items() if key in values}

    @property
    def counts_plans(self) -> bool:
        """Whether plans are counted in figures."""
        return Kind.PLAN.value in self.filters.kind

    def but(self, **changes: object) -> PageView:
        """The same page with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def _changed_settings(query: str | None) -> tuple[tuple[tuple[str, str], ...], UsageError | None]:
    """Settings of a URL query that differ from their default, and what is wrong with one."""
    values = dict(parse_qsl((query or "").lstrip("?")))
    read, problem = [], None
    for layer in LAYERS.values():
        for option in layer.options:
            key = f"{layer.name}.{option.name}"
            try:
                value = option.checked_value(values.get(key, ""))
            except UsageError as error:
                problem = problem or error
                continue
            if value != option.default:
                read.append((key, value))
    return tuple(read), problem


def _allowed_or_default(value: str | None, allowed: Iterable[str], default: str) -> str:
    return value if value is not None and value in set(allowed) else str(default)


@dataclass
class DatasetProvider:
    """The store, who sits before this machine, and one dataset kept per published snapshot."""

    store: Store
    here: Viewer
    states_open_to: Viewer = Viewer.EDITOR
    """The first viewer who may ask for a state of before."""
    _kept: dict[str, Dataset] = field(default_factory=dict)
    _older: Dataset | None = None
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def accounts(self) -> Accounts:
        """Who may sign in to this store."""
        return Accounts(self.store.root)

    @property
    def visitor(self) -> Visitor:
        """Who asks now: not who sits here, where there are accounts or a proxy stands in front."""
        if not has_request_context():
            return request_visitor(self.here, self.accounts)
        if "visitor" not in g:
            g.visitor = request_visitor(self.here, self.accounts)
        found: Visitor = g.visitor
        return found

    @property
    def request_viewer(self) -> Viewer:
        """What may be told to whoever asks now."""
        return self.visitor.viewer

    def current_dataset(self) -> Dataset | None:
        """Dataset of the snapshot published now; ``None`` for an empty store."""
        snapshot = self.store.current_snapshot()
        if snapshot is None:
            return None
        with self._lock:
            if snapshot.hash not in self._kept:
                self._kept = {snapshot.hash: self._new_dataset(snapshot)}
            return self._kept[snapshot.hash]

    def published_dataset(self) -> Dataset:
        """Dataset of the snapshot published now.

        Raises
        ------
        NothingPublishedError
            The store is empty.
        """
        data = self.current_dataset()
        if data is None:
            raise NothingPublishedError
        return data

    def dataset_of_state(self, word: str, viewer: Viewer | None = None) -> Dataset:
        """Dataset of a state that was published before, by the beginning of its hash.

        Parameters
        ----------
        viewer
            As whom it is shown; ``None``: as whoever asks.

        Raises
        ------
        ForbiddenError
            They are not open to whoever asks: what is reserved today need not have been then.
        StoreError
            There is no such state, or it cannot be read.
        """
        if not (viewer or self.request_viewer).reaches(self.states_open_to):
            raise ForbiddenError(
                _("État {word} fermé", word=word[:12]),
                _("seuls les éditeurs voient un état d'avant"),
            )
        with self._lock:
            if self._older is None or not self._older.snapshot.hash.startswith(word):
                snapshot = self.store.get(word)
                before = partial(self.store.comparison_snapshot, shown=snapshot.hash)
                self._older = Dataset(snapshot, earlier=before)
            return self._older

    def _shown_dataset(
        self, view: PageView, viewer: Viewer
    ) -> tuple[Dataset | None, AtlasError | None]:
        """What the page shows, and why it is not the state that the URL names."""
        if view.state is None:
            return self.current_dataset(), None
        try:
            return self.dataset_of_state(view.state, viewer), None
        except AtlasError as error:
            return self.current_dataset(), error

    def _new_dataset(self, snapshot: Snapshot) -> Dataset:
        """A dataset; after a decision about a pair, with all that the one before found."""
        for kept in self._kept.values():
            if _same_except_verdicts(kept.tables, snapshot.tables):
                return kept.with_new_verdicts(snapshot)
        return Dataset(snapshot, earlier=self.store.comparison_snapshot)

    @contextmanager
    def scene_of_query(
        self, search: str | None, seen_by: Viewer | None = None
    ) -> Iterator[PageScene]:
        """Scene of a URL query, its language spoken inside the block.

        A filter that cannot be read is left out, a level this viewer may not see gives way
        to the finest allowed: both are told as the scene's problem.

        Parameters
        ----------
        seen_by
            As whom it is shown, where that is not whoever asks.
        """
        with language_context(PageView.from_faulty_query(search)[0].lang):
            view, unread = PageView.from_faulty_query(search)  # its words are those of the language
            problem: AtlasError | None = unread
            viewer = seen_by or self.request_viewer
            try:
                check_level_allowed(viewer, Level(view.level))
            except ForbiddenError as refused:
                view, problem = view.but(level=finest_level(viewer).value), refused
            history = partial(self._published_states, viewer)
            if has_request_context():
                g.question = view.to_query()  # for the audit, where somebody is signed in
            shown, closed = self._shown_dataset(view, viewer)
            if closed:
                view, problem = view.but(state=None), closed
            yield PageScene(
                shown,
                view,
                viewer,
                problem,
                self.visitor,
                history,
                self._pair_decisions,
                self._page_declarations,
                self._rounds,
                partial(self._newest_round, shown),
            )

    def _published_states(self, viewer: Viewer) -> list[PublicationEvent]:
        """The states published; what was noted of each, such as a file, is for editors."""
        events = self.store.publication_history()
        if viewer is Viewer.EDITOR:
            return events
        return [event._replace(note="") for event in events]

    def _pair_decisions(self) -> list[PairDecision]:
        """What was decided about pairs, newest first: for the editor, who may take it back."""
        if self.request_viewer is not Viewer.EDITOR:
            return []

        return PairDecisions(self.store.root).all_decisions()

    def _page_declarations(self) -> dict[str, str]:
        """Who said that there is nothing to report, by document: for the editor alone."""
        if self.request_viewer is not Viewer.EDITOR:
            return {}

        return {
            one.document: one.who for one in NothingDeclarations(self.store.root).all_decisions()
        }

    def _rounds(self) -> list[ReportRound]:
        """The rounds of reporting, the latest first: for the editor alone."""
        if self.request_viewer is not Viewer.EDITOR:
            return []
        return ReportRounds(self.store.root).rounds()

    def _newest_round(self, shown: Dataset | None) -> list[RoundStanding]:
        """The newest round with its reports, where there is one: for the editor alone."""
        newest = self._rounds()[:1] if shown is not None else []
        return [round_standing(self.store, shown, one, date.today()) for one in newest if shown]


@dataclass(frozen=True)
class PageScene:
    """One request: the data, what is asked to be seen, and by whom."""

    data: Dataset | None
    view: PageView
    viewer: Viewer
    problem: AtlasError | None = None
    visitor: Visitor | None = None
    history: Callable[[], list[PublicationEvent]] = list
    decided: Callable[[], list[PairDecision]] = list
    declared: Callable[[], dict[str, str]] = dict
    rounds: Callable[[], list[ReportRound]] = list
    newest_round: Callable[[], list[RoundStanding]] = list

    @property
    def own_organisation(self) -> str:
        """Organisation that whoever asks signed in for; "" for none."""
        account = self.visitor.account if self.visitor else None
        return account.organisation if account else ""

    def file_code(self, path: str) -> str:
        """The code of a file that this question makes (`atlas.export.proof`)."""
        assert self.data is not None
        query = self.view.but(state=None).to_query()
        return file_code(self.data.snapshot.hash, path, query, self.viewer)

    @property
    def current_hash(self) -> str:
        """Hash of the state published now, shown or not; "" where there is none."""
        if self.data is None:
            return ""
        shown = self.data.snapshot.hash
        return self.history()[0].hash if self.view.state else shown

    @property
    def tables(self) -> Tables:
        """The tables of the snapshot as the viewer may read them."""
        assert self.data is not None
        return self.data.tables_for_viewer(self.viewer)


class NothingPublishedError(UsageError):
    """There is nothing to answer of yet."""

    def __init__(self) -> None:
        super().__init__(_("Rien n'est publié"), "", _("Importez un premier fichier."))


def published_data(scene: PageScene) -> Dataset:
    """The data of a scene that can be answered.

    Raises
    ------
    AtlasError
        A part of the question cannot be answered.
    NothingPublishedError
        The store is empty.
    """
    if scene.problem:
        raise scene.problem
    if scene.data is None:
        raise NothingPublishedError
    return scene.data


def layer_answer(scene: PageScene, layer: str, *, detailed: bool = False) -> Answer:
    """The answer of a layer to the question of the page.

    Parameters
    ----------
    detailed
        Whether a layer that can tell its rows by a further dimension does, where the page
        asks for one; the map and the table of zones want one row a unit.
    """
    assert scene.data is not None
    view = scene.view
    options = {**view.layer_options(layer), **LAYERS[layer].asked_with}
    if not detailed:
        options |= LAYERS[layer].one_row_a_unit
    return scene.data.ask(layer, view.filters, view.frame, view.level, scene.viewer, options)


def _same_except_verdicts(one: Tables, other: Tables) -> bool:
    """Whether two snapshots tell the same: tables published are in one order."""
    frames = dict(other.items())
    return all(frame.equals(frames[name]) for name, frame in one.items() if name != "verdicts")
