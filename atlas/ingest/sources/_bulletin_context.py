"""Facts of a bulletin that are no activity: contributions, priorities, perimeters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from atlas.ingest.parsing.months import MONTHS
from atlas.ingest.reading import ContextFact, Finding, PlaceText
from atlas.ingest.sources._bulletin_layout import Block, Fund, KeyFigures
from atlas.ingest.sources._prose import (
    FIGURE,
    MONTH,
    NAME,
    Line,
    figure,
    last_such_day,
    written,
)

_CONTRIBUTION = re.compile(
    rf"\bcontribution de ({FIGURE}) ?(millions?)? ?(?:de )?(?:USD|dollars)", re.IGNORECASE
)
_ON = re.compile(rf"\bLe (\d{{1,2}})(?:er)? ({MONTH})\b", re.IGNORECASE)
_PRIORITIES = re.compile(r"(\d+) projets prioritaires\b[^.]*?\bdans les domaines (.+?)\.")
_CERCLE = re.compile(rf"\bcercle de ({NAME})")
_PERIMETER = re.compile(
    rf"\bporte sur (\d+) cercles des (?:\w+ )?régions de ({NAME} et (?:de )?{NAME})"
)
_ACRONYM = re.compile(r"\(([A-Z]{4,})\)")


@dataclass(frozen=True)
class Fact:
    """A fact, the lines that tell it, and what is to be said of it."""

    fact: ContextFact
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()


def facts_of(blocks: Sequence[Block], figures: Sequence[KeyFigures], as_of: date) -> list[Fact]:
    """Contributions to funds, priorities of a cercle, perimeter of a plan.

    Parameters
    ----------
    blocks
        The blocks of the text.
    figures
        Key figures of the funds: they list the contributors.
    as_of
        Date of the bulletin.
    """
    found = [fact for one in figures for fact in _of_fund(one, as_of)]
    donors = {name for one in figures for name in one.contributors}
    for block in blocks:
        if block.fund is not None:
            found += _contributions(block, block.fund, donors, as_of)
        found += _priorities(block, as_of)
        found += _perimeters(block, as_of)
    return found


def _of_fund(figures: KeyFigures, as_of: date) -> Iterator[Fact]:
    """What the fund holds in all, where its projects cost less; and who contributes."""
    source = str(figures.fund.source)
    if len(figures.amounts) > 1:
        envelope = float(figures.amounts[1].value)
        name = f"{source} : budget du fonds"
        yield Fact(ContextFact("contribution", name, value=envelope, scale="USD", as_of=as_of), ())
    if figures.contributors:
        listed = ", ".join(figures.contributors)
        count = float(len(figures.contributors))
        name = f"{source} : contributeurs"
        yield Fact(ContextFact("contribution", name, value=count, text=listed, as_of=as_of), ())


def _contributions(block: Block, fund: Fund, donors: set[str], as_of: date) -> Iterator[Fact]:
    told = _CONTRIBUTION.search(block.text)
    if told is None:
        return
    value = figure(told.group(1))
    if value is None:
        return
    value *= Decimal(1_000_000) if told.group(2) else 1
    named = sorted(name for name in donors if re.search(rf"\b{re.escape(name)}\b", block.text))
    donor = " ; ".join(named)
    on = _ON.search(block.text)
    day = last_such_day(int(on.group(1)), MONTHS[on.group(2).lower()], as_of) if on else None
    fact = ContextFact(
        "contribution",
        str(fund.source),
        value=float(value),
        text=donor,
        scale="USD",
        as_of=day or as_of,
    )
    seen = {"donor": donor or "—", "amount": f"{written(value)} USD"}
    finding = Finding("fund_contribution", block.lines[0].locator, "donors", seen)
    yield Fact(fact, tuple(block.lines), (finding,))


def _priorities(block: Block, as_of: date) -> Iterator[Fact]:
    """A count of priorities chosen locally; a list that is not published is not made up."""
    told, cercle = _PRIORITIES.search(block.text), _CERCLE.search(block.text)
    if told and cercle:
        fact = ContextFact(
            "priorities",
            "projets prioritaires",
            PlaceText(cercle=cercle.group(1)),
            value=float(told.group(1)),
            text=told.group(2),
            as_of=as_of,
        )
        yield Fact(fact, tuple(block.lines))


def _perimeters(block: Block, as_of: date) -> Iterator[Fact]:
    told, name = _PERIMETER.search(block.text), _ACRONYM.findall(block.text)
    if told and name:
        text = f"{told.group(1)} cercles, régions de {told.group(2)}"
        fact = ContextFact(
            "programme", name[-1], value=float(told.group(1)), text=text, as_of=as_of
        )
        yield Fact(fact, tuple(block.lines))
