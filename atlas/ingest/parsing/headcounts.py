"""Beneficiaries: counts of people, whole or by sex and age, and the groups that words name.

A list states one figure, or its parts in columns ("Hommes", "Filles <5") or in a cell ("F: 60 /
H: 50", "1 200 pers. dont 640 femmes"). The figure is kept as a number; the parts are kept as
words, as they are written, for their categories overlap in ways that only the sender knows. A
figure is never made up from parts, except where they are both sexes and nothing else, with a
finding.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.fields import BENEFICIARIES
from atlas.ingest.parsing.amounts import LIMIT, Findings, clean_text, is_absent, parse_number
from atlas.ingest.parsing.folding import fold_text, words_of
from atlas.ingest.reading import ActivityFigure, Finding, GroupCodes
from atlas.model import FIGURE_MEASURES, GROUP_PARTS
from atlas.vocab.indicators import activity_indicators

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
    | words_of("nombre nbre nb number of de d des et and ou a to the en entre le les total directs")
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


_MOST_PEOPLE = float(LIMIT)


class ParsedPeople(NamedTuple):
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


def people_field_of_heading(folded: str) -> str | None:
    """Field of a heading that counts people of a sex or an age; ``None`` for another one.

    Examples
    --------
    >>> headings = ("filles <5", "hommes atteints", "beneficiaires")
    >>> [people_field_of_heading(heading) for heading in headings]
    ['people', 'people_reached', None]
    """
    words = re.findall(r"[^\W\d_]+", folded)
    named = [word for word in words if len(word) > 1]
    short = {"h", "f", "m"} & set(words) and len(words) > 1 and set(words) <= _QUALIFIERS
    of_sex = any(word in _SEXES for word in named) or short
    of_age = any(word in _AGED for word in words) or _AGES.search(folded)
    counted = of_sex or (of_age and set(words) <= _QUALIFIERS)
    if not counted or not (set(words) <= _QUALIFIERS or _starts_with_sex(named)):
        return None
    return {"reached": "people_reached", "target": "people_target"}.get(
        measure_of_words(folded), "people"
    )


def measure_of_words(folded: str) -> str:
    """``reached`` or ``target``, as the words of a heading say; ``""`` where they say neither.

    Examples
    --------
    >>> [measure_of_words(words) for words in ("kits prevus", "femmes atteintes", "kits")]
    ['target', 'reached', '']
    """
    if _REACHED.search(folded):
        return "reached"
    return "target" if _TARGETED.search(folded) else ""


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


def parse_people(raw: object, field: str = "") -> ParsedPeople:
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
    ParsedPeople(total=1200.0, parts=(('femmes', 640.0),), findings=())
    >>> parse_people("110 femmes").total, parse_people("12,000").total
    (110.0, 12000.0)
    """
    if type(raw) is float and 0 <= raw < _MOST_PEOPLE:  # most cells of a workbook
        return ParsedPeople(raw)
    if not isinstance(raw, str):
        number = parse_number(raw, field)
        return (
            ParsedPeople(number.value, (), number.findings)
            if _is_count(raw)
            else _no_people(field, raw)
        )
    if raw.isdecimal():
        return ParsedPeople(float(raw))
    text = _SHARE.sub("", clean_text(raw)).strip()
    if _MINUS.match(text):
        return _no_people(field, raw)
    if not text or is_absent(text):
        return ParsedPeople()
    if found := _RANGE.fullmatch(text):
        low, high = found[1].strip(), found[2].strip()
        ends: dict[str, object] = {"field": field, "raw": text, "low": low, "high": high}
        return ParsedPeople(None, (), (Finding("value_range", params=ends),))
    parts = _parts_of_cell(text)
    if not parts:
        number = parse_number(raw, field)
        return ParsedPeople(number.value, (), number.findings)
    counted = _people_of_parts(text, parts, field)
    if not _ABOUT.match(text):
        return counted
    about = Finding("number_approximate", params={"field": field, "raw": text})
    return counted._replace(findings=(*counted.findings, about))


def _is_count(raw: object) -> bool:
    return not isinstance(raw, int | float) or not raw < 0


def _no_people(field: str, raw: object) -> ParsedPeople:
    """Nobody counts less than no one: such a figure is said, and no people."""
    said: dict[str, object] = {"field": field, "raw": clean_text(raw)}
    return ParsedPeople(None, (), (Finding("value_unreadable", params=said),))


def _parts_of_cell(text: str) -> list[tuple[str, float]]:
    """Numbers of a cell with their words; none when something else stands between them."""
    found = [
        ((m["before"] or m["after"] or "").strip(" .:-"), _whole_number(m["n"] or m["m"]))
        for m in _PART.finditer(text)
    ]
    if any(_THOUSANDS.match(words) for words, _number in found):
        return []  # "12 k": a number, not a kind of people
    rest = fold_text(_ABOUT.sub("", _PART.sub("", text)))
    return found if _JOINED.fullmatch(rest) else []


