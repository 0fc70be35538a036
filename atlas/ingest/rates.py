"""A person's own table of rates, which goes before the packaged ones.

Columns ``currency, date`` and ``per_usd`` or ``per_eur`` (units of the currency for one US
dollar or one euro), then ``until`` and ``source`` if wanted. A rate holds from its date to
``until``, else to the next one of its currency, and `HOLDS` at most: UN and EU rates are
monthly. Outside of that the packaged rates apply. The currencies pegged to the euro follow
the table's euro.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from atlas.errors import UnusableFileError
from atlas.i18n import _

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


class OwnRate(NamedTuple):
    """One line of the table: ``units`` of ``currency`` for one ``base`` (USD or EUR)."""

    currency: str
    since: date
    until: date
    base: str
    units: Decimal
    source: str


@dataclass(frozen=True)
class OwnRates:
    """The table, ready to be asked; in force for the imports that follow."""

    entries: tuple[OwnRate, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    @cached_property
    def _by_currency(self) -> Mapping[str, list[OwnRate]]:
        found: dict[str, list[OwnRate]] = {}
        for entry in sorted(self.entries, key=lambda one: one.since):
            found.setdefault(entry.currency, []).append(entry)
        return found

    def on(self, currency: str, day: date) -> OwnRate | None:
        """The rate of a currency that holds on a day."""
        entries = self._by_currency.get(currency, [])
        index = bisect_right(entries, day, key=lambda one: one.since) - 1
        return entries[index] if index >= 0 and day <= entries[index].until else None

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
            for entries in (self._by_currency[c] for c in sorted(self._by_currency))
            for one in entries
        ]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> OwnRates:
        """What `rows` wrote."""
        return cls(tuple(_rate(row, f"n° {n}", "") for n, row in enumerate(rows, start=1)))


NO_RATES = OwnRates()


def read_rates(path: Path | str) -> OwnRates:
    """Read a table of rates (CSV or workbook).

    Raises
    ------
    UnusableFileError
        A column is missing, or a line is not a rate: a table of rates is right as a whole
        or not at all.
    """
    from atlas.ingest.files.delimited import why_misshapen, widths_of
    from atlas.ingest.files.readers import locator, read_document

    document = read_document(path)
    sheet = next((sheet for sheet in document.sheets if _columns(sheet.rows[:1])), None)
    if sheet is None:
        raise _unusable(
            document.file, _("colonnes attendues : currency, date, et per_usd ou per_eur")
        )
    columns = _columns(sheet.rows[:1])
    entries = []
    widths = widths_of(sheet.rows[:1], document.format)
    for index, cells in enumerate(sheet.rows[1:], start=1):
        misshapen = why_misshapen(cells, widths) if any(cells) else None
        if misshapen:
            where = locator(document, sheet, index)
            raise _unusable(document.file, f"{where} : {misshapen[1]}")
        row = {f: cells[i] for f, i in columns.items() if i < len(cells)}
        if any(value not in (None, "") for value in row.values()):
            try:
                entries.append(_rate(row, locator(document, sheet, index), document.file))
            except ValueError as error:
                raise _unusable(document.file, str(error)) from error
    twice = len(entries) - len({(one.currency, one.since) for one in entries})
    if twice:
        raise _unusable(document.file, _("une devise a deux taux le même jour"))
    return OwnRates(tuple(entries))


def _unusable(file: str, why: str) -> UnusableFileError:
    return UnusableFileError(
        _("Table de taux {file} inutilisable", file=file),
        why,
        _("Une ligne par taux : currency, date, per_usd (ou per_eur), puis until et source."),
    )


def _columns(header: Sequence[Sequence[object]]) -> dict[str, int]:
    """Index of each known column; empty when it is no table of rates."""
    from atlas.ingest.folding import fold

    names = [fold(cell) for cells in header for cell in cells]
    known = {fold(name): field for field, many in _HEADINGS.items() for name in many}
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in known:
            found.setdefault(known[name], index)
    needed = {"currency", "date"} <= set(found) and {"per_usd", "per_eur"} & set(found)
    return found if needed else {}


def _rate(row: Mapping[str, Any], where: str, file: str) -> OwnRate:
    """One line of the table.

    Raises
    ------
    ValueError
        It is not a rate; the message says where and why.
    """
    stated = [(base, _units(row.get(f"per_{base.lower()}"), where)) for base in ("USD", "EUR")]
    given = [(base, units) for base, units in stated if units is not None]
    currency = str(row.get("currency") or "").strip().upper()
    since = _day(row.get("date"), where, last=False)
    if len(given) != 1 or len(currency) != 3 or since is None:
        raise ValueError(_("{where} : devise, date et un seul taux attendus", where=where))
    ((base, units),) = given
    until = _day(row.get("until"), where, last=True) or since + HOLDS
    if until < since or base == currency:
        raise ValueError(_("{where} : période ou devise impossible", where=where))
    return OwnRate(currency, since, until, base, units, str(row.get("source") or file).strip())


def _units(raw: object, where: str) -> Decimal | None:
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


def _day(raw: object, where: str, *, last: bool) -> date | None:
    from atlas.ingest.parsing.dates import parse_date

    if raw is None or raw == "":
        return None
    read = parse_date(raw)
    found = read.last if last else read.value
    if found is None:
        raise ValueError(_("{where} : date illisible « {raw} »", where=where, raw=raw))
    return found
