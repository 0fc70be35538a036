"""What a source read → tables: places become units, words vocabulary, money US dollars.

The identity of an activity hashes what identifies it, never amount, status or units, so that a
change is a change. What of an activity is reserved is marked once, from its own document alone:
protection, by place; and a distribution that was not over when the document was written, by
place and day (`atlas.sensitivity`). A list that arrives later never opens it; only a newer
report of the same activity marks it anew.
"""

from __future__ import annotations

import gc
import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from atlas.caches import clear_text_caches
from atlas.corrections import NO_CORRECTIONS, CorrectionLookup
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import language_context
from atlas.ingest.control_totals import mismatch_findings, total_row
from atlas.ingest.document_frame import (
    DocumentFrame,
    DocumentPlaces,
    FrameMisfits,
    SharedAmounts,
    amounts_by_currency,
    frame_by_places,
    locate_places,
    prepared_records,
)
from atlas.ingest.money import NO_RATES, AmountPricing, UserRates
from atlas.ingest.naming import NameMatcher, locators_of
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import codes_of_figure, group_codes
from atlas.ingest.parsing.privacy import (
    fact_without_contacts,
    without_contacts,
    without_personal_data,
)
from atlas.ingest.placing import (
    PlacedUnit,
    PlaceFinding,
    placements_of,
    places_installed,
    units_of_place,
)
from atlas.ingest.progress import ReadingPhase, report_progress
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Finding,
    PlaceText,
    Reading,
    Record,
)
from atlas.ingest.report import finding_row
from atlas.model import (
    AGAIN,
    NATIONAL,
    OVER,
    UNPLACED,
    Kind,
    Outcome,
    Reader,
    Sensitivity,
    Tables,
    check,
    digest,
    empty,
    form_code,
    frame_of,
    group_in_codes,
)
from atlas.vocab.keywords import OPEN_ENDED, is_distribution, speaks_of_abuse

