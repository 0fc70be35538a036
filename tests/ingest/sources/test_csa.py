"""Distributions of the State: every row once, its tonnes and people as the list writes them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from atlas.ingest.pipeline import IngestBatch, ingest_file

# Communes of Bamako, national response plan of 2019, as the commission announced it
# (press of September 2019): tonnes, people and households; the sums are its own.
BAMAKO = """Plan national de réponses 2019, situation au 5 septembre 2019;;;;;;
Région;Commune;Tonnes de vivres;Personnes;Ménages;Mois;Statut
Bamako;Commune I;122;4 477;746;septembre 2019;prévu
Bamako;Commune II;58 t;2 130;355;septembre 2019;prévu
Bamako;Commune III;46 000 kg;1 720;286;septembre 2019;prévu
Bamako;Commune IV;110;4 071;;septembre 2019;prévu
Bamako;Commune V;149;5 524;;septembre 2019;prévu
Bamako;Commune VI;169;6 278;;septembre 2019;prévu
Total;;654;24 200;;;
"""
HEADINGS = (
    "Région;Cercle;Commune;Mil (t);Riz (kg);Ménages;Personnes;Trimestre;Année;Opérateur;Statut\n"
)


def batch(
    tmp_path: Path, text: str, name: str = "distributions CSA.csv", **said: Any
) -> IngestBatch:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return ingest_file(path, **said)


def test_each_row_is_a_distribution_of_the_commission_in_food_security(tmp_path: Path):
    found = batch(tmp_path, BAMAKO).tables
    assert set(
        found.activities.select("source", "kind", "lead_org", "org_type", "sector").rows()
    ) == {("csa", "activity", "csa", "government", "food-security")}
    first = found.activities.sort("locator").row(0, named=True)
    assert (first["title"], first["description"], first["target"]) == (
        "Distribution de vivres",
        "122 t ; 746 ménages",
        4477.0,
    )
    assert (first["start"], first["end"]) == (date(2019, 9, 1), date(2019, 9, 30))
    assert found.placements["unit_id"].n_unique() == 6


def test_printed_totals_are_held_against_the_rows_in_tonnes_whatever_their_unit(tmp_path: Path):
    report = batch(tmp_path, BAMAKO).report()
    totals = [(t["name"], t["published"], t["read"]) for t in report["control_totals"]]
    assert totals == [("Tonnes (L9)", 654.0, 654.0), ("Personnes (L9)", 24200.0, 24200.0)]
    assert report["outcomes"] == {"activity": 6, "aggregate": 1}


def test_planned_for_a_month_that_is_not_over_is_still_to_come(tmp_path: Path):
    marks = batch(tmp_path, BAMAKO).tables.activities["sensitivity"]
    assert set(marks) == {"coming_distribution"}
    later = batch(tmp_path, BAMAKO, as_of=date(2019, 10, 1)).tables.activities["sensitivity"]
    assert set(later) == {"open"}


def test_commodities_of_their_own_columns_are_told_apart_and_added(tmp_path: Path):
    row = "Mopti;Ténenkou;;80;42000;746;4477;T2;2024;Croix-Rouge malienne;réalisé\n"
    one = batch(tmp_path, HEADINGS + row, as_of=date(2024, 7, 31)).tables.activities.row(
        0, named=True
    )
    assert one["description"] == "mil : 80 t, riz : 42 t (122 t) ; 746 ménages"
    assert (one["reached"], one["target"], one["implementers"]) == (4477.0, None, ["crm"])
    assert (one["start"], one["end"]) == (date(2024, 4, 1), date(2024, 6, 30))


def test_litres_are_no_tonnes_and_that_is_said(tmp_path: Path):
    text = "Région;Mil (t);Huile (L);Personnes;Période\nGao;120;500;60;mars 2024\n"
    found = batch(tmp_path, text, as_of=date(2024, 4, 10)).tables
    assert found.activities["description"].to_list() == ["mil : 120 t"]
    assert found.findings.filter(code="value_unreadable")["field"].to_list() == ["Huile (L)"]


def test_two_months_that_are_not_over_are_held_back_while_nobody_is_said_to_be_served(
    tmp_path: Path,
):
    text = "Région;Mil (t);Personnes ciblées;Personnes servies;Période\n"
    rows = "Gao;1;60;;avril-mai 2024\nMopti;1;60;60;avril-mai 2024\n"
    found = batch(tmp_path, text + rows, as_of=date(2024, 4, 10)).tables.activities
    assert found.sort("locator")["sensitivity"].to_list() == ["coming_distribution", "open"]


def test_the_same_row_twice_is_kept_twice_and_another_quarter_is_another(tmp_path: Path):
    row = "Mopti;Ténenkou;;80;;;4477;T2;2024;;réalisé\n"
    found = batch(
        tmp_path, HEADINGS + row + row + row.replace("T2", "T3"), as_of=date(2024, 12, 31)
    )
    ids = found.tables.activities["activity_id"].to_list()
    assert len(ids) == 3
    assert sum(name.endswith("~2") for name in ids) == 1


def test_a_list_of_distributions_is_known_by_its_columns_alone(tmp_path: Path):
    row = "Mopti;Ténenkou;;80;;;4477;T2;2024;;réalisé\n"
    found = batch(tmp_path, HEADINGS + row, "tableau.csv", as_of=date(2024, 12, 31))
    assert found.reading.reader == "csa"


@pytest.mark.parametrize("cell", ["-5", "beaucoup 12 x"])
def test_a_quantity_that_cannot_be_read_is_said_and_never_zero(tmp_path: Path, cell: str):
    row = f"Mopti;Ténenkou;;{cell};;;4477;T2;2024;;réalisé\n"
    found = batch(tmp_path, HEADINGS + row, as_of=date(2024, 12, 31))
    assert found.report()["findings"]["value_unreadable"] == 1
    assert found.tables.activities["description"].to_list() == [None]


def test_what_is_still_planned_never_dates_an_undated_list(tmp_path: Path):
    rows = (
        "Mopti;Ténenkou;;80;;;4477;T1;2024;;réalisé\nMopti;Ténenkou;;80;;;4477;T3;2024;;planifié\n"
    )
    found = batch(tmp_path, HEADINGS + rows).tables
    assert found.documents["as_of"].to_list() == [date(2024, 3, 31)]
    assert sorted(found.activities["sensitivity"]) == ["coming_distribution", "open"]
