"""Quantities of a row: kits, litres, boreholes …, which are no people.

A list says what its figures count in its headings ("Nombre de kits distribués", "Cible
(tonnes)"), or row by row, in columns of an indicator and a unit beside "Cible" and "Réalisé".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from atlas.fields import BENEFICIARIES
from atlas.ingest.parsing.amounts import currencies_in, parse_number
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import measure_of_words
from atlas.ingest.parsing.values import with_locator
from atlas.ingest.reading import ActivityFigure, Finding
from atlas.ingest.tables.table_columns import TableColumn
from atlas.ingest.tables.table_rows import TableRow
from atlas.vocab.indicators import OTHER, counted_indicator

QUANTITY = "quantity"
_DONE = re.compile(
    r"distribu|fourni|livr|constru|rehabilit|equip|install|amenag|vaccin|remis|deliver|provid|built"
)
_MEASURES = {"target": "target", "reached": "reached", "beneficiaries": "unsaid"}
"""Fields whose heading may leave open what is counted, and what their figures are of."""


class CountedThing(NamedTuple):
    """What the figures of a row count, and the words that say so."""

    indicator: str
    words: str


class RowQuantities(NamedTuple):
    """Quantities that a row states, and what is to be said of them."""

    figures: tuple[ActivityFigure, ...]
    findings: tuple[Finding, ...]


def thing_counted(row: TableRow) -> CountedThing:
    """What a row says that its figures count; people where it says nothing.

    Its unit goes first, where it is one of things or money ("Unité" may head offices, too). An
    indicator that names no thing that is known counts something that is not known.
    """
    unit, words = (
        row.text(field) if field in row.columns else "" for field in ("unit", "indicator")
    )
    if unit and (counted := counted_indicator(unit) or (OTHER if currencies_in(unit) else None)):
        return CountedThing(counted, words or unit)
    if not words:
        return CountedThing(BENEFICIARIES, "")
    return CountedThing(counted_indicator(words) or OTHER, words)


def counted_in_column(column: TableColumn, thing: CountedThing) -> CountedThing:
    """What the cells of a column count: what its heading names, else what their row does."""
    own = counted_indicator(f"{column.heading} {column.unit}")
    if own == BENEFICIARIES or "population" in fold_text(column.heading):
        return CountedThing(BENEFICIARIES, column.heading)
    return CountedThing(own, column.heading) if own else thing


def quantities_of_row(row: TableRow) -> RowQuantities:
    """Quantities of a row.

    A figure of people is none: `atlas.ingest.cells.beneficiaries_of_row` reads those.
    """
    thing = thing_counted(row)
    figures: list[ActivityFigure] = []
    findings: list[Finding] = []
    for field, column, raw in _figure_cells(row):
        counted = counted_in_column(column, thing)
        if counted.indicator == BENEFICIARIES and field != QUANTITY:
            continue
        if counted.indicator == BENEFICIARIES:  # "Quantité" of nothing that anybody names
            counted = CountedThing(OTHER, column.heading)
        read = parse_number(raw, column.heading)
        findings += with_locator(read.findings, row.locator, column.heading)
        if read.value is None:
            continue
        if read.value < 0:
            params: dict[str, object] = {"field": column.heading, "raw": str(raw)}
            unread = Finding("value_unreadable", row.locator, column.heading, params)
            findings.append(unread)
            continue
        measure = _MEASURES.get(field) or _measure_of_quantity(column.heading)
        indicator = counted.indicator
        figures.append(ActivityFigure(measure, counted.words, read.value, indicator=indicator))
        said: dict[str, object] = {"column": column.heading}
        if indicator == OTHER:
            said["raw"] = counted.words
            findings.append(Finding("quantity_unknown", row.locator, column.heading, said))
        else:
            findings.append(Finding("quantity_read", "", column.heading, said))
    return RowQuantities(tuple(figures), tuple(findings))


def _figure_cells(row: TableRow) -> Iterator[tuple[str, TableColumn, object]]:
    for field in (*_MEASURES, QUANTITY):
        if field in row.columns:
            for column, raw in row.filled_cells(field):
                yield field, column, raw


def _measure_of_quantity(heading: str) -> str:
    folded = fold_text(heading)
    return "reached" if _DONE.search(folded) else measure_of_words(folded) or "unsaid"
