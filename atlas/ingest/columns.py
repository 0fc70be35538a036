"""Columns of a table: where the headings are, and what each column means.

A column is mapped, listed as ignored, or reported; never dropped in silence. The known
headings and HXL tags are data: ``columns.csv``, and the ``[columns]`` of a source.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.ingest import kobo
from atlas.ingest.reading import Finding, Sheet

IGNORED = "ignored"
PERSONAL = "personal"
HEADER_DEPTH = 30
"""How many rows from the top the headings are looked for."""
MANY = frozenset({"place", "locality", "implementers", "donor", "remarks", "description", "sector"})
"""Fields that several columns may fill together; for the others the first column counts."""


@dataclass(frozen=True)
class Column:
    """A column that is read. ``unit`` is what its heading says in brackets (``USD``)."""

    index: int
    heading: str
    field: str
    unit: str = ""


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


def fold(text: object) -> str:
    """A heading without accents, case, line breaks and outer punctuation.

    Examples
    --------
    >>> fold("Région\\n d'Intervention* :")
    "region d'intervention"
    """
    return _fold(str(text))


@lru_cache(maxsize=65536)
def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(plain.replace("_", " ").casefold().split()).strip(" :*.;-")


@cache
def _vocabulary() -> tuple[dict[str, str], dict[tuple[str, frozenset[str]], str]]:
    headings: dict[str, str] = {}
    tags: dict[tuple[str, frozenset[str]], str] = {}
    with Path(__file__).with_name("columns.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for heading in row["headings"].split(";"):
                headings.setdefault(fold(heading), row["field"])
            for tag in filter(None, row["hxl"].split(";")):
                tags.setdefault(_tag(tag), row["field"])
    return headings, tags


@cache
def known_fields() -> frozenset[str]:
    """Every field a column may be mapped to."""
    headings, tags = _vocabulary()
    return frozenset(headings.values()) | frozenset(tags.values())


def heading_fields() -> Mapping[str, str]:
    """Known headings, folded → field."""
    return _vocabulary()[0]


def _tag(text: str) -> tuple[str, frozenset[str]]:
    name, *attributes = text.casefold().replace(" ", "").split("+")
    return name, frozenset(attributes)


def field_of_tag(text: str) -> str | None:
    """Field of an HXL tag: the entry whose attributes the tag all has, the most of them.

    Examples
    --------
    >>> field_of_tag("#adm2+code+v_pcode"), field_of_tag("#org"), field_of_tag("#nothing")
    ('cercle_code', 'lead', None)
    """
    name, attributes = _tag(text)
    fits = [
        (len(wanted), field)
        for (tag, wanted), field in _vocabulary()[1].items()
        if tag == name and wanted <= attributes
    ]
    return max(fits)[1] if fits else None


def field_of_heading(heading: object, extra: Mapping[str, str]) -> tuple[str | None, str]:
    """Field of a heading, and the unit it carries in brackets or at its end.

    Examples
    --------
    >>> field_of_heading("Coût total (USD)", {}), field_of_heading("Région / Region", {})
    (('budget', 'USD'), ('region', ''))
    """
    whole = fold(heading)
    known = _vocabulary()[0]
    bare, unit = _unit(str(heading).replace("_", " "))
    if unit == "%":  # a share of something: neither a status nor an amount
        return IGNORED, unit
    candidates = [whole, fold(bare), *(fold(part) for part in re.split("[/|]", bare))]
    for text in candidates:
        field = extra.get(text) or known.get(text)
        if field:
            return field, unit
    return None, unit


_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_MONEY_END = re.compile(
    r"(?:\ben\s+)?\b((?:milliers? (?:de )?|millions? (?:de )?)?"
    r"(?:usd|us\$|eur|euros?|f ?cfa|xof|dollars?|francs? cfa))\s*$",
    re.IGNORECASE,
)


def _unit(heading: str) -> tuple[str, str]:
    found = _BRACKETS.search(heading)
    if found:
        unit = re.sub(r"^en\s+", "", found[1].strip(), flags=re.IGNORECASE)
        return _BRACKETS.sub(" ", heading), unit
    ended = _MONEY_END.search(heading)
    if ended:
        return heading[: ended.start()], ended[1]
    return heading, ""


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
    added = {**_of_export(exported, added), **added}
    tagged = next((i for i, row in enumerate(top) if _is_tags(row)), None)
    if tagged is not None:
        headings = sheet.rows[tagged - 1] if tagged else ()
        return _layout(headings, sheet.rows[tagged], (max(tagged - 1, 0), tagged + 1), said, added)
    named = [len(_fields(row, said, added)) for row in top]
    best = max(range(len(top)), key=lambda i: named[i], default=None)
    if best is None or named[best] < 2:
        return None
    headings, span = _headings(sheet.rows, best, said, added)
    return _layout(headings, (), span, said, added)


def _of_export(headings: Sequence[object], added: Mapping[str, str]) -> dict[str, str]:
    """Fields of the headings of a form's export, folded; "" for those that are not known."""
    parts = {str(heading).rpartition("/")[2] for heading in headings if heading is not None}
    known = {part: field for part in parts if (field := field_of_heading(part, added)[0])}
    return {fold(name): field for name, field in kobo.fields_of(headings, known).items()}


