"""The labelled set for duplicates: real records, some told twice, and what only looks alike.

Real are the records of the bulletin, the work plan, the state plan and the ROWCA table. The
5W table is a list of presences, which are never compared: a sample of its organisations and
cercles is given titles of the ROWCA table, and these rows are called *composed*.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl

from atlas.geo.frames import shipped_frames
from atlas.ingest.files.readers import read_document
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.reading import Document, Money, Reading, Record
from atlas.ingest.sources import Options
from atlas.ingest.sources.registry import recognised_source
from atlas.layers.pairing.entries import teller_expr
from atlas.model import Kind, Reader, Source, Tables
from benchmarks.retold import HELD_OUT, TUNING, Change, Told, place_text, retold

SHARED = Path(os.environ.get("ATLAS_SHARED", Path(__file__).parents[2] / "shared"))
AGAIN = 0.5
"""Share of the records that are told a second time."""
BESIDE = 0.3
"""Share of the records that something alike stands beside."""
COMPOSED = 200
SENDERS = 3
HALVES: Mapping[str, Mapping[str, tuple[Change, ...]]] = {"tuning": TUNING, "held out": HELD_OUT}
SEEDS = {"tuning": 1, "held out": 2}


@dataclass(frozen=True)
class Labelled:
    """Tables with the truth about them.

    Attributes
    ----------
    truth
        ``one, two, changes``: activity ids of an activity and its second telling.
    entity
        Activity id → the thing it is; lines that nothing tells apart are one.
    real, composed, beside
        How many records are from the documents, composed, and made to look alike.
    """

    tables: Tables
    truth: pl.DataFrame
    entity: Mapping[str, str]
    beside: Mapping[str, str]
    real: int
    composed: int


@dataclass(frozen=True)
class _Base:
    told: Told
    frame: str
    activity_id: str


def labelled(half: str, seed: int | None = None, shared: Path = SHARED) -> Labelled:
    """The set for one half of the kinds of change, always the same for a seed."""
    dice = random.Random(SEEDS[half] if seed is None else seed)
    real, tables = _real(shared)
    composed, more = _composed(shared)
    bases = [*real, *composed]
    again, changes, originals = [], [], []
    for base in dice.sample(bases, round(AGAIN * len(bases))):
        told, made = retold(base.told, HALVES[half], dice)
        if made:
            again.append((told, base.frame))
            changes.append(made)
            originals.append(base.activity_id)
    coarse = {one for one, made in zip(originals, changes, strict=True) if "place_above" in made}
    apart = [b for b in bases if b.told.record.amounts or b.activity_id not in coarse]
    known = {_looks(base.told) for base in bases}
    near = [
        one
        for base in dice.sample(apart, round(BESIDE * len(bases)))
        for one in _beside(base, half, dice)
        if _looks(one[0]) not in known
    ]
    second, ids = list_tables("retold", again, dice)
    third, near_ids = list_tables("beside", [(told, frame) for told, frame, _why in near], dice)
    originals.append(known_doubles(tables)[0])
    ids.append(known_doubles(tables)[1])
    changes.append(("real",))
    truth = pl.DataFrame(
        {"one": originals, "two": ids, "changes": [list(c) for c in changes]},
        schema={"one": pl.String, "two": pl.String, "changes": pl.List(pl.String)},
    )
    entity = {base.activity_id: _looks(base.told) for base in bases}
    entity |= dict.fromkeys(known_doubles(tables), "Ber")
    entity |= {two: entity[one] for one, two in zip(originals, ids, strict=True)}
    return Labelled(
        Tables.concat([*tables, more, *second, *third]),
        truth,
        entity,
        dict(zip(near_ids, (why for _told, _frame, why in near), strict=True)),
        len(real),
        len(composed),
    )


def in_one_list(labels: Labelled) -> Labelled:
    """The same set as one list of many senders; the doubles, those that two bodies tell."""
    rows = labels.tables.activities.with_columns(
        pl.lit("one").alias("document"), pl.lit(str(Source.NGO)).alias("source")
    )
    who = dict(rows.select("activity_id", teller_expr()).iter_rows())
    apart = [who[one] != who[two] for one, two in labels.truth.select("one", "two").iter_rows()]
    return replace(
        labels,
        tables=replace(labels.tables, activities=rows),
        truth=labels.truth.filter(pl.Series(apart)),
    )


def known_doubles(tables: Sequence[Tables]) -> list[str]:
    """The project of Ber, which the bulletin itself tells under two funds."""
    every = pl.concat(one.activities for one in tables)
    told = pl.col("title").str.contains("110 femmes")
    return every.filter(told)["activity_id"].to_list()


def _looks(told: Told) -> str:
    one = told.record
    return repr((one.title.casefold(), told.units, one.lead, one.implementers, one.start, one.end,
                 sorted((str(a.value), a.currency) for a in one.amounts), one.target))  # fmt: skip


@cache
def _real(shared: Path) -> tuple[list[_Base], list[Tables]]:
    files = [*sorted((shared / "seeds").glob("*.txt")), shared / "data" / "rowca-3w-hxl.csv"]
    bases, tables = [], []
    for path in files:
        reading, document = _read(path)
        tables.append(normalise_reading(reading, document))
        bases += _bases(reading, tables[-1])
    return bases, tables


def _read(path: Path) -> tuple[Reading, Document]:
    """The records of a file as it states them."""
    document = read_document(path)
    source, _sure = recognised_source(document)
    return source.read(document, Options()), document


def _bases(reading: Reading, tables: Tables) -> list[_Base]:
    kinds = tables.activities.filter(pl.col("kind").is_in(["activity", "plan"]))
    rows = {row["locator"]: row for row in kinds.to_dicts()}
    held = tables.placements.group_by("activity_id").agg(pl.col("unit_id"))
    units = dict(held.iter_rows())
    frame = str(tables.documents["frame"][0])
    found = []
    for record in reading.records:
        row = rows.get(record.locator)
        if row is None:
            continue
        known = tuple(u for u in units.get(row["activity_id"], []) if u in shipped_frames())
        day = record.start or record.as_of or reading.as_of or date(2017, 6, 30)
        bare = record._replace(key="", folded=(), title=record.title or row["title"])
        found.append(_Base(Told(bare, known, row["sector"], day), frame, row["activity_id"]))
    return found


@cache
def _composed(shared: Path) -> tuple[list[_Base], Tables]:
    """Organisations and cercles of the 5W table, each with a title of the ROWCA table."""
    dice = random.Random(5)
    real, _tables = _real(shared)
    told, _document_of = _read(shared / "data" / "whowhatwhere_5w_mli_mar2022.xlsx")
    presence = [r for r in told.records if r.places and (r.lead or r.implementers)]
    titles = {b.told.record.title: b for b in real if b.told.record.source == Source.NGO}
    models = [titles[t] for t in sorted(titles)]
    records = []
    for number, one in enumerate(dice.sample(presence, COMPOSED)):
        model = dice.choice(models).told.record
        records.append(
            Record(
                f"C{number}", Kind.ACTIVITY, Source.NGO, model.title,
                sector_raw=model.sector_raw, lead=one.lead or one.implementers[0],
                places=one.places,
            )
        )  # fmt: skip
    reading = told._replace(
        records=tuple(records),
        outcomes=(),
        findings=(),
        title="composed",
        control_totals=(),
        context=(),
    )
    tables = normalise_reading(reading, _document("composed"))
    return _bases(reading, tables), tables


def _document(name: str) -> Document:
    return Document(name, f"{name}.csv", name, "csv", None, ())


def list_tables(
    name: str, told: Sequence[tuple[Told, str]], dice: random.Random, senders: int = SENDERS
) -> tuple[list[Tables], list[str]]:
    """The records in the lists of a few senders, one découpage each; ids in their order."""
    lists: dict[tuple[str, int], list[tuple[int, Told]]] = {}
    for number, (one, frame) in enumerate(told):
        own = one.units[0].split("/")[0] if one.units else frame
        lists.setdefault((own, dice.randrange(senders)), []).append((number, one))
    tables, ids = [], [""] * len(told)
    for (frame, sender), some in sorted(lists.items()):
        title = f"{name}-{frame}-{sender}"
        reading = Reading(
            Reader.NGO, title, date(2024, 12, 31), frame,
            records=tuple(_record(one, number, title) for number, one in some),
        )  # fmt: skip
        made = normalise_reading(reading, _document(title))
        tables.append(made)
        for locator, activity_id in made.activities.select("locator", "activity_id").iter_rows():
            ids[int(locator[1:])] = activity_id
    return tables, ids


def _record(told: Told, number: int, sender: str) -> Record:
    one = told.record
    places = one.places
    if told.units and not one.inherited:
        places = tuple(place_text(u, shipped_frames()) for u in told.units)
    return one._replace(
        locator=f"R{number}",
        key=f"{sender}-{number}",
        source=Source.NGO,
        places=places,
        as_of=told.day,
    )


# what only looks alike


def _beside(base: _Base, half: str, dice: random.Random) -> Iterator[tuple[Told, str, str]]:
    """One record that looks like another and is not it; the kinds are halved like the changes."""
    kinds = {
        "tuning": (neighbour, next_year),
        "held out": (next_phase, lots, another_body),
    }[half]
    for kind in dice.sample(kinds, len(kinds)):
        made = kind(base.told, dice)
        if made:
            for one in made:
                yield one, base.frame, kind.__name__
            return


def _scaled(told: Told, dice: random.Random) -> tuple[Money, ...]:
    share = dice.choice((0.6, 0.75, 0.85, 1.2, 1.5))
    return tuple(
        m._replace(value=round(m.value * int(share * 100) / 100, 0)) for m in told.record.amounts
    )


def neighbour(told: Told, dice: random.Random) -> list[Told]:
    """The same programme in the next commune, cercle or région, for another sum."""
    units = shipped_frames()
    if len(told.units) != 1:
        return []
    here = units.unit_by_id(told.units[0])
    parent = here.parent
    level = (
        units.children(parent)
        if parent
        else units.units_at_level(here.frame, here.level)["unit_id"]
    )
    beside = [unit for unit in level if unit != here.unit_id]
    if not beside:
        return []
    there = dice.choice(beside)
    title = told.record.title.replace(here.name, units.unit_by_id(there).name)
    record = told.record._replace(title=title, amounts=_scaled(told, dice))
    return [replace(told, record=record, units=(there,))]


def next_year(told: Told, dice: random.Random) -> list[Told]:
    """The same work a year later."""
    one = told.record
    if not one.start or not one.end:
        return []
    years = timedelta(days=365 * ((one.end - one.start).days // 365 + 1))
    later = one._replace(start=one.start + years, end=one.end + years, amounts=_scaled(told, dice))
    return [replace(told, record=later)]


def next_phase(told: Told, dice: random.Random) -> list[Told]:
    """The second phase, named so, when the first is over."""
    for later in next_year(told, dice):
        record = later.record._replace(title=f"{told.record.title} (phase 2)")
        return [replace(later, record=record)]
    return []


def lots(told: Told, dice: random.Random) -> list[Told]:
    """Two lots of one tender, each with its own sum."""
    if not told.record.amounts:
        return []
    return [
        replace(
            told,
            record=told.record._replace(
                title=f"{told.record.title}, lot {number}",
                amounts=_scaled(told, dice),
            ),
        )
        for number in (1, 2)
    ]


def another_body(told: Told, dice: random.Random) -> list[Told]:
    """The same kind of work on the same ground by another organisation."""
    one = told.record
    if not (one.lead or one.implementers):
        return []
    name = f"Association synthétique {dice.choice('ABCDEFGH')}{dice.randrange(9)}"
    return [
        replace(
            told,
            record=one._replace(
                lead=name, implementers=(), donors=(), amounts=_scaled(told, dice), target=None
            ),
        )
    ]
