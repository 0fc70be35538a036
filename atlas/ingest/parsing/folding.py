"""A text without accents, case and outer punctuation, so that spellings can be compared."""

from __future__ import annotations

import unicodedata

from atlas.caches import text_cache


def fold_text(text: object) -> str:
    """A text without accents, case, line breaks and outer punctuation.

    Examples
    --------
    >>> fold_text("Région\\n d'Intervention* :")
    "region d'intervention"
    """
    return _folded_text(str(text))


@text_cache(8192)
def _folded_text(text: str) -> str:
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe"))
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(plain.replace("_", " ").casefold().split()).strip(" :*.;-")


def words_of(text: str) -> frozenset[str]:
    """Words of a text, as a set: how lists of words are written down.

    Examples
    --------
    >>> sorted(words_of("oui non"))
    ['non', 'oui']
    """
    return frozenset(text.split())
