"""``atlas duplicates``: what it prints, how it ends, what it publishes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.cli.command import main
from atlas.store import Store
from tests.layers.made import activity, tables_of

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def atlas(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Run a command in this process, over a store where two lists tell of one thing."""
    monkeypatch.setenv("ATLAS_STORE", str(tmp_path / "store"))
    same = {"usd": 4_661_016, "unit": "ml-2016/ML08"}
    title = "Réinsertion de 110 femmes de Ber"
    Store(tmp_path / "store").publish_tables(
        tables_of(
            activity(title, key="a", source="qip", **same),
            activity(title, key="b", source="trust-fund", document="e", **same),
        )
    )

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["atlas", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def listed(atlas: Run, *words: str) -> dict[str, list[dict[str, object]]]:
    return dict(json.loads(atlas("duplicates", "list", "--json", *words)[1]))


def test_a_pair_is_listed_decided_and_taken_back(atlas: Run) -> None:
    """By its number, led by b: one activity less; then everything as before."""
    (pair,) = listed(atlas)["pairs"]
    code, out, _err = atlas(
        "duplicates", "decide", pair["pair_id"], "--verdict", "same", "--lead", "b",
        "--who", "Awa", "--note", "vu sur place", "--json",
    )  # fmt: skip
    done = json.loads(out)
    assert (code, done["activities"], done["budget_usd"]) == (0, -1, -46_610.16)
    assert (done["decision"]["lead"], done["decision"]["who"]) == ("b", "Awa")
    now = listed(atlas)
    assert (now["pairs"], len(now["decisions"])) == ([], 1)
    code, out, _err = atlas("duplicates", "undo", done["decision"]["id"], "--who", "Awa")
    assert code == 0
    assert "annulée par Awa" in out
    assert "Dans les totaux : +1 activité, +46610.16 USD" in out
    assert [len(v) for v in listed(atlas).values()] == [1, 0]
    assert len(listed(atlas, "--all")["decisions"]) == 1


def test_two_activities_may_be_named_themselves(atlas: Run) -> None:
    """By their ids, in any order."""
    code, out, _err = atlas("duplicates", "decide", "b,a", "--verdict", "different")
    assert (code, "a ↔ b : différentes" in out) == (0, True)


def test_in_words_both_records_and_the_reasons_are_told(atlas: Run) -> None:
    """Without a verb, the pairs to look at."""
    code, out, _err = atlas("duplicates")
    assert code == 0
    assert "double saisie  Réinsertion de 110 femmes de Ber [" in out
    assert "montants égaux" in out


@pytest.mark.parametrize(
    "words",
    [("decide", "zzzz", "--verdict", "different"), ("decide", "a,b", "--verdict", "same"),
     ("decide", "a,b", "--verdict", "perhaps"), ("undo", "7")],
)  # fmt: skip
def test_a_wrong_call_changes_nothing_and_says_why(atlas: Run, words: tuple[str, ...]) -> None:
    """An unknown pair, no leader, an unknown answer, an unknown decision: code 2."""
    code, _out, err = atlas("duplicates", *words)
    assert (code, bool(err)) == (2, True)
    assert listed(atlas, "--all")["decisions"] == []


def test_a_decision_that_changes_nothing_now_says_why(atlas: Run, tmp_path: Path) -> None:
    """b is published no more: the decision is listed as asleep."""
    atlas("duplicates", "decide", "a,b", "--verdict", "same", "--lead", "a")
    Store(tmp_path / "store").publish_tables(tables_of(activity("Forage", key="a")))
    (one,) = listed(atlas)["decisions"]
    assert one["idle"] == "asleep"
    assert "Sans effet tant que les deux activités ne sont pas publiées." in atlas("duplicates")[1]


def test_a_store_with_a_double_counted_once_is_sound(atlas: Run) -> None:
    """What the levels add up to is what counts: the check says how many records do not."""
    atlas("duplicates", "decide", "a,b", "--verdict", "same", "--lead", "a")
    code, out, _err = atlas("check")
    assert (code, "1 fiche comptée avec une autre" in out) == (0, True)
    assert "budget ml-2016 region: 46610.16 + 0.00 + 0.00 USD = 46610.16 USD" in out
