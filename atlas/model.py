"""The tables of a snapshot: columns, dtypes, enums, and the check that holds them.

A snapshot is the frames of `Tables`. Everything upstream produces them, everything
downstream reads them; no other shape travels through the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from typing import Any

import polars as pl

from atlas.errors import InvariantError
from atlas.fields import TABLES, Type
from atlas.fields import Viewer as Viewer
from atlas.findings import CODES
from atlas.vocab import entries_by_id
from atlas.vocab.indicators import activity_indicators


def _dtype(of: Type) -> pl.DataType:
    return pl.List(pl.String()) if of.dtype == "List" else getattr(pl, of.dtype)()


SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    table: {one.name: _dtype(one.type) for one in columns} for table, columns in TABLES.items()
}
"""Columns and dtypes of the tables of a snapshot, as `atlas.fields` declares them."""


class Kind(StrEnum):
    """What an entry of ``activities`` is."""

    ACTIVITY = "activity"
    PRESENCE = "presence"
    PLAN = "plan"
    AGGREGATE = "aggregate"


class Source(StrEnum):
    """The programme an activity is reported under (the ``source`` filter): those of the package.

    A source that someone adds has a name of its own, see ``docs/add-a-source.md``.
    """

    QIP = "qip"
    TRUST_FUND = "trust-fund"
    PBF = "pbf"
    PNUD = "pnud"
    NGO = "ngo"
    CSA = "csa"
    STATE_PLAN = "state-plan"


class Reader(StrEnum):
    """What reads a document: the ``--source`` of ``atlas ingest``, and three of our own.

    A source that someone adds has a name of its own, as with `Source`.
    """

    BULLETIN = "bulletin"
    QIP = "qip"
    TRUST_FUND = "trust-fund"
    PBF = "pbf"
    PNUD = "pnud"
    NGO = "ngo"
    CSA = "csa"
    STATE_PLAN = "state-plan"
    STUDY = "study"
    IATI = "iati"
    EXCHANGE = "exchange"
    """An export of the atlas, read again."""
    FORM = "form"
    """A reporting form of ours, filled in: an ordinary list whose silence says nothing."""
    CONTEXT = "context"
    ENTRY = "entry"
    """What a person said in the page: there is no file to read again."""
    SAMPLE = "sample"


class Outcome(StrEnum):
    """What became of an input row."""

    ACTIVITY = "activity"
    FOLDED = "folded"
    AGGREGATE = "aggregate"
    CONTEXT = "context"
    REJECTED = "rejected"
    IGNORED = "ignored"


class Rule(StrEnum):
    """How the share of a placement is known."""

    REPORTED = "reported"
    EQUAL = "equal"
    POPULATION = "population"
    INHERITED = "inherited"


class How(StrEnum):
    """How a unit was recognised."""

    EXACT = "exact"
    ALIAS = "alias"
    FUZZY = "fuzzy"
    REVIEWED = "reviewed"
    COORDINATES = "coordinates"


class Level(StrEnum):
    """Administrative levels, coarse to fine."""

    REGION = "region"
    CERCLE = "cercle"
    COMMUNE = "commune"


class Sensitivity(StrEnum):
    """What of an activity is reserved, as marked at ingest (`atlas.ingest.normalising`)."""

    OPEN = "open"
    PROTECTION = "protection"
    COMING = "coming_distribution"


NATIONAL = "_national"
COARSER = "_coarser"
NOT_CONVERTIBLE = "_not_convertible"
UNPLACED = "_unplaced"
RESERVED = (NATIONAL, COARSER, NOT_CONVERTIBLE, UNPLACED)
"""Rows that stand beside the units so that nothing is lost, in the order they are shown."""

AGAIN = "~"
"""Between an activity's id and its number where one document tells the same key again."""

HELP_SHEET = "atlas : aide / help"
"""What a sheet of a form says in one of its first rows that is no data: nobody reads it back."""

