"""Contact details in free text are dropped before anything is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from operator import attrgetter
from typing import Any

from atlas.fields import STATED
from atlas.i18n import N_
from atlas.ingest.reading import ContextFact, Finding, PlaceText, Record, SettledActivity

_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:t[ée]l(?:[ée]phone)?|phone|mobile|whatsapp|cel|gsm)\b[ .:]*|(?=\+|00223))"
    r"(?:\+|00)?\d(?:[ .-]?\d){7,13}(?!\d)"
    r"|(?<![\d.,])(?<!\d[ .-])[2-9]\d([ .-])\d\d\1\d\d\1\d\d(?![\d.,]|[ .-]\d)",
    re.IGNORECASE,
)
"""Addresses; telephone numbers after their word, with a country's code, or in pairs of figures
as Malian ones are written (no amount is grouped so)."""
_WORD = (
    r"(?i:\b(?:points? foca(?:l|ux)|focal points?|personnes?[ -](?:de[ ])?(?:ressources?|contacts?)"
    r"|contacts?|contacter|responsables?|coordinat(?:eur|rice)s?|chefs? de projet|appeler|joindre"
    r"|s['’]adresser à|call|t[ée]l(?:[ée]phone)?|whatsapp)\b)"
)
"""Words beside which a person is named."""
_ONE = r"[A-ZÀ-Ý](?:[\w'’-]+|\.)"
_NAME = rf"{_ONE}(?:[ ]+(?:(?:ag|ould|dit|el|al|walet)[ ]+)?{_ONE}){{0,2}}"
_WITHIN = r"(?:[^\d.;\n]|(?<=[ ][A-ZÀ-Ý])\.)"
"""A sign of one sentence: a point only after an initial."""
_TITLE = r"\b(?:M\.|MM?\b|Mr\.?|Mme\.?|Mlle\.?|Dr\.?|Pr\.?|Monsieur|Madame)[ ]+"
_PERSON = re.compile(
    rf"{_TITLE}{_NAME}"
    rf"|({_WORD}\.?[ ]*[:=,(–-]?[ ]*(?:(?:est|is)[ ]+)?){_NAME}(?=[^.;\n]{{0,60}}\[…\])"
    rf"|{_ONE}[ ]+{_NAME}(?=[ ]*[,(–-]+[ ]*{_WORD}[^.;\n]{{0,30}}\[…\])"
)
"""Names beside an address or a number: after a title, or beside a word such as "contact"."""
_NUMBER = re.compile(
    rf"({_WORD}{_WITHIN}{{0,60}})(?<!\d)[5-9]\d(?:[ .-]?\d){{6}}(?<!00)"
    r"(?:[ ]*[/,][ ]*[5-9]\d(?:[ .-]?\d){6})*(?![\d%]|[ ]*(?:F?CFA|XOF|USD|EUR|[$€]))"
)
"""Numbers of eight figures, however they are grouped, after a word such as "contact"."""
_EIGHT_FIGURES = re.compile(r"\d(?:[ .-]?\d){7}")
"""What every telephone number of `_CONTACT` holds; looked for first, at a tenth of the time."""
_PHONE_CELL = re.compile(
    r"(?:\(?(?:\+|00)?223\)?[ .-]?)?(?:[2-9]\d([ .-])\d\d\1\d\d\1\d\d|[5-9]\d{7}(?<!00))(?:\.0)?"
)
"""A cell that is a telephone number of eight figures; run together, only what no amount or date
would be: one ends in 00, the other begins with the century."""
_TEXTS = (
    *("title", "description", "result", "remarks", "sector_raw", "org_type", "status_raw"),
    *("lead", "key"),
)
_LISTS = ("donors", "implementers")
_FIELDS = (*_TEXTS, *_LISTS, "places", "settled")
_PLACES = ("text", "region", "cercle", "commune", "locality")
_said_in, _texts_of = attrgetter(*_FIELDS), attrgetter(*_TEXTS)
_words_of = attrgetter(*_PLACES)
HIDDEN = "[…]"
_CALLED = {
    **{one.name: one.label for one in STATED},
    "title": N_("titre"),
    "result": N_("résultat"),
    "remarks": N_("remarques"),
    "sector_raw": N_("secteur"),
    "org_type": N_("type d'organisation"),
    "status_raw": N_("statut"),
    "modality": N_("modalité"),
    "lead": N_("chef de file"),
    "key": N_("code"),
    "donors": N_("bailleurs"),
    "implementers": N_("partenaires"),
    "places": N_("lieu"),
    "settled": N_("partenaires"),
    "text": N_("remarques"),
}


def holds_contact(text: str) -> bool:
    """Whether a cell holds an address or a telephone number, or is one.

    Examples
    --------
    >>> holds_contact("a.b@ong.org"), holds_contact("76123456"), holds_contact("12 500 000")
    (True, True, False)
    """
    told = _may_hold_contact(text) and (_CONTACT.search(text) or _NUMBER.search(text))
    return bool(told) or _PHONE_CELL.fullmatch(text.strip()) is not None


def without_contacts(text: str) -> str:
    """A text whose addresses and telephone numbers are hidden.

    Examples
    --------
    >>> without_contacts("Voir 66 00 11 22 ou x@y.org")
    'Voir […] ou […]'
    >>> without_contacts("appeler Mme Awa Cissé au 66 00 11 22")
    'appeler […] au […]'
    >>> without_contacts("Point focal : Awa Traoré 66 22 33 44")
    'Point focal : […] […]'
    """
    if not _may_hold_contact(text):
        return text
    hidden = _NUMBER.sub(rf"\1{HIDDEN}", _CONTACT.sub(HIDDEN, text))
    return hidden if hidden == text else _PERSON.sub(rf"\1{HIDDEN}", hidden)


def _may_hold_contact(text: str) -> bool:
    return "@" in text or _EIGHT_FIGURES.search(text) is not None


def without_personal_data(record: Record) -> tuple[Record, tuple[Finding, ...]]:
    """A record whose texts hold no e-mail address and no telephone number.

    Examples
    --------
    >>> from atlas.model import Kind, Source
    >>> told = Record("L2", Kind.ACTIVITY, Source.NGO, "Forage", remarks="voir a.b@ong.org")
    >>> record, findings = without_personal_data(told)
    >>> record.remarks, [f.code for f in findings]
    ('voir […]', ['contact_hidden'])
    """
    if not _may_hold_contact("\n".join(_all_words(record))):
        return record, ()
    stated = dict(record.stated)
    changed = _cleaned_values((*_FIELDS, *stated), (*_said_in(record), *stated.values()))
    if not changed:
        return record, ()
    findings = tuple(
        Finding("contact_hidden", record.locator, name, {"reason": _CALLED.get(name, name)})
        for name in changed
    )
    kept = tuple((name, changed.pop(name, text)) for name, text in stated.items())
    return record._replace(**changed, stated=kept), findings


def fact_without_contacts(fact: ContextFact) -> tuple[ContextFact, tuple[Finding, ...]]:
    """A fact of the context whose texts hold no e-mail address and no telephone number."""
    told = {"text": fact.text, "source": fact.source}
    changed = _cleaned_values(tuple(told), tuple(value or "" for value in told.values()))
    findings = tuple(
        Finding("contact_hidden", fact.locator, name, {"reason": _CALLED.get(name, name)})
        for name in changed
    )
    return (replace(fact, **changed), findings) if changed else (fact, ())


def _all_words(record: Record) -> list[str]:
    """Every word of a record that `_cleaned_values` looks at."""
    words = [*_texts_of(record), *record.donors, *record.implementers]
    words += [text for _name, text in record.stated]
    for place in record.places:
        words += _words_of(place)
    if record.settled:
        words += record.settled.organisations_raw
    return words


def _cleaned_values(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    """Of named values, those that hold something to hide, without it."""
    cleaned = (
        (name, value, _cleaned_value(value)) for name, value in zip(names, values, strict=True)
    )
    return {name: clean for name, value, clean in cleaned if clean is not value and clean != value}


def _cleaned_value(value: Any) -> Any:
    """A value without contacts: itself where it holds none."""
    if isinstance(value, str):
        return without_contacts(value)
    if isinstance(value, PlaceText):
        changed = _cleaned_values(_PLACES, _words_of(value))
        return value._replace(**changed) if changed else value
    if value is None:
        return None
    if isinstance(value, SettledActivity):
        names = _cleaned_value(value.organisations_raw)
        return (
            value if names is value.organisations_raw else value._replace(organisations_raw=names)
        )
    clean = tuple(one for one in map(_cleaned_value, value) if one != HIDDEN)
    return value if clean == value else clean
