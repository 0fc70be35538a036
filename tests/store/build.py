"""Small tables to publish: documents of a few activities each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from atlas.model import Tables


def document(
    name: str,
    activities: Mapping[str, int | None],
    *,
    file: str = "",
    as_of: date = date(2017, 6, 30),
    sample: bool = False,
    status: str = "ongoing",
    reader: str = "qip",
    organisation: str | None = None,
    ended: date | None = None,
    period_start: date | None = None,
) -> Tables:
    """A document of activities ``{id: US cents, or None for an unknown amount}``."""
    told = {"kind": "activity", "source": "qip", "document": name, "as_of": as_of}
    budget = {"kind": "budget", "currency": "USD", "rate": 1.0}
    there_is = {"document": name, "as_of": as_of, "frame": "ml-2016"}
    there = {"unit_id": "ml-2016/ML08", "weight": 1, "rule": "reported"}
    return Tables.of(
        documents=[
            there_is
            | {"file": file or f"{name}.csv", "reader": "sample" if sample else reader}
            | {"rows_read": len(activities), "is_sample": sample, "period_start": period_start}
        ],
        activities=[
            told
            | {
                "activity_id": key,
                "locator": f"L{number}",
                "title": f"Projet {key}",
                "donors": ["canada", "denmark"][: number % 3],
                "status": status,
                "lead_org": organisation,
                "end": ended,
            }
            for number, key in enumerate(activities)
        ],
        amounts=[
            budget | {"activity_id": key, "minor": cents, "usd_minor": cents}
            for key, cents in activities.items()
            if cents is not None
        ],
        placements=[there | {"activity_id": key} for key in activities],
        rows=[
            {"document": name, "locator": f"L{n}", "outcome": "activity", "activity_id": key}
            for n, key in enumerate(activities)
        ],
    )
