"""Crosses under quarters and durations date a row, and say so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.parsing.dates import ParsedDuration, duration_of, year_named
from atlas.ingest.pipeline import IngestBatch, ingest_file

Dates = tuple[date | None, date | None]


def read(tmp_path: Path, *lines: str, name: str = "liste-pnud.csv") -> IngestBatch:
    path = tmp_path / name
    path.write_text("\n".join(lines), "utf-8")
    return ingest_file(path)


def dates(batch: IngestBatch) -> list[Dates]:
    return batch.tables.activities.select("start", "end").rows()


def codes(batch: IngestBatch) -> set[str]:
    return set(batch.tables.findings["code"])


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        ("T1;T2;T3;T4;Année", "x;x;;;2024", (date(2024, 1, 1), date(2024, 6, 30))),
        ("Q1 2024;Q2 2024;Q3 2024;Q4 2024", ";;X;X", (date(2024, 7, 1), date(2024, 12, 31))),
        ("Janv.;Fév;Mars;Année", ";oui;non;2023", (date(2023, 2, 1), date(2023, 2, 28))),
        ("Trimestre;Année", "T2;2024", (date(2024, 4, 1), date(2024, 6, 30))),
        ("Trimestre;Année", "3;2024", (date(2024, 7, 1), date(2024, 9, 30))),
        ("Trim 1;Trim 2;Exercice", ";1;2025", (date(2025, 4, 1), date(2025, 6, 30))),
    ],
)
def test_ticked_quarters_and_months_are_the_period(
    tmp_path: Path, headings: str, cells: str, expected: Dates
) -> None:
    batch = read(tmp_path, f"Activité;Région;{headings}", f"Formation;Gao;{cells}")
    assert dates(batch) == [expected]
    assert codes(batch) >= {"period_from_quarters"}
    assert not codes(batch) & {"column_unknown", "column_ignored"}


def test_the_year_of_ticked_quarters_may_stand_in_the_name_of_the_file(tmp_path: Path) -> None:
    lines = ("Activité;Région;T1;T2", "Formation;Gao;;x")
    assert dates(read(tmp_path, *lines, name="pnud_pta_2024.csv")) == [
        (date(2024, 4, 1), date(2024, 6, 30))
    ]


def test_quarters_of_no_year_date_nothing_and_say_so(tmp_path: Path) -> None:
    batch = read(tmp_path, "Activité;Région;T1;T2", "Formation;Gao;x;")
    assert dates(batch) == [(None, None)]
    row = batch.tables.findings.filter(pl.col("code") == "quarters_without_year").row(0, named=True)
    assert (row["locator"], row["params"]) == ("L2", '{"raw": "T1"}')


@pytest.mark.parametrize(
    ("heading", "cell", "end"),
    [
        ("Durée", "6 mois", date(2024, 7, 14)),
        ("Durée (mois)", "6", date(2024, 7, 14)),
        ("Durée", "1 an et 6 mois", date(2025, 7, 14)),
        ("Durée", "10 jours", date(2024, 1, 24)),
        ("Durée", "6", None),
        ("Durée", "à définir", None),
    ],
)
def test_a_start_and_a_duration_make_an_end(
    tmp_path: Path, heading: str, cell: str, end: date | None
) -> None:
    batch = read(tmp_path, f"Activité;Région;Début;{heading}", f"A;Gao;15/01/2024;{cell}")
    assert dates(batch) == [(date(2024, 1, 15), end)]
    assert ("end_from_duration" in codes(batch)) is (end is not None)


def test_a_duration_that_contradicts_both_dates_is_said_and_the_dates_are_kept(
    tmp_path: Path,
) -> None:
    lines = ("Activité;Région;Début;Fin;Durée", "A;Gao;01/01/2024;31/12/2024;3 mois")
    batch = read(tmp_path, *lines)
    assert dates(batch) == [(date(2024, 1, 1), date(2024, 12, 31))]
    assert "duration_disagrees" in codes(batch)


def test_a_duration_without_a_start_stays_in_the_remarks(tmp_path: Path) -> None:
    batch = read(tmp_path, "Activité;Région;Durée", "A;Gao;6 mois")
    assert batch.tables.activities["remarks"].to_list() == ["Durée : 6 mois"]


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 600))
def test_months_from_a_day_end_the_day_before_the_same_day(start: date, months: int) -> None:
    last = ParsedDuration(months, 0).last_day(start)
    assert (last.year - start.year) * 12 + last.month - start.month in (months, months - 1)
    assert last >= start


def test_words_that_are_no_duration_are_none() -> None:
    assert [duration_of(text) for text in ("mars 2024", "6 forages", "", "0 mois")] == [None] * 4


def test_the_year_of_a_document_is_one_or_none() -> None:
    assert year_named("Plan 2024", "x_2023.csv") == "2024"
    assert year_named("2023-2024", "x_2023.csv") == ""


def test_a_period_in_the_column_of_starts_is_a_period(tmp_path: Path) -> None:
    batch = read(tmp_path, "Activité;Région;Début;Fin", "A;Gao;mars-juin 2018;")
    assert dates(batch) == [(date(2018, 3, 1), date(2018, 6, 30))]
    assert "value_unreadable" not in codes(batch)
