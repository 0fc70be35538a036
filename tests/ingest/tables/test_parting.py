"""Several tables on a sheet, headings over several rows, repeated groups: every row is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from atlas.ingest.pipeline import ingest_file
from atlas.ingest.reading import Sheet
from atlas.ingest.tables.kobo import joined_sheets
from atlas.ingest.tables.table_columns import find_layout
from atlas.ingest.tables.table_rows import parted_tables

TWO = [
    ["Tableau 1 : projets QIP"],
    ["Titre", "Région", "Coût (USD)"],
    ["Forage", "Gao", 1000],
    [],
    ["Tableau 2 : fonds fiduciaire"],
    ["Intitulé du projet", "Partenaire", "Cercle", "Budget (FCFA)"],
    ["Poste", "UNOPS", "Mopti", 5000000],
    [],
    ["Source : bureau de stabilisation"],
    ["* montants provisoires"],
]


def workbook(tmp_path: Path, **sheets: list[list[object]]) -> Path:
    path = tmp_path / "liste-ong.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def test_tables_below_each_other_are_read_each_with_its_own_headings(tmp_path: Path) -> None:
    batch = ingest_file(workbook(tmp_path, Recap=TWO))
    activities = batch.tables.activities
    assert activities.select("locator", "title").rows() == [
        ("Recap!3", "Forage"),
        ("Recap!7", "Poste"),
    ]
    assert batch.tables.amounts.select("minor", "currency").rows() == [
        (100000, "USD"),
        (5000000, "XOF"),
    ]
    assert batch.report()["outcomes"] == {"activity": 2, "ignored": 2}
    said = [f.locator for f in batch.reading.findings if f.code == "row_aside"]
    assert said == ["Recap!9", "Recap!10"]


def test_the_same_headings_on_the_next_page_go_on_with_the_same_table() -> None:
    page = [["Titre", "Région", "Statut"], ["Forage", "Gao", "Achevé"], []]
    assert len(parted_tables(Sheet("Liste", [*page, *page]), {})) == 1
    other = [["Titre", "Cercle", "Budget"], ["Pont", "Koro", 5]]
    assert [part.first_row for part in parted_tables(Sheet("Liste", [*page, *other]), {})] == [1, 3]


def test_a_row_of_data_after_a_blank_line_is_no_heading() -> None:
    rows = [["Titre", "Région", "Type"], ["Forage", "Gao", "ONG"], [], ["École", "Mopti", "ONG"]]
    assert len(parted_tables(Sheet("Liste", rows), {})) == 1


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        (
            [
                ["Organisation", "Activité", "Lieu", None, "Bénéficiaires", None, None, None],
                [None, None, "Région", "Cercle", "Prévus", None, "Atteints", None],
                [None, None, None, None, "H", "F", "H", "F"],
            ],
            ["lead", "title", "region", "cercle", *["people_target"] * 2, *["people_reached"] * 2],
        ),
        (
            [
                ["ONG", "Activité", "Région", "Personnes atteintes", None, None, "Budget", None],
                [None, None, None, "H", "F", "Total", "Prévu", "USD"],
            ],
            ["implementers", "title", "region", "people_reached", "people_reached", "reached"],
        ),
    ],
    ids=["three rows", "two rows"],
)
def test_headings_over_several_rows_are_one(rows: list, fields: list[str]) -> None:
    found = find_layout(Sheet("Suivi", [*rows, ["NRC", "Forage", "Gao", "Gao", 1, 2, 3, 4]]))
    assert found is not None
    assert found.first == len(rows)
    assert [column.field for column in found.columns][: len(fields)] == fields


def test_tags_printed_again_are_no_data(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    tags = "Org,Où,Quoi\n#org,#adm1,#activity\n"
    path.write_text(f"{tags}ADR,Gao,Forage\n\n{tags}NRC,Mopti,École\n", "utf-8")
    assert ingest_file(path).report()["outcomes"] == {"activity": 2, "ignored": 2}


def test_two_rows_of_tags_below_each_other_are_both_headings() -> None:
    rows = [["Org", "Où"], ["#org", "#adm1"], ["#org+name", "#adm1+name"], ["ADR", "Gao"]]
    found = find_layout(Sheet("", rows))
    assert found is not None
    assert found.first == 3


FORM = [["Organisation", "Région", "_id", "_uuid", "_submission_time", "_index"]]
GROUP = [["quoi/titre", "quoi/secteur", "_index", "_parent_table_name", "_parent_index"]]


def test_a_repeated_group_is_read_with_its_form_and_no_form_is_lost(tmp_path: Path) -> None:
    forms = [
        *FORM,
        ["NRC", "Gao", 1, "u1", "2024-01-02", 1],
        ["DRC", "Mopti", 2, "u2", "2024-01-03", 2],
    ]
    group = [*GROUP, ["Forage", "EHA", 1, "formulaire", 1], ["Latrines", "EHA", 2, "formulaire", 1]]
    batch = ingest_file(workbook(tmp_path, formulaire=forms, activites=group))
    assert batch.tables.activities.select("title", "lead_org").rows() == [
        ("Forage", "nrc"),
        ("Latrines", "nrc"),
    ]
    assert batch.tables.placements["unit_id"].to_list() == ["ml-2023/gao"] * 2
    assert batch.report()["outcomes"] == {"activity": 2, "rejected": 1}


def test_sheets_that_are_no_group_stay_as_they_are() -> None:
    sheets = [Sheet("a", FORM), Sheet("b", [["x"]]), Sheet("c", [])]
    assert joined_sheets(sheets) == sheets


def test_tags_that_differ_from_those_above_begin_another_table_with_its_own_currency(
    tmp_path: Path,
) -> None:
    path = tmp_path / "hxl.csv"
    path.write_text(
        "Who,What,Where,Amount\n#org+impl,#activity,#adm1+name,#value+eur\nNRC,Kits,Gao,12000\n"
        "Who,What,Where,Amount\n#org+impl,#activity,#adm1+name,#value+usd\nDRC,Abris,Mopti,3\n"
    )
    batch = ingest_file(path)
    assert batch.tables.amounts.select("minor", "currency").rows() == [
        (1_200_000, "EUR"),
        (300, "USD"),
    ]
    assert batch.report()["outcomes"] == {"activity": 2}
