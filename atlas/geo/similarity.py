"""How alike place names are: by their letters, sound and words. Loads NumPy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Prefix
from rapidfuzz.process import cdist

from atlas.geo.names import (
    NO_NUMBER,
    SOUNDS_SAME,
    phonetic_outline,
    phonetic_skeleton,
    stem_and_number,
)

Scores = NDArray[np.float32]

OTHER_NUMBER = 0.7
"""Factor where both carry one, and not the same: "Kapala I" is not "Kapala II"."""
BEGINS = 0.88
"""Likeness of a text to a longer name that begins like it ("N'gabacoro", "… Droit")."""
GOES_ON = 0.8
"""Likeness of a text to a shorter name that it begins with ("Dianweli Maoudé")."""
PART = 0.85
"""Likeness of some whole words of a name to the name ("Boundy", "Sirifila Boundy")."""
ABBREVIATED = 0.93
"""Likeness of a name some of whose words are cut ("Farakou Mas.", "B. Maoudé")."""
ALIKE = 0.3
"""How much the slips left count when like sounds (e and i, g and k) are made one; the rest of
the likeness counts them as written or heard. Of 0, 0.3 and 0.45, with the rule of `nearest`,
the one that finds most made-up names at the same share of foreign ones."""
_LONG = 7
"""Letters a skeleton needs before it may stand for the longer name it begins."""


class NameComparator:
    """Names that a text may mean, ready to be compared with many texts at once.

    Parameters
    ----------
    spelled
        Unit id → its keys, official name first.
    words
        Unit id → the words of its official name, as keys.
    """

    def __init__(
        self, spelled: Mapping[str, Sequence[str]], words: Mapping[str, Sequence[str]]
    ) -> None:
        self.units = tuple(spelled)
        parts = [stem_and_number(key) for keys in spelled.values() for key in keys]
        self._stems = [stem for stem, _number in parts]
        self._numbers = np.array([number for _stem, number in parts], dtype=object)
        self._heard = [phonetic_skeleton(stem) for stem in self._stems]
        self._outlines = [phonetic_outline(heard) for heard in self._heard]
        self._lengths = np.array([len(heard) for heard in self._heard])
        counts = [len(keys) for keys in spelled.values()]
        self._starts = np.cumsum([0, *counts[:-1]])
        self._words = [_phonetic_words(words[unit]) for unit in self.units]
        self._ordered = [tuple(words[unit]) for unit in self.units]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for place, known in enumerate(self._words):
            for word in known if len(known) > 1 else ():
                self._holding[word].append(place)

    def similarity_scores(self, queries: Sequence[Sequence[str]]) -> Scores:
        """Likeness, 0 to 1, of each query (the words of a name) to each unit.

        Returns
        -------
        ndarray
            Shape ``(queries, units)``; 1 where the keys are equal.
        """
        if not self.units or not queries:
            return np.zeros((len(queries), len(self.units)), dtype=np.float32)
        parts = [stem_and_number("".join(words)) for words in queries]
        stems = [stem for stem, _number in parts]
        found = self._letter_scores(stems)
        found *= self._number_factor([number for _stem, number in parts])
        best: Scores = np.maximum.reduceat(found, self._starts, axis=1)
        for row, words in enumerate(queries):
            for place, likeness in self._word_matches(words):
                best[row, place] = max(best[row, place], likeness)
        return best

    def likest_units(
        self, queries: Sequence[Sequence[str]], most: int
    ) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
        """Of each query the positions of its likest units, likest first, and their likeness."""
        scores = self.similarity_scores(queries)
        first = np.argsort(-scores, axis=1, kind="stable")[:, :most].astype(np.int16)
        return first, np.take_along_axis(scores, first, axis=1).astype(np.float64).round(4)

    def _letter_scores(self, stems: Sequence[str]) -> Scores:
        heard = [phonetic_skeleton(stem) for stem in stems]
        written = _edit_similarity(stems, self._stems)
        sounded = _edit_similarity(heard, self._heard)
        same_key, same_sound = written >= 1, sounded >= 1
        alike = _edit_similarity([phonetic_outline(one) for one in heard], self._outlines)
        exact = np.maximum(written, sounded)
        nearer = np.maximum(exact, alike) * np.float32(ALIKE)
        found = (exact * np.float32(1 - ALIKE) + nearer) * np.float32(SOUNDS_SAME)
        found = np.maximum(found, self._prefix_scores(heard))
        found = np.where(same_sound, np.float32(SOUNDS_SAME), found)
        letters: Scores = np.where(same_key, np.float32(1), found)
        return letters

    def _prefix_scores(self, heard: Sequence[str]) -> Scores:
        """Where one name begins like the other and then goes on."""
        asked = np.array([len(h) for h in heard])[:, None]
        shared = cdist(heard, self._heard, scorer=Prefix.similarity, dtype=np.int32)
        long = shared >= _LONG
        begins = np.where(long & (shared == asked), np.float32(BEGINS), np.float32(0))
        goes_on = long & (shared == self._lengths[None, :]) & (shared < asked)
        found: Scores = np.where(goes_on, np.float32(GOES_ON), begins)
        return found

    def _number_factor(self, numbers: Sequence[str]) -> Scores:
        asked = np.array(numbers, dtype=object)[:, None]
        own = self._numbers[None, :]
        one_lacks = (asked == "") | (own == "")
        unlike = np.where(one_lacks, np.float32(NO_NUMBER), np.float32(OTHER_NUMBER))
        factor: Scores = np.where(asked == own, np.float32(1), unlike)
        return factor

    def _word_matches(self, words: Sequence[str]) -> Iterable[tuple[int, float]]:
        """Units whose name has all these words and others besides, or these words in full."""
        some = _phonetic_words(words)
        longest = max(map(len, some), default=0)
        if longest < 4 or words[-1].isdigit():
            return ()
        # of two equally long, whichever the set gives first would be another one each run
        asked = [word for word in some if len(word) == longest]
        holding = {i for word in asked for i in self._holding.get(word, ())}
        parts = [(i, PART) for i in holding if some < self._words[i]]
        cut = [(i, ABBREVIATED) for i in holding if _is_abbreviation(words, self._ordered[i])]
        return (*parts, *cut)


def _is_abbreviation(words: Sequence[str], own: Sequence[str]) -> bool:
    """Whether each word is one of a name, or the beginning of one: its letter, three or more."""
    if len(words) != len(own) or len(words) < 2 or tuple(words) == tuple(own):
        return False
    return all(starmap(_is_word_prefix, zip(words, own, strict=True)))


def _is_word_prefix(word: str, whole: str) -> bool:
    cut = len(word) in (1, *range(3, len(whole))) and whole.startswith(word)
    return cut or phonetic_skeleton(word) == phonetic_skeleton(whole)


def _phonetic_words(words: Iterable[str]) -> frozenset[str]:
    """Skeletons of the words of a name, without its number."""
    return frozenset(phonetic_skeleton(word) for word in words if not word.isdigit())


def _edit_similarity(some: Sequence[str], others: Sequence[str]) -> Scores:
    """Mean of two measures: one counts a swap as one slip, the other a change as two."""
    swaps = cdist(some, others, scorer=OSA.normalized_similarity, dtype=np.float32)
    ratio = cdist(some, others, scorer=fuzz.ratio, dtype=np.float32)
    mean: Scores = ((swaps + ratio / 100) / 2).astype(np.float32)
    return mean
