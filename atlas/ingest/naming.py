"""Words → vocabularies, once per distinct spelling; what is not known is said once.

What people decided comes first (`atlas.corrections`). An unknown organisation keeps its
spelling, so that it still counts; an unknown sector, status or type stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import NamedTuple

from atlas.corrections import NO_CORRECTIONS, CorrectionLookup, DecisionSubject, EnteredOrganisation
from atlas.corrections.wordings import term_key
from atlas.ingest.parsing.values import sector_of_code
from atlas.ingest.reading import Finding, Record
from atlas.model import SEVERAL, Kind
from atlas.vocab import (
    VocabularyMatch,
    entry_label,
    infer_sector,
    match_org_type,
    match_organisation,
    match_sector,
    match_status,
    organisation_type,
    split_organisations,
)

REVIEWED = "reviewed"
EXAMPLES = 3
"""How many places of a wording its finding names."""

_CELLS = re.compile(r"\s*;\s*")
_SECTORS = re.compile(r"\s*[;,/|+&]\s*|\s+(?:et|and)\s+")
_OUTSIDE_BRACKETS = re.compile(r"[()]|\s[-–—]\s")
_TYPE = "org_type"
_BODY, _STATUS = str(DecisionSubject.ORGANISATION), str(DecisionSubject.STATUS)
_SECTOR = str(DecisionSubject.SECTOR)


@dataclass
class _WordingFinding:
    """A wording that is to be told, and the rows it stands in."""

    code: str
    field: str
    raw: str
    params: dict[str, object]
    rows: int = 0
    at: list[str] = dataclass_field(default_factory=list)
    last: Sequence[str] = ()

    def add_locators(self, locators: Sequence[str]) -> None:
        if locators and locators != self.last:  # a row that says it twice is one row
            self.rows += len(locators)
            self.at += locators[: EXAMPLES - len(self.at)]
            self.last = locators

    def to_finding(self) -> Finding:
        params = {"raw": self.raw, **self.params, "rows": max(self.rows, 1), "at": self.at}
        return Finding(self.code, self.at[0] if self.at else "", self.field, params)


class _Answer(NamedTuple):
    """What a spelling means, and what is to be told of it; nothing where it is known as it is."""

    id: str | None
    told: _WordingFinding | None


class NameMatcher:
    """The spellings of one document, each matched once, and reported once with its rows.

    Parameters
    ----------
    corrections
        Decisions that may hold in the document.
    """

    def __init__(self, corrections: CorrectionLookup = NO_CORRECTIONS) -> None:
        self._corrections = corrections
        self._inferred: list[Finding] = []
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._named: dict[str, tuple[tuple[str, _Answer], ...]] = {}
        self._cells: dict[str, list[str]] = {}
        self._several: dict[str, tuple[str, ...]] = {}
        self._told: dict[tuple[str, str, str], _WordingFinding] = {}

    @property
    def findings(self) -> list[Finding]:
        """What there is to say of the spellings so far."""
        return [*self._inferred, *(told.to_finding() for told in self._told.values())]

    @property
    def entered_organisations(self) -> list[EnteredOrganisation]:
        """Organisations that people entered, of those named so far."""
        named = {found.id for (subject, _raw), found in self._answers.items() if subject == _BODY}
        own = self._corrections.entered_organisations
        return [own[entry] for entry in sorted(own) if entry in named]

    def lead(self, record: Record) -> tuple[str | None, list[str]]:
        """Who leads and who implements; where several stand as leading, none is said to."""
        locators = locators_of(record)
        leading = self.organisation_ids([record.lead] if record.lead else [], locators)
        others = self.organisation_ids(record.implementers, locators)
        if len(leading) > 1:
            return None, list(dict.fromkeys([*leading, *others]))
        return next(iter(leading), None), others

    def organisation_ids(self, names: Sequence[str], locators: Sequence[str]) -> list[str]:
        """Ids of organisations or donors, each once, or their spellings when not known.

        A name that decisions tell to be several (a consortium of organisations that a person
        entered) is those.
        """
        found: dict[str, None] = {}
        for name in names:
            for one, (known, told) in self._named.get(name) or self._organisations_named(name):
                if told is not None:
                    told.add_locators(locators)
                found[known or one] = None
        return list(found)

    def organisation_id(self, raw: str, locator: str = "") -> str:
        """Id of one organisation or donor, or its spelling when it is not known."""
        return self._matched_id(_BODY, raw, [locator] if locator else [], match_organisation) or raw

    def _organisations_named(self, raw: str) -> tuple[tuple[str, _Answer], ...]:
        """The organisations that a name is, each with what it means."""
        whole = self._decided_id(_BODY, raw) or match_organisation(raw).id
        parts = [raw] if whole else split_organisations(raw, self._is_decided) or [raw]
        self._named[raw] = tuple(
            (one, self._answer(_BODY, one, match_organisation)) for one in parts
        )
        return self._named[raw]

    def _is_decided(self, name: str) -> bool:
        return self._decided_id(_BODY, name) is not None

    def status_id(self, raw: str, locators: Sequence[str]) -> str:
        """Status id; ``unknown`` for none and for one that is not understood."""
        found = raw and self._matched_id(_STATUS, raw, locators, match_status)
        return found or "unknown"

    def sector(self, record: Record) -> str | None:
        """Sector as reported, else inferred from the words and said so, else unknown."""
        if record.sector_raw:
            found = self._sector_of_cells(record.sector_raw, locators_of(record))
            self._tell_several(record)
            return found
        if record.kind == Kind.PRESENCE:  # an organisation's name says nothing of what it does
            return None
        words = record.sector_text or f"{record.title}. {record.description}"
        match = infer_sector(words)
        if match.id is None:
            return None
        params: dict[str, object] = {"sector": entry_label("sectors", match.id)}
        self._inferred.append(Finding("sector_inferred", record.locator, "sector", params))
        return match.id

    def sector_named(self, raw: str, locator: str = "") -> str | None:
        """Id of a sector of a fact, or its words when they are not known."""
        return (raw and self._sector_of_cells(raw, [locator] if locator else [])) or raw or None

    def sectors_of_record(self, record: Record) -> tuple[str, ...]:
        """Ids of the sectors of a record whose `sector` stands for several."""
        return self._several.get(record.sector_raw, ())

    def _sector_of_cells(self, raw: str, locators: Sequence[str]) -> str | None:
        """A sector, or the one that stands for several when each of the cells is known."""
        if raw not in self._cells:
            whole = self._decided_id(_SECTOR, raw) or match_sector(raw).id
            self._cells[raw] = [raw] if whole else [cell for cell in _CELLS.split(raw) if cell]
        cells = self._cells[raw]
        found = [self._matched_id(_SECTOR, c, locators, self._sector_of_cell) for c in cells]
        if len(cells) > 1:
            self._keep_several(
                raw, [x for c in zip(cells, found, strict=True) for x in self._sectors_of_cell(*c)]
            )
        return _common_sector(set(found))

    def _sectors_of_cell(self, cell: str, found: str | None) -> tuple[str | None, ...]:
        """The sectors that a cell names."""
        return self._several.get(cell, (found,))

    def _keep_several(self, raw: str, named: Iterable[str | None]) -> None:
        """Keep the sectors that a wording names, where all are known and several."""
        sectors = set(named)
        if None not in sectors and len(sectors - {SEVERAL}) > 1:
            self._several[raw] = tuple(sorted(one for one in sectors if one and one != SEVERAL))

    def _tell_several(self, record: Record) -> None:
        """Say once of a wording that it names several sectors."""
        raw, named = record.sector_raw, self.sectors_of_record(record)
        if named:
            params: dict[str, object] = {
                "names": ", ".join(entry_label("sectors", one) for one in named)
            }
            one = "sectors_named", "sector", term_key(raw)
            told = self._told.setdefault(
                one, _WordingFinding("sectors_named", "sector", raw, params)
            )
            told.add_locators(locators_of(record))

    def _sector_of_cell(self, raw: str) -> VocabularyMatch:
        """The sector of a cell, or of its parts when each of them is known."""
        whole = match_sector(raw)
        if whole.id is not None:
            return whole
        coded = _sector_of_codes(raw)
        if coded:  # the names after DAC codes hold commas of their own
            return VocabularyMatch(coded, "exact", 1.0)
        twice = {match_sector(part).id for part in _OUTSIDE_BRACKETS.split(raw) if part.strip()}
        if len(twice) == 1 and (same := _common_sector(twice)):  # a name and its acronym
            return VocabularyMatch(same, "alias", 1.0)
        parts = [part for part in _SECTORS.split(raw) if part]
        decided = {part: self._decided_id(_SECTOR, part) for part in parts}
        found = [decided[part] or match_sector(part).id for part in parts]
        one, how = _common_sector(set(found)), REVIEWED if any(decided.values()) else "alias"
        if one is None:  # "eha sante education": choices of a form
            found, how = [match_sector(word).id for word in raw.split()], "alias"
            one = _common_sector(set(found))
        self._keep_several(raw, found)
        return VocabularyMatch(one, how, 1.0) if one else whole

    def organisation_type(self, record: Record, known: Iterable[str]) -> str | None:
        """Type as reported, else the type of the first organisation that has one."""
        if record.org_type:
            said = self._matched_id(_TYPE, record.org_type, locators_of(record), match_org_type)
            if said:
                return said
        own = self._corrections.entered_organisations
        types = (
            organisation_type(name) or (own[name].type if name in own else "") for name in known
        )
        return next((kind for kind in types if kind), None)

    def _decided_id(self, subject: str, raw: str) -> str | None:
        if subject == _TYPE:
            return None
        found = self._corrections.term_correction(DecisionSubject(subject), raw)
        return found.means if found else None

    def _answer(self, subject: str, raw: str, match: Callable[[str], VocabularyMatch]) -> _Answer:
        """What was decided of a wording, else what the vocabulary makes of it."""
        key = (subject, raw)
        if key not in self._answers:
            decided = self._decided_id(subject, raw)
            found = VocabularyMatch(decided, REVIEWED, 1.0) if decided else match(raw)
            told = None if found.how in ("exact", "alias") else self._told_of(subject, raw, found)
            self._answers[key] = _Answer(found.id, told)
        return self._answers[key]

    def _told_of(self, subject: str, raw: str, found: VocabularyMatch) -> _WordingFinding:
        """What is told of a wording, in whatever spelling it came first."""
        code, params = _code_and_params(subject, found)
        one = code, subject, term_key(raw)
        return self._told.setdefault(one, _WordingFinding(code, subject, raw, params))

    def _matched_id(
        self,
        subject: str,
        raw: str,
        locators: Sequence[str],
        match: Callable[[str], VocabularyMatch],
    ) -> str | None:
        found = self._answer(subject, raw, match)
        if found.told is not None:
            found.told.add_locators(locators)
        return found.id


def locators_of(record: Record) -> tuple[str, ...]:
    """Locators of a record's rows, the folded ones too."""
    return (record.locator, *record.folded)


def _code_and_params(subject: str, match: VocabularyMatch) -> tuple[str, dict[str, object]]:
    """Code and params of what there is to say of a wording."""
    vocabulary = "org_types" if subject == _TYPE else DecisionSubject(subject).vocabulary_name
    if match.id is None:
        near = ", ".join(entry_label(vocabulary, name) for name in match.near) or "—"
        if subject == _TYPE:
            return "value_unreadable", {"near": near, "field": _TYPE}
        return f"{subject}_unknown", {"near": near}
    code = f"{subject}_reviewed" if match.how == REVIEWED else "wording_mended"
    return code, {"entry": entry_label(vocabulary, match.id)}


def _sector_of_codes(raw: str) -> str | None:
    """The sector of a list of DAC codes."""
    return _common_sector({sector_of_code(part) for part in raw.split(";")})


def _common_sector(sectors: set[str | None]) -> str | None:
    """The sector that several are, or the one that stands for several; none if one is unknown."""
    if None in sectors or not sectors:
        return None
    return next(iter(sectors)) if len(sectors) == 1 else SEVERAL
