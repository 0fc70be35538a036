"""Published totals that a person gives beside a file, held against what was read of it.

One on the command line is ``NAME=VALUE[CURRENCY]``; a table has the columns ``name,
published`` and, if wanted, ``currency, region, cercle, commune, period, source``. With a
currency it is a sum of budgets in that currency; without one, a number of activities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from atlas.corrections import unit_lies_in
from atlas.corrections.relations import counted_tables, published_totals
from atlas.errors import UsageError
from atlas.i18n import _
from atlas.ingest.files.plain_text import why_misshapen, widths_of
from atlas.ingest.files.readers import read_document, row_locator
from atlas.ingest.money import to_major
from atlas.ingest.parsing.amounts import parse_amount
from atlas.ingest.parsing.dates import parse_period
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.placing import units_of_place
from atlas.ingest.reading import ControlTotal, Document, Finding, PlaceText, Sheet
from atlas.ingest.report import finding_row, source_of_total, total_difference
from atlas.ingest.tables.table_rows import as_text
from atlas.model import RESERVED, Kind, Tables, frame_of
from atlas.shares import split_amounts
from atlas.vocab import vocabulary_table

_HEADINGS = {
    "name": ("name", "nom", "total"),
    "published": ("published", "publie", "value", "valeur", "montant", "nombre"),
    "currency": ("currency", "devise", "monnaie"),
    "region": ("region", "zone"),
    "cercle": ("cercle",),
    "commune": ("commune",),
    "period": ("period", "periode", "annee", "year"),
    "source": ("source", "fonds", "fund"),
}


@dataclass(frozen=True)
class PublishedTotal:
    """A published total: ``published`` in major units, or a count when ``currency`` is ""."""

    name: str
    published: str
    currency: str = ""
    region: str = ""
    cercle: str = ""
    commune: str = ""
    period: str = ""
    source: str = ""

    @property
    def row(self) -> dict[str, str]:
        """Plain values, for JSON."""
        return asdict(self)


def published_totals_of(words: Iterable[str]) -> tuple[PublishedTotal, ...]:
    """Totals that a person gives: ``NAME=VALUE[CURRENCY]``, or the path of a table.

    Raises
    ------
    UsageError
        It is neither, or a value is not a figure.
    UnusableFileError
        The table cannot be read.
    """
    found: list[PublishedTotal] = []
    for word in words:
        name, equals, value = word.rpartition("=")
        if equals and not Path(word).exists():
            found.append(checked_total(PublishedTotal(" ".join(name.split()), value), word))
        else:
            found += _totals_of_table(Path(word))
    return tuple(found)


def _totals_of_table(path: Path) -> list[PublishedTotal]:
    document = read_document(path)
    known = {name: field for field, names in _HEADINGS.items() for name in names}
    for sheet in document.sheets:
        columns: dict[str, int] = {}
        for index, cell in enumerate(sheet.rows[0] if sheet.rows else ()):
            if field := known.get(fold_text(cell)):
                columns.setdefault(field, index)
        if {"name", "published"} <= set(columns):
            _check_widths(document, sheet)
            return [
                checked_total(
                    PublishedTotal(
                        **{f: as_text(row[i]) for f, i in columns.items() if i < len(row)}
                    ),
                    row_locator(document, sheet, number),
                )
                for number, row in enumerate(sheet.rows[1:], start=1)
                if any(cell not in (None, "") for cell in row)
            ]
    raise _bad_total_error(document.file, _("colonnes attendues : name et published"))


def _check_widths(document: Document, sheet: Sheet) -> None:
    """Raise where a row has not the cells of the headings: a total would be another's."""
    widths = widths_of(sheet.rows[:1], document.format)
    for number, row in enumerate(sheet.rows[1:], start=1):
        if any(row) and (misshapen := why_misshapen(row, widths)):
            raise _bad_total_error(row_locator(document, sheet, number), misshapen[1])


def checked_total(control: PublishedTotal, where: str) -> PublishedTotal:
    """The same, its value a plain number and its currency a code.

    Parameters
    ----------
    where
        What the error is to name.

    Raises
    ------
    UsageError
        The value, the source or the period means nothing.
    """
    read = parse_amount(control.published, control.currency or None)
    if read.value is None or not control.name:
        raise _bad_total_error(where, _("« {raw} » n'est pas un chiffre", raw=control.published))
    if control.source and control.source not in set(vocabulary_table("sources")["id"]):
        raise _bad_total_error(where, _("source inconnue « {raw} »", raw=control.source))
    if control.period and parse_period(control.period).start is None:
        raise _bad_total_error(where, _("période illisible « {raw} »", raw=control.period))
    plain = {**control.row, "published": f"{read.value:f}", "currency": read.currency or ""}
    return PublishedTotal(**plain)


def _bad_total_error(where: str, why: str) -> UsageError:
    return UsageError(
        _("Total de contrôle « {where} »", where=where),
        why,
        _("Écrivez NOM=VALEUR[DEVISE], ou donnez une table name, published, currency, region…"),
    )