def _whole_number(figures: str) -> float:
    """People are whole: a sign between figures parts thousands."""
    return float(re.sub(r"\D", "", figures))


def _people_of_parts(text: str, parts: list[tuple[str, float]], field: str) -> ParsedPeople:
    named = [(_part_label(words), number) for words, number in parts]
    if any(_is_other(words) for words, _number in named):
        said = Finding("value_not_people", params={"field": field, "raw": text})
        return ParsedPeople(None, tuple(named), (said,))
    first, number = named[0]
    if not _sex_of(first):  # a whole, and what it is made of
        return _whole_and_parts(text, number, named[1:], field)
    if len(named) == 1:
        return ParsedPeople(number, tuple(named))
    if {_sex_of(words) for words, _number in named} >= {"m", "f"} and all(
        _sex_of(w) for w, _n in named
    ):
        total = sum(number for _words, number in named)
        params: dict[str, object] = {"field": field, "raw": text, "read": f"{total:.0f}"}
        return ParsedPeople(total, tuple(named), (Finding("people_added_up", params=params),))
    said = Finding("value_unreadable", params={"field": field, "raw": text})
    return ParsedPeople(None, tuple(named), (said,))


def _whole_and_parts(
    text: str, total: float, parts: list[tuple[str, float]], field: str
) -> ParsedPeople:
    if not all(words for words, _number in parts):
        said = Finding("value_unreadable", params={"field": field, "raw": text})
        return ParsedPeople(None, (), (said,))
    return ParsedPeople(total, tuple(parts), parts_disagreement(total, parts, field))


def parts_disagreement(
    total: float, parts: Sequence[tuple[str, float]], field: str
) -> tuple[Finding, ...]:
    """What is said where the parts cannot make the total.

    Both sexes are all there is, if nothing beside them is counted; and no part is more than
    the whole. Other categories may overlap: of them nothing is said.
    """
    by_sex = sum_of_both_sexes(parts)
    over = [number for words, number in parts if number > total and not _is_other(words)]
    if not over and (by_sex is None or by_sex == total):
        return ()
    params: dict[str, object] = {
        "field": field,
        "total": f"{total:.0f}",
        "parts": parts_in_words(parts),
    }
    return (Finding("people_disagree", params=params),)


def sum_of_both_sexes(parts: Sequence[tuple[str, float]]) -> float | None:
    """Sum of parts that are men and women, boys and girls, each once; else ``None``."""
    parts = [part for part in parts if not _is_other(part[0])]
    kinds = [_sex_category(words) for words, _number in parts]
    complete = {frozenset({"men", "women"}), frozenset({"boys", "girls"})}
    complete.add(frozenset({"men", "women", "boys", "girls"}))
    if len(set(kinds)) < len(kinds) or frozenset(kinds) not in complete:
        return None
    return sum(number for _words, number in parts)


def _sex_category(words: str) -> str:
    """Which of the four a category is as a whole; its own words when it is narrower."""
    said = set(re.findall(r"[^\W\d_]+", words)) - _ALL_OF_THEM
    for kind, names in (("men", _MEN), ("women", _WOMEN), ("boys", _BOYS), ("girls", _GIRLS)):
        if said and said <= names and not re.search(r"\d", words):
            return kind
    return words


_ALL_OF_THEM = _QUALIFIERS - _SEXES - _AGED - {"ans", "mois", "years", "months", "moins", "plus"}


def _sex_of(words: str) -> str:
    said = set(re.findall(r"[^\W\d_]+", words))
    return "f" if said & (_WOMEN | _GIRLS) else "m" if said & (_MEN | _BOYS) else ""


def _part_label(words: str) -> str:
    """Category of a part, folded; "dont" and the like say nothing."""
    plain = re.sub(r"^(?:dont|soit|including|incl|et|and|\W)+\s*", "", fold_text(words))
    plain = plain.strip(" .()-")
    short = {"f": "femmes", "h": "hommes", "m": "hommes"}.get(plain, plain)
    return re.sub(r"\s(?:dont|soit|et|and|including)$", "", short).strip(" .-")


def _is_other(words: str) -> bool:
    bare = re.sub(r"^(?:nombre|nbre|nb|number) (?:de |d'|of )?", "", words)
    return _NOT_PEOPLE.fullmatch(bare.split(" ")[0]) is not None or "indirect" in words


def parts_in_words(parts: Iterable[tuple[str, float]]) -> str:
    """Parts as a person reads them.

    Examples
    --------
    >>> parts_in_words([("femmes", 60.0), ("hommes", 50.0)])
    'femmes 60, hommes 50'
    """
    return ", ".join(f"{words} {number:.15g}".strip() for words, number in parts)


