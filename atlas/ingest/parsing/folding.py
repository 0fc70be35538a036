"""A text without accents, case and outer punctuation, so that spellings can be compared."""

from __future__ import annotations

import re
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
        plain = _NOT_ASCII.sub(_without_accents, plain)
    return " ".join(plain.replace("_", " ").casefold().split()).strip(" :*.;-")


_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def _without_accents(found: re.Match[str]) -> str:
    return "".join(char for char in found[0] if not unicodedata.combining(char))


def folds_to(text: str, folded: str) -> bool:
    """Whether `fold_text` makes this of a text: another first letter decides without folding.

    Examples
    --------
    >>> folds_to("Région :", "region"), folds_to("Gao", "region")
    (True, False)
    """
    first = text[:1]
    if first.isascii() and first.isalnum() and first.lower() != folded[:1]:
        return False
    return fold_text(text) == folded


def words_of(text: str) -> frozenset[str]:
    """Words of a text, as a set: how lists of words are written down.

    Examples
    --------
    >>> sorted(words_of("oui non"))
    ['non', 'oui']
    """
    return frozenset(text.split())
