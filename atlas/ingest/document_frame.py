"""Which découpage the places of a document belong to, and the rows that are no units of it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from atlas.geo.coordinates import prefetch_points
from atlas.geo.resolve import (
    ENOUGH,
    MISFITS,
    FrameVerdict,
    PlaceRow,
    candidate_frames,
    evenly_spread_sample,
    fits_by_frame,
    frame_verdict,
    prefetch_places,
)
from atlas.i18n import decimal_text
from atlas.ingest.context.figure_totals import counts_people, figure_name
from atlas.ingest.files.packages import first_names
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.placing import is_known, raw_of, units_of_place
from atlas.ingest.progress import ReadingPhase, counted_rows, report_progress
from atlas.ingest.reading import ContextFact, Finding, PlaceText, Reading, Record, sheet_of_locator

_cells_of = attrgetter(*PlaceRow._fields)
_AT_ONCE = 2000
"""Records whose places are looked at together."""
_READY = 8000
"""Names of places that are taken to be still known from before: half of what is remembered."""
_NO_UNITS = MISFITS | {"place_coarser", "place_at_region"}
"""What is said of a place that is no unit of a découpage as it is written."""


class StatedPlace(NamedTuple):
    """A place as written, where it stands first, and how many rows say it."""

    text: PlaceText
    locator: str
    rows: int


class DocumentPlaces:
    """The distinct places of a document, table by table."""

    def __init__(self) -> None:
        self.by_table: dict[str, dict[PlaceText, StatedPlace]] = {}

    def add_place(self, table: str, text: PlaceText, locator: str, rows: int = 1) -> None:
        """Count a place that some rows of a table state."""
        known = self.by_table.setdefault(table, {})
        before = known.get(text)
        first, many = (before.locator, before.rows) if before else (locator, 0)
        known[text] = StatedPlace(text, first, many + rows)

    @classmethod
    def of_reading(cls, reading: Reading, records: Iterable[Record]) -> DocumentPlaces:
        """Those of records, and of facts that are not placed yet, by the sheet they stand in."""
        found = cls()
        for record in records:
            for text in record.places:
                rows = 1 + len(record.folded)
                found.add_place(sheet_of_locator(record.locator), text, record.locator, rows)
        for fact in reading.context:
            if fact.place is not None and fact.unit_id is None:
                found.add_place(sheet_of_locator(fact.locator), fact.place, fact.locator)
        return found

    def spread_sample(self) -> dict[str, Sequence[StatedPlace]]:
        """Places of each table, of long ones some that are evenly spread."""
        most = max(ENOUGH // max(len(self.by_table), 1), 1)
        return {
            name: evenly_spread_sample(list(one.values()), most)
            for name, one in self.by_table.items()
        }


@dataclass(frozen=True)
class DocumentFrame:
    """The découpage of a document, those of its tables that have another, what to say of it."""

    frame: str
    tables: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def of_table(self, table: str) -> str:
        """The découpage of a table."""
        return self.tables.get(table, self.frame)

    def of_row(self, locator: str) -> str:
        """The découpage of a row, whose table is its sheet."""
        return self.of_table(sheet_of_locator(locator)) if self.tables else self.frame


def prepared_records(records: deque[Record], frame_of: Callable[[str], str]) -> Iterator[Record]:
    """The records, taken out one by one, so that a long list does not stand beside its tables.

    The places of some thousands are looked at together before the first of them.

    Parameters
    ----------
    frame_of
        The découpage of a record, by its locator.
    """
    ready: dict[str, set[PlaceRow]] = defaultdict(set)
    for at in counted_rows(range(len(records))):
        if at % _AT_ONCE == 0:
            for frame, texts in _by_frame(islice(records, _AT_ONCE), frame_of).items():
                _prepare_places(texts, frame, ready[frame])
        yield records.popleft()


def locate_places(records: Iterable[Record], frame_of: Callable[[str], str]) -> None:
    """Locate the coordinates of all records at once; each is a look-up afterwards."""
    located = (record for record in records if any(one.lon is not None for one in record.places))
    for frame, texts in _by_frame(located, frame_of).items():
        prefetch_points(((text.lon, text.lat) for text in texts), frame)


def _by_frame(
    records: Iterable[Record], frame_of: Callable[[str], str]
) -> dict[str, list[PlaceText]]:
    found: dict[str, list[PlaceText]] = defaultdict(list)
    for record in records:
        found[frame_of(record.locator)] += record.places
    return found


def frame_by_places(places: DocumentPlaces, in_force: str) -> DocumentFrame:
    """The découpage of each table of a document: the one in which most of its rows are units.

    Where its rows do not decide it is that of the whole document; where these do not, the one
    in force.

    Parameters
    ----------
    in_force
        Découpage at the document's date.
    """
    tables = places.spread_sample()
    every = [one for some in tables.values() for one in some]
    asked = candidate_frames(in_force, (code for one in every for code in _place_codes(one.text)))
    found = fits_by_frame(every, asked, in_force, _are_units)
    whole = frame_verdict(found, [one.rows for one in every], asked, in_force)
    findings = [_frame_finding(whole, every, "")] if whole.frame != in_force else []
    others: dict[str, str] = {}
    order = tuple(dict.fromkeys((whole.frame, *asked)))
    start = 0
    for table, some in tables.items():
        end = start + len(some)
        mine = {frame: units[start:end] for frame, units in found.items()}
        verdict = frame_verdict(mine, [one.rows for one in some], order, whole.frame)
        if verdict.frame != whole.frame:
            others[table] = verdict.frame
            findings.append(_frame_finding(verdict, some, table))
        start = end
    return DocumentFrame(whole.frame, others, tuple(findings))


def _place_codes(text: PlaceText) -> tuple[str, ...]:
    return text.region_code, text.cercle_code, text.commune_code


def _are_units(places: Sequence[StatedPlace], frame: str) -> list[bool]:
    """Whether each place is a unit of a découpage as it is written."""
    found: list[bool] = []
    for start in range(0, len(places), _AT_ONCE):
        report_progress(ReadingPhase.COLUMNS, start, len(places))
        some = [one.text for one in places[start : start + _AT_ONCE]]
        prefetch_points(((text.lon, text.lat) for text in some), frame)
        _prepare_places(some, frame, set())
        answers = [units_of_place(text, frame) for text in some]
        found += [
            is_known(one) and not any(code in _NO_UNITS for code, _params in one.findings)
            for one in answers
        ]
    return found


def _frame_finding(verdict: FrameVerdict, places: Sequence[StatedPlace], table: str) -> Finding:
    """The découpage that rows decided, with how many fit each and which of them decide."""
    params: dict[str, object] = {
        "frame": verdict.frame,
        "usual": verdict.usual,
        "fits": verdict.frame_counts_text(),
        "rows": _first_words([places[index].locator for index in verdict.deciding]),
    }
    return Finding("frame_by_places", table, params=params)


def _first_words(words: Iterable[str]) -> str:
    """The first of some words, each once whatever its case; "…" where there are more."""
    once: dict[str, str] = {}
    for word in filter(None, words):
        once.setdefault(fold_text(word), word)
    return first_names(list(once.values())) or "—"


def amounts_by_currency(record: Record) -> list[tuple[str, Decimal]]:
    """Amounts of a record by currency, each row of a shared one with its share."""
    return [
        (
            one.currency if one.kind == "budget" else f"{one.currency} ({one.kind})",
            one.value / one.part[1] if one.part[1] else one.value,
        )
        for one in record.amounts
    ]


def _counts_of(fact: ContextFact) -> list[tuple[str, Decimal]]:
    """What a fact counts, by indicator and sector; nothing where it is a level."""
    if fact.value is None or not counts_people(fact.indicator):
        return []
    return [(figure_name(fact), Decimal(str(fact.value)))]


class FrameMisfits:
    """Rows that are no units of the découpage of their table, and were placed in another."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, None]] = {}
        self.places: dict[str, list[str]] = defaultdict(list)
        self.sums: dict[str, dict[str, Decimal]] = {}

    def add_row(
        self,
        frame: str,
        locator: str,
        places: Iterable[tuple[str, str]],
        figures: Iterable[tuple[str, Decimal]],
    ) -> None:
        """Count a row.

        Parameters
        ----------
        frame
            Découpage of its table.
        places
            Its places as written, each with the unit that it was placed on.
        figures
            What it states, each under the name by which it is added up.
        """
        self.rows.setdefault(frame, {})[locator] = None
        self.places[frame] += [
            f"{raw} → {unit.partition('/')[0]}"
            for raw, unit in places
            if not unit.startswith(("_", f"{frame}/"))
        ]
        sums = self.sums.setdefault(frame, {})
        for name, value in figures:
            sums[name] = sums.get(name, Decimal(0)) + value

    def add_fact(self, frame: str, fact: ContextFact) -> None:
        """Count a fact where its place was written in the names of another découpage."""
        if fact.place is None or fact.unit_id is None or fact.unit_id.startswith(f"{frame}/"):
            return
        said = units_of_place(fact.place, frame).findings
        if any(code == "frame_inferred" for code, _params in said):
            self.add_row(
                frame, fact.locator, [(raw_of(fact.place), fact.unit_id)], _counts_of(fact)
            )

    def findings(self) -> list[Finding]:
        """One finding a découpage, with the rows, their places and their sums."""
        return [
            Finding(
                "frame_misfits",
                next(iter(rows)) if len(rows) == 1 else "",
                "place",
                {
                    "frame": frame,
                    "n": len(rows),
                    "places": _first_words(self.places[frame]),
                    "sum": _first_words(
                        f"{n} : {decimal_text(v)}" for n, v in self.sums[frame].items()
                    ),
                },
            )
            for frame, rows in self.rows.items()
        ]


