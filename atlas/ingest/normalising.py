"""What a source read → tables: places become units, words vocabulary, money US dollars."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from atlas.corrections import NO_CORRECTIONS, Corrections
from atlas.geo.frames import FRAMES, frames
from atlas.i18n import speaking
from atlas.ingest.controls import mismatch, total_row
from atlas.ingest.facts import fact_row, placement_row
from atlas.ingest.framing import (
    Judged,
    Misfits,
    Places,
    SharedAmounts,
    figures_of,
    judged_by_places,
    locate_places,
    prepared,
)
from atlas.ingest.growing import Growing, Outcomes, growing_fast
from atlas.ingest.identity import identity_of
from atlas.ingest.marking import reserved, sensitivity_of, written_on
from atlas.ingest.naming import Naming, locators_of
from atlas.ingest.parsing.privacy import (
    fact_without_contacts,
    without_contacts,
    without_personal_data,
)
from atlas.ingest.placing import place, placements_of
from atlas.ingest.pricing import Pricing
from atlas.ingest.progress import Phase, tell
from atlas.ingest.rates import NO_RATES, OwnRates
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
from atlas.ingest.reviewing import Said
from atlas.model import (
    AGAIN,
    NATIONAL,
    UNPLACED,
    Kind,
    Outcome,
    Reader,
    Tables,
    check,
    digest,
    frame_of,
)
from atlas.remembering import forget

Row = dict[str, object]
_MANY = 50_000
"""Rows of a list whose words are forgotten after it: they keep more from the system than
finding them again costs."""


def normalise(
    reading: Reading,
    document: Document,
    corrections: Corrections | None = None,
    rates: OwnRates = NO_RATES,
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
    corrections: Corrections,
    rates: OwnRates,
) -> Tables:
    """As `normalise`; the records are those given beside the reading, and used up."""
    with speaking("fr"), growing_fast():
        tables = _Normaliser(reading, document, corrections, rates).tables(records)
    if tables.rows.height > _MANY:
        forget()
    tell(Phase.CHECKING)
    check(tables)
    return tables


class _Normaliser:
    """The state of one document on its way through: findings so far, spellings known."""

    def __init__(
        self, reading: Reading, document: Document, corrections: Corrections, rates: OwnRates
    ) -> None:
        self.reading = reading
        self.document = document
        self.corrections = corrections.for_document(document.document)
        self.naming = Naming(self.corrections)
        self.pricing = Pricing(reading.as_of, rates)
        self.findings = Growing("findings")
        self.judged = Judged(reading.frame)
        self.misfits = Misfits()
        self.shared = SharedAmounts()
        self.written = written_on(reading)
        self.first_day: date | None = None
        self.last_day: date | None = None
        self.activities = Growing("activities")
        self.amounts = Growing("amounts")
        self.placements = Growing("placements")
        self.relations = Growing("relations")
        self.sectors = Growing("sectors")
        self.outcomes = Outcomes(document.document)

    def _say(self, findings: Iterable[Finding]) -> None:
        self.findings.add(finding_row(self.document.document, one) for one in findings)

    def _judged(self, records: Iterable[Record]) -> Judged:
        """The découpage said or settled, else the one that the places tell."""
        if self.reading.frame:
            return Judged(self.reading.frame)
        day = self.reading.as_of
        in_force = frames().frame_on(day) if day else FRAMES[-1]
        found = judged_by_places(Places.of(self.reading, records), in_force)
        if day is None and found.frame == in_force:
            params: dict[str, object] = {"frame": in_force, "usual": in_force}
            self._say([Finding("frame_undated", params=params)])
        self._say(found.findings)
        return found

    def tables(self, records: deque[Record]) -> Tables:
        """The tables of the records, which are used up."""
        self._say([*self.document.findings, *self.reading.findings])
        self.judged = self._judged(records)
        locate_places(records, self.judged.of_row)
        identities: Counter[str] = Counter()
        for stated in prepared(records, self.judged.of_row):
            record, said = without_personal_data(stated)
            self._say(said)
            self._record(record, identities)
        for locator, outcome in self.reading.outcomes:
            self.outcomes.add([locator], str(outcome))
        totals = [self._total(total) for total in self.reading.control_totals]
        context = [self._fact(fact) for fact in self.reading.context]
        self._say([*self.misfits.findings(), *self.shared.findings()])
        activities = self.activities.frame()
        self._say(reserved(activities.select("sensitivity").iter_rows(named=True)))
        self._say([*self.naming.findings, *self.pricing.findings])
        return Tables(
            documents=frame_of("documents", [self._document()]),
            activities=activities,
            amounts=self.amounts.frame(),
            placements=self.placements.frame(),
            rows=self.outcomes.frame(),
            findings=self.findings.frame(),
            control_totals=frame_of("control_totals", totals),
            context=frame_of("context", context),
            organisations=frame_of("organisations", self._organisations()),
            relations=self.relations.frame(),
            sectors=self.sectors.frame(),
        )

    def _organisations(self) -> list[Row]:
        """Those that people entered and this document names."""
        document = self.document.document
        return [
            {
                "document": document,
                "organisation": one.id,
                **one.as_dict(),
                "type": one.type or None,
            }
            for one in self.naming.entered
        ]

    def _document(self) -> Row:
        reading, document = self.reading, self.document
        return {
            "document": document.document,
            "file": document.file,
            "reader": str(reading.reader),
            "title": without_contacts(reading.title) if reading.title else reading.title,
            "as_of": reading.as_of,
            "frame": self.judged.frame,
            "period_start": reading.period_start or self.first_day,
            "period_end": reading.period_end or self.last_day,
            "rows_read": len(self.outcomes),
            "origin": reading.origin,
            "is_sample": reading.reader == Reader.SAMPLE,
        }

    def _record(self, record: Record, identities: Counter[str]) -> None:
        if record.start and (self.first_day is None or record.start < self.first_day):
            self.first_day = record.start
        if record.end and (self.last_day is None or record.end > self.last_day):
            self.last_day = record.end
        settled = record.settled
        identity = (
            settled.activity_id if settled else digest(*identity_of(self.reading.reader, record))
        )
        identities[identity] += 1
        again = identities[identity]
        activity_id = identity + (f"{AGAIN}{again}" if again > 1 else "")
        frame = self.judged.of_row(record.locator)
        placed, said = placements_of(record, frame, self.corrections)
        if any(code == "frame_inferred" for code, _params in said):
            units = [(one.raw, one.unit_id) for one, _rule in placed]
            self.misfits.add(frame, record.locator, units, figures_of(record))
        self.placements.add(placement_row(activity_id, one, rule) for one, rule in placed)
        self._place_findings(record, said)
        self.activities.add([self._activity(activity_id, record)])
        day = record.as_of or self.reading.as_of
        self.amounts.add(self.pricing.rows(activity_id, record, day))
        self.relations.add(
            {"activity_id": activity_id, "relation": relation, "identifier": identifier}
            for relation, identifier in record.relations
        )
        named = self._sectors(record)
        self.sectors.add({"activity_id": activity_id, "sector": one} for one in named)
        outcome = Outcome.AGGREGATE if record.kind == Kind.AGGREGATE else Outcome.ACTIVITY
        self.outcomes.add([record.locator], str(outcome), activity_id)
        self.outcomes.add(record.folded, str(Outcome.FOLDED), activity_id)

    def _place_findings(self, record: Record, said: list[Said]) -> None:
        """A fault in the columns stands in every row that carries it, folded ones too."""
        in_columns = any(not text.text for text in record.places)
        for code, params in said:
            if code == "place_shared":
                self.shared.add(record, str(dict(params)["raw"]))
                continue
            repeated = in_columns and code.startswith("place_co")
            places = (record.locator, *(record.folded if repeated else ()))
            self._say(Finding(code, place, "place", dict(params)) for place in places)

    def _activity(self, activity_id: str, record: Record) -> Row:
        settled = record.settled
        names = [name for name in (record.lead, *record.implementers) if name]
        lead, implementers = self.naming.lead(record)
        known = tuple(name for name in (lead, *implementers) if name)
        sector = settled.sector if settled else self.naming.sector(record)
        status = self.naming.status(record.status_raw, locators_of(record))
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
            "donors": self.naming.organisations(record.donors, locators_of(record)),
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
            or str(
                sensitivity_of(
                    record, {sector, *self._sectors(record)}, status, record.as_of or self.written
                )
            ),
        }

    def _sectors(self, record: Record) -> tuple[str, ...]:
        """Each sector of one that names several; none of any other."""
        return record.settled.sectors if record.settled else self.naming.sectors(record)

    def _unit(self, text: PlaceText | None, locator: str = "") -> str | None:
        """The one unit of a figure's place: ``None`` when it names none, unplaced when not settled.

        A place that is not settled, or settled above what is written, is a finding.
        """
        if text is None:
            return None
        answer = place(text, self.judged.of_row(locator), self.corrections)
        self._say(Finding(code, "", "place", dict(params)) for code, params in answer.findings)
        found = {placed.unit_id for placed in answer.placed}
        return found.pop() if len(found) == 1 else UNPLACED

    def _total(self, total: ControlTotal) -> Row:
        told = {f.params.get("name") for f in self.reading.findings if f.code == "total_mismatch"}
        if total.name not in told:
            self._say(mismatch(total))
        unit = self._unit(total.place)
        return total_row(self.document.document, total, None if unit == NATIONAL else unit)

    def _fact(self, stated: ContextFact) -> Row:
        fact, said = fact_without_contacts(stated)
        self._say(said)
        unit = fact.unit_id
        if unit is None and fact.place is not None:
            unit = self._unit(fact.place, fact.locator)
            frame = self.judged.of_row(fact.locator)
            self.misfits.add_fact(frame, replace(fact, unit_id=unit))
        document = self.document.document
        return fact_row(fact, self.reading, document, unit, self.naming, self.pricing)
