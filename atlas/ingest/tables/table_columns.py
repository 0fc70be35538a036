"""Columns of a table: where the headings are, and what each column means.

A column is mapped, listed as ignored, or reported; never dropped in silence. Its heading says
what it means (`heading_meanings`), else its content, else a person is asked. Some contents can
be but one thing: p-codes of one level, currencies, telephone numbers. Such a column is used, or
dropped, with a finding. Others have several readings (a date may be a start, an end or a
report's): they are proposed, never applied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from atlas.errors import UsageError
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import N_, _
from atlas.ingest.parsing.amounts import (
    clean_text,
    find_amounts,
    is_absent,
    parse_amount,
    parse_number,
)
from atlas.ingest.parsing.dates import parse_date, part_of_year
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import MEASURES, group_of
from atlas.ingest.parsing.privacy import holds_contact
from atlas.ingest.parsing.values import yes_or_no
from atlas.ingest.reading import Finding, Sheet, column_letters
from atlas.ingest.tables import kobo
from atlas.ingest.tables.heading_meanings import (
    IGNORED,
    PERSONAL,
    are_words,
    field_of_heading,
    field_of_tag,
    heading_fields,
    headings_at,
    is_part,
    known_fields,
    unit_of,
    unit_of_tag,
)
from atlas.vocab import match_organisation, match_sector, match_status

__all__ = [
    "HEADER_DEPTH",
    "IGNORED",
    "MANY",
    "PERSONAL",
    "TableColumn",
    "TableLayout",
    "field_of_heading",
    "field_of_tag",
    "find_layout",
    "fold_text",
    "heading_fields",
    "holds_headings",
    "is_tags",
    "known_fields",
]


LOOKED_AT = 500
"""Rows from which a column is judged."""
ENOUGH = 3
"""Filled cells without which nothing is concluded."""
ENOUGH_NAMES = 40
"""Filled cells from which it is judged whether they name organisations."""
SURE, LIKELY = 0.95, 0.8
"""Share of the filled cells from which a column is taken to be one thing, or may be."""
PERSONAL_SHARE = 0.3
"""Share of cells with a telephone number or address from which the column is of persons."""

_PCODE = re.compile(r"ML[I]?(\d{2}|\d{4}|\d{6})", re.IGNORECASE)
_LEVELS = {2: "region_code", 4: "cercle_code", 6: "commune_code"}
_PAIR = re.compile(r"\(?-?\d{1,2}[.,]\d+\s*[,; ]\s*-?\d{1,2}[.,]\d+\)?")
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d+)?\s?%")
_LATITUDES, _LONGITUDES = (9.5, 25.5), (-12.6, 4.6)
"""Where Mali lies, in degrees, with a margin."""


class ColumnGuess(NamedTuple):
    """What a column may be.

    Attributes
    ----------
    field
        What it would be read as; ``yes`` for marks of yes and no.
    what
        What it holds, in words.
    share
        Of its filled cells that are so, 0 to 1.
    sure
        Whether it can be nothing else.
    """

    field: str
    what: str
    share: float
    sure: bool = False


def sample_cells(rows: Sequence[Sequence[object]], index: int) -> list[object]:
    """Filled cells of a column among the first rows."""
    cells = (row[index] for row in rows[:LOOKED_AT] if index < len(row))
    return [cell for cell in cells if cell is not None and cell != ""]


@lru_cache(maxsize=256)
def guess_of_cells(cells: tuple[object, ...]) -> ColumnGuess | None:
    """What cells under an unknown heading are; ``None`` when nothing fits enough of them.

    Examples
    --------
    >>> guess_of_cells(("ML070101", "ML070102", "ML050201"))
    ColumnGuess(field='commune_code', what='p-codes', share=1.0, sure=True)
    >>> guess_of_cells(("Gao", "Mopti", "vert")) is None
    True
    """
    contacts = _share_fitting(cells, lambda cell: holds_contact(str(cell)))
    if contacts >= PERSONAL_SHARE:
        return ColumnGuess("personal", N_("téléphones ou adresses"), contacts, sure=True)
    stated = [cell for cell in cells if not is_absent(clean_text(cell))]
    if len(stated) < ENOUGH:
        return None
    found = (look(stated) for look in (_pcode_guess, _currency_guess, _group_guess, *_LIKELY))
    return next((one for one in found if one), None)


def _share_fitting(cells: Sequence[object], fits: Callable[[object], object]) -> float:
    return sum(bool(fits(cell)) for cell in cells) / max(len(cells), 1)


def _pcode_guess(cells: Sequence[object]) -> ColumnGuess | None:
    levels = Counter(len(m[1]) for c in cells if (m := _PCODE.fullmatch(clean_text(c))))
    if not levels:
        return None
    digits, count = levels.most_common(1)[0]
    share = count / len(cells)
    return (
        ColumnGuess(_LEVELS[digits], N_("p-codes"), share, share >= SURE)
        if share >= LIKELY
        else None
    )


def _group_guess(cells: Sequence[object]) -> ColumnGuess | None:
    """Groups of people in words, everyone among them or several; letters alone may be persons."""
    groups = {words: group_of(words) for words in map(clean_text, cells) if len(words) > 2}
    named = {fold_text(words) for words, group in groups.items() if group.breakdown}
    known = all(group.breakdown or not group.words for group in groups.values())
    if (
        not known
        or not named
        or len(groups) < 2
        or any(len(clean_text(cell)) < 3 for cell in cells)
    ):
        return None
    return ColumnGuess("group", N_("groupes de personnes"), 1.0, sure=True)


def _currency_guess(cells: Sequence[object]) -> ColumnGuess | None:
    def is_currency(cell: object) -> bool:
        text = clean_text(cell)
        return not re.search(r"\d", text) and parse_amount(f"1 {text}").currency is not None

    share = _share_fitting(cells, is_currency)
    return ColumnGuess("currency", N_("devises"), share, share >= SURE) if share >= LIKELY else None


def _likely_guess(
    field: str, what: str, fits: Callable[[object], object]
) -> Callable[..., ColumnGuess | None]:
    def look(cells: Sequence[object]) -> ColumnGuess | None:
        share = _share_fitting(cells, fits)
        return ColumnGuess(field, what, share) if share >= LIKELY else None

    return look


def _is_date(cell: object) -> bool:
    if isinstance(cell, str):
        return len(cell) > 5 and parse_date(cell).precision in ("day", "month")
    return isinstance(cell, date)


def _degree_test(low: float, high: float) -> Callable[[object], bool]:
    def fits(cell: object) -> bool:
        text = clean_text(cell).replace(",", ".").rstrip("°")
        return re.fullmatch(r"-?\d{1,2}\.\d{2,}", text) is not None and low <= float(text) <= high

    return fits


def _is_money(cell: object) -> bool:
    """An amount that names its currency, or a figure as round and large as amounts are."""
    if isinstance(cell, str):
        return bool(find_amounts(clean_text(cell))) or _is_money(parse_number(cell).value)
    return isinstance(cell, int | float) and cell >= 1000 and cell % 100 == 0


def _is_status(cell: object) -> bool:

    return match_status(clean_text(cell)).id is not None


def _is_sector(cell: object) -> bool:

    return match_sector(clean_text(cell)).id is not None


def _is_organisation(cell: object) -> bool:

    return match_organisation(clean_text(cell)).id is not None


def are_organisations(cells: Sequence[object]) -> bool:
    """Whether hardly a cell is anything but an organisation that is known: none is a person."""
    return bool(cells) and _share_fitting(cells[:ENOUGH_NAMES], _is_organisation) >= SURE


@cache
def names_of(level: str) -> frozenset[str]:
    """Names of the units of a level in every découpage, folded."""
    names = (
        name
        for frame in FRAMES
        for name in shipped_frames().units_at_level(frame, level)["name"].to_list()
    )
    return frozenset(map(fold_text, names))


_LIKELY = (
    _likely_guess("yes", N_("oui ou non"), lambda cell: yes_or_no(cell) is not None),
    _likely_guess("start", N_("dates"), _is_date),
    _likely_guess("coordinates", N_("coordonnées"), lambda cell: _PAIR.fullmatch(clean_text(cell))),
    _likely_guess(
        "progress", N_("pourcentages"), lambda cell: _PERCENT.fullmatch(clean_text(cell))
    ),
    _likely_guess("lat", N_("degrés de latitude"), _degree_test(*_LATITUDES)),
    _likely_guess("lon", N_("degrés de longitude"), _degree_test(*_LONGITUDES)),
    _likely_guess("region", N_("régions"), lambda cell: fold_text(cell) in names_of("region")),
    _likely_guess("status", N_("statuts"), _is_status),
    _likely_guess("budget", N_("montants"), _is_money),
    _likely_guess("sector", N_("secteurs"), _is_sector),
    _likely_guess("implementers", N_("organisations"), _is_organisation),
)


def field_of_crosses(heading: str) -> tuple[str, str] | None:
    """Field and words that a yes stands for under a heading: a sector, a région, a quarter.

    Examples
    --------
    >>> [field_of_crosses(heading) for heading in ("EHA", "Gao", "T1", "Validé ?")]
    [('sector', 'EHA'), ('place', 'Gao'), ('quarter', 'T1'), None]
    """
    bare = re.sub(r"[(\[].*?[)\]]|\?", "", heading).strip()
    if fold_text(bare) in names_of("region"):
        return "place", bare
    if part_of_year(bare):
        return "quarter", bare
    return ("sector", bare) if _is_sector(bare) else None


def settled_guesses(
    guesses: Mapping[int, ColumnGuess], taken: Iterable[str]
) -> dict[int, ColumnGuess]:
    """Guesses of a table held against each other and against the fields that headings name.

    A field is guessed once: the first two columns of dates are a start and an end; whatever
    has a rival is only proposed.
    """
    known = set(taken)
    rivals = Counter(one.field for one in guesses.values())
    found: dict[int, ColumnGuess] = {}
    for index, one in guesses.items():
        field = "end" if one.field == "start" and "start" in known else one.field
        if field not in ("personal", "yes", "region", "sector") and field in known:
            continue
        sure = one.sure and (field == "personal" or rivals[field] == 1)
        found[index] = ColumnGuess(field, one.what, one.share, sure)
        known.add(field)
    return found


HEADER_DEPTH = 30
"""How many rows from the top the headings are looked for."""
MANY = frozenset({"place", "locality", "implementers", "donor", "remarks", "description", "sector"})
MANY |= frozenset(MEASURES) | {"progress", "quarter", "group", "quantity"}
"""Fields that several columns may fill together; for the others the first column counts."""
ALTERNATIVE = frozenset({"budget", "committed", "spent"})
"""Fields of which a further column counts where the first is blank: an amount in two currencies."""
UNNAMED_WITHIN = 60
"""Columns among which one without a heading is looked for."""


@dataclass(frozen=True)
class TableColumn:
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
class TableLayout:
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
    columns: tuple[TableColumn, ...]
    tagged: bool
    findings: tuple[Finding, ...]

    @property
    def column_fields(self) -> frozenset[str]:
        """Fields that at least one column fills."""
        return frozenset(column.field for column in self.columns)


def find_layout(
    sheet: Sheet,
    extra: Mapping[str, str] | None = None,
    column_map: Mapping[str, str] | None = None,
) -> TableLayout | None:
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
    TableLayout or None
        ``None`` when no row of the first `HEADER_DEPTH` names at least two fields.

    Raises
    ------
    UsageError
        ``column_map`` names a field that does not exist.
    """
    said = _checked_map(column_map or {}, known_fields() | set((extra or {}).values()))
    added = {fold_text(heading): field for heading, field in (extra or {}).items()}
    top = sheet.rows[:HEADER_DEPTH]
    exported = next((row for row in top if kobo.is_export(row)), ())
    words = _HeadingWords(said, {**_fields_of_export(exported, added), **added})
    tagged = next((i for i, row in enumerate(top) if is_tags(row)), None)
    if tagged is not None:
        headings = sheet.rows[tagged - 1] if tagged else ()
        first = next((i for i in range(tagged, len(top)) if not is_tags(top[i])), len(top))
        return _layout_of(sheet, headings, sheet.rows[tagged], (max(tagged - 1, 0), first), words)
    named = [len(words.named_fields(row)) for row in top]
    best = max(range(len(top)), key=lambda i: named[i], default=None)
    if best is None or not named[best]:
        return None
    headings, span = headings_at(sheet.rows, best, words.are_headings)
    if named[best] > 1:
        return _layout_of(sheet, headings, (), span, words)
    found = _layout_of(sheet, headings, (), span, words) if are_words(top[best]) else None
    return found if found and len(found.column_fields) > 1 else None


