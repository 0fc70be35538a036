"""The sample: facts of four public documents, in words of our own, as tables of data.

It is a source of its own: each of its documents says that it is an example, and the first
real document replaces them all. It goes through the same `normalise` as any file.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from atlas.corrections import CorrectionLookup
from atlas.ingest.context_tables import read_context
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
)
from atlas.model import Kind, Outcome, Reader, Source, Tables
from atlas.paths import data_root

Row = Mapping[str, str]

_FILES = ("activities.csv", "amounts.csv", "totals.csv", "context.csv")


def sample_tables(corrections: CorrectionLookup | None = None) -> Tables:
    """Tables of the sample, the same at every call with the same decisions.

    Returns
    -------
    Tables
        One document for each of the four it is made of, all with ``is_sample`` true.
    """
    folder = data_root() / "geodata" / "sample"
    about = tomllib.loads((folder / "documents.toml").read_text("utf-8"))["document"]
    tables = {name: _rows_of_file(folder / name) for name in _FILES}
    return Tables.concat(
        normalise_reading(*_sample_reading(one, tables), corrections) for one in about
    )


_MONTH_CONTEXT = {
    "besoins": "needs",
    "population": "population",
    "acces": "access",
    "securite": "security",
    "declaration": "reporting",
    "programme": "programme",
    "composantes": "components",
}
"""Files of the example month that are tables of context, each with its kind."""


def example_month_tables() -> tuple[list[Tables], list[Tables]]:
    """An invented month of coordination, with all that the tabs of the page speak of.

    Its files are read as those of any partner, and say themselves that they are an example.

    Returns
    -------
    tuple of list of Tables
        What was published the month before, and what came in this month; ``is_sample`` is true.
    """
    folder = data_root() / "geodata" / "sample" / "month"
    before = [
        read_context(kind, folder / f"exemple-{name}.csv").tables
        for name, kind in _MONTH_CONTEXT.items()
    ]
    first, *later = (
        ingest_file(folder / f"exemple-liste-{name}.csv", source="ngo").tables
        for name in ("mars", "avril", "bailleur")
    )
    return [_as_example(one) for one in (*before, first)], [_as_example(one) for one in later]


def _as_example(tables: Tables) -> Tables:
    return replace(tables, documents=tables.documents.with_columns(is_sample=pl.lit(True)))


def _rows_of_file(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sample_reading(
    about: Mapping[str, Any], tables: Mapping[str, list[dict[str, str]]]
) -> tuple[Reading, Document]:
    """One document of the sample, as a source would hand it over."""
    own = {
        name: [row for row in rows if row["document"] == about["id"]]
        for name, rows in tables.items()
    }
    records = tuple(_record_of_row(row, own["amounts.csv"]) for row in own["activities.csv"])
    context = tuple(_fact_of_row(row, about) for row in own["context.csv"])
    reading = Reading(
        reader=Reader.SAMPLE,
        title=about["title"],
        as_of=about["as_of"],
        frame=about["frame"],
        records=records,
        outcomes=tuple((f"contexte {i}", Outcome.CONTEXT) for i, _ in enumerate(context, start=1)),
        findings=tuple(_sample_findings(about, records)),
        control_totals=tuple(_total_of_row(row) for row in own["totals.csv"]),
        context=context,
        period_start=about["period_start"],
        period_end=about["period_end"],
        origin=about["origin"],
    )
    digest = sha256(repr((about, own)).encode()).hexdigest()
    return reading, Document(about["id"], "geodata/sample", digest, "csv", None, ())


def _record_of_row(row: Row, amounts: list[dict[str, str]]) -> Record:
    return Record(
        locator=row["locator"],
        kind=Kind(row["kind"]),
        source=Source(row["source"]),
        key=row["key"],
        title=row["title"],
        result=row["result"],
        sector_raw=row["sector"],
        donors=_parts_of_cell(row["donors"]),
        lead=row["lead"],
        implementers=_parts_of_cell(row["implementers"]),
        status_raw=row["status"],
        start=_day_of_cell(row["start"]),
        end=_day_of_cell(row["end"]),
        target=float(row["target"]) if row["target"] else None,
        items=int(row["items"]) if row["items"] else None,
        national=row["national"] == "1",
        inherited=row["inherited"] == "1",
        places=tuple(_places_of_row(row)),
        remarks=row["remarks"],
        amounts=tuple(_amount_of_row(one) for one in amounts if one["locator"] == row["locator"]),
        # A published figure is of no sector: its title would be taken for words of one.
        sector_text=" " if row["kind"] == Kind.AGGREGATE else "",
    )


def _places_of_row(row: Row) -> Iterator[PlaceText]:
    """Names at the level the row says, inside the région it says."""
    for name in _parts_of_cell(row["places"]):
        if row["level"] == "commune":
            yield PlaceText(commune=name, region=row["region"])
        elif row["level"] == "region":
            yield PlaceText(region=name)
        else:
            yield PlaceText(text=name, region=row["region"])


def _amount_of_row(row: Row) -> Money:
    start, end = _day_of_cell(row["period_start"]), _day_of_cell(row["period_end"])
    return Money(Decimal(row["value"]), row["currency"], row["kind"], start, end)


def _total_of_row(row: Row) -> ControlTotal:
    place = PlaceText(text=row["place"]) if row["place"] else None
    published, read = (_decimal_of_cell(row[name]) for name in ("published", "read"))
    return ControlTotal(row["name"], published, read, place, row["period"], row["currency"])


def _fact_of_row(row: Row, about: Mapping[str, Any]) -> ContextFact:
    place = PlaceText(region=row["region"], cercle=row["cercle"], commune=row["commune"])
    return ContextFact(
        kind=row["kind"],
        indicator=row["indicator"],
        place=None if place == PlaceText() else place,
        value=float(row["value"]) if row["value"] else None,
        total=float(row["total"]) if row["total"] else None,
        text=row["text"],
        scale=row["scale"],
        source=about["origin"],
        as_of=_day_of_cell(row["as_of"]),
        expires=_day_of_cell(row["expires"]),
    )


def _sample_findings(about: Mapping[str, Any], records: tuple[Record, ...]) -> Iterator[Finding]:
    """Those the documents gave, and the general ones that follow from the records."""
    for one in about.get("finding", ()):
        yield Finding(
            one["code"], one.get("locator", ""), one.get("field", ""), one.get("params", {})
        )
    for record in records:
        if record.kind != Kind.ACTIVITY:
            continue
        if about.get("bulletin"):
            yield Finding("from_bulletin", record.locator, "", {"title": record.title})
        if not record.amounts:
            yield Finding("amount_missing", record.locator, "amount", {"title": record.title})
        if record.inherited:
            yield Finding("place_inherited", record.locator, "place")


def _parts_of_cell(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _day_of_cell(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _decimal_of_cell(cell: str) -> Decimal | None:
    return Decimal(cell) if cell else None
