"""The hash is of what tables say, not of how they lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.model import Tables, frame_of
from atlas.store import Store
from atlas.store.disk import canonical_tables, logical_hash, ordered_tables
from tests.store.build import document

contents = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4), st.none() | st.integers(0, 10**9), max_size=8
)


def hash_of(tables: Tables) -> str:
    return logical_hash(canonical_tables(tables))


@settings(max_examples=25)
@given(contents, st.randoms(use_true_random=False))
def test_the_hash_ignores_the_order_of_rows(activities, random) -> None:
    tables = document("d1", activities)
    shuffled = Tables(
        **{
            name: frame[random.sample(range(frame.height), frame.height)]
            for name, frame in tables.items()
        }
    )
    assert hash_of(shuffled) == hash_of(tables)


@settings(max_examples=25)
@given(contents, contents)
def test_the_hash_tells_different_contents_apart(one, other) -> None:
    assert (hash_of(document("d", one)) == hash_of(document("d", other))) == (
        list(one.items()) == list(other.items())
    )


def test_a_value_moved_to_the_next_row_is_another_content() -> None:
    def titles(*values: str | None) -> Tables:
        frame = frame_of("findings", [{"document": v, "field": "x"} for v in values])
        return replace(Tables.empty(), findings=frame)

    assert hash_of(titles("ab", "c")) != hash_of(titles("a", "bc"))
    assert hash_of(titles("", "a")) != hash_of(titles(None, "a"))


def test_an_empty_list_a_null_list_and_a_split_name_are_three_contents() -> None:
    def donors(value: list[str] | None) -> Tables:
        frame = frame_of("activities", [{"activity_id": "a", "donors": value}])
        return replace(Tables.empty(), activities=frame)

    values: list[list[str] | None] = [None, [], ["ab"], ["a", "b"], [""], ["b", "a"]]
    assert len({hash_of(donors(value)) for value in values}) == len(values)


def test_minus_zero_is_zero_and_unknown_is_not() -> None:
    def published(value: float | None) -> str:
        frame = frame_of("control_totals", [{"document": "d", "published": value}])
        return hash_of(replace(Tables.empty(), control_totals=frame))

    assert published(-0.0) == published(0.0)
    assert published(None) != published(0.0)


def test_the_folder_a_file_was_read_from_is_not_kept() -> None:
    here = document("d", {"a": 1}, file="/home/someone/mars.csv")
    there = document("d", {"a": 1}, file="C:\\Partage\\mars.csv")
    assert canonical_tables(here).documents["file"].to_list() == ["mars.csv"]
    assert hash_of(here) == hash_of(there)


def test_tables_that_are_handed_over_are_let_go_once_in_order() -> None:
    tables = document("d", {"b": 2, "a": None, "c": 3})
    handed_over = dict(tables.items())
    ordered = ordered_tables(handed_over)
    assert handed_over == {}
    assert logical_hash(ordered) == hash_of(tables)


def test_what_is_read_back_hashes_as_what_was_written(tmp_path: Path) -> None:
    written = Store(tmp_path).publish_tables(document("d", {"b": 2, "a": None, "c": 3}))
    read = Store(tmp_path).current_snapshot()
    assert read is not None
    assert logical_hash(read.tables) == written.hash == read.hash
    for (_, one), (_, other) in zip(read.tables.items(), written.tables.items(), strict=True):
        assert one.equals(other)


def test_ids_are_dictionary_encoded_on_disk_and_text_in_memory(tmp_path: Path) -> None:
    store = Store(tmp_path)
    snapshot = store.publish_tables(document("d", {"a": 1}))
    file = tmp_path / "snapshots" / snapshot.hash / "activities.parquet"
    on_disk = pl.read_parquet_schema(file)
    assert on_disk["document"] == pl.Categorical
    assert on_disk["donors"] == pl.List(pl.Categorical)
    assert snapshot.tables.activities.schema["document"] == pl.String