class PeopleGroup(NamedTuple):
    """What the words of a cell say of a group.

    Attributes
    ----------
    words
        As written; "" for everyone.
    breakdown
        By what it is told apart: ``status``, ``sex``, ``age``, or "" where that is not known.
    is_part
        It says of itself that it is a part of a whole: "dont PDI".
    """

    words: str
    breakdown: str
    is_part: bool = False


_GROUP_WORDS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("groups.toml").read_text("utf-8")
)


@lru_cache(maxsize=4096)
def group_of(words: str) -> PeopleGroup:
    """The group that some words name.

    Examples
    --------
    >>> group_of("PDI").breakdown, group_of("dont femmes"), group_of("Total").words
    ('status', PeopleGroup(words='dont femmes', breakdown='sex', is_part=True), '')
    """
    known, folded = _GROUP_WORDS, fold_text(words)
    is_part = re.match(known["part"], folded) is not None
    bare = re.sub(known["part"], "", folded).strip()
    if not bare or re.fullmatch(known["everyone"], bare):
        return PeopleGroup("", "")
    for breakdown, pattern in known["breakdowns"].items():
        if re.search(pattern, bare):
            return PeopleGroup(words, breakdown, is_part or breakdown in known["always_part"])
    return PeopleGroup(words, "", is_part)


@lru_cache(maxsize=4096)
def group_codes(words: str) -> GroupCodes:
    """What the words of a group say in codes.

    Examples
    --------
    >>> group_codes("dont PDI femmes 18-59 ans")[:3]
    ('idp', 'f', 'adult')
    >>> group_codes("Filles")[1:3], group_codes("Femmes enceintes").is_part
    (('f', 'child'), True)
    """
    folded = re.sub(_GROUP_WORDS["part"], "", fold_text(words))
    told = [_codes_of_one(part) for part in _JOINED_GROUPS.split(folded) if part.strip()]
    if not told:
        return GroupCodes()
    alike = {part: {getattr(one, part) for one in told} for part in GROUP_PARTS}
    codes = {part: next(iter(of)) if len(of) == 1 else None for part, of in alike.items()}
    is_part = any(one.is_part for one in told) or not _makes_one_group(told)
    unnamed = not any(codes.values()) and bool(group_of(words).words)
    return GroupCodes(**codes, is_part=is_part or unnamed)


_JOINED_GROUPS = re.compile(r"(?<!\d)\s(?:et|and|ou|or)\s(?!\d)|[,&+/](?!\d)")


def _makes_one_group(told: Sequence[GroupCodes]) -> bool:
    """Whether groups told together are what they have in common, and no less.

    So are women and girls (all ages), boys and girls (both sexes); not women and children.
    """
    alike = [{getattr(one, part) for one in told} for part in GROUP_PARTS]
    differing = [codes for codes in alike if len(codes) > 1]
    if not differing:
        return True
    whole = {frozenset(GROUP_PARTS["sex"])}
    return len(differing) == 1 and (None in differing[0] or frozenset(differing[0]) in whole)


def _codes_of_one(folded: str) -> GroupCodes:
    """Codes of words that join no groups."""
    found: dict[str, str | None] = {}
    for name, patterns in _GROUP_WORDS["codes"].items():
        found[name] = next((code for code, one in patterns.items() if re.search(one, folded)), None)
    band = _BAND.search(folded)
    found["age"] = _age_of_band(band, folded) if band else found["age"]
    disabled = re.search(_GROUP_WORDS["breakdowns"]["disability"], folded)
    left = re.sub(_GROUP_WORDS["breakdowns"]["disability"], " ", folded)
    for patterns in _GROUP_WORDS["codes"].values():
        left = re.sub("|".join(patterns.values()), " ", left)
    unknown = set(re.findall(r"[^\W\d_]+", left)) - _QUALIFIERS | _YOUNG & set(left.split())
    codes = found["status"], found["sex"], found["age"], "disabled" if disabled else None
    return GroupCodes(*codes, bool(unknown) or (band is not None and not found["age"]))


_YOUNG = words_of("jeune jeunes youth")
"""Of an age that no code tells."""
_BAND = re.compile(
    r"([<>≤≥]|moins de|plus de|under|over)?\s?(\d+)\s?(?:(?:-|–|a|to|et)\s?(\d+)|(\+))?"
)
_MAJORITY, _OLD = 18, 60


def _age_of_band(found: re.Match[str], folded: str) -> str | None:
    """Age that a band of years or months names; ``None`` for one that lies in several."""
    sign, low, high = found[1] or "", int(found[2]), int(found[3]) if found[3] else None
    if sign in ("<", "≤", "moins de", "under"):
        low, high = 0, low - (sign != "≤")
    if high is not None and (high < _MAJORITY or re.search(r"\b(?:mois|months?)\b", folded)):
        return "child"
    if low >= _OLD:
        return "elderly"
    return "adult" if low >= _MAJORITY - 1 and (high or found[4] or sign) else None


