"""What the pipeline has settled → rows of ``context`` and ``placements``."""

from __future__ import annotations

from atlas.ingest.naming import Naming
from atlas.ingest.placing import Placed
from atlas.ingest.pricing import Pricing
from atlas.ingest.reading import ContextFact, Reading


def fact_row(
    fact: ContextFact,
    reading: Reading,
    document: str,
    unit_id: str | None,
    naming: Naming,
    pricing: Pricing,
) -> dict[str, object]:
    """The row of one fact.

    Parameters
    ----------
    unit_id
        Unit of its place; ``None`` when it names none.
    naming, pricing
        The vocabularies and rates of the document: what they do not know becomes a finding.
    """
    organisation = fact.organisation
    row: dict[str, object] = {
        "document": document,
        "kind": fact.kind,
        "indicator": fact.indicator,
        "unit_id": unit_id,
        "part_of_unit": fact.part_of_unit or None,
        "geometry": fact.geometry or None,
        "sector": naming.sector_named(fact.sector, fact.locator),
        "organisation": naming.organisation(organisation, fact.locator) if organisation else None,
        "value": fact.value,
        "total": fact.total,
        "text": fact.text or None,
        "scale": fact.scale or None,
        "direction": fact.direction or None,
        "source": fact.source or reading.origin or None,
        "as_of": fact.as_of or reading.as_of,
        "start": fact.start,
        "expires": fact.expires,
        "frequency": fact.frequency or None,
        "due_days": fact.due_days,
        "due": fact.due,
    }
    if fact.money:
        day = fact.money.period_end or fact.as_of or reading.as_of
        row |= pricing.in_usd(fact.money, day, fact.locator)
    return row


def placement_row(activity_id: str, one: Placed, rule: str) -> dict[str, object]:
    """The row of one place of an activity."""
    return {
        "activity_id": activity_id,
        "unit_id": one.unit_id,
        "weight": one.weight,
        "rule": str(rule),
        "raw": one.raw or None,
        "how": str(one.how) if one.how else None,
        "score": one.score,
        "lon": one.lon,
        "lat": one.lat,
    }
