"""Small tables to publish: documents of a few activities each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from atlas.model import Tables, frame_of


def document(
    name: str,
    activities: Mapping[str, int | None],
    *,
    file: str = "",
    as_of: date = date(2017, 6, 30),
    sample: bool = False,
    status: str = "ongoing",
) -> Tables:
    """A document of activities ``{id: US cents, or None for an unknown amount}``."""
    return Tables(
        **{
            **dict(Tables.empty().items()),
            "documents": frame_of(
                "documents",
                [
                    {
                        "document": name,
                        "file": file or f"{name}.csv",
                        "reader": "sample" if sample else "qip",
                        "as_of": as_of,
                        "frame": "ml-2016",
                        "rows_read": len(activities),
                        "is_sample": sample,
                    }
                ],
            ),
            "activities": frame_of(
                "activities",
                [
                    {
                        "activity_id": key,
                        "kind": "activity",
                        "source": "qip",
                        "document": name,
                        "locator": f"L{number}",
                        "as_of": as_of,
                        "title": f"Projet {key}",
                        "donors": ["canada", "denmark"][: number % 3],
                        "status": status,
                    }
                    for number, key in enumerate(activities)
                ],
            ),
            "amounts": frame_of(
                "amounts",
                [
                    {
                        "activity_id": key,
                        "kind": "budget",
                        "minor": cents,
                        "currency": "USD",
                        "usd_minor": cents,
                        "rate": 1.0,
                    }
                    for key, cents in activities.items()
                    if cents is not None
                ],
            ),
            "placements": frame_of(
                "placements",
                [
                    {"activity_id": key, "unit_id": "ml-2016/ML08", "weight": 1, "rule": "reported"}
                    for key in activities
                ],
            ),
            "rows": frame_of(
                "rows",
                [
                    {
                        "document": name,
                        "locator": f"L{number}",
                        "outcome": "activity",
                        "activity_id": key,
                    }
                    for number, key in enumerate(activities)
                ],
            ),
        }
    )
