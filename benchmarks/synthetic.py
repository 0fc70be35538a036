"""Synthetic activities over the real communes, as many as a benchmark asks for."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl

from atlas.geo.frames import frames
from atlas.model import SCHEMAS, Source, Tables, check, empty, frame_of

SOURCES = [str(source) for source in Source if source is not Source.STATE_PLAN]
SECTORS = [
    "health",
    "education",
    "wash",
    "food-security",
    "protection",
    "local-economy",
    "governance",
]
ORGANISATIONS = [f"org-{number}" for number in range(400)]
TYPES = ["un", "international-ngo", "national-ngo", "government"]
AS_OF = date(2022, 3, 31)


def tables(rows: int, seed: int = 1) -> Tables:
    """The tables of ``rows`` synthetic activities, one commune and one amount each."""
    dice = random.Random(seed)
    communes = frames().at("ml-2016", "commune")["unit_id"].to_list()
    ids = [f"{number:016x}" for number in range(rows)]

    def pick(values: list[str]) -> list[str]:
        return dice.choices(values, k=rows)

    organisations = pick(ORGANISATIONS)
    starts = [date(2020, 1, 1) + timedelta(days=dice.randrange(800)) for _row in range(rows)]
    document = {
        "document": "synthetic", "file": "synthetic", "reader": "ngo", "title": "synthetic",
        "as_of": AS_OF, "frame": "ml-2016", "rows_read": 0, "is_sample": False,
    }  # fmt: skip
    activities = _fill(
        "activities",
        rows,
        activity_id=ids,
        kind="activity",
        source=pick(SOURCES),
        document="synthetic",
        locator=[f"L{number}" for number in range(rows)],
        as_of=AS_OF,
        title=[f"activity {number}" for number in range(rows)],
        sector=pick(SECTORS),
        donors=[[org] for org in pick(ORGANISATIONS)],
        lead_org=organisations,
        implementers=[[org] for org in pick(ORGANISATIONS)],
        organisations_raw=[[org] for org in organisations],
        org_type=pick(TYPES),
        status="ongoing",
        start=starts,
        end=[start + timedelta(days=200) for start in starts],
    )
    minor = [dice.randrange(100_000, 10_000_000) for _row in range(rows)]
    amounts = _fill(
        "amounts", rows, activity_id=ids, kind="budget", minor=minor, currency="USD",
        usd_minor=minor, rate=1.0, rate_date=AS_OF,
    )  # fmt: skip
    placements = _fill(
        "placements", rows, activity_id=ids, unit_id=pick(communes), weight=1, rule="reported",
        how="exact", score=1.0,
    )  # fmt: skip
    others = {name: empty(name) for name in ("rows", "findings", "control_totals", "context")}
    made = Tables(
        documents=frame_of("documents", [document]),
        activities=activities,
        amounts=amounts,
        placements=placements,
        **others,
    )
    check(made)
    return made


def _fill(table: str, rows: int, **columns: object) -> pl.DataFrame:
    """Frame of a table from columns; a scalar repeats, an absent column is null."""
    schema = dict(SCHEMAS[table])
    return pl.DataFrame(
        {
            name: values if isinstance(values := columns.get(name), list) else [values] * rows
            for name in schema
        },
        schema=schema,
    )