_AT_ONCE = 4096
"""Rows that wait as dictionaries, a tenth of them in columns: 2 MB in all."""
_COLLECTED_AFTER = 100_000


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Look for garbage seldom: what a reading makes is kept, and looking at it again and again
    took a third of the time of a long list."""
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class AppendBuffer:
    """One of the tables of `atlas.model`, row after row.

    Parameters
    ----------
    table
        Its name.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._waiting: list[Mapping[str, object]] = []
        self._made: list[pl.DataFrame] = []

    def add_rows(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Rows as `atlas.model.frame_of` takes them."""
        self._waiting += rows
        if len(self._waiting) >= _AT_ONCE:
            self._flush_rows()

    def frame(self) -> pl.DataFrame:
        """All rows so far, in their order."""
        self._flush_rows()
        return pl.concat(self._made) if self._made else empty(self._table)

    def _flush_rows(self) -> None:
        if self._waiting:
            self._made.append(frame_of(self._table, self._waiting))
            self._waiting = []


class OutcomeBuffer:
    """The table ``rows`` of a document: where each stands, what became of it, its activity.

    Parameters
    ----------
    document
        Its id.
    """

    def __init__(self, document: str) -> None:
        self._document = document
        self._waiting: list[tuple[str, str, str | None]] = []
        self._made: list[pl.DataFrame] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows + len(self._waiting)

    def add_rows(
        self, locators: Iterable[str], outcome: str, activity_id: str | None = None
    ) -> None:
        """Rows of which the same became.

        A locator was made together with its record: kept here as text, a few of them would
        keep the memory of all the records around them.
        """
        self._waiting += [(locator, outcome, activity_id) for locator in locators]
        if len(self._waiting) >= _AT_ONCE:
            self._flush_rows()

    def frame(self) -> pl.DataFrame:
        """All rows so far, in their order."""
        self._flush_rows()
        return pl.concat(self._made) if self._made else empty("rows")

    def _flush_rows(self) -> None:
        if not self._waiting:
            return
        locators, became, ids = zip(*self._waiting, strict=True)
        columns = {
            "document": [self._document] * len(locators),
            "locator": locators,
            "outcome": became,
            "activity_id": ids,
        }
        self._made.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
        self._rows += len(locators)
        self._waiting = []


def identity_of(reader: str, record: Record) -> tuple[str, ...]:
    """What identifies a record: its sender and key, else its words; never sum or status.

    A fund's code is its own; that of an NGO's list means nothing beyond the organisation, and
    where the list names none, nothing beyond its title: "P-01" of two NGOs are two projects.
    """
    sender = f"{reader}/{record.source}"
    if record.key:
        names = [name for name in (record.lead, *record.implementers) if name]
        owner = fold_text(names[0] if names else record.title) if reader == Reader.NGO else ""
        return sender, str(record.kind), record.key, owner
    places = sorted(_place_identity(text) for text in record.places)
    organisations = sorted({fold_text(n) for n in (record.lead, *record.implementers) if n})
    return (
        sender,
        str(record.kind),
        fold_text(record.title),
        "\x1e".join(places),
        "\x1e".join(organisations),
    )


def _place_identity(text: PlaceText) -> str:
    names = (text.region, text.cercle, text.commune, text.locality, text.text)
    codes = (text.region_code, text.cercle_code, text.commune_code)
    return "|".join(fold_text(part) for part in (*names, *codes))


FORM_CODE = re.compile(rf"(?P<id>[0-9a-f]{{16}}(?:{AGAIN}\d+)?)\.[0-9a-f]{{4}}")
"""The code of a row of a reporting form (`atlas.model.form_code`)."""
MONTH, QUARTER = timedelta(days=31), timedelta(days=92)


def sensitivity_of(
    record: Record, sectors: Collection[str | None], status: str, as_of: date | None
) -> Sensitivity:
    """The mark of one record. What a policy intends, or a published sum, hands out nothing.

    Parameters
    ----------
    record
        As the document states it.
    sectors, status
        Ids of its sector, of each that it names, and of its status.
    as_of
        Date of the situation it tells; ``None``: unknown, or inferred from what it tells.

    Examples
    --------
    >>> from atlas.model import Kind
    >>> one = Record("L2", Kind.ACTIVITY, "ngo", "Coupons", start=date(2024, 7, 1))
    >>> sensitivity_of(one, {None}, "unknown", date(2024, 6, 1)).value
    'coming_distribution'
    >>> sensitivity_of(one, {None}, "unknown", date(2024, 8, 1)).value
    'open'
    """
    if record.kind not in (Kind.ACTIVITY, Kind.PRESENCE):
        return _of_protection(record, sectors)
    ahead = _is_to_come(record, status, as_of) or _is_under_way(record, status, as_of)
    if ahead and is_distribution(*record.words()):
        return Sensitivity.COMING
    return _of_protection(record, sectors)


def _of_protection(record: Record, sectors: Collection[str | None]) -> Sensitivity:
    """By its sector, or by words of violence against persons whatever that is."""
    named = "protection" in sectors or speaks_of_abuse(record.sector_raw, *record.words())
    return Sensitivity.PROTECTION if named else Sensitivity.OPEN


def written_on(reading: Reading) -> date | None:
    """Day a document was written; none where it was only inferred from what it tells."""
    inferred = any(finding.code == "as_of_inferred" for finding in reading.findings)
    return None if inferred else reading.as_of


def reserved_findings(activities: Iterable[Mapping[str, object]]) -> list[Finding]:
    """The finding that says how many of a document's activities are distributions not over yet."""
    coming = sum(row["sensitivity"] == Sensitivity.COMING for row in activities)
    return [Finding("distributions_reserved", params={"n": coming})] if coming else []


def _is_under_way(record: Record, status: str, as_of: date | None) -> bool:
    """Whether it had begun when told, and neither its end nor a word says that it was over.

    One that reached all whom it aims at hands out nothing more; a day of which nobody says that
    it goes on is one day.
    """
    target, reached = record.target, record.reached
    served = target is not None and reached is not None and reached >= target
    if status in OVER or as_of is None or served:
        return False
    goes_on = OPEN_ENDED if status in ("ongoing", "planned", "suspended") else timedelta()
    last = record.end or (record.start and record.start + goes_on)
    return last >= as_of if last else status == "ongoing"


def _is_to_come(record: Record, status: str, as_of: date | None) -> bool:
    """Whether it lay ahead when told; what nobody dated is held back unless it is over.

    One whose days are only known to a month that was not over lies ahead too ("septembre"
    in a list of 5 September), and so does one of a quarter that is planned, or of which nothing
    says that anybody was reached; a plan of a year that has begun is no date to hold back.
    """
    if status in OVER:
        return False
    start, end = record.start or record.end, record.end or record.start
    if start is None or end is None:
        return status == "planned"
    if as_of is None or start > as_of:
        return True
    unreached = status == "unknown" and record.target is not None and not record.reached
    held = QUARTER if status == "planned" or unreached else MONTH
    at_most = held if status in ("planned", "unknown") else None
    return at_most is not None and record.end is not None and as_of <= end <= start + at_most


def fact_row(
    fact: ContextFact,
    reading: Reading,
    document: str,
    unit_id: str | None,
    naming: NameMatcher,
    pricing: AmountPricing,
) -> dict[str, object]:
    """The row of one fact.

    Parameters
    ----------
    unit_id
        Unit of its place; ``None`` when it names none.
    naming, pricing
        The vocabularies and rates of the document: what they do not know becomes a finding.
    """
    organisation = fact.organisation
    row: dict[str, object] = {
        "document": document,
        "kind": fact.kind,
        "indicator": fact.indicator,
        "unit_id": unit_id,
        "part_of_unit": fact.part_of_unit or None,
        "geometry": fact.geometry or None,
        "sector": naming.sector_named(fact.sector, fact.locator),
        "group": _group_of_fact(fact),
        "organisation": naming.organisation_id(organisation, fact.locator)
        if organisation
        else None,
        "value": fact.value,
        "total": fact.total,
        "text": fact.text or None,
        "scale": fact.scale or None,
        "direction": fact.direction or None,
        "source": fact.source or reading.origin or None,
        "as_of": fact.as_of or reading.as_of,
        "start": fact.start,
        "expires": fact.expires,
        "frequency": fact.frequency or None,
        "due_days": fact.due_days,
        "due": fact.due,
    }
    if fact.money:
        day = fact.money.period_end or fact.as_of or reading.as_of
        row |= pricing.in_usd(fact.money, day, fact.locator)
    return row


def _group_of_fact(fact: ContextFact) -> str | None:
    """The group that a fact is of, in codes; ``None`` for everyone and for some of a group."""
    codes = group_codes(" ".join(fact.groups))
    return None if codes.is_part else group_in_codes(codes[:-1]) or None


def figure_rows(activity_id: str, record: Record) -> Iterator[dict[str, object]]:
    """The rows of the people of an activity, by group or period, and of its quantities.

    Women and men beside boys and girls are the adults.
    """
    coded = [(one, codes_of_figure(one)) for one in record.figures]
    with_children = {one.measure for one, codes in coded if codes.sex and codes.age == "child"}
    for one, codes in coded:
        status, sex, age, disability, is_part = codes
        if one.codes is None and sex and not age and not is_part and one.measure in with_children:
            age = "adult"
        yield {
            "activity_id": activity_id,
            "indicator": one.indicator,
            "measure": one.measure,
            "status": status,
            "sex": sex,
            "age": age,
            "disability": disability,
            "is_part": is_part,
            "is_cumulative": one.is_cumulative,
            "value": one.value,
            "period_start": one.start,
            "period_end": one.end,
            "words": " ".join(without_contacts(one.words).replace("|", "/").split()) or None,
        }


def placement_row(activity_id: str, one: PlacedUnit, rule: str) -> dict[str, object]:
    """The row of one place of an activity."""
    return {
        "activity_id": activity_id,
        "unit_id": one.unit_id,
        "weight": one.weight,
        "rule": str(rule),
        "raw": one.raw or None,
        "how": str(one.how) if one.how else None,
        "score": one.score,
        "lon": one.lon,
        "lat": one.lat,
    }


Row = dict[str, object]
_MANY = 50_000
"""Rows of a list whose words are forgotten after it: they keep more from the system than
finding them again costs."""


def normalise_reading(
    reading: Reading,
    document: Document,
    corrections: CorrectionLookup | None = None,
    rates: UserRates = NO_RATES,
) -> Tables:
    """Tables of what a source read.

    Parameters
    ----------
    reading
        Records, outcomes, totals and facts as the document states them.
    document
        The file they come from.
    corrections, rates
        Decisions of people about places; their own rates.

    Returns
    -------
    Tables
        The same for the same input and decisions, whatever the language of the person or the day.

    Raises
    ------
    InvariantError
        The source lost a row or invented a value: a bug.
    """
    records = deque(reading.records)
    return tables_of_records(reading, records, document, corrections or NO_CORRECTIONS, rates)


def tables_of_records(
    reading: Reading,
    records: deque[Record],
    document: Document,
    corrections: CorrectionLookup,
    rates: UserRates,
) -> Tables:
    """As `normalise_reading`; the records are those given beside the reading, and used up."""
    with language_context("fr"), rare_garbage_collection():
        tables = _DocumentNormaliser(reading, document, corrections, rates).tables(records)
    if tables.rows.height > _MANY:
        clear_text_caches()
    report_progress(ReadingPhase.CHECKING)
    check(tables)
    return tables


class _DocumentNormaliser:
    """The state of one document on its way through: findings so far, spellings known."""

    def __init__(
        self, reading: Reading, document: Document, corrections: CorrectionLookup, rates: UserRates
    ) -> None:
        self.reading = reading
        self.document = document
        self.corrections = corrections.for_document(document.document)
        self.naming = NameMatcher(self.corrections)
        self.pricing = AmountPricing(reading.as_of, rates)
        self.findings = AppendBuffer("findings")
        self.judged = DocumentFrame(reading.frame)
        self.installed = places_installed()
        self.misfits = FrameMisfits()
        self.shared = SharedAmounts()
        self.written = written_on(reading)
        self.taken: set[str] = set()
        self.numbers: Counter[str] = Counter()
        self.given_ids: set[str] = set()
        self.is_form = False
        self.first_day: date | None = None
        self.last_day: date | None = None
        self.activities = AppendBuffer("activities")
        self.amounts = AppendBuffer("amounts")
        self.placements = AppendBuffer("placements")
        self.relations = AppendBuffer("relations")
        self.figures = AppendBuffer("figures")
        self.sectors = AppendBuffer("sectors")
        self.outcomes = OutcomeBuffer(document.document)

    def _add_findings(self, findings: Iterable[Finding]) -> None:
        self.findings.add_rows(finding_row(self.document.document, one) for one in findings)

    def _frame_of_records(self, records: Iterable[Record]) -> DocumentFrame:
        """The découpage said or settled, else the one that the places tell."""
        if self.reading.frame:
            return DocumentFrame(self.reading.frame)
        day = self.reading.as_of
        in_force = shipped_frames().frame_on(day) if day else FRAMES[-1]
        found = frame_by_places(DocumentPlaces.of_reading(self.reading, records), in_force)
        if day is None and found.frame == in_force:
            params: dict[str, object] = {"frame": in_force, "usual": in_force}
            self._add_findings([Finding("frame_undated", params=params)])
        self._add_findings(found.findings)
        return found

    def tables(self, records: deque[Record]) -> Tables:
        """The tables of the records, which are used up."""
        self._add_findings([*self.document.findings, *self.reading.findings])
        self.judged = self._frame_of_records(records)
        locate_places(records, self.judged.of_row)
        codes = (FORM_CODE.fullmatch(record.key.casefold()) for record in records if record.key)
        self.given_ids = {found["id"] for found in codes if found}
        for stated in prepared_records(records, self.judged.of_row):
            record, said = without_personal_data(stated)
            self._add_findings(said)
            self._add_record(record)
        for locator, outcome in self.reading.outcomes:
            self.outcomes.add_rows([locator], str(outcome))
        totals = [self._total_row(total) for total in self.reading.control_totals]
        context = [self._fact_row(fact) for fact in self.reading.context]
        self._add_findings([*self.misfits.findings(), *self.shared.findings()])
        activities = self.activities.frame()
        self._add_findings(
            reserved_findings(activities.select("sensitivity").iter_rows(named=True))
        )
        self._add_findings([*self.naming.findings, *self.pricing.findings])
        return Tables(
            documents=frame_of("documents", [self._document_row()]),
            activities=activities,
            amounts=self.amounts.frame(),
            placements=self.placements.frame(),
            rows=self.outcomes.frame(),
            findings=self.findings.frame(),
            control_totals=frame_of("control_totals", totals),
            context=frame_of("context", context),
            organisations=frame_of("organisations", self._organisation_rows()),
            relations=self.relations.frame(),
            figures=self.figures.frame(),
            sectors=self.sectors.frame(),
        )

    def _organisation_rows(self) -> list[Row]:
        """Those that people entered and this document names."""
        document = self.document.document
        return [
            {
                "document": document,
                "organisation": one.id,
                **one.as_dict(),
                "type": one.type or None,
            }
            for one in self.naming.entered_organisations
        ]

    def _document_row(self) -> Row:
        reading, document = self.reading, self.document
        return {
            "document": document.document,
            "file": document.file,
            "reader": str(Reader.FORM if self.is_form else reading.reader),
            "title": without_contacts(reading.title) if reading.title else reading.title,
            "as_of": reading.as_of,
            "frame": self.judged.frame,
            "period_start": reading.period_start or self.first_day,
            "period_end": reading.period_end or self.last_day,
            "rows_read": len(self.outcomes),
            "origin": reading.origin,
            "is_sample": reading.reader == Reader.SAMPLE,
        }

    def _add_record(self, record: Record) -> None:
        if record.start and (self.first_day is None or record.start < self.first_day):
            self.first_day = record.start
        if record.end and (self.last_day is None or record.end > self.last_day):
            self.last_day = record.end
        activity_id = self._numbered(self._identity(record), record)
        frame = self.judged.of_row(record.locator)
        placed, said = placements_of(record, frame, self.corrections, self.installed)
        if any(code == "frame_inferred" for code, _params in said):
            units = [(one.raw, one.unit_id) for one, _rule in placed]
            self.misfits.add_row(frame, record.locator, units, amounts_by_currency(record))
        self.placements.add_rows(placement_row(activity_id, one, rule) for one, rule in placed)
        self._add_place_findings(record, said)
        self.activities.add_rows([self._activity_row(activity_id, record)])
        day = record.as_of or self.reading.as_of
        self.amounts.add_rows(self.pricing.rows(activity_id, record, day))
        self.relations.add_rows(
            {"activity_id": activity_id, "relation": relation, "identifier": identifier}
            for relation, identifier in record.relations
        )
        self.figures.add_rows(figure_rows(activity_id, record))
        named = self._several_sectors(record)
        self.sectors.add_rows({"activity_id": activity_id, "sector": one} for one in named)
        outcome = Outcome.AGGREGATE if record.kind == Kind.AGGREGATE else Outcome.ACTIVITY
        self.outcomes.add_rows([record.locator], str(outcome), activity_id)
        self.outcomes.add_rows(record.folded, str(Outcome.FOLDED), activity_id)

    def _identity(self, record: Record) -> str:
        """The id that it has already, by an export or a reporting form, or that of its words."""
        if record.settled:
            return record.settled.activity_id
        if self.reading.reader == Reader.NGO and (known := self._form_id(record)):
            self.is_form = True
            return known
        return digest(*identity_of(self.reading.reader, record))

    def _form_id(self, record: Record) -> str:
        """The activity whose next report a row of a form is; "" where its code is no such one."""
        code = record.key.casefold()
        found = FORM_CODE.fullmatch(code)
        if found is None:
            return ""
        lead, implementers = self.naming.lead(record)
        leader = lead or next(iter(implementers), None)
        if code == form_code(found["id"], leader):
            return found["id"]
        said: dict[str, object] = {"code": record.key, "who": leader or "–"}
        self._add_findings([Finding("form_code_foreign", record.locator, "code", said)])
        return ""

    def _numbered(self, identity: str, record: Record) -> str:
        """The id of one more row of an identity: no other row of the document has it."""
        if identity not in self.taken:
            self.taken.add(identity)
            return identity
        key = identity.partition(AGAIN)[0]
        free = identity
        while free in self.taken or free in self.given_ids:
            self.numbers[key] += 1
            free = f"{key}{AGAIN}{1 + self.numbers[key]}"
        self.taken.add(free)
        if FORM_CODE.fullmatch(record.key.casefold()):
            said: dict[str, object] = {"code": record.key, "title": record.title}
            self._add_findings([Finding("form_code_repeated", record.locator, "code", said)])
        return free

    def _add_place_findings(self, record: Record, findings: list[PlaceFinding]) -> None:
        """A fault in the columns stands in every row that carries it, folded ones too."""
        in_columns = any(not text.text for text in record.places)
        for code, params in findings:
            if code == "place_shared":
                self.shared.add_record(record, str(dict(params)["raw"]))
                continue
            repeated = in_columns and code.startswith("place_co")
            places = (record.locator, *(record.folded if repeated else ()))
            self._add_findings(Finding(code, place, "place", dict(params)) for place in places)

    def _activity_row(self, activity_id: str, record: Record) -> Row:
        settled = record.settled
        locators = locators_of(record)
        names = [name for name in (record.lead, *record.implementers) if name]
        lead, implementers = self.naming.lead(record)
        known = tuple(name for name in (lead, *implementers) if name)
        sector = settled.sector if settled else self.naming.sector(record)
        several = self._several_sectors(record)
        status = self.naming.status_id(record.status_raw, locators)
        as_of = record.as_of or self.reading.as_of
        return {
            "activity_id": activity_id,
            "kind": str(record.kind),
            "source": str(record.source),
            "document": self.document.document,
            "locator": record.locator,
            "as_of": as_of,
            "title": record.title,
            "description": record.description or None,
            "result": record.result or None,
            "sector": sector,
            "sector_raw": record.sector_raw or None,
            "donors": self.naming.organisation_ids(record.donors, locators),
            "lead_org": lead,
            "implementers": implementers,
            "organisations_raw": list(settled.organisations_raw) if settled else names,
            "org_type": settled.org_type
            if settled
            else self.naming.organisation_type(record, known),
            "status": status,
            "start": record.start,
            "end": record.end,
            "target": record.target,
            "reached": record.reached,
            **{name: text or None for name, text in record.stated},
            "remarks": record.remarks or None,
            "items": record.items,
            "sensitivity": (settled and settled.sensitivity)
            or sensitivity_of(record, {sector, *several}, status, record.as_of or self.written),
        }

    def _several_sectors(self, record: Record) -> tuple[str, ...]:
        """Each sector of one that names several; none of any other."""
        return record.settled.sectors if record.settled else self.naming.sectors_of_record(record)

    def _unit_of_place(self, text: PlaceText | None, locator: str = "") -> str | None:
        """The one unit of a figure's place: ``None`` when it names none, unplaced when not settled.

        A place that is not settled, or settled above what is written, is a finding.
        """
        if text is None:
            return None
        answer = units_of_place(text, self.judged.of_row(locator), self.corrections)
        self._add_findings(
            Finding(code, "", "place", dict(params)) for code, params in answer.findings
        )
        found = {placed.unit_id for placed in answer.placed}
        return found.pop() if len(found) == 1 else UNPLACED

    def _total_row(self, total: ControlTotal) -> Row:
        told = {f.params.get("name") for f in self.reading.findings if f.code == "total_mismatch"}
        if total.name not in told:
            self._add_findings(mismatch_findings(total))
        unit = self._unit_of_place(total.place)
        return total_row(self.document.document, total, None if unit == NATIONAL else unit)

    def _fact_row(self, stated: ContextFact) -> Row:
        fact, said = fact_without_contacts(stated)
        self._add_findings(said)
        unit = fact.unit_id
        if unit is None and fact.place is not None:
            unit = self._unit_of_place(fact.place, fact.locator)
            frame = self.judged.of_row(fact.locator)
            self.misfits.add_fact(frame, replace(fact, unit_id=unit))
        document = self.document.document
        return fact_row(fact, self.reading, document, unit, self.naming, self.pricing)
