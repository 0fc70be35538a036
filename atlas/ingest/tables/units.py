"""The unit of a table's amounts: what a heading carries, else what stands above the table."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from atlas.ingest.folding import fold
from atlas.ingest.parsing.values import parse_amount
from atlas.ingest.reading import Finding
from atlas.ingest.tables.columns import ALTERNATIVE, Column, Layout

_ABOVE = re.compile(
    r"\b(?:en|unites? ?:|monnaie ?:|devise ?:)\s+"
    r"((?:(?:milliers?|millions?|milliards?) (?:de |d')?)?"
    r"(?:usd|us\$|eur|euros?|f ?cfa|xof|dollars?(?: us)?|francs? ?cfa))(?![a-z])"
)


_NEAR = 10
"""Lines above a table in which its unit is looked for: the prose of a report has others."""


@dataclass(frozen=True)
class Unit:
    """What a heading's brackets say of money: a currency, and thousands or millions."""

    currency: str | None
    factor: Decimal


@lru_cache(maxsize=1024)
def money_unit(words: str) -> Unit:
    """Currency and factor of a heading's unit.

    Examples
    --------
    >>> money_unit("milliers de FCFA"), money_unit("personnes").currency
    (Unit(currency='XOF', factor=Decimal('1000')), None)
    """
    read = parse_amount(f"1 {words}")
    if read.value is None or read.findings:
        return Unit(None, Decimal(1))
    return Unit(read.currency, read.value)


def unit_above(text: str) -> str:
    """The one unit of money that the lines above a table state; ``""`` when none, or several.

    Examples
    --------
    >>> unit_above("Suivi 2024 (montants en milliers de FCFA)"), unit_above("en euros, en USD")
    ('milliers de fcfa', '')
    """
    near = " \n".join(text.strip().split("\n")[-_NEAR:])
    found = set(_ABOVE.findall(fold(near)))
    return found.pop() if len(found) == 1 else ""


def with_unit_above(layout: Layout, text: str) -> Layout:
    """The layout, its columns of money in the unit stated above them where they carry no other.

    A heading's own currency or multiple stands, and so does a column of currencies; a heading
    that names the same currency and no multiple is in that unit too. What is taken is said.
    """
    words = unit_above(text)
    if not words or "currency" in layout.fields:
        return layout
    taken = [column for column in layout.columns if _takes(column, words)]
    said = tuple(
        Finding("unit_above", field=one.heading, params={"column": one.heading, "unit": words})
        for one in taken
    )
    columns = (replace(one, unit=words) if one in taken else one for one in layout.columns)
    return replace(layout, columns=tuple(columns), findings=(*layout.findings, *said))


def _takes(column: Column, words: str) -> bool:
    if column.field not in ALTERNATIVE:
        return False
    own, stated = money_unit(column.unit), money_unit(words)
    if own.factor != 1:
        return False
    return own.currency is None or (own.currency == stated.currency and stated.factor != 1)
