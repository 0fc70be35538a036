"""What two writings of one wording have in common; recording and applying both use it."""

from __future__ import annotations

import re
import unicodedata

Parts = tuple[str, ...]

_SEPARATORS = re.compile(r"[>|]")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_ELISION = re.compile(r"\b([dl])['’‘`´ʼ]")
_WORDS = re.compile(r"[^\W_]+")


def wording_key(wording: str) -> Parts:
    """What two writings of one wording have in common; recording and applying both use it.

    Case, accents, punctuation and spacing make no difference; words and their order do.
    It stands apart from the keys of `atlas.geo.names` and `atlas.vocab` on purpose: a better
    matcher must not change what a person decided.

    Parameters
    ----------
    wording
        A name, or names from the larger to the finer with ``>`` or ``|`` between them, as
        the placements and findings show them.

    Returns
    -------
    tuple of str
        One folded name each, none empty.

    Examples
    --------
    >>> wording_key("MOPTI > Ouro-Guiré")
    ('mopti', 'ouro guire')
    """
    return tuple(part for piece in _SEPARATORS.split(wording) if (part := _folded(piece)))


def term_key(wording: str) -> str:
    """The same for a wording that is one name, whatever stands in it.

    Examples
    --------
    >>> term_key("Eau | Hygiène (EHA)")
    'eau hygiene eha'
    """
    return " ".join(wording_key(wording))


def _folded(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(char for char in spelt if not unicodedata.combining(char))
    return " ".join(_WORDS.findall(_APOSTROPHES.sub("", _ELISION.sub(r"\1 ", bare))))
