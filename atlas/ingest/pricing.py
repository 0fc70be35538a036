"""Amounts as stated → minor units and US dollars at the rate of their day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date

from atlas.ingest.money import ECB, minor, to_usd
from atlas.ingest.rates import NO_RATES, OwnRates
from atlas.ingest.reading import Finding, Money, Priced, Record
from atlas.shares import split

STATED = "document"
"""Source of a rate that the document gives by stating an amount in dollars too."""


@dataclass
class Pricing:
    """The amounts of one document; a missing rate is said once per currency and day."""

    as_of: date | None
    own: OwnRates = NO_RATES
    _missing: list[Finding] = made_by(default_factory=list)
    _owned: Counter[tuple[str, date, str, float]] = made_by(default_factory=Counter)
    _said: set[tuple[str, date | None]] = made_by(default_factory=set)

    @property
    def findings(self) -> list[Finding]:
        """What was without a rate, and what went by the person's own table."""
        own = [
            Finding(
                "rate_own",
                "",
                "amount",
                {"currency": c, "date": day, "source": source, "rate": f"{rate:.10g}", "n": n},
            )
            for (c, day, source, rate), n in sorted(self._owned.items())
        ]
        return [*self._missing, *own]

    def rows(self, activity_id: str, record: Record, as_of: date | None) -> list[dict[str, object]]:
        """Rows of ``amounts`` of one record.

        The rate is that of the end of the amount's period, or of the date of the document
        when that is earlier: a document cannot know a later rate.
        """
        return [self._row(activity_id, record, money, as_of) for money in record.amounts]

    def _row(
        self, activity_id: str, record: Record, money: Money, as_of: date | None
    ) -> dict[str, object]:
        days = [day for day in (money.period_end or money.period_start, as_of) if day]
        day = min(days, default=None)
        row: dict[str, object] = {
            "activity_id": activity_id,
            "kind": money.kind,
            "period_start": money.period_start,
            "period_end": money.period_end,
            "minor": _part(money, minor(money.value, money.currency)),
            "currency": money.currency,
            "unit_id": money.unit_id or None,
        }
        return {**row, **self.in_usd(money, day, record.locator)}

    def in_usd(self, money: Money, day: date | None, locator: str) -> dict[str, object]:
        """``usd_minor, rate, rate_date, rate_source`` of an amount; absent without a rate."""
        if money.priced is not None:
            return self._settled(money, money.priced, day, locator)
        if money.currency == "USD":
            return {
                "usd_minor": _part(money, minor(money.value, money.currency)),
                "rate": 1.0,
                "rate_date": day,
            }
        converted = to_usd(money.value, money.currency, day, self.own) if day else None
        if converted is None and money.stated_usd is not None:
            return {
                "usd_minor": _part(money, minor(money.stated_usd, "USD")),
                "rate": float(money.value / money.stated_usd) if money.stated_usd else None,
                "rate_date": day,
                "rate_source": STATED,
            }
        if converted is None:
            self._no_rate(money.currency, day, locator)
            return {}
        if converted.source != ECB:
            told = money.currency, converted.rate_date, converted.source, converted.rate
            self._owned[told] += 1
        return {
            "usd_minor": _part(money, converted.usd_minor),
            "rate": converted.rate,
            "rate_date": converted.rate_date,
            "rate_source": converted.source,
        }

    def _settled(
        self, money: Money, priced: Priced, day: date | None, locator: str
    ) -> dict[str, object]:
        """Dollars that were worked out before, or that there was no rate."""
        if priced.usd is None:
            self._no_rate(money.currency, day, locator)
            return {}
        return {
            "usd_minor": minor(priced.usd, "USD"),
            "rate": priced.rate,
            "rate_date": priced.rate_date,
            "rate_source": priced.rate_source or None,
        }

    def _no_rate(self, currency: str, day: date | None, locator: str) -> None:
        if (currency, day) not in self._said:
            self._said.add((currency, day))
            params: dict[str, object] = {"currency": currency}
            if day is None:
                self._missing.append(Finding("no_rate_undated", locator, "amount", params))
                return
            params["date"] = day.isoformat()
            self._missing.append(Finding("no_rate", locator, "amount", params))


def _part(money: Money, whole: int) -> int:
    """Share of an amount that several rows state; all of it when one does."""
    index, count = money.part
    return whole if count == 1 else split(whole, [1] * count)[index]
