"""Contacts of persons are dropped wherever they stand, and are in nothing that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atlas.ingest.parsing.privacy import (
    fact_without_contacts,
    holds_contact,
    without_contacts,
    without_personal_data,
)
from atlas.ingest.pipeline import ingest_file
from atlas.ingest.reading import ContextFact, PlaceText, Record, SettledActivity
from atlas.ingest.table_detection import detected_tables
from atlas.model import Kind, Source


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("voir a.b@ong.org", "voir […]"),
        ("tél. 66001122", "[…]"),
        ("+223 76 12 34 56 ou 00223 66001122", "[…] ou […]"),
        ("M. X au 66 00 11 22", "M. X au […]"),
        ("66.00.11.22", "[…]"),
        ("Point focal : Awa Traoré 66 22 33 44", "Point focal : […] […]"),
        ("Personne ressource Awa Traoré, ADR, 66223344", "Personne ressource […], ADR, […]"),
        ("Awa Traoré (point focal) 66 22 33 44", "[…] (point focal) […]"),
        ("contacter A. Traoré au 6622 3344 / 76112233", "contacter […] au […]"),
        ("Responsable : budget 75 500 250 FCFA", "Responsable : budget 75 500 250 FCFA"),
        ("Point focal : Oxfam Gao", "Point focal : Oxfam Gao"),
        ("12 500 000 FCFA", "12 500 000 FCFA"),
        ("12.106.353 USD", "12.106.353 USD"),
        ("du 01-02-2024 au 30-06-2024", "du 01-02-2024 au 30-06-2024"),
        ("25 30 35 40 45 sacs", "25 30 35 40 45 sacs"),
    ],
)
def test_addresses_and_telephone_numbers_are_hidden_and_figures_are_not(
    text: str, kept: str
) -> None:
    assert without_contacts(text) == kept


@pytest.mark.parametrize("cell", ["76123456", "76 12 34 56", "(+223) 76-12-34-56", "x@y.ml"])
def test_a_cell_that_is_a_contact_is_known(cell: str) -> None:
    assert holds_contact(cell)


@pytest.mark.parametrize("cell", ["25000000", "2024-02-01", "20240201", "ML070104", "12 500"])
def test_a_cell_that_is_an_amount_a_date_or_a_code_is_no_contact(cell: str) -> None:
    assert not holds_contact(cell)


PERSONS = ("JEANDUPONT", "76112233", "66778899", "chef@ong.ml", "moi@ong.ml")


def test_no_person_is_left_in_tables_findings_or_preview(tmp_path: Path) -> None:
    path = tmp_path / "liste-ong.csv"
    path.write_text(
        "Projet;ONG;Région;Point focal projet;Responsable;Contact ONG;Suivi par;Budget USD;Lieu;Note interne\n"
        "Forage;Oxfam (chef@ong.ml);Gao;JEANDUPONT;JEANDUPONT;76112233;66778899;tel 66778899;"
        "Gao tel 66778899;vu moi@ong.ml\n"
        "Pont;NRC;Mopti;JEANDUPONT;;;66778899;5;;rien\n",
        "utf-8",
    )
    batch = ingest_file(path)
    for name, frame in batch.tables.items():
        text = frame.write_json()
        assert not [one for one in PERSONS if one in text.replace(" ", "")], name
    (table,) = detected_tables(batch.document, batch.read_as, "ngo")
    shown = repr(table)
    assert not [one for one in PERSONS if one in shown]
    dropped = [f.params["column"] for f in batch.reading.findings if f.code.startswith("personal")]
    assert dropped == [
        "Point focal projet",
        "Responsable",
        "Contact ONG",
        "Suivi par",
        "Note interne",
    ]


NAMED = "Point focal : Awa Traoré 66 22 33 44"
KEPT_IN = (
    *("title", "description", "result", "remarks", "sector_raw", "org_type", "status_raw"),
    *("stated", "lead", "donors", "implementers", "places", "settled"),
)


@pytest.mark.parametrize("name", KEPT_IN)
def test_a_person_and_a_number_are_cut_in_every_text_of_a_record(name: str) -> None:
    given: dict[str, Any] = {
        "donors": (NAMED,),
        "implementers": (NAMED,),
        "places": (PlaceText(NAMED),),
        "settled": SettledActivity("a", None, None, "open", (NAMED,)),
        "stated": (("modality", NAMED),),
    }
    record = Record("L2", Kind.ACTIVITY, Source.NGO, "Forage")
    cut, findings = without_personal_data(record._replace(**{name: given.get(name, NAMED)}))
    assert "Point focal : […] […]" in repr(getattr(cut, name))
    assert "Traoré" not in repr(cut)
    assert [one.field for one in findings] == ["modality" if name == "stated" else name]


def test_a_person_and_a_number_are_cut_in_a_fact_of_the_context() -> None:
    cut, findings = fact_without_contacts(ContextFact("priorities", "", text=NAMED))
    assert (cut.text, [f.code for f in findings]) == ("Point focal : […] […]", ["contact_hidden"])
