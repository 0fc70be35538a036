"""Beneficiaries: counts of people, whole or by sex and age, as lists write them.

A list states one figure, or its parts in columns ("Hommes", "Filles <5") or in a cell ("F: 60 /
H: 50", "1 200 pers. dont 640 femmes"). The figure is kept as a number; the parts are kept as
words, as they stand, for their categories overlap in ways that only the sender knows. A figure
is never made up from parts, except where they are both sexes and nothing else, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from atlas.ingest.folding import fold, words_of
from atlas.ingest.parsing.amounts import Findings, clean, is_absent, parse_number
from atlas.ingest.reading import Finding

MEASURES: Mapping[str, str] = {
    "people": "Bénéficiaires",
    "people_target": "Personnes ciblées",
    "people_reached": "Personnes atteintes",
}
"""Fields of the columns that count a part of the people, and what stands before the parts."""

_MEN = words_of("homme hommes men man male males masculin h m")
_WOMEN = words_of("femme femmes women woman female females feminin f")
_BOYS = words_of("garcon garcons boy boys")
_GIRLS = words_of("fille filles girl girls")
SHORT_SEXES = _MEN | _WOMEN | _BOYS | _GIRLS
"""What a heading's brackets or its lower row say of sex: ``H``, ``F``, ``Filles``."""
_SEXES = SHORT_SEXES
_AGED = words_of(
    "enfant enfants children adulte adultes adult adults jeune jeunes youth elderly pdi pdis idp "
    "idps deplace deplaces deplacee deplacees displaced refugie refugies refugiee refugiees "
    "refugees retourne retournes retournee retournees returnee returnees rapatrie rapatries "
    "rapatriee rapatriees hote hotes host hosts autochtone autochtones migrant migrants migrante "
    "migrantes handicape handicapes handicapee handicapees handicap disabled"
)
_AGES = re.compile(r"(?:[<>≤≥+]\s?\d|\d\s?(?:-|a|to|et)\s?\d|\d\s?(?:ans|mois|years|months|\+))")
_TARGETED = re.compile(r"cibl|prevu|vise|plan|target|attendu|inten")
_REACHED = re.compile(r"attein|touch|realis|reach|achie|assist|servi|effecti|appuye")
_QUALIFIERS = (
    _SEXES
    | _AGED
    | words_of("beneficiaire beneficiaires beneficiaries personne personnes people persons")
    | words_of("communaute communautes community communities population populations accueil")
    | words_of("interne internes vivant avec un dont with")
    | words_of("nombre nbre nb number of de d des et and ou a to the en le les total directs")
    | words_of("ans an mois years months age ages agees moins plus under over")
    | words_of("cible cibles ciblees prevu prevus prevues vises visees target targeted planned")
    | words_of("atteint atteints atteinte atteintes touche touches touchees realise realises")
    | words_of("reached assisted assistes")
)
_SEX_TAGS = frozenset({"f", "m", "female", "male", "women", "men", "girls", "boys"})
_AGE_TAG = re.compile(r"children|adult|elderly|infant|adolescent|age\d|youth|i\d")
_NOT_PEOPLE = re.compile(
    r"menages?|familles?|households?|hh|kits?|ha|hectares?|km|tonnes?|litres?|seances?|sessions?"
    r"|villages?|communes?|sites?|ecoles?|forages?|animaux|tetes"
)
_SHARE = re.compile(r"\(\s?\d+(?:[.,]\d+)?\s?%\s?\)")
"""A share in brackets says again what the figures say: "dont 640 femmes (53 %)"."""
_MINUS = re.compile(r"[-−–]\s?\d")
_COUNT = r"(?P<n>\d{1,3}(?:[ .,'’]\d{3})+|\d+)(?![\d%,.]*\d)"
_PART = re.compile(
    rf"(?:(?P<before>[^\W\d][^\d:=;/]{{0,30}}?)\s?[:=]\s?{_COUNT})"
    rf"|(?:{_COUNT.replace('<n>', '<m>')}\s?(?P<after>[^\W\d][^\d,;/+&(]{{0,40}})?)"
)
_JOINED = re.compile(r"(?:dont|soit|et|and|including|incl|[\s,;:/+&().|-])*")
_THOUSANDS = re.compile(r"(?:k|mill(?:e|iers?|ions?|iards?)|thousands?)\b", re.I)
_ABOUT = re.compile(r"^(?:environ|env\.?|près de|plus de|about|around|approx\.?|~|≈|>)\s*", re.I)
_RANGE = re.compile(
    r"(?:entre |de )?(\d[\d .]*?)\s?(?:-|–|—|à|et)\s?(\d[\d .]*)(?:\s?[^\W\d][^\d]*)?"
)


