"""Reports by indicator and month, as the regional reporting system (ROWCA) keeps them.

A row there is an indicator of an activity of a project in a région in a month, by one
organisation. The activity is project × activity × région; its rows fold into it. Indicators
have units of their own, and monthly figures that are not marked cumulative may overlap:
figures are kept as a number only where one row states one indicator that counts people, once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from atlas.i18n import N_
from atlas.ingest.folding import fold
from atlas.ingest.parsing.amounts import parse_number
from atlas.ingest.parsing.dating import Dated, date_of_document
from atlas.ingest.parsing.months import month_end, month_number
from atlas.ingest.reading import Document, Finding, Reading, Record
from atlas.ingest.sources import Options, SourceSpec
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import borders_of, places_of, set_aside_country
from atlas.ingest.sources.nothing import declare, nothing_said
from atlas.ingest.tables.rows import Row, Table
from atlas.model import Source

_IDENTITY = ("project", "activity_code", "title", "region", "cercle")


def read_reports(
    spec: SourceSpec,
    document: Document,
    tables: list[Table],
    skipped: tuple[Finding, ...],
    options: Options,
) -> Reading:
    """Fold the rows of each project × activity × place into one record.

    Parameters
    ----------
    spec
        ``[reports]`` says how a project code names its year and which indicators count
        people.
    tables
        Those with an "indicator" column.

    Returns
    -------
    Reading
        Rows outside Mali set aside, each with its country.
    """
    ledger = Ledger(findings=list(skipped))
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for table in tables:
        ledger.findings += table.findings
        borders = borders_of(table, ledger)
        for row in table.rows():
            if misshapen := table.why_misshapen(row):
                ledger.reject(row, *misshapen)
            elif country := borders.country_of(row):
                set_aside_country(row, country, ledger)
            elif (nothing := nothing_said(row)) and declare(
                _record([row], spec, ledger), nothing, ledger
            ):
                pass  # the word of who it names, and no activity
            elif not row.text("title"):
                ledger.reject(row, "Activity", "activité absente")
            else:
                groups[tuple(fold(row.text(field)) for field in _IDENTITY)].append(row)
    for rows in groups.values():
        ledger.records.append(_record(rows, spec, ledger))
    dated = _date(groups.values(), spec, document, options)
    return ledger.reading(spec, dated, options)


def _record(rows: list[Row], spec: SourceSpec, ledger: Ledger) -> Record:
    first = rows[0]
    reports = spec.data["reports"]
    target, reached = _figures(rows, reports["people"], ledger)
    months = sorted({day for row in rows if (day := _month(row, reports["year_in_project"]))})
    # A joint project is reported by each of its organisations: none of them leads.
    said = (name for row in rows for field in ("lead", "implementers") for name in row.texts(field))
    names = tuple(dict.fromkeys(said))
    return Record(
        locator=first.locator,
        kind=spec.kind,
        source=spec.source or Source.NGO,
        title=first.text("title"),
        key="/".join(first.text(field) for field in ("project", "activity_code", "region")),
        description=f"Projet {first.text('project')}" if first.text("project") else "",
        sector_raw=first.text("sector"),
        lead=names[0] if len(names) == 1 else "",
        implementers=names if len(names) > 1 else (),
        target=target,
        reached=reached,
        remarks=" ; ".join(_stated(row) for row in rows),
        places=places_of(first, None, None),
        folded=tuple(row.locator for row in rows[1:]),
        as_of=months[-1] if months else None,
    )


def _stated(row: Row) -> str:
    """An indicator as reported: its words, month, target and value."""
    words = f"{row.text('indicator')} ({row.text('month')})" if row.text("month") else ""
    target = f", cible annuelle {row.text('target')}" if row.text("target") else ""
    return f"{words or row.text('indicator')} : {row.text('reached') or '—'}{target}"


def _figures(rows: list[Row], people: str, ledger: Ledger) -> tuple[float | None, float | None]:
    """Target and reached of an activity, when a single row states people; else unknown."""
    counted = [row for row in rows if re.match(people, row.text("indicator").casefold())]
    if len(rows) == 1 and counted:
        row = rows[0]
        return parse_number(row.value("target")).value, parse_number(row.value("reached")).value
    if len(counted) > 1:
        alike = {fold(row.text("indicator")) for row in counted}
        reason = N_("plusieurs indicateurs")
        if len(alike) < len(counted):
            reason = N_("le même indicateur, dit non cumulatif, est rapporté plusieurs fois")
        params: dict[str, object] = {"title": rows[0].text("title"), "reason": reason}
        ledger.findings.append(Finding("figures_not_summed", rows[0].locator, "reached", params))
    return None, None


def _month(row: Row, year_in_project: str) -> date | None:
    """Last day of the month a row reports, in the year that its project code names."""
    month = month_number(row.text("month"))
    year = re.search(year_in_project, row.text("project"))
    return month_end(2000 + int(year[1]), month) if month and year else None


def _date(
    groups: Iterable[list[Row]], spec: SourceSpec, document: Document, options: Options
) -> Dated:
    nothing: list[date] = []
    dated = date_of_document(options.as_of, (), nothing, document.file, nothing)
    if dated.day:
        return dated
    pattern = spec.data["reports"]["year_in_project"]
    months = (_month(row, pattern) for rows in groups for row in rows)
    newest = max((day for day in months if day), default=None)
    if newest is None:
        return dated
    reason = N_("dernier mois rapporté, année dans le code des projets")
    params: dict[str, object] = {"date": newest.isoformat(), "reason": reason}
    return Dated(newest, Finding("as_of_inferred", params=params))
