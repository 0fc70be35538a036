"""Columns of a table: where the headings are, and what each column means.

A column is mapped, listed as ignored, or reported; never dropped in silence. Its heading says
what it means (`headings`), else its content (`contents`), else a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.ingest.folding import fold
from atlas.ingest.parsing.people import MEASURES
from atlas.ingest.parsing.values import yes_or_no
from atlas.ingest.reading import Finding, Sheet, column_letters
from atlas.ingest.tables import kobo
from atlas.ingest.tables.contents import Guess, are_organisations, guess, marks, samples, settled
from atlas.ingest.tables.header_rows import are_words, headings_at, is_part
from atlas.ingest.tables.headings import (
    IGNORED,
    PERSONAL,
    field_of_heading,
    field_of_tag,
    heading_fields,
    known_fields,
    unit_of,
    unit_of_tag,
)

__all__ = [
    "HEADER_DEPTH",
    "IGNORED",
    "MANY",
    "PERSONAL",
    "Column",
    "Layout",
    "field_of_heading",
    "field_of_tag",
    "find_layout",
    "fold",
    "heading_fields",
    "is_tags",
    "known_fields",
    "names_columns",
]

HEADER_DEPTH = 30
"""How many rows from the top the headings are looked for."""
MANY = frozenset({"place", "locality", "implementers", "donor", "remarks", "description", "sector"})
MANY |= frozenset(MEASURES) | {"progress", "quarter", "group"}
"""Fields that several columns may fill together; for the others the first column counts."""
ALTERNATIVE = frozenset({"budget", "committed", "spent"})
"""Fields of which a further column counts where the first is blank: an amount in two currencies."""
UNNAMED_WITHIN = 60
"""Columns among which one without a heading is looked for."""


@dataclass(frozen=True)
class Column:
    """A column that is read.

    Attributes
    ----------
    unit
        What its heading says in brackets (``USD``).
    says
        What a yes in it stands for, where its cells are yes and no ("EHA").
    """

    index: int
    heading: str
    field: str
    unit: str = ""
    says: str = ""

    @property
    def label(self) -> str:
        """Its heading and its letter, which tells it from another of the same heading."""
        return f"{self.heading} ({column_letters(self.index)})"


@dataclass(frozen=True)
class Layout:
    """Where a table's rows begin and what its columns are.

    Attributes
    ----------
    header, first
        Indices in ``sheet.rows`` of the headings and of the first row of data.
    columns
        Those that are read, in their order.
    tagged
        Whether an HXL row was found.
    """

    header: int
    first: int
    columns: tuple[Column, ...]
    tagged: bool
    findings: tuple[Finding, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Fields that at least one column fills."""
        return frozenset(column.field for column in self.columns)


def find_layout(
    sheet: Sheet,
    extra: Mapping[str, str] | None = None,
    column_map: Mapping[str, str] | None = None,
) -> Layout | None:
    """Headings of a sheet and what its columns mean.

    Parameters
    ----------
    sheet
        As read.
    extra
        Headings a source adds, folded or not → field.
    column_map
        What the person says: heading as written → field; it wins over everything.

    Returns
    -------
    Layout or None
        ``None`` when no row of the first `HEADER_DEPTH` names at least two fields.

    Raises
    ------
    UsageError
        ``column_map`` names a field that does not exist.
    """
    said = _checked(column_map or {}, known_fields() | set((extra or {}).values()))
    added = {fold(heading): field for heading, field in (extra or {}).items()}
    top = sheet.rows[:HEADER_DEPTH]
    exported = next((row for row in top if kobo.is_export(row)), ())
    words = _Words(said, {**_of_export(exported, added), **added})
    tagged = next((i for i, row in enumerate(top) if is_tags(row)), None)
    if tagged is not None:
        headings = sheet.rows[tagged - 1] if tagged else ()
        first = next((i for i in range(tagged, len(top)) if not is_tags(top[i])), len(top))
        return _layout(sheet, headings, sheet.rows[tagged], (max(tagged - 1, 0), first), words)
    named = [len(words.named(row)) for row in top]
    best = max(range(len(top)), key=lambda i: named[i], default=None)
    if best is None or not named[best]:
        return None
    headings, span = headings_at(sheet.rows, best, words.are_headings)
    if named[best] > 1:
        return _layout(sheet, headings, (), span, words)
    found = _layout(sheet, headings, (), span, words) if are_words(top[best]) else None
    return found if found and len(found.fields) > 1 else None


