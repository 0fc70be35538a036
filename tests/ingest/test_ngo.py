"""The real 3W files give the figures that are known of them, and shapes like theirs are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import Document, Sheet
from atlas.ingest.sources import Options, ngo
from tests.conftest import SHARED, needs_shared


def spellings(batch: IngestBatch) -> int:
    """Distinct organisations after case and space."""
    names = batch.tables.activities["organisations_raw"].explode().drop_nulls()
    return names.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars().n_unique()


@pytest.fixture(scope="module")
def matrix() -> IngestBatch:
    return ingest_file(SHARED / "data" / "whowhatwhere_5w_mli_mar2022.xlsx")


@pytest.fixture(scope="module")
def rowca() -> IngestBatch:
    return ingest_file(SHARED / "data" / "rowca-3w-hxl.csv")


@needs_shared
def test_the_5w_matrix_has_22805_rows_of_which_1451_are_distinct(matrix: IngestBatch) -> None:
    report = matrix.report()
    assert (report["source"], report["as_of"], report["frame"]) == ("ngo", "2022-03-31", "ml-2016")
    assert report["rows_read"] == 22805
    assert report["outcomes"] == {"activity": 1451, "folded": 21354}
    assert set(matrix.tables.activities["kind"]) == {"presence"}


@needs_shared
def test_the_5w_matrix_has_its_known_faults_row_by_row(matrix: IngestBatch) -> None:
    findings = matrix.report()["findings"]
    assert findings["place_code_malformed"] == 39
    assert findings["place_code_padded"] == 35
    assert findings["place_code_name"] == 158
    assert findings["as_of_from_name"] == 1
    assert findings["sheet_skipped"] == 3


@needs_shared
def test_the_5w_matrix_names_156_organisations_and_every_row_has_a_place(
    matrix: IngestBatch,
) -> None:
    assert spellings(matrix) == 156
    assert not matrix.tables.placements["unit_id"].str.starts_with("_").any()


@needs_shared
def test_the_rowca_table_sets_aside_112_rows_and_folds_132_into_114_activities(
    rowca: IngestBatch,
) -> None:
    report = rowca.report()
    assert report["rows_read"] == 244
    assert report["outcomes"] == {"activity": 114, "folded": 18, "ignored": 112}
    assert report["findings"]["outside_mali"] == 112
    assert (report["as_of"], report["frame"]) == ("2014-07-31", "ml-2012")


@needs_shared
def test_the_same_file_gives_the_same_tables(rowca: IngestBatch) -> None:
    again = ingest_file(SHARED / "data" / "rowca-3w-hxl.csv").tables
    for name, frame in again.items():
        assert frame.equals(getattr(rowca.tables, name)), name


def paper(*rows: list[object], file: str = "3w_mars2022.csv") -> Document:
    return Document("x", file, "x", "csv", None, (Sheet("", rows),))


def test_a_row_said_again_folds_into_the_first_that_says_it() -> None:
    rows = [["#org+name", "#adm1+name"], ["ADR", "Gao"], ["ADR", "Gao"], ["ADR", "Kidal"]]
    reading = ngo.read(paper(*rows), Options())
    assert [(r.locator, r.folded) for r in reading.records] == [("L2", ("L3",)), ("L4", ())]


def test_presence_says_nothing_of_a_sector() -> None:
    reading = ngo.read(paper(["Organisation", "Région"], ["Santé Sud", "Gao"]), Options())
    assert (reading.records[0].kind, reading.records[0].sector_raw) == ("presence", "")


REPORTS = ["ProjectCode", "Organization", "ActivityId", "Activity", "Indicator", "Accumulative"]
REPORTS += ["MONTH", "Country", "Admin1", "AnnualTarget", "Achieved"]


def report(indicator: str, month: str, achieved: int, organisation: str = "OXFAM") -> list[object]:
    start = ["MLI-14/WS/1", organisation, "7", "Eau potable", indicator, "NO"]
    return [*start, month, "Mali", "Gao", 500, achieved]


def test_one_row_that_counts_people_once_keeps_its_figures() -> None:
    row = report("Number of people with access to water", "June", 120)
    (record,) = ngo.read(paper(REPORTS, row, file="3w.csv"), Options()).records
    assert (record.target, record.reached, record.as_of) == (500.0, 120.0, date(2014, 6, 30))


def test_the_months_of_an_organisation_are_of_the_same_people() -> None:
    rows = [report("Number of people served", m, n) for m, n in (("May", 10), ("June", 20))]
    (record,) = ngo.read(paper(REPORTS, *rows, file="3w.csv"), Options()).records
    assert (record.target, record.reached) == (500.0, 20.0)


def test_girls_and_boys_of_one_indicator_add_up() -> None:
    rows = [
        report(f"Number of people ({w}) served", "June", n) for w, n in (("girls", 8), ("boys", 3))
    ]
    (record,) = ngo.read(paper(REPORTS, *rows, file="3w.csv"), Options()).records
    assert record.reached == 11.0


def test_what_counts_no_people_stands_beside_a_figure_of_people() -> None:
    rows = [report("Number of people served", "June", 20), report("Number of sessions", "June", 4)]
    (record,) = ngo.read(paper(REPORTS, *rows, file="3w.csv"), Options()).records
    assert record.reached == 20.0


@pytest.mark.parametrize(
    "rows",
    [
        [report("Number of people served", "June", n, org) for n, org in ((10, "A"), (20, "B"))],
        [report(f"Number of {who} served", "June", 10) for who in ("girls", "women")],
    ],
    ids=["two organisations", "two indicators"],
)
def test_figures_that_may_overlap_are_never_summed(rows: list[list[object]]) -> None:
    reading = ngo.read(paper(REPORTS, *rows, file="3w.csv"), Options())
    (record,) = reading.records
    assert (record.target, record.reached) == (None, None)
    assert [f.code for f in reading.findings if f.field == "reached"] == ["figures_not_summed"]
    assert "10" in record.remarks


def test_kits_are_not_people() -> None:
    row = report("Number of hygiene kits distributed", "June", 6810)
    (record,) = ngo.read(paper(REPORTS, row, file="3w.csv"), Options()).records
    assert record.reached is None
    assert "6810" in record.remarks


def test_a_joint_project_is_one_activity_of_both_organisations() -> None:
    rows = [report("Number of men trained", "June", 16, name) for name in ("UNFPA", "ONU Femmes")]
    (record,) = ngo.read(paper(REPORTS, *rows, file="3w.csv"), Options()).records
    assert (record.lead, record.implementers) == ("", ("UNFPA", "ONU Femmes"))
    assert record.reached is None


def test_a_matrix_is_recognised_by_its_tags_or_its_name() -> None:
    tagged = paper(["#org", "#adm1"], ["ADR", "Gao"], file="x.csv")
    named = paper(["Organisation", "Région"], ["ADR", "Gao"], file="3W.csv")
    plain = paper(["Organisation", "Région"], ["ADR", "Gao"], file="x.csv")
    assert [ngo.sniff(d) for d in (tagged, named, plain)] == [0.85, 0.85, 0.6]


def test_counts_of_presence_do_not_become_a_list(tmp_path: Path) -> None:
    path = tmp_path / "3w.csv"
    path.write_text("Organisation;Région\nADR;Gao\nADR;Gao\n", "utf-8")
    activities = ingest_file(path, as_of=date(2022, 3, 31)).tables.activities
    assert activities.select("kind", "title").rows() == [("presence", "Présence : ADR")]
    assert activities.filter(pl.col("kind") == "activity").height == 0
