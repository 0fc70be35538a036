"""What an activity is for is said by a person, filtered by anybody, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.model import Tables
from atlas.review.statements import tag_nexus
from atlas.review.undoing import undo_decision
from atlas.store import Store
from atlas.store.decisions import NexusTags
from tests.layers.made import activity, tables_of

GAO = "ml-2016/ML07"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of two activities in Gao, ``a0`` and ``a1``."""
    made = Store(tmp_path)
    made.publish_tables(tables_of(activity("Forage", GAO, usd=100), activity("Dialogue", GAO)))
    return made


def tables(store: Store) -> Tables:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    return snapshot.tables


def tags(store: Store) -> dict[str, str | None]:
    return dict(tables(store).activities.select("activity_id", "nexus").iter_rows())


def test_a_tag_is_published_and_filters(store: Store) -> None:
    tag_nexus(store, ["a1"], "peace", who="Awa")
    assert tags(store) == {"a0": None, "a1": "peace"}
    kept = Dataset.from_tables(tables(store)).filtered_scope(Filters(nexus=("peace",))).activities
    assert kept["activity_id"].to_list() == ["a1"]


def test_a_tag_undone_leaves_the_state_of_before(store: Store) -> None:
    before = store.current_snapshot()
    tag_nexus(store, ["a0", "a1"], "humanitarian", who="Awa")
    for one in NexusTags(store.root).all_decisions():
        undo_decision(store, "nexus", one.id, who="Oumar")
    after = store.current_snapshot()
    assert before
    assert after
    assert after.hash == before.hash


def test_the_newer_tag_stands_and_none_takes_it_off(store: Store) -> None:
    tag_nexus(store, ["a0"], "humanitarian", who="Awa")
    tag_nexus(store, ["a0"], "development", who="Awa")
    newer = tags(store)["a0"]
    tag_nexus(store, ["a0"], "", who="Awa")
    assert (newer, tags(store)["a0"]) == ("development", None)


def test_tagging_again_alike_decides_nothing(store: Store) -> None:
    for _again in range(2):
        tag_nexus(store, ["a0"], "peace", who="Awa")
    assert len(NexusTags(store.root).all_decisions()) == 1


def test_a_tag_stays_with_a_newer_list(store: Store) -> None:
    tag_nexus(store, ["a0"], "peace", who="Awa")
    store.add_documents([tables_of(activity("Forage", GAO, usd=250))], "")
    assert tags(store)["a0"] == "peace"


@pytest.mark.parametrize(("ids", "nexus"), [(["a0"], "guerre"), (["zz"], "peace"), ([], "peace")])
def test_an_unknown_tag_or_activity_is_refused(ids: list[str], nexus: str, store: Store) -> None:
    with pytest.raises(UsageError):
        tag_nexus(store, ids, nexus, who="Awa")
    assert NexusTags(store.root).all_decisions() == []
