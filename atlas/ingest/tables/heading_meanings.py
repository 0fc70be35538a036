"""What a heading means: the known ones, their variants, and the unit they carry.

The known headings and HXL tags are data: ``columns.csv``, and the ``[columns]`` of a source.
Beside them three habits are understood: words that say nothing (*de l'activité*, *project*),
remarks to whoever fills the form in (*cette colonne est renseignée automatiquement*), and
counts of people by sex and age (`atlas.ingest.parsing.headcounts`). Headings over several rows
are joined.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from atlas.caches import text_cache
from atlas.fields import BENEFICIARIES, STATED
from atlas.ingest.parsing.amounts import CODES, currencies_in
from atlas.ingest.parsing.dates import month_in_heading
from atlas.ingest.parsing.folding import fold_text, words_of
from atlas.ingest.parsing.headcounts import (
    MEASURES,
    SHORT_SEXES,
    field_of_count,
    group_codes,
    people_field_of_heading,
)
from atlas.vocab.indicators import OTHER, counted_indicator

IGNORED = "ignored"
PERSONAL = "personal"
TICKED = frozenset({"quarter", "year"})
"""Fields that no heading names by itself: quarters under crosses, and the year beside them."""
COUNTED = frozenset({"target", "reached", "beneficiaries"})
"""Fields that a heading may count: "nombre de bénéficiaires", but not "nombre de communes"."""

_SILENT = words_of(
    "de du des d la le les l of the a an en au aux par pour dans in for by projet project "
    "activite activity action nom noms name svp obligatoire precis precise"
)
_VAGUE = words_of("type categorie category")
"""Words that need another beside them: "type d'activité" is known, "type de projet" is not."""
_COUNTING = words_of("nombre nbre nb number effectif total totale totaux")
_ASIDE = re.compile(
    r"[-–:,.(]?\s*\b(?:(?:cette|this) (?:colonne|column)|ne (?:pas|rien)|do not|a remplir|"
    r"(?:liste|menu) deroulant|champ obligatoire|drop-?down|select(?:ionner)?\b|choisir|"
    r"to be filled|auto(?:matique|-?filled|-?calculated)|renseigne[es]* automatiquement).*$"
)
_NUMBERED = re.compile(r"^\(?(?:\d{1,2}|[a-z])\s?[.)\-]\s*(?=[^\W\d]{2})")
_COUNTED_COLUMN = re.compile(r"(?<=[a-z]{4}) ?[1-9]$")
"""The number of one of several columns of a kind: "Secteur 1", "Secteur 2"."""
_OF_PERSONS = re.compile(
    r"\b(?:contacts?|telephones?|tel|phone|gsm|e-?mails?|mail|courriels?|whatsapp|prenoms?"
    r"|points? foca(?:l|ux)|focal points?|personnes? (?:ressource|de contact|a contacter))\b"
)
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_MONEY_END = re.compile(
    r"(?:\ben\s+)?(?<!\w)((?:milliers? (?:de )?|millions? (?:de )?)?"
    r"(?:usd|us\$|eur|euros?|f ?cfa|cfa|xof|dollars?|francs? cfa|\$|€))\s*$",
    re.IGNORECASE,
)


def _listed_headings() -> tuple[dict[str, str], dict[tuple[str, frozenset[str]], str]]:
    headings: dict[str, str] = {}
    tags: dict[tuple[str, frozenset[str]], str] = {}
    with Path(__file__).with_name("columns.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for heading in row["headings"].split(";"):
                headings.setdefault(fold_text(heading), row["field"])
            for tag in filter(None, row["hxl"].split(";")):
                tags.setdefault(_parsed_tag(tag), row["field"])
    for one in STATED:
        for heading in (one.label, *one.headings.split(";")):
            headings.setdefault(fold_text(heading), one.name)
        tags.setdefault(_parsed_tag(one.hxl), one.name)
    return headings, tags


def known_fields() -> frozenset[str]:
    """Every field a column may be mapped to."""
    return frozenset(_HEADINGS.values()) | frozenset(_TAGS.values()) | frozenset(MEASURES) | TICKED


def heading_fields() -> Mapping[str, str]:
    """Known headings, folded → field."""
    return _HEADINGS


def _parsed_tag(text: str) -> tuple[str, frozenset[str]]:
    name, *attributes = text.casefold().replace(" ", "").split("+")
    return name, frozenset(attributes)


def field_of_tag(text: str) -> str | None:
    """Field of an HXL tag: the entry whose attributes the tag all has, the most of them.

    A tag that counts one sex or age is a part of the figure, never the figure itself; one of a
    type or a status (`_OTHER_THING`) is that of a thing, never the thing itself.

    Examples
    --------
    >>> field_of_tag("#adm2+code+v_pcode"), field_of_tag("#org"), field_of_tag("#nothing")
    ('cercle_code', 'lead', None)
    >>> field_of_tag("#reached"), field_of_tag("#reached+f+children")
    ('reached', 'people_reached')
    """
    name, attributes = _parsed_tag(text)
    part = field_of_count(name, attributes)
    if part:
        return part
    fits = [
        (len(wanted), field)
        for (tag, wanted), field in _TAGS.items()
        if tag == name and attributes & _OTHER_THING <= wanted <= attributes
    ]
    return max(fits)[1] if fits else None


_OTHER_THING = frozenset({"type", "status", "funder", "funding", "donor"})
"""Attributes that make of a tag another field, where it is known at all."""


def unit_of_tag(text: str) -> str:
    """Currency among the attributes of an HXL tag; ``""`` when there is none.

    Examples
    --------
    >>> unit_of_tag("#value+usd+total"), unit_of_tag("#value+budget")
    ('USD', '')
    """
    found = sorted(one.upper() for one in _parsed_tag(text)[1] if one.upper() in CODES)
    return found[0] if found else ""


_LONGEST = 1000
"""Characters of the longest heading, its notes included; a longer cell is prose."""


def field_of_heading(heading: object, extra: Mapping[str, str]) -> tuple[str | None, str]:
    """Field of a heading, and the unit it carries in brackets or at its end.

    Examples
    --------
    >>> field_of_heading("Coût total (USD)", {}), field_of_heading("Région / Region", {})
    (('budget', 'USD'), ('region', ''))
    >>> field_of_heading("Statut de l'activité", {}), field_of_heading("Femmes", {})
    (('status', ''), ('people', ''))
    """
    text = str(heading)
    if len(text) > _LONGEST:
        return None, ""
    spellings, unit, of_part, by_habits = _heading_reading(text)
    named = (extra.get(one) or _HEADINGS.get(one) for one in spellings)
    field = of_part or next(filter(None, named), None) or by_habits
    if field == "donor" and unit and currencies_in(unit):  # "Financement (FCFA)"
        field = "budget"
    if unit == "%" and field not in (None, PERSONAL):  # a share, neither a status nor an amount
        return ("progress" if field in ("progress", "status") else IGNORED), unit
    return field, unit


_QUANTITY = re.compile(
    r"(?:nombre|nbre|nb|number|quantites?|quantity|qte|qty|volume|superficie|surface|tonnage"
    r"|kits?|litres?|tonnes?|forages?|latrines?|abris?|hectares?|doses?|coupons?|articles?)\b"
)
"""How the heading of a column of quantities begins, where it names what it counts."""


class _HeadingReading(NamedTuple):
    """Spellings of a heading that may be known, its unit, and what it means beside those."""

    spellings: tuple[str, ...]
    unit: str
    of_part: str | None
    by_habits: str | None


@text_cache(16384)  # every source reads the first rows of a file: a row of `make bench` (sniffing)
def _heading_reading(heading: str) -> _HeadingReading:
    whole = fold_text(heading)
    bare, unit = unit_of(heading.replace("_", " "))
    plain = _ASIDE.sub("", _NUMBERED.sub("", fold_text(bare))).strip(" :*.;-")
    plain = _COUNTED_COLUMN.sub("", plain)
    parts = (fold_text(part) for part in re.split("[/|]", bare))
    of_part = people_field_of_heading(whole) if fold_text(unit) in SHORT_SEXES else None
    of_part = of_part or _field_of_month(whole) or _field_of_group_below(bare)
    spellings = (whole, fold_text(bare), *parts, plain)
    return _HeadingReading(spellings, unit, of_part, _field_by_habits(whole, plain))


def _field_of_month(whole: str) -> str | None:
    """Field of a heading that counts the people of one month: "Personnes atteintes, mars"."""
    month, rest = month_in_heading(whole)
    if not month:
        return None
    return _OF_SOME.get(_HEADINGS.get(rest, "")) or people_field_of_heading(rest)


def _field_of_group_below(bare: str) -> str | None:
    """Field of a group whose heading stands below that of the people: "Bénéficiaires/Femmes"."""
    above, slash, below = (part.strip() for part in fold_text(bare).rpartition("/"))
    if not slash or people_field_of_heading(below) is None:
        return None
    return _OF_SOME.get(_HEADINGS.get(above.rpartition("/")[2].strip(), ""))


def _field_by_habits(whole: str, plain: str) -> str | None:
    """Field of a heading that is not known as it stands."""
    if counted := people_field_of_heading(whole):
        return counted
    if _QUANTITY.match(whole) and counted_indicator(whole) not in (None, BENEFICIARIES, OTHER):
        return "quantity"
    if _OF_PERSONS.search(whole):
        return PERSONAL
    words = _words_in(plain)
    field = _BY_WORDS.get(_meaningful_words(words))
    if field and words & _COUNTING and field not in COUNTED and "total" not in words:
        return None
    return field if field not in _PLACES or not words & _COUNTING else None


_OF_SOME = {"target": "people_target", "reached": "people_reached", "beneficiaries": "people"}
"""Fields of people → those of the columns that count some of them: a group, or one month."""
_PLACES = frozenset({"place", "locality", "region", "cercle", "commune", "country"})


def _unequivocal_words() -> Mapping[frozenset[str], str]:
    """Known headings by the words that say something, where these mean one field only."""
    found: dict[frozenset[str], set[str]] = {}
    for heading, field in _HEADINGS.items():
        found.setdefault(_meaningful_words(_words_in(heading)), set()).add(field)
    return {
        core: next(iter(fields))
        for core, fields in found.items()
        if len(fields) == 1 and any(len(word) > 2 for word in core - _VAGUE)
    }


def _words_in(folded: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", folded))


def _meaningful_words(words: frozenset[str]) -> frozenset[str]:
    """The words that say something, in the singular."""
    single = (word.rstrip("sx") if len(word) > 3 else word for word in words)
    return frozenset(single) - _SILENT - _COUNTING


def unit_of(heading: str) -> tuple[str, str]:
    """A heading without its unit, and the unit: in brackets, or a currency at its end."""
    found = _BRACKETS.search(heading)
    if found:
        unit = re.sub(r"^en\s+", "", found[1].strip(), flags=re.IGNORECASE)
        return _BRACKETS.sub(" ", heading), unit
    ended = _MONEY_END.search(heading)
    if ended:
        return heading[: ended.start()], ended[1]
    return heading, ""


_TIMES = {"millier": 1000, "milliers": 1000, "mille": 1000, "k": 1000, "thousands": 1000}
_TIMES |= {"x1000": 1000, "x 1000": 1000, "000": 1000, "million": 10**6, "millions": 10**6}


def times_of(unit: str) -> int:
    """What figures under a heading with this unit are multiplied by.

    Examples
    --------
    >>> times_of("milliers"), times_of("en millions de personnes"), times_of("M")
    (1000, 1000000, 1)
    """
    words = re.sub(r"^en | (?:de|d') ?\w+$", "", fold_text(unit))
    return _TIMES.get(words, 1)


_PARTS = SHORT_SEXES | words_of(
    "total nombre nb prevu prevus prevue prevues realise realises cible cibles atteint atteints "
    "montant valeur usd eur fcfa xof $ € % us$ planned reached target"
)
_UNITS = frozenset({"usd", "eur", "fcfa", "f cfa", "xof", "$", "us$", "€", "%"})


def is_part(cell: object) -> bool:
    """Whether a cell says only which part of the heading above it: "H", "Total", "USD", "mars"."""
    if not isinstance(cell, str):
        return False
    folded = fold_text(cell)
    month, others = month_in_heading(folded)
    return folded in _PARTS or folded in _UNITS or _is_group(folded) or bool(month and not others)


def _is_group(folded: str) -> bool:
    """Whether words are a group of people and nothing else: "PDI", "Filles <5"."""
    codes = group_codes(folded)
    return any(codes[:-1]) and not codes.is_part


def headings_at(
    rows: Sequence[Sequence[object]],
    best: int,
    are_headings: Callable[[Sequence[object]], bool],
) -> tuple[Sequence[object], tuple[int, int]]:
    """Headings with their first row and the first row of data.

    Merged cells may spread them over rows, "Localisation" over "Région | Cercle", "Atteints"
    over "H | F": the lower row speaks, the upper one where the lower is blank or says the same
    (a cell merged downwards), and both where the lower says only a part.
    """
    start, headings = best, rows[best]
    if best and are_headings(rows[best - 1]):
        start, headings = best - 1, _joined_headings(rows[best - 1], _row_below(rows, best - 1))
    elif best + 1 < len(rows) and are_headings(rows[best + 1]):
        headings = _joined_headings(headings, _row_below(rows, best))
        best += 1
    below = _row_below(rows, best)
    if _are_parts(below, headings):
        headings = _joined_headings(headings, below)
        best += 1
    return headings, (start, best + 1)


def _row_below(rows: Sequence[Sequence[object]], index: int) -> list[object]:
    """The row below one, blank where a cell of it only goes on: merged cells are filled down."""
    lower = rows[index + 1] if index + 1 < len(rows) else ()
    upper = _padded_row(rows[index], len(lower))
    return [None if one == above else one for above, one in zip(upper, lower, strict=False)]


def _are_parts(row: Sequence[object], headings: Sequence[object]) -> bool:
    """Whether a row says only parts of the headings above it, and is no line of totals.

    A line of totals says its word under the first heading, or says one word all along.
    """
    first = next((index for index, cell in enumerate(headings) if cell is not None), 0)
    if first < len(row) and row[first] is not None:
        return False
    parts = [fold_text(cell) if isinstance(cell, str) else "" for cell in row if cell is not None]
    different = len(set(parts)) > 1 or not _UNITS.isdisjoint(parts)
    return len(parts) > 1 and different and all(is_part(cell) for cell in row if cell is not None)


def _joined_headings(upper: Sequence[object], lower: Sequence[object]) -> list[object]:
    width = max(len(upper), len(lower))
    found: list[object] = []
    over: object = None
    for coarse, fine in zip(_padded_row(upper, width), _padded_row(lower, width), strict=True):
        over = coarse if coarse is not None else over
        if fine is None or not is_part(fine) or over is None:
            found.append(fine if fine is not None else coarse)
        else:
            found.append(f"{over} ({fine})" if fold_text(fine) in _UNITS else f"{over} {fine}")
    return found


def _padded_row(row: Sequence[object], width: int) -> list[object]:
    return [*row, *[None] * (width - len(row))]


def are_words(row: Sequence[object]) -> bool:
    """Whether a row holds three cells or more, all of them words."""
    filled = [cell for cell in row if cell is not None]
    return len(filled) > 2 and all(isinstance(cell, str) for cell in filled)


_HEADINGS, _TAGS = _listed_headings()
"""Headings, folded, and HXL tags with their attributes → field."""
_BY_WORDS = _unequivocal_words()
