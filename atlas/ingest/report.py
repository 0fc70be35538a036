"""What an import says of itself: the entries of ``atlas ingest --json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from atlas.corrections.relations import published_totals
from atlas.errors import AtlasError, one_line
from atlas.findings import severity_of
from atlas.ingest.parsing.privacy import without_contacts
from atlas.ingest.reading import Finding
from atlas.model import Kind, Source, Tables

_FUNDS = {"QIP": Source.QIP, "TF": Source.TRUST_FUND, "PBF": Source.PBF}
"""How the names of published totals begin, and whose they are."""


def finding_row(document: str, finding: Finding) -> dict[str, object]:
    """Row of ``findings``; dates and decimals in the params become text, contacts are hidden."""
    return {
        "document": document,
        "locator": finding.locator or None,
        "field": finding.field or None,
        "code": finding.code,
        "severity": severity_of(finding.code),
        "params": without_contacts(as_json(finding.params)),
    }


def as_json(params: Mapping[str, object]) -> str:
    """JSON object with sorted keys, the same for the same params.

    Examples
    --------
    >>> as_json({"b": date(2017, 6, 30), "a": Decimal("1.50")})
    '{"a": "1.50", "b": "2017-06-30"}'
    """
    return json.dumps(params, ensure_ascii=False, sort_keys=True, default=_plain_value)


def _plain_value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def report_of(tables: Tables) -> dict[str, Any]:
    """Report entry of the tables of one document.

    Returns
    -------
    dict
        ``file, source, as_of, frame, rows_read, outcomes, activities, folded, rejected,
        findings, unread_money, shared_money, control_totals``; figures in major units, ``None``
        where unknown.
    """
    document = tables.documents.row(0, named=True)
    outcomes = _value_counts(tables.rows["outcome"])
    return {
        "file": document["file"],
        "source": document["reader"],
        "as_of": document["as_of"].isoformat() if document["as_of"] else None,
        "frame": document["frame"],
        "rows_read": document["rows_read"],
        "outcomes": outcomes,
        "activities": tables.activities.filter(pl.col("kind") != Kind.AGGREGATE).height,
        "folded": outcomes.get("folded", 0),
        "rejected": outcomes.get("rejected", 0),
        "findings": _value_counts(tables.findings["code"]),
        "unread_money": money_said(tables.findings, "unread"),
        "shared_money": money_said(tables.findings, "shared"),
        "control_totals": [
            _total_entry(row, document["reader"])
            for row in published_totals(tables).iter_rows(named=True)
        ],
    }


def money_said(findings: pl.DataFrame, name: str) -> dict[str, float]:
    """Money that findings of one document speak of, by currency; ``""``: of none known.

    Parameters
    ----------
    name
        ``unread``: that no activity has; ``shared``: of several countries, kept whole.
    """
    sums: dict[str, Decimal] = {}
    for params in findings["params"]:
        if f'"{name}"' in params:
            said = json.loads(params)
            currency = said.get("currency") or ""
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(said[name])
    return {currency: float(total) for currency, total in sorted(sums.items())}


def _value_counts(series: pl.Series) -> dict[str, int]:
    counted = series.value_counts().sort(series.name)
    return dict(zip(counted[series.name].to_list(), counted["count"].to_list(), strict=True))


def _total_entry(row: dict[str, Any], reader: str) -> dict[str, Any]:
    return {
        "name": row["name"],
        "source": source_of_total(row["name"], reader),
        "unit": row["unit_id"],
        "period": row["period"],
        "currency": row["currency"],
        "published": row["published"],
        "read": row["read"],
        "difference": total_difference(row),
    }


def source_of_total(name: str, reader: str) -> str:
    """Whose total it is: the fund that its name begins with or ends on, else the document's.

    Examples
    --------
    >>> names = ("QIP : projets, Kidal", "Projets (pbf)")
    >>> [source_of_total(name, "bulletin") for name in names]
    ['qip', 'pbf']
    >>> source_of_total("Grand TOTAL", "pnud")
    'pnud'
    """
    fund = _FUNDS.get(name.partition(" : ")[0])
    if fund:
        return str(fund)
    last = name.rpartition("(")[2].rstrip(")")
    return last if name.endswith(")") and last in set(Source) else reader


def total_difference(total: Mapping[str, Any]) -> float | None:
    """Published less read; ``None`` where either is unknown."""
    published, read = total["published"], total["read"]
    return None if published is None or read is None else round(published - read, 2)


def unusable_entry(path: Path, error: AtlasError) -> dict[str, Any]:
    """Report entry of a file that could not be used: nothing read, and why."""
    return {
        "file": one_line(path.name),
        "source": None,
        "as_of": None,
        "frame": None,
        "rows_read": 0,
        "outcomes": {},
        "activities": 0,
        "folded": 0,
        "rejected": 0,
        "findings": {},
        "unread_money": {},
        "shared_money": {},
        "control_totals": [],
        "error": error.error_sentence(),
    }
