"""How two spellings are compared: without case, accents, punctuation or spacing."""

from __future__ import annotations

import re
import unicodedata

from atlas.remembering import remembered

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "&": " et "})
_AND = re.compile(r"\band\b")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


@remembered(65536)
def normalise(text: str) -> str:
    """Words of a text in lower case, without accents or punctuation, one space between.

    ``&``, ``and`` and ``et`` are one word.

    Examples
    --------
    >>> normalise("  Eau, Hygiène & Assainissement (EHA) ")
    'eau hygiene et assainissement eha'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).casefold()
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return _AND.sub("et", _NOT_WORD.sub(" ", bare)).strip()
