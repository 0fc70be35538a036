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