AMOUNT_KINDS = ("budget", "committed", "spent")
FREQUENCIES = ("weekly", "monthly", "quarterly", "semestrial", "yearly")
OF_ACTIVITIES = ("amounts", "placements", "relations", "figures", "sectors")
"""Tables whose rows are each of one activity, and go with it."""
RELATIONS = ("self", "whole", "part")
NEEDS, GROUP_NEEDS = "needs", "group-needs"
"""Kinds of facts: people in need, and those of them in a group (``context.group``)."""
FIGURE_MEASURES = ("target", "reached", "unsaid")
"""What a figure of an activity is of; ``unsaid``: the document does not say which of the two."""
GROUP_PARTS: Mapping[str, tuple[str, ...]] = {
    "status": ("idp", "returnee", "refugee", "migrant", "host"),
    "sex": ("f", "m"),
    "age": ("child", "adult", "elderly"),
    "disability": ("disabled",),
}
"""What people are told apart by, and the codes of each."""
SEVERAL = "multi-sector"
"""Sector of what names several (each a row of ``sectors``), or a work across sectors."""
VERDICTS = ("same", "different", "overlap_accepted")
CANCELLED, SUSPENDED = "cancelled", "suspended"
STOPPED = (CANCELLED, SUSPENDED)
"""Statuses of what is told and counts in no figure but their own: given up, or held up."""
OVER = ("completed", CANCELLED)
"""Statuses of what is done with, one way or the other."""
STATUSES = ("planned", "ongoing", "completed", "suspended", "cancelled", "unknown")


@cache
def empty(table: str) -> pl.DataFrame:
    """An empty frame of one of the tables."""
    return pl.DataFrame(schema=dict(SCHEMAS[table]))


