"""Beneficiaries and progress of a row: the figures the model keeps, and what else is said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from atlas.ingest.folding import fold
from atlas.ingest.parsing.people import MEASURES, both_sexes, disagreement, in_words, parse_people
from atlas.ingest.parsing.values import is_share, located, parse_percent
from atlas.ingest.reading import Finding
from atlas.ingest.tables.columns import Column
from atlas.ingest.tables.headings import times_of
from atlas.ingest.tables.rows import Row, as_text

Parts = list[tuple[str, float]]

_FIGURES = {"target": "people_target", "reached": "people_reached"}
_FIELDS = frozenset({*_FIGURES, "beneficiaries", *MEASURES})


class Beneficiaries(NamedTuple):
    """What a row says of the people it is for.

    Attributes
    ----------
    target, reached
        ``None`` when not stated, which is never zero.
    words
        The breakdown by sex, age and household, as stated; "" when there is none.
    """

    target: float | None
    reached: float | None
    words: str
    findings: tuple[Finding, ...]


NONE = Beneficiaries(None, None, "", ())


def beneficiaries(row: Row) -> Beneficiaries:
    """Figures of a row and their parts.

    A column that says *bénéficiaires* and no more states the target, when no other does.
    """
    if not row.columns.keys() & _FIELDS:
        return NONE
    findings: list[Finding] = []
    stated: dict[str, float | None] = {}
    parts: dict[str, Parts] = {field: [] for field in MEASURES}
    for figure, measure in (*_FIGURES.items(), ("beneficiaries", "people")):
        stated[figure], parts[measure] = _figure(row, figure, findings)
    for measure in MEASURES:
        for heading, value in row.headed(measure):
            number, of_cell = _counted(row, heading, value, findings)
            parts[measure] += [(_bare(heading), number)] if number is not None else []
            parts[measure] += of_cell if number is None else []
    _shared(row, parts)
    for figure, measure in (*_FIGURES.items(), ("beneficiaries", "people")):
        column = row.column(figure)
        name = column.heading if column else MEASURES[measure]
        told, said = _held_against(stated[figure], parts[measure], name)
        stated[figure] = told if figure in _FIGURES else stated[figure]
        findings += located(said, row.locator, name)
    target = stated["target"] if "target" in row.columns else None
    if "target" not in row.columns:
        target = stated["beneficiaries"] if stated["target"] is None else stated["target"]
    elif stated["beneficiaries"] is not None:
        parts["people"].insert(0, ("total", stated["beneficiaries"]))
    return Beneficiaries(target, stated["reached"], _in_words(parts), tuple(findings))


def _figure(row: Row, field: str, findings: list[Finding]) -> tuple[float | None, Parts]:
    """Figure of a row's cell, and the parts that the cell itself tells."""
    column = row.column(field)
    if column is None:
        return None, []
    read = parse_people(row.value(field), column.heading)
    findings += located(read.findings, row.locator, column.heading)
    times = times_of(column.unit)  # "Bénéficiaires (milliers)"
    total = None if read.total is None else read.total * times
    return total, [(words, number * times) for words, number in read.parts]


def _counted(
    row: Row, heading: str, value: object, findings: list[Finding]
) -> tuple[float | None, Parts]:
    """Number of a column that is itself a part; households are one, and no people."""
    read = parse_people(value, heading)
    findings += located(
        (one for one in read.findings if one.code != "value_not_people"), row.locator, heading
    )
    return read.total, list(read.parts)


def _shared(row: Row, parts: dict[str, Parts]) -> None:
    """Parts of no particular figure belong to the only one that the row's list states."""
    stated = [field for field in _FIGURES if field in row.columns]
    if len(stated) == 1 and "beneficiaries" not in row.columns:
        measure = _FIGURES[stated[0]]
        parts[measure] += parts["people"]
        parts["people"] = []


def _held_against(
    total: float | None, parts: Sequence[tuple[str, float]], name: str
) -> tuple[float | None, tuple[Finding, ...]]:
    """A figure, from both sexes where it is not stated itself; and where they disagree."""
    folded = [(fold(words), number) for words, number in parts]
    if not parts:
        return total, ()
    if total is not None:
        return total, disagreement(total, folded, name)
    summed = both_sexes(folded)
    if summed is None:
        return None, ()
    params: dict[str, object] = {"field": name, "raw": in_words(parts), "read": f"{summed:.0f}"}
    return summed, (Finding("people_added_up", params=params),)


def _in_words(parts: dict[str, Parts]) -> str:
    said = (f"{MEASURES[m]} : {in_words(dict.fromkeys(parts[m]))}" for m in parts if parts[m])
    return " ; ".join(said)


def assumed(columns: Iterable[Column]) -> Finding | None:
    """What is said of a column that names beneficiaries, neither foreseen nor reached."""
    fields = {column.field: column.heading for column in columns}
    if "beneficiaries" not in fields or "target" in fields:
        return None
    params: dict[str, object] = {"column": fields["beneficiaries"], "field": "target"}
    return Finding("column_assumed", field=fields["beneficiaries"], params=params)


def progress(row: Row) -> tuple[str, str, tuple[Finding, ...]]:
    """Status of a row, how far the work is in words ("Taux d'exécution : 75 %"), and findings.

    A status that is a percentage says how far, and no status: one is not made of the other.
    """
    told = []
    findings: list[Finding] = []
    status = row.text("status")
    rates = row.headed("progress")
    column = row.column("status")
    if column and is_share(row.value("status")):
        status, rates = "", [(column.heading, row.value("status")), *rates]
    for heading, value in rates:
        read = parse_percent(value, heading)
        findings += located(read.findings, row.locator, heading)
        shown = f"{read.value:.4g} %" if read.value is not None else as_text(value)
        told.append(f"{_bare(heading)} : {shown}")
    return status, " ; ".join(told), tuple(findings)


def _bare(heading: str) -> str:
    """A heading as the label of a figure: without its group in a form, and without "(%)"."""
    return re.sub(r"\s*\(%\)", "", heading.rpartition("/")[2]).strip()