def codes_of_figure(figure: ActivityFigure) -> GroupCodes:
    """The group of a figure in codes: those it has, else of its words; none of a quantity."""
    if figure.codes is not None:
        return figure.codes
    return group_codes(figure.words) if figure.indicator == BENEFICIARIES else GroupCodes()


_PART_WORD, _CUMULATIVE_WORDS = "part", {True: "cumulative", False: "periodic"}
BETWEEN = " | "
"""What stands between two figures of one cell."""
_FIGURE = re.compile(
    r"(?P<measure>\w+) (?P<value>[\d.e+-]+)(?P<codes>(?: [a-z-]+)*)"
    r"(?: (?P<start>[\d-]*)/(?P<end>[\d-]*))?(?: : (?P<words>.+))?"
)


def figures_as_text(figures: Iterable[ActivityFigure]) -> str:
    """Figures of activities as `figures_of_text` reads them.

    Examples
    --------
    >>> figures_as_text([ActivityFigure("reached", "Filles PDI", 30, codes=GroupCodes("idp", "f"))])
    'reached 30 idp f : Filles PDI'
    >>> figures_as_text([ActivityFigure("reached", "Kits NFI", 450, indicator="kits")])
    'reached 450 kits : Kits NFI'
    """
    return BETWEEN.join(map(_figure_as_text, figures))


def _figure_as_text(one: ActivityFigure) -> str:
    codes = codes_of_figure(one)
    parts = [one.measure, f"{one.value:.15g}", *filter(None, codes[:-1])]
    parts += [one.indicator] if one.indicator != BENEFICIARIES else []
    parts += [_PART_WORD] if codes.is_part else []
    parts += [_CUMULATIVE_WORDS[one.is_cumulative]] if one.is_cumulative is not None else []
    parts += [f"{one.start or ''}/{one.end or ''}"] if one.start or one.end else []
    words = " ".join(one.words.replace("|", "/").split())
    return " ".join(parts) + (f" : {words}" if words else "")


def figures_of_text(text: str) -> tuple[ActivityFigure, ...] | None:
    """Figures that an export wrote; ``None`` where one of them cannot be read.

    Examples
    --------
    >>> (one,) = figures_of_text("reached 30 idp f : Filles PDI")
    >>> one.codes.status, one.codes.sex, one.words
    ('idp', 'f', 'Filles PDI')
    """
    found = [_FIGURE.fullmatch(one.strip()) for one in text.split(BETWEEN.strip())]
    figures = [_figure_of_match(one) for one in found if one]
    read = tuple(one for one in figures if one)
    return read if len(read) == len(found) else None


def _figure_of_match(found: re.Match[str]) -> ActivityFigure | None:
    named = set(found["codes"].split())
    parts = {
        part: next((code for code in codes if code in named), None)
        for part, codes in GROUP_PARTS.items()
    }
    indicator = next((one for one in activity_indicators() if one in named), BENEFICIARIES)
    flags = [flag for flag, word in _CUMULATIVE_WORDS.items() if word in named]
    known = {*parts.values(), indicator, _PART_WORD, *(_CUMULATIVE_WORDS[flag] for flag in flags)}
    if found["measure"] not in FIGURE_MEASURES or named - known or len(flags) > 1:
        return None
    try:
        start, end = (
            date.fromisoformat(day) if day else None for day in found.group("start", "end")
        )
        value = float(found["value"])
    except ValueError:
        return None
    codes = GroupCodes(**parts, is_part=_PART_WORD in named)
    return ActivityFigure(
        *(found["measure"], found["words"] or "", value, start, end, codes, indicator),
        is_cumulative=flags[0] if flags else None,
    )


def without_part_words(words: str) -> str:
    """Words of a group without those that say that it is a part.

    Examples
    --------
    >>> without_part_words("dont PDI")
    'PDI'
    """
    return re.sub(_GROUP_WORDS["part"], "", words, flags=re.IGNORECASE).strip()


def group_in(heading: str) -> tuple[str, str]:
    """The words of a folded heading that name a group of people, and the others.

    Examples
    --------
    >>> group_in("eha pdi"), group_in("eha")
    (('pdi', 'eha'), ('', 'eha'))
    """
    patterns = "|".join(_GROUP_WORDS["breakdowns"].values())
    found = [match[0] for match in re.finditer(patterns, heading)]
    rest = " ".join(re.sub(patterns, " ", heading).split())
    return " ".join(found), rest


def group_columns() -> Mapping[str, str]:
    """Headings of a column that names the group of its row → the field ``group``."""
    return dict.fromkeys(_GROUP_WORDS["headings"], "group")