@dataclass(frozen=True)
class _Words:
    """What the person says of headings, and what a source or a form adds, folded → field."""

    said: Mapping[str, str]
    added: Mapping[str, str]

    def field(self, heading: object, tag: object = None) -> tuple[str | None, str]:
        """What the person says, then the source, then the tag, then the heading."""
        if heading is not None and not isinstance(heading, str):
            heading = str(heading)
        whole = fold(heading) if heading else ""
        for mapping in (self.said, self.added):
            for text in filter(None, (whole, fold(tag) if tag else "")):
                if text in mapping:
                    return mapping[text] or None, unit_of(heading or "")[1]
        if isinstance(tag, str) and (field := field_of_tag(tag)):
            return field, unit_of(heading or "")[1] or unit_of_tag(tag)
        return field_of_heading(heading, self.added) if heading else (None, "")

    def named(self, row: Sequence[object]) -> set[str]:
        """Fields that the cells of a row name; "x", "tel" and "110 femmes" may well be data."""
        cells = (cell for cell in row if cell is not None and len(str(cell)) > 1)
        found = {field for cell in cells if (field := self.field(cell)[0])}
        return found - {IGNORED, PERSONAL, *MEASURES}

    def are_headings(self, row: Sequence[object]) -> bool:
        """Whether most cells of a row are headings, or what stands under them (H, F, total)."""
        filled = [cell for cell in row if cell is not None]
        known = sum(self.field(cell)[0] is not None or is_part(cell) for cell in filled)
        return len(self.named(row)) >= 2 and 2 * known >= len(filled)


def names_columns(row: Sequence[object], extra: Mapping[str, str]) -> bool:
    """Whether a row, wherever it stands, holds headings."""
    words = _Words({}, {fold(heading): field for heading, field in extra.items()})
    return are_words(row) and words.are_headings(row)


def _of_export(headings: Sequence[object], added: Mapping[str, str]) -> dict[str, str]:
    """Fields of the headings of a form's export, folded; "" for those that are not known."""
    parts = {str(heading).rpartition("/")[2] for heading in headings if heading is not None}
    known = {part: field for part in parts if (field := field_of_heading(part, added)[0])}
    return {fold(name): field for name, field in kobo.fields_of(headings, known).items()}


