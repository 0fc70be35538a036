"""The tables detected in a document, as a person must see them before they are published.

Which row holds the headings, what each column is read as, what it holds, and which field an
unknown one comes nearest to. Nothing is read here: it is the same layout that the sources use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from rapidfuzz import fuzz, process

from atlas.ingest.context.figure_columns import (
    columns_of_document,
    known_columns,
    with_group_headings,
)
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import group_columns
from atlas.ingest.parsing.privacy import without_contacts
from atlas.ingest.reading import Document, Finding, ReadAs, Sheet
from atlas.ingest.sources.registry import all_sources
from atlas.ingest.tables.heading_meanings import (
    IGNORED,
    PERSONAL,
    field_of_heading,
    heading_fields,
    known_fields,
)
from atlas.ingest.tables.table_columns import HEADER_DEPTH, TableColumn, TableLayout, find_layout
from atlas.ingest.tables.table_rows import DataTable, as_text, sheets_of

SAMPLES = 3
"""Different values shown of a column."""
NEAR = 82.0
"""Likeness (0 to 100) from which an unknown heading suggests a field."""
MOST_TABLES = 6


@dataclass(frozen=True)
class DetectedColumn:
    """A column and what it is read as.

    Attributes
    ----------
    field
        What it is read as; "" when it is not read.
    why
        Code of the finding that says why it is not read; "" when it is.
    samples
        A few of its values; none of a column of personal data.
    near
        Field that an unknown heading comes nearest to, or "".
    likeness
        How near that is, 0 to 1.
    how
        How it is known what a column that is read means: ``said`` by a person, by its
        ``tag``, by its ``heading``, or by its ``content``.
    index
        Its place in the rows of the sheet, from 0.
    """

    heading: str
    field: str
    why: str
    samples: tuple[str, ...]
    near: str = ""
    likeness: float = 0.0
    how: str = ""
    index: int = -1


@dataclass(frozen=True)
class DetectedTable:
    """A table: its sheet, the rows of its headings and first data (from 1), its columns."""

    sheet: str
    header: int
    first: int
    rows: int
    columns: tuple[DetectedColumn, ...]


def detected_tables(document: Document, read_as: ReadAs, reader: str = "") -> list[DetectedTable]:
    """Tables of a document, their columns as read with what the person said.

    Parameters
    ----------
    read_as
        Source or kind of context, and column map.
    reader
        Source that read it, when the person left the choice open.
    """
    extra = _added_headings(reader or read_as.source, read_as.context)
    if read_as.context:
        extra = columns_of_document(read_as.context, document)
    found = []
    for sheet in sheets_of(document, {**extra, **(read_as.column_map or {})})[:MOST_TABLES]:
        layout = find_layout(sheet, extra, read_as.column_map)
        if layout and read_as.context:
            layout = with_group_headings(DataTable(document, sheet, layout), read_as.context).layout
        if layout and layout.columns:
            found.append(_detected_table(sheet, layout, read_as.column_map or {}))
    return found


def unread_tables(document: Document) -> list[DetectedTable]:
    """What may be the table of each sheet where no headings were recognised.

    The row with the most words of the first rows stands for the headings.
    """
    found = []
    for sheet in document.sheets[:MOST_TABLES]:
        top = sheet.rows[:HEADER_DEPTH]
        best = max(range(len(top)), key=lambda i: _word_count(top[i]), default=0)
        if top and _word_count(top[best]) > 1:
            layout = TableLayout(best, best + 1, (), False, ())
            found.append(_detected_table(sheet, layout))
    return found


def fields_for(read_as: ReadAs, reader: str = "") -> list[str]:
    """Fields that a column may be mapped to, sorted."""
    own = set(_added_headings(reader or read_as.source, read_as.context).values())
    return sorted((known_fields() | own) - {IGNORED, PERSONAL})


def nearest_field(heading: str) -> tuple[str, float]:
    """Field whose known heading is most like this one, and the likeness from 0 to 1.

    Examples
    --------
    >>> nearest_field("Bailleurs de fond")[0], nearest_field("Couleur")
    ('donor', ('', 0.0))
    """
    known = heading_fields()
    best = process.extractOne(
        fold_text(heading), known.keys(), scorer=fuzz.ratio, score_cutoff=NEAR
    )
    field = known[best[0]] if best else ""
    return ("", 0.0) if not best or field in (IGNORED, PERSONAL) else (field, best[1] / 100)


def _added_headings(source: str, context: str) -> Mapping[str, str]:
    """Headings that the source or the kind of context adds to the known ones."""
    if context:
        return known_columns(context)

    module = all_sources().get(source)
    columns: Mapping[str, object] = module.SPEC.data.get("columns", {}) if module else {}
    own = {heading: field for heading, field in columns.items() if isinstance(field, str)}
    return {**group_columns(), **own}


def _detected_table(
    sheet: Sheet, layout: TableLayout, column_map: Mapping[str, str] = MappingProxyType({})
) -> DetectedTable:
    rows = [row for row in sheet.rows[layout.first :] if any(_is_filled(cell) for cell in row)]
    return DetectedTable(
        sheet=sheet.name,
        header=sheet.first_row + layout.header,
        first=sheet.first_row + layout.first,
        rows=len(rows),
        columns=tuple(
            _detected_columns(sheet, layout, rows, frozenset(map(fold_text, column_map)))
        ),
    )


def _detected_columns(
    sheet: Sheet,
    layout: TableLayout,
    rows: Sequence[Sequence[object]],
    mapped_headings: frozenset[str],
) -> Iterator[DetectedColumn]:
    read = {column.index: column for column in layout.columns}
    told = {finding.field: finding for finding in layout.findings}
    headings = sheet.rows[layout.header : layout.first]
    for index in range(max((len(row) for row in headings), default=0)):
        cells = [row[index] for row in headings if index < len(row)]
        written = [as_text(cell) for cell in cells if _is_filled(cell)]
        if index in read:
            column = read[index]
            samples = _sample_values(rows, index)
            by_content = column.heading in told
            how = (
                "content"
                if by_content
                else _how_recognised(column, mapped_headings, tagged=layout.tagged)
            )
            yield DetectedColumn(column.heading, column.field, "", samples, how=how, index=index)
        elif written:
            name = next((text for text in written if text in told), written[-1])
            found = _unread_column(name, told.get(name), _sample_values(rows, index))
            yield replace(found, index=index)


def _how_recognised(column: TableColumn, mapped_headings: frozenset[str], *, tagged: bool) -> str:
    if fold_text(column.heading) in mapped_headings:
        return "said"
    by_heading = field_of_heading(column.heading, {})[0] == column.field
    return "tag" if tagged and not by_heading else "heading"


def _unread_column(name: str, finding: Finding | None, samples: tuple[str, ...]) -> DetectedColumn:
    why = finding.code if finding else "column_unknown"
    if finding and why == "column_proposed":
        near, share = str(finding.params["field"]), float(str(finding.params["share"]))
        return DetectedColumn(name, "", "column_unknown", samples, near, share / 100, "content")
    if why == "column_unknown" and field_of_heading(name, {})[0] == PERSONAL:
        why = "personal_data_dropped"
    if why == "personal_data_dropped":
        return DetectedColumn(name, "", why, ())
    near, likeness = nearest_field(name) if why == "column_unknown" else ("", 0.0)
    return DetectedColumn(name, "", why, samples, near, likeness, "heading" if near else "")


def _sample_values(rows: Sequence[Sequence[object]], index: int) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for row in rows:
        if index < len(row) and (text := as_text(row[index])):
            seen.setdefault(without_contacts(text)[:60])
            if len(seen) == SAMPLES:
                break
    return tuple(seen)


def _is_filled(cell: object) -> bool:
    return cell is not None and cell != ""


def _word_count(row: Sequence[object]) -> int:
    return sum(isinstance(cell, str) and not cell.replace(" ", "").isdigit() for cell in row)
