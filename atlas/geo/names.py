"""How the names and codes of places are compared.

Keys without case and accents, phonetic keys, the index of the names of each frame, labels that
unite units (« Gao / Ménaka »), and p-codes."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from atlas.caches import text_cache
from atlas.geo.frames import FRAMES, Frames, shipped_frames

SOUNDS_SAME = 0.97
"""Likeness of two names that differ in transcription only."""
NO_NUMBER = 0.98
"""Factor where one of two names carries a number that tells homonyms apart."""

_DOUBLED_LETTER = re.compile(r"(.)\1+")
_SOFT_BEFORE_VOWEL = re.compile(r"([jn])i(?=[aeou])")
_DIGRAPHS = (
    *(("ph", "f"), ("tch", "s"), ("ch", "s"), ("sh", "s")),
    *(("ce", "se"), ("ci", "si"), ("cy", "sy")),
    *(("gue", "ge"), ("gui", "gi"), ("guy", "gy")),
)
_LETTERS = str.maketrans({"h": "", "c": "k", "q": "k", "z": "s", "w": "u"})
_SKELETON_SOUNDS = (
    *(("y", "i"), ("dj", "j"), ("gn", "n"), ("di", "ji")),
    *(("ou", "u"), ("mb", "nb"), ("mp", "np")),
)


@text_cache(200_000)
def phonetic_skeleton(name_key: str) -> str:
    """What is left of a key when transcription habits and doubled letters are undone.

    Examples
    --------
    >>> len({phonetic_skeleton(name) for name in ("gadougou", "gaddugu", "gadowgou")})
    1
    >>> phonetic_skeleton("djedougou") == phonetic_skeleton("diedugu")
    True
    """
    found = _DOUBLED_LETTER.sub(r"\1", name_key)
    for written, heard in _DIGRAPHS:
        found = found.replace(written, heard)
    found = found.translate(_LETTERS)
    for written, heard in _SKELETON_SOUNDS:
        found = found.replace(written, heard)
    return _DOUBLED_LETTER.sub(r"\1", _SOFT_BEFORE_VOWEL.sub(r"\1", found))


_ALIKE = str.maketrans(
    {"e": "i", "o": "u", "g": "k", "d": "t", "j": "t", "b": "p", "v": "f", "r": "l", "m": "n"}
)


def phonetic_outline(heard: str) -> str:
    """A skeleton with the sounds that are taken for one another made one: e and i, g and k, …

    Examples
    --------
    >>> names = ("gadiaba", "kadiaba")
    >>> len({phonetic_outline(phonetic_skeleton(name)) for name in names})
    1
    """
    return _DOUBLED_LETTER.sub(r"\1", heard.translate(_ALIKE))


def stem_and_number(name_key: str) -> tuple[str, str]:
    """A key without the number at its end, and that number or "".

    Examples
    --------
    >>> stem_and_number("diedougou2"), stem_and_number("konna")
    (('diedougou', '2'), ('konna', ''))
    """
    stem = name_key.rstrip("0123456789")
    return (stem, name_key[len(stem) :]) if stem else (name_key, "")


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
_PARENTHESIS = re.compile(r"(?i)(?<=\S)\s*\((?!\s*(?:[ivxl]{1,4}|\d+)\s*\))[^()]*\)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORDS = re.compile(r"[a-z0-9]+")


def lowercase_without_accents(text: str) -> str:
    """Lower case without accents; length may change.

    Examples
    --------
    >>> lowercase_without_accents("Séféto-Ouest")
    'sefeto-ouest'
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").lower())
    return "".join(c for c in folded if not unicodedata.combining(c))


def name_words(text: str) -> list[str]:
    """Words of a name, without level words in front and with Arabic numerals.

    Examples
    --------
    >>> name_words("Commune rurale de N'Dlondougou")
    ['ndlondougou']
    >>> name_words("Commune IV")
    ['commune', '4']
    """
    return list(cached_name_words(text))


