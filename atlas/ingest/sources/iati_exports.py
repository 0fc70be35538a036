"""What an IATI file that the atlas wrote says in attributes of its own: what it had settled.

Where what stands in the elements of IATI was changed since, that counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.ingest.money import shares_of_text
from atlas.ingest.reading import Money, PlaceText, Record, SettledActivity
from atlas.ingest.sources.exchange import amount_of_share
from atlas.model import NAME, RESERVED, Kind, Rule, Sensitivity
from atlas.shares import MAX_WEIGHTS
from atlas.vocab.codelists import entries_by_id

_BETWEEN = "|"


def settled_record(record: Record, told: object, places: Sequence[object]) -> Record | None:
    """The record with its id, sector, places and mark as they were settled.

    Parameters
    ----------
    record
        What the elements of IATI say.
    told, places
        What the activity and each of its places say in attributes, as JSON.

    Returns
    -------
    Record or None
        ``None`` where the activity is not of an export, or its attributes cannot be read.
    """
    words = _words(told)
    if words.get("kind") not in set(Kind) or not re.fullmatch(NAME, words.get("source", "")):
        return None
    sector, sectors = words.get("sector"), words.get("sectors", "").split(_BETWEEN)
    known = entries_by_id("sectors")
    if not words.get("id") or (sector and sector not in known):
        return None
    pairs = zip(record.places, map(_words, places), strict=True)
    found = [_settled_place(place, own) for place, own in pairs]
    found += map(_place_elsewhere, filter(None, words.get("elsewhere", "").split(_BETWEEN)))
    if None in found or sum(place.weight for place in found if place) > MAX_WEIGHTS:
        return None
    org_type, mark = words.get("org-type"), words.get("sensitivity", "")
    return record._replace(
        kind=Kind(words["kind"]),
        source=words["source"],
        places=tuple(place for place in found if place),
        national=False,
        settled=SettledActivity(
            words["id"],
            sector,
            org_type if org_type in entries_by_id("org_types") else None,
            mark if mark in set(Sensitivity) else "",
            tuple(dict.fromkeys(filter(None, (record.lead, *record.implementers)))),
            tuple(sorted(set(sectors) & known.keys())),
        ),
    )


def settled_amount(stated: Money, told: object) -> Money | None:
    """The amount with its days and dollars; ``None`` where it is another than was exported."""
    shares = shares_of_text(_words(told).get("amount", "")) or ()
    if len(shares) != 1:
        return None
    known = amount_of_share(shares[0])
    same = (known.kind, known.value, known.currency) == (stated.kind, stated.value, stated.currency)
    return known if same else None


def frame_of_places(records: Sequence[Record]) -> str:
    """The découpage of the settled places; "" where there is none."""
    named = {place.unit_id.partition("/")[0] for one in records for place in one.places}
    return max(named & set(FRAMES), key=FRAMES.index, default="")


def _settled_place(place: PlaceText, words: Mapping[str, str]) -> PlaceText | None:
    """A place at its unit; a point counts where it was reported, not where it is the unit's."""
    unit = words.get("unit", "")
    if unit not in shipped_frames() or not _is_weight(words.get("weight", "")):
        return None
    rule, reported = words.get("rule", ""), words.get("position") == "reported"
    return PlaceText(
        lon=place.lon if reported else None,
        lat=place.lat if reported else None,
        weight=int(words["weight"]),
        unit_id=unit,
        rule=rule if rule in set(Rule) else "",
    )


def _place_elsewhere(text: str) -> PlaceText | None:
    """A place that is no unit: the whole country, one that is not known."""
    unit, _space, rest = text.partition(" ")
    weight, _space, rule = rest.partition(" ")
    if unit not in RESERVED or not _is_weight(weight):
        return None
    return PlaceText(weight=int(weight), unit_id=unit, rule=rule if rule in set(Rule) else "")


def _is_weight(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0


def _words(told: object) -> Mapping[str, str]:
    found = json.loads(told) if isinstance(told, str) else {}
    return {str(name): str(word) for name, word in found.items()}
