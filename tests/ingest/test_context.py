"""Tables of context are dated facts about known places, or they are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.errors import UnusableFileError, UsageError
from atlas.ingest.context_tables import read_context

DAY = date(2018, 5, 31)


def csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_needs_are_people_by_place_and_sector(tmp_path: Path) -> None:
    path = csv(tmp_path, "Région;Cercle;Secteur;PIN", "Mopti;Koro;Santé;12 500", "Gao;;EHA;")
    batch = read_context("needs", path, as_of=DAY)
    assert batch.tables.context.select("kind", "unit_id", "sector", "value", "as_of").rows() == [
        ("needs", "ml-2016/ML0505", "health", 12500.0, DAY)
    ]
    assert batch.report()["outcomes"] == {"context": 1, "rejected": 1}


def test_hxl_tags_say_the_place_and_the_need(tmp_path: Path) -> None:
    path = csv(tmp_path, "#adm2+name,#sector,#inneed", "Koro,Santé,7")
    batch = read_context("needs", path, as_of=DAY)
    assert batch.tables.context["value"].to_list() == [7.0]


def test_access_keeps_its_scale_its_direction_and_that_nothing_is_known(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Cercle;Sévérité;Échelle;Sens;Contrainte;Valable jusqu'au",
        "Ténenkou;4;ACAPS;croissant;mines;31/12/2018",
        "Ansongo;X;ACAPS;croissant;;",
    )
    rows = read_context("access", path, as_of=DAY).tables.context
    assert rows.select("unit_id", "value", "text", "scale", "direction", "expires").rows() == [
        ("ml-2016/ML0507", 4.0, "mines", "ACAPS", "higher_is_worse", date(2018, 12, 31)),
        ("ml-2016/ML0701", None, "pas d'information", "ACAPS", "higher_is_worse", None),
    ]


def test_a_perimeter_needs_no_more_than_its_places(tmp_path: Path) -> None:
    path = csv(tmp_path, "Programme;Région;Cercle", "PSIRC;Mopti;Koro", "PSIRC;Mopti;Bankass")
    rows = read_context("programme", path, as_of=DAY).tables.context
    assert rows.select("indicator", "unit_id").rows() == [
        ("PSIRC", "ml-2016/ML0505"),
        ("PSIRC", "ml-2016/ML0502"),
    ]


def test_components_of_a_programme_need_no_place_and_none_is_a_word(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "Programme;Secteur;Composante",
        "PSIRC;Santé, Éducation;Développement socio-économique",
        "PSIRC;Logistique;aucune",
        "PSIRC;EHA;",
    )
    batch = read_context("components", path, as_of=DAY)
    assert batch.tables.context.select("kind", "indicator", "unit_id", "sector", "text").rows() == [
        ("components", "PSIRC", None, "health", "Développement socio-économique"),
        ("components", "PSIRC", None, "education", "Développement socio-économique"),
        ("components", "PSIRC", None, "logistics", "aucune"),
    ]
    assert batch.tables.rows["outcome"].to_list() == ["context", "context", "rejected"]


def test_a_fact_of_nowhere_is_rejected_for_it_would_speak_of_everywhere(tmp_path: Path) -> None:
    path = csv(tmp_path, "Région;Cercle;Organisation", "Zzz;;ADR", ";;OXFAM", "Gao;;ADR")
    batch = read_context("reporting", path, as_of=DAY)
    assert batch.tables.context["unit_id"].to_list() == ["ml-2016/ML07"]
    assert batch.report()["rejected"] == 2


def test_a_table_without_a_date_is_refused_with_the_way_to_date_it(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="--as-of"):
        read_context("needs", csv(tmp_path, "Cercle;PIN", "Koro;5"))


def test_a_template_without_a_row_asks_for_rows_and_a_row_carries_its_date(tmp_path: Path) -> None:
    template = Path(__file__).parents[2] / "docs" / "templates" / "modele-securite.csv"
    with pytest.raises(UnusableFileError, match="aucune ligne remplie"):
        read_context("security", template)
    filled = csv(tmp_path, template.read_text("utf-8-sig"), "Mopti;Koro;;;oui;;;;OCHA;31/05/2018")
    assert read_context("security", filled).tables.context["as_of"].to_list() == [DAY]


def test_an_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="needs, cadre-harmonise, alerts, prioritisation, population, displacement"
    ):
        read_context("besoins", csv(tmp_path, "Cercle;PIN", "Koro;5"))


def test_severities_without_a_scale_are_kept_and_pointed_out_once(tmp_path: Path) -> None:
    path = csv(tmp_path, "Cercle;Sévérité;Contrainte", "Ténenkou;4;mines", "Ansongo;3;mines")
    batch = read_context("access", path, as_of=DAY)
    assert batch.tables.context["value"].to_list() == [4.0, 3.0]
    assert batch.report()["findings"]["scale_missing"] == 1


def test_a_class_of_the_alerts_that_no_bulletin_abbreviates_so_stays_a_word(
    tmp_path: Path,
) -> None:
    path = csv(tmp_path, "Cercle;Classement", "Ansongo;CA", "Gao;FA", "Bourem;Famine")
    batch = read_context("alerts", path, as_of=DAY)
    assert batch.tables.context.sort("value")["value"].to_list() == [None, 4.0, 5.0]
    assert batch.report()["findings"]["value_unreadable"] == 1


def test_people_in_need_in_thousands_are_counted_as_such(tmp_path: Path) -> None:
    path = csv(tmp_path, "Région;Secteur;PIN (milliers)", "Gao;Santé;12,5", "Mopti;Santé;7")
    batch = read_context("needs", path, as_of=DAY)
    assert batch.tables.context["value"].to_list() == [12_500.0, 7_000.0]


def test_health_centres_without_supervision_are_an_indicator_of_their_own(tmp_path: Path) -> None:
    lines = ("Cercle;Service;Hors de portée;Nombre total", "Djenné;CSCOM sans supervision;4;18")
    told = read_context("services", csv(tmp_path, *lines), as_of=DAY).tables.context
    assert told.select("indicator", "value", "total").rows() == [
        ("health-centres-unsupervised", 4.0, 18.0)
    ]


def test_a_direction_may_be_written_as_an_equation(tmp_path: Path) -> None:
    head = "Cercle;Type de contrainte;Sévérité;Échelle;Sens de l'échelle"
    path = csv(tmp_path, head, "Djenné;Hostilités;2;interne;plus bas = pire")
    told = read_context("access", path, as_of=DAY).tables.context
    assert told.select("value", "direction").rows() == [(2.0, "lower_is_worse")]
