"""The unit of a table's amounts: what a heading carries, else what stands above the table."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import currencies_in, parse_amount
from atlas.ingest.parsing.people import MEASURES
from atlas.ingest.reading import Finding
from atlas.ingest.tables.columns import ALTERNATIVE, Column, Layout
from atlas.ingest.tables.headings import COUNTED, times_of

_ABOVE = re.compile(
    r"\b(?:en|unites? ?:|monnaie ?:|devise ?:)\s+"
    r"((?:(?:milliers?|millions?|milliards?) (?:de |d')?)?"
    r"(?:usd|us\$|eur|euros?|f ?cfa|xof|dollars?(?: us)?|francs? ?cfa))(?![a-z])"
)


_PEOPLE_ABOVE = re.compile(
    r"\ben (milliers|millions) (?:de |d')?(?:personnes?|habitants?|individus?|beneficiaires?)\b"
)
_OF_PEOPLE = COUNTED | frozenset(MEASURES)
_NEAR = 10
"""Lines above a table in which its unit is looked for: the prose of a report has others."""


class Unit(NamedTuple):
    """What a heading's brackets say of money: a currency, and thousands or millions.

    Attributes
    ----------
    guessed
        The sign that the currency was inferred from, "$"; "" where it is named.
    several
        The heading names several currencies: which one an amount is in, its cell must say.
    """

    currency: str | None
    factor: Decimal
    guessed: str = ""
    several: bool = False


@lru_cache(maxsize=1024)
def money_unit(words: str) -> Unit:
    """Currency and factor of a heading's unit.

    Examples
    --------
    >>> money_unit("milliers de FCFA"), money_unit("personnes").currency
    (Unit(currency='XOF', factor=Decimal('1000'), guessed='', several=False), None)
    >>> money_unit("FCFA/USD/€").several
    True
    """
    if len(currencies_in(words)) > 1:
        return Unit(None, Decimal(1), several=True)
    read = parse_amount(f"1 {words}")
    guesses = [one for one in read.findings if one.code == "currency_inferred"]
    if read.value is None or len(guesses) < len(read.findings):
        return Unit(None, Decimal(1))
    return Unit(read.currency, read.value, words if guesses else "")


def unit_above(text: str) -> str:
    """The one unit of money that the lines above a table state; ``""`` when none, or several.

    Examples
    --------
    >>> unit_above("Suivi 2024 (montants en milliers de FCFA)"), unit_above("en euros, en USD")
    ('milliers de fcfa', '')
    """
    return _one_of(_ABOVE, text)


def people_above(text: str) -> str:
    """The one multiple of people that the lines above a table state; ``""`` when none.

    Examples
    --------
    >>> people_above("HNRP 2024 (en milliers de personnes)"), people_above("PIN 2024")
    ('milliers', '')
    """
    return _one_of(_PEOPLE_ABOVE, text)


def _one_of(pattern: re.Pattern[str], text: str) -> str:
    near = " \n".join(text.strip().split("\n")[-_NEAR:])
    found = set(pattern.findall(fold(near)))
    return found.pop() if len(found) == 1 else ""


def with_unit_above(layout: Layout, text: str) -> Layout:
    """The layout, its columns of money or people in the unit stated above where they have none.

    A heading's own currency or multiple stands, and so does a column of currencies; a heading
    that names the same currency and no multiple is in that unit too. What is taken is said.
    """
    money = "" if "currency" in layout.fields else unit_above(text)
    people = people_above(text)
    taken: dict[Column, str] = {}
    for column in layout.columns if money or people else ():
        if money and _takes(column, money):
            taken[column] = money
        elif people and column.field in _OF_PEOPLE and times_of(column.unit) == 1:
            taken[column] = people
    columns = (replace(one, unit=taken.get(one, one.unit)) for one in layout.columns)
    said = (said_above(one.heading, unit) for one, unit in taken.items())
    return replace(layout, columns=tuple(columns), findings=(*layout.findings, *said))


def said_above(heading: str, unit: str) -> Finding:
    """The finding that a column's unit was taken from above the table."""
    return Finding("unit_above", field=heading, params={"column": heading, "unit": unit})


def _takes(column: Column, words: str) -> bool:
    if column.field not in ALTERNATIVE:
        return False
    own, stated = money_unit(column.unit), money_unit(words)
    if own.factor != 1:
        return False
    return own.currency is None or (own.currency == stated.currency and stated.factor != 1)
