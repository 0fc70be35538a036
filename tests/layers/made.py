"""Small literal tables: what a test writes is all there is."""

from __future__ import annotations

from datetime import date
from typing import Any

from atlas.dataset import Dataset
from atlas.model import Tables, check, frame_of
from tests.strategies import SyntheticSnapshot

DAY = date(2017, 6, 30)


def activity(
    title: str = "Forage", unit: str | tuple[str, ...] = "_unplaced", **more: Any
) -> dict[str, Any]:
    """An activity at a unit, or at several in equal shares; ``usd`` is its budget in cents."""
    return {"title": title, "units": (unit,) if isinstance(unit, str) else unit, **more}


def fact(kind: str, unit_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of the context."""
    return {"document": "d", "kind": kind, "unit_id": unit_id, **more}


def tables_of(
    *entries: dict[str, Any], context: tuple[dict[str, Any], ...] = (), as_of: date = DAY
) -> Tables:
    """Tables of one document per value of ``document`` (default ``d``)."""
    activities, amounts, placements = [], [], []
    for number, entry in enumerate(entries):
        entry = dict(entry)
        units, usd, inherited = (
            entry.pop("units"),
            entry.pop("usd", None),
            entry.pop("inherited", False),
        )
        money = entry.pop(
            "amounts",
            [{"minor": usd, "currency": "USD", "usd_minor": usd}] if usd is not None else [],
        )
        key = entry.pop("key", f"a{number}")
        defaults = {
            "activity_id": key,
            "kind": "activity",
            "source": "qip",
            "document": "d",
            "locator": f"L{number}",
            "as_of": as_of,
            "status": "ongoing",
        }
        activities.append(defaults | entry)
        amounts += [{"activity_id": key, "kind": "budget", **m} for m in money]
        rule = "inherited" if inherited else "reported"
        placements += [{"activity_id": key, "unit_id": u, "weight": 1, "rule": rule} for u in units]
    documents = sorted({a["document"] for a in activities} | {"d"})
    parts = {
        "documents": [
            {
                "document": d,
                "file": f"{d}.csv",
                "reader": "ngo",
                "as_of": as_of,
                "rows_read": sum(a["document"] == d for a in activities),
                "is_sample": False,
            }
            for d in documents
        ],
        "activities": activities,
        "amounts": amounts,
        "placements": placements,
        "rows": [
            {
                "document": a["document"],
                "locator": a["locator"],
                "outcome": "activity",
                "activity_id": a["activity_id"],
            }
            for a in activities
        ],
        "context": list(context),
    }
    tables = Tables(
        **{name: frame_of(name, parts.get(name, [])) for name, _ in Tables.empty().items()}
    )
    check(tables)
    return tables


def dataset_of(*entries: dict[str, Any], **more: Any) -> Dataset:
    """Dataset of literal tables."""
    return Dataset(SyntheticSnapshot(tables_of(*entries, **more)))


def row(table: Any, unit_id: str) -> dict[str, Any]:
    """The one row of a unit."""
    (found,) = table.filter(table["unit_id"] == unit_id).to_dicts()
    return found