class SharedAmounts:
    """Money of several countries, whose Malian part nobody states: kept whole, and unplaced."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[list[str], list[str], Decimal]] = {}

    def add_record(self, record: Record, raw: str) -> None:
        """Count a record whose place names several countries."""
        for currency, value in amounts_by_currency(record) or [("", Decimal(0))]:
            rows, named, total = self._rows.get(currency, ([], [], Decimal(0)))
            self._rows[currency] = [*rows, record.locator], [*named, raw], total + value

    def findings(self) -> list[Finding]:
        """One finding a currency, with the rows and their sum."""
        return [
            Finding(
                "place_shared",
                rows[0],
                "place",
                {
                    "raw": _first_words(named),
                    "n": len(rows),
                    "sum": f"{decimal_text(total)} {currency}" if currency else "—",
                }
                | ({"shared": f"{total:f}", "currency": currency} if currency else {}),
            )
            for currency, (rows, named, total) in self._rows.items()
        ]


def _prepare_places(texts: Sequence[PlaceText], frame: str, ready: set[PlaceRow]) -> None:
    """Look at the columns of many places at once, so that each is known when it is placed.

    Those that are ready from before are not looked at again; the new ones are added to them.
    """
    rows = (PlaceRow._make(cells).without_locality() for cells in map(_cells_of, texts))
    new = [row for row in dict.fromkeys(rows) if row not in ready]
    if len(ready) + len(new) > _READY:
        ready.clear()
    ready.update(new)
    prefetch_places(new, frame)
