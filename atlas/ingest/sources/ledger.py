"""What has become of the rows of a list, as its source goes through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date

from atlas.ingest.parsing.dating import Dated
from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.ingest.reading import ContextFact, Finding, Money, Reading, Record
from atlas.ingest.sources import Options, SourceSpec
from atlas.ingest.sources.repeats import Printed
from atlas.ingest.tables.banners import Banners
from atlas.ingest.tables.rows import Row
from atlas.model import Outcome


@dataclass
class Ledger:
    """What has become of the rows so far."""

    records: list[Record] = made_by(default_factory=list)
    outcomes: list[tuple[str, Outcome]] = made_by(default_factory=list)
    findings: list[Finding] = made_by(default_factory=list)
    printed: list[Printed] = made_by(default_factory=list)
    reported: list[date] = made_by(default_factory=list)
    facts: list[ContextFact] = made_by(default_factory=list)
    since: int = 0
    """Index of the first record after the last printed sub-total of the table."""
    rates: OwnRates = NO_RATES
    """The person's own, for an amount that stands in two currencies."""
    _told: set[tuple[str, str, str]] = made_by(default_factory=set)

    def reading(
        self, spec: SourceSpec, dated: Dated, options: Options, said: Iterable[Finding] = ()
    ) -> Reading:
        """What the document says, dated; ``said`` are findings that come last."""
        of_the_date = (dated.finding,) if dated.finding else ()
        return Reading(
            reader=spec.reader,
            title=spec.title,
            as_of=dated.day,
            frame=options.frame or "",
            records=tuple(self.records),
            outcomes=tuple(self.outcomes),
            findings=(*self.findings, *of_the_date, *said),
            context=tuple(self.facts),
            origin=spec.origin,
        )

    def say(self, findings: Iterable[Finding]) -> None:
        """Tell findings of a row; one that is of no row, of a column say, is told once."""
        for one in findings:
            known = one.code, one.field, str(one.params)
            if one.locator or known not in self._told:
                self.findings.append(one)
            if not one.locator:
                self._told.add(known)

    def set_aside(self, row: Row, code: str, field: str = "", **params: object) -> None:
        """Count a row as no activity, and say why."""
        self.outcomes.append((row.locator, Outcome.IGNORED))
        self.findings.append(Finding(code, row.locator, field, params))

    def reject(self, row: Row, column: str, reason: str, money: Sequence[Money] = ()) -> None:
        """Count a row as rejected and say where and why, and what money it states."""
        params: dict[str, object] = {
            "reason": f"{reason}, colonne « {column} »",
            "sheet": row.sheet,
            "row": row.number,
            "column": column,
        }
        if money:
            params |= {"unread": f"{money[0].value:f}", "currency": money[0].currency}
        self.outcomes.append((row.locator, Outcome.REJECTED))
        self.findings.append(Finding("row_rejected", row.locator, column, params))

    def reject_lacking(
        self, row: Row, field: str, reason: str, money: Sequence[Money] = ()
    ) -> None:
        """Count a row as rejected for want of a field."""
        column = row.column(field)
        self.reject(row, column.heading if column else "", reason, money)

    def settle(self, banners: Banners, field: str, reason: str) -> None:
        """Count the lone rows of a table: set aside, or rejected for want of a field."""
        for one in banners.seen:
            if one.is_incomplete:
                self.reject_lacking(one.row, field, reason)
            else:
                self.outcomes.append((one.row.locator, Outcome.IGNORED))
                self.findings.append(one.finding)
        self.findings += [one.finding for one in banners.titles.values() if one.used]
