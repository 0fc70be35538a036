"""Whether a need is covered, by the limits that a person sets, and how gaps are ranked."""

from __future__ import annotations

import polars as pl
import pytest

from atlas.layers.coverage import ALIKE, rank_in_sector
from atlas.layers.gaps import need_state


@pytest.mark.parametrize(
    ("score", "sufficient", "state"),
    [(0.0, 0.0, "gap"), (0.0, None, "gap"), (0.1, None, "partial"), (0.1, 0.1, "covered")],
)
def test_a_limit_of_zero_makes_no_answer_of_nothing(
    score: float, sufficient: float | None, state: str
) -> None:
    """Whatever the limits, a need that nobody answers is a gap."""
    cell = {"need": [100.0], "response_score": [score], "sufficient": [sufficient]}
    schema = dict.fromkeys(cell, pl.Float64)
    found = pl.DataFrame(cell, schema).select(state=need_state(0.0, 0.0))
    assert found["state"].to_list() == [state]


def test_scores_that_are_equal_but_for_the_noise_of_their_digits_share_a_rank() -> None:
    """0.05 × 1 and 0.0555… × 0.9, each to the power of a third."""
    scores = pl.DataFrame({"score": [0.2, 0.3684031498640387, None, 0.36840314986403866]})
    scores = scores.with_columns(pl.lit("x").alias(name) for name in ALIKE)
    assert scores.select(rank=rank_in_sector())["rank"].to_list() == [2, 1, None, 1]
