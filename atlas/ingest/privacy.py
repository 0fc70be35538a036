"""Contact details in free text are dropped before anything is kept."""

from __future__ import annotations

import re
from dataclasses import replace

from atlas.ingest.reading import Finding, Record

_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:t[ée]l(?:[ée]phone)?|phone|mobile|whatsapp|cel)\b[ .:]*|(?=\+|00223))"
    r"(?:\+|00)?\d(?:[ .-]?\d){7,13}(?!\d)",
    re.IGNORECASE,
)
_FIELDS = ("title", "description", "result", "remarks")


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
    texts = {name: str(getattr(record, name)) for name in _FIELDS}
    cleaned = {name: _CONTACT.sub("[…]", text) for name, text in texts.items()}
    changed = {name: text for name, text in cleaned.items() if text != texts[name]}
    if not changed:
        return record, ()
    findings = tuple(
        Finding("personal_data_dropped", record.locator, name, {"column": name}) for name in changed
    )
    return (
        replace(
            record,
            title=cleaned["title"],
            description=cleaned["description"],
            result=cleaned["result"],
            remarks=cleaned["remarks"],
        ),
        findings,
    )
