"""Hypothesis strategies: synthetic Tables, valid by the contract, over the real units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as st

from atlas.fields import BENEFICIARIES
from atlas.filters import Filters
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.model import (
    AMOUNT_KINDS,
    FIGURE_MEASURES,
    GROUP_PARTS,
    SEVERAL,
    STATUSES,
    Kind,
    Level,
    Rule,
    Source,
    Tables,
    frame_of,
)
from atlas.vocab.indicators import activity_indicators

AS_OF = date(2024, 6, 30)
NAMED = ["education", "health", "protection"]
SECTORS = [*NAMED, SEVERAL, None]
ORGANISATIONS = ["pnud", "unicef", "synthetic-ngo-a", "synthetic-ngo-b"]
CURRENCIES = ["USD", "EUR", "XOF"]

days = st.dates(date(2013, 1, 1), date(2025, 12, 31))
people = st.integers(0, 100_000).map(float)
kinds = st.sampled_from([str(k) for k in Kind])
sources = st.sampled_from([str(s) for s in Source])
few_organisations = st.lists(st.sampled_from(ORGANISATIONS), max_size=2)
leads = st.none() | st.sampled_from(ORGANISATIONS)
titles = st.sampled_from(["Forage", "Centre de santé", "École", "Distribution"])
sectors = st.sampled_from(SECTORS)
statuses = st.sampled_from(STATUSES)
currencies = st.sampled_from(CURRENCIES)
amount_kinds = st.sampled_from(AMOUNT_KINDS)
minor_amounts = st.integers(-(10**6), 10**12)
dollars = st.none() | st.integers(0, 10**12)
weights = st.integers(1, 1000)
rules = st.sampled_from([str(r) for r in Rule])
named_sectors = st.sets(st.sampled_from(NAMED), min_size=2) | st.just(set())


@dataclass(frozen=True)
class SyntheticSnapshot:
    """Tables nobody published."""

    tables: Tables
    hash: str = "synthetic"


@cache
def known_units() -> st.SearchStrategy[str]:
    """A unit of any frame and level; made once, for there are 2 500."""
    return st.sampled_from(shipped_frames().units["unit_id"].to_list())


@cache
def units() -> st.SearchStrategy[str]:
    """A unit of any frame and level, or a place that is none."""
    return st.one_of(known_units(), st.sampled_from(["_national", "_unplaced"]))


@cache
def few_units() -> st.SearchStrategy[list[str]]:
    """The places of an activity."""
    return st.lists(units(), min_size=1, max_size=4, unique=True)


def questions() -> st.SearchStrategy[tuple[str, str]]:
    """A frame and a level."""
    return st.tuples(st.sampled_from(FRAMES), st.sampled_from([str(level) for level in Level]))


@st.composite
def activities(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One synthetic entry of the table of activities."""
    start = draw(st.none() | days)
    implementers = draw(few_organisations)
    return {
        "activity_id": f"a{number}",
        "kind": draw(kinds),
        "source": draw(sources),
        "document": "synthetic",
        "locator": f"L{number}",
        "as_of": AS_OF,
        "title": draw(titles),
        "sector": draw(sectors),
        "donors": draw(few_organisations),
        "lead_org": draw(leads),
        "implementers": implementers,
        "organisations_raw": [name.upper() for name in implementers],
        "status": draw(statuses),
        "start": start,
        "end": draw(st.none() | days.filter(lambda d: start is None or d >= start)),
        "target": draw(st.none() | people),
        "reached": draw(st.none() | people),
    }


@st.composite
def amounts(draw: st.DrawFn, activity_id: str) -> dict[str, Any]:
    """One synthetic amount; its dollars are any figure or unknown."""
    currency = draw(currencies)
    minor = draw(minor_amounts)
    usd = minor if currency == "USD" else draw(dollars)
    return {
        "activity_id": activity_id,
        "kind": draw(amount_kinds),
        "minor": minor,
        "currency": currency,
        "usd_minor": usd,
    }


@st.composite
def placements(draw: st.DrawFn, activity_id: str) -> list[dict[str, Any]]:
    """One to four places of an activity, each with its weight."""
    places = draw(few_units())
    return [
        {
            "activity_id": activity_id,
            "unit_id": unit_id,
            "weight": draw(weights),
            "rule": draw(rules),
            "raw": "synthetic",
        }
        for unit_id in places
    ]


@st.composite
def figures(draw: st.DrawFn, activity_id: str) -> dict[str, Any]:
    """People of one synthetic group of an activity, or a quantity; not all have words or a period."""
    start = draw(st.none() | days)
    indicator = draw(st.sampled_from(activity_indicators()))
    parts = {
        part: draw(st.none() | st.sampled_from(codes)) if indicator == BENEFICIARIES else None
        for part, codes in GROUP_PARTS.items()
    }
    return {
        "activity_id": activity_id,
        "indicator": indicator,
        "is_cumulative": draw(st.sampled_from([None, True, False])),
        "measure": draw(st.sampled_from(FIGURE_MEASURES)),
        **parts,
        "is_part": draw(st.booleans()),
        "value": draw(people),
        "period_start": start,
        "period_end": start,
        "words": draw(st.none() | st.sampled_from(["Femmes", "dont PDI : filles", "18-59 ans"])),
    }


@st.composite
def tables(draw: st.DrawFn, most: int = 6) -> Tables:
    """Synthetic Tables of one document with up to ``most`` entries."""
    entries = [draw(activities(i)) for i in range(draw(st.integers(0, most)))]
    ids = [entry["activity_id"] for entry in entries]
    document = {
        "document": "synthetic",
        "file": "synthetic.csv",
        "reader": "ngo",
        "title": "Synthetic",
        "as_of": AS_OF,
        "frame": "ml-2023",
        "rows_read": len(entries),
        "origin": "synthetic",
        "is_sample": False,
    }
    parts = {
        "documents": [document],
        "activities": entries,
        "amounts": [draw(amounts(i)) for i in ids for _ in range(draw(st.integers(0, 3)))],
        "figures": [draw(figures(i)) for i in ids for _ in range(draw(st.integers(0, 2)))],
        "sectors": [
            {"activity_id": e["activity_id"], "sector": sector}
            for e in entries
            if e["sector"] == SEVERAL
            for sector in draw(named_sectors)
        ],
        "placements": [place for i in ids for place in draw(placements(i))],
        "rows": [
            {
                "document": "synthetic",
                "locator": e["locator"],
                "outcome": "activity",
                "activity_id": e["activity_id"],
            }
            for e in entries
        ],
    }
    names = Tables.empty().items()
    return Tables(**{name: frame_of(name, parts.get(name, [])) for name, _ in names})


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    """A question about synthetic Tables, from everything to very little."""
    few = {"max_size": 2}
    return Filters(
        kind=tuple(draw(st.lists(kinds, min_size=1, max_size=4, unique=True))),
        source=tuple(draw(st.lists(sources, **few))),
        sector=tuple(draw(st.lists(st.sampled_from(SECTORS[:-1]), **few))),
        organisation=tuple(draw(few_organisations)),
        donor=tuple(draw(few_organisations)),
        status=tuple(draw(st.lists(statuses, **few))),
        unit=tuple(draw(st.lists(known_units(), **few))),
        year=tuple(draw(st.lists(st.integers(2013, 2025), **few))),
        at=draw(st.none() | days),
    )