@text_cache(200_000)
def cached_name_words(text: str) -> tuple[str, ...]:
    """The same, kept for the next time the text is met."""
    found = _WORDS.findall(
        _SHORT.sub(r"c\1 ", _APOSTROPHES.sub("", lowercase_without_accents(text)))
    )
    if len(found) > 1:
        found[-1] = _arabic_numeral(found[-1])
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


def commune_words(text: str) -> tuple[str, ...]:
    """The words that tell a commune from another: no article, no aside, no kind of place.

    Examples
    --------
    >>> commune_words("Le Mandé"), commune_words("Kokry Centre"), commune_words("Kéwa (Mopti)")
    (('mande',), ('kokry',), ('kewa',))
    >>> commune_words("Gadougou (II)")
    ('gadougou', '2')
    """
    found = (
        cached_name_words(_PARENTHESIS.sub(" ", text)) if "(" in text else ()
    ) or cached_name_words(text)
    start = 1 if len(found) > 1 and found[0] in _ARTICLES else 0
    end = len(found)
    while end - start > 1 and found[end - 1] in _KINDS:
        end -= 1
    return found[start:end]


def _arabic_numeral(word: str) -> str:
    """A Roman numeral, also one typed with the letter L or the digit 1, as a digit."""
    if len(word) <= 3 and word != "li" and _TYPED_ROMAN.fullmatch(word):
        return str(len(word))
    return _ROMAN.get(word, word)


def place_name_key(text: str) -> str:
    """What two spellings of one name have in common.

    Examples
    --------
    >>> place_name_key("PIGNARI BANA") == place_name_key("Pignari-Bana")
    True
    """
    return "".join(cached_name_words(text))


def key_without_number(text: str) -> str:
    """Key without the number that tells homonyms apart; "" when there is none.

    Examples
    --------
    >>> key_without_number("DIEDOUGOU II"), key_without_number("Dioura")
    ('diedougou', '')
    """
    found = name_words(text)
    return "".join(found[:-1]) if len(found) > 1 and found[-1].isdigit() else ""


@dataclass
class NameIndex:
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

    def find_units(self, level: str, text: str) -> tuple[str | None, list[str]]:
        """``(how, unit ids)`` of units whose name or alias is this text."""
        wanted = (level, place_name_key(text))
        if self.exact.get(wanted):
            return "exact", self.exact[wanted]
        if self.alias.get(wanted):
            return "alias", self.alias[wanted]
        either = (
            self._units_of_either_name(level, text) if "(" in text and level != "region" else []
        )
        if not either and level == "commune":
            own = "".join(commune_words(text))
            either = self.exact.get((level, own)) or self.alias.get((level, own)) or []
        return ("alias", either) if either else (None, [])

    def _units_of_either_name(self, level: str, text: str) -> list[str]:
        """Units of the name before a parenthesis, else of the one in it: "Boni (Hairé)"."""
        for part in re.split(r"[()]", text):
            wanted = (level, place_name_key(part))
            found = self.exact.get(wanted) or self.alias.get(wanted)
            if found and wanted[1]:
                return found
        return []


def _numbered_spellings(name: str, parent_name: str | None) -> list[str]:
    """Further spellings of a numbered commune ("Commune I" of Bamako)."""
    if parent_name is None or not re.fullmatch(r"Commune [IVX]+", name):
        return []
    return [
        f"{parent_name} {name}",
        f"{name} {parent_name}",
        f"{name} du District de {parent_name}",
    ]


def _parenthesised_names(name: str) -> list[str]:
    """The two names of "Inlamawane (Fanfi)"."""
    return [part for part in re.split(r"\s*[()]\s*", name) if part] if "(" in name else []


