"""Matching a spelling to an entry: exact, then alias, then fuzzy, else nothing.

Organisations that merely look alike are the danger here (AMSODE and AMSOP, the Danish and
the Norwegian refugee councils), so fuzzy means *misspelt*, word by word, never *similar*:
see `_is_misspelling`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from atlas.caches import text_cache
from atlas.vocab.codelists import VocabularyRow, normalised_text, vocabulary_rows

FUZZY_RATIO = 88.0
"""Least `rapidfuzz.fuzz.ratio` (0-100) at which a misspelling is looked for."""
NEAR_RATIO = 66.0
"""Least likeness (0-100) at which an entry is named as near."""
CLOSED_LENGTH = 5
"""Shorter spellings are another's when their blanks go, but for single letters (``P.A.M.``)."""
ACRONYM_LENGTH = 6
"""Shorter spellings look alike by chance: their likeness counts for less."""
COMMON = 4
"""Entries from which on a word of their spellings is too common to bring two together."""
NEAREST = 3
"""How many entries are named as near."""
FUZZY_LENGTH = 9
"""Shorter spellings are acronyms: one letter makes another organisation."""


class VocabularyMatch(NamedTuple):
    """What a spelling stands for.

    Attributes
    ----------
    id
        Id of the entry, ``None`` when the spelling is not known.
    how
        ``"exact"`` (id, name or acronym), ``"alias"``, ``"fuzzy"`` (a misspelling) or
        ``"keyword"`` (inferred from words).
    score
        How alike, from 0 to 1; 1 for exact and alias.
    near
        When there is no id: ids of the entries that come nearest, best first.
    """

    id: str | None
    how: str | None = None
    score: float = 0.0
    near: tuple[str, ...] = ()


class NearEntry(NamedTuple):
    """An entry that a spelling may mean, and how alike they are, from 0 to 1."""

    id: str
    score: float


class VocabularyIndex:
    """Spellings of the entries of one list, ready to be matched.

    Parameters
    ----------
    listed
        Rows with ``id``, ``aliases`` (separated by ``|``) and the ``names`` columns.
    names
        Columns whose words name an entry; they win over any alias.
    acronyms
        Those of ``names`` that are too short to be misspelt.
    alone
        Whether an entry is meant only where it stands alone: a country in a longer name
        (``SOS Sahel France``) is not near it.

    Raises
    ------
    ValueError
        One spelling names two entries, or is an alias of two.
    """

    def __init__(
        self,
        listed: Iterable[VocabularyRow],
        names: tuple[str, ...],
        acronyms: tuple[str, ...] = (),
        alone: Callable[[VocabularyRow], bool] = lambda _row: False,
    ) -> None:
        self._exact: dict[str, str] = {}
        self._alias: dict[str, str] = {}
        self._fuzzy: dict[str, str] = {}
        self._alone: set[str] = set()
        for row in listed:
            if alone(row):
                self._alone.add(row["id"])
            for column in ("id", *names):
                self._learn_spelling(self._exact, row[column], row["id"], column not in acronyms)
            for alias in row["aliases"].split("|"):
                self._learn_spelling(self._alias, alias, row["id"], True)
        self.known_spellings = {**self._alias, **self._exact}
        self._spellings_without_blanks = _without_blanks(self.known_spellings)
        self._long_spellings = list(self._fuzzy)
        self._listed_spellings = list(self.known_spellings)
        self._word_positions = sorted(
            (word, at) for at, s in enumerate(self._listed_spellings) for word in s.split()
        )
        told = (one for one, entry in self.known_spellings.items() if entry in self._alone)
        self._standalone_words = frozenset(word for one in told for word in one.split())
        self._common_words = _common_words(self.known_spellings)

    def _learn_spelling(
        self, known: dict[str, str], spelling: str, entry: str, fuzzy: bool
    ) -> None:
        key = normalised_text(spelling)
        if not key:
            return
        if known.setdefault(key, entry) != entry:
            msg = f"{spelling!r} names both {known[key]} and {entry}"
            raise ValueError(msg)
        if fuzzy and len(key) >= FUZZY_LENGTH:
            self._fuzzy[key] = entry

    def match(self, raw: str) -> VocabularyMatch:
        """What ``raw`` stands for; never raises."""
        key = normalised_text(raw)
        if not key:
            return VocabularyMatch(None)
        for how, known in (("exact", self._exact), ("alias", self._alias)):
            if key in known:
                return VocabularyMatch(known[key], how, 1.0)
        closed = self._spellings_without_blanks.get(key.replace(" ", ""))
        if closed and (len(key) >= CLOSED_LENGTH or key == " ".join(key.replace(" ", ""))):
            return VocabularyMatch(closed, "alias", 1.0)
        return self._nearest_match(key)

    def _nearest_match(self, key: str) -> VocabularyMatch:
        ranked = process.extract(
            key, self._long_spellings, scorer=fuzz.ratio, score_cutoff=FUZZY_RATIO, limit=8
        )
        meant = {
            self._fuzzy[found]: score
            for found, score, _ in reversed(ranked)
            if _is_misspelling(key, found)
        }
        if len(meant) == 1:
            ((entry, score),) = meant.items()
            return VocabularyMatch(entry, "fuzzy", round(score / 100, 4))
        near = self.nearest_entries(key)
        return VocabularyMatch(
            None, None, near[0].score if near else 0.0, tuple(one.id for one in near)
        )

    def nearest_entries(self, raw: str, limit: int = NEAREST) -> tuple[NearEntry, ...]:
        """Entries that ``raw`` may mean, the likeliest first, each once.

        Whole spellings are compared, acronyms too; a longer wording is also near the names
        that stand in it, a little less.
        """
        key, known = normalised_text(raw), self._listed_spellings
        scored = (
            (self._entry_similarity(key, known[at]), at) for at in self._comparable_positions(key)
        )
        alike = sorted((one for one in scored if one[0] >= NEAR_RATIO), key=lambda one: -one[0])
        best: dict[str, float] = {}
        for score, at in alike[: 4 * limit]:
            entry = self.known_spellings[known[at]]
            best[entry] = max(best.get(entry, 0.0), round(score / 100, 4))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return tuple(NearEntry(entry, score) for entry, score in ranked[:limit])

    def _entry_similarity(self, key: str, spelling: str) -> float:
        """How alike, 0 to 100; a part of a name is not what is meant alone only."""
        if self.known_spellings[spelling] in self._alone and _distinctive_words(
            key, self._common_words | self._standalone_words
        ):
            inside = set(spelling.split()) <= set(key.split())
            return 0.0 if inside else fuzz.ratio(key, spelling)
        return _partial_similarity(key, spelling, self._common_words)

    def _comparable_positions(self, key: str) -> list[int]:
        """Positions of the spellings that may be near: alike as a whole, or by a word.

        The others cannot reach `NEAR_RATIO`; a list of thousands of unknown names is compared
        with these few alone.
        """
        ranked = process.extract(
            key, self._listed_spellings, scorer=fuzz.ratio, score_cutoff=NEAR_RATIO, limit=None
        )
        found = {at for _spelling, _score, at in ranked}
        for word in _distinctive_words(key, self._common_words):
            start = bisect_left(self._word_positions, (word, 0))
            for known, at in islice(self._word_positions, start, None):
                if not known.startswith(word):
                    break
                found.add(at)
        return sorted(found)


