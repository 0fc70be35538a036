"""What decisions about pairs make of a set of activities."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.corrections.relations import (
    PairRelation,
    PairVerdict,
    ineffective_verdicts,
    leaders_by_record,
)
from atlas.errors import UsageError


def same(one: str, other: str, lead: str) -> PairVerdict:
    return PairVerdict.from_ids(one, other, "same", lead)


def different(one: str, other: str) -> PairVerdict:
    return PairVerdict.from_ids(one, other, "different")


def test_the_record_chosen_counts_for_the_other() -> None:
    """Of a and b said to be the same with b leading, a stands behind b."""
    assert leaders_by_record([same("a", "b", "b")]) == {"a": "b"}


def test_a_chain_of_choices_is_led_by_the_one_never_passed_over() -> None:
    """a before b and b before c: a counts for both, whichever came first."""
    words = [same("a", "b", "a"), same("b", "c", "b")]
    assert leaders_by_record(words) == leaders_by_record(words[::-1]) == {"b": "a", "c": "a"}


def test_of_two_never_passed_over_the_more_often_chosen_leads() -> None:
    """b chosen twice counts before a, chosen once over another of the group."""
    words = [same("b", "c", "b"), same("b", "d", "b"), same("a", "c", "a")]
    assert leaders_by_record(words) == {"a": "b", "c": "b", "d": "b"}


def test_choices_in_a_circle_are_settled_by_the_lowest_id() -> None:
    """a over b, b over c, c over a: each is passed over once and chosen once."""
    words = [same("a", "b", "a"), same("b", "c", "b"), same("a", "c", "c")]
    assert leaders_by_record(words) == {"b": "a", "c": "a"}


def test_two_told_apart_are_never_counted_as_one_through_a_third() -> None:
    """a-b and b-c are the same, a and c are different: the second word joins nothing."""
    words = [same("a", "b", "a"), same("b", "c", "b"), different("a", "c")]
    behind = leaders_by_record(words)
    assert behind == {"b": "a"}
    assert ineffective_verdicts(words, behind) == [same("b", "c", "b")]


def test_the_weaker_word_of_a_chain_gives_way() -> None:
    """b-c-d hold each other up; a hangs on c by one word, and a was told apart from d."""
    words = [
        same("a", "c", "a"),
        same("b", "c", "b"),
        same("c", "d", "c"),
        same("b", "d", "b"),
        different("a", "d"),
    ]
    assert leaders_by_record(words) == {"c": "b", "d": "b"}


def test_an_accepted_overlap_keeps_two_apart_as_well() -> None:
    """Two that do the same thing are two: no chain makes them one."""
    words = [same("a", "b", "a"), same("b", "c", "b")]
    words.append(PairVerdict.from_ids("a", "c", "overlap_accepted"))
    assert leaders_by_record(words) == {"b": "a"}


@pytest.mark.parametrize(
    ("one", "other", "verdict", "lead"),
    [("a", "a", "same", "a"), ("a", "", "different", ""), ("a", "b", "same", ""),
     ("a", "b", "same", "c"), ("a", "b", "maybe", "")],
)  # fmt: skip
def test_a_word_that_makes_no_sense_is_refused(
    one: str, other: str, verdict: str, lead: str
) -> None:
    """One activity alone, no lead, a lead from elsewhere, no such answer."""
    with pytest.raises(UsageError):
        PairVerdict.from_ids(one, other, verdict, lead)


IDS = "abcdefg"
WORDS = st.dictionaries(
    st.sampled_from(list(combinations(IDS, 2))), st.sampled_from(["a", "b", "different"])
).map(
    lambda said: [
        different(*pair) if word == "different" else same(*pair, pair["ab".index(word)])
        for pair, word in said.items()
    ]
)


@given(WORDS, st.randoms(use_true_random=False))
def test_the_groups_depend_on_the_words_alone_and_hold_no_two_told_apart(
    words: list[PairVerdict], random: object
) -> None:
    """Any order gives the same leaders; a leader follows nobody; nobody is with whom it is not."""
    behind = leaders_by_record(words)
    shuffled = list(words)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert leaders_by_record(shuffled) == behind
    assert not set(behind) & set(behind.values())
    head = {one: behind.get(one, one) for one in IDS}
    for word in words:
        if word.verdict is PairRelation.DIFFERENT:
            assert head[word.activity_a] != head[word.activity_b]
    assert {w.activity_pair for w in ineffective_verdicts(words, behind)} == {
        w.activity_pair
        for w in words
        if w.verdict is PairRelation.SAME and head[w.activity_a] != head[w.activity_b]
    }
