"""What a list says of groups and months beside its totals becomes figures of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.dataset import Dataset
from atlas.ingest.parsing.dates import month_in_heading
from atlas.ingest.parsing.headcounts import figures_as_text, figures_of_text, group_codes
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import ActivityFigure, GroupCodes
from atlas.model import FIGURE_MEASURES, GROUP_PARTS
from atlas.vocab.indicators import activity_indicators
from tests.ingest.context_files import codes

HEAD = "Organisation;Activité;Secteur;Région;Cercle;Début;Fin"
ROW = "ACF;Distribution de kits;Abris;Mopti;Bankass;01/01/2026;31/03/2026"


def read(tmp_path: Path, columns: str, *cells: str) -> IngestBatch:
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([f"{HEAD};{columns}", *(f"{ROW};{one}" for one in cells)]), "utf-8")
    return ingest_file(path, as_of=date(2026, 4, 1))


def groups(batch: IngestBatch) -> list[tuple[Any, ...]]:
    """Measure, codes and value of each figure, the smallest first."""
    told = batch.tables.figures.sort("value", "sex")
    return told.select("measure", *GROUP_PARTS, "value").rows()


@pytest.mark.parametrize(
    ("words", "status", "sex", "age", "is_part"),
    [
        ("dont PDI", "idp", None, None, False),
        ("Filles <5", None, "f", "child", False),
        ("Garçons 5-17 ans", None, "m", "child", False),
        ("Hommes 60+", None, "m", "elderly", False),
        ("Femmes de 18 à 59 ans", None, "f", "adult", False),
        ("Enfants de 6 à 59 mois", None, None, "child", False),
        ("Femmes de 15 à 49 ans", None, "f", None, True),
        ("Femmes enceintes", None, "f", None, True),
        ("Non déplacés", "host", None, None, False),
        ("Jeunes", None, None, None, True),
        ("Femmes et jeunes", None, None, None, True),
        ("Femmes et enfants", None, None, None, True),
        ("Femmes et filles", None, "f", None, False),
        ("Garçons et filles", None, None, "child", False),
        ("PDI et hôtes", None, None, None, True),
        ("Retournés et rapatriés", "returnee", None, None, False),
        ("Enfants entre 5 et 17 ans", None, None, "child", False),
    ],
)
def test_the_words_of_a_group_are_codes_or_some_of_them(
    words: str, status: str | None, sex: str | None, age: str | None, is_part: bool
) -> None:
    assert group_codes(words) == GroupCodes(status, sex, age, None, is_part)


def test_columns_of_sex_age_and_status_are_figures_of_the_number_beside(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Personnes atteintes;Femmes;Hommes;Filles;Garçons;dont PDI;Personnes handicapées",
        "101;31;21;29;20;40;4",
    )
    assert groups(batch) == [
        ("reached", None, None, None, "disabled", 4.0),
        ("reached", None, "m", "child", None, 20.0),
        ("reached", None, "m", "adult", None, 21.0),
        ("reached", None, "f", "child", None, 29.0),
        ("reached", None, "f", "adult", None, 31.0),
        ("reached", "idp", None, None, None, 40.0),
    ]


def test_parts_told_in_a_cell_are_figures_too(tmp_path: Path) -> None:
    batch = read(tmp_path, "Personnes atteintes", "1 200 pers. dont 640 femmes")
    assert groups(batch) == [("reached", None, "f", None, None, 640.0)]


def test_rows_of_groups_are_figures_of_their_one_activity(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Groupe;Sexe;Personnes atteintes",
        "PDI;F;30",
        "PDI;H;20",
        "Hôtes;F;5",
        "Hôtes;H;10",
    )
    assert batch.tables.activities["reached"].to_list() == [65.0]
    assert groups(batch) == [
        ("reached", "host", "f", None, None, 5.0),
        ("reached", "host", "m", None, None, 10.0),
        ("reached", "idp", "m", None, None, 20.0),
        ("reached", "idp", "f", None, None, 30.0),
    ]


def test_a_row_alone_is_all_of_the_group_that_it_names(tmp_path: Path) -> None:
    batch = read(tmp_path, "Groupe;Personnes ciblées", "PDI;50")
    assert groups(batch) == [("target", "idp", None, None, None, 50.0)]


def test_households_are_no_people_of_a_group(tmp_path: Path) -> None:
    assert groups(read(tmp_path, "Personnes atteintes;Ménages PDI", "100;20")) == []


MONTHS = "Personnes atteintes (janvier);Personnes atteintes (février);Personnes atteintes (mars)"


def test_of_columns_of_months_the_largest_is_the_number_of_people(tmp_path: Path) -> None:
    batch = read(tmp_path, MONTHS, "100;120;90")
    assert batch.tables.activities["reached"].to_list() == [120.0]
    assert codes(batch)["people_by_month"] == 1
    days = batch.tables.figures.sort("period_start").select("value", "period_start", "period_end")
    assert days.rows()[:2] == [
        (100.0, date(2026, 1, 1), date(2026, 1, 31)),
        (120.0, date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_months_of_new_people_add_up(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{MONTHS};Nouveaux ou anciens bénéficiaires", "100;120;90;nouveaux")
    assert batch.tables.activities["reached"].to_list() == [310.0]
    assert codes(batch)["people_new_by_month"] == 1


def test_a_number_of_its_own_goes_before_its_months(tmp_path: Path) -> None:
    batch = read(tmp_path, f"Personnes atteintes;{MONTHS}", "150;100;120;90")
    assert batch.tables.activities["reached"].to_list() == [150.0]


def test_women_of_a_month_are_women_in_that_month(tmp_path: Path) -> None:
    batch = read(tmp_path, "Personnes atteintes (mars);Femmes mars;Hommes mars", "100;60;40")
    told = batch.tables.figures.filter(pl.col("sex") == "f").select(
        "value", "period_end", "is_part"
    )
    assert told.rows() == [(60.0, date(2026, 3, 31), False)]


def test_a_month_whose_year_nobody_names_is_no_period(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "Organisation;Activité;Région;Personnes atteintes (mars)\nACF;Kits;Mopti;100\n", "utf-8"
    )
    batch = ingest_file(path, as_of=date(2026, 4, 1))
    assert batch.tables.activities["reached"].to_list() == [100.0]
    assert batch.tables.figures.height == 0


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Personnes atteintes (mars 2024)", ("mars 2024", "personnes atteintes")),
        ("Atteints Jan-26", ("jan 26", "atteints")),
        ("Atteints janvier à mars", ("", "atteints janvier a mars")),
        ("Marchés", ("", "marches")),
    ],
)
def test_a_heading_names_one_month_or_none(heading: str, found: tuple[str, str]) -> None:
    assert month_in_heading(heading) == found


figures = st.builds(
    ActivityFigure,
    st.sampled_from(FIGURE_MEASURES),
    st.sampled_from(["", "dont PDI", "Filles : 5-17 ans"]),
    st.integers(0, 10**7).map(float) | st.floats(0, 1e9).map(lambda n: float(f"{n:.15g}")),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.builds(
        GroupCodes,
        *(st.none() | st.sampled_from(of) for of in GROUP_PARTS.values()),
        st.booleans(),
    ),
    st.sampled_from(activity_indicators()),
    st.none() | st.booleans(),
)


@given(st.lists(figures, min_size=1, max_size=4))
def test_figures_come_back_from_their_text(told: list[ActivityFigure]) -> None:
    assert figures_of_text(figures_as_text(told)) == tuple(told)


@pytest.mark.parametrize(
    "text", ["reached", "reached x f", "atteint 5 f", "reached 5 f m", "reached 5 zz"]
)
def test_a_text_that_is_no_figure_is_not_read(text: str) -> None:
    assert figures_of_text(text) is None


def test_months_and_groups_below_a_heading_are_parts_of_it(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        f"{HEAD};Personnes atteintes;;;Personnes ciblées;\n;;;;;;;Janvier;Février;Mars;Total;PDI\n"
        f"{ROW};100;120;90;150;60\n",
        "utf-8",
    )
    batch = ingest_file(path, as_of=date(2026, 4, 1))
    assert batch.tables.activities.select("target", "reached").row(0) == (150.0, 120.0)
    assert batch.tables.figures.select("measure", "status", "value").sort("value").rows() == [
        ("target", "idp", 60.0), ("reached", None, 90.0), ("reached", None, 100.0),
        ("reached", None, 120.0),
    ]  # fmt: skip


def test_a_group_of_a_form_is_no_number_of_everyone(tmp_path: Path) -> None:
    batch = read(tmp_path, "beneficiaires/femmes;beneficiaires/hommes", "60;40")
    assert batch.tables.activities.select("target", "reached").row(0) == (None, None)
    assert groups(batch) == [
        ("unsaid", None, "m", None, None, 40.0),
        ("unsaid", None, "f", None, None, 60.0),
    ]


def test_bands_of_age_that_make_the_whole_are_children_and_adults(tmp_path: Path) -> None:
    columns = "Personnes atteintes;Enfants <5 ans;Enfants 5-17 ans;Adultes"
    batch = read(tmp_path, columns, "100;20;30;50")
    asked = Dataset.from_tables(batch.tables).ask(
        "people", frame="ml-2016", options={"group": "child"}
    )
    assert asked.meta["reached"] == (50.0, 50.0, 50.0)
