"""What names are near to among some units, kept for the rows to come.

A name that no list has is compared with all the units it may mean, and asked for again by
every row and reading that has it. Compared one by one, a list of thousands of misspelt or
foreign names takes minutes; compared together (`rank`), seconds. The answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from atlas.geo.names import key_words, names

Ranked = list[tuple[float, str]]
"""``(likeness, unit id)``, likest first."""

MOST = 8
"""Units that a ranking names: no answer ever needs more."""
_AT_ONCE = 1000
"""Texts compared in one go: the arrays stay small where the scope is the country."""
_KEPT = 50_000
"""Rankings kept, about a kilobyte each."""

_known: dict[tuple[tuple[str, ...], tuple[str, ...]], Ranked] = {}


def likest(text: str, among: Iterable[str], frame: str) -> Ranked:
    """The units among some of a frame that a text is likest to.

    Parameters
    ----------
    text
        A name as written.
    among
        Units of the frame; a tuple is taken to be ordered by id.
    frame
        The frame.

    Returns
    -------
    list of (float, str)
        Likeness, 0 to 1, and unit id; likest first, at most `MOST`.
    """
    scope = among if isinstance(among, tuple) else tuple(sorted(among))
    words = key_words(text)
    found = _known.get((scope, words))
    if found is None:
        (found,) = rank_many([words], scope, frame)
        _keep([words], [found], scope)
    return found


def rank(texts: Iterable[str], among: tuple[str, ...], frame: str) -> None:
    """Compare many texts with some units at once, so that `likest` knows them."""
    asked = dict.fromkeys(key_words(text) for text in texts)
    new = [words for words in asked if (among, words) not in _known]
    _keep(new, list(rank_many(new, among, frame)), among)


def _keep(
    queries: Sequence[tuple[str, ...]], ranked: Sequence[Ranked], among: tuple[str, ...]
) -> None:
    if len(_known) + len(queries) > _KEPT:
        _known.clear()
    _known.update(((among, words), one) for words, one in zip(queries, ranked, strict=True))


def rank_many(
    queries: Sequence[Sequence[str]], among: Sequence[str], frame: str
) -> Iterable[Ranked]:
    """For each query (the words of a name, as keys) the units it is likest to.

    Parameters
    ----------
    queries
        See `atlas.geo.names.key_words`.
    among
        Units of the frame, ordered by id.
    frame
        The frame.

    Yields
    ------
    list of (float, str)
        As of `likest`.
    """
    import numpy as np

    scope = names(frame).scope(tuple(among))
    for start in range(0, len(queries), _AT_ONCE):
        scores = scope.scores(queries[start : start + _AT_ONCE])
        first = np.argsort(-scores, axis=1, kind="stable")[:, :MOST]
        best = np.take_along_axis(scores, first, axis=1).astype(np.float64).round(4)
        for columns, likeness in zip(first.tolist(), best.tolist(), strict=True):
            yield [(score, scope.units[i]) for score, i in zip(likeness, columns, strict=True)]