def _checked(column_map: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    strange = sorted(set(column_map.values()) - known)
    if strange:
        raise UsageError(
            _("Colonnes « {fields} » inconnues dans --map", fields=", ".join(strange)),
            "",
            _("Choisissez parmi : {fields}.", fields=", ".join(sorted(known))),
        )
    return {fold(heading): field for heading, field in column_map.items()}


def is_tags(row: Sequence[object]) -> bool:
    """Whether a row holds HXL tags."""
    first = next((cell for cell in row if cell is not None), None)
    if not isinstance(first, str) or not first.lstrip().startswith("#"):
        return False
    cells = [str(cell).strip() for cell in row if cell is not None]
    tags = sum(re.match(r"#[a-zA-Z]\w*", cell) is not None for cell in cells)
    return tags >= 2 and tags >= 0.8 * len(cells)


def _layout(
    sheet: Sheet,
    headings: Sequence[object],
    tags: Sequence[object],
    span: tuple[int, int],
    words: _Words,
) -> Layout:
    columns: list[Column] = []
    findings: dict[int, Finding] = {}
    unknown: dict[int, str] = {}
    contradictions: list[Finding] = []
    for index in range(max(len(headings), len(tags))):
        heading = headings[index] if index < len(headings) else None
        tag = tags[index] if index < len(tags) else None
        name = " ".join(str(heading if heading is not None else tag or "").split())
        field, unit = words.field(heading, tag) if name else (None, "")
        if field == PERSONAL and fold(name).startswith(_IN_CHARGE):
            named = are_organisations(samples(sheet.rows[span[1] :], index))
            field = "lead" if named else field
        if against := _contradiction(heading, tag, field, words):
            contradictions.append(against)
        code = _why_not_read(field)
        if code == "column_unknown":
            unknown[index] = name
        elif code:
            findings[index] = Finding(code, field=name, params={"column": name})
        elif field:
            columns.append(Column(index, name, field, unit))
    columns, not_chosen = _one_of_each(columns)
    findings |= not_chosen
    columns += (points := _named_points(unknown, columns))
    told, said = _by_content(sheet.rows[span[1] :], unknown, [column.field for column in columns])
    columns, years = _with_year([*columns, *told], {**findings, **said})
    said |= {one.index: _assumed(one) for one in points}
    columns, assumed = _titled(sorted(columns, key=lambda column: column.index))
    findings = {**findings, **said, **_alternatives(columns), **assumed}
    findings = {index: findings[index] for index in sorted(findings.keys() - years)}
    return Layout(*span, tuple(columns), bool(tags), (*contradictions, *findings.values()))


def _contradiction(
    heading: object, tag: object, field: str | None, words: _Words
) -> Finding | None:
    """What is to be said where a heading is known to mean another field than its HXL tag."""
    if not heading or not isinstance(tag, str):
        return None
    other = field_of_heading(str(heading), words.added)[0]
    if other in (None, field, IGNORED) or field in (None, IGNORED) or _same_thing(other, field):
        return None
    params: dict[str, object] = {
        "column": " ".join(str(heading).split()),
        "tag": tag,
        "field": field,
        "other": other,
    }
    return Finding("heading_against_tag", field=str(params["column"]), params=params)


_KINDRED = (
    frozenset({"lead", "implementers"}),
    frozenset({"title", "description", "result", "indicator"}),
    frozenset({"place", "locality", "region", "cercle", "commune", "country"}),
    frozenset({"target", "reached", "beneficiaries", "people", *MEASURES}),
    frozenset({"start", "end", "period", "reported"}),
    frozenset({"budget", "committed", "spent"}),
    frozenset({"status", "progress"}),
)
"""Fields of one kind: a heading of the one and a tag of the other do not contradict."""


def _same_thing(one: str | None, other: str | None) -> bool:
    return any({one, other} <= kin for kin in _KINDRED)


_QUARTERS = frozenset({"trimestre", "quarter", "mois", "month"})
_YEARS = frozenset({"annee", "year", "exercice", "exercice budgetaire"})
"""Headings of a year, which is read in lists of activities."""


def _with_year(
    columns: list[Column], not_read: Mapping[int, Finding]
) -> tuple[list[Column], frozenset[int]]:
    """Columns with those of the quarter and its year, and the indices of these two.

    A list of activities may name its quarter or month in a column ("T2", "janvier") or tick it,
    and the year that it is of, or the year alone. A report by indicator has quarters of its own.
    """
    fields = {column.field for column in columns}
    headed = {fold(one.field): (index, one.field) for index, one in sorted(not_read.items())}
    found: list[Column] = []
    if "title" in fields and not fields & {"quarter", "indicator"}:
        found += [Column(*headed[name], "quarter") for name in sorted(_QUARTERS & headed.keys())][
            :1
        ]
    if found or (fields & {"quarter", "title"} and "indicator" not in fields):
        named = sorted(_YEARS & headed.keys())
        found += [Column(*headed[name], "year") for name in named[:1]]
    return [*columns, *found], frozenset(column.index for column in found)


_IN_CHARGE = ("responsable", "suivi par", "charge d")
"""Headings under which persons stand, and now and then organisations."""


def _titled(columns: list[Column]) -> tuple[list[Column], dict[int, Finding]]:
    """Columns where a list that has no titles takes its first description for one."""
    fields = {column.field for column in columns}
    if "title" in fields or not fields & {"lead", "implementers"}:
        return columns, {}
    first = next((column for column in columns if column.field == "description"), None)
    if first is None:
        return columns, {}
    said = _assumed(first)
    titled = [replace(one, field="title") if one is first else one for one in columns]
    return titled, {first.index: said}


_NAMES_OF_POINTS = frozenset({"nom", "name", "designation", "ouvrage", "infrastructure"})


def _named_points(unknown: dict[int, str], columns: Sequence[Column]) -> list[Column]:
    """The title of a list of points without one: the name of each, taken out of ``unknown``."""
    fields = {column.field for column in columns}
    if "title" in fields or not {"lon", "lat"} <= fields:
        return []
    named = [index for index, name in unknown.items() if fold(name) in _NAMES_OF_POINTS]
    return [Column(index, unknown.pop(index), "title") for index in named[:1]]


def _assumed(column: Column) -> Finding:
    params: dict[str, object] = {"column": column.heading, "field": "title"}
    return Finding("column_assumed", field=column.heading, params=params)


def _alternatives(columns: Sequence[Column]) -> dict[int, Finding]:
    """What is said of a second column of one amount: it counts where the first is blank."""
    first: dict[str, Column] = {}
    said: dict[int, Finding] = {}
    for column in columns:
        if column.field in ALTERNATIVE and column.field in first:
            params: dict[str, object] = {
                "column": column.label,
                "first": first[column.field].label,
            }
            said[column.index] = Finding("column_second", field=column.heading, params=params)
        first.setdefault(column.field, column)
    return said


def _why_not_read(field: str | None) -> str | None:
    if field is None:
        return "column_unknown"
    if field == PERSONAL:
        return "personal_data_dropped"
    return "column_ignored" if field == IGNORED else None


def _one_of_each(columns: list[Column]) -> tuple[list[Column], dict[int, Finding]]:
    """Columns with one for each field that takes one, and what is said of the others.

    The first counts; of places the one that stands beside other places. Another of the same
    heading, or of a place, is a question: which of them is meant?
    """
    kept: list[Column] = []
    findings: dict[int, Finding] = {}
    for column in columns:
        same = [one for one in columns if one.field == column.field]
        if len(same) == 1 or column.field in MANY | ALTERNATIVE:
            kept.append(column)
            continue
        chosen = max(same, key=lambda one: (_places_beside(one, columns), -one.index))
        if column is chosen:
            kept.append(column)
            continue
        alike = fold(column.heading) == fold(chosen.heading) or column.field in _PLACED
        params: dict[str, object] = {"column": column.heading}
        if alike:
            params = {"column": column.label, "first": chosen.label}
        code = "column_twice" if alike else "column_ignored"
        findings[column.index] = Finding(code, field=column.heading, params=params)
    return kept, findings


_PLACED = frozenset({"region", "cercle", "commune", "region_code", "cercle_code", "commune_code"})


def _places_beside(column: Column, columns: Iterable[Column]) -> int:
    """How many columns of other places stand right beside one of a place."""
    others = _PLACED - {column.field} if column.field in _PLACED else frozenset()
    return sum(one.field in others and abs(one.index - column.index) == 1 for one in columns)


def _by_content(
    rows: Sequence[Sequence[object]], unknown: Mapping[int, str], taken: Sequence[str]
) -> tuple[list[Column], dict[int, Finding]]:
    """Columns that their content settles among those of unknown or no heading; the rest said."""
    columns: list[Column] = []
    findings: dict[int, Finding] = {}
    guesses: dict[int, Guess] = {}
    for index, name in unknown.items():
        cells = samples(rows, index) if name or index < UNNAMED_WITHIN else []
        if name and (marked := _marked(index, name, cells)):
            columns.append(marked)
            continue
        if name or cells:
            findings[index] = _unknown(index, name, len(cells))
        if cells and (found := guess(tuple(cells))):
            guesses[index] = found
    for index, one in settled(guesses, taken).items():
        name = unknown[index] or column_letters(index)
        if one.field == PERSONAL:
            findings[index] = Finding("personal_data_dropped", field=name, params={"column": name})
        elif one.field != "yes":
            code = "column_by_content" if one.sure else "column_proposed"
            params: dict[str, object] = {"column": name, "field": one.field, "reason": one.what}
            findings[index] = Finding(
                code, field=name, params={**params, "share": round(100 * one.share)}
            )
            columns += [Column(index, name, one.field)] if one.sure else []
    return columns, findings


def _marked(index: int, name: str, cells: Sequence[object]) -> Column | None:
    """A column of crosses under the name of a sector, a région or a quarter: these may be blank."""
    if any(yes_or_no(cell) is None for cell in cells):
        return None
    stands_for = marks(name)
    if not cells and stands_for and stands_for[0] != "quarter":
        return None
    return Column(index, name, stands_for[0], says=stands_for[1]) if stands_for else None


def _unknown(index: int, name: str, cells: int) -> Finding:
    if name:
        return Finding("column_unknown", field=name, params={"column": name})
    params: dict[str, object] = {"column": column_letters(index), "n": cells}
    return Finding("column_unnamed", field=column_letters(index), params=params)
