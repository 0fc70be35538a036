"""The sector that an activity's own words point to, when nobody said it.

Rules are data (``sector_words.csv``): a word or a phrase, where ``*`` ends a stem, the
sector it speaks for, and how loudly. A sector is inferred when its words weigh `ENOUGH` and
outweigh every other sector's by `MARGIN`; otherwise the answer is "unknown".
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from atlas.remembering import remembered
from atlas.vocab.match import Match, vocabulary
from atlas.vocab.tables import by_id, rows
from atlas.vocab.text import normalise

ENOUGH = 3
MARGIN = 1


def infer_sector(text: str | None) -> Match:
    """Sector that the words of a text speak for, with ``how="keyword"``.

    Parameters
    ----------
    text
        Title and description of an activity, in French or English.

    Returns
    -------
    Match
        ``score`` is the part of the evidence that is for the sector; without an id,
        ``near`` lists the sectors that were in question.

    Examples
    --------
    >>> infer_sector("Réaliser 6 forages").id, infer_sector("Atelier de lancement").id
    ('wash', None)
    """
    return _infer(normalise(text or ""))


@remembered(16384)
def _infer(text: str) -> Match:
    votes = _votes(text)
    if not votes:
        return Match(None)
    ranked = sorted(votes, key=lambda sector: (-votes[sector], sector))
    best, first = votes[ranked[0]], ranked[0]
    second = votes[ranked[1]] if len(ranked) > 1 else 0
    if best < ENOUGH or best - second < MARGIN:
        return Match(None, None, 0.0, tuple(ranked[:3]))
    return Match(first, "keyword", round(best / sum(votes.values()), 4))


def _votes(text: str) -> dict[str, int]:
    """Weight of each sector; a rule counts once, a word inside a longer phrase does not.

    The name of an organisation says nothing of what is done (``Eau Vive``, ``Santé Sud``).
    """
    votes: dict[str, int] = defaultdict(int)
    taken = [False] * len(text)
    for m in _bodies().finditer(text):
        taken[m.start() : m.end()] = [True] * (m.end() - m.start())
    for pattern, sector, weight in _rules():
        found = [m for m in pattern.finditer(text) if not any(taken[m.start() : m.end()])]
        if found and sector:
            votes[sector] += weight
        for m in found:
            taken[m.start() : m.end()] = [True] * (m.end() - m.start())
    return dict(votes)


@cache
def _bodies() -> re.Pattern[str]:
    """Names of several words of organisations; that of a public service tells its field."""
    listed = by_id("organisations")
    names = (
        name
        for name, entry in vocabulary("organisations").spellings.items()
        if " " in name and listed[entry]["type"] != "government"
    )
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str, int], ...]:
    """Rules with the longest phrases first; a rule without sector only takes its words."""
    listed = sorted(rows("sector_words"), key=lambda row: (-len(row["words"]), row["words"]))
    return tuple((_pattern(r["words"]), r["sector"], int(r["weight"])) for r in listed)


def _pattern(words: str) -> re.Pattern[str]:
    parts = [
        re.escape(normalise(word)) + ("[a-z0-9]*" if word.endswith("*") else "")
        for word in words.split()
    ]
    return re.compile(r"\b" + " ".join(parts) + r"\b")
