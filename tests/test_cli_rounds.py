"""``atlas rounds``: what it prints and how it ends."""

from __future__ import annotations

import json

import pytest

from atlas.store import Store
from tests.test_cli_duplicates import Run, atlas  # noqa: F401  (a fixture)
from tests.test_rounds import scope_of_two


@pytest.fixture
def with_scope(atlas: Run, tmp_path) -> Run:  # noqa: F811
    """The same command, over a store in which two are to report and one has."""
    Store(tmp_path / "store").publish_tables(scope_of_two("unicef"))
    return atlas


def test_a_round_is_opened_shown_closed_and_listed(with_scope: Run) -> None:
    code, said, _error = with_scope("rounds", "open", "2024-01", "--due", "2024-02-15")
    assert (code, said) == (0, "janvier 2024 : échéance le 15 février 2024, ouvert.\n")
    shown = with_scope("rounds", "show", "janvier 2024")[1]
    assert "FAO, Kidal, tous secteurs, janvier 2024 : manque, 15 février 2024" in shown
    with_scope("rounds", "close", "2024-01")
    assert "1 rapport sur 2" in with_scope("rounds")[1]
    with_scope("rounds", "undo", "2")
    assert "clôture du tour 2024-01-01 – 2024-01-31" in with_scope("rounds", "list", "--all")[1]
    with_scope("rounds", "close", "2024-01")
    told = json.loads(with_scope("rounds", "show", "2024-01", "--json")[1])
    assert [row["reporter"] for row in told["reports"]] == ["fao", "unicef"]


def test_a_closed_round_is_reopened_for_one_by_its_name(with_scope: Run) -> None:
    with_scope("rounds", "open", "2024-01", "--due", "2024-02-15")
    with_scope("rounds", "close", "2024-01")
    asked = "rounds", "reopen", "2024-01", "--for", "FAO", "--until", "2024-02-29"
    assert "rouvert pour FAO jusqu'au 29 février 2024" in with_scope(*asked)[1]


def test_a_period_that_is_none_is_said_with_how_to_write_it(with_scope: Run) -> None:
    code, _said, error = with_scope("rounds", "show", "jamais")
    assert code == 2
    assert "2024-01" in error
