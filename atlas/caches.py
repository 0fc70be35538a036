"""Caches of what words of documents mean, cleared together after a long list."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper


R = TypeVar("R")
_cache_clearers: list[Callable[[], None]] = []


def text_cache(most: int) -> Callable[[Callable[..., R]], _lru_cache_wrapper[R]]:
    """Remember the latest answers of a function of texts, until `clear_text_caches`.

    Parameters
    ----------
    most
        Answers that are remembered.
    """

    def remembering(function: Callable[..., R]) -> _lru_cache_wrapper[R]:
        answers = lru_cache(maxsize=most)(function)
        on_cache_clear(answers.cache_clear)
        return answers

    return remembering


def on_cache_clear(clear: Callable[[], None]) -> None:
    """Have `clear_text_caches` clear answers that are remembered in another way, too."""
    _cache_clearers.append(clear)


def clear_text_caches() -> None:
    """Forget what the words of documents mean: to be found again when next asked for."""
    for clear in _cache_clearers:
        clear()
