"""Contributions to a fund: who gave how much, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from atlas.ingest.cells import days, moneys
from atlas.ingest.context_checks import is_of_all
from atlas.ingest.reading import ContextFact, ControlTotal, Finding
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import fund_of
from atlas.ingest.tables.rows import Row
from atlas.vocab import match_organisation, split_organisations

KIND = "contribution"


def fund_named(row: Row, around: Iterable[str]) -> str:
    """The fund of a row: its own column, else what the sheet, title or file names."""
    written = row.text("fund")
    if written:
        return str(fund_of(written) or written)
    return next((str(fund) for text in around if (fund := fund_of(text))), "")


def contributions_of(row: Row, fund: str, ledger: Ledger) -> list[ContextFact]:
    """What a row says a donor gave; rejected without a fund, a donor, or both.

    An amount nobody wrote stays unknown: the donor is told all the same. One amount of
    several donors is one contribution, under their names as written.
    """
    written = row.text("donor")
    if not fund or not written:
        ledger.reject(row, "fonds" if written else "bailleur", "fonds ou bailleur non indiqué")
        return []
    day = next(iter(days(row, "reported")), None)
    amounts, said = moneys(row, None, None, day)
    ledger.say(said)
    if not amounts and not said:
        title = f"{fund}, {written}"
        ledger.findings.append(Finding("amount_missing", row.locator, "budget", {"title": title}))
    one = match_organisation(written).id is not None
    names = [written] if one else split_organisations(written)
    who = names[0] if len(names) == 1 else ""
    notes = " ".join([*row.texts("text"), *row.texts("remarks")])
    common = ContextFact(
        KIND,
        fund,
        organisation=who,
        text=f"{written} ({notes})" if notes else written,
        source=row.text("source"),
        as_of=day,
        locator=row.locator,
    )
    return [
        replace(common, value=float(money.value), scale=money.currency, money=money)
        for money in amounts
    ] or [common]


def money_totals(
    row: Row, kind: str, above: Sequence[ContextFact], since: int
) -> list[ControlTotal]:
    """Control totals of a row that prints a total, by currency; one currency read by default."""
    del kind
    part = above if is_of_all(row) else above[since:] or above
    spoken = {fact.scale for fact in part if fact.scale}
    usual = next(iter(spoken)) if len(spoken) == 1 else None
    published, _said = moneys(row, usual, None, None)
    found = []
    for money in published:
        read = sum(
            (fact.money.value for fact in part if fact.money and fact.scale == money.currency),
            Decimal(0),
        )
        name = f"Contributions ({row.locator})"
        found.append(ControlTotal(name, money.value, read, currency=money.currency))
    return found