def _without_blanks(spellings: Mapping[str, str]) -> Mapping[str, str]:
    """Spellings without their blanks, where no two entries share one: ``P.A.M.``, ``YAGTU``."""
    found: dict[str, set[str]] = defaultdict(set)
    for spelling, entry in spellings.items():
        found[spelling.replace(" ", "")].add(entry)
    return {spelling: next(iter(one)) for spelling, one in found.items() if len(one) == 1}


def _common_words(spellings: Mapping[str, str]) -> frozenset[str]:
    """Words that stand in the spellings of many entries, and tell nothing apart."""
    entries: dict[str, set[str]] = defaultdict(set)
    for spelling, entry in spellings.items():
        for word in spelling.split():
            entries[word].add(entry)
    return frozenset(word for word, many in entries.items() if len(many) >= COMMON)


def spelling_similarity(one: str, other: str) -> float:
    """How alike two spellings are, 0 to 1, whatever their case and accents."""
    return round(_partial_similarity(normalised_text(one), normalised_text(other)) / 100, 4)


def _distinctive_words(key: str, common: frozenset[str]) -> set[str]:
    """Words of a spelling that tell it from others."""
    return {word for word in key.split() if len(word) > 2 and word not in common}


def _partial_similarity(key: str, known: str, common: frozenset[str] = frozenset()) -> float:
    """How alike two spellings are, 0 to 100, also where one stands in the other, or a word is
    cut short in it."""
    whole = fuzz.ratio(key, known) * (0.85 if min(len(key), len(known)) < ACRONYM_LENGTH else 1)
    if key == known:
        return 100.0
    ours = _distinctive_words(key, common)
    theirs = set(known.split())
    if ours & theirs:
        return max(whole, 0.9 * fuzz.token_set_ratio(key, known))
    cut = any(len(word) > 3 and other.startswith(word) for word in ours for other in theirs)
    return max(whole, NEAR_RATIO + 4) if cut else whole


