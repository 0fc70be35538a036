"""How place names are compared: keys, and the index of each frame's names.

Two names are the same when their *keys* are equal: case, accents, spaces, hyphens,
apostrophes, level words ("Commune de …") and Roman numerals make no difference. Everything
else is a matter of degree (`atlas.geo.likeness`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from atlas.geo.frames import Frames, frames
from atlas.remembering import remembered

_LEVEL_WORDS = frozenset(
    {"region", "regions", "cercle", "cercles", "commune", "communes", "cr", "cu"}
    | {"district", "gouvernorat", "arrondissement", "cne", "com", "mairie"}
)
_KINDS = frozenset({"ville", "centre", "central"})
"""What says of a commune which of its places is meant, at the end of its name."""
_ARTICLES = frozenset({"le", "la"})
_LINKS = {"de", "du", "des", "d", "la", "le", "les", "l", "of", "rurale", "urbaine", "rural"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_TYPED_ROMAN = re.compile(r"[il1]*[il][il1]*")
_SHORT = re.compile(r"\bc\s*[./]?\s*([ur])(?:urale|rbaine)?\b\.?(?=\s*[a-z])")
_ASIDE = re.compile(r"(?i)(?<=\S)\s*\((?!\s*(?:[ivxl]{1,4}|\d+)\s*\))[^()]*\)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORDS = re.compile(r"[a-z0-9]+")


def plain(text: str) -> str:
    """Lower case without accents; length may change.

    Examples
    --------
    >>> plain("Séféto-Ouest")
    'sefeto-ouest'
    """
    if text.isascii():
        return text.lower()
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
    return list(key_words(text))


@remembered(200_000)
def key_words(text: str) -> tuple[str, ...]:
    """The same, kept for the next time the text is met."""
    found = _WORDS.findall(_SHORT.sub(r"c\1 ", _APOSTROPHES.sub("", plain(text))))
    if len(found) > 1:
        found[-1] = _arabic(found[-1])
    start = 0
    while start < len(found) - 1 and (
        found[start] in _LEVEL_WORDS or (start and found[start] in _LINKS)
    ):
        start += 1
    end = len(found)
    while end - start > 1 and found[end - 1] in _LEVEL_WORDS:  # "Gao region"
        end -= 1
    rest = found[start:end]
    return tuple(found if len(rest) == 1 and rest[0].isdigit() else rest)


@remembered(200_000)
def commune_words(text: str) -> tuple[str, ...]:
    """The words that tell a commune from another: no article, no aside, no kind of place.

    Examples
    --------
    >>> commune_words("Le Mandé"), commune_words("Kokry Centre"), commune_words("Kéwa (Mopti)")
    (('mande',), ('kokry',), ('kewa',))
    >>> commune_words("Gadougou (II)")
    ('gadougou', '2')
    """
    found = (key_words(_ASIDE.sub(" ", text)) if "(" in text else ()) or key_words(text)
    start = 1 if len(found) > 1 and found[0] in _ARTICLES else 0
    end = len(found)
    while end - start > 1 and found[end - 1] in _KINDS:
        end -= 1
    return found[start:end]


def _arabic(word: str) -> str:
    """A Roman numeral, also one typed with the letter L or the digit 1, as a digit."""
    if len(word) <= 3 and word != "li" and _TYPED_ROMAN.fullmatch(word):
        return str(len(word))
    return _ROMAN.get(word, word)


@remembered(100_000)
def key(text: str) -> str:
    """What two spellings of one name have in common.

    Examples
    --------
    >>> key("PIGNARI BANA") == key("Pignari-Bana")
    True
    """
    return "".join(key_words(text))


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


@remembered(100_000)
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
        either = self._either(level, text) if "(" in text and level != "region" else []
        if not either and level == "commune":
            own = "".join(commune_words(text))
            either = self.exact.get((level, own)) or self.alias.get((level, own)) or []
        return ("alias", either) if either else (None, [])

    def _either(self, level: str, text: str) -> list[str]:
        """Units of the name before a parenthesis, else of the one in it: "Boni (Hairé)"."""
        for part in re.split(r"[()]", text):
            wanted = (level, key(part))
            found = self.exact.get(wanted) or self.alias.get(wanted)
            if found and wanted[1]:
                return found
        return []


def _numbered(name: str, parent_name: str | None) -> list[str]:
    """Further spellings of a numbered commune ("Commune I" of Bamako)."""
    if parent_name is None or not re.fullmatch(r"Commune [IVX]+", name):
        return []
    return [
        f"{parent_name} {name}",
        f"{name} {parent_name}",
        f"{name} du District de {parent_name}",
    ]


def _parenthesised(name: str) -> list[str]:
    """The two names of "Inlamawane (Fanfi)"."""
    return [part for part in re.split(r"\s*[()]\s*", name) if part] if "(" in name else []


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
            others = [*aliases, *_numbered(name, parent_name), *_parenthesised(name)]
            if level == "commune":
                others.append(" ".join(commune_words(name)))
            own = key(name)
            index.exact[level, own].append(unit_id)
            for other in dict.fromkeys(key(o) for o in others):
                if other != own:
                    index.alias[level, other].append(unit_id)
            index.keys[unit_id] = tuple(dict.fromkeys((own, *(key(o) for o in others))))
            index.level[unit_id] = level
    return index
