"""Needs, access, services, scopes and contributions as their tables really come."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.dataset import Dataset
from atlas.errors import UnusableFileError
from atlas.ingest.context.figure_columns import table_kinds
from atlas.ingest.table_detection import detected_tables
from atlas.model import Tables
from atlas.vocab import vocabulary_table
from tests.ingest.context_files import codes, read, rows

STUDY = date(2018, 5, 31)
TENENKOU, ANSONGO = "ml-2016/ML0507", "ml-2016/ML0701"


def test_every_table_has_a_name_in_both_languages():
    assert list(vocabulary_table("context_tables")["id"]) == list(table_kinds())


def test_a_class_of_the_alerts_holds_in_each_commune_it_is_said_of(tmp_path: Path):
    batch = read("alerts", tmp_path, "Cercle;Commune;Classification", "Bourem;Temera, Bamba;DES")
    assert rows(batch, "value") == [(2.0,), (2.0,)]


# people in need


def test_a_column_for_each_cluster_is_a_need_of_each_sector(tmp_path: Path):
    batch = read(
        "needs", tmp_path, "Cercle;EHA;PIN Santé;% Santé;Sévérité EHA", "Djenné;120;80;12;4"
    )
    assert rows(batch, "indicator", "sector", "value") == [
        ("people-in-need", "wash", 120.0),
        ("people-in-need", "health", 80.0),
        ("severity", "wash", 4.0),
    ]
    assert codes(batch) == {"column_ignored": 1}


def test_targets_under_a_common_heading_are_no_needs(tmp_path: Path):
    batch = read(
        "needs", tmp_path, ";Cible;;PIN;", "Cercle;EHA;Santé;EHA;Santé", "Djenné;60;40;120;80"
    )
    assert rows(batch, "sector", "value") == [("wash", 120.0), ("health", 80.0)]
    assert codes(batch)["column_ignored"] == 2


def test_a_title_above_the_headings_is_no_common_heading(tmp_path: Path):
    batch = read(
        "needs", tmp_path, "Personnes ciblées et PIN par cluster;", "Cercle;EHA", "Djenné;9"
    )
    assert rows(batch, "sector", "value") == [("wash", 9.0)]


def test_people_are_in_the_thousands_stated_above_the_table_and_its_total_is_of_all_sectors(
    tmp_path: Path,
):
    batch = read(
        "needs",
        tmp_path,
        "PIN par cluster (en milliers de personnes)",
        "Cercle;EHA;Santé;Personnes dans le besoin",
        "Djenné;52,3;41;80",
        "Total;52,3;41;80",
    )
    assert rows(batch, "sector", "value") == [
        ("wash", 52_300.0),
        ("health", 41_000.0),
        (None, 80_000.0),
    ]
    assert [one["difference"] for one in batch.report()["control_totals"]] == [0.0, 0.0, 0.0]
    assert codes(batch)["unit_above"] == 3


def test_a_part_of_a_sector_beside_the_whole_sector_is_left_out_and_said(tmp_path: Path):
    batch = read("needs", tmp_path, "Cercle;VBG;Protection", "Djenné;30;100")
    assert rows(batch, "sector", "value") == [("protection", 100.0)]
    assert codes(batch) == {"column_ignored": 1}


def test_tags_of_wide_tables_name_the_sector(tmp_path: Path):
    batch = read("needs", tmp_path, "#adm2+name,#inneed+wash,#inneed+health", "Djenné,7,8")
    assert rows(batch, "sector", "value") == [("wash", 7.0), ("health", 8.0)]


def test_an_unknown_sector_is_kept_in_its_words_and_said_with_the_nearest(tmp_path: Path):
    batch = read("needs", tmp_path, "Cercle;Secteur;PIN", "Djenné;Elevages bovins;5")
    assert rows(batch, "sector", "value") == [("Elevages bovins", 5.0)]
    assert codes(batch) == {"sector_unknown": 1}


def test_people_of_two_places_are_rejected_for_nobody_said_how_they_are_shared(tmp_path: Path):
    batch = read("needs", tmp_path, "Lieu;PIN", "Gao, Kidal;500")
    assert batch.report()["outcomes"] == {"rejected": 1}


def test_the_same_cell_twice_is_kept_and_said(tmp_path: Path):
    batch = read("needs", tmp_path, "Cercle;Secteur;PIN", "Djenné;Santé;5", "Djenné;Santé;6")
    assert len(rows(batch, "value")) == 2
    assert codes(batch) == {"fact_repeated": 1}


# cadre harmonisé

CH = (
    "Situation courante octobre-décembre 2023",
    "Région;Cercle;Population totale;Phase 1;Phase 2;Phase 3;Phase 4;Phase 5;Phase 3 à 5;Zone classée en phase",
    "Mopti;Djenné;200 000;120 000;50 000;25 000;5 000;0;30 000;Phase 3",
    "Mopti;Ténenkou;150 000;90 000;40 000;18 000;2 000;0;25 000;Sous pression",
    "Total Mopti;;350 000;210 000;90 000;43 000;7 000;0;50 000;",
    "Gao;Ansongo;180 000;100 000;50 000;27 000;3 000;0;;3",
    "Total général;;530 000;310 000;140 000;70 000;10 000;0;;",
)


def test_each_phase_is_an_indicator_of_its_own_in_food_security(tmp_path: Path):
    batch = read("cadre-harmonise", tmp_path, *CH)
    first = batch.tables.context.head(8)
    assert dict(first.select("indicator", "value").rows()) == {
        "ch-population": 200_000.0,
        "ch-phase1": 120_000.0,
        "ch-phase2": 50_000.0,
        "ch-phase3": 25_000.0,
        "ch-phase4": 5_000.0,
        "ch-phase5": 0.0,
        "ch-phase3to5": 30_000.0,
        "ch-phase": 3.0,
    }
    assert set(first.select("sector", "start", "expires").rows()) == {
        ("food-security", date(2023, 10, 1), date(2023, 12, 31))
    }


def test_phases_three_to_five_are_added_where_only_each_is_given(tmp_path: Path):
    ansongo = read("cadre-harmonise", tmp_path, *CH).tables.context.filter(
        pl.col("unit_id").str.contains("ansongo"), indicator="ch-phase3to5"
    )
    assert ansongo["value"].to_list() == [30_000.0]


def test_sums_and_totals_that_disagree_are_findings_and_nothing_is_corrected(tmp_path: Path):
    batch = read("cadre-harmonise", tmp_path, *CH)
    assert codes(batch)["figures_disagree"] == 1
    totals = {t["name"]: t["difference"] for t in batch.report()["control_totals"]}
    assert totals["Population analysée (cadre harmonisé) (L7)"] == 0.0
    assert totals["Population en phases 3 à 5 (cadre harmonisé) (L5)"] == -5_000.0
    assert batch.report()["outcomes"] == {"aggregate": 2, "context": 3}


def test_a_total_of_both_situations_side_by_side_is_held_against_its_own(tmp_path: Path):
    batch = read(
        "cadre-harmonise",
        tmp_path,
        ";Situation courante mars-mai 2024;Situation projetée juin-août 2024",
        "Cercle;Phase 3;Phase 3",
        "Djenné;10;40",
        "Total;10;40",
    )
    assert [one["difference"] for one in batch.report()["control_totals"]] == [0.0, 0.0]
    (table,) = detected_tables(batch.document, batch.read_as)
    assert [column.field for column in table.columns] == [
        "cercle",
        "ch-phase3",
        "ch-phase3-projected",
    ]


def test_a_projected_situation_is_another_indicator(tmp_path: Path):
    batch = read(
        "cadre-harmonise",
        tmp_path,
        "Cercle;Situation;Période;Phase 3 à 5",
        "Djenné;Courante;octobre-décembre 2023;10",
        "Djenné;Projetée;juin-août 2024;40",
    )
    assert rows(batch, "indicator", "value", "start") == [
        ("ch-phase3to5", 10.0, date(2023, 10, 1)),
        ("ch-phase3to5-projected", 40.0, date(2024, 6, 1)),
    ]


def test_both_situations_side_by_side_keep_their_own_months(tmp_path: Path):
    batch = read(
        "cadre-harmonise",
        tmp_path,
        ";Situation courante octobre-décembre 2023;;Situation projetée juin-août 2024;",
        "Cercle;Phase 3;Phase 3 à 5;Phase 3;Phase 3 à 5",
        "Djenné;9;10;36;40",
    )
    assert rows(batch, "indicator", "value", "start", "expires") == [
        ("ch-phase3", 9.0, date(2023, 10, 1), date(2023, 12, 31)),
        ("ch-phase3to5", 10.0, date(2023, 10, 1), date(2023, 12, 31)),
        ("ch-phase3-projected", 36.0, date(2024, 6, 1), date(2024, 8, 31)),
        ("ch-phase3to5-projected", 40.0, date(2024, 6, 1), date(2024, 8, 31)),
    ]


def test_the_regional_table_on_hdx_is_read_by_its_own_columns(tmp_path: Path):
    batch = read(
        "cadre-harmonise",
        tmp_path,
        "adm0_name,adm1_name,adm2_name,population,phase_class,phase1,phase2,phase3,phase4,phase5,"
        "phase35,chtype,exercise_label,exercise_year,reference_label,reference_year,usethisperiod",
        "Mali,Mopti,Djenne,100,2,70,20,9,1,0,10,projected,Sep-Dec,2023,Jun-Aug,2024,Y",
    )
    found = {name: (value, day) for name, value, day in rows(batch, "indicator", "value", "start")}
    assert found["ch-phase3to5-projected"] == (10.0, date(2024, 6, 1))
    assert found["ch-phase-projected"] == (2.0, date(2024, 6, 1))
    assert "column_unknown" not in codes(batch)


# alerts and priorities


def test_classes_of_the_early_warning_system_stand_on_its_scale(tmp_path: Path):
    batch = read(
        "alerts",
        tmp_path,
        "Région;Cercle;Classement",
        "Tombouctou;Goundam;DES",
        "Kayes;Bafoulabé;Situation alimentaire satisfaisante",
        "Kidal;;Situation particulière",
    )
    assert rows(batch, "value", "text", "direction") == [
        (2.0, None, "higher_is_worse"),
        (0.0, None, "higher_is_worse"),
        (None, "Situation particulière", "higher_is_worse"),
    ]
    assert codes(batch) == {"value_unreadable": 1}


def test_a_rank_is_the_more_urgent_the_lower_and_a_level_the_higher(tmp_path: Path):
    batch = read(
        "prioritisation", tmp_path, "Cercle;Priorité", "Djenné;Priorité 1", "Ansongo;très élevée"
    )
    assert rows(batch, "indicator", "value", "direction") == [
        ("priority-rank", 1.0, "lower_is_worse"),
        ("priority-level", 4.0, "higher_is_worse"),
    ]


def test_a_bare_figure_of_priority_is_a_level_and_that_is_said_once(tmp_path: Path):
    lines = ("Cercle;Niveau de priorité", "Djenné;1", "Ansongo;3")
    batch = read("prioritisation", tmp_path, *lines)
    assert rows(batch, "indicator", "direction") == [("priority-level", "higher_is_worse")] * 2
    assert codes(batch) == {"direction_assumed": 1}
    said = read("prioritisation", tmp_path, lines[0] + ";Sens", lines[1] + ";décroissant")
    assert rows(said, "direction") == [("lower_is_worse",)]
    assert codes(said) == {}


def test_the_population_beside_the_needs_is_kept_as_population(tmp_path: Path):
    batch = read("needs", tmp_path, "Cercle;Population;EHA", "Djenné;1 000;120")
    assert rows(batch, "kind", "indicator", "value") == [
        ("population", "population", 1_000.0),
        ("needs", "people-in-need", 120.0),
    ]


# needs in the coverage


def test_needs_of_different_indicators_are_never_added_for_one_cell(tmp_path: Path):
    both = (
        read("cadre-harmonise", tmp_path, *CH[1:], name="ch.csv"),  # of no period that is over
        read("needs", tmp_path, "Cercle;Sécurité alimentaire;Santé", "Djenné;77;5", name="pin.csv"),
    )
    dataset = Dataset.from_tables(Tables.concat(batch.tables for batch in both))
    table = dataset.ask("coverage", frame="ml-2023", level="cercle").table
    needs = dict(
        table.filter(pl.col("sector") == "food-security", pl.col("need").is_not_null())
        .select("unit_name", "need")
        .rows()
    )
    assert needs == {"Djenné": 77.0, "Ténenkou": 25_000.0, "Ansongo": 30_000.0}


# access, services, security: facts of April and May 2018


def test_services_out_of_reach_are_counted_of_how_many(tmp_path: Path):
    batch = read(
        "services",
        tmp_path,
        "Région;Cercle;Service;Hors de portée;Total",
        "Mopti;Ténenkou;Écoles fermées;85;93",
        "Mopti;Ténenkou;Centres de santé atteints irrégulièrement;20 sur 20;",
        "Gao;Ansongo;ONG présentes;6;14",
        as_of=STUDY,
    )
    assert rows(batch, "kind", "indicator", "unit_id", "value", "total") == [
        ("access", "schools-closed", TENENKOU, 85.0, 93.0),
        ("access", "health-centres-irregular", TENENKOU, 20.0, 20.0),
        ("access", "ngos-present", ANSONGO, 6.0, 14.0),
    ]


def test_the_layer_of_access_says_the_count_and_takes_it_for_no_severity(tmp_path: Path):
    batch = read(
        "services", tmp_path, "Cercle;Écoles fermées;Source", "Ténenkou;85/93;étude", as_of=STUDY
    )
    table = Dataset.from_tables(batch.tables).ask("access", frame="ml-2016", level="cercle").table
    found = table.filter(pl.col("unit_id") == TENENKOU).select("services", "severity_max")
    assert found.rows() == [("Écoles fermées : 85 / 93", None)]


def test_constraints_are_one_of_nine_types_and_what_is_none_keeps_its_words(tmp_path: Path):
    batch = read(
        "access",
        tmp_path,
        "Cercle;Commune;Type de contrainte;Sévérité;Échelle;Description;Valable du",
        "Ténenkou;;Restrictions de mouvement;4;ACAPS;motos et pick-up interdits;01/02/2018",
        "Ansongo;Talataye;Hostilités;X;ACAPS;;",
        "Ansongo;Tessit;Vols de bétail;élevée;ACAPS;sur les pistes;",
        as_of=STUDY,
    )
    assert rows(batch, "indicator", "value", "text", "direction", "start") == [
        (
            "movement-restrictions",
            4.0,
            "motos et pick-up interdits",
            "higher_is_worse",
            date(2018, 2, 1),
        ),
        ("hostilities", None, "Hostilités ; pas d'information", "higher_is_worse", None),
        ("access-severity", 3.0, "Vols de bétail ; sur les pistes", "higher_is_worse", None),
    ]
    assert codes(batch) == {"indicator_unknown": 1}


def test_one_constraint_may_hold_in_several_places(tmp_path: Path):
    batch = read("access", tmp_path, "Lieu;Contrainte", "Talataye, Tessit;Hostilités", as_of=STUDY)
    assert rows(batch, "unit_id") == [("ml-2016/ML070105",), ("ml-2016/ML070106",)]


def test_a_forbidden_zone_is_a_flag_beside_its_profile(tmp_path: Path):
    batch = read(
        "security", tmp_path, "Cercle;Profil;Zone interdite", "Ansongo;autorités intérimaires;oui"
    )
    assert rows(batch, "indicator", "value", "text") == [
        ("no-go", 1.0, "zone interdite"),
        ("security-zone", None, "autorités intérimaires"),
    ]


def test_a_forbidden_zone_that_says_neither_keeps_its_words(tmp_path: Path):
    batch = read("security", tmp_path, "Cercle;No-go", "Ansongo;selon la saison", "Djenné;non")
    assert rows(batch, "value", "text") == [
        (None, "selon la saison"),
        (0.0, "pas de zone interdite"),
    ]
    assert codes(batch) == {"value_unreadable": 1}


# shapes


def test_lines_and_areas_stay_as_drawn_in_degrees(tmp_path: Path):
    line = {"type": "LineString", "coordinates": [[-0.05, 16.27], [0.5, 15.66]]}
    bow = {"type": "Polygon", "coordinates": [[[0, 16], [1, 17], [1, 16], [0, 17], [0, 16]]]}
    features = [
        {"type": "Feature", "geometry": line, "properties": {"Contrainte": "Hostilités"}},
        {"type": "Feature", "geometry": bow, "properties": {"Contrainte": "Mines"}},
        {"type": "Feature", "geometry": None, "properties": {"Contrainte": "Mines"}},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    batch = read("access", tmp_path, text, name="axes.geojson")
    line_said, area_said = rows(batch, "indicator", "unit_id", "geometry")
    assert line_said == ("hostilities", None, "LINESTRING (-0.05 16.27, 0.5 15.66)")
    assert str(area_said[2]).startswith("MULTIPOLYGON")
    assert batch.report()["outcomes"] == {"context": 2, "rejected": 1}
    assert codes(batch)["geometry_mended"] == 1
    assert "geometry_aside" not in codes(batch)


def test_a_shape_of_too_many_points_is_refused_at_its_row(tmp_path: Path):
    line = {"type": "LineString", "coordinates": [[0, 16]] * 20_001}
    feature = {
        "type": "Feature",
        "geometry": line,
        "properties": {"Cercle": "Ansongo", "Type": "Mines"},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    batch = read("access", tmp_path, text, name="axes.geojson")
    assert rows(batch, "geometry") == [(None,)]
    assert codes(batch) == {"geometry_unreadable": 1}


@pytest.mark.parametrize("shape", ["POLYGON ((0 16, 1", "POINT (500 20)"])
def test_a_shape_that_cannot_be_kept_is_said_and_its_place_stays(tmp_path: Path, shape: str):
    batch = read("access", tmp_path, "Type;Géométrie;Cercle", f"Hostilités;{shape};Ansongo")
    assert rows(batch, "geometry") == [(None,)]
    assert codes(batch) == {"geometry_unreadable": 1}


# displacement


def test_tables_of_displaced_people_and_returnees_go_in(tmp_path: Path):
    batch = read(
        "displacement",
        tmp_path,
        "Région;Cercle;PDI (individus);PDI (ménages);Retournés;Date évaluation",
        "Mopti;Koro;24 500;4 100;1 200;30/04/2024",
    )
    assert sorted(rows(batch, "kind", "indicator", "value", "as_of")) == [
        ("displacement", "idp-households", 4100.0, date(2024, 4, 30)),
        ("displacement", "idps", 24500.0, date(2024, 4, 30)),
        ("displacement", "returnees", 1200.0, date(2024, 4, 30)),
    ]


def test_the_tags_of_displaced_people_are_known(tmp_path: Path):
    batch = read(
        "displacement", tmp_path, "Admin 1;Total IDPs", "#adm1+name;#affected+idps+ind", "Gao;100"
    )
    assert rows(batch, "indicator", "value") == [("idps", 100.0)]


# editions and parts


def test_the_newest_edition_of_a_forecast_is_told_from_the_older_ones(tmp_path: Path):
    batch = read(
        "cadre-harmonise",
        tmp_path,
        "Cercle;Date de publication;Phase 3 à 5;Période",
        "Ansongo;15/11/2023;40 000;Projetée (juin-août 2024)",
        "Ansongo;28/03/2024;44 000;Projetée (juin-août 2024)",
    )
    assert rows(batch, "as_of", "value") == [
        (date(2023, 11, 15), 40000.0),
        (date(2024, 3, 28), 44000.0),
    ]
    assert codes(batch)["editions"] == 1
    assert "fact_repeated" not in codes(batch)


def test_a_place_known_by_its_region_alone_is_a_part_of_it(tmp_path: Path):
    batch = read(
        "needs", tmp_path, "Région;Cercle;PIN EHA", "Kayes;Kita;10", "Kayes;Secteur ouest;7"
    )
    found = batch.tables.context.select("value", "part_of_unit").sort("value").rows()
    assert found == [(7.0, True), (10.0, None)]


def test_a_file_given_as_the_wrong_table_is_refused_with_its_first_row(tmp_path: Path):
    with pytest.raises(UnusableFileError, match=r"aucune de ses 2 lignes.*L2") as refused:
        read("needs", tmp_path, "Région;Cercle;Lits", "Gao;Bourem;12", "Gao;Ansongo;9")
    assert "displacement" in refused.value.remedy


POPULATION = ("Région;Cercle;Population;Hommes", "Gao;Ansongo;150000;75000")
REGISTER = ("Nom;Type;Région;Cercle", "CSCOM A;CSCOM;Gao;Ansongo", "CSCOM B;CSCOM;Gao;Bourem")


@pytest.mark.parametrize(
    "kind",
    ["needs", "alerts", "access", "reporting", "programme", "cadre-harmonise", "displacement"],
)
def test_a_population_given_as_another_table_is_refused_with_the_name_of_its_own(
    kind: str, tmp_path: Path
):
    with pytest.raises(UnusableFileError, match=r"Donnez-le comme (?:.*, )?population"):
        read(kind, tmp_path, *POPULATION)


@pytest.mark.parametrize("kind", ["alerts", "access", "reporting", "programme"])
def test_a_register_of_facilities_is_refused_whatever_table_it_is_given_as(
    kind: str, tmp_path: Path
):
    with pytest.raises(UnusableFileError, match="un registre de structures"):
        read(kind, tmp_path, *REGISTER)


@pytest.mark.parametrize("kind", ["programme", "reporting"])
def test_a_list_of_places_alone_is_a_perimeter_or_a_scope(kind: str, tmp_path: Path):
    assert len(rows(read(kind, tmp_path, "Région;Cercle", "Gao;Ansongo"), "unit_id")) == 1


def test_the_status_of_a_population_is_a_group_of_it(tmp_path: Path):
    lines = ("Mopti;Bankass;PDI;12000", "Mopti;Bankass;Hôtes;8000", "Mopti;Bankass;Total;20000")
    heads = "Région;Cercle;Statut de la population;Personnes dans le besoin"
    told = rows(read("needs", tmp_path, heads, *lines), "value", "text")
    assert told == [(20000.0, "dont PDI 12000, Hôtes 8000")]
