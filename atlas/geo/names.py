"""How place names are compared: keys, and the index of each frame's names.

Two names are the same when their *keys* are equal: case, accents, spaces, hyphens,
apostrophes, level words ("Commune de …") and Roman numerals make no difference. They sound
the same when their *sounds* are equal. Everything else is a matter of degree (`likeness`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from rapidfuzz import fuzz

from atlas.geo.frames import Frames, frames

_LEVEL_WORDS = frozenset(
    {"region", "regions", "cercle", "cercles", "commune", "communes", "cr", "cu"}
    | {"district", "gouvernorat", "arrondissement"}
)
_LINKS = {"de", "du", "des", "d", "la", "le", "les", "l", "of", "rurale", "urbaine", "rural"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_ROMAN |= {"l": "1", "ll": "2", "lll": "3"}  # Roman numerals typed with the letter L
_SHORT = re.compile(r"\bc\s*\.?\s*([ur])\b\.?(?=\s*[a-z])")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORDS = re.compile(r"[a-z0-9]+")


def plain(text: str) -> str:
    """Lower case without accents; length may change.

    Examples
    --------
    >>> plain("Séféto-Ouest")
    'sefeto-ouest'
    """
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").lower())
    return "".join(c for c in folded if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Words of a name, without level words in front and with Arabic numerals.

    Examples
    --------
    >>> words("Commune rurale de N'Dlondougou")
    ['ndlondougou']
    >>> words("Commune IV")
    ['commune', '4']
    """
    found = _WORDS.findall(_SHORT.sub(r"c\1 ", _APOSTROPHES.sub("", plain(text))))
    if len(found) > 1 and found[-1] in _ROMAN:
        found[-1] = _ROMAN[found[-1]]
    start = 0
    while start < len(found) - 1 and (
        found[start] in _LEVEL_WORDS or (start and found[start] in _LINKS)
    ):
        start += 1
    end = len(found)
    while end - start > 1 and found[end - 1] in _LEVEL_WORDS:  # "Gao region"
        end -= 1
    rest = found[start:end]
    return found if len(rest) == 1 and rest[0].isdigit() else rest


@lru_cache(maxsize=100_000)
def key(text: str) -> str:
    """What two spellings of one name have in common.

    Examples
    --------
    >>> key("PIGNARI BANA") == key("Pignari-Bana")
    True
    """
    return "".join(words(text))


def unnumbered(text: str) -> str:
    """Key without the number that tells homonyms apart; "" when there is none.

    Examples
    --------
    >>> unnumbered("DIEDOUGOU II"), unnumbered("Dioura")
    ('diedougou', '')
    """
    found = words(text)
    return "".join(found[:-1]) if len(found) > 1 and found[-1].isdigit() else ""


_SOUNDS = (("ph", "f"), ("ck", "k"), ("qu", "k"), ("dj", "j"), ("dy", "di"), ("ou", "u"),
           ("w", "u"), ("c", "k"), ("y", "i"), ("z", "s"), ("h", ""))  # fmt: skip
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=100_000)
def sound(name_key: str) -> str:
    """Key of how a name sounds: transcription habits and doubled letters undone.

    Examples
    --------
    >>> sound("gadougou") == sound("gaddugu")
    True
    """
    for written, heard in _SOUNDS:
        name_key = name_key.replace(written, heard)
    return _TWICE.sub(r"\1", name_key)


@lru_cache(maxsize=500_000)
def likeness(a: str, b: str) -> float:
    """How alike two keys are, 0 to 1; equal sound is 0.97."""
    if a == b:
        return 1.0
    if sound(a) == sound(b):
        return 0.97
    written = fuzz.ratio(a, b) / 100
    heard = fuzz.ratio(sound(a), sound(b)) / 100
    begins = 0.0
    short, long = sorted((a, b), key=len)
    if len(short) >= 8 and long.startswith(short):
        begins = 0.9
    return max(written, heard * 0.97, begins) * 0.97


@dataclass
class Names:
    """Names of the units of one frame.

    Attributes
    ----------
    exact, alias
        ``(level, key)`` → unit ids.
    keys
        Unit id → its keys, official name first.
    """

    frame: str
    exact: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    alias: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    level: dict[str, str] = field(default_factory=dict)

    def find(self, level: str, text: str) -> tuple[str | None, list[str]]:
        """``(how, unit ids)`` of units whose name or alias is this text."""
        wanted = (level, key(text))
        if self.exact.get(wanted):
            return "exact", self.exact[wanted]
        if self.alias.get(wanted):
            return "alias", self.alias[wanted]
        return None, []

    def likest(self, text: str, among: Iterable[str]) -> list[tuple[float, str]]:
        """``(likeness, unit id)`` of the units among some, likest first."""
        wanted = key(text)
        scored = (
            (max(likeness(wanted, k) for k in self.keys[unit_id]), unit_id) for unit_id in among
        )
        return sorted(scored, key=lambda pair: (-pair[0], pair[1]))


def _numbered(name: str, parent_name: str | None) -> list[str]:
    """Further spellings of a numbered commune ("Commune I" of Bamako)."""
    if parent_name is None or not re.fullmatch(r"Commune [IVX]+", name):
        return []
    return [
        f"{parent_name} {name}",
        f"{name} {parent_name}",
        f"{name} du District de {parent_name}",
    ]


@cache
def names(frame: str) -> Names:
    """The index of a frame's names, made once."""
    all_units: Frames = frames()
    index = Names(frame)
    for level in ("region", "cercle", "commune"):
        table = all_units.at(frame, level)
        rows = table.select("unit_id", "name", "aliases", "parent").iter_rows()
        for unit_id, name, aliases, parent in rows:
            parent_name = all_units.unit(parent).name if parent else None
            others = [*aliases, *_numbered(name, parent_name)]
            own = key(name)
            index.exact[level, own].append(unit_id)
            for other in dict.fromkeys(key(o) for o in others):
                if other != own:
                    index.alias[level, other].append(unit_id)
            index.keys[unit_id] = (own, *dict.fromkeys(key(o) for o in others))
            index.level[unit_id] = level
    return index


def part_of(text: str, name: str) -> bool:
    """Whether a text is some of the words of a longer name, and no others.

    Examples
    --------
    >>> part_of("BOUNDY", "Sirifila Boundy")
    True
    """
    some, every = ({sound(w) for w in words(t)} for t in (text, name))
    return some < every and max(map(len, some), default=0) > 3
