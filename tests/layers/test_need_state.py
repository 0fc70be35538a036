"""Whether a need is covered, by the limits that a person sets."""

from __future__ import annotations

import polars as pl
import pytest

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
