"""What a source hands to the pipeline: records as the document states them.

A source knows its document; it does not know units, vocabularies or rates. It says what is
written, where it stands, and what became of every row it was given. The pipeline does the
rest, in one place for all sources: places → units, words → vocabularies, money → USD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from atlas.fields import BENEFICIARIES, STATED

if TYPE_CHECKING:  # a file is read without the tables' library: see `atlas.ingest.files.confined`
    from atlas.model import Kind, Outcome

PAPERS = ("docx", "pdf")
SEEN = 40
"""Columns that are looked at for whether a row is blank."""


class MoneyCell(float):
    """The number of a cell whose format shows a currency; ``currency`` is its ISO code.

    Examples
    --------
    >>> MoneyCell(6000000.0, "XOF") + 0, MoneyCell(1.5, "EUR").currency
    (6000000.0, 'EUR')
    """

    __slots__ = ("currency",)
    currency: str

    def __new__(cls, value: float, currency: str) -> MoneyCell:
        """A number with the currency that its cell shows."""
        made = super().__new__(cls, value)
        made.currency = currency
        return made

    def __reduce__(self) -> tuple[type[MoneyCell], tuple[float, str]]:
        """What pickling makes it anew from."""
        return MoneyCell, (float(self), self.currency)


def column_letters(index: int) -> str:
    """A column as spreadsheets name it.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def sheet_of_locator(where: str) -> str:
    """Sheet of a locator.

    Examples
    --------
    >>> sheet_of_locator("ML_5W!12"), sheet_of_locator("L12")
    ('ML_5W', '')
    """
    return where.rpartition("!")[0]


@dataclass(frozen=True)
class Sheet:
    """A table as the reader found it, before anyone looked for its header.

    Attributes
    ----------
    name
        Name of the sheet, or ``""`` for a file that is one table.
    rows
        Values row by row: ``str``, ``float`` (`MoneyCell` where the cell shows a currency),
        ``int``, ``bool``, ``date``, or ``None``.
    first_row
        Number, counted from 1 as a person does, of ``rows[0]`` in the file.
    """

    name: str
    rows: Sequence[Sequence[object]]
    first_row: int = 1

    @cached_property
    def table_openings(self) -> tuple[tuple[int, int], ...]:
        """Rows that stand first, or below blank lines and titles: where these begin, and they."""
        found = []
        above = 0
        for index, row in enumerate(self.rows):
            seen = row[:SEEN]
            if len(seen) - seen.count(None) > 1:
                if index == 0 or above < index:
                    found.append((above, index))
                above = index + 1
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know; ``code`` is a key of `atlas.findings.CODES`."""

    code: str
    locator: str = ""
    field: str = ""
    params: Mapping[str, object] = dataclass_field(default_factory=dict)


class FileContent(NamedTuple):
    """What a reader makes of the bytes of a file: see `Document` for the three."""

    text: str | None
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file, read: its text or its sheets, and how that went.

    Attributes
    ----------
    document
        First 12 hex digits of ``sha256``: the id used in every table.
    text
        Whole text of a text, Word or PDF document (``None`` for workbooks); its tables stand
        in it too, a line a row, tabs between cells.
    sheets
        Tables of a workbook, CSV, Word or PDF, or the tab-separated blocks of a text.
    findings
        What the reader had to say (encoding, hidden sheets).
    """

    document: str
    file: str
    sha256: str
    format: str
    text: str | None
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_paper(self) -> bool:
        """Whether it is prose with tables that have their own names: Word or PDF."""
        return self.format in PAPERS

    @property
    def is_plain_text(self) -> bool:
        """Whether its tables are runs of lines of a text, known by their line numbers."""
        return self.text is not None and not self.is_paper


