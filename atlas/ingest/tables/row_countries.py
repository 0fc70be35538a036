"""The country of each row: rows of other countries are excluded, with a finding.

A village of Burkina Faso may have the name of one in Mali. So before any place is looked for,
a row is asked for its country: its own "country" column, then its p-codes and the names of its
divisions (``abroad.csv``), then what the list as a whole says of itself. A row that names a
région of Mali stays, whatever its list is called; a row that says nothing stays too.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.core import Locale, get_global

from atlas.geo.frames import FRAMES, LEVELS
from atlas.geo.names import name_index, place_name_key, region_named
from atlas.i18n import N_
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import Finding
from atlas.ingest.tables.table_columns import TableColumn
from atlas.ingest.tables.table_rows import DataTable, TableRow, as_text, cells_at

MALI = "ML"
_MALIAN = frozenset({"mali", "ml", "mli", "republique du mali", "republic of mali"})
_CODE = re.compile(r"([A-Z]{2,3})[-_ ]?\d+")
_PARTS = re.compile(r"[;,/|()\n&+]|\s[-–]\s|\set\s|\sand\s")
_DIVISION = re.compile(
    r"^(?:province|departement|territoire|prefecture|wilaya)s? (?:de la |de |du |des |d')?"
)
_ABROAD = re.compile(r"(?:sous[- ])?prefectures?|wilayas?|dairas?|moughataas?|provinces?")
"""Headings of divisions that Mali has not; a préfecture is now and then a cercle of it."""
_PREFECTURE = "prefecture"
_NOT_THE_COUNTRY = re.compile(
    r"\b(?:office|fleuve|boucle|bassin|delta|riviere|river|vallee|lac|lake)(?: \w+)?"
    r"(?: du| de| of)? (?:niger|senegal|tchad|chad)\b"
)
"""The rivers and the lake, and what is called after them: the Office du Niger is in Mali."""
_GUESTS = re.compile(r"refugi|refugee|rapatri|retourn|returnee|frontier|frontali|border")
"""A title about people who came from a country is no list of that country."""
_NAMES = ("region", "cercle", "place", _PREFECTURE)
_CODES = ("region_code", "cercle_code", "commune_code")
_TITLE = 500


def is_division_abroad(heading: str) -> bool:
    """Whether a heading is the name of a division that Mali has not.

    Examples
    --------
    >>> is_division_abroad("Sous-préfecture"), is_division_abroad("Cercle")
    (True, False)
    """
    return _ABROAD.fullmatch(fold_text(heading)) is not None


class CountryEvidence(NamedTuple):
    """What a row says of its country: Mali, surely others, or others that it may mean."""

    mali: bool = False
    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _CountryIndex:
    """``abroad.csv``, by what is looked up in it."""

    name_of: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)
    ordinary: set[str] = field(default_factory=set)


def _listed_countries() -> _CountryIndex:
    """The countries and their divisions; ``?`` stands before a name that is an ordinary word."""
    found = _CountryIndex(by_code={MALI: MALI, "MLI": MALI}, by_name=dict.fromkeys(_MALIAN, MALI))
    with Path(__file__).with_name("abroad.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code = row["iso2"]
            found.name_of[code] = row["name"]
            found.by_code.update({code: code, row["iso3"]: code})
            for name in (row["name"], *filter(None, row["names"].split(";"))):
                found.by_name[fold_text(name)] = code
            for unit in filter(None, row["units"].split(";")):
                own = place_name_key(unit.lstrip("?"))
                found.units.setdefault(own, set()).add(code)
                if unit.startswith("?"):
                    found.ordinary.add(own)
    return found


_COUNTRIES = _listed_countries()


@cache
def _world_countries() -> tuple[dict[str, str], dict[str, str]]:
    """Two-letter codes of every country by its French and English names, and by its codes.

    Source: Unicode CLDR, through babel; the codes of ISO 3166-1 are among its aliases.
    """

    names = {
        fold_text(name): code
        for locale in ("fr", "en")
        for code, name in Locale(locale).territories.items()
        if re.fullmatch("[A-Z]{2}", code)
    }
    known = set(names.values())
    aliases = get_global("territory_aliases").items()
    codes = {long: one[0] for long, one in aliases if re.fullmatch("[A-Z]{3}", long)}
    codes = {long: code for long, code in codes.items() if code in known}
    return names, {**codes, **{code: code for code in known}}


def _is_malian_unit(key: str) -> bool:
    """Whether a key is that of a unit of Mali in any découpage."""
    indices = [name_index(frame) for frame in FRAMES]
    known = [spellings for one in indices for spellings in (one.exact, one.alias)]
    return any((level, key) in spellings for spellings in known for level in LEVELS)


def country_named(text: str) -> str:
    """Two-letter code of the country a cell names: ``ML``, another one, or "".

    Examples
    --------
    >>> country_named("Burkina-Faso"), country_named("MLI"), country_named("Gao")
    ('BF', 'ML', '')
    """
    words, known = fold_text(text), _COUNTRIES
    code = known.by_name.get(words) or known.by_name.get(words.replace("-", " "), "")
    return code or _code_named(text) or _world_countries()[0].get(words, "")


def _code_named(text: str) -> str:
    own = text.strip().upper()
    return _COUNTRIES.by_code.get(own) or (
        _world_countries()[1].get(own, "") if len(own) in (2, 3) else ""
    )


def country_name(code: str) -> str:
    """French name of a country by its two- or three-letter code; the code itself if unknown.

    Examples
    --------
    >>> country_name("NE"), country_name("TCD"), country_name("XX")
    ('Niger', 'Tchad', 'XX')
    """
    own = _COUNTRIES.by_code.get(code.upper(), "")
    if own in _COUNTRIES.name_of:
        return _COUNTRIES.name_of[own]

    return str(Locale("fr").territories.get(_world_countries()[1].get(code.upper(), ""), code))


def is_shared(country: str) -> bool:
    """Whether a country cell names Mali and other countries.

    Examples
    --------
    >>> is_shared("Mali, Niger"), is_shared("Mali")
    (True, False)
    """
    parts = _parts_of_cell(country)
    if len(parts) < 2:  # most cells: the names of all countries need not be read
        return False
    named = [country_named(part) for part in parts]
    return MALI in named and "" not in named and len(set(named)) > 1


def names_other_country(text: str) -> bool:
    """Whether a list of places names another country beside them: "Mopti, Gao / Niger".

    Examples
    --------
    >>> cells = ("Mopti, Gao / Niger (Tillabéri)", "Office du Niger")
    >>> [names_other_country(cell) for cell in cells]
    [True, False]
    """
    parts = _parts_of_cell(text) if len(text) > 3 else []
    return len(parts) > 1 and any(
        country_named(part) not in ("", MALI) for part in parts if len(part) > 3
    )


def _parts_of_cell(cell: str) -> list[str]:
    if cell.isalnum():
        return [cell]  # one word, as most names are
    return [part for part in (one.strip() for one in _PARTS.split(cell)) if part]


class RowCountries:
    """Which rows of a table lie in another country.

    Attributes
    ----------
    finding
        ``list_abroad`` where the table as a whole is of one other country.
    """

    def __init__(self, table: DataTable) -> None:
        columns = table.columns_by_field()
        fields = [name for name in ("country", *_CODES, *_NAMES) if name in columns]
        asked = [(name, column) for name in fields for column in columns[name]]
        self._cells = cells_at([column.index for _name, column in asked])
        rows = Counter(self._cells(values) for _number, values in table.numbered_rows())
        names = [
            _kind_of_place_column(name, column, rows, n) for n, (name, column) in enumerate(asked)
        ]
        self._said = {cells: _evidence_of_cells(names, cells) for cells in rows}
        said = Counter[CountryEvidence]()
        for cells, n in rows.items():
            said[self._said[cells]] += n
        told, reason = _country_of_titles(table)
        self._others = frozenset[str]().union(*(one.sure for one in said), {told})
        self._home = _country_of_table(said, told, self._others - {""})
        self.finding: Finding | None = None
        if self._home:
            why = reason if self._home == told else N_("d'après les divisions qu'elle nomme")
            params: dict[str, object] = {"country": country_name(self._home), "reason": why}
            self.finding = Finding("list_abroad", table.sheet.name, "country", params)

    def country_of(self, row: TableRow) -> str:
        """Name of the other country a row is of; "" for Mali, and where nothing is said."""
        said = self._said[self._cells(row.values)]
        written = row.text("country")
        if said.mali:
            return ""
        if written and not said.sure:
            return written  # a country, though none that is known
        found = said.sure or (said.maybe & self._others)
        return " / ".join(sorted(map(country_name, found))) or country_name(self._home)


def _kind_of_place_column(
    name: str, column: TableColumn, rows: Iterable[Sequence[object]], position: int
) -> str:
    """What a column of places names: préfectures, where none of its cells is a cercle of Mali."""
    if name != "place" or not _is_prefecture(column.heading):
        return name
    parts = {part for cells in rows for part in _parts_of_cell(as_text(cells[position]))}
    return name if any(map(_is_cercle, parts)) else _PREFECTURE


def _is_prefecture(heading: str) -> bool:
    return is_division_abroad(heading) and _PREFECTURE in fold_text(heading)


def _country_of_table(
    evidence_counts: Mapping[CountryEvidence, int], country_of_titles: str, others: frozenset[str]
) -> str:
    """The one other country of a table without a row of Mali: as told, or as most rows say.

    ``evidence_counts`` counts the rows that say the same.
    """
    if any(one.mali for one in evidence_counts):
        return ""
    if country_of_titles or len(others) != 1:
        return country_of_titles
    (only,) = others
    speaking = sum(n for one, n in evidence_counts.items() if one.sure or one.maybe)
    theirs = sum(n for one, n in evidence_counts.items() if only in one.sure | one.maybe)
    return only if 2 * theirs > speaking else ""


def _evidence_of_cells(names: Sequence[str], values: Sequence[object]) -> CountryEvidence:
    """The cells of a row together: its country column, a région of Mali, codes, then names."""
    texts = zip(names, map(as_text, values), strict=True)
    cells = [(name, text) for name, text in texts if text]
    written = {
        country_named(part) for n, text in cells if n == "country" for part in _parts_of_cell(text)
    }
    if MALI in written:
        return CountryEvidence(mali=True)
    if written - {""}:
        return CountryEvidence(sure=frozenset(written - {""}))
    coded = {code for name, text in cells if name in _CODES if (code := _of_code(text))}
    if MALI in coded or _names_region(cells):
        return CountryEvidence(mali=True)
    if coded:
        return CountryEvidence(sure=frozenset(coded))
    return _by_names([(name, text) for name, text in cells if name in _NAMES])


def _of_code(text: str) -> str:
    found = _CODE.match(text.strip().upper())
    return _code_named(found[1]) if found else ""


def _names_region(cells: Iterable[tuple[str, str]]) -> bool:
    parts = (part for name, text in cells if name == "region" for part in _parts_of_cell(text))
    return any(_is_region(part) for part in parts)


def _is_region(text: str) -> bool:
    """Whether a text is the name of a région of Mali in any découpage."""
    return any(region_named(text, frame) for frame in FRAMES)


def _by_names(cells: Iterable[tuple[str, str]]) -> CountryEvidence:
    """What the names say, the coarsest that says anything for sure: finer ones are homonyms."""
    maybe: set[str] = set()
    for name, text in cells:
        sure: set[str] = set()
        if is_shared(text) or (
            MALI in map(country_named, _parts_of_cell(text)) and names_other_country(text)
        ):
            return CountryEvidence(mali=True)
        for part in _parts_of_cell(text):
            if _is_region(part) or (name == "cercle" and _is_cercle(part)):
                return CountryEvidence(mali=True)
            if country_named(part) == MALI:  # the country, where the column is of régions
                if name == "region":
                    return CountryEvidence(mali=True)
                sure |= {"GN"} if name == _PREFECTURE else set()  # a préfecture of Guinea too
                continue
            others, certain = _units_named(part)
            (sure if certain else maybe).update(others)
        if sure:
            return CountryEvidence(sure=frozenset(sure))
    return CountryEvidence(maybe=frozenset(maybe))


def _is_cercle(text: str) -> bool:
    """Whether a text is the name of a cercle of Mali and of no division elsewhere."""
    known = any(name_index(frame).find_units("cercle", text)[0] for frame in FRAMES)
    return known and place_name_key(text) not in _COUNTRIES.units


def _units_named(text: str) -> tuple[frozenset[str], bool]:
    """Countries that a name in a column of places stands for, and whether that is certain.

    A name that is an ordinary word, or that of a unit of Mali, says nothing alone.
    """
    own = place_name_key(_DIVISION.sub("", fold_text(text)))
    country = country_named(text) if len(text) > 3 and own not in _COUNTRIES.units else ""
    if country:
        return frozenset({country}), True
    found = frozenset(_COUNTRIES.units.get(own, ()))
    ordinary = own in _COUNTRIES.ordinary
    return found, bool(found) and not ordinary and not _is_malian_unit(own)


def _country_of_titles(table: DataTable) -> tuple[str, str]:
    """The one country that a list says it is of, by its file, its sheet or its title."""
    places = {"region", "cercle"} & table.layout.column_fields
    said = [
        (table.document.file, N_("d'après le nom du fichier")),
        (table.sheet.name, N_("d'après le nom de la feuille")),
        (table.text_above()[:_TITLE] if places else "", N_("d'après son titre")),
    ]
    found = {code: reason for text, reason in reversed(said) for code in _countries_in(text)}
    return next(iter(found.items())) if len(found) == 1 and MALI not in found else ("", "")


def _countries_in(text: str) -> set[str]:
    """Countries that a name or title speaks of."""
    words = _NOT_THE_COUNTRY.sub(" ", fold_text(re.sub(r"[-_.]", " ", text)))
    if _GUESTS.search(words):
        return set()
    listed = ((n, code) for n, code in _COUNTRIES.by_name.items() if n != "ml")
    return {code for name, code in listed if re.search(rf"\b{re.escape(name)}\b", words)}