def frame_of(table: str, records: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Frame of a table from dictionaries; absent columns are null, unknown ones an error.

    Raises
    ------
    InvariantError
        A record has a key that is no column of the table.
    """
    schema = SCHEMAS[table]
    rows = list(records)
    if not rows:
        return empty(table)
    unknown = set[str]().union(*rows) - set(schema)
    if unknown:
        raise InvariantError(f"{table}", f"unknown columns {sorted(unknown)}")
    columns = {name: [row.get(name) for row in rows] for name in schema}
    listed = {name: columns.pop(name) for name, kind in schema.items() if kind == _TEXTS}
    plain = {name: schema[name] for name in columns}
    made = pl.DataFrame(columns, schema=plain)
    return made.with_columns(_list_column(*one) for one in listed.items()).select(*schema)


_TEXTS = pl.List(pl.String)


def _list_column(name: str, lists: Sequence[Any]) -> pl.Series:
    """A column of lists of texts, made of all their items at once: Polars makes a series of each
    list of Python, which took a twentieth of the import of a long list."""
    at = [row for row, items in enumerate(lists) for _item in items or ()]
    items = [item for items in lists for item in items or ()]
    filled = (
        pl.DataFrame({"row": at, name: items}, schema={"row": pl.UInt32, name: pl.String})
        .group_by("row", maintain_order=True)
        .agg(name)
    )
    rows = pl.DataFrame(
        {"row": range(len(lists)), "given": [items is not None for items in lists]},
        schema={"row": pl.UInt32, "given": pl.Boolean},
    ).join(filled, on="row", how="left", maintain_order="left")
    empty_list = pl.lit([], dtype=_TEXTS)
    return rows.select(
        pl.when("given").then(pl.col(name).fill_null(empty_list)).alias(name)
    ).to_series()


def digest(*parts: object) -> str:
    """Stable 16-hex-digit id of what identifies a thing.

    Examples
    --------
    >>> digest("qip", "Ber") == digest("qip", "Ber")
    True
    """
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def form_code(activity_id: str, leader: str | None) -> str:
    """The code by which a row of a reporting form is the next report of an activity.

    It goes with whoever leads the activity: in the list of another it means nothing.

    Examples
    --------
    >>> form_code("528b0c1de23f4a5b~2", "acf")
    '528b0c1de23f4a5b~2.9c20'
    """
    return f"{activity_id}.{digest(activity_id, leader)[:4]}"


def group_in_codes(codes: Sequence[str | None]) -> str:
    """A group of people as one text: its codes in the order of `GROUP_PARTS`.

    Examples
    --------
    >>> group_in_codes(("idp", "f", None, None))
    'idp f'
    """
    return " ".join(filter(None, codes))


@dataclass(frozen=True)
class Tables:
    """The tables of a snapshot, or those of one document on its way there."""

    documents: pl.DataFrame
    activities: pl.DataFrame
    amounts: pl.DataFrame
    placements: pl.DataFrame
    rows: pl.DataFrame
    findings: pl.DataFrame
    control_totals: pl.DataFrame
    context: pl.DataFrame
    organisations: pl.DataFrame = field(default_factory=lambda: empty("organisations"))
    verdicts: pl.DataFrame = field(default_factory=lambda: empty("verdicts"))
    relations: pl.DataFrame = field(default_factory=lambda: empty("relations"))
    figures: pl.DataFrame = field(default_factory=lambda: empty("figures"))
    sectors: pl.DataFrame = field(default_factory=lambda: empty("sectors"))
    earlier_reports: pl.DataFrame = field(default_factory=lambda: empty("earlier_reports"))

    @classmethod
    def empty(cls) -> Tables:
        """Tables without a row."""
        return cls(**{name: empty(name) for name in SCHEMAS})

    @classmethod
    def of(cls, **records: Iterable[Mapping[str, object]]) -> Tables:
        """Tables from dictionaries, by name of the table; those not named are empty.

        Examples
        --------
        >>> Tables.of(rows=[{"document": "d", "locator": "L1", "outcome": "ignored"}]).rows.height
        1
        """
        return cls(**{name: frame_of(name, records.get(name, ())) for name in SCHEMAS})

    @classmethod
    def concat(cls, many: Iterable[Tables]) -> Tables:
        """All rows of many, in their order."""
        parts = [cls.empty(), *many]
        return cls(**{name: pl.concat([getattr(p, name) for p in parts]) for name in SCHEMAS})

    def items(self) -> list[tuple[str, pl.DataFrame]]:
        """``(name, frame)`` in the order of `SCHEMAS`."""
        return [(one.name, getattr(self, one.name)) for one in fields(self)]

    def without(self, documents: Iterable[str]) -> Tables:
        """The same tables without what these documents brought."""
        gone = list(documents)
        kept = self.activities.filter(~pl.col("document").is_in(gone))
        ids = kept["activity_id"].implode()
        by_activity = {
            name: getattr(self, name).filter(pl.col("activity_id").is_in(ids))
            for name in OF_ACTIVITIES
        }
        by_activity["verdicts"] = self.verdicts.filter(
            pl.col("activity_a").is_in(ids), pl.col("activity_b").is_in(ids)
        )
        by_document = {
            name: getattr(self, name).filter(~pl.col("document").is_in(gone))
            for name in set(SCHEMAS) - {"activities", *by_activity}
        }
        return Tables(activities=kept, **by_activity, **by_document)

    @property
    def is_sample(self) -> bool:
        """Whether these are the embedded examples rather than anyone's data."""
        return bool(self.documents["is_sample"].any())


def check(tables: Tables) -> None:
    """Hold tables against the contract.

    Raises
    ------
    InvariantError
        A column, dtype, enum, key or count is not what the contract says: rows are
        conserved, every activity has a place (known or reserved), ids are unique.
    """
    for name, frame in tables.items():
        expected = pl.Schema(dict(SCHEMAS[name]))
        if frame.schema != expected:
            wrong = {k: v for k, v in frame.schema.items() if expected.get(k) != v}
            raise InvariantError(
                name, f"columns {wrong or list(frame.schema)} are not the contract's"
            )
    _check_enums(tables)
    _check_keys(tables)
    _check_rows(tables)


_ENUMS: Mapping[tuple[str, str], Iterable[str]] = {
    ("activities", "kind"): Kind,
    ("activities", "status"): STATUSES,
    ("activities", "nexus"): entries_by_id("nexus"),
    ("amounts", "kind"): AMOUNT_KINDS,
    ("verdicts", "verdict"): VERDICTS,
    ("relations", "relation"): RELATIONS,
    ("figures", "measure"): FIGURE_MEASURES,
    ("figures", "indicator"): activity_indicators(),
    **{("figures", part): codes for part, codes in GROUP_PARTS.items()},
    ("placements", "rule"): Rule,
    ("rows", "outcome"): Outcome,
}
_NAMES = (("activities", "source"), ("documents", "reader"))
"""Columns that hold the name of a source: one of ours or one that someone added."""
NAME = r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$"
"""Form of the name of a source."""


def _check_enums(tables: Tables) -> None:
    for (table, column), values in _ENUMS.items():
        allowed = {None, *map(str, values)}
        if strange := set(getattr(tables, table)[column].unique()) - allowed:
            raise InvariantError(f"{table}.{column}", f"unknown values {sorted(strange)}")
    for table, column in _NAMES:
        names: pl.Series = getattr(tables, table)[column]
        nameless = names.filter(~names.str.contains(NAME).fill_null(False)).unique().to_list()
        if nameless:
            raise InvariantError(f"{table}.{column}", f"not names of a source {nameless}")

    if strange := set(tables.findings["code"].to_list()) - set(CODES):
        raise InvariantError("findings.code", f"unknown codes {sorted(strange)}")


def _check_keys(tables: Tables) -> None:
    ids = tables.activities["activity_id"]
    if ids.n_unique() != ids.len():
        twice = ids.filter(ids.is_duplicated()).unique().to_list()[:5]
        raise InvariantError("activities.activity_id", f"not unique: {twice}")
    known = ids.implode()
    for name in OF_ACTIVITIES:
        frame: pl.DataFrame = getattr(tables, name)
        orphans = frame.filter(~pl.col("activity_id").is_in(known)).height
        if orphans:
            raise InvariantError(name, f"{orphans} rows of activities that do not exist")
    _check_verdicts(tables)
    elsewhere = (
        tables.amounts.drop_nulls("unit_id")
        .join(tables.placements, on=["activity_id", "unit_id"], how="anti")
        .height
    )
    if elsewhere:
        raise InvariantError("amounts.unit_id", f"{elsewhere} for no place of their activity")
    homeless = tables.activities.filter(
        ~pl.col("activity_id").is_in(tables.placements["activity_id"].implode())
    )
    if homeless.height:
        raise InvariantError("placements", f"{homeless.height} activities without a placement row")
    if (tables.placements["weight"] <= 0).any():
        raise InvariantError("placements.weight", "weights are positive integers")


def _check_verdicts(tables: Tables) -> None:
    """One word a pair, the lower id first, of activities that are here; a lead of those alike."""
    told = tables.verdicts
    a, b, lead = pl.col("activity_a"), pl.col("activity_b"), pl.col("lead")
    known = tables.activities["activity_id"].implode()
    led = (
        pl.when(pl.col("verdict") == "same")
        .then((lead == a) | (lead == b))
        .otherwise(lead.is_null())
    )
    sound = (a < b) & a.is_in(known) & b.is_in(known) & led
    wrong = told.filter(~sound.fill_null(value=False))
    if wrong.height or told.select("activity_a", "activity_b").is_duplicated().any():
        raise InvariantError("verdicts", f"{wrong.height} rows of no sound pair, or a pair twice")


def _check_rows(tables: Tables) -> None:
    counted = tables.rows.group_by("document").len("outcomes")
    joined = tables.documents.join(counted, on="document", how="left").with_columns(
        pl.col("outcomes").fill_null(0)
    )
    lost = joined.filter(pl.col("rows_read") != pl.col("outcomes"))
    if lost.height:
        raise InvariantError("rows", f"rows read ≠ Σ outcomes in {lost['file'].to_list()}")