def with_published_totals(tables: Tables, controls: Sequence[PublishedTotal]) -> Tables:
    """The tables of one document with the totals given beside what was read of it.

    Parameters
    ----------
    tables
        Of one document.
    controls
        A total of a source, place or period counts what the document tells of it.

    Raises
    ------
    UsageError
        A place is not one unit.
    """
    if not controls:
        return tables
    document = tables.documents.row(0, named=True)
    totals: list[dict[str, object]] = []
    said: list[Finding] = []
    for control in controls:
        unit = _unit_of_total(control, document["frame"])
        name = f"{control.name} ({control.source})" if control.source else control.name
        total = ControlTotal(
            name,
            Decimal(control.published),
            _sum_read(tables, control, unit),
            period=control.period,
            currency=control.currency,
        )
        entered = {"name": name, "published": control.published}
        said += [
            Finding("control_entered", "", control.currency, entered),
            *mismatch_findings(total),
        ]
        totals.append(total_row(document["document"], total, unit))
    findings = frame_of("findings", [finding_row(document["document"], one) for one in said])
    return replace(
        tables,
        findings=pl.concat([tables.findings, findings]),
        control_totals=pl.concat([tables.control_totals, frame_of("control_totals", totals)]),
    )


def total_row(document: str, total: ControlTotal, unit: str | None) -> dict[str, object]:
    """Row of ``control_totals``."""
    return {
        "document": document,
        "name": total.name,
        "unit_id": unit,
        "period": total.period or None,
        "currency": total.currency or None,
        "published": None if total.published is None else float(total.published),
        "read": None if total.read is None else float(total.read),
    }


def mismatch_findings(total: ControlTotal) -> list[Finding]:
    """The finding of a total that is not what was read; none when either is unknown."""
    if total.read is None or total.published is None or total.read == total.published:
        return []
    params: dict[str, object] = {
        "name": total.name,
        "published": f"{total.published:f}",
        "read": f"{total.read:f}",
    }
    return [Finding("total_mismatch", "", total.currency, params)]


def control_totals_of(
    tables: Tables, published: pl.DataFrame | None = None, *, by_hand: int = 0
) -> list[dict[str, Any]]:
    """Published totals of one document beside what was read, with those that contradict them.

    Parameters
    ----------
    published
        ``control_totals`` of what is published.
    by_hand
        How many of them, the last ones, a person gave.

    Returns
    -------
    list of dict
        A row of ``control_totals`` each, with ``source``, ``difference``, ``by_hand`` and
        ``others``: other published values of the same figure, here or in other documents.
    """
    document = tables.documents.row(0, named=True)
    own = published_totals(tables)
    every = own
    if published is not None:
        every = pl.concat([own, published.filter(pl.col("document") != document["document"])])
    said: dict[tuple[object, ...], set[float]] = {}
    for row in every.iter_rows(named=True):
        if row["published"] is not None:
            said.setdefault(_figure_key(row), set()).add(row["published"])
    return [
        {
            **row,
            "source": source_of_total(row["name"], document["reader"]),
            "difference": total_difference(row),
            "by_hand": index >= own.height - by_hand,
            "others": sorted(said.get(_figure_key(row), set()) - {row["published"]}),
        }
        for index, row in enumerate(own.iter_rows(named=True))
    ]


def _figure_key(row: Mapping[str, Any]) -> tuple[object, ...]:
    """What two totals must share to be of the same figure."""
    return fold_text(row["name"]), row["unit_id"], row["period"], row["currency"]


def _unit_of_total(control: PublishedTotal, frame: str) -> str | None:
    text = PlaceText(region=control.region, cercle=control.cercle, commune=control.commune)
    if text == PlaceText():
        return None
    found = {placed.unit_id for placed in units_of_place(text, frame).placed}
    unit = found.pop() if len(found) == 1 else None
    if unit is None or unit in RESERVED:
        named = " > ".join(n for n in (control.region, control.cercle, control.commune) if n)
        raise _bad_total_error(control.name, _("lieu non reconnu « {raw} »", raw=named))
    return unit


def _sum_read(tables: Tables, control: PublishedTotal, unit: str | None) -> Decimal | None:
    """What the document tells of it; ``None`` when it states no amount in that currency."""
    tables = counted_tables(tables)
    items = tables.activities.filter(pl.col("kind") != Kind.AGGREGATE)
    if control.source:
        items = items.filter(pl.col("source") == control.source)
    if control.period:
        span = parse_period(control.period)
        items = items.filter(_under_way(span.start, span.end))
    ids = items["activity_id"].implode()
    placements = tables.placements.filter(pl.col("activity_id").is_in(ids))
    inside = _units_inside(placements["unit_id"].unique().to_list(), unit)
    if not control.currency:
        there = placements.filter(pl.col("unit_id").is_in(inside))["activity_id"].unique().implode()
        counted = items.filter(pl.col("activity_id").is_in(there))
        return Decimal(int(counted["items"].fill_null(1).sum()))
    amounts = tables.amounts.filter(
        pl.col("activity_id").is_in(ids), kind="budget", currency=control.currency
    )
    if not amounts.height:
        return None
    shares = split_amounts(amounts, placements).filter(pl.col("unit_id").is_in(inside))
    return to_major(int(shares["minor"].sum()), control.currency)


def _under_way(start: date | None, end: date | None) -> pl.Expr:
    """Activities under way at some time of a period; undated ones by their document's date."""
    begun = pl.coalesce("start", "end", "as_of")
    done = pl.coalesce("end", "start", "as_of")
    return (begun <= pl.lit(end)) & (done >= pl.lit(start))


def _units_inside(units: Sequence[str], unit: str | None) -> list[str]:
    if unit is None:
        return list(units)
    return [one for one in units if one not in RESERVED and unit_lies_in(one, unit)]


def totals_as_rows(controls: Iterable[PublishedTotal]) -> list[dict[str, str]]:
    """Controls as plain values."""
    return [control.row for control in controls]


def totals_from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[PublishedTotal, ...]:
    """What `totals_as_rows` wrote."""
    return tuple(PublishedTotal(**row) for row in rows)
