"""What the words of documents were found to mean, remembered while documents are read.

A list says the same few thousand names again and again, so the answer to each is kept. They
take little room themselves. But each was made between the records of its list, and keeps
what lies around it from being given back to the system: the answers of a list of 100 000
rows hold 60 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

R = TypeVar("R")
_forgetting: list[Callable[[], None]] = []


def remembered(most: int) -> Callable[[Callable[..., R]], _lru_cache_wrapper[R]]:
    """Remember the latest answers of a function of texts, until `forget`.

    Parameters
    ----------
    most
        Answers that are remembered.
    """

    def remembering(function: Callable[..., R]) -> _lru_cache_wrapper[R]:
        answers = lru_cache(maxsize=most)(function)
        on_forgetting(answers.cache_clear)
        return answers

    return remembering


def on_forgetting(clear: Callable[[], None]) -> None:
    """Have `forget` clear answers that are remembered in another way, too."""
    _forgetting.append(clear)


def forget() -> None:
    """Forget what the words of documents mean: to be found again when next asked for."""
    for clear in _forgetting:
        clear()
