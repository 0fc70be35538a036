"""The découpage of a table is the one in which its rows are units, one answer for all of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.resolve import frame_of_table, frame_verdict
from atlas.ingest.context_tables import read_context
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.layers.needs import need_of_cells as needs_of
from atlas.layers.prepare import prepared_snapshot
from atlas.model import Level
from tests.conftest import SHARED, needs_shared

DAY = date(2024, 1, 31)
OLD_CERCLES = ("Mopti;Bankass", "Mopti;Djenné", "Gao;Ansongo", "Ménaka;Andéramboukane")
"""Cercles of 2016; the second and third are the names of smaller cercles of 2023, too."""


def csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def needs(tmp_path: Path, *lines: str, frame: str | None = None) -> IngestBatch:
    path = csv(tmp_path, "Région;Cercle;EHA", *lines)
    return read_context("needs", path, as_of=DAY, frame=frame)


def params(batch: IngestBatch, code: str) -> list[dict[str, object]]:
    return [json.loads(one) for one in batch.tables.findings.filter(code=code)["params"]]


def units(batch: IngestBatch) -> list[str]:
    return batch.tables.context["unit_id"].to_list()


def test_all_rows_of_a_table_of_old_cercles_are_units_of_one_decoupage(tmp_path: Path) -> None:
    batch = needs(tmp_path, *(f"{place};1 000" for place in OLD_CERCLES))
    assert batch.tables.documents["frame"].to_list() == ["ml-2016"]
    assert units(batch) == [
        "ml-2016/ML0502",
        "ml-2016/ML0503",
        "ml-2016/ML0701",
        "ml-2016/ML1002",
    ]


def test_the_evidence_is_said_once_with_rows_of_each_decoupage_and_those_that_decide(
    tmp_path: Path,
) -> None:
    batch = needs(tmp_path, *(f"{place};1 000" for place in OLD_CERCLES))
    assert params(batch, "frame_by_places") == [
        {
            "frame": "ml-2016",
            "usual": "ml-2023",
            "fits": "ml-2016 4, ml-2023 3, ml-2012 3",
            "rows": "L2",
        }
    ]
    assert params(batch, "frame_inferred") == []


def test_where_rows_do_not_decide_the_date_does_and_nothing_is_said(tmp_path: Path) -> None:
    batch = needs(tmp_path, "Gao;Ansongo;1 000", "Mopti;Djenné;2 000")
    assert units(batch) == ["ml-2023/cercle-ansongo", "ml-2023/cercle-djenne"]
    assert params(batch, "frame_by_places") == []


def test_a_region_of_2023_beside_the_names_of_cercles_is_evidence(tmp_path: Path) -> None:
    batch = needs(tmp_path, "Bandiagara;Bankass;1", "Gao;Ansongo;1")
    assert units(batch) == ["ml-2023/cercle-bankass", "ml-2023/cercle-ansongo"]


def test_rows_of_another_decoupage_are_kept_and_named_with_their_sum(tmp_path: Path) -> None:
    batch = needs(tmp_path, "San;San;1 000", "Bandiagara;Koro;2 000", "Mopti;Bankass;300")
    assert units(batch) == ["ml-2023/cercle-san", "ml-2023/cercle-koro", "ml-2016/ML0502"]
    assert params(batch, "frame_misfits") == [
        {
            "frame": "ml-2023",
            "n": 1,
            "places": "Mopti > Bankass → ml-2016",
            "sum": "Personnes dans le besoin, EHA : 300",
        }
    ]


def test_the_decoupage_that_a_person_says_holds_and_what_it_has_not_is_named(
    tmp_path: Path,
) -> None:
    lines = [f"{place};1 000" for place in OLD_CERCLES]
    batch = needs(tmp_path, *lines, frame="ml-2023")
    assert units(batch)[1:] == [
        "ml-2023/cercle-djenne",
        "ml-2023/cercle-ansongo",
        "ml-2023/cercle-anderamboukane",
    ]
    assert params(batch, "frame_by_places") == []
    (said,) = params(batch, "frame_misfits")
    assert (said["n"], said["sum"]) == (1, "Personnes dans le besoin, EHA : 1\u202f000")


@pytest.mark.parametrize(
    ("kind", "heading", "cell"),
    [
        ("access", "Sévérité", "3"),
        ("population", "Population", "100"),
        ("services", "Écoles fermées", "2"),
        ("security", "Profil", "groupes"),
        ("priorities", "Priorité", "puits"),
        ("programme", "Programme", "PSIRC"),
        ("reporting", "Organisation", "ACF"),
        ("alerts", "Alerte", "DES"),
        ("cadre-harmonise", "Phase 3", "100"),
        ("prioritisation", "Rang", "1"),
    ],
)
def test_every_table_of_context_is_judged_as_a_whole(
    tmp_path: Path, kind: str, heading: str, cell: str
) -> None:
    lines = [f"{place};{cell}" for place in OLD_CERCLES]
    path = csv(tmp_path, f"Région;Cercle;{heading}", *lines)
    batch = read_context(kind, path, as_of=DAY)
    assert {unit.partition("/")[0] for unit in units(batch)} == {"ml-2016"}


def test_a_list_of_activities_is_judged_as_a_whole(tmp_path: Path) -> None:
    lines = [f"Puits {n};ONG;{place};10 USD" for n, place in enumerate(OLD_CERCLES)]
    batch = ingest_file(csv(tmp_path, "Titre;ONG;Région;Cercle;Budget", *lines), as_of=DAY)
    assert batch.tables.documents["frame"].to_list() == ["ml-2016"]
    assert set(batch.tables.placements["unit_id"].str.slice(0, 7)) == {"ml-2016"}


def test_an_activity_of_another_decoupage_is_named_with_its_money(tmp_path: Path) -> None:
    lines = ("Puits;ONG;San;San;10 USD", "Pont;ONG;Bandiagara;;5 USD", "Quai;ONG;Mopti;Koro;7 EUR")
    batch = ingest_file(csv(tmp_path, "Titre;ONG;Région;Cercle;Budget", *lines), as_of=DAY)
    assert batch.tables.placements["unit_id"].to_list() == [
        "ml-2023/cercle-san",
        "ml-2023/bandiagara",
        "ml-2016/ML0505",
    ]
    (said,) = params(batch, "frame_misfits")
    assert (said["places"], said["sum"]) == ("Mopti > Koro → ml-2016", "EUR : 7")


def test_a_name_in_free_words_that_only_another_decoupage_has_is_said(tmp_path: Path) -> None:
    path = csv(tmp_path, "Titre;ONG;Lieu", "Puits;ONG;région de Bandiagara", "Pont;ONG;Gao")
    batch = ingest_file(path, as_of=date(2018, 1, 1), frame="ml-2016")
    assert batch.tables.placements["unit_id"].to_list() == ["ml-2023/bandiagara", "ml-2016/ML07"]
    assert [one["n"] for one in params(batch, "frame_misfits")] == [1]


def test_a_label_that_unites_regions_is_no_misfit(tmp_path: Path) -> None:
    path = csv(tmp_path, "Titre;ONG;Lieu", "Puits;ONG;Gao / Ménaka")
    batch = ingest_file(path, as_of=date(2018, 1, 1))
    assert batch.tables.documents["frame"].to_list() == ["ml-2016"]
    assert params(batch, "frame_misfits") == []


def _sheets(tmp_path: Path, **sheets: tuple[str, ...]) -> Path:
    path = tmp_path / "classeur.xlsx"
    with Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row.split(";"))
    return path


def test_each_sheet_is_judged_and_where_it_does_not_decide_the_document_does(
    tmp_path: Path,
) -> None:
    heading = "Titre;ONG;Région;Cercle"
    path = _sheets(
        tmp_path,
        Centre=(heading, "Puits;ONG;Mopti;Bankass", "Pont;ONG;Mopti;Koro", "Quai;ONG;Mopti;Djenné"),
        Nord=(heading, "Route;ONG;Gao;Ansongo"),
        Sud=(heading, "Silo;ONG;San;San", "Bac;ONG;Mopti;Djenné"),
    )
    batch = ingest_file(path, as_of=DAY)
    assert batch.tables.placements["unit_id"].to_list() == [
        "ml-2016/ML0502",
        "ml-2016/ML0505",
        "ml-2016/ML0503",
        "ml-2016/ML0701",
        "ml-2023/cercle-san",
        "ml-2023/cercle-djenne",
    ]
    found = batch.tables.findings.filter(code="frame_by_places")
    assert found["locator"].to_list() == [None, "Sud"]


def test_codes_of_one_version_decide_where_names_do_not() -> None:
    table = pl.DataFrame({"region": ["Gao"], "cercle": ["Ansongo"], "cercle_code": ["ML0704"]})
    assert frame_of_table(table, "ml-2023").frame == "ml-2012"
    assert frame_of_table(table.drop("cercle_code"), "ml-2023").frame == "ml-2023"


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_no_other_decoupage_has_more_rows_than_the_one_chosen(
    places: list[tuple[int, bool, bool, bool]],
) -> None:
    found = {frame: [one[1 + i] for one in places] for i, frame in enumerate(FRAMES)}
    verdict = frame_verdict(found, [one[0] for one in places], FRAMES, "ml-2012")
    rows = {frame: sum(one[0] for one in places if one[1 + i]) for i, frame in enumerate(FRAMES)}
    assert rows[verdict.frame] == max(rows.values())
    assert verdict.fits == rows
    assert verdict.frame == "ml-2012" or rows[verdict.frame] > rows["ml-2012"]


@needs_shared
def test_old_cercles_of_2024_add_up_and_have_their_gaps_in_their_own_decoupage() -> None:
    path = SHARED / "cases" / "besoins-vieux-cercles-2024.csv"
    batch = read_context("needs", path)
    wash = batch.tables.context.filter(sector="wash")
    assert (wash["value"].sum(), set(wash["unit_id"].str.slice(0, 7))) == (168_500, {"ml-2016"})
    prepared, day = prepared_snapshot(batch.tables, shipped_frames()), date(2024, 6, 30)
    for frame, shown, reserved in (("ml-2016", 168_500, 0), ("ml-2023", 18_000, 150_500)):
        found = needs_of(prepared, frame, Level.CERCLE, day, "people", "rank", 0, 2)
        found = found.filter(sector="wash").with_columns(
            shown=pl.col("target") < prepared.targets_of(frame, Level.CERCLE).first_reserved
        )
        assert found.filter("shown")["need"].sum() == shown
        assert found.filter(~pl.col("shown"))["need"].sum() == reserved


def test_a_misfit_place_is_named_once_whatever_the_case_it_is_written_in(tmp_path: Path) -> None:
    lines = ("San;San;1 000", "Bandiagara;Koro;2 000", "Mopti;Bankass;300", "MOPTI;BANKASS;200")
    (said,) = params(needs(tmp_path, *lines), "frame_misfits")
    assert (said["n"], said["places"]) == (2, "Mopti > Bankass → ml-2016")