@dataclass(frozen=True)
class ReadAs:
    """What a person said when a file was read: enough to read it again the same way.

    Attributes
    ----------
    file
        Its name, without the folder.
    source, as_of, frame, column_map
        As given to `atlas.ingest.pipeline.ingest_file`; the map's content, not its file.
    context
        Kind of a table of context; "" for a document of activities.
    rates, controls
        The person's own rates and published totals, row by row.
    """

    file: str
    source: str = "auto"
    as_of: date | None = None
    frame: str | None = None
    column_map: Mapping[str, str] | None = None
    context: str = ""
    rates: Sequence[Mapping[str, str]] = ()
    controls: Sequence[Mapping[str, str]] = ()

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {
            "file": self.file,
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "frame": self.frame,
            "column_map": dict(self.column_map) if self.column_map is not None else None,
            "context": self.context,
            "rates": [dict(row) for row in self.rates],
            "controls": [dict(row) for row in self.controls],
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> ReadAs:
        """What `as_dict` wrote."""
        day = said.get("as_of")
        return cls(
            file=said["file"],
            source=said.get("source") or "auto",
            as_of=date.fromisoformat(day) if day else None,
            frame=said.get("frame"),
            column_map=said.get("column_map"),
            context=said.get("context") or "",
            rates=tuple(said.get("rates") or ()),
            controls=tuple(said.get("controls") or ()),
        )


class PlaceText(NamedTuple):
    """A place as written. ``text`` is free wording; the other fields are its columns.

    ``weight`` is the share the document itself reports (1 when it says none). ``unit_id`` and
    ``rule`` are those of a place that an export of the atlas had settled: it is taken as it is.
    """

    text: str = ""
    region: str = ""
    cercle: str = ""
    commune: str = ""
    locality: str = ""
    region_code: str = ""
    cercle_code: str = ""
    commune_code: str = ""
    lon: float | None = None
    lat: float | None = None
    weight: int = 1
    unit_id: str = ""
    rule: str = ""


class PricedAmount(NamedTuple):
    """The US dollars of an amount as they were worked out before; ``None``: there was no rate."""

    usd: Decimal | None
    rate: float | None = None
    rate_date: date | None = None
    rate_source: str = ""


class Money(NamedTuple):
    """An amount as stated. ``value`` is exact, in major units of ``currency``.

    Attributes
    ----------
    part
        Which of how many rows this is that state one and the same amount: each then counts for
        an equal share of it.
    stated_usd
        The same amount in US dollars, where the document states it too.
    unit_id
        The one settled place it is for; ``""``: all places of its record.
    priced
        Its dollars where they are settled: it is not converted again.
    """

    value: Decimal
    currency: str
    kind: str = "budget"
    period_start: date | None = None
    period_end: date | None = None
    part: tuple[int, int] = (0, 1)
    stated_usd: Decimal | None = None
    unit_id: str = ""
    priced: PricedAmount | None = None


class SettledActivity(NamedTuple):
    """What an export of the atlas tells of an activity that its words do not show."""

    activity_id: str
    sector: str | None
    org_type: str | None
    sensitivity: str
    organisations_raw: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()


class Record(NamedTuple):
    """One reported thing, as the document states it.

    Attributes
    ----------
    locator
        Where it stands: ``"L45"`` (line of a text), ``"ML_5W!12"`` (sheet and row).
    key
        The sender's own code, when there is one: it identifies the record by itself.
    places
        Places as written; empty with ``national`` false means the place is unknown.
    national
        The document says, or its nature implies, the whole country.
    inherited
        The places are the document's perimeter, not this record's own words.
    folded
        Locators of further rows that are this same record (budget lines, months).
    items
        How many items a published aggregate counts.
    relations
        One of `atlas.model.RELATIONS` and an identifier each, where the document's are the same in
        whatever document names them.
    groups
        The people a row is of, in as many respects as its list has: "PDI", "femmes". Rows of
        one activity that differ in these and in their figures alone are one.
    figures
        People by group or period, beside ``target`` and ``reached``.
    sector_text
        Words to infer the sector from when ``sector_raw`` says nothing
        (default: title and description).
    settled
        Id, sector and mark that it has already: they are kept.
    stated
        Texts kept as they stand, each behind the name of its column (`stated_texts`).
    """

    locator: str
    kind: Kind
    source: str
    title: str
    key: str = ""
    description: str = ""
    result: str = ""
    sector_raw: str = ""
    sector_text: str = ""
    donors: tuple[str, ...] = ()
    lead: str = ""
    implementers: tuple[str, ...] = ()
    org_type: str = ""
    status_raw: str = ""
    start: date | None = None
    end: date | None = None
    target: float | None = None
    reached: float | None = None
    stated: tuple[tuple[str, str], ...] = ()
    remarks: str = ""
    places: tuple[PlaceText, ...] = ()
    national: bool = False
    inherited: bool = False
    amounts: tuple[Money, ...] = ()
    folded: tuple[str, ...] = ()
    items: int | None = None
    as_of: date | None = None
    groups: tuple[str, ...] = ()
    figures: tuple[ActivityFigure, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()
    settled: SettledActivity | None = None

    def words(self) -> tuple[str, ...]:
        """What it says of itself in free text."""
        return (
            self.title,
            self.description,
            *(text for _name, text in self.stated),
            *(one.words for one in self.figures if one.indicator != BENEFICIARIES),
            self.result,
            self.remarks,
        )


def stated_texts(cell: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Texts that are kept as they stand (`atlas.fields.STATED`), from the cells of a row."""
    return tuple((one.name, cell(one.name)) for one in STATED)


class ControlTotal(NamedTuple):
    """A published figure and what was read against it (``None``: nothing itemised)."""

    name: str
    published: Decimal | None
    read: Decimal | None
    place: PlaceText | None = None
    period: str = ""
    currency: str = ""


class GroupCodes(NamedTuple):
    """A group of people in codes (`atlas.model.GROUP_PARTS`); ``None`` where words say nothing.

    Attributes
    ----------
    is_part
        The words name some of that group only: "femmes enceintes", "femmes de 15 à 49 ans".
    """

    status: str | None = None
    sex: str | None = None
    age: str | None = None
    disability: str | None = None
    is_part: bool = False


class ActivityFigure(NamedTuple):
    """People of one group of an activity or of one period, or a quantity, as a document says.

    Attributes
    ----------
    measure
        One of `atlas.model.FIGURE_MEASURES`.
    words
        The group or the quantity as written; ``""`` for everyone.
    codes
        Those that it has already; ``None``: those of its words.
    indicator
        What it counts: one of `atlas.vocab.indicators.activity_indicators`.
    is_cumulative
        Whether it counts since the start of the work, where the document says.
    """

    measure: str
    words: str
    value: float
    start: date | None = None
    end: date | None = None
    codes: GroupCodes | None = None
    indicator: str = BENEFICIARIES
    is_cumulative: bool | None = None


@dataclass(frozen=True)
class ContextFact:
    """A dated fact that is not an activity (need, access, reporting scope, contribution…).

    ``unit_id`` is its unit where the source has settled it already; else ``place`` says.
    ``groups`` are the people it is of, in as many respects as the table has: "PDI", "femmes".
    ``part_of_unit``: it is of a place inside the unit that is not known by name.
    """

    kind: str
    indicator: str
    place: PlaceText | None = None
    sector: str = ""
    value: float | None = None
    text: str = ""
    scale: str = ""
    direction: str = ""
    source: str = ""
    as_of: date | None = None
    expires: date | None = None
    locator: str = ""
    unit_id: str | None = None
    geometry: str = ""
    organisation: str = ""
    total: float | None = None
    start: date | None = None
    frequency: str = ""
    due_days: int | None = None
    due: date | None = None
    money: Money | None = None
    groups: tuple[str, ...] = ()
    part_of_unit: bool = False


class Reading(NamedTuple):
    """Everything a source has to say of one document.

    ``outcomes`` holds one entry for every input row that is not already told by a record's
    ``locator`` or ``folded``: rows read = records + folded + these. ``as_of`` is ``None``
    when neither the document nor the person says it; ``frame`` is ``""`` when the pipeline
    is to choose the one in force.
    """

    reader: str
    title: str
    as_of: date | None
    frame: str
    records: tuple[Record, ...] = ()
    outcomes: tuple[tuple[str, Outcome], ...] = ()
    findings: tuple[Finding, ...] = ()
    control_totals: tuple[ControlTotal, ...] = ()
    context: tuple[ContextFact, ...] = ()
    period_start: date | None = None
    period_end: date | None = None
    origin: str = ""