@dataclass(frozen=True)
class _HeadingWords:
    """What the person says of headings, and what a source or a form adds, folded → field."""

    said: Mapping[str, str]
    added: Mapping[str, str]

    def field(self, heading: object, tag: object = None) -> tuple[str | None, str]:
        """What the person says, then the source, then the tag, then the heading."""
        if heading is not None and not isinstance(heading, str):
            heading = str(heading)
        whole = fold_text(heading) if heading else ""
        for mapping in (self.said, self.added):
            for text in filter(None, (whole, fold_text(tag) if tag else "")):
                if text in mapping:
                    return mapping[text] or None, unit_of(heading or "")[1]
        if isinstance(tag, str) and (field := field_of_tag(tag)):
            return field, unit_of(heading or "")[1] or unit_of_tag(tag)
        return field_of_heading(heading, self.added) if heading else (None, "")

    def named_fields(self, row: Sequence[object]) -> set[str]:
        """Fields that the cells of a row name; "x", "tel", "110 femmes", "Forages" may be data."""
        cells = (cell for cell in row if cell is not None and len(str(cell)) > 1)
        found = {field for cell in cells if (field := self.field(cell)[0])}
        return found - {IGNORED, PERSONAL, "quantity", *MEASURES}

    def are_headings(self, row: Sequence[object]) -> bool:
        """Whether most cells of a row are headings, or what stands under them (H, F, total)."""
        filled = [cell for cell in row if cell is not None]
        known = sum(self.field(cell)[0] is not None or is_part(cell) for cell in filled)
        return len(self.named_fields(row)) >= 2 and 2 * known >= len(filled)