@cache
def name_index(frame: str) -> NameIndex:
    """The index of a frame's names, made once."""
    all_units: Frames = shipped_frames()
    index = NameIndex(frame)
    for level in ("region", "cercle", "commune"):
        table = all_units.units_at_level(frame, level)
        rows = table.select("unit_id", "name", "aliases", "parent").iter_rows()
        for unit_id, name, aliases, parent in rows:
            parent_name = all_units.unit_by_id(parent).name if parent else None
            others = [
                *aliases,
                *_numbered_spellings(name, parent_name),
                *_parenthesised_names(name),
            ]
            if level == "commune":
                others.append(" ".join(commune_words(name)))
            own = place_name_key(name)
            index.exact[level, own].append(unit_id)
            for other in dict.fromkeys(place_name_key(o) for o in others):
                if other != own:
                    index.alias[level, other].append(unit_id)
            index.keys[unit_id] = tuple(dict.fromkeys((own, *(place_name_key(o) for o in others))))
            index.level[unit_id] = level
    return index


SEPARATORS = re.compile(r"\s*(?:/|–|—|&|\+|\s-\s|-)\s*")


def predecessor_of_label(label: str, frame: str) -> str | None:
    """The older unit that all units of a label came from.

    Parameters
    ----------
    label
        Two or more régions with a slash or dash between them.
    frame
        Frame of the document.

    Returns
    -------
    str or None
        The unit whose communes are exactly those of the régions named together; ``None``
        when the label is something else.

    Examples
    --------
    >>> predecessor_of_label("Tombouctou – Taoudénit", "ml-2016")
    'ml-2012/ML06'
    >>> predecessor_of_label("Gao / Kidal", "ml-2016") is None
    True
    """
    parts = [p for p in SEPARATORS.split(label) if p]
    if len(parts) < 2:
        return None
    for parts_frame in dict.fromkeys((frame, *reversed(FRAMES))):
        units = [region_named(part, parts_frame) for part in parts]
        known = [u for u in units if u is not None]
        if len(known) == len(set(parts)) == len(units):
            return _older_region_of(known, parts_frame)
    return None


def region_named(text: str, frame: str) -> str | None:
    """The région of a frame with this very name or alias."""
    _how, found = name_index(frame).find_units("region", text)
    return found[0] if len(found) == 1 else None


def _older_region_of(parts: list[str], frame: str) -> str | None:
    together = frozenset().union(*(shipped_frames().certain_communes(u) for u in parts))
    for older in reversed(FRAMES[: FRAMES.index(frame)]):
        for unit_id in shipped_frames().units_at_level(older, "region")["unit_id"]:
            if shipped_frames().certain_communes(unit_id) == together:
                return str(unit_id)
    return None


_FORM = re.compile(r"MLI?(\d{6}|\d{4}|\d{2})")
_NEAR_FORM = re.compile(r"MLI?([0-9O]{1,6})")
_ISO = re.compile(r"ML-(\d{1,2}|BKO)")
_DIGITS = {"region": 2, "cercle": 4, "commune": 6}
CODES_UNKNOWN_IN = ("ml-2023",)
"""Frames whose own p-codes (COD v03) are not at hand: an older code proves nothing there."""
LONGEST_CODE = 40
"""Characters of a code cell that are read and shown."""
_REGIONS_2021 = 10

PlaceFinding = tuple[str, dict[str, object]]


class CodeReading(NamedTuple):
    """What a code cell says.

    Attributes
    ----------
    unit_id
        The unit meant, possibly of another frame; ``None`` when the code is no evidence.
    findings
        ``place_code_malformed``, ``place_code_mended`` or ``place_code_padded``, with the
        code as it stands.
    """

    unit_id: str | None
    findings: tuple[PlaceFinding, ...] = ()


@cache
def _units_of_code() -> dict[str, list[tuple[str, bool]]]:
    found: dict[str, list[tuple[str, bool]]] = {}
    for unit_id, _scheme, code, same in shipped_frames().codes.iter_rows():
        found.setdefault(code, []).append((unit_id, same))
    return found


