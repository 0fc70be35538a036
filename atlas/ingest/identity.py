"""What makes a record the same activity as last month's: never its amount, status or units."""

from __future__ import annotations

from atlas.ingest.folding import fold
from atlas.ingest.reading import PlaceText, Record
from atlas.model import Reader


def identity_of(reader: str, record: Record) -> tuple[str, ...]:
    """What identifies a record: its sender and key, else its words; never sum or status.

    A fund's code is its own; that of an NGO's list means nothing beyond the organisation, and
    where the list names none, nothing beyond its title: "P-01" of two NGOs are two projects.
    """
    sender = f"{reader}/{record.source}"
    if record.key:
        names = [name for name in (record.lead, *record.implementers) if name]
        owner = fold(names[0] if names else record.title) if reader == Reader.NGO else ""
        return sender, str(record.kind), record.key, owner
    places = sorted(_place_identity(text) for text in record.places)
    organisations = sorted({fold(n) for n in (record.lead, *record.implementers) if n})
    return (
        sender,
        str(record.kind),
        fold(record.title),
        "\x1e".join(places),
        "\x1e".join(organisations),
    )


def _place_identity(text: PlaceText) -> str:
    names = (text.region, text.cercle, text.commune, text.locality, text.text)
    codes = (text.region_code, text.cercle_code, text.commune_code)
    return "|".join(fold(part) for part in (*names, *codes))