def holds_headings(row: Sequence[object], extra: Mapping[str, str]) -> bool:
    """Whether a row, wherever it stands, holds headings."""
    words = _HeadingWords({}, {fold_text(heading): field for heading, field in extra.items()})
    return are_words(row) and words.are_headings(row)


def _fields_of_export(headings: Sequence[object], added: Mapping[str, str]) -> dict[str, str]:
    """Fields of the headings of a form's export, folded; "" for those that are not known."""
    parts = {str(heading).rpartition("/")[2] for heading in headings if heading is not None}
    known = {part: field for part in parts if (field := field_of_heading(part, added)[0])}
    return {fold_text(name): field for name, field in kobo.fields_of(headings, known).items()}


def _checked_map(column_map: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    strange = sorted(set(column_map.values()) - known)
    if strange:
        raise UsageError(
            _("Colonnes « {fields} » inconnues dans --map", fields=", ".join(strange)),
            "",
            _("Choisissez parmi : {fields}.", fields=", ".join(sorted(known))),
        )
    return {fold_text(heading): field for heading, field in column_map.items()}


def is_tags(row: Sequence[object]) -> bool:
    """Whether a row holds HXL tags."""
    first = next((cell for cell in row if cell is not None), None)
    if not isinstance(first, str) or not first.lstrip().startswith("#"):
        return False
    cells = [str(cell).strip() for cell in row if cell is not None]
    tags = sum(re.match(r"#[a-zA-Z]\w*", cell) is not None for cell in cells)
    return tags >= 2 and tags >= 0.8 * len(cells)


def _layout_of(
    sheet: Sheet,
    headings: Sequence[object],
    tags: Sequence[object],
    span: tuple[int, int],
    words: _HeadingWords,
) -> TableLayout:
    columns: list[TableColumn] = []
    findings: dict[int, Finding] = {}
    unknown: dict[int, str] = {}
    contradictions: list[Finding] = []
    for index in range(max(len(headings), len(tags))):
        heading = headings[index] if index < len(headings) else None
        tag = tags[index] if index < len(tags) else None
        name = " ".join(str(heading if heading is not None else tag or "").split())
        field, unit = words.field(heading, tag) if name else (None, "")
        if field == PERSONAL and fold_text(name).startswith(_IN_CHARGE):
            named = are_organisations(sample_cells(sheet.rows[span[1] :], index))
            field = "lead" if named else field
        if against := _tag_contradiction(heading, tag, field, words):
            contradictions.append(against)
        code = _why_not_read(field)
        if code == "column_unknown":
            unknown[index] = name
        elif code:
            findings[index] = Finding(code, field=name, params={"column": name})
        elif field:
            columns.append(TableColumn(index, name, field, unit))
    columns, not_chosen = _one_of_each(columns)
    findings |= not_chosen
    columns += (points := _named_points(unknown, columns))
    told, said = _by_content(sheet.rows[span[1] :], unknown, [column.field for column in columns])
    columns, years = _with_year([*columns, *told], {**findings, **said})
    said |= {one.index: _assumed_finding(one) for one in points}
    columns, assumed = _with_title(sorted(columns, key=lambda column: column.index))
    findings = {**findings, **said, **_second_column_findings(columns), **assumed}
    findings = {index: findings[index] for index in sorted(findings.keys() - years)}
    return TableLayout(*span, tuple(columns), bool(tags), (*contradictions, *findings.values()))


def _tag_contradiction(
    heading: object, tag: object, field: str | None, words: _HeadingWords
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
    frozenset({"target", "reached", "beneficiaries", "quantity", "people", *MEASURES}),
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
    columns: list[TableColumn], not_read: Mapping[int, Finding]
) -> tuple[list[TableColumn], frozenset[int]]:
    """Columns with those of the quarter and its year, and the indices of these two.

    A list of activities may name its quarter or month in a column ("T2", "janvier") or tick it,
    and the year that it is of, or the year alone. A report by indicator has quarters of its own.
    """
    fields = {column.field for column in columns}
    headed = {fold_text(one.field): (index, one.field) for index, one in sorted(not_read.items())}
    found: list[TableColumn] = []
    if "title" in fields and not fields & {"quarter", "accumulative"}:
        found += [
            TableColumn(*headed[name], "quarter") for name in sorted(_QUARTERS & headed.keys())
        ][:1]
    if found or (fields & {"quarter", "title"} and "accumulative" not in fields):
        named = sorted(_YEARS & headed.keys())
        found += [TableColumn(*headed[name], "year") for name in named[:1]]
    return [*columns, *found], frozenset(column.index for column in found)


_IN_CHARGE = ("responsable", "suivi par", "charge d")
"""Headings under which persons stand, and now and then organisations."""


def _with_title(columns: list[TableColumn]) -> tuple[list[TableColumn], dict[int, Finding]]:
    """Columns where a list that has no titles takes its first description for one."""
    fields = {column.field for column in columns}
    if "title" in fields or not fields & {"lead", "implementers"}:
        return columns, {}
    first = next((column for column in columns if column.field == "description"), None)
    if first is None:
        return columns, {}
    said = _assumed_finding(first)
    titled = [replace(one, field="title") if one is first else one for one in columns]
    return titled, {first.index: said}


_NAMES_OF_POINTS = frozenset({"nom", "name", "designation", "ouvrage", "infrastructure"})


def _named_points(unknown: dict[int, str], columns: Sequence[TableColumn]) -> list[TableColumn]:
    """The title of a list of points without one: the name of each, taken out of ``unknown``."""
    fields = {column.field for column in columns}
    if "title" in fields or not {"lon", "lat"} <= fields:
        return []
    named = [index for index, name in unknown.items() if fold_text(name) in _NAMES_OF_POINTS]
    return [TableColumn(index, unknown.pop(index), "title") for index in named[:1]]


def _assumed_finding(column: TableColumn) -> Finding:
    params: dict[str, object] = {"column": column.heading, "field": "title"}
    return Finding("column_assumed", field=column.heading, params=params)


def _second_column_findings(columns: Sequence[TableColumn]) -> dict[int, Finding]:
    """What is said of a second column of one amount: it counts where the first is blank."""
    first: dict[str, TableColumn] = {}
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


def _one_of_each(columns: list[TableColumn]) -> tuple[list[TableColumn], dict[int, Finding]]:
    """Columns with one for each field that takes one, and what is said of the others.

    The first counts; of places the one that stands beside other places. Another of the same
    heading, or of a place, is a question: which of them is meant?
    """
    kept: list[TableColumn] = []
    findings: dict[int, Finding] = {}
    for column in columns:
        same = [one for one in columns if one.field == column.field]
        if len(same) == 1 or column.field in MANY | ALTERNATIVE:
            kept.append(column)
            continue
        chosen = max(same, key=lambda one: (_neighbouring_places(one, columns), -one.index))
        if column is chosen:
            kept.append(column)
            continue
        alike = fold_text(column.heading) == fold_text(chosen.heading) or column.field in _PLACED
        params: dict[str, object] = {"column": column.heading}
        if alike:
            params = {"column": column.label, "first": chosen.label}
        code = "column_twice" if alike else "column_ignored"
        findings[column.index] = Finding(code, field=column.heading, params=params)
    return kept, findings


_PLACED = frozenset({"region", "cercle", "commune", "region_code", "cercle_code", "commune_code"})


def _neighbouring_places(column: TableColumn, columns: Iterable[TableColumn]) -> int:
    """How many columns of other places stand right beside one of a place."""
    others = _PLACED - {column.field} if column.field in _PLACED else frozenset()
    return sum(one.field in others and abs(one.index - column.index) == 1 for one in columns)


def _by_content(
    rows: Sequence[Sequence[object]], unknown: Mapping[int, str], taken: Sequence[str]
) -> tuple[list[TableColumn], dict[int, Finding]]:
    """Columns that their content settles among those of unknown or no heading; the rest said."""
    columns: list[TableColumn] = []
    findings: dict[int, Finding] = {}
    guesses: dict[int, ColumnGuess] = {}
    for index, name in unknown.items():
        cells = sample_cells(rows, index) if name or index < UNNAMED_WITHIN else []
        if name and (marked := _cross_column(index, name, cells)):
            columns.append(marked)
            continue
        if name or cells:
            findings[index] = _unknown_finding(index, name, len(cells))
        if cells and (found := guess_of_cells(tuple(cells))):
            guesses[index] = found
    for index, one in settled_guesses(guesses, taken).items():
        name = unknown[index] or column_letters(index)
        if one.field == PERSONAL:
            findings[index] = Finding("personal_data_dropped", field=name, params={"column": name})
        elif one.field != "yes":
            code = "column_by_content" if one.sure else "column_proposed"
            params: dict[str, object] = {"column": name, "field": one.field, "reason": one.what}
            findings[index] = Finding(
                code, field=name, params={**params, "share": round(100 * one.share)}
            )
            columns += [TableColumn(index, name, one.field)] if one.sure else []
    return columns, findings


def _cross_column(index: int, name: str, cells: Sequence[object]) -> TableColumn | None:
    """A column of crosses under the name of a sector, a région or a quarter: these may be blank."""
    if any(yes_or_no(cell) is None for cell in cells):
        return None
    stands_for = field_of_crosses(name)
    if not cells and stands_for and stands_for[0] != "quarter":
        return None
    return TableColumn(index, name, stands_for[0], says=stands_for[1]) if stands_for else None


def _unknown_finding(index: int, name: str, cells: int) -> Finding:
    if name:
        return Finding("column_unknown", field=name, params={"column": name})
    params: dict[str, object] = {"column": column_letters(index), "n": cells}
    return Finding("column_unnamed", field=column_letters(index), params=params)