class People(NamedTuple):
    """A count as stated.

    Attributes
    ----------
    total
        ``None`` when the cell states none.
    parts
        Category as written → number.
    """

    total: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    findings: Findings = ()


def counts_people(folded: str) -> str | None:
    """Field of a heading that counts people of a sex or an age; ``None`` for another one.

    Examples
    --------
    >>> counts_people("filles <5"), counts_people("hommes atteints"), counts_people("beneficiaires")
    ('people', 'people_reached', None)
    """
    words = re.findall(r"[^\W\d_]+", folded)
    named = [word for word in words if len(word) > 1]
    short = {"h", "f", "m"} & set(words) and len(words) > 1 and set(words) <= _QUALIFIERS
    of_sex = any(word in _SEXES for word in named) or short
    of_age = any(word in _AGED for word in words) or _AGES.search(folded)
    counted = of_sex or (of_age and set(words) <= _QUALIFIERS)
    if not counted or not (set(words) <= _QUALIFIERS or _starts_with_sex(named)):
        return None
    if _REACHED.search(folded):
        return "people_reached"
    return "people_target" if _TARGETED.search(folded) else "people"


def _starts_with_sex(words: Sequence[str]) -> bool:
    """Whether people are what is counted: "femmes enceintes", "nombre de femmes formées"."""
    first = next((w for w in words if w not in {"nombre", "nbre", "nb", "number", "of", "de"}), "")
    return first in _SEXES and len(words) <= 6


def field_of_count(tag: str, attributes: Iterable[str]) -> str | None:
    """Field of an HXL tag that counts one sex or age."""
    if tag not in ("#reached", "#targeted", "#beneficiary"):
        return None
    if not any(a in _SEX_TAGS or _AGE_TAG.fullmatch(a.partition("_")[0]) for a in attributes):
        return None
    return {"#reached": "people_reached", "#targeted": "people_target"}.get(tag, "people")


def parse_people(raw: object, field: str = "") -> People:
    """Count of people in a cell, and its parts.

    Parameters
    ----------
    raw
        Text, a number or ``None``.
    field
        Name of the column, for the findings.

    Examples
    --------
    >>> parse_people("1 200 pers. dont 640 femmes")
    People(total=1200.0, parts=(('femmes', 640.0),), findings=())
    >>> parse_people("110 femmes").total, parse_people("12,000").total
    (110.0, 12000.0)
    """
    if not isinstance(raw, str):
        number = parse_number(raw, field)
        return People(number.value, (), number.findings) if _is_count(raw) else _none(field, raw)
    if raw.isdecimal():
        return People(float(raw))
    text = _SHARE.sub("", clean(raw)).strip()
    if _MINUS.match(text):
        return _none(field, raw)
    if not text or is_absent(text):
        return People()
    if found := _RANGE.fullmatch(text):
        low, high = found[1].strip(), found[2].strip()
        ends: dict[str, object] = {"field": field, "raw": text, "low": low, "high": high}
        return People(None, (), (Finding("value_range", params=ends),))
    parts = _parts(text)
    if not parts:
        number = parse_number(raw, field)
        return People(number.value, (), number.findings)
    counted = _counted(text, parts, field)
    if not _ABOUT.match(text):
        return counted
    about = Finding("number_approximate", params={"field": field, "raw": text})
    return counted._replace(findings=(*counted.findings, about))


def _is_count(raw: object) -> bool:
    return not isinstance(raw, int | float) or not raw < 0


def _none(field: str, raw: object) -> People:
    """Nobody counts less than no one: such a figure is said, and no people."""
    said: dict[str, object] = {"field": field, "raw": clean(raw)}
    return People(None, (), (Finding("value_unreadable", params=said),))


def _parts(text: str) -> list[tuple[str, float]]:
    """Numbers of a cell with their words; none when something else stands between them."""
    found = [
        ((m["before"] or m["after"] or "").strip(" .:-"), _whole(m["n"] or m["m"]))
        for m in _PART.finditer(text)
    ]
    if any(_THOUSANDS.match(words) for words, _number in found):
        return []  # "12 k": a number, not a kind of people
    rest = fold(_ABOUT.sub("", _PART.sub("", text)))
    return found if _JOINED.fullmatch(rest) else []


