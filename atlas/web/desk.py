"""Who asks, in which language, of which snapshot: what every view starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from atlas.answers import Answer
from atlas.dataset import Dataset
from atlas.errors import AtlasError, ForbiddenError
from atlas.i18n import speaking
from atlas.layers import LAYERS
from atlas.model import Level, Tables, Viewer
from atlas.sensitivity import allow, finest_level
from atlas.store import Event, Snapshot, Store
from atlas.web.asking import viewer_asking
from atlas.web.state import View

if TYPE_CHECKING:
    from atlas.store.pair_decisions import PairDecision


@dataclass
class Desk:
    """The store, who sits before this machine, and one dataset kept per published snapshot."""

    store: Store
    here: Viewer
    _kept: dict[str, Dataset] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def viewer(self) -> Viewer:
        """Who asks now: not who sits here, where a proxy stands in front."""
        return viewer_asking(self.here)

    def dataset(self) -> Dataset | None:
        """Dataset of the snapshot published now; ``None`` for an empty store."""
        snapshot = self.store.current()
        if snapshot is None:
            return None
        with self._lock:
            if snapshot.hash not in self._kept:
                self._kept = {snapshot.hash: self._made(snapshot)}
            return self._kept[snapshot.hash]

    def _made(self, snapshot: Snapshot) -> Dataset:
        """A dataset; after a decision about a pair, with all that the one before found."""
        for kept in self._kept.values():
            if _same_but_verdicts(kept.tables, snapshot.tables):
                return kept.judged(snapshot)
        return Dataset(snapshot, earlier=self.store.before)

    @contextmanager
    def at(self, search: str | None) -> Iterator[Scene]:
        """Scene of a URL query, its language spoken inside the block.

        A filter that cannot be read is left out, a level this viewer may not see gives way
        to the finest allowed: both are told as the scene's problem.
        """
        with speaking(View.readable(search)[0].lang):
            view, unread = View.readable(search)  # its words are those of the language
            problem: AtlasError | None = unread
            viewer = self.viewer
            try:
                allow(viewer, Level(view.level))
            except ForbiddenError as refused:
                view, problem = view.but(level=finest_level(viewer).value), refused
            history = partial(self._history, viewer)
            yield Scene(
                self.dataset(),
                view,
                viewer,
                problem,
                history,
                self._decided,
                self._declared,
            )

    def _history(self, viewer: Viewer) -> list[Event]:
        """The states published; what was noted of each, such as a file, is for editors."""
        events = self.store.history()
        if viewer is Viewer.EDITOR:
            return events
        return [event._replace(note="") for event in events]

    def _decided(self) -> list[PairDecision]:
        """What was decided about pairs, newest first: for the editor, who may take it back."""
        if self.viewer is not Viewer.EDITOR:
            return []
        from atlas.store.pair_decisions import PairDecisions  # loads a database

        return PairDecisions(self.store.root).history()

    def _declared(self) -> dict[str, str]:
        """Who said that there is nothing to report, by document: for the editor alone."""
        if self.viewer is not Viewer.EDITOR:
            return {}
        from atlas.store.declarations import Declarations  # loads a database

        return {one.document: one.who for one in Declarations(self.store.root).history()}


@dataclass(frozen=True)
class Scene:
    """One request: the data, what is asked to be seen, and by whom."""

    data: Dataset | None
    view: View
    viewer: Viewer
    problem: AtlasError | None = None
    history: Callable[[], list[Event]] = list
    decided: Callable[[], list[PairDecision]] = list
    declared: Callable[[], dict[str, str]] = dict

    @property
    def tables(self) -> Tables:
        """The tables of the snapshot as the viewer may read them."""
        assert self.data is not None
        return self.data.told(self.viewer)


def ask(scene: Scene, layer: str, *, detailed: bool = False) -> Answer:
    """The answer of a layer to the question of the page.

    Parameters
    ----------
    detailed
        Whether a layer that can tell its rows by a further dimension does, where the page
        asks for one; the map and the table of zones want one row a unit.
    """
    assert scene.data is not None
    view = scene.view
    said = {**view.options_of(layer), **LAYERS[layer].asked_with}
    if not detailed:
        said |= LAYERS[layer].one_row_a_unit
    return scene.data.ask(layer, view.filters, view.frame, view.level, scene.viewer, said)


def _same_but_verdicts(one: Tables, other: Tables) -> bool:
    """Whether two snapshots tell the same: tables published are in one order."""
    frames = dict(other.items())
    return all(frame.equals(frames[name]) for name, frame in one.items() if name != "verdicts")
