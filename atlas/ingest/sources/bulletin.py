"""Monthly stabilisation bulletins: the text of a PDF, columns interleaved.

An activity belongs to the fund under which it is reported, whatever document reports it. Counts
and budgets by fund and région are published aggregates; money by fund stays with the fund, the
régions have counts only. Contributions, priorities and perimeters are facts of the context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from atlas.i18n import _
from atlas.ingest.parsing.dates import FRENCH, MONTHS
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Finding,
    Money,
    PlaceText,
    Reading,
    Record,
)
from atlas.ingest.sources import Options, load_spec
from atlas.ingest.sources._bulletin_text import (
    BulletinActivity,
    BulletinFund,
    KeyFigures,
    RegionCounts,
    TextBlock,
    activities_of_articles,
    activities_of_sheets,
    blocks_of,
    headline_activities,
    key_figures,
    pie_charts,
    region_counts,
)
from atlas.ingest.sources._prose import (
    FIGURE,
    MONTH,
    NAME,
    TextLine,
    days_in,
    figure_of_cell,
    formatted_figure,
    last_such_day,
    lines_of,
    not_this_kind_error,
)
from atlas.model import Kind, Outcome, Reader, Source

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
class BulletinFact:
    """A fact, the lines that tell it, and what is to be said of it."""

    fact: ContextFact
    lines: tuple[TextLine, ...]
    findings: tuple[Finding, ...] = ()


def facts_of_bulletin(
    blocks: Sequence[TextBlock], figures: Sequence[KeyFigures], as_of: date
) -> list[BulletinFact]:
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
    found = [fact for one in figures for fact in _fund_facts(one, as_of)]
    donors = {name for one in figures for name in one.contributors}
    for block in blocks:
        if block.fund is not None:
            found += _contribution_facts(block, block.fund, donors, as_of)
        found += _priority_facts(block, as_of)
        found += _perimeter_facts(block, as_of)
    return found


def _fund_facts(figures: KeyFigures, as_of: date) -> Iterator[BulletinFact]:
    """What the fund holds in all, where its projects cost less; and who contributes."""
    source = str(figures.fund.source)
    if len(figures.amounts) > 1:
        envelope = float(figures.amounts[1].value)
        name = f"{source} : budget du fonds"
        yield BulletinFact(
            ContextFact("contribution", name, value=envelope, scale="USD", as_of=as_of), ()
        )
    if figures.contributors:
        listed = ", ".join(figures.contributors)
        count = float(len(figures.contributors))
        name = f"{source} : contributeurs"
        yield BulletinFact(
            ContextFact("contribution", name, value=count, text=listed, as_of=as_of), ()
        )


def _contribution_facts(
    block: TextBlock, fund: BulletinFund, donors: set[str], as_of: date
) -> Iterator[BulletinFact]:
    told = _CONTRIBUTION.search(block.text)
    if told is None:
        return
    value = figure_of_cell(told.group(1))
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
    seen = {"donor": donor or "—", "amount": f"{formatted_figure(value)} USD"}
    finding = Finding("fund_contribution", block.lines[0].locator, "donors", seen)
    yield BulletinFact(fact, tuple(block.lines), (finding,))


def _priority_facts(block: TextBlock, as_of: date) -> Iterator[BulletinFact]:
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
        yield BulletinFact(fact, tuple(block.lines))


def _perimeter_facts(block: TextBlock, as_of: date) -> Iterator[BulletinFact]:
    told, name = _PERIMETER.search(block.text), _ACRONYM.findall(block.text)
    if told and name:
        text = f"{told.group(1)} cercles, régions de {told.group(2)}"
        fact = ContextFact(
            "programme", name[-1], value=float(told.group(1)), text=text, as_of=as_of
        )
        yield BulletinFact(fact, tuple(block.lines))


SPEC = load_spec(__name__)
FUNDS = tuple(
    BulletinFund(
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
class _BulletinParts:
    """The parts of one bulletin, each read once."""

    lines: list[TextLine]
    blocks: list[TextBlock]
    as_of: date
    figures: list[KeyFigures]
    regions: list[RegionCounts]
    told: list[BulletinActivity] = field(default_factory=list)
    facts: list[BulletinFact] = field(default_factory=list)


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
    bulletin = _parts_of_bulletin(document, options)
    totals, about_totals = _control_totals(bulletin)
    aggregates = [*_fund_aggregates(bulletin), *_region_aggregates(bulletin)]
    records = _each_line_once([told.record for told in bulletin.told] + aggregates)
    return Reading(
        reader=Reader.BULLETIN,
        title=f"{SPEC.title}, {_month_name(bulletin.as_of)}",
        as_of=bulletin.as_of,
        frame=options.frame or "",
        records=tuple(records),
        outcomes=tuple(_line_outcomes(bulletin, records)),
        findings=(*_bulletin_findings(bulletin), *about_totals),
        control_totals=tuple(totals),
        context=tuple(fact.fact for fact in bulletin.facts),
        period_end=bulletin.as_of,
        origin=SPEC.origin,
    )


def _parts_of_bulletin(document: Document, options: Options) -> _BulletinParts:
    lines = lines_of(document)
    as_of = options.as_of or _as_of(document, lines)
    blocks = blocks_of(lines, FUNDS)
    bulletin = _BulletinParts(
        lines, blocks, as_of, key_figures(lines, FUNDS), region_counts(lines, FUNDS)
    )
    told = [*activities_of_articles(blocks, as_of), *activities_of_sheets(blocks)]
    end = next((i for i, line in enumerate(lines) if _KEY_FIGURES.match(line.text)), 0)
    for headline in headline_activities(lines[:end], tuple(told), FUNDS):
        if isinstance(headline, BulletinActivity):
            told.append(headline)
        else:
            index, its_lines = headline
            record = told[index].record
            folded = (*record.folded, *(line.locator for line in its_lines))
            told[index] = replace(told[index], record=record._replace(folded=folded))
    bulletin.told = told
    bulletin.facts = facts_of_bulletin(blocks, bulletin.figures, as_of)
    return bulletin


def _as_of(document: Document, lines: Sequence[TextLine]) -> date:
    """The newest day that a line says the figures are of (``Au 30 juin 2017``)."""
    days = [
        day
        for line in lines
        if _SITUATION.match(line.text)
        for _raw, day in days_in(line.text)
        if day is not None
    ]
    if not days:
        raise not_this_kind_error(document, _("aucune ligne ne dit à quel jour il se rapporte"))
    return max(days)


def _month_name(day: date) -> str:
    return f"{FRENCH[day.month - 1]} {day.year}"


def _fund_aggregates(bulletin: _BulletinParts) -> Iterator[Record]:
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
            start=_counted_since(bulletin, fund),
            end=bulletin.as_of,
            amounts=(Money(figures.amounts[0].value, "USD"),),
            folded=tuple(line.locator for line in figures.lines[1:]),
            items=None if fund.source in by_region else figures.total,
            remarks=f"{figures.total} projets publiés",
            sector_text=" ",
        )


def _counted_since(bulletin: _BulletinParts, fund: BulletinFund) -> date | None:
    """First day of what is counted of a fund (``depuis 2013``), by its own words if any."""
    own = " ".join(one.text for one in bulletin.figures if one.fund == fund)
    texts = [own, *(line.text for line in bulletin.lines)]
    found = next((match for text in texts if (match := _SINCE.search(text))), None)
    return date(int(found.group(1)), 1, 1) if found else None


def _region_aggregates(bulletin: _BulletinParts) -> Iterator[Record]:
    for group in bulletin.regions:
        for fund, count, line in group.counts:
            yield Record(
                locator=line.locator,
                kind=Kind.AGGREGATE,
                source=fund.source,
                title=f"{fund.short} : projets par région, publié",
                places=(PlaceText(text=group.label),),
                start=_counted_since(bulletin, fund),
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


def _control_totals(bulletin: _BulletinParts) -> tuple[list[ControlTotal], list[Finding]]:
    totals: list[ControlTotal] = []
    findings: list[Finding] = []
    for figures in bulletin.figures:
        _totals_of_fund(bulletin, figures, totals, findings)
    for group in bulletin.regions:
        place = PlaceText(text=group.label)
        for fund, count, _line in group.counts:
            name = f"{fund.short} : projets, {group.label}"
            totals.append(ControlTotal(name, Decimal(count), None, place))
    return totals, findings


def _totals_of_fund(
    bulletin: _BulletinParts,
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
            seen = {"read": formatted_figure(amount.value), "currency": "USD"}
            findings.append(Finding("amount_rounded", where, "amount", seen))


def _bulletin_findings(bulletin: _BulletinParts) -> Iterator[Finding]:
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
        readings = " ; ".join(_counts_in_words(group) for group in ordered)
        where = ordered[0].counts[0][2].locator
        yield Finding("read_by_order", where, "place", {"readings": readings})
    for pie in pie_charts(bulletin.lines):
        values = f"{pie.title} : {', '.join(pie.values)}"
        yield Finding("percentages_unassigned", pie.lines[0].locator, "amount", {"values": values})


def _counts_in_words(group: RegionCounts) -> str:
    counts = ", ".join(f"{count} {fund.short}" for fund, count, _line in group.counts)
    return f"{group.label} {counts}"


def _about_record(activity: BulletinActivity) -> Iterator[Finding]:
    record = activity.record
    yield Finding("from_bulletin", record.locator, "", {"title": record.title})
    if not record.amounts:
        yield Finding("amount_missing", record.locator, "amount", {"title": record.title})
    elif activity.rounded:
        money = record.amounts[0]
        seen = {"read": formatted_figure(money.value), "currency": money.currency}
        yield Finding("amount_rounded", record.locator, "amount", seen)


def _line_outcomes(
    bulletin: _BulletinParts, records: Sequence[Record]
) -> Iterator[tuple[str, Outcome]]:
    """What became of each line that no record holds."""
    held = {locator for record in records for locator in (record.locator, *record.folded)}
    labels = {line.locator for group in bulletin.regions for line in group.label_lines}
    kept = {line.locator for fact in bulletin.facts for line in fact.lines}
    kept |= {line.locator for pie in pie_charts(bulletin.lines) for line in pie.lines}
    for line in bulletin.lines:
        where = line.locator
        if where in held:
            continue
        if where in labels:
            yield where, Outcome.AGGREGATE
        else:
            yield where, Outcome.CONTEXT if where in kept else Outcome.IGNORED