def _fields(row: Sequence[object], said: Mapping[str, str], added: Mapping[str, str]) -> set[str]:
    """Fields that the cells of a row name; "no" and "tel" may well be data."""
    found = {field for cell in row if (field := _field(cell, None, said, added)[0])}
    return found - {IGNORED, PERSONAL}


def _headings(
    rows: Sequence[Sequence[object]],
    best: int,
    said: Mapping[str, str],
    added: Mapping[str, str],
) -> tuple[Sequence[object], tuple[int, int]]:
    """Headings with their first row and the first row of data.

    Merged cells may spread them over two rows, "Localisation" over "Région | Cercle": the
    lower row speaks, and the upper one where the lower is blank.
    """

    def is_headings(index: int) -> bool:
        filled = [cell for cell in rows[index] if cell is not None]
        fields = _fields(rows[index], said, added)
        return len(fields) >= 2 and 2 * len(fields) >= len(filled)

    if best + 1 < len(rows) and is_headings(best + 1):
        start = best
    elif best and is_headings(best - 1):
        start = best - 1
    else:
        return rows[best], (best, best + 1)
    upper, lower = rows[start], rows[start + 1]
    width = max(len(upper), len(lower))
    pairs = zip(_padded(upper, width), _padded(lower, width), strict=True)
    return [fine if fine is not None else coarse for coarse, fine in pairs], (start, start + 2)


def _padded(row: Sequence[object], width: int) -> list[object]:
    return [*row, *[None] * (width - len(row))]


def _checked(column_map: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    strange = sorted(set(column_map.values()) - known)
    if strange:
        raise UsageError(
            _("Colonnes « {fields} » inconnues dans --map", fields=", ".join(strange)),
            "",
            _("Choisissez parmi : {fields}.", fields=", ".join(sorted(known))),
        )
    return {fold(heading): field for heading, field in column_map.items()}


def _is_tags(row: Sequence[object]) -> bool:
    cells = [str(cell).strip() for cell in row if cell is not None]
    tags = sum(re.match(r"#[a-zA-Z]\w*", cell) is not None for cell in cells)
    return tags >= 2 and tags >= 0.8 * len(cells)


def _field(
    heading: object, tag: object, said: Mapping[str, str], added: Mapping[str, str]
) -> tuple[str | None, str]:
    """What the person says, then the source, then the tag, then the heading."""
    if heading is not None and not isinstance(heading, str):
        heading = str(heading)
    whole = fold(heading) if heading else ""
    unit = _unit(heading)[1] if heading else ""
    for mapping in (said, added):
        for text in filter(None, (whole, fold(tag) if tag else "")):
            if text in mapping:
                return mapping[text] or None, unit
    if isinstance(tag, str) and (field := field_of_tag(tag)):
        return field, unit
    return field_of_heading(heading, added) if heading else (None, "")


def _layout(
    headings: Sequence[object],
    tags: Sequence[object],
    span: tuple[int, int],
    said: Mapping[str, str],
    added: Mapping[str, str],
) -> Layout:
    columns: list[Column] = []
    findings: list[Finding] = []
    for index in range(max(len(headings), len(tags))):
        heading = headings[index] if index < len(headings) else None
        tag = tags[index] if index < len(tags) else None
        name = " ".join(str(heading if heading is not None else tag or "").split())
        if not name:
            continue
        field, unit = _field(heading, tag, said, added)
        code = _why_not_read(field, columns)
        if code:
            findings.append(Finding(code, field=name, params={"column": name}))
        elif field:
            columns.append(Column(index, name, field, unit))
    return Layout(*span, tuple(columns), bool(tags), tuple(findings))


def _why_not_read(field: str | None, taken: Iterable[Column]) -> str | None:
    if field is None:
        return "column_unknown"
    if field == PERSONAL:
        return "personal_data_dropped"
    twice = field not in MANY and any(column.field == field for column in taken)
    return "column_ignored" if field == IGNORED or twice else None
