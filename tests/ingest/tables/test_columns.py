"""A column is mapped, ignored on purpose, or reported; personal data is dropped."""

from __future__ import annotations

from csv import DictReader
from pathlib import Path

import pytest

import atlas.ingest.tables
from atlas.errors import UsageError
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import Sheet
from atlas.ingest.tables.heading_meanings import field_of_heading, field_of_tag
from atlas.ingest.tables.table_columns import find_layout

COLUMNS = Path(atlas.ingest.tables.__file__).with_name("columns.csv")


def layout(*rows: list[object], **options: object):
    found = find_layout(Sheet("Liste", rows), **options)
    assert found is not None
    return found


def test_headings_are_found_below_a_title_and_a_blank_line() -> None:
    found = layout(
        ["Projets QIP au 30 juin 2017"], [], ["Titre", "Région", "Coût"], ["x", "Gao", 1]
    )
    assert found.first == 3
    assert [c.field for c in found.columns] == ["title", "region", "budget"]


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("INTITULÉ DU PROJET", "title", ""),
        ("Région\nd'intervention", "region", ""),
        ("Partenaire de mise en œuvre", "implementers", ""),
        ("Coût total (USD)", "budget", "USD"),
        ("Budget en milliers de FCFA", "budget", "milliers de FCFA"),
        ("Donor", "donor", ""),
        ("Date de début :", "start", ""),
        ("Cercle / District", "cercle", ""),
        ("budget_usd", "budget", "usd"),
        ("ADM1_FR", "region", ""),
        ("Etat d'avancement (%)", "progress", "%"),
        ("N°", "ignored", ""),
        ("Bénéficiaires", "beneficiaries", ""),
        ("Nombre de bénéficiaires (H/F)", "beneficiaries", "H/F"),
        ("Total bénéficiaires atteints", "reached", ""),
        ("Statut de l'activité", "status", ""),
        ("1. Organisation", "lead", ""),
        ("Nom de l'ONG", "implementers", ""),
        ("Commune\nCette colonne est renseignée automatiquement", "commune", ""),
        ("Cercle - cette colonne est renseignée automatiquement", "cercle", ""),
        ("Date de début (jj/mm/aaaa)", "start", "jj/mm/aaaa"),
        ("Lead Organization (acronym)", "lead", "acronym"),
        ("Atteints (F)", "people_reached", "F"),
        ("Filles <5", "people", ""),
        ("Focal Point Email", "personal", ""),
        ("Nom du responsable du projet", "personal", ""),
        ("Nombre de communes", None, ""),
        ("Nombre de villages", None, ""),
        ("Type de projet", None, ""),
        ("Remarquable", None, ""),
    ],
)
def test_a_heading_is_known_in_french_or_english_whatever_its_dress(
    heading: str, field: str | None, unit: str
) -> None:
    assert field_of_heading(heading, {}) == (field, unit)


@pytest.mark.parametrize(
    ("tag", "field"),
    [
        ("#adm1+name", "region"),
        ("#adm1 +code +v_pcode", "region_code"),
        ("#adm2+code", "cercle_code"),
        ("#org", "lead"),
        ("#org+impl", "implementers"),
        ("#org+funder", "donor"),
        ("#value+budget+usd", "budget"),
        ("#geo+lat", "lat"),
        ("#period_date", "ignored"),
        ("#nothing", None),
        ("#activity+id", "code"),
        ("#activity+project", "title"),
        ("#reached", "reached"),
        ("#reached+ind", "reached"),
        ("#reached+f", "people_reached"),
        ("#reached+f+children+age0_2", "people_reached"),
        ("#targeted+m", "people_target"),
    ],
)
def test_hxl_tags_old_and_new_name_the_field(tag: str, field: str | None) -> None:
    assert field_of_tag(tag) == field


def test_a_row_of_tags_below_the_headings_is_no_data_and_wins_over_them() -> None:
    found = layout(["Nom", "Zone"], ["#org", "#adm1+name"], ["ADR", "Gao"])
    assert (found.first, found.tagged) == (2, True)
    assert [c.field for c in found.columns] == ["lead", "region"]


def test_a_row_of_tags_may_stand_alone() -> None:
    found = layout(["#activity", "#adm1"], ["Forage", "Gao"])
    assert [(c.heading, c.field) for c in found.columns] == [
        ("#activity", "title"),
        ("#adm1", "region"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        (["Titre", "Lieu", None, "Budget"], [None, "Région", "Cercle", None]),
        (["Titre", "Où", None, "Budget"], [None, "Région", "Cercle", "Statut"]),
    ],
    ids=["the upper row names most", "the lower row names most"],
)
def test_headings_spread_over_two_rows_by_merged_cells_are_one(rows: tuple) -> None:
    found = layout(*rows, ["Forage", "Gao", "Gao", 5])
    assert found.first == 2
    assert [c.field for c in found.columns[:3]] == ["title", "region", "cercle"]


