"""A country where every cercle has needs, facts and reporters: what makes long tables."""

from __future__ import annotations

from datetime import date

from atlas.geo.frames import shipped_frames
from atlas.model import Level, Tables
from tests.layers.made import activity, fact, tables_of

NOW = date(2017, 6, 30)
SECTORS = ("wash", "education", "nutrition", "protection", "health", "food-security")


def crowd() -> Tables:
    """In every cercle needs of six sectors, facts of access, reporters, lists and presences."""
    units = shipped_frames().units_at_level("ml-2016", Level.CERCLE)["unit_id"].to_list()
    needs = [
        fact("needs", unit, indicator="people-in-need", sector=sector, value=900.0 + n, as_of=NOW)
        for n, unit in enumerate(units)
        for sector in SECTORS
    ]
    access = [
        fact("access", unit, indicator="hostilities", text=f"combats {n}", as_of=NOW)
        for unit in units
        for n in range(3)
    ]
    reporters = [
        fact("reporting", unit, organisation=who, frequency="monthly", due_days=10, sector=sector,
             start=date(2017, 1, 1), as_of=NOW)
        for unit in units
        for who, sector in (("pam", "health"), ("unicef", "wash"))
    ]  # fmt: skip
    inside = [fact("programme", unit, text="PSIRC", as_of=NOW) for unit in units]
    lists = [activity(f"Forage {n}", units[n % len(units)], document=f"d{n}", sector="wash",
                      lead_org=f"ong-{n}", usd=1_000) for n in range(200)]  # fmt: skip
    lists += [activity("", units[n % len(units)], document="5w", kind="presence", source="ngo",
                       lead_org=f"ong-{n}") for n in range(200)]  # fmt: skip
    return tables_of(*lists, context=(*needs, *access, *reporters, *inside))