def _whole(figures: str) -> float:
    """People are whole: a sign between figures parts thousands."""
    return float(re.sub(r"\D", "", figures))


def _counted(text: str, parts: list[tuple[str, float]], field: str) -> People:
    named = [(_label(words), number) for words, number in parts]
    if any(_is_other(words) for words, _number in named):
        said = Finding("value_not_people", params={"field": field, "raw": text})
        return People(None, tuple(named), (said,))
    first, number = named[0]
    if not _sex(first):  # a whole, and what it is made of
        return _whole_and_parts(text, number, named[1:], field)
    if len(named) == 1:
        return People(number, tuple(named))
    if {_sex(words) for words, _number in named} >= {"m", "f"} and all(_sex(w) for w, _n in named):
        total = sum(number for _words, number in named)
        params: dict[str, object] = {"field": field, "raw": text, "read": f"{total:.0f}"}
        return People(total, tuple(named), (Finding("people_added_up", params=params),))
    said = Finding("value_unreadable", params={"field": field, "raw": text})
    return People(None, tuple(named), (said,))


def _whole_and_parts(text: str, total: float, parts: list[tuple[str, float]], field: str) -> People:
    if not all(words for words, _number in parts):
        said = Finding("value_unreadable", params={"field": field, "raw": text})
        return People(None, (), (said,))
    return People(total, tuple(parts), disagreement(total, parts, field))


def disagreement(
    total: float, parts: Sequence[tuple[str, float]], field: str
) -> tuple[Finding, ...]:
    """What is said where the parts cannot make the total.

    Both sexes are all there is, if nothing beside them is counted; and no part is more than
    the whole. Other categories may overlap: of them nothing is said.
    """
    by_sex = both_sexes(parts)
    over = [number for words, number in parts if number > total and not _is_other(words)]
    if not over and (by_sex is None or by_sex == total):
        return ()
    params: dict[str, object] = {
        "field": field,
        "total": f"{total:.0f}",
        "parts": in_words(parts),
    }
    return (Finding("people_disagree", params=params),)


def both_sexes(parts: Sequence[tuple[str, float]]) -> float | None:
    """Sum of parts that are men and women, boys and girls, each once; else ``None``."""
    parts = [part for part in parts if not _is_other(part[0])]
    kinds = [_kind(words) for words, _number in parts]
    complete = {frozenset({"men", "women"}), frozenset({"boys", "girls"})}
    complete.add(frozenset({"men", "women", "boys", "girls"}))
    if len(set(kinds)) < len(kinds) or frozenset(kinds) not in complete:
        return None
    return sum(number for _words, number in parts)


@lru_cache(maxsize=4096)
def _kind(words: str) -> str:
    """Which of the four a category is as a whole; its own words when it is narrower."""
    said = set(re.findall(r"[^\W\d_]+", words)) - _ALL_OF_THEM
    for kind, names in (("men", _MEN), ("women", _WOMEN), ("boys", _BOYS), ("girls", _GIRLS)):
        if said and said <= names and not re.search(r"\d", words):
            return kind
    return words


_ALL_OF_THEM = _QUALIFIERS - _SEXES - _AGED - {"ans", "mois", "years", "months", "moins", "plus"}


def _sex(words: str) -> str:
    said = set(re.findall(r"[^\W\d_]+", words))
    return "f" if said & (_WOMEN | _GIRLS) else "m" if said & (_MEN | _BOYS) else ""


def _label(words: str) -> str:
    """Category of a part, folded; "dont" and the like say nothing."""
    plain = re.sub(r"^(?:dont|soit|including|incl|et|and|\W)+\s*", "", fold(words))
    plain = plain.strip(" .()-")
    short = {"f": "femmes", "h": "hommes", "m": "hommes"}.get(plain, plain)
    return re.sub(r"\s(?:dont|soit|et|and|including)$", "", short).strip(" .-")


@lru_cache(maxsize=4096)
def _is_other(words: str) -> bool:
    bare = re.sub(r"^(?:nombre|nbre|nb|number) (?:de |d'|of )?", "", words)
    return _NOT_PEOPLE.fullmatch(bare.split(" ")[0]) is not None or "indirect" in words


def in_words(parts: Iterable[tuple[str, float]]) -> str:
    """Parts as a person reads them.

    Examples
    --------
    >>> in_words([("femmes", 60.0), ("hommes", 50.0)])
    'femmes 60, hommes 50'
    """
    return ", ".join(f"{words} {number:.15g}".strip() for words, number in parts)
