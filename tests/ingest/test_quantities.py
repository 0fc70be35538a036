"""Kits, litres and boreholes of a list are quantities of its activities, and nobody's people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.ingest.pipeline import IngestBatch, ingest_file
from tests.conftest import SHARED, needs_shared

HEAD = "Organisation;Activité;Secteur;Région;Cercle;Début;Fin"
ROW = "ACF;Eau potable;EHA;Mopti;Bankass;01/01/2026;31/03/2026"


def read(tmp_path: Path, columns: str, *cells: str) -> IngestBatch:
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([f"{HEAD};{columns}", *(f"{ROW};{one}" for one in cells)]), "utf-8")
    return ingest_file(path, as_of=date(2026, 4, 1))


def quantities(batch: IngestBatch) -> list[tuple[str, str, float]]:
    """Indicator, measure and value of each figure, the smallest first."""
    return batch.tables.figures.sort("value").select("indicator", "measure", "value").rows()


def people(batch: IngestBatch) -> list[tuple[float | None, float | None]]:
    """Target and reached of each activity."""
    return batch.tables.activities.select("target", "reached").rows()


def test_litres_under_target_and_reached_are_nobody(tmp_path: Path) -> None:
    batch = read(tmp_path, "Indicateur;Cible;Réalisé", "Litres d'eau distribués;120000;90000")
    assert people(batch) == [(None, None)]
    assert quantities(batch) == [
        ("water-litres", "reached", 90000),
        ("water-litres", "target", 120000),
    ]


@pytest.mark.parametrize(
    ("indicator", "counted"),
    [
        ("Nombre de personnes ayant accès à un forage", "people"),
        ("Nombre de forages pour les ménages", "water-points"),
        ("Nombre de ménages ayant reçu un kit", "households"),
        ("% de ménages satisfaits", "other-quantity"),
        ("Comités mis en place", "other-quantity"),
    ],
)
def test_what_stands_first_in_an_indicator_is_counted(
    indicator: str, counted: str, tmp_path: Path
) -> None:
    batch = read(tmp_path, "Indicateur;Réalisé", f"{indicator};40")
    named = [(counted, "reached", 40.0)]
    assert (people(batch), quantities(batch)) == (
        ([(None, 40.0)], []) if counted == "people" else ([(None, None)], named)
    )


def test_a_column_that_says_people_counts_them_whatever_the_indicator(tmp_path: Path) -> None:
    batch = read(tmp_path, "Indicateur;Personnes atteintes", "Forages réhabilités;4000")
    assert (people(batch), quantities(batch)) == ([(None, 4000.0)], [])


def test_a_unit_in_brackets_says_what_a_column_counts(tmp_path: Path) -> None:
    batch = read(tmp_path, "Cible (kits);Bénéficiaires atteints", "500;3000")
    assert (people(batch), quantities(batch)) == ([(None, 3000.0)], [("kits", "target", 500)])


def test_columns_named_by_a_quantity_are_read_beside_the_people(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Nombre de kits distribués;Quantité d'eau (litres);Personnes atteintes",
        "450;120 000;2700",
    )
    assert people(batch) == [(None, 2700.0)]
    assert quantities(batch) == [("kits", "reached", 450), ("water-litres", "unsaid", 120000)]


def test_a_quantity_is_of_the_unit_beside_it(tmp_path: Path) -> None:
    batch = read(tmp_path, "Quantité;Unité", "12,5;tonnes", "450;kits")
    assert quantities(batch) == [("tonnes", "unsaid", 12.5), ("kits", "unsaid", 450)]


@pytest.mark.parametrize(
    ("unit", "counted"),
    [
        ("séances", "sessions"),
        ("m³", "water-cubic-metres"),
        ("litres/personne/jour", "other-quantity"),
        ("FCFA", "other-quantity"),
        ("personnes", "people"),
        ("Direction régionale", "people"),
    ],
)
def test_a_unit_goes_before_the_words_of_the_indicator(
    unit: str, counted: str, tmp_path: Path
) -> None:
    batch = read(tmp_path, "Indicateur;Unité;Réalisé", f"Formation des producteurs;{unit};40")
    named = [(counted, "reached", 40.0)]
    assert (people(batch), quantities(batch)) == (
        ([(None, 40.0)], []) if counted == "people" else ([(None, None)], named)
    )


def test_an_office_under_unit_leaves_people_what_they_are(tmp_path: Path) -> None:
    batch = read(tmp_path, "Unité;Réalisé", "Direction régionale;40")
    assert (people(batch), quantities(batch)) == ([(None, 40.0)], [])


def test_an_indicator_that_names_no_known_thing_is_kept_and_asked_about(tmp_path: Path) -> None:
    batch = read(tmp_path, "Indicateur;Réalisé", "Comités mis en place;12")
    found = batch.tables.findings.filter(code="quantity_unknown")
    assert (found["locator"].to_list(), found.height) == (["L2"], 1)


def test_quantities_of_one_activity_in_rows_are_one_activity(tmp_path: Path) -> None:
    batch = read(
        tmp_path, "Indicateur;Réalisé", "Forages réhabilités;8", "Personnes servies;4000",
        "Latrines construites;20",
    )  # fmt: skip
    assert people(batch) == [(None, 4000.0)]
    assert quantities(batch) == [("water-points", "reached", 8), ("latrines", "reached", 20)]
    assert batch.report()["outcomes"] == {"activity": 1, "folded": 2}


def test_a_quantity_told_again_in_another_row_is_another_activity(tmp_path: Path) -> None:
    batch = read(tmp_path, "Indicateur;Réalisé", "Forages réhabilités;8", "Forages réhabilités;3")
    assert batch.report()["outcomes"] == {"activity": 2}


def test_a_coming_distribution_that_only_its_quantity_names_is_reserved(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    row = "ACF;Appui aux ménages;EHA;Mopti;Bankass;01/05/2026;31/05/2026;450"
    path.write_text(f"{HEAD};Nombre de kits à distribuer\n{row}", "utf-8")
    batch = ingest_file(path, as_of=date(2026, 4, 1))
    assert batch.tables.activities["sensitivity"].to_list() == ["coming_distribution"]


@needs_shared
def test_the_monthly_reports_of_2014_tell_7388_kits_and_9_sessions_of_32() -> None:
    batch = ingest_file(SHARED / "data" / "rowca-3w-hxl.csv")
    totals = Dataset.from_tables(batch.tables).ask("quantities").meta["totals"]
    assert totals["kits"]["quantity_reached"] == 7388
    assert [totals["sessions"][f"quantity_{m}"] for m in ("reached", "target")] == [9, 32]
