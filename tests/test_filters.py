"""One question ↔ one URL query."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.model import Kind

words = st.text(min_size=1, max_size=12)
many = st.lists(words, max_size=3).map(lambda values: tuple(sorted(set(values))))
days = st.none() | st.dates(date(2012, 1, 1), date(2030, 12, 31))
questions = st.builds(
    Filters,
    kind=st.lists(st.sampled_from([k.value for k in Kind]), min_size=1, max_size=4).map(
        lambda kinds: tuple(sorted(set(kinds)))
    ),
    source=many,
    sector=many,
    donor=many,
    organisation=many,
    status=many,
    unit=many,
    year=st.lists(st.integers(2000, 2040), max_size=3).map(lambda years: tuple(sorted(set(years)))),
    at=days,
    since=days,
    until=days,
)


def test_members_of_an_enum_are_kept_as_the_words_they_stand_for() -> None:
    filters = Filters(kind=tuple(Kind), status=("ongoing",))
    assert filters == Filters(
        kind=("activity", "presence", "plan", "aggregate"), status=("ongoing",)
    )
    assert {type(value) for value in filters.kind} == {str}


@given(questions)
def test_a_question_survives_its_url(question: Filters) -> None:
    assert Filters.from_query(question.to_query()) == question


def test_an_empty_query_asks_for_activities_and_presence_only() -> None:
    assert Filters.from_query("").kind == ("activity", "presence")


def test_repeated_where_words_widen_the_same_filter() -> None:
    assert Filters.from_where(["source=qip", "source=pbf"]).source == ("pbf", "qip")


@pytest.mark.parametrize("word", ["source", "source=", "color=red", "year=soon", "kind=rumour"])
def test_a_word_that_is_no_filter_is_refused_with_what_is_allowed(word: str) -> None:
    with pytest.raises(UsageError) as error:
        Filters.from_where([word])
    assert error.value.exit_code == 2
    assert error.value.remedy


def test_keys_that_are_not_filters_are_left_to_the_page() -> None:
    assert Filters.from_query("?lang=en&sector=health").sector == ("health",)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("at=hier", "Filtre « at=hier » illisible : « hier » n'est pas une date."),
        ("year=demain", "Filtre « year=demain » illisible : « demain » n'est pas une année."),
        ("since=2017-02-30", "« 2017-02-30 » n'est pas une date."),
    ],
)
def test_an_unreadable_filter_says_why_in_french(query: str, reason: str) -> None:
    """The reason is the atlas's own, never that of a library."""
    with pytest.raises(UsageError) as caught:
        Filters.from_query(query)
    assert reason in str(caught.value)


def test_a_page_keeps_the_filters_that_can_be_read() -> None:
    """One broken word takes its own filter out and no other."""
    filters, problem = Filters.readable_part("?source=qip&at=hier&year=2017")
    assert filters == Filters(source=("qip",), year=(2017,))
    assert "at=hier" in str(problem)
