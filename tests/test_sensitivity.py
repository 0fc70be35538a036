"""What is reserved is marked when it is read, and opens only when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from atlas.dataset import Dataset
from atlas.export import encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables, Viewer
from atlas.store import Store
from tests.layers.made import activity, dataset_of
from tests.strategies import SyntheticSnapshot

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
    return Dataset.from_tables(found).activity_grid(viewer=viewer).table


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
    dataset = Dataset.from_tables(found)
    assert "5 juillet" not in str(dataset.findings_with_files(Viewer.PARTNER).to_dicts())
    assert "5 juillet" in str(dataset.findings_with_files().to_dicts())


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
    store.add_documents([tables(tmp_path, date(2024, 6, 30))])
    after = store.add_documents(
        [tables(tmp_path, date(2024, 7, 19), done, "liste juillet.csv")]
    ).tables
    assert set(marks(after).values()) == {"open"}


def test_a_snapshot_without_the_mark_is_judged_by_its_words(tmp_path: Path):
    found = tables(tmp_path, date(2024, 6, 30))
    old = found.activities.with_columns(sensitivity=pl.lit(None, pl.String))
    unmarked = replace(found, activities=old)
    assert "5 juillet" not in str(told(unmarked, Viewer.PUBLIC)["title"].to_list())


RUNNING = (
    "Titre;Région;Cercle;Commune;Partenaire;Date de début;Date de fin;Statut;Modalité\n"
    "Coupons à Dourou;Bandiagara;Bandiagara;Dourou;ADR;05/06/2024;20/07/2024;En cours;"
    "chaque mardi à Dourou\n"
    "Forage;Gao;Gao;;ADR;01/01/2024;01/06/2024;Achevé;pompe\n"
)


def test_a_distribution_under_way_is_told_as_one_to_come(tmp_path: Path):
    found = tables(tmp_path, date(2024, 6, 30), RUNNING)
    assert marks(found)["Coupons à Dourou"] == "coming_distribution"
    columns = ("title", "place", "start", "modality", "file")
    shown = told(found, Viewer.PARTNER).filter(pl.col("activity_id").is_in(_ids(found, "Coupons")))
    name = f"Document {found.documents['document'][0][:6]} — 30/06/2024"
    assert shown.select(columns).rows() == [
        ("Distribution — Bandiagara — ADR", "Bandiagara", None, None, name)
    ]


def test_a_distribution_under_way_opens_with_a_document_of_a_day_after_its_end(tmp_path: Path):
    other = "Titre;Région;Partenaire\nForage;Gao;OXFAM\n"
    later = tables(tmp_path, date(2024, 7, 21), other, "autre.csv")
    both = Tables.concat([tables(tmp_path, date(2024, 6, 30), RUNNING), later])
    assert "chaque mardi à Dourou" in told(both, Viewer.PUBLIC)["modality"].to_list()


def test_an_old_snapshot_that_marked_one_under_way_as_open_does_not_tell_it(tmp_path: Path):
    found = tables(tmp_path, date(2024, 6, 30), RUNNING)
    opened = found.activities.with_columns(sensitivity=pl.lit("open"))
    assert "Dourou" not in str(told(replace(found, activities=opened), Viewer.PUBLIC).to_dicts())


@pytest.mark.parametrize(
    ("status", "mark"), [("", "open"), ("En cours", "coming_distribution"), ("Achevé", "open")]
)
def test_one_that_gives_no_end_goes_on_only_where_somebody_says_so(
    tmp_path: Path, status: str, mark: str
):
    text = "Titre;Région;Partenaire;Date de début;Statut\n"
    found = tables(tmp_path, date(2024, 6, 30), text + f"Vivres;Gao;ADR;01/06/2024;{status}\n")
    assert marks(found) == {"Vivres": mark}
    hidden = told(found, Viewer.PUBLIC)["title"].to_list() != ["Vivres"]
    assert hidden == (mark == "coming_distribution")


def test_one_that_reached_all_whom_it_aims_at_is_over(tmp_path: Path):
    served = "Titre;Région;Partenaire;Date de début;Date de fin;Statut;Ciblés;Atteints\n"
    rows = "Vivres;Gao;ADR;01/06/2024;31/07/2024;En cours;60;60\n"
    assert marks(tables(tmp_path, date(2024, 6, 30), served + rows)) == {"Vivres": "open"}


def test_a_list_dated_in_days_to_come_opens_no_distribution_that_lies_ahead(tmp_path: Path):
    """A partner may date a plan of the month by its last day."""
    ahead, end = date.today() + timedelta(days=10), date.today() + timedelta(days=20)
    path = tmp_path / "plan-3w.csv"
    path.write_text(
        "Titre;Région;Cercle;Commune;Chef de file;Date de début;Date de fin;Situation au\n"
        f"Distribution de vivres;Mopti;Mopti;Konna;PAM;{ahead};{ahead};{end}\n",
        "utf-8",
    )
    dataset = Dataset(SyntheticSnapshot(ingest_file(path, frame="ml-2016").tables))
    told = exchange_answer(dataset, frame="ml-2016", viewer=Viewer.PUBLIC, level="cercle").table
    assert told["unit_name"].to_list() == ["Mopti"]
    assert told["region"].to_list() == ["Mopti"]
    assert told["cercle"].to_list() == [None]
    assert told["start"].to_list() == [None]


def test_the_day_of_a_distribution_is_never_the_date_inferred_for_its_list(tmp_path: Path):
    path = tmp_path / "liste.csv"
    path.write_text(RUNNING, "utf-8")
    assert ingest_file(path, source="ngo").tables.documents["as_of"].to_list() == [date(2024, 6, 1)]


def test_an_activity_of_several_sectors_that_names_protection_is_told_as_protection(
    tmp_path: Path,
):
    text = "Titre;Secteur;Région;Cercle;Commune;Partenaire\n"
    rows = "Appui à Dourou;Protection / EHA;Bandiagara;Bandiagara;Dourou;ADR\n"
    found = tables(tmp_path, date(2024, 6, 30), text + rows)
    assert told(found, Viewer.PARTNER).select("title", "place").rows() == [
        ("Multisectoriel — Bandiagara — ADR", "Bandiagara")
    ]


def test_a_mark_of_nothing_does_not_open_what_names_protection_among_its_sectors(
    tmp_path: Path,
):
    text = "Titre;Secteur;Région;Cercle;Commune;Partenaire\n"
    rows = "Appui à Dourou;Santé / EHA;Bandiagara;Bandiagara;Dourou;ADR\n"
    found = tables(tmp_path, date(2024, 6, 30), text + rows)
    named = found.sectors.with_columns(
        sector=pl.when(pl.col("sector") == "wash").then(pl.lit("protection")).otherwise("sector")
    )
    activities = found.activities.with_columns(
        sensitivity=pl.lit("open"), sector_raw=pl.lit(None, pl.String)
    )
    found = replace(found, sectors=named, activities=activities)
    assert told(found, Viewer.PARTNER).select("title", "place").rows() == [
        ("Multisectoriel — Bandiagara — ADR", "Bandiagara")
    ]


def test_descriptions_and_results_open_to_partners_and_remarks_to_editors(tmp_path: Path):
    text = "Titre;Région;Partenaire;Statut;Description;Résultat;Remarques\n"
    row = "Forage;Gao;ADR;Achevé;un puits;eau claire;chez le chef\n"
    dataset = Dataset.from_tables(tables(tmp_path, date(2024, 6, 30), text + row))
    columns = ("title", "description", "result", "remarks")
    told_to = {
        Viewer.PUBLIC: ("Forage", None, None, None),
        Viewer.PARTNER: ("Forage", "un puits", "eau claire", None),
        Viewer.EDITOR: ("Forage", "un puits", "eau claire", "chez le chef"),
    }
    for viewer, words in told_to.items():
        assert dataset.activity_grid(viewer=viewer).table.select(columns).rows() == [words]
        exported = exchange_answer(dataset, level="region", viewer=viewer).table
        assert exported.select(columns).rows() == [words]


@pytest.mark.parametrize(
    "words",
    [
        *("Cas de VBG", "GBV response", "violences basées sur le genre", "survivant(e)s"),
        *("kits après viol", "viols", "exploitation et abus sexuels", "traite des personnes"),
        "enfants associés aux forces et groupes armés",
    ],
)
@pytest.mark.parametrize("column", ["Titre", "Remarques", "Modalité"])
def test_words_of_violence_are_protection_in_any_sector(tmp_path: Path, words: str, column: str):
    told_in = {"Titre": "Appui à Dourou", "Remarques": "", "Modalité": ""} | {column: words}
    head = "Titre;Remarques;Modalité;Secteur;Région;Cercle;Commune;Partenaire\n"
    row = ";".join([*told_in.values(), "Santé;Bandiagara;Bandiagara;Dourou;ADR\n"])
    found = tables(tmp_path, date(2024, 6, 30), head + row)
    assert found.activities.select("sector", "sensitivity").rows() == [("health", "protection")]
    unmarked = found.activities.with_columns(sensitivity=pl.lit("open"))
    for one in (found, replace(found, activities=unmarked)):
        assert told(one, Viewer.PARTNER).select("title", "place").rows() == [
            ("Santé — Bandiagara — ADR", "Bandiagara")
        ]


@pytest.mark.parametrize(
    "words", ["Protection sociale", "Protection civile", "Salle de traite", "Protection des puits"]
)
def test_the_same_words_of_other_things_are_open(tmp_path: Path, words: str):
    text = "Titre;Secteur;Région;Partenaire;Statut\n" + f"{words};Santé;Gao;ADR;Achevé\n"
    found = tables(tmp_path, date(2024, 6, 30), text)
    assert marks(found) == {words: "open"}
    assert told(found, Viewer.PUBLIC)["title"].to_list() == [words]


HANDED_OUT = (
    "Remise de kits",
    "Octroi de moustiquaires",
    "Dotation en bâches",
    "Assistance en NFI",
    "Assistance en vivres",
    "Paiement du filet social",
    "Livraison de lait au CSCOM",
)
OTHERS = (
    "Remise en état du matériel",
    "Remise à niveau des équipements",
    "Dotation budgétaire en équipements",
    "Paiement des salaires des ménages",
)


@pytest.mark.parametrize(
    ("words", "mark"),
    [*((w, "coming_distribution") for w in HANDED_OUT), *((w, "open") for w in OTHERS)],
)
def test_a_distribution_in_other_words_is_one_and_repairs_and_wages_are_none(
    tmp_path: Path, words: str, mark: str
):
    text = "Titre;Région;Cercle;Partenaire;Date de début;Date de fin;Statut\n"
    row = f"{words};Gao;Gao;ADR;05/07/2024;20/07/2024;Planifié\n"
    found = tables(tmp_path, date(2024, 6, 30), text + row)
    assert marks(found) == {words: mark}
    unmarked = replace(found, activities=found.activities.with_columns(sensitivity=pl.lit("open")))
    days = [None] if mark != "open" else [date(2024, 7, 5)]
    assert told(unmarked, Viewer.PARTNER)["start"].to_list() == days


@pytest.mark.parametrize("viewer", [Viewer.PUBLIC, Viewer.PARTNER])
@pytest.mark.parametrize("case", ["protection-mots.csv", "modalite-a-venir.csv"])
def test_no_export_of_the_cases_names_a_place_or_a_day(shared: Path, case: str, viewer: Viewer):
    dataset = Dataset.from_tables(ingest_file(shared / "cases" / case).tables)
    level = "cercle" if viewer is Viewer.PUBLIC else "commune"
    for fmt in ("csv", "hxl", "json"):
        text = encoded_answer(exchange_answer(dataset, level=level, viewer=viewer), fmt).decode()
        words = (
            "centre de",
            "Ouatagouna",
            "Ber",
            "école",
            "marché",
            "2024-09",
            "2024-07-1",
            "14 sept",
        )
        assert [word for word in words if word in text] == []


def _ids(found: Tables, start: str) -> list[str]:
    return found.activities.filter(pl.col("title").str.starts_with(start))["activity_id"].to_list()


def test_two_decoupages_together_place_a_reserved_activity_no_more_finely_than_one():
    """Dialafara alone lies in the cercle of 2016 and in that of 2023 which it would be told in."""
    dialafara = "ml-2016/ML010403"
    told = {"sector": "protection", "sensitivity": "protection", "reached": 37.0}
    dataset = dataset_of(activity("Prise en charge", dialafara, lead_org="nrc", **told))
    rows = {}
    for frame in ("ml-2016", "ml-2023"):
        asked = {"frame": frame, "level": "cercle", "viewer": Viewer.PUBLIC}
        presence = dataset.ask("presence", **asked).table.filter(pl.col("activities") > 0)
        people = dataset.ask("people", **asked).table.filter(pl.col("reached_high").is_not_null())
        rows[frame] = presence["unit_id"].to_list(), people["unit_id"].unique().to_list()
    assert rows["ml-2016"] == (["ml-2016/ML0104"], ["ml-2016/ML0104"])
    assert rows["ml-2023"] == (["_coarser"], ["_coarser"])
