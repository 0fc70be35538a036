"""Small literal tables: what a test writes is all there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from atlas.dataset import Dataset
from atlas.model import Tables, check
from atlas.store.merge import merge_documents
from tests.strategies import SyntheticSnapshot

DAY = date(2017, 6, 30)


def activity(
    title: str = "Forage", unit: str | tuple[str, ...] = "_unplaced", **more: Any
) -> dict[str, Any]:
    """An activity at a unit, or at several in equal shares.

    ``usd`` is its budget in cents, ``figures`` its rows of that table, ``sectors`` each of those that it names where they are several,
    ``place`` more columns of its placements.
    """
    return {"title": title, "units": (unit,) if isinstance(unit, str) else unit, **more}


def fact(kind: str, unit_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of the context."""
    return {"document": "d", "kind": kind, "unit_id": unit_id, **more}


def tables_of(
    *entries: dict[str, Any], context: tuple[dict[str, Any], ...] = (), as_of: date = DAY
) -> Tables:
    """Tables of one document per value of ``document`` (default ``d``)."""
    activities, amounts, placements, sectors, figures = [], [], [], [], []
    for number, entry in enumerate(entries):
        key = entry.get("key", f"a{number}")
        told = {"activity_id": key, "kind": "activity", "source": "qip", "document": "d"}
        told |= {"locator": f"L{number}", "as_of": as_of, "status": "ongoing"}
        activities.append(told | {k: v for k, v in entry.items() if k not in NOT_COLUMNS})
        amounts += [{"activity_id": key, "kind": "budget", **m} for m in _money(entry)]
        sectors += [{"activity_id": key, "sector": one} for one in entry.get("sectors", ())]
        figures += [{"activity_id": key, **one} for one in entry.get("figures", ())]
        rule = entry.get("rule", "inherited" if entry.get("inherited") else "reported")
        placements += [
            {
                "activity_id": key,
                "unit_id": unit,
                "weight": 1,
                "rule": rule,
                **entry.get("place", {}),
            }
            for unit in entry["units"]
        ]
    tables = Tables.of(
        documents=[
            {
                "document": name,
                "file": f"{name}.csv",
                "reader": "ngo",
                "as_of": as_of,
                "rows_read": sum(a["document"] == name for a in activities),
                "is_sample": False,
            }
            for name in sorted({a["document"] for a in activities} | {"d"})
        ],
        activities=activities,
        amounts=amounts,
        placements=placements,
        sectors=sectors,
        figures=figures,
        rows=[
            {key: a[key] for key in ("document", "locator", "activity_id")}
            | {"outcome": "activity"}
            for a in activities
        ],
        context=context,
    )
    check(tables)
    return tables


NOT_COLUMNS = ("units", "usd", "inherited", "rule", "amounts", "key", "sectors", "place", "figures")


def _money(entry: dict[str, Any]) -> list[dict[str, Any]]:
    usd = entry.get("usd")
    alone = [] if usd is None else [{"minor": usd, "currency": "USD", "usd_minor": usd}]
    return entry.get("amounts", alone)


def dataset_of(*entries: dict[str, Any], **more: Any) -> Dataset:
    """Dataset of literal tables."""
    return Dataset(SyntheticSnapshot(tables_of(*entries, **more)))


def row(table: Any, unit_id: str) -> dict[str, Any]:
    """The one row of a unit."""
    (found,) = table.filter(table["unit_id"] == unit_id).to_dicts()
    return found


def document(
    name: str, day: date, *entries: dict[str, Any], context: tuple[dict[str, Any], ...] = ()
) -> Tables:
    """Tables of one document of its own name and day."""
    told = [{"document": name, "key": f"{name}-{n}"} | entry for n, entry in enumerate(entries)]
    facts = tuple({**one, "document": name} for one in context)
    made = tables_of(*told, context=facts, as_of=day)
    rows = made.documents.filter(document="d").with_columns(document=pl.lit(name))
    return replace(made, documents=rows if not entries else made.documents.filter(document=name))


def dataset_of_documents(*documents: Tables) -> Dataset:
    """Dataset of several documents, merged as a store does."""
    return Dataset(SyntheticSnapshot(merge_documents(None, list(documents))))