def _is_misspelling(key: str, known: str) -> bool:
    """Whether ``key`` is ``known`` with slips of the pen, and not another name.

    As many words in the same order; figures equal; a word may differ by one edit if it has
    five letters or more, by two from ten on (``nationale``/``régionale`` differ by three).
    """
    if len(key) < FUZZY_LENGTH:
        return False
    ours, theirs = key.split(), known.split()
    if len(ours) != len(theirs):
        return key.replace(" ", "") == known.replace(" ", "")
    return all(_same_word(a, b) for a, b in zip(ours, theirs, strict=True))


def _same_word(a: str, b: str) -> bool:
    if a == b:
        return True
    shorter = min(len(a), len(b))
    if shorter < 5 or a.isdigit() or b.isdigit():
        return False
    return DamerauLevenshtein.distance(a, b) <= (2 if shorter >= 10 else 1)


def is_state(organisation: VocabularyRow) -> bool:
    """Whether a row of ``organisations.csv`` is a State that gives: it has no acronym."""
    return organisation["type"] == "donor" and not organisation["acronym"]


@cache
def vocabulary_index(name: str) -> VocabularyIndex:
    """The vocabulary of a CSV file, ready to match."""
    if name == "organisations":
        acronyms = ("acronym", "acronym_en")
        names = (*acronyms, "name_fr", "name_en")
        return VocabularyIndex(vocabulary_rows(name), names, ("id", *acronyms), is_state)
    rows = vocabulary_rows(name)
    if name == "indicators":  # those of activities are known by ``counted_words``
        rows = tuple(row for row in rows if row["of"] == "places")
    return VocabularyIndex(rows, ("fr", "en"))


@text_cache(65536)
def _match_in_vocabulary(name: str, raw: str) -> VocabularyMatch:
    return vocabulary_index(name).match(raw)


def entry_spelt_as(name: str, spelling: str) -> str | None:
    """Id of the entry of a vocabulary that is spelt so, for certain; ``None`` for no other.

    Examples
    --------
    >>> entry_spelt_as("organisations", "wfp"), entry_spelt_as("sectors", "EHA")
    ('pam', 'wash')
    >>> entry_spelt_as("sectors", "EH") is None
    True
    """
    return vocabulary_index(name).known_spellings.get(normalised_text(spelling))


def nearest_in_vocabulary(name: str, raw: str, limit: int = NEAREST) -> tuple[NearEntry, ...]:
    """Entries of a vocabulary that a wording may mean, the likeliest first.

    Examples
    --------
    >>> nearest_in_vocabulary("sectors", "Eau et forages")[0]
    NearEntry(id='wash', score=0.9)
    """
    return vocabulary_index(name).nearest_entries(raw, limit) if name else ()


def match_sector(raw: str | None) -> VocabularyMatch:
    """Sector that a source's own wording names (``sectors.csv``).

    Examples
    --------
    >>> match_sector("Water Sanitation & Hygiene").id, match_sector("Quelque chose").id
    ('wash', None)
    """
    return _match_in_vocabulary("sectors", raw or "")


def match_status(raw: str | None) -> VocabularyMatch:
    """Status of an activity: an id of ``atlas.model.STATUSES``.

    Examples
    --------
    >>> match_status("Terminé").id
    'completed'
    >>> match_status("Suspendu (insécurité)").id, match_status("Annulé depuis mars").id
    ('suspended', 'cancelled')
    """
    whole = _match_in_vocabulary("statuses", raw or "")
    first = re.split(r"[\s(,;:/–-]", (raw or "").strip(), maxsplit=1)[0]
    if whole.id is not None or not first:
        return whole
    said = _match_in_vocabulary("statuses", first)  # what follows says why or since when
    return said if said.id in _ONE_WORD_STATUSES and said.how != "fuzzy" else whole


_ONE_WORD_STATUSES = ("suspended", "cancelled", "completed")


def match_org_type(raw: str | None) -> VocabularyMatch:
    """Type of organisation (``org_types.csv``).

    Examples
    --------
    >>> match_org_type("Mouv. Croix-rouge").id
    'red-cross'
    """
    return _match_in_vocabulary("org_types", raw or "")


def match_access_constraint(raw: str | None) -> VocabularyMatch:
    """One of the nine types of access constraint (``access_constraints.csv``)."""
    return _match_in_vocabulary("access_constraints", raw or "")


def match_indicator(raw: str | None) -> VocabularyMatch:
    """What a dated fact measures (``indicators.csv``).

    Examples
    --------
    >>> match_indicator("Écoles fermées").id, match_indicator("PIN").id
    ('schools-closed', 'people-in-need')
    """
    return _match_in_vocabulary("indicators", raw or "")
