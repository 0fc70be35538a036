"""Words → vocabularies, once per distinct spelling; what is not known is said once.

An unknown organisation keeps its spelling, so that it still counts; an unknown sector,
status or type stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as made_by

from atlas.ingest.columns import fold
from atlas.ingest.dac import sector_of_code
from atlas.ingest.reading import Finding, Record
from atlas.model import Kind
from atlas.vocab import (
    Match,
    infer_sector,
    label,
    match_org_type,
    match_organisation,
    match_sector,
    match_status,
    organisation_type,
)

SEVERAL = "multi-sector"
_SECTORS = re.compile(r"\s*[;,/|+&]\s*|\s+(?:et|and)\s+")


@dataclass
class Naming:
    """The spellings of one document, each matched and reported once."""

    findings: list[Finding] = made_by(default_factory=list)
    _known: dict[tuple[str, str], str | None] = made_by(default_factory=dict)

    def organisation(self, raw: str, locator: str) -> str:
        """Id of an organisation or donor, or its spelling when it is not known."""
        return self._once("organisation", raw, locator, match_organisation) or raw

    def status(self, raw: str, locator: str) -> str:
        """Status id; ``unknown`` for none and for one that is not understood."""
        return (raw and self._once("status", raw, locator, match_status)) or "unknown"

    def sector(self, record: Record) -> str | None:
        """Sector as reported, else inferred from the words and said so, else unknown."""
        if record.sector_raw:
            return self._once("sector", record.sector_raw, record.locator, _sector)
        if record.kind == Kind.PRESENCE:  # an organisation's name says nothing of what it does
            return None
        words = record.sector_text or f"{record.title}. {record.description}"
        match = infer_sector(words)
        if match.id is None:
            return None
        params: dict[str, object] = {"sector": label("sectors", match.id)}
        self.findings.append(Finding("sector_inferred", record.locator, "sector", params))
        return match.id

    def sector_named(self, raw: str, locator: str = "") -> str | None:
        """Id of a sector of a fact, or its words when they are not known."""
        return (raw and self._once("sector", raw, locator, _sector)) or raw or None

    def organisation_type(self, record: Record, known: tuple[str, ...]) -> str | None:
        """Type as reported, else the type of the first organisation that has one."""
        if record.org_type:
            said = self._once("org_type", record.org_type, record.locator, match_org_type)
            if said:
                return said
        return next((kind for name in known if (kind := organisation_type(name))), None)

    def _once(
        self, field: str, raw: str, locator: str, match: Callable[[str], Match]
    ) -> str | None:
        key = (field, raw)
        if key not in self._known:
            found = match(raw)
            self._known[key] = found.id
            if found.id is None and not self._said(field, raw):
                self.findings.append(_unknown(field, raw, locator, found))
        return self._known[key]

    def _said(self, field: str, raw: str) -> bool:
        """Whether the same words in another case or spacing were already reported."""
        alike = (f"{field} said", fold(raw))
        said = alike in self._known
        self._known[alike] = None
        return said


_VOCABULARIES = {"organisation": "organisations", "sector": "sectors"}
_CODES = {
    "organisation": "organisation_unknown",
    "sector": "sector_unknown",
    "status": "status_unknown",
}


def _unknown(field: str, raw: str, locator: str, match: Match) -> Finding:
    vocabulary = _VOCABULARIES.get(field)
    near = ", ".join(label(vocabulary, name) for name in match.near) if vocabulary else ""
    params: dict[str, object] = {"raw": raw, "near": near or "—"}
    if field not in _CODES:
        params["field"] = field
    return Finding(_CODES.get(field, "value_unreadable"), locator, field, params)


def _sector(raw: str) -> Match:
    """A sector, or the one that stands for several when each of the parts is known."""
    whole = match_sector(raw)
    if whole.id is not None:
        return whole
    coded = {sector_of_code(part) for part in raw.split(";")}
    if None not in coded:  # the names after DAC codes hold commas of their own
        return Match(coded.pop() if len(coded) == 1 else SEVERAL, "exact", 1.0)
    parts = [match_sector(part) for part in _SECTORS.split(raw) if part]
    ids = {part.id for part in parts}
    if None in ids or not ids:
        return whole
    found = ids.pop() if len(ids) == 1 else SEVERAL
    return Match(found, "alias", min(part.score for part in parts))
