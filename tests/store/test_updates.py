"""A newer list updates the older one: nothing doubles, nothing goes without a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.model import Tables, check
from atlas.store.disk import canonical_tables, logical_hash
from atlas.store.merge import document_ranks, merge_documents, plan_updates
from tests.store.build import document

MAY, JUNE, JULY = date(2017, 5, 31), date(2017, 6, 30), date(2017, 7, 31)
OLD = document("old", {"a": 1000, "b": 2000}, as_of=JUNE)
NEW = document("new", {"b": 2500, "c": None}, as_of=JULY, status="completed")


def ids(tables: Tables) -> list[str]:
    return sorted(tables.activities["activity_id"])


def said(tables: Tables, code: str) -> list[tuple[str, str]]:
    rows = tables.findings.filter(code=code).select("document", "params")
    return sorted(rows.iter_rows())


def digest_of(tables: Tables) -> str:
    check(tables)
    return logical_hash(canonical_tables(tables))


def test_a_first_import_adds_everything() -> None:
    assert plan_updates(None, [OLD])["old"].change_counts() == {"added": 2, "changed": 0, "gone": 0}


def test_a_newer_list_says_what_it_adds_changes_and_leaves_out() -> None:
    update = plan_updates(merge_documents(None, [OLD]), [NEW])["new"]
    assert update.change_counts() == {"added": 1, "changed": 1, "gone": 1}
    assert update.added.rows() == [("c", "Projet c")]
    assert update.changed.select("activity_id", "field", "before", "after").rows() == [
        ("b", "budget", "2000 USD /", "2500 USD /"),
        ("b", "donors", "canada", ""),
        ("b", "status", "ongoing", "completed"),
    ]
    assert update.gone.rows() == [("a", "Projet a", True)]


def test_both_lists_in_one_import_are_told_apart_oldest_first() -> None:
    updates = plan_updates(None, [NEW, OLD])
    assert {name: one.change_counts() for name, one in updates.items()} == {
        "old": {"added": 2, "changed": 0, "gone": 0},
        "new": {"added": 1, "changed": 1, "gone": 1},
    }


def test_the_same_list_again_changes_nothing() -> None:
    once = merge_documents(None, [OLD])
    assert plan_updates(once, [OLD])["old"].change_counts() == {"added": 0, "changed": 0, "gone": 0}
    assert digest_of(merge_documents(once, [OLD])) == digest_of(once)


def test_the_first_real_list_adds_its_own_and_takes_nothing_from_the_sample() -> None:
    sample = document("sample", {"s": 100}, sample=True)
    assert plan_updates(sample, [OLD])["old"].change_counts() == {
        "added": 2,
        "changed": 0,
        "gone": 0,
    }


def test_what_a_newer_list_leaves_out_stays_marked_until_a_person_says_otherwise() -> None:
    kept = merge_documents(merge_documents(None, [OLD]), [NEW])
    assert ids(kept) == ["a", "b", "c"]
    assert said(kept, "activity_absent") == [("old", '{"file": "new.csv", "title": "Projet a"}')]
    went = merge_documents(kept, [NEW], replacing=["new"])
    assert ids(went) == ["b", "c"]
    assert said(went, "activity_absent") == []
    assert said(went, "activities_withdrawn") == [("old", '{"file": "new.csv", "n": 1}')]
    assert went.rows.filter(document="old").height == 2
    assert plan_updates(kept, [NEW], ["new"])["new"].gone.rows() == [("a", "Projet a", False)]


def test_the_word_of_a_person_stands_when_either_list_is_read_again() -> None:
    went = merge_documents(merge_documents(None, [OLD]), [NEW], replacing=["new"])
    for again in (OLD, NEW):
        assert digest_of(merge_documents(went, [again])) == digest_of(went)


def test_an_activity_taken_out_comes_back_with_a_list_that_is_newer_still() -> None:
    went = merge_documents(merge_documents(None, [OLD]), [NEW], replacing=["new"])
    august = document("august", {"a": 10, "b": 1, "c": 1}, as_of=date(2017, 8, 31))
    assert ids(merge_documents(went, [august])) == ["a", "b", "c"]


def test_rows_of_one_key_are_replaced_together() -> None:
    older = document("old", {"p": 1, "p~2": 2, "p~3": 3}, as_of=JUNE)
    newer = document("new", {"p": 1, "p~2": 3}, as_of=JULY)
    tables = merge_documents(merge_documents(None, [older]), [newer])
    assert ids(tables) == ["p", "p~2"]
    assert said(tables, "activity_absent") == []
    assert plan_updates(merge_documents(None, [older]), [newer])["new"].change_counts()["gone"] == 1


def test_a_newer_iati_file_of_an_organisation_updates_the_older_and_no_other() -> None:
    older = document("old", {"a": 1, "b": 2}, as_of=JUNE, reader="iati", organisation="pnud")
    other = document("other", {"z": 9}, as_of=JUNE, reader="iati", organisation="unicef")
    newer = document("new", {"a": 5}, as_of=JULY, reader="iati", organisation="pnud")
    tables = merge_documents(merge_documents(None, [older, other]), [newer])
    assert tables.activities.sort("activity_id").select("activity_id", "document").rows() == [
        ("a", "new"),
        ("b", "old"),
        ("z", "other"),
    ]
    assert said(tables, "activity_absent") == [("old", '{"file": "new.csv", "title": "Projet b"}')]


def test_a_name_with_a_number_is_later_than_the_same_without() -> None:
    names = {"aa": "liste.csv", "bb": "liste v2.csv", "cc": "liste v10.csv"}
    documents = [document(name, {"a": 1}, file=file).documents for name, file in names.items()]
    order = document_ranks(pl.concat(documents))
    assert sorted(order, key=order.__getitem__) == ["aa", "bb", "cc"]


def test_of_two_lists_of_one_date_the_later_name_is_kept_and_both_are_named() -> None:
    one = document("zz", {"a": 1}, file="liste v2.csv")
    two = document("aa", {"a": 2}, file="liste v10.csv")
    for order in ([one, two], [two, one]):
        tables = merge_documents(merge_documents(None, order[:1]), order[1:])
        assert tables.amounts["minor"].to_list() == [2]
        assert said(tables, "activities_same_date") == [("zz", '{"file": "liste v10.csv", "n": 1}')]


def test_of_two_lists_of_one_date_the_one_a_person_says_replaces_the_other_is_kept() -> None:
    first = document("zz", {"a": 1, "b": 1}, file="liste v2.csv")
    mended = document("aa", {"a": 2}, file="liste.csv")
    tables = merge_documents(merge_documents(None, [first]), [mended], replacing=["aa"])
    assert tables.activities.select("activity_id", "document").rows() == [("a", "aa")]
    assert said(tables, "activities_same_date") == []
    back = merge_documents(tables, [first], replacing=["zz"])
    assert sorted(back.activities.select("activity_id", "document").rows()) == [
        ("a", "zz"),
        ("b", "zz"),
    ]


@pytest.mark.parametrize(
    "newer",
    [
        document("new", {"x": 1}, as_of=JULY),
        document("new", {"b": 1}, as_of=MAY),
        document("new", {"b": 1}, as_of=JULY, reader="bulletin"),
        document("new", {"b": 1}, as_of=JULY, period_start=date(2017, 7, 1)),
    ],
    ids=["nothing in common", "an older list", "a bulletin", "a later period"],
)
def test_only_a_newer_list_of_the_same_sender_and_period_marks_what_it_leaves_out(
    newer: Tables,
) -> None:
    older = document("old", {"a": 1, "b": 2}, as_of=JUNE, ended=date(2017, 6, 1))
    assert "old" not in dict(said(merge_documents(None, [older, newer]), "activity_absent"))


def test_a_new_file_of_the_same_name_and_sender_shares_nothing_and_still_marks() -> None:
    april = document("d1", {"a": 1}, file="liste.csv", as_of=JUNE)
    may = document("d2", {"b": 2}, file="liste.csv", as_of=JULY)
    tables = merge_documents(merge_documents(None, [april]), [may])
    assert said(tables, "activity_absent") == [("d1", '{"file": "liste.csv", "title": "Projet a"}')]


def test_the_list_of_one_ngo_says_nothing_of_the_activities_of_another() -> None:
    matrix = Tables.concat(
        [document("m", {"a": 1, "b": 1, "c": 1}, reader="ngo", organisation="acted")]
    )
    others = matrix.activities.with_columns(
        lead_org=matrix.activities["activity_id"].replace({"a": "acted", "b": "adr", "c": "adr"})
    )
    matrix = replace(matrix, activities=others)
    own = document("n", {"a": 1}, reader="ngo", organisation="acted", as_of=JULY)
    assert said(merge_documents(None, [matrix, own]), "activity_absent") == []
    half = document("n", {"a": 1, "b": 1}, reader="ngo", organisation="acted", as_of=JULY)
    assert len(said(merge_documents(None, [matrix, half]), "activity_absent")) == 1


def test_ranks_go_by_date_then_by_numbers_in_the_name() -> None:
    documents = merge_documents(
        None,
        [
            document("a", {}, file="x10.csv", as_of=MAY),
            document("b", {}, file="x9.csv", as_of=MAY),
            document("c", {}, file="a.csv", as_of=JUNE),
        ],
    ).documents
    order = document_ranks(documents)
    assert sorted(order, key=order.__getitem__) == ["b", "a", "c"]


_LISTS = st.lists(
    st.tuples(st.sets(st.sampled_from(["a", "a~2", "b", "c", "d"])), st.sampled_from([MAY, JUNE])),
    min_size=3,
    max_size=3,
)


@settings(max_examples=12)
@given(_LISTS)
def test_without_a_word_every_key_stays_published_whatever_the_order(parts) -> None:
    lists = [
        document(f"d{n}", dict.fromkeys(sorted(keys), n), as_of=day)
        for n, (keys, day) in enumerate(parts)
    ]
    expected = {one.partition("~")[0] for keys, _day in parts for one in keys}
    hashes = set()
    for order in permutations(lists):
        tables: Tables | None = None
        for one in order:
            tables = merge_documents(tables, [one])
        assert tables is not None
        assert {one.partition("~")[0] for one in ids(tables)} == expected
        hashes.add(digest_of(tables))
    assert hashes == {digest_of(merge_documents(None, lists))}


@settings(max_examples=12)
@given(_LISTS)
def test_after_a_word_reading_the_older_lists_again_changes_nothing(parts) -> None:
    lists = [
        document(f"d{n}", dict.fromkeys(sorted(keys), n), as_of=day)
        for n, (keys, day) in enumerate(parts)
    ]
    tables = merge_documents(merge_documents(None, lists[:2]), lists[2:], replacing=["d2"])
    for one in lists:
        assert digest_of(merge_documents(tables, [one])) == digest_of(tables)


def test_the_same_content_under_another_name_is_said_with_the_day_it_now_has() -> None:
    renamed = replace(
        OLD, documents=OLD.documents.with_columns(file=pl.lit("autre.csv"), as_of=pl.lit(JULY))
    )
    update = plan_updates(merge_documents(None, [OLD]), [renamed])["old"]
    (file,) = OLD.documents["file"]
    assert update.change_counts() == {"added": 0, "changed": 0, "gone": 0}
    assert update.findings.rows() == [
        (
            "document_redated",
            f'{{"before": "2017-06-30", "file": "{file}", "now": "2017-07-31"}}',
        )
    ]
    assert plan_updates(merge_documents(None, [OLD]), [OLD])["old"].findings.is_empty()