def read_code(raw: str, level: str, frame: str) -> CodeReading:
    """The unit that a code of a level means in a frame.

    Parameters
    ----------
    raw
        The cell as it stands, spaces included.
    level
        Level of the column.
    frame
        The frame of the document.
    """
    if not raw.strip():
        return CodeReading(None)
    code = re.sub(r"\s+", "", raw[:LONGEST_CODE]).upper()
    findings: tuple[PlaceFinding, ...] = ()
    if re.search(r"\s", raw):
        findings = (("place_code_padded", {"code": raw[:LONGEST_CODE]}),)
    known, mended = _published_code(code, level)
    if known is None:
        shown = raw.strip()[:LONGEST_CODE]
        return CodeReading(None, (*findings, ("place_code_malformed", {"code": shown})))
    if mended:
        said: PlaceFinding = ("place_code_mended", {"code": raw.strip(), "read": known})
        findings = (*findings, said)
    if frame in CODES_UNKNOWN_IN and not _ISO.fullmatch(known):
        return CodeReading(None, findings)
    return CodeReading(_preferred_unit(_units_of_code()[known], frame), findings)


def _published_code(code: str, level: str) -> tuple[str | None, bool]:
    """The published code of a level that this is, and whether it took mending."""
    if level == "region" and _ISO.fullmatch(code):
        return (code, False) if code in _units_of_code() else (None, False)
    form = _FORM.fullmatch(code)
    if form and len(form[1]) == _DIGITS[level]:
        whole = f"ML{form[1]}"
        return (whole, False) if whole in _units_of_code() else (None, False)
    return _corrected_code(code, level), True


def _corrected_code(code: str, level: str) -> str | None:
    """The one published code of a level that this is but for one slip."""
    form = _NEAR_FORM.fullmatch(code)
    if form is None:
        return None
    digits = form[1].replace("O", "0")
    if len(digits) == _DIGITS[level]:
        meant = {f"ML{digits}"}
    elif len(digits) == _DIGITS[level] - 1:
        meant = {
            f"ML{digits[:at]}{digit}{digits[at:]}"
            for at in range(len(digits) + 1)
            for digit in "0123456789"
        }
    else:
        return None
    published = meant & _units_of_code().keys()
    return published.pop() if len(published) == 1 else None


def frame_of_codes(codes: Iterable[str]) -> str | None:
    """The frame that the codes of a table speak of, where they tell.

    Parameters
    ----------
    codes
        Codes of régions, cercles and communes as written.

    Returns
    -------
    str or None
        ``ml-2023`` where a number is above the régions of 2021; else the frame of the one
        COD version that has published all their régions and cercles; ``None`` where both
        or neither have.

    Examples
    --------
    >>> frame_of_codes(["ML0701", "ML1003"]), frame_of_codes(["ML0704"]), frame_of_codes(["ML0501"])
    ('ml-2016', 'ml-2012', None)
    """
    forms = (_FORM.fullmatch(re.sub(r"\s+", "", code).upper()) for code in codes)
    stated = {form[1][:4] for form in forms if form}
    if any(int(digits[:2]) > _REGIONS_2021 for digits in stated):
        return CODES_UNKNOWN_IN[0]
    codes_stated = {f"ML{digits}" for digits in stated}
    fits = [
        frame
        for scheme, frame in (("cod-2019", "ml-2012"), ("cod-2021", "ml-2016"))
        if codes_stated <= _codes_of(scheme)
    ]
    return fits[0] if len(fits) == 1 else None


def _codes_of(scheme: str) -> frozenset[str]:
    rows = shipped_frames().codes
    return frozenset(rows.filter(rows["scheme"] == scheme)["code"])


def _preferred_unit(known: list[tuple[str, bool]], frame: str) -> str | None:
    """The unit whose territory is the code's: of this frame, else of the newest other."""
    own = sorted({u for u, same in known if same and u.startswith(frame + "/")})
    if own:
        return own[0]
    for other in reversed(FRAMES):
        units = sorted({u for u, same in known if same and u.startswith(other + "/")})
        if units and other not in CODES_UNKNOWN_IN:
            return units[0]
    return None
