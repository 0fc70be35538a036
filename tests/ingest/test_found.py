"""The table that a person sees before publishing."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.ingest.files.readers import read_document
from atlas.ingest.reading import Document, ReadAs
from atlas.ingest.table_detection import detected_tables, fields_for, nearest_field, unread_tables

LIST = """Liste des projets;;;;
Titre;Région;Acteur mobilisé;Téléphone;Teinte
Forage;Mopti;Oxfam;66 00 00 00;bleu
École;Gao;UNICEF;77 00 00 00;bleu
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """The list above, read."""
    path = tmp_path / "liste.csv"
    path.write_text(LIST, "utf-8")
    return read_document(path)


def test_columns_say_what_they_are_read_as(document: Document) -> None:
    """Where the headings stand, what is read, what is not and why."""
    (table,) = detected_tables(document, ReadAs("liste.csv", "ngo"))
    assert (table.header, table.first, table.rows) == (2, 3, 2)
    assert [(c.heading, c.field, c.why) for c in table.columns] == [
        ("Titre", "title", ""),
        ("Région", "region", ""),
        ("Acteur mobilisé", "", "column_unknown"),
        ("Téléphone", "", "personal_data_dropped"),
        ("Teinte", "", "column_unknown"),
    ]


def test_values_are_shown_once_and_personal_ones_never(document: Document) -> None:
    """A few different values of each column, none of a phone number."""
    (table,) = detected_tables(document, ReadAs("liste.csv", "ngo"))
    samples = {c.heading: c.samples for c in table.columns}
    assert samples["Acteur mobilisé"] == ("Oxfam", "UNICEF")
    assert samples["Teinte"] == ("bleu",)
    assert samples["Téléphone"] == ()


def test_what_a_person_said_of_a_column_is_followed(document: Document) -> None:
    """A column map changes what is read and what is asked."""
    said = ReadAs(
        "liste.csv", "ngo", column_map={"Acteur mobilisé": "implementers", "Teinte": "ignored"}
    )
    (table,) = detected_tables(document, said)
    read = {c.heading: (c.field, c.why) for c in table.columns}
    assert read["Acteur mobilisé"] == ("implementers", "")
    assert read["Teinte"] == ("", "column_ignored")


def test_headings_nobody_knows_are_shown_all_the_same(tmp_path: Path) -> None:
    """The row with the most words stands for the headings: its columns can be given a field."""
    path = tmp_path / "x.csv"
    path.write_text("Nature;Endroit précis;Courriel\nForage;Mopti;a@b.org\n", "utf-8")
    document = read_document(path)
    assert detected_tables(document, ReadAs("x.csv")) == []
    (table,) = unread_tables(document)
    assert [(c.heading, c.samples) for c in table.columns] == [
        ("Nature", ("Forage",)),
        ("Endroit précis", ("Mopti",)),
        ("Courriel", ()),
    ]


def test_a_table_of_context_has_fields_of_its_own() -> None:
    """A need has a value, a list of projects has not."""
    assert "value" in fields_for(ReadAs("x", context="needs"))
    assert "value" not in fields_for(ReadAs("x", "ngo"))
    assert "ignored" not in fields_for(ReadAs("x", "ngo"))


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Partenair d'exécution", "implementers"), ("Régon", "region"), ("Teinte", "")],
)
def test_a_slip_in_a_heading_suggests_its_field(heading: str, field: str) -> None:
    """Suggested, never applied."""
    assert nearest_field(heading)[0] == field