def test_headings_over_three_rows_keep_their_parts_though_merged_cells_are_repeated() -> None:
    found = layout(
        ["Titre", "Lieu", None, "Bénéficiaires", None, None],
        ["Titre", "Région", "Cercle", "Cible", "Atteints", None],
        ["Titre", "Région", "Cercle", "Cible", "H", "F"],
        ["Forage", "Gao", "Gao", 9, 5, 4],
    )
    assert found.first == 3
    assert [(c.heading, c.field) for c in found.columns[3:]] == [
        ("Bénéficiaires Cible", "target"),
        ("Bénéficiaires Atteints H", "people_reached"),
        ("Bénéficiaires Atteints F", "people_reached"),
    ]


def test_a_first_row_of_data_is_not_taken_for_headings() -> None:
    found = layout(["Titre", "Région", "Type organisation"], ["Forage", "Gao", "ONG"])
    assert found.first == 1


def test_every_column_that_is_not_read_is_said() -> None:
    found = layout(["Titre", "Région", "Téléphone", "E-mail", "Population", "Couleur", "Titre"])
    assert [(f.code, f.params["column"]) for f in found.findings] == [
        ("personal_data_dropped", "Téléphone"),
        ("personal_data_dropped", "E-mail"),
        ("column_ignored", "Population"),
        ("column_unknown", "Couleur"),
        ("column_twice", "Titre (G)"),
    ]


def test_what_the_person_says_of_a_column_wins() -> None:
    found = layout(
        ["Couleur", "Titre", "Région"], column_map={"couleur": "title", "Titre": "remarks"}
    )
    assert [c.field for c in found.columns] == ["title", "remarks", "region"]


def test_a_map_to_a_field_that_does_not_exist_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="couleur"):
        layout(["Titre", "Région"], column_map={"Titre": "couleur"})


def test_a_sheet_of_figures_has_no_layout() -> None:
    assert find_layout(Sheet("x", [[1, 2], [3, 4]])) is None
    assert find_layout(Sheet("x", [])) is None


def test_no_heading_stands_for_two_fields() -> None:
    with COLUMNS.open(encoding="utf-8") as file:
        pairs = [
            (fold_text(h), r["field"]) for r in DictReader(file) for h in r["headings"].split(";")
        ]
    assert len({heading for heading, _field in pairs}) == len(set(pairs)) > 200


def test_whoever_is_in_charge_is_a_person_unless_every_cell_is_an_organisation() -> None:
    (person,) = layout(["Titre", "Région", "Responsable"], ["Pont", "Gao", "A. B."]).findings
    assert person.code == "personal_data_dropped"
    found = layout(["Titre", "Région", "Responsable"], ["Pont", "Gao", "UNDP"])
    assert [c.field for c in found.columns] == ["title", "region", "lead"]


def test_a_list_without_titles_takes_its_first_description_for_one_and_says_so() -> None:
    found = layout(["ONG", "Région", "Type d'activité", "Description"], ["NRC", "Gao", "x", "y"])
    assert [c.field for c in found.columns] == ["implementers", "region", "title", "description"]
    assert [(f.code, f.params["field"]) for f in found.findings] == [("column_assumed", "title")]


def test_a_second_column_of_an_amount_counts_where_the_first_is_blank() -> None:
    found = layout(["Titre", "Région", "Budget (FCFA)", "Budget (USD)"])
    assert [c.field for c in found.columns] == ["title", "region", "budget", "budget"]
    assert [f.code for f in found.findings] == ["column_second"]


def test_the_name_of_a_point_is_its_title_where_there_is_no_other_and_that_is_said() -> None:
    found = layout(["nom", "bailleur", "longitude", "latitude"], ["Forage", "BAD", -4.1, 14.5])
    assert [column.field for column in found.columns] == ["title", "donor", "lon", "lat"]
    assert [one.code for one in found.findings] == ["column_assumed"]
    alone = layout(["nom", "bailleur", "région"], ["Awa", "BAD", "Gao"])
    assert "title" not in alone.column_fields


@pytest.mark.parametrize(
    ("tag", "field"),
    [
        ("#org+funding", "donor"),
        ("#activity +project +type", "ignored"),
        ("#activity+project+status", "status"),
        ("#activity+project", "title"),
        ("#sector+type", None),
    ],
)
def test_the_attributes_of_a_tag_count(tag: str, field: str | None) -> None:
    assert field_of_tag(tag) == field


def test_a_heading_that_contradicts_its_tag_is_said() -> None:
    found = layout(["Bailleur", "Région"], ["#org+impl", "#adm1"])
    assert [(f.code, f.params["other"], f.params["field"]) for f in found.findings] == [
        ("heading_against_tag", "donor", "implementers")
    ]
