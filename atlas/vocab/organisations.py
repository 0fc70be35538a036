"""Organisations in a cell: how several names are split, and which entry a spelling means."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from babel import Locale

from atlas.caches import text_cache
from atlas.vocab.codelists import entries_by_id, normalised_text
from atlas.vocab.matching import VocabularyMatch, entry_spelt_as, is_state, vocabulary_index

_NAME_AND_ACRONYM = re.compile(r"^\s*(.+?)\s*(?:\(([^()]+)\)|\s[-–—:]\s+([^()]+?))\s*$")
"""``Name (ACRONYM)``, ``ACRONYM - Name``."""
_NAME_AND_COUNTRY = re.compile(
    r"^\s*(.+?)\s*[,/(–—-]?\s*\b(?:(?:au|du|in)\s+)?Mali\s*\)?\s*$", re.IGNORECASE
)
_OFFICES = frozenset({"un", "international-ngo"})
"""Types whose country office is the organisation itself; a national member of a federation
(`Caritas Mali`) is one of its own, and stands in the list."""
_LINKS = frozenset(("au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "pour", "sur"))
"""Words that acronyms leave out, as they do letters that stand alone (``l'enfant``)."""


def match_organisation(raw: str | None) -> VocabularyMatch:
    """Organisation or donor (``organisations.csv``).

    A full name with its acronym beside it, or either with ``Mali`` after it, is the
    organisation; where the two name different ones nothing is decided.

    Examples
    --------
    >>> match_organisation("UNDP").id, match_organisation("World Food Programme").id
    ('pnud', 'pam')
    >>> match_organisation("Programme alimentaire mondial (WFP)").id
    'pam'
    """
    return _match_organisation(raw or "")


@text_cache(65536)
def _match_organisation(raw: str) -> VocabularyMatch:
    found = vocabulary_index("organisations").match(raw)
    if found.id is not None:
        return found
    entry = _name_and_acronym_entry(raw) or _office_entry(raw)
    return VocabularyMatch(entry, "alias", 1.0) if entry else found


def _name_and_acronym_entry(raw: str) -> str | None:
    """Entry that a name and the acronym beside it both mean."""
    parts = _NAME_AND_ACRONYM.match(raw)
    words = raw.split()
    if parts is not None:
        return _entry_of_both(parts[1], parts[2] or parts[3])
    if len(words) < 3:
        return None
    return _entry_of_both(words[0], " ".join(words[1:])) or _entry_of_both(
        " ".join(words[:-1]), words[-1]
    )


def _entry_of_both(one: str, other: str) -> str | None:
    first, second = entry_spelt_as("organisations", one), entry_spelt_as("organisations", other)
    if first and second:
        return first if first == second else None
    if first and _are_initials(other, one):
        return first
    return second if second and _are_initials(one, other) else None


def _are_initials(acronym: str, name: str) -> bool:
    """Whether letters are the initials of a full name, in their order.

    The name must be the known side: the letters of many names spell a known acronym.
    """
    letters = normalised_text(acronym).replace(" ", "")
    words = normalised_text(name).split()
    own = [word[0] for word in words if len(word) > 1 and word not in _LINKS]
    every = iter(word[0] for word in words)
    spelt = letters == "".join(own) or all(letter in every for letter in letters)
    return acronym.isupper() and len(own) > 1 and len(letters) > 1 and spelt


def _office_entry(raw: str) -> str | None:
    """Entry whose office in Mali a spelling names."""
    found = _NAME_AND_COUNTRY.match(raw)
    entry = entry_spelt_as("organisations", found[1]) if found else None
    return entry if entry and entries_by_id("organisations")[entry]["type"] in _OFFICES else None


NamePredicate = Callable[[str], bool]
"""Whether a spelling is that of an organisation, for certain."""

_PARTS = 6
"""A known name holds fewer separators than this."""
_HARD = re.compile(r"\s*[;\n\r•]+\s*(?![^(]*\))")
_SLASH = re.compile(r"\s*/\s*(?![^(]*\))")
_COMMA = re.compile(r"\s*,\s*(?![^(]*\))(?!(?:de|du|des|et|le|la|les)\b|d['’]|l['’])")
_BLANK = re.compile(r"\s+")
_DASH = re.compile(r"\s+[-–—]\s+(?![^(]*\))")
_AND = re.compile(r"\s+(?:et|and|&|\+)\s+(?![^(]*\))")
_WITH = re.compile(r"\s+(?:en\s+consortium\s+avec|in\s+consortium\s+with)\s+", re.IGNORECASE)
_GROUP = r"(?P<word>consortium|groupement|coalition|alliance)"
_INSIDE = re.compile(r"^(?P<head>[^()]*?)\s*[:(]\s*(?P<members>[^()]+?)\s*\)?\s*$")
_PREFIX = re.compile(
    rf"^\s*{_GROUP}\b\s*(?:d['’]\s*ong|des?\s+ong|of\s+ngos?)?\s*:?\s*", re.IGNORECASE
)
_ROLE = r"(?:lead|leader|chef\s+de\s+file|partenaires?|partners?)"
_NOTE = re.compile(
    rf"\s*\((?:{_ROLE}|(?:consortium|groupement)\b[^()]*)\)|(?:(?<=^)|(?<=[;\n]))\s*{_ROLE}\s*:\s*",
    re.IGNORECASE,
)
"""A word about the part an organisation takes, or the name of their consortium."""
_BETWEEN = re.compile(r"\s*[,;/+&|]\s*|\s+(?:et|and|[-–—])\s+")


_NGOS = frozenset(("international-ngo", "national-ngo", "civil-society", "red-cross"))
_EDGES = " \t\r\n.:;,/-–"
_HYPHEN = re.compile(r"\s*[-–—]\s*")


@text_cache(65536)
def _split_cached(cell: str) -> tuple[str, ...]:
    return _names_in_cell(cell, _is_listed_name)


def split_organisations(cell: str | None, known: NamePredicate | None = None) -> list[str]:
    """Names in a cell, as spelt, each once, in their order.

    Line breaks and ``;`` always part names, ``,`` too. ``/`` does when at least one side is a
    known organisation, ``-``, ``et`` and ``&`` when all sides are, a blank or a hyphen without
    blanks when it stands between known acronyms (a line break that a conversion swallowed): so
    a name that contains them is not cut, and a known name is never cut at all. A country beside
    one organisation is that of its office, no second name (see `_is_office`). A consortium is
    its members, where the cell names them: after the word, or in the parenthesis that follows.

    Parameters
    ----------
    known
        Further spellings that are organisations, besides those of the vocabulary.

    Examples
    --------
    >>> split_organisations("PNUD/ADR")
    ['PNUD', 'ADR']
    >>> split_organisations("NRC-DRC-IRC")
    ['NRC', 'DRC', 'IRC']
    >>> split_organisations("WATERAID UK; ACF/France; Suisse, Turquie")
    ['WATERAID UK', 'ACF/France', 'Suisse', 'Turquie']
    >>> split_organisations("AMCP-SP/ ALIMA, AMPRODE/Sahel")
    ['AMCP-SP/ ALIMA', 'AMPRODE/Sahel']
    >>> split_organisations("Consortium Faso (NRC, DRC, ONG Une)")
    ['NRC', 'DRC', 'ONG Une']
    """
    if known is None:
        return list(_split_cached(cell or ""))
    return list(_names_in_cell(cell or "", lambda name: _is_listed_name(name) or known(name)))


def organisation_type(organisation: str) -> str | None:
    """Type (``org_types.csv``) of an organisation id; ``None`` when not known."""
    row = entries_by_id("organisations").get(organisation)
    return (row["type"] or None) if row else None


def _names_in_cell(cell: str, known: NamePredicate) -> tuple[str, ...]:
    found = _parts_at_separator(_WITH.sub(", ", _NOTE.sub("", cell)), _HARD, _always_cut, known)
    found = [name for piece in found for name in _consortium_members(piece, known) or [piece]]
    for separator, may_cut in _SEPARATORS:
        found = [
            name
            for piece in found
            for name in _parts_at_separator(piece, separator, may_cut, known)
        ]
    return tuple(dict.fromkeys(name.strip(_EDGES) or name.strip() for name in found))


def _consortium_members(piece: str, known: NamePredicate) -> list[str]:
    """Members of a consortium that a cell names; none where it is not one.

    Without the word, all must be known, the name before a parenthesis among them: else the
    parenthesis may say a section, a place, a title.
    """
    if known(piece) or match_organisation(piece).id:
        return []
    called = _PREFIX.match(piece)
    inside = _INSIDE.match(piece)
    if inside:
        names = _non_empty_parts(_BETWEEN, inside["members"])
        head = inside["head"][called.end() :] if called else inside["head"]
        if not _of_one_kind([head, *names]) and any(map(_is_country, names)) and known(head):
            return []  # the countries of an organisation's offices
        sure = called and (called["word"].casefold() == "consortium" or any(map(known, names)))
        if sure and len(names) > 1:
            return names
        if len(names) > 1 and all(known(name) for name in (inside["head"], *names)):
            return [inside["head"], *names]
    if called:
        rest = piece[called.end() :]
        names = _non_empty_parts(_BETWEEN, rest)
        if len(names) > 1 and any(known(name) for name in names) and not _is_office(names):
            return names
        names = _non_empty_parts(_HYPHEN, rest)
        return names if len(names) > 1 and all(map(known, names)) and _of_one_kind(names) else []
    return []


def _non_empty_parts(between: re.Pattern[str], text: str) -> list[str]:
    return [name for name in between.split(text) if name]


def _parts_at_separator(
    cell: str,
    separator: re.Pattern[str],
    may_cut: Callable[[list[str], NamePredicate], bool],
    known: NamePredicate,
) -> list[str]:
    """Parts of a cell at a separator, joined again where together they are a known name."""
    cell = cell.strip()
    if not cell:
        return []
    spans = [m.span() for m in separator.finditer(cell)]
    if not spans or known(cell) or match_organisation(cell).id:
        return [cell]
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(cell)]
    names: list[str] = []
    first = 0
    while first < len(starts):
        joined = reversed(range(first, min(first + _PARTS, len(ends))))
        last = next((n for n in joined if known(cell[starts[first] : ends[n]])), first)
        names.append(cell[starts[first] : ends[last]])
        first = last + 1
    names = [name for name in names if name]
    return names if may_cut(names, known) else [cell]


