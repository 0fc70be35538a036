"""Counts of people: the figure is kept, its parts are kept as words, nothing is made up."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.findings import CODES
from atlas.ingest.parsing.headcounts import parse_people, people_field_of_heading, sum_of_both_sexes
from atlas.ingest.pipeline import IngestBatch, ingest_file


def read(tmp_path: Path, *lines: str) -> IngestBatch:
    path = tmp_path / "liste-ong.csv"
    path.write_text("\n".join(lines), "utf-8")
    return ingest_file(path)


def codes(batch: IngestBatch, start: str) -> list[str]:
    return [c for c in batch.tables.findings["code"].to_list() if c.startswith(start)]


@pytest.mark.parametrize(
    ("cell", "total", "parts"),
    [
        ("110 femmes", 110, {"femmes": 110}),
        ("F: 60 / H: 50", 110, {"femmes": 60, "hommes": 50}),
        ("50 H + 40 F", 90, {"hommes": 50, "femmes": 40}),
        ("Hommes : 60\nFemmes : 70", 130, {"hommes": 60, "femmes": 70}),
        ("110 femmes et 20 hommes", 130, {"femmes": 110, "hommes": 20}),
        ("1 200 pers. dont 640 femmes", 1200, {"femmes": 640}),
        ("2 500 personnes (1 200 H, 1 300 F)", 2500, {"hommes": 1200, "femmes": 1300}),
        ("12,000", 12000, {}),
        ("7.000 habitants", 7000, {}),
        ("1 200 dont 640 femmes (53 %)", 1200, {"femmes": 640}),
        ("40 agents", 40, {}),
        (640.0, 640, {}),
    ],
)
def test_a_cell_tells_a_figure_and_its_parts(cell: object, total: int, parts: dict) -> None:
    people = parse_people(cell, "Cible")
    assert (people.total, dict(people.parts)) == (total, parts)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("450 ménages", "value_not_people"),
        ("3 forages", "value_not_people"),
        ("150-180", "value_range"),
        ("150 à 180 personnes", "value_range"),
        ("75 %", "value_unreadable"),
        ("-5", "value_unreadable"),
        (-5.0, "value_unreadable"),
        ("beaucoup", "value_unreadable"),
        ("120 (70, 50)", "value_unreadable"),
    ],
)
def test_what_is_no_count_of_people_is_unknown_and_said(cell: str, code: str) -> None:
    people = parse_people(cell, "Cible")
    assert people.total is None
    assert [finding.code for finding in people.findings] == [code]


@pytest.mark.parametrize("cell", ["", None, "-", "ND", "à déterminer"])
def test_a_cell_that_says_nothing_is_unknown_in_silence(cell: object) -> None:
    assert parse_people(cell) == parse_people(None)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("hommes", "people"),
        ("filles <5", "people"),
        ("garcons 5-17", "people"),
        ("enfants 0-59 mois", "people"),
        ("femmes enceintes et allaitantes", "people"),
        ("hommes atteints", "people_reached"),
        ("cible femmes", "people_target"),
        ("men reached", "people_reached"),
        ("beneficiaires", None),
        ("association de femmes", None),
        ("type de projet", None),
    ],
)
def test_a_heading_that_counts_a_sex_or_age_is_known(heading: str, field: str | None) -> None:
    assert people_field_of_heading(heading) == field


def test_columns_of_sexes_stand_beside_the_total_they_belong_to(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Activité;Organisation;Région;Hommes;Femmes;Garçons;Filles;Total bénéficiaires atteints",
        "Forage;Oxfam;Gao;120;140;200;180;640",
        "Kits;Oxfam;Gao;100;100;100;100;500",
    )
    activities = batch.tables.activities
    assert activities["reached"].to_list() == [640.0, 500.0]
    assert activities["target"].to_list() == [None, None]
    first = batch.tables.figures.filter(activity_id=activities["activity_id"][0])
    assert first.select("words", "value").sort("value").rows() == [
        ("Hommes", 120), ("Femmes", 140), ("Filles", 180), ("Garçons", 200),
    ]  # fmt: skip
    said = batch.tables.findings.filter(pl.col("code") == "people_disagree")
    assert said["locator"].to_list() == ["L3"]


def test_both_sexes_make_a_total_that_nobody_states_and_that_is_said(tmp_path: Path) -> None:
    lines = ("Activité;ONG;Région;Hommes atteints;Femmes atteintes", "Forage;Oxfam;Gao;10;20")
    batch = read(tmp_path, *lines)
    assert batch.tables.activities["reached"].to_list() == [30.0]
    assert codes(batch, "people") == ["people_added_up"]


def test_one_sex_alone_makes_no_total(tmp_path: Path) -> None:
    lines = ("Activité;ONG;Région;Hommes atteints;Femmes atteintes", "Forage;Oxfam;Gao;10;-")
    batch = read(tmp_path, *lines)
    assert batch.tables.activities["reached"].to_list() == [None]
    figures = batch.tables.figures.select("measure", "words", "value")
    assert figures.rows() == [("reached", "Hommes atteints", 10.0)]


def test_beneficiaries_without_a_word_more_are_the_target_and_that_is_said(tmp_path: Path) -> None:
    batch = read(tmp_path, "Activité;ONG;Région;Bénéficiaires", "Forage;Oxfam;Gao;250")
    assert batch.tables.activities.select("target", "reached").row(0) == (250.0, None)
    assert codes(batch, "column") == ["column_assumed"]


def test_households_are_kept_in_words_and_are_no_people(tmp_path: Path) -> None:
    batch = read(tmp_path, "Activité;ONG;Région;Cible;Nbre de ménages", "Kits;Oxfam;Gao;600;100")
    assert batch.tables.activities["target"].to_list() == [600.0]
    assert "Nbre de ménages 100" in batch.tables.activities["remarks"][0]
    assert codes(batch, "people") == []


def test_a_tag_of_one_sex_is_never_the_figure_itself(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Qui,Où,Femmes,Hommes,Tous,Quoi",
        "#org,#adm1,#reached+f,#reached+m,#reached,#activity",
        "ADR,Gao,5,6,11,Forage",
    )
    assert batch.tables.activities["reached"].to_list() == [11.0]
    figures = batch.tables.figures.select("measure", "sex", "value").sort("sex")
    assert figures.rows() == [("reached", "f", 5.0), ("reached", "m", 6.0)]


def test_how_far_the_work_is_stays_in_words_and_is_no_status(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Activité;ONG;Région;Statut;Taux d'exécution (%)",
        "Forage;Oxfam;Gao;75 %;82,5",
        "Pont;Oxfam;Gao;En cours;75% réalisé",
    )
    assert batch.tables.activities["status"].to_list() == ["unknown", "ongoing"]
    assert batch.tables.activities["remarks"].to_list() == [
        "Statut : 75 % ; Taux d'exécution : 82.5 %",
        "Taux d'exécution : 75 %",
    ]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_total_that_both_sexes_make_is_never_contradicted(men: int, women: int) -> None:
    people = parse_people(f"{men + women} personnes ({men} hommes, {women} femmes)")
    assert (people.total, people.findings) == (men + women, ())
    assert sum_of_both_sexes(people.parts) == men + women


@given(st.one_of(st.text(max_size=30), st.text("0123456789 HFhf:/+,.femos%-", max_size=24)))
def test_no_cell_raises_and_every_finding_has_a_sentence(cell: str) -> None:
    assert all(finding.code in CODES for finding in parse_people(cell, "Cible").findings)


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("12,5 k", 12_500),
        ("10 k", 10_000),
        ("2 millions de personnes", 2_000_000),
        ("3 mille", 3_000),
        ("1,5 M", 1_500_000),
        ("300 hommes", 300),
    ],
)
def test_thousands_and_millions_of_people_are_counted_as_such(cell: str, people: int) -> None:
    assert parse_people(cell).total == people


@pytest.mark.parametrize(
    ("heading", "people"), [("Cible (milliers)", 12_500), ("Cible (en millions)", 12_500_000)]
)
def test_a_heading_in_thousands_multiplies_its_figures(
    tmp_path: Path, heading: str, people: float
) -> None:
    batch = read(tmp_path, f"Titre;Région;{heading}", "Forage;Gao;12,5")
    assert batch.tables.activities["target"].to_list() == [people]
