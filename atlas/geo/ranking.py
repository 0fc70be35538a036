"""What names are near to among some units, kept for the rows to come.

A name that no list has is compared with all the units it may mean, and asked for again by
every row and reading that has it. Compared one by one, a list of thousands of misspelt or
foreign names takes minutes; compared together (`rank`), seconds. The answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from atlas.geo.frames import frames
from atlas.geo.names import commune_words, key_words, names, words
from atlas.remembering import on_forgetting, remembered

if TYPE_CHECKING:  # arrays are loaded at the first misspelt name
    from numpy.typing import NDArray

    from atlas.geo.likeness import Scope

Ranked = list[tuple[float, str]]
"""``(likeness, unit id)``, likest first."""
_Row = tuple["NDArray[Any]", "NDArray[Any]", int]
"""Places in the scope and likeness, as arrays of many rankings, and which of their rows."""

MOST = 8
"""Units that a ranking names: no answer ever needs more."""
_AT_ONCE = 1000
"""Texts compared in one go: the arrays stay small where the scope is the country."""
_KEPT = 50_000
"""Rankings kept, about a kilobyte each."""

_known: dict[tuple[tuple[str, ...], tuple[str, ...]], _Row] = {}
on_forgetting(_known.clear)


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
    words = _query(text, scope)
    row = _known.get((scope, words))
    if row is None:
        (row,) = _rows([words], scope, frame)
        _keep([words], [row], scope)
    return _ranked(row, scope)


def rank(texts: Iterable[str], among: tuple[str, ...], frame: str) -> None:
    """Compare many texts with some units at once, so that `likest` knows them."""
    asked = dict.fromkeys(_query(text, among) for text in texts)
    new = [words for words in asked if (among, words) not in _known]
    _keep(new, list(_rows(new, among, frame)), among)


def _query(text: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name that are compared: a town is no région, but a commune."""
    communes = bool(among) and frames().unit(among[0]).level == "commune"
    return commune_words(text) if communes else key_words(text)


def _keep(queries: Sequence[tuple[str, ...]], rows: Sequence[_Row], among: tuple[str, ...]) -> None:
    if len(_known) + len(queries) > _KEPT:
        _known.clear()
    _known.update(((among, words), row) for words, row in zip(queries, rows, strict=True))


def rank_many(
    queries: Sequence[Sequence[str]], among: Sequence[str], frame: str
) -> Iterable[Ranked]:
    """For each query (the words of a name, as keys) the units it is likest to.

    Parameters
    ----------
    queries
        See `atlas.geo.names.commune_words`.
    among
        Units of the frame, ordered by id.
    frame
        The frame.

    Returns
    -------
    iterable of list of (float, str)
        One of `likest` for each.
    """
    units = tuple(among)
    return (_ranked(row, units) for row in _rows(queries, units, frame))


def _rows(queries: Sequence[Sequence[str]], among: tuple[str, ...], frame: str) -> Iterator[_Row]:
    """The rankings of queries, each a row of the arrays of its thousand."""
    import numpy as np

    scope = _scope(among, frame)
    for start in range(0, len(queries), _AT_ONCE):
        scores = scope.scores(queries[start : start + _AT_ONCE])
        first = np.argsort(-scores, axis=1, kind="stable")[:, :MOST].astype(np.int16)
        best = np.take_along_axis(scores, first, axis=1).astype(np.float64).round(4)
        yield from ((first, best, at) for at in range(len(scores)))


@remembered(8192)
def _scope(among: tuple[str, ...], frame: str) -> Scope:
    """Some units, ready to be compared with texts."""
    from atlas.geo.likeness import Scope

    known = names(frame).keys
    own = {unit: words(frames().unit(unit).name) for unit in among}
    return Scope({unit: known[unit] for unit in among}, own)


def _ranked(row: _Row, among: tuple[str, ...]) -> Ranked:
    first, best, at = row
    units = (among[place] for place in first[at].tolist())
    return list(zip(best[at].tolist(), units, strict=True))
