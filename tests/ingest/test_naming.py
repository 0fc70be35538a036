"""Words of a document, matched once: what was decided first, then the vocabularies."""

from __future__ import annotations

from typing import Any

import pytest

from atlas.corrections import (
    CorrectionLookup,
    DecisionSubject,
    EnteredOrganisation,
    WordingCorrection,
)
from atlas.ingest.naming import NameMatcher
from atlas.ingest.reading import Record
from atlas.model import Kind, Source

OX = EnteredOrganisation("OX", "", "national-ngo")
KNOWN = CorrectionLookup.from_entries(
    [
        WordingCorrection("Forages", "wash", subject=DecisionSubject.SECTOR),
        WordingCorrection("à valider", "planned", subject=DecisionSubject.STATUS),
        WordingCorrection("ONG X", "OX", subject=DecisionSubject.ORGANISATION, organisation=OX),
        WordingCorrection("Programme mondial", "pam", subject=DecisionSubject.ORGANISATION),
    ]
)


def record(locator: str = "L2", **said: Any) -> Record:
    return Record(locator, Kind.ACTIVITY, Source.NGO, "Titre", **said)


def told(naming: NameMatcher) -> list[tuple[str, str]]:
    return sorted((one.code, str(one.params.get("raw"))) for one in naming.findings)


@pytest.mark.parametrize(
    ("raw", "sector", "codes"),
    [
        ("Forages", "wash", [("sector_reviewed", "Forages")]),
        ("Forages / EHA", "wash", [("sector_reviewed", "Forages / EHA")]),
        (
            "Santé ; forages",
            "multi-sector",
            [
                ("sector_reviewed", "forages"),
                ("sectors_named", "Santé ; forages"),
            ],
        ),
        ("Santé / ", "health", []),
        ("Santé ; Bidule", None, [("sector_unknown", "Bidule")]),
        ("Infrastuctures", "public-infrastructure", [("wording_mended", "Infrastuctures")]),
    ],
)
def test_a_decided_sector_counts_whole_as_a_cell_and_as_a_part(
    raw: str, sector: str | None, codes: list[tuple[str, str]]
) -> None:
    naming = NameMatcher(KNOWN)
    assert naming.sector(record(sector_raw=raw)) == sector
    assert told(naming) == codes


def test_a_decision_wins_over_what_the_vocabulary_knows() -> None:
    naming = NameMatcher(
        CorrectionLookup.from_entries(
            [WordingCorrection("Santé", "nutrition", subject=DecisionSubject.SECTOR)]
        )
    )
    assert naming.sector(record(sector_raw="santé")) == "nutrition"


def test_a_wording_is_told_once_with_all_its_rows_and_the_first_of_them() -> None:
    naming = NameMatcher()
    naming.sector(record("L2", sector_raw="Bidule", folded=("L3",)))
    naming.sector(record("L4", sector_raw="BIDULE"))
    naming.sector(record("L5", sector_raw="bidule"))
    (one,) = naming.findings
    assert (one.locator, one.params["raw"]) == ("L2", "Bidule")
    assert (one.params["rows"], one.params["at"]) == (4, ["L2", "L3", "L4"])


def test_a_row_that_says_an_organisation_twice_is_one_row() -> None:
    naming = NameMatcher()
    naming.lead(record(lead="ONG Q", implementers=("ONG Q", "ong q")))
    assert [one.params["rows"] for one in naming.findings] == [1]


def test_a_status_that_was_decided_is_that_and_any_other_is_unknown() -> None:
    naming = NameMatcher(KNOWN)
    assert [naming.status_id(raw, ["L2"]) for raw in ("A valider", "bof", "")] == [
        "planned",
        "unknown",
        "unknown",
    ]
    assert told(naming) == [("status_reviewed", "A valider"), ("status_unknown", "bof")]


@pytest.mark.parametrize(
    ("lead", "others", "expected"),
    [
        ("ONG X", ("PAM",), ("OX", ["pam"])),
        ("Programme Mondial", (), ("pam", [])),
        ("ONG X / ONG Y", ("PAM",), (None, ["OX", "ONG Y", "pam"])),
        ("ONG Y / ONG Z", (), ("ONG Y / ONG Z", [])),
        ("Consortium Q (NRC, ONG X, ONG Z)", (), (None, ["nrc", "OX", "ONG Z"])),
        ("PAM", ("WFP", "PNUD", "UNDP"), ("pam", ["pam", "pnud"])),
        ("", ("ONG X",), (None, ["OX"])),
    ],
)
def test_a_name_entered_by_a_person_parts_the_cells_it_stands_in(
    lead: str, others: tuple[str, ...], expected: tuple[str | None, list[str]]
) -> None:
    assert NameMatcher(KNOWN).lead(record(lead=lead, implementers=others)) == expected


def test_an_organisation_entered_gives_its_type_where_the_row_says_none() -> None:
    naming = NameMatcher(KNOWN)
    naming.organisation_ids(["ONG X"], ["L2"])
    assert naming.organisation_type(record(), ["OX"]) == "national-ngo"
    assert naming.organisation_type(record(org_type="ONGI"), ["OX"]) == "international-ngo"
    assert naming.entered_organisations == [OX]
    assert NameMatcher(KNOWN).entered_organisations == []
