"""Decisions about pairs: a history, and what of it stands in a snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from atlas.corrections import WordingCorrection
from atlas.corrections.relations import PairVerdict
from atlas.errors import InvariantError, UsageError
from atlas.model import Tables, check, frame_of
from atlas.store import Store
from atlas.store.decisions import PairDecisions, WordingDecisions
from tests.layers.made import activity, tables_of

SAME = PairVerdict.from_ids("a", "b", "same", "b")
DIFFERENT = PairVerdict.from_ids("b", "a", "different")


def both() -> Tables:
    return tables_of(activity("Forage", key="a", usd=100), activity("Puits", key="b", usd=70))


def without_b(name: str) -> Tables:
    return tables_of(activity("Forage", key="a", usd=100, document=name))


def test_the_newest_word_about_a_pair_is_in_force_and_undoing_brings_the_older_back(
    tmp_path: Path,
) -> None:
    """Same, then different, then the second undone: same again; nothing is ever removed."""
    decisions = PairDecisions(tmp_path)
    decisions.add_decision(SAME, who="Awa")
    second = decisions.add_decision(DIFFERENT, who="Bakary", note="deux puits")
    assert decisions.in_force() == [DIFFERENT]
    assert [one.superseded_by for one in decisions.all_decisions()] == [None, second.id]
    assert decisions.undo_decision(second.id, who="Awa").undone_by == "Awa"
    assert decisions.in_force() == [SAME]
    assert [one.note for one in decisions.all_decisions()] == ["deux puits", ""]


def test_undoing_twice_or_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """A number that was never given, and one that is undone already."""
    decisions = PairDecisions(tmp_path)
    number = decisions.add_decision(SAME, who="Awa").id
    decisions.undo_decision(number, who="Awa")
    for wrong in (number, number + 1):
        with pytest.raises(UsageError):
            decisions.undo_decision(wrong, who="Awa")


def test_nobody_decides_nothing(tmp_path: Path) -> None:
    """A decision without an author is refused, and no database is made."""
    with pytest.raises(UsageError):
        PairDecisions(tmp_path).add_decision(SAME, who=" ")
    assert not (tmp_path / "decisions.sqlite").exists()


def test_both_histories_lie_in_one_database(tmp_path: Path) -> None:
    """A database that has decisions about pairs alone has no decision about places."""
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    assert WordingDecisions(tmp_path).all_decisions() == []
    assert (tmp_path / "decisions.sqlite").exists()


def test_a_database_that_knew_places_alone_takes_pairs_too(tmp_path: Path) -> None:
    """A decision about a place stands there already: it stays, and the pair is added."""
    place = WordingCorrection("Etambar", "ml-2016/ML080101")
    WordingDecisions(tmp_path).add_decision(place, who="Awa")
    assert PairDecisions(tmp_path).all_decisions() == []
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    assert [one.correction.wording for one in WordingDecisions(tmp_path).all_decisions()] == [
        "Etambar"
    ]
    assert PairDecisions(tmp_path).in_force() == [SAME]


def test_the_table_is_one_that_postgresql_makes_too() -> None:
    """The number counts by itself, the day has its zone."""
    made = str(CreateTable(PairDecisions.table).compile(dialect=postgresql.dialect()))
    assert "id SERIAL NOT NULL" in made
    assert "decided_at TIMESTAMP WITH TIME ZONE NOT NULL" in made


def test_undoing_restores_the_hash(tmp_path: Path) -> None:
    """Published, decided, undone: the third snapshot is the first; no name is in the second."""
    store = Store(tmp_path)
    before = store.publish_tables(both())
    number = PairDecisions(tmp_path).add_decision(SAME, who="Awa Traoré", note="vu sur place").id
    decided = store.publish_decisions()
    assert decided is not None
    assert decided.tables.verdicts.rows() == [("a", "b", "same", "b")]
    assert decided.hash != before.hash
    content = b"".join(
        path.read_bytes() for path in (tmp_path / "snapshots" / decided.hash).iterdir()
    )
    assert b"Awa" not in content
    assert b"vu sur place" not in content
    PairDecisions(tmp_path).undo_decision(number, who="Awa")
    undone = store.publish_decisions()
    assert undone is not None
    assert undone.hash == before.hash


def test_the_hash_depends_on_what_is_decided_not_on_how_it_came_to_that(tmp_path: Path) -> None:
    """Decided before the import or after it, by one or another, at once or on second thoughts."""
    first, second = Store(tmp_path / "one"), Store(tmp_path / "two")
    first.publish_tables(both())
    PairDecisions(first.root).add_decision(SAME, who="Awa")
    PairDecisions(second.root).add_decision(DIFFERENT, who="Bakary")
    PairDecisions(second.root).add_decision(SAME, who="Bakary", note="finalement")
    one, two = first.publish_decisions(), second.publish_tables(both())
    assert one is not None
    assert one.hash == two.hash


def test_a_decision_stays_when_amount_and_status_change(tmp_path: Path) -> None:
    """The same list with another amount and status: the verdict is in the new snapshot."""
    store = Store(tmp_path)
    store.publish_tables(both())
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    now = store.publish_tables(
        tables_of(
            activity("Forage", key="a", usd=999, status="completed"),
            activity("Puits", key="b", usd=1),
        )
    )
    assert now.tables.verdicts.rows() == [("a", "b", "same", "b")]


def test_a_decision_sleeps_while_its_activity_is_gone_and_wakes_with_it(tmp_path: Path) -> None:
    """b is told no more, then told again: the verdict goes and comes back by itself."""
    store = Store(tmp_path)
    first = store.publish_tables(both())
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    decided = store.publish_decisions()
    gone = store.publish_tables(without_b("d"))
    assert gone.tables.verdicts.is_empty()
    back = store.publish_tables(both())
    assert decided is not None
    assert back.hash == decided.hash != first.hash


def test_a_snapshot_made_before_there_were_verdicts_is_read_as_it_is(tmp_path: Path) -> None:
    """Without the file and its line in the manifest, the same hash and no verdict."""
    import json

    store = Store(tmp_path)
    made = store.publish_tables(both())
    folder = tmp_path / "snapshots" / made.hash
    (folder / "verdicts.parquet").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["tables"]["verdicts"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    old = Store(tmp_path).current_snapshot()
    assert old is not None
    assert old.hash == made.hash
    assert old.tables.verdicts.is_empty()
    assert Store(tmp_path).publish_tables(old.tables).hash == made.hash


@pytest.mark.parametrize(
    "row",
    [
        {"activity_a": "b", "activity_b": "a", "verdict": "different"},
        {"activity_a": "a", "activity_b": "z", "verdict": "different"},
        {"activity_a": "a", "activity_b": "b", "verdict": "same"},
        {"activity_a": "a", "activity_b": "b", "verdict": "same", "lead": "z"},
        {"activity_a": "a", "activity_b": "b", "verdict": "different", "lead": "a"},
        {"activity_a": "a", "activity_b": "b", "verdict": "perhaps"},
    ],
)
def test_a_verdict_of_no_sound_pair_breaks_the_contract(row: dict[str, str]) -> None:
    """The order of ids, activities that are here, a lead that is one of the two, a known answer."""
    tables = both()
    wrong = replace(tables, verdicts=frame_of("verdicts", [row]))
    with pytest.raises(InvariantError):
        check(wrong)


def test_tables_without_a_document_keep_no_verdict_about_it() -> None:
    """What a document brought goes with what was said of it."""
    tables = tables_of(activity(key="a"), activity(key="b", document="e"))
    said = frame_of("verdicts", [{"activity_a": "a", "activity_b": "b", "verdict": "different"}])
    whole = replace(tables, verdicts=said)
    assert whole.without(["e"]).verdicts.is_empty()
    assert isinstance(whole.without(["x"]).verdicts, pl.DataFrame)
    assert whole.without(["x"]).verdicts.height == 1


def test_the_difference_between_two_states_tells_what_is_counted_with_what(tmp_path: Path) -> None:
    """Before the decision a counts itself; after it, b counts for it."""
    store = Store(tmp_path)
    before = store.publish_tables(both())
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    after = store.publish_decisions()
    assert after is not None
    changed = store.snapshot_diff(before.hash, after.hash).changed
    assert changed.rows() == [("a", "Forage", "counted_with", None, "b")]


def test_a_decision_is_no_change_that_a_newer_list_makes(tmp_path: Path) -> None:
    """Adding the same document again changes nothing, decided or not."""
    store = Store(tmp_path)
    store.publish_tables(both())
    PairDecisions(tmp_path).add_decision(SAME, who="Awa")
    store.publish_decisions()
    (update,) = store.planned_updates([both()]).values()
    assert update.change_counts() == {"added": 0, "changed": 0, "gone": 0}
