"""Rows that hold but one cell: notes, titles, and those that apply to the rows below them.

"Région de Gao" or "SANTÉ" alone in a row, above the rows it is about, fills what these leave
blank; a finding says in how many. It applies until the next one of its kind, a total, or a
lone cell that nobody understands: what follows is then unknown rather than guessed. Above the
headings it applies to the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.privacy import without_contacts
from atlas.ingest.reading import Finding, PlaceText, Record
from atlas.ingest.tables.table_columns import names_of
from atlas.ingest.tables.table_rows import TableRow, as_text
from atlas.vocab import match_sector

_PLACES = ("region", "cercle", "commune")
_LEVEL = re.compile(
    r"(?P<level>r[ée]gion|cercle|commune|district)"
    r"\s*(?::|d(?:e la|es|e|u)\s|d['’]|\s)\s*(?P<name>.+)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:sources?|n\.?b|notes?|remarques?|legende|important)\s?:.+|(?:tableau|annexe) \w+\b.*"
    r"|(?:composante|axe|volet) \w+\b.*"
)
_OF_A_PLACE = re.compile(r"(?:regions?|cercles?|communes?|district) d(?:e|u|')\b.+")
_NUMERAL = re.compile(r"[IVX]{1,5}[.)]?|[A-Z][.)]?")


def lone_words(row: TableRow) -> str:
    """Words of a row that holds one cell, a numeral before "Région de…" aside; else ""."""
    if len(row.columns) < 2 or len(row.values) - row.values.count(None) > 2:
        return ""
    cells = [cell for cell in row.values if cell is not None and cell != ""]
    if not cells or not isinstance(cells[-1], str):
        return ""
    words = as_text(cells[-1])
    numbered = len(cells) == 2 and _NUMERAL.fullmatch(str(cells[0]).strip())
    return words if len(cells) == 1 or (numbered and _LEVEL.fullmatch(words)) else ""


def meaning_of_words(words: str) -> tuple[str, str] | None:
    """Field and value that a lone cell states for the rows below it.

    Examples
    --------
    >>> texts = ("Région de Gao", "MOPTI", "EHA", "Région du Sahel")
    >>> [meaning_of_words(text) for text in texts]
    [('region', 'Gao'), ('region', 'MOPTI'), ('sector', 'EHA'), None]
    """
    words = words.strip(" :.-–*")
    if found := _LEVEL.fullmatch(words):
        level = {"district": "region"}.get(fold_text(found["level"]), fold_text(found["level"]))
        return (level, found["name"]) if fold_text(found["name"]) in names_of(level) else None
    if fold_text(words) in names_of("region"):
        return "region", words
    return ("sector", words) if match_sector(words).id else None


@dataclass
class LoneRow:
    """A lone row: its words, what they state (field and value), and how many rows took it."""

    row: TableRow
    words: str
    field: str = ""
    value: str = ""
    used: int = 0

    @property
    def is_incomplete(self) -> bool:
        """Whether nothing took it and it stands in its own column: a row that lacks the rest."""
        return not self.used and bool(self.field) and self.row.value(self.field) is not None

    @property
    def usage_finding(self) -> Finding:
        """In how many rows its word was used, or that it was set aside."""
        params: dict[str, object] = {"raw": without_contacts(self.words)}
        if self.used:
            return Finding("row_heads_others", self.row.locator, params={**params, "n": self.used})
        return Finding("row_aside", self.row.locator, params=params)


@dataclass
class LoneRows:
    """The lone rows of a table so far, and those whose word still stands."""

    seen: list[LoneRow] = dataclass_field(default_factory=list)
    titles: dict[str, LoneRow] = dataclass_field(default_factory=dict)
    _in_force: dict[str, LoneRow] = dataclass_field(default_factory=dict)

    @classmethod
    def under_titles(cls, titles: Iterable[TableRow]) -> LoneRows:
        """Those of a table below these rows, the ones above its headings."""
        made = cls()
        for row in titles:
            words = lone_words(row)
            if words and (found := meaning_of_words(words)):
                made.titles[found[0]] = LoneRow(row, words, *found)
        made.end()
        return made

    def takes_row(self, row: TableRow) -> bool:
        """Whether the row is no record: it speaks for those below, or is a note."""
        words = lone_words(row)
        if not words:
            return False
        if found := meaning_of_words(words):
            said, value = found
            self._forget_fields(_PLACES[_PLACES.index(said) :] if said in _PLACES else (said,))
            self._in_force[said] = LoneRow(row, words, said, value)
            self.seen.append(self._in_force[said])
            return True
        folded = fold_text(words)
        if words.startswith("*") or _NOTE.fullmatch(folded):
            self.seen.append(LoneRow(row, words))
            return True
        self.end()
        if _OF_A_PLACE.fullmatch(folded):
            self.seen.append(LoneRow(row, words))
            return True
        return False

    def end(self) -> None:
        """What stood speaks for no further row, but for what stands above the headings."""
        self._in_force = dict(self.titles)

    @property
    def section_key(self) -> Hashable:
        """What tells rows apart that are the same but for what stands above them."""
        return tuple(sorted((said, one.value) for said, one in self._in_force.items()))

    def fill_blanks(self, record: Record) -> Record:
        """The record with its blanks filled by what stands above it."""
        if not self._in_force:
            return record
        sector = self._in_force.get("sector")
        if sector and not record.sector_raw:
            record = record._replace(sector_raw=sector.value)
            sector.used += 1
        stated = record.places[0] if record.places else PlaceText()
        placed = self._place_within(stated)
        return record if placed == stated else record._replace(places=(placed, *record.places[1:]))

    def _place_within(self, text: PlaceText) -> PlaceText:
        """A place within what stands above; one with a code or another région is its own."""
        for level in _PLACES:
            banner, own = self._in_force.get(level), getattr(text, level)
            if getattr(text, f"{level}_code"):
                return text
            if banner is None or own:
                if banner and fold_text(own) != fold_text(banner.value):
                    return text
                continue
            inside: dict[str, Any] = {level: banner.value}
            text = text._replace(**inside)
            banner.used += 1
        return text

    def _forget_fields(self, fields: tuple[str, ...]) -> None:
        for name in fields:
            self._in_force.pop(name, None)
