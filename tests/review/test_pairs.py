"""Deciding about a pair, and what is published because of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.corrections.relations import PairVerdict
from atlas.dataset import Dataset
from atlas.errors import StoreError, UsageError
from atlas.ingest.pipeline import ingest_file
from atlas.review.statements import decide_pair, undo_pair_decision
from atlas.store import Store
from atlas.store.decisions import PairDecisions
from tests.conftest import needs_shared
from tests.layers.made import activity, tables_of

SAME = PairVerdict.from_ids("a", "b", "same", "a")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    held = Store(tmp_path / "store")
    held.publish_tables(
        tables_of(
            activity("Forage", "ml-2016/ML08", key="a", usd=100_000),
            activity("Puits", "ml-2016/ML08", key="b", usd=70_050),
            activity("École", "ml-2016/ML08", key="c"),
            activity("Présence", key="p", kind="presence"),
        )
    )
    return held


def test_deciding_publishes_and_says_what_leaves_the_totals(store: Store) -> None:
    """b counts no more: one activity and 700.50 dollars less; undone, they are back."""
    before = store.current_snapshot()
    done = decide_pair(store, SAME, who="Awa")
    assert store.current_snapshot() is not before
    assert (done.activities, done.usd, done.asleep, done.without_effect) == (
        -1,
        -700.5,
        False,
        False,
    )
    back = undo_pair_decision(store, done.decision.id, who="Awa")
    assert (back.activities, back.usd) == (1, 700.5)
    assert before is not None
    assert back.snapshot.hash == before.hash


def test_what_was_spent_is_no_part_of_what_a_decision_takes_from_the_budgets(
    tmp_path: Path,
) -> None:
    told = tables_of(
        activity("Forage", key="a", usd=100_000), activity("Puits", key="b", usd=70_050)
    )
    spent = told.amounts.with_columns(kind=pl.lit("spent", told.amounts.schema["kind"]))
    held = Store(tmp_path / "store")
    held.publish_tables(replace(told, amounts=pl.concat([told.amounts, spent])))
    assert decide_pair(held, SAME, who="Awa").usd == -700.5


def test_another_leader_changes_the_sum_and_not_the_count(store: Store) -> None:
    """First a leads, then b: 1 000 dollars go and 700.50 come back."""
    decide_pair(store, SAME, who="Awa")
    done = decide_pair(store, PairVerdict.from_ids("a", "b", "same", "b"), who="Awa")
    assert (done.activities, done.usd) == (0, -299.5)


def test_an_amount_nobody_gave_is_no_zero(store: Store) -> None:
    """c has no amount: that it counts no more changes the count, by an unknown sum."""
    done = decide_pair(store, PairVerdict.from_ids("a", "c", "same", "a"), who="Awa")
    assert (done.activities, done.usd) == (-1, None)


def test_two_different_activities_stay_two(store: Store) -> None:
    """The totals do not change; the decision is in force."""
    done = decide_pair(store, PairVerdict.from_ids("a", "b", "different"), who="Awa")
    assert (done.activities, done.usd) == (0, None)
    assert done.snapshot.tables.verdicts["verdict"].to_list() == ["different"]


def test_a_word_that_a_chain_contradicts_is_said_to_have_no_effect(store: Store) -> None:
    """a-b the same, a and c apart: b-c the same joins nothing, and says so."""
    decide_pair(store, SAME, who="Awa")
    decide_pair(store, PairVerdict.from_ids("a", "c", "different"), who="Awa")
    done = decide_pair(store, PairVerdict.from_ids("b", "c", "same", "b"), who="Awa")
    assert (done.activities, done.without_effect) == (0, True)


def test_of_two_who_decide_at_once_both_are_heard(store: Store) -> None:
    """Two threads, two pairs: the snapshot published last holds both words."""
    words = [SAME, PairVerdict.from_ids("b", "c", "different")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda said: decide_pair(store, said, who="Awa"), words))
    now = store.current_snapshot()
    assert now is not None
    assert now.tables.verdicts["verdict"].to_list() == ["same", "different"]


@pytest.mark.parametrize("other", ["z", "p"])
def test_only_published_activities_make_a_pair(store: Store, other: str) -> None:
    """Neither an unknown id nor a presence; nothing is written down."""
    with pytest.raises(UsageError):
        decide_pair(store, PairVerdict.from_ids("a", other, "different"), who="Awa")
    assert PairDecisions(store.root).all_decisions() == []


def test_an_empty_store_has_nothing_to_decide_about(tmp_path: Path) -> None:
    """What to do is said instead."""
    with pytest.raises(StoreError, match="Le fonds est vide"):
        decide_pair(Store(tmp_path), SAME, who="Awa")


LIST = """Code;Titre;Région;Budget;Devise;Statut;Début;Fin
P-1;Forage de Gossi;Tombouctou;{amount};USD;{status};01/02/2017;31/05/2017
P-2;Puits de Gossi;Tombouctou;800;USD;en cours;01/02/2017;31/05/2017
"""


def test_a_list_that_comes_again_with_another_amount_and_status_keeps_the_decision(
    tmp_path: Path,
) -> None:
    """The activities keep their identity: the verdict is there, with the new amount."""
    store = Store(tmp_path / "store")
    path = tmp_path / "projets_qip_2017.csv"
    for amount, status, day in (("1 000", "en cours", "06"), ("1 250", "achevé", "07")):
        path.write_text(LIST.format(amount=amount, status=status), encoding="utf-8")
        store.add_documents([ingest_file(path, source="qip", as_of=date(2017, int(day), 1)).tables])
        if day == "06":
            snapshot = store.current_snapshot()
            assert snapshot is not None
            one, other = snapshot.tables.activities.sort("title")["activity_id"]
            decide_pair(store, PairVerdict.from_ids(one, other, "same", one), who="Awa")
    now = store.current_snapshot()
    assert now is not None
    assert now.tables.verdicts["lead"].to_list() == [one]
    assert Dataset(now).ask("budget").table["budget_usd"].sum() == 1_250.0


@needs_shared
def test_the_known_double_of_the_bulletin_counts_once(shared: Path, tmp_path: Path) -> None:
    """Ber is told by two funds: led by the Trust Fund's line, 46 610.16 dollars leave, once."""
    store = Store(tmp_path / "store")
    bulletin = shared / "seeds" / "004_88c0096d0bcc415b.txt"
    before = store.add_documents([ingest_file(bulletin).tables])
    (pair,) = Dataset(before).ask("duplicates").table.to_dicts()
    sides = {pair[f"source_{side}"]: pair[f"activity_{side}"] for side in ("a", "b")}
    assert set(sides) == {"trust-fund", "qip"}
    said = PairVerdict.from_ids(*sides.values(), "same", sides["trust-fund"])
    done = decide_pair(store, said, who="Awa")
    assert (done.activities, done.usd) == (-1, -46_610.16)

    def cents(dataset: Dataset) -> int:
        return round(100 * dataset.ask("budget").table["budget_usd"].sum())

    assert cents(Dataset(before)) - cents(Dataset(done.snapshot)) == 46_610_16
    items = [Dataset(s).filtered_scope().counted_activities.height for s in (before, done.snapshot)]
    assert items[0] - items[1] == 1
    assert Dataset(done.snapshot).ask("duplicates").table.is_empty()
    assert undo_pair_decision(store, done.decision.id, who="Awa").snapshot.hash == before.hash
