"""What the office says of a programme in the page, as a document of its own."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

import polars as pl

from atlas.errors import ChangedError, UsageError
from atlas.i18n import N_, _
from atlas.ingest.parsing.dates import parse_date
from atlas.layers.perimeter import COMPONENTS, ENTERED, PERIMETER, Programme
from atlas.model import Outcome, Reader, Tables
from atlas.store import Snapshot, Store
from atlas.vocab import by_id, entries
from atlas.vocab.programmes import programme_id

NOTE = N_("programme saisi dans la page")
"""Note of a snapshot in which the office said what a programme is."""
_NONE = "aucune"


def publish(store: Store, plan: Programme, as_of: date, *, seen: str | None = None) -> Snapshot:
    """Publish a programme as the office says it is, in place of what it said before.

    Parameters
    ----------
    as_of
        The day from which this holds, as the person says: never the day of the click.
    seen
        What the person saw of it (`version_of`); ``None``: whatever stands gives way.

    Raises
    ------
    UsageError
        Nothing is published yet, or the perimeter names no unit.
    ChangedError
        Somebody else said something of this programme since the person saw it.
    StoreError
        The store cannot be written; what was published stands.
    """
    if not plan.units:
        raise UsageError(_("Périmètre vide"), "", _("Choisissez au moins une zone."))
    with store.alone():
        now = store.current()
        if now is None:
            raise UsageError(
                _("Rien n'est publié"), "", _("Importez d'abord une liste d'activités.")
            )
        if seen is not None and seen != version_of(now.tables, plan.id):
            raise ChangedError(
                _("Programme non publié"),
                _("quelqu'un d'autre l'a publié depuis que cette page l'a montré"),
                _("Votre essai est gardé : affichez les nouvelles données, puis publiez."),
            )
        said = entry(plan, as_of, is_sample=now.tables.is_sample)
        return store.add([said], _(NOTE), without=_earlier(now.tables, plan.id))


def version_of(tables: Tables, programme: str) -> str:
    """A mark of all that is said of a programme: it changes when any of it does."""
    said = tables.context.filter(pl.col("kind").is_in([PERIMETER, COMPONENTS]))
    own = [
        row for row in said.rows(named=True) if programme_id(row["indicator"] or "") == programme
    ]
    lines = sorted(json.dumps(row, default=str, sort_keys=True) for row in own)
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def day_of(written: str) -> date:
    """The day that a person wrote: 30/06/2017 or 2017-06-30.

    Raises
    ------
    UsageError
        It is no day.
    """
    found = parse_date(written.strip(), "date").value if written.strip() else None
    if found is None:
        raise UsageError(
            _("Date « {date} » illisible", date=written), "", _("Écrivez-la ainsi : 30/06/2017.")
        )
    return found


def entry(plan: Programme, as_of: date, *, is_sample: bool = False) -> Tables:
    """Tables of one document: a fact for each unit and its components, one for each sector.

    The same words make the same document, whoever says them and whenever.

    Parameters
    ----------
    is_sample
        Whether it goes with the embedded examples.
    """
    said = [*_perimeter(plan), *_components(plan)]
    content = json.dumps([plan.id, as_of.isoformat(), said], ensure_ascii=False, sort_keys=True)
    document = sha256(content.encode()).hexdigest()[:12]
    name = by_id("programmes").get(plan.id, {}).get("fr", plan.id)
    common = {"document": document, "indicator": name, "source": ENTERED, "as_of": as_of}
    return Tables.of(
        documents=[
            {
                "document": document,
                "file": f"saisie-{plan.id}",
                "reader": str(Reader.ENTRY),
                "title": name,
                "as_of": as_of,
                "rows_read": len(said),
                "origin": ENTERED,
                "is_sample": is_sample,
            }
        ],
        rows=[
            {"document": document, "locator": str(n), "outcome": str(Outcome.CONTEXT)}
            for n in range(1, len(said) + 1)
        ],
        context=[{**common, **fact} for fact in said],
    )


def _perimeter(plan: Programme) -> list[dict[str, str | None]]:
    return [
        {"kind": PERIMETER, "unit_id": unit, "text": _french(one) if one else None}
        for unit in sorted(plan.units)
        for one in (sorted(plan.meant[unit]) if unit in plan.meant else [None])
    ]


def _components(plan: Programme) -> list[dict[str, str | None]]:
    named = [
        {"kind": COMPONENTS, "sector": None, "text": _french(one)} for one in sorted(plan.results)
    ]
    mapped: list[dict[str, str | None]] = [
        {"kind": COMPONENTS, "sector": sector, "text": _french(plan.sectors.get(sector))}
        for sector in entries("sectors")["id"]
    ]
    return [*named, *mapped]


def _french(component: str | None) -> str:
    if component is None:
        return _NONE
    return by_id("programme_components").get(component, {}).get("fr", component)


def _earlier(tables: Tables, programme: str) -> list[str]:
    """Documents in which the office has spoken of this programme before."""
    told = tables.context.filter(pl.col("source") == ENTERED).select("document", "indicator")
    return sorted({doc for doc, name in told.iter_rows() if programme_id(name or "") == programme})
