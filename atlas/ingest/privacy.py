"""Contact details in free text are dropped before anything is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from atlas.ingest.reading import Finding, PlaceText, Record

_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:t[ée]l(?:[ée]phone)?|phone|mobile|whatsapp|cel|gsm)\b[ .:]*|(?=\+|00223))"
    r"(?:\+|00)?\d(?:[ .-]?\d){7,13}(?!\d)"
    r"|(?<![\d.,])(?<!\d[ .-])[2-9]\d([ .-])\d\d\1\d\d\1\d\d(?![\d.,]|[ .-]\d)",
    re.IGNORECASE,
)
"""Addresses; telephone numbers after their word, with a country's code, or in pairs of figures
as Malian ones are written (no amount is grouped so)."""
_PHONE_CELL = re.compile(
    r"(?:\(?(?:\+|00)?223\)?[ .-]?)?(?:[2-9]\d([ .-])\d\d\1\d\d\1\d\d|[5-9]\d{7}(?<!00))(?:\.0)?"
)
"""A cell that is a telephone number of eight figures; run together, only what no amount or date
would be: one ends in 00, the other begins with the century."""
_TEXTS = (
    *("title", "description", "result", "remarks", "sector_raw", "org_type", "status_raw"),
    *("modality", "lead", "key"),
)
_LISTS = ("donors", "implementers")
_PLACES = ("text", "region", "cercle", "commune", "locality")
HIDDEN = "[…]"


def holds_contact(text: str) -> bool:
    """Whether a cell holds an address or a telephone number, or is one.

    Examples
    --------
    >>> holds_contact("a.b@ong.org"), holds_contact("76123456"), holds_contact("12 500 000")
    (True, True, False)
    """
    return _CONTACT.search(text) is not None or _PHONE_CELL.fullmatch(text.strip()) is not None


def without_contacts(text: str) -> str:
    """A text whose addresses and telephone numbers are hidden.

    Examples
    --------
    >>> without_contacts("Voir 66 00 11 22 ou x@y.org")
    'Voir […] ou […]'
    """
    return _CONTACT.sub(HIDDEN, text)


def without_personal_data(record: Record) -> tuple[Record, tuple[Finding, ...]]:
    """A record whose texts hold no e-mail address and no telephone number.

    Examples
    --------
    >>> from atlas.model import Kind, Source
    >>> told = Record("L2", Kind.ACTIVITY, Source.NGO, "Forage", remarks="voir a.b@ong.org")
    >>> record, findings = without_personal_data(told)
    >>> record.remarks, [f.code for f in findings]
    ('voir […]', ['personal_data_dropped'])
    """
    values = {name: getattr(record, name) for name in (*_TEXTS, *_LISTS, "places")}
    cleaned = {name: _cleaned(value) for name, value in values.items()}
    changed = {name: value for name, value in cleaned.items() if value != values[name]}
    if not changed:
        return record, ()
    findings = tuple(
        Finding("personal_data_dropped", record.locator, name, {"column": name}) for name in changed
    )
    return replace(record, **changed), findings


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_contacts(value) if any(char in value for char in "@0123456789") else value
    if isinstance(value, PlaceText):
        words = {name: _cleaned(getattr(value, name)) for name in _PLACES}
        changed = {name: text for name, text in words.items() if text != getattr(value, name)}
        return replace(value, **changed) if changed else value
    return tuple(one for one in map(_cleaned, value) if one != HIDDEN)
