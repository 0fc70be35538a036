"""What of a text no place accounts for: words that look like an unknown place, and the rest.

Every word of a text is in a mention, in a leftover, or is one of the words that only link
names ("communes de", "12 villages", "et"): no token is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from atlas.geo.spans import Span, Spans
from atlas.geo.text import find_places, qualifiers

_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_SEPARATOR = re.compile(r"[,;:/|+&()\n•>]|\s[–—-]\s|(?i:\b(?:et|and|ou|puis)\b)")
_GLUE = re.compile(
    r"(?i)(?:(?:de|du|des|à|au|aux|dans|en|la|le|les|sur|et|and|ou|of|in|the|puis|toute?s?|tous"
    r"|régions?|regions?|cercles?|communes?|villages?|localités?|localites?|hameaux?|sites?"
    r"|district|mairies?|ville|arrondissements?|gouvernorat|quartiers?|rurale?s?|urbaine?s?"
    r"|suivante?s?|celle|celui|ceux|nouvelles?|ainsi|que|dont|notamment|no|n°|c\.?[ru]\.?|cr|cu)"
    r"|\d+(?:[.,]\d+)?)"
)
_ELIDED = re.compile(r"(?i)[dl]['’](?=\w)")
_LEVEL_BEFORE = re.compile(
    r"(?i)\b(?:régions?|regions?|cercles?|communes?|villages?|localités?|hameaux?|mairies?)"
    r"(?:\s+(?:rurales?|urbaines?))?[\s:(«\"-]*(?:(?:de|du|des|la|les?)\s+|[dl]['’])*$"
)
_MOST_WORDS = 4
_ACRONYM = 5
_LONGEST_GAP = 80


class Leftover(NamedTuple):
    """A stretch of text between separators in which no place was recognised.

    Attributes
    ----------
    raw, start, end
        The words as they stand, and where.
    place_like
        Whether it stands and is written as a place would be: in a list with places, or
        after a level word; a few words, each with a capital.
    """

    raw: str
    start: int
    end: int
    place_like: bool


def leftovers(text: str, frame: str) -> list[Leftover]:
    """Stretches of a text that no place accounts for, in order.

    Parameters
    ----------
    text
        Prose, a list or a cell.
    frame
        Frame of the document.

    Examples
    --------
    >>> [(x.raw, x.place_like) for x in leftovers("communes de Dourou et Machinville", "ml-2016")]
    [('Machinville', True)]
    """
    taken = sorted(
        [(m.start, m.end) for m in find_places(text, frame)] + [*qualifiers(text, frame)]
    )
    spans = [span for part in _between(text, taken) if (span := _trimmed(text, *part))]
    like: set[Span] = set()
    around = Spans(taken)
    for some in (spans, spans[::-1]):  # an unknown name beside an unknown name of a list
        for span in some:
            if span not in like and _is_place_like(text, *span, around):
                like.add(span)
                around.add(span)
    return [Leftover(text[a:b], a, b, (a, b) in like) for a, b in spans]


def _between(text: str, taken: list[Span]) -> Iterator[Span]:
    """Stretches between separators and mentions."""
    at = 0
    for start, end in [*taken, (len(text), len(text))]:
        for separator in _SEPARATOR.finditer(text, at, max(at, start)):
            yield at, separator.start()
            at = separator.end()
        yield at, max(at, start)
        at = max(at, end)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """A stretch without linking words and punctuation at its ends; ``None`` if no more."""
    tokens = []
    for token in _TOKEN.finditer(text, start, end):
        elided = _ELIDED.match(token[0])
        tokens.append((token.start() + (elided.end() if elided else 0), token.end()))
    glue = [_GLUE.fullmatch(text[a:b]) is not None for a, b in tokens]
    if all(glue):
        return None
    first, last = glue.index(False), len(glue) - glue[::-1].index(False)
    if first and text[slice(*tokens[first - 1])].isdigit():
        first -= 1  # "2 forages" counts what follows, "12 villages de" counts places
    return tokens[first][0], tokens[last - 1][1]


def _is_place_like(text: str, start: int, end: int, around: Spans) -> bool:
    raw = text[start:end]
    named = [word for word in raw.split() if not _GLUE.fullmatch(word)]
    if len(named) > _MOST_WORDS or any(not word[0].isupper() for word in named):
        return False
    if any(c.isdigit() for c in raw) or (len(raw) <= _ACRONYM and _is_acronym(text, start, end)):
        return False
    if _LEVEL_BEFORE.search(text[max(0, start - 60) : start]):
        return True
    before, after = around.before(start), around.after(end)
    return (before is not None and _one_list(text[before[1] : start])) or (
        after is not None and _one_list(text[end : after[0]])
    )


def _is_acronym(text: str, start: int, end: int) -> bool:
    """Capitals in a text of small letters."""
    near = text[max(0, start - 100) : end + 100]
    return text[start:end].isupper() and 2 * sum(c.islower() for c in near) > sum(
        c.isalpha() for c in near
    )


def _one_list(gap: str) -> bool:
    """Whether between two names there is one separator, and linking words at most."""
    if len(gap) > _LONGEST_GAP:
        return False
    if not _SEPARATOR.search(gap) or "\n" in gap.strip(" "):
        return False
    words = _SEPARATOR.sub(" ", gap).split()
    return len(_SEPARATOR.findall(gap)) <= 2 and all(_GLUE.fullmatch(word) for word in words)
