"""What gives way to what when documents are added."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.errors import StoreError
from atlas.model import Tables, check
from atlas.store import Store
from atlas.store.disk import canonical_tables, logical_hash
from atlas.store.merge import merge_documents
from tests.store.build import document

SAMPLE = document("sample", {"s": 100}, sample=True)
JUNE = document("june", {"a": 1000, "b": 2000}, as_of=date(2017, 6, 30))
JULY = document("july", {"b": 2500, "c": None}, as_of=date(2017, 7, 31), status="completed")


def told(tables: Tables) -> dict[str, str]:
    return dict(tables.activities.select("activity_id", "document").iter_rows())


def findings(tables: Tables) -> set[tuple[str, str, str]]:
    return set(tables.findings.select("document", "code", "params").iter_rows())


def test_the_first_real_document_replaces_the_sample() -> None:
    assert told(merge_documents(SAMPLE, [JUNE])) == {"a": "june", "b": "june"}


def test_the_sample_is_never_added_to_real_data() -> None:
    with pytest.raises(StoreError, match="jamais à des données réelles"):
        merge_documents(JUNE, [SAMPLE])
    with pytest.raises(StoreError, match="jamais à des données réelles"):
        merge_documents(None, [JUNE, SAMPLE])


def test_a_document_read_again_replaces_its_earlier_reading() -> None:
    again = document("june", {"a": 1500})
    assert merge_documents(merge_documents(None, [JUNE]), [again]).amounts["minor"].to_list() == [
        1500
    ]


def test_another_file_of_the_same_name_removes_nothing() -> None:
    april = document("d1", {"a": 1}, file="5w.xlsx")
    may = document("d2", {"b": 2}, file="5w.xlsx")
    assert told(merge_documents(april, [may])) == {"a": "d1", "b": "d2"}


def test_an_activity_in_two_documents_is_told_by_the_newest_with_its_money() -> None:
    for tables in (
        merge_documents(merge_documents(None, [JUNE]), [JULY]),
        merge_documents(merge_documents(None, [JULY]), [JUNE]),
    ):
        check(tables)
        assert told(tables) == {"a": "june", "b": "july", "c": "july"}
        assert dict(tables.amounts.select("activity_id", "minor").iter_rows()) == {
            "a": 1000,
            "b": 2500,
        }
        assert findings(tables) == {
            ("june", "activities_superseded", '{"n": 1}'),
            ("june", "activity_absent", '{"file": "july.csv", "title": "Projet a"}'),
        }
        assert tables.rows.height == 4


def test_a_finding_names_an_absent_activity_by_the_first_200_letters_of_its_title() -> None:
    june = document("june", {"a" * 300: 1000, "b": 2000}, as_of=date(2017, 6, 30))
    said = {
        params
        for _d, code, params in findings(merge_documents(june, [JULY]))
        if code == "activity_absent"
    }
    assert said == {f'{{"file": "july.csv", "title": "Projet {"a" * 192}…"}}'}


def test_an_activity_that_no_document_tells_any_more_is_a_finding() -> None:
    july_again = document("july", {"c": None}, as_of=date(2017, 7, 31))
    tables = merge_documents(merge_documents(None, [JUNE, JULY]), [july_again])
    assert told(tables) == {"a": "june", "c": "july"}
    assert findings(tables) == {("june", "activities_orphaned", '{"n": 1}')}
    assert findings(merge_documents(tables, [JUNE])) == set()


def test_one_file_under_two_names_is_one_document_whichever_came_first() -> None:
    one, copy = document("d", {"a": 1}, file="a.csv"), document("d", {"a": 1}, file="copie.csv")
    for order in ([one, copy], [copy, one]):
        assert merge_documents(None, order).documents["file"].to_list() == ["a.csv"]


def test_nothing_to_add_leaves_what_is_there() -> None:
    assert merge_documents(JUNE, []) is JUNE
    assert merge_documents(None, []).documents.height == 0


@settings(max_examples=15)
@given(
    st.lists(st.sets(st.sampled_from(["a", "a~2", "b", "c"])), min_size=3, max_size=3),
    st.lists(st.integers(1, 3), min_size=3, max_size=3),
)
def test_the_order_in_which_documents_come_changes_nothing(parts, months) -> None:
    documents = [
        document(f"d{n}", dict.fromkeys(sorted(keys), n), as_of=date(2017, month, 1))
        for n, (keys, month) in enumerate(zip(parts, months, strict=True))
    ]
    together = logical_hash(canonical_tables(merge_documents(None, documents)))
    for order in permutations(documents):
        tables: Tables | None = None
        for one in order:
            tables = merge_documents(tables, [one])
        assert tables is not None
        check(tables)
        assert logical_hash(canonical_tables(tables)) == together


def test_a_diff_names_activities_added_removed_and_each_field_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    june, july = store.publish_tables(JUNE), store.publish_tables(JULY)
    diff = store.snapshot_diff(june.hash, july.hash)
    assert diff.added["activity_id"].to_list() == ["c"]
    assert diff.removed["activity_id"].to_list() == ["a"]
    assert diff.changed.rows() == [
        ("b", "Projet b", "budget", "2000 USD /", "2500 USD /"),
        ("b", "Projet b", "donors", "canada", ""),
        ("b", "Projet b", "status", "ongoing", "completed"),
    ]
    assert store.snapshot_diff(june.hash, june.hash).is_empty
    assert [row["activity_id"] for row in diff.as_dict()["added"]] == ["c"]
