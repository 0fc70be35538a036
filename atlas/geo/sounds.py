"""What a place name sounds like: transcription habits undone, numbers set apart.

Lists of Mali write one sound in several ways (Doucombo, Doukoumbo, Dukumbo; Djidian,
Didian; Gnamana, Niamana, Nyamana). The *skeleton* of a name undoes these habits; two names
of one skeleton sound the same. Text only, no arrays: every import loads it.
"""

from __future__ import annotations

import re

from atlas.remembering import remembered

SOUNDS_SAME = 0.97
"""Likeness of two names that differ in transcription only."""
NO_NUMBER = 0.98
"""Factor where one of two names carries a number that tells homonyms apart."""

_TWICE = re.compile(r"(.)\1+")
_SOFT_BEFORE_VOWEL = re.compile(r"([jn])i(?=[aeou])")
_DIGRAPHS = (
    *(("ph", "f"), ("tch", "s"), ("ch", "s"), ("sh", "s")),
    *(("ce", "se"), ("ci", "si"), ("cy", "sy")),
    *(("gue", "ge"), ("gui", "gi"), ("guy", "gy")),
)
_LETTERS = str.maketrans({"h": "", "c": "k", "q": "k", "z": "s", "w": "u"})
_SOUNDS = (
    *(("y", "i"), ("dj", "j"), ("gn", "n"), ("di", "ji")),
    *(("ou", "u"), ("mb", "nb"), ("mp", "np")),
)


@remembered(200_000)
def skeleton(name_key: str) -> str:
    """What is left of a key when transcription habits and doubled letters are undone.

    Examples
    --------
    >>> skeleton("gadougou") == skeleton("gaddugu") == skeleton("gadowgou")
    True
    >>> skeleton("djedougou") == skeleton("diedugu")
    True
    """
    found = _TWICE.sub(r"\1", name_key)
    for written, heard in _DIGRAPHS:
        found = found.replace(written, heard)
    found = found.translate(_LETTERS)
    for written, heard in _SOUNDS:
        found = found.replace(written, heard)
    return _TWICE.sub(r"\1", _SOFT_BEFORE_VOWEL.sub(r"\1", found))


_ALIKE = str.maketrans(
    {"e": "i", "o": "u", "g": "k", "d": "t", "j": "t", "b": "p", "v": "f", "r": "l", "m": "n"}
)


@remembered(200_000)
def outline(heard: str) -> str:
    """A skeleton with the sounds that are taken for one another made one: e and i, g and k, …

    Examples
    --------
    >>> outline(skeleton("gadiaba")) == outline(skeleton("kadiaba"))
    True
    """
    return _TWICE.sub(r"\1", heard.translate(_ALIKE))


def stem_and_number(name_key: str) -> tuple[str, str]:
    """A key without the number at its end, and that number or "".

    Examples
    --------
    >>> stem_and_number("diedougou2"), stem_and_number("konna")
    (('diedougou', '2'), ('konna', ''))
    """
    stem = name_key.rstrip("0123456789")
    return (stem, name_key[len(stem) :]) if stem else (name_key, "")
