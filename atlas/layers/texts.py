"""What two titles have in common, words and figures."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_STOP_WORDS = """
    a afin ainsi ans au aux avec ce ces cette chez comme contre dans de des deux dont du en
    entre est et etc ete ils la le les leur leurs l d n s non nos notre on ou par pas plus pour
    qui que sa sans se ses son sont sous sur un une via vers appui appuyer projet projets
    activite activites programme region regions cercle cercles commune communes mali mise
    oeuvre place renforcement soutien the of for and in to with at by from support project
    projects activity activities programme through on
"""
_STOP = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[a-z]{2,}|\d+")
_GROUPED = re.compile(r"(?<=\d)[\s.\u202f\u00a0](?=\d{3}\b)")
SMALLEST_FIGURE = 10
_YEARS = range(1990, 2041)


def content_words(title: str) -> tuple[str, ...]:
    """Words of a title that say something, folded, in their order.

    Examples
    --------
    >>> content_words("Réhabilitation de 2 CSCOMs à Dourou et Doucombo")
    ('rehabilitation', 'cscom', 'dourou', 'doucombo')
    """
    words = (w for w in _tokens(title) if not w.isdigit() and w not in _STOP)
    return tuple(_singular(w) for w in words)


def figures(title: str) -> frozenset[int]:
    """Whole numbers of a title that could count people or things; never years.

    Examples
    --------
    >>> figures("7 000 habitants, 110 femmes, 2 CSCOMs en 2017") == {7000, 110}
    True
    """
    numbers = {int(w) for w in _tokens(title) if w.isdigit() and len(w) < 10}
    return frozenset(n for n in numbers if n >= SMALLEST_FIGURE and n not in _YEARS)


@lru_cache(8192)
def _tokens(text: str) -> tuple[str, ...]:
    plain = _GROUPED.sub("", text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("œ", "oe"))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(_WORD.findall(plain))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
