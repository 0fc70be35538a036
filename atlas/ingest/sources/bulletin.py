"""Monthly stabilisation bulletins: the text of a PDF, columns interleaved.

An activity belongs to the fund it is told under, whatever document tells it. Counts and
budgets by fund and région are published aggregates; money by fund stands on the fund, the
régions have counts only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from atlas.i18n import _
from atlas.ingest.parsing.months import FRENCH
from atlas.ingest.reading import (
    ControlTotal,
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
)
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources._bulletin_articles import Told, articles, headlines, sheets
from atlas.ingest.sources._bulletin_context import Fact, facts_of
from atlas.ingest.sources._bulletin_layout import (
    Block,
    Fund,
    KeyFigures,
    RegionCounts,
    blocks_of,
    key_figures,
    pies,
    region_counts,
)
from atlas.ingest.sources._prose import (
    Line,
    days_in,
    lines_of,
    not_this_kind,
    written,
)
from atlas.model import Kind, Outcome, Reader, Source

SPEC = load_spec(__name__)
FUNDS = tuple(
    Fund(
        Source(fund["source"]),
        fund["short"],
        tuple(fund["tags"]),
        tuple(fund["words"]),
        fund.get("financed_by", ""),
        fund.get("led_by", ""),
    )
    for fund in SPEC.data["fund"]
)

_KEY_FIGURES = re.compile(r"\s*chiffres clés", re.IGNORECASE)
_SITUATION = re.compile(r"\s*au \d", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:depuis|démarrés en) (20\d\d)\b")
_CONTACT = re.compile(r"[\w.]+@[\w.]+\w")


@dataclass
class _Bulletin:
    """The parts of one bulletin, each read once."""

    lines: list[Line]
    blocks: list[Block]
    as_of: date
    figures: list[KeyFigures]
    regions: list[RegionCounts]
    told: list[Told] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


def sniff(document: Document) -> float:
    """How surely this is a bulletin: a text, with key figures of at least two funds."""
    if document.text is None or document.text.count("\t") > len(document.text) / 200:
        return 0.0
    lines = lines_of(document)
    named = {figures.fund.source for figures in key_figures(lines, FUNDS)}
    if len(named) < 2:
        return 0.0
    return 0.95 if any(_KEY_FIGURES.match(line.text) for line in lines) else 0.7


def read(document: Document, options: Options) -> Reading:
    """Activities, aggregates, contributions and priorities of a bulletin.

    A row of input is a line that is not blank: paragraphs are cut and interleaved by the
    columns of the page, lines are what is certain.

    Parameters
    ----------
    document
        The text of the bulletin.
    options
        Date and découpage, when the person gives them.

    Returns
    -------
    Reading
        Records under their fund, each with the finding that a bulletin is not the fund.

    Raises
    ------
    UnusableFileError
        The text says nowhere of which day it tells.
    """
    bulletin = _parts(document, options)
    totals, about_totals = _control_totals(bulletin)
    aggregates = [*_fund_aggregates(bulletin), *_region_aggregates(bulletin)]
    records = _each_line_once([told.record for told in bulletin.told] + aggregates)
    return Reading(
        reader=Reader.BULLETIN,
        title=f"{SPEC.title}, {_month_name(bulletin.as_of)}",
        as_of=bulletin.as_of,
        frame=options.frame or "",
        records=tuple(records),
        outcomes=tuple(_outcomes(bulletin, records)),
        findings=(*_findings(bulletin), *about_totals),
        control_totals=tuple(totals),
        context=tuple(fact.fact for fact in bulletin.facts),
        period_end=bulletin.as_of,
        origin=SPEC.origin,
    )


def _parts(document: Document, options: Options) -> _Bulletin:
    lines = lines_of(document)
    as_of = options.as_of or _as_of(document, lines)
    blocks = blocks_of(lines, FUNDS)
    bulletin = _Bulletin(
        lines, blocks, as_of, key_figures(lines, FUNDS), region_counts(lines, FUNDS)
    )
    told = [*articles(blocks, as_of), *sheets(blocks)]
    end = next((i for i, line in enumerate(lines) if _KEY_FIGURES.match(line.text)), 0)
    for headline in headlines(lines[:end], tuple(told), FUNDS):
        if isinstance(headline, Told):
            told.append(headline)
        else:
            index, its_lines = headline
            record = told[index].record
            folded = (*record.folded, *(line.locator for line in its_lines))
            told[index] = replace(told[index], record=record._replace(folded=folded))
    bulletin.told = told
    bulletin.facts = facts_of(blocks, bulletin.figures, as_of)
    return bulletin


def _as_of(document: Document, lines: Sequence[Line]) -> date:
    """The newest day that a line says the figures are of (``Au 30 juin 2017``)."""
    days = [
        day
        for line in lines
        if _SITUATION.match(line.text)
        for _raw, day in days_in(line.text)
        if day is not None
    ]
    if not days:
        raise not_this_kind(document, _("aucune ligne ne dit à quel jour il se rapporte"))
    return max(days)


def _month_name(day: date) -> str:
    return f"{FRENCH[day.month - 1]} {day.year}"


def _fund_aggregates(bulletin: _Bulletin) -> Iterator[Record]:
    """What is published of each whole fund: its money, and its count when no région has it.

    A count stands once: where the régions carry it, the fund does not repeat it.
    """
    by_region = {fund.source for group in bulletin.regions for fund, _n, _line in group.counts}
    for figures in bulletin.figures:
        fund = figures.fund
        yield Record(
            locator=figures.lines[0].locator,
            kind=Kind.AGGREGATE,
            source=fund.source,
            title=f"{fund.short} : ensemble du fonds, publié",
            description=figures.text,
            national=True,
            start=_since(bulletin, fund),
            end=bulletin.as_of,
            amounts=(Money(figures.amounts[0].value, "USD"),),
            folded=tuple(line.locator for line in figures.lines[1:]),
            items=None if fund.source in by_region else figures.total,
            remarks=f"{figures.total} projets publiés",
            sector_text=" ",
        )


def _since(bulletin: _Bulletin, fund: Fund) -> date | None:
    """First day of what is counted of a fund (``depuis 2013``), by its own words if any."""
    own = " ".join(one.text for one in bulletin.figures if one.fund == fund)
    texts = [own, *(line.text for line in bulletin.lines)]
    found = next((match for text in texts if (match := _SINCE.search(text))), None)
    return date(int(found.group(1)), 1, 1) if found else None


def _region_aggregates(bulletin: _Bulletin) -> Iterator[Record]:
    for group in bulletin.regions:
        for fund, count, line in group.counts:
            yield Record(
                locator=line.locator,
                kind=Kind.AGGREGATE,
                source=fund.source,
                title=f"{fund.short} : projets par région, publié",
                places=(PlaceText(text=group.label),),
                start=_since(bulletin, fund),
                end=bulletin.as_of,
                items=count,
                sector_text=" ",
            )


def _each_line_once(records: Sequence[Record]) -> list[Record]:
    """Records whose lines are their own: a line two of them read stays with the first."""
    taken = {record.locator for record in records}
    found = []
    for record in records:
        own = tuple(line for line in dict.fromkeys(record.folded) if line not in taken)
        taken.update(own)
        found.append(record._replace(folded=own))
    return found


def _control_totals(bulletin: _Bulletin) -> tuple[list[ControlTotal], list[Finding]]:
    totals: list[ControlTotal] = []
    findings: list[Finding] = []
    for figures in bulletin.figures:
        _of_fund(bulletin, figures, totals, findings)
    for group in bulletin.regions:
        place = PlaceText(text=group.label)
        for fund, count, _line in group.counts:
            name = f"{fund.short} : projets, {group.label}"
            totals.append(ControlTotal(name, Decimal(count), None, place))
    return totals, findings


def _of_fund(
    bulletin: _Bulletin,
    figures: KeyFigures,
    totals: list[ControlTotal],
    findings: list[Finding],
) -> None:
    short, where = figures.fund.short, figures.lines[0].locator
    total = Decimal(figures.total)
    if figures.parts:
        parts = Decimal(sum(figures.parts))
        totals.append(ControlTotal(f"{short} : projets finalisés et en cours", total, parts))
    counts = [
        count
        for group in bulletin.regions
        for fund, count, _line in group.counts
        if fund.source == figures.fund.source
    ]
    by_region = Decimal(sum(counts))
    if counts and by_region <= total:
        totals.append(ControlTotal(f"{short} : projets, somme des régions", total, by_region))
    elif counts:
        # More than there are projects: each counts in every région it touches.
        name = f"{short} : projet × région"
        totals.append(ControlTotal(name, by_region, by_region))
        seen = {"name": name, "published": str(total), "read": str(by_region)}
        findings.append(Finding("counted_per_region", where, "items", seen))
    sheet = {
        told.record.locator for told in bulletin.told if told.record.source == figures.fund.source
    }
    whole = Decimal(len(sheet)) if len(sheet) == total else None
    totals.append(ControlTotal(f"{short} : projets", total, whole))
    if whole is None:
        itemised = {"name": f"{short} : projets", "published": str(total)}
        findings.append(Finding("published_not_itemised", where, "items", itemised))
    for amount in figures.amounts:
        name = f"{short} : {amount.word}"
        totals.append(ControlTotal(name, amount.value, None, None, "", "USD"))
        if amount.rounded:
            seen = {"read": written(amount.value), "currency": "USD"}
            findings.append(Finding("amount_rounded", where, "amount", seen))


def _findings(bulletin: _Bulletin) -> Iterator[Finding]:
    for line in bulletin.lines:
        for raw, day in days_in(line.text):
            if day is None:
                yield Finding("date_impossible", line.locator, "as_of", {"raw": raw})
        if _CONTACT.search(line.text):
            yield Finding("personal_data_dropped", line.locator, "", {"column": "contact"})
    for told in bulletin.told:
        yield from _about_record(told)
    for fact in bulletin.facts:
        yield from fact.findings
    ordered = [group for group in bulletin.regions if group.by_order]
    if ordered:
        readings = " ; ".join(_reading(group) for group in ordered)
        where = ordered[0].counts[0][2].locator
        yield Finding("read_by_order", where, "place", {"readings": readings})
    for pie in pies(bulletin.lines):
        values = f"{pie.title} : {', '.join(pie.values)}"
        yield Finding("percentages_unassigned", pie.lines[0].locator, "amount", {"values": values})


def _reading(group: RegionCounts) -> str:
    counts = ", ".join(f"{count} {fund.short}" for fund, count, _line in group.counts)
    return f"{group.label} {counts}"


def _about_record(told: Told) -> Iterator[Finding]:
    record = told.record
    yield Finding("from_bulletin", record.locator, "", {"title": record.title})
    if not record.amounts:
        yield Finding("amount_missing", record.locator, "amount", {"title": record.title})
    elif told.rounded:
        money = record.amounts[0]
        seen = {"read": written(money.value), "currency": money.currency}
        yield Finding("amount_rounded", record.locator, "amount", seen)


def _outcomes(bulletin: _Bulletin, records: Sequence[Record]) -> Iterator[tuple[str, Outcome]]:
    """What became of each line that no record holds."""
    held = {locator for record in records for locator in (record.locator, *record.folded)}
    labels = {line.locator for group in bulletin.regions for line in group.label_lines}
    kept = {line.locator for fact in bulletin.facts for line in fact.lines}
    kept |= {line.locator for pie in pies(bulletin.lines) for line in pie.lines}
    for line in bulletin.lines:
        where = line.locator
        if where in held:
            continue
        if where in labels:
            yield where, Outcome.AGGREGATE
        else:
            yield where, Outcome.CONTEXT if where in kept else Outcome.IGNORED
