"""Cells that name several organisations, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from atlas.remembering import remembered
from atlas.vocab.bodies import match_organisation
from atlas.vocab.match import is_state, vocabulary
from atlas.vocab.tables import by_id
from atlas.vocab.text import normalise

Known = Callable[[str], bool]
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


@remembered(65536)
def _split(cell: str) -> tuple[str, ...]:
    return _named(cell, _listed)


def split_organisations(cell: str | None, known: Known | None = None) -> list[str]:
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
        return list(_split(cell or ""))
    return list(_named(cell or "", lambda name: _listed(name) or known(name)))


def organisation_type(organisation: str) -> str | None:
    """Type (``org_types.csv``) of an organisation id; ``None`` when not known."""
    row = by_id("organisations").get(organisation)
    return (row["type"] or None) if row else None


def _named(cell: str, known: Known) -> tuple[str, ...]:
    found = _cut(_WITH.sub(", ", _NOTE.sub("", cell)), _HARD, _always, known)
    found = [name for piece in found for name in _members(piece, known) or [piece]]
    for separator, may_cut in _SEPARATORS:
        found = [name for piece in found for name in _cut(piece, separator, may_cut, known)]
    return tuple(dict.fromkeys(name.strip(_EDGES) or name.strip() for name in found))


def _members(piece: str, known: Known) -> list[str]:
    """Members of a consortium that a cell names; none where it is not one.

    Without the word, all must be known, the name before a parenthesis among them: else the
    parenthesis may say a section, a place, a title.
    """
    if known(piece) or match_organisation(piece).id:
        return []
    called = _PREFIX.match(piece)
    inside = _INSIDE.match(piece)
    if inside:
        names = _parts(_BETWEEN, inside["members"])
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
        names = _parts(_BETWEEN, rest)
        if len(names) > 1 and any(known(name) for name in names) and not _is_office(names):
            return names
        names = _parts(_HYPHEN, rest)
        return names if len(names) > 1 and all(map(known, names)) and _of_one_kind(names) else []
    return []


def _parts(between: re.Pattern[str], text: str) -> list[str]:
    return [name for name in between.split(text) if name]


def _cut(
    cell: str,
    separator: re.Pattern[str],
    may_cut: Callable[[list[str], Known], bool],
    known: Known,
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


def _listed(name: str) -> bool:
    return normalise(name) in _spellings()


@lru_cache(maxsize=1)
def _spellings() -> frozenset[str]:
    return frozenset(vocabulary("organisations").spellings)


def _always(_names: list[str], _known: Known) -> bool:
    return True


def _listing(names: list[str], _known: Known) -> bool:
    """Not an NGO with its country after a comma (``WaterAid, UK``), as an address is written."""
    if not _is_office(names) or not _is_country(names[1]):
        return True
    body = organisation_type(match_organisation(names[0]).id or "")
    return body not in _NGOS and normalise(names[1]) != "mali"


def _one_known(names: list[str], known: Known) -> bool:
    return any(known(name) for name in names) and not _is_office(names)


def _all_known(names: list[str], known: Known) -> bool:
    return all(known(name) or match_organisation(name).id for name in names)


def _no_country(names: list[str], known: Known) -> bool:
    """All are known; a country beside others is that of an office (``ACF - Espagne``)."""
    return _all_known(names, known) and _of_one_kind(names)


def _all_acronyms(names: list[str], known: Known) -> bool:
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
    return is_state(by_id("organisations")[entry]) if entry else normalise(name) in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Names of all countries in both languages; the vocabulary lists only those that give."""
    from babel import Locale

    named = (Locale(code).territories for code in ("fr", "en"))
    return frozenset(
        normalise(name) for names in named for code, name in names.items() if code.isalpha()
    )


_SEPARATORS = (
    (_COMMA, _listing),
    (_SLASH, _one_known),
    (_DASH, _no_country),
    (_HYPHEN, _all_acronyms),
    (_AND, _all_known),
    (_BLANK, _all_acronyms),
)
"""What parts names, strongest first, and when it may."""
