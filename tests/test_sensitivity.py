"""What is reserved is marked when it is read, and opens only when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from atlas.dataset import Dataset
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables, Viewer
from atlas.store import Store

LIST = (
    "Titre;Région;Cercle;Commune;Partenaire;Date de début;Date de fin;Statut;Budget\n"
    "Distribution de coupons à Dourou le 5 juillet;Bandiagara;Bandiagara;Dourou;ADR;"
    "05/07/2024;20/07/2024;Planifié;\n"
    "Distribution de vivres;Bandiagara;Bandiagara;Dourou;ADR;01/02/2024;15/02/2024;Achevé;\n"
    "Réseau de distribution d'eau;Gao;Gao;;ADR;01/09/2024;31/12/2024;Planifié;\n"
    "Clinique juridique;Gao;Gao;;ADR;01/01/2024;;En cours;\n"
)


def tables(tmp_path: Path, as_of: date, text: str = LIST, name: str = "liste.csv") -> Tables:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return ingest_file(path, source="ngo", as_of=as_of).tables


def marks(found: Tables) -> dict[str, str]:
    return dict(found.activities.select("title", "sensitivity").iter_rows())


def told(found: Tables, viewer: Viewer) -> pl.DataFrame:
    return Dataset.of(found).activities(viewer=viewer).table


def test_a_distribution_still_to_come_is_marked_by_the_date_of_its_own_document(tmp_path: Path):
    assert marks(tables(tmp_path, date(2024, 6, 30))) == {
        "Distribution de coupons à Dourou le 5 juillet": "coming_distribution",
        "Distribution de vivres": "open",
        "Réseau de distribution d'eau": "open",
        "Clinique juridique": "open",
    }
    assert set(marks(tables(tmp_path, date(2024, 8, 1))).values()) == {"open"}


def test_the_report_says_how_many_are_reserved(tmp_path: Path):
    path = tmp_path / "liste.csv"
    path.write_text(LIST, "utf-8")
    found = ingest_file(path, source="ngo", as_of=date(2024, 6, 30)).report()["findings"]
    assert found["distributions_reserved"] == 1


def test_its_title_place_and_day_are_for_editors_alone(tmp_path: Path):
    found = tables(tmp_path, date(2024, 6, 30))
    neutral = "Distribution — Bandiagara — ADR"
    partner = told(found, Viewer.PARTNER).filter(pl.col("title") == neutral)
    assert partner.select("place", "start", "end", "locator").rows() == [
        ("Bandiagara", None, None, None)
    ]
    assert "5 juillet" not in str(told(found, Viewer.PARTNER).to_dicts())
    assert "5 juillet" in str(told(found, Viewer.EDITOR).to_dicts())
    dataset = Dataset.of(found)
    assert "5 juillet" not in str(dataset.findings(Viewer.PARTNER).to_dicts())
    assert "5 juillet" in str(dataset.findings().to_dicts())


def test_a_later_list_of_others_opens_it_only_once_its_last_day_has_passed(tmp_path: Path):
    first = tables(tmp_path, date(2024, 6, 30))
    for day, shown in ((date(2024, 7, 10), None), (date(2024, 8, 1), date(2024, 7, 5))):
        other = tables(tmp_path, day, "Titre;Région;Partenaire\nForage;Gao;OXFAM\n", "autre.csv")
        both = Tables.concat([first, other])
        starts = told(both, Viewer.PUBLIC).filter(pl.col("end") == date(2024, 7, 20))["start"]
        assert starts.to_list() == ([shown] if shown else [])


def test_a_newer_list_that_tells_it_as_done_opens_it(tmp_path: Path):
    store = Store(tmp_path / "store")
    done = LIST.replace("20/07/2024;Planifié", "20/07/2024;Achevé")
    store.add([tables(tmp_path, date(2024, 6, 30))])
    after = store.add([tables(tmp_path, date(2024, 7, 19), done, "liste juillet.csv")]).tables
    assert set(marks(after).values()) == {"open"}


def test_a_snapshot_without_the_mark_is_judged_by_its_words(tmp_path: Path):
    found = tables(tmp_path, date(2024, 6, 30))
    old = found.activities.with_columns(sensitivity=pl.lit(None, pl.String))
    unmarked = replace(found, activities=old)
    assert "5 juillet" not in str(told(unmarked, Viewer.PUBLIC)["title"].to_list())
