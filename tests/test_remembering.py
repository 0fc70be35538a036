"""What was found out about a text is found out once, until it is forgotten."""

from __future__ import annotations

import pytest

from atlas import caches
from atlas.caches import clear_text_caches, on_cache_clear, text_cache


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests remember is not forgotten by others after them."""
    monkeypatch.setattr(caches, "_cache_clearers", [])


def test_an_answer_is_found_once_and_again_after_forgetting() -> None:
    asked = []

    @text_cache(10)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert [shout("gao"), shout("gao")] == ["GAO", "GAO"]
    assert asked == ["gao"]
    clear_text_caches()
    assert shout("gao") == "GAO"
    assert asked == ["gao", "gao"]


def test_no_more_answers_are_remembered_than_allowed() -> None:
    asked = []

    @text_cache(1)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    for name in ("gao", "mopti", "gao"):
        shout(name)
    assert asked == ["gao", "mopti", "gao"]


def test_answers_kept_in_another_way_are_forgotten_with_the_others() -> None:
    own = {"gao": "GAO"}
    on_cache_clear(own.clear)
    clear_text_caches()
    assert own == {}