def _is_listed_name(name: str) -> bool:
    return normalised_text(name) in vocabulary_index("organisations").known_spellings


def _always_cut(_names: list[str], _known: NamePredicate) -> bool:
    return True


def _is_listing(names: list[str], _known: NamePredicate) -> bool:
    """Not an NGO with its country after a comma (``WaterAid, UK``), as an address is written."""
    if not _is_office(names) or not _is_country(names[1]):
        return True
    body = organisation_type(match_organisation(names[0]).id or "")
    return body not in _NGOS and normalised_text(names[1]) != "mali"


def _one_known(names: list[str], known: NamePredicate) -> bool:
    return any(known(name) for name in names) and not _is_office(names)


def _all_known(names: list[str], known: NamePredicate) -> bool:
    return all(known(name) or match_organisation(name).id for name in names)


def _no_country(names: list[str], known: NamePredicate) -> bool:
    """All are known; a country beside others is that of an office (``ACF - Espagne``)."""
    return _all_known(names, known) and _of_one_kind(names)


def _all_acronyms(names: list[str], known: NamePredicate) -> bool:
    return all(name.isupper() and known(name) for name in names) and _of_one_kind(names)


def _of_one_kind(names: list[str]) -> bool:
    """Whether all names are countries, or none is."""
    return len(set(map(_is_country, names))) <= 1


def _is_office(names: list[str]) -> bool:
    """Whether two names are one: an organisation, and the country that its office is in.

    A body of the United Nations is of no country: ``UNICEF/France`` are two.
    """
    if len(names) != 2 or _of_one_kind(names):
        return False
    body = next(name for name in names if not _is_country(name))
    return organisation_type(match_organisation(body).id or "") != "un"


def _is_country(name: str) -> bool:
    entry = match_organisation(name).id
    return (
        is_state(entries_by_id("organisations")[entry])
        if entry
        else normalised_text(name) in _country_names()
    )


@lru_cache(maxsize=1)
def _country_names() -> frozenset[str]:
    """Names of all countries in both languages; the vocabulary lists only those that give."""

    named = (Locale(code).territories for code in ("fr", "en"))
    return frozenset(
        normalised_text(name) for names in named for code, name in names.items() if code.isalpha()
    )


_SEPARATORS = (
    (_COMMA, _is_listing),
    (_SLASH, _one_known),
    (_DASH, _no_country),
    (_HYPHEN, _all_acronyms),
    (_AND, _all_known),
    (_BLANK, _all_acronyms),
)
"""What parts names, strongest first, and when it may."""
