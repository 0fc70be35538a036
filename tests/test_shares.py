"""Shares add up to the whole, whatever the whole and the weights."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.errors import InvariantError
from atlas.model import frame_of
from atlas.shares import split_amounts, split_by_weights

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


def test_three_equal_weights_give_the_odd_cent_to_the_first() -> None:
    assert split_by_weights(100, [1, 1, 1]) == [34, 33, 33]


def test_the_largest_remainder_takes_the_odd_cent() -> None:
    assert split_by_weights(10, [1, 2, 4]) == [1, 3, 6]


def test_a_weight_of_zero_gets_nothing() -> None:
    assert split_by_weights(7, [0, 1, 0]) == [0, 7, 0]


def test_a_negative_total_is_shared_like_its_opposite() -> None:
    assert split_by_weights(-100, [1, 1, 1]) == [-34, -33, -33]


def test_a_total_beyond_64_bits_is_shared_exactly() -> None:
    assert split_by_weights(10**30 + 1, [1, 1]) == [5 * 10**29 + 1, 5 * 10**29]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_cannot_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_by_weights(1, weights)


@given(st.integers(), WEIGHTS)
def test_shares_add_up_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(split_by_weights(total, weights)) == total


@given(st.integers(0, 10**40), WEIGHTS)
def test_each_share_is_within_one_of_its_exact_part(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    for share, weight in zip(split_by_weights(total, weights), weights, strict=True):
        assert abs(share * whole - total * weight) < whole


def _amounts(*rows: tuple[str, int, int | None]) -> pl.DataFrame:
    return frame_of(
        "amounts",
        [
            {"activity_id": a, "kind": "budget", "currency": "XOF", "minor": m, "usd_minor": u}
            for a, m, u in rows
        ],
    )


def _placements(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return frame_of(
        "placements", [{"activity_id": a, "unit_id": u, "weight": w} for a, u, w in rows]
    )


def test_a_frame_shares_both_currencies_by_weight() -> None:
    shared = split_amounts(
        _amounts(("a", 100, 11)),
        _placements(("a", "ml-2016/ML05", 1), ("a", "ml-2016/ML04", 2)),
    )
    assert shared.select("unit_id", "minor", "usd_minor").rows() == [
        ("ml-2016/ML05", 33, 4),
        ("ml-2016/ML04", 67, 7),
    ]


def test_an_unknown_dollar_equivalent_stays_unknown() -> None:
    shared = split_amounts(_amounts(("a", 5, None)), _placements(("a", "x", 1), ("a", "y", 1)))
    assert shared["usd_minor"].to_list() == [None, None]
    assert shared["minor"].to_list() == [3, 2]


def test_an_amount_without_placement_is_kept_unplaced() -> None:
    shared = split_amounts(_amounts(("lost", 5, 6)), _placements(("a", "x", 1)))
    assert shared.select("unit_id", "minor", "usd_minor").rows() == [("_unplaced", 5, 6)]


def test_a_weight_that_is_not_positive_is_refused() -> None:
    with pytest.raises(InvariantError):
        split_amounts(_amounts(("a", 5, 5)), _placements(("a", "x", 0)))


def test_weights_too_large_for_exact_arithmetic_are_refused() -> None:
    with pytest.raises(InvariantError):
        split_amounts(_amounts(("a", 5, 5)), _placements(("a", "x", 4_000_000_000)))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.integers(-(10**18), 10**18),
            st.one_of(st.none(), st.integers(-(10**18), 10**18)),
        ),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 10**8)),
        max_size=9,
    ),
)
def test_a_frame_shares_exactly_as_the_plain_split_does(
    amounts: list[tuple[str, int, int | None]], placements: list[tuple[str, str, int]]
) -> None:
    shared = split_amounts(_amounts(*amounts), _placements(*placements))
    for i, (activity, minor, usd) in enumerate(amounts):
        weights = [w for a, _, w in placements if a == activity] or [1]
        rows = shared.filter(pl.col("amount") == i)
        assert rows["minor"].to_list() == split_by_weights(minor, weights)
        expected = [None] * len(weights) if usd is None else split_by_weights(usd, weights)
        assert rows["usd_minor"].to_list() == expected
